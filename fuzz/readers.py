"""The readers of all inputs, each as a function of bytes: what coverage guides, and what the tests call directly.

In: bytes. Out: nothing; a reader raises what it promises for an input that it refuses, and nothing else.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

from compiler.clusters import config
from compiler.clusters.application_sets import RepoTree
from compiler.clusters.locals import with_locals
from compiler.clusters.objects import is_pointer
from compiler.clusters.pointers import read as read_pointers
from compiler.clusters.releases import said_in
from compiler.clusters.sightings import objects_of
from compiler.edits.changes import put_together, take_apart
from compiler.edits.into import updated
from compiler.edits.legacy import find as find_legacy
from compiler.edits.waves import annotated
from compiler.findings import baseline
from compiler.homes import HOMES
from compiler.homes.merging import spec_after
from compiler.images.kustomize_images import Overrides, TooManyImagesError, deployed
from compiler.images.load import load_file_bytes, load_image_bytes, load_image_list
from compiler.images.load import outcome_of as images_of
from compiler.images.pipelines import read_pipeline_mirrors
from compiler.images.references import Images
from compiler.manifests import kustomization
from compiler.manifests.embedded import Merge
from compiler.manifests.given_values import merged
from compiler.manifests.helm import documents
from compiler.manifests.load import outcome_of, searched_outcome
from compiler.manifests.origins import Origins, taken_origin
from compiler.manifests.parsing import Parsed, parse
from compiler.manifests.resource_list import ResourceListError, read_resource_list
from compiler.manifests.tokens import masked
from compiler.manifests.values import substituted
from compiler.names.reference import InvalidReferenceError, explain, parse_normalized
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.node.configuration import overlay, read_node_conf
from compiler.node.loading import InvalidRegistriesError
from compiler.node.policy_json import read_policy_json
from compiler.node.registries_conf import ConfFileError
from compiler.node.registries_d import read_registries_d
from compiler.node.resolver import Resolver
from compiler.policy.artifact_names import can_make
from compiler.repository.output_folder import listed_by_build
from compiler.text.span import File
from compiler.text.tree import Node, plain, read
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


def _locals(content: bytes) -> None:
    """A Butane config and the file that it names, each the same text."""
    outcomes = (searched_outcome(name, content, RELEASE, HOMES) for name in ("b.bu", "a.conf"))
    with_locals([each for each in outcomes if isinstance(each, Parsed)])


def _values(content: bytes) -> None:
    """A template, rendered with what the same text has as a configuration's values."""
    text = _text(content)
    made, _ = config.decode(File(".mirrorc.yaml", text))
    values = merged({"a.b": "c", "host": "m.io"}, *(each.settings.values for each in made.clusters) if made else ())
    substituted(text, values)


def _rewritten(content: bytes) -> None:
    """A file that is taken apart, put together of the same objects, and given more rules."""
    text = _text(content)
    parts = take_apart("m.yaml", text)
    if parts is not None:
        put_together("m.yaml", parts, parts, parts.objects)
        annotated("m.yaml", text, dict.fromkeys(parts.objects, 1))
    updated([File("m.yaml", text)], parts.objects if parts is not None else {})


def _legacy(content: bytes) -> None:
    file = File("m.yaml", _text(content))
    accepted = parse(file, RELEASE).manifests
    find_legacy(file, frozenset((each.span.start, each.span.end) for each in accepted))


def _roots(content: bytes) -> list[tuple[File, Node]]:
    file = File("m.yaml", _text(content))
    return [(file, each.root) for each in read(file).documents if each.root is not None]


def _built(content: bytes) -> None:
    """What kustomize or helm prints, of which each value is looked for in a file of the same text."""
    file = File("m.yaml", _text(content))
    origins = Origins([file])
    for _, root in _roots(content):
        taken_origin(root)
        origins.place(root, file)
    for _, start, end in documents(file):
        read(file, start=start, end=end)


def _overridden(content: bytes) -> None:
    """A kustomization, and the images of the same text."""
    outcomes = [images_of(path, content) for path in ("kustomization.yaml", "m.yaml")]
    images = [each for each in outcomes if isinstance(each, Images)]
    with suppress(TooManyImagesError):
        deployed(images, [each for each in outcomes if isinstance(each, Overrides)])


def _merged(content: bytes) -> None:
    """Each object as a policy has it, and the next as it is on a cluster."""
    objects = [each for _, root in _roots(content) if isinstance(each := plain(root), Mapping)]
    for one, other in pairwise(objects):
        for how in Merge:
            spec_after(how, one, other)


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
    "nested": Reader(
        lambda content: outcome_of("nested.yaml", content, RELEASE, HOMES), paths=("nested.yaml", "installed.yaml")
    ),
    "locals": Reader(_locals, paths=("b.bu", "a.conf")),
    "values": Reader(_values, paths=("m.yaml.j2", "m.tpl", ".mirrorc.yaml")),
    "rewritten": Reader(_rewritten, paths=("m.yaml", "a/m.yaml")),
    "legacy": Reader(_legacy),
    "releases": Reader(
        lambda content: list(said_in("r.yaml", File("r.yaml", _text(content)))), paths=("releases.yaml", "homes.yaml")
    ),
    "disruption": Reader(
        lambda content: parse(File("m.yaml", _text(content)), RELEASE), paths=("cluster.yaml", "m.yaml")
    ),
    "built": Reader(_built, paths=("built.yaml", "m.yaml")),
    "overrides": Reader(_overridden, paths=("overlay/kustomization.yaml", "built.yaml")),
    "merged": Reader(_merged, paths=("m.yaml", "homes.yaml")),
    "policy-json": Reader(
        lambda content: read_policy_json(File("p.json", _text(content))),
        (ConfFileError,),
        ("policy.json", "a/policy.json"),
    ),
    "registries-d": Reader(
        lambda content: read_registries_d([File("a.yaml", _text(content))]), (ConfFileError,), ("s.yaml",)
    ),
    "pipelines": Reader(
        lambda content: read_pipeline_mirrors(File("m.yaml", _text(content))), paths=(".tekton/images-mirror-set.yaml",)
    ),
    "listing": Reader(lambda content: listed_by_build(content, can_make), paths=("out/.mirrorc-artifacts",)),
    "scripts": Reader(lambda content: searched_outcome("edge.ks", content, RELEASE, HOMES), paths=("edge.ks", "a.sh")),
    "texts": Reader(lambda content: searched_outcome("notes.txt", content, RELEASE, HOMES), paths=("notes.txt",)),
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
