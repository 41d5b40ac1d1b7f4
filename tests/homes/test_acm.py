"""Policies of Advanced Cluster Management."""

import pytest

from compiler.manifests.embedded import Merge
from tests.homes.reading import homes_of, objects_of, parsed_of, rules_of, written

POLICY = """\
apiVersion: policy.open-cluster-management.io/v1
kind: Policy
metadata: {{name: mirrors, namespace: policies}}
spec:
  remediationAction: {action}
  disabled: {disabled}
  policy-templates:
    - objectDefinition:
        apiVersion: policy.open-cluster-management.io/v1
        kind: ConfigurationPolicy
        metadata: {{name: mirrors}}
        spec:
          remediationAction: {inner}
          object-templates:
            - complianceType: {compliance}
              objectDefinition:
                apiVersion: config.openshift.io/v1
                kind: ImageDigestMirrorSet
                metadata: {{name: quay}}
                spec:
                  imageDigestMirrors:
                    - source: quay.io/a
                      mirrors: [m.example.com/a]
"""


def policy(**values: str) -> str:
    return POLICY.format(
        **{"action": "enforce", "disabled": "false", "inner": "inform", "compliance": "musthave"} | values
    )


def test_an_object_of_a_policy_is_read_at_its_place() -> None:
    parsed = parsed_of(policy())
    (home,) = parsed.homes
    assert objects_of(home) == ["ImageDigestMirrorSet quay: quay.io/a -> m.example.com/a"]
    assert written(home) == ["quay.io/a", "m.example.com/a"]
    assert home.target is not None
    assert home.target.name == "acm-policy-mirrors"
    assert home.compiled
    assert parsed.places == ()
    assert parsed.manifests == ()


@pytest.mark.parametrize(
    ("spelling", "merge", "rules"),
    [
        ("musthave", Merge.ADD, ["15 musthave-adds"]),
        ("MustHave", Merge.ADD, ["15 musthave-adds"]),
        ("Mustonlyhave", Merge.EXACT, []),
    ],
)
def test_how_a_policy_merges(spelling: str, merge: Merge, rules: list[str]) -> None:
    (home,) = homes_of(policy(compliance=spelling))
    assert home.merge is merge
    assert rules_of(home) == rules


@pytest.mark.parametrize(
    "values",
    [
        {"action": "inform", "inner": "enforce"},
        {"disabled": "true"},
        {"compliance": "mustnothave"},
    ],
)
def test_what_applies_nothing_is_a_check_only(values: dict[str, str]) -> None:
    (home,) = homes_of(policy(**values))
    assert not home.compiled
    assert rules_of(home) == []


def test_a_policy_without_an_action_takes_that_of_its_template() -> None:
    text = policy(inner="Enforce").replace("  remediationAction: enforce\n", "", 1)
    (home,) = homes_of(text)
    assert home.compiled


def test_a_definition_without_a_name_is_never_applied() -> None:
    (home,) = homes_of(policy(compliance="mustonlyhave").replace("metadata: {name: quay}", "metadata: {}"))
    assert not home.compiled


def test_raw_templates_are_read_in_their_text() -> None:
    (home,) = homes_of(
        """\
        apiVersion: policy.open-cluster-management.io/v1
        kind: ConfigurationPolicy
        metadata: {name: raw}
        spec:
          remediationAction: enforce
          object-templates-raw: |
            - complianceType: mustonlyhave
              objectDefinition:
                apiVersion: config.openshift.io/v1
                kind: ImageTagMirrorSet
                metadata: {name: quay}
                spec:
                  imageTagMirrors:
                    - source: quay.io/a
                      mirrors: [m.example.com/a]
        """
    )
    assert objects_of(home) == ["ImageTagMirrorSet quay: quay.io/a -> m.example.com/a"]
    assert written(home) == ["quay.io/a", "m.example.com/a"]


def test_what_the_api_refuses_is_said_in_a_policy_too() -> None:
    (home,) = homes_of(policy(compliance="mustonlyhave").replace("quay.io/a", "quay.io/a:tag"))
    assert rules_of(home) == ["22 invalid-scope"]
    assert home.refused == (("ImageDigestMirrorSet", "quay"),)


def test_other_kinds_in_a_policy_are_none_of_ours() -> None:
    text = policy().replace("ImageDigestMirrorSet", "ConfigMap").replace("config.openshift.io/v1", "v1")
    assert homes_of(text) == ()


def test_statements_and_placeholders_of_a_raw_template() -> None:
    parsed = parsed_of(
        """\
        apiVersion: policy.open-cluster-management.io/v1
        kind: ConfigurationPolicy
        metadata: {name: raw}
        spec:
          remediationAction: enforce
          object-templates-raw: |
            {{- $m := fromConfigMap "a" "b" "c" }}
            - complianceType: mustonlyhave
              objectDefinition:
                apiVersion: config.openshift.io/v1
                kind: ImageTagMirrorSet
                metadata: {name: quay}
                spec:
                  imageTagMirrors:
                    - source: quay.io/a
                      mirrors: ['{{ $m }}/a']
                  {{- if eq $m "x" }}
                    - source: quay.io/x
                      mirrors: [m.example.com/x]
                  {{- end }}
        """
    )
    (home,) = parsed.homes
    assert written(home) == ["quay.io/a", "{{ $m }}/a", "quay.io/x", "m.example.com/x"]
    assert rules_of(home) == ["12 template-values"]
    assert parsed.places == ()
    assert parsed.diagnostics == ()


def test_a_policy_that_recreates_its_object_says_so() -> None:
    text = policy().replace(
        "- complianceType: musthave", "- recreateOption: Always\n              complianceType: musthave"
    )
    assert "recreateOption" in text
    (home,) = homes_of(text)
    assert any("deletes the object" in said for said in home.said)
    assert "until something is added" in home.diagnostics[0].message
