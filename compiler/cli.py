"""The command line: a group whose commands are imported when they are called.

Exit codes: 0 clean, 1 findings (or stale, or different), 2 usage or I/O error, 3 a bug of ours,
130 interrupted.
"""

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from typing import TYPE_CHECKING, NoReturn, cast

import click

from compiler import __version__
from compiler.commands import console
from compiler.commands.command import WIDEST_HELP
from compiler.machine.limits import TooMuchError
from compiler.text.escaping import Place, safe

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMMANDS = {
    "build": "Generate the node configuration a cluster would make from manifests.",
    "check": "Check mirror manifests and report problems.",
    "explain": "Explain which registries a pull tries, and in which order.",
    "images": "Report which images in the repo are mirrored.",
    "diff": "Show how a change affects nodes and image pulls before you merge it.",
    "plan": "Plan the least disruptive sequence of commits for a change.",
    "graph": "Show how lists of mirrors are merged into one order.",
    "report": "Write one HTML page about clusters, mirrors, images and findings.",
    "merge": "Unite the output of several mirroring runs into one set of objects.",
    "migrate": "Migrate ImageContentSourcePolicies to ImageDigestMirrorSets in place.",
    "rules": "List the rules of `check`, or explain one.",
    "init": "Write a .mirrorc.yaml for the clusters in this repo.",
    "fn": "Check a ResourceList as a KRM function.",
    "help": "Show the help of a command.",
    "version": "Show the version.",
    "completion": "Print the script that makes a shell complete mirrorc's commands.",
}


class _ReaderGoneError(Exception):
    """Whoever reads the output has closed the pipe; click would end with 1, which is for findings."""


class _Group(click.Group):
    """Knows its commands by name alone; `--version` and `--help` import none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        return cast(click.Command, import_module(f"compiler.commands.{cmd_name}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from compiler.text.wording import nearest

            near = nearest(args[0], _COMMANDS)
            ctx.fail(f"No such command '{args[0]}'." + (f" Did you mean '{near}'?" if near else ""))
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        fitting = [(name, text) for name, text in _COMMANDS.items() if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem(name, help=text) for name, text in fitting), *options]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # click would end with 1, which is for findings
            _report_interrupt(ctx.invoked_subcommand)
        except BrokenPipeError as error:
            raise _ReaderGoneError from error

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except BrokenPipeError as error:  # of the help
            raise _ReaderGoneError from error

    def main(self, *args: object, **extra: object) -> NoReturn:
        gc.disable()  # a run makes much and drops nothing: there is nothing to collect,
        atexit.register(gc.freeze)  # not even at the end, when Python looks at everything once more
        _open_closed_streams()
        _forget_other_tools()
        try:
            # click's own way to end would print what it is given.
            code = super().main(*args, **{**extra, "standalone_mode": False})  # type: ignore[call-overload]  # an overload for each mode
        except click.ClickException as error:
            _report_usage(error)
        except click.Abort:
            _report_interrupt(None)
        except _ReaderGoneError:  # it has seen enough
            console.close()
            sys.exit(2)
        except TooMuchError as error:
            with _last_words():
                console.say(f"mirrorc: {error}", f"  {error.help}")
            sys.exit(2)
        except Exception as error:
            if os.environ.get("MIRRORC_TRACEBACK"):
                raise
            if isinstance(error, OSError):
                _report_disk(error)
            code = MemoryError if _lacks_memory(error) else type(error)
            if not issubclass(code, MemoryError | RecursionError):
                _report_bug(error)
        finally:
            if (jinja := sys.modules.get("compiler.manifests.jinja")) is not None:
                jinja.end()
        if isinstance(code, type):  # outside of the handler, since the error holds everything that was read
            _report_costly(code)
        sys.exit(code if isinstance(code, int) else 0)


def _open_closed_streams() -> None:
    """Where the caller has closed a standard stream, Python has None; nothing is read from it or shown."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - for the whole run


def _forget_other_tools() -> None:
    """A variable that is meant for other programs' networkx may keep ours from being imported at all."""
    for name in os.environ:
        if name.startswith("NETWORKX_"):
            del os.environ[name]


class _Page(StringIO):
    """A page in memory, to which click writes every character."""

    def isatty(self) -> bool:
        return True


@contextmanager
def _last_words() -> Iterator[None]:
    """Say why a run ends; where standard error takes nothing, the exit code alone says it."""
    try:
        yield
    except OSError:
        console.close()


def _report_usage(error: click.ClickException) -> NoReturn:
    """Say what is wrong with the command line; names that it has from the shell may contain anything."""
    with _Page() as stream:
        error.show(stream)
        page = stream.getvalue()
    if not isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        page = page.replace(error.message, safe(error.message, Place.TERMINAL))
    with _last_words():
        console.say_page(page)
    sys.exit(error.exit_code)


def _report_interrupt(command: str | None) -> NoReturn:
    """End as shells expect of what Ctrl-C has ended: 128 and the signal's number."""
    state = "; each rendered file is either old or complete: run the build again" if command == "build" else ""
    with _last_words():
        echoed = [""] if sys.stderr.isatty() else []  # the terminal shows `^C`
        console.say(*echoed, f"mirrorc: interrupted{state}")
    sys.exit(130)


def _lacks_memory(error: Exception) -> bool:
    """Whether a module could not be loaded since there is no memory left for it."""
    words = ("failed to map segment", "cannot allocate memory", "Cannot allocate memory")
    return isinstance(error, ImportError) and any(each in str(error) for each in words)


def _report_disk(error: OSError) -> NoReturn:
    """What the machine refuses is not a bug: for example, a full disk for a redirected output."""
    with _last_words():
        where = f"{error.filename}: " if error.filename else ""
        console.say(f"mirrorc: {where}{error.strerror or error}")
    console.close()
    sys.exit(2)


def _report_costly(kind: type) -> NoReturn:
    """The input as a whole is too large: files that are too large by themselves are findings."""
    from compiler.repository.files import largest

    what = "needs more memory than there is" if issubclass(kind, MemoryError) else "is nested too deeply"
    where = f" (the largest file is `{largest.path}`, {largest.size} bytes)" if largest.path else ""
    with _last_words():
        console.say(f"mirrorc: what was read {what}{where}; work on a part of it, such as one cluster with --cluster")
    sys.exit(2)


def _report_bug(error: Exception) -> NoReturn:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "an unknown place"
    with _last_words():
        console.say(
            f"mirrorc {__version__} has a bug: {type(error).__name__}: {error} (at {where}).",
            "Please report it; set MIRRORC_TRACEBACK=1 to see the traceback.",
        )
    sys.exit(3)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST_HELP})
@click.version_option(__version__, prog_name="mirrorc", message="%(prog)s %(version)s")
def main() -> None:
    """Compile container-mirror policy offline, exactly as the cluster would."""
