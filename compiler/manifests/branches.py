"""What is known of a template before it is rendered: a text to parse, and the parts that are conditional.

In: spans of a text. Out: the `Branch`es that contain them. Which of them can be taken together is said in `choices`.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from compiler.text.opaque import is_open

OTHER = "\0"
"""A value that no condition names."""


class Choice(NamedTuple):
    """When a branch is taken: `of` has one of the values or, `negated`, none. Without `of` it may always be taken."""

    of: str = ""
    values: tuple[str, ...] = ()
    negated: bool = False

    @property
    def wanted(self) -> str:
        """A value for which it is taken."""
        return OTHER if self.negated else self.values[0]

    def takes(self, value: str) -> bool:
        """Whether it is taken for a value."""
        return (value in self.values) != self.negated


class Branch(NamedTuple):
    """A part of a text that a statement makes conditional.

    `chain` is the offset of the statement that begins its `if` or loop, `number` counts the branches of that.
    `repeated` says that it is the body of a loop, `choice` when it is taken.
    """

    start: int
    end: int
    chain: int
    number: int = 0
    repeated: bool = False
    choice: Choice = Choice()


def conditional_at(branches: Iterable[Branch], start: int, end: int) -> tuple[Branch, ...]:
    """The branches that contain a part of a text, or some of it."""
    return tuple(branch for branch in branches if branch.start < end and start < branch.end)


def is_inside(branches: Iterable[Branch], start: int, end: int) -> bool:
    """Whether a branch contains a part of a text as a whole."""
    return any(branch.start <= start and end <= branch.end for branch in branches)


class Masked(NamedTuple):
    """A text to parse in place of a file's own.

    `is_changed` says that it differs from that; `blanks` are the offsets of lines that are one
    expression, which may render to anything. `others` are the readings of it in which other branches are taken.
    """

    text: str
    is_changed: bool = False
    branches: tuple[Branch, ...] = ()
    blanks: tuple[int, ...] = ()
    others: tuple["Masked", ...] = ()

    def is_plain(self, start: int, end: int) -> bool:
        """Whether a part of the text has nothing of a template."""
        if is_open(self.text[start:end]) or bisect_left(self.blanks, start) < bisect_left(self.blanks, end):
            return False
        return not conditional_at(self.branches, start, end)
