"""PolicyGenTemplates of zero touch provisioning, which lay values over source objects and wrap these into policies.

The source objects mostly come with the generator and have no list of mirrors, so what is written over one is the whole
list. The policies inform unless they say otherwise, and the Topology Aware Lifecycle Manager enforces copies of them.

Follows openshift-kni/cnf-features-deploy (ea1961c0a) `ztp/policygenerator` `PolicyBuilder.Build` and
`getCustomResource`: a file without `policyName`, and all of them with `wrapInPolicy: false`, make no policy.
"""

import posixpath
from collections.abc import Iterator

from compiler.homes.machine_configs import with_node_texts
from compiler.homes.making import mapping, scalar
from compiler.homes.policy_generator import KIND_OF_FIELD
from compiler.homes.source import Source, called, field_of, items_of, name_of, objects_in, text_of
from compiler.manifests.embedded import POLICY_GENERATOR, Home, Merge, target
from compiler.text.span import Span
from compiler.text.tree import Mapping, Node, Scalar

_KIND_OF_FIELD = {**KIND_OF_FIELD, "config": ("MachineConfig", "machineconfiguration.openshift.io/v1")}


def read(source: Source) -> Iterator[Home]:
    """The objects that PolicyGenTemplates set lists of."""
    for _, root in source.of_kinds("PolicyGenTemplate", group="ran.openshift.io"):
        spec = field_of(root, "spec")
        if text_of(spec, "wrapInPolicy").lower() == "false":
            continue
        name = name_of(root)
        whose = target("acm-policy", name, f"the managed clusters of the PolicyGenTemplate {name}".rstrip())
        for item in items_of(spec, "sourceFiles"):
            made = _object_of(item) if text_of(item, "policyName") else None
            content = with_node_texts(objects_in([made], source.release), source) if made else None
            if not content:
                continue
            compliance = (text_of(item, "complianceType") or text_of(spec, "complianceType")).lower()
            compiled = compliance != "mustnothave"
            action = text_of(item, "remediationAction") or text_of(spec, "remediationAction")
            said = "" if action.lower() == "enforce" else "inform: applied once a ClusterGroupUpgrade enforces it"
            if not compiled:
                said = "mustnothave: the object is deleted from the managed clusters"
            yield Home(
                form=POLICY_GENERATOR,
                holder=called("PolicyGenTemplate", root),
                span=Span(item.file, item.start, item.end),
                target=whose,
                manifests=tuple(content.manifests),
                refused=tuple(content.refused),
                node_texts=tuple(content.node_texts),
                diagnostics=tuple(content.diagnostics),
                merge=Merge.EXACT if compliance == "mustonlyhave" else Merge.ADD,
                compiled=compiled,
                said=(said,) if said else (),
                read=(*content.read, Span(item.file, item.start, item.end)),
            )


def _object_of(item: Node) -> Mapping | None:
    """What is laid over a source object, as an object that has nothing else; None where it is not one of ours."""
    spec = field_of(item, "spec")
    if not isinstance(spec, Mapping):
        return None
    kind, api_version = next((_KIND_OF_FIELD[field] for field in spec.fields if field in _KIND_OF_FIELD), ("", ""))
    if not kind:
        return None
    written = field_of(item, "metadata")
    metadata: dict[str, Node] = dict(written.fields) if isinstance(written, Mapping) else {}
    if not isinstance(metadata.get("name"), Scalar):
        # The name that the source object has, which is not known here.
        file = posixpath.basename(text_of(item, "fileName")).partition(".")[0]
        metadata["name"] = scalar(item, "cluster" if kind == "Image" else file.lower() or "source")
    made = mapping(
        item,
        {
            "apiVersion": scalar(item, api_version),
            "kind": scalar(item, kind),
            "metadata": mapping(item, metadata),
            "spec": spec,
        },
    )
    made.start, made.end = item.start, item.end
    return made
