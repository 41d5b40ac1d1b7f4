"""Checks across manifests: what the cluster accepts, and almost never is intended.

In: an analysis and the settings it was made with. Out: warnings and notes, beyond what the analysis already reports.
A check is a generator in the tuple below; its rule is a constant of the catalogue, and its examples are a folder
under `fixtures/rules`. Each costs about as much as the manifests are long: nesting is looked up, never scanned.
"""

from collections.abc import Callable, Iterator

from compiler.checks.disruption import crio_not_reloaded
from compiler.checks.image import (
    outer_source_inherited,
    port_mismatch,
    source_refused,
    wildcard_hides_host,
)
from compiler.checks.lists import inert_rule, repeated_rule, split_source
from compiler.checks.names import deprecated_kind, docker_library, near_miss_source, unreachable_scope
from compiler.checks.payload import (
    internal_registry_refused,
    mixed_kinds_refused,
    payload_half_mirrored,
    payload_refused,
)
from compiler.checks.places import mirror_blocked, mirror_is_source
from compiler.checks.scene import Scene
from compiler.checks.shadows import shadowed_source, tag_pulls_blocked
from compiler.checks.signatures import (
    identity_never_matches,
    payload_policy_replaced,
    policy_on_mirror,
    policy_scope_dropped,
    scope_never_matches,
    scope_not_loadable,
    scope_signed_twice,
    signature_inactive,
    signature_order_random,
)
from compiler.findings.diagnostics import Diagnostic
from compiler.policy.analysis import Analysis
from compiler.policy.settings import Settings

Check = Callable[[Scene], Iterator[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    shadowed_source,
    tag_pulls_blocked,
    outer_source_inherited,
    inert_rule,
    repeated_rule,
    split_source,
    mirror_blocked,
    mirror_is_source,
    docker_library,
    port_mismatch,
    wildcard_hides_host,
    near_miss_source,
    unreachable_scope,
    source_refused,
    payload_refused,
    payload_half_mirrored,
    mixed_kinds_refused,
    deprecated_kind,
    signature_inactive,
    payload_policy_replaced,
    policy_scope_dropped,
    scope_signed_twice,
    scope_never_matches,
    scope_not_loadable,
    identity_never_matches,
    policy_on_mirror,
    signature_order_random,
    crio_not_reloaded,
)


def check(analysis: Analysis, settings: Settings, *, uses_internal: bool = False) -> Iterator[Diagnostic]:
    """What is hardly meant, at the rules' own severities; `diagnostics.settle` applies the user's and sorts.

    `uses_internal` says that something in the repo may use the cluster's internal registry.
    """
    scene = Scene(analysis, settings)
    for each in CHECKS:
        yield from each(scene)
    if uses_internal:
        yield from internal_registry_refused(scene)
