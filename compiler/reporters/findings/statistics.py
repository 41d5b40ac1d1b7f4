"""Findings counted by rule, the most frequent first: `check --statistics`."""

from compiler.findings.diagnostics import Severity
from compiler.reporters.findings.report import Report
from compiler.text.escaping import to_json


def _counts(report: Report) -> list[tuple[int, Severity, str]]:
    """How often each rule was found at each severity; equal counts in order of severity and name."""
    found: dict[tuple[Severity, str], int] = {}
    for finding in report.diagnostics:
        key = (finding.severity, finding.rule)
        found[key] = found.get(key, 0) + 1
    order = tuple(Severity)
    rows = [(count, severity, rule) for (severity, rule), count in found.items()]
    return sorted(rows, key=lambda row: (-row[0], order.index(row[1]), row[2]))


def as_text(report: Report) -> str:
    """A line for each rule: count, severity, name."""
    rows = _counts(report)
    width = max((len(str(count)) for count, _, _ in rows), default=0)
    most = max((len(severity) for _, severity, _ in rows), default=0)
    return "".join(f"{count:>{width}}  {severity:<{most}}  {rule}\n" for count, severity, rule in rows)


def as_json(report: Report) -> str:
    """A list of objects with `rule`, `severity` and `count`."""
    return to_json([{"rule": rule, "severity": severity, "count": count} for count, severity, rule in _counts(report)])
