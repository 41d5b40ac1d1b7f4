"""From paths to the images that workloads name: the part of the shell that reads them.

In: paths, or a list of pull specs. Out: the images of each file, and what could not be read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from compiler.findings import rules
from compiler.findings.allowances import Allowance
from compiler.findings.diagnostics import Diagnostic
from compiler.images.kustomize_images import Overrides, TooManyImagesError, deployed, read_overrides
from compiler.images.lists import find_in_list
from compiler.images.workloads import ImageReference, Images, UnresolvedImage, find, mentions_images
from compiler.manifests.load import Progress, read_each, read_one, unreadable
from compiler.repository import files
from compiler.repository.discovery import Discovery, discover
from compiler.repository.paths import Problem, is_kustomization
from compiler.text.span import File, Span

Outcome = Images | Overrides | Problem | None
"""What came of a file; nothing where it names no image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedImages:
    """What the files name.

    Attributes:
        references: The images as deployed, in order of their places.
        unresolved: What names an image that cannot be known.
        allowances: What the comments of all these files allow.
        problems: What could not be read, and what is wrong with comments.
        files: The files that name images, by their shown paths.
        skipped: Links that were left alone.
    """

    references: tuple[ImageReference, ...] = ()
    unresolved: tuple[UnresolvedImage, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    files: tuple[str, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    skipped: tuple[Problem, ...] = ()


def load_images(paths: Iterable[str], *, tracked_only: bool = False, progress: Progress | None = None) -> LoadedImages:
    """Find the images in the manifests that the paths lead to; a path `-` is not for here."""
    discovery = discover(paths, tracked_only=tracked_only)
    read = read_each([(candidate, (outcome_of,)) for candidate in discovery.candidates], progress=progress)
    return of_discovery(discovery, [outcome for (outcome,) in read])


def of_discovery(discovery: Discovery, outcomes: Sequence[Outcome]) -> LoadedImages:
    """What the files of a discovery name, given what came of each by `outcome_of`."""
    return replace(put_together(outcomes, discovery.problems), skipped=discovery.skipped)


def put_together(outcomes: Sequence[Outcome], problems: Iterable[Problem] = ()) -> LoadedImages:
    """What files name together, given what came of each."""
    images = [outcome for outcome in outcomes if isinstance(outcome, Images)]
    kustomizations = [outcome for outcome in outcomes if isinstance(outcome, Overrides)]
    unread = (*problems, *(outcome for outcome in outcomes if isinstance(outcome, Problem)))
    return _loaded(images, kustomizations, map(unreadable, unread))


def load_image_list(path: str, content: bytes | None = None) -> LoadedImages:
    """Find the images in a plain list, of which `content` may be at hand already."""
    data = read_one(path) if content is None else content
    file = data if isinstance(data, Problem) else files.decode(path, data)
    if isinstance(file, Problem):
        return LoadedImages(problems=(unreadable(file),))
    return _of_one(find_in_list(file))


def load_image_bytes(path: str, content: bytes) -> LoadedImages:
    """Find the images in manifests that are in no file, such as standard input, under the name `path`."""
    file = files.decode(path, content)
    return LoadedImages(problems=(unreadable(file),)) if isinstance(file, Problem) else _of_one(find(file))


def _of_one(images: Images) -> LoadedImages:
    return _loaded([images], (), ())


def _loaded(
    images: Sequence[Images], kustomizations: Sequence[Overrides], unread: Iterable[Diagnostic]
) -> LoadedImages:
    noted = [(each.allowances, each.diagnostics) for each in images]
    noted += ((each.noted.allowances, each.noted.diagnostics) for each in kustomizations)
    sources: list[Images | Overrides] = [*images, *kustomizations]
    try:
        references = deployed(images, kustomizations)
    except TooManyImagesError as error:
        references = []
        message = f"`{error.file.path}`: {error.message}"
        unread = [*unread, rules.UNREADABLE_FILE.at(Span(File(error.file.path), 0, 0), message, help=_SPLIT)]
    return LoadedImages(
        references=tuple(references),
        unresolved=tuple(place for each in sources for place in each.unresolved),
        allowances=tuple(allowance for allowed, _ in noted for allowance in allowed),
        problems=(*unread, *(diagnostic for _, diagnostics in noted for diagnostic in diagnostics)),
        files=tuple(each.file.path for each in sources if each.references or each.unresolved),
    )


_SPLIT = "Look at fewer folders at a time."


def outcome_of(path: str, data: bytes) -> Outcome:
    """What comes of a file's bytes: the images it names, how a kustomization changes some, nothing, or a problem."""
    named_so = is_kustomization(path)
    if not named_so and not mentions_images(data):
        return None
    return files.affordable(path, partial(_found, path, data, named_so=named_so))


def _found(path: str, data: bytes, *, named_so: bool) -> Outcome:
    file = files.decode(path, data)
    if isinstance(file, Problem):
        return file
    if named_so:
        return read_overrides(file)
    images = find(file)
    return images if images.references or images.unresolved else None
