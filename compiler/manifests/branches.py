"""What is known of a template before it is rendered: a text to parse, and the parts that are conditional.

In: spans of a text. Out: the `Branch`es that contain them. Which of them can be taken together is said in `choices`.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
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


class _Nested:
    """Branches that contain each other or lie apart, so that those at a place are found from the last before it."""

    def __init__(self, branches: Sequence[Branch]) -> None:
        order = sorted(range(len(branches)), key=lambda index: (branches[index].start, -branches[index].end))
        self.branches = branches
        self.is_nested = True
        self._order = order
        self._starts = [branches[index].start for index in order]
        self._around: list[int] = []
        open_ones: list[int] = []
        for at, index in enumerate(order):
            while open_ones and branches[order[open_ones[-1]]].end <= branches[index].start:
                open_ones.pop()
            if open_ones and branches[order[open_ones[-1]]].end < branches[index].end:
                self.is_nested = False
            self._around.append(open_ones[-1] if open_ones else -1)
            open_ones.append(at)

    def at(self, start: int, end: int) -> tuple[Branch, ...]:
        """Those that have some of a part, in their order."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        found = [each for each in range(first, last) if self.branches[self._order[each]].end > start]
        at = first - 1
        while at >= 0:
            if self.branches[self._order[at]].end > start:
                found.append(at)
            at = self._around[at]
        return tuple([self.branches[index] for index in sorted(self._order[each] for each in found)])


_FEW = 20
_last = _Nested(())


def conditional_at(branches: Sequence[Branch], start: int, end: int) -> tuple[Branch, ...]:
    """The branches that contain a part of a text, or some of it."""
    global _last  # noqa: PLW0603 - one is asked for each place of a file in turn
    if len(branches) > _FEW and end > start:
        if _last.branches is not branches:
            _last = _Nested(branches)
        if _last.is_nested:
            return _last.at(start, end)
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
