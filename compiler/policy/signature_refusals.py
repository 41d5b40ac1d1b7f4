"""Why the controller refuses signature policies: then it writes no file of any kind.

In: the requirements by scope, the lists after the payload guard, and places that have no name. Out: findings.

Follows openshift/machine-config-operator `container-runtime-config` (7ff337a4f):
`validateClusterImagePolicyWithAllowedBlockedRegistries` and `policyItemFromSpec`.
"""

from collections.abc import Iterable, Iterator, Sequence

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Label, Severity
from compiler.machine.limits import most
from compiler.manifests.kinds import (
    EXACT_REPOSITORY,
    FULCIO,
    PKI,
    PUBLIC_KEY,
    ClusterImagePolicy,
    ImageConfig,
    SignaturePolicyObject,
)
from compiler.names.grammar import is_host
from compiler.names.releases import PAYLOAD_REPOSITORIES, Release
from compiler.names.scope import ScopeSet, is_nested
from compiler.policy.guard import Guarded
from compiler.policy.signature_places import UnnameablePlaceError
from compiler.policy.signatures import RequiredSignature, SignaturePolicies
from compiler.text.span import Located, Span
from compiler.text.wording import counted, joined, some_of, ticked

_MOST_NAMED = 3
_PAYLOAD_NAMESPACE = "quay.io/openshift-release-dev"
_STOPS = "the controller stops and writes no file"


def unreadable(policies: Iterable[SignaturePolicyObject], release: Release) -> Iterator[Diagnostic]:
    """Policies that the API server accepts and the controller cannot make a requirement of, whatever their scopes."""
    support = release.signatures
    for policy in policies:
        if support is None or not (support.namespaces or isinstance(policy, ClusterImagePolicy)):
            continue
        kind = policy.root.policy_type
        if kind.value not in {PUBLIC_KEY, FULCIO} and not (kind.value == PKI and support.pki):
            pruned = kind.value == PKI
            yield rules.POLICY_TYPE_UNSUPPORTED.at(
                kind.span,
                f"the controller of {release.name} crashes at `policyType: {PKI}`, whose data the API server drops"
                if pruned
                else f"the controller does not know the policyType `{kind.value}`: {_STOPS}",
                help=f"Write {PUBLIC_KEY} or {FULCIO} with its data." + (" PKI needs release 4.21." if pruned else ""),
                field="spec.policy.rootOfTrust.policyType",
            )
        identity = policy.identity
        repository = identity.repository if identity and identity.match_policy.value == EXACT_REPOSITORY else None
        if repository is not None and "/" not in repository.value and repository.value != repository.value.lower():
            yield rules.IDENTITY_REFUSED.at(
                repository.span,
                f"the controller reads `{repository.value}`, which has no `/`, as an image name that must be in lower "
                f"case: {_STOPS}",
                help="Write the whole repository, `host/path`.",
                field="spec.policy.signedIdentity.exactRepository.repository",
            )


def against_lists(
    signatures: SignaturePolicies, guarded: Guarded, image: ImageConfig | None, payload: str, release: Release
) -> Iterator[Diagnostic]:
    """Signed scopes outside everything that is allowed, or inside something that is blocked.

    Args:
        signatures: The requirements; a scope that takes no effect is not looked at.
        guarded: The lists after the payload guard.
        image: The Image config that has the lists.
        payload: The repository of the release image.
        release: The release, whose repositories an allowed list must cover too.
    """
    if image is None:
        return
    scopes = signatures.scopes
    if guarded.allowed:
        allowed = ScopeSet(guarded.allowed)
        if missing := [scope for scope in scopes if not allowed.enclosing(scope)]:
            others = [name for name in release.payload_repositories if name not in missing]
            needed = [name for name in others if payload == PAYLOAD_REPOSITORIES[0] and not allowed.enclosing(name)]
            yield _not_allowed(missing, signatures, image, payload, needed)
    blocked = ScopeSet(guarded.policy_blocked)
    inside: dict[str, list[str]] = {}
    for scope in scopes if guarded.policy_blocked else ():
        for outer in blocked.enclosing(scope)[:1]:
            inside.setdefault(outer, []).append(scope)
    for position, entry in enumerate(image.blocked or ()):
        if found := inside.pop(entry.value, None):
            yield rules.SIGNED_SCOPE_BLOCKED.at(
                entry.span,
                f"`{entry.value}` is blocked and contains {_listed(found)}, {_required_by(found, signatures)}: "
                f"{_STOPS}",
                help="Block narrower scopes. To keep nodes from contacting a mirrored source, set "
                "`mirrorSourcePolicy: NeverContactSource` in its rules instead of blocking it.",
                labels=_labels(found, signatures),
                field=f"spec.registrySources.blockedRegistries[{position}]",
            )


def _not_allowed(
    missing: list[str], signatures: SignaturePolicies, image: ImageConfig, payload: str, needed: list[str]
) -> Diagnostic:
    """`needed` are repositories of the release that the list does not cover either, and no policy asks for."""
    required = _required_by(missing, signatures)
    if image.allowed:
        ours = [scope for scope in (*missing, *needed) if is_nested(scope, _PAYLOAD_NAMESPACE)]
        advice = f"Add {_all([*missing, *needed])}."
        if len(ours) > 1:
            others = [scope for scope in missing if scope not in ours]
            advice = f"Add {_all([_PAYLOAD_NAMESPACE, *others])}, which covers {_all(ours)}."
        return rules.SIGNED_SCOPE_NOT_ALLOWED.at(
            image.allowed[0].span,
            f"the allowed registries do not cover {_listed(missing)}, {required}: {_STOPS}",
            help=advice,
            labels=_labels(missing, signatures),
            field="spec.registrySources.allowedRegistries",
        )
    containing = [
        (position, scope) for position, scope in enumerate(image.blocked or ()) if is_nested(payload, scope.value)
    ]
    position, scope = containing[-1] if containing else (0, Located("", image.span))
    what = f"`{scope.value}` makes the mirrored `{payload}`"
    if scope.value == payload:
        what = f"the mirrored `{payload}` makes it"
    return rules.SIGNED_SCOPE_NOT_ALLOWED.at(
        scope.span,
        f"blocking {what} the only allowed repository, which does not cover {_listed(missing)}, {required}: {_STOPS}",
        help="Remove the scope from this list. To keep nodes from contacting the mirrored source, set "
        "`mirrorSourcePolicy: NeverContactSource` in its rules instead.",
        labels=_labels(missing, signatures),
        field=f"spec.registrySources.blockedRegistries[{position}]",
    )


def unplaced(
    signatures: SignaturePolicies, faults: Sequence[UnnameablePlaceError], *, known_to_controller: bool = True
) -> Iterator[Diagnostic]:
    """Places that cannot be named; one finding for each, however many scopes lead there.

    Where the controller knows the mirrors it stops; where they are in a drop-in, pulls through them fail.
    """
    ends = _STOPS if known_to_controller else "pulls of these images through it fail"
    grouped: dict[tuple[Span | None, str], list[UnnameablePlaceError]] = {}
    for fault in faults:
        grouped.setdefault((_place(fault), _reason(fault)), []).append(fault)
    for (place, reason), together in grouped.items():
        scopes = list(dict.fromkeys(fault.scope for fault in together))
        labels = _labels(scopes, signatures)
        at = place or labels[0].span
        fault = together[0]
        required = _required_by(scopes, signatures)
        yield rules.SIGNATURE_PLACE_UNNAMED.at(
            at,
            f"{_subject(fault)} cannot be written as a location for signatures of {_listed(scopes)}, {required}: "
            f"{reason}; {ends}"
            if fault.looked_up
            else f"nodes cannot load this registry, so signatures of {_listed(scopes)}, {required}, cannot be looked "
            f"up: {reason}; {ends}",
            help=_advice(fault),
            labels=[label for label in labels if label.span != at],
            severity=None if known_to_controller else Severity.WARNING,
        )


MOST_IN_NAMESPACES = 20_000
"""Scopes that the files of all namespaces have together: each has those of all namespaces too."""


def too_many_namespaced(signatures: SignaturePolicies) -> list[Diagnostic]:
    """A finding where the scopes of all namespaces, times the namespaces, are more than is made of them."""
    everywhere = len(signatures.cluster)
    inside = sum(map(len, signatures.namespaces.values()))
    count = everywhere * len(signatures.namespaces) + inside
    if count <= most(MOST_IN_NAMESPACES, 1, everywhere + inside):
        return []
    namespaces, scopes = counted(len(signatures.namespaces), "namespace"), counted(everywhere, "scope")
    message = f"the policies of {namespaces}, with {scopes} of all namespaces in each, have {count} scopes"
    return list(_too_many(message, signatures))


def too_many_places(signatures: SignaturePolicies) -> list[Diagnostic]:
    """The finding where scopes times mirrors are more places than are made of them."""
    scopes = counted(len(signatures.scopes), "scope")
    return list(_too_many(f"{scopes} and their mirrors make too many locations for signatures", signatures))


def _too_many(message: str, signatures: SignaturePolicies) -> Iterator[Diagnostic]:
    written = (each.span for scope in signatures.scopes for each in signatures.of(scope) if each.span)
    if (span := next(written, None)) is not None:
        yield rules.UNREADABLE_FILE.at(
            span,
            f"{message}: mirrorc makes no files of them",
            help="Use fewer scopes, or `--no-limits` if you trust the repo.",
        )


def _place(fault: UnnameablePlaceError) -> Span | None:
    for origins in (fault.endpoint.origins if fault.endpoint else (), fault.entry.origins if fault.entry else ()):
        if origins:
            return origins[0]
    return None


def _reason(fault: UnnameablePlaceError) -> str:
    if fault.endpoint is not None and is_host(fault.endpoint.location):
        return "a host without a path is not a repository"
    return str(fault)


def _subject(fault: UnnameablePlaceError) -> str:
    if fault.endpoint is None:
        return f"`{fault.looked_up}`"
    if fault.entry is not None and fault.endpoint.location == fault.entry.location:
        return f"the registry entry `{fault.endpoint.location}`"
    return f"the mirror `{fault.endpoint.location}`"


def _advice(fault: UnnameablePlaceError) -> str:
    if not fault.looked_up:
        return "Write the registry as `host[:port][/path]`."
    if fault.endpoint is None or (fault.entry and fault.endpoint.location == fault.entry.location):
        return "Remove the registry from the lists, or the scope from the policy."
    if "/" not in fault.endpoint.location:
        return (
            f"Mirror to a repository instead of the whole host, for example "
            f"`{fault.endpoint.location}/{fault.looked_up.partition('/')[2] or 'mirror'}`."
        )
    return "Mirror to a location with a full host name and, on docker.io, at least two path components."


def _required_by(scopes: Iterable[str], signatures: SignaturePolicies) -> str:
    """The policies that require signatures of the scopes."""
    origins = dict.fromkeys(each.origin for scope in scopes for each in signatures.of(scope))
    return f"for which {some_of(list(origins), _MOST_NAMED, others='more policies')} requires signatures"


def _listed(scopes: list[str]) -> str:
    return some_of(ticked(scopes), _MOST_NAMED, others="more scopes")


def _all(scopes: list[str]) -> str:
    return joined(ticked(scopes))


def _labels(scopes: Iterable[str], signatures: SignaturePolicies) -> list[Label]:
    """The places in policies; that of the payload has none."""
    found: list[RequiredSignature] = [each for scope in scopes for each in signatures.of(scope)]
    return [Label(span=each.span, text=f"signatures required here by {each.origin}") for each in found if each.span]
