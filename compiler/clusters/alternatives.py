"""Manifests in sibling folders that define the same objects: versions, variants, environments or clusters.

In: which objects each file contains, by path. Out: groups of files. One cluster gets the files of one group; what is in
no alternative folder is part of every group. Without such folders there are no groups.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from compiler.clusters.cluster import Cluster, is_below
from compiler.clusters.config import is_cluster_name
from compiler.manifests.kinds import (
    ImageConfig,
    ImagePolicy,
    ImageTagMirrorSet,
    Manifest,
    MirrorSet,
    SignaturePolicyObject,
)
from compiler.manifests.load import Loaded
from compiler.repository.kinds_of_file import is_archived, may_be_archived, sides

_BASE = re.compile(r"_?(?:base|bases|common|shared|global|all|default|defaults)")
"""Names of folders that are for all clusters."""

LAYOUTS = frozenset(("clusters", "overlays", "environments", "envs", "sites"))
"""Names of folders with a folder for each cluster or environment."""

_SIBLINGS = LAYOUTS | {"hosts", "versions", "releases", "variants", "regions"}
_VERSION = re.compile(r"(?:[a-z]+[-_]?)?v?\d+\.\d+(?:\.\d+)*(?:[-_.][-\w.]*)?", re.IGNORECASE)
_KNOWN = re.compile(
    r"dual|dual-?stack|ipv4|ipv6|v4|v6|hubs?|managed|spokes?|(?:dis)?connected|dev|development|test|testing|stage|staging"
    r"|int|integration|qa|uat|lab|sandbox|prod|production|pre-?prod|non-?prod|primary|secondary|blue|green|dr",
    re.IGNORECASE,
)
"""Names of folders for variants and environments."""
_MOST_GROUPS = 1_000
_MOST_FILES = 200_000
"""Files of all groups together, those that are part of several counted for each; beyond it nothing is grouped."""

_LONGEST_NAME = 200

_WORKING_DIR = re.compile(r"(?:^|/)(?:working-dir/cluster-resources|oc-mirror-workspace/[^/]+)/")
"""Where oc-mirror writes manifests, of version 2 and of version 1."""


def is_base(name: str) -> bool:
    """Whether a folder of this name is for all clusters."""
    return _BASE.fullmatch(name) is not None


class FileContent(NamedTuple):
    """What a file contains: its objects, and the sources of its mirror rules; each with what kind they are of."""

    objects: frozenset[tuple[str, str]] = frozenset()
    sources: frozenset[tuple[str, str]] = frozenset()


class Group(NamedTuple):
    """The files of one alternative.

    `shared` are part of other groups too, `own` are not. `folders` are those that make it this group and no other.
    """

    name: str
    own: tuple[str, ...]
    shared: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


class Groups(NamedTuple):
    """The groups by name, none where all files are for one cluster.

    `copies` are files that oc-mirror wrote, of which reviewed copies are elsewhere: they are in no group.
    """

    each: tuple[Group, ...] = ()
    copies: frozenset[str] = frozenset()


def content(manifests: Iterable[Manifest]) -> FileContent:
    """What a file with these manifests contains."""
    objects: set[tuple[str, str]] = set()
    sources: set[tuple[str, str]] = set()
    for manifest in manifests:
        if isinstance(manifest, MirrorSet):
            kind = "tag" if isinstance(manifest, ImageTagMirrorSet) else "digest"
            objects.add((kind, manifest.name.value))
            sources |= {(kind, rule.source.value) for rule in manifest.rules}
        elif isinstance(manifest, ImageConfig):
            objects.add((manifest.kind, manifest.name.value))
        elif isinstance(manifest, SignaturePolicyObject):
            namespace = manifest.namespace.value if isinstance(manifest, ImagePolicy) and manifest.namespace else ""
            objects.add((manifest.kind, f"{namespace}/{manifest.name.value}"))
    return FileContent(frozenset(objects), frozenset(sources))


def find(files: Mapping[str, FileContent]) -> Groups:
    """The groups of files that are alternatives to each other, given each file's content by its path."""
    left = copies(files)
    kept = {path: each for path, each in files.items() if path not in left}
    splits = _splits(kept)
    if not splits:
        return Groups(copies=left)
    branches = {path: _branches(path, splits) for path in kept}
    outer = {each[:depth] for each in set(branches.values()) for depth in range(len(each))}
    chains: dict[str, dict[_Branch, None]] = {}
    for each in sorted(set(branches.values()) - outer):
        chains.setdefault(_name(each, chains), {}).update(dict.fromkeys(each))
        if len(chains) > _MOST_GROUPS:
            return Groups(copies=left)
    if len(chains) < 2 or len(chains) * sum(not each for each in branches.values()) > _MOST_FILES:
        return Groups(copies=left)
    return Groups(each=_groups(chains, branches), copies=left)


class _Branch(NamedTuple):
    """A folder that is an alternative to others in the same folder, which is empty for the top."""

    around: str
    name: str

    @property
    def folder(self) -> str:
        return f"{self.around}/{self.name}" if self.around else self.name


def copies(files: Mapping[str, FileContent]) -> frozenset[str]:
    """What oc-mirror wrote or is kept of earlier, where a file elsewhere has an object of the same name.

    That one is what is applied: one that is in no archive, or has a later time in its path.
    """
    every = "".join(f"/{path}\n" for path in files)
    if not (may_be_archived(every) or _TIME.search(every) or _WORKING_DIR.search(every)):
        return frozenset()
    around = _around(files)
    compared = sides(path[around:] for path in files if "new" in path)
    ranks = {path: _rank(path, around, compared) for path in files}
    if len({*ranks.values()}) < 2:
        return frozenset()
    latest: dict[tuple[str, str], tuple[int, str]] = {}
    for path, one in files.items():
        for each in one.objects:
            latest[each] = max(latest.get(each, ranks[path]), ranks[path])
    return frozenset(path for path, one in files.items() if any(latest[each] > ranks[path] for each in one.objects))


def _rank(path: str, around: int, compared: AbstractSet[str]) -> tuple[int, str]:
    """How far a file is in use: archived, written by oc-mirror or at some time, or nothing of these; and that time."""
    if is_archived(path[around:], compared):
        return 0, ""
    if times := _TIME.findall(path, around):
        return 1, times[-1]
    return (1, _LATEST) if _WORKING_DIR.search(path) else (2, "")


_TIME = re.compile(r"(?<!\d)(?:1[5-9]\d{8}|20\d{6}(?:[-_T]?\d{4,6})?)(?!\d)")
"""Seconds since 1970, or a date, in the name of a file or folder."""
_LATEST = "~"
"""Sorts after all times: version 2 of oc-mirror writes over what it wrote before."""


def _around(paths: Collection[str]) -> int:
    """The length of the folder that all of these paths are in, with its `/`."""
    first, last = min(paths, default=""), max(paths, default="")
    alike = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first.rfind("/", 0, alike) + 1


def _splits(files: Mapping[str, FileContent]) -> dict[str, set[str]]:
    """The folders whose subfolders are alternatives, with the names of those."""
    splits: dict[str, set[str]] = {}
    for sharing, is_alternative in ((_sharing(files, 0), _may_differ), (_sharing(files, 1), _is_known)):
        for paths in sharing:
            for around, names in _siblings(paths).items():
                alternatives = {name for name in names if is_alternative(around, name)}
                if len(alternatives) > 1:
                    splits.setdefault(around, set()).update(alternatives)
    if splits:
        _complete(splits, files)
    return splits


def _sharing(files: Mapping[str, FileContent], which: int) -> list[list[str]]:
    """The files that have an object or a source in common, for each that several have, each set of files once."""
    users: dict[tuple[str, str], list[str]] = {}
    for path, each in files.items():
        for key in each[which]:
            users.setdefault(key, []).append(path)
    return list({tuple(paths): paths for paths in users.values() if len(paths) > 1}.values())


def _siblings(paths: Iterable[str]) -> dict[str, set[str]]:
    """For each folder below which several of the files are: its subfolders that lead to them."""
    inside: dict[str, set[str]] = {}
    for path in paths:
        around = ""
        for name in path.split("/")[:-1]:
            inside.setdefault(around, set()).add(name)
            around = f"{around}/{name}" if around or not name else name
    return {around: names for around, names in inside.items() if len(names) > 1}


def _may_differ(around: str, name: str) -> bool:
    del around
    return not is_base(name)


def _is_known(around: str, name: str) -> bool:
    """Whether a folder is an alternative by its name or by what it lies in."""
    if is_base(name):
        return False
    return around.rpartition("/")[2] in _SIBLINGS or bool(_KNOWN.fullmatch(name) or _VERSION.fullmatch(name))


def _complete(splits: dict[str, set[str]], files: Mapping[str, FileContent]) -> None:
    """Add the siblings of alternatives that are alike: by their name or, where names say nothing, by that of a file."""
    inner: dict[str, dict[str, set[str]]] = {around: {} for around in splits}
    for path in files:
        parts = path.split("/")
        for depth in range(len(parts) - 1):
            around = "/".join(parts[:depth])
            if around in inner:
                inner[around].setdefault(parts[depth], set()).add("/".join(parts[depth + 1 :]))
    for around, names in splits.items():
        known = all(_is_known(around, name) for name in names)
        ways = {way for name in names for way in inner[around].get(name, ())}
        for name, own in inner[around].items():
            if _is_known(around, name) if known else not is_base(name) and not own.isdisjoint(ways):
                names.add(name)


def _branches(path: str, splits: Mapping[str, AbstractSet[str]]) -> tuple[_Branch, ...]:
    """The alternatives that a file is in, the outermost first."""
    found = []
    around = ""
    for name in path.split("/")[:-1]:
        if name in splits.get(around, ()):
            found.append(_Branch(around, name))
        around = f"{around}/{name}" if around or not name else name
    return tuple(found)


def _name(branches: Sequence[_Branch], taken: Mapping[str, Mapping[_Branch, None]]) -> str:
    """What a group of these folders is called; a name that no cluster can have is made one.

    Folders of the same name in different places are one group, unless they are alternatives to each other.
    """
    name = "-".join(branch.name for branch in branches)
    if not is_cluster_name(name):
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:_LONGEST_NAME].rstrip("-._") or "group"
    ways = {branch.around for branch in branches}
    free = name
    number = 1
    while any(other.around in ways and other not in branches for other in taken.get(free, ())):
        number += 1
        free = f"{name}-{number}"
    return free


def _groups(
    chains: Mapping[str, Mapping[_Branch, None]], branches: Mapping[str, tuple[_Branch, ...]]
) -> tuple[Group, ...]:
    by_branches: dict[tuple[_Branch, ...], list[str]] = {}
    for path, each in branches.items():
        by_branches.setdefault(each, []).append(path)
    own: dict[str, list[str]] = {name: [] for name in chains}
    shared: dict[str, list[str]] = {name: [] for name in chains}
    for each, paths in by_branches.items():
        users = [name for name, chain in chains.items() if all(one in chain for one in each)]
        for name in users:
            (own if len(users) == 1 else shared)[name] += paths
    return tuple(
        Group(
            name=name,
            own=tuple(sorted(own[name])),
            shared=tuple(sorted(shared[name])),
            folders=tuple(sorted(branch.folder for branch in chain)),
        )
        for name, chain in chains.items()
    )


# --- What was loaded of one cluster --------------------------------------------------


def split(cluster: Cluster, loaded: Loaded) -> list[tuple[Cluster, Loaded]]:
    """A cluster for each group of files with what was loaded of them.

    It is the cluster itself where there are no groups.
    """
    groups = find({parsed.file.path: content(parsed.manifests) for parsed in loaded.parsed if parsed.manifests})
    if not groups.each:
        return (
            [(cluster.without(groups.copies), _without(loaded, groups.copies))]
            if groups.copies
            else [(cluster, loaded)]
        )
    every = frozenset(folder for group in groups.each for folder in group.folders)
    made = []
    for group in groups.each:
        others = (every - {*group.folders}) | groups.copies
        made.append((cluster.without(others, name=group.name), _without(loaded, others)))
    return made


def _without(loaded: Loaded, others: AbstractSet[str]) -> Loaded:
    return replace(
        loaded,
        parsed=tuple([parsed for parsed in loaded.parsed if not is_below(parsed.file.path, others)]),
        aside=tuple([parsed for parsed in loaded.aside if not is_below(parsed.file.path, others)]),
        problems=tuple([problem for problem in loaded.problems if not is_below(problem.path, others)]),
    )
