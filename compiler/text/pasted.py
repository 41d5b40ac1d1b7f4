"""YAML between lines of other text: what a tool printed, kept in a script, a note or a log.

In: a text. Out: where each part of it is that begins with one of some keys at the start of a line, and has only lines
of YAML after that: indented ones, items of a list, and the keys that an object has.
"""

import re
from collections.abc import Iterator

MOST_PASTED = 200
"""Parts of one text that are looked at."""

_OBJECT = ("apiVersion", "kind", "metadata", "spec", "status")
_LISTS = ("imageDigestSources", "imageContentSources")
_BEGINNING = re.compile(rf"^(?:(?P<list>{'|'.join(_LISTS)})|(?:apiVersion|kind)):(?=[ \t\r\n])", re.MULTILINE)
_INSIDE = re.compile(r"[ \t]+\S|-[ \t]|[ \t]*\r?(?:\n|\Z)|#")
_KEY = re.compile(rf"({'|'.join(_OBJECT)}):(?=[ \t\r\n]|\Z)")


def pasted(text: str) -> Iterator[tuple[int, int]]:
    """The start and the end of each part, in order.

    A part after a quote, or with a line with a quote that is not closed, is left out: it may be a text of the shell.
    """
    end = 0
    for _ in range(MOST_PASTED):
        match = _BEGINNING.search(text, end)
        if match is None:
            return
        start = match.start()
        end = _line_end(text, start)
        seen = {text[start : match.end() - 1]}
        while end < len(text):
            key = None if match["list"] else _KEY.match(text, end)
            if key is not None and key[1] not in seen:
                seen.add(key[1])
            elif _INSIDE.match(text, end) is None:
                break
            end = _line_end(text, end)
        is_whole = match["list"] is not None or {"apiVersion", "kind"} <= seen
        before = text[max(match.start() - 3, 0) : match.start()].rstrip()
        if (
            is_whole
            and not before.endswith(('"', "'"))
            and all(_is_closed(line) for line in text[start:end].splitlines())
        ):
            yield start, end


def _line_end(text: str, start: int) -> int:
    """Where the next line begins."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end + 1


def _is_closed(line: str) -> bool:
    return line.count('"') % 2 == 0 and line.count("'") % 2 == 0
