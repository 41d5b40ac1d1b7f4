"""YAML documents to typed manifests, and everything the API server would say about each of them.

In: the documents of one file and the release. Out: the mirror objects and Image configs in it, each value with its
place, and the findings. An object the API server would refuse is reported and left out. Other kinds are passed over.

The rules are those of the CRDs in openshift/api (2a3d73913) and of the API server's own checks of metadata
(k8s.io/apimachinery `validation`); field paths are written as the API server writes them.
"""

import re
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Values
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, TypeVar

from compiler import rules
from compiler.diagnostics import Diagnostic, Edit, Fix, Label
from compiler.releases import Release
from compiler.scope import flaw, is_location, is_scope
from compiler.span import Located, Span
from compiler.yamltree import Document, Mapping, Node, Scalar, Sequence

ALLOW = "AllowContactingSource"
NEVER = "NeverContactSource"


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorRule:
    """One item of a mirror object's list. `mirror_source_policy` is missing where the manifest sets none."""

    source: Located[str]
    mirrors: tuple[Located[str], ...]
    mirror_source_policy: Located[str] | None
    span: Span

    @property
    def never_contacts_source(self) -> bool:
        """Whether this rule asks that the source is never contacted."""
        return self.mirror_source_policy is not None and self.mirror_source_policy.value == NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorSet:
    """A mirror object of any of the three kinds: its name, its rules and where it stands."""

    kind: ClassVar[str]
    api_version: ClassVar[str]
    list_field: ClassVar[str]
    has_policy: ClassVar[bool] = True

    name: Located[str]
    rules: tuple[MirrorRule, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDigestMirrorSet(MirrorSet):
    """Mirrors for pulls by digest."""

    kind = "ImageDigestMirrorSet"
    api_version = "config.openshift.io/v1"
    list_field = "imageDigestMirrors"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageTagMirrorSet(MirrorSet):
    """Mirrors for pulls by tag."""

    kind = "ImageTagMirrorSet"
    api_version = "config.openshift.io/v1"
    list_field = "imageTagMirrors"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageContentSourcePolicy(MirrorSet):
    """Mirrors for pulls by digest, the way of releases before 4.13."""

    kind = "ImageContentSourcePolicy"
    api_version = "operator.openshift.io/v1alpha1"
    list_field = "repositoryDigestMirrors"
    has_policy = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfig:
    """The `registrySources` of an Image config; None is an absent list, which differs from an empty one."""

    kind: ClassVar[str] = "Image"
    api_version: ClassVar[str] = "config.openshift.io/v1"

    name: Located[str]
    insecure: tuple[Located[str], ...] | None = None
    blocked: tuple[Located[str], ...] | None = None
    allowed: tuple[Located[str], ...] | None = None
    search: tuple[Located[str], ...] | None = None
    span: Span


Manifest = MirrorSet | ImageConfig

_Collection = TypeVar("_Collection", Mapping, Sequence)

_MIRROR_KINDS: dict[str, type[MirrorSet]] = {
    type_.kind: type_ for type_ in (ImageDigestMirrorSet, ImageTagMirrorSet, ImageContentSourcePolicy)
}
_MAX_OBJECTS = 100_000
"""Objects taken from one document; aliases can make a short text stand for more than a machine can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The manifests of a document in order, and what is to be said about them."""

    manifests: tuple[Manifest, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def decode(document: Document, release: Release) -> Decoded:
    """Decode every object of ours in a document, in lists too."""
    root = document.root
    if not isinstance(root, Mapping):
        return _decode_bare_list(root, document, release) if isinstance(root, Sequence) else Decoded()
    decoder = _Decoder(release)
    manifests = [manifest for each in _objects(root) if (manifest := decoder.object(each)) is not None]
    if decoder.seen:
        decoder.duplicate_keys(document)
    return Decoded(manifests=tuple(manifests), diagnostics=tuple(decoder.diagnostics))


def _decode_bare_list(root: Sequence, document: Document, release: Release) -> Decoded:
    """A list where an object belongs: no client applies it, so say so if it holds anything of ours."""
    for item in root.items:
        if isinstance(item, Mapping) and _text(item.fields.get("kind")) in _MIRROR_KINDS:
            finding = rules.WRONG_TYPE.at(
                Span(root.file, root.start, root.start + 1),
                "the document is a list, where Kubernetes takes one object",
                help="Separate the objects with `---`, or put the list under `items:` of a `kind: List`.",
            )
            return Decoded(diagnostics=(finding,))
    return Decoded()


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _objects(root: Mapping) -> Iterator[Mapping]:
    """The object itself or, if it is a list of objects, what it lists."""
    pending: list[Node] = [root]
    for _ in range(_MAX_OBJECTS):
        if not pending:
            return
        node = pending.pop()
        if not isinstance(node, Mapping):
            continue
        kind = _text(node.fields.get("kind"))
        items = node.fields.get("items")
        if kind.endswith("List") and isinstance(items, Sequence):
            pending.extend(reversed(items.items))
        else:
            yield node


class _Decoder:
    """Decodes the objects of one document and gathers the findings.

    A method that cannot give a value has said why and returns None; `refused` counts what the API server would
    not take, so that the object around it can be left out.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.diagnostics: list[Diagnostic] = []
        self.seen = False
        self.refused = 0
        self.undecodable = False

    def duplicate_keys(self, document: Document) -> None:
        for duplicate in document.duplicates:
            self.diagnostics.append(
                rules.DUPLICATE_KEY.at(
                    duplicate.second.span,
                    f"the key `{duplicate.second.text}` stands twice in one mapping",
                    help="Keep one of the two; Kubernetes would take this one.",
                    labels=[Label(span=duplicate.first.span, text="first written here, and lost")],
                )
            )

    def refuse(self, diagnostic: Diagnostic) -> None:
        self.refused += 1
        self.diagnostics.append(diagnostic)

    def object(self, root: Mapping) -> Manifest | None:
        """One object: None if it is not ours or the API server would refuse it."""
        kind = _text(root.fields.get("kind"))
        mirror_set = _MIRROR_KINDS.get(kind)
        api_version = root.fields.get("apiVersion")
        if mirror_set is None and (kind != ImageConfig.kind or _text(api_version) != ImageConfig.api_version):
            return None
        self.seen = True
        self.refused = 0
        self.undecodable = False
        expected = mirror_set.api_version if mirror_set else ImageConfig.api_version
        self.api_version(root, kind, api_version, expected)
        name = self.metadata(root)
        if self.undecodable:  # the server stops at metadata that it cannot decode
            return None
        manifest: Manifest | None = self.mirror_set(root, mirror_set, name) if mirror_set else self.image(root, name)
        return None if self.refused else manifest

    def api_version(self, root: Mapping, kind: str, node: Node | None, expected: str) -> None:
        written = _text(node)
        if written == expected and isinstance(node, Scalar):
            return
        if node is None or written == "":
            self.refuse(
                rules.MISSING_FIELD.at(
                    (node or root.fields["kind"]).span,
                    f"the {kind} has no `apiVersion`",
                    help=f"Write `apiVersion: {expected}`.",
                    field="apiVersion",
                )
            )
            return
        self.refuse(
            rules.WRONG_API_VERSION.at(
                node.span,
                f"there is no {kind} in `{written}`",
                help=f"Write `apiVersion: {expected}`.",
                fix=_replace(node, expected, f"write `{expected}`"),
                field="apiVersion",
            )
        )

    def metadata(self, root: Mapping) -> Located[str]:
        """The object's name; the place of its kind stands in for one that is missing."""
        nameless = Located("", root.fields["kind"].span)
        node = self.optional(root, "metadata", "metadata", Mapping)
        if node is None:
            if self.present(root, "metadata") is None:
                self.missing_name(nameless.span)
            return nameless
        name = self.optional_string(node, "name", "metadata.name")
        if name is None or name.value == "":
            if self.present(node, "name") is None or name is not None:
                generated = self.optional_string(node, "generateName", "metadata.generateName")
                if generated is None or generated.value == "":
                    self.missing_name((root.key("metadata") or root).span)
        else:
            self.object_name(name)
        for field in ("labels", "annotations"):
            self.string_map(node, field)
        if (namespace := self.optional_string(node, "namespace", "metadata.namespace")) and namespace.value:
            self.refuse(
                rules.NAMESPACED_OBJECT.at(
                    namespace.span,
                    f"`{_text(root.fields['kind'])}` is cluster-scoped, so it has no namespace",
                    help="Remove `namespace`.",
                    field="metadata.namespace",
                )
            )
        self.unknown_fields(node, _METADATA_FIELDS, "metadata")
        return name if name is not None else nameless

    def missing_name(self, span: Span) -> None:
        self.refuse(
            rules.MISSING_FIELD.at(
                span,
                "the object has no name",
                help="Write `metadata: {name: ...}`.",
                field="metadata.name",
            )
        )

    def object_name(self, name: Located[str]) -> None:
        if len(name.value) > _NAME_LENGTH or not _SUBDOMAIN.fullmatch(name.value):
            self.refuse(
                rules.INVALID_METADATA.at(
                    name.span,
                    f"`{_shown(name.value)}` is no name for an object",
                    help=f"Use at most {_NAME_LENGTH} lower-case letters, digits, `-` and `.`, with a letter or "
                    "digit at both ends of every part between dots.",
                    field="metadata.name",
                )
            )

    def string_map(self, metadata: Mapping, field: str) -> None:
        path = f"metadata.{field}"
        node = self.optional(metadata, field, path, Mapping)
        if node is None:
            return
        for key in node.keys:
            value = node.fields[key.text]
            text = value.string if isinstance(value, Scalar) else None
            if text is None and not _is_null(value):
                self.wrong_type(value, path, "string")
            elif field == "labels" and text is not None and not _is_label_value(text):
                self.refuse(
                    rules.INVALID_METADATA.at(
                        value.span,
                        f"`{_shown(text)}` is no label value",
                        help="Use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both "
                        "ends, or nothing at all.",
                        field=path,
                    )
                )
            if not _is_qualified_name(key.text.lower() if field == "annotations" else key.text):
                self.refuse(
                    rules.INVALID_METADATA.at(
                        key.span,
                        f"`{_shown(key.text)}` is no key for {field}",
                        help="Use `name` or `domain/name`: at most 63 letters, digits, `-`, `_` and `.`, with a "
                        "letter or digit at both ends.",
                        field=path,
                    )
                )

    def mirror_set(self, root: Mapping, type_: type[MirrorSet], name: Located[str]) -> MirrorSet:
        if type_.has_policy:
            self.status(root, frozenset())
            self.unknown_fields(root, _OBJECT_FIELDS, "")
        else:  # the legacy CRD has no status
            self.unknown_fields(root, _OBJECT_FIELDS - {"status"}, "")
        found: tuple[MirrorRule, ...] = ()
        if (spec := self.required_spec(root)) is not None:
            self.unknown_fields(spec, frozenset((type_.list_field,)), "spec")
            path = f"spec.{type_.list_field}"
            items = self.optional(spec, type_.list_field, path, Sequence)
            if items is not None:
                decoded = [self.rule(item, type_, path, index) for index, item in enumerate(items.items)]
                found = tuple(rule for rule in decoded if rule is not None)
        return type_(name=name, rules=found, span=root.span)

    def rule(self, node: Node, type_: type[MirrorSet], list_path: str, index: int) -> MirrorRule | None:
        if not isinstance(node, Mapping):
            self.wrong_type(node, f"{list_path}[{index}]", "object")
            return None
        fields = node.fields
        known = _RULE_FIELDS if type_.has_policy else _LEGACY_RULE_FIELDS
        if not known.issuperset(fields):
            self.unknown_fields(node, known, f"{list_path}[{index}]")
        source_node = fields.get("source")
        source = None
        if isinstance(source_node, Scalar) and (text := source_node.string) is not None:
            source = Located(text, Span(source_node.file, source_node.start, source_node.end))
            if type_.has_policy and not is_scope(text):
                self.invalid_scope(source, f"{list_path}[{index}].source", wildcard=True)
        elif self.present(node, "source") is None:
            self.refuse(
                rules.MISSING_FIELD.at(
                    (source_node or node.keys[0] if node.keys else node).span,
                    "the rule has no `source`",
                    help="Write the registry, namespace or repository that is to be mirrored.",
                    field=f"{list_path}[{index}].source",
                )
            )
        else:
            self.wrong_type(fields["source"], f"{list_path}[{index}].source", "string")
        mirrors = self.mirrors(node, type_, list_path, index)
        policy = None
        if type_.has_policy and "mirrorSourcePolicy" in fields:
            policy = self.mirror_source_policy(node, f"{list_path}[{index}].mirrorSourcePolicy")
        if source is None:
            return None
        return MirrorRule(source=source, mirrors=mirrors, mirror_source_policy=policy, span=node.span)

    def mirrors(self, rule: Mapping, type_: type[MirrorSet], list_path: str, index: int) -> tuple[Located[str], ...]:
        node = rule.fields.get("mirrors")
        if not isinstance(node, Sequence):
            if self.present(rule, "mirrors") is not None:
                self.wrong_type(rule.fields["mirrors"], f"{list_path}[{index}].mirrors", "array")
            return ()
        found: list[Located[str]] = []
        for position, item in enumerate(node.items):
            if isinstance(item, Scalar) and (text := item.string) is not None:
                mirror = Located(text, Span(item.file, item.start, item.end))
                found.append(mirror)
                if type_.has_policy and not is_location(text):
                    self.invalid_scope(mirror, f"{list_path}[{index}].mirrors[{position}]", wildcard=False)
            else:
                self.wrong_type(item, f"{list_path}[{index}].mirrors[{position}]", "string")
        if type_.has_policy:
            self.set_of(found, lambda position: f"{list_path}[{index}].mirrors[{position}]", "mirror")
        return tuple(found)

    def mirror_source_policy(self, rule: Mapping, path: str) -> Located[str] | None:
        policy = self.optional_string(rule, "mirrorSourcePolicy", path)
        if policy is not None and policy.value not in {ALLOW, NEVER}:
            self.refuse(
                rules.INVALID_VALUE.at(
                    policy.span,
                    f"`{_shown(policy.value)}` is no mirrorSourcePolicy",
                    help=f"Write `{ALLOW}` or `{NEVER}`, or leave the field out for the first.",
                    field=path,
                )
            )
        return policy

    def image(self, root: Mapping, name: Located[str]) -> ImageConfig:
        self.status(root, _IMAGE_STATUS_FIELDS)
        self.unknown_fields(root, _OBJECT_FIELDS, "")
        lists: dict[str, tuple[Located[str], ...] | None] = {}
        if (spec := self.required_spec(root)) is not None:
            self.unknown_fields(spec, _IMAGE_SPEC_FIELDS, "spec")
            self.image_spec(spec)
            sources = self.optional(spec, "registrySources", "spec.registrySources", Mapping)
            if sources is not None:
                lists = self.registry_sources(sources)
        return ImageConfig(
            name=name,
            insecure=lists.get("insecureRegistries"),
            blocked=lists.get("blockedRegistries"),
            allowed=lists.get("allowedRegistries"),
            search=lists.get("containerRuntimeSearchRegistries"),
            span=root.span,
        )

    def image_spec(self, spec: Mapping) -> None:
        """The Image config's fields that have nothing to do with mirrors."""
        trusted = self.optional(spec, "additionalTrustedCA", "spec.additionalTrustedCA", Mapping)
        if trusted is not None:
            self.unknown_fields(trusted, frozenset(("name",)), "spec.additionalTrustedCA")
            if self.present(trusted, "name") is None:
                self.missing(trusted, "name", "spec.additionalTrustedCA")
            else:
                self.optional_string(trusted, "name", "spec.additionalTrustedCA.name")
        self.string_list(spec, "externalRegistryHostnames", "spec.externalRegistryHostnames")
        mode = self.optional_string(spec, "imageStreamImportMode", "spec.imageStreamImportMode")
        if mode is not None and mode.value not in {"", "Legacy", "PreserveOriginal"}:
            self.refuse(
                rules.INVALID_VALUE.at(
                    mode.span,
                    f"`{_shown(mode.value)}` is no imageStreamImportMode",
                    help="Write `Legacy` or `PreserveOriginal`.",
                    field="spec.imageStreamImportMode",
                )
            )
        imports = "spec.allowedRegistriesForImport"
        listed = self.optional(spec, "allowedRegistriesForImport", imports, Sequence)
        for index, item in enumerate(listed.items if listed else ()):
            path = f"{imports}[{index}]"
            if isinstance(item, Mapping):
                self.unknown_fields(item, frozenset(("domainName", "insecure")), path)
                self.optional_string(item, "domainName", f"{path}.domainName")
                insecure = self.present(item, "insecure")
                if insecure is not None and insecure.kind != "boolean":
                    self.wrong_type(insecure, f"{path}.insecure", "boolean")
            else:
                self.wrong_type(item, path, "object")

    def registry_sources(self, node: Mapping) -> dict[str, tuple[Located[str], ...] | None]:
        path = "spec.registrySources"
        self.unknown_fields(node, frozenset(_REGISTRY_LISTS), path)
        lists = {field: self.string_list(node, field, f"{path}.{field}") for field in _REGISTRY_LISTS}
        search = lists["containerRuntimeSearchRegistries"]
        if search is not None:
            field = "containerRuntimeSearchRegistries"
            if not search and not _items(node.fields[field]):
                self.refuse(
                    rules.INVALID_LENGTH.at(
                        node.fields[field].span,
                        "the search list is empty",
                        help="Name at least one registry, or remove the field.",
                        field=f"{path}.{field}",
                    )
                )
            self.set_of(search, lambda position: f"{path}.{field}[{position}]", "registry")
        if self.release.api_holds_image_scopes:
            for field in _REGISTRY_LISTS[:3]:
                self.registry_scopes(lists[field] or (), f"{path}.{field}")
        if lists["blockedRegistries"] and lists["allowedRegistries"] and self.release.api_refuses_blocked_and_allowed:
            self.refuse(blocked_and_allowed(node.span, lists["blockedRegistries"], lists["allowedRegistries"]))
        return lists

    def registry_scopes(self, scopes: tuple[Located[str], ...], path: str) -> None:
        if len(scopes) > _MOST_REGISTRIES:
            self.refuse(
                rules.INVALID_LENGTH.at(
                    scopes[_MOST_REGISTRIES].span,
                    f"the list has {len(scopes)} entries; the API takes {_MOST_REGISTRIES}",
                    help="Name wider scopes instead.",
                    field=path,
                )
            )
        for position, scope in enumerate(scopes):
            if len(scope.value) > _LONGEST_REGISTRY:
                self.refuse(
                    rules.INVALID_LENGTH.at(
                        scope.span,
                        f"the scope has {len(scope.value)} characters; the API takes {_LONGEST_REGISTRY}",
                        help="Name a wider scope instead.",
                        field=f"{path}[{position}]",
                    )
                )
            elif not is_scope(scope.value):
                self.invalid_scope(scope, f"{path}[{position}]", wildcard=True)

    # What every kind is made of

    def status(self, root: Mapping, known: frozenset[str]) -> None:
        """The cluster owns the status and takes anything there; only names it does not know are told."""
        status = root.fields.get("status")
        if isinstance(status, Mapping):
            self.unknown_fields(status, known, "status")

    def present(self, mapping: Mapping, field: str) -> Node | None:
        """The field's node; to the API server a null is as good as an absent field."""
        node = mapping.fields.get(field)
        return None if node is None or _is_null(node) else node

    def required_spec(self, root: Mapping) -> Mapping | None:
        node = self.present(root, "spec")
        if node is None:
            self.missing(root, "spec", "")
            return None
        return self.optional(root, "spec", "spec", Mapping)

    def missing(self, mapping: Mapping, field: str, path: str) -> None:
        key = mapping.key(field) or mapping.key("kind") or (mapping.keys[0] if mapping.keys else mapping)
        self.refuse(
            rules.MISSING_FIELD.at(
                key.span,
                f"`{field}` is {'null' if field in mapping.fields else 'missing'}",
                help=f"Write `{field}`; `{{}}` will do where there is nothing to say."
                if field == "spec"
                else f"Write `{field}`.",
                field=f"{path}.{field}" if path else field,
            )
        )

    def optional(self, mapping: Mapping, field: str, path: str, type_: type[_Collection]) -> _Collection | None:
        node = self.present(mapping, field)
        if node is None or isinstance(node, type_):
            return node
        self.wrong_type(node, path, type_.kind)
        return None

    def optional_string(self, mapping: Mapping, field: str, path: str) -> Located[str] | None:
        node = self.present(mapping, field)
        if node is None:
            return None
        if isinstance(node, Scalar) and (text := node.string) is not None:
            return Located(text, node.span)
        self.wrong_type(node, path, "string")
        return None

    def string_list(self, mapping: Mapping, field: str, path: str) -> tuple[Located[str], ...] | None:
        node = self.optional(mapping, field, path, Sequence)
        if node is None:
            return None
        found = []
        for position, item in enumerate(node.items):
            if isinstance(item, Scalar) and (text := item.string) is not None:
                found.append(Located(text, item.span))
            else:
                self.wrong_type(item, f"{path}[{position}]", "string")
        return tuple(found)

    def set_of(self, values: Values[Located[str]], path: Callable[[int], str], noun: str) -> None:
        """The API's `x-kubernetes-list-type: set`."""
        if len({value.value for value in values}) == len(values):
            return
        first: dict[str, Located[str]] = {}
        reported: set[str] = set()  # the server names a value once, however often it is repeated
        for position, value in enumerate(values):
            if value.value in reported:
                continue
            if value.value in first:
                reported.add(value.value)
                self.refuse(
                    rules.DUPLICATE_MIRROR.at(
                        value.span,
                        f"the {noun} `{_shown(value.value)}` stands twice in one list",
                        help="Remove one of the two.",
                        labels=[Label(span=first[value.value].span, text="first listed here")],
                        field=path(position),
                    )
                )
            else:
                first[value.value] = value

    def invalid_scope(self, value: Located[str], path: str, *, wildcard: bool) -> None:
        self.refuse(invalid_scope(value, path, wildcard=wildcard))

    def wrong_type(self, node: Node, path: str, expected: str) -> None:
        found = _ARTICLE[node.kind]
        message = f"{found} stands where {_ARTICLE[expected]} belongs"
        advice = f"Write {_ARTICLE[expected]}."
        if expected == "string" and isinstance(node, Scalar) and node.text:
            message = f"Kubernetes reads `{_shown(node.text)}` as {found}, where a string belongs"
            advice = f'Write "{_shown(node.text)}", in quotes, if that is what you mean.'
        self.refuse(rules.WRONG_TYPE.at(_first_line(node), message, help=advice, field=path))
        self.undecodable |= path.startswith("metadata")
        # The server prunes what it does not know below a wrongly typed value too.
        if isinstance(node, Mapping):
            self.unknown_fields(node, frozenset(), path)
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                if isinstance(item, Mapping):
                    self.unknown_fields(item, frozenset(), f"{path}[{index}]")

    def unknown_fields(self, mapping: Mapping, known: frozenset[str], path: str) -> None:
        if known.issuperset(mapping.fields):
            return
        for key in mapping.keys:
            if key.text in known:
                continue
            near = _nearest(key.text, known - mapping.fields.keys())
            self.diagnostics.append(
                rules.UNKNOWN_FIELD.at(
                    key.span,
                    f"there is no field `{_shown(key.text)}` here: the API server drops it",
                    help=f"Did you mean `{near}`?" if near else "Remove it.",
                    fix=_replace(key, near, f"rename it `{near}`") if near else None,
                    field=f"{path}.{key.text}" if path else key.text,
                )
            )


def invalid_scope(value: Located[str], path: str, *, wildcard: bool) -> Diagnostic:
    """A source, mirror or registry that does not match the API's pattern."""
    reason = flaw(value.value)
    if not reason and not wildcard and value.value.startswith("*."):
        reason = "a mirror cannot be a wildcard"
    form = "`host[:port][/path]` or `*.host`" if wildcard else "`host[:port][/path]`"
    return rules.INVALID_SCOPE.at(
        value.span,
        f"`{_shown(value.value)}` is not {form}" + (f": {reason}" if reason else ""),
        help="Write a registry host, with a port or a lower-case repository path if needed, and nothing else.",
        field=path,
    )


def blocked_and_allowed(span: Span, blocked: tuple[Located[str], ...], allowed: tuple[Located[str], ...]) -> Diagnostic:
    """An Image config that both blocks and allows."""
    return rules.BLOCKED_AND_ALLOWED.at(
        allowed[0].span if allowed else span,
        "the Image config blocks some registries and allows others",
        help="Keep `blockedRegistries` or `allowedRegistries`, not both.",
        labels=[Label(span=blocked[0].span if blocked else span, text="blocked here")],
        field="spec.registrySources",
    )


_OBJECT_FIELDS = frozenset(("apiVersion", "kind", "metadata", "spec", "status"))
_RULE_FIELDS = frozenset(("source", "mirrors", "mirrorSourcePolicy"))
_LEGACY_RULE_FIELDS = frozenset(("source", "mirrors"))
_REGISTRY_LISTS = (
    "insecureRegistries",
    "blockedRegistries",
    "allowedRegistries",
    "containerRuntimeSearchRegistries",
)
_IMAGE_SPEC_FIELDS = frozenset(
    (
        "additionalTrustedCA",
        "allowedRegistriesForImport",
        "externalRegistryHostnames",
        "imageStreamImportMode",
        "registrySources",
    )
)
_IMAGE_STATUS_FIELDS = frozenset(("externalRegistryHostnames", "internalRegistryHostname"))
_METADATA_FIELDS = frozenset(
    (
        "annotations",
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generateName",
        "generation",
        "labels",
        "managedFields",
        "name",
        "namespace",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    )
)
_MOST_REGISTRIES = 1024
_LONGEST_REGISTRY = 256
_NAME_LENGTH = 253
_LABEL_LENGTH = 63
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_ARTICLE = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "a number",
    "number": "a number",
    "null": "null",
    "object": "an object",
    "array": "a list",
}
_SHOWN = 80


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.string is None and node.value is None


@lru_cache(maxsize=4096)
def _is_label_value(text: str) -> bool:
    return text == "" or (len(text.encode()) <= _LABEL_LENGTH and _QUALIFIED.fullmatch(text) is not None)


@lru_cache(maxsize=4096)
def _is_qualified_name(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    if slash and (len(prefix) > _NAME_LENGTH or not _SUBDOMAIN.fullmatch(prefix)):
        return False
    return len(name) <= _LABEL_LENGTH and _QUALIFIED.fullmatch(name) is not None


def _items(node: Node) -> list[Node]:
    return node.items if isinstance(node, Sequence) else []


def _shown(text: str) -> str:
    """A value as it goes into a message: printable, and not longer than a line."""
    shown = text if text.isprintable() else text.encode("unicode_escape").decode()
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"


def _first_line(node: Node) -> Span:
    """The part of a node that stands on its first line: carets under ten lines help nobody."""
    break_at = node.file.text.find("\n", node.start, node.end)
    return node.span if break_at < 0 else Span(node.file, node.start, break_at)


def _replace(node: Node, text: str, title: str) -> Fix:
    """Write `text` for a scalar, leaving its quotes as they are."""
    quotes = int(isinstance(node, Scalar) and not node.plain and node.span.text[:1] in {"'", '"'})
    return Fix(title=title, edits=(Edit(span=Span(node.file, node.start + quotes, node.end - quotes), text=text),))


def _nearest(text: str, known: frozenset[str]) -> str:
    """The known name that `text` is most likely a slip for, or an empty string."""
    from difflib import get_close_matches

    folded = {name.lower(): name for name in sorted(known)}
    near = get_close_matches(text.lower(), folded, n=1, cutoff=0.75)
    return folded[near[0]] if near else ""
