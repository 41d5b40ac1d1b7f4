"""A change of policy that is not read has no known cost: by what `diff` says of repos."""

import json
import shutil
from pathlib import Path

import pytest

from tests.command import Done, call_mirrorc
from tests.manifest_texts import OBJECT, SCRIPT
from tests.repositories import commit, git, repository, write

OTHER = SCRIPT.replace("mirror.example.com", "m2.example.com")
CLUSTERS = "version: 1\nclusters:\n- {name: a, paths: [a]}\n- {name: b, paths: [b]}\n"


def diff(folder: Path, *arguments: str) -> Done:
    return call_mirrorc("diff", *arguments, cwd=folder)


def unread(folder: Path, *arguments: str) -> tuple[str, list[tuple[str, int, str]]]:
    document = json.loads(diff(folder, "--format", "json", *arguments).stdout)
    places = [(each["path"], each["line"], each["form"]) for each in document["unread"]]
    return document["disruption"], places


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path, {"idms.yaml": OBJECT, "apply.sh": SCRIPT, "other.sh": SCRIPT})


def test_a_script_that_changes_makes_the_verdict_unknown(repo: Path) -> None:
    assert unread(repo) == ("none", [])
    write(repo, "apply.sh", text=OTHER)
    assert unread(repo) == ("unknown", [("apply.sh", 4, "shell-script")])
    done = diff(repo)
    assert done.code == 2
    assert "apply.sh:4: shell script" in done.stdout
    assert diff(repo, "--max-disruption", "unknown").code == 0


def test_it_is_the_same_between_revisions(repo: Path) -> None:
    write(repo, "apply.sh", text=OTHER)
    commit(at=repo)
    assert unread(repo, "HEAD~1", "HEAD") == ("unknown", [("apply.sh", 4, "shell-script")])
    assert unread(repo, "HEAD") == ("none", [])
    assert unread(repo, "HEAD~1") == ("unknown", [("apply.sh", 4, "shell-script")])


def test_policy_that_is_removed_or_added_counts_too(repo: Path) -> None:
    (repo / "apply.sh").unlink()
    assert unread(repo) == ("unknown", [("apply.sh", 4, "shell-script")])
    write(repo, "apply.sh", text="#!/bin/sh\n")
    assert unread(repo) == ("unknown", [("apply.sh", 4, "shell-script")])
    git("checkout", "-q", "apply.sh", at=repo)
    write(repo, "new.j2", text=f"{OBJECT}]\n")
    assert unread(repo) == ("unknown", [("new.j2", 2, "jinja-template")])


def test_documents_of_other_kinds_count_too(repo: Path) -> None:
    text = "kind: HostedCluster\nspec:\n  imageContentSources:\n  - source: quay.io/team\n"
    write(repo, "hosted.yaml", text=text)
    assert unread(repo)[0] == "unknown"


@pytest.mark.parametrize("name", ["README.md", "docs/a.sh", "tests/a.sh", "main.go"])
def test_what_is_passed_over_changes_nothing(repo: Path, name: str) -> None:
    write(repo, name, text=SCRIPT)
    assert unread(repo) == ("none", [])


def test_folders_are_compared_too(tmp_path: Path) -> None:
    for name, text in (("old", SCRIPT), ("new", OTHER)):
        write(tmp_path, f"{name}/apply.sh", text=text)
        write(tmp_path, f"{name}/same.sh", text=SCRIPT)
        write(tmp_path, f"{name}/idms.yaml", text=OBJECT)
    assert unread(tmp_path, "old", "new") == ("unknown", [("apply.sh", 4, "shell-script")])


def test_a_revision_and_a_folder_elsewhere_are_compared_too(repo: Path, tmp_path: Path) -> None:
    write(tmp_path, "copy/idms.yaml", text=OBJECT)
    write(tmp_path, "copy/other.sh", text=SCRIPT)
    write(tmp_path, "copy/apply.sh", text=OTHER)
    assert unread(repo, "HEAD", str(tmp_path / "copy")) == ("unknown", [("apply.sh", 4, "shell-script")])


def test_a_file_in_the_folder_of_a_cluster_concerns_that_cluster(tmp_path: Path) -> None:
    files = {
        ".mirrorc.yaml": CLUSTERS,
        "a/idms.yaml": OBJECT,
        "b/idms.yaml": OBJECT,
        "a/a.sh": SCRIPT,
        "all.sh": SCRIPT,
    }
    repo = repository(tmp_path, files)
    write(repo, "a/a.sh", text=OTHER)

    def verdicts() -> dict[str, str]:
        document = json.loads(diff(repo, "--format", "json").stdout)
        return {each["name"]: each["disruption"] for each in document["clusters"]}

    assert verdicts() == {"a": "unknown", "b": "none"}
    write(repo, "all.sh", text=OTHER)
    assert verdicts() == {"a": "unknown", "b": "unknown"}


def test_a_manifest_of_no_cluster_changes_nothing(tmp_path: Path) -> None:
    files = {".mirrorc.yaml": CLUSTERS, "a/idms.yaml": OBJECT, "b/idms.yaml": OBJECT, "c/idms.yaml": OBJECT}
    repo = repository(tmp_path, files)
    write(repo, "c/idms.yaml", text=OBJECT.replace("mirror.", "m2."))
    assert diff(repo).code == 0


def test_what_a_build_writes_changes_nothing(repo: Path) -> None:
    assert call_mirrorc("build", cwd=repo).code == 0
    assert unread(repo) == ("none", [])
    commit(at=repo)
    assert unread(repo, "HEAD~1", "HEAD") == ("none", [])
    write(repo, "rendered/mine.tf", text="x = <<EOF\n[[registry]]\nlocation =\nEOF\n")
    assert unread(repo) == ("unknown", [("rendered/mine.tf", 2, "terraform")])


def test_objects_of_one_name_make_the_verdict_unknown_where_one_changes(repo: Path) -> None:
    write(repo, "second.yaml", text=OBJECT.replace("quay.io/team", "quay.io/second"))
    commit(at=repo)
    assert unread(repo) == ("none", [])
    write(repo, "idms.yaml", text=f"# a comment\n{OBJECT}")
    disruption, places = unread(repo)
    assert disruption == "unknown"
    assert {form for _, _, form in places} == {"duplicate-object"}


def test_a_listing_hides_no_file_that_no_build_makes(repo: Path) -> None:
    write(repo, ".mirrorc-artifacts", text="".join(f"{'0' * 64}  {name}\n" for name in ("apply.sh", "other.sh")))
    write(repo, "apply.sh", text=OTHER)
    assert unread(repo) == ("unknown", [("apply.sh", 4, "shell-script")])
    commit(at=repo)
    assert unread(repo, "HEAD~1", "HEAD") == ("unknown", [("apply.sh", 4, "shell-script")])


@pytest.mark.parametrize("where", ["the working tree", ".", "its path", "a copy", "a copy for each cluster"])
def test_a_listing_in_a_repo_does_not_replace_its_manifests(where: str, tmp_path: Path) -> None:
    """What a build made of the old state, committed with the change: `diff` would compare that with the old state."""
    folder = repository(tmp_path, {"idms.yaml": OBJECT})
    place = folder / "default" if where.endswith("cluster") else folder
    assert call_mirrorc("build", "idms.yaml", "-o", str(place), cwd=folder).code == 0
    write(folder, "idms.yaml", text=OBJECT.replace("quay.io/team", "quay.io/other"))
    assert "quay.io/other" in (folder / "idms.yaml").read_text()
    if where.endswith("cluster"):
        write(folder, ".mirrorc.yaml", text="version: 1\nclusters: [{name: default, paths: [idms.yaml]}]\n")
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".git"))
    git("checkout", "-q", "--", ".", at=folder) if where.startswith("a copy") else None
    named = {"the working tree": [], ".": ["."], "its path": [str(folder)]}.get(where, [str(copy)])
    done = diff(folder, "HEAD", *named)
    if where == "a copy":
        assert (done.code, "contains both what a build wrote and" in done.stderr) == (2, True)
    else:
        assert "drain   master, worker" in done.stdout, done.stdout + done.stderr
