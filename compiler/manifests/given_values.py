"""Values that users give for the placeholders of templates.

In: texts such as `host=mirror.example.com`, and mappings. Out: one mapping. What they make of a template is said in
`values`.
"""

from collections import ChainMap
from collections.abc import Mapping
from typing import cast

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]
Values = Mapping[str, Value]


class GivenError(ValueError):
    """A value that was given in a form which is none; `str()` says why."""


def parse_assignment(text: str) -> tuple[str, str]:
    """A name and its value, of `NAME=VALUE`.

    Raises:
        GivenError: it is something else.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        message = f"`{text}` is not NAME=VALUE"
        raise GivenError(message)
    return name.strip(), value


_DEEPEST = 50
"""Parts of a name that is a path; a longer one is a name alone."""


def merged(*given: Values) -> dict[str, Value]:
    """All values, the later over the earlier; a name with dots is a path too, so that `a.b` is `b` in `a`."""
    found: dict[str, Value] = {}
    own: dict[int, dict[str, Value]] = {}  # what was made here, and may be changed
    for values in given:
        for name, value in values.items():
            found[name] = value
            *path, last = name.split(".")
            if path and len(path) < _DEEPEST:
                holder = found
                for part in path:
                    inner = holder.get(part)
                    if id(inner) not in own:
                        inner = dict(inner) if isinstance(inner, dict) else {}
                        own[id(inner)] = holder[part] = inner
                    holder = own[id(inner)]
                holder[last] = value
    return found


def layered(under: Values, over: Values) -> Values:
    """The same for two, of which thousands may share the one under it: that one is not copied."""
    if not under or not over:
        return under or merged(over)
    touched = {first: under[first] for name in over if (first := name.partition(".")[0]) in under}
    return ChainMap(merged(touched, over), cast(dict[str, Value], under))
