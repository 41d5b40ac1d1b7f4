"""From an analysis to bytes: the files on a node, and every artifact of a build.

In: an `Analysis` and the settings. Out: a `Compilation`: artifacts by their names below the output folder.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.findings.diagnostics import Diagnostic
from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.names.releases import Release
from compiler.node.files import (
    DROP_INS,
    POLICY_JSON,
    REGISTRIES_CONF,
    SEARCH_CONF,
    SIGNATURES,
    SIGSTORE_REGISTRIES,
    namespace_policy,
    short_path,
)
from compiler.node.model import RegistriesConf
from compiler.policy.analysis import Analysis
from compiler.policy.settings import DROP_IN, Settings
from compiler.policy.signatures import members_of

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
    signatures = analysis.signatures
    policy = ignition.policy_json(
        analysis.guarded.policy_blocked,
        analysis.guarded.allowed,
        members_of(signatures.cluster),
        atomic_filtered=release.policy_atomic_filtered,
    )
    if policy is not None:
        files[POLICY_JSON] = render.policy_json(policy, indent=2 if release.policy_indented else 0)
    elif signatures.namespaces:
        files[POLICY_JSON] = render.base_policy_json()
    if analysis.signature_places:
        files[SIGSTORE_REGISTRIES] = render.sigstore_registries(analysis.signature_places)
    for namespace, signed in signatures.namespaces.items():
        files[namespace_policy(namespace)] = render.policy_json(
            ignition.namespace_policy(policy, members_of(signed)),
            indent=release.signatures.namespace_indent if release.signatures else 2,
        )
    if analysis.search:
        files[SEARCH_CONF] = render.registries_conf(RegistriesConf(search=analysis.search), release)
    return files


def artifacts(analysis: Analysis, settings: Settings, *, memo: Forgetful = FORGETFUL) -> dict[str, bytes]:
    """Every artifact by its name below the output folder."""
    from compiler.policy import ignition, render

    on_nodes = node_files(analysis, settings.release, memo=memo)
    files = {short_path(path): content for path, content in on_nodes.items()}
    if settings.machine_config == DROP_IN:
        files.pop(short_path(REGISTRIES_CONF), None)
        if analysis.signature_places:
            own = _places_without_mirrors(analysis, settings.release)
            files[short_path(SIGSTORE_REGISTRIES)] = render.sigstore_registries(own)
        brought = drop_in(analysis, settings, memo)
        files |= {short_path(path): content for path, content in brought.items()}
        name, comments = settings.name, _APPLICABLE
    else:
        brought = on_nodes
        name, comments = "99-{pool}-generated-registries", _PREDICTION
    carried = tuple(ignition.node_file(path, content) for path, content in brought.items())
    for pool in settings.pools:
        config = ignition.MachineConfig(
            name=name.replace("{pool}", pool), pool=pool, ignition=settings.release.ignition, files=carried
        )
        files[f"machine-configs/{config.name}.yaml"] = render.machine_config(config, comments)
    if not all(map(can_make, files)):
        raise AssertionError("a name that `can_make` does not know is never removed from an output folder")
    return files


_NAME = re.compile(
    r"registries\.conf|policy\.json|registries\.conf\.d/[0-9A-Za-z-]+\.conf|registries\.d/[0-9A-Za-z-]+\.yaml"
    r"|crio/policies/[a-z0-9-]+\.json|machine-configs/[a-z0-9][-a-z0-9.]*\.yaml"
)


def can_make(name: str) -> bool:
    """Whether `artifacts` can give a file this name, whatever the manifests and the settings are."""
    return _NAME.fullmatch(name) is not None


def not_carried(analysis: Analysis, settings: Settings) -> tuple[str, ...]:
    """The artifacts that the Image config calls for and MachineConfigs of the drop-in flavour do not bring to a node.

    A policy.json of theirs would replace the one that is there, and so would a search list: there is one of each on a
    node, while mirrors of several drop-ins add up. What signature policies call for the controller makes by itself.
    """
    if settings.machine_config != DROP_IN:
        return ()
    guarded = analysis.guarded
    needed = {POLICY_JSON: guarded.policy_blocked or guarded.allowed, SEARCH_CONF: analysis.search}
    return tuple(short_path(path) for path, called_for in needed.items() if called_for)


def drop_in(analysis: Analysis, settings: Settings, memo: Forgetful = FORGETFUL) -> dict[str, bytes]:
    """What a MachineConfig of that flavour carries, by absolute path.

    It is the drop-in and, where a mirror serves images that must be signed, a file of registries.d with the places that
    the controller does not know. A place in two files of registries.d fails every pull on the node, so none of the
    controller's is repeated.
    """
    from compiler.policy import render

    mirrors, signatures = drop_in_paths(settings)
    files = {mirrors: render.registries_drop_in(analysis.conf or RegistriesConf(), memo)}
    known = frozenset(_places_without_mirrors(analysis, settings.release) if analysis.signature_places else ())
    if added := tuple(place for place in analysis.signature_places if place not in known):
        files[signatures] = render.sigstore_registries(added)
    return files


def _places_without_mirrors(analysis: Analysis, release: Release) -> tuple[str, ...]:
    """Where signatures are looked for by the controller's own file on a cluster without mirror objects."""
    from compiler.policy import entries
    from compiler.policy.signature_places import signature_places

    image = analysis.policy.image
    conf = None
    if image is not None and release.signatures is not None and release.signatures.finds_mirrors:
        made, _ = entries.build((), (), blocked=analysis.guarded.blocked, insecure=image.insecure or ())
        conf = RegistriesConf(entries=made)
    return signature_places(analysis.signatures.scopes, conf).keys


def drop_in_paths(settings: Settings) -> tuple[str, str]:
    """Where a MachineConfig of that flavour puts the drop-in, and the places of signatures."""
    number = _number(settings.name)
    return f"{DROP_INS}/{number}-mirrors.conf", f"{SIGNATURES}/{number}-mirrors.yaml"


def _number(name: str) -> str:
    """The drop-in sorts among its neighbours as the MachineConfig does among its own."""
    number = name.partition("-")[0]
    return number if number.isascii() and number.isdigit() else "99"
