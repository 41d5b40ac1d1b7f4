"""Texts from outside: the place shows them, and obeys nothing in them."""

import html
import json
import re
from xml.etree import ElementTree

import cmarkgfm
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from compiler.text.escaping import (
    Commands,
    JsonList,
    Place,
    has_command,
    json_pieces,
    only_commands,
    safe,
    safe_json,
    safe_page,
    to_json,
    uninterpreted,
    without_commands,
    workflow_command,
)
from tests.logs import Runner, obeyed_by_terminal

HOSTILE = (
    "::stop-commands::x",
    "  \t::error file=a::b",
    "\ufeff::error::",
    ":\ufe0f:error::",
    "\N{NO-BREAK SPACE}\u2003::set-output name=a::b",
    "a ##[group]b",
    "###[add-mask]a",
    "#\ufe0f#[error]",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[buildStop]",
    "a\n::error::b",
    "a\nFORGED",
    "a\r::error::b",
    "a\u2028::error::b\x85::error::c\v::error::d",
    "\x1b]8;;https://evil.example.com\x07click\x1b]8;;\x07",
    "\x1b[2J\x1b[31mred\x9b31m\x90q\x9c",
    "\u202egnp.exe\u2066\u2069\u200f",
    "\udcff\udc9b31m",
    "\ud800",
    "<script>&\"'</script>",
    "`](https://evil.example.com) @user #1 **b** | c",
    "]]>--><!-- \ufffe\x00\x7f",
    "\U000e0041\U000e0001",
    'a"b\\u001b\\',
    "%0A::error::%",
)

pieces = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8), st.characters(codec=None))).map("".join)


def commands(text: str) -> list[str]:
    return [command.name for command in Runner().commands(text)]


@pytest.mark.parametrize("place", Place, ids=lambda place: place.name)
@given(text=pieces)
def test_no_place_gets_anything_that_a_terminal_obeys(place: Place, text: str) -> None:
    assert obeyed_by_terminal(safe(text, place)) == []


@pytest.mark.parametrize("place", Place, ids=lambda place: place.name)
@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_text_is_only_shown(place: Place, text: str) -> None:
    shown = safe(text, place)
    assert obeyed_by_terminal(shown) == []
    if place not in {Place.TERMINAL, Place.MARKDOWN}:  # these are broken up where lines are printed
        assert commands(f"- {shown}") == []
    assert commands(without_commands(shown)) == []


def test_a_text_of_nothing_but_letters_stays() -> None:
    for text in ("quay.io/a:1", "a b", "é名😀", "C:\\x"):
        assert safe(text, Place.TERMINAL) == text
        assert safe(text, Place.HTML) == text
        assert safe(text, Place.XML) == text


@given(text=pieces)
def test_a_line_stays_one_line(text: str) -> None:
    for place in (Place.TERMINAL, Place.WORKFLOW_DATA, Place.WORKFLOW_PROPERTY, Place.MARKDOWN, Place.JSON, Place.YAML):
        assert len(safe(text, place).splitlines()) <= 1


# --- What each place reads back ------------------------------------------------------


def storable(text: str) -> str:
    """What Unicode's encodings can carry."""
    return re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)


def plain(text: str) -> str:
    """Surrogates that make a pair in a JSON text are one character to who reads it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@given(text=pieces.filter(lambda text: plain(text) == storable(text)))
@example(text="\x7f")
def test_json_reads_the_same_text_back(text: str) -> None:
    assert json.loads(f'"{safe(text, Place.JSON)}"') == storable(text)
    document = to_json({"key": [text], text: 1})
    assert json.loads(document) == {"key": [storable(text)], storable(text): 1}
    assert obeyed_by_terminal(document) == []
    assert commands(document) == []


def test_json_of_harmless_texts_is_what_json_makes_of_it() -> None:
    data = {"a": ["é", 'q"\\', 1, None], "b": {}}
    assert to_json(data) == json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    assert safe_json('{"a": "#["}') == '{"a": "#["}'


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | pieces,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(pieces | st.integers() | st.none(), inner, max_size=3),
    max_leaves=12,
)


@given(data=JSON_VALUES)
def test_json_is_what_the_standard_library_writes_made_safe(data: object) -> None:
    document = safe_json(json.dumps(data, indent=2, ensure_ascii=False)) + "\n"
    assert to_json(data) == document
    assert "".join(json_pieces(data)) == document


@given(items=st.lists(JSON_VALUES, max_size=4))
def test_lists_that_are_made_while_they_are_written_are_lists(items: list[object]) -> None:
    made = JsonList(items, lambda item: {"a": item})
    plain_items = [{"a": item} for item in items]
    expected = to_json({"b": [plain_items], "c": plain_items})
    assert to_json({"b": [made], "c": made}) == expected
    assert "".join(json_pieces({"b": [made], "c": made})) == expected


@given(text=pieces)
def test_xml_reads_the_same_text_back(text: str) -> None:
    kept = re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", text)
    document = f'<a b="{safe(text, Place.XML_ATTRIBUTE)}">{safe(text, Place.XML)}</a>'
    element = ElementTree.fromstring(document)
    assert (element.text or "") == kept
    assert element.get("b") == kept


@given(text=pieces)
def test_html_shows_the_text_and_no_markup(text: str) -> None:
    shown = safe(text, Place.HTML)
    assert not re.search("[<>\"']", shown)
    expected = "".join(part if part in "\t\n" else safe(part, Place.TERMINAL) for part in text)
    # Surrogates go one by one: a name is decoded before it comes here.
    assert html.unescape(shown) == expected


@given(text=st.text(max_size=20) | st.sampled_from([text for text in HOSTILE if text == storable(text)]))
def test_yaml_reads_the_same_text_back(text: str) -> None:
    assert YAML(typ="safe", pure=True).load(f'"{safe(text, Place.YAML)}"') == text


def test_yaml_shows_a_byte_that_is_not_utf_8() -> None:
    assert safe("\udcff", Place.YAML) == "\\\\xff"


@given(text=pieces)
def test_markdown_renders_no_markup(text: str) -> None:
    rendered = cmarkgfm.github_flavored_markdown_to_html(f"- {safe(text, Place.MARKDOWN)}")
    assert not re.findall(r"<(?!/?(?:ul|li|p|code)\b)[a-z]", rendered)


@given(text=pieces)
def test_a_runner_reads_one_command_with_the_text(text: str) -> None:
    line = workflow_command("error", {"title": f"mirrorc: {text}", "file": text}, text)
    assert line.count("\n") == 1
    (command,) = Runner().commands(line)
    assert command.name == "error"
    assert command.properties.keys() == {"title", "file"}
    assert only_commands(Commands(line)) == line
    for told in command.data.split("\n"):
        assert commands(told) == []


def test_percent_signs_and_line_breaks_reach_an_annotation() -> None:
    (command,) = Runner().commands(workflow_command("error", {"file": "a,b:c%3A"}, "50%\nof %0A"))
    assert command.data == "50%\nof %0A"
    assert command.properties == {"file": "a,b:c%3A"}


# --- Pages and logs ------------------------------------------------------------------


@given(text=pieces)
def test_a_page_keeps_its_lines_and_nothing_else_that_is_obeyed(text: str) -> None:
    page = safe_page(f"{text}\nb\n")
    assert obeyed_by_terminal(page) == []
    assert page.count("\n") == text.count("\n") + 2
    assert obeyed_by_terminal(safe_page(text, styled=True), styled=True) == []
    assert commands(without_commands(page)) == []


def test_a_page_keeps_its_colours_where_it_may_have_some() -> None:
    page = "\x1b[1;31merror\x1b[0m \x1b[2J\x07\n"
    assert safe_page(page, styled=True) == "\x1b[1;31merror\x1b[0m \\x1b[2J\\x07\n"
    assert safe_page(page) == "\\x1b[1;31merror\\x1b[0m \\x1b[2J\\x07\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::error::a", r"\x3a:error::a"),
        ("   ::error::a", r"   \x3a:error::a"),
        ("a ::error::a", "a ::error::a"),
        ("   ::: a.yaml:1:2", "   ::: a.yaml:1:2"),  # a runner looks for the second `::` of a command
        ("::: ::error::x", r"\x3a:: ::error::x"),
        ("a ##[error]b", r"a \x23#[error]b"),
        ("##[[", r"\x23#[["),
        ("# [a] #[b] ## [c]", "# [a] #[b] ## [c]"),
    ],
)
def test_a_line_that_could_be_a_command_is_broken_up(line: str, shown: str) -> None:
    assert without_commands(line) == shown
    assert has_command(line) == (line != shown)


def test_only_commands_of_ours_are_left_among_commands() -> None:
    ours = workflow_command("notice", {"title": "mirrorc: a"}, "b")
    text = only_commands(Commands(f"{ours}::add-mask::a\n::error::b\n::error title=mirrorc::c::d\n"))
    assert commands(text) == ["notice", "error"]


@given(text=pieces.filter(lambda text: "0123456789abcdef" not in text))
def test_a_text_that_may_not_change_is_not_interpreted(text: str) -> None:
    runner = Runner()
    found = list(runner.commands(uninterpreted(f"{text}\n", "0123456789abcdef")))
    assert [command.name for command in found] == ["stop-commands"]
    assert not runner.is_silenced
