"""What commands print: the one place that writes to the standard streams.

In: lines, pages and whole answers, with whatever texts from outside are in them. Out: the same on standard error or
standard output, where no terminal obeys any of it and no runner of CI jobs takes a line of it for a command.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import UnsupportedOperation
from typing import TextIO

import click

from compiler.text.escaping import (
    Commands,
    Patch,
    Place,
    SafeJson,
    has_command,
    only_commands,
    safe,
    safe_page,
    uninterpreted,
    without_commands,
)

_RUNNERS = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
"""Variables of the runners that look for commands in what a job prints: GitHub's (and Gitea's), Azure's, TeamCity's."""


@dataclass(slots=True)
class OutputSettings:
    """What `--quiet`, `--verbose` and `--color` said; the options of every run set all three."""

    quiet: bool = False
    verbose: bool = False
    color: str = "auto"


settings = OutputSettings()

Printed = tuple[int, str]
"""A text that was printed, made safe, and the standard stream it went to: 1 or 2."""

_heard: list[Printed] | None = None
_is_aside = False


def say(*lines: str) -> None:
    """Print for people on standard error: each argument is one line, whatever is in it."""
    _print("\n".join([safe(line, Place.TERMINAL) for line in lines]) + "\n", styled=False)


def say_note(*lines: str) -> None:
    """Print for people what they could do without, such as a summary or a hint; `--quiet` leaves it out."""
    if not settings.quiet:
        say(*lines)


def say_page(page: str) -> None:
    """Print for people on standard error what a reporter has laid out in lines."""
    _print(page, styled=wants_colour(sys.stderr))


def say_note_page(page: str) -> None:
    """The same for what people could do without."""
    if not settings.quiet:
        say_page(page)


def say_progress(line: str) -> None:
    """Put a line in the place of the last such line of a terminal; an empty one leaves nothing of it."""
    click.echo(f"\r\x1b[K{safe(line, Place.TERMINAL)}", nl=False, err=True)


def shown(answer: str, stream: TextIO) -> str:
    """An answer as it goes to a standard stream."""
    if isinstance(answer, Patch) and not _is_terminal(stream):
        if in_job_log() and has_command(answer):
            return uninterpreted(answer, _token(answer))
        return answer
    if isinstance(answer, Patch):
        answer = str(answer)
    return written(answer, styled=wants_colour(stream))


def written(answer: str, *, styled: bool = False) -> str:
    """An answer as it goes to a file, which people will look at or a job will print."""
    if isinstance(answer, Patch):
        return answer
    if isinstance(answer, SafeJson):
        return answer
    page = safe_page(answer, styled=styled)
    if not in_job_log():
        return page
    return only_commands(Commands(page)) if isinstance(answer, Commands) else without_commands(page)


def write(answer: str | Iterable[str]) -> None:
    """Write an answer, whole or in pieces, to standard output as UTF-8, whatever the locale.

    Raises:
        OSError: it cannot be written.
    """
    stdout = sys.stdout
    if stdout is None:  # it is closed
        return
    _write(shown(each, stdout) for each in ([answer] if isinstance(answer, str) else answer))


def _write(texts: Iterable[str]) -> None:
    if _heard is not None:
        texts = list(texts)
        _heard.append((1, "".join(texts)))
        if _is_aside:
            return
    stdout = sys.stdout
    stdout.flush()
    try:
        descriptor = stdout.fileno()
    except UnsupportedOperation:  # click's CliRunner has put a buffer in its place
        stdout.writelines(texts)
        stdout.flush()
        return
    # Not into the stream's buffer: on a full disk it would keep the text, and fail again at the end of the program.
    with os.fdopen(descriptor, "wb", closefd=False) as stream:
        stream.writelines(text.encode("utf-8", "replace") for text in texts)


def listen() -> list[Printed]:
    """Keep all that is printed from now on, too, until `hush`."""
    global _heard  # noqa: PLW0603 - as the streams, there is one in a process
    _heard = []
    return _heard


def hush() -> None:
    """Keep nothing any more."""
    global _heard  # noqa: PLW0603 - as the streams, there is one in a process
    _heard = None


@contextmanager
def aside() -> Iterator[list[Printed]]:
    """Keep what is printed, and print nothing of it: `replay` does so later, or another process."""
    global _heard, _is_aside
    before = _heard, _is_aside
    _heard, _is_aside = [], True
    try:
        yield _heard
    finally:
        _heard, _is_aside = before


def replay(printed: Iterable[Printed]) -> None:
    """Print what was kept.

    Raises:
        OSError: it cannot be written to standard output.
    """
    for stream, text in printed:
        if stream == 1:
            _write([text])
        else:
            _echo(text, styled=True)


def close() -> None:
    """Let go of the standard streams where nothing more can be written: what they still buffer would fail again."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.close()


def in_job_log() -> bool:
    """Whether a runner of CI jobs reads what is printed, and obeys commands in it."""
    return any(os.environ.get(name) for name in _RUNNERS)


def wants_colour(stream: object) -> bool:
    """Whether to color what goes to a stream: as `--color` says, else on a terminal or where FORCE_COLOR asks.

    NO_COLOR wins over FORCE_COLOR, and `--color` over both.
    """
    if settings.color != "auto":
        return settings.color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return _is_terminal(stream) and os.environ.get("TERM") != "dumb"


def _is_terminal(stream: object) -> bool:
    return bool(getattr(stream, "isatty", lambda: False)())


def _print(page: str, *, styled: bool) -> None:
    page = safe_page(page, styled=styled)
    _echo(without_commands(page) if in_job_log() else page, styled=styled)


def _echo(text: str, *, styled: bool) -> None:
    if _heard is not None:
        _heard.append((2, text))
        if _is_aside:
            return
    click.echo(text, nl=False, err=True, color=styled or None)


def _token(text: str) -> str:
    """A word that the text cannot contain, since it depends on all of it; the same text always has the same."""
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
