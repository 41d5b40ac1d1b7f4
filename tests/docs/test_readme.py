"""The README tells the truth: its console blocks and its program run, and print what stands there."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.command import FIXTURES, ROOT
from tests.conformance import recordings
from tests.golden import Golden
from tests.repositories import commit, git

README = ROOT / "README.md"
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone of the example repo, and a `mirrorc` beside it that runs the checkout's code."""
    repo = tmp_path / "repo"
    shutil.copytree(FIXTURES / "gitops-repo", repo)
    git("init", "-q", at=repo)
    (repo / ".gitignore").write_text("/rendered/\n")
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):  # or its hash would be another every time
        monkeypatch.setenv(name, "2026-01-01T00:00:00Z")
    commit("The repo as it stands", at=repo)
    program = tmp_path / "bin" / "mirrorc"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m compiler "$@"\n')
    program.chmod(0o755)
    return repo


def environment(repo: Path) -> Mapping[str, str]:
    path = f"{repo.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


@pytest.mark.golden
def test_the_console_blocks_print_what_they_show(example: Path, golden: Golden) -> None:
    def played(block: re.Match[str]) -> str:
        lines = [line for line in block[1].splitlines() if line.startswith("$ ")]
        shown = []
        for line in lines:
            done = subprocess.run(
                ["bash", "-c", line.removeprefix("$ ")],
                cwd=example,
                env=environment(example),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            shown.append(f"{line}\n{done.stdout}")
        return f"```console\n{''.join(shown)}```"

    golden.file(README, _BLOCK.sub(played, README.read_text(encoding="utf-8")))


def test_the_program_prints_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES / "gitops-repo")
    text = README.read_text(encoding="utf-8").replace("```", "\n")
    test = doctest.DocTestParser().get_doctest(text, {}, "README.md", str(README), 0)
    result = doctest.DocTestRunner().run(test)
    assert result.attempted >= 5
    assert result.failed == 0


def test_the_packages_are_counted() -> None:
    """Those that pip brings with mirrorc alone, and with these packages."""
    found: set[str] = set()
    waiting = ["mirrorc"]
    while waiting:
        needed = map(Requirement, metadata.requires(waiting.pop()) or ())
        names = {each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})}
        waiting += names - found
        found |= names
    number = ("no", "one", "two", "three", "four", "five", "six", "seven")[len(found)]
    assert f"only Python 3.11 or later and {number} packages, which pip installs" in README.read_text(encoding="utf-8")


def test_what_the_tour_writes_is_not_in_the_way_of_git() -> None:
    written = "fixtures/gitops-repo/rendered/north/registries.conf"
    assert subprocess.run(["git", "check-ignore", "-q", written], cwd=ROOT, check=False).returncode == 0


def test_the_two_commands_are_targets() -> None:
    """And what they promise is what `make help` says."""
    commands = re.findall(r"^    make (\w+) +# ", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert commands == ["example", "test"]
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("build", "test", "lint", "bench", "accept", "help", "example"):
        assert re.search(rf"^  make {target} ", listed, re.MULTILINE), target


def test_the_numbers_are_those_of_the_recordings() -> None:
    words = " ".join(README.read_text(encoding="utf-8").split())
    count = {
        name: len(list(recordings(name)))
        for name in ("compile", "probes", "machineconfig", "releases", "validate", "resolve", "drain")
    }
    signed = {
        name: sum(len(list(recordings(f"{name}{part}"))) for part in ("", "-corners"))
        for name in ("imagepolicy", "imagepolicy-releases", "validate-imagepolicy")
    }
    assert (
        f"{count['compile'] + count['probes']} compilations, {count['machineconfig']} sets of MachineConfigs" in words
    )
    assert f"{count['releases']} compilations over the releases" in words
    more = signed["imagepolicy"] + signed["imagepolicy-releases"]
    assert f"and {more:,} more with signature policies" in words
    verdicts = count["validate"] + signed["validate-imagepolicy"]
    assert f"{verdicts:,} verdicts of the API server, {count['resolve']} tables of pulls" in words
    assert f"{count['drain']} verdicts on node drains" in words


@pytest.mark.parametrize("name", re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8")))
def test_what_it_links_to_is_there(name: str) -> None:
    assert (ROOT / name).exists()
