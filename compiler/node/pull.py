"""What a pull does on a node: the endpoints that are tried for a pull spec, in which order, and why, as values.

In: an entry's endpoints and what becomes of each. Out: the attempts, the mirrors left out, and what that adds up to.
What finds them is in `resolver`.

Follows containers/image (df7e80d2), `sysregistriesv2.PullSourcesFromReference` and `docker.newImageSource`.
"""

from enum import StrEnum
from typing import NamedTuple

from compiler.names.reference import InvalidReferenceError, Reference, quoted
from compiler.names.scope import matched_length
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistryEntry
from compiler.text.span import Span


class RewriteError(ValueError):
    """An endpoint that turns the reference into none, which fails the whole pull, not only this attempt.

    `str()` is the wording of containers/image; `rewritten` is the text that is not a reference.
    """

    def __init__(self, cause: InvalidReferenceError, *, endpoint: Endpoint) -> None:
        super().__init__(f"rewriting reference: {cause}")
        self.endpoint = endpoint
        self.rewritten = cause.text
        self._cause = cause

    @property
    def explanation(self) -> str:
        """What is wrong, for people."""
        return (
            f"{quoted(self.endpoint.location)} rewrites the pull spec to {quoted(self.rewritten)}, which is not a full "
            f"image reference: {self._cause.explanation}"
        )


class AttemptVerdict(StrEnum):
    """What becomes of one endpoint in a pull."""

    TRIED = "tried"
    SKIPPED = "skipped"
    BLOCKED = "blocked"


class Outcome(StrEnum):
    """What the attempts of a pull add up to."""

    MIRRORS_ONLY = "mirrors-only"
    FALLS_BACK = "falls-back-to-source"
    SOURCE_ONLY = "source-only"
    UNAVAILABLE = "cannot-be-pulled"

    @property
    def summary(self) -> str:
        """The outcome as a sentence."""
        return _SUMMARIES[self]


_SUMMARIES = {
    Outcome.MIRRORS_ONLY: "only mirrors serve this pull; the source is never contacted",
    Outcome.FALLS_BACK: "mirrors are tried first; if none serves the image, the source is contacted",
    Outcome.SOURCE_ONLY: "no mirror is used; the source is contacted",
    Outcome.UNAVAILABLE: "no location can serve this pull",
}


class PullSource(NamedTuple):
    """An endpoint and the reference it turns the pull into; `name` is that without tag and digest."""

    endpoint: Endpoint
    name: str
    reference: str


class PullAttempt(NamedTuple):
    """One endpoint of a pull and what becomes of it.

    `reference` is what is asked for there; it need not be valid where the endpoint is skipped. `endpoint` is
    a mirror, or the source (`is_source`): the entry's own location, the reference itself where no entry
    matches, an empty location where the entry is a wildcard. `blocked_by` is the entry that blocks the
    endpoint. `redirected` says of the last endpoint that the entry's location is elsewhere than its prefix, so that the
    source that the pull names is never contacted.
    """

    endpoint: Endpoint
    reference: str
    verdict: AttemptVerdict
    is_source: bool = False
    redirected: bool = False
    blocked_by: RegistryEntry | None = None

    @property
    def insecure(self) -> bool:
        """Whether TLS may be missing or unverified."""
        return self.endpoint.insecure

    @property
    def pull_from_mirror(self) -> str:
        """`digest-only`, `tag-only`, or empty for any pull."""
        return self.endpoint.pull_from_mirror

    @property
    def origins(self) -> tuple[Span, ...]:
        """Where the endpoint was written."""
        return self.endpoint.origins

    @property
    def redirection(self) -> str:
        """What a location elsewhere than the prefix is, in words; empty for any other attempt."""
        return f"redirected to {self.endpoint.location}; the source is never contacted" if self.redirected else ""

    @property
    def reason(self) -> str:
        """Why the endpoint is tried or is not."""
        if self.blocked_by is not None:
            return f"`{self.blocked_by.scope}` is blocked"
        if self.verdict is AttemptVerdict.SKIPPED:
            if self.pull_from_mirror == DIGEST_ONLY:
                return "this mirror serves only pulls by digest"
            return "this mirror serves only pulls by tag"
        if self.is_source:
            return self.redirection or "the source itself"
        if self.pull_from_mirror == DIGEST_ONLY:
            return "a mirror for pulls by digest"
        if self.pull_from_mirror == TAG_ONLY:
            return "a mirror for pulls by tag"
        return "a mirror"


class Failure(NamedTuple):
    """Why a whole pull fails before anything is attempted.

    `error` is the wording of containers/image, `explanation` the same for people; `endpoint` is the one whose
    rewritten reference is at fault, `None` where the pull spec itself is.
    """

    error: str
    explanation: str
    endpoint: Endpoint | None = None


class Pull(NamedTuple):
    """What a node does to pull `pull_spec`.

    `attempts` are in the order they are made; blocked ones are among them, as each fails only when its
    turn comes. `normalized` is `None` where the pull spec is not a reference, `entry` where no entry matches.
    With a `failure` nothing is attempted.
    """

    pull_spec: str
    normalized: Reference | None = None
    entry: RegistryEntry | None = None
    attempts: tuple[PullAttempt, ...] = ()
    failure: Failure | None = None

    @property
    def error(self) -> str:
        """Why the whole pull fails before anything is attempted, as containers/image words it; else empty."""
        return self.failure.error if self.failure else ""

    @property
    def by_digest(self) -> bool:
        """Whether digest mirrors serve this pull; a tag beside the digest does not count."""
        return self.normalized is not None and self.normalized.digest != ""

    @property
    def tried(self) -> tuple[PullAttempt, ...]:
        """The attempts that are not blocked."""
        return tuple(attempt for attempt in self.attempts if attempt.verdict is AttemptVerdict.TRIED)

    @property
    def skipped(self) -> tuple[PullAttempt, ...]:
        """The mirrors of the entry left out because they serve the other kind of pull, in their order."""
        if self.normalized is None or self.entry is None:
            return ()
        text = str(self.normalized)
        rest = text[matched_length(text, self.entry.scope) :]
        return tuple(
            PullAttempt(endpoint=mirror, reference=mirror.location + rest, verdict=AttemptVerdict.SKIPPED)
            for mirror in self.entry.mirrors
            if not serves(mirror, by_digest=self.by_digest)
        )

    @property
    def redirected_to(self) -> str:
        """The location that is contacted instead of the source, by an entry with another prefix; else empty."""
        last = self.attempts[-1] if self.attempts else None
        return last.endpoint.location if last is not None and last.redirected else ""

    @property
    def outcome(self) -> Outcome:
        """What the attempts add up to; a mirror that names the source itself counts as the source."""
        tried = self.tried
        if not tried:
            return Outcome.UNAVAILABLE
        source = self.attempts[-1].reference
        mirrored = any(attempt.reference != source for attempt in tried)
        if any(attempt.reference == source for attempt in tried):
            return Outcome.FALLS_BACK if mirrored else Outcome.SOURCE_ONLY
        return Outcome.MIRRORS_ONLY


def serves(mirror: Endpoint, *, by_digest: bool) -> bool:
    """Whether a mirror takes part in a pull; one without a digest counts as one by tag."""
    return mirror.pull_from_mirror != (TAG_ONLY if by_digest else DIGEST_ONLY)
