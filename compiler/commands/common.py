"""What several commands share: options, choosing clusters, telling findings to people."""

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from compiler.releases import DEFAULT_RELEASE, RELEASES

if TYPE_CHECKING:
    from compiler.cluster import Cluster
    from compiler.config import Config
    from compiler.diagnostics import Diagnostic
    from compiler.load import Progress

_Command = TypeVar("_Command", bound=Callable[..., object])


def paths_argument(command: _Command) -> _Command:
    """`[PATH]...`, by default the current folder; `-` is standard input."""
    return click.argument("paths", metavar="[PATH]...", nargs=-1)(command)


@dataclass(slots=True)
class _Selected:
    """Which clusters of which configuration the command line names."""

    config: str | None = None
    names: tuple[str, ...] = ()
    shard: tuple[int, int] | None = None


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    setattr(context.ensure_object(_Selected), parameter.name or "", value)


def _shard(context: click.Context, parameter: click.Parameter, text: str | None) -> None:
    """Take `K/N`: the Kth of N parts."""
    if text is None:
        return
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        message = f"`{text}` is not K/N with K from 1 to N, such as 1/4."
        raise click.BadParameter(message, context, parameter)
    _keep(context, parameter, (int(part), int(parts)))


def cluster_options(command: _Command) -> _Command:
    """Which clusters to work on, and what decides what each makes of its manifests."""
    options = (
        click.option(
            "--config",
            metavar="FILE",
            expose_value=False,
            callback=_keep,
            help="Configuration to use.  [default: the nearest .mirrorc.yaml upwards]",
        ),
        click.option(
            "--cluster",
            "names",
            metavar="NAME",
            multiple=True,
            expose_value=False,
            callback=_keep,
            help="Configured cluster to work on (repeatable).  [default: all]",
        ),
        click.option(
            "--shard",
            metavar="K/N",
            expose_value=False,
            callback=_shard,
            help="Work on the Kth of N equal parts of the clusters.",
        ),
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
    """The clusters a command works on, with the options given over what is configured.

    Paths are one cluster of their own under the configuration's defaults, or stand for those of the one cluster that
    is named. Without paths it is the configured clusters, and the current folder where nothing is configured.
    """
    from compiler.cluster import Cluster
    from compiler.settings import SettingError, overridden

    gc.disable()  # a run makes much and drops nothing: there is nothing to collect
    selected = click.get_current_context().ensure_object(_Selected)
    configuration = _configuration(paths)
    if configuration is None:
        if selected.names or selected.shard:
            what = "--cluster" if selected.names else "--shard"
            fail(f"{what} needs a configuration, and there is none here", "`mirrorc init` writes one.")
        clusters = [Cluster(paths=paths or (".",), tracked_only=tracked_only)]
    else:
        clusters = _configured(configuration, selected, paths, tracked_only=tracked_only)
    chosen = []
    for cluster in clusters:
        try:
            settings = overridden(
                cluster.settings,
                release=release,
                pools=pools,
                release_image=release_image,
                severities=dict(_severity(text) for text in severities),
                machine_config=machine_config,
                name=name,
            )
        except SettingError as error:
            raise click.UsageError(" ".join(filter(None, (f"{error}.", error.help)))) from error
        chosen.append(replace(cluster, settings=settings, output=_output(output, cluster, several=len(clusters) > 1)))
    return chosen


def config_location(paths: tuple[str, ...]) -> str | None:
    """Where the configuration that counts for these paths stands, None where there is none."""
    from compiler.cluster import STANDARD_INPUT, find_config

    selected = click.get_current_context().ensure_object(_Selected)
    first = next((path for path in paths if path != STANDARD_INPUT), ".")
    return selected.config or find_config(first)


def _configuration(paths: tuple[str, ...]) -> "tuple[Config, str] | None":
    """The configuration that counts and where it stands; ends the program if it cannot be used."""
    from compiler.cluster import read_config

    location = config_location(paths)
    if location is None:
        return None
    config, findings = read_config(location)
    if config is None:
        tell(findings)
        fail(f"{location} cannot be used", "Nothing was read but this file.")
    return config, location


def _configured(
    configuration: "tuple[Config, str]", selected: _Selected, paths: tuple[str, ...], *, tracked_only: bool
) -> "list[Cluster]":
    from compiler.cluster import configured

    config, location = configuration
    known = {cluster.name.value: cluster for cluster in config.clusters}
    for name in selected.names:
        if name not in known:
            from compiler.fields import nearest

            near = nearest(name, frozenset(known))
            advice = f"Did you mean `{near}`?" if near else f"It has {_listed(list(known)) or 'none'}."
            fail(f"{location} has no cluster `{name}`", advice)
    if paths and len(selected.names) > 1:
        fail("paths stand for those of one cluster, and several are named", "Name one cluster, or no paths.")
    if not selected.names and (paths or not known):
        if selected.shard:
            fail("--shard splits the configured clusters, and there is only one here", "Leave it out.")
        (only,) = configured([config.defaults], location, tracked_only=tracked_only)
        return [only.over(paths or (".",)) if paths or not only.paths else only]
    chosen = [cluster for name, cluster in known.items() if not selected.names or name in selected.names]
    if selected.shard:
        part, parts = selected.shard
        chosen = chosen[part - 1 :: parts]
    clusters = configured(chosen, location, tracked_only=tracked_only)
    return [cluster.over(paths) for cluster in clusters] if paths else clusters


def _output(output: str | None, cluster: "Cluster", *, several: bool) -> str:
    from compiler.config import CLUSTER

    if output is None:
        return cluster.output
    if not output:
        raise click.UsageError("-o names no folder.")
    if several and CLUSTER not in output:
        raise click.UsageError(f"Several clusters would be written to `{output}`: put {CLUSTER} in it.")
    if CLUSTER in output and not cluster.name:
        raise click.UsageError(f"`{output}` asks for a cluster's name, and no cluster is configured here.")
    return output.replace(CLUSTER, cluster.name)


def _listed(names: list[str], most: int = 8) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _severity(text: str) -> tuple[str, str]:
    rule, equals, level = text.partition("=")
    if not equals:
        message = f"`{text}` is not RULE=LEVEL, such as order-conflict=warning"
        raise click.UsageError(f"{message}.")
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


def tell_clusters(findings: "Mapping[str, Sequence[Diagnostic]]") -> None:
    """Show the findings of several clusters, each only once, under the names of the clusters it concerns."""
    from compiler.fleet import gather, named

    for clusters, told in gather(findings):
        if len(findings) > 1:
            click.echo(f"In {named(clusters, len(findings))}:\n", err=True)
        tell(told)


def exit_code(diagnostics: "Iterable[Diagnostic]", *, strict: bool = False) -> int:
    """0, or 1 where an error stands (with `strict` a warning too), or 2 where a path could not be read at all."""
    from compiler.diagnostics import Severity
    from compiler.load import was_unread

    code = 0
    for diagnostic in diagnostics:
        if was_unread(diagnostic):
            return 2
        if diagnostic.severity is Severity.ERROR or (strict and diagnostic.severity is Severity.WARNING):
            code = 1
    return code


def terminal_width() -> int:
    """Columns to fit into: the terminal's, 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns


def wants_colour(stream: object) -> bool:
    """Whether to colour what goes to a stream: on a terminal, or where FORCE_COLOR asks; never under NO_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    is_terminal = getattr(stream, "isatty", lambda: False)()
    return bool(is_terminal) and os.environ.get("TERM") != "dumb"


def progress(doing: str = "reading", what: str = "files") -> "Progress | None":
    """A counter on stderr for work of more than a second, on a terminal only."""
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
            click.echo(f"\r\x1b[K{doing} {done} of {total} {what}", nl=False, err=True)

    return show


def fail(message: str, help_: str = "") -> NoReturn:
    """End with exit code 2: something about the call or the disk is wrong."""
    click.echo(f"mirrorc: {message}" + (f"\n  {help_}" if help_ else ""), err=True)
    sys.exit(2)


def plural(count: int, noun: str, nouns: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"
