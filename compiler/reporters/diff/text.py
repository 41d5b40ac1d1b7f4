"""A comparison for people at a terminal: the verdict, why, what changes for pulls, objects and findings.

    HEAD (3ed75ae1) -> the working tree, release 5.0

    drain   master, worker: Nodes are drained in a rolling update, at most the
            pool's maxUnavailable at a time, and CRI-O reloads.

    drain[mirror-removed]: no mirror may be removed from an entry that stays
      mirror "b.example.com/ns" of "quay.io/ns" is removed
        old base/mirrors.yaml:12:9: - b.example.com/ns
      help: Keep it as the last mirror of its list until the nodes are drained anyway.

Long parts show their beginning and say how much there is; `--format json` has all of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from compiler.diff.comparison import Comparison
from compiler.diff.disruption import Disruption, Reason
from compiler.diff.images import ImageShift
from compiler.diff.objects import ObjectChange, Verb
from compiler.diff.pulls import OrderChange, PullChange
from compiler.findings.diagnostics import Diagnostic
from compiler.reporters.diff import words
from compiler.repository.paths import printable
from compiler.text.span import Span
from compiler.text.wording import counted
from compiler.text.wrapping import wrap

STYLES = {
    Disruption.NONE: "1;32",
    Disruption.RELOAD: "1;36",
    Disruption.RESTART: "1;36",
    Disruption.DRAIN: "1;33",
    Disruption.REBOOT: "1;31",
    Disruption.UNKNOWN: "1;35",
}
_REFUSED = STYLES[Disruption.REBOOT]
_VERB_STYLES = {Verb.CREATE: "32", Verb.REPLACE: "33", Verb.DELETE: "31"}
_BOLD = "1"
_MOST = 10
"""Items of a list that are shown."""


def render(comparisons: Sequence[tuple[str, Comparison]], *, width: int = 80, colour: bool = False) -> str:
    """The report of some clusters by name, the worst first."""
    page = _Page(width, colour=colour)
    parts = []
    for names, comparison in words.grouped(comparisons):
        heading = [*page.clusters(names), ""] if any(names) else []
        parts.append("\n".join((*heading, *page.comparison(comparison))).rstrip("\n") + "\n")
    return "\n".join(parts)


class _Page:
    """Lays a comparison out for a width."""

    def __init__(self, width: int, *, colour: bool) -> None:
        self.width = max(width, 40)
        self.colour = colour

    def clusters(self, names: Sequence[str]) -> Iterator[str]:
        """The names of clusters to which a change does the same."""
        shown = names[:_MOST]
        more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        noun = "cluster" if len(names) == 1 else "clusters"
        yield from self.wrapped(", ".join(shown) + more, lead=f"{noun} ", indent=2, style=_BOLD)

    def comparison(self, comparison: Comparison) -> Iterator[str]:
        yield f"{printable(comparison.old)} -> {printable(comparison.new)}, release {comparison.release}"
        yield ""
        groups = words.by_verdict(comparison)
        for pools, verdict in groups:
            told = f"{', '.join(pools)}: {words.verdict_of(comparison, verdict.disruption)}"
            style = _REFUSED if comparison.new_refusals else STYLES[verdict.disruption]
            yield from self.wrapped(told, lead=f"{verdict.disruption:7} ", indent=8, style=style)
        for note in comparison.notes:
            yield ""
            yield from self.wrapped(note.text, lead="note: ", indent=6)
            if note.help:
                yield from self.wrapped(note.help, lead="      help: ", indent=12)
        for pools, verdict in groups:
            if verdict.reasons and len(groups) > 1:
                yield ""
                yield self.bold(f"Why on {', '.join(pools)}")
            for group in words.by_cause(verdict.reasons):
                yield ""
                yield from self.reasons(group)
        if told := words.basis_of(comparison):
            yield ""
            yield from self.wrapped(told, lead="", indent=0)
        unread = words.unread_places(comparison)
        yield from self.section("Not read", unread, ([f"  {each}"] for each in map(printable, unread)), "place")
        yield from self.refusals(f"Refused in {comparison.new}", comparison.new_refusals)
        yield from self.refusals(f"Refused in {comparison.old}", comparison.old_refusals)
        yield from self.section("Pulls", comparison.changes, map(self.pull_change, comparison.changes), "scope")
        yield from self.section("Images", comparison.images, map(self.image, comparison.images), "image")
        if told := words.unmoved_images(comparison):
            yield from ("", told)
        yield from self.section("Objects", comparison.objects, map(self.object_change, comparison.objects), "object")
        if any(change.verb is Verb.DELETE for change in comparison.objects):
            yield from self.wrapped(words.PRUNING, lead="  ", indent=2)
        for title, findings in (
            (words.title_of_findings(comparison), words.own_findings(comparison)),
            ("Resolved findings", comparison.gone_findings),
        ):
            yield from self.section(title, findings, map(self.finding, findings), "finding")

    def reasons(self, group: words.ReasonGroup) -> Iterator[str]:
        disruption = group.disruption
        name = f"{disruption}[{group.cause}]: "
        yield from self.wrapped(group.rule, lead=name, indent=2, style=STYLES[disruption])
        for reason in group.reasons[:_MOST]:
            yield from self.wrapped(reason.message, lead="  ", indent=2)
            yield from self.places(reason)
        yield from self.more(group.reasons, "  ", "such change")
        if group.policy_place is not None:
            yield self.line_of(group.policy_place, lead="  policy ")
        for remedy in group.remedies:
            yield from self.wrapped(remedy, lead="  help: ", indent=8)

    def places(self, reason: Reason, *, most: int = 2) -> Iterator[str]:
        for side, spans in words.telling_places(reason):
            for span in spans[:most]:
                yield self.line_of(span, lead=f"    {side} ")
            if len(spans) > most:
                yield f"    {side} and {counted(len(spans) - most, 'more place')}"

    def line_of(self, span: Span, *, lead: str) -> str:
        """A place with its line where that fits; what is said above it names the value anyway."""
        place = f"{lead}{span}"
        line = f"{place}: {printable(span.file.line(span.begin.line).strip())}"
        return line if len(line) <= self.width else place

    def refusals(self, title: str, findings: Sequence[Diagnostic]) -> Iterator[str]:
        yield from self.section(title, findings, map(self.finding, findings), "finding")

    def section(self, title: str, items: Sequence[object], shown: Iterable[Iterable[str]], noun: str) -> Iterator[str]:
        if not items:
            return
        yield ""
        yield self.bold(f"{printable(title)}: {counted(len(items), noun)}")
        for lines in islice(shown, _MOST):
            yield from lines
        yield from self.more(items, "  ", noun)

    def pull_change(self, change: PullChange) -> Iterator[str]:
        yield f"  {printable(words.scope_name(change.scope))}"
        for effect in words.told_effects(change):
            yield from self.wrapped(effect.message, lead=f"    {words.pulls_of(effect)}: ", indent=6)
        for order in change.orders:
            yield from self.order(order)

    def order(self, order: OrderChange) -> Iterator[str]:
        """The order of attempts before and after: in two columns where they fit, else one below the other."""
        lines = [(f"{number}.", printable(old), printable(new)) for number, old, new, _ in words.side_by_side(order)]
        numbers = max(len(number) for number, _, _ in lines)
        left = max(len("before"), *(len(old) for _, old, _ in lines))
        right = max(len("after"), *(len(new) for _, _, new in lines))
        pulls = words.pulls_of(order)
        if 6 + numbers + 1 + left + 2 + right <= self.width:
            yield f"    order, {pulls}"
            rows = [("", "before", "after"), *((number, old or "-", new or "-") for number, old, new in lines)]
            for number, old, new in rows:
                yield f"      {number:{numbers}} {old:<{left}}  {new}"
            return
        for side, locations in (("before", [old for _, old, _ in lines]), ("after", [new for _, _, new in lines])):
            yield f"    order {side}, {pulls}"
            tried = [each for each in locations if each]
            yield from (f"      {number}. {each}" for number, each in enumerate(tried, start=1))
            if not tried:
                yield "      nothing is tried"

    def image(self, shift: ImageShift) -> Iterator[str]:
        yield f"  `{printable(shift.pull_spec)}`  {shift.uses[0].span}" + (
            f" and {counted(len(shift.uses) - 1, 'more place')}" if len(shift.uses) > 1 else ""
        )
        yield from self.wrapped(shift.message, lead="    ", indent=6)

    def object_change(self, change: ObjectChange) -> Iterator[str]:
        verb = self.painted(f"{change.verb:7}", _VERB_STYLES[change.verb])
        place = change.new_span or change.old_span
        named = f"{change.kind} `{printable(change.name)}`"
        if place and len(f"  {change.verb:7} {named}  {place}") <= self.width:
            yield f"  {verb} {named}  {place}"
        else:
            yield f"  {verb} {named}"
            if place:
                yield f"          {place}"
        if told := words.details(change):
            yield from self.wrapped(told, lead="          ", indent=10)

    def finding(self, finding: Diagnostic) -> Iterator[str]:
        yield from self.wrapped(
            f"{finding.span}: {finding.severity}[{finding.rule}]: {finding.message}", lead="  ", indent=4
        )

    def more(self, items: Sequence[object], lead: str, noun: str) -> Iterator[str]:
        if len(items) > _MOST:
            yield f"{lead}and {counted(len(items) - _MOST, f'more {noun}')}; --format json lists all"

    def wrapped(self, text: str, *, lead: str, indent: int, style: str = "") -> Iterator[str]:
        """The text after a lead, which may have a style, and below it at an indentation."""
        lines = wrap(printable(text), self.width, lead, " " * indent)
        first = lines[0] if lines else lead
        yield self.painted(lead, style) + first[len(lead) :] if style else first
        yield from lines[1:]

    def bold(self, text: str) -> str:
        return self.painted(text, _BOLD)

    def painted(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour else text
