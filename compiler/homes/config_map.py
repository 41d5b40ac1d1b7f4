"""ConfigMaps whose values are manifests or files of a node: of use only where another object names them.

A ConfigMap with the key `config` is for NodePools (`hypershift`), one with `registries.conf` for assisted
installations (`assisted`), and one whose keys are names of manifests brings these to a cluster at its installation.
Follows openshift/assisted-service (063b257) `internal/manifests` for the names that are taken.
"""

from collections.abc import Iterator

from compiler.homes import assisted, hypershift
from compiler.homes.install_config import installed_cluster, of_install_config, whose
from compiler.homes.machine_configs import with_node_texts
from compiler.homes.source import (
    Content,
    Source,
    called,
    documents_in,
    field_of,
    items_of,
    name_of,
    namespace_of,
    text_in,
    text_of,
)
from compiler.manifests.embedded import Home, Pointer
from compiler.text.span import Span
from compiler.text.tree import Mapping, Scalar, YamlError

FORM = "config-map"
EXTRA = "extra-manifests"
_MANIFESTS = (".yaml", ".yml", ".json")


def read(source: Source) -> Iterator[Home | Pointer]:
    """The manifests and files in ConfigMaps, and which objects name them."""
    for each, root in source.of_kinds("ConfigMap", "Secret"):
        for field in ("data", "stringData"):
            data = field_of(root, field)
            if isinstance(data, Mapping):
                for key in data.keys:
                    value = data.fields[key.text]
                    if isinstance(value, Scalar) and value.text:
                        for home in _of_value(source, each.kind, root, key.text, value):
                            yield home._replace(read=(*home.read, Span(key.file, key.start, value.end)))
    yield from _pointers(source)


def _of_value(source: Source, kind: str, root: Mapping, key: str, value: Scalar) -> Iterator[Home]:
    holder = called(kind, root)
    awaits = (namespace_of(root), name_of(root))
    if key == assisted.KEY:
        yield from assisted.of_config_map(source, value, holder, awaits)
        return
    if key.endswith(".conf") and "[[registry" in value.text:
        yield from assisted.of_other_key(value, holder, awaits)
        return
    if key == hypershift.CONFIG:
        content = with_node_texts(hypershift.node_pool_config(value, source.release), source, hypershift.POOL)
        if any(word in value.text for word in _OF_NODE_POOL):
            yield _home(value, holder, awaits, content, hypershift.NODE_POOL)
        return
    if key.startswith("install-config"):
        for document in documents_in(value):
            if not isinstance(document, YamlError) and isinstance(document.root, Mapping):
                yield from of_install_config(source, document.root)
        return
    if key.endswith(_MANIFESTS) or "\nkind:" in f"\n{value.text}":
        content = with_node_texts(text_in(value, source.release), source)
        if content.manifests or content.refused or content.node_texts:
            yield _home(value, holder, awaits, content, EXTRA)


_OF_NODE_POOL = ("MirrorSet", "ContentSourcePolicy", "ImagePolicy", "config.openshift.io", "/etc/containers/")


def _home(value: Scalar, holder: str, awaits: tuple[str, str], content: Content, role: str) -> Home:
    return Home(
        form=FORM,
        holder=holder,
        span=value.span,
        manifests=tuple(content.manifests),
        refused=tuple(content.refused),
        node_texts=tuple(content.node_texts),
        diagnostics=tuple(content.diagnostics),
        awaits=awaits,
        role=role,
        read=(*content.read, value.span),
    )


def _pointers(source: Source) -> Iterator[Pointer]:
    for each, root in source.of_kinds("AgentClusterInstall", "ClusterInstance", "ImageClusterInstall"):
        namespace = namespace_of(root)
        field = "manifestsConfigMapRefs" if each.kind == "AgentClusterInstall" else "extraManifestsRefs"
        refs = items_of(root, "spec", field)
        if not refs and (single := field_of(root, "spec", "manifestsConfigMapRef")) is not None:
            refs = [single]
        name = text_of(root, "spec", "clusterName") if each.kind == "ClusterInstance" else installed_cluster(root)
        for ref in refs:
            node = field_of(ref, "name")
            if isinstance(node, Scalar) and node.text:
                yield Pointer("ConfigMap", namespace, node.text, EXTRA, whose(name), node.span)
