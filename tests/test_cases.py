"""Small repos, one point each: the artifacts and every word told, as files under `fixtures/cases/`.

A case is a folder with a `repo`, a `README.md` that says its point and, where it needs some, `arguments`. What a build
makes is kept in `rendered`, what it says in `told.txt`; `make accept` rewrites both.
"""

import shlex
import shutil
from pathlib import Path

import pytest

from tests.command import FIXTURES, run_mirrorc, tree
from tests.golden import Golden

CASES = sorted(path.name for path in (FIXTURES / "cases").iterdir())


@pytest.mark.golden
@pytest.mark.parametrize("name", CASES)
def test_a_case_is_compiled_and_told_as_recorded(name: str, golden: Golden, tmp_path: Path) -> None:
    case = FIXTURES / "cases" / name
    arguments = (case / "arguments").read_text().split() if (case / "arguments").exists() else []
    shutil.copytree(case / "repo", tmp_path / "repo")
    call = ["build", "repo", "-o", "rendered", *arguments]
    done = run_mirrorc(*call, cwd=tmp_path)
    assert done.stdout == ""
    golden.file(case / "told.txt", f"$ mirrorc {shlex.join(call)}\n{done.stderr}exit code {done.code}\n")
    golden.folder(case / "rendered", tree(tmp_path / "rendered") if (tmp_path / "rendered").exists() else {})


@pytest.mark.parametrize("name", CASES)
def test_a_case_holds_what_a_case_is_made_of(name: str) -> None:
    found = {path.name for path in (FIXTURES / "cases" / name).iterdir()}
    assert {"README.md", "repo", "told.txt"} <= found <= {"README.md", "repo", "told.txt", "rendered", "arguments"}
