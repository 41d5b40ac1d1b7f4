"""Commands of a script that change a text after the script has written it: `yq -i`, `sed -i`, `cat >> FILE`.

In: the text of a script. Out: where it changes a file, by the name of the file, or a variable of PowerShell, by the
name of that. What a command makes of the text is not said: whoever reads the text knows that it is not all.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice

MOST_COMMANDS = 1_000
"""Commands of one script that are looked at."""
_LONGEST = 2_000
"""Characters of one command."""
_MOST_WORDS = 50
"""Words of one command that may be files."""

_SIGN = re.compile(
    r"""(?<![\w./$-])(?P<program>yq|jq|sed|perl|tee|sponge)(?:[-.]\w+)?(?=[ \t])
    | (?P<more>(?<!>)>>(?!>))
    | (?P<power>\bAdd-Content\b|-Append\b|-c?i?replace\b|\.Replace\(|(?<=\w)[ \t]*\+=)""",
    re.VERBOSE,
)
_COMMAND = re.compile(
    r"""(?:[^"';|&\n\\]++|\\.|"(?:[^"\\]++|\\.)*+"|'[^']*+')*+""",
    re.DOTALL,
)
"""Up to a separator or the end of a line that no quotes are around."""
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")
_IN_PLACE = re.compile(r"[ \t](?:-[a-hj-zA-Z]*i\b|-i\S*|--in-?place\b)")
_ONLY_PRINTS = re.compile(r"[ \t]-[a-zA-Z]*n\b")
_ADDS = re.compile(r"[ \t]-[a-zA-Z]*a|[ \t]--append\b")
_WRITES_ON = re.compile(
    r"(?<![>&\d])>(?![>&]|[ \t]*/dev/)|\|[ \t]*(?:oc|kubectl)\b[^|;&\n]*\b(?:apply|create|replace)\b"
)
_ASSIGNS = re.compile(r"(?<![=!<>])=(?!=)|\bdel\(")
_WORD = re.compile(r"""[^\s"'|;&<>(),=]+""")
_FILES = re.compile(r"\$(?:\w+:)?\w+|[\w.-]+\.(?:ya?ml|json|conf|txt)\b")
_APPENDED = re.compile(r"""[ \t]*["']?([^\s"'|;&<>()]+)""")
_WRITTEN = re.compile(r"\b(?:Set-Content|Out-File)\b", re.IGNORECASE)
_BRACES = re.compile(r"\$\{(\w+)\}")
_COMMENT = re.compile(r"[ \t]*+#")


class LaterChanges:
    """The commands of a script that change files, by the names of these.

    Args:
        text: Of the script.
        bodies: Where the texts in it begin and end, in which nothing is a command, in order.
        is_powershell: Whether it is one of PowerShell.
    """

    def __init__(self, text: str, bodies: Iterable[tuple[int, int]], *, is_powershell: bool = False) -> None:
        self._found: dict[str, list[tuple[int, int]]] = {}
        self._copies: dict[str, set[str]] = {}
        places = list(bodies)
        starts = [start for start, _ in places]
        for count, match in enumerate(_SIGN.finditer(text)):
            if count >= MOST_COMMANDS:
                break
            at = bisect_right(starts, match.start()) - 1
            if at >= 0 and match.start() < places[at][1]:
                continue
            line = text.rfind("\n", 0, match.start()) + 1
            if _COMMENT.match(text, line) or (match["power"] is not None) != is_powershell:
                continue
            for name in _changed(text, match, line):
                found = self._found.setdefault(name, [])
                if not found or found[-1][0] != line:
                    found.append((line, _line_end(text, match.end())))
        if is_powershell:
            self._note_copies(text)

    def _note_copies(self, text: str) -> None:
        """Which files are made of which variables."""
        for _, match in zip(range(MOST_COMMANDS), _WRITTEN.finditer(text), strict=False):
            line = text.rfind("\n", 0, match.start()) + 1
            names = _named(text, line, min(_line_end(text, match.end()), line + _LONGEST))
            for variable in names:
                if variable.startswith("$"):
                    self._copies.setdefault(variable, set()).update(name for name in names if name != variable)

    def of(self, target: str, after: int) -> list[tuple[int, int]]:
        """The commands after an offset that change a file or a variable, each as the place of its line."""
        name = file_name(target)
        if not name or not self._found:
            return []
        names = {name, *self._copies.get(name, ())}
        places = {place for each in sorted(names) for place in self._found.get(each, ()) if place[0] >= after}
        return sorted(places)


def file_name(target: str) -> str:
    """What two names of a file have in common, whatever folder they say: `$dir/idms.yaml` is `idms.yaml`."""
    return _BRACES.sub(r"$\1", target.strip("\"'")).rpartition("/")[2]


def _changed(text: str, match: re.Match[str], line: int) -> Iterator[str]:
    """The names of what a command changes."""
    if match["more"] is not None:
        named = _APPENDED.match(text, match.end())
        if named is not None:
            yield file_name(named[1])
        return
    if match["power"] is not None:
        yield from _named(text, line, min(_line_end(text, match.end()), line + _LONGEST))
        return
    found = _COMMAND.match(text, match.end(), match.end() + _LONGEST)
    command = found[0] if found else ""
    if not _is_change(
        str(match["program"]), command, text[match.end() + len(command) : match.end() + len(command) + _LONGEST]
    ):
        return
    for word in islice(dict.fromkeys(_WORD.findall(command)), _MOST_WORDS):
        if not word.startswith("-") and (name := file_name(word)):
            yield name


def _is_change(program: str, command: str, after: str) -> bool:
    """Whether a program changes the files that it is given, or what is made of one of them replaces it."""
    if program in {"tee", "sponge"}:
        return program == "sponge" or _ADDS.search(command) is not None
    if _IN_PLACE.search(command):
        return True
    if program in {"yq", "jq"}:
        is_edit = any(_ASSIGNS.search(each) for each in _QUOTED.findall(command))
    else:
        is_edit = not _ONLY_PRINTS.search(command)
    return is_edit and _WRITES_ON.search(command + after.partition("\n")[0]) is not None


def _named(text: str, start: int, end: int) -> list[str]:
    """The files and variables that a line of PowerShell names."""
    return list(islice(dict.fromkeys(_FILES.findall(text, start, end)), _MOST_WORDS))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
