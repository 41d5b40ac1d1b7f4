"""Folders of clusters that are no longer configured."""

from pathlib import Path

from tests.command import call_mirrorc, tree
from tests.fleets import fleet_of
from tests.repositories import write

ONE = "version: 1\nclusters: [{name: north, paths: [base, clusters/north]}]\n"


def test_what_a_build_made_for_a_cluster_that_is_gone_is_removed(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    assert call_mirrorc("build", cwd=folder).code == 0
    north = tree(folder / "rendered/north")
    write(folder, ".mirrorc.yaml", text=ONE)
    stale = call_mirrorc("build", "--check", cwd=folder)
    assert stale.code == 1
    assert "no cluster is written to rendered/south" in stale.stderr
    assert (folder / "rendered/south/registries.conf").exists()
    assert call_mirrorc("build", "--cluster", "north", cwd=folder).code == 0
    assert (folder / "rendered/south/registries.conf").exists(), "only a build of all clusters knows"
    done = call_mirrorc("build", cwd=folder)
    assert (done.code, "in rendered/south: no cluster is written to it any more" in done.stderr) == (0, True)
    assert not (folder / "rendered/south").exists()
    assert tree(folder / "rendered/north") == north
    assert call_mirrorc("build", "--check", cwd=folder).code == 0


def test_what_no_build_made_is_kept(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    call_mirrorc("build", cwd=folder)
    write(folder, "rendered/south/notes.txt", "rendered/other/registries.conf", text="mine\n")
    write(folder, "rendered/south/registries.conf", text="edited\n")
    write(folder, ".mirrorc.yaml", text=ONE)
    assert call_mirrorc("build", cwd=folder).code == 0
    left = tree(folder / "rendered/south")
    assert left.pop(".mirrorc-artifacts")
    assert left == {"notes.txt": b"mine\n", "registries.conf": b"edited\n"}
    assert (folder / "rendered/other/registries.conf").exists()
    assert call_mirrorc("build", "--check", cwd=folder).code == 0


def test_what_was_made_before_there_was_a_configuration_is_removed(folder: Path) -> None:
    fleet_of(folder, "north")
    text = (folder / ".mirrorc.yaml").read_text()
    (folder / ".mirrorc.yaml").unlink()
    assert call_mirrorc("build", cwd=folder).code == 0
    assert (folder / "rendered/registries.conf").exists()
    write(folder, ".mirrorc.yaml", text=text)
    assert call_mirrorc("build", "--fail-on-change", cwd=folder).code == 1
    assert not (folder / "rendered/registries.conf").exists()
    assert (folder / "rendered/north/registries.conf").exists()
    assert call_mirrorc("build", "--check", cwd=folder).code == 0
