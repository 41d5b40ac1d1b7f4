"""Mirror manifests and kustomizations that no configured cluster reads."""

import json
from pathlib import Path

import pytest

from tests.command import Done, call_mirrorc
from tests.fleets import fleet_of, mirrors
from tests.manifests.test_kustomize import kustomization
from tests.programs import needs_kustomize
from tests.repositories import write

LOST = mirrors("lost", "quay.io/lost: m.example.com/lost")


def reported(done: Done) -> list[str]:
    """Place, message and help of each finding of the rule."""
    return [
        f"{each['path']}:{each['line']}:{each['column']} {each['message']} | {each['help']}"
        for each in json.loads(done.stdout)["diagnostics"]
        if each["rule"] == "unclaimed-manifest"
    ]


def check(folder: Path, *arguments: str) -> list[str]:
    return reported(call_mirrorc("check", "--format", "json", *arguments, cwd=folder))


def test_a_manifest_that_no_cluster_reads_is_reported_with_the_nearest(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    assert check(folder) == []
    write(folder, "clusters/southeast/own.yaml", "clusters/south.yaml", text=LOST)
    message = "no cluster reads this manifest; the nearest is `north`"
    advice = "Add it to `paths` of a cluster in .mirrorc.yaml, or to `exclude` if no cluster gets it."
    assert check(folder) == [
        f"clusters/south.yaml:3:18 {message} | {advice}",
        f"clusters/southeast/own.yaml:3:18 {message} | {advice}",
    ]


def test_only_a_check_of_all_clusters_knows(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    write(folder, "lost.yaml", text=LOST)
    assert len(check(folder)) == 1
    assert check(folder, "--cluster", "north") == check(folder, "clusters") == check(folder, "--shard", "1/2") == []


def test_without_a_configuration_everything_is_read(folder: Path) -> None:
    write(folder, "lost.yaml", text=LOST)
    assert check(folder) == []
    write(folder, ".mirrorc.yaml", text="version: 1\n")
    assert check(folder) == []
    write(folder, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [base]}\n")
    write(folder, "base/a.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    (found,) = check(folder)
    assert found.startswith("lost.yaml:3:18 .mirrorc.yaml does not include this manifest")


def test_what_is_excluded_or_allowed_or_built_is_not_reported(folder: Path) -> None:
    names = ("north", "south")
    config = "version: 1\ndefaults: {paths: [base, 'clusters/{cluster}'], exclude: [old]}\nclusters:\n"
    fleet_of(folder, *names, config=config + "".join(f"- {{name: {name}}}\n" for name in names))
    write(folder, "old/lost.yaml", "rendered/north/lost.yaml", text=LOST)
    write(folder, "new/lost.yaml", text=f"# mirrorc: allow unclaimed-manifest -- for the next cluster\n{LOST}")
    assert [each.partition(" ")[0] for each in check(folder)] == ["new/lost.yaml:4:18"]
    text = LOST.replace("metadata:", "# mirrorc: allow unclaimed-manifest -- for the next cluster\nmetadata:")
    write(folder, "new/lost.yaml", text=text)
    done = call_mirrorc("check", cwd=folder)
    assert done.code == 0
    assert "1 suppressed" in done.stderr


@pytest.mark.parametrize("name", ["notes.yaml", "Chart/templates/m.yaml", "inner/m.yaml"])
def test_what_is_no_manifest_of_this_configuration_is_not_reported(folder: Path, name: str) -> None:
    fleet_of(folder, "north")
    texts = {"notes.yaml": "text: an ImageDigestMirrorSet\n", "Chart/templates/m.yaml": "kind: {{ .kind }}\n"}
    write(folder, name, text=texts.get(name, LOST))
    write(folder, "inner/.mirrorc.yaml", text="version: 1\n")
    assert check(folder) == []


def test_the_severity_is_that_of_the_nearest_cluster(folder: Path) -> None:
    fleet_of(
        folder,
        "north",
        config="version: 1\nclusters:\n- name: north\n  paths: [base, clusters/north]\n"
        "  severities: {unclaimed-manifest: error}\n",
    )
    write(folder, "lost.yaml", text=LOST)
    assert "error[unclaimed-manifest]" in call_mirrorc("check", cwd=folder).stdout
    assert check(folder, "--severity", "unclaimed-manifest=off") == []


@needs_kustomize
def test_a_file_that_a_kustomization_does_not_list(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text="version: 1\nclusters:\n- name: north\n  kustomization: clusters/north\n")
    write(folder, "base/kustomization.yaml", text=kustomization("a.yaml", more="patches: [{path: patch.yaml}]\n"))
    write(folder, "clusters/north/kustomization.yaml", text=kustomization("../../base"))
    write(folder, "base/a.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    write(folder, "base/patch.yaml", text=mirrors("a", "quay.io/b: m.example.com/b"))
    assert check(folder) == []
    write(folder, "base/deep/lost.yaml", text=LOST)
    assert check(folder) == [
        "base/deep/lost.yaml:3:18 no cluster reads this manifest; the nearest is `north` | Add it to `resources` in "
        "base/kustomization.yaml, or to `exclude` if no cluster gets it."
    ]


@needs_kustomize
def test_a_kustomization_that_no_cluster_builds(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text="version: 1\nclusters:\n- name: north\n  kustomization: clusters/north\n")
    write(folder, "base/kustomization.yaml", text=kustomization("a.yaml"))
    write(folder, "base/a.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    for name in ("north", "south"):
        write(folder, f"clusters/{name}/kustomization.yaml", text=kustomization("../../base"))
    write(folder, "clusters/apps/kustomization.yaml", text=kustomization("deployment.yaml"))
    assert check(folder) == [
        "clusters/south/kustomization.yaml:1:1 no cluster builds this kustomization, which includes mirror objects; "
        "the nearest cluster is `north` | Add a cluster with `kustomization: clusters/south`, or add the folder to "
        "`exclude`."
    ]


@needs_kustomize
def test_the_files_of_a_kustomization_that_cannot_be_built_are_not_reported_too(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text="version: 1\nclusters:\n- name: north\n  kustomization: k\n")
    write(folder, "k/kustomization.yaml", text=kustomization("a.yaml", "https://example.com/x"))
    write(folder, "k/a.yaml", text=LOST)
    assert check(folder) == []


def test_from_a_folder_below_the_configuration(folder: Path) -> None:
    fleet_of(folder, "north")
    write(folder, "lost.yaml", text=LOST)
    (found,) = check(folder / "base")
    assert "/lost.yaml:3:18 no cluster reads this manifest; the nearest is `north` | " in found
    config = (folder / ".mirrorc.yaml").read_text().replace("paths:", "exclude: [lost.yaml], paths:")
    write(folder, ".mirrorc.yaml", text=config)
    assert check(folder / "base") == []


def test_the_target_of_a_link_that_is_read_is_read(folder: Path) -> None:
    fleet_of(folder, "north")
    write(folder, "sets/linked.yaml", text=LOST)
    (folder / "clusters/north/linked.yaml").symlink_to("../../sets/linked.yaml")
    assert check(folder) == []
