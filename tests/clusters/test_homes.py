"""Which clusters the homes of a repo make."""

from pathlib import Path

import pytest

from compiler.clusters.cluster import Cluster
from compiler.clusters.homes import OWN, Settled, settled
from compiler.clusters.loading import load_repo
from compiler.manifests.kinds import MirrorSet

IDMS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: %s}
spec:
  imageDigestMirrors:
    - {source: %s, mirrors: [m.example.com/a]}
"""
WORK = """\
apiVersion: work.open-cluster-management.io/v1
kind: ManifestWork
metadata: {name: %s, namespace: north}
spec:
  workload:
    manifests:
      - {apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: {name: %s}, spec: {imageDigestMirrors: [{source: %s, mirrors: [m.example.com/a]}]}}
"""  # noqa: E501 - one rule is one line
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: extra, namespace: north}
data:
  a.yaml: |
    apiVersion: config.openshift.io/v1
    kind: ImageDigestMirrorSet
    metadata: {name: extra}
    spec: {imageDigestMirrors: [{source: quay.io/extra, mirrors: [m.example.com/a]}]}
"""
INSTALL = """\
metadata: {name: %s}
baseDomain: example.com
imageDigestSources: [{source: quay.io/i, mirrors: [m.example.com/a]}]
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(repo: Path, **files: str) -> None:
    for name, text in files.items():
        path = repo / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def of(*clusters: Cluster) -> Settled:
    chosen = list(clusters) or [Cluster()]
    return settled(chosen, load_repo(chosen))


def sources(found: Settled) -> dict[str, list[str]]:
    return {
        cluster.name: sorted(
            rule.source.value
            for parsed in loaded.parsed
            for each in parsed.manifests
            if isinstance(each, MirrorSet)
            for rule in each.rules
        )
        for cluster, loaded in zip(found.clusters, found.loaded, strict=True)
    }


def test_a_hub_is_never_merged_with_its_policies(repo: Path) -> None:
    write(repo, hub=IDMS % ("hub", "quay.io/hub"), work=WORK % ("w", "north", "quay.io/north"))
    found = of()
    assert sources(found) == {OWN: ["quay.io/hub"], "manifest-work-north": ["quay.io/north"]}
    assert [cluster.name for cluster in found.built] == [OWN]
    assert str(found.clusters[1].output) == "rendered/manifest-work-north"


def test_a_repo_of_homes_alone_has_no_cluster_of_its_own(repo: Path) -> None:
    write(repo, install=INSTALL % "north")
    found = of()
    assert sources(found) == {"install-config-north": ["quay.io/i"]}
    assert [str(cluster.output) for cluster in found.built] == ["rendered"]


def test_a_repo_without_homes_is_left_alone(repo: Path) -> None:
    write(repo, hub=IDMS % ("hub", "quay.io/hub"))
    assert sources(of()) == {"": ["quay.io/hub"]}


def test_works_for_one_cluster_add_up_and_variants_do_not(repo: Path) -> None:
    write(
        repo,
        a__one=WORK % ("one", "a", "quay.io/a"),
        a__two=WORK % ("two", "b", "quay.io/b"),
        b__one=WORK % ("one", "a", "quay.io/c"),
    )
    assert sources(of()) == {
        "manifest-work-north": ["quay.io/a", "quay.io/b"],
        "manifest-work-north-2": ["quay.io/c"],
    }


def test_a_config_map_is_of_the_nearest_that_names_it(repo: Path) -> None:
    instance = (
        "apiVersion: siteconfig.open-cluster-management.io/v1alpha1\nkind: ClusterInstance\n"
        "metadata: {name: x, namespace: north}\nspec: {clusterName: %s, extraManifestsRefs: [{name: extra}]}\n"
    )
    write(repo, a__cm=CONFIG_MAP, a__instance=instance % "one", b__instance=instance % "two")
    assert sources(of()) == {"install-config-one": ["quay.io/extra"]}


def test_a_config_map_that_nothing_names_is_checked_and_not_compiled(repo: Path) -> None:
    write(repo, cm=CONFIG_MAP)
    found = of()
    assert sources(found) == {"": []}
    (record,) = found.records
    assert record.clusters == ()
    assert [each.rule for parsed in found.loaded[0].parsed for each in parsed.diagnostics] == [
        "unreferenced-config-map"
    ]


def test_the_installation_and_its_extra_manifests_are_one_cluster(repo: Path) -> None:
    install = (
        "apiVersion: extensions.hive.openshift.io/v1beta1\nkind: AgentClusterInstall\n"
        "metadata: {name: north, namespace: north}\nspec: {manifestsConfigMapRefs: [{name: extra}]}\n"
    )
    write(repo, cm=CONFIG_MAP, install=install, config=INSTALL % "north")
    assert sources(of()) == {"install-config-north": ["quay.io/extra", "quay.io/i"]}
