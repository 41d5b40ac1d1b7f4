"""The contents of a revision's files, by Git's ids of them.

In: ids of blobs. Out: bytes, or why there are none.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from compiler.machine.bounded import used_by_children
from compiler.machine.limits import TooMuchError, most
from compiler.repository import git
from compiler.repository.git import GitError, Repository
from compiler.repository.paths import SIZE_LIMIT, Problem, too_large

if TYPE_CHECKING:
    from types import TracebackType

    from compiler.repository.git import Process


_MOST_SECONDS = 4
_SECONDS_OF_A_FILE = 1e-3
_SECONDS_OF_A_BYTE = 1e-7
"""Of processor time that git has for a run, and how many more for each file and its bytes: ten times what they take."""
_MOST_READ = 64 << 20
_READ_OF_A_BYTE = 40
"""Bytes of files, and how many more for each byte of objects."""
_AT_ONCE = 32 << 20

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
        self._too_large: set[str] = set()
        self._asked = 0
        self._allowed = 0
        self._used = 0.0
        self._read = 0
        self._most_read = 0

    def __enter__(self) -> "BlobReader":
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        before = used_by_children()
        process.kill()  # it contains nothing but our pipes
        with suppress(BrokenPipeError):  # what it never took is of no use now
            process.__exit__(None, None, None)
        self._used += used_by_children() - before
        self._allowed = 0

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
        answers: list[bytes | Problem] = []
        while len(answers) < len(batch):
            answers += self._next_answers(batch[len(answers) :])
        return answers

    def _next_answers(self, batch: Sequence[RevisionFile]) -> Iterator[bytes | Problem]:
        """Those up to the first that is too large: git is not waited for until it has given that out.

        Nor are more kept at once than have `_AT_ONCE` bytes.
        """
        process = self._process = self._process or git.start(self.repository.folder, "cat-file", "--batch")
        if process.stdin is None or process.stdout is None:
            raise AssertionError("started with pipes")
        wanted = [file.blob for file in batch if file.blob not in self._too_large]
        self._allow(process, len(wanted))
        try:
            process.stdin.write(b"".join(b"%s\n" % blob.encode() for blob in wanted))
            process.stdin.flush()
        except BrokenPipeError:
            raise self._broken() from None
        kept = 0
        for file in batch:
            if file.blob in self._too_large:
                yield too_large(file.path, self._limit)
                continue
            head = process.stdout.readline().split()
            if head[1:] == [b"missing"]:
                yield Problem.of(
                    file.path,
                    "is missing from the objects of this clone",
                    f"{_FETCH_ALL} Or check the repository with `git fsck`.",
                )
                continue
            if len(head) != 3:
                raise self._broken()
            left = int(head[2]) + 1  # a line break ends the answer
            if left - 1 > self._limit:
                self._too_large.add(file.blob)
                self._end()
                yield too_large(file.path, self._limit)
                return
            self._count(left)
            data = process.stdout.read(left)
            if len(data) != left:
                raise self._broken()
            yield data[:-1]
            kept += left
            if kept > _AT_ONCE:
                self._end()
                return

    def _allow(self, process: "Process", count: int) -> None:
        """Give git the time for more files: each costs something, and more if many deltas have to be followed."""
        self._asked += count
        seconds = most(_MOST_SECONDS, _SECONDS_OF_A_FILE, self._asked) + int(_SECONDS_OF_A_BYTE * self._read)
        if seconds > self._allowed:
            from compiler.machine.gathered import end_after

            self._allowed = seconds
            end_after(process.pid, max(seconds - int(self._used), 1))

    def _count(self, size: int) -> None:
        """See that what is read is not too much: objects can be a thousandth of their files."""
        self._read += size
        if self._read > most(_MOST_READ) and not self._most_read:
            self._most_read = most(_MOST_READ, _READ_OF_A_BYTE, git.size_of_objects(self.repository.folder))
        if self._most_read and self._read > self._most_read:
            raise TooMuchError(
                f"the files of the revisions have more than {self._most_read >> 20} MB, which is more than the objects "
                "of this repository are worth",
                "Name narrower paths, or compare other revisions",
            )

    def _broken(self) -> GitError | TooMuchError:
        from compiler.machine.gathered import is_ended_for_time

        if self._process is not None and is_ended_for_time(self._process):
            return TooMuchError(
                "git was ended since it needs too much processor time for the files of a revision",
                "Repack the repository with `git gc`",
            )
        # Old versions of git end at the first object that a partial clone lacks, as they are kept from fetching it.
        if git.is_partial(self.repository):
            return GitError(
                "this is a partial clone, and files of the revision are missing from its objects", _FETCH_ALL
            )
        return GitError(
            "git stopped while mirrorc read the files of the revision",
            "Run `git fsck` in the repository to find the damage.",
        )
