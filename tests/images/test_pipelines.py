"""Images of bundles and the mirror set of a Konflux pipeline."""

import json
from pathlib import Path

import pytest

from compiler.images.pipelines import MOST_MIRRORS, PipelineMirrors, affordable_mirrors
from compiler.repository.paths import Problem
from compiler.text.span import File
from tests.command import run_mirrorc

DIGEST = "@sha256:" + "5d" * 32
SET = PipelineMirrors(
    "",
    (
        ("registry.redhat.io/demo/agent", ("quay.io/t/z-agent", "quay.io/t/agent")),
        ("registry.redhat.io/demo", ("quay.io/t/demo",)),
        ("registry.redhat.io", ("m.example.com",)),
        ("h.example.com:5000/ns", ("m.example.com:8443/ns",)),
    ),
)


@pytest.mark.parametrize(
    ("image", "locations"),
    [
        (f"registry.redhat.io/demo/agent{DIGEST}", [f"quay.io/t/agent{DIGEST}", f"quay.io/t/z-agent{DIGEST}"]),
        (f"registry.redhat.io/demo/other{DIGEST}", [f"quay.io/t/demo/other{DIGEST}"]),
        (f"registry.redhat.io/demo/sub/x{DIGEST}", [f"m.example.com/demo/sub/x{DIGEST}"]),
        ("registry.redhat.io/demox/a:1", ["m.example.com/demox/a:1"]),
        ("quay.io/demo/agent:1", []),
        # Everything from the first `:` on is taken for the tag.
        (f"h.example.com:5000/ns/app{DIGEST}", [f"m.example.com:8443/ns/app:5000/ns/app{DIGEST}"]),
    ],
)
def test_what_a_rule_is_for(image: str, locations: list[str]) -> None:
    assert list(SET.locations(image)) == locations


def test_very_many_mirrors_of_one_source_are_a_problem() -> None:
    rule = "  - source: a.io/b\n    mirrors: [{}]\n"

    def read(count: int) -> object:
        rules = "".join(rule.format(", ".join(f"m{n}.io" for n in range(count // 2))) for _ in range(2))
        return affordable_mirrors(File(".tekton/images-mirror-set.yaml", f"spec:\n  imageDigestMirrors:\n{rules}"))

    assert isinstance(read(MOST_MIRRORS), PipelineMirrors)
    problem = read(MOST_MIRRORS + 2)
    assert isinstance(problem, Problem)
    assert "--no-limits" in (problem.help or "")


def test_images_of_bundles_show_where_the_pipeline_looks(tmp_path: Path) -> None:
    (tmp_path / ".tekton").mkdir()
    (tmp_path / ".tekton/images-mirror-set.yaml").write_text(
        "kind: Anything\nspec:\n  imageDigestMirrors:\n  - source: registry.redhat.io/demo/agent\n"
        "    mirrors: [quay.io/t/agent]\n",
        encoding="utf-8",
    )
    (tmp_path / "catalog.yaml").write_text(
        "schema: olm.bundle\nname: demo.v1\nimage: quay.io/demo/bundle:1\nrelatedImages:\n"
        f"- name: a\n  image: registry.redhat.io/demo/agent{DIGEST}\n",
        encoding="utf-8",
    )
    (tmp_path / "pod.yaml").write_text(
        f"kind: Pod\nspec:\n  containers:\n  - image: registry.redhat.io/demo/agent{DIGEST[:-1]}0\n", encoding="utf-8"
    )
    report = json.loads(run_mirrorc("images", "--format", "json", cwd=tmp_path).stdout)
    assert {each["image"]: (each["status"], each.get("pipeline")) for each in report["images"]} == {
        "quay.io/demo/bundle:1": ("not-mirrored", None),
        f"registry.redhat.io/demo/agent{DIGEST}": ("not-mirrored", [f"quay.io/t/agent{DIGEST}"]),
        f"registry.redhat.io/demo/agent{DIGEST[:-1]}0": ("not-mirrored", None),
    }
    shown = " ".join(run_mirrorc("images", cwd=tmp_path).stdout.split())
    assert "Konflux pipelines look at quay.io/t/agent@sha256:" in shown
