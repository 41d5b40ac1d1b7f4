"""The formats that `check` reports in, one module each: findings in, text out.

Programs get paths relative to the top of the repo, people those relative to the folder they are in. Every format is
the same bytes for the same findings, whatever the machine.
"""

from compiler.reporters.findings.report import Report

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
"""What `--format` takes."""


def count_as(name: str, report: Report) -> str:
    """The number of findings by rule, as `text` or `json`."""
    from compiler.reporters.findings import statistics

    return statistics.as_json(report) if name == "json" else statistics.as_text(report)


def render(name: str, report: Report) -> str:
    """The report in one of `FORMATS`."""
    if name == "concise":
        from compiler.reporters.findings import concise

        return concise.render(report)
    if name == "json":
        from compiler.reporters.findings import json

        return json.render(report)
    if name == "sarif":
        from compiler.reporters.findings import sarif

        return sarif.render(report)
    if name == "github":
        from compiler.reporters.findings import github

        return github.render(report)
    if name == "gitlab":
        from compiler.reporters.findings import gitlab

        return gitlab.render(report)
    if name == "junit":
        from compiler.reporters.findings import junit

        return junit.render(report)
    from compiler.reporters.findings import text

    return text.render_groups(report)
