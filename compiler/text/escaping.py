r"""Text from outside, made safe for the place it goes to.

In: a text that anyone may have written: a file name, a value of a manifest, what Git or kustomize printed, an
argument. Out: the text as shown there, so that nothing in it is obeyed: no terminal control, no line break that
forges a line, no command of a CI runner, no markup. What is printable stays unchanged; the rest becomes an escape of
the place's language (`\u001b` in JSON, `&#155;` in XML) or, where there is none, a visible `\x1b`.

Workflow commands follow actions/toolkit (`packages/core/src/command.ts`, `escapeData` and `escapeProperty`); what a
runner takes for a command follows actions/runner (`src/Runner.Common/ActionCommand.cs`, `TryParseV2`, `TryParse`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum, auto
from itertools import islice
from typing import Any, Generic, TypeVar

from compiler.text.markdown import plain
from compiler.text.opaque import revealed
from compiler.text.visible import escape, replaced, visible

T = TypeVar("T")


class Place(Enum):
    """Where a text goes."""

    TERMINAL = auto()
    r"""Part of a line for people. A line break becomes a visible `\n`."""
    WORKFLOW_DATA = auto()
    """The text of a workflow command, `::error::TEXT`. Line breaks are kept."""
    WORKFLOW_PROPERTY = auto()
    """The value of a property of a workflow command, `::error file=VALUE::`."""
    MARKDOWN = auto()
    """Running text of Markdown; `compiler.text.markdown` has code spans and sentences."""
    HTML = auto()
    """Text or a quoted attribute of HTML."""
    XML = auto()
    """Text of XML 1.0."""
    XML_ATTRIBUTE = auto()
    """A double-quoted attribute of XML 1.0, without its quotes."""
    JSON = auto()
    """A JSON string, without its quotes."""
    YAML = auto()
    """A double-quoted YAML scalar, without its quotes."""


def safe(text: str, place: Place) -> str:
    """The text, written so that `place` shows it and obeys nothing in it."""
    return _WRITERS[place](text)


def safe_json(document: str) -> str:
    """A JSON document with an escape in place of each control, invisible character and command in its strings.

    Its data stays the same but for lone surrogates, which no encoding of Unicode can carry: they become U+FFFD.
    """
    return "\n".join([_in_json(line) for line in document.split("\n")])


class JsonList(Generic[T]):
    """A list of a JSON document whose values are made one by one while it is written, and once for all its places.

    `once` says that it has one place, so that what is written is not kept.
    """

    def __init__(self, items: Iterable[T], make: Callable[[T], object], *, once: bool = False) -> None:
        self.items = items
        self.make = make
        self.once = once


def to_json(data: object) -> str:
    """Data as a safe JSON document, indented, with a final line break."""
    return f"{_JsonWriter().text(data, _BREAK)}{_BREAK}"


class SafeJson(str):
    """A part of a JSON document in which each value is safe already, and no line of which is a command."""

    __slots__ = ()


def json_pieces(data: object) -> Iterator[SafeJson]:
    """The same document in pieces, so that none of a large one is kept but the lists that it has several times."""
    yield from map(SafeJson, _JsonWriter().pieces(data, _BREAK))
    yield SafeJson(_BREAK)


_BREAK = "\n"
_MOST_KNOWN = 4096
"""Texts that are kept to be written again; most that are repeated are among the first ones."""
_PIECE = 1000
"""Values in a piece."""
_SMALL = 100
"""Values in a value that is never broken."""


def _is_small(data: object) -> bool:
    """Whether a value has at most so many values in it, at any depth."""
    return _left(data, _SMALL) >= 0


def _left(data: object, left: int) -> int:
    """What is left of a number of values without those in a value; less than 0 where there are more."""
    if isinstance(data, JsonList):
        return -1
    values = data.values() if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else ()
    left -= len(values)
    for value in values:
        if left < 0:
            break
        if value is not None and type(value) is not str and type(value) is not int:
            left = _left(value, left)
    return left


class _JsonWriter:
    """Writes values as `json.dumps` with an indent does, which takes five times as long.

    Dictionaries of the same keys have one template for their values. `line` is everywhere the line break with the
    indentation of the value.
    """

    def __init__(self) -> None:
        from json import dumps
        from json.encoder import encode_basestring

        self._written: dict[tuple[JsonList[Any], str], list[str]] = {}
        self._known: dict[str, str] = {}
        self._templates: dict[tuple[object, ...], str] = {}
        self._dumps = dumps
        self._quote = encode_basestring

    def text(self, data: object, line: str) -> str:
        """A value as a whole."""
        if isinstance(data, dict):
            return self._template(data, line) % tuple(self._texts(data.values(), f"{line}  "))
        if isinstance(data, (list, tuple)):
            inner = f"{line}  "
            return f"[{inner}{f',{inner}'.join(self._texts(data, inner))}{line}]" if data else "[]"
        if isinstance(data, str):
            return self._known.get(data) or self._string(data)
        if isinstance(data, JsonList):
            texts = self._listed(data, line)
            return f"[{line}  {f',{line}  '.join(texts)}{line}]" if texts else "[]"
        return self._dumps(data)

    def _texts(self, values: Iterable[object], line: str) -> list[str]:
        """Each value as a whole; most are texts and numbers."""
        texts = []
        for value in values:
            if type(value) is str:
                texts.append(self._known.get(value) or self._string(value))
            elif type(value) is int:
                texts.append(repr(value))
            else:
                texts.append("null" if value is None else self.text(value, line))
        return texts

    def pieces(self, data: object, line: str) -> Iterator[str]:
        """A value in pieces, broken where a value or an item of a list starts; small values stay whole."""
        inner = f"{line}  "
        if _is_small(data):
            yield self.text(data, line)
        elif isinstance(data, dict):
            yield from self._run(((f"{self._key(key)}: ", value) for key, value in data.items()), "{}", line)
        elif isinstance(data, JsonList) and data.once:
            yield from self._run((("", data.make(item)) for item in data.items), "[]", line)
        elif isinstance(data, JsonList):
            texts = iter(self._listed(data, line))
            before = f"[{inner}"
            while piece := list(islice(texts, _PIECE)):
                yield f"{before}{f',{inner}'.join(piece)}"
                before = f",{inner}"
            yield f"{line}]" if before.startswith(",") else "[]"
        elif isinstance(data, (list, tuple)):
            yield from self._run((("", value) for value in data), "[]", line)

    def _run(self, values: Iterable[tuple[str, object]], brackets: str, line: str) -> Iterator[str]:
        """Values, each with its key before it, between brackets; many small ones are one piece."""
        inner = f"{line}  "
        between = f",{inner}"
        before = f"{brackets[0]}{inner}"
        texts: list[str] = []
        for key, value in values:
            is_small = _is_small(value)
            if is_small:
                texts.append(f"{key}{self.text(value, inner)}")
            if len(texts) == _PIECE or (texts and not is_small):
                yield f"{before}{between.join(texts)}"
                before = between
                texts.clear()
            if not is_small:
                yield f"{before}{key}"
                yield from self.pieces(value, inner)
                before = between
        if texts:
            yield f"{before}{between.join(texts)}"
            before = between
        yield f"{line}{brackets[1]}" if before == between else brackets

    def _listed(self, data: JsonList[Any], line: str) -> list[str]:
        key = (data, line)
        if key not in self._written:
            inner = f"{line}  "
            self._written[key] = [self.text(data.make(item), inner) for item in data.items]
        return self._written[key]

    def _template(self, data: dict[Any, object], line: str) -> str:
        key = (line, *data)
        if key not in self._templates:
            inner = f"{line}  "
            names = [self._key(name).replace("%", "%%") for name in data]
            self._templates[key] = (
                f"{{{inner}{f',{inner}'.join([f'{name}: %s' for name in names])}{line}}}" if names else "{}"
            )
        return self._templates[key]

    def _key(self, name: object) -> str:
        return self._string(name if isinstance(name, str) else self._dumps(name))

    def _string(self, text: str) -> str:
        quoted = self._quote(text)
        if not quoted.isprintable() or "#" in quoted:
            quoted = _in_json(quoted)
        if len(self._known) < _MOST_KNOWN:
            self._known[text] = quoted
        return quoted


def safe_page(page: str, *, styled: bool = False) -> str:
    """A page of lines for people, in which nothing but line breaks, tabs and (where `styled`) styles is left to obey.

    The parts of a page are made safe where they are put in; this is for those that were not.
    """
    if page.replace("\n", "").isprintable():
        return page
    return "\n".join([_safe_line(line, styled=styled) for line in page.split("\n")])


class Commands(str):
    """A text of workflow commands, a line each, made by `workflow_command`."""

    __slots__ = ()


class Patch(str):
    """A text that programs apply, so that no character of it may change on its way: a unified diff."""

    __slots__ = ()


def workflow_command(level: str, properties: Mapping[str, object], text: str) -> str:
    """A line that makes GitHub annotate; `level` is `error`, `warning` or `notice`."""
    listed = ",".join(f"{name}={safe(str(value), Place.WORKFLOW_PROPERTY)}" for name, value in properties.items())
    return f"::{level} {listed}::{safe(text, Place.WORKFLOW_DATA)}\n"


# --- Logs of CI runners --------------------------------------------------------------

_STYLE = r"\x1b\[[0-9;]*m"
# Patterns of many characters take long to compile, and most runs need none: `re` compiles and keeps them on first use.
_STYLES = f"({_STYLE})"
_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
"""Printable characters that a comparison by the rules of a language may ignore, as .NET's do."""
_SKIPPED = rf"(?:{_STYLE}|[\s{_INVISIBLE}])+"
_COLON = f"(?:{_SKIPPED})?:"
_LOG_COMMAND = rf"#(?=[{_INVISIBLE}]*#[\w{_INVISIBLE}]*\[)"
"""`##[group]` counts anywhere in a line to GitHub's runner, `##vso[` to Azure's, `##teamcity[` to TeamCity's."""


def without_commands(text: str) -> str:
    """Lines for the log of a CI job, in none of which a runner finds a command: a visible escape breaks each up."""
    return "\n".join([_without_command(line) for line in text.split("\n")])


def only_commands(text: Commands) -> str:
    """The lines that are commands of ours, and the others without any command."""
    return "\n".join([line if re.fullmatch(_OURS, line) else _without_command(line) for line in text.split("\n")])


_OURS = r"::(?:error|warning|notice) title=mirrorc[^:]*::.*"


def has_command(text: str) -> bool:
    """Whether a runner may find a command in a line of the text, whatever it takes for the end of a line."""
    return any(_without_command(line) != line for line in text.splitlines())


def uninterpreted(text: str, token: str) -> str:
    """A text that has to stay unchanged, between the commands that make GitHub's runner look for none in it.

    Args:
        text: What is printed, with a final line break.
        token: What ends it: a word that the text cannot contain.
    """
    return f"::stop-commands::{token}\n{text}::{token}::\n"


def _without_command(line: str) -> str:
    if ":" in line and re.match(_COLON, line):
        bare = re.sub(_SKIPPED, "", line)
        if bare.startswith("::") and "::" in bare[2:]:
            line = line.replace(":", r"\x3a", 1)
    return re.sub(_LOG_COMMAND, r"\\x23", line) if "#" in line else line


# --- Places --------------------------------------------------------------------------


def _safe_line(line: str, *, styled: bool) -> str:
    if line.isprintable():
        return line
    if styled and "\x1b" in line:
        parts = re.split(_STYLES, line)
        return "".join([part if at % 2 else _safe_line(part, styled=False) for at, part in enumerate(parts)])
    return replaced(line, lambda character: character if character == "\t" else escape(character))


def _workflow_data(text: str) -> str:
    lines = re.split(r"\r\n|\r|\n", text)
    return without_commands("\n".join(map(visible, lines))).replace("%", "%25").replace("\n", "%0A")


def _workflow_property(text: str) -> str:
    escaped = re.sub(_LOG_COMMAND, r"\\x23", visible(text)).replace("%", "%25")
    return escaped.replace(":", "%3A").replace(",", "%2C")


_XML_NAMES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_QUOTES = {ord('"'): "&quot;", ord("'"): "&#39;"}
_XML_BREAKS = {ord("\n"): "&#10;", ord("\t"): "&#9;"}
_XML_UNWRITABLE = "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def _xml(text: str) -> str:
    """XML has no way to write some characters: they become replacement characters."""
    text = re.sub(_XML_UNWRITABLE, "\N{REPLACEMENT CHARACTER}", revealed(text)).translate(_XML_NAMES)
    return _without_markup_commands(replaced(text, lambda each: each if each in "\t\n" else f"&#{ord(each)};"))


def _xml_attribute(text: str) -> str:
    return _xml(text).translate(_QUOTES | _XML_BREAKS)


def _html(text: str) -> str:
    """HTML reads references to controls as other characters: they become visible escapes."""
    escaped = replaced(text, lambda each: each if each in "\t\n" else escape(each)).translate(_XML_NAMES)
    return _without_markup_commands(escaped.translate(_QUOTES))


_LINE_COMMAND = rf"(?m)^([ \t{_INVISIBLE}]*):(?=[{_INVISIBLE}]*:)"


def _without_markup_commands(text: str) -> str:
    return re.sub(_LOG_COMMAND, "&#35;", re.sub(_LINE_COMMAND, r"\1&#58;", text))


def _in_json(text: str) -> str:
    return re.sub(_LOG_COMMAND, r"\\u0023", replaced(revealed(text, _quoted), _json_character))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _json_character(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return r"\ufffd"
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _json(text: str) -> str:
    return _in_json(_quoted(text))


def _yaml(text: str) -> str:
    escaped = replaced(_quoted(revealed(text)), _yaml_character)
    return re.sub(_LOG_COMMAND, r"\\x23", escaped)


def _yaml_character(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:  # a byte that is not UTF-8 has no place in YAML
        return "\\" + escape(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_WRITERS: dict[Place, Callable[[str], str]] = {
    Place.TERMINAL: visible,
    Place.WORKFLOW_DATA: _workflow_data,
    Place.WORKFLOW_PROPERTY: _workflow_property,
    Place.MARKDOWN: plain,
    Place.HTML: _html,
    Place.XML: _xml,
    Place.XML_ATTRIBUTE: _xml_attribute,
    Place.JSON: _json,
    Place.YAML: _yaml,
}
