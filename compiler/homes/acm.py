"""Objects in policies of Advanced Cluster Management: what managed clusters are to have.

Follows stolostron/config-policy-controller (ecf24b4) `handleObjectTemplates`, `handleKeys` and `mergeSpecs`: with
`musthave` what the cluster has is kept and what is missing is added, with `mustonlyhave` the object is replaced, and
`mustnothave` deletes it whole. What only informs changes nothing.
"""

from collections.abc import Iterator

from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic
from compiler.homes.machine_configs import with_node_texts
from compiler.homes.source import (
    Content,
    Source,
    called,
    documents_in,
    field_of,
    items_of,
    name_of,
    objects_in,
    text_of,
)
from compiler.manifests.embedded import Home, Merge, Target, target
from compiler.manifests.kinds import Manifest, MirrorSet
from compiler.text.span import Span
from compiler.text.tree import Mapping, Node, Scalar, Sequence, YamlError

_GROUP = "policy.open-cluster-management.io"
_RAW = "object-templates-raw"
_TEMPLATES = "object-templates"
FORM = "acm-policy"


def read(source: Source) -> Iterator[Home]:
    """The objects in Policies and ConfigurationPolicies."""
    for _, root in source.of_kinds("Policy", group=_GROUP):
        whose = _whose("Policy", root)
        for item in items_of(root, "spec", "policy-templates"):
            policy = field_of(item, "objectDefinition")
            if isinstance(policy, Mapping) and text_of(policy, "kind") == "ConfigurationPolicy":
                yield from _of_policy(source, policy, whose, called("Policy", root), root)
    for _, root in source.of_kinds("ConfigurationPolicy", group=_GROUP):
        yield from _of_policy(source, root, _whose("ConfigurationPolicy", root), called("ConfigurationPolicy", root))


def _whose(kind: str, root: Mapping) -> Target:
    name = name_of(root)
    return target(FORM, name, f"the managed clusters of the {kind} {name}".rstrip())


def _of_policy(
    source: Source, policy: Mapping, whose: Target, holder: str, around: Mapping | None = None
) -> Iterator[Home]:
    is_enforced = _is_enforced(policy, around)
    for item in (*items_of(policy, "spec", _TEMPLATES), *_raw_items(policy)):
        definition = field_of(item, "objectDefinition")
        if not isinstance(definition, Mapping):
            continue
        content = with_node_texts(objects_in([definition], source.release), source)
        if not content:
            continue
        raw = field_of(policy, "spec", _RAW)
        if raw is not None:
            content.read.append(raw.span)
        yield _home(item, definition, content, whose, holder, is_enforced=is_enforced)


def _raw_items(policy: Mapping) -> list[Node]:
    """The items of a text that is a list of them once its templates are resolved."""
    raw = field_of(policy, "spec", _RAW)
    if not isinstance(raw, Scalar):
        return []
    items: list[Node] = []
    for document in documents_in(raw):
        if not isinstance(document, YamlError) and isinstance(document.root, Sequence):
            items += document.root.items
    return items


def _is_enforced(policy: Mapping, around: Mapping | None) -> bool:
    """Whether the controller writes anything: the Policy's action overrides that of the template in it."""
    if any(text_of(each, "spec", "disabled").lower() == "true" for each in (policy, around)):
        return False
    action = text_of(around, "spec", "remediationAction") or text_of(policy, "spec", "remediationAction")
    return action.lower() == "enforce"


def _home(item: Node, definition: Mapping, content: Content, whose: Target, holder: str, *, is_enforced: bool) -> Home:
    compliance = text_of(item, "complianceType").lower()
    said: list[str] = []
    findings = list(content.diagnostics)
    compiled = is_enforced
    manifests: list[Manifest] = content.manifests
    merge = Merge.EXACT if compliance == "mustonlyhave" else Merge.ADD
    if compliance == "mustnothave":
        compiled = False
        said.append("mustnothave: the object is deleted from the managed clusters" if is_enforced else "a check only")
    elif not is_enforced:
        said.append("inform: a check only, nothing is applied")
    elif not name_of(definition) and field_of(item, "objectSelector") is None:
        compiled = False
        said.append("without a name the object is only checked, never applied")
    elif merge is Merge.ADD:
        said.append("musthave: rules are only added, what was removed in Git stays on the clusters")
        if _is_recreated(item):
            said.append(
                "recreateOption Always: an update that adds something deletes the object and creates it as written here"
            )
        findings += _adds_only(item, manifests)
    else:
        said.append("mustonlyhave: the object is replaced, except where only the order changes")
    return Home(
        form=FORM,
        holder=holder,
        span=Span(definition.file, definition.start, definition.end),
        target=whose,
        manifests=tuple(manifests),
        refused=tuple(content.refused),
        node_texts=tuple(content.node_texts),
        diagnostics=tuple(findings),
        merge=merge,
        compiled=compiled,
        is_wanted=compliance != "mustnothave",
        said=tuple(said),
        read=(*content.read, definition.span),
    )


def _is_recreated(item: Node) -> bool:
    """Whether updates delete the object first. `IfRequired` does so only for fields that cannot be changed."""
    return text_of(item, "recreateOption").lower() == "always"


def _adds_only(item: Node, manifests: list[Manifest]) -> Iterator[Diagnostic]:
    for manifest in manifests:
        compliance = field_of(item, "complianceType")
        if compliance is None:
            continue
        what = "rules" if isinstance(manifest, MirrorSet) else "registries"
        stay = "stay on the managed clusters, and their order cannot be changed"
        if _is_recreated(item):
            stay = (
                "stay on the managed clusters until something is added: then `recreateOption: Always` deletes the "
                "object for a moment and creates it without them"
            )
        yield rules.MUSTHAVE_ADDS.at(
            compliance.span,
            f"with `musthave`, {what} of the {manifest.kind} `{manifest.name.value}` that are removed here {stay}",
            help="Write `mustonlyhave` if the clusters should have exactly what is written here.",
            field="complianceType",
        )
