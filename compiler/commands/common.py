"""What commands say to people and how they end: findings, progress, exit codes."""

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import click

from compiler.commands.console import say, say_page, say_progress, wants_colour

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.clusters.loading import Repo
    from compiler.findings.diagnostics import Diagnostic
    from compiler.manifests.load import Progress
    from compiler.repository.paths import Problem


_PIPE_FAILED = "Check the command before the pipe; with `set -o pipefail` its failure is not ignored."


def standard_input(clusters: "Iterable[Cluster]") -> bytes:
    """Standard input, read once and only if a path asks for it.

    Ends the program if it is empty: what was to make it has failed, and an empty cluster is another thing.
    """
    from compiler.repository.paths import STANDARD_INPUT

    if not any(STANDARD_INPUT in cluster.paths for cluster in clusters):
        return b""
    data = piped()
    if all(not line or line.startswith(b"#") for line in map(bytes.strip, data.splitlines())):
        fail("standard input contains only comments", _PIPE_FAILED)
    return data


def piped() -> bytes:
    """What is piped in where no text at all is not an answer: a command in front of the pipe may have failed."""
    content = sys.stdin.buffer.read()
    if not content.strip():
        fail("standard input is empty", _PIPE_FAILED)
    return content


def tell(diagnostics: "Iterable[Diagnostic]") -> None:
    """Show findings to people, on stderr."""
    from compiler.reporters.findings import text

    told = text.render(diagnostics, width=terminal_width(), colour=wants_colour(sys.stderr))
    if told:
        say_page(f"{told}\n")


def tell_clusters(findings: "Mapping[str, Sequence[Diagnostic]]") -> None:
    """Show the findings of several clusters, each only once, under the names of the clusters it concerns."""
    from compiler.findings.by_cluster import gather

    tell_groups(gather(findings), of=len(findings))


def tell_groups(groups: "Iterable[tuple[tuple[str, ...], Sequence[Diagnostic]]]", *, of: int) -> None:
    """Show findings by the clusters that they concern, of so many clusters."""
    from compiler.findings.by_cluster import named

    for clusters, told in groups:
        if of > 1:
            say(f"In {named(clusters, of)}:", "")
        tell(told)


_COLUMNS = 80
_LONGEST_WIDTH = 9
_MOST_LINKS = 8
"""So many links are named; the rest is counted."""


def tell_alternatives(asked: "Sequence[Cluster]", found: "Sequence[Cluster]") -> None:
    """Say once in a run that what was asked for is several clusters, if it is."""
    from compiler.text.wording import some_of

    meta = click.get_current_context().meta
    if len(found) <= len(asked) or meta.get(_ALTERNATIVES):
        return
    meta[_ALTERNATIVES] = True
    names = some_of([cluster.name for cluster in found], _MOST_LINKS)
    location = meta.get(CONFIGURATION)
    advice = "Run `mirrorc init` to write the clusters to .mirrorc.yaml."
    if location is not None:
        folder = os.path.dirname(location)  # noqa: PTH120 - names are texts
        which = f"no path but {folder}" if folder else "no paths"
        advice = f"To use the clusters of {location}, give {which}."
    say(
        f"mirrorc: sibling folders define the same objects, so they are read as {len(found)} clusters: {names}",
        f"  {advice}",
    )


_ALTERNATIVES = f"{__name__}.alternatives"
CONFIGURATION = f"{__name__}.configuration"
"""Under which the configuration of the run is kept in the context."""


def tell_inferred(repo: "Repo") -> None:
    """Say what was inferred, and which folders have a configuration that this run does not use, each once in a run."""
    from compiler.text.wording import counted, some_of

    for note in repo.notes:
        say(f"mirrorc: {note}")
    folders = [path.rpartition("/")[0] or "." for path in repo.inner]
    told = click.get_current_context().meta.setdefault(f"{__name__}.unused", set[str]())
    if not folders or told.issuperset(folders):
        return
    told.update(folders)
    have = "has" if len(folders) == 1 else "have"
    where = some_of(folders, _MOST_LINKS)
    say(
        f"mirrorc: {counted(len(folders), 'folder')} {have} a .mirrorc.yaml that this run does not use: {where}",
        f"  To use it, run the command on the folder alone: {folders[0]}",
    )


def tell_skipped(skipped: "Iterable[Problem]") -> None:
    """Say which links were left alone, each once in a run: what they lead to may be missed."""
    from compiler.text.wording import counted

    told = click.get_current_context().meta.setdefault(f"{__name__}.skipped", set[str]())
    links = {link.path: link for link in skipped if link.path not in told}
    told.update(links)
    if not links:
        return
    shown = [f"  {path} {links[path].message}" for path in sorted(links)[:_MOST_LINKS]]
    if len(links) > len(shown):
        shown.append(f"  and {len(links) - len(shown)} more")
    were = f"{counted(len(links), 'link')} {'was' if len(links) == 1 else 'were'}"
    advice = "If the cluster needs this content, add the target as a path, or copy the file into the repo."
    say(f"mirrorc: {were} skipped", *shown, f"  {advice}")


def report_temporary(paths: "Sequence[str]", action: str) -> None:
    """Report files that a killed run left, if there are any, and what happens to them."""
    from compiler.text.wording import some_of, ticked

    if paths:
        what = "a temporary file" if len(paths) == 1 else f"{len(paths)} temporary files"
        say(f"mirrorc: {what} of a run that was killed: {some_of(ticked(paths), 8)}", f"  {action}")


def exit_code(diagnostics: "Iterable[Diagnostic]", *, strict: bool = False) -> int:
    """0, or 1 if there is an error (with `strict` a warning too), or 2 where a path could not be read at all."""
    from compiler.findings.diagnostics import Severity
    from compiler.manifests.load import was_unread

    code = 0
    for diagnostic in diagnostics:
        if was_unread(diagnostic):
            return 2
        if diagnostic.severity is Severity.ERROR or (strict and diagnostic.severity is Severity.WARNING):
            code = 1
    return code


def terminal_width() -> int:
    """Columns to fit into: those that COLUMNS asks for, else the terminal's, 80 where there is none.

    As `shutil.get_terminal_size` has it, which would bring every format of archives with it.
    """
    asked = os.environ.get("COLUMNS", "")
    # Python refuses to read a number of thousands of digits, and no terminal is that wide.
    if asked.isdecimal() and len(asked) <= _LONGEST_WIDTH and int(asked) > 0:
        return int(asked)
    with suppress(ValueError, OSError):  # it is closed, or no terminal
        if sys.__stdout__ is not None:
            return os.get_terminal_size(sys.__stdout__.fileno()).columns or _COLUMNS
    return _COLUMNS


def progress(doing: str = "reading", what: str = "files") -> "Progress | None":
    """A counter on stderr for work of more than a second, on a terminal only."""
    if not sys.stderr.isatty():
        return None
    from time import monotonic

    begun = monotonic()
    shown = begun

    def show(done: int, total: int) -> None:
        nonlocal shown
        now = monotonic()
        if done == total:
            if shown > begun:
                say_progress("")
        elif now - begun > 1 and now - shown > 0.1:
            shown = now
            say_progress(f"{doing} {done} of {total} {what}")

    return show


def fail(message: str, help_: str = "") -> NoReturn:
    """End with exit code 2: something about the call or the disk is wrong."""
    say(f"mirrorc: {message}", *([f"  {help_}"] if help_ else []))
    sys.exit(2)
