"""What every format is made from: the findings, what was looked at, and how its files are named."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.text.span import Span

if TYPE_CHECKING:
    from compiler.findings.baseline import Compared


def _as_shown(path: str) -> str:
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The findings of a run and what a format may have to say beside them.

    Attributes:
        diagnostics: The findings, by file and position.
        groups: The same by the clusters they concern; one group, of no names, where no clusters are configured.
        clusters: How many clusters were looked at.
        files: The shown paths of the files that were looked at, in order.
        allowed: How many findings the manifests' comments silence.
        archived: The findings in backups and archives, which are only counted.
        apart: Those about files that may not be applied together, which are only counted.
        compared: What a baseline hides of the findings, and its entries that match none; None without a baseline.
        complete: Every path that was asked for could be read.
        homes: The places of policy that were read inside other documents, as JSON has them.
        shown_files: The files with mirror policy and what became of each, as JSON has them; None where not asked for.
        unread: In how many places and files mirror policy was not read, by these words.
        strict: Warnings fail the run too.
        locate: Gives for a shown path the one that programs get: relative to the top of the repo.
        width: Columns that text fits into.
        colour: Whether text is coloured.
        docs_url: Where the rules are documented; `{rule}` is replaced by the name of the rule. Empty if unknown.
    """

    diagnostics: tuple[Diagnostic, ...]
    groups: tuple[tuple[tuple[str, ...], tuple[Diagnostic, ...]], ...] = ()
    clusters: int = 1
    files: tuple[str, ...] = ()
    allowed: int = 0
    archived: tuple[Diagnostic, ...] = ()
    apart: tuple[Diagnostic, ...] = ()
    compared: "Compared | None" = None
    complete: bool = True
    unread: Mapping[str, int] = field(default_factory=lambda: {"places": 0, "files": 0})
    homes: tuple[Mapping[str, object], ...] = ()
    shown_files: tuple[Mapping[str, object], ...] | None = None
    strict: bool = False
    locate: Callable[[str], str] = _as_shown
    width: int = 80
    colour: bool = False
    docs_url: str = ""

    def docs_of(self, rule: str) -> str:
        """Where a rule is documented; empty where that is not known."""
        if not self.docs_url:
            return ""
        return self.docs_url.replace("{rule}", rule) if "{rule}" in self.docs_url else f"{self.docs_url}#{rule}"

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(diagnostic.severity is severity for diagnostic in self.diagnostics)

    def concerned(self) -> dict[Diagnostic, tuple[str, ...]]:
        """The names of the clusters that each finding concerns, none where they have no names."""
        return {each: tuple(name for name in names if name) for names, told in self.groups for each in told}

    def named(self) -> dict[Diagnostic, str]:
        """The same in words, such as `both clusters`, where there are several clusters."""
        from compiler.findings.by_cluster import named

        if self.clusters == 1:
            return {}
        return {each: named(names, self.clusters) for names, told in self.groups if any(names) for each in told}

    def fails(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding alone makes the run fail."""
        return diagnostic.severity is Severity.ERROR or (self.strict and diagnostic.severity is Severity.WARNING)

    def worst_first(self) -> list[Diagnostic]:
        """The findings for consumers that read only so many: errors, then warnings, then notes."""
        order = tuple(Severity)
        return sorted(self.diagnostics, key=lambda diagnostic: order.index(diagnostic.severity))

    def fingerprints(self) -> Iterator[tuple[Diagnostic, str]]:
        """Each finding, in order, with what identifies it from run to run: unique, and the same after lines move.

        It is made of the rule, the file and the text of the finding's line. Findings that have all of these in
        common are numbered from the top.
        """
        from compiler.findings.baseline import fingerprints

        return fingerprints(self.diagnostics, self.locate, self.compared.digests if self.compared else None)


def region(span: Span) -> dict[str, int]:
    """A span as programs get it: 1-based lines and columns in code points, the end exclusive."""
    file, start, end = span
    (line, column), (end_line, end_column) = file.position(start), file.position(end)
    return {"line": line, "column": column, "endLine": end_line, "endColumn": end_column}
