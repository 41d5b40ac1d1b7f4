"""`mirrorc check`."""

import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from compiler.commands.common import (
    choose_clusters,
    cluster_options,
    exit_code,
    paths_argument,
    plural,
    progress,
    standard_input,
    terminal_width,
    wants_colour,
)
from compiler.reporters import FORMATS

if TYPE_CHECKING:
    from compiler.cluster import Cluster
    from compiler.fixes import Mended
    from compiler.inspection import Inspection


@click.command()
@paths_argument
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    metavar="FORMAT",
    help=f"How to report: {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.  [default: {FORMATS[0]}]",
)
@click.option("-o", "--output", metavar="FILE", help="Write the report to FILE instead of standard output.")
@click.option("--strict", is_flag=True, help="Exit 1 for warnings too.")
@click.option("--fix", is_flag=True, help="Make the safe fixes, and report what is left.")
@click.option("--diff", is_flag=True, help="Show the safe fixes as a diff, and write nothing.")
@cluster_options
def command(
    paths: tuple[str, ...],
    format_: str | None,
    output: str | None,
    strict: bool,  # noqa: FBT001 - click passes it by name
    fix: bool,  # noqa: FBT001 - click passes it by name
    diff: bool,  # noqa: FBT001 - click passes it by name
    release: str | None,
    pools: tuple[str, ...],
    release_image: str | None,
    severities: tuple[str, ...],
    tracked_only: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Say what is wrong with manifests, where, and what to do.

    A finding that is meant to be is kept by a comment on its line or the line above: `# mirrorc: allow RULE -- reason`.
    """
    if diff and format_ is not None:
        message = "--diff shows a diff and no report: leave --format out."
        raise click.UsageError(message)
    clusters = choose_clusters(
        paths,
        release=release,
        pools=pools,
        release_image=release_image,
        severities=severities,
        tracked_only=tracked_only,
    )
    from compiler.cluster import STANDARD_INPUT
    from compiler.commands.answer import Locator, give
    from compiler.mending import differences
    from compiler.reporters import render
    from compiler.reporters.report import Report

    if fix and not diff and any(STANDARD_INPUT in cluster.paths for cluster in clusters):
        message = "--fix cannot write to standard input: use --diff, or name files."
        raise click.UsageError(message)
    run = _Run(clusters)
    locate = Locator()
    inspection = run.inspect()
    if diff:
        mended = run.mend(inspection)
        left = run.inspect(mended.after)
        give(differences(mended, run.paths, locate), output)
        todo = plural(len(mended.done), "fix", "fixes") if mended.done else "no fixes"
        click.echo(f"{todo} to make; {_counted(left)}{' after that' if mended.done else ''}", err=True)
        sys.exit(max(int(bool(mended.after)), exit_code(left.diagnostics, strict=strict)))
    failed = 0
    if fix:
        inspection, failed = _fix(run, inspection)
    files = run.files
    code = exit_code(inspection.diagnostics, strict=strict)
    report = Report(
        diagnostics=inspection.diagnostics,
        groups=inspection.groups,
        clusters=inspection.clusters,
        files=files,
        allowed=len(inspection.allowed),
        complete=code != 2,
        strict=strict,
        locate=locate,
        width=terminal_width(),
        colour=output is None and wants_colour(sys.stdout),
    )
    give(render(format_ or "text", report), output)
    click.echo(_summary(inspection, len(files)), err=True)
    sys.exit(max(failed, code))


class _Run:
    """The clusters with what was read of them, to be inspected as they are or with other texts in some files."""

    def __init__(self, clusters: "Sequence[Cluster]") -> None:
        from compiler.cluster import load_clusters

        self.clusters = clusters
        self.loaded = load_clusters(clusters, standard_input=standard_input(clusters), progress=progress())

    @property
    def paths(self) -> tuple[str, ...]:
        """What leads to the files, each once."""
        from compiler.cluster import STANDARD_INPUT

        paths = dict.fromkeys(path for cluster in self.clusters for path in cluster.paths)
        return tuple(path for path in paths if path != STANDARD_INPUT)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that hold manifests or what looks like one, each once."""
        parsed = (each for loaded in self.loaded for each in loaded.parsed)
        return tuple(sorted({each.file.path for each in parsed if each.manifests or each.diagnostics}))

    def inspect(self, texts: Mapping[str, str] = MappingProxyType({})) -> "Inspection":
        """Everything there is to say if the files at these paths hold these texts."""
        from compiler.inspection import inspect
        from compiler.memo import FORGETFUL, Memo
        from compiler.parsing import Parsed, parse
        from compiler.pipeline import analyse
        from compiler.span import File

        memo = Memo() if len(self.clusters) > 1 else FORGETFUL
        again: dict[tuple[str, str], Parsed] = {}
        analyses = {}
        for cluster, loaded in zip(self.clusters, self.loaded, strict=True):
            settings = cluster.settings
            parsed = list(loaded.parsed)
            for index, each in enumerate(parsed):
                path = each.file.path
                if path in texts:
                    key = (path, settings.release.name)
                    if key not in again:
                        again[key] = parse(File(path, texts[path]), settings.release)
                    parsed[index] = again[key]
            analyses[cluster.name] = (analyse(parsed, settings, loaded.problems, memo=memo), settings)
        return inspect(analyses)

    def mend(self, inspection: "Inspection") -> "Mended":
        """What the safe fixes make of the files."""
        from compiler.fixes import mend

        return mend(inspection.diagnostics, lambda texts: self.inspect(texts).diagnostics)


def _fix(run: _Run, inspection: "Inspection") -> "tuple[Inspection, int]":
    """Make the fixes, say so, and give what is left, with exit code 2 where a file could not be written."""
    from compiler.mending import write_back

    mended = run.mend(inspection)
    problems = write_back(mended, run.paths)
    for problem in problems:
        click.echo(f"mirrorc: {problem.path} {problem.message}\n  {problem.help}", err=True)
    unwritten = {problem.path for problem in problems}
    for diagnostic in mended.done:
        if diagnostic.fix is not None and diagnostic.path not in unwritten:
            click.echo(f"{diagnostic.span}: fixed[{diagnostic.rule}]: {diagnostic.fix.title}", err=True)
    if not mended.settled:
        click.echo("some fixes bring back what they mend: stopped after several rounds", err=True)
    written = {path: text for path, text in mended.after.items() if path not in unwritten}
    return (run.inspect(written) if written else inspection), 2 if problems else 0


def _summary(inspection: "Inspection", files: int) -> str:
    from compiler.fixes import is_safe

    if not files and not inspection.diagnostics:
        return "no mirror manifests found"
    parts = [f"{_counted(inspection)} in {plural(files, 'file')}"]
    if inspection.clusters > 1:
        parts[0] += f" of {inspection.clusters} clusters"
    if inspection.allowed:
        parts.append(f"{len(inspection.allowed)} allowed")
    fixable = sum(map(is_safe, inspection.diagnostics))
    if fixable:
        parts.append(f"`--fix` can mend {fixable}")
    return "; ".join(parts)


def _counted(inspection: "Inspection") -> str:
    from compiler.diagnostics import Severity

    counts = {
        severity: sum(diagnostic.severity is severity for diagnostic in inspection.diagnostics)
        for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    }
    return ", ".join(plural(count, severity) for severity, count in counts.items() if count) or "no findings"
