"""The registries model: what a registries.conf says, with where each part of it was written.

In: merged mirrors per source and the Image config's scopes. Out: the ordered entries of registries.conf.
Follows openshift/runtime-utils `registries.EditRegistriesConfig` (7bdb5b9); the same code in every release.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from compiler import rules
from compiler.diagnostics import Diagnostic, Label
from compiler.precedence import Precedence
from compiler.scope import ScopeSet, is_wildcard, rebase
from compiler.span import Located, Span

DIGEST_ONLY = "digest-only"
TAG_ONLY = "tag-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One `[[registry.mirror]]`: where a pull is tried before the source itself.

    `pull_from_mirror` is `digest-only`, `tag-only` or empty (any pull). `origins` are the places that list it.
    """

    location: str
    insecure: bool = False
    pull_from_mirror: str = ""
    origins: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """One `[[registry]]`: a wildcard has a `prefix` and no `location`, any other a `location` and no `prefix`.

    `origins` are the places that made the entry or set a flag on it.
    """

    prefix: str = ""
    location: str = ""
    blocked: bool = False
    insecure: bool = False
    mirrors: tuple[Endpoint, ...] = ()
    origins: tuple[Span, ...] = field(default=(), compare=False)

    @property
    def scope(self) -> str:
        """What the entry is found by."""
        return self.prefix or self.location


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistriesConf:
    """A registries.conf: `unqualified-search-registries` and the entries, in file order."""

    search: tuple[str, ...] = ()
    entries: tuple[RegistryEntry, ...] = ()


class _Draft:
    """An entry while it is being put together."""

    __slots__ = ("blocked", "insecure", "mirrors", "origins", "scope")

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.blocked = False
        self.insecure = False
        self.mirrors: list[Endpoint] = []
        self.origins: list[Span] = []

    def entry(self) -> RegistryEntry:
        wildcard = is_wildcard(self.scope)
        return RegistryEntry(
            prefix=self.scope if wildcard else "",
            location="" if wildcard else self.scope,
            blocked=self.blocked,
            insecure=self.insecure,
            mirrors=tuple(self.mirrors),
            origins=tuple(self.origins),
        )


def build(
    digest: Sequence[Precedence],
    tag: Sequence[Precedence],
    *,
    blocked: Iterable[Located[str]] = (),
    insecure: Iterable[Located[str]] = (),
) -> tuple[tuple[RegistryEntry, ...], list[Diagnostic]]:
    """The entries of registries.conf in the controller's order.

    `digest` and `tag` are the merged sources in byte order, `blocked` and `insecure` the Image config's scopes in
    the order of its lists. A finding means that the controller fails with an internal error.
    """
    drafts: dict[str, _Draft] = {}
    blocked = list(blocked)
    insecure_at = {scope.value: scope.span for scope in insecure}
    insecure_scopes = ScopeSet(insecure_at)
    for merged, pull_from_mirror in ((digest, DIGEST_ONLY), (tag, TAG_ONLY)):
        for precedence in merged:
            _add_source(_get(drafts, precedence.source), precedence, pull_from_mirror, insecure_scopes)
    for scope in blocked:
        _get(drafts, scope.value)
    for scope_text in insecure_at:
        _get(drafts, scope_text)
    _flag(drafts, insecure_at, "insecure")
    _flag(drafts, {scope.value: scope.span for scope in blocked}, "blocked")
    findings = _inherit(drafts, [precedence.source for merged in (digest, tag) for precedence in merged])
    return tuple(draft.entry() for draft in drafts.values()), findings


def _get(drafts: dict[str, _Draft], scope: str) -> _Draft:
    draft = drafts.get(scope)
    if draft is None:
        draft = drafts[scope] = _Draft(scope)
    return draft


def _add_source(draft: _Draft, precedence: Precedence, pull_from_mirror: str, insecure: ScopeSet) -> None:
    draft.blocked |= precedence.blocked_by is not None
    draft.origins += [rule.source.span for rule in precedence.rules]
    listed = precedence.listed
    draft.mirrors += [
        Endpoint(
            location=location,
            insecure=bool(insecure.enclosing(location)),
            pull_from_mirror=pull_from_mirror,
            # A source that a contradiction put before its mirrors is listed nowhere.
            origins=listed.get(location, ()),
        )
        for location in precedence.order
    ]


def _flag(drafts: dict[str, _Draft], scopes: dict[str, Span], flag: str) -> None:
    """Set a flag on every entry that is nested inside one of the scopes."""
    flagged = ScopeSet(scopes)
    for draft in drafts.values():
        for outer in flagged.enclosing(draft.scope):
            setattr(draft, flag, True)
            draft.origins.append(scopes[outer])


def _inherit(drafts: dict[str, _Draft], sources: list[str]) -> list[Diagnostic]:
    """Give entries without mirrors those of the first source, in the controller's order, that contains them."""
    findings: list[Diagnostic] = []
    first: dict[str, int] = {}
    for index, scope in enumerate(sources):
        first.setdefault(scope, index)
    containers = ScopeSet(first)
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
                    draft.origins[0],
                    f"`{draft.scope}` lies inside the wildcard source `{outer}` and has no mirrors of its own",
                    help=f"Remove this scope, or give `{draft.scope}` mirrors of its own.",
                    labels=[Label(span=source.origins[0], text="the wildcard source")],
                )
            )
            continue
        draft.mirrors = [
            Endpoint(
                location=rebase(mirror.location, outer, draft.scope),
                insecure=mirror.insecure,
                pull_from_mirror=mirror.pull_from_mirror,
                origins=mirror.origins,
            )
            for mirror in source.mirrors
        ]
    return findings
