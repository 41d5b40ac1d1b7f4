r"""JSON text to a tree that keeps every position, accepted and refused as Go's `encoding/json` does it.

In: the decoded text of a file. Out: the same nodes that `tree` makes of YAML, so that one reader serves both.

YAML is not used for JSON that a program in Go reads strictly: YAML accepts comments, single quotes and trailing
commas, and the YAML parser refuses the escape `\/` and surrogate pairs.
"""

import re
from json import JSONDecodeError, JSONDecoder

from compiler.text.span import File, Span
from compiler.text.tree import MAX_DEPTH, Mapping, Node, Scalar, Sequence

_BLANKS = re.compile(r"[ \t\n\r]*+")
_WORD = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_STRINGS = JSONDecoder()
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonError(ValueError):
    """A text that is not JSON. `str()` says why; `span` is the character at fault."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.span = span


def read_json(file: File) -> Node:
    """Read one JSON value, which must be all of the text.

    A mapping has its keys as written, one that is repeated more than once; of its values the last is kept.

    Raises:
        JsonError: The text is not JSON, or is nested more than `MAX_DEPTH` deep.
    """
    reader = _Reader(file)
    root = reader.value(0)
    reader.skip()
    if reader.at < len(file.text):
        raise reader.error("expected the end of the file after the JSON value")
    return root


class _Reader:
    def __init__(self, file: File) -> None:
        self._file = file
        self._text = file.text
        self.at = 0

    def skip(self) -> str:
        """Go past blanks; the character that comes next, empty at the end."""
        match = _BLANKS.match(self._text, self.at)
        assert match is not None
        self.at = match.end()
        return self._text[self.at : self.at + 1]

    def error(self, message: str, at: int | None = None) -> JsonError:
        at = min(self.at if at is None else at, len(self._text))
        return JsonError(message, Span(self._file, at, min(at + 1, len(self._text))))

    def value(self, depth: int) -> Node:
        character = self.skip()
        if character in {"{", "["} and depth >= MAX_DEPTH:
            raise self.error(f"collections are nested more than {MAX_DEPTH} deep")
        if character == "{":
            return self._mapping(depth)
        if character == "[":
            return self._sequence(depth)
        if character == '"':
            return self._string()
        match = _WORD.match(self._text, self.at)
        if match is None:
            raise self.error("expected a JSON value" if character else "the file ends before the JSON value does")
        start, self.at = self.at, match.end()
        return Scalar(self._file, start, self.at, match[0], plain=True)

    def _string(self) -> Scalar:
        start = self.at
        try:
            text, self.at = _STRINGS.raw_decode(self._text, start)
        except JSONDecodeError as error:
            raise self.error(f"invalid string: {error.msg[:1].lower()}{error.msg[1:]}", error.pos) from error
        if not text.isascii():
            text = _SURROGATE.sub("\ufffd", text)
        return Scalar(self._file, start, self.at, text)

    def _mapping(self, depth: int) -> Mapping:
        mapping = Mapping(self._file, self.at, self.at)
        self.at += 1
        more = self.skip() != "}"
        while more:
            if self.skip() != '"':
                raise self.error("expected a key in double quotes")
            key = self._string()
            if self.skip() != ":":
                raise self.error("expected `:` after the key")
            self.at += 1
            mapping.keys.append(key)
            mapping.fields[key.text] = self.value(depth + 1)
            more = self._continues("}")
        self._close(mapping)
        return mapping

    def _sequence(self, depth: int) -> Sequence:
        sequence = Sequence(self._file, self.at, self.at)
        self.at += 1
        more = self.skip() != "]"
        while more:
            sequence.items.append(self.value(depth + 1))
            more = self._continues("]")
        self._close(sequence)
        return sequence

    def _continues(self, closing: str) -> bool:
        """Whether a comma, which is read past, says that a collection goes on."""
        character = self.skip()
        if character == closing:
            return False
        if character != ",":
            raise self.error(f"expected `,` or `{closing}`")
        self.at += 1
        return True

    def _close(self, node: Mapping | Sequence) -> None:
        self.at += 1
        node.end = self.at
