"""Finds the clusters of a repo by its layout, and writes them as a configuration.

In: what was found in the repo. Out: the clusters, and the text of a `.mirrorc.yaml`. The pointers of Argo CD, Flux and
Open Cluster Management come first. Without any, a kustomization that includes mirror objects and that no other includes
is a cluster; where there is none, `clusters/NAME`, `overlays/NAME` and the like are, each with a base beside it, and
sibling folders that define the same objects.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from compiler.clusters.alternatives import LAYOUTS, FileContent, Group, Groups, copies, find, is_base
from compiler.clusters.application_sets import RepoTree
from compiler.clusters.applied import HUB, OF_CLUSTERS, Applied, Part, resolve
from compiler.clusters.config import DEFAULT_OUTPUT, is_cluster_name
from compiler.clusters.found import Below, Found, is_below, reached, roots
from compiler.clusters.objects import Object
from compiler.clusters.pointers import Pointers, read
from compiler.clusters.releases import as_setting, of_folder
from compiler.clusters.surveying import is_template
from compiler.names.releases import DEFAULT_RELEASE
from compiler.policy.settings import DEFAULT_POOLS
from compiler.repository.paths import enclosing
from compiler.repository.patterns import Paths, fixed_folder, is_pattern
from compiler.text.escaping import Place, safe
from compiler.text.scalars import resolve as resolved
from compiler.text.wording import natural

_SEVERAL = 2
_BASES = ("base", "bases", "common", "shared", "global", "all", "_base", "_common", "_shared")


class GuessedChart(NamedTuple):
    """A chart and its values files, with values over them as JSON."""

    folder: str
    values: tuple[str, ...] = ()
    inline: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A cluster: its manifests, and its kustomizations or charts where it has some.

    `release` is its OpenShift release, empty where the repo does not say; `said` says where that is written. `why` says
    what makes it a cluster, `namespace` is that of its ImagePolicies which name none.
    """

    name: str
    paths: tuple[str, ...] = ()
    kustomizations: tuple[str, ...] = ()
    charts: tuple[GuessedChart, ...] = ()
    release: str = ""
    said: str = ""
    why: str = ""
    namespace: str = ""


def guess(found: Found) -> tuple[Guess, ...]:
    """The clusters, by name; none where the repo looks like one cluster without a kustomization.

    A repo of one kustomization is one cluster without a name.
    """
    applied = pointed(found)
    if not applied.clusters:
        return _by_layout(found)
    made = {name: _pointed(name, parts, found) for name, parts in applied.clusters.items()}
    if not applied.claims_all:
        brought = {path for parts in applied.clusters.values() for part in parts for path in part.manifests}
        rest = replace(found, manifests=found.manifests - brought, contents=_without(found, brought))
        if rest.manifests:
            for each in _by_layout(rest) or (Guess(name=""),):
                is_all = not each.name and not each.kustomizations
                other = replace(each, paths=_all_paths(rest)) if is_all else each
                name = other.name or _last_name(other)
                made.setdefault(name, replace(other, name=name))
    return tuple(made[name] for name in sorted(made, key=natural))


def _without(found: Found, paths: AbstractSet[str]) -> dict[str, FileContent]:
    return {path: each for path, each in found.contents.items() if path not in paths}


def _last_name(guess: Guess) -> str:
    """What a cluster without a name is called beside others: after its folder."""
    place = (*guess.kustomizations, *guess.paths, HUB)[0]
    name = posixpath.basename(place)
    return name if is_cluster_name(name) and not is_base(name) else HUB


@lru_cache(maxsize=1)
def pointed(found: Found) -> Applied:
    """What the pointers of a repo give to clusters."""
    charts = {posixpath.dirname(path) for path in found.files if posixpath.basename(path) == "Chart.yaml"}
    if not found.objects and not charts:
        return Applied()
    tree = RepoTree(files=found.files, read=found.read)
    objects = [each for each in found.objects if not is_template(each.path, charts)]
    known = [each for each in objects if each.kind in {"Secret", "GitRepository", "Placement", "ManagedCluster"}]

    def points(rendered: Sequence[Object]) -> Pointers:
        """The pointers of objects that a chart is rendered to."""
        return read([*known, *rendered], tree, own=found.own or own, branch=found.branch)

    pointers = read(objects, tree, own=found.own, branch=found.branch)
    own = pointers.own
    return resolve(found, pointers, points)


def _pointed(name: str, parts: Sequence[Part], found: Found) -> Guess:
    """The cluster that gets these parts."""
    # Of what has no mirror objects in the repo, only what a cluster has instead of any can bring some.
    ours = [part for part in parts if part.manifests] or [part for part in parts if part.kustomizations]
    paths: dict[str, None] = {}
    for part in ours:
        paths |= dict.fromkeys(_as_paths(part))
    spaces = {part.pointer.namespace for part in ours if not found.unplaced.isdisjoint(part.manifests)}
    made = Guess(
        name=name,
        paths=tuple(paths),
        kustomizations=tuple(dict.fromkeys(folder or "." for part in ours for folder in part.kustomizations)),
        charts=tuple(
            dict.fromkeys(
                GuessedChart(part.chart or ".", part.pointer.source.values, part.pointer.source.inline)
                for part in ours
                if part.chart is not None
            )
        ),
        why=_why(ours),
        namespace=spaces.pop() if len(spaces) == 1 else "",
    )
    named = {part.pointer.release: part.pointer.span.path for part in ours if part.pointer.release}
    if len(named) == 1:
        ((version, said),) = named.items()
        return replace(made, release=as_setting(version), said=said)
    return made if named else _dated(made, found)


def _why(parts: Sequence[Part]) -> str:
    """Where it is written what a cluster gets."""
    places = list(dict.fromkeys(part.pointer.path for part in parts))  # of what is rendered, the template
    kinds = " and ".join(dict.fromkeys(part.pointer.kind for part in parts))
    return f"{kinds}: {', '.join(places[:_MOST_WHY])}{' and others' if len(places) > _MOST_WHY else ''}"


_MOST_WHY = 4


def _as_paths(part: Part) -> Iterator[str]:
    """The paths of a configuration that lead to what a part applies."""
    if not part.files:
        return
    folder = part.pointer.source.folder
    if part.whole:
        yield folder or "."
    elif part.flat:
        yield from (posixpath.join(folder, f"*{end}") for end in _ends(part.files))
    else:
        yield from part.files


@lru_cache(maxsize=64)  # many clusters may get the same files
def _ends(files: tuple[str, ...]) -> list[str]:
    return sorted({posixpath.splitext(path)[1] for path in files})


def _of_charts(found: Found) -> tuple[Guess, ...]:
    """The clusters of a repo whose mirror objects are all in one chart: one for each file of values."""
    charts = {path.partition("/templates/")[0] for path in found.templates if "/templates/" in path}
    charts |= {"." for path in found.templates if path.startswith("templates/")}
    if len(charts) != 1 or found.manifests:
        return ()
    (chart,) = charts
    by_name: dict[str, list[str]] = {}
    for path in sorted(found.files):
        if name := _of_values(path, chart):
            by_name.setdefault(name, []).append(path)
    if not by_name:
        return (Guess(name="", charts=(GuessedChart(chart),)),)
    return tuple(
        _dated(
            Guess(name=name, charts=(GuessedChart(chart, tuple(by_name[name])),), why=f"the values for {chart}"), found
        )
        for name in sorted(by_name, key=natural)
    )


_VALUES = re.compile(r"values[-_.](?P<name>[A-Za-z0-9][\w.-]*?)\.ya?ml")


def _of_values(path: str, chart: str) -> str:
    """The cluster whose values a file contains by its name, empty where it is not one."""
    folder, base = posixpath.split(path)
    name = ""
    if match := _VALUES.fullmatch(base):
        name = match["name"]
    elif _is_clusters(folder) and re.fullmatch(r"(?:[\w-]*-)?values\.ya?ml", base):
        name = posixpath.basename(folder)
    elif posixpath.basename(folder) in {*LAYOUTS, "values"} and base.endswith((".yaml", ".yml")):
        name = posixpath.splitext(base)[0]
        if is_below(path, posixpath.join(chart, "templates")):
            return ""
    return name if is_cluster_name(name) and not is_base(name) else ""


def _by_layout(found: Found) -> tuple[Guess, ...]:
    """The clusters by folders and kustomizations alone."""
    if charts := _of_charts(found):
        return charts
    tops = roots(found)
    by_name = _in_layouts(found, tops)
    if not by_name and len(tops) == 1:
        return (_dated(Guess(name="", kustomizations=(tops[0] or ".",)), found),)
    own = {path: each for path, each in found.contents.items() if path not in found.links}
    groups = find(own) if not tops and len(by_name) < _SEVERAL else Groups()
    if groups.each:
        return tuple(_alternative(group, found) for group in sorted(groups.each, key=lambda each: natural(each.name)))
    if not by_name and not tops:
        alone = _dated(Guess(name=""), found)
        return (alone,) if alone.release else ()
    if not by_name:
        tails = _Tails(tops)
        by_name = {tails.shortest(root): [root] for root in tops if root}
        by_name = {name: places for name, places in by_name.items() if is_cluster_name(name)}
    return tuple(_dated(_cluster(name, by_name[name], found), found) for name in sorted(by_name, key=natural))


def _alternative(group: Group, found: Found) -> Guess:
    """The cluster of a group of files: folders that contain nothing else, and single files of others."""
    files = frozenset((*group.own, *group.shared))
    whole: dict[str, None] = {}
    for folder in sorted(_folders(files), key=lambda each: (each.count("/"), each)):
        if whole.keys().isdisjoint(enclosing(folder)) and files.issuperset(found.sorted_manifests(folder)):
            whole[folder] = None
    rest = sorted(path for path in files if whole.keys().isdisjoint(enclosing(path)))
    folders = set(group.folders)
    own = {path: not folders.isdisjoint((*enclosing(path), "")) for path in (*whole, *rest)}
    paths = tuple(sorted(own, key=lambda path: own[path]))
    return _dated(Guess(name=group.name, paths=paths, why=f"alternatives: {', '.join(group.folders)}"), found)


def _in_layouts(found: Found, tops: Sequence[str]) -> dict[str, list[str]]:
    """The folders of clusters by name, as far as `clusters/NAME` and the like say which there are.

    Where a kustomization of such a folder lies deeper (`overlays/ENV/REGION`), the path from there is the name.
    """
    included = {path for root in tops for path in reached(root, found).manifests}
    roots_below = Below(f"{root}/" for root in tops)
    by_folder = {posixpath.dirname(path) for path in found.kustomizations}
    outer: dict[str, list[str]] = {}  # the roots of each folder, none where its manifests are read unbuilt
    for folder in sorted(_folders(found.manifests | found.kustomizations.keys())):
        if not _is_clusters(folder) or not outer.keys().isdisjoint(enclosing(folder)):
            continue
        inside = roots_below(folder)
        if inside:
            outer[folder] = [root[:-1] for root in inside]
        elif folder not in by_folder and not included.issuperset(found.sorted_manifests(folder)):
            outer[folder] = []
    beside = {posixpath.dirname(folder) for folder in outer}
    for folder in by_folder - outer.keys():
        if posixpath.dirname(folder) in beside and _is_clusters(folder) and not reached(folder, found).complete:
            outer[folder] = [folder]
    ends: dict[str, set[str]] = {}  # the ways from the folders in one to their roots
    for folder, inner in outer.items():
        ends.setdefault(posixpath.dirname(folder), set()).update(_deeper(root, folder) for root in inner)
    several = Counter(map(posixpath.dirname, outer))
    by_name: dict[str, list[str]] = {}
    for folder in sorted(outer):
        around = posixpath.dirname(folder)
        alike = len(ends[around]) == 1 and (posixpath.basename(around) in OF_CLUSTERS or several[around] > 1)
        for root in outer[folder]:
            deeper = _deeper(root, folder)
            parts = [] if alike or deeper == "." else deeper.split("/")
            by_name.setdefault("-".join((posixpath.basename(folder), *parts)), []).append(root)
        if not outer[folder]:
            by_name.setdefault(posixpath.basename(folder), []).append(folder)
    return {name: places for name, places in by_name.items() if is_cluster_name(name)}


def _deeper(root: str, folder: str) -> str:
    """The way from a folder to one below it, `.` to itself."""
    return root[len(folder) + 1 :] or "."


def _is_clusters(folder: str) -> bool:
    """Whether a folder looks like that of one cluster by its place and its name."""
    around, name = posixpath.split(folder)
    return posixpath.basename(around) in LAYOUTS and not is_base(name) and is_cluster_name(name)


def _folders(paths: Iterable[str]) -> set[str]:
    return {folder for path in paths for folder in enclosing(posixpath.dirname(path)) if folder}


class _Tails:
    """The ends of some paths, and how many paths have each."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._parts = [path.split("/") for path in paths]
        self._counts: dict[int, Counter[tuple[str, ...]]] = {}

    def shortest(self, path: str) -> str:
        """As much of the end of a path as distinguishes it from the others."""
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            if count not in self._counts:
                self._counts[count] = Counter(tuple(each[-count:]) for each in self._parts)
            if self._counts[count][tuple(parts[-count:])] == 1:
                return "-".join(parts[-count:])
        return "-".join(parts)


def _cluster(name: str, folders: list[str], found: Found) -> Guess:
    """A cluster of one or several folders, those with a kustomization built."""
    built = tuple(folder for folder in folders if folder in found.by_folder)
    paths: dict[str, None] = {}
    for folder in folders:
        if folder not in found.by_folder:
            paths |= dict.fromkeys((*_bases(folder, found), folder))
    return Guess(name=name, kustomizations=built, paths=tuple(paths))


def _all_paths(found: Found) -> tuple[str, ...]:
    """The outermost folders with manifests, without copies of them."""
    paths = found.manifests - copies(found.contents) - found.links.keys()
    folders = sorted({posixpath.dirname(path) or "." for path in paths})
    every = set(folders)
    outer = [each for each in folders if every.isdisjoint(enclosing(posixpath.dirname(each)))]
    return (".",) if "." in outer else tuple(outer)


def _bases(folder: str, found: Found) -> list[str]:
    """Folders called a base that contain mirror objects, beside a cluster's folder or beside the folder around it."""
    around = posixpath.dirname(folder)
    places = [posixpath.join(place, base) for place in (posixpath.dirname(around), around) for base in _BASES]
    return [place for place in places if found.sorted_manifests(place)]


# --- Releases ------------------------------------------------------------------------


def _dated(cluster: Guess, found: Found) -> Guess:
    """The cluster with its release, where the repo says it and does not contradict itself.

    What names the release counts if it is about the cluster or lies in one of its folders, the nearest first; for a
    cluster without a name wherever it is. Else a folder that is called after a release counts.
    """
    places = [*cluster.kustomizations, *reversed(cluster.paths)]
    for folder in cluster.kustomizations:
        places += reached("" if folder == "." else folder, found).folders
    places += [path for chart in cluster.charts for path in (*chart.values, chart.folder)]
    if (said := found.sayings.chosen(cluster.name, places)) is not None:
        return replace(cluster, release=as_setting(said.version), said=said.path)
    folders = _called_after_releases(places)
    if not folders and not cluster.kustomizations:
        if cluster.paths not in found.called_after:  # many clusters may get the same files
            found.called_after[cluster.paths] = _all_called_after(cluster.paths, found)
        folders = found.called_after[cluster.paths]
    if len(folders) == 1:
        ((version, place),) = folders.items()
        return replace(cluster, release=as_setting(version), said=place)
    return cluster


def _all_called_after(paths: tuple[str, ...], found: Found) -> dict[str, str]:
    """The version that a folder around each of the manifests below some paths is called after, the same for all."""
    covered = sorted(_covered(found, (Guess(name="", paths=paths),)) & found.manifests) if paths else []
    inside = [_called_after_releases([path]) for path in covered]
    return inside[0] if inside and all(each == inside[0] for each in inside) else {}


def _called_after_releases(places: Iterable[str]) -> dict[str, str]:
    """The versions that folders on these paths are called after, each with the path to the first."""
    found: dict[str, str] = {}
    for place in places:
        parts = place.split("/")
        for index, part in enumerate(parts):
            if version := of_folder(part):
                found.setdefault(version, "/".join(parts[: index + 1]))
    return found


# --- The text ------------------------------------------------------------------------


def text(found: Found, clusters: tuple[Guess, ...]) -> str:
    """A commented configuration."""
    alone = clusters[0] if len(clusters) == 1 and not clusters[0].name else None
    named = () if alone else clusters
    lines = [
        "# The clusters of this repo, and what `mirrorc build` generates for each.",
        "# Paths are relative to this folder; `*` does not match `/`, `**` does.",
        "version: 1",
        "",
        "# Defaults for all clusters.",
        "defaults:",
        f"  # The OpenShift release, in quotes{_from(alone)}.",
        f'  release: "{(alone and alone.release) or DEFAULT_RELEASE}"',
        f"  # pools: [{', '.join(DEFAULT_POOLS)}]",
        f"  # output: {DEFAULT_OUTPUT}",
        "  # severities: {order-conflict: warning}",
    ]
    if alone and (alone.kustomizations or alone.paths or alone.charts):
        lines += ["  # What the cluster gets is what this kustomization builds.", *_source(alone, "  ")]
    elif not named:
        where = _all_paths(found)
        lines += ["  paths:", *(f"    - {_scalar(path)}" for path in where)] if where else ["  # paths: [base]"]
    if not named:
        lines += [
            "",
            "# The repo looks like one cluster. With several clusters, give each a name and its own manifests:",
        ]
        lines += ["# clusters:", "#   - name: north", "#     paths: [clusters/north]"]
    else:
        lines += ["", "clusters:"]
    for cluster in named:
        if cluster.why:
            lines.append(f"  # From {safe(cluster.why, Place.TERMINAL)}.")
        lines.append(f"  - name: {_scalar(cluster.name)}")
        if cluster.release:
            lines += [f"    # The release{_from(cluster)}.", f'    release: "{cluster.release}"']
        lines += _source(cluster, "    ")
    is_all = not any(cluster.paths or cluster.kustomizations or cluster.charts for cluster in clusters)
    left = sorted(copies(found.contents) if is_all else found.manifests - _covered(found, clusters))
    if unresolved := pointed(found).unresolved:
        lines += ["", "# Objects that may bring manifests to clusters, and why it is not known to which:"]
        told = dict.fromkeys(
            f"#   {safe(f'{each.span.path}: {each.kind} {each.name}: {each.reason}', Place.TERMINAL)}"
            for each in unresolved
        )
        lines += [*told][:_MOST_LEFT]
        lines += [f"#   and {len(told) - _MOST_LEFT} more"] if len(told) > _MOST_LEFT else []
    if left:
        lines += ["", "# Mirror objects that no cluster includes:"]
        lines += [f"#   {safe(path, Place.TERMINAL)}" for path in left[:_MOST_LEFT]]
        lines += [f"#   and {len(left) - _MOST_LEFT} more"] if len(left) > _MOST_LEFT else []
    return "".join(f"{line}\n" for line in lines)


def _source(cluster: Guess, indent: str) -> list[str]:
    """The lines that say what a cluster is made of."""
    lines: list[str] = []
    if len(cluster.kustomizations) == 1 and not cluster.paths:
        lines.append(f"{indent}kustomization: {_scalar(cluster.kustomizations[0])}")
    elif cluster.kustomizations:
        lines += [f"{indent}kustomization:", *(f"{indent}  - {_scalar(path)}" for path in cluster.kustomizations)]
    for chart in cluster.charts:
        first = f"{indent}helm:" if len(cluster.charts) == 1 else f"{indent}  -"
        if chart is cluster.charts[0] and len(cluster.charts) > 1:
            lines.append(f"{indent}helm:")
        deeper = indent if len(cluster.charts) == 1 else f"{indent}  "
        entry = [f"chart: {_scalar(chart.folder)}", *(["values:"] if chart.values else [])]
        entry += [f"  - {_scalar(path)}" for path in chart.values]
        entry += [f"valuesObject: {chart.inline}"] if chart.inline else []
        if len(cluster.charts) == 1:
            lines += [first, *(f"{deeper}  {line}" for line in entry)]
        else:
            lines += [f"{first} {entry[0]}", *(f"{deeper}  {line}" for line in entry[1:])]
    if cluster.paths:
        lines += [f"{indent}paths:", *(f"{indent}  - {_scalar(path)}" for path in cluster.paths)]
    if cluster.namespace:
        lines.append(f"{indent}namespace: {_scalar(cluster.namespace)}")
    return lines


def _from(cluster: Guess | None) -> str:
    return f", from {safe(cluster.said, Place.TERMINAL)}" if cluster and cluster.said else ""


_MOST_LEFT = 20


def _covered(found: Found, clusters: tuple[Guess, ...]) -> set[str]:
    covered: set[str] = set()
    for cluster in clusters:
        for folder in cluster.kustomizations:
            covered |= reached("" if folder == "." else folder, found).manifests
    for path in dict.fromkeys(path for cluster in clusters for path in cluster.paths):
        if is_pattern(path):
            patterns = Paths([path])
            covered |= {each for each in found.sorted_manifests(fixed_folder(path)) if each in patterns}
        else:
            covered |= {path} & found.manifests
            covered.update(found.sorted_manifests(path))
    return covered | {found.links[path] for path in covered if path in found.links}


def _scalar(value: str) -> str:
    """A text as YAML reads it back: plain where that is certain."""
    plain = value.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum()
    if plain and value.isascii() and isinstance(resolved(value), str):
        return value
    return f'"{safe(value, Place.YAML)}"'
