"""What the reports of `plan` say in words, whatever their format.

In: values of a plan. Out: sentences. Values of the repo are between backticks, so that a format can show them its own
way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compiler.diff.comparison import Comparison
from compiler.diff.disruption import Disruption, Reason
from compiler.edits.changes import KEPT, NEW, Change, Changes, EditVerb
from compiler.edits.planning import Moved, Plan, PlanStep
from compiler.text.span import Span
from compiler.text.wording import counted, some_of, ticked

PRUNE_LAST = "Set the sync option PruneLast=true, so that objects are deleted after the last wave."
_MOST = 3


def how_to_set(described: "Described") -> str:
    """How the objects get their sync waves."""
    if described.wave_patch:
        return (
            f"{described.wave_patch} sets the annotation argocd.argoproj.io/sync-wave on each object of a later wave."
        )
    return "Set the annotation argocd.argoproj.io/sync-wave on each object of a later wave."


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A plan with what its reports need beside it: what the two states are called, and the changes."""

    old: str
    new: str
    plan: Plan
    changes: Changes
    patches: Sequence[str] = ()
    wave_patch: str = ""


def headline(described: Described) -> str:
    """How many commits, and what nodes go through."""
    plan = described.plan
    if not plan.steps:
        return "Nothing changes."
    once = at_once(plan)
    if len(plan.steps) == 1:
        return f"One commit is best: {once}."
    worst = [step.disruption for step in plan.steps if step.disruption > Disruption.RESTART]
    ending = f"; {counted(len(worst), 'of them disrupts nodes', 'of them disrupt nodes')} ({worst[0]})" if worst else ""
    tried = "" if plan.exact else " There are too many changes to try every order."
    return f"{counted(len(plan.steps), 'commit')}{ending}. In one commit: {once}.{tried}"


def at_once(plan: Plan) -> Disruption:
    """What everything in one commit means for the worst cluster."""
    return max((each.disruption for _, each in plan.at_once), default=Disruption.NONE)


def by_cluster(step: PlanStep) -> str:
    """What a step means for each cluster, where they differ; else empty."""
    if len({cost for _, cost in step.costs}) < 2:
        return ""
    named: dict[Disruption, list[str]] = {}
    for name, cost in step.costs:
        named.setdefault(cost, []).append(name)
    return "; ".join(f"{each}: {some_of(named[each], _MOST)}" for each in sorted(named, key=lambda each: -each.rank))


def told(changes: Changes, step: PlanStep) -> Iterator[str]:
    """What a step changes, a sentence each."""
    for moved in step.moved:
        yield sentence(changes.all[moved.index], moved)


def sentence(change: Change, moved: Moved) -> str:
    """What a step does about one change."""
    what = f"{change.kind} `{change.name}`"
    if not change.kind:
        return f"{_VERBS[change.verb]} {counted(len(change.paths), 'file')}: {some_of(ticked(change.paths), _MOST)}"
    if change.verb is EditVerb.MOVE:
        return f"move {what} to `{change.paths[-1]}`"
    if not change.source:
        kept = f"keep {some_of(ticked(change.kept), _MOST)} as the last mirror of its list"
        if moved.level == KEPT:
            return f"{_VERBS[change.verb]} {what}; {kept}"
        if moved.origin == KEPT:
            return f"remove {some_of(ticked(change.kept), _MOST)} from {what}"
        return f"{_VERBS[change.verb]} {what}"
    done = []
    if moved.origin != KEPT and change.gained:
        done.append(f"add {some_of(ticked(change.gained), _MOST)}")
    if moved.level == KEPT and change.kept:
        done.append(f"keep {some_of(ticked(change.kept), _MOST)} as the last mirror")
    if (lost := removed(change, moved)) and not change.removes:
        done.append(f"remove {some_of(ticked(lost), _MOST)}")
    rest = "remove it" if change.removes else "change it" if moved.origin != KEPT else "set its mirrorSourcePolicy"
    return f"{what}, `{change.source}`: {'; '.join(done) or rest}"


_VERBS = {EditVerb.CREATE: "create", EditVerb.CHANGE: "change", EditVerb.DELETE: "delete", EditVerb.MOVE: "move"}


def unavoidable(plan: Plan) -> list[tuple[str, Comparison, list[Reason]]]:
    """By cluster, why every sequence drains or reboots its nodes; clusters with the same reasons once."""
    found: list[tuple[str, Comparison, list[Reason]]] = []
    costs: dict[str, list[Disruption]] = {}
    for step in plan.steps:
        for name, cost in step.costs:
            costs.setdefault(name, []).append(cost)
    seen: set[int] = set()
    for name, comparison in plan.at_once:
        if id(comparison) in seen or not {Disruption.DRAIN, Disruption.REBOOT} & set(costs.get(name, ())):
            continue
        seen.add(id(comparison))
        reasons: dict[Reason, None] = {}
        for pool in comparison.pools:
            reasons.update(dict.fromkeys(pool.verdict.decisive))
        if all(list(reasons) != known for _, _, known in found):
            found.append((name, comparison, list(reasons)))
    return found


def worst(reasons: Sequence[Reason]) -> Disruption:
    """The greatest disruption among reasons."""
    return max((reason.disruption for reason in reasons), default=Disruption.DRAIN)


def places(reason: Reason) -> Iterator[tuple[str, Sequence[Span]]]:
    """The places of a reason by side."""
    yield from (("old", reason.old_spans), ("new", reason.new_spans))


def removed(change: Change, moved: Moved) -> tuple[str, ...]:
    """The mirrors that a step takes out of lists."""
    if moved.level != NEW:
        return ()
    return change.lost or (change.kept if moved.origin == KEPT else ())


def waves(described: Described) -> list[tuple[Disruption, list[str]]]:
    """For Argo CD: by sync wave what nodes go through and the objects in it; the last one is the pruning, if any."""
    plan, changes = described.plan, described.changes
    found = []
    before = changes.first
    for state, cost in zip(plan.waves, plan.wave_costs, strict=True):
        moved = [
            change for change, old, new in zip(changes.all, before, state, strict=True) if old != new and change.kind
        ]
        found.append((cost, list(dict.fromkeys(f"{change.kind} `{change.name}`" for change in moved))))
        before = state
    return found
