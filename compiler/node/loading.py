"""What a node has of a registries.conf once it is loaded, or why no node loads it.

In: the registries model. Out: the entries by their prefixes and the search list, trimmed as a node trims them.

Follows containers/image (df7e80d2) `sysregistriesv2.postProcessRegistries` and `loadConfigFile`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from compiler.names.grammar import is_host
from compiler.names.scope import is_wildcard
from compiler.node.model import PULL_FROM_MIRROR, RegistriesConf, RegistryEntry

_SEPARATORS = "/:@"


class InvalidRegistriesError(ValueError):
    """A registries.conf that no node would load. `str()` is the reason as containers/image words it.

    `entry` is the entry that is refused, `None` where the search list is.
    """

    def __init__(self, message: str, *, entry: RegistryEntry | None = None) -> None:
        super().__init__(message)
        self.entry = entry


class LoadedConf(NamedTuple):
    """A registries.conf in the memory of a node: the search list, and the entries that count by what finds them."""

    search: tuple[str, ...]
    entries: Mapping[str, RegistryEntry]


def load(conf: RegistriesConf, *, trim_mirrors: bool = True) -> LoadedConf:
    """Load a registries.conf as a node does.

    Args:
        conf: What the file says.
        trim_mirrors: False for the containers/image of releases up to 4.19, which checks a mirror without its
            trailing slashes but keeps them.

    Raises:
        InvalidRegistriesError: No node would load it.
    """
    entries = [_load_entry(entry, trim_mirrors=trim_mirrors) for entry in conf.entries]
    _check_conflicts(entries)
    search = _load_search(conf.search)
    # Of two entries with one prefix the first counts; the later ones are as good as absent.
    by_prefix: dict[str, RegistryEntry] = {}
    for written, entry in zip(conf.entries, entries, strict=True):
        # A prefix of nothing but slashes is empty once trimmed, and an empty prefix matches nothing.
        if entry.prefix or not written.prefix:
            by_prefix.setdefault(entry.scope, entry)
    _check_wildcards(by_prefix)
    return LoadedConf(search, by_prefix)


def _load_entry(entry: RegistryEntry, *, trim_mirrors: bool) -> RegistryEntry:
    """The entry as a node has it."""
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
            mirrors.append(mirror._replace(location=trimmed))
        else:
            mirrors.append(mirror)
    if not changed:
        return entry
    return replace(entry, prefix=prefix, location=location, mirrors=tuple(mirrors))


def _check_conflicts(entries: Iterable[RegistryEntry]) -> None:
    """Refuse one location with two settings; reported for the first entry that disagrees with another."""
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
        if not is_host(registry):
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
