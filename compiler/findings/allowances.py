"""Allowances: comments by which a manifest keeps a finding that is meant to be.

    # mirrorc: allow split-source, repeated-rule -- both teams own a list until the move is done
    - source: quay.io/ns

In: the comments of a file. Out: for each rule that one names, the line whose findings it silences, and what is wrong
with the comment itself. A comment that has its line to itself speaks for the line below it (below the other comments
that follow), one after a value for its own line. Only the place under which a finding is reported counts.

What nothing can be compiled from cannot be allowed: it would only promise files that no cluster makes.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Gathered, Label, is_rest
from compiler.text.span import File, Span
from compiler.text.wording import nearest, shown

MARK = "mirrorc:"
"""A file without this text contains no allowance."""

_FORM = "# mirrorc: allow RULE -- reason"
_OPENING = r"(?:\{#-?|\{\{-?[ \t]*/\*|/\*|//|<!--|(?<!#)#++)"
"""How comments begin in YAML and shell, Jinja, Helm and other languages."""
_ADDRESSED = re.compile(rf"{_OPENING}[ \t]*{MARK}[ \t]*")
_ANY_LANGUAGE = re.compile(rf"{_OPENING}[ \t]*+{MARK}(?:[ \t]*+(?!-?#\}}|\*/|-->|\r?$)[^ \t\n])*+", re.MULTILINE)
"""Up to what closes it, or the end of the line, without the blanks before that."""
_VERB = re.compile(r"allow(?![-\w])[ \t]*")
_NAME = re.compile(r"[^\s,]+")
_WORD = re.compile(r"\S+")
_WHOLE_LINE = re.compile(r"^[ \t]*(#[^\r\n]*)", re.MULTILINE)


class Allowance(NamedTuple):
    """One rule that a comment allows.

    Attributes:
        rule: The rule's name.
        reason: Why, in the user's words.
        line: The 1-based line whose findings of that rule are silenced.
        span: The rule's name in the comment.
    """

    rule: str
    reason: str
    line: int
    span: Span


class FoundAllowances(NamedTuple):
    """The allowances in a file's comments, in order, and what is wrong with others."""

    allowances: tuple[Allowance, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


class Allowed(NamedTuple):
    """A finding that is silenced, and what silences it."""

    diagnostic: Diagnostic
    allowance: Allowance


class Sifted(NamedTuple):
    """Findings parted by allowances, each part in the order given."""

    standing: tuple[Diagnostic, ...]
    allowed: tuple[Allowed, ...] = ()


def find(file: File, comments: Iterable[Span]) -> FoundAllowances:
    """Take the allowances from a file's comments."""
    allowances: list[Allowance] = []
    diagnostics = Gathered()
    line = 0
    for comment in comments:
        addressed = _ADDRESSED.match(file.text, comment.start, comment.end)
        if addressed is None:
            continue
        line = _line_spoken_for(comment, line)
        for outcome in _understand(comment, addressed.end(), line, diagnostics):
            if isinstance(outcome, Allowance):
                allowances.append(outcome)
            else:
                diagnostics.add(outcome)
    return FoundAllowances(allowances=tuple(allowances), diagnostics=tuple(diagnostics.kept))


def whole_line_comments(file: File, start: int, end: int) -> Iterator[Span]:
    """What must be comments even in a text that is not YAML: lines that begin with `#`."""
    for match in _WHOLE_LINE.finditer(file.text, start, end):
        yield Span(file, match.start(1), match.end(1))


def policy_comments(file: File, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """The comments that are addressed to mirrorc in a text of any language, without what closes them."""
    if MARK in file.text:
        for match in _ANY_LANGUAGE.finditer(file.text, start, len(file.text) if end is None else end):
            yield Span(file, *match.span())


def sift(diagnostics: Iterable[Diagnostic], allowances: Collection[Allowance]) -> Sifted:
    """Part the findings that an allowance silences from the others."""
    if not allowances:
        return Sifted(standing=tuple(diagnostics))
    by_place: dict[tuple[str, int, str], Allowance] = {}
    for allowance in allowances:
        by_place.setdefault((allowance.span.path, allowance.line, allowance.rule), allowance)
    paths = {path for path, _, _ in by_place}
    standing: list[Diagnostic] = []
    allowed: list[Allowed] = []
    for diagnostic in diagnostics:
        path = diagnostic.path
        found = by_place.get((path, diagnostic.line, diagnostic.rule)) if path in paths else None
        if found is None:
            standing.append(diagnostic)
        else:
            allowed.append(Allowed(diagnostic=diagnostic, allowance=found))
    return Sifted(standing=tuple(standing), allowed=tuple(allowed))


def unused(
    allowances: Collection[Allowance], allowed: Iterable[Allowed], standing: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """Report the allowances that silence nothing. The same comment may come from several readings of its file.

    One may be at a place that takes part in a finding, but under which it is not reported: that is said.
    """
    if not allowances:
        return
    standing = list(standing)
    unlisted = {(each.path, each.rule) for each in standing if is_rest(each)}
    used = {each.allowance.span.sort_key for each in allowed}
    elsewhere = {
        (label.span.path, label.span.begin.line, diagnostic.rule): diagnostic.span
        for diagnostic in standing
        for label in diagnostic.related
    }
    for allowance in allowances:
        key = allowance.span.sort_key
        if key not in used and (allowance.span.path, allowance.rule) not in unlisted:
            used.add(key)
            reported = elsewhere.get((allowance.span.path, allowance.line, allowance.rule))
            yield rules.UNUSED_ALLOWANCE.at(
                allowance.span,
                f"no `{allowance.rule}` is reported on line {allowance.line}",
                help="Move it to the line of the finding, or to the line above."
                if reported
                else "Remove it, so that a new finding on this line is reported.",
                labels=[Label(span=reported, text="the finding is reported here")] if reported else [],
            )


def _understand(comment: Span, at: int, line: int, known: Gathered) -> Iterator[Allowance | Diagnostic]:
    """The rules that the comment allows on `line`; `at` is where its first word is. No more is said than fits."""
    text = comment.file.text
    verb = _VERB.match(text, at, comment.end)
    if verb is None:
        word = _WORD.match(text, at, comment.end)
        yield rules.INVALID_ALLOWANCE.at(
            Span(comment.file, *word.span()) if word else comment,
            f"`{shown(word[0])}` is not a mirrorc instruction"
            if word
            else "the comment names mirrorc but contains no instruction",
            help=f"Write `{_FORM}`, or start the comment with another word.",
        )
        return
    dashes = text.find("--", verb.end(), comment.end)
    names = list(_NAME.finditer(text, verb.end(), dashes if dashes >= 0 else comment.end))
    reason = text[dashes + 2 : comment.end].strip() if dashes >= 0 else ""
    if not names or not reason:
        yield rules.INVALID_ALLOWANCE.at(
            comment,
            "the suppression gives no reason" if names else "the suppression names no rule",
            help=f"Write `{_FORM}`. The reason explains to the next reader why the finding is expected.",
        )
        return
    for name in names:
        span = Span(comment.file, *name.span())
        rule = rules.RULES.get(name[0])
        if rule is None:
            if not known.is_full(rules.INVALID_ALLOWANCE, comment.path):
                yield _unknown(name[0], span)
        elif not rule.adjustable:
            yield rules.INVALID_ALLOWANCE.at(
                span,
                f"`{rule.name}` cannot be suppressed: mirrorc compiles nothing until the finding is fixed",
                help="Remove this comment, and fix the finding.",
            )
        else:
            yield Allowance(rule=rule.name, reason=reason, line=line, span=span)


def _unknown(name: str, span: Span) -> Diagnostic:
    near = nearest(name, frozenset(rules.RULES))
    return rules.INVALID_ALLOWANCE.at(
        span,
        f"there is no rule `{shown(name)}`",
        help=f"Did you mean `{near}`?" if near else "`mirrorc rules` lists them.",
    )


def _line_spoken_for(comment: Span, earlier: int) -> int:
    """The comment's own line, the next that is none where it fills it; `earlier` is what one before it speaks for."""
    file = comment.file
    line, _ = comment.begin
    if line < earlier:  # in one block of comments with the one before
        return earlier
    if file.text[file.line_starts[line - 1] : comment.start].strip():
        return line
    last = len(file.line_starts)
    line += 1
    while line < last and file.line(line).lstrip().startswith("#"):
        line += 1
    return line
