"""The registries model: what a registries.conf says, with where each part of it was written.

In: merged mirrors per source and the Image config's scopes. Out: the ordered entries of registries.conf.
Follows openshift/runtime-utils `registries.EditRegistriesConfig` (7bdb5b9); the same code in every release.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from compiler.node.files import BASE_SEARCH
from compiler.text.span import Span

DIGEST_ONLY = "digest-only"
TAG_ONLY = "tag-only"
PULL_FROM_MIRROR = ("", "all", DIGEST_ONLY, TAG_ONLY)
"""What `pull-from-mirror` may say in a registries.conf; the first two are any pull."""


class Role(StrEnum):
    """What a place in a manifest or a file does to a registry entry."""

    SOURCE = "source"
    """A rule has the entry's scope as its source, or a file has the entry."""
    MIRROR_SOURCE_POLICY = "mirrorSourcePolicy"
    BLOCKED = "blocked"
    INSECURE = "insecure"
    INHERITED = "inherited"
    """The entry has no mirrors and gets those of another source."""


class Origin(NamedTuple):
    """One place that takes part in making a registry entry or an endpoint, set where that is made.

    `scope` is what is written there: the source, the scope of the Image config, or the source that is inherited from.
    In a registries.conf a key sets a flag, and names no scope.
    """

    role: Role
    span: Span
    scope: str = ""


class Endpoint(NamedTuple):
    """One `[[registry.mirror]]`: where a pull is tried before the source itself.

    `pull_from_mirror` is `digest-only`, `tag-only` or empty (any pull). `origins` are the places that list it,
    `insecure_by` what makes it insecure, the closest scope first; two endpoints are equal wherever they are listed.
    """

    location: str
    insecure: bool = False
    pull_from_mirror: str = ""
    origins: tuple[Span, ...] = ()
    insecure_by: tuple[Origin, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Endpoint) and self[:3] == other[:3]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:3])


_MAKING = (Role.SOURCE, Role.BLOCKED, Role.INSECURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """One `[[registry]]`: a wildcard has a `prefix` and no `location`, any other a `location` and no `prefix`.

    `by_digest_only` says that the file has the older key `mirror-by-digest-only` in place of a `pull-from-mirror` on
    each mirror; the mirrors say what it means. `provenance` has every place that takes part, with its role: first what
    makes the entry, then what sets a flag on it.
    """

    prefix: str = ""
    location: str = ""
    blocked: bool = False
    insecure: bool = False
    mirrors: tuple[Endpoint, ...] = ()
    by_digest_only: bool = False
    provenance: tuple[Origin, ...] = field(default=(), compare=False)

    @property
    def scope(self) -> str:
        """What the entry is found by."""
        return self.prefix or self.location

    @property
    def origins(self) -> tuple[Span, ...]:
        """The places that made the entry or set a flag on it."""
        return tuple([origin.span for origin in self.provenance if origin.role in _MAKING])

    @property
    def inherited_from(self) -> str:
        """The source whose mirrors the entry has because it has none; else empty."""
        return next((origin.scope for origin in self.provenance if origin.role is Role.INHERITED), "")

    def by(self, *roles: Role) -> tuple[Origin, ...]:
        """The places with one of these roles, role by role."""
        return tuple(origin for role in roles for origin in self.provenance if origin.role is role)


def own_endpoint(entry: RegistryEntry) -> Endpoint:
    """The location of an entry itself, which is tried after its mirrors."""
    return Endpoint(
        location=entry.location, insecure=entry.insecure, origins=entry.origins, insecure_by=entry.by(Role.INSECURE)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistriesConf:
    """A registries.conf: `unqualified-search-registries` and the entries, in file order.

    `empties_search` says that the list is there and empty: a drop-in then leaves no registry to search.
    """

    search: tuple[str, ...] = ()
    entries: tuple[RegistryEntry, ...] = ()
    empties_search: bool = field(default=False, compare=False)


BASE = RegistriesConf(search=BASE_SEARCH)
"""What registries.conf says on a node that no mirror policy made one for: the operating system's own file."""
