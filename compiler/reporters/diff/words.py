"""What the reports of `diff` say in words, whatever their format.

In: values of a comparison. Out: sentences and groups. Values of the repo stand between backticks or double quotes, so
that a format can show them its own way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from compiler.diff.comparison import Comparison
from compiler.diff.disruption import Cause, Disruption, DisruptionVerdict, Reason
from compiler.diff.objects import ObjectChange
from compiler.diff.pulls import EVERYTHING_ELSE, Effect, PullChange, PullEffect
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.rules import RULES as RULES_OF_CHECK
from compiler.node.scope_pulls import Pulls
from compiler.text.span import Span
from compiler.text.wording import counted, some_of, ticked

VERDICTS = {
    Disruption.NONE: "Nothing changes on nodes.",
    Disruption.RELOAD: "CRI-O reloads its configuration on every node; nothing is drained.",
    Disruption.DRAIN: "Nodes are drained one after another, and CRI-O reloads.",
    Disruption.REBOOT: "Nodes are drained and rebooted one after another.",
}

REFUSED = "Nodes keep their files, and the operator machine-config degrades."
NOT_APPLIED = "Not everything can be applied."

DEFAULT = (
    "This is the controller's default. From 4.17 on, a NodeDisruptionPolicy can change it for every file but "
    "registries.conf."
)

PRUNING = "Deletions happen only where the tool prunes, as Argo CD can; --no-prune leaves them out."

_NO_ENTRY_ADDED = "an added entry needs at least one mirror, and all of them for digests only"
_ENTRY_KEPT = "an entry that stays must keep its prefix, location, blocked and insecure"
_SAFE = "this needs no drain"

RULES = {
    Cause.SEARCH_LIST_CHANGED: "the new search list must begin with the old one",
    Cause.ENTRY_REMOVED: "no entry may be removed",
    Cause.ENTRY_ADDED_WITHOUT_MIRRORS: _NO_ENTRY_ADDED,
    Cause.ENTRY_ADDED_WITH_TAG_MIRROR: _NO_ENTRY_ADDED,
    Cause.PREFIX_CHANGED: _ENTRY_KEPT,
    Cause.LOCATION_CHANGED: _ENTRY_KEPT,
    Cause.BLOCKED_CHANGED: _ENTRY_KEPT,
    Cause.INSECURE_CHANGED: _ENTRY_KEPT,
    Cause.MIRROR_REMOVED: "no mirror may be removed from an entry that stays",
    Cause.TAG_MIRROR_ADDED: "a mirror that is added must be for digests only",
    Cause.PULL_FROM_MIRROR_CHANGED: "a mirror that stays may only become digest-only",
    Cause.MIRROR_LISTED_TWICE: "a mirror is looked up by its location alone, and its first listing counts",
    Cause.POLICY_CHANGED: "a changed policy.json needs a reload, no drain",
    Cause.SIGNATURES_CHANGED: "changed signature settings need a reload, no drain",
    Cause.SEARCH_DROP_IN_CHANGED: "no rule covers the search drop-in, and what no rule covers reboots",
    Cause.DROP_IN_CHANGED: "no rule covers drop-ins of registries.conf, and what no rule covers reboots",
    Cause.OTHER_FILE_CHANGED: "no rule covers this path, and what no rule covers reboots",
}
"""What each change runs into, for those that cost more than they might; the rest is safe."""


def verdict_of(comparison: Comparison, disruption: Disruption) -> str:
    """What nodes go through, in a sentence or two."""
    if comparison.new_refusals:
        return REFUSED
    return f"{VERDICTS[disruption]} {NOT_APPLIED}" if is_applied_in_part(comparison) else VERDICTS[disruption]


def is_applied_in_part(comparison: Comparison) -> bool:
    """Whether the API server refuses something of the new side that it took before, or that is new."""
    return any(not RULES_OF_CHECK[finding.rule].adjustable for finding in comparison.new_findings)


def rule_of(cause: Cause) -> str:
    """The controller's rule that decides what a change costs."""
    return RULES.get(cause, _SAFE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGroup:
    """Reasons of one cause, which share the rule and mostly the remedy."""

    cause: Cause
    reasons: tuple[Reason, ...]

    @property
    def remedies(self) -> tuple[str, ...]:
        """What would avoid them, each sentence once."""
        return tuple(dict.fromkeys(reason.remedy for reason in self.reasons if reason.remedy))


def by_cause(reasons: Iterable[Reason]) -> list[ReasonGroup]:
    """The reasons by their causes, the worst first."""
    groups: dict[Cause, list[Reason]] = {}
    for reason in reasons:
        groups.setdefault(reason.cause, []).append(reason)
    found = [ReasonGroup(cause=cause, reasons=tuple(each)) for cause, each in groups.items()]
    return sorted(found, key=lambda group: -group.cause.disruption.rank)


def telling_places(reason: Reason) -> list[tuple[str, tuple[Span, ...]]]:
    """The places that explain a reason, by side; where something was removed only those where it stood."""
    if reason.old_spans and reason.cause in {Cause.ENTRY_REMOVED, Cause.MIRROR_REMOVED}:
        return [("old", reason.old_spans)]
    return [("old", reason.old_spans), ("new", reason.new_spans)]


def by_verdict(comparison: Comparison) -> list[tuple[tuple[str, ...], DisruptionVerdict]]:
    """Pools that go through the same for the same reasons, together; the worst first."""
    groups: list[tuple[list[str], DisruptionVerdict]] = []
    for result in comparison.pools:
        for pools, verdict in groups:
            if verdict == result.verdict:
                pools.append(result.pool)
                break
        else:
            groups.append(([result.pool], result.verdict))
    return sorted(((tuple(pools), verdict) for pools, verdict in groups), key=lambda each: -each[1].disruption.rank)


def grouped(comparisons: Iterable[tuple[str, Comparison]]) -> list[tuple[tuple[str, ...], Comparison]]:
    """Clusters to which a change does the same, together; the order stays."""
    groups: dict[Comparison, list[str]] = {}
    for name, comparison in comparisons:
        groups.setdefault(comparison, []).append(name)
    return [(tuple(names), comparison) for comparison, names in groups.items()]


def scope_name(scope: str) -> str:
    """A scope as a heading."""
    return f"`{scope}`" if scope != EVERYTHING_ELSE else "everything else"


def told_effects(change: PullChange) -> list[PullEffect]:
    """The effects that say something new to a person, who can see which mirror of a list comes first."""
    firsts = {effect.pulls: effect for effect in change.effects if effect.effect is Effect.FIRST_MIRROR_CHANGED}
    reordered = {effect.pulls for effect in change.effects if effect.effect is Effect.MIRRORS_REORDERED}
    told = []
    for effect in change.effects:
        first = firsts.get(effect.pulls)
        if effect is first and (effect.pulls in reordered or not (effect.before and effect.after)):
            continue
        if effect.effect is Effect.MIRRORS_ADDED and first and first.before and effect.after == first.after:
            continue
        told.append(effect)
    return told


def own_findings(comparison: Comparison) -> list[Diagnostic]:
    """The new findings without those that are told as refusals."""
    return [finding for finding in comparison.new_findings if finding not in comparison.new_refusals]


def title_of_findings(comparison: Comparison) -> str:
    """What to call the findings of the new side; beside files of a node, which have none, they need not be new."""
    return "New findings" if comparison.old_has_findings else "Findings"


def unmoved_images(comparison: Comparison) -> str:
    """What to say where images were looked at and none is served from elsewhere; else nothing."""
    if comparison.images or not comparison.images_looked_at:
        return ""
    return f"Images: of {counted(comparison.images_looked_at, 'image')} none is served from elsewhere"


def pulls_of(effect: PullEffect) -> str:
    """Which pulls an effect is about."""
    return {Pulls.ALL: "all pulls", Pulls.DIGEST: "by digest", Pulls.TAG: "by tag"}[effect.pulls]


def details(change: ObjectChange, *, most: int = 5) -> str:
    """What an object's change amounts to."""
    if change.refused or (change.note and not change.effective):
        return change.note if change.refused else f"no effect on nodes: {change.note}"
    lists = (("gains", change.gained), ("loses", change.lost), ("changes", change.changed))
    parts = [f"{verb} {listed(names, most=most)}" for verb, names in lists if names]
    return "; ".join((*parts, *((change.note,) if change.note else ())))


def listed(names: Sequence[str], *, most: int) -> str:
    """Names between backticks, the first of them where there are many."""
    return some_of(ticked(names), most)
