"""Which files have objects that point at what clusters get, decided by a search alone for all others.

In: the bytes of a file. Out: its objects that matter to the layout of a repo.
"""

import re
from functools import partial
from typing import TYPE_CHECKING

from compiler.repository import files
from compiler.repository.paths import is_sought
from compiler.text.span import File

if TYPE_CHECKING:
    from compiler.clusters.objects import Object

WORDS = (b"argoproj.io", b"toolkit.fluxcd.io", b"PolicyGenerator", b"Placement", b"ManagedCluster")
"""A file without any of these has no such object."""

_POINTS = re.compile(
    rb"argoproj\.io|toolkit\.fluxcd\.io|\bPolicyGenerator\b|\bkind:\s*[\"']?(?:Placement|PlacementRule|ManagedCluster)\b"
)


def objects_of(path: str, data: bytes) -> "tuple[Object, ...] | None":
    """The objects in a file that point at what clusters get; None if there are none, or if it cannot be read."""
    if not is_sought(path) or not _POINTS.search(data):
        return None
    found = files.affordable(path, partial(_objects, path, data))
    return found if isinstance(found, tuple) else None


def points(text: str) -> bool:
    """Whether a template mentions what points at what clusters get."""
    return _POINTS.search(text.encode("utf-8", "replace")) is not None


def _objects(path: str, data: bytes) -> "tuple[Object, ...] | None":
    from compiler.clusters.objects import is_pointer, objects

    file = files.decode(path, data)
    if not isinstance(file, File):
        return None
    return tuple(each for each in objects(path, file) if is_pointer(each)) or None
