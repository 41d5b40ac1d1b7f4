"""The smallest reorderings after which the lists of a source no longer contradict each other.

In: the lists, which of them may change, and the order that the cluster settles on today. Out: new lists, each with the
order that the cluster makes of them, the one that keeps today's order first.

A mirror is moved where it leaves its place among the others of its list. What is not moved keeps its order, so a set of
moves is enough exactly if the lists without the moved mirrors contain no cycle. The search takes a shortest cycle and
tries to move each mirror at either end of one of its steps: one of them has to go. So it finds every smallest set.
Where these are many, every order of the mirrors is tried instead, as far as it can still be among the smallest.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise

MOST_MIRRORS = 8
MOST_LISTS = 6
"""Up to so many mirrors and lists in a contradiction the smallest reorderings are found."""

MOST_ITEMS = 2_000
"""Mirrors in all lists together beyond which none is looked for."""

_MOST_STATES = 200
"""Sets of moves that are looked at before all orders are tried: eight mirrors have 40,320."""

_MOST_TRIED = 6
"""Lists whose order is tried where the smallest reordering is not searched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The part of a list that contradicts others.

    `last` is the source, which comes after all mirrors of a list that does not name it; empty where the list does, or
    where the source has no part in it. A `fixed` one cannot be changed.
    """

    mirrors: tuple[str, ...]
    last: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reordering:
    """New segments, in the order of the old ones, how many mirrors are moved, and whether no fewer would do."""

    segments: tuple[tuple[str, ...], ...]
    moved: int
    proven: bool


def reorderings(segments: Sequence[Segment], today: Sequence[str], *, thorough: bool = True) -> tuple[Reordering, ...]:
    """The smallest reorderings; none where fixed segments contradict each other, or where there is too much to look at.

    Args:
        segments: The parts of the lists of a source, in none of which a mirror is named twice.
        today: The order in which the cluster tries the mirrors now.
        thorough: Whether all orders may be tried, which takes up to a second.
    """
    if sum(len(each.mirrors) for each in segments) > MOST_ITEMS:
        return ()
    places = {mirror: place for place, mirror in enumerate(today)}
    mirrors = {mirror for each in segments for mirror in each.mirrors}
    found: set[tuple[tuple[str, ...], ...]] = set()
    proven = len(mirrors) <= MOST_MIRRORS and len(segments) <= MOST_LISTS
    if proven:
        moves = _smallest(segments)
        if moves is None and thorough:
            found = _of_all_orders(segments, places)
        proven = moves is not None or thorough
        for moved in moves or ():
            order = _extension(segments, moved, places)
            if order is not None:
                found.add(_sorted(segments, order))
    if not proven:
        found = set(_guessed(segments, places))
    least = min((_cost(segments, each) for each in found), default=(0, 0))
    smallest = [each for each in found if _cost(segments, each) == least]
    return tuple(Reordering(segments=each, moved=least[0], proven=proven) for each in sorted(smallest))


_Move = tuple[int, str]
"""The number of a segment, and a mirror that leaves its place in it."""


def _smallest(segments: Sequence[Segment]) -> list[frozenset[_Move]] | None:
    """The smallest sets of moves, none where fixed segments contradict each other; None where there are too many."""
    level: list[frozenset[_Move]] = [frozenset()]
    looked_at = 0
    while level:
        enough = []
        following: dict[frozenset[_Move], None] = {}
        for moved in level:
            looked_at += 1
            if looked_at > _MOST_STATES:
                return None
            cycle = _cycle(segments, moved)
            if cycle is None:
                enough.append(moved)
                continue
            for number, first, second in cycle:
                segment = segments[number]
                if segment.fixed or second == segment.last:
                    continue
                following |= dict.fromkeys(moved | {(number, mirror)} for mirror in (first, second))
        if enough:
            return enough
        level = list(following)
    return []


def _of_all_orders(segments: Sequence[Segment], places: dict[str, int]) -> set[tuple[tuple[str, ...], ...]]:
    """The segments in every order of all mirrors that moves the fewest; orders that move more are given up early.

    How many of a list's mirrors are moved is known from the part of the order that is there: those that are placed,
    without the longest row of them that keeps its order.
    """
    every = {mirror for each in segments for mirror in (*each.mirrors, each.last) if mirror}
    names = sorted(every, key=lambda mirror: (places.get(mirror, 0), mirror))
    before: dict[str, set[str]] = {name: set() for name in names}
    for each in segments:
        if each.last:
            before[each.last].update(each.mirrors)
        if each.fixed:
            for first, second in pairwise(each.mirrors):
                before[second].add(first)
    free = [each.mirrors for each in segments if not each.fixed]
    spots: dict[str, list[tuple[int, int]]] = {name: [] for name in names}
    for number, mirrors in enumerate(free):
        for at, mirror in enumerate(mirrors):
            spots[mirror].append((number, at))
    rows: list[list[int]] = [[] for _ in free]  # the ends of the longest rows, as in patience sorting
    order: dict[str, int] = {}
    least = min((_cost(segments, each)[0] for each in _guessed(segments, places)), default=sum(map(len, free)))
    found: set[tuple[tuple[str, ...], ...]] = set()

    def place(lost: int) -> None:
        nonlocal least
        if len(order) == len(names):
            if lost < least:
                least = lost
                found.clear()
            found.add(_sorted(segments, order))
            return
        for name in names:
            if name in order or not before[name] <= order.keys():
                continue
            more = lost
            undo = []
            for number, at in spots[name]:
                row = rows[number]
                end = bisect_left(row, at)
                undo.append((row, end, row[end] if end < len(row) else None))
                if end < len(row):
                    more += 1
                    row[end] = at
                else:
                    row.append(at)
            if more <= least:
                order[name] = len(order)
                place(more)
                del order[name]
            for row, end, old in undo:
                if old is None:
                    row.pop()
                else:
                    row[end] = old

    place(0)
    return found


def _paths(segments: Sequence[Segment], moved: frozenset[_Move]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What has to keep its order: of each segment the mirrors that are not moved."""
    for number, segment in enumerate(segments):
        yield number, tuple(mirror for mirror in segment.mirrors if (number, mirror) not in moved)
        if segment.last:
            yield from ((number, (mirror, segment.last)) for mirror in segment.mirrors)


def _cycle(segments: Sequence[Segment], moved: frozenset[_Move]) -> list[tuple[int, str, str]] | None:
    """The steps of a shortest cycle, each the number of a segment and two mirrors in its order; None without one."""
    steps: dict[str, dict[str, int]] = {}
    for number, path in _paths(segments, moved):
        for at, first in enumerate(path):
            for second in path[at + 1 :]:
                steps.setdefault(first, {}).setdefault(second, number)
    best: list[tuple[int, str, str]] | None = None
    for start in sorted(steps):
        came: dict[str, str] = {}
        queue = deque([start])
        while queue and start not in came:
            mirror = queue.popleft()
            for second in steps.get(mirror, ()):
                if second not in came:
                    came[second] = mirror
                    queue.append(second)
        if start not in came:
            continue
        way = [(steps[came[start]][start], came[start], start)]
        while way[-1][1] != start:
            second = way[-1][1]
            way.append((steps[came[second]][second], came[second], second))
        if best is None or len(way) < len(best):
            best = way
    return best


def _extension(segments: Sequence[Segment], moved: frozenset[_Move], places: dict[str, int]) -> dict[str, int] | None:
    """The place of each mirror in the order that is nearest to today's and obeys what is not moved."""
    after: dict[str, set[str]] = {}
    for _, path in _paths(segments, moved):
        for mirror in path:
            after.setdefault(mirror, set())
        for first, second in pairwise(path):
            after[first].add(second)
    for segment in segments:
        for mirror in segment.mirrors:
            after.setdefault(mirror, set())
    waits = dict.fromkeys(after, 0)
    for following in after.values():
        for mirror in following:
            waits[mirror] += 1
    ready = [(places.get(mirror, len(places)), mirror) for mirror, count in waits.items() if count == 0]
    heapify(ready)
    order: dict[str, int] = {}
    while ready:
        _, mirror = heappop(ready)
        order[mirror] = len(order)
        for second in after[mirror]:
            waits[second] -= 1
            if waits[second] == 0:
                heappush(ready, (places.get(second, len(places)), second))
    return order if len(order) == len(after) else None


def _sorted(segments: Sequence[Segment], order: dict[str, int]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        each.mirrors if each.fixed else tuple(sorted(each.mirrors, key=order.__getitem__)) for each in segments
    )


def _guessed(segments: Sequence[Segment], places: dict[str, int]) -> Iterator[tuple[tuple[str, ...], ...]]:
    """All lists in one order: today's, or that of one of the lists as far as it goes."""
    every = frozenset(
        (number, mirror) for number, each in enumerate(segments) if not each.fixed for mirror in each.mirrors
    )
    tried: list[dict[str, int]] = [places]
    for segment in segments[:_MOST_TRIED]:
        own = {mirror: place - len(segment.mirrors) for place, mirror in enumerate(segment.mirrors)}
        tried.append({**places, **own})
    for preferred in tried:
        order = _extension(segments, every, preferred)
        if order is not None:
            yield _sorted(segments, order)


def _cost(segments: Sequence[Segment], made: Iterable[tuple[str, ...]]) -> tuple[int, int]:
    """How many mirrors are moved, and in how many lists."""
    pairs = [(old.mirrors, new) for old, new in zip(segments, made, strict=True)]
    moves = [len(new) - _longest_kept(old, new) for old, new in pairs if old != new]
    return sum(moves), len(moves)


def _longest_kept(old: Sequence[str], new: Sequence[str]) -> int:
    """The length of the longest part of a list that keeps its order in another one with the same mirrors."""
    places = {mirror: place for place, mirror in enumerate(new)}
    ends: list[int] = []
    for mirror in old:
        place = places[mirror]
        at = bisect_left(ends, place)
        ends[at : at + 1] = [place]
    return len(ends)
