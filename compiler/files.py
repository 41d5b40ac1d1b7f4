"""Finding and reading the manifests, in a work tree and in a Git revision; the only home of git.

In: paths that a user names. Out: `Candidate` records in a fixed order, then bytes, then a `File` with its
text. What cannot be read comes back as a `Problem` beside the rest and stops nothing.

Git is asked what a folder holds (`git ls-files`), so what it ignores is left out. Where git is not installed
or the folder is in no work tree it is walked instead, and then a `.gitignore` has no say.
Whatever the repository's own configuration says, nothing it names is run and nothing is fetched.
"""

# A run looks at tens of thousands of paths, and pathlib costs more than the file system does.
# ruff: noqa: PTH100, PTH109, PTH114, PTH116, PTH118, PTH206

import os
import stat
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compiler.span import File, Span

SUFFIXES = (".yaml", ".yml", ".json")
"""Names of manifests end so, in lower case, as `kubectl apply -f FOLDER` has it."""

SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes. The API server takes objects of 1.5 MB; a file beyond this is not a list of manifests."""

# O_NONBLOCK: opening a named pipe would wait for a writer; O_BINARY: Windows would translate line ends.
_OPEN_FLAGS: int = (
    os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A path or file that could not be used, and what to do about it.

    The span is as tight as is known; it is empty and at the start where the whole file is meant.
    """

    message: str
    help: str
    span: Span

    @property
    def path(self) -> str:
        """The file or folder as it is shown to people."""
        return self.span.path


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that may hold manifests.

    `path` is for people: POSIX, relative to the current folder where it lies inside it, with unprintable
    characters escaped. `location` is for the operating system: it opens the file, whatever its name.
    """

    path: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What the paths led to.

    `candidates` are in byte order of their shown path, each file once. `problems` are paths that were asked
    for and cannot be used; `skipped` are links in a folder that are left alone since they lead out of it or
    nowhere.
    """

    candidates: tuple[Candidate, ...]
    problems: tuple[Problem, ...]
    skipped: tuple[Problem, ...]


# --- Names -------------------------------------------------------------------


def printable(path: str) -> str:
    r"""Make a file name safe to show: bytes that are not UTF-8, controls and so on become `\x1b` and such.

    A terminal obeys an escape in a name, and a line break would forge a line of a report.
    """
    return path if path.isprintable() else "".join(map(_printable_character, path))


def _printable_character(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":  # how Python carries a byte that is not UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _problem(path: str, message: str, help_: str) -> Problem:
    return Problem(message=message, help=help_, span=Span(File(printable(path)), 0, 0))


def _posix(path: str) -> str:
    return path if os.sep == "/" else path.replace(os.sep, "/")


def _inside(path: str, folder: str) -> bool:
    """Whether the resolved `path` is the resolved `folder` or lies below it."""
    return path == folder or path.startswith(folder if folder.endswith(os.sep) else folder + os.sep)


def _current_folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was deleted under our feet; absolute paths still work
        return None


def _shown(argument: str, here: str | None) -> str:
    """The name to show for an argument: relative to `here` where it lies inside, else as it was given."""
    if here is not None:
        resolved = os.path.realpath(argument)
        # Text alone says where `a/../b` is only when `a` is no link.
        written = resolved if ".." in argument.split(os.sep) else os.path.abspath(argument)
        for absolute in (written, resolved):
            if _inside(absolute, here):
                return _posix(os.path.relpath(absolute, here))
    return _posix(argument.rstrip(os.sep) or argument)


# --- Discovery ---------------------------------------------------------------


@dataclass(slots=True)
class _Finds:
    """What discovery has come across so far; candidates by their resolved path, so each file counts once."""

    here: str | None
    files: dict[str, tuple[bool, Candidate]]
    problems: list[Problem]
    skipped: list[Problem]

    def add(self, resolved: str, path: str, location: str, *, is_link: bool) -> None:
        """Take a file; of its names the real one wins over a link's, then the first in order."""
        path = printable(path)
        known = self.files.get(resolved)
        if known is None or (is_link, path) < (known[0], known[1].path):
            self.files[resolved] = (is_link, Candidate(path, location))


def discover(arguments: Iterable[str], *, tracked_only: bool = False) -> Discovery:
    """Find the manifests that the arguments lead to.

    A file is taken whatever its name; a folder yields what ends in one of `SUFFIXES` below it, but nothing in
    `.git`, nothing that Git ignores (unless the folder itself is ignored: then it was asked for by name) and
    nothing of another repository nested in it. Outside a Git work tree, or without git, a `.gitignore` is not
    honoured. Links to folders are not followed; a link to a file is if the file lies in the same work tree
    (without Git: in the same folder) and is not ignored itself.

    Args:
        arguments: Files and folders, absolute or relative to the current folder.
        tracked_only: Leave out what is not in Git's index, so that a hook sees what a commit will hold. Files
            that are named themselves are taken all the same.
    """
    finds = _Finds(_current_folder(), {}, [], [])
    for argument in dict.fromkeys(arguments):
        _discover_one(finds, argument, tracked_only=tracked_only)
    candidates = [candidate for _, candidate in finds.files.values()]
    # Shown paths are valid Unicode, whose order by code points is that of the UTF-8 bytes.
    candidates.sort(key=lambda candidate: (candidate.path, candidate.location))
    return Discovery(
        candidates=tuple(candidates), problems=_ordered(finds.problems), skipped=_ordered(finds.skipped)
    )


def _ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    unique = {(problem.path, problem.message): problem for problem in problems}
    return tuple(problem for _, problem in sorted(unique.items()))


def _discover_one(finds: _Finds, argument: str, *, tracked_only: bool) -> None:
    try:
        mode = os.stat(argument).st_mode
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        finds.problems.append(_unusable(argument, error))
        return
    shown = _shown(argument, finds.here)
    if stat.S_ISDIR(mode):
        _discover_folder(finds, argument, shown, tracked_only=tracked_only)
    elif stat.S_ISREG(mode):
        finds.add(os.path.realpath(argument), shown, argument, is_link=os.path.islink(argument))
    else:
        finds.problems.append(_special(shown, mode))


def _unusable(path: str, error: OSError | ValueError) -> Problem:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return _problem(
            path, "there is no such file or folder", "Check the spelling and the folder this runs in."
        )
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return _problem(
        path, f"cannot be read: {reason[:1].lower()}{reason[1:]}", "Make it readable, or leave it out."
    )


_SPECIAL = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def _special(path: str, mode: int) -> Problem:
    what = next((name for test, name in _SPECIAL if test(mode)), "no ordinary file")
    return _problem(
        path, f"is {what}, not a file", "Name a file or a folder, or pass the text on standard input as `-`."
    )


def _discover_folder(finds: _Finds, folder: str, shown: str, *, tracked_only: bool) -> None:
    root = os.path.realpath(folder)
    names: Iterable[str] = _walk(finds, folder, shown)
    _admit(finds, names, folder=folder, shown=shown, root=root)


def _walk(finds: _Finds, folder: str, shown: str) -> Iterator[str]:
    """Yield the manifests below `folder`, relative to it, without Git's help and entering no links."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(os.path.join(folder, below)) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name != ".git":
                            waiting.append(f"{below}{entry.name}{os.sep}")
                    elif entry.name.endswith(SUFFIXES):
                        yield below + entry.name
        except OSError as error:
            finds.problems.append(_unusable(_under(shown, _posix(below)).rstrip("/"), error))


def _under(shown: str, name: str) -> str:
    """The shown name of `name` in the folder that is shown as `shown`."""
    if shown == ".":
        return name
    return shown + name if shown.endswith("/") else f"{shown}/{name}"


def _admit(finds: _Finds, names: Iterable[str], *, folder: str, shown: str, root: str) -> None:
    """Take those of `names` (relative to `folder`) that are files of the tree under the resolved `root`."""
    base = "" if folder == "." else os.path.join(folder, "")
    prefix = "" if shown == "." else _under(shown, "")
    resolved_folders: dict[str, str] = {}
    for name in names:
        location = base + name
        try:
            mode = os.lstat(location).st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue  # still in the index, deleted from the disk
        except OSError as error:
            finds.problems.append(_unusable(prefix + _posix(name), error))
            continue
        parent, _, last = name.rpartition(os.sep)
        above = resolved_folders.get(parent)
        if above is None:
            # A folder that Git tracks may have been replaced by a link to anywhere.
            above = resolved_folders[parent] = os.path.join(os.path.realpath(base + parent), "")
        if stat.S_ISREG(mode):
            if _inside(above, root):
                finds.add(above + last, prefix + _posix(name), location, is_link=False)
        elif stat.S_ISLNK(mode):
            _admit_link(finds, location, prefix + _posix(name), root)
        elif not stat.S_ISDIR(mode):
            finds.problems.append(_special(prefix + _posix(name), mode))


def _admit_link(finds: _Finds, location: str, path: str, root: str) -> None:
    target = os.path.realpath(location)
    try:
        mode = os.stat(target).st_mode
    except OSError:
        finds.skipped.append(_problem(path, "is a link that leads nowhere", "Mend the link or remove it."))
        return
    if stat.S_ISDIR(mode):
        return
    if not _inside(target, root) or ".git" in target[len(root) :].split(os.sep):
        finds.skipped.append(
            _problem(
                path, "is a link that leads out of the tree and is not followed", "Name the file it leads to."
            )
        )
    elif stat.S_ISREG(mode):
        finds.add(target, path, location, is_link=True)
    else:
        finds.problems.append(_special(path, mode))


# --- Bytes and text ----------------------------------------------------------


def read(candidate: Candidate, *, limit: int = SIZE_LIMIT) -> bytes | Problem:
    """Read a file of at most `limit` bytes.

    Never waits: what has become a pipe or a device since it was found is refused.
    """
    try:
        descriptor = os.open(candidate.location, _OPEN_FLAGS)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return _special(candidate.path, found.st_mode)
            size = found.st_size
            if size > limit:
                return _too_large(candidate.path, limit)
            data = os.read(descriptor, size + 1)
            if len(data) == size:  # nearly always
                return data
            # The file is being written, or it is one of the kernel's, which all claim to be empty.
            chunks = [data]
            total = len(data)
            while chunks[-1] and total <= limit:
                chunks.append(os.read(descriptor, 1 << 20))
                total += len(chunks[-1])
            return b"".join(chunks) if total <= limit else _too_large(candidate.path, limit)
        finally:
            os.close(descriptor)
    except (OSError, ValueError) as error:
        return _unusable(candidate.path, error)


def _too_large(path: str, limit: int) -> Problem:
    size = f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"
    return _problem(path, f"is larger than {size}", "Leave it out, or split it into smaller files.")


def mentions_our_kinds(data: bytes) -> bool:
    r"""Tell by a search alone whether a file can hold a manifest that mirrorc reads.

    True also for files that only speak of them. A kind spelled with escapes (`"Image\x44igest…"`) is missed.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        data = data.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return b"MirrorSet" in data or b"config.openshift.io" in data or b"ContentSourcePolicy" in data


def decode(path: str, data: bytes) -> File | Problem:
    """Decode a manifest as Kubernetes does: UTF-8, or UTF-16 with a byte order mark. The mark is dropped."""
    codec, name = "utf-8", "UTF-8"
    if data.startswith(BOM_UTF8):
        data = data[len(BOM_UTF8) :]
    elif data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        codec, name = ("utf-16-le" if data.startswith(BOM_UTF16_LE) else "utf-16-be"), "UTF-16"
        data = data[len(BOM_UTF16_LE) :]
    try:
        return File(path, data.decode(codec))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(codec)
        # Enough of what follows to show the line, not all of what may be a gigabyte of noise.
        after = data[error.start : error.start + 400].decode(codec, "replace")
        bad = data[error.start : error.end].hex(" ")
        return Problem(
            message=f"is not valid {name}: {error.reason} ({bad})",
            help="Save the file as UTF-8.",
            span=Span(File(path, before + after), len(before), len(before) + 1),
        )
