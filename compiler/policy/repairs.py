"""The smallest reorderings after which the lists of a source no longer contradict each other.

In: the lists, which of them may change, and the order that the cluster settles on today. Out: new lists, those first
whose order is nearest to today's.

All lists end up in one order, and a mirror of a list is moved where it is not part of the longest row of mirrors that
keep their order. So the search is for the orders of all mirrors that move the fewest. It puts one mirror after the
other and always goes on where the fewest are moved (best-first search), counting those that any order of the others
moves too: no order is looked at that moves more than the best one. Of orders that differ in nothing that a list says,
one is looked at.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import inf
from operator import itemgetter
from typing import NamedTuple

MOST_MIRRORS = 8
MOST_LISTS = 6
"""Up to so many mirrors, without the source itself, and lists that may change, the smallest reorderings are found."""

MOST_STEPS = 600_000
"""Mirrors that are put somewhere in all searches of a run: a second or two. Hard contradictions take 5,000 each, up
to 35,000 where the source is one of the mirrors."""

MOST_COMPILED = 70_000
"""Mirrors in the lists of the reorderings of a run, each of which is compiled to say what nodes then try."""

MOST_ITEMS = 2_000
"""Mirrors in all lists together beyond which none is looked for."""

MOST_FOUND = 4
"""Reorderings that are found of one contradiction: of some, thousands are equally small."""

_MOST_TRIED = 6
"""Lists whose order is tried where the smallest reordering is not searched for."""

_MOVED = 2 * MOST_LISTS
"""What a moved mirror costs, where a changed list costs one: of as many moves, those in fewer lists are smaller."""


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
    """New segments, in the order of the old ones, how many mirrors are moved, and whether no fewer would do.

    `cut_short` says that this would be known if the run had not used up its steps.
    """

    segments: tuple[tuple[str, ...], ...]
    moved: int
    proven: bool
    cut_short: bool = False


_Order = tuple[int, ...]


class _Form(NamedTuple):
    """A contradiction without names: mirrors are numbers, in the order in which the cluster tries them today.

    `lists` may change. By mirror, as bits of others: `after` those that come before it in whatever order, `tied` those
    whose place before or after it means something.
    """

    lists: tuple[_Order, ...]
    after: tuple[int, ...]
    tied: tuple[int, ...]


class _Kept:
    """How the mirrors of a list that have been put somewhere lie in it: as far as it matters for what is to come.

    `ends` are, as bits, the places at which the shortest row that keeps its order ends, the shortest row of two, and so
    on, as in patience sorting. `cost` is what any order costs that begins like this. `after` is what comes of putting
    the mirror at a place, if it is known yet; the last is the same again, for a mirror that the list does not name.
    """

    __slots__ = ("after", "cost", "ends", "length", "put")

    def __init__(self, length: int, put: int, ends: int) -> None:
        self.length = length
        self.put = put
        self.ends = ends
        self.after: list[_Kept | None] = [None] * length
        self.after.append(self)
        left = ~put & ((1 << length) - 1)
        best = left.bit_count()
        row = 0
        while ends:
            end = ends & -ends
            ends ^= end
            left &= -end
            row += 1
            best = max(best, row + left.bit_count())
        moved = length - best
        self.cost = moved and _MOVED * moved + 1


_Node = tuple[_Order, list[_Kept], int]
"""An order as far as it goes, how each list's mirrors lie in it, and the mirrors that are left, as bits."""


@dataclass(slots=True)
class Search:
    """The smallest reorderings of one contradiction after the other, within a number of steps for all of them.

    `mirrors` are those that may still be compiled.

    Contradictions that differ in names only are searched once. Of each the first `most` are found.
    """

    steps: int = MOST_STEPS
    most: int = MOST_FOUND
    mirrors: int = MOST_COMPILED
    _known: dict[_Form, tuple[_Order, ...]] = field(default_factory=dict)
    _kept: dict[tuple[int, int, int], _Kept] = field(default_factory=dict)

    def reorderings(self, segments: Sequence[Segment], today: Sequence[str]) -> tuple[Reordering, ...]:
        """The smallest reorderings; none where fixed segments contradict each other, or there is too much to look at.

        Args:
            segments: The parts of the lists of a source, in none of which a mirror is named twice.
            today: The order in which the cluster tries the mirrors now, and the source at its end.
        """
        if sum(len(each.mirrors) for each in segments) > MOST_ITEMS:
            return ()
        places = {mirror: place for place, mirror in reversed([*enumerate(today)])}
        named = {mirror for each in segments for mirror in each.mirrors}
        orders: tuple[_Order, ...] | None = None
        is_small = len(named - {*today[-1:]}) <= MOST_MIRRORS and _free_lists(segments) <= MOST_LISTS
        if is_small:
            names = sorted(named.union(each.last for each in segments if each.last), key=places.__getitem__)
            orders = self._smallest(_form(segments, names))
        if orders is None:
            found = [*dict.fromkeys(_guessed(segments, places))]
        else:
            found = [_sorted(segments, {names[mirror]: at for at, mirror in enumerate(order)}) for order in orders]
        costs = [_cost(segments, each) for each in found]
        return tuple(
            Reordering(segments=each, moved=cost[0], proven=orders is not None, cut_short=is_small and orders is None)
            for each, cost in zip(found, costs, strict=True)
            if cost == min(costs)
        )[: self.most]

    def _smallest(self, form: _Form) -> tuple[_Order, ...] | None:
        """The orders that move the fewest mirrors, in the fewest lists; None where the steps do not suffice."""
        if form not in self._known:
            found = self._searched(form) if self.steps >= 0 else None
            if found is None:
                return None
            self._known[form] = found
        return self._known[form]

    def _searched(self, form: _Form) -> tuple[_Order, ...] | None:
        after, tied = form.after, form.tied
        places = [{mirror: at for at, mirror in enumerate(mirrors)} for mirrors in form.lists]
        spots = [(mirror, 1 << mirror, [each.get(mirror, -1) for each in places]) for mirror in range(len(after))]
        begin = [self._of(len(mirrors), 0, 0) for mirrors in form.lists]
        waiting: defaultdict[int, list[_Node]] = defaultdict(list, {0: [((), begin, (1 << len(after)) - 1)]})
        most = self._most(form, spots, begin)
        put = self._put
        found: list[_Order] = []
        while waiting and not found:
            least = min(waiting)
            nodes = sorted(waiting.pop(least), key=itemgetter(0), reverse=True)
            while nodes and len(found) < self.most:
                order, kept, left = nodes.pop()
                if not left:
                    found.append(order)
                equal = []
                for mirror, bit, spot in spots:
                    if not left & bit or after[mirror] & left:
                        continue
                    if order and not tied[mirror] >> order[-1] & 1 and _is_told(order, mirror, tied[mirror]):
                        continue
                    self.steps -= 1
                    cost, made = 0, []
                    for each, at in zip(kept, spot):  # noqa: B905 - a quarter of the time
                        following = each.after[at] or put(each, at)
                        cost += following.cost
                        made.append(following)
                    if cost == least:
                        equal.append(((*order, mirror), made, left ^ bit))
                    elif cost <= most:
                        waiting[cost].append(((*order, mirror), made, left ^ bit))
                nodes += reversed(equal)
                if self.steps < 0:
                    return None
        return tuple(found)

    def _most(self, form: _Form, spots: Sequence[tuple[int, int, list[int]]], begin: list[_Kept]) -> float:
        """What the smallest reordering costs at most: that in today's order, or in the order of one of the lists."""
        if any(form.after):
            return inf
        costs = []
        for mirrors in ((), *form.lists):
            kept = begin
            for mirror in dict.fromkeys((*mirrors, *range(len(form.after)))):
                kept = [each.after[at] or self._put(each, at) for each, at in zip(kept, spots[mirror][2], strict=True)]
            costs.append(sum(each.cost for each in kept))
        return min(costs)

    def _put(self, kept: _Kept, at: int) -> _Kept:
        """A list where the mirror at a place follows: it ends a row earlier than the row of that length did."""
        longer = kept.ends >> at << at
        ends = kept.ends ^ (longer & -longer) | 1 << at
        made = kept.after[at] = self._of(kept.length, kept.put | 1 << at, ends)
        return made

    def _of(self, length: int, put: int, ends: int) -> _Kept:
        key = (length, put, ends)
        if key not in self._kept:
            self._kept[key] = _Kept(*key)
        return self._kept[key]


def _is_told(order: _Order, mirror: int, tied: int) -> bool:
    """Whether an order with a mirror at its end says the same as an earlier one, in which it is further ahead."""
    for other in reversed(order):
        if tied >> other & 1:
            return False
        if other > mirror:
            return True
    return False


def _free_lists(segments: Sequence[Segment]) -> int:
    return sum(len(each.mirrors) > 1 and not each.fixed for each in segments)


def _form(segments: Sequence[Segment], names: Sequence[str]) -> _Form:
    """A contradiction without its names, which are in the order of today."""
    numbers = {name: number for number, name in enumerate(names)}
    lists = [[numbers[mirror] for mirror in each.mirrors] for each in segments]
    after = [0] * len(names)
    tied = [0] * len(names)
    for each, mirrors in zip(segments, lists, strict=True):
        if each.fixed:
            for first, second in pairwise(mirrors):
                after[second] |= 1 << first
        else:
            for mirror in mirrors:
                tied[mirror] |= sum(1 << other for other in mirrors)
        if each.last:
            after[numbers[each.last]] |= sum(1 << mirror for mirror in mirrors)
    for mirror, earlier in enumerate(after):
        tied[mirror] |= earlier | sum(1 << other for other, its in enumerate(after) if its >> mirror & 1)
    free = (
        tuple(mirrors) for each, mirrors in zip(segments, lists, strict=True) if not each.fixed and len(mirrors) > 1
    )
    return _Form(lists=tuple(sorted(free)), after=tuple(after), tied=tuple(tied))


def _guessed(segments: Sequence[Segment], places: Mapping[str, int]) -> Iterator[tuple[tuple[str, ...], ...]]:
    """All lists in one order: today's, or that of one of the lists as far as it goes."""
    tried: list[Mapping[str, int]] = [places]
    for segment in segments[:_MOST_TRIED]:
        own = {mirror: place - len(segment.mirrors) for place, mirror in enumerate(segment.mirrors)}
        tried.append({**places, **own})
    for preferred in tried:
        order = _obedient(segments, preferred)
        if order is not None:
            yield _sorted(segments, order)


def _obedient(segments: Sequence[Segment], places: Mapping[str, int]) -> dict[str, int] | None:
    """The place of each mirror in the order that is nearest to a preferred one and obeys what cannot be changed."""
    after: dict[str, set[str]] = {mirror: set() for each in segments for mirror in (*each.mirrors, each.last) if mirror}
    if not any(each.fixed or each.last for each in segments):
        return {mirror: at for at, mirror in enumerate(sorted(after, key=lambda mirror: (places[mirror], mirror)))}
    for each in segments:
        if each.fixed:
            for first, second in pairwise(each.mirrors):
                after[first].add(second)
        if each.last:
            for mirror in each.mirrors:
                after[mirror].add(each.last)
    waits = dict.fromkeys(after, 0)
    for following in after.values():
        for mirror in following:
            waits[mirror] += 1
    ready = [(places[mirror], mirror) for mirror, count in waits.items() if count == 0]
    heapify(ready)
    order: dict[str, int] = {}
    while ready:
        _, mirror = heappop(ready)
        order[mirror] = len(order)
        for second in after[mirror]:
            waits[second] -= 1
            if waits[second] == 0:
                heappush(ready, (places[second], second))
    return order if len(order) == len(after) else None


def _sorted(segments: Sequence[Segment], order: Mapping[str, int]) -> tuple[tuple[str, ...], ...]:
    return tuple(
        each.mirrors if each.fixed else tuple(sorted(each.mirrors, key=order.__getitem__)) for each in segments
    )


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
