"""From paths to the images that workloads name: the part of the shell that reads them.

In: paths, or a list of pull specs. Out: the images of each file, and what could not be read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from compiler.findings import rules
from compiler.findings.allowances import Allowance
from compiler.findings.diagnostics import Diagnostic
from compiler.images import catalogs, dockerfiles
from compiler.images.catalogs import Ignored, in_order, left_out, read_ignore_file, too_many
from compiler.images.image_sets import ToMirror
from compiler.images.kustomize_images import Overrides, TooManyImagesError, deployed, read_overrides
from compiler.images.lists import find_in_list, is_mapping
from compiler.images.pipelines import PipelineMirrors, affordable_mirrors, with_pipelines
from compiler.images.references import ImageReference, Images, UnresolvedImage
from compiler.images.workloads import find, find_in_script, mentions_images
from compiler.manifests.catalogs import mentions_catalog
from compiler.manifests.forms import is_script_file, is_template
from compiler.manifests.given_values import Values
from compiler.manifests.konflux import is_konflux
from compiler.manifests.load import Progress, read_each, read_one, unreadable
from compiler.manifests.marks import may_have_tokens
from compiler.manifests.rendering import unrendered_at
from compiler.repository import files
from compiler.repository.discovery import Discovery, discover_each
from compiler.repository.kinds_of_file import is_searched, is_vendored
from compiler.repository.paths import Problem, is_kustomization, is_sought
from compiler.text.span import File, Span

Outcome = Images | Overrides | Ignored | PipelineMirrors | Problem | None
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
        to_mirror: What oc-mirror is to copy.
        vendored: How many manifests were passed over in folders of vendored code.
    """

    references: tuple[ImageReference, ...] = ()
    unresolved: tuple[UnresolvedImage, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    files: tuple[str, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    skipped: tuple[Problem, ...] = ()
    vendored: int = 0
    to_mirror: tuple[ToMirror, ...] = ()


def load_images(
    paths: Iterable[str],
    *,
    tracked_only: bool = False,
    progress: Progress | None = None,
    values: Sequence[Values] = (),
) -> LoadedImages:
    """Find the images in the manifests that the paths lead to; a path `-` is not for here.

    Args:
        paths: What leads to the files.
        tracked_only: Whether what Git does not track is left out.
        progress: Called with how many of how many files are done.
        values: Of placeholders in templates, for each cluster that has others.
    """
    (discovery,) = discover_each([paths], tracked_only=tracked_only, sought=is_searched)
    candidates = discovery.every
    made = read_each([(_IMAGES, candidates)], {_IMAGES: outcome_of}, progress=progress)
    return of_discovery(discovery, made.of(_IMAGES, candidates), values)


_IMAGES = "images"


def of_discovery(discovery: Discovery, outcomes: Sequence[Outcome], values: Sequence[Values] = ()) -> LoadedImages:
    """What the files of a discovery name, given what came of each by `outcome_of`, and values for templates."""
    own = [
        outcome
        for candidate, outcome in zip(discovery.every, outcomes, strict=True)
        # What is not a manifest is looked at for what it may be; that it cannot be read says nothing.
        if not (candidate.aside and (is_vendored(candidate.below) or _is_of_no_use(outcome)))
    ]
    return replace(
        put_together(_rendered(own, values), discovery.problems), skipped=discovery.skipped, vendored=discovery.vendored
    )


def _is_of_no_use(outcome: Outcome) -> bool:
    return isinstance(outcome, Problem) and not outcome.path.endswith(catalogs.IGNORE_FILE)


def put_together(outcomes: Sequence[Outcome], problems: Iterable[Problem] = ()) -> LoadedImages:
    """What files name together, given what came of each."""
    ignored = in_order(outcome for outcome in outcomes if isinstance(outcome, Ignored))
    found = [outcome for outcome in outcomes if isinstance(outcome, Images)]
    unread = [*problems, *(outcome for outcome in outcomes if isinstance(outcome, Problem))]
    if too_much := too_many([each.file.path for each in found if each.is_catalog], ignored):
        unread.append(too_much)
        ignored = []
    images = [each for each in found if not (each.is_catalog and left_out(each.file.path, ignored))]
    kustomizations = [outcome for outcome in outcomes if isinstance(outcome, Overrides)]
    loaded = _loaded(images, kustomizations, map(unreadable, unread))
    pipelines = [outcome for outcome in outcomes if isinstance(outcome, PipelineMirrors)]
    return replace(loaded, references=tuple(with_pipelines(loaded.references, pipelines))) if pipelines else loaded


def load_image_list(path: str, content: bytes | None = None) -> LoadedImages:
    """Find the images in a plain list, of which `content` may be at hand already."""
    data = read_one(path) if content is None else content
    file = data if isinstance(data, Problem) else files.decode(path, data)
    if isinstance(file, Problem):
        return LoadedImages(problems=(unreadable(file),))
    return _of_one(find_in_list(file))


def load_image_bytes(path: str, content: bytes, values: Sequence[Values] = ()) -> LoadedImages:
    """Find the images in manifests that are in no file, such as standard input, under the name `path`."""
    file = files.decode(path, content)
    if isinstance(file, Problem):
        return LoadedImages(problems=(unreadable(file),))
    return put_together(_rendered([find(file)], values))


def _rendered(outcomes: Sequence[Outcome], values: Sequence[Values]) -> Sequence[Outcome]:
    """What came of files, where values are known for templates with these in their places, once for each of them."""
    given = [each for each in values if each]
    templates = (
        [each for each in outcomes if isinstance(each, Images) and may_have_tokens(each.file.text)] if given else []
    )
    if not templates:
        return outcomes
    from compiler.manifests.values import render_each

    made: dict[int, list[Outcome]] = {}
    for each_values in given:
        rendered = render_each([each.file.text for each in templates], each_values)
        for template, (text, problem) in zip(templates, rendered, strict=True):
            path = template.file.path
            make = _reader(path, text.encode("utf-8", "surrogatepass")) if text != template.file.text else None
            found = files.affordable(path, partial(_in_text, File(path, text, editable=False), make)) if make else None
            if problem:
                found = _unrendered(template, problem)
            elif text == template.file.text:
                found = template
            made.setdefault(id(template), []).append(found)
    return [each for outcome in outcomes for each in _once(made.get(id(outcome), [outcome]))]


def _once(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """What came of one file for several values, each image once."""
    seen: set[tuple[str, str]] = set()
    for each in {id(each): each for each in outcomes}.values():
        if not isinstance(each, Images) or len(outcomes) == 1:
            yield each
            continue
        keys = [(use.text, str(use.span)) for use in each.references]
        yield replace(
            each, references=tuple(use for use, key in zip(each.references, keys, strict=True) if key not in seen)
        )
        seen.update(keys)


def _unrendered(template: Images, problem: str) -> Images:
    """A template that cannot be rendered with the values: its images stay unresolved, with the reason."""
    finding = unrendered_at(template.file, problem)
    return replace(template, diagnostics=(*template.diagnostics, finding))


def load_file_bytes(path: str, content: bytes) -> LoadedImages:
    """Find the images in a file whose content is at hand, by its name as in a folder."""
    outcome = outcome_of(path, content)
    return put_together([outcome])


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
        to_mirror=tuple(item for each in images for item in each.to_mirror),
    )


_SPLIT = "Look at fewer folders at a time."


def outcome_of(path: str, data: bytes) -> Outcome:
    """What comes of a file's bytes: the images it names, how a kustomization changes some, nothing, or a problem."""
    make = _reader(path, data)
    return files.affordable(path, partial(_found, path, data, make)) if make is not None else None


def _reader(path: str, data: bytes) -> Callable[[File], Outcome] | None:
    """What reads a file, by its name and by a search alone; None where it cannot name an image."""
    if is_kustomization(path):
        return read_overrides
    if is_konflux(path):
        return affordable_mirrors
    if path.rpartition("/")[2] == catalogs.IGNORE_FILE:
        return read_ignore_file
    if dockerfiles.is_dockerfile(path):
        return dockerfiles.find
    if mentions_catalog(data):
        return catalogs.find
    if is_mapping(path, data):
        return find_in_list
    if not mentions_images(data):
        return None
    if is_sought(path) or is_template(path):
        return find
    return find_in_script if b"<<" in data and is_script_file(path, data) else None


def _found(path: str, data: bytes, make: Callable[[File], Outcome]) -> Outcome:
    file = files.decode(path, data)
    return _in_text(file, make) if isinstance(file, File) else file


def _in_text(file: File, make: Callable[[File], Outcome]) -> Outcome:
    outcome = make(file)
    if isinstance(outcome, Images) and not (outcome.references or outcome.unresolved or outcome.to_mirror):
        return None
    return outcome
