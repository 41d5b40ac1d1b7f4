"""Measures what commands cost on inputs of a shape: processor time and memory of each run, without the start.

In: names of shapes and sizes. Out: a line of JSON for each run. Everything is imported once; each run is a fork, in a
folder of its own, of a process without threads.

Usage: python -m fuzz.measure SIZE [NAME...]
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import resource
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import networkx
import ruamel.yaml

import compiler
from compiler.cli import main
from fuzz.shapes import SHAPES, Command, Files, Shape

MEGABYTE = 1 << 20
MOST_SECONDS = 5.0
"""For a megabyte."""
MOST_MEMORY = 300 * MEGABYTE
"""Bytes for a megabyte, beyond its own size."""
MOST_GROWTH = 2.6
"""Times the processor time, where the input is twice as large."""
TRIES = 3
_LEAST_SECONDS = 0.15
"""Less than this is not worth a comparison: the rest of the machine makes more of a difference."""
_LIMIT = 60
"""Seconds of processor time after which a run is stopped."""
_OWN_MEMORY = 48 * MEGABYTE
"""A run without any input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run cost: the size of its input in bytes, seconds, bytes of memory, and how it ended."""

    size: int
    seconds: float
    memory: int
    code: int
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong with a command on a shape, empty where nothing is."""

    shape: str
    command: Command
    run: Run
    growth: float
    wrong: str


def judge(shape: Shape, command: Command, size: int) -> Verdict:
    """Compare with half the size, where the whole takes long enough for that; the best of a few tries counts."""
    growth = 0.0
    wrong = ""
    for _ in range(TRIES):
        whole = run(shape, command, size)
        if whole.seconds > _LEAST_SECONDS and not (shape.product and whole.size < MEGABYTE):
            growth = whole.seconds / max(run(shape, command, size // 2).seconds, 0.01)
        wrong = _wrong(whole, growth, MEGABYTE if shape.product else MEGABYTE // 4)
        if not wrong:
            break
    return Verdict(shape=shape.name, command=command, run=whole, growth=growth, wrong=wrong)


def _wrong(whole: Run, growth: float, least: int) -> str:
    if whole.code not in (0, 1, 2):
        return f"ended with {whole.code}: {whole.said}"
    share = max(whole.size, least) / MEGABYTE
    if whole.seconds > MOST_SECONDS * share:
        return f"{whole.seconds:.2f} s for {whole.size} bytes"
    if growth > MOST_GROWTH and whole.seconds > _LEAST_SECONDS:
        return f"twice the input costs {growth:.1f} times the time ({whole.seconds:.2f} s)"
    if whole.memory - _OWN_MEMORY - whole.size > MOST_MEMORY * share:
        return f"{whole.memory // MEGABYTE} MB for {whole.size} bytes"
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds of processor time and bytes of memory after which a run is stopped; no bytes are no limit."""

    seconds: int
    memory: int = 0


def run(shape: Shape, command: Command, size: int) -> Run:
    """Run a command on an input of a size."""
    return run_on(shape.make(size), command, Limits(seconds=_LIMIT))


def run_on(files: Files, command: Command, limits: Limits) -> Run:
    """Run a command on files, in their folder."""
    with tempfile.TemporaryDirectory(prefix="mirrorc-measure-", dir=_in_memory()) as name:
        folder = Path(name)
        total = sum(map(len, files.values()))
        for path, content in files.items():
            place = folder / ("stdin" if path == "stdin" else f"in/{path}")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        (folder / "in").mkdir(exist_ok=True)
        del files
        child = os.fork()
        if child == 0:
            _work(folder, command, limits)
        _, status, used = os.wait4(child, 0)
        return Run(
            size=total,
            seconds=used.ru_utime + used.ru_stime,
            memory=used.ru_maxrss * 1024,
            code=os.waitstatus_to_exitcode(status),
            said=(folder / "stderr").read_text(errors="replace")[-500:],
        )


def _in_memory() -> str | None:
    """A file system in memory if there is a large one: what a disk costs is not what a command costs."""
    place = Path("/dev/shm")
    return str(place) if os.access(place, os.W_OK) and shutil.disk_usage(place).free > 1 << 30 else None


def _work(folder: Path, command: Command, limits: Limits) -> None:
    code = 9
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
        if limits.memory:
            resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        os.chdir(folder / "in")
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            opened = os.open(folder / name, os.O_RDWR | os.O_CREAT)
            os.dup2(opened, number)
        main(list(command), prog_name="mirrorc")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:  # noqa: BLE001 - the parent tells
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def import_all() -> None:
    """Import what any command may need, so that no run pays for it."""
    for module in pkgutil.walk_packages(compiler.__path__, "compiler."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert networkx
    assert ruamel.yaml
    gc.freeze()


def verdicts(size: int, names: list[str]) -> Iterator[Verdict]:
    """Judge every command on some shapes, by default on all."""
    for name in names or SHAPES:
        for command in SHAPES[name].commands:
            yield judge(SHAPES[name], command, size)


if __name__ == "__main__":
    import_all()
    for verdict in verdicts(int(sys.argv[1]), sys.argv[2:]):
        print(json.dumps(asdict(verdict)), flush=True)
