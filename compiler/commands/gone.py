"""Folders that a build made for clusters that are no longer configured.

In: the clusters of a configuration. Out: what is removed of them or, under `--check`, would be.
"""

import posixpath
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from compiler.commands.console import say
from compiler.repository.paths import Destination
from compiler.text.wording import counted

if TYPE_CHECKING:
    from compiler.clusters.cluster import Cluster


def remove_gone(clusters: "Sequence[Cluster]", *, check: bool) -> tuple[int, bool]:
    """Remove what a build provably made in folders that no cluster is written to any more, and say so.

    Args:
        clusters: All clusters of a configuration.
        check: Change nothing, only say what a build would remove.

    Returns:
        How many folders there are, and whether one could not be read or changed.
    """
    from compiler.policy.artifacts import can_make
    from compiler.repository.output_folder import OutputError, opened

    done, failed = 0, False
    for where in _gone(clusters):
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
        done += 1
        files = counted(len(todo.removed), "file")
        if check:
            say(f"mirrorc: no cluster is written to {where}: {files} to remove", "  Run `mirrorc build`, and commit.")
        else:
            say(f"mirrorc: removed {files} in {where}: no cluster is written to it any more")
            _remove_empty(where)
    return done, failed


def has_gone(clusters: "Sequence[Cluster]") -> bool:
    """Whether there may be such folders."""
    return any(_gone(clusters))


def _gone(clusters: "Sequence[Cluster]") -> Iterator[Destination]:
    """Folders with a listing beside and around the output folders that are called after their clusters."""
    from compiler.repository.folders import RefusedError, open_folder
    from compiler.repository.output_folder import LISTING

    kept = {str(cluster.output) for cluster in clusters}
    around = {
        (cluster.output.base, posixpath.dirname(cluster.output.below))
        for cluster in clusters
        if cluster.name and posixpath.basename(cluster.output.below) == cluster.name
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
