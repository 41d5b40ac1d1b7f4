"""Breaks texts for people into lines.

In: a text and a width. Out: the lines that `textwrap` makes of it where it breaks neither words nor at hyphens, in a
fraction of the time for the usual text: reports have hundreds of thousands of them.
"""

import textwrap


def wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """The lines of a text; none for one without words. A word that is longer than the width is alone on its line.

    Args:
        text: What is broken.
        width: The most characters of a line.
        first: What the first line starts with.
        rest: What the others start with.
    """
    if not text.isprintable() or text[:1] in {"", " "} or text[-1] == " " or "  " in text:
        return textwrap.wrap(
            text,
            width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
    room = width - len(first)
    if len(text) <= room:
        return [first + text]
    lines = []
    lead = first
    words: list[str] = []
    for word in text.split(" "):
        if words and len(word) > room:
            lines.append(lead + " ".join(words))
            lead, words, room = rest, [], width - len(rest)
        words.append(word)
        room -= len(word) + 1
    return [*lines, lead + " ".join(words)]
