"""Finding, reading and decoding, on real folders and with the real git."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from compiler.repository import git as asked
from compiler.repository.discovery import discover, discover_each
from compiler.repository.files import Candidate, decode, mentions_our_kinds, read
from compiler.repository.git import open_repository, resolve_revision
from compiler.repository.paths import SIZE_LIMIT, Problem, printable
from compiler.text.span import File
from tests.repositories import commit, found, git, paths, told, write


def problem(*arguments: str) -> Problem:
    (only,) = discover(arguments).problems
    return only


# --- Discovery without Git -----------------------------------------------------


def test_a_folder_yields_manifests_in_byte_order(folder: Path) -> None:
    write(folder, "b.yaml", "a/z.yml", "a.json", "A.yaml", "a-b/c.yaml", "README.md", "é.yaml", "x.yaml/in.yaml")
    assert found(".") == ["A.yaml", "a-b/c.yaml", "a.json", "a/z.yml", "b.yaml", "x.yaml/in.yaml", "é.yaml"]


def test_dot_git_is_left_out_of_a_walk(folder: Path) -> None:
    write(folder, "sub/.git/a.yaml", "sub/b.yaml")
    assert found(".") == ["sub/b.yaml"]


def test_a_gitignore_has_no_say_outside_a_work_tree(folder: Path) -> None:
    write(folder, "a.yaml")
    write(folder, ".gitignore", text="*.yaml\n")
    assert found(".") == ["a.yaml"]


def test_a_named_file_is_taken_whatever_its_suffix(folder: Path) -> None:
    write(folder, "a.txt", "b.yaml")
    assert found("a.txt", ".") == ["a.txt", "b.yaml"]


def test_a_file_reached_twice_counts_once(folder: Path) -> None:
    write(folder, "sub/a.yaml")
    assert found("sub", "sub/a.yaml", ".", str(folder / "sub"), "./sub/../sub") == ["sub/a.yaml"]


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        ("sub/", "sub/a.yaml"),
        ("./sub", "sub/a.yaml"),
        ("{folder}/sub", "sub/a.yaml"),
        ("../repo/sub", "sub/a.yaml"),
        ("../other", "../other/b.yaml"),
        ("{folder}/../other", "{folder}/../other/b.yaml"),
        ("{folder}", "sub/a.yaml"),
        ("../other/b.yaml", "../other/b.yaml"),
    ],
)
def test_paths_are_shown_relative_to_the_current_folder_when_inside(folder: Path, argument: str, shown: str) -> None:
    write(folder, "sub/a.yaml", "../other/b.yaml")
    (candidate,) = discover([argument.format(folder=folder)]).candidates
    assert candidate.path == shown.format(folder=folder)
    assert read(candidate) == b"a: 1\n"


def test_the_current_folder_reached_over_a_link_is_the_current_folder(folder: Path) -> None:
    write(folder, "a.yaml")
    (folder.parent / "alias").symlink_to(folder)
    assert found(str(folder.parent / "alias")) == ["a.yaml"]


def test_a_deleted_current_folder_is_survived(folder: Path) -> None:
    write(folder, "../other/b.yaml")
    folder.rmdir()
    other = str(folder.parent / "other")
    assert found(other) == [f"{other}/b.yaml"]
    assert problem("c.yaml").message == "does not exist"


def test_links_are_followed_only_inside_the_tree(folder: Path) -> None:
    write(folder, "../secret/a.yaml", "sub/b.yaml", "sub/plain.txt", "notes/in.yaml")
    (folder / "out.yaml").symlink_to("../secret/a.yaml")
    (folder / "outdir").symlink_to("../secret")
    (folder / "sub/loop").symlink_to("..")
    (folder / "nowhere.yaml").symlink_to("gone")
    (folder / "round.yaml").symlink_to("round.yaml")
    (folder / "folder.yaml").symlink_to("notes")
    (folder / "again.yaml").symlink_to("sub/b.yaml")
    (folder / "text.yaml").symlink_to("sub/plain.txt")
    discovery = discover(["."])
    assert paths(discovery) == ["notes/in.yaml", "sub/b.yaml", "text.yaml"]
    assert told(discovery.skipped) == [
        ("nowhere.yaml", "is a broken link"),
        ("out.yaml", "is a link that leaves the tree; mirrorc does not follow it"),
        ("round.yaml", "is a broken link"),
    ]


def test_a_link_that_is_named_is_followed_anywhere(folder: Path) -> None:
    write(folder, "../secret/a.yaml")
    (folder / "out.yaml").symlink_to("../secret/a.yaml")
    (folder / "outdir").symlink_to("../secret")
    assert found("out.yaml") == ["out.yaml"]
    assert found("outdir") == ["outdir/a.yaml"]


def test_missing_paths_are_told_and_do_not_stop_the_rest(folder: Path) -> None:
    write(folder, "a.yaml")
    discovery = discover(["gone", "a.yaml/b", ".", "", "nul\0byte", "round"])
    assert [candidate.path for candidate in discovery.candidates] == ["a.yaml"]
    assert told(discovery.problems) == [
        ("", "does not exist"),
        ("a.yaml/b", "does not exist"),
        ("gone", "does not exist"),
        ("nul\\x00byte", "cannot be read: embedded null byte"),
        ("round", "does not exist"),
    ]
    assert all(one.help and one.span.begin == (1, 1) for one in discovery.problems)


def test_a_circle_of_links_that_is_named_is_told(folder: Path) -> None:
    (folder / "round").symlink_to("round")
    assert problem("round").message == "cannot be read: too many levels of symbolic links"


def test_special_files_are_refused_without_waiting(folder: Path) -> None:
    os.mkfifo(folder / "pipe.yaml")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door.yaml")
        (folder / "link.yaml").symlink_to("pipe.yaml")
        discovery = discover([".", "/dev/null"])
    assert discovery.candidates == ()
    assert told(discovery.problems) == [
        ("/dev/null", "is a device, not a file"),
        ("door.yaml", "is a socket, not a file"),
        ("link.yaml", "is a named pipe, not a file"),
        ("pipe.yaml", "is a named pipe, not a file"),
    ]
    answer = read(Candidate("pipe.yaml", "pipe.yaml"))
    assert isinstance(answer, Problem)
    assert answer.message == "is a named pipe, not a file"


@pytest.mark.parametrize("in_git", [False, True])
def test_what_must_not_be_read_is_told(folder: Path, in_git: bool) -> None:
    write(folder, "a/b.yaml", "c.yaml", "d.yaml")
    if in_git:
        git("init", "-q")
    (folder / "a").chmod(0)
    (folder / "c.yaml").chmod(0)
    if os.access("c.yaml", os.R_OK):
        pytest.skip("root may read everything")
    try:
        discovery = discover(["."])
        assert [candidate.path for candidate in discovery.candidates] == ["c.yaml", "d.yaml"]
        assert told(discovery.problems) == [("a", "cannot be read: permission denied")]
        answer = read(discovery.candidates[0])
        assert isinstance(answer, Problem)
        assert answer.message == "cannot be read: permission denied"
    finally:
        (folder / "a").chmod(0o700)


def test_folders_that_refuse_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        raise PermissionError(13, "Permission denied", path)

    write(folder, "sub/a.yaml")
    monkeypatch.setattr(os, "scandir", refuse)
    assert told(discover([".", "sub"]).problems) == [
        (".", "cannot be read: permission denied"),
        ("sub", "cannot be read: permission denied"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("in_git", [False, True])
def test_odd_names_are_found_and_shown_safely(folder: Path, in_git: bool) -> None:
    if in_git:
        git("init", "-q")
    names = [b"a b.yaml", b"-x.yaml", b"line\nbreak.yaml", b"\xff\xfe.yaml", b"\x1b[31m.yaml", b":(top)y.yaml"]
    for name in [*names, "ünï/日本.yaml".encode(), "\u202egnp.yaml".encode()]:
        path = Path(os.fsdecode(name))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name)
    discovery = discover(["."])
    assert paths(discovery) == sorted(
        [
            "a b.yaml",
            "-x.yaml",
            "line\\nbreak.yaml",
            "\\xff\\xfe.yaml",
            "\\x1b[31m.yaml",
            ":(top)y.yaml",
            "ünï/日本.yaml",
            "\\u202egnp.yaml",
        ]
    )
    assert all(read(candidate) == os.fsencode(candidate.location) for candidate in discovery.candidates)


def test_printable_leaves_ordinary_names_alone() -> None:
    assert printable("clusters/größe/日本 x.yaml") == "clusters/größe/日本 x.yaml"
    assert printable("a\tb\x7f\u2028\udcff") == r"a\tb\x7f\u2028\xff"


# --- Discovery in a work tree --------------------------------------------------


def test_what_git_ignores_is_left_out(repo: Path) -> None:
    write(repo, "a.yaml", "rendered/b.yaml", "sub/c.yaml", "sub/d.yaml", "forced.yaml")
    write(repo, ".gitignore", text="rendered/\nforced.yaml\n")
    write(repo, "sub/.gitignore", text="d.yaml\n")
    git("add", "-f", "forced.yaml")
    assert found(".") == ["a.yaml", "forced.yaml", "sub/c.yaml"]
    assert found("sub") == ["sub/c.yaml"]
    assert found("sub/d.yaml") == ["sub/d.yaml"]


def test_an_ignored_folder_that_is_named_is_walked(repo: Path) -> None:
    write(repo, "rendered/b.yaml")
    write(repo, ".gitignore", text="rendered/\n")
    assert found(".") == []
    assert found("rendered") == ["rendered/b.yaml"]
    assert found("rendered", tracked_only=True) == []


def test_a_hook_sees_no_untracked_file(repo: Path) -> None:
    write(repo, "a.yaml", "sub/b.yaml")
    git("add", "-A")
    write(repo, "new.yaml", "sub/new.yaml")
    assert found(".", "sub", tracked_only=True) == ["a.yaml", "sub/b.yaml"]
    assert found(".", "new.yaml", tracked_only=True) == ["a.yaml", "new.yaml", "sub/b.yaml"]
    assert found(".") == ["a.yaml", "new.yaml", "sub/b.yaml", "sub/new.yaml"]


def test_a_hook_needs_a_work_tree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "a.yaml")
    assert told(discover(["."], tracked_only=True).problems) == [(".", "is not in a Git working tree")]
    (folder / ".git").mkdir()
    assert found(".") == ["a.yaml"]
    assert told(discover(["."], tracked_only=True).problems) == [(".", "is not in a Git repository")]
    monkeypatch.setenv("PATH", "")
    (only,) = discover(["."], tracked_only=True).problems
    assert only.message == "cannot be listed: git cannot be run: No such file or directory"


def test_deleted_and_unmerged_files_are_no_trouble(repo: Path) -> None:
    write(repo, "gone.yaml", "dir/gone.yaml", "both.yaml")
    commit()
    git("switch", "-q", "-c", "other")
    write(repo, "both.yaml", text="a: 2\n")
    commit()
    git("switch", "-q", "main")
    write(repo, "both.yaml", text="a: 3\n")
    commit()
    assert subprocess.run(["git", "merge", "-q", "other"], capture_output=True, check=False).returncode == 1
    (repo / "gone.yaml").unlink()
    (repo / "dir/gone.yaml").unlink()
    (repo / "dir").rmdir()
    write(repo, "dir")
    assert found(".") == ["both.yaml"]


def test_without_git_the_folder_is_walked(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "a.yaml", "b.yaml")
    write(repo, ".gitignore", text="b.yaml\n")
    monkeypatch.setenv("PATH", "")
    assert found(".") == ["a.yaml", "b.yaml"]


def test_links_may_lead_anywhere_in_the_work_tree_but_not_to_what_is_ignored(repo: Path) -> None:
    write(repo, "base/a.yaml", "base/new.yaml", "ignored/b.yaml", "../secret/c.yaml", "moved/d.yaml")
    write(repo, ".gitignore", text="ignored/\n")
    cluster = repo / "cluster"
    cluster.mkdir()
    for name, target in [
        ("a.yaml", "../base/a.yaml"),
        ("b.yaml", "../ignored/b.yaml"),
        ("c.yaml", "../../secret/c.yaml"),
        ("config.yaml", "../.git/config"),
    ]:
        (cluster / name).symlink_to(target)
    commit()
    (cluster / "new.yaml").symlink_to("../base/untracked.yaml")
    write(repo, "base/untracked.yaml")
    # The index knows a folder; on the disk it leads out of the tree now.
    (repo / "moved/d.yaml").rename(folder_of(repo, "../secret") / "d.yaml")
    (repo / "moved").rmdir()
    (repo / "moved").symlink_to("../secret")
    git("add", "cluster/new.yaml")

    assert found(".") == ["base/a.yaml", "base/new.yaml", "base/untracked.yaml"]
    discovery = discover(["cluster"])
    assert paths(discovery) == ["cluster/a.yaml", "cluster/new.yaml"]
    assert told(discovery.skipped) == [
        ("cluster/b.yaml", "is a link to a file that Git ignores"),
        ("cluster/c.yaml", "is a link that leaves the tree; mirrorc does not follow it"),
        ("cluster/config.yaml", "is a link that leaves the tree; mirrorc does not follow it"),
    ]
    discovery = discover(["cluster"], tracked_only=True)
    assert paths(discovery) == ["cluster/a.yaml"]
    assert ("cluster/new.yaml", "is a link to a file that Git does not track") in told(discovery.skipped)


def folder_of(root: Path, name: str) -> Path:
    return (root / name).resolve()


def test_submodules_and_nested_repositories_are_left_out_unless_named(repo: Path) -> None:
    write(repo, "../library/in.yaml", "a.yaml", "nested/b.yaml")
    git("init", "-q", at=repo.parent / "library")
    commit(at=repo.parent / "library")
    git("submodule", "--quiet", "add", "../library", "library")
    git("init", "-q", at=repo / "nested")
    assert found(".") == ["a.yaml"]
    assert found("library", "nested") == ["library/in.yaml", "nested/b.yaml"]


def test_a_linked_work_tree_is_one_too(repo: Path) -> None:
    write(repo, "a.yaml")
    write(repo, ".gitignore", text="b.yaml\n")
    commit()
    git("worktree", "add", "-q", "../second")
    write(repo, "../second/b.yaml")
    assert found("../second") == ["../second/a.yaml"]
    assert open_repository("../second").is_bare is False


def test_the_repository_of_a_surrounding_hook_does_not_count(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "a.yaml", "../other/b.yaml")
    git("init", "-q", at=repo.parent / "other")
    first = commit()
    monkeypatch.setenv("GIT_DIR", str(repo.parent / "other/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    monkeypatch.setenv("GIT_WORK_TREE", "/nowhere")
    assert found(".", tracked_only=True) == ["a.yaml"]
    assert resolve_revision(open_repository(), "HEAD") == first


def test_many_folders_of_a_work_tree_are_listed_once(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clusters = [f"clusters/c{number}" for number in range(12)]
    write(repo, "base/a.yaml", *(f"{cluster}/x.yaml" for cluster in clusters), "clusters/c1.yaml")
    write(repo, "clusters/c1-b/y.yaml", "clusters/.gitignore")
    write(repo, "clusters/.gitignore", text="c3/\n")
    calls: list[tuple[str, ...]] = []
    ask = asked._ask

    def counted(folder: str, *arguments: str) -> asked._Answer:
        calls.append(arguments)
        return ask(folder, *arguments)

    monkeypatch.setattr(asked, "_ask", counted)
    discoveries = discover_each([["base", cluster] for cluster in [*clusters, "gone"]])
    assert [call[0] for call in calls] == ["ls-files", "check-ignore"]
    assert [paths(discovery) for discovery in discoveries[:-1]] == [
        ["base/a.yaml", f"{cluster}/x.yaml"] for cluster in clusters
    ]
    assert discoveries[-1].problems[0].path == "gone"
    assert paths(discover([".", *clusters]))[:3] == ["base/a.yaml", "clusters/c0/x.yaml", "clusters/c1-b/y.yaml"]


# --- Reading, the prefilter, decoding ------------------------------------------


def test_reading(folder: Path) -> None:
    write(folder, "a.yaml")
    write(folder, "empty.yaml", text="")
    assert read(Candidate("a.yaml", "a.yaml")) == b"a: 1\n"
    assert read(Candidate("empty.yaml", "empty.yaml")) == b""
    for name, message in [("b.yaml", "does not exist"), (".", "is a folder, not a file")]:
        answer = read(Candidate(name, name))
        assert isinstance(answer, Problem)
        assert (answer.path, answer.message) == (name, message)


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a proc file system")
def test_a_file_that_claims_to_be_empty_is_read_to_its_end() -> None:
    version = Candidate("version", "/proc/version")
    assert read(version) == Path("/proc/version").read_bytes() != b""
    assert isinstance(read(version, limit=5), Problem)


def test_a_file_beyond_the_limit_is_refused(folder: Path) -> None:
    write(folder, "a.yaml", text="12345")
    candidate = Candidate("a.yaml", "a.yaml")
    assert read(candidate, limit=5) == b"12345"
    answer = read(candidate, limit=4)
    assert isinstance(answer, Problem)
    assert answer.message == "is larger than 4 bytes"
    with Path("big.yaml").open("wb") as big:
        big.truncate(SIZE_LIMIT + 1)
    answer = read(Candidate("big.yaml", "big.yaml"))
    assert isinstance(answer, Problem)
    assert answer.message == "is larger than 64 MiB"


@pytest.mark.parametrize(
    "text",
    [
        "kind: ImageDigestMirrorSet",
        "kind: ImageTagMirrorSetList",
        "kind: ImageContentSourcePolicy",
        "apiVersion: config.openshift.io/v1\nkind: Image",
    ],
)
def test_the_prefilter_lets_our_kinds_through(text: str) -> None:
    assert mentions_our_kinds(text.encode())
    for codec in ("utf-16-le", "utf-16-be"):
        assert mentions_our_kinds(f"\ufeff{text}".encode(codec))
        assert mentions_our_kinds(f"\ufeff{text}".encode(codec) + b"\xd8")


def test_the_prefilter_keeps_the_rest_out() -> None:
    assert not mentions_our_kinds(b"apiVersion: apps/v1\nkind: Deployment\n")
    assert not mentions_our_kinds("\ufeffkind: Deployment".encode("utf-16-le"))
    assert not mentions_our_kinds(b"")


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
def test_decoding_drops_the_byte_order_mark(codec: str) -> None:
    file = decode("a.yaml", "\ufeffä: 😀\r\n".encode(codec))
    assert isinstance(file, File)
    assert (file.path, file.text) == ("a.yaml", "ä: 😀\r\n")


def test_decoding_without_a_mark_is_utf_8() -> None:
    file = decode("a.yaml", "ä: 😀".encode())
    assert isinstance(file, File)
    assert file.text == "ä: 😀"
    assert isinstance(decode("a.yaml", "ä".encode("utf-16-le")), Problem)


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        ("ä: 1\nb: é".encode() + b"\xff\n", 2, 5, "is not valid UTF-8: invalid start byte (ff)"),
        (b"\xef\xbb\xbfa: \xe4\n", 1, 4, "is not valid UTF-8: invalid continuation byte (e4)"),
        (b"a: \xed\xa0\x80\n", 1, 4, "is not valid UTF-8: invalid continuation byte (ed)"),
        ("\ufeffa:\n1".encode("utf-16-le") + b"\x00", 2, 2, "is not valid UTF-16: truncated data (00)"),
        ("\ufeffa:\n".encode("utf-16-be") + b"\xdc\x00", 2, 1, "is not valid UTF-16: illegal encoding (dc 00)"),
    ],
)
def test_decoding_points_at_the_bad_byte(data: bytes, line: int, column: int, message: str) -> None:
    answer = decode("a.yaml", data)
    assert isinstance(answer, Problem)
    assert answer.path == "a.yaml"
    assert answer.span.begin == (line, column)
    assert answer.message == message


def test_a_work_tree_that_the_config_moves_brings_in_nothing_from_there(repo: Path) -> None:
    write(repo, "../secret/a.yaml", "b.yaml")
    commit()
    git("config", "core.worktree", str(repo.parent / "secret"))
    for argument in (".", str(repo)):
        assert all("secret" not in candidate.location for candidate in discover([argument]).candidates)


def test_a_work_tree_that_calls_itself_bare_is_walked(repo: Path) -> None:
    write(repo, "b.yaml")
    git("config", "core.bare", "true")
    assert found(".") == ["b.yaml"]


def test_each_of_many_folders_tells_what_git_refuses(repo: Path) -> None:
    names = [f"c{number}" for number in range(5)]
    write(repo, *(f"{name}/a.yaml" for name in names))
    (repo / ".git/config").write_text("[core\n")
    discovery = discover(names)
    assert discovery.candidates == ()
    assert [one.path for one in discovery.problems] == names


def test_a_file_that_cannot_be_looked_at_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> os.stat_result:
        raise OSError(5, "Input/output error", path)

    write(folder, "a.yaml")
    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", refuse)
        discovery = discover(["."])
    assert told(discovery.problems) == [("a.yaml", "cannot be read: input/output error")]


def test_git_that_fails_half_way_is_told(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo, "base/a.yaml", "cluster/b.yaml")
    (repo / "cluster/a.yaml").symlink_to("../base/a.yaml")
    ask = asked._ask

    def fail_later(folder: str, *arguments: str) -> asked._Answer:
        return asked._Answer(128, b"", "") if "base/a.yaml" in arguments else ask(folder, *arguments)

    monkeypatch.setattr(asked, "_ask", fail_later)
    discovery = discover(["cluster"])
    assert [candidate.path for candidate in discovery.candidates] == ["cluster/b.yaml"]
    assert told(discovery.problems) == [("cluster", "cannot be listed: `git ls-files` failed: it gives no reason")]
