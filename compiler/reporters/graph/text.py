"""Graphs for people at a terminal: a row for each mirror in the order tried, a lane for each list.

     a    b
 1   │    ●1   registry.north.example.com:5000/ocp  conflict
 2   ●2   ●2   mirror.dc1.example.com/ocp  conflict
 3   ▲1   │    mirror.dc2.example.com/ocp
 4   ○    ○    quay.io/ocp  the source

`●2` is the second mirror of a list, `○` the source that every list ends in, `▲` a step that leads back up.
"""

from collections.abc import Iterator, Sequence

from compiler.policy.source_graph import Lane, SharedGraph, letter
from compiler.reporters.graph import words
from compiler.repository.paths import printable
from compiler.text.wording import counted

_RED, _BOLD, _DIM = "1;31", "1", "2"
_SHORTEST_NAME = 30
"""Columns that are left for the names of mirrors; where lanes would take them, the rows are repeated."""
_MOST_CELLS = 200_000
"""Of all lanes that are drawn, each with one for each row: a larger picture is of no use to people."""


def table(graphs: Sequence[SharedGraph], *, colour: bool = False) -> str:
    """A line for each graph: the source, the form of pulls, lists, mirrors, conflict and clusters."""
    if not graphs:
        return "no source has several lists of mirrors\n"
    rows = [("source", "pulls", "lists", "mirrors", "conflict", "clusters")]
    for each in graphs:
        graph = each.graph
        mirrors = sum(not row.is_source for row in graph.rows)
        conflict = "conflict" if graph.has_conflict else "-"
        clusters = words.where(each).removeprefix("in ")
        rows.append((printable(graph.source), graph.form, str(graph.lists), str(mirrors), conflict, clusters))
    if not any(row[-1] for row in rows[1:]):
        rows = [(*row[:-1], "") for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if place in {2, 3} else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        cells[4] = _painted(cells[4], _RED, colour=colour and row[4] == "conflict" and row is not rows[0])
        lines.append("  ".join(cells).rstrip())
    return "".join(f"{line}\n" for line in lines)


def render(graphs: Sequence[SharedGraph], *, width: int = 80, colour: bool = False) -> str:
    """Each graph with its lanes, a blank line between them."""
    left = _MOST_CELLS
    drawn = []
    for each in graphs:
        most = max(left // max(len(each.graph.rows), 1), 1)
        drawn.append("\n".join(_graph(each, max(width, 40), most, colour=colour)))
        left = max(left - len(each.graph.rows) * min(most, len(each.graph.lanes)), 0)
    return "\n\n".join(drawn) + "\n" if drawn else "no source has several lists of mirrors\n"


def _graph(shared: SharedGraph, width: int, most: int, *, colour: bool) -> Iterator[str]:
    """The lines of a graph, with the first of its lanes where these are more than `most`."""
    graph = shared.graph
    where = words.where(shared)
    yield _painted(printable(words.title(graph)), _BOLD, colour=colour) + (f"  {where}" if where else "")
    yield f"  {words.size(graph)}"
    digits = len(str(len(graph.rows)))
    cells = [_cells(lane, len(graph.rows)) for lane in graph.lanes[:most]]
    wide = max(max(len(cell) for lane in cells for cell in lane) + 1, len(letter(len(cells) - 1)) + 1)
    fitting = max(1, (width - _SHORTEST_NAME - digits - 4) // wide)
    for block in _blocks(len(cells), fitting):
        yield ""
        yield _painted(
            f"  {'':{digits}}  " + "".join(f"{letter(number):<{wide}}" for number in block).rstrip(),
            _DIM,
            colour=colour,
        )
        for position, row in enumerate(graph.rows):
            attempt = "-" if row.number is None else str(row.number)
            drawn = "".join(
                _painted(cells[lane][position], _RED, colour=colour and "▲" in cells[lane][position])
                + " " * (wide - len(cells[lane][position]))
                for lane in block
            )
            role = words.role(row)
            said = _painted(f"  {role}", _RED if row.part else _DIM, colour=colour) if role else ""
            yield f"  {attempt:>{digits}}  {drawn} {printable(row.name)}{said}"
    yield ""
    if len(cells) < len(graph.lanes):
        others = counted(len(graph.lanes) - len(cells), "more lane")
        yield f"  There are {others} than are drawn here; --format svg has all of them."
    for number, lane in enumerate(graph.lanes):
        broken = _painted("  not followed", _RED, colour=colour) if lane.is_broken else ""
        yield f"  {letter(number):<{len(letter(len(graph.lanes) - 1))}}  {words.places(lane)}{broken}"
    for sentence in words.conflicts(graph):
        yield _painted(f"  {printable(sentence)}", _RED, colour=colour)


def _blocks(lanes: int, fitting: int) -> Iterator[range]:
    """The numbers of lanes that are drawn side by side."""
    for start in range(0, lanes, fitting):
        yield range(start, min(start + fitting, lanes))


def _cells(lane: Lane, rows: int) -> list[str]:
    """What a lane shows in each row: the places in the list, a line that passes, or nothing outside the lane."""
    first, last = min(lane.rows), max(lane.rows)
    cells = ["│" if first < row < last else "" for row in range(rows)]
    for row, at in lane.positions.items():
        upward = any(lane.is_upward(position) for position in at)
        ends = lane.ends_in_source and at[-1] == len(lane.rows) - 1
        numbers = ",".join(str(position + 1) for position in (at[:-1] if ends else at))
        cells[row] = ("▲" if upward else "○" if ends else "●") + numbers
    return cells


def _painted(text: str, style: str, *, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour and text else text
