"""Splits the sides of a comparison without a configuration, where sibling folders define the same objects.

In: both sides of one cluster. Out: a pair of sides for each group of files in either.
"""

import posixpath
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from compiler.clusters.alternatives import FileContent, content, find
from compiler.clusters.cluster import Cluster, is_below
from compiler.diff.names import WORK_TREE, Kind, Name
from compiler.diff.sides import Manifests, Side
from compiler.manifests.parsing import Parsed
from compiler.repository.paths import posix, printable


def grouped(
    cluster: Cluster, names: tuple[Name, Name], sides: tuple[Side, Side]
) -> list[tuple[Cluster, tuple[Side, Side]]]:
    """A cluster for each group of files with its part of the sides.

    A side that is not a tree of files is part of all groups.
    """
    places = [_folder(name) for name in names]
    files: dict[str, FileContent] = {}
    for place, side in zip(places, sides, strict=True):
        for parsed in side.parsed if isinstance(side, Manifests) and place is not None else ():
            if parsed.manifests:
                path = parsed.file.path.removeprefix(place or "")
                before = files.get(path, FileContent())
                now = content(parsed.manifests)
                files[path] = FileContent(before.objects | now.objects, before.sources | now.sources)
    groups = find(files)
    every = frozenset(folder for group in groups.each for folder in group.folders)
    if not groups.each:
        return [(cluster, (_without(sides[0], places[0], groups.copies), _without(sides[1], places[1], groups.copies)))]
    made = []
    for group in groups.each:
        others = (every - {*group.folders}) | groups.copies
        pair = (_without(sides[0], places[0], others), _without(sides[1], places[1], others))
        made.append((cluster.without(others, name=group.name), pair))
    return made


def _folder(name: Name) -> str | None:
    """What the shown paths of a side's files begin with; None where it is not a tree of files."""
    if name.kind is Kind.REVISION:
        return ""
    if name.kind is not Kind.FOLDER:
        return None
    return "" if name.place == WORK_TREE else posixpath.join(printable(posix(name.place)), "")


def _without(side: Side, place: str | None, others: AbstractSet[str]) -> Side:
    if not isinstance(side, Manifests) or place is None or not others:
        return side

    def is_left(path: str) -> bool:
        return is_below(path.removeprefix(place), others)

    def kept(files: Sequence[Parsed]) -> tuple[Parsed, ...]:
        return tuple([parsed for parsed in files if not is_left(parsed.file.path)])

    return replace(
        side,
        parsed=kept(side.parsed),
        searched=kept(side.searched),
        problems=tuple([problem for problem in side.problems if not is_left(problem.path)]),
    )
