"""What a change does to pulls, scope by scope.

In: what nodes hold before and after. Out: for every scope whose pulls change, what changes, for pulls by digest and by
tag, in byte order of the scopes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from compiler.diff.sides import NodeState
from compiler.node.model import RegistryEntry
from compiler.node.routes import Pulls, Route, Routes, Stop
from compiler.text.span import Span

EVERYTHING_ELSE = ""
"""Stands for the scope of images that no list names, and of short names."""


class Effect(StrEnum):
    """What happens to the pulls of a scope."""

    ENTRY_APPEARS = "entry-appears"
    ENTRY_VANISHES = "entry-vanishes"
    INHERITANCE_CHANGED = "inheritance-changed"
    NEWLY_BLOCKED = "newly-blocked"
    NO_LONGER_BLOCKED = "no-longer-blocked"
    FIRST_MIRROR_CHANGED = "first-mirror-changed"
    MIRRORS_ADDED = "mirrors-added"
    MIRRORS_REMOVED = "mirrors-removed"
    MIRRORS_REORDERED = "mirrors-reordered"
    MIRRORS_BLOCKED = "mirrors-blocked"
    MIRRORS_UNBLOCKED = "mirrors-unblocked"
    FALLBACK_OPENED = "fallback-opened"
    FALLBACK_CLOSED = "fallback-closed"
    NEWLY_INSECURE = "newly-insecure"
    NO_LONGER_INSECURE = "no-longer-insecure"
    SEARCH_CHANGED = "search-changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullEffect:
    """One thing that happens to the pulls of a scope.

    `before` and `after` are locations: the list that changed, or what was added or removed alone.
    """

    effect: Effect
    pulls: Pulls
    message: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    old_spans: tuple[Span, ...] = field(default=(), compare=False)
    new_spans: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PullChange:
    """What happens to the pulls of one scope; `EVERYTHING_ELSE` for what no scope names."""

    scope: str
    effects: tuple[PullEffect, ...]

    @property
    def old_spans(self) -> tuple[Span, ...]:
        """Places in the old side that take part, each once."""
        return tuple(dict.fromkeys(span for effect in self.effects for span in effect.old_spans))

    @property
    def new_spans(self) -> tuple[Span, ...]:
        """Places in the new side that take part, each once."""
        return tuple(dict.fromkeys(span for effect in self.effects for span in effect.new_spans))


InheritedFrom = Callable[[str], str]
"""The source whose mirrors the entry of a scope has, where it has none of its own; else empty."""


def pull_changes(
    old: NodeState, new: NodeState, old_inherits: InheritedFrom, new_inherits: InheritedFrom
) -> tuple[PullChange, ...]:
    """What happens to the pulls of every scope for which anything does."""
    before = Routes(old.pulls, old.admission)
    after = Routes(new.pulls, new.admission)
    changes = []
    if general := tuple(_general(old, new, before, after)):
        changes.append(PullChange(scope=EVERYTHING_ELSE, effects=general))
    for scope in sorted(_affected(before, after)):
        effects = tuple(_effects(scope, before, after, old_inherits, new_inherits))
        if effects:
            changes.append(PullChange(scope=scope, effects=effects))
    return tuple(changes)


def _affected(before: Routes, after: Routes) -> set[str]:
    """Scopes whose pulls may change: the rest need not be looked at, and are most of them."""
    old, new = before.entries, after.entries
    changed = {scope for scope in old.keys() | new.keys() if old.get(scope) != new.get(scope)}
    affected = set(changed)
    if changed and (before.blocks or after.blocks):
        affected.update(before.mirrors_under(frozenset(changed)))
        affected.update(after.mirrors_under(frozenset(changed)))
    if not before.admission.agrees_with(after.admission):
        affected.update(*before.admission.scopes, *after.admission.scopes)
        for scope in old.keys() | new.keys():
            if before.admission.refuses_scope(scope) != after.admission.refuses_scope(scope):
                affected.add(scope)
    return affected


def _general(old: NodeState, new: NodeState, before: Routes, after: Routes) -> Iterator[PullEffect]:
    if old.pulls.search != new.pulls.search:
        yield PullEffect(
            effect=Effect.SEARCH_CHANGED,
            pulls=Pulls.ALL,
            message=f"short names are searched in {_listed(new.pulls.search)}; before, in {_listed(old.pulls.search)}",
            before=old.pulls.search,
            after=new.pulls.search,
        )
    refused = after.admission.refuses_others
    if before.admission.refuses_others != refused:
        allowed = tuple(sorted(after.admission.scopes[1]))
        but_for = f" that is not in {_listed(allowed)}" if allowed else ""
        yield PullEffect(
            effect=Effect.NEWLY_BLOCKED if refused else Effect.NO_LONGER_BLOCKED,
            pulls=Pulls.ALL,
            message=(
                f"policy.json refuses every image{but_for}"
                if refused
                else "policy.json no longer refuses images that are in no list"
            ),
            after=allowed if refused else (),
        )


def _effects(
    scope: str, before: Routes, after: Routes, old_inherits: InheritedFrom, new_inherits: InheritedFrom
) -> Iterator[PullEffect]:
    old_entry, new_entry = before.entries.get(scope), after.entries.get(scope)
    by_kind = []
    for pulls in (Pulls.DIGEST, Pulls.TAG):
        old_route, new_route = before.route(scope, pulls), after.route(scope, pulls)
        by_kind.append(
            [
                _placed(effect, before.covering(scope), after.covering(scope))
                for effect in _compare(old_route, new_route, pulls)
            ]
        )
    if old_entry is None and new_entry is not None:
        yield _entry_appears(new_entry, before.covering(scope))
    elif old_entry is not None and new_entry is None:
        yield _entry_vanishes(old_entry, after.covering(scope))
    elif old_entry is not None and new_entry is not None:
        yield from _inheritance(old_entry, new_entry, old_inherits(scope), new_inherits(scope))
    digest, tag = by_kind
    for effect in digest:
        same = next((other for other in tag if _is_alike(effect, other)), None)
        if same is None:
            yield effect
        else:
            tag.remove(same)
            yield _for_all(effect, same)
    yield from tag


def _is_alike(effect: PullEffect, other: PullEffect) -> bool:
    return (effect.effect, effect.message) == (other.effect, other.message)


def _for_all(effect: PullEffect, same: PullEffect) -> PullEffect:
    return replace(
        effect,
        pulls=Pulls.ALL,
        before=tuple(dict.fromkeys((*effect.before, *same.before))),
        after=tuple(dict.fromkeys((*effect.after, *same.after))),
        old_spans=tuple(dict.fromkeys((*effect.old_spans, *same.old_spans))),
        new_spans=tuple(dict.fromkeys((*effect.new_spans, *same.new_spans))),
    )


def _entry_appears(entry: RegistryEntry, covering: RegistryEntry | None) -> PullEffect:
    return PullEffect(
        effect=Effect.ENTRY_APPEARS,
        pulls=Pulls.ALL,
        message=(
            "gets its own entry"
            if covering is None
            else f"gets its own entry; before, it used the entry of `{covering.scope}`"
        ),
        before=() if covering is None else (covering.scope,),
        after=(entry.scope,),
        old_spans=() if covering is None else covering.origins,
        new_spans=entry.origins,
    )


def _entry_vanishes(entry: RegistryEntry, covering: RegistryEntry | None) -> PullEffect:
    return PullEffect(
        effect=Effect.ENTRY_VANISHES,
        pulls=Pulls.ALL,
        message=(
            "loses its entry: pulls go only to the source"
            if covering is None
            else f"loses its entry: now the entry of `{covering.scope}` applies"
        ),
        before=(entry.scope,),
        after=() if covering is None else (covering.scope,),
        old_spans=entry.origins,
        new_spans=() if covering is None else covering.origins,
    )


def _inheritance(old: RegistryEntry, new: RegistryEntry, before: str, after: str) -> Iterator[PullEffect]:
    if before == after:
        return
    if before and after:
        message = f"inherits the mirrors of `{after}`; before, those of `{before}`"
    elif after:
        message = f"inherits the mirrors of `{after}`; before, it had its own"
        if not old.mirrors:
            message = f"inherits the mirrors of `{after}`; before, it had none"
    else:
        message = f"has its own mirrors; before, it inherited those of `{before}`"
        if not new.mirrors:
            message = f"has no mirrors; before, it inherited those of `{before}`"
    yield PullEffect(
        effect=Effect.INHERITANCE_CHANGED,
        pulls=Pulls.ALL,
        message=message,
        before=(before,) if before else (),
        after=(after,) if after else (),
        old_spans=old.origins,
        new_spans=new.origins,
    )


def _compare(old: Route, new: Route, pulls: Pulls) -> Iterator[PullEffect]:
    """What happens to pulls of one kind."""
    if not new.works:
        if old.works:
            yield _effect(Effect.NEWLY_BLOCKED, pulls, f"can no longer be pulled: {_why(new)}", old, new)
        return
    if not old.works:
        yield _effect(
            Effect.NO_LONGER_BLOCKED, pulls, f"can be pulled again, from {_listed(_locations(new.stops))}", old, new
        )
        return
    yield from _compare_mirrors(old, new, pulls)
    if old.source is None and new.source is not None:
        message = "the source is contacted if no mirror serves the image"
        yield PullEffect(effect=Effect.FALLBACK_OPENED, pulls=pulls, message=message, after=(new.source.location,))
    elif old.source is not None and new.source is None:
        message = "the source is no longer contacted"
        yield PullEffect(effect=Effect.FALLBACK_CLOSED, pulls=pulls, message=message, before=(old.source.location,))
    yield from _compare_security(old, new, pulls)


def _compare_mirrors(old: Route, new: Route, pulls: Pulls) -> Iterator[PullEffect]:
    before, after = _locations(old.mirrors), _locations(new.mirrors)
    first_before, first_after = _locations(old.stops)[0], _locations(new.stops)[0]
    if before[:1] != after[:1]:
        old_first = f"`{first_before}`" if before else "the source"
        new_first = f"`{first_after}`" if after else "the source"
        yield PullEffect(
            effect=Effect.FIRST_MIRROR_CHANGED,
            pulls=pulls,
            message=f"{new_first} is tried first; before, {old_first}",
            before=before[:1],
            after=after[:1],
        )
    for effect, found, verb in (
        (Effect.MIRRORS_BLOCKED, [each for each in new.dead if each in before], "can no longer serve images: blocked"),
        (
            Effect.MIRRORS_UNBLOCKED,
            [each for each in after if each in old.dead],
            "can serve images again: no longer blocked",
        ),
        (Effect.MIRRORS_ADDED, [each for each in after if each not in (*before, *old.dead)], "added"),
        (Effect.MIRRORS_REMOVED, [each for each in before if each not in (*after, *new.dead)], "removed"),
    ):
        if found:
            gone = effect in {Effect.MIRRORS_BLOCKED, Effect.MIRRORS_REMOVED}
            yield PullEffect(
                effect=effect,
                pulls=pulls,
                message=f"{verb}: {_listed(found)}",
                before=tuple(found) if gone else (),
                after=() if gone else tuple(found),
            )
    kept_before = [each for each in before if each in after]
    kept_after = [each for each in after if each in before]
    if kept_before != kept_after:
        yield PullEffect(
            effect=Effect.MIRRORS_REORDERED,
            pulls=pulls,
            message=f"tried in the order {_listed(after)}; before, {_listed(before)}",
            before=before,
            after=after,
        )


def _compare_security(old: Route, new: Route, pulls: Pulls) -> Iterator[PullEffect]:
    before = {stop.location: stop.insecure for stop in old.stops}
    secured = [stop.location for stop in new.stops if not stop.insecure and before.get(stop.location, False)]
    unsecured = [stop.location for stop in new.stops if stop.insecure and not before.get(stop.location, False)]
    if unsecured:
        yield PullEffect(
            effect=Effect.NEWLY_INSECURE,
            pulls=pulls,
            message=f"contacted over plain HTTP or unverified TLS: {_listed(unsecured)}",
            after=tuple(unsecured),
        )
    if secured:
        yield PullEffect(
            effect=Effect.NO_LONGER_INSECURE,
            pulls=pulls,
            message=f"contacted over verified TLS only: {_listed(secured)}",
            before=tuple(secured),
        )


def _effect(effect: Effect, pulls: Pulls, message: str, old: Route, new: Route) -> PullEffect:
    return PullEffect(
        effect=effect, pulls=pulls, message=message, before=_locations(old.stops), after=_locations(new.stops)
    )


def _why(route: Route) -> str:
    if route.refused:
        return "policy.json refuses it"
    if route.dead:
        return "the source and every mirror are blocked"
    return "the source is blocked, and no mirror serves such pulls"


def _placed(effect: PullEffect, old: RegistryEntry | None, new: RegistryEntry | None) -> PullEffect:
    """The effect with its places: the mirrors it names, else what made the entries."""
    return replace(effect, old_spans=_places(old, effect.before), new_spans=_places(new, effect.after))


def _places(entry: RegistryEntry | None, locations: Iterable[str]) -> tuple[Span, ...]:
    if entry is None:
        return ()
    named = frozenset(locations)
    spans = [span for mirror in entry.mirrors if mirror.location in named for span in mirror.origins]
    return tuple(dict.fromkeys(spans)) or entry.origins


def _locations(stops: Iterable[Stop]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stop.location for stop in stops))


def _listed(locations: Iterable[str]) -> str:
    return ", ".join(f"`{location}`" for location in locations) or "nothing"
