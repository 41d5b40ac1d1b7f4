"""Objects that a program makes of a list in its own document, such as the installer of `imageDigestSources`.

In: the list and what is made of it. Out: the node of an object, each value at its place in the list, and findings
about it that name the fields of the document.
"""

from collections.abc import Mapping as Names
from dataclasses import replace

from compiler.homes.source import Content
from compiler.manifests.decoding import decode
from compiler.manifests.kinds import MirrorSet
from compiler.names.releases import Release
from compiler.text.tree import Document, Mapping, Node, Scalar, Sequence


def mirror_set_of(
    type_: type[MirrorSet],
    name: str,
    listed: Node,
    release: Release,
    *,
    path: str,
    renamed: Names[str, str] | None = None,
) -> Content:
    """The mirror object that is made of a list, as the API server takes it.

    Args:
        type_: The kind.
        name: What the object is called.
        listed: The list of rules.
        release: Of the cluster.
        path: The path of the list in its own document.
        renamed: Fields of a rule that are called otherwise there, with their names in the object.
    """
    items = _renamed(listed, renamed) if renamed else listed
    at = listed.start
    spec = mapping(listed, {type_.list_field: items})
    root = mapping(
        listed,
        {
            "apiVersion": scalar(listed, type_.api_version),
            "kind": scalar(listed, type_.kind),
            "metadata": mapping(listed, {"name": scalar(listed, name)}),
            "spec": spec,
        },
    )
    root.start, root.end = at, listed.end
    content = Content()
    content.add(decode(Document(root=root), release))
    prefix = f"spec.{type_.list_field}"
    back = {new: old for old, new in (renamed or {}).items()}

    def field_in(path_: str) -> str:
        if not path_.startswith(prefix):
            return path_
        own = path + path_.removeprefix(prefix)
        head, dot, last = own.rpartition(".")
        return f"{head}{dot}{back.get(last, last)}"

    content.diagnostics = [replace(finding, field=field_in(finding.field), fix=None) for finding in content.diagnostics]
    content.manifests = [
        replace(each, rules=tuple(rule._replace(field=field_in(rule.field)) for rule in each.rules))
        if isinstance(each, MirrorSet)
        else each
        for each in content.manifests
    ]
    content.read.append(listed.span)
    return content


def scalar(at: Node, text: str) -> Scalar:
    """A text at the place of a node."""
    return Scalar(at.file, at.start, at.start, text)


def mapping(at: Node, fields: dict[str, Node]) -> Mapping:
    """A mapping at the place of a node."""
    made = Mapping(at.file, at.start, at.start)
    made.keys = [scalar(at, key) for key in fields]
    made.fields = fields
    return made


def _renamed(listed: Node, names: Names[str, str]) -> Node:
    if not isinstance(listed, Sequence):
        return listed
    made = Sequence(listed.file, listed.start, listed.end)
    for item in listed.items:
        if isinstance(item, Mapping):
            copy = Mapping(item.file, item.start, item.end)
            copy.keys = [
                Scalar(key.file, key.start, key.end, names[key.text]) if key.text in names else key for key in item.keys
            ]
            copy.fields = {names.get(key, key): value for key, value in item.fields.items()}
            made.items.append(copy)
        else:
            made.items.append(item)
    return made
