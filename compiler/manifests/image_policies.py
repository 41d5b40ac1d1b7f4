"""The `spec` of a ClusterImagePolicy or ImagePolicy, checked as the API server checks it.

In: the positioned tree of one object, and the reader that collects what is found. Out: the parts of the typed object.
Follows the CRDs in openshift/api `config/v1` `types_image_policy.go` (2a3d73913) and, for releases up to 4.19, those
of `config/v1alpha1`.

The server checks in two steps. What the schema refuses (a type, a missing field, an enumeration, a text or list that is
too long) keeps it from its validation rules (the forms of texts, the members that belong together); a text that is too
short or listed twice does not.
"""

import re
from base64 import b64decode
from collections.abc import Callable
from collections.abc import Mapping as Table
from typing import NamedTuple

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Rule
from compiler.manifests.fields import FieldReader, Takes, replacement
from compiler.manifests.kinds import (
    EXACT_REPOSITORY,
    FULCIO,
    MATCH_REPO_DIGEST_OR_EXACT,
    MATCH_REPOSITORY,
    PKI,
    PUBLIC_KEY,
    REMAP_IDENTITY,
    PolicyIdentity,
    RootOfTrust,
)
from compiler.names.policy_scope import identity_fault, scope_fault
from compiler.names.releases import SignatureSupport
from compiler.text.opaque import is_open, revealed
from compiler.text.span import Located, Span
from compiler.text.tree import Mapping, Scalar, Sequence
from compiler.text.wording import nearest, shown

_MATCH_POLICIES = (MATCH_REPO_DIGEST_OR_EXACT, MATCH_REPOSITORY, EXACT_REPOSITORY, REMAP_IDENTITY)
_MEMBERS = {PUBLIC_KEY: "publicKey", FULCIO: "fulcioCAWithRekor", PKI: "pki"}
_IDENTITY_MEMBERS = {EXACT_REPOSITORY: "exactRepository", REMAP_IDENTITY: "remapIdentity"}
_ROOT = "spec.policy.rootOfTrust"
_IDENTITY = "spec.policy.signedIdentity"

_MOST_SCOPES = 256
_LONGEST_NAME = 512
"""Characters of a scope, a repository or a prefix."""

_LONGEST_DATA = 8192
_KEY = "PUBLIC KEY"
_CERTIFICATE = "CERTIFICATE"

# A group of four characters can be matched in one way only, so that nothing is tried twice.
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")
_EMAIL = re.compile(r"[^\t\n\f\r ]+@[^\t\n\f\r ]+")
_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_HOSTNAME = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")

SCHEMA_RULES = frozenset((rules.WRONG_TYPE.name, rules.MISSING_FIELD.name, rules.INVALID_VALUE.name))


class _Data(NamedTuple):
    """A field with a key or certificates: the PEM label, the shortest text, and whether markers must pair up."""

    field: str
    label: str
    shortest: int = 0
    bundle: bool = False
    required: bool = True


class _Text(NamedTuple):
    """A field with a text of a certain form."""

    field: str
    longest: int
    is_valid: Callable[[str], bool]
    advice: str
    required: bool = True


def _is_url(text: str) -> bool:
    from compiler.names.request_uri import is_request_uri

    return is_request_uri(text)


def _is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def _is_hostname(text: str) -> bool:
    return _HOSTNAME.fullmatch(text) is not None


_REKOR_KEY = _Data("rekorKeyData", _KEY)
_KEY_DATA = (_Data("keyData", _KEY, shortest=68), _REKOR_KEY._replace(required=False))
_FULCIO_DATA = (_Data("fulcioCAData", _CERTIFICATE), _REKOR_KEY)
_PKI_DATA = (
    _Data("caRootsData", _CERTIFICATE, shortest=72, bundle=True),
    _Data("caIntermediatesData", _CERTIFICATE, shortest=72, bundle=True, required=False),
)
_AN_EMAIL = "Write an e-mail address, such as `signer@example.com`"
_FULCIO_SUBJECT = (
    _Text("oidcIssuer", 2048, _is_url, "Write a URL, such as `https://issuer.example.com`"),
    _Text("signedEmail", 320, _is_email, _AN_EMAIL),
)
_PKI_SUBJECT = (
    _Text("email", 320, _is_email, _AN_EMAIL, required=False),
    _Text("hostname", 253, _is_hostname, "Write a DNS name in lower case, optionally after one `*.`", required=False),
)


class DecodedPolicy(NamedTuple):
    """The parts of an object that were found; without a root of trust it is not one."""

    scopes: tuple[Located[str], ...] = ()
    root: RootOfTrust | None = None
    identity: PolicyIdentity | None = None


class ImagePolicyReader:
    """Reads the `spec` of one object.

    Findings of the second step wait until it is known that the server gets there. `first` is the number of findings
    of `SCHEMA_RULES` before the object: what is wrong with its metadata can keep the server from the second step too.
    """

    def __init__(self, reader: FieldReader, support: SignatureSupport, *, first: int) -> None:
        self._reader = reader
        self._support = support
        self._first = first
        self._waiting: list[Diagnostic] = []
        self._too_long = False

    def read(self, object_: Mapping) -> DecodedPolicy:
        """The parts of the object."""
        reader = self._reader
        decoded = DecodedPolicy()
        if (spec := reader.required_spec(object_)) is not None:
            reader.unknown_fields(spec, frozenset(("scopes", "policy")), "spec")
            scopes = self._scopes(spec)
            policy = self._object(spec, "policy", "spec")
            decoded = DecodedPolicy(scopes)
            if policy is not None:
                reader.unknown_fields(policy, frozenset(("rootOfTrust", "signedIdentity")), "spec.policy")
                decoded = DecodedPolicy(scopes, self._root_of_trust(policy), self._signed_identity(policy))
        stopped = reader.found.counted(SCHEMA_RULES) > self._first
        if not stopped and not self._too_long:
            for finding in self._waiting:
                reader.refuse(finding)
        return decoded

    # The parts

    def _scopes(self, spec: Mapping) -> tuple[Located[str], ...]:
        reader, path = self._reader, "spec.scopes"
        if reader.present(spec, "scopes") is None:
            reader.missing(spec, "scopes", "spec")
            return ()
        node = reader.optional(spec, "scopes", path, Sequence)
        found: list[tuple[int, Located[str]]] = []
        for position, item in enumerate(node.items if node else ()):
            at = f"{path}[{position}]"
            if not isinstance(item, Scalar) or (text := item.string) is None:
                reader.wrong_type(item, at, "string")
                continue
            scope = Located(text, item.span)
            found.append((position, scope))
            if is_open(text):
                continue
            self._limit(scope, at, _LONGEST_NAME)
            if fault := scope_fault(text):
                self._later(
                    rules.INVALID_SCOPE,
                    scope.span,
                    f"`{shown(text)}` is not a valid scope of a signature policy: {fault}",
                    "Write `host[:port][/path]`, optionally with a tag or digest, or `*.host`.",
                    at,
                )
        if node is not None and len(node.items) > _MOST_SCOPES:
            self._refuse_length(
                node.items[_MOST_SCOPES].span, path, f"the list has {len(node.items)} scopes", _MOST_SCOPES
            )
        reader.set_of([scope for _, scope in found], lambda index: f"{path}[{found[index][0]}]", "scope")
        return tuple(scope for _, scope in found)

    def _root_of_trust(self, policy: Mapping) -> RootOfTrust | None:
        reader = self._reader
        node = self._object(policy, "rootOfTrust", "spec.policy")
        if node is None:
            return None
        members = {kind: member for kind, member in _MEMBERS.items() if kind != PKI or self._support.pki}
        reader.unknown_fields(node, frozenset(("policyType", *members.values())), _ROOT)
        kind = self._choice(node, "policyType", _ROOT, self._support.policy_types)
        found: dict[str, Located[str]] = {}
        for member, read in (
            ("publicKey", self._public_key),
            ("fulcioCAWithRekor", self._fulcio),
            ("pki", self._pki),
        ):
            path = f"{_ROOT}.{member}"
            if member in members.values() and (part := reader.optional(node, member, path, Mapping)) is not None:
                found |= read(part, path)
        if kind is None:
            return None
        self._members(node, kind, members, _ROOT)
        return RootOfTrust(
            policy_type=kind,
            key=found.get("keyData"),
            rekor_key=found.get("rekorKeyData"),
            fulcio_ca=found.get("fulcioCAData"),
            issuer=found.get("oidcIssuer"),
            signed_email=found.get("signedEmail"),
            ca_roots=found.get("caRootsData"),
            ca_intermediates=found.get("caIntermediatesData"),
            email=found.get("email"),
            hostname=found.get("hostname"),
        )

    def _public_key(self, node: Mapping, path: str) -> dict[str, Located[str]]:
        self._known(node, path, *_KEY_DATA)
        return self._data(node, path, _KEY_DATA)

    def _fulcio(self, node: Mapping, path: str) -> dict[str, Located[str]]:
        self._known(node, path, *_FULCIO_DATA, "fulcioSubject")
        found = self._data(node, path, _FULCIO_DATA)
        if (subject := self._object(node, "fulcioSubject", path)) is not None:
            self._known(subject, f"{path}.fulcioSubject", *_FULCIO_SUBJECT)
            found |= self._texts(subject, f"{path}.fulcioSubject", _FULCIO_SUBJECT)
        return found

    def _pki(self, node: Mapping, path: str) -> dict[str, Located[str]]:
        self._known(node, path, *_PKI_DATA, "pkiCertificateSubject")
        found = self._data(node, path, _PKI_DATA)
        if (subject := self._object(node, "pkiCertificateSubject", path)) is not None:
            at = f"{path}.pkiCertificateSubject"
            self._known(subject, at, *_PKI_SUBJECT)
            found |= self._texts(subject, at, _PKI_SUBJECT)
            if not any(self._reader.present(subject, text.field) for text in _PKI_SUBJECT):
                self._later(
                    rules.POLICY_MEMBERS,
                    (node.key("pkiCertificateSubject") or subject).span,
                    "the certificate's subject has neither `email` nor `hostname`",
                    "Write at least one of the two.",
                    at,
                )
        return found

    def _signed_identity(self, policy: Mapping) -> PolicyIdentity | None:
        reader = self._reader
        node = reader.optional(policy, "signedIdentity", _IDENTITY, Mapping)
        if node is None:
            return None
        reader.unknown_fields(node, frozenset(("matchPolicy", *_IDENTITY_MEMBERS.values())), _IDENTITY)
        kind = self._choice(node, "matchPolicy", _IDENTITY, _MATCH_POLICIES)
        exact = self._repositories(node, "exactRepository", ("repository",))
        remapped = self._repositories(node, "remapIdentity", ("prefix", "signedPrefix"))
        if kind is None:
            return None
        self._members(node, kind, _IDENTITY_MEMBERS, _IDENTITY)
        return PolicyIdentity(
            match_policy=kind,
            repository=exact.get("repository"),
            prefix=remapped.get("prefix"),
            signed_prefix=remapped.get("signedPrefix"),
        )

    def _repositories(self, node: Mapping, member: str, fields: tuple[str, ...]) -> dict[str, Located[str]]:
        path = f"{_IDENTITY}.{member}"
        part = self._reader.optional(node, member, path, Mapping)
        if part is None:
            return {}
        self._known(part, path, *fields)
        found = {}
        for field in fields:
            if (value := self._string(part, field, path, required=True)) is None:
                continue
            found[field] = value
            if is_open(value.value):
                continue
            self._limit(value, f"{path}.{field}", _LONGEST_NAME)
            if fault := identity_fault(value.value):
                self._later(
                    rules.INVALID_SCOPE,
                    value.span,
                    f"`{shown(value.value)}` is not a valid repository of a signed identity: {fault}",
                    "Write `host/path`, where the host has a dot or is `localhost`.",
                    f"{path}.{field}",
                )
        return found

    # Values

    def _object(self, mapping: Mapping, field: str, path: str) -> Mapping | None:
        if self._reader.present(mapping, field) is None:
            self._reader.missing(mapping, field, path)
            return None
        return self._reader.optional(mapping, field, f"{path}.{field}", Mapping)

    def _string(
        self, mapping: Mapping, field: str, path: str, *, required: bool, takes: Takes | None = None
    ) -> Located[str] | None:
        if required and self._reader.present(mapping, field) is None:
            self._reader.missing(mapping, field, path)
            return None
        return self._reader.optional_string(mapping, field, f"{path}.{field}", takes=takes)

    def _choice(self, mapping: Mapping, field: str, path: str, choices: tuple[str, ...]) -> Located[str] | None:
        """A required string that is one of `choices`; with none of these it can be any."""
        takes = choices.__contains__ if choices else None
        value = self._string(mapping, field, path, required=True, takes=takes)
        if value is not None and choices and value.value not in choices and not is_open(value.value):
            near = nearest(value.value, frozenset(choices))
            self._reader.refuse(
                rules.INVALID_VALUE.at(
                    value.span,
                    f"`{shown(value.value)}` is not a valid {field}",
                    help=f"Did you mean `{near}`?" if near else f"Write one of {', '.join(choices)}.",
                    fix=replacement(mapping.fields[field], near, f"write `{near}`") if near else None,
                    field=f"{path}.{field}",
                )
            )
        return value

    def _data(self, mapping: Mapping, path: str, fields: tuple[_Data, ...]) -> dict[str, Located[str]]:
        """Keys and certificates: standard base64, without line breaks, of text in the PEM format."""
        found = {}
        for field in fields:
            value = self._string(mapping, field.field, path, required=field.required)
            if value is None:
                continue
            found[field.field] = value
            if is_open(value.value):
                continue
            at = f"{path}.{field.field}"
            if not _BASE64.fullmatch(value.value):
                self._reader.refuse(
                    rules.WRONG_TYPE.at(
                        value.span,
                        _base64_fault(value.value, field.field),
                        help="Encode the PEM file as one line: `base64 -w0 FILE`.",
                        field=at,
                    )
                )
            self._limit(value, at, _LONGEST_DATA)
            if not self._support.checks_keys:
                continue
            if len(value.value) < field.shortest:
                self._reader.refuse(
                    rules.INVALID_LENGTH.at(
                        value.span,
                        f"`{field.field}` has {len(value.value)} characters; the API requires {field.shortest}",
                        help=f"Write the whole {field.label.lower()}, from BEGIN to END, in base64.",
                        field=at,
                    )
                )
            if fault := _pem_fault(value.value, field):
                self._later(
                    rules.INVALID_KEY_DATA,
                    value.span,
                    f"`{field.field}` {fault}",
                    f"Encode a PEM file that contains only its {field.label.lower()}: `base64 -w0 FILE`.",
                    at,
                )
        return found

    def _texts(self, mapping: Mapping, path: str, fields: tuple[_Text, ...]) -> dict[str, Located[str]]:
        found = {}
        for field in fields:
            value = self._string(mapping, field.field, path, required=field.required)
            if value is None:
                continue
            if is_open(value.value):
                written = revealed(value.value)
                found[field.field] = value._replace(value=written) if field.is_valid(written) else value
                continue
            found[field.field] = value
            if self._support.checks_keys:
                self._limit(value, f"{path}.{field.field}", field.longest)
            if not field.is_valid(value.value):
                self._later(
                    rules.INVALID_SIGNER,
                    value.span,
                    f"`{shown(value.value)}` is not a valid {field.field}",
                    f"{field.advice}.",
                    f"{path}.{field.field}",
                )
        return found

    def _members(self, node: Mapping, kind: Located[str], members: Table[str, str], path: str) -> None:
        """The member that belongs to the kind must be there, and no other."""
        if is_open(kind.value):
            return
        needed = members.get(kind.value)
        field = "policyType" if path == _ROOT else "matchPolicy"
        for member in members.values():
            present = self._reader.present(node, member) is not None
            if member == needed and not present:
                self._later(
                    rules.POLICY_MEMBERS,
                    kind.span,
                    f"`{field}: {kind.value}` needs the member `{member}`",
                    f"Write `{member}`.",
                    path,
                )
            elif present and member != needed:
                self._later(
                    rules.POLICY_MEMBERS,
                    (node.key(member) or node).span,
                    f"`{member}` does not belong to `{field}: {shown(kind.value)}`",
                    f"Remove `{member}`, or change `{field}`.",
                    path,
                )

    # Findings

    def _known(self, mapping: Mapping, path: str, *fields: "str | _Data | _Text") -> None:
        names = frozenset(field if isinstance(field, str) else field.field for field in fields)
        self._reader.unknown_fields(mapping, names, path)

    def _limit(self, value: Located[str], path: str, longest: int) -> None:
        if len(value.value) > longest:
            self._refuse_length(value.span, path, f"the string has {len(value.value)} characters", longest)

    def _refuse_length(self, span: Span, path: str, message: str, most: int) -> None:
        self._too_long = True
        self._reader.refuse(
            rules.INVALID_LENGTH.at(span, f"{message}; the API accepts {most}", help="Shorten it.", field=path)
        )

    def _later(self, rule: Rule, span: Span, message: str, advice: str, path: str) -> None:
        self._waiting.append(rule.at(span, message, help=advice, field=path))


def _base64_fault(text: str, field: str) -> str:
    if not text:
        return f"`{field}` is empty"
    if any(character in text for character in "\r\n"):
        return f"`{field}` has a line break; base64 must be on one line here"
    if "BEGIN" in text:
        return f"`{field}` is PEM text; the API expects it in base64"
    return f"`{field}` is not standard base64 with padding"


def _pem_fault(text: str, field: _Data) -> str:
    """Why the API server refuses what `text` decodes to; empty if it accepts it, or if it does not decode."""
    if not _BASE64.fullmatch(text):
        return ""
    begin, end = f"-----BEGIN {field.label}-----", f"-----END {field.label}-----"
    try:
        decoded = b64decode(text).decode()
    except UnicodeDecodeError:
        return "does not decode to text"
    if not decoded.startswith(begin):
        return f"does not start with `{begin}` when decoded"
    if not decoded.removesuffix("\n").endswith(end):
        return f"does not end with `{end}` when decoded"
    if field.bundle and decoded.count(begin) != decoded.count(end):
        return f"has {decoded.count(begin)} `{begin}` and {decoded.count(end)} `{end}` when decoded"
    return ""
