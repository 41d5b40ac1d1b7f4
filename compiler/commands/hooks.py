"""What the hooks `mirrorc-check` and `mirrorc-build` share where one run of pre-commit or prek has both.

The first of the two does the work of both, and leaves a note in the Git directory: what the other one prints, how it
ends and, for `mirrorc-build`, what each cluster's folder is to contain. The second believes it instead of reading and
compiling again, if it is the same run: by the process that started both, the environment, the streams, the version of
mirrorc and the state of all files that Git tracks. Else it does its own work as if there were no note.
"""

import errno
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import click

from compiler import __file__ as home
from compiler import __version__
from compiler.commands import console
from compiler.commands.common import terminal_width

if TYPE_CHECKING:
    from compiler.commands.console import Printed
    from compiler.repository.tracked import Tracked

CHECK = "mirrorc-check"
BUILD = "mirrorc-build"

_PLAIN = {CHECK: {"tracked_only"}, BUILD: {"tracked_only", "fail_on_change"}}
"""The options that the hooks have by themselves; with others, each is on its own."""

_FILES = (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml")
_ID = re.compile(r"""^[^#\n]*\bid\b["']?\s*[:=]\s*["']?(mirrorc-(?:check|build))(?![-\w])""", re.MULTILINE)
_FAIL_FAST = re.compile(r"""^[^#\n]*\bfail_fast\b["']?\s*[:=]\s*["']?true""", re.MULTILINE | re.IGNORECASE)
_MOST = 1_000_000
"""Characters of such a file that are read."""

_NOTE = "mirrorc-hooks"
_LONGEST = 600_000_000_000
"""Nanoseconds that a run may take from one hook to the other."""


class Foreseen(NamedTuple):
    """How a hook would end.

    Attributes:
        code: Its exit code.
        printed: What it prints, or what it prints before it writes.
        plan: What it has to write, as JSON has it; None where it writes nothing.
        others: More files that must not change, beside those that Git tracks.
    """

    code: int
    printed: "Sequence[Printed]"
    plan: Mapping[str, object] | None = None
    others: Sequence[str] = ()


Resume = Callable[[object], Callable[[], int] | None]
"""What finishes a plan, and gives the exit code; None for what is none."""


class FirstHook:
    """The first of two hooks: what it prints while it reads, and the state of the files before."""

    def __init__(self, own: str, tree: "Tracked", since: int) -> None:
        from compiler.repository.tracked import states

        self._own = own
        self._tree = tree
        self._since = since
        self._before = states(tree, (), since)
        self._heard = console.listen()

    def heard(self) -> "Sequence[Printed]":
        """What was printed up to now, which the other hook prints too; nothing after that is kept."""
        console.hush()
        return self._heard

    def leave(self, other: Foreseen | None, *, changed: Collection[str] = ()) -> None:
        """Leave a note of how the other hook would end.

        Args:
            other: How it would end; None where a note of it would be too long.
            changed: Files that were changed by this hook itself, after it read the others.
        """
        if other is None:
            return
        import json

        from compiler.repository.paths import SIZE_LIMIT
        from compiler.repository.tracked import states, write_note

        before, now = self._before, states(self._tree, other.others, self._since)
        if before is None or now is None:
            return
        own = frozenset(map(os.fsencode, changed))
        if any(now[name] != state for name, state in before.items() if name not in own):
            return
        others = json.dumps(list(other.others))
        body = json.dumps([other.code, other.printed, other.plan])
        key = _key(self._own, self._tree, self._since, now, others, body)
        note = "\n".join((str(self._since), key, others, body)).encode()
        if len(note) <= SIZE_LIMIT:
            write_note(self._tree, _NOTE, note)


def begin(own: str, resume: Resume | None = None) -> FirstHook | None:
    """Begin a hook; the second of two ends here, if the first has left a note that is true.

    Args:
        own: Its id.
        resume: Finishes what the first has planned.

    Returns:
        The first of two hooks; None where a hook, or a command that is none, is on its own.
    """
    ids = configured()
    if sorted(ids) != [BUILD, CHECK] or not _is_plain(own):
        return None
    (other,) = {BUILD, CHECK} - {own}
    if other in os.environ.get("SKIP", ""):
        return None
    from compiler.repository.tracked import tracked

    tree = tracked()
    if tree is None:
        return None
    if ids[0] == own:
        return FirstHook(own, tree, time.time_ns())
    if (found := _believed(other, tree)) is not None:
        _end(found, tree, resume)
    return None


def _end(found: Foreseen, tree: "Tracked", resume: Resume | None) -> None:
    """End the hook as was foreseen; not where the plan is none that this hook has."""
    from compiler.repository.tracked import remove_note

    finish = resume(found.plan) if resume is not None and found.plan is not None else None
    if found.plan is not None:
        if finish is None:
            return
        remove_note(tree, _NOTE)  # it may be large, and is true only once
    console.replay(found.printed)
    sys.exit(finish() if finish is not None else found.code)


def _believed(other: str, tree: "Tracked") -> Foreseen | None:
    """What the note says; whatever is in it, what is not as the other hook writes it is not believed."""
    from compiler.repository.tracked import read_note, states

    lines = read_note(tree, _NOTE).decode(errors="replace").split("\n")
    if len(lines) != 4 or not re.fullmatch(r"[0-9]{1,20}", lines[0]):
        return None
    since, key, others, body = int(lines[0]), *lines[1:]
    if not 0 <= time.time_ns() - since <= _LONGEST:
        return None
    import json

    try:
        named = [str(each) for each in json.loads(others)]
        now = states(tree, named, since)
        if now is None or key != _key(other, tree, since, now, others, body):
            return None
        code, printed, plan = json.loads(body)
        return Foreseen(int(code), [(int(stream), str(text)) for stream, text in printed], plan)
    except (ValueError, TypeError, RecursionError):
        return None


def configured() -> list[str]:
    """The two hooks in the order of the file that pre-commit or prek reads; none if neither has started this."""
    return _ID.findall(_configuration())


def is_checked_later() -> bool:
    """Whether `mirrorc-check` comes after this hook even if this one fails, or came before."""
    return configured()[:1] != [BUILD] or not _FAIL_FAST.search(_configuration())


def _configuration() -> str:
    if os.environ.get("PRE_COMMIT") != "1":
        return ""
    for name in _FILES:
        with suppress(OSError, UnicodeDecodeError), open(_opened(name), encoding="utf-8") as stream:
            return stream.read(_MOST)
    return ""


def _opened(name: str) -> int:
    """A file that is open to be read; nothing else is waited for.

    Raises:
        OSError: There is none.
    """
    from compiler.repository.files import OPEN_FLAGS

    if not stat.S_ISREG(os.stat(name).st_mode):  # noqa: PTH116 - a text
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), name)
    return os.open(name, OPEN_FLAGS)


def _is_plain(own: str) -> bool:
    context = click.get_current_context()
    sources = {each.name: context.get_parameter_source(each.name or "") for each in context.command.params}
    given = {name for name, source in sources.items() if source is click.core.ParameterSource.COMMANDLINE}
    return given == _PLAIN[own]


def _key(first: str, tree: "Tracked", since: int, files: Mapping[bytes, bytes], others: str, body: str) -> str:
    """What has to be the same for both hooks, and the note itself.

    The environment is in it as a whole: it decides which programs are run.
    """
    from hashlib import sha256  # a hook alone does without

    streams = [(stream.isatty() if stream else None) for stream in (sys.stdout, sys.stderr)]
    facts = (
        (2, first, __version__, home, sys.version, os.geteuid(), os.getcwd(), _starter(), since),  # noqa: PTH109 - a text
        (streams, terminal_width(), sorted(os.environ.items())),
        (sha256(tree.listing).digest(), sha256(others.encode()).digest(), sha256(body.encode()).digest()),
    )
    digest = sha256(repr(facts).encode(errors="surrogatepass"))
    for name, state in files.items():
        digest.update(b"%s\0%s\0" % (name, state))
    return digest.hexdigest()


def _starter() -> tuple[int, bytes]:
    """The process that has started this one, with the time it began where that is known: pre-commit itself."""
    pid = os.getppid()
    with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as stream:  # noqa: PTH123 - a text
        return pid, stream.read(4096).rpartition(b")")[2].split()[19]
    return pid, b""
