"""The namespaces of ImagePolicies that name none, without a configuration."""

from pathlib import Path

import pytest

from tests.command import call_mirrorc
from tests.policy.test_signatures import policy
from tests.repositories import write

APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}}}
spec:
  source: {{repoURL: 'https://git.example.com/x', path: {path}}}
  destination: {{server: 'https://kubernetes.default.svc', namespace: {namespace}}}
"""


def application(namespace: str, path: str = "policies", name: str = "app") -> str:
    return APPLICATION.format(name=name, path=path, namespace=namespace)


@pytest.fixture
def repo(folder: Path) -> Path:
    text = policy("team", "quay.io/team/app", namespace="x").replace('"namespace": "x"', '"labels": {}')
    write(folder, "policies/team.yaml", text=text)
    return folder


def test_the_application_whose_path_covers_it_says_the_namespace(repo: Path) -> None:
    write(repo, "argocd/app.yaml", text=application("apps"))
    done = call_mirrorc("check", cwd=repo)
    assert "namespace-missing" not in done.stdout
    note = "mirrorc: the ImagePolicy `team` of policies/team.yaml gets the namespace `apps` of argocd/app.yaml\n"
    assert note in done.stderr
    inside = call_mirrorc("check", "policies", cwd=repo)
    assert note in inside.stderr
    assert "namespace-missing" not in inside.stdout


def test_a_kustomization_comes_before_the_application_and_the_outermost_counts(repo: Path) -> None:
    write(repo, "argocd/app.yaml", text=application("apps", "overlays/x"))
    write(repo, "policies/kustomization.yaml", text="resources: [team.yaml]\nnamespace: inner\n")
    write(repo, "overlays/x/kustomization.yaml", text="resources: [../../policies]\nnamespace: outer\n")
    done = call_mirrorc("check", cwd=repo)
    assert "namespace-missing" not in done.stdout
    assert "gets the namespace" not in done.stderr
    assert "crio/policies/outer.json" in call_mirrorc("build", "--print", "nothing", cwd=repo).stderr
    inside = call_mirrorc("check", "policies/team.yaml", cwd=repo)
    assert "gets the namespace `outer` of overlays/x/kustomization.yaml" in inside.stderr


def test_what_two_applications_say_differently_is_left_out_with_a_warning(repo: Path) -> None:
    write(repo, "argocd/app.yaml", text=application("apps"))
    write(repo, "argocd/other.yaml", text=application("others", name="other"))
    done = call_mirrorc("check", cwd=repo)
    assert "namespace-missing" in done.stdout
    assert "gets the namespace" not in done.stderr


def test_with_a_configuration_its_key_counts(repo: Path) -> None:
    write(repo, "argocd/app.yaml", text=application("apps"))
    write(repo, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [policies]}\n")
    assert "namespace-missing" in call_mirrorc("check", cwd=repo).stdout
    write(repo, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [policies], namespace: apps}\n")
    assert "namespace-missing" not in call_mirrorc("check", cwd=repo).stdout
