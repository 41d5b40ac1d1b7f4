"""Which signatures pulls need after a change that they did not need before, and the other way round.

In: what nodes require before and after, by namespace. Out: for every scope whose images need other signatures, what
changes. The scope that applies to an image is the most specific one, so a new scope inside a signed one may change
nothing, and a scope that goes may leave another that applies.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain

from compiler.names.lookup import scopes_around
from compiler.node.requirements import ACCEPTS_EVERYTHING, Requirement, RequirementPolicy
from compiler.text.span import Span

BY_DEFAULT = ""
"""Means images under no scope."""

Policies = Mapping[str, RequirementPolicy]
"""What nodes require, by the namespace of the pods; the empty one is any without a policy.json for itself."""


class SignatureEffect(StrEnum):
    """What happens to the signatures that the pulls of a scope need."""

    REQUIRED = "signature-required"
    NO_LONGER_REQUIRED = "signature-no-longer-required"
    CHANGED = "signature-changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureChange:
    """What changes for the images of one scope in one namespace, in words and with its places on both sides."""

    scope: str
    effect: SignatureEffect
    message: str
    namespace: str = ""
    old_spans: tuple[Span, ...] = ()
    new_spans: tuple[Span, ...] = ()


def signature_changes(old: Policies, new: Policies) -> list[SignatureChange]:
    """Every scope whose images need other signatures, in byte order, all namespaces before each.

    A namespace is reported only where it differs from what changes for all.
    """
    everywhere = _changes(old, new, "")
    known = {(change.scope, change.message) for change in everywhere}
    changes = list(everywhere)
    for namespace in (old.keys() | new.keys()) - {""}:
        there = (change for change in _changes(old, new, namespace) if (change.scope, change.message) not in known)
        changes += (
            replace(change, namespace=namespace, message=f"{change.message} in the namespace {namespace}")
            for change in there
        )
    return sorted(changes, key=lambda change: (change.scope, change.namespace))


def _changes(old: Policies, new: Policies, namespace: str) -> list[SignatureChange]:
    before, after = (_of(policies, namespace) for policies in (old, new))
    if before == after:
        return []
    scopes = {
        scope
        for scope, required in chain(before.scopes.items(), after.scopes.items())
        if before.scopes.get(scope) != after.scopes.get(scope)
    }
    if before.default != after.default:
        scopes.add(BY_DEFAULT)
    found = []
    for scope in scopes:
        was, is_ = (_required(policy, scope) for policy in (before, after))
        if Counter(each.members for each in was) == Counter(each.members for each in is_):
            continue
        found.append(_change(scope, was, is_))
    return found


def _of(policies: Policies, namespace: str) -> RequirementPolicy:
    return policies.get(namespace) or policies.get("") or ACCEPTS_EVERYTHING


def _required(policy: RequirementPolicy, scope: str) -> list[Requirement]:
    """The signatures that images of a scope need which no more specific scope applies to."""
    for each in (*scopes_around(scope), "") if scope else ("",):
        found = policy.scopes.get(each)
        if found is not None:
            return [required for required in found.requirements if required.needs_sigstore]
    return [required for required in policy.default.requirements if required.needs_sigstore]


def _change(scope: str, was: list[Requirement], is_: list[Requirement]) -> SignatureChange:
    if not was:
        effect, message = SignatureEffect.REQUIRED, f"need a sigstore signature{_by(is_)}"
    elif not is_:
        effect, message = SignatureEffect.NO_LONGER_REQUIRED, f"no longer need a sigstore signature{_by(was)}"
    else:
        effect, message = SignatureEffect.CHANGED, f"need another sigstore signature{_by(is_)}"
    return SignatureChange(scope=scope, effect=effect, message=message, old_spans=_spans(was), new_spans=_spans(is_))


def _by(requirements: list[Requirement]) -> str:
    policies = dict.fromkeys(
        each.policy + (" of the release payload" if each.payload else "") for each in requirements if each.policy
    )
    return f" ({' and '.join(policies)})" if policies else ""


def _spans(requirements: list[Requirement]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(span for each in requirements for span in each.origins))
