"""Explanations for people.

    quay.io/strimzi/operator:0.45
      entry     quay.io/strimzi
                clusters/north/digest-mirrors.yaml:21:15
      1. try    quay.io/strimzi/operator:0.45
                the source itself
      skip      registry.north.example.com:5000/quay/strimzi/operator:0.45
                digest-only: it serves no pulls by tag
                clusters/north/digest-mirrors.yaml:23:11
      verdict   No mirror takes part; the source is contacted.

References and places are never broken, so that they can be copied and jumped to; the rest fits the width.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from compiler.explain.explanation import ExplainedAttempt, Explanation, OrderDecision
from compiler.findings.by_cluster import named
from compiler.names.reference import ANY_DIGEST
from compiler.node.model import DIGEST_ONLY
from compiler.node.pull import AttemptVerdict, Outcome
from compiler.node.requirements import SIGNED_BASE_LAYER, SIGNED_BY, SIGSTORE_SIGNED
from compiler.node.signatures import attachment_tag
from compiler.reporters.references import shortened, shortened_digest
from compiler.repository.paths import printable
from compiler.text.line_diff import Match, matches
from compiler.text.opaque import revealed
from compiler.text.span import Span
from compiler.text.wording import counted
from compiler.text.wrapping import wrap

_GUTTER = 12
_SHOWN_PLACES = 4
_OUTCOME_STYLES = {
    Outcome.MIRRORS_ONLY: "1;32",
    Outcome.FALLS_BACK: "1;32",
    Outcome.SOURCE_ONLY: "1;33",
    Outcome.UNAVAILABLE: "1;31",
}
_VERDICTS = {
    Outcome.MIRRORS_ONLY: "Only mirrors serve it; the source is never contacted.",
    Outcome.FALLS_BACK: "Mirrors first; the source if none of them serves the image.",
    Outcome.SOURCE_ONLY: "Only the source serves it; no mirror is used.",
    Outcome.UNAVAILABLE: "Cannot be pulled: every attempt fails.",
}
_REDIRECTED = {
    Outcome.MIRRORS_ONLY: "Only mirrors serve it; the source is never contacted.",
    Outcome.FALLS_BACK: "Mirrors first, then {location}; the source is never contacted.",
    Outcome.SOURCE_ONLY: "Redirected to {location}; the source is never contacted.",
    Outcome.UNAVAILABLE: "Cannot be pulled: every attempt fails.",
}
_REQUIRED = "1;33"
_OTHERS_MAY_MATCH = "Other entries may match, depending on the values of placeholders:"
_TITLE, _TRY, _FAIL, _SKIP, _PLACE, _LABEL = "1", "32", "1;31", "2", "36", "2"


_Numbered = tuple[int, ExplainedAttempt]
"""An attempt with its place among those of its pull, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said of one pull spec: its forms in order (one, or by tag and by digest), for these clusters.

    `clusters` are the names of all that agree, of `of` there are; none where there is only one cluster.
    """

    forms: tuple[Explanation, ...]
    clusters: tuple[str, ...] = ()
    of: int = 1


def folded(answers: Sequence[tuple[str, tuple[Explanation, ...]]]) -> Iterator[Answer]:
    """One pull spec's answers by cluster, reported once for clusters that agree.

    Clusters agree when the same attempts are made for the same reasons, written in the same places.
    """
    if len(answers) == 1:
        yield Answer(forms=answers[0][1])
        return
    agreeing: dict[str, tuple[tuple[Explanation, ...], list[str]]] = {}
    for name, forms in answers:
        agreeing.setdefault(render([Answer(forms=forms)]), (forms, []))[1].append(name)
    for forms, names in agreeing.values():
        yield Answer(forms=forms, clusters=tuple(names), of=len(answers))


def render(answers: Iterable[Answer], *, width: int = 80, colour: bool = False) -> str:
    """All answers, an empty line between two."""
    page = _Page(max(width, 40), colour=colour)
    return "\n".join("".join(f"{line}\n" for line in page.answer(answer)) for answer in answers)


class _Page:
    """Lays lines out for one width, with colour or without."""

    def __init__(self, width: int, *, colour: bool) -> None:
        self._width = width
        self._colour = colour

    def answer(self, answer: Answer) -> Iterator[str]:
        first = answer.forms[0]
        clusters = f"  in {named(answer.clusters, answer.of)}" if answer.clusters else ""
        yield self._painted(printable(first.pull_spec) or '""', _TITLE) + clusters
        if len(answer.forms) == 1:
            yield from self._one(first)
        elif first.candidates:
            yield from self._search_list(first)
            for forms in zip(*(form.candidates for form in answer.forms), strict=True):
                yield from self._candidate(forms[0])
                yield from self._both(forms)
        else:
            yield from self._both(answer.forms)

    def _one(self, explanation: Explanation) -> Iterator[str]:
        if not explanation.candidates:
            yield from self._body(explanation)
            return
        yield from self._search_list(explanation)
        for candidate in explanation.candidates:
            yield from self._candidate(candidate)
            yield from self._body(candidate)

    def _search_list(self, explanation: Explanation) -> Iterator[str]:
        tried = (
            "the registries in the search list, in this order"
            if len(explanation.candidates) > 1
            else ("the registry in the search list")
        )
        yield from self._field("short", f"The name has no registry: nodes try {tried}.")

    def _candidate(self, candidate: Explanation) -> Iterator[str]:
        yield ""
        yield f"  {self._painted(_name(candidate), _TITLE)}"

    def _body(self, explanation: Explanation) -> Iterator[str]:
        pull = explanation.pull
        if pull.normalized is None:
            yield from self._failure(explanation)
            return
        if (
            not explanation.candidates
            and revealed(str(pull.normalized)) != explanation.pull_spec
            and not _is_candidate(explanation)
        ):
            yield from self._field("means", shortened(str(pull.normalized)), wrap=False)
        if pull.normalized.digest and pull.normalized.tag:
            yield from self._field("by digest", "The tag is ignored, because there is a digest.")
        yield from self._entry(explanation)
        if pull.failure is not None:
            yield from self._failure(explanation)
            return
        yield from self._signature(explanation)
        for number, step in enumerate(explanation.steps, 1):
            failing = step.attempt.verdict is AttemptVerdict.BLOCKED
            yield from self._field(
                f"{number}. {'fail' if failing else 'try'}",
                shortened(step.attempt.reference),
                wrap=False,
                style=_FAIL if failing else _TRY,
            )
            yield from self._step(step, number - 1, explanation)
        for step in explanation.skipped:
            yield from self._field("skip", shortened(step.attempt.reference), wrap=False, style=_SKIP)
            yield from self._step(step, 0, explanation)
        yield from self._conflicts(explanation)
        yield from self._refusal(explanation)
        yield from self._undecided(explanation)
        yield from self._verdict("verdict", explanation)
        if explanation.skipped and not (pull.normalized.tag or pull.normalized.digest or explanation.is_registry):
            yield from self._more("A pull by digest takes another route: use `--both` to see it.")

    def _both(self, forms: Sequence[Explanation]) -> Iterator[str]:
        """The tag and the digest form in one table: a row for each endpoint, a column for each form."""
        by_tag, by_digest = forms
        if not (by_tag.ok and by_digest.ok):
            for form, label in ((by_tag, "tag"), (by_digest, "digest")):
                yield from self._field(f"by {label}", shortened(_name(form)), wrap=False, style=_TITLE)
                yield from self._body(form)
            return
        yield from self._entry(by_tag)
        yield from self._signature(by_tag)
        if _wanted_names(by_digest) != _wanted_names(by_tag):
            yield from self._signature(by_digest, "by digest")
        yield self._painted("  tag digest", _LABEL)
        for tag, digest in _joined(by_tag, by_digest):
            yield from self._row(by_tag, tag, by_digest, digest)
        for form in forms:
            yield from self._conflicts(form)
        yield from self._refusal(by_tag)
        yield from self._undecided(by_tag)
        yield from self._verdict("by tag", by_tag)
        yield from self._verdict("by digest", by_digest)

    def _row(
        self, by_tag: Explanation, tag: _Numbered | None, by_digest: Explanation, digest: _Numbered | None
    ) -> Iterator[str]:
        cells = f"  {_cell(tag):<4}{_cell(digest):<6}"
        steps = [(form, *each) for form, each in ((by_tag, tag), (by_digest, digest)) if each is not None]
        first = steps[0][2].attempt
        yield cells + self._painted(_unadorned(first.reference), _FAIL if first.blocked_by else _TRY)
        for form, at, step in steps[:1] if first.is_source else steps:
            yield from self._step(step, at, form)

    def _entry(self, explanation: Explanation) -> Iterator[str]:
        entry = explanation.pull.entry
        if entry is None:
            yield from self._field("entry", "None: no source, blocked or insecure registry matches.")
            return
        flags = [flag for flag, is_set in (("blocked", entry.blocked), ("insecure", entry.insecure)) if is_set]
        yield from self._field("entry", entry.scope + (f" ({', '.join(flags)})" if flags else ""), wrap=False)
        yield from self._notes((span, "") for span in _ordered(entry.origins))
        if explanation.inherited_from:
            text = f"the mirrors of {explanation.inherited_from}"
            yield from self._field("inherits", text, wrap=False)
        for hidden in explanation.hidden:
            alike = len(hidden.scope) == len(entry.scope)
            why = "has the same length and comes later in byte order" if alike else "is shorter"
            yield from self._field("hides", f"{hidden.scope}, which {why}", wrap=False)
            yield from self._notes((span, "") for span in _ordered(hidden.origins))

    def _step(self, step: ExplainedAttempt, previous: int, explanation: Explanation) -> Iterator[str]:
        """What is below a reference: what it is, then each place that has a say, and what it says."""
        yield from self._more(", ".join(_nature(step, explanation)))
        yield from self._notes(_said_of(step, previous))
        if previous and step.place and step.place.decision is OrderDecision.UNRELATED:
            yield from self._more(f"after {previous} by name: no list contains both")
        if previous and step.place and step.place.decision is OrderDecision.CONFLICT:
            yield from self._more(f"after {previous} by name: the lists contradict each other, see below")
        yield from self._attachment(step, explanation)

    def _signature(self, explanation: Explanation, label: str = "signature") -> Iterator[str]:
        """Each signature that is required, by which policy, and which name it must carry."""
        needed = explanation.signatures
        for requirement in needed.requirements if explanation.refusal is None else ():
            kind = _SIGNATURES.get(requirement.type)
            if kind is None:
                continue
            by = f" by {requirement.policy}" if requirement.policy else ""
            by += " of the release payload" if requirement.payload else ""
            where = "by default" if needed.scope is None else f"for {needed.scope or 'every image of a registry'}"
            yield from self._field(label, f"{kind} is required {where}{by}.", style=_REQUIRED)
            yield from self._notes((span, "") for span in _ordered(requirement.origins))
            if requirement.identity is not None and explanation.pull.normalized is not None:
                wanted = requirement.identity.wanted(explanation.pull.normalized)
                yield from self._more(f"It must carry {wanted} ({requirement.identity.type}).")
        if needed.sigstore and len(explanation.steps) > 1 and explanation.refusal is None:
            yield from self._more("Only the location that serves the image must have it.")
        verdict = explanation.name_verdict
        if verdict is not None:
            answer, style = ("Accepted", _TRY) if verdict.accepted else ("Not accepted", _FAIL)
            yield from self._field("signed as", shortened(printable(verdict.name)) or '""', wrap=False, style=style)
            yield from self._more(f"{answer}: {verdict.reason}.")

    def _attachment(self, step: ExplainedAttempt, explanation: Explanation) -> Iterator[str]:
        """Where the signature that a pull needs is looked for, if its image comes from here."""
        if not explanation.signatures.sigstore or step.attempt.verdict is not AttemptVerdict.TRIED:
            return
        if step.signatures_looked_for:
            reference = explanation.pull.normalized
            tag = attachment_tag(shortened_digest((reference.digest if reference else "") or ANY_DIGEST))
            lead = "The signature is" if step.attempt.is_source else "Mirror the signature too:"
            yield from self._more(f"{lead} tag `{tag}` in {_unadorned(step.attempt.reference)}")
        elif step.signatures_looked_for is None:
            yield from self._more("It is unknown whether nodes look for signatures here.")
        else:
            yield from self._more(
                "Nodes do not look for signatures here: the pull fails if this location serves the image."
            )

    def _conflicts(self, explanation: Explanation) -> Iterator[str]:
        for conflict in explanation.conflicts:
            text = "Lists contradict each other about the order (order-conflict):"
            yield from self._field("conflict", text, style=_FAIL)
            yield from self._notes((step.first_span, f"{step.first} before {step.second}") for step in conflict.steps)

    def _failure(self, explanation: Explanation) -> Iterator[str]:
        failure = explanation.pull.failure
        assert failure is not None
        yield from self._field("error", f"{failure.explanation}.", style=_FAIL)
        if failure.endpoint is not None:
            yield from self._notes((span, "lists it") for span in _ordered(failure.endpoint.origins))
            yield from self._more("The whole pull fails before the first attempt.")

    def _refusal(self, explanation: Explanation) -> Iterator[str]:
        refusal = explanation.refusal
        accepted = explanation.accepted_by
        if accepted is not None:
            yield from self._field("accepted", f"By policy.json: {accepted.scope} is in {accepted.setting}.")
            yield from self._notes((span, "") for span in _ordered(accepted.spans))
        if refusal is None:
            return
        why = refusal.against(refusal.scope)
        yield from self._field("refused", f"By policy.json, even from a mirror: {why}.", style=_FAIL)
        yield from self._notes((span, "") for span in _ordered(refusal.spans))

    def _undecided(self, explanation: Explanation) -> Iterator[str]:
        """What depends on placeholders, in the pull spec or in manifests."""
        if explanation.undecided:
            what = "Other entries may match some of its images:" if explanation.is_registry else _OTHERS_MAY_MATCH
            yield from self._field("unknown", what, style=_REQUIRED)
            places = ((span, each.scope) for each in explanation.undecided for span in _ordered(each.origins)[:1])
            yield from self._notes(places)
        if explanation.is_admission_undecided:
            text = "A placeholder decides whether allowedRegistries includes it."
            yield from self._field("unknown", text, style=_REQUIRED)

    def _verdict(self, label: str, explanation: Explanation) -> Iterator[str]:
        outcome = explanation.outcome
        location = explanation.pull.redirected_to
        text = _REDIRECTED[outcome].replace("{location}", location) if location else _VERDICTS[outcome]
        if explanation.refusal:
            text = "Cannot be pulled: policy.json refuses it."
        if explanation.lacks_signatures and not explanation.refusal:
            text = "Cannot be pulled: a signature is required, but nodes look for one at no location of the image."
        yield from self._field(label, text, style=_OUTCOME_STYLES[outcome])

    def _notes(self, said: Iterable[tuple[Span, str]]) -> Iterator[str]:
        """Places, each with what it says beside it, or below where that does not fit."""
        notes: dict[str, list[str]] = {}
        for span, text in said:
            texts = notes.setdefault(str(span), [])
            if text and text not in texts:
                texts.append(text)
        shown = notes if len(notes) <= _SHOWN_PLACES else dict(list(notes.items())[:_SHOWN_PLACES])
        column = max(map(len, shown), default=0)
        for place, texts in shown.items():
            text = ", ".join(texts)
            lead = f"{'':{_GUTTER}}{self._painted(place, _PLACE)}"
            if not text:
                yield lead
            elif _GUTTER + column + 2 + len(text) <= self._width:
                yield f"{lead}{'':{column - len(place) + 2}}{text}"
            else:
                yield lead
                yield from (f"{'':{_GUTTER + 2}}{line}" for line in self._wrapped(text, 2))
        if len(notes) > len(shown):
            yield f"{'':{_GUTTER}}and {counted(len(notes) - len(shown), 'more place')}"

    def _field(self, label: str, text: str, *, wrap: bool = True, style: str = "") -> Iterator[str]:
        lines = self._wrapped(text) if wrap else [text]
        lead = f"  {label:<{_GUTTER - 2}}"
        yield (self._painted(lead, style or _LABEL) if label else lead) + lines[0]
        yield from (f"{'':{_GUTTER}}{line}" for line in lines[1:])

    def _more(self, text: str, *, wrap: bool = True) -> Iterator[str]:
        for line in self._wrapped(text) if wrap else [text]:
            yield f"{'':{_GUTTER}}{line}"

    def _wrapped(self, text: str, indent: int = 0) -> list[str]:
        width = self._width - _GUTTER - indent
        return wrap(text, width) or [""]

    def _painted(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self._colour else text


_SIGNATURES = {
    SIGSTORE_SIGNED: "A sigstore signature",
    SIGNED_BY: "A GPG signature",
    SIGNED_BASE_LAYER: "A signed base layer",
}


def _wanted_names(explanation: Explanation) -> list[str]:
    """Which names the signatures must carry that a pull needs."""
    reference = explanation.pull.normalized
    identities = (requirement.identity for requirement in explanation.signatures.requirements)
    return [identity.wanted(reference) for identity in identities if identity and reference]


def _is_candidate(explanation: Explanation) -> bool:
    """Whether this is what the search list makes of a short name; the heading names it already."""
    return explanation.pull.pull_spec != explanation.pull_spec


def _name(explanation: Explanation) -> str:
    """What a pull is of; where that is not a reference, the text as the node has it."""
    pull = explanation.pull
    return str(pull.normalized) if pull.normalized else printable(pull.pull_spec)


def _unadorned(reference: str) -> str:
    """A reference without tag and digest."""
    named = reference.partition("@")[0]
    head, slash, last = named.rpartition("/")
    return head + slash + last.partition(":")[0]


def _cell(numbered: _Numbered | None) -> str:
    """When an endpoint's turn comes in one form of the pull, with a mark where it fails."""
    if numbered is None:
        return "-"
    at, step = numbered
    return f"{at + 1}!" if step.attempt.verdict is AttemptVerdict.BLOCKED else str(at + 1)


def _joined(by_tag: Explanation, by_digest: Explanation) -> Iterator[tuple[_Numbered | None, _Numbered | None]]:
    """The endpoints of both forms in one order that keeps either's; one that both try is one row if it can be."""
    tags, digests = list(enumerate(by_tag.steps)), list(enumerate(by_digest.steps))
    at = to = 0
    keys = ([_key(step) for _, step in steps] for steps in (tags, digests))
    for match in (*matches(*keys), Match(len(tags), len(digests), 0)):
        yield from ((None, each) for each in digests[to : match.after])
        yield from ((each, None) for each in tags[at : match.before])
        at, to = match.before + match.length, match.after + match.length
        yield from zip(tags[match.before : at], digests[match.after : to], strict=True)


def _key(step: ExplainedAttempt) -> str:
    return "" if step.attempt.is_source else step.attempt.endpoint.location


def _said_of(step: ExplainedAttempt, previous: int) -> Iterator[tuple[Span, str]]:
    """Every place that has a say in an attempt, and what it says."""
    attempt = step.attempt
    if not attempt.is_source:
        yield from _said_by_lists(step, previous)
    for cause in (*step.blocked_by, *step.insecure_by):
        inside = attempt.blocked_by is not None and cause.scope != attempt.blocked_by.scope
        yield from ((span, f"{cause.setting}: {cause.scope}" if inside else cause.setting) for span in cause.spans)


def _said_by_lists(step: ExplainedAttempt, previous: int) -> Iterator[tuple[Span, str]]:
    place = step.place
    if place is None or not (place.lists or place.against):
        yield from ((span, "lists it") for span in _ordered(dict.fromkeys(step.attempt.origins)))
        return
    behind, before = set(place.lists), set(place.against)
    for span in _ordered({*step.attempt.origins, *behind, *before}):
        if span in behind:
            yield span, f"lists it after {previous}"
        if span in before:
            yield span, f"lists it before {previous}"
        if span not in behind and span not in before:
            yield span, "lists it"


def _ordered(spans: Iterable[Span]) -> list[Span]:
    found = list(spans)
    return sorted(found, key=lambda span: span.sort_key) if len(found) > 1 else found


def _nature(step: ExplainedAttempt, explanation: Explanation) -> Iterator[str]:
    attempt = step.attempt
    if attempt.is_source:
        itself = "the source itself" if explanation.pull.entry else "the registry it names"
        yield attempt.redirection or itself
    elif attempt.verdict is AttemptVerdict.SKIPPED:
        kind = "tag" if attempt.pull_from_mirror == DIGEST_ONLY else "digest"
        yield f"{attempt.pull_from_mirror} mirror: it does not serve pulls by {kind}"
    elif attempt.pull_from_mirror:
        yield f"{attempt.pull_from_mirror} mirror"
    else:
        yield "mirror"
    if attempt.blocked_by is not None:
        yield f"blocked by the entry {attempt.blocked_by.scope}"
    if attempt.insecure:
        yield "TLS not required"
