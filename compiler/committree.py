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

from compiler.git import AT_ONCE, BlobReader, Entry, Repository, RevisionFile, ls_tree, normal
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


def list_revision(repository: Repository, commit: str, paths: Iterable[str] = (".",)) -> RevisionListing:
    """List the manifests of a commit as `discover` would list those of a work tree that is just that commit.

    Submodules are left out, and so are links, but for links to files of the commit.

    Args:
        repository: Where to look.
        commit: An id from `resolve_revision` or `merge_base`.
        paths: Files and folders, relative to `repository.folder`; a file is taken whatever its name.

    Raises:
        GitError: The commit's trees are not all there.
    """
    return list_revision_each(repository, commit, [paths])[0]


def list_revision_each(repository: Repository, commit: str, groups: Iterable[Iterable[str]]) -> list[RevisionListing]:
    """Do what `list_revision` does for each group of paths, in order; Git is asked once for many groups."""
    wanted = [{path: repository.place(path) for path in group} for group in groups]
    with BlobReader(repository) as reader:
        tree = _Tree(reader, commit, whole=len(wanted) > 1)
        return [_list(tree, group) for group in wanted]


def _list(tree: "_Tree", wanted: Mapping[str, str | None]) -> RevisionListing:
    """List what stands at or below the places of the tree that the paths mean."""
    repository = tree.reader.repository
    resolved, _ = _follow(tree, {place for place in wanted.values() if place is not None})
    places = {place for place in resolved.values() if place is not None}
    entries = tree.below(places)
    files = {
        name: entry.blob
        for name, entry in entries.items()
        if entry.mode.startswith("100") and (is_sought(name) or name in places)
    }
    links = {name for name, entry in entries.items() if entry.mode == _LINK and is_sought(name)}
    targets, found = _follow(tree, links)
    skipped = []
    taken = {name: name for name in files}
    for link in sorted(links):
        target = targets[link]
        entry = found.get(target) if target is not None else None
        if target is None or entry is None or entry.mode == _LINK:
            message, help_ = "is a link out of the tree or to nowhere and is not followed", "Mend the link."
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


class _Tree:
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
            entries |= self._ask(paths=ordered[start : start + AT_ONCE])
        return entries


def _is_under(name: str, places: Collection[str]) -> bool:
    while name and name not in places:
        name = name.rpartition("/")[0]
    return name in places


def _follow(tree: _Tree, names: Iterable[str]) -> tuple[dict[str, str | None], dict[str, Entry]]:
    """Where each path leads if it is a link in the commit, perhaps over other links; None out of the tree.

    Returns:
        The targets by name, and the entries found at them.
    """
    targets: dict[str, str | None] = {name: name for name in names}
    found: dict[str, Entry] = {}
    leads: dict[str, str | None] = {}
    while True:
        places = {target for target in targets.values() if target} - found.keys()
        entries = tree.at(places)
        found.update(entries)
        links = [RevisionFile(name, entry.blob) for name, entry in entries.items() if entry.mode == _LINK]
        if not links:
            return targets, found
        for link, data in tree.reader.read(links):
            text = "" if isinstance(data, Problem) else os.fsdecode(data)
            leads[link.path] = normal(posixpath.join(posixpath.dirname(link.path), text))
        targets = {name: _end(name, leads) for name in targets}


def _end(name: str, leads: Mapping[str, str | None]) -> str | None:
    """The end of a chain of links; None where it leads out of the tree or round in a circle."""
    place: str | None = name
    passed = set[str]()
    while place is not None and place in leads:
        if place in passed:
            return None
        passed.add(place)
        place = leads[place]
    return place
