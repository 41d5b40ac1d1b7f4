"""Two sides to everything a change means: disruption per pool, pulls, objects, findings.

In: two sides (manifests to be compiled, or files that nodes have already) and a cluster's settings. Out: a
`Comparison`. Both sides count as the cluster would treat them: a conflict is settled as the cluster settles it, an
object that the API server refuses stays unchanged, and where the controller refuses the whole nodes keep what they
have.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from compiler.checks.inspection import inspect, view
from compiler.diff import deciding
from compiler.diff.disruption import Cause, Disruption, DisruptionVerdict, Reason, Unread, UpdateFailsError
from compiler.diff.images import ImageShift, image_shifts
from compiler.diff.node_changes import cost, judge
from compiler.diff.objects import ObjectChange, Verb, object_changes
from compiler.diff.places import pinpointed
from compiler.diff.pulls import PullChange, PullChanges, pull_changes
from compiler.diff.sides import Artifacts, Manifests, Side
from compiler.diff.unread import unread_places
from compiler.diff.views import (
    Note,
    Pair,
    View,
    compares_nodes,
    flavoured,
    left_out,
    new_view,
    old_view,
    pairs,
)
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, folded, unfolded
from compiler.images.references import ImageReference
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.node.disruption_policy import DisruptionPolicy
from compiler.node.files import REGISTRIES_CONF
from compiler.policy.analysis import Analysis
from compiler.policy.settings import Settings
from compiler.policy.source_graph import SourceGraph, conflicts_of
from compiler.text.span import Span
from compiler.text.wording import some_of, ticked

_UNREAD = frozenset((rules.UNREADABLE_FILE.name, rules.KUSTOMIZE_FAILED.name, rules.REMOTE_RESOURCE.name))
"""Findings that say that manifests are missing from a side."""

_CONTROLLERS_LINE = b'short-name-mode = ""'
_HELPER_LINE = b"additional-layer-store-auth-helper"
"""What the controller alone writes into a registries.conf, and since release 4.19."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolResult:
    """What the nodes of a pool go through, and why."""

    pool: str
    verdict: DisruptionVerdict

    @property
    def disruption(self) -> Disruption:
        """The verdict in a word."""
        return self.verdict.disruption


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a change means for one cluster.

    `old` and `new` are what reports call the sides. `old_refusals` and `new_refusals` are why the controller refuses
    a side as a whole, if it does. `new_findings` and `gone_findings` are those that only one side has;
    `old_has_findings` is false where it is made already and so has none. `unreadable` are what could not be read, so
    that all of this may be wrong; `unread` are the places of policy in changed files that was not read. `policy_span`
    is the cluster's own node disruption policy, where that decides. `unloadable` says that CRI-O does not load the
    files of the new side. `conflicts` are the graphs of sources whose lists contradict each other on the new side, and
    did not in this way on the old one.
    """

    old: str
    new: str
    release: str
    pools: tuple[PoolResult, ...]
    changes: tuple[PullChange, ...] = ()
    images_looked_at: int = 0
    images: tuple[ImageShift, ...] = ()
    objects: tuple[ObjectChange, ...] = ()
    new_findings: tuple[Diagnostic, ...] = ()
    gone_findings: tuple[Diagnostic, ...] = ()
    old_has_findings: bool = True
    old_refusals: tuple[Diagnostic, ...] = ()
    new_refusals: tuple[Diagnostic, ...] = ()
    notes: tuple[Note, ...] = ()
    unread: tuple[Unread, ...] = ()
    policy_span: Span | None = field(default=None, compare=False)
    unloadable: bool = False
    unreadable: tuple[Diagnostic, ...] = ()
    conflicts: tuple[SourceGraph, ...] = field(default=(), compare=False)

    @property
    def disruption(self) -> Disruption:
        """The worst that any pool goes through."""
        return max((result.disruption for result in self.pools), default=Disruption.NONE)


def compare(
    old: Side,
    new: Side,
    settings: Settings,
    earlier: Iterable[Manifests] = (),
    *,
    images: Sequence[ImageReference] = (),
    prune: bool = True,
    given: deciding.Objects | None = None,
    memo: Forgetful = FORGETFUL,
    nodes_only: bool = False,
) -> Comparison:
    """Compare two sides under a cluster's settings.

    Args:
        old: What the cluster has.
        new: What it is to have.
        settings: Of the cluster. Where a side is made already, its pools and its flavour of MachineConfig count.
        earlier: States before `old`, newest first; asked for only where the controller refuses `old`.
        prune: Whether objects that `new` lacks are deleted.
        images: What workloads pull, to say which of it is served from elsewhere.
        given: The node disruption policy that the user gives, in place of the one that the sides have.
        memo: Spares what sides and clusters share from being made again.
        nodes_only: Whether only the pools and what is not read are asked for; the rest is left out.

    Raises:
        IncomparableError: The two are MachineConfigs of different pools.
        ConfFileError: One of them contains what a node does not load.
        UpdateFailsError: Nodes cannot be updated to the new side.
    """
    whole = compares_nodes(old, new)
    settings = flavoured(settings, old, new)
    with_bytes = isinstance(old, Artifacts) or isinstance(new, Artifacts)
    before = old_view(old, settings, earlier, with_bytes=with_bytes, whole=whole, memo=memo)
    after = new_view(new, old, before, settings, with_bytes=with_bytes, whole=whole, prune=prune, memo=memo)
    found = deciding.basis(old, new, before, after, settings.release, given)
    compared = pairs(old, new, before, after, settings)
    standing = (before.standing, after.standing)
    pulls = cache(lambda: _changes(compared))
    changes, complete = PullChanges(()) if nodes_only else pulls()
    new_findings, gone_findings = ((), ()) if nodes_only else _findings(old, new, before, after, settings)
    objects = () if nodes_only else _objects(before, after)
    unreadable = tuple(_unreadable((old, before.analysis), (new, after.analysis)))
    unread = (
        *unread_places(old, new, before, after),
        *(Unread(path=each.path, line=each.line, form=each.rule) for each in unreadable),
    )
    pools = tuple(_results(compared, found.policy, standing, pulls, unread))
    decided = deciding.notes(
        found, settings.release, [result.verdict for result in pools], former=_former(compared, found.before)
    )
    unlisted = () if complete else (_NOT_COMPLETE,)
    return Comparison(
        old=old.label,
        new=new.label,
        release=settings.release.name,
        pools=pools,
        changes=changes,
        images_looked_at=len({image.text for image in images}),
        images=_shifts(compared, images),
        objects=objects,
        new_findings=new_findings,
        gone_findings=gone_findings,
        old_has_findings=before.analysis is not None,
        old_refusals=before.refusals,
        new_refusals=after.refusals,
        notes=(*_notes(old, new, settings), *before.notes, *after.notes, *decided, *_renaming(objects), *unlisted),
        unread=unread,
        policy_span=found.span,
        unloadable=any(pair.new.flaw for pair in compared.values()),
        unreadable=unreadable,
        conflicts=tuple(_new_conflicts(before.analysis, after.analysis)),
    )


def _new_conflicts(before: Analysis | None, after: Analysis | None) -> Iterator[SourceGraph]:
    """The graphs of the sources whose lists contradict each other since the change."""
    known = {(graph.source, graph.form, graph.parts) for graph in conflicts_of(before)} if before is not None else ()
    if after is not None:
        yield from (graph for graph in conflicts_of(after) if (graph.source, graph.form, graph.parts) not in known)


def _unreadable(*sides: tuple[Side, Analysis | None]) -> Iterator[Diagnostic]:
    """What could not be read at all, and what is more than anything is made of."""
    for side, analysis in sides:
        if isinstance(side, Manifests):
            problems = [problem for problem in side.problems if problem.rule in _UNREAD]
            yield from problems
            made = analysis.diagnostics if analysis is not None else ()
            yield from (each for each in made if each.rule == rules.UNREADABLE_FILE.name and each not in problems)


def _changes(compared: Mapping[str, Pair]) -> PullChanges:
    """What happens to pulls; where pools differ, on the nodes of any."""
    differing = {id(pair): pair for pair in compared.values() if pair.old is not pair.new}
    found = [pull_changes(pair.old, pair.new) for pair in differing.values()]
    if len(found) == 1:
        return found[0]
    changes = dict.fromkeys(change for each in found for change in each.changes)
    return PullChanges(
        tuple(sorted(changes, key=lambda change: change.scope)), complete=all(each.complete for each in found)
    )


_NOT_COMPLETE = Note(
    text="The change affects too many scopes and mirrors: the pulls of some scopes are not listed.",
    help="To see the pulls of such a scope, use `mirrorc explain` before and after the change.",
)


def _shifts(compared: Mapping[str, Pair], images: Sequence[ImageReference]) -> tuple[ImageShift, ...]:
    """What becomes of images; where pools differ, on the nodes of any."""
    found: dict[ImageShift, None] = {}
    if images:
        for pair in {id(pair): pair for pair in compared.values()}.values():
            if pair.old is not pair.new:
                found.update(dict.fromkeys(image_shifts(pair.old, pair.new, images)))
    return tuple(found)


def _results(
    compared: Mapping[str, Pair],
    policy: DisruptionPolicy,
    standing: tuple[Analysis | None, Analysis | None],
    pulls: Callable[[], PullChanges],
    unread: tuple[Unread, ...],
) -> Iterator[PoolResult]:
    """The verdict of each pool, the worst reasons first."""
    known: dict[int, DisruptionVerdict] = {}
    for pool, pair in compared.items():
        if id(pair) not in known:
            verdict = judge(pair.old.files, pair.new.files, policy)
            reasons = [_with_places(pinpointed(reason, *standing), pulls) for reason in verdict.reasons]
            known[id(pair)] = replace(
                verdict, reasons=tuple(sorted(reasons, key=lambda reason: -reason.disruption.rank)), unread=unread
            )
        yield PoolResult(pool=pool, verdict=known[id(pair)])


def _former(compared: Mapping[str, Pair], policy: DisruptionPolicy | None) -> str:
    """What nodes go through under the policy before the change, where there is another."""
    if policy is None:
        return ""
    try:
        costs = [cost(pair.old.files, pair.new.files, policy) for pair in compared.values()]
    except UpdateFailsError:
        return "the update of the nodes fails"
    return max(costs, default=Disruption.NONE).value


def _with_places(reason: Reason, pulls: Callable[[], PullChanges]) -> Reason:
    """A drop-in contains what all the rules make: the places of those that change are its own."""
    if reason.cause is not Cause.DROP_IN_CHANGED or reason.old_spans or reason.new_spans:
        return reason
    changes = pulls().changes
    return replace(
        reason,
        old_spans=tuple(span for change in changes for span in change.old_spans),
        new_spans=tuple(span for change in changes for span in change.new_spans),
    )


def _objects(before: View, after: View) -> tuple[ObjectChange, ...]:
    if before.analysis is None or after.analysis is None:
        return ()
    had = {(change.kind, change.name.value) for change in before.analysis.policy.mirror_sets}
    image = before.analysis.policy.image
    if image is not None:
        had.add((image.kind, image.name.value))
    refused = tuple(
        ObjectChange(
            verb=Verb.REPLACE if (kind, name) in had else Verb.CREATE,
            kind=kind,
            name=name,
            effective=False,
            note="cannot be applied" + (": the cluster keeps the old one" if (kind, name) in had else ""),
            refused=True,
        )
        for kind, name in after.kept
    )
    return (*object_changes(before.analysis, after.analysis), *refused)


_Key = tuple[str, str, str]


def _renaming(objects: Iterable[ObjectChange]) -> Iterator[Note]:
    if any(change.counterpart and not change.effective for change in objects):
        yield Note(
            text="A rename has no effect on nodes if the new object is created before the old one is deleted.",
            help="Argo CD prunes last. If you apply by hand, apply first and then delete.",
        )


def _findings(
    old: Side, new: Side, before: View, after: View, settings: Settings
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """The findings that only the new side has and, if both are compiled, those that only the old one has."""
    if after.analysis is None:
        return (), ()
    if before.analysis is None:
        return _told(after.analysis, settings), ()
    if isinstance(old, Manifests) and isinstance(new, Manifests) and _are_the_same(old, new):
        return (), ()
    mine = _told(after.analysis, settings)
    theirs = _told(before.analysis, settings)
    return _only_in(mine, theirs), _only_in(theirs, mine)


def _told(analysis: Analysis, settings: Settings) -> tuple[Diagnostic, ...]:
    """Everything `check` says of a side."""
    return inspect({"": view(analysis, settings)}).diagnostics


def _are_the_same(old: Manifests, new: Manifests) -> bool:
    """Whether two sides are made of the very same files, so that nothing need be looked at twice."""
    return (
        old.problems == new.problems
        and len(old.parsed) == len(new.parsed)
        and all(before is after for before, after in zip(old.parsed, new.parsed, strict=True))
    )


def _only_in(findings: tuple[Diagnostic, ...], others: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The findings that the other side does not have, wherever their lines and files have moved to."""
    mine, theirs = unfolded(findings), unfolded(others)
    # First those in files of one name, then those on lines of one text: a file that was renamed has nothing new.
    left = _without(mine, theirs, _by_file)
    kept = folded(_without(left, _without(theirs, mine, _by_file), _by_line))
    return tuple(sorted(kept, key=lambda finding: finding.sort_key))


def _without(
    findings: Iterable[Diagnostic], others: Iterable[Diagnostic], key: Callable[[Diagnostic], _Key]
) -> list[Diagnostic]:
    """The findings less as many of each key as there are others."""
    known = Counter(map(key, others))
    left = []
    for finding in findings:
        if known[key(finding)] > 0:
            known[key(finding)] -= 1
        else:
            left.append(finding)
    return left


def _by_file(finding: Diagnostic) -> _Key:
    return (finding.rule, finding.message, finding.path)


def _by_line(finding: Diagnostic) -> _Key:
    return (finding.rule, finding.message, finding.span.file.line(finding.line).strip())


def _notes(old: Side, new: Side, settings: Settings) -> Iterator[Note]:
    """What to know about the pair before reading on."""
    for side, other in ((old, new), (new, old)):
        if isinstance(side, Manifests):
            for path in side.absent:
                yield Note(text=f"{side.label} does not have `{path}`.")
            if side.misconfigured:
                yield Note(
                    text=f"The configuration of {side.label} cannot be read; the current configuration is used.",
                    help="If the paths were different then, select them with --path.",
                )
            continue
        if compares_nodes(old, new):
            continue
        if side.paths == frozenset((REGISTRIES_CONF,)) and side.paths != getattr(other, "paths", None):
            yield Note(text=f"Only registries.conf is compared: {side.label} contains no other file.")
        if paths := left_out(side, other, settings):
            shown = some_of(ticked(paths), most=3)
            yield Note(text=f"Not compared: {shown} of {side.label}, because {other.label} does not include it.")
        contents = (state.files.files.get(REGISTRIES_CONF, b"") for state in side.pools.values())
        if isinstance(other, Manifests) and any(
            _CONTROLLERS_LINE in content and (_HELPER_LINE in content) is not settings.release.layer_store_helper
            for content in contents
        ):
            writer = "4.18 or before" if settings.release.layer_store_helper else "4.19 or later"
            yield Note(
                text=f"{side.label} was written by release {writer}; the other side is compiled for "
                f"{settings.release.name}.",
                help="Set the cluster's release with --release.",
            )
