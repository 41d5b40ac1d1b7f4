"""Dockerfiles: the images of `FROM` lines and `COPY --from`, in files and in BuildConfigs."""

from pathlib import Path
from textwrap import dedent

import pytest

from compiler.explain.consumers import Consumer
from compiler.images.dockerfiles import find, is_dockerfile
from compiler.images.load import load_images
from compiler.images.workloads import find as find_in_manifest
from compiler.text.span import File


def images(text: str) -> list[str]:
    found = find(File("Dockerfile", text))
    for reference in found.references:
        assert reference.span.text == reference.text
        assert reference.consumer is Consumer.BUILD
    return [each.text for each in found.references]


def unknown(text: str) -> list[tuple[str, str]]:
    return [(each.text, each.reason) for each in find(File("Dockerfile", text)).unresolved]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a.io/b:1\n", ["a.io/b:1"]),
        ("from --platform=linux/amd64 a.io/b:1 as x", ["a.io/b:1"]),
        ("FROM a.io/b AS base\nFROM base AS top\nFROM BASE\nFROM scratch\n", ["a.io/b"]),
        ("FROM a.io/b\nCOPY --from=c.io/d:2 --chown=1 /x /y\nCOPY --from=0 /x /y\nCOPY x y\n", ["a.io/b", "c.io/d:2"]),
        ("FROM \\\n  # comment\n\n  a.io/b\nRUN true \\\n && echo \\\nFROM x\n", ["a.io/b"]),
        ("# escape=`\nFROM `\n a.io/b\nRUN c:\\\nFROM a.io/c\n", ["a.io/b", "a.io/c"]),
        ("FROM a.io/b\nRUN <<EOF\nFROM a.io/no\nEOF\nFROM a.io/c\n", ["a.io/b", "a.io/c"]),
        ('FROM a.io/b\nCOPY <<-"E" /x\nFROM a.io/no\n\tE\nFROM a.io/c\n', ["a.io/b", "a.io/c"]),
        ("FROM a.io/b\nRUN echo $((1<<x))\nFROM a.io/c\n", ["a.io/b", "a.io/c"]),
        ("FROM a.io/b\nRUN <<EOF\nFROM a.io/no\n", ["a.io/b"]),
        ("# FROM a.io/x\nLABEL from=FROM\nENV A=FROM\nFROM\n", []),
        ("FROM a.io/b\r\nFROM a.io/c\r\n", ["a.io/b", "a.io/c"]),
        ("", []),
    ],
)
def test_images_of_a_dockerfile(text: str, expected: list[str]) -> None:
    assert images(text) == expected


def test_what_depends_on_an_argument_is_unresolved() -> None:
    text = "ARG TAG=1\nFROM a.io/b:${TAG}\nFROM $BASE\nCOPY --from=${X:-y} a b\nFROM {{ base }}\n"
    assert images(text) == []
    assert unknown(text) == [
        ("a.io/b:${TAG}", "it depends on the build argument `TAG`"),
        ("$BASE", "it depends on the build argument `BASE`"),
        ("${X:-y}", "it depends on the build argument `X`"),
        ("{{ base }}", "it is a template: render it first"),
    ]


@pytest.mark.parametrize(
    "name", ["Dockerfile", "a/Containerfile", "Dockerfile.web", "web.dockerfile", "x.Containerfile"]
)
def test_names_of_dockerfiles(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize(
    "name", ["Dockerfile.md", "dockerfile.yaml", "Dockerfile.dockerignore", "dockerfiles/x", "a.txt"]
)
def test_names_of_other_files(name: str) -> None:
    assert not is_dockerfile(name)


BUILD = """\
    apiVersion: build.openshift.io/v1
    kind: BuildConfig
    metadata: {name: web, namespace: shop}
    spec:
      source:
        dockerfile: |
          FROM docker.io/library/golang:1.22 AS builder
          FROM registry.example.com/base:1
          FROM ${OTHER}
        images: [{from: {kind: DockerImage, name: quay.io/a/b:1}}, {from: {kind: ImageStreamTag, name: c:1}}]
      strategy: {dockerStrategy: {from: {kind: DockerImage, name: quay.io/a/d:1}}}
    """


def test_builds_of_a_build_config() -> None:
    found = find_in_manifest(File("b.yaml", dedent(BUILD)))
    assert [(each.text, each.field, str(each.span), each.consumer) for each in found.references] == [
        ("docker.io/library/golang:1.22", "spec.source.dockerfile", "b.yaml:7:12", Consumer.BUILD),
        ("registry.example.com/base:1", "spec.source.dockerfile", "b.yaml:8:12", Consumer.BUILD),
        ("quay.io/a/b:1", "spec.source.images[0].from.name", "b.yaml:10:47", Consumer.BUILD),
        ("quay.io/a/d:1", "spec.strategy.dockerStrategy.from.name", "b.yaml:11:63", Consumer.BUILD),
    ]
    assert [(each.text, str(each.span)) for each in found.unresolved] == [("${OTHER}", "b.yaml:9:12")]
    assert {each.owner for each in found.references} == {"BuildConfig shop/web"}


def test_imports_of_an_image_stream() -> None:
    text = """\
        apiVersion: image.openshift.io/v1
        kind: ImageStream
        metadata: {name: web}
        spec:
          tags:
            - from: {kind: DockerImage, name: quay.io/a/b:1}
            - {from: {kind: DockerImage, name: quay.io/a/c:1}, reference: true}
            - from: {kind: ImageStreamTag, name: d:1}
        """
    found = find_in_manifest(File("i.yaml", dedent(text)))
    assert [(each.text, each.consumer) for each in found.references] == [
        ("quay.io/a/b:1", Consumer.IMPORT),
        ("quay.io/a/c:1", Consumer.NODE),
    ]


def test_dockerfiles_of_a_repo_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in (".", "app", "vendor/lib", ".venv"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        Path(folder, "Dockerfile").write_text(f"FROM a.io/{folder.strip('./') or 'top'}:1\n", encoding="utf-8")
    assert [each.text for each in load_images(["."]).references] == ["a.io/top:1", "a.io/app:1"]


def test_a_comment_allows_an_image() -> None:
    found = find(File("Dockerfile", "# mirrorc: allow image-not-mirrored -- public on purpose\nFROM a.io/b\n"))
    assert [(each.rule, each.line) for each in found.allowances] == [("image-not-mirrored", 2)]
