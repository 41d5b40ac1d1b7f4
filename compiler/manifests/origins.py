"""Where the parts of a built manifest were written.

In: an object as kustomize built it, and the files it was made of. Out: the same object, each part at its place in the
file it comes from. What was made up on the way (a prefixed name, say) stays where the build's own output has it.

kustomize reports one file for each object (api/provenance, the annotation `config.kubernetes.io/origin`); which value a
patch brought in is found by its text.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compiler.manifests.lists import objects
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, read
from compiler.text.tree import Sequence as ListNode

_ANNOTATION = "config.kubernetes.io/origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectOrigin:
    """The file that an object was read from or, if it is generated, the one that configures the generator."""

    path: str
    is_generated: bool = False


_PLAIN = re.compile(r"path: ([A-Za-z0-9._/-]*[A-Za-z_/-])\n?")


def taken_origin(root: Node | None) -> ObjectOrigin | None:
    """What the annotation of a built object says, which is taken out of it: kustomize put it there.

    None where the object came from elsewhere.
    """
    metadata = _field(root, "metadata")
    annotations = _field(metadata, "annotations")
    text = _taken(annotations, _ANNOTATION)
    if isinstance(annotations, Mapping) and not annotations.keys:
        _taken(metadata, "annotations")
    if not isinstance(text, Scalar):
        return None
    if (plain := _PLAIN.fullmatch(text.text)) is not None:
        return ObjectOrigin(path=plain[1])
    documents = read(File("", text.text)).documents
    told = documents[0].root if documents else None
    for field in ("path", "configuredIn"):
        path = _field(told, field)
        if isinstance(path, Scalar) and _field(told, "repo") is None:
            return ObjectOrigin(path=path.text, is_generated=field != "path")
    return None


def _taken(node: Node | None, name: str) -> Node | None:
    """A field of a mapping, which loses it."""
    if not isinstance(node, Mapping) or name not in node.fields:
        return None
    node.keys[:] = [key for key in node.keys if key.text != name]
    return node.fields.pop(name)


def _field(node: Node | None, name: str) -> Node | None:
    return node.fields.get(name) if isinstance(node, Mapping) else None


class Origins:
    """Gives built objects their places. Each file is read once, however many objects come from it."""

    def __init__(self, others: Sequence[File]) -> None:
        self._placer = _Placer(others)
        self._known: dict[File, _Objects] = {}

    def place(self, built: Node, origin: File | None) -> bool:
        """Give every part of a built object its place in `origin`, or in the first of the others that has its text.

        Returns:
            Whether every part has its place in `origin`.
        """
        source = None
        if origin is not None:
            if origin not in self._known:
                self._known[origin] = _Objects(origin)
            source = self._known[origin].like(built)
        self._placer.is_whole = source is not None
        self._placer.place(built, source)
        return self._placer.is_whole


class _Objects:
    """The objects of a file by kind and name, with their order; of several with one name the first."""

    def __init__(self, origin: File) -> None:
        self._by_name: dict[str, dict[str, tuple[int, Node]]] = {}
        for document in read(origin).documents:
            for each in (listed.root for listed in objects(document.root)):
                names = self._by_name.setdefault(_text(each, "kind"), {})
                names.setdefault(_text(_field(each, "metadata"), "name"), (len(names), each))
        self._lengths = {kind: sorted(set(map(len, names)), reverse=True) for kind, names in self._by_name.items()}

    def like(self, built: Node) -> Node | None:
        """The object that was built to this one: of its kind, and of its name but for a prefix and a suffix."""
        kind, name = _text(built, "kind"), _text(_field(built, "metadata"), "name")
        names = self._by_name.get(kind, {})
        if name in names:
            return names[name][1]
        for length in self._lengths.get(kind, ()) if len(name) <= _LONGEST_NAME else ():
            parts = (name[start : start + length] for start in range(len(name) - length + 1))
            if alike := [names[part] for part in parts if part in names]:
                return min(alike, key=lambda each: each[0])[1]
        return None


_LONGEST_NAME = 253
"""Characters that the API server takes; of a longer name the exact one is looked for only."""


def _text(node: Node | None, name: str) -> str:
    value = _field(node, name)
    return value.text if isinstance(value, Scalar) else ""


class _Placer:
    """Moves nodes to the places they come from."""

    def __init__(self, others: Sequence[File]) -> None:
        self._others = others
        self._found: dict[str, Span | None] = {}
        self._left = _MOST_SEARCHED
        self.is_whole = True

    def place(self, built: Node, source: Node | None) -> None:
        """Place a part and all that is in it; without a source it is looked for in the other files."""
        if isinstance(built, Mapping) and isinstance(source, Mapping):
            _move(built, source)
            for key in built.keys:
                self.scalar(key, source.key(key.text))
                self.place(built.fields[key.text], source.fields.get(key.text))
        elif isinstance(built, ListNode) and isinstance(source, ListNode):
            _move(built, source)
            for item, twin in _pairs(built.items, source.items):
                self.place(item, twin)
        elif isinstance(built, Scalar):
            self.scalar(built, source)
        else:
            self.children(built)

    def children(self, built: Node) -> None:
        """A part that the source does not have: its values are looked for one by one."""
        self.is_whole = False
        parts: list[Node] = []
        if isinstance(built, Mapping):
            parts = list(built.fields.values())
        elif isinstance(built, ListNode):
            parts = built.items
        for part in parts:
            self.place(part, None)

    def scalar(self, built: Scalar, source: Node | None) -> None:
        if isinstance(source, Scalar) and source.text == built.text:
            _move(built, source)
            return
        self.is_whole = False
        if not built.text:
            return
        if built.text not in self._found:
            self._found[built.text] = self._find(built.text)
        if (found := self._found[built.text]) is not None:
            built.file, built.start, built.end = found

    def _find(self, text: str) -> Span | None:
        for file in self._others:
            self._left -= len(file.text)
            if self._left < 0:
                break
            if (start := _whole(text, file.text)) >= 0:
                return Span(file, start, start + len(text))
        return None


_BEFORE = re.compile(r"[\w./:@*-]")
_AFTER = re.compile(r"[\w./:@-]")
_FEW = 20


def _whole(word: str, text: str) -> int:
    """Where a word is in a text and not part of a longer one; -1 where it is not.

    An expression is only compiled for what is often part of longer ones: there are as many words as values.
    """
    start = -1
    for _ in range(_FEW):
        start = text.find(word, start + 1)
        if start < 0:
            return -1
        end = start + len(word)
        if not (_BEFORE.match(text[max(start - 1, 0) : start]) or _AFTER.match(text[end : end + 1])):
            return start
    expression = re.compile(rf"(?<![\w./:@*-]){re.escape(word)}(?![\w./:@-])")
    found = expression.search(text, start)
    return found.start() if found is not None else -1


def _move(built: Node, source: Node) -> None:
    built.file, built.start, built.end = source.file, source.start, source.end


def _pairs(built: Sequence[Node], source: Sequence[Node]) -> Iterator[tuple[Node, Node | None]]:
    """Each built item with the one it comes from: the same, else the one for the same mirrored source."""
    taken: dict[int, Node] = {}
    used: set[int] = set()
    contents = _Contents()
    for key_of in (contents.number, _mirrored_source):
        left: dict[object, deque[int]] = {}
        for number, each in enumerate(source):
            if number not in used and (key := key_of(each)) is not None:
                left.setdefault(key, deque()).append(number)
        for index, item in enumerate(built):
            if index not in taken and (alike := left.get(key_of(item))):
                used.add(alike[0])
                taken[index] = source[alike.popleft()]
    for index, item in enumerate(built):
        yield item, taken.get(index)


class _Contents:
    """Numbers nodes so that those with the same content have the same number, wherever they are written."""

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}

    def number(self, node: Node) -> int:
        """The number of what a node contains."""
        content: object
        if isinstance(node, Mapping):
            content = frozenset((name, self.number(value)) for name, value in node.fields.items())
        elif isinstance(node, ListNode):
            content = tuple(map(self.number, node.items))
        else:
            content = node.text if isinstance(node, Scalar) else None
        return self._numbers.setdefault(content, len(self._numbers))


def _mirrored_source(node: Node) -> str | None:
    return _text(node, "source") or None


_MOST_SEARCHED = 50_000_000
"""Characters of patches and the like that are searched for the values they bring in, all together."""
