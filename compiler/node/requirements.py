"""What a policy.json requires of an image: the requirements by scope, and which of them apply to a reference.

In: requirements as a policy.json has them, whoever read or made them. Out: the scope that applies to a pull, and its
requirements.

Follows containers/image (df7e80d2) `signature.PolicyContext.requirementsForImageRef`: the requirements of the most
specific scope of the transport `docker` apply, then those of its empty scope, then the default; all of them must be
met. It is the name in the pull spec that is looked up, not the mirror that delivers the image.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from compiler.names.lookup import lookup_scopes
from compiler.names.reference import Reference
from compiler.node.signed_identity import SignedIdentity
from compiler.text.span import Span

ACCEPT_ANYTHING = "insecureAcceptAnything"
REJECT = "reject"
SIGNED_BY = "signedBy"
SIGNED_BASE_LAYER = "signedBaseLayer"
SIGSTORE_SIGNED = "sigstoreSigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One requirement that an image must meet.

    Attributes:
        type: As policy.json names it, one of the five above.
        identity: Which name a signature must carry; None where no signature is required.
        trust: What signatures are verified with, by the member of policy.json: `keyData`, `fulcio`, `pki` and so on.
        content: All of it as canonical JSON, keys and certificates included; empty where it is no more than its type.
        policy: The object that asks for it, such as `ClusterImagePolicy openshift`; empty where a file of a node does.
        payload: Whether that object is the one of the release payload.
        origins: Where it is written.
    """

    type: str
    identity: SignedIdentity | None = None
    trust: str = ""
    content: str = field(default="", repr=False)
    policy: str = ""
    payload: bool = False
    origins: tuple[Span, ...] = field(default=(), compare=False)

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
