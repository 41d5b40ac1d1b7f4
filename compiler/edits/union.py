"""The union of several mirroring runs: one set of objects that means what all runs together mean.

In: the files of each run, oldest first. Out: objects as data under their names, and what each run adds or would lose.
Lists of one source are kept as written, each once, since the cluster merges them: only then does the union
not depend on the order in which runs are united. Nothing is read or written here.

What the generator writes follows openshift/oc-mirror 855b64a3 (v2, `internal/pkg/clusterresources`).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.diff.disruption import Disruption, NodeFiles, UpdateFailsError
from compiler.diff.node_changes import judge
from compiler.edits.writing import yaml_text
from compiler.findings.diagnostics import Diagnostic
from compiler.manifests.kinds import MirrorSet
from compiler.manifests.parsing import Parsed
from compiler.node.disruption_policy import in_force
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.node_files import node_files
from compiler.policy.settings import Settings
from compiler.text.span import File, Located
from compiler.text.tree import Plain, plain, read
from compiler.text.wording import shown

_GENERATED = ("createdAt", "createdBy", "oc-mirror_version")
_SIGNATURES = "release.openshift.io/verification-signatures"
_PASSED_OVER = ("mirror.openshift.io/", "kustomize.config.k8s.io/")
"""API groups of what configures tools; no cluster has such objects."""
_FILES = {
    "ImageDigestMirrorSet": "idms-oc-mirror",
    "ImageTagMirrorSet": "itms-oc-mirror",
    "ImageContentSourcePolicy": "imageContentSourcePolicy",
    "CatalogSource": "cs-{name}",
    "ClusterCatalog": "cc-{name}",
    "UpdateService": "updateService",
    "ConfigMap": "configmap-{name}",
}
_LISTS = {
    "ImageDigestMirrorSet": "imageDigestMirrors",
    "ImageTagMirrorSet": "imageTagMirrors",
    "ImageContentSourcePolicy": "repositoryDigestMirrors",
}
_FILE_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")

Object = dict[str, Plain]
Key = tuple[str, str, str, str]
"""apiVersion, kind, namespace and name."""


class MergeError(Exception):
    """The runs cannot be united; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: how it is called, its files, and what was parsed of them."""

    name: str
    files: tuple[File, ...]
    parsed: tuple[Parsed, ...]

    @property
    def mirror_sets(self) -> Iterator[MirrorSet]:
        """The mirror objects that the API server accepts."""
        for parsed in self.parsed:
            for each in parsed.manifests:
                if isinstance(each, MirrorSet):
                    yield each

    @property
    def sources(self) -> frozenset[tuple[str, str]]:
        """Kind and source of every rule."""
        return frozenset((each.kind, rule.source.value) for each in self.mirror_sets for rule in each.rules)


def union(runs: Sequence[Run]) -> dict[Key, Object]:
    """The objects of all runs by key, in order.

    Mirror objects of one name have the rules of all runs, sorted. Of other objects the newest is taken, but ConfigMaps
    with release signatures have the signatures of all.

    Raises:
        MergeError: An object has no name.
    """
    united: dict[Key, Object] = {}
    for run in runs:
        for file in run.files:
            for found in _objects(file):
                key = _key(found, file)
                united[key] = merged(united[key], found) if key in united else cleaned(found)
    return dict(sorted(united.items()))


def _objects(file: File) -> Iterator[Object]:
    """The objects of a file, those of lists one by one."""
    tree = read(file)
    if tree.error is not None:
        message = f"{tree.error.span}: {tree.error.message}"
        raise MergeError(message)
    pending = [plain(document.root) for document in tree.documents if document.root is not None]
    pending.reverse()
    while pending:
        found = pending.pop()
        if not isinstance(found, dict) or not isinstance(found.get("kind"), str):
            continue
        items = found.get("items")
        if str(found["kind"]).endswith("List") and isinstance(items, list):
            pending += [_typed(item, found) for item in reversed(items)]
        elif not str(found.get("apiVersion", "")).startswith(_PASSED_OVER):
            yield found


def _typed(item: Plain, holder: Object) -> Plain:
    """An item with the kind and apiVersion that a typed list lends it."""
    if not isinstance(item, dict) or holder["kind"] == "List":
        return item
    return {"apiVersion": holder.get("apiVersion"), "kind": str(holder["kind"]).removesuffix("List"), **item}


def _key(found: Object, file: File) -> Key:
    metadata = found.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not all(map(_FILE_NAME.fullmatch, (name, str(namespace or name)))):
        message = f"{file.path}: an object of kind {shown(str(found['kind']))} has no valid name or namespace"
        raise MergeError(message)
    if not str(found["kind"]).isalnum() or not str(found["kind"]).isascii():
        message = f"{file.path}: `{shown(str(found['kind']))}` is not a valid kind"
        raise MergeError(message)
    return (str(found.get("apiVersion", "")), str(found["kind"]), str(namespace or ""), name)


def cleaned(found: Object) -> Object:
    """An object without what differs between two runs with the same images."""
    metadata = dict(_mapping(found.get("metadata")))
    annotations = {key: value for key, value in _mapping(metadata.get("annotations")).items() if key not in _GENERATED}
    metadata.pop("creationTimestamp", None)
    metadata.pop("annotations", None)
    if annotations:
        metadata["annotations"] = annotations
    cleaned: Object = {key: value for key, value in found.items() if key != "status"} | {"metadata": metadata}
    field = _LISTS.get(str(found["kind"]))
    if field is not None:
        cleaned["spec"] = {field: _rules([found], field)}
    return cleaned


def merged(old: Object, new: Object) -> Object:
    """Two objects of one name: the newer one, with the rules or the signatures of both."""
    merged = cleaned(new)
    field = _LISTS.get(str(new["kind"]))
    if field is not None:
        merged["spec"] = {field: _rules([old, new], field)}
    labels = _mapping(_mapping(new.get("metadata")).get("labels"))
    if new["kind"] == "ConfigMap" and _SIGNATURES in labels:
        for part in ("binaryData", "data"):
            if entries := {**_mapping(old.get(part)), **_mapping(new.get(part))}:
                merged[part] = dict(sorted(entries.items()))
    return merged


def _rules(objects: Iterable[Object], field: str) -> list[Plain]:
    """The rules of objects, each once, by source and then by their text."""
    rules: dict[str, Plain] = {}
    for each in objects:
        listed = _mapping(each.get("spec")).get(field)
        for rule in listed if isinstance(listed, list) else ():
            rules.setdefault(rule_key(rule), rule)
    return [rules[key] for key in sorted(rules)]


def rule_key(rule: Plain) -> str:
    """What rules are sorted by: the source, then all they say."""
    return json.dumps([_mapping(rule).get("source"), rule], sort_keys=True)


def _mapping(value: Plain) -> Object:
    return value if isinstance(value, dict) else {}


# --- Proof -----------------------------------------------------------------------


def together(runs: Sequence[Run], settings: Settings, beside: Sequence[Parsed] = ()) -> Analysis:
    """What a cluster makes of every object of every run, each under a name that no other has.

    What is `beside` the runs keeps its names.
    """
    parsed = list(beside)
    for number, run in enumerate(runs):
        for place, each in enumerate(run.parsed):
            renamed = tuple(
                replace(manifest, name=Located(f"{manifest.name}-{number}-{place}-{index}", manifest.name.span))
                if isinstance(manifest, MirrorSet)
                else manifest
                for index, manifest in enumerate(each.manifests)
            )
            parsed.append(each._replace(manifests=renamed))
    return analyse(parsed, settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedRun:
    """A run applied over those before it, as a cluster would have it: the sources that are lost, and what nodes do.

    `disruption` is None where the controller refuses the result.
    """

    lost: tuple[str, ...]
    disruption: Disruption | None


def in_turn(runs: Sequence[Run], settings: Settings) -> list[AppliedRun]:
    """What it means to apply run after run: an object replaces the one of its name, and nothing is deleted."""
    found = []
    before = analyse([], settings)
    parsed: list[Parsed] = []
    for run in runs:
        parsed += run.parsed
        after = analyse(parsed, settings)
        gone = {each.source for each in (*before.digest, *before.tag)} - {
            each.source for each in (*after.digest, *after.tag)
        }
        found.append(AppliedRun(lost=tuple(sorted(gone)), disruption=disruption_between(before, after, settings)))
        before = before if after.refused else after
    return found


def disruption_between(old: Analysis, new: Analysis, settings: Settings) -> Disruption | None:
    """What nodes go through from one to the other; None where the controller refuses the new one or the update fails.

    The node disruption policy is that of the release.
    """
    if new.refused:
        return None
    release = settings.release
    before, after = (NodeFiles(registries=each.conf, files=node_files(each, release)) for each in (old, new))
    try:
        return judge(before, after, in_force(release)).disruption
    except UpdateFailsError:
        return None


def refused(runs: Iterable[Run]) -> list[Diagnostic]:
    """Why the API server refuses objects of the runs, of each file that has such objects."""
    from compiler.findings import rules

    return [
        each
        for run in runs
        for parsed in run.parsed
        if parsed.refused
        for each in parsed.diagnostics
        if not rules.RULES[each.rule].adjustable
    ]


# --- Text ------------------------------------------------------------------------


def texts(united: Mapping[Key, Object]) -> dict[str, str]:
    """The files by name: one for each kind of mirror objects, one for each other object."""
    files: dict[str, list[str]] = {}
    for (_, kind, namespace, name), found in united.items():
        file = f"{_FILES.get(kind, f'{kind.lower()}-{{name}}').replace('{name}', name)}.yaml"
        if file in files and kind not in _LISTS:
            file = f"{file.removesuffix('.yaml')}-{namespace or name}.yaml"
        files.setdefault(file, []).append(f"---\n{yaml_text(found)}")
    return {name: "".join(documents) for name, documents in sorted(files.items())}
