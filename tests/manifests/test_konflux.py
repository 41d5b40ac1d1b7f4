"""The mirror set of a Konflux pipeline is part of no cluster, and has its own rules."""

from pathlib import Path

import pytest

from compiler.manifests.konflux import is_konflux, read_konflux
from compiler.text.span import File
from tests.command import run_mirrorc

HEAD = """\
apiVersion: operator.openshift.io/v1alpha1
kind: ImageDigestMirrorSet
metadata: {name: mirrors}
spec:
  imageDigestMirrors:
"""


def messages(rules: str) -> list[tuple[str, str]]:
    parsed = read_konflux(File(".tekton/images-mirror-set.yaml", HEAD + rules))
    assert parsed.manifests == ()
    return [(finding.message, str(finding.span).partition(":")[2]) for finding in parsed.diagnostics]


def test_the_api_group_does_not_matter() -> None:
    assert messages("    - {source: registry.redhat.io/acme, mirrors: [quay.io/redhat-user-workloads/acme]}\n") == []


@pytest.mark.parametrize(
    ("rule", "message", "place"),
    [
        ("source: a.io/b", "the entry has no mirrors, which stops the task", "6:16"),
        ("source: a.io/b, mirrors: []", "the entry has no mirrors, which stops the task", "6:33"),
        (
            "source: a.io/b:1, mirrors: [c.io]",
            "no image has the repository `a.io/b:1`, so the entry is never used",
            "6:16",
        ),
        (
            "source: '*.a.io', mirrors: [c.io]",
            "no image has the repository `*.a.io`, so the entry is never used",
            "6:16",
        ),
        (
            "source: a.io, mirrors: [c.io], mirrorSourcePolicy: NeverContactSource",
            "a Konflux pipeline does not read `mirrorSourcePolicy`: it asks the source first",
            "6:39",
        ),
    ],
)
def test_what_the_pipeline_does_not_do(rule: str, message: str, place: str) -> None:
    assert messages(f"    - {{{rule}}}\n") == [(message, place)]


def test_other_lists_are_not_read() -> None:
    assert messages("  imageTagMirrors: [{source: a.io, mirrors: [b.io]}]\n") == [
        ("a Konflux pipeline does not read `imageTagMirrors`", "6:3")
    ]


def test_a_large_file_is_a_hint() -> None:
    (large,) = messages("    - {source: a.io, mirrors: [b.io]}\n" + "#" * 4096 + "\n")
    assert large[0] == "the file has 4096 bytes or more, which deploy-fbc-operator 0.1 cannot pass on"


@pytest.mark.parametrize("path", ["images-mirror-set.yaml", "x.tekton/images-mirror-set.yaml", ".tekton/other.yaml"])
def test_other_files(path: str) -> None:
    assert not is_konflux(path)


def test_it_is_part_of_no_cluster(tmp_path: Path) -> None:
    (tmp_path / ".tekton").mkdir()
    text = HEAD.replace("operator.openshift.io/v1alpha1", "config.openshift.io/v1")
    text += "    - {source: quay.io/a, mirrors: [m.example.com/a]}\n"
    (tmp_path / ".tekton/images-mirror-set.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "pod.yaml").write_text(
        f"kind: Pod\nspec: {{containers: [{{image: 'quay.io/a/b@sha256:{'0' * 64}'}}]}}\n", encoding="utf-8"
    )
    assert run_mirrorc("images", "--require", "mirrored", cwd=tmp_path).code == 1
    assert run_mirrorc("build", cwd=tmp_path).code == 2
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    assert run_mirrorc("images", "--require", "mirrored", cwd=tmp_path).code == 0
    assert run_mirrorc("check", cwd=tmp_path).stdout.count("duplicate-object") == 0
