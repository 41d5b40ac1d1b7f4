"""The page of exit codes names every command, and its codes are those that runs end with."""

import re
from pathlib import Path

import pytest

from compiler.cli import main
from tests.command import ROOT, run_mirrorc
from tests.manifest_texts import mirror_set
from tests.repositories import write

PAGE = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))


def test_every_command_has_its_row() -> None:
    assert list(ROWS) == main.list_commands(None)  # type: ignore[arg-type]  # it knows them without


@pytest.mark.parametrize("command", [name for name, words in ROWS.items() if words != "never"])
def test_a_wrong_option_ends_with_2_everywhere(command: str) -> None:
    assert run_mirrorc(command, "--no-such-option").code == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "clean.yaml"], 0),
        (["check", "broken.yaml"], 1),
        (["check", "nowhere"], 2),
        (["build", "clean.yaml", "-o", "out"], 0),
        (["build", "broken.yaml", "-o", "out"], 1),
        (["build", "clean.yaml", "-o", "new", "--check"], 1),
        (["build", "clean.yaml", "-o", "new", "--fail-on-change"], 1),
        (["explain", "quay.io/a/x:1", "--repo", "clean.yaml"], 0),
        (["explain", "not:a:reference", "--repo", "clean.yaml"], 1),
        (["images", "--from", "images.txt", "--repo", "clean.yaml"], 0),
        (["images", "--from", "images.txt", "--repo", "clean.yaml", "--require", "mirrored"], 1),
        (["diff", "clean.yaml", "clean.yaml"], 0),
        (["diff", "clean.yaml", "other.yaml"], 1),
        (["diff", "clean.yaml", "other.yaml", "--max-disruption", "reboot"], 0),
        (["diff", "clean.yaml", "nowhere"], 2),
        (["graph", "quay.io/a", "--repo", "clean.yaml"], 0),
        (["graph", "quay.io/a", "--repo", "clean.yaml", "--repo", "broken.yaml"], 1),
        (["graph", "quay.io/zzz", "--repo", "clean.yaml"], 2),
        (["report", "clean.yaml"], 0),
        (["report", "broken.yaml"], 1),
        (["report", "nowhere"], 2),
        (["rules", "order-conflict"], 0),
        (["rules", "no-such-rule"], 2),
    ],
)
def test_a_run_ends_as_the_page_says(arguments: list[str], code: int, folder: Path) -> None:
    write(folder, "clean.yaml", text=mirror_set("a", {"quay.io/a": ["m.example.com/a"]}))
    write(folder, "other.yaml", text=mirror_set("b", {"quay.io/b": ["m.example.com/b"]}))
    write(folder, "broken.yaml", text=mirror_set("a", {"quay.io/a": ["BAD.example.com/X"]}))
    write(folder, "images.txt", text="docker.io/library/busybox:1\n")
    assert run_mirrorc(*arguments, cwd=folder).code == code
