"""The files on a node that say where images come from, by their paths, and what they say before anybody has a say.

Nothing comes in. Out: paths, as openshift/machine-config-operator `container-runtime-config` (7ff337a4f) has them, and
the search list of the registries.conf that it starts from.
"""

CONTAINERS = "/etc/containers/"
REGISTRIES_CONF = f"{CONTAINERS}registries.conf"
POLICY_JSON = f"{CONTAINERS}policy.json"
DROP_INS = f"{CONTAINERS}registries.conf.d"
SEARCH_CONF = f"{DROP_INS}/01-image-searchRegistries.conf"
SIGNATURES = f"{CONTAINERS}registries.d"
SIGSTORE_REGISTRIES = f"{SIGNATURES}/sigstore-registries.yaml"
NAMESPACE_POLICIES = "/etc/crio/policies"
"""The folder of the policy.json files that replace the node's one for the pods of a namespace, `NAMESPACE.json`."""
IMAGE_FILES = (CONTAINERS, f"{NAMESPACE_POLICIES}/")
"""What the paths of all files that say where images come from begin with."""

_ETC = "/etc/"

BASE_SEARCH = ("registry.access.redhat.com", "docker.io")
"""Where every node looks for a name without a registry, unless the Image config brings its own list."""


def namespace_policy(namespace: str) -> str:
    """The policy.json of one namespace, which takes the place of the node's."""
    return f"{NAMESPACE_POLICIES}/{namespace}.json"


def short_path(path: str) -> str:
    """A file's path as artifacts are named: below /etc/containers, or below /etc where it is elsewhere."""
    return path.removeprefix(CONTAINERS if path.startswith(CONTAINERS) else _ETC)


def node_path(name: str) -> str:
    """The path of a file on a node that an artifact is named after."""
    return f"{_ETC}{name}" if name.startswith(short_path(NAMESPACE_POLICIES)) else f"{CONTAINERS}{name}"
