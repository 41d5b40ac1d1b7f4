"""Takes what a program prints, within limits that are asked for only where it prints much or works long.

In: a program that was started with pipes. Out: how it ended and what it printed. Most programs end at once and print
little, so that nothing has to be known of the input to judge them.
"""

import os
import selectors
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from compiler.machine.limits import UNLIMITED

if TYPE_CHECKING:
    from subprocess import Popen

_MOMENT = 5.0
_BLOCK = 1 << 16
_MOST_ERRORS = 1 << 20
_CPU_EXCEEDED = -24
"""By the signal SIGXCPU."""


class Bound(NamedTuple):
    """Seconds of processor time and bytes of output."""

    seconds: int
    output: int


class EndedProgram(NamedTuple):
    """How a program ended and what it printed; `exceeded` is the limit that ended it, in words."""

    code: int
    output: bytes
    errors: bytes
    exceeded: str = ""


class ImpatientError(Exception):
    """It did not end in time."""


def gather(process: "Popen[bytes]", first: Bound, allowed: Callable[[], Bound], patience: float) -> EndedProgram:
    """Take what a program prints until it ends or is ended.

    Args:
        process: With pipes for both outputs.
        first: What is allowed in any case. Its time is in seconds altogether.
        allowed: What is allowed; asked at most once, where it is more.
        patience: Seconds altogether.

    Raises:
        ImpatientError: It takes longer than that.
    """
    begun = monotonic()
    limit, is_known = first, False
    output, errors = bytearray(), bytearray()
    timed = ""
    with process, selectors.DefaultSelector() as selector:
        try:
            for stream, kept in ((process.stdout, output), (process.stderr, errors)):
                if stream is None:
                    raise AssertionError("started with pipes")
                selector.register(stream, selectors.EVENT_READ, kept)
            while selector.get_map():
                elapsed = monotonic() - begun
                if elapsed > patience:
                    raise ImpatientError
                is_much = len(output) > limit.output
                if not is_known and (is_much or elapsed > first.seconds):
                    limit, is_known = allowed(), True
                    timed = f"{limit.seconds} s of processor time" if end_after(process.pid, limit.seconds) else ""
                    is_much = len(output) > limit.output
                if is_much:
                    process.kill()
                    return EndedProgram(-9, b"", bytes(errors), f"{limit.output >> 20} MB for its output")
                wait = patience - elapsed if is_known else min(first.seconds - elapsed, patience - elapsed)
                for key, _ in selector.select(max(wait, 0)):
                    block = os.read(key.fd, _BLOCK)
                    if not block:
                        selector.unregister(key.fileobj)
                    elif key.data is output or len(errors) < _MOST_ERRORS:
                        key.data.extend(block)
            code = process.wait(max(patience - (monotonic() - begun), 0.1))
        except BaseException:
            process.kill()
            raise
    return EndedProgram(code, bytes(output), bytes(errors), timed if code == _CPU_EXCEEDED else "")


def end_after(process: int, seconds: int) -> bool:
    """Have the system end a program that was started after so many seconds of processor time, where it can.

    A later call can allow more. It leaves no file of its memory then.
    """
    return _limit(process, "RLIMIT_CPU", seconds) and _limit(process, "RLIMIT_CORE", 0)


def is_ended_for_time(process: "Popen[bytes]") -> bool:
    """Whether a program that prints no more was ended by the limit of its time."""
    from subprocess import TimeoutExpired

    try:
        return process.wait(_MOMENT) == _CPU_EXCEEDED
    except TimeoutExpired:
        return False


def hold_within(process: int, memory: int) -> bool:
    """Let a program that was started have so many bytes of memory beside files, where the system can do so."""
    return _limit(process, "RLIMIT_DATA", memory)


def _limit(process: int, name: str, value: int) -> bool:
    if value >= UNLIMITED:
        return False
    try:
        import resource
    except ImportError:  # Windows
        return False
    if not hasattr(resource, "prlimit"):  # macOS
        return False
    which = getattr(resource, name)
    try:
        _, hard = resource.prlimit(process, which)
        highest = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.prlimit(process, which, (highest, hard))
    except (OSError, ValueError):  # it has ended
        return False
    return True
