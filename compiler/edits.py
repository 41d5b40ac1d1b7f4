"""Edits to YAML text that leave every byte around them as it is.

In: places of values in a text. Out: edits. They are made of the text itself, so that comments, quotes, indentation and
line breaks stay the author's; where a text is written in a way that is not understood, there is no edit.
"""

import re

from compiler.diagnostics import Edit
from compiler.span import Span

_BREAK = r"(?:\r\n|\n|\r)"
_BETWEEN_LINES = re.compile(rf"(?:[ \t]*+(?:#[^\r\n]*+)?+{_BREAK})*+[ \t]*+-[ \t]*+(?:{_BREAK}[ \t]*+)?+")
_BETWEEN_COMMAS = re.compile(r"[ \t\r\n]*+,[ \t\r\n]*+")
_COMMA_AND_COMMENT = re.compile(r"[ \t]*+,(?:[ \t]*+(?:#[^\r\n]*+)?+[\r\n]++)++[ \t]*+")
_REST_OF_LINE = re.compile(rf"[ \t]*+(?:#[^\r\n]*+)?+(?:{_BREAK}|\Z)")
_OWN_COMMA = re.compile(r"[ \t]*+,")


def replace(span: Span, value: str, text: str) -> Edit:
    """Write `text` where `value` stands, inside its quotes if it has any."""
    inside = span.text.find(value)
    if inside < 0:  # written with escapes
        return Edit(span=span, text=f'"{text}"')
    start = span.start + inside
    return Edit(span=Span(span.file, start, start + len(value)), text=text)


def remove_item(item: Span, *, after: Span) -> Edit | None:
    """Take an item out of its list; `after` is the item before it, which shows how the list is written.

    In block style its lines go, with a comment at their end; in flow style the item and a comma. There is no edit for
    an alias (which stands where its anchor is), for an item that holds an anchor, or for one that shares a line with
    something else.
    """
    text = item.file.text
    if item.file is not after.file or after.end > item.start or "&" in item.text:
        return None
    if _BETWEEN_LINES.fullmatch(text, after.end, item.start):
        return _remove_lines(item, text.rindex("-", after.end, item.start))
    if _BETWEEN_COMMAS.fullmatch(text, after.end, item.start):
        return Edit(span=Span(item.file, after.end, item.end), text="")
    if _COMMA_AND_COMMENT.fullmatch(text, after.end, item.start):
        # The comment belongs to the item before, and needs its line break.
        comma = _OWN_COMMA.match(text, item.end)
        return Edit(span=Span(item.file, item.start, comma.end() if comma else item.end), text="")
    return None


def _remove_lines(item: Span, dash: int) -> Edit | None:
    """The lines from the one of the dash to the one of the item's end."""
    text = item.file.text
    line = item.file.position(dash).line
    begin = item.file.line_starts[line - 1]
    # A block scalar ends where the next line begins.
    end = item.start + len(item.text.rstrip())
    rest = _REST_OF_LINE.match(text, end)
    if rest is None or text[begin:dash].strip(" ") != "":
        return None
    return Edit(span=Span(item.file, begin, rest.end()), text="")
