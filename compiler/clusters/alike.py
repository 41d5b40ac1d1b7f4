"""Clusters that are made of the same: what is made of one of them is true of each.

In: clusters with what was loaded of each. Out: which of them are alike, and how much there is to make of all of them.
A repo of half a megabyte can name seven thousand clusters of five thousand rules.
"""

from collections.abc import Hashable, Iterable
from typing import NamedTuple, Protocol, TypeVar

from compiler.findings.diagnostics import Diagnostic
from compiler.machine.limits import most
from compiler.manifests.kinds import ImageConfig, MirrorSet, SignaturePolicyObject
from compiler.manifests.parsing import Parsed
from compiler.policy.settings import Settings

_Item = TypeVar("_Item")

_MOST_STEPS = 80_000
"""Sources, mirrors and scopes over all clusters that are not alike, whatever the repo has: seconds of work."""
_PER_STEP = 2
"""How many more for each of them that the repo has."""
_OWN_STEPS = 20
"""What a cluster costs without any."""


class ReadFiles(Protocol):
    """What was read of a cluster, or of one side of a comparison."""

    @property
    def parsed(self) -> tuple[Parsed, ...]:
        """The files."""

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What could not be read."""


def kind_of(settings: Settings, *read: ReadFiles) -> Hashable:
    """What is equal in clusters that are alike: files, problems and values count by identity, the rest by value."""
    return (
        *(settings.release.name, settings.version, settings.pools, settings.release_image, settings.machine_config),
        *(settings.name, settings.payload_policy, settings.namespace, settings.allow_empty, settings.release_chosen),
        tuple(sorted(settings.severities.items())),
        id(settings.values) if settings.values else 0,
        *(tuple(map(id, each.parsed)) for each in read),
        *(tuple(map(id, each.problems)) for each in read),
    )


def grouped(items: Iterable[tuple[Hashable, _Item]]) -> list[list[_Item]]:
    """Items of one kind together, in order of the first of each kind."""
    groups: dict[Hashable, list[_Item]] = {}
    for kind, item in items:
        groups.setdefault(kind, []).append(item)
    return list(groups.values())


class TooMuch(NamedTuple):
    """How many sources, mirrors and scopes there are over all clusters, and how many are enough."""

    steps: int
    most: int


def too_much(clusters: Iterable[tuple[Settings, *tuple[ReadFiles, ...]]]) -> TooMuch | None:
    """Whether clusters and rules multiply to more than is worked out; None where they do not."""
    size_of: dict[int, int] = {}
    steps = 0
    for read, *_ in grouped((kind_of(settings, *read), read) for settings, *read in clusters):
        files = [parsed for each in read for parsed in each.parsed]
        for parsed in files:
            if id(parsed) not in size_of:
                size_of[id(parsed)] = _size(parsed)
        steps += _OWN_STEPS + sum(size_of[id(parsed)] for parsed in files)
    limit = most(_MOST_STEPS, _PER_STEP, sum(size_of.values()))
    return TooMuch(steps, limit) if steps > limit else None


def _size(parsed: Parsed) -> int:
    return sum(map(_size_of, parsed.manifests))


def _size_of(manifest: object) -> int:
    if isinstance(manifest, MirrorSet):
        return sum(1 + len(rule.mirrors) for rule in manifest.rules)
    if isinstance(manifest, ImageConfig):
        lists = (manifest.blocked, manifest.allowed, manifest.insecure, manifest.search)
        return sum(len(each) for each in lists if each is not None)
    return len(manifest.scopes) if isinstance(manifest, SignaturePolicyObject) else 1
