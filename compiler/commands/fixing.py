"""`check --fix` and `--diff`: what is fixed, and what is reported about it."""

import sys
from typing import TYPE_CHECKING, NamedTuple

from compiler import __version__
from compiler.commands.answer import Locator, give
from compiler.commands.common import fail
from compiler.commands.console import say

if TYPE_CHECKING:
    from compiler.checks.inspection import Inspection
    from compiler.clusters.workspace import Workspace
    from compiler.findings.fixes import Mended
    from compiler.repository.write_back import Candidates


class Fixed(NamedTuple):
    """How the fixes went: whether a file was written, whether each could be, and whether each fix was right."""

    any_written: bool
    all_written: bool
    all_proven: bool


def fix_manifests(workspace: "Workspace", inspection: "Inspection", *, suggested: bool) -> Fixed:
    """Make the safe fixes, and if asked the suggested ones."""
    from compiler.repository.write_back import find

    mended, _ = workspace.mend(inspection, suggested=suggested)
    unwritten = _write(mended, find(workspace.paths, beside=workspace.built_from))
    return Fixed(mended.after.keys() > unwritten, not unwritten, not mended.refuted)


def show_manifests(
    workspace: "Workspace", inspection: "Inspection", output: str | None, *, suggested: bool
) -> "tuple[Mended, Inspection]":
    """Show the fixes as a diff. Returns them, and what would be left to say."""
    from compiler.repository.write_back import differences, find

    mended, left = workspace.mend(inspection, suggested=suggested)
    give(differences(mended, find(workspace.paths, beside=workspace.built_from), Locator()), output)
    _say_refuted(mended)
    return mended, left


def mend_configuration(location: str | None, *, diff: bool, output: str | None, suggested: bool) -> None:
    """Make the fixes of a configuration that cannot be used; under `diff` show them and end the program."""
    from compiler.clusters import config
    from compiler.clusters.cluster import read_config
    from compiler.commands.options import config_is_named
    from compiler.findings.fixes import mend
    from compiler.repository.files import Candidate
    from compiler.repository.write_back import differences
    from compiler.text.span import File

    usable, findings = read_config(location, named=config_is_named()) if location is not None else (None, ())
    if usable is not None or not findings or location is None:
        return
    path = findings[0].path
    mended = mend(findings, lambda texts: config.decode(File(path, texts[path]))[1], suggested=suggested)
    candidates = {path: [Candidate(path, location)]}
    if not diff:
        if _write(mended, candidates):
            fail(f"{location} cannot be used", "No other file was read.")
    else:
        _say_refuted(mended)
    if mended.refuted:
        sys.exit(3)
    if diff and mended.after:
        give(differences(mended, candidates, Locator()), output)
        say(f"{location} must be fixed first: no other file was read")
        sys.exit(1)


def _write(mended: "Mended", candidates: "Candidates") -> set[str]:
    """Write what was fixed, and say so. Returns the paths of the files that could not be written."""
    from compiler.repository.write_back import write_back

    problems = write_back(mended, candidates)
    for problem in problems:
        say(f"mirrorc: {problem.path} {problem.message}", f"  {problem.help}")
    unwritten = {problem.path for problem in problems}
    for diagnostic in mended.done:
        if diagnostic.fix is not None and diagnostic.path not in unwritten:
            say(f"{diagnostic.span}: fixed[{diagnostic.rule}]: {diagnostic.fix.title}")
    if not mended.settled:
        say("stopped: fixes are left, or cause the findings that others fix")
    _say_refuted(mended)
    return unwritten


def _say_refuted(mended: "Mended") -> None:
    """Say which fixes were not made since they would do something else than they should."""
    for each in mended.refuted:
        fix = f"the fix for {each.diagnostic.rule} at {each.diagnostic.span}"
        say(
            f"mirrorc {__version__} has a bug: {fix} was not made: {each.reason}",
            "Please report it, with the file.",
        )
