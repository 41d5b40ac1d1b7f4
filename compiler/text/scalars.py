"""What a YAML scalar means to Kubernetes.

In: a scalar's text, and its tag if it has one. Out: the string, number, boolean or null that `sigs.k8s.io/yaml` makes
of it (go-yaml v2, `resolve`): YAML 1.1 words such as `yes` and `on` are booleans, `0123` is a number, a date stays a
string.
"""

import re
from math import isinf

Value = str | int | float | bool | None

KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
"""The JSON types' names in the API's words."""

_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
SPECIAL_START = frozenset(["", *"yYnNtTfFoO~.+-0123456789"])
"""First characters of plain scalars that may mean anything but a string."""

_INTEGER = re.compile(r"[-+]?(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_MOST_FLOAT_BITS = 1024
"""Where no float reaches, Go takes the digits as a big integer."""

_LONGEST_NUMBER = 400
"""Python refuses to convert much longer digit strings, and no manifest has them."""


def resolve(text: str) -> Value:
    """The meaning of an untagged plain scalar."""
    if text[:1] not in SPECIAL_START:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "+-.0123456789":
        digits = text if text[0] == "." else text.replace("_", "")
        if len(digits) <= _LONGEST_NUMBER:
            if match := _INTEGER.fullmatch(digits):
                return _integer(match)
            if _FLOAT.fullmatch(digits) and not isinf(number := float(digits)):
                return number
    return text


def _integer(match: re.Match[str]) -> int | float:
    base, digits = next(
        ((base, match[name]) for name, base in (("hex", 16), ("bin", 2), ("oct", 8)) if match[name]),
        (10, match[0].lstrip("+-")),
    )
    number = int(digits, base)
    if match[0].startswith("-"):
        number = -number
    fits = -(2**63) <= number < 2**64 or number.bit_length() >= _MOST_FLOAT_BITS
    return number if fits else float(number)


def tagged(tag: str, text: str) -> Value:
    """The meaning of a scalar under an explicit tag; one of a foreign tag is a string."""
    name = tag.removeprefix("tag:yaml.org,2002:")
    if name in {"int", "float", "bool", "null"}:
        return resolve(text)
    return text
