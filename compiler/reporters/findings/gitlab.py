"""Findings as a Code Quality report, which GitLab shows in merge requests.

The format is the part of Code Climate's that GitLab reads. It keeps one finding for each fingerprint, and calls a
finding new whose fingerprint it has not seen on the target branch.
"""

from compiler.findings.diagnostics import Severity
from compiler.reporters.findings.report import Report, region
from compiler.text.escaping import to_json

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report) -> str:
    """A JSON list, indented, with a final newline."""
    clusters = report.named()
    findings = []
    for diagnostic, fingerprint in report.fingerprints():
        place = region(diagnostic.span)
        concerned = f"In {clusters[diagnostic]}: " if diagnostic in clusters else ""
        findings.append(
            {
                "description": concerned + f"{diagnostic.message}. {diagnostic.help}".removesuffix(". "),
                "check_name": diagnostic.rule,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[diagnostic.severity],
                "location": {
                    "path": report.locate(diagnostic.path),
                    "lines": {"begin": place["line"], "end": place["endLine"]},
                },
            }
        )
    return to_json(findings)
