"""Each comment that switches a linter or the type checker off, and each test that may be skipped, gives its reason."""

import ast
import io
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import ROOT

FOLDERS = ("compiler", "mirrorc", "tests", "fuzz", "bench", ".ci")
MODULES = sorted(str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))

_MARK = re.compile(r"#\s*(?P<whole>ruff:\s*|flake8:\s*|mypy:\s*)?(?:noqa|type:\s*ignore|ignore-errors)\b(?P<rest>.*)")
_REASON = re.compile(r":\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*\s+-\s+\w.+|\[[\w-]+(?:,\s*[\w-]+)*\]\s+#\s+\w.+")
_SKIPS = ("skip", "skipif", "importorskip", "xfail")


def comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def unexplained_comments(text: str) -> list[int]:
    """Lines with a mark without its reason: after the codes, or above the mark of a whole file.

    A mark names its codes: one without them switches off what nobody has thought of.
    """
    wrong = []
    above = dict(comments(text)) if _MARK.search(text) else {}  # most modules have none
    for line, comment in above.items():
        mark = _MARK.search(comment)
        if mark is None:
            continue
        if mark["whole"] and mark["rest"].strip() and line - 1 in above:
            continue
        if not _REASON.fullmatch(mark["rest"]):
            wrong.append(line)
    return wrong


def unexplained_skips(text: str) -> list[int]:
    """Lines where pytest skips a test, or expects it to fail, without words that say why."""
    wrong: list[int] = []
    if not any(name in text for name in _SKIPS):
        return wrong
    tree = ast.parse(text)
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr in _SKIPS and _is_pytest(node.value)):
            continue
        call = called.get(id(node))
        given = [] if call is None else [each.value for each in call.keywords if each.arg == "reason"]
        if call is not None and node.attr == "skip":
            given += call.args[:1]
        if not any(
            isinstance(each, ast.JoinedStr) or (isinstance(each, ast.Constant) and each.value) for each in given
        ):
            wrong.append(node.lineno)
    return wrong


def _is_pytest(node: ast.expr) -> bool:
    return ast.unparse(node) in {"pytest", "pytest.mark", "mark"}


@pytest.mark.parametrize("module", MODULES)
def test_every_mark_gives_its_reason(module: str) -> None:
    text = (ROOT / module).read_text(encoding="utf-8")
    assert unexplained_comments(text) + unexplained_skips(text) == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("x = 1  # noqa: E501 - one rule is one line", []),
        ("x = 1  # noqa: FBT001, FBT002 - see below", []),
        ("x = 1  # noqa: E501", [1]),
        ("x = 1  # noqa - all of them", [1]),
        ("x = 1  # noqa", [1]),
        ("x = 1  # type: ignore[index]  # a list", []),
        ("x = 1  # type: ignore[index]", [1]),
        ("x = 1  # type: ignore", [1]),
        ("# ruff: noqa: PTH118", [1]),
        ("# Names are texts.\n# ruff: noqa: PTH118", []),
        ("x = '# noqa'", []),
    ],
)
def test_marks_are_found(line: str, wrong: list[int]) -> None:
    assert unexplained_comments(f"{line}\n") == wrong


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("pytest.skip('this git is too old')", []),
        ("pytest.skip(f'{name} is not installed')", []),
        ("pytest.skip()", [1]),
        ("pytest.skip(allow_module_level=True)", [1]),
        ("pytest.importorskip('x')", [1]),
        ("pytest.importorskip('x', reason='drives the browser')", []),
        ("pytest.mark.skipif(True, reason='root may do this')", []),
        ("pytest.mark.skipif(True)", [1]),
        ("pytest.mark.xfail", [1]),
        ("pytest.mark.xfail(reason='')", [1]),
        ("queue.skip()", []),
    ],
)
def test_skips_are_found(line: str, wrong: list[int]) -> None:
    assert unexplained_skips(f"{line}\n") == wrong


SKIPPED = """
import shutil
import pytest

@pytest.mark.skipif(shutil.which("no-such-program") is None, reason="no-such-program is not installed")
def test_it() -> None:
    pass

@pytest.mark.skipif(True, reason="root may do this")
def test_other() -> None:
    pass
"""


def test_in_ci_a_program_that_is_not_installed_fails_its_test(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(SKIPPED)
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_runtest_makereport\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-ra"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CI": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ERROR test_one.py::test_it - Skipped: no-such-program is not installed" in done.stdout
    assert "1 skipped, 1 error" in done.stdout
