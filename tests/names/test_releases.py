"""The table of releases."""

from pathlib import Path

import pytest

from compiler import compile_paths
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from tests.manifest_texts import mirror_set
from tests.repositories import write


def test_releases_are_in_order() -> None:
    assert list(RELEASES) == sorted(RELEASES, key=lambda name: tuple(map(int, name.split("."))))
    assert RELEASES["5.2"].since("4.23")
    assert not RELEASES["4.22"].since("4.23")


@pytest.mark.parametrize("name", ["5.1", "5.2"])
def test_releases_at_the_same_commits_are_alike(name: str, folder: Path) -> None:
    assert RELEASES[name]._replace(name=DEFAULT_RELEASE) == RELEASES[DEFAULT_RELEASE]
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/openshift-release-dev/ocp-release": ["m.io:5000/release"]}))
    made, usual = (compile_paths(["a.yaml"], release=release) for release in (name, DEFAULT_RELEASE))
    assert made.ok
    assert made.files == usual.files
    assert made.files.keys() >= {"policy.json", "registries.d/sigstore-registries.yaml"}
