"""Findings for people: a header editors can jump to, the lines it is about, and what to do.

    base/mirrors.yaml:12:7: error[order-conflict]: the lists of `quay.io/ns` contradict each other ...
       |
    12 |     - b.example.com
       |       ^^^^^^^^^^^^^ `b.example.com` before `a.example.com` here
       = help: ...

The header stays on one line whatever its length; the rest fits the given width, wide characters counted as two.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from unicodedata import combining, east_asian_width

from compiler.diagnostics import Diagnostic, Label, Severity
from compiler.span import Span

_STYLES = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_TAB = "    "


def render(diagnostics: Iterable[Diagnostic], *, width: int = 80, colour: bool = False) -> str:
    """All findings, an empty line between two."""
    return "\n".join("\n".join(_lines(diagnostic, width, colour=colour)) + "\n" for diagnostic in diagnostics)


def _lines(diagnostic: Diagnostic, width: int, *, colour: bool) -> Iterator[str]:
    severity = _painted(f"{diagnostic.severity}[{diagnostic.rule}]", _STYLES[diagnostic.severity], colour=colour)
    yield f"{diagnostic.span}: {severity}: {_painted(diagnostic.message, '1', colour=colour)}"
    places = _places(diagnostic)
    gutter = max((len(str(place.span.begin.line)) for place in places if _has_text(place.span)), default=1)
    empty = f"{'':{gutter}} |"
    shown = diagnostic.span.path
    for index, place in enumerate(places):
        if not _has_text(place.span):
            if index:
                yield f"{'':{gutter}} ::: {place.span}: {place.text}"
            continue
        if index and place.span.path != shown:
            yield f"{'':{gutter}} ::: {place.span}"
        elif index == 0:
            yield empty
        shown = place.span.path
        yield from _snippet(place, gutter, width, colour=colour)
    if diagnostic.help:
        yield from _wrapped("help", diagnostic.help, gutter, width)
    if diagnostic.fix is not None and diagnostic.fix.safe:
        yield from _wrapped("fix", f"`--fix` can do this: {diagnostic.fix.title}", gutter, width)


def _places(diagnostic: Diagnostic) -> Sequence[Label]:
    """The primary place, with the text of a label on the same characters, then the other labels."""
    at_primary = [label for label in diagnostic.labels if label.span == diagnostic.span]
    others = [label for label in diagnostic.labels if label.span != diagnostic.span]
    return [Label(span=diagnostic.span, text="; ".join(label.text for label in at_primary)), *others]


def _has_text(span: Span) -> bool:
    return span.file.text != ""


def _snippet(place: Label, gutter: int, width: int, *, colour: bool) -> Iterator[str]:
    line, column = place.span.begin
    text = place.span.file.line(line)
    before, marked = text[: column - 1], text[column - 1 : column - 1 + max(place.span.end - place.span.start, 1)]
    after = text[len(before) + len(marked) :]
    room = max(width - gutter - 3, 20)
    before, marked, after = _printable(before), _printable(marked), _printable(after)
    if _cells(before) + _cells(marked) > room:
        before = "…" + _last(before, min(max(room - _cells(marked) - 1, 0), room // 3))
        marked = _first(marked, room - _cells(before))
    after = _first(after, room - _cells(before) - _cells(marked))
    yield f"{line:{gutter}} | {before}{marked}{after}".rstrip()
    carets = _painted("^" * max(_cells(marked), 1), "1;31", colour=colour)
    indent = _cells(before)
    lead = f"{'':{gutter}} | {'':{indent}}"
    spare = room - indent - max(_cells(marked), 1) - 1
    if not place.text or _cells(place.text) <= spare:
        yield f"{lead}{carets} {place.text}".rstrip()
    else:
        yield f"{lead}{carets}"
        for part in textwrap.wrap(place.text, max(room - 2, 20), break_long_words=False, break_on_hyphens=False):
            yield f"{'':{gutter}} |   {part}"


def _wrapped(name: str, text: str, gutter: int, width: int) -> Iterator[str]:
    lead = f"{'':{gutter}} = {name}: "
    yield from textwrap.wrap(
        text,
        max(width, len(lead) + 20),
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _painted(text: str, style: str, *, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text


def _printable(text: str) -> str:
    """A line that a terminal shows and does not obey."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else _TAB if character == "\t" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def _cells(text: str) -> int:
    """How many cells of a terminal the text takes."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def _cell(character: str) -> int:
    return 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1


def _first(text: str, cells: int) -> str:
    """As much of the beginning as fits, ending in an ellipsis where something is cut."""
    if _cells(text) <= cells:
        return text
    taken, used = 0, 1
    while used + _cell(text[taken]) <= cells:
        used += _cell(text[taken])
        taken += 1
    return text[:taken] + "…" if cells > 0 else ""


def _last(text: str, cells: int) -> str:
    taken, used = len(text), 0
    while taken > 0 and used + _cell(text[taken - 1]) <= cells:
        taken -= 1
        used += _cell(text[taken])
    return text[taken:]
