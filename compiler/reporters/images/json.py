"""Whether images are mirrored, for programs: one JSON object, a line for each image, documented in docs/images.md."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from json.encoder import encode_basestring
from types import MappingProxyType
from typing import Any

from compiler.explain.consumers import Consumer
from compiler.explain.judge import Standing, Status
from compiler.images.image_sets import ToMirror
from compiler.images.references import ImageReference, UnresolvedImage
from compiler.images.survey import SurveyedImage, count
from compiler.machine.processes import spread
from compiler.reporters.explain.json import requirement_of
from compiler.text.escaping import safe_json
from compiler.text.span import Span

VERSION = 1
_BETWEEN = ",\n    "
_FEWEST_FOR_HELP = 20_000
"""Images worth their own process."""

_encoded = json.JSONEncoder(ensure_ascii=False).encode


def render(
    images: Sequence[SurveyedImage],
    unresolved: Sequence[UnresolvedImage],
    *,
    allowed: Mapping[Span, str] = MappingProxyType({}),
    unread: Mapping[str, int] = MappingProxyType({"places": 0, "files": 0}),
    to_mirror: Sequence[ToMirror] = (),
    locate: Callable[[str], str] = str,
) -> str:
    """The report: counts, then images by trouble, then what could not be resolved.

    `allowed` has the reasons of places that comments allow; `unread` has the numbers of places and files of mirror
    policy that was not read; `to_mirror` is what oc-mirror is to copy; `locate` gives for a shown path the one that
    programs get.
    """
    report = _Report(allowed, locate)
    counts = count(images)
    by_status = {status.value: counts[status] for status in Status}
    summary = json.dumps({"images": len(images), **by_status, "unresolved": len(unresolved), "unread": dict(unread)})
    looked_at = _lines(spread(report.images, images, least=_FEWEST_FOR_HELP))
    left = _lines(map(report.unresolved, unresolved))
    copied = f',\n  "to_mirror": {_lines(map(report.copied, to_mirror))}' if to_mirror else ""
    return safe_json(
        f'{{\n  "version": {VERSION},\n  "summary": {summary},\n  "images": {looked_at},\n'
        f'  "unresolved": {left}{copied}\n}}\n'
    )


def _lines(values: Iterable[str]) -> str:
    lines = _BETWEEN.join(values)
    return f"[\n    {lines}\n  ]" if lines else "[]"


def _candidates(standing: Standing) -> str:
    """The candidates of a short name, as one more key."""
    if not standing.candidates:
        return ""
    told = [
        {"image": each.image, "status": each.status, "detail": each.detail, "chosen": each.chosen}
        for each in standing.candidates
    ]
    return f', "candidates": {_encoded(told)}'


class _Report:
    """Images as JSON. What many have in common is put into words once: there may be a hundred thousand."""

    def __init__(self, allowed: Mapping[Span, str], locate: Callable[[str], str]) -> None:
        self._allowed = allowed
        self._located = cache(lambda path: _encoded(locate(path)))
        self._encoded = cache(_encoded)  # objects and fields have few names
        # Standings by identity: to hash one costs more than the words.
        self._standings: dict[tuple[int, tuple[str, ...]], str] = {}

    def images(self, images: Sequence[SurveyedImage]) -> list[str]:
        """The lines of a run of images as one text, which comes from another process faster than its lines do."""
        return [_BETWEEN.join(map(self._image, images))] if images else []

    def _image(self, image: SurveyedImage) -> str:
        text, uses, stood, consumer = image
        standings = (
            self._standing(*stood[0]) if len(stood) == 1 else ", ".join([self._standing(*each) for each in stood])
        )
        places = self._use(uses[0]) if len(uses) == 1 else ", ".join(map(self._use, uses))
        by = "" if consumer is Consumer.NODE else f'"consumer": "{consumer}", '
        if pipeline := list(dict.fromkeys(location for use in uses for location in use.pipeline)):
            by += f'"pipeline": {_encoded(pipeline)}, '
        return (
            f'{{"image": {encode_basestring(text)}, "status": "{stood[0][1].status}", {by}'
            f'"standings": [{standings}], "places": [{places}]}}'
        )

    def unresolved(self, place: UnresolvedImage) -> str:
        told = f'"text": {_encoded(place.text)}, "reason": {_encoded(place.reason)}'
        return f"{{{told}, {self._use(place)[1:]}"

    def copied(self, item: ToMirror) -> str:
        told = f'"text": {_encoded(item.text)}, "what": {_encoded(item.what)}, "field": {_encoded(item.field)}'
        return f"{{{told}, {self._place(item.span)}}}"

    def _standing(self, clusters: tuple[str, ...], standing: Standing) -> str:
        key = (id(standing), clusters)
        known = self._standings.get(key)
        if known is None:
            origins = ", ".join(f"{{{self._place(span)}}}" for span in standing.spans)
            served = [
                {"mirror": mirror, "clusters": [name for name in where or clusters if name]}
                for mirror, where in standing.served
            ]
            known = self._standings[key] = (
                f'{{"clusters": {_encoded([name for name in clusters if name])}, "status": "{standing.status}", '
                f'"detail": {_encoded(standing.detail)}, "from": {_encoded(served)}, "origins": [{origins}], '
                f'"signature": {_encoded(self._signature(standing))}{_candidates(standing)}}}'
            )
        return known

    def _signature(self, standing: Standing) -> dict[str, object] | None:
        signature = standing.signature
        if signature is None:
            return None
        return {
            "scope": signature.scope,
            "policies": list(signature.policies),
            "requirements": [requirement_of(each, self._places) for each in signature.requirements],
            "not_looked_for_at": list(signature.not_looked_for_at),
        }

    def _places(self, spans: tuple[Span, ...]) -> list[Any]:
        return [json.loads(f"{{{self._place(span)}}}") for span in spans]

    def _use(self, use: ImageReference | UnresolvedImage) -> str:
        reason = self._allowed.get(use.span) if self._allowed else None
        allowed = "null" if reason is None else _encoded(reason)
        owner, field = self._encoded(use.owner), self._encoded(use.field)
        return f'{{{self._place(use.span)}, "object": {owner}, "field": {field}, "allowed": {allowed}}}'

    def _place(self, span: Span) -> str:
        file, start, _ = span
        line, column = file.position(start)
        return f'"path": {self._located(file.path)}, "line": {line}, "column": {column}'
