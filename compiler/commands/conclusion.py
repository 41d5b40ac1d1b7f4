"""The end of a check: its reports, what it says beside them, and its exit code.

In: what was read and what was found of it. Out: the same for `check` and for a build that foresees how it ends.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from compiler.commands.common import exit_code, report_temporary, terminal_width
from compiler.commands.console import say_note
from compiler.text.wording import counted, joined, some_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from compiler.checks.inspection import Inspection
    from compiler.clusters.account import Account, FileRecord
    from compiler.clusters.homes import HomeRecord
    from compiler.clusters.workspace import Workspace
    from compiler.commands.targets import ReportTarget
    from compiler.findings.baseline import Compared


class ReportView(NamedTuple):
    """What options ask of the reports."""

    strict: bool = False
    statistics: bool = False
    show_files: bool = False
    docs_url: str = ""
    paths: "Sequence[str]" = ()


_AS_HOOK = ReportView()


def conclude(
    workspace: "Workspace",
    inspection: "Inspection",
    compared: "Compared | None",
    targets: "Sequence[ReportTarget]",
    *,
    view: ReportView = _AS_HOOK,
    removed: "Collection[str]" = (),
) -> int:
    """Print all that a check has found, and give the exit code.

    Args:
        workspace: What was looked at.
        inspection: What was found, without what a baseline hides.
        compared: What it hides.
        targets: The reports.
        view: What is asked of them.
        removed: Files of a killed run that are gone by now.
    """
    from compiler.clusters.homes import file_records
    from compiler.commands.answer import Locator, colours, give_each
    from compiler.commands.baselines import tell_stale
    from compiler.reporters import count_as, render
    from compiler.reporters.findings.report import Report

    files = workspace.files
    code = exit_code(inspection.diagnostics, strict=view.strict)
    report = Report(
        diagnostics=inspection.diagnostics,
        groups=inspection.groups,
        clusters=inspection.clusters,
        files=files,
        allowed=len(inspection.allowed),
        archived=inspection.archived,
        apart=inspection.apart,
        compared=compared,
        complete=code != 2,
        strict=view.strict,
        unread=workspace.account.summary,
        homes=tuple(map(_home, workspace.homes)),
        shown_files=tuple(map(_file, file_records(workspace.account, workspace.homes))) if view.show_files else None,
        locate=Locator(),
        width=terminal_width(),
        docs_url=view.docs_url,
    )
    render_as = count_as if view.statistics else render
    give_each(targets, lambda target: render_as(target.format, replace(report, colour=colours(target))))
    _tell_homes(workspace.homes)
    if workspace.pipelines:
        say_note(f"Read by Konflux pipelines, for no cluster: {some_of(workspace.pipelines, _MOST_HOMES)}")
    _tell_archived(inspection)
    _tell_apart(inspection)
    summary = _summary(inspection, len(files), workspace.account, compared)
    say_note(f"{summary}{_not_text(view.paths)}" if summary == _NOTHING else summary)
    if compared is not None:
        tell_stale(compared)
    temporary = [each for each in workspace.temporary if each not in removed]
    report_temporary(temporary, "Remove what is listed: a commit would contain it.")
    return max(code, 1) if temporary else code


_MOST_HOMES = 10
"""Places of policy in other documents that are named; the rest is counted."""


def _tell_homes(homes: "Sequence[HomeRecord]") -> None:
    """Name the places of policy that were read inside other documents."""
    from compiler.clusters.homes import told

    if not homes:
        return
    lines = [f"  {line}" for line in dict.fromkeys(map(told, homes))]
    more = [f"  and {len(lines) - _MOST_HOMES} more"] if len(lines) > _MOST_HOMES else []
    say_note("Read in other documents:", *lines[:_MOST_HOMES], *more)


def _tell_archived(inspection: "Inspection") -> None:
    """Name the backups and archives whose findings are not listed."""
    from compiler.text.wording import ticked

    paths = list(dict.fromkeys(each.path for each in inspection.archived))
    if paths:
        count = counted(len(inspection.archived), "finding")
        say_note(
            f"Not listed: {count} in backups and archives: {some_of(ticked(paths[:_MOST_HOMES]), 3, of=len(paths))}",
            "  Name such a file or folder as a path to check it.",
        )


def _tell_apart(inspection: "Inspection") -> None:
    """Name the files whose findings about each other are not listed."""
    from compiler.text.wording import ticked

    folders = list(dict.fromkeys(each.path.rpartition("/")[0] for each in inspection.apart))
    if folders:
        count = counted(len(inspection.apart), "finding")
        say_note(
            f"Not listed: {count} about files that may not be applied together: "
            f"{some_of(ticked(folders[:_MOST_HOMES]), 3, of=len(folders))}",
            "  Say in .mirrorc.yaml which of them a cluster gets to see them; `mirrorc init` writes it.",
        )


def _home(record: "HomeRecord") -> "Mapping[str, object]":
    home = record.home
    return {
        "path": record.path,
        "line": record.line,
        "form": home.form,
        "holder": home.holder,
        "objects": [{"kind": each.kind, "name": each.name.value} for each in home.manifests],
        "files": [text.path for text in home.node_texts],
        "clusters": list(record.clusters),
        "for": record.words,
        "notes": list(home.said),
    }


def _file(record: "FileRecord") -> "Mapping[str, object]":
    return {
        "path": record.path,
        "status": record.status.value,
        "form": record.form,
        "lines": list(record.lines),
        "clusters": list(record.clusters),
        "reason": record.reason,
    }


_NOTHING = "no mirror manifests found"


def _not_text(paths: "Sequence[str]") -> str:
    """Which of the files that the user named are not text, to end a sentence with."""
    from compiler.repository.files import Candidate, is_binary, read
    from compiler.repository.paths import printable

    data = ((printable(path), read(Candidate(path, path))) for path in paths[:_MOST_HOMES])
    found = [f"`{path}`" for path, each in data if isinstance(each, bytes) and is_binary(each)]
    return f": {joined(found)} {'is' if len(found) == 1 else 'are'} not text" if found else ""


def _summary(inspection: "Inspection", files: int, account: "Account", compared: "Compared | None") -> str:
    unread = account.unread_words
    if not files and not inspection.diagnostics and not unread and not (compared and compared.places):
        return _NOTHING
    parts = [f"{counted_findings(inspection)} in {counted(files, 'file')}" if files else "0 manifests"]
    if inspection.clusters > 1:
        parts[0] += f" of {inspection.clusters} clusters"
    if inspection.allowed:
        parts.append(f"{len(inspection.allowed)} suppressed")
    if compared is not None and compared.places:
        parts.append(f"{compared.places} hidden by the baseline")
    if inspection.apart:
        parts.append(f"{len(inspection.apart)} about files that may not be applied together")
    if inspection.archived:
        parts.append(f"{len(inspection.archived)} in backups and archives")
    if fixable := _fixable(inspection):
        parts.append(f"`--fix` can fix {fixable}")
    if unread:
        parts.append(unread)
    return "; ".join(parts)


def _fixable(inspection: "Inspection") -> int:
    """How many of the findings have a safe fix."""
    if not any(finding.fix for finding in inspection.diagnostics):
        return 0
    from compiler.findings.diagnostics import is_safe

    return sum(map(is_safe, inspection.diagnostics))


def suggested(inspection: "Inspection") -> str:
    """What is to be said of the suggested fixes that a diff does not show; empty where there is none."""
    if not any(finding.fix for finding in inspection.diagnostics):
        return ""
    from compiler.findings.diagnostics import is_suggested

    count = sum(map(is_suggested, inspection.diagnostics))
    return f"`--unsafe-fixes` shows {count} more" if count else ""


def counted_findings(inspection: "Inspection") -> str:
    """The findings by severity, as text."""
    from compiler.findings.diagnostics import Severity

    counts = {
        severity: sum(diagnostic.severity is severity for diagnostic in inspection.diagnostics)
        for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    }
    return ", ".join(counted(count, severity) for severity, count in counts.items() if count) or "no findings"
