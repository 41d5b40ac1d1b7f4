"""`mirrorc migrate`: what is written, shown and refused, and the whole life of a migration in a Git repo."""

import shutil
import subprocess
from pathlib import Path

import pytest

from compiler import compile_paths
from tests.command import call_mirrorc, run_mirrorc
from tests.conformance import as_object, objects, recordings, text
from tests.manifest_texts import mirror_set
from tests.programs import KUBECTL, needs_kubectl
from tests.repositories import commit, git

ICSP = """\
# Mirrors of the team.
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata:
  name: one
spec:
  repositoryDigestMirrors:
  - source: quay.io/team  # agreed
    mirrors:
    - m.example.com/team
"""
IDMS = """\
# Mirrors of the team.
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: one
spec:
  imageDigestMirrors:
  - source: quay.io/team  # agreed
    mirrors:
    - m.example.com/team
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git("init", "-q", at=tmp_path)
    (tmp_path / "mirrors.yaml").write_text(ICSP)
    commit(at=tmp_path)
    return tmp_path


def test_recorded_files_compile_to_the_same_after_the_command(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    tried = 0
    for line in list(recordings("migrate"))[::6]:
        file.write_bytes(text(line, "input").encode())
        done = call_mirrorc("migrate", "--payload-policy", "none", file)
        assert done.code in {0, 1}, (line["id"], done.stderr)
        if "states" not in line or not all(each["accepted"] for each in objects(line, "icsp_api")):
            continue
        recorded = as_object(as_object(line["states"])["icsp_only"])
        if recorded["error"] is None:
            assert done.code == 0, (line["id"], done.stderr)
            made = compile_paths([str(file)], payload_policy="none", severities={"order-conflict": "warning"})
            assert made.files["registries.conf"].decode() == recorded["registries_conf"], line["id"]
            assert b"kind: ImageContentSourcePolicy" not in file.read_bytes()
            tried += 1
    assert tried > 10


def test_outside_of_git_the_old_object_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "mirrors.yaml"
    for mark in (b"", b"\xef\xbb\xbf"):
        file.write_bytes(mark + ICSP.replace("\n", "\r\n").encode())
        done = run_mirrorc("migrate", file)
        assert (done.code, done.stdout) == (0, "")
        assert file.read_bytes() == mark + IDMS.replace("\n", "\r\n").encode()


def test_the_life_of_a_migration(repo: Path) -> None:
    file = repo / "mirrors.yaml"
    assert run_mirrorc("migrate", "--check", cwd=repo).code == 1
    assert file.read_text() == ICSP

    added = run_mirrorc("migrate", cwd=repo)
    assert added.code == 0
    assert file.read_text() == f"{ICSP}---\n{IDMS}"
    assert "then run `mirrorc migrate --finish`" in added.stderr
    commit(at=repo)
    assert run_mirrorc("diff", "HEAD~1", "--max-disruption", "none", cwd=repo).code == 0
    assert run_mirrorc("migrate", "--check", cwd=repo).code == 1
    again = run_mirrorc("migrate", cwd=repo)
    assert (again.code, file.read_text()) == (0, f"{ICSP}---\n{IDMS}")

    assert run_mirrorc("migrate", "--finish", cwd=repo).code == 0
    assert file.read_text() == IDMS
    commit(at=repo)
    assert run_mirrorc("diff", "HEAD~2", "--max-disruption", "none", cwd=repo).code == 0
    assert run_mirrorc("migrate", "--check", cwd=repo).code == 0

    never = run_mirrorc("migrate", "--never-contact-source", cwd=repo)
    assert never.code == 0
    assert "nodes: drain" in never.stderr
    assert "    mirrorSourcePolicy: NeverContactSource\n" in file.read_text()
    assert run_mirrorc("diff", "HEAD", "--max-disruption", "reload", cwd=repo).code == 1


def test_a_diff_is_one_that_git_applies(repo: Path) -> None:
    done = run_mirrorc("migrate", "--at-once", "--diff", cwd=repo)
    assert done.code == 1
    assert (repo / "mirrors.yaml").read_text() == ICSP
    (repo / "patch").write_text(done.stdout)
    git("apply", "patch", at=repo)
    assert (repo / "mirrors.yaml").read_text() == IDMS


def test_replacing_at_once_in_a_repo_reports_the_gap(repo: Path) -> None:
    done = run_mirrorc("migrate", "--at-once", cwd=repo)
    assert (done.code, (repo / "mirrors.yaml").read_text()) == (0, IDMS)
    assert "until then nodes have no mirrors" in done.stderr


def test_releases_that_refuse_both_kinds_are_migrated_at_once_only(repo: Path) -> None:
    image = f"quay.io/openshift-release-dev/ocp-release:4.14.2@sha256:{'0' * 64}"
    options = ("--release", "4.14", "--release-image", image)
    refused = run_mirrorc("migrate", *options, cwd=repo)
    assert refused.code == 2
    assert "does not accept both kinds at a time" in refused.stderr
    assert (repo / "mirrors.yaml").read_text() == ICSP
    assert run_mirrorc("migrate", "--at-once", *options, cwd=repo).code == 0


def test_every_cluster_that_reads_a_file_takes_part_in_the_proof(repo: Path) -> None:
    (repo / ".mirrorc.yaml").write_text(
        "version: 1\nclusters:\n- name: north\n  paths: [mirrors.yaml]\n"
        "- name: south\n  paths: [mirrors.yaml, other.yaml]\n"
    )
    (repo / "other.yaml").write_text(IDMS.replace("m.example.com", "n.example.com"))
    done = run_mirrorc("migrate", "mirrors.yaml", cwd=repo)
    assert done.code == 1
    assert "with other content exists at other.yaml:5:9" in done.stderr
    assert (repo / "mirrors.yaml").read_text() == ICSP


def test_only_the_named_files_are_edited(repo: Path) -> None:
    (repo / "second.yaml").write_text(ICSP.replace("one", "two"))
    assert run_mirrorc("migrate", "second.yaml", cwd=repo).code == 0
    assert (repo / "mirrors.yaml").read_text() == ICSP
    assert "ImageDigestMirrorSet" in (repo / "second.yaml").read_text()


def test_what_is_left_has_a_reason_and_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "mirrors.yaml"
    file.write_text(ICSP.replace("v1alpha1", "v1"))
    done = run_mirrorc("migrate", file)
    assert done.code == 1
    assert "the API server refuses this ImageContentSourcePolicy" in done.stderr
    assert file.read_text() == ICSP.replace("v1alpha1", "v1")


def test_an_old_object_inside_another_document_is_left(folder: Path) -> None:
    (folder / "template.yaml").write_text(
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\nobjects:\n"
        "- apiVersion: operator.openshift.io/v1alpha1\n  kind: ImageContentSourcePolicy\n  metadata: {name: a}\n"
        "  spec: {repositoryDigestMirrors: [{source: quay.io/a, mirrors: ['${HOST}/a']}]}\n"
        "parameters: [{name: HOST, value: m.example.com}]\n"
    )
    done = call_mirrorc("migrate", cwd=folder)
    assert done.code == 1
    assert "template.yaml:7:20: the ImageContentSourcePolicy `a` is inside Template `t`" in done.stderr


def test_what_belongs_to_another_object_is_left_out(folder: Path) -> None:
    extra = "finalizers: [example.com/keep]\nownerReferences:\n- {apiVersion: v1, kind: ConfigMap, name: x, uid: y}"
    rules = {"quay.io/a": ["m.example.com/a"]}
    (folder / "a.yaml").write_text(mirror_set("a", rules, kind="ImageContentSourcePolicy", extra=extra))
    assert call_mirrorc("migrate", "a.yaml", cwd=folder).code == 0
    assert (folder / "a.yaml").read_text() == mirror_set("a", rules)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--finish", "--at-once"), "separate steps"),
        (("--diff", "--check"), "cannot be used together"),
        (("-",), "cannot write to standard input"),
        (("missing.yaml",), "missing.yaml"),
    ],
)
def test_a_wrong_call_ends_with_2(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    done = run_mirrorc("migrate", *arguments, cwd=tmp_path, stdin=ICSP.encode())
    assert done.code == 2
    assert message in done.stderr


def test_standard_input_can_be_shown(tmp_path: Path) -> None:
    done = run_mirrorc("migrate", "--diff", "-", cwd=tmp_path, stdin=ICSP.encode())
    assert done.code == 1
    assert "+kind: ImageDigestMirrorSet" in done.stdout


def test_a_file_that_cannot_be_written_is_unchanged(repo: Path) -> None:
    file = repo / "mirrors.yaml"
    shutil.move(file, repo / "target.yaml")
    file.symlink_to("target.yaml")
    assert run_mirrorc("migrate", "mirrors.yaml", cwd=repo).code == 0
    assert file.is_symlink()
    assert (repo / "target.yaml").read_text() == f"{ICSP}---\n{IDMS}"


def test_what_nothing_is_to_be_done_for_is_unchanged(tmp_path: Path) -> None:
    (tmp_path / "idms.yaml").write_text(IDMS)
    done = run_mirrorc("migrate", cwd=tmp_path)
    assert (done.code, done.stdout) == (0, "")
    assert "nothing to migrate" in done.stderr
    assert (tmp_path / "idms.yaml").read_text() == IDMS


KUSTOMIZATION = """\
resources: [icsp.yaml]
patches:
- target: {kind: ImageContentSourcePolicy}
  patch: |
    - op: replace
      path: /spec/repositoryDigestMirrors/0/mirrors/0
      value: n.example.com/team
"""


@pytest.mark.parametrize("named", [[], ["base/icsp.yaml"]])
@pytest.mark.parametrize("kustomization", ["resources: [icsp.yaml]\n", KUSTOMIZATION])
def test_what_a_kustomization_is_built_from_is_migrated_with_its_patches(
    named: list[str], kustomization: str, repo: Path
) -> None:
    base = repo / "base"
    base.mkdir()
    shutil.move(repo / "mirrors.yaml", base / "icsp.yaml")
    (base / "kustomization.yaml").write_text(kustomization)
    (repo / ".mirrorc.yaml").write_text("version: 1\nclusters:\n- name: north\n  kustomization: base\n")
    done = run_mirrorc("migrate", *named, cwd=repo)
    assert done.code == 0, done.stderr
    assert (base / "icsp.yaml").read_text() == f"{ICSP}---\n{IDMS}"
    old, *copy = kustomization.partition("- target")[1:]
    renamed = "".join((old, *copy)).replace("ImageContentSourcePolicy", "ImageDigestMirrorSet")
    renamed = renamed.replace("repositoryDigestMirrors", "imageDigestMirrors")
    assert (base / "kustomization.yaml").read_text() == kustomization + renamed
    elsewhere = repo.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    where = repo if "patches" in kustomization else elsewhere  # the configuration says what is built of the file
    finished = run_mirrorc("migrate", "--finish", f"../{repo.name}/base/icsp.yaml", cwd=where)
    assert finished.code == 0, finished.stderr
    assert (base / "icsp.yaml").read_text() == IDMS
    assert (base / "kustomization.yaml").read_text() == kustomization.partition("- target")[0] + renamed


def test_sets_of_konflux_are_migrated_where_the_clusters_read_other_files(repo: Path) -> None:
    (repo / "clusters").mkdir()
    (repo / ".tekton").mkdir()
    shutil.move(repo / "mirrors.yaml", repo / "clusters" / "a.yaml")
    (repo / ".tekton" / "images-mirror-set.yaml").write_text(ICSP.replace("quay.io/team", "quay.io/konflux"))
    (repo / ".mirrorc.yaml").write_text("version: 1\nclusters:\n- name: north\n  paths: [clusters]\n")
    done = run_mirrorc("migrate", "--at-once", cwd=repo)
    assert done.code == 0, done.stderr
    assert (repo / "clusters" / "a.yaml").read_text() == IDMS
    konflux = IDMS.replace("quay.io/team", "quay.io/konflux")
    assert (repo / ".tekton" / "images-mirror-set.yaml").read_text() == konflux


@needs_kubectl
def test_without_a_configuration_kustomizations_that_patch_are_part_of_the_proof(repo: Path) -> None:
    base, overlay = repo / "base", repo / "overlay"
    base.mkdir()
    overlay.mkdir()
    shutil.move(repo / "mirrors.yaml", base / "icsp.yaml")
    (base / "kustomization.yaml").write_text("resources: [icsp.yaml]\n")
    patch = "- op: add\n  path: /spec/repositoryDigestMirrors/0/mirrors/-\n  value: n.example.com/team\n"
    (overlay / "patch.yaml").write_text(patch)
    for target, code in (("{name: one}", 1), ("{kind: ImageContent.*}", 1), ("{kind: ImageContentSourcePolicy}", 0)):
        text = f"resources: [../base]\npatches:\n- path: patch.yaml\n  target: {target}\n"
        (overlay / "kustomization.yaml").write_text(text)
        commit(at=repo)
        done = run_mirrorc("migrate", cwd=repo)
        assert done.code == code, done.stderr
        assert ((base / "icsp.yaml").read_text() == ICSP) is bool(code)
        assert ((overlay / "kustomization.yaml").read_text() == text) is bool(code)
    before = subprocess.run([KUBECTL, "kustomize", overlay], capture_output=True, check=True).stdout
    assert run_mirrorc("migrate", "--finish", cwd=repo).code == 0
    after = subprocess.run([KUBECTL, "kustomize", overlay], capture_output=True, check=True).stdout
    assert sorted(before.split(b"---\n"))[0] == after
    assert b"n.example.com/team" in after
