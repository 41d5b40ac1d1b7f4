"""Clusters of which everything is the same but the name and the place."""

from dataclasses import replace

from compiler.clusters.alike import alike
from compiler.clusters.cluster import Cluster
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import Parsed
from compiler.policy.settings import DROP_IN, Settings
from compiler.text.span import File

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
