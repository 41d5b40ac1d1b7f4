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
NAMESPACE_POLICIES = "/etc/crio/policies"
"""The folder of the policy.json files that replace the node's one for the pods of a namespace, `NAMESPACE.json`."""
IMAGE_FILES = (CONTAINERS, f"{NAMESPACE_POLICIES}/")
"""What the paths of all files that say where images come from begin with."""

BASE_SEARCH = ("registry.access.redhat.com", "docker.io")
"""Where every node looks for a name without a registry, unless the Image config brings its own list."""
