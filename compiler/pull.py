"""What a pull does on a node: which endpoints are tried for a pull spec, in which order, and why.

In: the registries model and a pull spec. Out: the attempts, the mirrors left out, and what that adds up to.

Follows containers/image (df7e80d2): `sysregistriesv2.postProcessRegistries` and `loadConfigFile` for what a
registries.conf may say, `FindRegistry` and `PullSourcesFromReference` for where a pull goes, and `docker`'s
`newImageSource` and `newDockerClient` for the second look-up that finds a blocked endpoint.

Entries are found by table, never by a scan: a name has as many possible prefixes as it has separators.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from compiler.reference import (
    NAME_LENGTH,
    InvalidReferenceError,
    Reference,
    is_search_registry,
    is_short_name,
    names_repositories,
    names_repository,
    parse_named,
    parse_normalized,
    quoted,
)
from compiler.registries import DIGEST_ONLY, PULL_FROM_MIRROR, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.scope import is_wildcard, matched_length
from compiler.span import Span

_SEPARATORS = "/:@"
_SEPARATOR = re.compile(r"[/:@]")


class InvalidRegistriesError(ValueError):
    """A registries.conf that no node would load. `str()` is the reason as containers/image words it.

    `entry` is the entry that is refused, `None` where the search list is.
    """

    def __init__(self, message: str, *, entry: RegistryEntry | None = None) -> None:
        super().__init__(message)
        self.entry = entry


class RewriteError(ValueError):
    """An endpoint that turns the reference into none, which fails the whole pull, not only this attempt.

    `str()` is the wording of containers/image; `rewritten` is the text that is no reference.
    """

    def __init__(self, cause: InvalidReferenceError, *, endpoint: Endpoint) -> None:
        super().__init__(f"rewriting reference: {cause}")
        self.endpoint = endpoint
        self.rewritten = cause.text
        self._cause = cause

    @property
    def explanation(self) -> str:
        """What is wrong, for people."""
        return (
            f"{quoted(self.endpoint.location)} makes {quoted(self.rewritten)} of the pull spec, which is no "
            f"full image reference: {self._cause.explanation}"
        )


class AttemptVerdict(StrEnum):
    """What becomes of one endpoint in a pull."""

    TRIED = "tried"
    SKIPPED = "skipped"
    BLOCKED = "blocked"


class Outcome(StrEnum):
    """What the attempts of a pull add up to."""

    MIRRORS_ONLY = "mirrors-only"
    FALLS_BACK = "falls-back-to-source"
    SOURCE_ONLY = "source-only"
    UNAVAILABLE = "cannot-be-pulled"

    @property
    def summary(self) -> str:
        """The outcome as a sentence."""
        return _SUMMARIES[self]


_SUMMARIES = {
    Outcome.MIRRORS_ONLY: "only mirrors serve this pull; the source is never contacted",
    Outcome.FALLS_BACK: "mirrors come first; the source is contacted when none of them serves",
    Outcome.SOURCE_ONLY: "no mirror takes part; the source is contacted",
    Outcome.UNAVAILABLE: "nothing can serve this pull",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSource:
    """An endpoint and the reference it turns the pull into; `name` is that without tag and digest."""

    endpoint: Endpoint
    name: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullAttempt:
    """One endpoint of a pull and what becomes of it.

    `reference` is what is asked for there; it need not be valid where the endpoint is skipped. `endpoint` is
    a mirror, or the source (`is_source`): the entry's own location, the reference itself where no entry
    matches, an empty location where the entry is a wildcard. `blocked_by` is the entry that blocks the
    endpoint.
    """

    endpoint: Endpoint
    reference: str
    verdict: AttemptVerdict
    is_source: bool = False
    blocked_by: RegistryEntry | None = None

    @property
    def insecure(self) -> bool:
        """Whether TLS may be missing or unverified."""
        return self.endpoint.insecure

    @property
    def pull_from_mirror(self) -> str:
        """`digest-only`, `tag-only`, or empty for any pull."""
        return self.endpoint.pull_from_mirror

    @property
    def origins(self) -> tuple[Span, ...]:
        """Where the endpoint was written."""
        return self.endpoint.origins

    @property
    def reason(self) -> str:
        """Why the endpoint is tried or is not."""
        if self.blocked_by is not None:
            return f"`{self.blocked_by.scope}` is blocked"
        if self.verdict is AttemptVerdict.SKIPPED:
            if self.pull_from_mirror == DIGEST_ONLY:
                return "this mirror serves pulls by digest only"
            return "this mirror serves pulls by tag only"
        if self.is_source:
            return "the source itself"
        if self.pull_from_mirror == DIGEST_ONLY:
            return "a mirror for pulls by digest"
        if self.pull_from_mirror == TAG_ONLY:
            return "a mirror for pulls by tag"
        return "a mirror"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a whole pull fails before anything is attempted.

    `error` is the wording of containers/image, `explanation` the same for people; `endpoint` is the one whose
    rewritten reference is at fault, `None` where the pull spec itself is.
    """

    error: str
    explanation: str
    endpoint: Endpoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What a node does to pull `pull_spec`.

    `attempts` stand in the order they are made; blocked ones are among them, as each fails only when its
    turn comes. `normalized` is `None` where the pull spec is no reference, `entry` where no entry matches.
    With a `failure` nothing is attempted.
    """

    pull_spec: str
    normalized: Reference | None = None
    entry: RegistryEntry | None = None
    attempts: tuple[PullAttempt, ...] = ()
    failure: Failure | None = None

    @property
    def error(self) -> str:
        """Why the whole pull fails before anything is attempted, as containers/image words it; else empty."""
        return self.failure.error if self.failure else ""

    @property
    def by_digest(self) -> bool:
        """Whether digest mirrors serve this pull; a tag beside the digest does not count."""
        return self.normalized is not None and self.normalized.digest != ""

    @property
    def skipped(self) -> tuple[PullAttempt, ...]:
        """The mirrors of the entry left out because they serve the other kind of pull, in their order."""
        if self.normalized is None or self.entry is None:
            return ()
        text = str(self.normalized)
        rest = text[matched_length(text, self.entry.scope) :]
        return tuple(
            PullAttempt(endpoint=mirror, reference=mirror.location + rest, verdict=AttemptVerdict.SKIPPED)
            for mirror in self.entry.mirrors
            if not _serves(mirror, by_digest=self.by_digest)
        )

    @property
    def outcome(self) -> Outcome:
        """What the attempts add up to; a mirror that names the source itself counts as the source."""
        tried = [attempt for attempt in self.attempts if attempt.verdict is AttemptVerdict.TRIED]
        if not tried:
            return Outcome.UNAVAILABLE
        source = self.attempts[-1].reference
        mirrored = any(attempt.reference != source for attempt in tried)
        if any(attempt.reference == source for attempt in tried):
            return Outcome.FALLS_BACK if mirrored else Outcome.SOURCE_ONLY
        return Outcome.MIRRORS_ONLY


class _Place(NamedTuple):
    """An endpoint as a pull uses it.

    `regular` locations name a repository whatever components follow, so that the whole need not be parsed again;
    `complete` ones do so with nothing behind them too. `may_be_blocked` is false where no blocked entry can match what
    a regular location makes.
    """

    endpoint: Endpoint
    location: str
    regular: bool
    complete: bool
    may_be_blocked: bool


class Certainty(NamedTuple):
    """What all pulls of one kind through an entry have in common.

    Each is tried at all `locations`, in order, if it is `below` and components follow the entry's scope, or `alone`
    and nothing does. Else it takes the name to tell: an attempt may be blocked, or may turn the reference into none.
    What is left to look at in any case is that no name grows longer than `NAME_LENGTH`.
    """

    locations: tuple[str, ...]
    below: bool
    alone: bool


class _Host(NamedTuple):
    """What the tables hold for one first component: nothing behind it makes a difference to these."""

    wildcard: RegistryEntry | None
    has_plain: bool
    may_be_blocked: bool


class Resolver:
    """A loaded registries.conf that answers where pulls go.

    `trim_mirrors` is false for the containers/image of releases up to 4.19, which checks a mirror without its
    trailing slashes but keeps them.

    Raises:
        InvalidRegistriesError: no node would load the configuration.
    """

    def __init__(self, conf: RegistriesConf, *, trim_mirrors: bool = True) -> None:
        entries = [_load_entry(entry, trim_mirrors=trim_mirrors) for entry in conf.entries]
        _check_conflicts(entries)
        self.search = _load_search(conf.search)
        # Of two entries with one prefix the first counts; the later ones are as good as absent.
        by_prefix: dict[str, RegistryEntry] = {}
        for written, entry in zip(conf.entries, entries, strict=True):
            # A prefix of nothing but slashes is empty once trimmed, and an empty prefix matches nothing.
            if entry.prefix or not written.prefix:
                by_prefix.setdefault(entry.scope, entry)
        _check_wildcards(by_prefix)

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
        self._places: dict[bool, dict[str, tuple[_Place, ...]]] = {True: {}, False: {}}

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

        This is `FindRegistry` and `PullSourcesFromReference` alone: the reference is taken as it is, and what
        is blocked is not looked at.

        Raises:
            RewriteError: an endpoint makes no valid reference of it.
        """
        name = reference.name
        entry = self.find_entry(name)
        if entry is None:
            return None
        return tuple(
            PullSource(endpoint=place.endpoint, name=physical, reference=text)
            for place, physical, text in self._rewrite(reference, name=name, entry=entry)
        )

    def certain(self, entry: RegistryEntry, *, by_digest: bool) -> Certainty:
        """What pulls through an entry have in common, whatever their names."""
        places = self._places_of(entry, by_digest=by_digest)
        free = not is_wildcard(entry.scope) and not any(place.may_be_blocked for place in places)
        return Certainty(
            locations=tuple(place.location for place in places),
            below=free and all(place.regular for place in places),
            alone=free and all(place.complete for place in places),
        )

    def resolve(self, pull_spec: str) -> Pull:
        """What a node does to pull `pull_spec`; a name without a host is one of `docker.io`."""
        try:
            reference = parse_normalized(pull_spec)
        except InvalidReferenceError as error:
            return Pull(pull_spec=pull_spec, failure=Failure(error=str(error), explanation=error.explanation))
        name = reference.name
        entry = self.find_entry(name)
        if entry is None:
            text = str(reference)
            itself = PullAttempt(
                endpoint=Endpoint(location=text), reference=text, verdict=AttemptVerdict.TRIED, is_source=True
            )
            return Pull(pull_spec=pull_spec, normalized=reference, attempts=(itself,))
        try:
            rewritten = self._rewrite(reference, name=name, entry=entry)
        except RewriteError as error:
            return Pull(
                pull_spec=pull_spec,
                normalized=reference,
                entry=entry,
                failure=Failure(error=str(error), explanation=error.explanation, endpoint=error.endpoint),
            )
        attempts = []
        left = len(rewritten)
        for place, physical, text in rewritten:
            left -= 1
            blocker = self.find_entry(physical) if place.may_be_blocked else None
            blocked = blocker is not None and blocker.blocked
            attempts.append(
                PullAttempt(
                    endpoint=place.endpoint,
                    reference=text,
                    verdict=AttemptVerdict.BLOCKED if blocked else AttemptVerdict.TRIED,
                    is_source=left == 0,
                    blocked_by=blocker if blocked else None,
                )
            )
        return Pull(pull_spec=pull_spec, normalized=reference, entry=entry, attempts=tuple(attempts))

    def resolve_short_name(self, pull_spec: str) -> tuple[Pull, ...]:
        """The candidates for a name without a host: one pull per search registry, in the order of trial.

        A pull spec with a host, or one that is no reference, gives the one pull of `resolve`, and so does any
        without a search list. Follows containers/image `shortnames.Resolve` without aliases, which no cluster
        object can set.
        """
        if not self.search or not is_short_name(pull_spec):
            return (self.resolve(pull_spec),)
        return tuple(self.resolve(f"{registry}/{pull_spec}") for registry in self.search)

    def _rewrite(self, reference: Reference, *, name: str, entry: RegistryEntry) -> list[tuple[_Place, str, str]]:
        """The places a pull goes, each with the name and the reference it makes of the pull's own.

        The matched prefix is replaced by the location; a place without a location leaves all as it is.
        """
        text = str(reference)
        matched = matched_length(text, entry.scope)
        rest_text, rest_name = text[matched:], name[matched:]
        # Behind a `/` of the name stand valid components: with a regular location in front of them nothing can
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
        """The mirrors that serve this kind of pull, then the entry's own location."""
        known = self._places[by_digest]
        places = known.get(entry.scope)
        if places is None:
            own = Endpoint(location=entry.location, insecure=entry.insecure, origins=entry.origins)
            mirrors = (mirror for mirror in entry.mirrors if _serves(mirror, by_digest=by_digest))
            places = known[entry.scope] = tuple(self._place(endpoint) for endpoint in (*mirrors, own))
        return places

    def _place(self, endpoint: Endpoint) -> _Place:
        location = endpoint.location
        regular = names_repositories(location)
        return _Place(
            endpoint=endpoint,
            location=location,
            regular=regular,
            complete=regular and names_repository(location),
            may_be_blocked=not regular or self._may_be_blocked(location),
        )

    def _may_be_blocked(self, location: str) -> bool:
        """Whether a blocked entry may match what a regular location makes: one around it, at it or below it."""
        host = self._host(location.partition("/")[0])
        if not host.may_be_blocked:
            return False
        if len(location) > NAME_LENGTH or (host.wildcard is not None and host.wildcard.blocked):
            return True  # what is too long makes no reference, and has too many prefixes to look at
        ends = [*(match.start() for match in _SEPARATOR.finditer(location)), len(location)]
        around = (self._plain.get(location[:end]) for end in ends)
        return any(entry is not None and entry.blocked for entry in around) or any(
            self._is_any_blocked_below(location + separator) for separator in _SEPARATORS
        )

    def _is_any_blocked_below(self, start: str) -> bool:
        at = bisect_left(self._blocked, start)
        return at < len(self._blocked) and self._blocked[at].startswith(start)

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

        What follows the first component never matters: no `/` may stand before the match, nor in a wildcard.
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


def _serves(mirror: Endpoint, *, by_digest: bool) -> bool:
    """Whether a mirror takes part in a pull; one without a digest counts as one by tag."""
    return mirror.pull_from_mirror != (TAG_ONLY if by_digest else DIGEST_ONLY)


def _precedence(entry: RegistryEntry) -> tuple[int, str]:
    scope = entry.scope
    return (-len(scope), scope)


def _next_separator(text: str, start: int) -> int:
    """Where the first separator at or behind `start` stands, or the end of `text`."""
    match = _SEPARATOR.search(text, start)
    return match.start() if match else len(text)


def _head(text: str) -> str:
    """What stands before the first separator."""
    return text[: _next_separator(text, 0)]


def _load_entry(entry: RegistryEntry, *, trim_mirrors: bool) -> RegistryEntry:
    """The entry as a node holds it."""
    location = _trim(entry.location, entry=entry)
    if not entry.prefix:
        if not location:
            raise InvalidRegistriesError("invalid condition: both location and prefix are unset", entry=entry)
        prefix = ""
    else:
        prefix = _trim(entry.prefix, entry=entry)
        if not location and not is_wildcard(prefix):
            raise InvalidRegistriesError(
                "invalid condition: location is unset and prefix is not in the format: *.example.com",
                entry=entry,
            )
    mirrors = []
    changed = location != entry.location or prefix != entry.prefix
    for mirror in entry.mirrors:
        trimmed = _trim(mirror.location, entry=entry)
        if not trimmed:
            raise InvalidRegistriesError("invalid condition: mirror location is unset", entry=entry)
        if mirror.pull_from_mirror not in PULL_FROM_MIRROR:
            raise InvalidRegistriesError(
                f"unsupported pull-from-mirror value {_go_quoted(mirror.pull_from_mirror)} "
                f"for mirror {_go_quoted(trimmed)}",
                entry=entry,
            )
        if trim_mirrors and trimmed != mirror.location:
            changed = True
            mirrors.append(replace(mirror, location=trimmed))
        else:
            mirrors.append(mirror)
    if not changed:
        return entry
    return replace(entry, prefix=prefix, location=location, mirrors=tuple(mirrors))


def _check_conflicts(entries: Iterable[RegistryEntry]) -> None:
    """Refuse one location with two settings; told of the first entry that disagrees with another."""
    groups: dict[str, list[RegistryEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.location or entry.prefix, []).append(entry)
    # Groups stand in the order of their first entries, which is where a pairwise comparison would stop.
    for first, *others in groups.values():
        for other in others:
            for setting, differs in (
                ("insecure", first.insecure != other.insecure),
                ("blocked", first.blocked != other.blocked),
            ):
                if differs:
                    raise InvalidRegistriesError(
                        f"registry '{first.location}' is defined multiple times with conflicting '{setting}' setting",
                        entry=first,
                    )


def _check_wildcards(by_prefix: dict[str, RegistryEntry]) -> None:
    wrong = [prefix for prefix in by_prefix if is_wildcard(prefix) and any(mark in prefix for mark in _SEPARATORS)]
    if wrong:
        prefix = min(wrong)
        raise InvalidRegistriesError(
            "Wildcarded prefix should be in the format: *.example.com. "
            f"Current prefix {_go_quoted(prefix)} is incorrectly formatted",
            entry=by_prefix[prefix],
        )


def _load_search(search: Iterable[str]) -> tuple[str, ...]:
    registries = []
    for written in search:
        registry = _trim(written, entry=None)
        if not is_search_registry(registry):
            raise InvalidRegistriesError(f"Invalid unqualified-search-registries entry {_go_quoted(registry)}")
        registries.append(registry)
    return tuple(registries)


def _trim(location: str, *, entry: RegistryEntry | None) -> str:
    trimmed = location.rstrip("/")
    if trimmed.startswith(("http://", "https://")):
        raise InvalidRegistriesError(f"invalid location '{location}': URI schemes are not supported", entry=entry)
    return trimmed


def _go_quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
