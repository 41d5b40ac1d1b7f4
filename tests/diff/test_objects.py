"""What an apply sends, object by object, and which of it is churn."""

from base64 import b64encode

from compiler.diff.objects import ObjectChange
from tests.manifest_texts import image_config, mirror_set
from tests.sides import Texts, change

TAGS = "ImageTagMirrorSet"
LEGACY = "ImageContentSourcePolicy"
RULES = {"quay.io/a": ["m.io/a"], "quay.io/b": ["m.io/b"]}


def told(old: Texts, new: Texts) -> list[tuple[str, str, bool, str]]:
    return [(each.verb.value, each.name, each.effective, each.note) for each in change(old, new).objects]


def only(old: Texts, new: Texts) -> ObjectChange:
    (found,) = change(old, new).objects
    return found


def test_objects_come_and_go_with_their_sources() -> None:
    old = {"a.yaml": mirror_set("a", RULES), "b.yaml": mirror_set("b", {"c.io": ["m.io/c"]})}
    new = {"a.yaml": mirror_set("a", RULES), "t.yaml": mirror_set("t", {"d.io": ["m.io/d"]}, kind=TAGS)}
    created, deleted = change(old, new).objects
    assert (created.verb, created.kind, created.name, created.gained) == ("create", TAGS, "t", ("d.io",))
    assert (deleted.verb, deleted.kind, deleted.name, deleted.lost) == (
        "delete",
        "ImageDigestMirrorSet",
        "b",
        ("c.io",),
    )
    assert created.effective
    assert deleted.effective
    assert (str(created.new_span), str(deleted.old_span)) == ("t.yaml:4:9", "b.yaml:4:9")


def test_a_replaced_object_says_which_sources_it_is_about() -> None:
    old = mirror_set("a", {"a.io": ["m.io/a"], "b.io": ["m.io/b"], "c.io": ["m.io/c"]})
    new = mirror_set("a", {"b.io": ["n.io/b"], "c.io": ["m.io/c"], "d.io": ["m.io/d"]})
    found = only(old, new)
    assert (found.verb, found.gained, found.lost, found.changed) == ("replace", ("d.io",), ("a.io",), ("b.io",))
    assert found.effective


def test_an_unchanged_object_is_not_sent() -> None:
    text = mirror_set("a", RULES)
    assert told(text, text) == []
    assert told(text, "# a comment\n" + text.replace("mirrors:", "mirrors:  # near to far")) == []
    assert told(text, text.replace("quay.io/a", '"quay.io/a"')) == []


def test_reordered_rules_are_churn() -> None:
    turned = dict(reversed(RULES.items()))
    assert told(mirror_set("a", RULES), mirror_set("a", turned)) == [
        ("replace", "a", False, "the same rules in another order")
    ]


def test_annotations_and_labels_are_churn() -> None:
    old = mirror_set("a", RULES, extra='annotations:\n  createdAt: "1"')
    new = mirror_set("a", RULES, extra='annotations:\n  createdAt: "2"')
    assert told(old, new) == [("replace", "a", False, "only `metadata.annotations` changes")]
    both = mirror_set("a", RULES, extra='annotations:\n  createdAt: "2"\nlabels:\n  a: b')
    assert told(old, both) == [("replace", "a", False, "only `metadata.annotations`, `metadata.labels` change")]


def test_what_the_server_writes_into_an_object_is_no_change() -> None:
    live = mirror_set(
        "a",
        RULES,
        extra="uid: x\nresourceVersion: '1'\ncreationTimestamp: '2026-01-01T00:00:00Z'\n"
        "annotations:\n  kubectl.kubernetes.io/last-applied-configuration: '{}'",
    )
    assert told(mirror_set("a", RULES), live + "status: {}\n") == []


def test_an_object_in_a_list_is_compared_like_one_alone() -> None:
    alone = mirror_set("a", RULES, extra='labels:\n  a: "1"')
    indented = "\n".join(f"  {line}" for line in alone.replace('"1"', '"2"').splitlines())
    listed = f"apiVersion: v1\nkind: List\nitems:\n- {indented.lstrip()}\n"
    assert told(alone, listed) == [("replace", "a", False, "only `metadata.labels` changes")]


def test_an_object_that_leans_on_an_anchor_outside_is_told_in_general() -> None:
    listed = (
        "apiVersion: v1\nkind: List\nmetadata: {annotations: &notes {owner: X}}\nitems:\n"
        "- apiVersion: config.openshift.io/v1\n  kind: ImageDigestMirrorSet\n"
        "  metadata: {name: a, annotations: *notes}\n  spec: {}\n"
    )
    assert told(listed.replace("X", "x"), listed.replace("name: a,", "name:  a,")) == [
        ("replace", "a", False, "only the text changes")
    ]


def test_renames_are_recognised_across_kinds_for_the_same_pulls() -> None:
    same = "with the same rules"
    comparison = change(mirror_set("a", RULES), mirror_set("b", dict(reversed(RULES.items()))))
    assert [(each.verb, each.name, each.effective, each.note) for each in comparison.objects] == [
        ("create", "b", False, f"renamed from `a`, {same}"),
        ("delete", "a", False, f"renamed to `b`, {same}"),
    ]
    assert [note.text for note in comparison.notes] == [
        "A rename has no effect on nodes if the new object is created before the old one is deleted."
    ]
    assert comparison.disruption == "none"
    assert told(mirror_set("a", RULES, kind=LEGACY), mirror_set("a", RULES)) == [
        ("create", "a", False, f"renamed from {LEGACY} `a`, {same}"),
        ("delete", "a", False, f"renamed to ImageDigestMirrorSet `a`, {same}"),
    ]
    found = change(mirror_set("a", RULES, kind=TAGS), mirror_set("a", RULES)).objects
    assert [each.counterpart for each in found] == ["", ""]
    assert all(each.effective for each in found)


def test_empty_objects_are_never_taken_for_renamed() -> None:
    both = {"x.yaml": mirror_set("x", RULES)}
    old = mirror_set("a", {}).replace("spec:\n  imageDigestMirrors:", "spec: {}")
    found = change({**both, "a.yaml": old}, {**both, "a.yaml": old.replace("name: a", "name: b")}).objects
    assert [(each.verb, each.name, each.counterpart, each.effective) for each in found] == [
        ("create", "b", "", False),
        ("delete", "a", "", False),
    ]


def test_names_that_the_cluster_makes_up() -> None:
    def made_up(*rules: str) -> str:
        texts = [mirror_set("x", {rule: ["m.io/x"]}).replace("name: x", "generateName: x-") for rule in rules]
        return "---\n".join(texts)

    assert told(made_up("a.io", "b.io"), made_up("a.io", "b.io")) == []
    found = change(made_up("a.io"), made_up("a.io", "b.io")).objects
    assert [(each.verb, each.name, each.gained) for each in found] == [
        ("create", "(a name the cluster generates)", ("b.io",))
    ]


def test_rules_that_move_between_objects_have_no_effect() -> None:
    old = {"a.yaml": mirror_set("a", RULES)}
    new = {
        "a.yaml": mirror_set("a", {"quay.io/a": ["m.io/a"]}),
        "b.yaml": mirror_set("b", {"quay.io/b": ["m.io/b"]}),
    }
    note = "the mirrors of its sources stay the same"
    assert told(old, new) == [("create", "b", False, note), ("replace", "a", False, note)]


def test_the_first_object_and_the_last_make_and_unmake_the_file() -> None:
    empty = mirror_set("a", {}).replace("spec:\n  imageDigestMirrors:", "spec: {}")
    assert told("", empty) == [("create", "a", True, "")]
    assert told(empty, "") == [("delete", "a", True, "")]


def test_the_image_config_is_told_by_its_lists() -> None:
    old = image_config(blockedRegistries=["a.io"], insecureRegistries=["b.io"])
    new = image_config(blockedRegistries=["a.io", "c.io"], containerRuntimeSearchRegistries=["d.io"])
    found = only(old, new)
    assert (found.kind, found.name, found.effective) == ("Image", "cluster", True)
    assert found.gained == ("containerRuntimeSearchRegistries",)
    assert found.lost == ("insecureRegistries",)
    assert found.changed == ("blockedRegistries",)


def test_an_object_that_cannot_be_applied_stays_what_it_was() -> None:
    good = mirror_set("a", RULES)
    bad = good.replace("source: quay.io/a", "sauce: quay.io/a")
    comparison = change(good, bad)
    assert comparison.disruption == "none"
    assert [(each.verb, each.name, each.refused, each.note) for each in comparison.objects] == [
        ("replace", "a", True, "cannot be applied: the cluster keeps the old one")
    ]
    assert "the cluster keeps the old ImageDigestMirrorSet `a`" in comparison.notes[0].text
    assert {finding.rule for finding in comparison.new_findings} == {"missing-field", "unknown-field"}
    (never_was,) = change("", bad).objects
    assert (never_was.verb, never_was.refused, never_was.note) == ("create", True, "cannot be applied")
    assert change(bad, bad + "# still\n").objects == ()
    assert change(bad, good).disruption == "reload"
    assert change(bad, bad.replace("quay.io/b", "quay.io/c")).disruption == "none"


def test_what_stands_in_a_file_that_cannot_be_read_any_more_stays() -> None:
    good = mirror_set("a", RULES)
    comparison = change(good, good + "  - oops: [\n")
    assert comparison.disruption == "none"
    assert [(each.verb, each.name, each.refused) for each in comparison.objects] == [("replace", "a", True)]
    assert [finding.rule for finding in comparison.new_findings] == ["invalid-yaml"]


def test_the_image_config_can_be_kept_too() -> None:
    good = image_config(blockedRegistries=["a.io"])
    (found,) = change(good, good.replace("a.io", "[]")).objects
    assert (found.kind, found.name, found.refused, found.verb) == ("Image", "cluster", True, "replace")


def test_signature_policies_are_objects_too() -> None:
    trust = (
        "  policy: {rootOfTrust: {policyType: PublicKey, publicKey: {keyData: "
        + b64encode(b"-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----\n").decode()
        + "}}}\n"
    )
    head = "apiVersion: config.openshift.io/v1\nkind: ImagePolicy\nmetadata: {name: a, namespace: team}\nspec:\n"
    (created,) = change("", f"{head}  scopes: [a.io/b]\n{trust}").objects
    assert (created.verb, created.kind, created.name) == ("create", "ImagePolicy", "team/a")
    assert (created.gained, created.effective) == (("a.io/b",), True)
    both = f"{head}  scopes: [a.io/b]\n{trust}", f"{head}  scopes: [a.io/b, a.io/c]\n{trust}"
    (replaced,) = change(*both).objects
    assert (replaced.verb, replaced.gained, replaced.changed) == ("replace", ("a.io/c",), ())
