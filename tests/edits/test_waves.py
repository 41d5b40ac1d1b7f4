"""Sync waves in manifests: an annotation in the objects that need one, and nothing else changes."""

import json

import pytest

from compiler.edits.changes import take_apart
from compiler.edits.waves import ANNOTATION, annotated
from tests.manifest_texts import mirror_set

RULES = {"quay.io/a": ["m.example.com/a"]}
KEY = ("config.openshift.io/v1", "ImageDigestMirrorSet", "", "a")
BLOCK = mirror_set("a", RULES)
NOTED = mirror_set("a", RULES, extra="annotations:\n  # why\n  note: x  # kept\nlabels: {b: c}")
ITEM = "".join(f"{'  ' if number else '- '}{line}\n" for number, line in enumerate(BLOCK.splitlines()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BLOCK, BLOCK.replace("name: a\n", f'name: a\n  annotations:\n    {ANNOTATION}: "2"\n')),
        (NOTED, NOTED.replace("# kept\n", f'# kept\n    {ANNOTATION}: "2"\n')),
        (BLOCK.replace("\n", "\r\n"), None),
        (f"# first\n---\n{mirror_set('b', RULES)}---\n{BLOCK}", None),
        (f"apiVersion: v1\nkind: List\nitems:\n{ITEM}", None),
        (BLOCK.replace("metadata:\n  name: a", "metadata: {name: a}"), None),
        (mirror_set("a", RULES, extra=f"annotations: {{{ANNOTATION}: '1'}}"), None),
        (json.dumps({"apiVersion": KEY[0], "kind": KEY[1], "metadata": {"name": "a"}, "spec": {}}), None),
    ],
)
def test_an_object_gets_its_wave_and_every_other_line_stays(text: str, expected: str | None) -> None:
    path = "a.json" if text.startswith("{") else "a.yaml"
    made = annotated(path, text, {KEY: 2})
    assert made is not None
    assert expected is None or made == expected
    parts = take_apart(path, made)
    assert parts is not None
    metadata = parts.objects[KEY]["metadata"]
    assert isinstance(metadata, dict)
    annotations = metadata["annotations"]
    assert isinstance(annotations, dict)
    assert annotations[ANNOTATION] == "2"
    assert annotated(path, made, {KEY: 2}) == made
    left = [line for line in text.splitlines(keepends=True) if line not in made.splitlines(keepends=True)]
    assert all("metadata" in line or "annotations" in line for line in left)


def test_a_first_wave_needs_no_annotation_and_what_cannot_be_edited_is_left() -> None:
    assert annotated("a.yaml", BLOCK, {KEY: 0}) == BLOCK
    assert annotated("a.yaml", BLOCK.replace("name: a", "name: a\n  annotations: *x"), {KEY: 1}) is None
    assert annotated("a.yaml", mirror_set("a", RULES, extra="annotations: {}"), {KEY: 1}) is None
