"""Contents of files that have most of their bytes in common.

In: pieces. Out: a mapping of names to contents, each put together only while somebody wants it.
"""

from collections.abc import Iterator, Mapping

Content = tuple[bytes, ...]
"""The pieces of a file, one after the other."""


class Pieces(Mapping[str, bytes]):
    """Contents by name; what is asked for is joined each time, so that not all are in memory.

    Args:
        pieces: The pieces of each, by name. Pieces that several share are the same objects.
    """

    __slots__ = ("_digests", "_pieces")

    def __init__(self, pieces: Mapping[str, Content]) -> None:
        self._pieces = pieces
        self._digests: dict[str, str] = {}

    def __getitem__(self, name: str) -> bytes:
        return b"".join(self._pieces[name])

    def __contains__(self, name: object) -> bool:
        return name in self._pieces

    def __iter__(self) -> Iterator[str]:
        return iter(self._pieces)

    def __len__(self) -> int:
        return len(self._pieces)

    def __repr__(self) -> str:
        return f"Pieces({', '.join(self._pieces)})"

    def of(self, name: str) -> Content:
        """The pieces of a content."""
        return self._pieces[name]

    def digest(self, name: str) -> str:
        """The SHA-256 digest of a content, which is computed once."""
        if name not in self._digests:
            self._digests[name] = digest(*self._pieces[name])
        return self._digests[name]

    def is_content(self, name: str, content: bytes) -> bool:
        """Whether some bytes are a content."""
        pieces = self._pieces[name]
        if len(pieces) == 1:
            return content == pieces[0]
        if len(content) != sum(map(len, pieces)):
            return False
        start = 0
        for piece in pieces:
            if not content.startswith(piece, start):
                return False
            start += len(piece)
        return True


def digest(*content: bytes) -> str:
    """The SHA-256 digest of some pieces, in hexadecimal."""
    from hashlib import sha256  # brings OpenSSL, which a run that builds nothing does without

    made = sha256()
    for piece in content:
        made.update(piece)
    return made.hexdigest()


def pieces_of(contents: Mapping[str, bytes]) -> Pieces:
    """The contents as pieces, one of each where they are not in pieces yet."""
    if isinstance(contents, Pieces):
        return contents
    return Pieces({name: (content,) for name, content in contents.items()})
