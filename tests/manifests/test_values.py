"""Values for placeholders: what is replaced, and what stays because nothing is known of it."""

import pytest

from compiler.manifests.given_values import GivenError, merged, parse_assignment
from compiler.manifests.values import is_helm, is_jinja, names, render_each, substituted

VALUES = merged({"REGISTRY": "m.example.com", "registry.host": "h.example.com", "port": 5000, "list": ["a", "b"]})


@pytest.mark.parametrize(
    "written",
    [
        "${REGISTRY}",
        "$REGISTRY",
        "$(REGISTRY)",
        "<REGISTRY>",
        "@REGISTRY@",
        "@@REGISTRY@@",
        "%REGISTRY%",
        "%%REGISTRY%%",
        "[[ REGISTRY ]]",
        "[[.REGISTRY]]",
        "__REGISTRY__",
        "${{REGISTRY}}",
        "{{ REGISTRY }}",
        "{{.REGISTRY}}",
        "<%= REGISTRY %>",
        "REGISTRY",
    ],
)
def test_each_form_is_replaced_by_its_value(written: str) -> None:
    assert substituted(f"- {written}/a", VALUES) == "- m.example.com/a"


def test_what_has_no_value_stays() -> None:
    text = "- ${OTHER}/$OTHER/{{ other }}/OTHER/${REGISTRY:-x}\n"
    assert substituted(text, VALUES) == text


def test_a_name_with_dots_is_a_path_too() -> None:
    assert substituted("{{ registry.host }}:${port}", VALUES) == "h.example.com:5000"
    (rendered,) = render_each(["{{ registry.host }}:{{ port }}\n"], VALUES)
    assert rendered == ("h.example.com:5000\n", "")


def test_a_list_is_written_as_json_which_is_yaml() -> None:
    assert substituted("mirrors: ${list}", VALUES) == 'mirrors: ["a", "b"]'


def test_later_values_win() -> None:
    assert merged({"a": "1", "b.c": "2"}, {"b.c": "3", "b.d": "4"}) == {
        "a": "1",
        "b.c": "3",
        "b.d": "4",
        "b": {"c": "3", "d": "4"},
    }


def test_charts_are_left_to_helm() -> None:
    text = "- {{ .Values.REGISTRY }}/a # $REGISTRY\n"
    assert is_helm(text)
    assert not is_jinja(text)
    assert render_each([text], merged({"Values.REGISTRY": "x", "REGISTRY": "y"})) == [(text, "")]


@pytest.mark.parametrize("text", ["{{ x }}", "{% if x %}", "{{- x | default('y') }}"])
def test_jinja_is_told_from_go(text: str) -> None:
    assert is_jinja(text)


@pytest.mark.parametrize("text", ["{{ .x }}", "{{ if .x }}", "{{hub x hub}}", "${x}", "{{- range $x }}"])
def test_go_is_not_jinja(text: str) -> None:
    assert not is_jinja(text)


def test_an_assignment_has_a_name_and_a_value() -> None:
    assert parse_assignment("a.b=c=d") == ("a.b", "c=d")
    for text in ("a", "=b", " =b"):
        with pytest.raises(GivenError):
            parse_assignment(text)


def test_the_names_of_placeholders_are_listed() -> None:
    assert list(names("${A} {{ b.c }} {{ d | e }} $(f)")) == ["A", "b.c", "f"]
