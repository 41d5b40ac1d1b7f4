"""Image references: what a pull spec is made of, and which texts are one.

In: a pull spec as somebody writes it. Out: its domain, path, tag and digest, or why it is none.

Follows containers/image `docker/reference` (df7e80d2): `ParseNormalizedNamed`, `ParseNamed`, `String`, with
the digests of opencontainers/go-digest v1.0.0. A match takes linear time (see `grammar`).
"""

import re
from functools import lru_cache
from typing import NamedTuple

from compiler.names.grammar import COMPONENT, HOST, is_host, is_location
from compiler.text.opaque import filled, is_open, revealed

DEFAULT_DOMAIN = "docker.io"
ANY_DIGEST = "sha256:" + "0" * 64
"""A digest for pulls by digest where no image is named, or only its tag."""

NAME_LENGTH = 255
TAG_LENGTH = 128

LEGACY_DOMAIN = "index.docker.io"
_OFFICIAL = "library"

TAG = rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{TAG_LENGTH - 1}}}+"
_ALGORITHM = r"[A-Za-z][A-Za-z0-9]*+(?:[-_+.][A-Za-z][A-Za-z0-9]*+)*"
DIGEST = rf"{_ALGORITHM}:[0-9a-fA-F]{{32,}}+"

# A first component that is a valid domain is always taken for one: what may follow it is the same either way.
_REFERENCE = re.compile(rf"(?:({HOST})/)?({COMPONENT}(?:/{COMPONENT})*)(?::({TAG}))?(?:@({DIGEST}))?")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")

_ENCODED_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_SHA256 = re.compile(r"sha256:[a-f0-9]{64}")
_ENCODED = re.compile(r"[a-f0-9]++")
_UNKNOWN_ALGORITHM = re.compile(r"[a-z0-9]++(?:[.+_-][a-z0-9]++)*")

_INVALID = "invalid reference format"
_UPPERCASE = "repository name must be lowercase"
_NOT_CANONICAL = "repository name must be canonical"


class InvalidReferenceError(ValueError):
    """A text that is not an image reference. `str()` is the wording of containers/image."""

    def __init__(self, text: str, message: str) -> None:
        super().__init__(message)
        self.text = text

    @property
    def explanation(self) -> str:
        """What is wrong, and where, for people."""
        return explain(self.text) or str(self)


class Reference(NamedTuple):
    """A parsed image reference. `domain`, `tag` and `digest` are empty where there is none.

    `domain` is also empty where the first component is not a valid domain but a valid path component
    (`a_b.example.com/x`): then `path` contains it.
    """

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """Domain and path, without tag and digest."""
        return f"{self.domain}/{self.path}" if self.domain else self.path

    def __str__(self) -> str:
        text = self.name
        if self.tag:
            text = f"{text}:{self.tag}"
        return f"{text}@{self.digest}" if self.digest else text


@lru_cache(maxsize=16)  # one image in many clusters
def parse_normalized(text: str) -> Reference:
    """The reference that `text` means, with the defaults of a short name filled in.

    A missing domain is `docker.io`, a lone component there lies under `library`. No tag is added.

    Raises:
        InvalidReferenceError: `text` is not a reference.
    """
    if (reference := _spelled_out(text)) is not None:
        return reference
    if _IDENTIFIER.fullmatch(text):
        raise InvalidReferenceError(
            text, f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"
        )
    domain, slash, remainder = text.partition("/")
    if not slash or not is_host_component(domain):
        domain, remainder = DEFAULT_DOMAIN, text
    elif domain == LEGACY_DOMAIN:
        domain = DEFAULT_DOMAIN
    if domain == DEFAULT_DOMAIN and "/" not in remainder:
        remainder = f"{_OFFICIAL}/{remainder}"
    repository = remainder.partition(":")[0]
    if _lower(repository) != repository:
        raise InvalidReferenceError(text, f"{_INVALID}: {_UPPERCASE}")
    return _parse(f"{domain}/{remainder}", written=text)


def parse_as_written(text: str) -> Reference:
    """The reference `text` with no default filled in: `docker.io/x` is not the `library/x` of that host.

    Raises:
        InvalidReferenceError: `text` is not a reference.
    """
    return _parse(text, written=text)


def parse_named(text: str) -> Reference:
    """The reference that `text` spells out in full.

    Raises:
        InvalidReferenceError: `text` is not a reference, or relies on defaults (`alpine`, `docker.io/x`).
    """
    reference = parse_normalized(text)
    if str(reference) != text:
        raise InvalidReferenceError(text, _NOT_CANONICAL)
    return reference


def is_digest(text: str) -> bool:
    """Whether `text` is a digest of a known algorithm, such as `sha256:` and 64 hexadecimal digits."""
    return _digest_problem(text) == ""


def is_short_name(text: str) -> bool:
    """Whether `text` is a reference without a host, which an unqualified search list completes.

    Follows containers/image `shortnames.IsShortName`, which reads the text before any default is filled in.
    """
    try:
        return not is_host_component(_parse(text, written=text).domain)
    except InvalidReferenceError:
        return False


def matches_no_image(scope: str) -> bool:
    """Whether no full image name begins with `scope`: its first component is not read as a host, or read as another.

    `operator-framework/x` is short for `docker.io/operator-framework/x`, and `index.docker.io/x` is `docker.io/x`.
    """
    host = scope.partition("/")[0]
    return not is_host_component(host) or host == LEGACY_DOMAIN


def names_repositories(location: str) -> bool:
    """Whether `location` followed by `/` and valid path components always spells a reference out in full.

    That is a host, and after it nothing or valid path components; only the whole length stays unknown.
    """
    domain = location.partition("/")[0]
    named = is_host_component(domain) and domain != LEGACY_DOMAIN and location != DEFAULT_DOMAIN
    return named and is_location(location)


def names_repository(location: str) -> bool:
    """Whether a `location` that `names_repositories` spells out a repository by itself, with nothing after it."""
    domain, _, path = location.partition("/")
    return path != "" and (domain != DEFAULT_DOMAIN or "/" in path)


def is_host_component(component: str) -> bool:
    """Whether the first component of a name is read as a host, and not as a namespace of the default domain.

    An unknown part may be one.
    """
    return "." in component or ":" in component or component == "localhost" or is_open(component)


def _lower(text: str) -> str:
    """Lower case, character by character as Go has it: only `İ` differs from Python's rules."""
    return text.lower() if text.isascii() else text.replace("\u0130", "i").lower()


def _spelled_out(text: str) -> Reference | None:
    """The usual case at once: a valid reference to which no default applies; `None` for all others."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return _open_reference(text) if is_open(text) else None
    domain, path, tag, digest = match.groups("")
    if (
        not is_host_component(domain)
        or domain == LEGACY_DOMAIN
        or (domain == DEFAULT_DOMAIN and "/" not in path)
        or match.end(2) > NAME_LENGTH
        or (digest and not _SHA256.fullmatch(digest))
    ):
        return None
    return Reference(domain, path, tag, digest)


def _open_reference(text: str) -> Reference | None:
    """A reference with opaque tokens, if it can be one; no default is filled in, since it may be there already."""
    match = _REFERENCE.fullmatch(filled(text))
    if match is None:
        return None
    return Reference(*(text[slice(*match.span(group))] if match[group] else "" for group in range(1, 5)))


def _parse(text: str, *, written: str) -> Reference:
    """The reference `text`, taken literally; errors name `written`."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        if is_open(text) and (reference := _open_reference(text)) is not None:
            return reference
        if not text:
            raise InvalidReferenceError(written, "repository name must have at least one component")
        # Only look-alikes outside ASCII come this far (the Kelvin sign is a `K`), or a name never normalized.
        message = _UPPERCASE if _REFERENCE.fullmatch(_lower(text)) else _INVALID
        raise InvalidReferenceError(written, message)
    domain, path, tag, digest = match.groups("")
    if match.end(2) > NAME_LENGTH:
        raise InvalidReferenceError(written, f"repository name must not be more than {NAME_LENGTH} characters")
    if digest and (problem := _digest_problem(digest)):
        raise InvalidReferenceError(written, problem)
    return Reference(domain=domain, path=path, tag=tag, digest=digest)


def _digest_problem(digest: str) -> str:
    """Why a text of a digest's shape is not a digest, as go-digest `Validate` says it; empty if it is one."""
    algorithm, _, encoded = digest.partition(":")
    length = _ENCODED_LENGTHS.get(algorithm)
    if length is None:
        known_shape = _UNKNOWN_ALGORITHM.fullmatch(algorithm)
        return "unsupported digest algorithm" if known_shape else "invalid checksum digest format"
    if len(encoded) != length:
        return "invalid checksum digest length"
    return "" if _ENCODED.fullmatch(encoded) else "invalid checksum digest format"


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+://")
_STRANGE = re.compile(r"[^A-Za-z0-9._:/@+-]")
_UPPER = re.compile(r"[A-Z]")
_ONE_TAG = re.compile(TAG)
_ONE_COMPONENT = re.compile(COMPONENT)
_ONE_ALGORITHM = re.compile(_ALGORITHM)
_HEX = re.compile(r"[0-9a-fA-F]++")
_SHOWN = 60


def explain(text: str) -> str:
    """The first mistake in a text that is not a full reference, in words for people; empty if it has none.

    A text that only relies on defaults (`alpine`) is reported with what it means.
    """
    if not text:
        return "the pull spec is empty"
    if _IDENTIFIER.fullmatch(text):
        return "64 hexadecimal digits are an image ID, not a repository name"
    if scheme := _SCHEME.match(text):
        return f"a pull spec has no URL scheme: remove {quoted(scheme[0])}"
    if strange := _STRANGE.search(text):
        return f"character {strange.start() + 1} is {_named(strange[0])}, which is not allowed in a pull spec"
    named, at, digest = text.partition("@")
    host, slash, rest = named.partition("/")
    if not slash or not is_host_component(host):
        host, rest = "", named
    return _explain_host(host) or _explain_path(rest) or (_explain_digest(digest) if at else "") or _explain_whole(text)


def _explain_host(host: str) -> str:
    if not host or is_host(host):
        return ""
    name, colon, port = host.partition(":")
    if is_host(name) and colon:
        return f"{quoted(port)} is not a port number" if port else f"there is no port after {quoted(host)}"
    if _ONE_COMPONENT.fullmatch(host):
        return ""
    return f"{quoted(host)} is not a valid host"


def _explain_path(rest: str) -> str:
    components = rest.split("/")
    last, colon, tag = components.pop().partition(":")
    for component in components:
        if ":" in component:
            return f"{quoted(component)} contains a `:`: a port comes after the host, a tag after the last component"
    for component in (*components, last):
        if not component:
            return f"a component of the repository name {quoted(rest)} is empty"
        if _UPPER.search(component):
            return f"upper-case letters in the repository name {quoted(component)}"
        if not _ONE_COMPONENT.fullmatch(component):
            return (
                f"{quoted(component)} is not a valid component of a repository name: use letters and digits, with one "
                "`.`, `_`, `__` or dashes between them"
            )
    if not colon or _ONE_TAG.fullmatch(tag):
        return ""
    if not tag:
        return f"there is no tag after {quoted(last + colon)}"
    if len(tag) > TAG_LENGTH:
        return f"the tag {quoted(tag)} is longer than {TAG_LENGTH} characters"
    return f"{quoted(tag)} is not a valid tag"


def _explain_digest(digest: str) -> str:
    algorithm, colon, encoded = digest.partition(":")
    if not colon:
        return f"the digest {quoted(digest)} has no algorithm, for example `sha256:`"
    if not _ONE_ALGORITHM.fullmatch(algorithm) or algorithm not in _ENCODED_LENGTHS:
        return f"{quoted(algorithm)} is not a supported digest algorithm: use `sha256`, `sha384` or `sha512`"
    wanted = _ENCODED_LENGTHS[algorithm]
    if not _HEX.fullmatch(encoded):
        return f"the {algorithm} digest {quoted(encoded)} contains characters that are not hexadecimal digits"
    if len(encoded) != wanted:
        return f"a {algorithm} digest has {wanted} hexadecimal digits, this one has {len(encoded)}"
    if _UPPER.search(encoded):
        return f"the {algorithm} digest {quoted(encoded)} contains upper-case letters"
    return ""


def _explain_whole(text: str) -> str:
    try:
        normalized = str(parse_normalized(text))
    except InvalidReferenceError as error:
        # What is left is the length of the name, whose wording needs no help.
        return str(error)
    return "" if normalized == text else f"{quoted(text)} is short for {quoted(normalized)}"


def quoted(text: str) -> str:
    """`text` between backquotes, cut short where it is too long to show."""
    text = revealed(text)
    return f"`{text}`" if len(text) <= _SHOWN else f"`{text[:_SHOWN]}…`"


def _named(character: str) -> str:
    if character == " ":
        return "a space"
    code = f"U+{ord(character):04X}"
    return f"{quoted(character)} ({code})" if character.isprintable() else code
