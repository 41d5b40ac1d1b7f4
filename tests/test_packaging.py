"""What is shipped: a wheel and an sdist that work where there is no checkout."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from compiler import __version__
from tests.command import FIXTURES, ROOT, run_mirrorc, tree

pytestmark = pytest.mark.xdist_group("packaging")  # built and installed once

TEMPLATES = {path.name for path in (ROOT / "templates").iterdir()}


def run(*arguments: str | Path, cwd: Path) -> None:
    done = subprocess.run(list(map(str, arguments)), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from that sdist."""
    folder = tmp_path_factory.mktemp("shipped")
    # Without isolation: the back end of the development environment, no download.
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def elsewhere(shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh virtual environment that holds the wheel, with its dependencies from here."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    (purelib,) = (folder / "venv").glob("lib/python*/site-packages")
    (wheel,) = shipped.glob("*.whl")
    run(folder / "venv/bin/python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    here = {Path(path) for path in sys.path if path.endswith("site-packages")}
    (purelib / "dependencies.pth").write_text("".join(f"{path}\n" for path in sorted(here)))
    return folder / "venv/bin/python"


def test_the_wheel_builds_the_same_bytes_elsewhere(elsewhere: Path, tmp_path: Path) -> None:
    repo = FIXTURES / "gitops-repo"
    done = run_mirrorc(
        "build", repo / "base", repo / "clusters/north", "-o", tmp_path / "out", cwd=tmp_path, python=elsewhere
    )
    assert done.code == 0, done.stderr
    assert tree(tmp_path / "out") == tree(FIXTURES / "rendered/north")


def test_the_wheel_is_what_runs_there(elsewhere: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [elsewhere, "-c", "import compiler; print(compiler.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(elsewhere.parent.parent)


def test_the_wheel_installs_the_command(elsewhere: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [elsewhere.parent / "mirrorc", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"mirrorc {__version__}\n"


def test_the_wheel_holds_what_it_needs_and_nothing_else(shipped: Path) -> None:
    (wheel,) = shipped.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    modules = {
        path.relative_to(ROOT).as_posix() for top in ("compiler", "mirrorc") for path in (ROOT / top).rglob("*.py")
    }
    templates = {f"compiler/templates/{name}" for name in TEMPLATES}
    ours = {name for name in names if ".dist-info/" not in name}
    examples = {f"compiler/examples/{name}" for name in tree(FIXTURES / "rules")}
    assert ours == modules | templates | examples | {"compiler/py.typed", "compiler/schema.json", "mirrorc/py.typed"}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_wheel_explains_a_rule_elsewhere(elsewhere: Path, tmp_path: Path) -> None:
    done = run_mirrorc("rules", "order-conflict", cwd=tmp_path, python=elsewhere)
    assert (done.code, done.stdout) == (0, run_mirrorc("rules", "order-conflict").stdout)


def test_the_sdist_holds_the_templates_and_the_examples(shipped: Path) -> None:
    (sdist,) = shipped.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"templates/{name}" for name in TEMPLATES} <= names
    assert {f"fixtures/rules/{name}" for name in tree(FIXTURES / "rules")} <= names
    assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "compiler/py.typed"} <= names
    assert not any(name.startswith(("tests", "fixtures/gitops-repo", "fixtures/upstream", ".ci")) for name in names)
