"""SECURITY.md: every promise names tests, and every test that it names exists."""

import ast
import re

import pytest

from tests.command import ROOT

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def promises() -> list[str]:
    """The items of the sections that promise something: each is a list item up to the next one or a blank line."""
    return re.findall(r"^- .*(?:\n  .*)*", TEXT, re.MULTILINE)


def test_there_are_promises() -> None:
    assert len(promises()) > 10


@pytest.mark.parametrize("promise", promises(), ids=lambda promise: promise[2:60])
def test_every_promise_names_a_test_that_exists(promise: str) -> None:
    named = _TEST.findall(promise)
    assert named, "a promise without a test"
    assert promise.count("::") == len(named), "a test that is not written as `tests/FILE.py::test_name`"
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in functions, f"{path} has no {name}"


def test_every_attack_on_files_is_promised_or_shows_what_keeps_working() -> None:
    """A test among the attacks that SECURITY.md does not name is a promise that was forgotten."""
    path = "tests/test_hostile_files.py"
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    named = {name for file, name in _TEST.findall(TEXT) if file == path}
    assert tests - named == {
        "test_a_link_that_leads_nowhere_is_reported",
        "test_a_repo_that_is_reached_by_a_link_builds",
        "test_a_listing_that_is_not_a_file_is_reported",
        "test_a_listed_pipe_is_kept_and_reported",
        "test_a_fix_reaches_the_file_that_a_link_in_the_tree_leads_to",
        "test_a_report_goes_wherever_else_the_user_names",
        "test_init_leaves_a_whole_file_and_nothing_else",
    }
