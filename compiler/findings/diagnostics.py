"""What is reported to the user: one finding, its places, and what to do about it.

A finding has one primary span, as tight as the cause; labelled spans for every other place that takes part;
a message that states the fact and a help that states the action. It is built by the rule it belongs to.

What is wrong in many places of one object is one finding: each place is found by itself, so that a comment can allow
it by itself, and those that are left are folded by their `Fold`.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from compiler.text.opaque import revealed
from compiler.text.span import Span
from compiler.text.wording import joined, some_of, ticked


class Severity(StrEnum):
    """How bad a finding is. `OFF` only appears in settings, never on a finding."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OFF = "off"


class Label(NamedTuple):
    """A further place that takes part in a finding, and its part in it."""

    span: Span
    text: str


class Edit(NamedTuple):
    """Put `text` in the place of the characters of `span`."""

    span: Span
    text: str


class Fix(NamedTuple):
    """Edits that fix a finding together. Only a `safe` one is applied without being looked at."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Fold(NamedTuple):
    """How a finding is reported together with others of one object or list.

    Attributes:
        key: Findings of one rule and severity with equal keys become one; it names the object or list.
        across_files: The key means the same in all files; else only findings in one file are folded.
        everywhere: It means the same in all clusters too: what is done the same way all over a repo is one finding.
        message: What is said of several: `{count}` is their number, `{names}` some of their names, `{files}` in how
            many files they are.
        name: What this one is about, for `{names}`.
        help: What to do about several, where that differs.
        fix: The title of the fix of several, where that differs.
    """

    key: Hashable
    message: str
    name: str = ""
    help: str = ""
    fix: str = ""
    across_files: bool = False
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding.

    `rule` is the rule's kebab-case name, `field` the path inside the object as the API server writes it
    (`spec.imageDigestMirrors[0].source`), empty where there is none. `alternatives` are suggested fixes that could be
    made in place of `fix`. `parts` are the findings that were folded to this one, itself included, in order of place;
    empty for a single one. `count` is how many they are, listed or not.
    """

    rule: str
    severity: Severity
    message: str
    span: Span
    help: str = ""
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None
    field: str = ""
    alternatives: tuple[Fix, ...] = ()
    fold: Fold | None = None
    parts: "tuple[Diagnostic, ...]" = ()
    count: int = 1

    @property
    def each(self) -> "tuple[Diagnostic, ...]":
        """The single findings: the parts, or itself."""
        return self.parts or (self,)

    @property
    def related(self) -> tuple[Label, ...]:
        """Every other place that takes part, those of the folded findings included."""
        if not self.parts:
            return self.labels
        places = [Label(span=part.span, text=_ALSO) for part in self.parts[1:]]
        further = (label for part in self.parts[1:] for label in part.labels)
        known = set(self.labels)
        return (*self.labels, *(label for label in dict.fromkeys((*places, *further)) if label not in known))

    @property
    def path(self) -> str:
        """The file the finding is in."""
        return self.span.path

    @property
    def line(self) -> int:
        """1-based line of the finding's first character."""
        return self.span.begin.line

    @property
    def column(self) -> int:
        """1-based column, in code points, of the finding's first character."""
        return self.span.begin.column

    @property
    def sort_key(self) -> tuple[tuple[str, int, int], str, str]:
        """Orders findings by place, then by rule, then by wording."""
        return (self.span.sort_key, self.rule, self.message)


class Rule(NamedTuple):
    """One thing that can be wrong, under one name that never changes.

    `adjustable` is false where nothing can be compiled: the input cannot be read, or the API server or the controller
    refuses it. Lowering the severity would only promise files that no cluster makes.
    """

    name: str
    severity: Severity
    summary: str
    why: str
    adjustable: bool = True

    def at(
        self,
        span: Span,
        message: str,
        *,
        help: str = "",  # noqa: A002 - the reader of a call wants the plain word
        labels: Iterable[Label] = (),
        fix: Fix | None = None,
        field: str = "",
        severity: Severity | None = None,
        fold: Fold | None = None,
    ) -> Diagnostic:
        """Build the finding of this rule at `span`; a fix for what cannot be edited is left out."""
        if fix is not None and not all(edit.span.file.editable for edit in fix.edits):
            fix = None
        return Diagnostic(
            rule=self.name,
            severity=severity or self.severity,
            message=revealed(message),
            span=span,
            help=revealed(help),
            labels=_revealed_labels(tuple(labels)),
            fix=fix if fix is None else _revealed_fix(fix),
            field=field,
            fold=fold if fold is None else _revealed_fold(fold),
        )


def _revealed_fold(fold: Fold) -> Fold:
    if all(text.isascii() for text in (fold.message, fold.name, fold.help, fold.fix)):
        return fold
    return fold._replace(
        message=revealed(fold.message),
        name=revealed(fold.name),
        help=revealed(fold.help),
        fix=revealed(fold.fix),
    )


def _revealed_labels(labels: tuple[Label, ...]) -> tuple[Label, ...]:
    """The same object where nothing changes: many findings share one."""
    return labels if all(label.text.isascii() for label in labels) else tuple(map(_revealed_label, labels))


def _revealed_label(label: Label) -> Label:
    return label if label.text.isascii() else label._replace(text=revealed(label.text))


def _revealed_fix(fix: Fix) -> Fix:
    if fix.title.isascii() and all(edit.text.isascii() for edit in fix.edits):
        return fix
    edits = tuple(edit._replace(text=revealed(edit.text)) for edit in fix.edits)
    return fix._replace(title=revealed(fix.title), edits=edits)


MOST_OF_A_RULE = 1_000
"""Findings of one rule in one file that are listed. A hostile file has one for every three bytes, each a kilobyte."""

_REST_HELP = "Fix the listed ones first."

_ALSO = "also here"
_MOST_NAMES = 3
"""Names of folded findings in one message."""


class Gathered:
    """Findings in the order they are made: of one rule in one file the first `MOST_OF_A_RULE`, then one for the rest.

    Findings that were gathered before can be gathered again: the result is the same.
    """

    __slots__ = ("_counts", "kept")

    def __init__(self, diagnostics: Iterable[Diagnostic] = ()) -> None:
        self.kept: list[Diagnostic] = []
        self._counts: dict[tuple[str, str], int] = {}
        self.extend(diagnostics)

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a finding, as far as there is room for it."""
        key = (diagnostic.rule, diagnostic.path)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count <= MOST_OF_A_RULE:
            self.kept.append(diagnostic)
        elif count == MOST_OF_A_RULE + 1:
            self.kept.append(_rest(diagnostic))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep several findings."""
        for diagnostic in diagnostics:
            self.add(diagnostic)

    def is_full(self, rule: "Rule", path: str) -> bool:
        """Whether a further finding would change nothing, so that it need not be made."""
        return self._counts.get((rule.name, path), 0) > MOST_OF_A_RULE

    def count_unlisted(self, rule: "Rule", path: str) -> None:
        """Count a finding that was not made."""
        self._counts[rule.name, path] += 1

    def counted(self, rules: Collection[str]) -> int:
        """How many findings of some rules there were, listed or not."""
        return sum(count for (rule, _), count in self._counts.items() if rule in rules)


def _rest(diagnostic: Diagnostic) -> Diagnostic:
    """What is said at the first finding that is not listed."""
    message = f"this file has more `{diagnostic.rule}` findings: only {MOST_OF_A_RULE} are listed"
    return replace(diagnostic, message=message, help=_REST_HELP, labels=(), fix=None, field="", fold=None)


def is_rest(diagnostic: Diagnostic) -> bool:
    """Whether a finding means those of its rule in its file that are not listed."""
    return diagnostic.help is _REST_HELP or diagnostic.help == _REST_HELP


def settle(diagnostics: Iterable[Diagnostic], severities: Mapping[str, Severity]) -> tuple[Diagnostic, ...]:
    """Apply the user's severities, drop what is off, fold, sort by file and position, and cut off what is too many."""
    settled = []
    for diagnostic in diagnostics:
        severity = severities.get(diagnostic.rule, diagnostic.severity)
        if severity is Severity.OFF:
            continue
        settled.append(diagnostic if severity is diagnostic.severity else replace(diagnostic, severity=severity))
    settled = folded(settled)
    settled.sort(key=lambda diagnostic: diagnostic.sort_key)
    return tuple(Gathered(settled).kept if len(settled) > MOST_OF_A_RULE else settled)


def unfolded(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The single findings, with the severities of the run."""
    return [part for diagnostic in diagnostics for part in diagnostic.each]


def folded(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings with those of one fold as one, where its first is by place."""
    single: list[Diagnostic] = []
    groups: dict[Hashable, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        if diagnostic.fold is None:
            single.append(diagnostic)
        else:
            fold = diagnostic.fold
            path = "" if fold.across_files or fold.everywhere else diagnostic.path
            key = (diagnostic.rule, diagnostic.severity, path, fold.key)
            groups.setdefault(key, []).append(diagnostic)
    return single + [_as_one(group) if len(group) > 1 else group[0] for group in groups.values()]


def in_each_file(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings with those that were folded across clusters apart again, one for each file."""
    kept: list[Diagnostic] = []
    for diagnostic in diagnostics:
        if diagnostic.fold is None or not diagnostic.fold.everywhere:
            kept.append(diagnostic)
        else:
            kept += folded(
                replace(part, fold=part.fold._replace(everywhere=False) if part.fold else None)
                for part in diagnostic.each
            )
    return kept


def _as_one(group: list[Diagnostic]) -> Diagnostic:
    """One finding for several of one fold, each place once."""
    whole = {each.sort_key: each for each in group}.values()
    placed = {part.sort_key: part for each in whole for part in each.each}
    parts = [placed[key] for key in sorted(placed)]
    first = parts[0]
    fold = first.fold
    assert fold is not None
    count = len(parts) + sum(each.count - len(each.each) for each in whole)
    files = len({part.path for part in parts})
    names = list(dict.fromkeys(part.fold.name for part in parts if part.fold and part.fold.name))
    most = _MOST_NAMES + (len(names) == _MOST_NAMES + 1)
    told = _named(names, most)
    if "{files}" in fold.message and len(names) == 1 and all(part.fold and part.fold.name for part in parts):
        told = f"{'both' if count == 2 else 'all'} named {told}"
    message = fold.message.replace("{count}", str(count)).replace(": {names}", f": {told}")
    message = message.replace("{names}", _named(names, most))
    message = message.replace("{files}", f" in {files} files" if files > 1 else "")
    return replace(
        first,
        message=message,
        help=fold.help or first.help,
        fix=_fix_of_all(parts, fold.fix),
        parts=tuple(parts[:MOST_OF_A_RULE]),
        count=count,
    )


def _named(names: list[str], most: int) -> str:
    ticks = ticked(names[:most])
    return some_of(ticks, most, of=len(names)) if len(names) > most else joined(ticks)


def _fix_of_all(parts: Sequence[Diagnostic], title: str) -> Fix | None:
    """The edits of all parts that are as safe as the safest, as far as they do not touch.

    The others have their turn in the next round.
    """
    fixes = [part.fix for part in parts if part.fix is not None]
    if not fixes:
        return None
    safe = any(fix.safe for fix in fixes)
    edits: dict[Edit, None] = {}
    ends: dict[str, int] = {}
    count = 0
    for fix in fixes:
        placed = sorted(fix.edits, key=lambda edit: (edit.span.path, edit.span.start))
        if fix.safe is safe and all(edit in edits or _has_room(edit, ends) for edit in placed):
            edits |= dict.fromkeys(placed)
            count += 1
            for edit in placed:
                # One more after an insertion: what touches one has no defined order with it.
                end = edit.span.end + (edit.span.start == edit.span.end)
                ends[edit.span.path] = max(end, ends.get(edit.span.path, 0))
    first = next(fix for fix in fixes if fix.safe is safe)
    if count == 1:
        return first
    return Fix(title=title or f"{first.title} ({count} places)", edits=tuple(edits), safe=safe)


def _has_room(edit: Edit, ends: Mapping[str, int]) -> bool:
    end = ends.get(edit.span.path, -1)
    return end <= edit.span.start if edit.span.end > edit.span.start else end < edit.span.start


def is_safe(diagnostic: Diagnostic) -> bool:
    """Whether the finding has a fix that is made without being looked at, and that changes something."""
    fix = diagnostic.fix
    return fix is not None and fix.safe and _changes_something(fix)


def is_suggested(diagnostic: Diagnostic) -> bool:
    """Whether the finding has a fix that somebody should look at, and that changes something."""
    fix = diagnostic.fix
    return fix is not None and not fix.safe and _changes_something(fix)


def _changes_something(fix: Fix) -> bool:
    return any(edit.text != edit.span.text for edit in fix.edits)
