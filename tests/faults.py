"""One call of mirrorc again and again on copies of a folder, with another fault each time: a process of its own.

    python -m tests.faults killed|full|read-only TEMPLATE TARGET ARGUMENT...

`killed` ends it before its first, second, … step that changes the file system, until it runs to its end; `full` mounts
a disk with ever more pages left, until it succeeds; `read-only` mounts a disk that takes nothing. Each copy is left in
TARGET/1, TARGET/2 and so on. The answer is a JSON list of the exit code (negative for a signal) and standard error.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

_STEPS = {"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir"}
_MOST = 80
_PAGE = os.sysconf("SC_PAGE_SIZE")


def called(folder: Path, arguments: list[str], *, die_at: int = 0) -> tuple[int, str]:
    """Run the command in a child of this process; it is killed before a step, if that is not 0."""
    said = os.memfd_create("said")
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(said, 2)
        left = die_at

        def watch(event: str, values: "tuple[object, ...]") -> None:
            nonlocal left
            makes = event == "open" and isinstance(values[2], int) and values[2] & os.O_CREAT
            if makes or event in _STEPS:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        if die_at:
            sys.addaudithook(watch)
        from compiler.cli import main

        try:
            main(arguments, prog_name="mirrorc")
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        except BaseException:  # noqa: BLE001 - whatever it is, it is what is looked for
            import traceback

            traceback.print_exc()
            code = 70
        sys.stderr.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    with os.fdopen(said, "rb") as stream:
        stream.seek(0)
        return os.waitstatus_to_exitcode(status), stream.read().decode()


def killed(template: Path, target: Path, arguments: list[str]) -> list[tuple[int, str]]:
    ends = []
    for step in range(1, _MOST):
        shutil.copytree(template, target / str(step), symlinks=True)
        ends.append(called(target / str(step), arguments, die_at=step))
        if ends[-1][0] >= 0:
            return ends
    raise AssertionError


def full(template: Path, target: Path, arguments: list[str]) -> list[tuple[int, str]]:
    ends = []
    for room in range(_MOST):
        place = target / "disk"
        place.mkdir(exist_ok=True)
        _run("mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place))
        shutil.copytree(template, place, symlinks=True, dirs_exist_ok=True)
        filler = place / ".git" / "filler"
        with filler.open("wb", buffering=0) as stream:
            try:
                while stream.write(b"x" * _PAGE):
                    pass
            except OSError:
                stream.truncate(max(0, stream.tell() // _PAGE - room) * _PAGE)
        ends.append(called(place, arguments))
        filler.unlink()
        shutil.copytree(place, target / str(room + 1), symlinks=True)
        _run("umount", str(place))
        if room and ends[-1][0] != 2:
            return ends
    raise AssertionError


def read_only(template: Path, target: Path, arguments: list[str]) -> list[tuple[int, str]]:
    shutil.copytree(template, target / "1", symlinks=True)
    _run("mount", "--bind", str(target / "1"), str(target / "1"))
    _run("mount", "-o", "remount,bind,ro", str(target / "1"))
    return [called(target / "1", arguments)]


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _loaded(template: Path, target: Path, arguments: list[str]) -> None:
    """Load all modules that the command needs, so that no child has to."""
    place = target / "loaded"
    shutil.copytree(template, place, symlinks=True)
    from tests.command import call_mirrorc

    call_mirrorc(*arguments, cwd=place)


if __name__ == "__main__":
    fault, template, target, *arguments = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _loaded(Path(template), Path(target), arguments)
    work = {"killed": killed, "full": full, "read-only": read_only}[fault]
    print(json.dumps(work(Path(template), Path(target), arguments)))
