"""What signatures a pull needs, and where a node looks for them.

In: a policy.json and the files of registries.d, and pulls. Out: for a pull the scope that applies to it with the
requirements, and for each attempt whether signatures are looked for at the endpoint.

Follows containers/image (df7e80d2) `signature.PolicyContext.IsRunningImageAllowed` for what is required and
`docker.newDockerClientFromRef` with `sigstoreAttachmentTag` for where signatures come from: the repository that
delivers the image, and no other.
"""

from dataclasses import dataclass, field

from compiler.names.lookup import identity_of
from compiler.names.reference import InvalidReferenceError, Reference, parse_named
from compiler.node.pull import Pull, PullAttempt
from compiler.node.registries_d import SignatureLookup
from compiler.node.requirements import (
    ACCEPTS_EVERYTHING,
    REJECT,
    SIGNED_BASE_LAYER,
    Requirement,
    RequirementPolicy,
    ScopeRequirements,
)
from compiler.node.signed_identity import SignedIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededSignatures:
    """What a pull must meet.

    Attributes:
        scope: The scope of policy.json that applies; None for its default, and where nothing is pulled.
        identity: The reference in full form, which names in signatures are compared with.
        requirements: All of them must hold.
    """

    scope: str | None = None
    identity: str = ""
    requirements: tuple[Requirement, ...] = ()

    @property
    def sigstore(self) -> bool:
        """Whether a sigstore signature must be found."""
        return any(each.needs_sigstore for each in self.requirements)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameVerdict:
    """Whether signatures that carry a name would be accepted for a pull, and why."""

    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturePolicy:
    """One policy.json and all files of registries.d of a node; `lookup` is None where these are not known."""

    requirements: RequirementPolicy = ACCEPTS_EVERYTHING
    lookup: SignatureLookup | None = field(default_factory=SignatureLookup)

    def needed(self, pull: Pull) -> NeededSignatures:
        """What a pull must meet. One that fails before anything is attempted meets nothing, whatever it is of."""
        reference = pull.normalized
        if reference is None:
            return NeededSignatures()
        identity = identity_of(reference)
        if pull.failure is not None:
            return NeededSignatures(identity=identity)
        scope, required = self.requirements.applying(reference)
        return NeededSignatures(scope=scope, identity=identity, requirements=required.requirements)

    def required_of(self, reference: Reference) -> ScopeRequirements:
        """What an image must meet."""
        return self.requirements.applying(reference)[1]

    def looked_for(self, attempt: PullAttempt) -> bool | None:
        """Whether sigstore signatures are looked for where an attempt goes; None where that is not known."""
        if self.lookup is None:
            return None
        try:
            return self.lookup.looked_for(parse_named(attempt.reference))
        except InvalidReferenceError:  # a mirror that is skipped need not make a reference
            return False


def attachment_tag(reference: Reference) -> str:
    """The tag that holds the signatures of an image, with `…` for a digest that is not known.

    Where the image is a list of several, it is the digest of the node's own platform that counts.
    """
    return f"{reference.digest.replace(':', '-', 1)}.sig" if reference.digest else "sha256-….sig"


def judge_name(needed: NeededSignatures, pulled: Reference, signed: str) -> NameVerdict:
    """Whether a signature that carries the name `signed` would be accepted, all else being in order."""
    if any(each.type == REJECT for each in needed.requirements):
        return NameVerdict(accepted=False, reason="policy.json rejects the image, whatever signature it has")
    asked = [each for each in needed.requirements if each.identity is not None and each.type != SIGNED_BASE_LAYER]
    if not asked:
        return NameVerdict(accepted=True, reason="no signature is required")
    for requirement in asked:
        identity = requirement.identity
        assert identity is not None
        if not identity.accepts(pulled, signed):
            return NameVerdict(accepted=False, reason=f"{identity.type} requires {identity.wanted(pulled)}")
    wanted = " and ".join(dict.fromkeys(_accepting(each.identity, pulled) for each in asked if each.identity))
    return NameVerdict(accepted=True, reason=wanted)


def _accepting(identity: SignedIdentity, pulled: Reference) -> str:
    return f"{identity.type} accepts {identity.wanted(pulled)}"
