"""Which node disruption policy decides what a change costs, and what a reader has to know about it.

In: the two sides as compared, or a policy that the user gives. Out: the policy in force, with notes. The
policy after the change counts, since nodes are updated under it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from compiler.diff.disruption import Disruption, DisruptionVerdict
from compiler.diff.sides import Artifacts, Side
from compiler.diff.views import Note, View
from compiler.manifests.kinds import DrainOverride, MachineConfiguration
from compiler.manifests.parsing import Parsed
from compiler.names.releases import Release
from compiler.node.disruption_policy import (
    CRIO,
    FIRST_RELEASE,
    ActionType,
    DisruptionPolicy,
    has_drain_override,
    has_policies,
    in_force,
)
from compiler.policy.assembly import assemble
from compiler.text.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """The objects that decide how a change reaches the nodes of a cluster."""

    configuration: MachineConfiguration | None = None
    override: DrainOverride | None = None

    def policy(self, release: Release) -> DisruptionPolicy:
        """What is in force with them."""
        return in_force(release, self.configuration, self.override)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What decides: the policy in force, and the place of the cluster's own where it has one that counts.

    `before` is the policy before the change, None where it is the same.
    """

    policy: DisruptionPolicy
    objects: Objects
    span: Span | None = field(default=None, compare=False)
    before: DisruptionPolicy | None = None


def objects_of(parsed: Iterable[Parsed]) -> Objects:
    """The deciding objects among those of some files."""
    policy, _ = assemble(manifest for each in parsed for manifest in each.manifests)
    return Objects(configuration=policy.machine_configuration, override=policy.drain_override)


def basis(old: Side, new: Side, before: View, after: View, release: Release, given: Objects | None = None) -> Basis:
    """What decides for a comparison.

    Args:
        old: What the cluster has.
        new: What it is to have.
        before: The old side as compared.
        after: The new side as compared.
        release: Of the cluster.
        given: What the user gives instead of what the sides have.
    """
    was, is_ = _of(old, before), _of(new, after)
    found = is_ or was or Objects()
    if given is not None and given.configuration is not None:
        found = Objects(configuration=given.configuration, override=given.override or found.override)
    policy = found.policy(release)
    former = was.policy(release) if was is not None and is_ is not None and given is None else policy
    own = found.configuration
    return Basis(
        policy=policy,
        objects=found,
        span=own.name.span if own is not None and own.has_policy and has_policies(release) else None,
        before=former if former != policy else None,
    )


def _of(side: Side, view: View) -> Objects | None:
    """The deciding objects of a side, None where it cannot say whether the cluster has any."""
    if isinstance(side, Artifacts):
        return objects_of(side.beside) if side.beside else None
    if view.analysis is None:
        raise AssertionError("manifests are analysed")
    policy = view.analysis.policy
    return Objects(configuration=policy.machine_configuration, override=policy.drain_override)


def notes(found: Basis, release: Release, verdicts: Sequence[DisruptionVerdict], *, former: str) -> list[Note]:
    """What to know about the policy, given the verdicts under it and, in a word, under the one before the change."""
    told = []
    own, override = found.objects.configuration, found.objects.override
    if own is not None and own.has_policy and not has_policies(release):
        told.append(
            Note(
                text=f"The node disruption policy at {own.name.span} has no effect in release {release.name}: the "
                "rules that are built into it decide.",
                help=f"Node disruption policies take effect from release {FIRST_RELEASE} on.",
            )
        )
    skipped = any(_drains_without_override(verdict) for verdict in verdicts)
    if override is not None:
        what = f"The ConfigMap `{override.only_name}` at {override.name.span}"
        if not has_drain_override(release):
            told.append(Note(text=f"{what} has no effect in release {release.name}; only 4.14 to 4.19 read it."))
        elif skipped:
            told.append(Note(text=f"{what} skips the drain for registries.conf."))
    elif skipped and has_drain_override(release):
        told.append(
            Note(
                text=f"Up to release 4.19, a ConfigMap `{DrainOverride.only_name}` in the namespace "
                f"`{DrainOverride.namespace}` skips the drain for registries.conf; none was found."
            )
        )
    if not all(verdict.reaches_crio for verdict in verdicts):
        told.append(
            Note(
                text="The node disruption policy neither reloads nor restarts CRI-O for this change: it has no effect "
                "on pulls until CRI-O is restarted, for instance by a reboot.",
                help=f"Add the action Reload of {CRIO} to the entry that decides.",
            )
        )
    if found.before is not None:
        told.append(
            Note(
                text="The node disruption policy changes too, so what happens depends on which change reaches the "
                f"cluster first. Under the policy before the change: {former}.",
                help="Change the policy first, and the mirrors when the cluster has it.",
            )
        )
    return told


def _drains_without_override(verdict: DisruptionVerdict) -> bool:
    """Whether the change of registries.conf alone is one that drains, unless the ConfigMap skips that."""
    types = {action.partition(":")[0] for action in verdict.actions}
    if ActionType.SPECIAL not in types or types & {ActionType.DRAIN, ActionType.REBOOT}:
        return False
    return any(
        reason.cause.disruption is Disruption.DRAIN
        for reason in verdict.reasons
        if reason.decision is not None and any(action.type is ActionType.SPECIAL for action in reason.decision.actions)
    )
