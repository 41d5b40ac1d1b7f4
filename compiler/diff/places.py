"""The lines that change a file made of a list of the Image config: the scopes that only one side has, not the list.

In: the reasons of a verdict, and what the manifests of either side were made to. Out: the same reasons, each with the
places of what changed. What changes an entry of registries.conf is known from the entry (`RegistryEntry.provenance`).
"""

from dataclasses import replace

from compiler.diff.disruption import Cause, Reason
from compiler.policy.analysis import Analysis
from compiler.text.span import Located, Span

_LISTS = {Cause.POLICY_CHANGED: ("blocked", "allowed"), Cause.SEARCH_DROP_IN_CHANGED: ("search",)}


def pinpointed(reason: Reason, old: Analysis | None, new: Analysis | None) -> Reason:
    """The reason with the tightest places there are; unchanged where nothing better is known, as without manifests."""
    if reason.cause not in _LISTS:
        return reason
    old_spans: list[Span] = []
    new_spans: list[Span] = []
    for name in _LISTS[reason.cause]:
        before, after = _scopes(old, name), _scopes(new, name)
        old_spans += (scope.span for scope in before if scope not in after)
        new_spans += (scope.span for scope in after if scope not in before)
    if not old_spans and not new_spans:
        return reason
    return replace(reason, old_spans=tuple(old_spans), new_spans=tuple(new_spans))


def _scopes(analysis: Analysis | None, name: str) -> tuple[Located[str], ...]:
    image = analysis.policy.image if analysis is not None else None
    lists = {} if image is None else {"blocked": image.blocked, "allowed": image.allowed, "search": image.search}
    return lists.get(name) or ()
