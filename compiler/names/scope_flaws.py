"""Why a text is not a scope, and what to do about it: the part of the patterns that people read.

In: a text that the API's pattern does not take. Out: what is wrong with it, what to write and, where that is certain,
the text without its flaw.
"""

import re
from typing import NamedTuple

from compiler.names.grammar import is_location
from compiler.names.scope import is_scope, is_wildcard
from compiler.text.opaque import filled

_PLACEHOLDER = re.compile(r"<[^<>]+>|\$?\{[^{}]+\}|\$\w+")
_GOOD = re.compile(r"[\w.:/-]")
_IN_IPV6 = frozenset("0123456789abcdefABCDEF:.[]")
_LONGEST_QUOTE = 80


class Flaw(NamedTuple):
    """What keeps a text from being a scope.

    Attributes:
        reason: What is wrong, as the end of a sentence; empty where nothing better can be said.
        remedy: What to do.
        fixed: What was certainly meant, empty if it cannot be known.
    """

    reason: str = ""
    remedy: str = "Write only a registry host, with a port or a lower-case repository path if needed."
    mended: str = ""


def flaw(text: str, *, wildcard: bool) -> Flaw:
    """The first flaw of a text that is not a scope; `wildcard` says whether `*.host` would be taken."""
    found = _flaw(text, wildcard=wildcard)
    is_good = is_scope(found.mended) if wildcard else is_location(found.mended)
    return found if is_good else Flaw(reason=found.reason, remedy=found.remedy)


def _flaw(text: str, *, wildcard: bool) -> Flaw:
    if text == "":
        return Flaw(reason="it is empty")
    if text.strip() != text:
        return Flaw(
            reason="it has white space at the start or end", remedy="Remove the white space.", mended=text.strip()
        )
    if placeholder := _PLACEHOLDER.search(text):
        return Flaw(reason=f"it has a placeholder{_quoted(placeholder[0])}", remedy="Write the value instead.")
    if "://" in text:
        scheme = text.partition("://")[0] + "://"
        remedy = "Remove it; for registries without TLS use `insecureRegistries` of the Image config."
        return Flaw(reason=f"it has a scheme{_quoted(scheme)}", remedy=remedy)
    host, _, path = text.partition("/")
    if host.count(":") > 1 and _IN_IPV6.issuperset(host):
        return Flaw(reason="the API does not accept an IPv6 address", remedy="Write the registry's host name.")
    name, at, digest = text.partition("@")
    if at:
        remedy = f"Remove it: {_shown(name, 'a repository')} already matches every digest."
        return Flaw(reason=f"it has a digest{_quoted(at + digest)}", remedy=remedy)
    if text.endswith("/"):
        return Flaw(reason="it ends in `/`", remedy="Remove it.", mended=text.rstrip("/"))
    if "*" in text:
        return _misplaced_wildcard(text, wildcard=wildcard)
    if ":" in path:
        name, colon, tag = text.rpartition(":")
        remedy = f"Remove it: {_shown(name, 'a repository')} already matches every tag."
        return Flaw(reason=f"it has a tag{_quoted(colon + tag)}", remedy=remedy)
    if path != path.lower():
        return Flaw(reason="its path has upper-case letters", remedy="Write it in lower case, as the registry does.")
    name, colon, port = host.partition(":")
    if colon and not (port.isascii() and port.isdigit()):
        return Flaw(
            reason=f"the text after the host's `:` is not a port{_quoted(port)}",
            remedy="Write the port in digits; a tag is not allowed here.",
        )
    if "_" in name:
        return Flaw(reason="its host contains a `_`")
    odd = next((character for character in filled(text) if not (character.isascii() and _GOOD.match(character))), "")
    if not odd:
        return Flaw()
    # Letters of other scripts may look like our own.
    code = f" (U+{ord(odd):04X})" if odd.isprintable() and not odd.isascii() else ""
    return Flaw(reason=f"it contains the character {odd!r}{code}")


def _misplaced_wildcard(text: str, *, wildcard: bool) -> Flaw:
    if not wildcard:
        return Flaw(reason="a mirror cannot be a wildcard", remedy="Write the name of the registry.")
    name = text.partition("/")[0].partition(":")[0]
    if is_wildcard(name) and is_scope(name) and name != text:
        remedy = f"Write {_shown(name, 'the wildcard alone')}, or list the hosts one by one."
        return Flaw(reason="a wildcard cannot have a port or a path", remedy=remedy)
    remedy = "List the hosts one by one, or write `*.host` for all hosts below a domain."
    return Flaw(reason="`*` is allowed only at the start, as `*.host`", remedy=remedy)


def _quoted(part: str) -> str:
    """The offending part, where it can be shown and helps to find it."""
    return f" (`{part}`)" if 0 < len(part) <= _LONGEST_QUOTE and part.isprintable() else ""


def _shown(text: str, otherwise: str) -> str:
    return f"`{text}`" if 0 < len(text) <= _LONGEST_QUOTE and text.isprintable() else otherwise
