"""ARCHITECTURE.md shows the real values, and the recipes of CONTRIBUTING.md name files that exist, and only a few."""

import doctest
import re

import pytest

from tests.command import ROOT

ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

MOST_FILES = {"Add a kind of manifest": 8, "Add a file on the node": 8}
"""Recipes that may touch more than four places."""

_RECIPE = re.compile(r"^### (.+)\n((?:(?!^#).*\n)*)", re.MULTILINE)
_STEP = re.compile(r"^\d+\. `([^`]+)`", re.MULTILINE)


def test_the_values_on_the_way_are_what_the_page_shows() -> None:
    test = doctest.DocTestParser().get_doctest(ARCHITECTURE.replace("```", ""), {}, "ARCHITECTURE.md", None, 0)
    result = doctest.DocTestRunner().run(test)
    assert result.attempted >= 15
    assert result.failed == 0


def test_every_wing_has_a_purpose() -> None:
    wings = {path.parent.name for path in (ROOT / "compiler").glob("*/__init__.py")}
    named = set(re.findall(r"`(\w+)/`", ARCHITECTURE[: ARCHITECTURE.index("## Principles")]))
    assert named - {"compiler"} == wings


@pytest.mark.parametrize("module", re.findall(r"`(compiler/[\w/]+\.py)`", ARCHITECTURE))
def test_a_module_that_is_named_exists(module: str) -> None:
    assert (ROOT / module).is_file()


@pytest.mark.parametrize(("recipe", "steps"), _RECIPE.findall(CONTRIBUTING), ids=lambda each: each[:30].strip())
def test_a_recipe_touches_few_files_and_they_exist(recipe: str, steps: str) -> None:
    files = _STEP.findall(steps)
    assert 0 < len(files) <= MOST_FILES.get(recipe, 4)
    for file in files:
        assert (ROOT / file).exists(), file


def test_all_recipes_are_there() -> None:
    assert [recipe for recipe, _ in _RECIPE.findall(CONTRIBUTING)] == [
        "Add a rule",
        "Add an output format",
        "Add a kind of manifest",
        "Add a release",
        "Add a command",
        "Add a file on the node",
        "Change the ordering of mirrors",
    ]
