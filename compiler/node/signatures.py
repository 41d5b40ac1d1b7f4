"""What signatures a pull needs, and where a node looks for them.

In: a policy.json and the files of registries.d, and pulls. Out: for a pull the scope that applies to it with the
requirements, and for each attempt whether signatures are looked for at the endpoint.

Follows containers/image (df7e80d2) `signature.PolicyContext.IsRunningImageAllowed` for what is required and
`docker.newDockerClientFromRef` with `sigstoreAttachmentTag` for where signatures come from: the repository that
delivers the image, and no other.
"""

from dataclasses import dataclass, field

from compiler.names.lookup import identity_of
from compiler.names.reference import InvalidReferenceError, parse_named, parse_normalized, quoted
from compiler.node.pull import Pull, PullAttempt
from compiler.node.registries_d import SignatureLookup
from compiler.node.requirements import (
    ACCEPTS_EVERYTHING,
    REJECT,
    SIGNED_BASE_LAYER,
    Requirement,
    RequirementPolicy,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededSignatures:
    """What a pull must meet.

    Attributes:
        scope: The scope of policy.json that applies; None for its default, and where nothing is pulled.
        identity: The reference in full form, which names in signatures are compared with.
        requirements: All of them must be met.
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
    """Whether a signature that carries the name `name` would be accepted for a pull, and why."""

    name: str
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

    @property
    def settings(self) -> tuple[object, ...]:
        """All that decides about a pull, to compare and to hash: alike where pulls need the same signatures."""
        lookup = self.lookup
        places = None if lookup is None else (tuple(sorted(lookup.docker.items())), lookup.default)
        return (self.requirements.default, tuple(sorted(self.requirements.scopes.items())), places)

    def looked_for(self, attempt: PullAttempt) -> bool | None:
        """Whether sigstore signatures are looked for where an attempt goes; None where that is not known."""
        if self.lookup is None:
            return None
        if not self.lookup.may_look_for(attempt.reference):
            return False
        try:
            return self.lookup.looked_for(parse_named(attempt.reference))
        except InvalidReferenceError:  # a mirror that is skipped need not make a reference
            return False


def attachment_tag(digest: str) -> str:
    """The tag that contains the signatures of an image with this digest.

    Where an image is a list of several, it is the digest of the one for the node's platform that counts.
    """
    return f"{digest.replace(':', '-', 1)}.sig"


def judge_name(pull: Pull, needed: NeededSignatures, name: str) -> NameVerdict:
    """Whether a signature that carries a name would be accepted for a pull, all else being in order.

    Where several signatures are required, each must accept the name.
    """

    def verdict(reason: str, *, accepted: bool = False) -> NameVerdict:
        return NameVerdict(name=name, accepted=accepted, reason=reason)

    try:
        parse_normalized(name)
    except InvalidReferenceError as error:
        return verdict(f"{quoted(name)} is not a valid image reference: {error.explanation}")
    if pull.normalized is None or pull.failure is not None:
        return verdict(pull.failure.explanation if pull.failure else "nothing is pulled")
    if any(each.type == REJECT for each in needed.requirements):
        return verdict("policy.json rejects the image, whatever signature it has")
    asked = [each for each in needed.requirements if each.identity is not None and each.type != SIGNED_BASE_LAYER]
    accepting = []
    for requirement in asked:
        identity = requirement.identity
        assert identity is not None
        wanted = identity.wanted(pull.normalized)
        if not identity.accepts(pull.normalized, name):
            return verdict(f"{identity.type} requires {wanted}")
        accepting.append(f"{identity.type} accepts {wanted}")
    return verdict(" and ".join(dict.fromkeys(accepting)) or "no signature is required", accepted=True)
