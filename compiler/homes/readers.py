"""The readers of all homes, in the order in which they are asked. See `homes` for how to add one."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from compiler.homes import (
    acm,
    assisted,
    config_map,
    hive,
    hypershift,
    install_config,
    node_files,
    openshift_template,
    policy_gen_template,
    policy_generator,
    work,
)
from compiler.homes.source import Source
from compiler.manifests.embedded import Home, Pointer


class Reader(NamedTuple):
    """What reads a home.

    Attributes:
        signs: A file without any of these words is not given to the reader.
        read: What it finds in a file, and which other documents the file names.
    """

    signs: tuple[str, ...]
    read: Callable[[Source], Iterable[Home | Pointer]]


READERS = (
    Reader(("policy.open-cluster-management.io",), acm.read),
    Reader(("PolicyGenerator",), policy_generator.read),
    Reader(("PolicyGenTemplate",), policy_gen_template.read),
    Reader(("hive.openshift.io",), hive.read),
    Reader(("work.open-cluster-management.io",), work.read),
    Reader(("Template",), openshift_template.read),
    Reader((install_config.DIGEST, install_config.CONTENT, *install_config.MISTAKEN), install_config.read),
    Reader(("hypershift.openshift.io",), hypershift.read),
    Reader(("ConfigMap", "Secret", "extraManifestsRefs", "manifestsConfigMapRef"), config_map.read),
    Reader(("mirrorRegistryRef",), assisted.pointers),
    Reader(("MachineConfig", "storage"), node_files.read),
    Reader(("registry", "unqualified-search-registries"), node_files.read_text),
)
