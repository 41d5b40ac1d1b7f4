"""Why a pull goes where it goes: each attempt with the rules that put it there, and what decides its place.

In: the registries model with what it was made from (the merged sources, the Image config), or the model of an
existing registries.conf alone, and pull specs. Out: explanations: values, no wording of a report.

Where pulls go is `pull`'s business; this module only finds the reasons. Lists decide an order as
openshift/runtime-utils `registries.topoGraph` (7bdb5b9) reads them: see `precedence`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from compiler.manifests.kinds import NEVER
from compiler.names.reference import (
    ANY_DIGEST,
    InvalidReferenceError,
    is_host_component,
    is_short_name,
    parse_normalized,
)
from compiler.node.admission import BLOCKED_REGISTRIES, INSECURE_REGISTRIES, Admission, DecidingSetting
from compiler.node.files import BASE_SEARCH
from compiler.node.loading import InvalidRegistriesError
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry, Role
from compiler.node.pull import AttemptVerdict, Failure, Outcome, Pull, PullAttempt
from compiler.node.resolver import Resolver
from compiler.node.signatures import NameVerdict, NeededSignatures, SignaturePolicy, judge_name
from compiler.policy.analysis import Analysis
from compiler.policy.precedence import Conflict, Precedence
from compiler.policy.requirements import admission_of, signature_policy
from compiler.text.opaque import is_open, revealed
from compiler.text.span import Span

if TYPE_CHECKING:
    from compiler.explain.asked import Asked

BLOCKED = "blocked"
"""The key of an entry in a file."""


class OrderDecision(StrEnum):
    """What puts an attempt in its place."""

    FIRST = "first"
    LISTED = "listed"
    UNRELATED = "unrelated"
    CONFLICT = "conflict"
    SOURCE_LAST = "source-last"
    FILE_ORDER = "file-order"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReason:
    """Why an attempt comes after the one before it.

    `lists` are its places in the lists that say so, `against` those in lists that say the opposite. With
    `UNRELATED` no list names both and the cluster breaks the tie by name.
    """

    decision: OrderDecision
    lists: tuple[Span, ...] = ()
    against: tuple[Span, ...] = ()


_FIRST = OrderReason(decision=OrderDecision.FIRST)
_SOURCE_LAST = OrderReason(decision=OrderDecision.SOURCE_LAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedAttempt:
    """One endpoint of a pull: tried, failing or skipped, and why.

    `place` is missing where the endpoint is skipped. `blocked_by` and `insecure_by` name what sets the flags.
    `signatures_looked_for` says whether a node looks for sigstore signatures there, None where that is not known.
    """

    attempt: PullAttempt
    place: OrderReason | None = None
    blocked_by: tuple[DecidingSetting, ...] = ()
    insecure_by: tuple[DecidingSetting, ...] = ()
    signatures_looked_for: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a pull does and why.

    `hidden` are the entries that match as well and play no part, longest first. `inherited_from` is the source
    whose mirrors the entry got because it has none. `conflicts` are those among the lists that decide the
    order of these attempts. `refusal` is what policy.json has against the image,
    whatever registry serves it. `signatures` are those that it requires, and `name_verdict` whether one that carries a
    name would be accepted, where that was asked. `candidates` are what a node makes of a name
    without a registry, in the order of trial; this explanation is then that of one of them. `accepted_by` is what
    allows the image in the Image config. `undecided` are the entries that match too for some values of the placeholders
    in the pull spec or in them, and `is_admission_undecided` says that a placeholder decides whether the image is
    allowed. `is_registry` says that this is about any image of a registry.
    """

    pull_spec: str
    pull: Pull
    steps: tuple[ExplainedAttempt, ...] = ()
    skipped: tuple[ExplainedAttempt, ...] = ()
    hidden: tuple[RegistryEntry, ...] = ()
    inherited_from: str = ""
    conflicts: tuple[Conflict, ...] = ()
    refusal: DecidingSetting | None = None
    signatures: NeededSignatures = field(default_factory=NeededSignatures)
    name_verdict: NameVerdict | None = None
    candidates: tuple["Explanation", ...] = ()
    accepted_by: DecidingSetting | None = None
    undecided: tuple[RegistryEntry, ...] = ()
    is_admission_undecided: bool = False
    is_registry: bool = False

    @property
    def outcome(self) -> Outcome:
        """What the attempts add up to, if the image is accepted."""
        return Outcome.UNAVAILABLE if self.refusal or self.lacks_signatures else self.pull.outcome

    @property
    def unsigned_places(self) -> tuple[str, ...]:
        """Where the image may come from without the required signature being looked for: what is asked there."""
        if not self.signatures.sigstore:
            return ()
        tried = (step for step in self.steps if step.attempt.verdict is AttemptVerdict.TRIED)
        return tuple(step.attempt.reference for step in tried if step.signatures_looked_for is False)

    @property
    def lacks_signatures(self) -> bool:
        """Whether a sigstore signature is required that is not looked for wherever the image may come from."""
        tried = [step for step in self.steps if step.attempt.verdict is AttemptVerdict.TRIED]
        return bool(tried) and len(self.unsigned_places) == len(tried)

    @property
    def ok(self) -> bool:
        """Whether the pull is attempted at all."""
        return self.pull.failure is None

    def judged(self, name: str) -> "Explanation":
        """The same with whether a signature that carries `name` would be accepted."""
        return replace(
            self,
            name_verdict=judge_name(self.pull, self.signatures, name),
            candidates=tuple(candidate.judged(name) for candidate in self.candidates),
        )


class Explainer:
    """Explains pulls on the nodes of one cluster.

    Attributes:
        conf: The configuration of its nodes, the search list included.
        resolver: The same, loaded.
        admission: What its policy.json rejects.
        signatures: The signatures that its policy.json requires, and where its nodes look for them.
        failure: Why none of its nodes would load the configuration; then no pull is attempted.
    """

    def __init__(
        self,
        conf: RegistriesConf,
        *,
        digest: Iterable[Precedence] = (),
        tag: Iterable[Precedence] = (),
        admission: Admission | None = None,
        signatures: SignaturePolicy | None = None,
    ) -> None:
        self.conf = conf
        self.failure: Failure | None = None
        try:
            self.resolver = Resolver(conf)
        except InvalidRegistriesError as error:
            self.failure = _unloadable(error)
            self.resolver = Resolver(RegistriesConf())
        self._merged = {
            True: {precedence.source: precedence for precedence in digest},
            False: {precedence.source: precedence for precedence in tag},
        }
        self.signatures = signatures or SignaturePolicy()
        self.admission = admission or Admission.of_requirements(self.signatures.requirements)
        self._places: dict[tuple[str, bool], tuple[OrderReason, ...]] = {}
        self._spelled: dict[str, str] | None = None
        self._of_manifests = False
        self._open = tuple(entry for scope, entry in self.resolver.entries.items() if is_open(scope))

    @classmethod
    def of_analysis(cls, analysis: Analysis, namespace: str = "") -> "Explainer":
        """One for the cluster whose manifests were analysed, whether or not its controller would take them.

        `namespace` is that of the pods that pull, empty for any without a signature policy.
        """
        signatures = signature_policy(analysis, namespace)
        entries = analysis.conf.entries if analysis.conf else ()
        made = cls(
            RegistriesConf(search=analysis.search or BASE_SEARCH, entries=entries),
            digest=analysis.digest,
            tag=analysis.tag,
            admission=admission_of(analysis, signatures, namespace),
            signatures=signatures,
        )
        made._of_manifests = True
        return made

    @property
    def search(self) -> tuple[str, ...]:
        """The registries that a name without one is looked for in, in order."""
        return self.resolver.search

    def explain(self, pull_spec: str) -> Explanation:
        """Say what a node does to pull `pull_spec`.

        A name without a registry is explained as one of `docker.io`, the form it is short for, unless the cluster
        has its own search list: then as the first candidate. The candidates are all there in either case.
        What is not a pull spec may be a source as manifests have it: one with placeholders, a wildcard, or a registry
        that the policy names. In a file of a node, a registry by itself is a short name, as for the node.
        """
        is_named = self._of_manifests and self.failure is None and pull_spec in self._hosts
        if is_named and is_short_name(pull_spec) and is_host_component(pull_spec):
            from compiler.explain.asked import of_registry

            return self._of_asked(pull_spec, of_registry(pull_spec))
        return self.explain_image(pull_spec)

    def explain_image(self, pull_spec: str) -> Explanation:
        """Say the same of an image that something pulls: a registry by itself is a short name, as for a node."""
        if self.failure is not None:
            return Explanation(pull_spec=pull_spec, pull=Pull(pull_spec=pull_spec, failure=self.failure))
        if not is_short_name(pull_spec) or not self.search:
            pull = self.resolver.resolve(pull_spec)
            asked = self._asked(pull_spec) if pull.normalized is None else None
            return self._told(pull_spec, pull) if asked is None else self._of_asked(pull_spec, asked)
        candidates = tuple(self._told(pull_spec, pull) for pull in self.resolver.resolve_short_name(pull_spec))
        pull = self.resolver.resolve(pull_spec) if self.search == BASE_SEARCH else candidates[0].pull
        return self._told(pull_spec, pull, candidates)

    def _asked(self, text: str) -> "Asked | None":
        """What a text asks for that is not a pull spec."""
        from compiler.explain.asked import asked_of, spellings

        if self._spelled is None:
            self._spelled = spellings(self._scopes())
        return asked_of(text, self._spelled)

    def _scopes(self) -> Iterator[str]:
        """What the policy has entries for, blocks and allows."""
        yield from self.resolver.entries
        for scopes in self.admission.scopes:
            yield from scopes

    def _of_asked(self, pull_spec: str, asked: "Asked") -> Explanation:
        told = self._told(pull_spec, self.resolver.resolve_reference(pull_spec, asked.reference))
        return replace(told, is_registry=asked.is_registry)

    @cached_property
    def _hosts(self) -> frozenset[str]:
        """The registries that the policy names by themselves or with a path."""
        return frozenset(scope.partition("/")[0] for scope in self._scopes())

    def _told(self, pull_spec: str, pull: Pull, candidates: tuple[Explanation, ...] = ()) -> Explanation:
        name = pull.normalized.name if pull.normalized else ""
        told = self._about(pull_spec, pull, candidates)
        accepted = self.admission.acceptance(name) if name and told.refusal is None else None
        open_here = self._open if not is_open(name) else self.resolver.entries.values()
        if not open_here and accepted is None and not self.admission.is_undecided(name):
            return told
        return replace(
            told,
            accepted_by=accepted,
            undecided=self._undecided(name, open_here) if open_here else (),
            is_admission_undecided=self.admission.is_undecided(name),
        )

    def _undecided(self, name: str, entries: Iterable[RegistryEntry]) -> tuple[RegistryEntry, ...]:
        from compiler.explain.asked import undecided

        return undecided(name, entries, self.resolver.matching_entries(name))

    def _about(self, pull_spec: str, pull: Pull, candidates: tuple[Explanation, ...]) -> Explanation:
        entry = pull.entry
        refusal = self.admission.refusal(pull.normalized) if pull.normalized else None
        signatures = self.signatures.needed(pull)
        if pull.normalized is None or entry is None:
            return Explanation(
                pull_spec=pull_spec,
                pull=pull,
                steps=tuple(self._step(attempt, _SOURCE_LAST) for attempt in pull.attempts),
                refusal=refusal,
                signatures=signatures,
                candidates=candidates,
            )
        places = (*self._places_of(entry, by_digest=pull.by_digest)[: max(len(pull.attempts) - 1, 0)], _SOURCE_LAST)
        precedence = self._merged[pull.by_digest].get(entry.inherited_from or entry.scope)
        return Explanation(
            pull_spec=pull_spec,
            pull=pull,
            steps=tuple(self._step(attempt, place) for attempt, place in zip(pull.attempts, places, strict=False)),
            skipped=tuple(self._step(attempt) for attempt in pull.skipped),
            hidden=self.resolver.matching_entries(pull.normalized.name)[1:],
            inherited_from=entry.inherited_from if entry.mirrors else "",
            conflicts=precedence.conflicts if precedence else (),
            refusal=refusal,
            signatures=signatures,
            candidates=candidates,
        )

    def _places_of(self, entry: RegistryEntry, *, by_digest: bool) -> tuple[OrderReason, ...]:
        """Why the mirrors of an entry are in their order; at least one place for each that serves."""
        known = self._places.get((entry.scope, by_digest))
        if known is None:
            precedence = self._merged[by_digest].get(entry.inherited_from or entry.scope)
            if precedence is not None:
                known = tuple(_behind_each_other(precedence))
            else:
                behind = OrderReason(decision=OrderDecision.FILE_ORDER)
                known = (_FIRST, *(behind for _ in entry.mirrors[1:]))
            self._places[entry.scope, by_digest] = known
        return known

    def _step(self, attempt: PullAttempt, place: OrderReason | None = None) -> ExplainedAttempt:
        blocker = attempt.blocked_by
        return ExplainedAttempt(
            attempt=attempt,
            place=place,
            blocked_by=tuple(_blocking(blocker)) if blocker else (),
            insecure_by=tuple(_unsecuring(attempt.endpoint)),
            signatures_looked_for=self.signatures.looked_for(attempt),
        )


def _blocking(entry: RegistryEntry) -> Iterator[DecidingSetting]:
    """What blocks an entry: its own rules, then the Image config; in a file the key says so itself."""
    settings = {Role.MIRROR_SOURCE_POLICY: NEVER, Role.BLOCKED: BLOCKED_REGISTRIES}
    origins = entry.by(*settings)
    for origin in origins:
        setting = settings[origin.role] if origin.scope else BLOCKED
        yield DecidingSetting(setting=setting, scope=origin.scope or entry.scope, spans=(origin.span,))
    if not origins:
        yield DecidingSetting(setting=BLOCKED, scope=entry.scope)


def _unsecuring(endpoint: Endpoint) -> Iterator[DecidingSetting]:
    """The scopes of the Image config that make an endpoint insecure; a key of a file is not shown by itself."""
    for origin in endpoint.insecure_by:
        if origin.scope:
            yield DecidingSetting(setting=INSECURE_REGISTRIES, scope=origin.scope, spans=(origin.span,))


def _unloadable(error: InvalidRegistriesError) -> Failure:
    spans = error.entry.origins[:1] if error.entry else ()
    where = "".join(f" ({span})" for span in spans)
    return Failure(error=str(error), explanation=f"a node cannot load this registries.conf{where}: {error}")


def forms_of(pull_spec: str) -> tuple[str, ...]:
    """A pull spec by its tag, then by its digest; what is missing is left open.

    Without a tag the first has none, and without a digest the second has `ANY_DIGEST`. What is not a reference is
    returned unchanged.
    """
    text = pull_spec
    try:
        reference = parse_normalized(text)
    except InvalidReferenceError:
        from compiler.manifests.tokens import with_tokens

        text = with_tokens(text)
        try:
            reference = parse_normalized(text)
        except InvalidReferenceError:
            return (pull_spec,)
    named, _, digest = text.partition("@")
    if digest:
        return (revealed(named), pull_spec)
    bare = named[: -len(reference.tag) - 1] if reference.tag else named
    return (revealed(named), f"{revealed(bare)}@{ANY_DIGEST}")


def _behind_each_other(precedence: Precedence) -> Iterator[OrderReason]:
    """The reason for each mirror's place, in order."""
    lists = [
        [(mirror.value, mirror.span) for mirror in rule.mirrors]
        + (
            []
            if any(mirror.value == precedence.source for mirror in rule.mirrors)
            else [(precedence.source, rule.source.span)]
        )
        for rule in precedence.rules
    ]
    at: dict[str, dict[int, list[int]]] = {}
    for number, mirrors in enumerate(lists):
        for position, (mirror, _) in enumerate(mirrors):
            at.setdefault(mirror, {}).setdefault(number, []).append(position)
    for index, mirror in enumerate(precedence.order):
        if index == 0:
            yield _FIRST
            continue
        before = precedence.order[index - 1]
        shared = [number for number in at[before] if number in at[mirror]]
        behind = tuple(
            lists[number][at[mirror][number][-1]][1]
            for number in shared
            if at[before][number][0] < at[mirror][number][-1]
        )
        against = tuple(
            lists[number][at[mirror][number][0]][1]
            for number in shared
            if at[mirror][number][0] < at[before][number][-1]
        )
        if against or _unsettled(precedence, (before, mirror)):
            yield OrderReason(decision=OrderDecision.CONFLICT, lists=behind, against=against)
        elif behind:
            yield OrderReason(decision=OrderDecision.LISTED, lists=behind)
        else:
            yield OrderReason(decision=OrderDecision.UNRELATED)


def _unsettled(precedence: Precedence, pair: Sequence[str]) -> bool:
    """Whether one conflict takes in both."""
    return any(all(mirror in conflict.mirrors for mirror in pair) for conflict in precedence.conflicts)
