"""Which clusters the pointers of a repo make, and of what.

In: what was found in a repo, with its pointers. Out: for each cluster what it gets, in order. A pointer that is applied
to no cluster by name is for the one on which it is applied itself: that of the pointer that brings its file, or of the
folder that it lies in.
"""

import posixpath
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from compiler.clusters.alternatives import LAYOUTS, is_base
from compiler.clusters.application_sets import everywhere
from compiler.clusters.config import is_cluster_name
from compiler.clusters.found import Found, is_below, reach
from compiler.clusters.objects import Object
from compiler.clusters.pointers import DIRECTORY, FLUX, POLICY, AppliedSource, ClusterPointer, Pointers, Unresolved
from compiler.clusters.templates import UnclearError
from compiler.repository.paths import enclosing
from compiler.text.wording import natural

if TYPE_CHECKING:
    from compiler.text.span import Span

HUB = "hub"
"""What the cluster of Argo CD itself is called beside others that have names."""

OF_CLUSTERS = frozenset(("clusters", "sites"))
"""Those whose folders are called after clusters, not after environments."""

_RENDERING = "\0"
"""Between the path of a template and the number of its rendering."""

_MOST_REACHED = 1_000_000
"""Files of all sources together."""
_MOST_PASSED = 50_000
"""Pointers that are followed, each once for every cluster to which it is applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one source brings to a cluster.

    Attributes:
        pointer: What says so.
        files: Manifests that are applied unbuilt, from the top of the repo.
        kustomizations: Folders that are built.
        chart: The folder of a chart that is rendered, None if there is none.
        manifests: The files with mirror objects that all this includes.
        whole: The files are all files of the source's folder at any depth.
        flat: They are all that there are directly in it.
    """

    pointer: ClusterPointer
    files: tuple[str, ...] = ()
    kustomizations: tuple[str, ...] = ()
    chart: str | None = None
    manifests: frozenset[str] = frozenset()
    whole: bool = False
    flat: bool = False


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What the clusters get, by name; `claims_all` says that what no pointer brings is applied to no cluster."""

    clusters: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    unresolved: tuple[Unresolved, ...] = ()
    claims_all: bool = False


Points = Callable[[Sequence[Object]], Pointers]


def resolve(found: Found, pointers: Pointers, points: Points) -> Applied:
    """Follow all pointers of a repo; `points` are those of objects that a chart is rendered to."""
    return _Resolver(found, pointers, points).resolve()


class _Resolver:
    def __init__(self, found: Found, pointers: Pointers, points: Points) -> None:
        self._found = found
        self._pointers = pointers
        self._points = points
        self._paths = sorted(pointers.each.keys() | found.manifests | found.templates)
        self._known: dict[AppliedSource, _Content] = {}
        self._reached = 0
        self._unresolved = list(pointers.unresolved)
        self._parts: dict[str | None, dict[ClusterPointer, Part]] = {}
        self._part_of: dict[AppliedSource, Part] = {}
        self._passed: set[tuple[str | None, ClusterPointer]] = set()
        self._done: set[ClusterPointer] = set()
        self._brought_by: dict[AppliedSource, tuple[ClusterPointer, ...]] = {}
        self._led: set[tuple[str | None, AppliedSource]] = set()
        self._led_by_name: set[AppliedSource] = set()
        self._told: set[tuple[Span, str]] = set()

    def resolve(self) -> Applied:
        every = [pointer for path in sorted(self._pointers.each) for pointer in self._pointers.each[path]]
        users: dict[AppliedSource, set[str]] = {}
        for pointer in every:
            self._tell(pointer)
            users.setdefault(pointer.source, set()).add(pointer.path)
        brought = {
            inner.path
            for source, paths in users.items()
            for inner in self._brought(source)
            if len(paths) > 1 or inner.path not in paths
        }
        for pointer in every:
            if pointer.path not in brought:
                self._follow(self._context(pointer), pointer)
        for pointer in every:  # those that only bring each other
            if pointer not in self._done:
                self._follow(self._context(pointer), pointer)
        self._follow_charts()
        self._add_folders()
        named = {name: tuple(parts.values()) for name, parts in self._parts.items() if name is not None}
        clusters = {name: named[name] for name in sorted(named, key=natural) if any(map(_has_any, named[name]))}
        here = tuple(self._parts.get(None, {}).values())
        if any(map(_has_any, here)):
            clusters = {HUB if named else "": here, **clusters}
        claiming = any(part.pointer.kind != POLICY for parts in clusters.values() for part in parts)
        return Applied(clusters=clusters, unresolved=tuple(self._unresolved), claims_all=claiming)

    def _follow_charts(self) -> None:
        """Follow the charts that are deployed by hand, with their default values."""
        deployed = {source.folder for source in self._known}
        for path in sorted(self._found.files):
            folder, _, name = path.rpartition("/")
            if name != "Chart.yaml" or folder in deployed or "charts" in folder.split("/")[1:]:
                continue
            made = self._found.render(folder, (), "")
            for each in self._points(made).each.values() if not isinstance(made, str) else ():
                for pointer in each:
                    self._follow(self._context(pointer), pointer)

    def _follow(self, context: str | None, pointer: ClusterPointer) -> None:
        waiting = deque([(context, pointer)])
        while waiting:
            around, each = waiting.popleft()
            cluster = each.cluster if each.cluster is not None else around
            if (cluster, each) in self._passed or len(self._passed) >= _MOST_PASSED:
                continue
            self._passed.add((cluster, each))
            self._done.add(each)
            self._tell(each)
            self._parts.setdefault(cluster, {}).setdefault(each, self._part(each))
            # What a source brings is looked at once for each cluster, and what has a cluster of its own only once.
            if (cluster, each.source) not in self._led:
                again = each.source in self._led_by_name
                self._led.add((cluster, each.source))
                self._led_by_name.add(each.source)
                waiting += (
                    (cluster, inner) for inner in self._brought(each.source) if not again or inner.cluster is None
                )

    def _context(self, pointer: ClusterPointer) -> str | None:
        """The cluster to which a pointer is applied that no other brings."""
        for folder in (pointer.source.folder, posixpath.dirname(pointer.path)):
            if name := self._in_layout(folder):
                return name
        if pointer.kind == FLUX:
            return self._by_folder(posixpath.dirname(pointer.path))
        return None

    def _in_layout(self, folder: str) -> str:
        """The name of the cluster whose folder this is or lies in, empty if it is none."""
        return in_layout(folder, self._found.filled)

    def _by_folder(self, folder: str) -> str | None:
        """The name of a folder of pointers, if there are several such folders."""
        if len(self._folders_of_flux) < 2:
            return None
        around, name = posixpath.split(folder)
        return posixpath.basename(around) if name == "flux-system" and around else name or None

    @cached_property
    def _folders_of_flux(self) -> AbstractSet[str]:
        return {posixpath.dirname(path) for path, each in self._pointers.each.items() if each[0].kind == FLUX}

    def _add_folders(self) -> None:
        """Add the mirror manifests beside the pointers in a cluster's folder, which are applied together."""
        brought = {path for parts in self._parts.values() for part in parts.values() for path in part.manifests}
        for path in sorted(self._pointers.each):
            pointer = self._pointers.each[path][0]
            folder = posixpath.dirname(path)
            name = self._in_layout(folder)
            if not name or pointer.kind == POLICY or name not in self._parts:
                continue
            source = AppliedSource(folder=folder, form=FLUX if pointer.kind == FLUX else "auto")
            beside = ClusterPointer(kind=pointer.kind, path=path, span=pointer.span, source=source)
            part = self._part(beside)
            if part.manifests and brought.isdisjoint(part.manifests):
                self._parts[name].setdefault(beside, part)

    # --- Sources ---------------------------------------------------------------------

    def _part(self, pointer: ClusterPointer) -> Part:
        if pointer.source not in self._part_of:
            content = self._of(pointer.source)
            self._part_of[pointer.source] = Part(
                pointer=pointer,
                files=tuple(sorted(content.files & self._found.manifests)),
                kustomizations=tuple(content.kustomizations),
                chart=content.chart,
                manifests=frozenset(content.manifests),
                whole=content.whole,
                flat=content.flat,
            )
        return replace(self._part_of[pointer.source], pointer=pointer)

    def _brought(self, source: AppliedSource) -> tuple[ClusterPointer, ...]:
        """The pointers in the files that a source includes."""
        if source not in self._brought_by:
            paths = self._of(source).pointers & self._pointers.each.keys()
            self._brought_by[source] = tuple(each for path in sorted(paths) for each in self._pointers.each[path])
            self._reached += len(self._brought_by[source])
        return self._brought_by[source]

    def _tell(self, pointer: ClusterPointer) -> None:
        """Say where what a chart points at is not known."""
        content = self._of(pointer.source)
        if content.unclear and (pointer.span, content.unclear) not in self._told:
            self._told.add((pointer.span, content.unclear))
            reason = f"what its chart points at is not known: {content.unclear}"
            name = pointer.span.text
            self._unresolved.append(Unresolved(span=pointer.span, kind="Application", name=name, reason=reason))

    def _of(self, source: AppliedSource) -> "_Content":
        if source not in self._known:
            made = self._made(source) if self._reached < _MOST_REACHED else _Content()
            made.manifests &= self._found.manifests | self._found.templates
            self._reached += len(made.files) + len(made.manifests) + 1
            self._known[source] = made
        return self._known[source]

    def _made(self, source: AppliedSource) -> "_Content":
        content = _Content()
        if source.files:
            for path in source.files:
                if path in self._found.files:
                    content.add({path})
                else:
                    self._folder(content, AppliedSource(folder=path))
            content.whole = content.flat = False
            return content
        self._folder(content, source)
        return content

    def _folder(self, content: "_Content", source: AppliedSource) -> None:
        if source.form != DIRECTORY:
            if source.folder in self._found.by_folder:
                self._kustomization(content, source.folder)
                return
            if source.form != FLUX and posixpath.join(source.folder, "Chart.yaml") in self._found.files:
                content.chart = source.folder
                below = self._below(source.folder)
                content.manifests |= below & self._found.templates
                self._chart(content, source)
                return
        below = self._below(source.folder)
        if source.form == FLUX:
            inner = _outermost([each for each in self._found.by_folder if is_below(each, source.folder)])
            for folder in inner:
                self._kustomization(content, folder)
            built = set(inner)
            content.add({path for path in below if built.isdisjoint(enclosing(posixpath.dirname(path)))})
            content.whole = not inner
            return
        start = len(source.folder) + 1 if source.folder else 0
        files = below if source.recurse else {path for path in below if "/" not in path[start:]}
        try:
            if source.include:
                wanted = everywhere(source.include)
                files = {path for path in files if wanted.fullmatch(path[start:])}
            if source.exclude:
                unwanted = everywhere(source.exclude)
                files = {path for path in files if not unwanted.fullmatch(path[start:])}
        except UnclearError:
            return
        content.whole = source.recurse and not source.include and not source.exclude
        content.flat = not source.recurse and not source.include and not source.exclude
        content.add(files)

    def _chart(self, content: "_Content", source: AppliedSource) -> None:
        """Follow the pointers that a chart is rendered to; each rendering has its own."""
        made = self._found.render(source.folder, source.values, source.inline)
        if isinstance(made, str):
            content.unclear = made
            return
        pointers = self._points(made)
        self._unresolved += pointers.unresolved
        for path, each in pointers.each.items():
            key = f"{path}{_RENDERING}{len(self._pointers.each)}"
            self._pointers.each[key] = each
            content.pointers.add(key)

    def _kustomization(self, content: "_Content", folder: str) -> None:
        reached = reach(folder, self._found)
        if reached is not None:
            content.pointers |= reached.pointers
            content.manifests |= reached.manifests
            if reached.manifests or (not reached.complete and self._found.manifests):
                content.kustomizations[folder] = None

    def _below(self, folder: str) -> set[str]:
        if not folder:
            return {*self._paths}
        first = bisect_left(self._paths, f"{folder}/")
        last = bisect_left(self._paths, f"{folder}0")  # the character after the slash
        return {*self._paths[first:last]}


@dataclass(slots=True)
class _Content:
    files: set[str] = field(default_factory=set)
    pointers: set[str] = field(default_factory=set)
    manifests: set[str] = field(default_factory=set)
    kustomizations: dict[str, None] = field(default_factory=dict)
    chart: str | None = None
    whole: bool = False
    flat: bool = False
    unclear: str = ""

    def add(self, files: set[str]) -> None:
        self.files |= files
        self.pointers |= files
        self.manifests |= files


def _has_any(part: Part) -> bool:
    return bool(part.manifests or part.kustomizations)


def _outermost(folders: Iterable[str]) -> list[str]:
    """The folders that lie in no other."""
    every = set(folders)
    return sorted(each for each in every if not any(other in every for other in enclosing(posixpath.dirname(each))))


def in_layout(folder: str, filled: AbstractSet[str]) -> str:
    """The name of the cluster in whose folder a folder is, empty if it is in none.

    Environments may contain folders of clusters: the first that directly contains files, of which `filled` has all.
    """
    parts = folder.split("/")
    for index, (around, name) in enumerate(pairwise(parts)):
        if around in LAYOUTS and not is_base(name) and is_cluster_name(name):
            end = index + 2
            while around not in OF_CLUSTERS and end < len(parts) and "/".join(parts[:end]) not in filled:
                end += 1
            called = "-".join(parts[index + 1 : end])
            return called if is_cluster_name(called) else name
    return ""
