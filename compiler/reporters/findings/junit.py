"""Findings as a JUnit test report, which nearly every CI shows.

Each file is a test suite, each finding in it a test that failed; a file without findings has one test that passed.
What does not make the run fail is a skipped test, the one thing between passed and failed that JUnit knows.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby

from compiler.findings.diagnostics import Diagnostic
from compiler.reporters.findings import text
from compiler.reporters.findings.report import Report
from compiler.text.escaping import Place, safe


def render(report: Report) -> str:
    """An XML document with a final newline."""
    found = {path: list(group) for path, group in groupby(report.diagnostics, lambda each: each.path)}
    clusters = report.named()
    suites = [_suite(report, path, found.get(path, []), clusters) for path in sorted({*report.files, *found})]
    failures = sum(map(report.fails, report.diagnostics))
    tests = sum(max(len(found.get(path, ())), 1) for path in {*report.files, *found})
    return "".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n',
            f'<testsuites name="mirrorc" tests="{tests}" failures="{failures}" errors="0">\n',
            *suites,
            "</testsuites>\n",
        )
    )


def _suite(report: Report, path: str, diagnostics: list[Diagnostic], clusters: Mapping[Diagnostic, str]) -> str:
    located = _attribute(report.locate(path))
    failures = sum(map(report.fails, diagnostics))
    lines = [
        f'  <testsuite name={located} tests="{max(len(diagnostics), 1)}" failures="{failures}" errors="0" '
        f'skipped="{len(diagnostics) - failures}">'
    ]
    if not diagnostics:
        lines.append(f'    <testcase classname={located} name="no findings" file={located}/>')
    for diagnostic, name in _named(diagnostics):
        lines.append(
            f'    <testcase classname={located} name={_attribute(name)} file={located} line="{diagnostic.line}">'
        )
        told = f"message={_attribute(diagnostic.message)}"
        if report.fails(diagnostic):
            body = text.render([diagnostic]).rstrip("\n")
            if diagnostic in clusters:
                body = f"In {clusters[diagnostic]}:\n\n{body}"
            lines.append(f'      <failure type="{diagnostic.severity}" {told}>{_escaped(body)}</failure>')
        else:
            lines.append(f"      <skipped {told}/>")
        lines.append("    </testcase>")
    lines.append("  </testsuite>")
    return "\n".join(lines) + "\n"


def _named(diagnostics: list[Diagnostic]) -> Iterator[tuple[Diagnostic, str]]:
    """Names that stay when lines move; the same again is numbered, since GitLab shows one test of a name."""
    seen: dict[str, int] = {}
    for diagnostic in diagnostics:
        name = f"{diagnostic.rule}: {diagnostic.message}"
        seen[name] = seen.get(name, 0) + 1
        yield diagnostic, name if seen[name] == 1 else f"{name} ({seen[name]})"


def _escaped(content: str) -> str:
    return safe(content, Place.XML)


def _attribute(content: str) -> str:
    return f'"{safe(content, Place.XML_ATTRIBUTE)}"'
