"""The registries model: what a registries.conf says, with where each part of it was written.

In: merged mirrors per source and the Image config's scopes. Out: the ordered entries of registries.conf.
Follows openshift/runtime-utils `registries.EditRegistriesConfig` (7bdb5b9); the same code in every release.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from compiler.node.files import BASE_SEARCH
from compiler.text.span import Span

DIGEST_ONLY = "digest-only"
TAG_ONLY = "tag-only"
PULL_FROM_MIRROR = ("", "all", DIGEST_ONLY, TAG_ONLY)
"""What `pull-from-mirror` may say in a registries.conf; the first two are any pull."""


class Endpoint(NamedTuple):
    """One `[[registry.mirror]]`: where a pull is tried before the source itself.

    `pull_from_mirror` is `digest-only`, `tag-only` or empty (any pull). `origins` are the places that list it; two
    endpoints are equal wherever they are listed.
    """

    location: str
    insecure: bool = False
    pull_from_mirror: str = ""
    origins: tuple[Span, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Endpoint) and self[:3] == other[:3]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:3])


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryEntry:
    """One `[[registry]]`: a wildcard has a `prefix` and no `location`, any other a `location` and no `prefix`.

    `by_digest_only` says that the file has the older key `mirror-by-digest-only` in place of a `pull-from-mirror` on
    each mirror; the mirrors say what it means. `origins` are the places that made the entry or set a flag on it.
    """

    prefix: str = ""
    location: str = ""
    blocked: bool = False
    insecure: bool = False
    mirrors: tuple[Endpoint, ...] = ()
    by_digest_only: bool = False
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


BASE = RegistriesConf(search=BASE_SEARCH)
"""What registries.conf says on a node that no mirror policy made one for: the operating system's own file."""
