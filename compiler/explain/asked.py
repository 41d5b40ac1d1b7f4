"""What an argument of `explain` asks for that is not a pull spec: a source as a manifest has it.

In: the text, and the names that a cluster's policy has. Out: a name with opaque tokens for what is not known of it: the
placeholders of a template (`{{ registry }}/team`), the host of a wildcard (`*.example.com`), the image of a registry.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from compiler.manifests.placeholders import canonical
from compiler.manifests.tokens import with_tokens, with_words
from compiler.names.reference import InvalidReferenceError, Reference, is_host_component, parse_normalized
from compiler.names.scope import is_wildcard
from compiler.node.model import RegistryEntry
from compiler.text.opaque import is_open, opaque, pieces, respelled, tokens

_HOST = opaque("<host>")
_IMAGE = opaque("<image>")
_SEPARATORS = "/:@"


class Asked(NamedTuple):
    """A question: the reference it is about, and whether it is about any image of a registry."""

    reference: Reference
    is_registry: bool = False


def spellings(names: Iterable[str]) -> dict[str, str]:
    """How the placeholders in names are written, by their canonical form; the first spelling of each."""
    found: dict[str, str] = {}
    for name in names:
        for token in tokens(name) if is_open(name) else ():
            found.setdefault(canonical(token), token)
    return found


def asked_of(text: str, spelled: Mapping[str, str] | None = None) -> Asked | None:
    """The question in a text that is not a pull spec, None if there is none.

    Args:
        text: The argument.
        spelled: How the policy writes placeholders, by their canonical form.
    """
    known = spelled or {}
    name = with_tokens(text)
    if is_wildcard(name):
        name = _HOST + name[1:]
    elif name.isascii():
        name = with_words(name)
    if not is_open(name):
        return None
    name = respelled(name, lambda token: opaque(known.get(canonical(token), token)))
    is_registry = "/" not in name and _is_registry(name)
    try:
        return Asked(parse_normalized(f"{name}/{_IMAGE}" if is_registry else name), is_registry)
    except InvalidReferenceError:
        return None


def of_registry(host: str) -> Asked:
    """The question about any image of a registry."""
    return Asked(Reference(host, _IMAGE), is_registry=True)


def _is_registry(name: str) -> bool:
    """Whether a name with tokens and without a path is a host, as far as can be seen."""
    head, colon, port = name.partition(":")
    return "@" not in name and is_host_component(head) and (not colon or port.isdecimal() or is_open(port))


def may_match(name: str, scope: str) -> bool:
    """Whether an entry matches a name for some values of the tokens in either, which are any texts."""
    head = name.partition("/")[0]
    if is_wildcard(scope):
        return _may_match_host(head, scope[1:])
    tail, other = pieces(head)[-1], pieces(scope.partition("/")[0])[-1]
    if tail and is_open(head) and not (other.endswith(tail) or (is_open(scope) and tail.endswith(other))):
        return False
    first, *rest = pieces(scope)
    begin = pieces(name)[0]
    if is_open(name):
        return begin.startswith(first) or first.startswith(begin) if rest else first.startswith(begin)
    if not rest or not name.startswith(first):
        return False
    at = len(first)
    for piece in rest[:-1]:
        at = name.find(piece, at + 1)
        if at < 0:
            return False
        at += len(piece)
    return _ends_with_piece(name, rest[-1], at + 1)


def _ends_with_piece(name: str, piece: str, start: int) -> bool:
    """Whether a prefix of a name that ends at a separator or the end has a piece at its end, after a token."""
    if not piece:
        return start <= len(name)
    at = name.find(piece, start)
    while at >= 0:
        end = at + len(piece)
        if end == len(name) or name[end] in _SEPARATORS:
            return True
        at = name.find(piece, at + 1)
    return False


def _may_match_host(host: str, suffix: str) -> bool:
    if is_open(suffix):
        return True
    tail = pieces(host)[-1]
    return is_open(host) and (suffix.endswith(tail) or tail.endswith(suffix))


def undecided(
    name: str, entries: Iterable[RegistryEntry], matching: Iterable[RegistryEntry]
) -> tuple[RegistryEntry, ...]:
    """The entries that may match a name beside those that do, the longest first."""
    known = {entry.scope for entry in matching}
    found = (entry for entry in entries if entry.scope not in known and may_match(name, entry.scope))
    return tuple(sorted(found, key=lambda entry: (-len(entry.scope), entry.scope)))
