"""`mirrorc completion`."""

import click

from compiler.commands.command import Command
from compiler.commands.console import write

_SHELLS = ("bash", "zsh", "fish")


@click.command(
    cls=Command,
    bare=True,
    examples=(
        ("Complete in bash, from ~/.bashrc", 'eval "$(mirrorc completion bash)"'),
        ("Complete in zsh, from ~/.zshrc", 'eval "$(mirrorc completion zsh)"'),
        ("Complete in fish, from ~/.config/fish/config.fish", "mirrorc completion fish | source"),
    ),
)
@click.argument("shell", type=click.Choice(_SHELLS), metavar="SHELL")
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL (bash, zsh or fish) complete commands, options, clusters and rules."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    root = context.find_root()
    write(kind(root.command, {}, "mirrorc", "_MIRRORC_COMPLETE").source().rstrip("\n") + "\n")
