"""`mirrorc build`."""

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from compiler.commands import console, hooks
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
from compiler.commands.gone import Gone, remove_gone
from compiler.commands.options import (
    all_configured,
    allow_empty_option,
    choose_clusters,
    cluster_options,
    config_location,
    configured_baseline,
    paths_argument,
    tracked_only,
    values_options,
)
from compiler.commands.outcomes import GIVE, BuildOutcome, all_unknown, as_plain, compile_clusters, of_plain, put_kept
from compiler.repository.paths import Destination
from compiler.text.wording import counted, some_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from compiler.checks.inspection import Inspection
    from compiler.clusters.cluster import Cluster
    from compiler.clusters.homes import Settled
    from compiler.clusters.loading import Repo
    from compiler.clusters.workspace import Workspace
    from compiler.commands.console import Printed
    from compiler.commands.reading import RepoReading
    from compiler.findings.baseline import Compared
    from compiler.findings.diagnostics import Diagnostic
    from compiler.manifests.load import Loaded

_FEWEST_FOR_HELP = 50
"""Clusters worth their own process."""


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
    turn = hooks.begin(hooks.BUILD, _resumed)
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

    every = all_configured(paths)
    repo, found, workspace = _read(clusters, every=every, whole=with_checks or turn is not None)
    heard = turn.heard() if turn is not None else ()
    try:
        built = _ready(repo, found)
    except SystemExit:
        if turn is not None and workspace is not None and (seen := _seen(workspace)) is not None:
            turn.leave(_foreseen_check(seen, heard))
        raise
    check_built(built)
    work = partial(compile_clusters, check=check, progress=progress("compiling", "clusters"), total=len(built))
    outcomes = spread(work, built, least=_FEWEST_FOR_HELP)
    give("".join(outcome.difference for outcome in outcomes), None)
    checked = _checked(workspace, outcomes, every=every) if with_checks and workspace is not None else ()
    seen = _seen(workspace) if turn is not None and workspace is not None else None
    hidden = seen.compared.hidden if seen is not None and seen.compared is not None else None
    words = _FindingWords(*(partial(tell, outcomes, hidden) for tell in (_tell_findings, _count_findings)))
    if with_checks:
        words = _NO_WORDS
    foreseen = _foreseen_check(seen, heard, outcomes) if seen is not None else None
    done = _end(
        outcomes,
        words,
        check_fails=bool(foreseen.code) if foreseen is not None else None,
        unread=repo.account.unread_words,
        every=every and output is None,
        check=check,
        hook=fail_on_change,
    )
    # What is taken over was read as if no build had made it.
    if turn is not None and foreseen is not None and not any(outcome.taken for outcome in outcomes):
        turn.leave(foreseen, changed=done.changed)
    sys.exit(done.code if done.code == 2 else max(done.code, exit_code(checked)))


class _FindingWords(NamedTuple):
    """Print the findings of a build, or only what the hook `mirrorc-check` does not print of them."""

    told: "Callable[[], None]"
    rest: "Callable[[], None]"


_NO_WORDS = _FindingWords(lambda: None, lambda: None)


class _Ended(NamedTuple):
    code: int
    changed: "Sequence[str]"


def _end(
    outcomes: "Sequence[BuildOutcome]",
    words: _FindingWords,
    *,
    check_fails: bool | None,
    unread: str,
    every: bool,
    check: bool,
    hook: bool,
) -> _Ended:
    """Say what has come of the clusters, remove the folders of clusters that are gone, and give the exit code.

    Args:
        outcomes: Of all clusters that are built.
        words: Their findings.
        check_fails: Whether the hook `mirrorc-check` fails in this run, None if it is not known.
        unread: What was said of policy that is not read.
        every: They are all clusters of a configuration, in its own folders.
        check: Nothing is written.
        hook: It fails if it has changed anything.
    """
    gone = Gone()
    with console.aside() as later:
        if every:
            gone = remove_gone({outcome.cluster: outcome.output for outcome in outcomes}, check=check)
        changed = (check or hook) and (gone.files or any(outcome.changes or outcome.left for outcome in outcomes))
        code = 2 if gone.failed or any(outcome.problem for outcome in outcomes) else 0
        # A hook is to see that the commit contains what it was made for: `git commit -a` leaves new files out.
        if not code:
            missing = hook and tracked_only() and _tell_untracked(outcomes)
            code = max([int(bool(changed or missing)), *(outcome.code for outcome in outcomes)])
    (words.rest if hook and _is_checked_too(outcomes, code, check_fails=check_fails) else words.told)()
    for outcome in outcomes:
        if outcome.problem:
            message, advice = outcome.problem
            say(f"mirrorc: {message}", f"  {advice}")
    _tell_unshown(outcomes)
    _tell_left_out(outcomes)
    _tell_incomplete(outcomes)
    _report_kept(outcomes, check=check)
    if len(outcomes) == 1:
        _conclude(outcomes[0], unread, check=check)
    else:
        _tell_empty(outcomes)
        _conclude_all(outcomes, unread, check=check)
    console.replay(later)
    return _Ended(code, [*gone.files, *(name for outcome in outcomes for name in outcome.touched)])


def _is_checked_too(outcomes: "Sequence[BuildOutcome]", code: int, *, check_fails: bool | None) -> bool:
    """Whether the hook `mirrorc-check` prints the findings in the same run of pre-commit or prek, for people to see.

    Both print nothing of a hook that passes, unless they are asked to.
    """
    if hooks.CHECK in os.environ.get("SKIP", "") or hooks.CHECK not in hooks.configured():
        return False
    if code and not hooks.is_checked_later():
        return False
    if check_fails is None:
        return configured_baseline() is None and (not code or any(outcome.code for outcome in outcomes))
    return check_fails or not code


def _tell_findings(outcomes: "Sequence[BuildOutcome]", hidden: "Sequence[Diagnostic] | None") -> None:
    tell_clusters({outcome.cluster: outcome.findings for outcome in outcomes})


def _found(outcomes: "Sequence[BuildOutcome]") -> "list[Diagnostic]":
    """The findings, those of clusters that are alike once."""
    distinct = {id(outcome.findings): outcome.findings for outcome in outcomes}
    return [finding for findings in distinct.values() for finding in findings]


def _count_findings(outcomes: "Sequence[BuildOutcome]", hidden: "Sequence[Diagnostic] | None") -> None:
    """Count the findings that the hook `mirrorc-check` reports, and report those that a baseline hides from it."""
    keys = {part.sort_key for each in hidden or () for part in each.each}
    found = set(_found(outcomes))
    is_hidden = {each for each in found if any(part.sort_key in keys for part in each.each)}
    found -= is_hidden
    if is_hidden:
        tell_clusters({outcome.cluster: [*filter(is_hidden.__contains__, outcome.findings)] for outcome in outcomes})
    if found:
        them = "it" if len(found) == 1 else "them"
        say(f"mirrorc: {counted(len(found), 'finding')}: the hook {hooks.CHECK} reports {them}")


def _checked(workspace: "Workspace", outcomes: "Sequence[BuildOutcome]", *, every: bool) -> "Sequence[Diagnostic]":
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


class _Seen(NamedTuple):
    """What the hook `mirrorc-check` has to report."""

    workspace: "Workspace"
    inspection: "Inspection"
    compared: "Compared | None"


def _seen(workspace: "Workspace") -> _Seen | None:
    """What is to be reported of what was read; None where there is a baseline that cannot be used."""
    from compiler.commands.baselines import compare_findings, read_baseline, without_accepted

    with console.aside():
        try:
            accepted = read_baseline()
        except SystemExit:
            return None
    inspection, compared = workspace.inspect(), None
    if accepted is not None:
        compared = compare_findings(accepted, inspection, workspace, every=all_configured(()))
        inspection = without_accepted(inspection, compared)
    return _Seen(workspace, inspection, compared)


def _foreseen_check(
    seen: _Seen, heard: "Sequence[Printed]", outcomes: "Sequence[BuildOutcome]" = ()
) -> "hooks.Foreseen":
    """How the hook `mirrorc-check` would end."""
    from compiler.commands.conclusion import conclude
    from compiler.commands.targets import resolve
    from compiler.reporters import FORMATS

    removed = _inside(outcomes, lambda outcome: outcome.temporary)
    with console.aside() as printed:
        code = conclude(*seen, resolve((), None, FORMATS), removed=removed)
    return hooks.Foreseen(code, [*heard, *printed], others=(*_inputs(), *seen.workspace.temporary))


def _inputs() -> "list[str]":
    """The configuration and what it names, which Git need not track."""
    location, baseline = config_location(()), configured_baseline()
    found = [location] if location is not None else []
    return [*found, os.path.join(os.path.dirname(baseline[0]), baseline[1].value)] if baseline is not None else found  # noqa: PTH118, PTH120 - names are texts


def foresee(
    reading: "RepoReading", heard: "Sequence[Printed]", *, code: int, compared: "Compared | None"
) -> "hooks.Foreseen | None":
    """How the hook `mirrorc-build` would end, None where there is too much to write.

    Args:
        reading: What the hook `mirrorc-check` has read.
        heard: What it has printed while it did.
        code: How it ends.
        compared: What its baseline hides.
    """
    from compiler.clusters.multiplied import check_built
    from compiler.machine.limits import TooMuchError
    from compiler.machine.processes import spread
    from compiler.repository.output_folder import LISTING

    with console.aside() as printed:
        try:
            built = _ready(reading.repo, reading.found())
        except SystemExit as end:
            return hooks.Foreseen(int(end.code or 0), [*heard, *printed], others=_inputs())
    try:
        check_built(built)
    except TooMuchError:
        return None
    work = partial(compile_clusters, check=True, progress=None, total=len(built), keep=True)
    outcomes = spread(work, built, least=_FEWEST_FOR_HELP)
    plain = as_plain(outcomes)
    if plain is None:
        return None
    told = []
    for tell in (_tell_findings, _count_findings):
        with console.aside() as words:
            tell(outcomes, compared.hidden if compared is not None else None)
        told.append(words)
    made = [str(Destination(each.folder, name)) for each in outcomes for name in (LISTING, *each.made) if each.made]
    plan = {
        "outcomes": plain,
        "words": told,
        "check_fails": bool(code),
        "unread": reading.repo.account.unread_words,
        "every": all_configured(()),
    }
    return hooks.Foreseen(0, [*heard, *printed], plan, (*_inputs(), *made))


def _resumed(plan: "Any") -> "Callable[[], int] | None":
    """Finish what `foresee` has planned; None where it is anything else."""
    try:
        outcomes = of_plain(plan["outcomes"])
        told, rest = ([(int(stream), str(text)) for stream, text in words] for words in plan["words"])
        check_fails, unread, every = bool(plan["check_fails"]), str(plan["unread"]), bool(plan["every"])
    except (ValueError, TypeError, LookupError):
        return None
    if outcomes is None:
        return None
    from compiler.machine.processes import spread

    words = _FindingWords(partial(console.replay, told), partial(console.replay, rest))

    def finish() -> int:
        written = spread(put_kept, outcomes, least=_FEWEST_FOR_HELP)
        end = _end(written, words, check_fails=check_fails, unread=unread, every=every, check=False, hook=True)
        return end.code

    return finish


def _read(
    clusters: "Sequence[Cluster]", *, every: bool = False, whole: bool = False
) -> "tuple[Repo, Settled, Workspace | None]":
    """What is read of the clusters.

    Args:
        clusters: Those of the run.
        every: They are all clusters of a configuration.
        whole: Read all that `check` reads; its workspace is the third value.
    """
    from compiler.clusters.homes import settled
    from compiler.clusters.loading import load_repo

    if whole:
        from compiler.commands.reading import read

        repo, settle, workspace = read(clusters, standard_input(clusters), every=every)
        return repo, settle(), workspace
    repo = load_repo(clusters, standard_input=standard_input(clusters), progress=progress("reading", "files"))
    tell_alternatives(clusters, repo.clusters)
    tell_inferred(repo)
    tell_skipped(link for each in repo.loaded for link in each.skipped)
    return repo, settled(repo.clusters, repo), None


def _ready(repo: "Repo", found: "Settled") -> "Sequence[tuple[Cluster, Loaded]]":
    """What is to be built; ends the program where no cluster has any mirror policy and none may be without."""
    from compiler.clusters.account import is_empty

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
    return built


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
    built = _ready(*_read(clusters)[:2])
    if len(built) != 1:
        names = some_of([each.name for each, _ in built], 8)
        fail(f"--print prints a file of one cluster, and there are {len(built)}", f"They are {names}.")
    ((cluster, loaded),) = built
    tell_skipped(loaded.skipped)
    part = known(loaded.parsed)
    analysis = analyse(part.parsed, cluster.settings, (*loaded.problems, *part.others))
    compilation = compile_analysis(analysis, cluster.settings)
    tell_clusters({cluster.name: compilation.diagnostics})
    if compilation.ok and part.unknown and not part.objects and not cluster.settings.allow_empty:
        fail(*all_unknown(cluster, part.unknown))
    if not compilation.ok:
        sys.exit(exit_code(compilation.diagnostics))
    content = compilation.files.get(wanted)
    if content is None:
        near = nearest(wanted, compilation.files, cutoff=0.5)
        made = some_of(ticked(list(compilation.files)), 12) or "no files"
        fail(f"the cluster has no file `{wanted}`", f"Did you mean `{near}`? " * bool(near) + f"It has {made}.")
    give(Patch(content.decode()), None)
    sys.exit(exit_code(compilation.diagnostics))


def _tell_incomplete(outcomes: "Sequence[BuildOutcome]") -> None:
    """Warn of files that lack what is unknown."""
    from compiler.findings.by_cluster import named

    lacking = [outcome for outcome in outcomes if outcome.unknown and outcome.made]
    if not lacking:
        return
    where = f" in {named([outcome.cluster for outcome in lacking], len(outcomes))}" if len(outcomes) > 1 else ""
    objects = counted(sum(outcome.unknown for outcome in lacking), "object")
    say(
        f"mirrorc: warning: the output is incomplete{where}: parts of {objects} are unknown and were left out",
        f"  {GIVE}",
    )


def _tell_empty(outcomes: "Sequence[BuildOutcome]") -> None:
    """Say which of several clusters have nothing to compile."""
    from compiler.findings.by_cluster import named

    empty = [outcome.cluster for outcome in outcomes if outcome.is_empty and not outcome.problem]
    if empty:
        advice = "If there should be some, check `paths` and `exclude` in .mirrorc.yaml."
        say(f"mirrorc: no mirror manifests found for {named(empty, len(outcomes))}", f"  {advice}")


def _untracked(outcomes: "Sequence[BuildOutcome]") -> "Mapping[str, Sequence[str]]":
    """The rendered files that Git neither tracks nor ignores, by folder."""
    from compiler.repository.git import untracked
    from compiler.repository.output_folder import LISTING

    found = {}
    for outcome in outcomes:
        ours = {LISTING, *outcome.made}
        if outcome.made and (names := [name for name in untracked(outcome.folder) if name in ours]):
            found[outcome.folder] = names
    return found


def _tell_untracked(outcomes: "Sequence[BuildOutcome]") -> bool:
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


def _tell_unshown(outcomes: "Sequence[BuildOutcome]") -> None:
    """Say of which files there is no difference above since it is too long."""
    from compiler.findings.by_cluster import named

    if concerned := [outcome.cluster for outcome in outcomes if outcome.unshown]:
        count = sum(outcome.unshown for outcome in outcomes)
        where = f" in {named(concerned, len(outcomes))}" if len(outcomes) > 1 else ""
        say(
            f"mirrorc: the differences of {counted(count, 'stale file')}{where} are not shown: they are too long",
            "  Run `mirrorc build` and look at `git diff`, or add --no-limits.",
        )


def _tell_left_out(outcomes: "Sequence[BuildOutcome]") -> None:
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


def _report_kept(outcomes: "Sequence[BuildOutcome]", *, check: bool) -> None:
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


def _inside(outcomes: "Sequence[BuildOutcome]", names: "Callable[[BuildOutcome], tuple[str, ...]]") -> list[str]:
    from compiler.repository.paths import printable

    return [printable(str(Destination(outcome.folder, name))) for outcome in outcomes for name in names(outcome)]


def _some(names: "list[str]") -> str:
    from compiler.text.wording import some_of, ticked

    return some_of(ticked(names), 8)


def _conclude(outcome: BuildOutcome, unread: str, *, check: bool) -> None:
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
        made = f"{outcome.folder} is stale: {len(outcome.written)} of {files} to write, {outcome.gone} to remove"
    else:
        made = f"{files} in {outcome.folder}: {len(outcome.written)} written, {outcome.gone} removed"
    read = ", ".join(counted(count, noun) for noun, count in outcome.counts.items())
    if outcome.is_empty:
        read = "no mirror manifests found"
    incomplete = f"incomplete: {counted(outcome.unknown, 'object')} with unknown values" * bool(outcome.unknown)
    say_note("; ".join(filter(None, (read, f"{made}{outcome.losing}", incomplete, unread))))


def _conclude_all(outcomes: "Sequence[BuildOutcome]", unread: str, *, check: bool) -> None:
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
    if unread:
        say_note(unread)


def _changes(outcome: BuildOutcome, *, check: bool) -> str:
    written, removed = ("to write", "to remove") if check else ("written", "removed")
    parts = ((len(outcome.written), written), (outcome.gone, removed))
    words = ", ".join(f"{count} {word}" for count, word in parts if count) or "up to date"
    return f"{words}{', incomplete' * bool(outcome.unknown)}{outcome.losing}"
