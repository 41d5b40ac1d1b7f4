"""Findings as workflow commands, which GitHub Actions shows beside the lines of a pull request.

A step shows ten annotations of a kind and no
more, so errors come first; the log has them all.
"""

from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.reporters.findings.report import Report, region
from compiler.text.escaping import Commands, workflow_command

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> Commands:
    """One command a line."""
    clusters = report.named()
    lines = [_command(report, diagnostic, clusters.get(diagnostic, "")) for diagnostic in report.worst_first()]
    return Commands("".join(lines))


def _command(report: Report, diagnostic: Diagnostic, clusters: str) -> str:
    place = region(diagnostic.span)
    properties: dict[str, object] = {
        "title": f"mirrorc: {diagnostic.rule}",
        "file": report.locate(diagnostic.path),
        "line": place["line"],
        "endLine": place["endLine"],
    }
    if place["line"] == place["endLine"]:  # with columns, GitHub refuses what spans lines
        properties |= {"col": place["column"], "endColumn": place["endColumn"]}
    lines = [diagnostic.message]
    for label in diagnostic.labels:
        at = label.span.begin
        lines.append(f"{report.locate(label.span.path)}:{at.line}:{at.column}: {label.text}")
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    if clusters:
        lines.append(f"in {clusters}")
    return workflow_command(_COMMANDS[diagnostic.severity], properties, "\n".join(lines))
