"""The comments of YAML text, which no tree has.

In: a file. Out: where its comments stand. They are what stands between the parser's tokens, and behind the `|` or `>`
of a block scalar.
"""

import re
from contextlib import suppress

from compiler.text.events import PARSER_ERRORS, tokens
from compiler.text.span import File, Span

_LINE_COMMENT = re.compile(r"#[^\r\n]*")
_HEADER_COMMENT = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\r\n]*)")


def comments(file: File, *, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Every comment between two offsets, from its `#` to the end of its line, up to what cannot be read."""
    text = file.text[start:end]
    found: list[Span] = []
    behind = 0
    with suppress(*PARSER_ERRORS, StopIteration):
        next_token = tokens(text)
        while True:
            token = next_token()
            at = token.start_mark.index
            found += (
                Span(file, start + match.start(), start + match.end())
                for match in _LINE_COMMENT.finditer(text, behind, at)
            )
            behind = max(behind, token.end_mark.index)
            if header := _HEADER_COMMENT.match(text, at):
                found.append(Span(file, start + header.start(1), start + header.end(1)))
    return tuple(found)
