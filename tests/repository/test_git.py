"""Revisions, blobs and hostile repositories, with the real git."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from compiler.repository import git as asked
from compiler.repository.blobs import BlobReader, RevisionFile
from compiler.repository.commit_tree import CommitTree, Links
from compiler.repository.discovery import discover
from compiler.repository.git import GitError, NoGitError, Repository, merge_base, open_repository, resolve_revision
from compiler.repository.paths import Problem
from tests.repositories import commit, found, git, list_revision, told, write

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def problem(*arguments: str) -> Problem:
    (only,) = discover(arguments).problems
    return only


# --- Revisions -----------------------------------------------------------------


def contents(repository: Repository, revision: str, *arguments: str) -> dict[str, str]:
    listing = list_revision(repository, resolve_revision(repository, revision), arguments or (".",))
    with BlobReader(repository) as reader:
        return {
            file.path: str(data, "utf-8", "backslashreplace")
            for file, data in reader.read(listing.files)
            if isinstance(data, bytes)
        }


def test_revisions_of_a_history_with_renames_deletions_and_a_merge(repo: Path) -> None:
    write(repo, "a.yaml", "b.yaml", "notes.txt")
    commit("one")
    git("tag", "-a", "-m", "one", "v1")
    git("mv", "a.yaml", "c d.yaml")
    (repo / "b.yaml").unlink()
    commit("two")
    git("switch", "-q", "-c", "other", "v1")
    write(repo, "é.yaml", text="a: 2\n")
    commit("three")
    git("switch", "-q", "main")
    git("merge", "-q", "--no-edit", "other")
    (repo / "é.yaml").unlink()  # the work tree has no say

    repository = open_repository()
    assert repository == Repository(folder=".", prefix="", is_bare=False, is_shallow=False)
    assert contents(repository, "v1") == {"a.yaml": "a: 1\n", "b.yaml": "a: 1\n"}
    assert contents(repository, "HEAD~1") == {"c d.yaml": "a: 1\n"}
    assert contents(repository, "main") == {"c d.yaml": "a: 1\n", "é.yaml": "a: 2\n"}
    assert contents(repository, "main", "notes.txt") == {"notes.txt": "a: 1\n"}
    assert merge_base(repository, "main^1", "other") == resolve_revision(repository, "v1")
    first = list_revision(repository, resolve_revision(repository, "v1")).files
    last = list_revision(repository, resolve_revision(repository, "main")).files
    assert {file.blob for file in first} == {last[0].blob}


def test_a_subfolder_shows_paths_as_its_work_tree_does(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "clusters/a/x.yaml", "clusters/a/deep/y.yaml", "base/z.yaml", "clusters/a-b/no.yaml")
    last = commit()
    monkeypatch.chdir(repo / "clusters/a")
    repository = open_repository()
    assert repository.prefix == "clusters/a/"
    arguments = [".", "../../base", str(repo / "clusters/a/deep"), "gone", "../../../out", "x.yaml", "/etc"]
    listing = list_revision(repository, last, arguments)
    assert [file.path for file in listing.files] == ["../../base/z.yaml", "deep/y.yaml", "x.yaml"]
    assert listing.absent == ("gone", "../../../out", "/etc")
    assert [file.path for file in listing.files] == found(".", "../../base")
    assert [file.path for file in list_revision(repository, last, ["deep", "../../base/"]).files] == [
        "../../base/z.yaml",
        "deep/y.yaml",
    ]


def test_very_many_paths(repo: Path) -> None:
    names = [f"c{number}/x.yaml" for number in range(300)]
    write(repo, *names, "other/y.yaml", "c1-b/z.yaml")
    last = commit()
    listing = list_revision(open_repository(), last, [f"c{number}" for number in range(301)])
    assert [file.path for file in listing.files] == sorted(names)
    assert listing.absent == ("c300",)
    assert list_revision(open_repository(), last, ["gone"]).files == ()
    assert list_revision(open_repository(), last, []).files == ()


def test_a_bare_clone(repo: Path) -> None:
    write(repo, "sub/a.yaml", "b.yaml")
    commit()
    git("clone", "-q", "--bare", ".", "../bare.git")
    repository = open_repository("../bare.git")
    assert (repository.prefix, repository.is_bare) == ("", True)
    assert contents(repository, "main") == {"b.yaml": "a: 1\n", "sub/a.yaml": "a: 1\n"}
    assert contents(repository, "main", "sub") == {"sub/a.yaml": "a: 1\n"}


def test_a_shallow_clone_says_what_it_lacks(repo: Path) -> None:
    write(repo, "a.yaml")
    first = commit()
    git("switch", "-q", "-c", "other")
    commit("theirs")
    git("switch", "-q", "main")
    commit("ours")
    git("clone", "-q", "--depth=1", "--no-single-branch", f"file://{repo}", "../shallow")
    repository = open_repository("../shallow")
    assert repository.is_shallow
    assert contents(repository, "HEAD") == {"a.yaml": "a: 1\n"}
    for revision in (first, "HEAD~1"):
        with pytest.raises(GitError, match=r"is not a known commit in this clone, which is shallow") as caught:
            resolve_revision(repository, revision)
        assert "--unshallow" in caught.value.help
    with pytest.raises(GitError, match="no merge base in this clone, which is shallow"):
        merge_base(repository, "origin/main", "origin/other")


def test_histories_with_nothing_in_common(repo: Path) -> None:
    commit()
    git("switch", "-q", "--orphan", "island")
    commit("y")
    with pytest.raises(GitError, match=r"`main` and `island` have no merge base$"):
        merge_base(open_repository(), "main", "island")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-h",
        "--output=marker",
        "--all",
        "gone",
        "HEAD~9",
        "main..main",
        "nul\0",
        "HEAD:a.yaml",
        "a b",
        "$(x)",
        "^main",
    ],
)
def test_hostile_revisions_name_no_commit(repo: Path, text: str) -> None:
    write(repo, "a.yaml")
    commit()
    with pytest.raises(GitError, match=r"is not a known commit$"):
        resolve_revision(open_repository(), text)
    assert sorted(path.name for path in repo.iterdir()) == [".git", "a.yaml"]


def test_an_unborn_branch_is_no_commit(repo: Path) -> None:
    with pytest.raises(GitError, match="`HEAD` is not a known commit"):
        resolve_revision(open_repository(), "HEAD")


def test_no_repository_and_no_git_are_told_apart(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoGitError, match="is not in a Git repository"):
        open_repository()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoGitError, match="git cannot be run"):
        open_repository()
    blob = RevisionFile("a.yaml", "0" * 40)
    repository = Repository(folder=".", prefix="", is_bare=False, is_shallow=False)
    with pytest.raises(NoGitError, match="git cannot be run"), BlobReader(repository) as reader:
        list(reader.read([blob]))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere an argument may be as long")
def test_a_git_that_is_there_and_cannot_be_run_is_not_told_to_be_installed(repo: Path) -> None:
    last = commit()
    with pytest.raises(GitError, match="git cannot be run: Argument list too long") as caught:
        asked.ls_tree(open_repository(), last, paths=["a" * 200_000])
    assert not isinstance(caught.value, NoGitError)
    assert "Install" not in caught.value.help


def test_links_and_submodules_in_a_revision(repo: Path) -> None:
    write(repo, "../library/in.yaml", "base/a.yaml", "base/deep/b.yaml")
    git("init", "-q", at=repo.parent / "library")
    commit(at=repo.parent / "library")
    git("submodule", "--quiet", "add", "../library", "library.yaml")
    cluster = repo / "cluster"
    cluster.mkdir()
    for name, target in [
        ("a.yaml", "../base/a.yaml"),
        ("chain.yaml", "hop"),
        ("hop", "b.yaml"),
        ("b.yaml", "../base/deep/b.yaml"),
        ("folder.yaml", "../base"),
        ("gone.yaml", "gone"),
        ("out.yaml", "../../library/in.yaml"),
        ("absolute.yaml", "/etc/passwd"),
        ("round.yaml", "circle"),
        ("circle", "round.yaml"),
        ("current", "../base"),
    ]:
        (cluster / name).symlink_to(target)
    last = commit()
    repository = open_repository()
    listing = list_revision(repository, last)
    assert [file.path for file in listing.files] == ["base/a.yaml", "base/deep/b.yaml"] == found(".")
    listing = list_revision(repository, last, ["cluster"])
    assert [file.path for file in listing.files] == ["cluster/a.yaml", "cluster/b.yaml"] == found("cluster")
    message = "is a link that is broken or leaves the tree; mirrorc does not follow it"
    lost = ["cluster/absolute.yaml", "cluster/gone.yaml", "cluster/out.yaml", "cluster/round.yaml"]
    assert told(listing.skipped) == [(name, message) for name in lost]
    assert [file.path for file in list_revision(repository, last, ["cluster/current"]).files] == [
        "base/a.yaml",
        "base/deep/b.yaml",
    ]
    assert list_revision(repository, last, ["cluster/round.yaml", "library.yaml"]).absent == ("cluster/round.yaml",)
    # A link may be a folder on the way.
    for path, name, on_disk in (
        ("cluster/current/deep", "base/deep/b.yaml", "cluster/current/deep/b.yaml"),
        ("cluster/current/a.yaml", "base/a.yaml", "cluster/current/a.yaml"),
    ):
        assert [file.path for file in list_revision(repository, last, [path]).files] == [name]
        assert found(path) == [on_disk]
    assert list_revision(repository, last, ["cluster/current/gone", "cluster/absolute.yaml/x"]).absent == (
        "cluster/current/gone",
        "cluster/absolute.yaml/x",
    )


def test_a_link_through_itself_leads_nowhere(repo: Path) -> None:
    write(repo, "a.yaml")
    for name, target in (("x.yaml", "x.yaml/y"), ("y.yaml", "z/y.yaml"), ("z", "z/../z"), ("top.yaml", "./top.yaml")):
        (repo / name).symlink_to(target)
    repository, last = open_repository(), commit()
    listing = list_revision(repository, last)
    assert [file.path for file in listing.files] == ["a.yaml"] == found(".")
    assert [link.path for link in listing.skipped] == ["top.yaml", "x.yaml", "y.yaml"]
    with BlobReader(repository) as reader:
        assert list(Links(CommitTree(reader, last, whole=False)).passed("x.yaml")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems follow fewer links")
def test_links_are_followed_as_often_as_linux_does(repo: Path) -> None:
    write(repo, "a.yaml")
    (repo / "link0").symlink_to("a.yaml")
    for number in range(1, 41):
        (repo / f"link{number}").symlink_to(f"link{number - 1}")
    last = commit()
    assert (repo / "link39").exists()
    assert not (repo / "link40").exists()
    listing = list_revision(open_repository(), last, ["link39", "link40"])
    assert [file.path for file in listing.files] == ["a.yaml"]
    assert listing.absent == ("link40",)


@pytest.mark.parametrize(
    "target",
    ["", "a/" * 100_000, "a" * 200_000, "./" * 2044 + "./m.yaml"],
    ids=["empty", "long", "long name", "long way"],  # a program's environment names the test, and has a limit
)
def test_a_link_that_no_work_tree_can_have_leads_nowhere(repo: Path, target: str) -> None:
    write(repo, "m.yaml", "a/in.yaml")
    commit()
    written = ["git", "hash-object", "-w", "--stdin"]
    blob = subprocess.run(written, input=target, text=True, capture_output=True, check=True).stdout.strip()
    git("update-index", "--add", "--cacheinfo", f"120000,{blob},link.yaml")
    git("commit", "-q", "-m", "x")
    listing = list_revision(open_repository(), git("rev-parse", "HEAD"))
    assert [file.path for file in listing.files] == ["a/in.yaml", "m.yaml"]
    assert [link.path for link in listing.skipped] == ["link.yaml"]


def test_the_way_up_behind_a_linked_folder_starts_where_the_link_leads(repo: Path) -> None:
    write(repo, "m.yaml", "x/m.yaml", "d/e/in.yaml")
    write(repo, "d/m.yaml", text="b: 1\n")
    (repo / "only").mkdir()
    (repo / "x/l").symlink_to("../d/e")
    (repo / "only/k.yaml").symlink_to("../x/l/../m.yaml")
    (repo / "only/file.yaml").symlink_to("../m.yaml/../x/m.yaml")
    (repo / "only/gone.yaml").symlink_to("../gone/../m.yaml")
    last = commit()
    repository = open_repository()
    assert (repo / "only/k.yaml").resolve() == (repo / "d/m.yaml").resolve()
    assert not (repo / "only/file.yaml").exists()
    assert not (repo / "only/gone.yaml").exists()
    blob = git("rev-parse", "HEAD:d/m.yaml")
    listing = list_revision(repository, last, ["only"])
    assert [(file.path, file.blob) for file in listing.files] == [("only/k.yaml", blob)]
    assert [link.path for link in listing.skipped] == ["only/file.yaml", "only/gone.yaml"]
    with BlobReader(repository) as reader:
        links = Links(CommitTree(reader, last, whole=False))
        assert links.follow(["only/k.yaml"]) == {"only/k.yaml": "d/m.yaml"}
        assert list(links.passed("only/k.yaml")) == [("only/k.yaml", "d/m.yaml"), ("x/l", "d/e")]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_odd_names_in_a_revision(repo: Path) -> None:
    names = [b"a b.yaml", b"tab\tx.yaml", b"line\nbreak.yaml", b"\xff.yaml", b":(top)y.yaml", b"-z.yaml", b"[a]*.yaml"]
    for name in names:
        Path(os.fsdecode(name)).write_bytes(name)
    odd = repo / "odd\ndir"
    write(odd, "in.yaml")
    last = commit()
    assert set(contents(open_repository(), last)) == {
        "a b.yaml",
        "tab\\tx.yaml",
        "line\\nbreak.yaml",
        "\\xff.yaml",
        ":(top)y.yaml",
        "-z.yaml",
        "[a]*.yaml",
        "odd\\ndir/in.yaml",
    }
    assert contents(open_repository(), last, ":(top)y.yaml", "[a]*.yaml", "*.yaml") == {
        ":(top)y.yaml": ":(top)y.yaml",
        "[a]*.yaml": "[a]*.yaml",
    }
    assert open_repository(str(odd)).prefix == "odd\ndir/"
    assert contents(open_repository(str(odd)), last) == {"in.yaml": "a: 1\n"}


def test_blobs_of_all_sizes_come_through_one_process(repo: Path) -> None:
    for number in range(700):
        write(repo, f"{number:03}.yaml", text="x\n" * (number % 50) * 97)
    write(repo, "big.yaml", text="y" * 3_000_000)
    write(repo, "tail.yaml")
    last = commit()
    repository = open_repository()
    listing = list_revision(repository, last)
    with BlobReader(repository, limit=2_999_999) as reader:
        answers = dict(reader.read(listing.files))
        for _ in reader.read(listing.files):
            break  # a caller that stops early leaves the reader usable
        again = [data for _, data in reader.read(listing.files[:2])]
    for file, data in answers.items():
        if file.path == "big.yaml":
            assert isinstance(data, Problem)
            assert (data.path, data.message) == ("big.yaml", "is larger than 2 MiB")
        else:
            assert data == (repo / file.path).read_bytes()
    assert again == [b"", b"x\n" * 97]


def test_a_missing_blob_is_told_and_the_rest_goes_on(repo: Path) -> None:
    write(repo, "a.yaml", text="a: 1\n")
    write(repo, "b.yaml", text="b: 1\n")
    last = commit()
    repository = open_repository()
    first, second = list_revision(repository, last).files
    (repo / ".git/objects" / first.blob[:2] / first.blob[2:]).unlink()
    with BlobReader(repository) as reader:
        (_, lost), (_, kept) = reader.read([first, second])
    assert isinstance(lost, Problem)
    assert (lost.path, lost.message) == ("a.yaml", "is missing from the objects of this clone")
    assert kept == b"b: 1\n"


def test_a_damaged_repository_is_an_error(repo: Path) -> None:
    write(repo, "a.yaml", "b.yaml", text="a: 1\n")
    last = commit()
    repository = open_repository()
    first, second = list_revision(repository, last).files
    nowhere = Repository(folder="..", prefix="", is_bare=False, is_shallow=False)
    with pytest.raises(GitError, match="git stopped"), BlobReader(nowhere) as reader:
        list(reader.read([first, second]))
    with BlobReader(repository) as reader:
        assert len(list(reader.read([first]))) == 1
        assert reader._process is not None
        reader._process.kill()
        reader._process.wait()
        with pytest.raises(GitError, match="git stopped"):
            list(reader.read([second]))
    tree = git("rev-parse", "HEAD^{tree}")
    (repo / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(GitError, match="`git ls-tree` failed: ") as caught:
        list_revision(repository, last)
    assert caught.value.help


def test_a_hundred_commits_share_their_blobs(repo: Path) -> None:
    write(repo, *(f"{number}.yaml" for number in range(20)))
    write(repo, "changing.yaml")
    for number in range(20):
        write(repo, "changing.yaml", text=f"b: {number}\n")
        commit()
    repository = open_repository()
    seen = set[str]()
    with BlobReader(repository) as reader:
        for number in range(20):
            listing = list_revision(repository, resolve_revision(repository, f"HEAD~{number}"))
            new = [file for file in listing.files if file.blob not in seen]
            seen.update(file.blob for file in new)
            assert [data for _, data in reader.read(new)][-1] == f"b: {19 - number}\n".encode()
            assert len(new) == (21 if number == 0 else 1)
    assert len(seen) == 21  # twenty files of one text, and twenty texts of one file


# --- Hostile repositories ------------------------------------------------------


def everything(folder: str = ".") -> None:
    discover([folder, f"{folder}/sub"])
    discover([folder], tracked_only=True)
    repository = open_repository(folder)
    head = resolve_revision(repository, "HEAD")
    merge_base(repository, "HEAD", "HEAD")
    with BlobReader(repository) as reader:
        list(reader.read(list_revision(repository, head).files))


def test_a_hostile_repository_runs_nothing(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "sub/a.yaml", "b.yaml")
    (repo / "link.yaml").symlink_to("sub/a.yaml")
    write(repo, ".gitattributes", text="* diff=evil filter=evil\n")
    commit()
    marker = tmp_path / "marker"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch '{marker}'\ncat\n")
    script.chmod(0o755)
    for name in ["pre-commit", "post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"]:
        (repo / ".git/hooks").mkdir(exist_ok=True)
        hook = repo / ".git/hooks" / name
        hook.write_text(script.read_text())
        hook.chmod(0o755)
    aliases = "".join(
        f"\t{name} = !{script}\n"
        for name in ["ls-files", "ls-tree", "cat-file", "rev-parse", "merge-base", "check-ignore"]
    )
    pagers = aliases.replace("= !", "= ")
    with (repo / ".git/config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {script}\n\tpager = {script}\n\teditor = {script}\n\tsshCommand = {script}\n"
            f"\thooksPath = .git/hooks\n\tuntrackedCache = true\n\taskPass = {script}\n"
            f"[diff]\n\texternal = {script}\n"
            f'[diff "evil"]\n\ttextconv = {script}\n\tcommand = {script}\n'
            f'[filter "evil"]\n\tclean = {script}\n\tsmudge = {script}\n\tprocess = {script}\n\trequired = true\n'
            f"[alias]\n{aliases}[pager]\n{pagers}[credential]\n\thelper = !{script}\n"
        )
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(script))
    monkeypatch.setenv("GIT_PAGER", str(script))
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    everything()
    write(repo, "new.yaml")
    everything()
    assert not marker.exists()
    subprocess.run(["git", "status"], capture_output=True, check=False)  # the trap is a real one
    assert marker.exists()


@pytest.mark.parametrize("shape", ["bare", "linked"])
def test_files_of_a_commit_are_no_repository(repo: Path, tmp_path: Path, shape: str) -> None:
    """A clone brings a folder that Git takes for a repository, whose configuration names another working tree."""
    write(tmp_path / "home", "secret.yaml")
    write(repo, "sub/m.yaml", "sub/deeper/m.yaml", "sub/objects/keep", "sub/refs/keep")
    write(repo, "sub/HEAD", text="ref: refs/heads/main\n")
    marker = tmp_path / "marker"
    write(
        repo,
        "sub/config",
        text=f"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = {tmp_path / 'home'}\n"
        f"\tfsmonitor = touch {marker}; false\n",
    )
    if shape == "linked":
        (repo / "sub/refs/keep").unlink()
        write(repo, "sub/commondir", text="../common\n")
        write(repo, "common/objects/keep", "common/refs/keep")
        write(repo, "common/config", text=(repo / "sub/config").read_text())
    commit()
    git("clone", "-q", ".", "../clone")
    clone = repo.parent / "clone"
    for folder in (clone / "sub", clone / "sub/deeper", clone / "sub/objects"):
        assert problem(str(folder)).message == "cannot be listed: git takes `sub` for a repository"
        with pytest.raises(GitError, match="for a repository"):
            open_repository(str(folder))
        with pytest.raises(GitError, match="for a repository"):
            asked.start(str(folder), "cat-file", "--batch")
    assert f"{clone}/sub/deeper/m.yaml" in found(str(clone))
    assert not marker.exists()
    if shape == "linked":  # the working tree of a common configuration is not that of a linked one
        return
    done = subprocess.run(["git", "ls-files", "--others"], cwd=clone / "sub", capture_output=True, check=False)
    assert done.stdout.endswith(b"secret.yaml\n"), done.stderr  # the trap is a real one


IMPOSSIBLE = [b"..", b".", b".git", b".GIT", b"git~1", b".git ", b".g\xe2\x80\x8cit", b"x/../../y", b"/etc"]


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_names_that_no_checkout_makes_are_refused(repo: Path, name: bytes) -> None:
    def store(kind: str, content: bytes) -> bytes:
        command = ["git", "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
        return subprocess.run(command, input=content, capture_output=True, check=True).stdout.strip()

    write(repo, "k/m.yaml")
    commit()
    blob = store("blob", b"a: 1\n")
    inner = store("tree", b"100644 " + name + b"\0" + bytes.fromhex(blob.decode()))
    top = store("tree", b"40000 k\0" + bytes.fromhex(inner.decode()))
    last = git("commit-tree", top.decode(), "-m", "x")
    repository = open_repository()
    with pytest.raises(GitError, match="which Git does not check out"):
        list_revision(repository, last)
    with BlobReader(repository) as reader, pytest.raises(GitError, match="which Git does not check out"):
        CommitTree(reader, last, whole=True)


@pytest.mark.parametrize("variables", [{}, {"GIT_NO_LAZY_FETCH": "0"}])
def test_a_partial_clone_fetches_nothing(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    write(repo, "a.yaml")
    last = commit()
    git("config", "uploadpack.allowFilter", "true")
    git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repo}", "../partial")
    partial = repo.parent / "partial"
    marker = tmp_path / "marker"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\ntouch '{marker}'\nexec git-upload-pack \"$@\"\n")
    script.chmod(0o755)
    git("config", "remote.origin.uploadpack", str(script), at=partial)
    git("config", "protocol.file.allow", "always", at=partial)
    # Old versions of git do not know the first lock; the second must hold alone.
    monkeypatch.setattr(asked, "_VARIABLES", asked._VARIABLES | variables)
    repository = open_repository("../partial")
    listing = list_revision(repository, last)
    with BlobReader(repository) as reader, suppress(GitError):  # a version may give up altogether
        ((_, answer),) = reader.read(listing.files)
        assert isinstance(answer, Problem)
    assert not marker.exists()
    git("cat-file", "blob", listing.files[0].blob, at=partial)  # the trap is a real one
    assert marker.exists()


def test_git_that_does_not_end_is_given_up(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "b.yaml")
    os.mkfifo(repo / "pipe")
    git("config", "core.excludesFile", str(repo / "pipe"))
    monkeypatch.setattr(asked, "_PATIENCE", 0.3)
    assert problem(".").message == "cannot be listed: `git ls-files` did not finish within 0 seconds"


@pytest.mark.skipif(not ROOT, reason="only root may give files away")
def test_a_repository_of_somebody_else_is_told(repo: Path) -> None:
    write(repo, "b.yaml")
    last = commit()
    for path in [repo, repo / ".git"]:
        os.chown(path, 12345, 12345)
    only = problem(".")
    assert only.message == "cannot be listed: git refuses this repository because another user owns it"
    assert f"git config --global --add safe.directory {repo}" in only.help
    with pytest.raises(GitError, match="because another user owns it"):
        open_repository()
    repository = Repository(folder=".", prefix="", is_bare=False, is_shallow=False)
    with pytest.raises(GitError, match="because another user owns it"):
        resolve_revision(repository, last)


def test_other_refusals_are_passed_on(repo: Path) -> None:
    write(repo, "b.yaml")
    (repo / ".git/config").write_text("[core\n")
    only = problem(".")
    assert only.message.startswith("cannot be listed: `git ls-files` failed: bad config line 1")
    assert only.help == "Run `git ls-files` in the repository to see more."
    with pytest.raises(GitError, match="bad config"):
        resolve_revision(Repository(folder=".", prefix="", is_bare=False, is_shallow=False), "HEAD")


def test_a_history_with_a_hole_has_no_merge_base(repo: Path) -> None:
    root = commit("root")
    git("switch", "-q", "-c", "other")
    commit("theirs")
    git("switch", "-q", "main")
    commit("ours")
    (repo / ".git/objects" / root[:2] / root[2:]).unlink()
    with pytest.raises(GitError):
        merge_base(open_repository(), "main", "other")


def test_an_answer_that_breaks_off_is_an_error(repo: Path) -> None:
    blob = RevisionFile("a.yaml", "0" * 40)
    with BlobReader(Repository(folder=".", prefix="", is_bare=False, is_shallow=False), limit=20) as reader:
        for size, raises in [(10, True), (30, False)]:
            reader._process = subprocess.Popen(
                ["sh", "-c", f"read id; printf '%s blob {size}\\nabc' $id"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            if raises:
                with pytest.raises(GitError, match="git stopped"):
                    list(reader.read([blob]))
            else:
                ((_, answer),) = reader.read([blob])
                assert isinstance(answer, Problem)
            reader.__exit__(None, None, None)
