"""`python -m mirrorc` runs the command line."""

from compiler.cli import main

main(prog_name="mirrorc")
