"""The options and arguments that several commands take, and the clusters that they choose.

In: a command line. Out: the clusters to work on, each with its settings, the options laid over what is configured.
"""

import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

import click

from compiler.commands.command import Option
from compiler.commands.common import CONFIGURATION, fail, tell
from compiler.commands.completing import FILE, SEVERITY
from compiler.commands.console import say
from compiler.names.releases import DEFAULT_RELEASE, RELEASES

if TYPE_CHECKING:
    from compiler.clusters.cluster import Cluster
    from compiler.clusters.config import Config
    from compiler.findings.diagnostics import Diagnostic
    from compiler.manifests.given_values import Value, Values
    from compiler.policy.settings import Settings
    from compiler.repository.paths import Destination
    from compiler.text.span import Located

_Command = TypeVar("_Command", bound=Callable[..., object])


def paths_argument(command: _Command) -> _Command:
    """`[PATH]...`, by default the current folder; `-` is standard input."""
    return click.argument("paths", metavar="[PATH]...", nargs=-1, type=FILE)(command)


def namespace_option(command: _Command) -> _Command:
    """The namespace whose pods pull: the signature policies for it apply beside those of the cluster."""
    return Option.of(
        "--namespace",
        metavar="NAMESPACE",
        default="",
        help="Namespace of the pods, whose own signature policies apply too.",
        group="Input",
    )(command)


def allow_empty_option(command: _Command) -> _Command:
    """For repos without mirror policy, or without images, that are meant to be so."""
    return Option.of(
        "--allow-empty",
        is_flag=True,
        help="Accept a repo in which nothing is found, instead of exiting with 2.",
        group="Rule",
    )(command)


def values_options(command: _Command) -> _Command:
    """Values for the placeholders of templates.

    The command is not given them: `choose_clusters` lays them over those that are configured.
    """
    options = (
        Option.of(
            "--set",
            "assignments",
            metavar="NAME=VALUE",
            multiple=True,
            expose_value=False,
            callback=_keep,
            help="Value of a placeholder in templates (repeatable); a name with dots is a path.",
            group="Input",
        ),
        Option.of(
            "--values",
            "value_files",
            metavar="FILE",
            multiple=True,
            type=FILE,
            expose_value=False,
            callback=_keep,
            help="YAML file with values of placeholders (repeatable).",
            group="Input",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _given_values(assignments: "Sequence[str]", files: "Sequence[str]") -> "Values":
    """The values of `--values` with those of `--set` over them; ends the program where one is none."""
    if not assignments and not files:
        return {}
    from compiler.manifests.given_values import GivenError, merged, parse_assignment

    try:
        return merged(*map(_values_of, files), dict(map(parse_assignment, assignments)))
    except GivenError as error:
        raise click.UsageError(f"{error}.") from error


def _values_of(path: str) -> "Values":
    from compiler.manifests.load import read_one
    from compiler.repository.files import affordable, decode
    from compiler.repository.paths import Problem
    from compiler.text.span import File
    from compiler.text.tree import Mapping, YamlError, plain, read

    data = read_one(path)
    file = decode(path, data) if isinstance(data, bytes) else data
    tree = affordable(path, lambda: read(file)) if isinstance(file, File) else file
    if isinstance(tree, Problem):
        fail(f"`{tree.path}` {tree.message}", tree.help)
    if isinstance(tree.error, YamlError):
        fail(f"{tree.error.span}: {tree.error.message}", "Write a YAML mapping of names to values.")
    roots = [document.root for document in tree.documents if document.root is not None]
    if not all(isinstance(root, Mapping) for root in roots):
        fail(f"{path} is not a mapping", "Write a YAML mapping of names to values.")
    return {name: value for root in roots for name, value in cast("dict[str, Value]", plain(root)).items()}


@dataclass(slots=True)
class _Choices:
    """What the options of `cluster_options` say; click keeps them beside the command's own."""

    config: str | None = None
    names: tuple[str, ...] = ()
    shard: tuple[int, int] | None = None
    release: str | None = None
    pools: tuple[str, ...] = ()
    release_image: str | None = None
    payload_policy: str | None = None
    severities: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    value_files: tuple[str, ...] = ()
    tracked_only: bool = False
    show_settings: bool = False
    baseline: "tuple[str, Located[str]] | None" = None


def _choices() -> _Choices:
    return click.get_current_context().ensure_object(_Choices)


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    setattr(context.ensure_object(_Choices), parameter.name or "", value)


def _clusters(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The configured clusters that a shell may complete a name to."""
    from compiler.clusters.cluster import find_config, read_config

    named = context.ensure_object(_Choices).config
    location = named or find_config(".")
    config = read_config(location, named=named is not None)[0] if location is not None else None
    names = [cluster.name.value for cluster in config.clusters] if config is not None else []
    return [name for name in names if name.startswith(incomplete)]


def _shard(context: click.Context, parameter: click.Parameter, text: str | None) -> None:
    """Take `K/N`: the Kth of N parts."""
    if text is None:
        return
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        message = f"`{text}` is not K/N with K from 1 to N, for example 1/4."
        raise click.BadParameter(message, context, parameter)
    _keep(context, parameter, (int(part), int(parts)))


if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    _Choice = click.Choice  # it takes no parameter before click 8.2


class _Release(_Choice):
    """A release, or a version of one such as `4.18.12`."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The version, if it is one; else one of the releases."""
        version = _VERSION.fullmatch(value)
        return value if version and version[1] in RELEASES else super().convert(value, param, ctx)


_OLDEST, *_, _NEWEST = RELEASES
_VERSION = re.compile(r"(\d+\.\d+)\.\d+(?:-[-.0-9A-Za-z]+)?")


def cluster_options(command: _Command) -> _Command:
    """Which clusters to work on, and what decides what each makes of its manifests.

    The command is not given them: `choose_clusters` lays them over what is configured.
    """
    options = (
        Option.of(
            "--config",
            metavar="FILE",
            type=FILE,
            expose_value=False,
            callback=_keep,
            help="Configuration file.  [default: the nearest .mirrorc.yaml in this folder or above]",
            group="Cluster",
        ),
        Option.of(
            "--cluster",
            "names",
            metavar="NAME",
            multiple=True,
            expose_value=False,
            callback=_keep,
            shell_complete=_clusters,
            help="Configured cluster (repeatable).  [default: all]",
            group="Cluster",
        ),
        Option.of(
            "--shard",
            metavar="K/N",
            expose_value=False,
            callback=_shard,
            help="Process only the Kth of N equal parts of the clusters.",
            group="Cluster",
        ),
        Option.of(
            "--release",
            type=_Release(list(RELEASES)),
            metavar="X.Y",
            expose_value=False,
            callback=_keep,
            help=f"OpenShift release, {_OLDEST} to {_NEWEST}, or a version such as 4.18.12.  "
            f"[default: {DEFAULT_RELEASE}]",
            group="Cluster",
        ),
        Option.of(
            "--pool",
            "pools",
            metavar="POOL",
            multiple=True,
            expose_value=False,
            callback=_keep,
            help="Machine config pool (repeatable).  [default: master, worker]",
            group="Cluster",
        ),
        Option.of(
            "--release-image",
            metavar="IMAGE",
            expose_value=False,
            callback=_keep,
            help="Release image the cluster was installed from.",
            group="Cluster",
        ),
        Option.of(
            "--payload-policy",
            type=click.Choice(["default", "none"]),
            expose_value=False,
            callback=_keep,
            help="Whether the cluster has its payload's signature policy.  [default: default, for OKD none]",
            group="Cluster",
        ),
        Option.of(
            "--severity",
            "severities",
            multiple=True,
            metavar="RULE=LEVEL",
            type=SEVERITY,
            expose_value=False,
            callback=_keep,
            help="Report RULE as error, warning, note or off (repeatable).",
            group="Rule",
        ),
        Option.of(
            "--tracked-only",
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Ignore files that Git does not track.",
            group="Input",
        ),
        Option.of(
            "--show-settings",
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Show the settings of each cluster and where each comes from (text, json), and exit.",
            group="Cluster",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def repo_option(about: str) -> Callable[[_Command], _Command]:
    """`--repo`, of commands whose arguments are something else."""
    return Option.of("--repo", "repos", metavar="PATH", multiple=True, type=FILE, help=about, group="Input")


def node_files_option(about: str) -> Callable[[_Command], _Command]:
    """`--registries-conf`: files of a node instead of a repo."""
    return Option.of(
        "--registries-conf",
        "conf_files",
        metavar="FILE",
        type=FILE,
        multiple=True,
        help=f"{about} (repeatable: drop-ins, policy.json, registries.d; or a folder with them).",
        group="Input",
    )


def sides_options(merge_base: str, only: str) -> Callable[[_Command], _Command]:
    """OLD and NEW with `--merge-base` and `--path`, of commands that compare two sides."""

    def added(command: _Command) -> _Command:
        command = Option.of("--path", "paths", metavar="PATH", multiple=True, type=FILE, help=only, group="Input")(
            command
        )
        command = Option.of("--merge-base", "branch", metavar="BRANCH", help=merge_base, group="Input")(command)
        return click.argument("sides", metavar="[OLD [NEW]]", nargs=-1, type=FILE)(command)

    return added


def refuse_image_rules(command: str) -> None:
    """End the program where --severity is given for a rule about images, which another command reports."""
    from compiler.findings.rules import ABOUT_IMAGES

    for text in _choices().severities:
        rule = _severity(text)[0]
        if rule in ABOUT_IMAGES:
            message = (
                f"`mirrorc images` reports `{rule}`, not `mirrorc {command}`: use `mirrorc images --severity {text}`."
            )
            raise click.UsageError(message)


def tracked_only() -> bool:
    """Whether what Git does not track is to be left out."""
    return _choices().tracked_only


def choose_clusters(
    paths: tuple[str, ...],
    *,
    output: str | None = None,
    machine_config: str | None = None,
    name: str | None = None,
    allow_empty: bool = False,
    flaws: "Callable[[Sequence[Diagnostic]], None] | None" = None,
) -> "list[Cluster]":
    """The clusters a command works on, with the options given over what is configured.

    Paths are a separate cluster under the configuration's defaults, or replace those of the one cluster that
    is named. Without paths it is the configured clusters, and the current folder where nothing is configured; so it is
    if the only path is the folder of the configuration.

    Args:
        paths: What the command is pointed at.
        output: The folder to write to, with the cluster's name where there are several.
        machine_config: The flavour of MachineConfigs, None for the configured one.
        name: What MachineConfigs to apply are called, None for the configured name.
        allow_empty: Nothing has to be found, whatever is configured.
        flaws: Reports what is wrong with the configuration, by default to people; then the program ends.
    """
    from compiler.clusters.cluster import Cluster

    choices = _choices()
    configuration = _configuration(paths, flaws or tell)
    if configuration is None:
        if choices.names or choices.shard:
            what = "--cluster" if choices.names else "--shard"
            fail(f"{what} needs a configuration, and none was found", "Write one with `mirrorc init`.")
        clusters = [Cluster(paths=paths or (".",), tracked_only=choices.tracked_only, may_be_several=True)]
    else:
        clusters = _configured(configuration, choices, paths)
    values = _given_values(choices.assignments, choices.value_files)
    chosen = [
        replace(
            cluster,
            settings=_settings(cluster.settings, choices, machine_config, name, allow_empty=allow_empty, values=values),
            output=_output(output, cluster, several=len(clusters) > 1),
        )
        for cluster in clusters
    ]
    if choices.show_settings:
        deciding = _deciding(choices, paths, output, machine_config, name, values, allow_empty=allow_empty)
        _show_settings(chosen, deciding, configuration[1] if configuration is not None else "")
    _tell_okd(chosen)
    return chosen


def _deciding(
    choices: _Choices,
    paths: tuple[str, ...],
    output: str | None,
    machine_config: str | None,
    name: str | None,
    values: "Values | None",
    *,
    allow_empty: bool,
) -> "dict[str, str]":
    """The options that decide something, by the name of the setting."""
    given = {
        "release": ("--release", choices.release),
        "pools": ("--pool", choices.pools),
        "releaseImage": ("--release-image", choices.release_image),
        "payloadPolicy": ("--payload-policy", choices.payload_policy),
        "machineConfig": ("--machine-config", machine_config),
        "machineConfigName": ("--name", name),
        "allowEmpty": ("--allow-empty", allow_empty),
        "output": ("-o", output),
        "paths": ("PATH", paths),
    }
    found = {setting: option for setting, (option, value) in given.items() if value}
    found |= {f"severities.{_severity(text)[0]}": "--severity" for text in choices.severities}
    names = {text.partition("=")[0].partition(".")[0] for text in choices.assignments}
    return found | {f"values.{each}": "--set" if each in names else "--values" for each in values or ()}


def _show_settings(asked: "Sequence[Cluster]", options: "dict[str, str]", configuration: str) -> None:
    """Print the settings of the clusters, and end the program."""
    from compiler.clusters.effective import effective, matched
    from compiler.clusters.homes import settled
    from compiler.clusters.loading import load_repo
    from compiler.commands.answer import give
    from compiler.reporters import settings
    from compiler.repository.files import is_stream

    found: Sequence[Cluster] = asked
    if not any(is_stream(path) for cluster in asked for path in cluster.paths):
        repo = load_repo([replace(cluster, kustomizations=(), charts=()) for cluster in asked])
        by_name = {cluster.name: cluster for cluster in asked}
        found = [by_name.get(each.name, each) for each in settled(repo.clusters, repo).clusters]
        found = [*(each for each in asked if each.is_built and each not in found), *found]
    shown = [
        settings.Shown(name=each.name, configuration=configuration, settings=effective(each, options, like=like))
        for each, like in matched(found, asked)
    ]
    parameters = click.get_current_context().params
    formats = [getattr(each, "format", each) for each in parameters.get("formats") or ()]
    as_json = "json" in {*formats, parameters.get("format"), parameters.get("output")}
    give(settings.as_json(shown) if as_json else settings.as_text(shown), None)
    sys.exit(0)


def _settings(
    configured: "Settings",
    choices: _Choices,
    machine_config: str | None,
    name: str | None,
    *,
    allow_empty: bool,
    values: "Values | None",
) -> "Settings":
    """What is configured for a cluster, with the options over it."""
    from compiler.policy.settings import SettingError, settings_of

    try:
        return settings_of(
            configured,
            release=choices.release,
            pools=choices.pools,
            release_image=choices.release_image,
            severities=dict(_severity(text) for text in choices.severities),
            machine_config=machine_config,
            name=name,
            payload_policy=choices.payload_policy,
            allow_empty=allow_empty,
            values=values,
        )
    except SettingError as error:
        raise click.UsageError(" ".join(filter(None, (f"{error}.", error.help)))) from error


def _tell_okd(clusters: "Sequence[Cluster]") -> None:
    """Say once that a release image decides whether there is a payload policy, where it would make a difference."""
    for cluster in clusters:
        settings = cluster.settings
        brings = settings.release.signatures is not None and settings.release.signatures.payload_scopes
        if brings and settings.payload_policy is None and settings.is_okd:
            say(
                f"mirrorc: {settings.release_repository} is OKD's, whose payload has no signature policy",
                "  Set `payloadPolicy` or --payload-policy if the cluster has one.",
            )
            return


def all_configured(paths: tuple[str, ...]) -> bool:
    """Whether a command works on all clusters of a configuration, so that what none of them reads is read by none."""
    choices = _choices()
    location = config_location(paths)
    if location is None or choices.names or choices.shard:
        return False
    return not paths or _is_folder_of(location, paths)


def configured_baseline() -> "tuple[str, Located[str]] | None":
    """The configuration that `choose_clusters` read and the baseline it names, None where it names none."""
    return _choices().baseline


def config_is_named() -> bool:
    """Whether the user named the configuration."""
    return _choices().config is not None


def config_location(paths: tuple[str, ...]) -> str | None:
    """Where the configuration that applies to these paths is, None where there is none."""
    from compiler.clusters.cluster import find_config
    from compiler.repository.files import is_stream

    first = next((path for path in paths if not is_stream(path)), ".")
    return _choices().config or find_config(first)


def _configuration(
    paths: tuple[str, ...], flaws: "Callable[[Sequence[Diagnostic]], None]"
) -> "tuple[Config, str] | None":
    """The configuration that applies and where it is; ends the program if it cannot be used."""
    from compiler.clusters.cluster import read_config

    location = config_location(paths)
    if location is None:
        return None
    config, findings = read_config(location, named=config_is_named())
    if config is None:
        flaws(findings)
        fail(f"{location} cannot be used", "No other file was read.")
    click.get_current_context().meta[CONFIGURATION] = location
    _choices().baseline = (location, config.baseline) if config.baseline is not None else None
    return config, location


def _configured(configuration: "tuple[Config, str]", choices: _Choices, paths: tuple[str, ...]) -> "list[Cluster]":
    from compiler.clusters.cluster import configured

    config, location = configuration
    known = {cluster.name.value: cluster for cluster in config.clusters}
    for name in choices.names:
        if name not in known:
            from compiler.text.wording import nearest, some_of

            near = nearest(name, known)
            advice = f"Did you mean `{near}`?" if near else f"It has {some_of(list(known), 8) or 'none'}."
            fail(f"{location} has no cluster `{name}`", advice)
    if paths and len(choices.names) > 1:
        fail(
            "paths replace the manifests of one cluster, but several clusters are selected",
            "Select one cluster, or give no paths.",
        )
    if known and _is_folder_of(location, paths):
        paths = ()
    if not choices.names and (paths or not known):
        if choices.shard:
            fail("--shard splits the configured clusters, but there is only one cluster", "Remove the option.")
        (only,) = configured([config.defaults], location, tracked_only=choices.tracked_only)
        if not paths and (only.paths or only.is_built):
            return [only]
        return [replace(only.over(paths or (".",)), may_be_several=bool(paths))]
    chosen = [cluster for name, cluster in known.items() if not choices.names or name in choices.names]
    if choices.shard:
        part, parts = choices.shard
        chosen = chosen[part - 1 :: parts]
    clusters = configured(chosen, location, tracked_only=choices.tracked_only)
    if choices.names or choices.shard:
        clusters = [replace(cluster, chosen=True) for cluster in clusters]
    return [cluster.over(paths) for cluster in clusters] if paths else clusters


def _is_folder_of(location: str, paths: tuple[str, ...]) -> bool:
    """Whether the paths are the folder of the configuration: what is meant is what that says of it."""
    return len(paths) == 1 and os.path.realpath(paths[0]) == os.path.realpath(os.path.dirname(location))  # noqa: PTH120 - names are texts


def _output(output: str | None, cluster: "Cluster", *, several: bool) -> "Destination":
    from compiler.clusters.config import CLUSTER
    from compiler.repository.paths import Destination

    if output is None:
        return cluster.output
    if not output:
        raise click.UsageError("-o needs the name of a folder.")
    if several and CLUSTER not in output:
        raise click.UsageError(f"Several clusters would be written to `{output}`: use {CLUSTER} in the name.")
    if CLUSTER in output and not cluster.name:
        raise click.UsageError(f"`{output}` contains the name of a cluster, but no cluster is configured.")
    return Destination(output.replace(CLUSTER, cluster.name))


def _severity(text: str) -> tuple[str, str]:
    rule, equals, level = text.partition("=")
    if not equals:
        message = f"`{text}` is not RULE=LEVEL, for example order-conflict=warning"
        raise click.UsageError(f"{message}.")
    return rule, level
