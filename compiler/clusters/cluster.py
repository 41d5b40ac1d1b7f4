"""Clusters: which manifests are whose, what was chosen for each, and where its artifacts go.

In: a configuration, or the paths of a command line. Out: each cluster's parsed files. What clusters share is looked
up, read and parsed once.
"""

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from compiler.clusters import config
from compiler.clusters.account import Account, account
from compiler.clusters.config import ClusterConfig, Config
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.homes import HOMES
from compiler.machine.processes import spread
from compiler.manifests.load import Loaded, Maker, Outcome, Progress, load_and_search, load_bytes, unreadable
from compiler.manifests.packing import PACKING
from compiler.manifests.rendering import with_values
from compiler.policy.settings import Settings
from compiler.repository import files
from compiler.repository.discovery import Discovery, discover_each
from compiler.repository.files import Candidate
from compiler.repository.git import tree_around
from compiler.repository.kinds_of_file import NOT_TEXT, is_searched, of_name
from compiler.repository.output_folder import Builds
from compiler.repository.paths import (
    DEFAULT_DESTINATION,
    STANDARD_INPUT,
    SUFFIXES,
    Destination,
    Problem,
    is_kustomization,
    is_listed,
    posix,
    printable,
)
from compiler.repository.patterns import Paths, fixed_folder, is_pattern
from compiler.text.span import File, Located

_FEWEST_FOR_HELP = 8
"""Clusters worth their own process where kustomizations are built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which of the files that a cluster's paths lead to are its own.

    `wanted` and `exclude` are path patterns relative to the configuration's folder: `folder` is the way there from the
    current one, `back` the way back, both empty where they are the same. Nothing wanted means everything.
    `sought` are those of the wanted that have to be looked for, and may find nothing.
    """

    folder: str = ""
    back: str = ""
    wanted: tuple[Located[str], ...] = ()
    sought: tuple[Located[str], ...] = ()
    exclude: tuple[str, ...] = ()

    def narrow(self, discovery: Discovery) -> Discovery:
        """The discovery without what is not the cluster's own."""
        if not self.wanted and not self.exclude:
            return discovery
        wanted, excluded = Paths(path.value for path in self.wanted), Paths(self.exclude)

        def is_own(path: str) -> bool:
            path = self.relative(path)
            return (not wanted or path in wanted) and path not in excluded

        return replace(
            discovery,
            candidates=tuple(candidate for candidate in discovery.candidates if is_own(candidate.path)),
            skipped=tuple(link for link in discovery.skipped if is_own(link.path)),
        )

    def unmatched(self, discovery: Discovery) -> Iterator[Diagnostic]:
        """Patterns that found nothing."""
        for pattern in self.sought:
            meant = Paths([pattern.value])
            if not any(self.relative(candidate.path) in meant for candidate in discovery.candidates):
                yield rules.UNMATCHED_PATH.at(
                    pattern.span,
                    f"no file matches `{pattern.value}`",
                    help="Check the spelling, or remove it; `*` does not match `/`, `**` does.",
                )

    def relative(self, path: str) -> str:
        """A shown path as seen from the configuration's folder."""
        if not self.folder:
            return path
        start = self.folder + "/"
        return path[len(start) :] if path.startswith(start) else posixpath.normpath(f"{self.back}/{path}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster's inputs and settings; the only one of a repo without configuration has no name.

    `paths` are files and folders as the operating system takes them, or `-` for standard input; `places` says which of
    them the configuration names, and where: those have to stay in the resolved folder `root`. `kustomization` is a
    folder that is built beside them. `configuration` is the file that says so, empty where none does. `homes` are
    patterns of documents with policy inside that count for it. `target` says, for a cluster that such a document makes,
    which one that is. `chosen` says that the user chose it among others.
    """

    name: str = ""
    configuration: str = ""
    paths: tuple[str, ...] = (".",)
    output: Destination = DEFAULT_DESTINATION
    tracked_only: bool = False
    settings: Settings = field(default_factory=Settings)
    selection: Selection = field(default_factory=Selection)
    places: tuple[Located[str], ...] = ()
    kustomization: Located[str] | None = None
    root: str = ""
    homes: tuple[Located[str], ...] = ()
    target: str = ""
    chosen: bool = False

    def over(self, paths: tuple[str, ...]) -> "Cluster":
        """The same cluster made of other manifests."""
        selection = replace(self.selection, wanted=(), sought=())
        return replace(self, paths=paths, selection=selection, places=(), kustomization=None, configuration="")


# --- From a configuration ------------------------------------------------------


def find_config(start: str) -> str | None:
    """The configuration that counts in the folder of `start`: the nearest on the way up to the top of the repo."""
    place = Path(start).resolve()
    for folder in (place, *place.parents):
        if os.path.lexists(folder / config.NAME):  # what is not a file is reported by whoever reads it
            return os.path.relpath(folder / config.NAME)
        if (folder / ".git").exists():
            return None
    return None


def read_config(location: str, *, named: bool = False) -> tuple[Config | None, tuple[Diagnostic, ...]]:
    """Read and decode a configuration; there is none where anything in it is wrong.

    One that the user did not name itself must not be a link out of the repo.
    """
    name = printable(posix(location))
    root = "" if named else tree_around(str(Path(location).parent))
    data = files.read(Candidate(name, location, root))
    file = files.decode(name, data) if isinstance(data, bytes) else data
    decoded = files.affordable(name, partial(config.decode, file)) if isinstance(file, File) else file
    return (None, (unreadable(decoded),)) if isinstance(decoded, Problem) else decoded


def configured(chosen: Iterable[ClusterConfig], location: str, *, tracked_only: bool) -> list[Cluster]:
    """The clusters of the configuration that was read from `location`."""
    folder = Path(location).parent
    back = posix(os.path.relpath(".", folder))
    root = tree_around(str(folder))
    selection = Selection(folder="" if back == "." else posix(str(folder)), back="" if back == "." else back)
    return [
        replace(_configured(cluster, folder, selection, tracked_only=tracked_only), configuration=location, root=root)
        for cluster in chosen
    ]


def as_configured(clusters: Sequence[Cluster], text: bytes) -> list[Cluster] | None:
    """The clusters with the files that another state of their configuration gives them; their settings stay.

    A cluster that is not in it stays unchanged. Where it has a mistake there is no answer.

    Args:
        clusters: As one configuration has them.
        text: That configuration at another time.
    """
    location = clusters[0].configuration
    file = files.decode(printable(posix(location)), text)
    decoded = config.decode(file)[0] if isinstance(file, File) else None
    if decoded is None:
        return None
    chosen = {each.name.value: each for each in decoded.clusters or [decoded.defaults]}
    found = []
    for cluster in clusters:
        made = configured([chosen[cluster.name]] if cluster.name in chosen else [], location, tracked_only=False)
        found += [replace(each, settings=cluster.settings, output=cluster.output) for each in made] or [cluster]
    return [cluster if cluster.paths or cluster.kustomization else replace(cluster, paths=(".",)) for cluster in found]


def _configured(cluster: ClusterConfig, folder: Path, selection: Selection, *, tracked_only: bool) -> Cluster:
    roots = {path: _root(path.value, tracked_only=tracked_only) for path in cluster.paths}
    sought = tuple(path for path, root in roots.items() if root != path.value)
    located = {str(folder / root): path for path, root in roots.items()}
    return Cluster(
        name=cluster.name.value,
        paths=tuple(located),
        output=Destination(str(folder), cluster.output.value),
        tracked_only=tracked_only,
        settings=cluster.settings,
        selection=replace(
            selection,
            wanted=cluster.paths if sought else (),
            sought=sought,
            exclude=tuple(path.value for path in cluster.exclude),
        ),
        places=tuple(Located(path, written.span) for path, written in located.items()),
        kustomization=cluster.kustomization
        and Located(str(folder / cluster.kustomization.value), cluster.kustomization.span),
    )


def _root(pattern: str, *, tracked_only: bool) -> str:
    """Where to look for what a pattern means.

    A file that is named itself is taken whether Git tracks it or not; here the folder around it is asked instead.
    """
    if is_pattern(pattern):
        return fixed_folder(pattern)
    return posixpath.dirname(pattern) or "." if tracked_only and pattern.endswith(SUFFIXES) else pattern


# --- To parsed files -----------------------------------------------------------


class Repo(NamedTuple):
    """What was loaded of each cluster, in order, and the account of all mirror policy beside it.

    `searched` are the files that no cluster reads as manifests, each with what was found in it; `kustomizations` those
    in the paths that clusters read.
    """

    loaded: list[Loaded]
    account: Account
    searched: Sequence[tuple[Candidate, Outcome]] = ()
    kustomizations: Sequence[Candidate] = ()


def load_clusters(
    clusters: Sequence[Cluster], *, standard_input: bytes = b"", progress: Progress | None = None
) -> list[Loaded]:
    """Read and parse the manifests of each cluster, those that several share only once.

    A path `-` means `standard_input`.
    """
    return _load(clusters, None, standard_input, progress)[0].loaded


def load_repo_and(
    paths: Sequence[str],
    make: Maker,
    clusters: Sequence[Cluster],
    *,
    tracked_only: bool = False,
    standard_input: bytes = b"",
    progress: Progress | None = None,
) -> tuple[Repo, Discovery, list[Any]]:
    """Do what `load_repo` does, and make something else of the files that paths lead to; each is opened once.

    Returns:
        What was loaded of each cluster with the account, what the paths led to, all text files that are searched among
        it, and what `make` made of each file there, or a `Problem`.
    """
    also = Also(tuple(paths), make, tracked_only)
    return _load(clusters, is_searched, standard_input, progress, also)


class Also(NamedTuple):
    """Paths of which something else is made than manifests."""

    paths: tuple[str, ...]
    make: Maker
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
        every: Search documentation, tests and program source too, to list what is passed over in them.
    """
    return _load(clusters, _is_text if every else is_searched, standard_input, progress)[0]


def _is_text(path: str) -> bool:
    return is_listed(path) or of_name(path.rpartition("/")[2]) != NOT_TEXT


def _load(
    clusters: Sequence[Cluster],
    sought: Callable[[str], bool] | None,
    standard_input: bytes,
    progress: Progress | None,
    also: Also | None = None,
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
    found = [_manifests_of(each) for each in all_found[: len(clusters)]] if sought is not None else all_found
    narrowed = [cluster.selection.narrow(each) for cluster, each in zip(clusters, found, strict=True)]
    releases = [cluster.settings.release for cluster in clusters]
    searched = _searched(all_found, narrowed) if sought is not None else []
    loaded, outcomes, made_also = load_and_search(
        list(zip(narrowed, releases, strict=True)),
        searched,
        homes=HOMES,
        also=[(candidate, also.make) for candidate in beside.candidates] if also is not None else (),
        progress=progress,
    )
    built = spread(_built, clusters, least=_FEWEST_FOR_HELP, packing=PACKING)
    completed = [
        _completed(cluster, before, [each, made], standard_input)
        for cluster, before, each, made in zip(clusters, found, loaded, built, strict=True)
    ]
    if sought is None:
        return Repo(completed, Account()), beside, made_also
    locations = {candidate.path: candidate.location for each in all_found for candidate in each.candidates}
    builds = Builds()
    repo = Repo(
        completed,
        account(
            [(cluster.name, each) for cluster, each in zip(clusters, completed, strict=True)],
            list(zip(searched, outcomes, strict=True)),
            below={candidate.path: candidate.below for each in all_found for candidate in each.candidates},
            written=lambda path: path in locations and builds.made(locations[path]),
            severities=clusters[0].settings.severities if clusters else {},
        ),
        list(zip(searched, outcomes, strict=True)),
        [each for discovery in narrowed for each in discovery.candidates if is_kustomization(each.path)],
    )
    return repo, beside, made_also


def searched_folder(clusters: Sequence[Cluster]) -> str:
    """Where to search beside the clusters' own files: the folder of the configuration, if that names their files."""
    for cluster in clusters:
        if cluster.configuration and (cluster.places or cluster.kustomization):
            return str(Path(cluster.configuration).parent)
    return ""


def _manifests_of(discovery: Discovery) -> Discovery:
    """The discovery without the files that are only searched."""
    candidates = tuple(candidate for candidate in discovery.candidates if not candidate.aside)
    return discovery if len(candidates) == len(discovery.candidates) else replace(discovery, candidates=candidates)


def _searched(found: Sequence[Discovery], own: Sequence[Discovery]) -> list[Candidate]:
    """The files that no cluster reads as manifests, each once."""
    known = {candidate.path for discovery in own for candidate in discovery.candidates}
    return list(
        {
            candidate.path: candidate
            for discovery in found
            for candidate in discovery.candidates
            if candidate.path not in known
        }.values()
    )


def _built(clusters: Sequence[Cluster]) -> list[Loaded]:
    """What the clusters' kustomizations are built to."""
    if not any(cluster.kustomization for cluster in clusters):
        return [Loaded()] * len(clusters)
    from compiler.manifests import kustomize

    disks = {root: kustomize.Disk(root) for root in {cluster.root for cluster in clusters}}
    return [
        Loaded()
        if cluster.kustomization is None
        else kustomize.build(
            cluster.kustomization.value,
            cluster.kustomization.span,
            cluster.settings.release,
            tree=disks[cluster.root],
            tracked_only=cluster.tracked_only,
        )
        for cluster in clusters
    ]


def _completed(cluster: Cluster, found: Discovery, parts: list[Loaded], standard_input: bytes) -> Loaded:
    """What was loaded, with what the configuration and standard input have to say."""
    if STANDARD_INPUT in cluster.paths:
        parts.append(load_bytes("<stdin>", standard_input, cluster.settings.release, HOMES))
    problems = (_placed(cluster, problem) for part in parts for problem in part.problems)
    parsed = tuple([parsed for part in parts for parsed in part.parsed])
    return Loaded(
        parsed=with_values(parsed, cluster.settings.values, cluster.settings.release),
        problems=(*cluster.selection.unmatched(found), *problems),
        skipped=tuple(link for part in parts for link in part.skipped),
        temporary=tuple(path for part in parts for path in part.temporary),
        looked_at=sum(part.looked_at for part in parts) + (cluster.kustomization is not None),
        aside=tuple([parsed for part in parts for parsed in part.aside]),
        built_from=tuple([path for part in parts for path in part.built_from]),
    )


def _placed(cluster: Cluster, problem: Diagnostic) -> Diagnostic:
    """A problem with a path that the configuration names is shown where it names it."""
    for place in cluster.places:
        if problem.path == printable(posix(place.value)):
            return replace(problem, span=place.span)
    return problem
