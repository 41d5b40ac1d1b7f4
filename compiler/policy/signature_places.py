"""Where signatures are looked for: the keys of `registries.d/sigstore-registries.yaml`.

In: the scopes of signature policies and the registries model. Out: every repository and host that a pull of a signed
image can be read from, in the order of the controller's YAML encoder, or what keeps the controller from naming one.

Follows openshift/machine-config-operator `container-runtime-config` `generateSigstoreRegistriesdConfig` and
openshift/runtime-utils (7ff337a4f): each scope is made a reference, which is looked up in the generated registries.conf
as a pull would be. The order is that of go-yaml's `keyList`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cmp_to_key
from typing import NamedTuple

from compiler.machine.limits import most
from compiler.names.reference import InvalidReferenceError, Reference, parse_as_written, parse_named
from compiler.names.scope import ScopeSet, head_of, is_scope, is_wildcard, matched_length
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry, own_endpoint

_DIGEST = "sha256:" + "a" * 64
_TAG = "aaa"
_WILDCARD_HOST = "matched."
_COMPONENT = "/a"
_MOST_COMPARED = 200

MOST_KEYS = 20_000
"""Keys that mirrors make of scopes, beside two for each scope and each entry: every scope can be at every mirror."""

_DIGITS = frozenset("0123456789")


class UnnameablePlaceError(ValueError):
    """A signed scope for which the controller cannot name all places, so that it stops.

    `entry` is the registry entry that it was found under; `endpoint` is where a pull would go, None where the scope or
    entry itself is at fault, which `looked_up` names. `str()` is the reason.
    """

    def __init__(
        self, reason: str, *, scope: str, looked_up: str, entry: RegistryEntry | None, endpoint: Endpoint | None = None
    ) -> None:
        super().__init__(reason)
        self.scope = scope
        self.looked_up = looked_up
        self.entry = entry
        self.endpoint = endpoint


class SignaturePlaces(NamedTuple):
    """The keys of sigstore-registries.yaml in file order, and what keeps the controller from writing it.

    `too_many` says that there are more than are made, and then there are none.
    """

    keys: tuple[str, ...] = ()
    faults: tuple[UnnameablePlaceError, ...] = ()
    too_many: bool = False


def signature_places(
    scopes: Iterable[str], conf: RegistriesConf | None, *, trim_mirrors: bool = True
) -> SignaturePlaces:
    """The places for these scopes; without a registries.conf they are the scopes themselves.

    `trim_mirrors` is false for releases whose containers/image keeps a mirror's trailing slashes.
    """
    scopes = tuple(scopes)
    entries = _relevant(scopes, conf.entries) if conf is not None else ()
    if not entries or not scopes:
        return SignaturePlaces(keys=in_file_order(scopes))
    from compiler.node.loading import InvalidRegistriesError
    from compiler.node.resolver import Resolver

    try:
        resolver = Resolver(RegistriesConf(entries=entries), trim_mirrors=trim_mirrors)
    except InvalidRegistriesError as error:
        fault = UnnameablePlaceError(str(error), scope=scopes[0], looked_up="", entry=error.entry)
        return SignaturePlaces(faults=(fault,))
    keys = set(scopes)
    limit = most(MOST_KEYS, 2, len(scopes) + len(entries))
    faults = []
    named: set[str] = set()
    for scope, nested in _nested(scopes, entries).items():
        for looked_up in nested:
            entry = resolver.find_entry(looked_up) if looked_up not in named else None
            if entry is None:
                continue
            try:
                keys.update(_names(scope, looked_up, entry))
            except UnnameablePlaceError as error:
                faults.append(error)
            else:
                named.add(looked_up)
            if len(keys) > limit:
                return SignaturePlaces(too_many=True)
    return SignaturePlaces(keys=in_file_order(keys), faults=tuple(faults))


def _nested(scopes: Sequence[str], entries: Iterable[RegistryEntry]) -> dict[str, dict[str, None]]:
    """What is looked up for each scope: itself and the entries in it."""
    found: dict[str, dict[str, None]] = {scope: {scope: None} for scope in scopes}
    outer = ScopeSet(scopes)
    for entry in entries:
        for scope in outer.enclosing(entry.scope):
            found[scope][entry.scope] = None
    return found


def _relevant(scopes: tuple[str, ...], entries: tuple[RegistryEntry, ...]) -> tuple[RegistryEntry, ...]:
    """The entries that a look-up of the scopes, or of an entry nested in one of them, can find.

    All of them where one may keep the file from being loaded: the API checks the scopes that an Image config makes
    entries of only in later releases.
    """
    listed = (entry.scope for entry in entries if entry.blocked or entry.insecure or not entry.mirrors)
    if any(map(is_wildcard, scopes)) or not all(map(is_scope, listed)):
        return entries
    heads = frozenset(head_of(scope).partition("@")[0] for scope in scopes)
    near = [entry for entry in entries if is_wildcard(entry.scope) or head_of(entry.scope) in heads]
    known = {entry.scope for entry in near}
    around = {outer for scope in scopes for outer in _beginnings(scope) if outer in known}
    outer_scopes = ScopeSet(scopes)
    return tuple(entry for entry in near if entry.scope in around or outer_scopes.enclosing(entry.scope))


_SEPARATOR = re.compile("[/:@]")


def _beginnings(scope: str) -> Iterator[str]:
    """Every scope that `matched_length` finds to cover another."""
    ends = [*(match.start() for match in _SEPARATOR.finditer(scope)), len(scope)]
    for end in ends:
        yield scope[:end]
    host = len(scope.partition("/")[0])
    for dot in re.finditer(r"\.", scope[:host]):
        for end in ends:
            if dot.start() < end <= host and matched_length(scope, outer := f"*{scope[dot.start() : end]}") >= 0:
                yield outer


class _Probe(NamedTuple):
    """A scope made a reference; `extended` says that a path component was added, to be taken off again."""

    name: str
    extended: bool


def _probe(scope: str) -> _Probe:
    """The scope as the name of an image.

    Raises:
        InvalidReferenceError: It cannot be one.
    """
    text = _WILDCARD_HOST + scope[2:] if is_wildcard(scope) else scope
    extended = "/" not in text
    return _Probe(parse_as_written(text + _COMPONENT if extended else text).name, extended)


def _names(scope: str, looked_up: str, entry: RegistryEntry) -> Iterator[str]:
    """The places of one scope or nested entry: those of each mirror, and the entry's own.

    Raises:
        UnnameablePlaceError: One of them cannot be named.
    """
    from compiler.node.pull import serves

    try:
        probe = _probe(looked_up)
    except InvalidReferenceError as error:
        raise UnnameablePlaceError(error.explanation, scope=scope, looked_up=looked_up, entry=entry) from error
    own = own_endpoint(entry)
    for by_digest in (True, False):
        reference = str(Reference("", probe.name, "" if by_digest else _TAG, _DIGEST if by_digest else ""))
        matched = matched_length(reference, entry.scope)
        for endpoint in (*(mirror for mirror in entry.mirrors if serves(mirror, by_digest=by_digest)), own):
            if not endpoint.location:
                continue
            if matched < 0:
                reason = f"`{entry.scope}` has a tag or digest"
                raise UnnameablePlaceError(reason, scope=scope, looked_up=looked_up, entry=entry)
            try:
                name = parse_named(endpoint.location + reference[matched:]).name
            except InvalidReferenceError as error:
                raise UnnameablePlaceError(
                    error.explanation, scope=scope, looked_up=looked_up, entry=entry, endpoint=endpoint
                ) from error
            yield name.removesuffix(_COMPONENT) if probe.extended else name


def in_file_order(keys: Iterable[str]) -> tuple[str, ...]:
    """Keys in the order in which go-yaml writes them.

    Letters come after all else and by code point, numbers by their value. The order is not consistent: `v1b`, `v2`,
    `v10` and `v1b` again each come before the next. Of such keys any order is returned.
    """
    return tuple(sorted(sorted(keys), key=cmp_to_key(_compare)))


def _compare(left: str, right: str) -> int:
    if left == right:
        return 0
    return -1 if comes_before(left, right) else 1


def comes_before(left: str, right: str) -> bool:
    """Whether go-yaml puts one key before another (`keyList.Less`)."""
    at = _common_length(left, right)
    if at == min(len(left), len(right)):
        return len(left) < len(right)
    if left[at].isalpha() or right[at].isalpha():
        return left[at] < right[at] if left[at].isalpha() and right[at].isalpha() else right[at].isalpha()
    if left[at] not in _DIGITS and right[at] not in _DIGITS:
        return left[at] < right[at]
    padded = "0" in (left[at], right[at]) and _has_number_before(left, at)
    ours, theirs = _number(left, at, padded=padded), _number(right, at, padded=padded)
    if ours != theirs:
        return ours < theirs
    return left[at] < right[at]


def _common_length(left: str, right: str) -> int:
    """How many characters two texts begin with together."""
    same, end = 0, min(len(left), len(right))
    if left.startswith(right[:end]):
        return end
    while end - same > 1:
        middle = (same + end) // 2
        if left[same:middle] == right[same:middle]:
            same = middle
        else:
            end = middle
    return same


def _has_number_before(text: str, at: int) -> bool:
    """Whether the run of digits right before a position has one that is not zero."""
    digits = text[:at]
    return digits[len(digits.rstrip("0123456789")) :].strip("0") != ""


def _number(text: str, at: int, *, padded: bool) -> tuple[int, int]:
    """The number at a position, as the 64 bits that it is read into, and how many digits it has there."""
    rest = text[at:]
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    value = int(("1" if padded else "0") + digits)
    return (value + (1 << 63)) % (1 << 64) - (1 << 63), len(digits)


def undetermined(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Keys in file order that the encoder may put into another: some come before each other in a circle.

    Every pair is compared up to `_MOST_COMPARED` keys; of more, only what a sort from the other end puts elsewhere.
    """
    if len(keys) > _MOST_COMPARED:
        from_the_other_end = keys[::-1]
        other = sorted(from_the_other_end, key=cmp_to_key(_compare))
        return tuple(key for key, there in zip(keys, other, strict=True) if key != there)
    circular: set[str] = set()
    for index, key in enumerate(keys):
        for end, later in enumerate(keys[index + 1 :], index + 2):
            if not comes_before(key, later):
                circular.update(keys[index:end])
    return tuple(key for key in keys if key in circular)
