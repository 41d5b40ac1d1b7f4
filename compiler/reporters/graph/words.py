"""What the pictures of graphs say in words, whatever their format.

In: graphs. Out: titles, captions and the sentences about conflicts, as plain text.
"""

from collections.abc import Iterator

from compiler.findings.by_cluster import named
from compiler.policy.source_graph import GraphRow, Lane, SharedGraph, SourceGraph
from compiler.text.span import Span
from compiler.text.wording import counted, joined

_MOST_PLACES = 5


def title(graph: SourceGraph) -> str:
    """The source and the form of pulls."""
    return f"{graph.source} by {graph.form}"


def where(shared: SharedGraph) -> str:
    """The clusters that have a graph, empty where no cluster has a name."""
    return f"in {named(shared.clusters, shared.of)}" if any(shared.clusters) else ""


def size(graph: SourceGraph) -> str:
    """How many lists and mirrors there are, and whether lists contradict each other."""
    mirrors = sum(not row.is_source for row in graph.rows)
    told = f"{counted(graph.lists, 'list')}, {counted(mirrors, 'mirror')}"
    return f"{told}, conflict" if graph.has_conflict else told


def role(row: GraphRow) -> str:
    """What a row is besides its name; empty for a mirror without a conflict."""
    parts = []
    if row.is_source:
        parts.append("the source" if row.number is not None else "the source, never contacted")
    if row.part:
        parts.append("conflict")
    return ", ".join(parts)


def places(lane: Lane) -> str:
    """Where the lists of a lane are, the first of them where there are many."""
    return some_places(lane.places)


def some_places(spans: tuple[Span, ...]) -> str:
    """File and line of each place, the first of them where there are many."""
    told = [f"{span.path}:{span.begin.line}" for span in spans[:_MOST_PLACES]]
    more = len(spans) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def conflicts(graph: SourceGraph) -> Iterator[str]:
    """A sentence for each strongly connected part; rows are named by the number of their attempt."""
    attempts = {row.name: "the source" if row.number is None else str(row.number) for row in graph.rows}
    for part in graph.parts:
        rows = [attempts[name] for name in part]
        if len(rows) == 1:
            yield f"conflict: a list names {rows[0]} twice"
        else:
            yield f"conflict: lists contradict each other about the order of {joined(rows)}"
