"""Kubernetes objects as plain data, each with its place: what pointers are read from.

In: a decoded file. Out: its objects. Scalars keep the text that is written, so that a version stays one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from compiler.manifests import lists
from compiler.text.scalars import resolve
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence, YamlError, each_document

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | None"

Table: TypeAlias = "dict[str, Plain]"


class Bare(str):
    """The text of a scalar that YAML does not read as a string."""

    __slots__ = ()


_MOST_OBJECTS = 100_000
"""Objects of one file; what comes after them is not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """An object of a file.

    `path` is that of the file from the top of the repo, `span` the place of the name, or of the object.
    """

    path: str
    span: Span
    data: Table

    @property
    def kind(self) -> str:
        """What it is, empty where it does not say."""
        return text_at(self.data, "kind")

    @property
    def group(self) -> str:
        """The API group, without the version."""
        return text_at(self.data, "apiVersion").rpartition("/")[0]

    @property
    def name(self) -> str:
        """The object's name, empty where it has none."""
        return text_at(self.data, "metadata", "name")


def objects(path: str, file: File) -> Iterator[Object]:
    """The objects in a file, those of lists one by one; nothing of what comes after a mistake in the syntax."""
    count = 0
    for document in each_document(file):
        if isinstance(document, YamlError):
            return
        for node in (each.root for each in lists.objects(document.root)):
            if not isinstance(node, Mapping):
                continue
            count += 1
            if count > _MOST_OBJECTS:
                return
            data = plain(node)
            if isinstance(data, dict):
                yield Object(path=path, span=_place(node), data=data)


def _place(node: Mapping) -> Span:
    metadata = node.fields.get("metadata")
    name = metadata.fields.get("name") if isinstance(metadata, Mapping) else None
    return (name if isinstance(name, Scalar) else node).span


def plain(node: Node | None) -> Plain:
    """What a node contains; an alias is the same data as its anchor."""
    known: dict[int, Plain] = {}

    def made(node: Node | None) -> Plain:
        if isinstance(node, Scalar):
            kind = node.kind
            return None if kind == "null" else node.text if kind == "string" else Bare(node.text)
        key = id(node)
        if key not in known:
            if isinstance(node, Mapping):
                known[key] = {name: made(value) for name, value in node.fields.items()}
            elif isinstance(node, Sequence):
                known[key] = [made(item) for item in node.items]
            else:
                known[key] = None
        return known[key]

    return made(node)


def typed(data: Plain) -> object:
    """The same with numbers and booleans, as JSON has them."""
    if isinstance(data, Bare):
        return resolve(data)
    if isinstance(data, dict):
        return {key: typed(value) for key, value in data.items()}
    return [typed(item) for item in data] if isinstance(data, list) else data


def at(data: Plain, *keys: str) -> Plain:
    """What is below keys, None where there is nothing."""
    for key in keys:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def text_at(data: Plain, *keys: str) -> str:
    """The text below keys, empty where there is none."""
    found = at(data, *keys)
    return found if isinstance(found, str) else ""


def table_at(data: Plain, *keys: str) -> Table:
    """The mapping below keys, empty where there is none."""
    found = at(data, *keys)
    return found if isinstance(found, dict) else {}


def list_at(data: Plain, *keys: str) -> list[Plain]:
    """The list below keys, empty where there is none."""
    found = at(data, *keys)
    return found if isinstance(found, list) else []


def texts_at(data: Plain, *keys: str) -> list[str]:
    """The texts in the list below keys."""
    return [item for item in list_at(data, *keys) if isinstance(item, str)]


def is_pointer(found: Object) -> bool:
    """Whether an object says what clusters get, or which clusters there are."""
    if found.kind in {"Application", "ApplicationSet"}:
        return found.group == "argoproj.io"
    if found.kind == "Kustomization":
        return found.group == "kustomize.toolkit.fluxcd.io"
    if found.kind == "HelmRelease":
        return found.group == "helm.toolkit.fluxcd.io"
    if found.kind in {"GitRepository", "OCIRepository", "Bucket"}:
        return found.group == "source.toolkit.fluxcd.io"
    if found.kind == "Secret":
        return "argocd.argoproj.io/secret-type" in table_at(found.data, "metadata", "labels")
    return found.kind in {"PolicyGenerator", "Placement", "PlacementRule", "ManagedCluster"}
