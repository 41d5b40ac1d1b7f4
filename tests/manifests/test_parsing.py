"""One file to its manifests: templates told from manifests, many documents, lists, and what is not ours."""

import pickle
from dataclasses import fields

import pytest

from compiler.findings.diagnostics import Diagnostic
from compiler.manifests.kinds import MirrorSet
from compiler.manifests.parsing import Parsed, documents, parse
from compiler.names.releases import RELEASES
from compiler.policy.known import known
from compiler.text.span import File
from tests.manifest_texts import mirror_set

GOOD = mirror_set("good", {"quay.io/good": ["m.io/good"]})
RELEASE = RELEASES["5.0"]


def parsed(text: str) -> Parsed:
    return parse(File("a.yaml", text), RELEASE)


def names(text: str) -> list[str]:
    """The names of the manifests in a text that has no findings."""
    found = parsed(text)
    assert found.diagnostics == ()
    return [manifest.name.value for manifest in found.manifests]


def told(text: str) -> list[tuple[str, str]]:
    """Rule and place of every finding."""
    return [(finding.rule, f"{finding.line}:{finding.column}") for finding in parsed(text).diagnostics]


def only(text: str) -> Diagnostic:
    (finding,) = parsed(text).diagnostics
    return finding


def test_manifests_come_through_a_pickle_with_every_place() -> None:
    """That is how they come from the processes that read a large repo."""
    policy = mirror_set("one", {"quay.io/a": ["m.io/a"]}, never=["quay.io/a"])
    legacy = mirror_set("old", {"quay.io/b": ["m.io/b", "n.io/b"]}, kind="ImageContentSourcePolicy")
    before = parsed("\n---\n".join((policy, mirror_set("two", {"quay.io/a": [], "quay.io/c": ["m.io/c"]}), legacy)))
    after = pickle.loads(pickle.dumps(before))
    assert [manifest.kind for manifest in after.manifests] == [manifest.kind for manifest in before.manifests]
    assert _places(after) == _places(before)
    assert after.manifests[0].rules[0].never_contacts_source
    assert after.file.text == before.file.text
    (open_,) = parsed(GOOD + "{{ include more }}\n").manifests
    assert isinstance(open_, MirrorSet)
    assert open_.is_open
    assert pickle.loads(pickle.dumps(open_)).is_open
    assert {id(manifest.span.file) for manifest in after.manifests} == {id(after.file)}


@pytest.mark.parametrize("kind", MirrorSet.__subclasses__())
def test_every_field_of_a_mirror_object_comes_through_a_pickle(kind: type[MirrorSet]) -> None:
    """Each has to be named where they are packed: one that is not would be lost in large repos only."""
    assert [field.name for field in fields(kind)] == ["name", "rules", "span", "is_open"]


def _places(found: Parsed) -> list[object]:
    """Every value of the manifests with its place."""
    places: list[object] = []
    for manifest in found.manifests:
        assert isinstance(manifest, MirrorSet)
        places += [manifest.name.value, str(manifest.name.span), str(manifest.span), manifest.span.end]
        for rule in manifest.rules:
            values = [rule.source, *rule.mirrors, *filter(None, [rule.mirror_source_policy])]
            places += [(each.value, str(each.span), each.span.end) for each in values]
            places += [str(rule.span), rule.span.end]
    return places


# --- Templates -----------------------------------------------------------------

TEMPLATES = {
    "Helm, around it": "{{- if .Values.on }}\n" + GOOD + "{{- end }}\n",
    "Helm, a value": GOOD.replace("m.io/good", "{{ .Values.registry }}/good"),
    "Helm, a quoted value": GOOD.replace("m.io/good", '"{{ .Values.registry }}/good"'),
    "Helm, a name": GOOD.replace("name: good", "name: {{ .Release.Name }}"),
    "Helm, a list": GOOD.replace("    - m.io/good\n", "{{ toYaml .Values.mirrors | indent 4 }}\n"),
    "Helm, a key": GOOD.replace("source:", "{{ .Values.key }}:"),
    "Go, in an include": GOOD.replace("spec:", '{{ template "x" . }}\nspec:'),
    "Jinja, a loop": "{% for name in names %}\n" + GOOD + "{% endfor %}\n",
    "Jinja, a value": GOOD.replace("m.io", "{{ registry }}"),
    "ERB": GOOD.replace("m.io", "<%= registry %>"),
    "an environment variable": GOOD.replace("m.io", "${REGISTRY}"),
    "an OpenShift Template's parameter": GOOD.replace("m.io", "${{REGISTRY}}"),
    "a legacy object, whose texts the API takes as they are": mirror_set(
        "legacy", {"quay.io/a": ["${REGISTRY}/a"]}, kind="ImageContentSourcePolicy"
    ),
    "a legacy source": mirror_set("legacy", {"'{{ source }}'": ["m.io/a"]}, kind="ImageContentSourcePolicy"),
}


@pytest.mark.parametrize("text", TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_is_read_without_an_error(text: str) -> None:
    found = parsed(text)
    assert len(found.manifests) == 1
    assert {finding.rule for finding in found.diagnostics} <= {"template-values"}
    assert len(found.diagnostics) <= 1
    assert found.refused == ()


KNOWN_TEMPLATES = {"Helm, a name", "Go, in an include"}
"""Their rules do not depend on what is unknown."""


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_depends_on_a_placeholder_is_not_compiled(name: str) -> None:
    found = known([parsed(TEMPLATES[name])])
    is_known = name in KNOWN_TEMPLATES
    assert (found.unknown, found.objects) == ((0, 1) if is_known else (1, 0))
    assert [finding.rule for finding in parsed(TEMPLATES[name]).diagnostics] == ["template-values"] * (not is_known)


@pytest.mark.parametrize("text", TEMPLATES.values(), ids=TEMPLATES)
def test_what_is_beside_a_template_is_read(text: str) -> None:
    other = mirror_set("other", {"quay.io/other": ["m.io/other"]})
    found = parsed(f"{other}---\n{text}---\n{other.replace('other', 'another')}")
    assert [manifest.name.value for manifest in found.manifests][::2] == ["other", "another"]
    assert {finding.rule for finding in found.diagnostics} <= {"template-values"}


def test_a_template_that_is_not_yaml_is_named_and_left_out() -> None:
    text = GOOD + "---\n" + GOOD.replace("- source", "{{ x }} - source") + "  ]\n"
    found = parsed(text)
    (finding,) = found.diagnostics
    assert finding.rule == "template-manifest"
    assert finding.message == (
        "this ImageDigestMirrorSet is a template that is not YAML before it is rendered, and is skipped"
    )
    assert finding.span.text == "{{"
    assert [manifest.name.value for manifest in found.manifests] == ["good"]


NO_TEMPLATES = {
    "a mark in an annotation": GOOD.replace("name: good", "name: good\n  annotations: {x: 'by {{ tool }}'}"),
    "a mark in a comment": "# {{ not me }}\n" + GOOD,
    "a mark behind a value, in a comment": GOOD.replace("m.io/good\n", "m.io/good # ${NOT_ME}\n"),
    "a template of another kind": GOOD + "---\nkind: ConfigMap\ndata: {x: {{ y }}}\n",
    "another kind with a template before": "---\nkind: ConfigMap\ndata:\n  {{ x }}\n---\n" + GOOD,
}


@pytest.mark.parametrize("text", NO_TEMPLATES.values(), ids=NO_TEMPLATES)
def test_what_compiles_as_it_is_is_no_template(text: str) -> None:
    assert names(text) == ["good"]


def test_a_mistake_beside_a_mark_in_a_comment_is_a_mistake() -> None:
    assert told("# {{ not me }}\n" + GOOD.replace("quay.io/good", "'quay io'")) == [("invalid-scope", "8:13")]


def test_a_field_that_a_template_makes_is_no_typo() -> None:
    assert told(GOOD + "    ${EXTRA}: x\n") == []


def test_findings_that_can_be_lowered_make_no_template() -> None:
    text = GOOD.replace("name: good", "name: good\n  annotations: {x: '{{ y }}', x: z}")
    assert told(text) == [("duplicate-key", "5:31")]


# --- Documents -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("a\n", ["a\n"]),
        ("---\na\n", ["---\na\n"]),
        ("a\n---\nb\n", ["a\n", "---\nb\n"]),
        ("a\n--- b\n", ["a\n", "--- b\n"]),
        ("a\n---b\n----\n", ["a\n---b\n----\n"]),
        ("a\n --- b\n", ["a\n --- b\n"]),
        ("a\n---", ["a\n", "---"]),
        ("---\n---\n", ["---\n", "---\n"]),
        ("a\r\n---\r\nb", ["a\r\n", "---\r\nb"]),
    ],
)
def test_documents_are_told_apart_without_reading_them(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in documents(text)] == parts


def test_an_error_hides_nothing_before_it() -> None:
    found = parsed(GOOD + "---\nkind: [\n")
    assert [manifest.name.value for manifest in found.manifests] == ["good"]
    assert [finding.rule for finding in found.diagnostics] == ["invalid-yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "kind: ConfigMap\ndata: [\n",
        "# an ImageDigestMirrorSet\nkind: ConfigMap\ndata: [\n",
        "kind: Image\napiVersion: image.openshift.io/v1\nx: [\n",
        "kind: ImageDigestMirrorSetter\nx: [\n",
    ],
)
def test_broken_text_of_other_kinds_is_nobody_s_business(text: str) -> None:
    assert parsed(text).diagnostics == ()


@pytest.mark.parametrize(
    "kind",
    [
        "kind: ImageDigestMirrorSet",
        "kind: 'ImageTagMirrorSet'",
        '"kind": "ImageContentSourcePolicy"',
        "kind:   ImageDigestMirrorSetList",
        "apiVersion: config.openshift.io/v1\nkind: Image",
    ],
)
def test_broken_text_of_our_kinds_is_told(kind: str) -> None:
    assert [rule for rule, _ in told(f"{kind}\nx: [\n")] == ["invalid-yaml"]


# --- Lists ---------------------------------------------------------------------


def indented(text: str, by: int = 2) -> str:
    lines = text.splitlines()
    return "\n".join(["- " + lines[0], *(" " * by + line for line in lines[1:])]) + "\n"


@pytest.mark.parametrize("kind", ["List", "ImageDigestMirrorSetList", "ConfigMapList"])
def test_a_list_is_what_it_lists(kind: str) -> None:
    assert names(
        f"apiVersion: v1\nkind: {kind}\nitems:\n{indented(GOOD)}{indented(GOOD.replace('good', 'other'))}"
    ) == [
        "good",
        "other",
    ]


def test_lists_may_hold_lists_and_anything_else() -> None:
    inner = "kind: List\nitems:\n" + indented(GOOD)
    text = "kind: List\nitems:\n- null\n- text\n- [a]\n- {kind: ConfigMap}\n" + indented(inner)
    assert names(text) == ["good"]


@pytest.mark.parametrize("items", ["", "items:\n", "items: []\n", "items: {}\n", "items: text\n"])
def test_a_list_without_items_is_nothing(items: str) -> None:
    assert names(f"kind: List\n{items}") == []


def test_a_bare_list_is_told_if_it_holds_ours() -> None:
    finding = only(indented(GOOD))
    assert (finding.rule, finding.line, finding.column) == ("wrong-type", 1, 1)
    assert "put the list under `items:` of a `kind: List`" in finding.help
    assert told("- kind: ConfigMap\n- a\n") == []
    assert told("just text\n") == []


def test_a_finding_in_a_list_stands_in_its_item() -> None:
    text = "kind: List\nitems:\n" + indented(GOOD) + indented(GOOD.replace("m.io/good", "'m io'"))
    assert told(text) == [("invalid-scope", "20:9")]


# --- What is ours --------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "kind: Image\napiVersion: image.openshift.io/v1\nmetadata: {name: x}\n",
        "kind: Image\nmetadata: {name: x}\n",
        "kind: Deployment\napiVersion: apps/v1\n",
        "kind: [ImageDigestMirrorSet]\n",
        "{}\n",
    ],
)
def test_other_kinds_are_passed_over(text: str) -> None:
    assert names(text) == []


def test_refused_objects_are_left_out_and_known_by_name() -> None:
    found = parsed(GOOD.replace("quay.io/good", "'quay io'") + "---\n" + GOOD)
    assert [manifest.name.value for manifest in found.manifests] == ["good"]
    assert found.refused == (("ImageDigestMirrorSet", "good"),)


# --- Places ---------------------------------------------------------------------


def test_a_field_counts_the_items_before_it_whatever_their_type() -> None:
    text = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: a}
spec:
  imageDigestMirrors:
  - source: quay.io/a
    mirrors: [[], m.io/a, 1, n.io/a, {}, m.io/a]
---
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec:
  registrySources:
    insecureRegistries: [{}, 'a*']
    containerRuntimeSearchRegistries: [[], a.io, [], a.io]
"""
    fields = {(finding.rule, finding.field) for finding in parsed(text).diagnostics}
    assert ("duplicate-mirror", "spec.imageDigestMirrors[0].mirrors[5]") in fields
    assert ("invalid-scope", "spec.registrySources.insecureRegistries[1]") in fields
    assert ("duplicate-mirror", "spec.registrySources.containerRuntimeSearchRegistries[3]") in fields


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("name: team", "name: NAME-PLACEHOLDER", False),
        ("name: team", "name: #IDMS_NAME_PLACEHOLDER", False),
        ("name: team", "name: TEAM", True),
        ("name: team", "name: # the team", True),
    ],
)
def test_a_name_that_a_program_writes_is_not_refused(old: str, new: str, refused: bool) -> None:
    text = (
        "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata:\n  name: team\nspec:\n"
        "  imageDigestMirrors:\n  - source: quay.io/a\n    mirrors: [m.example.com/a]\n"
    )
    parsed = parse(File("a.yaml", text.replace(old, new)), RELEASES["4.20"])
    assert bool(parsed.refused) is refused, parsed.diagnostics


def test_a_stub_whose_spec_a_policy_fills_in_is_not_refused() -> None:
    head = "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {name: a}\nspec:\n"
    assert not parse(File("a.yaml", head + "  # imageDigestMirrors:\n  # - $mirrors\n"), RELEASES["4.20"]).refused
    assert parse(File("a.yaml", head + "  # imageDigestMirrors: none\n"), RELEASES["4.20"]).refused
