"""The Ignition config of MachineConfigs: what one says, what several come to together, and what its files contain.

In: MachineConfigs as plain data. Out: one merged config, whose files know how they are written. Follows
openshift/machine-config-operator (7ff337a4f) `ctrlcommon.ParseAndConvertConfig`, `MergeMachineConfigs`,
`DecodeIgnitionFileContents` and `GetIgnitionFileDataByPath`, coreos/ignition `merge.MergeStruct` for the merge, and
vincent-petithory/dataurl for data URLs.
"""

import base64
import binascii
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

from compiler.names.releases import DEFAULT_RELEASE, RELEASES, Release
from compiler.node.registries_conf import ConfFileError
from compiler.repository.paths import printable

MOST_UNPACKED = 4 * 1024 * 1024
"""Bytes that the compressed files of one text may unpack to, all together: MachineConfigs of a cluster have less."""

_UNPACKED_OF_ANY = 128 * 1024
_UNPACKED_OF_EACH = 16
"""Bytes for each that is written, which base64 has made a third longer."""

_Plain = Mapping[str, object]

# The characters of a token (RFC 2045), and of data that is not base64, as the decoder has them.
_TOKEN = r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]"
_DATA_URL = re.compile(
    rf"data:(?:(?:text|image|audio|video|application|message|multipart|[xX]-){_TOKEN}*/{_TOKEN}*)?"
    rf'(?:;{_TOKEN}+=(?:{_TOKEN}+|"(?:[^"\\\x80-\U0010ffff]|\\[\x00-\x7f])*"))*'
    r"(?P<base64>;base64)?,(?P<data>.*)",
    re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_DATA = re.compile(r'[^!$-;=?-Z_a-z~]|[<>#"{}|\\^\[\]`]')
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

_KEYS = {
    "files": "path",
    "directories": "path",
    "links": "path",
    "disks": "device",
    "raid": "name",
    "luks": "name",
    "filesystems": "path",
    "units": "name",
    "dropins": "name",
    "users": "name",
    "groups": "name",
    "httpHeaders": "name",
}
"""By which field the items of a list are distinguished; lists of texts by the text itself."""

_VERSIONS = frozenset(("2.0", "2.1", "2.2", *(f"3.{minor}" for minor in range(6))))
"""Of Ignition, as releases read them: 3.5 from 4.19 on."""

_SYSTEM_FIELDS = ("osImageURL", "kernelArguments", "extensions", "kernelType", "fips")
"""The fields of a MachineConfig beside its Ignition config; a change of one reboots."""


class Unpacked:
    """Counts what compressed files unpack to, over all MachineConfigs of a text."""

    def __init__(self, most: int | None = None) -> None:
        """Count up to some bytes."""
        self._left = self._most = MOST_UNPACKED if most is None else most

    @classmethod
    def of_size(cls, size: int) -> "Unpacked":
        """What a text of a size may unpack to: node files are compressed to a twentieth of their size at best."""
        return cls(min(MOST_UNPACKED, _UNPACKED_OF_ANY + _UNPACKED_OF_EACH * size))

    def gzip(self, data: bytes, at: str) -> bytes:
        """Unpack a file that is found at the field `at`.

        Raises:
            ConfFileError: It is not gzip, or too much.
        """
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
                unpacked = stream.read(self._left + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise ConfFileError(f"{at}: not gzip: {error}") from error
        if len(unpacked) > self._left:
            raise ConfFileError(f"{at}: with the compressed files before it, unpacks to more than {self._most} bytes")
        self._left -= len(unpacked)
        return unpacked


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnitionFile:
    """A file that a MachineConfig puts on nodes.

    `written` are its fields as compared by the daemon: mode, contents and so on, without those left out.
    `at` is where it is written, for messages.
    """

    path: str
    at: str
    written: _Plain

    @property
    def compressed(self) -> bool:
        """Whether the contents are compressed, which the test for a safe change of registries.conf does not expect."""
        return _contents_of(self.written).get("compression") == "gzip"

    @property
    def appends(self) -> bool:
        """Whether something is appended: the daemon refuses such a file on a running node."""
        return bool(self.written.get("append"))

    def content(self, unpacked: Unpacked | None = None) -> bytes:
        """What the file contains on a node.

        `unpacked` is what it counts towards if it is compressed, by default only itself.

        Raises:
            ConfFileError: The contents are not in the MachineConfig or cannot be decoded.
        """
        if self.appends:
            message = f"the content of {printable(self.path)} depends on the node: mirrorc does not read appended files"
            raise ConfFileError(f"{self.at}.append: {message}")
        return _content(_contents_of(self.written), f"{self.at}.contents", unpacked or Unpacked())


def _contents_of(written: _Plain) -> _Plain:
    contents = written.get("contents")
    return contents if isinstance(contents, Mapping) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig:
    """What MachineConfigs make of the nodes of a pool.

    `files` by path, `units` (systemd) by name, `users` by name, as plain data. `system` are the fields beside the
    Ignition config. `fixed` are the sections of the Ignition config that cannot change on a running node.
    """

    files: Mapping[str, IgnitionFile] = field(default_factory=lambda: MappingProxyType({}))
    units: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    users: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    system: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    fixed: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def files_of_machine_config(data: _Plain, *, below: str | tuple[str, ...] = "/") -> dict[str, bytes]:
    """The files a MachineConfig puts on nodes, by path, in the order it lists them.

    Args:
        data: The object as plain data, from YAML or JSON.
        below: What the paths of files of interest begin with; contents of others are not looked at.

    Raises:
        ConfFileError: It is not a MachineConfig, or a file's contents are not in it or cannot be decoded.
    """
    config = merged([data], below=below)
    unpacked = Unpacked()
    return {path: file.content(unpacked) for path, file in config.files.items() if path.startswith(below)}


def merged(
    configs: Iterable[_Plain],
    release: Release = RELEASES[DEFAULT_RELEASE],
    *,
    below: str | tuple[str, ...] = "/",
) -> NodeConfig:
    """What MachineConfigs come to together, the later ones over the earlier.

    Args:
        configs: The objects as plain data, in the order in which they are merged.
        release: Of the cluster. Up to 4.19 a file without a `compression` keeps that of the earlier config.
        below: What the paths of files of interest begin with: only these have to be well-formed.

    Raises:
        ConfFileError: One is not a MachineConfig, or the operator does not accept its Ignition config.
    """
    ignition: dict[str, object] = {}
    system: dict[str, object] = {}
    places: dict[str, str] = {}
    for data in configs:
        spec, own = _read(data, below)
        for index, item in enumerate(_listed(own, "storage", "files")):
            if isinstance(item, Mapping) and item.get("contents"):
                places[str(item.get("path"))] = f"spec.config.storage.files[{index}]"
        if release.since("4.20"):
            own = _with_compression(own)
        ignition = _merge(ignition, own)
        _add_system(system, spec)
    storage = _mapping(ignition.get("storage"), "spec.config.storage")
    passwd = _mapping(ignition.get("passwd"), "spec.config.passwd")
    listed = [item for item in _listed(ignition, "storage", "files") if isinstance(item, Mapping)]
    return NodeConfig(
        files={
            str(item["path"]): IgnitionFile(
                path=str(item["path"]),
                at=places.get(str(item["path"]), "spec.config.storage.files"),
                written=_as_compared(item),
            )
            for item in listed
        },
        units=_by_key(_listed(ignition, "systemd", "units"), "name"),
        users=_by_key(passwd.get("users"), "name"),
        system={name: value for name, value in system.items() if value},
        fixed={
            f"{section}.{name}": value
            for section, values in (("storage", storage), ("passwd", passwd), ("", ignition))
            for name, value in values.items()
            if value and name in _FIXED.get(section, ())
        },
    )


_FIXED = {
    "storage": ("disks", "filesystems", "raid", "luks", "directories", "links"),
    "passwd": ("groups",),
    "": ("kernelArguments",),
}


def _read(data: _Plain, below: str | tuple[str, ...]) -> tuple[_Plain, dict[str, object]]:
    """The spec of a MachineConfig, and its Ignition config in the form of version 3."""
    kind = data.get("kind")
    if kind != "MachineConfig":
        what = "a list of objects; expected one MachineConfig" if kind == "List" else f"kind {kind!r}"
        raise ConfFileError(f"expected a MachineConfig, found {what}")
    spec = _mapping(data.get("spec"), "spec")
    config = _mapping(spec.get("config"), "spec.config")
    legacy = _is_version_2(config)
    storage = _mapping(config.get("storage"), "spec.config.storage")
    where = "spec.config.storage.files"
    listed = storage.get("files")
    if listed is None:
        return spec, dict(config)
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes):
        raise ConfFileError(f"{where}: expected a list")
    files: dict[str, dict[str, object]] = {}
    for number, item in enumerate(listed):
        at = f"{where}[{number}]"
        entry = _mapping(item, at)
        path = entry.get("path")
        if not isinstance(path, str) or not path:
            raise ConfFileError(f"{at}.path: expected the path of a file")
        if path in files and not legacy and path.startswith(below):
            raise ConfFileError(f"{at}.path: {printable(path)} is listed twice")
        contents = _mapping(entry.get("contents"), f"{at}.contents")
        if path.startswith(below):
            _check(contents, f"{at}.contents")
        files.pop(path, None)
        files[path] = {**entry, "contents": contents}
        if legacy:
            files[path].pop("filesystem", None)
            append = files[path].pop("append", None)
            if append:
                files[path] |= {"append": [contents], "contents": {}}
    return spec, {**config, "storage": {**storage, "files": list(files.values())}}


def _is_version_2(config: _Plain) -> bool:
    """Whether a config is of version 2 of Ignition; one that names no version counts as version 3.

    Raises:
        ConfFileError: The operator reads no such version.
    """
    version = _mapping(config.get("ignition"), "spec.config.ignition").get("version")
    if version is None:
        return False
    major_minor = ".".join(str(version).split(".")[:2])
    if major_minor not in _VERSIONS:
        raise ConfFileError(
            f"spec.config.ignition.version: {printable(str(version))!r} is not read by the operator, which reads 2.0 "
            "to 2.2 and 3.0 to 3.5"
        )
    return major_minor.startswith("2.")


def _check(contents: _Plain, at: str) -> None:
    """What the operator checks before anything else: a config that does not pass stops the pool."""
    source = contents.get("source")
    if source is not None and not isinstance(source, str):
        raise ConfFileError(f"{at}.source: expected a data URL")
    if source and source.startswith("data:"):
        _data_of_url(source, f"{at}.source")
    compression = contents.get("compression")
    if compression is not None and compression not in ("", "gzip"):
        raise ConfFileError(f"{at}.compression: expected an empty string or gzip, found {compression!r}")


def _with_compression(config: _Plain) -> dict[str, object]:
    """From 4.20 on what a config says nothing of is not compressed, whatever an earlier one says."""
    storage = _mapping(config.get("storage"), "spec.config.storage")
    files = [
        {**item, "contents": {"compression": "", **_set(_contents_of(item))}} if isinstance(item, Mapping) else item
        for item in _listed(config, "storage", "files")
    ]
    return {**config, "storage": {**storage, "files": files}} if files else dict(config)


def _set(mapping: _Plain) -> dict[str, object]:
    return {name: value for name, value in mapping.items() if value is not None}


def _as_compared(item: _Plain) -> dict[str, object]:
    """A file's fields without those that are not set, and with what they are by default."""
    contents = {name: value for name, value in _set(_contents_of(item)).items() if value not in ("", {}, [])}
    if _contents_of(item).get("source") == "":
        contents["source"] = ""
    fields = {name: value for name, value in _set(item).items() if name not in ("path", "contents") and value != []}
    return {"overwrite": True, **fields, "contents": contents}


def _merge(parent: _Plain, child: _Plain) -> dict[str, object]:
    """Fields that the child sets replace the parent's; items of lists are merged where they have one key."""
    result = dict(parent)
    for name, value in child.items():
        before = result.get(name)
        if value is None:
            continue
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[name] = _merge(before, value)
        elif isinstance(before, list) and isinstance(value, list):
            result[name] = [*before, *value] if name == "append" else _merge_lists(before, value, _KEYS.get(name, ""))
        else:
            result[name] = value
    return result


class _Merged(list[object]):
    """A list that merges made, with the places of its items by their keys: further ones need not look at them all."""

    def __init__(self, items: list[object], key: str) -> None:
        super().__init__(items)
        self.places: dict[str, list[int]] = {}
        for index, item in enumerate(items):
            self.places.setdefault(_key(item, key), []).append(index)
        self.merged = len(items)


def _merge_lists(parent: list[object], child: list[object], key: str) -> _Merged:
    """The child's items over the parent's, which is changed and given back if a merge made it."""
    result = parent if isinstance(parent, _Merged) else _Merged(parent, key)
    by_key: dict[str, list[object]] = {}
    for item in child:
        by_key.setdefault(_key(item, key), []).append(item)
    for name, items in by_key.items():
        for index in result.places.get(name, ()):
            before, item = result[index], items[-1]
            if isinstance(before, Mapping) and isinstance(item, Mapping) and item is not before:
                item = _merge(before, item)
            result[index] = item
    for item in child:
        places = result.places.setdefault(_key(item, key), [])
        if not places or places[-1] >= result.merged:
            places.append(len(result))
            result.append(item)
    result.merged = len(result)
    return result


def _key(item: object, key: str) -> str:
    return repr(item.get(key, item) if key and isinstance(item, Mapping) else item)


def _add_system(system: dict[str, object], spec: _Plain) -> None:
    """Lists add up, the rest is replaced by what is set."""
    for name in _SYSTEM_FIELDS:
        value = spec.get(name)
        if name == "kernelType" and value == "default":
            continue
        if isinstance(value, list):
            before = system.get(name)
            system[name] = [*(before if isinstance(before, list) else ()), *value]
        elif value:
            system[name] = value


def _listed(config: _Plain, section: str, name: str) -> list[object]:
    held = config.get(section)
    value = held.get(name) if isinstance(held, Mapping) else None
    return value if isinstance(value, list) else []


def _by_key(items: object, key: str) -> dict[str, object]:
    listed = items if isinstance(items, list) else []
    return {str(item.get(key)): _set(item) for item in listed if isinstance(item, Mapping)}


def _content(contents: _Plain, at: str, unpacked: Unpacked) -> bytes:
    source = contents.get("source")
    if source is None:
        return b""  # Ignition's way to write an empty file
    if not isinstance(source, str):
        raise ConfFileError(f"{at}.source: expected a data URL")
    data = _data_of_url(source, f"{at}.source") if source else b""
    return unpacked.gzip(data, f"{at}.source") if contents.get("compression") == "gzip" else data


def _data_of_url(url: str, at: str) -> bytes:
    if not url.startswith("data:"):
        scheme = url.partition(":")[0]
        raise ConfFileError(f"{at}: expected a data URL; {printable(scheme[:20])!r} is not fetched")
    if control := _CONTROL.search(url):
        raise ConfFileError(f"{at}: a data URL cannot contain {control[0]!r}: escape it, or write base64 on one line")
    match = _DATA_URL.fullmatch(url)
    if match is None:
        raise ConfFileError(f"{at}: not a data URL: expected data:[TYPE/SUBTYPE][;base64],DATA")
    data = match["data"]
    if match["base64"]:
        if wrong := _NOT_BASE64.search(data):
            raise ConfFileError(f"{at}: {printable(wrong[0])!r} is not base64")
        try:
            return base64.b64decode(data, validate=True)
        except binascii.Error as error:
            raise ConfFileError(f"{at}: not base64: {error}") from error
    if wrong := _NOT_DATA.search(data):
        raise ConfFileError(f"{at}: {printable(wrong[0])!r} has to be escaped with %")
    if _STRAY_PERCENT.search(data):
        raise ConfFileError(f"{at}: a % without two hexadecimal digits after it")
    return unquote_to_bytes(data)


def _mapping(value: object, at: str) -> _Plain:
    """`value` as a mapping; null and absent count as empty, as the API server has it."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfFileError(f"{at}: expected an object")
    return value
