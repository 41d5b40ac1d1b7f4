"""Where the configuration and the repo differ about what a cluster gets.

In: the clusters of a configuration with what was loaded of them, and the layout of the repo. Out: a finding for each
cluster that gets other manifests by its kustomization, or by the pointers of the repo, than by the configuration.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from compiler.clusters.cluster import Cluster
from compiler.clusters.config import NAME
from compiler.clusters.found import ClusterReading, Found, is_below, reach
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.text.wording import some_of, ticked

if TYPE_CHECKING:
    from compiler.clusters.applied import Applied, Part

_MOST_NAMED = 20
"""Files that a finding names on each side."""


def findings(
    clusters: Sequence[Cluster], readings: Sequence[ClusterReading], found: Found
) -> Iterator[tuple[int, Diagnostic]]:
    """Each finding with the position of its cluster."""
    real = _Real(found)
    agreed: set[int] = set()
    if found.may_point:
        yield from _other_pointers(readings, found, real, agreed)
    for index, reading in enumerate(readings):
        if index not in agreed and not clusters[index].is_built:
            yield from ((index, each) for each in _other_kustomization(reading, found, real))


def _other_pointers(
    readings: Sequence[ClusterReading], found: Found, real: "_Real", agreed: set[int]
) -> Iterator[tuple[int, Diagnostic]]:
    """What differs by the pointers; `agreed` gets the clusters that they give the same manifests."""
    from compiler.clusters.layout import pointed

    applied = pointed(found)
    by_name = {each.name: index for index, each in enumerate(readings)}
    known = by_name.keys() & applied.clusters.keys()
    for name, parts in applied.clusters.items():
        index = by_name.get(name)
        wanted = real.of(path for part in parts for path in part.manifests)
        if index is not None:
            have = real.of(readings[index].manifests)
            if wanted == have or any(part.chart is not None for part in parts):
                agreed.add(index)
            else:
                yield index, _other_source(readings[index], parts, wanted, have, real)
        elif applied.claims_all and not any(wanted == real.of(each.manifests) for each in readings):
            yield 0, _no_cluster(name, parts)
    if applied.claims_all and known:
        yield from _no_longer(readings, applied)


class _Real:
    """Manifests by the file that they really are: a link counts as what it leads to."""

    def __init__(self, found: Found) -> None:
        self._links = found.links

    def of(self, paths: Iterable[str]) -> frozenset[str]:
        return frozenset(self._links.get(path, path) for path in paths)


def _other_source(
    reading: ClusterReading, parts: "Sequence[Part]", wanted: AbstractSet[str], have: AbstractSet[str], real: _Real
) -> Diagnostic:
    """The pointers of a cluster give it other manifests."""
    differing = [part for part in parts if not real.of(part.manifests) <= have]
    part = (differing or list(parts))[0]
    message = f"{part.pointer.kind} gives `{reading.name}` other manifests than {NAME}: {_sides(wanted, have)}"
    labels = (Label(span=reading.at, text=f"{NAME} names the sources here"),) if reading.at else ()
    return rules.SOURCES_DIFFER.at(
        part.pointer.span,
        message,
        help=f"Change the sources of `{reading.name}` in {NAME}; `mirrorc init --print` shows what the repo applies.",
        labels=labels,
    )


def _sides(wanted: AbstractSet[str], have: AbstractSet[str]) -> str:
    more, less = sorted(wanted - have), sorted(have - wanted)
    parts = [f"only the former has {some_of(ticked(more), _MOST_NAMED)}"] if more else []
    parts += [f"only the latter has {some_of(ticked(less), _MOST_NAMED)}"] if less else []
    return "; ".join(parts)


def _no_cluster(name: str, parts: "Sequence[Part]") -> Diagnostic:
    part = next((each for each in parts if each.manifests), parts[0])
    folder = part.pointer.source.folder or "."
    return rules.UNCLAIMED_MANIFEST.at(
        part.pointer.span,
        f"{part.pointer.kind} gives mirror manifests to `{name}` from `{folder}`, and {NAME} has no such cluster",
        help=f"Add the cluster to {NAME}; `mirrorc init --print` shows it.",
    )


def _no_longer(readings: Sequence[ClusterReading], applied: "Applied") -> Iterator[tuple[int, Diagnostic]]:
    """Clusters of which the pointers know nothing, while they know others."""
    for index, reading in enumerate(readings):
        if reading.name and reading.name not in applied.clusters and reading.at is not None and reading.manifests:
            yield (
                index,
                rules.SOURCES_DIFFER.at(
                    reading.at,
                    f"no Application, ApplicationSet or Flux Kustomization gives `{reading.name}` these manifests",
                    help=f"If the cluster is gone, remove it from {NAME}.",
                ),
            )


def _other_kustomization(reading: ClusterReading, found: Found, real: _Real) -> Iterator[Diagnostic]:
    """Folders that are read without a build, whose kustomizations apply other files."""
    folders = sorted(
        folder
        for folder, kustomization in found.by_folder.items()
        if not kustomization.component and any(is_below(f"{folder}/", place) for place in reading.folders)
    )
    reached = {folder: made for folder in folders if (made := reach(folder, found)) is not None}
    listed = real.of(path for each in reached.values() for path in each.manifests)
    have = real.of(reading.manifests)
    told: set[str] = set()
    for folder in folders:
        inside = {path for path in have if is_below(path, folder)}
        more = real.of(reached[folder].manifests) - have - told
        less = inside - listed - told
        if not more and not less:
            continue
        told |= more | less
        place = max((each for each in reading.folders if is_below(f"{folder}/", each)), key=len)
        message = f"the paths of `{reading.name}` and the kustomization in `{folder or '.'}` differ"
        if not reading.name:
            message = f"the paths and the kustomization in `{folder or '.'}` differ"
        parts = [f"only the kustomization has {some_of(ticked(sorted(more)), _MOST_NAMED)}"] if more else []
        parts += [f"only the paths have {some_of(ticked(sorted(less)), _MOST_NAMED)}"] if less else []
        yield rules.SOURCES_DIFFER.at(
            reading.folders[place],
            f"{message}: {'; '.join(parts)}",
            help=f"Write `kustomization: {folder or '.'}` instead, so that mirrorc builds what is applied.",
        )
