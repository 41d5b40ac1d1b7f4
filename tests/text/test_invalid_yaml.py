"""Broken YAML: where it breaks, what was begun before, and what mostly helps."""

import json

import pytest

from compiler.manifests.load import load_bytes
from compiler.manifests.parsing import parse
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.text.span import File
from compiler.text.tree import Mapping, plain, read

HEAD = """\
kind: ImageDigestMirrorSet
apiVersion: config.openshift.io/v1
metadata: {name: x}
spec:
  imageDigestMirrors:
"""


@pytest.mark.parametrize(
    ("rest", "place", "opened", "advice"),
    [
        ("  - source: *.example.com\n", (6, 14), (6, 13), "starts with `*` in quotes"),
        ("  - source: q.io\n\tmirrors: []\n", (7, 1), (6, 13), "Indent with spaces, not tabs."),
        ("  - source: @q\n", (6, 13), None, "in quotes"),
        ("  - source: q.io: x\n", (6, 17), None, "put values that contain `: ` in quotes"),
        ("  - source: q.io\n    mirrors: [a.io\n", (7, 19), (7, 14), "Close the bracket"),
        ("  - source: q.io\n   mirrors: []\n", (7, 4), (5, 3), "Check the indentation"),
        ("  - source: 'q.io\n", (6, 18), (6, 13), "Close the quotes."),
        ('  - source: "q\\.io"\n', (6, 15), (6, 13), r"Write `\\` for a backslash"),
        ("  - source: q.io\n    mirrors\n", (7, 12), (7, 5), "Write `key: value`"),
        ("  - &a [*a]\n", (6, 9), None, "Fix the syntax here."),
    ],
)
def test_what_is_broken_is_shown_from_where_it_began(
    rest: str, place: tuple[int, int], opened: tuple[int, int] | None, advice: str
) -> None:
    loaded = load_bytes("x.yaml", (HEAD + rest).encode(), RELEASES[DEFAULT_RELEASE])
    (found,) = (finding for parsed in loaded.parsed for finding in parsed.diagnostics)
    assert found.rule == "invalid-yaml"
    assert found.span.begin == place
    assert [label.span.begin for label in found.labels] == ([opened] if opened else [])
    assert advice in found.help
    assert found.help.endswith("The rest of this file is not read.")


# --- JSON is not YAML ---------------------------------------------------------

JSON_OBJECT = """\
{"apiVersion": "config.openshift.io/v1", "kind": "ImageDigestMirrorSet",
 "metadata": {"name": "a", "annotations": {"a": "ODD"}},
 "spec": {"imageDigestMirrors": [{"source": "quay.io/a", "mirrors": ["m.io/aODD"]}]}}
"""


@pytest.mark.parametrize("odd", ["\x7f", "\x80\x9f", "\ufffe\uffff", '\\"\x7f\\\\', "\x7f\U000f0000"])
def test_json_may_have_characters_in_strings_that_yaml_may_not(odd: str) -> None:
    file = File("a.json", JSON_OBJECT.replace("ODD", odd, 1).replace("ODD", ""))
    assert parse(file, RELEASES["5.0"]).diagnostics == ()
    (document,) = read(file).documents
    assert isinstance(document.root, Mapping)
    assert plain(document.root) == json.loads(file.text)
    (finding,) = parse(File("a.json", JSON_OBJECT.replace("ODD", odd)), RELEASES["5.0"]).diagnostics
    assert (finding.rule, finding.span.text) == ("invalid-scope", f'"m.io/a{odd}"')


@pytest.mark.parametrize("text", ["a: '\x7f'\n", "{a: \x7f}", '["\x7f"]', '{"a": 1}\x7f'])
def test_elsewhere_they_are_refused(text: str) -> None:
    error = read(File("a.yaml", text)).error
    assert error is not None
    assert error.message == "the character U+007F is not allowed in YAML"
    assert error.span.text == "\x7f"
