"""What several commands share: options, choosing clusters, telling findings to people."""

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from compiler.releases import DEFAULT_RELEASE, RELEASES

if TYPE_CHECKING:
    from compiler.cluster import Cluster
    from compiler.diagnostics import Diagnostic
    from compiler.load import Progress

_Command = TypeVar("_Command", bound=Callable[..., object])


def paths_argument(command: _Command) -> _Command:
    """`[PATH]...`, by default the current folder; `-` is standard input."""
    return click.argument("paths", metavar="[PATH]...", nargs=-1)(command)


def cluster_options(command: _Command) -> _Command:
    """What decides what a cluster makes of its manifests."""
    options = (
        click.option(
            "--release",
            type=click.Choice(list(RELEASES)),
            metavar="X.Y",
            help=f"OpenShift release, {next(iter(RELEASES))} to {DEFAULT_RELEASE}.  [default: {DEFAULT_RELEASE}]",
        ),
        click.option(
            "--pool", "pools", multiple=True, help="Machine config pool (repeatable).  [default: master, worker]"
        ),
        click.option("--release-image", metavar="IMAGE", help="Image the cluster was released from."),
        click.option(
            "--severity",
            "severities",
            multiple=True,
            metavar="RULE=LEVEL",
            help="Report RULE as error, warning, note or off (repeatable).",
        ),
        click.option("--tracked-only", is_flag=True, help="Leave out files that Git does not track."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def choose_clusters(
    paths: tuple[str, ...],
    *,
    release: str | None,
    pools: tuple[str, ...],
    release_image: str | None,
    severities: tuple[str, ...],
    tracked_only: bool,
    output: str | None = None,
    machine_config: str | None = None,
    name: str | None = None,
) -> "list[Cluster]":
    """The clusters a command works on, with the options given over what is configured."""
    from compiler.cluster import Cluster
    from compiler.guard import DEFAULT_RELEASE_IMAGE
    from compiler.load import settings_of
    from compiler.pipeline import CONTROLLER, DEFAULT_POOLS

    gc.disable()  # a run makes much and drops nothing: there is nothing to collect
    try:
        settings = settings_of(
            release=release or DEFAULT_RELEASE,
            pools=pools or DEFAULT_POOLS,
            release_image=release_image or DEFAULT_RELEASE_IMAGE,
            severities=dict(_severity(text) for text in severities),
            machine_config=machine_config or CONTROLLER,
            name=name,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return [Cluster(paths=paths or (".",), output=output or "rendered", tracked_only=tracked_only, settings=settings)]


def _severity(text: str) -> tuple[str, str]:
    rule, equals, level = text.partition("=")
    if not equals:
        message = f"`{text}` is not RULE=LEVEL, such as order-conflict=warning"
        raise ValueError(message)
    return rule, level


def standard_input(clusters: "Iterable[Cluster]") -> bytes:
    """Standard input, read once and only if a path asks for it."""
    from compiler.cluster import STANDARD_INPUT

    wanted = any(STANDARD_INPUT in cluster.paths for cluster in clusters)
    return sys.stdin.buffer.read() if wanted else b""


def tell(diagnostics: "Iterable[Diagnostic]") -> None:
    """Show findings to people, on stderr."""
    from compiler.reporters import text

    told = text.render(diagnostics, width=terminal_width(), colour=wants_colour(sys.stderr))
    if told:
        click.echo(told, err=True)


def terminal_width() -> int:
    """Columns to fit into: the terminal's, 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def wants_colour(stream: object) -> bool:
    """Whether to colour what goes to a stream: on a terminal, unless NO_COLOR says no."""
    is_terminal = getattr(stream, "isatty", lambda: False)()
    return bool(is_terminal) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def progress() -> "Progress | None":
    """A counter on stderr for runs of more than a second, on a terminal only."""
    if not sys.stderr.isatty():
        return None
    from time import monotonic

    begun = monotonic()
    shown = begun

    def show(done: int, total: int) -> None:
        nonlocal shown
        now = monotonic()
        if done == total:
            if shown > begun:
                click.echo("\r\x1b[K", nl=False, err=True)
        elif now - begun > 1 and now - shown > 0.1:
            shown = now
            click.echo(f"\r\x1b[Kreading {done} of {total} files", nl=False, err=True)

    return show


def fail(message: str, help_: str = "") -> NoReturn:
    """End with exit code 2: something about the call or the disk is wrong."""
    click.echo(f"mirrorc: {message}" + (f"\n  {help_}" if help_ else ""), err=True)
    sys.exit(2)


def plural(count: int, noun: str, nouns: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"
