"""The node disruption policy of a MachineConfiguration, checked as the API server checks it.

In: the object's tree. Out: its entries with their places; the findings go to the reader. The rules are those of the CRD
`machineconfigurations.operator.openshift.io` in openshift/api (2a3d73913). Other parts of the object are not looked at.
"""

import re

from compiler.findings import rules
from compiler.findings.diagnostics import Label
from compiler.manifests.fields import FieldReader, replacement
from compiler.manifests.kinds import MachineConfiguration, NodeAction, NodeActions
from compiler.text.span import Located
from compiler.text.tree import Mapping, Node, Sequence
from compiler.text.wording import nearest, shown

_OBJECT_FIELDS = frozenset(("apiVersion", "kind", "metadata", "spec", "status"))
_SPEC_FIELDS = frozenset(
    (
        "bootImageSkewEnforcement",
        "failedRevisionLimit",
        "forceRedeploymentReason",
        "irreconcilableValidationOverrides",
        "logLevel",
        "managedBootImages",
        "managementState",
        "nodeDisruptionPolicy",
        "observedConfig",
        "operatorLogLevel",
        "succeededRevisionLimit",
        "unsupportedConfigOverrides",
    )
)
_TYPES = ("Reboot", "Drain", "Reload", "Restart", "DaemonReload", "None")
_ALONE = ("Reboot", "None")
_WITH_SERVICE = {"Reload": "reload", "Restart": "restart"}
_MOST_ENTRIES = 50
_MOST_ACTIONS = 10
_LONGEST_SERVICE = 255
_SERVICE = re.compile(
    r"[a-zA-Z0-9:._\\-]+\.(?:service|socket|device|mount|automount|swap|target|path|timer|snapshot|slice|scope)"
)
_POLICY = "spec.nodeDisruptionPolicy"


def is_machine_configuration(root: Mapping, api_version: str) -> bool:
    """Whether an object of that kind is the operator's, or is meant to be."""
    spec = root.fields.get("spec")
    return api_version.startswith("operator.openshift.io/") or (
        isinstance(spec, Mapping) and "nodeDisruptionPolicy" in spec.fields
    )


def read_machine_configuration(reader: FieldReader, root: Mapping, name: Located[str]) -> MachineConfiguration:
    """Read the object; what the API server would refuse has been reported to the reader."""
    return _Reader(reader).object(root, name)


class _Reader:
    """Reads one object."""

    def __init__(self, reader: FieldReader) -> None:
        self.reader = reader

    def object(self, root: Mapping, name: Located[str]) -> MachineConfiguration:
        if name.value and name.value != MachineConfiguration.only_name:
            self.reader.refuse(
                rules.INVALID_METADATA.at(
                    name.span,
                    f"a MachineConfiguration must be named `{MachineConfiguration.only_name}`, found "
                    f"`{shown(name.value)}`",
                    help=f"Name it `{MachineConfiguration.only_name}`.",
                    field="metadata.name",
                )
            )
        self.reader.unknown_fields(root, _OBJECT_FIELDS, "")
        files: tuple[NodeActions, ...] = ()
        units: tuple[NodeActions, ...] = ()
        ssh_keys = None
        policy = None
        if (spec := self.reader.required_spec(root)) is not None:
            self.reader.unknown_fields(spec, _SPEC_FIELDS, "spec")
            policy = self.reader.optional(spec, "nodeDisruptionPolicy", _POLICY, Mapping)
        if policy is not None:
            self.reader.unknown_fields(policy, frozenset(("files", "units", "sshkey")), _POLICY)
            files = self.entries(policy, "files", "path")
            units = self.entries(policy, "units", "name")
            ssh_keys = self.ssh_keys(policy)
        return MachineConfiguration(
            name=name, has_policy=policy is not None, files=files, units=units, ssh_keys=ssh_keys, span=root.span
        )

    def entries(self, policy: Mapping, field: str, key: str) -> tuple[NodeActions, ...]:
        path = f"{_POLICY}.{field}"
        listed = self.reader.optional(policy, field, path, Sequence)
        items = listed.items if listed is not None else []
        self.length(listed, path, _MOST_ENTRIES)
        found: dict[str, NodeActions] = {}
        for index, item in enumerate(items):
            entry = self.entry(item, key, f"{path}[{index}]")
            if entry is None:
                continue
            if entry.name.value in found:
                self.reader.refuse(
                    rules.INVALID_VALUE.at(
                        entry.name.span,
                        f"`{shown(entry.name.value)}` has two entries",
                        help="Keep one of the two.",
                        labels=[Label(span=found[entry.name.value].name.span, text="the first one")],
                        field=f"{path}[{index}]",
                    )
                )
            found[entry.name.value] = entry
        return tuple(found.values())

    def entry(self, item: Node, key: str, path: str) -> NodeActions | None:
        if not isinstance(item, Mapping):
            self.reader.wrong_type(item, path, "object")
            return None
        self.reader.unknown_fields(item, frozenset((key, "actions")), path)
        name = self.required_string(item, key, path)
        if name is not None and key == "name":
            self.service_name(name, f"{path}.name")
        actions = self.actions(item, path)
        return None if name is None else NodeActions(name, actions)

    def ssh_keys(self, policy: Mapping) -> NodeActions | None:
        path = f"{_POLICY}.sshkey"
        node = self.reader.optional(policy, "sshkey", path, Mapping)
        if node is None:
            return None
        self.reader.unknown_fields(node, frozenset(("actions",)), path)
        key = policy.key("sshkey")
        return NodeActions(Located("sshkey", (key or node).span), self.actions(node, path))

    def actions(self, node: Mapping, path: str) -> tuple[NodeAction, ...]:
        listed = self.reader.optional(node, "actions", f"{path}.actions", Sequence)
        if listed is None:
            if self.reader.present(node, "actions") is None:
                self.reader.missing(node, "actions", path)
            return ()
        self.length(listed, f"{path}.actions", _MOST_ACTIONS)
        read = (self.action(item, f"{path}.actions[{index}]") for index, item in enumerate(listed.items))
        actions = tuple(action for action in read if action is not None)
        for action in actions:
            if action.type.value in _ALONE and len(listed.items) > 1:
                self.reader.refuse(
                    rules.INVALID_VALUE.at(
                        action.type.span,
                        f"`{action.type.value}` cannot be combined with other actions",
                        help=f"Keep `{action.type.value}` alone, or remove it.",
                        field=f"{path}.actions",
                    )
                )
                break
        return actions

    def action(self, item: Node, path: str) -> NodeAction | None:
        if not isinstance(item, Mapping):
            self.reader.wrong_type(item, path, "object")
            return None
        self.reader.unknown_fields(item, frozenset(("type", *_WITH_SERVICE.values())), path)
        type_ = self.required_string(item, "type", path)
        if type_ is not None and type_.value not in _TYPES:
            self.unknown_type(item, type_, path)
            return None
        service = None
        for needed_by, field in _WITH_SERVICE.items():
            target = self.reader.optional(item, field, f"{path}.{field}", Mapping)
            if target is not None:
                self.reader.unknown_fields(target, frozenset(("serviceName",)), f"{path}.{field}")
                service = self.required_string(target, "serviceName", f"{path}.{field}")
                if service is not None:
                    self.service_name(service, f"{path}.{field}.serviceName")
            is_needed = type_ is not None and type_.value == needed_by
            if is_needed and self.reader.present(item, field) is None:
                self.reader.missing(item, field, path)
            elif type_ is not None and not is_needed and target is not None:
                self.reader.refuse(
                    rules.INVALID_VALUE.at(
                        (item.key(field) or item).span,
                        f"`{field}` is only for the action `{needed_by}`, found with `{type_.value}`",
                        help=f"Remove `{field}`, or write `type: {needed_by}`.",
                        field=f"{path}.{field}",
                    )
                )
        return None if type_ is None else NodeAction(type_, service)

    def unknown_type(self, item: Mapping, type_: Located[str], path: str) -> None:
        near = nearest(type_.value, frozenset(_TYPES))
        advice = f"Did you mean `{near}`?" if near else f"Write one of {', '.join(_TYPES)}."
        if type_.value == "Special":
            advice = f"`Special` is reserved for the operator. Write one of {', '.join(_TYPES)}."
        self.reader.refuse(
            rules.INVALID_VALUE.at(
                type_.span,
                f"`{shown(type_.value)}` is not a valid action of a node disruption policy",
                help=advice,
                fix=replacement(item.fields["type"], near, f"write `{near}`") if near else None,
                field=f"{path}.type",
            )
        )

    def service_name(self, name: Located[str], path: str) -> None:
        if len(name.value) > _LONGEST_SERVICE or not _SERVICE.fullmatch(name.value):
            self.reader.refuse(
                rules.INVALID_VALUE.at(
                    name.span,
                    f"`{shown(name.value)}` is not a valid name of a systemd unit",
                    help="Write the whole name with its type, such as `crio.service`.",
                    field=path,
                )
            )

    def length(self, listed: Sequence | None, path: str, most: int) -> None:
        if listed is not None and len(listed.items) > most:
            self.reader.refuse(
                rules.INVALID_LENGTH.at(
                    listed.items[most].span,
                    f"the list has {len(listed.items)} entries; the API accepts {most}",
                    help="Remove entries; one for a folder covers all files below it.",
                    field=path,
                )
            )

    def required_string(self, node: Mapping, field: str, path: str) -> Located[str] | None:
        if self.reader.present(node, field) is None:
            self.reader.missing(node, field, path)
            return None
        return self.reader.optional_string(node, field, f"{path}.{field}")
