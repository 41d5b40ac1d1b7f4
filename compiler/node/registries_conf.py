"""An existing registries.conf to the registries model.

In: the bytes of a registries.conf as a node has it. Out: a `RegistriesConf` whose entries, flags and mirrors know their
places in the text. Follows containers/image `sysregistriesv2.loadConfigFile` (df7e80d2).

Values come from `tomllib` alone. Positions come from a scan for table headers, and are kept only where the
piece of text they enclose means exactly what `tomllib` said; else they fall back to the header, or to the
whole file.

`mirror-by-digest-only`, which clusters up to 4.12 wrote, is read as digest-only mirrors: pulls see no
difference. The entry says that it has this spelling, which the controller's test for safe changes distinguishes.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache, partial

from compiler.node.files import SEARCH_KEY
from compiler.node.model import (
    DIGEST_ONLY,
    PULL_FROM_MIRROR,
    TAG_ONLY,
    Endpoint,
    Origin,
    RegistriesConf,
    RegistryEntry,
    Role,
)
from compiler.text.span import File, Span

MOST_PARTS = 32
"""Parts of a dotted key: `tomllib` takes a time that grows with their square, and a registries.conf has two."""

REGISTRY = "registry"
MIRROR = "registry.mirror"
"""The names of tables, as in their headers."""

_BY_DIGEST_ONLY = "mirror-by-digest-only"
_PULL_FROM_MIRROR = "pull-from-mirror"

# TOML breaks lines at \n and \r\n only, so `^` and `$` are reported to look for nothing else.
_HEADER = re.compile(r"^[ \t]*\[(?P<inside>[^\n]*)", re.MULTILINE)
_NAME = r"[ \t]*(?:{0}|\"{0}\"|'{0}')[ \t]*"
_REGISTRY = re.compile(rf"\[{_NAME.format('registry')}\]\]")
_MIRROR = re.compile(rf"\[{_NAME.format('registry')}\.{_NAME.format('mirror')}\]\]")
_LITERAL = re.compile(
    r"""true|false|"(?:[^"\\\n]++|\\.)*"|'[^'\n]*+'|\[(?:[^]"'#]++|"(?:[^"\\\n]++|\\.)*"|'[^'\n]*+'|\#[^\n]*+)*\]"""
)
_KEY = re.compile(
    r"""^[ \t]*+(?:\[\[?[ \t]*+(?:registry[ \t]*+\.[ \t]*+)?+)?+"""
    r"""(?P<key>[A-Za-z0-9_-]++|"[^"\\\n]*+"|'[^'\n]*+')[ \t]*+[=.\]]""",
    re.MULTILINE,
)
"""A key at the start of a line, or the last part of a header."""
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class ConfFileError(Exception):
    """A file that cannot be read as what it should be.

    `span` is where, if that is known; the text of the exception then begins with it. `is_version_1` says that the file
    is in the version 1 format and has nothing of version 2: nodes load it as the main file.
    """

    def __init__(self, message: str, *, span: Span | None = None, is_version_1: bool = False) -> None:
        super().__init__(message if span is None else f"{span}: {message}")
        self.message = message
        self.span = span
        self.is_version_1 = is_version_1


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfFile:
    """A registries.conf that was read: text, model, and where the search list is, if there is one.

    `data` is what `tomllib` made of the text.
    """

    file: File
    conf: RegistriesConf
    search_span: Span | None = None
    data: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)


def read_registries_conf(content: bytes | str, *, path: str) -> ConfFile:
    """Read the text of a registries.conf, version 2 of the format.

    Args:
        content: The file, bytes as on disk or text already decoded.
        path: The name the file is shown under.

    Returns:
        The model. Origins of an entry are the literals of its prefix or location and of every flag that is
        set; the origin of a mirror is the literal of its location.

    Raises:
        ConfFileError: It is not UTF-8, not TOML, in the version 1 format, or contains what CRI-O does not load.
    """
    return _read(_decoded(content, path), path)


@lru_cache(maxsize=4)  # several documents in a row may name one file
def _read(text: str, path: str) -> ConfFile:
    file = File(path, text)
    data = _parsed(file)
    if "registries" in data:
        raise ConfFileError(
            "this is version 1 of the format ([registries.search] and the like), which cannot have mirrors; "
            "write it as version 2 (unqualified-search-registries, [[registry]])",
            span=_first(file, r"^[ \t]*\[?[ \t]*[\"']?registries\b"),
            is_version_1=len(data) == 1,
        )
    registries = _tables(data, "registry", "", _whole(file))
    places = _places(file, registries)
    search, search_span = _search(file, data)
    entries = tuple(
        _entry(table, place, number) for number, (table, place) in enumerate(zip(registries, places, strict=True))
    )
    conf = RegistriesConf(search=search, entries=entries, empties_search=search_span is not None and not search)
    return ConfFile(file=file, conf=conf, search_span=search_span, data=data)


@dataclass(frozen=True)
class _Keys:
    """Where keys are written in a part of a text, found in one pass; `only` leaves out what is there twice."""

    file: File
    start: int
    end: int
    only: bool = False

    @cached_property
    def spans(self) -> dict[str, Span]:
        found: dict[str, Span] = {}
        twice: set[str] = set()
        for match in _KEY.finditer(self.file.text, self.start, self.end):
            key = match["key"].strip("\"'")
            if key in found:
                twice.add(key)
            else:
                found[key] = Span(self.file, match.start("key"), match.end("key"))
        return {key: span for key, span in found.items() if key not in twice} if self.only else found


@dataclass(frozen=True)
class Table:
    """A table of the file: its name (`REGISTRY`, `MIRROR`, `aliases` or empty for what is above all) and its keys."""

    name: str
    values: Mapping[str, object]
    _written: Callable[[], tuple[_Keys, Span]]
    _anywhere: _Keys

    def place(self, key: str) -> Span:
        """Where a key is written; the header or the whole file where that is not certain."""
        keys, header = self._written()
        return keys.spans.get(key) or self._anywhere.spans.get(key) or header


def tables_of(read: ConfFile) -> Iterator[Table]:
    """The tables that a node looks for in a file, each with all keys that are in it, in order.

    Their places are looked for when the first one is asked for: most files have nothing to say.
    """
    file, data = read.file, read.data
    registries = _tables(data, "registry", "", _whole(file))
    anywhere = _Keys(file, 0, len(file.text), only=True)

    @cache
    def above() -> tuple[_Keys, Span]:
        first = _HEADER.search(file.text)
        return _Keys(file, 0, first.start() if first else len(file.text)), _whole(file)

    @cache
    def places() -> Sequence[_Place]:
        return _places(file, registries)

    @cache
    def written(number: int, index: int | None) -> tuple[_Keys, Span]:
        section = places()[number].own if index is None else places()[number].mirrors[index]
        return _Keys(file, section.start, section.end), section.header

    yield Table("", data, above, anywhere)
    aliases = data.get("aliases")
    if isinstance(aliases, dict):
        yield Table("aliases", aliases, lambda: (anywhere, _whole(file)), anywhere)
    for number, registry in enumerate(registries):
        yield Table(REGISTRY, registry, partial(written, number, None), anywhere)
        for index, mirror in enumerate(_tables(registry, "mirror", "", _whole(file))):
            yield Table(MIRROR, mirror, partial(written, number, index), anywhere)


def _decoded(content: bytes | str, path: str) -> str:
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfFileError(f"{path}: not UTF-8: byte {error.start} is {content[error.start]:#04x}") from error


_DOTTED = re.compile(
    r'''(?P<skipped>"""(?:[^"\\]++|\\.|"(?!""))*+(?:"""|\Z)|'{3}(?:[^']++|'(?!''))*+(?:'{3}|\Z)|\#[^\n]*+)'''
    r"""|(?P<key>(?:(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\[^\n])*+"|'[^'\n]*+')[ \t]*+\.?[ \t]*+)++)"""
    r"""|"(?:[^"\\\n]++|\\[^\n])*+|.""",
    re.DOTALL,
)
"""What may be a dotted key, and what only looks like one: strings over several lines or without an end, comments."""


def _refuse_long_keys(file: File) -> None:
    if not any(line.count(".") >= MOST_PARTS for line in file.text.split("\n")):
        return
    for match in _DOTTED.finditer(file.text):
        key = match["key"]
        if key and key.count(".") >= MOST_PARTS and len(_PART.sub("", key)) >= MOST_PARTS:
            message = f"the key has more than {MOST_PARTS} parts"
            raise ConfFileError(message, span=Span(file, match.start(), match.end()))


_PART = re.compile(r"""[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\[^\n])*+"|'[^'\n]*+'|[ \t]++""")


def _parsed(file: File) -> dict[str, object]:
    _refuse_long_keys(file)
    try:
        return tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _TOML_PLACE.search(message)
        end = len(file.text)
        if place is not None and place[1] is not None:
            start = file.line_starts[int(place[1]) - 1] + int(place[2]) - 1
            span = Span(file, start, min(start + 1, end))
        else:
            span = Span(file, end, end)
        raise ConfFileError(f"not valid TOML: {_TOML_PLACE.sub('', message)}", span=span) from error
    except (ValueError, RecursionError) as error:
        # tomllib lets an absurdly long number or an absurdly deep array through to Python's own limits.
        raise ConfFileError(f"{file.path}: not readable as TOML: {error}") from error


@dataclass(frozen=True, slots=True)
class _Section:
    """One table: the span of its header, and the text of its keys."""

    file: File
    header: Span
    start: int
    end: int

    def literal(self, key: str, value: object) -> Span | None:
        """Where the literal of `key` is, if the text there says `value`."""
        pattern = re.compile(rf"^{_NAME.format(re.escape(key))}=[ \t]*", re.MULTILINE)
        match = pattern.search(self.file.text, self.start, self.end)
        literal = match and _LITERAL.match(self.file.text, match.end(), self.end)
        if literal and _says(literal[0], value):
            return Span(self.file, literal.start(), literal.end())
        return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one `[[registry]]` is: its own section and those of its mirrors, in order."""

    own: _Section
    mirrors: tuple[_Section, ...]


def _says(literal: str, value: object) -> bool:
    if isinstance(value, str) and "\\" not in literal:
        return literal[1:-1] == value
    try:
        return bool(tomllib.loads(f"v = {literal}")["v"] == value)
    except (ValueError, RecursionError):
        return False


def _whole(file: File) -> Span:
    return Span(file, 0, len(file.text))


def _first(file: File, pattern: str) -> Span:
    match = re.search(pattern, file.text, re.MULTILINE)
    return Span(file, match.start(), match.end()) if match else _whole(file)


def _places(file: File, registries: Sequence[Mapping[str, object]]) -> Sequence[_Place]:
    """Where every registry is; the whole file for each where the scan and the parser disagree at all."""
    places = _scanned(file)
    counts = [_mirror_count(table) for table in registries]
    agreed = [len(place.mirrors) for place in places] == counts and all(
        _agrees(place, table) for place, table in zip(places, registries, strict=True)
    )
    if agreed:
        return places
    nowhere = _Section(file, _whole(file), 0, 0)
    return [_Place(nowhere, (nowhere,) * count) for count in counts]


def _scanned(file: File) -> list[_Place]:
    own: _Section | None = None
    mirrors: list[_Section] = []
    places: list[_Place] = []
    for kind, section in _sections(file):
        if kind is _MIRROR:
            mirrors.append(section)
            continue
        if own is not None:
            places.append(_Place(own, tuple(mirrors)))
        own, mirrors = (section if kind is _REGISTRY else None), []
    if own is not None:
        places.append(_Place(own, tuple(mirrors)))
    return places


def _sections(file: File) -> Iterator[tuple[re.Pattern[str] | None, _Section]]:
    """Every line that looks like a table header: the pattern it matches, and what follows up to the next."""
    headers = list(_HEADER.finditer(file.text))
    ends = [*(header.start() for header in headers[1:]), len(file.text)]
    for header, end in zip(headers, ends, strict=False):  # without any header one end is left over
        start = header.start("inside") - 1
        registry, mirror = (kind.match(file.text, start + 1) for kind in (_REGISTRY, _MIRROR))
        match = registry or mirror or header
        section = _Section(file, Span(file, start, match.end()), header.end(), end)
        yield (_REGISTRY if registry else _MIRROR if mirror else None), section


def _agrees(place: _Place, table: Mapping[str, object]) -> bool:
    """Whether each piece of text, read alone, says what the whole said: no string fooled the scan."""
    own = {key: value for key, value in table.items() if key != "mirror"}
    return _reads_as(place.own, own) and all(
        _reads_as(section, mirror) for section, mirror in zip(place.mirrors, _items(table.get("mirror")), strict=True)
    )


def _reads_as(section: _Section, table: object) -> bool:
    try:
        return tomllib.loads(section.file.text[section.start : section.end]) == table
    except (ValueError, RecursionError):
        return False


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _mirror_count(table: Mapping[str, object]) -> int:
    return len(_items(table.get("mirror")))


def _search(file: File, data: Mapping[str, object]) -> tuple[tuple[str, ...], Span | None]:
    value = data.get(SEARCH_KEY)
    if value is None:
        return (), None
    first = _HEADER.search(file.text)
    preamble = _Section(file, _whole(file), 0, first.start() if first else len(file.text))
    # A list over several lines may begin one with a bracket: then the first header is none, so look further.
    everywhere = _Section(file, _whole(file), 0, len(file.text))
    span = preamble.literal(SEARCH_KEY, value) or everywhere.literal(SEARCH_KEY, value)
    names = [name for name in _items(value) if isinstance(name, str)]
    if not isinstance(value, list) or len(names) != len(value):
        raise ConfFileError(f"{SEARCH_KEY}: expected a list of strings", span=span or _whole(file))
    return tuple(names), span or _whole(file)


def _entry(table: Mapping[str, object], place: _Place, number: int) -> RegistryEntry:
    own = place.own
    at = f"registry[{number}]"
    prefix = _text(table, "prefix", at, own)
    location = _text(table, "location", at, own)
    blocked = _flag(table, "blocked", at, own)
    insecure = _flag(table, "insecure", at, own)
    by_digest_only = _flag(table, _BY_DIGEST_ONLY, at, own)
    if _text(table, _PULL_FROM_MIRROR, at, own):
        raise ConfFileError(
            f"{at}: {_PULL_FROM_MIRROR} is valid only for a mirror; CRI-O refuses it for a registry",
            span=own.literal(_PULL_FROM_MIRROR, table[_PULL_FROM_MIRROR]) or own.header,
        )
    name = own.literal("prefix", prefix) if prefix else own.literal("location", location)
    flags = ((Role.INSECURE, "insecure", insecure), (Role.BLOCKED, "blocked", blocked))
    literals = ((role, own.literal(key, value)) for role, key, value in flags if value)
    mirrors = _tables(table, "mirror", f"{at}.", own.header)
    return RegistryEntry(
        prefix=prefix,
        location=location,
        blocked=blocked,
        insecure=insecure,
        mirrors=tuple(
            _endpoint(mirror, section, f"{at}.mirror[{index}]", by_digest_only=by_digest_only)
            for index, (mirror, section) in enumerate(zip(mirrors, place.mirrors, strict=True))
        ),
        by_digest_only=by_digest_only,
        provenance=(
            Origin(Role.SOURCE, name or own.header),
            *(Origin(role, span) for role, span in literals if span),
        ),
    )


def _endpoint(table: Mapping[str, object], section: _Section, at: str, *, by_digest_only: bool) -> Endpoint:
    location = _text(table, "location", at, section)
    insecure = _flag(table, "insecure", at, section)
    pull = _text(table, _PULL_FROM_MIRROR, at, section)
    place = section.literal(_PULL_FROM_MIRROR, pull) or section.header
    if pull not in PULL_FROM_MIRROR:
        raise ConfFileError(
            f"{at}: {_PULL_FROM_MIRROR} {pull!r} is not one of all, {DIGEST_ONLY}, {TAG_ONLY}", span=place
        )
    if by_digest_only and pull:
        raise ConfFileError(f"{at}: CRI-O refuses {_PULL_FROM_MIRROR} in a registry with {_BY_DIGEST_ONLY}", span=place)
    return Endpoint(
        location=location,
        insecure=insecure,
        pull_from_mirror=DIGEST_ONLY if by_digest_only else pull,
        origins=(section.literal("location", location) or section.header,),
    )


def _tables(data: Mapping[str, object], key: str, at: str, span: Span) -> list[Mapping[str, object]]:
    value = data.get(key, [])
    tables: list[Mapping[str, object]] = [item for item in _items(value) if isinstance(item, dict)]
    if not isinstance(value, list) or len(tables) != len(value):
        raise ConfFileError(f"{at}{key}: expected tables, each under its own [[...]] header", span=span)
    return tables


def _text(table: Mapping[str, object], key: str, at: str, section: _Section) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise ConfFileError(f"{at}.{key}: expected a string", span=section.header)
    return value


def _flag(table: Mapping[str, object], key: str, at: str, section: _Section) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise ConfFileError(f"{at}.{key}: expected true or false", span=section.header)
    return value
