"""What a policy.json requires of an image: the requirements by scope, and which of them apply to a reference.

In: requirements as a policy.json has them, whether they were read from one or are to be written to one. Out: the scope
that applies to a pull, and its requirements.

Follows containers/image (df7e80d2) `signature.PolicyContext.requirementsForImageRef`: the requirements of the most
specific scope of the transport `docker` apply, then those of its empty scope, then the default; all of them must be
met. It is the name in the pull spec that is looked up, not the mirror that delivers the image.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from compiler.names.lookup import lookup_scopes
from compiler.names.reference import Reference
from compiler.node.signed_identity import SignedIdentity
from compiler.text.span import Span

ACCEPT_ANYTHING = "insecureAcceptAnything"
REJECT = "reject"
SIGNED_BY = "signedBy"
SIGNED_BASE_LAYER = "signedBaseLayer"
SIGSTORE_SIGNED = "sigstoreSigned"

Value: TypeAlias = "str | tuple[Value, ...] | tuple[tuple[str, Value], ...]"
"""A text, a list, or an object as its members."""

Members = tuple[tuple[str, Value], ...]
"""The members of an object of policy.json, in the order in which the controller writes them."""

TRUST = (
    *("keyType", "keyPath", "keyPaths", "keyData", "keyDatas"),
    *("fulcio", "caPath", "caData", "oidcIssuer"),
    *("rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas"),
    *("pki", "caRootsPath", "caRootsData", "caIntermediatesPath", "caIntermediatesData"),
    *("subjectEmail", "subjectHostname"),
)
"""The members that say what signatures are verified with, and the members of these, in the order of `Members`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement that an image must meet.

    Attributes:
        type: As policy.json names it, one of the five above.
        trust: What signatures are verified with: the members of policy.json, keys and certificates included.
        identity: Which name a signature must carry; None where no signature is required.
        policy: The object that asks for it, such as `ClusterImagePolicy openshift`; empty where a file of a node does.
        payload: Whether that object is the one of the release payload.
        origins: Where it is written.
    """

    type: str
    trust: Members = field(default=(), repr=False)
    identity: SignedIdentity | None = None
    policy: str = ""
    payload: bool = False
    origins: tuple[Span, ...] = field(default=(), compare=False)

    @property
    def members(self) -> Members:
        """The requirement as policy.json has it."""
        name = "baseLayerIdentity" if self.type == SIGNED_BASE_LAYER else "signedIdentity"
        identity = ((name, tuple(self.identity.members)),) if self.identity else ()
        return (("type", self.type), *self.trust, *identity)

    @property
    def trusts(self) -> str:
        """The member that has what signatures are verified with: `keyData`, `fulcio`, `pki` and so on, else empty."""
        return next((name for name, _ in self.trust if name != "keyType"), "")

    @property
    def needs_sigstore(self) -> bool:
        """Whether a sigstore signature must be found."""
        return self.type == SIGSTORE_SIGNED


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRequirements:
    """The requirements of a scope, all of which must be met, and where the scope is written."""

    requirements: tuple[Requirement, ...]
    spans: tuple[Span, ...] = field(default=(), compare=False)

    @property
    def rejects(self) -> bool:
        """Whether no image meets them."""
        return any(each.type == REJECT for each in self.requirements)

    @property
    def needs_sigstore(self) -> bool:
        """Whether a sigstore signature must be found."""
        return any(each.needs_sigstore for each in self.requirements)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementPolicy:
    """A policy.json as far as it concerns images of registries.

    Attributes:
        default: What applies to an image under no scope.
        scopes: The scopes of the transport `docker`; the empty one applies before the default.
    """

    default: ScopeRequirements
    scopes: Mapping[str, ScopeRequirements] = field(default_factory=lambda: MappingProxyType({}))

    def applying(self, reference: Reference) -> tuple[str | None, ScopeRequirements]:
        """The scope that applies to a reference, None for the default, and what it requires."""
        if self.scopes:
            for scope in (*lookup_scopes(reference), ""):
                found = self.scopes.get(scope)
                if found is not None:
                    return scope, found
        return None, self.default

    @property
    def needs_sigstore(self) -> bool:
        """Whether a sigstore signature is required of any image."""
        return any(each.needs_sigstore for each in (self.default, *self.scopes.values()))


ACCEPTS_EVERYTHING = RequirementPolicy(default=ScopeRequirements(requirements=(Requirement(type=ACCEPT_ANYTHING),)))
"""The policy.json of a node's operating system."""
