"""What nodes are given, for the commands that say what they do with it: from a repo, or from files of a node."""

import os
from pathlib import Path
from posixpath import basename
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from compiler.commands.common import (
    fail,
    piped,
    progress,
    standard_input,
    tell_alternatives,
    tell_clusters,
    tell_inferred,
    tell_skipped,
)
from compiler.commands.console import say

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from compiler.clusters.account import Account
    from compiler.clusters.cluster import Cluster
    from compiler.clusters.loading import Repo
    from compiler.explain.consumers import Pullers
    from compiler.explain.explanation import Explainer
    from compiler.findings.diagnostics import Diagnostic
    from compiler.images.load import LoadedImages
    from compiler.manifests.embedded import Home
    from compiler.manifests.given_values import Values
    from compiler.node.model import RegistriesConf
    from compiler.node.registries_conf import ConfFile
    from compiler.node.requirements import RequirementPolicy
    from compiler.policy.analysis import Analysis
    from compiler.text.span import File

_Kept = TypeVar("_Kept")


def of_files(paths: "Sequence[str]", namespace: str = "", notes: "list[Diagnostic] | None" = None) -> "Explainer":
    """The configuration of a node of which these are files, or MachineConfigs that carry them.

    Args:
        paths: A registries.conf, its drop-ins, policy.json files and files of registries.d, or folders of them.
        namespace: The one that pods are in, empty for any without a policy.json for itself.
        notes: Takes what nodes read past in these files, sorted.
    """
    from compiler.explain.explanation import Explainer
    from compiler.manifests.load import read_one
    from compiler.node.configuration import overlay, read_node_conf
    from compiler.node.files import SIGNATURES
    from compiler.node.registries_conf import ConfFileError
    from compiler.node.registries_d import read_registries_d
    from compiler.node.requirements import ACCEPTS_EVERYTHING
    from compiler.node.signatures import SignaturePolicy
    from compiler.repository.paths import Problem, printable

    confs: list[RegistriesConf] = []
    conf_files: list[ConfFile] = []
    signature_files: list[File] = []
    policies: dict[str, tuple[str, RequirementPolicy]] = {}
    folders = [Path(path) for path in paths if path != "-" and os.path.isdir(path)]  # noqa: PTH112 - which raises nothing
    complete = any(folder.name not in _READ_IN for folder in folders)
    signatures_known = complete or any(folder.name == basename(SIGNATURES) for folder in folders)
    for path in (file for each in paths for file in _files_in(each)):
        content = piped() if path == "-" else read_one(path)
        if isinstance(content, Problem):
            fail(f"{content.path} {content.message}", content.help)
        name = "<stdin>" if path == "-" else printable(path)
        try:
            given = read_node_conf(name, content)
        except ConfFileError as error:
            fail(str(error), _EXPECTED)
        confs += given.registries
        conf_files += given.files
        signature_files += given.signature_files
        complete |= given.complete
        signatures_known |= bool(given.signature_files) or given.complete
        for key, policy in (*([("", given.policy)] if given.policy else ()), *given.namespaces.items()):
            known, other = policies.setdefault(key, (name, policy))
            if other != policy:
                fail(f"{known} and {name} are different policy.json files", "A node has only one: remove one of them.")
    try:
        lookup = read_registries_d(signature_files)
    except ConfFileError as error:
        fail(str(error), "Every pull fails on a node with these files: fix them.")
    if namespace and namespace not in policies and not complete:
        say(f"There is no policy.json of the namespace {namespace}; the node's policy.json applies.")
    applying = policies.get(namespace) or policies.get("")
    if applying is None and not complete:
        say("policy.json was not checked: give it with another --registries-conf.")
    requirements = applying[1] if applying else ACCEPTS_EVERYTHING
    if requirements.needs_sigstore and not signatures_known:
        say("registries.d was not checked: give its files with further --registries-conf.")
    signatures = SignaturePolicy(requirements=requirements, lookup=lookup if signatures_known else None)
    if notes is not None:
        notes += _notes_on(conf_files)
    return Explainer(overlay(confs), signatures=signatures)


def _notes_on(files: "Sequence[ConfFile]") -> "Sequence[Diagnostic]":
    from compiler.findings.diagnostics import settle
    from compiler.node import conf_notes

    return settle([*(note for file in files for note in conf_notes.of_file(file)), *conf_notes.of_order(files)], {})


def _files_in(path: str) -> "list[str]":
    """The files that a node reads in a folder such as /etc/containers or the output of `build`; a file is itself."""
    if path == "-" or not os.path.isdir(path):  # noqa: PTH112 - which raises nothing
        return [path]
    folder = Path(path)
    patterns = _READ_IN.get(folder.name, _READ_BELOW)
    files = [str(file) for pattern in patterns for file in sorted(folder.glob(pattern)) if file.is_file()]
    if not files and patterns is _READ_BELOW:
        fail(f"{path} contains no files of a node", _EXPECTED)
    return files


_READ_IN = {"registries.conf.d": ("*.conf",), "registries.d": ("*.yaml",), "policies": ("*.json",)}
_READ_BELOW = (
    "registries.conf",
    "registries.conf.d/*.conf",
    "policy.json",
    "registries.d/*.yaml",
    "crio/policies/*.json",
)


_EXPECTED = (
    "Give a registries.conf (version 2), a policy.json, a file of registries.d, or a MachineConfig that contains them."
)


class Nodes(NamedTuple, Generic[_Kept]):
    """What is known of the nodes of each cluster, by its name.

    `reliable` says whether all their nodes would really get these files; `account` is of the policy that is not read.
    `empty` says that no policy was read, and that this may not be intended. `clusters` are they in the same order,
    those that policy inside other documents makes too; none where files of a node were given. `bases` are the names
    without what they say of the branches of templates. `konflux` are the mirror sets of Konflux pipelines, and
    `stated` the policy in other documents that is not applied, with the words for whom it is: no node gets these.
    """

    each: "list[tuple[str, _Kept]]"
    reliable: bool
    account: "Account"
    empty: bool = False
    clusters: "Sequence[Cluster]" = ()
    bases: "Sequence[str]" = ()
    konflux: "Sequence[File]" = ()
    stated: "Sequence[tuple[Home, str]]" = ()

    def tell_empty(self) -> None:
        """Say before any result that there is no policy, or that all of it is for others than the repo's cluster."""
        if self.empty:
            say("No mirror policy was read: every pull goes to its source.")
        elif len(set(self.bases)) == 1 and self.clusters and self.clusters[0].target:
            say(f"All mirror policy is inside other documents; the result is for {self.clusters[0].target}.")


class _OfKind(NamedTuple, Generic[_Kept]):
    """What is kept of clusters that are alike, with pools and branches, and the doubts about it."""

    kept: "list[tuple[tuple[str, ...], str, _Kept]]"
    doubts: "list[Diagnostic]"


def of_node(explainer: "tuple[str, _Kept]") -> "Nodes[_Kept]":
    """What explains pulls where the files of a node were given, in which nothing is left unread."""
    from compiler.clusters.account import Account

    return Nodes([explainer], reliable=True, account=Account())


def of_clusters(clusters: "Sequence[Cluster]", namespace: str = "") -> "Nodes[Explainer]":
    """What explains pulls in each cluster; what keeps one from getting its files is reported."""
    from compiler.explain.explanation import Explainer

    return each_analysed(clusters, lambda analysis: Explainer.of_analysis(analysis, namespace))


def pullers_of_clusters(clusters: "Sequence[Cluster]", namespace: str = "") -> "Nodes[Pullers]":
    """What explains the pulls of nodes, builds and image imports in each cluster."""
    from compiler.explain.consumers import Pullers

    return each_analysed(clusters, lambda analysis: Pullers.of_analysis(analysis, namespace))


def pullers_and_images(
    clusters: "Sequence[Cluster]", paths: "Sequence[str]", namespace: str = "", *, tracked_only: bool = False
) -> "tuple[Nodes[Pullers], LoadedImages]":
    """The same with the images that files name; what both look into is listed and opened once."""
    from compiler.clusters.loading import load_repo_and
    from compiler.explain.consumers import Pullers
    from compiler.images.load import of_discovery, outcome_of

    repo, discovery, outcomes = load_repo_and(
        paths,
        outcome_of,
        clusters,
        tracked_only=tracked_only,
        standard_input=standard_input(clusters),
        progress=progress(),
    )
    nodes = _analysed(clusters, repo, lambda analysis: Pullers.of_analysis(analysis, namespace))
    return nodes, of_discovery(discovery, outcomes, values_of(clusters))


def values_of(clusters: "Sequence[Cluster]") -> "list[Values]":
    """The values that clusters have for placeholders, each once."""
    found: list[Values] = []
    for cluster in clusters:
        if cluster.settings.values and cluster.settings.values not in found:
            found.append(cluster.settings.values)
    return found


def each_analysed(clusters: "Sequence[Cluster]", keep: "Callable[[Analysis], _Kept]") -> "Nodes[_Kept]":
    """What `keep` makes of the analysis of each cluster, and whether nodes would really get this.

    What keeps a cluster from getting it is reported. The analyses themselves are not kept: a fleet's fill the memory.
    """
    from compiler.clusters.loading import load_repo

    return _analysed(clusters, load_repo(clusters, standard_input=standard_input(clusters), progress=progress()), keep)


def _analysed(clusters: "Sequence[Cluster]", repo: "Repo", keep: "Callable[[Analysis], _Kept]") -> "Nodes[_Kept]":
    from compiler.clusters.account import is_empty
    from compiler.clusters.alike import kind_of
    from compiler.clusters.homes import settled
    from compiler.clusters.multiplied import check_compiled
    from compiler.machine.memo import FORGETFUL, Memo
    from compiler.manifests.parsing import readings
    from compiler.policy.analysis import analyse

    tell_alternatives(clusters, repo.clusters)
    tell_inferred(repo)
    tell_skipped(link for each in repo.loaded for link in each.skipped)
    found = settled(repo.clusters, repo)
    clusters, loaded = found.clusters, found.loaded
    empty = all(map(is_empty, loaded)) and not all(cluster.settings.allow_empty for cluster in clusters)
    answering = {cluster.name for cluster, _ in found.pairs} or {cluster.name for cluster in clusters}
    several = len(clusters) > 1 or any(parsed.variants for each in loaded for parsed in each.parsed)
    memo = Memo() if several else FORGETFUL
    check_compiled(list(zip(clusters, loaded, strict=True)))
    kept = []
    every = []
    bases = []
    doubts: dict[str, list[Diagnostic]] = {}
    known: dict[Hashable, _OfKind[_Kept]] = {}
    for cluster, manifests in zip(clusters, loaded, strict=True):
        is_answering = cluster.name in answering
        kind = (kind_of(cluster.settings, manifests), is_answering)
        if kind not in known:
            made: list[tuple[tuple[str, ...], str, _Kept]] = []
            found_here: dict[tuple[object, ...], Diagnostic] = {}
            ways = readings(manifests.parsed)
            for branches, parsed in zip(of_branches(len(ways)), ways, strict=True):
                analysis = analyse(parsed, cluster.settings, manifests.problems, memo=memo)
                made += ((pools, branches, keep(each)) for pools, each in analysis.each_pool() if is_answering)
                found_here.update((finding.sort_key, finding) for finding in _doubts(analysis))
            known[kind] = _OfKind(made, list(found_here.values()))
        for pools, branches, each in known[kind].kept:
            base = of_pools(cluster.name, pools)
            kept.append((", ".join(filter(None, (base, branches))), each))
            every.append(cluster)
            bases.append(base)
        doubts[cluster.name] = known[kind].doubts
    # Where clusters were chosen, what is for others is left out.
    is_chosen = any(cluster.chosen for cluster in repo.clusters)
    stated = [(each.home, each.words) for each in found.records if not each.is_applied and not is_chosen]
    return Nodes(kept, _vouch(doubts), repo.account, empty, every, bases, _of_konflux(repo), stated)


def _of_konflux(repo: "Repo") -> "list[File]":
    from compiler.manifests.konflux import is_konflux
    from compiler.manifests.parsing import Parsed

    read = [parsed for each in repo.loaded for parsed in each.parsed]
    read += [found for candidate, found in repo.searched if isinstance(found, Parsed) and not candidate.aside]
    found = {parsed.file.path: parsed.file for parsed in read if is_konflux(parsed.file.path)}
    return [found[path] for path in sorted(found)]


def of_pools(cluster: str, pools: "Sequence[str]") -> str:
    """A cluster, or some of its pools, in words: `north, pool worker`."""
    if not pools:
        return cluster
    words = f"pool{'s' if len(pools) > 1 else ''} {' and '.join(pools)}"
    return f"{cluster}, {words}" if cluster else words


def of_branches(count: int) -> "list[str]":
    """What the readings of templates are called, of which no branches exclude each other; nothing of a single one."""
    if count == 1:
        return [""]
    words = ("first", "second", "third", "fourth", "fifth")
    return [f"{words[at] if at < len(words) else f'{at + 1}th'} branches of templates" for at in range(count)]


def _doubts(analysis: "Analysis") -> "list[Diagnostic]":
    """What keeps manifests from meaning what they seem to: errors, and what is left out as a template.

    Conflicts about the order of mirrors are reported if they decide something.
    """
    from compiler.findings.diagnostics import Severity
    from compiler.findings.rules import ORDER_CONFLICT, TEMPLATE_MANIFEST, TEMPLATE_VALUES

    shown = {TEMPLATE_MANIFEST.name, TEMPLATE_VALUES.name}
    return [
        finding
        for finding in analysis.diagnostics
        if (finding.severity is Severity.ERROR or finding.rule in shown) and finding.rule != ORDER_CONFLICT.name
    ]


def _vouch(doubts: "dict[str, list[Diagnostic]]") -> bool:
    """Report the doubts, and whether the answers are still valid."""
    from compiler.findings.by_cluster import named
    from compiler.findings.rules import RULES, TEMPLATE_MANIFEST, TEMPLATE_VALUES

    unknown = [name for name, findings in doubts.items() if any(each.rule == TEMPLATE_VALUES.name for each in findings)]
    told = {name: [each for each in findings if each.rule != TEMPLATE_VALUES.name] for name, findings in doubts.items()}
    tell_clusters(told)
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
        say(f"Manifests are {fact.format(where)}.", "The result below does not include those parts.")
    if unknown:
        where = f" in {named(unknown, len(doubts))}" if len(doubts) > 1 else ""
        say(
            f"Parts of manifests{where} are unknown or conditional until they are rendered.",
            "The result below shows their placeholders; `mirrorc check` lists them.",
        )
    return not refusing
