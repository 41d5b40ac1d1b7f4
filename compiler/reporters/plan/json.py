"""A plan for programs: one JSON object, described in docs/plan.md."""

from collections.abc import Callable, Iterable, Iterator

from compiler.diff.disruption import Reason
from compiler.edits.changes import KEPT, NEW, Change
from compiler.edits.planning import Moved
from compiler.reporters.diff.words import rule_for
from compiler.reporters.findings.report import region
from compiler.reporters.plan import words
from compiler.reporters.plan.words import Described
from compiler.text.escaping import json_pieces
from compiler.text.span import Span

VERSION = 1
_LEVELS = {KEPT: "removed-mirrors-kept", NEW: "done"}

_Json = None | bool | int | str | list["_Json"] | dict[str, "_Json"]


def render(
    described: Described, *, locate: Callable[[str], str] = str, locate_change: Callable[[str], str] = str
) -> Iterator[str]:
    """The report, in pieces.

    Args:
        described: The plan.
        locate: Gives for a shown path the one that programs get.
        locate_change: The same for the paths of changes, as patches have them.
    """
    plan, changes = described.plan, described.changes

    def place(span: Span) -> _Json:
        return {"path": locate(span.path), **region(span)}

    def reason(each: Reason) -> _Json:
        return {
            "disruption": each.disruption.value,
            "cause": each.cause.value,
            "rule": rule_for(each),
            "message": each.message,
            "scope": each.scope,
            "mirror": each.mirror,
            "old_places": [place(span) for span in each.old_spans],
            "new_places": [place(span) for span in each.new_spans],
        }

    steps: list[_Json] = [
        {
            "number": number,
            "disruption": step.disruption.value,
            "clusters": {name: cost.value for name, cost in step.costs},
            "changes": [_change(changes.all[moved.index], moved, locate_change) for moved in step.moved],
            "patch": described.patches[number - 1] if described.patches else None,
        }
        for number, step in enumerate(plan.steps, 1)
    ]
    waves: list[_Json] = [
        {"wave": number, "disruption": cost.value, "objects": _strings(objects)}
        for number, (cost, objects) in enumerate(words.waves(described))
    ]
    unavoidable: list[_Json] = [
        {"cluster": name, "reasons": [reason(each) for each in reasons]} for name, _, reasons in words.unavoidable(plan)
    ]
    report: dict[str, _Json] = {
        "version": VERSION,
        "old": described.old,
        "new": described.new,
        "changes": len(changes.all),
        "exact": plan.exact,
        "at_once": words.at_once(plan).value,
        "disruption": max((step.disruption for step in plan.steps), default=words.at_once(plan)).value,
        "steps": steps,
        "unavoidable": unavoidable,
        "argocd": {
            "waves": waves,
            "prune_last": plan.prune_last,
            "patch": described.wave_patch or None,
        },
    }
    return json_pieces(report)


def _change(change: Change, moved: Moved, locate: Callable[[str], str]) -> _Json:
    return {
        "verb": change.verb.value,
        "kind": change.kind,
        "name": change.name,
        "source": change.source,
        "paths": _strings(map(locate, change.paths)),
        "until": _LEVELS[moved.level],
        "added": _strings(change.gained if moved.origin != KEPT else ()),
        "kept": _strings(change.kept if moved.level == KEPT else ()),
        "removed": _strings(words.removed(change, moved)),
        "message": words.sentence(change, moved),
    }


def _strings(texts: Iterable[str]) -> list[_Json]:
    return list(texts)
