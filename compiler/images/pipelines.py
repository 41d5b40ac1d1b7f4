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
from functools import cached_property
from typing import NamedTuple

from compiler.images.references import ImageReference
from compiler.machine.limits import most
from compiler.names.lookup import repository_of
from compiler.repository.paths import Problem, enclosing
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Scalar, read
from compiler.text.tree import Sequence as Items

MOST_MIRRORS = 100
"""Of one source: each of its images is looked for at all of them."""

_OWNERS = ("olm.", "ClusterServiceVersion")
"""What the pipeline looks into: bundles, by their catalogs and by their own manifests."""


class LookUp(NamedTuple):
    """One place where a pipeline looks for an image, by the rule for a source, and where both are written."""

    reference: str
    source: str
    source_span: Span | None = None
    span: Span | None = None


@dataclass(frozen=True)
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
        for source, rest in ((repository, ""), (parent, f"/{last}"), (host, f"/{path}")):
            if found := self._by_source.get(source):
                end = image.find(":") if ":" in host else len(repository)
                return tuple(look._replace(reference=f"{look.reference}{rest}{image[end:]}") for look in found)
        return ()

    @cached_property
    def _by_source(self) -> "dict[str, list[LookUp]]":
        """The mirrors of each source in the order of their names, each as the reference of a look-up."""
        made: dict[str, list[LookUp]] = {}
        for number, (source, mirrors) in enumerate(self.mirrors):
            place, places = self.places[number] if self.places else (None, (None,) * len(mirrors))
            looks = (LookUp(mirror, source, place, at) for mirror, at in zip(mirrors, places, strict=True))
            made.setdefault(source, []).extend(looks)
        made.pop("", None)
        return {source: sorted(looks, key=lambda look: look.reference) for source, looks in made.items()}


def affordable_mirrors(file: File) -> PipelineMirrors | Problem:
    """What a mirror set has for many images; a problem where a source has too many mirrors for that."""
    found = read_pipeline_mirrors(file)
    counts: dict[str, int] = {}
    for source, mirrors in found.mirrors:
        counts[source] = counts.get(source, 0) + len(mirrors)
    if all(count <= most(MOST_MIRRORS) for count in counts.values()):
        return found
    message = f"has more than {MOST_MIRRORS} mirrors of one source for the pipeline"
    return Problem.of(file.path, message, "Use fewer mirrors, or `--no-limits` if you trust the repo.")


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
    by_folder: dict[str, PipelineMirrors | None] = {}
    for each in pipelines:
        by_folder.setdefault(each.folder, each)

    def nearest(folder: str) -> PipelineMirrors | None:
        if folder not in by_folder:
            by_folder[folder] = next((by_folder[each] for each in (*enclosing(folder), "") if each in by_folder), None)
        return by_folder[folder]

    return [
        reference._replace(pipeline=found.locations(reference.text))
        if reference.owner.startswith(_OWNERS) and (found := nearest(posixpath.dirname(reference.span.path)))
        else reference
        for reference in references
    ]
