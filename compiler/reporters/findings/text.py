"""Findings for people: a header editors can jump to, the lines it is about, and what to do.

    base/mirrors.yaml:12:7: error[order-conflict]: the lists of `quay.io/ns` contradict each other ...
       |
     9 |     - a.example.com
       |       ------------- `a.example.com` before `b.example.com` here
    ...
    12 |     - b.example.com
       |       ^^^^^^^^^^^^^ `b.example.com` before `a.example.com` here
       = help: ...

All of it fits the given width, wide characters counted as two; only a word that is longer has a line to itself.
Carets mark the place of the finding, dashes those that take part in it. A line is shown once for all its marks,
and of a long one the part around them. Of a finding in many places the first is shown, and the lines of the others
are listed. What a terminal would obey is never passed on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import category, east_asian_width

from compiler.findings.diagnostics import Diagnostic, Label, Severity
from compiler.reporters.findings.report import Report
from compiler.text.escaping import Place, safe
from compiler.text.span import File
from compiler.text.wording import joined

_STYLES = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_BOLD = "1"
_QUIET = "1;34"
_TAB = "    "
_LEAST_ROOM = 20
_INDENT = "  "
_MOST_LINES = 8
"""Lines of other places that a note lists."""


def render(diagnostics: Iterable[Diagnostic], *, width: int = 80, colour: bool = False) -> str:
    """All findings, an empty line between two."""
    return "\n".join("\n".join(_Page(each, width, colour=colour).lines()) + "\n" for each in diagnostics)


def render_groups(report: Report) -> str:
    """The findings of a report, where there are several clusters under the names of those they concern."""
    if report.clusters == 1:
        return render(report.diagnostics, width=report.width, colour=report.colour) + _files(report)
    from compiler.findings.by_cluster import named

    parts = []
    for names, told in report.groups:
        heading = f"In {named(names, report.clusters)}:"
        parts.append(f"\x1b[{_BOLD}m{heading}\x1b[0m\n" if report.colour else f"{heading}\n")
        parts.append(render(told, width=report.width, colour=report.colour))
    return "\n".join(parts) + _files(report)


def _files(report: Report) -> str:
    """The files with mirror policy and what became of each, a line for each, where they are asked for."""
    lines = []
    for each in report.shown_files or ():
        clusters, reason, numbers = (each[key] for key in ("clusters", "reason", "lines"))
        where = ", ".join(map(str, clusters)) if isinstance(clusters, list) else ""
        at = ":" + ",".join(map(str, numbers)) if isinstance(numbers, list) and numbers else ""
        path, status, form = (str(each[key]) for key in ("path", "status", "form"))
        parts = [form, *([f"for {where}"] if where else []), *([str(reason)] if reason else [])]
        lines.append(f"{status:<11}  {safe(path, Place.TERMINAL)}{at}  {safe('; '.join(parts), Place.TERMINAL)}\n")
    return "".join(lines)


class _Mark(NamedTuple):
    """Characters `start` to `end` of a line that are marked below it; `start` alone where there are none."""

    start: int
    end: int
    text: str
    is_primary: bool


@dataclass(frozen=True, slots=True)
class _Window:
    """The part of a line that is shown, with an ellipsis where something is cut."""

    line: str
    start: int
    end: int

    def __str__(self) -> str:
        lead = "…" if self.start else ""
        trail = "…" if self.end < len(self.line) else ""
        return lead + _printable(self.line[self.start : self.end]) + trail

    def extent(self, mark: _Mark) -> tuple[int, int]:
        """The cells before a mark, and those it covers."""
        lead = 1 if self.start else 0
        start, end = min(mark.start, self.end), min(mark.end, self.end)
        before = lead + _cells(self.line[self.start : start])
        cut = 1 if mark.end > self.end else 0
        return before, max(_cells(self.line[start:end]) + cut, 1)


class _Page:
    """Draws one finding."""

    def __init__(self, diagnostic: Diagnostic, width: int, *, colour: bool) -> None:
        self.diagnostic = diagnostic
        self.files = _marked_lines(diagnostic)
        self.gutter = max((len(str(line)) for file, lines in self.files if file.text for line in lines), default=1)
        self.width = width
        self.room = max(width - self.gutter - len(" | "), _LEAST_ROOM)
        self.colour = colour
        self.style = _STYLES[diagnostic.severity]

    def lines(self) -> Iterator[str]:
        diagnostic = self.diagnostic
        yield from self.headline()
        for number, (file, lines) in enumerate(self.files):
            yield from self.snippets(file, lines, is_first=number == 0)
        if diagnostic.count > 1:
            yield from self.note("also", self.other_places())
        if diagnostic.help:
            yield from self.note("help", diagnostic.help)
        if diagnostic.fix is not None:
            option = "--fix" if diagnostic.fix.safe else "--fix --unsafe-fixes"
            yield from self.note("fix", f"`{option}` can do this: {diagnostic.fix.title}")
        for fix in diagnostic.alternatives:
            yield from self.note("or", fix.title)

    def headline(self) -> Iterator[str]:
        """Place, severity, rule and message; the message goes on in further lines between words."""
        diagnostic = self.diagnostic
        rule = f"{diagnostic.severity}[{diagnostic.rule}]"
        lead = f"{diagnostic.span}: {rule}: "
        first, *more = _wrapped(_printable(diagnostic.message), self.width - len(_INDENT), self.width - _cells(lead))
        yield f"{diagnostic.span}: {self.paint(rule, self.style)}: {self.paint(first, _BOLD)}".rstrip()
        for part in more:
            yield _INDENT + self.paint(part, _BOLD)

    def other_places(self) -> str:
        """Where else it is: `lines 14, 20 and 25`."""
        diagnostic = self.diagnostic
        places = [part.span for part in diagnostic.parts[1 : _MOST_LINES + 1]]
        others = diagnostic.count - 1
        if all(span.path == diagnostic.path for span in places):
            numbers = list(dict.fromkeys(str(span.begin.line) for span in places))
            noun = "line" if len(numbers) == 1 and others == len(places) else "lines"
            return f"{noun} {_some(numbers, others - len(places))}"
        return _some([str(span) for span in places], others - len(places))

    def snippets(self, file: File, lines: dict[int, list[_Mark]], *, is_first: bool) -> Iterator[str]:
        if not file.text:  # it could not be read, or is of no account: there is nothing to show
            for line, marks in lines.items():
                if not is_first:
                    told = "; ".join(_printable(mark.text) for mark in marks if mark.text)
                    place = f"{file.path}:{line}:{marks[0].start + 1}"
                    yield f"{self.beside(':::')} {place}" + (f": {told}" if told else "")
            return
        if is_first:
            yield self.beside("|")
        else:
            line, marks = next(iter(lines.items()))
            yield f"{self.beside(':::')} {file.path}:{line}:{marks[0].start + 1}"
        before = 0
        for line, marks in lines.items():
            if before and line > before + 1:
                yield self.paint("...", _QUIET)
            before = line
            for window, shown in _windows(file.shown_line(line), marks, self.room):
                yield f"{self.paint(f'{line:{self.gutter}} |', _QUIET)} {window}".rstrip()
                for row in _rows(shown):
                    yield from self.row(window, row)

    def row(self, window: _Window, marks: Sequence[_Mark]) -> Iterator[str]:
        """Carets and dashes, with the text of the last of them after or, where it does not fit, below."""
        drawn, used = "", 0
        for mark in marks:
            before, covered = window.extent(mark)
            sign = "^" * covered if mark.is_primary else "-" * covered
            drawn += " " * (before - used) + self.paint(sign, self.style_of(mark))
            used = before + covered
        last = marks[-1]
        text = _printable(last.text)
        if text and used + 1 + _cells(text) <= self.room:
            drawn += " " + self.paint(text, self.style_of(last))
            text = ""
        yield f"{self.beside('|')} {drawn}"
        for part in _wrapped(text, self.room - 2):
            yield f"{self.beside('|')}   {self.paint(part, self.style_of(last))}"

    def note(self, name: str, text: str) -> Iterator[str]:
        lead = f"{name}: "
        for number, part in enumerate(_wrapped(_printable(text), max(self.room - len(lead), _LEAST_ROOM))):
            if number == 0:
                yield f"{self.beside('=')} {self.paint(lead.rstrip(), _BOLD)} {part}"
            else:
                yield f"{'':{self.gutter + len(' = ') + len(lead)}}{part}"

    def beside(self, sign: str) -> str:
        return self.paint(f"{'':{self.gutter}} {sign}", _QUIET)

    def style_of(self, mark: _Mark) -> str:
        return self.style if mark.is_primary else _QUIET

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour else text


def _marked_lines(diagnostic: Diagnostic) -> list[tuple[File, dict[int, list[_Mark]]]]:
    """The marks by file and line: the finding's file first, then in the order named; lines ascending."""
    at_primary = [label.text for label in diagnostic.labels if label.span == diagnostic.span]
    primary = Label(span=diagnostic.span, text="; ".join(at_primary))
    others = [label for label in diagnostic.labels if label.span != diagnostic.span]
    by_file: dict[str, tuple[File, dict[int, dict[_Mark, None]]]] = {}
    for place in (primary, *others):
        span = place.span
        _, lines = by_file.setdefault(span.path, (span.file, {}))
        line, column = span.begin
        start = column - 1
        end = min(start + span.end - span.start, span.file.line_length(line))
        mark = _Mark(start, max(start, end), place.text, is_primary=place is primary)
        lines.setdefault(line, {}).setdefault(mark)
    return [
        (file, {line: sorted(lines[line], key=lambda mark: (mark.start, mark.end)) for line in sorted(lines)})
        for file, lines in by_file.values()
    ]


def _rows(marks: Sequence[_Mark]) -> list[list[_Mark]]:
    """Marks that fit side by side; a text needs what is after its mark to itself."""
    rows: list[list[_Mark]] = []
    for mark in marks:
        last = rows[-1][-1] if rows else None
        if last is not None and not last.text and max(last.end, last.start + 1) <= mark.start:
            rows[-1].append(mark)
        else:
            rows.append([mark])
    return rows


def _windows(line: str, marks: Sequence[_Mark], room: int) -> Iterator[tuple[_Window, Sequence[_Mark]]]:
    """The line as a whole where it fits; else the part around its marks or, if they are far apart, around each."""
    if len(line) <= room * 2 and _cells(line) <= room:
        yield _Window(line, 0, len(line)), marks
        return
    start, end = marks[0].start, max(mark.end for mark in marks)
    if end - start <= room and _cells(line[start:end]) <= room - 2:
        yield _around(line, start, end, room), marks
        return
    for mark in marks:
        yield _around(line, mark.start, mark.end, room), [mark]


def _around(line: str, start: int, end: int, room: int) -> _Window:
    """As much of the line as there is room for, a third of it at most for what is before."""
    # Room for two ellipses is set aside, whether they are needed or not.
    wanted = _cells(line[start : min(end, start + room)])
    context = min(max(room - 2 - wanted, 0), room // 3)
    begin = start
    while begin > 0 and (context := context - _cell(line[begin - 1])) >= 0:
        begin -= 1
    left = room - 2 - _cells(line[begin:start])
    finish = start
    while finish < len(line) and (left := left - _cell(line[finish])) >= 0:
        finish += 1
    return _Window(line, begin, finish)


def _some(places: list[str], left_out: int) -> str:
    return f"{', '.join(places)} and {left_out} more" if left_out else joined(places)


def _wrapped(text: str, cells: int, first: int | None = None) -> list[str]:
    """Lines of whole words; a word that is too long for a line has one to itself.

    `first` is the room in the first line, where it is less: it may stay empty.
    """
    lines: list[str] = [] if first is None else [""]
    used = 0 if first is None else cells - first - 1
    for word in text.split():
        needed = _cells(word)
        if lines == [""] and used + 1 + needed <= cells:
            lines = [word]
            used += 1 + needed
        elif lines and used + 1 + needed <= cells:
            lines[-1] += f" {word}"
            used += 1 + needed
        else:
            lines.append(word)
            used = needed
    return lines


def _printable(text: str) -> str:
    """Text that a terminal shows and does not obey."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else _TAB if character == "\t" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def _cells(text: str) -> int:
    """How many cells of a terminal the text takes as shown."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(_cell, text))


def _cell(character: str) -> int:
    if character == "\t":
        return len(_TAB)
    if not character.isprintable():
        return 1
    return 0 if category(character) in {"Mn", "Me"} else 2 if east_asian_width(character) in "WF" else 1
