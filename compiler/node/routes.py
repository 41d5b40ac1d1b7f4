"""Where pulls of a scope go: the mirrors that serve them, the source behind them, or nowhere.

In: the registries model that a node goes by and its policy.json. Out: for any scope the routes of pulls by digest and
by tag. A route is that of the scope itself; what is pulled from below it goes the same way with its own rest behind.

Follows containers/image (df7e80d2): `sysregistriesv2.FindRegistry` for the entry that counts,
`PullSourcesFromReference` for the endpoints, `docker.newDockerClient` for the second look-up that finds an endpoint
blocked, `signature.PolicyContext` for policy.json.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from compiler.names.scope import ScopeSet, matched_length
from compiler.node.admission import Admission
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, RegistriesConf, RegistryEntry


class Pulls(StrEnum):
    """The kind of pulls something is about."""

    ALL = "all"
    DIGEST = "digest"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One place where a pull is tried."""

    location: str
    insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where pulls of one kind go.

    `mirrors` are those that can serve, in the order they are tried; `dead` lie under a blocked scope. `source` is
    None where it is never contacted. `refused` says that policy.json lets no such image run, wherever it is from.
    """

    mirrors: tuple[Stop, ...] = ()
    dead: tuple[str, ...] = ()
    source: Stop | None = None
    refused: bool = False

    @property
    def works(self) -> bool:
        """Whether anything can serve."""
        return not self.refused and bool(self.mirrors or self.source)

    @property
    def stops(self) -> tuple[Stop, ...]:
        """Everything that is tried, in order."""
        return self.mirrors if self.source is None else (*self.mirrors, self.source)


class Routes:
    """Looks routes up in one node's configuration."""

    def __init__(self, conf: RegistriesConf, admission: Admission) -> None:
        self.admission = admission
        self.entries: dict[str, RegistryEntry] = {}
        for entry in conf.entries:
            self.entries.setdefault(entry.scope, entry)  # of two with one prefix the first counts in a pull
        self._prefixes = ScopeSet(self.entries)
        self.blocks = any(entry.blocked for entry in self.entries.values())

    def covering(self, scope: str) -> RegistryEntry | None:
        """The entry that pulls of the scope go by: the longest prefix, the first in byte order of two alike."""
        found = _around(scope, self._prefixes)
        return self.entries[min(found, key=lambda prefix: (-len(prefix), prefix))] if found else None

    def route(self, scope: str, pulls: Pulls) -> Route:
        """Where pulls of the scope by digest or by tag go."""
        refused = self.admission.refuses_scope(scope)
        entry = self.covering(scope)
        if entry is None:
            return Route(source=Stop(location=scope), refused=refused)
        rest = scope[max(matched_length(scope, entry.scope), 0) :]
        other = TAG_ONLY if pulls is Pulls.DIGEST else DIGEST_ONLY
        mirrors = dict.fromkeys(
            Stop(location=mirror.location + rest, insecure=mirror.insecure)
            for mirror in entry.mirrors
            if mirror.pull_from_mirror != other
        )
        own = entry.location + rest if entry.location else scope
        blocked = self.is_blocked(own) if own != entry.scope else entry.blocked
        return Route(
            mirrors=tuple(stop for stop in mirrors if not self.is_blocked(stop.location)),
            dead=tuple(stop.location for stop in mirrors if self.is_blocked(stop.location)),
            source=None if blocked else Stop(location=own, insecure=entry.insecure),
            refused=refused,
        )

    def is_blocked(self, location: str) -> bool:
        """Whether an endpoint there is never contacted."""
        if not self.blocks:
            return False
        entry = self.covering(location)
        return entry is not None and entry.blocked

    def mirrors_under(self, scopes: frozenset[str]) -> Iterator[str]:
        """The scopes of entries that have a mirror inside one of `scopes`."""
        # There are many mirrors on few hosts: most are turned away by the host alone.
        hosts = ScopeSet(map(_host, scopes))
        wanted = ScopeSet(scopes)
        known: dict[str, bool] = {}
        for scope, entry in self.entries.items():
            for mirror in entry.mirrors:
                host = _host(mirror.location)
                if host not in known:
                    known[host] = bool(_around(host, hosts))
                if known[host] and _around(mirror.location, wanted):
                    yield scope
                    break


def _host(scope: str) -> str:
    return scope.partition("/")[0]


def _around(scope: str, prefixes: ScopeSet) -> list[str]:
    """The prefixes that a pull below `scope` matches: those it is nested in, and its host without the port."""
    found = prefixes.enclosing(scope)
    name, colon, _ = _host(scope).partition(":")
    return [*found, name] if colon and name in prefixes else found
