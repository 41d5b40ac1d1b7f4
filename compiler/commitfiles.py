"""The files of a commit, as what is built from files needs them.

In: a commit. Out: whether there is a file or folder, its text, and for a while the files themselves in a folder of the
disk. Paths count from the folder where the repository was opened, as in the work tree. Links are not followed.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from compiler.git import BlobReader, RevisionFile, ls_tree
from compiler.kustomize import as_written
from compiler.paths import Problem
from compiler.span import File


class CommitFiles:
    """Every file of a commit.

    Raises:
        GitError: The commit's trees are not all there.
    """

    def __init__(self, reader: BlobReader, commit: str) -> None:
        self._reader = reader
        self._entries = ls_tree(reader.repository, commit, "-r", "-t")
        self._data: dict[str, bytes | Problem] = {}
        self._files: dict[str, File | Problem] = {}

    def _mode(self, path: str) -> str:
        place = self._reader.repository.place(path)
        return self._entries[place].mode if place in self._entries else ""

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder; the top of the tree is one."""
        return self._mode(path) == "040000" or self._reader.repository.place(path) == ""

    def is_file(self, path: str) -> bool:
        """Whether there is a file that is no link."""
        return self._mode(path).startswith("100")

    def read(self, path: str) -> File | Problem:
        """A file's text, decoded once."""
        if path not in self._files:
            self._files[path] = as_written(path, self._bytes(path))
        return self._files[path]

    def _bytes(self, path: str) -> bytes | Problem:
        if path not in self._data:
            entry = self._entries[self._reader.repository.place(path) or ""]
            ((_, self._data[path]),) = self._reader.read([RevisionFile(path, entry.blob)])
        return self._data[path]

    @contextmanager
    def on_disk(self, paths: Iterable[str]) -> Iterator[str]:
        """A folder with these files in it, below it as they are below where the repository was opened."""
        with tempfile.TemporaryDirectory(prefix="mirrorc-") as name:
            root = Path(name) / self._reader.repository.prefix
            for path in paths:
                place = self._reader.repository.place(path)
                data = self._bytes(path)
                if place and isinstance(data, bytes):
                    (Path(name) / place).parent.mkdir(parents=True, exist_ok=True)
                    (Path(name) / place).write_bytes(data)
            root.mkdir(parents=True, exist_ok=True)
            yield str(root)
