"""Real git on real folders, for tests."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from compiler.repository.commit_tree import RevisionListing, list_revision_each
from compiler.repository.discovery import Discovery, discover
from compiler.repository.git import Repository
from compiler.repository.paths import Problem


def git(*arguments: str, at: Path | None = None) -> str:
    done = subprocess.run(["git", *arguments], cwd=at, check=True, capture_output=True)
    return os.fsdecode(done.stdout).strip()


def commit(message: str = "x", *, at: Path | None = None) -> str:
    git("add", "-A", at=at)
    git("commit", "-q", "--allow-empty", "-m", message, at=at)
    return git("rev-parse", "HEAD", at=at)


def write(root: Path, *names: str, text: str = "a: 1\n") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def repository(parent: Path, files: Mapping[str, str], name: str = "repo") -> Path:
    """A new repository with these files in one commit."""
    root = parent / name
    root.mkdir()
    git("init", "-q", "-b", "main", at=root)
    for path, text in files.items():
        write(root, path, text=text)
    commit(at=root)
    return root


def paths(discovery: Discovery) -> list[str]:
    assert discovery.problems == ()
    return [candidate.path for candidate in discovery.candidates]


def found(*arguments: str, tracked_only: bool = False) -> list[str]:
    return paths(discover(arguments, tracked_only=tracked_only))


def list_revision(repository: Repository, commit_: str, paths_: Iterable[str] = (".",)) -> RevisionListing:
    (listing,) = list_revision_each(repository, commit_, [paths_])
    return listing


def told(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(one.path, one.message) for one in problems]
