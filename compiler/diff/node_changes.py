"""What changes between two states of a node's files, and what each change costs.

In: the files before and after, and the node disruption policy in force. Out: the verdict, with every change as a reason
for it.

Follows openshift/machine-config-operator (7ff337a4f): `ctrlcommon.CalculateConfigFileDiffs` for which files change,
`pkg/daemon` `isDrainRequiredForNodeDisruptionActions` and `isSafeContainerRegistryConfChanges` for the drain,
`newMachineConfigDiff` and `ctrlcommon.isConfigReconcilable` for what is beside files. Upstream stops at the first
unsafe change; here all are found, and the verdict is the highest cost among them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from compiler.diff.disruption import (
    Cause,
    Decision,
    Disruption,
    DisruptionVerdict,
    NodeFiles,
    Reason,
    UpdateFailsError,
)
from compiler.diff.entry_changes import changed_entries
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.node.disruption_policy import (
    FIRST_RELEASE,
    NONE,
    Action,
    ActionType,
    DisruptionPolicy,
    in_force,
    joined,
)
from compiler.node.files import (
    IMAGE_FILES,
    REGISTRIES_CONF,
    row_of,
)
from compiler.node.ignition_config import NodeConfig
from compiler.node.model import BASE, RegistriesConf
from compiler.repository.paths import printable
from compiler.text.span import Span

_SSH_KEYS = "/home/core/.ssh/authorized_keys.d/ignition"
_UNITS = "/etc/systemd/system"
_CORE = "core"
_WRITE_PLAIN = "Write the file without `compression: gzip`, as a plain data URL."
_AVOID_TEST = (
    f"Nodes have it already: add your own entry for {REGISTRIES_CONF} to the node disruption policy (release "
    f"{FIRST_RELEASE} on), or change a file that reboots nodes in the same update."
)
_DEFAULT = in_force(RELEASES[DEFAULT_RELEASE])


def judge(old: NodeFiles, new: NodeFiles, policy: DisruptionPolicy = _DEFAULT) -> DisruptionVerdict:
    """What it costs a node to go from `old` to `new`, and why.

    Raises:
        UpdateFailsError: The daemon cannot make the change: nodes keep what they have.
    """
    return _judged(old, new, policy, _registries_conf)


def cost(old: NodeFiles, new: NodeFiles, policy: DisruptionPolicy = _DEFAULT) -> Disruption:
    """What it costs a node at least: as `judge` says it, without a look at more changes of entries than decide it.

    Raises:
        UpdateFailsError: The daemon cannot make the change: nodes keep what they have.
    """
    return _judged(old, new, policy, _one_of_registries_conf).known


def _judged(
    old: NodeFiles,
    new: NodeFiles,
    policy: DisruptionPolicy,
    registries_conf: Callable[[NodeFiles, NodeFiles], Iterable[Reason]],
) -> DisruptionVerdict:
    decisions: dict[str, Decision] = {}
    reasons: list[Reason] = []
    if _changes(REGISTRIES_CONF, old, new):
        decision = Decision(entry=policy.for_file(REGISTRIES_CONF), skips_drain=policy.skips_drain)
        decisions[REGISTRIES_CONF] = decision
        reasons += (reason.decided(decision) for reason in registries_conf(old, new))
    for path in sorted({*old.files, *new.files} - {REGISTRIES_CONF}):
        if _changes(path, old, new):
            decisions[path] = Decision(entry=policy.for_file(path))
            reasons.append(_file(path, old, new, decisions[path]))
    if old.config is not None and new.config is not None:
        for reason in _beside_files(old.config, new.config, policy):
            reasons.append(reason)
            decisions[reason.path] = reason.decision or Decision()
    actions = joined(decision.actions for decision in decisions.values()) if decisions else NONE
    _check_update(old, new, actions, policy)
    return DisruptionVerdict(
        reasons=tuple(reasons),
        actions=tuple(map(str, actions)),
        reaches_crio=not any(path.startswith(IMAGE_FILES) for path in decisions)
        or any(action.reaches_crio for action in actions),
    )


def _changes(path: str, old: NodeFiles, new: NodeFiles) -> bool:
    """Whether a file is not the same on both sides, or is written in another way in both sides' MachineConfigs."""
    if old.config is not None and new.config is not None:
        return _written(old.config, path) != _written(new.config, path)
    before, after = old.files.get(path), new.files.get(path)
    if path == REGISTRIES_CONF and (before is None or after is None):
        return old.registries != new.registries
    return before != after


def _written(config: NodeConfig, path: str) -> object:
    return config.files[path].written if path in config.files else None


def _check_update(old: NodeFiles, new: NodeFiles, actions: tuple[Action, ...], policy: DisruptionPolicy) -> None:
    """See that the daemon can go from the one to the other.

    Raises:
        UpdateFailsError: It cannot.
    """
    if old.config is not None and new.config is not None:
        _check_reconcilable(old.config, new.config)
    types = {action.type for action in actions}
    is_tested = ActionType.SPECIAL in types and not types & {ActionType.REBOOT, ActionType.DRAIN}
    for files, advice in ((new, _WRITE_PLAIN), (old, _AVOID_TEST)):
        if is_tested and files.untestable and not policy.skips_drain:
            raise UpdateFailsError(
                f"{files.untestable}: the update of every node fails and its pool degrades, since the test for a safe "
                "change cannot read the file",
                advice,
            )


def _check_reconcilable(old: NodeConfig, new: NodeConfig) -> None:
    fixed = next((name for name in {**old.fixed, **new.fixed} if old.fixed.get(name) != new.fixed.get(name)), "")
    if fixed == "storage.links" and "storage.links" not in new.fixed:
        fixed = ""
    refused = f"spec.config.{fixed.removeprefix('.')} changes" if fixed else ""
    if old.system.get("fips") != new.system.get("fips"):
        refused = "spec.fips changes"
    if old.users != new.users and set(new.users) - {_CORE}:
        refused = "spec.config.passwd.users changes for a user other than `core`"
    for path, file in new.files.items():
        if file.appends:
            refused = f"{printable(path)} is written with `append`"
    if refused:
        raise UpdateFailsError(
            f"{refused}: the operator does not make this change on running nodes, and the pool degrades",
            "Undo this part of the change, or replace the nodes.",
        )


# --- registries.conf ----------------------------------------------------------------


def _registries_conf(old: NodeFiles, new: NodeFiles) -> Iterator[Reason]:
    old_origins, new_origins = old.origins.get(REGISTRIES_CONF, ()), new.origins.get(REGISTRIES_CONF, ())
    # Where all of a node is given, a missing file is empty; else it is the operating system's.
    missing = BASE if old.config is None or new.config is None else RegistriesConf()
    old_conf, new_conf = old.registries or missing, new.registries or missing
    is_read = all(
        side.registries is not None or REGISTRIES_CONF not in side.files or not side.untestable for side in (old, new)
    )
    is_told = False
    if is_read:
        searched = _search(old_conf.search, new_conf.search, old_origins, new_origins)
        for reason in chain(searched, changed_entries(old_conf, new_conf)):
            is_told = True
            yield reason
    if not is_told:
        yield Reason(
            path=REGISTRIES_CONF,
            cause=Cause.REGISTRIES_CONF_REWRITTEN,
            message="registries.conf is written differently, but no entry with an effect changes"
            if is_read
            else "registries.conf changes",
            old_spans=old_origins,
            new_spans=new_origins,
        )


def _one_of_registries_conf(old: NodeFiles, new: NodeFiles) -> Iterator[Reason]:
    """The first change that drains nodes, else the first one: no other costs more, whoever decides."""
    reasons = _registries_conf(old, new)
    first = next(reasons)
    yield next((reason for reason in chain((first,), reasons) if reason.cause.disruption is Disruption.DRAIN), first)


def _search(
    old: tuple[str, ...], new: tuple[str, ...], old_spans: tuple[Span, ...], new_spans: tuple[Span, ...]
) -> Iterator[Reason]:
    if old == new:
        return
    extended = new[: len(old)] == old
    yield Reason(
        path=REGISTRIES_CONF,
        cause=Cause.SEARCH_LIST_EXTENDED if extended else Cause.SEARCH_LIST_CHANGED,
        message=(
            "the search list for short names gets longer"
            if extended
            else "the search list for short names no longer starts with the old list"
        ),
        before=old,
        after=new,
        remedy="" if extended else "Keep the old list unchanged and append new registries.",
        old_spans=old_spans,
        new_spans=new_spans,
    )


# --- Other files, and what is beside files ------------------------------------------


def _file(path: str, old: NodeFiles, new: NodeFiles, decision: Decision) -> Reason:
    before, after = old.files.get(path), new.files.get(path)
    if before is None:
        verb = "is added"
    elif after is None:
        verb = "is removed"
    elif before == after:
        verb = "is written differently"
    else:
        verb = "changes"
    reboots = decision.entry is None
    return Reason(
        path=path,
        cause=_file_cause(path),
        message=f"{path} {verb}" + (", a path that no disruption rule covers" if reboots else ""),
        before=_shown(before),
        after=_shown(after),
        remedy=(
            f"A NodeDisruptionPolicy for this path (release {FIRST_RELEASE} on) can make it a reload."
            if reboots
            else ""
        ),
        decision=decision,
        old_spans=old.origins.get(path, ()),
        new_spans=new.origins.get(path, ()),
    )


def _file_cause(path: str) -> Cause:
    row = row_of(path)
    return Cause(row.cause) if row is not None else Cause.OTHER_FILE_CHANGED


def _beside_files(old: NodeConfig, new: NodeConfig, policy: DisruptionPolicy) -> Iterator[Reason]:
    for name in sorted({*old.units, *new.units}):
        if old.units.get(name) != new.units.get(name):
            yield Reason(
                path=f"{_UNITS}/{printable(name)}",
                cause=Cause.UNIT_CHANGED,
                message=f"the systemd unit {printable(name)} {_verb(old.units, new.units, name)}",
                decision=Decision(entry=policy.for_unit(name)),
            )
    if old.users != new.users:
        yield Reason(
            path=_SSH_KEYS,
            cause=Cause.SSH_KEYS_CHANGED,
            message="the SSH keys or the password of the user core change",
            decision=Decision(entry=policy.ssh_keys),
        )
    for name in sorted({*old.system, *new.system} - {"fips"}):
        if old.system.get(name) != new.system.get(name):
            yield Reason(
                path=f"spec.{name}",
                cause=Cause.SYSTEM_CHANGED,
                message=f"spec.{name} {_verb(old.system, new.system, name)}",
                decision=Decision(),
            )


def _verb(old: Mapping[str, object], new: Mapping[str, object], name: str) -> str:
    if name not in old:
        return "is added"
    return "changes" if name in new else "is removed"


def _shown(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8", "replace")
