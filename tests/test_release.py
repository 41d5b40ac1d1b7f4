"""`make release`, tried in a scratch clone."""

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.command import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the working tree as it is, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    folder = tmp_path / "clone"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("fixtures/upstream/", "fuzz/corpus/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "config", "user.name", "Tester")
    git(folder, "config", "user.email", "tester@example.com")
    git(folder, "config", "commit.gpgsign", "false")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All")
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or arguments[0] == "grep", done.stderr
    return done.stdout.strip()


def release(folder: Path, version: str) -> subprocess.CompletedProcess[str]:
    command = [
        "make",
        "--no-print-directory",
        "release",
        f"VERSION={version}",
        f"python={sys.executable}",
        "installed=",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_release_has_changelog_version_tag_files_and_checksums(clone: Path) -> None:
    project = clone / "pyproject.toml"
    project.write_text(
        project.read_text().replace("https://git.example.com/mirrorc", "https://git.corp.example/a/mirrorc")
    )
    git(clone, "commit", "--quiet", "--all", "--message", "Our place")
    done = release(clone, "1.2.3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "git push origin HEAD v1.2.3" in done.stdout
    assert git(clone, "log", "-1", "--format=%s") == "Release 1.2.3"
    assert git(clone, "cat-file", "-t", "v1.2.3") == "tag"
    assert git(clone, "rev-parse", "v1.2.3^{commit}") == git(clone, "rev-parse", "HEAD")
    assert git(clone, "status", "--porcelain") == ""
    changelog = (clone / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "unreleased" not in changelog.partition("\n- ")[0]
    assert changelog.splitlines()[2].startswith("## 1.2.3 (20")
    assert '__version__ = "1.2.3"' in (clone / "compiler" / "__init__.py").read_text(encoding="utf-8")
    assert "rev: v1.2.3" in (clone / "examples" / "pre-commit-config.yaml").read_text(encoding="utf-8")
    named = git(clone, "grep", "-n", "example/a/mirrorc", "--", "*.md", "*.toml", "*.y*ml")
    assert {line.partition(":")[0] for line in named.splitlines()} == {
        "pyproject.toml",
        "ci/gitlab.yml",
        "examples/pre-commit-config.yaml",
    }
    assert (
        git(clone, "grep", "--fixed-strings", "--name-only", "https://git.example.com/mirrorc", "--", "*.md", "*.y*ml")
        == ""
    )
    dist = clone / "dist"
    sums = dict(line.split("  ")[::-1] for line in (dist / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    assert sums == {
        name: hashlib.sha256((dist / name).read_bytes()).hexdigest()
        for name in ("mirrorc-1.2.3-py3-none-any.whl", "mirrorc-1.2.3.tar.gz")
    }
    with zipfile.ZipFile(dist / "mirrorc-1.2.3-py3-none-any.whl") as wheel:
        assert "compiler/templates/registries.conf.j2" in wheel.namelist()
    with tarfile.open(dist / "mirrorc-1.2.3.tar.gz") as source:
        assert "mirrorc-1.2.3/CHANGELOG.md" in source.getnames()


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("", "is not a version"),
        ("v1.2.3", "is not a version"),
        ("1.2", "is not a version"),
        ("1.2.3; true", "is not a version"),
        ("1.2.4", "the tag v1.2.4 exists"),
        ("1.2.5", "the working tree has changes"),
        ("1.2.6", "CHANGELOG.md must have one heading"),
        ("1.2.7", "CHANGELOG.md has no line about this release"),
    ],
)
def test_a_release_that_cannot_be_made_changes_nothing(clone: Path, version: str, said: str) -> None:
    changelog = clone / "CHANGELOG.md"
    if version == "1.2.4":
        git(clone, "tag", "v1.2.4")
    if version == "1.2.5":
        (clone / "new").write_text("")
    if version == "1.2.6":
        changelog.write_text("# Changelog\n\n## 0.1.0 (2025-01-01)\n\n- Old.\n")
        git(clone, "commit", "--quiet", "--all", "--message", "Released")
    if version == "1.2.7":
        changelog.write_text("# Changelog\n\n## 0.2.0 (unreleased)\n\n## 0.1.0 (2025-01-01)\n\n- Old.\n")
        git(clone, "commit", "--quiet", "--all", "--message", "Nothing new")
    head, state = git(clone, "rev-parse", "HEAD"), git(clone, "status", "--porcelain")
    done = release(clone, version)
    assert done.returncode != 0
    assert said in done.stderr
    assert (git(clone, "rev-parse", "HEAD"), git(clone, "status", "--porcelain")) == (head, state)
    assert not (clone / "dist").exists()


def test_the_examples_name_the_version_of_the_code() -> None:
    from compiler import __version__

    assert f"rev: v{__version__}\n" in (ROOT / "examples" / "pre-commit-config.yaml").read_text(encoding="utf-8")
    assert f"`mirrorc[kustomize]=={__version__}`" in (ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8")


def test_one_placeholder_says_where_the_repo_is() -> None:
    from tomllib import loads

    place = loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
    files = subprocess.run(["git", "ls-files", "*.md", "*.y*ml"], cwd=ROOT, capture_output=True, text=True, check=True)
    named = {
        match[0]
        for name in files.stdout.splitlines()
        if not name.startswith("fixtures/")
        for match in re.finditer(r"https?://[^\s`@]+/mirrorc(?=[\s`@])", (ROOT / name).read_text(encoding="utf-8"))
    }
    assert named == {place}
