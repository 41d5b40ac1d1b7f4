"""The registries model: what a registries.conf says, with where each part of it was written.

In: merged mirrors per source and the Image config's scopes. Out: the ordered entries of registries.conf.
Follows openshift/runtime-utils `registries.EditRegistriesConfig` (7bdb5b9); the same code in every release.
"""

from dataclasses import dataclass, field

from compiler.span import Span

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
