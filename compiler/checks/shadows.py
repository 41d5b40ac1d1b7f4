"""Pulls that a source takes from another source, or from itself.

Only the most specific registry entry counts at pull time, and it is blocked as a whole (containers/image
`sysregistriesv2`, df7e80d2).
"""

from collections.abc import Iterator
from itertools import islice

from compiler.checks.scene import MOST_COMPARED, MOST_LABELS, PullForm, Scene, at_sources, called, listed
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fold, Label, Severity
from compiler.manifests.kinds import ALLOW, NEVER
from compiler.names.scope import matched_length
from compiler.policy.precedence import Precedence


def shadowed_source(scene: Scene) -> Iterator[Diagnostic]:
    """A source inside another: pulls of the inner one know nothing of the outer one's mirrors.

    Pulls that are left without any mirror are worth a warning each. Where the inner source has other mirrors for the
    same pulls, that is mostly why it was written: a note on the outer one is enough. Release payload is mirrored to
    separate places everywhere, and is not worth one.
    """
    not_tried: dict[tuple[str, str], list[str]] = {}
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
            elif not scene.is_payload(source) and not _offers_all(scene, form.merged[source], hidden):
                not_tried.setdefault((form.word, outer), []).append(source)
    for form in scene.forms:
        for outer, precedence in form.merged.items():
            if inner := not_tried.get((form.word, outer)):
                yield _not_tried(scene, precedence, form, sorted(inner))


def _below(location: str, outer: str, source: str) -> str:
    """Where pulls of `source` would go if the mirror of the outer source served them."""
    return location + source[matched_length(source, outer) :]


def _offered(scene: Scene, outer: Precedence, source: str) -> Iterator[str]:
    """The mirrors that the outer source would have for an inner one."""
    return (_below(location, outer.source, source) for location in scene.mirrors_of(outer))


def _offers_all(scene: Scene, inner: Precedence, outer: Precedence) -> bool:
    """Whether the inner source has every mirror that the outer one would have for it."""
    return all(location in inner.listed for location in _offered(scene, outer, inner.source))


def _hidden(scene: Scene, source: str, hidden: Precedence, form: PullForm) -> Diagnostic:
    first = scene.merged(source)[0].rules[0]
    offered = listed(list(islice(_offered(scene, hidden, source), MOST_COMPARED)), of=len(scene.mirrors_of(hidden)))
    return rules.SHADOWED_SOURCE.at(
        first.source.span,
        f"pulls of `{source}` by {form.word} use no mirror: this rule shadows the mirrors of `{hidden.source}`",
        help=f"Add an {form.kind} for `{source}` with {offered} to use the same mirrors as `{hidden.source}`.",
        labels=at_sources(hidden, f"its mirrors serve all other pulls of `{hidden.source}` by {form.word}"),
        field=f"{first.field}.source",
        fold=Fold(
            key=("no mirror", form.word, hidden.source, scene.owner_key(first)),
            message=f"pulls of {{count}} sources by {form.word} use no mirror: these rules shadow the mirrors of "
            f"`{hidden.source}`: {{names}}",
            name=source,
            help=f"Add an {form.kind} with mirrors for these sources: those of `{hidden.source}` with the rest of the "
            "path.",
        ),
    )


def _not_tried(scene: Scene, outer: Precedence, form: PullForm, inner: list[str]) -> Diagnostic:
    first, *others = outer.rules
    return rules.SHADOWED_SOURCE.at(
        first.source.span,
        f"pulls by {form.word} of {listed(inner)} do not use all mirrors of `{outer.source}`",
        help="A pull uses only the mirrors of the most specific source. If these are not enough, add the mirrors of "
        f"`{outer.source}` there, with the rest of the path.",
        labels=[
            *(Label(span=rule.source.span, text="the same source") for rule in others),
            *(
                Label(span=form.merged[source].rules[0].source.span, text="more specific")
                for source in inner[:MOST_LABELS]
            ),
        ],
        field=f"{first.field}.source",
        severity=Severity.NOTE,
    )


def _contacted_after_all(scene: Scene, source: str, outer: str) -> Iterator[Diagnostic]:
    never = scene.blocked_by(outer)
    if never is None or scene.blocked_by(source) is not None:
        return
    first = scene.merged(source)[0].rules[0]
    yield rules.SHADOWED_SOURCE.at(
        first.source.span,
        f"nodes can contact `{source}`, although `{outer}` has {NEVER}",
        help=f"Set `mirrorSourcePolicy: {NEVER}` here too: only the most specific source applies.",
        labels=[Label(span=never.span, text=f"does not apply to `{source}`")],
        field=f"{first.field}.source",
        fold=Fold(
            key=("contacted", outer, scene.owner_key(first)),
            message=f"nodes can contact {{count}} sources, although `{outer}` has {NEVER}: {{names}}",
            name=source,
        ),
    )


def _hidden_by_wildcard(scene: Scene, source: str, outer: str) -> Diagnostic:
    """Of two prefixes of one length the first in byte order wins, and `*` comes before any letter."""
    first = scene.merged(source)[0].rules[0]
    return rules.SHADOWED_SOURCE.at(
        first.source.span,
        f"`{source}` never takes effect: `{outer}` has the same length, and `*` comes first in byte order",
        help=f"List the namespaces below `{source}` instead, or remove the wildcard.",
        labels=at_sources(scene.merged(outer)[0], "the wildcard source"),
        field=f"{first.field}.source",
        fold=Fold(
            key=("wildcard", outer, scene.owner_key(first)),
            message=f"{{count}} sources never take effect, since `{outer}` has the same length, and `*` comes first in "
            "byte order: {names}",
            name=source,
            help="List the namespaces below these sources instead, or remove the wildcard.",
        ),
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
                f"this also blocks pulls of `{source}` by {other.word}, and no {other.kind} serves them",
                help=f"Add an {other.kind} with mirrors for `{source}`, or set {ALLOW} here if pulls by {other.word} "
                "may go to the source.",
                labels=[Label(span=rule.source.span, text=f"mirrored only for pulls by {form.word}")],
                field=f"{rule.field}.mirrorSourcePolicy",
                fold=Fold(
                    key=(form.word, scene.owner_key(rule)),
                    message=f"{{count}} rules of {called(scene.owners[rule.span])} also block pulls by {other.word}, "
                    f"and no {other.kind} serves them: {{names}}",
                    name=source,
                    help=f"Add an {other.kind} with mirrors for these sources, or set {ALLOW} here if pulls by "
                    f"{other.word} may go to the source.",
                ),
            )
