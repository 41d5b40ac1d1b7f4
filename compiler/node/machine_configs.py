"""The MachineConfigs in a YAML or JSON text, and which of them say what the nodes of a pool hold.

In: a text as `oc get machineconfig -o yaml` prints it: one object, several documents, a list among other objects.
Out: by pool the files below /etc/containers and /etc/crio/policies that they put on its nodes; what else they hold is
not looked at. Follows openshift/machine-config-operator `ctrlcommon.MergeMachineConfigs` (7ff337a4f): of two files with
one path that of the MachineConfig whose name comes last counts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.node.files import IMAGE_FILES
from compiler.node.registries_conf import ConfFileError, Unpacked, files_of_machine_config
from compiler.repository.paths import printable
from compiler.text.span import File
from compiler.text.tree import plain, read

_KIND = "MachineConfig"
_ROLE = "machineconfiguration.openshift.io/role"
_GENERATED = re.compile(r"99-(?P<pool>.+)-generated-registries")
_RENDERED = re.compile(r"rendered-(?P<pool>.+)-[0-9a-f]{32}")
_IS_MACHINE_CONFIG = re.compile(rf"""\bkind["']?[ \t]*:[ \t]*["']?{_KIND}(?:List)?\b""")

_Plain = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFiles:
    """What the nodes of a pool hold of files about images, by path; the pool's name is empty where nothing tells it.

    Names are safe to show: a terminal would obey an escape in one.
    `rendered` says that it is their whole configuration, operating system and all.
    """

    pool: str
    files: Mapping[str, bytes]
    rendered: bool = False


def holds_machine_config(text: str) -> bool:
    """Whether a text in YAML or JSON speaks of a MachineConfig."""
    return _IS_MACHINE_CONFIG.search(text) is not None


def generated_files(file: File) -> list[PoolFiles]:
    """What mirror policy puts on the nodes of each pool, by the pool's name.

    Of several MachineConfigs for a pool the one that the controller generates for registries counts, else the rendered
    one, else all of them together.

    Raises:
        ConfFileError: There is none in the text, one cannot be read, or nothing tells which of two counts.
    """
    return _by_pool(file, (_GENERATED, _RENDERED))


def node_files(file: File) -> list[PoolFiles]:
    """All that the nodes of each pool hold, by the pool's name: the rendered MachineConfig, else all of them together.

    Raises:
        ConfFileError: As for `generated_files`.
    """
    return _by_pool(file, (_RENDERED,))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Config:
    """A MachineConfig, not yet decoded; its names are safe to show."""

    name: str
    pool: str
    data: _Plain


class _Contents:
    """The files of the MachineConfigs in a text, each decoded once."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._unpacked = Unpacked()
        self._known: dict[int, dict[str, bytes]] = {}

    def of(self, config: _Config) -> dict[str, bytes]:
        """What a MachineConfig puts where images come from, by paths that are safe to show."""
        known = self._known.get(id(config.data))
        if known is None:
            try:
                files = files_of_machine_config(config.data, below=IMAGE_FILES, unpacked=self._unpacked)
            except ConfFileError as error:
                raise ConfFileError(f"{self.file.path}: MachineConfig {config.name}: {error.message}") from error
            known = self._known[id(config.data)] = {printable(path): content for path, content in files.items()}
        return known


def _by_pool(file: File, preferred: Sequence[re.Pattern[str]]) -> list[PoolFiles]:
    by_pool: dict[str, list[_Config]] = {}
    for config in _configs(file):
        by_pool.setdefault(config.pool, []).append(config)
    if not by_pool:
        raise ConfFileError(f"{file.path}: holds no MachineConfig")
    contents = _Contents(file)
    found = []
    for pool in sorted(by_pool):
        chosen = _chosen(contents, by_pool[pool], preferred)
        files = {path: content for config in chosen for path, content in contents.of(config).items()}
        rendered = any(_RENDERED.fullmatch(config.name) for config in chosen)
        found.append(PoolFiles(pool=pool, files=files, rendered=rendered))
    return found


def _configs(file: File) -> Iterator[_Config]:
    tree = read(file)
    if tree.error is not None:
        raise ConfFileError(tree.error.message, span=tree.error.span)
    for document in tree.documents:
        for data in _objects(plain(document.root) if document.root is not None else None):
            metadata = data.get("metadata")
            metadata = metadata if isinstance(metadata, Mapping) else {}
            name = printable(str(metadata.get("name") or ""))
            yield _Config(name=name, pool=_pool(name, metadata), data=data)


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
        return printable(role)
    match = _GENERATED.fullmatch(name) or _RENDERED.fullmatch(name)
    return match["pool"] if match else ""


def _chosen(contents: _Contents, configs: Sequence[_Config], preferred: Sequence[re.Pattern[str]]) -> list[_Config]:
    """Those of a pool's MachineConfigs that count, in the order in which they are merged."""
    for pattern in preferred:
        found = [config for config in configs if pattern.fullmatch(config.name)]
        names = list(dict.fromkeys(config.name for config in found))
        if len(names) > 1:
            raise ConfFileError(f"{contents.file.path}: holds {_several(names, found[0].pool, pattern)}")
        if found:
            return _told_apart(contents, found)
    rest = [config for config in configs if not _RENDERED.fullmatch(config.name)]
    return sorted(_told_apart(contents, rest), key=lambda config: config.name)


def _several(names: Sequence[str], pool: str, pattern: re.Pattern[str]) -> str:
    if pattern is _RENDERED:  # all but one are what the pool was made of before
        what, which = f"{len(names)} rendered MachineConfigs", f"the one that `oc get machineconfigpool {pool}` names"
    else:
        what, which = f"{len(names)} MachineConfigs generated for registries", f"one of {', '.join(names)}"
    return f"{what} of the pool {pool}: give {which}"


def _told_apart(contents: _Contents, configs: Sequence[_Config]) -> list[_Config]:
    """Each once by its name; a list that was put together of two clusters has some twice."""
    known: dict[str, _Config] = {}
    for config in configs:
        other = known.setdefault(config.name, config)
        if other is not config and contents.of(other) != contents.of(config):
            raise ConfFileError(
                f"{contents.file.path}: holds two MachineConfigs {config.name} that differ: give one of them"
            )
    return list(known.values())
