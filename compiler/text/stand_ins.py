"""Texts that libyaml 0.1 refuses and Kubernetes reads, in a form that libyaml reads too.

In: a text. Out: one of the same length with stand-ins, and for each scalar of it the value that was meant. A stand-in
is a character that the text does not have. Positions stay: no character moves.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import chain, islice
from typing import NamedTuple, Protocol

HALF_A_CHARACTER = "a \\u escape contains only half of a character"

_COLON_IN_SCALAR = re.compile(r"""(?<=[^\s"',\[\]{}]):(?=\S)""")
_ESCAPE = re.compile(
    r"\\(?:u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u(?P<half>[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


class StandIns(Protocol):
    """A text with stand-ins."""

    text: str

    def value(self, value: str, start: int, end: int, *, escapes: bool) -> str:
        """What the scalar between two offsets means, given what the text with stand-ins says.

        `escapes` says that it is written with escapes, between double quotes.

        Raises:
            ValueError: it means nothing; `str()` says why.
        """


class Colons:
    """`host:port` inside `[...]` and `{...}`: a character means each colon that begins no value in go-yaml."""

    def __init__(self, text: str) -> None:
        self._stand_in = _unused(text, chain(range(0xE000, 0xF900), range(0xF0000, 0xFFFFE), range(0x100000, 0x10FFFE)))
        self.text = _COLON_IN_SCALAR.sub(self._stand_in, text) if self._stand_in else text

    def value(self, value: str, start: int, end: int, *, escapes: bool) -> str:
        """The value with its colons."""
        del start, end, escapes
        return value.replace(self._stand_in, ":") if self._stand_in else value


class _Replaced(NamedTuple):
    """An escape that was replaced: where, what it was, and the character it means, empty if it is half of one."""

    start: int
    written: str
    character: str

    @property
    def length(self) -> int:
        """How many escapes it is."""
        return len(self.written) // len("\\u0000")


class Surrogates:
    r"""Characters written as a pair of escapes, `\ud83d\ude00`, as JSON has them."""

    def __init__(self, text: str) -> None:
        self._replaced: list[_Replaced] = []
        escaped = {int(code, 16) for code in _ESCAPED.findall(text)}
        self._stand_in = _unused(text, (code for code in _STAND_INS if code not in escaped))
        self._escape = f"\\u{ord(self._stand_in):04x}" if self._stand_in else ""
        self._any = re.compile(f"{re.escape(self._escape)}|{self._stand_in}")
        self.text = _ESCAPE.sub(self._replace, text) if self._stand_in else text
        self._starts = [each.start for each in self._replaced]

    def _replace(self, match: re.Match[str]) -> str:
        high, low, half = match.group("high", "low", "half")
        if high is None and half is None:
            return match[0]
        character = chr(0x10000 + (int(high, 16) - 0xD800 << 10) + int(low, 16) - 0xDC00) if high else ""
        self._replaced.append(_Replaced(match.start(), match[0], character))
        return self._escape * self._replaced[-1].length

    def value(self, value: str, start: int, end: int, *, escapes: bool) -> str:
        """The value with its characters; between other quotes than double ones an escape is text as any other."""
        stood_in = self._any.findall(value) if self._stand_in else []
        if not stood_in:
            return value
        between = iter(self._any.split(value))
        # What is replaced in a comment, after an anchor or the `|` of a block scalar, comes before the value.
        here = self._replaced[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        before = sum(each.length for each in here) - len(stood_in)
        parts = [next(between)]
        for each in here:
            if before > 0:
                before -= each.length
                continue
            if escapes and not each.character:
                raise ValueError(HALF_A_CHARACTER)
            parts.append(each.character if escapes else each.written)
            parts += islice(between, each.length)
        return "".join(parts)


_STAND_INS = range(0x3400, 0xD7A4)
"""Characters to choose from: those for private use are fewer than a file can contain."""


def _unused(text: str, codes: Iterable[int]) -> str:
    """The first character of some that a text does not have; empty where it has all."""
    used = set(text)
    return next((character for code in codes if (character := chr(code)) not in used), "")
