"""Files as nodes have them, to a side of a comparison: a registries.conf, MachineConfigs, what `mirrorc build` wrote.

In: bytes under the names people know them by. Out: what the nodes of each pool hold. A MachineConfig may be one that a
controller made, as `oc get machineconfig NAME -o yaml` prints it, alone or in a list of several.
"""

from collections.abc import Mapping

from compiler.diff.disruption import NodeFiles
from compiler.diff.sides import ANY_POOL, Artifacts, NodeState, together
from compiler.node.admission import Admission
from compiler.node.configuration import read_files, read_policy
from compiler.node.files import CONTAINERS, DROP_INS, POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF, SIGNATURES
from compiler.node.loading import InvalidRegistriesError
from compiler.node.machine_configs import PoolFiles, generated_files
from compiler.node.model import BASE, RegistriesConf
from compiler.node.registries_conf import ConfFileError, read_registries_conf
from compiler.node.requirements import ACCEPTS_EVERYTHING
from compiler.node.resolver import Resolver
from compiler.text.span import File


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
        ConfFileError: There is none in it, one cannot be read, or nothing tells which of two counts.
    """
    states = _States()
    pools: dict[str, NodeState] = {}
    drop_ins: list[str] = []
    for pool in generated_files(File(label, text)):
        ours = {path: content for path, content in pool.files.items() if _is_ours(path, content, pool)}
        pools[pool.pool] = states.of(ours, {path: f"{label}#{path}" for path in ours})
        drop_ins += () if pool.rendered else _drop_ins(ours)
    return Artifacts(label=label, pools=pools, drop_in=next(iter(drop_ins), ""))


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
    drop_in = ""
    for name, content in sorted(contents.items()):
        if not name.startswith("machine-configs/"):
            continue
        shown = f"{label}/{name}"
        made = of_machine_configs(shown, content.decode("utf-8", "replace"))
        drop_in = drop_in or made.drop_in
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
    return Artifacts(label=label, pools=pools, drop_in=drop_in)


def _drop_ins(files: Mapping[str, bytes]) -> list[str]:
    """The drop-ins by which files bring mirrors to a node that gets no registries.conf from them."""
    drop_ins = [path for path in sorted(files) if path.startswith(f"{DROP_INS}/") and path != SEARCH_CONF]
    return [] if REGISTRIES_CONF in files else drop_ins


def _is_ours(path: str, content: bytes, pool: PoolFiles) -> bool:
    """Whether a file says where images come from; in a node's whole configuration that is not always a policy's doing.

    There the operating system's own registries.conf and policy.json stand where no policy makes others.
    """
    if path == REGISTRIES_CONF:
        return not pool.rendered or read_registries_conf(content, path=path).conf != BASE
    if path == POLICY_JSON:
        return not pool.rendered or not _is_base_policy(content)
    return path.startswith((f"{DROP_INS}/", f"{SIGNATURES}/"))


def _is_base_policy(content: bytes) -> bool:
    import json

    accept = [{"type": "insecureAcceptAnything"}]
    try:
        return bool(json.loads(content) == {"default": accept, "transports": {"docker-daemon": {"": accept}}})
    except (ValueError, RecursionError):
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
    read = read_files(files, shown)
    confs = {path: each.conf for path, each in read.items()}
    origins = {
        path: (each.search_span,)
        for path, each in read.items()
        if each.search_span is not None and path in {REGISTRIES_CONF, SEARCH_CONF}
    }
    pulls = together(confs)
    return NodeState(
        files=NodeFiles(registries=confs.get(REGISTRIES_CONF), files=dict(files), origins=origins),
        admission=Admission.of_requirements(read_policy(files, shown) or ACCEPTS_EVERYTHING),
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
