"""Where pulls of a whole scope go: what the resolver answers for the images in it, without naming one.

In: the registries model of a node, its policy.json and a scope. Out: for pulls by digest or by tag, the endpoints that
are tried, without the part of the image below the scope.

There is no second model here: each answer is the resolver's for an image that represents all images of the scope
that no other entry and no other scope of policy.json matches. `explain` asks the same resolver.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import count

from compiler.names.reference import ANY_DIGEST, names_repository
from compiler.names.scope import ScopeSet, is_wildcard, matched_length
from compiler.node.admission import Admission
from compiler.node.loading import InvalidRegistriesError
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry
from compiler.node.pull import AttemptVerdict, Pull
from compiler.node.resolver import Resolver
from compiler.text.opaque import is_open

_DEEP = 2
"""Components below a scope from which the depth makes no difference: `docker.io/x` is short for another name."""


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


class Invalid(StrEnum):
    """Which pulls of a scope fail because an endpoint makes an invalid reference of them.

    Nothing is attempted for those, not even at the endpoints that make valid ones.
    """

    NONE = "none"
    ITSELF = "itself"
    """The repository that has the name of the scope."""
    DIRECTLY_BELOW = "directly-below"
    """That one and those with one component more."""
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePull:
    """Where pulls of one kind go.

    Attributes:
        entry: The registry entry that applies, None where no entry matches.
        mirrors: The mirrors that can serve, in the order they are tried.
        dead: The locations of mirrors that are never contacted, because a blocked entry matches them.
        source: The source; None where it is never contacted.
        refused: Whether policy.json refuses these images, wherever they come from.
        invalid: Which of the pulls fail before anything is attempted. With `ALL` there are no stops.
        culprit: The endpoint that makes the invalid reference.
    """

    entry: RegistryEntry | None = None
    mirrors: tuple[Stop, ...] = ()
    dead: tuple[str, ...] = ()
    source: Stop | None = None
    refused: bool = False
    invalid: Invalid = Invalid.NONE
    culprit: Endpoint | None = None

    @property
    def works(self) -> bool:
        """Whether anything can serve."""
        return not self.refused and bool(self.mirrors or self.source)

    @property
    def stops(self) -> tuple[Stop, ...]:
        """Everything that is tried, in order."""
        return self.mirrors if self.source is None else (*self.mirrors, self.source)


class ScopePulls:
    """Answers where the pulls of scopes go on one node.

    Attributes:
        admission: What the node's policy.json accepts.
        unloadable: Why the node does not load its configuration, in the words of containers/image; empty where it
            does. A node that does not load it pulls nothing.
    """

    def __init__(self, conf: RegistriesConf, admission: Admission) -> None:
        self.admission = admission
        self.unloadable = ""
        try:
            self._resolver = Resolver(conf)
        except InvalidRegistriesError as error:
            self.unloadable = str(error)
            self._resolver = Resolver(RegistriesConf())

    @property
    def entries(self) -> Mapping[str, RegistryEntry]:
        """The entries that the node uses, by scope."""
        return self._resolver.entries

    @cached_property
    def blocks(self) -> bool:
        """Whether any entry is blocked."""
        return any(entry.blocked for entry in self.entries.values())

    def pull(self, scope: str, pulls: Pulls) -> ScopePull | None:
        """Where the pulls of a scope by digest or by tag go.

        None where there are none: no image has a name in the scope (`registry/team` is short for
        `docker.io/registry/team`), or the scope is a single image of the other kind.
        """
        form = f"@{ANY_DIGEST}" if pulls is Pulls.DIGEST else ":x"
        if _is_image(scope):
            if ("@" in scope) is not (pulls is Pulls.DIGEST):
                return None
            return self._read(scope, self._resolver.resolve(scope), rest="")
        images = ((depth, self._resolve(scope, depth, form)) for depth in range(_DEEP, -1, -1))
        depth, image = next(((depth, image) for depth, image in images if image is not None), (0, None))
        if image is None:
            return None
        found = self._read(scope, image, rest=f"/{self._unused}" * depth + form)
        if found.invalid is Invalid.ALL or _is_valid_at_any_depth(scope, image):
            return found
        for depth, shallow in images:
            if shallow is not None and shallow.failure is not None:
                return _with_invalid(found, Invalid.DIRECTLY_BELOW if depth else Invalid.ITSELF, shallow)
        return found

    def blocks_scope(self, scope: str) -> bool:
        """Whether endpoints in a scope that no other entry matches are never contacted."""
        return self._is_blocked(self._name(scope) + f"/{self._unused}")

    @cached_property
    def boundaries(self) -> frozenset[str]:
        """The scopes below which endpoints are blocked and around which they are not, or the other way round."""
        if not self.blocks:
            return frozenset()
        return frozenset(
            scope
            for scope, entry in self.entries.items()
            if entry.blocked is not self._is_blocked(scope.rpartition("/")[0])
        )

    def reaching(self, scopes: Set[str], *, by: Set[str] | None = None) -> Iterator[str]:
        """Every scope whose pulls are tried at an endpoint in one of `scopes`.

        These are scopes of entries, and below them those that an endpoint maps to a scope below its location: with
        `quay.io` mirrored to `m.io/q`, the scope `m.io/q/ns` is reached by `quay.io/ns`. With `by` it is only looked at
        pulls of these scopes.
        """
        # There are many endpoints on few hosts: most are passed over by the host alone.
        hosts = ScopeSet(map(_host, scopes))
        wanted = ScopeSet(scopes)
        plain = sorted(scope for scope in scopes if not is_wildcard(scope))
        known: dict[str, bool] = {}
        for scope, entry, rest in self._used(by) if by is not None else ((*each, "") for each in self.entries.items()):
            for endpoint in _locations(entry, scope):
                location = endpoint + rest
                host = _host(location)
                if host not in known:
                    known[host] = _matches(host, hosts)
                if not known[host]:
                    continue
                if _matches(location, wanted):
                    yield scope
                outer = f"{location}/"
                at = bisect_left(plain, outer)
                while at < len(plain) and plain[at].startswith(outer):
                    yield scope + plain[at][len(location) :]
                    at += 1

    def _used(self, scopes: Iterable[str]) -> Iterator[tuple[str, RegistryEntry, str]]:
        """Scopes with the entry that is used for the images in each, and what the scope has after that of the entry."""
        for scope in scopes:
            name = f"{self._name(scope)}/{self._unused}"
            entry = self._resolver.find_entry(name)
            if entry is not None:
                yield scope, entry, name[matched_length(name, entry.scope) :].removesuffix(f"/{self._unused}")

    def _is_blocked(self, name: str) -> bool:
        entry = self._resolver.find_entry(name)
        return entry is not None and entry.blocked

    @cached_property
    def _unused(self) -> str:
        """A component that no scope contains, and no host begins with."""
        blocked, allowed = self.admission.scopes
        scopes = (*self.entries, *blocked, *allowed)
        names = (f"x{number or ''}" for number in count())
        return next(
            name
            for name in names
            if not any(f"/{name}" in scope or scope.startswith((f"{name}.", f"*.{name}.")) for scope in scopes)
        )

    def _name(self, scope: str) -> str:
        """The scope as the beginning of a name: a wildcard with one of its hosts."""
        return f"{self._unused}{scope[1:]}" if is_wildcard(scope) else scope

    def _resolve(self, scope: str, depth: int, form: str) -> Pull | None:
        """The pull of an image so many components below a scope; None where that is not the full name of an image."""
        name = self._name(scope) + f"/{self._unused}" * depth
        if "/" not in name and not is_open(name):
            return None  # no host alone is a name: a look at its pull would find that, too
        pull = self._resolver.resolve(name + form)
        return pull if pull.normalized is not None and pull.normalized.name == name else None

    def _read(self, scope: str, pull: Pull, *, rest: str) -> ScopePull:
        """What a pull says of the scope, given what its reference has after the scope."""
        refused = pull.normalized is not None and self.admission.refusal(pull.normalized) is not None
        if pull.failure is not None:
            found = ScopePull(entry=pull.entry, refused=refused)
            return _with_invalid(found, Invalid.ALL, pull)

        def stop(at: int) -> Stop:
            attempt = pull.attempts[at]
            itself = pull.entry is None or not attempt.endpoint.location
            location = scope if itself else attempt.reference.removesuffix(rest)
            return Stop(location=location, insecure=attempt.endpoint.insecure)

        last = len(pull.attempts) - 1
        # A dictionary: in order, and quick to ask.
        tried = dict.fromkeys(at for at, each in enumerate(pull.attempts) if each.verdict is AttemptVerdict.TRIED)
        return ScopePull(
            entry=pull.entry,
            mirrors=tuple(dict.fromkeys(stop(at) for at in tried if at < last)),
            dead=tuple(dict.fromkeys(stop(at).location for at in range(last) if at not in tried)),
            source=stop(last) if last in tried else None,
            refused=refused,
        )


def _is_valid_at_any_depth(scope: str, pull: Pull) -> bool:
    """Whether the endpoints of a pull that works make valid references of the scope itself and all that is below."""
    return pull.entry is None or all(map(names_repository, _locations(pull.entry, scope)))


def _locations(entry: RegistryEntry, scope: str) -> dict[str, None]:
    """Where pulls of a scope may be tried by an entry, the scope itself left out."""
    locations = dict.fromkeys((*(mirror.location for mirror in entry.mirrors), entry.location))
    return {location: None for location in locations if location not in ("", scope)}


def _with_invalid(found: ScopePull, invalid: Invalid, pull: Pull) -> ScopePull:
    return replace(found, invalid=invalid, culprit=pull.failure.endpoint if pull.failure else None)


def _is_image(scope: str) -> bool:
    """Whether a scope of policy.json is a single image, with a tag or a digest."""
    return "@" in scope or ":" in scope.partition("/")[2]


def _host(scope: str) -> str:
    return scope.partition("/")[0]


def _matches(location: str, scopes: ScopeSet) -> bool:
    """Whether an entry with one of the scopes may match a location: one around it, or its host without the port."""
    name, colon, _ = _host(location).partition(":")
    return bool(scopes.enclosing(location)) or (colon != "" and name in scopes)
