"""`python -m compiler` is `mirrorc`."""

from compiler.cli import main

main(prog_name="mirrorc")
