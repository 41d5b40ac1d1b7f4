"""The MachineConfigs in a YAML or JSON text, and which of them say what the nodes of a pool have.

In: a text as `oc get machineconfig -o yaml` prints it: one object, several documents, a list among other objects.
Out: by pool the files below /etc/containers and /etc/crio/policies that they put on its nodes, or all that they make of
them. Follows openshift/machine-config-operator `ctrlcommon.MergeMachineConfigs` (7ff337a4f): of two files with one path
that of the MachineConfig whose name comes last counts; from 4.15 on those of a custom pool come after all of `worker`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.machine.limits import most
from compiler.manifests.lists import objects
from compiler.names.releases import BUILT_IN_POOLS, DEFAULT_RELEASE, RELEASES, Release
from compiler.node.files import IMAGE_FILES
from compiler.node.ignition_config import NodeConfig, Unpacked, merged
from compiler.node.registries_conf import ConfFileError
from compiler.repository.paths import printable
from compiler.text.span import File
from compiler.text.tree import plain, read

_KIND = "MachineConfig"
_WORKER = "worker"
_ROLE = "machineconfiguration.openshift.io/role"
_GENERATED = re.compile(r"99-(?P<pool>.+)-generated-registries")
_RENDERED = re.compile(r"rendered-(?P<pool>.+)-[0-9a-f]{32}")
_IS_BASE = re.compile(r"00-[^-]+|01-.+-(?:container-runtime|kubelet)")
"""What the operator itself puts on the nodes of a pool, before all that others bring."""
_IS_MACHINE_CONFIG = re.compile(rf"""\bkind["']?[ \t]*:[ \t]*["']?{_KIND}(?:List)?\b""")

_MOST_POOLS = 1_000
_MOST_MERGED = 20_000
"""MachineConfigs of all pools, where each custom pool has those of `worker` too."""

_MOST_FILES = 50_000
_CHARACTERS_OF_A_FILE = 200
"""The same for their files; a longer one counts as several."""

_Plain = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFiles:
    """What the nodes of a pool have of files about images, by path; the pool's name is empty where nothing names it.

    Names are safe to show: a terminal would obey an escape in one.
    `rendered` says that it is their whole configuration, operating system and all. `compressed` are the files that are
    written compressed.
    """

    pool: str
    files: Mapping[str, bytes]
    rendered: bool = False
    compressed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolConfig:
    """All that MachineConfigs make of the nodes of a pool, whose name is safe to show and may be empty.

    `rendered` says that it is their whole configuration, operating system and all.
    """

    pool: str
    config: NodeConfig
    rendered: bool


def holds_machine_config(text: str) -> bool:
    """Whether a text in YAML or JSON speaks of a MachineConfig."""
    return _IS_MACHINE_CONFIG.search(text) is not None


def generated_files(file: File, release: Release = RELEASES[DEFAULT_RELEASE]) -> list[PoolFiles]:
    """What mirror policy puts on the nodes of each pool, by the pool's name.

    Of several MachineConfigs for a pool the one that the controller generates for registries counts, with those of
    users that are merged with it, else the rendered one, else all of them together. The operator's own base is left
    out beside a generated one: it is not made of mirror policy.

    Raises:
        ConfFileError: There is none in the text, one cannot be read, or nothing decides which of two applies.
    """
    return _by_pool(file, (_GENERATED, _RENDERED), release)


def node_files(file: File, release: Release = RELEASES[DEFAULT_RELEASE]) -> list[PoolFiles]:
    """All that the nodes of each pool have, by the pool's name: the rendered MachineConfig, else all of them together.

    Raises:
        ConfFileError: As for `generated_files`.
    """
    return _by_pool(file, (_RENDERED,), release)


def whole_nodes(file: File, release: Release) -> list[PoolConfig]:
    """All that the MachineConfigs make of the nodes of each pool, files of every kind and what is beside files.

    The rendered one of a pool counts, else all of them together; a custom pool has those of `worker` too.

    Raises:
        ConfFileError: As for `generated_files`.
    """
    configs = _required(file)
    found = []
    by_pool = _grouped(file, configs)
    counted = files = 0
    workers = by_pool.get(_WORKER, [])
    files_of_workers = sum(map(_files, workers))
    limit = most(_MOST_FILES, 1 / _CHARACTERS_OF_A_FILE, len(file.text))
    for pool in sorted(by_pool):
        own = list(by_pool[pool])
        rendered = [config for config in own if _RENDERED.fullmatch(config.name)]
        if len({config.name for config in rendered}) > 1 and len(rendered) < len(own):
            own, rendered = [config for config in own if not _RENDERED.fullmatch(config.name)], []
        if not rendered and pool and pool not in BUILT_IN_POOLS:
            own += workers
            files += files_of_workers
        counted += len(own)
        if counted > _MOST_MERGED:
            raise ConfFileError(
                f"{file.path}: more than {_MOST_MERGED} MachineConfigs, counted for each pool they are in"
            )
        if files > limit:
            raise ConfFileError(
                f"{file.path}: the MachineConfigs of worker have too much for each of {len(by_pool)} pools: compare "
                "fewer pools at a time, or use `--no-limits` if you trust the file"
            )
        chosen = _chosen(file, own, (_RENDERED,), release)
        merged_ = _merged(file, chosen, release, below=IMAGE_FILES)
        found.append(PoolConfig(pool=pool, config=merged_, rendered=bool(rendered)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Config:
    """A MachineConfig, not yet decoded; its names are safe to show."""

    name: str
    pool: str
    data: _Plain


def _by_pool(file: File, preferred: Sequence[re.Pattern[str]], release: Release) -> list[PoolFiles]:
    configs = _required(file)
    found = []
    by_pool = _grouped(file, configs)
    unpacked = Unpacked()
    for pool in sorted(by_pool):
        chosen = _chosen(file, by_pool[pool], preferred, release)
        config = _merged(file, chosen, release, below=IMAGE_FILES)
        found.append(
            PoolFiles(
                pool=pool,
                files=_contents(file, chosen, config, unpacked),
                rendered=any(_RENDERED.fullmatch(each.name) for each in chosen),
                compressed=frozenset(printable(path) for path, each in config.files.items() if each.compressed),
            )
        )
    return found


def _grouped(file: File, configs: Sequence[_Config]) -> dict[str, list[_Config]]:
    by_pool: dict[str, list[_Config]] = {}
    for config in configs:
        by_pool.setdefault(config.pool, []).append(config)
    if len(by_pool) > _MOST_POOLS:
        raise ConfFileError(f"{file.path}: contains MachineConfigs of more than {_MOST_POOLS} pools")
    return by_pool


def _files(config: _Config) -> int:
    """How many files and other parts a MachineConfig has; a long text counts as several."""
    parts = characters = 0
    waiting: list[object] = [config.data.get("spec")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            characters += len(value)
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, Mapping):
            parts += 1
            waiting += value.values()
    return parts + characters // _CHARACTERS_OF_A_FILE


def _required(file: File) -> list[_Config]:
    configs = list(_configs(file))
    if not configs:
        raise ConfFileError(f"{file.path}: contains no MachineConfig")
    return configs


def _configs(file: File) -> Iterator[_Config]:
    tree = read(file)
    if tree.error is not None:
        raise ConfFileError(tree.error.message, span=tree.error.span)
    for document in tree.documents:
        for each in objects(document.root):
            data = plain(each.root) if each.kind == _KIND else None
            if not isinstance(data, Mapping):
                continue
            metadata = data.get("metadata")
            metadata = metadata if isinstance(metadata, Mapping) else {}
            name = printable(str(metadata.get("name") or ""))
            yield _Config(name=name, pool=_pool(name, metadata), data=data)


def _pool(name: str, metadata: _Plain) -> str:
    labels = metadata.get("labels")
    role = labels.get(_ROLE) if isinstance(labels, Mapping) else None
    if isinstance(role, str) and role:
        return printable(role)
    return pool_of(name)


def pool_of(name: str) -> str:
    """The pool of a MachineConfig that the cluster makes itself, by its name; empty for another."""
    match = _GENERATED.fullmatch(name) or _RENDERED.fullmatch(name)
    return match["pool"] if match else ""


def _chosen(
    file: File, configs: Sequence[_Config], preferred: Sequence[re.Pattern[str]], release: Release
) -> list[_Config]:
    """Those of a pool's MachineConfigs that count, in the order in which they are merged."""
    for pattern in preferred:
        found = [config for config in configs if pattern.fullmatch(config.name)]
        names = list(dict.fromkeys(config.name for config in found))
        if len(names) > 1 and pattern is _RENDERED and len(found) < len(configs):
            continue  # the others say what the last of them was made of
        if len(names) > 1:
            raise ConfFileError(f"{file.path}: contains {_several(names, found[0].pool, pattern)}")
        if found and pattern is _GENERATED:
            configs = [config for config in configs if not _IS_BASE.fullmatch(config.name)]
            break
        if found:
            return _told_apart(file, found)
    rest = [config for config in configs if not _RENDERED.fullmatch(config.name)]
    workers_first = release.since("4.15")
    return sorted(
        _told_apart(file, rest), key=lambda config: (workers_first and config.pool != _WORKER, config.name.encode())
    )


def _several(names: Sequence[str], pool: str, pattern: re.Pattern[str]) -> str:
    if pattern is _RENDERED:  # all but one are what the pool was made of before
        what, which = f"{len(names)} rendered MachineConfigs", f"the one that `oc get machineconfigpool {pool}` shows"
    else:
        what, which = f"{len(names)} MachineConfigs generated for registries", f"one of {', '.join(names)}"
    return f"{what} of the pool {pool}: give {which}"


def _told_apart(file: File, configs: Sequence[_Config]) -> list[_Config]:
    """Each once by its name; a list that was put together of two clusters has some twice."""
    known: dict[str, _Config] = {}
    for config in configs:
        other = known.setdefault(config.name, config)
        if other is not config and other.data.get("spec") != config.data.get("spec"):
            raise ConfFileError(
                f"{file.path}: contains two different MachineConfigs named {config.name}: give only one"
            )
    return list(known.values())


def _merged(file: File, configs: Sequence[_Config], release: Release, *, below: tuple[str, ...]) -> NodeConfig:
    for config in configs:
        try:
            merged([config.data], release, below=below)
        except ConfFileError as error:
            raise ConfFileError(f"{file.path}: MachineConfig {config.name}: {error.message}") from error
    return merged((config.data for config in configs), release, below=below)


def _contents(file: File, configs: Sequence[_Config], config: NodeConfig, unpacked: Unpacked) -> dict[str, bytes]:
    files = ((path, each) for path, each in config.files.items() if path.startswith(IMAGE_FILES))
    try:
        return {printable(path): each.content(unpacked) for path, each in files}
    except ConfFileError as error:
        names = ", ".join(config.name for config in configs)
        raise ConfFileError(f"{file.path}: MachineConfig {names}: {error.message}") from error
