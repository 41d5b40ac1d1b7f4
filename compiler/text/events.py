"""The events and tokens of YAML text, as the parser gives them; ruamel.yaml lives here and nowhere else.

In: decoded text. Out: functions that give the next event or token, and what stopped the parser, in words. Where the C
extension has no build, the pure parser gives the same, many times slower. What libyaml 0.1 refuses and go-yaml, which
Kubernetes reads with, does not comes from elsewhere.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, Protocol, cast

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from compiler.text.json_strings import with_stand_ins
from compiler.text.stand_ins import HALF_A_CHARACTER, Colons, StandIns, Surrogates

try:
    from _ruamel_yaml import CParser
except ImportError:  # an interpreter the C extension has no build for
    CParser = None

__all__ = [
    "PARSER_ERRORS",
    "AliasEvent",
    "Complaint",
    "DocumentEndEvent",
    "DocumentStartEvent",
    "Event",
    "MappingEndEvent",
    "MappingStartEvent",
    "Reading",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
    "Token",
    "complaint",
]

PARSER_ERRORS = (YAMLError, AssertionError)
"""What the parser raises; a bare AssertionError where it does not know the YAML version."""


class _Mark(Protocol):
    index: int


class Event(Protocol):
    """An event of the parser; each kind has some of these."""

    start_mark: _Mark
    end_mark: _Mark
    anchor: str | None
    value: str
    style: str | None
    implicit: tuple[bool, bool]
    tag: str | None


class Token(Protocol):
    """A token of the parser."""

    start_mark: _Mark
    end_mark: _Mark


def _events(text: str) -> Callable[[], Event]:
    text, characters = with_stand_ins(text)
    get_event = _pure_events(text) if CParser is None else cast(Callable[[], Event], CParser(_counted(text)).get_event)
    if not characters:
        return get_event

    def restored() -> Event:
        event = get_event()
        if isinstance(event, ScalarEvent):
            event.value = event.value.translate(characters)
        return event

    return restored


def _counted(text: str) -> str:
    """The text without a byte order mark at its start, which libyaml skips and does not count, at the same offsets."""
    return f"\n{text[1:]}" if text.startswith("\ufeff") else text


def _pure_events(text: str) -> Callable[[], Event]:
    r"""The same events without the C extension, many times slower; a pair of `\u` surrogates is one character."""
    from ruamel.yaml import YAML

    get_event = cast(Callable[[], Event], iter(YAML(typ="safe", pure=True).parse(text)).__next__)

    def joined() -> Event:
        event = get_event()
        if isinstance(event, ScalarEvent) and _SURROGATE.search(event.value):
            try:
                event.value = event.value.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                raise MarkedYAMLError(problem=HALF_A_CHARACTER, problem_mark=event.start_mark) from None
        return event

    return joined


_SURROGATE = re.compile("[\ud800-\udfff]")


def _tokens(text: str) -> Callable[[], Token]:
    text, _ = with_stand_ins(text)
    if CParser is not None:
        parser = CParser(_counted(text))
        # At its end the C parser gives None forever.
        return cast(Callable[[], Token], iter(parser.get_token, None).__next__)
    from ruamel.yaml import YAML

    return cast(Callable[[], Token], iter(YAML(typ="safe", pure=True).scan(text)).__next__)


class Reading:
    """A way to read a text: as written or, where libyaml refuses what Kubernetes reads, with stand-ins for it."""

    def __init__(self, text: str, stand_ins: tuple[StandIns, ...] = ()) -> None:
        self._written = text
        self._stand_ins = stand_ins
        self.text = stand_ins[-1].text if stand_ins else text

    def otherwise(self, error: Exception) -> "Reading | None":
        """What else to try after one of `PARSER_ERRORS`; None where the text is wrong for Kubernetes too."""
        if CParser is None or not isinstance(error, MarkedYAMLError):
            return None
        kind = _OTHERWISE.get(_sentence(error))
        if kind is None or any(isinstance(tried, kind) for tried in self._stand_ins):
            return None
        return Reading(self._written, (*self._stand_ins, kind(self.text)))

    def events(self) -> Callable[[], Event]:
        """What gives the events one after the other; it raises one of `PARSER_ERRORS` where the text is wrong."""
        get_event = _events(self.text)
        return self._restored(get_event) if self._stand_ins else get_event

    def tokens(self) -> Callable[[], Token]:
        """What gives the tokens one after the other; StopIteration ends them."""
        return _tokens(self.text)

    def _restored(self, get_event: Callable[[], Event]) -> Callable[[], Event]:
        def restored() -> Event:
            event = get_event()
            if isinstance(event, ScalarEvent):
                start, end, escapes = event.start_mark.index, event.end_mark.index, event.style == '"'
                try:
                    for each in reversed(self._stand_ins):
                        event.value = each.value(event.value, start, end, escapes=escapes)
                except ValueError as error:
                    raise MarkedYAMLError(problem=str(error), problem_mark=event.start_mark) from None
            return event

        return restored


_OTHERWISE: dict[str, type[Colons] | type[Surrogates]] = {
    "while scanning a plain scalar: found unexpected ':'": Colons,
    "while parsing a quoted scalar: found invalid Unicode character escape code": Surrogates,
}
"""What the C parser refuses and Kubernetes does not, by its words, and what the text is read with instead."""


class Complaint(NamedTuple):
    """Why the parser stopped, and at which character; `opened` is where what it was in the middle of begins."""

    message: str
    at: int
    opened: int | None = None


def complaint(error: Exception, text: str) -> Complaint:
    """What one of `PARSER_ERRORS` says about a text."""
    if isinstance(error, ReaderError):
        return _unreadable_character(error, text)
    if isinstance(error, MarkedYAMLError):
        mark, context = error.problem_mark or error.context_mark, error.context_mark
        opened = context.index if context and mark and context.index != mark.index else None
        return Complaint(_sentence(error), mark.index if mark else 0, opened)
    return Complaint(str(error).partition("\n")[0] or "the YAML version is not supported", 0)


class _Marked(Protocol):
    problem: str | None
    context: str | None


def _sentence(error: _Marked) -> str:
    problem = error.problem or "it is not YAML"
    return f"{error.context}: {problem}" if error.context else problem


def _unreadable_character(error: Exception, text: str) -> Complaint:
    """The offset of a character YAML does not allow; the C parser counts bytes, the pure one code points."""
    for index, character in enumerate(text):
        code = ord(character)
        allowed = code in {0x9, 0xA, 0xD, 0x85, 0xFEFF} or 0x20 <= code < 0x7F or 0xA0 <= code <= 0xD7FF
        if not allowed and not 0xE000 <= code <= 0xFFFD and not code >= 0x10000:
            return Complaint(f"the character U+{code:04X} is not allowed in YAML", index)
    return Complaint(str(error).partition("\n")[0], 0)
