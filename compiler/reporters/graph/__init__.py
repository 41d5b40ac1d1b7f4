"""The formats that `graph` draws in, one module each: graphs of sources in, text out."""

from collections.abc import Callable, Iterable, Sequence

from compiler.policy.source_graph import SharedGraph

FORMATS = ("text", "dot", "mermaid", "json", "svg")
"""What `--format` takes."""


def render(
    name: str,
    graphs: Sequence[SharedGraph],
    *,
    listed: bool = False,
    width: int = 80,
    colour: bool = False,
    locate: Callable[[str], str] = str,
) -> str | Iterable[str]:
    """The graphs in one of `FORMATS`; a picture comes in pieces.

    Args:
        name: The format.
        graphs: What to draw.
        listed: List the graphs in a table instead of drawing each, where the format is for people.
        width: The columns of the terminal.
        colour: Whether to color lines for the terminal.
        locate: Gives for a shown path the one that programs get.
    """
    if name == "dot":
        from compiler.reporters.graph import dot

        return dot.render(graphs)
    if name == "mermaid":
        from compiler.reporters.graph import mermaid

        return mermaid.render(graphs)
    if name == "json":
        from compiler.reporters.graph import json

        return json.render(graphs, locate=locate)
    if name == "svg":
        from compiler.reporters.graph import svg

        return svg.render(graphs)
    from compiler.reporters.graph import text

    return text.table(graphs, colour=colour) if listed else text.render(graphs, width=width, colour=colour)
