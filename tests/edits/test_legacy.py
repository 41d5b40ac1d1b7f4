"""Conversion, addition and removal of legacy objects in a text, by the form in which it is written."""

import pytest

from compiler.edits.legacy import Legacy, NotEditableError, addition, conversion, find, removal
from compiler.findings.fixes import splice
from compiler.manifests.kinds import ImageContentSourcePolicy
from compiler.manifests.parsing import parse
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.text.span import File

ICSP = """\
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata:
  name: one
spec:
  repositoryDigestMirrors:
  - source: quay.io/team
    mirrors: [m.example.com/team]
"""
IDMS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: one
spec:
  imageDigestMirrors:
  - source: quay.io/team
    mirrors: [m.example.com/team]
"""


def found(text: str, path: str = "a.yaml") -> list[Legacy]:
    file = File(path, text)
    parsed = parse(file, RELEASES[DEFAULT_RELEASE])
    return find(
        file,
        frozenset(
            (each.span.start, each.span.end) for each in parsed.manifests if isinstance(each, ImageContentSourcePolicy)
        ),
    )


def replaced(text: str, orders: dict[str, tuple[str, ...]] | None = None) -> str:
    places = {source: {mirror: at for at, mirror in enumerate(order)} for source, order in (orders or {}).items()}
    edits = [edit for each in found(text) for edit in conversion(each, places)]
    return splice(text, sorted(edits, key=lambda edit: edit.span.start))


def added(text: str, path: str = "a.yaml") -> str:
    edits = [edit for each in found(text, path) for edit in addition(each, conversion(each, {}))]
    return splice(text, sorted(edits, key=lambda edit: edit.span.start))


def finished(text: str, *names: str) -> str:
    legacy = [each for each in found(text) if not names or set(each.names) & set(names)]
    return splice(text, removal(legacy[0].root.file, legacy))


def as_item(text: str) -> str:
    first, *rest = text.splitlines(keepends=True)
    return f"- {first}" + "".join(f"  {line}" for line in rest)


LIST = "apiVersion: v1\nkind: List\nitems:\n"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\ndata: {}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(ICSP, IDMS, id="plain"),
        pytest.param(ICSP.replace("\n", "\r\n"), IDMS.replace("\n", "\r\n"), id="crlf"),
        pytest.param(
            ICSP.replace("Policy\n", "Policy  # kind\n")
            .replace("kind: ", "kind: '", 1)
            .replace("Policy  #", "Policy'  #"),
            IDMS.replace("Set\n", "Set  # kind\n").replace("kind: ", "kind: '", 1).replace("Set  #", "Set'  #"),
            id="quotes-and-comments",
        ),
        pytest.param(
            f"{CONFIG_MAP}---\n{ICSP}---\n{CONFIG_MAP}", f"{CONFIG_MAP}---\n{IDMS}---\n{CONFIG_MAP}", id="mixed"
        ),
        pytest.param(LIST + as_item(CONFIG_MAP) + as_item(ICSP), LIST + as_item(CONFIG_MAP) + as_item(IDMS), id="list"),
        pytest.param(
            "apiVersion: operator.openshift.io/v1alpha1\nkind: ImageContentSourcePolicyList\nitems:\n"
            "- metadata: {name: one}\n  spec: {repositoryDigestMirrors: []}\n",
            "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSetList\nitems:\n"
            "- metadata: {name: one}\n  spec: {imageDigestMirrors: []}\n",
            id="typed-list",
        ),
        pytest.param(
            '{"apiVersion":"operator.openshift.io/v1alpha1","kind":"ImageContentSourcePolicy","metadata":{"name":"j",'
            '"uid":"1"},"spec":{"repositoryDigestMirrors":[]},"status":{}}',
            '{"apiVersion":"config.openshift.io/v1","kind":"ImageDigestMirrorSet","metadata":{"name":"j"'
            '},"spec":{"imageDigestMirrors":[]}}',
            id="json",
        ),
        pytest.param(
            ICSP.replace("  name: one\n", "  creationTimestamp: null\n  name: one\n  managedFields:\n  - manager: x\n")
            + "status: {}\n",
            IDMS,
            id="server-owned",
        ),
        pytest.param(
            ICSP.replace(
                "  name: one\n",
                "  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {}\n  name: one\n",
            ),
            IDMS,
            id="last-applied-alone",
        ),
        pytest.param(
            ICSP.replace(
                "  name: one\n",
                "  name: one\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {}\n"
                "    team: infra\n",
            ),
            IDMS.replace("  name: one\n", "  name: one\n  annotations:\n    team: infra\n"),
            id="last-applied-among-others",
        ),
        pytest.param(ICSP + "    mirrorSourcePolicy: NeverContactSource  # x\n", IDMS, id="dropped-by-the-old-api"),
        pytest.param(
            ICSP.replace("  - source", "  - mirrorSourcePolicy: NeverContactSource\n    source"),
            IDMS,
            id="dropped-first",
        ),
    ],
)
def test_nothing_but_the_kind_and_what_must_go_changes(before: str, after: str) -> None:
    assert replaced(before) == after


@pytest.mark.parametrize(
    ("order", "mirrors"),
    [
        (("a.io", "b.io"), "[a.io, b.io]"),
        (("b.io", "a.io"), "[b.io, a.io]"),
        (("a.io", "quay.io/team", "b.io"), "[a.io, quay.io/team, b.io]"),
    ],
)
def test_a_mirror_that_is_listed_twice_gets_the_place_that_the_cluster_gives_it(
    order: tuple[str, ...], mirrors: str
) -> None:
    text = ICSP.replace("[m.example.com/team]", "[a.io, b.io, a.io]")
    assert replaced(text, {"quay.io/team": order}) == IDMS.replace("[m.example.com/team]", mirrors)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(ICSP, f"{ICSP}---\n{IDMS}", id="document"),
        pytest.param(ICSP.rstrip(), f"{ICSP}---\n{IDMS.rstrip()}", id="no-final-line-break"),
        pytest.param(f"---\n{ICSP}", f"---\n{ICSP}---\n{IDMS}", id="separator-first"),
        pytest.param(f"{ICSP}---\n{CONFIG_MAP}", f"{ICSP}---\n{IDMS}---\n{CONFIG_MAP}", id="in-between"),
        pytest.param(LIST + as_item(ICSP), LIST + as_item(ICSP) + as_item(IDMS), id="item"),
    ],
)
def test_the_new_object_follows_the_old_one_and_finishing_leaves_what_replacing_makes(before: str, after: str) -> None:
    both = added(before)
    assert both.rstrip("\n") == after.rstrip("\n")
    assert finished(both).rstrip("\n") == replaced(before).rstrip("\n")


def test_a_json_file_gets_a_list() -> None:
    text = (
        '{"apiVersion": "operator.openshift.io/v1alpha1", "kind": "ImageContentSourcePolicy", '
        '"metadata": {"name": "j"}, "spec": {}}\n'
    )
    both = added(text, "a.json")
    parsed = parse(File("a.json", both), RELEASES[DEFAULT_RELEASE])
    assert [each.kind for each in parsed.manifests] == ["ImageContentSourcePolicy", "ImageDigestMirrorSet"]
    assert text.rstrip() in both


def test_what_cannot_be_edited_is_left() -> None:
    (legacy,) = found(ICSP.replace("kind: ", "kind: &k "))
    with pytest.raises(NotEditableError, match="no edit keeps intact"):
        conversion(legacy, {})
    with pytest.raises(NotEditableError, match="nothing would be left of the file"):
        finished(ICSP)
    with pytest.raises(NotEditableError, match="nothing would be left of the list"):
        finished(LIST + as_item(ICSP))


def test_some_items_of_a_list_are_removed() -> None:
    items = {name: as_item(ICSP.replace("name: one", f"name: {name}")) for name in ("a", "b", "c", "d")}
    text = LIST + "".join(items.values())
    assert finished(text, "a", "b", "d") == LIST + items["c"]
    assert finished(text, "b", "c") == LIST + items["a"] + items["d"]
