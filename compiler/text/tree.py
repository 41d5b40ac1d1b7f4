"""YAML and JSON text to a tree that keeps every position, read the way Kubernetes reads it.

In: the decoded text of a file. Out: its documents as nodes with code-point offsets, and the first thing that
stops the reading, if any.

The tree is built from the parser's events (`yamlevents`): the C composer overruns its stack on deep nesting and
resolves tags nobody asked for. What a scalar means is said in `scalars`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, cast

from compiler.text.events import (
    PARSER_ERRORS,
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    complaint,
    events,
    other_events,
)
from compiler.text.scalars import KINDS, SPECIAL_START, Value, resolve, tagged
from compiler.text.span import File, Span

MAX_DEPTH = 200
"""Deeper nesting than this is refused; no manifest comes near it."""

_MOST_ALIASED = 400_000
"""Nodes that aliases may add to a document: the place from which go-yaml v2 allows them a falling share."""


class Node:
    """A piece of the tree: where it stands, and what it is."""

    __slots__ = ("end", "file", "start")
    kind = "node"

    def __init__(self, file: File, start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end

    @property
    def span(self) -> Span:
        """The characters the node covers."""
        return Span(self.file, self.start, self.end)


class Scalar(Node):
    """A single value, as written (`text`) and as Kubernetes reads it (`value`)."""

    __slots__ = ("plain", "tag", "text")

    def __init__(
        self,
        file: File,
        start: int,
        end: int,
        text: str,
        plain: bool = False,  # noqa: FBT001, FBT002 - see below
        tag: str | None = None,
    ) -> None:  # built once for every value of every file: keyword arguments would cost a tenth of the reading
        self.file = file
        self.start = start
        self.end = end
        self.text = text
        self.plain = plain
        self.tag = tag

    @property
    def value(self) -> Value:
        """The text's meaning under its tag or, where it stands plain, under YAML 1.1's rules."""
        if self.tag is None:
            return resolve(self.text) if self.plain else self.text
        return tagged(self.tag, self.text)

    @property
    def string(self) -> str | None:
        """The text where Kubernetes reads a string, None where it reads anything else."""
        if self.tag is None and (not self.plain or self.text[:1] not in SPECIAL_START):
            return self.text
        value = self.value
        return value if isinstance(value, str) else None

    @property
    def kind(self) -> str:  # type: ignore[override]  # the other nodes have one kind, a scalar has several
        """The JSON type's name in the API's words."""
        return KINDS[type(self.value)]


class Sequence(Node):
    """A list of nodes."""

    __slots__ = ("items",)
    kind = "array"

    def __init__(self, file: File, start: int, end: int) -> None:
        super().__init__(file, start, end)
        self.items: list[Node] = []


class Mapping(Node):
    """Keys in the order written and, by the key's text, the value that counts (the last one)."""

    __slots__ = ("fields", "keys")
    kind = "object"

    def __init__(self, file: File, start: int, end: int) -> None:
        super().__init__(file, start, end)
        self.keys: list[Scalar] = []
        self.fields: dict[str, Node] = {}

    def key(self, name: str) -> Scalar | None:
        """The key that is written `name`, the last of them."""
        return next((key for key in reversed(self.keys) if key.text == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateKey:
    """One key twice in one mapping: Kubernetes keeps the later value."""

    first: Scalar
    second: Scalar


class Document(NamedTuple):
    """One document of a file; `root` is missing where the document is empty."""

    root: Node | None
    duplicates: tuple[DuplicateKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlError:
    """What stopped the reading of a file, and where; `opened` is where what it belongs to begins, if that is told."""

    message: str
    span: Span
    opened: Span | None = None


class Tree(NamedTuple):
    """The documents up to the end of the text, or up to `error`."""

    documents: tuple[Document, ...]
    error: YamlError | None = None


class _RefusedError(Exception):
    """The text is YAML, but not such as can be a manifest."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


def read(file: File, *, start: int = 0, end: int | None = None) -> Tree:
    """Compose the documents between two offsets of a file's text (by default all of it)."""
    text = file.text[start:end] if start or end is not None else file.text
    tree = _read(file, start, text, events(text))
    tried: list[object] = []
    while tree.error is not None:
        otherwise = other_events(tree.error.message)
        if otherwise is None or otherwise in tried:
            break
        tried.append(otherwise)
        tree = _read(file, start, text, otherwise(text))
    return tree


def _read(file: File, start: int, text: str, get_event: Callable[[], Event]) -> Tree:
    documents: list[Document] = []

    def character(at: int) -> Span:
        at = min(start + at, len(file.text))
        if not file.text[at:].strip():  # it ends too early: where it does says more than the empty line behind it
            at = max(start, len(file.text.rstrip()))
        return Span(file, at, min(at + 1, len(file.text)))

    def failed(message: str, at: int, opened: int | None = None) -> Tree:
        begun = None if opened is None else character(opened)
        error = YamlError(message=message, span=character(at), opened=begun)
        return Tree(documents=tuple(documents), error=error)

    try:
        _compose(get_event, file, start, documents)
    except _RefusedError as refusal:
        return failed(str(refusal), refusal.index - start)
    except PARSER_ERRORS as error:
        return failed(*complaint(error, text))
    return Tree(documents=tuple(documents))


Plain = Value | list["Plain"] | dict[str, "Plain"]
"""Data without places, as JSON has it."""


def plain(root: Node) -> Plain:
    """The data of a tree. What aliases share stays shared; where one leads back to what holds it, null stands."""
    known: dict[int, Plain] = {}

    def data(node: Node) -> Plain:
        if isinstance(node, Scalar):
            return node.value
        key = id(node)
        if key not in known:
            known[key] = None
            if isinstance(node, Sequence):
                known[key] = [data(item) for item in node.items]
            elif isinstance(node, Mapping):
                known[key] = {name: data(value) for name, value in node.fields.items()}
        return known[key]

    return data(root)


def _compose(get_event: Callable[[], Event], file: File, base: int, documents: list[Document]) -> None:
    """Append the documents one by one, so that those before an error survive it.

    Children of the open collections are gathered in flat lists, keys and values in turn.
    """
    open_nodes: list[Sequence | Mapping] = []
    open_children: list[list[Node]] = []
    anchors: dict[str, Node] = {}
    aliased_at = -1
    merged = 0
    duplicates: list[DuplicateKey] = []
    top: list[Node] = []
    children = top
    while True:
        event = get_event()
        type_ = event.__class__
        node: Node
        if type_ is ScalarEvent:
            plain, quoted = event.implicit
            node = Scalar(
                file,
                event.start_mark.index + base,
                event.end_mark.index + base,
                event.value,
                plain,
                None if plain or quoted else event.tag,
            )
            children.append(node)
        elif type_ is MappingEndEvent or type_ is SequenceEndEvent:
            node = open_nodes.pop()
            # A block collection's end event has no width and stands at the next token, long after the end.
            end = event.end_mark.index
            if event.start_mark.index != end:
                node.end = end + base
            elif children:
                node.end = children[-1].end
            if type_ is SequenceEndEvent:
                cast(Sequence, node).items = children
            else:
                merged += _fill(cast(Mapping, node), children, duplicates)
                if merged > _MOST_ALIASED:
                    raise _RefusedError(_ALIASING, aliased_at)
            children = open_children.pop()
            continue
        elif type_ is MappingStartEvent or type_ is SequenceStartEvent:
            at = event.start_mark.index + base
            if len(open_nodes) >= MAX_DEPTH:
                message = f"collections are nested more than {MAX_DEPTH} deep"
                raise _RefusedError(message, at)
            node = Mapping(file, at, at) if type_ is MappingStartEvent else Sequence(file, at, at)
            children.append(node)
            open_nodes.append(node)
            open_children.append(children)
            children = []
        elif type_ is AliasEvent:
            target = anchors.get(cast(str, event.anchor))
            if target is None:
                message = f"the alias *{event.anchor} has no anchor before it"
                raise _RefusedError(message, event.start_mark.index + base)
            if target in open_nodes:
                message = f"the alias *{event.anchor} contains itself"
                raise _RefusedError(message, event.start_mark.index + base)
            if aliased_at < 0:
                aliased_at = event.start_mark.index + base
            children.append(target)
            continue
        elif type_ is DocumentStartEvent:
            anchors = {}
            duplicates = []
            children = top = []
            aliased_at = -1
            merged = 0
            continue
        elif type_ is DocumentEndEvent:
            if aliased_at >= 0 and _is_bomb(top[0]):
                raise _RefusedError(_ALIASING, aliased_at)
            documents.append(Document(root=top[0] if top else None, duplicates=tuple(duplicates)))
            continue
        elif type_ is StreamEndEvent:
            return
        else:
            continue
        if event.anchor is not None:
            anchors[event.anchor] = node


_ALIASING = (
    "the document contains excessive aliasing: from here on, aliases expand to far more text than the file contains"
)


def _is_bomb(root: Node) -> bool:
    """Whether go-yaml v2 would refuse what the aliases below `root` add up to (`decode.go`, `allowedAliasRatio`)."""
    sizes: dict[int, int] = {}
    pending = [root]
    while pending:
        node = pending[-1]
        children = _children(node)
        unknown = [child for child in children if id(child) not in sizes]
        if unknown:
            pending += unknown
            continue
        # Beyond the cap it makes no difference, and the true number may have more digits than there is memory.
        sizes[id(node)] = min(1 + sum(sizes[id(child)] for child in children), 1 << 60)
        pending.pop()
    size, written = sizes[id(root)], len(sizes)
    share = min(max((size - _MOST_ALIASED) / (9 * _MOST_ALIASED), 0), 1)
    return size > 1_000 and (size - written) / size > 0.99 - 0.89 * share


def _children(node: Node) -> list[Node]:
    if isinstance(node, Mapping):
        return [*node.keys, *node.fields.values()]
    return node.items if isinstance(node, Sequence) else []


def _fill(mapping: Mapping, children: list[Node], duplicates: list[DuplicateKey]) -> int:
    """Give the mapping its keys and values; how many of them a merge has added."""
    scalars = cast("list[Scalar]", children[::2])
    try:
        names = [key.text for key in scalars]
    except AttributeError:  # a collection as a key, such as an unquoted {{ template }}: its text will do
        scalars = [
            key if key.__class__ is Scalar else Scalar(key.file, key.start, key.end, key.span.text) for key in scalars
        ]
        names = [key.text for key in scalars]
    fields = dict(zip(names, children[1::2], strict=True))
    mapping.keys = scalars
    mapping.fields = fields
    if len(fields) != len(scalars):
        first: dict[str, Scalar] = {}
        for key in scalars:
            if key.text in first:
                duplicates.append(DuplicateKey(first=first[key.text], second=key))
            first.setdefault(key.text, key)
    return _merge(mapping) if "<<" in fields else 0


def _merge(mapping: Mapping) -> int:
    """YAML 1.1's `<<`: take over the keys of other mappings that are not written here; how many there are to see."""
    merged = mapping.fields["<<"]
    sources = merged.items if isinstance(merged, Sequence) else [merged]
    if not sources or not all(isinstance(source, Mapping) for source in sources):
        return 0
    del mapping.fields["<<"]
    mapping.keys = [key for key in mapping.keys if key.text != "<<"]
    for source in cast("list[Mapping]", sources):
        for key in source.keys:
            if key.text not in mapping.fields:
                mapping.fields[key.text] = source.fields[key.text]
                mapping.keys.append(key)
    return sum(len(source.keys) for source in cast("list[Mapping]", sources))
