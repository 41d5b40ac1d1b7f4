"""What every command takes: -q, -v, --color, --exit-zero; and the commands that tell of mirrorc itself."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from compiler import __version__
from tests.command import ROOT, Done
from tests.command import run_mirrorc as run_at
from tests.manifest_texts import mirror_set
from tests.repositories import write


def run_mirrorc(*arguments: str, env: Mapping[str, str] | None = None) -> Done:
    """Run it in the current folder."""
    return run_at(*arguments, cwd=Path.cwd(), env=env)


@pytest.fixture
def broken(folder: Path) -> Path:
    """A manifest with one error."""
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/a": ["BAD.example.com/X"]}))
    return folder


@pytest.mark.usefixtures("broken")
def test_quiet_leaves_out_the_summary_and_keeps_findings_and_errors() -> None:
    done = run_mirrorc("check", "-q")
    assert (done.code, done.stderr) == (1, "")
    assert "invalid-scope" in done.stdout
    done = run_mirrorc("check", "-q", "nowhere")
    assert done.code == 2
    assert "nowhere" in done.stdout


def test_quiet_builds_in_silence(folder: Path) -> None:
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/a": ["m.example.com/x"]}))
    assert run_mirrorc("build", "-q") == run_mirrorc("build", "--quiet")
    done = run_mirrorc("build", "-q")
    assert (done.code, done.stdout, done.stderr) == (0, "", "")


def test_verbose_names_files_programs_and_times(repo: Path) -> None:
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/a": ["m.example.com/x"]}))
    done = run_mirrorc("check", "-v")
    assert done.code == 0
    lines = done.stderr.splitlines()
    assert lines[lines.index("read 1 file") + 1] == "  a.yaml"
    assert any(line.startswith("ran git (git version ") for line in lines)
    assert lines[-1].startswith("took 0.") or lines[-1].startswith("took ")


@pytest.mark.usefixtures("broken")
def test_exit_zero_is_for_findings_alone() -> None:
    assert run_mirrorc("check", "--exit-zero").code == 0
    assert run_mirrorc("check", "--exit-zero", "nowhere").code == 2
    assert run_mirrorc("check", "--exit-zero", "--format", "nonsense").code == 2


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("arguments", "env", "colored"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color=always"], {"NO_COLOR": "1"}, True),
        (["--color=never"], {"FORCE_COLOR": "1"}, False),
        (["--color=auto"], {"FORCE_COLOR": "1"}, True),
    ],
)
def test_color_is_a_choice(arguments: list[str], env: dict[str, str], colored: bool) -> None:
    assert ("\x1b[1;31m" in run_mirrorc("check", *arguments, env=env).stdout) == colored


def test_help_is_a_command() -> None:
    assert run_mirrorc("help").stdout == run_mirrorc("--help").stdout
    assert run_mirrorc("help", "diff").stdout == run_mirrorc("diff", "--help").stdout
    assert run_mirrorc("help", "dif").code == 2


def test_version_is_a_command() -> None:
    assert run_mirrorc("version").stdout == f"mirrorc {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_shell_s_script(shell: str) -> None:
    done = run_mirrorc("completion", shell)
    assert (done.code, done.stdout) == (0, run_mirrorc(env={"_MIRRORC_COMPLETE": f"{shell}_source"}).stdout)


def test_python_m_mirrorc_is_the_command_line(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import mirrorc, compiler; "
    script += "print(mirrorc.compile_paths is compiler.compile_paths, mirrorc.__version__)"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"True {__version__}\n"
    done = subprocess.run(
        [sys.executable, "-m", "mirrorc", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"mirrorc {__version__}\n"


def test_one_artifact_is_printed(folder: Path) -> None:
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/a": ["m.example.com/x"]}))
    done = run_mirrorc("build", "--print", "registries.conf")
    assert run_mirrorc("build").code == 0
    assert (done.code, done.stdout) == (0, (folder / "rendered/registries.conf").read_text())
    done = run_mirrorc("build", "--print", "registry.conf")
    assert (done.code, done.stdout) == (2, "")
    assert "Did you mean `registries.conf`?" in done.stderr


def test_a_dash_is_no_folder(folder: Path) -> None:
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/a": ["m.example.com/x"]}))
    done = run_mirrorc("build", "-o", "-")
    assert done.code == 2
    assert "--print" in done.stderr
    assert not (folder / "-").exists()


def test_errors_print_nothing(broken: Path) -> None:
    done = run_mirrorc("build", "--print", "registries.conf")
    assert (done.code, done.stdout) == (1, "")
    assert "invalid-scope" in done.stderr
    assert [path.name for path in broken.iterdir()] == ["a.yaml"]


def test_the_older_spelling_of_a_list_of_images_works_with_a_note(folder: Path) -> None:
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/a": ["m.example.com/x"]}))
    write(folder, "list.txt", text="quay.io/a/b:1\n")
    new = run_mirrorc("diff", "--images-from", "list.txt", "a.yaml", "a.yaml")
    for spelling in (["--images=list.txt"], ["--images", "list.txt"]):
        old = run_mirrorc("diff", *spelling, "a.yaml", "a.yaml")
        assert (old.code, old.stdout) == (new.code, new.stdout)
        assert "--images-from list.txt" in old.stderr
    assert "none of 1 image" in new.stdout
    assert run_mirrorc("diff", "--images", "a.yaml", "a.yaml").code == 0


def test_one_run_checks_and_builds(folder: Path) -> None:
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/a": ["m.example.com/x"], "quay.io/b": ["quay.io/b"]}))
    alone = run_mirrorc("check")
    assert "warning[inert-rule]" in alone.stdout
    both = run_mirrorc("build", "--with-checks")
    assert both.code == 0
    assert alone.stdout.strip() in both.stderr
    assert both.stderr.count("[inert-rule]") == 1
    assert "inert-rule" not in run_mirrorc("build").stderr


def test_sarif_links_to_the_rules_where_their_address_is_given(broken: Path) -> None:
    import json

    del broken
    rules = json.loads(run_mirrorc("check", "-o", "sarif").stdout)["runs"][0]["tool"]["driver"]["rules"]
    assert not any("helpUri" in rule for rule in rules)
    for url, address in (
        ("https://git.example.com/docs/rules.md", "https://git.example.com/docs/rules.md#order-conflict"),
        ("https://git.example.com/{rule}.html", "https://git.example.com/order-conflict.html"),
    ):
        done = run_mirrorc("check", "-o", "sarif", "--docs-url", url)
        rules = json.loads(done.stdout)["runs"][0]["tool"]["driver"]["rules"]
        assert [rule["helpUri"] for rule in rules if rule["id"] == "order-conflict"] == [address]
