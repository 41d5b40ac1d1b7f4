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
from compiler.node.routes import Pulls
from compiler.text.span import Span
from compiler.text.wording import counted, some_of, ticked

VERDICTS = {
    Disruption.NONE: "Nothing changes on nodes.",
    Disruption.RELOAD: "CRI-O reloads its configuration on every node; no node is drained.",
    Disruption.DRAIN: "Nodes are drained in a rolling update (maxUnavailable at a time), and CRI-O reloads.",
    Disruption.REBOOT: "Nodes are drained and rebooted in a rolling update (maxUnavailable at a time).",
}

REFUSED = "Nodes keep their files, and the machine-config operator degrades."
NOT_APPLIED = "Some objects cannot be applied."

DEFAULT = (
    "This is the controller's default. From 4.17 on, a NodeDisruptionPolicy can change it for every file except "
    "registries.conf."
)

PRUNING = "Objects are deleted only if the tool prunes, as Argo CD can; --no-prune ignores deletions."

RULES = {
    Cause.SEARCH_LIST_CHANGED: "removing or moving a registry of the search list drains nodes",
    Cause.ENTRY_REMOVED: "removing a registry entry drains nodes",
    Cause.ENTRY_ADDED_WITHOUT_MIRRORS: "adding a registry entry without mirrors drains nodes",
    Cause.ENTRY_ADDED_WITH_TAG_MIRROR: "adding a registry entry with a mirror for tags drains nodes",
    Cause.PREFIX_CHANGED: "changing the prefix of a registry entry drains nodes",
    Cause.LOCATION_CHANGED: "changing the location of a registry entry drains nodes",
    Cause.BLOCKED_CHANGED: "blocking or unblocking a registry entry drains nodes",
    Cause.INSECURE_CHANGED: "changing the TLS setting of a registry entry drains nodes",
    Cause.MIRROR_REMOVED: "removing a mirror drains nodes",
    Cause.TAG_MIRROR_ADDED: "adding a mirror for tags drains nodes",
    Cause.PULL_FROM_MIRROR_CHANGED: "changing which pulls a mirror serves drains nodes, except to digest-only",
    Cause.MIRROR_LISTED_TWICE: "changing an entry that lists one mirror for digests and for tags drains nodes",
    Cause.SEARCH_LIST_EXTENDED: "appending to the search list only reloads CRI-O",
    Cause.ENTRY_ADDED: "adding a registry entry with digest-only mirrors only reloads CRI-O",
    Cause.ENTRIES_REORDERED: "reordering registry entries only reloads CRI-O",
    Cause.MIRROR_ADDED: "adding a digest-only mirror only reloads CRI-O",
    Cause.MIRROR_USE_CHANGED: "changing a mirror in this way only reloads CRI-O",
    Cause.MIRROR_INSECURE_CHANGED: "changing the TLS setting of a mirror only reloads CRI-O",
    Cause.MIRRORS_REORDERED: "reordering mirrors only reloads CRI-O",
    Cause.REGISTRIES_CONF_REWRITTEN: "rewriting registries.conf with the same meaning only reloads CRI-O",
    Cause.POLICY_CHANGED: "changing policy.json only reloads CRI-O",
    Cause.SIGNATURES_CHANGED: "changing signature settings only reloads CRI-O",
    Cause.SEARCH_DROP_IN_CHANGED: "changing the search drop-in reboots nodes",
    Cause.DROP_IN_CHANGED: "changing a drop-in of registries.conf reboots nodes",
    Cause.OTHER_FILE_CHANGED: "changing this file reboots nodes",
}
"""The event that each cause reports, and what the controller does for it."""


def verdict_of(comparison: Comparison, disruption: Disruption) -> str:
    """What nodes go through, in a sentence or two."""
    if comparison.new_refusals:
        return REFUSED
    return f"{VERDICTS[disruption]} {NOT_APPLIED}" if is_applied_in_part(comparison) else VERDICTS[disruption]


def is_applied_in_part(comparison: Comparison) -> bool:
    """Whether the API server refuses something of the new side that it took before, or that is new."""
    return any(not RULES_OF_CHECK[finding.rule].adjustable for finding in comparison.new_findings)


def rule_of(cause: Cause) -> str:
    """The event and its effect on nodes, as the controller's default decides it."""
    return RULES[cause]


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
    return f"Images: none of {counted(comparison.images_looked_at, 'image')} is pulled from another location"


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
