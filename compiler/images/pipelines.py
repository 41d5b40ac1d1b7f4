"""Where a Konflux pipeline looks for the images of a catalog that are not released yet.

In: the pipeline's mirror set, see `manifests.konflux`, and the images of the same repo. Out: the images with the
locations that the pipeline tries if it cannot read the source. No cluster does this.

Follows konflux-ci/konflux-test `test/utils.sh` (26e8deb): a rule is for a whole repository, else for all but its last
part, else for the host alone. Several mirrors are tried in the order of their names. Of the image, everything from the
first `:` on is taken for its tag, the port of a host too, and put after the mirror.
"""

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from compiler.images.references import ImageReference
from compiler.names.lookup import repository_of
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Scalar, read
from compiler.text.tree import Sequence as Items

_OWNERS = ("olm.", "ClusterServiceVersion")
"""What the pipeline looks into: bundles, by their catalogs and by their own manifests."""


class LookUp(NamedTuple):
    """One place where a pipeline looks for an image, by the rule for a source, and where both are written."""

    reference: str
    source: str
    source_span: Span | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class PipelineMirrors:
    """The mirror set of a repo: the folder of the repo as shown, and the mirrors by their sources.

    `places` has the place of each source, and of its mirrors.
    """

    folder: str
    mirrors: tuple[tuple[str, tuple[str, ...]], ...]
    places: tuple[tuple[Span, tuple[Span, ...]], ...] = ()

    def locations(self, image: str) -> tuple[str, ...]:
        """Where the pipeline looks for an image, apart from its source."""
        return tuple(each.reference for each in self.look_ups(image))

    def look_ups(self, image: str) -> "tuple[LookUp, ...]":
        """The same with the places of the rules, in order."""
        repository = repository_of(image)
        parent, _, last = repository.rpartition("/")
        host, _, path = repository.partition("/")

        def place(number: int, at: int) -> tuple[Span, Span]:
            source, mirrors = self.places[number]
            return source, mirrors[at]

        for source, rest in ((repository, ""), (parent, f"/{last}"), (host, f"/{path}")):
            found = [
                (mirror, LookUp("", source, *(place(number, at) if self.places else (None, None))))
                for number, (each, mirrors) in enumerate(self.mirrors)
                if each == source and each
                for at, mirror in enumerate(mirrors)
            ]
            if found:
                end = image.find(":") if ":" in host else len(repository)
                found.sort(key=lambda each: each[0])
                return tuple(look._replace(reference=f"{mirror}{rest}{image[end:]}") for mirror, look in found)
        return ()


def read_pipeline_mirrors(file: File) -> PipelineMirrors:
    """What a mirror set has for the pipeline, whatever its kind is."""
    found, places = [], []
    for document in read(file).documents:
        spec = document.root.fields.get("spec") if isinstance(document.root, Mapping) else None
        listed = spec.fields.get("imageDigestMirrors") if isinstance(spec, Mapping) else None
        for entry in listed.items if isinstance(listed, Items) else ():
            fields = entry.fields if isinstance(entry, Mapping) else {}
            source, mirrors = fields.get("source"), fields.get("mirrors")
            if isinstance(source, Scalar) and isinstance(mirrors, Items):
                scalars = [mirror for mirror in mirrors.items if isinstance(mirror, Scalar)]
                found.append((source.text, tuple(mirror.text for mirror in scalars)))
                places.append((source.span, tuple(mirror.span for mirror in scalars)))
    return PipelineMirrors(posixpath.dirname(posixpath.dirname(file.path)), tuple(found), tuple(places))


def with_pipelines(references: Iterable[ImageReference], pipelines: Sequence[PipelineMirrors]) -> list[ImageReference]:
    """The images with what the mirror set of their repo says of them."""
    nearest_first = sorted(pipelines, key=lambda each: -len(each.folder))
    return [_with(reference, nearest_first) for reference in references]


def _with(reference: ImageReference, pipelines: Iterable[PipelineMirrors]) -> ImageReference:
    if not reference.owner.startswith(_OWNERS):
        return reference
    path = reference.span.path
    for each in pipelines:
        if not each.folder or path.startswith(f"{each.folder}/"):
            return reference._replace(pipeline=each.locations(reference.text))
    return reference
