"""The pages about commands show what these print, and name every key of their JSON."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from tests.command import FIXTURES, ROOT, run_mirrorc
from tests.conformance import Json, as_object, objects
from tests.golden import Golden
from tests.manifest_texts import ICSP
from tests.repositories import commit, write

DOCS = ROOT / "docs"
_CONSOLE = re.compile(
    r"<!-- run in (?P<folder>\S+) -->\n```console\n\$ mirrorc (?P<call>[^\n]*)\n(?P<output>.*?)```\n", re.DOTALL
)


SHOWN = ("explain.md", "images.md", "diff.md", "graph.md", "plan.md")
PLAYED = ("migrate.md",)


def test_every_console_block_is_run() -> None:
    pages = {page.name: page.read_text() for page in DOCS.glob("*.md")}
    with_blocks = {name for name, text in pages.items() if "```console" in text}
    assert with_blocks == {*SHOWN, *PLAYED}
    for name in SHOWN:
        assert pages[name].count("```console") == len(_CONSOLE.findall(pages[name])), name


def test_the_blocks_about_a_migration_work_as_pasted(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "mirrors.yaml", text=ICSP)
    commit("The repo before")
    program = repo.parent / "bin" / "mirrorc"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m compiler "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    for block in re.findall(r"```console\n(.*?)```", (DOCS / "migrate.md").read_text(), re.DOTALL):
        for line in block.splitlines():
            done = subprocess.run(["bash", "-c", line.removeprefix("$ ")], capture_output=True, text=True, check=False)
            assert done.returncode == 0, (line, done.stdout, done.stderr)
    left = (repo / "mirrors.yaml").read_text()
    assert "ImageContentSourcePolicy" not in left
    assert "NeverContactSource" in left


@pytest.mark.golden
@pytest.mark.parametrize("page", SHOWN)
def test_a_page_shows_what_is_printed(page: str, golden: Golden) -> None:
    def rerun(shown: re.Match[str]) -> str:
        done = run_mirrorc(*shlex.split(shown["call"]), cwd=ROOT / shown["folder"])
        assert done.stderr == ""
        return f"<!-- run in {shown['folder']} -->\n```console\n$ mirrorc {shown['call']}\n{done.stdout}```\n"

    written = (DOCS / page).read_text()
    assert _CONSOLE.search(written)
    golden.file(DOCS / page, _CONSOLE.sub(rerun, written))


def keys(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield key
            yield from keys(inside)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item)


@pytest.mark.parametrize(
    ("page", "folder", "call"),
    [
        ("explain.md", "gitops-repo", ["explain", "--both", "docker.io/library/redis:7.4", "redis", "ghcr.io/x:1"]),
        ("images.md", "gitops-repo", ["images", "apps"]),
        ("diff.md", "sequential-runs", ["diff", "run-1", "run-2"]),
        ("plan.md", "sequential-runs", ["plan", "run-1", "run-2"]),
    ],
)
def test_a_page_names_every_key_of_the_json(page: str, folder: str, call: list[str]) -> None:
    done = run_mirrorc(*call, "--format", "json", cwd=ROOT / "fixtures" / folder)
    report = as_object(json.loads(done.stdout))
    written = (DOCS / page).read_text()
    for key in set(keys(report)):
        assert f"`{key}`" in written, key


def test_programs_get_paths_from_the_top_of_the_repo(repo: Path) -> None:
    copytree(FIXTURES / "gitops-repo", repo / "deep" / "gitops-repo")
    call = ["explain", "quay.io/strimzi/operator", "--cluster", "north", "--format", "json"]
    inside = run_mirrorc(*call, cwd=repo / "deep" / "gitops-repo" / "apps")
    outside = run_mirrorc(*call, "--config", "deep/gitops-repo/.mirrorc.yaml", cwd=repo)
    assert inside.stdout == outside.stdout
    (result,) = objects(as_object(json.loads(inside.stdout)), "results")
    (place,) = objects(as_object(result["entry"]), "origins")
    assert place["path"] == "deep/gitops-repo/clusters/north/digest-mirrors.yaml"
