"""Runs commands on inputs that were changed at random, for a time, and keeps what they do not survive.

In: a time in seconds, a seed, names of kinds. Out: a line for each input that ends a command in another way than with 0, 1
or 2, that costs more than its share, or that makes two runs differ; it is made smaller and kept as a file in
`fuzz/corpus`, which the tests run from then on. Each run is a fork, with a limit on its time and memory.

Usage: python -m fuzz.run [--seconds S] [--seed N] [NAME...]
"""

import argparse
import base64
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import NamedTuple

from fuzz.measure import Limits, import_all, run_on
from fuzz.mutate import mutated
from fuzz.seeds import SEEDS, Seed
from fuzz.shapes import SHAPES, Command, Files, Shape

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(__file__).parent / "corpus"
LIMITS = Limits(seconds=10, memory=1 << 30)
"""For an input of at most 64 KiB."""
_SMALL = 2_000
"""Bytes of a shape that is changed."""
_SHRINK_SECONDS = 20.0


class Case(NamedTuple):
    """Files, and a command that is run on them in their folder; `stdin` is what is piped in."""

    files: Files
    command: Command


def problem(case: Case) -> str:
    """How a run went wrong, without the folders of this machine; empty where it did not."""
    done = run_on(case.files, case.command, LIMITS)
    said = done.said.replace(f"{ROOT}/", "")[-300:]
    if done.code in (0, 1, 2):
        return "" if "Traceback (most recent" not in done.said else f"shows a traceback: {said}"
    if done.code < 0:
        return f"was stopped after {done.seconds:.1f} s and {done.memory >> 20} MB"
    return f"ended with {done.code}: {said}"


def cases(random: Random, names: Iterable[str] = ()) -> Iterator[Case]:
    """Changed inputs without end: of the whole examples, of the shapes, and of what was found before."""
    chosen = set(names)
    unknown = chosen - SEEDS.keys() - SHAPES.keys()
    if unknown:
        message = f"no such kind: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    seeds = [SEEDS[name] for name in SEEDS if not chosen or name in chosen]
    shapes = [SHAPES[name] for name in SHAPES if not chosen or name in chosen]
    found = [] if chosen else [(case.files, (case.command,)) for case in corpus().values()]
    while True:
        pools: list[Sequence[Shape | Seed]] = [
            pool for pool, weight in ((seeds, 6), (shapes, 3), (found, 1)) for _ in range(weight) if pool
        ]
        seed = random.choice(random.choice(pools))
        if isinstance(seed, Shape):
            files, commands = seed.make(random.randrange(100, _SMALL)), seed.commands
        else:
            files, commands = seed
        if not files:  # a shape of which so little is nothing
            continue
        path = random.choice(sorted(files))
        yield Case({**files, path: mutated(random, files[path])}, random.choice(commands))


def shrunk(case: Case) -> Case:
    """A smaller case that goes wrong as well: without lines, or parts of lines, that are not needed."""
    until = time.monotonic() + _SHRINK_SECONDS
    for path in sorted(case.files):
        for split in (b"\n", b" ", b""):
            parts = case.files[path].split(split) if split else [bytes([each]) for each in case.files[path]]
            step = max(len(parts) // 2, 1)
            while step and time.monotonic() < until:
                at = 0
                while at < len(parts) and time.monotonic() < until:
                    fewer = parts[:at] + parts[at + step :]
                    trial = Case({**case.files, path: split.join(fewer)}, case.command)
                    if problem(trial):
                        case, parts = trial, fewer
                    else:
                        at += step
                step //= 2
    return case


def corpus() -> dict[str, Case]:
    """Every input that was ever found, by the name of its file."""
    return {path.name: _read(path) for path in sorted(CORPUS.glob("*.json"))}


def keep(case: Case, why: str, folder: Path = CORPUS) -> Path:
    """Keep an input as a file."""
    files = {path: _written(content) for path, content in sorted(case.files.items())}
    text = json.dumps({"why": why, "command": list(case.command), "files": files}, indent=2) + "\n"
    path = folder / f"{sha256(text.encode()).hexdigest()[:12]}.json"
    path.write_text(text, encoding="utf-8")
    return path


def _written(content: bytes) -> str | dict[str, str]:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}


def _read(path: Path) -> Case:
    data = json.loads(path.read_text(encoding="utf-8"))
    files = {
        name: content.encode() if isinstance(content, str) else base64.b64decode(content["base64"])
        for name, content in data["files"].items()
    }
    return Case(files, tuple(data["command"]))


def main(arguments: list[str]) -> int:
    """Run for a time; 1 if anything was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SEEDS)}, or of a shape")
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else time.time_ns() % 1_000_000
    import_all()
    until = time.monotonic() + options.seconds
    found: set[str] = set()
    count = 0
    for case in cases(Random(seed), options.names):
        if time.monotonic() > until:
            break
        count += 1
        if why := problem(case):
            small = shrunk(case)
            why = problem(small) or why
            told = why.partition("\n")[0] + why[-80:]
            if told not in found:
                found.add(told)
                print(f"{keep(small, why)}: {' '.join(small.command)} {why}", flush=True)
    print(f"{count} inputs, {len(found)} found (--seed {seed})")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
