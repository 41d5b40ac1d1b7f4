"""Templates with values: placeholders replaced by what the user gives for them.

In: a text and values by name. Out: the text with each placeholder replaced whose value is known; the others stay, so
that what depends on them stays unknown.

Jinja2 renders Jinja in a separate process (see `jinja`); all others are replaced: `${X}`, `$X`, `$(X)`,
`<x>`, `@x@`, `@@x@@`, `%X%`, `__X__`, `{{ x }}` and words of capitals. What belongs to a Helm chart is left alone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from compiler.manifests.given_values import Value, Values
from compiler.manifests.tokens import PLACEHOLDER

_NAME = re.compile(
    r"""\$?\{\{[-~]?[ \t]*\.?(?P<braces>[A-Za-z_][\w.]*)[ \t]*[-~]?\}\}
    | \$\{(?P<shell>\w+)\} | \$\((?P<make>\w+)\) | \$(?P<bare>\w+)
    | <%=[ \t]*(?P<erb>[\w.]+)[ \t]*%> | <(?P<angle>[^<>]+)>
    | @{1,2}(?P<at>\w+)@{1,2} | %(?P<percent>\w+)% | __(?P<under>\w+?)__
    """,
    re.VERBOSE,
)
_HELM = re.compile(r"\{\{[^}\n]*(?:\.(?:Values|Release|Chart|Capabilities|Files)\b|\binclude\b|\btpl\b)")
_JINJA = re.compile(
    r"\{%|\{\{-?[ \t]*(?![.$]|hub\b|if\b|range\b|end\b|with\b|else\b|template\b|define\b|/\*)[\w(\"'\[]"
)
_BRACES = re.compile(r"\{\{[^}\n]*+\}*")
_PLAIN_NAME = re.compile(r"\{\{ *([A-Za-z_]\w*) *\}\}", re.ASCII)
_WORD = re.compile(r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{2,99}+(?![A-Za-z0-9_])")

LONGEST = 4 << 20
"""Characters of a rendered text."""


class Rendered(NamedTuple):
    """A rendered text, or why it could not be rendered; then the text is the written one."""

    text: str
    problem: str = ""


def is_helm(text: str) -> bool:
    """Whether a text belongs to a Helm chart, which only Helm renders."""
    return _HELM.search(text) is not None


def is_jinja(text: str) -> bool:
    """Whether a text has expressions or statements of Jinja."""
    return not is_helm(text) and _JINJA.search(text) is not None


def render_each(texts: Sequence[str], values: Values) -> list[Rendered]:
    """What values make of texts, one by one."""
    rendered = [Rendered(text) for text in texts]
    jinja = [index for index, text in enumerate(texts) if is_jinja(text) and not _is_plain(text, values)]
    if jinja:
        from compiler.manifests.jinja import render

        for index, made in zip(jinja, render([texts[index] for index in jinja], values), strict=True):
            rendered[index] = Rendered(made.text if made.text is not None else texts[index], made.problem)
    return [each if is_helm(each.text) else each._replace(text=substituted(each.text, values)) for each in rendered]


def _is_plain(text: str, values: Values) -> bool:
    """Whether Jinja would do no more than put texts and numbers in: then it takes no process."""
    if "{%" in text or "{#" in text:
        return False
    known: dict[str, bool] = {}
    for match in _BRACES.finditer(text):
        name = _PLAIN_NAME.fullmatch(match[0])
        if name is None:
            return False
        if name[1] not in known:
            found = values.get(name[1])
            known[name[1]] = isinstance(found, str) or (isinstance(found, int) and not isinstance(found, bool))
        if not known[name[1]]:
            return False
    return True


def substituted(text: str, values: Values) -> str:
    """The text with values for the placeholders that are nothing but a name; unchanged if that is too long."""
    parts: list[str] = []
    length = 0
    for part in _parts(text, values):
        parts.append(part)
        length += len(part)
        if length > LONGEST:
            return text
    return "".join(parts)


def _parts(text: str, values: Values) -> Iterator[str]:
    words = {name for name in values if _WORD.fullmatch(name)}
    at = 0
    for match in PLACEHOLDER.finditer(text):
        yield from _with_words(text[at : match.start()], words, values)
        named = _NAME.fullmatch(match[0])
        name = named[named.lastgroup] if named and named.lastgroup else ""
        found = _found(values, name) if name else None
        yield match[0] if found is None else found
        at = match.end()
    yield from _with_words(text[at:], words, values)


def _with_words(text: str, words: set[str], values: Values) -> Iterator[str]:
    at = 0
    for match in _WORD.finditer(text) if words else ():
        if match[0] in words:
            yield from (text[at : match.start()], _found(values, match[0]) or match[0])
            at = match.end()
    yield text[at:]


def _found(values: Values, name: str) -> str | None:
    """A value in the form of a text: a scalar unchanged, a list or mapping as JSON, which is YAML too."""
    value: Value = values.get(name)
    if name not in values:
        first, *rest = name.split(".")
        if first not in values:
            return None
        value = values[first]
        for part in rest:
            if not isinstance(value, dict) or part not in value:
                return None
            value = value[part]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    if value is None:
        return None
    import json

    return json.dumps(value)


def names(text: str) -> Iterator[str]:
    """The names of the placeholders of a text that are nothing but a name."""
    for match in PLACEHOLDER.finditer(text):
        named = _NAME.fullmatch(match[0])
        if named and named.lastgroup:
            yield named[named.lastgroup]
