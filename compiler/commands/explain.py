"""`mirrorc explain`."""

import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.common import (
    choose_clusters,
    cluster_options,
    fail,
    progress,
    standard_input,
    tell_clusters,
    terminal_width,
    wants_colour,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compiler.cluster import Cluster
    from compiler.diagnostics import Diagnostic
    from compiler.explanation import Explainer
    from compiler.pipeline import Analysis
    from compiler.registries import RegistriesConf


@click.command()
@click.argument("pull_specs", metavar="PULLSPEC...", nargs=-1, required=True)
@click.option("--repo", "repos", metavar="PATH", multiple=True, help="File or folder (repeatable).  [default: .]")
@click.option(
    "--registries-conf",
    "conf_files",
    metavar="FILE",
    multiple=True,
    help="Explain this registries.conf, or the one in this MachineConfig, instead of a repo (repeatable: drop-ins).",
)
@click.option("--both", is_flag=True, help="Show pulls by tag and by digest side by side.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="[default: text]")
@cluster_options
def command(
    pull_specs: tuple[str, ...],
    repos: tuple[str, ...],
    conf_files: tuple[str, ...],
    both: bool,  # noqa: FBT001 - click passes it by name
    format_: str,
    release: str | None,
    pools: tuple[str, ...],
    release_image: str | None,
    severities: tuple[str, ...],
    tracked_only: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Say which registry serves an image, and why.

    For each PULLSPEC: the registry entry that matches, every attempt in order with the rule that put it there, and
    the verdict. A PULLSPEC `-` reads more of them from standard input, one a line.
    """
    from compiler.explanation import forms_of

    if conf_files and repos:
        raise click.UsageError("--repo and --registries-conf exclude each other: explain one or the other.")
    if conf_files:
        explainers = [("", _of_files(conf_files))]
        reliable = True
    else:
        clusters = choose_clusters(
            repos,
            release=release,
            pools=pools,
            release_image=release_image,
            severities=severities,
            tracked_only=tracked_only,
        )
        explainers, reliable = _of_clusters(clusters)
    asked = [forms_of(spec) if both else (spec,) for spec in _read(pull_specs)]
    answers = [
        [(name, tuple(explainer.explain(form) for form in forms)) for name, explainer in explainers] for forms in asked
    ]
    if format_ == "json":
        from compiler.reporters import explain_json

        told = ((name, each) for answer in answers for name, forms in answer for each in forms)
        report = explain_json.render(told, many=len(explainers) > 1)
    else:
        from compiler.reporters import explain_text

        report = explain_text.render(
            (each for answer in answers for each in explain_text.folded(answer)),
            width=terminal_width(),
            colour=wants_colour(sys.stdout),
        )
    click.echo(report, nl=False)
    failed = any(not explanation.ok for answer in answers for _, forms in answer for explanation in forms)
    sys.exit(1 if failed or not reliable else 0)


def _read(pull_specs: "Iterable[str]") -> "list[str]":
    specs: list[str] = []
    for spec in pull_specs:
        if spec == "-":
            lines = sys.stdin.buffer.read().decode("utf-8", "replace").splitlines()
            specs += (line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))
        else:
            specs.append(spec)
    return specs


def _of_files(paths: "Iterable[str]") -> "Explainer":
    from compiler.conffile import ConfFileError
    from compiler.explanation import Explainer
    from compiler.load import read_one
    from compiler.nodeconf import overlay, read_node_conf
    from compiler.paths import Problem

    confs: list[RegistriesConf] = []
    for path in paths:
        content = sys.stdin.buffer.read() if path == "-" else read_one(path)
        if isinstance(content, Problem):
            fail(f"{content.path}: {content.message}", content.help)
        try:
            confs += read_node_conf("<stdin>" if path == "-" else path, content)
        except ConfFileError as error:
            fail(str(error), "Give a registries.conf (version 2), or a MachineConfig that carries one.")
    return Explainer(overlay(confs))


def _of_clusters(clusters: "list[Cluster]") -> "tuple[list[tuple[str, Explainer]], bool]":
    """What explains pulls in each cluster, and whether all their nodes would really get these files."""
    from compiler.cluster import load_clusters
    from compiler.explanation import Explainer
    from compiler.pipeline import analyse

    loaded = load_clusters(clusters, standard_input=standard_input(clusters), progress=progress())
    explainers = []
    refusals: dict[str, list[Diagnostic]] = {}
    for cluster, manifests in zip(clusters, loaded, strict=True):
        analysis = analyse(manifests.parsed, cluster.settings, manifests.problems)
        explainers.append((cluster.name, Explainer.of_analysis(analysis)))
        refusals[cluster.name] = _doubts(analysis)
    return explainers, _vouch(refusals)


def _doubts(analysis: "Analysis") -> "list[Diagnostic]":
    """What keeps the answers from being those of the cluster: what it refuses, and what could not be read."""
    from compiler.rules import RULES, TEMPLATE_MANIFEST

    return [
        finding
        for finding in analysis.diagnostics
        if not RULES[finding.rule].adjustable or finding.rule == TEMPLATE_MANIFEST.name
    ]


def _vouch(doubts: "dict[str, list[Diagnostic]]") -> bool:
    """Tell the doubts there are, and whether the answers hold all the same."""
    from compiler.fleet import named
    from compiler.rules import RULES

    tell_clusters(doubts)
    refusing = [
        name for name, findings in doubts.items() if any(not RULES[finding.rule].adjustable for finding in findings)
    ]
    if refusing:
        where = f" in {named(refusing, len(doubts))}" if len(doubts) > 1 else ""
        click.echo(
            f"Manifests are refused or cannot be read as they are{where}: nodes keep the files they have.\n"
            "What follows is what would be without those parts.",
            err=True,
        )
    return not refusing
