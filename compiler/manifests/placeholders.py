"""Which placeholders are equal: `{{x}}` and `{{ x }}` are one where a template engine sees one.

In: a placeholder as written, or a value with opaque tokens. Out: one text for all spellings. What differs between
equals: blanks and trim marks inside `{{ }}`, `x['y']` for `x.y`, and `$X` for `${X}`.
"""

import re

from compiler.text.opaque import is_open, respelled

_BRACES = re.compile(r"(?P<dollar>\$?)\{\{(?P<hub>hub\b)?[-~]?\s*(?P<inner>.*?)\s*[-~]?(?(hub)hub)\}\}", re.DOTALL)
_SHELL = re.compile(r"\$(?:(?P<bare>\w+)|\{\s*(?P<braces>\w+)\s*\})")
_ERB = re.compile(r"<%=\s*(.*?)\s*-?%>", re.DOTALL)
_ITEM = re.compile(r"""\[(["'])([A-Za-z_]\w*)\1\]""")
_BLANKS = re.compile(r"\s*(\||,)\s*")
_SPACES = re.compile(r"\s+")


def canonical(token: str) -> str:
    """One text for all spellings of a placeholder."""
    if match := _BRACES.fullmatch(token):
        inner = _SPACES.sub(" ", _BLANKS.sub(r"\1", _ITEM.sub(r".\2", match["inner"])))
        return f"{match['dollar']}{{{{{match['hub'] or ''} {inner} }}}}"
    if match := _SHELL.fullmatch(token):
        return f"${{{match['bare'] or match['braces']}}}"
    if match := _ERB.fullmatch(token):
        return f"<%= {match[1]} %>"
    return token


def comparable(text: str) -> str:
    """A value with each token as its canonical text, to be compared with others of the same kind."""
    return respelled(text, lambda token: f"\0{canonical(token)}\0") if is_open(text) else text
