"""What a node makes of its own files: a registries.conf with its drop-ins and policy.json, or MachineConfigs with them.

In: the bytes of files by name. Out: the one configuration that a node makes of them. Follows containers/image
`sysregistriesv2.tryUpdatingCache`, `dropInConfigs` and `parsedConfig.updateWithConfigurationFrom` (df7e80d2).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from posixpath import dirname

from compiler.node.admission import Admission
from compiler.node.files import DROP_INS, POLICY_JSON, REGISTRIES_CONF
from compiler.node.machine_configs import node_files
from compiler.node.model import RegistriesConf, RegistryEntry
from compiler.node.policy_json import holds_policy, read_policy_json
from compiler.node.registries_conf import ConfFile, ConfFileError, read_registries_conf
from compiler.repository.files import decode
from compiler.repository.paths import Problem, printable
from compiler.text.span import File
from compiler.text.tree import read

# No line of TOML reads so outside a string over several lines, where no registries.conf has any.
_YAML = re.compile(r"""\A\s*\{|^["']?kind["']?[ \t]*:""", re.MULTILINE)
_SUFFIX = ".conf"


def holds_objects(text: str) -> bool:
    """Whether a text is one of objects, in YAML or JSON, and no registries.conf."""
    return _YAML.search(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConf:
    """What files of a node say: its registries, in the order in which a node reads them, and its policy.json.

    `admission` is that of a policy.json, None where there is none. `complete` says that a node with these files and no
    policy.json among them has that of its operating system, which lets everything in.
    """

    registries: tuple[RegistriesConf, ...] = ()
    admission: Admission | None = None
    complete: bool = False


def read_node_conf(path: str, content: bytes) -> NodeConf:
    """Read a file of a node.

    Args:
        path: The name the file is shown under.
        content: A registries.conf or drop-in, a policy.json, or MachineConfigs as YAML or JSON (with what of these they
            put on a node; one without a policy.json leaves that of the operating system).
            Those of several pools may stand together if they carry the same.

    Raises:
        ConfFileError: it is none of them, or holds what a node does not load.
    """
    file = _decoded(path, content)
    if not holds_objects(file.text):
        return NodeConf(registries=(read_registries_conf(file.text, path=path).conf,))
    documents = read(file).documents
    if len(documents) == 1 and holds_policy(documents[0].root):
        return NodeConf(admission=read_policy_json(file))
    found: list[Mapping[str, bytes]] = []
    for pool in node_files(file):
        carried = {name: pool.files[name] for name in (*reading_order(pool.files), POLICY_JSON) if name in pool.files}
        if carried and carried not in found:
            found.append(carried)
        if len(found) > 1:
            break
    if not found:
        raise ConfFileError(
            f"{path}: no MachineConfig in it carries {REGISTRIES_CONF}, a drop-in of it or {POLICY_JSON}"
        )
    if len(found) > 1:
        raise ConfFileError(
            f"{path}: the MachineConfigs in it carry different registries.conf or policy.json files: give one of them"
        )
    shown = {name: f"{path}#{printable(name)}" for name in found[0]}
    return NodeConf(
        registries=tuple(conf_file.conf for conf_file in read_files(found[0], shown).values()),
        admission=read_policy(found[0], shown),
        complete=True,
    )


def _decoded(path: str, content: bytes) -> File:
    file = decode(path, content)
    if isinstance(file, Problem):
        raise ConfFileError(f"the file {file.message}", span=file.span)
    return file


def read_policy(files: Mapping[str, bytes], shown: Mapping[str, str]) -> Admission | None:
    """What the policy.json among a node's files lets in, None where there is none among them.

    Args:
        files: Contents by their paths on the node.
        shown: The names they are shown under, by the same paths.

    Raises:
        ConfFileError: The node does not load it, and then runs nothing at all.
    """
    if POLICY_JSON not in files:
        return None
    return read_policy_json(_decoded(shown[POLICY_JSON], files[POLICY_JSON]))


def read_files(files: Mapping[str, bytes], shown: Mapping[str, str]) -> dict[str, ConfFile]:
    """The registries.conf and drop-ins among a node's files, by path, in the order in which the node reads them.

    Args:
        files: Contents by their paths on the node.
        shown: The names they are shown under, by the same paths.

    Raises:
        ConfFileError: One of them holds what a node does not load.
    """
    return {path: read_registries_conf(files[path], path=shown[path]) for path in reading_order(files)}


def reading_order(paths: Iterable[str]) -> list[str]:
    """Those of a node's files that it reads its registries from: the main one, then drop-ins in byte order.

    What lies in a folder below that of the drop-ins is not read.
    """
    read = (path for path in paths if path == REGISTRIES_CONF or (dirname(path) == DROP_INS and path.endswith(_SUFFIX)))
    return sorted(read, key=lambda path: (path != REGISTRIES_CONF, path))


def overlay(files: Iterable[RegistriesConf]) -> RegistriesConf:
    """One configuration of several files: a later file's entry replaces the earlier one of the same scope.

    A search list replaces the earlier one where there is any. One file comes back as it is; of more, entries come in
    byte order of their scopes, and of two with one scope in one file the last counts.
    """
    confs = list(files)
    if len(confs) == 1:
        return confs[0]
    search: tuple[str, ...] = ()
    entries: dict[str, RegistryEntry] = {}
    for conf in confs:
        search = conf.search or search
        entries.update((entry.scope.rstrip("/"), entry) for entry in conf.entries)
    return RegistriesConf(search=search, entries=tuple(entries[scope] for scope in sorted(entries)))
