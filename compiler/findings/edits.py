"""Edits to YAML text that leave every character around them as it is.

In: places of values in a text. Out: edits, made of the text itself, so that comments, quotes, indentation and line
breaks stay the author's. Where a value is written in a way that an edit could spoil (an anchor others refer to, a block
scalar, an alias that stands where its anchor is), there is no edit.
"""

import re

from compiler.findings.diagnostics import Edit
from compiler.text.span import Span

# No text is matched in two ways, or a list with many line breaks would be tried for ever.
_BREAK = r"(?:\r\n|\n|\r(?!\n))"
_COMMENT = r"(?:#[^\r\n]*+)"
_TO_DASH = re.compile(rf"(?:[ \t]*+{_COMMENT}?{_BREAK})* *+-[ \t]*+(?:{_BREAK}[ \t]*+)*")
_TO_COMMA = re.compile(r"[ \t\r\n]*+,[ \t\r\n]*+")
_TO_COMMA_AND_COMMENT = re.compile(rf"[ \t\r\n]*+,(?:[ \t]*+{_COMMENT}?{_BREAK})+[ \t]*+")
_REST_OF_LINE = re.compile(rf"[ \t]*+{_COMMENT}?(?:{_BREAK}|\Z)")
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
