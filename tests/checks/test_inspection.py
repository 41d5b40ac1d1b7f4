"""What is one finding for a whole repo, and what is counted instead of listed."""

import json
from pathlib import Path

import pytest

from tests.command import run_mirrorc
from tests.repositories import write

ICSP = """\
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata: {name: %s}
spec:
  repositoryDigestMirrors:
  - source: quay.io/%s
    mirrors: [m.example.com/%s]
"""
IDMS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: %s}
spec:
  imageDigestMirrors:
  - source: quay.io/%s
    mirrors: [m.example.com/%s]
"""


def legacy(name: str) -> str:
    return ICSP % (name, name, name)


def found(repo: Path, *arguments: str) -> list[str]:
    done = run_mirrorc("check", ".", "-o", "json", "--exit-zero", *arguments, cwd=repo)
    document = json.loads(done.stdout)
    return [f"{each['path']} {each['rule']} {each['count']}" for each in document["diagnostics"]]


def test_what_a_repo_does_the_same_way_everywhere_is_one_finding(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        write(tmp_path, f"{folder}/icsp.yaml", text=legacy(f"{folder}{folder}"))
    write(tmp_path, "d.sh", text=f"oc apply -f - <<'END'\n{legacy('dd')}END\n")
    assert found(tmp_path) == ["a/icsp.yaml deprecated-kind 4"]
    stdout = run_mirrorc("check", ".", "--exit-zero", "-o", "concise", cwd=tmp_path).stdout
    assert "4 ImageContentSourcePolicies in 4 files are deprecated: `aa`, `bb`, `cc` and `dd`" in stdout


def test_objects_of_one_name_are_counted_as_several(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", text=legacy("same"))
    write(tmp_path, "b.sh", text=f"oc apply -f - <<'END'\n{legacy('same')}END\n")
    stdout = run_mirrorc("check", ".", "--exit-zero", "-o", "concise", cwd=tmp_path).stdout
    assert "2 ImageContentSourcePolicies in 2 files are deprecated: both named `same`" in stdout


def test_the_places_of_such_a_finding_are_new_one_by_one(tmp_path: Path) -> None:
    write(tmp_path, "a/icsp.yaml", text=legacy("aa"))
    write(tmp_path, "b/icsp.yaml", text=legacy("bb"))
    run_mirrorc("check", ".", "--write-baseline", "known.json", cwd=tmp_path)
    assert found(tmp_path, "--baseline", "known.json") == []
    write(tmp_path, "c/icsp.yaml", text=legacy("cc"))
    assert found(tmp_path, "--baseline", "known.json") == ["c/icsp.yaml deprecated-kind 1"]


def test_each_file_has_its_fix(tmp_path: Path) -> None:
    write(tmp_path, "a/icsp.yaml", text=legacy("aa"))
    write(tmp_path, "b/icsp.yaml", text=legacy("bb"))
    done = run_mirrorc("check", ".", "--fix", "--unsafe-fixes", cwd=tmp_path)
    assert done.stderr.count("fixed[deprecated-kind]") == 2, done.stderr
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "is_archived"),
    [("archive/icsp.yaml", True), ("icsp-old.yaml", True), ("icsp.yaml", False), ("old/icsp.yaml", True)],
)
def test_findings_in_archives_are_counted(tmp_path: Path, path: str, is_archived: bool) -> None:
    write(tmp_path, path, text=legacy("aa"))
    write(tmp_path, "idms.yaml", text=IDMS % ("live", "live", "live"))
    assert (found(tmp_path) == []) is is_archived
    done = run_mirrorc("check", ".", "--exit-zero", cwd=tmp_path)
    assert (f"Not listed: 1 finding in backups and archives: `{path}`" in done.stderr) is is_archived
    assert ("1 in backups and archives" in done.stderr) is is_archived
    named = run_mirrorc("check", path, "--exit-zero", cwd=tmp_path)
    assert "deprecated-kind" in named.stdout
    assert "Not listed" not in named.stderr


def test_a_configuration_says_what_is_in_use(tmp_path: Path) -> None:
    write(tmp_path, "old/icsp.yaml", text=legacy("aa"))
    write(tmp_path, ".mirrorc.yaml", text="version: 1\nclusters: [{name: north, paths: [old]}]\n")
    done = run_mirrorc("check", "-o", "json", "--exit-zero", cwd=tmp_path)
    assert "deprecated-kind" in done.stdout


def test_a_folder_old_beside_new_is_a_side(tmp_path: Path) -> None:
    write(tmp_path, "old/icsp.yaml", text=legacy("aa"))
    write(tmp_path, "new/icsp.yaml", text=legacy("bb"))
    assert found(tmp_path) == ["new/icsp.yaml deprecated-kind 2"]


def test_files_of_which_some_are_applied_are_not_compared(tmp_path: Path) -> None:
    write(tmp_path, "templates/one.yaml", text=IDMS % ("same", "team", "one"))
    write(tmp_path, "templates/two.yaml", text=IDMS % ("same", "team", "two"))
    assert found(tmp_path) == []
    done = run_mirrorc("check", ".", cwd=tmp_path)
    assert "Not listed: 1 finding about files that may not be applied together: `templates`" in done.stderr
    assert "1 about files that may not be applied together" in done.stderr
    write(tmp_path, ".mirrorc.yaml", text="version: 1\nclusters: [{name: north, paths: [templates]}]\n")
    assert "duplicate-object" in run_mirrorc("check", cwd=tmp_path).stdout


def test_what_was_written_at_an_earlier_time_is_not_compiled(tmp_path: Path) -> None:
    for time, mirror in (("1711479750", "one"), ("1711481374", "two")):
        write(tmp_path, f"{time}-idms.yaml", text=IDMS % ("same", "team", mirror))
    assert found(tmp_path) == []
    done = run_mirrorc("explain", "quay.io/team@sha256:" + "0" * 64, ".", cwd=tmp_path)
    assert "m.example.com/two" in done.stdout
    assert "m.example.com/one" not in done.stdout
