"""The contents of a revision's files, by Git's ids of them.

In: ids of blobs. Out: bytes, or why there are none.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from compiler.repository import git
from compiler.repository.git import GitError, Repository
from compiler.repository.paths import SIZE_LIMIT, Problem, too_large

if TYPE_CHECKING:
    from types import TracebackType

    from compiler.repository.git import Process


_FETCH_ALL = "Clone without `--filter`, or fetch the missing objects with `git fetch --refetch --no-filter`."


@dataclass(frozen=True, slots=True)
class RevisionFile:
    """A manifest in a revision.

    `path` is the shown path that `Candidate.path` would be in the working tree, from `Repository.folder`. `blob` is
    Git's id of the bytes: the same id is the same text, in whichever revision and under whichever name.
    """

    path: str
    blob: str


def blob_id(data: bytes, like: str) -> str:
    """The id Git gives to a blob of these bytes, by the hash that made the id `like`."""
    from hashlib import sha1, sha256

    # No secret hangs on it: it only tells that two files are the same.
    hash_ = (sha1 if len(like) == 40 else sha256)(b"blob %d\0" % len(data), usedforsecurity=False)
    hash_.update(data)
    return hash_.hexdigest()


class BlobReader:
    """Reads blobs of a repository through one `git cat-file --batch`, started when the first is asked for.

    Use it as a context manager, over as many revisions as there are.
    """

    # Ids are written ahead of the answers, so they must fit into a pipe that no one drains: 16 KiB at least.
    _AHEAD = 128

    def __init__(self, repository: Repository, *, limit: int = SIZE_LIMIT) -> None:
        self.repository = repository
        self._limit = limit
        self._process: Process | None = None

    def __enter__(self) -> "BlobReader":
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        if self._process is not None:
            self._process.kill()  # it contains nothing but our pipes
            with suppress(BrokenPipeError):  # what it never took is of no use now
                self._process.__exit__(kind, error, traceback)
            self._process = None

    def read(self, files: Iterable[RevisionFile]) -> Iterator[tuple[RevisionFile, bytes | Problem]]:
        """Yield each file with its bytes, in order.

        Raises:
            GitError: Git gave up; the repository is damaged.
        """
        waiting = iter(files)
        while batch := list(islice(waiting, self._AHEAD)):
            # All of a batch is taken in before the first is given out, so a caller may stop anywhere.
            yield from zip(batch, self._answers(batch), strict=True)

    def _answers(self, batch: Sequence[RevisionFile]) -> list[bytes | Problem]:
        process = self._process = self._process or git.start(self.repository.folder, "cat-file", "--batch")
        if process.stdin is None or process.stdout is None:
            raise AssertionError("started with pipes")
        try:
            process.stdin.write(b"".join(b"%s\n" % file.blob.encode() for file in batch))
            process.stdin.flush()
        except BrokenPipeError:
            raise self._broken() from None
        answers: list[bytes | Problem] = []
        for file in batch:
            head = process.stdout.readline().split()
            if head[1:] == [b"missing"]:
                answers.append(
                    Problem.of(
                        file.path,
                        "is missing from the objects of this clone",
                        f"{_FETCH_ALL} Or check the repository with `git fsck`.",
                    )
                )
                continue
            if len(head) != 3:
                raise self._broken()
            left = int(head[2]) + 1  # a line break ends the answer
            if left - 1 > self._limit:
                while left:
                    left -= len(process.stdout.read(min(left, 1 << 20))) or left
                answers.append(too_large(file.path, self._limit))
                continue
            data = process.stdout.read(left)
            if len(data) != left:
                raise self._broken()
            answers.append(data[:-1])
        return answers

    def _broken(self) -> GitError:
        # Old versions of git end at the first object that a partial clone lacks, as they are kept from fetching it.
        if git.is_partial(self.repository):
            return GitError(
                "this is a partial clone, and files of the revision are missing from its objects", _FETCH_ALL
            )
        return GitError(
            "git stopped while mirrorc read the files of the revision",
            "Run `git fsck` in the repository to find the damage.",
        )
