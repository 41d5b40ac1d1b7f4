"""What the hooks `mirrorc-check` and `mirrorc-build` share where one run of pre-commit or prek has both.

The first of the two does the work of both, and leaves a note in the Git directory: how the other one would end, and for
which files. The second believes it instead of reading them again, if nothing is left to write or to report, and if it
is the same run: by the process that started both, the environment, the version of mirrorc and the state of all files
that Git tracks. Else it does its own work as if there were no note.
"""

import os
import re
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import click

from compiler import __file__ as home
from compiler import __version__
from compiler.commands.console import say, say_note

if TYPE_CHECKING:
    from compiler.repository.tracked import Tracked

CHECK = "mirrorc-check"
BUILD = "mirrorc-build"

_PLAIN = {CHECK: {"tracked_only"}, BUILD: {"tracked_only", "fail_on_change"}}
"""The options that the hooks have by themselves; with others, each is on its own."""

_FILES = (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml")
_ID = re.compile(r"""^[^#\n]*\bid\b["']?\s*[:=]\s*["']?(mirrorc-(?:check|build))(?![-\w])""", re.MULTILINE)
_MOST = 1_000_000
"""Characters of such a file that are read."""

_NOTE = "mirrorc-hooks"
_LONGEST = 600_000_000_000
"""Nanoseconds that a run may take from one hook to the other."""


class Foreseen(NamedTuple):
    """How a hook would end: its exit code, and what it would say."""

    code: int
    words: str


class FirstHook:
    """The first of two hooks: what it read, which the other one compares with what it finds."""

    def __init__(self, own: str, tree: "Tracked", since: int) -> None:
        self._own = own
        self._tree = tree
        self._since = since
        self._key = _key(own, tree, since)

    def leave(self, other: Foreseen | None, *, changed: bool = False) -> None:
        """Leave a note of how the other hook would end, None if it has something to do or to report.

        Args:
            other: How it would end.
            changed: Tracked files were changed by this hook itself, after it read the others.
        """
        from compiler.repository.tracked import tracked, write_note

        tree = tracked() if changed else self._tree
        if tree is None:
            return
        key = _key(self._own, tree, self._since) if changed else self._key
        if other is not None and key:
            lines = (str(self._since), key, str(other.code), other.words)
            write_note(tree, _NOTE, "\n".join(lines).encode())


def begin(own: str) -> FirstHook | None:
    """Begin a hook; the second of two ends here, if the first has left a note that is true.

    Returns:
        The first of two hooks; None where a hook, or a command that is none, is on its own.
    """
    ids = configured()
    if sorted(ids) != [BUILD, CHECK] or not _is_plain(own):
        return None
    (other,) = {BUILD, CHECK} - {own}
    if other in os.environ.get("SKIP", ""):
        return None
    from compiler.repository.tracked import read_note, tracked

    tree = tracked()
    if tree is None:
        return None
    if ids[0] == own:
        return FirstHook(own, tree, time.time_ns())
    # Whatever is in the note: what is not as the other hook writes it is not believed.
    since, _, rest = read_note(tree, _NOTE).decode(errors="replace").partition("\n")
    key, _, said = rest.partition("\n")
    code, _, words = said.partition("\n")
    begun = int(since) if re.fullmatch(r"[0-9]{1,20}", since) else 0
    if key and 0 <= time.time_ns() - begun <= _LONGEST and key == _key(other, tree, begun) and code in {"0", "1"}:
        (say if code == "1" else say_note)(f"mirrorc: {words}")
        sys.exit(int(code))
    return None


def configured() -> list[str]:
    """The two hooks in the order of the file that pre-commit or prek reads; none if neither has started this."""
    if os.environ.get("PRE_COMMIT") != "1":
        return []
    for name in _FILES:
        with suppress(OSError, UnicodeDecodeError), open(name, encoding="utf-8") as stream:  # noqa: PTH123 - a text
            return _ID.findall(stream.read(_MOST))
    return []


def _is_plain(own: str) -> bool:
    context = click.get_current_context()
    sources = {each.name: context.get_parameter_source(each.name or "") for each in context.command.params}
    given = {name for name, source in sources.items() if source is click.core.ParameterSource.COMMANDLINE}
    return given == _PLAIN[own]


def _key(first: str, tree: "Tracked", since: int) -> str:
    """What has to be the same for both hooks; empty where a file cannot be read.

    The environment is in it as a whole: it decides which programs are run.
    """
    from hashlib import sha256

    from compiler.repository.tracked import state

    files = state(tree, (".mirrorc.yaml", *_FILES), since)
    if files is None:
        return ""
    facts = (1, first, __version__, home, sys.version, os.geteuid(), os.getcwd(), _starter(), since)  # noqa: PTH109 - a text
    return sha256(repr((facts, sorted(os.environ.items()), files)).encode(errors="surrogatepass")).hexdigest()


def _starter() -> tuple[int, bytes]:
    """The process that has started this one, with the time it began where that is known: pre-commit itself."""
    pid = os.getppid()
    with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as stream:  # noqa: PTH123 - a text
        return pid, stream.read(4096).rpartition(b")")[2].split()[19]
    return pid, b""
