"""What differs between OpenShift releases, in one table.

Read off and, up to 4.21 and for 5.0, confirmed by running openshift/machine-config-operator's release branches;
4.22 and 4.23 were read only. The merge of mirrors is the same in all of them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release's differences.

    `wildcard_sources`: the controller takes `*.host` as a source and holds sources and mirrors to the patterns.
    `layer_store_helper`: registries.conf carries the `additional-layer-store-auth-helper` line.
    `policy_indented`, `policy_atomic_filtered`: how policy.json is laid out, and whether scopes that the
    `atomic` transport cannot name are left out of it.
    `api_holds_image_scopes`, `api_refuses_blocked_and_allowed`: what the Image config's own schema checks.
    `guard_trims_mirrors`, `guard_takes_replacement_character`: corners of the payload guard's look-up.
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
    pools: tuple[str, ...] = ("master", "worker", "arbiter")

    def since(self, name: str) -> bool:
        """Whether this is the release `name` or a later one."""
        known = tuple(RELEASES)
        return known.index(self.name) >= known.index(name)


_TWO_POOLS = ("master", "worker")

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
        pools=_TWO_POOLS,
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
            pools=_TWO_POOLS,
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
    ),
    Release(name="4.18", ignition="3.4.0", layer_store_helper=False, guard_trims_mirrors=False, pools=_TWO_POOLS),
    Release(name="4.19", ignition="3.5.0", guard_trims_mirrors=False, pools=_TWO_POOLS),
    *(Release(name=name, ignition="3.5.0") for name in ("4.20", "4.21", "4.22")),
    *(Release(name=name, ignition="3.5.0", api_holds_image_scopes=True) for name in ("4.23", "5.0")),
)

RELEASES = {release.name: release for release in _TABLE}
"""Every release mirrorc knows, oldest first, by name."""

BUILT_IN_POOLS = frozenset(pool for release in RELEASES.values() for pool in release.pools)
"""The pools some release comes with; a cluster can have others of its own."""

DEFAULT_RELEASE = "5.0"


DEFAULT_RELEASE_IMAGE = "quay.io/openshift-release-dev/ocp-release@sha256:" + "0" * 64
"""Where the payload comes from when nobody says otherwise; every digest stands for any."""
