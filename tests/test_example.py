"""The example repo compiles to the files beside it, by whatever way it is compiled."""

from pathlib import Path

import pytest

from compiler import compile_paths
from tests.command import FIXTURES, run_mirrorc, tree
from tests.golden import Golden

REPO = FIXTURES / "gitops-repo"
RENDERED = FIXTURES / "rendered"


@pytest.mark.golden
@pytest.mark.parametrize("cluster", ["north", "south"])
def test_the_example_compiles_to_the_recorded_files(golden: Golden, cluster: str, tmp_path: Path) -> None:
    done = run_mirrorc("build", REPO / "base", REPO / "clusters" / cluster, "-o", tmp_path / "out")
    assert (done.code, done.stdout) == (0, "")
    golden.folder(RENDERED / cluster, tree(tmp_path / "out"))


@pytest.mark.parametrize("cluster", ["north", "south"])
def test_a_program_gets_the_same_files(cluster: str) -> None:
    compilation = compile_paths([str(REPO / "base"), str(REPO / "clusters" / cluster)])
    assert compilation.ok
    expected = tree(RENDERED / cluster)
    expected.pop(".mirrorc-artifacts")
    assert compilation.files == expected


def test_the_two_clusters_differ_in_every_artifact_they_share() -> None:
    """Or the example would show nothing."""
    north, south = tree(RENDERED / "north"), tree(RENDERED / "south")
    shared = (north.keys() & south.keys()) - {".mirrorc-artifacts"}
    assert all(north[name] != south[name] for name in shared)
