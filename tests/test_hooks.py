"""mirrorc in the daily life of a repo: the real pre-commit, the real git and the real make on scratch repos.

pre-commit installs mirrorc as it does anywhere, from a Git repo: here from one that holds this checkout's files.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import FIXTURES, ROOT, Done, flat, tree
from tests.fleets import fleet_of, mirrors
from tests.repositories import commit, git, write

PRE_COMMIT = Path(sys.executable).with_name("pre-commit")

pytestmark = [
    # One environment serves all of them: pre-commit spends most of the time on making it.
    pytest.mark.xdist_group("hooks"),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="pre-commit installs from a Git repo, this is none"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The repo that pre-commit installs mirrorc from, and the environment that it made."""

    repo: Path
    commit: str
    mirrorc: Path


def run(*command: str | Path, at: Path) -> Done:
    done = subprocess.run([*map(str, command)], cwd=at, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    return Done(code=done.returncode, stdout=done.stdout.decode(), stderr=done.stderr.decode())


def snapshot(target: Path) -> str:
    """A repo with the checkout's files as they are now, committed or not."""
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", at=ROOT)
    target.mkdir()
    git("init", "-q", at=target)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return commit("snapshot", at=target)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    root = tmp_path_factory.mktemp("hooks")
    os.environ["PRE_COMMIT_HOME"] = str(root / "cache")  # the environment is scrubbed for the session as a whole
    made = Installed(repo=root / "mirrorc", commit=snapshot(root / "mirrorc"), mirrorc=root / "cache" / "mirrorc")
    scratch = root / "scratch"
    scratch.mkdir()
    git("init", "-q", at=scratch)
    configure(scratch, made)
    done = run(PRE_COMMIT, "install-hooks", at=scratch)
    assert done.code == 0, done.stdout + done.stderr
    (program,) = (root / "cache").glob("repo*/py_env-*/bin/mirrorc")
    made.mirrorc.symlink_to(program)
    return made


def configure(repo: Path, installed: Installed) -> None:
    """Make the repo use the hook of the example."""
    text = (ROOT / "examples" / "pre-commit-config.yaml").read_text()
    text = text.replace("https://git.example.com/mirrorc", f"file://{installed.repo}")
    write(repo, ".pre-commit-config.yaml", text=text.replace("v0.1.0", installed.commit))


def use_both_hooks(repo: Path, *, first: str = "check", between: str = "") -> None:
    """Make the repo use the two hooks that do one half of the work each, with a shell command between them."""
    config = (repo / ".pre-commit-config.yaml").read_text()
    second = "build" if first == "check" else "check"
    local = (
        f"  - repo: local\n    hooks: [{{id: between, name: between, entry: {between}, language: system, {ALWAYS}}}]\n"
    )
    again = config[config.index("  - repo: file") : config.index("      - id: mirrorc\n")] if between else ""
    both = f"      - id: mirrorc-{first}\n{local * bool(between)}{again}      - id: mirrorc-{second}\n"
    write(repo, ".pre-commit-config.yaml", text=config.replace("      - id: mirrorc\n", both))


@pytest.fixture(scope="session")
def committed(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repo of three clusters, with rendered files, a Makefile and the hook; everything is committed."""
    repo = tmp_path_factory.mktemp("committed")
    git("init", "-q", at=repo)
    fleet_of(repo, "north", "south", "west")
    configure(repo, installed)
    shutil.copy(ROOT / "examples" / "Makefile", repo)
    write(repo, ".gitignore", text="/rendered/.built\n")
    done = make(repo, installed)
    assert done.code == 0, done.stderr
    commit("start", at=repo)
    done = run(PRE_COMMIT, "install", "-t", "pre-commit", "-t", "pre-merge-commit", at=repo)
    assert done.code == 0, done.stderr
    return repo


@pytest.fixture
def hooked(committed: Path, tmp_path: Path) -> Path:
    """A copy of that repo."""
    shutil.copytree(committed, tmp_path / "repo")
    return tmp_path / "repo"


ALWAYS = "always_run: true, pass_filenames: false"
"""As the hooks have it."""


def make(repo: Path, installed: Installed, target: str = "build") -> Done:
    return run("make", target, f"MIRRORC={installed.mirrorc}", at=repo)


def attempt(repo: Path, *, add: tuple[str, ...] = ("-A",)) -> Done:
    """Commit as people do; pre-commit speaks on stderr when git runs it."""
    git("add", *add, at=repo)
    return run("git", "commit", "-q", "-m", "change", at=repo)


def told(done: Done) -> str:
    return done.stdout + done.stderr


def own(name: str, *mirrors_: str) -> str:
    return mirrors("own", f"quay.io/{name}: {' '.join(mirrors_)}")


def test_a_clean_change_passes(hooked: Path, installed: Installed) -> None:
    write(hooked, "clusters/north/own.yaml", text=own("north", "a.example.com/x", "b.example.com/x"))
    assert make(hooked, installed).code == 0
    done = attempt(hooked)
    assert done.code == 0, told(done)
    assert told(done).count("Passed") == 1


def test_a_change_to_something_else_passes(hooked: Path) -> None:
    write(hooked, "README.md", text="# Clusters\n")
    assert attempt(hooked).code == 0


def test_a_broken_manifest_is_refused_with_its_place(hooked: Path) -> None:
    write(hooked, "clusters/north/own.yaml", text=own("north", "a.example.com/x").replace("mirrors:", "mirror:"))
    finding = "clusters/north/own.yaml:7:5: error[unknown-field]: there is no field `mirror` here"
    done = attempt(hooked)
    assert done.code == 1
    assert flat(told(done)).count(finding) == 1
    use_both_hooks(hooked)
    done = attempt(hooked)
    assert done.code == 1
    assert flat(told(done)).count(finding) == 1
    assert "finding: the hook mirrorc-check reports it" in flat(told(done))
    alone = run("env", "SKIP=mirrorc-check", "git", "commit", "-q", "-m", "change", at=hooked)
    assert alone.code == 1
    assert flat(told(alone)).count(finding) == 1


def test_a_stale_artifact_is_rewritten_and_the_commit_refused_once(hooked: Path) -> None:
    write(hooked, "clusters/north/own.yaml", text=own("north", "new.example.com/x"))
    done = attempt(hooked)
    assert done.code == 1
    assert "files were modified by this hook" in told(done)
    assert "3 clusters: 1 changed, 2 up to date" in told(done)
    assert "new.example.com/x" in (hooked / "rendered/north/registries.conf").read_text()
    again = attempt(hooked)
    assert again.code == 0, told(again)


def test_a_new_clusters_files_are_no_modification_to_pre_commit_and_refused_all_the_same(hooked: Path) -> None:
    """pre-commit says `Passed` when a hook exits 0 after making an untracked file."""
    config = (hooked / ".mirrorc.yaml").read_text() + "- name: east\n"
    write(hooked, ".mirrorc.yaml", text=config)
    write(hooked, "clusters/east/own.yaml", text=own("east", "e.example.com/x"))
    assert attempt(hooked).code == 1
    assert (hooked / "rendered/east/registries.conf").exists()
    assert attempt(hooked).code == 0


def test_lists_that_contradict_each_other_are_refused(hooked: Path) -> None:
    write(hooked, "clusters/west/more.yaml", text=mirrors("more", "quay.io/shared: b.example.com m.example.com/shared"))
    write(hooked, "base/more.yaml", text=mirrors("base", "quay.io/shared: m.example.com/shared b.example.com"))
    done = attempt(hooked)
    assert done.code == 1
    assert "error[order-conflict]" in told(done)
    assert "In west:" in told(done)


def test_a_finding_of_a_hook_that_passes_is_not_lost(hooked: Path) -> None:
    """pre-commit shows nothing of a hook that passes: then the one that fails says all it has found."""
    use_both_hooks(hooked)
    config = (hooked / ".mirrorc.yaml").read_text()
    lowered = config.replace("defaults: {", "defaults: {severities: {order-conflict: warning}, ")
    write(hooked, ".mirrorc.yaml", text=lowered)
    write(hooked, "clusters/west/more.yaml", text=mirrors("more", "quay.io/shared: b.example.com m.example.com/shared"))
    write(hooked, "base/more.yaml", text=mirrors("base", "quay.io/shared: m.example.com/shared b.example.com"))
    done = attempt(hooked)
    assert done.code == 1
    assert told(done).count("warning[order-conflict]") == 1


def readings(done: Done) -> int:
    """How many of the hooks have read the repo, of what Python says of their imports."""
    return told(done).count("| compiler.clusters.loading\n") + told(done).count("|   compiler.clusters.loading\n")


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("first", ["check", "build"])
@pytest.mark.parametrize("runner", ["pre-commit", "prek"])
def test_the_second_of_two_hooks_reads_nothing_again(
    hooked: Path, first: str, runner: str, *, changed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it where one cluster has an error, and another has files that are stale; the error is printed once."""
    program = PRE_COMMIT.with_name(runner)
    if not program.exists():
        pytest.skip(f"{runner} is not installed")
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    use_both_hooks(hooked, first=first)
    if changed:
        write(hooked, "clusters/north/own.yaml", text=own("north", "a.example.com/x").replace("mirrors:", "mirror:"))
        write(hooked, "clusters/south/own.yaml", text=own("south", "new.example.com/x"))
    git("add", "-A", at=hooked)
    done = run(program, "run", "--all-files", "--verbose", at=hooked)
    assert done.code == changed, told(done)
    assert readings(done) == 1
    assert flat(told(done)).count("error[unknown-field]") == changed
    assert flat(told(done)).count("1 finding: the hook mirrorc-check reports it") == changed
    assert ("new.example.com/x" in (hooked / "rendered/south/registries.conf").read_text()) is changed


@pytest.mark.parametrize("first", ["check", "build"])
def test_a_hook_between_two_that_changes_a_manifest_is_not_missed(
    hooked: Path, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pre-commit refuses the commit then, and what the second hook says is about the new files."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    use_both_hooks(hooked, first=first, between="sed -i s/quay.io/docker.io/ clusters/north/own.yaml")
    git("add", "-A", at=hooked)
    done = run(PRE_COMMIT, "run", "--all-files", "--verbose", at=hooked)
    assert done.code == 1
    assert readings(done) == 2
    if first == "check":
        assert "docker.io/north" in (hooked / "rendered/north/registries.conf").read_text()


@pytest.mark.parametrize("first", ["check", "build"])
def test_two_hooks_update_a_stale_file_and_refuse_the_commit_once(hooked: Path, first: str) -> None:
    use_both_hooks(hooked, first=first)
    write(hooked, "clusters/north/own.yaml", text=own("north", "new.example.com/x"))
    assert attempt(hooked).code == 1
    assert "new.example.com/x" in (hooked / "rendered/north/registries.conf").read_text()
    again = attempt(hooked)
    assert again.code == 0, told(again)


def test_a_commit_that_only_deletes_is_caught(hooked: Path) -> None:
    git("rm", "-q", "clusters/south/own.yaml", at=hooked)
    write(hooked, "clusters/south/.keep", text="")
    done = attempt(hooked)
    assert done.code == 1
    assert "files were modified by this hook" in told(done)
    assert "quay.io/south" not in (hooked / "rendered/south/registries.conf").read_text()


def test_an_untracked_manifest_does_not_leak_in(hooked: Path) -> None:
    write(hooked, "clusters/north/private.yaml", text=own("private", "p.example.com/x"))
    write(hooked, "README.md", text="# Clusters\n")
    done = attempt(hooked, add=("README.md",))
    assert done.code == 0, told(done)
    assert "private" not in (hooked / "rendered/north/registries.conf").read_text()


def test_what_is_not_staged_does_not_count(hooked: Path) -> None:
    write(hooked, "clusters/north/own.yaml", text=own("north", "unstaged.example.com/x"))
    write(hooked, "README.md", text="# Clusters\n")
    done = attempt(hooked, add=("README.md",))
    assert done.code == 0, told(done)
    assert "unstaged" in (hooked / "clusters/north/own.yaml").read_text()


def test_make_builds_what_has_changed_and_else_nothing(hooked: Path, installed: Installed) -> None:
    def age() -> None:
        # File systems count time in ticks: what is changed in a moment must not look as old as what was made just now.
        for path in (hooked, *hooked.rglob("*")):
            os.utime(path, ns=(1, 1))
        os.utime(hooked / "rendered" / ".built", ns=(2_000_000_000, 2_000_000_000))

    age()
    assert "Nothing to be done" in make(hooked, installed).stdout
    write(hooked, "base/mirrors.yaml", text=mirrors("shared", "quay.io/shared: n.example.com/shared"))
    assert "3 clusters: 3 changed" in make(hooked, installed).stderr
    assert "Nothing to be done" in make(hooked, installed).stdout
    age()
    (hooked / "clusters/south/own.yaml").unlink()
    assert "3 clusters: 1 changed" in make(hooked, installed).stderr
    assert "Nothing to be done" in make(hooked, installed).stdout
    assert make(hooked, installed, "check").code == 0


def test_the_life_of_a_change(hooked: Path, installed: Installed) -> None:
    # A change like any other: the hooks have nothing to say.
    write(hooked, "clusters/north/own.yaml", text=own("north", "near.example.com/x", "far.example.com/x"))
    make(hooked, installed)
    assert attempt(hooked).code == 0

    # On a branch, north is to try the far one first. But north's own list is older, and says otherwise.
    git("switch", "-q", "-c", "far-first", at=hooked)
    write(hooked, "clusters/north/far.yaml", text=mirrors("far", "quay.io/north: far.example.com/x near.example.com/x"))
    refused = attempt(hooked)
    assert refused.code == 1
    assert "the lists of `quay.io/north` contradict each other about the order of" in " ".join(told(refused).split())
    assert "clusters/north/own.yaml" in told(refused)
    assert "clusters/north/far.yaml" in told(refused)

    # Said once, it is no contradiction; now the rendered files are out of date, and are brought up to date.
    (hooked / "clusters/north/far.yaml").unlink()
    write(hooked, "clusters/north/own.yaml", text=own("north", "far.example.com/x", "near.example.com/x"))
    rewritten = attempt(hooked)
    assert rewritten.code == 1
    assert "files were modified by this hook" in told(rewritten)
    assert attempt(hooked).code == 0

    # Meanwhile somebody moves the base, and with it every cluster.
    git("switch", "-q", "-", at=hooked)
    write(hooked, "base/mirrors.yaml", text=mirrors("shared", "quay.io/shared: moved.example.com/shared"))
    moved = make(hooked, installed)
    assert "3 clusters: 3 changed" in moved.stderr
    assert attempt(hooked).code == 0

    # The merge cannot know what the two make together. Building can: rendered files are no place to resolve by hand.
    merge = run("git", "merge", "-q", "--no-edit", "far-first", at=hooked)
    assert merge.code == 1
    conflicts = git("diff", "--name-only", "--diff-filter=U", at=hooked).splitlines()
    assert conflicts
    assert all(name.startswith(("rendered/north/machine-configs/", "rendered/north/.mirrorc-")) for name in conflicts)
    make(hooked, installed)
    done = attempt(hooked)
    assert done.code == 0, told(done)
    registries = (hooked / "rendered/north/registries.conf").read_text()
    assert registries.index("far.example.com") < registries.index("near.example.com")
    assert "moved.example.com" in registries
    assert git("status", "--porcelain", at=hooked) == ""


# --- What the README shows ---------------------------------------------------------

_DATA_CENTRE_2_FIRST = re.compile(r"^\$ (sed .* clusters/north/digest-mirrors\.yaml)$", re.MULTILINE)


def printed(shown: str) -> "re.Pattern[str]":
    """What a block stands for: a line `...` for any others, ` ...` at the end of one for its rest."""
    lines = (
        r"(?:.*\n)*?"
        if line == "..."
        else re.escape(line.removesuffix(" ...")) + (".*" if line.endswith(" ...") else "") + r"\n"
        for line in shown.splitlines()
    )
    return re.compile("".join(lines))


def test_the_readme_shows_what_the_hooks_print(installed: Installed, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, story = readme.partition("### Hooks")
    blocks = re.findall(r"```text\n(.*?)```", story, re.DOTALL)
    repo = tmp_path / "repo"
    shutil.copytree(FIXTURES / "gitops-repo", repo)
    git("init", "-q", at=repo)
    configure(repo, installed)
    assert run(installed.mirrorc, "build", at=repo).code == 0
    commit("start", at=repo)
    assert run(PRE_COMMIT, "install", at=repo).code == 0

    def dc2_first() -> None:
        (edit,) = set(_DATA_CENTRE_2_FIRST.findall(readme))
        assert run("bash", "-c", edit, at=repo).code == 0

    def prometheus_to_dc2() -> None:
        git("checkout", "-q", "HEAD", "clusters", at=repo)
        quay = repo / "base/mirrors/quay.yaml"
        line = "        - mirror.dc1.example.com/quay/prometheus\n"
        assert line in quay.read_text()
        write(repo, "base/mirrors/quay.yaml", text=quay.read_text().replace(line, line + line.replace("dc1", "dc2")))

    for block, edit in zip(blocks, (dc2_first, prometheus_to_dc2), strict=True):
        edit()
        for step in block.split("$ ")[1:]:
            command, _, shown = step.partition("\n")
            done = run("bash", "-c", command, at=repo)
            # Behind it git says what it has committed.
            assert printed(shown.rstrip() + "\n").match(done.stderr + done.stdout), told(done)
    assert git("status", "--porcelain", at=repo) == ""


def without_kustomize(links: Path) -> str:
    """A PATH with all programs that there are, but none that builds kustomizations."""
    folders = []
    for number, folder in enumerate(os.environ["PATH"].split(os.pathsep)):
        if any(shutil.which(name, path=folder) for name in ("kustomize", "kubectl", "oc")):
            kept = links / str(number)
            kept.mkdir(parents=True)
            for each in Path(folder).iterdir():
                if each.name not in {"kustomize", "kubectl", "oc"}:
                    (kept / each.name).symlink_to(each)
            folders.append(str(kept))
        else:
            folders.append(folder)
    return os.pathsep.join(folders)


def test_the_hooks_bring_the_program_that_builds_kustomizations(installed: Installed, tmp_path: Path) -> None:
    """Where no other is on PATH; an error in what is built fails the commit, at its place."""
    lean = {**os.environ, "PATH": without_kustomize(tmp_path / "bin")}
    assert shutil.which("kubectl", path=lean["PATH"]) is None
    git("init", "-q", at=tmp_path)
    configure(tmp_path, installed)
    write(tmp_path, ".gitignore", text="/bin\n")
    write(tmp_path, ".mirrorc.yaml", text="version: 1\nclusters:\n- {name: north, kustomization: clusters/north}\n")
    write(tmp_path, "base/kustomization.yaml", text="resources: [shared.yaml]\n")
    write(tmp_path, "base/shared.yaml", text=mirrors("shared", "quay.io/shared: m.example.com/shared"))
    patch = "- {op: replace, path: /spec/imageDigestMirrors/0/mirrors/0, value: own.example.com/shared}"
    kustomization = f"resources: [../../base]\npatches:\n- target: {{kind: ImageDigestMirrorSet}}\n  patch: '{patch}'\n"
    write(tmp_path, "clusters/north/kustomization.yaml", text=kustomization)
    git("add", "-A", at=tmp_path)
    hook = [str(PRE_COMMIT), "run", "--all-files", "mirrorc"]
    first = subprocess.run(hook, cwd=tmp_path, env=lean, capture_output=True, text=True, check=False)
    assert "files in rendered/north: " in first.stdout, first.stdout
    assert "own.example.com/shared" in (tmp_path / "rendered/north/registries.conf").read_text()
    traced = subprocess.run(
        [installed.mirrorc, "check", "-v"], cwd=tmp_path, env=lean, capture_output=True, text=True, check=False
    )
    assert str(installed.mirrorc.resolve().with_name("kubectl")) in traced.stderr
    write(tmp_path, "clusters/north/kustomization.yaml", text=kustomization.replace("/0/mirrors", "/7/mirrors"))
    git("add", "-A", at=tmp_path)
    broken = subprocess.run(hook, cwd=tmp_path, env=lean, capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert "kustomize-failed" in broken.stdout


def test_the_life_of_a_migration_changes_no_rendered_file(hooked: Path, installed: Installed) -> None:
    legacy = mirrors("legacy", "quay.io/legacy: a.example.com/x b.example.com/x")
    legacy = legacy.replace("config.openshift.io/v1", "operator.openshift.io/v1alpha1")
    legacy = legacy.replace("ImageDigestMirrorSet", "ImageContentSourcePolicy")
    legacy = legacy.replace("imageDigestMirrors", "repositoryDigestMirrors")
    write(hooked, "clusters/north/legacy.yaml", text=f"# kept\n{legacy}")
    assert make(hooked, installed).code == 0
    assert attempt(hooked).code == 0
    assert run(installed.mirrorc, "migrate", "--check", at=hooked).code == 1
    rendered = tree(hooked / "rendered")
    for arguments in ((), ("--finish",)):
        done = run(installed.mirrorc, "migrate", *arguments, at=hooked)
        assert done.code == 0, told(done)
        done = attempt(hooked)
        assert done.code == 0, told(done)
        assert told(done).count("Passed") == 1
        assert tree(hooked / "rendered") == rendered
        compared = run(installed.mirrorc, "diff", "HEAD~1", "HEAD", at=hooked)
        assert compared.code == 0, told(compared)
    assert run(installed.mirrorc, "migrate", "--check", at=hooked).code == 0
    planned = run(installed.mirrorc, "plan", "HEAD~2", "HEAD", at=hooked)
    assert "2 commits" in planned.stdout
    text = (hooked / "clusters" / "north" / "legacy.yaml").read_text()
    assert text.startswith("# kept\n")
    assert "ImageContentSourcePolicy" not in text
