"""Where the parts of a built manifest were written.

In: an object as kustomize built it, and the files it was made of. Out: the same object, each part at its place in the
file it comes from. What was made up on the way (a prefixed name, say) stays where the build's own output has it.

kustomize tells one file for each object (api/provenance, the annotation `config.kubernetes.io/origin`); which value a
patch brought in is found by its text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compiler.text.span import File
from compiler.text.tree import Mapping, Node, Scalar, read
from compiler.text.tree import Sequence as ListNode

_ANNOTATION = "config.kubernetes.io/origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The file that an object was read from or, if it is generated, the one that configures the generator."""

    path: str
    is_generated: bool = False


def origin_of(root: Node | None) -> Origin | None:
    """What the annotation of a built object says; none where the object came from elsewhere."""
    text = _field(_field(_field(root, "metadata"), "annotations"), _ANNOTATION)
    if not isinstance(text, Scalar):
        return None
    documents = read(File("", text.text)).documents
    told = documents[0].root if documents else None
    for field in ("path", "configuredIn"):
        path = _field(told, field)
        if isinstance(path, Scalar) and _field(told, "repo") is None:
            return Origin(path=path.text, is_generated=field != "path")
    return None


def _field(node: Node | None, name: str) -> Node | None:
    return node.fields.get(name) if isinstance(node, Mapping) else None


def place(built: Node, origin: File | None, others: Sequence[File]) -> None:
    """Give every part of a built object its place in `origin`, or in the first of the `others` that has its text."""
    source = _same_object(built, origin) if origin is not None else None
    _Placer(others).place(built, source)


def _same_object(built: Node, origin: File) -> Node | None:
    """The object of a file that was built to this one: of its kind, and of its name but for a prefix and a suffix."""
    kind, name = _text(built, "kind"), _text(_field(built, "metadata"), "name")
    alike = [
        each
        for document in read(origin).documents
        for each in _objects(document.root)
        if _text(each, "kind") == kind and _text(_field(each, "metadata"), "name") in name
    ]
    return max(alike, key=lambda each: len(_text(_field(each, "metadata"), "name")), default=None)


def _objects(root: Node | None) -> Iterator[Node]:
    items = _field(root, "items")
    if isinstance(items, ListNode) and _text(root, "kind").endswith("List"):
        for item in items.items:
            yield from _objects(item)
    elif root is not None:
        yield root


def _text(node: Node | None, name: str) -> str:
    value = _field(node, name)
    return value.text if isinstance(value, Scalar) else ""


class _Placer:
    """Moves nodes to the places they come from."""

    def __init__(self, others: Sequence[File]) -> None:
        self._others = others

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
        if not built.text:
            return
        expression = re.compile(rf"(?<![\w./:@*-]){re.escape(built.text)}(?![\w./:@-])")
        for file in self._others:
            if (found := expression.search(file.text)) is not None:
                built.file, built.start, built.end = file, found.start(), found.end()
                return


def _move(built: Node, source: Node) -> None:
    built.file, built.start, built.end = source.file, source.start, source.end


def _pairs(built: Sequence[Node], source: Sequence[Node]) -> Iterator[tuple[Node, Node | None]]:
    """Each built item with the one it comes from: the same, else the one for the same mirrored source."""
    left = dict(enumerate(source))
    taken: dict[int, Node] = {}
    for alike in (_is_same, _has_same_source):
        for index, item in enumerate(built):
            if index not in taken:
                match = next((number for number, each in left.items() if alike(item, each)), None)
                if match is not None:
                    taken[index] = left.pop(match)
    for index, item in enumerate(built):
        yield item, taken.get(index)


def _is_same(one: Node, other: Node) -> bool:
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return one.text == other.text
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.fields.keys() == other.fields.keys() and all(
            _is_same(value, other.fields[name]) for name, value in one.fields.items()
        )
    if isinstance(one, ListNode) and isinstance(other, ListNode):
        return len(one.items) == len(other.items) and all(map(_is_same, one.items, other.items))
    return False


def _has_same_source(one: Node, other: Node) -> bool:
    return _text(one, "source") != "" and _text(one, "source") == _text(other, "source")
