"""Open folders, through which everything is written, created and removed.

In: the path of a folder. Out: a handle on it, and files read, replaced, created and removed by their name in it. No
link is followed below the folder, nor on the way to it inside a Git working tree, even if it is put there while this
runs: every step is taken from the handle of the folder before it. Nothing is written into a Git directory.

The same is true for a single file that is written: `write_file` opens the folder it is in. Many folders beside each
other are opened through a `Trail`.
"""

# Everything here is relative to a handle, which pathlib cannot express.
# ruff: noqa: PTH118

import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType

from compiler.repository.files import OPEN_FLAGS, read_open, special
from compiler.repository.paths import Problem, is_git_name

_HANDLE: int = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)
"""A handle to go on from; it takes no permission to list the folder."""

_LISTABLE: int = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""A handle that can be listed and locked too, where that is permitted."""

_NEW: int = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST_LINKS = 40
"""As the kernel allows on the way to a file."""

_PATIENCE = 10.0
"""Seconds to wait for another build, which locks its folder for milliseconds, and for what reads a pipe."""

_HELP = "Remove it, or choose another place."


class RefusedError(Exception):
    """A place where nothing may be written or read, whatever the operating system allows."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.path} {problem.message}")
        self.problem = problem


class Folder:
    """An open folder. A name in it is one component; a link of that name is refused, never followed.

    Use it as a context manager. Every method raises OSError with the full path where the system refuses.

    Args:
        descriptor: The handle, which now belongs to this object.
        path: The folder as shown to people; empty for the current folder.
    """

    __slots__ = ("descriptor", "path")

    def __init__(self, descriptor: int, path: str) -> None:
        self.descriptor = descriptor
        self.path = path

    def __enter__(self) -> "Folder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self.descriptor)

    def at(self, name: str) -> str:
        """The path of a name in it, for people."""
        return os.path.join(self.path, name)

    @contextmanager
    def _about(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.at(name)) from error

    def folder(self, name: str, *, create: bool = False) -> "Folder":
        """A folder in this one.

        Raises:
            RefusedError: It is a link.
        """
        try:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=self.descriptor)
            try:
                return Folder(os.open(name, _LISTABLE, dir_fd=self.descriptor), self.at(name))
            except OSError as error:
                if isinstance(error, FileNotFoundError):
                    raise
            handle = _enter(self.descriptor, name)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.at(name)) from error
        if handle is None:
            raise _link(self.at(name))
        return Folder(_listable(handle), self.at(name))

    def mode(self, name: str) -> int:
        """The type and permissions of what has this name, a link's own; 0 where there is nothing."""
        try:
            return os.lstat(name, dir_fd=self.descriptor).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return 0
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.at(name)) from error

    def names(self) -> list[str]:
        """Everything in the folder, in byte order."""
        try:
            return sorted(os.listdir(self.descriptor))  # noqa: PTH208 - of a handle
        except OSError as error:
            # EBADF: the handle is one that may not be listed.
            number = errno.EACCES if error.errno == errno.EBADF else error.errno
            raise OSError(number, os.strerror(number or 0), self.path or ".") from error

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, None where there is none. Never waits for a pipe or a device.

        Raises:
            RefusedError: It is a link, a folder, a pipe, a device or too large.
        """
        mode = self.mode(name)
        if not mode:
            return None
        if not stat.S_ISREG(mode):
            raise _in_the_way(self.at(name), mode)
        try:
            with self._about(name):
                descriptor = os.open(name, OPEN_FLAGS | os.O_NOFOLLOW, dir_fd=self.descriptor)
        except FileNotFoundError:
            return None
        with self._about(name):
            data = read_open(descriptor, self.at(name))
        if isinstance(data, Problem):
            raise RefusedError(data)
        return data

    # --- Writing -----------------------------------------------------------------

    def write_beside(self, name: str, *content: bytes, durable: bool = False, private: bool = False) -> str:
        """Write what is to replace a file into a temporary one beside it, with the same permissions and owner.

        A new file gets the permissions that the umask leaves. The content may come in pieces. A `durable` file is on
        the disk before this returns. A `private` one is for this user alone, whatever it replaces.

        Returns:
            The temporary file's name.

        Raises:
            RefusedError: Something other than a file has the name, or a file that this user may not write to.
        """
        try:
            old = self._replaceable(name)
            temporary, descriptor = self._temporary(0o666 if old is None and not private else 0o600)
            try:
                try:
                    # The folder alone decides what can be replaced; a file that is protected is meant to stay.
                    if old is not None and not os.access(name, os.W_OK, dir_fd=self.descriptor):
                        raise _protected(self.at(name))
                    _write(descriptor, content)
                    if old is not None and not private:
                        _take_after(descriptor, old)
                    if durable:
                        os.fsync(descriptor)
                finally:
                    os.close(descriptor)
            except BaseException:
                self._discard(temporary)
                raise
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.at(name)) from error
        return temporary

    def put(self, temporary: str, name: str) -> None:
        """Give a file the content that was written beside it, at once."""
        try:
            os.replace(temporary, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.at(name)) from error

    def replace(self, name: str, content: bytes, *, durable: bool = True, private: bool = False) -> None:
        """Give a file new content; a reader sees the old one or the new one, and so does one after a power cut.

        Args:
            name: Of the file.
            content: What it is to contain.
            durable: As in `write_beside`.
            private: As in `write_beside`.

        Raises:
            RefusedError: Something other than a file has the name, or a file that this user may not write to.
        """
        temporary = self.write_beside(name, content, durable=durable, private=private)
        try:
            self.put(temporary, name)
        except BaseException:
            self._discard(temporary)
            raise

    def replace_all(self, contents: Mapping[str, bytes]) -> None:
        """Give files new contents, all of them written before the first is replaced: a full disk changes none.

        Raises:
            RefusedError: Something other than a file has one of the names, or a file that this user may not write to.
        """
        waiting: dict[str, str] = {}
        try:
            for name, content in contents.items():
                waiting[name] = self.write_beside(name, content, durable=True)
            for name in contents:
                self.put(waiting[name], name)
                del waiting[name]
        finally:
            for temporary in waiting.values():
                self._discard(temporary)

    def create(self, name: str, content: bytes) -> None:
        """Make a file that is not there yet.

        Raises:
            FileExistsError: Something has the name, if only a link that leads nowhere.
        """
        temporary = self.write_beside(name, content, durable=True) if not self.mode(name) else None
        with self._about(name):
            if temporary is None:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            try:
                os.link(temporary, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor, follow_symlinks=False)
            except FileExistsError:
                raise
            except OSError:  # file systems without hard links have several ways to say so
                os.close(os.open(name, _NEW, 0o666, dir_fd=self.descriptor))  # only one run can make it
                try:
                    os.replace(temporary, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
                except BaseException:
                    self._discard(name)
                    raise
            finally:
                self._discard(temporary)

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is removed."""
        with self._about(name), suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.descriptor)

    def remove_folder(self, name: str) -> None:
        """Remove a folder, if it is empty."""
        with suppress(OSError):
            os.rmdir(name, dir_fd=self.descriptor)

    def _discard(self, name: str) -> None:
        with suppress(OSError):
            os.unlink(name, dir_fd=self.descriptor)

    def _replaceable(self, name: str) -> os.stat_result | None:
        """The file that has the name, None where there is none."""
        try:
            old = os.lstat(name, dir_fd=self.descriptor)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(old.st_mode):
            raise _in_the_way(self.at(name), old.st_mode)
        return old

    def _temporary(self, mode: int) -> tuple[str, int]:
        while True:
            name = f".mirrorc-{os.urandom(4).hex()}"
            with suppress(FileExistsError):
                return name, os.open(name, _NEW, mode, dir_fd=self.descriptor)

    # --- One at a time -----------------------------------------------------------

    def lock(self, *, shared: bool = False) -> None:
        """Keep other builds out until the folder is closed; `shared` keeps out those that write.

        The lock is on the folder itself, so that no file is left. A file system without locks has none.

        Raises:
            RefusedError: Another build does not come to its end.
        """
        import fcntl

        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(self.descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    message = "is in use by another build"
                    raise RefusedError(
                        Problem.of(self.path or ".", message, "Wait until that build is done, and build again.")
                    ) from None
                time.sleep(0.02)
            except OSError:
                return
            else:
                return


def _write(descriptor: int, content: Iterable[bytes]) -> None:
    """Write all of some pieces."""
    for piece in content:
        done = os.write(descriptor, piece)
        while done < len(piece):
            done += os.write(descriptor, memoryview(piece)[done:])


def _take_after(descriptor: int, old: os.stat_result) -> None:
    """Give a new file the permissions, the owner and the group of the one it replaces, as far as this user may."""
    try:
        os.fchown(descriptor, old.st_uid, old.st_gid)
    except OSError:
        with suppress(OSError):
            os.fchown(descriptor, -1, old.st_gid)
    mode = stat.S_IMODE(old.st_mode) & 0o777
    if os.fstat(descriptor).st_gid != old.st_gid:  # what was for its group is not for another
        mode &= 0o707 | (mode & 0o007) << 3
    with suppress(OSError):  # a file system without permissions
        os.fchmod(descriptor, mode)


def _link(path: str) -> RefusedError:
    return RefusedError(Problem.of(path, "is a link", "Remove the link, or choose another place."))


def _protected(path: str) -> RefusedError:
    return RefusedError(Problem.of(path, "is write-protected", "Make it writable, or choose another place."))


def _in_the_way(path: str, mode: int) -> RefusedError:
    if stat.S_ISLNK(mode):
        return _link(path)
    return RefusedError(Problem.of(path, special(path, mode).message, _HELP))


# --- The way to a folder -----------------------------------------------------------


def open_folder(path: str, below: str = "", *, create: bool = False) -> Folder:
    """Open a folder to write in: `path`, or the one `below` it.

    A link on the way to `path` is followed only where it lies outside every Git working tree, as part of the machine.
    From `path` on down none is.

    Args:
        path: A folder that the user names; empty for the current one.
        below: The rest of the way, which others may have named (a configuration); it has no `..`.
        create: Make the folders that are not there yet.

    Raises:
        RefusedError: There is a link on the way, or it leads into a Git directory.
        FileNotFoundError: It is not there.
        OSError: It cannot be opened or made.
    """
    with Trail() as trail:
        return trail.open(path, below, create=create)


class Trail:
    """Opens folders as `open_folder` does, those beside each other in less time.

    The folder around the last one stays open, and the next one in it is a step from there. So links that are put on the
    way to it meanwhile lead nowhere. Use it as a context manager.
    """

    __slots__ = ("_walk", "_way")

    def __init__(self) -> None:
        self._walk: _Walk | None = None
        self._way = ("", "")

    def __enter__(self) -> "Trail":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._walk is not None:
            self._walk.__exit__(None, None, None)
            self._walk = None

    def open(self, path: str, below: str = "", *, create: bool = False) -> Folder:
        """Open a folder to write in, as `open_folder` says."""
        try:
            outer, _, name = below.rpartition("/")
            if self._walk is None or self._way != (path, outer):
                self._leave()
                with _Walk(path, create=create) as walk:
                    walk.along(path, trusted=True)
                    walk.along(outer, trusted=False)
                    if name in {"", ".", ".."}:
                        walk.along(name, trusted=False)
                        return walk.arrive()
                    self._walk, self._way = walk.branch(create=create), (path, outer)
            with self._walk.branch(create=create) as walk:
                walk.along(name, trusted=False)
                return walk.arrive()
        except ValueError as error:  # a NUL in the name
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), os.path.join(path, below)) from error


def open_for_reading(path: str) -> Folder:
    """Open a folder that the user names to read in it; links on the way to it are followed.

    Raises:
        OSError: It is not there, or cannot be opened.
    """
    return Folder(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC), path)


def write_file(path: str, content: bytes) -> None:
    """Replace the file that the user names, or make it; a pipe or a device is written to.

    Raises:
        RefusedError: There is a link on the way inside a Git working tree, or it leads into a Git directory.
        OSError: It cannot be written; a file is unchanged then.
    """
    for _ in range(_MOST_LINKS):
        parent, name = os.path.split(path)
        if name in {"", ".", ".."}:
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        with open_folder(parent) as folder:
            mode = folder.mode(name)
            if not stat.S_ISLNK(mode):
                if not mode or stat.S_ISREG(mode):
                    folder.replace(name, content)
                else:
                    _write_into(name, content, folder, os.O_NOFOLLOW)
                return
            if _is_in_work_tree(folder.descriptor):
                raise _link(path)
            with suppress(FileNotFoundError):
                if not stat.S_ISREG(os.stat(name, dir_fd=folder.descriptor).st_mode):
                    _write_into(name, content, folder, 0)
                    return
            path = os.path.join(parent, os.readlink(name, dir_fd=folder.descriptor))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)


def _write_into(name: str, content: bytes, folder: Folder, flags: int) -> None:
    """Write to a pipe or a device; something has to read the pipe by then, or soon."""
    flags |= os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            descriptor = os.open(name, flags, dir_fd=folder.descriptor)
            break
        except OSError as error:
            if error.errno != errno.ENXIO or not stat.S_ISFIFO(os.stat(name, dir_fd=folder.descriptor).st_mode):
                raise OSError(error.errno, error.strerror, folder.at(name)) from error
            if time.monotonic() > end:
                problem = Problem.of(
                    folder.at(name), "is a named pipe that nothing reads", "Start what reads it first."
                )
                raise RefusedError(problem) from None
        time.sleep(0.02)
    with os.fdopen(descriptor, "wb") as stream:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # it was put there meanwhile
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), folder.at(name))
        os.set_blocking(descriptor, True)
        stream.write(content)


def _enter(parent: int, name: str) -> int | None:
    """A handle on a folder in another one, None where it is a link."""
    try:
        return os.open(name, _HANDLE, dir_fd=parent)
    except OSError:
        with suppress(OSError):
            if stat.S_ISLNK(os.lstat(name, dir_fd=parent).st_mode):
                return None
        raise


def _listable(handle: int) -> int:
    """The same folder with a handle that can be listed and locked, where that is permitted."""
    try:
        descriptor = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=handle)
    except PermissionError:
        return handle
    os.close(handle)
    return descriptor


class _Walk:
    """The way to a folder, one handle at a time.

    `_real` are the names of the folders from the root to here, `_shown` is the path as written. `_known` is a folder on
    the way that is in no Git directory, with so many names.
    """

    def __init__(self, path: str, *, create: bool) -> None:
        self._create = create
        self._handle = -1
        self._real: list[str] = []
        self._shown = ""
        self._followed = 0
        self._known: tuple[os.stat_result, int] | None = None
        with suppress(OSError):  # the current folder may be gone
            if not path.startswith("/"):
                self._real = os.getcwd().split("/")[1:]  # noqa: PTH109 - the name is a text
        self._step(os.open("/" if path.startswith("/") else ".", _HANDLE))

    def __enter__(self) -> "_Walk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._handle >= 0:
            os.close(self._handle)

    def _step(self, handle: int) -> None:
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = handle

    def branch(self, *, create: bool) -> "_Walk":
        """Another walk from here on, with its own handle."""
        made = _Walk.__new__(_Walk)
        made._create, made._followed = create, self._followed
        made._real, made._shown = [*self._real], self._shown
        if self._known is None and not self._is_in_git_directory(self._real):
            self._known = (os.fstat(self._handle), len(self._real))
        made._known = self._known
        made._handle = os.dup(self._handle)
        return made

    def along(self, path: str, *, trusted: bool) -> None:
        """Go along a path; links are followed if it is `trusted` and they lie outside every working tree."""
        if path.startswith("/"):
            self._to_root()
        waiting = path.split("/")[::-1]
        while waiting:
            name = waiting.pop()
            if name in {"", "."}:
                continue
            if name == "..":
                self._up(trusted=trusted)
                continue
            handle = self._next(name)
            if handle is not None:
                self._step(handle)
                self._real.append(name)
                self._shown = os.path.join(self._shown, name)
                continue
            self._followed += 1
            place = os.path.join(self._shown, name)
            if not trusted or _is_in_work_tree(self._handle):
                raise _link(place)
            if self._followed > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), place)
            target = os.readlink(name, dir_fd=self._handle)
            if target.startswith("/"):
                self._to_root()
            waiting += target.split("/")[::-1]

    def _to_root(self) -> None:
        self._step(os.open("/", _HANDLE))
        self._real = []
        self._shown = "/"

    def _up(self, *, trusted: bool) -> None:
        if not trusted:
            raise RefusedError(Problem.of(os.path.join(self._shown, ".."), "is outside its folder", _HELP))
        self._step(os.open("..", _HANDLE, dir_fd=self._handle))
        del self._real[-1:]
        self._shown = os.path.join(self._shown, "..")

    def _next(self, name: str) -> int | None:
        """A handle on the folder of this name, made if that is wanted; None where it is a link."""
        place = os.path.join(self._shown, name)
        try:
            return _enter(self._handle, name)
        except FileNotFoundError as error:
            if not self._create:
                raise FileNotFoundError(error.errno, error.strerror, place) from error
        except OSError as error:
            raise OSError(error.errno, error.strerror, place) from error
        self._refuse_git([*self._real, name])
        try:
            with suppress(FileExistsError):
                os.mkdir(name, dir_fd=self._handle)
            return _enter(self._handle, name)
        except OSError as error:
            raise OSError(error.errno, error.strerror, place) from error

    def arrive(self) -> Folder:
        """The folder that was reached."""
        self._refuse_git(self._real)
        handle, self._handle = self._handle, -1
        return Folder(_listable(handle), self._shown)

    def _is_in_git_directory(self, names: Sequence[str]) -> bool:
        known, count = self._known or (None, 0)
        return any(map(is_git_name, names[count:])) or _is_in_git_directory(self._handle, known)

    def _refuse_git(self, names: Sequence[str]) -> None:
        if self._is_in_git_directory(names):
            place = self._shown or "."
            raise RefusedError(Problem.of(place, "is inside a Git directory", "Choose another place."))


def _around(handle: int) -> Iterator[int]:
    """Handles on a folder and on all that it lies in, each open until the next is asked for."""
    inner = os.dup(handle)
    try:
        while True:
            yield inner
            try:
                outer = os.open("..", _HANDLE, dir_fd=inner)
            except PermissionError:
                return
            at_root = os.path.samestat(os.fstat(outer), os.fstat(inner))
            os.close(inner)
            inner = outer
            if at_root:
                return
    finally:
        os.close(inner)


def _is_in_work_tree(handle: int) -> bool:
    """Whether a folder, or one that it lies in, has a `.git`."""
    return any(_lstat(folder, ".git") is not None for folder in _around(handle))


def _is_in_git_directory(handle: int, known: os.stat_result | None = None) -> bool:
    """Whether a folder is a Git directory, or lies in one, whatever its name is; a `known` one around it is not.

    As `is_git_directory` of Git's setup.c recognises it, without reading HEAD: a HEAD with objects and refs, or with
    the commondir of a linked working tree.
    """
    inner: os.stat_result | None = None
    for folder in _around(handle):
        named = _lstat(folder, ".git")
        if named is not None and inner is not None and os.path.samestat(named, inner):
            return True
        here = os.fstat(folder)
        if known is not None and os.path.samestat(here, known):
            return False
        if _lstat(folder, "HEAD") is not None and (
            _lstat(folder, "commondir") is not None
            or (_lstat(folder, "objects") is not None and _lstat(folder, "refs") is not None)
        ):
            return True
        inner = here
    return False


def _lstat(folder: int, name: str) -> os.stat_result | None:
    try:
        return os.lstat(name, dir_fd=folder)
    except OSError:
        return None
