"""Reads many files, and keeps those in which certain words are.

In: files that were found, and words. Out: the bytes of the few files that contain any of the words, and a `Problem` for
each that cannot be read.

Most files of a repo have nothing to do with its mirrors, and a search of each for each word would take longer than to
read them. So some hundred files are searched as one text.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from compiler.repository.files import Candidate, read
from compiler.repository.paths import Problem

_AT_ONCE = 1 << 18
"""Bytes that are searched together: as many as are fast to get at, in a processor's own memory."""


def sift(
    candidates: Iterable[Candidate],
    words: Sequence[bytes] | None,
    *,
    read: Callable[[Candidate], bytes | Problem] = read,
    always: tuple[str, ...] = (),
) -> Iterator[tuple[Candidate, bytes | Problem]]:
    """The files with any of the words, and those that cannot be read.

    Args:
        candidates: The files.
        words: Without line breaks; None for all files.
        read: Reads a file.
        always: Ends of shown paths of files that are kept whatever is in them.
    """
    kept: list[Candidate] = []
    texts: list[bytes] = []
    size = 0
    for candidate in candidates:
        data = read(candidate)
        if words is None or isinstance(data, Problem) or candidate.path.endswith(always):
            yield candidate, data
            continue
        kept.append(candidate)
        texts.append(data)
        size += len(data)
        if size > _AT_ONCE:
            yield from [(kept[each], texts[each]) for each in with_words(texts, words)]
            kept, texts, size = [], [], 0
    if words is not None:
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
