"""Models of what reads the output of a command besides people: a terminal, and the runner of a CI job.

Each finds in a text what it would obey.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

STYLE = re.compile(r"\x1b\[[0-9;]*m")
"""The one sequence that mirrorc sends to a terminal: colours."""

_SILENT = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def obeyed_by_terminal(text: str, *, styled: bool = False) -> list[str]:
    """What a terminal or a viewer of text obeys or hides, other than line breaks and tabs.

    Controls of both sets (C0 with ESC, C1), line separators, and everything of category `Cf`: marks of direction,
    byte order marks, zero-width characters, tags. Where `styled`, colours are meant.
    """
    if styled:
        text = STYLE.sub("", text)
    return [
        f"U+{ord(character):04X}"
        for character in text
        if character not in "\n\t" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a runner found in a line."""

    name: str
    properties: dict[str, str]
    data: str


class Runner:
    """GitHub's runner, which looks at each line of both streams (actions/runner, `ActionCommand.cs` and
    `ActionCommandManager.cs`): `::name key=value::data` at the start of a line, after white space of any kind and what
    a comparison by a language's rules skips; `##[name key=value;]data` anywhere in it. Azure's and TeamCity's
    `##name[` are found too. `stop-commands` makes it look for nothing but its token.
    """

    def __init__(self) -> None:
        self._token: str | None = None

    def commands(self, text: str) -> Iterator[Command]:
        """The commands in a text, with everything that some reader takes for the end of a line as one."""
        for line in re.split("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", text):
            found = self._v2(line) or self._legacy(line)
            if found is None:
                continue
            if self._token is not None:
                if found.name == self._token:
                    self._token = None
                continue
            if found.name == "stop-commands":
                self._token = found.data
            yield found

    @property
    def is_silenced(self) -> bool:
        """Whether commands are off at the end."""
        return self._token is not None

    def _v2(self, line: str) -> Command | None:
        bare = _SILENT.sub("", STYLE.sub("", line)).lstrip().lstrip("\ufeff\u200b\u200c\u200d\u2060\xad")
        if not bare.startswith("::") or "::" not in bare[2:]:
            return None
        information, _, data = bare[2:].partition("::")
        name, _, listed = information.partition(" ")
        properties = dict(pair.partition("=")[::2] for pair in listed.split(",") if "=" in pair)
        return Command(name, {key: _unescaped(value) for key, value in properties.items()}, _unescaped(data))

    def _legacy(self, line: str) -> Command | None:
        bare = _SILENT.sub("", line)
        match = re.search(r"##(\w*)\[([^\]]*)\]?", bare)
        return Command(f"##{match[1]}[{match[2]}", {}, bare[match.end() :]) if match else None


def _unescaped(text: str) -> str:
    """What the runner makes of a value (`UnescapeProperty`, whose replacements include those of `UnescapeData`)."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text
