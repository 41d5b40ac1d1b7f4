"""The lines that cause a disruption, as tight as they are known.

In: the reasons of a verdict, and what the manifests of either side were made to. Out: the same reasons, each with the
places of what changed: the policy that blocks a source and not only its rule, the scope that was added to a list and
not the list.
"""

from collections.abc import Iterator
from dataclasses import replace

from compiler.diff.disruption import Cause, Reason
from compiler.names.scope import is_nested
from compiler.policy.analysis import Analysis
from compiler.policy.precedence import Precedence
from compiler.text.span import Located, Span

_Scopes = tuple[Located[str], ...] | None


class Places:
    """Finds the places of one side; there are none where nothing was compiled."""

    def __init__(self, analysis: Analysis | None) -> None:
        self._analysis = analysis
        self._by_source: dict[str, list[Precedence]] | None = None

    def blocking(self, scope: str) -> tuple[Span, ...]:
        """What blocks a scope: mirrorSourcePolicies of its own rules, blocked registries around it."""
        if self._analysis is None:
            return ()
        rules = (precedence.blocked_by for precedence in self._precedences(scope))
        policies = (rule.mirror_source_policy for rule in rules if rule is not None)
        return (
            *(policy.span for policy in policies if policy is not None),
            *(outer.span for outer in self._analysis.guarded.blocked if is_nested(scope, outer.value)),
        )

    def unsecuring(self, scope: str) -> tuple[Span, ...]:
        """What makes a scope insecure."""
        image = self._analysis.policy.image if self._analysis is not None else None
        insecure = image.insecure if image is not None else None
        return tuple(outer.span for outer in insecure or () if is_nested(scope, outer.value))

    def lists(self) -> Iterator[tuple[str, _Scopes]]:
        """The lists of the Image config that make files of their own, by name."""
        image = self._analysis.policy.image if self._analysis is not None else None
        yield "blocked", image.blocked if image is not None else None
        yield "allowed", image.allowed if image is not None else None
        yield "search", image.search if image is not None else None

    def _precedences(self, source: str) -> list[Precedence]:
        if self._by_source is None:
            self._by_source = {}
            merged = (*self._analysis.digest, *self._analysis.tag) if self._analysis is not None else ()
            for precedence in merged:
                self._by_source.setdefault(precedence.source, []).append(precedence)
        return self._by_source.get(source, [])


def pinpointed(reason: Reason, old: Places, new: Places) -> Reason:
    """The reason with the tightest places there are; as it was where nothing better is known."""
    if reason.cause is Cause.BLOCKED_CHANGED:
        found = (old.blocking(reason.scope), new.blocking(reason.scope))
    elif reason.cause is Cause.INSECURE_CHANGED:
        found = (old.unsecuring(reason.scope), new.unsecuring(reason.scope))
    elif reason.cause is Cause.MIRROR_INSECURE_CHANGED:
        found = (old.unsecuring(reason.mirror), new.unsecuring(reason.mirror))
    elif reason.cause is Cause.POLICY_CHANGED:
        found = _only_here(old, new, ("blocked", "allowed"))
    elif reason.cause is Cause.SEARCH_DROP_IN_CHANGED:
        found = _only_here(old, new, ("search",))
    else:
        return reason
    return replace(reason, old_spans=found[0], new_spans=found[1]) if any(found) else reason


def _only_here(old: Places, new: Places, names: tuple[str, ...]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """What of the named lists only the old side has, and what only the new one."""
    before, after = dict(old.lists()), dict(new.lists())
    gone: list[Span] = []
    come: list[Span] = []
    for name in names:
        was, is_ = before[name] or (), after[name] or ()
        gone += (scope.span for scope in was if scope not in is_)
        come += (scope.span for scope in is_ if scope not in was)
    return tuple(gone), tuple(come)
