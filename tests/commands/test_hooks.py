"""What two hooks of one run share, without pre-commit: this process starts both, as it would."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ROOT, Done, run_mirrorc, scrubbed
from tests.fleets import fleet_of, mirrors
from tests.repositories import commit, git, write

COMMANDS = {"check": ("check", "--tracked-only"), "build": ("build", "--tracked-only", "--fail-on-change")}
SHARED = {
    "check": "mirrorc: 5 files checked by the hook mirrorc-build",
    "build": "mirrorc: 2 clusters up to date, as the hook mirrorc-check has found",
}
NOTE = ".git/mirrorc-hooks"
ORDERS = [("check", "build"), ("build", "check")]


def hook(name: str, *more: str, through: tuple[str, ...] = (), **environment: str) -> Done:
    done = subprocess.run(
        [*through, sys.executable, "-m", "compiler", *COMMANDS[name], *more],
        env={**scrubbed(os.environ), "PYTHONPATH": str(ROOT), "PRE_COMMIT": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(code=done.returncode, stdout=done.stdout, stderr=done.stderr)


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


def is_shared(name: str, done: Done) -> bool:
    assert done.code == 0, done
    return done.stderr.strip().endswith(SHARED[name][-20:])


@pytest.mark.parametrize(("first", "second"), ORDERS)
def test_the_second_hook_believes_the_first(fleet: Path, first: str, second: str) -> None:
    use(first, second)
    assert hook(first).code == 0
    done = hook(second)
    assert (done.code, done.stdout, done.stderr.strip()) == (0, "", SHARED[second].replace("5 files", "3 files"))


@pytest.mark.parametrize(("first", "second"), ORDERS)
def test_a_note_is_not_believed_once_a_file_has_changed(fleet: Path, first: str, second: str) -> None:
    """Nor if the file has the same size, the same times as far as they can be set, and its place is the same."""
    use(first, second)
    path = fleet / "clusters/north/own.yaml"
    text = path.read_text()
    before = path.stat()
    assert hook(first).code == 0
    assert is_shared(second, hook(second))
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
    assert not is_shared(second, hook(second, through=("sh", "-c", '"$@"; exit $?', "sh")))
    assert not is_shared(second, hook(second, ANY="1"))
    assert is_shared(second, hook(second))
    since, _, rest = (fleet / NOTE).read_text().partition("\n")
    for other in (int(since) - 1, int(since) - 700 * 10**9, 0, "x", "9" * 40):
        (fleet / NOTE).write_text(f"{other}\n{rest}")
        assert not is_shared(second, hook(second))


def test_a_note_is_not_believed_by_other_options(fleet: Path) -> None:
    assert hook("check").code == 0
    assert is_shared("build", hook("build"))
    assert "hook" not in hook("build", "--cluster", "north").stderr
    (fleet / NOTE).unlink()
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
    assert not is_shared("build", hook("build"))


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
    assert not is_shared("build", hook("build"))
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
    assert is_shared("build", hook("build"))
    assert not [*(fleet / ".git").glob(".mirrorc-*")]


def test_a_baseline_keeps_the_hooks_apart_where_it_hides_an_error(fleet: Path) -> None:
    write(
        fleet, "clusters/north/own.yaml", text=mirrors("own", "quay.io/north: n.example.com/x").replace("mirrors", "x")
    )
    config = (fleet / ".mirrorc.yaml").read_text() + "baseline: known.json\n"
    write(fleet, ".mirrorc.yaml", text=config)
    assert run_mirrorc("check", "--write-baseline", "known.json", cwd=Path.cwd()).code == 0
    git("add", "-A")
    assert hook("check").code == 0
    done = hook("build")
    assert done.code == 1
    assert "error[" in done.stderr


def test_errors_that_the_first_hook_reported_are_not_read_again(fleet: Path) -> None:
    write(
        fleet, "clusters/north/own.yaml", text=mirrors("own", "quay.io/north: n.example.com/x").replace("mirrors", "x")
    )
    git("add", "-A")
    first = hook("check")
    assert first.code == 1
    done = hook("build")
    count = first.stdout.count("error[")
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"mirrorc: {count} finding")
    assert done.stderr.rstrip().endswith(("the hook mirrorc-check reports it", "the hook mirrorc-check reports them"))


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
