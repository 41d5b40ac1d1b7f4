"""The flavours of MachineConfig: what the objects are called, what they carry and which artifacts are beside them.

In: an `Analysis` and the settings. Out: for the flavour that the settings choose, files by absolute path.

A new flavour is a row of `FLAVOURS` and a name in `settings.MACHINE_CONFIGS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from compiler.machine.memo import FORGETFUL, Forgetful
from compiler.names.releases import Release
from compiler.node.files import (
    DROP_INS,
    GENERATED,
    POLICY_JSON,
    REGISTRIES_CONF,
    SEARCH_CONF,
    SIGNATURES,
    SIGSTORE_REGISTRIES,
    short_path,
)
from compiler.node.model import RegistriesConf
from compiler.policy.analysis import Analysis
from compiler.policy.node_files import node_files
from compiler.policy.settings import CONTROLLER, DROP_IN, Settings

Files = dict[str, bytes]
"""Contents by absolute path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavour:
    """One flavour of MachineConfig.

    Attributes:
        name: As the configuration has it.
        comments: What the YAML of each object says of itself.
        object_name: What the objects are called, with `{pool}` where the pool's name goes.
        paths: The files that an object can carry; folders mean all files in them.
        carried: What each object carries.
        beside: The artifacts that are not object, given what the controller would put on nodes.
        lacking: The artifacts that the Image config calls for and that the objects do not bring to nodes.
        replaces_files: The objects carry all that the controller makes, its registries.conf and policy.json too.
    """

    name: str
    comments: tuple[str, ...]
    object_name: Callable[[Settings], str]
    paths: Callable[[Settings], frozenset[str]]
    carried: Callable[[Analysis, Settings, Forgetful], Files]
    beside: Callable[[Analysis, Settings, Files, Forgetful], Files]
    lacking: Callable[[Analysis], tuple[str, ...]]
    replaces_files: bool


def flavour_of(settings: Settings) -> Flavour:
    """The flavour that the settings choose."""
    return FLAVOURS[settings.machine_config]


# --- controller: a prediction of the controller's own objects -----------------------


def _all_files(analysis: Analysis, settings: Settings, memo: Forgetful) -> Files:
    return node_files(analysis, settings.release, memo=memo)


def _unchanged(analysis: Analysis, settings: Settings, on_nodes: Files, memo: Forgetful) -> Files:
    return on_nodes


# --- drop-in: objects to be applied where no mirror object is -----------------------


def drop_in(analysis: Analysis, settings: Settings, memo: Forgetful = FORGETFUL) -> Files:
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
        files[signatures] = render.sigstore_registries(added, memo)
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


def _without_mirrors(analysis: Analysis, settings: Settings, on_nodes: Files, memo: Forgetful) -> Files:
    """What the controller makes on a cluster without mirror objects, and the drop-in."""
    from compiler.policy import render

    files = {path: content for path, content in on_nodes.items() if path != REGISTRIES_CONF}
    if analysis.signature_places:
        own = _places_without_mirrors(analysis, settings.release)
        files[SIGSTORE_REGISTRIES] = render.sigstore_registries(own, memo)
    return files | drop_in(analysis, settings, memo)


def _not_carried(analysis: Analysis) -> tuple[str, ...]:
    """The artifacts that the Image config calls for and MachineConfigs of this flavour do not bring to a node.

    A policy.json of theirs would replace the one that is there, and so would a search list: there is one of each on a
    node, while mirrors of several drop-ins add up. What signature policies call for the controller makes by itself.
    """
    guarded = analysis.guarded
    needed = {POLICY_JSON: guarded.policy_blocked or guarded.allowed, SEARCH_CONF: analysis.search}
    return tuple(short_path(path) for path, called_for in needed.items() if called_for)


FLAVOURS: Mapping[str, Flavour] = {
    flavour.name: flavour
    for flavour in (
        Flavour(
            name=CONTROLLER,
            comments=(
                "A prediction of what the cluster's own controller generates, made by mirrorc.",
                "Not to be applied: the controller owns this object.",
            ),
            object_name=lambda settings: "99-{pool}-generated-registries",
            paths=lambda settings: frozenset(GENERATED),
            carried=_all_files,
            beside=_unchanged,
            lacking=lambda analysis: (),
            replaces_files=True,
        ),
        Flavour(
            name=DROP_IN,
            comments=("Made by mirrorc, to be applied where no mirror object is.",),
            object_name=lambda settings: settings.name,
            paths=lambda settings: frozenset(drop_in_paths(settings)),
            carried=drop_in,
            beside=_without_mirrors,
            lacking=_not_carried,
            replaces_files=False,
        ),
    )
}
"""By name."""
