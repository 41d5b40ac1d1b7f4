"""Patches of a kustomization: kustomize builds the same of what is migrated, in place and step by step."""

import shutil
import subprocess
from pathlib import Path

import pytest

from compiler.edits import patching
from compiler.edits.patching import copied, finished, replaced
from compiler.findings.diagnostics import Edit
from compiler.findings.fixes import splice
from compiler.text.span import File
from tests.manifest_texts import ICSP
from tests.programs import KUBECTL, needs_kubectl

PATCH = """\
# ours
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata: {name: one, labels: {team: a}}
"""
KUSTOMIZATION = """\
resources: [icsp.yaml]
patches:
# by path
- path: patch.yaml
- patch: |-   # in place
    apiVersion: operator.openshift.io/v1alpha1
    kind: ImageContentSourcePolicy
    metadata: {name: one, annotations: {a: b}}
- target:
    group: operator.openshift.io
    version: v1alpha1
    kind: ImageContentSourcePolicy
  patch: '[{"op": "add", "path": "/spec/repositoryDigestMirrors/0/mirrors/-", "value": "n.example.com/team"}]'
- target: {kind: ConfigMap}
  patch: '[{"op": "remove", "path": "/data/repositoryDigestMirrors"}]'
"""


def renamed(text: str) -> str:
    return (
        text.replace("operator.openshift.io/v1alpha1", "config.openshift.io/v1")
        .replace("ImageContentSourcePolicy", "ImageDigestMirrorSet")
        .replace("repositoryDigestMirrors", "imageDigestMirrors")
    )


def made(files: dict[str, str], edits: list[Edit]) -> dict[str, str]:
    texts = dict(files)
    for path, text in files.items():
        own = {(edit.span.start, edit.span.end): edit for edit in edits if edit.span.path == path}
        texts[path] = splice(text, [own[key] for key in sorted(own)])
    return texts


def reader(files: dict[str, str]) -> tuple[File, "dict[str, File]"]:
    read = {path: File(path, text) for path, text in files.items()}
    return read["kustomization.yaml"], read


def built(files: dict[str, str], folder: Path) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, text in files.items():
        (folder / path).write_bytes(text.encode())
    done = subprocess.run([KUBECTL, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


FILES = {"kustomization.yaml": KUSTOMIZATION, "patch.yaml": PATCH, "icsp.yaml": ICSP}


def test_in_place_only_what_names_the_old_kind_changes() -> None:
    kustomization, read = reader(FILES)
    after = made(FILES, replaced(kustomization, read.get))
    head, tail = KUSTOMIZATION.split("- target: {kind: ConfigMap}")
    expected = renamed(head).replace("group: operator", "group: config").replace("v1alpha1", "v1")
    assert after["kustomization.yaml"] == f"{expected}- target: {{kind: ConfigMap}}{tail}"
    assert after["patch.yaml"] == renamed(PATCH)


@needs_kubectl
def test_kustomize_builds_the_same_in_place_and_step_by_step(tmp_path: Path) -> None:
    files = {**FILES, "kustomization.yaml": KUSTOMIZATION.partition("- target: {kind: ConfigMap}")[0]}
    kustomization, read = reader(files)
    before = built(files, tmp_path / "x")
    at_once = made({**files, "icsp.yaml": renamed(ICSP)}, replaced(kustomization, read.get))
    assert built(at_once, tmp_path / "x") == renamed(before)
    copies = copied(kustomization, read.get)
    assert copies.left == []
    both = made({**files, "icsp.yaml": f"{ICSP}---\n{renamed(ICSP)}"}, copies.edits)
    assert set(built(both, tmp_path / "x").split("---\n")) == {before, renamed(before)}
    again, read = reader(both)
    assert copied(again, read.get).edits == []
    removal = finished(again, read.get)
    assert removal is not None
    after = made({**both, "icsp.yaml": renamed(ICSP)}, removal)
    assert built(after, tmp_path / "x") == renamed(before)
    assert "ImageContentSourcePolicy" not in "".join(after.values())


OPERATIONS = "# why\n- op: add\n  path: /spec/repositoryDigestMirrors/0/mirrors/-\n  value: n.example.com/team\n"
INLINED = """\
- patch: |-
    # why
    - op: add
      path: /spec/imageDigestMirrors/0/mirrors/-
      value: n.example.com/team
  target: {kind: ImageDigestMirrorSet}
"""


@needs_kubectl
@pytest.mark.parametrize(
    ("patch", "copy"),
    [
        ("- path: ops.yaml\n  target: {kind: ImageContentSourcePolicy}\n", INLINED),
        ("- {path: ops.yaml, target: {kind: ImageContentSourcePolicy}}\n", None),
        ("- path: ops.yaml  # ours\n  target: {kind: ImageContentSourcePolicy}\n", None),
        ("- target:\n    kind: ImageContentSourcePolicy\n  path: ops.yaml", None),
    ],
)
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_operations_in_a_file_are_copied_into_the_kustomization(
    patch: str, copy: str | None, line_break: str, tmp_path: Path
) -> None:
    files = {
        "kustomization.yaml": f"resources: [icsp.yaml]\npatches:\n{patch}",
        "icsp.yaml": ICSP,
        "ops.yaml": OPERATIONS,
    }
    files = {path: text.replace("\n", line_break) for path, text in files.items()}
    kustomization, read = reader(files)
    before = built(files, tmp_path / "x")
    copies = copied(kustomization, read.get)
    assert copies.left == []
    both = made({**files, "icsp.yaml": f"{ICSP}---\n{renamed(ICSP)}"}, copies.edits)
    assert both["ops.yaml"] == files["ops.yaml"]
    if copy is not None:
        assert both["kustomization.yaml"] == files["kustomization.yaml"] + copy.replace("\n", line_break)
    assert set(built(both, tmp_path / "x").split("---\n")) == {before, renamed(before)}
    again, read = reader(both)
    assert copied(again, read.get).edits == []
    after = made({**both, "icsp.yaml": renamed(ICSP)}, finished(again, read.get) or [])
    assert "ImageContentSourcePolicy" not in after["kustomization.yaml"]
    assert built(after, tmp_path / "x") == renamed(before)


def test_an_object_in_a_file_that_is_for_a_target_cannot_be_copied_and_a_patch_without_a_copy_stays() -> None:
    files = {
        "kustomization.yaml": "patches:\n- target: {kind: ImageContentSourcePolicy}\n  path: patch.yaml\n",
        "patch.yaml": PATCH,
    }
    kustomization, read = reader(files)
    assert [str(span) for span in copied(kustomization, read.get).left] == ["kustomization.yaml:2:3"]
    assert finished(kustomization, read.get) is None
    assert made(files, replaced(kustomization, read.get))["patch.yaml"] == renamed(PATCH)


def test_targets_of_replacements_are_changed_with_the_paths_they_name() -> None:
    target = "  - select: {kind: ImageContentSourcePolicy}\n    fieldPaths: [spec.repositoryDigestMirrors.0.source]\n"
    other = "  - select: {kind: ConfigMap}\n    fieldPaths: [data.repositoryDigestMirrors]\n"
    text = f"replacements:\n- source: {{kind: ConfigMap, fieldPath: data.host}}\n  targets:\n{target}{other}"
    new = target.replace("ImageContentSourcePolicy", "ImageDigestMirrorSet").replace("repository", "image")
    kustomization, read = reader({"kustomization.yaml": text})
    in_place = made({"kustomization.yaml": text}, replaced(kustomization, read.get))
    assert in_place["kustomization.yaml"] == text.replace(target, new)
    both = made({"kustomization.yaml": text}, copied(kustomization, read.get).edits)
    assert both["kustomization.yaml"] == text.replace(target, target + new)
    again, read = reader(both)
    assert copied(again, read.get).edits == []
    after = made(both, finished(again, read.get) or [])
    assert after["kustomization.yaml"] == text.replace(target, new)


def test_copies_repeat_a_limited_part_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = "".join(f"- path: ops.yaml\n  target: {{kind: ImageContentSourcePolicy, name: a{n}}}\n" for n in range(4))
    kustomization, read = reader({"kustomization.yaml": f"patches:\n{entries}", "ops.yaml": OPERATIONS})
    assert len(copied(kustomization, read.get).edits) == 4
    monkeypatch.setattr(patching, "MOST_INLINED", 2 * len(OPERATIONS))
    copies = copied(kustomization, read.get)
    assert len(copies.edits) == 2
    assert [str(span) for span in copies.too_much] == ["kustomization.yaml:6:3", "kustomization.yaml:8:3"]
    assert not copies.left


def test_a_file_of_several_kustomizations_is_edited_once() -> None:
    kustomization, read = reader(FILES)
    known = patching.KnownPatches()
    first = {edit.span.path for edit in replaced(kustomization, read.get, known)}
    assert first == {"kustomization.yaml", "patch.yaml"}
    assert {edit.span.path for edit in replaced(kustomization, read.get, known)} == {"kustomization.yaml"}
