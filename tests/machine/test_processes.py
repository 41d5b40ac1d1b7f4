"""Work spread over processes gives what it gives without help."""

import errno
import os
import signal
import threading
from collections.abc import Sequence

import pytest

from compiler.machine import processes as parallel


@pytest.fixture(autouse=True)
def _three_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_processors", lambda: 3)


def _with_process(items: Sequence[int]) -> list[tuple[int, int]]:
    return [(item, os.getpid()) for item in items]


def test_results_keep_the_order_of_the_items_and_come_from_several_processes() -> None:
    results = parallel.spread(_with_process, range(10), least=3)
    assert [item for item, _ in results] == list(range(10))
    assert len({process for _, process in results}) == 3
    assert results[0][1] == os.getpid()


def test_few_items_are_worked_on_here() -> None:
    assert {process for _, process in parallel.spread(_with_process, range(5), least=3)} == {os.getpid()}


def test_nothing_is_forked_in_a_program_of_several_threads() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        results = parallel.spread(_with_process, range(10), least=3)
    finally:
        done.set()
        thread.join()
    assert {process for _, process in results} == {os.getpid()}


def test_the_items_of_a_child_that_dies_are_worked_on_here() -> None:
    parent = os.getpid()

    def die_in_a_child(items: Sequence[int]) -> list[int]:
        if os.getpid() != parent:
            os._exit(9)
        return list(items)

    assert parallel.spread(die_in_a_child, range(10), least=3) == list(range(10))


@pytest.mark.parametrize("refused", ["pipe", "fork"])
def test_the_items_of_a_child_that_cannot_be_started_are_worked_on_here(
    monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    def none_left() -> int:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    before = _next_descriptor()
    monkeypatch.setattr(os, refused, none_left)
    assert {process for _, process in parallel.spread(_with_process, range(10), least=3)} == {os.getpid()}
    assert _next_descriptor() == before


def _next_descriptor() -> int:
    """The one that the next file to be opened gets: the same as before where nothing was left open."""
    descriptor = os.dup(2)
    os.close(descriptor)
    return descriptor


def test_a_child_that_nobody_may_wait_for_gives_its_results() -> None:
    """Some who start programs ignore SIGCHLD, and that is inherited."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        results = parallel.spread(_with_process, range(10), least=3)
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert [item for item, _ in results] == list(range(10))
    assert len({process for _, process in results}) == 3


def test_a_mistake_in_a_child_is_raised_here() -> None:
    def fail_on_nine(items: Sequence[int]) -> list[int]:
        if 9 in items:
            message = "nine"
            raise ValueError(message)
        return list(items)

    with pytest.raises(ValueError, match="nine"):
        parallel.spread(fail_on_nine, range(10), least=3)
