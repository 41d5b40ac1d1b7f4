"""What a shell completes: kinds of values that options and arguments can be of.

In: the beginning of a word. Out: the words it may become, through click's own scripts for bash, zsh and fish. What is
typed is passed on unchanged; the command reports whether it can be used.
"""

from typing import TYPE_CHECKING

import click
from click.types import StringParamType

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _OnDisk(StringParamType):
    """A name that the shell itself completes."""

    name = "path"

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """Leave it to the shell."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type=self._kind)]


class _Rule(StringParamType):
    """A rule's name."""

    name = "rule"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """The rules, with what each finds."""
        from click.shell_completion import CompletionItem

        from compiler.findings.rules import RULES

        return [CompletionItem(name, help=rule.summary) for name, rule in RULES.items() if name.startswith(incomplete)]


class _Severity(StringParamType):
    """A rule's name and a severity, `RULE=LEVEL`."""

    name = "severity"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """The rules up to `=`, and the severities of the only one that is left."""
        from click.shell_completion import CompletionItem

        from compiler.findings.diagnostics import Severity
        from compiler.findings.rules import RULES

        known = {f"{name}=": rule for name, rule in RULES.items()}
        fitting = [start for start in known if start.startswith(incomplete) or incomplete.startswith(start)]
        words = fitting
        if len(fitting) == 1:
            (start,) = fitting
            words = [f"{start}{level}" for level in (Severity if known[start].adjustable else (Severity.ERROR,))]
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


FILE = _OnDisk("file")
FOLDER = _OnDisk("dir")
RULE = _Rule()
SEVERITY = _Severity()
