"""What a hostile repo cannot make mirrorc do to files: each test is a promise of SECURITY.md.

Every attack runs the real command on a real Git work tree beside a folder that it must not reach.
"""

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from compiler.repository import folders
from tests.command import ROOT, Done, call_mirrorc, run_mirrorc, tree
from tests.repositories import commit, git, write

MANIFEST = (
    "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {name: a}\nspec:\n"
    "  imageDigestMirrors:\n  - {source: quay.io/a, mirrors: [m.example.com/a]}\n"
)
LISTING = ".mirrorc-artifacts"


@pytest.fixture
def outside(repo: Path) -> Path:
    """A folder beside the repo, which the user keeps files in."""
    write(repo, "a.yaml", text=MANIFEST)
    place = repo.parent / "home" / ".config" / "containers"
    write(place, "registries.conf", text="mine")
    return place


def unharmed(outside: Path) -> bool:
    return tree(outside.parent.parent) == {".config/containers/registries.conf": b"mine"}


def refused(*arguments: str, cwd: Path, says: str) -> Done:
    """A command that ends with exit code 2 and one message."""
    done = call_mirrorc(*arguments, cwd=cwd)
    assert done.code == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    return done


# --- Links on the way to what is written ---------------------------------------------


LINKS: dict[str, tuple[str, list[str]]] = {
    "the default folder": ("rendered", []),
    "a folder that is named": ("out", ["-o", "out"]),
    "a folder on the way": ("link", ["-o", "link/containers"]),
    "a folder on the way, deeper": ("a/link", ["-o", "a/link/containers/x"]),
    "a folder with slashes at its end": ("out", ["-o", "out//"]),
    "a folder by its full path": ("out", ["-o", "{repo}/out"]),
    "a folder reached with ..": ("out", ["-o", "../repo/out"]),
}


@pytest.mark.parametrize("case", LINKS)
@pytest.mark.parametrize("check", [[], ["--check"]])
def test_a_build_writes_through_no_link(case: str, check: list[str], repo: Path, outside: Path) -> None:
    place, arguments = LINKS[case]
    (repo / place).parent.mkdir(exist_ok=True)
    (repo / place).symlink_to(outside if place.endswith(("rendered", "out")) else outside.parent)
    refused("build", *(each.format(repo=repo) for each in arguments), *check, cwd=repo, says="is a link")
    assert unharmed(outside)


@pytest.mark.parametrize("inside", ["registries.conf", "machine-configs", LISTING, "machine-configs/x.yaml"])
def test_a_build_writes_through_no_link_in_its_folder(inside: str, repo: Path, outside: Path) -> None:
    name = "machine-configs/99-worker-generated-registries.yaml" if inside.endswith("x.yaml") else inside
    (repo / "rendered" / name).parent.mkdir(parents=True)
    (repo / "rendered" / name).symlink_to(outside if "." not in inside else outside / "registries.conf")
    refused("build", cwd=repo, says=f"rendered/{name} is a link")
    assert unharmed(outside)


@pytest.mark.parametrize("output", ["link", "link/x", "deep/link/x/y", "rendered"])
def test_a_configured_output_leads_through_no_link(output: str, repo: Path, outside: Path) -> None:
    link = repo / output.partition("/x")[0]
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(os.path.relpath(outside, link.parent))
    write(repo, ".mirrorc.yaml", text=f"version: 1\ndefaults: {{paths: [a.yaml], output: {output}}}\n")
    refused("build", cwd=repo, says="is a link")
    assert unharmed(outside)


def test_a_configured_output_leads_through_no_link_without_git(folder: Path) -> None:
    write(folder, "a.yaml", text=MANIFEST)
    (folder.parent / "outside").mkdir()
    (folder / "link").symlink_to("../outside")
    write(folder, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [a.yaml], output: link/x}\n")
    refused("build", cwd=folder, says="link is a link")
    write(folder, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [a.yaml]}\n")
    (folder / "rendered").symlink_to("../outside")
    refused("build", cwd=folder, says="rendered is a link")
    assert tree(folder.parent / "outside") == {}


@pytest.mark.parametrize("output", ["../x", "/tmp/x", "a/../../x", "..", ".git", ".git/hooks", "x/.GIT/y", ".git./x"])
def test_a_configured_output_stays_below_its_folder(output: str, repo: Path, outside: Path) -> None:
    write(repo, ".mirrorc.yaml", text=f"version: 1\ndefaults: {{paths: [a.yaml], output: {output}}}\n")
    before = tree(repo)
    assert call_mirrorc("build", cwd=repo).code == 2
    assert tree(repo) == before


@pytest.mark.parametrize("target", ["nowhere", "../nowhere", "a.yaml"])
def test_a_link_that_leads_nowhere_is_reported(target: str, repo: Path, outside: Path) -> None:
    (repo / "link").symlink_to(target)
    refused("build", "-o", "link/out", cwd=repo, says="link is a link")


HARD_LINKS = {
    "build": ["build"],
    "check --fix": ["check", "--fix", "rendered/b.yaml"],
    "a report": ["check", "a.yaml", "--format", "json=rendered/registries.conf"],
    "a baseline": ["check", "a.yaml", "--write-baseline", "rendered/registries.conf"],
    "a page": ["report", "a.yaml", "-o", "rendered/registries.conf"],
    "merge": ["merge", "a.yaml", "--into", "rendered"],
    "migrate": ["migrate", "rendered/c.yaml", "--at-once"],
}


@pytest.mark.parametrize("case", HARD_LINKS)
def test_no_second_name_of_a_file_is_written_to(case: str, repo: Path, outside: Path) -> None:
    """A file that has another name elsewhere is replaced in its folder, and not changed where it is."""
    write(outside, "b.yaml", text=BROKEN.replace("name: a", "name: b"))
    old = MANIFEST.replace("config.openshift.io/v1", "operator.openshift.io/v1alpha1").replace("name: a", "name: c")
    old = old.replace("ImageDigestMirrorSet", "ImageContentSourcePolicy").replace("imageDigest", "repositoryDigest")
    write(outside, "c.yaml", text=old)
    before = tree(outside)
    write(repo, f"rendered/{LISTING}", text=f"{sha256(b'mine').hexdigest()}  registries.conf\n")
    for name in ("registries.conf", "b.yaml", "c.yaml"):
        (repo / "rendered" / name).hardlink_to(outside / name)
    done = call_mirrorc(*HARD_LINKS[case], cwd=repo)
    assert done.code in {0, 1, 2}, done.stderr
    assert tree(outside) == before


# --- Git's own folder ------------------------------------------------------------------


GIT_FOLDERS = [
    ".git",
    ".git/x",
    ".git/hooks",
    "./.git/new/deeper",
    ".GIT/x",
    ".Git",
    "a/../.git",
    "git~1/x",
    ".git./x",
    ".g\u200cit/x",
    "{repo}/.git",
    "../repo/.git/x",
    "../bare",
    "../bare/new",
    "../elsewhere",
    "../elsewhere/x",
    "../link/x",
    "../linked/.git",
    "../linked/.git/x",
    ".git/worktrees/linked",
    "sub/.git/x",
    "../link-to-bare/x",
]


@pytest.mark.parametrize("name", GIT_FOLDERS)
def test_a_build_writes_into_no_git_directory(name: str, repo: Path, outside: Path) -> None:
    (repo / "a").mkdir()
    commit()
    git("init", "-q", "--bare", "../bare")
    git("init", "-q", "--separate-git-dir", "../elsewhere", "../separate")
    git("worktree", "add", "-q", "../linked")
    git("init", "-q", "sub")
    (repo.parent / "link").symlink_to("repo/.git")
    (repo.parent / "link-to-bare").symlink_to("bare")
    before = tree(repo.parent)
    refused("build", "a.yaml", "-o", name.format(repo=repo), cwd=repo, says="mirrorc: ")
    assert tree(repo.parent) == before


def test_a_build_inside_a_git_directory_writes_nothing(repo: Path, outside: Path) -> None:
    (repo / ".git" / "hooks").mkdir(exist_ok=True)
    before = tree(repo)
    refused("build", "../../a.yaml", "-o", "x", cwd=repo / ".git" / "hooks", says="is inside a Git directory")
    assert tree(repo) == before


# --- What works as before --------------------------------------------------------------


def test_links_outside_the_work_tree_are_the_machine_s_own(repo: Path, outside: Path) -> None:
    (repo.parent / "disk").mkdir()
    (repo.parent / "link").symlink_to("disk")
    (repo.parent / "alias").symlink_to(repo)
    (repo.parent / "absolute").symlink_to(repo.parent / "link")
    for name in ("../link/one", str(repo.parent / "link" / "two"), "../absolute/three"):
        assert call_mirrorc("build", "-o", name, cwd=repo).code == 0
    assert {path.name for path in (repo.parent / "disk").iterdir()} == {"one", "two", "three"}
    done = call_mirrorc("build", str(repo.parent / "alias"), "-o", str(repo.parent / "alias" / "out"), cwd=repo.parent)
    assert done.code == 0, done.stderr
    assert (repo / "out" / "registries.conf").exists()


def test_a_repo_that_is_reached_by_a_link_builds(repo: Path, outside: Path) -> None:
    write(repo, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [a.yaml]}\n")
    (repo.parent / "alias").symlink_to(repo)
    assert run_mirrorc("build", cwd=repo.parent / "alias").code == 0
    config = str(repo.parent / "alias" / ".mirrorc.yaml")
    assert run_mirrorc("build", "--config", config, "--check", cwd=repo.parent).code == 0


# --- The listing ------------------------------------------------------------------------


def test_a_listing_removes_nothing_without_proof(repo: Path, outside: Path) -> None:
    """Neither with bare names, nor with the right digests of files that no build makes."""
    names = [
        "source.yaml",
        "src/main.py",
        "machine-configs/README.md",
        ".git/config",
        ".git/HEAD",
        ".GIT/config",
        "registries.d/notes/default.yaml",
        "registries.conf.d/.hidden",
        "x/registries.conf",
    ]
    absent = {".git/config", ".git/HEAD"}
    for name in names:
        if name not in absent:
            write(repo, name, text=f"{name}\n")
    write(repo, "machine-configs/99-own.yaml", text="own\n")
    lines = [*names, "../home/.config/containers/registries.conf", str(outside / "registries.conf"), "machine-configs"]
    digests = [f"{sha256((repo / name).read_bytes()).hexdigest()}  {name}" for name in names]
    digests.append(f"{'0' * 64}  machine-configs/99-own.yaml")
    listing = "\n".join([*lines, *digests, "machine-configs/99-own.yaml", ""])
    write(repo, LISTING, text=listing)
    write(repo, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [a.yaml], output: .}\n")
    before = tree(repo)
    done = call_mirrorc("build", cwd=repo)
    assert done.code == 0, done.stderr
    after = tree(repo)
    assert {name: after.get(name) for name in before if name != LISTING} == {
        name: content for name, content in before.items() if name != LISTING
    }
    assert "`machine-configs/99-own.yaml` was kept" in done.stderr
    assert unharmed(outside)


def test_what_is_kept_without_proof_is_reported_until_it_is_gone(repo: Path, outside: Path) -> None:
    write(repo, f"rendered/{LISTING}", text="machine-configs/99-old.yaml\n")
    write(repo, "rendered/machine-configs/99-old.yaml", text="old\n")
    for arguments, code in (([], 0), ([], 0), (["--check"], 1), (["--fail-on-change"], 1)):
        done = call_mirrorc("build", *arguments, cwd=repo)
        assert done.code == code
        assert "`rendered/machine-configs/99-old.yaml` was kept" in done.stderr
    (repo / "rendered/machine-configs/99-old.yaml").unlink()
    assert call_mirrorc("build", cwd=repo).code == 0
    done = call_mirrorc("build", "--check", cwd=repo)
    assert (done.code, "was kept" in done.stderr) == (0, False)
    assert "99-old" not in (repo / "rendered" / LISTING).read_text()


def test_a_file_that_changed_since_it_was_made_is_not_removed(repo: Path, outside: Path) -> None:
    assert call_mirrorc("build", "--pool", "master", "--pool", "infra", cwd=repo).code == 0
    edited = repo / "rendered/machine-configs/99-infra-generated-registries.yaml"
    edited.write_text("edited by hand\n")
    done = call_mirrorc("build", "--pool", "master", cwd=repo)
    assert "99-infra-generated-registries.yaml` was kept" in done.stderr
    assert edited.read_text() == "edited by hand\n"


def test_a_listing_of_an_earlier_version_takes_over_equal_bytes_alone(repo: Path, outside: Path) -> None:
    assert call_mirrorc("build", cwd=repo).code == 0
    made = tree(repo / "rendered")
    names = sorted(made.keys() - {LISTING})
    write(repo, f"rendered/{LISTING}", text="".join(f"{name}\n" for name in names))
    assert call_mirrorc("build", "--check", cwd=repo).code == 0
    assert call_mirrorc("build", cwd=repo).code == 0
    assert tree(repo / "rendered") == made
    write(repo, f"rendered/{LISTING}", text="".join(f"{name}\n" for name in names))
    write(repo, "rendered/registries.conf", text="mine")
    before = tree(repo / "rendered")
    refused("build", cwd=repo, says="rendered/registries.conf is possibly not from mirrorc")
    assert tree(repo / "rendered") == before


FORGED = [
    "{digest}  source.yaml",
    "{digest} *registries.conf",
    "\\{digest}  registries.conf",
    "{digest}  ./registries.conf",
    "{digest}  x/../registries.conf",
    "{digest}  rendered/registries.conf",
    "{digest}  registries.conf ",
    "{digest}  registries.conf\r",
    "{digest}  registries.conf\x00",
    "{upper}  registries.conf",
    "{digest}  REGISTRIES.CONF",
    "{digest}  machine-configs/../registries.conf",
    "{digest}  machine-configs//x.yaml",
    "{digest}  machine-configs/..",
    "{digest}  .git",
    "{digest}  .",
    "{digest}  ",
    "{digest}  registries.conf.d/01-image-searchRegistries.conf/x",
    "# {digest}  registries.conf",
    "registries.conf",
]
"""Lines that prove nothing, each with the digest of the file that is there."""


@pytest.mark.parametrize("line", FORGED)
def test_a_forged_line_removes_nothing(line: str, repo: Path, outside: Path) -> None:
    write(repo, "source.yaml", text="mine\n")
    write(repo, ".git/registries.conf", text="mine\n")
    write(repo, "machine-configs/README.md", text="mine\n")
    write(repo, "registries.d/notes", text="mine\n")
    digest = sha256(b"mine\n").hexdigest()
    write(repo, LISTING, text=line.format(digest=digest, upper=digest.upper()) + "\n")
    write(repo, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [a.yaml], output: .}\n")
    before = {name: content for name, content in tree(repo).items() if content == b"mine\n"}
    done = call_mirrorc("build", cwd=repo)
    assert done.code in {0, 2}, done.stderr
    assert {name: content for name, content in tree(repo).items() if content == b"mine\n"} == before


def test_a_listing_that_is_not_a_file_is_reported(repo: Path, outside: Path) -> None:
    (repo / "rendered" / LISTING).mkdir(parents=True)
    refused("build", cwd=repo, says=f"rendered/{LISTING} is a folder")


# --- Pipes and devices --------------------------------------------------------------------


@pytest.mark.parametrize("check", [[], ["--check"]])
@pytest.mark.parametrize("name", ["registries.conf", "machine-configs", LISTING])
def test_a_pipe_in_the_output_folder_is_reported(name: str, check: list[str], repo: Path, outside: Path) -> None:
    (repo / "rendered").mkdir()
    os.mkfifo(repo / "rendered" / name)
    done = run_mirrorc("build", *check, cwd=repo, timeout=30)
    assert done.code == 2
    assert f"rendered/{name}" in done.stderr


def test_a_listed_pipe_is_kept_and_reported(repo: Path, outside: Path) -> None:
    (repo / "rendered/machine-configs").mkdir(parents=True)
    os.mkfifo(repo / "rendered/machine-configs/old.yaml")
    write(repo, f"rendered/{LISTING}", text=f"{'0' * 64}  machine-configs/old.yaml\n")
    done = run_mirrorc("build", cwd=repo, timeout=30)
    assert (done.code, "machine-configs/old.yaml` was kept" in done.stderr) == (0, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_in_the_output_folder_is_not_opened(repo: Path, outside: Path) -> None:
    (repo / "rendered").mkdir()
    os.mknod(repo / "rendered/registries.conf", stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero
    refused("build", cwd=repo, says="rendered/registries.conf is a device")


# --- Races, kills and locks -----------------------------------------------------------------


@contextmanager
def meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Do something over and over in the background."""
    done = threading.Event()

    def loop() -> None:
        while not done.is_set():
            work()

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("swapped", ["rendered", "rendered/machine-configs"])
def test_links_that_are_swapped_in_while_a_build_runs_lead_nowhere(swapped: str, repo: Path, outside: Path) -> None:
    place, link = repo / swapped, repo / "link"
    place.mkdir(parents=True)
    (outside / "machine-configs").mkdir()
    before = {path: path.stat().st_mtime_ns for path in outside.rglob("*")}
    numbers = count()

    def swap() -> None:
        # The build makes the folder anew if it looks while there is none.
        with suppress(OSError):
            link.symlink_to(outside)
        for step in (lambda: place.rename(repo / f"aside-{next(numbers)}"), lambda: link.rename(place), place.unlink):
            with suppress(OSError):
                step()

    with meanwhile(swap):
        codes = {run_mirrorc("build", cwd=repo).code for _ in range(12)}
    assert codes <= {0, 2}
    assert {path: path.stat().st_mtime_ns for path in outside.rglob("*")} == before


def start(*arguments: str, cwd: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "compiler", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def many(host: str) -> str:
    return MANIFEST + "".join(f"  - {{source: quay.io/{n}, mirrors: [{host}/{n}]}}\n" for n in range(300))


def test_a_build_that_is_killed_at_any_moment_leaves_whole_files(repo: Path, outside: Path) -> None:
    """Killed with SIGKILL ten times, each time a little later; then one build puts everything right."""
    states = []
    for host in ("m.example.com", "n.example.com"):
        write(repo, "a.yaml", text=many(host))
        assert call_mirrorc("build", "-o", host, cwd=repo).code == 0
        states.append(tree(repo / host))
    begun = time.monotonic()
    assert call_mirrorc("build", cwd=repo).code == 0
    took = max(time.monotonic() - begun, 0.3)
    for turn in range(10):
        write(repo, "a.yaml", text=many(("m.example.com", "n.example.com")[turn % 2]))
        with start("build", cwd=repo) as process:
            time.sleep(took * (0.5 + turn / 8))
            process.send_signal(signal.SIGKILL)
            process.communicate()
        for name, content in tree(repo / "rendered").items():
            assert name == LISTING or ".mirrorc-" in name or content in {state[name] for state in states}, name
    write(repo, "a.yaml", text=many("m.example.com"))
    assert call_mirrorc("build", cwd=repo).code == 0
    assert tree(repo / "rendered") == states[0]


@pytest.mark.parametrize("place", ["rendered", "rendered/machine-configs"])
def test_what_a_killed_build_left_is_reported_and_removed(place: str, repo: Path, outside: Path) -> None:
    assert call_mirrorc("build", cwd=repo).code == 0
    made = tree(repo / "rendered")
    write(repo, f"{place}/.mirrorc-ab12cd34", text="half")
    for name in (".mirrorc-notes", ".mirrorc-AB12CD34", ".mirrorc-ab12cd34x"):
        write(repo, f"{place}/{name}", text="mine")
    (repo / place / ".mirrorc-folder00").mkdir()
    kept = tree(repo / "rendered")
    done = call_mirrorc("build", "--check", cwd=repo)
    assert done.code == 1
    assert (
        f"a temporary file of a run that was killed: `{place}/.mirrorc-ab12cd34`\n  The next build removes"
        in done.stderr
    )
    assert tree(repo / "rendered") == kept
    git("add", "a.yaml")
    done = call_mirrorc("build", "--tracked-only", "--fail-on-change", cwd=repo)
    assert done.code == 1
    assert f"`{place}/.mirrorc-ab12cd34`\n  The build removed it.\n" in done.stderr
    left = {name: content for name, content in tree(repo / "rendered").items() if content != b"mine"}
    assert left == made
    assert len(tree(repo / "rendered")) == len(made) + 3


@pytest.mark.parametrize("in_git", [True, False])
def test_check_reports_what_a_killed_run_left(in_git: bool, repo: Path, outside: Path) -> None:
    for name in ("sub/.mirrorc-ab12cd34", ".mirrorc-ab12cd35"):
        write(repo, name, text=MANIFEST)
    write(repo, ".mirrorc-artifacts", text="")
    if in_git:
        git("add", "-A")
    else:
        (repo / ".git").rename(repo.parent / "git")
    for arguments in ([], ["--tracked-only"], ["sub"]) if in_git else ([],):
        done = call_mirrorc("check", *arguments, cwd=repo)
        assert done.code == 1
        assert "`sub/.mirrorc-ab12cd34`" in done.stderr
        assert ("`.mirrorc-ab12cd35`" in done.stderr) == (arguments != ["sub"])
        assert "artifacts" not in done.stderr
    assert call_mirrorc("check", "a.yaml", cwd=repo).code == 0


def test_two_builds_at_once_leave_the_files_of_one(repo: Path, outside: Path) -> None:
    write(repo, "m/a.yaml", text=many("m.example.com"))
    write(repo, "n/a.yaml", text=many("n.example.com").replace("name: a", "name: b"))
    states = []
    for name in ("m", "n"):
        assert call_mirrorc("build", name, "-o", f"alone-{name}", cwd=repo).code == 0
        states.append(tree(repo / f"alone-{name}"))
    for _ in range(5):
        both = [start("build", name, cwd=repo) for name in ("m", "n")]
        for process in both:
            process.communicate()
        assert [process.returncode for process in both] == [0, 0]
        assert tree(repo / "rendered") in states


def test_a_build_that_gets_no_lock_says_so(repo: Path, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    monkeypatch.setattr(folders, "_PATIENCE", 0.1)
    assert call_mirrorc("build", cwd=repo).code == 0
    held = os.open(repo / "rendered", os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        refused("build", cwd=repo, says="rendered is in use by another build")
        refused("build", "--check", cwd=repo, says="rendered is in use by another build")
        fcntl.flock(held, fcntl.LOCK_SH)
        assert call_mirrorc("build", "--check", cwd=repo).code == 0, "readers do not wait for each other"
    finally:
        os.close(held)


# --- Fixes, reports and new configurations -----------------------------------------------


BROKEN = MANIFEST.replace("config.openshift.io/v1", "operator.openshift.io/v1")


def test_a_fix_is_written_through_no_link_out_of_the_tree(repo: Path, outside: Path) -> None:
    write(outside, "b.yaml", text=BROKEN)
    (repo / "b.yaml").symlink_to(outside / "b.yaml")
    (repo / "sub").symlink_to(outside)
    before = tree(outside)
    done = call_mirrorc("check", "--fix", "b.yaml", cwd=repo)
    assert done.code == 2
    assert "b.yaml is reached through a link that leaves the tree; mirrorc does not write through it" in done.stderr
    for name in ("sub/b.yaml", "sub", "./sub/../containers/b.yaml", str(repo / "sub/b.yaml")):
        assert call_mirrorc("check", "--fix", name, cwd=repo).code == 2, name
    git("init", "-q", at=outside)
    assert call_mirrorc("check", "--fix", "sub/b.yaml", cwd=repo).code == 2, "another repository of the user"
    assert call_mirrorc("check", "--fix", ".", cwd=repo).code == 0
    assert {name: content for name, content in tree(outside).items() if not name.startswith(".git/")} == before


def test_a_fix_reaches_the_file_that_a_link_in_the_tree_leads_to(repo: Path, outside: Path) -> None:
    for name, link in (("b.yaml", "b.yaml"), ("c.yaml", "sub/c.yaml")):
        write(repo, f"real/{name}", text=BROKEN.replace("name: a", f"name: {name[0]}"))
        (repo / link.partition("/")[0]).symlink_to("real/b.yaml" if link == name else "real")
        assert call_mirrorc("check", "--fix", link, cwd=repo).code == 0
        assert (repo / link.partition("/")[0]).is_symlink()
        assert "config.openshift.io/v1" in (repo / "real" / name).read_text()


@pytest.mark.parametrize("name", ["report.json", "reports/report.json"])
def test_a_report_is_written_through_no_link_in_the_tree(name: str, repo: Path, outside: Path) -> None:
    link = repo / name.partition("/")[0]
    link.symlink_to(outside / "registries.conf" if "/" not in name else outside)
    for command in (["check"], ["explain", "quay.io/a:v1"], ["images"]):
        refused(*command, "-o", name, "--format", "json", cwd=repo, says=f"{link.name} is a link")
    assert unharmed(outside)


@pytest.mark.parametrize("name", [".git/config", ".git/new", ".GIT/config"])
def test_a_report_is_not_written_into_a_git_directory(name: str, repo: Path, outside: Path) -> None:
    (repo / ".GIT").mkdir(exist_ok=True)
    before = tree(repo)
    refused("check", "-o", name, cwd=repo, says="is inside a Git directory")
    assert tree(repo) == before


def test_a_report_goes_wherever_else_the_user_names(repo: Path, outside: Path) -> None:
    (outside / "link").symlink_to("real.json")
    for name in (outside / "new.json", outside / "link", Path("report.json")):
        assert call_mirrorc("check", "-o", name, "--format", "json", cwd=repo).code == 0
    assert (outside / "link").is_symlink()
    assert (outside / "real.json").read_bytes() == (outside / "new.json").read_bytes()
    done = subprocess.run(
        ["bash", "-c", '"$0" -m compiler check --format json -o >(cat) | cat', sys.executable],
        cwd=repo,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert done.stdout == (outside / "new.json").read_bytes()
    for device in ("/dev/stdout", "/dev/null", "/dev/fd/1"):
        assert run_mirrorc("check", "-o", device, cwd=repo).code == 0


def test_a_pipe_that_nothing_reads_is_not_waited_for_without_end(
    repo: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(repo / "pipe")
    monkeypatch.setattr(folders, "_PATIENCE", 0.1)
    for arguments in (["-o", "pipe"], ["--format", "sarif=pipe"], ["--write-baseline", "pipe"]):
        refused("check", "a.yaml", *arguments, cwd=repo, says="pipe is a named pipe that nothing reads")


def test_a_pipe_that_becomes_a_link_is_not_written_through(
    repo: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what is there and the writing: the pipe is waited for, so that there is time to swap it."""
    target = outside / "registries.conf"

    def swapped(kind: str) -> None:
        (repo / "pipe").unlink()
        if kind == "link":
            (repo / "pipe").symlink_to(target)
        else:
            (repo / "pipe").hardlink_to(target)

    for kind in ("link", "hard link"):
        (repo / "pipe").unlink(missing_ok=True)
        os.mkfifo(repo / "pipe")
        monkeypatch.setattr("compiler.repository.folders.time.sleep", lambda _, kind=kind: swapped(kind))
        assert call_mirrorc("check", "a.yaml", "-o", "pipe", cwd=repo).code == 2
        assert unharmed(outside)


WRITERS = {
    "merge": ["merge", "a.yaml", "-o", "{}/x"],
    "merge --into": ["merge", "a.yaml", "--into", "{}"],
    "migrate": ["migrate", "{}/old.yaml", "--at-once"],
    "graph": ["graph", "--repo", "a.yaml", "-o", "{}/x"],
    "graph as JSON": ["graph", "--repo", "a.yaml", "--format", "json={}/x"],
    "report": ["report", "a.yaml", "-o", "{}/x"],
    "check": ["check", "a.yaml", "--format", "sarif={}/x"],
    "a baseline": ["check", "a.yaml", "--write-baseline", "{}/x"],
    "plan": ["plan", "a.yaml", "b.yaml", "--write", "{}/x"],
    "plan as JSON": ["plan", "a.yaml", "b.yaml", "--format", "json={}/x"],
    "diff": ["diff", "a.yaml", "b.yaml", "-o", "{}/x"],
}


@pytest.mark.parametrize("case", WRITERS)
def test_no_other_command_writes_through_a_link_or_into_git(case: str, repo: Path, outside: Path) -> None:
    old = MANIFEST.replace("config.openshift.io/v1", "operator.openshift.io/v1alpha1")
    old = old.replace("ImageDigestMirrorSet", "ImageContentSourcePolicy").replace("imageDigest", "repositoryDigest")
    write(repo, "b.yaml", text=MANIFEST.replace("m.example", "n.example"))
    write(outside, "old.yaml", text=old)
    write(repo, ".git/old.yaml", text=old)
    (repo / "link").symlink_to(outside)
    (repo / "git").symlink_to(".git")
    before = tree(repo.parent)
    for place in ("link", "git") if case == "migrate" else ("link", ".git", "git"):
        done = call_mirrorc(*(each.format(place) for each in WRITERS[case]), cwd=repo)
        assert done.code == 2, (place, done.stderr)
        assert "Traceback" not in done.stderr
    assert tree(repo.parent) == before


@pytest.mark.parametrize("arguments", [[], ["."], ["link"]])
def test_init_writes_through_no_link(arguments: list[str], repo: Path, outside: Path) -> None:
    if arguments == ["link"]:
        (repo / "link").symlink_to(outside)
    else:
        (repo / ".mirrorc.yaml").symlink_to(outside / "new.yaml")
    assert call_mirrorc("init", *arguments, cwd=repo).code == 2
    assert unharmed(outside)


def test_init_leaves_a_whole_file_and_nothing_else(repo: Path, outside: Path) -> None:
    assert call_mirrorc("init", cwd=repo).code == 0
    assert {path.name for path in repo.iterdir()} == {".git", "a.yaml", ".mirrorc.yaml"}


# --- What is read on behalf of a repo ------------------------------------------------------


SECRET = MANIFEST.replace("quay.io/a", "secret.example.com/a")


@pytest.fixture
def secret(repo: Path) -> Path:
    """A folder beside the repo with a manifest that must not be read."""
    place = repo.parent / "secret"
    write(place, "a.yaml", text=SECRET)
    write(place, "kustomization.yaml", text="resources: [a.yaml]\n")
    return place


def told_nothing(*arguments: str, cwd: Path, says: str) -> None:
    """A command that refuses to read what is outside, and shows nothing of it."""
    done = call_mirrorc(*arguments, cwd=cwd)
    assert done.code in {1, 2}, done.stderr
    assert says in " ".join((done.stdout + done.stderr).split())
    assert "secret.example.com" not in done.stdout + done.stderr


CONFIGURED = {
    "a file": "paths: [link.yaml]",
    "a folder": "paths: [link]",
    "a file in it": "paths: [link/a.yaml]",
    "a pattern in it": "paths: ['link/*.yaml']",
    "a pattern below it": "paths: ['link/**']",
    "a link to a link": "paths: [again]",
    "a kustomization": "kustomization: link",
    "a kustomization's resource": "kustomization: k1",
    "a kustomization's folder": "kustomization: k2",
    "a kustomization out of the tree": "kustomization: k3",
    "a kustomization's own file": "kustomization: k4",
    "a kustomization's patch": "kustomization: k5",
}


@pytest.mark.parametrize("in_git", [True, False])
@pytest.mark.parametrize("case", CONFIGURED)
def test_no_configured_path_leads_out_of_the_tree(case: str, in_git: bool, repo: Path, secret: Path) -> None:
    (repo / "link").symlink_to("../secret")
    (repo / "link.yaml").symlink_to("../secret/a.yaml")
    (repo / "again").symlink_to("link")
    write(repo, "k1/kustomization.yaml", text="resources: [link.yaml]\n")
    (repo / "k1/link.yaml").symlink_to("../../secret/a.yaml")
    write(repo, "k2/kustomization.yaml", text="resources: [../link]\n")
    write(repo, "k3/kustomization.yaml", text="resources: [../../secret]\n")
    (repo / "k4").mkdir()
    (repo / "k4/kustomization.yaml").symlink_to(secret / "kustomization.yaml")
    write(repo, "k5/kustomization.yaml", text="resources: [own.yaml]\npatches: [{path: link.yaml}]\n")
    write(repo, "k5/own.yaml", text=MANIFEST)
    (repo / "k5/link.yaml").symlink_to("../../secret/a.yaml")
    write(repo, ".mirrorc.yaml", text=f"version: 1\nclusters:\n- {{name: north, {CONFIGURED[case]}}}\n")
    if not in_git:
        (repo / ".git").rename(repo.parent / "git")
    for command in ("check", "build"):
        done = call_mirrorc(command, cwd=repo)
        assert done.code in {1, 2}, done.stderr
        assert "secret.example.com" not in done.stdout + done.stderr
        words = " ".join((done.stdout + done.stderr).split())
        assert "leaves the tree" in words or "is outside the repo" in words, words
    assert not (repo / "rendered").exists()


READERS = {
    "generator.yaml": "apiVersion: policy.open-cluster-management.io/v1\nkind: PolicyGenerator\nmetadata: {name: g}\n"
    "policyDefaults: {remediationAction: enforce}\n"
    "policies: [{name: p, manifests: [{path: ../secret/a.yaml}, {path: ../secret}, {path: link}]}]\n",
    "butane.bu": "variant: fcos\nversion: 1.4.0\nstorage: {files: [{path: /etc/containers/registries.conf, "
    "contents: {local: ../secret/a.yaml}}]}\n",
    "application.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
    "spec: {source: {repoURL: 'https://h/r', path: ../secret, helm: {valueFiles: [../secret/a.yaml]}}}\n",
    "set.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n"
    "  generators: [{git: {files: [{path: '../secret/*'}, {path: 'link/*'}], directories: [{path: '../*'}]}}]\n"
    "  template: {spec: {source: {path: link}, destination: {name: c}}}\n",
    "flux.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\n"
    "spec: {path: ../secret, sourceRef: {kind: GitRepository, name: flux-system}}\n",
}
"""Objects that name what is outside of the repo."""


@pytest.mark.parametrize("name", READERS)
def test_no_object_leads_out_of_the_tree(name: str, repo: Path, secret: Path) -> None:
    write(repo, "a.yaml", text=MANIFEST)
    write(repo, name, text=READERS[name])
    (repo / "link").symlink_to("../secret")
    (repo / "Dockerfile").symlink_to("../secret/a.yaml")
    commit()
    for command in (["check"], ["images", "--allow-empty"], ["init", "--print"], ["report"], ["diff"]):
        done = call_mirrorc(*command, cwd=repo)
        assert done.code in {0, 1, 2}, done.stderr
        assert "secret.example.com" not in done.stdout + done.stderr, command


SETTINGS = {
    "a chart": ("helm: {chart: link}", ""),
    "a chart's values": ("helm: {chart: chart, values: [link.yaml]}", ""),
    "a chart's values by the way up": ("helm: {chart: chart, values: [../secret/a.yaml]}", ""),
    "a chart's values in a linked folder": ("helm: {chart: chart, values: [link/a.yaml]}", ""),
    "a chart's template": ("helm: {chart: linked}", ""),
    "a home": ("paths: [a.yaml]", "homes: [{path: link.yaml, cluster: north}]\n"),
    "a home's folder": ("paths: [a.yaml]", "homes: [{path: link, cluster: north}]\n"),
    "a home's pattern": ("paths: [a.yaml]", "homes: [{path: 'link/*', cluster: north}]\n"),
    "a baseline": ("paths: [a.yaml]", "baseline: link.yaml\n"),
}
"""What a cluster has, and what is beside the clusters."""


@pytest.mark.parametrize("case", SETTINGS)
def test_no_setting_leads_out_of_the_tree(case: str, repo: Path, secret: Path) -> None:
    write(repo, "a.yaml", text=MANIFEST)
    for chart in ("chart", "linked"):
        write(repo, f"{chart}/Chart.yaml", text="apiVersion: v2\nname: c\nversion: 0.1.0\n")
        write(repo, f"{chart}/templates/a.yaml", text=MANIFEST.replace("m.example.com", "{{ .Values.spec }}"))
    write(secret, "Chart.yaml", text="apiVersion: v2\nname: secret.example.com\nversion: 0.1.0\n")
    write(secret, "templates/a.yaml", text=SECRET)
    (repo / "link").symlink_to("../secret")
    (repo / "link.yaml").symlink_to("../secret/a.yaml")
    (repo / "linked/templates/b.yaml").symlink_to("../../../secret/a.yaml")
    of_cluster, beside = SETTINGS[case]
    write(repo, ".mirrorc.yaml", text=f"version: 1\n{beside}clusters:\n- {{name: north, {of_cluster}}}\n")
    for command in ("check", "build"):
        done = call_mirrorc(command, cwd=repo)
        told = " ".join((done.stdout + done.stderr).split())
        assert done.code in {0, 1, 2}, done.stderr
        assert "no field" not in told, "the setting itself is wrong"
        assert "expected" not in told
        assert "link" in told or "outside the folder" in told or done.code == 0, told
        assert "secret.example.com" not in told + str(tree(repo / "rendered"))


def test_links_that_stay_in_the_tree_are_read(repo: Path, outside: Path) -> None:
    write(repo, "shared/b.yaml", text=MANIFEST.replace("name: a", "name: b").replace("quay.io/a", "quay.io/b"))
    (repo / "folder").symlink_to("shared")
    (repo / "link.yaml").symlink_to("a.yaml")
    write(repo, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [folder, link.yaml]}\n")
    assert call_mirrorc("build", cwd=repo).code == 0
    text = (repo / "rendered/registries.conf").read_text()
    assert "quay.io/a" in text
    assert "quay.io/b" in text


def test_no_path_of_a_repo_leads_into_git_s_own_folder(repo: Path, secret: Path) -> None:
    write(repo, ".git/hidden.yaml", text=SECRET)
    (repo / "link.yaml").symlink_to(".git/hidden.yaml")
    for path in ("link.yaml", ".git/hidden.yaml", ".git", ".GIT/x"):
        write(repo, ".mirrorc.yaml", text=f"version: 1\ndefaults: {{paths: [{path}]}}\n")
        told_nothing("check", cwd=repo, says="" if path == "link.yaml" else ".mirrorc.yaml")


def test_a_link_in_a_folder_that_leads_out_is_left_out_and_reported(repo: Path, secret: Path) -> None:
    write(repo, "a.yaml", text=MANIFEST)
    (repo / "passwd.yaml").symlink_to("/etc/passwd")
    (repo / "link.yaml").symlink_to("../secret/a.yaml")
    for command in ("check", "build", "images"):
        done = call_mirrorc(command, ".", cwd=repo)
        assert done.code == (2 if command == "images" else 0)  # there are no images
        assert "secret.example.com" not in done.stdout + done.stderr
        if command != "images":
            assert "link.yaml is a link that leaves the tree" in done.stderr
            assert "passwd.yaml is a link that leaves the tree" in done.stderr


@pytest.mark.parametrize("command", [["check"], ["build"], ["images"], ["diff"], ["explain", "quay.io/a:v1"]])
def test_a_configuration_that_is_a_link_out_of_the_tree_is_refused(
    command: list[str], repo: Path, secret: Path
) -> None:
    write(repo, "a.yaml", text=MANIFEST)
    commit()
    write(secret, "config.yaml", text="secret.example.com: [")
    (repo / ".mirrorc.yaml").symlink_to("../secret/config.yaml")
    told_nothing(*command, cwd=repo, says=".mirrorc.yaml` is a link that leaves the tree")


NOT_A_FILE = {
    "folder": "is a folder",
    "pipe": "is a named pipe",
    "socket": "is a socket",
    "dangling": "does not exist",
    "round": "cannot be read: too many levels of symbolic links",
}


@pytest.mark.parametrize("kind", NOT_A_FILE)
def test_a_configuration_that_is_not_a_file_is_reported(kind: str, repo: Path, outside: Path) -> None:
    place = repo / ".mirrorc.yaml"
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)  # relative: the path of a socket has a limit
    else:
        place.symlink_to("nowhere" if kind == "dangling" else place.name)
    done = run_mirrorc("build", cwd=repo, timeout=30)
    assert done.code == 2
    assert f"`.mirrorc.yaml` {NOT_A_FILE[kind]}" in " ".join(done.stderr.split())
    assert not (repo / "rendered").exists()


def test_files_that_become_links_while_they_are_read_show_nothing(repo: Path, secret: Path) -> None:
    for number in range(40):
        write(repo, f"sub/{number}.yaml", text=MANIFEST.replace("name: a", f"name: a{number}"))
    (secret / "many").mkdir()
    for number in range(40):
        write(secret, f"many/{number}.yaml", text=SECRET.replace("name: a", f"name: s{number}"))
    place, link, aside = repo / "sub", repo / "link", repo / "aside"

    def swap() -> None:
        link.symlink_to(secret / "many")
        place.rename(aside)
        link.rename(place)
        place.unlink()
        aside.rename(place)

    with meanwhile(swap):
        told = [run_mirrorc("build", "-o", "../out", cwd=repo) for _ in range(8)]
    assert all(done.code in {0, 1, 2} and "secret.example.com" not in done.stdout + done.stderr for done in told)
    assert "secret.example.com" not in str(tree(repo.parent / "out"))


# --- Pipes that are named on the command line --------------------------------------------------


def bash(script: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", script.replace("mirrorc", '"$0" -m compiler'), sys.executable],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


PIPED = {
    "diff <(cat a.yaml) .": 0,
    "diff . <(cat a.yaml)": 0,
    "diff <(cat a.yaml) <(sed s,quay.io.a,quay.io/b, a.yaml)": 1,
    "check <(cat a.yaml)": 0,
    "check --diff <(cat a.yaml)": 0,
    "build <(cat a.yaml)": 0,
    "images --allow-empty <(cat a.yaml)": 0,
    "explain quay.io/a:v1 --registries-conf <(cat conf)": 0,
    "images --from <(echo quay.io/a:v1)": 0,
    "check /dev/stdin < a.yaml": 0,
    "check <(true)": 2,
    "build <(true)": 2,
    "check --fix <(cat a.yaml)": 2,
}


@pytest.mark.parametrize("call", PIPED)
def test_a_pipe_that_is_named_on_the_command_line_is_read(call: str, repo: Path, outside: Path) -> None:
    write(repo, "conf", text='[[registry]]\nlocation = "quay.io/a"\n')
    done = bash(f"mirrorc {call}", repo)
    assert done.returncode == PIPED[call], done.stderr
    done = bash("cat a.yaml | mirrorc check /dev/stdin", repo)
    assert (done.returncode, done.stderr) == (0, "no findings in 1 file\n")


@pytest.mark.parametrize("in_git", [True, False])
def test_a_pipe_in_a_folder_that_is_read_is_reported(in_git: bool, repo: Path, outside: Path) -> None:
    os.mkfifo(repo / "pipe.yaml")
    if not in_git:
        (repo / ".git").rename(repo.parent / "git")
    done = run_mirrorc("check", cwd=repo, timeout=30)
    assert done.code == 2
    assert "`pipe.yaml` is a named pipe, not a file" in done.stdout + done.stderr
