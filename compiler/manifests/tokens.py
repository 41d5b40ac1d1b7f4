r"""Template files as YAML: placeholders become opaque tokens, and statements on their own lines become blanks.

In: the text of a file. Out: a `Masked` text of the same length that a YAML parser reads, and where statements make a
part of it conditional. Every character stays at its offset, so that what is found in the masked text points into the
file.

Read as placeholders are the forms that tools which make manifests use: `{{ x }}` (Jinja, Go, Helm), `{{hub x hub}}`
(ACM), `${X}`, `$X`, `$(x)` (shell, envsubst, Kustomize, Terraform), `${{X}}` (OpenShift Templates), `<x>`, `@x@`,
`@@x@@`, `%X%`, `%%X%%`, `[[ x ]]` and `__X__`, and, where the host of a name belongs, a bare word of capitals such as
`MIRROR_HOST`.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from compiler.manifests.branches import Branch, Masked
from compiler.manifests.choices import choices_of, readings
from compiler.names.grammar import is_location
from compiler.names.reference import is_host_component
from compiler.names.scope import is_scope
from compiler.text.opaque import opaque

_DEEPEST = 100
"""Branches inside each other that are separate: deeper ones are parts of these."""
MOST_STATEMENTS = 10_000
"""Statements of one file that are looked at: more make a text that no one writes."""

PLACEHOLDER = re.compile(
    r"""
    \{\{ [^{}\n]*+ (?:\{\{ [^{}\n]*+ \}\} [^{}\n]*+)++ (?P<nested>\}\})
    | \$?\{\{ [^}\n]*+ (?:\}(?!\})[^}\n]*+)* (?P<braces>\}\})?
    | <%= [^%\n]*+ (?:%(?!>)[^%\n]*+)* (?P<erb>%>)?
    | \$\{ [^{}\n]*+ (?:\{[^{}\n]*+\}?[^{}\n]*+)* (?P<shell>\})?
    | \$\( [^()\n]*+ (?:\([^()\n]*+\)?[^()\n]*+)* (?P<command>\))?
    | (?P<whole> \$[A-Za-z_]\w*+
        | (?<!<)<[A-Za-z][^<>\n"']{0,80}>
        | @@\w++@@ | @[A-Za-z_]\w*+@
        | \[\[-?[ \t]*+[.$][^\]\n]*+\]\]
        | (?:(?<=[\w.]/)|(?<=[\w.]:))\[\[[ \t]*+[A-Za-z_][\w.]*+[ \t]*+\]\]
        | \[\[[ \t]*+[A-Za-z_][\w.]*+[ \t]*+\]\](?=[\w/:.-])
        | (?<=[:-][ ])\[\[[ ][A-Za-z_][\w.]*+[ ]\]\](?=[ \t]*+\r?(?:\n|\Z))
        | (?<=["'])\[\[[ ](?!registry\b)[A-Za-z_][\w.]*+[ ]\]\](?=["'])
        | %%[A-Za-z_]\w*+%% | %(?![0-9A-Fa-f]{2}%)[A-Za-z_]\w*+%
        | (?<![A-Za-z0-9_])__[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)*__(?![A-Za-z0-9_])
    )
    """,
    re.VERBOSE,
)
"""A placeholder inside a line. One that is not closed is matched up to the end of its line without its last group, so
that no text is looked at twice."""


_STATEMENT = re.compile(
    r"""
    \{%[-+~]?\s*+(?P<jinja>\w*+)[^%]*+(?:%(?!\})[^%]*+)*(?P<jinja_end>%\})?
    | \{\#[^#]*+(?:\#(?!\})[^#]*+)*(?P<comment_end>\#\})?
    | \{\{-?[ \t]*+/\*[^*]*+(?:\*(?!/)[^*]*+)*(?P<note_end>\*/[ \t]*+-?\}\})?
    | \{\{[-~]?[ \t]*+(?:(?P<go>if|else|end|range|with|define|block|template)\b|\$\w++[ \t]*+:?=)
        [^}]*+(?:\}(?!\})[^}]*+)*(?P<go_end>\}\})?
    | \[\[-?[ \t]*+(?P<square>if|else|end|range|with)\b[^\]\n]*+(?P<square_end>\]\])?
    | %\{~?[ \t]*+(?P<hcl>\w*+)[^}\n]*+(?P<hcl_end>\})?
    | <%(?P<erb>[^=%][^%]*+(?:%(?!>)[^%]*+)*)(?P<erb_end>%>)?
    """,
    re.VERBOSE,
)
"""A statement or comment, which is matched to the end of the text without its last group where it is not closed."""
_CLOSED = ("jinja_end", "comment_end", "note_end", "go_end", "square_end", "hcl_end", "erb_end")
_OPENS = frozenset(
    ("if", "for", "range", "with", "unless", "define", "block", "macro", "filter", "call", "raw", "each")
)
_LOOPS = frozenset(("for", "range", "each"))
_INSERTS = frozenset(("include", "template"))
_IN_VALUES = frozenset(("include", "template", "set", "do", "import", "from"))
_NEXT = frozenset(("else", "elif", "elsif", "elseif"))
_ENDS = frozenset(("end", "endif", "endfor", "endmacro", "endfilter", "endcall", "endraw", "endblock"))
_EXPRESSION_LINE = re.compile(
    r"""
    ^[ \t]*+\{\{
        (?:[^{}\n]*+\{\{[^{}\n]*+\}\}(?![ \t]*+\r?$))?  # a placeholder in a text of the expression
        [^}]*+(?:\}(?!\})[^}]*+)*
    (?P<end>\}\}[ \t]*+(?=\r?$))?
    """,
    re.MULTILINE | re.VERBOSE,
)
_SHELL_LINE = re.compile(
    r"""
    ^(?:
        \$\((?![^\n]*\):)[^\n]*\)
        | \$\{[^{}\n]*+(?:\{[^{}\n]*+\}[^{}\n]*+)*\}
        | \$[A-Za-z_]\w*+
    )(?=[ \t]*+\r?$)
    """,
    re.MULTILINE | re.VERBOSE,
)
"""A line of a heredoc or template at its margin that is a command's output or a variable: several lines, mostly."""
_NOT_BREAK = re.compile(r"[^\r\n]")


def masked(text: str, *, is_script: bool = False) -> Masked:
    """The text without the parts that only a template engine understands, with the branches of a script."""
    blanks: list[int] = []
    branches: tuple[Branch, ...] = ()
    written = text
    if any(mark in text for mark in ("{%", "{{", "{#", "<%", "%{", "[[")):
        text, branches = _without_statements(text, blanks)
        text = _EXPRESSION_LINE.sub(lambda match: _noted(match, blanks), text)
    if "\n$" in text:
        text = _SHELL_LINE.sub(lambda match: _several_lines(match, blanks), text)
    if is_script:
        from compiler.manifests.shell_branches import shell_branches

        branches = tuple(sorted((*branches, *_with_heredoc(written, shell_branches(written)))))
    replaced = with_tokens(text)
    whole = Masked(replaced, replaced != written, branches, tuple(sorted(blanks)))
    first, *others = [_without(whole, left_out) for left_out in readings(branches)]
    return first._replace(others=tuple(others)) if others else whole


def _with_heredoc(text: str, branches: Iterable[Branch]) -> Iterator[Branch]:
    """The branches of a script that have objects: the others make no difference."""
    heredocs = [match.start() for match in _HEREDOC.finditer(text)]
    for branch in branches:
        place = bisect_left(heredocs, branch.start)
        if place < len(heredocs) and heredocs[place] < branch.end:
            yield branch


_HEREDOC = re.compile(r"<<(?!<)")


def _without(whole: Masked, left_out: Iterable[Branch]) -> Masked:
    """A text with blanks for the branches that are not taken."""
    parts: list[str] = []
    blanks: list[int] = []
    at = passed = 0
    for branch in left_out:
        parts += (whole.text[at : branch.start], _blank(whole.text[branch.start : branch.end]))
        at = branch.end
        blanks += whole.blanks[passed : bisect_left(whole.blanks, branch.start, passed)]
        passed = bisect_left(whole.blanks, at, passed)
    blanks += whole.blanks[passed:]
    return whole._replace(text="".join([*parts, whole.text[at:]]), blanks=tuple(blanks))


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


_BEGINS = re.compile(r"[$<@%{_\[]")
"""How every placeholder begins: this is found much faster than one."""
_DOUBLED = "{_["
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


def _several_lines(match: re.Match[str], blanks: list[int]) -> str:
    blanks.append(match.start())
    return _line_blank(match.string, match)


class _Open(NamedTuple):
    """A statement whose end is to come: its branches so far, and their conditions."""

    chain: int
    word: str
    start: int
    ended: tuple[tuple[int, int], ...]
    conditions: tuple[str | None, ...]

    def next(self, end: int, start: int, condition: str | None) -> "_Open":
        """The same after an `else`."""
        return self._replace(
            start=start, ended=(*self.ended, (self.start, end)), conditions=(*self.conditions, condition)
        )

    def branches(self, end: int) -> Iterator[Branch]:
        """All its branches, the last of which ends here."""
        places = [*self.ended, (self.start, end)]
        for number, (place, choice) in enumerate(zip(places, choices_of(self.conditions, self.chain), strict=True)):
            yield Branch(*place, self.chain, number, self.word in _LOOPS and number == 0, choice)


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
        if word in _IN_VALUES and _is_in_value(text, match):
            parts.append(opaque(match[0]))
            continue
        parts.append(_line_blank(text, match) if _LINE_AFTER.match(text, at) is None else _own_line(text, match))
        if word in _INSERTS:
            blanks.append(match.start())
        if word in _OPENS:
            opened.append(_Open(match.start(), word, match.end(), (), (_condition(match[0], word),)))
        elif word in _NEXT and opened:
            opened[-1] = opened[-1].next(match.start(), match.end(), _condition(match[0], word))
        elif word in _ENDS and opened:
            last = opened.pop()
            branches += last.branches(match.start()) if len(opened) < _DEEPEST else ()
    branches += (branch for each in opened[:_DEEPEST] for branch in each.branches(len(text)))
    parts.append(text[at:])
    return "".join(parts), tuple(sorted(branches))


_LINE_AFTER = re.compile(r"[ \t]*+(?:[A-Za-z][\w.-]*+:(?:[ \t\r\n]|\Z)|-[ \t])")
_NEXT_LINE = "\x85"
"""A line break of YAML that no line of a report ends with."""


def _own_line(text: str, match: re.Match[str]) -> str:
    """A blank for a statement at the margin, before a line of YAML: what is after it keeps its indentation."""
    start, end = match.span()
    if (start and text[start - 1] != "\n") or "\n" in match[0]:
        return _line_blank(text, match)
    return f"#{' ' * (end - start - 2)}{_NEXT_LINE}"


def _is_in_value(text: str, match: re.Match[str]) -> bool:
    """Whether a statement without an end is a part of a value: right after or right before something of it."""
    before, after = text[max(match.start() - 1, 0) : match.start()], text[match.end() : match.end() + 1]
    return (
        "\n" not in match[0] and (not before.isspace() or not after.isspace()) and bool(before.strip() or after.strip())
    )


def _is_closed(match: re.Match[str]) -> bool:
    return any(match[name] is not None for name in _CLOSED)


_IF = re.compile(r"(?:el(?:se?[ \t]*)?)?if\b|unless\b")
_MARKS_AROUND = re.compile(r"\A(?:\{%|\{\{|\[\[|%\{|<%)[-+~]?\s*|\s*[-+~]?(?:%\}|\}\}|\]\]|\}|%>)\Z")


def _condition(statement: str, word: str) -> str | None:
    """What decides whether a branch is taken; None for an `else` and where it is a loop or the like."""
    inner = _MARKS_AROUND.sub("", statement)
    match = _IF.match(inner)
    if match is None:
        return None
    condition = inner[match.end() :].strip()
    return f"not {condition}" if word == "unless" else condition


def _word(match: re.Match[str]) -> str:
    if match["erb"] is not None:
        words = match["erb"].strip(" -\n").split()
        last = words[-1] if words else ""
        return "each" if last == "do" or last.startswith("|") else words[0] if words else ""
    return str(match["jinja"] or match["go"] or match["square"] or match["hcl"] or "")


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

# --- Words of capitals ---------------------------------------------------------------

_CAPITALS = re.compile(r"[A-Z][A-Z0-9_-]{0,99}+(?::[A-Z][A-Z0-9_]{0,99}+)?(?=[/:]|$)")
_SHORTEST = 3
_SAID = re.compile(r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{0,99}+(?![A-Za-z0-9_])")
_SAYS = re.compile(r"PLACEHOLDER|CHANGE|REPLACE|FIXME|TODO|YOUR_|_(?:HOST|PORT|REGISTRY|DOMAIN|NAME|TAG|VERSION)$")


def says_placeholder(text: str) -> bool:
    """Whether a text has a word of capitals that says that it is to be replaced, such as `NAME_PLACEHOLDER`."""
    return any(_SAYS.search(match[0]) for match in _SAID.finditer(text))


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
