"""`mirrorc rules`."""

import sys

import click

from compiler.commands.common import terminal_width
from compiler.commands.completing import RULE
from compiler.commands.console import say


@click.command()
@click.argument("name", metavar="[NAME]", required=False, type=RULE)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="Output format.  [default: text]",
)
def command(name: str | None, format_: str) -> None:
    """List the rules of `check`, or say everything about the one called NAME."""
    from compiler.commands.answer import give
    from compiler.findings.rules import RULES
    from compiler.reporters.rules import pages

    if name is not None and name not in RULES:
        raise click.UsageError(f"there is no rule `{name}`: {_suggestion(name, list(RULES))}")
    chosen = list(RULES.values()) if name is None else [RULES[name]]
    if format_ == "json":
        shown = pages.as_json(chosen, examples=name is not None)
    elif format_ == "markdown":
        shown = pages.markdown(chosen) if name is None else pages.markdown_of(chosen[0])
    elif name is None:
        shown = pages.listing(chosen, width=terminal_width())
    else:
        shown = pages.page(chosen[0], width=terminal_width())
    give(shown, None)
    if name is None and format_ == "text" and sys.stderr.isatty():
        say("", "`mirrorc rules NAME` explains one, with an example.")


def _suggestion(name: str, known: list[str]) -> str:
    from compiler.text.wording import nearest

    near = nearest(name.replace("_", "-"), known, cutoff=0.5)
    return f"did you mean `{near}`?" if near else "`mirrorc rules` lists them all."
