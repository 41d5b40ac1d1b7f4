"""The report as one HTML file that needs nothing else: no network, and no script or style but its own.

In: the facts of clusters, findings, images and comparisons. Out: a page. The style and the script are allowed by their
hashes, so that nothing that a repo contains can run even if it were not escaped. Long tables are cut, with a note of
what is left out: a browser takes seconds for tens of thousands of rows.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from compiler.checks.inspection import Inspection
from compiler.diff.comparison import Comparison
from compiler.explain.judge import Status
from compiler.findings.by_cluster import named
from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.images.survey import SurveyedImage
from compiler.policy.source_graph import SharedGraph, shared
from compiler.reporters import page
from compiler.reporters.diff import words as diff_words
from compiler.reporters.graph import svg
from compiler.reporters.graph import words as graph_words
from compiler.reporters.report.facts import ClusterFacts, FormRow, SharedRow, shared_rows
from compiler.text.span import Span
from compiler.text.wording import counted

MOST_ROWS = 1_500
MOST_HOSTS = 16
MOST_LANES = 200
MOST_FINDINGS = 1_000
MOST_IMAGES = 1_000
MOST_SCOPES = 300
_MOST_ANCHORS = 8
"""Clusters of a row that have anchors without the script; it finds the others."""
_MOST_NAMED = 5
_MOST_PLACES = 5
_LONGEST_LINE = 400
"""Characters of a line of a file; of a longer one, those around the place."""

Link = Callable[[str, int], str]
"""The address of a line of a shown file, empty where there is none."""


def _source(span: Span) -> str:
    """The line of a place, or the part of it around the place."""
    line, column = span.begin
    if span.file.line_length(line) <= _LONGEST_LINE:
        return span.file.line(line)
    start = span.file.line_starts[line - 1]
    begin = max(0, column - 1 - _LONGEST_LINE // 4)
    end = min(span.file.line_length(line), begin + _LONGEST_LINE)
    before, after = "…" if begin else "", "…" if end < span.file.line_length(line) else ""
    return f"{before}{span.file.text[start + begin : start + end]}{after}"


def _no_link(path: str, line: int) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """What a page shows.

    Attributes:
        facts: Of each cluster, in order.
        inspection: The findings.
        revision: What the files are of, such as `HEAD (a77ac877)`; empty outside Git.
        images: The status of each image; None if images were not surveyed.
        served: The first place that a pull of a mirrored image is tried at, by the image and the clusters' names.
        comparisons: Of each cluster with the base, by name; None without a base.
        base: What the base is called.
        unread: A sentence about mirror policy that was not read; empty where all was.
        link: Gives addresses of lines.
    """

    facts: Sequence[ClusterFacts]
    inspection: Inspection
    revision: str = ""
    images: Sequence[SurveyedImage] | None = None
    unresolved: int = 0
    served: Mapping[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    comparisons: Sequence[tuple[str, Comparison]] | None = None
    base: str = ""
    unread: str = ""
    link: Link = _no_link


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedPlace:
    """A file and line with its address, empty where there is none."""

    text: str
    href: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterGroup:
    """Clusters that share something: the number by which rows refer to them, and their names."""

    number: int
    names: tuple[str, ...]
    label: str


def render(report: PageReport) -> str:
    """The page."""
    return page.render("report.html.j2", **_Page(report).values())


class _Page:
    def __init__(self, report: PageReport) -> None:
        self._report = report
        self._groups: dict[tuple[str, ...], ClusterGroup] = {}
        self._names = tuple(each.name for each in report.facts)

    def values(self) -> dict[str, object]:
        """What the template is given."""
        report = self._report
        rows = shared_rows(report.facts)
        graphs = shared([(each.name, each.graphs) for each in report.facts])
        graphs.sort(key=lambda each: not each.graph.has_conflict)
        matrix = self._matrix(rows, graphs)
        style, script = page.render("report.css"), page.render("report.js")
        values: dict[str, object] = {
            "style_hash": _hash(style),
            "script_hash": _hash(script),
            "revision": report.revision,
            "base": report.base,
            "unread": report.unread,
            "named": any(self._names),
            "fleet": self._fleet(),
            "totals": self._totals(rows, graphs),
            **matrix,
            "lanes": [self._lanes(number, each) for number, each in enumerate(graphs[:MOST_LANES])],
            "lanes_left_out": max(0, len(graphs) - MOST_LANES),
            "findings": self._findings(),
            "findings_left_out": max(0, len(report.inspection.diagnostics) - MOST_FINDINGS),
            "suppressed": len(report.inspection.allowed),
            "images": self._images() if report.images is not None else None,
            "images_left_out": max(0, len(report.images or ()) - MOST_IMAGES),
            "unresolved": report.unresolved,
            "changes": self._changes() if report.comparisons is not None else None,
        }
        values["groups"] = [each for each in self._groups.values() if len(each.names) > _MOST_NAMED]
        return values

    # --- Clusters -----------------------------------------------------------------

    def group(self, names: Iterable[str]) -> ClusterGroup:
        """The clusters of a row."""
        key = tuple(names)
        if key not in self._groups:
            self._groups[key] = ClusterGroup(number=len(self._groups), names=key, label=self._label(key))
        return self._groups[key]

    def _label(self, names: tuple[str, ...]) -> str:
        if not any(names):
            return ""
        return named(names, len(self._names))

    def _fleet(self) -> list[dict[str, object]]:
        """A row for each set of clusters that are equal in all that is shown of them."""
        counts = self._severities()
        comparisons = dict(self._report.comparisons or ())
        alike: dict[object, list[str]] = {}
        cells: dict[object, dict[str, object]] = {}
        for each in self._report.facts:
            comparison = comparisons.get(each.name)
            told = counts.get(each.name, Counter())
            row: dict[str, object] = {
                "release": each.release,
                **{f"{noun}s": count for noun, count in each.counts.items()},
                "errors": told[Severity.ERROR],
                "warnings": told[Severity.WARNING],
                "notes": told[Severity.NOTE],
                "refused": each.refused,
                "stale": each.stale,
                "problem": each.problem,
                "disruption": str(comparison.disruption) if comparison is not None else "",
            }
            key = tuple(row.values())
            cells[key] = row
            alike.setdefault(key, []).append(each.name)
        return [{**cells[key], "group": self.group(names)} for key, names in alike.items()]

    def _severities(self) -> dict[str, Counter[Severity]]:
        counts: dict[str, Counter[Severity]] = {}
        for names, findings in self._report.inspection.groups:
            told = Counter(finding.severity for finding in findings)
            for name in names:
                counts.setdefault(name, Counter()).update(told)
        return counts

    def _totals(self, rows: Sequence[SharedRow], graphs: Sequence[SharedGraph]) -> list[str]:
        findings = Counter(finding.severity for finding in self._report.inspection.diagnostics)
        told = [
            counted(len(self._names), "cluster") if any(self._names) else "",
            counted(len({each.row.scope for each in rows}), "source"),
            counted(sum(each.graph.has_conflict for each in graphs), "order conflict"),
            *(counted(findings[each], each) for each in (Severity.ERROR, Severity.WARNING, Severity.NOTE)),
        ]
        return [each for each in told if each]

    # --- Sources ------------------------------------------------------------------

    def _matrix(self, rows: Sequence[SharedRow], graphs: Sequence[SharedGraph]) -> dict[str, object]:
        contested: dict[str, list[tuple[int, SharedGraph]]] = {}
        for number, each in enumerate(graphs):
            contested.setdefault(each.graph.source, []).append((number, each))
        used = Counter(
            host
            for each in rows
            for host in dict.fromkeys(
                attempt.host for form in each.row.forms for attempt in form.attempts if not attempt.is_source
            )
        )
        hosts = [host for host, _ in sorted(used.items(), key=lambda item: (-item[1], item[0]))]
        shown = hosts[:MOST_HOSTS]
        # Sources with something to look at come first where not all are shown.
        first = sorted(rows, key=lambda each: not _marks(each)) if len(rows) > MOST_ROWS else list(rows)
        return {
            "hosts": shown,
            "hosts_left_out": len(hosts) - len(shown),
            "rows": [self._row(each, shown, contested.get(each.row.scope, ())) for each in first[:MOST_ROWS]],
            "rows_left_out": max(0, len(rows) - MOST_ROWS),
        }

    def _row(
        self, shared_row: SharedRow, hosts: Sequence[str], contested: Iterable[tuple[int, SharedGraph]]
    ) -> dict[str, object]:
        row = shared_row.row
        of_host: dict[str, list[dict[str, object]]] = {}
        own: list[dict[str, object]] = []
        for form in row.forms:
            for attempt in form.attempts:
                cell = {"form": form.form, "number": attempt.number, "insecure": attempt.insecure}
                (own if attempt.is_source else of_host.setdefault(attempt.host, [])).append(cell)
        others = [(host, cells) for host, cells in of_host.items() if host not in hosts]
        lanes = [
            (number, each)
            for number, each in contested
            if number < MOST_LANES and not set(each.clusters).isdisjoint(shared_row.clusters)
        ]
        marks = _marks(shared_row)
        if any(each.graph.has_conflict for _, each in lanes):
            marks.insert(0, "conflict")
        return {
            "scope": row.scope,
            "group": self.group(shared_row.clusters),
            "marks": marks,
            "signed": row.signed,
            "cells": [of_host.get(host, []) for host in hosts],
            "own": own,
            "others": others,
            "lanes": [(number, graph_words.title(each.graph)) for number, each in lanes],
            "places": self.places(row.places),
            "forms": [self._form(row.scope, form, shared_row.clusters) for form in row.forms],
        }

    def _form(self, scope: str, form: FormRow, clusters: tuple[str, ...]) -> dict[str, object]:
        rest = f"{form.form}/{scope}"
        return {
            "form": form.form,
            "ids": [f"{name}/{rest}" if name else rest for name in clusters[:_MOST_ANCHORS]],
            "attempts": [
                {
                    "number": attempt.number,
                    "location": attempt.location,
                    "insecure": attempt.insecure,
                    "is_source": attempt.is_source,
                    "places": self.places(attempt.places),
                }
                for attempt in form.attempts
            ],
            "dead": form.dead,
            "invalid": form.invalid,
        }

    def _lanes(self, number: int, shared_graph: SharedGraph) -> dict[str, object]:
        graph = shared_graph.graph
        drawn = svg.picture(shared_graph)
        return {
            "number": number,
            "picture": drawn,
            "title": graph_words.title(graph),
            "size": graph_words.size(graph),
            "conflict": graph.has_conflict,
            "sentences": list(graph_words.conflicts(graph)),
            "group": self.group(shared_graph.clusters),
            "lists": [
                {"letter": each.letter, "broken": each.broken, "places": self.places(lane.places)}
                for each, lane in zip(drawn.lanes, graph.lanes, strict=True)
            ],
        }

    def places(self, spans: Sequence[Span], *, with_source: bool = False) -> dict[str, object]:
        """The first places, and how many more there are."""
        shown = [self._place(span, with_source=with_source) for span in spans[:_MOST_PLACES]]
        return {"shown": shown, "more": len(spans) - len(shown)}

    def _place(self, span: Span, *, with_source: bool = False) -> LinkedPlace:
        line = span.begin.line
        return LinkedPlace(
            text=f"{span.path}:{line}",
            href=self._report.link(span.path, line),
            source=_source(span) if with_source else "",
        )

    # --- Findings, images, change -------------------------------------------------

    def _findings(self) -> list[dict[str, object]]:
        order = list(Severity)
        found = [(names, finding) for names, findings in self._report.inspection.groups for finding in findings]
        found.sort(key=lambda each: order.index(each[1].severity))  # stable: then by file and position
        return [self._finding(finding, names) for names, finding in found[:MOST_FINDINGS]]

    def _finding(self, finding: Diagnostic, names: tuple[str, ...] = ()) -> dict[str, object]:
        return {
            "severity": finding.severity.value,
            "rule": finding.rule,
            "message": finding.message,
            "help": finding.help,
            "place": self._place(finding.span, with_source=True),
            "labels": [
                (self._place(label.span, with_source=True), label.text) for label in finding.related[:_MOST_PLACES]
            ],
            "group": self.group(names) if any(names) else None,
        }

    def _images(self) -> list[dict[str, object]]:
        report = self._report
        return [
            {
                "text": image.text,
                "standings": [
                    {
                        "status": _STATUS[standing.status],
                        "mirrored": standing.status is Status.MIRRORED,
                        "detail": standing.detail,
                        "signed": standing.is_signed_mirror,
                        "from": report.served.get((image.text, clusters), ""),
                        "group": self.group(clusters) if any(clusters) else None,
                    }
                    for clusters, standing in image.standings
                ],
                "places": self.places([use.span for use in image.uses]),
            }
            for image in (report.images or ())[:MOST_IMAGES]
        ]

    def _changes(self) -> list[dict[str, object]]:
        return [self._change(names, each) for names, each in diff_words.grouped(self._report.comparisons or ())]

    def _change(self, names: tuple[str, ...], comparison: Comparison) -> dict[str, object]:
        changes = comparison.changes[:MOST_SCOPES]
        return {
            "group": self.group(names),
            "old": comparison.old,
            "new": comparison.new,
            "verdicts": [
                (", ".join(pools), str(verdict.disruption), diff_words.verdict_of(comparison, verdict.disruption))
                for pools, verdict in diff_words.by_verdict(comparison)
            ],
            "reasons": [
                (
                    str(group.disruption),
                    group.rule,
                    [reason.message for reason in group.reasons[:_MOST_PLACES]],
                    len(group.reasons),
                )
                for _, verdict in diff_words.by_verdict(comparison)
                for group in diff_words.by_cause(verdict.reasons)
            ],
            "scopes": [
                {
                    "name": diff_words.scope_name(change.scope),
                    "effects": [
                        (diff_words.pulls_of(effect), effect.message) for effect in diff_words.told_effects(change)
                    ],
                    "orders": [
                        {"pulls": diff_words.pulls_of(order), "lines": diff_words.side_by_side(order)}
                        for order in change.orders
                    ],
                }
                for change in changes
            ],
            "scopes_left_out": len(comparison.changes) - len(changes),
            "new_findings": [self._finding(each) for each in comparison.new_findings[:MOST_FINDINGS]],
            "gone_findings": [self._finding(each) for each in comparison.gone_findings[:MOST_FINDINGS]],
            "unreadable": [self._finding(each) for each in comparison.unreadable],
        }


def _marks(shared_row: SharedRow) -> list[str]:
    return list(_marked(shared_row))


def _marked(shared_row: SharedRow) -> Iterator[str]:
    """What is special about a row, in words."""
    row = shared_row.row
    if row.blocked:
        yield "blocked"
    if row.refused:
        yield "refused by policy.json"
    if any(form.invalid for form in row.forms):
        yield "some pulls fail"
    if any(form.dead for form in row.forms):
        yield "blocked mirror"
    if row.never:
        yield "source never contacted"
    if row.insecure or any(attempt.insecure for form in row.forms for attempt in form.attempts):
        yield "insecure"
    if row.signed:
        yield "signature required"


_STATUS = {
    Status.INVALID: "error",
    Status.BLOCKED: "blocked",
    Status.NOT_MIRRORED: "not mirrored",
    Status.DIGESTS_ONLY: "digests only",
    Status.TAGS_ONLY: "tags only",
    Status.MIRRORED: "mirrored",
}


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
