"""Clusters: which manifests are whose, what was chosen for each, and where its artifacts go.

In: a configuration, or the paths of a command line. Out: the clusters.
"""

# Places are texts, as the operating system has them: pathlib raises for a link that leads round.
# ruff: noqa: PTH118, PTH120

import os
import posixpath
from collections import ChainMap
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from compiler.clusters import config
from compiler.clusters.config import ClusterConfig, Config
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.manifests.load import unreadable
from compiler.policy.settings import Settings
from compiler.repository import files
from compiler.repository.discovery import Discovery
from compiler.repository.files import Candidate
from compiler.repository.git import tree_around
from compiler.repository.paths import (
    DEFAULT_DESTINATION,
    SUFFIXES,
    Destination,
    Problem,
    posix,
    printable,
)
from compiler.repository.patterns import Paths, fixed_folder, is_pattern
from compiler.text.span import File, Located

_FEWEST_FOR_HELP = 8
"""Clusters worth their own process where kustomizations are built."""


class Selection(NamedTuple):
    """Which of the files that a cluster's paths lead to are its own.

    `wanted` and `exclude` are path patterns relative to the configuration's folder: `folder` is the way there from the
    current one, `back` the way back, both empty where they are the same. Nothing wanted means everything.
    `sought` are those of the wanted that have to be looked for, and may find nothing. `others` are shown paths of files
    and folders that are part of an alternative to this cluster.
    """

    folder: str = ""
    back: str = ""
    wanted: tuple[Located[str], ...] = ()
    sought: tuple[Located[str], ...] = ()
    exclude: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()

    def narrow(self, discovery: Discovery) -> Discovery:
        """The discovery without what is not the cluster's own."""
        if not self.wanted and not self.exclude and not self.others:
            return discovery
        wanted, excluded = Paths(path.value for path in self.wanted), Paths(self.exclude)

        def is_own(path: str) -> bool:
            if self.others and is_below(path, self.others):
                return False
            path = self.relative(path)
            return (not wanted or path in wanted) and path not in excluded

        return discovery._replace(
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


class Chart(NamedTuple):
    """A Helm chart with its values files, and values over them as JSON."""

    folder: Located[str]
    values: tuple[Located[str], ...] = ()
    inline: Located[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster's inputs and settings; the only one of a repo without configuration has no name.

    `paths` are files and folders as the operating system takes them, or `-` for standard input; `places` says which of
    them the configuration names, and where: those have to stay in the resolved folder `root`. `kustomizations` are
    folders that are built beside them, `charts` are rendered. `configuration` is the file that says so, or empty.
    `homes` are patterns of documents with policy inside that count for it. `target` says, for a cluster that such a
    document makes, which one that is. `chosen` says that the user chose it among others. `may_be_several` says that no
    configuration names clusters, so that alternatives are several clusters. `written` has the places of what the
    configuration chooses.
    """

    name: str = ""
    configuration: str = ""
    paths: tuple[str, ...] = (".",)
    output: Destination = DEFAULT_DESTINATION
    tracked_only: bool = False
    settings: Settings = field(default_factory=Settings)
    selection: Selection = field(default_factory=Selection)
    places: tuple[Located[str], ...] = ()
    kustomizations: tuple[Located[str], ...] = ()
    charts: tuple[Chart, ...] = ()
    root: str = ""
    homes: tuple[Located[str], ...] = ()
    target: str = ""
    chosen: bool = False
    may_be_several: bool = False
    written: config.Written = field(default_factory=dict)

    @property
    def is_built(self) -> bool:
        """Whether a program makes any of its manifests."""
        return bool(self.kustomizations or self.charts)

    def without(self, others: AbstractSet[str], *, name: str = "") -> "Cluster":
        """The same cluster without files and folders; with a name it has its own output folder."""
        selection = self.selection._replace(others=self.selection.others | others)
        if not name:
            return replace(self, selection=selection)
        output = Destination(self.output.base, posixpath.join(self.output.below, name))
        return replace(self, name=name, selection=selection, output=output, may_be_several=False)

    def over(self, paths: tuple[str, ...]) -> "Cluster":
        """The same cluster made of other manifests."""
        selection = self.selection._replace(wanted=(), sought=())
        return replace(
            self, paths=paths, selection=selection, places=(), kustomizations=(), charts=(), configuration=""
        )


# --- From a configuration ------------------------------------------------------


def find_config(start: str) -> str | None:
    """The configuration that counts in the folder of `start`: the nearest on the way up to the top of the repo."""
    folder = os.path.realpath(start)  # a link that leads round is a name like any other, as for whoever reads it
    while True:
        place = os.path.join(folder, config.NAME)
        if os.path.lexists(place):  # what is not a file is reported by whoever reads it
            return os.path.relpath(place)
        above = os.path.dirname(folder)
        if above == folder or os.path.lexists(os.path.join(folder, ".git")):
            return None
        folder = above


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
    return [cluster if cluster.paths or cluster.is_built else replace(cluster, paths=(".",)) for cluster in found]


def _configured(cluster: ClusterConfig, folder: Path, selection: Selection, *, tracked_only: bool) -> Cluster:
    roots = {path: _root(path.value, tracked_only=tracked_only) for path in cluster.paths}
    sought = tuple(path for path, root in roots.items() if root != path.value)
    located = {str(folder / root): path for path, root in roots.items()}
    return Cluster(
        name=cluster.name.value,
        paths=tuple(located),
        output=Destination(str(folder), cluster.output.value),
        homes=cluster.homes,
        tracked_only=tracked_only,
        settings=cluster.settings,
        selection=selection._replace(
            wanted=cluster.paths if sought else (),
            sought=sought,
            exclude=tuple(path.value for path in cluster.exclude),
        ),
        places=tuple(Located(path, written.span) for path, written in located.items()),
        kustomizations=tuple(Located(str(folder / each.value), each.span) for each in cluster.kustomizations),
        charts=tuple(
            Chart(
                folder=Located(str(folder / each.chart.value), each.chart.span),
                values=tuple(Located(str(folder / value.value), value.span) for value in each.values),
                inline=each.inline,
            )
            for each in cluster.charts
        ),
        written=ChainMap({f"exclude.{path.value}": path.span for path in cluster.exclude}, cluster.written),
    )


def is_below(path: str, places: AbstractSet[str]) -> bool:
    """Whether a path or a folder that it lies in is among these."""
    while path:
        if path in places:
            return True
        path = path.rpartition("/")[0]
    return False


def _root(pattern: str, *, tracked_only: bool) -> str:
    """Where to look for what a pattern means.

    A file that is named itself is taken whether Git tracks it or not; here the folder around it is asked instead.
    """
    if is_pattern(pattern):
        return fixed_folder(pattern)
    return posixpath.dirname(pattern) or "." if tracked_only and pattern.endswith(SUFFIXES) else pattern
