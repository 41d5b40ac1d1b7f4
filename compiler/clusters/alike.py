"""Clusters of which everything is the same but the name and the place: what is compiled for one is right for all.

In: clusters with what was loaded of each. Out: the groups of those that are alike.
"""

from collections.abc import Hashable, Sequence

from compiler.clusters.cluster import Cluster
from compiler.manifests.load import Loaded
from compiler.policy.settings import Settings


def alike(work: Sequence[tuple[Cluster, Loaded]]) -> list[list[int]]:
    """The groups of clusters that are alike, each as the numbers of its clusters, by the first.

    The same files are the very same objects: those with equal contents are several, since findings name them.
    """
    groups: dict[Hashable, list[int]] = {}
    settings: dict[Hashable, int] = {}
    parsed: dict[tuple[int, ...], int] = {}
    known: dict[int, int] = {}
    for number, (cluster, loaded) in enumerate(work):
        files = known.get(id(loaded.parsed))
        if files is None:
            files = known[id(loaded.parsed)] = parsed.setdefault(tuple(map(id, loaded.parsed)), len(parsed))
        chosen = settings.setdefault(_choices(cluster.settings), len(settings))
        groups.setdefault((files, chosen, *map(id, loaded.problems)), []).append(number)
    return list(groups.values())


def _choices(settings: Settings) -> Hashable:
    """All that an analysis depends on; values of placeholders have been put into the files."""
    return (
        settings.release.name,
        settings.version,
        settings.pools,
        settings.release_image,
        tuple(sorted(settings.severities.items())),
        settings.machine_config,
        settings.name,
        settings.payload_policy,
        settings.namespace,
        settings.allow_empty,
        settings.release_chosen,
    )
