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

from compiler.images.references import ImageReference
from compiler.names.lookup import repository_of
from compiler.text.span import File
from compiler.text.tree import Mapping, Scalar, read
from compiler.text.tree import Sequence as Items

_OWNERS = ("olm.", "ClusterServiceVersion")
"""What the pipeline looks into: bundles, by their catalogs and by their own manifests."""


@dataclass(frozen=True, slots=True)
class PipelineMirrors:
    """The mirror set of a repo: the folder of the repo as shown, and the mirrors by their sources."""

    folder: str
    mirrors: tuple[tuple[str, tuple[str, ...]], ...]

    def locations(self, image: str) -> tuple[str, ...]:
        """Where the pipeline looks for an image, apart from its source."""
        repository = repository_of(image)
        parent, _, last = repository.rpartition("/")
        host, _, path = repository.partition("/")
        for source, rest in ((repository, ""), (parent, f"/{last}"), (host, f"/{path}")):
            found = [mirror for each, mirrors in self.mirrors if each == source and each for mirror in mirrors]
            if found:
                end = image.find(":") if ":" in host else len(repository)
                return tuple(f"{mirror}{rest}{image[end:]}" for mirror in sorted(found))
        return ()


def read_pipeline_mirrors(file: File) -> PipelineMirrors:
    """What a mirror set has for the pipeline, whatever its kind is."""
    found = []
    for document in read(file).documents:
        spec = document.root.fields.get("spec") if isinstance(document.root, Mapping) else None
        listed = spec.fields.get("imageDigestMirrors") if isinstance(spec, Mapping) else None
        for entry in listed.items if isinstance(listed, Items) else ():
            fields = entry.fields if isinstance(entry, Mapping) else {}
            source, mirrors = fields.get("source"), fields.get("mirrors")
            if isinstance(source, Scalar) and isinstance(mirrors, Items):
                texts = tuple(mirror.text for mirror in mirrors.items if isinstance(mirror, Scalar))
                found.append((source.text, texts))
    return PipelineMirrors(posixpath.dirname(posixpath.dirname(file.path)), tuple(found))


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
