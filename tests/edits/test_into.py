"""Runs united into files that exist: nothing but what is missing is added, and every byte beside it stays."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.edits.into import updated
from compiler.edits.union import Run, together, union
from compiler.manifests.parsing import parse
from compiler.policy.analysis import analyse
from compiler.policy.node_files import node_files
from compiler.policy.settings import settings_of
from compiler.text.span import File
from tests.manifest_texts import mirror_set

SETTINGS = settings_of()
RELEASE = SETTINGS.release
GIT = """\
# ours
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: mirrors
spec:
  imageDigestMirrors:
    # the team
    - source: quay.io/a
      mirrors:
        - m.example.com/a
    - source: quay.io/c
      mirrors: [m.example.com/c]
---
apiVersion: operators.coreos.com/v1alpha1
kind: CatalogSource
metadata: {name: cs-redhat}
spec:
  image: m.example.com/index:v4.18  # moves
  sourceType: grpc
"""
CATALOG = """\
apiVersion: operators.coreos.com/v1alpha1
kind: CatalogSource
metadata: {name: cs-redhat}
spec: {image: m.example.com/index:v4.19, sourceType: grpc}
"""


def run(*texts: str) -> Run:
    files = tuple(File(f"{number}.yaml", text) for number, text in enumerate(texts))
    return Run(name="run", files=files, parsed=tuple(parse(file, RELEASE) for file in files))


def update(files: Mapping[str, str], *runs: Run) -> dict[str, str]:
    return updated([File(name, text) for name, text in files.items()], union(runs))


def test_missing_rules_are_added_where_the_others_are() -> None:
    new = run(mirror_set("idms-generic-0", {"quay.io/a": ["m.example.com/a"], "quay.io/b": ["m.example.com/b"]}))
    assert update({"x/a.yaml": GIT}, new) == {
        "x/a.yaml": GIT.replace(
            "    - source: quay.io/c\n",
            "    - source: quay.io/b\n      mirrors:\n      - m.example.com/b\n    - source: quay.io/c\n",
        )
    }


def test_a_catalog_gets_its_new_image_and_keeps_its_comments() -> None:
    assert update({"a.yaml": GIT}, run(CATALOG)) == {"a.yaml": GIT.replace("v4.18", "v4.19")}


SIGNATURES = """\
apiVersion: v1
binaryData:
  sha256-1-1: AAAA  # the first
  sha256-5-1: |
    AAAA
kind: ConfigMap
metadata:
  annotations:
    createdAt: now
  # needed
  labels:
    release.openshift.io/verification-signatures: ""
  name: signatures
  namespace: openshift-config-managed
status: {}
"""


def signatures(*names: str) -> str:
    found = {"apiVersion": "v1", "kind": "ConfigMap", "binaryData": dict.fromkeys(names, "AAAA")}
    labels = {"release.openshift.io/verification-signatures": ""}
    metadata = {"name": "signatures", "namespace": "openshift-config-managed", "labels": labels}
    return json.dumps({**found, "metadata": metadata})


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_signatures_are_added_line_by_line_and_in_every_file_that_has_the_object(line_break: str) -> None:
    files = {"a.yaml": SIGNATURES.replace("\n", line_break), "b.json": signatures("sha256-1-1", "sha256-2-1")}
    new = run(signatures("sha256-3-1"))
    made = update(files, new)
    added = "  sha256-1-1: AAAA  # the first\n  sha256-2-1: AAAA\n  sha256-3-1: AAAA\n"
    expected = (
        SIGNATURES.replace("  sha256-1-1: AAAA  # the first\n", added)
        .replace("  annotations:\n    createdAt: now\n", "")
        .replace("status: {}\n", "")
    )
    assert made["a.yaml"] == expected.replace("\n", line_break)
    assert made["b.json"].startswith(files["b.json"].partition("}")[0])
    assert json.loads(made["b.json"])["binaryData"].keys() == {f"sha256-{number}-1" for number in (1, 2, 3, 5)}
    assert update({**files, **made}, new) == {}


def test_objects_that_share_nothing_get_files_of_their_own_and_names_that_are_free() -> None:
    tags = mirror_set("itms-generic-0", {"quay.io/t": ["m.example.com/t"]}, kind="ImageTagMirrorSet")
    made = update({"a.yaml": GIT, "itms-oc-mirror.yaml": "a: 1\n"}, run(tags))
    assert list(made) == ["itms-oc-mirror-2.yaml"]


def test_what_is_there_is_not_added_again_under_any_name() -> None:
    again = mirror_set("other", {"quay.io/a": ["m.example.com/a"]}, kind="ImageContentSourcePolicy")
    assert update({"a.yaml": GIT}, run(again)) == {}


RULES = st.dictionaries(
    st.sampled_from(["quay.io/a", "quay.io/b", "quay.io/c", "docker.io"]),
    st.lists(st.sampled_from(["m.example.com/1", "m.example.com/2"]), min_size=1, max_size=2, unique=True),
    min_size=1,
    max_size=3,
)
SETS = st.builds(
    mirror_set,
    st.sampled_from(["idms-generic-0", "mirrors"]),
    RULES,
    kind=st.sampled_from(["ImageDigestMirrorSet", "ImageTagMirrorSet", "ImageContentSourcePolicy"]),
)


@settings(max_examples=100)
@given(st.lists(SETS, max_size=2), st.lists(SETS, min_size=1, max_size=2), st.lists(SETS, min_size=1, max_size=2))
def test_the_result_means_all_together_and_nothing_is_left(git: list[str], one: list[str], two: list[str]) -> None:
    files = {f"{number}.yaml": text for number, text in enumerate(dict.fromkeys(git))}
    held = [parse(File(name, text), RELEASE) for name, text in files.items()]
    if analyse(held, SETTINGS).refused or len({(m.kind, m.name.value) for p in held for m in p.manifests}) < len(files):
        return
    runs = [run(*one), run(*two)]
    after = files | update(files, *runs)
    parsed = [parse(File(name, text), RELEASE) for name, text in sorted(after.items())]
    meant = together(runs, SETTINGS, beside=held)
    assert node_files(analyse(parsed, SETTINGS), RELEASE) == node_files(meant, RELEASE)
    assert update(after, *runs) == {}
    assert update(after, runs[0]) == {}
