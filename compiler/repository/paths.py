"""How files are named to people, and what is said of one that cannot be used.

In: paths as the operating system or Git has them. Out: the same, safe to show; `Problem` records.
"""

import os
from contextlib import suppress
from dataclasses import dataclass

from compiler.text.escaping import Place, safe
from compiler.text.span import File, Span

STANDARD_INPUT = "-"
"""What stands for standard input among paths."""

SUFFIXES = (".yaml", ".yml", ".json")
"""Names of manifests end so, in lower case, as `kubectl apply -f FOLDER` has it."""

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What a kustomization is called; a folder holds one of them."""

SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes. The API server takes objects of 1.5 MB; a file beyond this is not a list of manifests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A path or file that could not be used, and what to do about it.

    The message reads on behind the path (`is larger than 64 MiB`). The span is as tight as is known; it is empty and
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
        """The file or folder as it is shown to people."""
        return self.span.path


def is_sought(name: str) -> bool:
    """Whether a folder that is named yields the file `name` below it."""
    return name.endswith(SUFFIXES) or is_kustomization(name)


def is_kustomization(path: str) -> bool:
    """Whether a file is a kustomization by its name."""
    return path.rpartition("/")[2] in KUSTOMIZATIONS


def printable(path: str) -> str:
    r"""Make a file name safe to show: bytes that are not UTF-8, controls and so on become `\x1b` and such.

    A terminal obeys an escape in a name, and a line break would forge a line of a report. Names are UTF-8, as Git has
    it, whatever the locale takes them for.
    """
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
