"""What nodes require of images by an analysis: the policy.json that the controller makes, with where it comes from.

In: an analysis. Out: the same model that `node.policy_json` reads from a file, in which each requirement has its policy
and its place in a manifest. The rules are those of `ignition.policy_json` and `namespace_policy`, which make the
file.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from compiler.node.admission import Admission
from compiler.node.files import SIGSTORE_REGISTRIES
from compiler.node.placed import read_placed_lookups, read_placed_policy
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

if TYPE_CHECKING:
    from compiler.policy.user_files import PoolUserFiles


def signature_policy(analysis: Analysis, namespace: str = "") -> SignaturePolicy:
    """What signatures pulls need on the nodes of a cluster, and where they are looked for.

    Args:
        analysis: What the cluster makes of its manifests.
        namespace: The one that pods are in; empty for any without a signature policy.
    """
    lookup = SignatureLookup(docker={place: LookupSetting(enabled=True) for place in analysis.signature_places})
    users = analysis.user_files[0] if len(analysis.user_files) == 1 else None
    if users is not None and users.lookups:
        lookup = _with_users(lookup, users)
    if users is not None and (text := users.policy(namespace)) is not None:
        return SignaturePolicy(requirements=read_placed_policy(text), lookup=lookup)
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
    return SignaturePolicy(requirements=requirements, lookup=lookup)


def admission_of(analysis: Analysis, signatures: SignaturePolicy | None = None, namespace: str = "") -> Admission:
    """What the policy.json of nodes accepts, by the lists of the Image config or by the file that users bring.

    Args:
        analysis: What the cluster makes of its manifests.
        signatures: What `signature_policy` makes of it, where scopes that need signatures are to count as accepted.
        namespace: As for `signature_policy`.
    """
    users = analysis.user_files[0] if len(analysis.user_files) == 1 else None
    if users is not None and (text := users.policy(namespace)) is not None:
        return Admission.of_requirements(read_placed_policy(text))
    return Admission.of_image_config(
        analysis.policy.image,
        analysis.guarded.policy_blocked,
        analysis.guarded.allowed,
        signed=signatures.requirements.scopes if signatures is not None else (),
    )


def _with_users(made: SignatureLookup, users: "PoolUserFiles") -> SignatureLookup:
    """Where signatures are looked for, with the files of registries.d that users bring, of which nodes merge all."""
    theirs = read_placed_lookups(users.lookups)
    own = {} if SIGSTORE_REGISTRIES in users.texts else made.docker
    return SignatureLookup(docker={**own, **theirs.docker}, default=theirs.default)


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
