"""Replace a file as a whole or not at all.

In: a path and bytes. Out: the file on disk. A reader sees the old bytes or the new ones, never half of them, and a
full disk is found before anything is lost.
"""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def replace(place: Path, content: bytes) -> None:
    """Give a file new content. What a link leads to is replaced, not the link; pipes and devices are written to.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    if place.exists() and not place.is_file():
        place.write_bytes(content)
        return
    place = place.resolve()
    write_beside(place, content, durable=True).replace(place)


def write_beside(place: Path, content: bytes, *, durable: bool = False) -> Path:
    """Write what is to replace `place` into a temporary file in the same folder, with the same mode and owner.

    A `durable` one is on the disk before this returns, so that a power cut after the replacement loses nothing.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    descriptor, name = tempfile.mkstemp(prefix=".mirrorc-", dir=place.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        _take_after(temporary, place)
    except BaseException:
        temporary.unlink()
        raise
    return temporary


def _take_after(temporary: Path, place: Path) -> None:
    """Give the new file the mode and owner of the one it replaces, or the mode of any new file."""
    try:
        old = place.stat()
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        return
    if hasattr(os, "chown"):
        with suppress(OSError):  # where we may not, somebody else's file becomes ours
            os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(stat.S_IMODE(old.st_mode))
