"""What a cluster's node disruption policy does beside what it is meant to do."""

from collections.abc import Iterator

from compiler.checks.scene import Scene
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.node.files import GENERATED, REGISTRIES_CONF
from compiler.text.wording import joined, ticked


def crio_not_reloaded(scene: Scene) -> Iterator[Diagnostic]:
    """An entry that decides for such a file and does not make CRI-O read it."""
    own = scene.policy.machine_configuration
    release = scene.settings.release
    if own is None:
        return
    from compiler.node.disruption_policy import CRIO, has_policies, in_force

    if not has_policies(release):
        return
    policy = in_force(release, own)
    for index, entry in enumerate(own.files):
        decided = [
            path for path in GENERATED if (found := policy.for_file(path)) is not None and found.span == entry.name.span
        ]
        actions = [action for each in policy.files if each.span == entry.name.span for action in each.actions]
        if not decided or any(action.reaches_crio for action in actions):
            continue
        what = joined([str(action) for action in actions]) or "none"
        yield rules.CRIO_NOT_RELOADED.at(
            entry.actions[0].type.span if entry.actions else entry.name.span,
            f"the node disruption policy does not reload CRI-O for {joined(ticked(decided))}: its action is {what}",
            help=f"Write `type: Reload` with `reload: {{serviceName: {CRIO}}}`"
            + (", or remove the entry: by default CRI-O reloads." if entry.name.value == REGISTRIES_CONF else "."),
            field=f"spec.nodeDisruptionPolicy.files[{index}].actions",
        )
