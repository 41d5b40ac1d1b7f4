"""`mirrorc build`."""

import os
import sys
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import click

from compiler.commands import hooks
from compiler.commands.answer import give
from compiler.commands.command import Command, Option
from compiler.commands.common import (
    exit_code,
    fail,
    progress,
    report_temporary,
    standard_input,
    tell_alternatives,
    tell_clusters,
    tell_groups,
    tell_inferred,
    tell_skipped,
)
from compiler.commands.completing import FOLDER
from compiler.commands.console import say, say_note, say_note_page
from compiler.commands.options import (
    all_configured,
    allow_empty_option,
    choose_clusters,
    cluster_options,
    configured_baseline,
    paths_argument,
    tracked_only,
    values_options,
)
from compiler.text.wording import counted, some_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from compiler.clusters.account import Account
    from compiler.clusters.cluster import Cluster
    from compiler.clusters.homes import Settled
    from compiler.clusters.loading import Repo
    from compiler.clusters.workspace import Workspace
    from compiler.commands.hooks import Foreseen
    from compiler.commands.reading import RepoReading
    from compiler.findings.diagnostics import Diagnostic
    from compiler.manifests.load import Loaded, Progress
    from compiler.policy.artifacts import Compilation
    from compiler.repository.folders import Trail

_FEWEST_FOR_HELP = 50
"""Clusters worth their own process."""

_MOST_SHOWN = 16_000_000
"""Characters of differences under `--check`, divided among the clusters."""


@click.command(
    cls=Command,
    examples=(
        ("Build every cluster of .mirrorc.yaml into its output folder", "mirrorc build"),
        ("Fail in CI when the committed files are out of date", "mirrorc build --tracked-only --check"),
        ("Print one file instead of writing a folder", "mirrorc build --cluster north --print registries.conf"),
    ),
)
@paths_argument
@Option.of(
    "-o", "--output", metavar="DIR", type=FOLDER, help="Folder to write to.  [default: rendered]", group="Output"
)
@Option.of(
    "--with-checks",
    is_flag=True,
    help="Report all findings of `mirrorc check` too, and read the files only once.",
    group="Rule",
)
@Option.of(
    "--print",
    "wanted",
    metavar="ARTIFACT",
    help="Write no folder; print one file, such as registries.conf, to standard output.",
    group="Output",
)
@Option.of("--check", is_flag=True, help="Write nothing; exit 1 with a diff if DIR is stale.", group="Output")
@Option.of("--fail-on-change", is_flag=True, help="Exit 1 if a file had to be written or removed.", group="Output")
@Option.of(
    "--machine-config",
    type=click.Choice(["controller", "drop-in"]),
    help="`controller` predicts the controller's MachineConfigs, `drop-in` makes some to apply.  [default: controller]",
    group="Cluster",
)
@Option.of(
    "--name", metavar="NAME", help="Name of drop-in MachineConfigs.  [default: 99-{pool}-mirrors]", group="Cluster"
)
@Option.of(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Format of --show-settings.  [default: text]",
    group="Output",
)
@values_options
@allow_empty_option
@cluster_options
def command(
    paths: tuple[str, ...],
    output: str | None,
    with_checks: bool,  # noqa: FBT001 - click passes it by name
    wanted: str | None,
    check: bool,  # noqa: FBT001 - click passes it by name
    fail_on_change: bool,  # noqa: FBT001 - click passes it by name
    machine_config: str | None,
    name: str | None,
    allow_empty: bool,  # noqa: FBT001 - click passes it by name
    **formats: str,
) -> None:
    """Generate the node configuration a cluster would make from manifests.

    PATHs are files or folders with ImageDigestMirrorSets, ImageTagMirrorSets, ImageContentSourcePolicies and the
    cluster's Image config; mirrorc ignores all other objects. If there are none, nothing is written and the exit code
    is 2.
    """
    turn = hooks.begin(hooks.BUILD)
    if output == "-":
        message = "-o sets the folder; to write to standard output, use --print ARTIFACT."
        raise click.UsageError(message)
    if wanted is not None and (output is not None or check or fail_on_change):
        message = "--print writes no folder: do not use it with -o, --check or --fail-on-change."
        raise click.UsageError(message)
    clusters = choose_clusters(
        paths,
        output=output,
        machine_config=machine_config,
        name=name,
        allow_empty=allow_empty,
    )
    if name is not None and not any(cluster.settings.machine_config == "drop-in" for cluster in clusters):
        message = "--name sets the name of drop-in MachineConfigs: use it with --machine-config drop-in."
        raise click.UsageError(message)
    if wanted is not None:
        _print(wanted, clusters)
    from compiler.clusters.multiplied import check_built
    from compiler.machine.processes import spread

    repo, found_clusters, workspace = _load(
        clusters, every=all_configured(paths), whole=with_checks or turn is not None
    )
    built = found_clusters.built
    clusters = [cluster for cluster, _ in built]
    check_built(built)
    work = partial(_compile, check=check, progress=progress("compiling", "clusters"), total=len(clusters))
    outcomes = spread(work, built, least=_FEWEST_FOR_HELP)
    give("".join(outcome.difference for outcome in outcomes), None)
    found = _checked(workspace, outcomes, every=all_configured(paths)) if with_checks and workspace is not None else ()
    if not with_checks:
        _tell_findings(outcomes, hook=fail_on_change)
    for outcome in outcomes:
        if outcome.problem:
            message, advice = outcome.problem
            say(f"mirrorc: {message}", f"  {advice}")
    _tell_unshown(outcomes)
    _tell_left_out(outcomes)
    _tell_incomplete(outcomes)
    _report_kept(outcomes, check=check)
    if len(outcomes) == 1:
        _conclude(outcomes[0], repo.account, check=check)
    else:
        _tell_empty(outcomes)
        _conclude_all(outcomes, repo.account, check=check)
    if turn is not None and workspace is not None:
        turn.leave(_foreseen_check(workspace), changed=any(outcome.changes for outcome in outcomes))
    gone, stuck = (0, False)
    if output is None and all_configured(paths):
        from compiler.commands.gone import remove_gone

        gone, stuck = remove_gone(clusters, check=check)
    if stuck or any(outcome.problem for outcome in outcomes):
        sys.exit(2)
    changed = (check or fail_on_change) and (gone or any(outcome.changes or outcome.left for outcome in outcomes))
    # A hook is to see that the commit contains what it was made for: `git commit -a` leaves new files out.
    missing = fail_on_change and tracked_only() and _tell_untracked(outcomes)
    sys.exit(max(int(changed or missing), exit_code(found), exit_code(_found(outcomes))))


def _tell_findings(outcomes: "Sequence[_Outcome]", *, hook: bool) -> None:
    """Report what was found; as a hook, only count what the hook `mirrorc-check` prints, which it does if it fails."""
    if hook and exit_code(_found(outcomes)) and _is_checked_too():
        say(f"mirrorc: {_counted_findings(outcomes)}")
    else:
        tell_clusters({outcome.cluster: outcome.findings for outcome in outcomes})


def _found(outcomes: "Sequence[_Outcome]") -> "list[Diagnostic]":
    """The findings, those of clusters that are alike once."""
    distinct = {id(outcome.findings): outcome.findings for outcome in outcomes}
    return [finding for findings in distinct.values() for finding in findings]


def _counted_findings(outcomes: "Sequence[_Outcome]") -> str:
    found = set(_found(outcomes))
    return f"{counted(len(found), 'finding')}: the hook {hooks.CHECK} reports {'it' if len(found) == 1 else 'them'}"


def _is_checked_too() -> bool:
    """Whether the same run of pre-commit or prek has the hook `mirrorc-check`, and no baseline hides its findings."""
    skipped = hooks.CHECK in os.environ.get("SKIP", "")
    return not skipped and configured_baseline() is None and hooks.CHECK in hooks.configured()


def _checked(workspace: "Workspace", outcomes: "Sequence[_Outcome]", *, every: bool) -> "Sequence[Diagnostic]":
    """Report what `check` reports of what was loaded; the configured baseline hides no error that stops the build."""
    from compiler.commands.baselines import compare_findings, read_baseline, tell_stale, without_accepted

    inspection = workspace.inspect()
    accepted = read_baseline()
    if accepted is not None:
        compared = compare_findings(accepted, inspection, workspace, every=every, stop=_found(outcomes))
        inspection = without_accepted(inspection, compared)
        if compared.places:
            say(f"mirrorc: {counted(compared.places, 'finding')} hidden by the baseline")
        tell_stale(compared)
    tell_groups(inspection.groups, of=inspection.clusters)
    return inspection.diagnostics


def _foreseen_check(workspace: "Workspace") -> "Foreseen | None":
    """How the hook `mirrorc-check` would end, None if it has something to report."""
    from compiler.commands.baselines import compare_findings, read_baseline, without_accepted

    inspection = workspace.inspect()
    if (accepted := read_baseline()) is not None:
        inspection = without_accepted(inspection, compare_findings(accepted, inspection, workspace, every=True))
    if exit_code(inspection.diagnostics) or workspace.temporary:
        return None
    return hooks.Foreseen(0, f"{counted(len(workspace.files), 'file')} checked by the hook {hooks.BUILD}")


def foresee(reading: "RepoReading", *, reported: bool) -> "Foreseen | None":
    """How the hook `mirrorc-build` would end, None if it has something to write or to report.

    Args:
        reading: What the hook `mirrorc-check` has read.
        reported: It has reported errors, all that there are.
    """
    from compiler.clusters.account import is_empty
    from compiler.clusters.multiplied import check_built
    from compiler.commands.gone import has_gone
    from compiler.machine.limits import TooMuchError
    from compiler.machine.processes import spread

    found = reading.found()
    built = found.built
    clusters = [cluster for cluster, _ in built]
    if len(built) < len(found.pairs) or all(is_empty(loaded) for _, loaded in built) or has_gone(clusters):
        return None
    try:
        check_built(built)
    except TooMuchError:
        return None
    outcomes = spread(partial(_compile, check=True, progress=None, total=len(built)), built, least=_FEWEST_FOR_HELP)
    code = exit_code(_found(outcomes))
    if any(outcome.problem or outcome.changes or outcome.left for outcome in outcomes) or _untracked(outcomes):
        return None
    if code == 0:
        return hooks.Foreseen(0, f"{counted(len(built), 'cluster')} up to date, as the hook {hooks.CHECK} has found")
    return hooks.Foreseen(code, _counted_findings(outcomes)) if reported and configured_baseline() is None else None


def _load(
    clusters: "Sequence[Cluster]", *, every: bool = False, whole: bool = False
) -> "tuple[Repo, Settled, Workspace | None]":
    """What is read of the clusters; ends the program where none has any mirror policy and none may be without.

    Args:
        clusters: Those of the run.
        every: They are all clusters of a configuration.
        whole: Read all that `check` reads; its workspace is the third value.
    """
    from compiler.clusters.account import is_empty
    from compiler.clusters.homes import settled
    from compiler.clusters.loading import load_repo

    workspace: Workspace | None = None
    if whole:
        from compiler.commands.reading import read

        repo, settle, workspace = read(clusters, standard_input(clusters), every=every)
        found = settle()
    else:
        repo = load_repo(clusters, standard_input=standard_input(clusters), progress=progress("reading", "files"))
        tell_alternatives(clusters, repo.clusters)
        tell_inferred(repo)
        tell_skipped(link for each in repo.loaded for link in each.skipped)
        found = settled(repo.clusters, repo)
    clusters = repo.clusters
    built = found.built
    intended = all(cluster.settings.allow_empty for cluster in clusters)
    if clusters and not intended and all(is_empty(loaded) for _, loaded in built):
        tell_clusters(
            {
                cluster.name: [*loaded.problems, *(each for parsed in loaded.parsed for each in parsed.diagnostics)]
                for cluster, loaded in zip(found.clusters, found.loaded, strict=True)
            }
        )
        unread = repo.account.unread_words
        elsewhere = len({record.path for record in found.records})
        inside = f"the mirror policy inside {counted(elsewhere, 'document')} is for no cluster that is built"
        words = "; ".join(filter(None, (inside * bool(elsewhere), unread))) or "no mirror manifests found"
        fail(
            f"{words}; nothing was written",
            f"{'Run `mirrorc check` to list the places. ' if unread or elsewhere else ''}"
            "If a cluster without mirror policy is intended, add --allow-empty.",
        )
    known = {id(cluster) for cluster, _ in built}
    if left := [cluster for cluster, _ in found.pairs if id(cluster) not in known]:
        names, are = some_of([cluster.name for cluster in left], 5), "is" if len(left) == 1 else "are"
        say(
            f"mirrorc: {counted(len(left), 'cluster')} of policy inside other documents {are} not built: {names}",
            "  To build them, say under `homes` in .mirrorc.yaml for which of its clusters a document counts.",
        )
    return repo, found, workspace


def _print(wanted: str, clusters: "Sequence[Cluster]") -> NoReturn:
    """Print one artifact of the only cluster; what keeps it from being made is reported as by a build."""
    from compiler.commands.answer import give
    from compiler.policy.analysis import analyse
    from compiler.policy.artifacts import compile_analysis
    from compiler.policy.known import known
    from compiler.text.escaping import Patch
    from compiler.text.wording import nearest, ticked

    if len(clusters) != 1:
        names = some_of([cluster.name for cluster in clusters], 8)
        fail(
            f"--print prints a file of one cluster, and there are {len(clusters)}",
            f"Add --cluster; choose from {names}.",
        )
    found = _load(clusters)[1]
    if len(found.built) != 1:
        names = some_of([each.name for each, _ in found.built], 8)
        fail(f"--print prints a file of one cluster, and there are {len(found.built)}", f"They are {names}.")
    ((cluster, loaded),) = found.built
    tell_skipped(loaded.skipped)
    part = known(loaded.parsed)
    analysis = analyse(part.parsed, cluster.settings, (*loaded.problems, *part.others))
    compilation = compile_analysis(analysis, cluster.settings)
    tell_clusters({cluster.name: compilation.diagnostics})
    if compilation.ok and part.unknown and not part.objects and not cluster.settings.allow_empty:
        fail(*(_unwritten(_compiled(cluster, compilation, part.unknown), part.unknown).problem or ()))
    if not compilation.ok:
        sys.exit(exit_code(compilation.diagnostics))
    content = compilation.files.get(wanted)
    if content is None:
        near = nearest(wanted, compilation.files, cutoff=0.5)
        made = some_of(ticked(list(compilation.files)), 12) or "no files"
        fail(f"the cluster has no file `{wanted}`", f"Did you mean `{near}`? " * bool(near) + f"It has {made}.")
    give(Patch(content.decode()), None)
    sys.exit(exit_code(compilation.diagnostics))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What came of one cluster; what was compiled is let go, since there may be a thousand more.

    `done` counts the files that were changed before there was a problem; `left_out` are those that nodes would need
    beside the MachineConfigs; `templates` counts the manifests that were not compiled since they are templates, and
    `unknown` the objects of which a part was not, since it is unknown before they are rendered.
    `unshown` counts the files whose difference is too long. `temporary` are files that a killed run left, `left` those
    that are listed and may not be mirrorc's own.
    """

    cluster: str
    folder: str
    findings: "Sequence[Diagnostic]"
    counts: dict[str, int]
    problem: tuple[str, str] | None = None
    done: int = 0
    left_out: tuple[str, ...] = ()
    templates: int = 0
    unknown: int = 0
    difference: str = ""
    unshown: int = 0
    errors: int = 0
    made: tuple[str, ...] = ()
    written: int = 0
    removed: int = 0
    temporary: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def changes(self) -> int:
        return self.written + self.removed

    @property
    def is_empty(self) -> bool:
        """Nothing was found to compile, sound or not."""
        return not self.counts["object"] and not self.findings

    @property
    def losing(self) -> str:
        """What goes with files that are removed, if anything does that the user may not mean."""
        count = self.templates + self.unknown
        if not self.removed or not count:
            return ""
        were = "was" if count == 1 else "were"
        return f"; {counted(count, 'template')} {were} skipped: render the templates first"


def _compile(
    work: "Sequence[tuple[Cluster, Loaded]]", *, check: bool, progress: "Progress | None", total: int
) -> list[_Outcome]:
    """Compile clusters, those that are alike once; what others share is merged and rendered for the first of them only.

    Each group of clusters that are alike is written before the next is compiled, so that only one is in memory.
    """
    from compiler.clusters.alike import alike
    from compiler.machine.limits import most
    from compiler.machine.memo import FORGETFUL, Memo
    from compiler.policy.analysis import analyse
    from compiler.policy.artifacts import compile_analysis
    from compiler.policy.known import known
    from compiler.repository.folders import Trail

    memo = Memo() if len(work) > 1 else FORGETFUL
    room = most(_MOST_SHOWN) // max(total, 1)
    outcomes: dict[int, _Outcome] = {}
    with Trail() as trail:
        for numbers in alike(work):
            first, loaded = work[numbers[0]]
            part = known(loaded.parsed)
            analysis = analyse(part.parsed, first.settings, (*loaded.problems, *part.others), memo=memo)
            compilation = compile_analysis(analysis, first.settings, memo=memo)
            shared = _compiled(first, compilation, part.unknown)
            is_unwritten = part.unknown and not part.objects and analysis.ok and not first.settings.allow_empty
            for number in numbers:
                cluster, loaded = work[number]
                own = replace(shared, cluster=cluster.name, folder=str(cluster.output))
                outcomes[number] = (
                    _unwritten(own, part.unknown)
                    if is_unwritten
                    else _write(
                        cluster, compilation, own, check=check, looked_at=loaded.looked_at, trail=trail, room=room
                    )
                )
                if progress is not None:
                    progress(len(outcomes) * total // len(work), total)
    return [outcomes[number] for number in range(len(work))]


def _compiled(cluster: "Cluster", compilation: "Compilation", unknown: int) -> _Outcome:
    """The outcome of a cluster before anything is written."""
    from compiler.findings.rules import TEMPLATE_MANIFEST
    from compiler.policy.flavours import flavour_of

    return _Outcome(
        cluster=cluster.name,
        folder=str(cluster.output),
        findings=compilation.diagnostics,
        counts=compilation.analysis.counts,
        errors=sum(finding.severity == "error" for finding in compilation.diagnostics),
        left_out=flavour_of(cluster.settings).lacking(compilation.analysis) if compilation.ok else (),
        templates=sum(finding.rule == TEMPLATE_MANIFEST.name for finding in compilation.diagnostics),
        unknown=unknown,
    )


def _write(
    cluster: "Cluster",
    compilation: "Compilation",
    outcome: _Outcome,
    *,
    check: bool,
    looked_at: int,
    trail: "Trail",
    room: int,
) -> _Outcome:
    """Bring a cluster's folder up to date or, under `--check`, say what that would change.

    What no manifest makes any more is removed, but not because of paths that lead to no file at all.
    """
    from compiler.policy.artifacts import can_make
    from compiler.repository.output_folder import OutputError, opened

    if not compilation.ok:
        return outcome
    difference, unshown = "", 0
    try:
        with opened(cluster.output, writing=not check, makes=can_make, trail=trail) as folder:
            todo = folder.plan(compilation.files)
            if todo.removed and not looked_at:
                return _stopped(outcome, _nothing_to_read(cluster, len(todo.removed)))
            if check:
                difference, unshown = folder.differences(todo, room)
            else:
                folder.carry_out(todo)
    except OutputError as error:
        return _stopped(outcome, (str(error), error.help), done=error.done)
    return replace(
        outcome,
        difference=difference,
        unshown=unshown,
        made=tuple(compilation.files),
        written=len(todo.written),
        removed=len(todo.removed) + len(todo.temporary),
        temporary=todo.temporary,
        left=todo.left,
    )


def _unwritten(outcome: _Outcome, unknown: int) -> _Outcome:
    """The outcome of a cluster of whose policy nothing is known before it is rendered."""
    where = f" of `{outcome.cluster}`" if outcome.cluster else ""
    problem = (
        f"all mirror policy{where} depends on unknown values: {counted(unknown, 'object')} cannot be compiled "
        "before rendering"
    )
    return _stopped(outcome, (problem, _GIVE))


def _stopped(outcome: _Outcome, problem: tuple[str, str], *, done: int = 0) -> _Outcome:
    """The outcome of a cluster that was not written to its end."""
    return replace(outcome, problem=problem, done=done, left_out=(), templates=0)


_GIVE = "Give the values: `--set NAME=VALUE`, `--values FILE`, or `values` of the cluster in .mirrorc.yaml."


def _tell_incomplete(outcomes: "Sequence[_Outcome]") -> None:
    """Warn of files that lack what is unknown."""
    from compiler.findings.by_cluster import named

    lacking = [outcome for outcome in outcomes if outcome.unknown and outcome.made]
    if not lacking:
        return
    where = f" in {named([outcome.cluster for outcome in lacking], len(outcomes))}" if len(outcomes) > 1 else ""
    objects = counted(sum(outcome.unknown for outcome in lacking), "object")
    say(
        f"mirrorc: warning: the output is incomplete{where}: parts of {objects} are unknown and were left out",
        f"  {_GIVE}",
    )


def _nothing_to_read(cluster: "Cluster", made: int) -> tuple[str, str]:
    """Why what was made earlier stays although nothing makes it now."""
    from compiler.repository.paths import posix, printable
    from compiler.text.wording import some_of, ticked

    paths = some_of(ticked([printable(posix(path)) for path in cluster.paths]), 5)
    kept = f"{counted(made, 'file')} of an earlier build {'stays' if made == 1 else 'stay'} in {cluster.output}"
    advice = f"Check the paths. If the cluster no longer has mirrors, remove {cluster.output} yourself."
    return f"no manifest file found in {paths}, so {kept}", advice


def _tell_empty(outcomes: "Sequence[_Outcome]") -> None:
    """Say which of several clusters have nothing to compile."""
    from compiler.findings.by_cluster import named

    empty = [outcome.cluster for outcome in outcomes if outcome.is_empty and not outcome.problem]
    if empty:
        advice = "If there should be some, check `paths` and `exclude` in .mirrorc.yaml."
        say(f"mirrorc: no mirror manifests found for {named(empty, len(outcomes))}", f"  {advice}")


def _untracked(outcomes: "Sequence[_Outcome]") -> "Mapping[str, Sequence[str]]":
    """The rendered files that Git neither tracks nor ignores, by folder."""
    from compiler.repository.git import untracked
    from compiler.repository.output_folder import LISTING

    found = {}
    for outcome in outcomes:
        ours = {LISTING, *outcome.made}
        if outcome.made and (names := [name for name in untracked(outcome.folder) if name in ours]):
            found[outcome.folder] = names
    return found


def _tell_untracked(outcomes: "Sequence[_Outcome]") -> bool:
    """Say which rendered files Git does not track, and whether there are any."""
    from compiler.repository.paths import posix, printable
    from compiler.text.wording import some_of, ticked

    found = _untracked(outcomes)
    if not found:
        return False
    names = [printable(posix(f"{folder}/{name}")) for folder, inside in found.items() for name in inside]
    are = "is" if len(names) == 1 else "are"
    add = " ".join(printable(posix(folder)) for folder in found)
    say(f"mirrorc: {some_of(ticked(names), 8)} {are} not in Git", f"  `git add {add}`, and commit again.")
    return True


def _tell_unshown(outcomes: "Sequence[_Outcome]") -> None:
    """Say of which files there is no difference above since it is too long."""
    from compiler.findings.by_cluster import named

    if concerned := [outcome.cluster for outcome in outcomes if outcome.unshown]:
        count = sum(outcome.unshown for outcome in outcomes)
        where = f" in {named(concerned, len(outcomes))}" if len(outcomes) > 1 else ""
        say(
            f"mirrorc: the differences of {counted(count, 'stale file')}{where} are not shown: they are too long",
            "  Run `mirrorc build` and look at `git diff`, or add --no-limits.",
        )


def _tell_left_out(outcomes: "Sequence[_Outcome]") -> None:
    """Say which files the MachineConfigs of the drop-in flavour do not bring to the nodes."""
    from compiler.findings.by_cluster import named

    concerned = [outcome.cluster for outcome in outcomes if outcome.left_out]
    if not concerned:
        return
    names = sorted({name for outcome in outcomes for name in outcome.left_out})
    where = f" in {named(concerned, len(outcomes))}" if len(outcomes) > 1 else ""
    say(
        f"mirrorc: the drop-in MachineConfigs contain only mirrors, not {' and '.join(names)}{where}",
        "  These settings of the Image config do not reach the nodes. Deploy them from the output folder with your own "
        "MachineConfig.",
    )


def _report_kept(outcomes: "Sequence[_Outcome]", *, check: bool) -> None:
    """Report what a killed run left, and what is listed without proof that a build made it."""
    temporary = _inside(outcomes, lambda outcome: outcome.temporary)
    report_temporary(temporary, "The next build removes what is listed." if check else "The build removed it.")
    left = _inside(outcomes, lambda outcome: outcome.left)
    if len(left) == 1:
        say(
            f"mirrorc: {_some(left)} was kept: no manifest produces it any more, but it is not certain that a build "
            "wrote it",
            "  Remove it, if it is not yours.",
        )
    elif left:
        say(
            f"mirrorc: {_some(left)} were kept: no manifest produces them any more, but it is not certain that a "
            "build wrote them",
            "  Remove them, if they are not yours.",
        )


def _inside(outcomes: "Sequence[_Outcome]", names: "Callable[[_Outcome], tuple[str, ...]]") -> list[str]:
    from compiler.repository.paths import Destination, printable

    return [printable(str(Destination(outcome.folder, name))) for outcome in outcomes for name in names(outcome)]


def _some(names: "list[str]") -> str:
    from compiler.text.wording import some_of, ticked

    return some_of(ticked(names), 8)


def _conclude(outcome: _Outcome, account: "Account", *, check: bool) -> None:
    """One cluster in one line."""
    files = counted(len(outcome.made), "file")
    if outcome.done:
        made = f"stopped after {counted(outcome.done, 'file')}"
    elif outcome.errors:
        made = f"{counted(outcome.errors, 'error')}; nothing was written"
    elif outcome.problem:
        made = "nothing was written"
    elif not outcome.changes:
        made = f"{files} in {outcome.folder}, all up to date"
    elif check:
        made = f"{outcome.folder} is stale: {outcome.written} of {files} to write, {outcome.removed} to remove"
    else:
        made = f"{files} in {outcome.folder}: {outcome.written} written, {outcome.removed} removed"
    read = ", ".join(counted(count, noun) for noun, count in outcome.counts.items())
    if outcome.is_empty:
        read = "no mirror manifests found"
    incomplete = f"incomplete: {counted(outcome.unknown, 'object')} with unknown values" * bool(outcome.unknown)
    say_note("; ".join(filter(None, (read, f"{made}{outcome.losing}", incomplete, account.unread_words))))


def _conclude_all(outcomes: "Sequence[_Outcome]", account: "Account", *, check: bool) -> None:
    """All clusters in a table, those that changed first."""
    from compiler.commands.table import Result, Row, summary, table

    rows = []
    for outcome in outcomes:
        counts = {f"{noun}s": count for noun, count in outcome.counts.items()}
        if outcome.errors or outcome.problem:
            result = Result.FAILED
            words = f"stopped after {counted(outcome.done, 'file')}: " if outcome.done else "not written: "
            words += counted(outcome.errors, "error") if outcome.errors else "see above"
        else:
            result = Result.CHANGED if outcome.changes else Result.UNCHANGED
            words = _changes(outcome, check=check)
            counts["files"] = len(outcome.made)
        rows.append(Row(cluster=outcome.cluster, result=result, words=words, counts=counts))
    say_note_page(f"{table(rows)}{summary(rows, changed='stale' if check else 'changed')}\n")
    if account.unread:
        say_note(account.unread_words)


def _changes(outcome: _Outcome, *, check: bool) -> str:
    written, removed = ("to write", "to remove") if check else ("written", "removed")
    parts = ((outcome.written, written), (outcome.removed, removed))
    words = ", ".join(f"{count} {word}" for count, word in parts if count) or "up to date"
    return f"{words}{', incomplete' * bool(outcome.unknown)}{outcome.losing}"
