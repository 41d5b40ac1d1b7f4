"""Which configuration counts where folders are named, and what is said of the others."""

import shutil
from pathlib import Path

from tests.command import call_mirrorc, tree
from tests.fleets import fleet_of, mirrors
from tests.repositories import write


def test_the_folder_of_a_configuration_stands_for_its_clusters(folder: Path) -> None:
    fleet_of(folder / "deploy/mirrors", "north", "south")
    done = call_mirrorc("check", "deploy/mirrors", "--statistics", cwd=folder)
    assert (done.code, done.stderr) == (0, "no findings in 3 files of 2 clusters\n")
    assert call_mirrorc("build", "deploy/mirrors/", cwd=folder).code == 0
    assert {name.split("/")[3] for name in tree(folder) if "/rendered/" in name} == {"north", "south"}
    assert call_mirrorc("build", "--check", ".", cwd=folder / "deploy/mirrors").code == 0
    write(folder, "deploy/mirrors/lost.yaml", text=mirrors("lost", "quay.io/lost: m.example.com/lost"))
    assert "unclaimed-manifest" in call_mirrorc("check", "deploy/mirrors", cwd=folder).stdout


def test_other_paths_under_a_configuration_are_grouped(folder: Path) -> None:
    fleet_of(folder / "deploy", "north", "south")
    done = call_mirrorc("check", "deploy/clusters", "--strict", cwd=folder)
    assert done.code == 0
    assert (
        "read as 2 clusters: north, south\n  To use the clusters of deploy/.mirrorc.yaml, give no path but deploy."
        in (done.stderr)
    )
    done = call_mirrorc("check", "clusters", cwd=folder / "deploy")
    assert "  To use the clusters of .mirrorc.yaml, give no paths.\n" in done.stderr


def test_alternatives_are_found_from_any_folder(folder: Path) -> None:
    for name in ("4.16", "4.18"):
        write(folder, f"sub/repo/{name}/a.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    for where, path in ((folder, "sub/repo"), (folder / "sub", "repo"), (folder / "sub/repo/4.16", "..")):
        done = call_mirrorc("check", path, cwd=where)
        assert (done.code, done.stdout) == (0, "")
        assert "read as 2 clusters: 4.16, 4.18\n" in done.stderr
    assert "of 2 clusters" in call_mirrorc("check", str(folder / "sub/repo"), cwd=folder.parent).stderr


def test_configurations_below_that_are_not_used_are_named(folder: Path) -> None:
    fleet_of(folder / "a", "north")
    shutil.copytree(folder / "a", folder / "b")
    for command in (("check", "."), ("build",)):
        told = call_mirrorc(*command, cwd=folder).stderr
        assert (
            "2 folders have a .mirrorc.yaml that this run does not use: a, b\n  To use it, run the command on" in told
        )
    assert "a .mirrorc.yaml that this run does not use: a, b\n" in call_mirrorc("check", "a", "b", cwd=folder).stderr
    assert "does not use" not in call_mirrorc("check", "a", cwd=folder).stderr
