"""Whether images are mirrored, for programs: one JSON object, a line for each image, documented in docs/images.md."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

from compiler.images import ImageReference, UnresolvedImage
from compiler.mirroring import Status, SurveyedImage
from compiler.span import Span

VERSION = 1

# Without an indent the encoder is the fast one, and a hundred thousand pull specs are no more than a pause.
_encoded = json.JSONEncoder(ensure_ascii=False).encode

_Json = None | bool | int | str | list["_Json"] | dict[str, "_Json"]


def render(
    images: Sequence[SurveyedImage],
    unresolved: Sequence[UnresolvedImage],
    *,
    allowed: Mapping[Span, str] = MappingProxyType({}),
    locate: Callable[[str], str] = str,
) -> str:
    """The report: counts, then images by trouble, then what could not be resolved.

    `allowed` has the reasons of places that comments allow; `locate` gives for a shown path the one that programs get.
    """
    report = _Report(allowed, locate)
    counts = Counter(image.status for image in images)
    by_status = {status.value: counts[status] for status in Status}
    summary = json.dumps({"images": len(images), **by_status, "unresolved": len(unresolved)})
    looked_at = _lines(report.image(image) for image in images)
    left = _lines(report.unresolved(place) for place in unresolved)
    return (
        f'{{\n  "version": {VERSION},\n  "summary": {summary},\n  "images": {looked_at},\n  "unresolved": {left}\n}}\n'
    )


def _lines(values: Iterable[dict[str, _Json]]) -> str:
    lines = ",\n    ".join(_encoded(value) for value in values)
    return f"[\n    {lines}\n  ]" if lines else "[]"


class _Report:
    """Images as plain data."""

    def __init__(self, allowed: Mapping[Span, str], locate: Callable[[str], str]) -> None:
        self._allowed = allowed
        self._locate = cache(locate)

    def image(self, image: SurveyedImage) -> dict[str, _Json]:
        return {
            "image": image.text,
            "status": image.status.value,
            "standings": [
                {
                    "clusters": [name for name in clusters if name],
                    "status": standing.status.value,
                    "detail": standing.detail,
                    "origins": [self._place(span) for span in standing.spans],
                }
                for clusters, standing in image.standings
            ],
            "places": [self._use(use) for use in image.uses],
        }

    def unresolved(self, place: UnresolvedImage) -> dict[str, _Json]:
        return {"text": place.text, "reason": place.reason, **self._use(place)}

    def _use(self, use: ImageReference | UnresolvedImage) -> dict[str, _Json]:
        reason = self._allowed.get(use.span) if self._allowed else None
        return {**self._place(use.span), "object": use.owner, "field": use.field, "allowed": reason}

    def _place(self, span: Span) -> dict[str, _Json]:
        line, column = span.begin
        return {"path": self._locate(span.path), "line": line, "column": column}
