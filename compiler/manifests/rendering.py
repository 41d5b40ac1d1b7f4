"""Parsed files of a cluster that has values for placeholders: templates are rendered and parsed again.

In: parsed files and values. Out: the same files, where a template's text is what the values make of it. Places in it
are those of the rendered text.
"""

from collections.abc import Sequence

from compiler.findings import rules
from compiler.manifests.parsing import Parsed, parse
from compiler.manifests.tokens import template_mark
from compiler.manifests.values import Values, render_each
from compiler.names.releases import Release
from compiler.text.span import File, Span

_UNKNOWN = frozenset((rules.TEMPLATE_VALUES.name, rules.TEMPLATE_MANIFEST.name))


def with_values(parsed: Sequence[Parsed], values: Values, release: Release) -> tuple[Parsed, ...]:
    """The files with the values in their templates; without values they stay."""
    templates = [index for index, each in enumerate(parsed) if is_template(each)] if values else []
    if not templates:
        return tuple(parsed)
    found = list(parsed)
    rendered = render_each([parsed[index].file.text for index in templates], values)
    for index, (text, problem) in zip(templates, rendered, strict=True):
        file = parsed[index].file
        if problem:
            at = template_mark(file, 0, len(file.text)) or Span(file, 0, min(1, len(file.text)))
            finding = rules.TEMPLATE_MANIFEST.at(
                at,
                f"the template cannot be rendered with the given values: {problem}",
                help="Give a value for each name that decides something, or render it with its own tool.",
            )
            found[index] = parsed[index]._replace(diagnostics=(*parsed[index].diagnostics, finding))
        elif text != file.text:
            found[index] = parse(File(file.path, text, editable=False), release)
    return tuple(found)


def is_template(parsed: Parsed) -> bool:
    """Whether something of a file is unknown until it is rendered."""
    return any(finding.rule in _UNKNOWN for finding in parsed.diagnostics)
