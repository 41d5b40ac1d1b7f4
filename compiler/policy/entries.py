"""From merged mirrors and the Image config's scopes to the entries of registries.conf.

Follows openshift/runtime-utils `registries.EditRegistriesConfig` (7bdb5b9); the same code in every release.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.names.scope import ScopeSet, is_wildcard, rebase
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistryEntry
from compiler.policy.precedence import Precedence
from compiler.text.span import Located, Span


class _Draft:
    """An entry while it is being put together: the merged sources that make it, then whatever else bears on it.

    `merged` holds each of them with its `pull-from-mirror` behind it.
    """

    __slots__ = ("blocked", "inherited", "insecure", "insecure_mirrors", "merged", "origins", "scope")

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.merged: list[Precedence | str] = []
        self.insecure_mirrors = False
        self.blocked = False
        self.insecure = False
        self.inherited: tuple[Endpoint, ...] = ()
        self.origins: list[Span] = []

    @property
    def first_origin(self) -> Span:
        """The first place that has to do with this scope."""
        sources = self.merged[::2]
        return cast(Precedence, sources[0]).rules[0].source.span if sources else self.origins[0]

    def entry(self, insecure: ScopeSet, memo: Forgetful) -> RegistryEntry:
        """The entry as it goes into the file; where only sources made it, the same one each time."""
        if not self.merged:
            made = RegistryEntry(prefix=_prefix(self.scope), location=_location(self.scope))
        elif self.insecure_mirrors:
            made = _entry(self.merged, insecure)
        else:
            made = memo.of(_secure_entry, self.merged)
        if not self.origins:
            return made
        return replace(
            made,
            blocked=self.blocked or made.blocked,
            insecure=self.insecure,
            mirrors=self.inherited or made.mirrors,
            origins=(*made.origins, *self.origins),
        )


def _secure_entry(merged: Sequence[Precedence | str]) -> RegistryEntry:
    return _entry(merged, None)


def _entry(merged: Sequence[Precedence | str], insecure: ScopeSet | None) -> RegistryEntry:
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
                    insecure is not None and bool(insecure.enclosing(mirror)),
                    pull_from_mirror,
                    # A source that a contradiction put before its mirrors is listed nowhere.
                    precedence.listed.get(mirror, ()),
                )
                for precedence, pull_from_mirror in pairs
                for mirror in precedence.order
            ]
        ),
        origins=tuple([rule.source.span for precedence, _ in pairs for rule in precedence.rules]),
    )


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
    insecure_scopes = ScopeSet(insecure_at)
    for merged, pull_from_mirror in ((digest, DIGEST_ONLY), (tag, TAG_ONLY)):
        for precedence in merged:
            draft = _get(drafts, precedence.source)
            draft.merged += (precedence, pull_from_mirror)
            draft.insecure_mirrors |= insecure_scopes.may_enclose(precedence.hosts)
    for scope in blocked:
        _get(drafts, scope.value)
    for scope_text in insecure_at:
        _get(drafts, scope_text)
    _flag(drafts, insecure_at, "insecure")
    _flag(drafts, {scope.value: scope.span for scope in blocked}, "blocked")
    sources = [precedence.source for merged in (digest, tag) for precedence in merged]
    findings = _inherit(drafts, sources, insecure_scopes)
    return tuple([draft.entry(insecure_scopes, memo) for draft in drafts.values()]), findings


def _get(drafts: dict[str, _Draft], scope: str) -> _Draft:
    draft = drafts.get(scope)
    if draft is None:
        draft = drafts[scope] = _Draft(scope)
    return draft


def _flag(drafts: dict[str, _Draft], scopes: dict[str, Span], flag: str) -> None:
    """Set a flag on every entry that is nested inside one of the scopes."""
    if not scopes:
        return
    flagged = ScopeSet(scopes)
    for draft in drafts.values():
        for outer in flagged.enclosing(draft.scope):
            setattr(draft, flag, True)
            draft.origins.append(scopes[outer])


def _inherit(drafts: dict[str, _Draft], sources: list[str], insecure: ScopeSet) -> list[Diagnostic]:
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
