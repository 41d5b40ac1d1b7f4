"""A place in a text: which file, which characters.

In: offsets that a parser gives. Out: lines and columns that people and editors use.
Offsets count code points of the decoded text (without a byte order mark), as the YAML parser does and as
SARIF's `unicodeCodePoints` demands; lines and columns are 1-based. Places are named tuples, not dataclasses: a large
repo has some for every value it contains, and they are made in half the time.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Generic, NamedTuple, TypeVar

from compiler.text.opaque import revealed

T_co = TypeVar("T_co", covariant=True)

_LINE_BREAK = re.compile(r"\r\n|\n|\r")


def _line_ends(text: str) -> Iterable[int]:
    """The offset after every line break."""
    if "\r" in text:
        return [match.end() for match in _LINE_BREAK.finditer(text)]
    lengths = map(len, text.split("\n")[:-1])
    return accumulate(map((1).__add__, lengths))  # a lambda would take three times as long


class File:
    """A text with the name it is shown under; lines are found only on demand.

    What is not `editable` cannot be fixed by edits: what was made of it would not follow. `is_own` says of such a file
    that it is the cluster's own, so that an edit whose result is built again is worth a try.
    """

    __slots__ = ("_shown", "_starts", "editable", "is_own", "path", "text")

    def __init__(self, path: str, text: str = "", *, editable: bool = True, is_own: bool = False) -> None:
        self.path = path
        self.text = text
        self.editable = editable
        self.is_own = is_own
        self._starts: list[int] | None = None
        self._shown = (0, "")

    def __repr__(self) -> str:
        return f"File({self.path!r})"

    @property
    def line_starts(self) -> list[int]:
        """Offset of the first character of every line, ascending; never empty."""
        if self._starts is None:
            self._starts = [0, *_line_ends(self.text)]
        return self._starts

    def position(self, offset: int) -> "Position":
        """Line and column of the character at `offset`."""
        starts = self._starts or self.line_starts
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Text of the 1-based line `number`, without its line break."""
        start = self.line_starts[number - 1]
        return self.text[start : start + self.line_length(number)]

    def shown_line(self, number: int) -> str:
        """The same with what was written in place of opaque tokens, which are as long as that."""
        if self._shown[0] != number:  # the last one is kept: a thousand findings may be of one line of a megabyte
            self._shown = (number, revealed(self.line(number)))
        return self._shown[1]

    def line_length(self, number: int) -> int:
        """How many characters the 1-based line `number` has, without its line break."""
        starts = self.line_starts
        start = starts[number - 1]
        end = starts[number] if number < len(starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return end - start


class Position(NamedTuple):
    """A 1-based line and column, both in code points."""

    line: int
    column: int


class Span(NamedTuple):
    """The characters `start` to `end` (exclusive) of a file."""

    file: File
    start: int
    end: int

    @property
    def path(self) -> str:
        """The file's name as shown to people."""
        return self.file.path

    @property
    def begin(self) -> Position:
        """Line and column of the first character."""
        return self.file.position(self.start)

    @property
    def finish(self) -> Position:
        """Line and column just after the last character."""
        return self.file.position(self.end)

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.file.text[self.start : self.end]

    def __str__(self) -> str:
        line, column = self.begin
        return f"{self.path}:{line}:{column}"

    @property
    def sort_key(self) -> tuple[str, int, int]:
        """Orders places by file name, then by position in the file."""
        return (self.file.path, self.start, self.end)


class Located(NamedTuple, Generic[T_co]):
    """A value and where it was written. Two are equal when their values are, wherever they are."""

    value: T_co
    span: Span

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Located) and self.value == other.value

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return str(self.value)


def line_break_of(text: str) -> str:
    """What ends the lines of a text, so that lines that are added end as the others do."""
    if "\r\n" in text:
        return "\r\n"
    return "\r" if "\r" in text and "\n" not in text else "\n"
