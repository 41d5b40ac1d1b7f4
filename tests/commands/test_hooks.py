"""What two hooks of one run share, without pre-commit: this process starts both, as it would."""

import contextlib
import itertools
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from compiler.commands.outcomes import BuildOutcome, as_plain, of_plain
from compiler.repository.paths import Destination
from compiler.repository.tracked import Tracked, read_note, remove_note, tracked, write_note
from tests.command import ROOT, run_mirrorc, scrubbed, tree
from tests.fleets import fleet_of, mirrors
from tests.repositories import commit, git, write

COMMANDS = {"check": ("check", "--tracked-only"), "build": ("build", "--tracked-only", "--fail-on-change")}
NOTE = ".git/mirrorc-hooks"
ORDERS = [("check", "build"), ("build", "check")]


class Hooked(NamedTuple):
    """What a hook printed, how it ended, and whether it read the repo."""

    code: int
    stdout: str
    stderr: str
    has_read: bool


def hook(name: str, *more: str, through: tuple[str, ...] = (), **environment: str) -> Hooked:
    done = subprocess.run(
        [*through, sys.executable, "-X", "importtime", "-m", "compiler", *COMMANDS[name], *more],
        env={**scrubbed(os.environ), "PYTHONPATH": str(ROOT), "PRE_COMMIT": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    lines = done.stderr.splitlines(keepends=True)
    said = "".join(line for line in lines if not line.startswith("import time:"))
    return Hooked(done.returncode, done.stdout, said, any("compiler.clusters.loading" in line for line in lines))


def use(first: str, second: str) -> None:
    write(
        Path(), ".pre-commit-config.yaml", text=f"repos:\n- hooks:\n  - id: mirrorc-{first}\n  - id: mirrorc-{second}\n"
    )
    git("add", "-A")


@pytest.fixture
def fleet(repo: Path) -> Path:
    """A repo of two clusters with rendered files and the hook `mirrorc-check` before `mirrorc-build`, committed."""
    fleet_of(repo, "north", "south")
    assert run_mirrorc("build", cwd=Path.cwd()).code == 0
    use("check", "build")
    commit()
    return repo


def is_shared(done: Hooked) -> bool:
    assert done.code == 0, done
    return not done.has_read


def broken(path: Path) -> None:
    path.write_text(path.read_text().replace("mirrors:", "mirror:"))


# What a commit may contain, each as a function that changes the fleet.


def nothing(fleet: Path) -> None:
    pass


def finding(fleet: Path) -> None:
    broken(fleet / "clusters/north/own.yaml")


def stale(fleet: Path) -> None:
    own = fleet / "clusters/south/own.yaml"
    own.write_text(own.read_text().replace("south.example", "other.example"))


def both(fleet: Path) -> None:
    finding(fleet)
    stale(fleet)


def all_broken(fleet: Path) -> None:
    broken(fleet / "base/mirrors.yaml")


def warned(fleet: Path) -> None:
    write(fleet, "clusters/north/more.yaml", text=mirrors("more", "docker.io/nginx: n.example.com/nginx"))


def new(fleet: Path) -> None:
    write(fleet, "clusters/west/own.yaml", text=mirrors("own", "quay.io/west: w.example.com/x"))
    write(fleet, ".mirrorc.yaml", text=(fleet / ".mirrorc.yaml").read_text() + "- name: west\n")


def gone(fleet: Path) -> None:
    config = fleet / ".mirrorc.yaml"
    config.write_text(config.read_text().replace("- name: south\n", ""))


def untracked(fleet: Path) -> None:
    git("rm", "-q", "--cached", "rendered/north/registries.conf")


def ignored(fleet: Path) -> None:
    write(fleet, ".gitignore", text="/rendered/\n")
    git("rm", "-q", "-r", "--cached", "rendered")
    stale(fleet)


def killed(fleet: Path) -> None:
    write(fleet, "rendered/north/.mirrorc-abcdef01", text="x")


def killed_elsewhere(fleet: Path) -> None:
    write(fleet, "clusters/north/.mirrorc-abcdef01", text="x")
    killed(fleet)


def foreign(fleet: Path) -> None:
    listing = fleet / "rendered/north/.mirrorc-artifacts"
    listing.write_text("")


def kept(fleet: Path) -> None:
    listing = fleet / "rendered/north/.mirrorc-artifacts"
    listing.write_text(listing.read_text() + f"{'0' * 64}  machine-configs/99-own.yaml\n")
    write(fleet, "rendered/north/machine-configs/99-own.yaml", text="own")


def in_the_way(fleet: Path) -> None:
    shutil.rmtree(fleet / "rendered/north")
    write(fleet, "rendered/north", text="x")


def none_at_all(fleet: Path) -> None:
    shutil.rmtree(fleet / "base")
    shutil.rmtree(fleet / "clusters")
    write(fleet, "base/other.yaml", text="kind: Namespace\n")
    write(fleet, "clusters/north/other.yaml", text="kind: Namespace\n")
    write(fleet, "clusters/south/other.yaml", text="kind: Namespace\n")


def one_is_empty(fleet: Path) -> None:
    write(fleet, "base/mirrors.yaml", text="kind: Namespace\n")
    write(fleet, "clusters/north/own.yaml", text="kind: Namespace\n")


def unknown(fleet: Path) -> None:
    write(fleet, "clusters/north/own.yaml", text=mirrors("own", "quay.io/north: '{{ .Values.x }}/x'"))


def unread(fleet: Path) -> None:
    (fleet / "clusters/north/own.yaml").chmod(0)


def no_path(fleet: Path) -> None:
    config = fleet / ".mirrorc.yaml"
    config.write_text(config.read_text().replace("paths: [base,", "paths: [bare,"))


def unclaimed(fleet: Path) -> None:
    write(fleet, "other/more.yaml", text=mirrors("more", "quay.io/other: o.example.com/x"))
    stale(fleet)


def linked(fleet: Path) -> None:
    (fleet / "clusters/north/link.yaml").symlink_to("/etc/hostname")
    stale(fleet)


def no_configuration(fleet: Path) -> None:
    shutil.rmtree(fleet / "rendered")
    shutil.rmtree(fleet / "clusters")
    (fleet / ".mirrorc.yaml").unlink()


def many(fleet: Path) -> None:
    names = [f"c{number}" for number in range(120)]
    fleet_of(fleet, "north", "south", *names)


def baseline(fleet: Path) -> None:
    finding(fleet)
    config = (fleet / ".mirrorc.yaml").read_text() + "baseline: known.json\n"
    write(fleet, ".mirrorc.yaml", text=config)
    assert run_mirrorc("check", "--write-baseline", "known.json", cwd=fleet).code == 0


def baseline_and_warning(fleet: Path) -> None:
    warned(fleet)
    baseline(fleet)
    stale(fleet)


def stale_baseline(fleet: Path) -> None:
    baseline(fleet)
    own = fleet / "clusters/north/own.yaml"
    own.write_text(own.read_text().replace("mirror:", "mirrors:"))


def bad_baseline(fleet: Path) -> None:
    baseline(fleet)
    write(fleet, "known.json", text="{")


COMMITS = (
    nothing,
    finding,
    stale,
    both,
    all_broken,
    warned,
    new,
    gone,
    untracked,
    ignored,
    killed,
    killed_elsewhere,
    foreign,
    kept,
    in_the_way,
    none_at_all,
    one_is_empty,
    unknown,
    unread,
    no_path,
    unclaimed,
    linked,
    no_configuration,
    many,
    baseline,
    baseline_and_warning,
    stale_baseline,
    bad_baseline,
)
READ_AGAIN = {("check", "bad_baseline"), ("build", "foreign")}
"""Where the first hook reads nothing, and where what the second reads is not what the first did."""


@pytest.mark.parametrize(("first", "second"), ORDERS)
@pytest.mark.parametrize("change", COMMITS, ids=lambda change: str(change.__name__))
def test_the_second_hook_does_what_it_does_alone_without_reading(
    fleet: Path, tmp_path: Path, change: Callable[[Path], None], first: str, second: str
) -> None:
    use(first, second)
    change(fleet)
    git("add", "-A")
    if change is untracked:
        untracked(fleet)
    ends = []
    for number in range(2):
        place = tmp_path / str(number) / "repo"
        shutil.copytree(fleet, place, symlinks=True)
        with contextlib.chdir(place):
            before = hook(first)
            if number == 0:
                (place / NOTE).unlink(missing_ok=True)
            after = hook(second)
        ends.append((before[:3], after[:3], tree(place / "rendered") if (place / "rendered").is_dir() else None))
    assert ends[0] == ends[1]
    assert after.has_read is ((first, change.__name__) in READ_AGAIN)


@pytest.mark.parametrize(("first", "second"), ORDERS)
def test_a_note_is_not_believed_once_a_file_has_changed(fleet: Path, first: str, second: str) -> None:
    """Nor if the file has the same size, the same times as far as they can be set, and its place is the same."""
    use(first, second)
    path = fleet / "clusters/north/own.yaml"
    text = path.read_text()
    before = path.stat()
    assert hook(first).code == 0
    assert is_shared(hook(second))
    path.write_text(text.replace("north.example", "other.example"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    done = hook(second)
    assert "hook" not in done.stderr
    if second == "build":
        assert done.code == 1
        assert "other.example.com" in (fleet / "rendered/north/registries.conf").read_text()


@pytest.mark.parametrize(("first", "second"), ORDERS)
def test_a_note_is_not_believed_by_another_run(fleet: Path, first: str, second: str) -> None:
    """Another process that starts it, another environment, another time."""
    use(first, second)
    assert hook(first).code == 0
    assert not is_shared(hook(second, through=("sh", "-c", '"$@"; exit $?', "sh")))
    assert not is_shared(hook(second, ANY="1"))
    since, _, rest = (fleet / NOTE).read_text().partition("\n")
    assert is_shared(hook(second))
    for other in (int(since) - 1, int(since) - 700 * 10**9, 0, "x", "9" * 40):
        (fleet / NOTE).write_text(f"{other}\n{rest}")
        assert not is_shared(hook(second))


def test_a_note_is_not_believed_by_other_options(fleet: Path) -> None:
    assert hook("check").code == 0
    assert hook("build", "--cluster", "north").has_read
    assert is_shared(hook("build"))
    hook("check", "--strict")
    assert not (fleet / NOTE).exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"1\n", b"1\n\n0\nnothing to do\n", b"\xff" * 5000],
    ids=["empty", "zero", "cut", "no key", "long"],
)
def test_other_content_of_a_note_is_not_believed(fleet: Path, content: bytes) -> None:
    """A killed run, or two at once, may leave anything."""
    (fleet / NOTE).write_bytes(content)
    assert not is_shared(hook("build"))


def test_a_note_with_other_artifacts_is_not_believed(fleet: Path) -> None:
    """What is in it, and for which files, is part of what has to be true."""
    stale(fleet)
    git("add", "-A")
    assert hook("check").code == 0
    note = (fleet / NOTE).read_text()
    for old, other in (("other.example", "evil.example"), ('"rendered/south"', '"clusters/south"'), ("[[1,", "[[2,")):
        (fleet / NOTE).write_text(note.replace(old, other))
        done = hook("build")
        assert done.has_read, old
        assert "other.example" in (fleet / "rendered/south/registries.conf").read_text()
        git("checkout", "-q", "--", "rendered")


def test_a_plan_names_only_files_that_a_build_can_make() -> None:
    outcome = BuildOutcome(cluster="a", output=Destination(".", "x"), counts={}, files={"registries.conf": b"x"})
    plain = json.loads(json.dumps(as_plain([outcome])))
    assert of_plain(plain) == [outcome]
    for name in ("../x", "a/../registries.conf", ".git/config", "/etc/x", "machine-configs/../x.yaml", ""):
        assert of_plain(json.loads(json.dumps(plain).replace("registries.conf", name))) is None
    others: tuple[object, ...] = (
        None,
        [],
        {},
        [[], [[]]],
        [["x"], [[{}, ["", ""], None]]],
        [[], "x"],
        [plain[0], [*plain[1], 1]],
    )
    for other in others:
        assert of_plain(other) is None
    assert as_plain([replace(outcome, is_lost=True)]) is None


def test_what_is_planned_and_not_written_is_removed_with_the_note(fleet: Path) -> None:
    stale(fleet)
    git("add", "-A")
    assert hook("check").code == 0
    assert (fleet / NOTE).exists()
    assert hook("build").code == 1
    assert not (fleet / NOTE).exists()


@pytest.mark.parametrize("change", [finding, stale, both])
def test_a_finding_is_printed_once(fleet: Path, change: Callable[[Path], None]) -> None:
    for first, second in ORDERS:
        git("reset", "-q", "--hard")
        use(first, second)
        change(fleet)
        git("add", "-A")
        said = "".join(done.stdout + done.stderr for done in (hook(first), hook(second)))
        assert said.count("error[") == (change is not stale)


def test_a_finding_is_printed_by_the_build_after_which_no_hook_runs(fleet: Path) -> None:
    finding(fleet)
    for fail_fast, count in (("", 0), ("fail_fast: true\n", 1), ("# fail_fast: true\n", 0)):
        use("build", "check")
        config = fleet / ".pre-commit-config.yaml"
        config.write_text(fail_fast + config.read_text())
        git("add", "-A")
        assert hook("build").stderr.count("error[") == count


def test_findings_that_a_baseline_hides_are_printed_by_the_build_that_they_stop(fleet: Path) -> None:
    for first, second in ORDERS:
        git("reset", "-q", "--hard")
        use(first, second)
        baseline(fleet)
        broken(fleet / "clusters/south/own.yaml")
        git("add", "-A")
        ends = {name: hook(name) for name in (first, second)}
        assert [done.code for done in ends.values()] == [1, 1]
        assert (ends["check"].stdout.count("error["), ends["build"].stderr.count("error[")) == (1, 1)
        assert "clusters/north/own.yaml" in ends["build"].stderr
        assert not ends[second].has_read


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_what_stands_in_the_place_of_a_note_is_left_alone(fleet: Path, kind: str) -> None:
    place, target = fleet / NOTE, fleet / "target"
    if kind == "folder":
        place.mkdir()
    elif kind == "link":
        place.symlink_to(target)
    else:
        os.mkfifo(place)
    assert hook("check").code == 0
    assert not is_shared(hook("build"))
    assert not target.exists()
    assert not place.is_file()


def test_a_git_directory_that_cannot_be_written_to_is_no_error(fleet: Path) -> None:
    os.rename(fleet / ".git", fleet.parent / "elsewhere")  # noqa: PTH104 - a folder
    (fleet.parent / "elsewhere" / "mirrorc-hooks").mkdir()
    write(fleet, ".git", text=f"gitdir: {fleet.parent / 'elsewhere'}\n")
    for name in ("check", "build"):
        done = hook(name)
        assert (done.code, "hook" in done.stderr) == (0, False)


def test_two_runs_at_once_are_both_right(fleet: Path) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-m", "compiler", *COMMANDS[name]],
            env={**scrubbed(os.environ), "PYTHONPATH": str(ROOT), "PRE_COMMIT": "1"},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        for name in ("check", "build") * 3
    ]
    assert [each.wait() for each in starts] == [0] * 6
    assert is_shared(hook("build"))
    assert not [*(fleet / ".git").glob(".mirrorc-*")]


def test_errors_that_the_first_hook_reported_are_not_read_again(fleet: Path) -> None:
    write(
        fleet, "clusters/north/own.yaml", text=mirrors("own", "quay.io/north: n.example.com/x").replace("mirrors", "x")
    )
    git("add", "-A")
    first = hook("check")
    assert first.code == 1
    done = hook("build")
    count = first.stdout.count("error[")
    assert (done.code, done.stdout, done.has_read) == (1, "", False)
    assert done.stderr.startswith(f"mirrorc: {count} finding: the hook mirrorc-check reports it\n")


def test_what_another_user_left_is_not_believed(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tracked()
    assert tree is not None
    write_note(tree, "mirrorc-hooks", b"x")
    assert read_note(tree, "mirrorc-hooks") == b"x"
    owner = (fleet / NOTE).stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert read_note(tree, "mirrorc-hooks") == b""


def test_what_another_user_could_have_changed_is_not_believed(fleet: Path) -> None:
    """A note is this user's alone, whatever the umask leaves and whatever it replaces."""
    tree = tracked()
    assert tree is not None
    mask = os.umask(0)
    try:
        for before in (None, 0o666, 0o444):
            (fleet / NOTE).unlink(missing_ok=True)
            if before is not None:
                (fleet / NOTE).touch()
                (fleet / NOTE).chmod(before)
            write_note(tree, "mirrorc-hooks", b"x")
            if before != 0o444 or os.geteuid() == 0:
                assert stat.S_IMODE((fleet / NOTE).stat().st_mode) == 0o600
                assert read_note(tree, "mirrorc-hooks") == b"x"
    finally:
        os.umask(mask)
    for mode in (0o620, 0o602, 0o666):
        (fleet / NOTE).chmod(mode)
        assert read_note(tree, "mirrorc-hooks") == b""


@pytest.mark.parametrize("name", [".pre-commit-config.yaml", "prek.toml"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "link", "device", "round"])
def test_what_is_no_file_in_the_place_of_the_hooks_configuration_is_not_waited_for(
    fleet: Path, name: str, kind: str
) -> None:
    for each in (".pre-commit-config.yaml", name):
        (fleet / each).unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(fleet / name)
    elif kind == "folder":
        (fleet / name).mkdir()
    else:
        (fleet / name).symlink_to({"link": "/dev/stdin", "device": "/dev/zero", "round": name}[kind])
    done = subprocess.run(
        [sys.executable, "-m", "compiler", *COMMANDS["check"]],
        env={**scrubbed(os.environ), "PYTHONPATH": str(ROOT), "PRE_COMMIT": "1"},
        stdin=subprocess.PIPE,  # which nobody writes to
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


# --- Steps of who reads or writes a note, and what becomes of the note before each -----


def swapped(kind: str, place: Path, outside: Path, content: bytes) -> None:
    """Put something else in the place of a note."""
    if kind in {"git link", "git file", "git folder"}:
        place.parent.rename(place.parent.parent / "aside")
        if kind == "git link":
            place.parent.symlink_to(outside)
        elif kind == "git file":
            place.parent.write_text(f"gitdir: {outside}\n")
        else:
            place.parent.mkdir()
        return
    if place.is_dir() and not place.is_symlink():
        place.rmdir()
    place.unlink(missing_ok=True)
    if kind == "link":
        place.symlink_to(outside / "mirrorc-hooks")
    elif kind == "hard link":
        place.hardlink_to(outside / "mirrorc-hooks")
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "folder":
        place.mkdir()
    elif kind == "device":
        os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    elif kind != "gone":
        place.write_bytes({"cut": content[:3], "empty": b"", "another user's": content}[kind])
        if kind == "another user's":
            os.chown(place, 65534, 65534)


KINDS = ["link", "hard link", "pipe", "folder", "gone", "cut", "empty", "git link", "git file", "git folder"]
ONLY_ROOT = ["device", "another user's"]
STEPS = ("open", "stat", "lstat", "fstat", "read", "close", "listdir", "unlink", "replace", "write", "access", "fchmod")


@pytest.mark.parametrize("kind", [*KINDS, *(ONLY_ROOT if os.geteuid() == 0 else [])])
@pytest.mark.parametrize("work", ["read", "write", "remove"])
def test_a_note_that_is_swapped_at_any_step_leads_nowhere(
    folder: Path, kind: str, work: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing outside is read, written or removed, nothing is waited for, and no temporary file stays."""
    outside = folder / "outside"
    write(outside, "mirrorc-hooks", text="mine")
    write(outside, ".mirrorc-abcd1234", text="mine")
    for step in itertools.count(1):
        place = folder / str(step) / ".git" / "mirrorc-hooks"
        place.parent.mkdir(parents=True)
        tree = Tracked(str(place.parent), b"")
        write_note(tree, place.name, b"a note")
        left = step
        before = {path: path.stat() for path in (outside, *outside.iterdir())}

        def stepping(real: Callable[..., object], place: Path = place) -> Callable[..., object]:
            def stepped(*arguments: object, **more: object) -> object:
                nonlocal left
                left -= 1
                if left == 0:
                    with monkeypatch.context() as undone:
                        for name in STEPS:
                            undone.setattr(os, name, REAL[name])
                        swapped(kind, place, outside, b"forged")
                return real(*arguments, **more)

            return stepped

        with monkeypatch.context() as patched:
            for name in STEPS:
                patched.setattr(os, name, stepping(REAL[name]))
            if work == "read":
                content = read_note(tree, place.name)
            elif work == "write":
                write_note(tree, place.name, b"another note")
            else:
                remove_note(tree, place.name)
        if work == "read":
            own = {"cut": b"for", "hard link": b"mine"}.get(kind, b"")  # files of this user
            assert content in {b"", b"a note", own}, step
        for path, found in before.items():
            assert (path.stat().st_mtime_ns, path.stat().st_mode) == (found.st_mtime_ns, found.st_mode)
        assert {path.read_bytes() for path in outside.iterdir()} == {b"mine"}
        if kind != "git link":
            assert not [*(folder / str(step)).glob("*/.mirrorc-*")], step
        if left > 0:
            break
    assert step > 4


REAL = {name: getattr(os, name) for name in STEPS}


def test_a_hook_alone_leaves_nothing(fleet: Path) -> None:
    write(fleet, ".pre-commit-config.yaml", text="repos:\n- hooks:\n  - id: mirrorc-check\n")
    git("add", "-A")
    assert hook("check").code == 0
    use("check", "build")
    assert hook("check", SKIP="mirrorc-build").code == 0
    assert not (fleet / NOTE).exists()


def test_with_checks_reports_what_check_reports(fleet: Path) -> None:
    """Files that no cluster reads among it."""
    write(fleet, "other/more.yaml", text=mirrors("more", "quay.io/other: o.example.com/x"))
    git("add", "-A")
    assert "warning[unclaimed-manifest]" in run_mirrorc("check", cwd=Path.cwd()).stdout
    assert "warning[unclaimed-manifest]" in run_mirrorc("build", "--with-checks", cwd=Path.cwd()).stderr
