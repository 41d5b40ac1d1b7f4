"""What counts as a template, and what a list of objects lends to its items."""

import pytest

from compiler.manifests.parsing import Parsed, parse
from compiler.names.releases import RELEASES
from compiler.text.span import File

HEAD = "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\n"
RULES = "spec:\n  imageDigestMirrors:\n  - source: quay.io/a\n    mirrors: [m.example.com/a]\n"


def parsed(text: str) -> Parsed:
    return parse(File("a.yaml", text), RELEASES["5.0"])


def rules_of(found: Parsed) -> list[str]:
    return [diagnostic.rule for diagnostic in found.diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "metadata:\n  name: {{ .Values.name }}\n" + RULES,
        HEAD + 'metadata:\n  name: "{{ name }}"\n' + RULES,
        HEAD
        + "metadata:\n  name: a\nspec:\n  imageDigestMirrors:\n  {{- range .Values.m }}\n  - source: x\n  {{- end }}\n",
        HEAD + "metadata:\n  name: a\nspec:\n  imageDigestMirrors: {{ .Values.mirrors }}\n",
        HEAD + "metadata:\n  name: a\nspec: {{ .Values.spec }}\n",
        HEAD + "metadata:\n  name: a\n" + RULES.replace("quay.io/a", "${REGISTRY}/a"),
        HEAD + "metadata:\n  name: a\n" + RULES.replace("m.example.com/a", "'{% if x %}m{% endif %}'"),
        "apiVersion: operator.openshift.io/v1alpha1\nkind: ImageContentSourcePolicy\nmetadata: {name: a}\n"
        'spec:\n  repositoryDigestMirrors:\n  - source: "{{ source }}"\n    mirrors: [m.example.com/a]\n',
    ],
)
def test_a_mark_is_never_an_error(text: str) -> None:
    found = parsed(text)
    assert set(rules_of(found)) <= {"template-values"}
    assert len(found.manifests) == 1


@pytest.mark.parametrize("mark", ["{{ x }}", "${CI_COMMIT}", "{% x %}"])
def test_a_mark_in_an_annotation_or_a_comment_makes_no_template(mark: str) -> None:
    text = HEAD + f'metadata:\n  name: a # see {mark}\n  annotations: {{note: "by {mark}"}}\n' + RULES
    found = parsed(text)
    assert rules_of(found) == []
    assert len(found.manifests) == 1


def test_a_mark_elsewhere_hides_no_mistake() -> None:
    text = HEAD + 'metadata:\n  name: a\n  annotations: {note: "by ${CI_COMMIT}"}\n'
    text += RULES.replace("mirrors:", "mirror:").replace("quay.io", "https://quay.io")
    assert rules_of(parsed(text)) == ["unknown-field", "invalid-scope"]


def test_a_mark_in_a_comment_does_not_excuse_a_syntax_error() -> None:
    assert rules_of(parsed(HEAD + "metadata: {name: a # ${WIKI}\n" + RULES)) == ["invalid-yaml"]


def test_the_documents_beside_a_template_are_read() -> None:
    found = parsed(HEAD + "metadata: {name: {{ x }} ]\n---\n" + HEAD + "metadata: {name: b}\n" + RULES)
    assert rules_of(found) == ["template-manifest"]
    assert [manifest.name.value for manifest in found.manifests] == ["b"]


def test_a_typed_list_lends_its_kind_and_api_version() -> None:
    text = (
        "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSetList\nitems:\n"
        "- metadata: {name: a}\n  spec: {imageDigestMirrors: [{source: quay.io, mirrors: [m.example.com]}]}\n"
        "- {apiVersion: config.openshift.io/v1, kind: ImageTagMirrorSet, metadata: {name: b}, spec: {}}\n"
    )
    found = parsed(text)
    assert [(manifest.kind, manifest.name.value) for manifest in found.manifests] == [
        ("ImageDigestMirrorSet", "a"),
        ("ImageTagMirrorSet", "b"),
    ]
    assert found.diagnostics == ()


def test_an_item_without_kind_or_name_in_a_typed_list_is_told_at_its_first_key() -> None:
    found = parsed("apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSetList\nitems:\n- spec: {}\n")
    (finding,) = found.diagnostics
    assert (finding.rule, finding.span.text) == ("missing-field", "spec")


def test_a_plain_list_lends_nothing() -> None:
    found = parsed("apiVersion: v1\nkind: List\nitems:\n- metadata: {name: ImageTagMirrorSet}\n  spec: {}\n")
    assert (found.manifests, found.diagnostics) == ((), ())


def test_items_that_are_no_list_are_told() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n  apiVersion: config.openshift.io/v1\n  kind: ImageDigestMirrorSet\n"
    assert rules_of(parsed(text)) == ["wrong-type"]


@pytest.mark.parametrize("kind", ["ImageDigestMirrorSet", "Image"])
def test_a_list_where_an_object_belongs_is_told(kind: str) -> None:
    text = f"- apiVersion: config.openshift.io/v1\n  kind: {kind}\n  metadata: {{name: a}}\n  spec: {{}}\n"
    assert rules_of(parsed(text)) == ["wrong-type"]


def test_an_image_config_under_another_api_group_is_told() -> None:
    text = "apiVersion: operator.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\nspec: {registrySources: {}}\n"
    assert rules_of(parsed(text)) == ["wrong-api-version"]


def test_the_image_of_another_api_group_is_passed_over() -> None:
    text = "apiVersion: image.openshift.io/v1\nkind: Image\nmetadata: {name: sha256:ab}\n# config.openshift.io/v1\n"
    assert rules_of(parsed(text)) == []
