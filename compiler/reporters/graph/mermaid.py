"""Graphs as Mermaid flowcharts, one each with a line between: `flowchart TD`, which GitHub and GitLab draw.

Every character of a label that Mermaid or the Markdown in its labels could obey is written as an entity code (`#35;`).
A label never begins like an item of a list, which older versions refuse to draw.
"""

import re
from collections.abc import Iterator, Sequence

from compiler.policy.source_graph import GraphStep, SharedGraph
from compiler.reporters.graph import words
from compiler.text.visible import visible

_PLAIN = re.compile(r"[\w ./:@()-]", re.ASCII)


def render(graphs: Sequence[SharedGraph]) -> str:
    """One flowchart with a box for each graph; a lone graph has no box."""
    lines = ["flowchart TD"]
    edges = 0
    for number, each in enumerate(graphs):
        lines += _graph(each, f"g{number}n", edges, boxed=f"g{number}" if len(graphs) > 1 else "")
        edges += len(each.graph.steps)
    return "\n".join(lines) + "\n"


def flowchart(shared: SharedGraph, steps: Sequence[GraphStep]) -> list[str]:
    """The lines of a flowchart that has only these steps of a graph, and the rows that they join."""
    return ["flowchart TD", *_graph(shared, "n", 0, steps=steps)]


def _graph(
    shared: SharedGraph, prefix: str, before: int, *, boxed: str = "", steps: Sequence[GraphStep] | None = None
) -> Iterator[str]:
    graph = shared.graph
    drawn = graph.steps if steps is None else steps
    used = {place for step in drawn for place in (step.first, step.second)}
    if boxed:
        heading = f"{words.title(graph)} {words.where(shared)}".rstrip()
        yield f'  subgraph {boxed}["{label(heading)}"]'
    for position, row in enumerate(graph.rows):
        if position in used:
            attempt = "never tried" if row.number is None else f"try {row.number}"
            role = f" ({words.role(row)})" if words.role(row) else ""
            yield f'  {prefix}{position}["{label(f"{attempt}: {row.name}{role}")}"]'
    for step in drawn:
        told = ("not followed: " if step.is_upward else "") + words.some_places(step.places)
        yield f'  {prefix}{step.first} -->|"{label(told)}"| {prefix}{step.second}'
    if boxed:
        yield "  end"
    upward = [str(before + number) for number, step in enumerate(drawn) if step.is_upward]
    if upward:
        yield f"  linkStyle {','.join(upward)} stroke:#cf222e,stroke-width:2px"
    parted = [f"{prefix}{position}" for position, row in enumerate(graph.rows) if row.part and position in used]
    for name in parted:
        yield f"  style {name} stroke:#cf222e"


def label(text: str) -> str:
    """A text for a quoted label, of which nothing is obeyed."""
    shown = "".join(
        character if _PLAIN.fullmatch(character) and character != "_" else f"#{ord(character)};"
        for character in visible(text)
    )
    return shown.replace("://", "#58;//").replace("www.", "www#46;")
