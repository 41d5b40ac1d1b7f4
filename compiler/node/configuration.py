"""How a node reads its files: a registries.conf with its drop-ins, its policy.json files and its registries.d.

In: the bytes of files by name, or MachineConfigs that carry them. Out: the one configuration that a node makes of them.
Follows containers/image `sysregistriesv2.tryUpdatingCache`, `dropInConfigs` and
`parsedConfig.updateWithConfigurationFrom` (df7e80d2).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from posixpath import basename
from types import MappingProxyType

from compiler.node.files import NAMESPACE_POLICIES, POLICY_JSON, REGISTRIES_CONF, SIGNATURES, Reads, read_from
from compiler.node.machine_configs import node_files
from compiler.node.model import RegistriesConf, RegistryEntry
from compiler.node.policy_json import is_policy_json, read_policy_json
from compiler.node.registries_conf import ConfFile, ConfFileError, read_registries_conf
from compiler.node.registries_d import is_registries_d
from compiler.node.requirements import RequirementPolicy
from compiler.repository.files import decode, too_costly
from compiler.repository.paths import Problem, posix, printable
from compiler.text.span import File
from compiler.text.tree import read

# No line of TOML reads so outside a string over several lines, where no registries.conf has any.
_YAML = re.compile(r"""\A\s*\{|^["']?(?:kind|docker|default-docker)["']?[ \t]*:""", re.MULTILINE)
_OF_SIGNATURES = re.compile(rf"(?:.*/)?{basename(SIGNATURES)}/[^/]+\.yaml")
_OF_NAMESPACE = re.compile(rf"(?:.*/)?{NAMESPACE_POLICIES.removeprefix('/etc/')}/(?P<namespace>[^/]+)\.json")


def holds_objects(text: str) -> bool:
    """Whether a text is YAML or JSON, not a registries.conf."""
    return _YAML.search(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConf:
    """What files of a node say.

    Attributes:
        registries: Its registries, in the order in which a node reads them.
        policy: Its policy.json, None where there is none.
        namespaces: The policy.json files that replace it for the pods of a namespace, by the namespace.
        signature_files: Its files of registries.d, not yet read: a node merges them.
        files: What the registries were read from, in the same order.
        complete: A node with these files and no policy.json among them has that of its operating system, which accepts
            everything, and without files of registries.d it looks for no signatures.
    """

    registries: tuple[RegistriesConf, ...] = ()
    policy: RequirementPolicy | None = None
    namespaces: Mapping[str, RequirementPolicy] = field(default_factory=lambda: MappingProxyType({}))
    signature_files: tuple[File, ...] = ()
    files: tuple[ConfFile, ...] = ()
    complete: bool = False


def read_node_conf(path: str, content: bytes) -> NodeConf:
    """Read a file of a node.

    Args:
        path: The name the file is shown under.
        content: A registries.conf or drop-in, a policy.json (that of a namespace where `path` ends like that of one), a
            file of registries.d, or MachineConfigs as YAML or JSON (with what of these they put on a node; one without
            a policy.json leaves that of the operating system). Those of several pools may come together if they carry
            the same.

    Raises:
        ConfFileError: it is none of them, or contains what a node does not load.
    """
    try:
        return _read(path, content)
    except (MemoryError, RecursionError) as error:
        kind = type(error)
    raise ConfFileError(f"{path}: {too_costly(kind)}")


def _read(path: str, content: bytes) -> NodeConf:
    file = _decoded(path, content)
    if _OF_SIGNATURES.fullmatch(posix(path)):
        return NodeConf(signature_files=(file,))
    if not holds_objects(file.text):
        conf_file = read_registries_conf(file.text, path=path)
        return NodeConf(registries=(conf_file.conf,), files=(conf_file,))
    documents = read(file).documents
    root = documents[0].root if documents else None
    if len(documents) == 1 and is_policy_json(root):
        policy = read_policy_json(file)
        namespace = _OF_NAMESPACE.fullmatch(posix(path))
        return NodeConf(namespaces={namespace["namespace"]: policy}) if namespace else NodeConf(policy=policy)
    if is_registries_d(root):
        return NodeConf(signature_files=(file,))
    found: list[Mapping[str, bytes]] = []
    for pool in node_files(file):
        carried = {name: content for name, content in pool.files.items() if _is_read(name)}
        if carried and carried not in found:
            found.append(carried)
        if len(found) > 1:
            break
    if not found:
        raise ConfFileError(
            f"{path}: no MachineConfig in it contains {REGISTRIES_CONF}, a drop-in of it, {POLICY_JSON} "
            f"or a file in {SIGNATURES}"
        )
    if len(found) > 1:
        raise ConfFileError(
            f"{path}: its MachineConfigs contain different registries.conf, policy.json or registries.d files: "
            "give only one"
        )
    return read_node_files(found[0], {name: f"{path}#{printable(name)}" for name in found[0]})


def _is_read(path: str) -> bool:
    return read_from(path) is not None


def read_node_files(files: Mapping[str, bytes], shown: Mapping[str, str]) -> NodeConf:
    """What all of a node's files say.

    Args:
        files: Contents by their paths on the node.
        shown: The names they are shown under, by the same paths.

    Raises:
        ConfFileError: One of them contains what a node does not load.
    """
    conf_files = tuple(read_files(files, shown).values())
    return NodeConf(
        registries=tuple(conf_file.conf for conf_file in conf_files),
        files=conf_files,
        policy=read_policy(files, shown),
        namespaces=read_namespace_policies(files, shown),
        signature_files=tuple(
            _decoded(shown[path], files[path]) for path in sorted(files) if read_from(path) is Reads.SIGNATURES
        ),
        complete=True,
    )


def _decoded(path: str, content: bytes) -> File:
    file = decode(path, content)
    if isinstance(file, Problem):
        raise ConfFileError(f"the file {file.message}", span=file.span)
    return file


def read_policy(files: Mapping[str, bytes], shown: Mapping[str, str]) -> RequirementPolicy | None:
    """The policy.json among a node's files, None where there is none among them.

    Args:
        files: Contents by their paths on the node.
        shown: The names they are shown under, by the same paths.

    Raises:
        ConfFileError: The node does not load it, and then runs nothing at all.
    """
    if POLICY_JSON not in files:
        return None
    return read_policy_json(_decoded(shown[POLICY_JSON], files[POLICY_JSON]))


def read_namespace_policies(files: Mapping[str, bytes], shown: Mapping[str, str]) -> dict[str, RequirementPolicy]:
    """The policy.json of each namespace that has one among a node's files, in byte order of their paths.

    Arguments and errors are those of `read_policy`.
    """
    return {
        namespace: read_policy_json(_decoded(shown[path], files[path]))
        for path in sorted(files)
        if (namespace := namespace_of_policy(path))
    }


def read_files(files: Mapping[str, bytes], shown: Mapping[str, str]) -> dict[str, ConfFile]:
    """The registries.conf and drop-ins among a node's files, by path, in the order in which the node reads them.

    Args:
        files: Contents by their paths on the node.
        shown: The names they are shown under, by the same paths.

    Raises:
        ConfFileError: One of them contains what a node does not load.
    """
    return {path: read_registries_conf(files[path], path=shown[path]) for path in reading_order(files)}


def reading_order(paths: Iterable[str]) -> list[str]:
    """Those of a node's files that it reads its registries from: the main one, then drop-ins in byte order.

    What lies in a folder below that of the drop-ins is not read.
    """
    read = (path for path in paths if read_from(path) is Reads.REGISTRIES)
    return sorted(read, key=lambda path: (path != REGISTRIES_CONF, path))


def namespace_of_policy(path: str) -> str:
    """The namespace whose pods a file of this path applies to instead of policy.json; else empty."""
    return path.rpartition("/")[2].removesuffix(".json") if read_from(path) is Reads.NAMESPACE_POLICY else ""


def overlay(files: Iterable[RegistriesConf]) -> RegistriesConf:
    """One configuration of several files: a later file's entry replaces the earlier one of the same scope.

    A search list replaces the earlier one where there is any. One file is returned unchanged; of more, entries come in
    byte order of their scopes, and of two with one scope in one file the last counts.
    """
    confs = list(files)
    if len(confs) == 1:
        return confs[0]
    search: tuple[str, ...] = ()
    entries: dict[str, RegistryEntry] = {}
    for conf in confs:
        search = () if conf.empties_search else conf.search or search
        entries.update((entry.scope.rstrip("/"), entry) for entry in conf.entries)
    return RegistriesConf(search=search, entries=tuple(entries[scope] for scope in sorted(entries)))
