"""What a change does to pulls, scope by scope.

In: what nodes have before and after. Out: for every scope whose pulls change, what changes, for pulls by digest and by
tag, in byte order of the scopes. Both sides are asked where the pulls of a scope go (`node.scope_pulls`), so that what
is said here of a scope is what `explain` says of the images in it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from compiler.diff.sides import NodeState
from compiler.diff.signatures import SignatureChange, SignatureEffect, signature_changes
from compiler.names.scope import ScopeSet, is_wildcard
from compiler.node.model import RegistryEntry
from compiler.node.scope_pulls import KINDS, Budget, Invalid, Pulls, ScopePull, ScopePulls, Stop
from compiler.text.span import Span

EVERYTHING_ELSE = ""
"""Means the scope of images that no list names, and of short names."""


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
    SOME_PULLS_FAIL = "some-pulls-fail"
    SOME_PULLS_WORK_AGAIN = "some-pulls-work-again"
    SIGNATURE_REQUIRED = "signature-required"
    SIGNATURE_NO_LONGER_REQUIRED = "signature-no-longer-required"
    SIGNATURE_CHANGED = "signature-changed"


class PullEffect(NamedTuple):
    """One thing that happens to the pulls of a scope.

    `before` and `after` are locations: the list that changed, or what was added or removed alone. Two effects are equal
    wherever they were written.
    """

    effect: Effect
    pulls: Pulls
    message: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    old_spans: tuple[Span, ...] = ()
    new_spans: tuple[Span, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PullEffect) and self[:5] == other[:5]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:5])


class OrderChange(NamedTuple):
    """Where pulls of one kind are tried, in order, before and after; None where no image can be pulled so."""

    pulls: Pulls
    before: tuple[str, ...] | None
    after: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullChange:
    """What happens to the pulls of one scope; `EVERYTHING_ELSE` for what no scope names.

    `orders` are the orders that change, one for all pulls where those by digest and by tag are the same.
    """

    scope: str
    effects: tuple[PullEffect, ...]
    orders: tuple[OrderChange, ...] = ()

    @property
    def old_spans(self) -> tuple[Span, ...]:
        """Places in the old side that take part, each once."""
        return tuple(dict.fromkeys(span for effect in self.effects for span in effect.old_spans))

    @property
    def new_spans(self) -> tuple[Span, ...]:
        """Places in the new side that take part, each once."""
        return tuple(dict.fromkeys(span for effect in self.effects for span in effect.new_spans))


class PullChanges(NamedTuple):
    """What happens to pulls, scope by scope; not `complete` where there is more than can be looked at."""

    changes: tuple[PullChange, ...]
    complete: bool = True


def pull_changes(old: NodeState, new: NodeState) -> PullChanges:
    """What happens to the pulls of every scope for which anything does."""
    before = ScopePulls(old.pulls, old.admission)
    after = ScopePulls(new.pulls, new.admission)
    if before.unloadable or after.unloadable:
        return PullChanges(tuple(_unloadable(before, after)))
    changes = []
    if general := tuple(_general(old, new, before, after)):
        changes.append(PullChange(scope=EVERYTHING_ELSE, effects=general))
    reach, budget = Budget(before, after), Budget(before, after)
    affected = _affected(before, after, reach)
    complete = reach.left >= 0
    # Those with an entry come first, so that the rest is what the budget may leave out.
    for scope in sorted(affected, key=lambda each: (each not in before.entries and each not in after.entries, each)):
        if budget.left <= 0:
            complete = False
            break
        pulls = list(map(_Pair, KINDS, before.pulls(scope), after.pulls(scope)))
        budget.spend(sum(len(pull.stops) + len(pull.dead) for _, *sides in pulls for pull in sides if pull is not None))
        effects = tuple(_effects(before.entries.get(scope), after.entries.get(scope), pulls))
        if effects:
            changes.append(PullChange(scope=scope, effects=effects, orders=tuple(_orders(pulls))))
    told = _with_signatures(changes, signature_changes(old.signatures, new.signatures))
    return PullChanges(tuple(told), complete=complete)


def _with_signatures(changes: Iterable[PullChange], signatures: Iterable[SignatureChange]) -> Iterator[PullChange]:
    """The changes, with what happens to the signatures that pulls need after what happens to the pulls themselves."""
    effects = {change.scope: change.effects for change in changes}
    orders = {change.scope: change.orders for change in changes}
    for change in signatures:
        effect = PullEffect(
            effect=_SIGNATURE_EFFECTS[change.effect],
            pulls=Pulls.ALL,
            message=change.message,
            old_spans=change.old_spans,
            new_spans=change.new_spans,
        )
        effects[change.scope] = (*effects.get(change.scope, ()), effect)
    return (PullChange(scope=scope, effects=effects[scope], orders=orders.get(scope, ())) for scope in sorted(effects))


_SIGNATURE_EFFECTS = {
    SignatureEffect.REQUIRED: Effect.SIGNATURE_REQUIRED,
    SignatureEffect.NO_LONGER_REQUIRED: Effect.SIGNATURE_NO_LONGER_REQUIRED,
    SignatureEffect.CHANGED: Effect.SIGNATURE_CHANGED,
}


class _Pair(NamedTuple):
    """Where the pulls of one kind go on both sides; None where a side has none."""

    kind: Pulls
    before: ScopePull | None
    after: ScopePull | None


def _orders(pulls: Iterable[_Pair]) -> Iterator[OrderChange]:
    """The orders of a scope that change."""
    digest, tag = (OrderChange(each.kind, _tried(each.before), _tried(each.after)) for each in pulls)
    orders = (digest._replace(pulls=Pulls.ALL),) if digest[1:] == tag[1:] else (digest, tag)
    yield from (order for order in orders if (order.before or ()) != (order.after or ()))


def _tried(pull: ScopePull | None) -> tuple[str, ...] | None:
    if pull is None:
        return None
    return () if pull.refused else tuple(stop.location for stop in pull.stops)


def _unloadable(before: ScopePulls, after: ScopePulls) -> Iterator[PullChange]:
    """What happens to all pulls where a side has a configuration that nodes do not load: such nodes pull nothing."""
    if before.unloadable and after.unloadable:
        return
    effect, message = Effect.NO_LONGER_BLOCKED, "can be pulled again: CRI-O loads the configuration"
    if after.unloadable:
        effect = Effect.NEWLY_BLOCKED
        message = f"can no longer be pulled: CRI-O does not load the configuration ({after.unloadable})"
    yield PullChange(scope=EVERYTHING_ELSE, effects=(PullEffect(effect=effect, pulls=Pulls.ALL, message=message),))


def _affected(before: ScopePulls, after: ScopePulls, budget: Budget) -> set[str]:
    """Scopes whose pulls may change: the rest need not be looked at, and are most of them."""
    old, new = before.entries, after.entries
    changed = {scope for scope in old.keys() | new.keys() if old.get(scope) != new.get(scope)}
    # policy.json may accept images of a scope and refuse the rest of what an entry matches.
    judged = {scope for side in (before, after) for scopes in side.admission.scopes for scope in scopes}
    containing = ScopeSet(changed)
    changed.update(scope for scope in judged if containing.enclosing(scope))
    affected = set(changed)
    # Of two prefixes of one length the wildcard is used.
    if wildcards := {scope[1:] for scope in changed if is_wildcard(scope)}:
        affected.update(scope for scope in old.keys() | new.keys() if scope[1:] in wildcards)
    if changed and (before.blocks or after.blocks):
        blocked = {scope for scope in affected if before.blocks_scope(scope) != after.blocks_scope(scope)}
        for side in (before, after):
            affected.update(side.reaching(blocked, budget=budget))
            affected.update(side.reaching(blocked, by=judged, budget=budget))
            affected.update(side.reaching(side.boundaries, by=changed, budget=budget))
    if not before.admission.agrees_with(after.admission):
        affected.update(*before.admission.scopes, *after.admission.scopes)
        for scope in old.keys() | new.keys():
            if before.admission.refuses_scope(scope) != after.admission.refuses_scope(scope):
                affected.add(scope)
    return affected


def _general(old: NodeState, new: NodeState, before: ScopePulls, after: ScopePulls) -> Iterator[PullEffect]:
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
    old_entry: RegistryEntry | None, new_entry: RegistryEntry | None, pulls: Iterable[_Pair]
) -> Iterator[PullEffect]:
    by_kind: list[list[PullEffect]] = []
    old_used = new_used = None
    reached = False
    for kind, old_pull, new_pull in pulls:
        found: list[PullEffect] = []
        if old_pull is not None and new_pull is not None:
            reached, old_used, new_used = True, old_pull.entry, new_pull.entry
            found = [_placed(effect, old_pull, new_pull) for effect in _compare(old_pull, new_pull, kind)]
        by_kind.append(found)
    if old_entry is None and new_entry is not None:
        yield _entry_appears(new_entry, old_used, new_used) if reached else _no_match(Effect.ENTRY_APPEARS, new_entry)
    elif old_entry is not None and new_entry is None:
        yield _entry_vanishes(old_entry, new_used) if reached else _no_match(Effect.ENTRY_VANISHES, old_entry)
    elif old_entry is not None and new_entry is not None:
        yield from _inheritance(old_entry, new_entry)
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
    return effect._replace(
        pulls=Pulls.ALL,
        before=tuple(dict.fromkeys((*effect.before, *same.before))),
        after=tuple(dict.fromkeys((*effect.after, *same.after))),
        old_spans=tuple(dict.fromkeys((*effect.old_spans, *same.old_spans))),
        new_spans=tuple(dict.fromkeys((*effect.new_spans, *same.new_spans))),
    )


def _no_match(effect: Effect, entry: RegistryEntry) -> PullEffect:
    """An entry that comes or goes and that no image matches."""
    vanishes = effect is Effect.ENTRY_VANISHES
    return PullEffect(
        effect=effect,
        pulls=Pulls.ALL,
        message=f"{'loses' if vanishes else 'gets'} its entry, which no image matches: no pull changes",
        before=(entry.scope,) if vanishes else (),
        after=() if vanishes else (entry.scope,),
        old_spans=entry.origins if vanishes else (),
        new_spans=() if vanishes else entry.origins,
    )


def _entry_appears(entry: RegistryEntry, covering: RegistryEntry | None, used: RegistryEntry | None) -> PullEffect:
    message = "gets its own entry"
    if used is not None and used.scope != entry.scope:
        message += f", which no pull uses: that of `{used.scope}` is used instead"
    elif covering is not None:
        message += f"; before, it used the entry of `{covering.scope}`"
    return PullEffect(
        effect=Effect.ENTRY_APPEARS,
        pulls=Pulls.ALL,
        message=message,
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


def _inheritance(old: RegistryEntry, new: RegistryEntry) -> Iterator[PullEffect]:
    before, after = old.inherited_from, new.inherited_from
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


def _compare(old: ScopePull, new: ScopePull, pulls: Pulls) -> Iterator[PullEffect]:
    """What happens to pulls of one kind."""
    if old[1:] == new[1:]:
        return  # at most the entry is another
    if not new.works:
        if old.works:
            yield _effect(Effect.NEWLY_BLOCKED, pulls, f"can no longer be pulled: {_why(new)}", old, new)
        return
    if not old.works:
        yield _effect(
            Effect.NO_LONGER_BLOCKED, pulls, f"can be pulled again, from {_listed(_locations(new.stops))}", old, new
        )
        if new.invalid is not Invalid.NONE:
            yield _compare_invalid(old, new, pulls)
        return
    yield from _compare_mirrors(old, new, pulls)
    if old.source is None and new.source is not None:
        message = "the source is contacted if no mirror serves the image"
        yield PullEffect(effect=Effect.FALLBACK_OPENED, pulls=pulls, message=message, after=(new.source.location,))
    elif old.source is not None and new.source is None:
        message = "the source is no longer contacted"
        yield PullEffect(effect=Effect.FALLBACK_CLOSED, pulls=pulls, message=message, before=(old.source.location,))
    yield from _compare_security(old, new, pulls)
    if old.invalid is not new.invalid:
        yield _compare_invalid(old, new, pulls)


_SHALLOW = (Invalid.NONE, Invalid.ITSELF, Invalid.DIRECTLY_BELOW)
_ITSELF = "the repository with the name of the scope itself"
_BELOW = "repositories with one component more"


def _compare_invalid(old: ScopePull, new: ScopePull, pulls: Pulls) -> PullEffect:
    """What happens to the pulls near the scope, which fail where an endpoint makes an invalid reference of them."""
    before, after = (_SHALLOW.index(each.invalid) if each.works else 0 for each in (old, new))
    concerned = " and ".join((_ITSELF, _BELOW)[min(before, after) : max(before, after)])
    if after < before:
        return PullEffect(
            effect=Effect.SOME_PULLS_WORK_AGAIN,
            pulls=pulls,
            message=f"no longer fail: pulls of {concerned}",
            before=(old.culprit.location,) if old.culprit else (),
        )
    location = new.culprit.location if new.culprit else ""
    return PullEffect(
        effect=Effect.SOME_PULLS_FAIL,
        pulls=pulls,
        message=f"fail: pulls of {concerned}, because `{location}` makes an invalid reference of them",
        after=(location,),
    )


def _compare_mirrors(old: ScopePull, new: ScopePull, pulls: Pulls) -> Iterator[PullEffect]:
    before, after = _locations(old.mirrors), _locations(new.mirrors)
    were, are = frozenset(before), frozenset(after)
    gone_dead = frozenset(old.dead)
    known, left = were | gone_dead, are.union(new.dead)
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
        (Effect.MIRRORS_BLOCKED, [each for each in new.dead if each in were], "can no longer serve images: blocked"),
        (
            Effect.MIRRORS_UNBLOCKED,
            [each for each in after if each in gone_dead],
            "can serve images again: no longer blocked",
        ),
        (Effect.MIRRORS_ADDED, [each for each in after if each not in known], "added"),
        (Effect.MIRRORS_REMOVED, [each for each in before if each not in left], "removed"),
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
    kept_before = [each for each in before if each in are]
    kept_after = [each for each in after if each in were]
    if kept_before != kept_after:
        yield PullEffect(
            effect=Effect.MIRRORS_REORDERED,
            pulls=pulls,
            message=f"tried in the order {_listed(after)}; before, {_listed(before)}",
            before=before,
            after=after,
        )


def _compare_security(old: ScopePull, new: ScopePull, pulls: Pulls) -> Iterator[PullEffect]:
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


def _effect(effect: Effect, pulls: Pulls, message: str, old: ScopePull, new: ScopePull) -> PullEffect:
    return PullEffect(
        effect=effect, pulls=pulls, message=message, before=_locations(old.stops), after=_locations(new.stops)
    )


def _why(pull: ScopePull) -> str:
    if pull.refused:
        return "policy.json refuses it"
    if pull.culprit is not None:
        return f"`{pull.culprit.location}` makes an invalid reference of every pull, so that no endpoint is tried"
    if pull.dead:
        return "the source and every mirror are blocked"
    return "the source is blocked, and no mirror serves such pulls"


def _placed(effect: PullEffect, old: ScopePull, new: ScopePull) -> PullEffect:
    """The effect with its places: the mirrors it names, else what made the entries."""
    return PullEffect(*effect[:5], _places(old, effect.before), _places(new, effect.after))


def _places(pull: ScopePull, locations: Iterable[str]) -> tuple[Span, ...]:
    if not pull.works and not pull.refused and pull.culprit is not None:
        return pull.culprit.origins
    if pull.entry is None:
        return ()
    named = frozenset(locations)
    spans = [span for mirror in pull.entry.mirrors if mirror.location in named for span in mirror.origins]
    return tuple(dict.fromkeys(spans)) or pull.entry.origins


def _locations(stops: Iterable[Stop]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stop.location for stop in stops))


def _listed(locations: Iterable[str]) -> str:
    return ", ".join(f"`{location}`" for location in locations) or "nothing"
