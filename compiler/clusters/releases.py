"""Where a repo says which OpenShift release a cluster has.

In: the objects of its files. Out: releases, each with the file that says it and the clusters that it is about; and of
those the one that counts for a cluster.

Kinds and fields are those of openshift/api config/v1 (ClusterVersion), openshift/hive v1 (ClusterImageSet,
ClusterDeployment), openshift/assisted-service (AgentClusterInstall), stolostron/siteconfig (ClusterInstance),
openshift-kni/cnf-features-deploy (SiteConfig) and openshift/hypershift (HostedCluster).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from compiler.clusters.objects import Object, Plain, at, list_at, objects, table_at, text_at
from compiler.names.releases import RELEASES
from compiler.text.span import File

_VERSION = re.compile(r"v?(?P<release>\d+\.\d+)(?P<patch>\.\d+(?:-(?:ec|rc|fc)\.\d+)?)?")
_CHANNEL = re.compile(r"(?:stable|eus|fast|candidate)-(?P<release>\d+\.\d+)(?P<patch>)")
_TAG = re.compile(r":v?(?P<release>\d+\.\d+)(?P<patch>\.\d+(?:-(?:ec|rc|fc)\.\d+)?)(?:-[\w.-]+)?(?:@sha256:\w+)?")
_IN_NAME = re.compile(r"(?<![\d.])v?(?P<release>\d+\.\d+)(?P<patch>\.\d+)?(?![\d])")
_FOLDER = re.compile(
    r"(?:(?:ocp|openshift|okd|release|rel|version|stable|eus|fast|candidate)[-_]?)?v?"
    r"(?P<release>\d+\.\d+)(?P<patch>\.\d+)?",
    re.IGNORECASE,
)
_SETS = ("imageSetRef", "clusterImageSetNameRef", "clusterImageSetRef")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A release that a file names.

    Attributes:
        version: The release, such as `4.18`, or a version of it, such as `4.18.12`.
        path: The file.
        clusters: The names of the clusters that it is about, empty for the one to which the file is applied.
        image_set: The ClusterImageSet that is meant, where that is named instead; `version` is what its name says.
        defines: The ClusterImageSet that this is.
        of_others: It is about clusters that the one to which it is applied only manages.
    """

    version: str
    path: str
    clusters: frozenset[str] = frozenset()
    image_set: str = ""
    defines: str = ""
    of_others: bool = False

    @property
    def release(self) -> str:
        """The release alone."""
        return release_of(self.version)


def release_of(version: str) -> str:
    """The release of a version."""
    return ".".join(version.split(".")[:2])


def as_setting(version: str) -> str:
    """What a configuration should say: the release, with its patch number only where a rule depends on it."""
    release = release_of(version)
    return version if RELEASES[release].mixes_kinds_since else release


def _known(match: "re.Match[str] | None") -> str:
    """The version that was matched, if mirrorc knows the release."""
    return match["release"] + (match["patch"] or "") if match and match["release"] in RELEASES else ""


def of_tag(image: str) -> str:
    """The version in the tag of a release image, empty if there is none."""
    match = _TAG.search(image)
    return _known(match if match and match.end() == len(image) else None)


def of_parameter(text: str) -> str:
    """The version that a parameter is, empty if it is something else: `4.18`, `v4.18.3`, `stable-4.18`."""
    return _known(_VERSION.fullmatch(text) or _CHANNEL.fullmatch(text) or _TAG.fullmatch(f":{text}"))


def of_folder(name: str) -> str:
    """The version that a folder is called after, empty if it is called after something else."""
    return _known(_FOLDER.fullmatch(name))


def said_in(path: str, file: File) -> Iterator[Said]:
    """The releases that the objects of a file name."""
    for each in objects(path, file):
        yield from _of_object(path, each)


def _of_install_config(path: str, found: Object) -> Iterator[Said]:
    """An install-config names no release, but may lie in a folder that is called after one."""
    versions = {version for part in path.split("/")[:-1] if (version := of_folder(part))}
    if len(versions) == 1 and found.name and "baseDomain" in found.data:
        yield Said(version=versions.pop(), path=path, clusters=frozenset((found.name,)))


def _of_object(path: str, found: Object) -> Iterator[Said]:
    if not found.kind and text_at(found.data, "apiVersion") == "v1":
        yield from _of_install_config(path, found)
        return
    spec = table_at(found.data, "spec")
    kind = found.kind
    if kind == "ClusterVersion":
        if version := _of_cluster_version(spec):
            yield Said(version=version, path=path)
    elif kind == "ClusterImageSet":
        version = of_tag(text_at(spec, "releaseImage")) or _known(_IN_NAME.search(found.name))
        if version:
            yield Said(version=version, path=path, defines=found.name)
    elif kind in {"HostedCluster", "NodePool"} and found.group.endswith("hypershift.openshift.io"):
        name = found.name if kind == "HostedCluster" else text_at(spec, "clusterName")
        if version := of_tag(text_at(spec, "release", "image")):
            yield Said(version=version, path=path, clusters=frozenset((name,)), of_others=True)
    elif kind == "ManagedCluster":
        labels = table_at(found.data, "metadata", "labels")
        for key in ("openshiftVersion", "openshiftVersion-major-minor"):
            if version := of_parameter(text_at(labels, key)):
                yield Said(version=version, path=path, clusters=frozenset((found.name,)), of_others=True)
                return
    elif kind == "SiteConfig":
        for cluster in list_at(spec, "clusters"):
            name = text_at(cluster, "clusterName")
            yield from _of_set(path, cluster, spec, names=(name,))
    elif kind in {"ClusterDeployment", "AgentClusterInstall", "ClusterInstance", "ClusterPool", "ImageClusterInstall"}:
        names = (found.name, text_at(spec, "clusterName"), text_at(spec, "clusterDeploymentRef", "name"))
        image = text_at(spec, "provisioning", "releaseImage") or text_at(spec, "releaseImage")
        if version := of_tag(image):
            yield Said(version=version, path=path, clusters=frozenset(filter(None, names)))
        else:
            yield from _of_set(path, spec, table_at(spec, "provisioning"), names=names)
    elif kind == "Kustomization" and found.group.startswith("kustomize.config"):
        yield from _of_patches(path, found.data)


def _of_cluster_version(spec: Plain) -> str:
    """The desired update comes before the channel, which during an update between minor releases is the later one."""
    update = table_at(spec, "desiredUpdate")
    return (
        _known(_VERSION.fullmatch(text_at(update, "version")))
        or of_tag(text_at(update, "image"))
        or _known(_CHANNEL.fullmatch(text_at(spec, "channel")))
    )


def _of_set(path: str, *places: Plain, names: Sequence[str]) -> Iterator[Said]:
    """The ClusterImageSet that an object refers to."""
    for place in places:
        for key in _SETS:
            name = text_at(place, key, "name") or text_at(place, key)
            if name:
                version = _known(_IN_NAME.search(name))
                yield Said(version=version, path=path, clusters=frozenset(filter(None, names)), image_set=name)
                return


def _of_patches(path: str, kustomization: Plain) -> Iterator[Said]:
    """The patches of a ClusterVersion that are written into a kustomization."""
    for patch in (*list_at(kustomization, "patches"), *list_at(kustomization, "patchesJson6902")):
        text = text_at(patch, "patch")
        if "ClusterVersion" not in (text_at(patch, "target", "kind"), *text.split()):
            continue
        for each in objects(path, File(path, text)):
            if version := _of_cluster_version(table_at(each.data, "spec")):
                yield Said(version=version, path=path)
        for step in objects(path, File(path, _as_list(text))):
            for operation in list_at(step.data, "steps"):
                where, value = text_at(operation, "path"), at(operation, "value")
                known: dict[str, Plain] = {
                    "/spec/channel": {"channel": value},
                    "/spec/desiredUpdate": {"desiredUpdate": value},
                    "/spec/desiredUpdate/version": {"desiredUpdate": {"version": value}},
                }
                spec = known.get(where)
                if spec and (version := _of_cluster_version(spec)):
                    yield Said(version=version, path=path)


def _as_list(text: str) -> str:
    """The list of steps of a JSON patch as a mapping."""
    if not text.lstrip().startswith(("-", "[")):
        return ""
    return "steps:\n" + "".join(f"  {line}\n" for line in text.splitlines())


# --- The one that counts -------------------------------------------------------------


def resolved(said: Iterable[Said]) -> tuple[Said, ...]:
    """What was said, where a ClusterImageSet is referred to with the version that this has."""
    every = list(said)
    sets = {each.defines: each.version for each in every if each.defines}
    made = []
    for each in every:
        version = sets.get(each.image_set, each.version) if each.image_set else each.version
        if version:
            made.append(replace(each, version=version, image_set=""))
    return tuple(made)


class Sayings:
    """What a repo says of releases, to be asked for each of its clusters."""

    def __init__(self, said: Iterable[Said]) -> None:
        self._all = tuple(said)
        self._of: dict[str, list[int]] = {}
        self._in: dict[str, list[int]] = {}
        for number, each in enumerate(self._all):
            for name in each.clusters:
                self._of.setdefault(name, []).append(number)
            if not each.clusters:
                for folder in (each.path, *_around(each.path)):
                    self._in.setdefault(folder, []).append(number)
        self._called: dict[str, list[int]] = {}
        for number, each in enumerate(self._all):
            for part in {*each.path.split("/")[:-1]} if not each.clusters else ():
                self._called.setdefault(part, []).append(number)

    def chosen(self, name: str, places: Sequence[str]) -> Said | None:
        """What counts for a cluster; None where nothing does, or where the nearest contradict each other.

        Args:
            name: The cluster's name, empty for the only cluster of a repo, for which everything counts.
            places: Its folders and files, the nearest first.
        """
        by_rank: dict[int, list[int]] = {}
        if not name:
            for number, each in enumerate(self._all):
                if not each.of_others:
                    by_rank.setdefault(int(bool(each.clusters)), []).append(number)
        else:
            by_rank[0] = self._of.get(name, [])
            known = set(by_rank[0])
            ranked = (self._in.get("" if place == "." else place, ()) for place in dict.fromkeys(places))
            for rank, numbers in enumerate((*ranked, self._called.get(name, ())), 1):
                by_rank[rank] = [number for number in numbers if number not in known]
                if by_rank[rank]:
                    break
        for rank in sorted(by_rank):
            if found := [self._all[number] for number in by_rank[rank]]:
                return _agreed([each for each in found if not each.defines] or found)
        return None


def _agreed(said: Sequence[Said]) -> Said | None:
    if len({each.release for each in said}) > 1:
        return None
    return max(said, key=lambda each: (each.version.count("."), each.version))


def _around(path: str) -> Iterator[str]:
    """The folders that a file lies in; the top is an empty text."""
    while path:
        path = path.rpartition("/")[0]
        yield path
