"""States between two texts: the first and the last byte for byte, those between with the words of both."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from compiler.edits.changes import KEPT, NEW, OLD, Changes, EditVerb, Text

OLD_TEXT = """\
# the mirrors of the release
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: release  # a name
spec:
  imageDigestMirrors:
    # from the vendor
    - source: quay.io/a
      mirrors:
        - old.example.com/a
        - b.example.com/a  # the second
    # from the team
    - source: quay.io/b
      mirrors: [b.example.com/b]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
data: {key: "value"}
"""
NEW_TEXT = (
    OLD_TEXT.replace("    # from the vendor\n", "")
    .replace("        - old.example.com/a\n", "")
    .replace("a  # the second\n", "a  # now the first\n        - new.example.com/a\n")
    .replace("[b.example.com/b]", "[c.example.com/b]")
    .replace('"value"', '"another"')
)


def texts(changes: Changes, *levels: int) -> str:
    made = changes.texts(levels)["a.yaml"]
    assert made is not None
    return made


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_the_text_between_has_the_words_of_both(line_break: str) -> None:
    old, new = (each.replace("\n", line_break) for each in (OLD_TEXT, NEW_TEXT))
    changes = Changes([Text(path="a.yaml", old=old, new=new)])
    assert [(change.source, change.levels) for change in changes.all] == [
        ("quay.io/a", (OLD, KEPT, NEW)),
        ("quay.io/b", (OLD, KEPT, NEW)),
    ]
    assert texts(changes, OLD, OLD) == old
    assert texts(changes, NEW, NEW) == new
    between = texts(changes, KEPT, OLD)
    assert "\n".join(between.splitlines()) + "\n" == OLD_TEXT.replace(
        """\
    # from the vendor
    - source: quay.io/a
      mirrors:
        - old.example.com/a
        - b.example.com/a  # the second
""",
        """\
    # from the vendor
    - source: quay.io/a
      mirrors:
        - b.example.com/a  # now the first
        - new.example.com/a
        - old.example.com/a
""",
    )
    assert ("\r\n" in between) is (line_break == "\r\n")
    assert "mirrors: [c.example.com/b, b.example.com/b]" in texts(changes, OLD, KEPT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(OLD_TEXT, NEW_TEXT, id="block"),
        pytest.param(
            '{"apiVersion": "config.openshift.io/v1", "kind": "ImageDigestMirrorSet", "metadata": {"name": "a"}, '
            '"spec": '
            '{"imageDigestMirrors": [{"source": "quay.io/a", "mirrors": ["m.example.com"]}, {"source": "quay.io/b"}]}}',
            '{"apiVersion": "config.openshift.io/v1", "kind": "ImageDigestMirrorSet", "metadata": {"name": "a"}, '
            '"spec": '
            '{"imageDigestMirrors": [{"source": "quay.io/a", "mirrors": ["n.example.com"]}, {"source": "quay.io/c"}]}}',
            id="flow",
        ),
        pytest.param(
            OLD_TEXT.replace("spec:", "spec: &spec").replace("[b.example.com/b]", "&m [b.example.com/b]"),
            NEW_TEXT,
            id="anchors",
        ),
        pytest.param(
            "apiVersion: v1\nkind: List\nitems:\n"
            + "".join(
                f"{'- ' if not n else '  '}{line}"
                for n, line in enumerate(OLD_TEXT.partition("---")[0].splitlines(True)[1:])
            ),
            NEW_TEXT,
            id="list",
        ),
        pytest.param(
            OLD_TEXT.replace("    - ", "  - ").replace("      m", "    m").replace("        - ", "    - "),
            NEW_TEXT,
            id="indents",
        ),
    ],
)
@pytest.mark.parametrize("path", ["a.yaml", "a.json"])
def test_every_state_between_reads_as_meant_however_it_is_written(old: str, new: str, path: str) -> None:
    if path.endswith(".json") and not old.startswith("{"):
        return
    changes = Changes([Text(path=path, old=old, new=new)])
    for state in product(*(change.levels for change in changes.all)):
        text = changes.texts(state)[path]
        assert text is not None
        objects = [each for each in YAML(typ="safe").load_all(text) if each]
        flat = [item for each in objects for item in (each["items"] if each["kind"] == "List" else [each])]
        (found,) = [each for each in flat if each["kind"] == "ImageDigestMirrorSet"]
        sources = [rule["source"] for rule in found["spec"]["imageDigestMirrors"]]
        for level, change in zip(state, changes.all, strict=True):
            expected = change.source in old if level == OLD else not change.removes
            assert (change.source in sources) is expected, state


def test_objects_come_go_and_move() -> None:
    one, two = OLD_TEXT.split("---\n")
    changes = Changes(
        [
            Text(path="a.yaml", old=OLD_TEXT, new=two),
            Text(path="b.yaml", old=None, new=one.replace("quay.io/b", "quay.io/c")),
        ]
    )
    (moved,) = changes.all
    assert (moved.verb, moved.paths) == (EditVerb.MOVE, ("a.yaml", "b.yaml"))
    changes = Changes(
        [Text(path="a.yaml", old=two, new=OLD_TEXT), Text(path="c.yaml", old=one.replace("release", "x"), new=None)]
    )
    assert [(each.verb, each.name) for each in changes.all] == [(EditVerb.CREATE, "release"), (EditVerb.DELETE, "x")]
    assert changes.texts((NEW, OLD)) == {"a.yaml": OLD_TEXT, "c.yaml": one.replace("release", "x")}


def test_a_file_that_cannot_be_taken_apart_changes_as_one() -> None:
    (change,) = Changes([Text(path="a.yaml", old=OLD_TEXT + "---\na: [\n", new=NEW_TEXT)]).all
    assert (change.kind, change.name, change.levels) == ("", "a.yaml", (OLD, NEW))


def test_the_lists_of_an_image_config_change_one_by_one() -> None:
    image = "apiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\nspec:\n  registrySources:\n"
    old, new = f"{image}    blockedRegistries: [a.example.com]\n", f"{image}    insecureRegistries: [b.example.com]\n"
    changes = Changes([Text(path="a.yaml", old=old, new=new)])
    assert [change.source for change in changes.all] == ["blockedRegistries", "insecureRegistries"]
    made = changes.texts((OLD, NEW))["a.yaml"] or ""
    assert YAML(typ="safe").load(made)["spec"]["registrySources"] == {
        "blockedRegistries": ["a.example.com"],
        "insecureRegistries": ["b.example.com"],
    }


@given(
    st.lists(st.sampled_from(["m1", "m2", "m3"]), unique=True, min_size=1),
    st.lists(st.sampled_from(["m1", "m2", "m3"]), unique=True, min_size=1),
)
def test_a_mirror_that_is_removed_is_kept_last_in_the_old_order(old: list[str], new: list[str]) -> None:
    def text(mirrors: list[str]) -> str:
        listed = ", ".join(f"{each}.example.com" for each in mirrors)
        return OLD_TEXT.replace("mirrors: [b.example.com/b]", f"mirrors: [{listed}]")

    changes = Changes([Text(path="a.yaml", old=text(old), new=text(new))])
    for change in changes.all:
        if KEPT in change.levels:
            objects = list(YAML(typ="safe").load_all(changes.texts((KEPT,))["a.yaml"] or ""))
            mirrors = objects[0]["spec"]["imageDigestMirrors"][1]["mirrors"]
            assert mirrors == [f"{each}.example.com" for each in (*new, *(m for m in old if m not in new))]
        else:
            assert set(new) <= set(old) or set(old) <= set(new)
