"""Every command that writes: killed at any step, on a full disk and on a read-only one.

Afterwards each file is whole, the old one or the new one, and what a killed run left is reported or removed. On a disk
that takes nothing the exit code is 2, with a message.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest

from compiler.cli import main
from compiler.repository.paths import is_temporary
from tests.command import ROOT, call_mirrorc, tree
from tests.commands.test_console import valued
from tests.repositories import git, write
from tests.test_faulty_disks import NOBODY, mounts
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

needs_setpriv = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can give files away"
)

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


# --- Files that this user may not write to -----------------------------------------


def others(template: Path) -> None:
    """Everything is another user's."""
    for place in (template, *template.rglob("*")):
        os.chown(place, NOBODY, NOBODY, follow_symlinks=False)


def sticky(template: Path) -> None:
    """As in /tmp, where all may make files, and each may remove its own: the files of another user."""
    others(template)
    for place in (template, *template.rglob("*")):
        if ".git" not in place.relative_to(template).parts:
            place.chmod(0o1777 if place.is_dir() else 0o666)


def beside(template: Path) -> None:
    """Another user's files in folders of this one, who could replace them."""
    others(template)
    for place in (template, *template.rglob("*")):
        if place.is_dir():
            os.chown(place, 0, 0)


def protected(template: Path) -> None:
    """Files of this user, who has protected them."""
    for place in template.rglob("*"):
        if place.is_file() and ".git" not in place.parts:
            place.chmod(0o444)


SHUT = (others, sticky, beside, protected)
ADDS = {"merge --into", "init"}
"""These make a file that was not there: where that is permitted, it is."""


def unprivileged(*arguments: str, cwd: Path, **environment: str) -> "subprocess.Popen[str]":
    """Root without its privileges is a user like any other."""
    trust = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    return subprocess.Popen(
        ["setpriv", "--inh-caps=-all", "--bounding-set=-all", sys.executable, "-m", "compiler", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **trust, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def state(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    return {
        name: (content, (folder / name).stat().st_mode, (folder / name).stat().st_uid)
        for name, content in files(folder).items()
    }


@needs_setpriv
@pytest.mark.parametrize("case", WRITERS)
def test_what_this_user_may_not_write_to_stays(case: str, template: Path) -> None:
    runs = []
    for shut in SHUT:
        folder = template.parent / shut.__name__
        shutil.copytree(template, folder, symlinks=True)
        shut(folder)
        runs.append((shut, folder, state(folder), unprivileged(*WRITERS[case], cwd=folder)))
    texts = [process.communicate()[1] for *_, process in runs]
    for (shut, folder, before, process), said in zip(runs, texts, strict=True):
        after = state(folder)
        assert {name: each for name, each in after.items() if name in before} == before, (shut, said)
        assert not [name for name in after if is_temporary(name.rpartition("/")[2])]
        assert "Traceback" not in said
        if case in ADDS and shut is not others:
            assert process.returncode == 0, (shut, said)
            continue
        assert process.returncode == 2, (shut, said)
        assert after == before, shut
        reasons = ("Permission denied", "Operation not permitted", "is write-protected")
        assert any(map(said.__contains__, reasons)), (shut, said)


@needs_setpriv
def test_a_folder_that_cannot_be_entered_or_listed_is_named(template: Path) -> None:
    """By the path that the user knows, with the reason, and as a finding about that folder alone."""
    for mode, of_build in ((0o333, "rendered: Permission denied"), (0o666, "rendered: Permission denied")):
        for name in ("rendered", "patches", "broken", "legacy"):
            (template / name).chmod(mode)
        for arguments, says in (
            (["build", "a.yaml"], of_build),
            (["plan", "a.yaml", "b.yaml", "--write", "patches"], "patches"),
            (["check", "broken", "a.yaml"], "`broken` cannot be"),
            (["migrate", "legacy"], "`legacy` cannot be"),
            (["explain", "quay.io/a/b:v1", "--repo", "broken"], "`broken` cannot be"),
        ):
            process = unprivileged(*arguments, cwd=template, COLUMNS="200")
            printed, said = process.communicate()
            assert process.returncode in {1, 2}, (arguments, said)
            assert says in printed + said, (oct(mode), arguments, printed + said)
            assert "ermission denied" in printed + said
            assert "Bad file descriptor" not in said
            assert str(template) not in printed + said
        for name in ("rendered", "patches", "broken", "legacy"):
            (template / name).chmod(0o755)


@needs_setpriv
def test_what_was_for_a_group_is_not_for_another(template: Path) -> None:
    """A user may replace a file that it owns, and not give it to a group that it is not in."""
    for mode, left in ((0o660, 0o600), (0o664, 0o644), (0o606, 0o606)):
        place = template / "answer"
        place.unlink()
        place.write_text("old\n")
        os.chown(place, 0, 3000)
        place.chmod(mode)
        process = unprivileged("check", "a.yaml", "-o", "answer", cwd=template)
        assert process.communicate()[1] == "no findings in 1 file\n"
        found = place.stat()
        assert (found.st_gid, stat.S_IMODE(found.st_mode)) == (0, left)


# --- Paths that lead nowhere ---------------------------------------------------------

NOWHERE = ("round", "round/a.yaml", "one/way/or", "x" * 300, f"{'x' * 300}/a.yaml", "a.yaml/x", "", "~/x")
"""A link to itself, two to each other, names that no file system has, a file for a folder."""


@pytest.mark.parametrize("name", main.list_commands(click.Context(main)))
def test_a_path_that_leads_nowhere_ends_no_command_as_a_bug(name: str, template: Path) -> None:
    """As an argument, and as the value of any option; a commit can contain such links."""
    (template / "round").symlink_to("round")
    (template / "one").symlink_to("other")
    (template / "other").symlink_to("one")
    git("add", "-A")
    git("commit", "-qm", "x")
    command = main.get_command(click.Context(main), name)
    assert command is not None
    first = ["quay.io/a/b:v1"] if name == "explain" else ["a.yaml", "b.yaml"] if name in {"diff", "plan"} else []
    calls = [[name, path] for path in NOWHERE]
    calls += [[name, "a.yaml", path] for path in NOWHERE[:2]]
    calls += [[name, option, path, *first] for option in valued(command) for path in NOWHERE[1:5]]
    calls += [[name, path, "--config", "round/.mirrorc.yaml"] for path in NOWHERE[:1]]
    for call in calls:
        done = call_mirrorc(*call, cwd=template)
        assert done.code in {0, 1, 2}, (call, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("config", ["", ONE_CLUSTER, "version: 1\n"])
def test_migrate_says_what_it_cannot_read_beside_a_configuration(config: str, template: Path) -> None:
    if config:
        write(template, ".mirrorc.yaml", text=config)
    for arguments in (["nowhere"], ["--check", "nowhere"], ["new", "nowhere"]):
        done = call_mirrorc("migrate", *arguments, cwd=template)
        assert (done.code, "nowhere` does not exist" in done.stderr) == (2, True), done.stderr
