r"""Unknown texts inside known ones: the text for a placeholder such as `{{ registry }}` or `$REGISTRY`.

In: a text with placeholders. Out: a text of the same length in which each of them is one *opaque token*: its first
character moved to U+100000 and the others to U+F0000, both for private use. So a token equals itself alone, contains no
`/`, `:` or quote that a reader of names could take for its own, and shows what was written when it is `revealed`.

A text that has such characters for another reason is made `harmless` where it is read.
"""

import re
from collections.abc import Callable

_FIRST, _REST = 0x100000, 0xF0000
_LAST = 0xFFFD
_TOKEN = re.compile("[\U00100021-\U0010007e][\U000f0000-\U000ffffd]+")
_STARTS = re.compile("[\U00100021-\U0010007e]")
_MAY_BE_WRITTEN = re.compile(r"\\U001000[2-7][0-9A-Fa-f]|\\u[dD][bB][cC]0")
"""The escapes of JSON and YAML that give the first character of a token."""


def opaque(token: str) -> str:
    """The token for a text: at least two characters, the first of them printable ASCII."""
    rest = "".join([chr(_REST + (code if (code := ord(character)) <= _LAST else _LAST)) for character in token[1:]])
    return chr(_FIRST + ord(token[0])) + rest


def is_open(text: str) -> bool:
    """Whether a text contains an opaque token."""
    return not text.isascii() and _TOKEN.search(text) is not None


def is_unknown(text: str) -> bool:
    """Whether a text is nothing but opaque tokens."""
    return not text.isascii() and text != "" and _TOKEN.sub("", text) == ""


def revealed(text: str, written: Callable[[str], str] = str) -> str:
    """The text with what was written in place of each token, after `written` made it fit the place."""
    if text.isascii() or _STARTS.search(text) is None:
        return text
    return _TOKEN.sub(lambda match: written(_written(match[0])), text)


def _written(token: str) -> str:
    return chr(ord(token[0]) - _FIRST) + "".join([chr(ord(character) - _REST) for character in token[1:]])


def respelled(text: str, put: Callable[[str], str]) -> str:
    """The text with what `put` makes of each placeholder in place of its token."""
    return _TOKEN.sub(lambda match: put(_written(match[0])), text)


def revealed_where(text: str, is_known: Callable[[str], bool]) -> str:
    """The text with what was written in place of some tokens."""
    return text if text.isascii() else _TOKEN.sub(lambda match: _known(match[0], is_known), text)


def _known(token: str, is_known: Callable[[str], bool]) -> str:
    written = _written(token)
    return written if is_known(written) else token


def tokens(text: str) -> list[str]:
    """The placeholders of a text in order."""
    return [] if text.isascii() else [_written(match[0]) for match in _TOKEN.finditer(text)]


def pieces(text: str) -> list[str]:
    """What is known of a text: what is before the first token, between two, and after the last."""
    return [text] if text.isascii() else _TOKEN.split(text)


def filled(text: str) -> str:
    """A text of the same length with a plausible word for each token: digits after a `:`, else letters.

    What refuses this text refuses every text that the tokens may be.
    """
    if text.isascii():
        return text
    ends, filler = -1, ""

    def fill(match: re.Match[str]) -> str:
        nonlocal ends, filler
        if match.start() != ends:
            filler = "1" if text[match.start() - 1 : match.start()] == ":" else "a"
        ends = match.end()
        return filler * len(match[0])

    return _TOKEN.sub(fill, text)


def has_lookalikes(text: str) -> bool:
    """Whether values of a text may contain what looks like a token and is none."""
    if not text.isascii() and _STARTS.search(text) is not None:
        return True
    return "\\" in text and _MAY_BE_WRITTEN.search(text) is not None


def harmless(text: str) -> str:
    """A text of the same length in which nothing looks like a token, written as itself or as an escape."""
    text = text if text.isascii() else _STARTS.sub("\N{REPLACEMENT CHARACTER}", text)
    return _MAY_BE_WRITTEN.sub(lambda match: f"{match[0][:-4]}FFFD", text)
