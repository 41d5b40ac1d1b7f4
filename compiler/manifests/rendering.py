"""Parsed files of a cluster that has values for placeholders: templates are rendered and parsed again.

In: parsed files and values. Out: the same files, where a template's text is what the values make of it. Places in it
are those of the rendered text.
"""

from collections.abc import Sequence

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.manifests.given_values import Values
from compiler.manifests.marks import may_have_tokens, template_mark
from compiler.manifests.parsing import Parsed, parse
from compiler.manifests.policy_places import policy_places
from compiler.names.releases import Release
from compiler.text.span import File, Span

_UNKNOWN = frozenset((rules.TEMPLATE_VALUES.name, rules.TEMPLATE_MANIFEST.name))


_UNRENDERED = "the template cannot be rendered with the given values"


MOST_OF_A_RUN = 8 << 20
"""Characters that all templates of all clusters may become: each cluster may have other values for each."""


class Room:
    """How much the templates of a run may still become."""

    def __init__(self, most: int = MOST_OF_A_RUN) -> None:
        self._left = most

    def takes(self, count: int) -> bool:
        """Whether so many characters more are not too many."""
        self._left -= count
        return self._left >= 0


def with_values(
    parsed: Sequence[Parsed], values: Values, release: Release, room: Room | None = None
) -> tuple[Parsed, ...]:
    """The files with the values in their templates; without values they stay.

    Args:
        parsed: The files of a cluster.
        values: What it has for placeholders.
        release: Its release.
        room: What is left for it, where there are others.
    """
    templates = [index for index, each in enumerate(parsed) if is_template(each)] if values else []
    if not templates:
        return tuple(parsed)  # the very same, of a tuple
    from compiler.manifests.values import render_each

    found = list(parsed)
    rendered = render_each([parsed[index].file.text for index in templates], values)
    for index, (text, problem) in zip(templates, rendered, strict=True):
        file = parsed[index].file
        if problem or (room is not None and not room.takes(len(text))):
            finding = unrendered_at(file, problem or "the templates of all clusters become too long together")
            found[index] = parsed[index]._replace(diagnostics=(*parsed[index].diagnostics, finding))
        elif text != file.text:
            made = File(file.path, text, editable=False)
            # What has homes alone is not one or several manifests.
            is_manifest = bool(parsed[index].manifests or not parsed[index].homes)
            found[index] = parse(made, release) if is_manifest else Parsed(file=made, places=policy_places(made))
    return tuple(found)


def unrendered_at(file: File, problem: str) -> Diagnostic:
    """Why a template cannot be rendered."""
    return rules.TEMPLATE_MANIFEST.at(
        template_mark(file, 0, len(file.text)) or Span(file, 0, min(1, len(file.text))),
        f"{_UNRENDERED}: {problem}",
        help="Give a value for each name that decides something, or render it with its own tool.",
    )


def unrendered(parsed: Parsed) -> tuple[Diagnostic, ...]:
    """Why a file could not be rendered, if that was tried."""
    return tuple(finding for finding in parsed.diagnostics if finding.message.startswith(_UNRENDERED))


def is_template(parsed: Parsed) -> bool:
    """Whether something of a file is unknown until it is rendered."""
    findings = (*parsed.diagnostics, *(finding for home in parsed.homes for finding in home.diagnostics))
    if parsed.variants or any(finding.rule in _UNKNOWN for finding in findings):
        return True
    # What is wrong with an object may be so only before it is rendered.
    return bool(findings) and may_have_tokens(parsed.file.text)
