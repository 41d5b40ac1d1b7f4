"""`python -m mirrorc` runs the command line."""

from compiler.__main__ import run

if __name__ == "__main__":
    run()
