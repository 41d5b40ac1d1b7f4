"""From merged mirrors and the Image config's scopes to the entries of registries.conf.

Follows openshift/runtime-utils `registries.EditRegistriesConfig` (7bdb5b9); the same code in every release.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.names.scope import ScopeSet, is_wildcard, rebase
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, Origin, RegistryEntry, Role
from compiler.policy.precedence import Precedence
from compiler.text.span import Located, Span


class _Draft:
    """An entry while it is being put together: the merged sources that make it, then whatever else bears on it.

    `merged` contains each of them with its `pull-from-mirror` after it.
    """

    __slots__ = ("blocked", "inherited", "insecure", "insecure_mirrors", "merged", "provenance", "scope")

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.merged: list[Precedence | str] = []
        self.insecure_mirrors = False
        self.blocked = False
        self.insecure = False
        self.inherited: tuple[Endpoint, ...] = ()
        self.provenance: list[Origin] = []

    @property
    def first_origin(self) -> Span:
        """The first place that has to do with this scope."""
        sources = self.merged[::2]
        return cast(Precedence, sources[0]).rules[0].source.span if sources else self.provenance[0].span

    def entry(self, insecure: "_Listed", memo: Forgetful) -> RegistryEntry:
        """The entry as it goes into the file; where only sources made it, the same one each time."""
        if not self.merged:
            made = RegistryEntry(prefix=_prefix(self.scope), location=_location(self.scope))
        elif self.insecure_mirrors:
            made = _entry(self.merged, insecure)
        else:
            made = memo.of(_secure_entry, self.merged)
        if not self.provenance:
            return made
        return replace(
            made,
            blocked=self.blocked or made.blocked,
            insecure=self.insecure,
            mirrors=self.inherited or made.mirrors,
            provenance=(*made.provenance, *self.provenance),
        )


def _secure_entry(merged: Sequence[Precedence | str]) -> RegistryEntry:
    return _entry(merged, None)


class _Listed:
    """A list of the Image config: what of it encloses a scope, with the place of each."""

    __slots__ = ("_places", "_role", "scopes")

    def __init__(self, scopes: Mapping[str, Span], role: Role) -> None:
        self.scopes = ScopeSet(scopes)
        self._places = scopes
        self._role = role

    def enclosing(self, scope: str) -> tuple[Origin, ...]:
        """The scopes of the list that enclose one, the closest first."""
        return tuple([Origin(self._role, self._places[outer], outer) for outer in self.scopes.enclosing(scope)])


def _entry(merged: Sequence[Precedence | str], insecure: _Listed | None) -> RegistryEntry:
    """The entry that merged sources make, each followed by its `pull-from-mirror`."""
    pairs = cast("list[tuple[Precedence, str]]", list(zip(merged[::2], merged[1::2], strict=True)))
    return RegistryEntry(
        prefix=_prefix(pairs[0][0].source),
        location=_location(pairs[0][0].source),
        blocked=any(precedence.blocked_by is not None for precedence, _ in pairs),
        mirrors=tuple(
            [
                Endpoint(
                    mirror,
                    bool(insecure_by := insecure.enclosing(mirror) if insecure is not None else ()),
                    pull_from_mirror,
                    # A source that a contradiction put before its mirrors is listed nowhere.
                    precedence.listed.get(mirror, ()),
                    insecure_by,
                )
                for precedence, pull_from_mirror in pairs
                for mirror in precedence.order
            ]
        ),
        provenance=tuple([origin for precedence, _ in pairs for origin in _provenance(precedence)]),
    )


def _provenance(precedence: Precedence) -> list[Origin]:
    source = precedence.source
    made = [Origin(Role.SOURCE, rule.source.span, source) for rule in precedence.rules]
    blocked_by = precedence.blocked_by
    if blocked_by is not None and blocked_by.mirror_source_policy is not None:
        made.append(Origin(Role.MIRROR_SOURCE_POLICY, blocked_by.mirror_source_policy.span, source))
    return made


def _prefix(scope: str) -> str:
    return scope if is_wildcard(scope) else ""


def _location(scope: str) -> str:
    return "" if is_wildcard(scope) else scope


def build(
    digest: Sequence[Precedence],
    tag: Sequence[Precedence],
    *,
    blocked: Iterable[Located[str]] = (),
    insecure: Iterable[Located[str]] = (),
    memo: Forgetful = FORGETFUL,
) -> tuple[tuple[RegistryEntry, ...], list[Diagnostic]]:
    """The entries of registries.conf in the controller's order.

    `digest` and `tag` are the merged sources in byte order, `blocked` and `insecure` the Image config's scopes in
    the order of its lists. A finding means that the controller fails with an internal error. What was made of the same
    merged sources before is taken from the memo.
    """
    drafts: dict[str, _Draft] = {}
    blocked = list(blocked)
    insecure_at = {scope.value: scope.span for scope in insecure}
    insecure_list = _Listed(insecure_at, Role.INSECURE)
    for merged, pull_from_mirror in ((digest, DIGEST_ONLY), (tag, TAG_ONLY)):
        for precedence in merged:
            draft = _get(drafts, precedence.source)
            draft.merged += (precedence, pull_from_mirror)
            draft.insecure_mirrors |= insecure_list.scopes.may_enclose(precedence.hosts)
    for scope in blocked:
        _get(drafts, scope.value)
    for scope_text in insecure_at:
        _get(drafts, scope_text)
    if insecure_at:
        _flag(drafts, insecure_list, "insecure")
    if blocked:
        _flag(drafts, _Listed({scope.value: scope.span for scope in blocked}, Role.BLOCKED), "blocked")
    sources = [precedence.source for merged in (digest, tag) for precedence in merged]
    findings = _inherit(drafts, sources, insecure_list)
    return tuple([draft.entry(insecure_list, memo) for draft in drafts.values()]), findings


def _get(drafts: dict[str, _Draft], scope: str) -> _Draft:
    draft = drafts.get(scope)
    if draft is None:
        draft = drafts[scope] = _Draft(scope)
    return draft


def _flag(drafts: dict[str, _Draft], scopes: _Listed, flag: str) -> None:
    """Set a flag on every entry that is nested inside one of the scopes."""
    for draft in drafts.values():
        if enclosing := scopes.enclosing(draft.scope):
            setattr(draft, flag, True)
            draft.provenance += enclosing


def _inherit(drafts: dict[str, _Draft], sources: list[str], insecure: _Listed) -> list[Diagnostic]:
    """Give entries without mirrors those of the first source, in the controller's order, that contains them."""
    findings: list[Diagnostic] = []
    first: dict[str, int] = {}
    for index, scope in enumerate(sources):
        first.setdefault(scope, index)
    containers = ScopeSet(first)
    of_source: dict[str, tuple[Endpoint, ...]] = {}
    inherited = 0
    for draft in drafts.values():
        if draft.scope in first:
            continue
        containing = containers.enclosing(draft.scope)
        if not containing:
            continue
        outer = min(containing, key=first.__getitem__)
        source = drafts[outer]
        if is_wildcard(outer):
            findings.append(
                rules.WILDCARD_OVER_NESTED.at(
                    draft.first_origin,
                    f"`{draft.scope}` is inside the wildcard source `{outer}` and has no mirrors",
                    help=f"Remove this scope, or add mirrors for `{draft.scope}`.",
                    labels=[Label(span=source.first_origin, text="the wildcard source")],
                )
            )
            continue
        if outer not in of_source:
            of_source[outer] = _entry(source.merged, insecure).mirrors
        mirrors = of_source[outer]
        inherited += len(mirrors)
        if inherited > MOST_INHERITED:
            findings.append(_too_many(draft, outer, source))
            break
        draft.provenance.append(Origin(Role.INHERITED, source.first_origin, outer))
        draft.inherited = tuple(
            [mirror._replace(location=rebase(mirror.location, outer, draft.scope)) for mirror in mirrors]
        )
    return findings


MOST_INHERITED = 100_000
"""Mirrors that entries without any get of sources around them, all together: about 8 MB of registries.conf."""


def _too_many(draft: _Draft, outer: str, source: _Draft) -> Diagnostic:
    return rules.TOO_MANY_INHERITED.at(
        draft.first_origin,
        f"with `{draft.scope}`, scopes without mirrors inherit more than {MOST_INHERITED} mirrors in all",
        help=f"Block or mark as insecure fewer scopes inside `{outer}`, or give the source fewer mirrors.",
        labels=[Label(span=source.first_origin, text="the source whose mirrors this scope inherits")],
    )
