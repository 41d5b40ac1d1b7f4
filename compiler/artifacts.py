"""Files as nodes have them, to a side of a comparison: a registries.conf, MachineConfigs, what `mirrorc build` wrote.

In: bytes under the names people know them by. Out: what the nodes of each pool hold. A MachineConfig may be one that a
controller made, as `oc get machineconfig NAME -o yaml` prints it, alone or in a list of several.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from compiler.conffile import ConfFileError, files_of_machine_config, read_registries_conf
from compiler.disruption import NodeFiles
from compiler.nodeconf import overlay
from compiler.nodefiles import CONTAINERS, DROP_INS, POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF, SIGNATURES
from compiler.pull import InvalidRegistriesError, Resolver
from compiler.registries import BASE, RegistriesConf
from compiler.sides import ANY_POOL, Artifacts, NodeState
from compiler.span import File
from compiler.yamltree import plain, read

_KIND = "MachineConfig"
_ROLE = "machineconfiguration.openshift.io/role"
_GENERATED = re.compile(r"99-(?P<pool>.+)-generated-registries")
_RENDERED = re.compile(r"rendered-(?P<pool>.+)-[0-9a-f]{32}")
_IS_MACHINE_CONFIG = re.compile(rf"""\bkind["']?[ \t]*:[ \t]*["']?{_KIND}(?:List)?\b""")

_CONTROLLERS = frozenset((REGISTRIES_CONF, POLICY_JSON, SEARCH_CONF))
"""The files that the controller makes of mirror policy."""

_Plain = Mapping[str, object]


def holds_machine_config(text: str) -> bool:
    """Whether a text in YAML or JSON speaks of a MachineConfig."""
    return _IS_MACHINE_CONFIG.search(text) is not None


def of_registries_conf(label: str, text: str) -> Artifacts:
    """A registries.conf by itself: it says nothing of the other files, nor for which pool it is.

    Raises:
        ConfFileError: It is none that CRI-O loads.
    """
    state = _state({REGISTRIES_CONF: text.encode()}, {REGISTRIES_CONF: label})
    return Artifacts(label=label, pools={ANY_POOL: state}, paths=frozenset({REGISTRIES_CONF}))


def of_machine_configs(label: str, text: str) -> Artifacts:
    """The MachineConfigs in a YAML or JSON text, by their pools.

    Of several for one pool the one that the controller generates for registries counts, else the rendered one,
    else all of them, merged in order of their names as the controller merges them.

    Raises:
        ConfFileError: There is none in it, or one cannot be read.
    """
    configs = list(_machine_configs(File(label, text)))
    if not configs:
        raise ConfFileError(f"{label}: holds no MachineConfig")
    pools: dict[str, NodeState] = {}
    states = _States()
    left_out: set[str] = set()
    for pool in sorted({config.pool for config in configs}):
        chosen = _chosen([config for config in configs if config.pool == pool])
        files = {path: content for config in chosen for path, content in config.files.items()}
        whole = any(_RENDERED.fullmatch(config.name) for config in chosen)
        ours = {path: content for path, content in files.items() if _is_ours(path, content, whole=whole)}
        left_out.update(path for path in files.keys() - ours.keys() if path not in _CONTROLLERS)
        pools[pool] = states.of(ours, {path: f"{label}#{path}" for path in ours})
    return Artifacts(label=label, pools=pools, left_out=tuple(sorted(left_out)))


def of_build(label: str, contents: Mapping[str, bytes]) -> Artifacts:
    """What `mirrorc build` wrote to a folder: its MachineConfigs, with places in the files beside them.

    Args:
        label: The folder as it is shown.
        contents: The files it wrote, by their names in the folder.

    Raises:
        ConfFileError: One of them cannot be read, or there is no MachineConfig among them.
    """
    beside = {f"{CONTAINERS}{name}": content for name, content in contents.items()}
    pools: dict[str, NodeState] = {}
    states = _States()
    for name, content in sorted(contents.items()):
        if not name.startswith("machine-configs/"):
            continue
        shown = f"{label}/{name}"
        made = of_machine_configs(shown, content.decode("utf-8", "replace"))
        for pool, state in made.pools.items():
            files = state.files.files
            names = {
                path: f"{label}/{path.removeprefix(CONTAINERS)}"
                if beside.get(path) == files[path]
                else f"{shown}#{path}"
                for path in files
            }
            pools[pool] = states.of(files, names)
    if not pools:
        raise ConfFileError(f"{label}: no MachineConfig is in it; `mirrorc build` writes some")
    return Artifacts(label=label, pools=pools)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Config:
    """A MachineConfig: its name, the pool it is for, what it puts on nodes."""

    name: str
    pool: str
    files: Mapping[str, bytes]


def _machine_configs(file: File) -> Iterator[_Config]:
    tree = read(file)
    if tree.error is not None:
        raise ConfFileError(tree.error.message, span=tree.error.span)
    for document in tree.documents:
        for data in _objects(plain(document.root) if document.root is not None else None):
            metadata = data.get("metadata")
            metadata = metadata if isinstance(metadata, Mapping) else {}
            name = str(metadata.get("name") or "")
            try:
                files = files_of_machine_config(data)
            except ConfFileError as error:
                raise ConfFileError(f"{file.path}: MachineConfig {name}: {error.message}") from error
            yield _Config(name=name, pool=_pool(name, metadata), files=files)


def _objects(data: object) -> Iterator[_Plain]:
    if not isinstance(data, Mapping):
        return
    items = data.get("items")
    if isinstance(items, list) and str(data.get("kind")).endswith("List"):
        for item in items:
            yield from _objects(item)
    elif data.get("kind") == _KIND:
        yield data


def _pool(name: str, metadata: _Plain) -> str:
    labels = metadata.get("labels")
    role = labels.get(_ROLE) if isinstance(labels, Mapping) else None
    if isinstance(role, str) and role:
        return role
    match = _GENERATED.fullmatch(name) or _RENDERED.fullmatch(name)
    return match["pool"] if match else ANY_POOL


def _chosen(configs: list[_Config]) -> list[_Config]:
    for pattern in (_GENERATED, _RENDERED):
        if found := [config for config in configs if pattern.fullmatch(config.name)]:
            return found[-1:]
    return sorted(configs, key=lambda config: config.name)


def _is_ours(path: str, content: bytes, *, whole: bool) -> bool:
    """Whether mirror policy can be what makes this file; `whole` is a node's whole configuration.

    There the operating system's own registries.conf and policy.json stand where no policy makes others, and files
    that other MachineConfigs put beside them.
    """
    if not whole:
        return path in {REGISTRIES_CONF, POLICY_JSON} or path.startswith((f"{DROP_INS}/", f"{SIGNATURES}/"))
    if path == REGISTRIES_CONF:
        return read_registries_conf(content, path=path).conf != BASE
    return path == SEARCH_CONF or (path == POLICY_JSON and not _is_base_policy(content))


def _is_base_policy(content: bytes) -> bool:
    import json

    accept = [{"type": "insecureAcceptAnything"}]
    try:
        return bool(json.loads(content) == {"default": accept, "transports": {"docker-daemon": {"": accept}}})
    except ValueError:
        return False


class _States:
    """Makes one state for all pools whose nodes hold the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], NodeState] = {}

    def of(self, files: Mapping[str, bytes], shown: Mapping[str, str]) -> NodeState:
        key = (*sorted(files.items()), *sorted(shown.items()))
        if key not in self._known:
            self._known[key] = _state(files, shown)
        return self._known[key]


def _state(files: Mapping[str, bytes], shown: Mapping[str, str]) -> NodeState:
    """What a node makes of its files, each shown under a name of its own."""
    own: RegistriesConf | None = None
    origins = {}
    together: list[RegistriesConf] = []
    for path in sorted(files, key=lambda path: (path != REGISTRIES_CONF, path)):
        if path != REGISTRIES_CONF and not (path.startswith(f"{DROP_INS}/") and path.endswith(".conf")):
            continue
        read_ = read_registries_conf(files[path], path=shown[path])
        together.append(read_.conf)
        if path == REGISTRIES_CONF:
            own = read_.conf
        if read_.search_span is not None and path in {REGISTRIES_CONF, SEARCH_CONF}:
            origins[path] = (read_.search_span,)
    pulls = overlay(together)
    if own is None and not pulls.search:
        pulls = replace(pulls, search=BASE.search)
    return NodeState(
        files=NodeFiles(registries=own, files=dict(files), origins=origins), pulls=pulls, flaw=_flaw(pulls)
    )


def _flaw(conf: RegistriesConf) -> str:
    try:
        Resolver(conf)
    except InvalidRegistriesError as error:
        return str(error)
    return ""
