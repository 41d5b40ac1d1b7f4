"""What the controller puts on a node: files at paths, as data URLs, one MachineConfig for each pool.

In: the content of the files. Out: values ready for the template. Follows openshift/machine-config-operator
`container-runtime-config` `registriesConfigIgnition` and `createNewIgnition` (7ff337a4f).
"""

from base64 import b64encode
from dataclasses import dataclass

ACCEPT = "insecureAcceptAnything"
REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFile:
    """A file on a node: its absolute path and the data URL that holds its content."""

    path: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineConfig:
    """The MachineConfig of one pool."""

    name: str
    pool: str
    ignition: str
    files: tuple[NodeFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturePolicy:
    """A policy.json: what happens to images by default, and per transport to the scopes named, in key order."""

    default: str
    transports: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def node_file(path: str, content: bytes) -> NodeFile:
    """A file as Ignition carries it."""
    return NodeFile(path=path, source="data:text/plain;charset=utf-8;base64," + b64encode(content).decode("ascii"))


def signature_policy(
    blocked: tuple[str, ...], allowed: tuple[str, ...], *, atomic_filtered: bool
) -> SignaturePolicy | None:
    """The policy that blocks and allows these scopes, None where there is nothing to say.

    `atomic_filtered` leaves out of the `atomic` transport what it cannot name: scopes with three or more `/`.
    """
    if not blocked and not allowed:
        return None
    scopes = dict.fromkeys(allowed, ACCEPT) | dict.fromkeys(blocked, REJECT)
    docker = tuple(sorted(scopes.items()))
    atomic = tuple(item for item in docker if not atomic_filtered or item[0].count("/") < 3)
    return SignaturePolicy(
        default=ACCEPT if blocked else REJECT,
        transports=(("atomic", atomic), ("docker", docker), ("docker-daemon", (("", ACCEPT),))),
    )
