"""Objects in ManifestWorks, which the work agent applies to a managed cluster.

Follows open-cluster-management-io/api (1845fd8) `work/v1`: a ManifestWork is for the cluster that its namespace is
called after, a ManifestWorkReplicaSet for those that placements choose.
"""

from collections.abc import Iterator

from compiler.homes.machine_configs import with_node_texts
from compiler.homes.source import Source, called, field_of, items_of, name_of, namespace_of, objects_in, text_of
from compiler.manifests.embedded import Home, target
from compiler.text.tree import Mapping, Node

FORM = "manifest-work"
_GROUP = "work.open-cluster-management.io"
_WORK = ("spec", "workload", "manifests")
_REPLICAS = ("spec", "manifestWorkTemplate", "workload", "manifests")


def read(source: Source) -> Iterator[Home]:
    """The objects in ManifestWorks."""
    for each, root in source.of_kinds("ManifestWork", "ManifestWorkReplicaSet", group=_GROUP):
        namespace = namespace_of(root)
        if each.kind == "ManifestWork" and namespace:
            whose = target(FORM, namespace, f"the managed cluster {namespace}", scope="")
        else:
            whose = target(FORM, name_of(root), f"the managed clusters of the {each.kind} {name_of(root)}".rstrip())
        path = _WORK if each.kind == "ManifestWork" else _REPLICAS
        strategies = _strategies(root, path)
        for node in items_of(root, *path):
            content = with_node_texts(objects_in([node], source.release), source)
            if not content:
                continue
            strategy = _strategy(strategies, node)
            yield Home(
                form=FORM,
                holder=called(each.kind, root),
                span=node.span,
                target=whose,
                manifests=tuple(content.manifests),
                refused=tuple(content.refused),
                node_texts=tuple(content.node_texts),
                diagnostics=tuple(content.diagnostics),
                compiled=strategy != "ReadOnly",
                said=_SAID.get(strategy, ()),
                read=(*content.read, node.span),
            )


_SAID = {
    "CreateOnly": ("CreateOnly: later edits change nothing on a cluster that has the object",),
    "ReadOnly": ("ReadOnly: a check only, nothing is applied",),
}


def _strategies(root: Mapping, path: tuple[str, ...]) -> dict[tuple[str, str], tuple[int, str]]:
    """By name and resource, the place of the strategy for an object among the others, and the strategy."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for number, config in enumerate(items_of(field_of(root, *path[:-2]), "manifestConfigs")):
        name, resource = (text_of(config, "resourceIdentifier", key) for key in ("name", "resource"))
        found.setdefault((name, resource), (number, text_of(config, "updateStrategy", "type")))
    return found


def _strategy(strategies: dict[tuple[str, str], tuple[int, str]], node: Node) -> str:
    """How the agent updates an object: as the first that fits says, empty where nothing is said of it."""
    kind = text_of(node, "kind").lower()
    fitting = [(name, resource) for name in (name_of(node), "*") for resource in (f"{kind}s", f"{kind[:-1]}ies", "*")]
    found = [strategies[each] for each in fitting if each in strategies]
    return min(found)[1] if found else ""
