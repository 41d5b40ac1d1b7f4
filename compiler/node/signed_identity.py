"""Which name a signature must carry to count for a pull.

In: the `signedIdentity` of a requirement in policy.json, the reference that a pull names, and the name inside a
signature. Out: whether the signature counts, and what it would have to name.

Follows containers/image (df7e80d2) `signature/policy_reference_match.go`. The name is compared with what the pull spec
names, never with the mirror that delivers the image.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from compiler.names.reference import InvalidReferenceError, Reference, parse_named, parse_normalized

MATCH_EXACT = "matchExact"
MATCH_REPO_DIGEST_OR_EXACT = "matchRepoDigestOrExact"
MATCH_REPOSITORY = "matchRepository"
EXACT_REFERENCE = "exactReference"
EXACT_REPOSITORY = "exactRepository"
REMAP_IDENTITY = "remapIdentity"
_ATTRIBUTES = {
    "type": "type",
    "dockerReference": "docker_reference",
    "dockerRepository": "docker_repository",
    "prefix": "prefix",
    "signedPrefix": "signed_prefix",
}


def completed(reference: Reference) -> Reference:
    """A reference as a pull uses it: `latest` where neither tag nor digest is given, no tag beside a digest."""
    if reference.digest:
        return reference._replace(tag="")
    return reference if reference.tag else reference._replace(tag="latest")


class SignedIdentity(NamedTuple):
    """The `signedIdentity` of a requirement: its `type` and the members that belong to it, empty where absent."""

    type: str = MATCH_REPO_DIGEST_OR_EXACT
    docker_reference: str = ""
    docker_repository: str = ""
    prefix: str = ""
    signed_prefix: str = ""

    @classmethod
    def of_members(cls, members: Mapping[str, str]) -> "SignedIdentity":
        """The identity that policy.json has with these members."""
        return cls(**{_ATTRIBUTES[name]: value for name, value in members.items()})

    @property
    def members(self) -> Iterator[tuple[str, str]]:
        """The members that policy.json has of it, in its words."""
        values = ((name, str(getattr(self, attribute))) for name, attribute in _ATTRIBUTES.items())
        return ((name, value) for name, value in values if value)

    def accepts(self, pulled: Reference, signed: str) -> bool:
        """Whether a signature that names `signed` counts for a pull of `pulled`.

        What is not an image reference counts for nothing.
        """
        try:
            name = parse_normalized(signed)
        except InvalidReferenceError:
            return False
        expected = self.expected(pulled)
        if expected is None:
            return False
        if self._takes_any_version(expected):
            return name.name == expected.name and (self._compares_names or _has_version(name))
        return _has_version(name) and name == expected

    def expected(self, pulled: Reference) -> Reference | None:
        """The reference that a name is compared with for a pull of `pulled`; None where no name is accepted."""
        pulled = completed(pulled)
        try:
            if self.type == EXACT_REFERENCE:
                return parse_normalized(self.docker_reference)
            if self.type == EXACT_REPOSITORY:
                return parse_normalized(self.docker_repository)
            return self._remapped(pulled) if self.type == REMAP_IDENTITY else pulled
        except InvalidReferenceError:
            return None

    def wanted(self, pulled: Reference) -> str:
        """What a signature must name to count for a pull of `pulled`, in words: the object of a sentence."""
        expected = self.expected(pulled)
        if expected is None:
            rewritten = self.signed_prefix + str(completed(pulled))[len(self.prefix) :]
            return f"a name that no image can have: `{rewritten}` is not a full image reference"
        if self._compares_names:
            return f"a name in `{expected.name}`, with or without a tag or digest"
        if self._takes_any_version(expected):
            return f"a name in `{expected.name}` with a tag or digest"
        return f"the name `{expected}`"

    @property
    def _compares_names(self) -> bool:
        return self.type in {MATCH_REPOSITORY, EXACT_REPOSITORY}

    def _takes_any_version(self, expected: Reference) -> bool:
        by_digest = self.type in {MATCH_REPO_DIGEST_OR_EXACT, REMAP_IDENTITY} and not expected.tag
        return self._compares_names or by_digest

    def _remapped(self, pulled: Reference) -> Reference:
        """The reference with its prefix replaced; what is not at or below the prefix stays unchanged."""
        name = pulled.name
        if name != self.prefix and not name.startswith(self.prefix + "/"):
            return pulled
        return parse_named(self.signed_prefix + str(pulled)[len(self.prefix) :])


def _has_version(reference: Reference) -> bool:
    return bool(reference.tag or reference.digest)
