"""What nodes do for a change of their configuration: the node disruption policy in force.

In: a release and, from 4.17 on, what the cluster's own MachineConfiguration adds. Out: for a file, a systemd unit or
the SSH keys the *entry* that decides and its *actions*, and the actions of several together.

Follows openshift/machine-config-operator (7ff337a4f and its release branches): `pkg/apihelpers` `MergeClusterPolicies`
for the entries, `pkg/controller/common` `FindClosestFilePolicyPathMatch` for which entry decides, `pkg/daemon`
`calculatePostConfigChangeNodeDisruptionActionFromMCDiffs` for the actions together; up to 4.16, where policies are a
technology preview, the lists built into `pkg/daemon` `calculatePostConfigChangeActionFromFileDiffs`.
"""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NamedTuple

from compiler.manifests.kinds import DrainOverride, MachineConfiguration, NodeActions
from compiler.names.releases import Release
from compiler.node.files import NAMESPACE_POLICIES, POLICY_JSON, REGISTRIES_CONF, SIGNATURES
from compiler.text.span import Span

FIRST_RELEASE = "4.17"
"""From here on a cluster can have its own policy; in 4.16 that is a technology preview."""

CRIO = "crio.service"


class ActionType(StrEnum):
    """What the daemon does on a node after it wrote the files.

    `SPECIAL` cannot be chosen: a reload of CRI-O for registries.conf, with a drain unless the change is safe.
    """

    NONE = "None"
    RELOAD = "Reload"
    DAEMON_RELOAD = "DaemonReload"
    SPECIAL = "Special"
    RESTART = "Restart"
    DRAIN = "Drain"
    REBOOT = "Reboot"


class Action(NamedTuple):
    """One action; `service` is the systemd unit that is reloaded or restarted, empty for the other types."""

    type: ActionType
    service: str = ""

    def __str__(self) -> str:
        return f"{self.type}:{self.service}" if self.service else self.type.value

    @property
    def reaches_crio(self) -> bool:
        """Whether CRI-O reads its configuration again."""
        return self.type in {ActionType.SPECIAL, ActionType.REBOOT} or (
            self.type in {ActionType.RELOAD, ActionType.RESTART} and self.service == CRIO
        )


NONE = (Action(ActionType.NONE),)
REBOOT = (Action(ActionType.REBOOT),)
SPECIAL = (Action(ActionType.SPECIAL),)
_RELOAD_CRIO = (Action(ActionType.RELOAD, CRIO),)
_RESTART_CRIO = (Action(ActionType.RESTART, CRIO),)


class Reach(Enum):
    """Which paths an entry is for: its own alone, the files directly in the folder, or all that is below it."""

    FILE = "file"
    FOLDER = "folder"
    TREE = "tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is done for a change of `path`, a file or folder (or a systemd unit's name).

    `span` is where the cluster's own policy says so, None for an entry that the release comes with.
    """

    path: str
    actions: tuple[Action, ...]
    reach: Reach = Reach.TREE
    span: Span | None = field(default=None, compare=False)

    def covers(self, path: str) -> bool:
        """Whether the entry is for a changed file."""
        if self.reach is Reach.FOLDER:
            return posixpath.dirname(path) == self.path
        return path == self.path or (self.reach is Reach.TREE and _is_below(path, self.path))


def _is_below(path: str, folder: str) -> bool:
    """As `IsSubdirectory`: nothing is below the root, since its name ends in the separator already."""
    return _clean(path).startswith(_clean(folder) + "/")


def _clean(path: str) -> str:
    """As Go's `filepath.Clean`, which unlike `normpath` keeps no second slash in front."""
    normal = posixpath.normpath(path)
    return normal[1:] if normal.startswith("//") else normal


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionPolicy:
    """The entries in force, and whether the drain for registries.conf is skipped.

    `units` are by the name of a systemd unit, `ssh_keys` is for the keys of the user `core`. `drain_override` is the
    place of the ConfigMap that skips the drain, None where there is none that takes effect.
    """

    files: tuple[Entry, ...]
    units: tuple[Entry, ...] = ()
    ssh_keys: Entry = Entry(path="", actions=NONE)
    drain_override: Span | None = field(default=None, compare=False)
    skips_drain: bool = False

    def for_file(self, path: str) -> Entry | None:
        """The entry that decides for a file, the longest of those that cover it; None means a reboot."""
        covering = (entry for entry in self.files if entry.covers(path))
        # Of several as long the first decides.
        return max(covering, key=lambda entry: len(entry.path.encode()), default=None)

    def for_unit(self, name: str) -> Entry | None:
        """The entry that decides for a systemd unit; None means a reboot."""
        return next((entry for entry in self.units if entry.path == name), None)


def joined(decided: Iterable[tuple[Action, ...]]) -> tuple[Action, ...]:
    """The actions for several changes together, as often as decided; nothing changed is `None`."""
    actions = tuple(action for each in decided for action in each)
    if any(action.type is ActionType.REBOOT for action in actions):
        return REBOOT
    return tuple(action for action in actions if action.type is not ActionType.NONE) or (() if actions == () else NONE)


# --- What a release comes with ----------------------------------------------------

_GPG_KEY = "/etc/machine-config-daemon/no-reboot/containers-gpg.pub"
_PULL_SECRET = "/var/lib/kubelet/config.json"
_NMSTATE = "/etc/nmstate/openshift"
_CA_BUNDLE = "/etc/pki/ca-trust/source/anchors/openshift-config-user-ca-bundle.crt"
_UPDATE_CA_TRUST = Action(ActionType.RESTART, "coreos-update-ca-trust.service")
_RESTART_KUBELET = Action(ActionType.RESTART, "kubelet.service")
_RESTART_REGISTRY = Action(ActionType.RESTART, "iri-registry.service")
_DAEMON_RELOAD = Action(ActionType.DAEMON_RELOAD)


class _Default(NamedTuple):
    """One row: an entry, and the first and last release that comes with it; empty for no end."""

    path: str
    actions: tuple[Action, ...]
    first: str = FIRST_RELEASE
    last: str = ""
    reach: Reach = Reach.TREE


_FILES: tuple[_Default, ...] = (
    # Up to 4.16: lists of files, and of folders whose own files alone count.
    _Default(REGISTRIES_CONF, SPECIAL, first="4.13", last="4.16", reach=Reach.FILE),
    _Default(POLICY_JSON, _RELOAD_CRIO, first="4.13", last="4.16", reach=Reach.FILE),
    _Default(_GPG_KEY, _RELOAD_CRIO, first="4.13", last="4.16", reach=Reach.FILE),
    _Default(_PULL_SECRET, NONE, first="4.13", last="4.16", reach=Reach.FILE),
    _Default("/etc/kubernetes/kubelet-ca.crt", NONE, first="4.13", last="4.16", reach=Reach.FILE),
    _Default("/etc/mco/internal-registry-pull-secret.json", NONE, first="4.14", last="4.15", reach=Reach.FILE),
    _Default(_CA_BUNDLE, _RESTART_CRIO, first="4.14", last="4.16", reach=Reach.FILE),
    _Default(SIGNATURES, _RELOAD_CRIO, first="4.16", last="4.16", reach=Reach.FOLDER),
    _Default(_NMSTATE, NONE, first="4.16", last="4.16", reach=Reach.FOLDER),
    # From 4.17 on: the default of the node disruption policy.
    _Default(_PULL_SECRET, NONE),
    _Default(_GPG_KEY, _RELOAD_CRIO),
    _Default(POLICY_JSON, _RELOAD_CRIO),
    _Default(REGISTRIES_CONF, SPECIAL),
    _Default(SIGNATURES, _RELOAD_CRIO),
    _Default(NAMESPACE_POLICIES, _RELOAD_CRIO, first="4.18"),
    _Default(_NMSTATE, NONE),
    _Default(_CA_BUNDLE, (_UPDATE_CA_TRUST, *_RESTART_CRIO)),
    _Default("/etc/kubernetes/credential-providers", (_RESTART_KUBELET,), first="4.22"),
    _Default(
        "/etc/systemd/system/kubelet.service.d/40-kubelet-crio-image-credential-provider.conf",
        (_DAEMON_RELOAD, _RESTART_KUBELET),
        first="4.22",
    ),
    _Default("/etc/iri-registry", (_RESTART_REGISTRY,), first="4.22"),
    _Default("/usr/local/bin/load-registry-image.sh", (_RESTART_REGISTRY,), first="4.22"),
    _Default("/etc/pki/ca-trust/source/anchors/iri-root-ca.crt", (_UPDATE_CA_TRUST,), first="4.22"),
)
_UNITS: tuple[_Default, ...] = (_Default("iri-registry.service", (_DAEMON_RELOAD, _RESTART_REGISTRY), first="4.22"),)


def has_policies(release: Release) -> bool:
    """Whether a cluster of this release applies its own node disruption policy."""
    return release.since(FIRST_RELEASE)


def has_drain_override(release: Release) -> bool:
    """Whether the ConfigMap that skips the drain for registries.conf takes effect: 4.14 to 4.19."""
    return release.since("4.14") and not release.since("4.20")


def in_force(
    release: Release, own: MachineConfiguration | None = None, override: DrainOverride | None = None
) -> DisruptionPolicy:
    """The policy of a cluster: what its release comes with, and its own entries in place of that or beside it.

    Args:
        release: Of the cluster. Before 4.17 its own policy has no effect.
        own: The cluster's MachineConfiguration, None where it has none.
        override: The ConfigMap that skips the drain for registries.conf, None where there is none.
    """
    counts = own if has_policies(release) else None
    keys = counts.ssh_keys if counts is not None else None
    skips = override is not None and has_drain_override(release)
    return DisruptionPolicy(
        files=_merged(_defaults(_FILES, release), map(_own, counts.files if counts is not None else ())),
        units=_merged(_defaults(_UNITS, release), map(_own, counts.units if counts is not None else ())),
        ssh_keys=_own(keys) if keys is not None and keys.actions else Entry(path="", actions=NONE),
        drain_override=override.name.span if override is not None and skips else None,
        skips_drain=skips,
    )


def _own(entry: NodeActions) -> Entry:
    actions = (
        Action(ActionType(action.type.value), action.service.value if action.service is not None else "")
        for action in entry.actions
    )
    return Entry(path=entry.name.value, actions=tuple(actions), span=entry.name.span)


def _defaults(rows: Iterable[_Default], release: Release) -> list[Entry]:
    return [
        Entry(path=row.path, actions=row.actions, reach=row.reach)
        for row in rows
        if release.since(row.first) and (not row.last or row.last == release.name or not release.since(row.last))
    ]


def _merged(defaults: list[Entry], own: Iterable[Entry]) -> tuple[Entry, ...]:
    """An own entry takes the place of the default with exactly its path; others are added."""
    own = list(own)
    replaced = {entry.path: entry for entry in reversed(own)}
    paths = {entry.path for entry in defaults}
    return (
        *(replaced.get(entry.path, entry) for entry in defaults),
        *(entry for entry in own if entry.path not in paths),
    )
