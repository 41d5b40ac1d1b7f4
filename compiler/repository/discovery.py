"""Finding the manifests of folders and files.

In: paths that a user names. Out: `Candidate` records in a fixed order, and beside them `Problem` records for what
cannot be used, which stops nothing.

Git is asked what a folder contains, so what it ignores is left out. Where git is not installed or the folder is
in no working tree it is walked instead, and then a `.gitignore` has no say.
"""

# A run looks at tens of thousands of paths, and pathlib costs more than the file system does.
# ruff: noqa: PTH100, PTH109, PTH112, PTH114, PTH115, PTH116, PTH118, PTH206

import os
import stat
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from compiler.repository.files import Candidate, FolderFiles, leads_out, read_pipe, special, stays_in, unusable
from compiler.repository.git import AT_ONCE, GitError, NoGitError, is_ignored, list_files, work_tree_around
from compiler.repository.kinds_of_file import is_searched, is_vendored, may_be_manifest, searched_in
from compiler.repository.paths import (
    SUFFIXES,
    Problem,
    is_inside,
    is_listed,
    is_printable,
    is_sought,
    is_temporary,
    posix,
    printable,
)

Sought = Callable[[str], bool]
"""Whether a file is wanted, by its path below the folder that is looked at."""

_ANYWHERE: Mapping[str, str] = MappingProxyType({})


class Discovery(NamedTuple):
    """What the paths led to.

    `candidates` are in byte order of their shown path, each file once. Those `aside` have no name of a manifest or
    are in a folder of vendored code; no link leads to one. `problems` are paths that were asked
    for and cannot be used; `skipped` are links in a folder that are left alone since they lead out of it or,
    where a manifest may be meant, nowhere. `temporary` are the shown paths of files that
    a killed run left. `links` are all links in folders to files of the tree, whether the file is found under its
    other name too or not. `vendored` counts manifests that are passed over since they are in a folder of vendored code,
    such as `node_modules`.
    """

    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Problem, ...]
    aside: tuple[FolderFiles, ...] = ()
    temporary: tuple[str, ...] = ()
    links: tuple[Candidate, ...] = ()
    vendored: int = 0

    @property
    def every(self) -> tuple[Candidate, ...]:
        """All candidates, those aside too, in byte order of their shown path."""
        if not self.aside:
            return self.candidates
        aside = chain.from_iterable(folder.candidates() for folder in self.aside)
        return tuple(_in_order([*self.candidates, *aside]))


# --- Names -------------------------------------------------------------------


def _current_folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was deleted under our feet; absolute paths still work
        return None


def _shown(argument: str, here: str | None) -> str:
    """The name to show for an argument: relative to `here` where it lies inside, else as given."""
    if here is not None:
        resolved = os.path.realpath(argument)
        # Text alone says where `a/../b` is only when `a` is not a link.
        written = resolved if ".." in argument.split(os.sep) else os.path.abspath(argument)
        for absolute in (written, resolved):
            if is_inside(absolute, here):
                return posix(os.path.relpath(absolute, here))
    return posix(argument.rstrip(os.sep) or argument)


# --- Discovery ---------------------------------------------------------------


@dataclass(slots=True)
class _Finds:
    """What one argument led to; files by their resolved path and folders too, so that each counts once."""

    files: dict[str, tuple[bool, Candidate]] = field(default_factory=dict)
    aside: dict[str, list[FolderFiles]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)
    temporary: list[str] = field(default_factory=list)
    links: list[Candidate] = field(default_factory=list)
    vendored: int = 0

    def add(self, resolved: str, candidate: Candidate, *, is_link: bool = False) -> None:
        """Take a file; of its names a manifest's wins, then the real one over a link's, then the first in order."""
        found = (is_link, candidate)
        known = self.files.setdefault(resolved, found)
        if known is not found and (is_link, candidate.path) < (known[0], known[1].path):
            self.files[resolved] = found

    def add_aside(self, resolved: str, files: FolderFiles) -> None:
        """Take files of a folder aside; of a file's names the first in order wins."""
        taken: set[str] = set()
        named = sorted([*self.aside.get(resolved, ()), files], key=attrgetter("path"))
        self.aside[resolved] = []
        for each in named:
            names = [name for name in each.names if name not in taken]
            taken.update(names)
            self.aside[resolved].append(each._replace(names=names))


def discover(arguments: Iterable[str], *, tracked_only: bool = False) -> Discovery:
    """Find the manifests that the arguments lead to.

    A file is taken whatever its name; a folder yields what `is_sought` by its name below it, but nothing in `.git`,
    nothing that Git ignores (unless the folder itself is ignored: then it was asked for by name) and
    nothing of another repository nested in it. Outside a Git working tree, or without git, a `.gitignore` is not
    honoured. Links to folders are not followed; a link to a file is if the file lies in the same working tree
    (without Git: in the same folder) and is not ignored itself.

    Args:
        arguments: Files and folders, absolute or relative to the current folder.
        tracked_only: Leave out what is not in Git's index, so that a hook sees what a commit will contain. Files
            that are named themselves are taken all the same.
    """
    return discover_each([arguments], tracked_only=tracked_only)[0]


def discover_each(
    groups: Iterable[Iterable[str]],
    *,
    tracked_only: bool = False,
    roots: Mapping[str, str] = _ANYWHERE,
    sought: Sought = is_listed,
) -> list[Discovery]:
    """Do what `discover` does for each group of arguments, in order.

    What groups share is looked up once, and a working tree in which many folders are named is listed once. `roots` has
    the resolved folder that an argument must not lead out of, for those that a repo names and not the user. What is
    `sought` without the name of a manifest comes aside.
    """
    here = _current_folder()
    wanted = [tuple(dict.fromkeys(group)) for group in groups]
    arguments = tuple(dict.fromkeys(argument for group in wanted for argument in group))
    listings = _shared_listings(arguments, tracked_only=tracked_only)
    finds = {
        argument: _discover_one(
            argument, here, listings, tracked_only=tracked_only, root=roots.get(argument, ""), sought=sought
        )
        for argument in arguments
    }
    merged = {group: _merged([finds[argument] for argument in group]) for group in dict.fromkeys(wanted)}
    return [merged[group] for group in wanted]


def _merged(finds: Sequence[_Finds]) -> Discovery:
    union = finds[0] if len(finds) == 1 else _Finds()
    for part in finds if len(finds) > 1 else ():
        for resolved, (is_link, candidate) in part.files.items():
            union.add(resolved, candidate, is_link=is_link)
        for above, named in part.aside.items():
            for files in named:
                union.add_aside(above, files)
        union.problems += part.problems
        union.skipped += part.skipped
        union.temporary += part.temporary
        union.links += part.links
        union.vendored += part.vendored
    return Discovery(
        candidates=tuple(_in_order([candidate for _, candidate in union.files.values()])),
        aside=tuple(_without(union.files, above, each) for above, named in union.aside.items() for each in named),
        problems=_ordered(union.problems),
        skipped=_ordered(union.skipped),
        temporary=tuple(sorted(set(union.temporary))),
        links=tuple(sorted(set(union.links), key=lambda link: (link.path, link.location))),
        vendored=union.vendored,
    )


def _without(found: Mapping[str, object], above: str, files: FolderFiles) -> FolderFiles:
    """The files of a folder without those that are found as manifests too."""
    if found.keys().isdisjoint(map(above.__add__, files.names)):  # nearly always
        return files
    return files._replace(names=[name for name in files.names if above + name not in found])


def _in_order(candidates: list[Candidate]) -> list[Candidate]:
    # Shown paths are valid Unicode, whose order by code points is that of the UTF-8 bytes.
    candidates.sort(key=attrgetter("path", "location"))
    return candidates


def _ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    unique = {(problem.path, problem.message): problem for problem in problems}
    return tuple(unique[key] for key in sorted(unique))


def _discover_one(
    argument: str,
    here: str | None,
    listings: "Mapping[str, _Listing]",
    *,
    tracked_only: bool,
    root: str,
    sought: Sought,
) -> _Finds:
    finds = _Finds()
    if root and "\0" not in argument and not stays_in(os.path.realpath(argument), root):
        finds.problems.append(leads_out(_shown(argument, here)))
        return finds
    try:
        mode = os.stat(argument).st_mode
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        finds.problems.append(unusable(argument, error))
        return finds
    shown = _shown(argument, here)
    if stat.S_ISDIR(mode):
        _discover_folder(finds, argument, shown, listings, tracked_only=tracked_only, root=root, sought=sought)
    elif stat.S_ISREG(mode):
        candidate = Candidate(printable(shown), argument, root, below=shown.rpartition("/")[2])
        finds.add(os.path.realpath(argument), candidate, is_link=os.path.islink(argument))
    elif stat.S_ISFIFO(mode) and not root:
        data = read_pipe(shown, argument)
        if isinstance(data, Problem):
            finds.problems.append(data)
        else:
            finds.add(os.path.realpath(argument), Candidate(printable(shown), argument, data=data))
    else:
        finds.problems.append(special(shown, mode))
    return finds


def _discover_folder(
    finds: _Finds,
    folder: str,
    shown: str,
    listings: "Mapping[str, _Listing]",
    *,
    tracked_only: bool,
    root: str,
    sought: Sought,
) -> None:
    resolved = os.path.realpath(folder)
    top = work_tree_around(resolved)
    names: Mapping[str, Sequence[str]] | None = None
    try:
        if top is not None and top in listings:
            names = _by_folder(listings[top].below(resolved), sought)
        elif top is not None:
            listed, warnings = list_files(folder, tracked_only=tracked_only)
            names = _by_folder(listed, sought)
            finds.problems += [
                _warned_of(shown if name == os.curdir else _under(shown, name), reason) for name, reason in warnings
            ]
        if top is not None and not names and not tracked_only and is_ignored(folder):
            names = None
    except NoGitError as error:
        if tracked_only:
            finds.problems.append(_unlisted(shown, error))
            return
        top = None
    except GitError as error:
        finds.problems.append(_unlisted(shown, error))
        return
    if names is None and tracked_only:
        finds.problems.append(
            Problem.of(
                shown, "is not in a Git working tree", "Give a folder in a repository, or include untracked files."
            )
        )
        return
    links = _admit(
        finds,
        _walk(finds, folder, shown, sought) if names is None else _listed(folder, names, tracked_only=tracked_only),
        folder=folder,
        shown=shown,
        tree=top or root or resolved,
        sought=sought,
    )
    try:
        if top is not None and links:
            links = _without_ignored_targets(finds, links, top, tracked_only=tracked_only)
    except GitError as error:
        finds.problems.append(_unlisted(shown, error))
        return
    for target, candidate in links:
        finds.add(target, candidate, is_link=True)
        finds.links.append(candidate)


def _unlisted(folder: str, error: GitError) -> Problem:
    message = error.message if error.message.startswith("is ") else f"cannot be listed: {error.message}"
    return Problem.of(folder, message, error.help)


def _warned_of(path: str, reason: str) -> Problem:
    return Problem.of(path.rstrip("/"), f"cannot be read: {reason}", "Make it readable, or exclude it.")


class _Wanted(NamedTuple):
    """The wanted files of a folder.

    Attributes:
        below: The folder's path below the one that is looked at, with `/` at its end; empty for that one itself.
        ordinary: The names of those that are known to be neither links nor special.
        others: The names of those of which it has to be asked.
    """

    below: str
    ordinary: Sequence[str]
    others: Sequence[str]

    @classmethod
    def of(cls, folder: str, below: str, ordinary: Sequence[str], others: Sequence[str]) -> "_Wanted":
        """What was found by listing a folder `below` the one that is looked at."""
        if ordinary and not _tells_all(os.path.join(folder, below)):
            return cls(below, (), [*ordinary, *others])
        return cls(below, ordinary, others)


def _walk(finds: _Finds, folder: str, shown: str, sought: Sought) -> Iterator[_Wanted]:
    """Yield the sought files below `folder` without Git's help and entering no links."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        ordinary: list[str] = []
        others: list[str] = []
        try:
            with os.scandir(os.path.join(folder, below)) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        ordinary.append(entry.name)
                    elif not entry.is_dir(follow_symlinks=False):
                        others.append(entry.name)
                    elif entry.name != ".git":
                        waiting.append(f"{below}{entry.name}/")
        except OSError as error:
            finds.problems.append(unusable(_under(shown, below).rstrip("/") or ".", error))
        ordinary, others = _sought_in(below, ordinary, sought), _sought_in(below, others, sought)
        if ordinary or others:
            yield _Wanted.of(folder, below, ordinary, others)


def _by_folder(paths: Iterable[str], sought: Sought) -> dict[str, list[str]]:
    """The names of the sought files of each folder, which has `/` at its end, in the order of the paths."""
    listed: dict[str, list[str]] = {}
    for path in paths:
        at = path.rfind("/") + 1
        listed.setdefault(path[:at], []).append(path[at:])
    found = ((below, _sought_in(below, names, sought)) for below, names in listed.items())
    return {below: names for below, names in found if names}


def _sought_in(below: str, names: Sequence[str], sought: Sought) -> list[str]:
    """Those of the names in a folder, which has `/` at its end, that are sought."""
    if sought is is_searched:
        return searched_in(below, names)
    return [name for name in names if sought(below + name)]


def _listed(folder: str, names: Mapping[str, Sequence[str]], *, tracked_only: bool) -> Iterator[_Wanted]:
    """Yield the files that Git lists in `folder`, by the folders below it.

    Unless only what is tracked is wanted, Git has passed over pipes, sockets and devices that are named like manifests:
    they come with the manifests beside them.
    """
    for below, lasts in (names if tracked_only else {"": (), **names}).items():
        with_special = not tracked_only and (not below or any(map(is_sought, lasts)))
        known: set[str] = set()
        special: list[str] = []
        if with_special or len(lasts) >= _FEWEST_TO_LIST:
            with suppress(OSError), os.scandir(os.path.join(folder, below)) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        known.add(entry.name)
                    elif with_special and is_sought(entry.name) and not (entry.is_symlink() or entry.is_dir()):
                        special.append(entry.name)
        ordinary = [name for name in lasts if name in known]
        others = [name for name in lasts if name not in known]
        yield _Wanted.of(folder, below, ordinary, others + special)


_FEWEST_TO_LIST = 8
"""Files of a folder that cost more to ask for one by one than to list the folder."""

_NO_NAME = "x" * 255


def _tells_all(folder: str) -> bool:
    """Whether the files in a listed folder can be asked for: not if it may only be listed, or its path is too long."""
    try:
        os.lstat(os.path.join(folder, _NO_NAME))
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _under(shown: str, name: str) -> str:
    """The shown name of `name` in the folder that is shown as `shown`."""
    if shown == ".":
        return name
    return shown + name if shown.endswith("/") else f"{shown}/{name}"


def _admit(
    finds: _Finds, wanted: Iterable[_Wanted], *, folder: str, shown: str, tree: str, sought: Sought
) -> list[tuple[str, Candidate]]:
    """Take those of the files below `folder` that are files of the tree under the resolved `tree`.

    Files in folders of vendored code are taken aside, or left out where nothing but manifests is sought.

    Returns:
        Links to files of the tree, each with its resolved target.
    """
    links = []
    base = "" if folder == "." else os.path.join(folder, "")
    prefix = "" if shown == "." else _under(shown, "")
    for below, ordinary, others in wanted:
        vendored = is_vendored(below)
        if vendored:
            finds.vendored += sum(map(is_sought, (*ordinary, *others)))
            if sought is is_listed:
                continue
        # A folder that Git tracks may have been replaced by a link to anywhere.
        above = os.path.join(os.path.realpath(base + below), "")
        is_ours = is_inside(above, tree)
        beside = []
        shown_below, base_below = prefix + below, base + below
        is_plain = is_printable(shown_below + "".join(ordinary))
        for last in ordinary if is_ours else ():
            if last.endswith(_ENDS_OF_SOUGHT) and is_sought(last) and not vendored:
                path = shown_below + last
                path = path if is_plain else printable(path)
                finds.add(above + last, Candidate(path, base_below + last, tree, None, below + last))
            elif last.startswith(".") and is_temporary(last):
                finds.temporary.append(printable(shown_below + last))
            else:
                beside.append(last)
        for last in others:
            name = below + last
            location = base + name
            aside = vendored or not is_sought(last)
            try:
                mode = os.lstat(location).st_mode
            except (FileNotFoundError, NotADirectoryError):
                continue  # still in the index, deleted from the disk
            except OSError as error:
                if not aside:
                    finds.problems.append(unusable(prefix + name, error))
                continue
            if not is_ours:
                continue
            candidate = Candidate(printable(prefix + name), location, tree, None, name)
            if is_temporary(last):
                if stat.S_ISREG(mode):
                    finds.temporary.append(candidate.path)
            elif aside:
                if stat.S_ISREG(mode):  # what a link leads to is looked at where it is
                    beside.append(last)
            elif stat.S_ISREG(mode):
                finds.add(above + last, candidate)
            elif stat.S_ISLNK(mode):
                target = _link_target(finds, candidate, tree)
                if target is not None:
                    links.append((target, candidate))
            elif not stat.S_ISDIR(mode):
                finds.problems.append(special(candidate.path, mode))
        if beside:
            finds.add_aside(above, FolderFiles(shown_below, base_below, tree, below, beside))
    return links


_ENDS_OF_SOUGHT = (*SUFFIXES, "ion")
"""Of a folder's files, those with another end need not be asked for."""


def _link_target(finds: _Finds, link: Candidate, tree: str) -> str | None:
    target = os.path.realpath(link.location)
    try:
        mode = os.stat(target).st_mode
    except OSError:
        with suppress(OSError):  # it was removed meanwhile
            if may_be_manifest(link.below, os.readlink(link.location)):
                finds.skipped.append(Problem.of(link.path, "is a broken link", "Fix the link, or remove it."))
        return None
    if stat.S_ISDIR(mode):
        return None
    if not stays_in(target, tree):
        finds.skipped.append(leads_out(link.path))
        return None
    if not stat.S_ISREG(mode):
        finds.problems.append(special(link.path, mode))
        return None
    return target


def _without_ignored_targets(
    finds: _Finds, links: list[tuple[str, Candidate]], top: str, *, tracked_only: bool
) -> list[tuple[str, Candidate]]:
    """Leave out links to files that Git does not list; a link must not bring in what is ignored."""
    listed = {*finds.files}
    listed.update(above + name for above, named in finds.aside.items() for each in named for name in each.names)
    unsure = sorted({target[len(top) :].lstrip(os.sep) for target, _ in links if target not in listed})
    for start in range(0, len(unsure), AT_ONCE):
        names, _ = list_files(top, *unsure[start : start + AT_ONCE], tracked_only=tracked_only)
        listed.update(os.path.join(top, name) for name in names)
    kept = []
    for target, link in links:
        if target in listed:
            kept.append((target, link))
        else:
            message = f"is a link to a file that Git {'does not track' if tracked_only else 'ignores'}"
            finds.skipped.append(Problem.of(link.path, message, "Give the file that it points to, or add it to Git."))
    return kept


# --- Work trees in which many folders are named --------------------------------


class _Listing(NamedTuple):
    """Files below the resolved `folder`, as sorted paths relative to it."""

    folder: str
    names: Sequence[str]

    def below(self, folder: str) -> list[str]:
        """Those below a folder in it, relative to that one."""
        prefix = folder[len(self.folder) :].lstrip(os.sep)
        if not prefix:
            return list(self.names)
        prefix = posix(prefix) + "/"
        found = []
        for name in islice(self.names, bisect_left(self.names, prefix), None):
            if not name.startswith(prefix):
                break
            found.append(name[len(prefix) :])
        return found


def _shared_listings(arguments: Iterable[str], *, tracked_only: bool) -> dict[str, _Listing]:
    """List once each working tree of which several folders are named; by the top of the working tree."""
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for argument in arguments:
        if "\0" in argument or not os.path.isdir(argument):
            continue
        resolved = os.path.realpath(argument)
        top = work_tree_around(resolved)
        if top is not None:
            folders[top].append(resolved)
    listings = {}
    for top, resolved_folders in folders.items():
        if len(resolved_folders) > 1:
            common = os.path.commonpath(resolved_folders)
            # A few folders are named to git: there may be much beside them. Many would cost more than all of it.
            inside = [os.path.relpath(folder, common) for folder in resolved_folders]
            try:
                names, warnings = list_files(
                    common,
                    *(inside if len(inside) <= AT_ONCE else ()),
                    tracked_only=tracked_only,
                )
            except GitError:
                continue  # each folder will ask for itself and tell
            if not warnings:
                listings[top] = _Listing(common, sorted(names))
    return listings
