"""Edits: the tree is as it should be, and every character outside the edit as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.findings.diagnostics import Edit
from compiler.findings.edits import remove_item, rewrite
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence, read


def value(node: Node | None) -> object:
    if isinstance(node, Sequence):
        return [value(item) for item in node.items]
    if isinstance(node, Mapping):
        return {name: value(field) for name, field in node.fields.items()}
    return node.text if isinstance(node, Scalar) else None


def listed(text: str) -> list[Node]:
    """The items under the key `list`."""
    tree = read(File("x.yaml", text))
    assert tree.error is None, (text, tree.error)
    root = tree.documents[0].root
    assert isinstance(root, Mapping)
    node = root.fields["list"]
    return node.items if isinstance(node, Sequence) else []


def applied(text: str, edit: Edit) -> str:
    return text[: edit.span.start] + edit.text + text[edit.span.end :]


def removal(text: str, index: int) -> Edit | None:
    items = listed(text)
    return remove_item(items[index].span, after=items[index - 1].span)


words = st.text("abc-.#0", min_size=1, max_size=6).map(lambda text: f"m{text}x")
breaks = st.sampled_from(["\n", "\r\n"])
scalars = st.builds(
    lambda word, quotes: quotes.format(word), words, st.sampled_from(['"{}"', "'{}'", "{}", "!!str {}"])
)
maps = st.builds(lambda scalar, word: f"{{source: {scalar}, mirrors: [{word}]}}", words.map('"{}"'.format), scalars)
comments = st.builds("# {}".format, words)
spaces = st.text(" ", max_size=2)


@st.composite
def block_lists(draw: st.DrawFn) -> str:
    """A list in block style as people write it, between two other keys."""
    newline, indent = draw(breaks), draw(spaces)
    lines = ["before: 1", draw(st.sampled_from(["list:", "list: # a comment"]))]
    for _ in range(draw(st.integers(2, 5))):
        lines += draw(st.lists(st.one_of(st.just(""), st.builds("{}{}".format, spaces, comments)), max_size=2))
        dash = "-" + draw(st.sampled_from([" ", "  "]))
        behind = draw(st.one_of(st.just(""), st.builds("{} {}".format, spaces, comments)))
        shape = draw(st.sampled_from(["scalar", "map", "block map", "block scalar", "below"]))
        inner = indent + " " * len(dash)
        if shape == "scalar":
            lines.append(indent + dash + draw(scalars) + behind)
        elif shape == "map":
            lines.append(indent + dash + draw(maps) + behind)
        elif shape == "block map":
            lines.append(f"{indent}{dash}source: {draw(scalars)}{behind}")
            lines += draw(st.lists(st.builds("{}{}".format, st.just(inner), comments), max_size=1))
            lines += [f"{inner}mirrors:", f"{inner}- {draw(scalars)}", f"{inner}- {draw(scalars)}{behind}"]
        elif shape == "block scalar":
            lines += [f"{indent}{dash}|-", f"{inner}{draw(words)}"]
        else:
            lines += [f"{indent}-", f"{indent}  {draw(scalars)}{behind}"]
    if draw(st.booleans()):
        lines += ["", "after: 2"]
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


@st.composite
def flow_lists(draw: st.DrawFn) -> str:
    """A list in flow style, over one line or several, with or without a comma at its end."""
    newline = draw(breaks)
    gaps = st.one_of(spaces, st.builds("{}{}  ".format, spaces, st.just(newline)))
    text = "before: 1" + newline + "list: [" + draw(gaps)
    count = draw(st.integers(2, 5))
    for number in range(count):
        text += draw(st.one_of(scalars, maps)) + draw(spaces)
        if number < count - 1 or draw(st.booleans()):
            comment = draw(st.one_of(st.just(""), st.builds(" {}{}  ".format, comments, st.just(newline))))
            text += "," + (comment or " " + draw(gaps))
    return text + draw(spaces) + "]" + newline + "after: 2" + newline


@given(st.one_of(block_lists(), flow_lists()), st.integers(1, 4))
def test_an_item_is_removed_and_nothing_else(text: str, which: int) -> None:
    items = listed(text)
    index = min(which, len(items) - 1)
    edit = removal(text, index)
    assert edit is not None
    after = applied(text, edit)
    expected = [value(item) for item in items]
    del expected[index]
    assert [value(item) for item in listed(after)] == expected
    gone = text[edit.span.start : edit.span.end]
    assert items[index].span.text.rstrip() in gone
    # Comments on lines of their own that do not lie inside the item stay.
    assert after.count("\n#") + after.count(" #") >= text.count("\n#") + text.count(" #") - gone.count(" #")


@pytest.mark.parametrize(
    ("text", "index", "expected"),
    [
        ("list:\n- a\n- b # why\n# next\n- c\n", 1, "list:\n- a\n# next\n- c\n"),
        ("list:\n- a\n- b", 1, "list:\n- a\n"),
        ("list:\r\n  - a\r\n  - 'b'\r\nend: 1\r\n", 1, "list:\r\n  - a\r\nend: 1\r\n"),
        ("list: [a, b, c]\n", 1, "list: [a, c]\n"),
        ("list: [a, b]\n", 1, "list: [a]\n"),
        ('{"list": ["a",\n "b"\n]}\n', 1, '{"list": ["a"\n]}\n'),
        ("list: [a, # the first\n  b,\n  c]\n", 1, "list: [a, # the first\n  \n  c]\n"),
        ("list: [a, # the first\n  b]\n", 1, "list: [a, # the first\n  ]\n"),
        ("list:\n- - a\n  - b\n- c\n", 1, "list:\n- - a\n  - b\n"),
        ("list:\n- >-\n  a\n\n- >-\n  b\n\n- c\n", 1, "list:\n- >-\n  a\n\n\n- c\n"),
        ("other: &x c\nlist:\n- a\n- b: *x\n", 1, "other: &x c\nlist:\n- a\n"),
        ("other: &x c\nlist:\n- a: *x\n- b\n", 1, "other: &x c\nlist:\n- a: *x\n"),
    ],
)
def test_an_item_is_removed_as_an_author_would(text: str, index: int, expected: str) -> None:
    edit = removal(text, index)
    assert edit is not None
    assert applied(text, edit) == expected


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("list: [&x a, *x]\n", 1),  # an alias stands where its anchor is
        ("other: &x a\nlist: [b, *x]\n", 1),
        ("list: [*x]\n", 0),
        ("list: [a, &x b]\nother: *x\n", 1),  # somebody refers to it
        ("list:\n- a\n- b: &x c\nother: *x\n", 1),
        ("list:\n- a\n- # why\n  b\n", 1),
    ],
)
def test_what_an_edit_could_spoil_is_left_alone(text: str, index: int) -> None:
    text = "x: &x q\n" + text if "[*x]" in text else text
    items = listed(text)
    before = items[index - 1].span if index else Span(items[0].file, 0, 1)
    assert remove_item(items[index].span, after=before) is None


@pytest.mark.parametrize("gap", ["\r\n", "\n", "\r", " \r\n", " # a\r\n"])
def test_many_lines_between_two_items_take_no_longer_than_they_are(gap: str) -> None:
    """Trying every way to part the line breaks would never end."""
    lines = gap * 20_000

    def is_removable(text: str) -> bool:
        file, a, b = File("x.yaml", text), text.index("a"), text.rindex("b")
        return remove_item(Span(file, b, b + 1), after=Span(file, a, a + 1)) is not None

    assert is_removable(f"list: [a, {lines} b]")
    assert is_removable(f"list:\n- a {lines}\n- b")
    assert not is_removable(f"list:\n- a {lines}? b")


def test_items_of_two_files_are_not_neighbours() -> None:
    one, other = listed("list: [a, b]\n"), listed("list: [a, b]\n")
    assert remove_item(one[1].span, after=other[0].span) is None


@given(scalars, words)
def test_a_scalar_is_rewritten_inside_its_quotes(scalar: str, text: str) -> None:
    (item,) = listed(f"list: [ {scalar} ]\n")
    edit = rewrite(item.span, text)
    if scalar.startswith("!"):
        assert edit is None
        return
    assert edit is not None
    (after,) = listed(applied(item.file.text, edit))
    assert value(after) == text
    assert after.span.text[:1] == (scalar[0] if scalar[0] in "'\"" else text[0])


@pytest.mark.parametrize("scalar", ["|-\n  a\n", "&x a", "!!str a", "a\n  b"])
def test_a_scalar_written_otherwise_is_not_rewritten(scalar: str) -> None:
    tree = read(File("x.yaml", f"list:\n- {scalar}\n"))
    assert tree.error is None
    items = listed(f"list:\n- {scalar}\n")
    assert rewrite(items[0].span, "b") is None
