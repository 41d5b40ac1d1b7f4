"""Hosted clusters, and the ConfigMaps of their NodePools."""

import json
import re

import pytest

from compiler.homes.hypershift import node_pool_config
from compiler.names.releases import RELEASES
from compiler.text.span import File
from compiler.text.tree import Mapping, Scalar, read
from tests.conformance import Json, as_list, as_object, as_text, recordings
from tests.homes.reading import homes_of, objects_of, parsed_of, rules_of, written

HOSTED = """\
apiVersion: hypershift.openshift.io/v1beta1
kind: HostedCluster
metadata: {name: north, namespace: clusters}
spec:
  release:
    image: quay.io/openshift-release-dev/ocp-release@sha256:{digest}
  imageContentSources:
    - source: quay.io/a
      mirrors: [m.example.com/a]
  configuration:
    image:
      registrySources:
        insecureRegistries: [m.example.com]
""".replace("{digest}", "1" * 64)


def test_a_hosted_cluster_has_two_objects() -> None:
    parsed = parsed_of(HOSTED)
    assert objects_of(*parsed.homes) == [
        "ImageDigestMirrorSet cluster: quay.io/a -> m.example.com/a",
        "Image cluster: {'insecureRegistries': ['m.example.com']}",
    ]
    assert written(parsed.homes[0]) == ["quay.io/a", "m.example.com/a"]
    assert parsed.places == ()
    target = parsed.homes[0].target
    assert target is not None
    assert (target.name, target.pools, target.has_payload_policy) == ("hosted-cluster-north", ("worker",), False)
    assert target.release_image.startswith("quay.io/openshift-release-dev/ocp-release@")


def test_findings_name_the_fields_of_the_hosted_cluster() -> None:
    homes = homes_of(HOSTED.replace("[m.example.com/a]", "['m.example.com/a:tag']").replace("[m.example.com]", "[1]"))
    fields = [each.field for home in homes for each in home.diagnostics]
    assert fields == [
        "spec.imageContentSources[0].mirrors[0]",
        "spec.configuration.image.registrySources.insecureRegistries[0]",
    ]


def node_pool(*documents: str) -> str:
    body = "---\n".join(documents)
    return (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mirrors, namespace: clusters}\ndata:\n  config: |\n"
        + "".join(f"    {line}\n" for line in body.splitlines())
    )


IDMS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: quay}
spec:
  imageDigestMirrors:
    - {source: quay.io/a, mirrors: [m.example.com/a]}
"""


def test_a_config_map_of_a_node_pool_waits_for_it() -> None:
    (home,) = homes_of(node_pool(IDMS))
    assert home.awaits == ("clusters", "mirrors")
    assert home.role == "node-pool-config"
    assert objects_of(home) == ["ImageDigestMirrorSet quay: quay.io/a -> m.example.com/a"]
    assert written(home) == ["quay.io/a", "m.example.com/a"]


def test_a_node_pool_names_its_config_maps() -> None:
    parsed = parsed_of(
        """\
        apiVersion: hypershift.openshift.io/v1beta1
        kind: NodePool
        metadata: {name: pool, namespace: clusters}
        spec: {clusterName: north, config: [{name: mirrors}]}
        """
    )
    (pointer,) = parsed.pointers
    assert (pointer.namespace, pointer.name, pointer.target.name) == ("clusters", "mirrors", "hosted-cluster-north")


@pytest.mark.parametrize(
    "document",
    [
        IDMS.replace("DigestMirror", "TagMirror"),
        "apiVersion: v1\nkind: List\nitems: []\n",
        "# a comment only\n",
        IDMS.replace("config.openshift.io/v1", "operator.openshift.io/v1alpha1"),
        "apiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\nspec: {}\n",
    ],
)
def test_one_refused_document_stops_all(document: str) -> None:
    (home,) = homes_of(node_pool(IDMS, document))
    assert [each.partition(" ")[2] for each in rules_of(home)] == ["node-pool-refused"]
    assert home.manifests == ()


def test_a_doubled_separator_is_refused() -> None:
    (home,) = homes_of(node_pool(IDMS, "---\n" + IDMS.replace("quay}", "b}")))
    assert rules_of(home) == ["13 node-pool-refused"]


def test_unknown_fields_are_accepted() -> None:
    (home,) = homes_of(node_pool(IDMS.replace("mirrors:", "mirror:")))
    assert objects_of(home) == ["ImageDigestMirrorSet quay: quay.io/a -> "]


@pytest.mark.parametrize("line", list(recordings("nodepool-config")), ids=lambda line: as_text(line["id"]))
def test_a_node_pool_takes_and_refuses_as_recorded(line: dict[str, Json]) -> None:
    taken: list[str] = []
    errors: list[str] = []
    for data in map(as_object, as_list(line["configmaps"])):
        if "config" in data:
            (document,) = read(File("cm.json", json.dumps(data))).documents
            assert isinstance(document.root, Mapping)
            value = document.root.fields["config"]
            assert isinstance(value, Scalar)
            content = node_pool_config(value, RELEASES["5.0"])
            taken += [each.kind for each in content.manifests]
            errors += [each.rule for each in content.diagnostics if each.rule != "unknown-field"]
    if line["error"] is not None:
        assert errors
        assert not taken
    else:
        assert not errors
        ours = re.findall(r"^kind: (Image\w+)", as_text(line["text"]), re.MULTILINE)
        assert sorted(taken) == sorted(ours)
