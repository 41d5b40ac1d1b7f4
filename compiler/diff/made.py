"""Files as nodes have them, to a side of a comparison: a registries.conf, MachineConfigs, what `mirrorc build` wrote.

In: bytes under the names people know them by. Out: what the nodes of each pool have. A MachineConfig may be one that a
controller made, as `oc get machineconfig NAME -o yaml` prints it, alone or in a list of several.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from compiler.diff.disruption import NodeFiles
from compiler.diff.sides import ANY_POOL, Artifacts, NodeState, together
from compiler.manifests.kinds import DrainOverride, MachineConfiguration
from compiler.manifests.parsing import parse
from compiler.names.releases import DEFAULT_RELEASE, RELEASES, Release
from compiler.node.admission import Admission
from compiler.node.configuration import read_files, read_namespace_policies, read_policy, reading_order
from compiler.node.files import (
    DROP_INS,
    IMAGE_FILES,
    POLICY_JSON,
    REGISTRIES_CONF,
    SEARCH_CONF,
    node_path,
    row_of,
    short_path,
)
from compiler.node.ignition_config import IgnitionFile, NodeConfig, Unpacked
from compiler.node.loading import InvalidRegistriesError
from compiler.node.machine_configs import PoolFiles, generated_files, whole_nodes
from compiler.node.model import BASE, RegistriesConf
from compiler.node.registries_conf import ConfFile, ConfFileError, read_registries_conf
from compiler.node.requirements import ACCEPTS_EVERYTHING
from compiler.node.resolver import Resolver
from compiler.repository.paths import printable
from compiler.text.span import File, Span

_DECIDING = re.compile(f"{MachineConfiguration.kind}|{DrainOverride.only_name}")
"""Objects that may be beside MachineConfigs and say how a change reaches the nodes."""


def of_registries_conf(label: str, text: str) -> Artifacts:
    """A registries.conf by itself: it says nothing of the other files, nor for which pool it is.

    Raises:
        ConfFileError: It is none that CRI-O loads.
    """
    state = _state({REGISTRIES_CONF: text.encode()}, {REGISTRIES_CONF: label})
    return Artifacts(label=label, pools={ANY_POOL: state}, paths=frozenset({REGISTRIES_CONF}))


def of_machine_configs(label: str, text: str, release: Release = RELEASES[DEFAULT_RELEASE]) -> Artifacts:
    """The MachineConfigs in a YAML or JSON text, by their pools.

    Beside manifests, of several for one pool the one that the controller generates for registries counts, else the
    rendered one, else all of them, merged as the controller merges them. Beside other MachineConfigs all of them count.

    Args:
        label: What the text is called.
        text: One object, several documents, or a list.
        release: Of the cluster: it decides how MachineConfigs are merged.

    Raises:
        ConfFileError: There is none in it, one cannot be read, or nothing decides which of two applies.
    """
    file = File(label, text)
    side = _generated(file, release)
    known = _States()
    try:
        nodes = whole_nodes(file, release)
        states = {node.pool: known.whole(node.config, label) for node in nodes}
    except ConfFileError as error:
        if isinstance(side, ConfFileError):
            raise side from error
        return replace(side, node_problem=error)
    made = Artifacts(label=label, problem=side) if isinstance(side, ConfFileError) else side
    return replace(
        made,
        nodes=states,
        rendered=all(node.rendered for node in nodes),
        beside=(parse(file, release),) if _DECIDING.search(text) else (),
    )


def _generated(file: File, release: Release) -> Artifacts | ConfFileError:
    """The files that mirror policy makes."""
    states = _States()
    pools: dict[str, NodeState] = {}
    drop_ins: list[str] = []
    try:
        for pool in generated_files(file, release):
            ours = {path: content for path, content in pool.files.items() if _is_ours(path, content, pool)}
            shown = {path: f"{file.path}#{path}" for path in ours}
            untestable = _compressed(shown) if REGISTRIES_CONF in pool.compressed & ours.keys() else ""
            pools[pool.pool] = states.of(ours, shown, untestable)
            drop_ins += () if pool.rendered else _drop_ins(ours)
    except ConfFileError as error:
        return error
    return Artifacts(label=file.path, pools=pools, drop_in=next(iter(drop_ins), ""))


def of_build(label: str, contents: Mapping[str, bytes]) -> Artifacts:
    """What `mirrorc build` wrote to a folder: its MachineConfigs, with places in the files beside them.

    Args:
        label: The folder as shown.
        contents: The files it wrote, by their names in the folder.

    Raises:
        ConfFileError: One of them cannot be read, or there is no MachineConfig among them.
    """
    beside = {node_path(name): content for name, content in contents.items()}
    pools: dict[str, NodeState] = {}
    states = _States()
    drop_in = ""
    for name, content in sorted(contents.items()):
        if not name.startswith("machine-configs/"):
            continue
        shown = f"{label}/{name}"
        made = of_machine_configs(shown, content.decode("utf-8", "replace"))
        if made.problem is not None:
            raise made.problem
        drop_in = drop_in or made.drop_in
        for pool, state in made.pools.items():
            files = state.files.files
            names = {
                path: f"{label}/{short_path(path)}" if beside.get(path) == files[path] else f"{shown}#{path}"
                for path in files
            }
            pools[pool] = states.of(files, names)
    if not pools:
        raise ConfFileError(f"{label}: it contains no MachineConfig; `mirrorc build` writes some")
    return Artifacts(label=label, pools=pools, drop_in=drop_in)


def _drop_ins(files: Mapping[str, bytes]) -> list[str]:
    """The drop-ins by which files bring mirrors to a node that gets no registries.conf from them."""
    drop_ins = [path for path in sorted(files) if path.startswith(f"{DROP_INS}/") and path != SEARCH_CONF]
    return [] if REGISTRIES_CONF in files else drop_ins


def _is_ours(path: str, content: bytes, pool: PoolFiles) -> bool:
    """Whether a file says where images come from; in a node's whole configuration that is not always a policy's doing.

    There the operating system's own registries.conf and policy.json apply where no policy makes others.
    """
    if path == REGISTRIES_CONF:
        return not pool.rendered or read_registries_conf(content, path=path).conf != BASE
    if path == POLICY_JSON:
        return not pool.rendered or not _is_base_policy(content)
    return row_of(path) is not None


def _is_base_policy(content: bytes) -> bool:
    import json

    accept = [{"type": "insecureAcceptAnything"}]
    try:
        return bool(json.loads(content) == {"default": accept, "transports": {"docker-daemon": {"": accept}}})
    except (ValueError, RecursionError):
        return False


class _States:
    """Makes one state for all pools whose nodes have the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], NodeState] = {}
        self._whole: list[tuple[NodeConfig, NodeState]] = []
        self._unpacked = (Unpacked(), Unpacked())

    def of(self, files: Mapping[str, bytes], shown: Mapping[str, str], untestable: str = "") -> NodeState:
        key = (*sorted(files.items()), *sorted(shown.items()), untestable)
        if key not in self._known:
            self._known[key] = _state(files, shown, untestable)
        return self._known[key]

    def whole(self, config: NodeConfig, label: str) -> NodeState:
        """All that MachineConfigs make of a node; pools with the same share one state."""
        found = next((state for each, state in self._whole if each == config), None)
        if found is None:
            found = _whole_state(config, label, self._unpacked)
            self._whole.append((config, found))
        return found


def _whole_state(config: NodeConfig, label: str, unpacked: tuple[Unpacked, Unpacked]) -> NodeState:
    """What a node makes of its files; what it does not load is said, and its place in what pulls do left open."""
    config = replace(config, files={printable(path): file for path, file in config.files.items()})
    files = {path: _content(file, unpacked) for path, file in config.files.items()}
    shown = {path: f"{label}#{path}" for path in files}
    flaws: list[str] = []
    read: dict[str, ConfFile] = {}
    untestable = ""
    for path in reading_order(files):
        try:
            read[path] = read_registries_conf(files[path], path=shown[path])
        except ConfFileError as error:
            flaws.append(str(error))
            untestable = str(error) if path == REGISTRIES_CONF else untestable
    if REGISTRIES_CONF in config.files and config.files[REGISTRIES_CONF].compressed:
        untestable = _compressed(shown)
    admission = Admission({}, {})
    try:
        admission = Admission.of_requirements(read_policy(files, shown) or ACCEPTS_EVERYTHING)
    except ConfFileError as error:
        flaws.append(str(error))
    confs = {path: each.conf for path, each in read.items()}
    pulls = together(confs)
    return NodeState(
        files=NodeFiles(
            registries=confs.get(REGISTRIES_CONF),
            files=files,
            config=config,
            untestable=untestable,
            origins=_origins(read),
        ),
        admission=admission,
        pulls=pulls,
        confs=confs,
        flaw="; ".join(flaws) or _flaw(pulls),
    )


def _compressed(shown: Mapping[str, str]) -> str:
    return f"{shown[REGISTRIES_CONF]} is compressed with gzip"


def _content(file: IgnitionFile, unpacked: tuple[Unpacked, Unpacked]) -> bytes:
    """The content of a file; of one that does not say where images come from nothing depends on it.

    `unpacked` is what files that say it count towards, and what others do.

    Raises:
        ConfFileError: The file says where images come from, and its content is not in the MachineConfig.
    """
    try:
        return file.content(unpacked[not file.path.startswith(IMAGE_FILES)])
    except ConfFileError:
        if file.path.startswith(IMAGE_FILES) and not file.appends:
            raise
        return b""


def _origins(read: Mapping[str, ConfFile]) -> dict[str, tuple[Span, ...]]:
    return {
        path: (each.search_span,)
        for path, each in read.items()
        if each.search_span is not None and path in {REGISTRIES_CONF, SEARCH_CONF}
    }


def _state(files: Mapping[str, bytes], shown: Mapping[str, str], untestable: str = "") -> NodeState:
    """What a node makes of its files, each shown under its own name."""
    read = read_files(files, shown)
    confs = {path: each.conf for path, each in read.items()}
    pulls = together(confs)
    policy = read_policy(files, shown) or ACCEPTS_EVERYTHING
    return NodeState(
        files=NodeFiles(
            registries=confs.get(REGISTRIES_CONF), files=dict(files), untestable=untestable, origins=_origins(read)
        ),
        admission=Admission.of_requirements(policy),
        signatures={"": policy, **read_namespace_policies(files, shown)},
        pulls=pulls,
        confs=confs,
        flaw=_flaw(pulls),
    )


def _flaw(conf: RegistriesConf) -> str:
    try:
        Resolver(conf)
    except InvalidRegistriesError as error:
        return str(error)
    return ""
