"""Each promise of SECURITY.md has a test."""

import ast
import re

import pytest

from tests.command import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = [
    row
    for line in PAGE.splitlines()
    if (row := [cell.strip() for cell in line.strip().strip("|").split(" | ")])[0]
    and line.startswith("| ")
    and row[0] != "Promise"
]


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row[0][:60])
def test_a_promise_names_a_test_that_exists(row: list[str]) -> None:
    promise, test = row
    assert promise.endswith(".")
    named = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", test)
    assert named is not None, test
    tree = ast.parse((ROOT / named[1]).read_text(encoding="utf-8"))
    assert named[2] in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_there_are_promises() -> None:
    assert len(PROMISES) > 10
