"""What the shell completes: click's scripts in the real shells, and the words that they are given."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from compiler.findings.rules import RULES
from compiler.names.releases import RELEASES
from tests.command import ROOT, run_mirrorc
from tests.fleets import fleet_of
from tests.repositories import write


@pytest.fixture
def fleet(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repo of three clusters, and a `mirrorc` on the path that runs the checkout's code."""
    fleet_of(folder, "north", "northwest", "south")
    program = folder.parent / "bin" / "mirrorc"
    write(program.parent, "mirrorc", text=f'#!/bin/sh\nexec {sys.executable} -m compiler "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


# What bash itself does when somebody presses TAB behind the last of the words.
_PRESS_TAB = """\
eval "$(_MIRRORC_COMPLETE=bash_source mirrorc)"
complete -p mirrorc > /dev/null || exit 1
COMP_WORDS=(mirrorc "$@")
COMP_CWORD=$#
compopt() { :; }  # nobody is typing
_mirrorc_completion mirrorc
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(*words: str) -> list[str]:
    """What bash offers for the last of the words."""
    done = subprocess.run(
        ["bash", "--norc", "-c", _PRESS_TAB, "bash", *words], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ch"], ["check"]),
        (["ru"], ["rules"]),
        (["build", "--fail"], ["--fail-on-change"]),
        (["build", "--cluster", ""], ["north", "northwest", "south"]),
        (["check", "--cluster", "north", "--cluster", "s"], ["south"]),
        (["diff", "--cluster=n"], ["north", "northwest"]),
        (["explain", "--release", "4.2"], [name for name in RELEASES if name.startswith("4.2")]),
        (["check", "--format", "s"], ["sarif"]),
        (["rules", "order"], ["order-conflict"]),
        (["rules", ""], list(RULES)),
        (["check", "--severity", "duplicate-"], [f"{name}=" for name in RULES if name.startswith("duplicate-")]),
        (
            ["check", "--severity", "order-c"],
            [f"order-conflict={level}" for level in ("error", "warning", "note", "off")],
        ),
        (["check", "--severity", "invalid-scope="], ["invalid-scope=error"]),
        (["check", "--severity", "nonsense"], []),
    ],
)
def test_bash_completes(words: list[str], expected: list[str]) -> None:
    assert len(expected) != 1 or expected[0] != words[-1]
    assert offered(*words) == expected


def test_clusters_are_those_of_the_configuration_that_is_named(fleet: Path) -> None:
    (fleet / ".mirrorc.yaml").rename(fleet / "mine.yaml")
    assert offered("build", "--cluster", "") == []
    assert offered("build", "--config", "mine.yaml", "--cluster", "s") == ["south"]
    write(fleet, "mine.yaml", text="version: 2")
    assert offered("build", "--config", "mine.yaml", "--cluster", "s") == []


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("mirrorc check cl", "file"),
        ("mirrorc build --config c", "file"),
        ("mirrorc build -o c", "dir"),
        ("mirrorc init c", "dir"),
        ("mirrorc diff c", "file"),
        ("mirrorc explain --repo c", "file"),
        ("mirrorc images --from c", "file"),
    ],
)
def test_files_and_folders_are_left_to_the_shell(words: str, kind: str) -> None:
    env = {"_MIRRORC_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = run_mirrorc(env=env)
    assert (done.stdout.split(","), done.stderr) == ([kind, words.rsplit(maxsplit=1)[-1] + "\n"], "")


def test_zsh_and_fish_are_given_what_a_word_means_too() -> None:
    asked = {"COMP_WORDS": "mirrorc rules order-c", "COMP_CWORD": "2"}
    zsh = run_mirrorc(env={**asked, "_MIRRORC_COMPLETE": "zsh_complete"})
    assert zsh.stdout.splitlines() == ["plain", "order-conflict", RULES["order-conflict"].summary]
    fish = run_mirrorc(env={**asked, "COMP_CWORD": "order-c", "_MIRRORC_COMPLETE": "fish_complete"})
    assert "order-conflict" in fish.stdout
    assert RULES["order-conflict"].summary in fish.stdout


@pytest.mark.parametrize(
    ("shell", "arguments"), [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])], ids=["bash", "zsh", "fish"]
)
def test_each_shell_has_a_script_that_it_can_read(shell: str, arguments: list[str], tmp_path: Path) -> None:
    script = tmp_path / "script"
    done = run_mirrorc(env={"_MIRRORC_COMPLETE": f"{shell}_source"})
    assert f"_MIRRORC_COMPLETE={shell}_complete" in done.stdout
    script.write_text(done.stdout)
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, *arguments, script], check=True)
