"""The precedence graph of a source as a picture: rows in the order tried, a lane for each list, steps between them.

In: merged mirrors. Out: a `SourceGraph` of plain values that reporters draw. Nodes and steps are those of
`precedence.precedence_graph`, strongly connected parts those of the conflicts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from compiler.findings.by_cluster import Kinds
from compiler.policy.precedence import path_of
from compiler.text.span import Span

if TYPE_CHECKING:
    from compiler.policy.analysis import Analysis
    from compiler.policy.precedence import Precedence

DIGEST = "digest"
TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRow:
    """A mirror or the source.

    `number` is the number of the attempt, None for a source that is never contacted. `part` is the 1-based number of
    the strongly connected part it belongs to, 0 for none.
    """

    name: str
    number: int | None
    is_source: bool = False
    part: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One order that lists ask for: the indexes of its rows, and for each such list the places of these rows.

    The last row is the source, by which every list ends (`ends_in_source`), unless the list names the source itself.
    """

    rows: tuple[int, ...]
    lists: tuple[tuple[Span, ...], ...]
    ends_in_source: bool

    @property
    def places(self) -> tuple[Span, ...]:
        """Where each list begins: its first mirror."""
        return tuple(spans[0] for spans in self.lists)

    def is_upward(self, position: int) -> bool:
        """Whether the step to the row at this position leads back up: the cluster does not follow the list there."""
        return position > 0 and self.rows[position] <= self.rows[position - 1]

    @property
    def positions(self) -> dict[int, list[int]]:
        """The positions at which the list names each row, by row."""
        found: dict[int, list[int]] = {}
        for position, row in enumerate(self.rows):
            found.setdefault(row, []).append(position)
        return dict(sorted(found.items()))

    @property
    def is_broken(self) -> bool:
        """Whether the cluster does not follow the list."""
        return any(self.is_upward(position) for position in range(len(self.rows)))


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphStep:
    """An edge: lists put the row `first` directly before the row `second`; `places` are where they name the first."""

    first: int
    second: int
    places: tuple[Span, ...]

    @property
    def is_upward(self) -> bool:
        """Whether the cluster tries the second first."""
        return self.second <= self.first


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceGraph:
    """The graph of one source for pulls in one form, `digest` or `tag`."""

    source: str
    form: str
    rows: tuple[GraphRow, ...]
    lanes: tuple[Lane, ...]
    steps: tuple[GraphStep, ...]

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return sum(len(lane.lists) for lane in self.lanes)

    @property
    def is_contested(self) -> bool:
        """Whether there are several lists."""
        return self.lists > 1

    @property
    def has_conflict(self) -> bool:
        """Whether lists contradict each other."""
        return any(row.part for row in self.rows)

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """The names in each strongly connected part, in the order tried."""
        found: dict[int, list[str]] = {}
        for row in self.rows:
            found.setdefault(row.part, []).append(row.name)
        return tuple(tuple(found.get(number, ())) for number in range(1, max(found, default=0) + 1))

    @property
    def identity(self) -> object:
        """Equal for graphs that show the same, places included, whichever process read the files."""
        lanes = tuple(
            (lane.rows, tuple(tuple(span.sort_key for span in spans) for spans in lane.lists)) for lane in self.lanes
        )
        return (self.source, self.form, self.rows, lanes)


def graphs_of(analysis: "Analysis", source: str | None = None) -> list[SourceGraph]:
    """The graph of one source of a cluster or of each, by source; that for pulls by digest comes first."""
    found = [
        source_graph(each, form)
        for merged, form in ((analysis.digest, DIGEST), (analysis.tag, TAG))
        for each in merged
        if source in {None, each.source}
    ]
    return sorted(found, key=lambda graph: (graph.source, graph.form))


def conflicts_of(analysis: "Analysis") -> list[SourceGraph]:
    """The graphs of the sources whose lists contradict each other, as `graphs_of` sorts them."""
    found = [
        source_graph(each, form)
        for merged, form in ((analysis.digest, DIGEST), (analysis.tag, TAG))
        for each in merged
        if each.conflicts
    ]
    return sorted(found, key=lambda graph: (graph.source, graph.form))


def source_graph(precedence: "Precedence", form: str) -> SourceGraph:
    """The graph of merged mirrors."""
    source = precedence.source
    part_of = {
        name: number for number, conflict in enumerate(precedence.conflicts, start=1) for name in conflict.mirrors
    }
    names = precedence.order if source in precedence.order else (*precedence.order, source)
    rows = tuple(
        GraphRow(
            name=name,
            number=None if name == source and precedence.blocked_by is not None else number,
            is_source=name == source,
            part=part_of.get(name, 0),
        )
        for number, name in enumerate(names, start=1)
    )
    index = {name: position for position, name in enumerate(names)}
    lanes: dict[tuple[tuple[int, ...], bool], list[tuple[Span, ...]]] = {}
    steps: dict[tuple[int, int], list[Span]] = {}
    for rule in precedence.rules:
        path = path_of(rule)
        at = tuple(index[name] for name, _ in path)
        ends_in_source = all(mirror.value != source for mirror in rule.mirrors)
        lanes.setdefault((at, ends_in_source), []).append(tuple(span for _, span in path))
        for (first, second), (_, span) in zip(pairwise(at), path, strict=False):
            steps.setdefault((first, second), []).append(span)
    return SourceGraph(
        source=source,
        form=form,
        rows=rows,
        lanes=tuple(Lane(rows=at, lists=tuple(lists), ends_in_source=ends) for (at, ends), lists in lanes.items()),
        steps=tuple(
            GraphStep(first=first, second=second, places=tuple(places))
            for (first, second), places in sorted(steps.items())
        ),
    )


def conflict_steps(graph: SourceGraph, most: int) -> tuple[GraphStep, ...]:
    """The steps that show a conflict: those within strongly connected parts, at most `most`.

    Where there are more, the shortest circle of the first part comes first, as far as it fits.
    """
    inside = [
        step
        for step in graph.steps
        if graph.rows[step.first].part and _part(graph, step.first) == _part(graph, step.second)
    ]
    if len(inside) <= most:
        return tuple(inside)
    circle = _shortest_circle(inside)
    there = {(step.first, step.second) for step in circle}
    others = (step for step in inside if (step.first, step.second) not in there)
    return tuple(sorted((*circle, *others)[:most], key=lambda step: (step.first, step.second)))


def _part(graph: SourceGraph, row: int) -> int:
    return graph.rows[row].part


def _shortest_circle(steps: Sequence[GraphStep]) -> list[GraphStep]:
    """A shortest circle through the first step that leads back up."""
    upward = next(step for step in steps if step.is_upward)
    after: dict[int, list[GraphStep]] = {}
    for step in steps:
        after.setdefault(step.first, []).append(step)
    reached: dict[int, GraphStep | None] = {upward.second: None}
    waiting = [upward.second]
    for row in waiting:
        for step in after.get(row, ()):
            if step.second not in reached:
                reached[step.second] = step
                waiting.append(step.second)
    circle = [upward]
    while (before := reached[circle[-1].first]) is not None:
        circle.append(before)
    return circle


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedGraph:
    """A graph with the clusters that have it; `of` is the number of clusters that were looked at."""

    graph: SourceGraph
    clusters: tuple[str, ...]
    of: int


def shared(by_cluster: Sequence[tuple[str, Sequence[SourceGraph]]]) -> list[SharedGraph]:
    """Each graph once, with the clusters that have it, by source, then form, then the order of clusters."""
    first: dict[object, SourceGraph] = {}
    kinds = Kinds((name, graphs) for name, graphs in by_cluster)
    having: dict[object, list[int]] = {}
    for number, graphs in enumerate(kinds.each):
        for graph in graphs:
            key = graph.identity
            first.setdefault(key, graph)
            having.setdefault(key, []).append(number)
    found = [
        SharedGraph(graph=graph, clusters=kinds.names(having[key]), of=len(by_cluster)) for key, graph in first.items()
    ]
    return sorted(found, key=lambda each: (each.graph.source, each.graph.form))


def letter(number: int) -> str:
    """The name of the lane with this 0-based number: `a`, `b`, … `z`, `aa`."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("a") + rest) + name
    return name
