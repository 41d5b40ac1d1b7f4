"""Equal placeholders in one spelling: `{{x}}` and `{{ x }}` are one token where a template engine sees one.

In: parsed files of a cluster. Out: the same, where every token is written as the first of its equals.

Which are equal is said in `manifests.placeholders`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from compiler.manifests.kinds import ImageConfig, Manifest, MirrorSet, SignaturePolicyObject
from compiler.manifests.parsing import Parsed, may_have_placeholders
from compiler.manifests.placeholders import canonical
from compiler.text.opaque import is_open, opaque, respelled
from compiler.text.span import Located

Put = Callable[[str], str]
"""Makes the token of a placeholder."""


def in_one_spelling(parsed: Sequence[Parsed]) -> Sequence[Parsed]:
    """Files with each token as its equal is written that comes first."""
    known: dict[str, str] = {}

    def put(token: str) -> str:
        return opaque(known.setdefault(canonical(token), token))

    return [
        each._replace(manifests=tuple([_spelled(manifest, put) for manifest in each.manifests]))
        if may_have_placeholders(each)
        else each
        for each in parsed
    ]


def _spelled(manifest: Manifest, put: Put) -> Manifest:
    def of(located: Located[str]) -> Located[str]:
        return located._replace(value=respelled(located.value, put)) if is_open(located.value) else located

    def of_all(listed: tuple[Located[str], ...] | None) -> tuple[Located[str], ...] | None:
        return listed and tuple(map(of, listed))

    if isinstance(manifest, MirrorSet):
        rules_ = tuple(
            [rule._replace(source=of(rule.source), mirrors=tuple(map(of, rule.mirrors))) for rule in manifest.rules]
        )
        return replace(manifest, name=of(manifest.name), rules=rules_)
    if isinstance(manifest, ImageConfig):
        insecure, blocked = of_all(manifest.insecure), of_all(manifest.blocked)
        allowed, search = of_all(manifest.allowed), of_all(manifest.search)
        return replace(manifest, insecure=insecure, blocked=blocked, allowed=allowed, search=search)
    if isinstance(manifest, SignaturePolicyObject):
        return replace(manifest, name=of(manifest.name), scopes=tuple(map(of, manifest.scopes)))
    return manifest
