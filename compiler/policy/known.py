"""What of a policy does not depend on placeholders: the part that can be compiled before templates are rendered.

In: parsed files. Out: the same without rules, registries and objects that contain an opaque token or are in a
conditional part of a template, and how many were left out.

A rule is left out as a whole if anything of it is unknown; of the lists of the Image config the unknown scopes are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

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
from compiler.manifests.tokens import Nesting
from compiler.text.opaque import is_open
from compiler.text.span import Located, Span


class Known(NamedTuple):
    """Parsed files with the known part of their policy.

    `unknown` counts the objects of which something was left out, `objects` those of mirror policy that are left.
    """

    parsed: tuple[Parsed, ...]
    unknown: int = 0
    objects: int = 0

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
        branches = Nesting(each.branches)
        for manifest in each.manifests:
            left = _known(manifest, branches)
            if left is not manifest:
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
    return Known(tuple(kept), unknown, objects)


def _known(manifest: Manifest, branches: Nesting) -> Manifest | None:
    """The known part of an object: itself if that is all of it, None if that is nothing."""
    if isinstance(manifest, MirrorSet):
        rules = [rule for rule in manifest.rules if not _is_open(rule) and not _is_conditional(rule.span, branches)]
        if len(rules) == len(manifest.rules) and not manifest.is_open:
            return None if manifest.rules == () and _is_conditional(manifest.span, branches) else manifest
        return replace(manifest, rules=tuple(rules), is_open=False) if rules else None
    if _is_conditional(manifest.span, branches):
        return None
    if isinstance(manifest, ImageConfig):
        return _known_image(manifest, branches)
    if isinstance(manifest, SignaturePolicyObject):
        root, identity = manifest.root, manifest.identity
        values = [*manifest.scopes, *_located(root), *(_located(identity) if identity is not None else ())]
        return None if any(is_open(value.value) for value in values) else manifest
    return manifest


def _is_open(rule: MirrorRule) -> bool:
    policy = rule.mirror_source_policy
    values = (rule.source, *rule.mirrors, *((policy,) if policy is not None else ()))
    return any(is_open(value.value) for value in values)


def _located(of: object) -> Iterable[Located[str]]:
    for name in getattr(of, "__slots__", ()):
        if isinstance(value := getattr(of, name), Located):
            yield value


def _known_image(image: ImageConfig, branches: Nesting) -> ImageConfig | None:
    def left(scopes: tuple[Located[str], ...] | None) -> tuple[Located[str], ...] | None:
        if scopes is None:
            return None
        known_ = tuple(
            scope for scope in scopes if not is_open(scope.value) and not _is_conditional(scope.span, branches)
        )
        return known_ if known_ or not scopes else None

    lists = [(scopes, left(scopes)) for scopes in (image.insecure, image.blocked, image.allowed, image.search)]
    if all(scopes == known_ for scopes, known_ in lists) and not image.is_open:
        return image
    insecure, blocked, allowed, search = (known_ for _, known_ in lists)
    if not any((insecure, blocked, allowed, search)):
        return None
    return replace(image, insecure=insecure, blocked=blocked, allowed=allowed, search=search, is_open=False)


def _is_conditional(span: Span, branches: Nesting) -> bool:
    return branches.has(span.start, span.end)
