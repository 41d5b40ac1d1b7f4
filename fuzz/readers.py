"""The readers of all inputs, each as a function of bytes: what coverage guides, and what the tests call directly.

In: bytes. Out: nothing; a reader raises what it promises for an input that it refuses, and nothing else.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from compiler.clusters import config
from compiler.clusters.application_sets import RepoTree
from compiler.clusters.objects import is_pointer
from compiler.clusters.pointers import read as read_pointers
from compiler.clusters.sightings import objects_of
from compiler.findings import baseline
from compiler.homes import HOMES
from compiler.images.load import load_file_bytes, load_image_bytes, load_image_list
from compiler.manifests import kustomization
from compiler.manifests.load import outcome_of, searched_outcome
from compiler.manifests.parsing import parse
from compiler.manifests.resource_list import ResourceListError, read_resource_list
from compiler.manifests.tokens import masked
from compiler.names.reference import InvalidReferenceError, explain, parse_normalized
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.node.configuration import overlay, read_node_conf
from compiler.node.loading import InvalidRegistriesError
from compiler.node.registries_conf import ConfFileError
from compiler.node.resolver import Resolver
from compiler.text.span import File
from compiler.text.tree import read
from fuzz.seeds import SEEDS

RELEASE = RELEASES[DEFAULT_RELEASE]


class Reader(NamedTuple):
    """What reads, what it raises for an input that it refuses, and the files of the seeds to start from."""

    read: Callable[[bytes], object]
    promised: tuple[type[Exception], ...] = ()
    paths: tuple[str, ...] = ("m.yaml",)

    def seeds(self) -> Iterator[bytes]:
        """What to start from."""
        for files, _ in SEEDS.values():
            yield from (files[path] for path in self.paths if path in files)

    def run(self, content: bytes) -> None:
        """Read, and raise nothing but what is not promised."""
        try:
            self.read(content)
        except self.promised:
            return


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _registries(content: bytes) -> None:
    Resolver(overlay(read_node_conf("n.conf", content).registries))


def _reference(content: bytes) -> None:
    explain(_text(content))
    parse_normalized(_text(content))


def _pointers(content: bytes) -> None:
    files = frozenset(("apps.yaml", "f/m.yaml", "p.json", "clusters/north/m.yaml"))
    tree = RepoTree(files=files, read=lambda path: File(path, '[{"name": "north"}]'))
    found = objects_of("apps.yaml", content) or ()
    read_pointers([each for each in found if is_pointer(each)], tree)


READERS: dict[str, Reader] = {
    "yaml": Reader(lambda content: read(File("m.yaml", _text(content)))),
    "manifests": Reader(lambda content: parse(File("m.yaml", _text(content)), RELEASE)),
    "homes": Reader(
        lambda content: outcome_of("m.yaml", content, RELEASE, HOMES), paths=("m.yaml", "homes.yaml", "b.bu")
    ),
    "templates": Reader(
        lambda content: searched_outcome("m.yaml.j2", content, RELEASE, HOMES), paths=("m.yaml.j2", "m.tpl")
    ),
    "tokens": Reader(lambda content: masked(_text(content)), paths=("m.yaml.j2", "m.tpl")),
    "scripts": Reader(lambda content: searched_outcome("edge.ks", content, RELEASE, HOMES), paths=("edge.ks", "a.sh")),
    "pointers": Reader(_pointers, paths=("apps.yaml",)),
    "catalogs": Reader(lambda content: load_file_bytes("c.yaml", content), paths=("c.yaml", "set.yaml")),
    "dockerfiles": Reader(lambda content: load_file_bytes("Dockerfile", content), paths=("Dockerfile",)),
    "workloads": Reader(lambda content: load_image_bytes("m.yaml", content)),
    "image-list": Reader(lambda content: load_image_list("list", content), paths=("list", "mapping.txt")),
    "configuration": Reader(
        lambda content: config.decode(File(".mirrorc.yaml", _text(content))), paths=(".mirrorc.yaml",)
    ),
    "baseline": Reader(
        lambda content: baseline.decode(File("b.json", _text(content))), (baseline.BaselineError,), ("b.json",)
    ),
    "kustomization": Reader(
        lambda content: kustomization.decode(File("kustomization.yaml", _text(content))),
        paths=("overlay/kustomization.yaml",),
    ),
    "node": Reader(_registries, (ConfFileError, InvalidRegistriesError), ("n.conf", "policy.json", "s.yaml")),
    "resource-list": Reader(
        lambda content: read_resource_list(File("<stdin>", _text(content))), (ResourceListError,), ("stdin",)
    ),
    "reference": Reader(_reference, (InvalidReferenceError,), ("list",)),
}
"""By name."""
