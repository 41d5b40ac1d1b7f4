"""Words that many messages share: counts, lists that are shown in part, and what a typo was meant to be.

In: numbers and names. Out: pieces of sentences.
"""

import re
from collections.abc import Callable, Collection, Sequence

from compiler.text.opaque import revealed


def counted(count: int, noun: str, nouns: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"


def joined(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def some_of(names: Sequence[str], most: int, *, others: str = "more", of: int = 0) -> str:
    """The first names where there are too many, `a, b and 38 more`; else all, `a, b, c`.

    `of` is how many there are, where not all of them are given.
    """
    told = ", ".join(names[:most])
    count = max(of, len(names))
    return told if count <= most else f"{told} and {count - most} {others}"


def ticked(names: Sequence[str]) -> list[str]:
    """Names between backquotes."""
    return [f"`{name}`" for name in names]


_LONG = 24
"""A name that is longer is printed once."""


def once(first: str, second: str) -> Callable[[str], str]:
    """What two names are called after a sentence with both: themselves or, where they are long, by their order."""
    words = {first: "the first", second: "the second"} if max(len(first), len(second)) > _LONG else {}
    return lambda name: words.get(name) or f"`{name}`"


def nearest(text: str, known: Collection[str], *, cutoff: float = 0.75) -> str:
    """The known name that `text` is likely a typo of, or an empty string; a lower `cutoff` guesses more boldly."""
    from difflib import get_close_matches

    folded = {name.lower(): name for name in sorted(known)}
    near = get_close_matches(text.lower(), folded, n=1, cutoff=cutoff)
    return folded[near[0]] if near else ""


_SHOWN = 80


def shown(text: str) -> str:
    """A value as it goes into a message: printable, and not longer than a line."""
    text = revealed(text)
    shown = text if text.isprintable() else text.encode("unicode_escape").decode()
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


def natural(name: str) -> tuple[tuple[str, int], ...]:
    """A sort key that counts digits as numbers: `c2` comes before `c10`, and `c02` beside `c2`."""
    return (*tuple((text, int(digits or -1)) for text, digits in _NATURAL.findall(name)), (name, 0))


_NATURAL = re.compile(r"([^0-9]*)([0-9]{0,18})")
"""Text and the number after it; more digits than any number in a name has begin a separate number."""
