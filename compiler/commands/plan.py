"""`mirrorc plan`."""

import os
import re
import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.command import Command, Option
from compiler.commands.common import fail, progress, tell, tell_skipped, terminal_width
from compiler.commands.completing import FILE, FOLDER
from compiler.commands.console import say, say_note
from compiler.commands.options import choose_clusters, cluster_options, sides_options
from compiler.commands.targets import ReportTarget, report_options, resolve
from compiler.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.diff.names import Name
    from compiler.diff.revisions import SideReader
    from compiler.diff.sides import Manifests
    from compiler.edits.changes import Changes, Key, Text, Vanished
    from compiler.edits.planning import Plan, Planner, Sides
    from compiler.machine.memo import Memo
    from compiler.manifests.parsing import Parsed
    from compiler.names.releases import Release
    from compiler.reporters.plan.words import Described

_FORMATS = ("text", "markdown", "json")
_PATCH = re.compile(r"step-([0-9]+)\.patch|argocd\.patch")
_OF_WAVES = "argocd.patch"


@click.command(
    cls=Command,
    examples=(
        ("Split what is not committed yet into the least disruptive commits", "mirrorc plan"),
        ("Plan a branch, and write one patch for each commit", "mirrorc plan main my-branch --write patches"),
        ("Comment on a pull request", "mirrorc plan --merge-base origin/main --format markdown=plan.md"),
    ),
)
@sides_options(
    "Start from the merge base of BRANCH and NEW; do not give OLD.",
    "Plan only the changes in this path (repeatable).  [default: .]",
)
@Option.of(
    "--node-disruption-policy",
    "policy_file",
    metavar="FILE",
    type=FILE,
    help="The cluster's MachineConfiguration, in place of the one in the repo.",
    group="Input",
)
@Option.of(
    "--write",
    "folder",
    metavar="DIR",
    type=FOLDER,
    help="Write the commits to DIR as patches for `git apply`: step-1.patch, step-2.patch, ...",
    group="Output",
)
@report_options(_FORMATS)
@cluster_options
def command(
    sides: tuple[str, ...],
    branch: str | None,
    paths: tuple[str, ...],
    policy_file: str | None,
    folder: str | None,
    formats: tuple[ReportTarget, ...],
    output: str | None,
) -> None:
    """Plan the least disruptive sequence of commits from OLD to NEW.

    OLD and NEW are each a Git revision, a folder or a file of objects. OLD is HEAD by default, NEW the working tree.
    Additions that need no drain come first; what drains nodes is gathered in one commit, and a mirror that is removed
    stays the last of its list until then. Each commit is compiled for every cluster.
    """
    if len(sides) > (1 if branch is not None else 2):
        message = "--merge-base sets OLD: give only NEW, or neither." if branch is not None else "Give OLD and NEW."
        raise click.UsageError(message)
    targets = resolve(formats, output, _FORMATS)
    clusters = choose_clusters(paths)
    if not clusters:
        say("no clusters")
        sys.exit(0)
    from compiler.clusters.multiplied import check_worked_out
    from compiler.commands.diff import names_of
    from compiler.diff.disruption import UpdateFailsError
    from compiler.diff.names import SideError, open_repository
    from compiler.diff.revisions import SideReader
    from compiler.edits.planning import Planner
    from compiler.machine.memo import Memo
    from compiler.node.registries_conf import ConfFileError
    from compiler.reporters.plan.words import Described

    try:
        repository = open_repository()
        old, new = names_of(sides, branch, repository)
        with SideReader(repository, sys.stdin.buffer.read, progress()) as reader:
            read = _read(reader, old, new, clusters, policy_file)
            check_worked_out((sides.settings, sides.old, sides.new) for sides in read)
            read = _alike(clusters, read)
            memo = Memo()
            changes = _changes(reader, old, new, clusters, read, memo)
            planner = Planner(read, changes, memo=memo)
            plan = planner.plan()
    except (SideError, UpdateFailsError) as error:
        fail(str(error), error.help)
    except ConfFileError as error:
        fail(str(error), "Give manifests: plan compiles each commit.")
    if plan.refusals:
        tell(dict.fromkeys(refusal for _, refusal in plan.refusals))
        say(f"{new.label} would be refused, so no plan leads there")
        sys.exit(1)
    described = Described(old=old.label, new=new.label, plan=plan, changes=changes)
    if folder is not None:
        described = _write(folder, described, planner, old, new)
    _give(described, targets, old)
    if unread := [each for _, comparison in plan.at_once for each in comparison.unreadable]:
        tell(dict.fromkeys(unread))
        fail("not all input could be read, so the plan can be wrong", "Fix the findings above.")
    if any(comparison.unread for _, comparison in plan.at_once):
        fail("changed files contain policy that is not read, so the plan can be wrong", "See `mirrorc diff`.")


def _read(
    reader: "SideReader", old: "Name", new: "Name", clusters: "Sequence[Cluster]", policy_file: str | None
) -> "list[Sides]":
    """What each cluster reads of both sides."""
    from functools import partial

    from compiler.diff.names import SideError
    from compiler.diff.sides import Manifests
    from compiler.edits.planning import Sides

    releases = {cluster.settings.release.name: cluster.settings.release for cluster in clusters}
    given = {name: reader.disruption_policy(policy_file, release) for name, release in releases.items()}
    found = []
    known: dict[tuple[int, str, str], Parsed] = {}
    for cluster, (before, after) in zip(clusters, reader.read_pair(old, new, clusters), strict=True):
        for side in (before, after):
            if not isinstance(side, Manifests):
                raise SideError(f"{side.label} contains files of nodes", "Give manifests: plan compiles each commit.")
        assert isinstance(before, Manifests)
        assert isinstance(after, Manifests)
        tell_skipped(link for side in (before, after) for link in side.skipped)
        release = cluster.settings.release
        then, now = (_placed(side, name, old, new, release, known) for side, name in ((before, old), (after, new)))
        if not _are_trees(old, new) and not _are_files(old, new):
            then, now = _rehomed(then, now, old, new, release)
        found.append(
            Sides(
                name=cluster.name,
                settings=cluster.settings,
                old=then,
                new=now,
                shown=(before, after),
                earlier=partial(reader.earlier, old, cluster),
                given=given[cluster.settings.release.name],
                rebuild=reader.rebuilding(old, new, cluster),
            )
        )
    return found


def _alike(clusters: "Sequence[Cluster]", read: "list[Sides]") -> "list[Sides]":
    """Each kind of clusters once, with the names of those that are alike."""
    from dataclasses import replace

    from compiler.clusters.alike import grouped, kind_of

    def kind(cluster: "Cluster", sides: "Sides") -> "Hashable":
        shown = sides.shown or (sides.old, sides.new)
        beside = [(side.label, side.absent, side.built_from, side.texts) for side in shown]
        searched = [tuple(map(id, side.searched)) for side in shown]
        kinds = kind_of(sides.settings, sides.old, sides.new, *shown)
        own = cluster.name if sides.rebuild is not None else None
        return (kinds, *beside, *searched, id(sides.given), cluster.paths, own)  # paths have a history

    groups = grouped((kind(cluster, sides), sides) for cluster, sides in zip(clusters, read, strict=True))
    return [replace(each[0], alike=tuple(sides.name for sides in each)) for each in groups]


def _placed(
    side: "Manifests",
    name: "Name",
    old: "Name",
    new: "Name",
    release: "Release",
    known: "dict[tuple[int, str, str], Parsed]",
) -> "Manifests":
    """The side with paths that both sides use: those of a folder count from it, one file takes the place of another."""
    from dataclasses import replace

    from compiler.manifests.parsing import Parsed, parse
    from compiler.text.span import File

    def again(parsed: Parsed) -> Parsed:
        path = _common(parsed.file.path, name, old, new)
        if path == parsed.file.path or not parsed.file.editable:
            return parsed
        key = (id(parsed), path, release.name)
        if key not in known:
            known[key] = parse(File(path, parsed.file.text), release)
        return known[key]

    return replace(side, parsed=tuple(map(again, side.parsed)))


def _rehomed(
    then: "Manifests", now: "Manifests", old: "Name", new: "Name", release: "Release"
) -> "tuple[Manifests, Manifests]":
    """The sides, with the objects of the one that is a single file where the other one has them."""
    from dataclasses import replace

    from compiler.edits.changes import rehomed
    from compiler.manifests.parsing import parse
    from compiler.text.span import File

    is_old = _are_files(old)
    single, tree = (then, now) if is_old else (now, then)
    texts = {each.file.path: each.file.text for each in tree.parsed if each.file.editable}
    placed = rehomed([each.file.text for each in single.parsed], texts, (old if is_old else new).label)
    moved = replace(single, parsed=tuple(parse(File(path, text), release) for path, text in placed.items()))
    return (moved, now) if is_old else (then, moved)


def _common(path: str, name: "Name", old: "Name", new: "Name") -> str:
    from compiler.diff.names import WORK_TREE, Kind
    from compiler.repository.paths import posix

    if name.kind is Kind.FOLDER and name.place != WORK_TREE:
        return posix(os.path.relpath(path, name.place))
    return old.label if _are_files(old, new) else path


def _are_files(*names: "Name") -> bool:
    from compiler.diff.names import Kind

    return all(name.kind in {Kind.FILE, Kind.STANDARD_INPUT} for name in names)


def _changes(
    reader: "SideReader",
    old: "Name",
    new: "Name",
    clusters: "Sequence[Cluster]",
    read: "list[Sides]",
    memo: "Memo",
) -> "Changes":
    """What differs between the sides."""
    from compiler.diff.names import SideError
    from compiler.edits.changes import Changes, Text
    from compiler.repository import files
    from compiler.text.span import File

    texts = []
    if _are_trees(old, new):
        built_from = [path for sides in read for side in (sides.old, sides.new) for path in side.built_from]
        for path, before, after in reader.differing(old, new, clusters, built_from=built_from):
            decoded = []
            for data in (before, after):
                file = files.decode(path, data) if data is not None else None
                if file is not None and not isinstance(file, File):
                    raise SideError(f"{path}: {file.message}", file.help)
                decoded.append(None if file is None else file.text)
            plain = all(data is None or not data.startswith((b"\xff\xfe", b"\xfe\xff")) for data in (before, after))
            marks = [data is not None and data.startswith(b"\xef\xbb\xbf") for data in (before, after)]
            texts.append(Text(path=path, old=decoded[0], new=decoded[1], marks=(marks[0], marks[1]), plain=plain))
    else:
        known: dict[str, list[str | None]] = {}
        for sides in read:
            for at, side in enumerate((sides.old, sides.new)):
                for parsed in side.parsed:
                    if parsed.file.editable:
                        known.setdefault(parsed.file.path, [None, None])[at] = parsed.file.text
        texts = [Text(path=path, old=before, new=after) for path, (before, after) in known.items() if before != after]
    return Changes(texts, _vanished(read, memo), _whole(read, texts))


def _are_trees(*names: "Name") -> bool:
    from compiler.diff.names import Kind

    return all(name.kind in {Kind.REVISION, Kind.FOLDER} for name in names)


def _vanished(read: "list[Sides]", memo: "Memo") -> "Vanished":
    """Which mirrors of a source the clusters of each file lose, by their merged lists."""
    from compiler.manifests.kinds import ImageTagMirrorSet
    from compiler.policy.analysis import analyse

    lost: list[dict[tuple[bool, str], dict[str, None]]] = []
    readers: dict[str, list[int]] = {}
    for number, sides in enumerate(read):
        before, after = (
            analyse(side.parsed, sides.settings, side.problems, memo=memo) for side in (sides.old, sides.new)
        )
        paths = {each.file.path for side in (sides.old, sides.new) for each in side.parsed}
        for path in paths | {*sides.old.built_from, *sides.new.built_from}:
            readers.setdefault(path, []).append(number)
        lost.append({})
        for tag, old, new in ((False, before.digest, after.digest), (True, before.tag, after.tag)):
            has = {each.source: each.listed for each in new}
            for merged in old:
                left = has.get(merged.source, merged.listed)
                if gone := dict.fromkeys(each for each in merged.order if each not in left):
                    lost[-1][tag, merged.source] = gone

    def vanished(path: str, kind: str, source: str) -> tuple[str, ...]:
        key = (kind == ImageTagMirrorSet.kind, source)
        return tuple(dict.fromkeys(each for number in readers.get(path, ()) for each in lost[number].get(key, ())))

    return vanished


def _whole(read: "list[Sides]", texts: "Sequence[Text]") -> frozenset[str]:
    """The changed files that kustomizations are built of, where these cannot be built again: they change together."""
    if all(sides.rebuild is not None for sides in read if sides.old.built_from or sides.new.built_from):
        return frozenset()
    built = [
        each for sides in read for side in (sides.old, sides.new) for each in side.parsed if not each.file.editable
    ]
    if not built:
        return frozenset()
    direct = {
        each.file.path
        for sides in read
        for side in (sides.old, sides.new)
        for each in side.parsed
        if each.file.editable
    }
    named = {span.path for each in built for manifest in each.manifests for span in (manifest.span, manifest.name.span)}
    return frozenset(each.path for each in texts if each.path not in direct or each.path in named)


def _write(folder: str, described: "Described", planner: "Planner", old: "Name", new: "Name") -> "Described":
    """Write one patch for each commit. Returns the plan with their names."""
    from dataclasses import replace
    from itertools import pairwise

    from compiler.edits.changes import Text
    from compiler.edits.patches import patch
    from compiler.repository.folders import RefusedError, open_folder

    if not (_are_trees(old, new) or (_are_files(old, new) and old.label != new.label)):
        fail("--write needs two revisions, folders or files", "Give OLD and NEW of the same sort.")
    changes, plan = planner.changes, described.plan
    if other := [each.path for each in changes.files if not each.plain]:
        fail(f"{other[0]} is UTF-16, so there is no patch of it", "Save the file as UTF-8.")
    locate = _locator(old)
    states = [changes.first, *(step.state for step in plan.steps)]
    made: dict[str, str] = {}
    texts = [changes.texts(state) for state in states]
    if len(states) > 1:
        texts[0] = {each.path: each.old for each in changes.files}
        texts[-1] = {each.path: each.new for each in changes.files}
    for number, (before, after) in enumerate(pairwise(texts), 1):
        made[f"step-{number}.patch"] = patch(
            Text(path=locate(each.path), old=each.marked(before[each.path]), new=each.marked(after[each.path]))
            for each in changes.files
        )
    count = len(made)
    waves = _in_waves(planner, plan)
    if waves:
        made[_OF_WAVES] = patch(
            Text(path=locate(each.path), old=each.marked(each.old), new=each.marked(waves.get(each.path, each.new)))
            for each in changes.files
        )
    try:
        with open_folder(folder, create=True) as opened:
            opened.lock()
            stale = [name for name in opened.names() if _PATCH.fullmatch(name) and name not in made]
            if stale:
                fail(f"{opened.at(stale[0])} is of another plan", "Remove it, or choose another folder.")
            opened.replace_all({name: text.encode() for name, text in made.items()})
    except RefusedError as error:
        fail(str(error), error.problem.help)
    except OSError as error:
        fail(f"{error.filename or folder} cannot be written: {error.strerror}")
    say_note(f"{counted(count, 'patch', 'patches')} in {folder}: apply them in order, each as a commit")
    if waves:
        say_note(f"{_OF_WAVES} is the same in one commit, with the sync waves of Argo CD")
    return replace(described, patches=tuple(made)[:count], wave_patch=_OF_WAVES if waves else "")


def _in_waves(planner: "Planner", plan: "Plan") -> "dict[str, str]":
    """The new texts of the files with objects of later sync waves, which are annotated; none where one cannot be."""
    from compiler.edits.changes import EditVerb
    from compiler.edits.waves import annotated

    changes = planner.changes
    waves: dict[str, dict[Key, int]] = {}
    states = plan.waves[:-1] if plan.prune_last else plan.waves
    before = changes.first
    for number, state in enumerate(states):
        for change, old, new in zip(changes.all, before, state, strict=True):
            if number and old != new and change.verb is not EditVerb.DELETE:
                for path, key in change.places[-1:]:
                    waves.setdefault(path, {})[key] = number
        before = state
    texts = {each.path: each.new for each in changes.files}
    made = {path: annotated(path, texts[path] or "", keys) for path, keys in waves.items()}
    found = {path: text for path, text in made.items() if text is not None}
    return found if len(found) == len(made) else {}


def _locator(old: "Name") -> "Callable[[str], str]":
    """What patches call the files: their names from the top of the repo, or from the folder that is given."""
    from compiler.commands.answer import Locator
    from compiler.diff.names import WORK_TREE, Kind

    return Locator() if old.kind is Kind.REVISION or (old.kind is Kind.FOLDER and old.place == WORK_TREE) else str


def _give(described: "Described", targets: "Sequence[ReportTarget]", old: "Name") -> None:
    from compiler.commands.answer import Locator, colours, give_each

    def rendered(target: ReportTarget) -> "str | Iterable[str]":
        if target.format == "json":
            from compiler.reporters.plan import json

            return json.render(described, locate=Locator(), locate_change=_locator(old))
        if target.format == "markdown":
            from compiler.reporters.plan import markdown

            return markdown.render(described)
        from compiler.reporters.plan import text

        return text.render(described, width=terminal_width(), colour=colours(target))

    give_each(targets, rendered)
