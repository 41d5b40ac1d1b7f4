"""The sides of a comparison for each reading of the templates in them, since branches exclude each other.

In: both sides of every cluster of a run. Out: the same, and a pair for every further reading in which a template has
another branch.
"""

from collections.abc import Sequence
from dataclasses import replace

from compiler.clusters.cluster import Cluster
from compiler.diff.sides import Manifests, Side
from compiler.manifests.parsing import readings

Pairs = list[tuple[Cluster, tuple[Side, Side]]]


def each_reading(pairs: Pairs) -> list[Pairs]:
    """For each cluster its pairs, the first of which is that of the first branches."""
    return [
        [(cluster, sides) for sides in zip(*_of_equal_length(list(map(_readings, pair))), strict=True)]
        for cluster, pair in pairs
    ]


def _readings(side: Side) -> list[Side]:
    if not isinstance(side, Manifests):
        return [side]
    return [replace(side, parsed=parsed) for parsed in readings(side.parsed)]


def _of_equal_length(sides: Sequence[list[Side]]) -> list[list[Side]]:
    most = max(map(len, sides))
    return [[each[min(at, len(each) - 1)] for at in range(most)] for each in sides]
