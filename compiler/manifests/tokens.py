r"""Template files as YAML: placeholders become opaque tokens, and statements on their own lines become blanks.

In: the text of a file. Out: a `Masked` text of the same length that a YAML parser reads, and where statements make a
part of it conditional. Every character stays at its offset, so that what is found in the masked text points into the
file.

Read as placeholders are the forms that tools which make manifests use: `{{ x }}` (Jinja, Go, Helm), `{{hub x hub}}`
(ACM), `${X}`, `$X`, `$(x)` (shell, envsubst, Kustomize, Terraform), `${{X}}` (OpenShift Templates), `<x>`, `@x@`,
`@@x@@`, `%X%` and `__X__`, and, where the host of a name belongs, a bare word of capitals such as `MIRROR_HOST`.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from compiler.names.grammar import is_location
from compiler.names.reference import is_host_component
from compiler.names.scope import is_scope
from compiler.text.opaque import is_open, opaque
from compiler.text.span import File, Span


class Branch(NamedTuple):
    """A part of a text that a statement makes conditional.

    `chain` is the offset of the statement that begins its `if` or loop, `number` counts the branches of that.
    `repeated` says that it is the body of a loop.
    """

    start: int
    end: int
    chain: int
    number: int = 0
    repeated: bool = False


class Masked(NamedTuple):
    """A text to parse in place of a file's own.

    `is_changed` says that it differs from that; `blanks` are the offsets of lines that are one
    expression, which may render to anything.
    """

    text: str
    is_changed: bool = False
    branches: tuple[Branch, ...] = ()
    blanks: tuple[int, ...] = ()

    def is_plain(self, start: int, end: int) -> bool:
        """Whether a part of the text has nothing of a template."""
        if is_open(self.text[start:end]) or any(start <= blank < end for blank in self.blanks):
            return False
        return not any(branch.start < end and start < branch.end for branch in self.branches)


_MARKS = ("{{", "{%", "{#", "<%", "$", "%{", "__", "@", "<", "%")
"""A text without these contains no placeholder."""

MOST_STATEMENTS = 10_000
"""Statements of one file that are looked at: more make a text that no one writes."""

PLACEHOLDER = re.compile(
    r"""
    \$?\{\{ [^}\n]*+ (?:\}(?!\})[^}\n]*+)* (?P<braces>\}\})?
    | <%= [^%\n]*+ (?:%(?!>)[^%\n]*+)* (?P<erb>%>)?
    | \$\{ [^{}\n]*+ (?:\{[^{}\n]*+\}?[^{}\n]*+)* (?P<shell>\})?
    | \$\( [^()\n]*+ (?:\([^()\n]*+\)?[^()\n]*+)* (?P<command>\))?
    | (?P<whole> \$[A-Za-z_]\w*+
        | (?<!<)<[A-Za-z][^<>\n"']{0,80}>
        | @@\w++@@ | @[A-Za-z_]\w*+@
        | %(?![0-9A-Fa-f]{2}%)[A-Za-z_]\w*+%
        | (?<![A-Za-z0-9_])__[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)*__(?![A-Za-z0-9_])
    )
    """,
    re.VERBOSE,
)
"""A placeholder inside a line. One that is not closed is matched up to the end of its line without its last group, so
that no text is looked at twice."""
_MAY_BE_TOKEN = re.compile(
    r"\{[{%#]|<%|\$[\w{(]|%\{|<[A-Za-z][^<>\n]{0,80}>|@@\w|@[A-Za-z_]\w*@|%[A-Za-z_]\w*%|__[A-Z]",
)


def may_have_tokens(text: str) -> bool:
    """Whether a text may be a template, decided by a search."""
    return any(mark in text for mark in _MARKS) and _MAY_BE_TOKEN.search(text) is not None


_STATEMENT = re.compile(
    r"""
    \{%[-+~]?\s*+(?P<jinja>\w*+)[^%]*+(?:%(?!\})[^%]*+)*(?P<jinja_end>%\})?
    | \{\#[^#]*+(?:\#(?!\})[^#]*+)*(?P<comment_end>\#\})?
    | \{\{-?[ \t]*+/\*[^*]*+(?:\*(?!/)[^*]*+)*(?P<note_end>\*/[ \t]*+-?\}\})?
    | \{\{[-~]?[ \t]*+(?:(?P<go>if|else|end|range|with|define|block|template)\b|\$\w++[ \t]*+:?=)
        [^}]*+(?:\}(?!\})[^}]*+)*(?P<go_end>\}\})?
    | %\{~?[ \t]*+(?P<hcl>\w*+)[^}\n]*+(?P<hcl_end>\})?
    | <%(?P<erb>[^=%][^%]*+(?:%(?!>)[^%]*+)*)(?P<erb_end>%>)?
    """,
    re.VERBOSE,
)
"""A statement or comment, which is matched to the end of the text without its last group where it is not closed."""
_CLOSED = ("jinja_end", "comment_end", "note_end", "go_end", "hcl_end", "erb_end")
_OPENS = frozenset(
    ("if", "for", "range", "with", "unless", "define", "block", "macro", "filter", "call", "raw", "each")
)
_LOOPS = frozenset(("for", "range", "each"))
_INSERTS = frozenset(("include", "template"))
_NEXT = frozenset(("else", "elif"))
_ENDS = frozenset(("end", "endif", "endfor", "endmacro", "endfilter", "endcall", "endraw", "endblock"))
_EXPRESSION_LINE = re.compile(r"^[ \t]*+\{\{[^}]*+(?:\}(?!\})[^}]*+)*(?P<end>\}\}[ \t]*+(?=\r?$))?", re.MULTILINE)
_NOT_BREAK = re.compile(r"[^\r\n]")


def masked(text: str) -> Masked:
    """The text without the parts that only a template engine understands."""
    blanks: list[int] = []
    branches: tuple[Branch, ...] = ()
    written = text
    if any(mark in text for mark in ("{%", "{{", "{#", "<%", "%{")):
        text, branches = _without_statements(text, blanks)
        text = _EXPRESSION_LINE.sub(lambda match: _noted(match, blanks), text)
    replaced = with_tokens(text)
    return Masked(replaced, replaced != written, branches, tuple(sorted(blanks)))


def with_tokens(text: str) -> str:
    """A value with tokens for its placeholders."""
    parts: list[str] = []
    done = at = 0
    while (begin := _BEGINS.search(text, at)) is not None:
        at = begin.start()
        if text[at] in _DOUBLED and text[at + 1 : at + 2] != text[at]:
            at += 1
            continue
        match = PLACEHOLDER.match(text, at)
        if match is None:
            at += 1
            continue
        if match.lastgroup:
            parts += (text[done:at], opaque(match[0]))
            done = match.end()
        at = match.end()
    return "".join((*parts, text[done:])) if parts else text


_BEGINS = re.compile(r"[$<@%{_]")
"""How every placeholder begins: this is found much faster than one."""
_DOUBLED = "{_"
"""Of these there must be two."""


def _blank(text: str) -> str:
    return _NOT_BREAK.sub(" ", text)


def _line_blank(text: str, match: re.Match[str]) -> str:
    """A blank for a part of a text; at the start of a block scalar, where blanks must not be indented, a comment."""
    blank = _blank(match[0])
    line = text.rfind("\n", 0, match.start()) + 1
    if text[line : match.start()].strip() or not _begins_block(text, line):
        return blank
    at = len(match[0]) - len(match[0].lstrip())
    return f"{blank[:at]}#{blank[at + 1 :]}"


def _begins_block(text: str, line: int) -> bool:
    """Whether nothing but statements is between a line and the line above it that begins a block scalar."""
    for _ in range(_MOST_BEFORE):
        end = line - 1
        line = text.rfind("\n", max(end - _LONGEST_INLINE, 0), max(end, 0)) + 1
        above = text[line : max(end, 0)].strip()
        if not above.startswith(("{{", "{%")) or not above.endswith(("}}", "%}")):
            return _BLOCK.search(above) is not None
    return False


_MOST_BEFORE = 20
_BLOCK = re.compile(r"(?:[:-][ \t]+|^)[|>][-+0-9]*$")


def _noted(match: re.Match[str], blanks: list[int]) -> str:
    if match["end"] is None:
        return match[0]
    blanks.append(match.start())
    return _line_blank(match.string, match)


class _Open(NamedTuple):
    chain: int
    word: str
    start: int
    number: int


def _without_statements(text: str, blanks: list[int]) -> tuple[str, tuple[Branch, ...]]:
    """The text with blanks for statements and comments, and a token for a value that a statement chooses inline."""
    parts: list[str] = []
    branches: list[Branch] = []
    opened: list[_Open] = []
    at = 0
    for count, match in enumerate(_STATEMENT.finditer(text)):
        if count >= MOST_STATEMENTS:
            break
        if match.start() < at or not _is_closed(match):
            continue
        word = _word(match)
        parts.append(text[at : match.start()])
        at = match.end()
        if word in _OPENS and (end := _inline_end(text, match.start(), at)):
            parts.append(opaque(text[match.start() : end]))
            at = end
            continue
        parts.append(_line_blank(text, match))
        if word in _INSERTS:
            blanks.append(match.start())
        if word in _OPENS:
            opened.append(_Open(match.start(), word, match.end(), 0))
        elif word in _NEXT and opened:
            last = opened.pop()
            branches.append(_branch(last, match.start()))
            opened.append(last._replace(start=match.end(), number=last.number + 1))
        elif word in _ENDS and opened:
            branches.append(_branch(opened.pop(), match.start()))
    branches += (_branch(each, len(text)) for each in opened)
    parts.append(text[at:])
    return "".join(parts), tuple(sorted(branches))


def _is_closed(match: re.Match[str]) -> bool:
    return any(match[name] is not None for name in _CLOSED)


def _branch(opened: _Open, end: int) -> Branch:
    return Branch(opened.start, end, opened.chain, opened.number, opened.word in _LOOPS and opened.number == 0)


def _word(match: re.Match[str]) -> str:
    if match["erb"] is not None:
        words = match["erb"].strip(" -\n").split()
        last = words[-1] if words else ""
        return "each" if last == "do" or last.startswith("|") else words[0] if words else ""
    return str(match["jinja"] or match["go"] or match["hcl"] or "")


def _inline_end(text: str, start: int, at: int) -> int:
    """Where a statement that begins inside a line ends it, if something other than statements is between; else 0."""
    line = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", at)
    stop = len(text) if stop < 0 else stop
    if not text[line:start].strip() or stop - start > _LONGEST_INLINE:
        return 0
    depth, end = 1, 0
    for match in _STATEMENT.finditer(text, at, stop):
        word = _word(match)
        depth += (word in _OPENS) - (word in _ENDS)
        if depth == 0:
            end = match.end()
            break
    return end


_LONGEST_INLINE = 1_000

_MARKER = re.compile(r"\{\{|\{%|<%|\$\{|%\{")
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


# --- Words of capitals ---------------------------------------------------------------

_CAPITALS = re.compile(r"[A-Z][A-Z0-9_-]{0,99}+(?::[A-Z][A-Z0-9_]{0,99}+)?(?=[/:]|$)")
_SHORTEST = 3
_SAID = re.compile(r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{0,99}+(?![A-Za-z0-9_])")
_SAYS = re.compile(r"PLACEHOLDER|CHANGE|REPLACE|FIXME|TODO|YOUR_|_(?:HOST|PORT|REGISTRY|DOMAIN|NAME|TAG|VERSION)$")


def with_words(name: str) -> str:
    """A source, mirror or scope with tokens for bare words of capitals that replace a host or are a placeholder.

    A host may be written in capitals: one that has a dot or a port in digits, and no `_`, is not a placeholder.
    """
    match = _CAPITALS.match(name)
    if match is not None and len(match[0]) >= _SHORTEST:
        host = name.partition("/")[0]
        if "_" in host or not is_host_component(host) or not is_location(name):
            name = opaque(match[0]) + name[match.end() :]
    if not is_scope(name):
        name = _SAID.sub(lambda match: opaque(match[0]) if _SAYS.search(match[0]) else match[0], name)
    return name


def conditional_at(branches: Iterable[Branch], start: int, end: int) -> tuple[Branch, ...]:
    """The branches that contain a part of a text."""
    return tuple(branch for branch in branches if branch.start <= start and end <= branch.end)
