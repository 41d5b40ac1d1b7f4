"""Whether a text may be a template, decided by a search: most files are none, and cost no more than this.

In: a text. Out: whether it may have placeholders, and where the first mark of a template language is. What a template
is read as is said in `tokens`.
"""

import re

from compiler.text.span import File, Span

_MARKS = ("{{", "{%", "{#", "<%", "$", "%{", "__", "@", "<", "%", "[[")
"""A text without these contains no placeholder."""
_MAY_BE_TOKEN = re.compile(
    r"\{[{%#]|<%|\[\[-?[ \t]*(?:[.$]|if\b|range\b|with\b)|\[\[[ \t]*+[A-Za-z_][\w.]*+[ \t]*+\]\][\w/:.-]|"
    r"[\w.][/:]\[\[[ \t]*+[A-Za-z_]|[:-][ ]\[\[[ ][A-Za-z_][\w.]*+[ ]\]\]|[\"']\[\[[ ](?!registry\b)[A-Za-z_]|"
    r"\$[\w{(]|%\{|<[A-Za-z][^<>\n]{0,80}>|@@\w|@[A-Za-z_]\w*@|%[A-Za-z_]\w*%|__[A-Z]",
)


def may_have_tokens(text: str) -> bool:
    """Whether a text may be a template, decided by a search."""
    return any(mark in text for mark in _MARKS) and _MAY_BE_TOKEN.search(text) is not None


_MARKER = re.compile(r"\{\{|\{%|<%|\$\{|%\{|\[\[-?[ \t]*(?:[.$]|if\b|range\b)")
_COMMENT = re.compile(r"""^(?:[^\n#"']++|(?<=\S)\#|"[^"\n]*"|'[^'\n]*')*(?P<comment>\#[^\n]*)""", re.MULTILINE)
"""A line up to its end if that is a comment: a `#` in quotes, or right after another character, begins none."""


def template_mark(file: File, start: int, end: int) -> Span | None:
    """The first mark of a template language that no comment contains."""
    while match := _MARKER.search(file.text, start, end):
        line = file.text.rfind("\n", 0, match.start()) + 1
        comment = _COMMENT.match(file.text, line)
        if comment is None or comment.start("comment") > match.start():
            return Span(file, match.start(), match.end())
        start = comment.end()
    return None
