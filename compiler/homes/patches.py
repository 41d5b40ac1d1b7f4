"""Patches of mirror objects in commands and files: `oc patch image.config.openshift.io/cluster -p '{"spec": …}'`.

In: a text with commands, or a document that is the body of a patch. Out: the object that a patch makes of an empty one,
as a node, each value in its place. Merge patches and the `add` and `replace` of JSON patches are read.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from compiler.homes.source import text_of
from compiler.text.inner import Inner
from compiler.text.printed import closing, unescaped
from compiler.text.span import File
from compiler.text.tree import Mapping, Node, Scalar, Sequence, YamlError

_COMMAND = re.compile(
    r"""
    \bpatch(?:[ \t]|\\\n)++(?:-[-\w]++(?:[= ][^\s-][^\s\\]*+)?(?:[ \t]|\\\n)++)*+
    (?P<kind>images?\.config(?:\.openshift\.io)?|image(?:digest|tag)mirrorsets?[\w.]*+|imagecontentsourcepolic(?:y|ies)[\w.]*+
        |idms|itms|icsp)
    (?:/|[ \t]++)(?P<name>[^\s/]++)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BODY = re.compile(r"""[ \t\\\n](?:-p|--patch)[ \t=]?[ \t]*(?P<quote>["'])""")
_NEXT_COMMAND = re.compile(r"(?<!\\)\n\S")
_JSON_TYPE = re.compile(r"--type[ =]?[\"']?json\b")
_LONGEST_OPTIONS = 500
_MOST = 100
_KINDS = (
    ("image.", "Image", "config.openshift.io/v1"),
    ("images.", "Image", "config.openshift.io/v1"),
    ("imagedigest", "ImageDigestMirrorSet", "config.openshift.io/v1"),
    ("idms", "ImageDigestMirrorSet", "config.openshift.io/v1"),
    ("imagetag", "ImageTagMirrorSet", "config.openshift.io/v1"),
    ("itms", "ImageTagMirrorSet", "config.openshift.io/v1"),
    ("imagecontent", "ImageContentSourcePolicy", "operator.openshift.io/v1alpha1"),
    ("icsp", "ImageContentSourcePolicy", "operator.openshift.io/v1alpha1"),
)


class PatchCommand(NamedTuple):
    """A command that patches an object: where it is, up to the end of its patch, and what it makes of the object."""

    start: int
    end: int
    made: Mapping


def commands(file: File, inner: Inner | None = None) -> Iterator[PatchCommand]:
    """The patches in the commands of a text.

    Args:
        file: Whose text has the commands.
        inner: The way to the places around, where the text is in a value of another file.
    """
    text = file.text
    for _, match in zip(range(_MOST), _COMMAND.finditer(text), strict=False):
        body = _BODY.search(text, match.end(), match.end() + _LONGEST_OPTIONS)
        line = _NEXT_COMMAND.search(text, match.end(), match.end() + _LONGEST_OPTIONS)
        if body is None or (line is not None and line.start() < body.start()):
            continue
        end = closing(text, body.end(), body["quote"])
        if end < 0:
            continue
        parts = list(unescaped(text, body.end(), end, is_double=body["quote"] == '"', escapes=False))
        document = next(iter(Inner.of_parts(file, parts).documents()), None)
        if document is None or isinstance(document, YamlError):
            continue
        after = text.find("\n", end)
        is_json = _JSON_TYPE.search(text, match.start(), after if after >= 0 else len(text)) is not None
        spec = _of_operations(document.root) if is_json else _field(document.root, "spec")
        if spec is None:
            continue
        made = patched(spec, match["kind"].lower(), match["name"])
        if inner is not None:
            inner.move(made)
        if inner is None:
            yield PatchCommand(match.start(), end, made)
        elif inner.exact:
            yield PatchCommand(inner.offset(match.start()), inner.offset(end), made)
        else:
            yield PatchCommand(inner.scalar.start, inner.scalar.end, made)


def patched(spec: Mapping, kind: str, name: str) -> Mapping:
    """An object of which a patch has the `spec`."""
    _, named, version = next(each for each in _KINDS if kind.startswith(each[0]))

    def text(value: str) -> Scalar:
        return Scalar(spec.file, spec.start, spec.start, value)

    return _mapping(
        spec,
        {
            "apiVersion": text(version),
            "kind": text(named),
            "metadata": _mapping(spec, {"name": text(name)}),
            "spec": spec,
        },
    )


def is_patch_of_image(root: Node) -> bool:
    """Whether a document is the body of a patch that can only be one of the Image config."""
    if not isinstance(root, Mapping) or root.fields.keys() != {"spec"}:
        return False
    spec = root.fields["spec"]
    return isinstance(spec, Mapping) and bool(spec.fields.keys() & {"registrySources", "allowedRegistriesForImport"})


def of_image(root: Mapping) -> Mapping | None:
    """The Image config that such a document makes."""
    spec = root.fields["spec"]
    return patched(spec, "image.", "cluster") if isinstance(spec, Mapping) else None


def joined_images(found: list[PatchCommand]) -> list[PatchCommand]:
    """The commands of one file, those of the same Image config as one: each list is of the last that has it."""
    images = [each for each in found if text_of(each.made, "kind") == "Image"]
    if len(images) < 2:
        return found
    first = images[0]
    sources = _field(_field(first.made, "spec"), "registrySources")
    for each in images[1:]:
        other = _field(_field(each.made, "spec"), "registrySources")
        if sources is None or other is None:
            return found
        for key in other.keys:
            if key.text not in sources.fields:
                sources.keys.append(key)
            sources.fields[key.text] = other.fields[key.text]
    return [each for each in found if each not in images[1:]]


def _field(root: Node | None, name: str) -> Mapping | None:
    found = root.fields.get(name) if isinstance(root, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _of_operations(root: Node | None) -> Mapping | None:
    """The `spec` that a JSON patch makes."""
    if not isinstance(root, Sequence):
        return None
    spec = _mapping(root, {})
    for item in root.items:
        path = text_of(item, "path").split("/")
        if text_of(item, "op") not in {"add", "replace"} or path[:2] != ["", "spec"] or not isinstance(item, Mapping):
            return None
        value = item.fields.get("value")
        if value is None:
            return None
        if path[-1] == "-" or path[-1].isdecimal():
            listed = Sequence(value.file, value.start, value.end)
            listed.items = [value]
            value = listed
            path = path[:-1]
        at = spec
        for key in path[2:-1]:
            below = at.fields.get(key)
            if not isinstance(below, Mapping):
                below = _mapping(item, {})
                _put(at, key, below)
            at = below
        if len(path) > 2:
            _put(at, path[-1], value)
        elif isinstance(value, Mapping):
            spec = value
    return spec if spec.fields else None


def _put(mapping: Mapping, key: str, value: Node) -> None:
    if key not in mapping.fields:
        mapping.keys.append(Scalar(value.file, value.start, value.start, key))
    mapping.fields[key] = value


def _mapping(at: Node, fields: dict[str, Node]) -> Mapping:
    made = Mapping(at.file, at.start, at.end)
    made.keys = [Scalar(at.file, at.start, at.start, key) for key in fields]
    made.fields = fields
    return made
