"""Finding, reading and decoding, on real folders and with the real git."""

from pathlib import Path

import pytest

from compiler.files import Candidate, Problem, decode, discover, mentions_our_kinds, read
from compiler.span import File


def write(root: Path, *names: str, text: str = "a: 1\n") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def found(*arguments: str) -> list[str]:
    discovery = discover(arguments)
    assert discovery.problems == ()
    return [candidate.path for candidate in discovery.candidates]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_yields_manifests_in_byte_order(folder: Path) -> None:
    write(
        folder, "b.yaml", "a/z.yml", "a.json", "A.yaml", "a-b/c.yaml", "README.md", "é.yaml", "x.yaml/in.yaml"
    )
    assert found(".") == ["A.yaml", "a-b/c.yaml", "a.json", "a/z.yml", "b.yaml", "x.yaml/in.yaml", "é.yaml"]


def test_decoding_reports_the_bad_byte() -> None:
    problem = decode("a.yaml", "ä: 1\nb: é".encode() + b"\xff\n")
    assert isinstance(problem, Problem)
    assert problem.path == "a.yaml"
    assert problem.span.begin == (2, 5)


def test_decoding_drops_the_byte_order_mark() -> None:
    for data in ("\ufeffa".encode(), "\ufeffa".encode("utf-16-le"), "\ufeffa".encode("utf-16-be")):
        file = decode("a.yaml", data)
        assert isinstance(file, File)
        assert file.text == "a"


def test_the_prefilter() -> None:
    assert mentions_our_kinds(b"kind: ImageDigestMirrorSet")
    assert mentions_our_kinds("\ufeffkind: ImageDigestMirrorSet".encode("utf-16-be"))
    assert not mentions_our_kinds(b"kind: Deployment")


def test_reading(folder: Path) -> None:
    write(folder, "a.yaml")
    assert read(Candidate("a.yaml", "a.yaml")) == b"a: 1\n"
    assert isinstance(read(Candidate("b.yaml", "b.yaml")), Problem)
