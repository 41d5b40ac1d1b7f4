"""The names in a signature policy: its scopes, and the repositories that a signature may carry.

In: texts of a ClusterImagePolicy or ImagePolicy. Out: whether the API server accepts them, and why not. The patterns
are those of openshift/api `config/v1` `ImageScope` and `IdentityRepositoryPrefix` (2a3d73913). A match takes linear
time (see `grammar`).
"""

import re

from compiler.names.grammar import COMPONENT, LABEL
from compiler.names.reference import DIGEST, TAG
from compiler.names.scope import is_wildcard

_FULL_HOST = rf"(?:{LABEL}(?:\.{LABEL})+|localhost)(?::[0-9]++)?"
_REPOSITORY = rf"{_FULL_HOST}(?:/{COMPONENT})*"
_SCOPE = re.compile(rf"({_REPOSITORY})(?::({TAG}))?(?:@({DIGEST}))?")
_WILDCARD = re.compile(rf"\*(?:\.{LABEL})+")
_IDENTITY = re.compile(_REPOSITORY)
_ENDS_LIKE_TAG = re.compile(rf":{TAG}\Z")
_ATOMIC = re.compile(r"[^/]*+(?:/[^:/]*+(?:/[^:/]*+(?::[^:/]*+)?)?)?")
_LOCALHOST_AND_PORT = re.compile(r"localhost:[0-9]++")


def scope_fault(text: str) -> str:
    """Why the API server refuses `text` as a scope of a signature policy; empty if it accepts it."""
    host = text.partition("/")[0]
    if not text:
        return "the scope is empty"
    if "." not in host and host.partition(":")[0] != "localhost":
        return "the host must have a dot or be `localhost`"
    if "*" in text:
        return "" if _WILDCARD.fullmatch(text) else "a `*` is only valid in `*.host`, without a port and a path"
    return "" if _SCOPE.fullmatch(text) else "expected `host[:port][/path][:tag][@digest]`"


def split_scope(scope: str) -> tuple[str, str, str]:
    """The name, the tag and the digest of a valid scope, the last two empty where it has none."""
    if (match := _SCOPE.fullmatch(scope)) is None:
        return scope, "", ""
    name, tag, digest = match.groups("")
    return name, tag, digest


def identity_fault(text: str) -> str:
    """Why the API server refuses `text` as the repository or prefix of a signed identity; empty if it accepts it.

    A host with a port and no path is refused, since its end looks like a tag; only `localhost` may have one.
    """
    if _ENDS_LIKE_TAG.search(text) and not _LOCALHOST_AND_PORT.fullmatch(text):
        return "it ends like a tag: a host with a port needs a path"
    return "" if _IDENTITY.fullmatch(text) else "expected `host[:port][/path]`, without a tag or digest"


def atomic_accepts(scope: str) -> bool:
    """Whether the transport `atomic` of policy.json accepts a scope; a file with one that it refuses cannot be loaded.

    It accepts a tag or digest only after two components of a path (containers/image `openshift.openshiftTransport`
    `ValidatePolicyConfigurationScope`).
    """
    return _ATOMIC.fullmatch(scope) is not None


def never_matches(scope: str) -> str:
    """Why no image matches a valid scope; empty if images can.

    A node looks an image up by `name@digest` or `name:tag`, never by both, and a host alone is not an image
    (containers/image `policyconfiguration.DockerReferenceIdentity`).
    """
    if is_wildcard(scope):
        return ""
    name, tag, digest = split_scope(scope)
    if tag and digest:
        return "a node looks an image up by its tag or by its digest, never by both"
    if (tag or digest) and "/" not in name:
        return f"a host alone is not an image, so its {'tag' if tag else 'digest'} never matches"
    return ""
