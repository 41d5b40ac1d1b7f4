"""What all tests share: settings of git that are nobody's, and empty folders and repositories to work in."""

import os
from pathlib import Path

import pytest

from tests.repositories import git


@pytest.fixture(scope="session")
def git_settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's own configuration of git, for every test the same."""
    settings = tmp_path_factory.mktemp("settings") / "gitconfig"
    settings.write_text(
        '[user]\n name = A\n email = a@example.com\n[init]\n defaultBranch = main\n[protocol "file"]\n allow = always\n'
    )
    return settings


@pytest.fixture(autouse=True)
def _own_git_settings(git_settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(git_settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder outside any repository, made the current one."""
    path = tmp_path / "work"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def repo(folder: Path) -> Path:
    """An empty repository, made the current folder."""
    git("init", "-q")
    return folder
