"""Sources as manifests have them, as arguments of `explain`: placeholders, wildcards, registries."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from compiler.explain.asked import asked_of, may_match, spellings
from compiler.manifests.tokens import with_tokens
from compiler.text.opaque import revealed
from tests.in_process import Ran, Run, runner


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return runner("explain", monkeypatch, capfd)


def write_policy(folder: Path) -> None:
    (folder / "policy.yaml").write_text(
        dedent(
            """\
            apiVersion: config.openshift.io/v1
            kind: ImageDigestMirrorSet
            metadata: {name: a}
            spec:
              imageDigestMirrors:
              - source: "{{ registry }}/team"
                mirrors: [mirror.example.com/team]
              - source: quay.io/{{ org }}
                mirrors: [mirror.example.com/org]
              - source: "*.example.net"
                mirrors: [mirror.example.com/any]
              - source: quay.io/fixed
                mirrors: [mirror.example.com/fixed]
            ---
            apiVersion: config.openshift.io/v1
            kind: Image
            metadata: {name: cluster}
            spec:
              registrySources:
                allowedRegistries: [quay.io, "${ALLOWED}"]
                insecureRegistries: [plain.example.com]
            """
        )
    )


def entry(ran: Ran) -> object:
    (result,) = ran.results
    found = result["entry"]
    return found["prefix"] if isinstance(found, dict) else found


def undecided(ran: Ran) -> list[object]:
    (result,) = ran.results
    listed = result["undecided"]
    assert isinstance(listed, list)
    return [each["prefix"] for each in listed if isinstance(each, dict)]


@pytest.mark.parametrize(
    "asked",
    [
        "{{ registry }}/team/app",
        "{{registry}}/team",
        "{{- registry -}}/team/app:1",
        "{{ registry }}/team/app@sha256:" + "0" * 64,
    ],
)
def test_a_source_with_an_equal_placeholder_has_its_rules(run: Run, tmp_path: Path, asked: str) -> None:
    write_policy(tmp_path)
    ran = run(asked, "-o", "json")
    assert ran.code == 0
    assert entry(ran) == "{{ registry }}/team"
    assert "quay.io/fixed" in undecided(ran)


def test_another_placeholder_has_none_of_them(run: Run, tmp_path: Path) -> None:
    write_policy(tmp_path)
    ran = run("{{ other }}/team/app", "-o", "json")
    assert entry(ran) is None
    assert "{{ registry }}/team" in undecided(ran)


def test_the_answer_names_the_places(run: Run, tmp_path: Path) -> None:
    write_policy(tmp_path)
    ran = run("{{ registry }}/team/app", "--both")
    assert "policy.yaml:6:13" in ran.out
    assert "mirror.example.com/team/app" in ran.out
    assert "Other entries may match, depending on the values of placeholders:" in ran.out
    assert "A placeholder decides whether allowedRegistries includes it." in ran.out


def test_an_entry_with_a_placeholder_may_match_a_known_name(run: Run, tmp_path: Path) -> None:
    write_policy(tmp_path)
    ran = run("quay.io/group/app:1", "-o", "json")
    assert ran.code == 0
    assert entry(ran) is None
    assert undecided(ran) == ["{{ registry }}/team", "quay.io/{{ org }}"][1:]


def test_what_is_allowed_is_named(run: Run, tmp_path: Path) -> None:
    write_policy(tmp_path)
    ran = run("quay.io/fixed/app:1", "-o", "json")
    (result,) = ran.results
    assert result["accepted_by"] == {
        "setting": "allowedRegistries",
        "scope": "quay.io",
        "origins": [{"path": "policy.yaml", "line": 20, "column": 25}],
    }
    assert "accepted  By policy.json: quay.io is in allowedRegistries." in run("quay.io/fixed/app:1").out


def test_a_placeholder_among_what_is_allowed_refuses_nothing(run: Run, tmp_path: Path) -> None:
    write_policy(tmp_path)
    (result,) = run("docker.io/library/app:1", "-o", "json").results
    assert result["refused_by"] is None


def test_a_wildcard_is_about_all_hosts_below(run: Run, tmp_path: Path) -> None:
    write_policy(tmp_path)
    ran = run("*.example.net", "-o", "json")
    (result,) = ran.results
    assert (ran.code, entry(ran), result["normalized"]) == (0, "*.example.net", "<host>.example.net/<image>")


@pytest.mark.parametrize("registry", ["plain.example.com", "quay.io"])
def test_a_registry_that_the_policy_names_is_about_all_its_images(run: Run, tmp_path: Path, registry: str) -> None:
    write_policy(tmp_path)
    ran = run(registry, "-o", "json")
    (result,) = ran.results
    assert (ran.code, result["normalized"]) == (0, f"{registry}/<image>")


def test_another_registry_stays_a_short_name(run: Run, tmp_path: Path) -> None:
    write_policy(tmp_path)
    (result,) = run("other.example.com", "-o", "json").results
    assert result["candidates"]


def test_a_given_value_answers_for_the_name(run: Run, tmp_path: Path) -> None:
    write_policy(tmp_path)
    ran = run("quay.io/group/app:1", "--set", "org=group", "-o", "json")
    assert entry(ran) == "quay.io/group"


@pytest.mark.parametrize("text", ["{{ x }}//y", "a b", "*", "*.", "$", ""])
def test_what_is_nothing_stays_an_error(run: Run, tmp_path: Path, text: str) -> None:
    write_policy(tmp_path)
    assert run(text).code == 1


@pytest.mark.parametrize(
    ("name", "scope", "expected"),
    [
        ("$A/team", "quay.io/team", True),
        ("quay.io/$A", "quay.io/team", True),
        ("quay.io/$A", "docker.io/team", False),
        ("$A.example.com/x", "quay.io/x", False),
        ("$A.example.com/x", "b.example.com/x", True),
        ("quay.io/team/app", "quay.io/$A/app", True),
        ("quay.io/team/other", "quay.io/$A/app", False),
        ("quay.io/team/application", "quay.io/$A/app", False),
        ("quay.io/a/b/c", "quay.io/$A/b/$C", True),
        ("quay.io/team", "$A", True),
        ("$A.example.com/x", "*.example.com", True),
        ("quay.io/x", "*.$DOMAIN", True),
    ],
)
def test_what_may_match(name: str, scope: str, expected: object) -> None:
    assert may_match(with_tokens(name), with_tokens(scope)) is expected


def test_a_question_has_the_spelling_of_the_policy() -> None:
    asked = asked_of("$X/a", spellings([with_tokens("${X}/a")]))
    assert asked is not None
    assert revealed(asked.reference.name) == "${X}/a"


KONFLUX = """\
kind: ImageDigestMirrorSet
spec:
  imageDigestMirrors:
  - source: registry.example.com/team/app
    mirrors: [quay.io/build/app, quay.io/again/app]
"""


def test_a_konflux_mirror_set_is_shown_apart_from_nodes(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".tekton").mkdir()
    (tmp_path / ".tekton" / "images-mirror-set.yaml").write_text(KONFLUX)
    ran = run("registry.example.com/team/app:1")
    assert ran.out.endswith(
        """\
registry.example.com/team/app:1  in Konflux pipelines, not on nodes
  entry     registry.example.com/team/app
            .tekton/images-mirror-set.yaml:4:13
  1. try    registry.example.com/team/app:1
            the source itself
  2. try    quay.io/again/app:1
            .tekton/images-mirror-set.yaml:5:34
  3. try    quay.io/build/app:1
            .tekton/images-mirror-set.yaml:5:15
"""
    )
    (looked,) = json.loads(run("registry.example.com/team/app:1", "-o", "json").out)["pipelines"]
    assert [each["reference"] for each in looked["mirrors"]] == ["quay.io/again/app:1", "quay.io/build/app:1"]
    assert "pipelines" not in json.loads(run("quay.io/other/app", "-o", "json").out)
