"""Findings for grep and for editors: one line each, `PATH:LINE:COLUMN: SEVERITY[RULE] MESSAGE`.

The order is that of the other formats. Where there are several clusters, a line ends with those it concerns, such as
`(both clusters)`. A message is never wrapped or cut, and no line break inside it is kept.
"""

from compiler.findings.diagnostics import Severity
from compiler.reporters.findings.report import Report
from compiler.text.escaping import Place, safe

_STYLES = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}


def render(report: Report) -> str:
    """A line for each finding, with paths as people see them: relative to the current folder."""
    clusters = report.named()
    lines = []
    for finding in report.diagnostics:
        rule = f"{finding.severity}[{finding.rule}]"
        if report.colour:
            rule = f"\x1b[{_STYLES[finding.severity]}m{rule}\x1b[0m"
        line = f"{safe(str(finding.span), Place.TERMINAL)}: {rule} {safe(finding.message, Place.TERMINAL)}"
        lines.append(line + (f" ({clusters[finding]})" if finding in clusters else "") + "\n")
    return "".join(lines)
