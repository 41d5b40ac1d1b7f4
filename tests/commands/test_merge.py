"""`mirrorc merge`: what is written, reported and refused."""

from pathlib import Path

import pytest

from compiler import compile_paths
from tests.command import call_mirrorc, run_mirrorc, tree
from tests.conformance import as_object, as_text, objects, recordings

IDMS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {{name: idms-generic-0}}
spec:
  imageDigestMirrors:
  - source: {source}
    mirrors: [m.example.com/x]
"""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for name, source in (("one", "quay.io/a"), ("two", "quay.io")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "idms-oc-mirror.yaml").write_text(IDMS.format(source=source))
    return tmp_path


def test_recorded_series_compile_to_all_runs_together(tmp_path: Path) -> None:
    for line in list(recordings("ocmirror"))[::8]:
        folders = []
        for number, run in enumerate(objects(line, "runs")):
            folder = tmp_path / as_text(line["id"]) / str(number)
            folder.mkdir(parents=True)
            for name, content in as_object(run["files"]).items():
                (folder / name).write_text(as_text(content))
            if tree(folder):
                folders.append(folder)
        out = tmp_path / f"out-{line['id']}"
        done = call_mirrorc("merge", *folders, "-o", out)
        assert done.code == 0, done.stderr
        made = compile_paths([str(out)], payload_policy="none", severities={"order-conflict": "warning"})
        recorded = as_object(line["all_runs_together"])["registries_conf"]
        assert made.files["registries.conf"].decode() == recorded, line["id"]


def test_what_each_run_adds_and_the_newest_would_lose_is_reported(runs: Path) -> None:
    done = run_mirrorc("merge", "one", "two", "-o", "out", cwd=runs)
    assert done.code == 0
    assert "one: adds 1 source" in done.stderr
    assert "two alone would lose 1 source: `quay.io/a`" in done.stderr
    assert "`quay.io` redirects every image of the registry" in done.stderr
    before = tree(runs / "out")
    again = run_mirrorc("merge", "out", "two", "-o", "out", cwd=runs)
    assert (again.code, tree(runs / "out")) == (0, before)
    assert "nodes: none" in again.stderr


def test_removing_a_source_is_judged(runs: Path) -> None:
    assert run_mirrorc("merge", "one", "two", "-o", "out", cwd=runs).code == 0
    assert "nodes: drain" in run_mirrorc("merge", "two", "-o", "out", cwd=runs).stderr


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (IDMS.format(source='""'), 1, "the API server would refuse"),
        ("kind: X\nmetadata: {name: ../x}\n", 1, "has no valid name"),
        ("a: 1\n", 2, "the runs contain no objects"),
    ],
)
def test_nothing_is_written_where_the_runs_are_wrong(text: str, code: int, message: str, runs: Path) -> None:
    (runs / "one" / "idms-oc-mirror.yaml").write_text(text)
    done = run_mirrorc("merge", "one", "-o", "out", cwd=runs)
    assert done.code == code
    assert message in done.stderr
    assert not (runs / "out").exists()


def test_an_object_is_not_written_a_second_time(runs: Path) -> None:
    (runs / "out").mkdir()
    (runs / "out" / "other.yaml").write_text(IDMS.format(source="quay.io/b"))
    done = run_mirrorc("merge", "one", "-o", "out", cwd=runs)
    assert done.code == 2
    assert "would be written a second time" in done.stderr
    assert list(tree(runs / "out")) == ["other.yaml"]


def test_a_run_is_added_to_what_is_in_git(runs: Path) -> None:
    (runs / "git" / "north").mkdir(parents=True)
    ours = "# ours\r\n" + IDMS.format(source="quay.io/a").replace("idms-generic-0", "ours").replace("\n", "\r\n")
    (runs / "git" / "north" / "a.yaml").write_bytes(ours.encode())
    done = run_mirrorc("merge", "one", "two", "--into", "git", cwd=runs)
    assert done.code == 0, done.stderr
    assert "nodes: reload" in done.stderr
    assert "git/north/a.yaml: changed" in done.stderr
    added = "  - source: quay.io\r\n    mirrors:\r\n    - m.example.com/x\r\n"
    first = "  - source: quay.io/a"
    assert tree(runs / "git") == {"north/a.yaml": ours.replace(first, added + first).encode()}
    before = tree(runs / "git")
    again = run_mirrorc("merge", "one", "two", "--into", "git", cwd=runs)
    assert (again.code, tree(runs / "git")) == (0, before)
    assert "git has everything already" in again.stderr


@pytest.mark.parametrize("arguments", [[], ["-o", "out", "--into", "one"], ["--into", "nowhere"]])
def test_there_is_one_place_to_write_to(arguments: list[str], runs: Path) -> None:
    before = tree(runs)
    assert run_mirrorc("merge", "one", *arguments, cwd=runs).code == 2
    assert tree(runs) == before
