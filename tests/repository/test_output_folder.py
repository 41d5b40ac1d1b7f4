"""The output folder: replaced atomically, tidied of what a build made itself, and nothing else is touched."""

import resource
import signal
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from compiler.repository.output_folder import LISTING, Builds, FolderPlan, OutputError, opened
from compiler.repository.paths import Destination
from tests.command import ROOT, tree

A = {"registries.conf": b"a\n", "machine-configs/x.yaml": b"x\n"}


def any_name(name: str) -> bool:
    """As if a build could make every file that lies inside the folder and is not hidden."""
    return "\0" not in name and not any(part in {"", ".", ".."} or part[0] == "." for part in name.split("/"))


def plan(folder: Path | str, artifacts: dict[str, bytes]) -> FolderPlan:
    with opened(Destination(str(folder)), writing=False, makes=any_name) as inside:
        return inside.plan(artifacts)


def differences(folder: Path | str, artifacts: dict[str, bytes], room: int = 1 << 20) -> str:
    with opened(Destination(str(folder)), writing=False, makes=any_name) as inside:
        return inside.differences(inside.plan(artifacts), room)[0]


def build(folder: Path | str, artifacts: dict[str, bytes]) -> FolderPlan:
    with opened(Destination(str(folder)), writing=True, makes=any_name) as inside:
        todo = inside.plan(artifacts)
        inside.carry_out(todo)
    return todo


def files(folder: Path) -> dict[str, bytes]:
    """What is in the folder but for the listing."""
    found = tree(folder)
    found.pop(LISTING, None)
    return found


def listed(folder: Path) -> list[str]:
    """The names in the listing."""
    return [line.split("  ")[-1] for line in (folder / LISTING).read_text().splitlines()[1:]]


def refused(folder: Path, artifacts: dict[str, bytes] = A) -> OutputError:
    before = tree(folder) if folder.is_dir() else {}
    with pytest.raises(OutputError) as caught:
        build(folder, artifacts)
    assert (tree(folder) if folder.is_dir() else {}) == before
    assert caught.value.help
    return caught.value


def test_a_first_build_makes_the_folder_and_lists_what_it_made(tmp_path: Path) -> None:
    todo = build(tmp_path / "deep/out", A)
    assert (dict(todo.made), todo.written) == (A, tuple(sorted(A)))
    assert files(tmp_path / "deep/out") == A
    lines = (tmp_path / "deep/out" / LISTING).read_text().splitlines()
    assert lines[0].startswith("# Made by `mirrorc build`")
    assert lines[1:] == [f"{sha256(A[name]).hexdigest()}  {name}" for name in sorted(A)]


def test_a_second_build_writes_nothing(tmp_path: Path) -> None:
    build(tmp_path, A)
    before = {path: path.stat() for path in tmp_path.rglob("*")}
    todo = build(tmp_path, A)
    assert (todo.written, todo.removed, todo.unchanged) == ((), {}, tuple(sorted(A)))
    assert files(tmp_path) == A
    after = {path: path.stat() for path in tmp_path.rglob("*") if path.name != LISTING}
    assert all(
        (before[path].st_ino, before[path].st_mtime_ns) == (now.st_ino, now.st_mtime_ns)
        for path, now in after.items()
        if path.is_file()
    )


def test_what_an_earlier_build_made_and_this_one_does_not_is_removed(tmp_path: Path) -> None:
    build(tmp_path, {**A, "registries.conf.d/s.conf": b"s\n"})
    todo = build(tmp_path, {"registries.conf": b"b\n"})
    assert tuple(todo.removed) == ("machine-configs/x.yaml", "registries.conf.d/s.conf")
    assert files(tmp_path) == {"registries.conf": b"b\n"}
    assert not (tmp_path / "machine-configs").exists()
    assert listed(tmp_path) == ["registries.conf"]


def test_files_of_others_stay(tmp_path: Path) -> None:
    build(tmp_path, A)
    for name in ["README.md", "machine-configs/own.yaml", "policy.json"]:
        (tmp_path / name).write_text("mine")
    build(tmp_path, {"registries.conf": b"b\n"})
    assert files(tmp_path) == {
        "registries.conf": b"b\n",
        "README.md": b"mine",
        "machine-configs/own.yaml": b"mine",
        "policy.json": b"mine",
    }


def test_a_file_that_no_build_made_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "registries.conf").write_text("mine")
    assert str(refused(tmp_path)) == f"{tmp_path}/registries.conf was not made by mirrorc"


def test_a_file_with_the_very_bytes_is_taken_over(tmp_path: Path) -> None:
    """So that a listing that was lost, or never committed, is no trouble."""
    (tmp_path / "registries.conf").write_bytes(A["registries.conf"])
    build(tmp_path, A)
    build(tmp_path, {"registries.conf": b"b\n"})
    assert files(tmp_path) == {"registries.conf": b"b\n"}


def test_a_listed_file_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    build(tmp_path, A)
    (tmp_path / "registries.conf").unlink()
    assert tuple(build(tmp_path, {"policy.json": b"p"}).removed) == ("machine-configs/x.yaml",)
    assert files(tmp_path) == {"policy.json": b"p"}


@pytest.mark.parametrize(
    "name", ["../victim", "/victim", "a/../../victim", "./victim", "machine-configs//x", "", "..", "n\0ul"]
)
def test_a_listing_leads_to_nothing_outside_the_folder(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    out = tmp_path / "out"
    build(out, A)
    absolute = str(victim) if name.startswith("/") else name
    lines = (out / LISTING).read_text() + f"{sha256(b'mine').hexdigest()}  {absolute}\n{absolute}\n"
    (out / LISTING).write_text(lines)
    build(out, {"registries.conf": b"b\n"})
    assert victim.read_text() == "mine"
    assert files(out) == {"registries.conf": b"b\n"}
    assert listed(out) == ["registries.conf"]


def test_a_listing_of_any_bytes_is_no_trouble(tmp_path: Path) -> None:
    build(tmp_path, A)
    (tmp_path / LISTING).write_bytes(b"\xff\xfe\n" + "é\n".encode() + b"\x1b[31m\n")
    build(tmp_path, A)
    assert files(tmp_path) == A


# --- Links and folders in the way ----------------------------------------------


@pytest.mark.parametrize("name", ["registries.conf", "machine-configs", "machine-configs/x.yaml", LISTING])
def test_what_lies_behind_a_link_is_not_touched(tmp_path: Path, name: str) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    (out / name).parent.mkdir(parents=True)
    elsewhere.mkdir()
    (out / name).symlink_to(elsewhere)
    assert str(refused(out)) == f"{out / name} is a link"
    assert list(elsewhere.iterdir()) == []


def test_a_link_that_leads_nowhere_is_a_link_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "registries.conf").symlink_to("nowhere")
    assert str(refused(tmp_path)).endswith("registries.conf is a link")


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to("real")
    build(tmp_path / "out", A)
    assert files(tmp_path / "real") == A


def test_a_folder_where_a_file_belongs_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "registries.conf").mkdir()
    assert "is a folder, not a file" in str(refused(tmp_path))


def test_a_file_where_the_folder_belongs_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    assert str(refused(tmp_path / "out")) == f"{tmp_path}/out is not a folder"
    assert "Not a directory" in str(refused(tmp_path / "out/deeper"))
    assert (tmp_path / "out").read_text() == "mine"


def test_a_file_where_a_folder_inside_belongs_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "machine-configs").write_text("mine")
    refused(tmp_path)


@pytest.mark.parametrize("name", ["n" * 300, "machine-configs/" + "n" * 300])
def test_a_name_that_no_file_can_have_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="File name too long"):
        build(tmp_path, {name: b""})
    assert files(tmp_path) == {}


def test_a_folder_whose_name_no_folder_can_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="File name too long"):
        build(tmp_path / ("n" * 300), A)


# --- Modes ---------------------------------------------------------------------


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    build(tmp_path / "out", A)
    usual = stat.S_IMODE((tmp_path / "other").stat().st_mode)
    assert stat.S_IMODE((tmp_path / "out/registries.conf").stat().st_mode) == usual


def test_a_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    build(tmp_path, A)
    (tmp_path / "registries.conf").chmod(0o640)
    build(tmp_path, {**A, "registries.conf": b"b\n"})
    assert stat.S_IMODE((tmp_path / "registries.conf").stat().st_mode) == 0o640


# --- A disk that fails ---------------------------------------------------------

CHILD = """
import sys
from compiler.repository.output_folder import OutputError, opened
from compiler.repository.paths import Destination
try:
    with opened(Destination(sys.argv[1]), writing=True, makes=str.isalpha) as folder:
        folder.carry_out(folder.plan({"a": b"new a", "b": b"b" * 100_000, "c": b"new c"}))
except OutputError as error:
    sys.exit(f"{error}|{error.help}")
"""


def in_a_child(folder: Path, *, limit: int) -> "subprocess.CompletedProcess[str]":
    """Build in a process that may write files of `limit` bytes only: to it, the disk is full behind that."""

    def restrict() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    return subprocess.run(
        [sys.executable, "-c", CHILD, folder],
        cwd=ROOT,
        preexec_fn=restrict,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_full_disk_is_found_before_anything_is_replaced(tmp_path: Path) -> None:
    build(tmp_path, {"a": b"old a", "b": b"old b", "d": b"old d"})
    before = tree(tmp_path)
    done = in_a_child(tmp_path, limit=50_000)
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "what was not replaced yet is unchanged" in done.stderr
    assert tree(tmp_path) == before
    assert in_a_child(tmp_path, limit=resource.RLIM_INFINITY).returncode == 0
    assert files(tmp_path) == {"a": b"new a", "b": b"b" * 100_000, "c": b"new c"}


@pytest.mark.parametrize("place", ["/proc/mirrorc", "/dev/null", "/dev/null/x"])
def test_a_place_where_nothing_can_be_written_is_told(place: str) -> None:
    with pytest.raises(OutputError):
        build(Path(place), A)


KILLED = """
import os, signal, sys
from compiler.repository.output_folder import opened
from compiler.repository.paths import Destination
left = int(sys.argv[2])
def replace(*names, _replace=os.replace, **folders):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    _replace(*names, **folders)
os.replace = replace
with opened(Destination(sys.argv[1]), writing=True, makes=str.isalpha) as folder:
    folder.carry_out(folder.plan({"a": b"new a", "b": b"new b", "e": b"new e"}))
"""


@pytest.mark.parametrize("replaced", range(5))
def test_a_build_that_is_killed_leaves_whole_files_and_the_next_one_mends_all(tmp_path: Path, replaced: int) -> None:
    """Killed before each of its replacements in turn."""
    old = {"a": b"old a", "b": b"old b", "d": b"old d"}
    new = {"a": b"new a", "b": b"new b", "e": b"new e"}
    build(tmp_path, old)
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(replaced)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    for name, content in files(tmp_path).items():
        assert name.startswith(".mirrorc-") or content in (old.get(name), new.get(name))
    build(tmp_path, {**new, "a": b"newest a"})
    assert files(tmp_path) == {**new, "a": b"newest a"}


# --- Differences ---------------------------------------------------------------


def test_differences_show_what_a_build_would_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    build(Path("out"), {"a": b"one\ntwo\n", "gone": b"g\n", "same": b"s\n"})
    text = differences("out", {"a": b"one\nthree", "b": b"b\n", "same": b"s\n"})
    assert text == (
        "--- out/a\n+++ out/a\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n\\ No newline at end of file\n"
        "--- /dev/null\n+++ out/b\n@@ -0,0 +1 @@\n+b\n"
        "--- out/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-g\n"
    )
    assert not (tmp_path / "out/b").exists()


def test_differences_show_what_a_data_url_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = "source: data:text/plain;charset=utf-8;base64,"
    build(Path("out"), {"m.yaml": f"  {url}b25lCgp0d28K\n  {url}no base64\n  {url}/w==\n".encode()})
    text = differences("out", {"m.yaml": f"  {url}b25lCgp0aHJlZQo=\n  {url}no base64\n  {url}/w==\n".encode()})
    assert "-    two\n+    three\n" in text
    assert f"   {url}no base64\n" in text
    assert f"   {url}/w==\n" in text


def test_nothing_to_change_is_no_difference(tmp_path: Path) -> None:
    build(tmp_path, A)
    assert differences(tmp_path, A) == ""


def test_bytes_that_are_no_text_can_be_compared(tmp_path: Path) -> None:
    build(tmp_path, {"a": b"\xff\n"})
    assert "+new" in differences(tmp_path, {"a": b"new\n"})


def test_no_build_leaves_a_temporary_file_behind(tmp_path: Path) -> None:
    build(tmp_path, A)
    build(tmp_path, {**A, "registries.conf": b"b\n"})
    assert {path.name for path in tmp_path.iterdir()} == {"registries.conf", "machine-configs", LISTING}


def test_a_build_that_changes_nothing_touches_nothing(folder: Path) -> None:
    build("out", {"a": b"1", "b/c": b"2"})
    before = {path: path.stat().st_ino for path in (folder / "out").rglob("*")}
    build("out", {"a": b"1", "b/c": b"2"})
    assert {path: path.stat().st_ino for path in (folder / "out").rglob("*")} == before


def test_a_listing_that_is_a_link_says_nothing(tmp_path: Path) -> None:
    """What it leads to is not opened either: some devices do something when they are."""
    (tmp_path / "elsewhere").write_text(f"{'0' * 64}  registries.conf\n")
    builds = Builds(lambda name: name == "registries.conf")
    for number, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "registries.conf").touch()
        listing = tmp_path / folder / ".mirrorc-artifacts"
        listing.write_bytes((tmp_path / "elsewhere").read_bytes()) if number else listing.symlink_to("../elsewhere")
        assert builds.made(str(tmp_path / folder / "registries.conf")) == bool(number)
    assert not Builds(bool).made(str(tmp_path / "b/registries.conf"), str(tmp_path / "a"))
