"""Of many files keeps those in which certain words are.

In: files with their bytes, and words. Out: the bytes of the few files that contain any of the words, and a `Problem`
for each that cannot be read.

Most files of a repo have nothing to do with its mirrors, and a search of each for each word would take longer than to
read them. So some hundred files are searched as one text.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

from compiler.repository.paths import Problem

_AT_ONCE = 1 << 18
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
    kept: list[_File] = []
    texts: list[bytes] = []
    size = 0
    for file, data in contents:
        if isinstance(data, Problem):
            yield file, data
            continue
        kept.append(file)
        texts.append(data)
        size += len(data)
        if size > _AT_ONCE:
            yield from [(kept[each], texts[each]) for each in with_words(texts, words)]
            kept, texts, size = [], [], 0
    yield from [(kept[each], texts[each]) for each in with_words(texts, words)]


def with_words(texts: Sequence[bytes], words: Iterable[bytes]) -> list[int]:
    """The numbers of the texts in which any of the words is, in order."""
    # A word has no line break, so none begins in one text and ends in the next.
    joined = b"\n".join(texts)
    ends = list(accumulate(len(text) + 1 for text in texts))
    found = set()
    for word in words:
        at = joined.find(word)
        while at >= 0:
            number = bisect_right(ends, at)
            found.add(number)
            at = joined.find(word, ends[number])
    return sorted(found)
