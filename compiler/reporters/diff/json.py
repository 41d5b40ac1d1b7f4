"""A comparison for programs: one JSON object, described in docs/diff.md.

One cluster is at the top level. Several are under `clusters`, the worst first, each in the same shape with its
name; the top level then has `version` and the worst `disruption` alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from compiler.diff.comparison import Comparison
from compiler.diff.disruption import Disruption, Reason, Value
from compiler.diff.images import ImageShift
from compiler.diff.objects import ObjectChange
from compiler.diff.pulls import PullChange
from compiler.findings.diagnostics import Diagnostic
from compiler.machine.limits import TooMuchError, most
from compiler.reporters.diff.words import policy_place, rule_for
from compiler.reporters.findings.report import region
from compiler.text.escaping import JsonList, json_pieces
from compiler.text.span import Span

VERSION = 1

_Json = None | bool | int | str | list["_Json"] | dict[str, "_Json"] | JsonList[Any]


def render(comparisons: Sequence[tuple[str, Comparison]], *, locate: Callable[[str], str] = str) -> str:
    """The report of some clusters by name, the worst first; `pieces` has the arguments."""
    return "".join(pieces(comparisons, locate=locate))


def pieces(comparisons: Sequence[tuple[str, Comparison]], *, locate: Callable[[str], str] = str) -> Iterator[str]:
    """The report in pieces, one after the other: it can be hundreds of times as long as what is compared.

    Args:
        comparisons: What a change means for each.
        locate: Gives for a shown path the one that programs get: relative to the top of the repo.

    Raises:
        TooMuchError: Clusters and changes multiply to too much.
    """
    _check_length(comparisons)
    worst = max((comparison.disruption for _, comparison in comparisons), default=Disruption.NONE)
    report: dict[str, _Json] = {"version": VERSION, "disruption": worst.value}
    writer = _Writer(locate)
    if len(comparisons) == 1:
        report |= writer.comparison(comparisons[0][1])
    else:
        report["clusters"] = [{"name": name, **writer.shared(comparison)} for name, comparison in comparisons]
    return json_pieces(report)


_MOST_ROWS = 300_000
"""Rows over all clusters, whatever changes: each cluster has its own, though many may be the same."""
_PER_ROW = 2
"""How many more for each row that is not the same as one of another cluster."""


def _check_length(comparisons: Sequence[tuple[str, Comparison]]) -> None:
    rows = {id(comparison): _rows(comparison) for _, comparison in comparisons}
    total = sum(rows[id(comparison)] for _, comparison in comparisons)
    limit = most(_MOST_ROWS, _PER_ROW, sum(rows.values()))
    if total > limit:
        raise TooMuchError(
            f"the JSON of {len(comparisons)} clusters would have {total} reasons, changes and findings, more than "
            f"{limit}: it is not written",
            "Choose some clusters with --cluster",
        )


def _rows(comparison: Comparison) -> int:
    lists = (comparison.changes, comparison.images, comparison.objects)
    findings = (comparison.new_findings, comparison.gone_findings, comparison.old_refusals, comparison.new_refusals)
    return sum(len(each.verdict.reasons) for each in comparison.pools) + sum(map(len, (*lists, *findings)))


class _Writer:
    """Makes JSON of the parts of a comparison."""

    def __init__(self, locate: Callable[[str], str]) -> None:
        self._locate = locate
        self._paths: dict[str, str] = {}
        self._comparisons: dict[int, dict[str, _Json]] = {}

    def shared(self, comparison: Comparison) -> dict[str, _Json]:
        """The same for each cluster that has this comparison, so that its lists are written once."""
        if id(comparison) not in self._comparisons:
            self._comparisons[id(comparison)] = self.comparison(comparison, once=False)
        return self._comparisons[id(comparison)]

    def comparison(self, comparison: Comparison, *, once: bool = True) -> dict[str, _Json]:
        verdicts = {id(result.verdict): result.verdict for result in comparison.pools}
        reasons = {number: JsonList(verdict.reasons, self.reason) for number, verdict in verdicts.items()}
        return {
            "disruption": comparison.disruption.value,
            "old": comparison.old,
            "new": comparison.new,
            "release": comparison.release,
            "pools": {
                result.pool: {
                    "disruption": result.disruption.value,
                    "actions": list(result.verdict.actions),
                    "reasons": reasons[id(result.verdict)],
                }
                for result in comparison.pools
            },
            "unread": [
                {"path": self._locate(unread.path), "line": unread.line, "form": unread.form}
                for unread in comparison.unread
            ],
            "changes": JsonList(comparison.changes, self.change, once=once),
            "images_looked_at": comparison.images_looked_at,
            "images": JsonList(comparison.images, self.image, once=once),
            "objects": JsonList(comparison.objects, self.change_of_object, once=once),
            "diagnostics": {
                "new": JsonList(comparison.new_findings, self.finding, once=once),
                "gone": JsonList(comparison.gone_findings, self.finding, once=once),
            },
            "refused": {
                "old": JsonList(comparison.old_refusals, self.finding, once=once),
                "new": JsonList(comparison.new_refusals, self.finding, once=once),
            },
            "notes": [{"text": note.text, "help": note.help} for note in comparison.notes],
        }

    def reason(self, reason: Reason) -> dict[str, _Json]:
        return {
            "disruption": reason.disruption.value,
            "cause": reason.cause.value,
            "rule": rule_for(reason),
            "decided_by": self.decision(reason),
            "message": reason.message,
            "path": reason.path,
            "scope": reason.scope,
            "mirror": reason.mirror,
            "before": _value(reason.before),
            "after": _value(reason.after),
            "help": reason.remedy,
            "old_places": self.places(reason.old_spans),
            "new_places": self.places(reason.new_spans),
        }

    def decision(self, reason: Reason) -> dict[str, _Json] | None:
        if reason.decision is None:
            return None
        entry, place = reason.decision.entry, policy_place(reason)
        return {
            "entry": None if entry is None else entry.path,
            "actions": [str(action) for action in reason.decision.actions],
            "place": None if place is None else self.place(place),
        }

    def change(self, change: PullChange) -> dict[str, _Json]:
        return {
            "scope": change.scope,
            "effects": [
                {
                    "effect": effect.effect.value,
                    "pulls": effect.pulls.value,
                    "message": effect.message,
                    "before": list(effect.before),
                    "after": list(effect.after),
                }
                for effect in change.effects
            ],
            "old_places": self.places(change.old_spans),
            "new_places": self.places(change.new_spans),
        }

    def image(self, shift: ImageShift) -> dict[str, _Json]:
        return {
            "image": shift.pull_spec,
            "change": shift.shift.value,
            "message": shift.message,
            "before": list(shift.before),
            "after": list(shift.after),
            "places": [{**self.place(use.span), "object": use.owner, "field": use.field} for use in shift.uses],
        }

    def change_of_object(self, change: ObjectChange) -> dict[str, _Json]:
        return {
            "verb": change.verb.value,
            "kind": change.kind,
            "name": change.name,
            "effective": change.effective,
            "refused": change.refused,
            "note": change.note,
            "counterpart": change.counterpart or None,
            "gained": list(change.gained),
            "lost": list(change.lost),
            "changed": list(change.changed),
            "old_place": self.place(change.old_span) if change.old_span else None,
            "new_place": self.place(change.new_span) if change.new_span else None,
        }

    def finding(self, finding: Diagnostic) -> dict[str, _Json]:
        return {
            "rule": finding.rule,
            "severity": finding.severity.value,
            "message": finding.message,
            "help": finding.help,
            "field": finding.field,
            **self.place(finding.span),
        }

    def places(self, spans: Iterable[Span]) -> list[_Json]:
        return [self.place(span) for span in spans]

    def place(self, span: Span) -> dict[str, _Json]:
        path = self._paths.get(span.path)
        if path is None:
            path = self._paths[span.path] = self._locate(span.path)
        return {"path": path, **region(span)}


def _value(value: Value) -> _Json:
    return list(value) if isinstance(value, tuple) else value
