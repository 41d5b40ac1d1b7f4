"""What is expected of the tool, kept as files: `make accept` rewrites them, reviewers read that difference.

A test that is marked `golden` hands what the tool made to the fixture `golden`, which compares it with the files
or, under `--accept`, replaces them.
"""

from collections.abc import Mapping
from pathlib import Path

from tests.command import tree


class Golden:
    """Expected files; `accept` replaces them by what was made."""

    def __init__(self, *, accept: bool) -> None:
        self.accept = accept

    def file(self, path: Path, made: bytes | str) -> None:
        """The file holds exactly what was made."""
        content = made.encode() if isinstance(made, str) else made
        if self.accept:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert path.exists(), f"{path} is not there: `make accept` writes it"
        assert content.decode() == path.read_bytes().decode()

    def folder(self, path: Path, made: Mapping[str, bytes]) -> None:
        """The folder holds exactly the files that were made, by relative name; an empty one need not be there."""
        if self.accept:
            for name in tree(path).keys() - made.keys():
                (path / name).unlink()
        for name, content in made.items():
            self.file(path / name, content)
        assert tree(path).keys() == made.keys()
