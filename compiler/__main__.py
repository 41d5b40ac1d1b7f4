"""The program `mirrorc`, which is `python -m compiler` too."""

import os
import sys


def run() -> None:
    """Run the command line; the version alone needs none of it, and scripts ask for it often."""
    if sys.argv[1:] == ["--version"]:
        from compiler import __version__

        try:
            os.write(1, f"mirrorc {__version__}\n".encode())
        except OSError:
            pass  # the command line says so, as of any other output
        else:
            return
    from compiler.cli import main

    main(prog_name="mirrorc")


if __name__ == "__main__":
    run()
