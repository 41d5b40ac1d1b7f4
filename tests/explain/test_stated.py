"""What documents say of an image and no cluster is given: `explain` shows it apart from what nodes do."""

import json
import time
from pathlib import Path
from textwrap import indent

import pytest

from compiler.explain.stated import Statements
from compiler.manifests.embedded import Home
from compiler.text.span import File, Span
from tests.homes.reading import homes_of
from tests.in_process import Run, runner
from tests.manifest_texts import OBJECT


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return runner("explain", monkeypatch, capfd)


def policy(action: str = "inform", compliance: str = "musthave") -> str:
    return f"""\
apiVersion: policy.open-cluster-management.io/v1
kind: ConfigurationPolicy
metadata: {{name: mirrors}}
spec:
  remediationAction: {action}
  object-templates:
  - complianceType: {compliance}
    objectDefinition:
{indent(OBJECT, "      ")}"""


def test_a_policy_that_informs_is_shown_apart_from_nodes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(policy())
    ran = run("quay.io/team/app:1")
    assert ran.out.endswith(
        """\
  verdict   Only the source serves it; no mirror is used.

quay.io/team/app:1  in ConfigurationPolicy `mirrors`, not on nodes
  entry     quay.io/team of an ImageDigestMirrorSet
            policy.yaml:15:19
  reason    inform: a check only, nothing is applied
  mirror    mirror.example.com/team/app:1
            policy.yaml:16:21
"""
    )
    (stated,) = json.loads(run("quay.io/team/app:1", "-o", "json").out)["stated"]
    assert (stated["holder"], stated["source"]) == ("ConfigurationPolicy `mirrors`", "quay.io/team")
    assert [each["reference"] for each in stated["mirrors"]] == ["mirror.example.com/team/app:1"]
    assert "stated" not in json.loads(run("quay.io/other/app", "-o", "json").out)


def test_a_config_map_that_nothing_refers_to_is_shown(run: Run, tmp_path: Path) -> None:
    data = indent(OBJECT, "    ")
    (tmp_path / "map.yaml").write_text(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n  a.yaml: |\n{data}"
    )
    out = run("quay.io/team/app").out
    assert "  reason    it is for no cluster, since nothing refers to it\n" in out
    assert "  mirror    mirror.example.com/team/app\n" in out


GENERATOR = """\
apiVersion: policy.open-cluster-management.io/v1
kind: PolicyGenerator
metadata: {name: g}
policyDefaults: {namespace: p}
policies:
- name: mirrors
  manifests:
  - path: mirrors.yaml
    complianceType: musthave
"""


@pytest.mark.parametrize(("compliance", "shown"), [("musthave", True), ("mustnothave", False)])
def test_a_generator_that_informs_is_shown(run: Run, tmp_path: Path, compliance: str, *, shown: bool) -> None:
    (tmp_path / "generator.yaml").write_text(GENERATOR.replace("musthave", compliance))
    (tmp_path / "mirrors.yaml").write_text(OBJECT)
    out = run("quay.io/team/app").out
    assert ("quay.io/team/app  in a file that a PolicyGenerator wraps, not on nodes" in out) is shown


@pytest.mark.parametrize(("action", "compliance"), [("enforce", "musthave"), ("inform", "mustnothave")])
def test_what_is_applied_or_not_wanted_is_not_shown(run: Run, tmp_path: Path, action: str, compliance: str) -> None:
    (tmp_path / "policy.yaml").write_text(policy(action, compliance))
    assert "not on nodes" not in run("quay.io/team/app").out


def statements(*sources: str) -> Statements:
    return Statements(
        [(each, "") for source in sources for each in homes_of(policy().replace("quay.io/team", f'"{source}"'))]
    )


@pytest.mark.parametrize(
    ("spec", "source", "reference"),
    [
        ("quay.io/a/b@sha256:00", "quay.io/a/b", "mirror.example.com/team@sha256:00"),
        ("quay.io/a/b/c:1", "quay.io/a/b", "mirror.example.com/team/c:1"),
        ("quay.io/a", "quay.io/a", "mirror.example.com/team"),
        ("quay.io/ab", "quay.io", "mirror.example.com/team/ab"),
        ("x.y.example.com:80/a", "*.example.com", "mirror.example.com/team:80/a"),
        ("other.io/a", "", ""),
    ],
)
def test_the_longest_source_counts(spec: str, source: str, reference: str) -> None:
    found = statements("quay.io", "quay.io/a", "quay.io/a/b", "*.example.com").about(spec)
    assert [(each.source, each.mirrors[0][0]) for each in found] == ([(source, reference)] if source else [])


def test_long_pull_specs_are_looked_up_in_linear_time() -> None:
    found = statements("quay.io/a")
    began = time.process_time()
    found.about("quay.io/" + "a/" * 2_000)
    assert time.process_time() - began < 2


def test_homes_without_mirror_objects_state_nothing() -> None:
    home = Home(form="acm-policy", holder="x", span=Span(File("f", ""), 0, 0))
    assert not Statements([(home, "")])
