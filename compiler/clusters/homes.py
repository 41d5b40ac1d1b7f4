"""The clusters that policy inside other documents makes: a hub's policies are for others, and so is an install-config.

In: the clusters of a run, and the files that were read of them and beside them. Out: the same clusters with what the
configuration gives them, and a cluster for each target of the others.
"""

import posixpath
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from compiler.clusters.account import Account, FileRecord, ReadStatus, is_empty
from compiler.clusters.cluster import Cluster
from compiler.clusters.loading import Repo
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fold
from compiler.homes import HOMES
from compiler.machine.memo import distinct
from compiler.manifests.embedded import (
    ANY,
    FILE,
    INSTALLATION,
    OVERRIDES,
    POLICY_GENERATOR,
    Home,
    Merge,
    Pointer,
    Target,
)
from compiler.manifests.kinds import ImageConfig, ImageContentSourcePolicy, ImageDigestMirrorSet, Manifest, MirrorSet
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import Parsed, every_home
from compiler.manifests.rendering import Room, unrendered, with_values
from compiler.names.reference import InvalidReferenceError, parse_normalized
from compiler.node.files import SEARCH_KEY
from compiler.policy.settings import PAYLOAD_NONE, Settings
from compiler.repository.paths import Destination, enclosing, posix, printable
from compiler.repository.patterns import Paths
from compiler.text.wording import joined, some_of

OWN = "this-cluster"
"""What the cluster of a repo without configuration is called beside others."""


class HomeRecord(NamedTuple):
    """A home, in which file it is, and for which clusters it counts; for none it is only checked."""

    home: Home
    path: str
    line: int
    clusters: tuple[str, ...]
    words: str

    @property
    def is_applied(self) -> bool:
        """Whether any cluster is given it."""
        return self.home.compiled and bool(self.clusters)


class Settled(NamedTuple):
    """All clusters of a run with what was loaded of each, and what became of each home.

    `own` is how many of them are those that the run was asked for; the others follow.
    """

    clusters: tuple[Cluster, ...]
    loaded: tuple[Loaded, ...]
    records: tuple[HomeRecord, ...] = ()
    own: int = 0

    @property
    def pairs(self) -> tuple[tuple[Cluster, Loaded], ...]:
        """The clusters with what was loaded of each, without one of the run that has only findings beside others."""
        return tuple(
            (cluster, loaded)
            for cluster, loaded in zip(self.clusters, self.loaded, strict=True)
            if cluster.name != OWN or cluster.settings.allow_empty or not is_empty(loaded)
        )

    @property
    def built(self) -> tuple[tuple[Cluster, Loaded], ...]:
        """The clusters that `build` writes: those of the run or, where it has no policy, those of homes.

        A home that only brings a file to nodes makes no cluster whose controller could be predicted.
        """
        own = {id(cluster) for cluster in self.clusters[: self.own]}
        if found := tuple(pair for pair in self.pairs if id(pair[0]) in own):
            return found
        return tuple(
            pair for pair in self.pairs if not is_empty(replace(pair[1], parsed=_without_texts(pair[1].parsed)))
        )


def settle_homes(
    clusters: Sequence[Cluster],
    loaded: Sequence[Loaded],
    searched: Iterable[Parsed] = (),
    *,
    alone: bool = True,
    aside: Callable[[str], str] = lambda _: "",
) -> Settled:
    """The clusters with those that homes make.

    Args:
        clusters: Of the run.
        loaded: What was loaded of each.
        searched: Files beside them in which only policy in other forms is looked for.
        alone: Whether homes make further clusters; where the user chose clusters they do not.
        aside: Why the policy inside a file is not the repo's, by its shown path; empty if it is.
    """
    charts = tuple(f"{printable(chart.folder.value)}/" for cluster in clusters for chart in cluster.charts)
    if charts:
        searched = [parsed for parsed in searched if not parsed.file.path.startswith(charts)]
    files = {path: parsed for path, parsed in _files(loaded, searched).items() if not aside(path)}
    if not files:
        return Settled(clusters=tuple(clusters), loaded=tuple(loaded), own=len(clusters))
    wrapped, loaded = _wrapped(files, clusters, loaded)
    files = {**files, **{path: parsed for path, parsed, _ in wrapped if path not in files}}
    sorting = _Sorting(clusters, loaded, files, alone=alone)
    records = []
    for path, parsed in files.items():
        known: set[int] = set()
        for home in every_home(parsed):
            if _is_missing(home):
                continue
            record = sorting.sort(path, home)
            if home.reading == 0 or home.span.start not in known:
                records.append(record)
            known.add(home.span.start)
    records += [sorting.sort(path, home) for path, _, home in wrapped]
    room = Room()
    result = [
        replace(
            each,
            parsed=(
                *each.parsed,
                *(
                    _of_homes(*_with_values(files[path], found, clusters[index].settings, room))
                    for path, found in sorting.more[index].items()
                ),
            ),
        )
        if index in sorting.more
        else each
        for index, each in enumerate(loaded)
    ]
    made = sorting.groups.clusters(clusters[0], files) if clusters else []
    kept = list(zip(clusters, result, strict=True))
    has_policy = bool(kept)
    if made and len(kept) == 1 and not kept[0][0].name:
        own, loaded_own = kept[0]
        is_meant = own.settings.allow_empty
        kept = [] if _says_nothing(loaded_own) and not is_meant else [(replace(own, name=OWN), loaded_own)]
        has_policy = is_meant or not is_empty(loaded_own)
    every = [*kept, *_written(made, has_policy=has_policy)]
    return Settled(
        clusters=tuple(cluster for cluster, _ in every),
        loaded=tuple(each for _, each in every),
        records=tuple(records),
        own=len(kept),
    )


def _wrapped(
    files: dict[str, Parsed], clusters: Sequence[Cluster], loaded: Sequence[Loaded]
) -> tuple[list[tuple[str, Parsed, Home]], Sequence[Loaded]]:
    """The plain manifests that a PolicyGenerator wraps, as homes, and what was loaded without them.

    A cluster that reads them and not the generator is one that the policy is for: it keeps them.
    """
    named = [
        (posixpath.normpath(posixpath.join(posixpath.dirname(path), pointer.name)), pointer)
        for path, parsed in files.items()
        for pointer in parsed.pointers
        if pointer.kind == FILE
    ]
    if not named:
        return [], loaded
    found: dict[str, tuple[Parsed, Pointer]] = {}
    at: dict[str, list[int]] = {}
    for number, (place, _) in enumerate(named):
        at.setdefault(place, []).append(number)
    generators = {pointer.span.path for _, pointer in named}
    applying = [{path for path in generators if _reads(cluster, path)} for cluster in clusters]
    for each, paths in zip(loaded, applying, strict=True):
        for parsed in each.parsed:
            path = parsed.file.path
            if not parsed.manifests or path in found:
                continue
            firsts = (
                next((number for number in at.get(place, ()) if named[number][1].span.path in paths), None)
                for place in enclosing(path)
            )
            first = min((number for number in firsts if number is not None), default=None)
            if first is not None:
                found[path] = (parsed, named[first][1])
    wrapped = [(path, parsed, _wrapping(parsed, pointer)) for path, (parsed, pointer) in found.items()]
    there = {place for each in loaded for parsed in each.parsed for place in enclosing(parsed.file.path)}
    for place, pointer in named:
        if pointer.patches and place not in there and (home := _patching(place, pointer)):
            wrapped.append((pointer.span.path, files[pointer.span.path], home))
    kept = [
        replace(
            each,
            parsed=tuple(
                parsed._replace(manifests=(), refused=(), diagnostics=())
                if parsed.file.path in found and found[parsed.file.path][1].span.path in paths
                else parsed
                for parsed in each.parsed
            ),
        )
        for each, paths in zip(loaded, applying, strict=True)
    ]
    return wrapped, kept


def _reads(cluster: Cluster, path: str) -> bool:
    """Whether a file is in a cluster's paths; without a configuration any file is."""
    if not cluster.configuration or not cluster.places:
        return True
    relative = cluster.selection.relative(path)
    wanted = [pattern.value for pattern in cluster.selection.wanted]
    wanted = wanted or [cluster.selection.relative(printable(posix(place.value))) for place in cluster.places]
    return relative in Paths(wanted) and relative not in Paths(cluster.selection.exclude)


def _wrapping(parsed: Parsed, pointer: Pointer) -> Home:
    manifests = tuple(_patched(each, pointer, alone=len(parsed.manifests) == 1) for each in parsed.manifests)
    findings = list(parsed.diagnostics)
    if pointer.merge is Merge.ADD and pointer.compiled:
        names = joined([f"{each.kind} `{each.name.value}`" for each in manifests[:3]])
        findings.append(
            rules.MUSTHAVE_ADDS.at(
                pointer.span,
                f"with `musthave`, what is removed from {names} here stays on the managed clusters, and their order "
                "cannot be changed",
                help="Write `complianceType: mustonlyhave` if the clusters should have exactly what is written here.",
                field="complianceType",
                fold=Fold(
                    key=pointer.span.path,
                    everywhere=True,
                    message="with `musthave`, what is removed from {count} objects here stays on the managed clusters, "
                    "and their order cannot be changed: {names}",
                    name=" ".join(dict.fromkeys(f"{each.kind} {each.name.value}" for each in manifests[:1])),
                ),
            )
        )
    return Home(
        form=POLICY_GENERATOR,
        holder="a file that a PolicyGenerator wraps",
        span=parsed.manifests[0].span,
        target=pointer.target,
        manifests=manifests,
        refused=parsed.refused,
        diagnostics=tuple(findings),
        merge=pointer.merge,
        compiled=pointer.compiled,
        is_wanted=pointer.is_wanted,
        said=(_said(pointer),),
    )


def _patching(place: str, pointer: Pointer) -> Home | None:
    """What the patches of a file set that comes with a generator: a list in a patch replaces the file's."""
    stem = posixpath.basename(place).partition(".")[0].lower()
    manifests = tuple(
        replace(patch, name=patch.name._replace(value="cluster" if isinstance(patch, ImageConfig) else stem))
        if isinstance(patch, MirrorSet | ImageConfig) and patch.name.value == ANY
        else patch
        for patch in pointer.patches
    )
    if not any(isinstance(each, MirrorSet | ImageConfig) for each in manifests):
        return None
    return Home(
        form=POLICY_GENERATOR,
        holder="a PolicyGenerator",
        span=pointer.span,
        target=pointer.target,
        manifests=manifests,
        merge=pointer.merge,
        compiled=pointer.compiled,
        is_wanted=pointer.is_wanted,
        said=(_said(pointer),),
    )


def _said(pointer: Pointer) -> str:
    """What a generator does with the objects of a file."""
    if not pointer.is_wanted:
        return "mustnothave: clusters should not have it"
    if not pointer.compiled:
        return "inform: a check only, nothing is applied"
    return "musthave: rules are only added" if pointer.merge is Merge.ADD else "mustonlyhave: the object is replaced"


def _patched(manifest: Manifest, pointer: Pointer, *, alone: bool) -> Manifest:
    """An object with what patches set: a list in a patch replaces the list."""
    for patch in pointer.patches:
        name = patch.name.value
        if type(patch) is not type(manifest) or not (alone or name == manifest.name.value):
            continue
        named = manifest.name if name == ANY else patch.name
        if isinstance(manifest, MirrorSet) and isinstance(patch, MirrorSet):
            manifest = replace(manifest, name=named, rules=patch.rules)
        elif isinstance(manifest, ImageConfig) and isinstance(patch, ImageConfig):
            lists = {
                field: value
                for field in ("insecure", "blocked", "allowed", "search")
                if (value := getattr(patch, field)) is not None
            }
            manifest = replace(manifest, name=named, **lists)
    return manifest


class _Sorting:
    """Gives each home to the clusters that it counts for."""

    def __init__(
        self, clusters: Sequence[Cluster], loaded: Sequence[Loaded], files: dict[str, Parsed], *, alone: bool
    ) -> None:
        self.more: dict[int, dict[str, list[Home]]] = {}
        self.groups = _Groups()
        self._clusters = clusters
        self._alone = alone
        self._owners: dict[str, list[int]] = {}
        for index, each in enumerate(loaded):
            for parsed in each.parsed:
                self._owners.setdefault(parsed.file.path, []).append(index)
        self._chosen = [
            (index, Paths(path.value for path in each.homes)) for index, each in enumerate(clusters) if each.homes
        ]
        self._folders = {
            posixpath.dirname(parsed.file.path) for each in loaded for parsed in each.parsed if parsed.manifests
        }
        self._pointers: dict[tuple[str, str], list[tuple[str, Pointer]]] = {}
        for path, parsed in files.items():
            for pointer in parsed.pointers:
                self._pointers.setdefault((pointer.role, pointer.name), []).append((path, pointer))
        self._parts = _parts(pointer for found in self._pointers.values() for _, pointer in found)

    def sort(self, path: str, home: Home) -> HomeRecord:
        """Give a home away, and say to whom."""
        line = home.span.begin.line
        own = self._owners.get(path, [])
        given = [
            index for index, patterns in self._chosen if self._clusters[index].selection.relative(path) in patterns
        ]
        if given:
            names = self._give(given, path, home)
            return HomeRecord(home, path, line, names, joined([f"the cluster {name}" for name in names]))
        if home.joins and (around := own or self._covering(path)):
            names = self._give(around, path, home)
            return HomeRecord(home, path, line, names, "the cluster that the file is for")
        if home.target is None and home.awaits is None:
            if not own and len(self._clusters) == 1 and not self._clusters[0].places:
                own = [0]  # a file that is only searched, in a repo of one cluster
            return HomeRecord(home, path, line, self._give(own, path, home), "the cluster that the file is for")
        naming = self._pointers.get((home.role, home.awaits[1]), []) if home.awaits is not None else []
        targets = [each for target in _targets(home, path, naming) for each in self._each_part(target)]
        words = joined(list(dict.fromkeys(target.words for target in targets)))
        if not self._alone:
            return HomeRecord(home, path, line, (), words or _NOTHING)
        if targets:
            added = tuple(dict.fromkeys(self.groups.add(target, path, home) for target in targets))
            return HomeRecord(home, path, line, added if home.compiled else (), words)
        findings = (
            (*home.diagnostics, _unreferenced(home))
            if home.role != INSTALLATION
            else tuple(each for each in home.diagnostics if each.field != SEARCH_KEY)  # others may read it
        )
        self._give(own[:1] or [0], path, home._replace(compiled=False, diagnostics=findings))
        return HomeRecord(home, path, line, (), _NOTHING)

    def _each_part(self, target: Target) -> list[Target]:
        """A target, or the groups of its nodes where these have different files."""
        parts = self._parts.get((target.name, target.scope), [])
        if not parts:
            return [target]
        wanted = [target.part] if target.part else parts
        made = [
            target._replace(name=f"{target.name}-{part}", words=f"the NodePool {part} of {target.words}")
            for part in wanted
        ]
        return made if target.part else [target, *made]

    def _covering(self, path: str) -> list[int]:
        """Clusters whose paths contain a template; without configuration if it is beside manifests or has values."""
        found = []
        for index, cluster in enumerate(self._clusters):
            if cluster.configuration and cluster.places:
                if _reads(cluster, path):
                    found.append(index)
            elif not cluster.name and (cluster.settings.values or posixpath.dirname(path) in self._folders):
                found.append(index)
        return found

    def _give(self, indices: Sequence[int], path: str, home: Home) -> tuple[str, ...]:
        for index in indices:
            self.more.setdefault(index, {}).setdefault(path, []).append(home)
        return tuple(self._clusters[index].name for index in indices)


_NOTHING = "no cluster, since nothing refers to it"


def settled(clusters: Sequence[Cluster], repo: Repo, loaded: Sequence[Loaded] | None = None) -> Settled:
    """The clusters of a run with those that homes make, given what was loaded of the repo.

    Args:
        clusters: Of the run.
        repo: What was loaded of them, and searched beside them.
        loaded: What was loaded of each, if something was added to it.
    """
    searched = (outcome for _, outcome in repo.searched if isinstance(outcome, Parsed))
    alone = not any(cluster.chosen for cluster in clusters)
    given = repo.loaded if loaded is None else loaded
    return settle_homes(clusters, given, searched, alone=alone, aside=repo.aside)


def file_records(account: Account, records: Iterable[HomeRecord]) -> tuple[FileRecord, ...]:
    """The files of an account, with those that were read in homes as that."""
    by_path: dict[str, list[HomeRecord]] = {}
    for record in records:
        by_path.setdefault(record.path, []).append(record)
    told = []
    for each in account.files:
        found = by_path.get(each.path, [])
        if found and each.status is ReadStatus.READ:
            own = [name for name in each.clusters if name] if _any_own(found) else []
            clusters = tuple(dict.fromkeys((*own, *(name for record in found for name in record.clusters))))
            form, words = found[0].home.form, found[0].words
            told.append(each._replace(form=form, clusters=clusters, reason=words))
        else:
            told.append(each)
    return tuple(told)


def _any_own(records: Iterable[HomeRecord]) -> bool:
    """Whether a home is for the cluster that its file is for."""
    return any(record.home.target is None and record.home.awaits is None for record in records)


def told(record: HomeRecord) -> str:
    """A home in a line: `work.yaml:12: ImageDigestMirrorSet `team` in the ManifestWork `mirrors`, for ...`."""
    home = record.home
    objects = [f"{each.kind} `{each.name.value}`" for each in home.manifests]
    objects += [f"{kind} `{name}` (refused)" for kind, name in home.refused]
    objects += [text.path for text in home.node_texts]
    what = some_of(list(dict.fromkeys(objects)), 3) or "mirror policy"
    return f"{record.path}:{record.line}: {what} in {home.holder}, for {record.words}" + (
        f" ({home.said[0]})" if home.said else ""
    )


def _files(loaded: Sequence[Loaded], searched: Iterable[Parsed]) -> dict[str, Parsed]:
    """The files with homes or pointers by their paths, in order."""
    found: dict[str, Parsed] = {}
    several = distinct(files for each in loaded for files in (each.parsed, each.aside))
    for parsed in (*(one for files in several for one in files), *searched):
        if parsed.homes or parsed.pointers or any(each.homes for each in parsed.variants):
            found.setdefault(parsed.file.path, parsed)
    return dict(sorted(found.items()))


def _without_texts(parsed: Iterable[Parsed]) -> tuple[Parsed, ...]:
    return tuple(each._replace(node_texts=()) if each.node_texts else each for each in parsed)


def _is_missing(home: Home) -> bool:
    """Whether the text of a home is in another file that was not found."""
    return any(text.local for text in home.node_texts)


def _says_nothing(loaded: Loaded) -> bool:
    """Whether there is nothing to say about a cluster: no policy, and no finding."""
    return is_empty(loaded) and not loaded.problems and not any(each.diagnostics for each in loaded.parsed)


def _targets(home: Home, path: str, pointers: Sequence[tuple[str, Pointer]]) -> Iterator[Target]:
    """Whose a home is: its own target's, or that of the nearest of the documents that name it."""
    if home.target is not None:
        yield home.target
        return
    if home.awaits is None:
        return
    namespace = home.awaits[0]
    naming = [
        (where, pointer)
        for where, pointer in pointers[:_MOST_POINTERS]
        if not pointer.namespace or not namespace or pointer.namespace == namespace
    ]
    if not naming:
        if home.alone is not None:
            yield home.alone
        return
    most = max(_shared(path, where) for where, _ in naming)
    yield from dict.fromkeys(pointer.target for where, pointer in naming if _shared(path, where) == most)


def _shared(path: str, other: str) -> int:
    """How near two files are: the folders they have in common, and whether they are one."""
    if path == other:
        return 1_000_000
    count = 0
    for one, two in zip(_way(path), _way(other), strict=False):
        if one != two:
            break
        count += 1
    return count


@lru_cache(maxsize=4096)  # each is compared with many
def _way(path: str) -> tuple[str, ...]:
    return tuple(posixpath.dirname(path).split("/"))


def _unreferenced(home: Home) -> Diagnostic:
    return rules.UNREFERENCED_CONFIG_MAP.at(
        home.span._replace(end=min(home.span.end, home.span.start + 1)),
        f"nothing in this repo refers to the {home.holder}: its mirror policy is checked, and compiled for no cluster",
        help="Add the object that names it, or say under `homes` in .mirrorc.yaml for which cluster it counts.",
    )


def _parts(pointers: Iterable[Pointer]) -> dict[tuple[str, str | None], list[str]]:
    """The groups of nodes of each target that has some with different files, in order."""
    named: dict[tuple[str, str | None], dict[str, set[str]]] = {}
    for pointer in pointers:
        if pointer.target.part:
            parts = named.setdefault((pointer.target.name, pointer.target.scope), {})
            parts.setdefault(pointer.target.part, set()).add(pointer.name)
    return {key: sorted(parts) for key, parts in named.items() if len({frozenset(each) for each in parts.values()}) > 1}


_MOST_VARIANTS = 100
"""Clusters of one name that a home is compared with."""

_MOST_POINTERS = 1_000
"""Documents that name one ConfigMap and are compared by how near they are."""


class _Group:
    """The homes of one cluster by their file, the file of each holder, and who brings each object or file of nodes."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.homes: dict[str, list[Home]] = {}
        self.holders: dict[str, str] = {}
        self.brought: dict[tuple[str, str], Home] = {}

    def takes(self, path: str, home: Home, brought: Sequence[tuple[str, str]]) -> bool:
        """Whether a home that brings something may be for this cluster too: a variant of one it has is for another."""
        if home.form != POLICY_GENERATOR and self.holders.get(home.holder, path) != path:
            return False
        for each in brought:
            there = self.brought.get(each)
            if there is not None and _are_variants(there, home, self.target):
                return False
        return True

    def add(self, target: Target, path: str, home: Home) -> None:
        """Take a home of a target."""
        if not self.target.release_image:
            self.target = self.target._replace(release_image=target.release_image)
        self.homes.setdefault(path, []).append(home)
        self.holders.setdefault(home.holder, path)
        for each in _brought(home):
            self.brought.setdefault(each, home)

    def parsed(self, files: Mapping[str, Parsed], settings: Settings, room: Room) -> tuple[Parsed, ...]:
        """What the homes of each file bring, without lists that overrides replace."""
        rendered = [_with_values(files[path], homes, settings, room) for path, homes in self.homes.items()]
        every = [home for _, homes in rendered for home in homes]
        replacing = {identity for home in every if home.form == OVERRIDES for identity in _brought(home)}
        return tuple(_of_homes(parsed, [_overridden(home, replacing) for home in homes]) for parsed, homes in rendered)


def _brought(home: Home) -> Iterator[tuple[str, str]]:
    """What a home brings, each by kind and name, or by its path on nodes."""
    if home.compiled:
        yield from ((each.kind, each.name.value) for each in home.manifests)
        yield from ((text.config, text.path) for text in home.node_texts)


def _are_variants(one: Home, other: Home, target: Target) -> bool:
    """Whether two homes that bring the same object cannot be for one cluster."""
    if one.reading != other.reading:
        return False
    if INSTALLATION in {one.role, other.role} and OVERRIDES in {one.form, other.form}:
        return False
    if target.scope is None or one.holder == other.holder:
        return True
    return any(_INSTALLED.get(each.kind) == each.name.value for each in (*one.manifests, *other.manifests))


_INSTALLED = {ImageDigestMirrorSet.kind: "image-digest-mirror", ImageContentSourcePolicy.kind: "image-policy"}
"""The names of the objects that an installer makes."""


def _overridden(home: Home, replacing: Container[tuple[str, str]]) -> Home:
    """The mirrors of a ConfigMap, without those that a list in the overrides of an installation replaces."""
    lost = [each for each in home.manifests if (each.kind, each.name.value) in replacing]
    if home.role != INSTALLATION or home.form == OVERRIDES or not lost:
        return home
    finding = rules.LOST_AT_INSTALLATION.at(
        home.span._replace(end=min(home.span.end, home.span.start + 1)),
        f"the mirrors of the {home.holder} do not reach clusters that are installed with it: the list in the overrides "
        "of the install-config replaces them",
        help="Move the sources to one of the two.",
    )
    return home._replace(
        manifests=tuple(each for each in home.manifests if each not in lost),
        diagnostics=(*home.diagnostics, finding),
    )


class _Groups:
    """The clusters that homes make, by name; two documents of one name are variants, and for different clusters."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._names: dict[tuple[str, str], dict[str, None]] = {}
        self._next: dict[str, int] = {}

    def add(self, target: Target, path: str, home: Home) -> str:
        """Give a home to its target; the name of the cluster."""
        names = self._names.setdefault((target.name, path if target.scope is None else target.scope), {})
        name = self._nearest(names, path, home) or self._new(target)
        names[name] = None
        self._groups[name].add(target, path, home)
        return name

    def _nearest(self, names: dict[str, None], path: str, home: Home) -> str:
        """The cluster of one of these names that has homes of the same file, or of the nearest; empty if none fits."""
        found, most = "", -1
        brought = list(_brought(home))
        for name in [*islice(reversed(names), _MOST_VARIANTS)][::-1]:
            group = self._groups[name]
            near = _shared(path, path if path in group.homes else next(iter(group.homes)))
            if near > most and group.takes(path, home, brought):
                found, most = name, near
        return found

    def _new(self, target: Target) -> str:
        number = self._next.get(target.name, 1)
        name = target.name if number == 1 else f"{target.name}-{number}"
        while name in self._groups:
            number += 1
            name = f"{target.name}-{number}"
        self._next[target.name] = number + 1
        self._groups[name] = _Group(target)
        return name

    def clusters(self, like: Cluster, files: dict[str, Parsed]) -> list[tuple[Cluster, Loaded]]:
        """The clusters with what they contain, by name; those that contain only checks too."""
        made = []
        room = Room()
        # What clusters share is one value, of which nothing is made twice.
        same: dict[tuple[int, ...], tuple[Parsed, ...]] = {}
        for name in sorted(self._groups):
            group = self._groups[name]
            if not any(home.compiled or home.diagnostics for homes in group.homes.values() for home in homes):
                continue
            key = tuple(id(home) for homes in group.homes.values() for home in homes)
            if key not in same:
                same[key] = group.parsed(files, like.settings, room)
            parsed = same[key]
            made.append((_cluster(name, group.target, like), Loaded(parsed=parsed, looked_at=len(parsed))))
        return made


def _cluster(name: str, target: Target, like: Cluster) -> Cluster:
    settings = like.settings
    if target.pools:
        settings = replace(settings, pools=target.pools)
    if target.release_image and _is_reference(target.release_image):
        settings = replace(settings, release_image=target.release_image)
    if not target.has_payload_policy:
        settings = replace(settings, payload_policy=PAYLOAD_NONE)
    return replace(
        like,
        name=name,
        paths=(),
        places=(),
        kustomizations=(),
        charts=(),
        settings=settings,
        homes=(),
        target=target.words,
    )


def _is_reference(text: str) -> bool:
    try:
        parse_normalized(text)
    except InvalidReferenceError:
        return False
    return True


def _written(made: list[tuple[Cluster, Loaded]], *, has_policy: bool) -> list[tuple[Cluster, Loaded]]:
    """The clusters with the folders that a build writes them to: the only one takes that of a run without policy."""
    if len(made) == 1 and not has_policy:
        return made
    return [(replace(cluster, output=_inside(cluster.output, cluster.name)), loaded) for cluster, loaded in made]


def _inside(output: Destination, name: str) -> Destination:
    return Destination(output.base, posixpath.join(output.below, name) if output.below else name)


def _with_values(
    parsed: Parsed, homes: Sequence[Home], settings: Settings, room: Room
) -> tuple[Parsed, Sequence[Home]]:
    """A file and some of its homes, read again with the values that a cluster has for its placeholders."""
    if not settings.values:
        return parsed, homes
    (rendered,) = with_values([parsed], settings.values, settings.release, room)
    if rendered.file is parsed.file:
        return rendered, homes
    again = HOMES.read(rendered, settings.release)
    if len(again.homes) != len(parsed.homes):
        return again, again.homes
    wanted = {id(home) for home in homes}
    compiled = {id(home): home.compiled for home in homes}
    pairs = zip(parsed.homes, again.homes, strict=True)
    return again, [new._replace(compiled=compiled[id(old)]) for old, new in pairs if id(old) in wanted] or again.homes


def _of_homes(parsed: Parsed, homes: Sequence[Home]) -> Parsed:
    """What homes of a file bring to a cluster."""
    first = [home for home in homes if home.reading == 0]
    compiled = [home for home in first if home.compiled]
    return Parsed(
        file=homes[0].span.file if homes else parsed.file,
        manifests=tuple(manifest for home in compiled for manifest in home.manifests),
        refused=tuple(each for home in compiled for each in home.refused),
        diagnostics=tuple(dict.fromkeys((*unrendered(parsed), *(each for home in first for each in home.diagnostics)))),
        allowances=parsed.home_allowances,
        node_texts=tuple(text for home in compiled for text in home.node_texts),
        branches=parsed.branches,
        variants=tuple(
            _of_homes(each, [home._replace(reading=0) for home in homes if home.reading == number])
            for number, each in enumerate(parsed.variants, 1)
        ),
    )
