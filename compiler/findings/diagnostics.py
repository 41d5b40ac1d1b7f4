"""What is reported to the user: one finding, its places, and what to do about it.

A finding has one primary span, as tight as the cause; labelled spans for every other place that takes part;
a message that states the fact and a help that states the action. It is built by the rule it belongs to.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from compiler.text.span import Span


class Severity(StrEnum):
    """How bad a finding is. `OFF` only appears in settings, never on a finding."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A further place that takes part in a finding, and its part in it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Put `text` in the place of the characters of `span`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Edits that fix a finding together. Only a `safe` one is applied without being looked at."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding.

    `rule` is the rule's kebab-case name, `field` the path inside the object as the API server writes it
    (`spec.imageDigestMirrors[0].source`), empty where there is none. `alternatives` are suggested fixes that could be
    made in place of `fix`.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
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
    ) -> Diagnostic:
        """Build the finding of this rule at `span`; a fix for what cannot be edited is left out."""
        if fix is not None and not all(edit.span.file.editable for edit in fix.edits):
            fix = None
        return Diagnostic(
            rule=self.name,
            severity=severity or self.severity,
            message=message,
            span=span,
            help=help,
            labels=tuple(labels),
            fix=fix,
            field=field,
        )


MOST_OF_A_RULE = 1_000
"""Findings of one rule in one file that are listed. A hostile file has one for every three bytes, each a kilobyte."""

_REST_HELP = "Fix the listed ones first."


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
    return replace(diagnostic, message=message, help=_REST_HELP, labels=(), fix=None, field="")


def is_rest(diagnostic: Diagnostic) -> bool:
    """Whether a finding means those of its rule in its file that are not listed."""
    return diagnostic.help is _REST_HELP or diagnostic.help == _REST_HELP


def settle(diagnostics: Iterable[Diagnostic], severities: Mapping[str, Severity]) -> tuple[Diagnostic, ...]:
    """Apply the user's severities, drop what is off, sort by file and position, and cut off what is too many."""
    settled = []
    for diagnostic in diagnostics:
        severity = severities.get(diagnostic.rule, diagnostic.severity)
        if severity is Severity.OFF:
            continue
        settled.append(diagnostic if severity is diagnostic.severity else replace(diagnostic, severity=severity))
    settled.sort(key=lambda diagnostic: diagnostic.sort_key)
    return tuple(Gathered(settled).kept if len(settled) > MOST_OF_A_RULE else settled)
