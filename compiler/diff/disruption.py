"""What a node goes through for a change of its files: the costs, and the reasons that bear them.

In: the files before and after as values, registries.conf as its model. Out: none, reload, restart, drain or reboot,
with every change that takes part, the cost of each, the entry of the node disruption policy that decides it, and what
would avoid it where something would. The changes are found by `node_changes` and `entry_changes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from compiler.node.disruption_policy import REBOOT, Action, ActionType, Entry
from compiler.node.ignition_config import NodeConfig
from compiler.node.model import RegistriesConf
from compiler.text.span import Span


class Disruption(StrEnum):
    """What a node has to go through, from nothing to the worst; ordered that way, not by name.

    `UNKNOWN` is worse than all: a part of the change was not read.
    """

    NONE = "none"
    RELOAD = "reload"
    RESTART = "restart"
    DRAIN = "drain"
    REBOOT = "reboot"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """0 for none, upwards."""
        return _RANKS[self]

    def __lt__(self, other: str) -> bool:
        return self.rank < Disruption(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Disruption(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Disruption(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Disruption(other).rank


_RANKS = {disruption.value: rank for rank, disruption in enumerate(Disruption)}


class Cause(StrEnum):
    """Why a change costs what it costs: the rule it breaks, or, where it costs a reload, that it breaks none."""

    SEARCH_LIST_CHANGED = "search-list-changed"
    ENTRY_REMOVED = "entry-removed"
    ENTRY_ADDED_WITHOUT_MIRRORS = "entry-added-without-mirrors"
    ENTRY_ADDED_WITH_TAG_MIRROR = "entry-added-with-tag-mirror"
    ENTRY_ADDED_BY_DIGEST_ONLY = "entry-added-by-digest-only"
    PREFIX_CHANGED = "prefix-changed"
    LOCATION_CHANGED = "location-changed"
    BLOCKED_CHANGED = "blocked-changed"
    INSECURE_CHANGED = "insecure-changed"
    MIRROR_REMOVED = "mirror-removed"
    TAG_MIRROR_ADDED = "tag-mirror-added"
    PULL_FROM_MIRROR_CHANGED = "pull-from-mirror-changed"
    MIRROR_LISTED_TWICE = "mirror-listed-twice"
    SEARCH_LIST_EXTENDED = "search-list-extended"
    ENTRY_ADDED = "entry-added"
    ENTRIES_REORDERED = "entries-reordered"
    MIRROR_ADDED = "mirror-added"
    MIRROR_USE_CHANGED = "mirror-use-changed"
    MIRROR_INSECURE_CHANGED = "mirror-insecure-changed"
    MIRRORS_REORDERED = "mirrors-reordered"
    REGISTRIES_CONF_REWRITTEN = "registries-conf-rewritten"
    POLICY_CHANGED = "policy-changed"
    SIGNATURES_CHANGED = "signatures-changed"
    SEARCH_DROP_IN_CHANGED = "search-drop-in-changed"
    DROP_IN_CHANGED = "drop-in-changed"
    OTHER_FILE_CHANGED = "other-file-changed"
    UNIT_CHANGED = "unit-changed"
    SSH_KEYS_CHANGED = "ssh-keys-changed"
    SYSTEM_CHANGED = "system-changed"
    NODE_POOL_ROLLED = "node-pool-rolled"

    @property
    def disruption(self) -> Disruption:
        """What one change of this kind costs by the policy that releases come with."""
        if self in _DRAINS:
            return Disruption.DRAIN
        return Disruption.REBOOT if self in _REBOOTS else Disruption.RELOAD


_DRAINS = frozenset(
    {
        Cause.SEARCH_LIST_CHANGED,
        Cause.ENTRY_REMOVED,
        Cause.ENTRY_ADDED_WITHOUT_MIRRORS,
        Cause.ENTRY_ADDED_WITH_TAG_MIRROR,
        Cause.ENTRY_ADDED_BY_DIGEST_ONLY,
        Cause.PREFIX_CHANGED,
        Cause.LOCATION_CHANGED,
        Cause.BLOCKED_CHANGED,
        Cause.INSECURE_CHANGED,
        Cause.MIRROR_REMOVED,
        Cause.TAG_MIRROR_ADDED,
        Cause.PULL_FROM_MIRROR_CHANGED,
        Cause.MIRROR_LISTED_TWICE,
    }
)
_REBOOTS = frozenset(
    {
        Cause.SEARCH_DROP_IN_CHANGED,
        Cause.DROP_IN_CHANGED,
        Cause.OTHER_FILE_CHANGED,
        Cause.UNIT_CHANGED,
        Cause.SYSTEM_CHANGED,
        Cause.NODE_POOL_ROLLED,
    }
)
_COSTS = {
    ActionType.NONE: Disruption.NONE,
    ActionType.RELOAD: Disruption.RELOAD,
    ActionType.DAEMON_RELOAD: Disruption.RELOAD,
    ActionType.SPECIAL: Disruption.RELOAD,
    ActionType.RESTART: Disruption.RESTART,
    ActionType.DRAIN: Disruption.DRAIN,
    ActionType.REBOOT: Disruption.REBOOT,
}


class UpdateFailsError(ValueError):
    """Nodes cannot be updated to the new side: the daemon stops and the pool degrades; `help` says what to do."""

    def __init__(self, message: str, help: str) -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Who decides what a change costs: an entry of the node disruption policy, or none, which is a reboot.

    `skips_drain` says that the cluster has the ConfigMap that skips the drain for registries.conf.
    """

    entry: Entry | None = None
    skips_drain: bool = False

    @property
    def actions(self) -> tuple[Action, ...]:
        """What the daemon does."""
        return REBOOT if self.entry is None else self.entry.actions

    @property
    def is_own(self) -> bool:
        """Whether the cluster's own policy decides, and not the one that its release comes with."""
        return self.entry is not None and self.entry.span is not None

    def cost(self, cause: "Cause") -> Disruption:
        """What a change of this kind costs."""
        if self._cost is not None:
            return self._cost
        drains = cause.disruption is Disruption.DRAIN and not self.skips_drain
        return Disruption.DRAIN if drains else Disruption.RELOAD

    @cached_property
    def _cost(self) -> Disruption | None:
        """What any change costs; None where it depends on what changes."""
        if any(action.type is ActionType.SPECIAL for action in self.actions):
            return None
        return max((_COSTS[action.type] for action in self.actions), default=Disruption.NONE)


Value = str | bool | tuple[str, ...] | None
"""A value before or after: None where there was none, a tuple for a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFiles:
    """The files that a change is about, as a node has them.

    `registries` is what registries.conf says; None means the file that comes with the operating system.
    `files` are contents by path, all of them or those at hand: the bytes of registries.conf, where both sides
    have them, distinguish a file that is only written differently from one that did not change.
    `origins` are the places that a whole file comes from, by path; for registries.conf those of its search list.
    """

    registries: RegistriesConf | None = None
    files: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    config: NodeConfig | None = field(default=None, compare=False)
    untestable: str = ""
    origins: Mapping[str, tuple[Span, ...]] = field(default_factory=lambda: MappingProxyType({}), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One change and its part in what the node goes through.

    `path` is the file on the node. `scope` is the scope of the entry, empty for what belongs to no entry;
    `mirror` is the mirror's location, empty for what is not about one mirror.
    `before` and `after` contain the value that changed: a flag, a mirror's pull-from-mirror values (an empty one means
    any pull), the list of an entry's mirrors or of search registries, a file's text.
    `old_spans` and `new_spans` are the places in either side that cause it; `remedy` is empty where nothing helps.
    `decision` says what it costs; without one it is what a release comes with.
    """

    path: str
    cause: Cause
    message: str
    scope: str = ""
    mirror: str = ""
    before: Value = None
    after: Value = None
    remedy: str = ""
    decision: Decision | None = None
    old_spans: tuple[Span, ...] = field(default=(), compare=False)
    new_spans: tuple[Span, ...] = field(default=(), compare=False)

    @property
    def disruption(self) -> Disruption:
        """What this change alone costs."""
        return self.cause.disruption if self.decision is None else self.decision.cost(self.cause)

    def decided(self, decision: Decision) -> "Reason":
        """The same reason with another decision; `dataclasses.replace` takes twice as long, of a hundred thousand."""
        return Reason(
            path=self.path,
            cause=self.cause,
            message=self.message,
            scope=self.scope,
            mirror=self.mirror,
            before=self.before,
            after=self.after,
            remedy=self.remedy,
            decision=decision,
            old_spans=self.old_spans,
            new_spans=self.new_spans,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A place that contains policy and was not read; `form` says what it is, such as `template`."""

    path: str
    line: int
    form: str


@dataclass(frozen=True, kw_only=True)
class DisruptionVerdict:
    """Every reason, registries.conf first, then the other files by path; none means that nothing changed.

    `actions` are what the daemon does for all of it together, as `Reload:crio.service`. `reaches_crio` says whether
    CRI-O reads its configuration again, or need not. `unread` are the places for which the verdict is not known.
    """

    reasons: tuple[Reason, ...] = ()
    actions: tuple[str, ...] = ("None",)
    reaches_crio: bool = True
    unread: tuple[Unread, ...] = ()

    @property
    def disruption(self) -> Disruption:
        """What the node goes through: the highest cost among the reasons, unless something was not read."""
        return Disruption.UNKNOWN if self.unread else self.known

    @cached_property
    def known(self) -> Disruption:
        """What the node goes through at least."""
        return max((reason.disruption for reason in self.reasons), default=Disruption.NONE)

    @cached_property
    def decisive(self) -> tuple[Reason, ...]:
        """The reasons without which the verdict would be milder."""
        worst = self.known
        return tuple(reason for reason in self.reasons if reason.disruption is worst)
