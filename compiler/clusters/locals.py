"""The files that Butane configs take from beside them: `contents.local` names one by its path.

In: the files of a run. Out: the Butane configs among them with the texts of the files that they name. These texts are
not read as files of a node by themselves, since Butane's result is what nodes get.

Follows coreos/butane (cb34e12) `--files-dir`: a local path is inside the folder of files, which mostly is that of the
config; a folder around it is taken where it has the file.
"""

import posixpath
from collections.abc import Iterable, Iterator

from compiler.findings import rules
from compiler.homes.node_files import with_local
from compiler.manifests.embedded import Home
from compiler.manifests.parsing import Parsed
from compiler.repository.paths import enclosing
from compiler.text.wording import shown

_MOST_AGAIN = 256 * 1024
"""Characters of files that Butane configs name once more: a few lines can ask for any number of them."""


def with_locals(files: Iterable[Parsed]) -> dict[str, Parsed]:
    """The files that change, by path: Butane configs that name others, and these others."""
    by_path = {parsed.file.path: parsed for parsed in files}
    changed: dict[str, Parsed] = {}
    left = _MOST_AGAIN
    for parsed in by_path.values():
        if not any(map(_local, parsed.homes)):
            continue
        homes = []
        for home in parsed.homes:
            found = next(_candidates(parsed.file.path, home, by_path), None) if _local(home) else None
            if found is None:
                homes.append(home)
                continue
            if found.file.path in changed:
                left -= len(found.file.text)
            changed[found.file.path] = found._replace(homes=(), places=())
            homes.append(with_local(home, found.file) if left >= 0 else _named_too_often(home))
        read = (span for home in homes for span in home.read)
        changed[parsed.file.path] = parsed.with_read(read)._replace(homes=tuple(homes))
    return changed


def _named_too_often(home: Home) -> Home:
    finding = rules.UNLOADABLE_NODE_FILE.at(
        home.span,
        f"`{shown(_local(home))}` is not read again: Butane configs of this repo name files too often",
        help="Write the content into the config, or work on a part of the repo.",
        field="contents.local",
    )
    return home._replace(node_texts=(), compiled=False, diagnostics=(*home.diagnostics, finding), read=(home.span,))


def _local(home: Home) -> str:
    return next((text.local for text in home.node_texts if text.local), "")


def _candidates(path: str, home: Home, files: dict[str, Parsed]) -> Iterator[Parsed]:
    """The files that a path may mean, that in the nearest folder first."""
    for folder in (*enclosing(posixpath.dirname(path)), ""):
        wanted = posixpath.normpath(posixpath.join(folder, _local(home)))
        if wanted in files and wanted != path:
            yield files[wanted]
