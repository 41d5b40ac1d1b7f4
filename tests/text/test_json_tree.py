"""JSON with places: what is accepted is what Go accepts, and every node covers its text."""

import json
from json import JSONDecodeError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.text.json_tree import JsonError, read_json
from compiler.text.span import File
from compiler.text.tree import MAX_DEPTH, Mapping, Scalar, Sequence

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def data(node: object) -> object:
    """The value of a node, its numbers read by Python."""
    if isinstance(node, Mapping):
        return {key: data(value) for key, value in node.fields.items()}
    if isinstance(node, Sequence):
        return [data(item) for item in node.items]
    assert isinstance(node, Scalar)
    return json.loads(node.text) if node.plain else node.text


@given(VALUES, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_what_is_written_is_read_with_its_places(value: object, indent: int | str | None, ascii_only: bool) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    root = read_json(File("a.json", f" {written}\n"))
    assert data(root) == value
    assert root.span.text == written


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("", 0),
        ("  ", 2),
        ("{", 1),
        ("[1,]", 3),
        ('{"a": 1,}', 8),
        ('{"a" 1}', 5),
        ('{"a": 1 "b": 2}', 8),
        ("{a: 1}", 1),
        ("{'a': 1}", 1),
        ("{} {}", 3),
        ("[1] # done", 4),
        ("01", 1),
        ("+1", 0),
        (".5", 0),
        ("1.", 1),
        ("NaN", 0),
        ("-Infinity", 0),
        ("True", 0),
        ('"a\nb"', 2),
        (r'"\x"', 1),
        (r'"\u12"', 2),
        ('"a', 0),
        ("\ufeff{}", 0),
    ],
)
def test_what_is_not_json_is_refused_at_its_place(written: str, at: int) -> None:
    with pytest.raises(JsonError) as caught:
        read_json(File("a.json", written))
    assert caught.value.span.start == at
    with pytest.raises(JSONDecodeError):  # NaN and Infinity, which Python takes, are refused by its hook
        json.loads(written, parse_constant=lambda word: json.loads(f"<{word}>"))


def test_escapes_are_read_as_go_reads_them() -> None:
    root = read_json(File("a.json", r'["\/", "\ud83d\ude00", "\ud83d", "\u00e9"]'))
    assert data(root) == ["/", "\U0001f600", "\ufffd", "\xe9"]


def test_a_repeated_key_is_kept_with_the_last_value() -> None:
    root = read_json(File("a.json", '{"a": 1, "a": 2}'))
    assert isinstance(root, Mapping)
    assert [key.span.start for key in root.keys] == [1, 9]
    assert data(root) == {"a": 2}


def test_nesting_has_an_end() -> None:
    read_json(File("a.json", "[" * MAX_DEPTH + "]" * MAX_DEPTH))
    with pytest.raises(JsonError, match="nested more than"):
        read_json(File("a.json", "[" * 100_000))
