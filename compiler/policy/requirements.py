"""What nodes require of images by an analysis: the policy.json that the controller makes, with where it comes from.

In: an analysis. Out: the same model that `node.policy_json` reads from a file, in which each requirement has its policy
and its place in a manifest. The rules are those of `ignition.policy_json` and `namespace_policy`, which make the
file.
"""

from collections.abc import Mapping
from dataclasses import replace

from compiler.node.registries_d import LookupSetting, SignatureLookup
from compiler.node.requirements import (
    ACCEPTS_EVERYTHING,
    Requirement,
    RequirementPolicy,
    ScopeRequirements,
)
from compiler.node.signatures import SignaturePolicy
from compiler.policy import ignition
from compiler.policy.analysis import Analysis
from compiler.policy.signatures import requirements_of
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
        analysis.guarded.policy_blocked, analysis.guarded.allowed, requirements_of(cluster), atomic_filtered=True
    )
    if in_namespace:
        made = ignition.namespace_policy(made, requirements_of(in_namespace))
    requirements = ACCEPTS_EVERYTHING
    if made is not None:
        listed = _listed(analysis)
        requirements = RequirementPolicy(
            default=ScopeRequirements(requirements=(Requirement(type=made.default),)),
            scopes={
                scope: _of_scope(required, listed.get(scope))
                for scope, required in dict(made.transports)[ignition.DOCKER]
            },
        )
    lookup = SignatureLookup(docker={place: LookupSetting(enabled=True) for place in analysis.signature_places})
    return SignaturePolicy(requirements=requirements, lookup=lookup)


def _listed(analysis: Analysis) -> Mapping[str, Span]:
    """Where the Image config blocks and allows scopes."""
    image = analysis.policy.image
    return {scope.value: scope.span for scope in (*(image.allowed or ()), *(image.blocked or ()))} if image else {}


def _of_scope(made: tuple[Requirement, ...], listed: Span | None) -> ScopeRequirements:
    """Requirements with the places they come from: of those without a policy, the line of the Image config."""
    span = (listed,) if listed else ()
    return ScopeRequirements(
        requirements=tuple(each if each.policy else replace(each, origins=span) for each in made), spans=span
    )
