"""A policy.json as a node reads it: strictly, so that a mistake anywhere in the file stops every pull.

In: the text. Out: what it requires of images, with the place of each requirement.

Follows containers/image (df7e80d2) `signature.NewPolicyFromBytes` with all that it calls in `policy_config.go` and
`policy_config_sigstore.go`, and `ValidatePolicyConfigurationScope` of the transports: unknown and repeated keys, values
of a wrong type, and members that contradict each other are refused. Keys and certificates are not looked at.
"""

import posixpath
import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from dataclasses import replace

from compiler.names.grammar import is_location
from compiler.names.reference import InvalidReferenceError, is_digest, parse_normalized
from compiler.node.registries_conf import ConfFileError
from compiler.node.requirements import (
    ACCEPT_ANYTHING,
    REJECT,
    SIGNED_BASE_LAYER,
    SIGNED_BY,
    SIGSTORE_SIGNED,
    TRUST,
    Members,
    Requirement,
    RequirementPolicy,
    ScopeRequirements,
    Value,
)
from compiler.node.signed_identity import (
    EXACT_REFERENCE,
    EXACT_REPOSITORY,
    MATCH_EXACT,
    MATCH_REPO_DIGEST_OR_EXACT,
    MATCH_REPOSITORY,
    REMAP_IDENTITY,
    SignedIdentity,
)
from compiler.repository.paths import printable
from compiler.text.json_tree import JsonError, read_json
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence, plain

_DOCKER = "docker"
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_KEY_TYPES = ("GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs")


def is_policy_json(root: Node | None) -> bool:
    """Whether an object is a policy.json: it has a default and is not a Kubernetes object."""
    return isinstance(root, Mapping) and "default" in root.fields and "kind" not in root.fields


def read_policy_json(file: File) -> RequirementPolicy:
    """What a policy.json requires of images.

    Raises:
        ConfFileError: No node could load it, and would pull nothing.
    """
    try:
        root = read_json(file)
    except JsonError as error:
        raise ConfFileError(f"not valid JSON: {error}", span=error.span) from error
    top = _object(root, "policy.json", ("default", "transports"))
    if "default" not in top:
        raise ConfFileError("policy.json has no `default`", span=root.span)
    default = _scope_requirements(top["default"], "default", _key(root, "default"))
    scopes: dict[str, ScopeRequirements] = {}
    if "transports" in top:
        for transport, listed in _object(top["transports"], "`transports`").items():
            for scope, requirements in _object(listed, f"the transport `{printable(transport)}`").items():
                span = _key(listed, scope)
                if scope:
                    _check_scope(transport, scope, span)
                read = _scope_requirements(requirements, scope, span)
                if transport == _DOCKER:
                    scopes[scope] = read
    return RequirementPolicy(default=default, scopes=scopes)


def _key(mapping: Node, name: str) -> Span:
    key = mapping.key(name) if isinstance(mapping, Mapping) else None
    return (key or mapping).span


# --- Requirements --------------------------------------------------------------


def _scope_requirements(node: Node, name: str, span: Span) -> ScopeRequirements:
    shown = f"`{printable(name)}`"
    if not isinstance(node, Sequence) or not node.items:
        raise ConfFileError(f"{shown} must be a list of at least one requirement", span=span)
    return ScopeRequirements(requirements=tuple(map(_requirement, node.items)), spans=(span,))


def _requirement(node: Node) -> Requirement:
    return replace(_typed(node), origins=(node.span,))


def _trust(fields: Map[str, Node], names: Iterable[str]) -> Members:
    """These members in the order in which the controller writes them."""
    return tuple((name, _value(fields[name])) for name in TRUST if name in names and not _is_null(fields[name]))


def _value(node: Node) -> Value:
    if isinstance(node, Mapping):
        return _trust(node.fields, node.fields)
    return tuple(map(_value, node.items)) if isinstance(node, Sequence) else str(plain(node))


def _typed(node: Node) -> Requirement:
    fields = _object(node, "a requirement")
    type_ = _text(fields, "type")
    if type_ in {ACCEPT_ANYTHING, REJECT}:
        _exact(node, fields, ("type",))
        return Requirement(type=type_)
    if type_ == SIGSTORE_SIGNED:
        return _sigstore_signed(node, fields)
    if type_ == SIGNED_BY:
        return _signed_by(node, fields)
    if type_ == SIGNED_BASE_LAYER:
        _exact(node, fields, ("type", "baseLayerIdentity"))
        identity = _identity(fields["baseLayerIdentity"])
        return Requirement(type=type_, identity=identity)
    raise ConfFileError(f"`{printable(type_)}` is not a known type of requirement", span=node.span)


_SIGSTORE_KEYS = ("keyPath", "keyPaths", "keyData", "keyDatas", "fulcio", "pki")
_REKOR_KEYS = ("rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas")


def _sigstore_signed(node: Node, fields: Map[str, Node]) -> Requirement:
    _known(node, fields, ("type", *_SIGSTORE_KEYS, *_REKOR_KEYS, "signedIdentity"))
    keys = [name for name in _SIGSTORE_KEYS if name in fields and _is_given(fields, name)]
    rekor = [name for name in _REKOR_KEYS if name in fields and _is_given(fields, name)]
    identity = _optional_identity(fields)
    if len(keys) != 1:
        raise ConfFileError(f"exactly one of {_listed(_SIGSTORE_KEYS)} must be set", span=node.span)
    if len(rekor) > 1:
        raise ConfFileError(f"at most one of {_listed(_REKOR_KEYS)} may be set", span=node.span)
    if keys == ["fulcio"] and not rekor:
        raise ConfFileError(f"`fulcio` needs one of {_listed(_REKOR_KEYS)}", span=node.span)
    if keys == ["pki"] and rekor:
        raise ConfFileError(f"`{rekor[0]}` cannot be used with `pki`", span=node.span)
    return Requirement(type=SIGSTORE_SIGNED, identity=identity, trust=_trust(fields, (*keys, *rekor)))


def _is_given(fields: Map[str, Node], name: str) -> bool:
    """Whether a member that is present sets anything: an empty path and a null do not."""
    if name == "fulcio":
        _check_fulcio(fields[name])
        return True
    if name == "pki":
        _check_pki(fields[name])
        return True
    if name.endswith("Path"):
        return _text(fields, name) != ""
    if name.endswith("Data"):
        return _bytes(fields[name], name)
    check: Callable[[Node, str], object] = _bytes if name.endswith("Datas") else _string
    items = _list(fields[name], name, check)
    if not items:
        raise ConfFileError(f"`{name}` has no items", span=fields[name].span)
    return True


def _check_fulcio(node: Node) -> None:
    fields = _object(node, "`fulcio`", ("caPath", "caData", "oidcIssuer", "subjectEmail"))
    _check_source(node, fields, "caPath", "caData")
    for name in ("oidcIssuer", "subjectEmail"):
        if not _text(fields, name):
            raise ConfFileError(f"`fulcio` has no `{name}`", span=node.span)


def _check_pki(node: Node) -> None:
    known = ("caRootsPath", "caRootsData", "caIntermediatesPath", "caIntermediatesData")
    fields = _object(node, "`pki`", (*known, "subjectEmail", "subjectHostname"))
    _check_source(node, fields, "caRootsPath", "caRootsData")
    _check_source(node, fields, "caIntermediatesPath", "caIntermediatesData", required=False)
    subjects = [_text(fields, name) for name in ("subjectEmail", "subjectHostname")]
    if not any(subjects):
        raise ConfFileError("`pki` has neither `subjectEmail` nor `subjectHostname`", span=node.span)


def _check_source(node: Node, fields: Map[str, Node], path: str, data: str, *, required: bool = True) -> None:
    has_path = _text(fields, path) != ""
    has_data = data in fields and _bytes(fields[data], data)
    if has_path and has_data:
        raise ConfFileError(f"`{path}` and `{data}` cannot both be set", span=node.span)
    if required and not has_path and not has_data:
        raise ConfFileError(f"one of `{path}` and `{data}` must be set", span=node.span)


def _signed_by(node: Node, fields: Map[str, Node]) -> Requirement:
    sources = ("keyPath", "keyPaths", "keyData")
    _known(node, fields, ("type", "keyType", *sources, "signedIdentity"))
    key_type = _text(fields, "keyType")
    path = _text(fields, "keyPath")
    paths = fields.get("keyPaths")
    listed = paths is not None and _list(paths, "keyPaths", _string) is not None
    data = "keyData" in fields and _bytes(fields["keyData"], "keyData")
    identity = _optional_identity(fields)
    given = [name for name in sources if name in fields]
    if len(given) != 1 or not (path or listed or data):
        raise ConfFileError(f"exactly one of {_listed(sources)} must be set", span=node.span)
    if key_type not in _KEY_TYPES:
        raise ConfFileError(f"`keyType` must be one of {_listed(_KEY_TYPES)}", span=node.span)
    return Requirement(type=SIGNED_BY, identity=identity, trust=_trust(fields, ("keyType", *given)))


# --- Identities ----------------------------------------------------------------


def _optional_identity(fields: Map[str, Node]) -> SignedIdentity:
    return _identity(fields["signedIdentity"]) if "signedIdentity" in fields else SignedIdentity()


def _identity(node: Node) -> SignedIdentity:
    fields = _object(node, "`signedIdentity`")
    type_ = _text(fields, "type")
    members = _IDENTITY_MEMBERS.get(type_)
    if members is None:
        raise ConfFileError(f"`{printable(type_)}` is not a known type of `signedIdentity`", span=node.span)
    _exact(node, fields, ("type", *members))
    values = {name: _text(fields, name) for name in members}
    for name, value in values.items():
        problem = _IDENTITY_CHECKS[name](value)
        if problem:
            raise ConfFileError(f"`{name}` is not valid: {problem}", span=fields[name].span)
    return SignedIdentity.of_members({"type": type_, **values})


def _reference_problem(text: str) -> str:
    try:
        reference = parse_normalized(text)
    except InvalidReferenceError as error:
        return error.explanation
    return "" if reference.tag or reference.digest else "it has neither a tag nor a digest"


def _repository_problem(text: str) -> str:
    try:
        parse_normalized(text)
    except InvalidReferenceError as error:
        return error.explanation
    return ""


def _prefix_problem(text: str) -> str:
    return "" if is_location(text) else "expected a host, or a host and a path, without tag or digest"


_IDENTITY_MEMBERS: Map[str, tuple[str, ...]] = {
    MATCH_EXACT: (),
    MATCH_REPO_DIGEST_OR_EXACT: (),
    MATCH_REPOSITORY: (),
    EXACT_REFERENCE: ("dockerReference",),
    EXACT_REPOSITORY: ("dockerRepository",),
    REMAP_IDENTITY: ("prefix", "signedPrefix"),
}
_IDENTITY_CHECKS: Map[str, Callable[[str], str]] = {
    "dockerReference": _reference_problem,
    "dockerRepository": _repository_problem,
    "prefix": _prefix_problem,
    "signedPrefix": _prefix_problem,
}


# --- Scopes --------------------------------------------------------------------

_PATHS = frozenset(("dir", "oci", "oci-archive"))
_NO_SCOPES = frozenset(("docker-archive", "tarball"))


def _check_scope(transport: str, scope: str, span: Span) -> None:
    """Refuse a scope that its transport does not know; any transport but these takes every scope."""
    if transport == "docker-daemon":
        valid = not is_digest(scope)
    elif transport in _PATHS:
        valid = re.match("/[^/]", scope) is not None and posixpath.normpath(scope) == scope
    else:
        valid = transport not in _NO_SCOPES
    if not valid:
        raise ConfFileError(f"`{printable(scope)}` is not a valid scope of the transport `{transport}`", span=span)


# --- Values as encoding/json reads them ------------------------------------------


def _object(node: Node, name: str, known: tuple[str, ...] | None = None) -> Map[str, Node]:
    """The members of an object, none of them repeated and, where some are `known`, each of these."""
    if not isinstance(node, Mapping):
        raise ConfFileError(f"{name} must be an object", span=node.span)
    seen: set[str] = set()
    for key in node.keys:
        if key.text in seen:
            raise ConfFileError(f"`{printable(key.text)}` is repeated", span=key.span)
        seen.add(key.text)
    if known is not None:
        _known(node, node.fields, known)
    return node.fields


def _known(node: Node, fields: Map[str, Node], names: tuple[str, ...]) -> None:
    for name in fields:
        if name not in names:
            raise ConfFileError(f"`{printable(name)}` is not a known key", span=_key(node, name))


def _exact(node: Node, fields: Map[str, Node], names: tuple[str, ...]) -> None:
    _known(node, fields, names)
    for name in names:
        if name not in fields:
            raise ConfFileError(f"`{name}` is missing", span=node.span)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text == "null"


def _string(node: Node, name: str) -> str:
    """A string; null leaves it empty."""
    if isinstance(node, Scalar) and not node.plain:
        return node.text
    if _is_null(node):
        return ""
    raise ConfFileError(f"`{name}` must be a string", span=node.span)


def _text(fields: Map[str, Node], name: str) -> str:
    """A string member, empty where it is absent or null."""
    return _string(fields[name], name) if name in fields else ""


def _list(node: Node, name: str, check: Callable[[Node, str], object]) -> list[Node] | None:
    if _is_null(node):
        return None
    if not isinstance(node, Sequence):
        raise ConfFileError(f"`{name}` must be a list", span=node.span)
    for item in node.items:
        check(item, name)
    return node.items


def _bytes(node: Node, name: str) -> bool:
    """Whether a member of type `[]byte` is set: base64, in which line breaks do not count, or a list of numbers."""
    if _is_null(node):
        return False
    if isinstance(node, Sequence):
        _list(node, name, _byte)
        return True
    text = _string(node, name).replace("\n", "").replace("\r", "")
    if _BASE64.fullmatch(text) is None:
        raise ConfFileError(f"`{name}` is not valid base64", span=node.span)
    return True


def _byte(node: Node, name: str) -> None:
    number = node.text if isinstance(node, Scalar) and node.plain else ""
    is_byte = number.isdecimal() and len(number) <= 3 and int(number) < 256
    if not is_byte and not _is_null(node):
        raise ConfFileError(f"`{name}` must be base64", span=node.span)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
