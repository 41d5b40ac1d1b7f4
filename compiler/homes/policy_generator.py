"""PolicyGenerators, which wrap the objects of files into policies of Advanced Cluster Management.

Follows open-cluster-management-io/policy-generator-plugin (5c92998): paths are relative to the kustomization, the
compliance of a manifest comes before that of its policy and of the defaults, and a list in a patch replaces the list.
"""

from collections.abc import Iterator

from compiler.homes.making import mapping, scalar
from compiler.homes.source import Source, field_of, items_of, name_of, text_of
from compiler.manifests.decoding import decode
from compiler.manifests.embedded import ANY, FILE, POLICY_GENERATOR, Merge, Pointer, target
from compiler.manifests.kinds import (
    ImageConfig,
    ImageContentSourcePolicy,
    ImageDigestMirrorSet,
    ImageTagMirrorSet,
    Manifest,
)
from compiler.names.releases import Release
from compiler.text.tree import Document, Mapping, Node, Scalar

KIND_OF_FIELD: dict[str, tuple[str, str]] = {
    type_.list_field: (type_.kind, type_.api_version)
    for type_ in (ImageDigestMirrorSet, ImageTagMirrorSet, ImageContentSourcePolicy)
} | {"registrySources": (ImageConfig.kind, ImageConfig.api_version)}
"""Kind and API version of the object that has a field in its spec."""


def read(source: Source) -> Iterator[Pointer]:
    """The files that PolicyGenerators wrap."""
    for _, root in source.of_kinds("PolicyGenerator"):
        defaults = field_of(root, "policyDefaults")
        for policy in items_of(root, "policies"):
            name = text_of(policy, "name") or name_of(root)
            whose = target(
                "acm-policy", name, f"the managed clusters of the policy {name}".rstrip(), scope=source.file.path
            )
            for item in items_of(policy, "manifests"):
                path = field_of(item, "path")
                if not isinstance(path, Scalar) or not path.text:
                    continue
                levels = (item, policy, defaults)
                compliance = _first(levels, "complianceType") or "musthave"
                action = _first(levels, "remediationAction") or "inform"
                disabled = _first((policy, defaults), "disabled") == "true"
                yield Pointer(
                    FILE,
                    "",
                    path.text,
                    POLICY_GENERATOR,
                    whose,
                    path.span,
                    merge=Merge.EXACT if compliance.lower() == "mustonlyhave" else Merge.ADD,
                    is_wanted=compliance.lower() != "mustnothave",
                    compiled=action.lower() == "enforce" and compliance.lower() != "mustnothave" and not disabled,
                    patches=tuple(_patches(items_of(item, "patches"), source.release)),
                )


def _first(levels: tuple[Node | None, ...], field: str) -> str:
    return next((text for level in levels if (text := text_of(level, field))), "")


def _patches(nodes: list[Node], release: Release) -> Iterator[Manifest]:
    """What patches set of our objects, each as an object that has nothing else."""
    for node in nodes:
        spec = field_of(node, "spec")
        if not isinstance(node, Mapping) or not isinstance(spec, Mapping):
            continue
        found = next((KIND_OF_FIELD[field] for field in spec.fields if field in KIND_OF_FIELD), None)
        if found is None:
            continue
        kind, api_version = found
        name = field_of(node, "metadata", "name")
        fields: dict[str, Node] = {
            "apiVersion": scalar(node, api_version),
            "kind": scalar(node, kind),
            "metadata": mapping(node, {"name": name if isinstance(name, Scalar) else scalar(node, ANY)}),
            "spec": spec,
        }
        made = mapping(node, fields)
        made.start, made.end = node.start, node.end
        yield from decode(Document(root=made), release).manifests
