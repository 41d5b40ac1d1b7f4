"""The here-strings of a PowerShell script: the texts between `@"` and `"@`, and between `@'` and `'@`.

In: the text of a script. Out: where the body of each is, as `heredocs` gives those of a shell. What PowerShell does to
a text before it uses it is not done here: a here-string with escapes, and one that a program edits, are left out.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from compiler.text.heredocs import MOST_HEREDOCS, Heredoc, next_opening

SUFFIXES = (".ps1", ".psm1")

_OPENING = re.compile(r"""(?<![\w@])@(?P<quote>["'])[ \t]*(?:\r?\n)""")
_APPLIED = re.compile(r"\|[ \t]*(?:oc|kubectl)(?:\.exe)?\b[^|;&\n]*\b(?:apply|create|replace)\b")
_TAKEN = re.compile(
    r"""[ \t]*+\)*+[ \t]*+(?:\r?\n|\Z|;|\#|-(?:Path|FilePath|Encoding|Force|NoNewline|Append)\b|>{1,2}
    |\|[ \t]*(?:(?:oc|kubectl)(?:\.exe)?\b|(?:Set-Content|Add-Content|Out-File|Tee-Object|sc|tee)\b))""",
    re.VERBOSE | re.IGNORECASE,
)
"""After a here-string: what uses all of it unchanged."""
_VARIABLE = re.compile(r"(?P<name>\$(?:\w++:)?\w++)[ \t]*+\+?=[ \t]*+(?:\([ \t]*+)?$")


class HereString(NamedTuple):
    """A here-string, and the text of the lines with its beginning and its end, without its body."""

    place: Heredoc
    around: str

    @property
    def variable(self) -> str:
        """The variable that it is given to, with its `$`; empty where there is none."""
        match = _VARIABLE.search(self.around.partition("\n")[0])
        return match["name"] if match else ""


def here_strings(text: str) -> Iterator[HereString]:
    """The here-strings of a script that are used unchanged, in order."""
    at = 0
    for _ in range(MOST_HEREDOCS):
        opening = next_opening(text, _OPENING, at)
        if opening is None:
            return
        line, match = opening
        closing = text.find(f"\n{match['quote']}@", match.end() - 1)
        if closing < 0:
            return
        at = closing + 3
        end = text.find("\n", at)
        after = text[at : len(text) if end < 0 else end]
        is_quoted = match["quote"] == "'"
        if not _TAKEN.match(text, at) or (not is_quoted and "`" in text[match.end() : closing]):
            continue
        place = Heredoc(line, match.end(), closing + 1, is_quoted, _APPLIED.match(after.lstrip(" \t)")) is not None)
        yield HereString(place, f"{text[line : match.start()]}\n{after}")
