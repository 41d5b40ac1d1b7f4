"""`mirrorc images`."""

import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from compiler.commands.common import exit_code, fail, piped, progress, tell, terminal_width
from compiler.commands.completing import FILE
from compiler.commands.console import say, wants_colour
from compiler.commands.options import (
    choose_clusters,
    cluster_options,
    format_option,
    namespace_option,
    paths_argument,
    report_option,
    tracked_only,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.explain.explanation import Explainer
    from compiler.explain.judge import Judge
    from compiler.images.findings import ImageFindings
    from compiler.images.load import LoadedImages
    from compiler.images.survey import SurveyedImage
    from compiler.images.workloads import UnresolvedImage


@click.command()
@paths_argument
@click.option(
    "--from",
    "lists",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="Check the images listed in FILE, one per line, instead of workloads; `-` is standard input (repeatable).",
)
@click.option(
    "--repo", "repos", metavar="PATH", multiple=True, type=FILE, help="Path of the mirror manifests (repeatable)."
)
@click.option(
    "--registries-conf",
    "conf_files",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="Check images against this registries.conf or MachineConfig (repeatable: drop-ins, policy.json).",
)
@namespace_option
@click.option("--require", type=click.Choice(["mirrored"]), help="Exit 1 if an image is not mirrored.")
@format_option
@report_option
@cluster_options
def command(
    paths: tuple[str, ...],
    lists: tuple[str, ...],
    repos: tuple[str, ...],
    conf_files: tuple[str, ...],
    namespace: str,
    require: str | None,
    format_: str | None,
    output: str | None,
) -> None:
    """Say for each image of the repo what a pull would do.

    Images are those that the workloads in PATHs name: pod templates of every kind, catalogs, operator bundles and
    the like. The mirror manifests are those of the configured clusters; without a configuration they are looked for
    in PATHs too, or in the --repo paths.

    One that is meant to be is kept by a comment on its line or the line above:
    `# mirrorc: allow image-not-mirrored -- reason`.
    """
    from compiler.commands.answer import give, give_flaws
    from compiler.images.findings import diagnose
    from compiler.images.survey import survey
    from compiler.repository.files import is_stream

    if conf_files and repos:
        raise click.UsageError(
            "--repo and --registries-conf cannot be used together: check images against one of them."
        )
    if lists and paths:
        raise click.UsageError("--from replaces PATHs: give the mirror manifests with --repo.")
    # The answer as text and as JSON is a table of images, which has no place for them.
    flaws = None if format_ in {None, "text", "json"} else partial(give_flaws, format_=format_, output=output)
    # Nothing is read of a repo where a file takes its place; what is configured of severities counts all the same.
    clusters = choose_clusters(("-",) if conf_files else repos, flaws=flaws)
    if paths and not repos and not conf_files and len(clusters) == 1 and not clusters[0].name:
        clusters = [clusters[0].over(tuple(path for path in paths if not is_stream(path)) or (".",))]
    explainers, reliable = _explainers(clusters, conf_files, namespace)
    loaded = _load(paths, lists, tracked_only=tracked_only())
    surveyed = _Surveyed(
        images=survey((reference for each in loaded for reference in each.references), _judges(explainers)),
        unresolved=[place for each in loaded for place in each.unresolved],
        files=tuple(path for each in loaded for path in each.files),
        clusters=len(explainers),
    )
    findings = diagnose(
        surveyed.images,
        surveyed.unresolved,
        allowances=[allowance for each in loaded for allowance in each.allowances],
        others=[problem for each in loaded for problem in each.problems],
        severities={cluster.name: cluster.settings.severities for cluster in clusters},
        required=require is not None,
        errors_only=format_ in {None, "text", "json"},
    )
    give(_report(format_ or "text", surveyed, findings, colour=output is None and wants_colour(sys.stdout)), output)
    code = exit_code(findings.diagnostics)
    sys.exit(code if reliable else max(code, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surveyed:
    """What was looked at, and how it stands."""

    images: "Sequence[SurveyedImage]"
    unresolved: "Sequence[UnresolvedImage]"
    files: tuple[str, ...]
    clusters: int


def _explainers(
    clusters: "list[Cluster]", conf_files: tuple[str, ...], namespace: str
) -> "tuple[list[tuple[str, Explainer]], bool]":
    from compiler.commands.nodes import of_clusters, of_files

    if conf_files:
        return [(clusters[0].name, of_files(conf_files, namespace))], True
    return of_clusters(clusters, namespace)


def _report(format_: str, surveyed: _Surveyed, findings: "ImageFindings", *, colour: bool) -> str:
    """The answer; people are told beside it of what the table has no place for."""
    from compiler.commands.answer import Locator
    from compiler.findings.rules import ABOUT_IMAGES

    if format_ in {"text", "json"}:
        from compiler.reporters.images import json, text

        tell(each for each in findings.diagnostics if each.rule not in ABOUT_IMAGES)
        allowed = {each.diagnostic.span: each.allowance.reason for each in findings.allowed}
        if format_ == "json":
            return json.render(surveyed.images, surveyed.unresolved, allowed=allowed, locate=Locator())
        return text.render(
            surveyed.images,
            surveyed.unresolved,
            allowed=allowed,
            clusters=surveyed.clusters,
            width=terminal_width(),
            colour=colour,
        )
    from compiler.reporters import render
    from compiler.reporters.findings.report import Report
    from compiler.reporters.images import text

    say(text.summary(surveyed.images, surveyed.unresolved))
    report = Report(
        diagnostics=findings.diagnostics,
        groups=findings.groups,
        clusters=surveyed.clusters,
        files=surveyed.files,
        allowed=len(findings.allowed),
        complete=exit_code(findings.diagnostics) != 2,
        locate=Locator(),
    )
    return render(format_, report)


def _judges(explainers: "list[tuple[str, Explainer]]") -> "list[tuple[tuple[str, ...], Judge]]":
    """One judge for all clusters whose nodes have the same files."""
    from compiler.explain.judge import Judge

    alike: dict[object, tuple[list[str], Explainer]] = {}
    for name, explainer in explainers:
        made_of = (explainer.conf, explainer.admission.scopes, explainer.signatures.settings)
        alike.setdefault(made_of, ([], explainer))[0].append(name)
    return [(tuple(names), Judge(explainer)) for names, explainer in alike.values()]


def _load(paths: "Sequence[str]", lists: "Sequence[str]", *, tracked_only: bool) -> "list[LoadedImages]":
    from compiler.images.load import load_image_bytes, load_image_list, load_images

    if [*paths, *lists].count("-") > 1:
        fail("standard input can be read only once", "Use `-` only once.")
    if lists:
        return [load_image_list("<stdin>", piped()) if path == "-" else load_image_list(path) for path in lists]
    loaded = []
    if "-" in paths:
        loaded.append(load_image_bytes("<stdin>", piped()))
    on_disk = [path for path in paths if path != "-"]
    if on_disk or not paths:
        loaded.append(load_images(on_disk or ["."], tracked_only=tracked_only, progress=progress()))
    return loaded
