"""What a change of a node's files costs the node, and why.

In: the files before and after, registries.conf as its model. Out: none, CRI-O reload, drain or reboot, with every
change that takes part, the costs of each, and what would avoid it where something would.

Follows openshift/machine-config-operator `pkg/daemon` (7ff337a4f): `calculatePostConfigChangeActionFromMCDiffs`
for what a file costs, `isSafeContainerRegistryConfChanges` for when a changed registries.conf drains. Upstream
stops at the first unsafe change; here all are found, and the verdict is the highest cost among them. This is the
controller's default: a NodeDisruptionPolicy (release 4.17 on) can change it for every file but registries.conf.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from posixpath import dirname
from types import MappingProxyType

from compiler.nodefiles import DROP_INS, POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF, SIGNATURES
from compiler.registries import BASE, DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.span import Span


class Disruption(StrEnum):
    """What a node has to go through, from nothing to the worst; ordered that way, not by name."""

    NONE = "none"
    RELOAD = "reload"
    DRAIN = "drain"
    REBOOT = "reboot"

    @property
    def rank(self) -> int:
        """0 for none, upwards."""
        return tuple(Disruption).index(self)

    def __lt__(self, other: str) -> bool:
        return self.rank < Disruption(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Disruption(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Disruption(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Disruption(other).rank


class Cause(StrEnum):
    """Why a change costs what it costs: the rule it breaks, or, where it costs a reload, that it breaks none."""

    SEARCH_LIST_CHANGED = "search-list-changed"
    ENTRY_REMOVED = "entry-removed"
    ENTRY_ADDED_WITHOUT_MIRRORS = "entry-added-without-mirrors"
    ENTRY_ADDED_WITH_TAG_MIRROR = "entry-added-with-tag-mirror"
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

    @property
    def disruption(self) -> Disruption:
        """What one change of this kind costs."""
        if self in _DRAINS:
            return Disruption.DRAIN
        return Disruption.REBOOT if self in _REBOOTS else Disruption.RELOAD


_DRAINS = frozenset(
    {
        Cause.SEARCH_LIST_CHANGED,
        Cause.ENTRY_REMOVED,
        Cause.ENTRY_ADDED_WITHOUT_MIRRORS,
        Cause.ENTRY_ADDED_WITH_TAG_MIRROR,
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
_REBOOTS = frozenset({Cause.SEARCH_DROP_IN_CHANGED, Cause.DROP_IN_CHANGED, Cause.OTHER_FILE_CHANGED})

Value = str | bool | tuple[str, ...] | None
"""A value before or after: None where there was none, a tuple for a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFiles:
    """The files that a change is about, as a node has them.

    `registries` is what registries.conf says; None stands for the file that comes with the operating system.
    `files` are contents by path, all of them or those at hand: the bytes of registries.conf, where both sides
    have them, tell a file that is only written differently from one that did not change.
    `origins` are the places that a whole file comes from, by path; for registries.conf those of its search list.
    """

    registries: RegistriesConf | None = None
    files: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    origins: Mapping[str, tuple[Span, ...]] = field(default_factory=lambda: MappingProxyType({}), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One change and its part in what the node goes through.

    `path` is the file on the node. `scope` is the scope of the entry, empty for what belongs to no entry;
    `mirror` is the mirror's location, empty for what is not about one mirror.
    `before` and `after` hold the value that changed: a flag, a mirror's pull-from-mirror values (an empty one means
    any pull), the list of an entry's mirrors or of search registries, a file's text.
    `old_spans` and `new_spans` are the places in either side that cause it; `remedy` is empty where nothing helps.
    """

    path: str
    cause: Cause
    message: str
    scope: str = ""
    mirror: str = ""
    before: Value = None
    after: Value = None
    remedy: str = ""
    old_spans: tuple[Span, ...] = field(default=(), compare=False)
    new_spans: tuple[Span, ...] = field(default=(), compare=False)

    @property
    def disruption(self) -> Disruption:
        """What this change alone costs."""
        return self.cause.disruption


@dataclass(frozen=True, slots=True, kw_only=True)
class DisruptionVerdict:
    """Every reason, registries.conf first, then the other files by path; none means that nothing changed."""

    reasons: tuple[Reason, ...] = ()

    @property
    def disruption(self) -> Disruption:
        """What the node goes through: the highest cost among the reasons."""
        return max((reason.disruption for reason in self.reasons), default=Disruption.NONE)

    @property
    def decisive(self) -> tuple[Reason, ...]:
        """The reasons without which the verdict would be milder."""
        worst = self.disruption
        return tuple(reason for reason in self.reasons if reason.disruption is worst)


def judge(old: NodeFiles, new: NodeFiles) -> DisruptionVerdict:
    """What it costs a node to go from `old` to `new`, and why."""
    reasons = [*_registries_conf(old, new)]
    for path in sorted({*old.files, *new.files} - {REGISTRIES_CONF}):
        if old.files.get(path) != new.files.get(path):
            reasons.append(_file(path, old, new))
    return DisruptionVerdict(reasons=tuple(reasons))


def _registries_conf(old: NodeFiles, new: NodeFiles) -> list[Reason]:
    if _same_registries_conf(old, new):
        return []
    old_origins, new_origins = old.origins.get(REGISTRIES_CONF, ()), new.origins.get(REGISTRIES_CONF, ())
    old_conf, new_conf = old.registries or BASE, new.registries or BASE
    reasons = [
        *_search(old_conf.search, new_conf.search, old_origins, new_origins),
        *_entries(old_conf, new_conf),
    ]
    return reasons or [
        Reason(
            path=REGISTRIES_CONF,
            cause=Cause.REGISTRIES_CONF_REWRITTEN,
            message="registries.conf is written differently; no entry that counts changes",
            old_spans=old_origins,
            new_spans=new_origins,
        )
    ]


def _same_registries_conf(old: NodeFiles, new: NodeFiles) -> bool:
    before, after = old.files.get(REGISTRIES_CONF), new.files.get(REGISTRIES_CONF)
    if before is None or after is None:
        return old.registries == new.registries
    return before == after


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
            else "the search list for short names no longer begins with the old one"
        ),
        before=old,
        after=new,
        remedy="" if extended else "Keep the old list as it is and append new registries behind it.",
        old_spans=old_spans,
        new_spans=new_spans,
    )


def _entries(old: RegistriesConf, new: RegistriesConf) -> Iterator[Reason]:
    old_entries, new_entries = _by_scope(old.entries), _by_scope(new.entries)
    for scope, entry in old_entries.items():
        if scope not in new_entries:
            yield Reason(
                path=REGISTRIES_CONF,
                cause=Cause.ENTRY_REMOVED,
                scope=scope,
                message=f'the entry of "{scope}" is removed',
                before=_locations(entry),
                remedy="Keep it, and remove it with a change that drains the nodes anyway.",
                old_spans=entry.origins,
            )
    for scope, entry in new_entries.items():
        before = old_entries.get(scope)
        if before is None:
            yield _added_entry(entry)
        elif before != entry:
            yield from _flags(before, entry)
            yield from _mirrors(before, entry)
    kept_before = [scope for scope in old_entries if scope in new_entries]
    kept_after = [scope for scope in new_entries if scope in old_entries]
    if kept_before != kept_after:
        yield Reason(
            path=REGISTRIES_CONF,
            cause=Cause.ENTRIES_REORDERED,
            message="the same entries stand in another order, which no pull notices",
            before=tuple(kept_before),
            after=tuple(kept_after),
        )


def _by_scope(entries: Iterable[RegistryEntry]) -> dict[str, RegistryEntry]:
    """Entries by scope; of two with one scope only the last is looked at, as upstream does it."""
    return {entry.scope: entry for entry in entries}


def _locations(entry: RegistryEntry) -> tuple[str, ...]:
    return tuple(mirror.location for mirror in entry.mirrors)


def _added_entry(entry: RegistryEntry) -> Reason:
    serving_tags = [mirror for mirror in entry.mirrors if mirror.pull_from_mirror != DIGEST_ONLY]
    spans = entry.origins
    if not entry.mirrors:
        cause = Cause.ENTRY_ADDED_WITHOUT_MIRRORS
        flags = [name for name, on in (("blocked", entry.blocked), ("insecure", entry.insecure)) if on]
        message = f'an entry for "{entry.scope}" is added, {" and ".join([*flags, "without mirrors"])}'
        remedy = "An entry with at least one mirror, all of them for digests only, is added without a drain."
    elif serving_tags:
        cause = Cause.ENTRY_ADDED_WITH_TAG_MIRROR
        named = ", ".join(f'"{location}"' for location in dict.fromkeys(m.location for m in serving_tags))
        message = f'an entry for "{entry.scope}" is added with a mirror that serves tags: {named}'
        remedy = "Where images are pulled by digest, use mirrors for digests only (ImageDigestMirrorSet)."
        spans = tuple(span for mirror in serving_tags for span in mirror.origins) or entry.origins
    else:
        cause = Cause.ENTRY_ADDED
        message = f'an entry for "{entry.scope}" is added, with mirrors for digests only'
        remedy = ""
    return Reason(
        path=REGISTRIES_CONF,
        cause=cause,
        scope=entry.scope,
        message=message,
        after=_locations(entry),
        remedy=remedy,
        new_spans=spans,
    )


def _flags(old: RegistryEntry, new: RegistryEntry) -> Iterator[Reason]:
    for name, cause, before, after in (
        ("prefix", Cause.PREFIX_CHANGED, old.prefix, new.prefix),
        ("location", Cause.LOCATION_CHANGED, old.location, new.location),
        ("blocked", Cause.BLOCKED_CHANGED, old.blocked, new.blocked),
        ("insecure", Cause.INSECURE_CHANGED, old.insecure, new.insecure),
    ):
        if before == after:
            continue
        if isinstance(after, bool):
            message = f'"{new.scope}" is {"now" if after else "no longer"} {name}'
        else:
            message = f'the {name} of "{new.scope}" changes from "{before}" to "{after}"'
        yield Reason(
            path=REGISTRIES_CONF,
            cause=cause,
            scope=new.scope,
            message=message,
            before=before,
            after=after,
            old_spans=old.origins,
            new_spans=new.origins,
        )


def _mirrors(old: RegistryEntry, new: RegistryEntry) -> Iterator[Reason]:
    """Compare the mirrors of one entry that is in both files and is not the same in both."""
    old_uses, new_uses = _uses(old.mirrors), _uses(new.mirrors)
    for location, uses in old_uses.items():
        if location not in new_uses:
            yield _mirror_removed(old, new, location, uses)
    for location, uses in new_uses.items():
        yield from _mirror_kept_or_added(new.scope, location, old_uses.get(location, {}), uses)
    kept_before = [key for key in _keys(old.mirrors) if key[1] in new_uses.get(key[0], {})]
    kept_after = [key for key in _keys(new.mirrors) if key[1] in old_uses.get(key[0], {})]
    if kept_before != kept_after:
        yield Reason(
            path=REGISTRIES_CONF,
            cause=Cause.MIRRORS_REORDERED,
            scope=new.scope,
            message=f'the mirrors of "{new.scope}" are tried in another order',
            before=_locations(old),
            after=_locations(new),
            old_spans=old.origins,
            new_spans=new.origins,
        )


def _uses(mirrors: Iterable[Endpoint]) -> dict[str, dict[str, Endpoint]]:
    """Mirrors by location, then by pull-from-mirror, the first of each and in order of appearance.

    So the first value of a location is the one mirror that upstream finds when it looks the location up.
    """
    uses: dict[str, dict[str, Endpoint]] = {}
    for mirror in mirrors:
        uses.setdefault(mirror.location, {}).setdefault(mirror.pull_from_mirror, mirror)
    return uses


def _keys(mirrors: Iterable[Endpoint]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((mirror.location, mirror.pull_from_mirror) for mirror in mirrors))


def _mirror_removed(old: RegistryEntry, new: RegistryEntry, location: str, uses: Mapping[str, Endpoint]) -> Reason:
    return Reason(
        path=REGISTRIES_CONF,
        cause=Cause.MIRROR_REMOVED,
        scope=new.scope,
        mirror=location,
        message=f'mirror "{location}" of "{new.scope}" is removed',
        before=tuple(uses),
        remedy="Keep it as the last mirror of its list until the nodes are drained anyway.",
        old_spans=_origins(uses) or old.origins,
        new_spans=new.origins,
    )


def _mirror_kept_or_added(
    scope: str, location: str, old: Mapping[str, Endpoint], new: Mapping[str, Endpoint]
) -> Iterator[Reason]:
    """Compare what one location serves in one entry, before and after; `new` is never empty."""
    first = next(iter(old), None)
    changed = False
    for pull, mirror in new.items():
        if first is None:
            found = _mirror_added(scope, mirror)
        elif pull not in (first, DIGEST_ONLY):
            found = _pull_from_mirror_changed(scope, mirror, old, new)
        elif pull not in old:
            found = Reason(
                path=REGISTRIES_CONF,
                cause=Cause.MIRROR_USE_CHANGED,
                scope=scope,
                mirror=location,
                message=f'mirror "{location}" of "{scope}" now serves {_served(new)}',
                before=tuple(old),
                after=tuple(new),
                old_spans=_origins(old),
                new_spans=mirror.origins,
            )
        else:
            continue
        changed = changed or pull not in old
        yield found
    for pull, mirror in new.items():
        before = old.get(pull)
        if before is not None and before.insecure != mirror.insecure:
            yield Reason(
                path=REGISTRIES_CONF,
                cause=Cause.MIRROR_INSECURE_CHANGED,
                scope=scope,
                mirror=location,
                message=(f'mirror "{location}" of "{scope}" is {"now" if mirror.insecure else "no longer"} insecure'),
                before=before.insecure,
                after=mirror.insecure,
                old_spans=before.origins,
                new_spans=mirror.origins,
            )
    dropped = {pull: mirror for pull, mirror in old.items() if pull not in new}
    if dropped and not changed:
        yield Reason(
            path=REGISTRIES_CONF,
            cause=Cause.MIRROR_USE_CHANGED,
            scope=scope,
            mirror=location,
            message=f'mirror "{location}" of "{scope}" now serves {_served(new)}',
            before=tuple(old),
            after=tuple(new),
            old_spans=_origins(dropped),
            new_spans=_origins(new),
        )


def _mirror_added(scope: str, mirror: Endpoint) -> Reason:
    pull = mirror.pull_from_mirror
    safe = pull == DIGEST_ONLY
    return Reason(
        path=REGISTRIES_CONF,
        cause=Cause.MIRROR_ADDED if safe else Cause.TAG_MIRROR_ADDED,
        scope=scope,
        mirror=mirror.location,
        message=f'mirror "{mirror.location}" is added to "{scope}" for {_served((pull,))}',
        after=(pull,),
        remedy=("" if safe else "Where images are pulled by digest, add it for digests only (ImageDigestMirrorSet)."),
        new_spans=mirror.origins,
    )


def _pull_from_mirror_changed(
    scope: str, mirror: Endpoint, old: Mapping[str, Endpoint], new: Mapping[str, Endpoint]
) -> Reason:
    pull = mirror.pull_from_mirror
    if pull in old:
        # The mirror is as it was: the look-up by location met its other line, and took that one's value.
        cause = Cause.MIRROR_LISTED_TWICE
        message = (
            f'mirror "{mirror.location}" of "{scope}" is listed for {_served(old)}: such an entry drains on any change'
        )
        remedy = "Leave this entry as it is, or list the mirror for digests only: that alone does not drain."
    else:
        cause = Cause.PULL_FROM_MIRROR_CHANGED
        before, after = _served(old), _served(new)
        if before == after:  # `all` against nothing: one meaning in two spellings, and the spelling counts
            before, after = (" and ".join(f'"{use}"' for use in uses) for uses in (old, new))
        message = f'mirror "{mirror.location}" of "{scope}" served {before}, and now serves {after}'
        remedy = "A mirror that is already in use can only become digest-only without a drain."
    return Reason(
        path=REGISTRIES_CONF,
        cause=cause,
        scope=scope,
        mirror=mirror.location,
        message=message,
        before=tuple(old),
        after=tuple(new),
        remedy=remedy,
        old_spans=_origins(old),
        new_spans=mirror.origins,
    )


def _served(pulls: Iterable[str]) -> str:
    """Which pulls mirrors with these pull-from-mirror values serve, in words."""
    known = set(pulls)
    if known == {DIGEST_ONLY}:
        return "digests only"
    if known == {TAG_ONLY}:
        return "tags only"
    return "digests and tags"


def _origins(uses: Mapping[str, Endpoint]) -> tuple[Span, ...]:
    return tuple(span for mirror in uses.values() for span in mirror.origins)


def _file(path: str, old: NodeFiles, new: NodeFiles) -> Reason:
    before, after = old.files.get(path), new.files.get(path)
    if before is None:
        verb = "is added"
    elif after is None:
        verb = "is removed"
    else:
        verb = "changes"
    cause = _file_cause(path)
    reboots = cause.disruption is Disruption.REBOOT
    return Reason(
        path=path,
        cause=cause,
        message=f"{path} {verb}" + (", a path that no rule covers" if reboots else ""),
        before=_shown(before),
        after=_shown(after),
        remedy=("A NodeDisruptionPolicy for this path (release 4.17 on) can make it a reload." if reboots else ""),
        old_spans=old.origins.get(path, ()),
        new_spans=new.origins.get(path, ()),
    )


def _file_cause(path: str) -> Cause:
    if path == POLICY_JSON:
        return Cause.POLICY_CHANGED
    if dirname(path) == SIGNATURES:  # not below it: upstream compares the directory itself
        return Cause.SIGNATURES_CHANGED
    if path == SEARCH_CONF:
        return Cause.SEARCH_DROP_IN_CHANGED
    return Cause.DROP_IN_CHANGED if dirname(path) == DROP_INS else Cause.OTHER_FILE_CHANGED


def _shown(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8", "replace")
