"""Runs a program with limits on its processor time and memory, where the system has such limits (Linux).

In: a command. Out: how it ended and what it printed. The limits are those of the started process alone: this process
and its other children have none.
"""

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from typing import IO, NamedTuple

from compiler.machine.limits import UNLIMITED

_MOST_ERRORS = 1 << 16
"""Bytes of what a program says is wrong. What matters is at the start or at the end."""

_GO_LACKS_MEMORY = re.compile(
    rb"^(?:fatal error|runtime): [^\n]*(?:out of memory|cannot allocate memory)", re.MULTILINE
)
_GO_TRACE = re.compile(rb"\s*^(?:goroutine \d+ |\[signal |runtime: |runtime stack:)", re.MULTILINE)
_KILLED = -9
_NEARLY = 0.5


class Ended(NamedTuple):
    """How a program ended.

    Attributes:
        code: Its exit code, negative for a signal.
        output: What it wrote to standard output, unless that is a file.
        errors: What it wrote to standard error; of very much the start and the end. The trace of a Go program that
            crashes is left out.
        exceeded: Which limit ended it, in words: `8 s of processor time`; else empty.
    """

    code: int
    output: bytes
    errors: bytes
    exceeded: str = ""


class Bounds(NamedTuple):
    """Seconds of processor time, bytes of memory, and seconds that a program may take altogether."""

    seconds: int
    memory: int
    patience: float


def run(
    command: Sequence[str], *, cwd: str, env: Mapping[str, str], bounds: Bounds, output: IO[bytes] | None = None
) -> Ended:
    """Run a program without standard input until it ends or is ended.

    Args:
        command: The program and its arguments.
        cwd: The folder to run it in.
        env: Its whole environment. Programs in Go collect garbage before they reach the limit of memory.
        bounds: Its limits.
        output: The file for its standard output.

    Raises:
        OSError: It cannot be started.
    """
    import subprocess

    environment = dict(env)
    if bounds.memory < UNLIMITED:
        environment["GOMEMLIMIT"] = str(bounds.memory * 2 // 3)
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if output is None else output,
        stderr=subprocess.PIPE,
    ) as process:
        _limit(process.pid, bounds)
        before = used_by_children()
        try:
            printed, errors = process.communicate(timeout=bounds.patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Ended(_KILLED, b"", b"", f"{bounds.patience:.0f} s")
        except BaseException:
            process.kill()
            raise
    exceeded = ""
    if process.returncode == _KILLED and used_by_children() - before >= bounds.seconds * _NEARLY:
        exceeded = f"{bounds.seconds} s of processor time"
    elif process.returncode != 0 and _GO_LACKS_MEMORY.search(errors):
        exceeded = f"{bounds.memory >> 20} MB of memory"
    if (trace := _GO_TRACE.search(errors)) is not None and trace.start():  # addresses, different each time
        errors = errors[: trace.start()]
    if len(errors) > _MOST_ERRORS:
        errors = errors[: _MOST_ERRORS // 2] + b" " + errors[-_MOST_ERRORS // 2 :]
    return Ended(process.returncode, printed or b"", errors, exceeded)


def _limit(process: int, bounds: Bounds) -> None:
    """Limit a process that was started; it has not had the time to use much."""
    try:
        import resource
    except ImportError:  # Windows
        return
    if not hasattr(resource, "prlimit"):  # macOS
        return
    # Go ignores the signal at the soft limit of time, so that the hard one is the same.
    # What Go has given back, and what it keeps for its threads, counts as well.
    data = bounds.memory if bounds.memory >= UNLIMITED else bounds.memory * 4 // 3
    for limit, most in ((resource.RLIMIT_CPU, bounds.seconds), (resource.RLIMIT_DATA, data)):
        if most >= UNLIMITED:
            continue
        with contextlib.suppress(OSError, ValueError):  # it has ended, or has lower limits already
            resource.prlimit(process, limit, (most, most))


def used_by_children() -> float:
    """Seconds of processor time of the programs that this process has started and that have ended."""
    times = os.times()
    return times.children_user + times.children_system
