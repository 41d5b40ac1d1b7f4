"""Findings of several clusters: each one once, with the clusters that have it.

In: findings by cluster. Out: findings grouped by the set of clusters they concern, and names of clusters in words.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from compiler.findings.diagnostics import Diagnostic
from compiler.text.wording import joined, some_of


def gather(
    findings: Mapping[str, Sequence[Diagnostic]], alike: Mapping[str, str] = MappingProxyType({})
) -> list[tuple[tuple[str, ...], list[Diagnostic]]]:
    """Findings by cluster, inverted: for each set of clusters the findings that just these have.

    Those of a shared base come once, however many clusters share it. What concerns most clusters comes first.

    Args:
        findings: By cluster.
        alike: Clusters with the same findings, each with the one of them that `findings` has.
    """
    first: dict[object, Diagnostic] = {}
    clusters_of: dict[object, dict[str, None]] = {}
    for cluster, told in findings.items():
        for finding in told:
            key = _identity(finding)
            first.setdefault(key, finding)
            clusters_of.setdefault(key, {})[cluster] = None
    groups: dict[tuple[str, ...], list[Diagnostic]] = {}
    for key, clusters in clusters_of.items():
        groups.setdefault(tuple(clusters), []).append(first[key])
    for told in groups.values():
        told.sort(key=lambda finding: finding.sort_key)
    order = {cluster: index for index, cluster in enumerate({**alike, **dict.fromkeys(findings)})}
    members: dict[str, list[str]] = {}
    for cluster in order:
        members.setdefault(alike.get(cluster, cluster), []).append(cluster)
    told_of = [
        (tuple(sorted((each for first in clusters for each in members[first]), key=order.__getitem__)), told)
        for clusters, told in groups.items()
    ]
    return sorted(told_of, key=lambda group: (-len(group[0]), [order[cluster] for cluster in group[0]]))


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
