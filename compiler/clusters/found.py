"""What of a repo matters to its layout, by path from the top, and what kustomizations include of it."""

import posixpath
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from compiler.manifests.kustomization import Kustomization, is_remote
from compiler.text.span import File, Span

if TYPE_CHECKING:
    from compiler.clusters.alternatives import FileContent
    from compiler.clusters.objects import Object
    from compiler.clusters.releases import Said, Sayings

Render: TypeAlias = "Callable[[str, tuple[str, ...], str], tuple[Object, ...] | str]"


class ClusterReading(NamedTuple):
    """What a configured cluster reads, by path from the configuration's folder.

    `manifests` are the files with mirror objects, `folders` those that its paths name, with the place of each;
    `at` is where the configuration says what it is made of.
    """

    name: str
    manifests: frozenset[str]
    folders: Mapping[str, Span]
    at: Span | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What a repo contains that matters here, by path from the top.

    Attributes:
        manifests: Files with mirror objects.
        kustomizations: All that there are.
        releases: Those that objects such as ClusterVersion name.
        contents: What a file with mirror objects contains.
        links: The links to files with mirror objects, with the file that each leads to; both are manifests.
        templates: Files with mirror objects that are templates.
        unplaced: Files with an ImagePolicy that names no namespace.
        files: All files that may be manifests, links among them.
        objects: Those that point at what clusters get.
        read: A file that is YAML or JSON, None where it cannot be read.
        render: What the chart in a folder is rendered to, as objects that point at what clusters get, given its values
            files and values as JSON; or why it is not rendered.
        own: The known URLs of the repo.
        branch: The branch that is checked out, empty if that is not known.
    """

    manifests: frozenset[str]
    kustomizations: Mapping[str, Kustomization] = field(default_factory=dict)
    releases: "tuple[Said, ...]" = ()
    contents: "Mapping[str, FileContent]" = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    templates: frozenset[str] = frozenset()
    unplaced: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    objects: "tuple[Object, ...]" = ()
    read: Callable[[str], File | None] = lambda _: None
    render: Render = lambda *_: ()
    own: tuple[str, ...] = ()
    branch: str = ""

    @cached_property
    def by_folder(self) -> Mapping[str, Kustomization]:
        """The kustomizations by their folder."""
        return {posixpath.dirname(path): each for path, each in self.kustomizations.items()}

    @cached_property
    def sorted_manifests(self) -> "Below":
        """The files with mirror objects, to be asked for those below a folder."""
        return Below(self.manifests)

    @cached_property
    def sayings(self) -> "Sayings":
        """What the repo says of releases."""
        from compiler.clusters.releases import Sayings

        return Sayings(self.releases)

    @cached_property
    def pointing(self) -> AbstractSet[str]:
        """Files with objects that point at what clusters get."""
        return {each.path for each in self.objects}

    @cached_property
    def charts(self) -> AbstractSet[str]:
        """The folders of Helm charts."""
        return {posixpath.dirname(path) for path in self.files if posixpath.basename(path) == "Chart.yaml"}

    @property
    def may_point(self) -> bool:
        """Whether something may say what clusters get: objects, or charts that are rendered to some."""
        return bool(self.objects or self.charts)

    @cached_property
    def direct(self) -> dict[str, "Direct"]:
        """What kustomizations include themselves, by folder, filled in when it is asked for."""
        return {}

    @cached_property
    def called_after(self) -> dict[tuple[str, ...], dict[str, str]]:
        """By paths, the versions that folders around their manifests are called after, where it was asked for."""
        return {}

    @cached_property
    def filled(self) -> AbstractSet[str]:
        """Folders that directly contain files."""
        return {posixpath.dirname(path) for path in self.files}


class Inclusion(NamedTuple):
    """What a kustomization includes; not `complete` where some of it comes from the network or a plugin.

    `manifests` are files with mirror objects, `pointers` those with objects that point at others, `folders` those of
    kustomizations. `changed` says that any of them changes what it includes.
    """

    manifests: frozenset[str]
    folders: tuple[str, ...]
    complete: bool = True
    pointers: frozenset[str] = frozenset()
    changed: bool = False


class Direct(NamedTuple):
    """What a kustomization includes itself; the fields are those of an `Inclusion`."""

    manifests: frozenset[str]
    pointers: frozenset[str]
    folders: tuple[str, ...]
    complete: bool
    changed: bool


def _direct(folder: str, found: Found) -> Direct:
    if folder in found.direct:
        return found.direct[folder]
    kustomization = found.by_folder[folder]
    manifests: set[str] = set()
    pointers: set[str] = set()
    folders: dict[str, None] = {}
    complete = not kustomization.plugins
    for reference in kustomization.references:
        target = posixpath.normpath(posixpath.join(folder, reference.path.value))
        target = "" if target == "." else target
        if is_remote(reference.path.value):
            complete = False
        elif target in found.by_folder:
            folders[target] = None
        elif reference.is_manifest:
            if target in found.manifests:
                manifests.add(target)
            if target in found.pointing:
                pointers.add(target)
    made = Direct(frozenset(manifests), frozenset(pointers), tuple(folders), complete, not kustomization.plain)
    found.direct[folder] = made
    return made


def reach(folder: str, found: Found) -> Inclusion | None:
    """What the kustomization in a folder includes, None where there is none."""
    if folder not in found.by_folder:
        return None
    waiting, passed = [folder], dict[str, None]()
    manifests: set[str] = set()
    pointers: set[str] = set()
    complete, changed = True, False
    for place in waiting:
        if place in passed:
            continue
        passed[place] = None
        own = _direct(place, found)
        complete &= own.complete
        changed |= own.changed
        manifests |= own.manifests
        pointers |= own.pointers
        waiting += own.folders
    return Inclusion(
        manifests=frozenset(manifests),
        folders=tuple(passed),
        complete=complete,
        pointers=frozenset(pointers),
        changed=changed,
    )


def reached(folder: str, found: Found) -> Inclusion:
    """What the kustomization in a folder includes, nothing where there is none."""
    return reach(folder, found) or Inclusion(manifests=frozenset(), folders=())


def roots(found: Found) -> list[str]:
    """Folders of kustomizations that include mirror objects, and that no other kustomization includes.

    A component is never one of them: alone it applies nothing.
    """
    including: list[str] = []
    used: set[str] = set()
    for folder in {posixpath.dirname(path) for path in found.kustomizations}:
        inclusion = reached(folder, found)
        used.update(inner for inner in inclusion.folders if inner != folder)
        if inclusion.manifests and not found.by_folder[folder].component:
            including.append(folder)
    return sorted(folder for folder in including if folder not in used)


class Below:
    """Paths that are asked many times for those below a folder."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = sorted(paths)

    def __call__(self, folder: str) -> list[str]:
        """The paths below a folder, in order; the top is an empty text or `.`."""
        if folder in {"", "."}:
            return list(self._paths)
        first = bisect_left(self._paths, f"{folder}/")
        return self._paths[first : bisect_left(self._paths, f"{folder}0", lo=first)]  # the character after the slash


def is_below(path: str, folder: str) -> bool:
    """Whether a path is in a folder, at any depth; the top is an empty text or `.`."""
    return folder in {"", "."} or path.startswith(f"{folder}/")
