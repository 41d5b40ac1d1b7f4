"""What signature policies do that is hardly meant.

A pull is matched by the name in the pod, whatever mirror delivers the image, and so is the name in a signature
(containers/image `signature.PolicyContext`, df7e80d2). Of several policies the controller takes all, in the order of a
cache (openshift/machine-config-operator `getValidScopePolicies`, 7ff337a4f).
"""

from collections.abc import Iterable, Iterator

from compiler.checks.scene import MOST_LABELS, Scene, listed
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.manifests.kinds import (
    EXACT_REPOSITORY,
    REMAP_IDENTITY,
    ClusterImagePolicy,
    ImagePolicy,
    SignaturePolicyObject,
)
from compiler.names.reference import DEFAULT_DOMAIN
from compiler.names.scope import ScopeSet, is_nested
from compiler.policy.signatures import PAYLOAD_POLICY, RequiredSignature
from compiler.text.span import Located, Span

_EXACT = "spec.policy.signedIdentity.exactRepository.repository"
_REMAP = "spec.policy.signedIdentity.remapIdentity"


def signature_inactive(scene: Scene) -> Iterator[Diagnostic]:
    """Up to 4.19 a feature set must be on, and up to 4.17 no ImagePolicy is read at all."""
    support = scene.settings.release.signatures
    if support is None or support.by_default:
        return
    for policy in scene.policy.signature_policies:
        unread = isinstance(policy, ImagePolicy) and not support.namespaces
        yield rules.SIGNATURE_INACTIVE.at(
            policy.name.span,
            f"the controller of {scene.settings.release.name} does not read ImagePolicies"
            if unread
            else f"without the feature set TechPreviewNoUpgrade, {policy.kind} has no effect in "
            f"{scene.settings.release.name}",
            help="Require signatures with a ClusterImagePolicy, or upgrade to 4.18."
            if unread
            else "Upgrade to 4.20, where it takes effect on every cluster.",
            field="metadata.name",
        )


def payload_policy_replaced(scene: Scene) -> Iterator[Diagnostic]:
    """The version operator keeps the payload's own objects unchanged."""
    support = scene.settings.release.signatures
    if support is None or not support.payload_scopes or not scene.settings.has_payload_policy:
        return
    for policy in scene.policy.signature_policies:
        if isinstance(policy, ClusterImagePolicy) and policy.name.value == PAYLOAD_POLICY:
            yield rules.PAYLOAD_POLICY_REPLACED.at(
                policy.name.span,
                f"the release payload has a ClusterImagePolicy `{PAYLOAD_POLICY}` too: the version operator overwrites "
                "this one with it",
                help="Give this policy another name. To keep the name, add an override for this object to "
                "ClusterVersion, which blocks upgrades, and set `payloadPolicy: none`.",
                field="metadata.name",
            )


def policy_scope_dropped(scene: Scene) -> Iterator[Diagnostic]:
    """Scopes of ImagePolicies inside a cluster-wide one; the cluster reports it in the object's status alone."""
    for dropped in scene.analysis.signatures.dropped:
        covering = scene.analysis.signatures.cluster[dropped.covered_by]
        yield rules.POLICY_SCOPE_DROPPED.at(
            dropped.scope.span,
            f"`{dropped.scope.value}` has no effect here: `{dropped.covered_by}` of {covering[0].origin} covers it",
            help="Remove the scope, or require the signatures in a ClusterImagePolicy with this scope.",
            labels=_labels(covering, "the cluster-wide scope"),
            field=dropped.required.field,
        )


def scope_signed_twice(scene: Scene) -> Iterator[Diagnostic]:
    """Several policies on one scope: all must be met, in an order that changes from sync to sync."""
    signatures = scene.analysis.signatures
    for by_scope in (signatures.cluster, *signatures.namespaces.values()):
        for scope, required in by_scope.items():
            written = [each for each in required if each.span is not None]
            if len(required) < 2 or not written:
                continue
            *earlier, last = written
            others = [each for each in required if each is not last]
            same = all(each.requirement == last.requirement for each in others)
            yield rules.SCOPE_SIGNED_TWICE.at(
                last.span or _nowhere(scene),
                f"`{scope}` is in {len(required)} policies, here and in {listed_origins(others)}"
                + (
                    ", which require the same signature"
                    if same
                    else ": an image needs a signature for each, and the order of the policies changes from sync to "
                    "sync, every time with a new MachineConfig"
                ),
                help="Keep the scope in one policy.",
                labels=_labels(earlier, "in this policy too"),
                field=last.field,
            )


def listed_origins(required: Iterable[RequiredSignature]) -> str:
    """Policies, for a sentence."""
    from compiler.text.wording import some_of

    return some_of([each.origin for each in required], 3)


def scope_never_matches(scene: Scene) -> Iterator[Diagnostic]:
    """Scopes that no image is looked up under, and one that reads like an image and is a namespace."""
    if not scene.policy.signature_policies:
        return

    from compiler.names.policy_scope import never_matches

    for policy in scene.policy.signature_policies:
        for position, scope in enumerate(policy.scopes):
            fault = never_matches(scope.value)
            host, _, path = scope.value.partition("/")
            if not fault and host == DEFAULT_DOMAIN and path and "/" not in path:
                image = path.partition("@")[0].partition(":")[0]
                fault = f"it is the namespace `{image}`; the image `{image}` is `{DEFAULT_DOMAIN}/library/{path}`"
            if fault:
                yield rules.SCOPE_NEVER_MATCHES.at(
                    scope.span,
                    f"no image is likely to match `{scope.value}`: {fault}",
                    help="Write the repository, or the repository with a tag or a digest.",
                    field=f"spec.scopes[{position}]",
                )


def scope_not_loadable(scene: Scene) -> Iterator[Diagnostic]:
    """Scopes that the controller repeats for a transport that does not accept them."""
    if not scene.policy.signature_policies:
        return
    from compiler.names.policy_scope import atomic_accepts, split_scope

    signatures = scene.analysis.signatures
    for namespace, by_scope in (("", signatures.cluster), *signatures.namespaces.items()):
        for scope, required in by_scope.items():
            if scope.count("/") >= _MOST_SLASHES or atomic_accepts(scope):
                continue
            pulls = f"every pull in the namespace {namespace}" if namespace else "every pull on every node"
            for each in required:
                if each.span is not None:
                    yield rules.SCOPE_NOT_LOADABLE.at(
                        each.span,
                        f"`{scope}` makes a policy.json that CRI-O cannot load: {pulls} fails",
                        help=f"Require the signature for the repository: `{split_scope(scope)[0]}`.",
                        field=each.field,
                    )


_MOST_SLASHES = 3
"""Scopes with so many `/` the controller does not write for the transport `atomic`."""


def identity_never_matches(scene: Scene) -> Iterator[Diagnostic]:
    """Identities that no signature of the scopes can have."""
    for policy in scene.policy.signature_policies:
        identity = policy.identity
        kind = identity.match_policy.value if identity else ""
        if identity is not None and identity.repository is not None and kind == EXACT_REPOSITORY:
            repository = identity.repository
            if "/" not in repository.value and repository.value == repository.value.lower():  # else it is refused
                yield rules.IDENTITY_NEVER_MATCHES.at(
                    repository.span,
                    f"`{repository.value}` is read as the image `{DEFAULT_DOMAIN}/library/{repository.value}`, not as "
                    "a host: no signature is likely to carry this name",
                    help="Write the repository that the signatures name, `host/path`.",
                    field=_EXACT,
                )
        elif identity is not None and identity.prefix is not None and kind == REMAP_IDENTITY:
            yield from _inert_prefix(policy, identity.prefix)
        issuer = policy.root.issuer
        if issuer is not None and " " in issuer.value:
            yield rules.IDENTITY_NEVER_MATCHES.at(
                issuer.span,
                f"the issuer `{issuer.value}` has a blank, which no certificate is likely to have",
                help="Write the URL of the issuer.",
                field="spec.policy.rootOfTrust.fulcioCAWithRekor.fulcioSubject.oidcIssuer",
            )


def _inert_prefix(policy: SignaturePolicyObject, prefix: Located[str]) -> Iterator[Diagnostic]:
    """A prefix that no image of the scopes has is not replaced by anything."""
    touching = any(
        is_nested(scope.value, prefix.value) or is_nested(prefix.value, scope.value) for scope in policy.scopes
    )
    # A scope with a tag lies in its repository for this.
    tagged = any(scope.value.startswith((f"{prefix.value}:", f"{prefix.value}@")) for scope in policy.scopes)
    if policy.scopes and not touching and not tagged:
        yield rules.IDENTITY_NEVER_MATCHES.at(
            prefix.span,
            f"no image of this policy's scopes is in `{prefix.value}`, so nothing is remapped",
            help="Write the prefix as pods name the images; `signedPrefix` is what signatures name.",
            labels=[Label(span=scope.span, text="a scope of the policy") for scope in policy.scopes[:MOST_LABELS]],
            field=f"{_REMAP}.prefix",
        )


def policy_on_mirror(scene: Scene) -> Iterator[Diagnostic]:
    """Scopes that name a mirror: pulls of the source are not matched by them, whichever mirror delivers."""
    mirrors = {mirror.location: mirror for found in scene.mirrors_by_host.values() for mirror in found}
    if not mirrors:
        return
    locations = ScopeSet(mirrors)
    for policy in scene.policy.signature_policies:
        for position, scope in enumerate(policy.scopes):
            around = locations.enclosing(scope.value)
            if not around or scope.value in scene.sources:
                continue
            mirror = mirrors[around[0]]
            source = mirror.precedence.source
            yield rules.POLICY_ON_MIRROR.at(
                scope.span,
                f"`{scope.value}` is a mirror of `{source}`: this policy does not apply to pulls of `{source}`, "
                "because nodes check the name in the pod, even if the mirror serves the image",
                help=f"Put `{source}` into `scopes`. If the images are signed again under the mirror's name, add "
                f"`signedIdentity` with `matchPolicy: {REMAP_IDENTITY}`, `prefix: {source}` and "
                f"`signedPrefix: {around[0]}`.",
                labels=[Label(span=scene.place(mirror)[0], text="a mirror here")],
                field=f"spec.scopes[{position}]",
            )


def signature_order_random(scene: Scene) -> Iterator[Diagnostic]:
    """What the controller writes in an order that it does not fix: a new MachineConfig may come of nothing."""
    signatures = scene.analysis.signatures
    places = scene.analysis.signature_places
    if len(places) > 2:
        from compiler.policy.signature_places import undetermined

        if circular := undetermined(places):
            yield rules.SIGNATURE_ORDER_RANDOM.at(
                _nowhere(scene),
                f"the controller writes {listed(list(circular))} into sigstore-registries.yaml in an order that "
                "changes from sync to sync, every time with a new MachineConfig",
                help="Rename a mirror or a scope: numbers and letters in their names contradict each other in the "
                "controller's order.",
            )
    support = scene.settings.release.signatures
    if support is not None and not support.namespaces_in_order and len(signatures.namespaces) > 1:
        first, *others = (next(iter(by_scope.values()))[0] for by_scope in signatures.namespaces.values())
        yield rules.SIGNATURE_ORDER_RANDOM.at(
            first.span or _nowhere(scene),
            f"the controller of {scene.settings.release.name} lists the files of {len(signatures.namespaces)} "
            "namespaces in an order that changes from sync to sync, every time with a new MachineConfig",
            help="Upgrade to 4.20, or keep ImagePolicies in one namespace.",
            labels=_labels(others, "in another namespace"),
        )


def _nowhere(scene: Scene) -> Span:
    """A place for what belongs to the whole: the first signature policy, else the first mirror object."""
    policies, mirror_sets = scene.policy.signature_policies, scene.policy.mirror_sets
    return policies[0].name.span if policies else mirror_sets[0].name.span


def _labels(required: Iterable[RequiredSignature], text: str) -> list[Label]:
    return [Label(span=each.span, text=text) for each in required if each.span][:MOST_LABELS]
