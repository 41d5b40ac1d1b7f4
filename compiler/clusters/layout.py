"""Guesses the clusters of a repo from how it is laid out, and writes them down as a configuration.

In: which files hold mirror objects, and the kustomizations, by path from the top. Out: the clusters, and the text of a
`.mirrorc.yaml`. Known are `clusters/<name>`, `overlays/<name>` and the like, with a base beside them, and trees of
kustomizations.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from compiler.clusters.config import DEFAULT_OUTPUT, is_cluster_name
from compiler.manifests.kustomization import Kustomization, is_remote
from compiler.names.releases import DEFAULT_RELEASE
from compiler.policy.settings import DEFAULT_POOLS
from compiler.text.escaping import Place, safe
from compiler.text.scalars import resolve
from compiler.text.wording import natural

_LAYOUTS = ("clusters", "overlays", "environments", "envs", "sites")
_BASES = ("base", "bases", "common", "shared", "global", "all", "_base", "_common", "_shared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a repo holds that matters here, by path from the top."""

    manifests: frozenset[str]
    kustomizations: Mapping[str, Kustomization] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A cluster: its manifests or, where they have to be built first, its kustomization."""

    name: str
    paths: tuple[str, ...] = ()
    kustomization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a kustomization takes in; `plain` where all of it can be read as it is."""

    manifests: frozenset[str]
    folders: tuple[str, ...]
    plain: bool


def guess(found: Found) -> tuple[Guess, ...]:
    """The clusters, by name; none where the repo looks like one cluster."""
    by_name: dict[str, list[str]] = {}
    chosen: set[str] = set()
    for folder in sorted(_folders(found.manifests | found.kustomizations.keys())):
        if _is_clusters(folder) and chosen.isdisjoint(_around(folder)) and _holds_any(folder, found):
            chosen.add(folder)
            by_name.setdefault(posixpath.basename(folder), []).append(folder)
    if not by_name:
        by_name = _roots(found)
    return tuple(_cluster(name, by_name[name], found) for name in sorted(by_name, key=natural))


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


def _holds_any(folder: str, found: Found) -> bool:
    """Whether there are mirror objects in a folder or in what its kustomization takes in."""
    reached = reach(folder, found)
    return bool(_below(folder, found.manifests) or (reached and reached.manifests))


def reach(folder: str, found: Found) -> Reach | None:
    """What the kustomization in a folder takes in, None where there is none."""
    by_folder = {posixpath.dirname(path): each for path, each in found.kustomizations.items()}
    if folder not in by_folder:
        return None
    waiting, passed = [folder], dict[str, None]()
    manifests: set[str] = set()
    plain = True
    while waiting:
        place = waiting.pop(0)
        if place in passed:
            continue
        passed[place] = None
        kustomization = by_folder[place]
        plain &= kustomization.plain
        for reference in kustomization.references:
            target = posixpath.normpath(posixpath.join(place, reference.path.value))
            if is_remote(reference.path.value):
                plain = False
            elif target in by_folder:
                waiting.append(target)
            elif target in found.manifests and reference.is_manifest:
                manifests.add(target)
    return Reach(manifests=frozenset(manifests), folders=tuple(passed), plain=plain)


def _roots(found: Found) -> dict[str, list[str]]:
    """Kustomizations that take in mirror objects and that no other takes in; one alone is no sign of clusters."""
    reached = {
        folder: each
        for folder in {posixpath.dirname(path) for path in found.kustomizations}
        if (each := reach(folder, found)) is not None and each.manifests
    }
    used = {inner for folder, each in reached.items() for inner in each.folders if inner != folder}
    roots = sorted(folder for folder in reached if folder not in used and folder)
    if len(roots) < 2:
        return {}
    named = {_short(root, roots): [root] for root in roots}
    return {name: places for name, places in named.items() if is_cluster_name(name)}


def _short(folder: str, others: list[str]) -> str:
    """As much of the end of a path as tells it from the others."""
    parts = folder.split("/")
    for count in range(1, len(parts) + 1):
        tail = parts[-count:]
        if sum(other.split("/")[-count:] == tail for other in others) == 1:
            return "-".join(tail)
    return "-".join(parts)


def _cluster(name: str, folders: list[str], found: Found) -> Guess:
    """A cluster of one or several folders."""
    reached = [reach(folder, found) for folder in folders]
    if len(folders) == 1 and reached[0] is not None and not reached[0].plain:
        return Guess(name=name, kustomization=folders[0])
    paths: dict[str, None] = {}
    for folder, each in zip(folders, reached, strict=True):
        if each is None:
            paths |= dict.fromkeys((*_bases(folder, found), folder))
        else:
            paths |= dict.fromkeys(_paths(each, found))
    return Guess(name=name, paths=tuple(paths))


def _bases(folder: str, found: Found) -> list[str]:
    """Folders with mirror objects that stand beside a cluster's, or beside all of them, and are called a base."""
    around = posixpath.dirname(folder)
    places = [posixpath.join(place, base) for place in (posixpath.dirname(around), around) for base in _BASES]
    return [place for place in places if _below(place, found.manifests)]


def _paths(reached: Reach, found: Found) -> Iterator[str]:
    """What plain kustomizations take in, the base first: whole folders, and single files of folders that hold more."""
    whole: list[str] = []
    for folder in reversed(reached.folders):
        inside = _below(folder, found.manifests)
        if inside and inside <= reached.manifests and not any(outer in whole for outer in _around(folder)):
            whole.append(folder)
    yield from whole
    yield from sorted(path for path in reached.manifests if not any(outer in whole for outer in _around(path)))


# --- The text ------------------------------------------------------------------------


def text(found: Found, clusters: tuple[Guess, ...]) -> str:
    """A commented configuration."""
    lines = [
        "# The clusters of this repo, and what `mirrorc build` generates for each.",
        "# Paths are relative to this folder; `*` does not match `/`, `**` does.",
        "version: 1",
        "",
        "# Defaults for all clusters.",
        "defaults:",
        "  # The OpenShift release, in quotes.",
        f'  release: "{DEFAULT_RELEASE}"',
        f"  # pools: [{', '.join(DEFAULT_POOLS)}]",
        f"  # output: {DEFAULT_OUTPUT}",
        "  # severities: {order-conflict: warning}",
    ]
    if not clusters:
        folders = sorted({posixpath.dirname(path) or "." for path in found.manifests})
        outer = [each for each in folders if not any(other in _around(posixpath.dirname(each)) for other in folders)]
        where = ["."] if "." in outer else outer
        lines += ["  paths:", *(f"    - {_scalar(path)}" for path in where)] if where else ["  # paths: [base]"]
        lines += [
            "",
            "# The repo looks like one cluster. With several clusters, give each a name and its own manifests:",
        ]
        lines += ["# clusters:", "#   - name: north", "#     paths: [clusters/north]"]
        return "".join(f"{line}\n" for line in lines)
    lines += ["", "clusters:"]
    for cluster in clusters:
        lines.append(f"  - name: {_scalar(cluster.name)}")
        if cluster.kustomization:
            lines.append(f"    kustomization: {_scalar(cluster.kustomization)}")
        else:
            lines.append("    paths:")
            lines += [f"      - {_scalar(path)}" for path in cluster.paths]
    left = sorted(found.manifests - _covered(found, clusters))
    if left:
        lines += ["", "# Mirror objects that no cluster includes:"]
        lines += [f"#   {safe(path, Place.TERMINAL)}" for path in left[:_MOST_LEFT]]
        lines += [f"#   and {len(left) - _MOST_LEFT} more"] if len(left) > _MOST_LEFT else []
    return "".join(f"{line}\n" for line in lines)


_MOST_LEFT = 20


def _covered(found: Found, clusters: tuple[Guess, ...]) -> set[str]:
    covered: set[str] = set()
    for cluster in clusters:
        reached = reach(cluster.kustomization, found) if cluster.kustomization else None
        covered |= reached.manifests if reached else frozenset()
        for path in cluster.paths:
            covered |= _below(path, found.manifests) | {path}
    return covered


def _scalar(value: str) -> str:
    """A text as YAML reads it back: plain where that is certain."""
    plain = value.replace("/", "").replace("-", "").replace("_", "").replace(".", "").isalnum()
    if plain and value.isascii() and isinstance(resolve(value), str):
        return value
    return f'"{safe(value, Place.YAML)}"'
