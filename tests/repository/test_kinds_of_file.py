"""Why a file is passed over, by its name alone."""

import pytest

from compiler.repository.kinds_of_file import is_searched, passed_over


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("README.md", "documentation"),
        ("readme.txt", "documentation"),
        ("docs/install.sh", "documentation"),
        ("a/Documentation/x.yaml", "documentation"),
        ("tests/mirrors.sh", "test"),
        ("pkg/testdata/a.conf", "test"),
        ("vendor/a/b.sh", "vendored"),
        ("web/node_modules/x/run", "vendored"),
        ("cmd/main.go", "program source"),
        ("tool.py", "program source"),
        ("logo.PNG", "not text"),
        ("mirrors.sh", ""),
        ("templates/idms.yaml.j2", ""),
        ("contest/mirrors.sh", ""),
        ("Makefile", ""),
        ("registries.conf", ""),
        ("files/bootstrap.ign", ""),
        ("install-config.yaml.sample", ""),
    ],
)
def test_the_reason_is_told_by_the_path(path: str, reason: str) -> None:
    assert passed_over(path) == reason


def test_files_with_the_name_of_a_manifest_are_always_looked_at() -> None:
    assert is_searched("docs/mirrors.yaml")
    assert not is_searched("docs/mirrors.sh")
    assert is_searched("mirrors.sh")
