"""The files of a commit, as what is built from files needs them.

In: a commit. Out: whether there is a file or folder, its text, and for a while the files themselves in a folder of the
disk. Paths count from the folder where the repository was opened, as in the working tree. Links are followed inside the
commit, and nowhere else.
"""

import os
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from compiler.manifests.kustomize import as_written
from compiler.manifests.kustomize_work import work_of
from compiler.repository.blobs import BlobReader, RevisionFile
from compiler.repository.commit_tree import CommitTree, Links
from compiler.repository.paths import Problem
from compiler.text.span import File


class CommitFiles:
    """Every file of a commit.

    Raises:
        GitError: The commit's trees are not all there.
    """

    def __init__(self, reader: BlobReader, commit: str) -> None:
        self._reader = reader
        self._tree = CommitTree(reader, commit, whole=True)
        self._links = Links(self._tree)
        self._data: dict[str, bytes | Problem] = {}
        self._files: dict[str, File | Problem] = {}

    def _place(self, path: str) -> str | None:
        """Where a path leads, from the top of the tree; None where it leads out of it."""
        place = self._reader.repository.place(path)
        return place and self._links.follow([place])[place]

    def _mode(self, path: str) -> str:
        place = self._place(path)
        return self._links.found[place].mode if place in self._links.found else ""

    def leads_out(self, path: str) -> bool:
        """Whether a path leads out of the tree by `..`; a link that does so leads nowhere in a commit."""
        return self._reader.repository.place(path) is None

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder; the top of the tree is one."""
        return self._mode(path) == "040000" or self._place(path) == ""

    def is_file(self, path: str) -> bool:
        """Whether there is a file."""
        return self._mode(path).startswith("100")

    def read(self, path: str) -> File | Problem:
        """A file's text, decoded once."""
        if path not in self._files:
            self._files[path] = as_written(path, self.data(path))
        return self._files[path]

    def below(self, folder: str) -> list[str]:
        """The files in a folder at any depth; links are not among them."""
        place = self._place(folder)
        entries = self._tree.below({place}) if place is not None else {}
        inside = f"{place}/" if place else ""
        names = sorted(
            name for name, each in entries.items() if each.mode.startswith("100") and name.startswith(inside)
        )
        return [posixpath.normpath(posixpath.join(folder, name[len(inside) :])) for name in names]

    def data(self, path: str) -> bytes | Problem:
        """The bytes of a file."""
        if path not in self._data:
            entry = self._links.found[self._place(path) or ""]
            ((_, self._data[path]),) = self._reader.read([RevisionFile(path, entry.blob)])
        return self._data[path]

    def copy(self, paths: Iterable[str], top: str) -> str:
        """Write these files below a folder, below the answer the same as below where the repository was opened.

        What links lead to lies where it does in the commit, with the links: who builds looks at where files really are.
        """
        above = Path(top)
        for path in paths:
            end, data = self._place(path), self.data(path)
            if end and isinstance(data, bytes):
                _write(above / end, data)
                for link, to in self._links.passed(self._reader.repository.place(path) or ""):
                    _link(above / link, above / to)
        root = above / self._reader.repository.prefix
        root.mkdir(parents=True, exist_ok=True)
        return str(root)


class EditedFiles:
    """The files of a commit with other texts in some of them; None where a file is missing."""

    def __init__(self, files: CommitFiles, texts: Mapping[str, str | None]) -> None:
        self._files = files
        self._texts = texts
        work_of(self, is_input=False)
        self._folders = {
            str(folder) for path, text in texts.items() if text is not None for folder in PurePosixPath(path).parents
        }

    def leads_out(self, path: str) -> bool:
        """Whether a path leads out of the tree."""
        return self._files.leads_out(path)

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder."""
        return self._files.is_folder(path) or posixpath.normpath(path) in self._folders

    def is_file(self, path: str) -> bool:
        """Whether there is a file."""
        normal = posixpath.normpath(path)
        return self._texts[normal] is not None if normal in self._texts else self._files.is_file(path)

    def read(self, path: str) -> File | Problem:
        """A file with its new text, if it has one."""
        text = self._texts.get(posixpath.normpath(path))
        return self._files.read(path) if text is None else as_written(path, text.encode())

    def below(self, folder: str) -> list[str]:
        """The files in a folder at any depth; links are not among them."""
        inside = posixpath.normpath(folder)
        start = "" if inside == "." else f"{inside}/"
        added = {path for path, text in self._texts.items() if text is not None and path.startswith(start)}
        return sorted({path for path in self._files.below(folder) if self.is_file(path)} | added)

    def data(self, path: str) -> bytes | Problem:
        """The bytes of a file."""
        text = self._texts.get(posixpath.normpath(path))
        return self._files.data(path) if text is None else text.encode()

    def copy(self, paths: Iterable[str], top: str) -> str:
        """Write these files below a folder, as of the commit."""
        listed = list(paths)
        root = self._files.copy([path for path in listed if self._files.is_file(path)], top)
        for path in listed:
            text = self._texts.get(posixpath.normpath(path))
            if text is not None:
                _write(Path(root) / posixpath.normpath(path), text.encode())
        return root


def _write(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)


def _link(place: Path, to: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_symlink():
        place.symlink_to(os.path.relpath(to, place.parent))
