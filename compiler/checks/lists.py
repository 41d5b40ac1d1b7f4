"""Rules and their lists: those without effect, those written twice, and those that leave an order open."""

from collections.abc import Iterator
from itertools import pairwise

from compiler import rules
from compiler.checks.scene import Placed, Scene
from compiler.diagnostics import Diagnostic, Label
from compiler.manifests import NEVER
from compiler.precedence import Precedence, is_effective
from compiler.span import Span


def inert_rule(scene: Scene) -> Iterator[Diagnostic]:
    """A rule whose mirrors are empty or only repeat the source is ignored, its mirrorSourcePolicy too."""
    for placed in scene.rules:
        rule = placed.rule
        if is_effective(rule) or _has_unknown_field(scene, placed):
            continue
        policy = rule.mirror_source_policy
        labels = []
        if policy is not None and rule.never_contacts_source:
            labels.append(Label(span=policy.span, text="blocks nothing"))
        if rule.mirrors:
            span, field, reason = rule.mirrors[0].span, ".mirrors", "its only mirror is the source itself"
        else:
            span, field, reason = rule.source.span, ".source", "it has no mirrors"
        yield rules.INERT_RULE.at(
            span,
            f"the rule for `{rule.source.value}` has no effect: {reason}",
            help=f"Name a mirror, or remove the rule.{_instead(placed) if labels else ''}",
            labels=labels,
            field=placed.field + field,
        )


def _instead(placed: Placed) -> str:
    return (
        f" {NEVER} takes effect only beside a mirror: to refuse all pulls of `{placed.rule.source.value}`, list it "
        "in the Image config's `blockedRegistries`."
    )


def _has_unknown_field(scene: Scene, placed: Placed) -> bool:
    """Whether a misspelt field explains what is missing; one finding is enough then."""
    span = placed.rule.span
    return any(
        span.start <= found.start < span.end and found.file is span.file
        for found in scene.unknown_fields.get(placed.field, ())
    )


def repeated_rule(scene: Scene) -> Iterator[Diagnostic]:
    """The same source, mirrors and mirrorSourcePolicy again, for the same form of pulls."""
    first: dict[tuple[str, str, tuple[str, ...], bool], Placed] = {}
    for placed in scene.rules:
        rule = placed.rule
        if not is_effective(rule):
            continue
        mirrors = tuple(mirror.value for mirror in rule.mirrors)
        earlier = first.setdefault((placed.form, rule.source.value, mirrors, rule.never_contacts_source), placed)
        if earlier is placed:
            continue
        yield rules.REPEATED_RULE.at(
            rule.source.span,
            f"this repeats a rule for `{rule.source.value}` with the same mirrors",
            help="Remove one of the two.",
            labels=[Label(span=earlier.rule.source.span, text="first written here")],
            field=f"{placed.field}.source",
        )


def split_source(scene: Scene) -> Iterator[Diagnostic]:
    """Several lists of one source that leave the order of some mirrors open."""
    for form in scene.forms:
        for precedence in form.merged.values():
            if len(precedence.rules) > 1 and not precedence.conflicts:
                yield from _split(scene, precedence)


def _split(scene: Scene, precedence: Precedence) -> Iterator[Diagnostic]:
    # Without a conflict the order is settled exactly where some list names both of two neighbours in a row.
    settled = {(before.value, behind.value) for rule in precedence.rules for before, behind in pairwise(rule.mirrors)}
    open_pairs = [pair for pair in pairwise(precedence.order) if pair not in settled]
    if not open_pairs:
        return
    span, field = scene.mirror(precedence, open_pairs[0][0])
    pairs = ", ".join(f"`{before}` or `{behind}`" for before, behind in open_pairs)
    yield rules.SPLIT_SOURCE.at(
        span,
        f"no list of `{precedence.source}` says which comes first: {pairs}",
        help=f"As it stands, the cluster tries {_arrows(precedence)}. If that is meant, let a list say so: name "
        "both in a row.",
        labels=_open_ends(precedence, open_pairs, span),
        field=field,
    )


def _open_ends(precedence: Precedence, pairs: list[tuple[str, str]], primary: Span) -> list[Label]:
    labels = []
    for before, behind in pairs:
        first, second = precedence.listed[before][0], precedence.listed[behind][0]
        if first != primary:
            labels.append(Label(span=first, text="this one"))
        labels.append(Label(span=second, text=f"tried right behind `{before}`, which no list says"))
    return labels


def _arrows(precedence: Precedence) -> str:
    return ", then ".join(f"`{location}`" for location in precedence.order)
