"""What signatures pulls need and where nodes look for them, for many pull specs.

In: what explains pulls, and pull specs. Out: for each what its explanation says of signatures. A hundred thousand pull
specs are a matter of a second: what all pulls through an entry have in common is found once.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from compiler.explain.explanation import Explainer, Explanation
from compiler.names.lookup import identity_of
from compiler.names.reference import (
    DEFAULT_DOMAIN,
    NAME_LENGTH,
    InvalidReferenceError,
    Reference,
    is_short_name,
    parse_normalized,
)
from compiler.node.model import RegistryEntry
from compiler.node.pull import Pull
from compiler.node.signatures import NeededSignatures

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class AttemptSignatures(NamedTuple):
    """One attempt of a pull: its endpoint, and whether sigstore signatures are looked for there.

    `looked_for` is false also where that is not known.
    """

    endpoint: str
    looked_for: bool


class PullSignatures(NamedTuple):
    """What a pull needs, its attempts in order, and the same of what a name without a registry may be short for.

    `needed` is one object for all pulls to which one scope of policy.json applies, so its identity is empty: that of
    the pull is `identity`.
    """

    identity: str
    needed: NeededSignatures
    attempts: tuple[AttemptSignatures, ...] = ()
    candidates: tuple["PullSignatures", ...] = ()


class _Shared(NamedTuple):
    """What pulls through an entry have in common, for names `below` its scope or equal to it (`alone`).

    `needed` is missing where it differs between them. `room` is for how many more characters than the scope a name may
    have.
    """

    attempts: tuple[AttemptSignatures, ...]
    needed: NeededSignatures | None
    below: bool
    alone: bool
    room: int


class PullSigner:
    """Says what `Explainer` says of signatures, and nothing else."""

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self._resolver = explainer.resolver
        lookup = explainer.signatures.lookup
        self._keys = sorted(lookup.docker) if lookup else []
        self._scopes = sorted(explainer.signatures.requirements.scopes)
        self._by_default = bool(lookup and lookup.default and lookup.default.enabled)
        self._repositories: dict[str, tuple[str, NeededSignatures, tuple[AttemptSignatures, ...]]] = {}
        self._needed: dict[tuple[str | None, bool], NeededSignatures] = {}
        self._shared: dict[bool, dict[str, _Shared]] = {True: {}, False: {}}

    def of(self, pull_spec: str) -> PullSignatures:
        """What a pull needs, and where its node looks for it."""
        repository, _, digest = pull_spec.partition("@")
        if repository in self._repositories and _DIGEST.fullmatch(digest):
            name, needed, attempts = self._repositories[repository]
            return PullSignatures(f"{name}@{digest}", needed, attempts)
        try:
            reference = parse_normalized(pull_spec)
        except InvalidReferenceError:
            return self._explained(self._explainer.explain_image(pull_spec))
        may_be_short = reference.domain == DEFAULT_DOMAIN and bool(self._explainer.search)
        if self._explainer.failure is not None or (may_be_short and is_short_name(pull_spec)):
            return self._explained(self._explainer.explain_image(pull_spec))
        entry = self._resolver.find_entry(reference.name)
        return self.without_mirrors(reference) if entry is None else self._through(entry, reference, pull_spec)

    def without_mirrors(self, reference: Reference) -> PullSignatures:
        """The same of a pull that no entry applies to."""
        text = str(reference)
        lookup = self._explainer.signatures.lookup
        looked_for = lookup.looked_for(reference) if lookup and self._keys else self._by_default
        return PullSignatures(identity_of(reference), self._applying(reference), (AttemptSignatures(text, looked_for),))

    def _through(self, entry: RegistryEntry, reference: Reference, pull_spec: str) -> PullSignatures:
        """The same of a pull through an entry."""
        name, scope = reference.name, entry.scope
        by_digest = reference.digest != ""
        known = self._shared[by_digest].get(scope)
        if known is None:
            explained, known = self._first_through(entry, reference, by_digest=by_digest)
            self._shared[by_digest][scope] = known
            return explained
        below = len(name) - len(scope)
        if below > known.room or not (known.alone if below == 0 else known.below and name.startswith("/", -below)):
            return self._explained(self._explainer.explain_image(str(reference)))
        if known.needed is None:
            return PullSignatures(identity_of(reference), self._applying(reference), known.attempts)
        if by_digest and not reference.tag:
            self._repositories[pull_spec.partition("@")[0]] = (name, known.needed, known.attempts)
        return PullSignatures(identity_of(reference), known.needed, known.attempts)

    def _first_through(
        self, entry: RegistryEntry, reference: Reference, *, by_digest: bool
    ) -> tuple[PullSignatures, _Shared]:
        """The same of the first pull through an entry, and what it has in common with others."""
        explained = self._resolved(self._resolver.resolve(str(reference)))
        locations, below, alone = self._resolver.certain(entry, by_digest=by_digest)
        # A key of registries.d at a location or below it makes a difference between the names there.
        alike = not any(_has_below(self._keys, location) for location in locations)
        room = NAME_LENGTH - max(map(len, locations))
        alike = alike and tuple(each.endpoint for each in explained.attempts) == locations
        needed = None if _has_below(self._scopes, entry.scope) else explained.needed
        return explained, _Shared(explained.attempts, needed, below and alike, alone and alike, room)

    def _resolved(self, pull: Pull) -> PullSignatures:
        """What an explanation says, for a name with a registry: most of it takes longer than the answer."""
        signatures = self._explainer.signatures
        needed = signatures.needed(pull)
        return PullSignatures(
            identity=needed.identity,
            needed=self._one(needed),
            attempts=tuple(
                AttemptSignatures(attempt.endpoint.location, bool(signatures.looked_for(attempt)))
                for attempt in pull.attempts
            ),
        )

    def _applying(self, reference: Reference) -> NeededSignatures:
        scope, required = self._explainer.signatures.requirements.applying(reference)
        known = self._needed.get((scope, bool(required.requirements)))
        return known or self._one(NeededSignatures(scope=scope, requirements=required.requirements))

    def _one(self, needed: NeededSignatures) -> NeededSignatures:
        """One object for each scope; nothing is required of what fails before anything is attempted."""
        return self._needed.setdefault((needed.scope, bool(needed.requirements)), replace(needed, identity=""))

    def _explained(self, explanation: Explanation) -> PullSignatures:
        attempts = (
            AttemptSignatures(step.attempt.endpoint.location, bool(step.signatures_looked_for))
            for step in explanation.steps
        )
        return PullSignatures(
            identity=explanation.signatures.identity,
            needed=self._one(explanation.signatures),
            attempts=tuple(attempts),
            candidates=tuple(map(self._explained, explanation.candidates)),
        )


def _has_below(names: Sequence[str], start: str) -> bool:
    """Whether any of these names, which are in order, begins with a text."""
    at = bisect_left(names, start)
    return at < len(names) and names[at].startswith(start)
