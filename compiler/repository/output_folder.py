"""The output folder: what an earlier build made there, what this one makes, and the difference.

In: artifacts by relative name. Out: files on disk, each replaced atomically; nothing that a build did not make itself
is ever touched. A listing file in the folder remembers what was made.
"""

import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from compiler.machine.atomic import write_beside
from compiler.repository.paths import printable

LISTING = ".mirrorc-artifacts"
_HEADER = "# Made by `mirrorc build`, which replaces and removes what is listed here.\n"


class OutputError(Exception):
    """The folder cannot be used as it is; `help` says what to do, `done` how many files were changed before that."""

    def __init__(self, message: str, help: str, *, done: int = 0) -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.help = help
        self.done = done


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What has to be done to a folder; all names are relative to it, in byte order."""

    folder: Path
    written: Mapping[str, bytes]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    old: Mapping[str, bytes]


def plan(folder: str, artifacts: Mapping[str, bytes]) -> Plan:
    """Compare the folder with the artifacts, touching nothing.

    Raises:
        OutputError: the folder holds something in the way that no build made, or cannot be read.
    """
    root = Path(folder)
    _check_folder(root)
    known = _listed(root)
    old: dict[str, bytes] = {}
    for name in sorted(known | artifacts.keys()):
        content = _content(root, name)
        if content is None:
            continue
        if name not in known and content != artifacts[name]:
            message = f"{root / name} was not made by mirrorc"
            raise OutputError(message, "Move it away, or choose another folder with -o.")
        old[name] = content
    return Plan(
        folder=root,
        written={name: artifacts[name] for name in sorted(artifacts) if old.get(name) != artifacts[name]},
        removed=tuple(name for name in old if name not in artifacts),
        unchanged=tuple(name for name in old if name in artifacts and old[name] == artifacts[name]),
        old=old,
    )


def carry_out(todo: Plan) -> None:
    """Bring the folder to what was planned.

    Everything is written beside its place first, so that a full disk is found before anything is replaced. The listing
    is replaced before what it lists: whatever interrupts a build, the next one knows what is its own. Nobody waits for
    the disk: what a power cut takes can be made again, and `--check` finds it.

    Raises:
        OutputError: something cannot be written; what was not replaced yet stays as it was.
    """
    made = {*todo.written, *todo.unchanged}
    done = 0
    try:
        contents = {todo.folder / name: content for name, content in todo.written.items()}
        for place in _replaced(_new_listing(todo.folder, {*made, *todo.removed}) | contents):
            done += place in contents
        for name in todo.removed:
            (todo.folder / name).unlink(missing_ok=True)
            done += 1
        for parent in sorted({(todo.folder / name).parent for name in todo.removed}, reverse=True):
            if parent != todo.folder:
                with suppress(OSError):  # not empty: somebody else's files are in it
                    parent.rmdir()
        if todo.removed:
            for _ in _replaced(_new_listing(todo.folder, made)):
                pass
    except OSError as error:
        message = f"{error.filename2 or error.filename or todo.folder}: {error.strerror or error}"
        advice = "Fix the error and build again; files that were not replaced yet are unchanged."
        raise OutputError(message, advice, done=done) from error


def _replaced(contents: Mapping[Path, bytes]) -> Iterator[Path]:
    """Replace files in order, all of them written before the first is replaced, and yield each that is."""
    waiting: list[tuple[Path, Path]] = []
    try:
        for parent in dict.fromkeys(place.parent for place in contents):
            parent.mkdir(parents=True, exist_ok=True)
        for place, content in contents.items():
            waiting.append((write_beside(place, content), place))
        while waiting:
            temporary, place = waiting[0]
            temporary.replace(place)
            waiting.pop(0)
            yield place
    finally:
        for temporary, _ in waiting:
            with suppress(OSError):
                temporary.unlink()


def _new_listing(root: Path, names: Iterable[str]) -> dict[Path, bytes]:
    """The listing, if it is to change: a build that changes nothing touches nothing."""
    listing = (_HEADER + "".join(f"{name}\n" for name in sorted(names))).encode()
    return {} if _content(root, LISTING) == listing else {root / LISTING: listing}


def made_by_build(folder: str) -> dict[str, bytes] | None:
    """What the last build left in a folder, by name; None where no build wrote to it.

    Raises:
        OutputError: something in it cannot be read.
    """
    root = Path(folder)
    if not (root / LISTING).is_file():
        return None
    contents = ((name, _content(root, name)) for name in sorted(_listed(root)))
    return {name: content for name, content in contents if content is not None}


def _check_folder(root: Path) -> None:
    try:
        in_the_way = root.exists() and not root.is_dir()
    except OSError as error:
        raise _unreadable(root, error) from error
    if in_the_way:
        message = f"{root} is not a folder"
        raise OutputError(message, "Choose another name with -o.")


def _listed(root: Path) -> set[str]:
    """What an earlier build made; a name that leads out of the folder is nobody's business."""
    content = _content(root, LISTING)
    lines = (content or b"").decode("utf-8", "replace").splitlines()
    return {line for line in lines if line and not line.startswith("#") and _is_inside(line)}


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and all(part not in {"", ".", ".."} for part in name.split("/"))


def _content(root: Path, name: str) -> bytes | None:
    """A file's bytes, None where there is none. What lies behind a link is not ours to touch."""
    place = root / name
    mode = 0
    try:
        for part in _way(root, name):
            mode = part.lstat().st_mode
            if stat.S_ISLNK(mode):
                message = f"{part} is a link"
                raise OutputError(message, "Remove the link, or choose another folder with -o.")
        if stat.S_ISDIR(mode):
            message = f"{place} is a folder, but a file must be written there"
            raise OutputError(message, "Move it away, or choose another folder with -o.")
        return place.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in a name of the listing
        return None
    except OSError as error:
        raise _unreadable(place, error) from error


def _unreadable(place: Path, error: OSError) -> OutputError:
    message = f"{printable(str(place))} cannot be read: {error.strerror}"
    return OutputError(message, "Check its name and permissions, or choose another folder with -o.")


def _way(root: Path, name: str) -> Iterator[Path]:
    place = root
    for part in name.split("/"):
        place /= part
        yield place


def differences(todo: Plan) -> str:
    """A unified diff from what is there to what a build would leave; data URLs are shown decoded."""
    from difflib import unified_diff

    parts: list[str] = []
    for name in sorted({*todo.written, *todo.removed}):
        before, after = todo.old.get(name), todo.written.get(name)
        parts += unified_diff(
            _readable(before or b"").splitlines(keepends=True),
            _readable(after or b"").splitlines(keepends=True),
            fromfile=f"{todo.folder}/{name}" if before is not None else "/dev/null",
            tofile=f"{todo.folder}/{name}" if after is not None else "/dev/null",
        )
    return "".join(part if part.endswith("\n") else f"{part}\n\\ No newline at end of file\n" for part in parts)


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
