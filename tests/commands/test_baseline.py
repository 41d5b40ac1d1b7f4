"""`mirrorc check --write-baseline`, `--baseline` and `baseline` in the configuration: only what is new is reported."""

import json
import os
from pathlib import Path

import pytest

from compiler.reporters import FORMATS
from tests.command import Done, flat, run_mirrorc
from tests.conformance import Json, as_list, as_object
from tests.repositories import git, write

OLD = """\
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata: {name: old}
spec:
  repositoryDigestMirrors:
  - source: quay.io/old
    mirrors: [m.local/old]
"""
HEAD = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: wrong}
spec:
  imageDigestMirrors:
"""
RULE = """\
  - source: quay.io/wrong
    mirrors: [m.local/wrong]
"""
WRONG = HEAD + RULE + "    mirorSourcePolicy: AllowContactingSource\n"
NEW = WRONG.replace("wrong", "new").replace("mirorSourcePolicy", "mirrorSourcePolice")
BASE = "base.json"


@pytest.fixture
def repo(folder: Path) -> Path:
    """A repo with a warning in one file and an error in another."""
    git("init", "-q", at=folder)
    write(folder, "old.yaml", text=OLD)
    write(folder, "sub/wrong.yaml", text=WRONG)
    return folder


def entries(repo: Path) -> list[dict[str, Json]]:
    document = as_object(json.loads((repo / BASE).read_text()))
    return [as_object(each) for each in as_list(document["findings"])]


def accept(repo: Path) -> None:
    done = run_mirrorc("check", "--write-baseline", BASE, cwd=repo)
    assert done.code == 0, done


def check(repo: Path, *arguments: str) -> Done:
    return run_mirrorc("check", "--baseline", BASE, *arguments, cwd=repo)


# --- The file ------------------------------------------------------------------------


def test_what_is_written_is_sorted_and_the_same_from_every_folder(repo: Path) -> None:
    done = run_mirrorc("check", "--write-baseline", BASE, cwd=repo)
    assert (done.code, done.stdout) == (0, "")
    assert "2 findings written to base.json" in done.stderr
    assert "no findings in 2 files; 2 hidden by the baseline" in done.stderr
    written = (repo / BASE).read_bytes()
    assert json.loads(written)["version"] == 1
    assert [(each["path"], each["rule"]) for each in entries(repo)] == [
        ("old.yaml", "deprecated-kind"),
        ("sub/wrong.yaml", "unknown-field"),
    ]
    assert all(set(each) == {"rule", "path", "message", "fingerprint"} for each in entries(repo))
    assert run_mirrorc("check", "..", "--write-baseline", "../again.json", cwd=repo / "sub").code == 0
    assert (repo / "again.json").read_bytes() == written


def test_it_goes_with_no_option_that_reports_less(repo: Path) -> None:
    for arguments in (("--baseline", BASE), ("--fix",), ("--diff",)):
        done = run_mirrorc("check", "--write-baseline", BASE, *arguments, cwd=repo)
        assert done.code == 2
        assert "--write-baseline writes all findings" in done.stderr
    assert run_mirrorc("check", "--write-baseline", "-", cwd=repo).code == 2
    assert not (repo / BASE).exists()


def test_none_is_written_where_a_path_cannot_be_read(repo: Path) -> None:
    done = run_mirrorc("check", "old.yaml", "nowhere", "--write-baseline", BASE, cwd=repo)
    assert done.code == 2
    assert "error[unreadable-file]" in done.stdout
    assert "no baseline was written" in done.stderr
    assert not (repo / BASE).exists()


def test_a_baseline_is_written_through_no_link(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("kept")
    (repo / BASE).symlink_to(other)
    done = run_mirrorc("check", "--write-baseline", BASE, cwd=repo)
    assert done.code == 2
    assert "is a link" in done.stderr
    assert other.read_text() == "kept"


# --- What is new ---------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_only_what_is_new(name: str, repo: Path) -> None:
    accept(repo)
    quiet = check(repo, "--format", name)
    assert quiet.code == 0
    assert "unknown-field" not in quiet.stdout.replace('"id": "unknown-field"', "").replace("#unknown-field", "") or (
        name == "sarif" and json.loads(quiet.stdout)["runs"][0]["results"] == []
    )
    write(repo, "sub/new.yaml", text=NEW)
    loud = check(repo, "--format", name)
    assert loud.code == 1
    assert "mirrorSourcePolice" in loud.stdout
    assert "mirorSourcePolicy" not in loud.stdout
    assert "1 error in 3 files; 2 hidden by the baseline" in loud.stderr


def test_lines_may_move_and_folders_change(repo: Path) -> None:
    accept(repo)
    write(repo, "sub/wrong.yaml", text="# one\n# two\n" + WRONG)
    done = run_mirrorc("check", "--baseline", f"../{BASE}", cwd=repo / "sub")
    assert (done.code, done.stdout) == (0, "")
    assert "no longer" not in done.stderr  # the other file was not looked at
    assert "1 hidden by the baseline" in done.stderr


def test_a_further_place_of_a_finding_is_new_by_itself(repo: Path) -> None:
    write(repo, "sub/wrong.yaml", text=HEAD + RULE * 3)
    accept(repo)
    assert [each["rule"] for each in entries(repo)].count("repeated-rule") == 2
    write(repo, "sub/wrong.yaml", text=HEAD + RULE * 5)
    (finding,) = as_list(json.loads(check(repo, "--format", "json").stdout)["diagnostics"])
    assert as_object(finding)["count"] == 2
    assert as_object(finding)["line"] == 12
    write(repo, "sub/wrong.yaml", text=HEAD + RULE * 4)
    assert "twice" in flat(check(repo).stdout)


def test_places_that_are_not_listed_are_counted(repo: Path) -> None:
    write(repo, "sub/wrong.yaml", text=HEAD + RULE * 1_200)
    accept(repo)
    assert [each.get("count") for each in entries(repo) if "count" in each] == [200]
    done = check(repo)
    assert (done.code, done.stdout) == (0, "")
    assert "1200 hidden by the baseline" in done.stderr
    write(repo, "sub/wrong.yaml", text=HEAD + RULE * 1_201)
    assert "1200 rules" in flat(check(repo).stdout)


def test_fingerprints_are_the_same_with_a_baseline_and_without(repo: Path) -> None:
    write(repo, "sub/wrong.yaml", text=HEAD + RULE * 2)
    accept(repo)
    write(repo, "sub/wrong.yaml", text=HEAD + RULE * 3)
    (finding,) = as_list(json.loads(check(repo, "--format", "json").stdout)["diagnostics"])
    known = {each["fingerprint"] for each in entries(repo)}
    assert as_object(finding)["fingerprint"] not in known


def test_strict_fails_for_new_warnings_alone(repo: Path) -> None:
    accept(repo)
    assert check(repo, "--strict").code == 0
    write(repo, "new.yaml", text=OLD.replace("old", "new"))
    assert check(repo, "--strict").code == 1


def test_a_file_that_cannot_be_read_is_never_hidden(repo: Path) -> None:
    accept(repo)
    done = check(repo, "old.yaml", "nowhere")
    assert done.code == 2
    assert "error[unreadable-file]" in done.stdout
    assert "no longer" not in done.stderr


# --- What no longer matches ----------------------------------------------------------


def test_entries_that_match_nothing_are_reported_and_fail_no_run(repo: Path) -> None:
    accept(repo)
    (repo / "old.yaml").unlink()
    done = check(repo, "--format", "json")
    assert done.code == 0
    assert "1 entry of base.json no longer matches a finding" in done.stderr
    assert "old.yaml: deprecated-kind" in done.stderr
    baseline = as_object(json.loads(done.stdout)["baseline"])
    assert (baseline["path"], baseline["hidden"]) == (BASE, 1)
    assert [as_object(each)["path"] for each in as_list(baseline["stale"])] == ["old.yaml"]
    accept(repo)
    assert "no longer" not in check(repo).stderr


def test_a_file_that_is_broken_now_makes_no_entry_stale(repo: Path) -> None:
    accept(repo)
    write(repo, "sub/wrong.yaml", text=WRONG + "  - {\n")
    done = check(repo)
    assert done.code == 1
    assert "no longer" not in done.stderr


# --- The configuration ---------------------------------------------------------------


def configure(repo: Path, text: str = BASE) -> None:
    write(repo, ".mirrorc.yaml", text=f"version: 1\nbaseline: {text}\n")


def test_the_configuration_names_it_for_every_folder(repo: Path) -> None:
    accept(repo)
    configure(repo)
    for cwd, hidden in ((repo, 2), (repo / "sub", 1)):
        done = run_mirrorc("check", cwd=cwd)
        assert (done.code, done.stdout) == (0, "")
        assert done.stderr.endswith(f"; {hidden} hidden by the baseline\n")
    write(repo, "empty.json", text='{"version": 1, "findings": []}')
    assert run_mirrorc("check", "--baseline", "empty.json", cwd=repo).code == 1


def test_one_cluster_of_several_judges_only_what_it_reads(repo: Path) -> None:
    clusters = "clusters: [{name: north, paths: [old.yaml]}, {name: south, paths: [sub]}]"
    write(repo, ".mirrorc.yaml", text=f"version: 1\nbaseline: {BASE}\n{clusters}\n")
    accept(repo)
    write(repo, "sub/wrong.yaml", text=HEAD + RULE)
    north = run_mirrorc("check", "--cluster", "north", cwd=repo)
    assert (north.code, north.stdout) == (0, "")
    assert "no longer" not in north.stderr
    for arguments in ((), ("--cluster", "south")):
        assert "1 entry of base.json no longer matches" in run_mirrorc("check", *arguments, cwd=repo).stderr
    write(repo, "sub/wrong.yaml", text=NEW)
    both = run_mirrorc("check", cwd=repo)
    assert both.code == 1
    assert both.stdout.startswith("In south:")
    assert "north" not in both.stdout


def test_a_build_with_checks_heeds_it_but_for_what_stops_the_build(repo: Path) -> None:
    accept(repo)
    configure(repo)
    done = run_mirrorc("build", "--with-checks", "-o", "out", cwd=repo)
    assert done.code == 1
    assert "error[unknown-field]" in done.stderr
    assert "deprecated-kind" not in done.stderr
    assert "1 finding hidden by the baseline" in done.stderr
    (repo / "sub/wrong.yaml").unlink()
    done = run_mirrorc("build", "--with-checks", "-o", "out", cwd=repo)
    assert done.code == 0
    assert "unknown-field" in done.stderr.partition("no longer matches")[2]


@pytest.mark.parametrize("path", ["../base.json", "/etc/passwd", ""])
def test_a_path_out_of_the_folder_is_a_mistake(path: str, repo: Path) -> None:
    configure(repo, json.dumps(path))
    done = run_mirrorc("check", cwd=repo)
    assert done.code == 2
    assert ".mirrorc.yaml:2:11: error[invalid-config]" in done.stdout


def test_a_configured_baseline_stays_in_the_repo(repo: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text('{"version": 1, "findings": "secret"}')
    (repo / BASE).symlink_to(outside)
    configure(repo)
    done = run_mirrorc("check", cwd=repo)
    assert done.code == 2
    assert ".mirrorc.yaml:2:11: the baseline base.json is a link that leaves the tree" in done.stderr
    assert "findings" not in done.stderr


# --- Files that are none -------------------------------------------------------------

ENTRY = '{"rule": "a", "path": "b", "message": "c", "fingerprint": "d"}'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1:1: the baseline cannot be used: the file ends before the JSON value does"),
        ("{\n]", "2:1: the baseline cannot be used: expected a key in double quotes"),
        ("[]", "1:1: the baseline cannot be used: expected an object, found a list"),
        ("{}", "1:1: the baseline cannot be used: the baseline has no `version`"),
        ('{"version": 2}', "1:13: the baseline cannot be used: this version of the baseline is unknown"),
        ('{"version": "1"}', "1:13: the baseline cannot be used: this version of the baseline is unknown"),
        ('{"version": 1}', "1:1: the baseline cannot be used: the baseline has no `findings`"),
        ('{"version": 1, "findings": {}}', "1:1: the baseline cannot be used: `findings` is not a list"),
        ('{"version": 1, "findings": [\n3]}', "2:1: the baseline cannot be used: expected an object"),
        ('{"version": 1, "findings": [\n{}]}', "2:1: the baseline cannot be used: the entry has no `path`"),
        (
            '{"version": 1, "findings": [\n{"path": "b", "rule": 3}]}',
            "2:23: the baseline cannot be used: `rule` is not a string",
        ),
        (
            f'{{"version": 1, "findings": [{ENTRY},\n{ENTRY}]}}',
            "2:1: the baseline cannot be used: the fingerprint `d` appears twice",
        ),
        (
            f'{{"version": 1, "findings": [\n{ENTRY[:-1]}, "count": -1}}]}}',
            "2:73: the baseline cannot be used: `count` is not a number of places",
        ),
        ("[" * 100_000, "the baseline cannot be used: collections are nested more than 200 deep"),
    ],
)
def test_what_is_wrong_with_it_has_its_place(text: str, told: str, repo: Path) -> None:
    write(repo, BASE, text=text)
    done = check(repo)
    assert (done.code, done.stdout) == (2, "")
    assert f"mirrorc: {BASE}:" in done.stderr
    assert told in done.stderr


def test_one_that_is_no_file_is_an_error(repo: Path) -> None:
    assert "the baseline base.json does not exist" in check(repo).stderr
    os.mkfifo(repo / BASE)
    done = check(repo)
    assert done.code == 2
    assert "the baseline base.json is a named pipe" in done.stderr
    (repo / BASE).unlink()
    (repo / BASE).write_bytes(b"\xff\xfe\xff")
    assert check(repo).code == 2


def test_a_baseline_has_a_limit(repo: Path) -> None:
    (repo / BASE).write_bytes(b" " * (16 * 1024 * 1024 + 1))
    done = check(repo)
    assert done.code == 2
    assert "the baseline base.json is larger than" in done.stderr
