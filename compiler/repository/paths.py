"""How files are named to people, and what is said of one that cannot be used.

In: paths as the operating system or Git has them. Out: the same, safe to show; `Problem` records.
"""

import os
import posixpath
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from compiler.text.escaping import Place, safe
from compiler.text.span import File, Span

STANDARD_INPUT = "-"
"""The name of standard input among paths."""

SUFFIXES = (".yaml", ".yml", ".json")
"""Names of manifests end so, in lower case, as `kubectl apply -f FOLDER` has it."""

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What a kustomization is called; a folder contains one of them."""

SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes. The API server takes objects of 1.5 MB; a file beyond this is not a list of manifests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A path or file that could not be used, and what to do about it.

    The message continues after the path (`is larger than 64 MiB`). The span is as tight as is known; it is empty and
    at the start where the whole file is meant.
    """

    message: str
    help: str
    span: Span

    @classmethod
    def of(cls, path: str, message: str, help: str) -> "Problem":  # noqa: A002 - as in `Diagnostic`
        """A problem with a whole file or folder, under its name made safe to show."""
        return cls(message=message, help=help, span=Span(File(printable(path)), 0, 0))

    @property
    def path(self) -> str:
        """The file or folder as shown to people."""
        return self.span.path


class Destination(NamedTuple):
    """Where a build writes.

    Attributes:
        base: A folder that the user named, or that of the configuration.
        below: The rest of the way where a configuration or the default names it; no part of it may be a link.
    """

    base: str
    below: str = ""

    def __str__(self) -> str:

        return posix(str(Path(self.base, self.below)))


DEFAULT_DESTINATION = Destination(".", "rendered")
"""Where a build writes if neither the command line nor a configuration says so."""


def is_listed(name: str) -> bool:
    """Whether a file below a folder that is named is looked at: a manifest, or what a killed run left."""
    return is_sought(name) or is_temporary(name.rpartition("/")[2])


def is_inside(path: str, folder: str) -> bool:
    """Whether the resolved `path` is the resolved `folder` or lies below it."""
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def is_sought(name: str) -> bool:
    """Whether a folder that is named yields the file `name` below it."""
    return name.endswith(SUFFIXES) or (name.endswith("ion") and is_kustomization(name))


_TEMPORARY = re.compile(r"\.mirrorc-[a-z0-9_]{8}")


def is_temporary(name: str) -> bool:
    """Whether a file has the name of one that a later step replaces another file with.

    Such a file is left only by a run that was killed.
    """
    return name.startswith(".mirrorc-") and _TEMPORARY.fullmatch(name) is not None


def is_kustomization(path: str) -> bool:
    """Whether a file is a kustomization by its name."""
    return path.endswith(KUSTOMIZATIONS) and path.rpartition("/")[2] in KUSTOMIZATIONS


_IGNORED_BY_HFS = dict.fromkeys((*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF))
"""Characters that a Mac's file system does not compare, for `str.translate`."""


def is_git_name(name: str) -> bool:
    """Whether a file system may take a name for `.git`.

    As `is_ntfs_dotgit` and `is_hfs_dotgit` of Git's path.c and utf8.c: whatever the case, with what Windows drops at
    the end, by the short name of DOS, and with characters between that a Mac ignores.
    """
    plain = name.partition(":")[0].translate(_IGNORED_BY_HFS).rstrip(" .").lower()
    return plain in {".git", "git~1"}


def is_printable(path: str) -> bool:
    """Whether each part of a path is certain to be shown unchanged."""
    return path.isascii() and path.isprintable()


def printable(path: str) -> str:
    r"""Make a file name safe to show: bytes that are not UTF-8, controls and so on become `\x1b` and such.

    A terminal obeys an escape in a name, and a line break would forge a line of a report. Names are UTF-8, as Git has
    it, whatever the locale takes them for.
    """
    if is_printable(path):  # nearly always, and asked of every file
        return path
    if not path.isascii():
        with suppress(UnicodeEncodeError):  # a name from a text, which no locale has had its hands on
            path = os.fsencode(path).decode("utf-8", "surrogateescape")
    return safe(path, Place.TERMINAL)


def too_large(path: str, limit: int) -> Problem:
    """The problem with a file of more than `limit` bytes."""
    size = f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"
    return Problem.of(path, f"is larger than {size}", "Exclude it, or split it into smaller files.")


def posix(path: str) -> str:
    """The path with `/` between its parts, whatever the operating system has there."""
    return path if os.sep == "/" else path.replace(os.sep, "/")


def enclosing(folder: str) -> Iterator[str]:
    """The folder and all that it lies in."""
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
