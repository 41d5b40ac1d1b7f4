"""Folders that a build made for clusters that are no longer configured.

In: the clusters of a configuration. Out: what is removed of them or, under `--check`, would be.
"""

import posixpath
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from compiler.commands.console import say
from compiler.repository.paths import Destination
from compiler.text.wording import counted


class Gone(NamedTuple):
    """The files in such folders that were removed or are to be, and whether a folder could not be read or changed."""

    files: tuple[str, ...] = ()
    failed: bool = False


def remove_gone(outputs: "Mapping[str, Destination]", *, check: bool) -> Gone:
    """Remove what a build provably made in folders that no cluster is written to any more, and say so.

    Args:
        outputs: Where all clusters of a configuration are written to, by name.
        check: Change nothing, only say what a build would remove.
    """
    from compiler.policy.artifact_names import can_make
    from compiler.repository.output_folder import LISTING, OutputError, opened

    done: list[str] = []
    failed = False
    for where in _gone(outputs):
        try:
            with opened(where, writing=not check, makes=can_make) as folder:
                todo = folder.plan({})
                if not todo.removed:
                    continue
                if not check:
                    folder.clear(todo)
        except OutputError as error:
            say(f"mirrorc: {error}", f"  {error.help}")
            failed = True
            continue
        done += [str(Destination(str(where), name)) for name in (LISTING, *todo.removed, *todo.temporary)]
        files = counted(len(todo.removed), "file")
        if check:
            say(f"mirrorc: no cluster is written to {where}: {files} to remove", "  Run `mirrorc build`, and commit.")
        else:
            say(f"mirrorc: removed {files} in {where}: no cluster is written to it any more")
            _remove_empty(where)
    return Gone(tuple(done), failed)


def _gone(outputs: "Mapping[str, Destination]") -> Iterator[Destination]:
    """Folders with a listing beside and around the output folders that are called after their clusters."""
    from compiler.repository.folders import RefusedError, open_folder
    from compiler.repository.output_folder import LISTING

    kept = {str(output) for output in outputs.values()}
    around = {
        (output.base, posixpath.dirname(output.below))
        for name, output in outputs.items()
        if name and posixpath.basename(output.below) == name
    }
    for base, below in sorted(around):
        names: list[str] = []
        with suppress(RefusedError, OSError), open_folder(base, below) as folder:
            names = ["", *sorted(folder.names())]
        for name in names:
            where = Destination(base, posixpath.join(below, name) if name else below)
            if str(where) in kept or not where.below:
                continue
            with suppress(RefusedError, OSError), open_folder(base, where.below) as inner:
                if stat.S_ISREG(inner.mode(LISTING)):
                    yield where


def _remove_empty(where: Destination) -> None:
    """Remove a folder if nothing is left in it."""
    from compiler.repository.folders import RefusedError, open_folder

    outer, _, name = where.below.rpartition("/")
    with suppress(RefusedError, OSError), open_folder(where.base, outer) as folder:
        folder.remove_folder(name)
