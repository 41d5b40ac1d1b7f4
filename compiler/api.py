"""The entry point for programs: `compile_paths` compiles what paths lead to and writes nothing."""

from collections.abc import Iterable, Mapping, Sequence

from compiler.manifests.load import load
from compiler.names.releases import DEFAULT_RELEASE, DEFAULT_RELEASE_IMAGE
from compiler.policy.analysis import analyse
from compiler.policy.artifacts import Compilation, compile_analysis
from compiler.policy.known import known
from compiler.policy.settings import CONTROLLER, DEFAULT_POOLS, settings_of


def compile_paths(
    paths: Iterable[str],
    *,
    release: str = DEFAULT_RELEASE,
    pools: Sequence[str] = DEFAULT_POOLS,
    release_image: str = DEFAULT_RELEASE_IMAGE,
    severities: Mapping[str, str] | None = None,
    machine_config: str = CONTROLLER,
    name: str | None = None,
    payload_policy: str | None = None,
) -> Compilation:
    """Compile the manifests that the paths lead to, without writing anything.

    What is unknown before templates are rendered is left out; a finding `template-values` says what that is.

    Args:
        paths: Files and folders.
        release: The OpenShift release, `4.13` to `5.2`, or a version of it such as `4.18.12`.
        pools: The pools to make MachineConfigs for.
        release_image: The image the cluster was released from; it is kept from being blocked.
        severities: `error`, `warning`, `note` or `off` by the rule's name.
        machine_config: `controller` for a prediction, `drop-in` for MachineConfigs to apply.
        name: What the MachineConfigs of the `drop-in` flavour are called; `{pool}` means the pool.
        payload_policy: `default` for the signature policy that the payload brings to a self-managed cluster of the
            release, `none` for a cluster without it. Not given, it is `default` unless `release_image` is one of OKD.

    Raises:
        ValueError: an argument is none of its choices, or a severity is lowered that cannot be.
    """
    settings = settings_of(
        release=release,
        pools=pools,
        release_image=release_image,
        severities=severities,
        machine_config=machine_config,
        name=name,
        payload_policy=payload_policy,
    )
    loaded = load([str(path) for path in paths], settings.release)
    part = known(loaded.parsed)
    return compile_analysis(analyse(part.parsed, settings, (*loaded.problems, *part.others)), settings)
