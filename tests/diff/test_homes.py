"""What a change means for clusters that policy inside other documents makes."""

from pathlib import Path

import pytest

from tests.command import flat, run_mirrorc
from tests.repositories import commit, repository

HOSTED = """\
apiVersion: hypershift.openshift.io/v1beta1
kind: NodePool
metadata: {name: a, namespace: clusters}
spec: {clusterName: tenant, config: [{name: team}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: team, namespace: clusters}
data:
  config: |
    # why
    apiVersion: config.openshift.io/v1
    kind: ImageDigestMirrorSet
    metadata: {name: team}
    spec: {imageDigestMirrors: [{source: quay.io/a, mirrors: [m.example.com/a]}]}
"""
INSTALL = (
    "metadata: {name: north}\nbaseDomain: a\n"
    "imageDigestSources: [{source: quay.io/a, mirrors: [m.example.com/a, n.example.com/a]}]\n"
)


@pytest.mark.parametrize(("old", "new"), [("# why", "# because"), ("mirrors: [m", "mirrors: [n.example.com/a, m")])
def test_every_change_of_a_node_pools_config_map_replaces_nodes(tmp_path: Path, old: str, new: str) -> None:
    folder = repository(tmp_path, {"a.yaml": HOSTED})
    commit(at=folder)
    (folder / "a.yaml").write_text(HOSTED.replace(old, new))
    done = run_mirrorc("diff", "HEAD", cwd=folder)
    assert (done.code, "reboot[node-pool-rolled]" in done.stdout) == (1, True)
    (folder / "a.yaml").write_text(HOSTED + "# of the file\n")
    assert "node-pool-rolled" not in run_mirrorc("diff", "HEAD", cwd=folder).stdout


def test_an_install_config_changes_nothing_on_a_running_cluster(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"install-config.yaml": INSTALL})
    commit(at=folder)
    (folder / "install-config.yaml").write_text(INSTALL.replace("m.example.com/a, ", ""))
    done = run_mirrorc("diff", "HEAD", cwd=folder)
    assert (done.code, "none    master, worker: Nothing changes on nodes." in done.stdout) == (0, True)
    assert "It is used once: a change of it has no effect on a running cluster." in flat(done.stdout)
    assert "removed: `m.example.com/a`" in done.stdout
