"""Every recorded verdict of the API server on a single object holds: accepted or not, which fields, what is pruned."""

import re
from collections.abc import Iterator

import pytest

from compiler.findings.rules import RULES, UNKNOWN_FIELD
from compiler.manifests.decoding import decode
from compiler.names.releases import RELEASES
from compiler.text.span import File
from compiler.text.tree import read
from tests.conformance import Json, as_object, recordings, texts

# How the recorded server words what it cannot decode at all: by the Go field instead of the path.
_GO_FIELD = re.compile(r".*\bGo struct field ObjectMeta\.(\w+) of type \w+")


def named_field(error: str) -> str:
    """The path of a recorded error; empty where it says only that there are others."""
    if match := _GO_FIELD.fullmatch(error):
        return f"metadata.{match[1]}"
    return error.partition(": ")[0].removeprefix("<nil>")


def disagreements(line: dict[str, Json]) -> Iterator[str]:
    """What of a recorded line does not hold."""
    import json

    # A YAML reader takes a DEL only as an escape.
    text = json.dumps(line["object"], ensure_ascii=False, indent=1).replace("\x7f", "\\u007f")
    tree = read(File("object.json", text))
    (document,) = tree.documents
    decoded = decode(document, RELEASES["5.0"])
    expected = as_object(line["expected"])
    if bool(decoded.manifests) is not expected["accepted"]:
        yield "one accepts it and the other does not"
    unknown = sorted(found.field for found in decoded.diagnostics if found.rule == UNKNOWN_FIELD.name)
    if unknown != sorted(texts(expected, "unknown_fields")):
        yield f"unknown fields: {unknown}"
    refused = {found.field for found in decoded.diagnostics if not RULES[found.rule].adjustable}
    if refused != {named_field(error) for error in texts(expected, "errors")} - {""}:
        yield f"refused fields: {refused}"


@pytest.mark.parametrize("name", ["validate", "validate-imagepolicy", "validate-imagepolicy-corners"])
def test_every_object_is_accepted_or_refused_as_the_api_server_does(name: str) -> None:
    wrong = {str(line["id"]): list(found) for line in recordings(name) if (found := list(disagreements(line)))}
    assert wrong == {}


def test_the_recordings_hold_all_there_is_to_prove() -> None:
    """Both verdicts, every kind, and fields that are dropped."""
    lines = list(recordings("validate"))
    assert {as_object(line["expected"])["accepted"] for line in lines} == {True, False}
    assert {as_object(line["object"])["kind"] for line in lines} >= {
        "Image",
        "ImageDigestMirrorSet",
        "ImageTagMirrorSet",
    }
    assert any(texts(as_object(line["expected"]), "unknown_fields") for line in lines)
