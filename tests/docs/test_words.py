"""mirrorc speaks plain technical English: no string of the product and no page contains a word of the list."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import ROOT

WORDS = {
    r"stands?|stood|standing": "is",
    r"holds?|held|holding": "contains",
    r"(?<!there )(?:is|are|was|were) no(?! longer| more)": "is not a",
    r"behind": "after",
    r"mend(?:s|ed|ing)?": "fix",
    r"nobody|anybody|everybody": "say who",
    r"in vain": "is never used",
    r"told|tells?|telling": "report",
    r"strangers?": "unknown",
    r"the whole story": "the details",
    r"c[oa]mes? about": "happen",
    r"of (?:its|their|his|her|your|our) own": "its own",
    r"without a word": "silently",
    r"lets? in": "accept",
    r"turn(?:s|ed|ing)? round": "reverse",
    r"green light": "approval",
    r"what every \w+ chooses": "default",
    r"as (?:it|they) (?:is|are|was|were)": "unchanged",
    r"will do": "is enough",
    r"slips?": "typo",
    r"fork point": "merge base",
    r"one after another": "in a rolling update",
    r"work tree": "working tree",
    r"for ever": "never changes",
    r"afresh": "again",
}
"""Patterns of whole words, and what to write instead."""

EXCEPTIONS = {
    "stand-in": "a character that is read in the place of another",
    "`standing`": "an attribute",
    "must be run in a work tree": "what git prints",
}
"""Texts that may contain a word, by name, each with the reason."""

PAGES = (
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "action.yml",
    "Makefile",
    ".pre-commit-hooks.yaml",
    "ci/Containerfile",
    "ci/argocd-plugin.yaml",
    "ci/github-arguments.sh",
    "ci/github_comment.py",
    "ci/gitlab.yml",
    "ci/tekton-task.yaml",
    "examples/Makefile",
    "examples/github-workflow.yaml",
    "examples/pre-commit-config.yaml",
    "compiler/schema.json",
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").glob("*.md"))),
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").iterdir())),
)
MODULES = sorted(
    str(path.relative_to(ROOT)) for folder in ("compiler", "mirrorc", ".ci") for path in (ROOT / folder).rglob("*.py")
)

_WORDS = re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in WORDS), re.IGNORECASE)


def found(text: str) -> list[str]:
    """The words of a text that are on the list, outside of the exceptions."""
    for exception in EXCEPTIONS:
        text = text.replace(exception, "")
    return [match[0] for match in _WORDS.finditer(" ".join(text.split()))]


def strings(module: Path) -> Iterator[tuple[int, str]]:
    """Every text of three words or more in a module, docstrings included; what an f-string fills in is `{}`."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
        if len(text.split()) >= 3:
            yield node.lineno, text  # type: ignore[attr-defined]  # both have one


@pytest.mark.parametrize("module", MODULES)
def test_no_string_of_the_product_contains_a_word_of_the_list(module: str) -> None:
    assert [(line, words) for line, text in strings(ROOT / module) if (words := found(text))] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_contains_a_word_of_the_list(page: str) -> None:
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    assert [(number, words) for number, line in enumerate(lines, 1) if (words := found(line))] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the source `a` stands twice", ["stands"]),
        ("`x` is no port", ["is no"]),
        ("there is no port, and it is no longer used", []),
        ("lists it behind 1", ["behind"]),
        ("nodes understand it", []),
        ("a cluster accepts it Without\na word", ["Without a word"]),
        ("git: must be run in a work tree", []),
    ],
)
def test_words_are_found(text: str, words: list[str]) -> None:
    assert found(text) == words


def test_every_exception_is_needed() -> None:
    texts = [text for module in MODULES for _, text in strings(ROOT / module)]
    texts += [(ROOT / page).read_text(encoding="utf-8") for page in PAGES]
    for exception in EXCEPTIONS:
        assert any(exception in text for text in texts), exception
