"""YAML documents to typed manifests, and everything the API server would say about each of them.

In: a document and the release. Out: the mirror objects and Image configs in it, each value with its place, and the
findings. An object the API server would refuse is reported and left out. Other kinds are passed over.

The rules are those of the CRDs in openshift/api (2a3d73913).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from collections.abc import Sequence as Values
from itertools import islice
from typing import NamedTuple, cast

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Fold, Label
from compiler.findings.edits import add_field, remove_fields, rewrite
from compiler.manifests.fields import FieldReader, Meant, heading, indices_of_strings, replacement, without_indices
from compiler.manifests.kinds import (
    ALLOW,
    NEVER,
    ClusterImagePolicy,
    DrainOverride,
    ImageConfig,
    ImageContentSourcePolicy,
    ImageDigestMirrorSet,
    ImagePolicy,
    ImageTagMirrorSet,
    ImportRule,
    MachineConfiguration,
    Manifest,
    MirrorRule,
    MirrorSet,
    SignaturePolicyObject,
)
from compiler.manifests.lists import objects
from compiler.manifests.metadata import read_metadata
from compiler.names.grammar import is_location
from compiler.names.releases import Release
from compiler.names.scope import is_scope
from compiler.names.scope_flaws import flaw
from compiler.text.opaque import is_open, opaque
from compiler.text.span import Located, Span
from compiler.text.tree import Document, Mapping, Node, Scalar, Sequence
from compiler.text.wording import nearest, shown

_MIRROR_KINDS: dict[str, type[MirrorSet]] = {
    type_.kind: type_ for type_ in (ImageDigestMirrorSet, ImageTagMirrorSet, ImageContentSourcePolicy)
}
_SIGNATURE_KINDS: dict[str, type[SignaturePolicyObject]] = {
    type_.kind: type_ for type_ in (ClusterImagePolicy, ImagePolicy)
}

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
_SIGNATURE_STATUS_FIELDS = frozenset(("conditions",))
_CONDITION_FIELDS = frozenset(("type", "status", "reason", "message", "lastTransitionTime", "observedGeneration"))
_EXPRESSION = re.compile(r"[ \t]*([^\r\n]+?)[ \t]*$", re.MULTILINE)
_MOST_REGISTRIES = 1024
_LONGEST_REGISTRY = 256


class Decoded(NamedTuple):
    """The manifests of a document in order, and what is to be said about them.

    `refused` are kind and name of the objects that the API server would not take; the name may be empty. `read` are the
    objects of mirror policy that were read, refused or not. `has_placeholders` says that words of capitals in them are
    placeholders.
    """

    manifests: tuple[Manifest, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    read: tuple[Span, ...] = ()
    has_placeholders: bool = False


def decode(document: Document, release: Release, *, blanks: Values[int] = ()) -> Decoded:
    """Decode every object of ours in a document, in lists too.

    `blanks` are the offsets of lines of a template that were left out, and may become any fields.
    """
    root = document.root
    if not isinstance(root, Mapping):
        return _decode_bare_list(root) if isinstance(root, Sequence) else Decoded()
    decoder = _Decoder(release)
    decoder.blanks = blanks
    manifests = [manifest for item in _objects(root, decoder) if (manifest := decoder.object(item)) is not None]
    if decoder.seen:
        decoder.duplicate_keys(document)
    return Decoded(
        manifests=tuple(manifests),
        refused=tuple(decoder.refused_objects),
        diagnostics=tuple(decoder.found.kept),
        read=tuple(decoder.read),
        has_placeholders=decoder.has_placeholders,
    )


def _decode_bare_list(root: Sequence) -> Decoded:
    """A list where an object belongs: no client applies it, so say so if it contains anything of ours."""
    if not any(isinstance(item, Mapping) and _is_ours(item) and _has_body(item) for item in root.items):
        return Decoded()
    finding = rules.WRONG_TYPE.at(
        Span(root.file, root.start, root.start + 1),
        "the document is a list; expected one object",
        help="Separate the objects with `---`, or put the list under `items:` of a `kind: List`.",
    )
    return Decoded(diagnostics=(finding,), read=(root.span,))


def _has_body(root: Mapping) -> bool:
    """Whether an item is an object, and does not only mention a kind, as a table of APIs does."""
    return any(isinstance(root.fields.get(field), Mapping) for field in ("metadata", "spec"))


def _is_ours(root: Mapping) -> bool:
    kind = _text(root.fields.get("kind"))
    return kind in _MIRROR_KINDS or _is_image_config(root) or (kind in _SIGNATURE_KINDS and _is_signature_policy(root))


def _is_signature_policy(root: Mapping, api_version: str = "") -> bool:
    """Whether an object of such a kind is OpenShift's; Flux and sigstore have kinds of these names too."""
    api_version = _text(root.fields.get("apiVersion")) or api_version
    spec = root.fields.get("spec")
    policy = spec.fields.get("policy") if isinstance(spec, Mapping) else None
    return api_version.startswith("config.openshift.io/") or (
        isinstance(policy, Mapping) and "rootOfTrust" in policy.fields
    )


def _is_image_config(root: Mapping) -> bool:
    """Whether an object is an Image config; other API groups have an Image too, but none with registries."""
    if _text(root.fields.get("kind")) != ImageConfig.kind:
        return False
    spec = root.fields.get("spec")
    return _text(root.fields.get("apiVersion")) == ImageConfig.api_version or (
        isinstance(spec, Mapping) and "registrySources" in spec.fields
    )


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _misplaced(key: Scalar, root: Mapping, type_: type[MirrorSet]) -> Meant | None:
    """What was meant by a field of a rule that is beside the list, or by the list of the other new kind."""
    if not type_.has_policy:
        return None
    if key.text == "mirrorSourcePolicy":
        spec = root.fields.get("spec")
        listed = spec.fields.get(type_.list_field) if isinstance(spec, Mapping) else None
        edits = _moved_into(key, [root, spec], listed)
        title = f"move it into each entry of `{type_.list_field}`"
        moved = Fix(title=title, edits=edits, safe=False)
        return Meant(f"Move it into each entry of `{type_.list_field}`.", (moved,) if edits else ())
    other = _OTHER_LIST.get(type_.list_field)
    if other is None or key.text != other.list_field:
        return None
    if type_.list_field in _fields_beside(key, root):
        return Meant(f"Move it to an object of the kind {other.kind}.")
    renamed = replacement(key, type_.list_field, f"rename it `{type_.list_field}`")
    kind = root.fields.get("kind")
    changed = replacement(kind, other.kind, f"change the kind to {other.kind}") if isinstance(kind, Scalar) else None
    fixes = tuple(fix._replace(safe=False) for fix in (renamed, changed) if fix is not None)
    return Meant(f"Rename it `{type_.list_field}`, or change the kind to {other.kind}.", fixes)


_OTHER_LIST: dict[str, type[MirrorSet]] = {
    ImageDigestMirrorSet.list_field: ImageTagMirrorSet,
    ImageTagMirrorSet.list_field: ImageDigestMirrorSet,
}


def _fields_beside(key: Scalar, root: Mapping) -> Collection[str]:
    spec = root.fields.get("spec")
    return spec.fields if isinstance(spec, Mapping) and spec.key(key.text) is key else root.fields


def _moved_into(key: Scalar, holders: Values[Node | None], listed: Node | None) -> tuple[Edit, ...]:
    """Take a field of scalar value out of its mapping and add it to each rule that lacks it; none where that fails."""
    holder = next((each for each in holders if isinstance(each, Mapping) and each.key(key.text) is key), None)
    value = holder.fields[key.text] if holder is not None else None
    if holder is None or not isinstance(value, Scalar) or value.string not in {ALLOW, NEVER}:
        return ()
    removed = remove_fields(holder, {key.text})
    if removed is None or not isinstance(listed, Sequence) or not listed.items:
        return ()
    edits = list(removed)
    for rule in listed.items:
        source = rule.fields.get("source") if isinstance(rule, Mapping) else None
        if not isinstance(rule, Mapping) or not isinstance(source, Scalar) or rule.start < listed.start:
            return ()
        if key.text not in rule.fields:
            edit = add_field(rule.span, key.text, value.string, after=source.span)
            if edit is None:
                return ()
            edits.append(edit)
    return tuple(sorted(edits, key=lambda edit: edit.span.start))


class _Item(NamedTuple):
    """An object, with the kind and apiVersion that a typed list lends to items that have none."""

    root: Mapping
    kind: str
    api_version: str = ""


def _objects(root: Mapping, decoder: "_Decoder") -> Iterator[_Item]:
    """The objects of a document; what a list has in place of items is refused."""
    for each in objects(root):
        items = each.items
        if items is None:
            if isinstance(each.root, Mapping):
                yield _Item(each.root, each.kind, each.api_version)
        elif isinstance(items, Mapping) and _is_ours(items):
            decoder.refuse(
                rules.WRONG_TYPE.at(
                    heading(items).span,
                    "expected a list of objects, found an object",
                    help="Write `- ` before each object under `items:`.",
                    field="items",
                )
            )


class _Decoder(FieldReader):
    """Decodes the objects of one document."""

    def __init__(self, release: Release) -> None:
        super().__init__()
        self.release = release
        self.seen = False
        self.read: list[Span] = []
        self.refused_objects: list[tuple[str, str]] = []
        self.values_at: set[int] = set()
        self.has_placeholders = False

    def duplicate_keys(self, document: Document) -> None:
        for duplicate in document.duplicates:
            if self.found.is_full(rules.DUPLICATE_KEY, duplicate.second.file.path):
                break
            self.found.add(
                rules.DUPLICATE_KEY.at(
                    duplicate.second.span,
                    f"the key `{duplicate.second.text}` appears twice in one mapping",
                    help="Keep one of the two; Kubernetes uses this one.",
                    labels=[Label(span=duplicate.first.span, text="first written here; this value is lost")],
                    fold=Fold(
                        key=(document.root.start if document.root else 0, duplicate.second.text),
                        message=f"the key `{shown(duplicate.second.text)}` appears twice in {{count}} mappings",
                    ),
                )
            )

    def object(self, item: _Item) -> Manifest | None:
        """One object: None if it is not ours or the API server would refuse it."""
        root, kind = item.root, item.kind
        mirror_set = _MIRROR_KINDS.get(kind)
        if kind in _SIGNATURE_KINDS and _is_signature_policy(root, item.api_version):
            return self.signature_policy(item, _SIGNATURE_KINDS[kind])
        if kind == MachineConfiguration.kind:
            return self.machine_configuration(item)
        if kind == DrainOverride.kind:
            return _drain_override(root)
        if mirror_set is None and not (kind == ImageConfig.kind and self.is_image_config(item)):
            return None
        self.begin(root)
        self.api_version(item, mirror_set.api_version if mirror_set else ImageConfig.api_version)
        name = read_metadata(self, root, kind).name
        manifest: Manifest | None = None
        if not self.undecodable:  # the server stops at metadata that it cannot decode
            manifest = self.mirror_set(root, mirror_set, name) if mirror_set else self.image(root, name)
        return self.accepted(kind, name, manifest)

    def begin(self, root: Mapping) -> None:
        self.seen = True
        self.read.append(root.span)
        self.place = root.start
        self.refused = 0
        self.undecodable = False
        self.is_open = False
        self.has_open_keys = False

    def accepted(self, kind: str, name: Located[str], manifest: Manifest | None) -> Manifest | None:
        """The manifest, unless the API server would refuse it."""
        if self.undecodable or self.refused:
            self.refused_objects.append((kind, name.value))
            return None
        return manifest

    def machine_configuration(self, item: _Item) -> Manifest | None:
        """The node disruption policy: None if the object is not the operator's or the API server would refuse it."""
        from compiler.manifests.machine_configuration import is_machine_configuration, read_machine_configuration

        if not is_machine_configuration(item.root, item.api_version):
            return None
        self.begin(item.root)
        self.api_version(item, MachineConfiguration.api_version)
        name = read_metadata(self, item.root, item.kind).name
        manifest = None if self.undecodable else read_machine_configuration(self, item.root, name)
        return self.accepted(item.kind, name, manifest)

    def signature_policy(self, item: _Item, type_: type[SignaturePolicyObject]) -> Manifest | None:
        """A ClusterImagePolicy or ImagePolicy: None if the API server would refuse it."""
        from compiler.manifests.image_policies import SCHEMA_RULES, ImagePolicyReader

        self.begin(item.root)
        support = self.release.signatures
        if support is None:
            self.unserved(item)
            return self.accepted(type_.kind, Located("", item.root.span), None)
        first = self.found.counted(SCHEMA_RULES)
        self.api_version(item, support.api_version)
        name, namespace = read_metadata(self, item.root, type_.kind, namespaced=type_ is ImagePolicy)
        manifest: Manifest | None = None
        if not self.undecodable:
            self.status(item.root, _SIGNATURE_STATUS_FIELDS, conditions=True)
            self.unknown_fields(item.root, _OBJECT_FIELDS, "")
            scopes, root, identity = ImagePolicyReader(self, support, first=first).read(item.root)
            if root is not None:
                manifest = type_(
                    name=name,
                    namespace=namespace,
                    scopes=scopes,
                    root=root,
                    identity=identity,
                    span=item.root.span,
                )
        return self.accepted(type_.kind, name, manifest)

    def unserved(self, item: _Item) -> None:
        node = item.root.fields.get("apiVersion") or heading(item.root)
        self.refuse(
            rules.WRONG_API_VERSION.at(
                node.span,
                f"there is no {item.kind} in release {self.release.name}",
                help="Remove it: it exists from release 4.16 on.",
                field="apiVersion",
            )
        )

    def is_image_config(self, item: _Item) -> bool:
        return item.api_version == ImageConfig.api_version or _is_image_config(item.root)

    def api_version(self, item: _Item, expected: str) -> None:
        if item.api_version == expected or is_open(item.api_version):
            return
        node = item.root.fields.get("apiVersion")
        if item.api_version == "" or node is None:
            self.refuse(
                rules.MISSING_FIELD.at(
                    (node or heading(item.root)).span,
                    f"the {item.kind} has no `apiVersion`",
                    help=f"Write `apiVersion: {expected}`.",
                    field="apiVersion",
                )
            )
            return
        self.refuse(
            rules.WRONG_API_VERSION.at(
                node.span,
                f"there is no {item.kind} in `{item.api_version}`",
                help=f"Write `apiVersion: {expected}`.",
                fix=replacement(node, expected, f"write `{expected}`"),
                field="apiVersion",
            )
        )

    def mirror_set(self, root: Mapping, type_: type[MirrorSet], name: Located[str]) -> MirrorSet:
        if type_.has_policy:
            self.status(root, frozenset())
            self.unknown_fields(root, _OBJECT_FIELDS, "", meant=lambda key: _misplaced(key, root, type_))
        else:  # the legacy CRD has no status
            self.unknown_fields(root, _OBJECT_FIELDS - {"status"}, "")
        found: tuple[MirrorRule, ...] = ()
        if (spec := self.required_spec(root)) is not None:
            fields = frozenset((type_.list_field,))
            self.unknown_fields(spec, fields, "spec", meant=lambda key: _misplaced(key, root, type_))
            path = f"spec.{type_.list_field}"
            items = self.optional(spec, type_.list_field, path, Sequence)
            if items is not None:
                decoded = [self.rule(item, type_, path, index) for index, item in enumerate(items.items)]
                found = tuple(rule for rule in decoded if rule is not None)
            self.is_open = self.is_open or self.is_blank_after(spec.key(type_.list_field))
        else:
            self.has_placeholders |= self.is_open
        return type_(name=name, rules=found, span=root.span, is_open=self.is_open)

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
            if "A" <= text < "[":
                text = self.with_words(text)
            source = Located(text, Span(source_node.file, source_node.start, source_node.end))
            if type_.has_policy and not is_scope(text):
                source = source._replace(value=self.with_words(text))
            if type_.has_policy and not is_scope(source.value):
                self._invalid_scope(source, f"{list_path}[{index}].source", wildcard=True)
        elif self.present(node, "source") is None:
            self.refuse(
                rules.MISSING_FIELD.at(
                    (source_node or node.keys[0] if node.keys else node).span,
                    "the rule has no `source`",
                    help="Write the registry, namespace or repository to mirror.",
                    field=f"{list_path}[{index}].source",
                )
            )
        else:
            takes = is_scope if type_.has_policy else None
            self.wrong_type(fields["source"], f"{list_path}[{index}].source", "string", takes=takes)
        mirrors = self.mirrors(node, type_, list_path, index)
        policy = None
        if type_.has_policy and "mirrorSourcePolicy" in fields:
            policy = self.mirror_source_policy(node, f"{list_path}[{index}].mirrorSourcePolicy")
        if source is None:
            return None
        return MirrorRule(source, mirrors, policy, node.span, f"{list_path}[{index}]")

    def with_words(self, text: str) -> str:
        """A value with tokens for words of capitals that are placeholders."""
        from compiler.manifests.tokens import with_words

        made = with_words(text)
        self.has_placeholders |= made != text
        return made

    def scope_with_words(self, scope: Located[str]) -> Located[str]:
        """The same for a registry, where it may have any."""
        text = scope.value
        return scope._replace(value=self.with_words(text)) if "A" <= text < "[" or not is_scope(text) else scope

    def mirrors(self, rule: Mapping, type_: type[MirrorSet], list_path: str, index: int) -> tuple[Located[str], ...]:
        node = rule.fields.get("mirrors")
        if not isinstance(node, Sequence):
            if isinstance(node, Scalar) and is_open(node.text):
                return (Located(node.text, node.span),)
            if self.blanks and "mirrors" in rule.fields:
                return self.blank_after(rule.key("mirrors"))
            if self.present(rule, "mirrors") is not None:
                self.wrong_type(rule.fields["mirrors"], f"{list_path}[{index}].mirrors", "array")
            return ()
        found: list[Located[str]] = []
        for position, item in enumerate(node.items):
            if isinstance(item, Scalar) and (text := item.string) is not None:
                if "A" <= text < "[" or (type_.has_policy and not is_location(text)):
                    text = self.with_words(text)
                mirror = Located(text, Span(item.file, item.start, item.end))
                found.append(mirror)
                if type_.has_policy and not is_location(text):
                    self._invalid_scope(mirror, f"{list_path}[{index}].mirrors[{position}]", wildcard=False)
            else:
                takes = is_location if type_.has_policy else None
                self.wrong_type(item, f"{list_path}[{index}].mirrors[{position}]", "string", takes=takes)
        if type_.has_policy:
            at = range(len(found)) if len(found) == len(node.items) else indices_of_strings(node)
            self.set_of(found, lambda number: f"{list_path}[{index}].mirrors[{at[number]}]", "mirror")
        return tuple(found)

    def is_blank_after(self, key: Scalar | None) -> bool:
        first = 0 if key is None else bisect_right(self.blanks, key.start)
        return any(blank not in self.values_at for blank in islice(self.blanks, first, None))

    def blank_after(self, key: Scalar | None) -> tuple[Located[str], ...]:
        """The placeholder on the line after a key, if there is nothing else, in place of the key's list."""
        place = bisect_left(self.blanks, key.end) if key is not None else 0
        at = self.blanks[place] if place < len(self.blanks) else -1
        if key is None or at < 0 or key.file.text[key.end : at].strip(": \t\r\n"):
            return ()
        self.values_at.add(at)
        written = _EXPRESSION.match(key.file.text, at)
        return (Located(opaque(written[1]), Span(key.file, *written.span(1))),) if written else ()

    def mirror_source_policy(self, rule: Mapping, path: str) -> Located[str] | None:
        policies = (ALLOW, NEVER)
        policy = self.optional_string(rule, "mirrorSourcePolicy", path, takes=policies.__contains__)
        if policy is not None and policy.value not in policies and not is_open(policy.value):
            near = nearest(policy.value, frozenset((ALLOW, NEVER)))
            self.refuse(
                rules.INVALID_VALUE.at(
                    policy.span,
                    f"`{shown(policy.value)}` is not a valid mirrorSourcePolicy",
                    help=f"Did you mean `{near}`?"
                    if near
                    else f"Write `{ALLOW}` or `{NEVER}`, or remove the field (the default is `{ALLOW}`).",
                    fix=replacement(rule.fields["mirrorSourcePolicy"], near, f"write `{near}`") if near else None,
                    field=path,
                )
            )
        return policy

    def image(self, root: Mapping, name: Located[str]) -> ImageConfig:
        self.status(root, _IMAGE_STATUS_FIELDS)
        self.unknown_fields(root, _OBJECT_FIELDS, "")
        lists: dict[str, tuple[Located[str], ...] | None] = {}
        imports: tuple[ImportRule, ...] = ()
        if (spec := self.required_spec(root)) is not None:
            self.unknown_fields(spec, _IMAGE_SPEC_FIELDS, "spec")
            imports = self.image_spec(spec)
            sources = self.optional(spec, "registrySources", "spec.registrySources", Mapping)
            if sources is not None:
                lists = self.registry_sources(sources)
            # A placeholder on a line of its own may become lists, or items of one.
            self.is_open = self.is_open or self.is_blank_after(spec.key("registrySources"))
        return ImageConfig(
            name=name,
            insecure=lists.get("insecureRegistries"),
            blocked=lists.get("blockedRegistries"),
            allowed=lists.get("allowedRegistries"),
            search=lists.get("containerRuntimeSearchRegistries"),
            imports=imports,
            span=root.span,
            is_open=self.is_open,
        )

    def image_spec(self, spec: Mapping) -> tuple[ImportRule, ...]:
        """The Image config's fields that have nothing to do with mirrors; of these the rules for imports."""
        trusted = self.optional(spec, "additionalTrustedCA", "spec.additionalTrustedCA", Mapping)
        if trusted is not None:
            self.unknown_fields(trusted, frozenset(("name",)), "spec.additionalTrustedCA")
            if self.present(trusted, "name") is None:
                self.missing(trusted, "name", "spec.additionalTrustedCA")
            else:
                self.optional_string(trusted, "name", "spec.additionalTrustedCA.name")
        self.string_list(spec, "externalRegistryHostnames", "spec.externalRegistryHostnames")
        modes = ("", "Legacy", "PreserveOriginal")
        mode = self.optional_string(
            spec, "imageStreamImportMode", "spec.imageStreamImportMode", takes=modes.__contains__
        )
        if mode is not None and mode.value not in modes and not is_open(mode.value):
            self.refuse(
                rules.INVALID_VALUE.at(
                    mode.span,
                    f"`{shown(mode.value)}` is not a valid imageStreamImportMode",
                    help="Write `Legacy` or `PreserveOriginal`.",
                    field="spec.imageStreamImportMode",
                )
            )
        imports = "spec.allowedRegistriesForImport"
        listed = self.optional(spec, "allowedRegistriesForImport", imports, Sequence)
        found = []
        for index, item in enumerate(listed.items if listed else ()):
            path = f"{imports}[{index}]"
            if isinstance(item, Mapping):
                self.unknown_fields(item, frozenset(("domainName", "insecure")), path)
                domain = self.optional_string(item, "domainName", f"{path}.domainName")
                insecure = self.present(item, "insecure")
                if insecure is not None and insecure.kind != "boolean":
                    self.wrong_type(insecure, f"{path}.insecure", "boolean")
                elif domain is not None:
                    found.append(ImportRule(domain, isinstance(insecure, Scalar) and insecure.value is True))
            else:
                self.wrong_type(item, path, "object")
        return tuple(found)

    def registry_sources(self, node: Mapping) -> dict[str, tuple[Located[str], ...] | None]:
        path = "spec.registrySources"
        self.unknown_fields(node, frozenset(_REGISTRY_LISTS), path)
        checked = _REGISTRY_LISTS[:3] if self.release.api_holds_image_scopes else ()
        lists = {
            field: self.string_list(node, field, f"{path}.{field}", takes=is_scope if field in checked else None)
            for field in _REGISTRY_LISTS
        }
        for field, scopes in lists.items():
            if scopes is not None:
                lists[field] = tuple(map(self.scope_with_words, scopes))
        search = lists["containerRuntimeSearchRegistries"]
        if search is not None:
            field = "containerRuntimeSearchRegistries"
            if not search and not _items(node.fields[field]):
                self.refuse(
                    rules.INVALID_LENGTH.at(
                        node.fields[field].span,
                        "the search list is empty",
                        help="Add at least one registry, or remove the field.",
                        field=f"{path}.{field}",
                    )
                )
            at = indices_of_strings(cast(Sequence, node.fields[field]))
            self.set_of(search, lambda number: f"{path}.{field}[{at[number]}]", "registry")
        for field in checked:
            if (scopes := lists[field]) is not None:
                self.registry_scopes(scopes, cast(Sequence, node.fields[field]), f"{path}.{field}")
        blocked, allowed = lists["blockedRegistries"], lists["allowedRegistries"]
        if blocked is not None and allowed is not None and self.release.api_refuses_blocked_and_allowed:
            # The schema asks whether the fields are there; an empty list is.
            keys = (node.key("blockedRegistries") or node, node.key("allowedRegistries") or node)
            self.refuse(blocked_and_allowed(blocked, allowed, *(key.span for key in keys)))
        return lists

    def registry_scopes(self, scopes: tuple[Located[str], ...], node: Sequence, path: str) -> None:
        if len(scopes) > _MOST_REGISTRIES:
            self.refuse(
                rules.INVALID_LENGTH.at(
                    scopes[_MOST_REGISTRIES].span,
                    f"the list has {len(scopes)} entries; the API allows at most {_MOST_REGISTRIES}",
                    help="Use wider scopes.",
                    field=path,
                )
            )
        for position, scope in zip(indices_of_strings(node), scopes, strict=True):
            if len(scope.value) > _LONGEST_REGISTRY:
                self.refuse(
                    rules.INVALID_LENGTH.at(
                        scope.span,
                        f"the scope has {len(scope.value)} characters; the API allows at most {_LONGEST_REGISTRY}",
                        help="Use a wider scope.",
                        field=f"{path}[{position}]",
                    )
                )
            elif not is_scope(scope.value):
                self._invalid_scope(scope, f"{path}[{position}]", wildcard=True)

    def _invalid_scope(self, value: Located[str], path: str, *, wildcard: bool) -> None:
        if not self.refuse_unlisted(rules.INVALID_SCOPE, value.span):
            self.refuse(invalid_scope(value, path, wildcard=wildcard, place=self.place))

    def status(self, root: Mapping, known: frozenset[str], *, conditions: bool = False) -> None:
        """The cluster owns the status and takes anything there; only names it does not know are reported.

        `conditions` says that it lists conditions, whose names are known too.
        """
        status = root.fields.get("status")
        if not isinstance(status, Mapping):
            return
        self.unknown_fields(status, known, "status")
        listed = status.fields.get("conditions") if conditions else None
        for position, item in enumerate(_items(listed) if listed else ()):
            if isinstance(item, Mapping):
                self.unknown_fields(item, _CONDITION_FIELDS, f"status.conditions[{position}]")


def _drain_override(root: Mapping) -> DrainOverride | None:
    """The ConfigMap that skips a drain, None if it is another."""
    metadata = root.fields.get("metadata")
    if not isinstance(metadata, Mapping):
        return None
    name, namespace = metadata.fields.get("name"), metadata.fields.get("namespace")
    if name is None or (_text(name), _text(namespace)) != (DrainOverride.only_name, DrainOverride.namespace):
        return None
    return DrainOverride(name=Located(DrainOverride.only_name, name.span), span=root.span)


def invalid_scope(value: Located[str], path: str, *, wildcard: bool, place: int) -> Diagnostic:
    """A source, mirror or registry that does not match the API's pattern, in the object that begins at `place`."""
    found = flaw(value.value, wildcard=wildcard)
    form = "`host[:port][/path]` or `*.host`" if wildcard else "`host[:port][/path]`"
    edit = rewrite(value.span, found.mended) if found.mended else None
    reason = f": {found.reason}" if found.reason else ""
    kind = found.reason.partition(" (")[0]
    each = f", for each of them {kind}" if kind else ""
    return rules.INVALID_SCOPE.at(
        value.span,
        f"`{shown(value.value)}` is not {form}{reason}" if value.value else f"an empty string is not {form}",
        help=found.remedy,
        fix=Fix(title=f"write `{found.mended}`", edits=(edit,)) if edit else None,
        field=path,
        fold=Fold(
            key=(place, without_indices(path), kind),
            message=f"{{count}} values are not {form}{each}: {{names}}",
            name=shown(value.value),
            fix="write them without the flaw",
        ),
    )


def blocked_and_allowed(
    blocked: tuple[Located[str], ...], allowed: tuple[Located[str], ...], blocked_at: Span, allowed_at: Span
) -> Diagnostic:
    """An Image config that both blocks and allows; an empty list is shown at the place given for it."""
    return rules.BLOCKED_AND_ALLOWED.at(
        allowed[0].span if allowed else allowed_at,
        "the Image config both allows and blocks registries",
        help="Keep `blockedRegistries` or `allowedRegistries`, not both.",
        labels=[Label(span=blocked[0].span if blocked else blocked_at, text="others are blocked here")],
        field="spec.registrySources",
    )


def _items(node: Node) -> list[Node]:
    return node.items if isinstance(node, Sequence) else []
