"""Everything there is to say about the manifests of one or several clusters: what `check` reports.

In: the analysis of each cluster with its settings. Out: the findings of reading, merging and of the checks across
manifests, each reported once even if many clusters share the file it is in, without those that comments allow.
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from compiler.checks import check
from compiler.findings import rules
from compiler.findings.allowances import Allowance, Allowed, sift, unused
from compiler.findings.by_cluster import Kinds, gather
from compiler.findings.diagnostics import Diagnostic, Severity, folded, settle
from compiler.names.releases import Release
from compiler.policy.analysis import Analysis
from compiler.policy.settings import Settings

if TYPE_CHECKING:
    from compiler.checks.repairing import Contradiction
    from compiler.policy.repairs import Search

NO_CLUSTER = ""
"""The name under which findings come that concern no cluster, and those of a repo that is one cluster."""

_WORST_FIRST = tuple(Severity)


class Inspection(NamedTuple):
    """What there is to say.

    Attributes:
        diagnostics: The findings, each once, by file and position.
        groups: The same by the names of the clusters they concern, what most have in common first.
        clusters: How many clusters were looked at.
        allowed: The findings that comments silence.
        archived: The findings in backups and archives, which are not in use.
        apart: Those about what files do together of which somebody may apply only some, such as examples.
    """

    diagnostics: tuple[Diagnostic, ...]
    groups: tuple[tuple[tuple[str, ...], tuple[Diagnostic, ...]], ...]
    clusters: int
    allowed: tuple[Allowed, ...] = ()
    archived: tuple[Diagnostic, ...] = ()
    apart: tuple[Diagnostic, ...] = ()


class ClusterView(NamedTuple):
    """What there is to say about one cluster by itself: all that is needed of it to go on.

    The `contradictions` are among its findings, and what fixes for them are made of.
    """

    diagnostics: tuple[Diagnostic, ...]
    allowances: tuple[Allowance, ...]
    allowed: tuple[Allowed, ...]
    severities: Mapping[str, Severity]
    apart: tuple[Diagnostic, ...] = ()
    contradictions: "tuple[Contradiction, ...]" = ()


def view(
    analysis: Analysis,
    settings: Settings,
    *,
    survey: bool = False,
    is_found: bool = False,
    uses_internal: bool = False,
) -> ClusterView:
    """Check a cluster, and leave out what its manifests' comments allow.

    Args:
        analysis: Of the cluster's manifests.
        settings: Of the cluster.
        survey: Nothing says that the manifests go to one cluster: they are all that was found in a folder.
        is_found: The cluster is in no configuration, but was made of what was found in a folder.
        uses_internal: Something may use the cluster's internal registry.
    """
    checked = sift(check(analysis, settings, uses_internal=uses_internal), analysis.allowances)
    contradictions = _contradictions(analysis, settings.release)
    told = {each.finding.sort_key: each.finding for each in contradictions}
    own = tuple(told.get(each.sort_key, each) for each in analysis.diagnostics) if told else analysis.diagnostics
    found = (*own, *settle(checked.standing, settings.severities))
    left: list[Diagnostic] = []
    apart: list[Diagnostic] = []
    for each in found:
        (apart if is_found and _is_of_choice(each, settings) else left).append(each)
    return ClusterView(
        diagnostics=tuple(_of_survey(each, settings) for each in left) if survey else tuple(left),
        apart=tuple(apart),
        allowances=analysis.allowances,
        allowed=(*analysis.allowed, *checked.allowed),
        severities=settings.severities,
        contradictions=contradictions,
    )


def joined(views: Sequence[ClusterView]) -> ClusterView:
    """What there is to say about one cluster in all readings of its templates, each finding once.

    That something is missing counts where it is missing in each of them: the branches of an `if` complete each other.
    """
    first, *others = views
    if not others:
        return first
    found = {each.sort_key: each for view in reversed(views) for each in view.diagnostics}
    order = dict.fromkeys(each.sort_key for view in views for each in view.diagnostics)
    always = set.intersection(*({each.sort_key for each in view.diagnostics} for view in views))
    return first._replace(
        diagnostics=tuple(found[key] for key in order if key in always or found[key].rule not in _ABOUT_ABSENCE),
        allowed=tuple(each for view in views for each in view.allowed),
        contradictions=tuple(
            {each.finding.sort_key: each for view in reversed(views) for each in view.contradictions}.values()
        ),
    )


def _contradictions(analysis: Analysis, release: Release) -> "tuple[Contradiction, ...]":
    """The contradictions of a cluster, which few repos have."""
    if all(each.rule != rules.ORDER_CONFLICT.name for each in analysis.diagnostics):
        return ()
    from compiler.checks.repairing import contradictions

    return contradictions(analysis, release)


def repaired(views: Mapping[str, ClusterView], search: "Search") -> dict[str, ClusterView]:
    """The views with fixes for contradictions, each made for the first cluster that can have some.

    Args:
        views: By the names of the clusters.
        search: One for the whole run, which it bounds.
    """
    from compiler.checks.repairing import repaired as with_fixes

    done: set[object] = set()

    def with_some(_: str, seen: ClusterView) -> ClusterView:
        if not seen.contradictions:
            return seen
        told = with_fixes(seen.diagnostics, seen.contradictions, search, done)
        done.update(each.sort_key for each in told if each.fix is not None)
        return seen._replace(diagnostics=told, contradictions=())

    return each_view(views, with_some)


def each_view(
    views: Mapping[str, ClusterView], change: Callable[[str, ClusterView], ClusterView]
) -> dict[str, ClusterView]:
    """Change views, one that several clusters have once, for the first of them."""
    made: dict[int, ClusterView] = {}
    for name, seen in views.items():
        if id(seen) not in made:
            made[id(seen)] = change(name, seen)
    return {name: made[id(seen)] for name, seen in views.items()}


_ABOUT_ABSENCE = frozenset((rules.PAYLOAD_HALF_MIRRORED.name, rules.NO_INTERNAL_REGISTRY.name))
"""What is said since an object or a rule is missing."""

_MAY_BE_MEANT = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.NOTE}
_ABOUT_SEVERAL = frozenset(
    rule.name
    for rule in (
        rules.DUPLICATE_OBJECT,
        rules.ORDER_CONFLICT,
        rules.POLICY_CONFLICT,
        rules.SPLIT_SOURCE,
        rules.SHADOWED_SOURCE,
        rules.MIRROR_IS_SOURCE,
        rules.OUTER_SOURCE_INHERITED,
    )
)
"""What objects do together, which is nothing if they are for different clusters."""
_ABOUT_FILES = _ABOUT_SEVERAL | {rules.REPEATED_RULE.name}


_PICKED = re.compile(r"(?:^|/)(?:templates?|examples?|samples?|snippets|\.konflux|\.tekton)/")
"""Folders with files of which somebody, a program or a pipeline takes some."""


def _is_of_choice(finding: Diagnostic, settings: Settings) -> bool:
    """Whether a finding is about what files do together that may not be applied together."""
    if finding.rule not in _ABOUT_FILES or finding.rule in settings.severities:
        return False
    paths = {finding.path, *(label.span.path for label in finding.related)}
    return len(paths) > 1 and any(_PICKED.search(path) for path in paths)


def _of_survey(finding: Diagnostic, settings: Settings) -> Diagnostic:
    """A finding about objects in several folders, which may be for as many clusters."""
    lower = _MAY_BE_MEANT.get(finding.severity)
    if lower is None or finding.rule not in _ABOUT_SEVERAL or finding.rule in settings.severities:
        return finding
    folder = finding.path.rpartition("/")[0]
    if all(label.span.path.rpartition("/")[0] == folder for label in finding.related):
        return finding
    hint = "If the folders are for different clusters, say so in .mirrorc.yaml; `mirrorc init` writes it."
    return replace(finding, severity=lower, help=f"{finding.help} {hint}")


def inspect(
    views: Mapping[str, ClusterView],
    beside: ClusterView | None = None,
    *,
    is_archived: Callable[[str], bool] = lambda _: False,
) -> Inspection:
    """Gather what there is to say about every cluster, by its name.

    Allowances that silence nothing are findings too, but only where every object could be read: what is wrong with
    the others is not known yet. One that serves any of the clusters is of use. What is `beside` the clusters concerns
    none of them. What is in files that `is_archived` is kept apart. Clusters with the very same view are one until
    their names are listed.
    """
    clusters = len(views)
    if beside is not None:
        views = {**views, NO_CLUSTER: _joined(views[NO_CLUSTER], beside) if NO_CLUSTER in views else beside}
    kinds = Kinds(views.items())
    found = {number: list(seen.diagnostics) for number, seen in enumerate(kinds.each)}
    allowed = [each for seen in kinds.each for each in seen.allowed]
    standing = [diagnostic for told in found.values() for diagnostic in told]
    if all(rules.RULES[diagnostic.rule].adjustable for diagnostic in standing):
        for number, seen in enumerate(kinds.each):
            ours = [each for each in seen.allowances if _is_judged(each, beside)]
            found[number] += settle(unused(ours, allowed, standing), seen.severities)
    archived: dict[object, Diagnostic] = {}
    found = {number: list(_in_use(told, is_archived, archived)) for number, told in found.items()}
    found = _once(found)
    shared = _shared(found)
    told_by = {number: [shared[diagnostic.sort_key] for diagnostic in told] for number, told in found.items()}
    by_cluster = {name: told_by[number] for number in told_by for name in kinds.names([number])}
    return Inspection(
        diagnostics=tuple(shared[key] for key in sorted(shared)),
        groups=tuple((names, tuple(told)) for names, told in gather({name: by_cluster[name] for name in views})),
        clusters=clusters,
        allowed=tuple({each.diagnostic.sort_key: each for each in allowed}.values()),
        archived=tuple(archived.values()),
        apart=tuple({each.sort_key: each for seen in kinds.each for each in seen.apart}.values()),
    )


def _in_use(
    told: Iterable[Diagnostic], is_archived: Callable[[str], bool], archived: dict[object, Diagnostic]
) -> Iterator[Diagnostic]:
    """The findings, and of those in several files the places, that are not in archives; the others are put there."""
    for each in told:
        is_certain = each.rule == rules.UNREADABLE_FILE.name  # it says that the run is not complete
        kept = [part for part in each.each if is_certain or not is_archived(part.path)]
        if len(kept) == len(each.each):
            yield each
            continue
        archived |= {part.sort_key: part for part in each.each if is_archived(part.path)}
        if kept:
            yield replace(folded(kept)[0], severity=each.severity)


def _joined(one: ClusterView, other: ClusterView) -> ClusterView:
    return one._replace(
        diagnostics=(*one.diagnostics, *other.diagnostics),
        allowances=(*one.allowances, *other.allowances),
        allowed=(*one.allowed, *other.allowed),
    )


def _is_judged(allowance: Allowance, beside: ClusterView | None) -> bool:
    """Whether what an allowance is about was looked at; of unread policy those count that are beside the clusters."""
    if allowance.rule == rules.UNREAD_POLICY.name:
        return beside is not None and any(allowance is each for each in beside.allowances)
    return allowance.rule not in rules.ABOUT_IMAGES


def _once(found: Mapping[int, list[Diagnostic]]) -> dict[int, list[Diagnostic]]:
    """The findings with those of one fold of all clusters as one, which each of the clusters has."""
    groups: dict[Hashable, list[Diagnostic]] = {}
    for told in found.values():
        for each in told:
            if each.fold is not None and each.fold.everywhere:
                groups.setdefault(_everywhere(each), []).append(each)
    if not any(len(group) > 1 for group in groups.values()):
        return dict(found)
    made = {key: folded(_single(group))[0] for key, group in groups.items()}
    return {
        number: list(
            {
                one.sort_key: one
                for each in told
                for one in [made.get(_everywhere(each), each) if each.fold and each.fold.everywhere else each]
            }.values()
        )
        for number, told in found.items()
    }


def _everywhere(finding: Diagnostic) -> Hashable:
    return (finding.rule, finding.severity, finding.fold.key if finding.fold else None)


def _single(group: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings of a fold with all places of each at its severity."""
    for each in group:
        parts = tuple(replace(part, severity=each.severity) for part in each.parts)
        yield replace(each, parts=parts)


def _shared(found: Mapping[int, list[Diagnostic]]) -> dict[tuple[object, ...], Diagnostic]:
    """One finding for all that say the same of the same place, with the worst severity of any cluster.

    What is built of a file has no fix, while the file itself, read for another cluster, may have one.
    """
    shared: dict[tuple[object, ...], Diagnostic] = {}
    for told in found.values():
        for diagnostic in told:
            known = shared.setdefault(diagnostic.sort_key, diagnostic)
            if known is not diagnostic:
                worst = min(known.severity, diagnostic.severity, key=_WORST_FIRST.index)
                if worst is not known.severity or (known.fix is None and diagnostic.fix is not None):
                    fixed = known if known.fix is not None else diagnostic
                    shared[diagnostic.sort_key] = replace(
                        known, severity=worst, fix=fixed.fix, alternatives=fixed.alternatives
                    )
    return shared
