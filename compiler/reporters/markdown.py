"""Texts of a repo in Markdown, so that they show as what they are and do nothing.

In: text that anybody may have written. Out: Markdown for GitHub, GitLab and their kin: values in code spans, where
nothing is obeyed (no link, no mention, no HTML), and everything else escaped. A `|` is shown as `¦`, since tables know
no way to hold one that all renderers agree on.
"""

import re

from compiler.paths import printable

LONGEST_VALUE = 200
"""Characters of one value that are shown: no registry name comes near it."""

_QUOTED = re.compile(r"`([^`]*)`|\"([^\"]*)\"")
_SPECIAL = re.compile(r"[\\`*_\[\]<>&#~$]")
_LINK = re.compile(r"(?i)(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")


def code(text: str) -> str:
    """A value as a code span."""
    text = printable(text).replace("|", "¦")
    if len(text) > LONGEST_VALUE:
        text = text[: LONGEST_VALUE - 1] + "…"
    if not text:
        return "(empty)"
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str) -> str:
    """A sentence whose values stand between backticks or double quotes: those become code spans."""
    parts = []
    at = 0
    for match in _QUOTED.finditer(text):
        parts.append(plain(text[at : match.start()]))
        parts.append(code(match[1] if match[1] is not None else match[2]))
        at = match.end()
    return "".join((*parts, plain(text[at:])))


def plain(text: str) -> str:
    """Text that is nothing but text."""
    text = printable(text).replace("|", "¦")
    text = _SPECIAL.sub(r"\\\g<0>", text)
    text = _LINK.sub(lambda match: "\\".join(filter(None, match.groups())), text)
    # Mentions are found in what is rendered, where an escape is gone; only code keeps them from being found.
    return text.replace("@", "`@`")
