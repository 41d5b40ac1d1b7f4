"""What nodes require of images by an analysis: the policy.json that the controller makes, with where it comes from.

In: an analysis. Out: the same model that `node.policy_json` reads from a file, in which each requirement has its policy
and its place in a manifest. The rules are those of `ignition.policy_json` and `namespace_policy`, which make the
file.
"""

import json
from collections.abc import Mapping

from compiler.node.registries_d import LookupSetting, SignatureLookup
from compiler.node.requirements import (
    ACCEPT_ANYTHING,
    ACCEPTS_EVERYTHING,
    REJECT,
    Requirement,
    RequirementPolicy,
    ScopeRequirements,
)
from compiler.node.signatures import SignaturePolicy
from compiler.node.signed_identity import SignedIdentity
from compiler.policy import ignition
from compiler.policy.analysis import Analysis
from compiler.policy.signatures import ByScope, Members, RequiredSignature, members_of
from compiler.text.span import Span


def signature_policy(analysis: Analysis, namespace: str = "") -> SignaturePolicy:
    """What signatures pulls need on the nodes of a cluster, and where they are looked for.

    Args:
        analysis: What the cluster makes of its manifests.
        namespace: The one that pods are in; empty for any without a signature policy.
    """
    cluster = analysis.signatures.cluster
    in_namespace = analysis.signatures.namespaces.get(namespace, {}) if namespace else {}
    made = ignition.policy_json(
        analysis.guarded.policy_blocked, analysis.guarded.allowed, members_of(cluster), atomic_filtered=True
    )
    if in_namespace:
        made = ignition.namespace_policy(made, members_of(in_namespace))
    requirements = ACCEPTS_EVERYTHING
    if made is not None:
        listed = _listed(analysis)
        requirements = RequirementPolicy(
            default=ScopeRequirements(requirements=(Requirement(type=made.default),)),
            scopes={
                scope: _of_scope(members, (cluster, in_namespace), scope, listed.get(scope))
                for scope, members in dict(made.transports)[ignition.DOCKER]
            },
        )
    lookup = SignatureLookup(docker={place: LookupSetting(enabled=True) for place in analysis.signature_places})
    return SignaturePolicy(requirements=requirements, lookup=lookup)


def _listed(analysis: Analysis) -> Mapping[str, Span]:
    """Where the Image config blocks and allows scopes."""
    image = analysis.policy.image
    return {scope.value: scope.span for scope in (*(image.allowed or ()), *(image.blocked or ()))} if image else {}


def _of_scope(
    made: tuple[Members, ...], by_policy: tuple[ByScope, ...], scope: str, listed: Span | None
) -> ScopeRequirements:
    signed = [required for by_scope in by_policy for required in by_scope.get(scope, ())]
    span = (listed,) if listed else ()
    unsigned = [Requirement(type=type_, origins=span) for type_ in map(_type, made) if type_ in _UNSIGNED]
    return ScopeRequirements(requirements=(*unsigned, *map(_requirement, signed)), spans=span)


_UNSIGNED = frozenset((ACCEPT_ANYTHING, REJECT))
_TRUST = ("keyData", "fulcio", "pki")


def _type(members: Members) -> str:
    return str(dict(members)["type"])


def _requirement(required: RequiredSignature) -> Requirement:
    members = dict(required.requirement.members)
    identity = members.get("signedIdentity")
    namespaced = f"{required.namespace}/{required.name}" if required.namespace else required.name
    return Requirement(
        type=_type(required.requirement.members),
        identity=SignedIdentity.of_members(dict(identity)) if isinstance(identity, tuple) else SignedIdentity(),
        trust=next((name for name in _TRUST if name in members), ""),
        content=json.dumps(_plain(required.requirement.members), sort_keys=True),
        policy=f"{required.kind} {namespaced}",
        payload=required.from_payload,
        origins=(required.span,) if required.span else (),
    )


def _plain(members: Members) -> dict[str, object]:
    return {name: value if isinstance(value, str) else dict(value) for name, value in members}
