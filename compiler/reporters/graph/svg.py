"""Graphs as SVG: rows in the order tried, a lane of numbered dots for each list, steps that lead back up in red.

In: graphs. Out: one picture with all of them below each other, or the geometry for a page that draws them itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

from compiler.policy.source_graph import GraphRow, Lane, SharedGraph, SourceGraph, letter
from compiler.reporters import page
from compiler.reporters.graph import words

_ROW = 30
_LANE = 36
_LEFT = 44
_HEAD = 26
_CHARACTER = 7.3
"""Pixels of a character of the monospaced font at 12 pixels, rounded up."""
_LINE = 18
_GAP = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A mirror of a list: where it is, its number in the list, and whether the step to it leads back up."""

    x: int
    y: int
    text: str
    upward: bool
    hollow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnLane:
    """A list's lane: its letter, lines, dots and places in words."""

    letter: str
    x: int
    lines: tuple[str, ...]
    upward_lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    places: str
    broken: bool
    y: int = 0
    """Where its line in the legend is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRow:
    """A row: its number, name and role."""

    y: int
    number: str
    name: str
    role: str
    conflict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The geometry of one graph in pixels; `top` is its offset in a picture of several."""

    title: str
    subtitle: str
    label: str
    rows: tuple[DrawnRow, ...]
    lanes: tuple[DrawnLane, ...]
    names_x: int
    lanes_height: int
    conflicts: tuple[tuple[int, str], ...]
    width: int
    height: int
    top: int = 0


def render(graphs: Sequence[SharedGraph]) -> Iterator[str]:
    """A whole file, in pieces."""
    pictures = []
    top = 0
    for each in graphs:
        drawn = picture(each, top=top)
        pictures.append(drawn)
        top += drawn.height + _GAP
    width = max((each.width for each in pictures), default=320)
    return page.pieces("graph.svg.j2", pictures=pictures, width=width, height=max(top - _GAP, 40))


def picture(shared: SharedGraph, *, top: int = 0) -> Picture:
    """The geometry of a graph."""
    graph = shared.graph
    head = 44 + _HEAD
    lanes_height = head + _ROW * len(graph.rows)
    lanes = tuple(
        _lane(lane, number, head, lanes_height + 8 + _LINE * (number + 1)) for number, lane in enumerate(graph.lanes)
    )
    names_x = _LEFT + _LANE * len(graph.lanes) + 10
    below = lanes_height + 8 + _LINE * (len(lanes) + 1)
    conflicts = tuple((below + _LINE * number, sentence) for number, sentence in enumerate(words.conflicts(graph)))
    rows = tuple(_row(row, head + _ROW * position + _ROW // 2) for position, row in enumerate(graph.rows))
    subtitle = ", ".join(filter(None, (words.size(graph), words.where(shared))))
    wide = [
        *(names_x + _columns(f"{row.name}  {row.role}") * _CHARACTER for row in rows),
        *(40 + _columns(f"{lane.places}  not followed") * _CHARACTER for lane in lanes),
        *(12 + _columns(sentence) * _CHARACTER for _, sentence in conflicts),
        12 + _columns(words.title(graph)) * _CHARACTER * 1.25,
        12 + _columns(subtitle) * _CHARACTER,
    ]
    return Picture(
        title=words.title(graph),
        subtitle=subtitle,
        label=_label(graph),
        rows=rows,
        lanes=lanes,
        names_x=names_x,
        lanes_height=lanes_height,
        conflicts=conflicts,
        width=int(max(wide)) + 16,
        height=below + _LINE * len(conflicts),
        top=top,
    )


def _label(graph: SourceGraph) -> str:
    """The picture in words, for those who do not see it."""
    order = ", ".join(f"{row.number} {row.name}" for row in graph.rows if row.number is not None)
    told = " ".join(f"{sentence}." for sentence in words.conflicts(graph))
    return f"Order of {words.title(graph)}: {order}. {words.size(graph)}. {told}".strip()


def _row(row: GraphRow, y: int) -> DrawnRow:
    return DrawnRow(
        y=y,
        number="-" if row.number is None else str(row.number),
        name=row.name,
        role=words.role(row),
        conflict=bool(row.part),
    )


def _lane(lane: Lane, number: int, head: int, y: int) -> DrawnLane:
    x = _LEFT + _LANE * number + 6
    lines, upward = [], []
    for (first, second), position in zip(pairwise(lane.rows), range(1, len(lane.rows)), strict=True):
        begin, end = (head + _ROW * row + _ROW // 2 for row in (first, second))
        if lane.is_upward(position):
            upward.append(f"M{x} {begin}C{x + 22} {begin + 4} {x + 22} {end - 4} {x} {end}")
        else:
            lines.append(f"M{x} {begin}V{end}")
    return DrawnLane(
        letter=letter(number),
        x=x,
        lines=tuple(lines),
        upward_lines=tuple(upward),
        dots=tuple(_dots(lane, x, head)),
        places=words.places(lane),
        broken=lane.is_broken,
        y=y,
    )


def _dots(lane: Lane, x: int, head: int) -> Iterator[Dot]:
    for row, at in lane.positions.items():
        hollow = lane.ends_in_source and at[-1] == len(lane.rows) - 1
        numbers = at[:-1] if hollow else at
        yield Dot(
            x=x,
            y=head + _ROW * row + _ROW // 2,
            text=",".join(str(position + 1) for position in numbers),
            upward=any(lane.is_upward(position) for position in at),
            hollow=hollow,
        )


def _columns(text: str) -> int:
    """Columns of a monospaced font that a text takes."""
    return sum(2 if east_asian_width(character) in "FW" else 1 for character in text)
