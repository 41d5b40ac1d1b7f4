"""Objects in Hive's SyncSets and SelectorSyncSets, which Hive applies to clusters.

Follows openshift/hive (c02e517) `clustersync` and the types of hive.openshift.io/v1: `resources` are applied as
`oc apply` does, or merged under `applyBehavior: CreateOrUpdate`; a patch changes an object that the cluster has.
"""

from collections.abc import Iterator

from compiler.findings import rules
from compiler.homes.machine_configs import with_node_texts
from compiler.homes.source import (
    Content,
    Source,
    called,
    documents_in,
    items_of,
    name_of,
    namespace_of,
    objects_in,
    text_of,
)
from compiler.manifests.embedded import Home, Merge, Target, target
from compiler.manifests.kinds import ImageConfig
from compiler.text.tree import Mapping, Node, Scalar, YamlError

FORM = "sync-set"
_GROUP = "hive.openshift.io"


def read(source: Source) -> Iterator[Home]:
    """The objects and patches in SyncSets."""
    for each, root in source.of_kinds("SyncSet", "SelectorSyncSet", group=_GROUP):
        yield from of_sync_set(source, root, each.kind)


def of_sync_set(source: Source, root: Mapping, kind: str) -> Iterator[Home]:
    """The objects and patches in one."""
    whose = _whose(kind, root)
    said = _said(root)
    merge = Merge.ADD if text_of(root, "spec", "applyBehavior") == "CreateOrUpdate" else Merge.APPLY
    for node in items_of(root, "spec", "resources"):
        content = with_node_texts(objects_in([node], source.release), source)
        if content:
            yield _home(kind, root, node, content, whose, said, merge)
    for node in items_of(root, "spec", "patches"):
        patched = _patched(source, node)
        if patched:
            yield _home(
                kind, root, node, patched, whose, ("a patch: the other fields of the object stay",), Merge.APPLY
            )


def _home(
    kind: str, root: Mapping, node: Node, content: Content, whose: Target, said: tuple[str, ...], merge: Merge
) -> Home:
    return Home(
        form=FORM,
        holder=called(kind, root),
        span=node.span,
        target=whose,
        manifests=tuple(content.manifests),
        refused=tuple(content.refused),
        node_texts=tuple(content.node_texts),
        diagnostics=tuple(content.diagnostics),
        merge=merge,
        said=said,
        read=(*content.read, node.span),
    )


def _whose(kind: str, root: Mapping) -> Target:
    name = name_of(root)
    if kind == "SyncSet":
        named = [text_of(each, "name") for each in items_of(root, "spec", "clusterDeploymentRefs")]
        if len(named) == 1:
            return target(FORM, named[0], f"the cluster {named[0]}", scope=namespace_of(root))
    return target(FORM, name, f"the clusters of the {kind} {name}".rstrip())


def _said(root: Mapping) -> tuple[str, ...]:
    said = []
    if text_of(root, "spec", "resourceApplyMode") == "Sync":
        said.append("Sync: an object that is removed here is deleted from the clusters")
    else:
        said.append("Upsert: an object that is removed here stays on the clusters")
    if text_of(root, "spec", "applyBehavior") == "CreateOnly":
        said.append("CreateOnly: later edits change nothing on clusters that have the object")
    return tuple(said)


def _patched(source: Source, node: Node) -> Content | None:
    """What a patch on one of our objects sets, as if it were an object."""
    from compiler.manifests.decoding import decode
    from compiler.text.tree import Document

    kind, patch = text_of(node, "kind"), node.fields.get("patch") if isinstance(node, Mapping) else None
    if not isinstance(patch, Scalar) or not isinstance(node, Mapping):
        return None
    content = Content(read=[node.span])
    for document in documents_in(patch):
        if isinstance(document, YamlError):
            content.diagnostics.append(
                rules.INVALID_YAML.at(document.span, document.message, help="Fix the syntax of the patch.")
            )
            break
        if isinstance(document.root, Mapping) and kind == ImageConfig.kind:
            content.add(decode(Document(root=_whole(node, document.root)), source.release))
    return content if content.manifests or content.refused or content.diagnostics else None


def _whole(patch: Mapping, root: Mapping) -> Mapping:
    """A patch with what says which object it changes, as if it were all of the object."""
    whole = Mapping(root.file, root.start, root.end)
    metadata = Mapping(patch.file, patch.start, patch.end)
    name = patch.key("name")
    if name is not None:
        metadata.keys, metadata.fields = [name], {"name": patch.fields["name"]}
    whole.keys = [key for key in (patch.key("apiVersion"), patch.key("kind")) if key is not None]
    whole.fields = {key.text: patch.fields[key.text] for key in whole.keys}
    whole.fields["metadata"] = metadata
    whole.keys = [*whole.keys, *(key for key in root.keys if key.text not in whole.fields)]
    for key in root.keys:
        whole.fields.setdefault(key.text, root.fields[key.text])
    return whole
