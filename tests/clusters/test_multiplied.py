"""What clusters, pools and namespaces multiply a policy to."""

from base64 import b64encode
from pathlib import Path

import pytest

from compiler.clusters import loading, multiplied
from compiler.commands import outcomes
from tests.command import Done, call_mirrorc, tree
from tests.fleets import mirrors
from tests.repositories import commit, git, write

IMAGE = """\
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec: {registrySources: {blockedRegistries: []}}
"""
KEY = b64encode(b"-----BEGIN PUBLIC KEY-----\nMAo=\n-----END PUBLIC KEY-----\n").decode()
POLICY = f"""\
---
apiVersion: config.openshift.io/v1
kind: ImagePolicy
metadata: {{name: p, namespace: n%d}}
spec:
  scopes: [q.example/%d]
  policy: {{rootOfTrust: {{policyType: PublicKey, publicKey: {{keyData: {KEY}}}}}}}
"""


def fleet(at: Path, count: int, *, own: bool = False, pools: str = "master, worker") -> None:
    """Clusters with a file of three rules, and each with one of its own if so wanted."""
    write(at, "base/m.yaml", text=mirrors("base", *(f"quay.io/a{n}: m.example.com/a{n}" for n in range(3))))
    lines = ""
    for number in range(count):
        path = f"own/{number}.yaml"
        if own:
            write(at, path, text=mirrors(f"own{number}", f"quay.io/o{number}: m.example.com/o{number}"))
        lines += f"- {{name: c{number}, paths: [base{f', {path}' * own}]}}\n"
    write(at, ".mirrorc.yaml", text=f"version: 1\ndefaults: {{pools: [{pools}]}}\nclusters:\n{lines}")


def refused(at: Path, *command: str) -> Done:
    before = tree(at)
    done = call_mirrorc(*command, cwd=at)
    assert done.code == 2
    assert "add --no-limits" in done.stderr
    assert tree(at) == before
    return done


def test_policy_of_each_cluster_has_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiplied, "_MOST_COMPILED", 10)
    fleet(folder, 6, own=True)
    assert "6 clusters that differ have about 171 rules, mirrors and scopes" in refused(folder, "build").stderr
    assert "nothing was compiled" in refused(folder, "check").stderr
    assert call_mirrorc("build", "--no-limits", cwd=folder).code == 0
    assert call_mirrorc("check", "--no-limits", cwd=folder).code == 0


def test_the_same_policy_counts_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiplied, "_MOST_COMPILED", 30)
    fleet(folder, 30)
    assert call_mirrorc("check", cwd=folder).code == 0
    assert call_mirrorc("build", cwd=folder).code == 0
    assert tree(folder / "rendered/c0") == tree(folder / "rendered/c29")


def test_what_is_written_has_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiplied, "_MOST_WRITTEN", 300_000)
    fleet(folder, 10, pools=", ".join(f"p{number}" for number in range(20)))
    assert "10 clusters would get about 240 files" in refused(folder, "build").stderr
    assert call_mirrorc("check", cwd=folder).code == 0
    assert call_mirrorc("build", "--no-limits", cwd=folder).code == 0


def test_files_of_all_namespaces_have_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiplied, "_MOST_ON_A_NODE", 30_000)
    image = IMAGE.replace("[]", "[%s]")
    names = ", ".join(f"b{number}.example" for number in range(30))
    write(folder, "m.yaml", text=image % names + "".join(POLICY % (n, n) for n in range(30)))
    assert "the policy of 30 namespaces repeats that of the cluster" in refused(folder, "build", "m.yaml").stderr
    assert call_mirrorc("build", "m.yaml", "--no-limits", cwd=folder).code == 0


def test_files_that_clusters_read_have_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_MOST_READ", -1000)
    fleet(folder, 3, own=True)
    assert "3 clusters read 6 files in all" in refused(folder, "check").stderr
    git("init", "-q", at=folder)
    commit(at=folder)
    assert "3 clusters read 6 files in all" in refused(folder, "diff", "HEAD", ".").stderr
    assert "3 clusters read 6 files in all" in refused(folder, "diff", ".", ".").stderr


def test_differences_that_are_too_long_are_counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "_MOST_SHOWN", 1_000)
    fleet(folder, 2)
    done = call_mirrorc("build", "--check", cwd=folder)
    assert done.code == 1
    assert "the differences of 8 stale files in both clusters are not shown: they are too long" in done.stderr
    assert call_mirrorc("build", "--check", "--no-limits", cwd=folder).stdout.count("+++ ") == 10
