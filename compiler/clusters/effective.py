"""The settings that a cluster ends up with, each with where it comes from.

In: the clusters of a run, and the options of the command line that decide something. Out: for each cluster its
settings under the names of `.mirrorc.yaml`, chosen by an option, written in the configuration, inferred, or the
default.
"""

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from compiler.clusters.cluster import Cluster
from compiler.manifests.given_values import Values
from compiler.policy.settings import PAYLOAD_DEFAULT, PAYLOAD_NONE
from compiler.text.span import Span

Value = str | bool | None


class SettingOrigin(StrEnum):
    """Where a setting comes from."""

    OPTION = "option"
    CONFIGURATION = "configuration"
    INFERRED = "inferred"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting, or one entry of a setting that is a list or a mapping.

    Attributes:
        name: As in `.mirrorc.yaml`; with a dot before the key of a mapping's entry.
        value: What counts, None for nothing.
        origin: Where it comes from.
        words: The option, or what it is inferred from; empty for the others.
        span: Where the configuration has it.
    """

    name: str
    value: Value
    origin: SettingOrigin
    words: str = ""
    span: Span | None = None


def effective(cluster: Cluster, options: Mapping[str, str], *, like: Cluster | None = None) -> tuple[Setting, ...]:
    """The settings of a cluster, in the order of the documentation.

    Args:
        cluster: As a command works on it.
        options: The option that was given for a setting, by the setting's name.
        like: The cluster that was asked for, if the other was found in its files.
    """
    return tuple(_Settings(cluster, options, like or cluster).all())


class _Settings:
    def __init__(self, cluster: Cluster, options: Mapping[str, str], like: Cluster) -> None:
        self._cluster = cluster
        self._options = options
        self._like = like

    def all(self) -> Iterator[Setting]:
        cluster, settings = self._cluster, self._cluster.settings
        yield from self._inputs()
        yield self._output()
        yield self._one("release", settings.version or settings.release.name)
        for pool in settings.pools:
            yield self._one("pools", pool, inferred=self._by_document(settings.pools, self._like.settings.pools))
        image = settings.release_image
        yield self._one("releaseImage", image, inferred=self._by_document(image, self._like.settings.release_image))
        yield self._payload_policy()
        yield self._one("namespace", settings.namespace or None)
        yield self._one("machineConfig", settings.machine_config)
        yield self._one("machineConfigName", settings.name)
        for rule in sorted(settings.severities):
            yield self._one(f"severities.{rule}", str(settings.severities[rule]))
        yield self._one("allowEmpty", settings.allow_empty)
        for name, text in sorted(_leaves(settings.values).items()):
            yield self._one(f"values.{name}", text)
        for pattern in cluster.homes:
            yield Setting(name="homes", value=pattern.value, origin=SettingOrigin.CONFIGURATION, span=pattern.span)

    def _one(self, name: str, value: Value, *, inferred: str = "") -> Setting:
        """A setting that an option, what was found, or the configuration has decided, in this order."""
        key = ".".join(name.split(".")[:2])  # of a mapping in a mapping the outer entry is what is chosen
        if option := self._options.get(key):
            return Setting(name=name, value=value, origin=SettingOrigin.OPTION, words=option)
        if inferred:
            return Setting(name=name, value=value, origin=SettingOrigin.INFERRED, words=inferred)
        if span := self._cluster.written.get(key):
            return Setting(name=name, value=value, origin=SettingOrigin.CONFIGURATION, span=span)
        return Setting(name=name, value=value, origin=SettingOrigin.DEFAULT)

    def _by_document(self, value: object, asked: object) -> str:
        return self._cluster.target if self._cluster.target and value != asked else ""

    def _inputs(self) -> Iterator[Setting]:
        cluster, selection = self._cluster, self._cluster.selection
        if cluster.target:
            yield Setting(name="homes", value=None, origin=SettingOrigin.INFERRED, words=cluster.target)
            return
        if selection.wanted or cluster.places:
            for path in selection.wanted or cluster.places:
                value = path.value if selection.wanted else selection.relative(path.value)
                yield Setting(name="paths", value=value, origin=SettingOrigin.CONFIGURATION, span=path.span)
        elif not cluster.is_built:
            for path_ in cluster.paths:
                given = self._options.get("paths", "")
                origin = SettingOrigin.OPTION if given else SettingOrigin.DEFAULT
                yield Setting(name="paths", value=path_, origin=origin, words=given)
        for folder in cluster.kustomizations:
            value = selection.relative(folder.value)
            yield Setting(name="kustomization", value=value, origin=SettingOrigin.CONFIGURATION, span=folder.span)
        for chart in cluster.charts:
            value = selection.relative(chart.folder.value)
            yield Setting(name="helm.chart", value=value, origin=SettingOrigin.CONFIGURATION, span=chart.folder.span)
            if chart.inline is not None:
                inline = chart.inline
                yield Setting(
                    name="helm.valuesObject", value=inline.value, origin=SettingOrigin.CONFIGURATION, span=inline.span
                )
            for file in chart.values:
                value = selection.relative(file.value)
                yield Setting(name="helm.values", value=value, origin=SettingOrigin.CONFIGURATION, span=file.span)
        for pattern in selection.exclude:
            span = cluster.written.get(f"exclude.{pattern}")
            yield Setting(name="exclude", value=pattern, origin=SettingOrigin.CONFIGURATION, span=span)
        for other in sorted(selection.others):
            words = "sibling folders that define the same objects"
            yield Setting(name="exclude", value=other, origin=SettingOrigin.INFERRED, words=words)

    def _output(self) -> Setting:
        cluster = self._cluster
        value = posixpath.normpath(cluster.output.below or str(cluster.output))
        words = ""
        if cluster.name != self._like.name and str(cluster.output) != str(self._like.output):
            words = "the name of the cluster"
        return self._one("output", value, inferred=words)

    def _payload_policy(self) -> Setting:
        settings = self._cluster.settings
        value = PAYLOAD_DEFAULT if settings.has_payload_policy else PAYLOAD_NONE
        if settings.payload_policy is None:
            words = "the release image, which is OKD's" if settings.is_okd else ""
            return self._one("payloadPolicy", value, inferred=words)
        return self._one(
            "payloadPolicy",
            value,
            inferred=self._by_document(settings.payload_policy, self._like.settings.payload_policy),
        )


def _leaves(values: Values) -> dict[str, str]:
    """The texts of values by their path with dots."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, object]] = [*values.items()]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += ((f"{name}.{key}", each) for key, each in value.items())
        else:
            found[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return found


def matched(found: Sequence[Cluster], asked: Sequence[Cluster]) -> Iterator[tuple[Cluster, Cluster]]:
    """Each cluster that was found with the one that was asked for: of its name, or else the first."""
    by_name = {cluster.name: cluster for cluster in asked}
    for cluster in found:
        yield cluster, by_name.get(cluster.name, asked[0])
