"""Of many files keeps those in which certain words are.

In: files with their bytes, and words. Out: the bytes of the few files that contain any of the words, and a `Problem`
for each that cannot be read.

Most files of a repo have nothing to do with its mirrors, and a search of each for each word would take longer than to
read them. So some hundred files are searched as one text.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import TypeVar

from compiler.repository.paths import Problem

_AT_ONCE = 1 << 19
"""Bytes that are searched together: as many as are fast to get at, in a processor's own memory."""


_File = TypeVar("_File")


def sift(
    contents: Iterable[tuple[_File, bytes | Problem]], words: Sequence[bytes]
) -> Iterator[tuple[_File, bytes | Problem]]:
    """The files with any of the words, and those that cannot be read.

    Args:
        contents: The files, each with its bytes, or why it cannot be read.
        words: Without line breaks.
    """
    kept: list[tuple[_File, bytes]] = []
    size = 0
    for file, data in contents:
        if isinstance(data, Problem):
            yield file, data
            continue
        kept.append((file, data))
        size += len(data)
        if size > _AT_ONCE:
            yield from [kept[each] for each in with_words([text for _, text in kept], words)]
            kept, size = [], 0
    yield from [kept[each] for each in with_words([text for _, text in kept], words)]


def with_words(texts: Sequence[bytes], words: Iterable[bytes]) -> list[int]:
    """The numbers of the texts in which any of the words is, in order."""
    # A word has no line break, so none begins in one text and ends in the next.
    joined = b"\n".join(texts)
    ends: list[int] = []
    found = set()
    for word in words:
        find = partial(_find_rare, joined) if word[:1] == _RARE else joined.find
        at = find(word, 0)
        while at >= 0:
            ends = ends or list(accumulate(map((1).__add__, map(len, texts))))
            number = bisect_right(ends, at)
            found.add(number)
            at = find(word, ends[number])
    return sorted(found)


_RARE = b"["
"""A character of which few texts have many: a search for it alone takes a tenth of one for a word."""

_MOST_RARE = 1_000
"""So many are looked at before the word itself is searched for."""


def _find_rare(text: bytes, word: bytes, start: int) -> int:
    """What `find` gives for a word that begins with a rare character."""
    at = start - 1
    for _ in range(_MOST_RARE):
        at = text.find(_RARE, at + 1)
        if at < 0 or text.startswith(word, at):
            return at
    return text.find(word, at)
