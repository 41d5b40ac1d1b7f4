"""What changes between the entries of two registries.conf files, and which of it drains a node.

In: the models of both. Out: every change of an entry, of its flags, its mirrors and their order, as a reason.

Follows openshift/machine-config-operator `pkg/daemon` `isSafeContainerRegistryConfChanges` (7ff337a4f), which looks a
mirror up by its location alone and takes the last of two entries with one scope. It stops at the first unsafe change.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypedDict

from compiler.diff.disruption import Cause, Reason, Value
from compiler.node.files import REGISTRIES_CONF
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, Origin, RegistriesConf, RegistryEntry, Role
from compiler.text.span import Span
from compiler.text.wording import ticked


def changed_entries(old: RegistriesConf, new: RegistriesConf) -> Iterator[Reason]:
    """Every change from the entries of `old` to those of `new`; none where they are only listed twice or not at all."""
    old_entries, new_entries = _by_scope(old.entries), _by_scope(new.entries)
    for scope, entry in old_entries.items():
        if scope not in new_entries:
            yield Reason(
                path=REGISTRIES_CONF,
                cause=Cause.ENTRY_REMOVED,
                scope=scope,
                message=f"the entry of `{scope}` is removed",
                before=_locations(entry),
                remedy="Keep the entry, and remove it together with a change that drains the nodes in any case.",
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
            message="the entries have another order, which has no effect on pulls",
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
    if entry.by_digest_only and entry.mirrors:
        # Upstream looks at the mirrors alone, and these do not say so themselves.
        cause = Cause.ENTRY_ADDED_BY_DIGEST_ONLY
        message = f"an entry for `{entry.scope}` is added with `mirror-by-digest-only`"
        remedy = 'Write `pull-from-mirror = "digest-only"` on each mirror instead.'
    elif not entry.mirrors and not entry.by_digest_only:
        cause = Cause.ENTRY_ADDED_WITHOUT_MIRRORS
        flags = [name for name, on in (("blocked", entry.blocked), ("insecure", entry.insecure)) if on]
        message = f"an entry for `{entry.scope}` is added, {' and '.join([*flags, 'without mirrors'])}"
        remedy = "Add the entry with at least one mirror, and only digest-only mirrors: this needs no drain."
    elif serving_tags:
        cause = Cause.ENTRY_ADDED_WITH_TAG_MIRROR
        named = ", ".join(ticked(list(dict.fromkeys(mirror.location for mirror in serving_tags))))
        message = f"an entry for `{entry.scope}` is added with a mirror that serves pulls by tag: {named}"
        remedy = "If images are pulled by digest, use digest-only mirrors (ImageDigestMirrorSet)."
        spans = tuple(span for mirror in serving_tags for span in mirror.origins) or entry.origins
    else:
        cause = Cause.ENTRY_ADDED
        what = "with digest-only mirrors" if entry.mirrors else "without mirrors and with `mirror-by-digest-only`"
        message = f"an entry for `{entry.scope}` is added, {what}"
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
            message = f"`{new.scope}` is {'now' if after else 'no longer'} {name}"
        else:
            message = f"the {name} of `{new.scope}` changes from {_written(before)} to {_written(after)}"
        yield Reason(
            path=REGISTRIES_CONF,
            cause=cause,
            scope=new.scope,
            message=message,
            before=before,
            after=after,
            **_spans(old.by(*_SETTING.get(cause, ())), new.by(*_SETTING.get(cause, ())), old.origins, new.origins),
        )


_SETTING = {
    Cause.BLOCKED_CHANGED: (Role.MIRROR_SOURCE_POLICY, Role.BLOCKED),
    Cause.INSECURE_CHANGED: (Role.INSECURE,),
}
"""The roles of the places that set a flag."""


class _Spans(TypedDict):
    old_spans: tuple[Span, ...]
    new_spans: tuple[Span, ...]


def _spans(
    old: tuple[Origin, ...], new: tuple[Origin, ...], old_origins: tuple[Span, ...], new_origins: tuple[Span, ...]
) -> _Spans:
    """The places in manifests that set something, on either side; the other ones where no manifest does."""
    before, after = (tuple(origin.span for origin in origins if origin.scope) for origins in (old, new))
    if not before and not after:
        before, after = old_origins, new_origins
    return {"old_spans": before, "new_spans": after}


def _mirrors(old: RegistryEntry, new: RegistryEntry) -> Iterator[Reason]:
    """Compare the mirrors of one entry that is in both files and is not the same in both."""
    old_uses, new_uses = _uses(old), _uses(new)
    origins = (old.origins, new.origins)
    for location, uses in old_uses.items():
        if location not in new_uses:
            yield _mirror_removed(new.scope, location, uses, origins)
    for location, uses in new_uses.items():
        yield from _mirror_kept_or_added(new, location, old_uses.get(location, {}), uses)
    if old_uses.keys().isdisjoint(new_uses):
        return
    kept_before = [key for key in _keys(old) if key[1] in new_uses.get(key[0], {})]
    kept_after = [key for key in _keys(new) if key[1] in old_uses.get(key[0], {})]
    if kept_before != kept_after:
        yield Reason(
            path=REGISTRIES_CONF,
            cause=Cause.MIRRORS_REORDERED,
            scope=new.scope,
            message=f"the mirrors of `{new.scope}` are tried in another order",
            before=_locations(old),
            after=_locations(new),
            old_spans=old.origins,
            new_spans=new.origins,
        )


def _uses(entry: RegistryEntry) -> dict[str, dict[str, Endpoint]]:
    """Mirrors by location, then by pull-from-mirror as written, the first of each and in order of appearance.

    So the first value of a location is the one mirror that upstream finds when it looks the location up.
    """
    uses: dict[str, dict[str, Endpoint]] = {}
    for mirror in entry.mirrors:
        uses.setdefault(mirror.location, {}).setdefault(_as_written(entry, mirror), mirror)
    return uses


def _as_written(entry: RegistryEntry, mirror: Endpoint) -> str:
    """A mirror's own pull-from-mirror, which it does not have under `mirror-by-digest-only`."""
    return "" if entry.by_digest_only else mirror.pull_from_mirror


def _keys(entry: RegistryEntry) -> list[tuple[str, str]]:
    return list(dict.fromkeys((mirror.location, _as_written(entry, mirror)) for mirror in entry.mirrors))


def _mirror_removed(
    scope: str, location: str, uses: Mapping[str, Endpoint], origins: tuple[tuple[Span, ...], tuple[Span, ...]]
) -> Reason:
    """The reason for a mirror that is not in an entry any more; `origins` are those of the entry before and after."""
    old, new = origins
    return Reason(
        path=REGISTRIES_CONF,
        cause=Cause.MIRROR_REMOVED,
        scope=scope,
        mirror=location,
        message=f"mirror `{location}` of `{scope}` is removed",
        before=_pulls(uses),
        remedy="Keep it as the last mirror of its list until the nodes are drained in any case.",
        old_spans=_origins(uses) or old,
        new_spans=new,
    )


def _mirror_kept_or_added(
    entry: RegistryEntry, location: str, old: Mapping[str, Endpoint], new: Mapping[str, Endpoint]
) -> Iterator[Reason]:
    """Compare what one location serves in one entry, before and after; `new` is never empty."""
    scope = entry.scope
    first = next(iter(old), None)
    changed = False
    for pull, mirror in new.items():
        if first is None:
            found = _mirror_added(scope, mirror)
        elif pull not in (first, DIGEST_ONLY):
            found = _pull_from_mirror_changed(entry, mirror, old, new)
        elif mirror.pull_from_mirror not in _pulls(old):
            found = _use_changed(scope, location, old, new, old_spans=_origins(old), new_spans=mirror.origins)
        else:
            continue
        changed = changed or mirror.pull_from_mirror not in _pulls(old)
        yield found
    for pull, mirror in new.items():
        before = old.get(pull)
        if before is not None and before.insecure != mirror.insecure:
            yield Reason(
                path=REGISTRIES_CONF,
                cause=Cause.MIRROR_INSECURE_CHANGED,
                scope=scope,
                mirror=location,
                message=f"mirror `{location}` of `{scope}` is {'now' if mirror.insecure else 'no longer'} insecure",
                before=before.insecure,
                after=mirror.insecure,
                **_spans(before.insecure_by, mirror.insecure_by, before.origins, mirror.origins),
            )
    dropped = {pull: mirror for pull, mirror in old.items() if mirror.pull_from_mirror not in _pulls(new)}
    if dropped and not changed:
        yield _use_changed(scope, location, old, new, old_spans=_origins(dropped), new_spans=_origins(new))


def _use_changed(
    scope: str,
    location: str,
    old: Mapping[str, Endpoint],
    new: Mapping[str, Endpoint],
    *,
    old_spans: tuple[Span, ...],
    new_spans: tuple[Span, ...],
) -> Reason:
    return Reason(
        path=REGISTRIES_CONF,
        cause=Cause.MIRROR_USE_CHANGED,
        scope=scope,
        mirror=location,
        message=f"mirror `{location}` of `{scope}` now serves {_served(_pulls(new))}",
        before=_pulls(old),
        after=_pulls(new),
        old_spans=old_spans,
        new_spans=new_spans,
    )


def _mirror_added(scope: str, mirror: Endpoint) -> Reason:
    pull = mirror.pull_from_mirror
    safe = pull == DIGEST_ONLY
    return Reason(
        path=REGISTRIES_CONF,
        cause=Cause.MIRROR_ADDED if safe else Cause.TAG_MIRROR_ADDED,
        scope=scope,
        mirror=mirror.location,
        message=f"mirror `{mirror.location}` is added to `{scope}` for {_served((pull,))}",
        after=(pull,),
        remedy=(
            "" if safe else "If images are pulled by digest, add it as a digest-only mirror (ImageDigestMirrorSet)."
        ),
        new_spans=mirror.origins,
    )


def _pull_from_mirror_changed(
    entry: RegistryEntry, mirror: Endpoint, old: Mapping[str, Endpoint], new: Mapping[str, Endpoint]
) -> Reason:
    scope, pull = entry.scope, _as_written(entry, mirror)
    remedy = "Without a drain, a mirror that is in use can only become digest-only."
    if pull in old:
        # The mirror is unchanged: the look-up by location met its other line, and took that one's value.
        cause = Cause.MIRROR_LISTED_TWICE
        message = (
            f"mirror `{mirror.location}` of `{scope}` is listed for {_served(_pulls(old))}: any change to such an "
            "entry drains nodes"
        )
        remedy = "Leave this entry unchanged, or keep only the digest-only mirror: this change alone needs no drain."
    else:
        cause = Cause.PULL_FROM_MIRROR_CHANGED
        before, after = _served(_pulls(old)), _served(_pulls(new))
        message = f"mirror `{mirror.location}` of `{scope}` served {before}, and now serves {after}"
        if before == after:  # `all` against nothing: one meaning in two spellings, and the spelling counts
            before, after = (" and ".join(map(_written, uses)) for uses in (old, new))
            message = f"pull-from-mirror of mirror `{mirror.location}` of `{scope}` changes from {before} to {after}"
        if entry.by_digest_only:
            remedy = 'Keep `pull-from-mirror = "digest-only"` on the mirror instead of `mirror-by-digest-only`.'
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


def _pulls(uses: Mapping[str, Endpoint]) -> tuple[str, ...]:
    """What the mirrors of one location serve, whichever way that is written."""
    return tuple(mirror.pull_from_mirror for mirror in uses.values())


def _served(pulls: Iterable[str]) -> str:
    """Which pulls mirrors with these pull-from-mirror values serve, in words."""
    known = set(pulls)
    if known == {DIGEST_ONLY}:
        return "digests only"
    if known == {TAG_ONLY}:
        return "tags only"
    return "digests and tags"


def _written(value: Value) -> str:
    """A key's value for a sentence; where there is none the key is absent."""
    return f"`{value}`" if value else "nothing"


def _origins(uses: Mapping[str, Endpoint]) -> tuple[Span, ...]:
    return tuple(span for mirror in uses.values() for span in mirror.origins)
