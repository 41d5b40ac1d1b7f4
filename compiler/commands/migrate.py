"""`mirrorc migrate`."""

import os
import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.command import Command, Option
from compiler.commands.common import fail, progress, standard_input, tell_skipped
from compiler.commands.console import say, say_note
from compiler.commands.options import choose_clusters, cluster_options, config_location, paths_argument
from compiler.text.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from compiler.clusters.cluster import Cluster
    from compiler.clusters.workspace import Workspace
    from compiler.edits.migration import Difference, Left, Migration, Step
    from compiler.findings.diagnostics import Diagnostic
    from compiler.repository.write_back import Candidates
    from compiler.text.span import File


@click.command(
    cls=Command,
    examples=(
        ("Add an ImageDigestMirrorSet after each ImageContentSourcePolicy", "mirrorc migrate"),
        ("After that is synced, remove the ImageContentSourcePolicies", "mirrorc migrate --finish"),
        ("Fail in CI while something is left to migrate", "mirrorc migrate --check"),
    ),
)
@paths_argument
@Option.of("--finish", is_flag=True, help="Remove each old object whose new one exists.", group="Rule")
@Option.of("--at-once", is_flag=True, help="Replace the old objects in one step.", group="Rule")
@Option.of(
    "--never-contact-source",
    "never",
    is_flag=True,
    help="After the migration, set mirrorSourcePolicy: NeverContactSource in every rule that has none.",
    group="Rule",
)
@Option.of("--diff", is_flag=True, help="Show the edits as a diff, and write nothing.", group="Output")
@Option.of("--check", is_flag=True, help="Write nothing; exit 1 if something is left to migrate.", group="Output")
@cluster_options
def command(
    paths: tuple[str, ...],
    finish: bool,  # noqa: FBT001 - click passes it by name
    at_once: bool,  # noqa: FBT001 - click passes it by name
    never: bool,  # noqa: FBT001 - click passes it by name
    diff: bool,  # noqa: FBT001 - click passes it by name
    check: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Migrate ImageContentSourcePolicies to ImageDigestMirrorSets in place.

    Every byte outside the edits is kept. Nothing is written unless each cluster makes the same node files before,
    during and after the migration, byte for byte.

    In a Git working tree, the new objects are added first and `--finish` removes the old ones, since that sequence
    changes nothing on nodes. Elsewhere, the old objects are replaced at once.
    """
    if finish + at_once + never > 1:
        message = "--finish, --at-once and --never-contact-source are separate steps: use one of them."
        raise click.UsageError(message)
    if diff and check:
        message = "--diff and --check cannot be used together."
        raise click.UsageError(message)
    from dataclasses import replace

    from compiler.edits.migration import Step, migrate
    from compiler.repository.discovery import discover
    from compiler.repository.files import is_stream
    from compiler.repository.paths import is_kustomization
    from compiler.repository.write_back import find

    clusters = _clusters(paths)
    writes = not diff and not check
    if writes and any(is_stream(path) for cluster in clusters for path in cluster.paths):
        message = "migrate cannot write to standard input or a pipe: use --diff, or name files."
        raise click.UsageError(message)
    workspace = _read(clusters)
    if sources := _sources(workspace) if not paths else ():
        clusters = [replace(clusters[0].over(sources), name=""), *clusters]
        workspace = _with_konflux(_read(clusters))
    candidates = find(workspace.paths, beside=workspace.built_from)
    chosen = {candidate.path for candidate in discover(paths).candidates} if paths else None
    in_git = _in_work_tree(workspace, candidates)
    step = Step.FINISH if finish else Step.NEVER if never else Step.ADD if in_git and not at_once else Step.AT_ONCE
    if step is Step.ADD:
        _check_coexistence(clusters)
    get = _getter(candidates)
    kustomizations = [file for path in sorted(candidates) if is_kustomization(path) and (file := get(path)) is not None]
    if not any(cluster.configuration for cluster in clusters):
        workspace = _with_built(workspace, kustomizations, candidates)
    made = migrate(
        workspace,
        step,
        chosen=lambda path: chosen is None or path in chosen or path == "<stdin>",
        kustomizations=kustomizations,
        get=get,
    )
    _report(made)
    unread = _report_unread(workspace, made)
    if diff:
        _show(made, candidates)
    elif writes and not _write(made, candidates):
        sys.exit(2)
    if made.after and step is Step.AT_ONCE and in_git:
        say_note(
            "A sync may delete the old objects before it creates the new ones: until then nodes have no mirrors, and",
            "they drain. With Argo CD, set the sync option PruneLast=true.",
        )
    _report_next(made, step, writes=writes, unread=unread)
    if unread:
        sys.exit(2)
    is_left = not made.is_complete or (not writes and bool(made.after)) or (check and bool(made.pending))
    sys.exit(int(is_left))


def _clusters(paths: tuple[str, ...]) -> "list[Cluster]":
    """What the paths lead to and, as a change to their files concerns them too, the configured clusters."""
    chosen = choose_clusters(paths)
    if paths and config_location(paths) is not None:
        return [*chosen, *choose_clusters(())]
    return chosen


def _read(clusters: "Sequence[Cluster]") -> "Workspace":
    from compiler.clusters.loading import load_clusters
    from compiler.clusters.workspace import Workspace

    loaded = load_clusters(clusters, standard_input=standard_input(clusters), progress=progress())
    tell_skipped(link for each in loaded for link in each.skipped)
    return Workspace(clusters=clusters, loaded=loaded)


def _getter(candidates: "Candidates") -> "Callable[[str], File | None]":
    """Reads files by their shown path, each once."""
    from compiler.repository import files
    from compiler.text.span import File

    known: dict[str, File | None] = {}

    def get(path: str) -> File | None:
        if path not in known:
            data = files.read(candidates[path][0]) if path in candidates else b""
            file = files.decode(path, data) if isinstance(data, bytes) and path in candidates else None
            known[path] = file if isinstance(file, File) else None
        return known[path]

    return get


def _with_konflux(workspace: "Workspace") -> "Workspace":
    """The same with the objects in mirror sets of Konflux, which are part of no cluster otherwise."""
    from dataclasses import replace

    from compiler.manifests.konflux import is_konflux
    from compiler.manifests.parsing import parse

    first, *others = workspace.loaded
    release = workspace.clusters[0].settings.release
    parsed = [parse(each.file, release) if is_konflux(each.file.path) else each for each in first.parsed]
    return replace(workspace, loaded=[replace(first, parsed=tuple(parsed)), *others])


def _sources(workspace: "Workspace") -> tuple[str, ...]:
    """Files with old objects that no cluster reads itself: what kustomizations are built from, and sets of Konflux."""
    import posixpath

    from compiler.edits.legacy import OLD
    from compiler.manifests.konflux import is_konflux
    from compiler.manifests.kustomization import decode
    from compiler.repository.files import Candidate
    from compiler.repository.paths import is_kustomization, printable
    from compiler.repository.write_back import find

    built = {printable(path): path for path in workspace.built_from}
    folder = next((cluster.configuration for cluster in workspace.clusters if cluster.configuration), "")
    konflux = os.path.join(os.path.dirname(folder), ".tekton") if folder else ""  # noqa: PTH118, PTH120 - texts
    if konflux and os.path.isdir(konflux):  # noqa: PTH112 - names are texts
        built |= {path: each[0].location for path, each in find([konflux]).items()}
    get = _getter({path: [Candidate(path, location)] for path, location in built.items()})
    patches: set[str] = set()
    for path in filter(is_kustomization, built):
        if (file := get(path)) is not None:
            named = (each.path.value for each in decode(file).references if not each.is_manifest)
            patches.update(posixpath.normpath(posixpath.join(posixpath.dirname(path), each)) for each in named)
    every = (parsed.file for loaded in workspace.loaded for parsed in loaded.parsed)
    read = {file.path for file in every if file.editable and not is_konflux(file.path)}
    found = []
    for path, location in built.items():
        file = None if is_kustomization(path) or path in patches or path in read else get(path)
        if file is not None and OLD.kind in file.text:
            found.append(location)
    return tuple(found)


def _with_built(workspace: "Workspace", kustomizations: "Sequence[File]", candidates: "Candidates") -> "Workspace":
    """The same with what kustomizations make of the old objects, for the proof: nothing says whose they are.

    Those that cannot be built or are refused already prove nothing; those that change nothing need not be built.
    """
    from dataclasses import replace

    from compiler.clusters.workspace import Workspace
    from compiler.edits.legacy import OLD
    from compiler.findings.diagnostics import Severity
    from compiler.manifests.kustomization import altering
    from compiler.repository.git import tree_around
    from compiler.text.span import Located, Span

    if not any(OLD.kind in parsed.file.text for loaded in workspace.loaded for parsed in loaded.parsed):
        return workspace
    clusters = []
    for file in altering(kustomizations):
        folder = os.path.dirname(candidates[file.path][0].location) or "."  # noqa: PTH120 - names are texts
        built = (Located(folder, Span(file, 0, 0)),)
        first = workspace.clusters[0].over(())
        clusters.append(replace(first, name=file.path, kustomizations=built, root=tree_around(folder)))
    tried = _read(clusters)
    analyses = tried.analyses()
    kept = [
        (cluster, loaded)
        for cluster, loaded, analysis in zip(tried.clusters, tried.loaded, analyses, strict=True)
        if not analysis.refused and all(each.severity is not Severity.ERROR for each in loaded.problems)
    ]
    return Workspace(
        clusters=[*workspace.clusters, *(cluster for cluster, _ in kept)],
        loaded=[*workspace.loaded, *(loaded for _, loaded in kept)],
    )


def _in_work_tree(workspace: "Workspace", candidates: "Candidates") -> bool:
    """Whether one of the files with manifests is in a Git working tree."""
    from compiler.repository.git import work_tree_around

    folders = {
        os.path.dirname(os.path.realpath(candidate.location))  # noqa: PTH120 - names are texts
        for path in workspace.files
        for candidate in candidates.get(path, ())
    }
    return any(work_tree_around(folder) is not None for folder in sorted(folders))


def _check_coexistence(clusters: "Sequence[Cluster]") -> None:
    """End the program where a cluster refuses a second kind of mirror objects; warn where that is not known."""
    for cluster in clusters:
        known = cluster.settings.mixes_kinds
        of = f"cluster `{cluster.name}`" if cluster.name else "the cluster"
        if known is False:
            fail(
                f"the release of {of} does not accept both kinds at a time",
                "Update it to 4.13.27, 4.14.3 or later first. Or use --at-once: until the new objects are created, "
                "nodes have no mirrors, and they drain.",
            )
        if known is None:
            say(
                f"mirrorc: warning: before 4.13.27 and 4.14.3, {of} does not accept both kinds at a time",
                "  Use --at-once if its release is an earlier one.",
            )


def _report_unread(workspace: "Workspace", made: "Migration") -> bool:
    """Whether a file could not be read; says so unless it is said why nothing is proven."""
    from compiler.commands.common import tell_clusters
    from compiler.manifests.load import was_unread

    unread: dict[str, list[Diagnostic]] = {}
    for cluster, loaded in zip(workspace.clusters, workspace.loaded, strict=True):
        unread.setdefault(cluster.name, []).extend(filter(was_unread, loaded.problems))  # several have no name
    if not made.unproven:
        tell_clusters(unread)
    return any(unread.values())


def _report(made: "Migration") -> None:
    for span, what in made.done:
        say_note(f"{span}: {what}")
    _report_left(made.left)
    if made.unproven:
        say("nothing is written, because the clusters refuse the manifests or cannot be compared:")
        _report_left(made.unproven)
    if made.differences:
        say("nothing is written, because nodes would get other files:")
        _show_differences(made.differences)
    several = len({name for name, _ in made.costs}) > 1
    for cluster, cost in made.costs:
        say(f"{f'{cluster}: ' if several else ''}nodes: {cost}")


def _report_left(left: "Iterable[Left]") -> None:
    for each in dict.fromkeys(left):
        say(f"{each.span}: {each.reason}", *([f"  {each.help}"] if each.help else []))


def _show_differences(differences: "Sequence[Difference]") -> None:
    from compiler.commands.answer import give
    from compiler.findings.fixes import difference
    from compiler.text.escaping import Patch

    for each in differences:
        before, after = ((text or b"").decode("utf-8", "replace") for text in (each.before, each.after))
        give(Patch(difference(f"{each.cluster}{each.path}".lstrip("/"), before, after)), None)


def _show(made: "Migration", candidates: "Candidates") -> None:
    from compiler.commands.answer import Locator, give
    from compiler.findings.fixes import Mended
    from compiler.repository.write_back import differences

    give(differences(Mended(before=made.before, after=made.after), candidates, Locator()), None)


def _write(made: "Migration", candidates: "Candidates") -> bool:
    """Whether every file could be written."""
    from compiler.findings.fixes import Mended
    from compiler.repository.write_back import write_back

    problems = write_back(Mended(before=made.before, after=made.after), candidates) if made.after else []
    for problem in problems:
        say(f"mirrorc: {problem.path} {problem.message}", f"  {problem.help}")
    return not problems


def _report_next(made: "Migration", step: "Step", *, writes: bool, unread: bool) -> None:
    from compiler.edits.migration import Step

    if made.after:
        files = f"{counted(len(made.after), 'file')} {'changed' if writes else 'to change'}"
        say_note(files if made.costs else f"{files}; the files on nodes stay the same")
        if step is Step.ADD:
            say_note("Commit and sync this, then run `mirrorc migrate --finish`.")
    elif made.pending:
        say_note(f"{counted(len(made.pending), 'old object')} left to remove: run `mirrorc migrate --finish`")
    elif made.is_complete and not unread:
        say_note("nothing to migrate")
