"""What nodes read past in their registries.conf and drop-ins, and say only in a debug log.

In: files that were read, in the order in which a node reads them. Out: notes at the places of keys and entries.
Follows containers/image (df7e80d2): `sysregistriesv2.loadConfigFile` logs the keys that it does not decode,
`FindRegistry` is asked for names without tag or digest, and `updateWithConfigurationFrom` replaces entries whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from compiler.findings import rules
from compiler.findings.diagnostics import MOST_OF_A_RULE, Diagnostic, Fold, Label, Severity
from compiler.manifests.embedded import NodeText
from compiler.names.scope import is_wildcard
from compiler.node.files import SEARCH_KEY
from compiler.node.model import RegistryEntry
from compiler.node.placed import placed
from compiler.node.registries_conf import MIRROR, REGISTRY, ConfFile, Table, read_registries_conf, tables_of
from compiler.text.span import Span
from compiler.text.wording import joined, nearest, shown, some_of, ticked

_ALIASES = "aliases"
_OF_ENDPOINT = frozenset({"location", "insecure", "pull-from-mirror"})
_KNOWN = {
    "": frozenset(
        {
            SEARCH_KEY,
            "registry",
            "short-name-mode",
            _ALIASES,
            "credential-helpers",
            "additional-layer-store-auth-helper",
        }
    ),
    REGISTRY: _OF_ENDPOINT | {"prefix", "blocked", "mirror-by-digest-only", "mirror"},
    MIRROR: _OF_ENDPOINT,
}
"""The keys that `V2RegistriesConf`, `Registry` and `Endpoint` have, by table."""
_LONGEST_TYPO = 48


def of_file(file: ConfFile) -> Iterator[Diagnostic]:
    """Keys that nodes do not know, or not in this table, and entries with a tag or digest."""
    yield from _unknown_keys(file)
    for entry in file.conf.entries:
        yield from _with_tag(entry)


def of_text(text: NodeText) -> Iterator[Diagnostic]:
    """The same for a file that is written in another document, at the places there.

    Raises:
        ConfFileError: No node loads it.
    """
    for note in of_file(read_registries_conf(text.text, path=text.span.path)):
        yield replace(note, span=placed(note.span, text))


def of_order(files: Iterable[ConfFile]) -> Iterator[Diagnostic]:
    """The entries that a later file replaces, at the entry that does; files in the order in which a node reads them."""
    made: dict[str, RegistryEntry] = {}
    for file in files:
        own = {entry.scope.rstrip("/"): entry for entry in file.conf.entries}
        for scope, entry in own.items():
            if scope in made:
                yield replacing(entry, made[scope], "this entry")
        made.update(own)


def replacing(entry: RegistryEntry, earlier: RegistryEntry, what: str) -> Diagnostic:
    """The note about one entry that replaces an earlier one; `what` is it in words. Both know their places."""
    return rules.DROP_IN_REPLACES.at(
        entry.origins[0],
        f"{what} replaces the earlier one of `{shown(entry.scope)}` whole{lost(earlier)}",
        help="Write everything that is to apply in this entry, and remove the earlier one.",
        labels=[Label(span=span, text="the earlier entry is here") for span in earlier.origins[:1]],
        severity=Severity.NOTE,
    )


def lost(entry: RegistryEntry) -> str:
    """The end of a sentence about an entry that is replaced: what is lost with it."""
    parts = []
    if entry.mirrors:
        parts.append(f"its mirrors {some_of(ticked([mirror.location for mirror in entry.mirrors]), 3)}")
    if entry.blocked:
        parts.append("its block")
    return f": {joined(parts)} {'is' if parts == ['its block'] else 'are'} lost" if parts else ""


# --- Keys ---------------------------------------------------------------------------


def _unknown_keys(file: ConfFile) -> Iterator[Diagnostic]:
    """One note for each place; of so many different keys that they are not listed, no more than are counted."""
    told: set[tuple[str, str]] = set()
    for table in tables_of(file):
        for key, value in table.values.items():
            if table.name == _ALIASES:
                is_unknown = key.lower() in _KNOWN[""] and not (isinstance(value, str) and "/" in value)
            else:
                is_unknown = key.lower() not in _KNOWN[table.name]
            if not is_unknown or ((table.name, key) not in told and len(told) > MOST_OF_A_RULE):
                continue
            told.add((table.name, key))
            yield _unknown(table, key, is_table=isinstance(value, dict | list))


def _unknown(table: Table, key: str, *, is_table: bool) -> Diagnostic:
    told = f"`{shown(key)}`"
    inside = f"in {_header(table.name)}" if table.name else "outside of every table"
    if table.name == _ALIASES:
        fact = f"nodes read {told} {inside} as an alias"
    else:
        fact = f"nodes ignore {told} {inside}, and say so only in a debug log"
    return rules.UNKNOWN_NODE_KEY.at(
        table.place(key),
        fact,
        help=_advice(table.name, key if len(key) <= _LONGEST_TYPO else "", is_table=is_table),
        fold=Fold(key=(table.name, key), message=f"{fact}: {{count}} times"),
    )


def _header(name: str) -> str:
    return f"[{name}]" if name == _ALIASES else f"[[{name}]]"


@cache
def _near(key: str, table: str) -> str:
    return nearest(key, _KNOWN[table])


def _advice(table: str, key: str, *, is_table: bool) -> str:
    """What to do about a key of a table; the key is empty where it is too long for a typo."""
    folded = key.lower()
    here = f"This key is inside the table {_header(table)}" if table else "This key is outside of every table"
    if table and folded in _KNOWN[""] - {"registry"}:
        return f"{here}: move it above the first table."
    if table == MIRROR and folded in _KNOWN[REGISTRY]:
        return f"{here}: move it above the first [[{MIRROR}]] of its [[{REGISTRY}]]."
    if not table and folded == "mirror" and is_table:
        return f"Write [[{MIRROR}]]."
    if not table and folded in _KNOWN[REGISTRY]:
        return f"{here}: move it below the header [[{REGISTRY}]] or [[{MIRROR}]] that it belongs to."
    if near := key and _near(key, table):
        return f"Did you mean `{near}`?"
    for other in ("", REGISTRY):
        if key and other != table and (near := _near(key, other)):
            where = "above the first table" if not other else f"in [[{other}]]"
            return f"Did you mean `{near}`? It belongs {where}."
    return f"Remove it: the keys here are {joined(ticked(sorted(_KNOWN[table])))}."


# --- Entries ------------------------------------------------------------------------


def _with_tag(entry: RegistryEntry) -> Iterator[Diagnostic]:
    if entry.scope and _has_tag(entry.scope) and not is_wildcard(entry.scope):
        yield rules.NODE_ENTRY_WITH_TAG.at(
            entry.origins[0],
            f"no image matches the entry of `{shown(entry.scope)}`: nodes look for names without tag and digest",
            help="Remove the tag or digest; an entry applies to all images of its repository.",
        )
    elif entry.prefix and _has_tag(entry.location):
        yield _rewritten(entry.origins[0], entry.location)
    for mirror in entry.mirrors:
        if _has_tag(mirror.location):
            yield _rewritten(mirror.origins[0], mirror.location)


def _rewritten(span: Span, location: str) -> Diagnostic:
    return rules.NODE_ENTRY_WITH_TAG.at(
        span,
        f"no image can be pulled from `{shown(location)}`: nodes add the image's own tag or digest after it",
        help="Remove the tag or digest from the location.",
    )


def _has_tag(name: str) -> bool:
    """Whether a name has a tag or a digest; what follows the colon of a host is a port."""
    host, _, path = name.rstrip("/").partition("/")
    if "@" in name:
        return True
    if path:
        return ":" in path.rpartition("/")[2]
    _, colon, port = host.rpartition(":")
    return bool(colon) and "[" not in host and not port.isdigit()
