r"""What a shell script prints piece by piece: `echo` and `printf` commands and heredocs that make one text together.

In: the text of a script, in which placeholders are opaque tokens. Out: the texts, each with the place in the script of
every part. Pieces belong together if they go to the same file, or follow each other and go to the standard output.

A loop is read once, as in a template. Escapes are those of bash: `\n` is a line break for `echo -e`. `$'…'` is not
read, and neither is a `printf` whose format has more than `%s`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from compiler.text.heredocs import heredocs, without_tabs
from compiler.text.opaque import is_open, revealed

MOST_PIECES = 2_000
"""Pieces of one script that are looked at."""

_COMMAND = re.compile(
    r"""^[ \t]*+(?:[{(][ \t]*+|&&[ \t]*+|RUN[ \t]++)?(?P<name>echo|printf)
    (?P<flags>(?:[ \t]++-(?:[neE]++|-(?=[ \t])))*+)[ \t]++(?=\S)""",
    re.MULTILINE | re.VERBOSE,
)
_GOES_TO = re.compile(r"""(?P<more>>>|\|[ \t]*tee[ \t]+-a[ \t])|(?P<new>>(?!&)|\|[ \t]*tee\b(?![ \t]+-a))""")
_TARGET = re.compile(r"""[ \t]*["']?([^\s"'|;&<>]+)""")
_BETWEEN = re.compile(
    r"""[ \t]*+(?:(?:\#|if\b|elif\b|for\b|while\b|until\b|case\b|\[|test\b|local\b|continue\b)[^\n]*+
    |(?:then|else|fi|do|done|esac|\{|\(|;;)[^\n]*+)?""",
    re.VERBOSE,
)
_FUNCTION = re.compile(r"^(?:\}|function\b|[\w-]+[ \t]*\(\))", re.MULTILINE)
_YAML = re.compile(r"[ \t]*(?:[\w./-]+:(?:\s|$)|-(?:\s|$)|\s*$|---)|[ \t]+\S")
_ESCAPED = {"n": "\n", "t": "\t", "\\": "\\", "r": "\r"}


class Printed(NamedTuple):
    """A text in pieces: `parts` has them with their offsets in the script, `spans` where its commands are there.

    `target` is the name of the file that they write, empty for the standard output.
    """

    parts: tuple[tuple[str, int], ...]
    spans: tuple[tuple[int, int], ...]
    target: str = ""

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(part for part, _ in self.parts)


class _Piece(NamedTuple):
    """A part of a text, its `parts` with their offsets in the script; `start` to `end` is all of the command."""

    start: int
    end: int
    parts: tuple[tuple[str, int], ...]
    target: str = ""
    begins: bool = False
    is_heredoc: bool = False

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


def printed(text: str, written: str) -> Iterator[Printed]:
    """The texts of a script that are not a heredoc alone.

    Args:
        text: Of the script, with tokens for placeholders, and blanks for branches that are not taken.
        written: The same without.
    """
    opened: dict[str, list[_Piece]] = {}
    end = 0
    functions = [match.start() for match in _FUNCTION.finditer(text)][::-1]
    for piece in _pieces(text, written):
        crossed = False
        while functions and functions[-1] < piece.start:
            crossed = functions.pop() >= end or crossed
        if crossed:
            yield from _made(opened)
            opened = {}
        follows = piece.target or all(map(_BETWEEN.fullmatch, text[end : piece.start].splitlines()))
        if piece.begins or not follows:
            yield from _made({piece.target: opened.pop(piece.target, [])})
        opened.setdefault(piece.target, []).append(piece)
        end = piece.end
    yield from _made(opened)


def _made(groups: dict[str, list[_Piece]]) -> Iterator[Printed]:
    for pieces in groups.values():
        if pieces and not pieces[0].target:
            while pieces and not _YAML.match(pieces[0].text.lstrip("\r\n")):
                pieces.pop(0)
            while pieces and not _YAML.match(pieces[-1].text.lstrip("\r\n")):
                pieces.pop()
        if not pieces or (len(pieces) == 1 and pieces[0].is_heredoc):
            continue
        parts = tuple(part for piece in pieces for part in piece.parts)
        if parts:
            yield Printed(parts, tuple((piece.start, piece.end) for piece in pieces), pieces[0].target)


def _pieces(text: str, written: str) -> Iterator[_Piece]:
    """Heredocs and commands in order."""
    bodies = iter(heredocs(written))
    body = next(bodies, None)
    at = count = 0
    match = _COMMAND.search(text)
    while count < MOST_PIECES:
        if match is not None and match.start() < at:
            match = _COMMAND.search(text, at)
        if body is not None and (match is None or body.line <= match.start()):
            count += 1
            line = written[body.line : body.start]
            if body.start > at and text[body.start : body.end].strip():
                parts = ((without_tabs(text[body.start : body.end]), body.start),)
                yield _Piece(body.line, body.end, parts, *written_to(line), is_heredoc=True)
            at = max(body.end, at)
            body = next(bodies, None)
            continue
        if match is None:
            return
        count += 1
        at = text.find("\n", match.end())
        at = len(text) if at < 0 else at + 1
        if (piece := _command(text, match)) is not None:
            at = max(at, piece.end)
            yield piece


def _command(text: str, match: re.Match[str]) -> _Piece | None:
    """What an `echo` or `printf` prints."""
    is_echo = match["name"] == "echo"
    escapes = not is_echo or "e" in match["flags"]
    words: list[list[tuple[str, int]]] = []
    at = match.end()
    while at < len(text) and text[at] not in "\n>|;&)}#":
        found = _word(text, at, escapes=escapes)
        if found is None:
            return None
        word, at = found
        words.append(word)
        blank = _AFTER_WORD.match(text, at)
        at = blank.end() if blank is not None else at
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    parts: list[tuple[str, int]] = []
    if is_echo:
        for number, word in enumerate(words):
            parts += [(" ", at)] if number else []
            parts += word
        parts += [("\n", end)] if "n" not in match["flags"] else []
    else:
        form = "".join(part for part, _ in words[0]) if words else ""
        if form in {"%s\n", "%s"}:
            for word in words[1:]:
                parts += [*word, (form[2:], end)]
        elif "%" in form:
            return None
        else:
            parts = words[0] if words else []
    return _Piece(match.start(), end, tuple((part, place) for part, place in parts if part), *written_to(text[at:end]))


def _word(text: str, at: int, *, escapes: bool) -> tuple[list[tuple[str, int]], int] | None:
    """A word of a command in its parts, and where it ends; None if it is not closed or not of bash's plain kinds."""
    parts: list[tuple[str, int]] = []
    while at < len(text) and text[at] not in " \t\n>|;&":
        quote = text[at]
        if quote in "\"'":
            end = closing(text, at + 1, quote)
            if end < 0:
                return None
            parts += unescaped(text, at + 1, end, is_double=quote == '"', escapes=escapes)
            at = end + 1
        else:
            bare = _BARE.match(text, at)
            if bare is None:
                return None
            parts.append((bare[0], at))
            at = bare.end()
    return parts, at


_AFTER_WORD = re.compile(r"(?:[ \t]++|\\\n)++")
_BARE = re.compile(r"""[^\s"'>|;&\\]+""")


def closing(text: str, at: int, quote: str) -> int:
    """Where a quoted text ends that begins at an offset, -1 if it does not."""
    while at < len(text):
        if text[at] == quote:
            return at
        at += 2 if text[at] == "\\" and quote == '"' else 1
    return -1


def unescaped(text: str, start: int, end: int, *, is_double: bool, escapes: bool) -> Iterator[tuple[str, int]]:
    """The parts of a quoted text between its escapes."""
    at = start
    while (slash := text.find("\\", at, end)) >= 0:
        after = text[slash + 1 : slash + 2]
        yield text[at:slash], at
        if is_double and after in {'"', "$", "`", "\\"}:
            yield after, slash + 1
        elif is_double and after == "\n":
            pass
        elif escapes and after in _ESCAPED:
            yield _ESCAPED[after], slash
        elif is_double and is_open(text[slash + 1 : slash + 3]):
            yield after, slash + 1  # a `$` that is not for the shell
        else:
            yield text[slash : slash + 2], slash
        at = min(slash + 2, end)
    yield text[at:end], at


def written_to(rest: str) -> tuple[str, bool]:
    """The name of the file that a command writes, and whether it begins it anew."""
    match = _GOES_TO.search(rest)
    if match is None:
        return "", False
    named = _TARGET.match(rest, match.end())
    return (revealed(named[1]) if named else ""), match["new"] is not None
