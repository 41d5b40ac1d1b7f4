"""`mirrorc version`."""

import click

from compiler import __version__
from compiler.commands.command import Command
from compiler.commands.console import write


@click.command(cls=Command, bare=True, examples=(("Show the version", "mirrorc version"),))
def command() -> None:
    """Show the version, as `mirrorc --version` does."""
    write(f"mirrorc {__version__}\n")
