"""A comparison as workflow commands, which GitHub Actions shows beside the lines of a pull request.

A step shows ten annotations of a kind and no more, so the worst come first; the log has them all. What is gone has no
line in the new side: it is shown where its entry is now, else at its file.
"""

from collections.abc import Callable, Iterator, Sequence

from compiler.diff.comparison import Comparison
from compiler.diff.disruption import Disruption, Reason
from compiler.findings.diagnostics import Severity
from compiler.reporters.diff.words import by_verdict, grouped, own_findings, policy_place, rule_for, verdict_of
from compiler.text.escaping import Commands, workflow_command
from compiler.text.span import Span

_MOST = 100
"""Annotations of a verdict: ten times what is shown, for those who read the log."""

_FINDING_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(
    comparisons: Sequence[tuple[str, Comparison]],
    *,
    most: Disruption | None = None,
    locate: Callable[[str], str] = str,
) -> Commands:
    """One command a line.

    Args:
        comparisons: Of some clusters by name, the worst first.
        most: The worst that may happen; what is worse is an error. Without it a drain or reboot is a warning.
        locate: Gives for a shown path the one from the top of the repo.
    """
    return Commands(
        "".join(
            command
            for names, comparison in grouped(comparisons)
            for command in _commands(names, comparison, most, locate)
        )
    )


def _commands(
    names: tuple[str, ...], comparison: Comparison, most: Disruption | None, locate: Callable[[str], str]
) -> Iterator[str]:
    where = f" ({', '.join(names[:5])}{', …' if len(names) > 5 else ''})" if any(names) else ""
    for pools, verdict in by_verdict(comparison):
        level = "error" if comparison.new_refusals else _level(verdict.disruption, most)
        told = f"{', '.join(pools)}{where}: {verdict_of(comparison, verdict.disruption)}"
        properties = {"title": f"mirrorc: {verdict.disruption}"}
        yield workflow_command(level, properties, f"{comparison.old} -> {comparison.new}, {told}")
        for reason in verdict.reasons[:_MOST]:
            yield _annotation(reason, most, locate)
        if len(verdict.reasons) > _MOST:
            told = f"and {len(verdict.reasons) - _MOST} more changes; --format json lists all"
            yield workflow_command("notice", {"title": f"mirrorc: {verdict.disruption}"}, told)
    for unread in comparison.unread[:_MOST]:
        level = _level(Disruption.UNKNOWN, most)
        properties = {"title": "mirrorc: unknown", "file": locate(unread.path), "line": str(unread.line)}
        yield workflow_command(level, properties, f"not read: {unread.form.replace('-', ' ')}")
    for finding in (*comparison.new_refusals, *own_findings(comparison)[:_MOST]):
        properties = {"title": f"mirrorc: {finding.rule}", **_place(finding.span, locate)}
        yield workflow_command(_FINDING_LEVELS[finding.severity], properties, finding.message)
    for note in comparison.notes:
        yield workflow_command("notice", {"title": "mirrorc"}, f"{note.text} {note.help}".strip())


def _level(disruption: Disruption, most: Disruption | None) -> str:
    if most is not None and disruption > most:
        return "error"
    return "warning" if disruption >= Disruption.DRAIN else "notice"


def _annotation(reason: Reason, most: Disruption | None, locate: Callable[[str], str]) -> str:
    properties = {"title": f"mirrorc: {reason.disruption} ({reason.cause})"}
    if reason.new_spans:
        properties |= _place(reason.new_spans[0], locate)
    elif reason.old_spans:
        properties["file"] = locate(reason.old_spans[0].path)
    lines = [reason.message, f"rule: {rule_for(reason)}"]
    if (place := policy_place(reason)) is not None:
        lines.append(f"policy: {place}")
    lines += (f"before: {span}" for span in reason.old_spans[:1])
    if reason.remedy:
        lines.append(f"help: {reason.remedy}")
    return workflow_command(_level(reason.disruption, most), properties, "\n".join(lines))


def _place(span: Span, locate: Callable[[str], str]) -> dict[str, str]:
    begin, end = span.begin, span.finish
    place = {"file": locate(span.path), "line": str(begin.line), "endLine": str(end.line)}
    if begin.line == end.line:  # with columns, GitHub refuses what spans lines
        place |= {"col": str(begin.column), "endColumn": str(end.column)}
    return place
