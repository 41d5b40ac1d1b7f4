"""The output folder: what an earlier build made there, what this one makes, and the difference.

In: artifacts by relative name. Out: files on disk, each replaced atomically. A listing file in the folder has the name
and the digest of everything a build made. It is input like any other file of the repo: only the digest of what is on
disk proves that a build made a file, and only names that a build can give are looked at.
"""

import posixpath
import re
import stat
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from compiler.repository.files import Candidate, read
from compiler.repository.folders import Folder, RefusedError, Trail, open_folder, open_for_reading
from compiler.repository.paths import Destination, Problem, is_temporary, printable
from compiler.repository.pieces import Content, Pieces, digest, pieces_of

LISTING = ".mirrorc-artifacts"
_HEADER = "# Made by `mirrorc build`, which replaces and removes what is listed here.\n"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
"""A digest and a name, as sha256sum writes them."""

Digests = Mapping[str, frozenset[str]]
"""The SHA-256 digests by name; none where an earlier version listed the name alone."""

Makes = Callable[[str], bool]
"""Whether a build can give a file this name."""


class OutputError(Exception):
    """The folder cannot be used; `help` says what to do, `done` how many files were changed before that."""

    def __init__(self, message: str, help: str, *, done: int = 0) -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.help = help
        self.done = done

    @classmethod
    def of(cls, error: RefusedError | OSError, path: str, *, done: int = 0) -> "OutputError":
        """What a folder refuses; `path` is used where the error has none."""
        if isinstance(error, RefusedError):
            return cls(str(error), error.problem.help, done=done)
        place = printable(str(error.filename2 or error.filename or path))
        advice = "Check its name and permissions, or choose another folder with -o."
        return cls(f"{place}: {error.strerror or error}", advice, done=done)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPlan:
    """What has to be done to a folder; all names are relative to it, in byte order.

    `made` has the content of what is written and of what is unchanged, `removed` has digests of what is there. `left`
    are files that the listing names and no build makes any more, and that are kept since nothing proves that a build
    made them. `temporary` are files that a killed run left, which are removed. `listing` is the previous listing,
    `listed` what it says.
    """

    folder: str
    made: Pieces
    written: tuple[str, ...]
    removed: Mapping[str, str]
    unchanged: tuple[str, ...]
    left: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    listing: bytes = b""
    listed: Digests = field(default_factory=dict)


@contextmanager
def opened(where: Destination, *, writing: bool, makes: Makes, trail: Trail | None = None) -> Iterator["OutputFolder"]:
    """Open the output folder; no other build writes to it meanwhile.

    Args:
        where: Where it is. It is made if `writing`.
        writing: Whether it is going to be changed.
        makes: The names to look at.
        trail: The way to the folders that were opened before.

    Raises:
        OutputError: It cannot be opened, leads through a link or into a Git directory, or another build has it.
    """
    try:
        if trail is not None:
            root = trail.open(where.base, where.below, create=writing)
        else:
            root = open_folder(where.base, where.below, create=writing)
    except FileNotFoundError as error:
        if writing:
            raise OutputError.of(error, str(where)) from error
        yield OutputFolder(None, str(where), makes)
        return
    except NotADirectoryError as error:
        path = printable(str(error.filename or where))
        message = f"{path} is not a folder" if path == str(where) else f"{path}: {error.strerror}"
        raise OutputError(message, "Choose another name with -o.") from error
    except (RefusedError, OSError) as error:
        raise OutputError.of(error, str(where)) from error
    with root:
        try:
            root.lock(shared=not writing)
        except RefusedError as error:
            raise OutputError.of(error, str(where)) from error
        folder = OutputFolder(root, str(where), makes)
        try:
            yield folder
        finally:
            folder.close()


class OutputFolder:
    """An open output folder, or one that is not there yet."""

    def __init__(self, root: Folder | None, path: str, makes: Makes) -> None:
        self._path = path
        self._makes = makes
        self._folders: dict[str, Folder] = {}
        self._absent: set[str] = set()
        self._empty: bool | None = None
        self._root = root
        if root is not None:
            self._folders[""] = root

    def close(self) -> None:
        """Close the folders inside; the folder itself belongs to whoever opened it."""
        for name, folder in self._folders.items():
            if name:
                folder.__exit__(None, None, None)
        self._folders.clear()

    def _folder(self, name: str, *, create: bool = False) -> Folder | None:
        """The folder inside that has a name, `""` for the folder itself; None where there is none."""
        if name not in self._folders:
            if self._root is None or (name in self._absent and not create):
                return None
            outer, _, last = name.rpartition("/")
            around = self._folder(outer, create=create)
            if around is None:
                return None
            try:
                self._folders[name] = around.folder(last, create=create)
            except FileNotFoundError:
                self._absent.add(name)
                return None
        return self._folders[name]

    def _read(self, name: str) -> bytes | None:
        folder, _, last = name.rpartition("/")
        around = self._folder(folder)
        return None if around is None else around.read(last)

    # --- Comparing -----------------------------------------------------------------

    def plan(self, artifacts: Mapping[str, bytes]) -> FolderPlan:
        """Compare the folder with the artifacts, touching nothing.

        Raises:
            OutputError: The folder has something in the way that no build made, or cannot be read.
        """
        try:
            return self._plan(pieces_of(artifacts))
        except (RefusedError, OSError) as error:
            raise OutputError.of(error, self._path) from error

    def _plan(self, made: Pieces) -> FolderPlan:
        listing = b"" if self._is_empty() else self._read(LISTING) or b""
        listed = self._listed(listing)
        written, unchanged, left = [], [], []
        removed = {}
        for name in sorted(listed.keys() | made):
            try:
                content = None if self._is_empty() else self._read(name)
            except RefusedError:
                if name in made:
                    raise
                left.append(name)
                continue
            except NotADirectoryError:
                if name in made:
                    raise
                continue
            if name not in made:
                if content is not None and (is_there := digest(content)) in listed[name]:
                    removed[name] = is_there
                elif content is not None:
                    left.append(name)
            elif content is not None and made.is_content(name, content):
                unchanged.append(name)
            elif content is not None and not listed.get(name):
                raise self._foreign(name, is_listed=name in listed)
            else:
                written.append(name)
        return FolderPlan(
            folder=self._path,
            made=made,
            written=tuple(written),
            removed=removed,
            unchanged=tuple(unchanged),
            left=tuple(left),
            temporary=tuple(self._temporary({posixpath.dirname(name) for name in listed.keys() | made})),
            listing=listing,
            listed=listed,
        )

    def _is_empty(self) -> bool:
        """Whether there is nothing in the folder; it is looked at once."""
        if self._empty is None:
            self._empty = self._root is None or not self._root.names()
        return self._empty

    def _foreign(self, name: str, *, is_listed: bool) -> OutputError:
        place = printable(posixpath.join(self._path, name))
        if is_listed:
            message = f"{place} is possibly not from mirrorc: the listing of an earlier version has no digest of it"
            return OutputError(message, "Remove the file if a build made it, and build again.")
        return OutputError(f"{place} was not made by mirrorc", "Move it away, or choose another folder with -o.")

    def _listed(self, listing: bytes) -> Digests:
        """What the listing says that builds made; names that no build gives are not looked at."""
        content = listing.decode("utf-8", "replace")
        return {name: digests for name, digests in _parsed(content).items() if self._makes(name)}

    def _temporary(self, folders: Iterable[str]) -> Iterator[str]:
        """Files that a run left which was killed."""
        if self._is_empty():
            return
        for folder in sorted({"", *folders}):
            try:
                around = self._folder(folder)
            except (RefusedError, NotADirectoryError):
                continue
            for name in around.names() if around is not None else ():
                if is_temporary(name) and around is not None and stat.S_ISREG(around.mode(name)):
                    yield posixpath.join(folder, name)

    def made(self) -> dict[str, bytes] | None:
        """What the last build left in the folder, by name; None where no build wrote to it.

        Raises:
            OutputError: Something in it cannot be read.
        """
        try:
            if self._root is None or not stat.S_ISREG(self._root.mode(LISTING)):
                return None
            contents = ((name, self._read(name)) for name in sorted(self._listed(self._read(LISTING) or b"")))
            return {name: content for name, content in contents if content is not None}
        except (RefusedError, OSError) as error:
            raise OutputError.of(error, self._path) from error

    def relists(self, todo: FolderPlan) -> bool:
        """Whether the listing is to change."""
        return _listing_of(_listed_after(todo)) != todo.listing

    # --- Changing ------------------------------------------------------------------

    def carry_out(self, todo: FolderPlan) -> None:
        """Bring the folder to what was planned.

        Everything is written beside its place first, so that a full disk is found before anything is replaced. While
        files are replaced the listing has the digests of both states: whatever interrupts a build, the next one knows
        what is its own. No file waits for the disk: what a power cut takes can be made again, and `--check` finds it.

        Raises:
            OutputError: Something cannot be written; what was not replaced yet is unchanged.
        """
        self._empty = None
        self._absent.clear()
        made, written = todo.made, set(todo.written)
        after = _listed_after(todo)
        between = {
            name: {*after.get(name, ()), *todo.listed.get(name, ())} for name in after.keys() | todo.removed.keys()
        }
        done = 0
        try:
            for name in todo.temporary:
                self._remove(name)
            listing, meanwhile = _listing_of(after), _listing_of(between)
            changed: dict[str, Content] = {} if meanwhile == todo.listing else {LISTING: (meanwhile,)}
            for name in self._replaced({**changed, **{name: made.of(name) for name in todo.written}}):
                done += name in written
            for name, is_there in todo.removed.items():
                content = self._read(name)
                if content is not None and digest(content) == is_there:
                    self._remove(name)
                    done += 1
            for parent in sorted({posixpath.dirname(name) for name in todo.removed} - {""}, reverse=True):
                self._remove_folder(parent)
            if listing != meanwhile:
                for _ in self._replaced({LISTING: (listing,)}):
                    pass
        except RefusedError as error:
            raise OutputError.of(error, self._path, done=done) from error
        except OSError as error:
            place = printable(str(error.filename or self._path))
            advice = "Fix that and build again; what was not replaced yet is unchanged."
            raise OutputError(f"{place}: {error.strerror or error}", advice, done=done) from error

    def clear(self, todo: FolderPlan) -> None:
        """Remove what was planned and, if nothing else is listed, the listing.

        Raises:
            OutputError: Something cannot be removed.
        """
        self.carry_out(todo)
        if not todo.left:
            try:
                self._remove(LISTING)
            except (RefusedError, OSError) as error:
                raise OutputError.of(error, self._path) from error

    def _replaced(self, contents: Mapping[str, Content]) -> Iterator[str]:
        """Replace files in order, all of them written before the first is replaced, and yield each that is."""
        waiting: deque[tuple[Folder, str, str]] = deque()
        try:
            for name, content in contents.items():
                folder, _, last = name.rpartition("/")
                around = self._made_folder(folder)
                waiting.append((around, around.write_beside(last, *content), name))
            while waiting:
                around, temporary, name = waiting[0]
                around.put(temporary, name.rpartition("/")[2])
                waiting.popleft()
                yield name
        finally:
            for around, temporary, _ in waiting:
                with suppress(OSError):
                    around.remove(temporary)

    def _made_folder(self, name: str) -> Folder:
        folder = self._folder(name, create=True)
        if folder is None:
            raise FileNotFoundError(2, "No such file or directory", posixpath.join(self._path, name))
        return folder

    def _remove(self, name: str) -> None:
        folder, _, last = name.rpartition("/")
        around = self._folder(folder)
        if around is not None:
            around.remove(last)

    def _remove_folder(self, name: str) -> None:
        """Remove a folder inside, if it is empty: files that no build made may be in it."""
        outer, _, last = name.rpartition("/")
        around = self._folder(outer)
        if around is not None:
            around.remove_folder(last)

    # --- Showing -------------------------------------------------------------------

    def differences(self, todo: FolderPlan, room: int) -> tuple[str, int]:
        """A unified diff from what is there to what a build would leave; data URLs are shown decoded.

        Args:
            todo: What would be done.
            room: How many characters there may be.

        Returns:
            The differences of the files that there is room for, and of how many there is none.

        Raises:
            OutputError: Something cannot be read.
        """
        shown, unshown = [], 0
        for name in sorted({*todo.written, *todo.removed}):
            try:
                old = self._read(name)
            except (RefusedError, OSError) as error:
                raise OutputError.of(error, self._path) from error
            new = todo.made.get(name)
            # What is only on one side is in it as a whole, at least decoded: then it need not be made.
            is_long = (old is None or new is None) and len(new or old or b"") * 0.7 > room
            text = "" if is_long else _difference(f"{todo.folder}/{name}", old, new)
            if is_long or len(text) > room:
                unshown += 1
            else:
                shown.append(text)
                room -= len(text)
        return "".join(shown), unshown


def _difference(path: str, old: bytes | None, new: bytes | None) -> str:
    from compiler.text.line_diff import unified

    before, after = ("/dev/null" if content is None else path for content in (old, new))
    return "".join(unified(_lines(old), _lines(new), old=before, new=after))


def _listed_after(todo: FolderPlan) -> dict[str, Iterable[str]]:
    return {name: todo.listed[name] for name in todo.left} | {name: (todo.made.digest(name),) for name in todo.made}


def _listing_of(digests: Mapping[str, Iterable[str]]) -> bytes:
    """The listing of files with these digests."""
    lines = (
        f"{each}  {name}\n" if each else f"{name}\n"
        for name in sorted(digests)
        for each in sorted(digests[name]) or ("",)
    )
    return (_HEADER + "".join(lines)).encode()


class Builds:
    """Knows which files are listed as made by a build in a folder around them.

    Args:
        makes: The names that a build can make: a listing is input like any other file, and says nothing of others.
    """

    def __init__(self, makes: Makes) -> None:
        self._makes = makes
        self._listed: dict[tuple[str, str], Digests] = {}

    def made(self, location: str, root: str = "") -> bool:
        """Whether the file at a location is listed; it is not compared with what the build made.

        A `root` is the resolved folder that the listing has to be in.
        """
        return self._digests(location, root) is not None

    def left(self, location: str, data: bytes, root: str = "") -> bool:
        """Whether the file at a location is listed and has the bytes that the build made."""
        digests = self._digests(location, root)
        return digests is not None and digest(data) in digests

    def _digests(self, location: str, root: str) -> Collection[str] | None:
        """The digests of a file that is listed."""
        folder, name = posixpath.split(posixpath.abspath(location))
        while True:
            if self._makes(name):
                if (folder, root) not in self._listed:
                    self._listed[folder, root] = _listing_in(folder, root)
                if name in self._listed[folder, root]:
                    return self._listed[folder, root][name]
            folder, parent = posixpath.split(folder)
            if not parent:
                return None
            name = f"{parent}/{name}"


def _listing_in(folder: str, root: str) -> Digests:
    path = posixpath.join(folder, LISTING)
    if posixpath.islink(path):  # which no build writes; to open what it leads to may have effects
        return {}
    data = read(Candidate(LISTING, path, root), limit=_LONGEST_LISTING)
    return {} if isinstance(data, Problem) else _parsed(data.decode("utf-8", "replace"))


def listed_by_build(listing: bytes, makes: Makes) -> frozenset[str]:
    """The names in a listing that a build can give, relative to its folder."""
    return frozenset(filter(makes, _parsed(listing.decode("utf-8", "replace"))))


_LONGEST_LISTING = 1 << 20


def _parsed(listing: str) -> dict[str, frozenset[str]]:
    listed: dict[str, frozenset[str]] = {}
    for line in listing.splitlines():
        match = _LINE.fullmatch(line)
        name, digests = (match[2], frozenset((match[1],))) if match else (line, frozenset[str]())
        if name and not name.startswith("#"):
            listed[name] = listed.get(name, frozenset()) | digests
    return listed


def made_by_build(folder: str, makes: Makes) -> dict[str, bytes] | None:
    """What the last build left in a folder that the user names, by name; None where no build wrote to it.

    Raises:
        OutputError: Something in it cannot be read.
    """
    try:
        root = open_for_reading(folder)
    except OSError:
        return None
    with root:
        inside = OutputFolder(root, folder, makes)
        try:
            root.lock(shared=True)
            return inside.made()
        except RefusedError as error:
            raise OutputError.of(error, folder) from error
        finally:
            inside.close()


def _lines(content: bytes | None) -> list[str]:
    return _readable(content or b"").splitlines(keepends=True)


def _readable(content: bytes) -> str:
    from base64 import b64decode

    lines = []
    for line in content.decode("utf-8", "replace").splitlines(keepends=True):
        key, marker, data = line.partition("source: data:text/plain;charset=utf-8;base64,")
        if not marker:
            lines.append(line)
            continue
        try:
            text = b64decode(data.strip(), validate=True).decode()
        except ValueError:
            lines.append(line)
            continue
        lines.append(f"{key}source: |\n")
        lines += [f"{key}  {inner}\n" if inner else "\n" for inner in text.splitlines()]
    return "".join(lines)
