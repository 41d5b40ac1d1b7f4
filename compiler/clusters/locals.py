"""The files that Butane configs take from beside them: `contents.local` names one by its path.

In: the files of a run. Out: the Butane configs among them with the texts of the files that they name. These texts are
not read as files of a node by themselves, since Butane's result is what nodes get.

Follows coreos/butane (cb34e12) `--files-dir`: a local path is inside the folder of files, which mostly is that of the
config; a folder around it is taken where it has the file.
"""

import posixpath
from collections.abc import Iterable, Iterator

from compiler.clusters.found import enclosing
from compiler.homes.node_files import with_local
from compiler.manifests.embedded import Home
from compiler.manifests.parsing import Parsed


def with_locals(files: Iterable[Parsed]) -> dict[str, Parsed]:
    """The files that change, by path: Butane configs that name others, and these others."""
    every = list(files)
    asking = [parsed for parsed in every if any(map(_local, parsed.homes))]
    if not asking:
        return {}
    by_path = {parsed.file.path: parsed for parsed in every}
    changed: dict[str, Parsed] = {}
    for parsed in asking:
        homes = []
        for home in parsed.homes:
            found = next(_candidates(parsed.file.path, home, by_path), None) if _local(home) else None
            if found is not None:
                changed[found.file.path] = found._replace(homes=(), places=())
                homes.append(with_local(home, found.file))
            else:
                homes.append(home)
        read = (span for home in homes for span in home.read)
        changed[parsed.file.path] = parsed.with_read(read)._replace(homes=tuple(homes))
    return changed


def _local(home: Home) -> str:
    return next((text.local for text in home.node_texts if text.local), "")


def _candidates(path: str, home: Home, files: dict[str, Parsed]) -> Iterator[Parsed]:
    """The files that a path may mean, that in the nearest folder first."""
    for folder in (*enclosing(posixpath.dirname(path)), ""):
        wanted = posixpath.normpath(posixpath.join(folder, _local(home)))
        if wanted in files and wanted != path:
            yield files[wanted]
