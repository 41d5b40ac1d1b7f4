"""Measures mirrorc as whole processes and prints the ratios to what the machine must pay anyway.

In: the code beside this folder and the trees of `bench/generate.py`, made in a temporary folder. Out: one
plain table. Times of two machines never compare, ratios do: every row names the floor it is held against.

Each row is the median of several runs after one warm-up, with bytecode and file cache warm; memory is the
largest resident set of the runs, and never shows less than this program's own (about 15 MB). A command that is
not there yet is a row that says so.

Usage: python -m bench.run [--quick] [--runs N] [--counts N...]
"""

import argparse
import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATE = Path(__file__).resolve().with_name("generate.py")

PASS = "pass"

HELLO = """\
import click
@click.command()
def hello():
    click.echo("hello")
hello()
"""

# The least that any compiler of manifests does: read every file, and compose those that name one of our
# kinds. In a process of its own, without this module's imports.
FLOOR = """\
import os, sys
from ruamel.yaml.cyaml import CSafeLoader
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        if not name.endswith((".yaml", ".yml", ".json")):
            continue
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        if b"MirrorSet" in data or b"ImageContentSourcePolicy" in data or b"kind: Image\\n" in data:
            CSafeLoader(data).get_single_node()
"""

# The builds of a fleet's kustomizations, and nothing else.
BUILDS = """\
import os, shutil, subprocess, sys
beside = os.path.dirname(sys.executable)
program = shutil.which("kubectl", path=beside) or shutil.which("kubectl")
for name in sorted(os.listdir(sys.argv[1])):
    subprocess.run([program, "kustomize", os.path.join(sys.argv[1], name)], stdout=subprocess.DEVNULL, check=True)
"""

# What the limits in seconds were set on: there, a click program that says hello takes 31 ms more than
# `python -c pass`. Another machine's seconds are worth as much as its own hello takes.
REFERENCE = 0.031

# The signs of a command that nobody has written yet, as Python and click word them.
MISSING = ("No module named", "cannot be directly executed", "No such command")


# A check of 50,000 files of all kinds may take 1.5 times what it took before others than manifests were searched for
# policy. That was 2.0 times the floor of the same tree, which opens the manifests alone: the processors' time of commit
# e42ec5a, the least of six runs in turns with the floor.
KINDS = 1.5 * 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One command: the median in seconds, the peak in MiB; or in `problem` why there is none.

    `work` are the seconds of all processors together, children included: the least of the runs.
    """

    seconds: float = 0.0
    work: float = 0.0
    peak: float = 0.0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a row is held to: at most `times` the row `of` plus `plus` seconds."""

    of: str
    times: float = 1.0
    plus: float = 0.0

    def __str__(self) -> str:
        if self.times == 0:
            return "absolute, at this machine's pace"
        times = f"{self.times:g} x " if self.times != 1 else ""
        plus = f" + {self.plus * 1000:.0f} ms" if self.plus else ""
        return f"{times}{self.of}{plus}"


class Bench:
    """Runs commands, keeps what they took by name, and prints a row for each at once."""

    def __init__(self, *, runs: int, scratch: Path) -> None:
        self.runs = runs
        self.scratch = scratch
        self.out = scratch / "out"
        self.taken: dict[str, Measured] = {}
        self.over: list[str] = []

    @property
    def pace(self) -> float:
        """How many seconds here one second of the machine is that the limits were set on."""
        plain, hello = (self.taken[name].seconds for name in ("python -c pass", "click hello"))
        return max(hello - plain, 0.0) / REFERENCE

    def clear(self) -> None:
        """Removes what an earlier build wrote."""
        shutil.rmtree(self.out, ignore_errors=True)

    def row(
        self,
        name: str,
        command: Sequence[str],
        *,
        of: str = "",
        limit: Limit | None = None,
        peak: float = 0.0,
        accept: Sequence[int] = (0,),
        before: Callable[[], None] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        """Measures `command` and prints its row.

        Args:
            name: What the row is called; other rows refer to it.
            command: Arguments for this Python.
            of: The row whose time the ratio is taken to.
            limit: The time that should hold, if any.
            peak: The memory in MiB that should hold, 0 for none.
            accept: Exit codes that are no failure.
            before: Called before every run, outside the measured time.
            cwd: Where it runs.
        """
        measured = self._measure(command, accept, before, cwd)
        self.taken[name] = measured
        if measured.problem:
            print(f"{name:<22} {measured.problem[:57]}", flush=True)
            return
        base = self.taken.get(of)
        ratio = f"{measured.seconds / base.seconds:.1f} x {of}" if base and base.seconds else ""
        verdict = self._verdict(name, measured, limit, peak)
        line = f"{name:<22} {_time(measured.seconds):>8} {measured.peak:>5.0f} MB  {ratio:<21} {verdict}"
        print(line.rstrip(), flush=True)

    def work(self, name: str, *, of: str, most: float) -> None:
        """Holds a row to so many times the time of all processors together that another one took."""
        taken, base = self.taken[name], self.taken[of]
        if taken.problem or base.problem:
            return
        times = taken.work / base.work
        print(f"  on all processors together: {times:.2f} x {of}")
        if times > most:
            self.over.append(f"{name}: {times:.2f} times the processors' time of {of}, limit {most}")

    def _verdict(self, name: str, measured: Measured, limit: Limit | None, peak: float) -> str:
        over = []
        if limit is not None:
            base = self.taken.get(limit.of, Measured())
            allowed = base.seconds * limit.times + limit.plus
            if (base.seconds or limit.times == 0) and measured.seconds > allowed:
                over.append(f"{name}: {_time(measured.seconds)}, limit {_time(allowed)} ({limit})")
        if peak and measured.peak > peak:
            over.append(f"{name}: {measured.peak:.0f} MB, limit {peak:.0f} MB")
        self.over.extend(over)
        if over:
            return "OVER the limit"
        return "ok" if limit is not None or peak else ""

    def _measure(
        self, command: Sequence[str], accept: Sequence[int], before: Callable[[], None] | None, cwd: Path
    ) -> Measured:
        times: list[float] = []
        peaks: list[float] = []
        works: list[float] = []
        # The first run warms up. What is mostly the noise of starting a process is run more often.
        wanted = self.runs
        warm = False
        while len(times) < wanted:
            if before is not None:
                before()
            seconds, work, peak, code, stderr = _run_once([sys.executable, *command], self.scratch / "stderr", cwd)
            # Python ends with 1 for a missing module, a command for what it finds: the words decide.
            missing = next((stderr[stderr.index(sign) :] for sign in MISSING if sign in stderr), "")
            last = (stderr.strip().splitlines() or [""])[-1]
            if code and missing:
                return Measured(problem=f"not there yet: {missing.splitlines()[0]}")
            if code not in accept or "Traceback (most recent call last)" in stderr:
                return Measured(problem=f"FAILED, exit {code}: {last}")
            if warm:
                times.append(seconds)
                peaks.append(peak)
                works.append(work)
            elif seconds < 0.5:
                wanted *= 4
            warm = True
        return Measured(seconds=statistics.median(times), work=min(works), peak=max(peaks))


def _run_once(command: Sequence[str], log: Path, cwd: Path) -> tuple[float, float, float, int, str]:
    """Runs a process with the code beside this folder: seconds, those of all processors, peak MiB, exit code, stderr.

    Of stderr it gives the end.

    stderr goes to a file: a pipe would make the child wait for us, and thousands of warnings would count our
    reading. `wait4` gives this child's usage alone; `getrusage` would give the largest of all so far. A child
    starts with its parent's resident set as its peak, which is why this module imports little and trees are
    made in processes of their own.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("wb") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    # macOS counts bytes, the others KiB.
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4096))
        tail = file.read().decode(errors="replace")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit, process.returncode, tail


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _tree(folder: Path, *arguments: str) -> str:
    """Makes one tree, and gives its folder as an argument for a command."""
    subprocess.run([sys.executable, str(GENERATE), str(folder), *arguments], check=True)
    return str(folder)


def _example(folder: Path) -> Path:
    """Makes a copy of the example repo."""
    shutil.copytree(ROOT / "fixtures" / "gitops-repo", folder)
    return folder


def _commit(repo: Path) -> Path:
    """Makes a Git repo of a folder, all of it tracked."""
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=repo, check=True)
    return repo


def _size(count: int) -> str:
    return f"{count // 1000}k" if count % 1000 == 0 else str(count)


def _compare(bench: Bench, label: str, tree: str, *, limit: Limit | None = None, peak: float = 0.0) -> None:
    """The floor and a build of one tree; every build writes a new folder, so that none finds its work done."""
    floor = f"floor {label}"
    bench.row(floor, ["-c", FLOOR, tree])
    bench.row(
        f"build {label}",
        ["-m", "compiler", "build", tree, "-o", str(bench.out)],
        of=floor,
        limit=limit,
        peak=peak,
        before=bench.clear,
    )


def _survey(bench: Bench, tree: str, count: int, *, of: str) -> None:
    """Ten pull specs for each source: 100,000 against 10,000 entries may take some seconds beside the compile."""
    pulls = 10 * count
    listed = Path(_tree(bench.scratch / "pulls", "pulls", str(count), str(pulls)), "pulls.txt")
    # Since JSON gives for each image the signature that it needs and where each attempt looks for one, it is 2.4 times
    # as long as when it was held to the two seconds of the text.
    for name, format_, seconds in (("images", "text", 2), ("images json", "json", 5)):
        # Fewer are not shared out among processes.
        limit = Limit(of=of, plus=seconds * bench.pace) if pulls >= 100_000 else None
        command = ["-m", "compiler", "images", "--from", str(listed), "--repo", tree, "--format", format_]
        bench.row(f"{name} {_size(pulls)}", command, of=of, limit=limit)


def _growth(bench: Bench, counts: Sequence[int]) -> None:
    """Says whether the time grows as the number of files does."""
    for small, large in pairwise(counts):
        first, second = (bench.taken.get(f"build {_size(count)}") for count in (small, large))
        if first and second and first.seconds and second.seconds:
            factor = second.seconds / first.seconds
            sizes = f"{_size(small)} to {_size(large)}"
            print(f"  {sizes}: {large / small:.1f} x the files, {factor:.1f} x the time")


def measure(
    bench: Bench, scratch: Path, *, counts: Sequence[int], strangers: int, clusters: int, catalogs: int
) -> None:
    """Makes the trees and measures every row.

    Args:
        bench: Where the rows go.
        scratch: A folder for trees and output.
        counts: How many manifests the large trees have, smallest first.
        strangers: How many unrelated files stand beside 50 of ours.
        clusters: How many clusters share a base.
        catalogs: Megabytes of file-based catalogs.
    """
    print("start-up")
    bench.row("python -c pass", ["-c", PASS])
    bench.row("click hello", ["-c", HELLO], of="python -c pass")
    version_limit = Limit(of="python -c pass", plus=0.040 * bench.pace)
    bench.row("--version", ["-m", "compiler", "--version"], of="python -c pass", limit=version_limit)
    hook_limit = Limit(of="python -c pass", plus=0.150 * bench.pace)
    hook = ["-m", "compiler", "check", "--tracked-only"]
    bench.row("hook", hook, of="python -c pass", limit=hook_limit, cwd=_commit(_example(scratch / "hook")))

    print("small repos")
    tree = _tree(scratch / "repo50", "repo50")
    _compare(bench, "50", tree, limit=Limit(of="", times=0, plus=0.250 * bench.pace))
    tree = _tree(scratch / "unrelated", "unrelated", str(strangers))
    _compare(bench, f"50+{_size(strangers)}", tree, limit=Limit(of="", times=0, plus=1.0 * bench.pace))

    print("a repo of files of all kinds")
    _kinds(bench, scratch / "kinds", 5 * strangers)

    print("large repos")
    for count in counts:
        tree = _tree(scratch / f"mirrors-{count}", "mirrors", str(count))
        # Memory is promised for 10,000 files and grows with them beyond.
        # Below that, start-up is most of it.
        size = _size(count)
        limit = Limit(of=f"floor {size}", times=3) if count >= 10_000 else None
        _compare(bench, size, tree, limit=limit, peak=300 * max(1, count / 10_000))
        if count == counts[0]:
            build = f"build {size}"
            command = ["-m", "compiler", "check", tree]
            bench.row(f"check {size}", command, of=build, limit=Limit(of=build, times=1.5))
            _survey(bench, tree, count, of=f"check {size}")
        shutil.rmtree(tree)
    _growth(bench, counts)

    print("catalogs")
    tree = _tree(scratch / "catalogs", "catalogs", str(catalogs))
    # Of a smaller catalog, start-up is a large part.
    limit = Limit(of="", times=0, plus=5.0 * bench.pace) if catalogs >= 112 else None
    bench.row(f"images {catalogs} MB", ["-m", "compiler", "images", tree, "--allow-empty"], limit=limit)

    print("hostile")
    tree = _tree(scratch / "hostile", "hostile")
    bench.row("floor hostile", ["-c", FLOOR, tree])
    # Before 4.23 the number of scopes has no limit. The conflicts are the point, so they must not stop it.
    settings = ["--release", "4.22", "--severity", "order-conflict=warning"]
    build_command = ["-m", "compiler", "build", tree, "-o", str(bench.out), *settings]
    bench.row("build hostile", build_command, of="floor hostile", before=bench.clear)
    check_command = ["-m", "compiler", "check", tree, *settings]
    bench.row("check hostile", check_command, of="floor hostile", accept=(0, 1))

    print("many clusters over one base")
    _fleet(bench, _tree(scratch / "clusters", "clusters", str(clusters), "100", "10"), clusters)
    print("kustomized clusters")
    _kustomized(bench, scratch / "kustomized")


def _kinds(bench: Bench, tree: Path, count: int) -> None:
    """A check of a repo in which most files are no manifests, but are searched for policy."""
    floor, check = (f"{name} {_size(count)} kinds" for name in ("floor", "check"))
    bench.row(floor, ["-c", FLOOR, _tree(tree, "kinds", str(count))])
    bench.row(check, ["-m", "compiler", "check", str(tree)], of=floor)
    shutil.rmtree(tree)
    if count >= 50_000:  # of fewer files start-up is most of it
        bench.work(check, of=floor, most=KINDS)


def _kustomized(bench: Bench, tree: Path) -> None:
    """A check of 43 clusters that kustomize builds, and the builds alone; the processors' time is what counts."""
    _tree(tree, "clusters", "43", "10", "5")
    names = sorted(each.name for each in (tree / "clusters").iterdir())
    lines = [f"- {{name: {name}, kustomization: clusters/{name}}}\n" for name in names]
    (tree / ".mirrorc.yaml").write_text("version: 1\nclusters:\n" + "".join(lines), encoding="utf-8")
    builds, check = f"{len(names)} builds alone", f"check {len(names)} built"
    bench.row(builds, ["-c", BUILDS, str(tree / "clusters")])
    bench.row(check, ["-m", "compiler", "check"], of=builds, accept=(0, 1), cwd=_commit(tree))
    bench.work(check, of=builds, most=1.3)


def _fleet(bench: Bench, tree: str, clusters: int) -> None:
    """One run over all clusters, and what as many runs over one of them each would take.

    Start-up is left out of both. Most is measured on output that is up to date: making files costs the same either way.
    """
    build = ["-m", "compiler", "build"]
    everything = [*build, "--config", f"{tree}/.mirrorc.yaml", "-o", f"{bench.out}/{{cluster}}"]
    one = [*build, f"{tree}/base", f"{tree}/clusters/c00000", "-o", f"{bench.out}/alone"]
    nothing = Path(tree, "nothing")
    nothing.mkdir()
    floor, size = f"floor {_size(clusters)} clusters", _size(clusters)
    bench.row(floor, ["-c", FLOOR, tree])
    bench.row("build nothing", [*build, "--allow-empty", str(nothing), "-o", f"{bench.out}/nothing"])
    bench.row("build one", one, of="build nothing")
    bench.row(f"build {size} new", everything, of=floor, before=bench.clear)
    bench.row(f"build {size} again", everything, of=floor)
    page = ["-m", "compiler", "report", "--config", f"{tree}/.mirrorc.yaml", "-o", str(bench.scratch / "report.html")]
    # Below the tree, so that it looks for the images of workloads there and not in the checkout.
    limit = Limit(of=f"build {size} again", times=2)
    bench.row(f"report {size}", page, of=f"build {size} again", limit=limit, cwd=Path(tree))
    _page(bench, size)
    start, single, fleet = (bench.taken[name] for name in ("build nothing", "build one", f"build {size} again"))
    if start.problem or single.problem or fleet.problem:
        return
    times = clusters * (single.seconds - start.seconds) / (fleet.seconds - start.seconds)
    print(f"  {clusters} runs over one each: {times:.0f} x the time of one run over all, start-up left out")
    if times < 10:
        bench.over.append(f"many clusters: {times:.1f} times faster than one by one, at least 10 wanted")


def _page(bench: Bench, size: str) -> None:
    """How large the page about all clusters is."""
    page = bench.scratch / "report.html"
    if not page.exists():
        return
    megabytes = page.stat().st_size / 1e6
    print(f"  the page about {size} clusters: {megabytes:.1f} MB")
    if megabytes > 5:
        bench.over.append(f"report {size}: {megabytes:.1f} MB, limit 5 MB")


def main() -> None:
    """Reads the command line, measures, and says at the end what is over its limit."""
    parser = argparse.ArgumentParser(description="Measure mirrorc and print the ratios to the floors.")
    parser.add_argument("--quick", action="store_true", help="small trees and two runs: a look, not a figure")
    parser.add_argument("--runs", type=int, default=0, metavar="N", help="measured runs a row (default 5)")
    parser.add_argument(
        "--counts", type=int, nargs="+", default=[], metavar="N", help="sizes of the large trees, in files"
    )
    given = parser.parse_args()
    runs = given.runs if given.runs > 0 else 2 if given.quick else 5
    counts = given.counts or ([500, 1_000, 2_000] if given.quick else [10_000, 20_000, 40_000])
    compileall.compile_dir(ROOT / "compiler", quiet=1)  # as an installed package is
    with tempfile.TemporaryDirectory(prefix="mirrorc-bench-") as name:
        scratch = Path(name)
        bench = Bench(runs=runs, scratch=scratch)
        print(f"{'':<22} {'median':>8} {'peak':>8}  ratio")
        measure(
            bench,
            scratch,
            counts=sorted(counts),
            strangers=1_000 if given.quick else 10_000,
            clusters=100 if given.quick else 1_000,
            catalogs=12 if given.quick else 112,
        )
    print()
    if bench.over:
        print("over the limit:")
        for line in bench.over:
            print(f"  {line}")
    else:
        print("nothing measured is over its limit")


if __name__ == "__main__":
    main()
