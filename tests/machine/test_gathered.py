"""Programs whose output and time are judged by what the input is, where they print or work much."""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from compiler.machine.gathered import Bound, EndedProgram, ImpatientError, end_after, gather, hold_within
from compiler.machine.limits import UNLIMITED

HAS_LIMITS = hasattr(resource, "prlimit")
FIRST = Bound(1, 1_000)


def run(text: str, allowed: Bound | None = None, *, first: Bound = FIRST, patience: float = 60) -> EndedProgram:
    """Run a text of Python; without `allowed` it must not be asked."""
    process = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    asked = iter([] if allowed is None else [allowed])
    return gather(process, first, lambda: next(asked), patience)


def test_what_ends_at_once_and_prints_little_is_not_judged() -> None:
    done = run("import sys; print('a' * 500); sys.stderr.write('b'); sys.exit(3)", first=Bound(30, 1_000))
    assert done == EndedProgram(3, b"a" * 500 + b"\n", b"b")


def test_much_output_is_taken_where_it_is_allowed() -> None:
    done = run("print('a' * 5_000_000)", Bound(30, 6_000_000), first=Bound(30, 1_000))
    assert (done.code, len(done.output), done.exceeded) == (0, 5_000_001, "")


def test_a_program_that_prints_without_end_is_ended() -> None:
    done = run("while True: print('a' * 1_000)", Bound(60, 3 << 20))
    assert done.exceeded == "3 MB for its output"


@pytest.mark.skipif(not HAS_LIMITS, reason="the system has no limits for another process")
def test_a_program_that_works_without_end_is_ended_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    limits = [resource.getrlimit(each) for each in (resource.RLIMIT_CPU, resource.RLIMIT_CORE)]
    done = run("while True: pass", Bound(2, UNLIMITED))
    assert done.exceeded == "2 s of processor time"
    assert list(tmp_path.iterdir()) == []
    assert [resource.getrlimit(each) for each in (resource.RLIMIT_CPU, resource.RLIMIT_CORE)] == limits


def test_a_program_that_waits_is_ended() -> None:
    begun = time.monotonic()
    with pytest.raises(ImpatientError):
        run("import time; time.sleep(60)", Bound(UNLIMITED, UNLIMITED), patience=1.5)
    assert time.monotonic() - begun < 30


def test_without_limits_nothing_is_set() -> None:
    done = run("import time; time.sleep(1.5); print(1)", Bound(UNLIMITED, UNLIMITED))
    assert done == EndedProgram(0, b"1\n", b"")


@pytest.mark.skipif(not HAS_LIMITS, reason="the system has no limits for another process")
def test_memory_is_limited_and_time_can_be_given_again() -> None:
    text = "input(); x = b'a' * (1 << 29)"
    with subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert hold_within(process.pid, 200 << 20)
        assert end_after(process.pid, 1)
        assert end_after(process.pid, 5)
        assert resource.prlimit(process.pid, resource.RLIMIT_CPU)[0] == 5
        _, errors = process.communicate(b"\n")
    assert b"MemoryError" in errors
