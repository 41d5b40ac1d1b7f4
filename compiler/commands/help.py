"""`mirrorc help`."""

import click

from compiler.commands.command import Command
from compiler.commands.console import write


@click.command(cls=Command, bare=True, examples=(("Show how to compare two revisions", "mirrorc help diff"),))
@click.argument("names", metavar="[COMMAND]", nargs=-1)
@click.pass_context
def command(context: click.Context, names: tuple[str, ...]) -> None:
    """Show the help of COMMAND, or the list of commands."""
    group = context.parent
    assert group is not None
    assert isinstance(group.command, click.Group)
    if not names:
        write(group.get_help() + "\n")
        return
    if len(names) > 1:
        message = "give one command."
        raise click.UsageError(message)
    name, found, _ = group.command.resolve_command(group, list(names))
    assert found is not None
    with click.Context(found, info_name=name, parent=group) as inner:
        write(inner.get_help() + "\n")
