"""`mirrorc report`."""

import sys
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

import click

from compiler.commands.command import Command, Option
from compiler.commands.common import (
    exit_code,
    fail,
    progress,
    standard_input,
    tell_alternatives,
    tell_inferred,
    tell_skipped,
)
from compiler.commands.completing import FILE
from compiler.commands.options import choose_clusters, cluster_options, paths_argument, tracked_only

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compiler.checks.inspection import ClusterView
    from compiler.clusters.cluster import Cluster
    from compiler.diff.comparison import Comparison
    from compiler.explain.consumers import Pullers
    from compiler.images.load import LoadedImages
    from compiler.images.survey import SurveyedImage
    from compiler.machine.memo import Forgetful
    from compiler.manifests.load import Loaded
    from compiler.policy.analysis import Analysis
    from compiler.reporters.report.facts import ClusterFacts, Gatherer
    from compiler.reporters.report.html import Link


@click.command(
    cls=Command,
    examples=(
        ("Write a page about the clusters of .mirrorc.yaml", "mirrorc report -o report.html"),
        ("Show the change against a branch too", "mirrorc report --base main -o report.html"),
        (
            "Link places to the lines on GitHub",
            "mirrorc report --link-base https://git.example.com/repo/blob/main -o page.html",
        ),
    ),
)
@paths_argument
@Option.of(
    "--base",
    metavar="REV",
    help="Git revision to compare the manifests with.",
    group="Input",
)
@Option.of("--no-images", is_flag=True, help="Do not look for the images of workloads.", group="Input")
@Option.of(
    "-o",
    "--output",
    metavar="FILE",
    type=FILE,
    help="Write the page to FILE.  [default: standard output]",
    group="Output",
)
@Option.of(
    "--link-base",
    metavar="URL",
    help="Make each file and line a link to URL/PATH#LLINE.",
    group="Output",
)
@cluster_options
def command(
    paths: tuple[str, ...],
    base: str | None,
    no_images: bool,  # noqa: FBT001 - click passes it by name
    output: str | None,
    link_base: str | None,
) -> None:
    """Write one HTML page about the clusters, their mirrors, images and findings.

    The page needs no network and no other file, so that it can be opened from a disk or published by a pipeline. It
    has no time stamp: the same repo gives the same bytes.
    """
    from compiler.checks.inspection import inspect
    from compiler.clusters.alike import grouped, kind_of
    from compiler.clusters.homes import settled
    from compiler.clusters.loading import load_repo
    from compiler.clusters.multiplied import check_worked_out
    from compiler.clusters.workspace import beside
    from compiler.commands.answer import give
    from compiler.machine.processes import spread
    from compiler.reporters.report.html import PageReport, render

    link = _link(link_base)
    clusters = own = choose_clusters(paths)
    if base is not None and "-" in paths:
        message = "--base compares with a revision: do not use it with standard input."
        raise click.UsageError(message)
    repo = load_repo(clusters, standard_input=standard_input(clusters), progress=progress())
    tell_alternatives(clusters, repo.clusters)
    tell_inferred(repo)
    clusters = list(repo.clusters)
    tell_skipped(link_ for each in repo.loaded for link_ in each.skipped)
    home = settled(clusters, repo)
    clusters = list(home.clusters)
    found = _load_images(paths) if not no_images else None
    pairs = list(zip(clusters, home.loaded, strict=True))
    check_worked_out((cluster.settings, loaded) for cluster, loaded in pairs)
    work = grouped((kind_of(cluster.settings, loaded), (cluster, loaded)) for cluster, loaded in pairs)
    if found is not None and found.references:  # what answers for pulls is too large to be passed on
        looked_at = _look_at(work, pulled=True)
    else:
        looked_at = spread(_look_at, work, least=_FEWEST_FOR_HELP)
    of_cluster = {told.name: (told, each) for each in looked_at for told in each.facts}
    facts = [of_cluster[cluster.name][0] for cluster in clusters]
    views = {cluster.name: of_cluster[cluster.name][1].view for cluster in clusters}
    answering = ((name, of_cluster[name][1].pullers) for name in views)
    pullers = [(name, pulls) for name, pulls in answering if pulls is not None]
    inspection = inspect(views, beside=beside(repo.account, clusters))
    images, served = _surveyed(pullers, found) if found is not None else (None, {})
    comparisons, base_label = _compared(base, own) if base is not None else (None, "")
    page = render(
        PageReport(
            facts=facts,
            inspection=inspection,
            revision=_revision(),
            images=images,
            unresolved=len(found.unresolved) if found is not None else 0,
            served=served,
            comparisons=comparisons,
            base=base_label,
            unread=repo.account.unread_words,
            link=link,
        )
    )
    give(page, output)
    sys.exit(exit_code(inspection.diagnostics))


_FEWEST_FOR_HELP = 50
"""Clusters worth their own process: below, starting it costs more than it saves."""


class _LookedAt(NamedTuple):
    """What the page says of each of some clusters that are alike; `pullers` where it says of images too."""

    facts: "list[ClusterFacts]"
    view: "ClusterView"
    pullers: "Pullers | None"


def _look_at(work: "Sequence[Sequence[tuple[Cluster, Loaded]]]", *, pulled: bool = False) -> list[_LookedAt]:
    from compiler.checks.inspection import view
    from compiler.machine.memo import FORGETFUL, Memo
    from compiler.policy.analysis import analyse
    from compiler.reporters.report.facts import Gatherer

    memo = Memo() if len(work) > 1 else FORGETFUL
    gatherer = Gatherer()
    made = []
    for alike in work:
        first, loaded = alike[0]
        analysis = analyse(loaded.parsed, first.settings, loaded.problems, memo=memo)
        facts = list(_facts(gatherer, [cluster for cluster, _ in alike], analysis, memo))
        made.append(_LookedAt(facts, view(analysis, first.settings), _pullers(analysis) if pulled else None))
    return made


def _link(link_base: str | None) -> "Link":
    """What gives the address of a line."""
    if link_base is None:
        return lambda path, line: ""
    if urlsplit(link_base).scheme not in {"http", "https"}:
        message = f"--link-base needs an http or https URL; found `{link_base}`."
        raise click.UsageError(message)
    from compiler.commands.answer import Locator

    locate = Locator()
    start = link_base.rstrip("/")

    def link(path: str, line: int) -> str:
        located = locate(path)
        # Standard input and files outside the repo have no address.
        return "" if located.startswith(("/", "<")) else f"{start}/{quote(located)}#L{line}"

    return link


def _facts(
    gatherer: "Gatherer", clusters: "Sequence[Cluster]", analysis: "Analysis", memo: "Forgetful"
) -> "Iterator[ClusterFacts]":
    """The facts of clusters that are alike, with how many of the rendered files are stale where a build wrote some."""
    from dataclasses import replace

    from compiler.policy.artifact_names import can_make
    from compiler.policy.artifacts import compile_analysis
    from compiler.repository.output_folder import OutputError, opened

    settings = clusters[0].settings
    facts = gatherer.gather("", settings.release.name, analysis)
    files: Mapping[str, bytes] | None = None
    for cluster in clusters:
        stale, problem = None, ""
        try:
            with opened(cluster.output, writing=False, makes=can_make) as folder:
                made = folder.made()
            if made is not None and analysis.ok:
                files = compile_analysis(analysis, settings, memo=memo).files if files is None else files
                stale = sum(made.get(name) != files.get(name) for name in made.keys() | files.keys())
            elif made is not None:
                problem = "not built: errors"
        except OutputError:
            problem = "cannot be read"
        yield replace(facts, name=cluster.name, stale=stale, problem=problem)


def _pullers(analysis: "Analysis") -> "Pullers":
    from compiler.explain.consumers import Pullers

    return Pullers.of_analysis(analysis)


def _load_images(paths: tuple[str, ...]) -> "LoadedImages":
    """The images that the repo's workloads name."""
    from compiler.images.load import load_images

    on_disk = [path for path in paths if path != "-"] or ["."]
    return load_images(on_disk, tracked_only=tracked_only(), progress=progress())


def _surveyed(
    pullers: "list[tuple[str, Pullers]]", loaded: "LoadedImages"
) -> "tuple[tuple[SurveyedImage, ...], Mapping[tuple[str, tuple[str, ...]], str]]":
    """The status of each image, and where a pull of those that the page shows is tried first."""
    from compiler.explain.judge import Status
    from compiler.images.survey import judges_of, survey
    from compiler.reporters.report.html import MOST_IMAGES

    images = survey(loaded.references, judges_of(pullers))
    known = dict(pullers)
    served = {}
    for image in images[:MOST_IMAGES]:
        for names, standing in image.standings:
            if standing.status is Status.MIRRORED:
                explanation = known[names[0]].of(image.consumer).explain_image(image.text)
                served[image.text, names] = explanation.steps[0].attempt.reference if explanation.steps else ""
    return images, served


def _compared(base: str, clusters: "Sequence[Cluster]") -> "tuple[list[tuple[str, Comparison]], str]":
    """Every cluster's comparison with the revision, and what reports call that."""
    from compiler.commands.diff import compare_clusters
    from compiler.diff.disruption import UpdateFailsError
    from compiler.diff.names import SideError, name_revision, open_repository, required, work_tree
    from compiler.diff.revisions import SideReader
    from compiler.diff.views import IncomparableError

    try:
        repository = open_repository()
        old = name_revision(base, required(repository))
        with SideReader(repository, bytes, progress()) as reader:
            return compare_clusters(reader, old, work_tree(), list(clusters), (), None, prune=True), old.label
    except (SideError, IncomparableError, UpdateFailsError) as error:
        fail(str(error), error.help)


def _revision() -> str:
    """The commit that the working tree is based on; empty outside Git or before the first commit."""
    from compiler.diff.names import SideError, name_revision, open_repository

    try:
        repository = open_repository()
        return name_revision("HEAD", repository).label if repository is not None else ""
    except SideError:
        return ""
