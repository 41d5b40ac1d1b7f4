"""What the reports of `diff` say in words, whatever their format.

In: values of a comparison. Out: sentences and groups. Values of the repo are between backticks or double quotes, so
that a format can show them its own way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from compiler.diff.comparison import Comparison
from compiler.diff.disruption import Cause, Disruption, DisruptionVerdict, Reason
from compiler.diff.objects import ObjectChange
from compiler.diff.pulls import EVERYTHING_ELSE, Effect, OrderChange, PullChange, PullEffect
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.rules import RULES as RULES_OF_CHECK
from compiler.names.releases import RELEASES
from compiler.node.disruption_policy import has_policies
from compiler.node.scope_pulls import Pulls
from compiler.text.span import Span
from compiler.text.wording import counted, some_of, ticked

_ROLLING = "in a rolling update, at most the pool's maxUnavailable at a time"

REFUSED = "Nodes keep their files, and the machine-config operator degrades."
NOT_APPLIED = "Some objects cannot be applied."

PRUNING = "Objects are deleted only if the tool prunes, as Argo CD can; --no-prune ignores deletions."

_NOT_COVERED = "no entry of the policy covers this file, and changing such a file reboots nodes"

RULES = {
    Cause.SEARCH_LIST_CHANGED: "removing or moving a registry of the search list drains nodes",
    Cause.ENTRY_REMOVED: "removing a registry entry drains nodes",
    Cause.ENTRY_ADDED_WITHOUT_MIRRORS: "adding a registry entry without mirrors drains nodes",
    Cause.ENTRY_ADDED_WITH_TAG_MIRROR: "adding a registry entry with a mirror for tags drains nodes",
    Cause.ENTRY_ADDED_BY_DIGEST_ONLY: "adding a registry entry with `mirror-by-digest-only` drains nodes",
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
    Cause.UNIT_CHANGED: "changing this systemd unit reboots nodes",
    Cause.SSH_KEYS_CHANGED: "changing SSH keys does not disrupt nodes",
    Cause.SYSTEM_CHANGED: "changing the operating system or the kernel reboots nodes",
    Cause.NODE_POOL_ROLLED: "changing the mirrors of a hosted cluster reboots nodes or replaces them",
}
"""The event that each cause reports, and what the controller's default does for it."""


def verdict_of(comparison: Comparison, disruption: Disruption) -> str:
    """What nodes go through, in a sentence or two."""
    if comparison.new_refusals:
        return REFUSED
    told = _verdict(comparison, disruption)
    return f"{told} {NOT_APPLIED}" if is_applied_in_part(comparison) else told


def _verdict(comparison: Comparison, disruption: Disruption) -> str:
    meant = [result.verdict for result in comparison.pools if result.disruption is disruption]
    if disruption is Disruption.UNKNOWN:
        known = max((verdict.known for verdict in meant), default=Disruption.NONE)
        places = counted(len(comparison.unread), "place")
        were = "was" if len(comparison.unread) == 1 else "were"
        return f"The effect is unknown: {places} of changed policy {were} not read. The effect of the rest: {known}."
    if disruption is Disruption.NONE:
        changes = any(verdict.reasons for verdict in meant)
        return "Files change, but nodes are not disrupted." if changes else "Nothing changes on nodes."
    crio = all(verdict.reaches_crio for verdict in meant)
    if disruption is Disruption.DRAIN:
        return f"Nodes are drained {_ROLLING}{', and CRI-O reloads' if crio else ''}."
    if disruption is Disruption.REBOOT:
        return f"Nodes are drained and rebooted {_ROLLING}."
    if disruption is Disruption.RESTART:
        return f"Nodes are updated {_ROLLING}: services are restarted; nothing is drained."
    what = "CRI-O reloads its configuration" if crio else "services are reloaded, CRI-O is not"
    return f"Nodes are updated {_ROLLING}: {what}; nothing is drained."


def basis_of(comparison: Comparison) -> str:
    """Which node disruption policy decides, in a sentence; empty where nothing is decided."""
    if not any(result.verdict.reasons for result in comparison.pools):
        return ""
    if comparison.policy_span is not None:
        return f"The node disruption policy at {comparison.policy_span} decides."
    if not has_policies(RELEASES[comparison.release]):
        return f"The rules that are built into release {comparison.release} decide."
    return (
        f"The default node disruption policy of release {comparison.release} decides; a MachineConfiguration `cluster` "
        "in the new side, or --node-disruption-policy, changes it."
    )


def is_applied_in_part(comparison: Comparison) -> bool:
    """Whether the API server refuses something of the new side that it took before, or that is new."""
    return any(not RULES_OF_CHECK[finding.rule].adjustable for finding in comparison.new_findings)


def rule_of(cause: Cause) -> str:
    """The event and its effect on nodes, as the controller's default decides it."""
    return RULES[cause]


def rule_for(reason: Reason) -> str:
    """What decides what a change costs: a rule of the controller, or an entry of the node disruption policy."""
    decision = reason.decision
    if decision is None or (reason.cause in {Cause.SYSTEM_CHANGED, Cause.SSH_KEYS_CHANGED} and not decision.is_own):
        return rule_of(reason.cause)
    if decision.entry is None:
        return rule_of(reason.cause) if reason.cause.disruption is Disruption.REBOOT else _NOT_COVERED
    if decision.is_own or reason.cause.disruption is Disruption.REBOOT:
        whose = "node disruption policy" if decision.is_own else "default policy"
        named = f"for `{decision.entry.path}` " if decision.entry.path != "sshkey" else "for SSH keys "
        return f"the entry {named}of the {whose} decides: {', '.join(map(str, decision.actions)) or 'no action'}"
    if decision.skips_drain and reason.cause.disruption is Disruption.DRAIN:
        return "the ConfigMap `image-registry-override-drain` skips the drain"
    return rule_of(reason.cause)


def policy_place(reason: Reason) -> Span | None:
    """Where the cluster's own policy decides what a change costs, None where it does not."""
    decision = reason.decision
    return decision.entry.span if decision is not None and decision.entry is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGroup:
    """Reasons of one cause and cost, which share the rule and mostly the remedy."""

    cause: Cause
    reasons: tuple[Reason, ...]

    @property
    def disruption(self) -> Disruption:
        """What each of them costs."""
        return self.reasons[0].disruption

    @property
    def rule(self) -> str:
        """What decides that."""
        return rule_for(self.reasons[0])

    @property
    def policy_place(self) -> Span | None:
        """Where the cluster's own policy decides it."""
        return policy_place(self.reasons[0])

    @property
    def remedies(self) -> tuple[str, ...]:
        """What would avoid them, each sentence once."""
        return tuple(dict.fromkeys(reason.remedy for reason in self.reasons if reason.remedy and self._drains))

    @property
    def _drains(self) -> bool:
        return self.disruption >= Disruption.DRAIN or self.disruption is self.cause.disruption


def by_cause(reasons: Iterable[Reason]) -> list[ReasonGroup]:
    """The reasons by their causes and by what decides, the worst first."""
    groups: dict[tuple[Cause, Disruption, str], list[Reason]] = {}
    for reason in reasons:
        groups.setdefault((reason.cause, reason.disruption, rule_for(reason)), []).append(reason)
    found = [ReasonGroup(cause=cause, reasons=tuple(each)) for (cause, _, _), each in groups.items()]
    return sorted(found, key=lambda group: -group.disruption.rank)


def telling_places(reason: Reason) -> list[tuple[str, tuple[Span, ...]]]:
    """The places that explain a reason, by side; where something was removed only those where it was."""
    if reason.old_spans and reason.cause in {Cause.ENTRY_REMOVED, Cause.MIRROR_REMOVED}:
        return [("old", reason.old_spans)]
    return [("old", reason.old_spans), ("new", reason.new_spans)]


def unread_places(comparison: Comparison) -> list[str]:
    """The places of policy that was not read, each with what it is."""
    return [f"{unread.path}:{unread.line}: {unread.form.replace('-', ' ')}" for unread in comparison.unread]


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


def grouped(comparisons: Sequence[tuple[str, Comparison]]) -> list[tuple[tuple[str, ...], Comparison]]:
    """Clusters to which a change does the same, together; the order stays."""
    groups: dict[Comparison, list[str]] = {}
    known: dict[int, list[str]] = {}  # clusters that are alike have one object, and to hash it takes long
    for name, comparison in comparisons:
        if id(comparison) not in known:
            known[id(comparison)] = groups.setdefault(comparison, [])
        known[id(comparison)].append(name)
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
    """The new findings without those that are reported as refusals."""
    return [finding for finding in comparison.new_findings if finding not in comparison.new_refusals]


def title_of_findings(comparison: Comparison) -> str:
    """What to call the findings of the new side; beside files of a node, which have none, they need not be new."""
    return "New findings" if comparison.old_has_findings else "Findings"


def unmoved_images(comparison: Comparison) -> str:
    """What to say where images were looked at and none is served from elsewhere; else nothing."""
    if comparison.images or not comparison.images_looked_at:
        return ""
    return f"Images: none of {counted(comparison.images_looked_at, 'image')} is pulled from another location"


def pulls_of(effect: PullEffect | OrderChange) -> str:
    """Which pulls an effect or an order is about."""
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


def side_by_side(order: OrderChange) -> list[tuple[int, str, str, bool]]:
    """The number of each attempt with its location before and after, and whether the two differ."""
    before, after = order.before or (), order.after or ()
    return [
        (number + 1, old, new, old != new)
        for number in range(max(len(before), len(after)))
        for old, new in ((_at(before, number), _at(after, number)),)
    ]


def _at(locations: Sequence[str], number: int) -> str:
    return locations[number] if number < len(locations) else ""
