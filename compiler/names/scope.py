"""Scopes: what `source`, `mirrors`, `prefix` and `location` are made of, and how one contains another.

A scope is `host[:port]`, `host[:port]/namespace[/...]` or a wildcard `*.host`. Nothing here knows about files.

Nesting follows openshift/runtime-utils `registries.ScopeIsNestedInsideScope` (7bdb5b9); prefix matching follows
containers/image `sysregistriesv2.refMatchingPrefix` (df7e80d2); the patterns are those of openshift/api
(2a3d73913).
"""

import re
from collections.abc import Iterable, Set

from compiler.names.grammar import LABEL, is_location
from compiler.text.opaque import filled

_WILDCARD = re.compile(rf"\*(?:\.{LABEL})+")


def is_scope(text: str) -> bool:
    """Whether the API takes `text` as a source: a location or a wildcard `*.host`."""
    return is_location(text) or _WILDCARD.fullmatch(filled(text)) is not None


def is_wildcard(scope: str) -> bool:
    """Whether `scope` means every subdomain of a host."""
    return scope.startswith("*.")


def host_of(scope: str) -> str:
    """The part of a scope that a wildcard is compared with.

    What is before the first `:` if that contains no `/` (an empty string if it does), else what is before
    the first `/`.
    """
    head, colon, _ = scope.partition(":")
    if colon:
        return "" if "/" in head else head
    return scope.partition("/")[0]


def head_of(scope: str) -> str:
    """What is before the first `/` and the first `:`: the host without its port."""
    return scope.partition("/")[0].partition(":")[0]


def is_nested(scope: str, outer: str) -> bool:
    """Whether `scope` equals `outer` or lies inside it."""
    if scope == outer or scope.startswith(outer + "/"):
        return True
    return is_wildcard(outer) and host_of(scope).endswith(outer[1:])


class ScopeSet:
    """Scopes to look up what encloses another; most scopes are turned away by their host alone.

    A scope of a megabyte has half a million prefixes: only those as long as a scope of the set are looked at.
    """

    __slots__ = ("_has_wildcards", "_hosts", "_lengths", "_scopes")

    def __init__(self, scopes: Iterable[str]) -> None:
        self._scopes = frozenset(scopes)
        self._lengths = frozenset(map(len, self._scopes))
        self._hosts = frozenset(scope.partition("/")[0] for scope in self._scopes)
        self._has_wildcards = any(is_wildcard(scope) for scope in self._scopes)

    def __contains__(self, scope: str) -> bool:
        return scope in self._scopes

    def may_enclose_host(self, host: str) -> bool:
        """Whether scopes on a host can be nested in one of the set."""
        return self._has_wildcards or host in self._hosts

    def may_enclose(self, hosts: Set[str]) -> bool:
        """Whether scopes on any of these hosts can be nested in one of the set."""
        return self._has_wildcards or not self._hosts.isdisjoint(hosts)

    def enclosing(self, scope: str) -> list[str]:
        """Those of the set that `scope` is nested in, the closest paths first, then wildcards."""
        if not self._has_wildcards and scope.partition("/")[0] not in self._hosts:
            return []
        scopes, lengths = self._scopes, self._lengths
        found = [scope] if scope in scopes else []
        end = len(scope)
        while (end := scope.rfind("/", 0, end)) >= 0:
            if end in lengths and (outer := scope[:end]) in scopes:
                found.append(outer)
        if self._has_wildcards:
            host = host_of(scope)
            paths = frozenset(found)
            dot = -1
            while (dot := host.find(".", dot + 1)) >= 0:
                if len(host) - dot + 1 in lengths and (outer := "*" + host[dot:]) in scopes and outer not in paths:
                    found.append(outer)
        return found


def rebase(location: str, outer: str, scope: str) -> str:
    """`location` with the part of `scope` that lies below `outer` appended."""
    return location + scope[len(outer) :]


def matched_length(reference: str, prefix: str) -> int:
    """How many characters of `reference` the prefix covers, -1 if it does not match.

    A match ends at the end of the reference or before `/`, `:` or `@`. A wildcard covers everything up to the
    first place where its `.host` occurs.
    """
    if is_wildcard(prefix):
        suffix = prefix[1:]
        at = reference.find(suffix)
        if at < 0 or "/" in reference[:at]:
            return -1
        end = at + len(suffix)
    elif reference.startswith(prefix):
        end = len(prefix)
    else:
        return -1
    return end if end == len(reference) or reference[end] in "/:@" else -1
