"""The user's choices for a cluster, checked: from the words of a command line or a configuration to `Settings`.

In: words. Out: values, or a `SettingError` that says what is wrong with a word and what to write instead.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from compiler.findings import rules
from compiler.findings.diagnostics import Severity
from compiler.manifests.given_values import Value, layered
from compiler.manifests.metadata import is_namespace
from compiler.names.reference import InvalidReferenceError, parse_named
from compiler.names.releases import (
    BUILT_IN_POOLS,
    DEFAULT_RELEASE,
    DEFAULT_RELEASE_IMAGE,
    OKD_REPOSITORIES,
    RELEASES,
    Release,
)
from compiler.text.wording import nearest, shown

CONTROLLER = "controller"
DROP_IN = "drop-in"
PAYLOAD_DEFAULT = "default"
PAYLOAD_NONE = "none"
DEFAULT_POOLS = ("master", "worker")
MACHINE_CONFIGS = (CONTROLLER, DROP_IN)
"""The flavours of MachineConfig: a prediction of the controller's own, or one to be applied."""

PAYLOAD_POLICIES = (PAYLOAD_DEFAULT, PAYLOAD_NONE)
"""Whether a cluster has the signature policy that the payload of its release brings."""

_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*")
_LONGEST_NAME = 253
_LONGEST_VERSION = 100
_VERSION = re.compile(r"(?P<release>\d+\.\d+)\.(?P<patch>\d+)(?:-[-.0-9A-Za-z]+)?")
_TAG = re.compile(r":v?(?P<version>\d+\.\d+\.\d+)(?:-[^:/@]*)?(?:@|\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user chooses for one cluster.

    `name` is what the MachineConfigs of the `drop-in` flavour are called, with `{pool}` where the pool's name goes.
    `payload_policy` says whether the cluster has the signature policy of its payload: `default` is what a self-managed
    cluster of the release has, `none` is a cluster without it. Where it is not chosen, the release image decides.
    `namespace` is that of namespaced objects which name none, empty where it is not known. `allow_empty` says that the
    cluster may be without mirror policy. `values` are those of placeholders in templates, by name. `release_chosen`
    says that somebody chose the release. `version` is the chosen
    release with its patch number, such as `4.18.12`, empty where none was given.
    """

    release: Release = RELEASES[DEFAULT_RELEASE]
    version: str = ""
    pools: tuple[str, ...] = DEFAULT_POOLS
    release_image: str = DEFAULT_RELEASE_IMAGE
    severities: Mapping[str, Severity] = field(default_factory=dict)
    machine_config: str = CONTROLLER
    name: str = "99-{pool}-mirrors"
    payload_policy: str | None = None
    namespace: str = ""
    allow_empty: bool = False
    release_chosen: bool = False
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def full_version(self) -> str:
        """The release with its patch number, where the release itself or the tag of the release image has one."""
        if self.version:
            return self.version
        tag = _TAG.search(self.release_image)
        version = _VERSION.fullmatch(tag["version"]) if tag else None
        return version[0] if version and version["release"] == self.release.name else ""

    @property
    def mixes_kinds(self) -> bool | None:
        """Whether the cluster accepts ImageContentSourcePolicies beside the new kinds; None if its patch decides."""
        since = self.release.mixes_kinds_since
        if not since:
            return True
        version, first = _VERSION.match(self.full_version), _VERSION.fullmatch(since)
        return int(version["patch"]) >= int(first["patch"]) if version and first else None

    @property
    def release_repository(self) -> str:
        """The repository of the release image, empty where its name is not a full reference."""
        try:
            return parse_named(self.release_image).name
        except InvalidReferenceError:
            return ""

    @property
    def is_okd(self) -> bool:
        """Whether the release image is one of OKD, whose payload has no signature policy."""
        return self.release_repository in OKD_REPOSITORIES

    @property
    def has_payload_policy(self) -> bool:
        """Whether the cluster has its payload's own signature policy, as far as its release brings one."""
        if self.payload_policy is None:
            return not self.is_okd
        return self.payload_policy == PAYLOAD_DEFAULT


class SettingError(ValueError):
    """A choice that is none; `help` says what to do where the message does not."""

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - as in `Diagnostic`
        super().__init__(message)
        self.help = help


def settings_of(
    configured: Settings | None = None,
    *,
    release: str | None = None,
    pools: Sequence[str] = (),
    release_image: str | None = None,
    severities: Mapping[str, str] | None = None,
    machine_config: str | None = None,
    name: str | None = None,
    payload_policy: str | None = None,
    allow_empty: bool = False,
    values: Mapping[str, Value] | None = None,
) -> Settings:
    """Check the choices that were made and put them over what is configured; severities go rule by rule.

    Args:
        configured: What is not chosen is taken from here, by default from the defaults.
        release: A release's name, such as `4.19`, or a version of it, such as `4.19.3`.
        pools: The pools to make MachineConfigs for.
        release_image: The image the cluster was released from.
        severities: `error`, `warning`, `note` or `off` by the rule's name.
        machine_config: One of `MACHINE_CONFIGS`.
        name: What MachineConfigs to apply are called.
        payload_policy: One of `PAYLOAD_POLICIES`.
        allow_empty: The cluster may be without mirror policy, whatever is configured.
        values: Of placeholders in templates, name by name over those that are configured.

    Raises:
        SettingError: A choice is none.
    """
    settings = configured or Settings()
    lowered = {rule: severity_of(rule, severity) for rule, severity in (severities or {}).items()}
    settings = replace(
        settings,
        release=release_of(release) if release else settings.release,
        version=version_of(release) if release else settings.version,
        pools=tuple(dict.fromkeys(pool_of(pool) for pool in pools)) or settings.pools,
        release_image=release_image or settings.release_image,
        severities={**settings.severities, **lowered},
        machine_config=machine_config_of(machine_config) if machine_config else settings.machine_config,
        name=name or settings.name,
        payload_policy=payload_policy_of(payload_policy) if payload_policy else settings.payload_policy,
        allow_empty=allow_empty or settings.allow_empty,
        release_chosen=release is not None or settings.release_chosen,
        values=layered(settings.values, values or {}),
    )
    check_pools(settings)
    check_name(settings.name, settings.pools)
    return settings


def release_of(text: str) -> Release:
    """The release that is called `text`, or that the version `text` belongs to."""
    version = _VERSION.fullmatch(text) if len(text) <= _LONGEST_VERSION else None
    if version and version["release"] in RELEASES:
        return RELEASES[version["release"]]
    if text not in RELEASES:
        message = f"there is no release `{shown(text)}`"
        raise SettingError(message, f"Choose one of {', '.join(RELEASES)}.")
    return RELEASES[text]


def version_of(text: str) -> str:
    """`text` if it is a version with a patch number, else nothing."""
    return text if text not in RELEASES else ""


def pool_of(text: str) -> str:
    """`text` as a pool's name: it becomes part of an object's name and of a file's."""
    if not is_object_name(text):
        message = f"`{shown(text)}` is not a valid name of a machine config pool"
        raise SettingError(message, "Use lower-case letters, digits, `-` and `.`.")
    return text


def check_pools(settings: Settings) -> None:
    """See that no built-in pool is meant that the release does not have; what custom pools there are, none can know."""
    for pool in settings.pools:
        if pool in BUILT_IN_POOLS and pool not in settings.release.pools:
            first = next(release.name for release in RELEASES.values() if pool in release.pools)
            message = f"release {settings.release.name} has no pool `{pool}`"
            raise SettingError(message, f"{first} was the first release with it.")


def machine_config_of(text: str) -> str:
    """`text` as a flavour of MachineConfig."""
    if text not in MACHINE_CONFIGS:
        message = f"`{shown(text)}` is not a valid machineConfig"
        raise SettingError(message, f"Choose one of {', '.join(MACHINE_CONFIGS)}.")
    return text


def payload_policy_of(text: str) -> str:
    """`text` as a choice about the payload's own signature policy."""
    if text not in PAYLOAD_POLICIES:
        message = f"`{shown(text)}` is not a valid payload policy"
        raise SettingError(message, f"Choose one of {', '.join(PAYLOAD_POLICIES)}.")
    return text


def namespace_of(text: str) -> str:
    """`text` as the name of a namespace."""
    if not is_namespace(text):
        message = f"`{shown(text)}` is not a valid namespace"
        raise SettingError(message, "Use at most 63 lower-case letters, digits and `-`, with none at an end.")
    return text


def severity_of(rule: str, severity: str) -> Severity:
    """The severity `severity` for `rule`, if the one exists and the other can have it."""
    if rule not in rules.RULES:
        near = nearest(rule, frozenset(rules.RULES))
        message = f"there is no rule `{shown(rule)}`"
        raise SettingError(message, f"Did you mean `{near}`?" if near else "`mirrorc rules` lists them.")
    if severity not in set(Severity):
        message = f"`{shown(severity)}` is not a valid severity"
        raise SettingError(message, f"Choose one of {', '.join(Severity)}.")
    if not rules.RULES[rule].adjustable and severity != Severity.ERROR:
        message = f"the severity of `{rule}` cannot be changed"
        raise SettingError(message, "Remove it here, and fix the findings: mirrorc cannot compile such manifests.")
    return Severity(severity)


def check_name(name: str, pools: Sequence[str]) -> None:
    """See that `name` gives each pool's MachineConfig its own name."""
    if len(pools) > 1 and "{pool}" not in name:
        message = f"`{shown(name)}` gives several MachineConfigs the same name"
        raise SettingError(message, "Use {pool} in the name.")
    if not all(is_object_name(name.replace("{pool}", pool)) for pool in pools):
        message = f"`{shown(name)}` is not a valid name of a MachineConfig"
        raise SettingError(message, "Use lower-case letters, digits, `-` and `.`, and {pool} for the pool.")


def is_object_name(text: str) -> bool:
    """Whether Kubernetes takes `text` as the name of a cluster-scoped object; none leads out of a folder."""
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None
