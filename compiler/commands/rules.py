"""`mirrorc rules`."""

import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.command import Command
from compiler.commands.common import terminal_width
from compiler.commands.completing import RULE
from compiler.commands.console import say_note
from compiler.commands.targets import ReportTarget, report_options, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from compiler.findings.diagnostics import Rule

_FORMATS = ("text", "json", "markdown")


@click.command(
    cls=Command,
    examples=(
        ("List every rule", "mirrorc rules"),
        ("Explain one rule, with an example", "mirrorc rules order-conflict"),
        ("Read the rules in a program", "mirrorc rules -o json"),
    ),
)
@click.argument("name", metavar="[NAME]", required=False, type=RULE)
@report_options(_FORMATS)
def command(name: str | None, formats: tuple[ReportTarget, ...], output: str | None) -> None:
    """List the rules of `check`, or explain the rule NAME."""
    from compiler.commands.answer import give_each
    from compiler.findings.rules import RULES
    from compiler.reporters.rules import pages

    if name is not None and name not in RULES:
        raise click.UsageError(f"there is no rule `{name}`: {_suggestion(name, list(RULES))}")
    targets = resolve(formats, output, _FORMATS)
    chosen = list(RULES.values()) if name is None else [RULES[name]]
    shown: dict[str, Callable[[], str]] = {
        "json": lambda: pages.as_json(chosen, examples=name is not None),
        "markdown": lambda: pages.markdown(chosen) if name is None else pages.markdown_of(chosen[0]),
        "text": lambda: (pages.listing if name is None else _page)(chosen, width=terminal_width()),
    }
    give_each(targets, lambda target: shown[target.format]())
    if name is None and targets == (ReportTarget("text"),) and sys.stderr.isatty():
        say_note("", "`mirrorc rules NAME` explains one, with an example.")


def _page(chosen: "Sequence[Rule]", *, width: int) -> str:
    from compiler.reporters.rules import pages

    return pages.page(chosen[0], width=width)


def _suggestion(name: str, known: list[str]) -> str:
    from compiler.text.wording import nearest

    near = nearest(name.replace("_", "-"), known, cutoff=0.5)
    return f"did you mean `{near}`?" if near else "`mirrorc rules` lists them all."
