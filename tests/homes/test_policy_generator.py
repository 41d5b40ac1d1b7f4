"""PolicyGenerators: their files are policy for managed clusters, not for the cluster of the repo."""

from pathlib import Path

import pytest

from compiler.clusters.cluster import Cluster
from compiler.clusters.homes import settled
from compiler.clusters.loading import load_repo
from compiler.manifests.kinds import MirrorSet
from tests.command import call_mirrorc

IDMS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: quay}
spec:
  imageDigestMirrors:
    - {source: quay.io/a, mirrors: [m1.example.com/a]}
    - {source: quay.io/b, mirrors: [m1.example.com/b]}
"""
GENERATOR = """\
apiVersion: policy.open-cluster-management.io/v1
kind: PolicyGenerator
metadata: {{name: site}}
policyDefaults: {{namespace: policies, remediationAction: enforce}}
policies:
  - name: mirrors
    {policy}
    manifests:
      - path: {path}
        patches:
          - spec:
              imageDigestMirrors: [{{source: quay.io/a, mirrors: [m9.example.com/a]}}]
"""


def write(folder: Path, path: str = "input/idms.yaml", policy: str = "") -> None:
    (folder / "input").mkdir()
    (folder / "input" / "idms.yaml").write_text(IDMS)
    (folder / "generator.yaml").write_text(GENERATOR.format(path=path, policy=policy))
    (folder / "kustomization.yaml").write_text("generators: [generator.yaml]\n")


@pytest.mark.parametrize("path", ["input/idms.yaml", "input", "./input/idms.yaml"])
def test_a_patch_replaces_the_list(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, path)
    repo = load_repo([Cluster()])
    found = settled([Cluster()], repo)
    assert [cluster.name for cluster in found.clusters] == ["acm-policy-mirrors"]
    (mirror_set,) = (each for parsed in found.loaded[0].parsed for each in parsed.manifests)
    assert isinstance(mirror_set, MirrorSet)
    assert mirror_set.name.value == "quay"
    assert [[mirror.value for mirror in rule.mirrors] for rule in mirror_set.rules] == [["m9.example.com/a"]]
    told = [each for parsed in found.loaded[0].parsed for each in parsed.diagnostics]
    assert [each.rule for each in told] == ["musthave-adds"]
    assert repo.account.unread == ()


@pytest.mark.parametrize("policy", ["remediationAction: inform", "complianceType: mustnothave", "disabled: true"])
def test_what_applies_nothing_is_compiled_for_nothing(
    policy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, policy=policy)
    found = settled([Cluster()], load_repo([Cluster()]))
    assert not any(parsed.manifests for loaded in found.loaded for parsed in loaded.parsed)


@pytest.mark.parametrize(("policy", "count"), [("", 1), ("remediationAction: inform", 0)])
def test_patches_of_a_file_that_comes_with_the_generator_are_the_policy(
    policy: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "generator.yaml").write_text(GENERATOR.format(path="source-crs/DisconnectedIDMS.yaml", policy=policy))
    repo = load_repo([Cluster()])
    found = settled([Cluster()], repo)
    mirror_sets = [each for loaded in found.loaded for parsed in loaded.parsed for each in parsed.manifests]
    assert len(mirror_sets) == count
    (record,) = found.records
    (mirror_set,) = record.home.manifests
    assert isinstance(mirror_set, MirrorSet)
    assert mirror_set.name.value == "disconnectedidms"
    assert [[mirror.value for mirror in rule.mirrors] for rule in mirror_set.rules] == [["m9.example.com/a"]]
    assert record.is_applied is bool(count)
    assert repo.account.unread == ()


def test_a_cluster_that_is_configured_to_read_the_files_alone_keeps_them(folder: Path) -> None:
    write(folder)
    config = "version: 1\nclusters:\n- {name: edge, paths: [input]}\n- {name: hub, paths: [.]}\n"
    (folder / ".mirrorc.yaml").write_text(config)
    assert call_mirrorc("build", "--cluster", "edge", cwd=folder).code == 0
    assert "quay.io/b" in (folder / "rendered/edge/registries.conf").read_text()
    assert "no mirror manifests" in call_mirrorc("build", cwd=folder).stderr
