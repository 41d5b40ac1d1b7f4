"""The rules of a mirror object as pieces of text that can be put together anew.

In: the text of one document. Out: the same document with other rules, each with its text from here or from another
document, comments and all, or written anew. Only lists in block style are taken apart.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from compiler.edits.writing import yaml_item
from compiler.manifests.kinds import ImageContentSourcePolicy, ImageDigestMirrorSet, ImageTagMirrorSet
from compiler.text.span import line_break_of
from compiler.text.tree import Mapping as YamlMapping
from compiler.text.tree import Node, Plain, Sequence, plain

_FIELDS = {kind.kind: kind.list_field for kind in (ImageDigestMirrorSet, ImageTagMirrorSet, ImageContentSourcePolicy)}


class Piece(NamedTuple):
    """A rule as a text, its lines without the indentation of the list.

    Attributes:
        text: The text, with the comments before it.
        rule: What it says.
        end: Where the last of its mirrors ends in the text, negative where it has none.
        dash: What is before the dash of a mirror in block style, None in flow style.
    """

    text: str
    rule: Plain
    end: int = -1
    dash: str | None = None

    def appended(self, mirrors: list[str]) -> str | None:
        """The text with more mirrors, None where its list is written in an uncommon way."""
        text = self.text
        if self.end < 0:
            return None
        if self.dash is None:
            return text[: self.end] + "".join(f", {mirror}" for mirror in mirrors) + text[self.end :]
        line = text.find("\n", self.end)
        stop = len(text) if line < 0 else line + 1
        return text[:stop] + "".join(f"{self.dash}- {mirror}\n" for mirror in mirrors) + text[stop:]


class Rules(NamedTuple):
    """The rules of a document.

    Attributes:
        before: The text up to the first line of the list.
        after: The text from the line after it.
        indent: What is before each dash.
        line_break: As the document has it.
        pieces: Each rule by its content.
    """

    before: str
    after: str
    indent: str
    line_break: str
    pieces: Mapping[str, Piece]

    def with_rules(self, wanted: Iterable[Mapping[str, Plain]], other: "Rules | None") -> str | None:
        """The document with these rules; None where none would be left."""
        pieces = []
        begun: _Begun | None = None
        for rule in wanted:
            content = _content(rule)
            known = self.pieces.get(content) or (other.pieces.get(content) if other is not None else None)
            if known is not None:
                text = known.text
            else:
                begun = begun or _Begun([other.pieces, self.pieces] if other is not None else [self.pieces])
                text = begun.continued(rule) or yaml_item(rule)
            lines = text.replace("\r\n", "\n").splitlines(keepends=True)
            pieces += [f"{self.indent}{line}" if line.strip() else line for line in lines]
        if not pieces:
            return None
        return self.before + "".join(pieces).replace("\n", self.line_break) + self.after


class _Begun:
    """Known rules by the mirrors that they begin with: a tree, since many rules may begin alike."""

    def __init__(self, known: Iterable[Mapping[str, Piece]]) -> None:
        self._steps: dict[tuple[int, _Step], int] = {}
        self._pieces: dict[int, tuple[int, Piece]] = {}
        for pieces in known:
            for piece in pieces.values():
                mirrors = piece.rule.get("mirrors") if isinstance(piece.rule, dict) else None
                if isinstance(piece.rule, dict) and mirrors and isinstance(mirrors, list):
                    at = 0
                    for step in _steps(piece.rule, mirrors):
                        at = self._steps.setdefault((at, step), len(self._steps) + 1)
                    self._pieces.setdefault(at, (len(mirrors), piece))

    def continued(self, rule: Mapping[str, Plain]) -> str | None:
        """A rule that is one of the known ones with more mirrors at the end of its list; of several the longest."""
        mirrors = rule.get("mirrors")
        if not isinstance(mirrors, list):
            return None
        found: tuple[int, Piece] | None = None
        at = 0
        for step in _steps(rule, mirrors):
            at = self._steps.get((at, step), -1)
            if at < 0:
                break
            found = self._pieces.get(at, found)
        return found[1].appended([str(each) for each in mirrors[found[0] :]]) if found is not None else None


_Step = str | tuple[str]


def _steps(rule: Mapping[str, Plain], mirrors: Iterable[Plain]) -> Iterator[_Step]:
    yield json.dumps({**rule, "mirrors": None}, sort_keys=True)
    for mirror in mirrors:
        yield mirror if isinstance(mirror, str) else (json.dumps(mirror),)


def rules_of(root: Node | None, kind: str, begin: int, end: int) -> Rules | None:
    """The rules of a document, None where they are not a list in block style.

    Args:
        root: What the document says.
        kind: The kind of the object.
        begin: Where the document begins in the text of its file.
        end: Where it ends.
    """
    spec = root.fields.get("spec") if isinstance(root, YamlMapping) and kind in _FIELDS else None
    listed = spec.fields.get(_FIELDS[kind]) if isinstance(spec, YamlMapping) else None
    if not isinstance(listed, Sequence) or not listed.items:
        return None
    text = listed.file.text
    document = text[begin:end]
    if text[listed.start : listed.start + 1] != "-":
        return None
    if "&" in document or "*" in document or "\t" in document:  # anchors and aliases, or what looks like them
        return None
    column = listed.span.begin.column - 1
    indent = " " * column
    begins: list[int] = []
    stop = listed.start - column
    for item in listed.items:
        begins.append(stop)
        line = text.find("\n", _end(item), end)
        stop = end if line < 0 else line + 1
    if text[begins[0] : listed.start].strip(" "):
        return None
    pieces = {}
    for item, first, after in zip(listed.items, begins, [*begins[1:], stop], strict=True):
        lines = text[first:after].splitlines(keepends=True)
        if any(line.strip() and not line.startswith(indent) and not line.lstrip().startswith("#") for line in lines):
            return None
        written = _dedented(lines, indent)
        whole = written if written.endswith(("\n", "\r")) else f"{written}\n"
        rule = plain(item)
        mirrors = item.fields.get("mirrors") if isinstance(item, YamlMapping) else None
        if isinstance(mirrors, Sequence) and mirrors.items:
            mirrors_end = len(_dedented(text[first : _end(mirrors.items[-1])].splitlines(keepends=True), indent))
            is_flow = text[mirrors.start] == "["
            dash = None if is_flow else " " * (mirrors.span.begin.column - 1 - column)
            pieces[_content(rule)] = Piece(whole, rule, mirrors_end, dash)
        else:
            pieces[_content(rule)] = Piece(whole, rule)
    return Rules(text[begin : begins[0]], text[stop:end], indent, line_break_of(document), pieces)


def _end(node: Node) -> int:
    """Where a node ends in its text, without the blanks after it."""
    return node.start + len(node.file.text[node.start : node.end].rstrip())


def _dedented(lines: Iterable[str], indent: str) -> str:
    return "".join(line.removeprefix(indent) if line.startswith(indent) else line.lstrip(" ") for line in lines)


def _content(rule: Plain | Mapping[str, Plain]) -> str:
    return json.dumps(rule, sort_keys=True)
