"""A tree that was parsed for the manifests of a file is as good as one that is parsed for its homes."""

import pytest

from compiler.homes import HOMES
from compiler.manifests.parsing import Parsed, parse
from compiler.text.span import File
from compiler.text.tree import Node
from tests.homes.reading import RELEASE

OBJECT = (
    "apiVersion: config.openshift.io/v1, kind: ImageTagMirrorSet, metadata: {name: t}, "
    "spec: {imageTagMirrors: [{source: quay.io/a, mirrors: [m.example.com/a]}]}"
)
WORK = f"""\
apiVersion: work.open-cluster-management.io/v1
kind: ManifestWork
metadata: {{name: w, namespace: north}}
spec: {{workload: {{manifests: [{{{OBJECT}}}]}}}}
"""
TEXTS = {
    "one": (WORK, True),
    "json": (f'{{"apiVersion": "v1", "kind": "ConfigMap", "data": {{"a.yaml": "{OBJECT}"}}}}', True),
    "aliases": (WORK.replace(f"[{{{OBJECT}}}]", f"[&a {{{OBJECT}}}, *a]"), True),
    "merged": (f"base: &b\n  kind: ManifestWork\n{WORK}more: {{<<: *b}}\n", True),
    "lists": ("apiVersion: v1\nbaseDomain: a.b\nimageContentSources: [{source: quay.io/a, mirrors: [m.b/a]}]\n", True),
    "two documents": (f"{WORK}---\n{WORK}", False),
    "a manifest beside": (f"{WORK}---\n{{{OBJECT}}}\n", False),
    "a manifest": (f"{{{OBJECT}}}\n", False),
    "not YAML": (f"{WORK}\t: [\n", False),
    "a template": (WORK.replace("north", "{{ cluster }}"), False),
    "definition": (f"kind: CustomResourceDefinition\n{WORK.replace('kind: ManifestWork', 'a: b')}", True),
    "empty": ("", False),
}


@pytest.mark.parametrize(("text", "is_shared"), TEXTS.values(), ids=TEXTS)
def test_homes_are_the_same_in_a_tree_that_is_there(text: str, is_shared: bool) -> None:
    alone = HOMES.read(_parsed(text, None), RELEASE)
    unread: list[Node] = []
    parsed = _parsed(text, unread)
    shared = HOMES.read(parsed, RELEASE, unread)
    assert bool(unread) == is_shared
    assert repr(shared) == repr(alone)
    assert all(not home.span.file.editable for home in shared.homes)
    assert all(not each.name.span.file.editable for home in shared.homes for each in home.manifests)


def _parsed(text: str, unread: list[Node] | None) -> Parsed:
    return parse(File("f.yaml", text), RELEASE, unread)
