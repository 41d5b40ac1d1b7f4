"""Mirrors that no pull can use: the rule fires where `explain` says that the pulls fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.explain.explanation import Explainer
from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.manifests.parsing import parse
from compiler.names.reference import ANY_DIGEST
from compiler.names.releases import RELEASES
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.artifacts import compile_analysis
from compiler.policy.settings import Settings
from compiler.text.span import File
from tests.manifest_texts import image_config, mirror_set

RULE = "invalid-mirror-reference"


def analysed(text: str, *, release: str = "5.0", severity: Severity = Severity.ERROR) -> Analysis:
    settings = Settings(release=RELEASES[release], severities={RULE: severity})
    return analyse([parse(File("a.yaml", text), settings.release)], settings)


def found(text: str, rule: str = RULE, release: str = "5.0") -> list[Diagnostic]:
    return [each for each in analysed(text, release=release).diagnostics if each.rule == rule]


@pytest.mark.parametrize(
    ("source", "mirror", "reason"),
    [
        ("quay.io/team", "registry/team", "`registry` has no dot and no port"),
        ("quay.io", "registry", "`registry` has no dot and no port"),
        ("*.example.com", "registry", "`registry` has no dot and no port"),
        ("quay.io/team", "docker.io", "`docker.io` needs a namespace and a name after it"),
        ("quay.io", "index.docker.io", "`index.docker.io` is another name of `docker.io`"),
        ("quay.io/team", "index.docker.io/x", "`index.docker.io` is another name of `docker.io`"),
        ("quay.io/team", "m.io/" + "a" * 260, "at most 255 characters"),
    ],
)
def test_mirrors_that_make_no_reference(source: str, mirror: str, reason: str) -> None:
    (one,) = found(mirror_set("a", {f"'{source}'": ["good.io/x", mirror]}))
    assert reason in one.message
    assert one.severity is Severity.ERROR
    assert (one.span.text, one.field) == (mirror, "spec.imageDigestMirrors[0].mirrors[1]")
    assert one.help


@pytest.mark.parametrize(
    ("source", "mirror"),
    [
        ("quay.io/team", "m.io"),
        ("quay.io/team", "m.io:5000"),
        ("quay.io", "docker.io"),
        ("quay.io/team", "docker.io/team"),
        ("quay.io/team", "localhost/x"),
        ("quay.io/team", "m.io/a.b_c__d/e-f"),
        ("registry/team", "registry"),  # no image matches the source, which is a finding of its own
    ],
)
def test_mirrors_that_make_references(source: str, mirror: str) -> None:
    assert found(mirror_set("a", {source: [mirror]})) == []


def test_lowered_it_is_compiled_as_the_cluster_compiles_it() -> None:
    text = mirror_set("a", {"quay.io/team": ["registry/team"]})
    assert not analysed(text).ok
    lowered = analysed(text, severity=Severity.WARNING)
    assert lowered.ok
    assert b'location = "registry/team"' in compile_analysis(lowered, Settings()).files["registries.conf"]


def test_a_legacy_mirror_that_an_old_controller_does_not_check() -> None:
    text = mirror_set("a", {"quay.io/team": ["m.io/Team", "m.io/team/"]}, kind="ImageContentSourcePolicy")
    (one,) = found(text, release="4.15")
    assert "it is not a registry host with a lower-case path" in one.message
    assert found(text, release="4.16") == []  # the controller refuses it


@given(
    st.sampled_from(["quay.io", "quay.io/team", "*.b.io", "docker.io/library", "registry/x"]),
    st.lists(
        st.builds(
            "{}{}".format,
            st.sampled_from(["m.io", "m.io:5000", "docker.io", "index.docker.io", "registry", "localhost", "a-b.c"]),
            st.sampled_from(["", "/x", "/x/y", "/a-b", "/a__b"]),
        ),
        min_size=1,
        max_size=3,
        unique=True,
    ),
)
def test_it_fires_exactly_where_explain_says_that_every_pull_fails(source: str, mirrors: list[str]) -> None:
    analysis = analysed(mirror_set("a", {f"'{source}'": mirrors}), severity=Severity.WARNING)
    explainer = Explainer.of_analysis(analysis)
    host, slash, path = source.replace("*", "x").partition("/")
    depths = ["", "/a"] if slash else ["/a/a"]
    explanations = [explainer.explain(f"{host}{slash}{path}{depth}@{ANY_DIGEST}") for depth in depths]
    fails = all(each.pull.failure is not None for each in explanations)
    assert any(each.rule == RULE for each in analysis.diagnostics) is fails


def test_a_registries_conf_that_nodes_do_not_load() -> None:
    text = image_config(insecureRegistries=["http://m.io"])
    (one,) = found(text, "unloadable-configuration", "4.19")
    assert "URI schemes are not supported" in one.message
    assert one.span.text == "http://m.io"
    assert found(text, "unloadable-configuration") == []  # the API server refuses it
    legacy = mirror_set("a", {"quay.io": ["https://m.io"]}, kind="ImageContentSourcePolicy")
    assert len(found(legacy, "unloadable-configuration", "4.14")) == 1
