"""Templates with values: placeholders replaced by what the user gives for them.

In: a text and values by name. Out: the text with each placeholder replaced whose value is known; the others stay, so
that what depends on them stays unknown.

Jinja2 renders Jinja in a separate process (see `jinja`); all others are replaced: `${X}`, `$X`, `$(X)`,
`<x>`, `@x@`, `@@x@@`, `%X%`, `%%X%%`, `__X__`, `[[ x ]]`, `{{ x }}` and words of
capitals. What belongs to a Helm chart is left alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from compiler.manifests.given_values import Value, Values
from compiler.manifests.tokens import PLACEHOLDER

_NAME = re.compile(
    r"""\$?\{\{[-~]?[ \t]*\.?(?P<braces>[A-Za-z_][\w.]*)[ \t]*[-~]?\}\}
    | \$\{(?P<shell>\w+)\} | \$\((?P<make>\w+)\) | \$(?P<bare>\w+)
    | <%=[ \t]*(?P<erb>[\w.]+)[ \t]*%> | \[\[-?[ \t]*\.?(?P<square>[A-Za-z_][\w.]*)[ \t]*-?\]\]
    | <(?P<angle>[^<>]+)>
    | @{1,2}(?P<at>\w+)@{1,2} | %{1,2}(?P<percent>\w+?)%{1,2} | __(?P<under>\w+?)__
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
    return Template(text).is_jinja


class Template:
    """A text with placeholders, looked through once for the values of all clusters.

    Attributes:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def is_helm(self) -> bool:
        """Whether it belongs to a Helm chart, which only Helm renders."""
        return is_helm(self.text)

    @cached_property
    def is_jinja(self) -> bool:
        """Whether it has expressions or statements of Jinja."""
        return not self.is_helm and _JINJA.search(self.text) is not None

    @cached_property
    def _plain(self) -> frozenset[str] | None:
        """The names in braces, if there is nothing else in any."""
        if "{%" in self.text or "{#" in self.text:
            return None
        found = set()
        for match in _BRACES.finditer(self.text):
            name = _PLAIN_NAME.fullmatch(match[0])
            if name is None:
                return None
            found.add(name[1])
        return frozenset(found)

    @cached_property
    def _parts(self) -> list[str]:
        """What is between placeholders, then a placeholder, in turn."""
        parts: list[str] = []
        at = 0
        for match in PLACEHOLDER.finditer(self.text):
            parts += (self.text[at : match.start()], match[0])
            at = match.end()
        return [*parts, self.text[at:]]

    @cached_property
    def _names(self) -> dict[str, str]:
        """The names of the placeholders that are nothing but one."""
        found = ((part, _NAME.fullmatch(part)) for part in dict.fromkeys(self._parts[1::2]))
        return {part: named[named.lastgroup] for part, named in found if named and named.lastgroup}

    def is_plain(self, values: Values) -> bool:
        """Whether Jinja would do no more than put texts and numbers in: then it takes no process."""
        return self._plain is not None and all(_is_plain(values.get(name)) for name in self._plain)

    def substituted(self, values: Values) -> str:
        """The text with values for the placeholders that are nothing but a name; unchanged if that is too long."""
        made = {part: part if (found := _found(values, name)) is None else found for part, name in self._names.items()}
        words = {name: _found(values, name) or name for name in values if _WORD.fullmatch(name)}
        parts = [*self._parts]
        parts[1::2] = [made.get(part, part) for part in parts[1::2]]
        if words:
            parts = [
                piece
                for index, part in enumerate(parts)
                for piece in ((part,) if index % 2 else _with_words(part, words))
            ]
        # A long value may be there very many times: its length is counted before it is.
        return "".join(parts) if sum(map(len, parts)) <= LONGEST else self.text


def render_each(texts: Sequence[str], values: Values, known: dict[str, Template] | None = None) -> list[Rendered]:
    """What values make of texts, one by one; `known` are those of which the same is asked for other values."""
    known = known if known is not None else {}
    templates = [known.get(text) or known.setdefault(text, Template(text)) for text in texts]
    rendered = [Rendered(text) for text in texts]
    jinja = [index for index, each in enumerate(templates) if each.is_jinja and not each.is_plain(values)]
    if jinja:
        from compiler.manifests.jinja import render

        for index, made in zip(jinja, render([texts[index] for index in jinja], values), strict=True):
            rendered[index] = Rendered(made.text if made.text is not None else texts[index], made.problem)
            templates[index] = Template(rendered[index].text)
    return [
        each if template.is_helm else each._replace(text=template.substituted(values))
        for each, template in zip(rendered, templates, strict=True)
    ]


def _is_plain(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def substituted(text: str, values: Values) -> str:
    """The text with values for the placeholders that are nothing but a name; unchanged if that is too long."""
    return Template(text).substituted(values)


def _with_words(text: str, words: Mapping[str, str]) -> Iterator[str]:
    at = 0
    for match in _WORD.finditer(text):
        if match[0] in words:
            yield text[at : match.start()]
            yield words[match[0]]
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
