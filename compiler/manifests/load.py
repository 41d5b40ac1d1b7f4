"""From paths to parsed files: the part of the shell that reads. Also the entry point for programs.

In: paths, or bytes under a name. Out: parsed files, with everything that could not be read as findings.
"""

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Union

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.machine import trace
from compiler.machine.processes import spread
from compiler.manifests.catalogs import is_catalog
from compiler.manifests.forms import is_script
from compiler.manifests.kinds import ImageConfig, ImagePolicy, Manifest
from compiler.manifests.konflux import PATH as KONFLUX
from compiler.manifests.konflux import is_konflux, read_konflux
from compiler.manifests.packing import PACKING
from compiler.manifests.parsing import Parsed, every_home, our_kind, parse
from compiler.manifests.policy_places import LIST_WORD, WORDS, may_contain_policy, policy_places
from compiler.names.releases import DEFAULT_RELEASE, RELEASES, Release
from compiler.repository import files
from compiler.repository.discovery import Discovery, discover
from compiler.repository.files import Candidate, FolderFiles, ManyReader
from compiler.repository.paths import KUSTOMIZATIONS, Problem, is_kustomization
from compiler.repository.sifting import sift
from compiler.text.span import File
from compiler.text.tree import Node

if TYPE_CHECKING:
    from compiler.manifests.kustomization import Kustomization, ResourceReference

Progress = Callable[[int, int], None]
"""Called with how many of how many files are done."""

Outcome = Union[Parsed, Problem, "Kustomization", None]
"""What came of a file; nothing where it has nothing to do with us."""


class _ReadsHomes(Protocol):
    def __call__(self, parsed: Parsed, release: Release, unread: Sequence[Node] = ()) -> Parsed: ...


class Homes(NamedTuple):
    """What reads policy inside other documents: see `compiler.homes`, which is above this wing.

    Attributes:
        pointing: A file that names such a document contains one of these words.
        read: Adds to a file what is in it. Where the file was parsed to a tree and nothing of it was decoded, the tree
            comes with it.
    """

    pointing: tuple[bytes, ...]
    read: _ReadsHomes

    def may_point(self, data: bytes) -> bool:
        """Whether the bytes of a file may name such a document, by a search alone."""
        return any(map(data.__contains__, self.pointing))


Maker = Callable[[str, bytes], Any]
"""What comes of a file, given its shown path and its bytes. It may run in another process."""


class Also(NamedTuple):
    """Files with what is made of each beside its manifests.

    Attributes:
        candidates: The files.
        make: Makes something of a file; nothing of one without any of the `words`.
        words: Without line breaks; None where something is made of files that have none in common.
    """

    candidates: Sequence[Candidate]
    make: Maker
    words: tuple[bytes, ...] | None = None


_USES_OTHERS = re.compile(
    rb"namespace|patch|generator|transformers|validators|replacements|crds|configurations|openapi", re.IGNORECASE
)
"""A kustomization without these words changes nothing of the manifests it names, which are found anyway."""

_FEWEST_FOR_HELP = 500
"""Files worth their own process: below, starting it costs more than it saves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Parsed files, in order of their shown path, what could not be read, and links that were left alone.

    `looked_at` counts the files that were found, whatever is in them. `aside` are files that a kustomization uses as
    patches, generators and the like, which are not manifests. `built_from` are the files that a
    kustomization includes, as far as known.
    """

    parsed: tuple[Parsed, ...] = ()
    problems: tuple[Diagnostic, ...] = ()
    skipped: tuple[Problem, ...] = ()
    temporary: tuple[str, ...] = ()
    looked_at: int = 0
    aside: tuple[Parsed, ...] = ()
    built_from: tuple[str, ...] = ()


def load(
    paths: Iterable[str], release: Release, *, tracked_only: bool = False, progress: Progress | None = None
) -> Loaded:
    """Read and parse what the paths lead to; a path `-` is not for here."""
    discovery = discover(paths, tracked_only=tracked_only)
    return load_each([(discovery, release)], progress=progress)[0]


def load_each(discoveries: Sequence[tuple[Discovery, Release]], *, progress: Progress | None = None) -> list[Loaded]:
    """Read and parse what each discovery found; a file that several found is parsed once for each release."""
    return load_and_search(discoveries, (), progress=progress).loaded


class Read(NamedTuple):
    """What came of files.

    Attributes:
        loaded: What was loaded of each discovery.
        searched: What came of each file that was searched.
        aside: Those of the files aside of which something came, by path, with what it is.
        also: What else was made of each file that was given for that.
    """

    loaded: list[Loaded]
    searched: list[Outcome]
    aside: list[tuple[Candidate, Outcome]]
    also: list[Any]


IsMade = Callable[[Candidate, bytes], bool]
"""Whether a build of ours made a file, and it has these bytes since."""


def load_and_search(
    discoveries: Sequence[tuple[Discovery, Release]],
    searched: Sequence[Candidate],
    *,
    aside: Sequence[FolderFiles] = (),
    made: IsMade | None = None,
    also: Also | None = None,
    homes: Homes | None = None,
    progress: Progress | None = None,
) -> Read:
    """Do what `load_each` does, and beside it search other files for policy, and make something else of some.

    Args:
        discoveries: What was found, with the release to read it for.
        searched: Files in which only places of policy are looked for: of each comes a `Parsed` without manifests, None
            where it has none.
        aside: More files to search, none of which is among the others.
        made: Of the files to search, those that are passed over although they have policy.
        also: Files of which something else is made, or a `Problem`. Many are among the others; each is opened once.
        homes: Reads policy inside other documents; the searched files are read for the first discovery's release.
        progress: Called with how many of how many files are done.
    """
    first = discoveries[0][1] if discoveries else RELEASES[DEFAULT_RELEASE]
    makers: dict[str, Maker] = {
        release.name: partial(outcome_of, release=release, homes=homes) for _, release in discoveries
    }
    makers[_SEARCHED] = searched_outcome if homes is None else partial(searched_outcome, release=first, homes=homes)
    unmade = None if made is None else Unmade(_SEARCHED, made)
    # Of clusters with the same files the discovery is the very same.
    distinct = {(id(found), release.name): (found, release) for found, release in discoveries}
    groups: list[tuple[str, Sequence[Candidate]]] = [
        *((release.name, found.candidates) for found, release in distinct.values()),
        (_SEARCHED, searched),
    ]
    words: tuple[bytes, ...] = (*WORDS, LIST_WORD, *files.WORDS_OF_KINDS, *(homes.pointing if homes else ()))
    if also is not None:
        makers[_ALSO] = also.make
        groups.append((_ALSO, also.candidates))
        words += also.words or ()
    some = also is None or also.words is not None
    beside = Aside(aside, _SEARCHED, (*WORDS, LIST_WORD, *(homes.pointing if homes else ())))
    found = read_each(groups, makers, aside=beside, unmade=unmade, words=words if some else None, progress=progress)
    trace.read(each.candidate.path for each in found.values() if each.outcomes.keys() != {_ALSO})
    loaded = {
        key: replace(
            put_together(
                list(
                    zip([each.path for each in among.candidates], found.of(release.name, among.candidates), strict=True)
                ),
                among.problems,
                among.skipped,
            ),
            temporary=among.temporary,
        )
        for key, (among, release) in distinct.items()
    }
    return Read(
        [loaded[id(among), release.name] for among, release in discoveries],
        found.of(_SEARCHED, searched),
        [(candidate, outcomes[_SEARCHED]) for candidate, outcomes in found.values() if candidate.aside]
        if aside
        else [],
        found.of(_ALSO, also.candidates) if also is not None else [],
    )


_SEARCHED = "searched"
_ALSO = "also"
"""Beside the names of releases, what is made of a file."""


class Aside(NamedTuple):
    """Files that are only searched: of one without any of the words nothing is made.

    Attributes:
        folders: The files.
        maker: The name of what makes something of the others.
        words: Without line breaks.
    """

    folders: Sequence[FolderFiles] = ()
    maker: str = ""
    words: Sequence[bytes] = ()


_NONE_ASIDE = Aside()


class Unmade(NamedTuple):
    """Files of which a maker makes nothing, whatever they contain: those that `is_made` says.

    Attributes:
        maker: The maker's name.
        is_made: Asked only about files with the words that are looked for.
    """

    maker: str
    is_made: IsMade


class MadeOfFile(NamedTuple):
    """A file with what its makers made of it, by their names; for all of them a `Problem` if it cannot be read."""

    candidate: Candidate
    outcomes: Mapping[str, Any]


class MadeOfFiles(dict[str, MadeOfFile]):
    """What was made of files, by their locations; those of which nothing was made are left out."""

    def of(self, maker: str, candidates: Iterable[Candidate]) -> list[Any]:
        """What a maker made of each of some files."""
        places = [candidate.location for candidate in candidates]
        return [self[place].outcomes.get(maker) if place in self else None for place in places]


def read_each(
    groups: Sequence[tuple[str, Sequence[Candidate]]],
    makers: Mapping[str, Maker],
    *,
    aside: Aside = _NONE_ASIDE,
    unmade: Unmade | None = None,
    words: Sequence[bytes] | None = None,
    progress: Progress | None = None,
) -> MadeOfFiles:
    """Read files, each once, and make of them what is wanted.

    Args:
        groups: The names of makers, each with its files.
        makers: By name.
        aside: More files, none of which is in a group.
        unmade: What one of the makers is not asked for.
        words: Nothing is made of a file without any of these words, in whichever encoding, unless something is made of
            it for its name. Without words every file is given to its makers.
        progress: Called with how many of how many files are done.
    """
    asked = [(name, {candidate.location: candidate for candidate in candidates}) for name, candidates in groups]
    every: dict[str, Candidate] = {}
    for _, candidates in (*asked, *reversed(asked)):  # in the order of the groups, and as the first of them has it
        every |= candidates
    shares = _shares(list(every.values()), aside.folders)
    reading = partial(
        _read_shares,
        asked=asked,
        makers=makers,
        words=None if words is None else _parts(words),
        aside=aside._replace(words=_parts(aside.words)),
        unmade=unmade,
        progress=progress,
        total=sum(share.size for share in shares),
    )
    made = {
        each.candidate.location: each
        for hits in spread(reading, shares, least=_FEWEST_FOR_HELP // _SHARE, packing=PACKING)
        for each in hits
    }
    beside = sorted(made.keys() - every.keys(), key=lambda place: made[place].candidate.path)
    return MadeOfFiles({place: made[place] for place in (*filter(made.__contains__, every), *beside)})


class _Share(NamedTuple):
    """Files that are read in turn: candidates, or files aside."""

    candidates: Sequence[Candidate] = ()
    aside: Sequence[FolderFiles] = ()

    @property
    def size(self) -> int:
        return len(self.candidates) + sum(len(folder.names) for folder in self.aside)


_SHARE = 250
_SHARE_ASIDE = 750
"""Files of a share. What is only searched takes a third of the time; and since it comes last, most that is parsed is
parsed here, by modules that other processes then do not import."""


def _shares(candidates: Sequence[Candidate], folders: Iterable[FolderFiles]) -> list[_Share]:
    shares = [_Share(candidates[begin : begin + _SHARE]) for begin in range(0, len(candidates), _SHARE)]
    aside: list[FolderFiles] = []
    left = 0
    for folder in folders:
        for begin in range(0, len(folder.names), _SHARE_ASIDE):
            part = folder._replace(names=folder.names[begin : begin + _SHARE_ASIDE])
            if left < len(part.names):
                aside = []
                shares.append(_Share(aside=aside))
                left = _SHARE_ASIDE
            aside.append(part)
            left -= len(part.names)
    return shares


def _read_shares(
    shares: Sequence[_Share],
    *,
    asked: Sequence[tuple[str, Mapping[str, Candidate]]],
    makers: Mapping[str, Maker],
    words: Sequence[bytes] | None,
    aside: Aside,
    unmade: Unmade | None,
    progress: Progress | None,
    total: int,
) -> list[list[MadeOfFile]]:
    """What was made of the files of each share."""
    results: list[list[MadeOfFile]] = []
    places: dict[str, set[str]] = {}
    for name, candidates in asked:
        places.setdefault(name, set()).update(candidates)
    sizes = [share.size for share in shares]
    most, done = sum(sizes), 0
    with ManyReader() as reader:
        read = reader.read if most >= _MANY else files.read
        for share, size in zip(shares, sizes, strict=True):
            made: list[MadeOfFile] = []
            for candidate, data in _sifted(share.candidates, words, read):
                names = [name for name, among in places.items() if candidate.location in among]
                made += _made(candidate, data, names, makers, unmade)
            beside = chain.from_iterable(map(reader.read_folder, share.aside))
            for (folder, name), data in sift(beside, aside.words):
                made += _made(folder.candidate(name), data, (aside.maker,), makers, unmade)
            results.append(made)
            done += size
            if progress is not None:
                progress(done * total // most, total)
    return results


def _sifted(
    candidates: Sequence[Candidate], words: Sequence[bytes] | None, read: Callable[[Candidate], bytes | Problem]
) -> Iterator[tuple[Candidate, bytes | Problem]]:
    """Those of which something may come, and those that cannot be read."""
    if words is None:
        return ((candidate, read(candidate)) for candidate in candidates)
    whole: list[Candidate] = []
    some: list[Candidate] = []
    for candidate in candidates:
        (whole if candidate.path.endswith(_READ_WHOLE) else some).append(candidate)
    return chain(_sifted(whole, None, read), sift(_sifted(some, None, read), words))


_MANY = 500
"""Files for which it pays to keep handles on their folders."""


def _made(
    candidate: Candidate,
    data: bytes | Problem,
    names: Collection[str],
    makers: Mapping[str, Maker],
    unmade: Unmade | None,
) -> Iterator[MadeOfFile]:
    """A file with what the makers of these names make of it, if any makes something."""
    if isinstance(data, Problem):
        outcomes: dict[str, Any] = dict.fromkeys(names, data)
    else:
        if unmade is not None and unmade.maker in names and unmade.is_made(candidate, data):
            names = [name for name in names if name != unmade.maker]
        made = ((name, makers[name](candidate.path, data)) for name in names)
        outcomes = {name: outcome for name, outcome in made if outcome is not None}
    if outcomes:
        yield MadeOfFile(candidate, outcomes)


_READ_WHOLE = (*KUSTOMIZATIONS, KONFLUX)
"""Ends of the names of files of which something may come that contain none of our words."""

_PARTS = (
    b"irror",
    b"Source",
    b"registries",
    b"openshift.io",
)
"""What several words have in common: a search for a part costs less than one for each of them, and finds more."""

_MARKS = b"\xff"
"""In the byte order marks of UTF-16, and never in UTF-8."""


def _parts(words: Iterable[bytes]) -> tuple[bytes, ...]:
    """Words of which a file contains one if it contains one of `words`, or is UTF-16."""
    wanted = tuple(words)
    # A long word costs less than its part.
    parts = [part for part in _PARTS if sum(part in word for word in wanted) > 1]
    return tuple(dict.fromkeys([_MARKS, *(next((part for part in parts if part in word), word) for word in wanted)]))


def put_together(
    found: Sequence[tuple[str, Outcome]], problems: Iterable[Problem] = (), skipped: Iterable[Problem] = ()
) -> Loaded:
    """What the files of one cluster contain together, given what came of each by its path.

    What kustomizations among them use as patches, generators and the like is not a manifest.
    """
    told = [unreadable(problem) for problem in (*problems, *(each for _, each in found if isinstance(each, Problem)))]
    kustomizations = {path: each for path, each in found if each and not isinstance(each, Parsed | Problem)}
    aside: Mapping[str, ResourceReference] = {}
    if kustomizations:
        from compiler.manifests.kustomization import left_out

        aside = left_out(kustomizations)
        parsed = {path: each for path, each in found if isinstance(each, Parsed)}
        told += _unapplied(kustomizations, aside, parsed)
    manifests = [(path, each) for path, each in found if isinstance(each, Parsed) and path not in aside]
    if any(each.namespace for each in kustomizations.values()):
        manifests = _in_namespaces(manifests, kustomizations)
    return Loaded(
        parsed=tuple([each for _, each in manifests]),
        aside=tuple([each for path, each in found if isinstance(each, Parsed) and path in aside]) if aside else (),
        problems=tuple(told),
        skipped=tuple(skipped),
        looked_at=len(found),
    )


def _in_namespaces(
    manifests: list[tuple[str, Parsed]], kustomizations: "Mapping[str, Kustomization]"
) -> list[tuple[str, Parsed]]:
    """The manifests with the namespaces that kustomizations put into those without one."""
    from compiler.manifests.kustomization import namespaces

    known = namespaces(kustomizations)

    def placed(path: str, manifest: Manifest) -> Manifest:
        namespace = known.get(path) or known.get(posixpath.dirname(path))
        if not isinstance(manifest, ImagePolicy) or manifest.namespace is not None or namespace is None:
            return manifest
        return replace(manifest, namespace=namespace)

    return [
        (path, each._replace(manifests=tuple([placed(path, manifest) for manifest in each.manifests])))
        if any(isinstance(manifest, ImagePolicy) for manifest in each.manifests)
        else (path, each)
        for path, each in manifests
    ]


def _unapplied(
    kustomizations: "Mapping[str, Kustomization]",
    aside: "Mapping[str, ResourceReference]",
    parsed: Mapping[str, Parsed],
) -> Iterator[Diagnostic]:
    """Patches of our kinds, in separate files and written into a kustomization."""
    from compiler.manifests.kustomization import unapplied

    inline = [("", reference) for each in kustomizations.values() for reference in each.inline]
    for path, reference in (*aside.items(), *inline):
        text = parsed[path].file.text if path in parsed else reference.path.value
        kind = our_kind(f"kind: {reference.target}\n{ImageConfig.api_version}") or our_kind(text)
        if reference.is_patch and kind:
            yield unapplied(reference, kind)


def outcome_of(path: str, data: bytes, release: Release, homes: Homes | None = None) -> Outcome:
    """What comes of a file's bytes: its manifests, what a kustomization names, nothing, or a problem."""
    if is_konflux(path):
        return files.affordable(path, partial(_parsed, path, data, release))
    if is_script(path) or not is_relevant(path, data):
        return None if is_kustomization(path) else searched_outcome(path, data, release, homes)
    unread: list[Node] = []
    found = files.affordable(path, partial(_parsed, path, data, release, unread))
    return found if homes is None else _with_homes(found, data, release, homes, unread)


def _with_homes(found: Outcome, data: bytes, release: Release, homes: Homes, unread: Sequence[Node] = ()) -> Outcome:
    """A file with what its homes contain, if it may have any."""
    if not isinstance(found, Parsed) or not (found.places or homes.may_point(data)):
        return found
    return files.affordable(found.file.path, partial(homes.read, found, release, unread))


def _parsed(path: str, data: bytes, release: Release, unread: list[Node] | None = None) -> Outcome:
    file = files.decode(path, data)
    if isinstance(file, Problem):
        return file
    if is_konflux(path):
        return read_konflux(file)
    if not is_kustomization(path):
        return parse(file, release, unread)
    from compiler.manifests.kustomization import decode

    return decode(file)


def searched_outcome(
    path: str, data: bytes, release: Release = RELEASES[DEFAULT_RELEASE], homes: Homes | None = None
) -> Outcome:
    """The places of policy in a file that is not parsed, with what is in its homes.

    None where there are none, nor a comment that allows some.
    """
    if is_catalog(data):
        return None
    points = homes is not None and homes.may_point(data)
    if not points and not may_contain_policy(data):
        return None
    file = files.decode(path, data)
    if not isinstance(file, File):
        if files.is_binary(data):
            return None
        file = File(path, data.decode("utf-8", "replace"))
    places = policy_places(file)
    if not points and not places and rules.UNREAD_POLICY.name not in file.text:
        return None
    found = Parsed(file=file, places=places)
    found_there = found if homes is None else _with_homes(found, data, release, homes)
    if (
        isinstance(found_there, Parsed)
        and not places
        and not found_there.pointers
        and not list(every_home(found_there))
    ):
        return found if rules.UNREAD_POLICY.name in file.text else None
    return found_there


def is_relevant(path: str, data: bytes) -> bool:
    """Whether anything can come of a file's bytes, decided by a search alone."""
    if is_kustomization(path):
        return bool(_USES_OTHERS.search(data))
    return not is_catalog(data) and files.mentions_our_kinds(data)


def read_one(path: str) -> bytes | Problem:
    """The bytes of one file, whatever its name."""
    discovery = discover([path])
    if discovery.problems:
        return discovery.problems[0]
    if [candidate.location for candidate in discovery.candidates] != [path]:
        return Problem.of(path, "is a folder, not a file", "Give the file itself.")
    return files.read(discovery.candidates[0])


def load_bytes(path: str, data: bytes, release: Release, homes: Homes | None = None) -> Loaded:
    """Parse bytes that are in no file, such as standard input, under the name `path`."""

    def parsed() -> Parsed | Problem:
        file = files.decode(path, data)
        if not isinstance(file, File):
            return file
        made = parse(file, release)
        return made if homes is None else homes.read(made, release)

    found = files.affordable(path, parsed)
    if isinstance(found, Problem):
        return Loaded(problems=(unreadable(found),), looked_at=1)
    return Loaded(parsed=(found,), looked_at=1)


def unreadable(problem: Problem) -> Diagnostic:
    """What kept a path or file from being read, as a finding."""
    return rules.UNREADABLE_FILE.at(problem.span, f"`{problem.path}` {problem.message}", help=problem.help)


def was_unread(diagnostic: Diagnostic) -> bool:
    """Whether a finding says that nothing at all could be read: the call or the disk is at fault, not the text."""
    return diagnostic.rule == rules.UNREADABLE_FILE.name and not diagnostic.span.file.text
