"""What differs between OpenShift releases, in one table.

Read off and, up to 4.21 and for 5.0, confirmed by running openshift/machine-config-operator's release branches; 4.22
was run for signature policies alone, and 4.23 was read only. The branches of 5.1 and 5.2 are at the commits of 5.0:
what was run for 5.0 was run for them too. The merge of mirrors is the same in all of them.
"""

from typing import NamedTuple

V1 = "config.openshift.io/v1"
V1ALPHA1 = "config.openshift.io/v1alpha1"
PAYLOAD_REPOSITORIES = (
    "quay.io/openshift-release-dev/ocp-release",
    "quay.io/openshift-release-dev/ocp-v4.0-art-dev",
    "quay.io/openshift-release-dev/ocp-v5.0-art-dev",
)
"""Where OCP's releases and the images they are made of come from."""

OKD = ("quay.io/openshift/okd", "quay.io/openshift/okd-content")
OKD_ON_STREAM = ("quay.io/okd/scos-release", "quay.io/okd/scos-content")
OKD_REPOSITORIES = frozenset((*OKD, *OKD_ON_STREAM))
"""Where OKD's releases come from, those on Stream CoreOS included."""

_TWO_POLICY_TYPES = ("PublicKey", "FulcioCAWithRekor")


class SignatureSupport(NamedTuple):
    """What a release does with ClusterImagePolicies and ImagePolicies.

    `api_version`: the one version of both kinds that is served.
    `by_default`: the controller reads them on every cluster; before, only with a tech preview feature set.
    `policy_types`: what `policyType` can be; empty where the API server accepts any text.
    `pki`: the member `pki` exists.
    `checks_keys`: the API server checks the PEM format, the shortest lengths, and the lengths of issuer and e-mail.
    `namespaces`: the controller reads ImagePolicies; `namespace_indent` is the indent of the files it makes of them,
    and `namespaces_in_order` says that it lists these files in a fixed order.
    `payload_scope_used`: a scope that contains the repository of the release image takes effect.
    `finds_mirrors`: sigstore-registries.yaml lists the mirrors of a scope too.
    `payload_scopes`: the scopes of the policy `openshift` that the payload brings to every self-managed cluster; before
    4.21 only a tech preview feature set has it (openshift/cluster-update-keys 3b5c59c).
    """

    api_version: str = V1
    by_default: bool = True
    policy_types: tuple[str, ...] = (*_TWO_POLICY_TYPES, "PKI")
    pki: bool = True
    checks_keys: bool = True
    namespaces: bool = True
    namespace_indent: int = 2
    namespaces_in_order: bool = True
    payload_scope_used: bool = True
    finds_mirrors: bool = True
    payload_scopes: tuple[str, ...] = ()


class Release(NamedTuple):
    """One release's differences.

    `wildcard_sources`: the controller accepts `*.host` as a source and checks sources and mirrors against the patterns.
    `layer_store_helper`: registries.conf carries the `additional-layer-store-auth-helper` line.
    `policy_indented`, `policy_atomic_filtered`: how policy.json is laid out, and whether scopes that the
    `atomic` transport cannot name are left out of it.
    `api_holds_image_scopes`, `api_refuses_blocked_and_allowed`: what the Image config's own schema checks.
    `guard_trims_mirrors`, `guard_takes_replacement_character`: corners of the payload guard's look-up.
    `mixes_kinds_since`: the z-stream up to which the legacy kind is refused beside the new ones, empty if none does.
    `signatures`: what it does with signature policies, None where it has none.
    `builds_read_mirror_sets`: builds and image imports read ImageDigestMirrorSets and ImageTagMirrorSets.
    `imports_heed_never_contact`: imports do not ask a whole registry that has NeverContactSource, even for its mirrors
    (OCPBUGS-44432).
    """

    name: str
    ignition: str
    wildcard_sources: bool = True
    layer_store_helper: bool = True
    policy_indented: bool = True
    policy_atomic_filtered: bool = True
    api_refuses_blocked_and_allowed: bool = True
    api_holds_image_scopes: bool = False
    guard_trims_mirrors: bool = True
    guard_takes_replacement_character: bool = True
    mixes_kinds_since: str = ""
    pools: tuple[str, ...] = ("master", "worker", "arbiter")
    signatures: SignatureSupport | None = SignatureSupport(payload_scopes=PAYLOAD_REPOSITORIES)
    builds_read_mirror_sets: bool = True
    imports_heed_never_contact: bool = False

    @property
    def payload_repositories(self) -> tuple[str, ...]:
        """Where OCP's release image and the images it names come from."""
        return PAYLOAD_REPOSITORIES if self.name.startswith("5.") else PAYLOAD_REPOSITORIES[:2]

    def since(self, name: str) -> bool:
        """Whether this is the release `name` or a later one."""
        known = tuple(RELEASES)
        return known.index(self.name) >= known.index(name)


_TWO_POOLS = ("master", "worker")

_SIGNATURES_4_17 = SignatureSupport(
    api_version=V1ALPHA1,
    by_default=False,
    policy_types=_TWO_POLICY_TYPES,
    pki=False,
    checks_keys=False,
    namespaces=False,
    namespaces_in_order=False,
)
_SIGNATURES_4_16 = _SIGNATURES_4_17._replace(payload_scope_used=False, finds_mirrors=False)
_SIGNATURES_4_18 = _SIGNATURES_4_17._replace(namespaces=True, namespace_indent=1)
_SIGNATURES_4_19 = _SIGNATURES_4_18._replace(policy_types=(), namespace_indent=2)
_SIGNATURES_4_20 = SignatureSupport(policy_types=(), pki=False)

_TABLE = (
    Release(
        name="4.13",
        ignition="3.2.0",
        wildcard_sources=False,
        layer_store_helper=False,
        policy_indented=False,
        policy_atomic_filtered=False,
        api_refuses_blocked_and_allowed=False,
        guard_trims_mirrors=False,
        guard_takes_replacement_character=False,
        mixes_kinds_since="4.13.27",
        pools=_TWO_POOLS,
        signatures=None,
        builds_read_mirror_sets=False,
    ),
    *(
        Release(
            name=name,
            ignition="3.4.0",
            wildcard_sources=name == "4.16",
            layer_store_helper=False,
            policy_indented=False,
            api_refuses_blocked_and_allowed=False,
            guard_trims_mirrors=False,
            guard_takes_replacement_character=False,
            mixes_kinds_since="4.14.3" if name == "4.14" else "",
            pools=_TWO_POOLS,
            signatures=_SIGNATURES_4_16 if name == "4.16" else None,
            imports_heed_never_contact=name != "4.16",
        )
        for name in ("4.14", "4.15", "4.16")
    ),
    Release(
        name="4.17",
        ignition="3.4.0",
        layer_store_helper=False,
        api_refuses_blocked_and_allowed=False,
        guard_trims_mirrors=False,
        pools=_TWO_POOLS,
        signatures=_SIGNATURES_4_17,
    ),
    Release(
        name="4.18",
        ignition="3.4.0",
        layer_store_helper=False,
        guard_trims_mirrors=False,
        pools=_TWO_POOLS,
        signatures=_SIGNATURES_4_18,
    ),
    Release(name="4.19", ignition="3.5.0", guard_trims_mirrors=False, pools=_TWO_POOLS, signatures=_SIGNATURES_4_19),
    Release(name="4.20", ignition="3.5.0", signatures=_SIGNATURES_4_20),
    Release(name="4.21", ignition="3.5.0", signatures=SignatureSupport(payload_scopes=PAYLOAD_REPOSITORIES[:1])),
    Release(name="4.22", ignition="3.5.0"),
    *(Release(name=name, ignition="3.5.0", api_holds_image_scopes=True) for name in ("4.23", "5.0", "5.1", "5.2")),
)

RELEASES = {release.name: release for release in _TABLE}
"""Every release mirrorc knows, oldest first, by name."""

BUILT_IN_POOLS = frozenset(pool for release in RELEASES.values() for pool in release.pools)
"""The pools some release comes with; a cluster can have its own others."""

DEFAULT_RELEASE = "5.0"
"""The newest whose own branch was run."""


DEFAULT_RELEASE_IMAGE = "quay.io/openshift-release-dev/ocp-release@sha256:" + "0" * 64
"""Where the payload comes from by default; the digest means any digest."""
