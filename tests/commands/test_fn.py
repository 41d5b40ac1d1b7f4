"""`mirrorc fn`: a ResourceList goes through it unchanged but for its results."""

import json
from typing import Any  # what YAML holds

import pytest
from ruamel.yaml import YAML

from tests.command import run_mirrorc
from tests.logs import Runner

GOOD = """\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: other}   # kept
  data: {a: "1"}
- apiVersion: config.openshift.io/v1
  kind: ImageDigestMirrorSet
  metadata:
    name: team
    annotations:
      config.kubernetes.io/path: mirrors/team.yaml
      config.kubernetes.io/index: "0"
  spec:
    imageDigestMirrors:
    - source: quay.io/team
      mirrors:
      - mirror.example.com/team
"""
BAD = GOOD.replace("mirror.example.com/team", "BAD.example.com/X")


def loaded(text: str) -> Any:
    return YAML(typ="safe").load(text)


def fn(text: str) -> tuple[int, str, str]:
    done = run_mirrorc("fn", stdin=text.encode())
    return done.code, done.stdout, done.stderr


def test_what_is_clean_goes_through_byte_for_byte() -> None:
    assert fn(GOOD) == (0, GOOD, "")


def test_a_finding_is_a_result_with_its_place() -> None:
    code, out, err = fn(BAD)
    assert code == 1
    assert "error[invalid-scope]" in err
    assert out.startswith(BAD)
    (result,) = loaded(out)["results"]
    assert result["severity"] == "error"
    assert result["resourceRef"] == {
        "apiVersion": "config.openshift.io/v1",
        "kind": "ImageDigestMirrorSet",
        "name": "team",
    }
    assert result["file"] == {"path": "mirrors/team.yaml", "index": 0}
    assert result["field"] == {"path": "spec.imageDigestMirrors[0].mirrors[0]"}
    assert result["tags"] == {"rule": "invalid-scope"}


@pytest.mark.parametrize(
    "earlier",
    [
        "results: []\n",
        "results:\n- message: earlier\n  severity: info\n",
        "results: [{message: earlier}]\n",
        "...\n",
        "",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_earlier_results_stay(earlier: str, first: bool) -> None:
    if first and earlier.startswith("results"):
        head, _, rest = BAD.partition("items:\n")
        text = f"{head}{earlier}items:\n{rest}"
    else:
        text = BAD + earlier
    code, out, _ = fn(text)
    assert code == 1
    results = loaded(out)["results"]
    assert [each["message"] for each in results[:-1]] == (["earlier"] if "earlier" in earlier else [])
    assert results[-1]["tags"] == {"rule": "invalid-scope"}
    assert loaded(out)["items"] == loaded(BAD)["items"]


def test_json_is_read_and_written() -> None:
    code, out, _ = fn(json.dumps(loaded(BAD)))
    assert code == 1
    assert json.loads(out)["items"] == loaded(BAD)["items"]
    assert len(json.loads(out)["results"]) == 1


_ITEM = "{apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: {name: a}, spec: %s}"
_LIST = "{apiVersion: v1, kind: ResourceList, %sitems: [" + _ITEM % "{imageDigestMirrors: [{source: BAD/X}]}" + "]%s}"


@pytest.mark.parametrize(
    ("before", "after", "earlier"),
    [
        ("", "", []),
        ("", ", # a, comment\n", []),
        ("", " # a, comment\n", []),
        ("results: [a, b # c, d\n], ", "", ["a", "b"]),
        ("results: [a, b, # c\n], ", "", ["a", "b"]),
        ("results: [&a a, *a], ", "", ["a", "a"]),
        ("results: 5, ", "", []),
        ("results: text, ", "", []),
        ("results: , ", "", []),
    ],
)
def test_a_list_in_braces_keeps_what_it_has(before: str, after: str, earlier: list[str]) -> None:
    code, out, _ = fn(_LIST % (before, after))
    assert code == 1
    *kept, found = loaded(out)["results"]
    assert kept == earlier
    assert found["tags"] == {"rule": "invalid-scope"}
    assert loaded(out)["items"] == loaded(_LIST % (before, after))["items"]


def test_results_that_are_an_alias_are_refused() -> None:
    """Else the results would be added to the items."""
    code, out, err = fn(BAD.replace("items:", "items: &items") + "results: *items\n")
    assert (code, out) == (2, "")
    assert "`results` is an alias" in err


def test_in_a_job_no_text_is_a_command_and_the_list_is_the_same() -> None:
    """A ConfigMap may contain a script; kustomize reads the list, whatever runs kustomize."""
    text = BAD.replace('data: {a: "1"}', "data:\n    a.sh: |\n      ::stop-commands::x\n      ##[group]y\n    n: 0o17")
    done = run_mirrorc("fn", stdin=text.encode(), env={"GITHUB_ACTIONS": "true"})
    assert done.code == 1
    assert list(Runner().commands(done.stdout)) == []
    out = json.loads(done.stdout)
    assert out["items"] == loaded(text.replace("0o17", "15"))["items"]
    assert len(out["results"]) == 1
    assert run_mirrorc("fn", stdin=text.encode()).stdout.startswith(text)


def test_function_config_chooses() -> None:
    config = "functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: c}\n  data:\n"
    code, out, _ = fn(GOOD + config + "    release: '4.18'\n    payloadPolicy: none\n")
    assert (code, loaded(out)["items"]) == (0, loaded(GOOD)["items"])
    assert fn(GOOD + config + "    release: '3.11'\n")[0] == 2
    assert fn(GOOD + config + "    relase: '4.18'\n")[0] == 2


@pytest.mark.parametrize("text", ["", "a: [\n", "kind: List\n", "- 1\n", GOOD + "---\n" + GOOD])
def test_anything_else_is_refused(text: str) -> None:
    code, out, err = fn(text)
    assert (code, out) == (2, "")
    assert err.startswith("mirrorc: ")
