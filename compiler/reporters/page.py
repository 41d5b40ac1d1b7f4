"""HTML and SVG through the templates: the one environment of Jinja2 that escapes every value by itself.

In: values of a repo, which anyone may have written. Out: markup in which none of it is obeyed: characters that are not
printable become visible escapes, the rest is escaped for text and quoted attributes. Values never go into scripts,
styles or unquoted attributes.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from compiler.policy.render import environment
from compiler.text.visible import visible

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, **values: object) -> str:
    """A whole page or picture."""
    return _escaping().get_template(template).render(**values)


def pieces(template: str, **values: object) -> Iterator[str]:
    """The same in pieces, so that a large one is not in memory as a whole."""
    parts = _escaping().get_template(template).generate(**values)
    while part := "".join(islice(parts, _IN_ONE)):
        yield part


_IN_ONE = 10_000
"""What a template prints comes in so many parts at a time: each may be a few characters."""


@cache
def _escaping() -> "Environment":
    made = environment(autoescape=True, finalize=_shown)
    made.filters["parts"] = _parts
    return made


def _parts(text: str) -> list[tuple[str, bool]]:
    """A sentence in parts, each with whether it is a value: what was between backticks."""
    return [(part, bool(number % 2)) for number, part in enumerate(_VALUE.split(text)) if part]


_VALUE = re.compile(r"`([^`]+)`")


def _shown(value: object) -> object:
    """A value that a template prints; what has markup already is left unchanged."""
    return visible(value) if type(value) is str else value
