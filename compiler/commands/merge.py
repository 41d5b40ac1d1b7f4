"""`mirrorc merge`."""

import os
import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.command import Command, Option
from compiler.commands.common import fail, tell
from compiler.commands.completing import FILE, FOLDER
from compiler.commands.console import say, say_note
from compiler.text.wording import counted, joined, ticked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compiler.edits.union import Key, Object, Run
    from compiler.manifests.parsing import Parsed
    from compiler.names.releases import Release
    from compiler.policy.analysis import Analysis
    from compiler.policy.settings import Settings


@click.command(
    cls=Command,
    examples=(
        ("Unite two runs of oc-mirror, the older one first", "mirrorc merge run-1 run-2 -o mirrors"),
        ("Add a new run to what is in Git", "mirrorc merge working-dir/cluster-resources --into mirrors"),
        ("Unite the runs of a cluster with an older release", "mirrorc merge --release 4.16 run-1 run-2 -o mirrors"),
    ),
)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=FILE)
@Option.of("-o", "--output", metavar="DIR", type=FOLDER, help="Folder to write the result to.", group="Output")
@Option.of(
    "--into",
    metavar="DIR",
    type=FOLDER,
    help="Folder whose manifests are updated: only what is missing in them is added.",
    group="Output",
)
@Option.of("--release", metavar="VERSION", help="OpenShift release of the cluster.", group="Cluster")
def command(runs: tuple[str, ...], output: str | None, into: str | None, release: str | None) -> None:
    """Unite the output of several mirroring runs into one set of objects.

    RUN is a folder or file that oc-mirror wrote (v1 or v2), oldest first. The result compiles to exactly what all runs
    together mean; applying run after run would lose the sources of earlier runs, since the objects have the same names.
    """
    if (output is None) is (into is None):
        message = "Give one of --output and --into."
        raise click.UsageError(message)
    from compiler.edits import union
    from compiler.policy.analysis import analyse
    from compiler.policy.node_files import node_files
    from compiler.policy.settings import SettingError, settings_of

    try:
        settings = settings_of(release=release)
    except SettingError as error:
        raise click.UsageError(f"{error}. {error.help}") from error
    read = [_read(path, settings.release) for path in runs]
    refused = union.refused(read)
    if refused:
        tell(refused)
        say("nothing is written, because the API server would refuse objects of the runs")
        sys.exit(1)
    try:
        united = union.union(read)
    except union.MergeError as error:
        say(f"mirrorc: {error}", "  Nothing is written.")
        sys.exit(1)
    if not united:
        fail("the runs contain no objects", "Give the folders that contain the output of oc-mirror.")
    if into is not None:
        _update(into, read, united, settings)
        return
    assert output is not None
    texts = union.texts(united)
    meant = union.together(read, settings)
    made = analyse(_parsed(texts, settings), settings)
    tell(meant.refusals)
    if meant.refusals:
        say("nothing is written, because the controller would refuse the objects of all runs together")
        sys.exit(1)
    if made.refused or node_files(made, settings.release) != node_files(meant, settings.release):
        say("the union would not compile to what the runs mean together: nothing is written", "Please report this bug.")
        sys.exit(3)
    _report(read, settings)
    _report_cost(output, texts, made, settings)
    _write(output, texts)
    say_note(f"wrote {counted(len(texts), 'file')} to {output}")


def _read(path: str, release: "Release") -> "Run":
    from compiler.edits.union import Run
    from compiler.manifests.parsing import parse
    from compiler.repository import files
    from compiler.repository.discovery import discover
    from compiler.repository.paths import Problem

    found = discover([path])
    problems = list(found.problems)
    read = []
    for candidate in found.candidates:
        data = files.read(candidate)
        file = files.decode(candidate.path, data) if isinstance(data, bytes) else data
        if isinstance(file, Problem):
            problems.append(file)
        else:
            read.append(file)
    if problems:
        fail(f"{problems[0].path} {problems[0].message}", problems[0].help)
    return Run(name=path, files=tuple(read), parsed=tuple(parse(file, release) for file in read))


def _parsed(texts: "dict[str, str]", settings: "Settings") -> "list[Parsed]":
    from compiler.manifests.parsing import parse
    from compiler.text.span import File

    return [parse(File(name, text), settings.release) for name, text in texts.items()]


def _report(runs: "Sequence[Run]", settings: "Settings") -> None:
    """What each run adds and would lose, what the newest alone would lose, and what redirects a whole registry."""
    from compiler.edits.union import in_turn

    known: set[tuple[str, str]] = set()
    for number, (run, applied) in enumerate(zip(runs, in_turn(runs, settings), strict=True)):
        added = run.sources - known
        known |= run.sources
        say_note(f"{run.name}: adds {counted(len(added), 'source')}")
        if number:
            loses = f"would lose {counted(len(applied.lost), 'source')}" if applied.lost else "loses no source"
            nodes = applied.disruption if applied.disruption is not None else "the controller would refuse it"
            say_note(f"  applied by itself over the runs before it: {loses}; nodes: {nodes}")
    lost = sorted({source for _, source in known - runs[-1].sources})
    if lost:
        say(f"{runs[-1].name} alone would lose {counted(len(lost), 'source')}: {joined(ticked(lost))}")
    for source in sorted({source for _, source in known if "/" not in source}):
        say(f"warning: `{source}` redirects every image of the registry")


def _report_cost(output: str, texts: "dict[str, str]", made: "Analysis", settings: "Settings") -> None:
    """What nodes go through if the result is written to the folder; ends the program if it has an object elsewhere."""
    from compiler.manifests.load import load
    from compiler.policy.analysis import analyse

    if not os.path.isdir(output):  # noqa: PTH112 - the name is a text
        return
    loaded = load([output], settings.release)
    replaced = {os.path.realpath(os.path.join(output, name)) for name in texts}  # noqa: PTH118 - names are texts
    kept = [each for each in loaded.parsed if os.path.realpath(each.file.path) not in replaced]
    new_ones = {(each.kind, each.name.value) for each in made.policy.mirror_sets}
    for each in (manifest for parsed in kept for manifest in parsed.manifests):
        if (each.kind, each.name.value) in new_ones:
            help_ = "Nothing is written. Move the file away, after giving it as a RUN if its rules are needed."
            fail(f"{each.name.span}: {each.kind} `{each.name}` would be written a second time", help_)
    old = analyse(loaded.parsed, settings, loaded.problems)
    if not old.policy.mirror_sets:
        return
    if old.refused:
        say(f"{output}: the controller refuses what is in the folder; nothing is known of the cost")
        return
    new = analyse([*kept, *_parsed(texts, settings)], settings)
    _say_cost(old, new, settings)


def _say_cost(old: "Analysis", new: "Analysis", settings: "Settings") -> None:
    from compiler.edits.union import disruption_between

    disruption = disruption_between(old, new, settings)
    say(f"nodes: {disruption}" if disruption is not None else "nodes: the update fails")


def _update(into: str, runs: "Sequence[Run]", united: "Mapping[Key, Object]", settings: "Settings") -> None:
    """Add what is missing to the manifests of a folder; ends the program if that is not what they mean together."""
    from compiler.edits.into import updated
    from compiler.edits.union import together
    from compiler.findings.fixes import Mended
    from compiler.manifests.parsing import parse
    from compiler.policy.analysis import analyse
    from compiler.policy.node_files import node_files
    from compiler.repository.write_back import find, write_back
    from compiler.text.span import File

    if not os.path.isdir(into):  # noqa: PTH112 - the name is a text
        fail(f"{into} is not a folder", "Use `-o DIR` to write the result to a new folder.")
    held = _read(into, settings.release)
    named = {os.path.relpath(file.path, into): file for file in held.files}
    made = updated([File(name, file.text) for name, file in named.items()], united)
    release = settings.release
    old = analyse(held.parsed, settings)
    meant = together(runs, settings, beside=held.parsed)
    tell(meant.refusals)
    if meant.refusals:
        say(f"nothing is written, because the controller would refuse the objects of {into} and all runs together")
        sys.exit(1)
    parsed = dict(zip(named, held.parsed, strict=True))
    parsed |= {name: parse(File(name, text), release) for name, text in made.items()}
    new = analyse([parsed[name] for name in sorted(parsed)], settings)
    if new.refused or node_files(new, release) != node_files(meant, release):
        say("the result would not compile to what the folder and the runs mean together: nothing is written")
        for each in (*new.refusals, *(each for each in new.diagnostics if each.rule == "duplicate-object")):
            say(f"  {each.span}: {each.message}")
        sys.exit(1)
    _report(runs, settings)
    _say_cost(old, new, settings)
    candidates = find([into])
    changed = {named[name].path: text for name, text in made.items() if name in named}
    before = {file.path: file.text for file in named.values() if file.path in changed}
    for problem in write_back(Mended(before=before, after=changed), candidates):
        fail(f"{problem.path} {problem.message}", problem.help)
    _write(into, {name: text for name, text in made.items() if name not in named})
    for name in made:
        say_note(f"{os.path.join(into, name)}: {'changed' if name in named else 'added'}")  # noqa: PTH118 - texts
    say_note(f"{counted(len(made), 'file')} changed in {into}" if made else f"{into} has everything already")


def _write(output: str, texts: "dict[str, str]") -> None:
    from compiler.repository.folders import RefusedError, open_folder

    try:
        with open_folder(output, create=True) as folder:
            folder.lock()
            folder.replace_all({name: text.encode() for name, text in texts.items()})
    except RefusedError as error:
        fail(str(error), error.problem.help)
    except OSError as error:
        fail(f"{error.filename or output} cannot be written: {error.strerror}")
