"""What a commit contains, as discovery would find it in a working tree that is just that commit.

In: a commit and paths that a user names. Out: the manifests below them, in a fixed order, by path and blob. Links are
resolved inside the commit; nothing of the working tree is looked at.
"""

import os
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from compiler.machine.limits import TooMuchError, most
from compiler.repository.blobs import BlobReader, RevisionFile
from compiler.repository.git import AT_ONCE, Repository, TreeEntry, ls_tree
from compiler.repository.kinds_of_file import is_vendored
from compiler.repository.paths import Problem, is_sought, printable

Sought = Callable[[str], bool]
"""Whether a file is wanted, by its path from the top of the tree."""

_LINK = "120000"
_FOLDER = "040000"
_SUBMODULE = "160000"

_MOST_LINKS = 40
"""Linux follows no more on the way of one path (MAXSYMLINKS)."""

_MOST_STEPS = 1_000_000
_STEPS_OF_A_PLACE = 50
"""From folder to folder on the ways of all paths, and how many more for each place that they come by."""

_LONGEST = 4096
"""Bytes, with the one that ends it: PATH_MAX. No working tree has a link to anything longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionListing:
    """What the paths lead to in a commit: files in byte order of their path, each once.

    `absent` are paths that the commit does not have; `skipped` are links that lead out of the tree or nowhere.
    """

    commit: str
    files: tuple[RevisionFile, ...]
    absent: tuple[str, ...]
    skipped: tuple[Problem, ...]


def list_revision_each(
    repository: Repository, commit: str, groups: Iterable[Iterable[str]], *, sought: Sought = is_sought
) -> list[RevisionListing]:
    """List for each group of paths, in order, the manifests of a commit or what else is `sought`.

    They are those that `discover_each` would find in a working tree that is just that commit. Submodules are left out,
    and so are links, but for links to files of the commit. Git is asked once for many groups.

    Args:
        repository: Where to look.
        commit: An id from `resolve_revision` or `merge_base`.
        groups: Files and folders, relative to `repository.folder`; a file is taken whatever its name.
        sought: Which files below a folder are wanted; by default those with the name of a manifest.

    Raises:
        GitError: The commit's trees are not all there.
    """
    wanted = [{path: repository.place(path) for path in group} for group in groups]
    with BlobReader(repository) as reader:
        tree = CommitTree(reader, commit, whole=len(wanted) > 1)
        made: dict[tuple[str, ...], RevisionListing] = {}
        for group in wanted:
            if tuple(group) not in made:
                made[tuple(group)] = _list(tree, group, sought)
        return [made[tuple(group)] for group in wanted]


def _list(tree: "CommitTree", wanted: Mapping[str, str | None], sought: Sought) -> RevisionListing:
    """List what is at or below the places of the tree that the paths mean."""
    repository = tree.reader.repository
    known = Links(tree)
    resolved = known.follow({place for place in wanted.values() if place is not None})
    places = {place for place in resolved.values() if place is not None}
    entries = tree.below(places)

    def is_own(name: str) -> bool:
        """Whether a file is a manifest of the repo itself, where manifests are sought."""
        return sought is not is_sought or not is_vendored(name) or not is_vendored(_below(name, places))

    files = {
        name: entry.blob
        for name, entry in entries.items()
        if entry.mode.startswith("100") and (name in places or (sought(name) and is_own(name)))
    }
    links = {name for name, entry in entries.items() if entry.mode == _LINK and is_sought(name) and is_own(name)}
    targets = known.follow(links)
    skipped = []
    taken = {name: name for name in files}
    for link in sorted(links):
        target = targets[link]
        entry = known.found.get(target) if target is not None else None
        if target is None or entry is None or entry.mode == _LINK:
            message, help_ = (
                "is a link that is broken or leaves the tree; mirrorc does not follow it",
                "Repair the link.",
            )
            skipped.append(Problem.of(repository.path(link), message, help_))
        elif entry.mode.startswith("100") and target not in taken:
            taken[target] = link
            files[target] = entry.blob
    names = sorted(entries)
    listed = [RevisionFile(printable(repository.path(taken[name])), blob) for name, blob in files.items()]
    return RevisionListing(
        commit=tree.commit,
        files=tuple(sorted(listed, key=lambda file: (file.path, file.blob))),
        absent=tuple(path for path, place in wanted.items() if place is None or not _is_there(resolved[place], names)),
        skipped=tuple(skipped),
    )


def _is_there(place: str | None, names: Sequence[str]) -> bool:
    """Whether the sorted `names` contain a file at `place` or below it."""
    if not place:
        return place is not None
    at = bisect_left(names, place)
    if at < len(names) and names[at] == place:
        return True
    first = bisect_left(names, f"{place}/")
    return first < len(names) and names[first].startswith(f"{place}/")


class CommitTree:
    """The tree of a commit, asked for place by place or, for many questions, read as a whole once."""

    def __init__(self, reader: BlobReader, commit: str, *, whole: bool) -> None:
        self.reader = reader
        self.commit = commit
        self._all = self._ask("-r", "-t") if whole else None
        self._names = sorted(self._all) if self._all is not None else []

    def _ask(self, *options: str, paths: Iterable[str] = ()) -> dict[str, TreeEntry]:
        return ls_tree(self.reader.repository, self.commit, *options, paths=paths)

    def below(self, places: Collection[str]) -> dict[str, TreeEntry]:
        """Everything but folders at or below `places`, by its path from the top."""
        if not places:
            return {}
        if self._all is not None:
            found = {name: self._all[name] for place in places for name in self._at_or_below(place)}
            return {name: entry for name, entry in found.items() if entry.mode != _FOLDER}
        narrow = len(places) <= AT_ONCE and "" not in places
        entries = self._ask("-r", paths=sorted(places) if narrow else ())
        return entries if narrow else {name: entries[name] for name in entries if _is_under(name, places)}

    def _at_or_below(self, place: str) -> Iterator[str]:
        if not place:
            yield from self._names
            return
        if self._all is not None and place in self._all:
            yield place
        for name in islice(self._names, bisect_left(self._names, f"{place}/"), None):
            if not name.startswith(f"{place}/"):
                return
            yield name

    def at(self, places: Collection[str]) -> dict[str, TreeEntry]:
        """The entries at `places` themselves, not below."""
        if self._all is not None:
            return {place: self._all[place] for place in places if place in self._all}
        entries: dict[str, TreeEntry] = {}
        ordered = sorted(places)
        for start in range(0, len(ordered), AT_ONCE):
            entries |= self._ask("-t", paths=ordered[start : start + AT_ONCE])
        return entries


def _below(name: str, places: Collection[str]) -> str:
    """The path of a file below the nearest of the places that contain it."""
    place = name
    while place and place not in places:
        place = place.rpartition("/")[0]
    return name[len(place) :].lstrip("/")


def _is_under(name: str, places: Collection[str]) -> bool:
    while name and name not in places:
        name = name.rpartition("/")[0]
    return name in places


class Links:
    """Where the links of a commit lead, also those that are folders on the way; what is asked once is known.

    Followed part by part and no further than Linux follows them (path_resolution(7)): `..` goes up from where a link
    before it leads.
    """

    def __init__(self, tree: CommitTree) -> None:
        self._tree = tree
        self._asked: set[str] = set()
        self._steps = 0
        self._targets: dict[str, str] = {}
        self.found: dict[str, TreeEntry] = {}

    def follow(self, names: Iterable[str]) -> dict[str, str | None]:
        """Where each path leads in the end; None where it leads out of the tree or round in a circle.

        What is there is in `found`.
        """
        ways = {name: self._walk(name) for name in names}
        while places := {place for way in ways.values() for place in way.places} - self._asked:
            self._asked |= places
            entries = self._tree.at(places)
            self.found.update(entries)
            links = [RevisionFile(name, entry.blob) for name, entry in entries.items() if entry.mode == _LINK]
            for link, data in self._tree.reader.read(links):
                self._targets[link.path] = "" if isinstance(data, Problem) else os.fsdecode(data[:_LONGEST])
            ways = {name: self._walk(name) for name in ways}
        return {name: way.end for name, way in ways.items()}

    def passed(self, name: str) -> Iterator[tuple[str, str]]:
        """The links on the way of a path that was followed, each with the place it leads to in the end."""
        for link in self._walk(name).links:
            if (end := self._walk(link).end) is not None:
                yield link, end

    def _walk(self, name: str) -> "_Way":
        """The way of a path as far as is known; what was not asked for yet is taken for no link."""
        at, left = "", name.split("/")[::-1]
        self._count(len(left))
        places, links = list[str](), list[str]()
        while left:
            part = left.pop()
            if part in {"", ".", ".."}:
                if at in self._asked and not self._is_folder(at):
                    return _Way(None, places, links)
                if part == "..":
                    if not at:
                        return _Way(None, places, links)
                    at = at.rpartition("/")[0]
                continue
            place = f"{at}/{part}" if at else part
            places.append(place)
            target = self._targets.get(place)
            if target is None:
                at = place
                continue
            links.append(place)
            left += target.split("/")[::-1]
            self._count(len(left))
            is_long = len(os.fsencode("/".join((at, *left)))) >= _LONGEST
            if not target or target.startswith("/") or is_long or len(links) > _MOST_LINKS:
                return _Way(None, places, links)
        return _Way(at, places, links)

    def _count(self, steps: int) -> None:
        """See that links through links do not multiply to too much."""
        self._steps += steps
        if self._steps > most(_MOST_STEPS, _STEPS_OF_A_PLACE, len(self._asked)):
            raise TooMuchError(
                f"links of a commit lead through others in more than {_MOST_STEPS / 1e6:.0f} million steps",
                "Replace links by files, or name narrower paths",
            )

    def _is_folder(self, place: str) -> bool:
        return place in self.found and self.found[place].mode in {_FOLDER, _SUBMODULE}


class _Way(NamedTuple):
    """Where a path leads, None for nowhere; the places it comes by, and those of them that are links."""

    end: str | None
    places: list[str]
    links: list[str]
