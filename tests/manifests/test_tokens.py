"""Template files as YAML: what becomes a token, what a blank, what is conditional, and at what cost."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.manifests.marks import may_have_tokens
from compiler.manifests.tokens import PLACEHOLDER, masked, with_tokens, with_words
from compiler.text.opaque import opaque, revealed, tokens
from compiler.text.span import File
from compiler.text.tree import Mapping, read

TOKENS = [
    "{{ registry }}",
    "{{ x['y'] | default('a}b') }}",
    '{{hub fromConfigMap "ns" "n" "k" hub}}',
    "{{ .Values.registry }}",
    "${REGISTRY}",
    "${REGISTRY:-${OTHER}}",
    "${{REGISTRY}}",
    "$REGISTRY",
    "$(registry)",
    "$(oc get route $(name))",
    "<registry.example.com:8443>",
    "@registry@",
    "@@REGISTRY@@",
    "%REGISTRY%",
    "%%REGISTRY%%",
    "__REGISTRY__",
    "<%= registry %>",
    "[[ .Registry ]]",
    "[[ registry ]]",
    "[[registry.host]]",
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_placeholder_is_one_token(token: str) -> None:
    text = f"mirrors: [{token}/a]\n"
    found = masked(text)
    assert may_have_tokens(text)
    assert tokens(found.text) == [token]
    assert len(found.text) == len(text)
    assert revealed(found.text) == text


@pytest.mark.parametrize(
    "text",
    [
        "quay.io/a@sha256:00",
        "cost: 5$",
        "a < b",
        "a%20b%20c",
        "x__y",
        "{ {a: b} }",
        "$1",
        "a@b.c",
        "[[registry]]",
        "[[a]]",
        "- [[a]]",
        "  [[ registry ]]\n  location = 'a'",
        "  [[registry.mirror]] # first\n",
        "echo '[[registry]]' >> a.conf",
        "echo '[[ registry.mirror ]]' >> a.conf",
        'conf: "a = 1\\n[[registry]]\\nlocation"',
        "if [[ a ]]; then",
        "date +%d",
    ],
)
def test_what_is_not_a_placeholder_stays(text: str) -> None:
    assert not masked(text).is_changed


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("source: [[ source ]]\n", "[[ source ]]"),
        ("- [[ mirror ]]", "[[ mirror ]]"),
        ("- '[[ mirror ]]'", "[[ mirror ]]"),
        ("- a.example.com/[[ns]]\n", "[[ns]]"),
        ("- a.example.com:[[ port ]]\n", "[[ port ]]"),
    ],
)
def test_a_placeholder_in_square_brackets_may_be_all_or_the_end_of_a_value(text: str, token: str) -> None:
    assert may_have_tokens(text)
    assert tokens(masked(text).text) == [token]


def test_statements_on_their_own_lines_become_blanks() -> None:
    text = (
        "a:\n{% for x in y %}\n- b\n{% if x %}\n- c\n{% else %}\n- d\n{% endif %}\n{% endfor %}\n{# note\n {{ x }} #}\n"
    )
    found = masked(text)
    assert found.text.split() == ["a:", "-", "b", "-", "c"]
    assert [other.text.split() for other in found.others] == [["a:", "-", "b", "-", "d"]]
    assert found.text.count("\n") == text.count("\n")
    loop, if_, else_ = found.branches
    assert (loop.repeated, if_.repeated, else_.repeated) == (True, False, False)
    assert (if_.chain, if_.number, else_.number) == (else_.chain, 0, 1)
    assert text[if_.start : if_.end].strip() == "- c"
    assert text[else_.start : else_.end].strip() == "- d"


def test_statements_of_go_and_terraform_are_understood_too() -> None:
    go = masked("{{- $x := .y }}\n{{- range .z }}\n- {{ . }}\n{{- end }}\n{{/* note */}}\n")
    assert revealed(go.text).split() == ["-", "{{", ".", "}}"]
    assert [branch.repeated for branch in go.branches] == [True]
    hcl = masked("%{ for s in l ~}\n- ${s}\n%{ endfor ~}\n")
    assert revealed(hcl.text).split() == ["-", "${s}"]
    square = masked("[[- range .x ]]\n- [[ .y ]]\n[[- end ]]\n")
    assert revealed(square.text).split() == ["-", "[[", ".y", "]]"]
    assert [branch.repeated for branch in square.branches] == [True]
    erb = masked("<% list.each do |s| %>\n- <%= s %>\n<% end %>\n")
    assert revealed(erb.text).split() == ["-", "<%=", "s", "%>"]


def test_a_line_of_one_expression_becomes_a_blank_that_is_noted() -> None:
    text = "a:\n  {{ toYaml .b | nindent 2 }}\nc: {{ d }}\n"
    found = masked(text)
    assert found.blanks == (3,)
    assert tokens(found.text) == ["{{ d }}"]


def test_a_value_that_a_statement_chooses_in_its_line_is_one_token() -> None:
    found = masked("a: {% if b %}c{% else %}d{% endif %}/e\n")
    assert tokens(found.text) == ["{% if b %}c{% else %}d{% endif %}"]
    assert found.branches == ()


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("REGISTRY/a", "REGISTRY"),
        ("REGISTRY_HOST/c", "REGISTRY_HOST"),
        ("REPLACE_MIRROR_HOSTNAME:REPLACE_MIRROR_PORT/x", "REPLACE_MIRROR_HOSTNAME:REPLACE_MIRROR_PORT"),
        ("quay.io/IMAGE_PLACEHOLDER", "IMAGE_PLACEHOLDER"),
        ("IMAGE_PLACEHOLDER", "IMAGE_PLACEHOLDER"),
    ],
)
def test_words_of_capitals_in_the_place_of_a_host_are_placeholders(name: str, token: str) -> None:
    assert tokens(with_words(name)) == [token]


@pytest.mark.parametrize("name", ["QUAY.IO/a", "HOST:5000/a", "quay.io/Foo", "Quay/a", "quay.io/a", "E3/x"])
def test_a_host_may_be_in_capitals(name: str) -> None:
    assert with_words(name) == name


@given(st.text(st.sampled_from(list("{}%#$()<>@_A \n-:a/*=if")), max_size=60))
def test_no_text_moves(text: str) -> None:
    found = masked(text)
    assert len(found.text) == len(text)
    assert [at for at, character in enumerate(text) if character == "\n"] == [
        at for at, character in enumerate(found.text) if character == "\n"
    ]
    assert all(0 <= branch.start <= branch.end <= len(text) for branch in found.branches)


@pytest.mark.parametrize(
    "shape",
    [
        "{{",
        "{%",
        "{#",
        "${",
        "$(",
        "<%",
        "%{",
        "{{/*",
        "{{if ",
        "  {{\n",
        "<a",
        "__A",
        "__A_",
        "{% if %}",
        "a {% if x %}",
        "{{-}} {{",
        "@a",
        "%a",
    ],
)
def test_the_time_is_linear(shape: str) -> None:
    text = shape * (600_000 // len(shape))
    begun = time.process_time()
    masked(text)
    may_have_tokens(text)
    assert time.process_time() - begun < 6


@given(st.text(alphabet="${}()<>[].%@_aA -=\n", max_size=40))
def test_tokens_are_those_that_the_pattern_finds(text: str) -> None:
    def written(match: re.Match[str]) -> str:
        return opaque(match[0]) if match.lastgroup else match[0]

    assert with_tokens(text) == PLACEHOLDER.sub(written, text)


def test_a_statement_at_the_margin_leaves_the_line_after_it_at_the_margin() -> None:
    text = "a: 1\n{% if x %}b:\n- c\n{% endif %}\n%{if y}d: e%{endif}\n"
    found = masked(text)
    assert len(found.text) == len(text)
    (document,) = read(File("x", found.text)).documents
    assert isinstance(document.root, Mapping)
    assert list(document.root.fields) == ["a", "b", "d"]


@pytest.mark.parametrize(
    "line", ["${CERT}", "$CERT", "$(cat ca.pem | sed 's/^/  /' $(pwd)/x)", '${indent(2, "a: ${b}")}']
)
def test_a_line_that_is_a_variable_or_an_output_is_taken_out(line: str) -> None:
    text = f"cat <<EOF\ncert: |\n{line}\nsources: [a]\nEOF\n"
    found = masked(text, is_script=True)
    assert line not in revealed(found.text)
    assert "sources: [a]" in found.text


def test_a_placeholder_in_a_placeholder_is_one() -> None:
    found = masked("pullSecret: '{{ lookup('file', '{{ home }}/config.json') }}'\nb: c\n")
    (document,) = read(File("x", found.text)).documents
    assert isinstance(document.root, Mapping)
    assert list(document.root.fields) == ["pullSecret", "b"]
