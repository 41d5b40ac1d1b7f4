"""Finds the clusters of a repo by its layout, and writes them as a configuration.

In: which files contain mirror objects, and the kustomizations, by path from the top. Out: the clusters, and the text of
a `.mirrorc.yaml`. A kustomization that includes mirror objects and that no other includes is a cluster; where there is
none, `clusters/NAME`, `overlays/NAME` and the like are, each with a base beside it.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from compiler.clusters.config import DEFAULT_OUTPUT, is_cluster_name
from compiler.manifests.kustomization import Kustomization, is_remote
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.policy.settings import DEFAULT_POOLS
from compiler.text.escaping import Place, safe
from compiler.text.scalars import resolve
from compiler.text.wording import natural

_LAYOUTS = ("clusters", "overlays", "environments", "envs", "sites")
_OF_CLUSTERS = ("clusters", "sites")
"""Those whose folders are called after clusters, not after environments."""

_BASES = ("base", "bases", "common", "shared", "global", "all", "_base", "_common", "_shared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a repo contains that matters here, by path from the top.

    `releases` are those that objects such as ClusterVersion name, by the file; `objects` has the kind and name of each
    mirror object of a file. `links` are the links to files with mirror objects, with the file that each leads to; they
    are among the manifests too.
    """

    manifests: frozenset[str]
    kustomizations: Mapping[str, Kustomization] = field(default_factory=dict)
    releases: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A cluster: its manifests or, where it has one, its kustomization.

    `release` is its OpenShift release, empty where the repo does not say; `said` says where that is written.
    """

    name: str
    paths: tuple[str, ...] = ()
    kustomization: str = ""
    release: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a kustomization includes; not `complete` where some of it comes from the network or a plugin."""

    manifests: frozenset[str]
    folders: tuple[str, ...]
    complete: bool = True


def guess(found: Found) -> tuple[Guess, ...]:
    """The clusters, by name; none where the repo looks like one cluster without a kustomization.

    A repo of one kustomization is one cluster without a name.
    """
    tops = roots(found)
    by_name = _in_layouts(found, tops)
    if not by_name and len(tops) == 1:
        return (_dated(Guess(name="", kustomization=tops[0] or "."), found),)
    if not by_name and not tops:
        alone = _dated(Guess(name=""), found)
        return (alone,) if alone.release else ()
    if not by_name:
        by_name = {_short(root, tops): [root] for root in tops if root}
        by_name = {name: places for name, places in by_name.items() if is_cluster_name(name)}
    return tuple(_dated(_cluster(name, by_name[name], found), found) for name in sorted(by_name, key=natural))


def _in_layouts(found: Found, tops: Sequence[str]) -> dict[str, list[str]]:
    """The folders of clusters by name, as far as `clusters/NAME` and the like say which there are.

    Where a kustomization of such a folder lies deeper (`overlays/ENV/REGION`), the path from there is the name.
    """
    reached = {path for root in tops for path in _reached(root, found).manifests}
    by_folder = {posixpath.dirname(path) for path in found.kustomizations}
    outer: dict[str, list[str]] = {}  # the roots of each folder, none where its manifests are read unbuilt
    for folder in sorted(_folders(found.manifests | found.kustomizations.keys())):
        if not _is_clusters(folder) or not outer.keys().isdisjoint(_around(folder)):
            continue
        inside = sorted(_below(folder, [f"{root}/" for root in tops]))
        if inside:
            outer[folder] = [root[:-1] for root in inside]
        elif folder not in by_folder and _below(folder, found.manifests) - reached:
            outer[folder] = []
    beside = {posixpath.dirname(folder) for folder in outer}
    for folder in by_folder - outer.keys():
        if posixpath.dirname(folder) in beside and _is_clusters(folder) and not _reached(folder, found).complete:
            outer[folder] = [folder]
    by_name: dict[str, list[str]] = {}
    for folder in sorted(outer):
        around = posixpath.dirname(folder)
        ends = {
            posixpath.relpath(root, each)
            for each, inner in outer.items()
            if posixpath.dirname(each) == around
            for root in inner
        }
        alike = len(ends) == 1 and (posixpath.basename(around) in _OF_CLUSTERS or _are_several(around, outer))
        for root in outer[folder]:
            deeper = posixpath.relpath(root, folder)
            parts = [] if alike or deeper == "." else deeper.split("/")
            by_name.setdefault("-".join((posixpath.basename(folder), *parts)), []).append(root)
        if not outer[folder]:
            by_name.setdefault(posixpath.basename(folder), []).append(folder)
    return {name: places for name, places in by_name.items() if is_cluster_name(name)}


def _are_several(around: str, folders: Iterable[str]) -> bool:
    return sum(posixpath.dirname(folder) == around for folder in folders) > 1


def _is_clusters(folder: str) -> bool:
    """Whether a folder looks like that of one cluster by its place and its name."""
    around, name = posixpath.split(folder)
    return posixpath.basename(around) in _LAYOUTS and name not in _BASES and is_cluster_name(name)


def _folders(paths: Iterable[str]) -> set[str]:
    return {folder for path in paths for folder in _around(posixpath.dirname(path)) if folder}


def _around(folder: str) -> Iterator[str]:
    """The folder and all that it lies in."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)


def _below(folder: str, paths: Iterable[str]) -> frozenset[str]:
    return frozenset(path for path in paths if folder in {".", ""} or path.startswith(f"{folder}/"))


def reach(folder: str, found: Found) -> Reach | None:
    """What the kustomization in a folder includes, None where there is none."""
    by_folder = {posixpath.dirname(path): each for path, each in found.kustomizations.items()}
    if folder not in by_folder:
        return None
    waiting, passed = [folder], dict[str, None]()
    manifests: set[str] = set()
    complete = True
    while waiting:
        place = waiting.pop(0)
        if place in passed:
            continue
        passed[place] = None
        kustomization = by_folder[place]
        complete &= not kustomization.plugins
        for reference in kustomization.references:
            target = posixpath.normpath(posixpath.join(place, reference.path.value))
            target = "" if target == "." else target
            if is_remote(reference.path.value):
                complete = False
            elif target in by_folder:
                waiting.append(target)
            elif target in found.manifests and reference.is_manifest:
                manifests.add(target)
    return Reach(manifests=frozenset(manifests), folders=tuple(passed), complete=complete)


def _reached(folder: str, found: Found) -> Reach:
    return reach(folder, found) or Reach(manifests=frozenset(), folders=())


def roots(found: Found) -> list[str]:
    """Folders of kustomizations that include mirror objects, and that no other kustomization includes.

    A component is never one of them: alone it applies nothing.
    """
    every = {posixpath.dirname(path): each for path, each in found.kustomizations.items()}
    reached = {folder: _reached(folder, found) for folder in every}
    used = {inner for folder, each in reached.items() for inner in each.folders if inner != folder}
    return sorted(
        folder
        for folder, each in reached.items()
        if each.manifests and folder not in used and not every[folder].component
    )


def _short(folder: str, others: Sequence[str]) -> str:
    """As much of the end of a path as distinguishes it from the others."""
    parts = folder.split("/")
    for count in range(1, len(parts) + 1):
        tail = parts[-count:]
        if sum(other.split("/")[-count:] == tail for other in others) == 1:
            return "-".join(tail)
    return "-".join(parts)


def _cluster(name: str, folders: list[str], found: Found) -> Guess:
    """A cluster of one or several folders; several kustomizations cannot be built as one, so their files are listed."""
    reached = [reach(folder, found) for folder in folders]
    if len(folders) == 1 and reached[0] is not None:
        return Guess(name=name, kustomization=folders[0])
    paths: dict[str, None] = {}
    for folder, each in zip(folders, reached, strict=True):
        if each is None:
            paths |= dict.fromkeys((*_bases(folder, found), folder))
        else:
            paths |= dict.fromkeys(_paths(each, found))
    return Guess(name=name, paths=tuple(paths))


def _bases(folder: str, found: Found) -> list[str]:
    """Folders called a base that contain mirror objects, beside a cluster's folder or beside the folder around it."""
    around = posixpath.dirname(folder)
    places = [posixpath.join(place, base) for place in (posixpath.dirname(around), around) for base in _BASES]
    return [place for place in places if _below(place, found.manifests)]


def _paths(reached: Reach, found: Found) -> Iterator[str]:
    """What kustomizations include, the base first: whole folders, and single files of folders that contain more."""
    whole: list[str] = []
    for folder in reversed(reached.folders):
        inside = _below(folder, found.manifests)
        if inside and inside <= reached.manifests and not any(outer in whole for outer in _around(folder)):
            whole.append(folder or ".")
    yield from whole
    yield from sorted(path for path in reached.manifests if not any(outer in whole for outer in _around(path)))


# --- Releases ------------------------------------------------------------------------


def _dated(cluster: Guess, found: Found) -> Guess:
    """The cluster with its release, where the repo says it and does not contradict itself.

    An object that names the release counts where it lies in one of the cluster's folders, for a cluster without a name
    wherever it is. Else a folder that is called after a release counts.
    """
    places = [path for path in (*cluster.paths, cluster.kustomization) if path]
    if cluster.kustomization:
        places += _reached("" if cluster.kustomization == "." else cluster.kustomization, found).folders
    own = {
        path: release
        for path, release in found.releases.items()
        if not cluster.name or any(path in _below(place, [path]) for place in places if place)
    }
    if len(set(own.values())) == 1:
        path = min(own)
        return replace(cluster, release=own[path], said=path)
    folders = {part: place for place in places for part in place.split("/") if part.removeprefix("v") in RELEASES}
    if not own and len(folders) == 1:
        (name,) = folders
        return replace(cluster, release=name.removeprefix("v"), said=folders[name])
    return cluster


_RELEASE_KINDS = re.compile(r"^kind:\s*[\"']?(ClusterVersion|ClusterImageSet)[\"']?\s*$", re.MULTILINE)
_SAID = {
    "ClusterVersion": (
        re.compile(r"^\s+desiredUpdate:\s*\n(?:\s+\w+:.*\n)*?\s+version:\s*[\"']?(\d+\.\d+)\.\d", re.MULTILINE),
        re.compile(r"^\s+channel:\s*[\"']?(?:stable|eus|fast|candidate)-(\d+\.\d+)[\"']?\s*$", re.MULTILINE),
    ),
    "ClusterImageSet": (re.compile(r"^\s+releaseImage:\s*\S+:v?(\d+\.\d+)\.\d", re.MULTILINE),),
}


def release_in(text: str) -> str:
    """The release of the ClusterVersion or ClusterImageSet in a manifest's text, empty where it has none.

    The desired update comes before the channel, which during an update between minor releases is the later one.
    """
    kinds = {match[1] for match in _RELEASE_KINDS.finditer(text)}
    for kind in sorted(kinds):
        for pattern in _SAID[kind]:
            if (match := pattern.search(text)) and match[1] in RELEASES:
                return match[1]
    return ""


def _copied(found: Found) -> frozenset[str]:
    """What oc-mirror wrote into its working directory, where a file elsewhere has an object of the same name.

    Those are the reviewed copies that are applied.
    """
    wrote = {path for path in found.manifests if _OC_MIRROR in f"/{path}"}
    reviewed = {each for path in found.manifests - wrote for each in found.objects.get(path, ())}
    return frozenset(path for path in wrote if not reviewed.isdisjoint(found.objects.get(path, ())))


_OC_MIRROR = "/working-dir/cluster-resources/"


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
    if alone and alone.kustomization:
        lines += ["  # What the cluster gets is what this kustomization builds.", *_source(alone, "  ")]
    elif not named:
        folders = sorted(
            {posixpath.dirname(path) or "." for path in found.manifests - _copied(found) - found.links.keys()}
        )
        outer = [each for each in folders if not any(other in _around(posixpath.dirname(each)) for other in folders)]
        where = ["."] if "." in outer else outer
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
        lines.append(f"  - name: {_scalar(cluster.name)}")
        if cluster.release:
            lines += [f"    # The release{_from(cluster)}.", f'    release: "{cluster.release}"']
        lines += _source(cluster, "    ")
    is_all = not any(cluster.paths or cluster.kustomization for cluster in clusters)
    left = sorted(_copied(found) if is_all else found.manifests - _covered(found, clusters))
    if left:
        lines += ["", "# Mirror objects that no cluster includes:"]
        lines += [f"#   {safe(path, Place.TERMINAL)}" for path in left[:_MOST_LEFT]]
        lines += [f"#   and {len(left) - _MOST_LEFT} more"] if len(left) > _MOST_LEFT else []
    return "".join(f"{line}\n" for line in lines)


def _source(cluster: Guess, indent: str) -> list[str]:
    """The lines that say what a cluster is made of."""
    if cluster.kustomization:
        return [f"{indent}kustomization: {_scalar(cluster.kustomization)}"]
    return [f"{indent}paths:", *(f"{indent}  - {_scalar(path)}" for path in cluster.paths)]


def _from(cluster: Guess | None) -> str:
    return f", from {safe(cluster.said, Place.TERMINAL)}" if cluster and cluster.said else ""


_MOST_LEFT = 20


def _covered(found: Found, clusters: tuple[Guess, ...]) -> set[str]:
    covered: set[str] = set()
    for cluster in clusters:
        if cluster.kustomization:
            covered |= _reached("" if cluster.kustomization == "." else cluster.kustomization, found).manifests
        for path in cluster.paths:
            covered |= _below(path, found.manifests) | {path}
    return covered | {found.links[path] for path in covered if path in found.links}


def _scalar(value: str) -> str:
    """A text as YAML reads it back: plain where that is certain."""
    plain = value.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum()
    if plain and value.isascii() and isinstance(resolve(value), str):
        return value
    return f'"{safe(value, Place.YAML)}"'
