"""Reorderings: they remove every contradiction, and no smaller one does; brute force says what is smallest."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations, product

import networkx
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.policy.precedence import cluster_order, precedence_graph
from compiler.policy.repairs import (
    MOST_FOUND,
    MOST_ITEMS,
    MOST_LISTS,
    MOST_MIRRORS,
    MOST_STEPS,
    Reordering,
    Search,
    Segment,
)

NAMES = ("a", "b", "c", "d", "s")
LISTS = st.lists(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True).map(tuple), min_size=2, max_size=3
)


def reorderings(segments: Sequence[Segment], today: Sequence[str]) -> tuple[Reordering, ...]:
    return Search().reorderings(segments, today)


def contradicts(lists: tuple[tuple[str, ...], ...]) -> bool:
    return not networkx.is_directed_acyclic_graph(precedence_graph("s", lists))


def parts(lists: list[tuple[str, ...]], fixed: frozenset[int] = frozenset()) -> list[Segment]:
    return [
        Segment(mirrors=mirrors, last="" if "s" in mirrors else "s", fixed=number in fixed)
        for number, mirrors in enumerate(lists)
    ]


def moved(old: tuple[str, ...], new: tuple[str, ...]) -> int:
    """The fewest mirrors of a list that have to leave their place."""
    best = 0
    for chosen in product((True, False), repeat=len(old)):
        kept = [mirror for mirror, stays in zip(old, chosen, strict=True) if stays]
        if [mirror for mirror in new if mirror in kept] == kept:
            best = max(best, len(kept))
    return len(old) - best


def smallest(lists: list[tuple[str, ...]], fixed: frozenset[int]) -> tuple[int, int] | None:
    """The fewest moves, and the fewest lists for so many, of all ways to order the lists anew."""
    choices = [[each] if number in fixed else list(permutations(each)) for number, each in enumerate(lists)]
    costs = [
        (sum(map(moved, lists, made)), sum(old != new for old, new in zip(lists, made, strict=True)))
        for made in product(*choices)
        if not contradicts(made)
    ]
    return min(costs, default=None)


@settings(max_examples=150)
@given(LISTS, st.frozensets(st.integers(0, 2), max_size=2))
def test_no_smaller_reordering_removes_the_contradiction(lists: list[tuple[str, ...]], fixed: frozenset[int]) -> None:
    today = [*cluster_order(precedence_graph("s", lists))[0], "s"]
    found = reorderings(parts(lists, fixed), today)
    least = smallest(lists, fixed)
    assert (least is None) is (not found)
    for each in found:
        assert each.proven
        assert not contradicts(each.segments)
        assert all(sorted(old) == sorted(new) for old, new in zip(lists, each.segments, strict=True))
        assert (each.moved, sum(old != new for old, new in zip(lists, each.segments, strict=True))) == least


MIRRORS = tuple("abcdefgs")
LONG_LISTS = st.lists(
    st.lists(st.sampled_from(MIRRORS[:5] + MIRRORS[7:]), min_size=1, max_size=6, unique=True).map(tuple),
    min_size=2,
    max_size=MOST_LISTS,
)


def of_all_orders(segments: Sequence[Segment], today: Sequence[str]) -> list[tuple[tuple[str, ...], ...]]:
    """The segments in each order of all mirrors that moves the fewest, in the fewest lists, by nearness to today's."""
    names = sorted({name for each in segments for name in (*each.mirrors, each.last) if name}, key=today.index)
    found: dict[tuple[tuple[str, ...], ...], tuple[int, int]] = {}
    for order in permutations(names):
        at = {name: place for place, name in enumerate(order)}
        if all(at[first] < at[second] for first, second in _told(segments)):
            made = tuple(tuple(sorted(each.mirrors, key=at.__getitem__)) for each in segments)
            moves = [moved(old.mirrors, new) for old, new in zip(segments, made, strict=True)]
            found.setdefault(made, (sum(moves), sum(map(bool, moves))))
    return [made for made, cost in found.items() if cost == min(found.values())]


def _told(segments: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    """What cannot be changed."""
    for each in segments:
        yield from ((mirror, each.last) for mirror in each.mirrors if each.last)
        yield from pairwise(each.mirrors) if each.fixed else ()


@settings(max_examples=60, deadline=None)
@given(LONG_LISTS, st.frozensets(st.integers(0, 5), max_size=2), st.permutations(MIRRORS[:7]))
def test_all_that_are_smallest_are_found_those_first_that_are_nearest_to_today(
    lists: list[tuple[str, ...]], fixed: frozenset[int], today: list[str]
) -> None:
    segments = parts([*lists[:-1], lists[0]], fixed)
    wanted = of_all_orders(segments, [*today, "s"])
    found = Search(most=10_000).reorderings(segments, [*today, "s"])
    assert [each.segments for each in found] == wanted
    assert all(each.proven for each in found)
    assert [each.segments for each in reorderings(segments, [*today, "s"])] == wanted[:MOST_FOUND]


@settings(max_examples=50)
@given(st.lists(st.permutations([f"m{number}" for number in range(12)]).map(tuple), min_size=2, max_size=9))
def test_beyond_that_lists_agree_too_and_the_reordering_is_not_called_smallest(lists: list[tuple[str, ...]]) -> None:
    today = [*cluster_order(precedence_graph("s", lists))[0], "s"]
    found = reorderings(parts(lists), today)
    assert found
    for each in found:
        assert not each.proven
        assert not contradicts(each.segments)


def test_two_lists_can_each_follow_the_other() -> None:
    found = reorderings(parts([("a", "b"), ("b", "a")]), ["a", "b", "s"])
    assert [each.segments for each in found] == [(("a", "b"), ("a", "b")), (("b", "a"), ("b", "a"))]


def test_a_list_that_cannot_be_changed_is_followed() -> None:
    (found,) = reorderings(parts([("a", "b"), ("b", "a")], frozenset({0})), ["b", "a", "s"])
    assert found.segments == (("a", "b"), ("a", "b"))
    assert reorderings(parts([("a", "b"), ("b", "a"), ("a", "b")], frozenset({0, 1})), ["a", "b", "s"]) == ()


def test_the_largest_exact_contradiction_and_one_that_is_too_large() -> None:
    mirrors = [f"m{number}" for number in range(MOST_MIRRORS)]
    orders = [mirrors, mirrors[::-1], mirrors[4:] + mirrors[:4], mirrors[::2] + mirrors[1::2], mirrors[::3]]
    orders += [mirrors[5:] + mirrors[4::-1], ["source", *mirrors[6:]]]
    segments = [
        Segment(mirrors=tuple(each), last="" if "source" in each else "source", fixed="source" in each)
        for each in orders
    ]
    assert sum(not each.fixed for each in segments) == MOST_LISTS
    found = reorderings(segments, [*mirrors, "source"])
    assert found == ()  # every list but the fixed one ends in the source
    found = reorderings(segments[:-1], [*mirrors, "source"])
    assert found
    assert all(each.proven and each.moved == found[0].moved for each in found)
    assert all(not contradicts(each.segments) for each in found)
    (beyond, *_) = reorderings([*segments[:-1], Segment(mirrors=tuple(mirrors[::-1]))], [*mirrors, "source"])
    assert (beyond.proven, beyond.cut_short) == (False, False)
    half = MOST_ITEMS // 2 + 1
    many = tuple(f"m{number}" for number in range(half))
    assert reorderings([Segment(mirrors=many), Segment(mirrors=many[::-1])], many) == ()


def test_the_steps_are_for_all_contradictions_and_those_of_other_names_cost_none() -> None:
    search = Search(steps=20_000)
    costs = []
    for name in "abcdefghijkl":
        mirrors = [f"{name}{number}" for number in range(8)]
        segments = [Segment(mirrors=tuple(each)) for each in (mirrors, mirrors[::-1], mirrors[::2], mirrors[1::2])]
        before = search.steps
        assert all(each.proven for each in search.reorderings(segments, [*mirrors, "source"]))
        costs.append(before - search.steps)
    assert costs[0] > 0
    assert set(costs[1:]) == {0}
    other = [Segment(mirrors=tuple(each)) for each in ("abcdefgh", "cbahgfed", "hdbfcage")]
    used_up = Search(steps=10)
    for found in used_up.reorderings(other, [*"abcdefgh", "source"]):
        assert (found.proven, found.cut_short) == (False, True)
        assert not contradicts(found.segments)
    assert used_up.steps < 0


def test_hundreds_of_hard_contradictions_are_within_the_steps_of_a_run() -> None:
    """Six lists that have nothing in common are the hardest there are."""
    mirrors = [f"m{number}" for number in range(MOST_MIRRORS)]
    orders = [mirrors, *(sorted(mirrors, key=lambda name: hash_of(name, seed)) for seed in range(MOST_LISTS - 1))]
    search = Search()
    found = search.reorderings([Segment(mirrors=tuple(each)) for each in orders], [*mirrors, "source"])
    assert found[0].proven
    assert MOST_STEPS - search.steps < MOST_STEPS / 100


def hash_of(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{name} {seed}".encode()).digest()
