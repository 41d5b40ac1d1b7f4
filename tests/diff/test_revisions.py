"""Sides by their names, read with the real git: histories, clones of all kinds, odd names, hostile ones."""

import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from compiler.clusters.cluster import Cluster
from compiler.diff.comparison import Comparison, compare
from compiler.diff.names import (
    Kind,
    Name,
    SideError,
    name_fork_point,
    name_revision,
    name_side,
    open_repository,
    work_tree,
)
from compiler.diff.revisions import SideReader
from compiler.diff.sides import Manifests, Side
from compiler.machine.bounded import used_by_children
from compiler.manifests import load
from compiler.manifests.parsing import Parsed, parse
from compiler.policy.settings import settings_of
from compiler.repository.git import Repository
from compiler.repository.git import open_repository as opened
from compiler.text.span import File
from fuzz.shapes import SHAPES
from tests.command import call_mirrorc, flat, run_mirrorc
from tests.manifest_texts import image_config, mirror_set
from tests.repositories import commit, git, write

ONE = mirror_set("a", {"quay.io/ns": ["m.io/ns", "n.io/ns"]})
TWO = mirror_set("a", {"quay.io/ns": ["m.io/ns"]})
CLUSTER = Cluster()


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that are parsed from now on, each as often as it is."""
    seen: list[str] = []

    def counting(file: File, *others: Any) -> Parsed:
        seen.append(file.path)
        return parse(file, *others)

    monkeypatch.setattr(load, "parse", counting)
    return seen


def manifests(side: Side) -> dict[str, list[str]]:
    """The names of the objects in each file of a side."""
    assert isinstance(side, Manifests)
    assert side.problems == ()
    return {parsed.file.path: [manifest.name.value for manifest in parsed.manifests] for parsed in side.parsed}


def read(name: Name, cluster: Cluster = CLUSTER) -> Side:
    with SideReader(open_repository()) as reader:
        (side,) = reader.read(name, [cluster])
        return side


def at(text: str, cluster: Cluster = CLUSTER) -> dict[str, list[str]]:
    return manifests(read(name_revision(text, opened()), cluster))


def diff(old: Name, new: Name, cluster: Cluster = CLUSTER) -> Comparison:
    with SideReader(open_repository()) as reader:
        ((before, after),) = reader.read_pair(old, new, [cluster])
        return compare(before, after, cluster.settings, reader.earlier(old, cluster))


def revision(text: str) -> Name:
    return name_revision(text, opened())


# --- Names -----------------------------------------------------------------------


def test_names_stand_for_revisions_or_paths(repo: Path) -> None:
    write(repo, "a.yaml", "folder/b.yaml")
    first = commit()
    git("tag", "v1")
    repository = open_repository()
    assert name_side("v1", repository) == Name(kind=Kind.REVISION, label=f"v1 ({first[:8]})", place=first)
    assert name_side(first, repository) == Name(kind=Kind.REVISION, label=first, place=first)
    assert name_side("git:HEAD", repository).place == first
    assert name_side("folder", repository) == Name(kind=Kind.FOLDER, label="folder", place="folder")
    assert name_side("a.yaml", repository).kind is Kind.FILE
    assert name_side(str(repo), repository).kind is Kind.FOLDER
    assert name_side(".", repository).kind is Kind.FOLDER
    assert name_side("-", repository).kind is Kind.STANDARD_INPUT
    assert work_tree() == Name(kind=Kind.FOLDER, label="the working tree", place=".", is_given=False)


def test_a_name_that_is_both_is_an_error_that_says_how_to_choose(repo: Path) -> None:
    write(repo, "main")
    commit()
    repository = open_repository()
    with pytest.raises(SideError, match="`main` is both a revision and a path") as caught:
        name_side("main", repository)
    assert caught.value.help == "Write `git:main` for the revision, `./main` for the path."
    assert name_side("git:main", repository).kind is Kind.REVISION
    assert name_side("./main", repository).kind is Kind.FILE


@pytest.mark.parametrize(
    ("text", "message", "help_"),
    [
        ("gone", "`gone` is not a known commit, and there is no such file or folder", "Look for it with `git log"),
        ("", "`` is not a known commit, and there is no such file or folder", "Give a branch"),
        ("--output=x", "`--output=x` is not a known commit", "Give a branch"),
        ("HEAD^{tree}", "`HEAD^{tree}` is not a known commit", "Look for it with `git log"),
        ("nul\0", "`nul\\x00` is not a known commit", "Give a branch"),
        ("HEAD..main", "`HEAD..main` is not a known commit", "Write them as two arguments: `HEAD main`."),
        ("main..", "`main..` is not a known commit", "Write them as two arguments: `main HEAD`."),
        (
            "main...HEAD",
            "`main...HEAD` is not a known commit",
            "Write `--merge-base main HEAD`.",
        ),
        ("..main", "`..main` is not a known commit", "Look for it with `git log"),
        ("./gone", "./gone: there is no such file or folder", "Check the spelling."),
        ("git:gone", "`gone` is not a known commit", "Look for it with `git log"),
        ("\x1b[31m", "`\\x1b[31m` is not a known commit", "Look for it with `git log"),
    ],
)
def test_names_that_stand_for_nothing(repo: Path, text: str, message: str, help_: str) -> None:
    commit()
    with pytest.raises(SideError) as caught:
        name_side(text, open_repository())
    assert str(caught.value).startswith(message)
    assert caught.value.help.startswith(help_)


def test_outside_of_a_repository_only_paths_are_names(folder: Path) -> None:
    write(folder, "main/a.yaml")
    assert open_repository() is None
    assert name_side("main", None).kind is Kind.FOLDER
    with pytest.raises(SideError, match="gone: there is no such file or folder"):
        name_side("gone", None)
    with pytest.raises(SideError, match="is not in a Git repository"):
        name_side("git:main", None)


def test_a_repository_that_git_refuses_is_told(repo: Path) -> None:
    (repo / ".git/config").write_text("[core\n")
    with pytest.raises(SideError, match="bad config"):
        open_repository()


def test_fork_points(repo: Path) -> None:
    write(repo, "a.yaml", text=ONE)
    base = commit()
    git("switch", "-q", "-c", "topic")
    write(repo, "a.yaml", text=TWO)
    commit()
    git("switch", "-q", "main")
    write(repo, "b.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    commit()
    fork = name_fork_point("main", "topic", opened())
    assert fork.place == base
    assert fork.label == f"the merge base with main ({base[:8]})"
    assert [each.scope for each in diff(fork, revision("topic")).changes] == ["quay.io/ns"]
    with pytest.raises(SideError, match="is not a known commit"):
        name_fork_point("gone", "HEAD", opened())
    git("switch", "-q", "--orphan", "alone")
    commit()
    with pytest.raises(SideError, match="have no merge base"):
        name_fork_point("main", "alone", opened())


# --- Histories -------------------------------------------------------------------


def test_a_history_with_a_rename_a_deletion_and_a_merge(repo: Path) -> None:
    write(repo, "a.yaml", text=ONE)
    write(repo, "b.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    commit()
    git("mv", "a.yaml", "moved.yaml")
    commit()
    git("rm", "-q", "b.yaml")
    commit()
    git("switch", "-q", "-c", "side", "HEAD~1")
    write(repo, "c.yaml", text=mirror_set("c", {"c.io": ["m.io/c"]}))
    commit()
    git("switch", "-q", "main")
    git("merge", "-q", "-m", "merge", "side")
    assert at("HEAD") == {"c.yaml": ["c"], "moved.yaml": ["a"]}
    assert at("HEAD^2") == {"b.yaml": ["b"], "c.yaml": ["c"], "moved.yaml": ["a"]}
    assert at("HEAD~3") == {"a.yaml": ["a"], "b.yaml": ["b"]}
    renamed = diff(revision("HEAD~3"), revision("HEAD~2"))
    assert (renamed.disruption, renamed.objects, renamed.changes) == ("none", (), ())
    assert [str(each.old_span) for each in diff(revision("HEAD~2"), revision("HEAD~1")).objects] == ["b.yaml:4:9"]
    assert diff(revision("HEAD^1"), revision("HEAD")).disruption == "reload"
    assert diff(revision("HEAD^2"), revision("HEAD")).disruption == "drain"


def test_the_work_tree_counts_as_it_lies_there(repo: Path) -> None:
    write(repo, "a.yaml", text=ONE)
    commit()
    write(repo, "a.yaml", text=TWO)
    write(repo, "new.yaml", text=mirror_set("new", {"c.io": ["m.io/c"]}))
    found = diff(revision("HEAD"), work_tree())
    assert [(each.verb, each.name) for each in found.objects] == [("create", "new"), ("replace", "a")]
    tracked = diff(revision("HEAD"), work_tree(), Cluster(tracked_only=True))
    assert [(each.verb, each.name) for each in tracked.objects] == [("replace", "a")]


def test_a_subfolder_sees_what_is_below_it(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "base/a.yaml", text=ONE)
    write(repo, "clusters/north/b.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    commit()
    write(repo, "base/a.yaml", text=TWO)
    monkeypatch.chdir(repo / "clusters/north")
    assert at("HEAD") == {"b.yaml": ["b"]}
    assert diff(revision("HEAD"), work_tree()).disruption == "none"
    both = Cluster(paths=("../../base", "."))
    assert at("HEAD", both) == {"../../base/a.yaml": ["a"], "b.yaml": ["b"]}
    assert diff(revision("HEAD"), work_tree(), both).disruption == "drain"


def test_a_bare_clone_has_revisions_and_no_work_tree(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "a.yaml", text=ONE)
    commit()
    write(repo, "a.yaml", text=TWO)
    commit()
    git("clone", "-q", "--bare", ".", "../bare.git")
    monkeypatch.chdir(repo.parent / "bare.git")
    assert Path("HEAD").exists()
    repository = open_repository()
    assert name_side("HEAD", repository).kind is Kind.REVISION  # though a file is named so
    assert name_side("./HEAD", repository).kind is Kind.FILE
    assert diff(revision("HEAD~1"), revision("HEAD")).disruption == "drain"


def test_a_shallow_clone_says_what_it_lacks(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "a.yaml", text=ONE)
    commit()
    write(repo, "a.yaml", text=TWO)
    commit()
    git("clone", "-q", "--depth", "1", f"file://{repo}", "../shallow")
    done = call_mirrorc("diff", "HEAD~1", cwd=repo.parent / "shallow")
    assert done.code == 2
    assert done.stderr == (
        "mirrorc: `HEAD~1` is not a known commit in this clone, which is shallow, and there is no such file or "
        "folder\n  Fetch the history with `git fetch --unshallow`; in CI use a full clone (`fetch-depth: 0` on "
        "GitHub, `GIT_DEPTH: 0` on GitLab).\n"
    )
    assert run_mirrorc("diff", "HEAD", cwd=repo.parent / "shallow").code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_with_spaces_and_of_all_scripts(repo: Path) -> None:
    names = ["a b/größe.yaml", "日本/x y.yaml", "-x.yaml", "line\nbreak.yaml", "[a].yaml", "\x1b[31m.yaml"]
    for number, name in enumerate(names):
        write(repo, name, text=mirror_set(f"n{number}", {f"h{number}.io": ["m.io/a"]}))
    commit()
    assert sorted(at("HEAD")) == sorted(
        ["a b/größe.yaml", "日本/x y.yaml", "-x.yaml", "line\\nbreak.yaml", "[a].yaml", "\\x1b[31m.yaml"]
    )
    assert manifests(read(work_tree())) == at("HEAD")
    (repo / "a b/größe.yaml").unlink()
    found = diff(revision("HEAD"), work_tree(), Cluster(paths=("a b", "日本")))
    assert [str(each.old_span) for each in found.objects] == ["a b/größe.yaml:4:9"]


def test_links_and_submodules_count_for_what_they_are_in_the_work_tree(repo: Path) -> None:
    write(repo, "../library/in.yaml", text=mirror_set("library", {"lib.io": ["m.io/lib"]}))
    git("init", "-q", at=repo.parent / "library")
    commit(at=repo.parent / "library")
    git("submodule", "--quiet", "add", "../library", "lib")
    write(repo, "base/a.yaml", text=ONE)
    (repo / "cluster").mkdir()
    (repo / "cluster/a.yaml").symlink_to("../base/a.yaml")
    commit()
    cluster = Cluster(paths=("cluster", "lib"))
    assert at("HEAD", Cluster(paths=("cluster",))) == {"cluster/a.yaml": ["a"]}
    write(repo, "../library/in.yaml", text=mirror_set("library", {"lib.io": ["n.io/lib"]}))
    commit(at=repo.parent / "library")
    git("-C", "lib", "pull", "-q")
    assert diff(revision("HEAD"), work_tree()).disruption == "none"
    commit()
    assert diff(revision("HEAD~1"), revision("HEAD")).disruption == "none"
    write(repo, "base/a.yaml", text=TWO)
    assert diff(revision("HEAD"), work_tree(), Cluster(paths=("cluster",))).disruption == "drain"
    commit()
    found = diff(revision("HEAD~1"), revision("HEAD"), cluster)
    assert [str(span) for span in found.pools[0].verdict.reasons[0].old_spans] == ["cluster/a.yaml:10:7"]
    # A link that now leads to another file changes what it leads to.
    write(repo, "base/b.yaml", text=ONE)
    (repo / "cluster/a.yaml").unlink()
    (repo / "cluster/a.yaml").symlink_to("../base/b.yaml")
    assert diff(revision("HEAD"), work_tree(), Cluster(paths=("cluster",))).disruption == "reload"


def test_a_path_that_only_one_side_has_is_told_and_one_that_neither_has_is_an_error(repo: Path) -> None:
    write(repo, "a/x.yaml", text=ONE)
    commit()
    write(repo, "b/y.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    found = diff(revision("HEAD"), work_tree(), Cluster(paths=("a", "b")))
    assert found.disruption == "reload"
    assert [note.text for note in found.notes] == [f"{found.old} does not have `b`."]
    with pytest.raises(SideError, match=r"neither HEAD \(\w+\) nor the working tree has `c`"):
        diff(revision("HEAD"), work_tree(), Cluster(paths=("a", "c")))


def test_under_a_refused_head_the_commits_before_it_are_looked_at(repo: Path) -> None:
    write(repo, "a.yaml", text=ONE)
    good = commit()
    write(repo, "b.yaml", text=mirror_set("b", {"quay.io/ns": ["m.io/ns"]}, never=["quay.io/ns"]))
    commit()
    write(repo, "elsewhere.txt")
    commit()
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns", "n.io/ns"], "c.io": ["m.io/c"]}))
    commit()
    (repo / "b.yaml").unlink()
    found = diff(revision("HEAD"), work_tree())
    assert found.disruption == "reload"
    assert f"nodes still have the files of {good[:8]}" in found.notes[0].text


def test_what_was_before_a_refused_folder_is_not_known(repo: Path) -> None:
    write(repo, "old/a.yaml", text=ONE)
    write(repo, "old/b.yaml", text=mirror_set("b", {"quay.io/ns": ["m.io/ns"]}, never=["quay.io/ns"]))
    write(repo, "new/a.yaml", text=ONE)
    commit()
    found = diff(name_side("old", open_repository()), name_side("new", open_repository()))
    assert "which is unknown" in found.notes[0].text


def test_what_a_whole_history_went_through_is_parsed_once(repo: Path, parses: list[str]) -> None:
    for number in range(20):
        write(repo, f"{number}.yaml", text=mirror_set(f"n{number}", {f"h{number}.io": ["m.io/a"]}))
    commits = []
    for number in range(100):
        write(repo, "changing.yaml", text=mirror_set("changing", {"c.io": [f"m{number % 50}.io"]}))
        if number == 60:
            git("add", "-A")
            git("mv", "0.yaml", "renamed.yaml")
        commits.append(commit())
    verdicts = []
    with SideReader(open_repository()) as reader:
        for old, new in pairwise(commits):
            ((before, after),) = reader.read_pair(revision(old), revision(new), [CLUSTER])
            verdicts.append(compare(before, after, CLUSTER.settings).disruption.value)
    assert verdicts == ["drain"] * 99
    assert sorted(set(parses)) == sorted([*(f"{number}.yaml" for number in range(20)), "changing.yaml", "renamed.yaml"])
    # Twenty files, one of them under a second name, and fifty texts of the one that changes, each seen twice.
    assert len(parses) == 20 + 1 + 50


def test_the_work_tree_is_not_parsed_where_it_is_what_a_revision_is(repo: Path, parses: list[str]) -> None:
    for number in range(20):
        write(repo, f"{number}.yaml", text=mirror_set(f"n{number}", {f"h{number}.io": ["m.io/a"]}))
    write(repo, "unrelated.yaml")
    commit()
    write(repo, "7.yaml", text=mirror_set("n7", {"h7.io": ["n.io/a"]}))
    assert diff(revision("HEAD"), work_tree()).disruption == "drain"
    assert sorted(parses) == sorted([*(f"{number}.yaml" for number in range(20)), "7.yaml"])


def test_each_release_reads_for_itself(repo: Path, parses: list[str]) -> None:
    write(repo, "a.yaml", text=ONE)
    commit()
    clusters = [Cluster(name=name, settings=settings_of(release=name)) for name in ("4.16", "5.0")]
    clusters.append(clusters[0])
    with SideReader(open_repository()) as reader:
        pairs = reader.read_pair(revision("HEAD"), work_tree(), clusters)
    assert len(parses) == 2
    assert [manifests(old) for old, _ in pairs] == [{"a.yaml": ["a"]}] * 3
    assert pairs[0][0].parsed[0] is pairs[2][1].parsed[0]  # type: ignore[union-attr]  # both are manifests


def test_many_clusters_share_what_they_share(repo: Path, parses: list[str]) -> None:
    write(repo, "base/a.yaml", text=ONE)
    names = [f"c{number}" for number in range(5)]
    for name in names:
        write(repo, f"{name}/b.yaml", text=mirror_set("b", {f"{name}.io": ["m.io/b"]}))
    (repo / "c0/link.yaml").symlink_to("../base/a.yaml")
    commit()
    clusters = [Cluster(name=name, paths=("base", name)) for name in names]
    clusters.append(Cluster(name="linked", paths=("c0",)))
    with SideReader(open_repository()) as reader:
        pairs = reader.read_pair(revision("HEAD"), work_tree(), clusters)
    assert [manifests(old) for old, _ in pairs] == [manifests(new) for _, new in pairs]
    assert manifests(pairs[3][0]) == {"base/a.yaml": ["a"], "c3/b.yaml": ["b"]}
    assert manifests(pairs[5][0]) == {"c0/b.yaml": ["b"], "c0/link.yaml": ["a"]}
    assert len(parses) == 7  # the link is a name of its own


def test_a_repository_of_the_other_hash(folder: Path, parses: list[str]) -> None:
    done = subprocess.run(["git", "init", "-q", "--object-format=sha256"], check=False, capture_output=True)
    if done.returncode != 0:
        pytest.skip("this git knows no SHA-256 repositories")
    write(folder, "a.yaml", text=ONE)
    assert len(commit()) == 64
    assert diff(revision("HEAD"), work_tree()).disruption == "none"
    assert parses == ["a.yaml"]


def test_line_ends_that_git_changes_are_read_from_both_places(repo: Path, parses: list[str]) -> None:
    write(repo, ".gitattributes", text="*.yaml text eol=crlf\n")
    (repo / "a.yaml").write_bytes(ONE.replace("\n", "\r\n").encode())
    commit()
    assert diff(revision("HEAD"), work_tree()).disruption == "none"
    assert parses == ["a.yaml", "a.yaml"]


def test_hundreds_of_files_are_read_on_several_processors(repo: Path) -> None:
    names = [f"{number:04}.yaml" for number in range(1200)]
    for number, name in enumerate(names):
        write(repo, name, text=mirror_set(f"n{number}", {f"h{number}.io": ["m.io/a"]}))
    commit()
    (repo / names[700]).unlink()
    found = diff(revision("HEAD"), work_tree())
    assert [(each.verb, each.name) for each in found.objects] == [("delete", "n700")]
    assert list(at("HEAD")) == names


def test_progress_is_told_over_all_that_is_read(repo: Path) -> None:
    for number in range(3):
        write(repo, f"{number}.yaml", text=mirror_set(f"n{number}", {f"h{number}.io": ["m.io/a"]}))
    commit()
    write(repo, "0.yaml", text=ONE)
    told: list[tuple[int, int]] = []
    with SideReader(opened(), bytes, lambda done, total: told.append((done, total))) as reader:
        reader.read_pair(revision("HEAD"), work_tree(), [CLUSTER])
    assert told == [(1, 3), (2, 3), (3, 3), (1, 1)]  # of the revision only what the work tree does not have


# --- Sides on the disk -----------------------------------------------------------


def test_folders_compare_at_the_same_paths(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for top, text in (("one", ONE), ("two", TWO)):
        write(repo, f"../{top}/base/a.yaml", text=text)
        write(repo, f"../{top}/other/b.yaml", text=mirror_set("b", {f"{top}.io": ["m.io/b"]}))
    old, new = (name_side(f"../{top}", None) for top in ("one", "two"))
    assert [each.scope for each in diff(old, new, Cluster(paths=("base",))).changes] == ["quay.io/ns"]
    assert len(diff(old, new).changes) == 3


def test_a_file_or_standard_input_may_hold_objects(repo: Path) -> None:
    write(repo, "live.yaml", text=ONE)
    with SideReader(None, TWO.encode) as reader:
        ((old, new),) = reader.read_pair(name_side("live.yaml", None), name_side("-", None), [CLUSTER])
        assert manifests(old) == {"live.yaml": ["a"]}
        assert manifests(new) == {"standard input": ["a"]}
        assert compare(old, new, CLUSTER.settings).disruption == "drain"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.conf", b"[[registry", "x.conf:1:"),
        ("x.conf", b"\xff", "x.conf: is not valid UTF-8"),
        ("x.yaml", b"kind: MachineConfig\nspec: 1\n", "x.yaml: MachineConfig : spec: expected an object"),
        ("x.yaml", b"kind: ConfigMap\n", "x.yaml: contains neither a mirror object nor a MachineConfig"),
        ("x.yaml", b"kind: ImageDigestMirrorSet\nspec: [\n", "x.yaml:2:8: "),
        ("x.json", b"{}", "x.json: contains neither a mirror object nor a MachineConfig"),
    ],
)
def test_files_that_are_none_are_told(folder: Path, name: str, content: bytes, message: str) -> None:
    Path(name).write_bytes(content)
    with pytest.raises(SideError) as caught:
        read(name_side(name, None))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("text", ["apiVersion: v1\nitems: []\nkind: List\n", '{\n    "kind": "List", "items": []}'])
def test_a_cluster_without_objects_is_an_empty_list(repo: Path, text: str) -> None:
    write(repo, "live.yaml", text=text)
    write(repo, "new/a.yaml", text=ONE)
    assert manifests(read(name_side("live.yaml", None))) == {"live.yaml": []}
    assert diff(name_side("live.yaml", None), name_side("new", None)).disruption == "reload"


def test_a_build_folder_that_cannot_be_read_is_told(folder: Path) -> None:
    write(folder, "made/.mirrorc-artifacts", text="registries.conf\n")
    write(folder, "made/registries.conf", text="x = [")
    with pytest.raises(SideError, match="it contains no MachineConfig"):
        read(name_side("made", None))
    (folder / "made/registries.conf").unlink()
    (folder / "made/registries.conf").symlink_to("/dev/null")
    with pytest.raises(SideError, match="is a link"):
        read(name_side("made", None))


def test_what_cannot_be_read_is_told_and_fails(repo: Path) -> None:
    write(repo, "a.yaml", text=ONE)
    commit()
    blob = git("rev-parse", "HEAD:a.yaml")
    write(repo, "a.yaml", text=TWO)
    (repo / ".git/objects" / blob[:2] / blob[2:]).unlink()
    found = diff(revision("HEAD"), work_tree())
    assert ["is missing from the objects of this clone" in problem.message for problem in found.unreadable] == [True]
    assert call_mirrorc("diff", "--output", "../report", cwd=repo).code == 2
    tree = git("rev-parse", "HEAD^{tree}")
    (repo / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(SideError, match="git ls-tree"):
        diff(revision("HEAD"), work_tree())


def test_a_history_that_breaks_off_is_told(repo: Path) -> None:
    write(repo, "a.yaml", text=ONE)
    first = commit()
    write(repo, "b.yaml", text=mirror_set("b", {"quay.io/ns": ["m.io/ns"]}, never=["quay.io/ns"]))
    commit()
    (repo / ".git/objects" / first[:2] / first[2:]).unlink()
    with pytest.raises(SideError, match="git rev-list"):
        diff(revision("HEAD"), work_tree())


# --- Hostile repositories ----------------------------------------------------------


HOSTILE = [
    "--upload-pack=touch marker",
    "-x",
    "--",
    "HEAD --output=marker",
    "$(touch marker)",
    "`touch marker`",
    "main;touch marker",
    "|touch marker",
    "ext::sh -c touch% marker",
    "HEAD:a.yaml",
    "^HEAD",
    "@{-1}",
    "--output=marker",
    "HEAD\n--output=marker",
    "HEAD:",
    ":/x",
    "--exec=touch marker",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_run_nothing(repo: Path, text: str) -> None:
    write(repo, "a.yaml", text=ONE)
    commit()
    for arguments in ([f"git:{text}"], ["--merge-base", text], ["--", text], ["HEAD", f"git:{text}"]):
        done = call_mirrorc("diff", *arguments, cwd=repo)
        assert (done.code, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
    assert not (repo / "marker").exists()


def test_a_hostile_repository_runs_nothing(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "a.yaml", text=ONE)
    write(repo, ".gitattributes", text="* diff=evil filter=evil merge=evil\n")
    commit()
    write(repo, "a.yaml", text=TWO)
    commit()
    marker = tmp_path / "marker"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch '{marker}'\ncat\n")
    script.chmod(0o755)
    names = ["rev-parse", "rev-list", "ls-tree", "ls-files", "cat-file", "merge-base", "check-ignore", "diff"]
    with (repo / ".git/config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {script}\n\tpager = {script}\n\tsshCommand = {script}\n\thooksPath = .git/hooks\n"
            f"[diff]\n\texternal = {script}\n"
            f'[diff "evil"]\n\ttextconv = {script}\n\tcommand = {script}\n'
            f'[merge "evil"]\n\tdriver = {script}\n'
            f'[filter "evil"]\n\tclean = {script}\n\tsmudge = {script}\n\tprocess = {script}\n\trequired = true\n'
            "[alias]\n" + "".join(f"\t{name} = !{script}\n" for name in names)
        )
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(script))
    monkeypatch.setenv("GIT_PAGER", str(script))
    write(repo, "new.yaml", text=mirror_set("new", {"n.io": ["m.io/n"]}))
    for arguments in ([], ["HEAD~1"], ["HEAD~1", "HEAD"], ["--merge-base", "main"]):
        assert run_mirrorc("diff", *arguments, "--images", cwd=repo).code == 1
    assert not marker.exists()
    subprocess.run(["git", "diff"], capture_output=True, check=False)  # the trap is a real one
    assert marker.exists()


@pytest.mark.parametrize("sides", [[], ["HEAD~1"], ["HEAD~1", "HEAD"]])
def test_a_partial_clone_says_what_it_lacks_and_fetches_nothing(repo: Path, tmp_path: Path, sides: list[str]) -> None:
    write(repo, "a.yaml", text=ONE)
    commit()
    write(repo, "a.yaml", text=TWO)
    commit()
    git("config", "uploadpack.allowFilter", "true")
    git("clone", "-q", "--filter=blob:none", f"file://{repo}", "../partial")
    partial = repo.parent / "partial"
    marker = tmp_path / "marker"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch '{marker}'\nexec git-upload-pack \"$@\"\n")
    script.chmod(0o755)
    git("config", "remote.origin.uploadpack", str(script), at=partial)
    done = run_mirrorc("diff", *sides, cwd=partial)
    assert done.code == (2 if sides else 0)  # what is checked out is there
    if sides:
        assert "files of the revision are missing from its objects" in done.stderr
        assert "git fetch --refetch --no-filter" in done.stderr
    assert not marker.exists()
    git("show", "HEAD~1:a.yaml", at=partial)  # the trap is a real one
    assert marker.exists()


def test_a_reader_without_a_repository_has_no_revisions(folder: Path) -> None:
    nowhere = Name(kind=Kind.REVISION, label="x", place="0" * 40)
    with SideReader(None) as reader:
        assert list(reader.earlier(nowhere, CLUSTER)) == []
        assert list(reader.earlier(work_tree(), CLUSTER)) == []
        with pytest.raises(AssertionError, match="only where there is a repository"):
            reader.read(nowhere, [CLUSTER])


def test_a_damaged_repository_is_told(repo: Path) -> None:
    write(repo, "a.yaml", text=image_config())
    commit()
    name = revision("HEAD")
    with (
        SideReader(Repository(folder="..", prefix="", is_bare=False, is_shallow=False)) as reader,
        pytest.raises(SideError),
    ):
        reader.read(name, [CLUSTER])


REFUSED = {
    "commit_of_one_tree_in_many_places": (40_000, "MB for its output"),
    "commit_of_one_file_under_many_names": (200_000, "the files of the revisions have more than"),
    "commit_of_zeros": (200_000, "the files of the revisions have more than"),
    "commit_of_circles": (10_000, "git stopped while mirrorc read"),
    "commit_of_links": (40_000, "links of a commit lead through others"),
    "commit_of_a_large_tree": (60_000, "MB for its output"),
    "ignored_patterns": (40_000, "s of processor time"),
}


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the system has no limits for another process")
@pytest.mark.parametrize("name", REFUSED)
def test_commits_that_are_small_in_objects_and_large_in_files_are_refused(name: str, folder: Path) -> None:
    size, told = REFUSED[name]
    for path, content in SHAPES[name].make(size).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    before = used_by_children()
    done = call_mirrorc("diff", "old", cwd=folder)
    assert done.code == 2
    assert told in flat(done.stderr)
    assert used_by_children() - before < 6
    assert "--no-limits" in done.stderr or name == "commit_of_circles"
