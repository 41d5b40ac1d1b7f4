"""Findings of several clusters: each one once, with the clusters that have it.

In: findings by cluster. Out: findings grouped by the set of clusters they concern, and names of clusters in words.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from compiler.findings.diagnostics import Diagnostic
from compiler.text.wording import joined, some_of

T = TypeVar("T")


class Kinds(Generic[T]):
    """What clusters have, each object once: of clusters that are alike it is the same one, and is looked at once."""

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        self.each: list[T] = []
        self._positions: list[list[int]] = []
        self._clusters: list[str] = []
        self._known: dict[tuple[int, ...], tuple[str, ...]] = {}
        numbers: dict[int, int] = {}
        for position, (cluster, value) in enumerate(items):
            number = numbers.setdefault(id(value), len(self.each))
            if number == len(self.each):
                self.each.append(value)
                self._positions.append([])
            self._positions[number].append(position)
            self._clusters.append(cluster)

    def names(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """The clusters that have some of the objects, in their order; one tuple for the same objects."""
        key = tuple(numbers)
        known = self._known.get(key)
        if known is None:
            positions = sorted(position for number in key for position in self._positions[number])
            known = self._known[key] = tuple(self._clusters[position] for position in positions)
        return known


def gather(findings: Mapping[str, Sequence[Diagnostic]]) -> list[tuple[tuple[str, ...], list[Diagnostic]]]:
    """Findings by cluster, inverted: for each set of clusters the findings that just these have.

    Those of a shared base come once, however many clusters share it. What concerns most clusters comes first.
    """
    first: dict[object, Diagnostic] = {}
    kinds = Kinds(findings.items())
    having: dict[object, dict[int, None]] = {}
    for number, told in enumerate(kinds.each):
        for finding in told:
            key = _identity(finding)
            first.setdefault(key, finding)
            having.setdefault(key, {})[number] = None
    groups: dict[tuple[str, ...], list[Diagnostic]] = {}
    by_kinds: dict[tuple[int, ...], list[Diagnostic]] = {}
    for key, numbers in having.items():
        by_kinds.setdefault(tuple(numbers), []).append(first[key])
    for alike, found in by_kinds.items():
        groups.setdefault(kinds.names(alike), []).extend(found)
    for told in groups.values():
        told.sort(key=lambda finding: finding.sort_key)
    order = {cluster: index for index, cluster in enumerate(findings)}
    return sorted(groups.items(), key=lambda group: (-len(group[0]), [order[cluster] for cluster in group[0]]))


def _identity(finding: Diagnostic) -> object:
    """What makes two findings one; the same file may have been read by several processes."""
    labels = [(label.span.sort_key, label.text) for label in finding.labels]
    return (finding.rule, finding.severity, finding.message, finding.span.sort_key, *labels)


def named(clusters: Sequence[str], of: int) -> str:
    """Some of `of` clusters in words: `north and south`, `all 40 clusters`, `north, south and 38 more`.

    A cluster without a name means files that are part of none, where there are several. Pools of one cluster are named
    in the same way.
    """
    if not any(clusters) and of > 1:
        return "no cluster"
    if len(clusters) == of > 1:
        what = "pools" if all(cluster.startswith("pool ") for cluster in clusters) else "clusters"
        return f"both {what}" if of == 2 else f"all {of} {what}"
    return some_of(clusters, _MOST_NAMED) if len(clusters) > _MOST_NAMED else joined(clusters)


_MOST_NAMED = 5
"""Clusters that are named in one sentence."""
