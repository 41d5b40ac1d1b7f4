"""Where pulls of a whole scope go: what the resolver answers for the images in it, without naming one.

In: the registries model of a node, its policy.json and a scope. Out: for pulls by digest or by tag, the endpoints that
are tried, without the part of the image below the scope.

There is no second model here: each answer is the resolver's for an image that represents all images of the scope
that no other entry and no other scope of policy.json matches. `explain` asks the same resolver.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from compiler.names.reference import (
    ANY_DIGEST,
    InvalidReferenceError,
    Reference,
    names_repositories,
    names_repository,
    parse_normalized,
)
from compiler.names.scope import ScopeSet, is_wildcard, matched_length
from compiler.node.admission import Admission
from compiler.node.loading import InvalidRegistriesError
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry
from compiler.node.pull import RewriteError
from compiler.node.resolver import Resolver
from compiler.text.opaque import is_open

_MOST_SHARED = 8_000
_MOST_OWN = 3
"""What a budget has in any case, and for each endpoint of the configurations."""

_DEEP = 2
"""Components below a scope from which the depth makes no difference: `docker.io/x` is short for another name."""


class Pulls(StrEnum):
    """The kind of pulls something is about."""

    ALL = "all"
    DIGEST = "digest"
    TAG = "tag"


KINDS = (Pulls.DIGEST, Pulls.TAG)
_TAG = "x"
# There are fewer scopes than numbers of so many digits.
_NUMBERED_COMPONENT = re.compile(r"/x([0-9]{0,9})")
_NUMBERED_HOST = re.compile(r"(?:\*\.)?x([0-9]{0,9})\.")
_FORMS = {Pulls.DIGEST: f"@{ANY_DIGEST}", Pulls.TAG: f":{_TAG}"}


class Stop(NamedTuple):
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


class ScopePull(NamedTuple):
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


class Budget:
    """Counts the endpoints that are looked at for many scopes.

    Scopes times the mirrors of an entry around them can be far more than the configuration has: a few kilobytes make
    millions. Scopes with an entry on each side never use it up.
    """

    def __init__(self, *sides: "ScopePulls") -> None:
        mirrors = sum(1 + len(entry.mirrors) for side in sides for entry in side.entries.values())
        self.left = _MOST_SHARED + _MOST_OWN * mirrors

    def spend(self, count: int) -> bool:
        """Whether there was something left for so many."""
        has_some = self.left > 0
        self.left -= count
        return has_some


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

    def pull(self, scope: str, kind: Pulls) -> ScopePull | None:
        """Where the pulls of a scope by digest or by tag go, as `pulls` has it."""
        return self.pulls(scope)[KINDS.index(kind)]

    def pulls(self, scope: str) -> tuple[ScopePull | None, ScopePull | None]:
        """Where the pulls of a scope by digest and by tag go, in the order of `KINDS`.

        None where there are none: no image has a name in the scope (`registry/team` is short for
        `docker.io/registry/team`), or the scope is a single image of the other kind.
        """
        if _is_image(scope):
            found = self._pull_of_image(scope)
            return (found, None) if "@" in scope else (None, found)
        images = self._images(self._name(scope))
        deepest = next(images, None)
        if deepest is None:
            return None, None
        # No entry lies between the images: that of one is that of all.
        entry = self._resolver.find_entry(deepest.name)
        if entry is None and self.admission.lets_all_in:
            found = ScopePull(source=Stop(scope))
            return found, found
        shallow = () if entry is None else tuple(_uncertain(images, list(_used_locations(scope, entry, deepest))))
        by_digest, by_tag = (self._pull_of_kind(scope, kind, entry, deepest, shallow) for kind in KINDS)
        return by_digest, by_tag

    def _pull_of_image(self, scope: str) -> ScopePull:
        try:
            reference = parse_normalized(scope)
        except InvalidReferenceError:
            return ScopePull(invalid=Invalid.ALL)
        return self._read(scope, reference, self._resolver.find_entry(reference.name), rest="")

    def _pull_of_kind(
        self, scope: str, kind: Pulls, entry: RegistryEntry | None, deepest: "_Image", shallow: Iterable["_Image"]
    ) -> ScopePull:
        found = self._read(scope, deepest.of(kind), entry, rest=deepest.below + _FORMS[kind])
        if found.invalid is Invalid.NONE and entry is not None:
            for image in shallow:
                try:
                    self._resolver.turns(image.of(kind), entry)
                except RewriteError as error:
                    invalid = Invalid.DIRECTLY_BELOW if image.below else Invalid.ITSELF
                    return found._replace(invalid=invalid, culprit=error.endpoint)
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

    def reaching(self, scopes: Set[str], *, by: Set[str] | None = None, budget: Budget | None = None) -> Iterator[str]:
        """Every scope whose pulls are tried at an endpoint in one of `scopes`.

        These are scopes of entries, and below them those that an endpoint maps to a scope below its location: with
        `quay.io` mirrored to `m.io/q`, the scope `m.io/q/ns` is reached by `quay.io/ns`. With `by` it is only looked at
        pulls of these scopes. It ends where the budget does.
        """
        budget = budget or Budget(self)
        # There are many endpoints on few hosts: most are passed over by the host alone.
        hosts = ScopeSet(map(_host, scopes))
        wanted = ScopeSet(scopes)
        plain = sorted(scope for scope in scopes if not is_wildcard(scope))
        known: dict[str, bool] = {}
        for scope, entry, rest in (
            self._used(sorted(by)) if by is not None else ((*each, "") for each in self.entries.items())
        ):
            for endpoint in _locations(entry, scope):
                if not budget.spend(1):
                    return
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
                while at < len(plain) and plain[at].startswith(outer) and budget.spend(1):
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
        """A component that no component of a scope begins with, nor a host with it and a dot."""
        blocked, allowed = self.admission.scopes
        taken: set[str] = set()
        for scope in (*self.entries, *blocked, *allowed):
            if host := _NUMBERED_HOST.match(scope):
                taken.add(host[1])
            for number in _NUMBERED_COMPONENT.findall(scope):
                taken.update(number[:end] for end in range(len(number) + 1))
        return "x" + next(number for number in ("", *map(str, range(1, len(taken) + 1))) if number not in taken)

    def _name(self, scope: str) -> str:
        """The scope as the beginning of a name: a wildcard with one of its hosts."""
        return f"{self._unused}{scope[1:]}" if is_wildcard(scope) else scope

    def _images(self, name: str) -> Iterator["_Image"]:
        """Images at and below the name of a scope, the deepest first; those whose full name it is."""
        for depth in range(_DEEP, -1, -1):
            below = f"/{self._unused}" * depth
            inner = name + below
            if "/" not in inner and not is_open(inner):
                return  # no host alone is a name: a look at its pull would find that, too
            try:
                reference = parse_normalized(f"{inner}:{_TAG}")
            except InvalidReferenceError:
                continue
            if reference.name == inner:
                yield _Image(inner, reference, below)

    def _read(self, scope: str, reference: Reference, entry: RegistryEntry | None, *, rest: str) -> ScopePull:
        """What the pull of an image says of the scope, given what its reference has after the scope."""
        refused = self.admission.refusal(reference) is not None
        if entry is None:
            return ScopePull(source=Stop(scope), refused=refused)
        try:
            turns = self._resolver.turns(reference, entry)
        except RewriteError as error:
            return ScopePull(entry=entry, refused=refused, invalid=Invalid.ALL, culprit=error.endpoint)
        mirrors: dict[Stop, None] = {}
        dead: dict[str, None] = {}
        source = None
        last = len(turns) - 1
        for at, (endpoint, text, blocked_by) in enumerate(turns):
            location = text.removesuffix(rest) if endpoint.location else scope
            if blocked_by is None:
                stop = Stop(location, endpoint.insecure)
                if at < last:
                    mirrors[stop] = None
                else:
                    source = stop
            elif at < last:
                dead[location] = None
        return ScopePull(entry=entry, mirrors=tuple(mirrors), dead=tuple(dead), source=source, refused=refused)


class _Image(NamedTuple):
    """An image that represents those of a scope: its name, that with a tag, and what it has after the scope."""

    name: str
    tagged: Reference
    below: str

    def of(self, kind: Pulls) -> Reference:
        """The reference to pull it by."""
        return self.tagged if kind is Pulls.TAG else Reference(self.tagged.domain, self.tagged.path, digest=ANY_DIGEST)


def _used_locations(scope: str, entry: RegistryEntry, image: _Image) -> Iterator[str]:
    """Where pulls of a scope may be tried by the entry of an image in it, the scope itself left out."""
    rest = image.name[matched_length(image.name, entry.scope) : len(image.name) - len(image.below)]
    for location in dict.fromkeys((*(mirror.location for mirror in entry.mirrors), entry.location)):
        if location and location + rest != scope:
            yield location + rest


def _uncertain(images: Iterator[_Image], locations: Sequence[str]) -> Iterator[_Image]:
    """Of the images above one that can be pulled from some locations, those of which these may make no reference."""
    if not all(map(names_repository, locations)):
        deep = all(map(names_repositories, locations))
        yield from (image for image in images if not (image.below and deep))


def _locations(entry: RegistryEntry, scope: str) -> dict[str, None]:
    """Where pulls of a scope may be tried by an entry, the scope itself left out."""
    locations = dict.fromkeys((*(mirror.location for mirror in entry.mirrors), entry.location))
    return {location: None for location in locations if location not in ("", scope)}


def _is_image(scope: str) -> bool:
    """Whether a scope of policy.json is a single image, with a tag or a digest."""
    return "@" in scope or ":" in scope.partition("/")[2]


def _host(scope: str) -> str:
    return scope.partition("/")[0]


def _matches(location: str, scopes: ScopeSet) -> bool:
    """Whether an entry with one of the scopes may match a location: one around it, or its host without the port."""
    name, colon, _ = _host(location).partition(":")
    return bool(scopes.enclosing(location)) or (colon != "" and name in scopes)
