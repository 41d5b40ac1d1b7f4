"""Whether images are mirrored, for programs: one JSON object, a line for each image, documented in docs/images.md."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from json.encoder import encode_basestring
from types import MappingProxyType
from typing import Any

from compiler.explain.cluster_judge import ClusterJudge
from compiler.explain.consumers import Consumer
from compiler.explain.judge import Judge, NameCandidate, SignatureStanding, Standing, Status
from compiler.explain.pull_signatures import AttemptSignatures, PullSignatures
from compiler.images.image_sets import ToMirror
from compiler.images.references import ImageReference, UnresolvedImage
from compiler.images.survey import Clusters, Judges, SurveyedImage, count
from compiler.machine.limits import TooMuchError, most
from compiler.machine.processes import spread
from compiler.node.signatures import NeededSignatures
from compiler.reporters.explain.json import signature_of
from compiler.text.escaping import safe_json
from compiler.text.span import Span

VERSION = 1
_BETWEEN = ",\n    "
_FEWEST_FOR_HELP = 20_000
"""Images worth their own process."""

_IN_A_PIECE = 100
"""Images that are written together."""
_MOST_PULLS = 150_000
"""Images in clusters that differ, whatever there is of both."""
_MOST_NAMED = 100_000_000
"""Characters in names of clusters, whatever there is of images."""
_PER_IMAGE = 1000
"""How many more for each image."""

_encoded = json.JSONEncoder(ensure_ascii=False).encode


def render(
    images: Sequence[SurveyedImage],
    unresolved: Sequence[UnresolvedImage],
    judges: Judges,
    *,
    allowed: Mapping[Span, str] = MappingProxyType({}),
    unread: Mapping[str, int] = MappingProxyType({"places": 0, "files": 0}),
    to_mirror: Sequence[ToMirror] = (),
    locate: Callable[[str], str] = str,
) -> Iterator[str]:
    """The report, in pieces: counts, then images by trouble, then what could not be resolved.

    `judges` are those that the images were judged by; `allowed` has the reasons of places that comments allow; `unread`
    has the numbers of places and files of mirror policy that was not read; `to_mirror` is what oc-mirror is to copy;
    `locate` gives for a shown path the one that programs get.
    """
    report = _Report(judges, allowed, locate)
    counts = count(images)
    by_status = {status.value: counts[status] for status in Status}
    summary = json.dumps({"images": len(images), **by_status, "unresolved": len(unresolved), "unread": dict(unread)})
    yield safe_json(f'{{\n  "version": {VERSION},\n  "summary": {summary},\n  "images": ')
    yield from _lines(_written(report, images))
    yield ',\n  "unresolved": '
    yield from _lines(map(safe_json, map(report.unresolved, unresolved)))
    if to_mirror:
        yield ',\n  "to_mirror": '
        yield from _lines(map(safe_json, map(report.copied, to_mirror)))
    yield "\n}\n"


def _written(report: "_Report", images: Sequence[SurveyedImage]) -> Iterator[str]:
    """The lines of images; what one process makes is not kept, since each may name thousands of clusters."""
    if len(images) >= 2 * _FEWEST_FOR_HELP:
        yield from spread(report.images, images, least=_FEWEST_FOR_HELP)
        return
    for at in range(0, len(images), _IN_A_PIECE):
        yield from report.images(images[at : at + _IN_A_PIECE])


def check_length(images: Sequence[SurveyedImage], judges: Judges) -> None:
    """See that the report is not too long.

    Raises:
        TooMuchError: It is: each image names each cluster, with its attempts in those that differ.
    """
    pulls, allowed = len(images) * len(judges), most(_MOST_PULLS, 1, len(images))
    if pulls > allowed:
        raise TooMuchError(
            f"the JSON of {len(images)} images in {len(judges)} clusters that differ would list the attempts of "
            f"{pulls} pulls, more than {allowed}: it is not written",
            "Choose some clusters with --cluster",
        )
    known: dict[int, int] = {}
    length = 0
    limit = most(_MOST_NAMED, _PER_IMAGE, len(images))
    for image in images:
        for clusters, _ in image.standings:
            if id(clusters) not in known:
                known[id(clusters)] = sum(map(len, clusters))
            length += known[id(clusters)]
    if length > limit:
        raise TooMuchError(
            f"the JSON of {len(images)} images would repeat the names of clusters in more than {limit} characters: "
            "it is not written",
            "Choose some clusters with --cluster",
        )


def _lines(values: Iterable[str]) -> Iterator[str]:
    before = "[\n    "
    for value in values:
        yield before
        yield value
        before = _BETWEEN
    yield "[]" if before != _BETWEEN else "\n  ]"


class _Report:
    """Images as JSON. What many have in common is put into words once: there may be a hundred thousand."""

    def __init__(self, judges: Judges, allowed: Mapping[Span, str], locate: Callable[[str], str]) -> None:
        self._judges = judges
        self._allowed = allowed
        self._located = cache(lambda path: _encoded(locate(path)))
        self._named = cache(lambda clusters: _encoded([name for name in clusters if name]))
        self._encoded = cache(_encoded)  # objects and fields have few names
        # Standings by identity: to hash one costs more than the words.
        self._standings: dict[tuple[int, Clusters], str] = {}
        self._needed: dict[tuple[int, int], tuple[str, str]] = {}
        self._tried: dict[tuple[AttemptSignatures, ...], str] = {}

    def images(self, images: Sequence[SurveyedImage]) -> list[str]:
        """The lines of a run of images as one safe text, which comes from another process faster than its lines do."""
        return [safe_json(_BETWEEN.join(map(self._image, images)))] if images else []

    def _image(self, image: SurveyedImage) -> str:
        text, uses, stood, consumer = image
        standings = ", ".join([self._standing(*each, text, consumer) for each in stood])
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

    def _standing(self, clusters: Clusters, standing: Standing, text: str, consumer: Consumer) -> str:
        """A status of an image, once for the clusters that require the same of it."""
        if len(self._judges) == 1:
            signatures = _signatures(self._judges[0][1], text, consumer)
            return self._pulled(clusters, standing, [(clusters, signatures)])
        return ", ".join(
            self._pulled(tuple(name for names, _ in alike for name in names), standing, alike)
            for alike in self._alike(clusters, text, consumer)
        )

    def _alike(
        self, clusters: Clusters, text: str, consumer: Consumer
    ) -> Iterable[Sequence[tuple[Clusters, PullSignatures]]]:
        """What is looked for in these clusters, those together that need the same."""
        chosen = frozenset(clusters)
        alike: dict[object, list[tuple[Clusters, PullSignatures]]] = {}
        for names, judge in self._judges:
            if chosen.issuperset(names):
                signatures = _signatures(judge, text, consumer)
                needed = (signatures.needed, tuple(each.needed for each in signatures.candidates))
                alike.setdefault(needed, []).append((names, signatures))
        return alike.values()

    def _pulled(
        self, clusters: Clusters, standing: Standing, signatures: Sequence[tuple[Clusters, PullSignatures]]
    ) -> str:
        told = f"{self._status(clusters, standing)}, {self._pulls(signatures, standing.signature)}"
        if standing.candidates:
            told += self._candidates(standing.candidates, signatures[0][1].candidates)
        return f"{{{told}}}"

    def _status(self, clusters: Clusters, standing: Standing) -> str:
        """What all images have in common that share a status."""
        key = (id(standing), clusters)
        known = self._standings.get(key)
        if known is None:
            origins = ", ".join(f"{{{self._place(span)}}}" for span in standing.spans)
            served = [
                {"mirror": mirror, "clusters": [name for name in where or clusters if name and name in clusters]}
                for mirror, where in standing.served
                if not where or any(name in clusters for name in where)
            ]
            known = self._standings[key] = (
                f'"status": "{standing.status}", "detail": {_encoded(standing.detail)}, '
                f'"from": {_encoded(served)}, "origins": [{origins}]'
            )
        return f'"clusters": {self._named(clusters)}, {known}'

    def _pulls(self, signatures: Sequence[tuple[Clusters, PullSignatures]], standing: SignatureStanding | None) -> str:
        """The signature that a pull needs, and its attempts, those of each cluster where they differ."""
        first = signatures[0][1]
        if len(signatures) == 1:
            attempts = self._attempts(first.attempts)
        else:
            alike: dict[tuple[AttemptSignatures, ...], Clusters] = {}
            for names, each in signatures:
                alike[each.attempts] = (*alike.get(each.attempts, ()), *names)
            if len(alike) == 1:
                attempts = self._attempts(first.attempts)
            else:
                attempts = ", ".join(_attempt(each, names) for tried, names in alike.items() for each in tried)
        before, after = self._signature(first.needed, standing)
        return f'{before}{encode_basestring(first.identity)}{after}, "attempts": [{attempts}]'

    def _attempts(self, attempts: tuple[AttemptSignatures, ...]) -> str:
        """Attempts; those at a mirror are common to many images."""
        if len(attempts) == 1:
            return _attempt(attempts[0])
        known = self._tried.get(attempts)
        if known is None:
            known = self._tried[attempts] = ", ".join(map(_attempt, attempts))
        return known

    def _signature(self, needed: NeededSignatures, standing: SignatureStanding | None) -> tuple[str, str]:
        """What is required of a pull, before and after the identity."""
        key = (id(needed), id(standing))
        known = self._needed.get(key)
        if known is None:
            signature = signature_of(needed, self._places)
            del signature["identity"]
            if standing is not None:
                signature["policies"] = list(standing.policies)
                signature["not_looked_for_at"] = list(standing.not_looked_for_at)
            scope = f'"signature": {{"scope": {_encoded(signature.pop("scope"))}, "identity": '
            known = self._needed[key] = (scope, f", {_encoded(signature)[1:]}")
        return known

    def _candidates(self, candidates: Sequence[NameCandidate], signatures: Sequence[PullSignatures]) -> str:
        """The candidates of a short name, as one more key."""
        told = [
            f'{{"image": {_encoded(each.image)}, "status": "{each.status}", "detail": {_encoded(each.detail)}, '
            f'"chosen": {_encoded(each.chosen)}, {self._pulls([((), signed)], None)}}}'
            for each, signed in zip(candidates, signatures, strict=True)
        ]
        return f', "candidates": [{", ".join(told)}]'

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


def _attempt(attempt: AttemptSignatures, clusters: Clusters = ()) -> str:
    where = f'"clusters": {_encoded(list(clusters))}, ' if clusters else ""
    looked_for = "true" if attempt.looked_for else "false"
    return f'{{{where}"endpoint": {encode_basestring(attempt.endpoint)}, "signatures_looked_for": {looked_for}}}'


def _signatures(judge: Judge, text: str, consumer: Consumer) -> PullSignatures:
    if consumer is not Consumer.NODE and isinstance(judge, ClusterJudge):
        return judge.signatures_for(text, consumer)
    return judge.signatures(text)
