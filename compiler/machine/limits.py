"""How much a run makes of an input where parts of it multiply: clusters by rules, templates by clusters.

In: how much is enough for the repos that people have. Out: the limit for this run. A repo of a few kilobytes from an
unknown person must not keep a CI job busy for minutes; a user who trusts a large repo says so on the command line
(`--no-limits`). Nothing that a repo contains can say it.
"""

UNLIMITED = 1 << 62
"""More than any input makes."""

HELP = "if you trust the repo, add --no-limits"
"""The end of the help for all that a limit refuses."""


class TooMuchError(Exception):
    """What a run would have to make is more than a limit: it ends, and the exit code is 2.

    Args:
        message: What is too much, and the consequence.
        help: What to do about it, without an end; how to turn limits off is added.
    """

    def __init__(self, message: str, help: str) -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.help = f"{help}; {HELP}."


_off = False
_runs = 0


def set_limits(*, off: bool) -> None:
    """Say for the rest of the run whether there are limits; the options of every run do."""
    global _off, _runs  # noqa: PLW0603 - one process makes one run after the other
    _off = off
    _runs += 1


def number_of_run() -> int:
    """Which run of this process it is, so that what is counted for one counts for no other."""
    return _runs


def most(fixed: int, share: float = 0, size: int = 0) -> int:
    """How many steps, rows or characters may be made.

    Args:
        fixed: How many of any input.
        share: How many more for each byte or character of the input.
        size: Bytes or characters of the input.

    Returns:
        The limit; UNLIMITED where the user has turned limits off.
    """
    return UNLIMITED if _off else fixed + int(share * size)
