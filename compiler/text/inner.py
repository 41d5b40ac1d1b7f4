"""A text inside a scalar of another text, such as a manifest in a ConfigMap: read in its place.

In: a scalar. Out: its text as a file that can be parsed, and for every offset of it the place in the file around it.
Trees of the inner text are moved to these places, so that everything that is said about them points at the outer file.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Sequence as SequenceOf
from itertools import accumulate

from compiler.text.span import File, Span
from compiler.text.tree import Document, DuplicateKey, Mapping, Node, Scalar, Sequence, YamlError, each_document

_ESCAPE = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|(.))""", re.DOTALL)
_SIMPLE = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    '"': '"',
    "\\": "\\",
    "/": "/",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "v": "\v",
    " ": " ",
    "N": "\x85",
    "_": "\xa0",
}


class Inner:
    """The text of a scalar, with the way back to the file that the scalar is in.

    Attributes:
        scalar: The scalar.
        file: Its text under the name of the file around it; it is not to be edited.
        exact: Whether every offset has its place. Where a scalar is folded, all of them are at its start.
    """

    def __init__(self, scalar: Scalar) -> None:
        self.scalar = scalar
        self.file = File(scalar.file.path, scalar.text, editable=False)
        segments = _segments(scalar)
        self._is_block = scalar.file.text[scalar.start : scalar.start + 1] in {"|", ">"}
        self.exact = segments is not None
        self._inner, self._outer = zip(*(segments or [(0, scalar.start)]), strict=True)

    @classmethod
    def of_parts(cls, file: File, parts: "SequenceOf[tuple[str, int]]") -> "Inner":
        """A text of parts that are written at offsets of a file.

        Args:
            file: In which they are.
            parts: At least one; each is written without a gap, or is an escape.
        """
        text = "".join(part for part, _ in parts)
        last, at = parts[-1]
        made = cls(Scalar(file, min(at for _, at in parts), at + len(last), text))
        made.exact, made._is_block = True, True
        lengths = accumulate((len(part) for part, _ in parts[:-1]), initial=0)
        made._inner, made._outer = tuple(lengths), tuple(at for _, at in parts)
        return made

    def move(self, root: Node) -> None:
        """Move the nodes of a tree that was read in the text to their places in the file around."""
        self._move(root, set())

    def offset(self, inner: int) -> int:
        """Where the character at an offset of the text is in the file around."""
        if not self.exact:
            return self.scalar.start
        number = bisect_right(self._inner, inner) - 1
        return int(min(self._outer[number] + inner - self._inner[number], self.scalar.end))

    def span(self, start: int, end: int) -> Span:
        """The place in the file around of a part of the text."""
        file = self.scalar.file
        if not self.exact:
            first_line = file.text.find("\n", self.scalar.start, self.scalar.end)
            return Span(file, self.scalar.start, self.scalar.end if first_line < 0 else first_line)
        begin = self.offset(start)
        return Span(file, begin, max(begin, self._after(end - 1)) if end > start else begin)

    def _after(self, inner: int) -> int:
        """Where a character ends: an escape is longer than what it means."""
        number = bisect_right(self._inner, inner)
        if not self._is_block and number < len(self._inner) and self._inner[number] == inner + 1:
            return int(self._outer[number])
        return self.offset(inner) + 1

    def documents(
        self, start: int = 0, end: int | None = None, *, text: str | None = None
    ) -> Iterator[Document | YamlError]:
        """The documents of the text (or of a part of it), in their places; an error is the last.

        `text` is one of the same length that is parsed in place of the part.
        """
        for each in each_document(self.file, start=start, end=end, text=text):
            yield self._moved(each)

    def _moved(self, each: Document | YamlError) -> Document | YamlError:
        if isinstance(each, YamlError):
            opened = each.opened and self.span(each.opened.start, each.opened.end)
            at = self.span(each.span.start, each.span.end)
            return YamlError(message=each.message, span=at, opened=opened, refused=each.refused)
        moved: set[int] = set()
        self._move(each.root, moved)
        for duplicate in each.duplicates:
            self._move(duplicate.first, moved)
            self._move(duplicate.second, moved)
        kept = (DuplicateKey(first=each.first, second=each.second) for each in each.duplicates)
        return Document(root=each.root, duplicates=tuple(kept))

    def _move(self, root: Node | None, moved: set[int]) -> None:
        pending = [root] if root is not None else []
        while pending:
            node = pending.pop()
            if id(node) in moved:
                continue
            moved.add(id(node))
            span = self.span(node.start, node.end)
            node.file, node.start, node.end = span
            if isinstance(node, Mapping):
                pending += node.keys
                pending += node.fields.values()
            elif isinstance(node, Sequence):
                pending += node.items


def _segments(scalar: Scalar) -> list[tuple[int, int]] | None:
    """Offsets of the text from which on it is written without a gap, each with its offset in the file.

    None where the text is not written so: folded lines, and escapes that are not understood.
    """
    raw = scalar.file.text[scalar.start : scalar.end]
    if raw[:1] in {"|", ">"}:
        return _of_block(scalar, raw)
    if raw[:1] in {'"', "'"} and raw[1:-1] == scalar.text:
        return [(0, scalar.start + 1)]
    if raw[:1] == '"':
        return _of_escapes(scalar, raw)
    if raw[:1] == "'" and raw[1:-1].replace("''", "'") == scalar.text:
        return _of_quotes(scalar, raw)
    return [(0, scalar.start)] if raw == scalar.text else None


def _of_block(scalar: Scalar, raw: str) -> list[tuple[int, int]] | None:
    if raw[:1] == ">" and "\n" in scalar.text.rstrip("\n"):
        return None
    lines = scalar.text.split("\n")
    at = scalar.start + raw.find("\n") + 1
    text = scalar.file.text
    begin, indent = at, -1
    for line in lines:
        if line.strip():
            end = text.find("\n", begin)
            written = text[begin : end if end >= 0 else len(text)].rstrip("\r")
            if not written.endswith(line):
                return None
            indent = len(written) - len(line)
            break
        begin = text.find("\n", begin) + 1
        if not begin:
            return None
    segments = []
    inner = 0
    for line in lines:
        end = text.find("\n", at)
        end = end if end >= 0 else len(text)
        segments.append((inner, min(at + indent, end) if indent >= 0 else at))
        if line and text[at + indent : at + indent + len(line)] != line:
            return None
        inner += len(line) + 1
        at = min(end + 1, len(text))
    return segments


def _of_escapes(scalar: Scalar, raw: str) -> list[tuple[int, int]] | None:
    segments = [(0, scalar.start + 1)]
    made: list[str] = []
    length = 0
    at = 1
    for match in _ESCAPE.finditer(raw, 1, len(raw) - 1):
        made.append(raw[at : match.start()])
        length += match.start() - at
        code = match[1] or match[2] or match[3]
        character = chr(int(code, 16)) if code else _SIMPLE.get(match[4])
        if character is None:
            return None
        made.append(character)
        segments.append((length, scalar.start + match.start()))
        length += 1
        at = match.end()
        segments.append((length, scalar.start + at))
    made.append(raw[at:-1])
    return segments if "".join(made) == scalar.text else None


def _of_quotes(scalar: Scalar, raw: str) -> list[tuple[int, int]]:
    segments = [(0, scalar.start + 1)]
    for number, match in enumerate(re.finditer("''", raw[1:-1]), 1):
        segments.append((match.start() + 2 - number, scalar.start + 1 + match.end()))
    return segments
