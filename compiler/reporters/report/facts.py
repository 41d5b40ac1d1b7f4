"""What a report knows of each cluster, and the same of a fleet with equal parts together.

In: the analysis of a cluster. Out: `ClusterFacts`: counts, a `SourceRow` for each registry entry with the attempts of
pulls by digest and by tag, and the graphs of contested sources. Where pulls go is `node.scope_pulls`' answer.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from compiler.findings.by_cluster import Kinds
from compiler.names.scope import ScopeSet, head_of, is_wildcard
from compiler.node.admission import Admission
from compiler.node.files import BASE_SEARCH
from compiler.node.model import RegistriesConf, RegistryEntry
from compiler.node.scope_pulls import ScopePull, ScopePulls
from compiler.policy.analysis import Analysis
from compiler.policy.source_graph import DIGEST, TAG, SourceGraph, source_graph
from compiler.text.opaque import is_open
from compiler.text.span import Span

_SEPARATOR = re.compile(r"[/:@]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One place where a pull is tried: its number, location and the places that list it."""

    number: int
    location: str
    insecure: bool = False
    is_source: bool = False
    places: tuple[Span, ...] = field(default=(), compare=False)

    @property
    def host(self) -> str:
        """The registry host with its port."""
        return self.location.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """The attempts of pulls in one form, `digest` or `tag`; `dead` are mirrors that a blocked entry matches."""

    form: str
    attempts: tuple[Attempt, ...]
    dead: tuple[str, ...] = ()
    invalid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One registry entry: its forms and what is to be known of it."""

    scope: str
    forms: tuple[FormRow, ...]
    blocked: bool = False
    never: bool = False
    refused: bool = False
    insecure: bool = False
    signed: tuple[str, ...] = ()
    places: tuple[Span, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFacts:
    """One cluster.

    `counts` are those of `Analysis.counts`. `stale` is the number of rendered files that a build would change, None
    where no build wrote any; `problem` says why that is not known. `refused` says that the controller refuses the
    manifests, so that nodes keep the files they have.
    """

    name: str
    release: str
    counts: Mapping[str, int]
    rows: tuple[SourceRow, ...]
    graphs: tuple[SourceGraph, ...]
    refused: bool = False
    stale: int | None = None
    problem: str = ""


class Gatherer:
    """Makes the facts of clusters; what clusters share is made once."""

    def __init__(self) -> None:
        self._rows: dict[tuple[object, ...], tuple[RegistryEntry, Related, SourceRow]] = {}
        self._hosts_of: dict[int, tuple[RegistryEntry, frozenset[str]]] = {}
        self._graphs: dict[tuple[int, str], tuple[object, SourceGraph]] = {}

    def gather(
        self, name: str, release: str, analysis: Analysis, *, stale: int | None = None, problem: str = ""
    ) -> ClusterFacts:
        """The facts of one cluster."""
        return ClusterFacts(
            name=name,
            release=release,
            counts=analysis.counts,
            rows=tuple(self._source_rows(analysis)),
            graphs=tuple(self._contested(analysis)),
            refused=analysis.refused,
            stale=stale,
            problem=problem,
        )

    def _source_rows(self, analysis: Analysis) -> Iterable[SourceRow]:
        conf = analysis.conf or RegistriesConf(search=BASE_SEARCH)
        admission = Admission.of_image_config(
            analysis.policy.image, analysis.guarded.policy_blocked, analysis.guarded.allowed
        )
        pulls = ScopePulls(conf, admission)
        others = _Others(pulls, admission)
        signed = ScopeSet(analysis.signatures.scopes)
        never = {each.source for each in (*analysis.digest, *analysis.tag) if each.blocked_by is not None}
        for entry in sorted(conf.entries, key=lambda entry: entry.scope):
            origins = tuple(
                dict.fromkeys(
                    each.origin for scope in signed.enclosing(entry.scope) for each in analysis.signatures.of(scope)
                )
            )
            # Nothing but the entry itself, the signatures and what is related to it say what a row shows.
            related = others.related(entry, self._hosts(entry))
            kinds = tuple((scope, kind, id(wildcard)) for scope, kind, wildcard in related)
            key = (id(entry), origins, entry.scope in never, others.of_all, kinds)
            if key not in self._rows:
                row = _source_row(entry, pulls, origins, never=entry.scope in never)
                self._rows[key] = (entry, related, row)
            yield self._rows[key][2]

    def _hosts(self, entry: RegistryEntry) -> frozenset[str]:
        """The hosts of an entry and of its mirrors, without ports."""
        known = self._hosts_of.get(id(entry))
        if known is None:
            locations = (entry.scope, *(mirror.location for mirror in entry.mirrors))
            known = self._hosts_of[id(entry)] = (entry, frozenset(map(head_of, locations)))
        return known[1]

    def _contested(self, analysis: Analysis) -> Iterable[SourceGraph]:
        for merged, form in ((analysis.digest, DIGEST), (analysis.tag, TAG)):
            for precedence in merged:
                if len(precedence.rules) < 2:
                    continue
                key = (id(precedence), form)
                if key not in self._graphs:
                    self._graphs[key] = (precedence, source_graph(precedence, form))
                yield self._graphs[key][1]


Related = tuple[tuple[str, tuple[bool, bool, bool], RegistryEntry | None], ...]
"""Scopes with whether the entry is blocked and whether policy.json blocks and allows them; the entry of a wildcard."""


class _Others:
    """What decides where pulls of a source go beside its own entry: blocked and wildcard entries, and policy.json.

    `of_all` is what they say of all sources.
    """

    def __init__(self, pulls: ScopePulls, admission: Admission) -> None:
        blocked, allowed = map(frozenset, admission.scopes)
        self._wildcards = {scope: entry for scope, entry in pulls.entries.items() if is_wildcard(scope)}
        blocking = frozenset(scope for scope, entry in pulls.entries.items() if entry.blocked)
        self._kinds = {
            scope: (scope in blocking, scope in blocked, scope in allowed)
            for scope in (*blocking, *self._wildcards, *blocked, *allowed)
        }
        self._hosts = frozenset(map(head_of, self._kinds))
        self._has_wildcards = any(map(is_wildcard, self._kinds))
        self._lengths = frozenset(map(len, self._kinds))
        self.of_all = (pulls.unloadable, admission.refuses_others, any(map(is_open, allowed)))

    def related(self, entry: RegistryEntry, hosts: frozenset[str]) -> Related:
        """Those that match the scope of an entry with these hosts, or one of its mirrors.

        Those below a scope say nothing of it: a row is about all that they do not match.
        """
        if not self._has_wildcards and self._hosts.isdisjoint(hosts):
            return ()
        found: dict[str, None] = {}
        for location in (entry.scope, *(mirror.location for mirror in entry.mirrors)):
            if self._has_wildcards or head_of(location) in self._hosts:
                found |= dict.fromkeys(self._matching(location))
        return tuple((scope, self._kinds[scope], self._wildcards.get(scope)) for scope in found)

    def _matching(self, location: str) -> Iterator[str]:
        for end in (*(match.start() for match in _SEPARATOR.finditer(location)), len(location)):
            if end in self._lengths and (scope := location[:end]) in self._kinds:
                yield scope
        if self._has_wildcards:
            host = _host(location)
            for name in dict.fromkeys((host, head_of(location))):
                dot = -1
                while (dot := name.find(".", dot + 1)) >= 0:
                    if len(name) - dot + 1 in self._lengths and (scope := f"*{name[dot:]}") in self._kinds:
                        yield scope


def _host(location: str) -> str:
    return location.partition("/")[0]


def _source_row(entry: RegistryEntry, pulls: ScopePulls, signed: tuple[str, ...], *, never: bool) -> SourceRow:
    found = list(zip((DIGEST, TAG), pulls.pulls(entry.scope), strict=True))
    return SourceRow(
        scope=entry.scope,
        forms=tuple(_form(form, pull, entry) for form, pull in found if pull is not None),
        blocked=entry.blocked and not never,
        never=never,
        refused=any(pull is not None and pull.refused for _, pull in found),
        insecure=entry.insecure,
        signed=signed,
        places=tuple(dict.fromkeys(entry.origins)),
    )


def _form(form: str, pull: ScopePull, entry: RegistryEntry) -> FormRow:
    listed: dict[str, tuple[Span, ...]] = {}
    for mirror in entry.mirrors:
        if mirror.pull_from_mirror in {"", "all", f"{form}-only"}:
            listed.setdefault(mirror.location, mirror.origins)
    stops = () if pull.refused else pull.stops
    return FormRow(
        form=form,
        attempts=tuple(
            Attempt(
                number=number,
                location=stop.location,
                insecure=stop.insecure,
                is_source=stop is pull.source,
                places=() if stop is pull.source else listed.get(stop.location, ()),
            )
            for number, stop in enumerate(stops, start=1)
        ),
        dead=pull.dead,
        invalid=pull.invalid != "none",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRow:
    """A row with the clusters that have it."""

    row: SourceRow
    clusters: tuple[str, ...]


def shared_rows(facts: Sequence[ClusterFacts]) -> list[SharedRow]:
    """Each row once, with the clusters that have it, by source, then the order of clusters."""
    known: dict[int, SourceRow] = {}
    same: dict[SourceRow, SourceRow] = {}
    kinds = Kinds((each.name, each.rows) for each in facts)
    having: dict[int, list[int]] = {}
    for number, rows in enumerate(kinds.each):
        for row in rows:
            first = known.get(id(row))
            if first is None:
                first = known[id(row)] = same.setdefault(row, row)
            having.setdefault(id(first), []).append(number)
    found = [SharedRow(row=row, clusters=kinds.names(having[id(row)])) for row in same.values()]
    return sorted(found, key=lambda each: each.row.scope)
