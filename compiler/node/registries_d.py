"""The files of registries.d: at which registries a node looks for sigstore signatures.

In: the files of that folder. Out: for a reference that is contacted, whether signatures are looked for there. Where an
older kind of signature is looked for (`lookaside`) is read as upstream reads it, and not used.

Follows containers/image (df7e80d2) `docker.loadAndMergeConfig` and `registryConfiguration.useSigstoreAttachments`, and
yaml.v3 for what a file may contain: keys are texts as written, unknown fields are ignored, only the first
document counts.
"""

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from compiler.names.lookup import lookup_scopes
from compiler.names.reference import Reference
from compiler.node.registries_conf import ConfFileError
from compiler.repository.paths import printable
from compiler.text.span import File, Span
from compiler.text.tree import Mapping, Node, Scalar, read

USE_SIGSTORE_ATTACHMENTS = "use-sigstore-attachments"
_DEFAULT, _DOCKER = "default-docker", "docker"
_TEXTS = ("lookaside", "lookaside-staging", "sigstore", "sigstore-staging")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_FLAGS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WORDS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
}
"""What yaml.v3 accepts as a boolean beside those, in quotes too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupSetting:
    """What a key says: whether signatures are looked for (None where it does not say), and where it is written."""

    enabled: bool | None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLookup:
    """All files of registries.d together.

    Attributes:
        docker: By the scope that a key names.
        default: What applies where no key that matches says anything; None without `default-docker`.
    """

    docker: Map[str, LookupSetting] = field(default_factory=lambda: MappingProxyType({}))
    default: LookupSetting | None = None
    _hosts: frozenset[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        hosts = frozenset("*" if scope.startswith("*") else scope.partition("/")[0] for scope in self.docker)
        object.__setattr__(self, "_hosts", hosts)

    def may_look_for(self, text: str) -> bool:
        """Whether a node may look for signatures at what a text refers to, by its host alone: a first look at many."""
        if (self.default and self.default.enabled) or "*" in self._hosts:
            return True
        return text.partition("/")[0] in self._hosts

    def looked_for(self, reference: Reference) -> bool:
        """Whether a node looks for sigstore signatures at a reference that it contacts, `latest` where it has no tag.

        The most specific key that says something decides.
        """
        if self.docker:
            for scope in lookup_scopes(reference):
                setting = self.docker.get(scope)
                if setting is not None and setting.enabled is not None:
                    return setting.enabled
        return bool(self.default and self.default.enabled)


def read_registries_d(files: Iterable[File]) -> SignatureLookup:
    """Read files of registries.d, which a node merges.

    Raises:
        ConfFileError: A node could not load them, and would pull nothing: one is not of this form, or two of them
            have one key.
    """
    docker: dict[str, LookupSetting] = {}
    default: LookupSetting | None = None
    for file in files:
        own_default, own = _read_file(file)
        if own_default is not None:
            if default is not None:
                raise _repeated(f"`{_DEFAULT}`", own_default, default)
            default = own_default
        for scope, setting in own.items():
            if scope in docker:
                raise _repeated(f"the key `{printable(scope)}`", setting, docker[scope])
            docker[scope] = setting
    return SignatureLookup(docker=docker, default=default)


def _repeated(what: str, again: LookupSetting, first: LookupSetting) -> ConfFileError:
    return ConfFileError(
        f"{what} is also set at {first.span}: no node can load two files of registries.d with one key", span=again.span
    )


def is_registries_d(root: Node | None) -> bool:
    """Whether the root of a YAML file is one of registries.d: it has one of the two keys, and is not an object."""
    return isinstance(root, Mapping) and "kind" not in root.fields and bool({_DEFAULT, _DOCKER} & root.fields.keys())


def _read_file(file: File) -> tuple[LookupSetting | None, dict[str, LookupSetting]]:
    tree = read(file)
    if not tree.documents:
        if tree.error is not None:
            raise ConfFileError(tree.error.message, span=tree.error.span)
        return None, {}
    root = tree.documents[0].root
    if root is None or _is_null(root):
        return None, {}
    top = _mapping(root, "the file")
    default = top.fields.get(_DEFAULT)
    docker = top.fields.get(_DOCKER)
    namespaces: dict[str, LookupSetting] = {}
    if docker is not None and not _is_null(docker):
        entries = _mapping(docker, f"`{_DOCKER}`")
        for key in entries.keys:
            if not (key.plain and key.text in _NULLS):
                namespaces[key.text] = _setting(entries.fields[key.text], key.text, key.span)
    if default is None or _is_null(default):
        return None, namespaces
    key = cast(Scalar, top.key(_DEFAULT))
    return _setting(default, _DEFAULT, key.span), namespaces


def _setting(node: Node, name: str, span: Span) -> LookupSetting:
    if _is_null(node):
        return LookupSetting(enabled=None, span=span)
    fields = _mapping(node, f"`{printable(name)}`").fields
    for text in _TEXTS:
        value = fields.get(text)
        if value is not None and not isinstance(value, Scalar):
            raise ConfFileError(f"`{text}` of `{printable(name)}` must be a string", span=value.span)
    value = fields.get(USE_SIGSTORE_ATTACHMENTS)
    enabled = None if value is None or _is_null(value) else _flag(value, name)
    return LookupSetting(enabled=enabled, span=span)


def _flag(node: Node, name: str) -> bool:
    if isinstance(node, Scalar):
        value = _FLAGS.get(node.text) if node.plain else None
        value = _WORDS.get(node.text) if value is None else value
        if value is not None:
            return value
    raise ConfFileError(f"`{USE_SIGSTORE_ATTACHMENTS}` of `{printable(name)}` must be true or false", span=node.span)


def _mapping(node: Node, name: str) -> Mapping:
    if not isinstance(node, Mapping):
        raise ConfFileError(f"{name} must be a mapping", span=node.span)
    seen: set[str] = set()
    for key in node.keys:
        if key.text in seen:
            raise ConfFileError(f"the key `{printable(key.text)}` is repeated", span=key.span)
        seen.add(key.text)
    return node


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text in _NULLS
