"""What a commit holds, as discovery would find it in a work tree that is just that commit.

In: a commit and paths that a user names. Out: the manifests below them, in a fixed order, by path and blob. Links are
resolved inside the commit; nothing of the work tree is looked at.
"""

import os
import posixpath
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from compiler.blobs import BlobReader, RevisionFile
from compiler.git import AT_ONCE, Entry, Repository, ls_tree, normal
from compiler.paths import Problem, is_sought, printable

_LINK = "120000"
_FOLDER = "040000"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionListing:
    """What the paths lead to in a commit: files in byte order of their path, each once.

    `absent` are paths that the commit does not have; `skipped` are links that lead out of the tree or nowhere.
    """

    commit: str
    files: tuple[RevisionFile, ...]
    absent: tuple[str, ...]
    skipped: tuple[Problem, ...]


def list_revision_each(repository: Repository, commit: str, groups: Iterable[Iterable[str]]) -> list[RevisionListing]:
    """List for each group of paths, in order, the manifests of a commit.

    They are those that `discover_each` would find in a work tree that is just that commit. Submodules are left out, and
    so are links, but for links to files of the commit. Git is asked once for many groups.

    Args:
        repository: Where to look.
        commit: An id from `resolve_revision` or `merge_base`.
        groups: Files and folders, relative to `repository.folder`; a file is taken whatever its name.

    Raises:
        GitError: The commit's trees are not all there.
    """
    wanted = [{path: repository.place(path) for path in group} for group in groups]
    with BlobReader(repository) as reader:
        tree = Tree(reader, commit, whole=len(wanted) > 1)
        return [_list(tree, group) for group in wanted]


def _list(tree: "Tree", wanted: Mapping[str, str | None]) -> RevisionListing:
    """List what stands at or below the places of the tree that the paths mean."""
    repository = tree.reader.repository
    known = Links(tree)
    resolved = known.follow({place for place in wanted.values() if place is not None})
    places = {place for place in resolved.values() if place is not None}
    entries = tree.below(places)
    files = {
        name: entry.blob
        for name, entry in entries.items()
        if entry.mode.startswith("100") and (is_sought(name) or name in places)
    }
    links = {name for name, entry in entries.items() if entry.mode == _LINK and is_sought(name)}
    targets = known.follow(links)
    skipped = []
    taken = {name: name for name in files}
    for link in sorted(links):
        target = targets[link]
        entry = known.found.get(target) if target is not None else None
        if target is None or entry is None or entry.mode == _LINK:
            message, help_ = "is a link out of the tree or to nowhere and is not followed", "Repair the link."
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
    """Whether the sorted `names` hold a file at `place` or below it."""
    if not place:
        return place is not None
    at = bisect_left(names, place)
    if at < len(names) and names[at] == place:
        return True
    first = bisect_left(names, f"{place}/")
    return first < len(names) and names[first].startswith(f"{place}/")


class Tree:
    """The tree of a commit, asked for place by place or, for many questions, read as a whole once."""

    def __init__(self, reader: BlobReader, commit: str, *, whole: bool) -> None:
        self.reader = reader
        self.commit = commit
        self._all = self._ask("-r", "-t") if whole else None
        self._names = sorted(self._all) if self._all is not None else []

    def _ask(self, *options: str, paths: Iterable[str] = ()) -> dict[str, Entry]:
        return ls_tree(self.reader.repository, self.commit, *options, paths=paths)

    def below(self, places: Collection[str]) -> dict[str, Entry]:
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

    def at(self, places: Collection[str]) -> dict[str, Entry]:
        """The entries at `places` themselves, not below."""
        if self._all is not None:
            return {place: self._all[place] for place in places if place in self._all}
        entries: dict[str, Entry] = {}
        ordered = sorted(places)
        for start in range(0, len(ordered), AT_ONCE):
            entries |= self._ask("-t", paths=ordered[start : start + AT_ONCE])
        return entries


def _is_under(name: str, places: Collection[str]) -> bool:
    while name and name not in places:
        name = name.rpartition("/")[0]
    return name in places


class Links:
    """Where the links of a commit lead, also those that are folders on the way; what is asked once is known."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._asked: set[str] = set()
        self._leads: dict[str, str | None] = {}
        self.found: dict[str, Entry] = {}

    def follow(self, names: Iterable[str]) -> dict[str, str | None]:
        """Where each path leads in the end; None where it leads out of the tree or round in a circle.

        What is there is in `found`.
        """
        ends = {name: self._end(name) for name in names}
        while places := {place for end in ends.values() if end for place in _way(end)} - self._asked:
            self._asked |= places
            entries = self._tree.at(places)
            self.found.update(entries)
            links = [RevisionFile(name, entry.blob) for name, entry in entries.items() if entry.mode == _LINK]
            for link, data in self._tree.reader.read(links):
                text = "" if isinstance(data, Problem) else os.fsdecode(data)
                self._leads[link.path] = normal(posixpath.join(posixpath.dirname(link.path), text))
            ends = {name: self._end(name) for name in ends}
        return ends

    def passed(self, name: str) -> Iterator[tuple[str, str]]:
        """The links on the way of a path that leads somewhere, each with the place it leads to."""
        while (link := self._first(name)) is not None and (to := self._leads[link]) is not None:
            yield link, to
            name = posixpath.normpath(posixpath.join(to, name[len(link) + 1 :]))

    def _end(self, name: str) -> str | None:
        passed = set[str]()
        while (link := self._first(name)) is not None:
            to = self._leads[link]
            if to is None or name in passed:
                return None
            passed.add(name)
            name = normal(posixpath.join(to, name[len(link) + 1 :])) or ""
        return name

    def _first(self, name: str) -> str | None:
        return next((place for place in _way(name) if place in self._leads), None)


def _way(place: str) -> Iterator[str]:
    """The folders down to a place, and the place."""
    at = place.find("/")
    while at >= 0:
        yield place[:at]
        at = place.find("/", at + 1)
    if place:
        yield place
