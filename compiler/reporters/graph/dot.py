"""Graphs in the DOT language of Graphviz: a `digraph` for each.

Labels are double-quoted strings, in which `"` and the escapes of Graphviz are escaped, and so is `&`, which would begin
an HTML entity.
"""

from collections.abc import Iterator, Sequence

from compiler.policy.source_graph import SharedGraph
from compiler.reporters.graph import words
from compiler.text.visible import visible


def render(graphs: Sequence[SharedGraph]) -> str:
    """The graphs, one after the other."""
    return "".join("\n".join(_digraph(each)) + "\n" for each in graphs) or "digraph {\n}\n"


def _digraph(shared: SharedGraph) -> Iterator[str]:
    graph = shared.graph
    where = words.where(shared)
    heading = f"{words.title(graph)} {where}".rstrip()
    yield f"digraph {_quoted(heading)} {{"
    yield f"  label={_quoted(f'{heading}: {words.size(graph)}')}; labelloc=t; rankdir=TB;"
    yield '  node [shape=box, fontname="monospace"]; edge [fontname="monospace", fontsize=10];'
    for position, row in enumerate(graph.rows):
        number = "-" if row.number is None else row.number
        role = words.role(row)
        label = f"{number}. {row.name}" + (f" ({role})" if role else "")
        style = ", peripheries=2" if row.is_source else ""
        style += ", color=red" if row.part else ""
        yield f"  n{position} [label={_quoted(label)}{style}];"
    members_of: dict[int, list[str]] = {}
    for position, row in enumerate(graph.rows):
        members_of.setdefault(row.part, []).append(f"n{position};")
    for number in range(1, len(graph.parts) + 1):
        members = " ".join(members_of[number])
        yield f'  subgraph cluster_{number} {{ label="conflict"; color=red; fontcolor=red; {members} }}'
    for step in graph.steps:
        label = words.some_places(step.places)
        style = ", color=red, fontcolor=red, constraint=false" if step.is_upward else ""
        yield f"  n{step.first} -> n{step.second} [label={_quoted(label)}{style}];"
    yield "}"


def _quoted(text: str) -> str:
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return f'"{escaped}"'
