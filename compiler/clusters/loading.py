"""Reads and parses the manifests of clusters, with an account of the mirror policy that is not read.

In: clusters. Out: each cluster's parsed files. What clusters share is looked up, read and parsed once.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from compiler.clusters.account import Account, account
from compiler.clusters.cluster import Cluster
from compiler.clusters.config import NAME
from compiler.findings.diagnostics import Diagnostic
from compiler.homes import HOMES
from compiler.machine.limits import TooMuchError, most
from compiler.machine.memo import distinct
from compiler.machine.processes import spread
from compiler.manifests.kinds import ImagePolicy
from compiler.manifests.load import Also, Loaded, Maker, Outcome, Progress, load_and_search, load_bytes
from compiler.manifests.packing import PACKING
from compiler.manifests.parsing import Parsed
from compiler.manifests.rendering import Room, with_values
from compiler.policy.artifact_names import can_make, may_be_made
from compiler.repository.discovery import Discovery, discover_each
from compiler.repository.files import Candidate
from compiler.repository.kinds_of_file import NOT_TEXT, is_archived, is_searched, of_name, passed_over, sides
from compiler.repository.paths import SIZE_LIMIT, STANDARD_INPUT, is_kustomization, is_listed, posix, printable

if TYPE_CHECKING:
    from compiler.manifests.kustomize import Disk, Known
    from compiler.repository.output_folder import Builds

_FEWEST_FOR_HELP = 8
"""Clusters worth their own process where kustomizations are built."""


class Repo(NamedTuple):
    """What was loaded of each cluster, in order, and the account of all mirror policy beside it.

    `clusters` are those that were asked for or, without a configuration, the groups of files that were found.
    `searched` are the files that no cluster reads as manifests, each with what was found in it; `kustomizations` those
    in the paths that clusters read. `aside` says why the policy inside the file that is shown so is not the repo's:
    `mirrorc build` wrote it, or it is documentation and the like; else it is empty. `inner` are configurations in the
    paths that are not used. `notes` say what was inferred. `is_archived` says of a file that it is a backup or in an
    archive, where no configuration says what is in use.
    """

    clusters: Sequence[Cluster]
    loaded: list[Loaded]
    account: Account
    searched: Sequence[tuple[Candidate, Outcome]] = ()
    kustomizations: Sequence[Candidate] = ()
    aside: Callable[[str], str] = lambda _: ""
    inner: Sequence[str] = ()
    notes: Sequence[str] = ()
    is_archived: Callable[[str], bool] = lambda _: False


def load_clusters(
    clusters: Sequence[Cluster], *, standard_input: bytes = b"", progress: Progress | None = None
) -> list[Loaded]:
    """Read and parse the manifests of each cluster, those that several share only once.

    A path `-` means `standard_input`.
    """
    return _load([replace(each, may_be_several=False) for each in clusters], None, standard_input, progress)[0].loaded


def load_repo_and(
    paths: Sequence[str],
    make: Maker,
    clusters: Sequence[Cluster],
    *,
    words: tuple[bytes, ...] | None = None,
    tracked_only: bool = False,
    standard_input: bytes = b"",
    progress: Progress | None = None,
    every: bool = False,
) -> tuple[Repo, Discovery, list[Any]]:
    """Do what `load_repo` does, and make something else of the files that paths lead to; each is opened once.

    Where `words` are given, nothing is made of a file without any of them.

    Returns:
        What was loaded of each cluster with the account, what the paths led to, all text files that are searched among
        it, and what `make` made of each file there, or a `Problem`.
    """
    also = _Also(tuple(paths), make, words, tracked_only)
    return _load(clusters, _is_text if every else is_searched, standard_input, progress, also, every=every)


class _Also(NamedTuple):
    """Paths of which something else is made than manifests."""

    paths: tuple[str, ...]
    make: Maker
    words: tuple[bytes, ...] | None
    tracked_only: bool


def load_repo(
    clusters: Sequence[Cluster],
    *,
    standard_input: bytes = b"",
    progress: Progress | None = None,
    every: bool = False,
) -> Repo:
    """Do what `load_clusters` does, and account for the mirror policy that is not read.

    For that all text files are searched: below the paths that the user names, or below the folder of the configuration.

    Args:
        clusters: The clusters to load.
        standard_input: What a path `-` means.
        progress: Called with how many of how many files are done.
        every: Search documentation, tests, program source and what builds have left too, to list what is passed over in
            them.
    """
    return _load(clusters, _is_text if every else is_searched, standard_input, progress, every=every)[0]


def _narrowed(clusters: Sequence[Cluster], found: Sequence[Discovery]) -> list[Discovery]:
    """What is each cluster's own of its files, the very same where clusters select the same of the same."""
    made: dict[tuple[int, object], Discovery] = {}
    narrowed = []
    for cluster, each in zip(clusters, found, strict=True):
        key = (id(each), cluster.selection)
        if key not in made:
            made[key] = cluster.selection.narrow(each)
        narrowed.append(made[key])
    return narrowed


def check_read(found: Sequence[Sequence[object]]) -> None:
    """See that files, each counted for each cluster that reads it, are not too many.

    Args:
        found: The files of each cluster; those of clusters with the same files are one object.

    Raises:
        TooMuchError: They are.
    """
    once, count = (sum(map(len, among)) for among in (distinct(found), found))
    if once <= _MOST_READ and count <= 5 * _MOST_READ:
        return
    several = len({each for among in distinct(found) for each in among})
    if once > most(_MOST_READ, 100, several) or count > most(5 * _MOST_READ, 500, several):
        raise TooMuchError(
            f"{len(found)} clusters read {count} files in all, though there are no more than {several}",
            "Name narrower paths for the clusters in .mirrorc.yaml",
        )


_MOST_READ = 1_000_000
"""Files, those that several clusters read counted for each; five times as many of clusters that read the same."""


def _is_text(path: str) -> bool:
    return is_listed(path) or of_name(path.rpartition("/")[2]) != NOT_TEXT


def _load(
    clusters: Sequence[Cluster],
    sought: Callable[[str], bool] | None,
    standard_input: bytes,
    progress: Progress | None,
    also: _Also | None = None,
    *,
    every: bool = False,
) -> tuple[Repo, Discovery, list[Any]]:
    tracked_only = (also is not None and also.tracked_only) or any(cluster.tracked_only for cluster in clusters)
    groups = [[path for path in cluster.paths if path != STANDARD_INPUT] for cluster in clusters]
    roots = {place.value: cluster.root for cluster in clusters for place in cluster.places}
    top = searched_folder(clusters) if sought is not None else ""
    if top:
        groups.append([top])
        roots.setdefault(top, clusters[0].root)
    if also is not None:
        groups.append(list(also.paths))
    all_found = discover_each(groups, tracked_only=tracked_only, roots=roots, sought=sought or is_listed)
    beside = Discovery(candidates=(), problems=(), skipped=())
    if also is not None:
        beside = all_found.pop()
    found = all_found[: len(clusters)]
    narrowed = _narrowed(clusters, found)
    check_read([each.candidates for each in narrowed])
    releases = [cluster.settings.release for cluster in clusters]
    # What a single discovery found is nowhere else: of the files aside those are known that turn out to matter.
    is_single = len(all_found) == 1 and also is None
    several = distinct(all_found)
    known = {each.path: each for one in several for each in (one.candidates if is_single else one.every)}
    searched = _searched(known, narrowed) if sought is not None else []

    @cache
    def builds() -> "Builds":
        from compiler.repository.output_folder import Builds

        return Builds(can_make)

    def is_made(candidate: Candidate, data: bytes) -> bool:
        return may_be_made(candidate.location) and builds().left(candidate.location, data, candidate.root)

    loaded, outcomes, outcomes_aside, made_also = load_and_search(
        list(zip(narrowed, releases, strict=True)),
        searched,
        aside=all_found[0].aside if is_single else (),
        made=None if every else is_made,
        homes=HOMES,
        also=Also(beside.every, also.make, also.words) if also is not None else None,
        progress=progress,
    )
    for candidate, outcome in outcomes_aside:
        known[candidate.path] = candidate
        searched.append(candidate)
        outcomes.append(outcome)
    built = _built_each(clusters)
    room = Room()
    completed = [
        _completed(cluster, before, [each, made], standard_input, room)
        for cluster, before, each, made in zip(clusters, found, loaded, built, strict=True)
    ]
    if sought is not None:
        completed, outcomes = _with_locals(completed, outcomes)
    notes: tuple[str, ...] = ()
    if len(clusters) == 1 and not clusters[0].configuration and not clusters[0].settings.namespace:
        completed[0], notes = _in_namespaces(completed[0])
    older: list[Parsed] = []
    if len(clusters) == 1 and clusters[0].may_be_several:
        from compiler.clusters.alternatives import split

        every_file = completed[0].parsed
        clusters, completed = map(list, zip(*split(clusters[0], completed[0]), strict=True))
        kept = {id(parsed) for each in completed for parsed in each.parsed}
        older = [parsed for parsed in every_file if parsed.manifests and id(parsed) not in kept]
    if sought is None:
        return Repo(clusters, completed, Account()), beside, made_also

    def below(path: str) -> str:
        return known[path].below if path in known else path.rpartition("/")[2]

    def written(path: str) -> bool:
        one = known.get(path)
        return one is not None and may_be_made(one.location) and builds().made(one.location, one.root)

    def aside(path: str) -> str:
        folder_or_name = passed_over(known[path].below) if path in known else ""
        return folder_or_name or ("written by `mirrorc build`" if written(path) else "")

    found_in = list(zip(searched, outcomes, strict=True))

    named = {path for cluster in clusters for path in cluster.paths}
    is_configured = any(cluster.configuration for cluster in clusters)

    @cache
    def compared() -> frozenset[str]:
        return sides(each.below for one in all_found for each in one.every)

    def archived(path: str) -> bool:
        if is_configured or path in named or path not in known or not is_archived(known[path].below):
            return False
        return is_archived(known[path].below, compared())

    repo = Repo(
        clusters,
        completed,
        account(
            [(cluster.name, each) for cluster, each in zip(clusters, completed, strict=True)],
            found_in,
            below=below,
            written=written,
            severities=clusters[0].settings.severities if clusters else {},
            older=older,
        ),
        found_in,
        [each for discovery in distinct(narrowed) for each in discovery.candidates if is_kustomization(each.path)],
        aside,
        _unused(distinct(narrowed), clusters),
        notes,
        archived,
    )
    return repo, beside, made_also


def _with_locals(loaded: list[Loaded], searched: list[Outcome]) -> tuple[list[Loaded], list[Outcome]]:
    """The same with the texts of files that Butane configs take from beside them."""
    every = [parsed for files in distinct(each.parsed for each in loaded) for parsed in files]
    every += (outcome for outcome in searched if isinstance(outcome, Parsed))
    if not any(text.local for parsed in every for home in parsed.homes for text in home.node_texts):
        return loaded, searched
    from compiler.clusters.locals import with_locals

    changed = with_locals(every)
    return (
        [replace(each, parsed=tuple(changed.get(one.file.path, one) for one in each.parsed)) for each in loaded],
        [changed.get(each.file.path, each) if isinstance(each, Parsed) else each for each in searched],
    )


def _in_namespaces(loaded: Loaded) -> tuple[Loaded, tuple[str, ...]]:
    """What was loaded without a configuration, with the namespaces of ImagePolicies that the repo says elsewhere."""
    if not any(isinstance(each, ImagePolicy) for parsed in loaded.parsed for each in parsed.manifests):
        return loaded, ()
    from compiler.clusters.placing import has_unplaced, placed

    return placed(loaded) if has_unplaced([loaded]) else (loaded, ())


def _unused(found: Sequence[Discovery], clusters: Sequence[Cluster]) -> list[str]:
    """The configurations among the files of clusters, but the one that configures them."""
    used = {os.path.realpath(cluster.configuration) for cluster in clusters if cluster.configuration}
    inner = {each.path: each.location for one in found for each in one.candidates if _is_configuration(each.path)}
    return sorted(path for path, location in inner.items() if os.path.realpath(location) not in used)


def _is_configuration(path: str) -> bool:
    return path.rpartition("/")[2] == NAME


def searched_folder(clusters: Sequence[Cluster]) -> str:
    """Where to search beside the clusters' own files: the folder of the configuration, if that names their files."""
    for cluster in clusters:
        if cluster.configuration and (cluster.places or cluster.is_built):
            return str(Path(cluster.configuration).parent)
    return ""


def size_of_text(clusters: Sequence[Cluster], folder: str = ".") -> int:
    """Bytes of the text below the folder of the configuration: what a search for policy reads.

    `folder` is what that counts from.
    """
    top = os.path.join(folder, searched_folder(clusters) or ".")  # noqa: PTH118 - as in `files`
    tracked_only = any(cluster.tracked_only for cluster in clusters)
    (found,) = discover_each([[top]], tracked_only=tracked_only, sought=is_searched)
    size = 0
    for candidate in found.every:
        with suppress(OSError):
            own = os.stat(candidate.location).st_size  # noqa: PTH116 - as in `files`
            size += own if own <= SIZE_LIMIT else 0
    return size


def _searched(found: Mapping[str, Candidate], own: Sequence[Discovery]) -> list[Candidate]:
    """Of all files by their paths those that no cluster reads as manifests."""
    read = {candidate.path for discovery in distinct(own) for candidate in discovery.candidates}
    return [candidate for path, candidate in found.items() if path not in read]


def _built_each(clusters: Sequence[Cluster]) -> list[Loaded]:
    """What the clusters' kustomizations and charts are built to, if that is not too much."""
    if not any(cluster.is_built for cluster in clusters):
        return [Loaded()] * len(clusters)
    from compiler.clusters.building import expect
    from compiler.machine.started import programs
    from compiler.manifests.kustomize import Disk

    programs().reads(partial(size_of_text, clusters))
    disks = {root: Disk(root) for root in {cluster.root for cluster in clusters}}
    for root, disk in disks.items():
        expect([cluster for cluster in clusters if cluster.root == root], disk)
    return spread(partial(_built, disks), clusters, least=_FEWEST_FOR_HELP, packing=PACKING)


def _built(disks: "Mapping[str, Disk]", clusters: Sequence[Cluster]) -> list[Loaded]:
    from compiler.clusters.building import build

    known: dict[str, Known] = {root: {} for root in disks}
    return [
        build(cluster, disks[cluster.root], tracked_only=cluster.tracked_only, known=known[cluster.root])
        if cluster.is_built
        else Loaded()
        for cluster in clusters
    ]


def _completed(cluster: Cluster, found: Discovery, parts: list[Loaded], standard_input: bytes, room: Room) -> Loaded:
    """What was loaded, with what the configuration and standard input have to say."""
    if STANDARD_INPUT in cluster.paths:
        parts.append(load_bytes("<stdin>", standard_input, cluster.settings.release, HOMES))
    problems = (_placed(cluster, problem) for part in parts for problem in part.problems)
    (parsed, *more) = [part.parsed for part in parts if part.parsed] or [()]
    parsed = parsed if not more else tuple([each for part in (parsed, *more) for each in part])
    return Loaded(
        parsed=with_values(parsed, cluster.settings.values, cluster.settings.release, room),
        problems=(*cluster.selection.unmatched(found), *problems),
        skipped=tuple(link for part in parts for link in part.skipped),
        temporary=tuple(path for part in parts for path in part.temporary),
        looked_at=sum(part.looked_at for part in parts) + len(cluster.kustomizations) + len(cluster.charts),
        aside=tuple([parsed for part in parts for parsed in part.aside]),
        built_from=tuple([path for part in parts for path in part.built_from]),
    )


def _placed(cluster: Cluster, problem: Diagnostic) -> Diagnostic:
    """A problem with a path that the configuration names is shown where it names it."""
    for place in cluster.places:
        if problem.path == printable(posix(place.value)):
            return replace(problem, span=place.span)
    return problem
