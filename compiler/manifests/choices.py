"""The parts of a template that its statements make conditional, and which of them can be taken together.

In: the statements of a text with their conditions. Out: `Branch`es, and *readings*: for each of them one of the
branches of every `if` is taken, so that no two in one reading exclude each other and each is in at least one.

Conditions with equal texts are equal: `{% if new %}` at two places decides the same way at both, and so do `new` and
`not new`, and `site == 'a'` and `site == 'b'`. What else conditions have to do with each other is not known.
"""

import re
from collections.abc import Iterable, Sequence

from compiler.manifests.branches import Branch, Choice

MOST_READINGS = 16
_MOST_CHOICES = 2_000
"""Branches with a choice, beyond which all are read at once: no one writes such a text."""

_SPACES = re.compile(r"\s+")
_NOT = re.compile(
    r"(?:not\b ?|!(?!=) ?)(?:\((?P<inner>[^()]*)\)|(?P<rest>[^ ()]+(?: ?\| ?\w+)*(?: is (?:not )?defined)?))\Z"
)
_SEVERAL = re.compile(r" (?:and|or) |&&|\|\||\b(?:and|or) [(.$]")
_LITERAL = r"""(?:"[^"\\]*"|'[^'\\]*'|-?\d+(?:\.\d+)*|[Tt]rue|[Ff]alse)"""
_EQUAL = re.compile(rf"(?P<of>[^=!<>]+?) ?(?P<operator>==|!=) ?(?P<value>{_LITERAL})")
_GO_EQUAL = re.compile(rf"(?P<operator>eq|ne) (?P<of>[^\s()]+) (?P<value>{_LITERAL})")
_IN_WORDS = (("is not defined", "is defined"), ("is undefined", "is defined"), (" not in ", " in "))
_LONGEST = 500


def choice_of(condition: str) -> Choice:
    """When a condition is true."""
    text = _SPACES.sub(" ", condition).strip()[:_LONGEST]
    negated = False
    while (match := _NOT.match(text)) is not None:
        negated = not negated
        text = (match["inner"] or match["rest"] or "").strip()
    if _SEVERAL.search(text):
        return Choice(text, ("true",), negated)
    for words, plain in _IN_WORDS:
        if words in text:
            text, negated = text.replace(words, plain), not negated
    equal = _EQUAL.fullmatch(text) or _GO_EQUAL.fullmatch(text)
    if equal is not None:
        is_not = equal["operator"] in {"!=", "ne"}
        return Choice(f"{equal['of'].strip()} ==", (equal["value"].strip("\"'"),), negated != is_not)
    return Choice(text, ("true",), negated)


def choices_of(conditions: Sequence[str | None], chain: int) -> list[Choice]:
    """When each branch of an `if` is taken: its conditions in order, None for an `else` or a loop."""
    found = [choice_of(condition) if condition is not None else None for condition in conditions]
    first = found[0]
    if len(found) == 1:
        return [first or Choice()]
    if first is not None and all(each is None for each in found[1:]) and len(found) == 2:
        return [first, first._replace(negated=not first.negated)]
    known = [each for each in found if each is not None]
    if first is not None and all(each.of == first.of and not each.negated for each in known) and None not in found[:-1]:
        values = tuple(value for each in known for value in each.values)
        return [each or Choice(first.of, values, negated=True) for each in found]
    return [Choice(f"{chain}", (str(number),)) for number in range(len(found))]


Reading = dict[str, str]
"""A value for what conditions are about; for what it does not name, the first branch is taken."""


def readings(branches: Sequence[Branch]) -> list[tuple[Branch, ...]]:
    """The branches that each reading leaves out; one reading if all can be taken together."""
    choosing = [branch for branch in branches if branch.choice.of]
    defaults: Reading = {}
    for branch in choosing:
        defaults.setdefault(branch.choice.of, branch.choice.wanted)
    if len(choosing) > _MOST_CHOICES or all(each.choice.takes(defaults[each.choice.of]) for each in choosing):
        return [()]
    found: list[Reading] = [defaults]
    around: list[Branch] = []
    for branch in choosing:
        while around and around[-1].end <= branch.start:
            around.pop()
        around.append(branch)
        needed = _needed(around)
        if needed is None or len(found) >= MOST_READINGS:
            continue
        if all(each.choice.takes(defaults[each.choice.of]) for each in around):
            continue
        for reading in found[1:]:
            if all(reading.get(of, value) == value for of, value in needed.items()):
                reading.update(needed)
                break
        else:
            found.append(needed)
    return [tuple(_left_out(choosing, {**defaults, **reading})) for reading in found]


def _needed(around: Iterable[Branch]) -> Reading | None:
    """What makes a template take a branch and those around it; None if nothing does."""
    needed: Reading = {}
    for each in around:
        choice = each.choice
        if choice.of not in needed:
            needed[choice.of] = choice.wanted
        elif not choice.takes(needed[choice.of]):
            return None
    return needed


def _left_out(choosing: Iterable[Branch], reading: Reading) -> Iterable[Branch]:
    end = -1
    for branch in choosing:
        if branch.start >= end and not branch.choice.takes(reading[branch.choice.of]):
            end = branch.end
            yield branch
