"""YAML text to trees: values as Kubernetes reads them, honest positions, and nothing that hangs or crashes."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compiler.text import events as yamlevents
from compiler.text import tree as yamltree
from compiler.text.scalars import Value, resolve
from compiler.text.span import File
from compiler.text.tree import MAX_DEPTH, Mapping, Node, Scalar, Sequence, Tree, YamlError
from tests.command import FIXTURES


def walk(root: Node | None) -> Iterator[Node]:
    """Every node once, in order, however many aliases lead to it."""
    seen: set[int] = set()
    pending = [root] if root is not None else []
    while pending:
        each = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, Mapping):
            pending += [*each.keys, *each.fields.values()][::-1]
        elif isinstance(each, Sequence):
            pending += each.items[::-1]


def read(text: str) -> Tree:
    return yamltree.read(File("a.yaml", text))


def root(text: str) -> Node:
    tree = read(text)
    assert tree.error is None, tree.error
    (document,) = tree.documents
    assert document.root is not None
    return document.root


def error(text: str) -> YamlError:
    tree = read(text)
    assert tree.error is not None
    return tree.error


def scalar(text: str) -> Scalar:
    """The value of the only key of a document."""
    node = root(text)
    assert isinstance(node, Mapping)
    (value,) = node.fields.values()
    assert isinstance(value, Scalar)
    return value


Plain = Value | list["Plain"] | dict[str, "Plain"]


def plain(node: Node | None) -> Plain:
    """What a tree means, without its places."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.fields.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value


def means(text: str) -> Plain:
    return plain(root(text))


@pytest.fixture
def without_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that the C extension has no build for."""
    monkeypatch.setattr(yamlevents, "CParser", None)


# --- Scalars, as go-yaml v2 reads them ----------------------------------------

MEANINGS: dict[str, Value] = {
    "hi": "hi",
    "": None,
    "~": None,
    "null": None,
    "NULL": None,
    "nULL": "nULL",
    "y": True,
    "Yes": True,
    "on": True,
    "ON": True,
    "oN": "oN",
    "true": True,
    "n": False,
    "No": False,
    "off": False,
    "FALSE": False,
    "10": 10,
    "+685_230": 685230,
    "-10": -10,
    "0": 0,
    "-0": 0,
    "0xA": 10,
    "0x_0A_74_AE": 685230,
    "02472256": 685230,
    "0o17": 15,
    "0123": 83,
    "089": 89.0,
    "0b1010_0111_0100_1010_1110": 685230,
    "-0b101010": -42,
    "0b": "0b",
    "0x": "0x",
    "0b12": "0b12",
    "18446744073709551615": 18446744073709551615,
    "18446744073709551616": 18446744073709551616.0,
    "-9223372036854775809": -9223372036854775809.0,
    "9" * 350: int("9" * 350),
    "0x" + "f" * 300: int("f" * 300, 16),
    "0.1": 0.1,
    ".1": 0.1,
    "-.1": -0.1,
    "1.": 1.0,
    "6.8523e+5": 685230.0,
    "685.230_15e+03": 685230.15,
    "123456E1": 1234560.0,
    ".inf": math.inf,
    "-.Inf": -math.inf,
    "+.INF": math.inf,
    "1e400": "1e400",  # out of range is no number
    ".5_0": ".5_0",  # underscores only behind a digit
    "1:1": "1:1",  # base 60 is gone
    "1.2.3.4": "1.2.3.4",
    "50cent_of_dollar": "50cent_of_dollar",
    "-b_c": "-b_c",
    "+b_c": "+b_c",
    "2015-01-01": "2015-01-01",  # a date stays a string
    "2015-02-24T18:19:39Z": "2015-02-24T18:19:39Z",
    "<foo>": "<foo>",
    "_1": "_1",
    "quay.io/ns": "quay.io/ns",
    "5000": 5000,
    "1" * 401: "1" * 401,
}


@pytest.mark.parametrize(("text", "value"), MEANINGS.items(), ids=lambda each: str(each)[:30])
def test_a_plain_scalar_means_what_go_yaml_v2_makes_of_it(text: str, value: Value) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)
    assert scalar(f"v: {text}\n").value == value
    assert scalar(f"v: {text}\n").string == (value if isinstance(value, str) else None)


def test_not_a_number_is_a_number() -> None:
    node = scalar("v: .NaN\n")
    assert node.kind == "number"
    assert isinstance(node.value, float)
    assert math.isnan(node.value)


@pytest.mark.parametrize("text", ["yes", "12", "~", "", "0x1", "1.5", ".inf"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_quoted_scalar_is_a_string(text: str, quote: str) -> None:
    node = scalar(f"v: {quote}{text}{quote}\n")
    assert (node.value, node.string, node.kind) == (text, text, "string")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("!!str yes", "yes"),
        ("!!str 2015-01-01", "2015-01-01"),
        ("!!int '12'", 12),
        ("!!float '1.1'", 1.1),
        ("!!bool 'on'", True),
        ("!!null ''", None),
        ("! test", "test"),
        ("!mine 12", "12"),
        ("!!timestamp 2015-01-01", "2015-01-01"),
    ],
)
def test_a_tag_outweighs_the_look(written: str, value: Value) -> None:
    node = scalar(f"v: {written}\n")
    assert node.value == value
    assert node.string == (value if isinstance(value, str) else None)


def test_kinds_have_the_names_of_the_api() -> None:
    node = root("{a: b, c: true, d: 1, e: 1.5, f: null, g: [], h: {}}")
    assert isinstance(node, Mapping)
    kinds = [value.kind for value in node.fields.values()]
    assert kinds == ["string", "boolean", "integer", "number", "null", "array", "object"]


def test_block_scalars_are_strings() -> None:
    assert means("a: |\n  yes\nb: >-\n  1\n  2\n") == {"a": "yes\n", "b": "1 2"}


# --- Ports inside brackets ----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[m.example.com:5000/a, b.example.com]", ["m.example.com:5000/a", "b.example.com"]),
        ("a: {b: https://example.com/c}", {"a": {"b": "https://example.com/c"}}),
        ("[a:b:c, 'd:e', \"f:g\"] # h:i", ["a:b:c", "d:e", "f:g"]),
        ("{a:b: c, d: e:f}", {"a:b": "c", "d": "e:f"}),
        ("[a:]", ["a:"]),
        ('{"a":1, b: c:d}', {"a": 1, "b": "c:d"}),
        ("{a: x:y}\n---\nb: z\n", {"a": "x:y"}),
        ("a: |\n  b:c\nd: [e:f]\n", {"a": "b:c\n", "d": ["e:f"]}),
        ("[a:b, \ue000, \ue001:c]", ["a:b", "\ue000", "\ue001:c"]),
    ],
)
def test_a_colon_inside_a_word_is_part_of_it_in_flow_style_too(text: str, value: Plain) -> None:
    """As go-yaml reads it; the libyaml of the C extension is older and refuses it."""
    tree = read(text)
    assert tree.error is None
    assert plain(tree.documents[0].root) == value


def test_a_colon_inside_a_word_moves_no_place() -> None:
    node = root("{source: quay.io, mirrors: [é.example.com:5000/a, b:1]}")
    texts = [each.span.text for each in walk(node) if isinstance(each, Scalar)]
    assert texts == ["source", "mirrors", "quay.io", "é.example.com:5000/a", "b:1"]


def test_what_go_yaml_refuses_stays_refused() -> None:
    assert error("[m.example.com:5000/a, ::1]").span.start == 23
    assert error("[a:b").message.startswith("while parsing a flow sequence")


# --- Positions ----------------------------------------------------------------


def spans(node: Node) -> dict[str, str]:
    """For every scalar: its value, and the characters its span covers."""
    return {each.text: each.span.text for each in walk(node) if isinstance(each, Scalar)}


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_a_span_covers_the_characters_of_its_value(line_break: str) -> None:
    text = "# é\na: plain text # no\n'b' : \"quo\\tted\"\nc:\n- 😀\n- {d: [e, 'f''g']}\nh: &i j\n".replace(
        "\n", line_break
    )
    assert spans(root(text)) == {
        "a": "a",
        "plain text": "plain text",
        "b": "'b'",
        "quo\tted": '"quo\\tted"',
        "c": "c",
        "😀": "😀",
        "d": "d",
        "e": "e",
        "f'g": "'f''g'",
        "h": "h",
        "j": "&i j",
    }


def test_lines_and_columns_count_code_points() -> None:
    tree = read("é: 😀\r\nb: [x, 😀, c]\r\n")
    node = tree.documents[0].root
    assert node is not None
    places = {each.text: str(each.span) for each in walk(node) if isinstance(each, Scalar)}
    assert places == {"é": "a.yaml:1:1", "😀": "a.yaml:2:8", "b": "a.yaml:2:1", "x": "a.yaml:2:5", "c": "a.yaml:2:11"}


def test_a_collection_ends_with_its_last_item_not_at_the_next_token() -> None:
    node = root("a:\n- b\n- c: d\n\n# far\n\ne: f\n")
    assert isinstance(node, Mapping)
    assert node.fields["a"].span.text == "- b\n- c: d"


def test_a_flow_collection_ends_with_its_bracket() -> None:
    node = root("a: [b, {c: d} ] # x\n")
    assert isinstance(node, Mapping)
    assert node.fields["a"].span.text == "[b, {c: d} ]"


def test_a_part_of_a_file_keeps_the_positions_of_the_whole() -> None:
    file = File("a.yaml", "x: y\n---\nb: é c\n---\nd: e\n")
    tree = yamltree.read(file, start=5, end=16)
    (document,) = tree.documents
    assert document.root is not None
    assert spans(document.root) == {"b": "b", "é c": "é c"}
    assert yamltree.read(file, start=5, end=11).documents[0].root is not None


def test_an_error_in_a_part_stands_where_it_is_in_the_whole() -> None:
    file = File("a.yaml", "x: y\n---\nb: [\n")
    tree = yamltree.read(file, start=5, end=14)
    assert tree.error is not None
    assert str(tree.error.span) == "a.yaml:3:5"


def test_a_text_that_ends_too_early_is_pointed_at_where_it_ends() -> None:
    for content in ("a: [", "a: [\n\n  \n", "a: [ \r\n"):
        error = yamltree.read(File("a.yaml", content)).error
        assert error is not None
        assert (str(error.span), error.span.text.strip()) == ("a.yaml:1:5", "")


WORD = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)


@st.composite
def written(draw: st.DrawFn, value: str) -> str:
    """A string as it may be written in a flow collection."""
    if draw(st.booleans()) and value.isalnum() and isinstance(resolve(value), str):
        return value
    single = "'" + value.replace("'", "''") + "'"
    return draw(st.sampled_from((json.dumps(value), json.dumps(value, ensure_ascii=False), single)))


@st.composite
def flows(draw: st.DrawFn) -> tuple[str, Plain]:
    """A flow document and what it means."""
    value = draw(
        st.recursive(
            WORD, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORD, inner, max_size=4), max_leaves=12
        )
    )
    space = draw(st.sampled_from(("", " ", "\n ", "\r\n  ")))

    def write(value: Plain) -> str:
        if isinstance(value, dict):
            return "{" + f",{space}".join(f"{draw(written(key))}: {write(each)}" for key, each in value.items()) + "}"
        if isinstance(value, list):
            return f"[{space}" + ", ".join(map(write, value)) + f"{space}]"
        return draw(written(str(value)))

    return write(value), value


@given(flows())
def test_whatever_is_written_is_read_at_its_place(flow: tuple[str, Plain]) -> None:
    text, value = flow
    node = root(text)
    assert plain(node) == value
    for each in walk(node):
        if isinstance(each, Scalar):
            again = root(each.span.text)
            assert isinstance(again, Scalar)
            assert again.text == each.text


# --- Anchors, aliases, merges, duplicates -------------------------------------


def test_an_alias_is_the_node_of_its_anchor() -> None:
    node = root("a: &x {b: c}\nd: *x\n")
    assert isinstance(node, Mapping)
    assert node.fields["d"] is node.fields["a"]


@pytest.mark.parametrize("tail", ["", "e: 1\n", "---\n- 1\n"])
def test_what_ends_with_an_alias_ends_where_the_alias_does(tail: str) -> None:
    text = "a: &x\n  b: c\nd:\n- e: 1\n  f: *x\n"
    node = read(text + tail).documents[0].root
    assert isinstance(node, Mapping)
    held = node.fields["d"]
    assert isinstance(held, Sequence)
    assert [held.span.text, held.items[0].span.text] == ["- e: 1\n  f: *x", "e: 1\n  f: *x"]
    assert node.fields["a"].span.text == "&x\n  b: c"


def test_an_anchor_can_be_set_anew_and_ends_with_its_document() -> None:
    assert means("a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}
    assert error("a: &x 1\n---\nb: *x\n").message == "the alias *x has no anchor before it"
    assert len(read("a: &x 1\n---\nb: *x\n").documents) == 1


def test_an_alias_can_be_a_key() -> None:
    assert means("a: &x k\n*x : v\n") == {"a": "k", "k": "v"}


@pytest.mark.parametrize("text", ["&a [*a]", "a: &a {b: *a}", "- &a\n  - b\n  - *a\n"])
def test_an_alias_inside_its_own_anchor_is_refused(text: str) -> None:
    failure = error(text)
    assert failure.message == "the alias *a contains itself"
    assert failure.span.text == "*"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\n", {"a": {"k": 1, "l": 2}, "b": {"k": 3, "l": 2}}),
        ("b: {<<: [{k: 1}, {k: 2, l: 3}], m: 4}\n", {"b": {"m": 4, "k": 1, "l": 3}}),
        ("b: {k: 1, <<: {k: 2}}\n", {"b": {"k": 1}}),
        ("b: {<<: no mapping}\n", {"b": {"<<": "no mapping"}}),
        ("b: {<<: []}\n", {"b": {"<<": []}}),
        ("b: {<<: [{k: 1}, 2]}\n", {"b": {"<<": [{"k": 1}, 2]}}),
    ],
)
def test_a_merge_takes_over_what_is_not_written(text: str, value: Plain) -> None:
    assert means(text) == value


def test_a_merged_key_stands_where_it_was_written() -> None:
    node = root("a: &x {k: 1}\nb: {<<: *x}\n")
    assert isinstance(node, Mapping)
    merged = node.fields["b"]
    assert isinstance(merged, Mapping)
    key = merged.key("k")
    assert key is not None
    assert str(key.span) == "a.yaml:1:8"


def test_the_later_of_two_equal_keys_counts_and_both_are_told() -> None:
    (document,) = read("a: 1\nb: 2\na: 3\n'a': 4\n").documents
    assert plain(document.root) == {"a": 4, "b": 2}
    told = [(str(each.first.span), str(each.second.span)) for each in document.duplicates]
    assert told == [("a.yaml:1:1", "a.yaml:3:1"), ("a.yaml:1:1", "a.yaml:4:1")]


def test_duplicates_are_told_for_their_own_document() -> None:
    first, second = read("a: 1\na: 2\n---\nb: 1\n").documents
    assert len(first.duplicates) == 1
    assert second.duplicates == ()


def test_a_key_is_found_by_its_text() -> None:
    node = root("a: 1\nb: 2\na: 3\n")
    assert isinstance(node, Mapping)
    key = node.key("a")
    assert key is not None
    assert key.span.begin.line == 3
    assert node.key("c") is None


def test_a_collection_as_a_key_is_known_by_its_text() -> None:
    assert means("{? [a, b] : c}") == {"[a, b]": "c"}
    assert means("{{ x }}: z\n") == {"{{ x }}": "z"}


# --- Documents ----------------------------------------------------------------


def test_empty_texts_and_documents() -> None:
    assert read("") == Tree(documents=())
    assert read("# only a comment\n") == Tree(documents=())
    assert [plain(document.root) for document in read("---\n---\na: 1\n---\n").documents] == [None, {"a": 1}, None]


def test_documents_before_an_error_survive_it() -> None:
    tree = read("a: 1\n---\nb: 2\n---\nc: [\n---\nd: 4\n")
    assert [plain(document.root) for document in tree.documents] == [{"a": 1}, {"b": 2}]
    assert tree.error is not None
    assert tree.error.span.begin.line == 6


def test_json_is_yaml() -> None:
    text = '{\n\t"kind":\t"x",\n\t"b": [1, true, null, "\\u00e9\\/\\"\\n"]\n}\n'
    assert means(text) == json.loads(text)


def test_a_pair_of_surrogates_is_one_character() -> None:
    text = json.dumps({"a": "😀", "😀": ["b"]})
    assert "\\ud83d\\ude00" in text
    assert means(text) == {"a": "😀", "😀": ["b"]}
    node = root(text)
    assert next(each.span.text for each in walk(node) if isinstance(each, Scalar)) == '"a"'


def test_surrogates_in_a_later_document_hide_none_before_it() -> None:
    tree = read('a: 1\n---\n{"b": "\\ud83d\\ude00"}\n')
    assert [plain(document.root) for document in tree.documents] == [{"a": 1}, {"b": "😀"}]


def test_surrogates_and_ports_in_one_file() -> None:
    assert means('{a: b:1, "c": "\\ud83d\\ude00"}') == {"a": "b:1", "c": "😀"}


def test_half_a_pair_of_surrogates_is_refused_where_it_stands() -> None:
    failure = error('{"a": "b",\n "c": "\\ud83d"}')
    assert failure.message == "a \\u escape contains only half of a character"
    assert str(failure.span) == "a.yaml:2:7"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("a: b\nc: \x00\n", "a.yaml:2:4", "the character U+0000 is not allowed in YAML"),
        ("é: \x07\n", "a.yaml:1:4", "the character U+0007 is not allowed in YAML"),
        ("a: \x7f\n", "a.yaml:1:4", "the character U+007F is not allowed in YAML"),
        ("a: \ufffe\n", "a.yaml:1:4", "the character U+FFFE is not allowed in YAML"),
        ("😀: \x1b[31m\n", "a.yaml:1:4", "the character U+001B is not allowed in YAML"),
    ],
)
def test_a_control_character_is_refused_where_it_stands(text: str, place: str, message: str) -> None:
    failure = error(text)
    assert (str(failure.span), failure.message) == (place, message)


@pytest.mark.parametrize("text", ["%YAML 1.3\n---\na: b\n", "%YAML 2.0\n---\na: b\n"])
def test_other_versions_of_yaml_are_refused(text: str) -> None:
    assert error(text).message == "found incompatible YAML document"


def test_an_error_at_the_very_end_has_a_place() -> None:
    failure = error("a: [b")
    assert (failure.span.start, failure.span.end) == (5, 5)
    assert failure.span.begin.line == 1


# --- Hostile ------------------------------------------------------------------


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_nesting_is_capped(opening: str) -> None:
    failure = error(opening * 100_000)
    assert failure.message == f"collections are nested more than {MAX_DEPTH} levels deep"
    assert failure.span.begin.line == 1


def test_what_lies_below_the_cap_is_read() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH).error is None


def bomb(width: int, height: int, *, top: str = "") -> str:
    lines = [f"a0: &a0 [{', '.join('x' * width)}]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]" for level in range(1, height)]
    return "\n".join(lines) + "\n" + top


def test_an_alias_bomb_is_refused_where_it_begins() -> None:
    failure = error(bomb(9, 20))
    assert failure.message.startswith("the document contains excessive aliasing")
    assert str(failure.span) == "a.yaml:2:10"


def test_a_tower_of_doublings_needs_no_great_numbers() -> None:
    assert error(bomb(2, 20_000)).message.startswith("the document contains excessive aliasing")


def test_a_merge_bomb_is_refused_while_it_is_read() -> None:
    lines = ["x: &x {" + ", ".join(f"k{number}: 1" for number in range(2_000)) + "}"]
    lines += [f"y{number}: {{<<: *x}}" for number in range(2_000)]
    assert error("\n".join(lines)).message.startswith("the document contains excessive aliasing")


def test_a_document_before_a_bomb_survives_it() -> None:
    tree = read("a: 1\n---\n" + bomb(9, 20))
    assert [plain(document.root) for document in tree.documents] == [{"a": 1}]


@pytest.mark.parametrize(
    ("aliases", "size", "refused"),
    [
        (90, 10, False),  # short documents may say what they like
        (20, 1_000, False),  # nineteen of twenty come from aliases
        (2_000, 20, True),  # more than ninety-nine of a hundred do
        (98, 4_000, False),
        (98, 5_000, True),  # beyond 400,000 the share falls
    ],
)
def test_aliases_may_add_what_go_yaml_lets_them(aliases: int, size: int, refused: bool) -> None:
    text = f"- &a [{', '.join(map(str, range(size)))}]\n" + "- *a\n" * aliases
    assert (read(text).error is not None) is refused


def test_a_reasonable_number_of_aliases_is_welcome() -> None:
    text = "- &a {b: [c, d, e]}\n" + "- *a\n- own\n" * 1_000
    node = root(text)
    assert isinstance(node, Sequence)
    assert len(node.items) == 2_001


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "x" * 1_000_000,
        "a: '" + "x" * 1_000_000 + "'",
        "a: " + "- " * 1_000_000,
        "a: " + "x " * 1_000_000,
        "a: " + "0_" * 1_000_000,
        "a: [" + "b:c, " * 100_000 + "]",
        "#" * 1_000_000,
        "\n" * 1_000_000 + "a: b",
        "a: |\n" + "  x\n" * 200_000,
        "- \n" * 200_000,
        "---\n" * 100_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_a_megabyte_is_read_or_refused(text: str) -> None:
    tree = read(text)
    assert tree.documents or tree.error is not None or text.startswith("#")


@given(st.text(st.sampled_from("ab:,[]{}&*!|>'\"%@`#-? \n\t\r<~\\é😀\ud800\x00\x85\u2028\ufeff.01"), max_size=60))
@example("? ? ? :")
@example("{? : }")
@example("!<")
@example("%TAG")
@example("&a: *a")
@example("'\\")
def test_any_text_is_read_or_refused(text: str) -> None:
    text = text.replace("\ud800", "")  # decoded text holds no halves
    tree = read(text)
    if tree.error is not None:
        assert 0 <= tree.error.span.start <= tree.error.span.end <= len(text)
        assert tree.error.message
    for document in tree.documents:
        for node in walk(document.root):
            assert 0 <= node.start <= node.end <= len(text)


# --- The pure parser gives the same -------------------------------------------

Shape = tuple[object, ...]


def shape(node: Node | None) -> Shape:
    """A tree with its places, but those of values that are not there: the parsers put them before or behind a break."""
    if isinstance(node, Mapping):
        ends = () if _empty_at_end(node) else (node.end,)
        fields = {key: shape(value) for key, value in node.fields.items()}
        return ("mapping", node.start, *ends, [shape(key) for key in node.keys], fields)
    if isinstance(node, Sequence):
        ends = () if _empty_at_end(node) else (node.end,)
        return ("sequence", node.start, *ends, [shape(item) for item in node.items])
    if isinstance(node, Scalar):
        place = () if node.start == node.end else (node.start, node.end)
        return ("scalar", *place, node.text, node.plain, node.tag)
    return ()


def _empty_at_end(node: Node) -> bool:
    last = [node]
    while isinstance(last[-1], Mapping | Sequence):
        inner = list(last[-1].fields.values()) if isinstance(last[-1], Mapping) else last[-1].items
        if not inner:
            return False
        last.append(inner[-1])
    return last[-1].start == last[-1].end


def both(text: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tree]:
    assert vars(yamlevents)["CParser"] is not None, "the tests need the C extension"
    yield read(text)
    with monkeypatch.context() as patch:
        patch.setattr(yamlevents, "CParser", None)
        yield read(text)


SAME = [
    *(path.read_text() for path in sorted((FIXTURES / "gitops-repo").rglob("*.yaml"))),
    "",
    "a",
    "? a\n: b\n",
    "a: |\n  x\n  y\nb: >-\n  x\n\n",
    "a: &x 1\nb: *x\n",
    "a: !!str 1\nb: !foo 2\n! c: ! 3\n",
    "a: 1\na: 2\n",
    "b: {<<: [{a: 1}, {a: 2, c: 3}]}\n",
    "--- a\n...\n--- b\n",
    "%YAML 1.1\n---\na\n",
    "%TAG ! tag:x,2000:\n---\n!y a\n",
    "é: ü\nb: [😀, c]\n",
    '{"a": "\\ud83d\\ude00", "b": 1}',
    '{"a": "\\ud83d"}',
    "a: 1\r\nb:\r\n- c\r\n- d\r\n",
    "a: 1\rb: 2\r",
    "{{ x }}: y\n",
    "a: ''\nb: \"\"\nc:\n",
    "[a:b, {c: d:e}]",
    'x: "a\\\n  b"\n',
    "- &a a\n- *a \n",
    "&a [*a]",
    "[" * 300,
    "a: b\nc: \x00\n",
    "a:\n- b\n\n\n# c\n\nd: e\n",
]


@pytest.mark.parametrize("text", SAME, ids=lambda text: repr(text[:20]))
def test_the_pure_parser_gives_the_same_tree(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fast, pure = both(text, monkeypatch)
    assert [shape(document.root) for document in pure.documents] == [
        shape(document.root) for document in fast.documents
    ]
    assert (pure.error is None) == (fast.error is None)
    if pure.error is not None and fast.error is not None:
        assert (pure.error.span.start, pure.error.span.end) == (fast.error.span.start, fast.error.span.end)


@pytest.mark.usefixtures("without_c")
def test_the_pure_parser_is_capped_too() -> None:
    assert error("[" * 5_000).message == f"collections are nested more than {MAX_DEPTH} levels deep"
    assert error("%YAML 1.3\n---\na: b\n").span.begin.line == 1
    assert error(bomb(9, 20)).message.startswith("the document contains excessive aliasing")


def test_the_example_files_are_among_those_compared() -> None:
    assert any("ImageDigestMirrorSet" in text for text in SAME)
    assert Path(FIXTURES / "gitops-repo").is_dir()


@pytest.mark.parametrize("between", ["", " ", "\n", "\n\n"])
def test_json_objects_after_each_other_are_documents(between: str) -> None:
    text = between.join(('{"a": 1}', '{"b": "} {"}', '{"c": [{}, {}]}'))
    tree = yamltree.read(File("stream.json", text))
    assert tree.error is None
    assert [document.root.span.text for document in tree.documents if document.root] == [
        '{"a": 1}',
        '{"b": "} {"}',
        '{"c": [{}, {}]}',
    ]


def test_json_followed_by_yaml_is_an_error() -> None:
    assert yamltree.read(File("stream.json", '{"a": 1}\n{"b": 2}\nc: 3\n')).error is not None


def test_a_text_in_place_of_a_part_has_the_places_of_the_part() -> None:
    (document,) = yamltree.read(File("a.sh", "x\n\ta: 1\ny\n"), start=2, end=8, text=" a: 1\n").documents
    assert document.root is not None
    assert (document.root.span.start, document.root.span.file.path) == (3, "a.sh")
