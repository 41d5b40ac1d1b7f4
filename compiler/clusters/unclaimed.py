"""Mirror manifests, and kustomizations of some, that no configured cluster reads.

In: the clusters of a configuration and what was loaded of them. Out: the same with a finding for each such file, given
to the nearest cluster, whose severities and `exclude` apply to it.
"""

import os
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.clusters.cluster import Cluster
from compiler.clusters.config import NAME
from compiler.clusters.found import ClusterReading, Found, Render, roots
from compiler.clusters.loading import Repo
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.manifests import kustomization
from compiler.manifests.konflux import is_konflux
from compiler.manifests.kustomization import Kustomization
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import Parsed, parse
from compiler.repository import files
from compiler.repository.discovery import Discovery
from compiler.repository.git import branch_of
from compiler.repository.paths import is_kustomization, posix, printable
from compiler.repository.patterns import Paths
from compiler.text.span import File, Span

if TYPE_CHECKING:
    from compiler.clusters.objects import Object


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a search of the whole repo found beside manifests, by path from the configuration's folder.

    `files` may all be manifests; `links` lead to other files, `objects` point at what clusters get.
    """

    files: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    objects: "tuple[Object, ...]" = ()
    templates: frozenset[str] = frozenset()
    read: Callable[[str], File | None] = lambda _: None
    render: Render = lambda *_: ()
    own: tuple[str, ...] = ()
    branch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The files of a repo, by their path from the configuration's folder.

    `read` are those that a cluster reads, with mirror objects or not; `others` the remaining ones with mirror objects;
    `kustomizations` all that there are, with their file. `inner` are folders with their own configuration. `readings`
    has what each cluster reads, `layout` all that points at what clusters get.
    """

    read: AbstractSet[str]
    others: Mapping[str, Parsed]
    kustomizations: Mapping[str, tuple[Kustomization, File]] = field(default_factory=dict)
    inner: AbstractSet[str] = frozenset()
    readings: Sequence[ClusterReading] = ()
    layout: Layout = field(default_factory=Layout)


def with_unclaimed(clusters: Sequence[Cluster], loaded: Sequence[Loaded], scan: Scan) -> list[Loaded]:
    """What was loaded of all clusters of a configuration, with a finding for each mirror manifest that none reads."""
    more: dict[int, list[Diagnostic]] = {}
    noted: dict[int, list[Parsed]] = {}
    for index, finding, parsed in (*_findings(clusters, scan), *_differences(clusters, scan)):
        more.setdefault(index, []).append(finding)
        if parsed is not None and parsed.allowances:
            ours = tuple(each for each in parsed.allowances if each.rule == rules.UNCLAIMED_MANIFEST.name)
            noted.setdefault(index, []).append(Parsed(file=parsed.file, allowances=ours))
    return [
        replace(each, problems=(*each.problems, *more[index]), parsed=(*each.parsed, *noted.get(index, ())))
        if index in more
        else each
        for index, each in enumerate(loaded)
    ]


def _differences(clusters: Sequence[Cluster], scan: Scan) -> Iterator[tuple[int, Diagnostic, Parsed | None]]:
    """Each finding about what a cluster gets by the layout of the repo."""
    found = Found(
        manifests=frozenset((*scan.others, *(path for each in scan.readings for path in each.manifests)))
        | scan.layout.links.keys(),
        kustomizations={path: each for path, (each, _) in scan.kustomizations.items()},
        links=scan.layout.links,
        templates=scan.layout.templates,
        files=scan.layout.files,
        objects=scan.layout.objects,
        read=scan.layout.read,
        render=scan.layout.render,
        own=scan.layout.own,
        branch=scan.layout.branch,
    )
    if not scan.readings or not (scan.kustomizations or found.may_point):
        return  # nothing but the configuration says what a cluster gets
    from compiler.clusters import drift

    for index, finding in drift.findings(clusters, scan.readings, found):
        yield index, finding, None


def _findings(clusters: Sequence[Cluster], scan: Scan) -> Iterator[tuple[int, Diagnostic, Parsed | None]]:
    """Each finding with the position of its cluster, and the file that it is about where it was parsed."""
    excluded = Paths(dict.fromkeys(path for cluster in clusters for path in cluster.selection.exclude))
    outputs = [_relative(cluster, str(cluster.output)) for cluster in clusters]
    outputs += [_relative(cluster, each.folder.value) for cluster in clusters for each in cluster.charts]
    places = [_places(cluster) for cluster in clusters]

    def is_ours(path: str) -> bool:
        return path not in excluded and not any(_is_in(path, folder) for folder in (*outputs, *scan.inner))

    aside = kustomization.left_out({path: each for path, (each, _) in scan.kustomizations.items()})
    for path, parsed in scan.others.items():
        if path not in aside and is_ours(path):
            nearest = _nearest(path, places)
            span = parsed.manifests[0].name.span if parsed.manifests else parsed.diagnostics[0].span
            message = f"no cluster reads this manifest; the nearest is `{clusters[nearest].name}`"
            if not clusters[nearest].name:
                message = f"{NAME} does not include this manifest"
            advice = _advice(clusters[nearest], path, scan)
            yield nearest, rules.UNCLAIMED_MANIFEST.at(span, message, help=advice), parsed
    if not scan.kustomizations:
        return
    found = Found(
        manifests=frozenset((*scan.read, *scan.others)),
        kustomizations={path: each for path, (each, _) in scan.kustomizations.items()},
    )
    by_folder = {posixpath.dirname(path): path for path in scan.kustomizations}
    for folder in roots(found):
        path = by_folder[folder]
        is_read = path in scan.read or any(_is_in(path, place) for each in places for place in each)
        if not is_read and is_ours(path):
            nearest = _nearest(path, places)
            message = "no cluster builds this kustomization, which includes mirror objects"
            message += f"; the nearest cluster is `{clusters[nearest].name}`" if clusters[nearest].name else ""
            file = scan.kustomizations[path][1]
            advice = f"Add a cluster with `kustomization: {folder or '.'}`, or add the folder to `exclude`."
            yield nearest, rules.UNCLAIMED_MANIFEST.at(Span(file, 0, 0), message, help=advice), None


def _advice(cluster: Cluster, path: str, scan: Scan) -> str:
    folder = posixpath.dirname(path)
    around = [folder]
    while around[-1]:
        around.append(posixpath.dirname(around[-1]))
    beside = {posixpath.dirname(each): each for each in scan.kustomizations if each in scan.read}
    lists = next((beside[each] for each in around if each in beside), None)
    accept = "or to `exclude` if no cluster gets it."
    if lists is not None:
        return f"Add it to `resources` in {lists}, {accept}"
    return f"Add it to `paths` of a cluster in {cluster.configuration or NAME}, {accept}"


def _is_in(path: str, folder: str) -> bool:
    return folder in {"", "."} or path == folder or path.startswith(f"{folder}/")


def _places(cluster: Cluster) -> list[str]:
    """Where the cluster's manifests are, from the configuration's folder."""
    written = [place.value for place in cluster.places]
    written += [each.value for each in cluster.kustomizations]
    written += [each.folder.value for each in cluster.charts]
    return [_relative(cluster, path) for path in written]


def _relative(cluster: Cluster, path: str) -> str:
    """A path as seen from the configuration's folder; what is outside the current folder may be shown absolute."""
    seen = posix(os.path.relpath(path)) if Path(path).is_absolute() else posix(path)
    return posixpath.normpath(cluster.selection.relative(seen))


def _nearest(path: str, places: Sequence[Sequence[str]]) -> int:
    """The first cluster with a place that has the most folders in common with a path."""
    parts = path.split("/")

    def shared(place: str) -> int:
        """How many folders a place has in common with the path."""
        pairs = zip(parts, place.split("/"), strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    counts = [max((shared(place) for place in each), default=0) for each in places]
    return counts.index(max(counts))


# --- What a run read -----------------------------------------------------------------


def scan_of(clusters: Sequence[Cluster], repo: Repo, layout: Layout | None = None) -> Scan:
    """What a run read of the folder of its configuration, and what it only searched."""
    shown = {parsed.file.path for each in repo.loaded for parsed in each.parsed}
    built = {printable(path) for each in repo.loaded for path in each.built_from}
    resolved = {
        os.path.realpath(path) for path in (*shown, *(path for each in repo.loaded for path in each.built_from))
    }
    read: set[str] = {_relative(clusters[0], path) for path in (*shown, *built)}
    others: dict[str, Parsed] = {}
    kustomizations: dict[str, tuple[Kustomization, File]] = {}
    inner: set[str] = set()
    read |= {_relative(clusters[0], each.path) for each in repo.kustomizations}
    for candidate, outcome in (*((each, None) for each in repo.kustomizations), *repo.searched):
        path = _relative(clusters[0], candidate.path)
        if candidate.aside:
            continue
        if posixpath.basename(path) == NAME:
            inner |= {posixpath.dirname(path)} - {""}
        elif is_kustomization(path):
            data = files.read(candidate)
            file = files.decode(candidate.path, data) if isinstance(data, bytes) else data
            if isinstance(file, File):
                kustomizations[path] = (kustomization.decode(file), file)
        elif isinstance(outcome, Parsed) and path not in read and not is_konflux(path):
            if os.path.realpath(candidate.location) in resolved:  # the target of a link that is read
                read.add(path)
                continue
            parsed = parse(outcome.file, clusters[0].settings.release)
            told = {finding.rule for finding in parsed.diagnostics} - {rules.TEMPLATE_MANIFEST.name}
            if parsed.manifests or told:
                others[path] = parsed
    return Scan(
        read=read,
        others=others,
        kustomizations=kustomizations,
        inner=inner,
        readings=_readings(clusters, repo.loaded),
        layout=layout or Layout(),
    )


def _readings(clusters: Sequence[Cluster], loaded: Sequence[Loaded]) -> list[ClusterReading]:
    """What each cluster reads; what several have is looked at once."""
    known: dict[tuple[int, str, str], frozenset[str]] = {}
    readings = []
    for cluster, each in zip(clusters, loaded, strict=True):
        key = (id(each.parsed), cluster.selection.folder, cluster.selection.back)
        if key not in known:
            known[key] = _manifests(cluster, each)
        readings.append(_reading(cluster, known[key]))
    return readings


def _manifests(cluster: Cluster, loaded: Loaded) -> frozenset[str]:
    """The files of a cluster with manifests; of what was built, those in which its objects are named."""
    return frozenset(
        _relative(cluster, path)
        for parsed in loaded.parsed
        for path in ({parsed.file.path} if parsed.file.editable else {each.name.span.path for each in parsed.manifests})
        if parsed.manifests or parsed.refused
    )


def _reading(cluster: Cluster, manifests: frozenset[str]) -> ClusterReading:
    places = [
        *cluster.places,
        *cluster.kustomizations,
        *(each.folder for each in cluster.charts),
    ]
    return ClusterReading(
        name=cluster.name,
        manifests=manifests,
        folders={_relative(cluster, place.value): place.span for place in cluster.places},
        at=places[0].span if places else None,
    )


def layout_of(clusters: Sequence[Cluster], discovery: Discovery, outcomes: Sequence[object]) -> Layout:
    """What points at what clusters get, given what came of each file that was found."""
    first = clusters[0]
    made_of = [(each, made) for each, made in zip(discovery.every, outcomes, strict=True) if not each.aside]
    located = {_relative(first, each.path): each for each, _ in made_of}
    links = {_relative(first, each.path): each for each in discovery.links}
    real = {os.path.realpath(each.location): path for path, each in located.items()} if links else {}
    pointing = [
        replace(each, path=path)
        for path, (_, made) in zip(located, made_of, strict=True)
        for each in (made if isinstance(made, tuple) else ())
    ]
    layout = Layout(
        files=frozenset((*located, *links)),
        links={
            path: real[target]
            for path, each in links.items()
            if (target := os.path.realpath(each.location)) in real and real[target] != path
        },
    )
    if not pointing and not any(posixpath.basename(path) == "Chart.yaml" for path in layout.files):
        return layout
    from compiler.clusters.surveying import own_urls, reader, renderer

    top = str(Path(first.configuration).parent)
    return replace(
        layout,
        objects=tuple(pointing),
        read=reader(located),
        render=renderer(top, located),
        own=own_urls(top, pointing),
        branch=branch_of(top) if pointing else "",
    )
