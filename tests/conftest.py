"""What every test stands on: an environment without habits, expected files, empty folders and repositories."""

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from compiler.machine.limits import set_limits
from tests.command import scrubbed
from tests.golden import Golden
from tests.repositories import git

# Shared machines are slow now and then, which says nothing about the code; the same examples every time, so that a
# red run is red again. `HYPOTHESIS_PROFILE=search` looks for new ones.
settings.register_profile("fixed", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


_IN_CI = bool(os.environ.get("CI"))  # asked before the environment is cleaned

# What the development dependencies bring, such as kubectl and helm, comes after what the machine has.
os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite what the tests marked `golden` expect")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a program that is not installed fails the tests that need it; elsewhere they are skipped."""
    report = yield
    if _IN_CI and report.skipped and isinstance(report.longrepr, tuple) and "is not installed" in report.longrepr[2]:
        report.outcome, report.longrepr = "failed", report.longrepr[2]
    return report


@pytest.fixture(scope="session", autouse=True)
def _scrubbed_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the caller's shell reaches a test: no Git of a running hook, no colours, no language."""
    git_settings = tmp_path_factory.mktemp("settings") / "gitconfig"
    git_settings.write_text(
        '[user]\n name = A\n email = a@example.com\n[init]\n defaultBranch = main\n[protocol "file"]\n allow = always\n'
    )
    clean = scrubbed(os.environ) | {"GIT_CONFIG_GLOBAL": str(git_settings)}
    with pytest.MonkeyPatch.context() as environment:
        for name in os.environ.keys() - clean.keys():
            environment.delenv(name)
        for name, value in clean.items():
            environment.setenv(name, value)
        yield


@pytest.fixture(autouse=True)
def _a_run_of_its_own() -> None:
    """What is counted and remembered for one test is for no other."""
    set_limits(off=False)


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Golden:
    """Expected files, compared or (under `--accept`) rewritten."""
    return Golden(accept=bool(pytestconfig.getoption("--accept")))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder outside any repository, made the current one."""
    path = tmp_path / "repo"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def repo(folder: Path) -> Path:
    """An empty repository, made the current folder."""
    git("init", "-q")
    return folder
