"""Suggested fixes for lists that contradict each other: edits of the lists, and what nodes would notice.

In: an analysis. Out: its findings, those of contradicting lists with their fixes, the one that keeps the order of today
first. Only lists in files that can be edited are changed. A mirror that one list names twice is removed once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Edit, Fix
from compiler.findings.edits import remove_item
from compiler.manifests.kinds import MirrorRule
from compiler.names.releases import Release
from compiler.node.disruption_policy import ActionType, in_force
from compiler.node.files import REGISTRIES_CONF
from compiler.policy.analysis import Analysis
from compiler.policy.precedence import (
    Conflict,
    ListedOrder,
    Precedence,
    cluster_order,
    forced_order,
    path_of,
    precedence_graph,
)
from compiler.policy.repairs import MOST_ITEMS, Reordering, Segment, reorderings
from compiler.text.opaque import revealed
from compiler.text.span import Located, Span

MOST_FIXES = 4
"""Fixes that are offered for one contradiction."""

_MOST_REPAIRED = 50
_MOST_THOROUGH = 3
"""Contradictions for which fixes are looked for, and those for which all orders may be tried: a hostile repo has
thousands."""

_MOST_NAMED = 6

_ONLY_BASES = (
    "The lists are in bases, so no list of the cluster's own files settles the order: fix a base, or patch one of the "
    "lists."
)

_Lists = list[tuple[str, ...]]


def repaired(analysis: Analysis, release: Release) -> tuple[Diagnostic, ...]:
    """The findings of an analysis, with fixes for its contradictions.

    Args:
        analysis: What the cluster makes of its manifests.
        release: Of the cluster.
    """
    conflicts = {
        conflict.steps[0].first_span: (precedence, conflict)
        for merged in (analysis.digest, analysis.tag)
        for precedence in merged
        for conflict in precedence.conflicts
    }
    if not conflicts:
        return analysis.diagnostics
    found = []
    left = _MOST_REPAIRED
    for each in analysis.diagnostics:
        diagnostic = each
        if diagnostic.rule == rules.ORDER_CONFLICT.name and diagnostic.span in conflicts and left:
            left -= 1
            thorough = left >= _MOST_REPAIRED - _MOST_THOROUGH
            fixes = tuple(_fixes(*conflicts[diagnostic.span], _cost_words(analysis, release), thorough=thorough))
            if fixes:
                found.append(replace(diagnostic, fix=fixes[0], alternatives=fixes[1:]))
                continue
            if not any(map(_is_editable, conflicts[diagnostic.span][0].rules)):
                diagnostic = replace(diagnostic, help=f"{diagnostic.help} {_ONLY_BASES}")
        found.append(diagnostic)
    return tuple(found)


def _cost_words(analysis: Analysis, release: Release) -> str:
    """What another order of mirrors costs nodes."""
    policy = in_force(release, analysis.policy.machine_configuration, analysis.policy.drain_override)
    entry = policy.for_file(REGISTRIES_CONF)
    types = {action.type for action in entry.actions} if entry is not None else {ActionType.REBOOT}
    if ActionType.REBOOT in types:
        return "nodes reboot"
    if ActionType.DRAIN in types:
        return "nodes drain"
    if types <= {ActionType.NONE}:
        return "nodes are not disrupted"
    return "nodes only reload CRI-O"


def _fixes(precedence: Precedence, conflict: Conflict, cost: str, *, thorough: bool) -> Iterator[Fix]:
    if sum(len(rule.mirrors) for rule in precedence.rules) > MOST_ITEMS:
        return
    lists = [tuple(mirror.value for mirror in rule.mirrors) for rule in precedence.rules]
    step = conflict.steps[0]
    choices = (
        _without_repetition(precedence, step)
        if step.first == step.second
        else _reordered(precedence, conflict, thorough=thorough)
    )
    fixes = []
    for what, changed, edits in choices:
        made = [changed.get(number, mirrors) for number, mirrors in enumerate(lists)]
        order = _order(precedence.source, made)
        same = order == precedence.order
        tried = ", then ".join(f"`{mirror}`" for mirror in order[:_MOST_NAMED])
        more = f", then {len(order) - _MOST_NAMED} more" if len(order) > _MOST_NAMED else ""
        effect = "nothing changes on nodes" if same else cost
        title = revealed(f"{what}; the cluster then tries {tried}{more}: {effect}")
        fixes.append((not same, len(changed), order, Fix(title=title, edits=tuple(edits), safe=False)))
    fixes.sort(key=lambda each: each[:3])
    yield from (fix for *_, fix in fixes[:MOST_FIXES])


_Choice = tuple[str, Mapping[int, tuple[str, ...]], Sequence[Edit]]
"""What is done, the new mirrors by the number of the list, and the edits."""


def _without_repetition(precedence: Precedence, step: ListedOrder) -> Iterator[_Choice]:
    """The list without one of the places at which it names a mirror twice."""
    spans = {step.first_span, step.second_span}
    number, rule = next(
        (number, rule)
        for number, rule in enumerate(precedence.rules)
        if spans <= {mirror.span for mirror in rule.mirrors}
    )
    values = [mirror.value for mirror in rule.mirrors]
    again = step.first
    for at, mirror in enumerate(rule.mirrors):
        if mirror.value != again or not _is_editable(rule):
            continue
        edit = remove_item(mirror.span, after=rule.mirrors[at - 1].span) if at else _remove_first(rule)
        if edit is not None:
            made = tuple(values[:at] + values[at + 1 :])
            line = mirror.span.begin.line
            yield f"remove `{again}` in line {line} of {mirror.span.path}", {number: made}, (edit,)


def _remove_first(rule: MirrorRule) -> Edit | None:
    """Take the first mirror out of a list that is written in one line."""
    first, second = rule.mirrors[0].span, rule.mirrors[1].span
    between = first.file.text[first.end : second.start]
    return Edit(span=Span(first.file, first.start, second.start), text="") if between.strip(" ") == "," else None


def _reordered(precedence: Precedence, conflict: Conflict, *, thorough: bool) -> Iterator[_Choice]:
    parts: list[tuple[int, int, Segment]] = []  # the list, where its part begins, and the part
    mirrors = set(conflict.mirrors)
    source = precedence.source
    for number, rule in enumerate(precedence.rules):
        inside = [at for at, (mirror, _) in enumerate(path_of(rule)) if mirror in mirrors]
        if len(inside) > 1:
            own = rule.mirrors[inside[0] : inside[-1] + 1]
            listed = tuple(mirror.value for mirror in own)
            is_last = source in mirrors and source not in {mirror.value for mirror in rule.mirrors}
            fixed = not _is_editable(rule) or not all(_is_plain(mirror) for mirror in own)
            parts.append((number, inside[0], Segment(mirrors=listed, last=source if is_last else "", fixed=fixed)))
    segments = [segment for _, _, segment in parts]
    for made in reorderings(segments, [*precedence.order, source], thorough=thorough):
        changed: dict[int, tuple[str, ...]] = {}
        edits: list[Edit] = []
        for (number, begin, segment), order in zip(parts, made.segments, strict=True):
            if order != segment.mirrors:
                rule = precedence.rules[number]
                values = [mirror.value for mirror in rule.mirrors]
                changed[number] = (*values[:begin], *order, *values[begin + len(order) :])
                edits += _edits(rule.mirrors[begin : begin + len(order)], order)
        yield _title(precedence, sorted(changed), made), changed, tuple(dict.fromkeys(edits))


def _title(precedence: Precedence, changed: Sequence[int], made: Reordering) -> str:
    places = list(dict.fromkeys(str(precedence.rules[number].mirrors[0].span) for number in changed))
    lists = "list" if len(places) == 1 else "lists"
    named = " and ".join(places[:2]) + (f" and {len(places) - 2} more" if len(places) > 2 else "")
    unproven = "" if made.proven else " (not proven smallest)"
    return f"reorder the {lists} at {named}{unproven}"


def _is_plain(mirror: Located[str]) -> bool:
    """Whether a mirror can be written in another place: in one line, without an anchor or an alias."""
    written = mirror.span.text
    return "\n" not in written and written[:1] not in {"&", "*", "!", "|", ">", ""}


def _is_editable(rule: MirrorRule) -> bool:
    """Whether an edit of a list has an effect: it is in a file that is read, or written in an own one that is built."""
    spans = [mirror.span for mirror in rule.mirrors]
    if all(span.file.editable for span in spans):
        return True
    starts = [span.start for span in spans]
    return starts == sorted(set(starts)) and all(
        mirror.span.file.is_own and mirror.span.file is spans[0].file and mirror.span.text.strip("'\"") == mirror.value
        for mirror in rule.mirrors
    )


def _edits(mirrors: Sequence[Located[str]], order: Sequence[str]) -> Iterator[Edit]:
    """Write each mirror in its new place, with the comment on its line where it is alone on its line."""
    ends = [_end(mirror.span) for mirror in mirrors]
    if None in ends:
        ends = [mirror.span.end for mirror in mirrors]
    texts = {
        mirror.value: mirror.span.file.text[mirror.span.start : end] for mirror, end in zip(mirrors, ends, strict=True)
    }
    for mirror, end, wanted in zip(mirrors, ends, order, strict=True):
        if mirror.value != wanted and end is not None:
            yield Edit(span=Span(mirror.span.file, mirror.span.start, end), text=texts[wanted])


def _end(span: Span) -> int | None:
    """The end of what belongs to an item in block style: that of its line, without blanks."""
    text = span.file.text
    begin = span.start - (span.begin.column - 1)
    line = span.file.line(span.begin.line)
    if text[begin : span.start].strip() != "-":
        return None
    rest = text[span.end : begin + len(line)]
    if rest.strip() and not rest.lstrip().startswith("#"):
        return None
    return begin + len(line.rstrip())


def _order(source: str, lists: _Lists) -> tuple[str, ...]:
    """The order that the cluster makes of lists."""
    distinct = list(dict.fromkeys(mirrors for mirrors in lists if any(mirror != source for mirror in mirrors)))
    order = forced_order(source, distinct) or cluster_order(precedence_graph(source, distinct))[0]
    if order[-1] == source:
        order.pop()
    return tuple(order)
