"""Values that users give for the placeholders of templates.

In: texts such as `host=mirror.example.com`, and mappings. Out: one mapping. What they make of a template is said in
`values`.
"""

from collections.abc import Mapping, Sequence

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


def merged(*given: Values) -> dict[str, Value]:
    """All values, the later over the earlier; a name with dots is a path too, so that `a.b` is `b` in `a`."""
    found: dict[str, Value] = {}
    for values in given:
        for name, value in values.items():
            found[name] = value
            first, *rest = name.split(".")
            if rest:
                found[first] = _with(found.get(first), rest, value)
    return found


def _with(holder: Value, path: Sequence[str], value: Value) -> Value:
    made = dict(holder) if isinstance(holder, dict) else {}
    first, *rest = path
    made[first] = _with(made.get(first), rest, value) if rest else value
    return made
