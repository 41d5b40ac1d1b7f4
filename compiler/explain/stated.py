"""What documents say of an image that no cluster is given: a policy that only informs, a ConfigMap that nothing names.

In: the homes that are applied to no cluster, and pull specs. Out: the rules for each of them, with the mirrors that
they would add. Nodes do nothing of this.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from compiler.manifests.embedded import Home
from compiler.manifests.kinds import Manifest, MirrorRule, MirrorSet
from compiler.names.scope import is_wildcard, matched_length, rebase
from compiler.text.opaque import revealed
from compiler.text.span import Span

MOST_STATED = 20
"""Rules for one pull spec that are shown."""


class Statement(NamedTuple):
    """A rule for a pull spec that is not applied.

    Attributes:
        pull_spec: The one that was asked for.
        kind: Of the object that has the rule.
        source: The source of the rule.
        source_span: Where it is written.
        mirrors: What would be tried instead, each with the place of the mirror.
        holder: The document around the object in words.
        reason: Why it is not applied.
    """

    pull_spec: str
    kind: str
    source: str
    source_span: Span
    mirrors: tuple[tuple[str, Span], ...]
    holder: str
    reason: str


class Statements:
    """The rules of homes that are applied to no cluster, by their sources."""

    def __init__(self, homes: Iterable[tuple[Home, str]]) -> None:
        """Take the homes, each with the words for whom it is."""
        self._rules: dict[str, list[tuple[Manifest, MirrorRule, Home, str]]] = {}
        for home, words in homes:
            for manifest in home.manifests if home.is_wanted else ():
                for rule in manifest.rules if isinstance(manifest, MirrorSet) else ():
                    if rule.mirrors:
                        self._rules.setdefault(revealed(rule.source.value), []).append((manifest, rule, home, words))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def about(self, pull_spec: str) -> list[Statement]:
        """The rules with the longest source that matches, in order."""
        found = max((scope for scope in _scopes(pull_spec) if scope in self._rules), key=len, default=None)
        if found is None:
            return []
        length = matched_length(pull_spec, found)
        return [
            Statement(
                pull_spec,
                manifest.kind,
                found,
                rule.source.span,
                tuple((rebase(revealed(m.value), pull_spec[:length], pull_spec), m.span) for m in rule.mirrors),
                home.holder,
                home.said[0] if home.said and not home.compiled else f"it is for {words}",
            )
            for manifest, rule, home, words in self._rules[found][:MOST_STATED]
        ]


def _scopes(pull_spec: str) -> Iterator[str]:
    """Every source that matches a pull spec."""
    for end, character in enumerate(f"{pull_spec}/"):
        if character in "/:@":
            yield pull_spec[:end]
    host = pull_spec.partition("/")[0]
    at = host.find(".")
    while at >= 0:
        wildcard = f"*{host[at:].partition(':')[0]}"
        if is_wildcard(wildcard) and matched_length(pull_spec, wildcard) > 0:
            yield wildcard
        at = host.find(".", at + 1)
