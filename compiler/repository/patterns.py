"""Path patterns of a configuration: which files of a tree are meant.

In: patterns with `/` between folders. Out: the folder in which to look, and whether a path is meant. `*` and `?`
stand for characters of one name, `**` alone between slashes for any number of folders. What names a folder names
everything below it.
"""

import re
from collections.abc import Iterable
from functools import cache

_MAGIC = re.compile(r"[*?]")


def is_pattern(text: str) -> bool:
    """Whether any character of `text` stands for others."""
    return _MAGIC.search(text) is not None


def fixed_folder(pattern: str) -> str:
    """The folder below which everything lies that the pattern can mean; `.` is the one it is relative to."""
    fixed: list[str] = []
    for part in pattern.split("/"):
        if is_pattern(part):
            return "/".join(fixed) or "."
        fixed.append(part)
    return pattern


class Paths:
    """The paths that any of some patterns mean; all of them are relative to one folder."""

    __slots__ = ("_expression",)

    def __init__(self, patterns: Iterable[str]) -> None:
        self._expression = _compile(tuple(patterns))

    def __contains__(self, path: str) -> bool:
        return self._expression is not None and self._expression.match(path) is not None

    def __bool__(self) -> bool:
        return self._expression is not None


@cache
def _compile(patterns: tuple[str, ...]) -> "re.Pattern[str] | None":
    if not patterns:
        return None
    return re.compile(f"(?:{'|'.join(map(_expression, patterns))})(?:/.*)?\\Z", re.DOTALL)


def _expression(pattern: str) -> str:
    if pattern == ".":
        return ".+"
    *folders, last = re.sub(r"(?:\*\*/)+", "**/", pattern).split("/")
    made = [r"(?:[^/]+/)*" if folder == "**" else _name(folder) + "/" for folder in folders]
    made.append(".+" if last == "**" else _name(last))
    return "".join(made)


def _name(part: str) -> str:
    return re.escape(re.sub(r"\*+", "*", part)).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
