"""All manifests together: which count, and what the controller refuses of the whole."""

import pytest

from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.manifests.parsing import parse
from compiler.names.releases import RELEASES
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.assembly import Policy, assemble
from compiler.policy.settings import Settings
from compiler.text.span import File
from tests.manifest_texts import image_config, mirror_set

LEGACY = "ImageContentSourcePolicy"
TAGS = "ImageTagMirrorSet"


def assembled(*texts: str) -> tuple[Policy, list[Diagnostic]]:
    parsed = [parse(File(f"{number}.yaml", text), RELEASES["4.22"]) for number, text in enumerate(texts)]
    assert [finding for each in parsed for finding in each.diagnostics] == []
    return assemble(manifest for each in parsed for manifest in each.manifests)


def analysed(*texts: str, release: str = "5.0") -> Analysis:
    parsed = [parse(File(f"{number}.yaml", text), RELEASES[release]) for number, text in enumerate(texts)]
    return analyse(parsed, Settings(release=RELEASES[release]))


def only(analysis: Analysis) -> Diagnostic:
    (finding,) = analysis.diagnostics
    return finding


# --- Which objects count -------------------------------------------------------


def test_rules_are_gathered_by_what_they_are_used_for() -> None:
    policy, _ = assembled(
        mirror_set("a", {"quay.io/digest": ["m.io"]}),
        mirror_set("b", {"quay.io/tag": ["m.io"]}, kind=TAGS),
        mirror_set("c", {"quay.io/legacy": ["m.io"]}, kind=LEGACY),
    )
    assert [rule.source.value for rule in policy.digest_rules] == ["quay.io/digest", "quay.io/legacy"]
    assert [rule.source.value for rule in policy.tag_rules] == ["quay.io/tag"]


def test_of_objects_with_one_name_the_last_counts() -> None:
    policy, (finding,) = assembled(
        mirror_set("a", {"quay.io/b": ["m.io"], "quay.io/a": ["m.io"]}), mirror_set("a", {"quay.io/b": ["m2.io"]})
    )
    assert [rule.mirrors[0].value for rule in policy.digest_rules] == ["m2.io"]
    assert finding.rule == "duplicate-object"
    assert finding.message == (
        "there are two ImageDigestMirrorSet objects named `a`: this one is applied last and removes `quay.io/a`"
    )
    assert (finding.path, finding.line) == ("1.yaml", 4)
    assert [label.span.path for label in finding.labels] == ["0.yaml"]


def test_no_more_lost_sources_are_named_than_help() -> None:
    _, (finding,) = assembled(
        mirror_set("a", {f"quay.io/{name}": ["m.io"] for name in "abcde"}), mirror_set("a", {"quay.io/a": ["m.io"]})
    )
    assert finding.message.endswith("removes `quay.io/b`, `quay.io/c`, `quay.io/d` and 1 more sources")


def test_three_of_one_name_are_told_twice() -> None:
    text = mirror_set("a", {"quay.io/a": ["m.io"]})
    _, findings = assembled(text, text, text)
    assert [finding.path for finding in findings] == ["1.yaml", "2.yaml"]


def test_one_name_in_two_kinds_is_no_duplicate() -> None:
    _, findings = assembled(mirror_set("a", {"q": ["m.io"]}), mirror_set("a", {"q": ["m.io"]}, kind=TAGS))
    assert findings == []


def test_generated_names_never_meet() -> None:
    text = mirror_set("x", {"quay.io/a": ["m.io"]}).replace("  name: x", "  generateName: x-")
    policy, findings = assembled(text, text)
    assert len(policy.mirror_sets) == 2
    assert findings == []


def test_only_the_image_config_that_is_named_cluster_counts() -> None:
    policy, (finding,) = assembled(image_config(blockedRegistries=["a.io"]).replace("cluster", "other"))
    assert policy.image is None
    assert (finding.rule, finding.severity, finding.field) == ("image-not-cluster", Severity.WARNING, "metadata.name")


# --- What the controller refuses -----------------------------------------------


@pytest.mark.parametrize("kind", [TAGS, LEGACY])
def test_a_source_has_one_policy_over_all_kinds(kind: str) -> None:
    analysis = analysed(
        mirror_set("a", {"quay.io/a": ["m.io"]}, never=["quay.io/a"]),
        mirror_set("b", {"quay.io/a": ["m2.io"]}, kind=kind),
    )
    finding = only(analysis)
    assert finding.rule == "policy-conflict"
    assert finding.message.startswith("`quay.io/a` has two mirrorSourcePolicies: AllowContactingSource by default here")
    assert analysis.refused


def test_rules_without_mirrors_have_a_policy_too() -> None:
    text = mirror_set("a", {"quay.io/a": ["m.io"], "quay.io/b": ["m.io"]}).replace("    mirrors:\n    - m\n", "", 1)
    again = mirror_set("b", {"quay.io/a": ["m.io"]}, never=["quay.io/a"])
    assert only(analysed(text, again)).rule == "policy-conflict"


def test_unset_and_allow_are_one_policy() -> None:
    text = mirror_set("a", {"quay.io/a": ["m.io"]}, never=["quay.io/a"]).replace("NeverContact", "AllowContacting")
    assert analysed(text, mirror_set("b", {"quay.io/a": ["m.io"]})).diagnostics == ()


def test_a_source_that_is_never_contacted_is_no_mirror_of_itself() -> None:
    finding = only(analysed(mirror_set("a", {"quay.io/a": ["m.io", "quay.io/a"]}, never=["quay.io/a"])))
    assert (finding.rule, finding.line) == ("source-among-mirrors", 11)
    assert finding.field == "spec.imageDigestMirrors[0].mirrors[1]"
    assert finding.span.text == "quay.io/a"


@pytest.mark.parametrize("release", ["4.13", "4.15"])
@pytest.mark.parametrize("kind", ["ImageDigestMirrorSet", TAGS, LEGACY])
def test_a_wildcard_source_needs_4_16(kind: str, release: str) -> None:
    text = mirror_set("a", {"'*.io'": ["m.io"]}, kind=kind)
    finding = only(analysed(text, release=release))
    assert finding.rule == "wildcard-unsupported"
    assert finding.message == f"a wildcard source needs release 4.16 or later; the release is {release}"
    assert analysed(text, release="4.16").ok


def test_before_4_16_a_legacy_object_may_say_nearly_anything() -> None:
    text = mirror_set("a", {"'quay io'": ["'m.io/A:v1'"]}, kind=LEGACY)
    assert analysed(text, release="4.15").diagnostics == ()
    wrong = [(finding.rule, finding.field) for finding in analysed(text, release="4.16").diagnostics]
    assert wrong == [
        ("invalid-scope", "spec.repositoryDigestMirrors[0].source"),
        ("invalid-scope", "spec.repositoryDigestMirrors[0].mirrors[0]"),
    ]


@pytest.mark.parametrize("mirror", ["''", "'*.io'", "a*b"])
def test_before_4_16_a_mirror_is_not_empty_and_has_no_star(mirror: str) -> None:
    text = mirror_set("a", {"quay.io": [mirror]}, kind=LEGACY)
    assert only(analysed(text, release="4.13")).rule == "invalid-scope"


def test_all_refusals_are_told_at_once() -> None:
    analysis = analysed(
        mirror_set("a", {"quay.io/a": ["m.io", "quay.io/a"]}, never=["quay.io/a"]),
        mirror_set("b", {"quay.io/a": ["m.io"]}),
        mirror_set("c", {"quay.io/x": ["M.io/X"]}, kind=LEGACY),
        image_config(blockedRegistries=["old.apps.io"]),
        mirror_set("d", {"'*.apps.io'": ["m.io"]}),
    )
    assert [finding.rule for finding in analysis.diagnostics] == [
        "source-among-mirrors",
        "policy-conflict",
        "invalid-scope",
        "wildcard-over-nested",
    ]
