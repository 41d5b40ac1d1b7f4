"""`--format FORMAT[=FILE]` and `-o`: which reports a run makes, and where each goes."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.command import Done
from tests.command import run_mirrorc as run_at
from tests.manifest_texts import mirror_set
from tests.repositories import write

CHECKING = ("check", "images", "diff", "explain", "rules")


def run_mirrorc(*arguments: str, env: Mapping[str, str] | None = None) -> Done:
    """Run it in the current folder."""
    return run_at(*arguments, cwd=Path.cwd(), env=env)


@pytest.fixture
def broken(folder: Path) -> Path:
    """A manifest with one error."""
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/a": ["BAD.example.com/X"]}))
    return folder


@pytest.mark.usefixtures("broken")
def test_a_format_s_name_after_o_is_the_format() -> None:
    done = run_mirrorc("check", "-o", "json")
    assert done.code == 1
    assert json.loads(done.stdout)["summary"]["errors"] == 1


def test_a_path_of_the_same_name_is_a_file(broken: Path) -> None:
    done = run_mirrorc("check", "-o", "./json")
    assert (done.code, done.stdout) == (1, "")
    assert "invalid-scope" in (broken / "json").read_text()


def test_one_run_makes_several_reports(broken: Path) -> None:
    done = run_mirrorc("check", "--format", "sarif=out.sarif", "--format", "json=out.json", "--format", "github")
    assert done.code == 1
    assert done.stdout.startswith("::error title=mirrorc%3A invalid-scope,")
    assert json.loads((broken / "out.sarif").read_text())["version"] == "2.1.0"
    assert json.loads((broken / "out.json").read_text())["summary"]["errors"] == 1


def test_reports_are_the_same_alone_and_together(broken: Path) -> None:
    run_mirrorc("check", "--format", "sarif=a", "--format", "junit=b", "--format", "gitlab")
    for format_, name in (("sarif", "a"), ("junit", "b")):
        assert run_mirrorc("check", "--format", format_).stdout == (broken / name).read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "json", "--format", "text"], "Two reports would be written to standard output"),
        (["--format", "json=a", "--format", "text=a"], "Two reports would be written to `a`"),
        (["--format", "jsn"], "`jsn` is not a format: did you mean `json`?"),
        (["--format", "json="], "names no file after `=`"),
        (["--format", "json", "--format", "text", "-o", "f"], "-o f needs one format without a file"),
        (["-o", ""], "-o needs the name of a file"),
    ],
)
@pytest.mark.usefixtures("broken")
def test_what_cannot_be_meant_is_refused(arguments: list[str], message: str) -> None:
    done = run_mirrorc("check", *arguments)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr


@pytest.mark.parametrize("command", CHECKING)
def test_every_report_takes_both(command: str, broken: Path) -> None:
    arguments = {"explain": ["quay.io/a/x:1"], "diff": ["a.yaml", "a.yaml"]}.get(command, [])
    (broken / "a.yaml").write_text(mirror_set("a", {"quay.io/a": ["m.example.com/x"]}))
    both = run_mirrorc(command, *arguments, "-o", "json", "--format", "text=t")
    assert both.stdout == run_mirrorc(command, *arguments, "--format", "json").stdout
    assert (broken / "t").read_text() == run_mirrorc(command, *arguments, "--format", "text").stdout
    json.loads(both.stdout)


@pytest.mark.usefixtures("broken")
def test_concise_is_a_line_for_each_finding() -> None:
    done = run_mirrorc("check", "-o", "concise")
    (line,) = done.stdout.splitlines()
    assert line.startswith("a.yaml:9:7: error[invalid-scope] `BAD")


@pytest.mark.usefixtures("broken")
def test_statistics_count_by_rule() -> None:
    done = run_mirrorc("check", "--statistics")
    assert (done.code, done.stdout) == (1, "1  error  invalid-scope\n")
    done = run_mirrorc("check", "--statistics", "-o", "json")
    assert json.loads(done.stdout) == [{"rule": "invalid-scope", "severity": "error", "count": 1}]
    assert run_mirrorc("check", "--statistics", "-o", "sarif").code == 2
