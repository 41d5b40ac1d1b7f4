"""A comparison as a comment on a pull request: the verdict, a short table, and the rest folded away.

Never longer than what GitHub takes (65,536 characters; other platforms take more): where there is too much, lists show
their beginnings and say how much there is. Everything from the repo is escaped.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from compiler.diff.comparison import Comparison
from compiler.diff.disruption import Disruption, DisruptionVerdict, Reason
from compiler.diff.objects import Verb
from compiler.diff.pulls import OrderChange
from compiler.findings.diagnostics import Diagnostic
from compiler.policy.source_graph import SharedGraph, conflict_steps
from compiler.reporters.diff import words
from compiler.reporters.graph import mermaid
from compiler.text.markdown import code, plain, prose
from compiler.text.span import Span
from compiler.text.wording import counted, some_of

MARK = "<!-- mirrorc diff -->"
"""The first line, by which a job finds the comment it wrote last time."""

LIMIT = 65_536
_SYMBOLS = {
    Disruption.NONE: "🟢",
    Disruption.RELOAD: "🔵",
    Disruption.RESTART: "🔵",
    Disruption.DRAIN: "🟠",
    Disruption.REBOOT: "🔴",
    Disruption.UNKNOWN: "❓",
}
_MOST_CHARTS = 5
_MOST_EDGES = 20
"""More boxes and arrows than this are not readable beside a change."""
_REFUSED, _IN_PART = "⛔", "⚠️"
_CAPS = (100, 40, 20, 10, 5, 3, 1)
"""How much of each list is shown, tried in turn until the whole fits."""
_LONGEST = 4_000
"""Characters of one message."""


def render(comparisons: Sequence[tuple[str, Comparison]], *, limit: int = LIMIT) -> str:
    """The comment on some clusters by name, the worst first; at most `limit` bytes."""
    groups = words.grouped(comparisons)
    for most in _CAPS:
        report = _within(_report(groups, most), limit)
        if report is not None:
            return report
    # So many clusters that not one of them fits beside the others: the headline alone.
    return (
        "\n".join((MARK, _headline(groups), "", "The full report is too long for a comment: see `--format json`."))
        + "\n"
    )


def _within(lines: Iterable[str], limit: int) -> str | None:
    """The lines as one text, None as soon as they have more bytes."""
    taken: list[str] = []
    for line in lines:
        limit -= len(line.encode()) + 1
        if limit < 0:
            return None
        taken.append(f"{line}\n")
    return "".join(taken)


_Groups = Sequence[tuple[tuple[str, ...], Comparison]]


def _report(groups: _Groups, most: int) -> Iterator[str]:
    yield MARK
    yield _headline(groups)
    yield ""
    first = groups[0][1]
    yield f"{plain(first.old)} → {plain(first.new)}, release {_releases(groups)}"
    yield ""
    shown = groups[:most]
    yield from _table(shown)
    if len(groups) > len(shown):
        yield ""
        yield f"… and {counted(len(groups) - len(shown), 'more group')} of clusters; see `--format json`."
    for names, comparison in shown:
        if len(groups) > 1:
            yield ""
            yield f"#### {_names(names, most)}"
        yield from _cluster(comparison, most)
    for told in dict.fromkeys(filter(None, (words.basis_of(comparison) for _, comparison in shown))):
        yield ""
        yield f"<sub>{prose(told)}</sub>"


def _headline(groups: _Groups) -> str:
    worst = max((comparison.disruption for _, comparison in groups), default=Disruption.NONE)
    meant = [(names, comparison) for names, comparison in groups if comparison.disruption is worst]
    refused = [(names, comparison) for names, comparison in groups if comparison.new_refusals]
    if refused and worst is Disruption.NONE:
        meant = refused
    told = f"### {_symbol(groups, worst)} {worst.value}: {_lowered(words.verdict_of(meant[0][1], worst))}"
    clusters = _clusters(groups)
    if clusters == 1:
        return told
    told += f" ({_clusters(meant)} of {counted(clusters, 'cluster')})"
    if refused and meant is not refused:
        told += f"; refused by {_clusters(refused)}"
    return told


def _clusters(groups: _Groups) -> int:
    return sum(len(names) for names, _ in groups)


def _symbol(groups: _Groups, worst: Disruption) -> str:
    """A light, unless it would be green over something that is wrong."""
    if any(comparison.new_refusals for _, comparison in groups):
        return _REFUSED
    if worst is Disruption.NONE and any(words.is_applied_in_part(comparison) for _, comparison in groups):
        return _IN_PART
    return _SYMBOLS[worst]


def _releases(groups: _Groups) -> str:
    return ", ".join(dict.fromkeys(comparison.release for _, comparison in groups))


def _lowered(sentence: str) -> str:
    """A sentence to follow a colon; names keep their capitals."""
    sentence = sentence.rstrip(".")
    return sentence if sentence.startswith("CRI-O") else sentence[0].lower() + sentence[1:]


def _table(groups: _Groups) -> Iterator[str]:
    named = any(name for names, _ in groups for name in names)
    yield ("| clusters " if named else "") + "| pools | nodes | why |"
    yield ("|---" if named else "") + "|---|---|---|"
    for names, comparison in groups:
        for pools, verdict in words.by_verdict(comparison):
            cells = [_names(names, 5)] if named else []
            cells += [
                ", ".join(map(code, pools)),
                f"{_symbol([(names, comparison)], verdict.disruption)} {verdict.disruption}",
                _why(comparison, verdict),
            ]
            yield f"| {' | '.join(cells)} |"


def _names(names: Sequence[str], most: int) -> str:
    return some_of(list(map(code, names)), most)


def _why(comparison: Comparison, verdict: DisruptionVerdict) -> str:
    """What decides the verdict, counted by cause."""
    if comparison.new_refusals:
        rules = Counter(finding.rule for finding in comparison.new_refusals)
        told = [f"{rule.replace('-', ' ')} ({count})" for rule, count in rules.items()]
    else:
        causes = words.by_cause(verdict.decisive)
        told = [f"{str(group.cause).replace('-', ' ')} ({len(group.reasons)})" for group in causes]
    return some_of(told, most=3) or "nothing changes on nodes"


def _cluster(comparison: Comparison, most: int) -> Iterator[str]:
    for note in comparison.notes:
        yield ""
        yield f"> {prose(note.text)}" + (f" {prose(note.help)}" if note.help else "")
    for _, verdict in words.by_verdict(comparison):
        worst = verdict.known
        others = [reason for reason in verdict.reasons if reason.disruption is not worst]
        yield from _reasons(verdict.decisive, most)
        yield from _folded(f"Less disruptive changes ({len(others)})", [*_reasons(others, most)][1:])
    if told := words.unmoved_images(comparison):
        yield from ("", told)
    findings = words.own_findings(comparison)
    unread = words.unread_places(comparison)
    sections = (
        (f"Not read ({len(unread)})", [*(f"- {code(place)}" for place in unread[:most]), *_more(unread, most)]),
        (f"The new side is refused ({len(comparison.new_refusals)})", _findings(comparison.new_refusals, most)),
        (f"The old side is refused ({len(comparison.old_refusals)})", _findings(comparison.old_refusals, most)),
        (f"Changes to pulls ({counted(len(comparison.changes), 'scope')})", _pulls(comparison, most)),
        (f"Contradicting lists ({len(comparison.conflicts)})", _conflicts(comparison, most)),
        (f"Images pulled from other locations ({len(comparison.images)})", _images(comparison, most)),
        (f"Changes to objects ({counted(len(comparison.objects), 'object')})", _objects(comparison, most)),
        (f"{words.title_of_findings(comparison)} ({len(findings)})", _findings(findings, most)),
        (f"Resolved findings ({len(comparison.gone_findings)})", _findings(comparison.gone_findings, most)),
    )
    for summary, lines in sections:
        yield from _folded(summary, lines)


def _folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield from ("", f"<details><summary>{summary}</summary>", "", *lines, "", "</details>")


def _reasons(reasons: Iterable[Reason], most: int) -> Iterator[str]:
    """Reasons by their causes; what several causes have in common is said once."""
    said = ""
    for group in words.by_cause(reasons):
        place = f" ({_place(group.policy_place)})" if group.policy_place is not None else ""
        rule = f"**{group.disruption}**: {prose(group.rule)}{place}"
        if rule != said:
            yield from ("", rule, "")
        said = "" if group.remedies else rule
        for reason in group.reasons[:most]:
            yield f"- {prose(reason.message)}{_places(reason)}"
        yield from _more(group.reasons, most)
        for remedy in group.remedies:
            yield ""
            yield f"💡 {prose(remedy)}"


def _places(reason: Reason) -> str:
    told = [f"{side} {_place(spans[0])}" for side, spans in words.telling_places(reason) if spans]
    return f" ({', '.join(told)})" if told else ""


def _place(span: Span) -> str:
    return code(f"{span.path}:{span.begin.line}")


def _pulls(comparison: Comparison, most: int) -> Iterator[str]:
    if not comparison.changes:
        return
    yield "| scope | pulls | what |"
    yield "|---|---|---|"
    for change in comparison.changes[:most]:
        scope = prose(words.scope_name(change.scope))
        for effect in words.told_effects(change)[:most]:
            yield f"| {scope} | {words.pulls_of(effect)} | {prose(_cut(effect.message))} |"
            scope = ""
    yield from _more(comparison.changes, most)
    for change in comparison.changes[:most]:
        for order in change.orders:
            yield from _order(prose(words.scope_name(change.scope)), order, most)


def _cut(message: str) -> str:
    """A message that lists so many names that no comment has room for them, without the last of them."""
    if len(message) <= _LONGEST:
        return message
    return f"{message[: max(message.rfind(', ', 0, _LONGEST), 0)]}, … (`--format json` has all of it)"


def _order(scope: str, order: OrderChange, most: int) -> Iterator[str]:
    """The order of attempts before and after, side by side; what differs is bold."""
    yield ""
    yield f"Order of {scope}, {words.pulls_of(order)}:"
    yield ""
    yield "| | before | after |"
    yield "|---|---|---|"
    rows = words.side_by_side(order)
    for number, before, after, differs in rows[:most]:
        cells = [code(each) if each else "-" for each in (before, after)]
        if differs:
            cells = [f"**{each}**" if each != "-" else each for each in cells]
        yield f"| {number} | {' | '.join(cells)} |"
    yield from _more(rows, most)


def _conflicts(comparison: Comparison, most: int) -> Iterator[str]:
    """A flowchart for each conflict: an upward step is one that the cluster does not follow."""
    shown = min(most, _MOST_CHARTS)
    for graph in comparison.conflicts[:shown]:
        steps = conflict_steps(graph, _MOST_EDGES)
        yield f"The order of {code(graph.source)}, pulls by {graph.form}; the cluster does not follow the red steps:"
        yield from ("", "```mermaid", *mermaid.flowchart(SharedGraph(graph=graph, clusters=(), of=1), steps), "```", "")
    yield from _more(comparison.conflicts, shown)


def _images(comparison: Comparison, most: int) -> Iterator[str]:
    if not comparison.images:
        return
    yield "| image | what | where |"
    yield "|---|---|---|"
    for shift in comparison.images[:most]:
        others = f" and {counted(len(shift.uses) - 1, 'more place')}" if len(shift.uses) > 1 else ""
        yield f"| {code(shift.pull_spec)} | {prose(shift.message)} | {_place(shift.uses[0].span)}{others} |"
    yield from _more(comparison.images, most)


def _objects(comparison: Comparison, most: int) -> Iterator[str]:
    if not comparison.objects:
        return
    yield "| | object | what | where |"
    yield "|---|---|---|---|"
    for change in comparison.objects[:most]:
        place = change.new_span or change.old_span
        cells = (
            change.verb,
            f"{change.kind} {code(change.name)}",
            prose(words.details(change)),
            _place(place) if place else "",
        )
        yield f"| {' | '.join(cells)} |"
    yield from _more(comparison.objects, most)
    if any(change.verb is Verb.DELETE for change in comparison.objects):
        yield from ("", prose(words.PRUNING))


def _findings(findings: Sequence[Diagnostic], most: int) -> Iterator[str]:
    for finding in findings[:most]:
        yield f"- {_place(finding.span)} {finding.severity}\\[{finding.rule}\\]: {prose(finding.message)}"
    yield from _more(findings, most)


def _more(items: Sequence[object], most: int) -> Iterator[str]:
    if len(items) > most:
        yield ""
        yield f"… and {len(items) - most} more; `--format json` lists all."
