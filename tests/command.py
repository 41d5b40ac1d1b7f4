"""The real command, as a process of its own."""

import contextlib
import gc
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from compiler.cli import main
from compiler.machine.limits import set_limits

ROOT = Path(__file__).parent.parent
"""The checkout."""

FIXTURES = ROOT / "fixtures"

_KEPT = frozenset(("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV", "HYPOTHESIS_PROFILE"))
_KEPT_PREFIXES = ("COVERAGE", "COV_", "PYTEST", "PIP_", "SSL_", "REQUESTS_")


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """What of an environment a test may see, with a fixed language, width and Git beside it."""
    kept = {
        name: value for name, value in environment.items() if name in _KEPT or name.upper().startswith(_KEPT_PREFIXES)
    }
    return kept | {
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "80",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str


def flat(text: str) -> str:
    """A report without its line breaks, to look for what may be wrapped."""
    return " ".join(text.split())


def run_mirrorc(
    *arguments: str | Path,
    cwd: Path | None = None,
    stdin: bytes | None = b"",
    env: Mapping[str, str] | None = None,
    python: str | Path = sys.executable,
    timeout: float = 120,
) -> Done:
    """Run `mirrorc` with the checkout's code (or another interpreter's) and wait for it.

    Args:
        arguments: What stands behind `mirrorc`.
        cwd: Where it runs, by default in the checkout.
        stdin: What is piped in.
        env: Variables over the tests' environment.
        python: The interpreter; one that has mirrorc installed needs no checkout.
        timeout: Seconds after which a hang is a failure.
    """
    environment = {**os.environ, **(env or {})}
    if str(python) == sys.executable:
        environment.setdefault("PYTHONPATH", str(ROOT))
    done = subprocess.run(
        [str(python), "-m", "compiler", *map(str, arguments)],
        cwd=cwd or ROOT,
        input=stdin,
        env=environment,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Done(code=done.returncode, stdout=done.stdout.decode(), stderr=done.stderr.decode())


def call_mirrorc(*arguments: str | Path, cwd: Path | None = None) -> Done:
    """Run `mirrorc` inside the tests' own process: many times faster, for what does not need a process of its own."""
    with contextlib.ExitStack() as stack:
        stdout, stderr = (stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(2))
        stack.enter_context(contextlib.chdir(cwd or ROOT))
        stack.enter_context(contextlib.redirect_stdout(stdout))
        stack.enter_context(contextlib.redirect_stderr(stderr))
        stdin, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO())  # nothing is piped in
        stack.callback(setattr, sys, "stdin", stdin)
        try:
            main([*map(str, arguments)], prog_name="mirrorc")
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        finally:
            gc.enable()  # a run switches it off for good
            set_limits(off=False)  # as well
        for stream in (stdout, stderr):
            stream.seek(0)
        return Done(code=code, stdout=stdout.read(), stderr=stderr.read())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, by relative name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
