"""The comments of YAML text, which no tree has.

In: a file. Out: the places of its comments. They are what is between the parser's tokens, and after the `|` or `>`
of a block scalar.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from compiler.text.events import PARSER_ERRORS, Reading, Token
from compiler.text.span import File, Span

_LINE_COMMENT = re.compile(r"#[^\r\n]*")
_HEADER_COMMENT = re.compile(r"[|>][-+0-9]*[ \t]+(#[^\r\n]*)")


def comments(file: File, *, start: int = 0, end: int | None = None) -> tuple[Span, ...]:
    """Every comment between two offsets, from its `#` to the end of its line, up to what cannot be read."""
    text = file.text[start:end]
    reading: Reading | None = Reading(text)
    found: list[Span] = []
    while reading is not None:
        found = []
        try:
            found.extend(_between_tokens(file, start, text, reading.tokens()))
        except PARSER_ERRORS as error:
            reading = reading.otherwise(error)
        else:
            break
    return tuple(found)


def _between_tokens(file: File, start: int, text: str, next_token: Callable[[], Token]) -> Iterator[Span]:
    after = 0
    with suppress(StopIteration):
        while True:
            token = next_token()
            at = token.start_mark.index
            for match in _LINE_COMMENT.finditer(text, after, at):
                yield Span(file, start + match.start(), start + match.end())
            after = max(after, token.end_mark.index)
            if header := _HEADER_COMMENT.match(text, at):
                yield Span(file, start + header.start(1), start + header.end(1))
