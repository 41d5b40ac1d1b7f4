"""Whether images are mirrored, for people: a table by trouble, and a line that sums it up.

    blocked       ghcr.io/project-zot/zot-linux-amd64:v2.1.2  (north)
                  `ghcr.io` is in blockedRegistries
                  clusters/north/image.yaml:17:9
                  apps/edge-proxy/deployment.yaml:18:18  Deployment edge/proxy
    mirrored      docker.io/library/nginx:1.27  from mirror.example.com/library

What is mirrored takes one line if it fits; problems are reported with the reason and every place that names the image.
"""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from compiler.explain.consumers import Consumer
from compiler.explain.judge import NameCandidate, Standing, Status
from compiler.findings.by_cluster import named
from compiler.images.image_sets import ToMirror
from compiler.images.references import ImageReference, UnresolvedImage
from compiler.images.survey import SurveyedImage, count
from compiler.machine.processes import spread
from compiler.reporters.references import shortened
from compiler.repository.paths import printable
from compiler.text.span import Span
from compiler.text.wording import counted, some_of

_GUTTER = 14
_INDENT = " " * _GUTTER
_SHOWN_PLACES = 5
_SHOWN_MIRRORS = 2
_FEWEST_FOR_HELP = 20_000
"""Images worth their own process."""
_LABELS = {
    Status.INVALID: "error",
    Status.BLOCKED: "blocked",
    Status.NOT_MIRRORED: "not mirrored",
    Status.DIGESTS_ONLY: "digests only",
    Status.TAGS_ONLY: "tags only",
    Status.MIRRORED: "mirrored",
}
_UNRESOLVED = "unresolved"
_TO_MIRROR = "to mirror"
_SIGNED = "  (signature required)"
_STYLES = {
    Status.INVALID: "1;31",
    Status.BLOCKED: "1;31",
    Status.NOT_MIRRORED: "1;33",
    Status.DIGESTS_ONLY: "1;33",
    Status.TAGS_ONLY: "1;33",
    Status.MIRRORED: "32",
}
_PLACE, _DIM = "36", "2"


def render(
    images: Sequence[SurveyedImage],
    unresolved: Sequence[UnresolvedImage],
    *,
    allowed: Mapping[Span, str] = MappingProxyType({}),
    to_mirror: Sequence[ToMirror] = (),
    clusters: int = 1,
    width: int = 80,
    colour: bool = False,
) -> str:
    """The table: images in their order, what could not be resolved, what oc-mirror is to copy, then the summary.

    `allowed` has the reasons of places that comments allow; `clusters` is how many there are.
    """
    table = _Table(allowed, clusters, max(width, 40), colour=colour)
    lines = spread(table.images, images, least=_FEWEST_FOR_HELP)
    for place in unresolved:
        lines += table.unresolved(place)
    lines += map(table.copied, to_mirror)
    if lines:
        lines.append("")
    line = summary(images, unresolved)
    lines.append(f"{line}; {len(allowed)} suppressed" if allowed else line)
    lines += (line for told in _to_sign(images) for line in _filled(told, max(width, 40)))
    return "\n".join(lines) + "\n"


def _to_sign(images: Sequence[SurveyedImage]) -> Iterator[str]:
    """How many mirrored images need a signature, by the policies that require it."""
    counts = Counter(
        policies
        for image in images
        for policies in {_policies(standing) for _, standing in image.standings if standing.is_signed_mirror}
    )
    for policies, number in sorted(counts.items()):
        noun = "mirrored image needs" if number == 1 else "mirrored images need"
        by = f", required by {policies}" if policies else ""
        yield f"{number} {noun} a sigstore signature{by}: mirror the signature too, the tag `sha256-….sig` of each"


def _policies(standing: Standing) -> str:
    """The policies that require the sigstore signature of an image."""
    required = standing.signature.requirements if standing.signature else ()
    told = (
        f"{each.policy} of the release payload" if each.payload else each.policy
        for each in required
        if each.needs_sigstore and each.policy
    )
    return " and ".join(dict.fromkeys(told))


def summary(images: Sequence[SurveyedImage], unresolved: Sequence[UnresolvedImage]) -> str:
    """All of it in one line."""
    if not images and not unresolved:
        return "no images found"
    counts = count(images)
    told = [f"{counts[status]} {_COUNTED[status]}" for status in Status if counts[status]]
    line = f"{len(images)} {'image' if len(images) == 1 else 'images'}"
    line += f": {', '.join(told)}" if told else ""
    return f"{line}; {len(unresolved)} unresolved" if unresolved else line


_COUNTED = {
    Status.INVALID: "with an error",
    Status.BLOCKED: "blocked",
    Status.NOT_MIRRORED: "not mirrored",
    Status.DIGESTS_ONLY: "by tag but mirrored only for digests",
    Status.TAGS_ONLY: "by digest but mirrored only for tags",
    Status.MIRRORED: "mirrored",
}


def _object(use: ImageReference | UnresolvedImage) -> str:
    """The object that names an image, with the field where that says what pulls it."""
    if isinstance(use, UnresolvedImage) or use.consumer is Consumer.NODE or use.owner == use.field:
        return use.owner
    return f"{use.owner} {use.field}"


def _pipeline(image: SurveyedImage) -> list[str]:
    """Where a Konflux pipeline looks for an image beside its source."""
    return [
        shortened(printable(location))
        for location in dict.fromkeys(each for use in image.uses for each in use.pipeline)
    ]


def _filled(text: str, width: int) -> list[str]:
    if 0 < len(text) <= width and text.isprintable() and text.strip() == text:
        return [text]  # of the many lines of a report, few are too long
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


class _Table:
    def __init__(self, allowed: Mapping[Span, str], clusters: int, width: int, *, colour: bool) -> None:
        self._allowed = allowed
        self._clusters = clusters
        self._width = width
        self._colour = colour
        self._labels = {
            status: self._painted(f"{label:<{_GUTTER}}", _STYLES[status]) for status, label in _LABELS.items()
        }
        self._served: dict[int, str] = {}
        self._reasons: dict[int, str] = {}  # by identity: hashing a standing costs more than the lines

    def images(self, images: Sequence[SurveyedImage]) -> list[str]:
        """The lines of a run of images as one text, which comes from another process faster than its lines do."""
        lines: list[str] = []
        for image in images:
            self._add(image, lines)
        return ["\n".join(lines)] if lines else []

    def _add(self, image: SurveyedImage, lines: list[str]) -> None:
        for clusters, standing in image.standings:
            where = "" if len(clusters) == self._clusters else f"  in {named(clusters, self._clusters)}"
            signed = _SIGNED if standing.is_signed_mirror else ""
            by = "" if image.consumer is Consumer.NODE else f"  ({image.consumer.words})"
            told = f"{shortened(printable(image.text))}{by}{where}{signed}"
            lines.append(f"{self._labels[standing.status]}{told}")
            if standing.served:
                place = self._served.get(id(standing)) or self._from(standing)
                if _GUTTER + len(told) + len(place) + 2 <= self._width:
                    lines[-1] += f"  {place}"
                else:
                    lines += self._wrapped(place)
            if standing.detail and not signed:
                lines.append(self._reasons.get(id(standing)) or self._reason(standing))
            lines += map(self._candidate, standing.candidates)
            lines += self._wrapped("write the full name") if standing.candidates else ()
        if image.uses[0].pipeline or any(use.pipeline for use in image.uses[1:]):
            lines += self._wrapped(f"Konflux pipelines look at {some_of(_pipeline(image), _SHOWN_MIRRORS)} too")
        if image.status is not Status.MIRRORED:
            lines += self._uses(image.uses)

    def _candidate(self, candidate: NameCandidate) -> str:
        mark = ">" if candidate.chosen else " "
        return f"{_INDENT}{mark} {shortened(printable(candidate.image))}  {_LABELS[candidate.status]}"

    def unresolved(self, place: UnresolvedImage) -> list[str]:
        label = self._painted(f"{_UNRESOLVED:<{_GUTTER}}", _DIM)
        return [label + printable(place.text), *self._wrapped(place.reason), *self._uses([place])]

    def copied(self, item: ToMirror) -> str:
        label = self._painted(f"{_TO_MIRROR:<{_GUTTER}}", _DIM)
        place = self._painted(str(item.span), _PLACE)
        return f"{label}{shortened(printable(item.text))}\n{_INDENT}{place}  {printable(item.what)}"

    def _reason(self, standing: Standing) -> str:
        """The reason and the places it is written in; all images below one entry share one status."""
        places = (self._painted(place, _PLACE) for place in dict.fromkeys(map(str, standing.spans)))
        told = "\n".join([*self._wrapped(standing.detail), *(f"{_INDENT}{place}" for place in places)])
        self._reasons[id(standing)] = told
        return told

    def _from(self, standing: Standing) -> str:
        """The mirrors that are tried first; all images below one entry share them."""
        told = [
            printable(mirror) + (f" in {named(clusters, self._clusters)}" if clusters else "")
            for mirror, clusters in standing.served
        ]
        self._served[id(standing)] = place = f"from {some_of(told, _SHOWN_MIRRORS)}"
        return place

    def _uses(self, uses: Sequence[ImageReference | UnresolvedImage]) -> list[str]:
        if len(uses) == 1 and not uses[0].owner and not self._allowed:  # a line of a list
            return [f"{_INDENT}{self._painted(str(uses[0].span), _PLACE)}"]
        shown = [(str(use.span), _object(use), self._allowed.get(use.span)) for use in uses[:_SHOWN_PLACES]]
        column = max(len(place) for place, _, _ in shown)
        lines = []
        for place, owner, reason in shown:
            lead = f"{_INDENT}{self._painted(place, _PLACE)}"
            if owner and _GUTTER + column + 2 + len(owner) <= self._width:
                lines.append(f"{lead}{'':{column - len(place) + 2}}{owner}")
            else:
                lines += [lead, f"{_INDENT}  {owner}"] if owner else [lead]
            if reason is not None:
                lines += self._wrapped(f"suppressed: {reason}", 2)
        if len(uses) > len(shown):
            lines.append(f"{_INDENT}and {counted(len(uses) - len(shown), 'more place')}")
        return lines

    def _wrapped(self, text: str, indent: int = 0) -> list[str]:
        lines = _filled(text, self._width - _GUTTER - indent)
        return [f"{_INDENT}{'':{indent}}{line}" for line in lines]

    def _painted(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour else text
