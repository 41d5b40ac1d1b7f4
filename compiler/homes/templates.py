"""OpenShift Templates: the objects that one makes of the defaults of its parameters.

Follows openshift/library-go (93ac920) `templateprocessing.Processor`: `${NAME}` is replaced inside a string, a string
that is `${{NAME}}` and nothing else by the value as JSON. What has no default stays unchanged.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping as Values

from compiler.manifests.lists import Listed, objects
from compiler.text.opaque import revealed
from compiler.text.tree import Mapping, Node, Scalar, Sequence

_KIND = "Template"
_VERSIONS = ("template.openshift.io/v1", "v1")
_PARAMETER = re.compile(r"\$\{([a-zA-Z0-9_]+)\}")
_WHOLE = re.compile(r"\$\{\{([a-zA-Z0-9_]+)\}\}")
_MOST_SUBSTITUTED = 1 << 20
"""Characters that the values of a template's parameters may add to it."""


def is_template(each: Listed) -> bool:
    """Whether an object is an OpenShift Template."""
    return each.kind == _KIND and each.api_version in _VERSIONS


def template_objects(each: Listed) -> list[Listed]:
    """The objects that a Template makes, each value at the place where the template has it; none of another object."""
    if not is_template(each) or not isinstance(each.root, Mapping):
        return []
    listed = each.root.fields.get("objects")
    if not isinstance(listed, Sequence):
        return []
    substitution = _Substitution(dict(_defaults(each.root)))
    return [
        made
        for item in listed.items
        if isinstance(item, Mapping)
        for made in objects(substitution.made(item))
        if isinstance(made.root, Mapping)
    ]


def _defaults(root: Mapping) -> Iterator[tuple[str, str]]:
    """The parameters that have a value."""
    listed = root.fields.get("parameters")
    for item in listed.items if isinstance(listed, Sequence) else ():
        if not isinstance(item, Mapping):
            continue
        name, value = item.fields.get("name"), item.fields.get("value")
        if isinstance(name, Scalar) and isinstance(value, Scalar) and value.text and value.value is not None:
            yield name.text, value.text


class _Substitution:
    """Copies nodes with the values of parameters in their texts."""

    def __init__(self, values: Values[str, str]) -> None:
        self._values = values
        self._left = _MOST_SUBSTITUTED
        self._known: dict[int, Node] = {}

    def made(self, node: Node) -> Node:
        """A copy; what aliases share stays shared."""
        if isinstance(node, Scalar):
            return self._scalar(node)
        if id(node) not in self._known:
            self._known[id(node)] = self._collection(node)
        return self._known[id(node)]

    def _collection(self, node: Node) -> Node:
        if isinstance(node, Sequence):
            sequence = Sequence(node.file, node.start, node.end)
            sequence.items = [self.made(item) for item in node.items]
            return sequence
        mapping = Mapping(node.file, node.start, node.end)
        if isinstance(node, Mapping):
            keys = [(key, self._scalar(key)) for key in node.keys]
            mapping.keys = [made for _, made in keys if isinstance(made, Scalar)]
            mapping.fields = {
                made.text: self.made(node.fields[key.text]) for key, made in keys if isinstance(made, Scalar)
            }
        return mapping

    def _scalar(self, node: Scalar) -> Node:
        written = revealed(node.text)
        if "${" not in written:
            return node
        whole = _WHOLE.fullmatch(written)
        if whole is not None:
            value = self._values.get(whole[1])
            return node if value is None else _as_json(node, value)
        from compiler.manifests.tokens import with_tokens

        text = with_tokens(_PARAMETER.sub(lambda match: self._values.get(match[1], match[0]), written))
        self._left -= max(len(text) - len(node.text), 0)
        if text == node.text or self._left < 0:
            return node
        return Scalar(node.file, node.start, node.end, text)


def _as_json(node: Scalar, value: str) -> Node:
    """A value as JSON, all of it at the place of the parameter; a text where it is not JSON."""
    import json

    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return Scalar(node.file, node.start, node.end, value)
    return _node(node, data, 20)


def _node(at: Scalar, data: object, depth: int) -> Node:
    if isinstance(data, list) and depth:
        sequence = Sequence(at.file, at.start, at.end)
        sequence.items = [_node(at, item, depth - 1) for item in data]
        return sequence
    if isinstance(data, dict) and depth:
        mapping = Mapping(at.file, at.start, at.end)
        mapping.keys = [Scalar(at.file, at.start, at.end, key) for key in data]
        mapping.fields = {key: _node(at, each, depth - 1) for key, each in data.items()}
        return mapping
    if isinstance(data, str):
        return Scalar(at.file, at.start, at.end, data)
    import json

    return Scalar(at.file, at.start, at.end, json.dumps(data), plain=True)
