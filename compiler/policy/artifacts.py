"""From an analysis to bytes: the files on a node, and every artifact of a build.

In: an `Analysis` and the settings. Out: a `Compilation`: artifacts by their names below the output folder.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from compiler.findings.diagnostics import Diagnostic
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.names.releases import Release
from compiler.node.files import CONTAINERS, DROP_INS, POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF
from compiler.node.model import RegistriesConf
from compiler.policy.analysis import Analysis
from compiler.policy.settings import DROP_IN, Settings

_PREDICTION: tuple[str, ...] = (
    "A prediction of what the cluster's own controller generates, made by mirrorc.",
    "Not to be applied: the controller owns this object.",
)


_APPLICABLE: tuple[str, ...] = ("Made by mirrorc, to be applied where no mirror object is.",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilation:
    """The artifacts by their relative names, and every finding. There are artifacts only where no error stands."""

    files: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...]
    analysis: Analysis = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether no error stands."""
        return self.analysis.ok


def compile_analysis(analysis: Analysis, settings: Settings, *, memo: Forgetful = FORGETFUL) -> Compilation:
    """Render the artifacts of an analysis in which no error stands."""
    files = artifacts(analysis, settings, memo=memo) if analysis.ok else {}
    return Compilation(files=files, diagnostics=analysis.diagnostics, analysis=analysis)


def node_files(analysis: Analysis, release: Release, *, memo: Forgetful = FORGETFUL) -> dict[str, bytes]:
    """The files the controller puts on every node, by absolute path, in its order."""
    from compiler.policy import ignition, render

    files = {}
    if analysis.conf is not None:
        files[REGISTRIES_CONF] = render.registries_conf(analysis.conf, release, memo)
    policy = ignition.signature_policy(
        analysis.guarded.policy_blocked, analysis.guarded.allowed, atomic_filtered=release.policy_atomic_filtered
    )
    if policy is not None:
        files[POLICY_JSON] = render.policy_json(policy, indented=release.policy_indented)
    if analysis.search:
        files[SEARCH_CONF] = render.registries_conf(RegistriesConf(search=analysis.search), release)
    return files


def artifacts(analysis: Analysis, settings: Settings, *, memo: Forgetful = FORGETFUL) -> dict[str, bytes]:
    """Every artifact by its name below the output folder."""
    from compiler.policy import ignition, render

    on_nodes = node_files(analysis, settings.release, memo=memo)
    files = {path.removeprefix(CONTAINERS): content for path, content in on_nodes.items()}
    if settings.machine_config == DROP_IN:
        files.pop("registries.conf", None)
        path, content = drop_in(analysis, settings, memo)
        files[path.removeprefix(CONTAINERS)] = content
        carried: tuple[ignition.NodeFile, ...] = (ignition.node_file(path, content),)
        name, comments = settings.name, _APPLICABLE
    else:
        carried = tuple(ignition.node_file(path, content) for path, content in on_nodes.items())
        name, comments = "99-{pool}-generated-registries", _PREDICTION
    for pool in settings.pools:
        config = ignition.MachineConfig(
            name=name.replace("{pool}", pool), pool=pool, ignition=settings.release.ignition, files=carried
        )
        files[f"machine-configs/{config.name}.yaml"] = render.machine_config(config, comments)
    if not all(map(can_make, files)):
        raise AssertionError("a name that `can_make` does not know is never removed from an output folder")
    return files


_NAME = re.compile(
    r"registries\.conf|policy\.json|registries\.conf\.d/[0-9A-Za-z-]+\.conf|machine-configs/[a-z0-9][-a-z0-9.]*\.yaml"
)


def can_make(name: str) -> bool:
    """Whether `artifacts` can give a file this name, whatever the manifests and the settings are."""
    return _NAME.fullmatch(name) is not None


def not_carried(files: Iterable[str], settings: Settings) -> tuple[str, ...]:
    """Those of the artifacts that a node needs and MachineConfigs of the drop-in flavour do not bring to it.

    A policy.json of theirs would take the place of one that is there, and so would a search list: there is one of each
    on a node, while mirrors of several drop-ins add up.
    """
    if settings.machine_config != DROP_IN:
        return ()
    needed = (path.removeprefix(CONTAINERS) for path in (POLICY_JSON, SEARCH_CONF))
    return tuple(name for name in needed if name in files)


def drop_in(analysis: Analysis, settings: Settings, memo: Forgetful = FORGETFUL) -> tuple[str, bytes]:
    """The drop-in that a MachineConfig of that flavour carries: its absolute path and its content."""
    from compiler.policy import render

    return drop_in_path(settings), render.registries_drop_in(analysis.conf or RegistriesConf(), memo)


def drop_in_path(settings: Settings) -> str:
    """Where a MachineConfig of that flavour puts the drop-in."""
    return f"{DROP_INS}/{_number(settings.name)}-mirrors.conf"


def _number(name: str) -> str:
    """The drop-in sorts among its neighbours as the MachineConfig does among its own."""
    number = name.partition("-")[0]
    return number if number.isascii() and number.isdigit() else "99"
