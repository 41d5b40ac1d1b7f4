"""Well-known names, and how to distinguish a typo from another name.

A typo is one character too many, too few, wrong, or two swapped. A digit is never a typo: `ubi8` and `ubi9`,
`openshift-gitops-1` and `-2` are different names.
"""

from collections.abc import Iterator
from functools import cache, lru_cache

from compiler.names import typos

_OFFICIAL_IMAGES = """
adminer alpine amazonlinux api-firewall archlinux bash buildpack-deps busybox caddy cassandra centos chronograf
clojure composer consul couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin elasticsearch
elixir emqx erlang fedora flink friendica gcc ghost golang gradle groovy haproxy haskell haxe hello-world httpd
influxdb ibmjava irssi java jenkins jetty joomla jruby julia kapacitor kibana lightstreamer logstash mageia
mariadb matomo maven mediawiki memcached mongo mongo-express monica mysql nats nats-streaming nextcloud nginx node
odoo openjdk open-liberty oraclelinux orientdb percona perl photon php phpmyadmin postfixadmin postgres
pypy python r-base rabbitmq redis redmine registry rethinkdb rocket.chat ros ruby rust sapmachine
silverpeas solr sonarqube spark storm swift swipl telegraf tomcat tomee traefik ubuntu unit varnish vault
websphere-liberty wordpress xwiki yourls zookeeper
"""
OFFICIAL_IMAGES = frozenset(_OFFICIAL_IMAGES.split())
"""Images of `docker.io/library`, without those whose name is better known as a namespace."""

ALIASES = {
    "docker.com": "docker.io",
    "hub.docker.com": "docker.io",
    "index.docker.io": "docker.io",
    "quay.com": "quay.io",
    "registry.connect.redhat.io": "registry.connect.redhat.com",
    "registry.access.redhat.io": "registry.access.redhat.com",
    "registry.hub.docker.com": "docker.io",
    "registry.redhat.com": "registry.redhat.io",
}
"""Other names of well-known hosts, or what is taken for one: no pull spec that reaches a look-up begins with them.

Nodes read `index.docker.io` as `docker.io`.
"""
DOCKER_HUB = frozenset(("index.docker.io", "registry-1.docker.io"))
"""Names of Docker Hub's servers; its images are named `docker.io`."""

is_slip = typos.is_slip

_HOSTS = ""
_KNOWN = {
    _HOSTS: (
        "cp.icr.io",
        "docker.io",
        "gcr.io",
        "ghcr.io",
        "icr.io",
        "k8s.gcr.io",
        "lscr.io",
        "mcr.microsoft.com",
        "nvcr.io",
        "public.ecr.aws",
        "quay.io",
        "registry.access.redhat.com",
        "registry.ci.openshift.org",
        "registry.connect.redhat.com",
        "registry.gitlab.com",
        "registry.k8s.io",
        "registry.redhat.io",
        "registry.stage.redhat.io",
        "registry.suse.com",
    ),
    "docker.io": ("bitnami", "grafana", "library", "rancher"),
    "quay.io": (
        "argoproj",
        "ceph",
        "cilium",
        "coreos",
        "jetstack",
        "keycloak",
        "openshift",
        "openshift-release-dev",
        "openshift-update-service",
        "operator-framework",
        "operatorhubio",
        "prometheus",
        "redhat-user-workloads",
        "strimzi",
    ),
    "registry.access.redhat.com": (
        "openshift3",
        "openshift4",
        "rhel8",
        "rhel9",
        "ubi8",
        "ubi8-minimal",
        "ubi9",
        "ubi9-minimal",
    ),
    "registry.redhat.io": (
        "3scale-amp2",
        "advanced-cluster-security",
        "amq-streams",
        "amq7",
        "ansible-automation-platform",
        "cert-manager",
        "compliance",
        "container-native-virtualization",
        "costmanagement-metrics-operator",
        "devspaces",
        "integration",
        "jboss-eap-7",
        "kmm",
        "lvms4",
        "migration-toolkit-virtualization",
        "mta",
        "mtc-rhel8",
        "multicluster-engine",
        "network-observability",
        "oadp",
        "ocs4",
        "odf4",
        "openshift-container-storage",
        "openshift-gitops-1",
        "openshift-logging",
        "openshift-pipelines",
        "openshift-sandboxed-containers",
        "openshift-serverless-1",
        "openshift-service-mesh",
        "openshift-update-service",
        "openshift3",
        "openshift4",
        "quay",
        "redhat",
        "rhacm2",
        "rhbk",
        "rhceph",
        "rhel-9-els",
        "rhel8",
        "rhel9",
        "rhosdt",
        "source-to-image",
        "ubi8",
        "ubi9",
        "web-terminal",
        "workload-availability",
    ),
}
_LONGEST = max(len(name) for known in _KNOWN.values() for name in known) + 1
_SHORTEST = 5
"""A shorter name has too many honest neighbours."""


@lru_cache(maxsize=4096)
def nearest_host(host: str) -> str:
    """The well-known host that `host` is a typo of, or an empty string."""
    return _nearest(host, _HOSTS)


@lru_cache(maxsize=4096)
def nearest_namespace(host: str, namespace: str) -> str:
    """The well-known namespace of a host that `namespace` is a typo of, or an empty string."""
    return _nearest(namespace, host)


def is_well_known_host(host: str) -> bool:
    """Whether a host is one of the public registries."""
    return host in _KNOWN[_HOSTS] or host in ALIASES


def host_of_namespace(namespace: str) -> str:
    """The host that is well known for a namespace; empty where there is none, or more than one."""
    hosts = [host for host, known in _KNOWN.items() if host != _HOSTS and namespace in known]
    return hosts[0] if len(hosts) == 1 else ""


def _nearest(text: str, key: str) -> str:
    known = _KNOWN.get(key, ())
    if not _SHORTEST <= len(text) <= _LONGEST or text in known:
        return ""
    shortened = _shortened(key)
    variants = (text, *_deletions(text))
    candidates = dict.fromkeys(name for variant in variants for name in shortened.get(variant, ()))
    return next((name for name in candidates if is_slip(text, name)), "")


@cache
def _shortened(key: str) -> dict[str, list[str]]:
    """Every name by itself and by what is left of it without one character: what makes the search a look-up."""
    found: dict[str, list[str]] = {}
    for name in _KNOWN.get(key, ()):
        if len(name) >= _SHORTEST:
            for variant in dict.fromkeys((name, *_deletions(name))):
                found.setdefault(variant, []).append(name)
    return found


def _deletions(text: str) -> Iterator[str]:
    return (text[:at] + text[at + 1 :] for at in range(len(text)))
