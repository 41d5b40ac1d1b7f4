"""YAML and JSON text to a tree that keeps every position, read the way Kubernetes reads it.

In: the decoded text of a file. Out: its documents as nodes with code-point offsets, and the first thing that
stops the reading, if any.

The tree is built from the parser's events (`yamlevents`): the C composer overruns its stack on deep nesting and
resolves tags that are not wanted. What a scalar means is said in `scalars`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice, repeat
from typing import NamedTuple, cast

from compiler.text.events import (
    PARSER_ERRORS,
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    Reading,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    complaint,
)
from compiler.text.scalars import KINDS, SPECIAL_START, Value, resolve, tagged
from compiler.text.span import File, Span

MAX_DEPTH = 200
"""Deeper nesting than this is refused; no manifest comes near it."""

_TOO_DEEP = f"collections are nested more than {MAX_DEPTH} levels deep"

MOST_EVENTS = 3_000_000
"""Values of one document, a collection counted as two: ten times what the API server takes in one object."""

_MOST_TAG_DIRECTIVES = 1_000
"""libyaml compares each with all before it."""

_MOST_ALIASED_TEXT = 4 << 20
"""Characters that aliases may add to a document."""

_MOST_ALIASED = 400_000
"""Nodes that aliases may add to a document: the place from which go-yaml v2 allows them a falling share."""


class Node:
    """A piece of the tree: where it is, and what it is."""

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
        """The text's meaning under its tag or, where it is plain, under YAML 1.1's rules."""
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


_FEW_KEYS = 16
"""So many keys are looked through faster than by a table."""


class Mapping(Node):
    """Keys in the order written and, by the key's text, the value that counts (the last one)."""

    __slots__ = ("_by_text", "_repeated", "fields", "keys")
    kind = "object"
    _by_text: dict[str, Scalar]
    _repeated: frozenset[str]

    def __init__(self, file: File, start: int, end: int) -> None:
        super().__init__(file, start, end)
        self.keys: list[Scalar] = []
        self.fields: dict[str, Node] = {}

    def key(self, name: str) -> Scalar | None:
        """The key that is written `name`, the last of them."""
        if len(self.keys) <= _FEW_KEYS:
            return next((key for key in reversed(self.keys) if key.text == name), None)
        try:
            by_text = self._by_text
        except AttributeError:  # it has not been asked yet
            by_text = self._by_text = {key.text: key for key in self.keys}
        return by_text.get(name)

    def is_repeated(self, name: str) -> bool:
        """Whether several keys are written `name`, so that the value of another one counts where one is renamed."""
        try:
            repeated = self._repeated
        except AttributeError:  # it has not been asked yet
            counts = Counter([key.text for key in self.keys])
            repeated = self._repeated = frozenset(text for text, count in counts.items() if count > 1)
        return name in repeated


class DuplicateKey(NamedTuple):
    """One key twice in one mapping: Kubernetes keeps the later value."""

    first: Scalar
    second: Scalar


class Document(NamedTuple):
    """One document of a file; `root` is missing where the document is empty."""

    root: Node | None
    duplicates: tuple[DuplicateKey, ...] = ()


class YamlError(NamedTuple):
    """What stopped the reading of a file, and where; `opened` is where what it belongs to begins, if that is known.

    `refused` says that the text is YAML which costs more than it may: other programs had better not read it either.
    """

    message: str
    span: Span
    opened: Span | None = None
    refused: bool = False


class Tree(NamedTuple):
    """The documents up to the end of the text, or up to `error`."""

    documents: tuple[Document, ...]
    error: YamlError | None = None


class _RefusedError(Exception):
    """The text is YAML, but not such as can be a manifest."""

    def __init__(self, message: str, index: int, *, costly: bool = False) -> None:
        super().__init__(message)
        self.index = index
        self.costly = costly


def read(file: File, *, start: int = 0, end: int | None = None, text: str | None = None) -> Tree:
    """Compose the documents between two offsets of a file's text (by default all of it).

    `text` is read in the place of what is between them, if given: one of the same length.
    """
    documents: list[Document] = []
    for each in each_document(file, start=start, end=end, text=text):
        if isinstance(each, YamlError):
            return Tree(documents=tuple(documents), error=each)
        documents.append(each)
    return Tree(documents=tuple(documents))


def each_of(tree: Tree) -> Iterator[Document | YamlError]:
    """What `each_document` gives of a text that is read already."""
    yield from tree.documents
    if tree.error is not None:
        yield tree.error


def each_document(
    file: File, *, start: int = 0, end: int | None = None, text: str | None = None
) -> Iterator[Document | YamlError]:
    """Compose the documents one after the other, so that not all have to be kept; an error is the last."""
    if text is None:
        text = file.text[start:end] if start or end is not None else file.text
    if text.count("\n%TAG") > _MOST_TAG_DIRECTIVES:
        message = f"the text has more than {_MOST_TAG_DIRECTIVES} %TAG directives"
        yield YamlError(message=message, span=_character(file, start, file.text.index("%TAG", start)), refused=True)
        return
    if text.lstrip()[:1] == "{" and (parts := _json_stream(text)):
        for first, last in parts:
            yield from each_document(file, start=start + first, end=start + last)
        return
    reading: Reading | None = Reading(text)
    given = 0
    failed: YamlError | None = None
    reserve = list(range(_RESERVED)) if len(text) > _RESERVED else []
    while reading is not None:
        failed = None
        try:
            for document in islice(_compose(reading.events(), file, start), given, None):
                given += 1
                yield document
            return
        except MemoryError:
            reserve.clear()
            raise
        except _RefusedError as refusal:
            failed = YamlError(
                message=str(refusal), span=_character(file, start, refusal.index), refused=refusal.costly
            )
            reading = None
        except PARSER_ERRORS as error:
            message, at, opened = complaint(error, text)
            begun = None if opened is None else _character(file, start, start + opened)
            failed = YamlError(message=message, span=_character(file, start, start + at), opened=begun)
            reading = reading.otherwise(error)
    if failed is not None:
        yield failed


_RESERVED = 20_000
"""Numbers that are given back where memory runs out: CPython 3.11 to 3.13 never gets out of a handler without any."""

_NEXT_OBJECT = re.compile(r"\}\s*\{")


def _json_stream(text: str) -> list[tuple[int, int]]:
    """Where several JSON objects are that follow each other without a separator; nothing where the text is not that.

    As k8s.io/apimachinery `yaml.YAMLOrJSONDecoder` has it: a text that starts with `{` is a stream of JSON.
    """
    if _NEXT_OBJECT.search(text) is None:
        return []
    import json

    decoder = json.JSONDecoder()
    parts: list[tuple[int, int]] = []
    at = 0
    while (match := _NOT_BLANK.search(text, at)) is not None:
        try:
            _, end = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            return []
        parts.append((match.start(), end))
        at = end
    return parts if len(parts) > 1 else []


_NOT_BLANK = re.compile(r"\S")


def _character(file: File, start: int, at: int) -> Span:
    """A character that stops the reading of what begins at `start`.

    Where a text ends too early, its last line says more than the empty one after it.
    """
    at = min(at, len(file.text))
    if _NOT_BLANK.search(file.text, at) is None:
        at = max(start, len(file.text.rstrip()))
    return Span(file, at, min(at + 1, len(file.text)))


Plain = Value | list["Plain"] | dict[str, "Plain"]
"""Data without places, as JSON has it."""


def plain(root: Node) -> Plain:
    """The data of a tree. What aliases share stays shared; where one leads back to what contains it, is null."""
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


def _compose(get_event: Callable[[], Event], file: File, base: int) -> Iterator[Document]:
    """The documents one by one, so that those before an error survive it.

    Children of the open collections are gathered in flat lists, keys and values in turn.
    """
    open_nodes: list[Sequence | Mapping] = []
    open_children: list[list[Node]] = []
    anchors: dict[str, Node] = {}
    aliased_at = -1
    alias_end = -1
    merged = 0
    duplicates: list[DuplicateKey] = []
    top: list[Node] = []
    children = top
    while True:
        for _ in repeat(None, MOST_EVENTS):
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
                # A block collection's end event has no width and is at the next token, long after the end.
                end = event.end_mark.index
                if event.start_mark.index != end:
                    node.end = end + base
                elif children:  # the last may be an alias, and the node it stands for somewhere before
                    node.end = max(children[-1].end, alias_end)
                if type_ is SequenceEndEvent:
                    cast(Sequence, node).items = children
                else:
                    merged += _fill(cast(Mapping, node), children, duplicates)
                    if merged > _MOST_ALIASED:
                        raise _RefusedError(_ALIASING, aliased_at, costly=True)
                children = open_children.pop()
                continue
            elif type_ is MappingStartEvent or type_ is SequenceStartEvent:
                at = event.start_mark.index + base
                if len(open_nodes) >= MAX_DEPTH:
                    raise _RefusedError(_TOO_DEEP, at, costly=True)
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
                alias_end = event.end_mark.index + base
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
                if aliased_at >= 0 and (reason := _too_much(top[0])):
                    raise _RefusedError(reason, aliased_at, costly=True)
                yield Document(root=top[0] if top else None, duplicates=tuple(duplicates))
                break
            elif type_ is StreamEndEvent:
                return
            else:
                continue
            if event.anchor is not None:
                anchors[event.anchor] = node
        else:
            message = f"the document has more than {MOST_EVENTS} values"
            raise _RefusedError(message, event.start_mark.index + base, costly=True)


_ALIASING = (
    "the document contains excessive aliasing: from here on, aliases expand to far more text than the file contains"
)


def _too_much(root: Node) -> str:
    """What aliases below `root` add up to, where that is refused; else an empty string.

    The number of values is go-yaml v2's rule (`decode.go`, `allowedAliasRatio`). The depth is that of written
    collections; the text has a limit since an object with more of it is larger than any API server takes.
    """
    sizes: dict[int, int] = {}
    texts: dict[int, int] = {}
    depths: dict[int, int] = {}
    written = 0
    pending = [root]
    while pending:
        node = pending[-1]
        key = id(node)
        if key in sizes:
            pending.pop()
            continue
        children = _children(node)
        unknown = [child for child in children if id(child) not in sizes]
        if unknown:
            pending += unknown
            continue
        length = len(node.text) if isinstance(node, Scalar) else 0
        written += length
        # Beyond the cap it makes no difference, and the true number may have more digits than there is memory.
        sizes[key] = min(1 + sum(sizes[id(child)] for child in children), 1 << 60)
        texts[key] = min(length + sum(texts[id(child)] for child in children), 1 << 60)
        depths[key] = 0 if isinstance(node, Scalar) else 1 + max((depths[id(child)] for child in children), default=0)
        pending.pop()
    key = id(root)
    size = sizes[key]
    share = min(max((size - _MOST_ALIASED) / (9 * _MOST_ALIASED), 0), 1)
    if size > 1_000 and (size - len(sizes)) / size > 0.99 - 0.89 * share:
        return _ALIASING
    if texts[key] - written > _MOST_ALIASED_TEXT:
        return _ALIASING
    return _TOO_DEEP if depths[key] > MAX_DEPTH else ""


def move(root: Node, file: File) -> None:
    """Make a tree one of another file with the same text."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.file is file:
            continue
        node.file = file
        if isinstance(node, Mapping):
            pending += node.keys
            pending += node.fields.values()
        elif isinstance(node, Sequence):
            pending += node.items


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
