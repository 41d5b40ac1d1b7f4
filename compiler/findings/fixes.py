"""Fixes: edits spliced into texts, round after round, until there is nothing left to fix.

In: findings with their fixes, and a function that looks again at changed texts. Out: the new texts and what was done.
Nothing is written here. Every character outside an edit stays; of edits that touch one another the first is made, and
the others get another chance in the next round, at their new places.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from compiler.findings.diagnostics import Diagnostic, Edit, in_each_file, is_safe, is_suggested
from compiler.findings.proof import Prover, objection

MOST_ROUNDS = 10
"""A fix whose own finding comes back must not keep us busy forever."""
MOST_READ = 128 << 10
"""Characters of changed texts after which there is no further round, from the third on; four times as many for the
second. A round fixes a thousand findings of a rule, so that there would be more rounds for more findings, each over
more text."""

Look = Callable[[Mapping[str, str]], Sequence[Diagnostic]]
"""Gives the findings when the files at these paths have these texts."""


class Refuted(NamedTuple):
    """A finding whose fix is wrong, and why."""

    diagnostic: Diagnostic
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What the fixes make of the files.

    Attributes:
        before: The texts of the files that change, by shown path.
        after: Their new texts.
        done: The findings that were fixed, in order; their places are those of the text at that time.
        settled: Nothing that such a fix could fix is left.
        refuted: The fixes that were not made since they would do something else than they should: bugs of ours.
    """

    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    done: tuple[Diagnostic, ...] = ()
    settled: bool = True
    refuted: tuple[Refuted, ...] = ()


def mend(
    diagnostics: Sequence[Diagnostic], look: Look, *, suggested: bool = False, prover: Prover | None = None
) -> Mended:
    """Apply every safe fix of the findings, and those of the findings that are left then; `suggested` ones if asked.

    No fix is applied that is not proven: the new text is read again, has the same data but for what the fix is about,
    and the finding is gone. What the `prover` has read of a new text, `look` need not read again.
    """
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    done: list[Diagnostic] = []
    refuted: dict[object, Refuted] = {}
    alone: set[object] = set()  # what was wrong together with others, which may have been due to those
    prover = prover or Prover()
    diagnostics = in_each_file(diagnostics)
    read = 0
    for number in range(MOST_ROUNDS):
        if read > (MOST_READ if number > 1 else 4 * MOST_READ):
            break
        left = [each for each in diagnostics if _identity(each) not in refuted]
        known = len(refuted)
        together = [each for each in left if _identity(each) not in alone]
        attempt = _attempt(together, refuted, prover, suggested=suggested)
        if not attempt.chosen and alone:
            attempt = _attempt(choose(left, suggested=suggested)[0][:1], refuted, prover, suggested=suggested)
        if not attempt.chosen:
            if len(refuted) == known:
                break
            continue
        made = {path: splice(changes[0].span.file.text, changes) for path, changes in attempt.edits.items()}
        read += sum(map(len, made.values()))
        found = in_each_file(look({**after, **made}))
        returned = _returned(attempt.chosen, attempt.edits, found)
        if returned and len(attempt.chosen) > 1:
            alone.update(map(_identity, returned))
            continue
        if returned:
            refuted |= {_identity(each): Refuted(each, "the finding would still exist") for each in returned}
            continue
        for path, changes in attempt.edits.items():
            before.setdefault(path, changes[0].span.file.text)
        after |= made
        done += attempt.chosen
        diagnostics = found
    changed = [path for path in sorted(after) if after[path] != before[path]]
    return Mended(
        before={path: before[path] for path in changed},
        after={path: after[path] for path in changed},
        done=tuple(done),
        settled=not choose((each for each in diagnostics if _identity(each) not in refuted), suggested=suggested)[0],
        refuted=tuple(refuted.values()),
    )


class _Attempt(NamedTuple):
    """Fixes that are proven, and their edits by path."""

    chosen: Sequence[Diagnostic]
    edits: Mapping[str, Sequence[Edit]]


_FEW = 16
"""Fixes of a file that are looked at one by one where they are wrong together."""


def _attempt(
    diagnostics: Sequence[Diagnostic], refuted: dict[object, Refuted], prover: Prover, *, suggested: bool
) -> _Attempt:
    """Choose fixes that go together; what is wrong by itself is added to `refuted`."""
    while True:
        chosen, edits = choose(diagnostics, suggested=suggested)
        wrong: list[Diagnostic] = []
        for path, changes in edits.items():
            if prover.objection(changes[0].span.file, splice(changes[0].span.file.text, changes), changes):
                here = [each for each in chosen if each.fix and path in _by_path(each.fix.edits)]
                if len(here) > _FEW:
                    wrong += here[len(here) // 2 :]
                    continue
                alone = {id(each): _objection(each) for each in here}
                refuted |= {_identity(each): Refuted(each, alone[id(each)]) for each in here if alone[id(each)]}
                # Where each is right by itself, the first is made now and the others are looked at again after it.
                wrong += [each for each in here if alone[id(each)]] or here[1:]
        if not wrong:
            return _Attempt(chosen, edits)
        left_out = set(map(id, wrong))
        diagnostics = [each for each in chosen if id(each) not in left_out]


def _objection(diagnostic: Diagnostic) -> str:
    """What is wrong with a fix that is made alone."""
    _, edits = choose([diagnostic], suggested=True)
    for changes in edits.values():
        file = changes[0].span.file
        if reason := objection(file, splice(file.text, changes), changes):
            return reason
    return ""


def _returned(
    chosen: Sequence[Diagnostic], edits: Mapping[str, Sequence[Edit]], found: Iterable[Diagnostic]
) -> list[Diagnostic]:
    """Those whose rule is broken at the same place after an edit that has put something there."""
    left = {
        (each.rule, each.path, each.field, each.span.start)
        for each in found
        if each.span.file.editable or each.path in edits  # other built files are not built again
    }
    shifts = {path: MovedPlaces(changes) for path, changes in edits.items()}
    none = MovedPlaces(())
    return [
        each
        for each in chosen
        if each.fix is not None
        and any(edit.text for edit in each.fix.edits)
        and (each.rule, each.path, each.field, shifts.get(each.path, none).place(each.span.start)) in left
    ]


class MovedPlaces:
    """Where places of a text are after edits of it, which are in order and do not touch one another."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._ends = [edit.span.end for edit in edits]
        self._starts = [edit.span.start for edit in edits]
        grown = (len(edit.text) - (edit.span.end - edit.span.start) for edit in edits)
        self._grown = list(accumulate(grown, initial=0))

    def place(self, start: int) -> int:
        """Where the place is; what is put in right there comes after it."""
        return start + self._grown[min(bisect_right(self._ends, start), bisect_left(self._starts, start))]


def _identity(diagnostic: Diagnostic) -> object:
    """What a fix is known by, also after edits before it."""
    edits = tuple(edit.text for edit in diagnostic.fix.edits) if diagnostic.fix else ()
    return (diagnostic.rule, diagnostic.path, diagnostic.field, diagnostic.span.text, edits)


def choose(
    diagnostics: Iterable[Diagnostic], *, suggested: bool = False
) -> tuple[list[Diagnostic], dict[str, list[Edit]]]:
    """Take the safe fixes, and if asked the suggested, that can be made together, each as a whole or not at all.

    Returns:
        The findings they fix, and the edits by path, each in order of place.
    """
    chosen: list[Diagnostic] = []
    taken: dict[str, list[Edit]] = {}
    for diagnostic in diagnostics:
        if not (is_safe(diagnostic) or (suggested and is_suggested(diagnostic))):
            continue
        fix = diagnostic.fix
        added = {path: _added(taken.get(path, []), each) for path, each in _by_path(fix.edits if fix else ()).items()}
        if None not in added.values():
            chosen.append(diagnostic)
            for path, edits in added.items():
                for edit in edits or ():
                    insort(taken.setdefault(path, []), edit, key=_place)
    return chosen, taken


def splice(text: str, edits: Iterable[Edit]) -> str:
    """Make edits that do not touch one another and are in order of place."""
    parts: list[str] = []
    behind = 0
    for edit in edits:
        parts += (text[behind : edit.span.start], edit.text)
        behind = edit.span.end
    return "".join((*parts, text[behind:]))


def difference(path: str, before: str, after: str) -> str:
    """A unified diff that `git apply` and `patch -p1` take."""
    from compiler.text.line_diff import unified

    end = "\t" if " " in path else ""  # where the name ends, which is else a guess
    return unified(_lines(before), _lines(after), old=f"a/{path}{end}", new=f"b/{path}{end}")


def _by_path(edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.span.path, []).append(edit)
    return by_path


def _added(taken: Sequence[Edit], edits: Iterable[Edit]) -> list[Edit] | None:
    """What is new of some edits beside those of a file that are taken; None if two of them touch."""
    added: list[Edit] = []
    for edit in edits:
        for others in (taken, added):
            at = bisect_left(others, _place(edit), key=_place)
            if at < len(others) and others[at] == edit:
                break
            # Those taken so far do not touch one another, so that looking at the neighbours is enough.
            if any(_touch(edit, neighbour) for neighbour in others[max(at - 1, 0) : at + 1]):
                return None
        else:
            added.insert(at, edit)
    return added


def _place(edit: Edit) -> tuple[int, int, str]:
    return (edit.span.start, edit.span.end, edit.text)


def _touch(first: Edit, second: Edit) -> bool:
    """Whether two edits overlap; next to an insertion, the order of the two is not defined."""
    one, other = first.span, second.span
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _lines(text: str) -> list[str]:
    """Lines as Git counts them: nothing but a line feed ends one."""
    return list(_split(text))


def _split(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end
