r"""What changes between two texts, line by line, in linear time.

In: two sequences, such as the lines of two texts. Out: the runs that both have, in order, or a unified diff.

The search is the greedy one of E. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), with a bound: it is
the shortest answer where two runs that differ are at most `MOST_EDITS` lines apart. Beyond that the path that came
furthest is taken, and the search starts again at its end. So no text costs more than `MOST_EDITS` looks at each line.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

MOST_EDITS = 64
"""Lines added and removed after which the search starts again."""
CONTEXT = 3
"""Unchanged lines around a change."""


class Match(NamedTuple):
    """A run of items that both sides have: where it starts in each, from 0, and how many there are."""

    before: int
    after: int
    length: int


class ChangedRun(NamedTuple):
    """A run that is replaced by another; either may be empty, not both. Starts and ends in each side, from 0."""

    before: int
    before_end: int
    after: int
    after_end: int


def matches(before: Sequence[object], after: Sequence[object]) -> Iterator[Match]:
    """The runs that both sides have, in order; no two of them touch in both sides."""
    same = 0
    limit = min(len(before), len(after))
    while same < limit and before[same] == after[same]:
        same += 1
    tail = 0
    while tail < limit - same and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    ends = (len(before) - tail, len(after) - tail)
    last = Match(0, 0, same)
    for match in (*_between(before, after, (same, same), ends), Match(*ends, tail)):
        if (last.before + last.length, last.after + last.length) == (match.before, match.after):
            last = Match(last.before, last.after, last.length + match.length)
            continue
        if last.length:
            yield last
        last = match
    if last.length:
        yield last


def changes(before: Sequence[object], after: Sequence[object]) -> Iterator[ChangedRun]:
    """What is replaced, in order."""
    at, to = 0, 0
    for match in (*matches(before, after), Match(len(before), len(after), 0)):
        if (at, to) != (match.before, match.after):
            yield ChangedRun(at, match.before, to, match.after)
        at, to = match.before + match.length, match.after + match.length


def unified(before: Sequence[str], after: Sequence[str], *, old: str, new: str) -> str:
    r"""A unified diff of lines, each with its line break if it has one; empty where nothing changes.

    Args:
        before: The lines before.
        after: The lines after.
        old: What the side before is called, after `--- `.
        new: What the side after is called, after `+++ `.
    """
    parts: list[str] = []
    for hunk in _hunks(list(changes(before, after))):
        start, to = max(hunk[0].before - CONTEXT, 0), max(hunk[0].after - CONTEXT, 0)
        end = min(hunk[-1].before_end + CONTEXT, len(before))
        parts.append(f"@@ -{_range(start, end)} +{_range(to, min(hunk[-1].after_end + CONTEXT, len(after)))} @@\n")
        for change in hunk:
            parts += _marked(" ", before[start : change.before])
            parts += _marked("-", before[change.before : change.before_end])
            parts += _marked("+", after[change.after : change.after_end])
            start = change.before_end
        parts += _marked(" ", before[start:end])
    return "".join((f"--- {old}\n", f"+++ {new}\n", *parts)) if parts else ""


def _hunks(found: Sequence[ChangedRun]) -> Iterator[Sequence[ChangedRun]]:
    """Changes whose contexts touch, together."""
    start = 0
    for at in range(1, len(found) + 1):
        if at == len(found) or found[at].before - found[at - 1].before_end > 2 * CONTEXT:
            yield found[start:at]
            start = at


def _range(start: int, end: int) -> str:
    """Line numbers as `diff` writes them: the first from 1, or the one before where there are none."""
    return str(start + 1) if end - start == 1 else f"{start + (end > start)},{end - start}"


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    return (
        f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}\n\\ No newline at end of file\n" for line in lines
    )


def _between(
    before: Sequence[object], after: Sequence[object], start: tuple[int, int], ends: tuple[int, int]
) -> Iterator[Match]:
    while start[0] < ends[0] and start[1] < ends[1]:
        found, start = _search(before, after, start, ends)
        yield from found


def _search(
    before: Sequence[object], after: Sequence[object], start: tuple[int, int], ends: tuple[int, int]
) -> tuple[list[Match], tuple[int, int]]:
    """The runs from `start` on, and how far they reach: to the ends, or as far as `MOST_EDITS` edits lead.

    Each row has, by diagonal (`before` minus `after`), how far in `before` one edit more leads.
    """
    rows: list[dict[int, int]] = []
    width, height = ends[0] - start[0], ends[1] - start[1]
    reached = (0, 0)
    for edits in range(MOST_EDITS + 1):
        row: dict[int, int] = {}
        for diagonal in range(-min(edits, height), min(edits, width) + 1):
            if (edits - diagonal) % 2:
                continue
            at = _step(rows, diagonal, width, height)
            if at is None:
                continue
            to = at - diagonal
            while at < width and to < height and before[start[0] + at] == after[start[1] + to]:
                at, to = at + 1, to + 1
            row[diagonal] = at
            if at + to > sum(reached):
                reached = (at, to)
        rows.append(row)
        if reached == (width, height):
            break
    return _runs(rows, reached, start, width, height), (start[0] + reached[0], start[1] + reached[1])


def _step(rows: Sequence[dict[int, int]], diagonal: int, width: int, height: int) -> int | None:
    """How far in `before` the rows lead on a diagonal with one edit more; None if not at all."""
    if not rows:
        return 0
    added, removed = rows[-1].get(diagonal + 1), rows[-1].get(diagonal - 1)
    if added is not None and added - diagonal > height:
        added = None
    if removed is not None and removed + 1 > width:
        removed = None
    if removed is not None and (added is None or removed + 1 > added):
        return removed + 1
    return added


def _runs(
    rows: list[dict[int, int]], reached: tuple[int, int], start: tuple[int, int], width: int, height: int
) -> list[Match]:
    """The way back from where the rows led."""
    diagonal = reached[0] - reached[1]
    while rows and rows[-1].get(diagonal) != reached[0]:
        rows.pop()
    found: list[Match] = []
    while rows:
        at = rows.pop()[diagonal]
        since = _step(rows, diagonal, width, height)
        assert since is not None
        if at > since:
            found.append(Match(start[0] + since, start[1] + since - diagonal, at - since))
        if rows:
            removed = rows[-1].get(diagonal - 1)
            diagonal += -1 if removed is not None and removed + 1 == since and removed < width else 1
    return found[::-1]
