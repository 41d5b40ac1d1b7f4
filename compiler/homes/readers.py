"""The readers of all homes, in the order in which they are asked. See `homes` for how to add one.

A reader's module is imported once a file has one of its signs: a repo has a few homes.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import NamedTuple, cast

from compiler.homes.source import Source
from compiler.manifests.embedded import Home, Pointer


class Reader(NamedTuple):
    """What reads a home.

    Attributes:
        signs: A file without any of these words is not given to the reader.
        module: The module of this wing that reads it.
        function: What reads it there.
        names: Parts of names, where a file without any of these in its name is not given to the reader either.
    """

    signs: tuple[str, ...]
    module: str
    function: str = "read"
    names: tuple[str, ...] = ("",)

    def may_read(self, path: str, text: str) -> bool:
        """Whether a file is given to the reader."""
        if not any(map(text.__contains__, self.signs)):
            return False
        name = path.rpartition("/")[2]
        return any(part in name for part in self.names)

    def read(self, source: Source) -> Iterable[Home | Pointer]:
        """What the reader finds in a file, and which other documents the file names."""
        module = import_module(f"compiler.homes.{self.module}")
        reading = cast(Callable[[Source], Iterable[Home | Pointer]], getattr(module, self.function))
        return reading(source)


READERS = (
    Reader(("policy.open-cluster-management.io",), "acm"),
    Reader(("PolicyGenerator",), "policy_generator"),
    Reader(("PolicyGenTemplate",), "policy_gen_template"),
    Reader(("hive.openshift.io",), "hive"),
    Reader(("work.open-cluster-management.io",), "work"),
    Reader(("Template",), "openshift_template"),
    Reader(
        ("imageDigestSources", "imageContentSources", "imageDigestMirrors", "repositoryDigestMirrors"), "install_config"
    ),
    Reader(("hypershift.openshift.io",), "hypershift"),
    Reader(("ConfigMap", "Secret", "extraManifestsRefs", "manifestsConfigMapRef"), "config_map"),
    Reader(("mirrorRegistryRef",), "assisted", "pointers"),
    Reader(("MachineConfig", "storage"), "node_files"),
    Reader(
        ("registry", "unqualified-search-registries"),
        "node_files",
        "read_text",
        names=(".ks", ".kickstart", ".cfg", ".conf", ".toml"),
    ),
)
