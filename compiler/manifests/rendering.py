"""Parsed files of a cluster that has values for placeholders: templates are rendered and parsed again.

In: parsed files and values. Out: the same files, where a template's text is what the values make of it. Places in it
are those of the rendered text.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.machine.limits import UNLIMITED, most
from compiler.manifests.given_values import Values
from compiler.manifests.marks import may_have_tokens, template_mark
from compiler.manifests.parsing import Parsed, parse
from compiler.manifests.policy_places import policy_places
from compiler.names.releases import Release
from compiler.text.span import File, Span

if TYPE_CHECKING:
    from compiler.manifests.values import Template

_UNKNOWN = frozenset((rules.TEMPLATE_VALUES.name, rules.TEMPLATE_MANIFEST.name))


_UNRENDERED = "the template cannot be rendered with the given values"


_MOST_OF_A_RUN = 3 << 20
_PER_CHARACTER = 2
"""Characters that the templates of all clusters may become, and how many more for each that they have themselves."""

_RENDERED = 16
"""So many characters that are rendered cost what one costs that is parsed; equal texts are parsed once."""


class Room:
    """What the templates of a run became, and how much more they may become: each cluster may have other values.

    `templates` are those that were rendered, by their texts.

    Args:
        fixed: Characters, whatever the templates have.
    """

    def __init__(self, fixed: int = _MOST_OF_A_RUN) -> None:
        self._fixed = fixed
        self._size = 0
        self._taken = 0
        self._known: set[int] = set()
        self.templates: dict[str, Template] = {}
        self._made: dict[tuple[str, str, Release, bool], Parsed] = {}

    @property
    def _most(self) -> int:
        return most(self._fixed, _PER_CHARACTER, self._size)

    def renders(self, template: File) -> None:
        """Count a template that is rendered."""
        self._taken += len(template.text) // _RENDERED
        if id(template) not in self._known:
            self._known.add(id(template))
            self._size += len(template.text)

    def parsed(self, file: File, release: Release, *, is_manifest: bool) -> Parsed | None:
        """The file parsed, or None where it is too much.

        Args:
            file: What a template became.
            release: That of the cluster.
            is_manifest: Whether it is one or several manifests; what has homes alone is not.
        """
        key = (file.path, file.text, release, is_manifest)
        made = self._made.get(key)
        if made is None:
            if self._taken + len(file.text) > self._most:
                return None
            self._taken += len(file.text)
            made = parse(file, release) if is_manifest else Parsed(file=file, places=policy_places(file))
            self._made[key] = made
        return made

    def lacking(self, file: File) -> Diagnostic:
        """That a template is not parsed, since there was no room for it."""
        problem = f"the templates of all clusters become too long together: more than {self._most} characters"
        return unrendered_at(file, problem, help="Use `--no-limits` if you trust the repo.")


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
    room = room or Room(UNLIMITED)
    rendered = render_each([parsed[index].file.text for index in templates], values, room.templates)
    for index, (text, problem) in zip(templates, rendered, strict=True):
        each = parsed[index]
        room.renders(each.file)
        if not problem and text == each.file.text:
            continue
        is_manifest = bool(each.manifests or not each.homes)
        file = File(each.file.path, text, editable=False)
        made = None if problem else room.parsed(file, release, is_manifest=is_manifest)
        if made is None:
            finding = unrendered_at(each.file, problem) if problem else room.lacking(each.file)
            made = each._replace(diagnostics=(*each.diagnostics, finding))
        found[index] = made
    return tuple(found)


_HELP = "Give a value for each name that decides something, or render it with its own tool."


def unrendered_at(file: File, problem: str, *, help: str = _HELP) -> Diagnostic:  # noqa: A002 - as `Rule.at` names it
    """Why a template cannot be rendered."""
    return rules.TEMPLATE_MANIFEST.at(
        template_mark(file, 0, len(file.text)) or Span(file, 0, min(1, len(file.text))),
        f"{_UNRENDERED}: {problem}",
        help=help,
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
