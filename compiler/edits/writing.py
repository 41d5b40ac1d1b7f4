"""Objects as YAML text: the same text for the same content.

In: an object as data. Out: block style with two spaces, what names an object first, other keys in byte order.
"""

import json
import re
from collections.abc import Iterator, Mapping

from compiler.text.scalars import resolve
from compiler.text.tree import Plain

_PLAIN_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@:+-]*[A-Za-z0-9]|[A-Za-z0-9]")
_FIRST = ("apiVersion", "kind", "metadata", "name", "namespace", "source")


def yaml_text(value: Mapping[str, Plain], indent: str = "") -> str:
    """The fields of an object, each line with this indentation and a line feed."""
    return "".join(_lines(value, indent))


def yaml_item(value: Mapping[str, Plain], indent: str = "") -> str:
    """An object as an item of a list, its dash with this indentation."""
    return "".join(_item(dict(value), indent))


def _lines(value: Mapping[str, Plain], indent: str) -> Iterator[str]:
    for key in sorted(value, key=lambda key: (_FIRST.index(key) if key in _FIRST else len(_FIRST), key)):
        yield from _entry(f"{indent}{_scalar(key)}:", value[key], indent)


def _entry(start: str, value: Plain, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield f"{start}\n"
        yield from _lines(value, f"{indent}  ")
    elif isinstance(value, list) and value:
        yield f"{start}\n"
        for item in value:
            yield from _item(item, indent)
    else:
        yield f"{start} {_scalar(value)}\n"


def _item(item: Plain, indent: str) -> Iterator[str]:
    if isinstance(item, dict) and item:
        first, *rest = _lines(item, f"{indent}  ")
        yield f"{indent}- {first.removeprefix(f'{indent}  ')}"
        yield from rest
    else:
        yield f"{indent}- {json.dumps(item) if isinstance(item, list) else _scalar(item)}\n"


def _scalar(value: Plain) -> str:
    if isinstance(value, str) and _PLAIN_TEXT.fullmatch(value) and isinstance(resolve(value), str):
        return value
    return json.dumps(value, ensure_ascii=True)
