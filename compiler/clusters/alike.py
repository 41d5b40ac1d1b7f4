"""Clusters that are made of the same: what is made of one of them is true of each.

In: clusters with what was loaded of each. Out: which of them are alike. The same files are the very same objects: those
with equal contents are several, since findings name them.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Protocol, TypeVar

from compiler.clusters.cluster import Cluster
from compiler.findings.diagnostics import Diagnostic
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import Parsed
from compiler.policy.settings import Settings

_Item = TypeVar("_Item")


class ReadFiles(Protocol):
    """What was read of a cluster, or of one side of a comparison."""

    @property
    def parsed(self) -> tuple[Parsed, ...]:
        """The files."""

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What could not be read."""


def kind_of(settings: Settings, *read: ReadFiles) -> Hashable:
    """What is equal in clusters that are alike: files, problems and values count by identity, the rest by value."""
    return (
        *(settings.release.name, settings.version, settings.pools, settings.release_image, settings.machine_config),
        *(settings.name, settings.payload_policy, settings.namespace, settings.allow_empty, settings.release_chosen),
        tuple(sorted(settings.severities.items())),
        id(settings.values) if settings.values else 0,
        *(tuple(map(id, each.parsed)) for each in read),
        *(tuple(map(id, each.problems)) for each in read),
    )


def grouped(items: Iterable[tuple[Hashable, _Item]]) -> list[list[_Item]]:
    """Items of one kind together, in order of the first of each kind."""
    groups: dict[Hashable, list[_Item]] = {}
    for kind, item in items:
        groups.setdefault(kind, []).append(item)
    return list(groups.values())


def alike(work: Sequence[tuple[Cluster, Loaded]]) -> list[list[int]]:
    """The groups of clusters that are alike, each as the numbers of its clusters, by the first."""
    return grouped((kind_of(cluster.settings, loaded), number) for number, (cluster, loaded) in enumerate(work))
