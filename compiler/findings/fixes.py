"""Fixes: edits spliced into texts, round after round, until there is nothing left to mend.

In: findings with their fixes, and a function that looks again at changed texts. Out: the new texts and what was done.
Nothing is written here. Every character outside an edit stays; of edits that touch one another the first is made, and
the others get another chance in the next round, at their new places.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from compiler.findings.diagnostics import Diagnostic, Edit

MOST_ROUNDS = 10
"""A fix whose own finding comes back must not keep us busy for ever."""

Look = Callable[[Mapping[str, str]], Sequence[Diagnostic]]
"""Gives the findings when the files at these paths have these texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What the fixes make of the files.

    Attributes:
        before: The texts of the files that change, by shown path.
        after: Their new texts.
        done: The findings that were mended, in order; their places are those of the text at that time.
        settled: Nothing that a safe fix could mend is left.
    """

    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    done: tuple[Diagnostic, ...] = ()
    settled: bool = True


def mend(diagnostics: Sequence[Diagnostic], look: Look) -> Mended:
    """Apply every safe fix of the findings, and those of the findings that are left then."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    done: list[Diagnostic] = []
    for _ in range(MOST_ROUNDS):
        chosen, edits = choose(diagnostics)
        if not chosen:
            break
        done += chosen
        for path, changes in edits.items():
            text = changes[0].span.file.text
            before.setdefault(path, text)
            after[path] = splice(text, changes)
        diagnostics = look(after)
    changed = [path for path in sorted(after) if after[path] != before[path]]
    return Mended(
        before={path: before[path] for path in changed},
        after={path: after[path] for path in changed},
        done=tuple(done),
        settled=not choose(diagnostics)[0],
    )


def is_safe(diagnostic: Diagnostic) -> bool:
    """Whether the finding has a fix that is made without being looked at, and that changes something."""
    fix = diagnostic.fix
    return fix is not None and fix.safe and any(edit.text != edit.span.text for edit in fix.edits)


def choose(diagnostics: Iterable[Diagnostic]) -> tuple[list[Diagnostic], dict[str, list[Edit]]]:
    """Take the safe fixes that can be made together, each as a whole or not at all.

    Returns:
        The findings they mend, and the edits by path, each in order of place.
    """
    chosen: list[Diagnostic] = []
    taken: dict[str, list[Edit]] = {}
    for diagnostic in filter(is_safe, diagnostics):
        fix = diagnostic.fix
        trial = {path: _with(taken.get(path, []), edits) for path, edits in _by_path(fix.edits if fix else ()).items()}
        if None not in trial.values():
            chosen.append(diagnostic)
            taken.update({path: edits for path, edits in trial.items() if edits is not None})
    return chosen, taken


def splice(text: str, edits: Iterable[Edit]) -> str:
    """Make edits that do not touch one another and stand in order of place."""
    parts: list[str] = []
    behind = 0
    for edit in edits:
        parts += (text[behind : edit.span.start], edit.text)
        behind = edit.span.end
    return "".join((*parts, text[behind:]))


def difference(path: str, before: str, after: str) -> str:
    """A unified diff that `git apply` and `patch -p1` take."""
    from difflib import unified_diff

    end = "\t" if " " in path else ""  # where the name ends, which is else a guess
    lines = unified_diff(_lines(before), _lines(after), fromfile=f"a/{path}{end}", tofile=f"b/{path}{end}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _by_path(edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    by_path: dict[str, list[Edit]] = {}
    for edit in edits:
        by_path.setdefault(edit.span.path, []).append(edit)
    return by_path


def _with(taken: list[Edit], edits: Iterable[Edit]) -> list[Edit] | None:
    """The edits of a file with some more, in order of place; None if two of them touch."""
    together = list(taken)
    for edit in edits:
        at = bisect_left(together, _place(edit), key=_place)
        if at < len(together) and together[at] == edit:
            continue
        # The edits taken so far do not touch one another, so that looking at the neighbours is enough.
        if any(_touch(edit, neighbour) for neighbour in together[max(at - 1, 0) : at + 1]):
            return None
        together.insert(at, edit)
    return together


def _place(edit: Edit) -> tuple[int, int, str]:
    return (edit.span.start, edit.span.end, edit.text)


def _touch(first: Edit, second: Edit) -> bool:
    """Whether two edits overlap; next to an insertion, the order of the two is anybody's guess."""
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
