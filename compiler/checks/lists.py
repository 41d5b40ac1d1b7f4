"""Rules and their lists: those without effect, those written twice, and those that leave an order open."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from compiler.checks.scene import MOST_LABELS, Form, Mirror, Placed, Scene, listed
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fix, Label
from compiler.findings.edits import remove_item
from compiler.manifests.kinds import NEVER, MirrorRule
from compiler.policy.precedence import Precedence, is_effective
from compiler.text.span import Span

_MOST_TRIED = 10


def inert_rule(scene: Scene) -> Iterator[Diagnostic]:
    """A rule whose mirrors are empty or only repeat the source is ignored, its mirrorSourcePolicy too."""
    for placed in scene.rules:
        rule = placed.rule
        if is_effective(rule) or _has_unknown_field(scene, placed):
            continue
        policy = rule.mirror_source_policy
        help_ = "Add a mirror, or remove the rule."
        labels = []
        if policy is not None and rule.never_contacts_source:
            labels.append(Label(span=policy.span, text="blocks nothing"))
            help_ += (
                f" {NEVER} has an effect only with at least one mirror. To refuse all pulls, add the source to "
                "`blockedRegistries` of the Image config."
            )
        if rule.mirrors:
            span, field, reason = rule.mirrors[0].span, "mirrors[0]", "its only mirror is the source itself"
        else:
            span, field, reason = rule.source.span, "source", "it has no mirrors"
        yield rules.INERT_RULE.at(
            span,
            f"the rule for `{rule.source.value}` has no effect: {reason}",
            help=help_,
            labels=labels,
            field=f"{placed.field}.{field}",
        )


def _has_unknown_field(scene: Scene, placed: Placed) -> bool:
    """Whether a misspelt field explains what is missing; one finding is enough then."""
    span = placed.rule.span
    found = scene.unknown_fields.get((placed.field, span.path), ())
    first = bisect_left(found, span.start)
    return first < len(found) and found[first] < span.end


def repeated_rule(scene: Scene) -> Iterator[Diagnostic]:
    """The same source, mirrors and mirrorSourcePolicy again, for the same form of pulls.

    Inside one list every repetition is reported by itself, since it can be removed by itself. What one object repeats
    of another is reported once: whole files are copied more often than single rules.
    """
    first: dict[tuple[str, str, tuple[str, ...], bool], Placed] = {}
    copied: dict[tuple[int, int], list[tuple[Placed, Placed]]] = {}
    for placed in scene.rules:
        rule = placed.rule
        if not is_effective(rule):
            continue
        mirrors = tuple(mirror.value for mirror in rule.mirrors)
        earlier = first.setdefault((placed.form, rule.source.value, mirrors, rule.never_contacts_source), placed)
        if earlier is placed:
            continue
        if earlier.mirror_set is placed.mirror_set:
            yield _repeated(earlier, placed)
        else:
            copied.setdefault((id(earlier.mirror_set), id(placed.mirror_set)), []).append((earlier, placed))
    for pairs in copied.values():
        yield _copied(pairs)


def _repeated(earlier: Placed, later: Placed) -> Diagnostic:
    # A rule is never the first of its list here, so the one before it shows how the list is written.
    before = later.mirror_set.rules[later.index - 1]
    edit = remove_item(later.rule.span, after=before.span)
    return rules.REPEATED_RULE.at(
        later.rule.source.span,
        f"this list has the same rule for `{later.rule.source.value}` twice",
        help="Remove one of the two.",
        labels=[Label(span=earlier.rule.source.span, text="first written here")],
        fix=Fix(title="remove this one", edits=(edit,)) if edit else None,
        field=f"{later.field}.source",
    )


def _copied(pairs: list[tuple[Placed, Placed]]) -> Diagnostic:
    """What an object repeats of another. Which of the two is to go depends on who else uses them: no fix is safe."""
    (_, placed), *more = pairs
    earlier, later = pairs[0][0].mirror_set, placed.mirror_set
    sources = listed([repeated.rule.source.value for _, repeated in pairs])
    if not more:
        message = f"`{later.name.value}` repeats the rule for {sources} of `{earlier.name.value}`"
    elif len(pairs) == len(later.rules):
        message = f"`{earlier.name.value}` also contains all {len(pairs)} rules of `{later.name.value}`: {sources}"
    else:
        message = f"`{later.name.value}` repeats {len(pairs)} rules of `{earlier.name.value}`: {sources}"
    shown = pairs[:MOST_LABELS]
    originals = dict.fromkeys(original.rule.source.span for original, _ in shown)
    return rules.REPEATED_RULE.at(
        placed.rule.source.span,
        message,
        help="Keep each rule in only one of the two.",
        labels=[
            *(Label(span=repeated.rule.source.span, text="also repeated") for _, repeated in shown[1:]),
            *(Label(span=span, text="first written here") for span in originals),
        ],
        field=f"{placed.field}.source",
    )


def split_source(scene: Scene) -> Iterator[Diagnostic]:
    """Several lists of one source that leave the order of some mirrors open."""
    for form in scene.forms:
        for precedence in form.merged.values():
            if len(precedence.rules) > 1 and not precedence.conflicts:
                yield from _split(scene, form, precedence)


def _split(scene: Scene, form: Form, precedence: Precedence) -> Iterator[Diagnostic]:
    # Where lists contradict nothing, an order is settled exactly if each mirror follows the one before it in a list.
    settled = {pair for rule in precedence.rules for pair in pairwise(_path(rule))}
    open_pairs = [pair for pair in pairwise(precedence.order) if pair not in settled]
    if not open_pairs:
        return
    span, field = scene.place(Mirror(form, precedence, open_pairs[0][0]))
    first, second = open_pairs[0]
    if len(open_pairs) == 1:
        message = (
            f"no list of `{precedence.source}` contains both `{first}` and `{second}`, so their order is undefined"
        )
    else:
        unsettled = list(dict.fromkeys(location for pair in open_pairs for location in pair))
        message = f"the lists of `{precedence.source}` leave the order of {listed(unsettled)} undefined"
    tried = [f"`{location}`" for location in precedence.order[:_MOST_TRIED]]
    if len(precedence.order) > _MOST_TRIED:
        tried.append(f"{len(precedence.order) - _MOST_TRIED} more")
    yield rules.SPLIT_SOURCE.at(
        span,
        message,
        help=f"The cluster tries {', then '.join(tried)}. To set the order of two mirrors, put both in one list.",
        labels=_behind_by_chance(precedence, settled, open_pairs[:MOST_LABELS], span),
        field=field,
    )


def _path(rule: MirrorRule) -> list[str]:
    """What a list puts in order: its mirrors and, unless it names the source, the source after them."""
    mirrors = [mirror.value for mirror in rule.mirrors]
    return mirrors if rule.source.value in mirrors else [*mirrors, rule.source.value]


def _behind_by_chance(
    precedence: Precedence, settled: set[tuple[str, str]], open_pairs: list[tuple[str, str]], primary: Span
) -> list[Label]:
    """Why the second of each pair comes second.

    The cluster queues mirrors as soon as all that must come before them are out. Those queued together are sorted by
    bytes; of others, the one that waited for less comes first.
    """
    place = {location: at for at, location in enumerate(precedence.order)}
    released = dict.fromkeys(precedence.order, -1)
    for before, behind in settled:
        if behind in released:
            released[behind] = max(released[behind], place.get(before, -1))
    labels: list[Label] = []
    for first, second in open_pairs:
        place_of_first = precedence.listed[first][0]
        if place_of_first not in (primary, *(label.span for label in labels[-1:])):
            labels.append(Label(span=place_of_first, text="tried before the next only because of its name"))
        if released[first] == released[second]:
            reason = "only because of its name"
        else:
            reason = f"only because a list has it after `{precedence.order[released[second]]}`"
        labels.append(Label(span=precedence.listed[second][0], text=f"tried after `{first}` {reason}"))
    return labels
