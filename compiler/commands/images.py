"""`mirrorc images`."""

import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from compiler.commands.command import Command, Option
from compiler.commands.common import exit_code, fail, piped, progress, tell, terminal_width
from compiler.commands.completing import FILE
from compiler.commands.console import say_note
from compiler.commands.options import (
    allow_empty_option,
    choose_clusters,
    cluster_options,
    namespace_option,
    node_files_option,
    paths_argument,
    repo_option,
    tracked_only,
    values_options,
)
from compiler.commands.targets import ReportTarget, report_options, resolve
from compiler.reporters import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.commands.nodes import Nodes
    from compiler.explain.consumers import Pullers
    from compiler.findings.diagnostics import Severity
    from compiler.images.findings import ImageFindings
    from compiler.images.image_sets import ToMirror
    from compiler.images.load import LoadedImages
    from compiler.images.references import UnresolvedImage
    from compiler.images.survey import Judges, SurveyedImage
    from compiler.manifests.given_values import Values

_TABLES = ("text", "json")
"""The formats that list images; the others list findings."""


@click.command(
    cls=Command,
    examples=(
        ("Report every image that the workloads of the repo name", "mirrorc images"),
        ("Fail when an image is not mirrored", "mirrorc images --require mirrored --format github"),
        ("Report the images of a list", "mirrorc images --from images.txt --repo clusters/north"),
    ),
)
@paths_argument
@Option.of(
    "--from",
    "lists",
    metavar="FILE",
    type=FILE,
    multiple=True,
    help="Check the images listed in FILE, one per line, instead of workloads; `-` is standard input (repeatable).",
    group="Input",
)
@repo_option("Path of the mirror manifests (repeatable).")
@node_files_option("Check images against this registries.conf or MachineConfig")
@namespace_option
@Option.of("--require", type=click.Choice(["mirrored"]), help="Exit 1 if an image is not mirrored.", group="Rule")
@report_options(FORMATS)
@values_options
@allow_empty_option
@cluster_options
def command(
    paths: tuple[str, ...],
    lists: tuple[str, ...],
    repos: tuple[str, ...],
    conf_files: tuple[str, ...],
    namespace: str,
    require: str | None,
    formats: tuple[ReportTarget, ...],
    output: str | None,
    allow_empty: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Report which images in the repo are mirrored.

    The images are those of the workloads in PATHs: pod templates of every kind, catalogs, operator bundles and others.
    The mirror manifests come from the configured clusters; without a configuration, from the --repo paths or from
    PATHs.

    A comment on the line of an image or the line above suppresses its finding:
    `# mirrorc: allow image-not-mirrored -- reason`.
    """
    from compiler.commands.answer import colours, give_each, give_flaws
    from compiler.findings.rules import ABOUT_IMAGES
    from compiler.images.findings import diagnose
    from compiler.images.survey import judges_of, survey
    from compiler.reporters.images import json, text
    from compiler.repository.files import is_stream
    from compiler.text.wording import counted

    if conf_files and repos:
        raise click.UsageError(
            "--repo and --registries-conf cannot be used together: check images against one of them."
        )
    if lists and paths:
        raise click.UsageError("--from replaces PATHs: give the mirror manifests with --repo.")
    # A table of images has no place for what is wrong with a configuration.
    targets = resolve(formats, output, FORMATS)
    of_findings = [target for target in targets if target.format not in _TABLES]
    flaws = partial(give_flaws, targets=of_findings) if len(of_findings) == len(targets) else None
    # Nothing is read of a repo where a file takes its place; what is configured of severities counts all the same.
    clusters = choose_clusters(("-",) if conf_files else repos, allow_empty=allow_empty, flaws=flaws)
    if paths and not repos and not conf_files and len(clusters) == 1 and not clusters[0].name:
        clusters = [clusters[0].over(tuple(path for path in paths if not is_stream(path)) or (".",))]
    nodes, loaded = _read(paths, lists, clusters, conf_files, namespace)
    nodes.tell_empty()
    judges = judges_of(nodes.each)
    images = survey((reference for each in loaded for reference in each.references), judges)
    if any(target.format == "json" for target in targets):
        json.check_length(images, judges)
    surveyed = _Surveyed(
        images=images,
        judges=judges,
        unresolved=[place for each in loaded for place in each.unresolved],
        files=tuple(path for each in loaded for path in each.files),
        clusters=len(nodes.each),
        unread=nodes.account.summary,
        to_mirror=[item for each in loaded for item in each.to_mirror],
    )
    diagnosed = partial(
        diagnose,
        surveyed.images,
        surveyed.unresolved,
        allowances=[allowance for each in loaded for allowance in each.allowances],
        others=[problem for each in loaded for problem in each.problems],
        severities=_severities(nodes, clusters),
        required=require is not None,
    )
    findings = diagnosed(errors_only=not of_findings)
    in_table = diagnosed(errors_only=True) if 0 < len(of_findings) < len(targets) else findings
    if len(of_findings) < len(targets):  # a table of images has no place for them
        tell(each for each in in_table.diagnostics if each.rule not in ABOUT_IMAGES)
    if of_findings:
        say_note(text.summary(surveyed.images, surveyed.unresolved))
    give_each(
        targets,
        lambda target: (
            _table(target.format, surveyed, in_table, colour=colours(target))
            if target.format in _TABLES
            else _findings(target.format, surveyed, findings, colour=colours(target))
        ),
    )
    if vendored := sum(each.vendored for each in loaded):
        say_note(f"{counted(vendored, 'manifest')} in folders of vendored code passed over")
    if nodes.account.unread:
        say_note(nodes.account.unread_words)
    code = exit_code(findings.diagnostics)
    may_be_empty = bool(clusters) and all(cluster.settings.allow_empty for cluster in clusters)
    if not (surveyed.images or surveyed.unresolved or surveyed.to_mirror or code or may_be_empty) and nodes.reliable:
        fail("no images found", "Check the paths. If a repo without images is intended, add --allow-empty.")
    sys.exit(code if nodes.reliable else max(code, 1))


def _severities(nodes: "Nodes[Pullers]", clusters: "Sequence[Cluster]") -> "dict[str, Mapping[str, Severity]]":
    """The severities by the name under which a cluster, or a pool of it, is reported."""
    if not nodes.clusters:
        return {cluster.name: cluster.settings.severities for cluster in clusters}
    return {name: each.settings.severities for (name, _), each in zip(nodes.each, nodes.clusters, strict=True)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surveyed:
    """What was looked at, and its status."""

    images: "Sequence[SurveyedImage]"
    judges: "Judges"
    unresolved: "Sequence[UnresolvedImage]"
    files: tuple[str, ...]
    clusters: int
    unread: "Mapping[str, int]"
    to_mirror: "Sequence[ToMirror]"


def _read(
    paths: tuple[str, ...],
    lists: tuple[str, ...],
    clusters: "list[Cluster]",
    conf_files: tuple[str, ...],
    namespace: str,
) -> "tuple[Nodes[Pullers], list[LoadedImages]]":
    """What explains pulls in each cluster, and the images."""
    from compiler.commands.nodes import of_files, of_node, pullers_and_images, pullers_of_clusters, values_of
    from compiler.explain.consumers import Pullers
    from compiler.images.load import load_images

    elsewhere = [path for path in paths if path != "-"] or ([] if paths or lists else ["."])
    if not conf_files and elsewhere and not lists:
        nodes, images = pullers_and_images(clusters, elsewhere, namespace, tracked_only=tracked_only())
        return nodes, [*_given(paths, lists, values_of(clusters)), images]
    if conf_files:
        nodes = of_node((clusters[0].name, Pullers.of_node(of_files(conf_files, namespace))))
    else:
        nodes = pullers_of_clusters(clusters, namespace)
    values = values_of(clusters)
    loaded = _given(paths, lists, values)
    if elsewhere and not lists:
        loaded.append(load_images(elsewhere, tracked_only=tracked_only(), progress=progress(), values=values))
    return nodes, loaded


def _table(format_: str, surveyed: _Surveyed, findings: "ImageFindings", *, colour: bool) -> "str | Iterator[str]":
    """A line for each image."""
    from compiler.commands.answer import Locator
    from compiler.reporters.images import json, text

    allowed = {each.diagnostic.span: each.allowance.reason for each in findings.allowed}
    if format_ == "json":
        return json.render(
            surveyed.images,
            surveyed.unresolved,
            surveyed.judges,
            allowed=allowed,
            unread=surveyed.unread,
            to_mirror=surveyed.to_mirror,
            locate=Locator(),
        )
    return text.render(
        surveyed.images,
        surveyed.unresolved,
        allowed=allowed,
        to_mirror=surveyed.to_mirror,
        clusters=surveyed.clusters,
        width=terminal_width(),
        colour=colour,
    )


def _findings(format_: str, surveyed: _Surveyed, findings: "ImageFindings", *, colour: bool) -> str:
    """A finding for each place where an image is not mirrored."""
    from compiler.commands.answer import Locator
    from compiler.reporters import render
    from compiler.reporters.findings.report import Report

    report = Report(
        diagnostics=findings.diagnostics,
        groups=findings.groups,
        clusters=surveyed.clusters,
        files=surveyed.files,
        allowed=len(findings.allowed),
        complete=exit_code(findings.diagnostics) != 2,
        locate=Locator(),
        colour=colour,
    )
    return render(format_, report)


def _given(paths: "Sequence[str]", lists: "Sequence[str]", values: "Sequence[Values]") -> "list[LoadedImages]":
    """The images of lists, and those of manifests on standard input with values for their placeholders."""
    from compiler.images.load import load_image_bytes, load_image_list

    if [*paths, *lists].count("-") > 1:
        fail("standard input can be read only once", "Use `-` only once.")
    if lists:
        return [load_image_list("<stdin>", piped()) if path == "-" else load_image_list(path) for path in lists]
    return [load_image_bytes("<stdin>", piped(), values)] if "-" in paths else []
