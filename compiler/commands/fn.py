"""`mirrorc fn`."""

import sys
from typing import TYPE_CHECKING

import click

from compiler.commands.command import Command
from compiler.commands.common import exit_code, fail, piped
from compiler.commands.console import in_job_log, say, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compiler.policy.settings import Settings

_SETTINGS = ("release", "releaseImage", "payloadPolicy")


@click.command(
    cls=Command,
    examples=(
        (
            "Check what a kustomization builds, as a KRM function",
            "kustomize build --enable-alpha-plugins --enable-exec overlays/prod",
        ),
        ("Check the manifests of a ResourceList", "mirrorc fn < resource-list.yaml"),
        ("Read the findings alone", "mirrorc fn < resource-list.yaml | yq .results"),
    ),
)
def command() -> None:
    """Check a ResourceList as a KRM function.

    Reads a ResourceList (config.kubernetes.io/v1) from standard input, adds the findings as `results`, and writes it to
    standard output with its items unchanged. Exits with 1 if a finding is an error. functionConfig may be a ConfigMap
    whose data has `release`, `releaseImage`, `payloadPolicy` and, for `severity.RULE`, a level.
    """
    from compiler.checks.inspection import inspect, view
    from compiler.manifests.parsing import parse
    from compiler.manifests.resource_list import ResourceListError, as_json, read_resource_list
    from compiler.policy.analysis import analyse
    from compiler.repository import files
    from compiler.text.escaping import Patch, has_command
    from compiler.text.span import File

    file = files.decode("<stdin>", piped())
    if not isinstance(file, File):
        fail(f"{file.path} {file.message}", file.help)
    try:
        given = read_resource_list(file)
    except ResourceListError as error:
        fail(str(error), error.help)
    settings = _settings(given.config)
    analysis = analyse([parse(given.as_list, settings.release)], settings)
    found = inspect({"": view(analysis, settings)}).diagnostics
    try:
        text = given.with_results(found)
    except ResourceListError as error:
        fail(str(error), error.help)
    if in_job_log() and has_command(text):  # what is written around a patch, the caller would take for the list
        text = as_json(text)
    write(Patch(text))
    for finding in found:
        say(f"{finding.severity}[{finding.rule}]: {finding.message}")
    sys.exit(exit_code(found))


def _settings(config: "Mapping[str, str]") -> "Settings":
    from compiler.policy.settings import SettingError, settings_of

    severities = {name.removeprefix("severity."): level for name, level in config.items() if "severity." in name}
    unknown = [name for name in config if name not in _SETTINGS and not name.startswith("severity.")]
    if unknown:
        fail(f"functionConfig has no setting `{unknown[0]}`", f"It takes {', '.join(_SETTINGS)} and severity.RULE.")
    try:
        return settings_of(
            release=config.get("release"),
            release_image=config.get("releaseImage"),
            payload_policy=config.get("payloadPolicy"),
            severities=severities,
        )
    except SettingError as error:
        fail(f"functionConfig: {error}", error.help)
