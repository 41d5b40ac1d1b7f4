"""Edits that give a part of a YAML text another value: other scalars, fields that are added and removed.

In: a node and the value that it is to have. Out: edits; every other character stays. Whoever uses them reads the result
again.
"""

import json
from collections.abc import Iterator, Mapping

from compiler.edits.writing import yaml_text
from compiler.findings.diagnostics import Edit
from compiler.findings.edits import remove_fields, rewrite
from compiler.text.scalars import resolve
from compiler.text.span import Span, line_break_of
from compiler.text.tree import Mapping as YamlMapping
from compiler.text.tree import Node, Plain, Scalar, Sequence, plain


class NoEditError(Exception):
    """A value is written in a way that no edit keeps intact."""


def value_edits(node: Node, value: Plain) -> Iterator[Edit]:
    """The edits that make a node have a value, in no order.

    Raises:
        NoEditError: There are none that leave the rest unchanged.
    """
    if plain(node) == value:
        return
    if isinstance(node, YamlMapping) and isinstance(value, dict):
        yield from _added(node, value)
        yield from _known(remove_fields(node, node.fields.keys() - value.keys()))
        for name, each in node.fields.items():
            if name in value:
                yield from value_edits(each, value[name])
    elif isinstance(node, Sequence) and isinstance(value, list) and len(node.items) == len(value):
        for item, one in zip(node.items, value, strict=True):
            yield from value_edits(item, one)
    elif isinstance(node, Scalar) and isinstance(value, str) and (_is_quoted(node) or isinstance(resolve(value), str)):
        edit = rewrite(node.span, value)
        yield from _known(None if edit is None else [edit])
    else:
        raise NoEditError


def _is_quoted(node: Scalar) -> bool:
    return node.span.text[:1] in {"'", '"'}


def _known(edits: list[Edit] | None) -> list[Edit]:
    if edits is None:
        raise NoEditError
    return edits


def _added(node: YamlMapping, value: Mapping[str, Plain]) -> Iterator[Edit]:
    """The edits that add the fields that a mapping does not have, each after the one that is before it in the value."""
    file, text = node.file, node.file.text
    line_break = line_break_of(text)
    kept = [name for name in value if name in node.fields]
    new: dict[str, str] = {}
    before = ""
    for name in value:
        if name in node.fields:
            before = name
            continue
        after = before or (kept[0] if kept else "")
        if not after:
            raise NoEditError
        if text[node.start] == "{":
            new[after] = f"{new.get(after, '')}, {json.dumps(name)}: {json.dumps(value[name])}"
        else:
            lines = yaml_text({name: value[name]}, " " * (node.span.begin.column - 1))
            new[after] = f"{new.get(after, '')}\n{lines.rstrip(chr(10))}"
    for name, added in new.items():
        last = node.fields[name]
        end = last.start + len(text[last.start : last.end].rstrip())
        if text[node.start] != "{":
            line = text.find("\n", end)
            end = len(text) if line < 0 else line - text[:line].endswith("\r")
        yield Edit(span=Span(file, end, end), text=added.replace("\n", line_break))
