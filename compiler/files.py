"""Finding and reading the manifests, in a work tree and in a Git revision; the only home of git.

In: paths that a user names. Out: `Candidate` records in a fixed order, then bytes, then a `File` with its
text. What cannot be read comes back as a `Problem` beside the rest and stops nothing.

Git is asked what a folder holds (`git ls-files`), so what it ignores is left out. Where git is not installed
or the folder is in no work tree it is walked instead, and then a `.gitignore` has no say.
Whatever the repository's own configuration says, nothing it names is run and nothing is fetched.
"""

# A run looks at tens of thousands of paths, and pathlib costs more than the file system does.
# ruff: noqa: PTH100, PTH109, PTH112, PTH114, PTH116, PTH117, PTH118, PTH120, PTH206

import os
import posixpath
import stat
from bisect import bisect_left
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from compiler.span import File, Span

if TYPE_CHECKING:
    from subprocess import Popen
    from types import TracebackType

SUFFIXES = (".yaml", ".yml", ".json")
"""Names of manifests end so, in lower case, as `kubectl apply -f FOLDER` has it."""

SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes. The API server takes objects of 1.5 MB; a file beyond this is not a list of manifests."""

# O_NONBLOCK: opening a named pipe would wait for a writer; O_BINARY: Windows would translate line ends.
_OPEN_FLAGS: int = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


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
    """What one argument led to; files by their resolved path, so that each counts once."""

    files: dict[str, tuple[bool, Candidate]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Problem] = field(default_factory=list)

    def add(self, resolved: str, candidate: Candidate, *, is_link: bool) -> None:
        """Take a file; of its names the real one wins over a link's, then the first in order."""
        known = self.files.get(resolved)
        if known is None or (is_link, candidate.path) < (known[0], known[1].path):
            self.files[resolved] = (is_link, candidate)


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
    return discover_each([arguments], tracked_only=tracked_only)[0]


def discover_each(groups: Iterable[Iterable[str]], *, tracked_only: bool = False) -> list[Discovery]:
    """Do what `discover` does for each group of arguments, in order.

    What groups share is looked up once, and a work tree in which many folders are named is listed once.
    """
    here = _current_folder()
    wanted = [tuple(dict.fromkeys(group)) for group in groups]
    arguments = tuple(dict.fromkeys(argument for group in wanted for argument in group))
    listings = _shared_listings(arguments, tracked_only=tracked_only)
    finds = {argument: _discover_one(argument, here, listings, tracked_only=tracked_only) for argument in arguments}
    return [_merged([finds[argument] for argument in group]) for group in wanted]


def _merged(finds: Sequence[_Finds]) -> Discovery:
    union = _Finds()
    for part in finds:
        for resolved, (is_link, candidate) in part.files.items():
            union.add(resolved, candidate, is_link=is_link)
        union.problems += part.problems
        union.skipped += part.skipped
    candidates = [candidate for _, candidate in union.files.values()]
    # Shown paths are valid Unicode, whose order by code points is that of the UTF-8 bytes.
    candidates.sort(key=lambda candidate: (candidate.path, candidate.location))
    return Discovery(candidates=tuple(candidates), problems=_ordered(union.problems), skipped=_ordered(union.skipped))


def _ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    unique = {(problem.path, problem.message): problem for problem in problems}
    return tuple(unique[key] for key in sorted(unique))


def _discover_one(argument: str, here: str | None, listings: "Mapping[str, _Listing]", *, tracked_only: bool) -> _Finds:
    finds = _Finds()
    try:
        mode = os.stat(argument).st_mode
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        finds.problems.append(_unusable(argument, error))
        return finds
    shown = _shown(argument, here)
    if stat.S_ISDIR(mode):
        _discover_folder(finds, argument, shown, listings, tracked_only=tracked_only)
    elif stat.S_ISREG(mode):
        candidate = Candidate(printable(shown), argument)
        finds.add(os.path.realpath(argument), candidate, is_link=os.path.islink(argument))
    else:
        finds.problems.append(_special(shown, mode))
    return finds


def _unusable(path: str, error: OSError | ValueError) -> Problem:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return _problem(path, "there is no such file or folder", "Check the spelling and the folder this runs in.")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return _problem(path, f"cannot be read: {reason[:1].lower()}{reason[1:]}", "Make it readable, or leave it out.")


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


def _discover_folder(
    finds: _Finds, folder: str, shown: str, listings: "Mapping[str, _Listing]", *, tracked_only: bool
) -> None:
    resolved = os.path.realpath(folder)
    top = _work_tree_around(resolved)
    names: Iterable[str] | None = None
    try:
        if top is not None and top in listings:
            names = listings[top].below(resolved)
        elif top is not None:
            names, warnings = _list_files(folder, tracked_only=tracked_only)
            finds.problems += [_unlisted(_under(shown, name), reason) for name, reason in warnings]
        if top is not None and not names and not tracked_only and _is_ignored(folder):
            names = None
    except NoGitError as error:
        if tracked_only:
            finds.problems.append(_problem(shown, error.message, error.help))
            return
        top = None
    except GitError as error:
        finds.problems.append(_problem(shown, error.message, error.help))
        return
    if names is None and tracked_only:
        finds.problems.append(
            _problem(shown, "is in no Git work tree", "Name a folder of a repository, or take untracked files too.")
        )
        return
    links = _admit(
        finds,
        _walk(finds, folder, shown) if names is None else names,
        folder=folder,
        shown=shown,
        tree=top or resolved,
    )
    try:
        if top is not None and links:
            links = _without_ignored_targets(finds, links, top, tracked_only=tracked_only)
    except GitError as error:
        finds.problems.append(_problem(shown, error.message, error.help))
        return
    for target, candidate in links:
        finds.add(target, candidate, is_link=True)


def _unlisted(path: str, reason: str) -> Problem:
    return _problem(path.rstrip("/"), f"cannot be read: {reason}", "Make it readable, or leave it out.")


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
                            waiting.append(f"{below}{entry.name}/")
                    elif entry.name.endswith(SUFFIXES):
                        yield below + entry.name
        except OSError as error:
            finds.problems.append(_unusable(_under(shown, below).rstrip("/") or ".", error))


def _under(shown: str, name: str) -> str:
    """The shown name of `name` in the folder that is shown as `shown`."""
    if shown == ".":
        return name
    return shown + name if shown.endswith("/") else f"{shown}/{name}"


def _admit(finds: _Finds, names: Iterable[str], *, folder: str, shown: str, tree: str) -> list[tuple[str, Candidate]]:
    """Take those of `names` (relative to `folder`) that are files of the tree under the resolved `tree`.

    Returns:
        Links to files of the tree, each with its resolved target.
    """
    links = []
    base = "" if folder == "." else os.path.join(folder, "")
    prefix = "" if shown == "." else _under(shown, "")
    folders: dict[str, str | None] = {}
    for name in names:
        location = base + name
        try:
            mode = os.lstat(location).st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue  # still in the index, deleted from the disk
        except OSError as error:
            finds.problems.append(_unusable(prefix + name, error))
            continue
        parent, _, last = name.rpartition("/")
        if parent not in folders:
            # A folder that Git tracks may have been replaced by a link to anywhere.
            resolved = os.path.join(os.path.realpath(base + parent), "")
            folders[parent] = resolved if _inside(resolved, tree) else None
        above = folders[parent]
        if above is None:
            continue
        candidate = Candidate(printable(prefix + name), location)
        if stat.S_ISREG(mode):
            finds.add(above + last, candidate, is_link=False)
        elif stat.S_ISLNK(mode):
            target = _link_target(finds, candidate, tree)
            if target is not None:
                links.append((target, candidate))
        elif not stat.S_ISDIR(mode):
            finds.problems.append(_special(candidate.path, mode))
    return links


def _link_target(finds: _Finds, link: Candidate, tree: str) -> str | None:
    target = os.path.realpath(link.location)
    try:
        mode = os.stat(target).st_mode
    except OSError:
        finds.skipped.append(_problem(link.path, "is a link that leads nowhere", "Mend the link or remove it."))
        return None
    if stat.S_ISDIR(mode):
        return None
    if not _inside(target, tree) or ".git" in target[len(tree) :].split(os.sep):
        message, help_ = "is a link out of the tree and is not followed", "Name the file that it leads to."
        finds.skipped.append(_problem(link.path, message, help_))
        return None
    if not stat.S_ISREG(mode):
        finds.problems.append(_special(link.path, mode))
        return None
    return target


def _without_ignored_targets(
    finds: _Finds, links: list[tuple[str, Candidate]], top: str, *, tracked_only: bool
) -> list[tuple[str, Candidate]]:
    """Leave out links to files that Git does not list; a link must not bring in what is ignored."""
    unsure = sorted({target[len(top) :].lstrip(os.sep) for target, _ in links if target not in finds.files})
    listed = set(finds.files)
    for start in range(0, len(unsure), _ARGUMENTS):
        names, _ = _list_files(top, *unsure[start : start + _ARGUMENTS], tracked_only=tracked_only)
        listed.update(os.path.join(top, name) for name in names)
    kept = []
    for target, link in links:
        if target in listed:
            kept.append((target, link))
        else:
            message = f"is a link to a file that Git {'does not track' if tracked_only else 'ignores'}"
            finds.skipped.append(_problem(link.path, message, "Name the file that it leads to, or add it to Git."))
    return kept


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


# --- Git -----------------------------------------------------------------------


class GitError(Exception):
    """Git cannot do what was asked: `message` states the fact, `help` what to do."""

    def __init__(self, message: str, help: str) -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.message = message
        self.help = help


class NoGitError(GitError):
    """There is no git to ask, or no repository to ask it about."""


# What says where git and the user's own settings are. The rest would point git at another repository or index:
# git itself sets it for its hooks, and mirrorc runs as one.
_KEPT_VARIABLES = frozenset(
    {
        "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
    }
)
_KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")

_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone fetches what it lacks, through programs its config names
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a blob's id must mean the same text everywhere
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LANGUAGE": "",
    "LC_ALL": "C",  # its messages are read below
}

_OPTIONS = (
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.quotePath=false",
)

_ARGUMENTS = 200  # paths in one call; a command line has a limit
_PATIENCE = 120.0  # seconds; a config can make git wait for ever, by including a named pipe


def _command(folder: str, arguments: Sequence[str]) -> list[str]:
    # `check-ignore` takes plain paths anyway, and refuses to be told so.
    literal = () if arguments[0] == "check-ignore" else ("--literal-pathspecs",)
    return ["git", *_OPTIONS, *literal, "-C", folder, *arguments]


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT_VARIABLES or name.startswith(_KEPT_PREFIXES)
    }
    return kept | _VARIABLES


def _no_program(error: OSError) -> NoGitError:
    return NoGitError(f"git cannot be run: {error.strerror}", "Install git, and see that it is in the PATH.")


class _Answer(NamedTuple):
    code: int
    output: bytes
    errors: str


def _ask(folder: str, *arguments: str) -> _Answer:
    """Run one git command in `folder` to its end; its exit code is the caller's to judge."""
    import subprocess

    try:
        done = subprocess.run(
            _command(folder, arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_environment(),
            timeout=_PATIENCE,
            check=False,
        )
    except OSError as error:
        raise _no_program(error) from error
    except subprocess.TimeoutExpired as error:
        raise GitError(
            f"`git {arguments[0]}` did not finish within {_PATIENCE:.0f} seconds",
            f"Run `git {arguments[0]}` there by hand to see what it waits for.",
        ) from error
    return _Answer(done.returncode, done.stdout, os.fsdecode(done.stderr))


def _git(folder: str, *arguments: str) -> bytes:
    """Run one git command that must succeed."""
    answer = _ask(folder, *arguments)
    if answer.code != 0:
        raise _refusal(arguments[0], answer.errors)
    return answer.output


def _refusal(command: str, errors: str) -> GitError:
    """Make sense of what git wrote when it failed."""
    if "dubious ownership" in errors or "unsafe repository" in errors:
        advice = next((line.strip() for line in errors.splitlines() if "safe.directory" in line), "")
        return GitError(
            "git refuses this repository since it belongs to another user",
            f"Run as its owner, or, if you trust it, run `{printable(advice)}`.",
        )
    if "not a git repository" in errors:
        return NoGitError("is in no Git repository", "Run this in a clone, or name folders instead of revisions.")
    if "must be run in a work tree" in errors:
        return NoGitError("is in no Git work tree", "Name a folder of a work tree, or a revision.")
    lines = [line for line in errors.splitlines() if line.strip()]
    reason = next((line for line in lines if line.startswith(("fatal: ", "error: "))), "".join(lines[:1]))
    reason = reason.removeprefix("fatal: ").removeprefix("error: ") or "it gives no reason"
    return GitError(f"`git {command}` failed: {printable(reason)}", f"Run `git {command}` there by hand to see more.")


# --- What Git lists in a work tree ---------------------------------------------


class _Listing(NamedTuple):
    """Manifests below the resolved `folder`, as sorted paths relative to it."""

    folder: str
    names: Sequence[str]

    def below(self, folder: str) -> list[str]:
        """Those below a folder in it, relative to that one."""
        prefix = folder[len(self.folder) :].lstrip(os.sep)
        if not prefix:
            return list(self.names)
        prefix = _posix(prefix) + "/"
        found = []
        for name in islice(self.names, bisect_left(self.names, prefix), None):
            if not name.startswith(prefix):
                break
            found.append(name[len(prefix) :])
        return found


_FEW = 3  # folders for which asking git one by one is cheaper than looking at all of the work tree


def _shared_listings(arguments: Iterable[str], *, tracked_only: bool) -> dict[str, _Listing]:
    """List once each work tree of which many folders are named; by the top of the work tree."""
    folders: defaultdict[str, list[str]] = defaultdict(list)
    for argument in arguments:
        if "\0" in argument or not os.path.isdir(argument):
            continue
        resolved = os.path.realpath(argument)
        top = _work_tree_around(resolved)
        if top is not None:
            folders[top].append(resolved)
    listings = {}
    for top, resolved_folders in folders.items():
        if len(resolved_folders) > _FEW:
            common = os.path.commonpath(resolved_folders)
            try:
                names, warnings = _list_files(common, tracked_only=tracked_only)
            except GitError:
                continue  # each folder will ask for itself and tell
            if not warnings:
                listings[top] = _Listing(common, sorted(names))
    return listings


def _work_tree_around(resolved: str) -> str | None:
    """The nearest folder around that holds a `.git`; spares a process where there is none."""
    folder = resolved
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def _list_files(folder: str, *paths: str, tracked_only: bool) -> tuple[list[str], list[tuple[str, str]]]:
    """Ask Git for the manifests below `folder`, or for `paths` in it whatever their names.

    Returns:
        Paths relative to `folder`, each once, and unreadable folders with the reason.
    """
    others = () if tracked_only else ("--others", "--exclude-standard")
    answer = _ask(folder, "ls-files", "-z", "--cached", *others, "--", *paths)
    if answer.code != 0:
        raise _refusal("ls-files", answer.errors)
    names = os.fsdecode(answer.output).split("\0")
    if not paths:
        names = [name for name in names if name.endswith(SUFFIXES)]
    # A file in an unsettled merge is listed once for each side.
    return list(dict.fromkeys(filter(None, names))), list(_warnings(answer.errors))


def _warnings(errors: str) -> Iterator[tuple[str, str]]:
    start = "warning: could not open directory '"
    for line in errors.splitlines():
        if line.startswith(start):
            name, _, reason = line.removeprefix(start).rpartition("': ")
            yield name, reason[:1].lower() + reason[1:]


def _is_ignored(folder: str) -> bool:
    return _ask(folder, "check-ignore", "--quiet", ".").code == 0


# --- Revisions -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository to read revisions from.

    Attributes:
        folder: Where it was opened; relative paths start here.
        prefix: That folder below the top of the work tree, with `/` at its end; empty at the top and in a bare
            repository.
        is_bare: It has no work tree.
        is_shallow: It was cloned without all of its history.
    """

    folder: str
    prefix: str
    is_bare: bool
    is_shallow: bool


@dataclass(frozen=True, slots=True)
class RevisionFile:
    """A manifest in a revision.

    `path` is the shown path that `Candidate.path` would be in the work tree, from `Repository.folder`. `blob` is
    Git's id of the bytes: the same id is the same text, in whichever revision and under whichever name.
    """

    path: str
    blob: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionListing:
    """What the paths lead to in a commit: files in byte order of their path, each once.

    `absent` are paths that the commit does not have; `skipped` are links that lead out of the tree or nowhere.
    """

    commit: str
    files: tuple[RevisionFile, ...]
    absent: tuple[str, ...]
    skipped: tuple[Problem, ...]


def open_repository(folder: str = ".") -> Repository:
    """Find the repository around `folder`, or the bare one that it is.

    Raises:
        NoGitError: There is none, or git is not installed.
        GitError: Git refuses it.
    """
    questions = ("--is-bare-repository", "--is-shallow-repository", "--show-prefix")
    # The prefix is last since a folder's name may hold a line break.
    bare, shallow, prefix = os.fsdecode(_git(folder, "rev-parse", *questions)).split("\n", 2)
    return Repository(
        folder=folder, prefix=prefix.removesuffix("\n"), is_bare=bare == "true", is_shallow=shallow == "true"
    )


def resolve_revision(repository: Repository, text: str) -> str:
    """The id of the commit that the user's `text` names (`HEAD~2`, a branch, a tag, an abbreviated id).

    Raises:
        GitError: It names none, or none that this clone has.
    """
    unknown = f"`{printable(text)}` names no commit"
    if not text or text.startswith(("-", "^")) or "\0" in text:
        raise GitError(unknown, "Name a branch, a tag or a commit.")
    answer = _ask(repository.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}")
    if answer.code == 0:
        return answer.output.decode("ascii").strip()
    if answer.code != 1 and answer.errors.strip():
        raise _refusal("rev-parse", answer.errors)
    if repository.is_shallow:
        raise GitError(f"{unknown} in this clone, which is shallow", _DEEPEN)
    raise GitError(unknown, "See `git log --oneline --all`, or fetch it first if it is elsewhere.")


_DEEPEN = (
    "Fetch the history with `git fetch --unshallow`; in CI ask for a full clone"
    " (`fetch-depth: 0` on GitHub, `GIT_DEPTH: 0` on GitLab)."
)


def merge_base(repository: Repository, branch: str, revision: str) -> str:
    """The id of the commit where `revision` left `branch`; both as in `resolve_revision`.

    Raises:
        GitError: One of them is no commit, or they have no history in common.
    """
    ours, theirs = resolve_revision(repository, branch), resolve_revision(repository, revision)
    answer = _ask(repository.folder, "merge-base", ours, theirs)
    if answer.code == 0:
        return answer.output.decode("ascii").split("\n", 1)[0]
    if answer.code != 1:
        raise _refusal("merge-base", answer.errors)
    message = f"`{printable(branch)}` and `{printable(revision)}` have no commit in common"
    if repository.is_shallow:
        raise GitError(f"{message} in this clone, which is shallow", _DEEPEN)
    raise GitError(message, "Name the commit to compare with.")


class _Entry(NamedTuple):
    mode: str
    blob: str


def list_revision(repository: Repository, commit: str, paths: Iterable[str] = (".",)) -> RevisionListing:
    """List the manifests of a commit as `discover` would list those of a work tree that is just that commit.

    Submodules are left out, and so are links, but for links to files of the commit.

    Args:
        repository: Where to look.
        commit: An id from `resolve_revision` or `merge_base`.
        paths: Files and folders, relative to `repository.folder`; a file is taken whatever its name.

    Raises:
        GitError: The commit's trees are not all there.
    """
    wanted = {path: _tree_path(repository, path) for path in paths}
    with BlobReader(repository) as reader:
        resolved, _ = _follow(reader, commit, {place for place in wanted.values() if place is not None})
        places = {place for place in resolved.values() if place is not None}
        entries = _ls_tree(repository, commit, places)
        files = {
            name: entry.blob
            for name, entry in entries.items()
            if entry.mode.startswith("100") and (name.endswith(SUFFIXES) or name in places)
        }
        links = {name for name, entry in entries.items() if entry.mode == _LINK and name.endswith(SUFFIXES)}
        targets, found = _follow(reader, commit, links)
    skipped = []
    taken = {name: name for name in files}
    for link in sorted(links):
        target = targets[link]
        entry = found.get(target) if target is not None else None
        if target is None or entry is None or entry.mode == _LINK:
            message, help_ = "is a link out of the tree or to nowhere and is not followed", "Mend the link."
            skipped.append(_problem(_from_folder(repository, link), message, help_))
        elif entry.mode.startswith("100") and target not in taken:
            taken[target] = link
            files[target] = entry.blob
    names = sorted(entries)
    listed = [RevisionFile(printable(_from_folder(repository, taken[name])), blob) for name, blob in files.items()]
    return RevisionListing(
        commit=commit,
        files=tuple(sorted(listed, key=lambda file: (file.path, file.blob))),
        absent=tuple(path for path, place in wanted.items() if place is None or not _is_there(resolved[place], names)),
        skipped=tuple(skipped),
    )


_LINK = "120000"


def _tree_path(repository: Repository, path: str) -> str | None:
    """A path from the top of the tree, `""` for the top itself; None outside of it."""
    if os.path.isabs(path):
        path = os.path.relpath(os.path.realpath(path), os.path.realpath(repository.folder))
    return _normal(repository.prefix + _posix(path))


def _normal(path: str) -> str | None:
    path = posixpath.normpath(path)
    if path == "." or path.startswith("/"):
        return "" if path == "." else None
    return None if path == ".." or path.startswith("../") else path


def _from_folder(repository: Repository, name: str) -> str:
    prefix = repository.prefix
    if name.startswith(prefix):
        return name[len(prefix) :]
    return posixpath.relpath(name, prefix)


def _is_there(place: str | None, names: Sequence[str]) -> bool:
    """Whether the sorted `names` hold a file at `place` or below it."""
    if not place:
        return place is not None
    at = bisect_left(names, place)
    if at < len(names) and names[at] == place:
        return True
    first = bisect_left(names, f"{place}/")
    return first < len(names) and names[first].startswith(f"{place}/")


def _ls_tree(repository: Repository, commit: str, places: Collection[str]) -> dict[str, _Entry]:
    """Everything at or below `places` of the tree, by its path from the top."""
    if not places:
        return {}
    narrow = len(places) <= _ARGUMENTS and "" not in places
    asked = sorted(places) if narrow else ()
    output = _git(repository.folder, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *asked)
    entries = _entries(output)
    return entries if narrow else {name: entries[name] for name in entries if _is_under(name, places)}


def _entries(output: bytes) -> dict[str, _Entry]:
    entries = {}
    for record in os.fsdecode(output).split("\0")[:-1]:
        head, _, name = record.partition("\t")
        mode, _, blob = head.split(" ")
        entries[name] = _Entry(mode, blob)
    return entries


def _is_under(name: str, places: Collection[str]) -> bool:
    while name and name not in places:
        name = name.rpartition("/")[0]
    return name in places


def _follow(reader: "BlobReader", commit: str, names: Iterable[str]) -> tuple[dict[str, str | None], dict[str, _Entry]]:
    """Where each path leads if it is a link in the commit, perhaps over other links; None out of the tree.

    Returns:
        The targets by name, and the entries found at them.
    """
    targets: dict[str, str | None] = {name: name for name in names}
    found: dict[str, _Entry] = {}
    leads: dict[str, str | None] = {}
    while True:
        places = {target for target in targets.values() if target} - found.keys()
        entries = _ls_tree_exactly(reader.repository, commit, places)
        found.update(entries)
        links = [RevisionFile(name, entry.blob) for name, entry in entries.items() if entry.mode == _LINK]
        if not links:
            return targets, found
        for link, data in reader.read(links):
            text = "" if isinstance(data, Problem) else os.fsdecode(data)
            leads[link.path] = _normal(posixpath.join(posixpath.dirname(link.path), text))
        targets = {name: _end(name, leads) for name in targets}


def _end(name: str, leads: Mapping[str, str | None]) -> str | None:
    """The end of a chain of links; None where it leads out of the tree or round in a circle."""
    place: str | None = name
    passed = set[str]()
    while place is not None and place in leads:
        if place in passed:
            return None
        passed.add(place)
        place = leads[place]
    return place


def _ls_tree_exactly(repository: Repository, commit: str, places: Iterable[str]) -> dict[str, _Entry]:
    """The entries at `places` themselves, not below."""
    entries: dict[str, _Entry] = {}
    ordered = sorted(places)
    for start in range(0, len(ordered), _ARGUMENTS):
        chunk = ordered[start : start + _ARGUMENTS]
        entries |= _entries(_git(repository.folder, "ls-tree", "-z", "--full-tree", commit, "--", *chunk))
    return entries


class BlobReader:
    """Reads blobs of a repository through one `git cat-file --batch`, started when the first is asked for.

    Use it as a context manager, over as many revisions as there are.
    """

    # Ids are written ahead of the answers, so they must fit into a pipe that nobody drains: 16 KiB at least.
    _AHEAD = 128

    def __init__(self, repository: Repository, *, limit: int = SIZE_LIMIT) -> None:
        self.repository = repository
        self._limit = limit
        self._process: Popen[bytes] | None = None

    def __enter__(self) -> "BlobReader":
        return self

    def __exit__(
        self,
        kind: "type[BaseException] | None",
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        if self._process is not None:
            self._process.kill()  # it holds nothing but our pipes
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
        process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            raise AssertionError("started with pipes")
        try:
            process.stdin.write(b"".join(b"%s\n" % file.blob.encode() for file in batch))
            process.stdin.flush()
        except BrokenPipeError:
            raise _broken() from None
        answers: list[bytes | Problem] = []
        for file in batch:
            head = process.stdout.readline().split()
            if head[1:] == [b"missing"]:
                answers.append(
                    _problem(
                        file.path,
                        "is not among the objects of this clone",
                        "Fetch all of it, without `--filter`, or see what `git fsck` says.",
                    )
                )
                continue
            if len(head) != 3:
                raise _broken()
            left = int(head[2]) + 1  # a line break ends the answer
            if left - 1 > self._limit:
                while left:
                    left -= len(process.stdout.read(min(left, 1 << 20))) or left
                answers.append(_too_large(file.path, self._limit))
                continue
            data = process.stdout.read(left)
            if len(data) != left:
                raise _broken()
            answers.append(data[:-1])
        return answers

    def _start(self) -> "Popen[bytes]":
        import subprocess

        try:
            self._process = subprocess.Popen(
                _command(self.repository.folder, ("cat-file", "--batch")),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        except OSError as error:
            raise _no_program(error) from error
        return self._process


def _broken() -> GitError:
    return GitError("git stopped while it read the revision's files", "Run `git fsck` there to see what is damaged.")
