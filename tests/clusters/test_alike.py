"""Clusters that are alike cost what one costs, and what clusters multiply to has limits that say so."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.clusters import multiplied
from compiler.clusters.alike import alike, grouped, kind_of
from compiler.clusters.cluster import Cluster
from compiler.commands import explain
from compiler.images import survey
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import Parsed
from compiler.policy.settings import DROP_IN, Settings
from compiler.reporters.diff import json as diff_json
from compiler.reporters.images import json as images_json
from compiler.text.span import File
from tests.command import Done, call_mirrorc
from tests.manifest_texts import mirror_set
from tests.repositories import write

NAMES = [f"c{number}" for number in range(40)]
POD = "---\nkind: Pod\nspec: {containers: [{image: quay.io/a/%d:1}]}\n"


@pytest.fixture
def farm(folder: Path) -> Path:
    """Clusters that are alike, and two that are not."""
    write(folder, "m.yaml", text=mirror_set("a", {"quay.io/a": ["m.example.com/a"]}))
    write(folder, "own.yaml", text=mirror_set("b", {"quay.io/b": ["m.example.com/b"]}))
    write(folder, "pods.yaml", text="".join(POD % number for number in range(5)))
    clusters = [f"- {{name: {name}, paths: [m.yaml]}}\n" for name in NAMES]
    clusters += ["- {name: d1, paths: [m.yaml, own.yaml]}\n", "- {name: d2, paths: [m.yaml], release: '4.18'}\n"]
    write(folder, ".mirrorc.yaml", text=f"version: 1\nclusters:\n{''.join(clusters)}")
    return folder


def refused(done: Done, words: str) -> bool:
    return done.code == 2 and words in done.stderr and "--no-limits" in done.stderr and not done.stdout


def test_clusters_are_alike_by_their_files_and_settings() -> None:
    one, other = Loaded(), Loaded()
    assert kind_of(Settings(), one) == kind_of(Settings(), other)
    assert kind_of(Settings(), one) != kind_of(Settings(namespace="x"), one)
    assert grouped([("a", 1), ("b", 2), ("a", 3)]) == [[1, 3], [2]]


def test_a_report_names_every_cluster(farm: Path) -> None:
    page = call_mirrorc("report", cwd=farm).stdout
    assert all(name in page for name in (*NAMES, "d1", "d2"))


def test_images_are_judged_in_every_cluster(farm: Path) -> None:
    images = json.loads(call_mirrorc("images", "--format", "json", cwd=farm).stdout)["images"]
    for image in images:
        assert {name for each in image["standings"] for name in each["clusters"]} == {*NAMES, "d1", "d2"}


@pytest.mark.parametrize(
    ("command", "limit"),
    [
        (("report",), "_MOST_WORKED_OUT"),
        (("images",), "_MOST_COMPILED"),
        (("explain", "quay.io/a/b:1"), "_MOST_COMPILED"),
    ],
)
def test_clusters_times_rules_have_a_limit(
    farm: Path, command: tuple[str, ...], limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multiplied, limit, -60)
    assert refused(call_mirrorc(*command, cwd=farm), "rules, mirrors and scopes to ")
    assert call_mirrorc(*command, "--no-limits", cwd=farm).code == 0


@pytest.mark.parametrize("command", ["report", "images"])
def test_clusters_times_images_have_a_limit(farm: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "_MOST_PULLS", 1)
    assert refused(call_mirrorc(command, cwd=farm), "5 images in ")
    assert call_mirrorc(command, "--no-limits", cwd=farm).code == 0


def test_names_of_clusters_of_images_have_a_limit(farm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images_json, "_MOST_NAMED", 100)
    monkeypatch.setattr(images_json, "_PER_IMAGE", 1)
    assert refused(call_mirrorc("images", "--format", "json", cwd=farm), "the JSON of 5 images")
    assert call_mirrorc("images", cwd=farm).code == 0


def test_attempts_of_images_in_clusters_have_a_limit_in_json(farm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images_json, "_MOST_PULLS", 1)
    assert refused(call_mirrorc("images", "--format", "json", cwd=farm), "the JSON of 5 images in 3 clusters")
    assert call_mirrorc("images", cwd=farm).code == 0


def test_clusters_with_other_sources_count_for_more(farm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = call_mirrorc("images", cwd=farm).stdout
    monkeypatch.setattr(survey, "_PER_IMAGE", 0)
    monkeypatch.setattr(survey, "_MOST_PULLS", 15)
    monkeypatch.setattr(survey, "_OTHER_SOURCES", 0)
    assert call_mirrorc("images", cwd=farm).stdout == images
    monkeypatch.setattr(survey, "_OTHER_SOURCES", 1)
    assert refused(call_mirrorc("images", cwd=farm), "5 images in 3 clusters that differ are 15 pulls, more than ")


@pytest.mark.parametrize("form", ["text", "json"])
def test_clusters_times_pull_specs_have_a_limit(farm: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "_MOST_STEPS", 10)
    monkeypatch.setattr(explain, "_PER_STEP", 0)
    command = ("explain", "quay.io/a/b:1", "quay.io/a/c:1", "-o", form)
    assert refused(call_mirrorc(*command, cwd=farm), "2 pull specs in 42 clusters make more than 10 attempts")
    assert call_mirrorc(*command, "--no-limits", cwd=farm).code == 0


def test_clusters_times_changes_have_a_limit(farm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for side in ("old", "new"):
        write(farm, f"{side}/m.yaml", text=mirror_set("a", {"quay.io/a": [f"{side}.example.com/a"]}))
        write(farm, f"{side}/own.yaml", text=mirror_set("b", {"quay.io/b": ["m.example.com/b"]}))
    every = json.loads(call_mirrorc("diff", "old", "new", "--format", "json", cwd=farm).stdout)["clusters"]
    assert [each["name"] for each in every[:40]] == NAMES
    assert every[0]["changes"] == every[39]["changes"] != []
    steps = json.loads(call_mirrorc("plan", "old", "new", "--format", "json", cwd=farm).stdout)["steps"]
    assert list(steps[0]["clusters"])[:40] == NAMES
    monkeypatch.setattr(diff_json, "_MOST_ROWS", 10)
    assert refused(call_mirrorc("diff", "old", "new", "--format", "json", cwd=farm), "the JSON of 42 clusters")
    assert call_mirrorc("diff", "old", "new", cwd=farm).code == 1


ONE, OTHER = Parsed(File("a.yaml", "")), Parsed(File("a.yaml", ""))


def cluster(name: str, **settings: object) -> Cluster:
    return Cluster(name=name, settings=replace(Settings(), **settings))  # type: ignore[arg-type]  # as the test has them


def test_clusters_with_the_same_files_and_settings_are_alike() -> None:
    work = [
        (cluster("a"), Loaded(parsed=(ONE,))),
        (cluster("b"), Loaded(parsed=(OTHER,))),
        (cluster("c"), Loaded(parsed=(ONE,))),
    ]
    assert alike(work) == [[0, 2], [1]]


def test_each_setting_that_an_analysis_sees_makes_a_difference() -> None:
    loaded = Loaded(parsed=(ONE,))
    changed: list[dict[str, object]] = [
        {"pools": ("worker",)},
        {"release_image": "quay.io/a:1"},
        {"severities": {"order-conflict": "note"}},
        {"machine_config": DROP_IN},
        {"namespace": "n"},
        {"allow_empty": True},
    ]
    work = [(cluster("a"), loaded), *((cluster(str(number), **each), loaded) for number, each in enumerate(changed))]
    assert alike(work) == [[number] for number in range(len(changed) + 1)]
