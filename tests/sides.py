"""Comparisons of texts, without a disk or Git under them."""

from collections.abc import Mapping

from compiler.diff.comparison import Comparison, compare
from compiler.diff.sides import Manifests
from compiler.manifests.parsing import parse
from compiler.policy.settings import Settings, settings_of
from compiler.text.span import File

Texts = Mapping[str, str] | str
"""Manifests by the names of their files, or those of one file `a.yaml`."""


def side(label: str, texts: Texts, settings: Settings) -> Manifests:
    """A side made of these texts."""
    named = {"a.yaml": texts} if isinstance(texts, str) else texts
    return Manifests(
        label=label, parsed=tuple(parse(File(name, text), settings.release) for name, text in sorted(named.items()))
    )


def change(old: Texts, new: Texts, release: str = "5.0", **settings: str) -> Comparison:
    """What it means to go from the one to the other."""
    chosen = settings_of(release=release, **settings)  # type: ignore[arg-type]  # the tests give texts alone
    return compare(side("old", old, chosen), side("new", new, chosen), chosen)


def effects(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    """Every effect on pulls: its scope, the kind of pulls, its name and its message."""
    return [
        (each.scope, effect.pulls.value, effect.effect.value, effect.message)
        for each in comparison.changes
        for effect in each.effects
    ]
