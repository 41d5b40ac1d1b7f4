"""A comparison for programs: one JSON object, described in docs/diff.md.

One cluster stands at the top level. Several stand under `clusters`, the worst first, each in the same shape with its
name; the top level then has `version` and the worst `disruption` alone.
"""

import json
from collections.abc import Iterable, Sequence

from compiler.comparison import Comparison
from compiler.diagnostics import Diagnostic
from compiler.disruption import Disruption, Reason, Value
from compiler.objectchanges import ObjectChange
from compiler.reporters.diff_words import rule_of
from compiler.rerouting import PullChange
from compiler.span import Span

VERSION = 1

_Json = None | bool | int | str | list["_Json"] | dict[str, "_Json"]


def render(comparisons: Sequence[tuple[str, Comparison]]) -> str:
    """The report of some clusters by name, the worst first."""
    worst = max((comparison.disruption for _, comparison in comparisons), default=Disruption.NONE)
    report: dict[str, _Json] = {"version": VERSION, "disruption": worst.value}
    if len(comparisons) == 1:
        report |= _comparison(comparisons[0][1])
    else:
        report["clusters"] = [{"name": name, **_comparison(comparison)} for name, comparison in comparisons]
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _comparison(comparison: Comparison) -> dict[str, _Json]:
    return {
        "disruption": comparison.disruption.value,
        "old": comparison.old,
        "new": comparison.new,
        "release": comparison.release,
        "pools": {
            result.pool: {
                "disruption": result.disruption.value,
                "reasons": [_reason(reason) for reason in result.verdict.reasons],
            }
            for result in comparison.pools
        },
        "changes": [_change(change) for change in comparison.changes],
        "objects": [_object(change) for change in comparison.objects],
        "diagnostics": {
            "new": [_finding(finding) for finding in comparison.new_findings],
            "gone": [_finding(finding) for finding in comparison.gone_findings],
        },
        "refused": {
            "old": [_finding(finding) for finding in comparison.old_refusals],
            "new": [_finding(finding) for finding in comparison.new_refusals],
        },
        "notes": [{"text": note.text, "help": note.help} for note in comparison.notes],
    }


def _reason(reason: Reason) -> dict[str, _Json]:
    return {
        "disruption": reason.disruption.value,
        "cause": reason.cause.value,
        "rule": rule_of(reason.cause),
        "message": reason.message,
        "path": reason.path,
        "scope": reason.scope,
        "mirror": reason.mirror,
        "before": _value(reason.before),
        "after": _value(reason.after),
        "help": reason.remedy,
        "old_places": _places(reason.old_spans),
        "new_places": _places(reason.new_spans),
    }


def _value(value: Value) -> _Json:
    return list(value) if isinstance(value, tuple) else value


def _change(change: PullChange) -> dict[str, _Json]:
    return {
        "scope": change.scope,
        "effects": [
            {
                "effect": effect.effect.value,
                "pulls": effect.pulls.value,
                "message": effect.message,
                "before": list(effect.before),
                "after": list(effect.after),
            }
            for effect in change.effects
        ],
        "old_places": _places(change.old_spans),
        "new_places": _places(change.new_spans),
    }


def _object(change: ObjectChange) -> dict[str, _Json]:
    return {
        "verb": change.verb.value,
        "kind": change.kind,
        "name": change.name,
        "effective": change.effective,
        "refused": change.refused,
        "note": change.note,
        "counterpart": change.counterpart or None,
        "gained": list(change.gained),
        "lost": list(change.lost),
        "changed": list(change.changed),
        "old_place": _place(change.old_span) if change.old_span else None,
        "new_place": _place(change.new_span) if change.new_span else None,
    }


def _finding(finding: Diagnostic) -> dict[str, _Json]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "help": finding.help,
        "field": finding.field,
        **_place(finding.span),
    }


def _places(spans: Iterable[Span]) -> list[_Json]:
    return [_place(span) for span in spans]


def _place(span: Span) -> dict[str, _Json]:
    begin, end = span.begin, span.finish
    return {
        "path": span.path,
        "line": begin.line,
        "column": begin.column,
        "endLine": end.line,
        "endColumn": end.column,
    }
