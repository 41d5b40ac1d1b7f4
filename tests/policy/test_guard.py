"""The payload guard: what the controller leaves out of the blocked list without a word, and when it gives up."""

from dataclasses import replace

import pytest

from compiler.findings.diagnostics import Diagnostic
from compiler.manifests.parsing import parse
from compiler.names.releases import RELEASES
from compiler.node.requirements import ACCEPT_ANYTHING as ACCEPT
from compiler.node.requirements import REJECT
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.artifacts import compile_analysis
from compiler.policy.settings import PAYLOAD_NONE, Settings
from compiler.text.span import File
from tests.conformance import LOWERED
from tests.manifest_texts import image_config, mirror_set
from tests.policy.test_conformance import policy_of

PAYLOAD = "quay.io/openshift-release-dev/ocp-release"
MIRRORED = mirror_set("payload", {PAYLOAD: ["m.io/release"]})


def analysed(*texts: str, release: str = "4.22", release_image: str = "") -> Analysis:
    """Before 4.23 the API takes any text for a scope."""
    parsed = [parse(File(f"{number}.yaml", text), RELEASES[release]) for number, text in enumerate(texts)]
    settings = Settings(release=RELEASES[release], severities=LOWERED, payload_policy=PAYLOAD_NONE)
    return analyse(parsed, replace(settings, release_image=release_image) if release_image else settings)


def only(analysis: Analysis) -> Diagnostic:
    (finding,) = analysis.diagnostics
    return finding


def blocked(analysis: Analysis) -> list[str]:
    """The entries that are blocked in registries.conf."""
    return [entry.scope for entry in (analysis.conf.entries if analysis.conf else ()) if entry.blocked]


def policy(analysis: Analysis) -> tuple[str, dict[str, str]]:
    """The default of policy.json and its `docker` scopes."""
    made = compile_analysis(analysis, Settings(release=RELEASES["4.22"], severities=LOWERED)).files["policy.json"]
    found = policy_of(made)
    return found.default, {scope: only.type for scope, (only,) in dict(found.transports)["docker"]}


def test_a_scope_that_contains_the_payload_is_left_out() -> None:
    analysis = analysed(image_config(blockedRegistries=["docker.io", "quay.io"]))
    assert blocked(analysis) == ["docker.io"]
    assert policy(analysis) == (ACCEPT, {"docker.io": REJECT})
    finding = only(analysis)
    assert (finding.rule, finding.span.text) == ("payload-blocked", "quay.io")
    assert finding.message == f"`quay.io` contains the release payload `{PAYLOAD}`, so the controller does not block it"


@pytest.mark.parametrize("scope", ["quay.io", "quay.io/openshift-release-dev", PAYLOAD, "'*.io'"])
def test_every_way_to_contain_the_payload_counts(scope: str) -> None:
    assert only(analysed(image_config(blockedRegistries=[scope]))).rule == "payload-blocked"


@pytest.mark.parametrize("scope", [f"{PAYLOAD}/x", "quay.io/openshift", "quay.io:443", "uay.io"])
def test_what_does_not_contain_the_payload_is_blocked(scope: str) -> None:
    analysis = analysed(image_config(blockedRegistries=[scope]))
    assert analysis.diagnostics == ()
    assert blocked(analysis) == [scope]


def test_a_payload_with_a_mirror_outside_every_blocked_scope_is_blocked_and_itself_allowed() -> None:
    analysis = analysed(MIRRORED, image_config(blockedRegistries=["quay.io"]))
    assert analysis.diagnostics == ()
    assert blocked(analysis) == [PAYLOAD, "quay.io"]
    assert policy(analysis) == (ACCEPT, {"quay.io": REJECT, PAYLOAD: ACCEPT})


def test_a_mirror_inside_a_blocked_scope_serves_nothing() -> None:
    analysis = analysed(MIRRORED, image_config(blockedRegistries=["quay.io", "m.io"]))
    assert blocked(analysis) == ["m.io"]
    assert only(analysis).rule == "payload-blocked"


def test_tag_mirrors_do_not_serve_the_payload() -> None:
    tags = mirror_set("payload", {PAYLOAD: ["m.io/release"]}, kind="ImageTagMirrorSet")
    assert only(analysed(tags, image_config(blockedRegistries=["quay.io"]))).rule == "payload-blocked"


def test_a_payload_without_a_digest_is_served_by_no_digest_mirror() -> None:
    analysis = analysed(MIRRORED, image_config(blockedRegistries=["quay.io"]), release_image=f"{PAYLOAD}:4.22.0")
    assert only(analysis).rule == "payload-blocked"


def test_another_payload_guards_itself() -> None:
    image = "registry.example.com/ocp/release@sha256:" + "0" * 64
    analysis = analysed(image_config(blockedRegistries=["quay.io", "registry.example.com"]), release_image=image)
    assert blocked(analysis) == ["quay.io"]
    assert "contains the release payload `registry.example.com/ocp/release`" in only(analysis).message


def test_blocking_nothing_but_the_mirrored_payload_refuses_everything_else() -> None:
    analysis = analysed(MIRRORED, image_config(blockedRegistries=[PAYLOAD]))
    assert only(analysis).message == (
        "the mirrored payload is the only blocked scope, so policy.json refuses every image except the payload"
    )
    assert policy(analysis) == (REJECT, {PAYLOAD: ACCEPT})


def test_two_scopes_around_a_mirrored_payload_are_refused() -> None:
    analysis = analysed(MIRRORED, image_config(blockedRegistries=["quay.io", "quay.io/openshift-release-dev"]))
    finding = only(analysis)
    assert finding.rule == "policy-refused"
    assert finding.span.text == "quay.io/openshift-release-dev"
    assert [label.span.text for label in finding.labels] == ["quay.io"]
    assert analysis.refused


@pytest.mark.parametrize("scope", ["http://x.io", "''"])
def test_a_look_up_that_fails_blocks_nothing_at_all(scope: str) -> None:
    """The guard fails open. Only where a scope contains the payload is it asked at all."""
    analysis = analysed(image_config(blockedRegistries=["quay.io", "docker.io", scope]))
    assert blocked(analysis) == []
    assert "blocks nothing at all" in only(analysis).message
    assert analysis.conf is None


def test_a_slash_at_the_end_of_a_scope_is_no_reason_to_fail() -> None:
    analysis = analysed(image_config(blockedRegistries=["quay.io", "x.io/"]))
    assert blocked(analysis) == ["x.io/"]


def test_a_payload_mirror_that_is_no_reference_opens_the_guard() -> None:
    bare = mirror_set("payload", {PAYLOAD: ["m"]})
    analysis = analysed(bare, image_config(blockedRegistries=["quay.io"], insecureRegistries=["m"]))
    invalid, failed = analysis.diagnostics
    assert "cannot look up the payload" in failed.message or "cannot look up the payload" in invalid.message
    assert "invalid-mirror-reference" in {invalid.rule, failed.rule}


@pytest.mark.parametrize("release", ["4.13", "4.14", "4.15", "4.16", "4.17"])
def test_a_guard_that_fails_drops_the_allowed_list_too(release: str) -> None:
    """The running controller; from 4.18 on, the API refuses such an Image config."""
    image = image_config(blockedRegistries=["quay.io", "http://x.io"], allowedRegistries=["a.io", "'a*'"])
    analysis = analysed(image, release=release)
    assert analysis.guarded.allowed == ()
    assert not analysis.refused
    assert "neither blocks nor restricts anything" in only(analysis).message
    settings = Settings(release=RELEASES[release], severities=LOWERED)
    assert "policy.json" not in compile_analysis(analysis, settings).files


def test_a_wildcard_over_a_nested_blocked_scope_opens_the_guard_too() -> None:
    """The throw-away file cannot be made, so nothing is blocked, so the real file can."""
    analysis = analysed(mirror_set("a", {"'*.x.io'": ["m.io"]}), image_config(blockedRegistries=["quay.io", "a.x.io"]))
    assert blocked(analysis) == []
    assert only(analysis).rule == "payload-blocked"


def test_a_wildcard_whose_text_stands_twice_in_the_host_crashes_the_controller() -> None:
    image = "a.io.a.io/ocp/release@sha256:" + "0" * 64
    analysis = analysed(image_config(blockedRegistries=["'*.io'"]), release_image=image)
    finding = only(analysis)
    assert finding.rule == "controller-crash"
    assert analysis.refused


@pytest.mark.parametrize(
    "image", ["ocp-release", "release:latest", "http://quay.io/x", "QUAY.io/X", "quay.io/x@sha256:00"]
)
def test_a_release_image_that_is_none_stops_everything(image: str) -> None:
    finding = only(analysed(image_config(insecureRegistries=["a.io"]), release_image=image))
    assert finding.rule == "invalid-release-image"
    assert f"`{image}` is not a full image reference" in finding.message


def test_without_an_image_config_nobody_asks_for_the_release_image() -> None:
    assert analysed(MIRRORED, release_image="nonsense nonsense").diagnostics == ()


@pytest.mark.parametrize("field", ["insecureRegistries", "allowedRegistries", "blockedRegistries"])
@pytest.mark.parametrize("scope", ["''", "'a*'", "'*.a/b'", "'*.a:1'", "'*.*.a'", "'*'"])
def test_misplaced_stars_are_refused_in_every_list(field: str, scope: str) -> None:
    analysis = analysed(image_config(**{field: [scope]}))
    finding = only(analysis)
    assert (finding.rule, finding.field) == ("invalid-registry-scope", f"spec.registrySources.{field}[0]")
    assert analysis.refused


def test_what_the_guard_drops_is_never_looked_at() -> None:
    analysis = analysed(image_config(blockedRegistries=["quay.io", "''", "'a*'"]))
    assert only(analysis).rule == "payload-blocked"


@pytest.mark.parametrize(("release", "rule"), [("4.17", "blocked-and-allowed"), ("4.18", "blocked-and-allowed")])
def test_blocked_and_allowed_together_are_refused_by_one_or_the_other(release: str, rule: str) -> None:
    """By the controller up to 4.17, by the API server from then on."""
    analysis = analysed(image_config(blockedRegistries=["a.io"], allowedRegistries=["b.io"]), release=release)
    assert only(analysis).rule == rule
    assert analysis.refused is (release == "4.17")
    assert (analysis.policy.image is None) is (release == "4.18")


@pytest.mark.parametrize(("blocked", "allowed"), [([], []), (["a.io"], []), ([], ["a.io"])])
def test_both_lists_are_refused_by_the_api_even_where_one_is_empty(blocked: list[str], allowed: list[str]) -> None:
    """Its rule asks whether the fields are there."""
    head = "apiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\n"
    image = f"{head}spec: {{registrySources: {{blockedRegistries: {blocked}, allowedRegistries: {allowed}}}}}\n"
    for release, rules in (("4.17", []), ("4.18", ["blocked-and-allowed"]), ("5.0", ["blocked-and-allowed"])):
        assert [each.rule for each in analysed(image, release=release).diagnostics] == rules
    for null in (
        "blockedRegistries: null, allowedRegistries: [a.io]",
        "blockedRegistries: [a.io], allowedRegistries: ~",
    ):
        assert analysed(f"{head}spec: {{registrySources: {{{null}}}}}\n").diagnostics == ()
