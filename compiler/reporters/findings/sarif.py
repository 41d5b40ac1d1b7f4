"""Findings as SARIF 2.1.0, for GitHub code scanning and for editors.

What GitHub asks for beyond the standard is met: every rule with its help, one location for each finding, a fingerprint
that survives line moves, related places linked from the message (GitHub shows them nowhere else), and no more than
25,000 results, which it would refuse altogether.
"""

from collections.abc import Mapping
from urllib.parse import quote

from compiler import __version__
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fix, Rule, Severity
from compiler.reporters.findings.report import Report, region
from compiler.text.escaping import to_json
from compiler.text.span import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000
_ROOT = "%SRCROOT%"
_LONGEST_DESCRIPTION = 1024
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}

_Json = dict[str, object]


def render(report: Report) -> str:
    """One JSON object, indented, with a final newline."""
    clusters = report.named()
    numbers = {name: number for number, name in enumerate(rules.RULES)}
    results = [
        {
            "ruleIndex": numbers[diagnostic.rule],
            **_result(report, diagnostic, clusters.get(diagnostic, ""), fingerprint),
        }
        for diagnostic, fingerprint in _most_important(report)
    ]
    left_out = len(report.diagnostics) - len(results)
    run = {
        "tool": {
            "driver": {
                "name": "mirrorc",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule, report.docs_of(rule.name)) for rule in rules.RULES.values()],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The top of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": report.complete,
                "toolExecutionNotifications": [_left_out(left_out)] if left_out else [],
            }
        ],
        "results": results,
    }
    return to_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _most_important(report: Report) -> list[tuple[Diagnostic, str]]:
    """All findings in their order or, where they are too many, the worst of them."""
    numbered = list(report.fingerprints())
    if len(numbered) <= MOST_RESULTS:
        return numbered
    order = tuple(Severity)
    return sorted(numbered, key=lambda each: order.index(each[0].severity))[:MOST_RESULTS]


def _left_out(count: int) -> _Json:
    text = f"{count} more findings are omitted, the least severe: code scanning accepts {MOST_RESULTS} per run."
    return {"level": "warning", "message": {"text": text}}


def _rule(rule: Rule, docs: str) -> _Json:
    allowance = (
        f"If it is intended: # mirrorc: allow {rule.name} -- reason"
        if rule.adjustable
        else "It cannot be suppressed: mirrorc compiles nothing until it is fixed."
    )
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary}. {rule.why}"[:_LONGEST_DESCRIPTION]},
        "help": {
            "text": f"{rule.why}\n\n{allowance}",
            "markdown": f"{rule.why}\n\n" + allowance.replace("# mirrorc", "`# mirrorc").replace("reason", "reason`"),
        },
        **({"helpUri": docs} if docs else {}),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["openshift", "container-mirrors"],
            "precision": "very-high",
            "problem.severity": _PROBLEMS[rule.severity],
        },
    }


def _result(report: Report, diagnostic: Diagnostic, clusters: str, fingerprint: str) -> _Json:
    result: _Json = {
        "ruleId": diagnostic.rule,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": _message(report, diagnostic, clusters)},
        "locations": [{"physicalLocation": _location(report, diagnostic.span)}],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }
    if related := diagnostic.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _location(report, label.span),
                "message": {"text": label.text},
            }
            for number, label in enumerate(related, 1)
        ]
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(report, fix) for fix in (diagnostic.fix, *diagnostic.alternatives)]
    return result


def _message(report: Report, diagnostic: Diagnostic, clusters: str) -> str:
    """The fact, the places that take part as links to the related locations, and the action."""
    lines = [_unlinked(diagnostic.message)]
    for number, label in enumerate(diagnostic.labels, 1):
        place = f"{report.locate(label.span.path)}:{label.span.begin.line}"
        lines.append(f"- {_unlinked(label.text)}: [{_bracketless(place)}]({number})")
    if diagnostic.help:
        lines.append(_unlinked(diagnostic.help))
    if clusters:
        lines.append(f"This concerns {_unlinked(clusters)}.")
    return "\n".join(lines)


def _unlinked(text: str) -> str:
    """Text from a manifest must not become a link (SARIF 2.1.0, 3.11.6)."""
    return text.replace("](", "\\](")


def _bracketless(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _location(report: Report, span: Span) -> _Json:
    return {"artifactLocation": _artifact(report, span.path), "region": _region(span)}


def _artifact(report: Report, shown: str) -> Mapping[str, str]:
    path = report.locate(shown)
    if path.startswith("/"):
        return {"uri": "file://" + quote(path)}
    return {"uri": quote(path), "uriBaseId": _ROOT}


def _region(span: Span) -> Mapping[str, int]:
    place = region(span)
    return {
        "startLine": place["line"],
        "startColumn": place["column"],
        "endLine": place["endLine"],
        "endColumn": place["endColumn"],
    }


def _fix(report: Report, fix: Fix) -> _Json:
    replacements: dict[str, list[_Json]] = {}
    for edit in fix.edits:
        replacement: _Json = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        replacements.setdefault(edit.span.path, []).append(replacement)
    changes = [
        {"artifactLocation": _artifact(report, path), "replacements": replaced}
        for path, replaced in replacements.items()
    ]
    return {"description": {"text": fix.title}, "artifactChanges": changes}
