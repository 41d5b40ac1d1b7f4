"""`check --fix` and `--diff`: what is mended, and what people are told about it."""

import sys
from typing import TYPE_CHECKING

from compiler.commands.answer import Locator, give
from compiler.commands.common import fail
from compiler.commands.console import say

if TYPE_CHECKING:
    from compiler.checks.inspection import Inspection
    from compiler.clusters.workspace import Workspace
    from compiler.findings.fixes import Mended
    from compiler.repository.write_back import Candidates


def fix_manifests(workspace: "Workspace", inspection: "Inspection") -> tuple[bool, bool]:
    """Make the fixes. Returns whether anything was written, and whether everything could be."""
    from compiler.repository.write_back import find

    mended = workspace.mend(inspection)
    unwritten = _write(mended, find(workspace.paths))
    return mended.after.keys() > unwritten, not unwritten


def show_manifests(workspace: "Workspace", inspection: "Inspection", output: str | None) -> "tuple[Mended, Inspection]":
    """Show the fixes as a diff. Returns them, and what would be left to say."""
    from compiler.repository.write_back import differences, find

    mended = workspace.mend(inspection)
    give(differences(mended, find(workspace.paths), Locator()), output)
    return mended, workspace.inspect(mended.after)


def mend_configuration(location: str | None, *, diff: bool, output: str | None) -> None:
    """Make the fixes of a configuration that cannot be used as it is; under `diff` show them and end the program."""
    from compiler.clusters import config
    from compiler.clusters.cluster import read_config
    from compiler.findings.fixes import mend
    from compiler.repository.files import Candidate
    from compiler.repository.write_back import differences
    from compiler.text.span import File

    usable, findings = read_config(location) if location is not None else (None, ())
    if usable is not None or not findings or location is None:
        return
    path = findings[0].path
    mended = mend(findings, lambda texts: config.decode(File(path, texts[path]))[1])
    candidates = {path: [Candidate(path, location)]}
    if not diff:
        if _write(mended, candidates):
            fail(f"{location} cannot be used", "No other file was read.")
    elif mended.after:
        give(differences(mended, candidates, Locator()), output)
        say(f"{location} must be fixed first: no other file was read")
        sys.exit(1)


def _write(mended: "Mended", candidates: "Candidates") -> set[str]:
    """Write what was mended, and say so. Returns the paths of the files that could not be written."""
    from compiler.repository.write_back import write_back

    problems = write_back(mended, candidates)
    for problem in problems:
        say(f"mirrorc: {problem.path} {problem.message}", f"  {problem.help}")
    unwritten = {problem.path for problem in problems}
    for diagnostic in mended.done:
        if diagnostic.fix is not None and diagnostic.path not in unwritten:
            say(f"{diagnostic.span}: fixed[{diagnostic.rule}]: {diagnostic.fix.title}")
    if not mended.settled:
        say("stopped after several rounds: some fixes cause the findings that others fix")
    return unwritten
