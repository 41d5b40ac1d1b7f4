"""What a run did, for `--verbose`: the files it read and the programs it started, with the time each took.

In: reports from the modules that read and start. Out: the same in order. Nothing is kept unless `begin` was called.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple


class Program(NamedTuple):
    """A program that was started: its command line, and how many seconds it ran."""

    command: tuple[str, ...]
    seconds: float


@dataclass(slots=True)
class Trace:
    """Files by their shown names, once each, and programs, both in the order they were used."""

    files: dict[str, None] = field(default_factory=dict)
    programs: list[Program] = field(default_factory=list)


_trace: Trace | None = None


def begin() -> Trace:
    """Keep what happens from here on."""
    global _trace  # noqa: PLW0603 - one process makes one run
    _trace = Trace()
    return _trace


def end() -> None:
    """Keep nothing from here on."""
    global _trace  # noqa: PLW0603 - one process makes one run
    _trace = None


def read(files: Iterable[str]) -> None:
    """Files were read."""
    if _trace is not None:
        _trace.files.update(dict.fromkeys(files))


@contextmanager
def running(command: Sequence[str]) -> Iterator[None]:
    """A program runs until the block ends."""
    if _trace is None:
        yield
        return
    from time import monotonic

    start = monotonic()
    try:
        yield
    finally:
        _trace.programs.append(Program(command=tuple(command), seconds=monotonic() - start))
