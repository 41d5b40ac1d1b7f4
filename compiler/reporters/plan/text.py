"""A plan for people at a terminal: the commits, what each means for nodes, and why a drain cannot be avoided."""

from collections.abc import Iterator

from compiler.diff.disruption import Disruption, Reason
from compiler.reporters.diff.text import STYLES
from compiler.reporters.plan import words
from compiler.reporters.plan.words import Described
from compiler.repository.paths import printable
from compiler.text.span import Span
from compiler.text.wrapping import wrap

_MOST = 10


def render(described: Described, *, width: int = 80, colour: bool = False) -> str:
    """The report."""
    return "\n".join(_Page(max(width, 40), colour=colour).lines(described)) + "\n"


class _Page:
    def __init__(self, width: int, *, colour: bool) -> None:
        self._width = width
        self._colour = colour

    def lines(self, described: Described) -> Iterator[str]:
        plan = described.plan
        yield f"{printable(described.old)} -> {printable(described.new)}"
        yield ""
        yield from self._wrapped(words.headline(described), "")
        for number, step in enumerate(plan.steps, 1):
            yield ""
            patch = f"  {printable(described.patches[number - 1])}" if described.patches else ""
            yield self._styled(f"commit {number}: {step.disruption}", step.disruption) + patch
            if clusters := words.by_cluster(step):
                yield from self._wrapped(clusters, "  ")
            told = list(words.told(described.changes, step)) or ["nothing that nodes notice"]
            for each in told[:_MOST]:
                yield from self._wrapped(each, "  - ")
            if len(told) > _MOST:
                yield f"  - and {len(told) - _MOST} more; see --format json"
        for name, _, reasons in words.unavoidable(plan):
            yield ""
            of = f" of {printable(name)}" if name else ""
            yield from self._wrapped(f"One {words.worst(reasons)}{of} cannot be avoided:", "")
            for reason in reasons[:_MOST]:
                yield from self._reason(reason)
            if len(reasons) > _MOST:
                yield f"  and {len(reasons) - _MOST} more; see --format json"
        if len(plan.waves) > 1:
            yield from self._waves(described)

    def _reason(self, reason: Reason) -> Iterator[str]:
        yield from self._wrapped(reason.message, "  ")
        for side, spans in words.places(reason):
            for span in spans[:1]:
                yield self._place(side, span)

    def _place(self, side: str, span: Span) -> str:
        line = span.file.line(span.begin.line).strip()
        shown = f"    {side} {span}: {printable(line)}"
        return shown if len(shown) <= self._width else f"{shown[: self._width - 1]}…"

    def _waves(self, described: Described) -> Iterator[str]:
        found = words.waves(described)
        yield ""
        yield from self._wrapped("With Argo CD, one commit does it in this order:", "")
        deletes = described.plan.prune_last
        for number, (cost, objects) in enumerate(found):
            last = deletes and number == len(found) - 1
            name = "pruning" if last else f"sync wave {number}"
            yield from self._wrapped(f"{name} ({cost}): {', '.join(objects[:_MOST])}", "  ")
        if len(found) > (2 if deletes else 1):
            yield from self._wrapped(words.how_to_set(described), "  ")
        if deletes:
            yield from self._wrapped(words.PRUNE_LAST, "  ")

    def _wrapped(self, text: str, lead: str) -> Iterator[str]:
        yield from wrap(printable(text), self._width, lead, " " * len(lead))

    def _styled(self, text: str, disruption: Disruption) -> str:
        return f"\x1b[{STYLES[disruption]}m{text}\x1b[0m" if self._colour else text
