"""Texts of a repo in Markdown, so that they show as what they are and do nothing.

In: text that anyone may have written. Out: Markdown for GitHub, GitLab and their kin: values in code spans, where
nothing is obeyed (no link, no mention, no HTML), and so are words that could mean anything but themselves. A `|` is
shown as `¦`, since tables know no way to write one that all renderers agree on.
"""

import re

from compiler.text.visible import visible

LONGEST_VALUE = 200
"""Characters of one value that are shown: no registry name comes near it."""

_QUOTED = re.compile(r"(?<![\w`])`([\s\S]{0,300}?)`(?![\w`])|\"([^\"]*)\"")
"""A value between backticks, which may have some itself, or between double quotes."""
_WORD = re.compile(r"[^ ]+")
_MEANS_MORE = re.compile(
    r"""[\\`*_\[\]<>&#~$!%@^{}=+|"]       # markup, and what users, issues, labels and the like are named with
    | :// | www\. | (?:mailto|xmpp):      # links without markup
    | :[\w+-]+:                          # a picture by its name
    | \bgh-\d                            # an issue again
    | ^(?:\d+[.)]|-+)$                   # what begins a list or a line across""",
    re.VERBOSE | re.IGNORECASE,
)
"""What makes a word more than a word to any of the renderers, or to what they send their result through."""


def code(text: str) -> str:
    """A value as a code span."""
    text = visible(text).replace("|", "¦")
    if len(text) > LONGEST_VALUE:
        text = text[: LONGEST_VALUE - 1] + "…"
    if not text:
        return "(empty)"
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    is_blank = not text.strip(" ")  # a renderer takes one space from either end, but of nothing else none
    space = " " if not is_blank and (text.startswith(("`", " ")) or text.endswith(("`", " "))) else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str) -> str:
    """A sentence whose values are between backticks or double quotes: those become code spans."""
    shown = ""
    at = 0
    for match in _QUOTED.finditer(text):
        shown = _joined(shown, plain(text[at : match.start()]))
        shown = _joined(shown, code(match[1] if match[1] is not None else match[2]))
        at = match.end()
    return _joined(shown, plain(text[at:]))


def plain(text: str) -> str:
    """Text that is nothing but text: a word that could mean more is shown as a value is.

    An escape would not do: users and issues are looked for in what is rendered, where it is gone.
    """
    return _WORD.sub(lambda word: code(word[0]) if _MEANS_MORE.search(word[0]) else word[0], visible(text))


def _joined(left: str, right: str) -> str:
    """Two pieces side by side; the fences of two code spans that touch would be taken for one."""
    return f"{left} {right}" if left.endswith("`") and right.startswith("`") else left + right
