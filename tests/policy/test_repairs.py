"""Reorderings: they remove every contradiction, and no smaller one does; brute force says what is smallest."""

from itertools import permutations, product

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.policy import repairs
from compiler.policy.precedence import cluster_order, precedence_graph
from compiler.policy.repairs import MOST_ITEMS, MOST_LISTS, MOST_MIRRORS, Segment, reorderings

NAMES = ("a", "b", "c", "d", "s")
LISTS = st.lists(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True).map(tuple), min_size=2, max_size=3
)


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
    today = cluster_order(precedence_graph("s", lists))[0]
    found = reorderings(parts(lists, fixed), today)
    least = smallest(lists, fixed)
    assert (least is None) is (not found)
    for each in found:
        assert each.proven
        assert not contradicts(each.segments)
        assert all(sorted(old) == sorted(new) for old, new in zip(lists, each.segments, strict=True))
        assert (each.moved, sum(old != new for old, new in zip(lists, each.segments, strict=True))) == least


@settings(max_examples=60)
@given(LISTS, st.frozensets(st.integers(0, 2), max_size=2))
def test_trying_every_order_finds_the_same(lists: list[tuple[str, ...]], fixed: frozenset[int]) -> None:
    today = cluster_order(precedence_graph("s", lists))[0]
    found = {each.segments for each in reorderings(parts(lists, fixed), today)}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(repairs, "_MOST_STATES", 0)
        tried = {each.segments for each in reorderings(parts(lists, fixed), today)}
    assert found <= tried
    assert bool(found) is bool(tried)


@settings(max_examples=50)
@given(st.lists(st.permutations([f"m{number}" for number in range(12)]).map(tuple), min_size=2, max_size=9))
def test_beyond_that_lists_agree_too_and_the_reordering_is_not_called_smallest(lists: list[tuple[str, ...]]) -> None:
    today = cluster_order(precedence_graph("s", lists))[0]
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
    lists = [tuple(mirrors[number:] + mirrors[:number]) for number in range(MOST_LISTS)]
    segments = [Segment(mirrors=each) for each in lists]
    found = reorderings(segments, mirrors)
    assert found
    assert all(each.proven and each.moved == found[0].moved and not contradicts(each.segments) for each in found)
    assert not reorderings(segments, mirrors, thorough=False)[0].proven
    half = MOST_ITEMS // 2 + 1
    many = tuple(f"m{number}" for number in range(half))
    assert reorderings([Segment(mirrors=many), Segment(mirrors=many[::-1])], many) == ()
