"""The payload guard: what the controller leaves out of the blocked list so that a cluster can still upgrade.

In: the Image config, the merged digest mirrors and the release image. Out: the scopes that model.conf and
policy.json really block and allow, and what is to be said about the difference.

Follows openshift/machine-config-operator `container-runtime-config` `getValidBlockedAndAllowedRegistries` and
`updatePolicyJSON` (7ff337a4f). The guard looks the payload up in a throw-away model.conf, and where that look-up
fails it drops every blocked scope with no more than a line in the controller's log.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.manifests.decoding import blocked_and_allowed
from compiler.manifests.kinds import ImageConfig
from compiler.names.reference import InvalidReferenceError, Reference, parse_named
from compiler.names.releases import Release
from compiler.names.scope import ScopeSet, is_nested
from compiler.node.model import RegistriesConf, RegistryEntry
from compiler.policy import entries
from compiler.policy.precedence import Precedence
from compiler.text.span import Located


class Guarded(NamedTuple):
    """The lists that count: `blocked` for model.conf, the other two for policy.json."""

    blocked: tuple[Located[str], ...] = ()
    policy_blocked: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


def guard(
    image: ImageConfig | None, digest: Sequence[Precedence], *, release_image: str, release: Release
) -> tuple[Guarded, list[Diagnostic]]:
    """Decide what is really blocked and allowed."""
    if image is None:
        return Guarded(), []
    guarded, findings = _guard(image, digest, release_image, release)
    fields = image.fields() if findings else {}
    return guarded, [
        finding if finding.field else replace(finding, field=fields.get(finding.span, "")) for finding in findings
    ]


def _guard(
    image: ImageConfig, digest: Sequence[Precedence], release_image: str, release: Release
) -> tuple[Guarded, list[Diagnostic]]:
    try:
        payload = parse_named(release_image)
    except InvalidReferenceError as error:
        finding = rules.INVALID_RELEASE_IMAGE.at(
            image.name.span,
            f"the release image `{release_image}` is not a full image reference: {error.explanation}",
            help="Write it as `registry/repository@sha256:...`, with the full name.",
        )
        return Guarded(), [finding]
    allowed = tuple(scope.value for scope in image.allowed or ())
    blocked = image.blocked or ()
    containing = [scope for scope in blocked if is_nested(payload.name, scope.value)]
    if not containing:
        texts = tuple(scope.value for scope in blocked)
        return _checked(image, payload, Guarded(blocked=blocked, policy_blocked=texts, allowed=allowed))
    served = _is_served(image, digest, payload, release)
    if served is None:
        return Guarded(), [_crash(containing[0], payload)]
    if isinstance(served, str):
        # The running controller drops the allowed list with the blocked one. Only the bootstrap keeps it.
        guarded, findings = _checked(image, payload, Guarded())
        return guarded, [_failed_open(image, containing[0], payload, served), *findings]
    if served:
        policy_blocked = tuple(scope.value for scope in blocked if scope.value != payload.name)
        allowed += (payload.name,) * len(containing)
        return _checked(image, payload, Guarded(blocked=blocked, policy_blocked=policy_blocked, allowed=allowed))
    left_out = {scope.value for scope in containing}
    others = tuple(scope for scope in blocked if scope.value not in left_out)
    texts = tuple(scope.value for scope in others)
    guarded, findings = _checked(image, payload, Guarded(blocked=others, policy_blocked=texts, allowed=allowed))
    return guarded, [*(_left_out(scope, payload) for scope in containing), *findings]


def _checked(image: ImageConfig, payload: Reference, guarded: Guarded) -> tuple[Guarded, list[Diagnostic]]:
    """Apply what the guard left to the controller's last checks: what it dropped is never looked at."""
    findings = [
        *_misplaced(image.insecure or (), "insecureRegistries"),
        *_misplaced(guarded.blocked, "blockedRegistries"),
        *_misplaced((image.allowed or ()) if guarded.allowed else (), "allowedRegistries"),
    ]
    if guarded.policy_blocked and guarded.allowed and guarded.allowed != (payload.name,):
        findings.append(_both(image, guarded, payload))
    elif not guarded.policy_blocked and guarded.blocked and guarded.allowed == (payload.name,):
        findings.append(
            rules.PAYLOAD_BLOCKED.at(
                guarded.blocked[0].span,
                "the mirrored payload is the only blocked scope, so policy.json refuses every image except the payload",
                help="Remove the scope. To keep nodes from contacting the mirrored source, set "
                "`mirrorSourcePolicy: NeverContactSource` in its rules instead.",
            )
        )
    return guarded, findings


def _both(image: ImageConfig, guarded: Guarded, payload: Reference) -> Diagnostic:
    """The controller's refusal of a policy that both blocks and allows, whoever wrote the allowed part."""
    if image.allowed:
        return blocked_and_allowed(guarded.blocked, image.allowed, image.span, image.span)
    *others, last = (scope for scope in guarded.blocked if is_nested(payload.name, scope.value))
    return rules.POLICY_REFUSED.at(
        last.span,
        f"more than one blocked scope contains the payload `{payload.name}`, which the controller refuses",
        help="Keep one blocked scope that contains the payload.",
        labels=[Label(span=scope.span, text="also contains the payload") for scope in others],
    )


def _misplaced(scopes: tuple[Located[str], ...], field: str) -> Iterator[Diagnostic]:
    for position, scope in enumerate(scopes):
        if not _is_registry_scope(scope.value):
            yield rules.INVALID_REGISTRY_SCOPE.at(
                scope.span,
                "the scope is empty" if scope.value == "" else f"`{scope.value}` has a misplaced `*`",
                help="Write `host[:port][/path]`, or `*.host` for all hosts below a domain on every port.",
                field=f"spec.registrySources.{field}[{position}]",
            )


def _is_registry_scope(text: str) -> bool:
    """Not empty, and a `*` only as a leading `*.` that no `/`, `@`, `:` or further `*` follows."""
    if "*" not in text:
        return text != ""
    return text.startswith("*.") and not any(character in text[2:] for character in "/@:*")


def _is_served(
    image: ImageConfig, digest: Sequence[Precedence], payload: Reference, release: Release
) -> bool | str | None:
    """Whether a mirror outside every blocked scope serves the payload.

    A text is the reason why the look-up fails, None a look-up that finds nothing and crashes the controller.
    """
    from compiler.node.loading import InvalidRegistriesError
    from compiler.node.pull import RewriteError
    from compiler.node.resolver import Resolver

    blocked = image.blocked or ()
    made, findings = entries.build(digest, (), blocked=blocked, insecure=image.insecure or ())
    if findings:
        return findings[0].message
    if not release.guard_takes_replacement_character and any(map(_has_replacement_character, made)):
        return "a name contains U+FFFD, which the TOML reader of this release refuses"
    try:
        resolver = Resolver(RegistriesConf(entries=made), trim_mirrors=release.guard_trims_mirrors)
        sources = resolver.pull_sources(payload)
    except InvalidRegistriesError as error:
        return str(error)
    except RewriteError as error:
        return error.explanation
    if sources is None:
        return None
    scopes = ScopeSet(scope.value for scope in blocked)
    return any(not scopes.enclosing(source.name) for source in sources)


def _has_replacement_character(entry: RegistryEntry) -> bool:
    return "\N{REPLACEMENT CHARACTER}" in entry.scope or any(
        "\N{REPLACEMENT CHARACTER}" in mirror.location for mirror in entry.mirrors
    )


def _left_out(scope: Located[str], payload: Reference) -> Diagnostic:
    return rules.PAYLOAD_BLOCKED.at(
        scope.span,
        f"`{scope.value}` contains the release payload `{payload.name}`, so the controller does not block it",
        help="Block narrower scopes, or give the payload a digest mirror outside every blocked scope.",
    )


def _failed_open(image: ImageConfig, scope: Located[str], payload: Reference, reason: str) -> Diagnostic:
    consequence = "neither blocks nor restricts anything" if image.allowed else "blocks nothing at all"
    return rules.PAYLOAD_BLOCKED.at(
        scope.span,
        f"the controller cannot look up the payload `{payload.name}` and {consequence}: {reason}",
        help="Fix the cause of the failed lookup, or block no scope that contains the payload.",
    )


def _crash(scope: Located[str], payload: Reference) -> Diagnostic:
    return rules.CONTROLLER_CRASH.at(
        scope.span,
        f"the controller crashes: the text of `{scope.value}` appears twice in the payload's host, `{payload.name}`",
        help="Use the payload's host instead of a wildcard.",
    )
