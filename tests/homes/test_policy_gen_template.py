"""PolicyGenTemplates: what they lay over source objects is policy of the managed clusters."""

from pathlib import Path

import pytest

from compiler.manifests.embedded import Merge
from tests.command import call_mirrorc
from tests.homes.reading import homes_of, objects_of, parsed_of, written

TEMPLATE = """\
apiVersion: ran.openshift.io/v1
kind: PolicyGenTemplate
metadata: {{name: edge-common, namespace: ztp}}
spec:
  {spec}
  bindingRules: {{edge: "true"}}
  sourceFiles:
    - fileName: OtherSubscription.yaml
      policyName: subscriptions
      spec: {{channel: stable}}
    - fileName: {file}
      {item}
      spec: {body}
"""
IDMS = "{imageDigestMirrors: [{source: quay.io/team, mirrors: [m.example.com/team]}]}"


def text(
    body: str = IDMS, *, spec: str = "mcp: master", item: str = "policyName: mirrors", file: str = "Mirrors.yaml"
) -> str:
    return TEMPLATE.format(spec=spec, item=item, file=file, body=body)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (IDMS, "ImageDigestMirrorSet mirrors: quay.io/team -> m.example.com/team"),
        (
            "{imageTagMirrors: [{source: quay.io/a, mirrors: [m.example.com/a]}]}",
            "ImageTagMirrorSet mirrors: quay.io/a -> m.example.com/a",
        ),
        (
            "{repositoryDigestMirrors: [{source: quay.io/a, mirrors: [m.example.com/a]}]}",
            "ImageContentSourcePolicy mirrors: quay.io/a -> m.example.com/a",
        ),
        ("{registrySources: {blockedRegistries: [bad.io]}}", "Image cluster: {'blockedRegistries': ['bad.io']}"),
    ],
)
def test_what_is_laid_over_is_an_object(body: str, told: str) -> None:
    (home,) = homes_of(text(body))
    assert objects_of(home) == [told]
    assert (home.compiled, home.merge) == (True, Merge.ADD)
    assert home.target is not None
    assert home.target.name == "acm-policy-edge-common"
    assert not parsed_of(text(body)).places


def test_values_have_their_places() -> None:
    (home,) = homes_of(text(item="policyName: mirrors\n      metadata: {name: own}"))
    assert objects_of(home) == ["ImageDigestMirrorSet own: quay.io/team -> m.example.com/team"]
    assert written(home) == ["quay.io/team", "m.example.com/team"]


@pytest.mark.parametrize(
    ("spec", "item", "compiled", "merge", "said"),
    [
        ("remediationAction: enforce", "policyName: p", True, Merge.ADD, ()),
        ("mcp: a", "policyName: p", True, Merge.ADD, ("inform: applied once a ClusterGroupUpgrade enforces it",)),
        ("remediationAction: enforce", "{policyName: p, complianceType: mustonlyhave}", True, Merge.EXACT, ()),
        (
            "complianceType: mustnothave",
            "policyName: p",
            False,
            Merge.ADD,
            ("mustnothave: the object is deleted from the managed clusters",),
        ),
    ],
)
def test_compliance_and_action(spec: str, item: str, compiled: bool, merge: Merge, said: tuple[str, ...]) -> None:
    item = item.strip("{}").replace(", ", "\n      ")
    (home,) = homes_of(text(spec=spec, item=item))
    assert (home.compiled, home.merge, home.said) == (compiled, merge, said)


@pytest.mark.parametrize(("spec", "item"), [("wrapInPolicy: false", "policyName: p"), ("mcp: a", 'policyName: ""')])
def test_what_makes_no_policy_is_named(spec: str, item: str) -> None:
    parsed = parsed_of(text(spec=spec, item=item))
    assert parsed.homes == ()
    assert len(parsed.places) == 1


def test_files_of_machine_configs_are_read() -> None:
    body = (
        "{config: {storage: {files: [{path: /etc/containers/registries.conf.d/9.conf, "
        "contents: {source: 'data:,%5B%5Bregistry%5D%5D%0Alocation%20%3D%20%22q.io%22%0A'}}]}}}"
    )
    (home,) = homes_of(text(body))
    assert [each.path for each in home.node_texts] == ["/etc/containers/registries.conf.d/9.conf"]


@pytest.mark.parametrize("body", ["{imageDigestMirrors: 7}", "{repositoryDigestMirrors: {a: b}}"])
@pytest.mark.parametrize("file", ["[]", "''", "../.yaml"])
def test_odd_templates_are_survived(body: str, file: str) -> None:
    parsed = parsed_of(text(body, file=file))
    assert [home.manifests for home in parsed.homes] in ([], [()])


def test_a_generator_of_a_kustomization_is_read(tmp_path: Path) -> None:
    (tmp_path / "common.yaml").write_text(text())
    (tmp_path / "kustomization.yaml").write_text("generators: [common.yaml]\n")
    result = call_mirrorc("explain", "quay.io/team/app@sha256:" + "0" * 64, "--repo", ".", cwd=tmp_path)
    assert "m.example.com/team/app" in result.stdout
    result = call_mirrorc("check", "--show-files", cwd=tmp_path)
    assert "read         common.yaml" in result.stdout
