r"""Characters that are shown as themselves, and escapes for those that are not.

In: any text. Out: the same, with each control, line separator, mark of direction, lone surrogate and other character
that is not printable as a visible escape such as `\x1b`.
"""

from collections.abc import Callable

from compiler.text.opaque import revealed


def visible(text: str) -> str:
    """The text with a visible escape for each character that is not printable."""
    return replaced(text, escape)


def replaced(text: str, escape: Callable[[str], str]) -> str:
    """The text with opaque tokens revealed, and `escape` of each character that is not printable."""
    if text.isprintable():
        return text
    text = revealed(text)
    return "".join([character if character.isprintable() else escape(character) for character in text])


def escape(character: str) -> str:
    """An escape as Python writes it; for a byte that is not UTF-8, which Python carries as a surrogate, the byte."""
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
