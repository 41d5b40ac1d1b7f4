"""The branches of a shell script: which of its heredocs exclude each other.

In: the text of a script. Out: the `Branch`es of each `if` with an `else` or `elif`, and of each `case`. A body that may
run or not, with nothing in its place, is none: scripts guard nearly everything.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from compiler.manifests.branches import Branch, Choice
from compiler.manifests.choices import choices_of
from compiler.text.heredocs import heredocs

_LINE = re.compile(
    r"""^[ \t]*(?:
        (?P<word>if|elif)\b(?P<condition>[^\n]*)
        | (?P<else>else)\b
        | (?P<fi>fi)\b
        | case[ \t]+(?P<subject>\S[^\n]*?)[ \t]+in\b
        | (?P<esac>esac)\b
        | \(?(?P<pattern>[^\s()#;][^()\n#;]*)\)(?!\))
    )""",
    re.MULTILINE | re.VERBOSE,
)
_ON_ONE_LINE = re.compile(r"\bfi\b[^\n\w]*$")
_THEN = re.compile(r"[ \t]*;?[ \t]*\bthen\b[^\n]*$|[ \t]*;[ \t]*$")
_END = re.compile(r";;[&;]?[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
MOST_LINES = 10_000
"""Lines of one script that may begin or end a branch."""


class _Open(NamedTuple):
    """An `if` or a `case` whose end is to come."""

    chain: int
    subject: str
    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    conditions: tuple[str | None, ...] = ()

    def next(self, end: int, start: int, condition: str | None) -> "_Open":
        ends = (*self.ends, end) if len(self.ends) < len(self.starts) else self.ends
        return self._replace(starts=(*self.starts, start), ends=ends, conditions=(*self.conditions, condition))

    def branches(self, end: int) -> Iterator[Branch]:
        """The branches, if there are several."""
        if len(self.starts) < 2:
            return
        ends = (*self.ends, end)[: len(self.starts)]
        choices = self._of_case() if self.subject else choices_of(self.conditions, self.chain)
        for number, (start, stop, choice) in enumerate(zip(self.starts, ends, choices, strict=True)):
            yield Branch(start, stop, self.chain, number, choice=choice)

    def _of_case(self) -> list[Choice]:
        named = tuple(pattern for pattern in self.conditions if pattern not in {None, "*"})
        return [
            Choice(f"case {self.subject}", (pattern,))
            if pattern not in {None, "*"}
            else Choice(f"case {self.subject}", named, negated=True)
            for pattern in map(str, self.conditions)
        ]


def shell_branches(text: str) -> list[Branch]:
    """The branches of a script in order."""
    found: list[Branch] = []
    opened: list[_Open] = []
    bodies = [(each.start, each.end) for each in heredocs(text)]
    inside = iter(bodies)
    body = next(inside, None)
    for count, match in enumerate(_LINE.finditer(text)):
        while body is not None and body[1] <= match.start():
            body = next(inside, None)
        if count >= MOST_LINES or (body is not None and body[0] <= match.start()):
            continue
        line_end = text.find("\n", match.end())
        line_end = len(text) if line_end < 0 else line_end
        if match["word"] == "if":
            if _ON_ONE_LINE.search(text, match.end("word"), line_end) is None:
                opened.append(_Open(match.start(), "").next(0, line_end, _condition(match["condition"])))
        elif match["subject"]:
            opened.append(_Open(match.start(), match["subject"]))
        elif not opened:
            continue
        elif match["word"] or match["else"]:
            condition = _condition(match["condition"]) if match["word"] else None
            opened[-1] = opened[-1].next(match.start(), line_end, condition)
        elif match["fi"] or match["esac"]:
            found += opened.pop().branches(match.start())
        elif opened[-1].subject and _is_between(text, opened[-1], match.start()):
            opened[-1] = opened[-1].next(match.start(), match.end(), match["pattern"].strip())
    return sorted(found)


def _condition(written: str) -> str:
    return _THEN.sub("", written).strip()


def _is_between(text: str, case: _Open, at: int) -> bool:
    """Whether a pattern may begin here: nothing of this `case` is before it, or the `;;` of the branch before."""
    return not case.starts or _END.search(text, case.starts[-1], at) is not None
