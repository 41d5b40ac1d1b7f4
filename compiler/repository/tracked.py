"""The state of the files that Git tracks, and a note about them in the Git directory.

In: the current folder, the top of a working tree. Out: for each of these files what is another once it was changed,
and bytes that one run leaves for the next. A clone contains no Git directory, so only this user
writes there; the caller checks what is read all the same.
"""

# A run looks at tens of thousands of paths, and pathlib costs more than the file system does.
# ruff: noqa: PTH115

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

from compiler.repository.files import OPEN_FLAGS, read_open
from compiler.repository.folders import Folder, RefusedError
from compiler.repository.git import GitError, top_of_index
from compiler.repository.paths import is_temporary

_COARSEST = 2_000_000_000
"""Nanoseconds between two times of a file system: within so many, a changed file may look as it did before."""


class Tracked(NamedTuple):
    """A working tree: where its Git directory is, and the index as `git ls-files --stage -z` lists it."""

    git_directory: str
    listing: bytes


def tracked() -> Tracked | None:
    """What Git tracks; None where the current folder is not the top of a working tree, or Git cannot be asked."""
    try:
        return Tracked(*found) if (found := top_of_index()) is not None else None
    except GitError:
        return None


def states(tree: Tracked, others: Iterable[str], since: int) -> dict[bytes, bytes] | None:
    """What is to be compared of the files that the index lists, by name.

    A file counts by its size, inode and times, and also by its bytes if it was changed shortly before `since` or later:
    then two versions may have the same time.

    Args:
        tree: Of `tracked`.
        others: More files.
        since: When the caller began, in nanoseconds of the clock.

    Returns:
        None where a file that has to be read cannot be.
    """
    found: dict[bytes, bytes] = {}
    names = (record.partition(b"\t")[2] for record in tree.listing.split(b"\0"))
    for name in (*names, *map(os.fsencode, others)):
        if name in found:
            continue
        state = _state(name, since)
        if state is None:
            return None
        found[name] = state
    return found


def _state(name: bytes, since: int) -> bytes | None:
    try:
        found = os.lstat(name)
    except (OSError, ValueError):
        return b""
    times = (found.st_mtime_ns, found.st_ctime_ns)
    state = b"%d %d %d %d %d %d" % (found.st_mode, found.st_size, found.st_dev, found.st_ino, *times)
    if max(times) < since - _COARSEST:
        return state
    if stat.S_ISLNK(found.st_mode):
        with suppress(OSError):
            return state + sha256(os.readlink(name)).digest()
    elif stat.S_ISREG(found.st_mode):
        content = _content(os.fsdecode(name))
        return None if content is None else state + sha256(content).digest()
    return state


def _content(name: str) -> bytes | None:
    try:
        content = read_open(os.open(name, OPEN_FLAGS | os.O_NOFOLLOW), name)
    except OSError:
        return None
    return content if isinstance(content, bytes) else None


def read_note(tree: Tracked, name: str) -> bytes:
    """The bytes that an earlier run left under this name; empty where there are none, or something else is there.

    What another user has left, or could have changed, is not believed.
    """
    with suppress(OSError, RefusedError), _git_directory(tree) as folder:
        if not stat.S_ISREG(folder.mode(name)):
            return b""
        descriptor = os.open(name, OPEN_FLAGS | os.O_NOFOLLOW, dir_fd=folder.descriptor)
        found = os.fstat(descriptor)  # and not what had the name before
        content = read_open(descriptor, name)
        is_own = found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        return content if is_own and isinstance(content, bytes) else b""
    return b""


def write_note(tree: Tracked, name: str, content: bytes) -> None:
    """Leave bytes for a later run of this user; not where the Git directory cannot be written to."""
    with suppress(OSError, RefusedError), _git_directory(tree) as folder:
        for left in filter(is_temporary, folder.names()):  # by a hook that was killed
            with suppress(OSError):
                folder.remove(left)
        folder.replace(name, content, durable=False, private=True)


def remove_note(tree: Tracked, name: str) -> None:
    """Remove what an earlier run left, if it is a file."""
    with suppress(OSError, RefusedError), _git_directory(tree) as folder:
        if stat.S_ISREG(folder.mode(name)):
            folder.remove(name)


def _git_directory(tree: Tracked) -> Folder:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    return Folder(os.open(tree.git_directory, flags), tree.git_directory)
