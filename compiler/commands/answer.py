"""Where the answer of a command goes, and what programs call the files it speaks of.

In: text and shown paths. Out: the same UTF-8 on standard output or in a file, whatever the locale.
"""

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from compiler.commands.common import fail, terminal_width
from compiler.commands.console import wants_colour, write, written
from compiler.repository.git import work_tree_around
from compiler.repository.paths import posix, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from compiler.commands.targets import ReportTarget
    from compiler.findings.diagnostics import Diagnostic


def give(answer: "str | Iterable[str]", output: str | None) -> None:
    """Write the answer, which may come in pieces, to standard output or, as a whole or not at all, to a file."""
    try:
        if output is None or output == "-":
            write(answer)
        else:
            from compiler.repository.folders import RefusedError, write_file

            try:
                texts = (answer,) if isinstance(answer, str) else answer
                write_file(output, b"".join([written(each).encode("utf-8", "replace") for each in texts]))
            except RefusedError as error:
                fail(str(error), error.problem.help)
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as error:
        target = "standard output" if output is None or output == "-" else output
        fail(f"{target} cannot be written: {error.strerror}")


def give_each(targets: "Sequence[ReportTarget]", render: "Callable[[ReportTarget], str | Iterable[str]]") -> None:
    """Make each report and write it where it goes, files first; at most one goes to standard output."""
    for target in sorted(targets, key=lambda target: target.file is None):
        give(render(target), target.file)


def colours(target: "ReportTarget") -> bool:
    """Whether to color a report."""
    return target.file is None and wants_colour(sys.stdout)


def give_flaws(findings: "Sequence[Diagnostic]", *, targets: "Sequence[ReportTarget]") -> None:
    """Report what is wrong with a configuration, before anything else was read, as what is wrong with a manifest is."""
    from compiler.reporters import render
    from compiler.reporters.findings.report import Report

    report = Report(
        diagnostics=tuple(findings),
        groups=(((), tuple(findings)),),
        files=tuple(dict.fromkeys(finding.path for finding in findings)),
        complete=False,
        locate=Locator(),
        width=terminal_width(),
    )
    give_each(targets, lambda target: render(target.format, replace(report, colour=colours(target))))


class Locator:
    """What programs call the files that people are shown.

    A file is named from the top of the Git working tree of the folder this runs in; one that lies outside, from its
    own top. Outside of any it is named from this folder or, if it is not below it, in full.
    """

    def __init__(self) -> None:
        self._tops: dict[str, str] = {}
        try:
            here = os.getcwd()  # noqa: PTH109 - the names are texts, as everywhere in what reads files
        except OSError:  # it was deleted under our feet
            here = ""
        self._here = printable(here)
        self._top_here = printable(work_tree_around(here) or "") if here else ""

    def __call__(self, shown: str) -> str:
        """The name of the file that is shown as `shown`, with `/` between its parts."""
        if not self._here or (shown.startswith("<") and shown.endswith(">")):  # standard input, or what was built
            return shown
        place = os.path.normpath(os.path.join(self._here, shown))  # noqa: PTH118 - names are texts
        return (
            _below(self._top_here, place)
            or _below(self._top(os.path.dirname(place)), place)  # noqa: PTH120 - names are texts
            or _below(self._here, place)
            or posix(place)
        )

    def _top(self, folder: str) -> str:
        if folder not in self._tops:
            self._tops[folder] = work_tree_around(folder) or ""
        return self._tops[folder]


def _below(root: str, place: str) -> str:
    """The part of `place` after `root`; empty if it does not lie below."""
    start = root if root.endswith(os.sep) else root + os.sep
    return posix(place[len(start) :]) if root and place.startswith(start) else ""
