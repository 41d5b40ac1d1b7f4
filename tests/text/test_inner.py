"""Texts inside scalars: every value of an inner document is found at its place in the file around it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.text.inner import Inner
from compiler.text.span import File
from compiler.text.tree import Document, Mapping, Node, Scalar, YamlError, read


def scalar_of(text: str) -> Scalar:
    document = read(File("outer.yaml", text)).documents[0]
    assert isinstance(document.root, Mapping)
    found = document.root.fields["key"]
    assert isinstance(found, Scalar)
    return found


def scalars(node: Node | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    if isinstance(node, Mapping):
        return [*node.keys, *(each for value in node.fields.values() for each in scalars(value))]
    return [each for item in getattr(node, "items", ()) for each in scalars(item)]


def values_at_their_places(text: str) -> list[tuple[str, str]]:
    found = []
    for document in Inner(scalar_of(text)).documents():
        assert isinstance(document, Document)
        found += [(each.text, each.span.text) for each in scalars(document.root)]
    return found


@pytest.mark.parametrize(
    "text",
    [
        "key: |\n  a: one\n  b:\n    - two\n",
        "key: |-\n\n    a: one\n    b:\n      - two",
        "other: x\nkey: |2\n    a: one\n    b:\n      - two\n",
        "key: |+\r\n  a: one\r\n  b:\r\n    - two\r\n\r\n",
        "key: '{a: one, b: [two]}'\n",
        '{"other": 1, "key": "a: one\\nb:\\n  - two\\n"}',
        '{"key": "{\\u0061: \\"one\\", b: [two]}"}',
        "key: 'a: one  # it''s\n\n  b:\n\n  - two'\n".replace("\n\n", " ").replace("  b:", "").replace("- two", ""),
    ],
)
def test_values_are_at_their_places(text: str) -> None:
    found = values_at_their_places(text)
    assert ("one", "one") in found or ("one", '\\"one\\"') in found
    assert all(value in place or place.startswith("\\u") for value, place in found)


def test_an_error_of_the_inner_text_is_at_its_place() -> None:
    (error,) = Inner(scalar_of("key: |\n  a: 1\n  b: [\n")).documents()
    assert isinstance(error, YamlError)
    assert error.span.begin.line == 3


def test_a_folded_text_is_read_and_is_at_its_start() -> None:
    text = "key: >\n  a: one\n\n  b: two\n"
    (document,) = Inner(scalar_of(text)).documents()
    assert isinstance(document, Document)
    assert [each.text for each in scalars(document.root)] == ["a", "b", "one", "two"]
    assert {each.span.begin.line for each in scalars(document.root)} == {1}


@given(st.lists(st.text("ab'\"\\ \t:#é☃", min_size=1, max_size=8), min_size=1, max_size=4), st.integers(1, 6))
def test_json_strings_at_any_depth(values: list[str], indent: int) -> None:
    """A JSON text in a JSON text: the characters of each value are where its place says, escapes and all."""
    inner = json.dumps(values)
    outer = json.dumps({"before": "x" * indent, "key": inner}, indent=indent)
    scalar = scalar_of(outer)
    (document,) = Inner(scalar).documents()
    assert isinstance(document, Document)
    for value, found in zip(values, scalars(document.root), strict=True):
        assert found.text == value
        assert json.loads(f'"{found.span.text}"') == json.dumps(value)


@given(st.lists(st.sampled_from(["a: b", "  c: d", "", "# note", "- é"]), min_size=1, max_size=8), st.integers(1, 5))
def test_every_offset_of_a_block_has_its_place(lines: list[str], indent: int) -> None:
    body = "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in ["x: y", *lines])
    scalar = scalar_of(f"key: |\n{body}")
    inner = Inner(scalar)
    assert inner.exact
    for offset, character in enumerate(scalar.text.rstrip("\n")):
        if character != "\n":
            assert scalar.file.text[inner.offset(offset)] == character
