"""Places of mirror policy in changed files that were not read, so that the cost of a change is not known.

In: two sides, and the views of them that are compared. Out: each place once, those of the new side first: templates
and other forms that are not read, and objects of one name of which it is not known which one the cluster keeps.
"""

from collections.abc import Iterator

from compiler.diff.disruption import Unread
from compiler.diff.sides import Manifests, Side
from compiler.diff.views import View
from compiler.findings import rules
from compiler.manifests.parsing import Parsed

_TEMPLATE = "template"


def unread_places(old: Side, new: Side, before: View, after: View) -> tuple[Unread, ...]:
    """What was not read of the files that differ between two sides.

    Args:
        old: What the cluster has.
        new: What it is to have.
        before: The old side, compiled.
        after: The new side, compiled.
    """
    if not (isinstance(old, Manifests) and isinstance(new, Manifests)):
        return ()
    found: dict[Unread, None] = {}
    for side, other, view in ((new, old, after), (old, new, before)):
        texts = {parsed.file.path: parsed.file.text for parsed in other.parsed}
        changed = {
            parsed.file.path for parsed in side.parsed if texts.get(parsed.file.path) != parsed.file.text
        } | texts.keys() - {parsed.file.path for parsed in side.parsed}
        for parsed in side.parsed:
            if parsed.file.path in changed:
                found.update(dict.fromkeys(_of_manifests(parsed)))
        for parsed in side.searched:
            found.update(dict.fromkeys(_of_places(parsed)))
        found.update(dict.fromkeys(_competing(view, changed)))
    return tuple(found)


def _of_manifests(parsed: Parsed) -> Iterator[Unread]:
    templates = [finding for finding in parsed.diagnostics if finding.rule == rules.TEMPLATE_MANIFEST.name]
    if not templates:
        yield from _of_places(parsed)
    for finding in templates:
        yield Unread(path=finding.path, line=finding.line, form=_TEMPLATE)


def _of_places(parsed: Parsed) -> Iterator[Unread]:
    for place in parsed.places:
        yield Unread(path=parsed.file.path, line=parsed.file.position(place.start).line, form=place.form)


def _competing(view: View, changed: set[str]) -> Iterator[Unread]:
    """Objects of one name, one of which is in a changed file: the cluster keeps the one that is applied last."""
    for finding in view.analysis.diagnostics if view.analysis is not None else ():
        if finding.rule == rules.DUPLICATE_OBJECT.name:
            places = (finding.span, *(label.span for label in finding.related))
            if any(span.path in changed for span in places):
                yield Unread(path=finding.path, line=finding.line, form=rules.DUPLICATE_OBJECT.name)
