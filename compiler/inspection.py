"""Everything there is to say about the manifests of one or several clusters: what `check` reports.

In: the analysis of each cluster with its settings. Out: the findings of reading, merging and of the checks across
manifests, each told once however many clusters share the file it is in, without those that comments allow.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler import rules
from compiler.allowances import Allowed, sift, unused
from compiler.diagnostics import Diagnostic, Severity, settle
from compiler.pipeline import Analysis, Settings

_WORST_FIRST = tuple(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Findings by file and position, and those that comments silence."""

    diagnostics: tuple[Diagnostic, ...]
    allowed: tuple[Allowed, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(diagnostic.severity is severity for diagnostic in self.diagnostics)


def inspect(clusters: Sequence[tuple[Analysis, Settings]]) -> Inspection:
    """Gather the findings of every cluster.

    Allowances that silence nothing are findings too, but only where every object could be read: what is wrong with
    the others is not known yet.
    """
    found: list[Diagnostic] = []
    allowed: list[Allowed] = []
    severities: Mapping[str, Severity] = {}
    for analysis, settings in clusters:
        checked = sift(_check(analysis, settings), analysis.allowances)
        allowed += (*analysis.allowed, *checked.allowed)
        found += analysis.diagnostics
        found += settle(checked.standing, settings.severities)
        severities = {**settings.severities, **severities}
    if all(rules.RULES[diagnostic.rule].adjustable for diagnostic in found):
        allowances = (allowance for analysis, _ in clusters for allowance in analysis.allowances)
        found += settle(unused(allowances, allowed), severities)
    return Inspection(diagnostics=_each_once(found), allowed=_each_allowed_once(allowed))


def _check(analysis: Analysis, settings: Settings) -> Iterator[Diagnostic]:
    from importlib import import_module
    from importlib.util import find_spec
    from typing import cast

    if find_spec("compiler.checks") is None:
        return iter(())
    check = cast(Callable[[Analysis, Settings], Iterator[Diagnostic]], import_module("compiler.checks").check)
    return check(analysis, settings)


def _each_once(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """What several clusters have in common, once, as bad as it is for any of them."""
    kept: dict[tuple[object, ...], Diagnostic] = {}
    for diagnostic in diagnostics:
        key = diagnostic.sort_key
        known = kept.get(key)
        if known is None or _WORST_FIRST.index(diagnostic.severity) < _WORST_FIRST.index(known.severity):
            kept[key] = diagnostic
    return tuple(kept[key] for key in sorted(kept))


def _each_allowed_once(allowed: Iterable[Allowed]) -> tuple[Allowed, ...]:
    return tuple({each.diagnostic.sort_key: each for each in allowed}.values())
