"""Runs the readers on inputs that coverage guides, with atheris (`pip install -e '.[fuzz]'`).

In: the name of a reader and options of libFuzzer. Out: what libFuzzer prints. It stops at an exception that the reader
does not promise, and writes the input to a file `crash-...`; `fuzz.run.keep` makes a test of it.

Usage: python -m fuzz.cover READER [-max_total_time=60] [FOLDER]
"""

import sys
from collections.abc import Callable

import atheris

with atheris.instrument_imports(include=["compiler"]):
    from compiler.clusters import config
    from compiler.images.load import load_image_bytes, load_image_list
    from compiler.manifests import kustomization
    from compiler.manifests.parsing import parse
    from compiler.manifests.resource_list import ResourceListError, read_resource_list
    from compiler.names.reference import InvalidReferenceError, explain, parse_normalized
    from compiler.names.releases import DEFAULT_RELEASE, RELEASES
    from compiler.node.configuration import overlay, read_node_conf
    from compiler.node.loading import InvalidRegistriesError
    from compiler.node.registries_conf import ConfFileError
    from compiler.node.resolver import Resolver
    from compiler.text.span import File
    from compiler.text.tree import read

from fuzz.seeds import SEEDS


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _registries(content: bytes) -> None:
    Resolver(overlay(read_node_conf("n.conf", content).registries))


def _reference(content: bytes) -> None:
    explain(_text(content))
    parse_normalized(_text(content))


READERS: dict[str, tuple[Callable[[bytes], object], tuple[type[Exception], ...], tuple[str, ...]]] = {
    "yaml": (lambda content: read(File("m.yaml", _text(content))), (), ("m.yaml",)),
    "manifests": (lambda content: parse(File("m.yaml", _text(content)), RELEASES[DEFAULT_RELEASE]), (), ("m.yaml",)),
    "workloads": (lambda content: load_image_bytes("m.yaml", content), (), ("m.yaml",)),
    "image-list": (lambda content: load_image_list("list", content), (), ("list",)),
    "configuration": (lambda content: config.decode(File(".mirrorc.yaml", _text(content))), (), (".mirrorc.yaml",)),
    "kustomization": (
        lambda content: kustomization.decode(File("kustomization.yaml", _text(content))),
        (),
        ("overlay/kustomization.yaml",),
    ),
    "node": (_registries, (ConfFileError, InvalidRegistriesError), ("n.conf", "policy.json", "s.yaml")),
    "resource-list": (
        lambda content: read_resource_list(File("<stdin>", _text(content))),
        (ResourceListError,),
        ("stdin",),
    ),
    "reference": (_reference, (InvalidReferenceError,), ("list",)),
}
"""By name: what reads, what it raises for an input that it refuses, and the files of the seeds to start from."""


def main(arguments: list[str]) -> None:
    """Run one reader, from the seeds."""
    name, *options = arguments
    reader, promised, paths = READERS[name]

    def one(content: bytes) -> None:
        try:
            reader(content)
        except promised:
            return

    for files, _ in SEEDS.values():
        for path in paths:
            if path in files:
                one(files[path])
    atheris.Setup([sys.argv[0], "-timeout=10", "-rss_limit_mb=2048", "-max_len=8192", *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
