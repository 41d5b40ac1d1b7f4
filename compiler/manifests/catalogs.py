"""Whether a file belongs to a file-based catalog of operators, which contains no manifests.

In: the bytes of a file. Out: yes or no, by a search alone: a catalog may have a hundred megabytes, and is never parsed
as manifests.

A catalog is a stream of YAML documents or JSON objects that have a `schema` instead of a kind
(operator-framework/operator-registry `alpha/declcfg`, 4f9d6f2).
"""

import re

_YAML = re.compile(rb"""\nschema:[ \t]+["']?olm\.""")
_JSON = re.compile(rb'"schema"\s*:\s*"olm\.')
_JSON_KIND = re.compile(rb'"kind"\s*:\s*"(?:Image|[A-Za-z]*List"|MachineConfiguration"|ConfigMap")')
_KEYS = tuple(quote + b"kind" for quote in (b"", b'"', b"'"))
"""How the key `kind` begins a line."""


def is_catalog(data: bytes) -> bool:
    """Whether a file is part of a catalog; no if it may contain manifests too."""
    if not mentions_catalog(data):
        return False
    if _is_json(data):
        return _JSON_KIND.search(data) is None
    return not data.startswith(_KEYS) and not any(b"\n" + key in data for key in _KEYS)


def mentions_catalog(data: bytes) -> bool:
    """Whether any document of a file may be one of a catalog."""
    if b"schema" not in data:
        return False
    if _is_json(data):
        return any(data[match.start() - 1 : match.start()] != b"\\" for match in _JSON.finditer(data))
    return _YAML.search(data) is not None or _YAML.match(b"\n" + data[:80]) is not None


def _is_json(data: bytes) -> bool:
    return data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
