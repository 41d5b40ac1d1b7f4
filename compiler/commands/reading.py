"""Reads a repo for findings: `check` does it, and so does `build --with-checks`.

In: the clusters of a run. Out: what was loaded of them and searched beside them, with what no cluster reads.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from compiler.commands.common import progress, tell_alternatives, tell_inferred, tell_skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.clusters.homes import Settled
    from compiler.clusters.loading import Repo
    from compiler.clusters.workspace import Workspace
    from compiler.manifests.load import Loaded


class RepoReading(NamedTuple):
    """What was read: for a build the files of each cluster, for findings also what lies beside them."""

    repo: "Repo"
    found: "Callable[[], Settled]"
    workspace: "Workspace"


def read(clusters: "Sequence[Cluster]", piped: bytes, *, every: bool, show_files: bool = False) -> RepoReading:
    """Read the files of clusters, and say what was inferred and skipped.

    Args:
        clusters: Those of the run.
        piped: What a path `-` means.
        every: They are all clusters of a configuration: what none of them reads is looked for too.
        show_files: Search documentation, tests and program source too.
    """
    from compiler.clusters.homes import settled
    from compiler.clusters.loading import load_repo, load_repo_and, searched_folder
    from compiler.clusters.workspace import Workspace
    from compiler.repository.paths import is_kustomization

    top = searched_folder(clusters) if every else ""
    if top:
        from compiler.clusters.sightings import WORDS, objects_of

        repo, discovery, outcomes = load_repo_and(
            [top],
            objects_of,
            clusters,
            words=WORDS,
            tracked_only=any(cluster.tracked_only for cluster in clusters),
            standard_input=piped,
            progress=progress(),
            every=show_files,
        )
    else:
        repo = load_repo(clusters, standard_input=piped, progress=progress(), every=show_files)
    loaded: Sequence[Loaded] = repo.loaded
    tell_alternatives(clusters, repo.clusters)
    if top and (
        any(outcomes)
        or any(is_kustomization(each.path) for each in repo.kustomizations)
        or any(outcome or is_kustomization(each.path) for each, outcome in repo.searched if not each.aside)
    ):
        from compiler.clusters.unclaimed import layout_of, scan_of, with_unclaimed

        loaded = with_unclaimed(clusters, loaded, scan_of(clusters, repo, layout_of(clusters, discovery, outcomes)))
    tell_inferred(repo)
    tell_skipped(link for each in repo.loaded for link in each.skipped)
    seen = settled(repo.clusters, repo, loaded)
    workspace = Workspace(
        clusters=seen.clusters,
        loaded=seen.loaded,
        account=repo.account,
        homes=seen.records,
        survey=_is_survey(repo.clusters),
        is_found=_is_survey(clusters),
        pipelines=_of_pipelines(repo),
        strays=discovery.temporary if top else (),
        is_archived=repo.is_archived,
    )
    # A check alone has no use for what a build writes.
    found = cache(lambda: seen if loaded is repo.loaded else settled(repo.clusters, repo))
    return RepoReading(repo, found, workspace)


def _of_pipelines(repo: "Repo") -> "Sequence[str]":
    """The mirror sets of Konflux pipelines, which are read for no cluster."""
    from compiler.machine.memo import distinct
    from compiler.manifests.konflux import is_konflux

    read = (parsed.file.path for files in distinct(each.parsed for each in repo.loaded) for parsed in files)
    searched = (candidate.path for candidate, _ in repo.searched if not candidate.aside)
    return sorted({*filter(is_konflux, read), *filter(is_konflux, searched)})


def _is_survey(clusters: "Sequence[Cluster]") -> bool:
    """Whether a single folder was named and nothing says for which clusters its files are."""
    (first, *others) = clusters
    return not others and not first.name and not first.configuration and [*map(_is_folder, first.paths)] == [True]


def _is_folder(path: str) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - the names are texts
