"""Disks that are full, read-only or another user's, and processes that may open few files."""

import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.repository.folders import open_folder
from tests.command import ROOT, run_mirrorc, tree
from tests.repositories import write
from tests.test_hostile_files import BROKEN, LISTING, MANIFEST, many

NOBODY = 65534


def may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


mounts = pytest.mark.skipif(not may_mount(), reason="no user namespaces: nothing can be mounted here")


def injects() -> bool:
    if shutil.which("strace") is None:
        return False
    probe = ["strace", "-qq", "-o", os.devnull, "-e", "inject=linkat:error=EPERM", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def mounted(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a shell script where it may mount; `$MIRRORC` is the command."""
    return subprocess.run(
        ["unshare", "-rm", "bash", "-euc", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MIRRORC": f"{sys.executable} -m compiler"},
        capture_output=True,
        text=True,
        check=False,
    )


@mounts
@pytest.mark.parametrize("room", range(0, 60, 12))
def test_a_full_disk_leaves_what_was_there(room: int, folder: Path) -> None:
    """With ever more room left, so that the build fails at another file each time, or not at all."""
    write(folder, "old/a.yaml", text=MANIFEST)
    write(folder, "new/a.yaml", text=many("n.example.com"))
    done = mounted(
        f"""
        mkdir rendered
        mount -t tmpfs -o size=256k none rendered
        $MIRRORC build old
        cp -a rendered before
        dd if=/dev/zero of=rendered/filler bs=4k count=1000 2>dd || true
        truncate -s -{room * 4096} rendered/filler || true
        code=0; $MIRRORC build new 2>said || code=$?
        rm rendered/filler
        cp -a rendered after
        mount -o remount,size=4m rendered
        $MIRRORC build new
        $MIRRORC build --check new
        echo $code
        """,
        folder,
    )
    assert done.returncode == 0, done.stderr
    said = (folder / "said").read_text()
    before, after = tree(folder / "before"), tree(folder / "after")
    code = int(done.stdout.split()[-1])
    assert code in {0, 2}
    if code == 2:
        assert after == before
        assert "rendered" in said
        assert "No space left on device" in said
    assert "Traceback" not in said


@mounts
def test_a_read_only_disk_is_reported(folder: Path) -> None:
    write(folder, "a.yaml", text=MANIFEST)
    write(folder, "b/b.yaml", text=BROKEN)
    done = mounted(
        """
        $MIRRORC build a.yaml
        mount --bind . /mnt; mount -o remount,bind,ro /mnt; cd /mnt
        for call in "build a.yaml --pool worker" "build a.yaml -o new" "check --fix b" "init ." "check a.yaml -o report"
        do
            code=0; $MIRRORC $call 2>&1 >/dev/null || code=$?
            echo "$call: $code"
        done
        $MIRRORC build a.yaml
        $MIRRORC build --check a.yaml
        """,
        folder,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": 2\n") == 5, done.stdout
    assert done.stdout.count("Read-only file system") == 4, done.stdout
    assert "b/b.yaml is write-protected" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can give files away")
def test_the_files_of_another_user_are_left_alone(folder: Path) -> None:
    """Root without its privileges is a user like any other, and every file here is another's."""
    write(folder, "a.yaml", text=MANIFEST)
    write(folder, "b.yaml", text=BROKEN.replace("name: a", "name: b"))
    assert run_mirrorc("build", "a.yaml", cwd=folder).code == 0
    for place in (folder, *folder.rglob("*")):
        os.chown(place, NOBODY, NOBODY)

    def unprivileged(*call: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["setpriv", "--inh-caps=-all", "--bounding-set=-all", sys.executable, "-m", "compiler", *call],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert unprivileged("build", "--check", "a.yaml").returncode == 0
    before = tree(folder)
    for call in (
        ["build", "a.yaml", "--pool", "worker"],
        ["build", "a.yaml", "-o", "new"],
        ["check", "--fix", "b.yaml"],
        ["check", "a.yaml", "-o", "report"],
        ["init", "."],
    ):
        done = unprivileged(*call)
        assert done.returncode == 2, (call, done.stderr)
        assert "Permission denied" in done.stderr or "write-protected" in done.stderr
    assert tree(folder) == before
    (folder / "rendered" / LISTING).chmod(0)
    done = unprivileged("build", "a.yaml")
    assert (done.returncode, f"rendered/{LISTING}: Permission denied" in done.stderr) == (2, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_replaced_file_keeps_its_owner(folder: Path) -> None:
    place = folder / "a.yaml"
    place.write_text(BROKEN)
    place.chmod(0o4640)
    os.chown(place, NOBODY, NOBODY)
    assert run_mirrorc("check", "--fix", cwd=folder).code == 0
    found = place.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (NOBODY, NOBODY, 0o640)


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o007])
def test_new_files_heed_the_umask(mask: int, folder: Path) -> None:
    write(folder, "a.yaml", text=MANIFEST)
    for call in (["build"], ["init"], ["check", "-o", "report"]):
        done = subprocess.run(
            [sys.executable, "-m", "compiler", *call],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            umask=mask,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    made = [path for path in folder.rglob("*") if path.name != "a.yaml" and path.is_file()]
    assert len(made) >= 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o666 & ~mask}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_dir()} == {0o777 & ~mask}


ON_LARGE = {
    "check": ["large.yaml"],
    "build": ["large.yaml"],
    "diff": ["small.yaml", "large.yaml"],
    "explain": ["quay.io/a:v1", "--repo", "large.yaml"],
    "images": ["large.yaml", "--allow-empty"],
}


@pytest.mark.parametrize("command", ON_LARGE)
def test_too_little_memory_is_an_error_with_its_place(command: str, folder: Path) -> None:
    """With too little memory to read the file, and with enough for that but not for the whole run."""
    write(folder, "small.yaml", text=MANIFEST)
    rules = "".join(f"  - {{source: quay.io/a{n}, mirrors: [m.example.com/a{n}]}}\n" for n in range(12_000))
    pods = "".join(f"---\nkind: Pod\nspec: {{containers: [{{image: quay.io/a{n}}}]}}\n" for n in range(4_000))
    write(folder, "large.yaml", text=MANIFEST + rules + (pods if command == "images" else ""))
    for megabytes in (40, 52):

        def limited(size: int = megabytes << 20) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

        done = subprocess.run(
            [sys.executable, "-m", "compiler", command, *ON_LARGE[command]],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            preexec_fn=limited,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, megabytes
        # An answer of `explain` without a file that cannot be read is unreliable, which is 1.
        assert done.returncode in ({1, 2} if command == "explain" else {2}), (megabytes, done.stderr)
        assert "large.yaml" in done.stdout + done.stderr, megabytes
        assert "more memory" in " ".join((done.stdout + done.stderr).split()), megabytes


def test_twenty_descriptors_are_enough(folder: Path) -> None:
    deep = "/".join("abcdefghijklmnopqrstuvwxyz" * 2)
    write(folder, f"{deep}/a.yaml", text=MANIFEST)
    clusters = "".join(f"- {{name: c{n}, paths: [a], output: 'out/{deep}/{{cluster}}'}}\n" for n in range(60))
    write(folder, ".mirrorc.yaml", text=f"version: 1\nclusters:\n{clusters}")

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))

    calls = (["build"], ["build", "--check"], ["check"], ["images"], ["check", "--fix"], ["diff", "a", f"out/{deep}"])
    for call in calls:
        done = subprocess.run(
            [sys.executable, "-m", "compiler", *call],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            preexec_fn=few,
            capture_output=True,
            text=True,
            check=False,
        )
        # The work tree and a folder that is not built are different.
        assert done.returncode == {"diff": 1, "images": 2}.get(call[0], 0), (call, done.stderr)  # there are no images


# --- File systems without hard links -------------------------------------------------

WITHOUT_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EMLINK, errno.EINVAL)
"""FAT, shares of a virtual machine, FUSE, Android and others have different words for it."""


@pytest.mark.parametrize("number", WITHOUT_LINKS)
def test_a_new_file_is_made_once_where_there_are_no_hard_links(
    number: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the one who comes first, whenever another comes."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    for step in range(4):
        place = folder / str(step)
        place.mkdir()
        left = step

        def meanwhile(real: Callable[..., object], place: Path = place) -> Callable[..., object]:
            def called(*arguments: object, **more: object) -> object:
                nonlocal left
                left -= 1
                if left == 0:
                    (place / "new").write_bytes(b"another's")
                return real(*arguments, **more)

            return called

        with monkeypatch.context() as patched, open_folder(str(place)) as opened:
            for name in ("open", "fsync"):
                patched.setattr(os, name, meanwhile(getattr(os, name)))
            if step == 0:
                opened.create("new", b"whole")
            else:
                with pytest.raises(FileExistsError):
                    opened.create("new", b"whole")
        assert tree(place) == {"new": b"another's" if step else b"whole"}


def test_what_cannot_be_made_without_hard_links_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    for name in ("link", "replace"):
        monkeypatch.setattr(os, name, refuse)
    with open_folder("") as opened, pytest.raises(PermissionError):
        opened.create("new", b"whole")
    assert tree(folder) == {}


@pytest.mark.skipif(not injects(), reason="strace is not installed, or may not trace here")
@pytest.mark.parametrize("number", ["EPERM", "EOPNOTSUPP", "EMLINK"])
def test_init_works_where_there_are_no_hard_links(number: str, folder: Path) -> None:
    """The kernel itself refuses the link here."""
    write(folder, "a.yaml", text=MANIFEST)
    call = ["strace", "-f", "-qq", "-o", "../trace", "-e", f"inject=link,linkat:error={number}", sys.executable, "-m"]
    for code, says in ((0, "wrote .mirrorc.yaml"), (2, ".mirrorc.yaml already exists")):
        done = subprocess.run(
            [*call, "compiler", "init"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, says in done.stderr) == (code, True), done.stderr
        if code == 0:
            assert "(INJECTED)" in Path("../trace").read_text()
    assert tree(folder).keys() == {"a.yaml", ".mirrorc.yaml"}
    assert "version: 1" in Path(".mirrorc.yaml").read_text()
