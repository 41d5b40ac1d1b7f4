"""What the controller puts on a node: files at paths, as data URLs, one MachineConfig for each pool.

In: the content of the files. Out: values ready for the template. Follows openshift/machine-config-operator
`container-runtime-config` `registriesConfigIgnition` and `createNewIgnition` (7ff337a4f).
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from compiler.node.requirements import ACCEPT_ANYTHING, REJECT, Requirement

DOCKER = "docker"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedFile:
    """A file on a node: its absolute path and the data URL that contains its content."""

    path: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineConfig:
    """The MachineConfig of one pool, without its files."""

    name: str
    pool: str
    ignition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyJson:
    """A policy.json: what every image must meet by default, and per transport and scope, in key order."""

    default: str
    transports: tuple[tuple[str, tuple[tuple[str, tuple[Requirement, ...]], ...]], ...]


def node_file(path: str, content: bytes) -> EncodedFile:
    """A file as Ignition carries it."""
    return EncodedFile(path=path, source="data:text/plain;charset=utf-8;base64," + b64encode(content).decode("ascii"))


def policy_json(
    blocked: Iterable[str],
    allowed: Iterable[str],
    signed: Mapping[str, Iterable[Requirement]],
    *,
    atomic_filtered: bool,
) -> PolicyJson | None:
    """The policy.json that blocks and allows these scopes and requires these signatures; None with nothing of that.

    A signed scope that is allowed too needs its signatures alone. `atomic_filtered` leaves out of the `atomic`
    transport what it cannot name: scopes with three or more `/`.
    """
    rejected: dict[str, tuple[Requirement, ...]] = dict.fromkeys(blocked, (Requirement(type=REJECT),))
    accepted: dict[str, tuple[Requirement, ...]] = dict.fromkeys(allowed, (Requirement(type=ACCEPT_ANYTHING),))
    if not rejected and not accepted and not signed:
        return None
    scopes = accepted | rejected
    for scope, requirements in signed.items():
        scopes[scope] = (*rejected.get(scope, ()), *requirements)
    return _policy(REJECT if accepted and not rejected else ACCEPT_ANYTHING, scopes, atomic_filtered=atomic_filtered)


def namespace_policy(policy: PolicyJson | None, signed: Mapping[str, Iterable[Requirement]]) -> PolicyJson:
    """The policy of one namespace: that of all namespaces, with further requirements after those of the same scope."""
    scopes = dict(dict(policy.transports)[DOCKER]) if policy else {}
    for scope, requirements in signed.items():
        scopes[scope] = (*scopes.get(scope, ()), *requirements)
    return _policy(policy.default if policy else ACCEPT_ANYTHING, scopes, atomic_filtered=True)


def _policy(default: str, scopes: Mapping[str, tuple[Requirement, ...]], *, atomic_filtered: bool) -> PolicyJson:
    docker = tuple(sorted(scopes.items()))
    atomic = tuple(item for item in docker if not atomic_filtered or item[0].count("/") < 3)
    return PolicyJson(
        default=default,
        transports=(
            ("atomic", atomic),
            (DOCKER, docker),
            ("docker-daemon", (("", (Requirement(type=ACCEPT_ANYTHING),)),)),
        ),
    )
