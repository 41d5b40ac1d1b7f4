"""Sources that are nearly those of an image: what is probably a mistake in one of the two names.

In: the scopes of a cluster's sources, and the repository of an image that none of them matches. Out: the source that
was probably meant. Linear: every look-up is of a name with a part left out, and takes a few steps.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from compiler.names.scope import is_wildcard
from compiler.names.typos import is_slip

_SHORTEST = 4
"""Characters of a component that may have a typo."""
_MOST_COMPARED = 32
"""Sources that differ in the same component; where there are more, none of them is likely to be meant."""
_MOST_PARTS = 8

_Key = tuple[int, tuple[str, ...]]


class NearSources:
    """Finds the source that was probably meant for an image."""

    def __init__(self, scopes: Iterable[str]) -> None:
        self._sources = {scope for scope in scopes if not is_wildcard(scope)}
        self._longer: dict[tuple[str, ...], str] = {}
        self._alike: dict[_Key, list[str]] = {}
        self._found: dict[str, str] = {}
        for scope in sorted(self._sources):
            parts = tuple(scope.split("/"))
            if len(parts) > _MOST_PARTS:
                continue
            for at, rest in _without_one(parts):
                if 0 < at < len(parts) - 1:
                    self._longer.setdefault(rest, scope)
                alike = self._alike.setdefault((at, rest), [])
                if len(alike) <= _MOST_COMPARED:
                    alike.append(scope)

    def of(self, repository: str) -> str:
        """The source that was probably meant for a repository; empty where there is none."""
        found = self._found.get(repository)
        if found is None:
            found = self._found[repository] = self._find(repository)
        return found

    def _find(self, repository: str) -> str:
        parts = tuple(repository.split("/"))
        if not self._sources or not 1 < len(parts) <= _MOST_PARTS:
            return ""
        for at, rest in _without_one(parts):
            # A folder between the host and the name that only one of them has.
            if 0 < at < len(parts) - 1 and (shorter := "/".join(rest)) in self._sources and len(rest) > 1:
                return shorter
        if longer := self._longer.get(parts):
            return longer
        for length in range(len(parts), 0, -1):
            for at, rest in _without_one(parts[:length]):
                found = self._typo(parts[at], at, rest)
                if found:
                    return found
        return ""

    def _typo(self, part: str, at: int, rest: tuple[str, ...]) -> str:
        alike = self._alike.get((at, rest), ())
        if len(part) < _SHORTEST or len(alike) > _MOST_COMPARED:
            return ""
        return next((scope for scope in alike if is_slip(part, scope.split("/")[at])), "")


@lru_cache(maxsize=64)
def near_sources(scopes: frozenset[str]) -> NearSources:
    """What finds the source among these scopes, one for all clusters that have the same."""
    return NearSources(scopes)


def _without_one(parts: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    return ((at, parts[:at] + parts[at + 1 :]) for at in range(len(parts)))
