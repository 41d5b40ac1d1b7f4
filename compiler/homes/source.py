"""What readers of homes share: the documents of a file, and the objects in a part of one.

In: a file. Out: its objects, read once for all readers, and what the API server would make of nodes and texts in it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.homes.templates import template_objects
from compiler.manifests.decoding import Decoded, decode
from compiler.manifests.embedded import NodeText
from compiler.manifests.kinds import Manifest
from compiler.manifests.lists import Listed, objects
from compiler.manifests.parsing import documents
from compiler.names.releases import Release
from compiler.text.inner import Inner
from compiler.text.span import File, Span
from compiler.text.tree import Document, Mapping, Node, Scalar, Sequence, YamlError, read

if TYPE_CHECKING:
    from compiler.node.ignition_config import Unpacked

_IS_DEFINITION = re.compile(r"""^["']?kind["']?[ \t]*:[ \t]*["']?CustomResourceDefinition\b""", re.MULTILINE)
"""A document that has no policy, and mostly is long."""

_BEGINNING = re.compile(
    r"(?:---[ \t]*(?:#[^\n]*)?\n)?(?:[ \t]*(?:#[^\n]*)?\n)*"
    r"(?:[A-Za-z]+:[ \t]+[A-Za-z0-9./_-]+[ \t]*\n)*kind:[ \t]+[A-Za-z]"
)
"""How most objects begin: a mapping in block style without indentation, with plain values before its kind."""


@dataclass
class Source:
    """A file in which there may be policy, for a cluster of a release.

    Attributes:
        file: The file; edits of it are not made for what is found in homes.
        release: Of the cluster.
        written: The text of the file, at the same offsets; `file` has tokens for placeholders.
        blanks: The offsets of lines that a template engine may turn into any fields.
        whole: The documents of the file, where they were parsed already.
    """

    file: File
    release: Release
    written: str = ""
    blanks: tuple[int, ...] = ()
    whole: tuple[Node, ...] = ()

    def of_root(self, root: Node) -> "Source":
        """A source of which a part is the only document."""
        part = Source(self.file, self.release, self.written, self.blanks)
        part.__dict__["roots"] = (root,)
        part.__dict__["unpacked"] = self.unpacked
        if self.blanks:
            part.__dict__["_starts"] = self._starts
        return part

    def blanks_of(self, root: Node) -> tuple[int, ...]:
        """The blanks from where a node begins up to the next document."""
        if not self.blanks:
            return ()
        place = bisect_right(self._starts, root.start)
        end = self._starts[place] if place < len(self._starts) else len(self.file.text)
        return self.blanks[bisect_left(self.blanks, root.start) : bisect_left(self.blanks, end)]

    @cached_property
    def _starts(self) -> list[int]:
        """Where the documents of the file begin."""
        return [start for start, _ in documents(self.file.text)]

    def is_object_around(self, offset: int) -> bool:
        """Whether a document around an offset is seen to be a mapping with a kind by how it begins; nothing is parsed.

        Where it cannot be parsed, it may be seen as one too.
        """
        place = bisect_right(self._starts, offset) - 1
        if place not in self._seen:
            start = self._starts[place]
            end = self._starts[place + 1] if place + 1 < len(self._starts) else len(self.file.text)
            is_one = _BEGINNING.match(self.file.text, start, end) is not None
            self._seen[place] = is_one and self.file.text.find("\n...", start, end) < 0
        return self._seen[place]

    @cached_property
    def _seen(self) -> dict[int, bool]:
        return {}

    @cached_property
    def unpacked(self) -> "Unpacked":
        """What the compressed files in it, all together, unpack to."""
        from compiler.node.ignition_config import Unpacked

        return Unpacked.of_size(len(self.file.text))

    @cached_property
    def roots(self) -> tuple[Node, ...]:
        """The documents of the file; those that cannot be parsed are left out."""
        found: list[Node] = []
        text = readable(self.file.text)
        for start, end in documents(text):
            if _IS_DEFINITION.search(text, start, end) is not None:
                continue
            if self.whole:
                return self.whole
            tree = read(self.file, start=start, end=end, text=text[start:end])
            if tree.error is not None and text is not self.file.text:
                # Statements in a block scalar are text to the document around it.
                tree = read(self.file, start=start, end=end)
            found += (each.root for each in tree.documents if each.root is not None)
        return tuple(found)

    @cached_property
    def objects(self) -> tuple[Listed, ...]:
        """The objects of the file: those of lists too, and those that an OpenShift Template makes."""
        found: list[Listed] = []
        for root in self.roots:
            for each in objects(root):
                if isinstance(each.root, Mapping):
                    found.append(each)
                    found += template_objects(each)
        return tuple(found)

    def of_kinds(self, *kinds: str, group: str = "") -> Iterator[tuple[Listed, Mapping]]:
        """The objects of some kinds, of an API group where one is given, each with its root."""
        for each in self.objects:
            if each.kind in kinds and isinstance(each.root, Mapping):
                if group and each.api_version.partition("/")[0] != group:
                    continue
                yield each, each.root


def readable(text: str) -> str:
    """A text that a parser reads: in a source all texts have tokens for their placeholders already."""
    return text


def documents_in(text: Scalar | Inner, start: int = 0, end: int | None = None) -> Iterator[Document | YamlError]:
    """The documents in a text, in their places; an error is the last."""
    inner = text if isinstance(text, Inner) else Inner(text)
    return inner.documents(start, end, text=readable(inner.file.text)[start:end])


@dataclass
class Content:
    """What was read in a home: objects, and what there is to say of them."""

    manifests: list[Manifest] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    read: list[Span] = field(default_factory=list)
    machine_configs: list[Mapping] = field(default_factory=list)
    node_texts: list[NodeText] = field(default_factory=list)

    def add(self, decoded: Decoded) -> None:
        """Take over what was decoded."""
        self.manifests += decoded.manifests
        self.refused += decoded.refused
        self.diagnostics += decoded.diagnostics
        self.read += decoded.read

    def __bool__(self) -> bool:
        return bool(self.manifests or self.refused or self.diagnostics or self.read or self.node_texts)

    def keep(self, root: Node | None) -> None:
        """Note a MachineConfig, whose files are read by who knows for which nodes they are."""
        if isinstance(root, Mapping) and text_of(root, "kind") == "MachineConfig":
            self.machine_configs.append(root)


def objects_in(nodes: "list[Node] | tuple[Node, ...]", release: Release) -> Content:
    """What the API server makes of nodes that are objects."""
    content = Content()
    for node in nodes:
        if isinstance(node, Mapping):
            content.add(decode(Document(root=node), release))
            content.keep(node)
    return content


def text_in(scalar: Scalar, release: Release, *, each: "Callable[[Document], Decoded | None] | None" = None) -> Content:
    """What the API server makes of a text with manifests.

    Args:
        scalar: The text.
        release: Of the cluster.
        each: Decodes a document in its place, None to leave it out; by default all of it is decoded.
    """
    content = Content()
    for document in documents_in(scalar):
        if isinstance(document, YamlError):
            content.diagnostics.append(
                rules.INVALID_YAML.at(document.span, document.message, help="Fix the syntax of the text in this value.")
            )
            content.read.append(scalar.span)
            break
        decoded = decode(document, release) if each is None else each(document)
        if decoded is not None:
            content.add(decoded)
            content.keep(document.root)
    return content


def field_of(root: Node | None, *path: str) -> Node | None:
    """The node at a path of keys, None where there is none."""
    for name in path:
        root = root.fields.get(name) if isinstance(root, Mapping) else None
    return root


def text_of(root: Node | None, *path: str) -> str:
    """The text at a path of keys, empty where there is none."""
    node = field_of(root, *path)
    return node.text if isinstance(node, Scalar) and node.value is not None else ""


def items_of(root: Node | None, *path: str) -> list[Node]:
    """The items of the list at a path of keys."""
    node = field_of(root, *path)
    return node.items if isinstance(node, Sequence) else []


def name_of(root: Node | None) -> str:
    """The name of an object, empty where it has none."""
    return text_of(root, "metadata", "name")


def namespace_of(root: Node | None) -> str:
    """The namespace of an object, empty where it has none."""
    return text_of(root, "metadata", "namespace")


def called(kind: str, root: Node | None) -> str:
    """An object in words: "ConfigMap `north`"."""
    name = name_of(root)
    return f"{kind} `{name}`" if name else kind
