"""YAML between other lines: which lines belong to it."""

import time

import pytest

from compiler.text.pasted import pasted

OUTPUT = """\
info: Mirroring completed

To use the new mirrored repository to install, add the following section to the install-config.yaml:

imageContentSources:
- mirrors:
  - mirror.example.com/ocp

  source: quay.io/ocp


To use the new mirrored repository for upgrades, use the following to create an ImageContentSourcePolicy:

apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata:
  name: example
spec:
  repositoryDigestMirrors:
  - source: quay.io/ocp
    mirrors: [mirror.example.com/ocp]
# done
$ exit
"""


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in pasted(text)]


def test_the_output_of_a_tool_has_parts_that_are_yaml() -> None:
    first, second = parts(OUTPUT)
    assert first.splitlines()[0] == "imageContentSources:"
    assert first.rstrip().endswith("source: quay.io/ocp")
    assert second.splitlines()[0] == "apiVersion: operator.openshift.io/v1alpha1"
    assert second.splitlines()[-1] == "# done"


def test_a_key_that_comes_again_begins_another_object() -> None:
    one = "kind: A\napiVersion: v1\nspec:\n  a: 1\n"
    two = "apiVersion: v1\nkind: B\n"
    assert parts("kind: A\nspec: {}\n") == []
    assert parts(one + two) == [one, two]


def test_other_keys_end_a_part() -> None:
    assert parts("imageDigestSources:\n- source: a\nplatform: {}\n") == ["imageDigestSources:\n- source: a\n"]
    assert parts("apiVersion: v1\nkind: A\nother: 1\nspec: {}\n") == ["apiVersion: v1\nkind: A\n"]


@pytest.mark.parametrize(
    "text",
    [
        'X="\napiVersion: v1\nkind: A\nspec:\n  a: b"\n',
        "X='\nimageContentSources:\n- source: a'\n",
        'x <<< "\napiVersion: v1\nkind: A\n"\n',
        "the kind: A\n",
        "  kind: A\n",
        "kindly: A\n",
        "kind:A\n",
    ],
)
def test_what_is_in_quotes_or_not_at_the_start_of_a_line_is_no_part(text: str) -> None:
    assert parts(text) == []


@pytest.mark.parametrize("line", ["kind: A\n", "apiVersion: v1\n  a\n", "imageContentSources:\n", "kind: 'A\n"])
def test_many_parts_are_found_in_linear_time(line: str) -> None:
    text = line * (400_000 // len(line))
    began = time.process_time()
    assert len(list(pasted(text))) <= 200
    assert time.process_time() - began < 2
