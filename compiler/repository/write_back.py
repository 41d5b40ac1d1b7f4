"""Bring mended texts to the files they came from, or show what that would change.

In: the texts of files before and after. Out: the files on disk, every byte outside the edits kept: byte order mark,
line ends, encoding, mode; or a diff. A file that has changed since it was read is left alone.
"""

import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from compiler.findings.fixes import Mended, difference
from compiler.machine import atomic
from compiler.repository import files
from compiler.repository.discovery import discover
from compiler.repository.files import Candidate
from compiler.repository.paths import Problem
from compiler.text.escaping import Patch
from compiler.text.span import File

Candidates = Mapping[str, Sequence[Candidate]]
"""The files by the paths that people are shown; two files may be shown alike."""


def find(paths: Iterable[str]) -> Candidates:
    """The files below `paths`. Only their discovery knows what the operating system calls what people are shown."""
    candidates: dict[str, list[Candidate]] = {}
    for candidate in discover(paths).candidates:
        candidates.setdefault(candidate.path, []).append(candidate)
    return candidates


def write_back(mended: Mended, candidates: Candidates) -> list[Problem]:
    """Write the mended files.

    Returns:
        What could not be written, and why; such a file is as it was.
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
    location = candidates[0].location
    data = files.read(candidates[0])
    if isinstance(data, Problem):
        return data
    file = files.decode(path, data)
    if not isinstance(file, File) or file.text != before:
        return Problem.of(path, "has changed since it was read", "Run the command again.")
    if not os.access(location, os.W_OK):
        return Problem.of(path, "is write-protected", "Make it writable, or edit it by hand.")
    try:
        atomic.replace(Path(location), files.encode(after, data))
    except OSError as error:
        return Problem.of(path, f"cannot be written: {error.strerror}", "It was not changed.")
    return None
