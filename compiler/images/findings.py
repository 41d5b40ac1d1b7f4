"""The status of images, as findings: for every format that findings are reported in, and for comments that allow them.

In: surveyed images and what could not be resolved. Out: findings by the clusters they concern.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.explain.consumers import Consumer
from compiler.explain.judge import Standing, Status
from compiler.findings import rules
from compiler.findings.allowances import Allowance, Allowed, sift, unused
from compiler.findings.diagnostics import Diagnostic, Label, Rule, Severity, settle
from compiler.images.references import UnresolvedImage
from compiler.images.survey import SurveyedImage

_RULES: Mapping[Status, Rule] = {
    Status.INVALID: rules.INVALID_IMAGE,
    Status.BLOCKED: rules.IMAGE_BLOCKED,
    Status.NOT_MIRRORED: rules.IMAGE_NOT_MIRRORED,
    Status.DIGESTS_ONLY: rules.IMAGE_MIRROR_FORM,
    Status.TAGS_ONLY: rules.IMAGE_MIRROR_FORM,
}
_SHORT = " Write the full name of the image, with its registry."
_MAPPED = "List the repositories of the mapping as mirrors, or copy the images to where the policy leads."
_MESSAGES = {
    Status.INVALID: "`{}` cannot be pulled: {}",
    Status.BLOCKED: "`{}` cannot be pulled: {}",
    Status.NOT_MIRRORED: "`{}` is not mirrored: {}",
    Status.DIGESTS_ONLY: "`{}` is a tag, and {}",
    Status.TAGS_ONLY: "`{}` is a digest, and {}",
}
_HELP = {
    Status.INVALID: "Fix the reference, or the mirror that makes it invalid.",
    Status.BLOCKED: "Use an image from another registry, or unblock this one.",
    Status.NOT_MIRRORED: "Mirror the image, and add a mirror for its repository in an ImageDigestMirrorSet or "
    "ImageTagMirrorSet.",
    Status.DIGESTS_ONLY: "Reference the image by digest, or mirror the source for tags too, in an ImageTagMirrorSet.",
    Status.TAGS_ONLY: "Reference the image by tag, or mirror the source for digests too, in an ImageDigestMirrorSet.",
}
_LABELS = {
    Status.BLOCKED: "blocked here",
    Status.DIGESTS_ONLY: "mirrored for digests here",
    Status.TAGS_ONLY: "mirrored for tags here",
}

Groups = tuple[tuple[tuple[str, ...], tuple[Diagnostic, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFindings:
    """What is to be said of images.

    Attributes:
        groups: The findings by the names of the clusters they concern.
        diagnostics: The same, each once, by file and position.
        allowed: The findings that comments silence.
    """

    groups: Groups
    diagnostics: tuple[Diagnostic, ...]
    allowed: tuple[Allowed, ...] = ()


def diagnose(
    images: Iterable[SurveyedImage],
    unresolved: Iterable[UnresolvedImage],
    *,
    allowances: Collection[Allowance] = (),
    others: Iterable[Diagnostic] = (),
    severities: Mapping[str, Mapping[str, Severity]],
    required: bool = False,
    errors_only: bool = False,
) -> ImageFindings:
    """Make findings of everything but mirrored images.

    Args:
        images: The status of the images.
        unresolved: What names an image that cannot be known.
        allowances: The comments of the workloads.
        others: What else there is to say, such as what could not be read.
        severities: The user's for each cluster, by its name and the rule's. Where clusters differ, the worst counts.
        required: Every image has to be mirrored, whatever the user said before.
        errors_only: Images are reported only in another report: what is not an error may be left out.
    """
    clusters = tuple(severities)
    found: dict[tuple[str, ...], list[Diagnostic]] = {clusters: [*others, *map(_unresolved, unresolved)]}
    levels: dict[tuple[str, ...], dict[str, Severity]] = {}
    labels: dict[int, tuple[Label, ...]] = {}
    images = tuple(images)
    for image in images:
        for names, standing in image.standings:
            if standing.status.is_mirrored:
                continue
            if names not in levels:
                levels[names] = _worst([severities[name] for name in names], required=required)
            # What a comment allows has to be found whatever it is worth.
            if errors_only and not allowances and levels[names].get(_rule(standing).name) is not Severity.ERROR:
                continue
            if id(standing) not in labels:  # the images have each standing alive
                labels[id(standing)] = _labels(standing)
            found.setdefault(names, []).extend(_not_mirrored(image, standing, labels[id(standing)]))
    allowed: list[Allowed] = []
    groups = {}
    for names, told in found.items():
        sifted = sift(told, allowances)
        allowed += sifted.allowed
        groups[names] = list(sifted.standing)
    groups[clusters] += unused(allowances, allowed, ())
    settled = {
        names: settle(told, levels.get(names) or _worst([severities[name] for name in names], required=required))
        for names, told in groups.items()
    }
    return ImageFindings(
        groups=tuple((names, told) for names, told in settled.items() if told),
        diagnostics=tuple(sorted((each for told in settled.values() for each in told), key=lambda each: each.sort_key)),
        allowed=tuple(allowed),
    )


def _worst(severities: Sequence[Mapping[str, Severity]], *, required: bool) -> dict[str, Severity]:
    order = tuple(Severity)
    worst = {
        name: min((each.get(name, rules.RULES[name].severity) for each in severities or [{}]), key=order.index)
        for name in {*rules.ABOUT_IMAGES, *(name for each in severities for name in each)}
    }
    needed = (*_RULES.values(), rules.MAPPING_MISMATCH)
    return worst | dict.fromkeys((rule.name for rule in needed), Severity.ERROR) if required else worst


def _rule(standing: Standing) -> Rule:
    return rules.MAPPING_MISMATCH if standing.disagrees else _RULES[standing.status]


def _labels(standing: Standing) -> tuple[Label, ...]:
    text = _LABELS.get(standing.status, "the registry entry is defined here")
    return tuple(Label(span=span, text=text) for span in standing.spans)


def _not_mirrored(image: SurveyedImage, standing: Standing, labels: tuple[Label, ...]) -> Iterator[Diagnostic]:
    status = standing.status
    help_ = _MAPPED if standing.disagrees else _HELP[status] + (_SHORT if standing.candidates else "")
    for use in image.uses:
        by = "" if use.consumer is Consumer.NODE else f" (`{use.field}`)"
        yield _rule(standing).at(
            use.span,
            _MESSAGES[status].format(image.text, standing.detail) + by,
            help=help_,
            labels=labels,
            field=use.field,
        )


def _unresolved(place: UnresolvedImage) -> Diagnostic:
    return rules.IMAGE_UNRESOLVED.at(
        place.span,
        f"the image `{place.text}` is unknown: {place.reason}",
        help="Check the rendered output: `helm template … | mirrorc images -`, or `kustomize build`.",
        field=place.field,
    )
