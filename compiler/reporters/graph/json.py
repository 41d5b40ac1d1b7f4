"""Graphs for programs: node-link data as networkx reads it (`networkx.node_link_graph`), documented in docs/graph.md.

The keys of nodes and edges follow networkx 3.6 `readwrite.json_graph.node_link_data`: `nodes` with `id`, `edges` with
`source` and `target`.
"""

from collections.abc import Callable, Sequence

from compiler.policy.source_graph import SharedGraph
from compiler.text.escaping import to_json
from compiler.text.span import Span

VERSION = 1


def render(graphs: Sequence[SharedGraph], *, locate: Callable[[str], str] = str) -> str:
    """The report; `locate` gives for a shown path the one that programs get."""
    return to_json({"version": VERSION, "graphs": [_graph(each, locate) for each in graphs]})


def _graph(shared: SharedGraph, locate: Callable[[str], str]) -> dict[str, object]:
    graph = shared.graph

    def places(spans: tuple[Span, ...]) -> list[dict[str, object]]:
        return [{"path": locate(span.path), "line": span.begin.line, "column": span.begin.column} for span in spans]

    names = [row.name for row in graph.rows]
    return {
        "directed": True,
        "multigraph": False,
        "graph": {
            "name": graph.source,
            "form": graph.form,
            "clusters": [name for name in shared.clusters if name],
            "conflict": graph.has_conflict,
            "order": [row.name for row in graph.rows if row.number is not None],
            "lists": [
                {"mirrors": [names[row] for row in lane.rows], "place": place}
                for lane in graph.lanes
                for place in places(lane.places)
            ],
            "components": [list(part) for part in graph.parts],
        },
        "nodes": [
            {
                "id": row.name,
                "attempt": row.number,
                "is_source": row.is_source,
                "component": row.part or None,
            }
            for row in graph.rows
        ],
        "edges": [
            {
                "source": names[step.first],
                "target": names[step.second],
                "followed": not step.is_upward,
                "places": places(step.places),
            }
            for step in graph.steps
        ],
    }
