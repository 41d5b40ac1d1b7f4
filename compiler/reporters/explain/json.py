"""Explanations for programs: one JSON object, a line for each result, documented in docs/explain.md.

`attempts` are what a node does, in order; those with `blocked` fail when their turn comes. Errors come twice: as
the runtime words them (`error`), to be found in its events, and for people (`explanation`).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import MappingProxyType

from compiler.explain.explanation import ExplainedAttempt, Explanation, OrderReason
from compiler.findings.diagnostics import Diagnostic
from compiler.node.admission import DecidingSetting
from compiler.node.model import RegistryEntry
from compiler.node.pull import AttemptVerdict
from compiler.node.requirements import Requirement
from compiler.node.signatures import NeededSignatures
from compiler.policy.precedence import Conflict
from compiler.text.escaping import safe_json
from compiler.text.span import Span

VERSION = 1

# Without an indent the encoder is the fast one, and a hundred thousand pull specs are no more than a pause.
_encoded = json.JSONEncoder(ensure_ascii=False).encode

_Json = None | bool | int | str | list["_Json"] | dict[str, "_Json"]


def render(
    explanations: Iterable[tuple[str, Explanation]],
    *,
    many: bool = False,
    unread: Mapping[str, int] = MappingProxyType({"places": 0, "files": 0}),
    notes: Iterable[Diagnostic] | None = None,
    locate: Callable[[str], str] = str,
    pipelines: Iterable[object] = (),
    stated: Iterable[object] = (),
) -> str:
    """The report.

    Args:
        explanations: Each with its cluster's name.
        many: Clusters have names, and these are reported.
        notes: What nodes read past in their files, None where no files of a node were given.
        unread: In how many places and files mirror policy was not read.
        locate: Gives for a shown path the one that programs get.
        pipelines: Where Konflux pipelines look, which nodes do not do.
        stated: What documents say that no cluster is given.
    """
    report = _Report(locate)
    lines = []
    for cluster, explanation in explanations:
        result = report.result(explanation)
        lines.append(_encoded({"cluster": cluster, **result} if many else result))
    results = ",\n    ".join(lines)
    summary = _encoded({"unread": dict(unread)})
    listed = f"[\n    {results}\n  ]" if lines else "[]"
    noted = "" if notes is None else f',\n  "notes": {_encoded([report.note(each) for each in notes])}'
    looked = list(pipelines)
    noted += f',\n  "pipelines": {_encoded(looked)}' if looked else ""
    beside = list(stated)
    noted += f',\n  "stated": {_encoded(beside)}' if beside else ""
    return safe_json(f'{{\n  "version": {VERSION},\n  "results": {listed},\n  "summary": {summary}{noted}\n}}\n')


def signature_of(needed: NeededSignatures, places: Callable[[tuple[Span, ...]], list[_Json]]) -> dict[str, _Json]:
    """What policy.json requires of an image; `places` gives the places of spans."""
    return {
        "scope": needed.scope,
        "identity": needed.identity,
        "requirements": [_requirement(each, places) for each in needed.requirements],
    }


def _requirement(requirement: Requirement, places: Callable[[tuple[Span, ...]], list[_Json]]) -> dict[str, _Json]:
    identity = requirement.identity
    return {
        "type": requirement.type,
        "trust": requirement.trusts or None,
        "signed_identity": None if identity is None else dict(identity.members),
        "policy": requirement.policy or None,
        "payload": requirement.payload,
        "origins": places(requirement.origins),
    }


class _Report:
    """Explanations as plain data; places that come again are made once."""

    def __init__(self, locate: Callable[[str], str]) -> None:
        self._locate = cache(locate)
        self._known: dict[tuple[Span, ...], list[_Json]] = {}

    def result(self, explanation: Explanation) -> dict[str, _Json]:
        return {
            **self._pull(explanation),
            "candidates": [self._pull(candidate) for candidate in explanation.candidates],
        }

    def note(self, note: Diagnostic) -> dict[str, _Json]:
        return {
            "rule": note.rule,
            "message": note.message,
            "help": note.help,
            "origins": self._places((note.span,)),
            "related": self._places(tuple(label.span for label in note.related)),
        }

    def _pull(self, explanation: Explanation) -> dict[str, _Json]:
        pull = explanation.pull
        entry = pull.entry
        return {
            "pull_spec": explanation.pull_spec,
            "normalized": None if pull.normalized is None else str(pull.normalized),
            "form": None if pull.normalized is None else "digest" if pull.by_digest else "tag",
            "error": pull.error or None,
            "explanation": pull.failure.explanation if pull.failure else None,
            "entry": None if entry is None else self._entry(entry),
            "inherited_from": explanation.inherited_from or None,
            "hidden": [self._entry(hidden) for hidden in explanation.hidden],
            "attempts": [self._attempt(step) for step in explanation.steps],
            "skipped": [self._skipped(step) for step in explanation.skipped],
            "conflicts": [self._conflict(conflict) for conflict in explanation.conflicts],
            "refused_by": None if explanation.refusal is None else self._cause(explanation.refusal),
            "signature": signature_of(explanation.signatures, self._places),
            "accepted_by": None if explanation.accepted_by is None else self._cause(explanation.accepted_by),
            "undecided": [self._entry(each) for each in explanation.undecided],
            "allowed_undecided": explanation.is_admission_undecided,
            "redirected_to": pull.redirected_to or None,
            "outcome": explanation.outcome.value,
            **self._name_verdict(explanation),
        }

    def _name_verdict(self, explanation: Explanation) -> dict[str, _Json]:
        verdict = explanation.name_verdict
        if verdict is None:
            return {}
        return {"signed_as": verdict.name, "accepted": verdict.accepted, "reason": verdict.reason}

    def _entry(self, entry: RegistryEntry) -> dict[str, _Json]:
        return {
            "prefix": entry.scope,
            "location": entry.location,
            "blocked": entry.blocked,
            "insecure": entry.insecure,
            "origins": self._places(entry.origins),
        }

    def _attempt(self, step: ExplainedAttempt) -> dict[str, _Json]:
        attempt = step.attempt
        return {
            "reference": attempt.reference,
            "endpoint": attempt.endpoint.location,
            "insecure": attempt.insecure,
            "pull_from_mirror": attempt.pull_from_mirror,
            "blocked": attempt.verdict is AttemptVerdict.BLOCKED,
            "source": attempt.is_source,
            "reason": attempt.reason,
            "origins": self._places(attempt.origins),
            "order": self._order(step.place) if step.place else None,
            "blocked_by": [self._cause(cause) for cause in step.blocked_by],
            "insecure_by": [self._cause(cause) for cause in step.insecure_by],
            "signatures_looked_for": bool(step.signatures_looked_for),
        }

    def _skipped(self, step: ExplainedAttempt) -> dict[str, _Json]:
        attempt = step.attempt
        return {
            "reference": attempt.reference,
            "endpoint": attempt.endpoint.location,
            "insecure": attempt.insecure,
            "pull_from_mirror": attempt.pull_from_mirror,
            "reason": attempt.reason,
            "origins": self._places(attempt.origins),
        }

    def _order(self, place: OrderReason) -> dict[str, _Json]:
        return {
            "decision": place.decision.value,
            "lists": self._places(place.lists),
            "against": self._places(place.against),
        }

    def _conflict(self, conflict: Conflict) -> dict[str, _Json]:
        return {
            "mirrors": list(conflict.mirrors),
            "lists": [
                {"first": step.first, "second": step.second, "origins": self._places((step.first_span,))}
                for step in conflict.steps
            ],
        }

    def _cause(self, cause: DecidingSetting) -> dict[str, _Json]:
        return {"setting": cause.setting, "scope": cause.scope, "origins": self._places(cause.spans)}

    def _places(self, spans: tuple[Span, ...]) -> list[_Json]:
        known = self._known.get(spans)
        if known is None:
            known = []
            for span in sorted(set(spans), key=lambda span: span.sort_key):
                line, column = span.begin
                known.append({"path": self._locate(span.path), "line": line, "column": column})
            self._known[spans] = known
        return known
