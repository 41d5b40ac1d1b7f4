"""The walk over the objects of a List."""

from compiler.manifests.lists import objects
from compiler.text.span import File
from compiler.text.tree import Mapping, read


def walked(text: str) -> list[tuple[str, str, int]]:
    (document,) = read(File("a.yaml", text)).documents
    return [(each.kind, each.api_version, each.position) for each in objects(document.root)]


def test_an_object_alone() -> None:
    assert walked("kind: Pod\napiVersion: v1\n") == [("Pod", "v1", 0)]


def test_lists_in_lists_in_order() -> None:
    inner = "{kind: List, apiVersion: v1, items: [{kind: B}, {kind: C, apiVersion: c/v1}]}"
    assert walked(f"kind: List\nitems: [{{kind: A}}, {inner}, {{kind: D}}]\n") == [
        ("A", "", 0),
        ("B", "", 0),
        ("C", "c/v1", 1),
        ("D", "", 2),
    ]


def test_a_typed_list_lends_its_kind() -> None:
    text = "kind: ImageTagMirrorSetList\napiVersion: config.openshift.io/v1\nitems: [{}, {kind: Pod}, x]\n"
    assert walked(text) == [
        ("ImageTagMirrorSet", "config.openshift.io/v1", 0),
        ("Pod", "config.openshift.io/v1", 1),
        ("ImageTagMirrorSet", "config.openshift.io/v1", 2),
    ]


def test_what_is_no_list_of_objects_is_an_object() -> None:
    assert walked("kind: List\nitems: {kind: A}\n") == [("List", "", 0)]
    assert walked("kind: List\n") == [("List", "", 0)]
    assert walked("kind: PodList\nitems:\n") == [("PodList", "", 0)]
    assert walked("- kind: A\n") == [("", "", 0)]


def test_each_knows_the_list_that_contains_it() -> None:
    (document,) = read(File("a.yaml", "kind: List\nitems: [{kind: A}]\n")).documents
    (one,) = objects(document.root)
    assert isinstance(document.root, Mapping)
    assert one.holder is document.root.fields["items"]
    assert [each.holder for each in objects(one.root)] == [None]
