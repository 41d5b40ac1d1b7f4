"""What a side of a comparison is called: a Git revision, a folder, a file, standard input.

In: a name that a user gives. Out: what it means, or why it means nothing. A name that is a revision and a
path at once is an error; `git:NAME` and `./NAME` say which is meant.
"""

# Names go to Git and to the system as the user gave them, as texts.
# ruff: noqa: PTH110, PTH112, PTH117

import os
from dataclasses import dataclass
from enum import StrEnum

from compiler.repository import git
from compiler.repository.git import GitError, Repository
from compiler.repository.paths import STANDARD_INPUT, printable

REVISION_MARK = "git:"
"""In front of a name that is to be a revision whatever is on the disk."""

WORK_TREE = "."


class SideError(Exception):
    """A name that leads to no side, or a side that cannot be read; `help` says what to do."""

    def __init__(self, message: str, help: str) -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.help = help


class Kind(StrEnum):
    """What a name means."""

    REVISION = "revision"
    FOLDER = "folder"
    FILE = "file"
    STANDARD_INPUT = "standard input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A side by its name: `label` is what reports call it, `place` the id of a commit or a path.

    `is_given` says that the user named it; the working tree is also what is compared where no name is given.
    """

    kind: Kind
    label: str
    place: str = ""
    is_given: bool = True


def work_tree() -> Name:
    """The files as they lie in the current folder."""
    return Name(kind=Kind.FOLDER, label="the working tree", place=WORK_TREE, is_given=False)


def name_revision(text: str, repository: Repository) -> Name:
    """The commit that `text` names.

    Raises:
        SideError: It names none.
    """
    try:
        commit = git.resolve_revision(repository, text)
    except GitError as error:
        raise SideError(error.message, error.help) from error
    shown = printable(text)
    return Name(kind=Kind.REVISION, label=shown if commit == text else f"{shown} ({commit[:8]})", place=commit)


def name_fork_point(branch: str, revision: str, repository: Repository) -> Name:
    """The commit where `revision` left `branch`.

    Raises:
        SideError: One of them is not a commit, or they have none in common.
    """
    try:
        commit = git.merge_base(repository, branch, revision)
    except GitError as error:
        raise SideError(error.message, error.help) from error
    return Name(kind=Kind.REVISION, label=f"the merge base with {printable(branch)} ({commit[:8]})", place=commit)


def name_side(text: str, repository: Repository | None) -> Name:
    """What a name given by the user means.

    A name that is a revision and a path at once is an error: `git:NAME` and `./NAME` say which is meant.

    Args:
        text: The name.
        repository: Around the current folder, None where there is none.

    Raises:
        SideError: It means nothing, or two things.
    """
    if text == STANDARD_INPUT:
        return Name(kind=Kind.STANDARD_INPUT, label="standard input")
    if text.startswith(REVISION_MARK):
        if repository is None:
            raise SideError(f"{printable(text)}: is not in a Git repository", "Run this in a clone, or give a path.")
        return name_revision(text.removeprefix(REVISION_MARK), repository)
    at_path = _name_path(text)
    if repository is None or _is_plainly_a_path(text):
        if at_path is None:
            raise SideError(f"{printable(text)}: there is no such file or folder", "Check the spelling.")
        return at_path
    try:
        revision = name_revision(text, repository)
    except SideError as error:
        if at_path is not None:
            return at_path
        raise SideError(f"{error}, and there is no such file or folder", _help_for(text, error.help)) from error
    # A bare repository lies among files named HEAD and so on, none of which anyone means.
    if at_path is not None and not repository.is_bare:
        shown = printable(text)
        raise SideError(
            f"`{shown}` is both a revision and a path",
            f"Write `{REVISION_MARK}{shown}` for the revision, `./{shown}` for the path.",
        )
    return revision


def _name_path(text: str) -> Name | None:
    if not text or "\0" in text or not os.path.exists(text):
        return None
    kind = Kind.FOLDER if os.path.isdir(text) else Kind.FILE
    return Name(kind=kind, label=printable(text), place=text)


def _is_plainly_a_path(text: str) -> bool:
    return os.path.isabs(text) or text in {".", ".."} or text.startswith(("./", "../"))


def _help_for(text: str, help_: str) -> str:
    old, dots, new = text.partition("...") if "..." in text else text.partition("..")
    if not dots or not old:
        return help_
    old, new = printable(old), printable(new) or "HEAD"
    return f"Write `--merge-base {old} {new}`." if dots == "..." else f"Write them as two arguments: `{old} {new}`."


def open_repository(folder: str = ".") -> Repository | None:
    """The repository around a folder, None where there is none or no git to ask.

    Raises:
        SideError: There is one, but Git refuses it.
    """
    try:
        return git.open_repository(folder)
    except git.NoGitError:
        return None
    except GitError as error:
        raise SideError(error.message, error.help) from error


def required(repository: Repository | None) -> Repository:
    """The repository, where there has to be one.

    Raises:
        SideError: There is none.
    """
    if repository is None:
        raise SideError("the current folder is not in a Git repository", "Run this in a clone, or give OLD and NEW.")
    return repository
