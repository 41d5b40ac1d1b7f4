"""Which signatures a cluster requires: every signature policy turned into requirements on its scopes.

In: ClusterImagePolicies and ImagePolicies, and the one that the payload brings. Out: the requirements by scope, each
with the policy it comes from, and the scopes that take no effect.

Follows openshift/machine-config-operator `container-runtime-config` `getValidScopePolicies` and `policyItemFromSpec`
(7ff337a4f); the payload's own policy is that of openshift/cluster-update-keys (3b5c59c).
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from compiler.manifests.kinds import (
    EXACT_REPOSITORY,
    MATCH_REPOSITORY,
    REMAP_IDENTITY,
    ClusterImagePolicy,
    ImagePolicy,
    PolicyIdentity,
    RootOfTrust,
    SignaturePolicyObject,
)
from compiler.names.releases import SignatureSupport
from compiler.names.scope import ScopeSet, is_nested
from compiler.text.opaque import is_open
from compiler.text.span import File, Located, Span

if TYPE_CHECKING:
    from compiler.node.requirements import Requirement
    from compiler.node.signed_identity import SignedIdentity

PAYLOAD_POLICY = "openshift"
"""What the payload's own ClusterImagePolicy is called."""

_PAYLOAD_KEY = (
    "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUlJQ0lqQU5CZ2txaGtpRzl3MEJBUUVGQUFPQ0FnOEFNSUlDQ2dLQ0FnRUEwQVN5"
    "dUgyVExXdkJVcVBIWjRJcAo3NWc3RW5jQmtnUUhkSm5qenhBVzVLUVRNaC9zaUJvQi9Cb1NydGlQTXduQ2hiVENuUU9JUWVadURp"
    "Rm5odUo3Ck0vRDNiN0pvWDBtMTIzTmNDU242N21BZGpCYTZCZzZrdWtaZ0NQNFpVWmVFU2FqV1gvRWp5bEZjUkZPWFc1N3AKUkRD"
    "RU40MkovallsVnF0K2c5K0dya2VyOFN6ODZIM2wwdGJxT2RqYnovVnhIWWh3RjBjdFVNSHN5VlJEcTJRUAp0cXpOWGxtbE1oUy9Q"
    "b0ZyNlI0dS83SENuL0srTGVnY08yZkFGT2I0MEt2S1NLS1ZENmxld1VaRXJob3AxQ2dKClhqRHRHbW1POWRHTUY3MW1mNkhFZmFL"
    "U2R5K0VFNmlTRjJBMlZ2OVFoQmF3TWlxMmtPekVpTGc0bkFkSlQ4d2cKWnJNQW1QQ3FHSXNYTkdaNC9RK1lUd3dsY2UzZ2xxYjVM"
    "OXRmTm96RWRTUjlOODVERVNmUUxRRWRZM0NhbHdLTQpCVDFPRWhFWDF3SFJDVTRkck1PZWo2Qk5XMFZ0c2NHdEhtQ3JzNzRqUGV6"
    "aHdOVDh5cGt5UytUMHpUNFRzeTZmClZYa0o4WVNIeWVuU3pNQjJPcDJidnNFM2dyWStzNzRXaEc5VUlBNkRCeGNUaWUxNU5Tekt3"
    "Znphb05XT0RjTEYKcDdCWThhYUhFMk1xRnhZRlgrSWJqcGtRUmZhZVFRc291REZkQ2tYRUZWZlBwYkQyZGs2RmxlYU1UUHV5eHRJ"
    "VApnalZFdEdRSzJxR0NGR2lRSEZkNGhmVitlQ0E2M0pybzF6MHpvQk01QmJJSVEzK2VWRnd0M0FsWnA1VVZ3cjZkCnNlY3FraS95"
    "cm12M1kwZHFaOVZPbjNVQ0F3RUFBUT09Ci0tLS0tRU5EIFBVQkxJQyBLRVktLS0tLQ=="
)

_PAYLOAD = File("release payload")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredSignature:
    """What a policy requires on one of its scopes.

    `namespace` is empty for a ClusterImagePolicy. `span` is the scope in the manifest and `field` its path there; both
    are missing for the policy that the payload brings.
    """

    root: RootOfTrust
    identity: PolicyIdentity | None
    kind: str
    name: str
    namespace: str = ""
    span: Span | None = field(default=None, compare=False)
    field: str = ""

    @property
    def requirement(self) -> "Requirement":
        """The requirement, as the controller puts it into policy.json, with the policy and the place it comes from."""
        namespaced = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return replace(
            requirement_of(self.root, self.identity),
            policy=f"{self.kind} {namespaced}",
            payload=self.from_payload,
            origins=(self.span,) if self.span else (),
        )

    @property
    def from_payload(self) -> bool:
        """Whether no manifest says it."""
        return self.span is None

    @property
    def origin(self) -> str:
        """The policy, for people."""
        if self.from_payload:
            return f"the release payload's own {self.kind} `{self.name}`"
        return f"the {self.kind} `{self.namespace}/{self.name}`" if self.namespace else f"the {self.kind} `{self.name}`"


class DroppedScope(NamedTuple):
    """A scope of an ImagePolicy that takes no effect: the scope of a cluster policy covers it."""

    scope: Located[str]
    required: RequiredSignature
    covered_by: str


ByScope = Mapping[str, tuple[RequiredSignature, ...]]


@dataclass(frozen=True, kw_only=True)
class SignaturePolicies:
    """What a cluster requires: for every namespace, and further by namespace; scopes are in byte order.

    Of several requirements on a scope all must be met. Their order, by the names of the policies, is fixed here alone:
    on a cluster it changes from sync to sync.
    """

    cluster: ByScope = field(default_factory=dict)
    namespaces: Mapping[str, ByScope] = field(default_factory=dict)
    dropped: tuple[DroppedScope, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that takes effect somewhere, in byte order."""
        namespaced = (scope for by_scope in self.namespaces.values() for scope in by_scope)
        return tuple(sorted({*self.cluster, *namespaced}))

    def of(self, scope: str) -> tuple[RequiredSignature, ...]:
        """Every requirement on exactly this scope, those of the cluster first."""
        return (*self.cluster.get(scope, ()), *self._namespaced.get(scope, ()))

    @cached_property
    def _namespaced(self) -> Mapping[str, list[RequiredSignature]]:
        """The requirements of namespaces on each scope."""
        found: dict[str, list[RequiredSignature]] = {}
        for by_scope in self.namespaces.values():
            for scope, required in by_scope.items():
                found.setdefault(scope, []).extend(required)
        return found


def requirements_of(signed: ByScope) -> "dict[str, list[Requirement]]":
    """The requirements by scope as policy.json has them."""
    return {scope: [each.requirement for each in required] for scope, required in signed.items()}


def payload_policy(support: SignatureSupport | None) -> ClusterImagePolicy | None:
    """The payload's own policy, None where a cluster of the release does not have it by default."""
    if support is None or not support.payload_scopes:
        return None
    return ClusterImagePolicy(
        name=_unwritten(PAYLOAD_POLICY),
        scopes=tuple(map(_unwritten, support.payload_scopes)),
        root=RootOfTrust(policy_type=_unwritten("PublicKey"), key=_unwritten(_PAYLOAD_KEY)),
        span=Span(_PAYLOAD, 0, 0),
    )


def collect(
    policies: Sequence[SignaturePolicyObject],
    support: SignatureSupport | None,
    *,
    payload: bool,
    release_repository: str,
) -> SignaturePolicies:
    """The requirements of all policies.

    Args:
        policies: The objects that the API server accepts; an ImagePolicy without a namespace is passed over.
        support: What the release does with them.
        payload: Whether the payload's own policy is on the cluster, unless one of the objects has its name.
        release_repository: The repository of the release image; some releases skip scopes that contain it.
    """
    if support is None:
        return SignaturePolicies()
    cluster_wide = [policy for policy in policies if isinstance(policy, ClusterImagePolicy)]
    replaced = any(policy.name.value == PAYLOAD_POLICY for policy in cluster_wide)
    if payload and not replaced and (brought := payload_policy(support)) is not None:
        cluster_wide.append(brought)
    cluster: dict[str, list[RequiredSignature]] = {}
    for policy in sorted(cluster_wide, key=lambda policy: policy.name.value):
        for scope, required in _required(policy):
            if support.payload_scope_used or not is_nested(release_repository, scope.value):
                cluster.setdefault(scope.value, []).append(required)
    covering = ScopeSet(cluster)
    namespaces: dict[str, dict[str, list[RequiredSignature]]] = {}
    dropped: list[DroppedScope] = []
    for namespace, policies_there in _by_namespace(policies) if support.namespaces else ():
        for each in policies_there:
            for scope, required in _required(each):
                if outer := covering.enclosing(scope.value):
                    dropped.append(DroppedScope(scope=scope, required=required, covered_by=outer[0]))
                else:
                    namespaces.setdefault(namespace, {}).setdefault(scope.value, []).append(required)
    return SignaturePolicies(
        cluster=_in_order(cluster),
        namespaces={namespace: _in_order(by_scope) for namespace, by_scope in namespaces.items()},
        dropped=tuple(dropped),
    )


def _by_namespace(policies: Iterable[SignaturePolicyObject]) -> list[tuple[str, list[ImagePolicy]]]:
    """The ImagePolicies by namespace and name."""
    found: dict[str, list[ImagePolicy]] = {}
    for policy in policies:
        if isinstance(policy, ImagePolicy) and policy.namespace is not None:
            found.setdefault(policy.namespace.value, []).append(policy)
    return [(name, sorted(found[name], key=lambda policy: policy.name.value)) for name in sorted(found)]


@lru_cache(maxsize=256)  # a policy asks once for each of its scopes
def requirement_of(root: RootOfTrust, identity: PolicyIdentity | None) -> "Requirement":
    """What a policy requires, as policy.json has it; empty texts count as absent."""
    from compiler.node.requirements import SIGSTORE_SIGNED, Requirement

    fulcio = _present(
        ("caData", _encoded(root.fulcio_ca)), ("oidcIssuer", root.issuer), ("subjectEmail", root.signed_email)
    )
    pki = _present(
        ("caRootsData", _encoded(root.ca_roots)),
        ("caIntermediatesData", _encoded(root.ca_intermediates)),
        ("subjectEmail", root.email),
        ("subjectHostname", root.hostname),
    )
    trust = (
        *_present(("keyData", _encoded(root.key))),
        *((("fulcio", fulcio),) if fulcio else ()),
        *_present(("rekorPublicKeyData", _encoded(root.rekor_key))),
        *((("pki", pki),) if pki else ()),
    )
    return Requirement(type=SIGSTORE_SIGNED, trust=trust, identity=_signed_identity(identity))


def _signed_identity(identity: PolicyIdentity | None) -> "SignedIdentity":
    from compiler.node import signed_identity as types

    kind = identity.match_policy.value if identity else ""
    if identity is not None and kind == EXACT_REPOSITORY:
        return types.SignedIdentity(type=types.EXACT_REPOSITORY, docker_repository=_text(identity.repository))
    if identity is not None and kind == REMAP_IDENTITY:
        return types.SignedIdentity(
            type=types.REMAP_IDENTITY, prefix=_text(identity.prefix), signed_prefix=_text(identity.signed_prefix)
        )
    return types.SignedIdentity(
        type=types.MATCH_REPOSITORY if kind == MATCH_REPOSITORY else types.MATCH_REPO_DIGEST_OR_EXACT
    )


def _text(value: Located[str] | None) -> str:
    return value.value if value else ""


def _present(*members: tuple[str, Located[str] | str | None]) -> tuple[tuple[str, str], ...]:
    texts = ((name, value.value if isinstance(value, Located) else value) for name, value in members)
    return tuple((name, text) for name, text in texts if text)


def _encoded(data: Located[str] | None) -> str:
    """Data as the controller writes it: decoded and encoded again, without the line breaks that older APIs accept.

    What has a placeholder stays.
    """
    if data is None:
        return ""
    if is_open(data.value):
        return data.value
    return b64encode(b64decode(data.value)).decode("ascii")


def _required(policy: SignaturePolicyObject) -> Iterator[tuple[Located[str], RequiredSignature]]:
    for position, scope in enumerate(policy.scopes):
        yield (
            scope,
            RequiredSignature(
                root=policy.root,
                identity=policy.identity,
                kind=policy.kind,
                name=policy.name.value,
                namespace=policy.namespace.value if policy.namespace else "",
                span=None if scope.span.file is _PAYLOAD else scope.span,
                field=f"spec.scopes[{position}]",
            ),
        )


def _in_order(by_scope: Mapping[str, Sequence[RequiredSignature]]) -> dict[str, tuple[RequiredSignature, ...]]:
    return {scope: tuple(by_scope[scope]) for scope in sorted(by_scope)}


def _unwritten(text: str) -> Located[str]:
    """A text that no manifest has."""
    return Located(text, Span(_PAYLOAD, 0, 0))
