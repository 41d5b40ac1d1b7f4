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


def test_no_attack_on_files_is_forgotten() -> None:
    """A test among the attacks that SECURITY.md does not name holds a promise that was not written down."""
    path = "tests/test_hostile_files.py"
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    assert {test for test in tests if f"`{path}::{test}`" not in PAGE} == {
        "test_a_link_that_leads_nowhere_is_reported",
        "test_a_repo_that_is_reached_by_a_link_builds",
        "test_a_listing_that_is_not_a_file_is_reported",
        "test_a_listed_pipe_is_kept_and_reported",
        "test_a_fix_reaches_the_file_that_a_link_in_the_tree_leads_to",
        "test_a_report_goes_wherever_else_the_user_names",
        "test_init_leaves_a_whole_file_and_nothing_else",
    }
