"""From paths to the images that workloads name: the part of the shell that reads them.

In: paths, or a list of pull specs. Out: the images of each file, and what could not be read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from compiler import files
from compiler.diagnostics import Diagnostic
from compiler.files import Candidate, Problem
from compiler.images import Images, find, find_in_list, mentions_images
from compiler.load import Progress, read_one, unreadable
from compiler.parallel import spread

_FEWEST_FOR_HELP = 500
"""Files worth a process of their own, as for manifests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedImages:
    """The images of every file that names any, in order of its shown path, and what could not be read."""

    images: tuple[Images, ...] = ()
    problems: tuple[Diagnostic, ...] = ()


def load_images(paths: Iterable[str], *, tracked_only: bool = False, progress: Progress | None = None) -> LoadedImages:
    """Find the images in the manifests that the paths lead to; a path `-` is not for here."""
    discovery = files.discover(paths, tracked_only=tracked_only)
    work = partial(_find_each, progress=progress, total=len(discovery.candidates))
    outcomes = spread(work, discovery.candidates, least=_FEWEST_FOR_HELP)
    problems = (*discovery.problems, *(outcome for outcome in outcomes if isinstance(outcome, Problem)))
    return LoadedImages(
        images=tuple(outcome for outcome in outcomes if isinstance(outcome, Images)),
        problems=tuple(unreadable(problem) for problem in problems),
    )


def load_image_list(path: str, content: bytes | None = None) -> LoadedImages:
    """Find the images in a plain list, of which `content` may be at hand already."""
    data = read_one(path) if content is None else content
    file = data if isinstance(data, Problem) else files.decode(path, data)
    if isinstance(file, Problem):
        return LoadedImages(problems=(unreadable(file),))
    return LoadedImages(images=(find_in_list(file),))


def load_image_bytes(path: str, content: bytes) -> LoadedImages:
    """Find the images in manifests that stand in no file, such as standard input, under the name `path`."""
    file = files.decode(path, content)
    return (
        LoadedImages(problems=(unreadable(file),)) if isinstance(file, Problem) else LoadedImages(images=(find(file),))
    )


def _find_each(
    candidates: Sequence[Candidate], *, progress: Progress | None, total: int
) -> list[Images | Problem | None]:
    outcomes = []
    for done, candidate in enumerate(candidates, 1):
        outcomes.append(_find_one(candidate))
        if progress is not None:
            progress(done * total // len(candidates), total)
    return outcomes


def _find_one(candidate: Candidate) -> Images | Problem | None:
    data = files.read(candidate)
    if isinstance(data, Problem):
        return data
    if not mentions_images(data):
        return None
    file = files.decode(candidate.path, data)
    if isinstance(file, Problem):
        return file
    images = find(file)
    return images if images.references or images.unresolved else None
