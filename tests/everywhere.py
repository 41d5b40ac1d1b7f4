"""The tests under every supported Python that this machine has, and with the lowest dependencies that are allowed.

    python -m tests.everywhere [PYTEST_ARGUMENT...]

Each run has a virtual environment of its own, `.venv-3.12` and so on, made on first use and kept. The one that
`make test-here` uses is not repeated. These runs take the tests of what depends on the interpreter or on a library:
the wings up to the reports, and a few whole runs. Paths among the arguments choose others; `tests` is all of them.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOWEST = "lowest"
_WINGS = ("checks", "explain", "manifests", "names", "node", "policy", "reporters", "text")
_CHOSEN = (
    *(f"tests/{wing}" for wing in _WINGS),
    "tests/commands/test_check.py",
    "tests/commands/test_help.py",
    "tests/test_api.py",
    "tests/test_cases.py",
    "tests/test_example.py",
    "tests/test_layers.py",
)
"""What runs under each of them: a wing without tests of its own is passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One environment: its name, its interpreter and versions that are pinned in it."""

    name: str
    python: str
    pins: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return ROOT / f".venv-{self.name}"


def project() -> Mapping[str, object]:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert isinstance(table, dict)
    return table


def supported() -> list[str]:
    """The Pythons that the project says it works with."""
    classifiers = project()["classifiers"]
    assert isinstance(classifiers, list)
    return [found[1] for each in classifiers if (found := re.fullmatch(r".* :: Python :: (3\.\d+)", each))]


def lowest() -> tuple[str, ...]:
    """Each dependency at the lowest version that is allowed."""
    dependencies = project()["dependencies"]
    assert isinstance(dependencies, list)
    return tuple(re.sub(r">=([^,;]+)[^;]*", r"==\1", each) for each in dependencies)


def interpreter(version: str) -> str | None:
    """A working Python of this version: on the path, or one of pyenv's, which need not be on it."""
    candidates = [shutil.which(f"python{version}")]
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates += [str(each) for each in sorted(root.glob(f"versions/{version}.*/bin/python"))]
    check = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != {tuple(map(int, version.split('.')))})"
    for candidate in candidates:
        if candidate and subprocess.run([candidate, "-c", check], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


def runs() -> Iterator[Run]:
    """What can be run here beside the tests of `make test-here`."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    for version in supported():
        python = interpreter(version)
        if version != here and python is not None:
            yield Run(name=version, python=python)
    first = supported()[0]
    python = interpreter(first)
    if python is not None:
        yield Run(name=LOWEST, python=python, pins=lowest())


def install(run: Run) -> Path:
    """The environment's interpreter; the environment is made where it is missing or older than its description."""
    python = run.folder / "bin" / "python"
    stamp = run.folder / ".installed"
    wanted = sha256("\n".join(((ROOT / "pyproject.toml").read_text(encoding="utf-8"), *run.pins)).encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    subprocess.run([run.python, "-m", "venv", "--clear", run.folder], check=True)
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--editable", ".[test]"], cwd=ROOT, check=True)
    if run.pins:  # afterwards, whatever the tests' own dependencies ask for
        subprocess.run([*pip, *run.pins], cwd=ROOT, check=True)
    stamp.write_text(wanted, encoding="utf-8")
    return python


def main() -> int:
    """Run everything; 1 if anything failed."""
    results: dict[str, str] = {}
    with ThreadPoolExecutor() as pool:  # pip mostly waits
        made = [(run, pool.submit(install, run)) for run in runs()]
    for run, installed in made:
        print(f"--- Python {run.name}" if run.name != LOWEST else f"--- {', '.join(run.pins)}", flush=True)
        try:
            python = installed.result()
        except subprocess.CalledProcessError as error:
            results[run.name] = f"not run: cannot be installed ({error.cmd[0]} ended with {error.returncode})"
            continue
        asked = sys.argv[1:]
        chosen = [] if any(Path(each.partition("::")[0]).exists() for each in asked) else _CHOSEN
        command: list[str | Path] = [python, "-m", "pytest", "-q", "-n", "auto", "--dist", "loadgroup"]
        command += [*asked, *(path for path in chosen if (ROOT / path).exists())]
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        results[run.name] = "passed" if code in {0, 5} else "failed"  # 5: none of the tests that are asked for is here
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    missing = [each for each in supported() if each not in results and each != here]
    results |= dict.fromkeys(missing, "not run: not installed")
    for name, result in results.items():
        print(f"{'lowest dependencies' if name == LOWEST else f'Python {name}'}: {result}")
    return int("failed" in results.values())


if __name__ == "__main__":
    sys.exit(main())
