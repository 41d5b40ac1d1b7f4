"""Where a repo says which release a cluster has."""

from pathlib import Path

import pytest

from compiler.clusters.releases import Said, Sayings, as_setting, of_folder, of_parameter, of_tag, resolved, said_in
from compiler.text.span import File
from tests.command import call_mirrorc, flat
from tests.fleets import mirrors
from tests.repositories import write

RELEASE = "quay.io/openshift-release-dev/ocp-release"


def said(text: str) -> list[tuple[str, list[str]]]:
    """Versions with the names of the clusters that they are about."""
    return [(each.version, sorted(each.clusters)) for each in said_in("a.yaml", File("a.yaml", text))]


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("kind: ClusterVersion\nspec:\n  channel: stable-4.18\n", ["4.18"]),
        ("kind: ClusterVersion\nspec:\n  channel: eus-4.18\n  desiredUpdate:\n    version: 4.16.30\n", ["4.16.30"]),
        ("kind: ClusterVersion\nspec: {desiredUpdate: {image: x, version: '4.20.1'}}\n", ["4.20.1"]),
        (f"kind: ClusterVersion\nspec: {{desiredUpdate: {{image: '{RELEASE}:4.17.2-x86_64'}}}}\n", ["4.17.2"]),
        ("kind: ClusterVersion\nspec:\n  channel: stable-3.11\n", []),
        ('{"kind": "ClusterVersion", "spec": {"channel": "candidate-4.19"}}', ["4.19"]),
        (
            f"kind: ClusterImageSet\nmetadata: {{name: x}}\nspec: {{releaseImage: '{RELEASE}:4.19.3-x86_64'}}\n",
            ["4.19.3"],
        ),
        (
            "kind: ClusterImageSet\nmetadata: {name: img4.16.7-x86-64}\nspec: {releaseImage: 'q.io/r@sha256:0'}\n",
            ["4.16.7"],
        ),
        ("kind: Subscription\nspec:\n  channel: stable-4.18\n", []),
        ("kind: ClusterVersion\nspec: [", []),
    ],
)
def test_objects_of_the_cluster_itself(text: str, versions: list[str]) -> None:
    assert said(text) == [(version, []) for version in versions]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "kind: AgentClusterInstall\nmetadata: {name: north}\nspec: {imageSetRef: {name: img4.18.5-x86-64}}\n",
            [("4.18.5", ["north"])],
        ),
        (
            "kind: ClusterDeployment\nmetadata: {name: n}\n"
            "spec: {clusterName: north, provisioning: {imageSetRef: {name: openshift-v4.17.1}}}\n",
            [("4.17.1", ["n", "north"])],
        ),
        (
            "kind: ClusterInstance\nmetadata: {name: x}\n"
            "spec: {clusterName: north, clusterImageSetNameRef: img4.20.0}\n",
            [("4.20.0", ["north", "x"])],
        ),
        (
            "kind: SiteConfig\nspec:\n  clusterImageSetNameRef: ocp-4.16\n  clusters:\n"
            "  - {clusterName: a}\n  - {clusterName: b, clusterImageSetNameRef: ocp-4.18}\n",
            [("4.16", ["a"]), ("4.18", ["b"])],
        ),
        (
            "apiVersion: hypershift.openshift.io/v1beta1\nkind: HostedCluster\nmetadata: {name: hosted}\n"
            f"spec: {{release: {{image: '{RELEASE}:4.18.9-multi'}}}}\n",
            [("4.18.9", ["hosted"])],
        ),
        ("kind: ManagedCluster\nmetadata: {name: m, labels: {openshiftVersion: 4.19.2}}\n", [("4.19.2", ["m"])]),
    ],
)
def test_objects_about_other_clusters(text: str, found: list[tuple[str, list[str]]]) -> None:
    assert said(text) == found


def test_patches_of_a_cluster_version_in_a_kustomization() -> None:
    text = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
patches:
- target: {kind: ClusterVersion}
  patch: |-
    - op: replace
      path: /spec/channel
      value: stable-4.18
- patch: |-
    apiVersion: config.openshift.io/v1
    kind: ClusterVersion
    metadata: {name: version}
    spec: {desiredUpdate: {version: 4.17.4}}
- target: {kind: Image}
  patch: "- {op: replace, path: /spec/channel, value: stable-4.16}"
"""
    assert said(text) == [("4.18", []), ("4.17.4", [])]


def test_an_install_config_is_about_the_cluster_that_it_names() -> None:
    text = "apiVersion: v1\nbaseDomain: example.com\nmetadata: {name: north}\n"
    paths = ("install/4.18/north/install-config.yaml", "install/north/install-config.yaml", "4.16/4.18/a.yaml")
    found = [list(said_in(path, File(path, text))) for path in paths]
    assert found == [[Said(version="4.18", path=paths[0], clusters=frozenset(("north",)))], [], []]


def test_a_cluster_image_set_says_the_version_of_what_refers_to_it() -> None:
    sets = (
        Said(version="4.18.12", path="sets.yaml", defines="latest"),
        Said(version="", path="n.yaml", clusters=frozenset(("north",)), image_set="latest"),
        Said(version="", path="s.yaml", clusters=frozenset(("south",)), image_set="unknown"),
    )
    assert [(each.version, each.path) for each in resolved(sets)] == [("4.18.12", "sets.yaml"), ("4.18.12", "n.yaml")]


def test_the_nearest_counts() -> None:
    base = Said(version="4.16", path="base/version.yaml")
    own = Said(version="4.18", path="clusters/north/patch.yaml")
    install = Said(version="4.20", path="install/north/cluster.yaml")
    about = Said(version="4.19", path="hub/x.yaml", clusters=frozenset(("north",)))
    places = ["clusters/north", "base"]
    assert Sayings([base, own, install]).chosen("north", places) == own
    assert Sayings([base, install]).chosen("north", places) == base
    assert Sayings([base, install]).chosen("north", ["clusters/north"]) == install
    assert Sayings([base, own, about]).chosen("north", places) == about
    assert Sayings([own, about]).chosen("south", ["clusters/south"]) is None
    assert Sayings([base, own]).chosen("", []) is None


def test_words_that_are_versions() -> None:
    assert [of_folder(name) for name in ("4.18", "v4.18", "ocp-4.18", "openshift4.16.3", "4.99", "1.2", "a4.18")] == [
        *("4.18", "4.18", "4.18", "4.16.3", "", "", ""),
    ]
    assert [of_parameter(text) for text in ("4.18", "v4.18.2", "stable-4.17", "4.18.2-x86_64", "4.18-foo.", "x")] == [
        *("4.18", "4.18.2", "4.17", "4.18.2", "", ""),
    ]
    assert [of_tag(text) for text in (f"{RELEASE}:4.18.2-x86_64", RELEASE, "host:4.18/x")] == ["4.18.2", "", ""]
    assert [as_setting(version) for version in ("4.18.12", "4.14.2", "4.13")] == ["4.18", "4.14.2", "4.13"]


def test_init_writes_the_patch_number_where_a_rule_depends_on_it(folder: Path) -> None:
    for name, version in (("north", "4.14.2"), ("south", "4.18.2")):
        write(folder, f"clusters/{name}/a.yaml", text=mirrors(name, "quay.io/a: m.example.com/a"))
        text = f"kind: ClusterVersion\nspec: {{desiredUpdate: {{version: {version}}}}}\n"
        write(folder, f"clusters/{name}/version.yaml", text=text)
    legacy = (
        "apiVersion: operator.openshift.io/v1alpha1\nkind: ImageContentSourcePolicy\nmetadata: {name: old}\nspec:\n"
    )
    legacy += "  repositoryDigestMirrors:\n  - source: quay.io/b\n    mirrors: [m.example.com/b]\n"
    write(folder, "clusters/north/old.yaml", "clusters/south/old.yaml", text=legacy)
    assert call_mirrorc("init", cwd=folder).code == 0
    text = (folder / ".mirrorc.yaml").read_text()
    assert '    # The release, from clusters/north/version.yaml.\n    release: "4.14.2"\n' in text
    assert '    # The release, from clusters/south/version.yaml.\n    release: "4.18"\n' in text
    done = call_mirrorc("check", cwd=folder)
    assert done.stdout.count("[mixed-kinds-refused]") == 1
    assert "a cluster of 4.14.2 refuses" in flat(done.stdout)
