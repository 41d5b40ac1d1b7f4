"""The heredocs of a shell script: the texts that a script gives to a command or writes to a file.

In: the text of a script. Out: where the body of each heredoc is, and what the line that opens it says.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

_OPENING = re.compile(r"""(?<!<)<<-?[ \t]*(?P<quote>\\?["']?)(?P<word>[A-Za-z_]\w*)["']?(?P<rest>[^\n]*+)(?:\n|\Z)""")
_WORD_LINE = re.compile(r"^[ \t]*+(?P<word>[A-Za-z_]\w*+)[ \t]*+\r?$", re.MULTILINE)
"""What ends a heredoc."""
_COMMENT = re.compile(r"[ \t]*+#")
_LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)
_APPLIED = re.compile(r"\b(?:oc|kubectl)\b[^|;&]*\b(?:apply|create|replace)\b")
_SUBSTITUTED = re.compile(r"\benvsubst\b|\bsed\b|\bjinja|\bj2\b")
MOST_HEREDOCS = 1_000
"""Heredocs of one file that are looked at."""


class Heredoc(NamedTuple):
    """A heredoc: `line` is where the line begins that opens it, its body is between `start` and `end`.

    `is_quoted` says that the shell replaces nothing in it, `is_applied` that the line gives it to a cluster.
    """

    line: int
    start: int
    end: int
    is_quoted: bool = False
    is_applied: bool = False

    @property
    def is_final(self) -> bool:
        """Whether a cluster is given what is written."""
        return self.is_quoted and self.is_applied


def next_opening(text: str, opening: re.Pattern[str], at: int) -> tuple[int, re.Match[str]] | None:
    """Where the line of the next opening begins, and its match; those in comments are passed over."""
    while at >= 0 and (match := opening.search(text, at)) is not None:
        line = text.rfind("\n", 0, match.start()) + 1
        if not _COMMENT.match(text, line):
            return line, match
        at = text.find("\n", match.start())
    return None


def heredocs(text: str) -> Iterator[Heredoc]:
    """The heredocs of a script in order."""
    ends: dict[str, list[tuple[int, int]]] = {}
    for found in _WORD_LINE.finditer(text):
        ends.setdefault(found["word"], []).append(found.span())
    at = 0
    for _ in range(MOST_HEREDOCS):
        opening = next_opening(text, _OPENING, at)
        if opening is None:
            return
        line, match = opening
        closing = ends.get(match["word"], [])
        place = bisect_left(closing, (match.end(), 0))
        if place == len(closing):
            at = match.end()
            continue
        end, after = closing[place]
        command = text[line : match.end()]
        is_applied = _APPLIED.search(command) is not None and _SUBSTITUTED.search(command) is None
        yield Heredoc(line, match.end(), end, bool(match["quote"]), is_applied)
        at = after


def without_tabs(text: str) -> str:
    """A body with blanks for the tabs that `<<-` takes away, so that every character stays where it is."""
    return _LEADING_TABS.sub(lambda match: " " * len(match[0]), text)
