"""What `--verbose` says at the end of a run: the files read, the programs run with their versions, and the time."""

import os

from compiler.commands.console import say
from compiler.machine.trace import Program, Trace
from compiler.text.wording import counted


def tell(trace: Trace, *, elapsed: float, worked: float) -> None:
    """Say it on standard error; `elapsed` and `worked` are seconds of the clock and of the processor."""
    say(f"read {counted(len(trace.files), 'file')}", *(f"  {path}" for path in trace.files))
    by_name: dict[str, list[Program]] = {}
    for program in trace.programs:
        by_name.setdefault(program.command[0], []).append(program)
    for path, runs in by_name.items():
        seconds = sum(run.seconds for run in runs)
        version = _version(path)
        say(f"ran {path}{f' ({version})' if version else ''} {counted(len(runs), 'time')}, {seconds:.3f} s")
        say(*(f"  {' '.join(run.command[1:])}" for run in runs))
    say(f"took {elapsed:.3f} s, {worked:.3f} s of them on this process's processor")


def _version(path: str) -> str:
    """What a program says of its version, in one line; empty where it says nothing of use."""
    import subprocess

    name = os.path.basename(path)  # noqa: PTH119 - the names are texts
    arguments = {
        "kubectl": ["version", "--client"],
        "oc": ["version", "--client"],
        "kustomize": ["version"],
        "helm": ["version", "--short"],
    }
    try:
        done = subprocess.run(
            [path, *arguments.get(name, ["--version"])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.decode("utf-8", "replace").split("\n")
    return ", ".join(line.strip() for line in lines if line.strip()) if done.returncode == 0 else ""
