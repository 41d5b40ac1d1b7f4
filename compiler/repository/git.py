"""Everything that runs git: what a working tree contains, which revisions there are; the only home of git.

In: folders and revisions that a user names. Out: paths, ids of commits, what their trees contain.
Whatever the repository's own configuration says, nothing it names is run and nothing is fetched.
"""

# A run looks at tens of thousands of paths, and pathlib costs more than the file system does.
# ruff: noqa: PTH112, PTH114, PTH117, PTH118, PTH120

import errno
import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from compiler.machine import trace
from compiler.machine.limits import UNLIMITED, TooMuchError, most
from compiler.repository.paths import SIZE_LIMIT, is_git_name, posix, printable

if TYPE_CHECKING:
    from subprocess import Popen

    Process = Popen[bytes]


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
    "-c",
    f"core.bigFileThreshold={SIZE_LIMIT}",  # what is larger is not read, and need not be in memory
    "-c",
    "core.deltaBaseCacheLimit=32m",
)

AT_ONCE = 200
"""Paths to ask about in one call; a command line has a limit."""

_PATIENCE = 120.0  # seconds; a config can make git wait forever, by including a named pipe

_MOST_SECONDS = 4
_SECONDS_OF_A_BYTE = 1e-6
_MOST_OUTPUT = 4 << 20
_OUTPUT_OF_A_BYTE = 4.0
"""Seconds of processor time and bytes of names, and how many more for each byte of objects: each file has some."""
_MOST_MEMORY = 280 << 20
_MEMORY_OF_A_BYTE = 2.0

_OF_OBJECTS = frozenset(("ls-tree", "rev-list", "merge-base", "cat-file", "--verify"))
"""What reads objects, of which a few bytes can be much."""


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


def _no_program(error: OSError) -> GitError:
    message = f"git cannot be run: {error.strerror}"
    if error.errno in {errno.ENOENT, errno.EACCES}:
        return NoGitError(message, "Install git, and make sure that it is in the PATH.")
    return GitError(message, "Check the limits of the system: memory, processes, open files.")


def _refuse_repository_within(folder: str) -> None:
    """Refuse a folder of a working tree that Git takes for another repository, or that lies in one.

    Files of a commit can make such a repository, with any configuration: another working tree, programs that git runs.
    As `is_git_directory` of Git's setup.c recognises it, without reading HEAD.

    Raises:
        GitError: It is one.
    """
    place = os.path.realpath(folder)
    top = work_tree_around(place)
    while top is not None and place != top:
        has_parts = all(os.path.lexists(os.path.join(place, part)) for part in ("objects", "refs"))
        if os.path.lexists(os.path.join(place, "HEAD")) and (
            has_parts or os.path.lexists(os.path.join(place, "commondir"))
        ):
            raise GitError(
                f"git takes `{printable(posix(os.path.relpath(place, top)))}` for a repository",
                "Remove `HEAD` from that folder, or move it out of the working tree.",
            )
        place = os.path.dirname(place)


class _Answer(NamedTuple):
    code: int
    output: bytes
    errors: str


def _ask(folder: str, *arguments: str) -> _Answer:
    """Run one git command in `folder` to its end; its exit code is the caller's to judge.

    Raises:
        NoGitError: Git is not installed.
        GitError: It does not end in time, or the folder is in a repository that files of a working tree make.
        TooMuchError: It needs more than what the repository contains is worth.
    """
    memory = most(_MOST_MEMORY)
    answer = _answer(folder, arguments, memory)
    if answer.code != 0 and not _OF_OBJECTS.isdisjoint(arguments) and "ut of memory" in answer.errors:
        memory = most(_MOST_MEMORY, _MEMORY_OF_A_BYTE, size_of_objects(folder))
        answer = _answer(folder, arguments, memory)
        if answer.code != 0 and "ut of memory" in answer.errors:
            raise _too_much(arguments[0], f"{memory >> 20} MB of memory")
    return answer


def _answer(folder: str, arguments: Sequence[str], memory: int) -> _Answer:
    from compiler.machine.gathered import Bound, ImpatientError, gather

    def allowed() -> Bound:
        if arguments[0] == "count-objects":
            return Bound(most(_MOST_SECONDS), UNLIMITED)
        size = size_of_objects(folder)
        output = most(_MOST_OUTPUT, _OUTPUT_OF_A_BYTE, size) if arguments[0] == "ls-tree" else UNLIMITED
        return Bound(most(_MOST_SECONDS, _SECONDS_OF_A_BYTE, size), output)

    first = Bound(1, most(_MOST_OUTPUT) if arguments[0] == "ls-tree" else UNLIMITED)
    command = _command(folder, arguments)
    with trace.running(command):
        process = _started(folder, arguments, input=False)
        if not _OF_OBJECTS.isdisjoint(arguments):
            _hold(process, memory)
        try:
            done = gather(process, first, allowed, _PATIENCE)
        except ImpatientError as error:
            raise GitError(
                f"`git {arguments[0]}` did not finish within {_PATIENCE:.0f} seconds",
                f"Run `git {arguments[0]}` in the repository to see what it waits for.",
            ) from error
    if done.exceeded:
        raise _too_much(arguments[0], done.exceeded)
    return _Answer(done.code, done.output, os.fsdecode(done.errors))


def _too_much(command: str, what: str) -> TooMuchError:
    return TooMuchError(
        f"`git {command}` was ended since it needs more than {what}, which is more than this repository is worth",
        f"Run `git {command}` in the repository to see more",
    )


def size_of_objects(folder: str) -> int:
    """Bytes of a repository's objects on the disk, those too that it borrows from others."""
    answer = _ask(folder, "count-objects", "-v")
    size = 0
    for line in os.fsdecode(answer.output).splitlines():
        name, _, value = line.partition(": ")
        if name in {"size", "size-pack"} and value.isdecimal():
            size += int(value) << 10
        elif name == "alternate":
            packs = os.path.join(value.strip('"'), "pack")
            with suppress(OSError):
                size += sum(each.stat().st_size for each in os.scandir(packs) if each.name.endswith(".pack"))
    return size


def _hold(process: "Process", memory: int) -> None:
    if memory < UNLIMITED:
        from compiler.machine.gathered import hold_within

        hold_within(process.pid, memory)


def _git(folder: str, *arguments: str) -> bytes:
    """Run one git command that must succeed."""
    answer = _ask(folder, *arguments)
    if answer.code != 0:
        raise _refusal(arguments[0], answer.errors)
    return answer.output


def start(folder: str, *arguments: str) -> "Process":
    """Start a git command in `folder` that is fed and answers through pipes.

    Raises:
        NoGitError: Git is not installed.
        GitError: The folder is in a repository that files of a working tree make.
    """
    with trace.running(_command(folder, arguments)):  # the time to start: how long it runs is up to who asks it
        process = _started(folder, arguments, input=True)
        _hold(process, most(_MOST_MEMORY))
        return process


def _started(folder: str, arguments: Sequence[str], *, input: bool) -> "Process":  # noqa: A002 - as in subprocess
    import subprocess

    _refuse_repository_within(folder)
    try:
        return subprocess.Popen(
            _command(folder, arguments),
            stdin=subprocess.PIPE if input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if input else subprocess.PIPE,
            env=_environment(),
        )
    except OSError as error:
        raise _no_program(error) from error


def _refusal(command: str, errors: str) -> GitError:
    """Make sense of what git wrote when it failed."""
    if "dubious ownership" in errors or "unsafe repository" in errors:
        advice = next((line.strip() for line in errors.splitlines() if "safe.directory" in line), "")
        return GitError(
            "git refuses this repository because another user owns it",
            f"Run as the owner. If you trust the repository, run `{printable(advice)}`.",
        )
    if "not a git repository" in errors:
        return NoGitError("is not in a Git repository", "Run this in a clone, or give folders instead of revisions.")
    if "must be run in a work tree" in errors:
        return NoGitError("is not in a Git working tree", "Give a folder in a working tree, or a revision.")
    lines = [line for line in errors.splitlines() if line.strip()]
    reason = next((line for line in lines if line.startswith(("fatal: ", "error: "))), "".join(lines[:1]))
    reason = reason.removeprefix("fatal: ").removeprefix("error: ") or "it gives no reason"
    return GitError(
        f"`git {command}` failed: {printable(reason)}", f"Run `git {command}` in the repository to see more."
    )


# --- What Git lists in a working tree ---------------------------------------------


def work_tree_around(resolved: str) -> str | None:
    """The nearest folder around that contains a `.git`; spares a process where there is none."""
    folder = resolved
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def tree_around(folder: str) -> str:
    """The resolved folder that a repo's own paths must not lead out of: the working tree, or `folder` without Git."""
    resolved = os.path.realpath(folder)
    return work_tree_around(resolved) or resolved


def list_files(folder: str, *paths: str, tracked_only: bool) -> tuple[list[str], list[tuple[str, str]]]:
    """Ask Git for the files below `folder`, or for `paths` in it.

    Returns:
        Paths relative to `folder`, each once, and unreadable folders with the reason.

    Raises:
        NoGitError: It is in no working tree, or git is not installed.
        GitError: Git refuses.
    """
    others = () if tracked_only else ("--others", "--exclude-standard")
    answer = _ask(folder, "ls-files", "-z", "--cached", *others, "--", *paths)
    if answer.code != 0:
        raise _refusal("ls-files", answer.errors)
    # A file in an unsettled merge is listed once for each side.
    names = dict.fromkeys(os.fsdecode(answer.output).split("\0"))
    names.pop("", None)
    return list(names), list(_warnings(folder, answer.errors))


def _warnings(folder: str, errors: str) -> Iterator[tuple[str, str]]:
    start = "warning: could not open directory '"
    if start not in errors:
        return
    resolved = os.path.realpath(folder)
    below = os.path.relpath(resolved, work_tree_around(resolved) or resolved)
    for line in errors.splitlines():
        if line.startswith(start):
            name, _, reason = line.removeprefix(start).rpartition("': ")
            # Git names it from the top of the working tree.
            yield os.path.relpath(name, below), reason[:1].lower() + reason[1:]


def untracked(folder: str) -> list[str]:
    """The files below `folder`, relative to it, that Git neither tracks nor ignores; none where it cannot be asked."""
    try:
        answer = _ask(folder, "ls-files", "-z", "--others", "--exclude-standard")
    except GitError:
        return []
    return sorted(filter(None, os.fsdecode(answer.output).split("\0"))) if answer.code == 0 else []


def top_of_index() -> tuple[str, bytes] | None:
    """The Git directory of the current folder, and what the index lists, with the ids; None below the top of the tree.

    Raises:
        NoGitError: It is in no working tree, or git is not installed.
        GitError: Git refuses.
    """
    directory = b".git"
    if os.path.islink(".git") or not os.path.isdir(".git"):  # such as in a linked working tree
        directory, _, prefix = _git(".", "rev-parse", "--absolute-git-dir", "--show-prefix").partition(b"\n")
        if prefix.strip(b"\n"):
            return None
    return os.fsdecode(directory), _git(".", "ls-files", "--stage", "-z")


def remote_urls(folder: str) -> tuple[str, ...]:
    """The URLs of a repository's remotes; none where there is no repository, or no git."""
    try:
        answer = _ask(folder, "config", "--get-regexp", r"^remote\..*\.(push)?url$")
    except GitError:
        return ()
    lines = os.fsdecode(answer.output).splitlines() if answer.code == 0 else []
    return tuple(dict.fromkeys(url for line in lines if (url := line.partition(" ")[2])))


def branch_of(folder: str) -> str:
    """The branch that is checked out in a folder, empty where that is not known."""
    try:
        answer = _ask(folder, "symbolic-ref", "--short", "--quiet", "HEAD")
    except GitError:
        return ""
    return os.fsdecode(answer.output).strip() if answer.code == 0 else ""


def is_ignored(folder: str) -> bool:
    """Whether Git ignores all of `folder`.

    Raises:
        NoGitError: It cannot be asked.
        GitError: It does not answer in time.
    """
    return _ask(folder, "check-ignore", "--quiet", ".").code == 0


# --- Revisions -----------------------------------------------------------------


class Repository(NamedTuple):
    """A repository to read revisions from.

    Attributes:
        folder: Where it was opened; relative paths start here.
        prefix: That folder below the top of the working tree, with `/` at its end; empty at the top and in a bare
            repository.
        is_bare: It has no working tree.
        is_shallow: It was cloned without all of its history.
    """

    folder: str
    prefix: str
    is_bare: bool
    is_shallow: bool

    def place(self, path: str) -> str | None:
        """A path from the top of the tree, `""` for the top itself; None outside of it."""
        if os.path.isabs(path):
            path = os.path.relpath(os.path.realpath(path), os.path.realpath(self.folder))
        return normal(self.prefix + posix(path))

    def path(self, place: str) -> str:
        """A place of the tree as shown: relative to the folder where the repository was opened."""
        return place[len(self.prefix) :] if place.startswith(self.prefix) else posixpath.relpath(place, self.prefix)


def normal(path: str) -> str | None:
    """A path from the top of a tree without `.` and `..`, `""` for the top itself; None outside of it."""
    path = posixpath.normpath(path)
    if path == "." or path.startswith("/"):
        return "" if path == "." else None
    return None if path == ".." or path.startswith("../") else path


def open_repository(folder: str = ".") -> Repository:
    """Find the repository around `folder`, or the bare one that it is.

    Raises:
        NoGitError: There is none, or git is not installed.
        GitError: Git refuses it.
    """
    questions = ("--is-bare-repository", "--is-shallow-repository", "--show-prefix")
    # The prefix is last since a folder's name may contain a line break.
    bare, shallow, prefix = os.fsdecode(_git(folder, "rev-parse", *questions)).split("\n", 2)
    return Repository(
        folder=folder, prefix=prefix.removesuffix("\n"), is_bare=bare == "true", is_shallow=shallow == "true"
    )


def is_partial(repository: Repository) -> bool:
    """Whether it was cloned without all of its objects.

    Raises:
        NoGitError: It cannot be asked.
        GitError: It does not answer in time.
    """
    return _ask(repository.folder, "config", "--get-regexp", r"^remote\..*\.promisor$").code == 0


def resolve_revision(repository: Repository, text: str) -> str:
    """The id of the commit that the user's `text` names (`HEAD~2`, a branch, a tag, an abbreviated id).

    Raises:
        GitError: It names none, or none that this clone has.
    """
    unknown = f"`{printable(text)}` is not a known commit"
    if not text or text.startswith(("-", "^")) or "\0" in text:
        raise GitError(unknown, "Give a branch, a tag or a commit.")
    answer = _ask(repository.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}")
    if answer.code == 0:
        return answer.output.decode("ascii").strip()
    if answer.code != 1 and answer.errors.strip():
        raise _refusal("rev-parse", answer.errors)
    if repository.is_shallow:
        raise GitError(f"{unknown} in this clone, which is shallow", _DEEPEN)
    raise GitError(unknown, "Look for it with `git log --oneline --all`, or fetch it from its remote.")


_DEEPEN = (
    "Fetch the history with `git fetch --unshallow`; in CI use a full clone (`fetch-depth: 0` on GitHub, `GIT_DEPTH: "
    "0` on GitLab)."
)


def merge_base(repository: Repository, branch: str, revision: str) -> str:
    """The id of the commit where `revision` left `branch`; both as in `resolve_revision`.

    Raises:
        GitError: One of them is not a commit, or they have no history in common.
    """
    ours, theirs = resolve_revision(repository, branch), resolve_revision(repository, revision)
    answer = _ask(repository.folder, "merge-base", ours, theirs)
    if answer.code == 0:
        return answer.output.decode("ascii").split("\n", 1)[0]
    if answer.code != 1:
        raise _refusal("merge-base", answer.errors)
    message = f"`{printable(branch)}` and `{printable(revision)}` have no merge base"
    if repository.is_shallow:
        raise GitError(f"{message} in this clone, which is shallow", _DEEPEN)
    raise GitError(message, "Give the commit to compare with.")


def earlier_commits(repository: Repository, commit: str, paths: Iterable[str] = (".",), *, most: int) -> list[str]:
    """The newest commits before `commit` in which `paths` had other content, newest first, at most so many.

    Only first parents are followed: what a branch that is merged at once went through was never deployed.

    Args:
        repository: Where to look.
        commit: An id from `resolve_revision` or `merge_base`.
        paths: Files and folders, relative to `repository.folder`.
        most: How many commits at most.

    Raises:
        GitError: Git refuses.
    """
    places = {repository.place(path) for path in paths}
    narrow = len(places) <= AT_ONCE and "" not in places
    top = posixpath.relpath(".", repository.prefix or ".")
    asked = sorted(posixpath.join(top, place) for place in places if place is not None) if narrow else ()
    output = _git(repository.folder, "rev-list", "--first-parent", f"--max-count={most + 1}", commit, "--", *asked)
    return output.decode("ascii").split()[1:]  # the first is the one that made the content of `commit`


class TreeEntry(NamedTuple):
    """What a tree contains at a place: a file, a link, a folder or a submodule, by its mode; and the object's id."""

    mode: str
    blob: str


def ls_tree(repository: Repository, commit: str, *options: str, paths: Iterable[str] = ()) -> dict[str, TreeEntry]:
    """What `git ls-tree` says of a commit, by places from the top; with `paths`, of those alone.

    Raises:
        GitError: The commit's trees are not all there, or have a name that no working tree has.
    """
    output = _git(repository.folder, "ls-tree", *options, "-z", "--full-tree", commit, "--", *paths)
    entries = {}
    for record in os.fsdecode(output).split("\0")[:-1]:
        head, _, name = record.partition("\t")
        if _is_impossible(name):
            raise GitError(
                f"the commit contains `{printable(name)}`, which Git does not check out",
                "Run `git fsck` in the repository to find the damage.",
            )
        mode, _, blob = head.split(" ")
        entries[name] = TreeEntry(mode, blob)
    return entries


def tree_size(repository: Repository, commit: str, sought: Callable[[str], bool]) -> int:
    """Bytes of all files of a commit that are `sought`, by their places.

    Raises:
        GitError: The commit's objects are not all there.
    """
    output = _git(repository.folder, "ls-tree", "-r", "-l", "-z", "--full-tree", commit)
    size = 0
    for record in os.fsdecode(output).split("\0")[:-1]:
        head, _, name = record.partition("\t")
        own = head.split()[-1]
        if own.isdecimal() and sought(name):
            size += int(own)
    return size


def _is_impossible(name: str) -> bool:
    """Whether no working tree has a file of this name, as `verify_path` of Git's read-cache.c refuses it.

    Git itself lists it: an object may have any name, and whether one is refused when it is fetched is a setting.
    """
    around = f"/{name.lower()}/"
    if around.isascii() and not any(map(around.__contains__, (".git", "git~1", "//", "/./", "/../"))):  # nearly always
        return False
    return any(part in {"", ".", ".."} or is_git_name(part) for part in name.split("/"))
