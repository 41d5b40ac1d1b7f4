"""Every command that writes: killed at any step, on a full disk and on a read-only one.

Afterwards each file is whole, the old one or the new one, and what a killed run left is reported or removed. On a disk
that takes nothing the exit code is 2, with a message.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from compiler.cli import main
from compiler.repository.paths import is_temporary
from tests.command import ROOT, call_mirrorc, tree
from tests.repositories import git, write
from tests.test_faulty_disks import mounts
from tests.test_hostile_files import BROKEN, MANIFEST

OLD_KIND = (
    MANIFEST.replace("config.openshift.io/v1", "operator.openshift.io/v1alpha1")
    .replace("ImageDigestMirrorSet", "ImageContentSourcePolicy")
    .replace("imageDigest", "repositoryDigest")
)

WRITERS = {
    "build": ["build", "a.yaml"],
    "build -o": ["build", "a.yaml", "-o", "out/north"],
    "check -o": ["check", "broken", "-o", "answer"],
    "check --format": ["check", "a.yaml", "--format", "sarif=answer", "--format", "junit=new/../answer2"],
    "check --fix": ["check", "--fix", "broken", "broken2"],
    "check --fix of the configuration": ["check", "--fix", "--config", "flawed/.mirrorc.yaml"],
    "check --diff": ["check", "--diff", "broken", "-o", "answer"],
    "check --write-baseline": ["check", "broken", "--write-baseline", "answer"],
    "explain -o": ["explain", "quay.io/a/b:v1", "--repo", "a.yaml", "-o", "answer"],
    "explain --format": ["explain", "quay.io/a/b:v1", "--repo", "a.yaml", "--format", "json=answer"],
    "images -o": ["images", "a.yaml", "--allow-empty", "-o", "answer"],
    "images --format": ["images", "a.yaml", "--allow-empty", "--format", "json=answer"],
    "diff -o": ["diff", "a.yaml", "b.yaml", "-o", "answer"],
    "diff --format": ["diff", "a.yaml", "b.yaml", "--format", "json=answer"],
    "plan -o": ["plan", "a.yaml", "b.yaml", "-o", "answer"],
    "plan --format": ["plan", "a.yaml", "b.yaml", "--format", "json=answer"],
    "plan --write": ["plan", "a.yaml", "b.yaml", "--write", "patches"],
    "graph -o": ["graph", "--repo", "a.yaml", "-o", "answer"],
    "graph --format": ["graph", "--repo", "a.yaml", "--format", "json=answer"],
    "report -o": ["report", "a.yaml", "-o", "answer"],
    "merge -o": ["merge", "a.yaml", "c.yaml", "-o", "merged"],
    "merge --into": ["merge", "c.yaml", "--into", "into"],
    "migrate": ["migrate", "legacy"],
    "migrate --at-once": ["migrate", "legacy", "--at-once"],
    "rules -o": ["rules", "-o", "answer"],
    "rules --format": ["rules", "--format", "json=answer"],
    "init": ["init", "."],
}
"""By the command and the option that makes it write."""

NOT_WRITING = """
--help --quiet --verbose --color --exit-zero --config --cluster --shard --release --pool --release-image
--payload-policy --severity --tracked-only --show-settings --set --values --no-limits --strict --baseline
--unsafe-fixes --docs-url --show-files --statistics --with-checks --print --check --fail-on-change
--machine-config --name --allow-empty --repo --registries-conf --namespace --signed-as --both --from --require
--merge-base --path --images --images-from --node-disruption-policy --no-prune --max-disruption --base
--no-images --link-base --finish --never-contact-source --schema
"""
"""Options that choose what is read and how it is shown."""

EACH_ALONE = {"check --format", "check --fix", "merge --into", "migrate", "migrate --at-once"}
"""Of several files these write each by itself; others write all or none on a full disk."""


ONE_CLUSTER = "version: 1\nclusters:\n- {name: north, paths: [a.yaml], output: out/north}\n"


@pytest.fixture
def template(repo: Path) -> Path:
    """A repo with something for every command, and an older file wherever one is written."""
    write(repo, "a.yaml", text=MANIFEST)
    write(repo, "b.yaml", text=MANIFEST.replace("m.example", "n.example"))
    write(repo, "c.yaml", text=MANIFEST.replace("quay.io/a", "quay.io/c").replace("name: a", "name: c"))
    write(repo, "broken/a.yaml", text=BROKEN)
    write(repo, "broken2/b.yaml", text=BROKEN.replace("name: a", "name: b"))
    write(repo, "flawed/.mirrorc.yaml", text="version: 1\nclusters:\n- {name: a, pths: [a.yaml]}\n")
    write(repo, "legacy/old.yaml", text=OLD_KIND)
    write(repo, "legacy/older.yaml", text=OLD_KIND.replace("name: a", "name: older").replace("quay.io/a", "quay.io/o"))
    write(repo, "new/keep", text="")
    for name in ("answer", "answer2", "patches/step-1.patch"):
        write(repo, name, text="old\n")
    for run, place in (("b.yaml", "merged"), ("a.yaml", "into")):
        assert call_mirrorc("merge", run, "-o", place, cwd=repo).code == 0
    for place in ("rendered", "out/north"):
        assert call_mirrorc("build", "c.yaml", "-o", place, cwd=repo).code == 0
    shutil.rmtree(repo / ".git/hooks", ignore_errors=True)
    return repo


def ends(
    fault: str, template: Path, arguments: list[str], *, through: tuple[str, ...] = (), **environment: str
) -> list[tuple[int, str]]:
    (template.parent / "runs").mkdir(exist_ok=True)
    done = subprocess.run(
        [*through, sys.executable, "-m", "tests.faults", fault, template, template.parent / "runs", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    return [(code, said) for code, said in json.loads(done.stdout)]


def files(folder: Path) -> dict[str, bytes]:
    return {name: content for name, content in tree(folder).items() if not name.startswith(".git/")}


def test_every_option_writes_or_does_not() -> None:
    """What a command can be told to write is among the cases here, whatever commands there are."""
    context = click.Context(main)
    found = set()
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        options = {each.opts[-1]: each.opts[0] for each in command.params if isinstance(each, click.Option)}
        found |= {f"{name} {short}" for long, short in options.items() if long not in NOT_WRITING.split()}
    cases = {" ".join(case.split()[:2]) for case in WRITERS if " " in case}
    assert found - cases == {"build --format", "migrate --diff"}  # to standard output only
    assert cases <= found | {"migrate --at-once"}


@pytest.mark.parametrize("case", WRITERS)
def test_a_command_that_is_killed_at_any_step_leaves_whole_files(case: str, template: Path) -> None:
    before = files(template)
    found = ends("killed", template, WRITERS[case])
    assert {code for code, _ in found[:-1]} == {-9}
    assert len(found) > 2, "nothing was written"
    assert found[-1][0] in {0, 1}, found[-1]
    runs = [template.parent / "runs" / str(number) for number in range(1, len(found) + 1)]
    after = files(runs[-1])
    assert after != before
    assert not [name for name in after if is_temporary(name.rpartition("/")[2])]
    left = {}
    for run in runs[:-1]:
        for name, content in files(run).items():
            if is_temporary(name.rpartition("/")[2]):
                left[name.rpartition("/")[0]] = (run, name)
            elif not name.endswith(".mirrorc-artifacts"):
                assert content in {before.get(name), after.get(name)}, name
    assert left, "nothing is written beside"
    for run, name in left.values():
        assert f"`{name}`" in call_mirrorc("check", ".", cwd=run).stderr


@mounts
@pytest.mark.parametrize("case", WRITERS)
def test_a_command_on_a_full_disk_leaves_whole_files(case: str, template: Path) -> None:
    before = files(template)
    found = ends("full", template, WRITERS[case], through=("unshare", "-rm"))
    runs = [template.parent / "runs" / str(number) for number in range(1, len(found) + 1)]
    after = files(runs[-1])
    assert found[0][0] == 2, found[0]
    assert files(runs[0]) == before
    assert after != before
    for (code, said), run in zip(found[:-1], runs, strict=False):
        assert (code, "Traceback" in said, "has a bug" in said) == (2, False, False), said
        assert "No space left on device" in said
        if case not in EACH_ALONE:
            assert files(run) == before
        for name, content in files(run).items():
            assert content in {before.get(name), after.get(name)}, name
        assert not [name for name in files(run) if is_temporary(name.rpartition("/")[2])]


@mounts
@pytest.mark.parametrize("case", WRITERS)
def test_a_command_on_a_read_only_disk_says_so(case: str, template: Path) -> None:
    before = files(template)
    ((code, said),) = ends("read-only", template, WRITERS[case], through=("unshare", "-rm"))
    assert (code, "Traceback" in said, "has a bug" in said) == (2, False, False), said
    assert "Read-only file system" in said or "write-protected" in said
    assert files(template.parent / "runs" / "1") == before


@pytest.mark.parametrize("name", ["check", "build"])
def test_a_hook_that_is_killed_at_any_step_leaves_whole_files(name: str, template: Path) -> None:
    """What it leaves in the Git directory is removed by the next."""
    hook = [name, "--tracked-only", *["--fail-on-change"] * (name == "build")]
    write(template, ".mirrorc.yaml", text=ONE_CLUSTER)
    both = [f"  - id: mirrorc-{each}\n" for each in (name, *{"check", "build"} - {name})]
    write(template, ".pre-commit-config.yaml", text=f"repos:\n- hooks:\n{''.join(both)}")
    git("add", "-A")
    git("commit", "-qm", "x")
    found = ends("killed", template, hook, PRE_COMMIT="1")
    runs = [template.parent / "runs" / str(number) for number in range(1, len(found) + 1)]
    assert (runs[-1] / ".git/mirrorc-hooks").exists()
    left = [run for run in runs if [*(run / ".git").glob(".mirrorc-*")]]
    assert left
    assert not any((run / ".git/mirrorc-hooks").exists() for run in runs[:-1])
    for run in left:
        subprocess.run(
            [sys.executable, "-m", "compiler", *hook],
            cwd=run,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PRE_COMMIT": "1"},
            capture_output=True,
            check=False,
        )
        assert not [*(run / ".git").glob(".mirrorc-*")]
        assert (run / ".git/mirrorc-hooks").exists()


@mounts
@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_hook_that_can_leave_no_note_ends_as_without(fault: str, template: Path) -> None:
    hook = ["check", "--tracked-only"]
    write(template, ".mirrorc.yaml", text=ONE_CLUSTER)
    write(template, ".pre-commit-config.yaml", text="repos:\n- hooks:\n  - id: mirrorc-check\n  - id: mirrorc-build\n")
    git("add", "-A")
    git("commit", "-qm", "x")
    found = ends(fault, template, hook, through=("unshare", "-rm"), PRE_COMMIT="1")
    done = call_mirrorc(*hook, cwd=template)
    assert {(code, said) for code, said in found} == {(0, done.stderr)}
    git_directory = template.parent / "runs" / "1" / ".git"
    assert not [*git_directory.glob("*mirrorc-*")]


@pytest.mark.parametrize("place", ["", "notes", "out/north"])
def test_check_reports_what_a_killed_run_left_where_no_cluster_reads(place: str, template: Path) -> None:
    """With a configuration, whose clusters read less than the whole repo."""
    write(template, ".mirrorc.yaml", text=ONE_CLUSTER)
    write(template, f"{place}/.mirrorc-ab12cd34".lstrip("/"), text="half")
    git("add", "-A")
    for options in ([], ["--tracked-only"]):
        done = call_mirrorc("check", *options, cwd=template)
        assert f"`{place}/.mirrorc-ab12cd34`".replace("`/", "`") in done.stderr
        assert done.code == 1
