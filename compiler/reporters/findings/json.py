"""Findings for programs, in our own stable format. `docs/json.md` describes it.

The format has its own version: it grows by new keys, and what changes or removes one raises the version.
"""

from collections.abc import Mapping, Sequence

from compiler.findings.baseline import Compared
from compiler.findings.diagnostics import Diagnostic, Fix, Severity
from compiler.findings.rules import TEMPLATE_VALUES
from compiler.reporters.findings.report import Report, region
from compiler.text.escaping import to_json
from compiler.text.span import Span

VERSION = 1
"""Of the format, not of mirrorc."""

_Json = Mapping[str, object]


def render(report: Report) -> str:
    """One JSON object, indented, with a final newline."""
    clusters = report.concerned()
    hidden = report.compared.hidden if report.compared else ()
    document: dict[str, object] = {
        "version": VERSION,
        "diagnostics": [
            _diagnostic(report, diagnostic, clusters.get(diagnostic, ()), fingerprint)
            for diagnostic, fingerprint in report.fingerprints()
        ],
        "summary": {
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "notes": report.count(Severity.NOTE),
            "allowed": report.allowed,
            "files": len(report.files),
            "complete": report.complete,
            "unread": dict(report.unread),
            "incomplete": any(each.rule == TEMPLATE_VALUES.name for each in (*report.diagnostics, *hidden)),
        },
        "homes": [_located(report, each) for each in report.homes],
    }
    if report.compared is not None:
        document["baseline"] = _baseline(report, report.compared)
    for key, unlisted in (("archived", report.archived), ("apart", report.apart)):
        if unlisted:
            files = dict.fromkeys(report.locate(each.path) for each in unlisted)
            document[key] = {"findings": len(unlisted), "files": list(files)}
    if report.shown_files is not None:
        document["files"] = [_located(report, each) for each in report.shown_files]
    return to_json(document)


def _baseline(report: Report, compared: Compared) -> _Json:
    stale = [
        {"rule": each.rule, "path": each.path, "message": each.message, "fingerprint": each.fingerprint}
        for each in compared.stale
    ]
    return {"path": report.locate(compared.name), "hidden": compared.places, "stale": stale}


def _located(report: Report, each: _Json) -> _Json:
    return {**each, "path": report.locate(str(each["path"]))}


def _diagnostic(report: Report, diagnostic: Diagnostic, clusters: Sequence[str], fingerprint: str) -> _Json:
    found: dict[str, object] = {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "help": diagnostic.help,
        **_place(report, diagnostic.span),
        "field": diagnostic.field,
        "labels": [{"text": label.text, **_place(report, label.span)} for label in diagnostic.related],
        "count": diagnostic.count,
        "fix": None if diagnostic.fix is None else _fix(report, diagnostic.fix),
        "clusters": list(clusters),
        "fingerprint": fingerprint,
    }
    if diagnostic.alternatives:
        found["alternatives"] = [_fix(report, fix) for fix in diagnostic.alternatives]
    return found


def _fix(report: Report, fix: Fix) -> _Json:
    edits = [{**_place(report, edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _place(report: Report, span: Span) -> _Json:
    return {"path": report.locate(span.path), **region(span)}
