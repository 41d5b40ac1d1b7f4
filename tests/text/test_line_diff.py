"""What changes between two texts: complete, as short as can be within a bound, and in linear time."""

import subprocess
from itertools import chain, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.text.line_diff import MOST_EDITS, changes, matches, unified

FEW = st.lists(st.sampled_from("abc"), max_size=14)
LINES = st.lists(st.sampled_from(["a\n", "b\n", "\n", " \n", "-\n", "+++ x\n", "\\\n", "a\r\n"]), max_size=40)


@given(before=FEW, after=FEW)
def test_it_is_the_shortest(before: list[str], after: list[str]) -> None:
    assert sum(match.length for match in matches(before, after)) == longest_common(before, after)


@given(before=LINES, after=LINES)
def test_matches_and_changes_are_the_whole_of_both_sides(before: list[str], after: list[str]) -> None:
    same, other = list(matches(before, after)), list(changes(before, after))
    for match in same:
        assert match.length > 0
        assert before[match.before : match.before + match.length] == after[match.after : match.after + match.length]
    runs = sorted(
        chain(
            ((m.before, m.before + m.length, m.after, m.after + m.length) for m in same),
            (tuple(each) for each in other),
        )
    )
    assert all(first[1] == second[0] and first[3] == second[2] for first, second in pairwise(runs))
    assert not runs or (runs[0][0], runs[0][2], runs[-1][1], runs[-1][3]) == (0, 0, len(before), len(after))
    made = list(chain.from_iterable(after[run[2] : run[3]] for run in runs))
    assert made == after


@given(before=LINES, after=LINES, cut=st.sampled_from([(0, 0), (1, 0), (0, 1), (1, 1)]))
def test_patch_makes_the_new_text_of_the_old(
    before: list[str], after: list[str], cut: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    old, new = (text[:-1] if ends else text for text, ends in zip(map("".join, (before, after)), cut, strict=True))
    difference = unified(
        old.splitlines(keepends=True) if "\r" not in old else lines(old),
        lines(new),
        old="a/f",
        new="b/f",
    )
    assert (difference == "") == (old == new)
    folder = tmp_path_factory.mktemp("patch")
    if difference and old and new:
        assert applied(folder, old, difference) == new


def applied(folder: Path, old: str, difference: str) -> str:
    (folder / "f").write_bytes(old.encode())
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=folder,
        input=difference.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, (done.stderr, difference)
    return (folder / "f").read_bytes().decode()


def lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [*(f"{part}\n" for part in parts[:-1]), *parts[-1:]] if parts[-1] else [f"{part}\n" for part in parts[:-1]]


def test_a_hunk_has_three_lines_around_it_and_counts_as_diff_does() -> None:
    before = [f"{number}\n" for number in range(20)]
    after = [*before[:4], "new\n", *before[5:11], *before[12:]]
    assert unified(before, after, old="x", new="y") == (
        "--- x\n+++ y\n@@ -2,14 +2,13 @@\n 1\n 2\n 3\n-4\n+new\n 5\n 6\n 7\n 8\n 9\n 10\n-11\n 12\n 13\n 14\n"
    )
    far = [*before[:4], "new\n", *before[5:12], *before[13:]]
    assert [line for line in unified(before, far, old="x", new="y").splitlines() if line[0] == "@"] == [
        "@@ -2,7 +2,7 @@",
        "@@ -10,7 +10,6 @@",
    ]
    assert unified([], ["a"], old="x", new="y") == "--- x\n+++ y\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n"
    assert unified(before, before, old="x", new="y") == ""


class Counted:
    """An item that counts how often any is compared."""

    looks = 0

    def __init__(self, value: int) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        Counted.looks += 1
        return isinstance(other, Counted) and self.value == other.value

    __hash__ = None  # type: ignore[assignment]  # Python's way to say "not hashable"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (lambda n: n, lambda n: -n - 1),
        (lambda n: n // 2, lambda n: n),
        (lambda n: n % 2, lambda n: n % 3),
        (lambda n: 0, lambda n: n % 97 == 0),
        (lambda n: n, lambda n: 20_000 - n),
        (lambda n: n * n % 1009, lambda n: n * n * n % 1009),
    ],
    ids=["all-new", "twice", "periods", "sparse", "reversed", "noise"],
)
def test_no_texts_cost_more_than_linear(before: object, after: object) -> None:
    assert callable(before)
    assert callable(after)
    for size in (5_000, 20_000):
        Counted.looks = 0
        old, new = ([Counted(each(number)) for number in range(size)] for each in (before, after))
        list(matches(old, new))
        assert Counted.looks < 4 * MOST_EDITS * size


def test_many_changes_far_apart_are_each_found() -> None:
    before = list(range(30_000))
    after = [number for number in before if number % 10]
    assert [change.before for change in changes(before, after)] == list(range(0, 30_000, 10))


def longest_common(before: list[str], after: list[str]) -> int:
    row = [0] * (len(after) + 1)
    for one in before:
        above = row
        row = [0]
        for at, other in enumerate(after):
            row.append(above[at] + 1 if one == other else max(row[-1], above[at + 1]))
    return row[-1]
