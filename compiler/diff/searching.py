"""Policy in files that a change touches and that no cluster reads as manifests: scripts, templates, other documents.

In: two trees by name, a working tree, a folder or a commit. Out: for each side, the text files that differ between the
two and that contain mirror policy. Files with the same content on both sides are not searched.
"""

# Names go to Git and to the system as the user gave them, as texts; see `files`.
# ruff: noqa: PTH118

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from compiler.clusters.cluster import Cluster
from compiler.clusters.loading import searched_folder
from compiler.diff.names import WORK_TREE, Kind, Name
from compiler.homes import HOMES
from compiler.manifests.load import searched_outcome
from compiler.manifests.parsing import Parsed
from compiler.manifests.policy_places import is_plain, may_contain_policy
from compiler.policy.artifact_names import can_make
from compiler.repository import files
from compiler.repository.blobs import BlobReader, RevisionFile, blob_id
from compiler.repository.commit_tree import list_revision_each
from compiler.repository.discovery import discover_each
from compiler.repository.kinds_of_file import is_searched, passed_over
from compiler.repository.output_folder import LISTING, listed_by_build
from compiler.repository.paths import STANDARD_INPUT, Problem, is_kustomization, is_sought, posix

ANY_HASH = "0" * 40
"""An id that says by which hash contents are named where there is no commit."""


class _Text(NamedTuple):
    """A file of a tree: the id of its content and, where it is at hand and may contain policy, what gives it."""

    blob: str
    data: Callable[[], bytes] | None = None


class _Texts(NamedTuple):
    """The files of a tree by their paths; what is not at hand, `blobs` has."""

    files: Mapping[str, _Text]
    blobs: BlobReader | None = None

    def each(self, paths: Iterable[str]) -> Iterator[bytes]:
        """The contents of some of the files, in order; many blobs are asked for at once."""
        wanted = [(path, self.files[path]) for path in paths]
        if self.blobs is None:
            yield from (text.data() if text.data is not None else b"" for _, text in wanted)
            return
        for _, data in self.blobs.read(RevisionFile(path, text.blob) for path, text in wanted):
            yield data if isinstance(data, bytes) else b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """What reads files: `blobs` where there is a repository; `like` is the id of a commit whose hash names contents."""

    blobs: BlobReader | None
    like: str = ANY_HASH

    def changed(self, old: Name, new: Name, clusters: Sequence[Cluster]) -> tuple["Searched", "Searched"]:
        """What is found in the files of the old and of the new tree that are not the same in the other.

        Raises:
            GitError: Git gave up.
        """
        before, after = (self._listed(name, clusters) for name in (old, new))
        differing = [path for path in _different(before, after) if not passed_over(path) and not is_kustomization(path)]
        return Searched(before, differing), Searched(after, differing)

    def differing(
        self, old: Name, new: Name, clusters: Sequence[Cluster], *, built_from: Iterable[str] = ()
    ) -> Iterator[tuple[str, bytes | None, bytes | None]]:
        """The files with the name of a manifest that are not the same in both trees: their path and content, by path.

        With them come those that clusters are `built_from`, whatever their names.

        Raises:
            GitError: Git gave up.
        """
        others = sorted({path for path in built_from if not is_sought(path)})
        before, after = (self._listed(name, clusters, sought=is_sought, others=others) for name in (old, new))
        paths = _different(before, after)
        old_ones, new_ones = (side.each([path for path in paths if path in side.files]) for side in (before, after))
        for path in paths:
            one = next(old_ones) if path in before.files else None
            yield path, one, next(new_ones) if path in after.files else None

    def _listed(
        self,
        name: Name,
        clusters: Sequence[Cluster],
        *,
        sought: Callable[[str], bool] = is_searched,
        others: Iterable[str] = (),
    ) -> _Texts:
        top = searched_folder(clusters)
        paths = [top] if top else [path for cluster in clusters for path in cluster.paths if path != STANDARD_INPUT]
        paths += others
        if name.kind is Kind.REVISION:
            return self._of_revision(name, paths, sought)
        return self._on_disk(name, paths, sought, tracked_only=any(cluster.tracked_only for cluster in clusters))

    def _of_revision(self, name: Name, paths: Iterable[str], sought: Callable[[str], bool]) -> _Texts:
        if self.blobs is None:
            raise AssertionError("a revision is named only where there is a repository")
        (listing,) = list_revision_each(self.blobs.repository, name.place, [paths], sought=sought)
        return _Texts({file.path: _Text(file.blob) for file in listing.files}, self.blobs)

    def _on_disk(
        self, name: Name, paths: Iterable[str], sought: Callable[[str], bool], *, tracked_only: bool
    ) -> _Texts:
        places = [path if name.place == WORK_TREE else os.path.join(name.place, path) for path in paths]
        (found,) = discover_each(
            [[place for place in places if os.path.lexists(place)]], tracked_only=tracked_only, sought=sought
        )
        texts = {}
        for candidate in found.every:
            data = files.read(candidate)
            if isinstance(data, Problem):
                continue
            path = candidate.path
            if name.place != WORK_TREE:
                path = posix(os.path.relpath(candidate.location, name.place))
            kept = (
                data if sought is is_sought or may_contain_policy(data) or posixpath.basename(path) == LISTING else b""
            )
            texts[path] = _Text(blob_id(data, self.like), partial(bytes, kept))
        return _Texts(texts)


def _different(before: _Texts, after: _Texts) -> list[str]:
    """The paths of files that are not the same in two trees."""
    old, new = before.files, after.files
    return [
        path
        for path in sorted(old.keys() | new.keys())
        if path not in old or path not in new or old[path].blob != new[path].blob
    ]


class Searched:
    """What is found in the changed files of a tree.

    Args:
        texts: All files of the tree, by path.
        changed: The paths of those that are not the same in the other tree.
    """

    def __init__(self, texts: _Texts, changed: Iterable[str]) -> None:
        self._texts = texts
        self._listed: dict[str, frozenset[str]] = {}
        self.found = tuple(self._found([path for path in changed if path in texts.files]))

    def _found(self, paths: Sequence[str]) -> Iterator[Parsed]:
        """Those of the files in which there is policy that is neither a plain manifest nor what a build wrote."""
        for path, data in zip(paths, self._texts.each(paths), strict=True):
            outcome = searched_outcome(path, data, homes=HOMES)
            if not isinstance(outcome, Parsed):
                continue
            places = tuple(place for place in outcome.places if not is_plain(place))
            if (places or outcome.homes) and not self.is_built(path):
                yield outcome._replace(places=places)

    def counts(self, path: str) -> bool:
        """Whether policy in a file is the repo's own, and not documentation or what a build wrote."""
        return not passed_over(path) and not self.is_built(path)

    def is_built(self, path: str) -> bool:
        """Whether a build wrote the file, by the listing in a folder around it."""
        folder, name = posixpath.split(path)
        while True:
            listing = posixpath.join(folder, LISTING)
            if listing in self._texts.files:
                if listing not in self._listed:
                    (data,) = self._texts.each([listing])
                    self._listed[listing] = listed_by_build(data, can_make)
                if name in self._listed[listing]:
                    return True
            if not folder:
                return False
            folder, part = posixpath.split(folder)
            name = f"{part}/{name}"


def concerns(path: str, cluster: Cluster, clusters: Sequence[Cluster]) -> bool:
    """Whether a file may be about a cluster: it is in the cluster's folders, or in those of none."""

    def is_in(one: Cluster) -> bool:
        return any(
            place in {".", ""} or path == place or path.startswith(f"{place}/") for place in map(posix, one.paths)
        )

    return is_in(cluster) or not any(map(is_in, clusters))
