"""How to distinguish a typo from another name: one character too many, too few, wrong, or two swapped.

A digit is never a typo: `ubi8` and `ubi9` are different names.
"""

from collections.abc import Iterable


def is_slip(text: str, name: str) -> bool:
    """Whether one edit of a character that is not a digit, or one swap of neighbours, makes `name` of `text`."""
    start = 0
    while start < min(len(text), len(name)) and text[start] == name[start]:
        start += 1
    end = 0
    while end < min(len(text), len(name)) - start and text[-1 - end] == name[-1 - end]:
        end += 1
    differing, wanted = text[start : len(text) - end], name[start : len(name) - end]
    if _has_digit((differing, wanted)):
        return False
    if len(differing) == len(wanted) == 2:
        return differing == wanted[::-1]
    return max(len(differing), len(wanted)) == 1


def _has_digit(parts: Iterable[str]) -> bool:
    return any(character.isdigit() for part in parts for character in part)
