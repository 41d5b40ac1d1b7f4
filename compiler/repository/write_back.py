"""Bring fixed texts to the files they came from, or show what that would change.

In: the texts of files before and after. Out: the files on disk, every byte outside the edits kept: byte order mark,
line ends, encoding, mode; or a diff. A file that has changed since it was read is left alone.
"""

# Places are texts, as the operating system has them.
# ruff: noqa: PTH109, PTH114, PTH118, PTH119, PTH120

import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from compiler.findings.fixes import Mended, difference
from compiler.repository import files
from compiler.repository.discovery import discover
from compiler.repository.files import Candidate
from compiler.repository.folders import Folder, RefusedError, open_folder
from compiler.repository.git import work_tree_around
from compiler.repository.paths import Problem, is_inside, printable
from compiler.text.escaping import Patch
from compiler.text.span import File

Candidates = Mapping[str, Sequence[Candidate]]
"""The files by the paths that people are shown; two files may be shown alike."""


def find(paths: Iterable[str], *, beside: Iterable[str] = ()) -> Candidates:
    """The files below `paths`, and those that are `beside` them by name.

    Only their discovery knows what the operating system calls what people are shown.
    """
    candidates: dict[str, list[Candidate]] = {}
    for candidate in discover(paths).candidates:
        candidates.setdefault(candidate.path, []).append(candidate)
    for path in beside:
        candidates.setdefault(printable(path), [Candidate(printable(path), path)])
    return candidates


def write_back(mended: Mended, candidates: Candidates) -> list[Problem]:
    """Write the fixed files.

    Returns:
        What could not be written, and why; such a file is unchanged.
    """
    problems = []
    for path, text in mended.after.items():
        problem = _write(candidates.get(path, ()), path, mended.before[path], text)
        if problem is not None:
            problems.append(problem)
    return problems


def differences(mended: Mended, candidates: Candidates, locate: Callable[[str], str]) -> Patch:
    """What `write_back` would change, as one unified diff; `locate` names the files in it."""
    parts = []
    for path, after in mended.after.items():
        data = files.read(candidates[path][0]) if path in candidates else b""
        # A byte order mark belongs to the first line, which else would not be found there.
        mark = "\ufeff" if isinstance(data, bytes) and data.startswith(BOM_UTF8) else ""
        parts.append(difference(locate(path), mark + mended.before[path], mark + after))
    return Patch("".join(parts))


def _write(candidates: Sequence[Candidate], path: str, before: str, after: str) -> Problem | None:
    if not candidates:
        return Problem.of(path, "no longer exists", "Run the command again.")
    if len(candidates) > 1:
        return Problem.of(
            path, "cannot be distinguished from another file with this name", "Rename it, or edit it by hand."
        )
    try:
        with _folder(candidates[0]) as folder:
            return _replace(folder, os.path.basename(os.path.realpath(candidates[0].location)), path, before, after)
    except RefusedError as error:
        return Problem.of(path, error.problem.message, error.problem.help)
    except OSError as error:
        return Problem.of(path, f"cannot be written: {error.strerror}", "The file is unchanged.")


def _folder(candidate: Candidate) -> Folder:
    """The folder of the file itself, which links may lead to inside their working tree and nowhere else.

    Raises:
        RefusedError: A link leads out of its working tree.
        OSError: The folder cannot be opened.
    """
    real = os.path.realpath(candidate.location)
    if not all(is_inside(real, tree) for tree in _trees_of_links(candidate.location)):
        message = "is reached through a link that leaves the tree; mirrorc does not write through it"
        raise RefusedError(Problem.of(candidate.path, message, "Give the file that the link points to."))
    folder = os.path.dirname(real)
    tree = work_tree_around(folder) or folder
    return open_folder(tree, os.path.relpath(folder, tree))


def _trees_of_links(path: str) -> Iterator[str]:
    """The working trees that the links on the way to a file are in."""
    way = os.path.join(os.getcwd(), path)
    while way != os.path.dirname(way):
        if os.path.islink(way):
            tree = work_tree_around(os.path.realpath(os.path.dirname(way)))
            if tree is not None:
                yield tree
        way = os.path.dirname(way)


def _replace(folder: Folder, name: str, path: str, before: str, after: str) -> Problem | None:
    data = folder.read(name)
    if data is None:
        return Problem.of(path, "no longer exists", "Run the command again.")
    file = files.decode(path, data)
    if not isinstance(file, File) or file.text != before:
        return Problem.of(path, "has changed since it was read", "Run the command again.")
    if not os.access(name, os.W_OK, dir_fd=folder.descriptor):
        return Problem.of(path, "is write-protected", "Make it writable, or edit it by hand.")
    folder.replace(name, files.encode(after, data))
    return None
