"""Suggested fixes for lists that contradict each other: edits of the lists, and what nodes would notice.

In: an analysis, then the findings of all clusters. Out: the findings of contradicting lists with their fixes, the one
that keeps the order of today first. Only lists in files that can be edited are changed. A mirror that one list names
twice is removed once.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

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
from compiler.policy.repairs import MOST_COMPILED, MOST_ITEMS, MOST_STEPS, Reordering, Search, Segment
from compiler.text.opaque import revealed
from compiler.text.span import Located, Span

_MOST_NAMED = 6

_ONLY_BASES = (
    "The lists are in bases, so no list of the cluster's own files settles the order: fix a base, or patch one of the "
    "lists."
)

_UNPROVEN = {
    (True, False): "",
    (False, False): " (not proven smallest)",
    (False, True): f" (not proven smallest: the {MOST_STEPS:,} search steps of a run are used up)",
}

_NO_MORE = (
    f"No fix is suggested here: fixes for the contradictions before this one have {MOST_COMPILED:,} mirrors, which is "
    "the limit of a run. Fix those first, and run it again."
)

_Lists = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """What fixes are made of: the finding, the merged lists that it is about, and what another order costs nodes."""

    finding: Diagnostic
    precedence: Precedence
    conflict: Conflict
    cost: str

    @property
    def is_repairable(self) -> bool:
        """Whether one of the lists can be edited."""
        return any(map(_is_editable, self.precedence.rules))


def contradictions(analysis: Analysis, release: Release) -> tuple[Contradiction, ...]:
    """The contradictions of a cluster, with their findings.

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
    cost = _cost_words(analysis, release)
    found = []
    for finding in analysis.diagnostics:
        if finding.rule == rules.ORDER_CONFLICT.name and finding.span in conflicts:
            precedence, conflict = conflicts[finding.span]
            each = Contradiction(finding=finding, precedence=precedence, conflict=conflict, cost=cost)
            if not each.is_repairable:
                each = replace(each, finding=replace(finding, help=f"{finding.help} {_ONLY_BASES}"))
            found.append(each)
    return tuple(found)


def repaired(
    diagnostics: Sequence[Diagnostic], found: Sequence[Contradiction], search: Search, done: Container[object] = ()
) -> tuple[Diagnostic, ...]:
    """The findings of a cluster, with fixes for its contradictions.

    Args:
        diagnostics: The findings.
        found: The contradictions among them.
        search: For the smallest reorderings, one for the whole run.
        done: The sort keys of findings that have fixes already, for another cluster.
    """
    fixes = {
        each.finding.sort_key: tuple(_fixes(each, search))
        for each in found
        if each.is_repairable and each.finding.sort_key not in done
    }
    return tuple(_with(each, fixes.get(each.sort_key), search) for each in diagnostics)


def _with(finding: Diagnostic, fixes: tuple[Fix, ...] | None, search: Search) -> Diagnostic:
    if fixes:
        return replace(finding, fix=fixes[0], alternatives=fixes[1:])
    if fixes is None or search.mirrors >= 0:
        return finding
    return replace(finding, help=f"{finding.help} {_NO_MORE}")


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


def _fixes(found: Contradiction, search: Search) -> Iterator[Fix]:
    precedence, step = found.precedence, found.conflict.steps[0]
    if search.mirrors < 0 or sum(len(rule.mirrors) for rule in precedence.rules) > MOST_ITEMS:
        return
    lists = [tuple(mirror.value for mirror in rule.mirrors) for rule in precedence.rules]
    choices = (
        _without_repetition(precedence, step)
        if step.first == step.second
        else _reordered(precedence, found.conflict, search)
    )
    fixes = []
    for what, changed, edits in choices:
        made = [changed.get(number, mirrors) for number, mirrors in enumerate(lists)]
        search.mirrors -= sum(map(len, made))
        if search.mirrors < 0:
            break
        order = _order(precedence.source, made)
        same = order == precedence.order
        tried = ", then ".join(f"`{mirror}`" for mirror in order[:_MOST_NAMED])
        more = f", then {len(order) - _MOST_NAMED} more" if len(order) > _MOST_NAMED else ""
        effect = "nothing changes on nodes" if same else found.cost
        title = revealed(f"{what}; the cluster then tries {tried}{more}: {effect}")
        fixes.append((not same, Fix(title=title, edits=tuple(edits), safe=False)))
    fixes.sort(key=itemgetter(0))
    yield from (fix for _, fix in fixes[: search.most])


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


def _reordered(precedence: Precedence, conflict: Conflict, search: Search) -> Iterator[_Choice]:
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
    for made in search.reorderings(segments, [*precedence.order, source]):
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
    return f"reorder the {lists} at {named}{_UNPROVEN[made.proven, made.cut_short]}"


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
