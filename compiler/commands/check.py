"""`mirrorc check`."""

import sys
from functools import partial

import click

from compiler.commands import hooks
from compiler.commands.command import Command, Option
from compiler.commands.common import (
    exit_code,
    standard_input,
)
from compiler.commands.completing import FILE
from compiler.commands.conclusion import ReportView, conclude, counted_findings, suggested
from compiler.commands.console import say
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
from compiler.text.wording import counted


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
        rest = "" if unsafe_fixes else suggested(left)
        say(f"{todo} to apply; {counted_findings(left)}{' after that' if mended.done else ''}{rest and '; ' + rest}")
        code = max(int(bool(mended.after)), exit_code(left.diagnostics, strict=strict))
        sys.exit(3 if mended.refuted else code)
    fixed = fix_manifests(workspace, inspection, suggested=unsafe_fixes) if fix else None
    if fixed and fixed.any_written:  # what is built of the files has to follow too
        again = read(clusters, piped, every=all_configured(paths), show_files=show_files).workspace
        workspace = again.following(workspace)
        inspection = workspace.inspect()
    if write_baseline is not None:
        accepted = write_accepted(write_baseline, inspection)
    compared = None
    if accepted is not None:
        compared = compare_findings(accepted, inspection, workspace, every=all_configured(paths))
        inspection = without_accepted(inspection, compared)
    view = ReportView(strict=strict, statistics=statistics, show_files=show_files, docs_url=docs_url, paths=paths)
    code = conclude(workspace, inspection, compared, targets, view=view)
    if fixed and not fixed.all_proven:
        sys.exit(3)
    if turn is not None:
        from compiler.commands.build import foresee

        turn.leave(foresee(reading, heard, code=code, compared=compared))
    sys.exit(2 if fixed and not fixed.all_written else code)
