"""Why a file is passed over, by its name alone."""

import pytest

from compiler.repository.kinds_of_file import is_archived, is_searched, may_be_manifest, passed_over, sides


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("README.md", "documentation"),
        ("readme.txt", "documentation"),
        ("roles/a/meta/argument_specs.yml", "documentation"),
        ("docs/install.sh", "documentation"),
        ("a/Documentation/x.yaml", "documentation"),
        ("tests/mirrors.sh", "test"),
        ("pkg/testdata/a.conf", "test"),
        ("vendor/a/b.sh", "vendored"),
        ("web/node_modules/x/run", "vendored"),
        ("cmd/main.go", "program source"),
        ("tool.py", "program source"),
        ("mirrorc.sarif", "documentation"),
        ("logo.PNG", "not text"),
        ("mirrors.sh", ""),
        ("templates/idms.yaml.j2", ""),
        ("contest/mirrors.sh", ""),
        ("Makefile", ""),
        ("registries.conf", ""),
        ("files/bootstrap.ign", ""),
        ("install-config.yaml.sample", ""),
        ("install-config.yaml.j2.org", ""),
        ("notes.org", "documentation"),
    ],
)
def test_the_reason_is_told_by_the_path(path: str, reason: str) -> None:
    assert passed_over(path) == reason


def test_files_with_the_name_of_a_manifest_are_always_looked_at() -> None:
    assert is_searched("docs/mirrors.yaml")
    assert not is_searched("docs/mirrors.sh")
    assert is_searched("mirrors.sh")


@pytest.mark.parametrize(
    ("path", "target", "may_be"),
    [
        ("clusters/north/mirrors.yaml", "../../sets/mirrors.yaml", True),
        ("a.json", "gone", True),
        ("a.yaml", "/etc/mirrors/a.yaml", True),
        ("a.yaml", "a.yaml", True),
        ("kustomization.yaml", "../base/kustomization.yaml", True),
        ("docs/a.yaml", "b.yaml", False),
        ("e2e/testdata/a.yaml", "b.yaml", False),
        ("web/package.json", "../package.json", False),
        (".github/workflows/a.yaml", "b.yaml", False),
        ("charts/x/values-north.yaml", "../values.yaml", False),
        (".pre-commit-config.yaml", "x/.pre-commit-config.yaml", False),
        ("config.yaml", "config.py", False),
    ],
)
def test_a_link_that_leads_nowhere_may_be_meant_for_a_manifest(path: str, target: str, may_be: bool) -> None:
    assert may_be_manifest(path, target) is may_be


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("archive/a.yaml", True),
        ("configs/archive/x/a.j2", True),
        ("old/a.sh", True),
        ("templates_old/a.tftpl", True),
        ("backup/a.yaml", True),
        ("a.yaml.bak", True),
        ("install-config.yaml.j2.beforesno", True),
        ("a-old.yaml", True),
        ("a.yaml.orig", True),
        ("a.yaml~", True),
        ("install-config copy.yaml", True),
        ("a (1).yaml", True),
        ("roles/backup/tasks/main.yml", False),
        ("oldest/a.yaml", False),
        ("threshold.yaml", False),
        ("etcd-backup.yaml", False),
        ("a.yaml.j2", False),
        ("a.yaml", False),
    ],
)
def test_what_is_kept_as_a_backup_or_in_an_archive(path: str, expected: bool) -> None:
    assert is_archived(path) is expected


def test_a_folder_old_beside_new_is_a_side_of_a_comparison() -> None:
    found = sides(["x/old/a.yaml", "x/new/a.yaml", "y/old/a.yaml"])
    assert found == {"x/old"}
    assert not is_archived("x/old/a.yaml", found)
    assert is_archived("y/old/a.yaml", found)
