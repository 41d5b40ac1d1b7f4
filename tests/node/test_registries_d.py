"""registries.d: which key decides, and what no node could load."""

import pytest

from compiler.names.reference import parse_named
from compiler.node.registries_conf import ConfFileError
from compiler.node.registries_d import SignatureLookup, read_registries_d
from compiler.text.span import File

DIGEST = "sha256:" + "ab" * 32
FILE = f"""\
default-docker:
  use-sigstore-attachments: true
docker:
  a.io:
    use-sigstore-attachments: false
  a.io/x:
    lookaside: https://a.io/signatures
  a.io/y: {{use-sigstore-attachments: yes}}
  a.io/y/app:1: {{use-sigstore-attachments: "off"}}
  a.io/y/app@{DIGEST}: {{use-sigstore-attachments: False}}
  "*.b.io": {{use-sigstore-attachments: n}}
  "*.c.b.io": {{use-sigstore-attachments: On}}
  b.io:5000:
"""


def read(*texts: str) -> SignatureLookup:
    return read_registries_d(File(f"{number}.yaml", text) for number, text in enumerate(texts))


@pytest.mark.parametrize(
    ("reference", "enabled"),
    [
        ("other.io/x:1", True),
        ("a.io/z:1", False),
        ("a.io/x:1", False),  # the key says nothing about it: the next one does
        ("a.io/y:1", True),
        ("a.io/yy:1", False),
        ("a.io/y/app:1", False),
        ("a.io/y/app:2", True),
        (f"a.io/y/app@{DIGEST}", False),
        (f"a.io/y/app:1@{DIGEST}", False),
        ("a.io:5000/y:1", True),  # a port is part of the name
        ("b.io/x:1", True),
        ("x.b.io/x:1", False),
        ("x.b.io:5000/x:1", False),
        ("x.c.b.io/x:1", True),
        ("b.io:5000/x:1", True),
    ],
)
def test_the_most_specific_key_that_says_something_decides(reference: str, enabled: bool) -> None:
    assert read(FILE).looked_for(parse_named(reference)) is enabled


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n", "docker:\n", "docker: {}\ndefault-docker:\n", "a: 1\n"])
def test_a_file_that_says_nothing(text: str) -> None:
    assert not read(text).looked_for(parse_named("a.io/x:1"))


def test_a_missing_tag_is_latest() -> None:
    lookup = read("docker:\n  a.io/x:latest:\n    use-sigstore-attachments: true\n")
    assert lookup.looked_for(parse_named("a.io/x"))
    assert not lookup.looked_for(parse_named("a.io/x:1"))


def test_keys_are_texts_as_they_are_written() -> None:
    """As the controller quotes them, and as it does not."""
    keys = ['"1.5"', "1.5e999", '"12:30"', "'*.example.com'", "12:60"]
    lookup = read("docker:\n" + "".join(f"  {key}:\n    use-sigstore-attachments: true\n" for key in keys))
    assert list(lookup.docker) == ["1.5", "1.5e999", "12:30", "*.example.com", "12:60"]
    long_key = f"registry.example.com/{'team/' * 30}app"
    lookup = read(f"docker:\n  ? {long_key}\n  : use-sigstore-attachments: true\n")
    assert lookup.looked_for(parse_named(f"{long_key}/x:1"))


def test_only_the_first_document_counts() -> None:
    assert not read("docker: {}\n---\ndefault-docker: {use-sigstore-attachments: true}\n").looked_for(
        parse_named("a.io/x:1")
    )
    assert read("default-docker: {use-sigstore-attachments: true}\n---\n}\n").looked_for(parse_named("a.io/x:1"))


def test_files_are_merged_whatever_their_order() -> None:
    one, two = "docker: {a.io: {use-sigstore-attachments: true}}", "docker: {b.io: {use-sigstore-attachments: true}}"
    for lookup in (read(one, two), read(two, one)):
        assert lookup.looked_for(parse_named("a.io/x:1"))
        assert lookup.looked_for(parse_named("b.io/x:1"))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (
            ["docker:\n  a.io:\n", "docker:\n  a.io: {lookaside: x}\n"],
            "1.yaml:2:3: the key `a.io` is also set at 0.yaml:2",
        ),
        (["default-docker: {}\n"] * 2, "1.yaml:1:1: `default-docker` is also set at 0.yaml:1:1"),
        (["docker:\n  a.io:\n  a.io:\n"], "0.yaml:3:3: the key `a.io` is repeated"),
        (["docker:\ndocker:\n"], "0.yaml:2:1: the key `docker` is repeated"),
        (["- a\n"], "the file must be a mapping"),
        (["docker: [a.io]\n"], "`docker` must be a mapping"),
        (["docker: {a.io: true}\n"], "`a.io` must be a mapping"),
        (["docker: {a.io: {use-sigstore-attachments: 1}}\n"], "must be true or false"),
        (["docker: {a.io: {use-sigstore-attachments: 'true'}}\n"], "must be true or false"),
        (["docker: {a.io: {lookaside: [x]}}\n"], "`lookaside` of `a.io` must be a string"),
        (["docker: {\n"], "0.yaml:1:"),
    ],
)
def test_what_no_node_could_load(texts: list[str], message: str) -> None:
    with pytest.raises(ConfFileError) as caught:
        read(*texts)
    assert message in str(caught.value)
