"""The typed manifests: the objects mirrorc compiles, each value with its place.

What makes them is in `decoding`. The shapes are those of the CRDs in openshift/api (2a3d73913).
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from compiler.text.span import Located, Span

ALLOW = "AllowContactingSource"
NEVER = "NeverContactSource"

# What signatures are checked with.
PUBLIC_KEY = "PublicKey"
FULCIO = "FulcioCAWithRekor"
PKI = "PKI"

# What a signature must name.
MATCH_REPO_DIGEST_OR_EXACT = "MatchRepoDigestOrExact"
MATCH_REPOSITORY = "MatchRepository"
EXACT_REPOSITORY = "ExactRepository"
REMAP_IDENTITY = "RemapIdentity"


class MirrorRule(NamedTuple):
    """One item of a mirror object's list. `mirror_source_policy` is missing where the manifest sets none.

    `field` is its path as the API server writes it, such as `spec.imageDigestMirrors[0]`.
    """

    source: Located[str]
    mirrors: tuple[Located[str], ...]
    mirror_source_policy: Located[str] | None
    span: Span
    field: str = ""

    @property
    def never_contacts_source(self) -> bool:
        """Whether this rule asks that the source is never contacted."""
        return self.mirror_source_policy is not None and self.mirror_source_policy.value == NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorSet:
    """A mirror object of any of the three kinds: its name, its rules and where it is.

    `is_open` says that it has more rules than are known: a placeholder is where they should be.
    """

    kind: ClassVar[str]
    api_version: ClassVar[str]
    list_field: ClassVar[str]
    has_policy: ClassVar[bool] = True

    name: Located[str]
    rules: tuple[MirrorRule, ...]
    span: Span
    is_open: bool = False


class ImageDigestMirrorSet(MirrorSet):
    """Mirrors for pulls by digest."""

    __slots__ = ()
    kind = "ImageDigestMirrorSet"
    api_version = "config.openshift.io/v1"
    list_field = "imageDigestMirrors"


class ImageTagMirrorSet(MirrorSet):
    """Mirrors for pulls by tag."""

    __slots__ = ()
    kind = "ImageTagMirrorSet"
    api_version = "config.openshift.io/v1"
    list_field = "imageTagMirrors"


class ImageContentSourcePolicy(MirrorSet):
    """Mirrors for pulls by digest, the way of releases before 4.13."""

    __slots__ = ()
    kind = "ImageContentSourcePolicy"
    api_version = "operator.openshift.io/v1alpha1"
    list_field = "repositoryDigestMirrors"
    has_policy = False


class ImportRule(NamedTuple):
    """An item of `allowedRegistriesForImport`: a host or a host and its port, with `*` and `?`."""

    domain: Located[str]
    insecure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfig:
    """The `registrySources` of an Image config; None is an absent list, which differs from an empty one.

    `imports` are the registries that images may be imported from; empty allows all.
    `is_open` says that a list is not known: a placeholder is where it should be.
    """

    kind: ClassVar[str] = "Image"
    api_version: ClassVar[str] = "config.openshift.io/v1"
    only_name: ClassVar[str] = "cluster"

    name: Located[str]
    insecure: tuple[Located[str], ...] | None = None
    blocked: tuple[Located[str], ...] | None = None
    allowed: tuple[Located[str], ...] | None = None
    search: tuple[Located[str], ...] | None = None
    imports: tuple[ImportRule, ...] = ()
    span: Span
    is_open: bool = False

    @property
    def lists(self) -> dict[str, tuple[Located[str], ...]]:
        """The scopes by the names of their lists under `spec.registrySources`, without the search list."""
        return {
            "insecureRegistries": self.insecure or (),
            "blockedRegistries": self.blocked or (),
            "allowedRegistries": self.allowed or (),
        }

    def fields(self) -> dict[Span, str]:
        """The path of each scope by the place where it is written, as the API server writes paths."""
        return {
            scope.span: f"spec.registrySources.{name}[{position}]"
            for name, scopes in self.lists.items()
            for position, scope in enumerate(scopes)
        }


class RootOfTrust(NamedTuple):
    """What signatures are checked with: one of the three members that the API has, decided by `policy_type`.

    Keys and certificates are base64 texts as written; `email` and `hostname` belong to a certificate's subject,
    `issuer` and `signed_email` to Fulcio's. What a member does not have is None.
    """

    policy_type: Located[str]
    key: Located[str] | None = None
    rekor_key: Located[str] | None = None
    fulcio_ca: Located[str] | None = None
    issuer: Located[str] | None = None
    signed_email: Located[str] | None = None
    ca_roots: Located[str] | None = None
    ca_intermediates: Located[str] | None = None
    email: Located[str] | None = None
    hostname: Located[str] | None = None


class PolicyIdentity(NamedTuple):
    """The `signedIdentity` of a policy: which name a signature must carry.

    `repository` is for ExactRepository, the two prefixes for RemapIdentity.
    """

    match_policy: Located[str]
    repository: Located[str] | None = None
    prefix: Located[str] | None = None
    signed_prefix: Located[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturePolicyObject:
    """A ClusterImagePolicy or ImagePolicy: images under `scopes` need a signature that `root` and `identity` accept.

    `namespace` is None where the object names none: on a ClusterImagePolicy always.
    """

    kind: ClassVar[str]

    name: Located[str]
    namespace: Located[str] | None = None
    scopes: tuple[Located[str], ...] = ()
    root: RootOfTrust
    identity: PolicyIdentity | None = None
    span: Span

    @property
    def values(self) -> tuple[Located[str], ...]:
        """Everything that decides what it requires, and of whom."""
        parts = (self.namespace, *self.scopes, *self.root, *(self.identity or ()))
        return tuple(part for part in parts if part is not None)


class ClusterImagePolicy(SignaturePolicyObject):
    """Signatures that images need in every namespace."""

    __slots__ = ()
    kind = "ClusterImagePolicy"


class ImagePolicy(SignaturePolicyObject):
    """Signatures that images need for the pods of one namespace."""

    __slots__ = ()
    kind = "ImagePolicy"


class NodeAction(NamedTuple):
    """One action of a node disruption policy; `service` is the unit to reload or restart, None for other types."""

    type: Located[str]
    service: Located[str] | None = None


class NodeActions(NamedTuple):
    """What is done for a change of `name`: the path of a file or folder, the name of a systemd unit, or SSH keys."""

    name: Located[str]
    actions: tuple[NodeAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineConfiguration:
    """The node disruption policy of a cluster's MachineConfiguration, its entries in order.

    `ssh_keys` is None where the policy says nothing of them; `has_policy` is false where the object has none at all.
    """

    kind: ClassVar[str] = "MachineConfiguration"
    api_version: ClassVar[str] = "operator.openshift.io/v1"
    only_name: ClassVar[str] = "cluster"

    name: Located[str]
    has_policy: bool = False
    files: tuple[NodeActions, ...] = ()
    units: tuple[NodeActions, ...] = ()
    ssh_keys: NodeActions | None = None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainOverride:
    """The ConfigMap that skips the drain for registries.conf, whatever is in it (release 4.14 to 4.19)."""

    kind: ClassVar[str] = "ConfigMap"
    only_name: ClassVar[str] = "image-registry-override-drain"
    namespace: ClassVar[str] = "openshift-machine-config-operator"

    name: Located[str]
    span: Span


Manifest = MirrorSet | ImageConfig | SignaturePolicyObject | MachineConfiguration | DrainOverride
