"""The order of mirrors: properties that hold for all lists, the cluster's quirks, and contradictions that are real."""

from collections.abc import Sequence
from itertools import combinations, pairwise

import networkx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compiler.manifests.kinds import MirrorRule
from compiler.policy.precedence import (
    Conflict,
    ListedOrder,
    Precedence,
    cluster_order,
    forced_order,
    merge,
    precedence_graph,
)
from compiler.text.span import File, Located, Span

SOURCE = "quay.io/ns"
Lists = Sequence[Sequence[str]]


def rule(mirrors: Sequence[str], *, source: str = SOURCE, name: str = "a.yaml", policy: str = "") -> MirrorRule:
    """A rule written line by line: the source, its policy, then the mirrors."""
    lines = [source, policy, *mirrors]
    file = File(name, "\n".join(lines))
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    located = [Located(line, Span(file, start, start + len(line))) for line, start in zip(lines, starts, strict=True)]
    return MirrorRule(
        source=located[0],
        mirrors=tuple(located[2:]),
        mirror_source_policy=located[1] if policy else None,
        span=Span(file, 0, len(file.text)),
    )


def merged(lists: Lists) -> Precedence:
    """What becomes of lists of one source."""
    (precedence,) = merge(rule(mirrors, name=f"{number}.yaml") for number, mirrors in enumerate(lists))
    return precedence


def order(*lists: Sequence[str]) -> list[str]:
    return list(merged(lists).order)


MIRRORS = st.sampled_from(["a.io", "b.io", "c.io/x", "d", "é.io", "Z.io", "a.io/0", SOURCE])
SETS = st.lists(MIRRORS, min_size=1, max_size=6, unique=True)
ANY = st.lists(MIRRORS, min_size=1, max_size=6)


def lists_of(mirrors: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[list[str]]]:
    """Lists of one source, at least one of which names another mirror."""
    return st.lists(mirrors, min_size=1, max_size=6).filter(lambda lists: any(set(each) - {SOURCE} for each in lists))


def effective(lists: Lists) -> list[list[str]]:
    """The lists that count, each with the source behind it unless it names it."""
    return [
        [*each] if SOURCE in each else [*each, SOURCE] for each in lists if any(mirror != SOURCE for mirror in each)
    ]


def stated(lists: Lists) -> list[str]:
    """ListedOrder 3 of the merge, said once more from its description and without a graph library."""
    edges = {edge for each in effective(lists) for edge in pairwise(each)}
    nodes = sorted({node for each in effective(lists) for node in each}, key=str.encode)
    done: list[str] = []
    left = set(edges)
    queue = [node for node in nodes if not any(after == node for _, after in left)]
    scan = list(nodes)
    while len(done) < len(nodes):
        if queue:
            node = queue.pop(0)
        else:
            node = scan.pop(0)
            while node in done:
                node = scan.pop(0)
        done.append(node)
        gone = {edge for edge in left if edge[0] == node}
        left -= gone
        released = {after for _, after in gone if after not in done and not any(each == after for _, each in left)}
        queue += sorted(released, key=str.encode)
    return done[:-1] if done[-1] == SOURCE else done


def places(precedence: Precedence) -> dict[str, int]:
    """Where each mirror stands; the source is last unless it is a mirror itself."""
    return {SOURCE: len(precedence.order)} | {mirror: place for place, mirror in enumerate(precedence.order)}


@settings(max_examples=500)
@given(lists_of(ANY))
def test_the_order_is_the_one_that_is_described(lists: list[list[str]]) -> None:
    assert order(*lists) == stated(lists)


@given(lists_of(ANY))
def test_the_order_is_a_permutation_of_what_is_declared(lists: list[list[str]]) -> None:
    declared = {mirror for each in effective(lists) for mirror in each}
    found = order(*lists)
    assert len(set(found)) == len(found)
    assert declared - {SOURCE} <= set(found) <= declared


@given(lists_of(ANY), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_that_of_files_or_rules(lists: list[list[str]], random: "object") -> None:
    shuffled = list(lists)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random that Hypothesis controls
    one, other = merged(lists), merged(shuffled)
    assert other.order == one.order
    assert [conflict.mirrors for conflict in other.conflicts] == [conflict.mirrors for conflict in one.conflicts]
    assert [len(conflict.steps) for conflict in other.conflicts] == [len(conflict.steps) for conflict in one.conflicts]


@given(lists_of(SETS))
def test_without_a_conflict_every_list_keeps_its_order(lists: list[list[str]]) -> None:
    precedence = merged(lists)
    assume(not precedence.conflicts)
    place = places(precedence)
    for each in effective(lists):
        assert [place[mirror] for mirror in each] == sorted(place[mirror] for mirror in each)


@given(lists_of(ANY))
def test_networkx_agrees_on_what_is_a_conflict_and_what_an_order(lists: list[list[str]]) -> None:
    graph: networkx.DiGraph[str] = networkx.DiGraph([edge for each in effective(lists) for edge in pairwise(each)])
    precedence = merged(lists)
    cyclic = [
        sorted(part)
        for part in networkx.strongly_connected_components(graph)
        if len(part) > 1 or any(graph.has_edge(node, node) for node in part)
    ]
    assert [list(conflict.mirrors) for conflict in precedence.conflicts] == sorted(cyclic)
    assert bool(precedence.conflicts) is not networkx.is_directed_acyclic_graph(graph)
    if not precedence.conflicts:
        place = places(precedence)
        assert all(place[before] < place[after] for before, after in graph.edges)


# --- Conflicts ----------------------------------------------------------------


def contradicts(lists: Lists, part: Sequence[str]) -> bool:
    """Whether these lists cannot all be obeyed among the mirrors of the part."""
    inside = ([mirror for mirror in each if mirror in part] for each in lists)
    graph: networkx.DiGraph[str] = networkx.DiGraph([edge for each in inside for edge in pairwise(each)])
    return not networkx.is_directed_acyclic_graph(graph)


def fewest(lists: Lists, part: Sequence[str]) -> int:
    """By brute force, how many lists it takes to contradict each other."""
    return next(
        count
        for count in range(1, len(lists) + 1)
        if any(contradicts(chosen, part) for chosen in combinations(lists, count))
    )


def check_steps(conflict: Conflict, lists: Lists) -> None:
    steps = conflict.steps
    assert len(steps) == fewest(effective(lists), conflict.mirrors)
    for step, following in zip(steps, [*steps[1:], steps[0]], strict=True):
        assert step.second == following.first
    assert len({step.first_span.path for step in steps}) == len(steps), "one list says nothing twice"
    for step in steps:
        check_step(step, lists)


def check_step(step: ListedOrder, lists: Lists) -> None:
    """The list really puts the one before the other, and where the step says."""
    assert step.first_span.path == step.second_span.path
    assert step.first_span.text == step.first
    assert step.second_span.text == step.second
    assert step.first in conflict_list(step, lists)
    if step.second == SOURCE and SOURCE not in conflict_list(step, lists):
        assert step.second_span.start == 0  # behind every mirror, unless a list says otherwise
    else:
        assert step.first_span.start < step.second_span.start


def conflict_list(step: ListedOrder, lists: Lists) -> Sequence[str]:
    return lists[int(step.first_span.path.removesuffix(".yaml"))]


@settings(max_examples=500)
@given(lists_of(ANY))
def test_the_steps_of_a_conflict_are_a_smallest_contradiction(lists: list[list[str]]) -> None:
    for conflict in merged(lists).conflicts:
        assert conflict.source == SOURCE
        check_steps(conflict, lists)


@given(st.integers(2, 12))
def test_a_long_round_takes_every_list(size: int) -> None:
    lists = [[f"m{number}", f"m{(number + 1) % size}"] for number in range(size)]
    (conflict,) = merged(lists).conflicts
    assert len(conflict.steps) == size
    check_steps(conflict, lists)


@pytest.mark.parametrize(
    ("lists", "forced"),
    [
        (["ab"], "ab"),
        (["ab", "ab"], "ab"),
        (["ab", "na"], "nab"),
        (["ab", "bs"], "abs"),
        (["ab", "asb"], "asb"),
        (["abc", "ac"], "abc"),
        (["ab", "xays", "yb"], None),
        (["ab", "xaybz", "yb"], "xaybz"),
        (["ab", "nb"], None),
        (["ab", "an"], None),
        (["ab", "cd"], None),
        (["ab", "ba"], None),
        (["aa"], None),
        (["ab", "a"], "ab"),
    ],
)
def test_an_order_that_lists_force_needs_no_graph(lists: list[str], forced: str | None) -> None:
    found = forced_order(SOURCE, [tuple(each) for each in lists])
    assert found == (None if forced is None else list(forced))


def test_a_list_that_names_the_source_forces_an_order_alone() -> None:
    assert forced_order(SOURCE, [("a", SOURCE, "b")]) == ["a", SOURCE, "b"]
    assert forced_order(SOURCE, [("a", "b"), ("a", SOURCE)]) is None
    assert forced_order(SOURCE, [("a", SOURCE), ("a", "b")]) is None


@given(lists_of(SETS))
def test_a_forced_order_is_the_clusters(lists: list[list[str]]) -> None:
    counted = [tuple(each) for each in lists if set(each) - {SOURCE}]
    forced = forced_order(SOURCE, dict.fromkeys(counted))
    if forced is not None:
        order, stalled = cluster_order(precedence_graph(SOURCE, counted))
        assert (order if SOURCE in forced and forced[-1] != SOURCE else order[:-1], stalled) == (
            forced[:-1] if forced[-1] == SOURCE else forced,
            False,
        )


@st.composite
def parts_of_one_order(draw: st.DrawFn) -> list[list[str]]:
    """Lists that take mirrors out of one order, so that the shortcut can often merge them."""
    whole = draw(st.permutations(["a.io", "b.io", "c.io/x", "d", "é.io", "Z.io"]))
    kept = st.lists(st.booleans(), min_size=6, max_size=6).filter(any)
    return [
        [mirror for mirror, take in zip(whole, draw(kept), strict=True) if take] for _ in range(draw(st.integers(1, 4)))
    ]


@given(st.one_of(parts_of_one_order(), lists_of(SETS)))
def test_with_or_without_the_shortcut_the_order_is_that_of_the_graph(lists: list[list[str]]) -> None:
    counted = [tuple(each) for each in lists if set(each) - {SOURCE}]
    order, _ = cluster_order(precedence_graph(SOURCE, counted))
    assert list(merged(lists).order) == (order[:-1] if order[-1] == SOURCE else order)


def test_the_shortcut_is_taken_for_lists_of_one_order() -> None:
    taken = []

    @settings(max_examples=200, database=None)
    @given(parts_of_one_order())
    def count(lists: list[list[str]]) -> None:
        taken.append(len(lists) > 1 and forced_order(SOURCE, map(tuple, lists)) is not None)

    count()
    assert sum(taken) > len(taken) / 10


def test_two_lists_that_contradict_each_other() -> None:
    (conflict,) = merged([["a", "b", "c"], ["c", "x", "a"]]).conflicts
    assert conflict.mirrors == ("a", "b", "c", "x")
    first, second = conflict.steps
    assert (first.first, first.second, str(first.first_span)) == ("a", "c", "0.yaml:3:1")
    assert (second.first, second.second, str(second.second_span)) == ("c", "a", "1.yaml:5:1")


def test_a_mirror_twice_in_a_row_contradicts_itself() -> None:
    """An edge to itself: the cluster takes it out by its scan, and we say so."""
    precedence = merged([["b", "a", "a"]])
    assert precedence.order == ("b", "a")
    (conflict,) = precedence.conflicts
    assert conflict.mirrors == ("a",)
    (step,) = conflict.steps
    assert (step.first, step.second) == ("a", "a")
    assert step.first_span != step.second_span


def test_a_mirror_twice_in_a_list_contradicts_itself_alone() -> None:
    """Only a legacy object can say so: the API server takes no duplicates in the others."""
    (conflict,) = merged([["a"], ["b", "a", "b"]]).conflicts
    assert [(step.first, step.second, step.first_span.path) for step in conflict.steps] == [("b", "b", "1.yaml")]


def test_separate_conflicts_are_told_apart() -> None:
    first, second = merged([["a", "b"], ["b", "a"], ["x", "y"], ["y", "x"]]).conflicts
    assert (first.mirrors, second.mirrors) == (("a", "b"), ("x", "y"))


def test_a_conflict_with_the_source() -> None:
    (conflict,) = merged([[SOURCE, "a"], ["a"]]).conflicts
    assert conflict.mirrors == ("a", SOURCE)


# --- What the cluster does, quirk by quirk -------------------------------------


def test_the_queue_is_first_in_first_out_not_sorted() -> None:
    """Unlike networkx's lexicographical sort: `z` was waiting before `b` was released."""
    assert order(["a", "b"], ["z"]) == ["a", "z", "b"]


def test_what_one_mirror_releases_is_not_sorted_among_what_waits() -> None:
    """Unlike the sorted generations of networkx: `a` releases `z`, then `b` releases `c`."""
    assert order(["a", "z"], ["b", "c"]) == ["a", "b", "z", "c"]


def test_a_cycle_is_broken_by_name() -> None:
    assert order(["b", "a"], ["a", "b"]) == ["a", "b"]


def test_the_scan_for_the_smallest_never_goes_back() -> None:
    """Once past a mirror it does not return to it; in two cycles the order is still that of names."""
    assert order(["b", "a"], ["a", "b"], ["d", "c"], ["c", "d"]) == ["a", "b", "c", "d"]


def test_a_source_that_comes_last_is_dropped() -> None:
    assert order(["a", SOURCE]) == ["a"]


def test_a_source_before_a_mirror_stays_a_mirror() -> None:
    assert order([SOURCE, "a"]) == [SOURCE, "a"]


def test_strings_compare_by_bytes() -> None:
    assert order(["é"], ["z"], ["Z"], ["\U0001f600"], ["\ufffd"]) == ["Z", "z", "é", "\ufffd", "\U0001f600"]


@pytest.mark.parametrize("mirrors", [[], [SOURCE], [SOURCE, SOURCE]])
def test_a_rule_without_another_mirror_is_no_rule(mirrors: list[str]) -> None:
    assert merge([rule(mirrors, policy="NeverContactSource")]) == ()
    (precedence,) = merge([rule(["a"]), rule(mirrors, policy="NeverContactSource")])
    assert precedence.blocked_by is None


def test_sources_come_in_byte_order_and_apart() -> None:
    found = merge([rule(["a"], source="z"), rule(["b"], source="Z"), rule(["c"], source="z")])
    assert [(each.source, each.order) for each in found] == [("Z", ("b",)), ("z", ("a", "c"))]


def test_the_first_rule_that_forbids_contact_blocks() -> None:
    rules = [
        rule(["a"]),
        rule(["b"], policy="NeverContactSource", name="b.yaml"),
        rule(["c"], policy="NeverContactSource"),
    ]
    (precedence,) = merge(rules)
    assert precedence.blocked_by is rules[1]


def test_every_place_that_lists_a_mirror_is_known() -> None:
    precedence = merged([["a", "b"], ["b"], ["b", "c"]])
    assert {mirror: list(map(str, places)) for mirror, places in precedence.listed.items()} == {
        "a": ["0.yaml:3:1"],
        "b": ["0.yaml:4:1", "1.yaml:3:1", "2.yaml:3:1"],
        "c": ["2.yaml:4:1"],
    }
    assert merged([["a", "b"]]).listed.keys() == {"a", "b"}


def test_a_great_knot_is_told_with_the_best_contradiction_found() -> None:
    """A hundred lists, each the one before it turned by seven: two of them are enough."""
    lists = [[f"m{(number * 7 + place) % 100}" for place in range(100)] for number in range(100)]
    (conflict,) = merged(lists).conflicts
    assert len(conflict.mirrors) == 100
    assert len(conflict.steps) == 2
