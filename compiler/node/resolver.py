"""Where pulls go by a registries.conf: which entry a name is found under, and what is tried for it.

In: the registries model and pull specs. Out: pulls.

Follows containers/image (df7e80d2): `sysregistriesv2.FindRegistry` and `PullSourcesFromReference` for where a pull
goes, and `docker`'s `newImageSource` and `newDockerClient` for the second look-up that finds a blocked endpoint.

Entries are found by table, never by a scan: a name has as many possible prefixes as it has separators.
"""

import re
from bisect import bisect_left
from typing import NamedTuple

from compiler.names.reference import (
    NAME_LENGTH,
    InvalidReferenceError,
    Reference,
    is_short_name,
    names_repositories,
    names_repository,
    parse_named,
    parse_normalized,
)
from compiler.names.scope import is_wildcard, matched_length
from compiler.node.loading import load
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry, own_endpoint
from compiler.node.pull import AttemptVerdict, Failure, Pull, PullAttempt, PullSource, RewriteError, serves

_SEPARATOR = re.compile(r"[/:@]")


class _Place(NamedTuple):
    """An endpoint as a pull uses it.

    `regular` locations name a repository whatever components follow, so that the whole need not be parsed again;
    `complete` ones do so without anything after them too. `may_be_blocked` is false where no blocked entry can match
    what a regular location makes.
    """

    endpoint: Endpoint
    location: str
    regular: bool
    complete: bool
    may_be_blocked: bool


class _Places(NamedTuple):
    """Where pulls through an entry go: the mirrors that serve the kind of pull, then the entry's own location."""

    by_digest: tuple[_Place, ...]
    by_tag: tuple[_Place, ...]


class Turn(NamedTuple):
    """An endpoint when a pull comes to it: what is asked for there, and the entry that blocks that, if one does."""

    endpoint: Endpoint
    reference: str
    blocked_by: RegistryEntry | None


class Certainty(NamedTuple):
    """What all pulls of one kind through an entry have in common.

    Each is tried at all `locations`, in order, if it is `below` and components follow the entry's scope, or `alone`
    and nothing does. Else the name decides: an attempt may be blocked, or may make the reference invalid.
    What is left to look at in any case is that no name grows longer than `NAME_LENGTH`.
    """

    locations: tuple[str, ...]
    below: bool
    alone: bool


class _Host(NamedTuple):
    """What the tables contain for one first component: nothing after it makes a difference to these."""

    wildcard: RegistryEntry | None
    has_plain: bool
    may_be_blocked: bool


class Resolver:
    """A loaded registries.conf that answers where pulls go.

    `search` and `entries` are the search list and the entries by scope, as a node has them in memory.
    `trim_mirrors` is false for the containers/image of releases up to 4.19, which checks a mirror without its
    trailing slashes but keeps them.

    Raises:
        InvalidRegistriesError: no node would load the configuration.
    """

    def __init__(self, conf: RegistriesConf, *, trim_mirrors: bool = True) -> None:
        self.search, by_prefix = load(conf, trim_mirrors=trim_mirrors)
        self.entries = by_prefix
        # Wildcards are kept by the text they look for, which begins with a dot.
        self._wildcards = {prefix[1:]: entry for prefix, entry in by_prefix.items() if is_wildcard(prefix)}
        self._plain = {prefix: entry for prefix, entry in by_prefix.items() if not is_wildcard(prefix)}
        self._plain_heads = {_head(prefix) for prefix in self._plain}
        self._blocked = sorted(prefix for prefix, entry in self._plain.items() if entry.blocked)
        self._blocked_heads = set(map(_head, self._blocked))
        self._longest_plain = max(map(len, self._plain), default=0)
        self._longest_wildcard = max(map(len, self._wildcards), default=0)
        # Filled as they are asked for: most runs look at a few entries of many.
        self._hosts: dict[str, _Host] = {}
        self._places: dict[str, _Places] = {}
        self._locations: dict[str, tuple[bool, bool, bool]] = {}

    def find_entry(self, name: str) -> RegistryEntry | None:
        """The entry whose prefix matches `name` and is longest, or `None`.

        It is the length of the prefix that counts, not how much of the name it covers; of two prefixes of one
        length the first in byte order wins.
        """
        host = self._host(name.partition("/")[0])
        plain = self._find_plain(name) if host.has_plain else None
        if plain is None or host.wildcard is None:
            return plain or host.wildcard
        return min(plain, host.wildcard, key=_precedence)

    def matching_entries(self, name: str) -> tuple[RegistryEntry, ...]:
        """Every entry whose prefix matches `name`; the first is the one that counts, it hides the others."""
        ends = [*(match.start() for match in _SEPARATOR.finditer(name)), len(name)]
        plain = (self._plain.get(name[:end]) for end in ends)
        host = name.partition("/")[0]
        dots = (match.start() for match in re.finditer(r"\.", host))
        wildcards = (self._wildcards.get(host[dot : _next_separator(host, dot)]) for dot in dots)
        found = {entry.scope: entry for entry in (*plain, *wildcards) if entry is not None}
        return tuple(
            sorted((each for each in found.values() if matched_length(name, each.scope) >= 0), key=_precedence)
        )

    def pull_sources(self, reference: Reference) -> tuple[PullSource, ...] | None:
        """Where a pull of `reference` goes: mirrors, then the source; `None` if no entry matches.

        This is `FindRegistry` and `PullSourcesFromReference` alone: the reference is taken literally, and what
        is blocked is not looked at.

        Raises:
            RewriteError: an endpoint makes no valid reference of it.
        """
        entry = self.find_entry(reference.name)
        if entry is None:
            return None
        return tuple(
            PullSource(endpoint=place.endpoint, name=physical, reference=text)
            for place, physical, text in self._rewrite(reference, entry)
        )

    def certain(self, entry: RegistryEntry, *, by_digest: bool) -> Certainty:
        """What pulls through an entry have in common, whatever their names."""
        below = alone = not is_wildcard(entry.scope)
        locations = [mirror.location for mirror in entry.mirrors if serves(mirror, by_digest=by_digest)]
        locations.append(entry.location)
        for location in locations:
            regular, complete, may_be_blocked = self._look_at(location)
            below = below and regular and not may_be_blocked
            alone = alone and complete and not may_be_blocked
        return Certainty(locations=tuple(locations), below=below, alone=alone)

    def resolve(self, pull_spec: str) -> Pull:
        """What a node does to pull `pull_spec`; a name without a host is one of `docker.io`."""
        try:
            reference = parse_normalized(pull_spec)
        except InvalidReferenceError as error:
            return Pull(pull_spec=pull_spec, failure=Failure(error=str(error), explanation=error.explanation))
        return self.resolve_reference(pull_spec, reference)

    def resolve_reference(self, pull_spec: str, reference: Reference) -> Pull:
        """The same for a reference that is known, which may have opaque tokens."""
        entry = self.find_entry(reference.name)
        if entry is None:
            text = str(reference)
            itself = PullAttempt(
                endpoint=Endpoint(location=text), reference=text, verdict=AttemptVerdict.TRIED, is_source=True
            )
            return Pull(pull_spec=pull_spec, normalized=reference, attempts=(itself,))
        try:
            turns = self.turns(reference, entry)
        except RewriteError as error:
            return Pull(
                pull_spec=pull_spec,
                normalized=reference,
                entry=entry,
                failure=Failure(error=str(error), explanation=error.explanation, endpoint=error.endpoint),
            )
        last = len(turns) - 1
        redirects = bool(entry.prefix and entry.location and entry.location != entry.prefix)
        attempts = tuple(
            PullAttempt(
                endpoint=turn.endpoint,
                reference=turn.reference,
                verdict=AttemptVerdict.TRIED if turn.blocked_by is None else AttemptVerdict.BLOCKED,
                is_source=at == last,
                redirected=redirects and at == last,
                blocked_by=turn.blocked_by,
            )
            for at, turn in enumerate(turns)
        )
        return Pull(pull_spec=pull_spec, normalized=reference, entry=entry, attempts=attempts)

    def turns(self, reference: Reference, entry: RegistryEntry) -> list[Turn]:
        """The endpoints of the entry that is found under a reference, in the order in which a pull of it comes to them.

        Raises:
            RewriteError: an endpoint makes no valid reference of it.
        """
        turns = []
        for place, physical, text in self._rewrite(reference, entry):
            blocker = self.find_entry(physical) if place.may_be_blocked else None
            turns.append(Turn(place.endpoint, text, blocker if blocker is not None and blocker.blocked else None))
        return turns

    def resolve_short_name(self, pull_spec: str) -> tuple[Pull, ...]:
        """The candidates for a name without a host: one pull per search registry, in the order of trial.

        A pull spec with a host, or one that is not a reference, gives the one pull of `resolve`, and so does any
        without a search list. Follows containers/image `shortnames.Resolve` without aliases, which no cluster
        object can set.
        """
        if not self.search or not is_short_name(pull_spec):
            return (self.resolve(pull_spec),)
        return tuple(self.resolve(f"{registry}/{pull_spec}") for registry in self.search)

    def _rewrite(self, reference: Reference, entry: RegistryEntry) -> list[tuple[_Place, str, str]]:
        """The places a pull goes, each with the name and the reference it makes of the pull's own.

        The matched prefix is replaced by the location; a place without a location changes nothing.
        """
        name, text = reference.name, str(reference)
        matched = matched_length(text, entry.scope)
        rest_text, rest_name = text[matched:], name[matched:]
        # After a `/` of the name stand valid components: with a regular location in front of them nothing can
        # go wrong but the length. Nor can it where nothing follows a complete one.
        whole = not rest_name
        longest = NAME_LENGTH - len(rest_name) if whole or rest_name.startswith("/") else -1
        rewritten = []
        for place in self._places_of(entry, by_digest=reference.digest != ""):
            location = place.location
            if not location:
                rewritten.append((place, name, text))
                continue
            physical = location + rest_text
            if (place.complete if whole else place.regular) and len(location) <= longest:
                rewritten.append((place, location + rest_name, physical))
                continue
            try:
                rewritten.append((place, parse_named(physical).name, physical))
            except InvalidReferenceError as error:
                raise RewriteError(error, endpoint=place.endpoint) from error
        return rewritten

    def _places_of(self, entry: RegistryEntry, *, by_digest: bool) -> tuple[_Place, ...]:
        known = self._places.get(entry.scope)
        if known is None:
            *mirrors, own = (
                _Place(endpoint, endpoint.location, *self._look_at(endpoint.location))
                for endpoint in (*entry.mirrors, own_endpoint(entry))
            )
            known = self._places[entry.scope] = _Places(
                *((*(each for each in mirrors if serves(each.endpoint, by_digest=kind)), own) for kind in (True, False))
            )
        return known.by_digest if by_digest else known.by_tag

    def _look_at(self, location: str) -> tuple[bool, bool, bool]:
        """Whether a location is regular, complete, and whether a blocked entry may match what it makes."""
        known = self._locations.get(location)
        if known is None:
            known = (False, False, True)
            if names_repositories(location):
                host = self._host(location.partition("/")[0])
                may_be_blocked = host.may_be_blocked and self._may_be_blocked(location, host)
                known = (True, names_repository(location), may_be_blocked)
            self._locations[location] = known
        return known

    def _may_be_blocked(self, location: str, host: _Host) -> bool:
        """Whether a blocked entry may match what a regular location makes: one around it, at it or below it.

        One that only begins with the same characters counts as well: it costs a closer look.
        """
        if len(location) > NAME_LENGTH or (host.wildcard is not None and host.wildcard.blocked):
            return True  # what is too long makes no reference, and has too many prefixes to look at
        at = bisect_left(self._blocked, location)
        if at < len(self._blocked) and self._blocked[at].startswith(location):
            return True
        ends = (match.start() for match in _SEPARATOR.finditer(location))
        around = (self._plain.get(location[:end]) for end in ends)
        return any(entry is not None and entry.blocked for entry in around)

    def _host(self, host: str) -> _Host:
        """What is known of a name's first component."""
        known = self._hosts.get(host)
        if known is None:
            wildcard = self._find_wildcard(host) if self._wildcards else None
            head = _head(host)
            known = self._hosts[host] = _Host(
                wildcard=wildcard,
                has_plain=head in self._plain_heads,
                may_be_blocked=head in self._blocked_heads or (wildcard is not None and wildcard.blocked),
            )
        return known

    def _find_plain(self, name: str) -> RegistryEntry | None:
        """The entry of the longest plain prefix that ends at a separator or at the end of `name`."""
        plain = self._plain
        ends = name.replace(":", "/").replace("@", "/")
        # No prefix is longer than the longest, so that a hostile text costs no more than that.
        end = len(name)
        if end > self._longest_plain:
            end = ends.rfind("/", 0, self._longest_plain + 1)
        while end > 0:
            entry = plain.get(name[:end])
            if entry is not None:
                return entry
            end = ends.rfind("/", 0, end)
        return None

    def _find_wildcard(self, host: str) -> RegistryEntry | None:
        """The entry of the longest wildcard whose `.host` ends at a separator or at the end of `host`.

        What follows the first component never matters: no `/` may come before the match, nor in a wildcard.
        """
        found: RegistryEntry | None = None
        end = dot = -1
        while (dot := host.find(".", dot + 1)) >= 0:
            if end < dot:
                end = _next_separator(host, dot)
            if end - dot > self._longest_wildcard:
                continue
            suffix = host[dot:end]
            entry = self._wildcards.get(suffix)
            # Only the first place where the text occurs counts: `*.h` does not match `x.h.y.h`.
            if entry is not None and host.find(suffix) == dot:
                found = entry if found is None else min(found, entry, key=_precedence)
        return found


def _precedence(entry: RegistryEntry) -> tuple[int, str]:
    scope = entry.scope
    return (-len(scope), scope)


def _next_separator(text: str, start: int) -> int:
    """Where the first separator at or after `start` is, or the end of `text`."""
    match = _SEPARATOR.search(text, start)
    return match.start() if match else len(text)


def _head(text: str) -> str:
    """What is before the first separator."""
    return text[: _next_separator(text, 0)]
