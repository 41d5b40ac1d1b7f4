"""Reads many files, and keeps those in which certain words are.

In: files that were found, and words. Out: the bytes of the few files that contain any of the words, and a `Problem` for
each that cannot be read.

Most files of a repo have nothing to do with its mirrors, and a search of each for each word would take longer than to
read them. So some hundred files are searched as one text.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from compiler.repository.files import Candidate, ManyReader, read
from compiler.repository.paths import Problem

_AT_ONCE = 1 << 18
"""Bytes that are searched together: as many as are fast to get at, in a processor's own memory."""

_MANY = 500
"""Files for which it pays to keep handles on their folders."""


def sift(
    candidates: Sequence[Candidate],
    words: Sequence[bytes] | None,
    *,
    always: tuple[str, ...] = (),
    done: Callable[[int], None] | None = None,
) -> Iterator[tuple[int, bytes | Problem]]:
    """The files with any of the words, and those that cannot be read, each by its number among the candidates.

    Args:
        candidates: The files.
        words: Without line breaks; None for all files.
        always: Ends of shown paths of files that are kept whatever is in them.
        done: Called with how many files were read.
    """
    numbers: list[int] = []
    texts: list[bytes] = []
    size = 0
    with ManyReader() as reader:
        read_one = reader.read if len(candidates) >= _MANY else read
        for number, candidate in enumerate(candidates):
            data = read_one(candidate)
            if done is not None:
                done(number + 1)
            if words is None or isinstance(data, Problem) or candidate.path.endswith(always):
                yield number, data
                continue
            numbers.append(number)
            texts.append(data)
            size += len(data)
            if size > _AT_ONCE:
                yield from [(numbers[each], texts[each]) for each in with_words(texts, words)]
                numbers, texts, size = [], [], 0
    if words is not None:
        yield from [(numbers[each], texts[each]) for each in with_words(texts, words)]


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
