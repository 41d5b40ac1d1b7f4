"""`mirrorc plan`: patches that git takes, every sort of side, and how runs end."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import call_mirrorc, run_mirrorc
from tests.manifest_texts import mirror_set
from tests.programs import needs_helm, needs_kustomize
from tests.repositories import commit, git, write

OLD = {"quay.io/a": ["old.example.com/a", "b.example.com/a"]}
NEW = {"quay.io/a": ["b.example.com/a", "new.example.com/a"], "quay.io/c": ["b.example.com/c"]}
LAYOUT = """\
version: 1
clusters:
  - {name: north, paths: [base, north]}
  - {name: south, paths: [base, south]}
"""


def assert_applied(report: dict[str, Any], old: str, new: str, patches: Path, repo: Path) -> None:
    """The patches of a plan lead from the old commit to the new one, each step as disruptive as it says."""
    git("checkout", "-q", old)
    for step in report["steps"]:
        git("apply", "--index", str(patches / step["patch"]))
        compared = json.loads(call_mirrorc("diff", "--format", "json", cwd=repo).stdout)
        assert compared["disruption"] == step["disruption"]
        commit()
    assert git("diff", "--stat", "HEAD", new) == ""


def test_each_patch_applies_and_the_last_state_is_the_new_one(repo: Path, tmp_path: Path) -> None:
    write(repo, "base/a.yaml", text=mirror_set("a", OLD))
    write(repo, "north/gone and away.yaml", text=mirror_set("gone", {"quay.io/g": ["b.example.com/g"]}))
    write(repo, "south/b.yaml", text=mirror_set("b", {"quay.io/b": ["b.example.com/b"]}).replace("\n", "\r\n"))
    write(repo, ".mirrorc.yaml", text=LAYOUT)
    old = commit()
    write(repo, "base/a.yaml", text=mirror_set("a", NEW))
    (repo / "north" / "gone and away.yaml").unlink()
    write(repo, "north/Größe.yaml", text=mirror_set("size", {"quay.io/n": ["b.example.com/n"]}).rstrip("\n"))
    write(repo, "south/b.yaml", text=mirror_set("b", {"quay.io/b": ["x.example.com/b"]}).replace("\n", "\r\n"))
    new = commit()
    done = call_mirrorc("plan", old, new, "--write", tmp_path / "out", "--format", "json", cwd=repo)
    assert done.code == 0, done.stderr
    report = json.loads(done.stdout)
    assert [step["disruption"] for step in report["steps"]] == ["reload", "drain"]
    assert report["steps"][0]["clusters"] == {"north": "reload", "south": "reload"}
    git("checkout", "-q", old)
    for step in report["steps"]:
        git("apply", "--check", str(tmp_path / "out" / step["patch"]))
        git("apply", "--index", str(tmp_path / "out" / step["patch"]))
        compared = call_mirrorc("diff", "--format", "json", cwd=repo)
        assert json.loads(compared.stdout)["disruption"] == step["disruption"]
        assert call_mirrorc("check", cwd=repo).code == 0
        commit()
    assert git("diff", "--stat", "HEAD", new) == ""


def test_patches_of_folders_count_from_the_folder(folder: Path) -> None:
    write(folder, "one/x/a.yaml", text=mirror_set("a", OLD))
    write(folder, "two/x/a.yaml", text=mirror_set("a", NEW))
    done = run_mirrorc("plan", "one", "two", "--write", "out", cwd=folder)
    assert (done.code, done.stderr) == (0, "2 patches in out: apply them in order, each as a commit\n")
    for number in (1, 2):
        git("apply", f"../out/step-{number}.patch", at=folder / "one")
    assert (folder / "one/x/a.yaml").read_bytes() == (folder / "two/x/a.yaml").read_bytes()
    again = run_mirrorc("plan", "two", "one", "--path", "nowhere", cwd=folder)
    assert again.code == 2


def test_why_a_drain_cannot_be_avoided_is_said_with_the_line(folder: Path) -> None:
    write(folder, "old.yaml", text=mirror_set("a", OLD))
    write(folder, "new.yaml", text=mirror_set("a", NEW))
    done = run_mirrorc("plan", "old.yaml", "new.yaml", cwd=folder)
    assert "keep `old.example.com/a` as the last mirror" in " ".join(done.stdout.split())
    assert "One drain cannot be avoided:" in done.stdout
    assert "old old.yaml:9:7: - old.example.com/a" in done.stdout
    markdown = run_mirrorc("plan", "old.yaml", "new.yaml", "--format", "markdown", cwd=folder)
    assert "| 2 | **drain** |" in markdown.stdout


def test_argo_cd_gets_waves_and_prunes_last(folder: Path) -> None:
    write(folder, "old.yaml", text=mirror_set("a", OLD, kind="ImageContentSourcePolicy"))
    write(folder, "new.yaml", text=mirror_set("b", OLD))
    report = json.loads(run_mirrorc("plan", "old.yaml", "new.yaml", "--format", "json", cwd=folder).stdout)
    assert [step["disruption"] for step in report["steps"]] == ["none", "none"]
    assert report["argocd"] == {
        "waves": [
            {"wave": 0, "disruption": "none", "objects": ["ImageDigestMirrorSet `b`"]},
            {"wave": 1, "disruption": "none", "objects": ["ImageContentSourcePolicy `a`"]},
        ],
        "prune_last": True,
        "patch": None,
    }
    assert "PruneLast=true" in run_mirrorc("plan", "old.yaml", "new.yaml", cwd=folder).stdout


@pytest.mark.parametrize(
    ("new", "arguments", "code", "message"),
    [
        (mirror_set("a", OLD), ["new.yaml"], 0, "Nothing changes."),
        (mirror_set("a", {"quay.io/a": ["m.example.com/BAD"]}), ["new.yaml"], 1, "would be refused"),
        (mirror_set("n", NEW), ["new.yaml"], 1, "would be refused"),
        (mirror_set("a", OLD) + "---\n" + mirror_set("b", OLD, never=["quay.io/a"]), ["new.yaml"], 1, "refused"),
        ("a: [", ["new.yaml"], 2, "new.yaml"),
        (mirror_set("a", NEW), ["nowhere"], 2, "nowhere"),
        (mirror_set("a", NEW), ["registries.conf"], 2, "files of nodes"),
        (mirror_set("a", NEW), ["new.yaml", "x"], 2, "Give OLD and NEW."),
        (mirror_set("a", NEW), ["folder", "--write", "out"], 2, "--write needs"),
    ],
)
def test_how_a_run_ends(new: str, arguments: list[str], code: int, message: str, folder: Path) -> None:
    write(folder, "old.yaml", text=mirror_set("a", OLD))
    write(folder, "new.yaml", text=new)
    write(folder, "folder/new.yaml", text=new)
    write(folder, "registries.conf", text='unqualified-search-registries = ["a.example.com"]\n')
    done = run_mirrorc("plan", "old.yaml", *arguments, cwd=folder)
    assert (done.code, message in done.stdout + done.stderr) == (code, True), done


def test_patches_of_another_plan_are_not_left_beside_the_new_ones(folder: Path) -> None:
    write(folder, "old.yaml", text=mirror_set("a", OLD))
    write(folder, "new.yaml", text=mirror_set("a", NEW))
    write(folder, "out/step-3.patch", text="")
    done = run_mirrorc("plan", "old.yaml", "new.yaml", "--write", "out", cwd=folder)
    assert done.code == 2
    assert "out/step-3.patch is of another plan" in done.stderr


def test_objects_of_a_cluster_are_compared_with_the_files_that_have_them(folder: Path) -> None:
    live = "apiVersion: v1\nkind: List\nitems:\n" + "".join(
        f"{'  ' if number else '- '}{line}\n"
        for number, line in enumerate(mirror_set("a", OLD, extra="uid: x").splitlines())
    )
    write(folder, "live.yaml", text=live)
    write(folder, "repo/x/a.yaml", text=mirror_set("a", NEW))
    report = json.loads(run_mirrorc("plan", "live.yaml", "repo", "--format", "json", cwd=folder).stdout)
    assert [step["disruption"] for step in report["steps"]] == ["reload", "drain"]
    back = json.loads(run_mirrorc("plan", "repo", "live.yaml", "--format", "json", cwd=folder).stdout)
    assert [step["disruption"] for step in back["steps"]] == ["reload", "drain"]


def test_patches_are_written_through_no_link_in_a_working_tree(repo: Path, tmp_path: Path) -> None:
    write(repo, "a.yaml", text=mirror_set("a", OLD))
    commit()
    write(repo, "a.yaml", text=mirror_set("a", NEW))
    (tmp_path / "outside").mkdir()
    (repo / "out").symlink_to(tmp_path / "outside")
    done = run_mirrorc("plan", "--write", "out", cwd=repo)
    assert done.code == 2
    assert "link" in done.stderr
    assert list((tmp_path / "outside").iterdir()) == []


def test_one_commit_with_sync_waves_is_a_patch_too(folder: Path) -> None:
    write(folder, "old/a.yaml", text=mirror_set("a", OLD))
    write(folder, "new/a.yaml", text=mirror_set("a", {"quay.io/a": OLD["quay.io/a"][::-1][:1]}))
    write(folder, "new/c.yaml", text=mirror_set("c", {"quay.io/c": ["b.example.com/c"]}))
    done = call_mirrorc("plan", "old", "new", "--write", "out", "--format", "json", cwd=folder)
    argocd = json.loads(done.stdout)["argocd"]
    assert argocd["patch"] == "argocd.patch"
    assert [wave["disruption"] for wave in argocd["waves"]] == ["reload", "drain"]
    git("apply", "../out/argocd.patch", at=folder / "old")
    assert (folder / "old/c.yaml").read_bytes() == (folder / "new/c.yaml").read_bytes()
    annotation = '  annotations:\n    argocd.argoproj.io/sync-wave: "1"\n'
    assert (folder / "old/a.yaml").read_text().replace(annotation, "") == (folder / "new/a.yaml").read_text()


CHART = {
    "Chart.yaml": "apiVersion: v2\nname: mirrors\nversion: 0.1.0\n",
    "values.yaml": "extra: []\n",
    "templates/_helpers.tpl": '{{- define "host" -}}one.example.com{{- end -}}\n',
    "templates/idms.yaml": mirror_set("{{ .Release.Name }}", {"quay.io/a": ['{{ include "host" . }}/a']}).rstrip("\n")
    + "\n    {{- range .Values.extra }}\n    - {{ . }}/a\n    {{- end }}\n",
    "templates/gone.yaml": mirror_set("gone", {"quay.io/g": ["b.example.com/g"]}),
}
OPERATIONS = "- {op: add, path: /spec/imageDigestMirrors/0/mirrors/-, value: HOST/a}\n"
TARGET = "resources: [a.yaml]\npatches:\n- path: ops.yaml\n  target: {kind: ImageDigestMirrorSet}\n"


@needs_helm
@needs_kustomize
def test_patches_cover_every_file_that_a_chart_and_a_kustomization_are_built_of(repo: Path, tmp_path: Path) -> None:
    for name, text in CHART.items():
        write(repo, f"chart/{name}", text=text)
    write(repo, "south/a.yaml", text=mirror_set("a", NEW))
    write(repo, "south/ops.yaml", text=OPERATIONS.replace("HOST", "old.example.com"))
    write(repo, "south/kustomization.yaml", text=TARGET)
    clusters = "- {name: north, helm: {chart: chart}}\n- {name: south, kustomization: south}\n"
    write(repo, ".mirrorc.yaml", text=f"version: 1\nclusters:\n{clusters}")
    old = commit()
    write(repo, "chart/values.yaml", text="extra: [two.example.com]\n")
    write(repo, "chart/templates/_helpers.tpl", text=CHART["templates/_helpers.tpl"].replace("one", "three"))
    (repo / "chart/templates/gone.yaml").unlink()
    write(repo, "south/ops.yaml", text=OPERATIONS.replace("HOST", "next.example.com"))
    new = commit()
    done = call_mirrorc("plan", old, new, "--write", tmp_path / "out", "--format", "json", cwd=repo)
    assert done.code == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["changes"], report["exact"]) == (4, True)
    assert [step["disruption"] for step in report["steps"]] == ["reload", "drain"]
    assert_applied(report, old, new, tmp_path / "out", repo)


@needs_kustomize
def test_kustomizations_are_built_for_each_commit(repo: Path, tmp_path: Path) -> None:
    write(repo, "base/kustomization.yaml", text="resources: [a.yaml]\n")
    write(repo, "base/a.yaml", text=mirror_set("a", OLD))
    write(repo, "north/kustomization.yaml", text="resources: [../base]\nnamePrefix: north-\n")
    write(repo, ".mirrorc.yaml", text="version: 1\nclusters:\n- {name: north, kustomization: north}\n")
    old = commit()
    write(repo, "base/kustomization.yaml", text="resources: [a.yaml, b.yaml]\n")
    write(repo, "base/a.yaml", text=mirror_set("a", NEW))
    write(repo, "base/b.yaml", text=mirror_set("b", {"quay.io/b": ["b.example.com/b"]}))
    new = commit()
    done = call_mirrorc("plan", old, new, "--write", tmp_path / "out", "--format", "json", cwd=repo)
    assert done.code == 0, done.stderr
    report = json.loads(done.stdout)
    assert [step["disruption"] for step in report["steps"]] == ["reload", "drain"]
    assert [wave["disruption"] for wave in report["argocd"]["waves"]] == ["drain"]
    assert_applied(report, old, new, tmp_path / "out", repo)
