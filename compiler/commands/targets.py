"""Which reports a run makes and where each goes: `--format FORMAT[=FILE]`, repeatable, and `-o`.

In: what was typed. Out: targets, at most one of them standard output. `-o json` means the format where there is one of
that name, since that is what `-o` means to kubectl and oc; `-o ./json` is a file.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from compiler.commands.command import Option
from compiler.commands.completing import FILE

_Command = TypeVar("_Command", bound=Callable[..., object])


class ReportTarget(NamedTuple):
    """One report: its format, and the file it goes to; None is standard output."""

    format: str
    file: str | None = None


if TYPE_CHECKING:
    _Type = click.ParamType[ReportTarget]
else:
    _Type = click.ParamType  # it takes no parameter before click 8.2


class FormatType(_Type):
    """`FORMAT` or `FORMAT=FILE`."""

    name = "format"

    def __init__(self, formats: Sequence[str]) -> None:
        self.formats = tuple(formats)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> ReportTarget:
        """Split at the first `=`."""
        if isinstance(value, ReportTarget):
            return value
        name, equals, file = str(value).partition("=")
        if name not in self.formats:
            from compiler.text.wording import nearest

            near = nearest(name, self.formats)
            advice = f"did you mean `{near}`?" if near else f"choose from {', '.join(self.formats)}."
            self.fail(f"`{name}` is not a format: {advice}", param, ctx)
        if equals and not file:
            self.fail(f"`{value}` names no file after `=`.", param, ctx)
        return ReportTarget(name, None if file in {"", "-"} else file)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> "list[click.shell_completion.CompletionItem]":
        """The formats; after `=` the shell's own files."""
        from click.shell_completion import CompletionItem

        name, equals, file = incomplete.partition("=")
        if equals and name in self.formats:
            return [CompletionItem(file, type="file")]
        return [CompletionItem(each) for each in self.formats if each.startswith(incomplete)]


def report_options(formats: Sequence[str]) -> Callable[[_Command], _Command]:
    """`--format` and `-o`; the command is given `targets`, at least one, as `resolve` makes them."""
    kind = FormatType(formats)
    listed = f"{', '.join(formats[:-1])} or {formats[-1]}"

    def add(command: _Command) -> _Command:
        command = Option.of(
            "-o",
            "--output",
            metavar="FILE",
            type=FILE,
            group="Output",
            help="Write the report to FILE; the name of a format chooses that format instead.",
        )(command)
        return Option.of(
            "--format",
            "formats",
            metavar="FORMAT[=FILE]",
            type=kind,
            multiple=True,
            group="Output",
            help=f"Report as {listed}, to standard output or to FILE (repeatable).  [default: {formats[0]}]",
        )(command)

    return add


def resolve(formats: Sequence[ReportTarget], output: str | None, known: Sequence[str]) -> tuple[ReportTarget, ...]:
    """The reports to make.

    Args:
        formats: What `--format` said, in order.
        output: What `-o` said.
        known: The formats of the command, the default first.

    Raises:
        click.UsageError: Two reports would go to one place, or `-o` is ambiguous.
    """
    targets = list(formats)
    if output == "":
        message = "-o needs the name of a file."
        raise click.UsageError(message)
    if output is not None and output in known:
        targets.append(ReportTarget(output))
        output = None
    targets = targets or [ReportTarget(known[0])]
    if output is not None and output != "-":
        open_ended = [number for number, target in enumerate(targets) if target.file is None]
        if len(open_ended) != 1:
            message = f"-o {output} needs one format without a file: write --format FORMAT={output}."
            raise click.UsageError(message)
        targets[open_ended[0]] = targets[open_ended[0]]._replace(file=output)
    places = [target.file for target in targets]
    for place in places:
        if places.count(place) > 1:
            where = "standard output" if place is None else f"`{place}`"
            message = f"Two reports would be written to {where}: give one of them a file, as in --format sarif=FILE."
            raise click.UsageError(message)
    return tuple(targets)
