"""An object's metadata, checked against the API server's rules.

Follows k8s.io/apimachinery `validation.ValidateObjectMeta` and, for what cannot be decoded at all, the server's
decoding of ObjectMeta, after which it looks no further.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from compiler.findings import rules
from compiler.findings.diagnostics import Fix
from compiler.findings.edits import remove_field
from compiler.manifests.fields import FieldReader, heading, is_null
from compiler.text.opaque import filled, is_open, opaque
from compiler.text.span import Located, Span
from compiler.text.tree import Mapping, Scalar
from compiler.text.wording import shown

_METADATA_FIELDS = frozenset(
    (
        "annotations",
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generateName",
        "generation",
        "labels",
        "managedFields",
        "name",
        "namespace",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    )
)
_NAME_LENGTH = 253
_LABEL_LENGTH = 63
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_DNS_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
_QUALIFIED = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")


class Metadata(NamedTuple):
    """An object's name, which is empty at the place of its kind where it has none, and its namespace."""

    name: Located[str]
    namespace: Located[str] | None = None


def read_metadata(reader: FieldReader, root: Mapping, kind: str, *, namespaced: bool = False) -> Metadata:
    """Check an object's metadata.

    A namespace on a cluster-scoped object is cleared by the server, whatever it is (k8s.io/apiserver
    `rest.EnsureObjectNamespaceMatchesRequestNamespace`).
    """
    nameless = Located("", heading(root).span)
    node = reader.optional(root, "metadata", "metadata", Mapping)
    if node is None:
        if reader.present(root, "metadata") is None:
            _missing_name(reader, nameless.span)
        return Metadata(nameless)
    name = reader.optional_string(node, "name", "metadata.name", takes=_is_object_name)
    if name is None or name.value == "":
        if reader.present(node, "name") is None or name is not None:
            generated = reader.optional_string(node, "generateName", "metadata.generateName")
            if generated is None or generated.value == "":
                name = _announced(node)
                if name is None:
                    _missing_name(reader, (root.key("metadata") or root).span)
    else:
        name = _object_name(reader, name)
    for field in ("labels", "annotations"):
        _string_map(reader, node, field)
    namespace = reader.optional_string(node, "namespace", "metadata.namespace")
    if namespace is not None and namespace.value == "":
        namespace = None
    if namespace is not None and namespaced:
        _namespace(reader, namespace)
    elif namespace is not None:
        reader.found.add(
            rules.NAMESPACED_OBJECT.at(
                namespace.span,
                f"{kind} is cluster-scoped: the API server clears its namespace",
                help="Remove `namespace`.",
                fix=_without_namespace(node),
                field="metadata.namespace",
            )
        )
    reader.unknown_fields(node, _METADATA_FIELDS, "metadata")
    return Metadata(name if name is not None else nameless, namespace if namespaced else None)


def _without_namespace(metadata: Mapping) -> Fix | None:
    """Take the namespace out of the metadata, where it is written there and not alone."""
    keys = [key for key in metadata.keys if metadata.start <= key.start < metadata.end]
    spans = [Span(metadata.file, key.start, max(metadata.fields[key.text].end, key.end)) for key in keys]
    position = next((index for index, key in enumerate(keys) if key.text == "namespace"), None)
    if position is None or len(spans) < 2:
        return None
    edit = remove_field(spans[position], after=spans[position - 1] if position else None)
    return Fix(title="remove it", edits=(edit,)) if edit else None


def _missing_name(reader: FieldReader, span: Span) -> None:
    reader.refuse(
        rules.MISSING_FIELD.at(
            span,
            "the object has no name",
            help="Write `metadata: {name: ...}`.",
            field="metadata.name",
        )
    )


def _announced(metadata: Mapping) -> Located[str] | None:
    """The name that a program writes in place of a comment: `name: #NAME_PLACEHOLDER`."""
    key = metadata.key("name")
    comment = _COMMENT.match(key.file.text, key.end) if key is not None else None
    if key is None or comment is None or not _is_placeholder(comment[1]):
        return None
    return Located(opaque(comment[1]), Span(key.file, *comment.span(1)))


_COMMENT = re.compile(r"[ \t]*:[ \t]*#[ \t]*([A-Z][A-Z0-9_-]*)[ \t]*(?=[\r\n]|$)")


def _object_name(reader: FieldReader, name: Located[str]) -> Located[str]:
    """The name, or a token where a program writes one in its place: no name of an object has capitals."""
    if _is_object_name(name.value):
        return name
    if _is_placeholder(name.value):
        return name._replace(value=opaque(name.value))
    reader.refuse(
        rules.INVALID_METADATA.at(
            name.span,
            f"`{shown(name.value)}` is not a valid object name",
            help=f"Use at most {_NAME_LENGTH} lower-case letters, digits, `-` and `.`, with a letter or "
            "digit at both ends of every part between dots.",
            field="metadata.name",
        )
    )
    return name


def _is_placeholder(text: str) -> bool:
    from compiler.manifests.tokens import says_placeholder

    return says_placeholder(text)


def _is_object_name(text: str) -> bool:
    return len(text) <= _NAME_LENGTH and _SUBDOMAIN.fullmatch(filled(text)) is not None


def _namespace(reader: FieldReader, namespace: Located[str]) -> None:
    if not is_namespace(namespace.value):
        reader.refuse(
            rules.INVALID_METADATA.at(
                namespace.span,
                f"`{shown(namespace.value)}` is not a valid namespace",
                help=f"Use at most {_LABEL_LENGTH} lower-case letters, digits and `-`, with a letter or digit at both "
                "ends.",
                field="metadata.namespace",
            )
        )


def is_namespace(text: str) -> bool:
    """Whether a namespace can be called `text`: it is a DNS label."""
    return len(text) <= _LABEL_LENGTH and _DNS_LABEL.fullmatch(filled(text)) is not None


def _string_map(reader: FieldReader, metadata: Mapping, field: str) -> None:
    path = f"metadata.{field}"
    node = reader.optional(metadata, field, path, Mapping)
    if node is None:
        return
    for key in node.keys:
        value = node.fields[key.text]
        text = value.string if isinstance(value, Scalar) else None
        if text is None and not is_null(value):
            reader.wrong_type(value, path, "string", takes=_is_label_value if field == "labels" else None)
        elif field == "labels" and text is not None and not _is_label_value(text):
            reader.refuse(
                rules.INVALID_METADATA.at(
                    value.span,
                    f"`{shown(text)}` is not a valid label value",
                    help="Use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends, or "
                    "an empty value.",
                    field=path,
                )
            )
        if not _is_qualified_name(key.text.lower() if field == "annotations" else key.text):
            reader.refuse(
                rules.INVALID_METADATA.at(
                    key.span,
                    f"`{shown(key.text)}` is not a valid key for {field}",
                    help="Use `name` or `domain/name`: at most 63 letters, digits, `-`, `_` and `.`, with a "
                    "letter or digit at both ends.",
                    field=path,
                )
            )


@lru_cache(maxsize=4096)
def _is_label_value(text: str) -> bool:
    if is_open(text):
        return _QUALIFIED.fullmatch(filled(text)) is not None
    return text == "" or (len(text.encode()) <= _LABEL_LENGTH and _QUALIFIED.fullmatch(text) is not None)


@lru_cache(maxsize=4096)
def _is_qualified_name(key: str) -> bool:
    if is_open(key):
        return True
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > _NAME_LENGTH or not _SUBDOMAIN.fullmatch(prefix)):
        return False
    return len(name) <= _LABEL_LENGTH and _QUALIFIED.fullmatch(name) is not None
