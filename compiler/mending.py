"""Write mended texts back to the files they came from.

In: the texts of files before and after. Out: the files on disk, every byte outside the edits kept: byte order mark,
line ends, encoding, mode. A file that has changed since it was read is left alone.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from compiler import atomic, files
from compiler.files import Candidate
from compiler.fixes import Mended
from compiler.paths import Problem
from compiler.span import File


def write_back(mended: Mended, paths: Iterable[str]) -> list[Problem]:
    """Write the files that were found under `paths`.

    Returns:
        What could not be written, and why; such a file is as it was.
    """
    # Shown paths are for people: only the finding of a file knows what the operating system calls it.
    candidates: dict[str, list[Candidate]] = {}
    for candidate in files.discover(paths).candidates:
        candidates.setdefault(candidate.path, []).append(candidate)
    problems = []
    for path, text in mended.after.items():
        problem = _write(candidates.get(path, []), path, mended.before[path], text)
        if problem is not None:
            problems.append(problem)
    return problems


def _write(candidates: list[Candidate], path: str, before: str, after: str) -> Problem | None:
    if not candidates:
        return Problem.of(path, "is not there any more", "Run this again.")
    if len(candidates) > 1:
        return Problem.of(path, "cannot be told from another file of this name", "Rename it, or edit it by hand.")
    location = candidates[0].location
    data = files.read(candidates[0])
    if isinstance(data, Problem):
        return data
    file = files.decode(path, data)
    if not isinstance(file, File) or file.text != before:
        return Problem.of(path, "has changed since it was read", "Run this again.")
    if not os.access(location, os.W_OK):
        return Problem.of(path, "is write-protected", "Make it writable, or edit it by hand.")
    try:
        atomic.replace(Path(location), files.encode(after, data))
    except OSError as error:
        return Problem.of(path, f"cannot be written: {error.strerror}", "Nothing of it has been touched.")
    return None
