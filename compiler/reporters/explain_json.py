"""Explanations for programs: one JSON object, a line for each result, documented in docs/explain.md.

`attempts` are what a node does, in order; those with `blocked` fail when their turn comes. Errors come twice: as
the runtime words them (`error`), to be found in its events, and for people (`explanation`).
"""

import json
from collections.abc import Iterable

from compiler.admission import Cause
from compiler.explanation import Explanation, Place, Step
from compiler.pull import Verdict
from compiler.registries import RegistryEntry
from compiler.span import Span

VERSION = 1

# Without an indent the encoder is the fast one, and a hundred thousand pull specs are no more than a pause.
_encoded = json.JSONEncoder(ensure_ascii=False).encode

_Json = None | bool | int | str | list["_Json"] | dict[str, "_Json"]


def render(explanations: Iterable[tuple[str, Explanation]], *, many: bool = False) -> str:
    """The report. Each explanation comes with its cluster's name, which is told where there may be `many`."""
    lines = []
    for cluster, explanation in explanations:
        result = _result(explanation)
        lines.append(_encoded({"cluster": cluster, **result} if many else result))
    results = ",\n    ".join(lines)
    return f'{{\n  "version": {VERSION},\n  "results": [\n    {results}\n  ]\n}}\n'


def _result(explanation: Explanation) -> dict[str, _Json]:
    return {
        **_pull(explanation),
        "candidates": [_pull(candidate) for candidate in explanation.candidates],
    }


def _pull(explanation: Explanation) -> dict[str, _Json]:
    pull = explanation.pull
    entry = pull.entry
    return {
        "pull_spec": explanation.pull_spec,
        "normalized": None if pull.normalized is None else str(pull.normalized),
        "form": None if pull.normalized is None else "digest" if pull.by_digest else "tag",
        "error": pull.error or None,
        "explanation": pull.failure.explanation if pull.failure else None,
        "entry": None if entry is None else _entry(entry),
        "inherited_from": explanation.inherited_from or None,
        "hidden": [_entry(hidden) for hidden in explanation.hidden],
        "attempts": [_attempt(step) for step in explanation.steps],
        "skipped": [_skipped(step) for step in explanation.skipped],
        "refused_by": None if explanation.refusal is None else _cause(explanation.refusal),
        "outcome": explanation.outcome.value,
    }


def _entry(entry: RegistryEntry) -> dict[str, _Json]:
    return {
        "prefix": entry.scope,
        "location": entry.location,
        "blocked": entry.blocked,
        "insecure": entry.insecure,
        "origins": _places(entry.origins),
    }


def _attempt(step: Step) -> dict[str, _Json]:
    attempt = step.attempt
    return {
        "reference": attempt.reference,
        "endpoint": attempt.endpoint.location,
        "insecure": attempt.insecure,
        "pull_from_mirror": attempt.pull_from_mirror,
        "blocked": attempt.verdict is Verdict.BLOCKED,
        "source": attempt.is_source,
        "reason": step.attempt.reason,
        "origins": _places(attempt.origins),
        "order": _order(step.place) if step.place else None,
        "blocked_by": [_cause(cause) for cause in step.blocked_by],
        "insecure_by": [_cause(cause) for cause in step.insecure_by],
    }


def _skipped(step: Step) -> dict[str, _Json]:
    attempt = step.attempt
    return {
        "reference": attempt.reference,
        "endpoint": attempt.endpoint.location,
        "insecure": attempt.insecure,
        "pull_from_mirror": attempt.pull_from_mirror,
        "reason": step.attempt.reason,
        "origins": _places(attempt.origins),
    }


def _order(place: Place) -> dict[str, _Json]:
    return {"decision": place.decision.value, "lists": _places(place.lists), "against": _places(place.against)}


def _cause(cause: Cause) -> dict[str, _Json]:
    return {"setting": cause.setting, "scope": cause.scope, "origins": _places(cause.spans)}


def _places(spans: Iterable[Span]) -> list[_Json]:
    places: list[_Json] = []
    for span in sorted(set(spans), key=lambda span: span.sort_key):
        line, column = span.begin
        places.append({"path": span.path, "line": line, "column": column})
    return places
