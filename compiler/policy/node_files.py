"""The files that the controller puts on every node, each with the function that makes it.

In: an `Analysis` and the release. Out: the content of each file, by its absolute path.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.names.releases import Release
from compiler.node.files import POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF, SIGSTORE_REGISTRIES, namespace_policy
from compiler.node.model import RegistriesConf
from compiler.policy.analysis import Analysis
from compiler.policy.signatures import requirements_of

if TYPE_CHECKING:
    from compiler.policy.ignition import PolicyJson

NodeFiles = Iterator[tuple[str, bytes]]
"""Files by absolute path."""

Maker = Callable[[Analysis, Release, Forgetful], NodeFiles]
"""Makes a kind of file: none where the manifests do not call for it, several where there is one for each namespace."""


def node_files(analysis: Analysis, release: Release, *, memo: Forgetful = FORGETFUL) -> dict[str, bytes]:
    """The files the controller puts on every node, by absolute path, in its order."""
    return dict(file for make in MAKERS for file in make(analysis, release, memo))


def _registries_conf(analysis: Analysis, release: Release, memo: Forgetful) -> NodeFiles:
    from compiler.policy import render

    if analysis.conf is not None:
        yield REGISTRIES_CONF, render.registries_conf(analysis.conf, release, memo)


def _policy(analysis: Analysis, release: Release) -> "PolicyJson | None":
    from compiler.policy import ignition

    return ignition.policy_json(
        analysis.guarded.policy_blocked,
        analysis.guarded.allowed,
        requirements_of(analysis.signatures.cluster),
        atomic_filtered=release.policy_atomic_filtered,
    )


def _policy_json(analysis: Analysis, release: Release, memo: Forgetful) -> NodeFiles:
    from compiler.policy import render

    policy = _policy(analysis, release)
    if policy is not None:
        yield POLICY_JSON, render.policy_json(policy, indent=2 if release.policy_indented else 0, memo=memo)
    elif analysis.signatures.namespaces:
        yield POLICY_JSON, render.base_policy_json()


def _sigstore_registries(analysis: Analysis, release: Release, memo: Forgetful) -> NodeFiles:
    from compiler.policy import render

    if analysis.signature_places:
        yield SIGSTORE_REGISTRIES, render.sigstore_registries(analysis.signature_places, memo)


def _namespace_policies(analysis: Analysis, release: Release, memo: Forgetful) -> NodeFiles:
    from compiler.policy import ignition, render

    if not analysis.signatures.namespaces:
        return
    policy = _policy(analysis, release)
    for namespace, signed in analysis.signatures.namespaces.items():
        yield (
            namespace_policy(namespace),
            render.policy_json(
                ignition.namespace_policy(policy, requirements_of(signed)),
                indent=release.signatures.namespace_indent if release.signatures else 2,
            ),
        )


def _search(analysis: Analysis, release: Release, memo: Forgetful) -> NodeFiles:
    from compiler.policy import render

    if analysis.search:
        yield SEARCH_CONF, render.registries_conf(RegistriesConf(search=analysis.search), release)


MAKERS: tuple[Maker, ...] = (_registries_conf, _policy_json, _sigstore_registries, _namespace_policies, _search)
"""In the order of the files in the controller's MachineConfig."""
