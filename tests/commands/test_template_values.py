"""Values of placeholders in the commands that read templates, and what these say of alternative branches."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from tests.command import run_mirrorc
from tests.repositories import commit, git

TEMPLATE = """\
    apiVersion: config.openshift.io/v1
    kind: ImageTagMirrorSet
    metadata:
      name: team
    spec:
      imageTagMirrors:
    {% if site == 'north' %}
      - source: quay.io/team
        mirrors: ["{{ host }}/north"]
        mirrorSourcePolicy: NeverContactSource
    {% else %}
      - source: quay.io/team
        mirrors: ["{{host}}/south"]
        mirrorSourcePolicy: AllowContactingSource
    {% endif %}
    """
POD = """\
    apiVersion: v1
    kind: Pod
    metadata: {name: web}
    spec:
      containers:
    {% if site == 'north' %}
      - image: "{{ source }}/team/north:1"
    {% else %}
      - image: "{{ source }}/team/south:1"
    {% endif %}
    """
GIVEN = ("--set", "host=m.example.com", "--set", "source=quay.io")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "mirrors.yaml").write_text(dedent(TEMPLATE), encoding="utf-8")
    (tmp_path / "pod.yaml.j2").write_text(dedent(POD), encoding="utf-8")
    return tmp_path


def test_branches_that_exclude_each_other_do_not_conflict(repo: Path) -> None:
    report = json.loads(run_mirrorc("check", "--format", "json", cwd=repo).stdout)
    assert [each["rule"] for each in report["diagnostics"]] == ["template-values", "tag-pulls-blocked"]
    explained = run_mirrorc("explain", "quay.io/team/a:1", cwd=repo).stdout
    assert [line for line in explained.splitlines() if "team/a:1  in" in line] == [
        "quay.io/team/a:1  in first branches of templates",
        "quay.io/team/a:1  in second branches of templates",
    ]
    assert "{{ host }}/north/a:1" in explained
    assert "{{host}}/south/a:1" in explained
    # What the branches do not change is said once.
    assert "branches" not in run_mirrorc("explain", "quay.io/other:1", cwd=repo).stdout


def test_a_branch_that_changes_is_compared(repo: Path) -> None:
    git("init", "-q", at=repo)
    commit(at=repo)
    path = repo / "mirrors.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("/south", "/west"), encoding="utf-8")
    report = json.loads(run_mirrorc("diff", "--format", "json", cwd=repo).stdout)
    assert [(each["name"], each["disruption"]) for each in report["clusters"]] == [
        ("second branches of templates", "drain"),
        ("first branches of templates", "none"),
    ]


def test_values_are_those_of_build_in_every_command(repo: Path) -> None:
    given = (*GIVEN, "--set", "site=south")
    assert run_mirrorc("check", *given, cwd=repo).stderr == "no findings in 1 file\n"
    explained = run_mirrorc("explain", "quay.io/team/a:1", *given, cwd=repo).stdout
    assert "m.example.com/south/a:1" in explained
    assert "north" not in explained
    report = json.loads(run_mirrorc("images", "--format", "json", *given, cwd=repo).stdout)
    assert [(each["image"], each["status"]) for each in report["images"]] == [("quay.io/team/south:1", "mirrored")]
    assert report["unresolved"] == []
    run_mirrorc("build", "-o", "out", *given, cwd=repo)
    assert "m.example.com/south" in (repo / "out/registries.conf").read_text(encoding="utf-8")


def test_diff_takes_values_and_those_of_the_configuration(repo: Path) -> None:
    (repo / ".mirrorc.yaml").write_text(
        "version: 1\nclusters:\n- name: south\n  paths: [mirrors.yaml]\n  values: {site: south, host: m.example.com}\n",
        encoding="utf-8",
    )
    git("init", "-q", at=repo)
    commit(at=repo)
    path = repo / "mirrors.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("/south", "/west"), encoding="utf-8")
    for command, host in (((), "m.example.com"), (("--set", "host=n.example.com"), "n.example.com")):
        report = run_mirrorc("diff", *command, cwd=repo).stdout
        assert f"`{host}/west`" in report
        assert "branches" not in report


@pytest.mark.parametrize("command", [("check",), ("explain", "quay.io/a:1"), ("images",), ("diff",), ("build",)])
def test_a_wrong_value_is_a_usage_error(repo: Path, command: tuple[str, ...]) -> None:
    done = run_mirrorc(*command, "--set", "host", cwd=repo)
    assert (done.code, done.stderr.count("`host` is not NAME=VALUE")) == (2, 1)


@pytest.mark.parametrize("command", [("check",), ("explain", "quay.io/team:1"), ("images",), ("build", "-o", "out")])
def test_a_template_that_costs_too_much_ends_with_its_reason(tmp_path: Path, command: tuple[str, ...]) -> None:
    text = dedent(TEMPLATE).replace(
        "{{ host }}", "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"
    )
    (tmp_path / "mirrors.yaml").write_text(text, encoding="utf-8")
    done = run_mirrorc(*command, "--set", "site=north", cwd=tmp_path)
    assert "template-manifest" in done.stdout + done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    assert any(
        f"the given values: {why}" in said for why in ("rendering takes too long", "the rendered text is too long")
    )


def test_equal_placeholders_are_one_token(tmp_path: Path) -> None:
    text = """\
        apiVersion: config.openshift.io/v1
        kind: ImageDigestMirrorSet
        metadata: {name: a}
        spec:
          imageDigestMirrors:
          - {source: quay.io/a, mirrors: ["{{x}}/a", "m.example.com/a"]}
          - {source: quay.io/b, mirrors: ["$X/b", "${X}/b"]}
        ---
        apiVersion: config.openshift.io/v1
        kind: ImageDigestMirrorSet
        metadata: {name: b}
        spec:
          imageDigestMirrors:
          - {source: quay.io/a, mirrors: ["m.example.com/a", "{{- x -}}/a"]}
        """
    (tmp_path / "a.yaml").write_text(dedent(text), encoding="utf-8")
    report = json.loads(run_mirrorc("check", "--format", "json", cwd=tmp_path).stdout)
    assert [each["rule"] for each in report["diagnostics"] if each["severity"] == "error"] == ["duplicate-mirror"]
    (tmp_path / "a.yaml").write_text(dedent(text).replace(', "${X}/b"', ""), encoding="utf-8")
    report = json.loads(run_mirrorc("check", "--format", "json", cwd=tmp_path).stdout)
    (conflict,) = [each for each in report["diagnostics"] if each["severity"] == "error"]
    assert conflict["rule"] == "order-conflict"
    assert "`{{x}}/a`" in conflict["message"]


RELEASE = """\
    apiVersion: config.openshift.io/v1
    kind: ImageDigestMirrorSet
    metadata: {name: release}
    spec:
      imageDigestMirrors:
      - source: quay.io/openshift-release-dev/ocp-v4.0-art-dev
        mirrors: [m.example.com/art]
    {% if nightly %}
      - source: quay.io/openshift-release-dev/nightly
        mirrors: [m.example.com/nightly]
    {% else %}
      - source: quay.io/openshift-release-dev/ocp-release
        mirrors: [m.example.com/release]
    {% endif %}
    """


@pytest.mark.parametrize(("source", "told"), [("ocp-release", False), ("other", True)])
def test_what_another_branch_has_is_not_missing(tmp_path: Path, source: str, told: bool) -> None:
    (tmp_path / "release.yaml.j2").write_text(dedent(RELEASE).replace("ocp-release", source), encoding="utf-8")
    report = json.loads(run_mirrorc("check", "--format", "json", "--release", "4.18", cwd=tmp_path).stdout)
    assert ("payload-half-mirrored" in [each["rule"] for each in report["diagnostics"]]) == told
