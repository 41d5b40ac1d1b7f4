"""A policy.json as a node has it: which images it lets in.

In: the text. Out: what refuses an image, by the places that say so. Follows containers/image (df7e80d2)
`signature.PolicyContext.requirementsForImageRef`: the requirements of the most specific scope of the transport `docker`
count, then those of its empty scope, then the default. Signatures that are asked for are not checked.
"""

from collections.abc import Iterator

from compiler.node.admission import REJECT, Admission, DecidingSetting
from compiler.node.registries_conf import ConfFileError
from compiler.repository.paths import printable
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence, read

_TRANSPORT = "docker"
_REQUIREMENTS = frozenset(("insecureAcceptAnything", REJECT, "signedBy", "signedBaseLayer", "sigstoreSigned"))


def holds_policy(root: Node | None) -> bool:
    """Whether an object is a policy.json: it must have a default, and has no kind."""
    return isinstance(root, Mapping) and "default" in root.fields and "kind" not in root.fields


def read_policy_json(file: File) -> Admission:
    """What a policy.json lets in.

    Raises:
        ConfFileError: It is none.
    """
    tree = read(file)
    if tree.error is not None:
        raise ConfFileError(tree.error.message, span=tree.error.span)
    root = tree.documents[0].root if tree.documents else None
    if not isinstance(root, Mapping) or not holds_policy(root):
        raise ConfFileError(f"{file.path}: no policy.json, which has a `default`")
    if sum(key.text == "default" for key in root.keys) > 1:
        raise ConfFileError("`default` stands there twice", span=_key(root, "default"))
    _validate(root.fields["default"], "default", _key(root, "default"))
    others = _key(root, "default") if _rejects(root.fields["default"]) else None
    blocked: dict[str, Span | None] = {}
    allowed: dict[str, Span | None] = {}
    for scope, span, requirements in _scopes(root):
        _validate(requirements, scope, span)
        if not scope:
            others = span if _rejects(requirements) else None
        else:
            (blocked if _rejects(requirements) else allowed)[scope] = span
    if others is not None:
        return Admission(blocked, allowed, setting=REJECT, others=DecidingSetting(setting=REJECT, spans=(others,)))
    # Without anything that is rejected what is accepted makes no difference.
    return Admission(blocked, allowed if blocked else {}, setting=REJECT)


def _scopes(root: Mapping) -> Iterator[tuple[str, Span, Node]]:
    transports = root.fields.get("transports")
    scopes = transports.fields.get(_TRANSPORT) if isinstance(transports, Mapping) else None
    if isinstance(scopes, Mapping):
        last = {key.text: key for key in scopes.keys}
        for scope, requirements in scopes.fields.items():
            yield scope, last.get(scope, scopes).span, requirements


def _validate(requirements: Node, name: str, span: Span) -> None:
    """As `signature.PolicyRequirements.UnmarshalJSON`: an empty list or an unknown type is not loaded."""
    items = requirements.items if isinstance(requirements, Sequence) else []
    kinds = [item.fields.get("type") if isinstance(item, Mapping) else None for item in items]
    if not kinds or not all(isinstance(kind, Scalar) and kind.string in _REQUIREMENTS for kind in kinds):
        raise ConfFileError(f"`{printable(name)}` holds no list of requirements of known types", span=span)


def _key(mapping: Mapping, name: str) -> Span:
    key = mapping.key(name)
    return (key or mapping).span


def _rejects(requirements: Node) -> bool:
    """Whether one of the requirements, which all have to be met, is one that nothing meets."""
    for requirement in requirements.items if isinstance(requirements, Sequence) else ():
        kind = requirement.fields.get("type") if isinstance(requirement, Mapping) else None
        if isinstance(kind, Scalar) and kind.text == REJECT:
            return True
    return False
