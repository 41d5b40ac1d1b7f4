"""What of a policy does not depend on placeholders: the part that can be compiled before templates are rendered.

In: parsed files. Out: the same without rules, registries and objects that contain an opaque token or are in a
conditional part of a template, and how many were left out.

A rule is left out as a whole if anything of it is unknown; of the lists of the Image config the unknown scopes are.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from compiler.findings.diagnostics import Diagnostic
from compiler.manifests.branches import Branch, conditional_at, is_inside
from compiler.manifests.kinds import (
    DrainOverride,
    ImageConfig,
    MachineConfiguration,
    Manifest,
    MirrorRule,
    MirrorSet,
    SignaturePolicyObject,
)
from compiler.manifests.parsing import Parsed
from compiler.text.opaque import is_open
from compiler.text.span import Located, Span


class Known(NamedTuple):
    """Parsed files with the known part of their policy.

    `unknown` counts the objects of which something was left out, `objects` those of mirror policy that are left.
    `others` are findings about what is in other branches of templates.
    """

    parsed: tuple[Parsed, ...]
    unknown: int = 0
    objects: int = 0
    others: tuple[Diagnostic, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left out."""
        return not self.unknown


def known(parsed: Sequence[Parsed]) -> Known:
    """The part of the policy that is known."""
    unknown = objects = 0
    kept: list[Parsed] = []
    for each in parsed:
        manifests: list[Manifest] = []
        elsewhere = _of_variants(each)
        unknown += len(elsewhere - {manifest.span.start for manifest in each.manifests})
        for manifest in each.manifests:
            left = _known(manifest, each.branches)
            if left is not manifest or manifest.span.start in elsewhere:
                unknown += 1
            if left is not None:
                manifests.append(left)
                objects += not isinstance(left, MachineConfiguration | DrainOverride)
        kept.append(
            each
            if len(manifests) == len(each.manifests)
            and all(left is manifest for left, manifest in zip(manifests, each.manifests, strict=True))
            else each._replace(manifests=tuple(manifests))
        )
    return Known(tuple(kept), unknown, objects, tuple(_of_other_branches(parsed)))


def _of_other_branches(parsed: Iterable[Parsed]) -> Iterator[Diagnostic]:
    for each in parsed:
        said = {finding.sort_key for finding in each.diagnostics} if each.variants else set()
        for finding in (finding for variant in each.variants for finding in variant.diagnostics):
            if finding.sort_key not in said:
                said.add(finding.sort_key)
                yield finding


def _of_variants(parsed: Parsed) -> set[int]:
    """Where objects begin of which other branches of a template have more."""
    own = {manifest.span.start: manifest for manifest in parsed.manifests}
    return {
        manifest.span.start
        for variant in parsed.variants
        for manifest in variant.manifests
        if (known_ := own.get(manifest.span.start)) is None or _content(manifest) != _content(known_)
    }


def _content(manifest: Manifest) -> object:
    return (manifest.kind, manifest.rules) if isinstance(manifest, MirrorSet) else manifest


def _known(manifest: Manifest, branches: tuple[Branch, ...]) -> Manifest | None:
    """The known part of an object: itself if that is all of it, None if that is nothing."""
    if isinstance(manifest, MirrorSet):
        if _has_conditional_frame(manifest, branches):
            return None
        rules = [rule for rule in manifest.rules if not _is_open(rule) and not _is_conditional(rule.span, branches)]
        if len(rules) == len(manifest.rules) and not manifest.is_open:
            return None if manifest.rules == () and _is_conditional(manifest.span, branches) else manifest
        return replace(manifest, rules=tuple(rules), is_open=False) if rules else None
    if is_inside(branches, manifest.span.start, manifest.span.end) or _has_conditional_frame(manifest, branches):
        return None
    if isinstance(manifest, ImageConfig):
        return _known_image(manifest, branches)
    if isinstance(manifest, SignaturePolicyObject):
        return None if any(is_open(value.value) for value in manifest.values) else manifest
    return manifest


_FRAME = re.compile(
    r"^[ \t]*(?:- +)?(?:kind|apiVersion|spec|image(?:Digest|Tag)Mirrors|repositoryDigestMirrors|registrySources)[ ]*:",
    re.MULTILINE,
)
"""What decides about all that an object contains."""


def _has_conditional_frame(manifest: Manifest, branches: tuple[Branch, ...]) -> bool:
    """Whether a branch begins or ends inside an object and has more of it than items."""
    start, end = manifest.span.start, manifest.span.end
    return any(
        _FRAME.search(manifest.span.file.text, max(branch.start, start), min(branch.end, end)) is not None
        for branch in conditional_at(branches, start, end)
        if not is_inside((branch,), start, end)
    )


def _is_open(rule: MirrorRule) -> bool:
    policy = rule.mirror_source_policy
    values = (rule.source, *rule.mirrors, *((policy,) if policy is not None else ()))
    return any(is_open(value.value) for value in values)


def _known_image(image: ImageConfig, branches: tuple[Branch, ...]) -> ImageConfig | None:
    def left(scopes: tuple[Located[str], ...] | None) -> tuple[Located[str], ...] | None:
        if scopes is None:
            return None
        known_ = tuple(
            scope for scope in scopes if not is_open(scope.value) and not _is_conditional(scope.span, branches)
        )
        return known_ if known_ or not scopes else None

    lists = [(scopes, left(scopes)) for scopes in (image.insecure, image.blocked, image.allowed, image.search)]
    if all(scopes == known_ for scopes, known_ in lists) and not image.is_open:
        is_bare = not any(known_ for _, known_ in lists) and _is_conditional(image.span, branches)
        return None if is_bare else image
    insecure, blocked, allowed, search = (known_ for _, known_ in lists)
    if not any((insecure, blocked, allowed, search)):
        return None
    return replace(image, insecure=insecure, blocked=blocked, allowed=allowed, search=search, is_open=False)


def _is_conditional(span: Span, branches: tuple[Branch, ...]) -> bool:
    return bool(branches) and bool(conditional_at(branches, span.start, span.end))
