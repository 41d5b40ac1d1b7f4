"""What a node was given: a registries.conf with its drop-ins, or a MachineConfig that carries them.

In: the bytes of files by name. Out: the one configuration that a node makes of them. Follows containers/image
`sysregistriesv2.tryUpdatingCache` and `parsedConfig.updateWithConfigurationFrom` (df7e80d2) for drop-ins.
"""

import re
from collections.abc import Iterable, Mapping

from compiler.conffile import ConfFileError, files_of_machine_config, read_registries_conf
from compiler.files import Problem, decode
from compiler.nodefiles import DROP_INS, REGISTRIES_CONF
from compiler.registries import RegistriesConf, RegistryEntry
from compiler.yamltree import Node, plain, read

# No line of TOML reads so outside a string over several lines, where no registries.conf has any.
_YAML = re.compile(r"""\A\s*\{|^["']?kind["']?[ \t]*:""", re.MULTILINE)
_SUFFIX = ".conf"


def holds_objects(text: str) -> bool:
    """Whether a text is one of objects, in YAML or JSON, and no registries.conf."""
    return _YAML.search(text) is not None


def read_node_conf(path: str, content: bytes) -> tuple[RegistriesConf, ...]:
    """The files of one configuration, in the order in which a node reads them.

    Args:
        path: The name the file is shown under.
        content: A registries.conf or drop-in (one result), or a MachineConfig as YAML or JSON (its registries.conf
            and drop-ins). Several MachineConfigs may stand together if they carry the same.

    Raises:
        ConfFileError: it is neither, or holds what a node does not load.
    """
    file = decode(path, content)
    if isinstance(file, Problem):
        raise ConfFileError(f"the file {file.message}", span=file.span)
    if not holds_objects(file.text):
        return (read_registries_conf(file.text, path=path).conf,)
    tree = read(file)
    if tree.error is not None:
        raise ConfFileError(tree.error.message, span=tree.error.span)
    found: list[dict[str, bytes]] = []
    for document in tree.documents:
        for data in _machine_configs(document.root):
            carried = {name: text for name, text in files_of_machine_config(data).items() if _is_registries_file(name)}
            if carried and carried not in found:
                found.append(carried)
    if not found:
        raise ConfFileError(f"{path}: no MachineConfig in it carries {REGISTRIES_CONF} or a drop-in of it")
    if len(found) > 1:
        raise ConfFileError(f"{path}: the MachineConfigs in it carry different registries.conf files: give one of them")
    return tuple(
        read_registries_conf(found[0][name], path=f"{path}#{name}").conf
        for name in sorted(found[0], key=_reading_order)
    )


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


def _is_registries_file(name: str) -> bool:
    return name == REGISTRIES_CONF or (name.startswith(f"{DROP_INS}/") and name.endswith(_SUFFIX))


def _reading_order(name: str) -> tuple[bool, str]:
    return (name != REGISTRIES_CONF, name)


def _machine_configs(root: Node | None) -> Iterable[Mapping[str, object]]:
    """The MachineConfigs of a document that may be a list of objects; other kinds in a list are passed over."""
    data = plain(root) if root is not None else None
    if not isinstance(data, dict):
        return
    items = data.get("items")
    if isinstance(items, list):
        yield from (item for item in items if isinstance(item, dict) and item.get("kind") == "MachineConfig")
    else:
        yield data
