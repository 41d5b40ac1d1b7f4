"""Spread independent work over the machine's processors.

In: a function over a run of items, and the items. Out: its results in the items' order, the same as without help.
Reading thousands of manifests is nearly all of a large build's time, and no two files need each other; nor do images
that are judged and reported by the hundred thousand.
"""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from types import MappingProxyType
from typing import Any, BinaryIO, NamedTuple, TypeVar, cast

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_MOST_PROCESSES = 4
"""More gain little: their results come back through one process."""


Packing = Mapping[type, Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]]
"""By type what `pickle` makes a value of, as `copyreg.dispatch_table` has it."""

_NOTHING_PACKED: Packing = MappingProxyType({})


def spread(
    work: Callable[[Sequence[_Item]], list[_Result]],
    items: Sequence[_Item],
    *,
    least: int,
    packing: Packing = _NOTHING_PACKED,
) -> list[_Result]:
    """Call `work` on runs of at least `least` items, each but the first in a child process.

    A child that dies or cannot be started, for whatever reason, costs time and nothing else: its items are worked on
    here. Nothing is forked where it is not known to be safe, in a program of several threads above all.
    """
    processes = min(_processors(), _MOST_PROCESSES, len(items) // least)
    if processes < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
        return work(items)
    bounds = [len(items) * number // processes for number in range(processes + 1)]
    runs = [items[begin:end] for begin, end in pairwise(bounds)]
    children = [_start(work, run, packing) for run in runs[1:]]
    results = work(runs[0])
    for run, child in zip(runs[1:], children, strict=True):
        results += (_collect(child) if child else []) or work(run)
    return results


def _processors() -> int:
    """How many processors this process may use, which in a container is not how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Child(NamedTuple):
    process: int
    results: BinaryIO


def _start(work: Callable[[Sequence[_Item]], list[_Result]], run: Sequence[_Item], packing: Packing) -> _Child | None:
    """A child at work on a run; None where the machine has no process or pipe to spare."""
    import copyreg
    import pickle

    try:
        here, there = os.pipe()
    except OSError:
        return None
    try:
        process = os.fork()
    except OSError:
        os.close(here)
        os.close(there)
        return None
    if process:
        os.close(there)
        return _Child(process, os.fdopen(here, "rb"))
    # In the child nothing may return to the caller: it would go on with the parent's work, and flush its output.
    try:
        os.close(here)
        with os.fdopen(there, "wb") as stream:
            pickler = pickle.Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL)
            pickler.dispatch_table = {**copyreg.dispatch_table, **packing}
            pickler.dump(work(run))
    finally:
        os._exit(0)


def _collect(child: _Child) -> list[_Result]:
    """A child's results; none if it died."""
    import pickle

    with child.results as stream:
        content = stream.read()
    with suppress(ChildProcessError):  # whoever started us ignores SIGCHLD, and so no one waits for it
        os.waitpid(child.process, 0)
    try:
        return cast(list[_Result], pickle.loads(content))
    except (EOFError, pickle.UnpicklingError, MemoryError):
        return []
