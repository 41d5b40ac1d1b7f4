"""Edits to YAML text that leave every character around them unchanged.

In: places of values in a text. Out: edits, made of the text itself, so that comments, quotes, indentation and line
breaks stay the author's. Where a value is written in a way that an edit could spoil (an anchor others refer to, a block
scalar, an alias that is where its anchor is), there is no edit.
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from compiler.findings.diagnostics import Edit
from compiler.text.span import File, Span, line_break_of
from compiler.text.tree import Mapping, Sequence

# No text is matched in two ways, or a list with many line breaks would be tried forever.
_BREAK = r"(?:\r\n|\n|\r(?!\n))"
_COMMENT = r"(?:#[^\r\n]*+)"
_TO_DASH = re.compile(rf"(?:[ \t]*+{_COMMENT}?{_BREAK})* *+-[ \t]*+(?:{_BREAK}[ \t]*+)*")
_TO_COMMA = re.compile(r"[ \t\r\n]*+,[ \t\r\n]*+")
_TO_COMMA_AND_COMMENT = re.compile(rf"[ \t\r\n]*+,(?:[ \t]*+{_COMMENT}?{_BREAK})+[ \t]*+")
_REST_OF_LINE = re.compile(rf"[ \t]*+{_COMMENT}?(?:{_BREAK}|\Z)")
_ALIAS = re.compile(r"[ \t]*+:[ \t]*+\*[^\s,\]}]++")
_OWN_COMMA = re.compile(r"[ \t]*+,")


def rewrite(span: Span, text: str) -> Edit | None:
    """Write `text`, which needs no escapes, for a scalar; inside its quotes if it has any."""
    written = span.text
    if "\n" in written or "\r" in written or written[:1] in {"", "&", "!", "|", ">"}:
        return None
    quotes = int(written[0] in {"'", '"'})
    return Edit(span=Span(span.file, span.start + quotes, span.end - quotes), text=text)


def remove_item(item: Span, *, after: Span) -> Edit | None:
    """Take an item out of its list; `after` is the item before it, which shows how the list is written.

    In block style its lines go, with a comment at their end; in flow style the item and a comma.
    """
    text = item.file.text
    if item.file is not after.file or after.end > item.start or "&" in item.text:
        return None
    if _TO_DASH.fullmatch(text, after.end, item.start):
        return _remove_lines(item, text.rindex("-", after.end, item.start))
    if _TO_COMMA.fullmatch(text, after.end, item.start):
        return Edit(span=Span(item.file, after.end, item.end), text="")
    if _TO_COMMA_AND_COMMENT.fullmatch(text, after.end, item.start):
        # The comment is the earlier item's, and so its line break has to stay; a comma may end a list.
        comma = _OWN_COMMA.match(text, item.end)
        return Edit(span=Span(item.file, item.start, comma.end() if comma else item.end), text="")
    return None


def remove_field(field: Span, *, after: Span | None) -> Edit | None:
    """Take a field, key and value, out of its mapping; `after` is the one before it, None where it is the first.

    In block style its line goes, in flow style the field and the comma before it.
    """
    text = field.file.text
    if "&" in field.text or "\n" in field.text or "\r" in field.text:
        return None
    if after is not None and _TO_COMMA.fullmatch(text, after.end, field.start):
        return Edit(span=Span(field.file, after.end, field.end), text="")
    begin = field.start - (field.begin.column - 1)
    rest = _REST_OF_LINE.match(text, field.end)
    if rest is None or text[begin : field.start].strip(" "):
        return None
    return Edit(span=Span(field.file, begin, rest.end()), text="")


def _remove_lines(item: Span, dash: int) -> Edit | None:
    """The lines from that of the dash to that of the item's end."""
    text = item.file.text
    begin = dash - (item.file.position(dash).column - 1)
    # A block scalar ends where the next line begins, and blank lines are a part of it.
    end = item.start + len(item.text.rstrip())
    rest = _REST_OF_LINE.match(text, end)
    if rest is None or text[begin:dash].strip(" "):
        return None
    return Edit(span=Span(item.file, begin, rest.end()), text="")


def add_field(mapping: Span, name: str, value: str, *, after: Span) -> Edit | None:
    """Add a field, whose name and value need no quotes, to a mapping; `after` is the value of the field before it.

    In block style it gets its own line, in flow style a comma, and quotes where that field has some.
    """
    file, text = mapping.file, mapping.file.text
    if after.file is not file or after.start < mapping.start or "\n" in after.text:
        return None
    if text[mapping.start] == "{":
        quote = '"' if text[mapping.start : after.start].rstrip(": \t\r\n").endswith('"') else ""
        return Edit(span=Span(file, after.end, after.end), text=f", {quote}{name}{quote}: {quote}{value}{quote}")
    rest = _REST_OF_LINE.match(text, after.end)
    if rest is None:
        return None
    end = after.end + len(rest[0].rstrip("\r\n"))
    indent = " " * (mapping.begin.column - 1)
    line_break = line_break_of(text)
    return Edit(span=Span(file, end, end), text=f"{line_break}{indent}{name}: {value}")


# --- Several at once -----------------------------------------------------------------


class _Entry(NamedTuple):
    """A field or an item with its characters, and whether it is removed."""

    start: int
    end: int
    removed: bool


def remove_fields(mapping: Mapping, names: Collection[str]) -> list[Edit] | None:
    """Take the fields with these names out of a mapping, values of several lines too.

    Fields that a merge key adds are not touched.

    Returns:
        Edits in order of place; None where an edit could do more than that: a field has an anchor that others may
        refer to, or nothing would be left of the mapping.
    """
    file = mapping.file
    entries = []
    for key in mapping.keys:
        if not mapping.start <= key.start < mapping.end:
            continue
        value = mapping.fields[key.text]
        end = value.end
        if value.start < key.end:  # an alias, or the value of an earlier key of that name
            alias = _ALIAS.match(file.text, key.end)
            if alias is None:
                return None
            end = alias.end()
        entries.append(_Entry(key.start, _without_blank_end(file, key.start, end), key.text in names))
    return _remove(file, entries)


def remove_items(items: Sequence, indices: Collection[int]) -> list[Edit] | None:
    """Take items out of a list; as `remove_fields`."""
    entries = [
        _Entry(item.start, _without_blank_end(item.file, item.start, item.end), index in indices)
        for index, item in enumerate(items.items)
    ]
    if any(entry.start < items.start for entry in entries):  # an alias
        return None
    return _remove(items.file, entries)


def _without_blank_end(file: File, start: int, end: int) -> int:
    """The end of what is written: a block scalar would else end where the next line begins."""
    return start + len(file.text[start:end].rstrip())


def _remove(file: File, entries: list[_Entry]) -> list[Edit] | None:
    removed = [entry for entry in entries if entry.removed]
    if not removed:
        return []
    first_kept = next((entry.start for entry in entries if not entry.removed), None)
    if first_kept is None or any("&" in file.text[entry.start : entry.end] for entry in removed):
        return None
    edits: list[Edit] = []
    previous: _Entry | None = None
    for entry in entries:
        if entry.removed and not (edits and entry.start < edits[-1].span.end):
            edit = _removal(file, entry, previous, first_kept)
            if edit is None:
                return None
            edits.append(edit)
        previous = entry
    return edits


def _removal(file: File, entry: _Entry, previous: _Entry | None, first_kept: int) -> Edit | None:
    """Take one out: the rest of a flow collection or of a list stays well-formed, and of a block the lines go."""
    begin = entry.start - (file.position(entry.start).column - 1)
    rest = _REST_OF_LINE.match(file.text, entry.end)
    if rest is not None and not file.text[begin : entry.start].strip(" ") and not _is_item(file, entry, previous):
        return Edit(span=Span(file, begin, rest.end()), text="")
    if entry.start < first_kept:
        return Edit(span=Span(file, entry.start, first_kept), text="")
    if previous is None:
        return None
    return remove_item(Span(file, entry.start, entry.end), after=Span(file, previous.start, previous.end))


def _is_item(file: File, entry: _Entry, previous: _Entry | None) -> bool:
    """Whether the last thing before an entry that is not blank, a comment or its neighbor is a dash or a comma."""
    if previous is None:
        return False
    between = (previous.end, entry.start)
    return any(pattern.fullmatch(file.text, *between) for pattern in (_TO_DASH, _TO_COMMA, _TO_COMMA_AND_COMMENT))
