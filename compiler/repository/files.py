"""Reading files, and decoding their bytes.

In: files that were found or named. Out: bytes, then a `File` with its text; what cannot be read comes back as a
`Problem` and stops nothing.
"""

import errno
import os
import stat
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, TypeVar

from compiler.repository.paths import (
    SIZE_LIMIT,
    STANDARD_INPUT,
    Problem,
    is_git_name,
    is_inside,
    posix,
    printable,
    too_large,
)
from compiler.text.span import File, Span

# O_NONBLOCK: opening a named pipe would wait for a writer; O_BINARY: Windows would translate line ends.
OPEN_FLAGS: int = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
"""How a file is opened to be read."""


_Read = TypeVar("_Read")


class Candidate(NamedTuple):
    """A file that may contain manifests.

    `path` is for people: POSIX, relative to the current folder where it lies inside it, with unprintable
    characters escaped. `location` is for the operating system: it opens the file, whatever its name.

    Attributes:
        root: The resolved folder that the file has to be in, for what a repo names; empty for what the user names.
        data: What was read from a pipe, which can be read only once.
        below: The path below the folder in which it was found; its name where it was named itself.
        aside: It has no name of a manifest: it is only searched for policy, never parsed as a manifest.
    """

    path: str
    location: str
    root: str = ""
    data: bytes | None = None
    below: str = ""
    aside: bool = False


class FolderFiles(NamedTuple):
    """Files of one folder that are only searched for policy: many, of which few are ever asked for one by one.

    Attributes:
        path: Of the folder as for people but not made safe, with `/` at its end; so are `location` and `below`.
        location: Of the folder, for the operating system.
        root: As in `Candidate`.
        below: As in `Candidate`, of the folder.
        names: Of the files.
    """

    path: str
    location: str
    root: str
    below: str
    names: Sequence[str]

    def candidate(self, name: str) -> Candidate:
        """One of the files."""
        path = printable(self.path + name)
        return Candidate(path, self.location + name, self.root, None, self.below + name, aside=True)

    def candidates(self) -> Iterator[Candidate]:
        """Each of the files."""
        return map(self.candidate, self.names)


@dataclass(slots=True)
class Largest:
    """The largest file that was decoded, to name it where the memory is not enough for all of them."""

    size: int = 0
    path: str = ""


largest = Largest()


def read(candidate: Candidate, *, limit: int = SIZE_LIMIT) -> bytes | Problem:
    """Read a file of at most `limit` bytes.

    Never waits: what has become a pipe or a device since it was found is refused. Nor does it matter what became a
    link: a file that has a `root` is asked where it is once it is open.
    """
    if candidate.data is not None:
        return candidate.data
    try:
        descriptor = os.open(candidate.location, OPEN_FLAGS)
        if candidate.root and not stays_in(_place_of(descriptor, candidate.location), candidate.root):
            os.close(descriptor)
            return leads_out(candidate.path)
        return read_open(descriptor, candidate.path, limit=limit)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENXIO:
            with suppress(OSError):
                return special(candidate.path, os.stat(candidate.location).st_mode)  # noqa: PTH116 - the name is a text
        return unusable(candidate.path, error)


class ManyReader:
    """Reads many files as `read` does, in less time: where a folder is, is asked once for all of its files in turn.

    Use it as a context manager.
    """

    __slots__ = ("_folder", "_handle", "_opened", "_root")

    def __init__(self) -> None:
        self._folder: str | None = None
        self._root = ""
        self._handle = -1
        self._opened: list[int] = []

    def __enter__(self) -> "ManyReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave()

    def read(self, candidate: Candidate) -> bytes | Problem:
        """The bytes of a file, or why it cannot be read."""
        location = candidate.location
        name = location.rpartition("/")[2]
        folder = location[: -len(name)]
        if folder != self._folder or candidate.root != self._root:
            self._enter(folder, candidate.root)
        if candidate.data is None and not _names_git(name):
            data = self._content(name)
            if data is not None:
                return data
        return read(candidate)

    def read_folder(self, files: FolderFiles) -> Iterator[tuple[tuple[FolderFiles, str], bytes | Problem]]:
        """The folder and the name of each of the files with its bytes, or why it cannot be read."""
        self._enter(files.location, files.root)
        is_plain = not _names_git("/".join(files.names))
        for name in files.names:
            data = self._content(name) if is_plain else None
            yield (files, name), data if data is not None else read(files.candidate(name))

    def _content(self, name: str) -> bytes | None:
        """The bytes of a file in the folder; None for a link, and for what `read` has more to say of."""
        if self._handle < 0:
            return None
        if len(self._opened) == _OPEN_AT_ONCE:
            self._close()
        try:
            descriptor = os.open(name, _FILE, dir_fd=self._handle)
            self._opened.append(descriptor)
            # Pipes and terminals have no position, and devices no size. This takes less time than `fstat`.
            size = os.lseek(descriptor, 0, os.SEEK_END)
            if 0 < size <= SIZE_LIMIT and len(data := os.pread(descriptor, size + 1, 0)) == size:
                return data
        except (OSError, ValueError):
            self._close()  # there may be too many open to open this one
        return None

    def _close(self) -> None:
        """Close the files that were read: all at once takes less time than each."""
        opened = self._opened
        if opened:
            first, last = min(opened), max(opened)
            if last - first == len(opened) - 1:  # nobody else has one between them
                os.closerange(first, last + 1)
            else:
                for descriptor in opened:
                    os.close(descriptor)
            opened.clear()

    def _enter(self, folder: str, root: str) -> None:
        """Keep a handle on a folder, if it is one in which all files are in the tree."""
        self._leave()
        self._folder, self._root = folder, root
        if not root or not _IN_FOLDERS:
            return
        with suppress(OSError, ValueError):
            handle = os.open(folder or os.curdir, _FOLDER)
            if stays_in(_place_of(handle, folder or os.curdir), root):
                self._handle = handle
            else:
                os.close(handle)

    def _leave(self) -> None:
        self._close()
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1


_OPEN_AT_ONCE = 32

_IN_FOLDERS: bool = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW") and hasattr(os, "pread")
_FILE: int = OPEN_FLAGS | getattr(os, "O_NOFOLLOW", 0)
_FOLDER: int = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
"""How a folder is opened to read files in it."""


def _place_of(descriptor: int, location: str) -> str:
    """Where an open file really is."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - faster, once for every file
    except OSError:  # there is no /proc
        return os.path.realpath(location)


def read_pipe(path: str, location: str, *, limit: int = SIZE_LIMIT) -> bytes | Problem:
    """Read a pipe that the user names to its end, waiting for the program that writes to it, if there is one."""
    import select

    try:
        descriptor = os.open(location, OPEN_FLAGS)
    except OSError as error:
        return unusable(path, error)
    with open(descriptor, "rb", buffering=0) as stream:  # noqa: PTH123 - it is open already
        watched = select.poll()
        watched.register(descriptor, select.POLLIN)
        began = bool(watched.poll(_LONGEST_START))
        data = stream.read(limit + 1)  # None where a program has the other end and nothing has come yet
        if not began and data == b"":
            return special(path, stat.S_IFIFO)
        os.set_blocking(descriptor, True)
        chunks = [data or b""]
        total = len(chunks[0])
        while total <= limit and (chunk := stream.read(1 << 20)):
            chunks.append(chunk)
            total += len(chunk)
    data = b"".join(chunks)
    if len(data) > limit:
        return too_large(path, limit)
    if not data.strip():
        return Problem.of(path, "is an empty pipe", "Check whether the command that writes to it failed.")
    return data


_LONGEST_START = 1000
"""Milliseconds for a program that opens a named pipe to write to it at the same time."""


def is_stream(path: str) -> bool:
    """Whether a path is standard input or a pipe: what can be read only once, and not be written."""
    if path == STANDARD_INPUT:
        return True
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)  # noqa: PTH116 - the name is a text
    except (OSError, ValueError):
        return False


def stays_in(resolved: str, root: str) -> bool:
    """Whether a repo below the resolved `root` may name what is there: all of it but Git's own folders."""
    return is_inside(resolved, root) and not _names_git(resolved[len(root) :])


def _names_git(path: str) -> bool:
    """Whether a part of a path may be one of Git's own folders."""
    if path.isascii() and "git" not in path.lower():  # nearly always, and asked of every file
        return False
    return any(map(is_git_name, posix(path).split("/")))


def leads_out(path: str) -> Problem:
    """What is said of a path of a repo that leads elsewhere through a link."""
    return Problem.of(
        path, "is a link that leaves the tree; mirrorc does not follow it", "Copy the file into the repo."
    )


def read_open(descriptor: int, path: str, *, limit: int = SIZE_LIMIT) -> bytes | Problem:
    """Read and close what was opened with `OPEN_FLAGS`; `path` is its name for people.

    Raises:
        OSError: It cannot be read.
    """
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return special(path, found.st_mode)
        size = found.st_size
        if size > limit:
            return too_large(path, limit)
        data = os.read(descriptor, size + 1)
        if len(data) == size:  # nearly always
            return data
        # The file is being written, or it is one of the kernel's, which all claim to be empty.
        chunks = [data]
        total = len(data)
        while chunks[-1] and total <= limit:
            chunks.append(os.read(descriptor, 1 << 20))
            total += len(chunks[-1])
        return b"".join(chunks) if total <= limit else too_large(path, limit)
    finally:
        os.close(descriptor)


WORDS_OF_KINDS = (
    b"MirrorSet",
    b"config.openshift.io",
    b"ContentSourcePolicy",
    b"registrySources",  # an Image config under a wrong API group
    b"nodeDisruptionPolicy",
    b"image-registry-override-drain",
)
"""A file without any of these contains no manifest that mirrorc reads, unless it is UTF-16."""


def mentions_our_kinds(data: bytes) -> bool:
    r"""Decide by a search alone whether a file can contain a manifest that mirrorc reads.

    True also for files that only speak of them. A kind spelled with escapes (`"Image\x44igest…"`) is missed.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        data = data.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return any(map(data.__contains__, WORDS_OF_KINDS))


def decode(path: str, data: bytes) -> File | Problem:
    """Decode a manifest as Kubernetes does: UTF-8, or UTF-16 with a byte order mark. The mark is dropped."""
    if len(data) > largest.size:
        largest.size, largest.path = len(data), path
    mark, codec = _encoding(data)
    data = data[len(mark) :]
    try:
        return File(path, data.decode(codec))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(codec)
        # Enough of what follows to show the line, not all of what may be a gigabyte of noise.
        after = data[error.start : error.start + 400].decode(codec, "replace")
        bad = data[error.start : error.end].hex(" ")
        return Problem(
            message=f"is not valid {'UTF-8' if codec == 'utf-8' else 'UTF-16'}: {error.reason} ({bad})",
            help="Save the file as UTF-8.",
            span=Span(File(path, before + after), len(before), len(before) + 1),
        )


def is_binary(data: bytes) -> bool:
    """Whether bytes are not text: there is a NUL near their start, as Git has it, and no mark of UTF-16."""
    return b"\0" in data[:_BINARY] and _encoding(data)[1] == "utf-8"


_BINARY = 8000


def encode(text: str, like: bytes) -> bytes:
    """Encode a text as the file is that `like` was read from, byte order mark and all."""
    mark, codec = _encoding(like)
    return mark + text.encode(codec)


def _encoding(data: bytes) -> tuple[bytes, str]:
    """The byte order mark at the beginning, if any, and the codec of what follows."""
    marks = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
    return next(((mark, codec) for mark, codec in marks if data.startswith(mark)), (b"", "utf-8"))


def affordable(path: str, read: Callable[[], _Read]) -> _Read | Problem:
    """What `read` makes of a file, or a problem where that needs more memory than the process may have."""
    try:
        return read()
    except (MemoryError, RecursionError) as error:
        kind = type(error)
    # Outside of the handler, since the error holds everything that was read so far.
    return Problem.of(path, too_costly(kind), "Split it into smaller files, or leave it out.")


def too_costly(kind: type[MemoryError | RecursionError]) -> str:
    """What is wrong with an input that cannot be read, as the end of a sentence."""
    if issubclass(kind, MemoryError):
        return "needs more memory to be read than there is"
    return "is nested too deeply to be read"


def unusable(path: str, error: OSError | ValueError) -> Problem:
    """What is said of a path that the operating system refuses."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Problem.of(path, "does not exist", "Check the spelling and the current folder.")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Problem.of(path, f"cannot be read: {reason[:1].lower()}{reason[1:]}", "Make it readable, or exclude it.")


_SPECIAL = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def special(path: str, mode: int) -> Problem:
    """What is said of a path that is not an ordinary file."""
    what = next((name for test, name in _SPECIAL if test(mode)), "not a regular file")
    return Problem.of(
        path, f"is {what}, not a file", "Give a file or a folder, or pass the text on standard input as `-`."
    )
