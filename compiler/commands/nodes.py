"""What nodes are given, for the commands that say what they do with it: from a repo, or from files of a node."""

from typing import TYPE_CHECKING

import click

from compiler.commands.common import fail, piped, progress, standard_input, tell_clusters, tell_skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.explain.explanation import Explainer
    from compiler.findings.diagnostics import Diagnostic
    from compiler.node.admission import Admission
    from compiler.node.model import RegistriesConf
    from compiler.policy.analysis import Analysis


def of_files(paths: "Iterable[str]") -> "Explainer":
    """One configuration of a registries.conf, its drop-ins and policy.json, or of MachineConfigs that carry them."""
    from compiler.explain.explanation import Explainer
    from compiler.manifests.load import read_one
    from compiler.node.configuration import overlay, read_node_conf
    from compiler.node.registries_conf import ConfFileError
    from compiler.repository.paths import Problem, printable

    confs: list[RegistriesConf] = []
    policies: list[tuple[str, Admission]] = []
    complete = False
    for path in paths:
        content = piped() if path == "-" else read_one(path)
        if isinstance(content, Problem):
            fail(f"{content.path} {content.message}", content.help)
        name = "<stdin>" if path == "-" else printable(path)
        try:
            given = read_node_conf(name, content)
        except ConfFileError as error:
            fail(str(error), "Give a registries.conf (version 2), a policy.json, or a MachineConfig that contains one.")
        confs += given.registries
        complete |= given.complete
        if given.admission is not None:
            policies.append((name, given.admission))
    for name, admission in policies[1:]:
        if not admission.agrees_with(policies[0][1]):
            fail(
                f"{policies[0][0]} and {name} hold different policy.json files",
                "A node has only one: remove one of them.",
            )
    if not policies and not complete:
        click.echo("policy.json was not checked: give it with another --registries-conf.", err=True)
    return Explainer(overlay(confs), admission=policies[0][1] if policies else None)


def of_clusters(clusters: "Sequence[Cluster]") -> "tuple[list[tuple[str, Explainer]], bool]":
    """What explains pulls in each cluster, by its name, and whether all their nodes would really get these files.

    What keeps a cluster from getting them is told.
    """
    from compiler.clusters.cluster import load_clusters
    from compiler.explain.explanation import Explainer
    from compiler.policy.analysis import analyse

    loaded = load_clusters(clusters, standard_input=standard_input(clusters), progress=progress())
    tell_skipped(link for each in loaded for link in each.skipped)
    explainers = []
    doubts: dict[str, list[Diagnostic]] = {}
    for cluster, manifests in zip(clusters, loaded, strict=True):
        analysis = analyse(manifests.parsed, cluster.settings, manifests.problems)
        explainers.append((cluster.name, Explainer.of_analysis(analysis)))
        doubts[cluster.name] = _doubts(analysis)
    return explainers, _vouch(doubts)


def _doubts(analysis: "Analysis") -> "list[Diagnostic]":
    """What keeps manifests from meaning what they seem to: errors, and what is left out as a template.

    Conflicts about the order of mirrors are told where they decide something.
    """
    from compiler.findings.diagnostics import Severity
    from compiler.findings.rules import ORDER_CONFLICT, TEMPLATE_MANIFEST

    return [
        finding
        for finding in analysis.diagnostics
        if (finding.severity is Severity.ERROR or finding.rule == TEMPLATE_MANIFEST.name)
        and finding.rule != ORDER_CONFLICT.name
    ]


def _vouch(doubts: "dict[str, list[Diagnostic]]") -> bool:
    """Tell the doubts there are, and whether the answers hold all the same."""
    from compiler.findings.by_cluster import named
    from compiler.findings.rules import RULES, TEMPLATE_MANIFEST

    tell_clusters(doubts)
    refusing = [
        name for name, findings in doubts.items() if any(not RULES[finding.rule].adjustable for finding in findings)
    ]
    templated = [
        name for name, findings in doubts.items() if any(each.rule == TEMPLATE_MANIFEST.name for each in findings)
    ]
    if refusing:
        fact = "refused or unreadable{}: nodes keep the files they have"
    else:
        fact = "templates{}, which are skipped until they are rendered"
    concerned = refusing or templated
    if concerned:
        where = f" in {named(concerned, len(doubts))}" if len(doubts) > 1 else ""
        click.echo(f"Manifests are {fact.format(where)}.\nThe result below does not include those parts.", err=True)
    return not refusing
