"""The namespaces of ImagePolicies that name none, where nothing configures the cluster: what applies them says it.

In: what was loaded of a cluster without a configuration. Out: the same with the namespaces that the kustomizations, and
the Applications and Flux Kustomizations of the repo, put into them; and for each of them where that is said.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from compiler.clusters.found import Found, reach
from compiler.clusters.layout import pointed
from compiler.clusters.surveying import look
from compiler.manifests.kinds import ImagePolicy, Manifest
from compiler.manifests.load import Loaded
from compiler.repository.git import work_tree_around
from compiler.repository.paths import posix
from compiler.text.span import Located


def has_unplaced(loaded: Sequence[Loaded]) -> bool:
    """Whether there is an ImagePolicy without a namespace."""
    return any(map(_is_unplaced, (each for one in loaded for parsed in one.parsed for each in parsed.manifests)))


def placed(loaded: Loaded) -> tuple[Loaded, tuple[str, ...]]:
    """What was loaded with the namespaces that are known, and a sentence about each of them."""
    top = work_tree_around(os.path.realpath(".")) or os.path.realpath(".")
    found = look(top)
    if not isinstance(found, Found):
        return loaded, ()
    known = dict(_namespaces(found))
    told: dict[str, None] = {}
    parsed = []
    for each in loaded.parsed:
        namespace = None
        if any(map(_is_unplaced, each.manifests)):
            namespace = known.get(posix(os.path.relpath(os.path.realpath(each.file.path), top)))
        if namespace is None:
            parsed.append(each)
            continue
        manifests: list[Manifest] = []
        for manifest in each.manifests:
            if isinstance(manifest, ImagePolicy) and manifest.namespace is None:
                what = f"the ImagePolicy `{manifest.name.value}` of {each.file.path}"
                told[f"{what} gets the namespace `{namespace.value}` of {namespace.span.path}"] = None
                manifests.append(replace(manifest, namespace=namespace))
            else:
                manifests.append(manifest)
        parsed.append(each._replace(manifests=tuple(manifests)))
    return replace(loaded, parsed=tuple(parsed)), tuple(told)


def _is_unplaced(manifest: Manifest) -> bool:
    return isinstance(manifest, ImagePolicy) and manifest.namespace is None


def _namespaces(found: Found) -> Iterator[tuple[str, Located[str]]]:
    """The namespace of each file that only one is put into; that of a kustomization before that of what applies it."""
    by_kustomization: dict[str, dict[str, Located[str]]] = {}
    reached = {folder: made for folder in found.by_folder if (made := reach(folder, found)) is not None}
    used = {inner for folder, made in reached.items() for inner in made.folders if inner != folder}
    for folder in reached.keys() - used:
        made = reached[folder]
        # What is nearer to the top is applied later, and replaces what is there.
        spaces = [found.by_folder[each].namespace for each in made.folders]
        for namespace, inner in zip(spaces, made.folders, strict=True):
            if namespace is not None:
                for path in reached[inner].manifests:
                    by_kustomization.setdefault(path, {}).setdefault(folder, namespace)
    by_pointer: dict[str, dict[str, Located[str]]] = {}
    for parts in pointed(found).clusters.values():
        for part in parts:
            for path in part.manifests if part.pointer.namespace else ():
                namespace = Located(part.pointer.namespace, part.pointer.span)
                by_pointer.setdefault(path, {}).setdefault(namespace.value, namespace)
    for path in found.unplaced:
        for said in (by_kustomization.get(path, {}), by_pointer.get(path, {})):
            if len({each.value for each in said.values()}) == 1:
                yield path, next(iter(said.values()))
            if said:
                break
