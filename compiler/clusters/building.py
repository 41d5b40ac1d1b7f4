"""What is built for a cluster: its kustomizations and charts.

In: a cluster and the tree of files that its sources lie in. Out: what was loaded of all of them together.
"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from compiler.clusters.cluster import Cluster
from compiler.manifests import kustomize
from compiler.manifests.kinds import Manifest
from compiler.manifests.kustomize_work import work_of
from compiler.manifests.load import Loaded
from compiler.repository.paths import posix
from compiler.text.span import Located

if TYPE_CHECKING:
    from compiler.manifests.parsing import Parsed


def build(
    cluster: Cluster,
    tree: kustomize.BuildTree,
    *,
    at: str = ".",
    tracked_only: bool = False,
    known: kustomize.Known | None = None,
) -> Loaded:
    """Build the sources of a cluster.

    Args:
        cluster: Whose sources to build.
        tree: Where they lie.
        at: The folder that their paths count from.
        tracked_only: Refuse what Git does not track.
        known: What was decoded for other clusters of the same tree.
    """
    release = cluster.settings.release
    parts = [
        kustomize.build(
            inside(at, folder.value), folder.span, release, tree=tree, tracked_only=tracked_only, known=known
        )
        for folder in cluster.kustomizations
    ]
    if cluster.charts:
        from compiler.manifests import helm

        for chart in cluster.charts:
            values = [Located(inside(at, value.value), value.span) for value in chart.values]
            place, span = inside(at, chart.folder.value), chart.folder.span
            parts.append(
                helm.build(place, span, values, release, tree=tree, inline=chart.inline, tracked_only=tracked_only)
            )
    return together(parts)


def expect(clusters: Iterable[Cluster], tree: kustomize.BuildTree, *, at: str = ".") -> None:
    """See that all that is going to be built of a tree is not too much together, before anything is.

    Raises:
        TooMuchError: It is.
    """
    among = list(clusters)
    folders = [posix(inside(at, folder.value)) for cluster in among for folder in cluster.kustomizations]
    work_of(tree).expect(folders, charts=sum(len(cluster.charts) for cluster in among))


def inside(folder: str, path: str) -> str:
    """A path that counts from a folder."""
    return path if folder == "." else os.path.join(folder, path)  # noqa: PTH118 - paths go to other programs


def missing(cluster: Cluster, tree: kustomize.BuildTree, *, at: str = ".") -> tuple[str, ...]:
    """The sources of a cluster that do not exist in a tree."""
    folders = (*(each.value for each in cluster.kustomizations), *(each.folder.value for each in cluster.charts))
    return tuple(folder for folder in folders if not tree.is_folder(posix(inside(at, folder))))


def together(parts: list[Loaded]) -> Loaded:
    """What was built in several steps; an object that two of them take from one place is one object."""
    if len(parts) == 1:
        return parts[0]
    known: set[tuple[str, str, int]] = set()

    def is_new(manifest: Manifest) -> bool:
        span = manifest.name.span
        key = (type(manifest).__name__, span.path, span.start)
        if span.file.editable or key not in known:
            known.add(key)
            return True
        return False

    parsed: list[Parsed] = []
    for part in parts:
        for each in part.parsed:
            kept = tuple([manifest for manifest in each.manifests if is_new(manifest)])
            parsed.append(each if len(kept) == len(each.manifests) else each._replace(manifests=kept))
    return Loaded(
        parsed=tuple(parsed),
        problems=tuple(dict.fromkeys(problem for part in parts for problem in part.problems)),
        built_from=tuple(dict.fromkeys(path for part in parts for path in part.built_from)),
    )
