"""The files on a node that say where images come from: a table with one row for each file or folder.

Nothing comes in. Out: paths, as openshift/machine-config-operator `container-runtime-config` (7ff337a4f) has them, what
a node reads from each, and the search list of the registries.conf that the controller starts from.

A new file on the node is a row here, a function that makes it in `policy.node_files` and, unless one of the causes in
`diff.disruption` fits, a cause there.
"""

import re
from enum import Enum
from typing import NamedTuple

CONTAINERS = "/etc/containers/"
REGISTRIES_CONF = f"{CONTAINERS}registries.conf"
POLICY_JSON = f"{CONTAINERS}policy.json"
DROP_INS = f"{CONTAINERS}registries.conf.d"
SEARCH_CONF = f"{DROP_INS}/01-image-searchRegistries.conf"
SIGNATURES = f"{CONTAINERS}registries.d"
SIGSTORE_REGISTRIES = f"{SIGNATURES}/sigstore-registries.yaml"
NAMESPACE_POLICIES = "/etc/crio/policies"
"""The folder of the policy.json files that replace the node's one for the pods of a namespace, `NAMESPACE.json`."""

_ETC = "/etc/"
_FILE_NAME = "[0-9A-Za-z-]+"
_NAMESPACE = "[a-z0-9-]+"


class Reads(Enum):
    """What a node reads from a file."""

    REGISTRIES = "registries"
    POLICY = "policy"
    NAMESPACE_POLICY = "namespace policy"
    SIGNATURES = "signatures"


class NodeFile(NamedTuple):
    """One file on a node, or all files of a folder.

    Attributes:
        path: Of the file, or of the folder.
        reads: What a node reads from it.
        cause: What `diff` calls a change to it, a value of `diff.disruption.Cause`.
        suffix: For a folder, the end of the names of the files that a node reads there; else empty.
        name: For a folder, a pattern of what artifacts are called there before the suffix.
        generated: The path at which the controller makes it, or the folder if there may be many; empty where it
            makes none.
        nested: A change to a file in a folder below has the same cause.
    """

    path: str
    reads: Reads
    cause: str
    suffix: str = ""
    name: str = _FILE_NAME
    generated: str = ""
    nested: bool = False

    def is_read_at(self, path: str) -> bool:
        """Whether a node reads a file with this path."""
        if not self.suffix:
            return path == self.path
        folder, _, name = path.rpartition("/")
        return folder == self.path and name.endswith(self.suffix)

    def covers(self, path: str) -> bool:
        """Whether a file with this path is changed for this cause."""
        if not self.suffix:
            return path == self.path
        return path.startswith(f"{self.path}/") if self.nested else path.rpartition("/")[0] == self.path

    @property
    def artifact(self) -> str:
        """A pattern of the artifacts' names, as `short_path` gives them."""
        name = re.escape(short_path(self.path))
        return f"{name}/{self.name}{re.escape(self.suffix)}" if self.suffix else name


FILES = (
    NodeFile(
        path=REGISTRIES_CONF,
        reads=Reads.REGISTRIES,
        cause="registries-conf-rewritten",
        generated=REGISTRIES_CONF,
    ),
    NodeFile(path=POLICY_JSON, reads=Reads.POLICY, cause="policy-changed", generated=POLICY_JSON),
    NodeFile(
        path=SIGNATURES,
        reads=Reads.SIGNATURES,
        cause="signatures-changed",
        suffix=".yaml",
        generated=SIGSTORE_REGISTRIES,
        nested=True,
    ),
    NodeFile(
        path=NAMESPACE_POLICIES,
        reads=Reads.NAMESPACE_POLICY,
        cause="signatures-changed",
        suffix=".json",
        name=_NAMESPACE,
        generated=NAMESPACE_POLICIES,
        nested=True,
    ),
    NodeFile(path=SEARCH_CONF, reads=Reads.REGISTRIES, cause="search-drop-in-changed", generated=SEARCH_CONF),
    NodeFile(path=DROP_INS, reads=Reads.REGISTRIES, cause="drop-in-changed", suffix=".conf"),
)
"""The first row that covers a path is the one for it."""

GENERATED = tuple(row.generated for row in FILES if row.generated)
"""The files that the controller makes of mirror policy, and the folder of those that it makes for namespaces."""

IMAGE_FILES = (CONTAINERS, f"{NAMESPACE_POLICIES}/")
"""What the paths of all files that say where images come from begin with."""

SEARCH_KEY = "unqualified-search-registries"
"""The key of registries.conf with the search list."""
BASE_SEARCH = ("registry.access.redhat.com", "docker.io")
"""Where every node looks for a name without a registry, unless the Image config brings its own list."""


def row_of(path: str) -> NodeFile | None:
    """The row for a file on the node, None where it says nothing about images."""
    return next((row for row in FILES if row.covers(path)), None)


def read_from(path: str) -> Reads | None:
    """What a node reads from a file with this path, None where it does not read it."""
    return next((row.reads for row in FILES if row.is_read_at(path)), None)


def namespace_policy(namespace: str) -> str:
    """The policy.json of one namespace, which takes the place of the node's."""
    return f"{NAMESPACE_POLICIES}/{namespace}.json"


def short_path(path: str) -> str:
    """A file's path as artifacts are named: below /etc/containers, or below /etc where it is elsewhere."""
    return path.removeprefix(CONTAINERS if path.startswith(CONTAINERS) else _ETC)


def node_path(name: str) -> str:
    """The path of a file on a node that an artifact is named after."""
    return f"{_ETC}{name}" if name.startswith(short_path(NAMESPACE_POLICIES)) else f"{CONTAINERS}{name}"
