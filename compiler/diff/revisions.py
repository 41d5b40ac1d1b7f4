"""Reads the sides of a comparison: the part of the shell that `diff` uses.

In: names of sides and the clusters they are read for. Out: the sides, manifests parsed and files as nodes have them
read. Revisions come from Git's objects, never from a checkout. A file that was parsed once, in whichever revision or on
the disk, is not parsed again for as long as its path and its content stay the same.
"""

# Names go to Git and to the system as the user gave them, as texts; see `files`.
# ruff: noqa: PTH118, PTH120

import os
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import NamedTuple

from compiler.clusters import config
from compiler.clusters.building import build, inside, missing
from compiler.clusters.cluster import Cluster, as_configured
from compiler.clusters.loading import check_read, size_of_text
from compiler.diff import made
from compiler.diff.deciding import Objects, objects_of
from compiler.diff.names import WORK_TREE, Kind, Name, SideError, work_tree
from compiler.diff.searching import ANY_HASH, Searched, Trees, concerns
from compiler.diff.sides import Artifacts, Manifests, Side
from compiler.findings import rules
from compiler.findings.diagnostics import Severity
from compiler.homes import HOMES
from compiler.images.load import LoadedImages, load_images
from compiler.images.load import outcome_of as images_of
from compiler.images.load import put_together as images_together
from compiler.images.references import ImageReference
from compiler.machine.limits import TooMuchError, most
from compiler.machine.memo import distinct
from compiler.machine.processes import spread
from compiler.machine.started import programs
from compiler.manifests.commit_files import CommitFiles, EditedFiles
from compiler.manifests.kustomize import BuildTree, Disk
from compiler.manifests.kustomize_work import work_of
from compiler.manifests.load import (
    Loaded,
    Outcome,
    Progress,
    is_relevant,
    outcome_of,
    put_together,
    read_one,
    was_unread,
)
from compiler.manifests.packing import PACKING
from compiler.manifests.parsing import Parsed, parse
from compiler.manifests.policy_places import may_contain_policy
from compiler.manifests.rendering import Room, with_values
from compiler.names.releases import Release
from compiler.node.configuration import holds_objects
from compiler.node.machine_configs import holds_machine_config
from compiler.node.registries_conf import ConfFileError
from compiler.policy.artifact_names import can_make
from compiler.repository import files, git
from compiler.repository.blobs import BlobReader, RevisionFile, blob_id
from compiler.repository.commit_tree import list_revision_each
from compiler.repository.discovery import Discovery, discover, discover_each
from compiler.repository.files import Candidate
from compiler.repository.git import GitError, Repository
from compiler.repository.kinds_of_file import is_searched
from compiler.repository.output_folder import OutputError, made_by_build
from compiler.repository.paths import Problem, posix, printable
from compiler.text.span import File

_FEWEST_FOR_HELP = 500
"""Files worth their own process, as in `load`."""

_MOST_PARSED = 16 << 20
_PARSED_OF_A_BYTE = 10
"""Bytes of files with policy that are read of revisions, and how many more for each byte of objects."""

_STATES_BEFORE = 50
"""How far back to look for one that the controller takes."""

_IS_LIST = re.compile(r"""^["'\s]*kind["']?[ \t]*:[ \t]*["']?\w*List\b""", re.MULTILINE)

_Key = tuple[str, str, str]  # release, path, blob


class SideReader:
    """Reads sides, and remembers what every file came to.

    Use it as a context manager.

    Args:
        repository: Around the current folder, None where there is none.
        standard_input: Gives what is piped in; asked at most once.
        progress: Called with how many of how many files are read.
    """

    def __init__(
        self,
        repository: Repository | None,
        standard_input: Callable[[], bytes] = bytes,
        progress: Progress | None = None,
    ) -> None:
        self._repository = repository
        self._progress = progress
        self._standard_input = standard_input
        self._blobs = BlobReader(repository) if repository is not None else None
        self._known: dict[_Key, Outcome] = {}
        self._room = Room()
        self._parsed = 0
        self._hash_like = ""  # the id of a commit: its length says by which hash blobs are named

    def __enter__(self) -> "SideReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._blobs is not None:
            self._blobs.__exit__(kind, error, traceback)

    def read_pair(self, old: Name, new: Name, clusters: Sequence[Cluster]) -> list[tuple[Side, Side]]:
        """Both sides of every cluster.

        Raises:
            SideError: A side cannot be read, or has none of the paths that a cluster is made of, nor has the other.
        """
        for name in (old, new):
            if name.kind is Kind.REVISION:
                self._hash_like = name.place
        # What lies on the disk has to be read anyway; of a revision only what is not there.
        sides = {name: self.read(name, clusters) for name in sorted((old, new), key=_reading_order)}
        found = [
            (_rendered(before, cluster, self._room), _rendered(after, cluster, self._room))
            for cluster, before, after in zip(clusters, sides[old], sides[new], strict=True)
        ]
        for before, after in found:
            if isinstance(before, Manifests) and isinstance(after, Manifests):
                for path in before.absent:
                    if path in after.absent:
                        message = f"neither {before.label} nor {after.label} has `{printable(path)}`"
                        raise SideError(message, "Check the spelling and the current folder.")
        return self._with_searched(old, new, clusters, found)

    def _with_searched(
        self, old: Name, new: Name, clusters: Sequence[Cluster], found: list[tuple[Side, Side]]
    ) -> list[tuple[Side, Side]]:
        """The sides with the policy in changed files that no cluster reads as manifests."""
        trees = {Kind.REVISION, Kind.FOLDER}
        if old.kind not in trees or new.kind not in trees or old == new:
            return found
        if not all(isinstance(side, Manifests) for pair in found for side in pair):
            return found
        try:
            searched = Trees(blobs=self._blobs, like=self._hash_like or ANY_HASH).changed(old, new, clusters)
        except GitError as error:
            raise SideError(error.message, error.help) from error
        built = {path for pair in found for side in pair if isinstance(side, Manifests) for path in side.built_from}
        return [
            (_with(before, searched[0], cluster, clusters, built), _with(after, searched[1], cluster, clusters, built))
            for cluster, (before, after) in zip(clusters, found, strict=True)
        ]

    def differing(
        self, old: Name, new: Name, clusters: Sequence[Cluster], *, built_from: Iterable[str] = ()
    ) -> list[tuple[str, bytes | None, bytes | None]]:
        """The files with the name of a manifest that differ between two trees: path, old and new content, by path.

        With them come those that clusters are `built_from`, whatever their names.

        Raises:
            SideError: Git gave up.
        """
        try:
            trees = Trees(blobs=self._blobs, like=self._hash_like or ANY_HASH)
            return list(trees.differing(old, new, clusters, built_from=built_from))
        except GitError as error:
            raise SideError(error.message, error.help) from error

    def rebuilding(self, old: Name, new: Name, cluster: Cluster) -> Callable[[Mapping[str, str | None]], Loaded] | None:
        """Builds what is built for a cluster with other texts in some files, None for files that are missing.

        There has to be a commit that has the other files; without one, or where the sources move, it is None.

        Raises:
            SideError: Git gave up.
        """
        name = next((each for each in (old, new) if each.kind is Kind.REVISION), None)
        if name is None or not cluster.is_built or self._blobs is None:
            return None
        try:
            ((own,), _) = self._configured(name, [cluster])
            tree = CommitFiles(self._blobs, name.place)
        except GitError as error:
            raise SideError(error.message, error.help) from error
        if (own.kustomizations, own.charts) != (cluster.kustomizations, cluster.charts):
            return None
        return lambda texts: build(cluster, EditedFiles(tree, texts))

    def read(self, name: Name, clusters: Sequence[Cluster]) -> list[Side]:
        """A side as each cluster has it.

        Raises:
            SideError: It cannot be read.
        """
        costly: type[MemoryError | RecursionError] | None = None
        try:
            if name.kind is Kind.REVISION:
                return list(self._revision(name, clusters))
            if built := _built_for(name, clusters):
                return list(built)
            found = self._text(name)
            if isinstance(found, File):
                releases = {cluster.settings.release.name: cluster.settings.release for cluster in clusters}
                sides = {each: _of_text(found, release) for each, release in releases.items()}
        except GitError as error:
            raise SideError(error.message, error.help) from error
        except OutputError as error:
            raise SideError(str(error), error.help) from error
        except ConfFileError as error:
            advice = (
                "Give a file that nodes load: a registries.conf (version 2), MachineConfigs, or the output of `mirrorc "
                "build`."
            )
            raise SideError(str(error), advice) from error
        except (MemoryError, RecursionError) as error:
            costly = type(error)
        if costly is not None:  # outside of the handler, since the error holds everything that was read
            message = f"{name.label} {files.too_costly(costly)}"
            raise SideError(message, "Compare smaller parts, such as one folder with `--path`.")
        if isinstance(found, Artifacts):
            return [found] * len(clusters)
        if found is None:
            return list(self._folder(name, clusters))
        return [sides[cluster.settings.release.name] for cluster in clusters]

    def earlier(self, name: Name, cluster: Cluster) -> Iterator[Manifests]:
        """What a cluster's paths contained before a revision, newest first; nothing where it is none.

        Raises:
            SideError: Git gave up.
        """
        if name.kind is not Kind.REVISION or self._repository is None:
            return
        try:
            yield from self._earlier(name, cluster, _STATES_BEFORE)
        except GitError as error:
            raise SideError(error.message, error.help) from error

    def _earlier(self, name: Name, cluster: Cluster, most: int) -> Iterator[Manifests]:
        """At most so many states before a revision, by commits that changed what its own configuration names."""
        if self._repository is None:
            raise AssertionError("a revision is named only where there is a repository")
        paths = self._sources(name, cluster)
        for done, commit in enumerate(git.earlier_commits(self._repository, name.place, paths, most=most), 1):
            former = Name(kind=Kind.REVISION, label=commit[:8], place=commit)
            yield from self._revision(former, [cluster], is_input=False)
            if self._sources(former, cluster) != paths:
                yield from self._earlier(former, cluster, most - done)
                return

    def _sources(self, name: Name, cluster: Cluster) -> tuple[str, ...]:
        """Where a cluster's files lie by a revision's own configuration, and that configuration."""
        ((own,), _) = self._configured(name, [cluster])
        if own.is_built and self._repository is not None:
            # What it takes in may lie anywhere.
            return (posixpath.relpath(".", self._repository.prefix or "."),)
        return (*own.paths, own.configuration) if own.configuration else own.paths

    def disruption_policy(self, path: str | None, release: Release) -> Objects | None:
        """The MachineConfiguration that the user gives, None where none is given.

        Raises:
            SideError: The file cannot be read, contains none, or the API server would not accept it.
        """
        if path is None:
            return None
        data = read_one(path)
        file = files.decode(printable(path), data) if isinstance(data, bytes) else data
        if isinstance(file, Problem):
            raise SideError(f"{file.path}: {file.message}", file.help)
        parsed = parse(file, release)
        for finding in parsed.diagnostics:
            if finding.severity is Severity.ERROR:
                raise SideError(f"{finding.span}: {finding.message}", finding.help)
        found = objects_of([parsed])
        if found.configuration is None:
            message = f"{file.path}: expected a MachineConfiguration (operator.openshift.io/v1), found none"
            raise SideError(message, "`oc get machineconfiguration cluster -o yaml` prints the cluster's.")
        return found

    def images(self, names: Iterable[Name], paths: Sequence[str], *, tracked_only: bool) -> tuple[ImageReference, ...]:
        """The images that workloads name in the first side that has workloads.

        Raises:
            SideError: A file that may name some cannot be read.
        """
        trees = (name for name in names if name.kind in {Kind.REVISION, Kind.FOLDER})
        name = next(trees, work_tree())
        if name.kind is Kind.FOLDER:
            loaded = load_images([inside(name.place, path) for path in paths], tracked_only=tracked_only)
        else:
            loaded = self._images_of_revision(name, paths)
        for problem in filter(was_unread, loaded.problems):
            raise SideError(problem.message, problem.help)
        return loaded.references

    def _images_of_revision(self, name: Name, paths: Sequence[str]) -> LoadedImages:
        if self._repository is None or self._blobs is None:
            raise AssertionError("a revision is named only where there is a repository")
        try:
            (listing,) = list_revision_each(self._repository, name.place, [paths])
            found = [
                data if isinstance(data, Problem) else images_of(listed.path, data)
                for listed, data in self._blobs.read(listing.files)
            ]
        except GitError as error:
            raise SideError(error.message, error.help) from error
        return images_together(found)

    # --- What is made already --------------------------------------------------

    def _text(self, name: Name) -> Artifacts | File | None:
        """A registries.conf or what a build wrote, or a text of objects; None for a folder to be compiled."""
        if name.kind is Kind.FOLDER:
            contents = _left_by_build(name)
            return None if contents is None else made.of_build(name.label, contents)
        data = self._standard_input() if name.kind is Kind.STANDARD_INPUT else read_one(name.place)
        file = files.decode(name.label, data) if isinstance(data, bytes) else data
        if isinstance(file, Problem):
            raise SideError(f"{file.path}: {file.message}", file.help)
        if not file.text.strip():
            # A command that failed in front of a pipe is not a cluster without mirrors.
            advice = "Even a registries.conf without entries contains a comment."
            raise SideError(f"{name.label} is empty", f"Check whether the command that writes it failed. {advice}")
        if not holds_objects(file.text):
            return made.of_registries_conf(name.label, file.text)
        return file

    # --- What has to be compiled -----------------------------------------------

    def _folder(self, name: Name, clusters: Sequence[Cluster]) -> Iterator[Manifests]:
        groups = [[inside(name.place, path) for path in cluster.paths] for cluster in clusters]
        there = [[path for path in group if os.path.lexists(path)] for group in groups]
        tracked_only = any(cluster.tracked_only for cluster in clusters)
        root = git.tree_around(inside(name.place, os.path.dirname(clusters[0].configuration) or "."))
        roots = {inside(name.place, place.value): root for cluster in clusters for place in cluster.places}
        discoveries = discover_each(there, tracked_only=tracked_only, roots=roots)
        narrowed: dict[tuple[int, object], Discovery] = {}
        found: list[Discovery] = []
        for cluster, each in zip(clusters, discoveries, strict=True):
            key = (id(each), cluster.selection)
            if key not in narrowed:
                narrowed[key] = _narrowed(each, cluster, name.place)
            found.append(narrowed[key])
        check_read([each.candidates for each in found])
        outcomes = self._read_files(
            (candidate, cluster.settings.release)
            for cluster, each in zip(clusters, found, strict=True)
            for candidate in each.candidates
        )
        disk = Disk(root)
        programs().reads(partial(size_of_text, clusters, name.place))
        for cluster, group, each in zip(clusters, groups, found, strict=True):
            release = cluster.settings.release.name
            made = _manifests(
                name.label,
                [(candidate.path, outcomes[candidate.location, release]) for candidate in each.candidates],
                problems=each.problems,
                skipped=each.skipped,
                absent=(path for path, place in zip(cluster.paths, group, strict=True) if not os.path.lexists(place)),
            )
            yield _with_built(made, cluster, disk, at=name.place)

    def _read_files(self, wanted: Iterable[tuple[Candidate, Release]]) -> dict[tuple[str, str], Outcome]:
        """What each file came to, by its location and the release."""
        items = {(candidate.location, release.name): (candidate, release) for candidate, release in wanted}
        counter = _Counter(self._progress, len(items))
        reading = partial(_read_each, known=self._known, like=self._hash_like, counter=counter)
        results = spread(reading, list(items.values()), least=_FEWEST_FOR_HELP, packing=PACKING)
        outcomes: dict[tuple[str, str], Outcome] = {}
        for (item, (candidate, release)), result in zip(items.items(), results, strict=True):
            key = (release.name, candidate.path, result.blob)
            if result.blob and not result.is_known:
                self._known[key] = result.found
            outcomes[item] = self._known[key] if result.is_known else result.found
        return outcomes

    def _revision(self, name: Name, clusters: Sequence[Cluster], *, is_input: bool = True) -> Iterator[Manifests]:
        """The side of a commit; one beside the `input` gives the programs no more time."""
        if self._repository is None:
            raise AssertionError("a revision is named only where there is a repository")
        clusters, is_unread = self._configured(name, clusters)
        listings = list_revision_each(self._repository, name.place, [cluster.paths for cluster in clusters])
        wanted: list[list[_Key]] = []
        skipped: list[tuple[Problem, ...]] = []
        narrowed: dict[tuple[int, object, str], tuple[list[_Key], tuple[Problem, ...]]] = {}
        for cluster, listing in zip(clusters, listings, strict=True):
            release = cluster.settings.release.name
            key = (id(listing), cluster.selection, release)
            if key not in narrowed:
                listed = tuple(Candidate(file.path, file.blob) for file in listing.files)
                found = cluster.selection.narrow(Discovery(candidates=listed, problems=(), skipped=listing.skipped))
                names = [(release, candidate.path, candidate.location) for candidate in found.candidates]
                narrowed[key] = names, found.skipped
            wanted.append(narrowed[key][0])
            skipped.append(narrowed[key][1])
        check_read(wanted)
        releases = {cluster.settings.release.name: cluster.settings.release for cluster in clusters}
        self._read_blobs((key for group in distinct(wanted) for key in group), releases)
        tree = None
        if is_input:
            programs().reads(partial(git.tree_size, self._repository, name.place, is_searched))
        for cluster, group, links, listing in zip(clusters, wanted, skipped, listings, strict=True):
            outcomes = [(key[1], self._known[key]) for key in group]
            made = _manifests(name.label, outcomes, absent=listing.absent, skipped=links)
            made = replace(made, misconfigured=is_unread)
            if cluster.is_built and self._blobs is not None:
                tree = tree or CommitFiles(self._blobs, name.place)
                work_of(tree, is_input=is_input)
                made = _with_built(made, replace(cluster, tracked_only=False), tree)
            yield made

    def _configured(self, name: Name, clusters: Sequence[Cluster]) -> tuple[Sequence[Cluster], bool]:
        """The clusters of the files that a revision's own configuration gives them: folders move in commits too.

        Also whether there is one that cannot be read, under which they stay unchanged.
        """
        location = clusters[0].configuration
        if not location or self._repository is None or self._blobs is None:
            return clusters, False
        (listing,) = list_revision_each(self._repository, name.place, [[location]])
        if listing.absent:
            place = self._repository.place(location)
            is_link = place is not None and bool(git.ls_tree(self._repository, name.place, paths=[place]))
            return clusters, is_link
        texts = [data for _, data in self._blobs.read(listing.files) if isinstance(data, bytes)]
        found = as_configured(clusters, texts[0]) if texts else None
        return (clusters, True) if found is None else (found, False)

    def _read_blobs(self, wanted: Iterable[_Key], releases: Mapping[str, Release]) -> None:
        """Make known what is not yet known."""
        if self._blobs is None:
            raise AssertionError("a revision is named only where there is a repository")
        missing = [key for key in dict.fromkeys(wanted) if key not in self._known]
        texts: list[tuple[_Key, bytes]] = []
        read = self._blobs.read(RevisionFile(path, blob) for _, path, blob in missing)
        for key, (_, data) in zip(missing, read, strict=True):
            if isinstance(data, bytes) and (
                is_relevant(key[1], data) or may_contain_policy(data) or HOMES.may_point(data)
            ):
                texts.append((key, data))
            else:
                self._known[key] = data if isinstance(data, Problem) else None
        self._check_parsed(sum(len(data) for _, data in texts))
        counter = _Counter(self._progress, len(texts))
        parsed = spread(
            partial(_outcomes, releases=releases, counter=counter), texts, least=_FEWEST_FOR_HELP, packing=PACKING
        )
        self._known.update(zip((key for key, _ in texts), parsed, strict=True))

    def _check_parsed(self, size: int) -> None:
        """See that the policy of revisions is not too much: objects can be a thousandth of their files."""
        self._parsed += size
        if self._parsed <= most(_MOST_PARSED) or self._repository is None:
            return
        limit = most(_MOST_PARSED, _PARSED_OF_A_BYTE, git.size_of_objects(self._repository.folder))
        if self._parsed > limit:
            raise TooMuchError(
                f"the files with policy of the revisions have {self._parsed >> 20} MB, more than the {limit >> 20} MB "
                "that are read of this repository",
                "Name narrower paths, or compare other revisions",
            )


def _with(
    side: Side, searched: Searched, cluster: Cluster, clusters: Sequence[Cluster], built: AbstractSet[str]
) -> Side:
    """The side with what was found in changed files, except those that a cluster is built from."""
    if not isinstance(side, Manifests):
        return side
    read = {parsed.file.path for parsed in side.parsed} | built
    return replace(
        side,
        parsed=tuple(
            parsed._replace(places=()) if parsed.places and not searched.counts(parsed.file.path) else parsed
            for parsed in side.parsed
        ),
        searched=tuple(
            parsed
            for parsed in searched.found
            if parsed.file.path not in read and concerns(parsed.file.path, cluster, clusters)
        ),
    )


class _Result(NamedTuple):
    """What a file on the disk came to; `is_known` where that was known by its path and blob."""

    blob: str
    is_known: bool
    found: Outcome


class _Counter:
    """Reports how far a run is, of which each process has its part."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total

    def tell(self, done: int, part: int) -> None:
        """So many of the `part` that this process has are done."""
        if self._progress is not None:
            self._progress(done * self._total // part, self._total)


def _read_each(
    wanted: Sequence[tuple[Candidate, Release]], *, known: Mapping[_Key, Outcome], like: str, counter: _Counter
) -> list[_Result]:
    """Read files and parse those whose content is not known; blobs are distinguished as the id `like` is made."""
    results = []
    for done, (candidate, release) in enumerate(wanted, 1):
        data = files.read(candidate)
        blob = blob_id(data, like) if like and isinstance(data, bytes) else ""
        if (release.name, candidate.path, blob) in known:
            results.append(_Result(blob, is_known=True, found=None))
        else:
            found = data if isinstance(data, Problem) else outcome_of(candidate.path, data, release, HOMES)
            results.append(_Result(blob, is_known=False, found=found))
        counter.tell(done, len(wanted))
    return results


def _outcomes(
    texts: Sequence[tuple[_Key, bytes]], *, releases: Mapping[str, Release], counter: _Counter
) -> list[Outcome]:
    outcomes = []
    for done, ((release, path, _), data) in enumerate(texts, 1):
        outcomes.append(outcome_of(path, data, releases[release], HOMES))
        counter.tell(done, len(texts))
    return outcomes


def _rendered(side: Side, cluster: Cluster, room: Room) -> Side:
    """A side with the values that a cluster has for the placeholders of its templates."""
    settings = cluster.settings
    if not settings.values or not isinstance(side, Manifests):
        return side
    return replace(side, parsed=with_values(side.parsed, settings.values, settings.release, room))


def _manifests(
    label: str,
    found: Sequence[tuple[str, Outcome]],
    *,
    absent: Iterable[str],
    problems: Iterable[Problem] = (),
    skipped: Iterable[Problem] = (),
) -> Manifests:
    loaded = put_together(found, problems, skipped)
    return Manifests(
        label=label, parsed=loaded.parsed, problems=loaded.problems, absent=tuple(absent), skipped=loaded.skipped
    )


def _of_text(file: File, release: Release) -> Side:
    """The MachineConfigs in a text, or the manifests."""
    if holds_machine_config(file.text):
        return made.of_machine_configs(file.path, file.text, release)
    return Manifests(label=file.path, parsed=(_objects(file, release),))


def _objects(file: File, release: Release) -> Parsed:
    """The objects of a text that is a side by itself; a list may well be empty, as that of a cluster without any."""
    parsed = parse(file, release)
    for finding in parsed.diagnostics:
        if finding.rule == rules.INVALID_YAML.name:
            raise SideError(f"{finding.span}: {finding.message}", finding.help)
    if not (parsed.manifests or parsed.refused or parsed.diagnostics or _IS_LIST.search(file.text)):
        message = f"{file.path}: contains neither a mirror object nor a MachineConfig"
        raise SideError(message, "Give a file with one of these, a registries.conf, a folder or a revision.")
    return parsed


def _is_source(name: Name) -> bool:
    """Whether a folder is what is compiled, whatever a listing in it says: a listing is input like any other file."""
    return not name.is_given or any(os.path.lexists(os.path.join(name.place, each)) for each in (".git", config.NAME))


def _left_by_build(name: Name) -> Mapping[str, bytes] | None:
    """What the last build left in a folder, None where none did or the folder is compiled.

    Raises:
        SideError: There are mirror objects beside it.
        OutputError: Something in it cannot be read.
    """
    contents = None if _is_source(name) else made_by_build(name.place, can_make)
    if contents is not None:
        for candidate in discover([name.place]).candidates:
            if posix(os.path.relpath(candidate.location, name.place)) in contents:
                continue
            data = files.read(candidate)
            if isinstance(data, bytes) and files.mentions_our_kinds(data):
                message = f"{name.label}: it contains both what a build wrote and {candidate.path}"
                raise SideError(message, "Give the folder of one of them.")
    return contents


def _built_for(name: Name, clusters: Sequence[Cluster]) -> list[Artifacts]:
    """What builds of several clusters left in a folder, each in one of its name; nothing where none did."""
    if name.kind is not Kind.FOLDER or name.place == WORK_TREE or _is_source(name) or _left_by_build(name) is not None:
        return []
    contents = {cluster.name: made_by_build(os.path.join(name.place, cluster.name), can_make) for cluster in clusters}
    if all(content is None for content in contents.values()):
        return []
    built = []
    for cluster in clusters:
        content = contents[cluster.name]
        if content is None:
            message = f"{name.label}: it contains no build of the cluster `{cluster.name}`"
            raise SideError(message, "Build the cluster, or select other clusters with --cluster.")
        built.append(made.of_build(posixpath.join(name.label, printable(cluster.name)), content))
    return built


def _with_built(made: Manifests, cluster: Cluster, tree: BuildTree, *, at: str = WORK_TREE) -> Manifests:
    """The side with what the cluster's kustomizations and charts are built to there."""
    if not cluster.is_built:
        return made
    if absent := missing(cluster, tree, at=at):
        return replace(made, absent=(*made.absent, *absent))
    built = build(cluster, tree, at=at, tracked_only=cluster.tracked_only)
    return replace(
        made,
        parsed=(*made.parsed, *built.parsed),
        problems=(*made.problems, *built.problems),
        built_from=tuple(map(posixpath.normpath, built.built_from)),
    )


def _narrowed(discovery: Discovery, cluster: Cluster, folder: str) -> Discovery:
    """Only the cluster's own files; its patterns count from `folder` as they do from the current one."""
    if folder == WORK_TREE:
        return cluster.selection.narrow(discovery)
    seen = {
        candidate.location: Candidate(posix(os.path.relpath(candidate.location, folder)), candidate.location)
        for candidate in discovery.candidates
    }
    kept = {
        candidate.location
        for candidate in cluster.selection.narrow(discovery._replace(candidates=tuple(seen.values()))).candidates
    }
    return discovery._replace(
        candidates=tuple(candidate for candidate in discovery.candidates if candidate.location in kept)
    )


def _reading_order(name: Name) -> bool:
    return name.kind is Kind.REVISION
