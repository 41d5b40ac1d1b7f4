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

    try:
        main(prog_name="mirrorc")
    except SystemExit as end:
        _leave(end.code)
        raise


def _leave(code: object) -> None:
    """End the process here and now, unless something is left to write or somebody measures it.

    All that a run has made would be freed otherwise, piece by piece: one part in forty of a check of many files.
    """
    if not isinstance(code, int) or sys.getprofile() or sys.gettrace():
        return
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):  # Python says how it ends with these
        return
    os._exit(code)


if __name__ == "__main__":
    run()
