"""Findings as workflow commands, which GitHub Actions shows beside the lines of a pull request.

Escaping follows actions/toolkit (`packages/core/src/command.ts`). A step shows ten annotations of a kind and no
more, so errors come first; the log has them all.
"""

from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.reporters.findings.report import Report, region

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    """One command a line."""
    clusters = report.named()
    return "".join(_command(report, diagnostic, clusters.get(diagnostic, "")) for diagnostic in report.worst_first())


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
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    lines = [diagnostic.message]
    for label in diagnostic.labels:
        at = label.span.begin
        lines.append(f"{report.locate(label.span.path)}:{at.line}:{at.column}: {label.text}")
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    if clusters:
        lines.append(f"in {clusters}")
    text = "\n".join(lines)
    return f"::{_COMMANDS[diagnostic.severity]} {listed}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
