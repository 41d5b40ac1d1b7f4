"""The baseline of `check` and of `build --with-checks`: read, written, compared with the findings of a run.

In: the name of a file, from the command line or from the configuration. Out: the findings without those it accepts.
"""

import os
from functools import partial
from typing import TYPE_CHECKING

from compiler.commands.common import fail
from compiler.commands.console import say
from compiler.commands.options import configured_baseline
from compiler.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compiler.checks.inspection import Inspection
    from compiler.clusters.workspace import Workspace
    from compiler.findings.baseline import Baseline, Compared
    from compiler.findings.diagnostics import Diagnostic

_MOST_STALE = 8
"""Entries that are named; the rest is counted."""

_WRITE = "Write it with `mirrorc check --write-baseline FILE`."


def read_baseline(named: str | None = None) -> "Baseline | None":
    """The baseline that the user named, or the configuration that was read; ends the program if it cannot be used.

    One that the configuration names has to be in its repo, if only by a link.
    """
    configured = configured_baseline()
    if named is None and configured is None:
        return None
    from compiler.findings.baseline import SIZE_LIMIT, BaselineError, decode
    from compiler.repository import files
    from compiler.repository.git import tree_around
    from compiler.repository.paths import Problem, posix, printable
    from compiler.text.span import File

    location, root, place = named or "", "", ""
    if named is None and configured is not None:
        configuration, path = configured
        folder = os.path.dirname(configuration)  # noqa: PTH120 - names are texts
        location = os.path.join(folder, path.value)  # noqa: PTH118 - names are texts
        root, place = tree_around(folder or "."), f"{path.span}: "
    name = printable(posix(location))
    data = files.read(files.Candidate(name, location, root), limit=SIZE_LIMIT)
    file = files.decode(name, data) if isinstance(data, bytes) else data
    try:
        decoded = files.affordable(name, partial(decode, file)) if isinstance(file, File) else file
    except BaselineError as error:
        fail(f"{error.span}: the baseline cannot be used: {error}", error.help)
    if isinstance(decoded, Problem):
        fail(f"{place}the baseline {decoded.path} {decoded.message}", _WRITE)
    return decoded


def write_accepted(name: str, inspection: "Inspection") -> "Baseline | None":
    """Write all findings of a run to a file, and accept them; not where a path could not be read."""
    from compiler.commands.answer import Locator, give
    from compiler.commands.common import exit_code
    from compiler.findings.baseline import Baseline, entries_of, text_of

    if exit_code(inspection.diagnostics) == 2:
        say("mirrorc: no baseline was written", "  A path could not be read, so findings may be missing.")
        return None
    entries = entries_of(inspection.diagnostics, Locator())
    give(text_of(entries), name)
    say(f"mirrorc: {counted(len(entries), 'finding')} written to {name}")
    return Baseline(name=name, entries=entries)


def compare_findings(
    baseline: "Baseline",
    inspection: "Inspection",
    workspace: "Workspace",
    *,
    every: bool,
    stop: "Iterable[Diagnostic]" = (),
) -> "Compared":
    """Compare the findings of a run.

    Args:
        baseline: What is accepted.
        inspection: The findings of the run.
        workspace: What the run looked at.
        every: It looked at all clusters of the configuration.
        stop: Findings of a build: the errors among them keep it from being made, and are never hidden.
    """
    from compiler.commands.answer import Locator
    from compiler.findings.baseline import compare
    from compiler.findings.diagnostics import Severity
    from compiler.findings.rules import RULES
    from compiler.manifests.load import was_unread

    locate = Locator()
    files = frozenset(map(locate, workspace.files))
    # One without a name or a configuration has all that is below its paths, which may be the current folder.
    whole = [cluster for cluster in workspace.clusters if not (cluster.name and cluster.configuration)]
    every = every and not whole
    folders = [locate(f"{path}/x")[:-1] for cluster in whole for path in cluster.paths if path != "-"]
    kept = {part.sort_key for found in stop if found.severity is Severity.ERROR for part in found.each}
    unread = any(map(was_unread, inspection.diagnostics))

    def looked_at(path: str) -> bool:
        return not unread and (every or path in files or any(path.startswith(folder) for folder in folders))

    return compare(
        baseline, inspection.diagnostics, locate, looked_at, adjustable=lambda rule: RULES[rule].adjustable, kept=kept
    )


def without_accepted(inspection: "Inspection", compared: "Compared") -> "Inspection":
    """What a baseline leaves of the findings of a run."""
    groups = ((names, compared.new(told)) for names, told in inspection.groups)
    return inspection._replace(
        diagnostics=compared.new(inspection.diagnostics),
        groups=tuple((names, told) for names, told in groups if told),
    )


def tell_stale(compared: "Compared") -> None:
    """Name the entries that match no finding any more."""
    stale = compared.stale
    if not stale:
        return
    lines = [f"  {each.path}: {each.rule}: {each.message}" for each in stale[:_MOST_STALE]]
    more = [f"  and {len(stale) - _MOST_STALE} more"] if len(stale) > _MOST_STALE else []
    match = "matches" if len(stale) == 1 else "match"
    say(
        f"mirrorc: {counted(len(stale), 'entry', 'entries')} of {compared.name} no longer {match} a finding",
        *lines,
        *more,
        "  Write the file again with `mirrorc check --write-baseline FILE`.",
    )
