"""What a cluster's own release needs of mirrors and lists.

A release is an image and, in other repositories, the images that it names; nodes pull all of them by digest.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from compiler.checks.image import cause_of
from compiler.checks.scene import MOST_LABELS, Scene, called, listed
from compiler.checks.wellknown import is_well_known_host, nearest_host, nearest_namespace
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fix, Label
from compiler.findings.edits import rewrite
from compiler.manifests.kinds import ImageContentSourcePolicy, MirrorRule
from compiler.names.releases import DEFAULT_RELEASE_IMAGE, OKD, OKD_ON_STREAM, PAYLOAD_REPOSITORIES
from compiler.names.scope import ScopeSet
from compiler.text.opaque import is_open, respelled
from compiler.text.wording import joined, ticked

INTERNAL_REGISTRY = "image-registry.openshift-image-registry.svc:5000"
"""Where builds push images, and where image streams name theirs."""

_PRODUCTS = {"OpenShift": PAYLOAD_REPOSITORIES, "OKD": OKD, "OKD on Stream CoreOS": OKD_ON_STREAM}
_KNOWN = frozenset(repository for repositories in _PRODUCTS.values() for repository in repositories)
_NEARLY = 0.8
"""How alike a source is to the repository of a release that is probably meant; 1 is the same."""


def payload_half_mirrored(scene: Scene) -> Iterator[Diagnostic]:
    """Digest mirrors for some repositories of a release and not for the others, or for another release altogether."""
    mirrored = ScopeSet(scene.digest.merged)
    covered = {name: next(iter(mirrored.enclosing(name)), "") for name in sorted(_KNOWN)}
    near = list(_nearly(scene, [name for name, source in covered.items() if not source]))
    yield from (_near_miss(each) for each in near)
    # A source that covers more than a release, such as `quay.io`, was not written for one.
    served = {name for name, source in covered.items() if source}
    meant = {each.repository for each in near}
    unknown = [
        re.compile(rf"{respelled(re.escape(each), lambda _: '.+')}(?:/|$)") for each in scene.by_source if is_open(each)
    ]
    meant |= {name for name in covered if any(each.match(name) for each in unknown)}
    for product, repositories in _PRODUCTS.items():
        needed = _needed(scene, product, served)
        missing = [name for name in needed if name not in served and name not in meant]
        present = [name for name in repositories if name in served]
        if missing == [PAYLOAD_REPOSITORIES[0]] and any(
            source.startswith(_OTHER_STREAMS) for source in scene.by_source
        ):
            continue
        if present and missing:
            yield _half(scene, product, present, missing, covered[present[0]])
    own = next((product for product, names in _PRODUCTS.items() if scene.payload in names), "")
    if own and scene.settings.release_image != DEFAULT_RELEASE_IMAGE:
        others = [name for product, names in _PRODUCTS.items() if product != own for name in names if name in served]
        if others and not served.intersection(_PRODUCTS[own]) and not meant.intersection(_PRODUCTS[own]):
            yield _other_release(scene, own, others, covered[others[0]])


_OTHER_STREAMS = (f"{PAYLOAD_REPOSITORIES[0]}-", "registry.ci.openshift.org/ocp/")
"""Where the release images of nightlies and of CI are; their content is in the usual repositories."""


def _needed(scene: Scene, product: str, served: set[str]) -> Sequence[str]:
    """The repositories that a release of a product is pulled from; of OpenShift 5 there is one more.

    Where no release was chosen, mirrors of that one show that it is 5.
    """
    names = _PRODUCTS[product]
    if names is not PAYLOAD_REPOSITORIES:
        return names
    if scene.settings.release_chosen:
        return scene.settings.release.payload_repositories
    return names if names[-1] in served else names[:-1]


def _half(scene: Scene, product: str, present: list[str], missing: list[str], source: str) -> Diagnostic:
    rule = scene.digest.merged[source].rules[0]
    has = "have" if len(present) > 1 else "has"
    return rules.PAYLOAD_HALF_MIRRORED.at(
        rule.source.span,
        f"the release of {product} is only partly mirrored: {joined(ticked(present))} {has} digest mirrors, "
        f"{joined(ticked(missing))} {'have' if len(missing) > 1 else 'has'} none",
        help=f"Mirror {joined(ticked(missing))} too, with a rule in an {scene.digest.kind}: nodes pull the images of a "
        "release from all of them.",
        field=f"{rule.field}.source",
    )


def _other_release(scene: Scene, own: str, others: list[str], source: str) -> Diagnostic:
    rule = scene.digest.merged[source].rules[0]
    return rules.PAYLOAD_HALF_MIRRORED.at(
        rule.source.span,
        f"the cluster's release image is in `{scene.payload}`, which has no digest mirrors; {listed(others)} of "
        f"another product {'have' if len(others) > 1 else 'has'} some",
        help=f"Mirror {joined(ticked(list(_PRODUCTS[own])))}, or correct the release image.",
        field=f"{rule.field}.source",
    )


class _Near(NamedTuple):
    """A source that is nearly a repository of a release."""

    source: str
    repository: str
    rules: tuple[MirrorRule, ...]


def _nearly(scene: Scene, unserved: list[str]) -> Iterator[_Near]:
    """Sources on public hosts that look like a repository that no source covers, and are none."""
    candidates = {repository.rpartition("/")[2]: repository for repository in unserved}
    for source, found in scene.by_source.items():
        host, _, path = source.partition("/")
        namespace, _, name = path.partition("/")
        if source in _KNOWN or not name or is_open(source) or not is_well_known_host(host):
            continue
        if nearest_host(host) or nearest_namespace(host, namespace):  # a finding says so
            continue
        if any(name.startswith(f"{known.rpartition('/')[2]}-") for known in _KNOWN):  # a name of its own
            continue
        repository = _looks_like(source, name, candidates)
        if repository:
            yield _Near(source, repository, found)


def _looks_like(source: str, name: str, candidates: dict[str, str]) -> str:
    if name in candidates and name != "okd":
        return candidates[name]
    namespace = source.rpartition("/")[0]
    for known, repository in candidates.items():
        if repository.rpartition("/")[0] != namespace:
            continue
        shared = (Counter(name) & Counter(known)).total()
        if 2 * shared < _NEARLY * (len(name) + len(known)):
            continue
        from difflib import SequenceMatcher

        alike = SequenceMatcher(None, name, known, autojunk=False)
        if alike.ratio() >= _NEARLY:
            return repository
    return ""


def _near_miss(near: _Near) -> Diagnostic:
    first, *others = near.rules
    edits = [rewrite(rule.source.span, near.repository) for rule in near.rules]
    written = tuple(edit for edit in edits if edit is not None)
    is_whole = len(written) == len(near.rules)
    return rules.PAYLOAD_HALF_MIRRORED.at(
        first.source.span,
        f"no image of a release is in `{near.source}`; they are in `{near.repository}`, which has no digest mirrors",
        help=f"Write `{near.repository}` if the release is meant.",
        labels=[Label(span=rule.source.span, text="and here") for rule in others[:MOST_LABELS]],
        fix=Fix(title=f"write `{near.repository}`", edits=written, safe=False) if is_whole else None,
        field=f"{first.field}.source",
    )


def payload_refused(scene: Scene) -> Iterator[Diagnostic]:
    """The payload's own images come under policy.json too; only its repository is guarded by the controller."""
    if not scene.refuses_any:
        return
    needed = dict.fromkeys((scene.payload, *_repositories(scene)))
    refused: dict[str, list[str]] = {}
    for name in filter(None, needed):
        if (cause := scene.admission.refusal_of_scope(name)) is not None:
            refused.setdefault(cause.scope, []).append(name)
    for scope, names in refused.items():
        span, field = cause_of(scene, scope)
        what = f"images of the release ({joined(ticked(names))})"
        yield rules.PAYLOAD_REFUSED.at(
            span,
            f"blocking `{scope}` refuses {what}" if scope else f"the allowed registries do not include {what}",
            help=("Block narrower scopes." if scope else f"Add {joined(ticked(names))}.")
            + " If the cluster was installed from another release image, set it with `--release-image`.",
            field=field,
        )


def _repositories(scene: Scene) -> Sequence[str]:
    """Where the images of the cluster's release come from, as far as that is known."""
    own = next((product for product, names in _PRODUCTS.items() if scene.payload in names), "")
    if not own:
        return ()
    return _PRODUCTS[own] if own != "OpenShift" else scene.settings.release.payload_repositories


def internal_registry_refused(scene: Scene) -> Iterator[Diagnostic]:
    """An allowed list without the cluster's own registry. It matters only where something uses that."""
    allowed = scene.image.allowed if scene.image else None
    if not allowed or scene.admission.refusal_of_scope(INTERNAL_REGISTRY) is None:
        return
    span, field = cause_of(scene, "")
    yield rules.NO_INTERNAL_REGISTRY.at(
        span,
        f"the allowed registries do not include the cluster's internal registry, `{INTERNAL_REGISTRY}`",
        help=f"Add `{INTERNAL_REGISTRY}`: builds push there, and image streams are pulled from there.",
        field=field,
    )


def mixed_kinds_refused(scene: Scene) -> Iterator[Diagnostic]:
    """The first z-streams with the new kinds refuse them beside the legacy kind."""
    if scene.settings.mixes_kinds:
        return
    fixed_in = scene.settings.release.mixes_kinds_since
    version = scene.settings.full_version
    legacy = [each for each in scene.policy.mirror_sets if isinstance(each, ImageContentSourcePolicy)]
    others = [each for each in scene.policy.mirror_sets if not isinstance(each, ImageContentSourcePolicy)]
    if not legacy or not others:
        return
    when = f"a cluster of {version}" if version else f"before {fixed_in} the cluster"
    yield rules.MIXED_KINDS_REFUSED.at(
        legacy[0].name.span,
        f"{when} refuses {called(legacy[0])} beside {called(others[0])}",
        help=f"Update to {fixed_in} first, or replace the ImageContentSourcePolicies in the same change.",
        labels=[Label(span=each.name.span, text="beside it") for each in others[:MOST_LABELS]],
        field="kind",
    )
