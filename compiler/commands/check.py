"""`mirrorc check`."""

import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from compiler.commands import hooks
from compiler.commands.command import Command, Option
from compiler.commands.common import (
    exit_code,
    report_temporary,
    standard_input,
    terminal_width,
)
from compiler.commands.completing import FILE
from compiler.commands.console import say, say_note
from compiler.commands.options import (
    all_configured,
    choose_clusters,
    cluster_options,
    config_location,
    paths_argument,
    refuse_image_rules,
    values_options,
)
from compiler.commands.reading import read
from compiler.commands.targets import ReportTarget, report_options, resolve
from compiler.reporters import FORMATS
from compiler.text.wording import counted, some_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from compiler.checks.inspection import Inspection
    from compiler.clusters.account import Account, FileRecord
    from compiler.clusters.homes import HomeRecord
    from compiler.clusters.workspace import Workspace
    from compiler.findings.baseline import Compared


@click.command(
    cls=Command,
    examples=(
        ("Check the clusters of .mirrorc.yaml, or the current folder", "mirrorc check"),
        ("Apply the safe fixes, and fail on warnings too", "mirrorc check --fix --strict"),
        ("Show the suggested fixes too", "mirrorc check --diff --unsafe-fixes"),
        ("Accept the findings of today, and report only new ones later", "mirrorc check --write-baseline FILE"),
        ("Write several reports in one run", "mirrorc check --format github --format sarif=mirrorc.sarif"),
    ),
)
@paths_argument
@report_options(FORMATS)
@Option.of("--strict", is_flag=True, help="Exit 1 for warnings too.", group="Rule")
@Option.of(
    "--baseline",
    metavar="FILE",
    type=FILE,
    help="Report only findings that are not in FILE.  [default: `baseline` of .mirrorc.yaml]",
    group="Rule",
)
@Option.of(
    "--write-baseline",
    metavar="FILE",
    type=FILE,
    help="Write all findings to FILE, as a baseline for later runs.",
    group="Rule",
)
@Option.of("--fix", is_flag=True, help="Apply the safe fixes, and report the remaining findings.", group="Rule")
@Option.of("--diff", is_flag=True, help="Show the fixes as a diff, and write nothing.", group="Rule")
@Option.of(
    "--unsafe-fixes",
    is_flag=True,
    help="With --fix or --diff: the suggested fixes too, which may not be what you mean.",
    group="Rule",
)
@Option.of(
    "--docs-url",
    metavar="URL",
    default="",
    help="Where your copy of docs/rules.md is, for links in SARIF; `{rule}` is replaced by the rule's name.",
    group="Output",
)
@Option.of(
    "--show-files",
    is_flag=True,
    help="List each file with mirror policy: read, not read or passed over, and why (text, json).",
    group="Output",
)
@Option.of(
    "--statistics", is_flag=True, help="Count findings by rule instead of listing them (text, json).", group="Output"
)
@values_options
@cluster_options
def command(
    paths: tuple[str, ...],
    formats: tuple[ReportTarget, ...],
    output: str | None,
    strict: bool,  # noqa: FBT001 - click passes it by name
    baseline: str | None,
    write_baseline: str | None,
    fix: bool,  # noqa: FBT001 - click passes it by name
    diff: bool,  # noqa: FBT001 - click passes it by name
    unsafe_fixes: bool,  # noqa: FBT001 - click passes it by name
    docs_url: str,
    show_files: bool,  # noqa: FBT001 - click passes it by name
    statistics: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Check mirror manifests and report problems.

    A comment on the line of a finding or the line above suppresses it: `# mirrorc: allow RULE -- reason`.
    """
    turn = hooks.begin(hooks.CHECK)
    refuse_image_rules("check")
    if diff and formats:
        message = "--diff shows a diff and no report: do not use it with --format."
        raise click.UsageError(message)
    if write_baseline in {"", "-"}:
        message = "--write-baseline needs the name of a file."
        raise click.UsageError(message)
    if write_baseline is not None and (baseline is not None or fix or diff):
        message = "--write-baseline writes all findings: do not use it with --baseline, --fix or --diff."
        raise click.UsageError(message)
    if unsafe_fixes and not (fix or diff):
        message = "--unsafe-fixes goes with --fix or --diff."
        raise click.UsageError(message)
    from compiler.commands.answer import give_flaws
    from compiler.commands.baselines import compare_findings, read_baseline, without_accepted, write_accepted
    from compiler.repository.files import is_stream

    if fix or diff:
        from compiler.commands.fixing import fix_manifests, mend_configuration, show_manifests

        mend_configuration(config_location(paths), diff=diff, output=output, suggested=unsafe_fixes)
    targets = resolve(formats, output, FORMATS) if not diff else ()
    if statistics and any(target.format not in {"text", "json"} for target in targets):
        message = "--statistics counts as text or json only."
        raise click.UsageError(message)
    if show_files and all(target.format not in {"text", "json"} for target in targets):
        message = "--show-files lists files as text or json only."
        raise click.UsageError(message)
    flaws = partial(give_flaws, targets=targets)
    clusters = choose_clusters(paths, flaws=None if diff else flaws)
    if fix and not diff and any(is_stream(path) for cluster in clusters for path in cluster.paths):
        message = "--fix cannot write to standard input or a pipe: use --diff, or give files."
        raise click.UsageError(message)
    accepted = read_baseline(baseline) if write_baseline is None else None
    piped = standard_input(clusters)
    reading = read(clusters, piped, every=all_configured(paths), show_files=show_files)
    heard = turn.heard() if turn is not None else ()
    workspace = reading.workspace
    inspection = workspace.inspect()
    if diff:
        mended, left = show_manifests(workspace, inspection, output, suggested=unsafe_fixes)
        if accepted is not None:
            left = without_accepted(left, compare_findings(accepted, left, workspace, every=all_configured(paths)))
        todo = counted(len(mended.done), "fix", "fixes") if mended.done else "no fixes"
        rest = "" if unsafe_fixes else _suggested(left)
        say(f"{todo} to apply; {_counted(left)}{' after that' if mended.done else ''}{rest and '; ' + rest}")
        code = max(int(bool(mended.after)), exit_code(left.diagnostics, strict=strict))
        sys.exit(3 if mended.refuted else code)
    fixed = fix_manifests(workspace, inspection, suggested=unsafe_fixes) if fix else None
    if fixed and fixed.any_written:  # what is built of the files has to follow too
        workspace = read(clusters, piped, every=all_configured(paths), show_files=show_files).workspace
        inspection = workspace.inspect()
    if write_baseline is not None:
        accepted = write_accepted(write_baseline, inspection)
    compared = None
    if accepted is not None:
        compared = compare_findings(accepted, inspection, workspace, every=all_configured(paths))
        inspection = without_accepted(inspection, compared)
    view = _View(strict=strict, statistics=statistics, show_files=show_files, docs_url=docs_url)
    code = conclude(workspace, inspection, compared, targets, view=view)
    if fixed and not fixed.all_proven:
        sys.exit(3)
    if turn is not None:
        from compiler.commands.build import foresee

        turn.leave(foresee(reading, heard, code=code, compared=compared))
    sys.exit(2 if fixed and not fixed.all_written else code)


class _View(NamedTuple):
    """What options ask of the reports."""

    strict: bool = False
    statistics: bool = False
    show_files: bool = False
    docs_url: str = ""


_AS_HOOK = _View()


def conclude(
    workspace: "Workspace",
    inspection: "Inspection",
    compared: "Compared | None",
    targets: "Sequence[ReportTarget]",
    *,
    view: _View = _AS_HOOK,
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
    say_note(_summary(inspection, len(files), workspace.account, compared))
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


def _summary(inspection: "Inspection", files: int, account: "Account", compared: "Compared | None") -> str:
    unread = account.unread_words
    if not files and not inspection.diagnostics and not unread and not (compared and compared.places):
        return "no mirror manifests found"
    parts = [f"{_counted(inspection)} in {counted(files, 'file')}" if files else "0 manifests"]
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


def _suggested(inspection: "Inspection") -> str:
    """What is to be said of the suggested fixes that a diff does not show; empty where there is none."""
    if not any(finding.fix for finding in inspection.diagnostics):
        return ""
    from compiler.findings.diagnostics import is_suggested

    count = sum(map(is_suggested, inspection.diagnostics))
    return f"`--unsafe-fixes` shows {count} more" if count else ""


def _counted(inspection: "Inspection") -> str:
    from compiler.findings.diagnostics import Severity

    counts = {
        severity: sum(diagnostic.severity is severity for diagnostic in inspection.diagnostics)
        for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    }
    return ", ".join(counted(count, severity) for severity, count in counts.items() if count) or "no findings"
