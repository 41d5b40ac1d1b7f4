"""Hosted clusters of HyperShift: the mirrors of a HostedCluster, and the ConfigMaps of its NodePools.

Follows openshift/hypershift (3ee9615) `support/globalconfig` ReconcileImageDigestMirrors for the IDMS `cluster`, and
`hypershift-operator/controllers/nodepool` config.go defaultAndValidateConfigManifest for what a NodePool takes.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.homes.making import mapping, mirror_set_of, scalar
from compiler.homes.source import (
    Content,
    Source,
    called,
    documents_in,
    field_of,
    items_of,
    name_of,
    namespace_of,
    text_of,
)
from compiler.manifests.decoding import decode
from compiler.manifests.embedded import Home, Pointer, Target, target
from compiler.manifests.fields import heading
from compiler.manifests.kinds import ImageConfig, ImageContentSourcePolicy, ImageDigestMirrorSet
from compiler.names.releases import Release
from compiler.text.inner import Inner
from compiler.text.span import Span
from compiler.text.tree import Document, Mapping, Node, Scalar, Sequence, YamlError
from compiler.text.wording import shown

FORM = "hosted-cluster"
NODE_POOL = "node-pool-config"
_GROUP = "hypershift.openshift.io"
_SOURCES = "imageContentSources"
POOL = "worker"
"""The only pool of a hosted cluster."""
CONFIG = "config"
"""The only key of a NodePool's ConfigMap that is read."""

_TAKEN = {
    "MachineConfig": ("machineconfiguration.openshift.io",),
    "KubeletConfig": ("machineconfiguration.openshift.io",),
    "ContainerRuntimeConfig": ("machineconfiguration.openshift.io",),
    "ImageContentSourcePolicy": ("operator.openshift.io",),
    "ImageDigestMirrorSet": ("config.openshift.io",),
    "ClusterImagePolicy": ("config.openshift.io",),
}
"""The kinds that a NodePool takes, with their API groups."""
_SINCE = {"ClusterImagePolicy": "4.16"}
_SEPARATOR = re.compile(r"^---[ \t]*(?:#.*)?$", re.MULTILINE)


def read(source: Source) -> Iterator[Home | Pointer]:
    """The mirrors of HostedClusters, and which ConfigMaps NodePools name."""
    for _, root in source.of_kinds("HostedCluster", group=_GROUP):
        yield from _of_hosted_cluster(source, root)
    for _, root in source.of_kinds("NodePool", group=_GROUP):
        whose = hosted(text_of(root, "spec", "clusterName"), namespace_of(root))
        for item in items_of(root, "spec", "config"):
            name = field_of(item, "name")
            if isinstance(name, Scalar) and name.text:
                pool = whose._replace(part=name_of(root))
                yield Pointer("ConfigMap", namespace_of(root), name.text, NODE_POOL, pool, name.span)


def hosted(name: str, namespace: str, release_image: str = "") -> Target:
    """A hosted cluster, whose nodes are all in the pool `worker`."""
    shown_name = f"{namespace}/{name}" if namespace else name
    made = target(FORM, name, f"the hosted cluster {shown_name}".rstrip(), scope=namespace if name else None)
    return made._replace(pools=(POOL,), release_image=release_image, has_payload_policy=False)


def _of_hosted_cluster(source: Source, root: Mapping) -> Iterator[Home]:
    image = text_of(root, "spec", "release", "image")
    whose = hosted(name_of(root), namespace_of(root), image if "{" not in image and "$" not in image else "")
    spec = field_of(root, "spec")
    listed = field_of(spec, _SOURCES)
    if isinstance(spec, Mapping) and isinstance(listed, Sequence):
        content = mirror_set_of(ImageDigestMirrorSet, "cluster", listed, source.release, path=f"spec.{_SOURCES}")
        key = spec.key(_SOURCES) or listed
        said = "becomes the IDMS `cluster` of the hosted cluster; every change replaces or reboots all its nodes"
        yield _home(root, content, whose, Span(listed.file, key.start, listed.end), said)
    configured = field_of(spec, "configuration", "image")
    if isinstance(configured, Mapping):
        content = Content(read=[configured.span])
        made = mapping(
            configured,
            {
                "apiVersion": scalar(configured, ImageConfig.api_version),
                "kind": scalar(configured, ImageConfig.kind),
                "metadata": mapping(configured, {"name": scalar(configured, "cluster")}),
                "spec": configured,
            },
        )
        made.start, made.end = configured.start, configured.end
        content.add(decode(Document(root=made), source.release))
        content.diagnostics = [
            replace(each, fix=None, field=re.sub(r"^spec\b", "spec.configuration.image", each.field))
            for each in content.diagnostics
        ]
        yield _home(root, content, whose, configured.span, "becomes the Image `cluster` of the hosted cluster")


def _home(root: Mapping, content: Content, whose: Target, span: Span, said: str) -> Home:
    return Home(
        form=FORM,
        holder=called("HostedCluster", root),
        span=span,
        target=whose,
        manifests=tuple(content.manifests),
        refused=tuple(content.refused),
        diagnostics=tuple(content.diagnostics),
        said=(said,),
        read=(*content.read, span),
    )


# --- ConfigMaps of NodePools -----------------------------------------------------------


def node_pool_config(scalar_: Scalar, release: Release) -> Content:
    """What a NodePool makes of the key `config` of its ConfigMap: one document that it refuses stops all of it."""
    content = Content(read=[scalar_.span])
    inner = Inner(scalar_)
    text = inner.file.text
    bounds = [0, *(match.end() for match in _SEPARATOR.finditer(text)), len(text)]
    starts = [*(match.start() for match in _SEPARATOR.finditer(text)), len(text)]
    refusals: list[Diagnostic] = []
    for number, (start, end) in enumerate(zip(bounds[:-1], starts, strict=True)):
        if not text[start:end].strip():
            if number and end < len(text):
                refusals.append(_without_kind(inner.span(end, end + 3), "two `---` follow each other"))
            continue
        before = len(refusals)
        for document in documents_in(inner, start, end):
            if isinstance(document, YamlError):
                refusals.append(
                    rules.INVALID_YAML.at(document.span, document.message, help="Fix the syntax of the document.")
                )
                break
            root = document.root
            if root is None or (isinstance(root, Scalar) and root.value is None):
                refusals.append(_without_kind(inner.span(start, end), "a document has only comments"))
            elif isinstance(root, Mapping) and (refusal := _refusal(root, release)) is not None:
                refusals.append(refusal)
            elif isinstance(root, Mapping):
                content.add(decode(document, release))
                content.keep(root)
        if len(refusals) == before and not any(True for _ in documents_in(inner, start, end)):
            refusals.append(_without_kind(inner.span(start, end), "a document has only comments"))
    if refusals:
        content.refused += [(each.kind, each.name.value) for each in content.manifests]
        content.refused += [("ConfigMap", CONFIG)] if not content.refused else []
        content.manifests = []
        content.machine_configs = []
    content.diagnostics = [*refusals, *content.diagnostics]
    return content


def _without_kind(span: Span, fact: str) -> Diagnostic:
    return rules.NODE_POOL_REFUSED.at(
        span,
        f"{fact}: the NodePool refuses a document without `kind`, and stops updating",
        help="Remove the empty document.",
    )


def _refusal(root: Mapping, release: Release) -> Diagnostic | None:
    """Why a NodePool does not take an object, None where it does."""
    kind, group = text_of(root, "kind"), text_of(root, "apiVersion").partition("/")[0]
    at = heading(root)
    if not kind:
        return _without_kind(Span(at.file, at.start, at.end), "a document has no `kind`")
    since = _SINCE.get(kind, "4.13")
    if kind in _TAKEN and group in _TAKEN[kind] and release.since(since):
        return None
    help_ = "Remove it: a NodePool takes MachineConfigs, KubeletConfigs, ContainerRuntimeConfigs, " + (
        f"{ImageDigestMirrorSet.kind}s, {ImageContentSourcePolicy.kind}s and, from 4.16 on, ClusterImagePolicies."
    )
    if kind == "ImageTagMirrorSet":
        help_ = (
            "Write the tag mirrors to a drop-in of registries.conf in a MachineConfig: a NodePool takes no tag mirrors."
        )
    node: Node = at
    fact = f"`{shown(kind)}` is an unsupported config type in the ConfigMap of a NodePool"
    if kind in _TAKEN and group not in _TAKEN[kind]:
        node = root.fields.get("apiVersion") or at
        fact = f"there is no {kind} in `{shown(text_of(root, 'apiVersion'))}`"
        help_ = f"Write the API group `{_TAKEN[kind][0]}`."
    return rules.NODE_POOL_REFUSED.at(
        node.span, f"{fact}: the NodePool stops updating", help=help_, field="kind" if node is at else "apiVersion"
    )
