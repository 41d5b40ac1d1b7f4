"""The precedence graph of a source: every list's order in one graph, the cluster's order out of it, and conflicts.

In: the rules that name one source. Out: the order in which its mirrors are tried and, where lists contradict each
other, which ones. networkx lives here and nowhere else.

Follows openshift/runtime-utils `registries.topoGraph` and `mergedTagMirrorSets`/`mergedDigestMirrorSets` (7bdb5b9).
The order is neither networkx's `lexicographical_topological_sort` nor its generations sorted: the queue is first in,
first out, and only what one node releases is sorted.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.manifests.kinds import MirrorRule
from compiler.text.span import Span

if TYPE_CHECKING:
    import networkx

    Graph = networkx.DiGraph[str]

_MERGED_LISTS = 10
"""How many times over the mirrors of all lists may be looked at to see their order without a graph."""
_SEARCH_STEPS = 10_000
_SEARCH_STEPS_FOR_EACH = 20
"""How far the search for the smallest contradiction goes before it takes the best one found, and how much further for
each mirror in the lists that contradict each other: of many long contradictions none is searched to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOrder:
    """One list that puts `first` before `second`, and where it says so."""

    first: str
    second: str
    first_span: Span = field(compare=False)
    second_span: Span = field(compare=False)


class Conflict(NamedTuple):
    """Lists that contradict each other.

    `mirrors` are all whose place is thereby unspecified, in byte order; `steps` is a smallest set of lists that
    cannot all be obeyed: each begins where the one before it ends, and the last leads back to the first.
    """

    source: str
    mirrors: tuple[str, ...]
    steps: tuple[ListedOrder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedence:
    """The merged mirrors of one source, for pulls by digest or by tag.

    `order` contains the mirrors in the order they are tried, the source itself only where a list puts it before a
    mirror. `listed` has for each of them the places that list it, `hosts` where they are, `rules` those that take part.
    """

    source: str
    order: tuple[str, ...]
    listed: Mapping[str, tuple[Span, ...]] = field(compare=False)
    hosts: frozenset[str] = field(compare=False)
    rules: tuple[MirrorRule, ...] = field(compare=False)
    conflicts: tuple[Conflict, ...] = ()

    @property
    def blocked_by(self) -> MirrorRule | None:
        """The first rule that says the source is never contacted."""
        return next((rule for rule in self.rules if rule.never_contacts_source), None)


def merge(mirror_rules: Iterable[MirrorRule], memo: Forgetful = FORGETFUL) -> tuple[Precedence, ...]:
    """Merge the rules of every source by itself; sources come in byte order.

    What the same rules were merged to before is taken from the memo.
    """
    mirror_rules = list(mirror_rules)
    by_source: dict[str, list[MirrorRule]] = {}
    for rule, effective in zip(mirror_rules, memo.each(is_effective, mirror_rules), strict=True):
        if effective:
            by_source.setdefault(rule.source.value, []).append(rule)
    return tuple([memo.of(_merge_source, by_source[source]) for source in sorted(by_source)])


def is_effective(rule: MirrorRule) -> bool:
    """Whether a rule names any mirror but its own source; others are ignored, mirrorSourcePolicy and all."""
    source = rule.source.value
    return any(mirror.value != source for mirror in rule.mirrors)


def _merge_source(mirror_rules: Sequence[MirrorRule]) -> Precedence:
    source = mirror_rules[0].source.value
    lists = dict.fromkeys(tuple([mirror.value for mirror in rule.mirrors]) for rule in mirror_rules)
    conflicts: tuple[Conflict, ...] = ()
    order = forced_order(source, lists)
    if order is None:
        graph = precedence_graph(source, lists)
        order, stalled = cluster_order(graph)
        if stalled:
            conflicts = tuple(_conflicts(source, mirror_rules, graph))
    if order[-1] == source:
        order.pop()
    return Precedence(
        source=source,
        order=tuple(order),
        listed=_listed(mirror_rules),
        hosts=frozenset([mirror.partition("/")[0] for mirror in order]),
        rules=tuple(mirror_rules),
        conflicts=conflicts,
    )


def _listed(mirror_rules: Sequence[MirrorRule]) -> dict[str, tuple[Span, ...]]:
    if len(mirror_rules) == 1:
        return {mirror.value: (mirror.span,) for mirror in mirror_rules[0].mirrors}
    listed: dict[str, list[Span]] = {}
    for rule in mirror_rules:
        for mirror in rule.mirrors:
            listed.setdefault(mirror.value, []).append(mirror.span)
    return {mirror: tuple(spans) for mirror, spans in listed.items()}


def forced_order(source: str, lists: Iterable[tuple[str, ...]]) -> list[str] | None:
    """The only order that obeys all lists, where it can be seen without a graph: one list has one order.

    Another list is merged where it says of each new mirror between which two neighbours it belongs, or that it comes
    before or after all others. None where a list leaves a place open, contradicts another, or names the source, and
    where merging so many lists one by one costs more than the graph.
    """
    lists = list(lists)
    order: list[str] = []
    left = _MERGED_LISTS * (1_000 + sum(map(len, lists)))
    for mirrors in lists:
        left -= len(order)
        if left < 0:
            return None
        if len(set(mirrors)) != len(mirrors) or (order and (source in mirrors or source in order)):
            return None
        if not order:
            order = list(mirrors)
            continue
        places = {mirror: index for index, mirror in enumerate(order)}
        merged: list[str] = []
        fresh: list[str] = []
        last = -1
        for mirror in mirrors:
            at = places.get(mirror)
            if at is None:
                fresh.append(mirror)
            elif at <= last or (fresh and at > last + 1):
                return None
            else:
                merged += (*order[last + 1 : at], *fresh, mirror)
                fresh, last = [], at
        if last < 0 or (fresh and last < len(order) - 1):
            return None
        order = [*merged, *order[last + 1 :], *fresh]
    return order


def precedence_graph(source: str, lists: Iterable[tuple[str, ...]]) -> "Graph":
    """An edge from each mirror to the next of its list and, unless the list names it, from the last to the source."""
    from networkx import DiGraph

    graph: Graph = DiGraph()
    for mirrors in lists:
        path = mirrors if source in mirrors else (*mirrors, source)
        graph.add_edges_from(pairwise(path))
    return graph


def cluster_order(graph: "Graph") -> tuple[list[str], bool]:
    """The order the cluster settles on, and whether it had to break a cycle for it.

    Kahn's algorithm with a first-in-first-out queue. When it runs dry before the end, the smallest node left goes
    next; byte order is Python's order of strings, since UTF-8 keeps the order of code points.
    """
    successors = dict(graph.adjacency())
    waiting_for = dict(graph.in_degree())
    queue = deque(sorted(node for node, count in waiting_for.items() if count == 0))
    scan: Iterator[str] | None = None
    order: list[str] = []
    emitted: set[str] = set()
    while len(order) < len(waiting_for):
        if queue:
            node = queue.popleft()
        else:
            if scan is None:
                scan = iter(sorted(waiting_for))
            node = next(candidate for candidate in scan if candidate not in emitted)
        order.append(node)
        emitted.add(node)
        released = []
        for successor in successors[node]:
            waiting_for[successor] -= 1
            if waiting_for[successor] == 0 and successor not in emitted:
                released.append(successor)
        queue.extend(sorted(released) if len(released) > 1 else released)
    return order, scan is not None


def _conflicts(source: str, mirror_rules: Sequence[MirrorRule], graph: "Graph") -> Iterator[Conflict]:
    from networkx import strongly_connected_components

    parts = [
        frozenset(part)
        for part in strongly_connected_components(graph)
        if len(part) > 1 or any(graph.has_edge(node, node) for node in part)
    ]
    part_of = {mirror: number for number, part in enumerate(parts) for mirror in part}
    lists: list[list[_Path]] = [[] for _ in parts]
    for rule in mirror_rules:
        within: dict[int, _Path] = {}
        for mirror, span in path_of(rule):
            if (number := part_of.get(mirror)) is not None:
                within.setdefault(number, []).append((mirror, span))
        for number, path in within.items():
            lists[number].append(path)
    for part, paths in sorted(zip(parts, lists, strict=True), key=lambda each: min(each[0])):
        yield Conflict(source=source, mirrors=tuple(sorted(part)), steps=_smallest_contradiction(paths))


_Path = list[tuple[str, Span]]


def path_of(rule: MirrorRule) -> list[tuple[str, Span]]:
    """A list with its places, ending in the source as the graph has it."""
    path = [(mirror.value, mirror.span) for mirror in rule.mirrors]
    if all(mirror != rule.source.value for mirror, _ in path):
        path.append((rule.source.value, rule.source.span))
    return path


def _smallest_contradiction(lists: list[_Path]) -> tuple[ListedOrder, ...]:
    """The fewest lists that lead from a mirror back to itself, of lists that name no other mirrors than such.

    From a mirror, one list leads to everything after it at the cost of one step; a breadth-first search from every
    mirror finds the shortest way round. A list's part that an earlier step of the search has seen is not walked
    again, so one search costs no more than the lists are long.
    """
    places: dict[str, list[tuple[int, int]]] = {}
    for number, path in enumerate(lists):
        for position, (mirror, _) in enumerate(path):
            places.setdefault(mirror, []).append((number, position))
    # Of two lists that contradict each other, neither does so alone, unless it names a mirror twice.
    least = 1 if any(len({mirror for mirror, _ in path}) < len(path) for path in lists) else 2
    best: list[tuple[int, int, int]] = []
    most_steps = _SEARCH_STEPS + _SEARCH_STEPS_FOR_EACH * sum(map(len, lists))
    steps = 0
    names = [[mirror for mirror, _ in path] for path in lists]
    for start in sorted(places):
        found, cost = _way_back(start, names, places, len(best) or len(lists) + 1)
        steps += cost
        if found:
            best = found
        if 0 < len(best) <= least or (best and steps > most_steps):
            break
    return tuple(
        ListedOrder(
            first=lists[number][begin][0],
            second=lists[number][end][0],
            first_span=lists[number][begin][1],
            second_span=lists[number][end][1],
        )
        for number, begin, end in best
    )


def _way_back(
    start: str, lists: list[list[str]], places: dict[str, list[tuple[int, int]]], shorter_than: int
) -> tuple[list[tuple[int, int, int]], int]:
    """The shortest way from a mirror back to itself as (list, from, to) hops, if shorter, and what it cost."""
    came_by: dict[str, tuple[str, tuple[int, int, int]]] = {}
    seen_from = [len(path) for path in lists]
    frontier = [start]
    cost = 0
    for _ in range(shorter_than - 1):
        following: list[str] = []
        for mirror in frontier:
            for number, position in places[mirror]:
                end = seen_from[number]
                if position + 1 >= end:
                    continue
                seen_from[number] = position + 1
                cost += end - position - 1
                for behind, reached in enumerate(lists[number][position + 1 : end], position + 1):
                    if reached not in came_by:
                        came_by[reached] = (mirror, (number, position, behind))
                        following.append(reached)
        if start in came_by:
            hops: list[tuple[int, int, int]] = []
            mirror = start
            while not hops or mirror != start:
                mirror, hop = came_by[mirror]
                hops.append(hop)
            return hops[::-1], cost
        frontier = following
    return [], cost
