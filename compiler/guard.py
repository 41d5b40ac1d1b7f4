"""The payload guard: what the controller leaves out of the blocked list so that a cluster can still upgrade.

In: the Image config, the merged digest mirrors and the release image. Out: the scopes that registries.conf and
policy.json really block and allow, and what is to be said about the difference.

Follows openshift/machine-config-operator `container-runtime-config` `getValidBlockedAndAllowedRegistries` and
`updatePolicyJSON` (7ff337a4f). The guard looks the payload up in a throw-away registries.conf, and where that look-up
fails it drops every blocked scope with no more than a line in the controller's log.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from compiler import registries, rules
from compiler.diagnostics import Diagnostic, Label
from compiler.manifests import ImageConfig
from compiler.precedence import Precedence
from compiler.reference import InvalidReferenceError, Reference, parse_named
from compiler.registries import RegistriesConf
from compiler.releases import Release
from compiler.scope import is_nested
from compiler.span import Located

DEFAULT_RELEASE_IMAGE = "quay.io/openshift-release-dev/ocp-release@sha256:" + "0" * 64
"""Where the payload comes from when nobody says otherwise; every digest stands for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """The lists that count: `blocked` for registries.conf, the other two for policy.json."""

    blocked: tuple[Located[str], ...] = ()
    policy_blocked: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


def guard(
    image: ImageConfig | None, digest: Sequence[Precedence], *, release_image: str, release: Release
) -> tuple[Guarded, list[Diagnostic]]:
    """Decide what is really blocked and allowed."""
    if image is None:
        return Guarded(), []
    try:
        payload = parse_named(release_image)
    except InvalidReferenceError as error:
        finding = rules.INVALID_RELEASE_IMAGE.at(
            image.name.span,
            f"the release image `{release_image}` is no full image reference: {error.explanation}",
            help="Name it as `registry/repository@sha256:...`, with no short forms.",
        )
        return Guarded(), [finding]
    allowed = tuple(scope.value for scope in image.allowed or ())
    blocked = image.blocked or ()
    containing = [scope for scope in blocked if is_nested(payload.name, scope.value)]
    if not containing:
        texts = tuple(scope.value for scope in blocked)
        return Guarded(blocked=blocked, policy_blocked=texts, allowed=allowed), []
    reason, served = _is_served(image, digest, payload, release)
    if reason is not None:
        if reason == "":
            return Guarded(), [_crash(containing[0], payload)]
        return Guarded(allowed=allowed), [_failed_open(containing[0], payload, reason)]
    return _decide(payload, blocked, containing, allowed, served=served)


def _decide(
    payload: Reference,
    blocked: tuple[Located[str], ...],
    containing: list[Located[str]],
    allowed: tuple[str, ...],
    *,
    served: bool,
) -> tuple[Guarded, list[Diagnostic]]:
    others = tuple(scope for scope in blocked if scope not in containing)
    if not served:
        findings = [
            rules.PAYLOAD_BLOCKED.at(
                scope.span,
                f"`{scope.value}` contains the release payload `{payload.name}`, so the controller does not block it",
                help="Block narrower scopes, or give the payload a digest mirror outside every blocked scope.",
            )
            for scope in containing
        ]
        texts = tuple(scope.value for scope in others)
        return Guarded(blocked=others, policy_blocked=texts, allowed=allowed), findings
    policy_blocked = tuple(scope.value for scope in blocked if scope.value != payload.name)
    allowed += (payload.name,) * len(containing)
    guarded = Guarded(blocked=blocked, policy_blocked=policy_blocked, allowed=allowed)
    if policy_blocked and allowed != (payload.name,):
        return guarded, [
            rules.POLICY_REFUSED.at(
                containing[-1].span,
                f"`{containing[-1].value}` is one scope too many that contains the mirrored payload `{payload.name}`",
                help="Keep one scope that contains the payload.",
                labels=[Label(span=scope.span, text="contains it as well") for scope in containing[:-1]],
            )
        ]
    if not policy_blocked and allowed == (payload.name,):
        return guarded, [
            rules.PAYLOAD_BLOCKED.at(
                containing[0].span,
                "blocking nothing but the mirrored payload makes policy.json refuse every image but the payload",
                help="Remove the scope, or block a wider one.",
            )
        ]
    return guarded, []


def _is_served(
    image: ImageConfig, digest: Sequence[Precedence], payload: Reference, release: Release
) -> tuple[str | None, bool]:
    """Whether a mirror outside every blocked scope serves the payload.

    The first value is the reason why the look-up fails, an empty one where it crashes the controller.
    """
    from compiler.pull import InvalidRegistriesError, Resolver, RewriteError

    blocked = image.blocked or ()
    entries, findings = registries.build(digest, (), blocked=blocked, insecure=image.insecure or ())
    if findings:
        return findings[0].message, False
    try:
        resolver = Resolver(RegistriesConf(entries=entries), trim_mirrors=release.guard_trims_mirrors)
        sources = resolver.pull_sources(payload)
    except InvalidRegistriesError as error:
        return str(error), False
    except RewriteError as error:
        return error.explanation, False
    if sources is None:
        return "", False
    served = any(not any(is_nested(source.name, scope.value) for scope in blocked) for source in sources)
    return None, served


def _failed_open(scope: Located[str], payload: Reference, reason: str) -> Diagnostic:
    return rules.PAYLOAD_BLOCKED.at(
        scope.span,
        f"the controller cannot look up the payload `{payload.name}` and blocks nothing at all: {reason}",
        help="Mend what stops the look-up, or block no scope that contains the payload.",
    )


def _crash(scope: Located[str], payload: Reference) -> Diagnostic:
    return rules.CONTROLLER_CRASH.at(
        scope.span,
        f"the controller crashes: `{scope.value}` contains the payload `{payload.name}`, but its text stands twice "
        "in the host and the look-up finds no entry",
        help="Name the payload's host itself instead of a wildcard.",
    )
