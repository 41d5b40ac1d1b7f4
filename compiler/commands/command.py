"""The click classes of the commands: options in groups, examples below the help, and what every command takes.

In: options that name their group, and the examples of a command. Out: a help that reads from the top, whatever the
number of options, and `-q`, `-v`, `--color`, `--no-limits` and `--exit-zero` with one meaning for all commands.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from compiler.commands import console

_Command = TypeVar("_Command", bound=Callable[..., object])

GROUPS = ("Input", "Output", "Cluster", "Rule", "Other")
"""The headings of options in a command's help, in order."""
WIDEST_HELP = 100
"""Columns that help uses at most, however wide the terminal."""


class Option(click.Option):
    """An option that is listed under the heading `group`, one of `GROUPS`."""

    def __init__(self, *args: Any, group: str = "Other", **extra: Any) -> None:
        super().__init__(*args, **extra)
        assert group in GROUPS, group
        self.group = group

    @classmethod
    def of(cls, *declarations: str, **attributes: Any) -> Callable[[_Command], _Command]:
        """Decorate a command with an option, as `click.option` does."""
        return click.option(*declarations, cls=cls, **attributes)


class Command(click.Command):
    """A command whose help lists its options by group and ends with examples.

    `examples` are pairs: what the example does, and the line to type. A `bare` command prints a fixed text and takes
    none of the common options.
    """

    def __init__(self, *args: Any, examples: Sequence[tuple[str, str]] = (), bare: bool = False, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.examples = tuple(examples)
        if not bare:
            self.params += _common()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under the headings of their groups."""
        rows: Mapping[str, list[tuple[str, str]]] = {group: [] for group in GROUPS}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                rows[getattr(parameter, "group", GROUPS[-1])].append(record)
        for group, records in rows.items():
            if records:
                with formatter.section(f"{group} options"):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, each below what it does."""
        if not self.examples:
            return
        with formatter.section("Examples"):
            for purpose, line in self.examples:
                formatter.write_text(f"# {purpose}")
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; `--exit-zero` turns the exit code of findings into that of success."""
        if console.settings.verbose:
            return self._traced(ctx)
        return self._ended(ctx)

    def _ended(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except SystemExit as end:
            if end.code == 1 and ctx.meta.get(_EXIT_ZERO):
                sys.exit(0)
            raise

    def _traced(self, ctx: click.Context) -> object:
        """Run the command, and say what it read and ran."""
        from time import monotonic, process_time

        from compiler.commands.tracing import tell
        from compiler.machine import trace

        kept, begun, worked = trace.begin(), monotonic(), process_time()
        try:
            return self._ended(ctx)
        finally:
            trace.end()
            tell(kept, elapsed=monotonic() - begun, worked=process_time() - worked)


_EXIT_ZERO = f"{__name__}.exit_zero"


def _quiet(context: click.Context, parameter: click.Parameter, value: object) -> None:
    console.settings.quiet = bool(value)


def _verbose(context: click.Context, parameter: click.Parameter, value: object) -> None:
    console.settings.verbose = bool(value)


def _color(context: click.Context, parameter: click.Parameter, value: str) -> None:
    console.settings.color = value


def _no_limits(context: click.Context, parameter: click.Parameter, value: object) -> None:
    from compiler.machine.limits import set_limits

    set_limits(off=bool(value))


def _exit_zero(context: click.Context, parameter: click.Parameter, value: object) -> None:
    context.meta[_EXIT_ZERO] = bool(value)


def _common() -> list[click.Parameter]:
    """What every command takes; the command itself is not given them."""
    return [
        Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_quiet,
            group="Output",
            help="Print the report and errors only, no summaries or hints.",
        ),
        Option(
            ["-v", "--verbose"],
            is_flag=True,
            expose_value=False,
            callback=_verbose,
            group="Output",
            help="Also print the files read, the programs run with their versions, and times.",
        ),
        Option(
            ["--color"],
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            expose_value=False,
            callback=_color,
            is_eager=True,
            group="Output",
            help="When to use color.  [default: auto]",
        ),
        Option(
            ["--no-limits"],
            is_flag=True,
            expose_value=False,
            callback=_no_limits,
            group="Input",
            help="Do not limit what a repo multiplies to (a template for many clusters). For trusted repos.",
        ),
        Option(
            ["--exit-zero"],
            is_flag=True,
            expose_value=False,
            callback=_exit_zero,
            group="Output",
            help="Exit with 0 instead of 1; errors that stop the run keep their codes 2 and 3.",
        ),
    ]
