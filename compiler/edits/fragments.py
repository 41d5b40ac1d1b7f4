"""The rules of a mirror object as pieces of text that can be put together anew.

In: the text of one document. Out: the same document with other rules, each with its text from here or from another
document, comments and all, or written anew. Only lists in block style are taken apart.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from compiler.edits.writing import yaml_item
from compiler.manifests.kinds import ImageContentSourcePolicy, ImageDigestMirrorSet, ImageTagMirrorSet
from compiler.text.span import File, line_break_of
from compiler.text.tree import Mapping as YamlMapping
from compiler.text.tree import Plain, Sequence, plain, read

_FIELDS = {kind.kind: kind.list_field for kind in (ImageDigestMirrorSet, ImageTagMirrorSet, ImageContentSourcePolicy)}


class Rules(NamedTuple):
    """The rules of a document.

    Attributes:
        before: The text up to the first line of the list.
        after: The text from the line after it.
        indent: What is before each dash.
        line_break: As the document has it.
        pieces: The text of each rule by its content, its lines without that indentation.
    """

    before: str
    after: str
    indent: str
    line_break: str
    pieces: Mapping[str, str]

    def with_rules(self, wanted: Iterable[Mapping[str, Plain]], other: "Rules | None") -> str | None:
        """The document with these rules; None where none would be left."""
        pieces = []
        begun: _Begun | None = None
        for rule in wanted:
            content = _content(rule)
            known = self.pieces.get(content) or (other.pieces.get(content) if other is not None else None)
            if known is None:
                begun = begun or _Begun([other.pieces, self.pieces] if other is not None else [self.pieces])
                known = begun.continued(rule) or yaml_item(rule)
            lines = known.replace("\r\n", "\n").splitlines(keepends=True)
            pieces += [f"{self.indent}{line}" if line.strip() else line for line in lines]
        if not pieces:
            return None
        return self.before + "".join(pieces).replace("\n", self.line_break) + self.after


class _Begun:
    """Known rules by the mirrors that they begin with: a tree, since many rules may begin alike."""

    def __init__(self, known: Iterable[Mapping[str, str]]) -> None:
        self._steps: dict[tuple[int, str], int] = {}
        self._pieces: dict[int, tuple[int, str]] = {}
        for pieces in known:
            for content, piece in pieces.items():
                rule = json.loads(content)
                mirrors = rule.get("mirrors")
                if mirrors and isinstance(mirrors, list):
                    at = 0
                    for step in _steps(rule, mirrors):
                        at = self._steps.setdefault((at, step), len(self._steps) + 1)
                    self._pieces.setdefault(at, (len(mirrors), piece))

    def continued(self, rule: Mapping[str, Plain]) -> str | None:
        """A rule that is one of the known ones with more mirrors at the end of its list; of several the longest."""
        mirrors = rule.get("mirrors")
        if not isinstance(mirrors, list):
            return None
        found: tuple[int, str] | None = None
        at = 0
        for step in _steps(rule, mirrors):
            at = self._steps.get((at, step), -1)
            if at < 0:
                break
            found = self._pieces.get(at, found)
        return _appended(found[1], [str(each) for each in mirrors[found[0] :]]) if found is not None else None


def _steps(rule: Mapping[str, Plain], mirrors: Iterable[Plain]) -> Iterator[str]:
    yield json.dumps({**rule, "mirrors": None}, sort_keys=True)
    yield from map(json.dumps, mirrors)


def rules_of(text: str, kind: str) -> Rules | None:
    """The rules of a document's text, None where they are not a list in block style."""
    if kind not in _FIELDS:
        return None
    tree = read(File("", text))
    root = tree.documents[0].root if tree.documents and tree.error is None else None
    spec = root.fields.get("spec") if isinstance(root, YamlMapping) else None
    listed = spec.fields.get(_FIELDS[kind]) if isinstance(spec, YamlMapping) else None
    if not isinstance(listed, Sequence) or not listed.items or text[listed.start : listed.start + 1] != "-":
        return None
    if "&" in text or "*" in text or "\t" in text:  # anchors and aliases, or what looks like them
        return None
    column = listed.span.begin.column - 1
    indent = " " * column
    begins: list[int] = []
    end = listed.start - column
    for item in listed.items:
        begins.append(end)
        last = item.start + len(text[item.start : item.end].rstrip())
        line = text.find("\n", last)
        end = len(text) if line < 0 else line + 1
    body = [text[start:stop] for start, stop in zip(begins, [*begins[1:], end], strict=True)]
    if text[begins[0] : listed.start].strip(" "):
        return None
    pieces = {}
    for piece, item in zip(body, listed.items, strict=True):
        lines = piece.splitlines(keepends=True)
        if any(line.strip() and not line.startswith(indent) and not line.lstrip().startswith("#") for line in lines):
            return None
        dedented = "".join(line.removeprefix(indent) if line.startswith(indent) else line.lstrip(" ") for line in lines)
        pieces[_content(plain(item))] = dedented if dedented.endswith(("\n", "\r")) else f"{dedented}\n"
    line_break = line_break_of(text)
    return Rules(text[: begins[0]], text[end:], indent, line_break, pieces)


def _content(rule: Plain | Mapping[str, Plain]) -> str:
    return json.dumps(rule, sort_keys=True)


def _appended(piece: str, mirrors: list[str]) -> str | None:
    """The text of a rule with more mirrors, None where its list is written in an uncommon way."""
    tree = read(File("", piece))
    root = tree.documents[0].root if tree.documents and tree.error is None else None
    rule = root.items[0] if isinstance(root, Sequence) and root.items else None
    listed = rule.fields.get("mirrors") if isinstance(rule, YamlMapping) else None
    if not isinstance(listed, Sequence) or not listed.items:
        return None
    last = listed.items[-1]
    end = last.start + len(piece[last.start : last.end].rstrip())
    if piece[listed.start] == "[":
        return piece[:end] + "".join(f", {mirror}" for mirror in mirrors) + piece[end:]
    line = piece.find("\n", end)
    stop = len(piece) if line < 0 else line + 1
    dash = " " * (listed.span.begin.column - 1)
    return piece[:stop] + "".join(f"{dash}- {mirror}\n" for mirror in mirrors) + piece[stop:]
