"""Rules and their lists: those without effect, those written twice, and those that leave an order open."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import pairwise

from compiler.checks.scene import MOST_LABELS, Mirror, Placed, PullForm, Scene, called, listed, place_key
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Fix, Fold, Label
from compiler.findings.edits import remove_item
from compiler.manifests.kinds import NEVER, ImageContentSourcePolicy, MirrorRule, MirrorSet
from compiler.policy.precedence import Precedence, is_effective
from compiler.text.span import Span
from compiler.text.wording import joined, once, some_of

_MOST_TRIED = 10
_MOST_OBJECTS = 3
"""Objects that one message names."""


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
            reasons = "their only mirror is the source itself"
        else:
            span, field, reason, reasons = rule.source.span, "source", "it has no mirrors", "they have no mirrors"
        yield rules.INERT_RULE.at(
            span,
            f"the rule for `{rule.source.value}` has no effect: {reason}",
            help=help_,
            labels=labels,
            field=f"{placed.field}.{field}",
            fold=Fold(
                key=(place_key(placed.mirror_set.span), reason, bool(labels)),
                message=f"{{count}} rules of {called(placed.mirror_set)} have no effect, since {reasons}: {{names}}",
                name=rule.source.value,
                help=help_.replace("Add a mirror, or remove the rule.", "Add mirrors, or remove the rules.").replace(
                    "the source to", "the sources to"
                ),
            ),
        )


def _has_unknown_field(scene: Scene, placed: Placed) -> bool:
    """Whether a misspelt field explains what is missing; one finding is enough then."""
    span = placed.rule.span
    found = scene.unknown_fields.get((placed.field, span.path), ())
    first = bisect_left(found, span.start)
    return first < len(found) and found[first] < span.end


def repeated_rule(scene: Scene) -> Iterator[Diagnostic]:
    """The same source, mirrors and mirrorSourcePolicy again, for the same form of pulls.

    Inside one list a repetition can be removed; what one object repeats of others is reported once, since whole files
    are copied more often than single rules. A legacy object all of whose rules are in objects of the new kind is kept
    for releases that do not know that kind.
    """
    first: dict[tuple[str, str, tuple[str, ...], bool], Placed] = {}
    copied: dict[int, list[tuple[Placed, Placed]]] = {}
    for placed in _newest_first(scene):
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
            copied.setdefault(id(placed.mirror_set), []).append((earlier, placed))
    for pairs in copied.values():
        yield _twins(pairs) if is_twin(pairs[0][1].mirror_set, scene) else _copied(pairs)


def _newest_first(scene: Scene) -> Iterator[Placed]:
    """All rules, those of legacy objects last: what is repeated is the legacy rule."""
    mirror_sets = scene.policy.mirror_sets
    for mirror_set in sorted(mirror_sets, key=lambda each: isinstance(each, ImageContentSourcePolicy)):
        for index, rule in enumerate(mirror_set.rules):
            yield Placed(mirror_set=mirror_set, index=index, rule=rule)


def is_twin(mirror_set: MirrorSet, scene: Scene) -> bool:
    """Whether a legacy object only repeats what ImageDigestMirrorSets have, for releases that do not know them."""
    if not isinstance(mirror_set, ImageContentSourcePolicy):
        return False
    effective = [rule for rule in mirror_set.rules if is_effective(rule)]
    return bool(effective) and all(_without_policy(rule) in scene.of_digest_sets for rule in effective)


def _without_policy(rule: MirrorRule) -> tuple[str, tuple[str, ...]]:
    return rule.source.value, tuple(mirror.value for mirror in rule.mirrors)


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
        fold=Fold(
            key=place_key(later.mirror_set.span),
            message=f"{{count}} rules of {called(later.mirror_set)} repeat earlier rules of its list: {{names}}",
            name=later.rule.source.value,
            help="Keep one of each.",
            fix="remove the repeated rules",
        ),
    )


def _copied(pairs: list[tuple[Placed, Placed]]) -> Diagnostic:
    """What an object repeats of others. Which of the two is to go depends on who else uses them: no fix is safe."""
    (_, placed), *more = pairs
    later = placed.mirror_set
    names = list(dict.fromkeys(called(earlier.mirror_set) for earlier, _ in pairs))
    others = joined(names) if len(names) <= _MOST_OBJECTS else some_of(names, _MOST_OBJECTS, others="other objects")
    sources = listed([repeated.rule.source.value for _, repeated in pairs])
    if not more:
        message = f"{called(later)} repeats the rule of {others} for {sources}"
    elif len(pairs) == len(later.rules):
        message = f"{called(later)} only repeats rules of {others}: {sources}"
    else:
        message = f"{called(later)} repeats {len(pairs)} rules of {others}: {sources}"
    return rules.REPEATED_RULE.at(
        placed.rule.source.span,
        message,
        help=f"Keep each rule in only one of the {'two' if len(names) == 1 else 'objects'}.",
        labels=_of_pairs(pairs),
        field=f"{placed.field}.source",
        fold=Fold(
            key=("copies", *names),
            message=f"{{count}} objects repeat rules of {others}: {{names}}",
            name=later.name.value,
            help="Keep each rule in only one of the objects.",
            across_files=True,
        ),
    )


def _twins(pairs: list[tuple[Placed, Placed]]) -> Diagnostic:
    """A legacy object that repeats objects of the new kind."""
    placed = pairs[0][1]
    twins = list(dict.fromkeys(called(earlier.mirror_set) for earlier, _ in pairs))
    beside = joined(twins) if len(twins) <= _MOST_OBJECTS else some_of(twins, _MOST_OBJECTS, others="other objects")
    return rules.REPEATED_RULE.at(
        placed.rule.source.span,
        f"{called(placed.mirror_set)} only repeats rules of {beside}",
        help="Remove it when no cluster is older than 4.13: releases from then on read the other.",
        labels=_of_pairs(pairs),
        field=f"{placed.field}.source",
        fold=Fold(
            key="twins",
            across_files=True,
            message="{count} ImageContentSourcePolicies only repeat rules of ImageDigestMirrorSets: {names}",
            name=placed.mirror_set.name.value,
            help="Remove them when no cluster is older than 4.13: releases from then on read the others.",
        ),
    )


def _of_pairs(pairs: list[tuple[Placed, Placed]]) -> list[Label]:
    shown = pairs[:MOST_LABELS]
    originals = dict.fromkeys(original.rule.source.span for original, _ in shown)
    return [
        *(Label(span=repeated.rule.source.span, text="also repeated") for _, repeated in shown[1:]),
        *(Label(span=span, text="the same rule") for span in originals),
    ]


def split_source(scene: Scene) -> Iterator[Diagnostic]:
    """Several lists of one source that leave the order of some mirrors open."""
    for form in scene.forms:
        for precedence in form.merged.values():
            if len(precedence.rules) > 1 and not precedence.conflicts:
                yield from _split(scene, form, precedence)


def _split(scene: Scene, form: PullForm, precedence: Precedence) -> Iterator[Diagnostic]:
    # Where lists contradict nothing, an order is settled exactly if each mirror follows the one before it in a list.
    settled = {pair for rule in precedence.rules for pair in pairwise(_path(rule))}
    open_pairs = [pair for pair in pairwise(precedence.order) if pair not in settled]
    if not open_pairs:
        return
    span, field = scene.place(Mirror(form, precedence, open_pairs[0][0]))
    first, second = open_pairs[0]
    words: Callable[[str], str] = "`{}`".format
    if len(open_pairs) == 1:
        message = (
            f"no list of `{precedence.source}` contains both `{first}` and `{second}`, so their order is undefined"
        )
        words = once(first, second)
    else:
        unsettled = list(dict.fromkeys(location for pair in open_pairs for location in pair))
        message = f"the lists of `{precedence.source}` leave the order of {listed(unsettled)} undefined"
    tried = [words(location) for location in precedence.order[:_MOST_TRIED]]
    if len(precedence.order) > _MOST_TRIED:
        tried.append(f"{len(precedence.order) - _MOST_TRIED} more")
    owners = dict.fromkeys(place_key(scene.owners[rule.span].span) for rule in precedence.rules)
    objects = list(dict.fromkeys(called(scene.owners[rule.span]) for rule in precedence.rules))
    among = (
        joined(objects) if len(objects) <= _MOST_OBJECTS else some_of(objects, _MOST_OBJECTS, others="other objects")
    )
    yield rules.SPLIT_SOURCE.at(
        span,
        message,
        help=f"The cluster tries {', then '.join(tried)}. To set the order of two mirrors, put both in one list.",
        labels=_behind_by_chance(precedence, settled, open_pairs[:MOST_LABELS], span, words),
        field=field,
        fold=Fold(
            key=(form.word, *owners),
            across_files=True,
            message=f"the lists of {{count}} sources in {among} leave the order of mirrors undefined: {{names}}",
            name=precedence.source,
            help="The cluster orders these mirrors by name. To set the order of two mirrors, put both in one list.",
        ),
    )


def _path(rule: MirrorRule) -> list[str]:
    """What a list puts in order: its mirrors and, unless it names the source, the source after them."""
    mirrors = [mirror.value for mirror in rule.mirrors]
    return mirrors if rule.source.value in mirrors else [*mirrors, rule.source.value]


def _behind_by_chance(
    precedence: Precedence,
    settled: set[tuple[str, str]],
    open_pairs: list[tuple[str, str]],
    primary: Span,
    words: Callable[[str], str],
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
            reason = f"only because a list has it after {words(precedence.order[released[second]])}"
        labels.append(Label(span=precedence.listed[second][0], text=f"tried after {words(first)} {reason}"))
    return labels
