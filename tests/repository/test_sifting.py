"""Files with certain words are found whatever is around them, and read as they are read one by one."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.repository import discovery, sifting
from compiler.repository.discovery import discover_each
from compiler.repository.files import Candidate, FolderFiles, ManyReader, read
from compiler.repository.kinds_of_file import is_searched
from compiler.repository.paths import SIZE_LIMIT, Problem
from compiler.repository.sifting import sift, with_words
from tests.repositories import git, write

WORDS = (b"irror", b"[[registry", b"aab", b"\xff")
PIECES = [
    b"",
    b"mirror",
    b"irro",
    b"r",
    b"[",
    b"[[",
    b"registry",
    b"a",
    b"aa",
    b"b",
    b"\n",
    b"\0",
    b"\xff\xfe",
    b"\xc3",
    b"x" * 70,
]

contents = st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join)


@given(st.lists(contents, max_size=12))
def test_words_are_found_in_the_texts_that_have_them(texts: list[bytes]) -> None:
    expected = [number for number, text in enumerate(texts) if any(word in text for word in WORDS)]
    assert with_words(texts, WORDS) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sifting, "_MOST_RARE", 1)
        assert with_words(texts, WORDS) == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(texts=st.lists(contents, min_size=1, max_size=12), at_once=st.integers(0, 200), many=st.booleans())
def test_what_is_kept_does_not_depend_on_how_many_are_searched_together(
    folder: Path, texts: list[bytes], at_once: int, many: bool
) -> None:
    candidates = []
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_bytes(text)
        candidates.append(Candidate(f"{number}.txt", f"{number}.txt", str(folder)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sifting, "_AT_ONCE", at_once)
        with ManyReader() as reader:
            read_one = reader.read if many else read
            kept = dict(sift(((number, read_one(each)) for number, each in enumerate(candidates)), WORDS))
    assert kept == {number: text for number, text in enumerate(texts) if any(word in text for word in WORDS)}


def test_what_cannot_be_read_is_kept(folder: Path) -> None:
    write(folder, "a.txt")
    ((name, problem),) = sift(((name, read(Candidate(name, name))) for name in ("a.txt", "gone")), WORDS)
    assert name == "gone"
    assert isinstance(problem, Problem)


def test_many_files_are_read_as_one_is(folder: Path) -> None:
    """Whatever they have become since they were found."""
    write(folder, "../secret/a.yaml", "sub/in/a.yaml", "sub/b.yaml", ".git/config", "git~1/a.yaml", "moved/a.yaml")
    write(folder, "sub/empty.yaml", text="")
    os.mkfifo("sub/pipe.yaml")
    Path("sub/folder.yaml").mkdir()
    with Path("sub/large.yaml").open("wb") as large:
        large.truncate(SIZE_LIMIT + 1)
    for name, target in {
        "link.yaml": "sub/b.yaml",
        "out.yaml": "../secret/a.yaml",
        "nowhere.yaml": "gone",
        "round.yaml": "round.yaml",
        "git.yaml": ".git/config",
    }.items():
        Path(name).symlink_to(target)
        (Path("sub") / name).symlink_to(Path("..") / target)
    Path("away").symlink_to("../secret")
    Path("inner").symlink_to("sub/in")
    found = [f"{at}/{name}" for at, _, names in os.walk(folder) for name in names]
    found += [f"{folder}/away/a.yaml", f"{folder}/inner/a.yaml", f"{folder}/gone/a.yaml", f"{folder}/sub/folder.yaml"]
    found += [os.path.relpath(each, folder) for each in found] + ["sub/", "", "sub/nul\0.yaml", "x" * 5000]
    candidates = [
        Candidate(location, location, root)
        for root in ("", str(folder), str(folder / "sub"))
        for location in (*sorted(found), *found)
    ]
    candidates.append(Candidate("pipe", "sub/b.yaml", str(folder), data=b"from a pipe"))
    with ManyReader() as reader:
        expected = [_told(read(each)) for each in candidates]
        assert [_told(reader.read(each)) for each in candidates] == expected
        for each, answer in zip(candidates, expected, strict=True):
            if each.data is None:
                ((_, data),) = reader.read_folder(_alone(each))
                assert _told(data) == answer


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists what is open")
def test_no_file_stays_open(folder: Path) -> None:
    """Not even where other files were opened and closed between them."""
    names = [f"{number}.yaml" for number in range(100)]
    write(folder, *names)
    before = set(Path("/proc/self/fd").iterdir())
    taken = [os.open(names[0], os.O_RDONLY) for _ in range(9)]
    candidates = [Candidate(name, name, str(folder)) for name in names]
    with ManyReader() as reader:
        for candidate in candidates:
            if taken:
                os.close(taken.pop(0))
            assert reader.read(candidate) == b"a: 1\n"
    assert set(Path("/proc/self/fd").iterdir()) == before


def _alone(file: Candidate) -> FolderFiles:
    """A file as the only one of its folder that is asked for."""
    above, slash, name = file.location.rpartition("/")
    return FolderFiles(file.path.removesuffix(name), above + slash, file.root, "", [name])


def _told(answer: bytes | Problem) -> bytes | tuple[str, str]:
    return answer if isinstance(answer, bytes) else (answer.path, answer.message)


def test_a_folder_that_becomes_a_link_leads_nowhere(folder: Path) -> None:
    write(folder, "../secret/a.yaml", "sub/a.yaml", "sub/b.yaml", "x.yaml")
    (found,) = discover_each([["."]])
    Path("sub").rename("old")
    Path("sub").symlink_to("../secret")
    with ManyReader() as reader:
        answers = {each.path: _told(reader.read(each)) for each in found.candidates}
        for each in found.candidates:
            assert [_told(data) for _, data in reader.read_folder(_alone(each))] == [answers[each.path]]
    assert answers["sub/a.yaml"] == ("sub/a.yaml", "is a link that leaves the tree; mirrorc does not follow it")
    assert answers["sub/b.yaml"] == ("sub/b.yaml", "does not exist")
    assert answers["x.yaml"] == b"a: 1\n"


@pytest.mark.parametrize("is_repo", [False, True])
@pytest.mark.parametrize("tracked_only", [False, True])
def test_a_listing_tells_of_files_what_each_of_them_tells(
    folder: Path, monkeypatch: pytest.MonkeyPatch, is_repo: bool, tracked_only: bool
) -> None:
    names = [f"{number}.{suffix}" for number in range(10) for suffix in ("yaml", "txt", "md")]
    write(folder, *names, *(f"few/{name}" for name in names[:5]), *(f"vendor/{name}" for name in names))
    write(folder, "../secret/a.yaml", "sub/.mirrorc-abcdefgh", *(f"sub/{name}" for name in names))
    if is_repo:
        git("init", "-q")
        git("add", "-A")
    for number, name in enumerate(("1.yaml", "sub/2.yaml", "few/0.yaml", "vendor/3.yaml", "sub/4.txt")):
        Path(name).unlink()
        if number % 2:
            Path(name).symlink_to("0.yaml" if number == 1 else "../../secret/a.yaml")
    Path("5.yaml").unlink()
    Path("5.yaml").mkdir()
    os.mkfifo("sub/pipe.yaml")
    os.mkfifo("few/pipe.txt")
    Path("few").rename("old")
    Path("few").symlink_to("sub")
    groups = [["."], ["sub"], ["old", "vendor"]]
    listed = discover_each(groups, tracked_only=tracked_only, sought=is_searched)
    monkeypatch.setattr(discovery, "_tells_all", lambda _: False)
    assert repr(listed) == repr(discover_each(groups, tracked_only=tracked_only, sought=is_searched))
    assert tracked_only or [link.path for link in listed[1].links] == ["sub/2.yaml"]
