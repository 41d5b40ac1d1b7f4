"""`--help` of every command: it fits a terminal, on whatever terminal, and says what every option is for."""

import re

import pytest

from compiler import __version__
from compiler.cli import main
from tests.command import run_mirrorc

COMMANDS = ("", *main.list_commands(None))  # type: ignore[arg-type]  # it knows them without
_OPTION = re.compile(r"^  (?:-\w, )?--[\w-]+", re.MULTILINE)


@pytest.mark.parametrize("columns", ["40", "80", "300"])
@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_the_terminal_up_to_100_columns(command: str, columns: str) -> None:
    done = run_mirrorc(*filter(None, [command]), "--help", env={"COLUMNS": columns})
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: mirrorc {command}".rstrip())
    widest = min(max(int(columns), 80), 100)
    assert [line for line in done.stdout.splitlines() if len(line) > widest] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is_for(command: str) -> None:
    lines = run_mirrorc(*filter(None, [command]), "-h").stdout.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if _OPTION.match(line):
            assert re.search(r"\S  +\S", line) or following.startswith(" " * 20), line


def test_the_version_is_told() -> None:
    assert run_mirrorc("--version").stdout == f"mirrorc {__version__}\n"


def test_a_slip_in_a_command_s_name_is_named() -> None:
    done = run_mirrorc("explian")
    assert done.code == 2
    assert "No such command 'explian'. Did you mean 'explain'?" in done.stderr
    assert "No such command 'xyzzy'.\n" in run_mirrorc("xyzzy").stderr


def test_an_absurd_width_is_no_width() -> None:
    done = run_mirrorc("check", "nowhere", env={"COLUMNS": "9" * 5_000})
    assert done.code == 2
    assert "has a bug" not in done.stderr
