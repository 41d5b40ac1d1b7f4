"""Path patterns of a configuration: which files of a tree are meant.

In: patterns with `/` between folders. Out: the folder in which to look, and whether a path is meant. `*` and
`?` match characters of one name, `**` alone between slashes for any number of folders. What names a folder names
everything below it.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

_MAGIC = re.compile(r"[*?]")


def is_pattern(text: str) -> bool:
    """Whether any character of `text` is a wildcard."""
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


@lru_cache(maxsize=8192)  # two for each of thousands of clusters, which take turns file by file
def _compile(patterns: tuple[str, ...]) -> "re.Pattern[str] | None":
    if not patterns:
        return None
    return re.compile(f"(?:{'|'.join(map(expression, patterns))})(?:/.*)?\\Z", re.DOTALL)


def expression(pattern: str) -> str:
    r"""A regular expression for a pattern, which looks at no character twice, however many stars there are.

    Between two stars the first place that fits is enough: what fits later leaves less for the rest. So each piece up to
    a star is an atomic group. What a pattern means begins at a whole name and ends with one.
    """
    if pattern == ".":
        return ".+"
    runs = [run.strip("/") for run in re.split(r"(?:^|/)(?:\*\*/)*\*\*(?=/|$)", pattern)]
    first, *others = ["/".join(map(_name, run.split("/"))) if run else "" for run in runs]
    made = [first]
    for run in others:
        before = "/" if made[-1] else ""
        made.append(f"{before}(?>(?:[^/]++/)*?{run}(?=/|\\Z))" if run else f"{before}.+")
    return "".join(made)


def _name(part: str) -> str:
    first, *others = [_fixed(piece) for piece in re.split(r"\*+", part)]
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle if piece) + f"[^/]*{last}(?=/|\\Z)"


def _fixed(piece: str) -> str:
    return "".join("[^/]" if character == "?" else re.escape(character) for character in piece)
