"""Whether images are mirrored: one word for each, where `explanation` explains every attempt.

In: what pulls are explained by, and pull specs. Out: standings. A hundred thousand pull specs are a matter of a second:
what all pulls through an entry have in common is found once.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, cached_property
from typing import NamedTuple

from compiler.explain.explanation import BLOCKED, Explainer, Explanation, forms_of
from compiler.explain.near_sources import NearSources, near_sources
from compiler.explain.pull_signatures import PullSignatures, PullSigner
from compiler.names.lookup import repository_of
from compiler.names.reference import (
    DEFAULT_DOMAIN,
    NAME_LENGTH,
    InvalidReferenceError,
    Reference,
    is_short_name,
    parse_normalized,
)
from compiler.names.scope import ScopeSet
from compiler.node.admission import DecidingSetting
from compiler.node.model import RegistryEntry
from compiler.node.pull import Outcome
from compiler.node.requirements import Requirement, ScopeRequirements
from compiler.text.span import Span


class Status(StrEnum):
    """What a pull would do, the worst first."""

    INVALID = "error"
    BLOCKED = "blocked"
    NOT_MIRRORED = "not-mirrored"
    DIGESTS_ONLY = "mirrored-for-digests"
    TAGS_ONLY = "mirrored-for-tags"
    MIRRORED = "mirrored"

    @property
    def rank(self) -> int:
        """Smaller is worse."""
        return _RANKS[self]

    @property
    def is_mirrored(self) -> bool:
        """Whether a mirror takes part in the pull."""
        return self is Status.MIRRORED


_RANKS = {status: rank for rank, status in enumerate(Status)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The status of an image, in a word, in a sentence where there is trouble, and by which places.

    `candidates` are what a name without a registry may be short for, in the order of trial. `disagrees` says that the
    policy leads elsewhere than a mapping.

    `served` has the location of the mirror that is tried first and the clusters where it is, one pair for each such
    mirror; the clusters are empty where there is one cluster. It is empty for an image that no mirror serves.
    """

    status: Status
    detail: str = ""
    spans: tuple[Span, ...] = ()
    signature: "SignatureStanding | None" = None
    served: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), compare=False)
    candidates: "tuple[NameCandidate, ...]" = ()
    disagrees: bool = False

    @property
    def is_signed_mirror(self) -> bool:
        """Whether it is mirrored and all that remains is that its signature must be mirrored too."""
        signature = self.signature
        return self.status is Status.MIRRORED and signature is not None and not signature.not_looked_for_at


class NameCandidate(NamedTuple):
    """What a name without a registry may be short for, and its status; `chosen` is the one that a node gets."""

    image: str
    status: Status
    detail: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureStanding:
    """The sigstore signature that an image needs.

    Attributes:
        scope: The scope of policy.json that requires it, None for its default.
        policies: The objects that ask for it; none where a file of a node does.
        requirements: What policy.json says of it; all of them must be met.
        not_looked_for_at: The repositories that may deliver the image and at which no signature is looked for.
    """

    scope: str | None
    policies: tuple[str, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    not_looked_for_at: tuple[str, ...] = ()


_IN_THE_CLUSTER = Standing(status=Status.MIRRORED, detail="it is in the cluster's own registry")
_OWN_REGISTRIES = frozenset(
    f"image-registry.openshift-image-registry.svc{domain}:5000" for domain in ("", ".cluster.local")
)
"""The registry that comes with OpenShift, by the names of its service: nothing it has is pulled over a border."""
UNMATCHED = Standing(status=Status.NOT_MIRRORED, detail="no mirror source matches")


class _Known(NamedTuple):
    """The status of names that an entry applies to: those `below` its scope, the one equal to it (`alone`), or none.

    `room` is for how many more characters than the scope a name may have.
    """

    standing: Standing
    below: bool
    alone: bool
    room: int


class Judge:
    """Gives the status of images in one cluster."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self._resolver = explainer.resolver
        self._admission = None if explainer.admission.lets_all_in else explainer.admission
        required = explainer.signatures.requirements
        signed = [scope for scope, each in required.scopes.items() if each.needs_sigstore]
        self._all_may_be_signed = required.default.needs_sigstore or "" in signed
        self._signed = ScopeSet(map(repository_of, signed))
        self._with_signatures: dict[tuple[object, ...], tuple[Standing, Standing]] = {}
        self._refusals: dict[int, tuple[DecidingSetting, Standing]] = {}
        self._known: dict[bool, dict[str, _Known]] = {True: {}, False: {}}
        self._disagreeing: dict[tuple[tuple[str, ...], str], Standing] = {}
        self._mirrors = ScopeSet(
            mirror.location
            for entry in explainer.conf.entries
            for mirror in entry.mirrors
            if mirror.location != entry.location
        )

    def judge(self, pull_spec: str) -> Standing:
        """The status of an image. A name without a registry has the status of the candidate that a node gets."""
        if self._explainer.failure is not None:
            return Standing(status=Status.INVALID, detail=self._explainer.failure.explanation)
        try:
            reference = parse_normalized(pull_spec)
        except InvalidReferenceError as error:
            return Standing(status=Status.INVALID, detail=error.explanation)
        if reference.domain == DEFAULT_DOMAIN and self._explainer.search and is_short_name(pull_spec):
            pulls = self._resolver.resolve_short_name(pull_spec)
            names = [pull.normalized for pull in pulls if pull.normalized]
            standings = [self._stands(name) for name in names]
            got = _got([standing.status for standing in standings])
            candidates = tuple(
                NameCandidate(str(name), standing.status, standing.detail, number == got)
                for number, (name, standing) in enumerate(zip(names, standings, strict=True))
            )
            detail = f"it may be short for `{names[got]}`"
            detail += f": {standings[got].detail}" if standings[got].detail else ""
            return replace(standings[got], detail=detail, candidates=candidates)
        return self._stands(reference)

    def judge_copy(self, pull_spec: str, destination: str) -> Standing:
        """The status of an image that is copied to the repository `destination`.

        It is not mirrored if the policy has mirrors for it, and none of them is there.
        """
        standing = self.judge(pull_spec)
        if standing.status in {Status.INVALID, Status.BLOCKED, Status.NOT_MIRRORED}:
            return standing
        asked: dict[str, None] = {}
        spans: tuple[Span, ...] = ()
        for form in forms_of(pull_spec):
            pull = self._resolver.resolve(form)
            if pull.entry is not None:
                spans = pull.entry.origins
                asked |= {
                    repository_of(each.reference): None
                    for each in pull.tried
                    if each.endpoint.location != pull.entry.location
                }
        if not asked or destination in asked:
            return standing
        key = (tuple(asked), destination)
        if key not in self._disagreeing:
            places = " and ".join(f"`{each}`" for each in asked)
            self._disagreeing[key] = Standing(
                status=Status.NOT_MIRRORED,
                detail=f"the policy leads to {places}, but the mapping copies it to `{destination}`",
                spans=spans,
                disagrees=True,
            )
        return self._disagreeing[key]

    def signatures(self, pull_spec: str) -> PullSignatures:
        """What signatures an image needs, and where they are looked for."""
        return self.signer.of(pull_spec)

    @cached_property
    def signer(self) -> PullSigner:
        """What says so."""
        return PullSigner(self._explainer)

    def _stands(self, reference: Reference) -> Standing:
        refusal = self._admission.refusal(reference) if self._admission else None
        if refusal is not None:
            return self._refused(refusal)
        standing = self._pulled(reference)
        if standing.status is Status.NOT_MIRRORED:
            if mirror := self._mirror_of(reference):
                standing = Standing(status=Status.MIRRORED, detail=f"it is in the mirror `{mirror}` itself")
            elif reference.domain in _OWN_REGISTRIES:
                standing = _IN_THE_CLUSTER
            elif standing is UNMATCHED and (near := self._near.of(reference.name)):
                entry = self._scopes[near]
                detail = f"{UNMATCHED.detail}, but `{near}` is similar"
                standing = Standing(status=Status.NOT_MIRRORED, detail=detail, spans=entry.origins)
        if self._all_may_be_signed or self._signed.enclosing(reference.name):
            return self._signed_standing(reference, standing)
        return standing

    def _refused(self, cause: DecidingSetting) -> Standing:
        """The status of an image that policy.json refuses; one object for all that no scope includes."""
        known = self._refusals.get(id(cause))
        if known is None:
            known = (cause, _refused(cause))
            if not cause.scope:
                self._refusals[id(cause)] = known
        return known[1]

    def _signed_standing(self, reference: Reference, standing: Standing) -> Standing:
        """The same with the signature that the image needs, if it needs one."""
        if standing.status in {Status.INVALID, Status.BLOCKED}:
            return standing
        scope, required = self._explainer.signatures.requirements.applying(reference)
        if not required.needs_sigstore:
            return standing
        tried = self._resolver.resolve(str(reference)).tried
        looked_for = self._explainer.signatures.looked_for
        lacking = tuple(repository_of(attempt.reference) for attempt in tried if looked_for(attempt) is False)
        # The standings of most images are a few objects; to hash one costs more than the rest. Each is kept alive.
        key = (id(standing), scope, lacking)
        known = self._with_signatures.get(key)
        if known is None:
            of_nowhere = bool(tried) and len(lacking) == len(tried)
            known = self._with_signatures[key] = (
                standing,
                _signed(standing, scope, required, tuple(dict.fromkeys(lacking)), of_nowhere=of_nowhere),
            )
        return known[1]

    def _pulled(self, reference: Reference) -> Standing:
        """The status of an image by the registries that are asked for it."""
        name = reference.name
        entry = self._resolver.find_entry(name)
        if entry is None:
            return UNMATCHED
        scope = entry.scope
        by_digest = reference.digest != ""
        known = self._known[by_digest].get(scope) or self._through(entry, by_digest=by_digest)
        below = len(name) - len(scope)
        if below <= known.room and (known.alone if below == 0 else known.below and name.startswith("/", -below)):
            return known.standing
        return _explained(self._explainer.explain(str(reference)))

    def _through(self, entry: RegistryEntry, *, by_digest: bool) -> _Known:
        """The status of the names an entry applies to, as far as that takes no look at the name."""
        locations, below, alone = self._resolver.certain(entry, by_digest=by_digest)
        mirror = next((location for location in locations if location != entry.location), "")
        known = self._known[by_digest][entry.scope] = _Known(
            standing=_mirrored(mirror) if mirror else _left_out(entry, by_digest=by_digest),
            below=below,
            alone=alone,
            room=NAME_LENGTH - max(map(len, locations)),
        )
        return known

    @cached_property
    def sources(self) -> frozenset[str]:
        """The scopes that have mirrors."""
        return frozenset(self._scopes)

    @cached_property
    def _scopes(self) -> dict[str, RegistryEntry]:
        return {entry.scope: entry for entry in self._explainer.conf.entries if entry.mirrors}

    @cached_property
    def _near(self) -> NearSources:
        return near_sources(self.sources)

    def _mirror_of(self, reference: Reference) -> str:
        """The mirror whose name the reference has itself; empty where there is none."""
        return next(iter(self._mirrors.enclosing(reference.name)), "")


def _got(statuses: list[Status]) -> int:
    """The candidate that a node gets, by its number: the first that it may pull, in the order of the search list.

    Whether a registry really has the image is not known from here.
    """
    refused = {Status.INVALID, Status.BLOCKED}
    return next((number for number, status in enumerate(statuses) if status not in refused), 0)


def _explained(explanation: Explanation) -> Standing:
    """The status of an image with a complete explanation."""
    pull = explanation.pull
    if pull.failure is not None:
        spans = pull.failure.endpoint.origins if pull.failure.endpoint else ()
        return Standing(status=Status.INVALID, detail=pull.failure.explanation, spans=spans)
    if pull.outcome is Outcome.UNAVAILABLE:
        return _blocked(explanation)
    if pull.outcome is Outcome.SOURCE_ONLY:
        if any(step.blocked_by for step in explanation.steps):
            return replace(_blocked(explanation), status=Status.NOT_MIRRORED)
        return _left_out(pull.entry, by_digest=pull.by_digest) if pull.entry else UNMATCHED
    own = pull.entry.location if pull.entry else ""
    locations = (attempt.endpoint.location for attempt in pull.tried)
    return _mirrored(next((location for location in locations if location != own), ""))


@cache
def _mirrored(mirror: str) -> Standing:
    """The status of an image that this mirror is asked for first."""
    return Standing(status=Status.MIRRORED, served=((mirror, ()),) if mirror else ())


def _left_out(entry: RegistryEntry, *, by_digest: bool) -> Standing:
    """The status of an image whose entry has no mirror for this form of pull."""
    if all(mirror.location == entry.location for mirror in entry.mirrors):
        return Standing(status=Status.NOT_MIRRORED, detail=f"`{entry.scope}` has no mirrors", spans=entry.origins)
    if by_digest:
        detail = f"`{entry.scope}` has tag-only mirrors"
        return Standing(status=Status.TAGS_ONLY, detail=detail, spans=entry.origins)
    detail = f"`{entry.scope}` has digest-only mirrors"
    return Standing(status=Status.DIGESTS_ONLY, detail=detail, spans=entry.origins)


def _signed(
    standing: Standing, scope: str | None, required: ScopeRequirements, lacking: tuple[str, ...], *, of_nowhere: bool
) -> Standing:
    """The status of an image with the signature that it needs; `of_nowhere` where none is looked for at all."""
    requirements = [each for each in required.requirements if each.needs_sigstore]
    policies = tuple(dict.fromkeys(each.policy for each in requirements if each.policy))
    detail = "a sigstore signature is required" + (f" by {' and '.join(policies)}" if policies else "")
    if of_nowhere:
        detail += ", but nodes look for one at no location of the image"
    elif lacking:
        places = " and ".join(f"`{place}`" for place in lacking)
        detail += f", but nodes do not look for one at {places}: a pull from there fails"
    elif standing.status is Status.MIRRORED:
        detail += ": mirror the tag `sha256-….sig` too"
    origins = (span for each in requirements for span in each.origins)
    return Standing(
        status=Status.BLOCKED if of_nowhere else standing.status,
        detail="; ".join(filter(None, (standing.detail, detail))),
        spans=tuple(dict.fromkeys((*standing.spans, *origins))),
        signature=SignatureStanding(
            scope=scope, policies=policies, requirements=required.requirements, not_looked_for_at=lacking
        ),
        served=standing.served,
    )


def _refused(cause: DecidingSetting) -> Standing:
    why = cause.against(f"`{cause.scope}`")
    return Standing(status=Status.BLOCKED, detail=f"policy.json refuses it: {why}", spans=cause.spans)


def _blocked(explanation: Explanation) -> Standing:
    """The status of an image with some blocked endpoints."""
    causes = [cause for step in explanation.steps for cause in step.blocked_by]
    names = " and ".join(dict.fromkeys(map(_blocking, causes)))
    kinds = dict.fromkeys(step.attempt.pull_from_mirror for step in explanation.skipped)
    skipped = f", and the mirrors are {' and '.join(kinds)}" if kinds else ""
    spans = tuple(dict.fromkeys(span for cause in causes for span in cause.spans))
    return Standing(status=Status.BLOCKED, detail=f"{names}{skipped}", spans=spans)


def _blocking(cause: DecidingSetting) -> str:
    return f"`{cause.scope}` is blocked" + ("" if cause.setting == BLOCKED else f" ({cause.setting})")
