"""A plan as a comment on a pull request. Everything from the repo is escaped."""

from collections.abc import Iterator

from compiler.reporters.plan import words
from compiler.reporters.plan.words import Described
from compiler.text.markdown import code, plain, prose

LIMIT = 65_536
_CAPS = (100, 20, 5, 1)


def render(described: Described, *, limit: int = LIMIT) -> str:
    """The comment; at most `limit` bytes."""
    for most in _CAPS:
        report = "\n".join(_lines(described, most)) + "\n"
        if len(report.encode()) <= limit:
            break
    return report if len(report.encode()) <= limit else f"### {prose(words.headline(described))}\n"


def _lines(described: Described, most: int) -> Iterator[str]:
    plan = described.plan
    yield f"### {prose(words.headline(described))}"
    yield ""
    yield f"{plain(described.old)} → {plain(described.new)}"
    if plan.steps:
        yield ""
        yield "| commit | nodes | changes |"
        yield "|---|---|---|"
    for number, step in enumerate(plan.steps, 1):
        told = [prose(each) for each in words.told(described.changes, step)] or ["nothing that nodes notice"]
        if len(told) > most:
            told = [*told[:most], f"and {len(told) - most} more"]
        clusters = words.by_cluster(step)
        nodes = f"**{step.disruption}**" + (f"<br>{prose(clusters)}" if clusters else "")
        yield f"| {number} | {nodes} | {'<br>'.join(told)} |"
    for name, _, reasons in words.unavoidable(plan):
        yield ""
        yield f"One {words.worst(reasons)}{f' of {code(name)}' if name else ''} cannot be avoided:"
        yield ""
        for reason in reasons[:most]:
            places = (f"{side} {code(str(span))}" for side, spans in words.places(reason) for span in spans[:1])
            yield f"- {prose(reason.message)} ({', '.join(places)})"
        if len(reasons) > most:
            yield f"- and {len(reasons) - most} more"
    found = words.waves(described)
    if len(found) > 1:
        yield ""
        yield "With Argo CD, one commit does it in this order:"
        yield ""
        for number, (cost, objects) in enumerate(found):
            last = described.plan.prune_last and number == len(found) - 1
            shown = [prose(each) for each in objects[:most]]
            shown += [f"and {len(objects) - most} more"] if len(objects) > most else []
            yield f"- {'pruning' if last else f'sync wave {number}'} ({cost}): {', '.join(shown)}"
        if len(found) > (2 if described.plan.prune_last else 1):
            yield ""
            yield words.how_to_set(described)
        if described.plan.prune_last:
            yield ""
            yield words.PRUNE_LAST
