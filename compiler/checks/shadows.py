"""Sources inside sources: what the most specific one hides, blocks or inherits.

Only the most specific registry entry counts at pull time (containers/image `sysregistriesv2`, df7e80d2), and only
entries without mirrors inherit any (openshift/runtime-utils `registries.EditRegistriesConfig`, 7bdb5b9).
"""

from collections.abc import Iterator

from compiler import rules
from compiler.checks.scene import Form, Scene, at_sources, listed
from compiler.diagnostics import Diagnostic, Label, Severity
from compiler.manifests import ALLOW, NEVER
from compiler.precedence import Precedence
from compiler.scope import enclosing, is_wildcard, matched_length


def shadowed_source(scene: Scene) -> Iterator[Diagnostic]:
    """A source inside another: pulls of the inner one know nothing of the outer one's mirrors."""
    for source in scene.sources:
        outer = scene.closest_source(source)
        if outer is None or matched_length(source, outer) < 0:
            continue
        if len(outer) == len(source):
            yield _hidden_by_wildcard(scene, source, outer)
            continue
        yield from _contacted_after_all(scene, source, outer)
        blocked = scene.blocked_by(source) is not None
        for form in scene.forms:
            hidden = form.merged.get(outer)
            if hidden is None:
                continue
            if source not in form.merged:
                # Where the source is blocked as well, the pulls fail, and `tag-pulls-blocked` says so.
                if not blocked and not (form is scene.tag and scene.is_payload(source)):
                    yield _hidden(scene, source, hidden, form)
            elif missing := _missing(form.merged[source], hidden):
                yield _not_tried(scene, form.merged[source], hidden, form, missing)


def _below(location: str, outer: str, source: str) -> str:
    """Where pulls of `source` would go if the mirror of the outer source served them."""
    return location + source[matched_length(source, outer) :]


def _missing(inner: Precedence, outer: Precedence) -> list[str]:
    """Mirrors of the outer source that have no counterpart in the inner one's."""
    offered = (_below(location, outer.source, inner.source) for location in outer.order if location != outer.source)
    return [location for location in offered if location not in inner.listed]


def _hidden(scene: Scene, source: str, hidden: Precedence, form: Form) -> Diagnostic:
    first = scene.merged(source)[0].rules[0]
    offered = [_below(location, hidden.source, source) for location in hidden.order if location != hidden.source]
    return rules.SHADOWED_SOURCE.at(
        first.source.span,
        f"pulls of `{source}` by {form.word} have no mirror: this hides those of `{hidden.source}`",
        help=f"Give `{source}` an {form.kind} of its own, with {listed(offered)} to keep what "
        f"`{hidden.source}` offers.",
        labels=at_sources(hidden, f"its mirrors for pulls by {form.word} serve the rest of `{hidden.source}`"),
        field=f"{scene.field(first)}.source",
    )


def _not_tried(scene: Scene, inner: Precedence, outer: Precedence, form: Form, missing: list[str]) -> Diagnostic:
    first = inner.rules[0]
    return rules.SHADOWED_SOURCE.at(
        first.source.span,
        f"pulls of `{inner.source}` by {form.word} try its own mirrors only, none of `{outer.source}`",
        help=f"Add {listed(missing)} to its mirrors if that should be tried too; otherwise all is well.",
        labels=at_sources(outer, "the wider source"),
        field=f"{scene.field(first)}.source",
        severity=Severity.NOTE,
    )


def _contacted_after_all(scene: Scene, source: str, outer: str) -> Iterator[Diagnostic]:
    never = scene.blocked_by(outer)
    if never is None or scene.blocked_by(source) is not None:
        return
    first = scene.merged(source)[0].rules[0]
    yield rules.SHADOWED_SOURCE.at(
        first.source.span,
        f"`{source}` may be contacted, although `{outer}` says {NEVER}",
        help=f"The more specific source decides alone: set `mirrorSourcePolicy: {NEVER}` here too.",
        labels=[Label(span=never.span, text=f"does not reach `{source}`")],
        field=f"{scene.field(first)}.source",
    )


def _hidden_by_wildcard(scene: Scene, source: str, outer: str) -> Diagnostic:
    """Of two prefixes of one length the first in byte order wins, and `*` comes before any letter."""
    first = scene.merged(source)[0].rules[0]
    return rules.SHADOWED_SOURCE.at(
        first.source.span,
        f"`{source}` never takes effect: `{outer}` is as long, and `*` comes first in byte order",
        help=f"Name the namespaces below `{source}` instead, or do without the wildcard.",
        labels=at_sources(scene.merged(outer)[0], "the wildcard source"),
        field=f"{scene.field(first)}.source",
    )


def tag_pulls_blocked(scene: Scene) -> Iterator[Diagnostic]:
    """NeverContactSource blocks the registry entry for digests and tags alike, whichever kind says it."""
    for form, other in ((scene.digest, scene.tag), (scene.tag, scene.digest)):
        for source, precedence in form.merged.items():
            rule = precedence.blocked_by
            if rule is None or rule.mirror_source_policy is None or source in other.merged:
                continue
            if other is scene.tag and scene.is_payload(source):
                continue
            yield rules.TAG_PULLS_BLOCKED.at(
                rule.mirror_source_policy.span,
                f"this blocks pulls of `{source}` by {other.word} too, and no {other.kind} serves them",
                help=f"Add an {other.kind} with mirrors for `{source}`, or set {ALLOW} here if pulls by "
                f"{other.word} may go to the source.",
                labels=[Label(span=rule.source.span, text=f"mirrored for pulls by {form.word} only")],
                field=f"{scene.field(rule)}.mirrorSourcePolicy",
            )


def outer_source_inherited(scene: Scene) -> Iterator[Diagnostic]:
    """Entries without mirrors get those of the first source in the controller's order, not of the closest."""
    image = scene.policy.image
    if image is None:
        return
    scopes = {scope.value: scope for scope in (*(image.insecure or ()), *scene.analysis.guarded.blocked)}
    for text, scope in scopes.items():
        if text in scene.sources:
            continue
        containing = [outer for outer in enclosing(text) if outer in scene.sources]
        if len(containing) < 2:
            continue
        closest, taken = containing[0], min(containing, key=scene.sources.__getitem__)
        # A wildcard taken is an internal error of the controller, and told as that.
        if taken == closest or is_wildcard(taken) or _inherited(scene, taken, text) == _inherited(scene, closest, text):
            continue
        yield rules.OUTER_SOURCE_INHERITED.at(
            scope.span,
            f"`{text}` gets the mirrors of `{taken}`, not those of the closer source `{closest}`",
            help=f"Mirror `{text}` by a rule of its own, so that it inherits nothing.",
            labels=[
                *at_sources(scene.merged(taken)[0], "the first in the controller's order, so its mirrors are copied"),
                *at_sources(scene.merged(closest)[0], "the closest source"),
            ],
        )


def _inherited(scene: Scene, source: str, scope: str) -> list[tuple[str, str]]:
    return [
        (form.word, _below(location, source, scope))
        for form in scene.forms
        if source in form.merged
        for location in form.merged[source].order
    ]
