"""`mirrorc check`: what goes where, and how it ends."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from compiler.commands.answer import Locator
from compiler.reporters import FORMATS
from tests.command import FIXTURES, ROOT, run_mirrorc
from tests.conformance import Json, as_list, as_object
from tests.repositories import commit, git, write

CLEAN = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: clean}
spec:
  imageDigestMirrors:
  - source: quay.io/clean
    mirrors: [m.local/clean]
"""
ERROR = CLEAN.replace("clean", "error") + "    mirorSourcePolicy: AllowContactingSource\n"
WARNING = """\
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata: {name: warning}
spec:
  repositoryDigestMirrors:
  - source: quay.io/warning
    mirrors: [m.local/warning]
"""


def reported(stdout: str) -> list[dict[str, Json]]:
    return [as_object(each) for each in as_list(as_object(json.loads(stdout))["diagnostics"])]


# --- How it ends -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        (CLEAN, (), 0),
        (WARNING, (), 0),
        (WARNING, ("--strict",), 1),
        (WARNING, ("--strict", "--severity", "deprecated-kind=note"), 0),
        (WARNING, ("--severity", "deprecated-kind=error"), 1),
        (ERROR, (), 1),
        (ERROR, ("--severity", "unknown-field=warning"), 0),
        (ERROR, ("--severity", "unknown-field=off", "--strict"), 0),
    ],
)
def test_exit_1_where_an_error_stands_and_under_strict_a_warning(
    text: str, arguments: tuple[str, ...], code: int, folder: Path
) -> None:
    write(folder, "a.yaml", text=text)
    assert run_mirrorc("check", *arguments, cwd=folder).code == code


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_path_that_cannot_be_read_is_exit_2_whatever_else_there_is(command: str, folder: Path) -> None:
    write(folder, "a.yaml", text=ERROR)
    os.mkfifo(folder / "pipe.yaml")
    for path in ("nowhere", "pipe.yaml"):
        done = run_mirrorc(command, "a.yaml", path, cwd=folder)
        assert done.code == 2
        told = done.stdout if command == "check" else done.stderr
        assert f"{path}:1:1: error[unreadable-file]" in told
        assert "error[unknown-field]" in told


@pytest.mark.parametrize("command", ["check", "build"])
def test_a_file_that_is_no_text_is_a_finding(command: str, folder: Path) -> None:
    (folder / "a.yaml").write_bytes(CLEAN.encode() + b"# \xe9\n")
    assert run_mirrorc(command, "a.yaml", cwd=folder).code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "xml"),
        ("--diff", "--format", "json"),
        ("--severity", "nonsense=off"),
        ("--severity", "invalid-scope=off"),
        ("--output", "no/such/folder/report"),
        ("--output", "."),
    ],
)
def test_a_wrong_call_is_exit_2_and_says_so_on_stderr(arguments: tuple[str, ...], folder: Path) -> None:
    write(folder, "a.yaml", text=CLEAN)
    done = run_mirrorc("check", *arguments, cwd=folder)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_the_summary_is_for_people_and_goes_to_stderr(folder: Path) -> None:
    assert run_mirrorc("check", cwd=folder).stderr == "no mirror manifests found\n"
    write(folder, "a.yaml", text=CLEAN)
    write(folder, "b.yaml", text="kind: ConfigMap\n")
    done = run_mirrorc("check", cwd=folder)
    assert (done.stdout, done.stderr) == ("", "no findings in 1 file\n")
    write(folder, "c.yaml", text=ERROR)
    write(folder, "d.yaml", text=WARNING.replace("Policy\n", "Policy # mirrorc: allow deprecated-kind -- 4.12 left\n"))
    done = run_mirrorc("check", cwd=folder)
    assert done.stderr == "1 error in 3 files; 1 suppressed; `--fix` can fix 1\n"


def test_every_finding_is_reported_not_only_the_first(folder: Path) -> None:
    write(folder, "a.yaml", text=f"{ERROR}---\nkind: ImageTagMirrorSet\n")
    write(folder, "b.yaml", text="kind: ImageTagMirrorSet\na: [\n")
    rules = [each["rule"] for each in reported(run_mirrorc("check", "--format", "json", cwd=folder).stdout)]
    assert {"unknown-field", "missing-field", "invalid-yaml"} <= set(map(str, rules))


# --- Where the answer goes ---------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_gets_the_same_bytes_and_standard_output_none(name: str, folder: Path) -> None:
    write(folder, "a.yaml", text=ERROR + "# 名前\n")
    shown = run_mirrorc("check", "--format", name, cwd=folder)
    filed = run_mirrorc("check", "--format", name, "--output", "report", cwd=folder)
    assert (filed.code, filed.stdout, filed.stderr) == (1, "", shown.stderr)
    assert (folder / "report").read_text() == shown.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["a.yaml", "report"]


def test_a_report_takes_the_place_of_an_old_one_with_its_mode_through_a_link(folder: Path) -> None:
    write(folder, "a.yaml", text=ERROR)
    write(folder, "reports/old.txt", text="old\n")
    (folder / "reports/old.txt").chmod(0o600)
    (folder / "report").symlink_to("reports/old.txt")
    assert run_mirrorc("check", "--output", "report", cwd=folder).code == 1
    assert (folder / "report").is_symlink()
    assert (folder / "reports/old.txt").read_text().startswith("a.yaml:8:5: error[unknown-field]")
    assert (folder / "reports/old.txt").stat().st_mode & 0o777 == 0o600


def test_a_new_report_has_the_mode_of_any_new_file(folder: Path) -> None:
    before = os.umask(0o027)
    try:
        assert run_mirrorc("check", "--output", "report", cwd=folder).code == 0
    finally:
        os.umask(before)
    assert (folder / "report").stat().st_mode & 0o777 == 0o640


def test_a_device_is_written_to(folder: Path) -> None:
    write(folder, "a.yaml", text=ERROR)
    assert "error[unknown-field]" in run_mirrorc("check", "--output", "/dev/stderr", cwd=folder).stderr


def test_a_full_disk_is_exit_2(folder: Path) -> None:
    write(folder, "a.yaml", text=ERROR)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "compiler", "check", "a.yaml"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        2,
        b"mirrorc: standard output cannot be written: No space left on device\n",
    )


def test_a_reader_that_has_seen_enough_is_no_bug(folder: Path) -> None:
    for number in range(400):
        write(folder, f"{number}.yaml", text=ERROR.replace("error", f"error{number}"))
    done = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m compiler check | head -n 1"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("0.yaml:")
    assert "bug" not in done.stderr
    assert "Traceback" not in done.stderr


def test_standard_output_may_be_closed(folder: Path) -> None:
    write(folder, "a.yaml", text=ERROR)
    done = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m compiler check a.yaml >&-"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "1 error" in done.stderr


@pytest.mark.parametrize("name", FORMATS)
def test_the_bytes_do_not_depend_on_the_locale(name: str, folder: Path) -> None:
    odd = folder / os.fsdecode("名前 é\x1b\udcff%.yaml".encode("utf-8", "surrogateescape"))
    odd.write_text(ERROR.replace("metadata: {name: error}", "metadata: {name: error, labels: {名: é😀}}"))
    runs = [
        subprocess.run(
            [sys.executable, "-m", "compiler", "check", "--format", name],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **extra},
            capture_output=True,
            check=False,
        )
        for extra in (
            {"LC_ALL": "C.UTF-8"},
            {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
            {"LC_ALL": "POSIX", "PYTHONIOENCODING": "latin-1", "PYTHONHASHSEED": "1"},
        )
    ]
    assert {run.returncode for run in runs} == {1}
    assert len({run.stdout for run in runs}) == 1
    assert "名前 é" in runs[0].stdout.decode() or name == "sarif"


def on_a_terminal(folder: Path, *arguments: str, **variables: str) -> str:
    """What a terminal is sent when `mirrorc` writes its answer there."""
    here, there = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "compiler", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", **variables},
            stdin=subprocess.DEVNULL,
            stdout=there,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        os.close(there)
        there = -1
        shown = b""
        try:
            while chunk := os.read(here, 1 << 16):
                shown += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
        return shown.decode()
    finally:
        os.close(here)
        if there >= 0:
            os.close(there)


def test_colour_is_for_terminals(folder: Path) -> None:
    write(folder, "a.yaml", text=ERROR)
    assert "\x1b[1;31merror[unknown-field]\x1b[0m" in on_a_terminal(folder, "check")
    assert "\x1b[" not in on_a_terminal(folder, "check", NO_COLOR="1")
    assert "\x1b[" not in on_a_terminal(folder, "check", TERM="dumb")
    assert "\x1b[" in on_a_terminal(folder, "check", NO_COLOR="")
    assert "\x1b[" not in on_a_terminal(folder, "check", "--format", "json", FORCE_COLOR="1")


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": ""}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_piped_only_where_it_is_forced(variables: dict[str, str], coloured: bool, folder: Path) -> None:
    write(folder, "a.yaml", text=ERROR)
    assert ("\x1b[" in run_mirrorc("check", cwd=folder, env=variables).stdout) is coloured
    run_mirrorc("check", "--output", "report", cwd=folder, env=variables)
    assert "\x1b[" not in (folder / "report").read_text()


# --- What files are called ---------------------------------------------------------------


def test_programs_get_paths_from_the_top_of_the_repo_and_people_from_where_they_are(repo: Path) -> None:
    write(repo, "clusters/north/a.yaml", text=ERROR)
    write(repo, "base/b.yaml", text=WARNING)
    commit()
    below = repo / "clusters" / "north"
    for arguments in ((), (".", "../../base"), (str(repo),)):
        done = run_mirrorc("check", *arguments, "--format", "json", cwd=below)
        paths = {each["path"] for each in reported(done.stdout)}
        assert paths == ({"clusters/north/a.yaml", "base/b.yaml"} if arguments else {"clusters/north/a.yaml"})
    text = run_mirrorc("check", ".", "../../base", cwd=below).stdout
    assert "\na.yaml:8:5: error" in f"\n{text}"
    assert "\n../../base/b.yaml:2:7: warning" in f"\n{text}"


def test_a_repo_is_named_from_its_top_from_outside_too(folder: Path) -> None:
    git("init", "-q", "repo")
    write(folder, "repo/sub/a.yaml", "loose/b.yaml", text=ERROR)
    done = run_mirrorc(
        "check", "repo/sub", "loose", "--format", "json", "--severity", "duplicate-object=off", cwd=folder
    )
    assert {each["path"] for each in reported(done.stdout)} == {"sub/a.yaml", "loose/b.yaml"}
    done = run_mirrorc("check", folder / "loose", "--format", "json", cwd=folder / "repo")
    assert {each["path"] for each in reported(done.stdout)} == {str(folder / "loose/b.yaml")}


def test_standard_input_has_a_name_of_its_own(repo: Path) -> None:
    done = run_mirrorc("check", "-", "--format", "json", cwd=repo, stdin=ERROR.encode())
    assert {each["path"] for each in reported(done.stdout)} == {"<stdin>"}


def test_a_folder_that_was_deleted_under_our_feet_is_no_reason_to_fail(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert Locator()("/abs/a.yaml") == "/abs/a.yaml"


# --- Several clusters --------------------------------------------------------------------

CONFIG = """\
version: 1
clusters:
  - name: north
    paths: [base, north]
  - name: south
    paths: [base, south]
"""


@pytest.fixture
def clusters(repo: Path) -> Path:
    write(repo, ".mirrorc.yaml", text=CONFIG)
    write(repo, "base/b.yaml", text=WARNING)
    write(repo, "north/a.yaml", text=ERROR)
    write(repo, "south/a.yaml", text=CLEAN)
    return repo


def test_what_clusters_share_is_told_once_under_their_names(clusters: Path) -> None:
    done = run_mirrorc("check", cwd=clusters)
    assert done.code == 1
    heading, *rest = done.stdout.split("\nIn north:\n\n")
    assert heading.startswith("In both clusters:\n\nbase/b.yaml:2:7: warning[deprecated-kind]")
    assert rest[0].startswith("north/a.yaml:8:5: error[unknown-field]")
    assert done.stdout.count("deprecated-kind") == 1
    assert done.stderr.endswith(" in 3 files of 2 clusters; `--fix` can fix 1\n")


def test_programs_get_the_findings_of_all_clusters_each_once(clusters: Path) -> None:
    done = run_mirrorc("check", "--format", "json", cwd=clusters)
    told = [(each["rule"], each["clusters"]) for each in reported(done.stdout)]
    assert told == [("deprecated-kind", ["north", "south"]), ("unknown-field", ["north"])]


def test_what_two_releases_say_of_one_place_is_told_once(clusters: Path) -> None:
    (clusters / ".mirrorc.yaml").write_text(CONFIG.replace("south]\n", 'south]\n    release: "4.14"\n'))
    done = run_mirrorc("check", "--format", "json", cwd=clusters)
    assert [each["rule"] for each in reported(done.stdout)].count("deprecated-kind") == 1


def test_what_clusters_rate_differently_is_as_bad_as_for_any_of_them(clusters: Path) -> None:
    for north, south in (("note", "error"), ("error", "note")):
        lines = CONFIG.splitlines()
        lines.insert(4, f"    severities: {{deprecated-kind: {north}}}")
        lines.append(f"    severities: {{deprecated-kind: {south}}}")
        (clusters / ".mirrorc.yaml").write_text("\n".join(lines))
        done = run_mirrorc("check", "--format", "json", cwd=clusters)
        (told,) = (each for each in reported(done.stdout) if each["rule"] == "deprecated-kind")
        assert (told["severity"], told["clusters"]) == ("error", ["north", "south"])


def test_what_many_clusters_share_is_told_once_however_the_work_is_spread(clusters: Path) -> None:
    names = [f"c{number:02}" for number in range(60)]
    listed = "".join(f"  - {{name: {name}, paths: [base, {name}]}}\n" for name in names)
    exclude = "defaults: {exclude: [north, south]}\n"
    (clusters / ".mirrorc.yaml").write_text(f"version: 1\n{exclude}clusters:\n{listed}")
    for name in names:
        write(clusters, f"{name}/a.yaml", text=CLEAN)
    (clusters / "c07/a.yaml").write_text(ERROR)
    done = run_mirrorc("check", "--format", "json", cwd=clusters)
    told = [(each["rule"], each["clusters"]) for each in reported(done.stdout)]
    assert told == [("deprecated-kind", names), ("unknown-field", ["c07"])]
    assert run_mirrorc("check", "--fix", cwd=clusters).code == 0
    assert (clusters / "c07/a.yaml").read_text() == ERROR.replace("mirorS", "mirrorS")


def test_a_shared_file_is_fixed_once_for_all_clusters(clusters: Path) -> None:
    write(clusters, "base/c.yaml", text=ERROR.replace("error", "shared"))
    assert run_mirrorc("check", "--fix", cwd=clusters).code == 0
    text = (clusters / "base/c.yaml").read_text()
    assert text == ERROR.replace("error", "shared").replace("mirorS", "mirrorS")


def test_a_configured_path_that_is_not_there_is_a_finding_of_the_configuration(clusters: Path) -> None:
    (clusters / ".mirrorc.yaml").write_text(CONFIG.replace("[base, south]", "[base, sowth]"))
    done = run_mirrorc("check", cwd=clusters)
    assert done.code == 1
    assert ".mirrorc.yaml:6:19: error[unreadable-file]" in done.stdout


# --- The example ---------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("base", "clusters/north"), ("base", "clusters/south")])
def test_the_example_repo_shows_its_legacy_object_and_nothing_else(arguments: tuple[str, ...]) -> None:
    done = run_mirrorc("check", *arguments, "--format", "json", cwd=FIXTURES / "gitops-repo")
    assert done.code == 0
    assert [each["rule"] for each in reported(done.stdout)] == ["deprecated-kind"]


def test_help_names_every_format() -> None:
    done = run_mirrorc("check", "--help")
    assert all(name in done.stdout for name in FORMATS)


@pytest.mark.parametrize("text", [ERROR, ERROR.replace("\n", "\r\n"), "\ufeff" + ERROR], ids=["plain", "crlf", "mark"])
def test_positions_are_those_of_an_editor(text: str, folder: Path) -> None:
    (folder / "a.yaml").write_bytes(text.encode())
    (first, *_) = reported(run_mirrorc("check", "--format", "json", cwd=folder).stdout)
    assert (first["line"], first["column"], first["endLine"], first["endColumn"]) == (8, 5, 8, 22)


# --- A configuration that cannot be used ---------------------------------------------------

WRONG = "version: 1\nclusters:\n- name: north\n  pathes: [base]\n"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("command", ["check", "images"])
def test_what_is_wrong_with_a_configuration_is_told_in_the_format_that_was_asked_for(
    command: str, form: str, folder: Path
) -> None:
    write(folder, ".mirrorc.yaml", text=WRONG)
    shown = run_mirrorc(command, "--format", form, cwd=folder)
    written = run_mirrorc(command, "--format", form, "--output", "report", cwd=folder)
    assert (shown.code, written.code, written.stdout) == (2, 2, "")
    assert shown.stderr.endswith("mirrorc: .mirrorc.yaml cannot be used\n  No other file was read.\n")
    if command == "images" and form in {"text", "json"}:  # tables of images, of which there are none
        assert shown.stdout == ""
        assert ".mirrorc.yaml:4:3: error[invalid-config]" in shown.stderr
        return
    assert (folder / "report").read_text() == shown.stdout
    assert "invalid-config" in shown.stdout
    assert "invalid-config" not in shown.stderr
    if form == "json":
        report = as_object(json.loads(shown.stdout))
        assert [(each["rule"], each["line"]) for each in reported(shown.stdout)] == [
            ("invalid-config", 3),
            ("invalid-config", 4),
        ]
        assert as_object(report["summary"])["complete"] is False
    elif form in {"sarif", "gitlab"}:
        json.loads(shown.stdout)
    elif form == "junit":
        assert ElementTree.fromstring(shown.stdout).get("failures") == "2"
    elif form == "github":
        assert all(line.startswith("::error ") for line in shown.stdout.splitlines())
    else:
        colon = "" if form == "concise" else ":"
        start = f".mirrorc.yaml:3:9: error[invalid-config]{colon} the cluster `north` has no manifests"
        assert shown.stdout.startswith(start)


def test_a_configuration_that_is_not_there_is_told_in_the_format_too(folder: Path) -> None:
    done = run_mirrorc("check", "--config", "none.yaml", "--format", "json", cwd=folder)
    assert done.code == 2
    assert [(each["rule"], each["path"]) for each in reported(done.stdout)] == [("unreadable-file", "none.yaml")]


def test_a_comparison_tells_of_a_wrong_configuration_as_annotations_or_to_people(repo: Path) -> None:
    write(repo, ".mirrorc.yaml", text=WRONG)
    commit()
    told = run_mirrorc("diff", "--format", "github", cwd=repo)
    assert (told.code, told.stdout.count("::error title=mirrorc%3A invalid-config,file=.mirrorc.yaml")) == (2, 2)
    for form in ("text", "json", "markdown"):
        done = run_mirrorc("diff", "--format", form, cwd=repo)
        assert (done.code, done.stdout) == (2, "")
        assert ".mirrorc.yaml:4:3: error[invalid-config]" in done.stderr


# --- Links that are left alone ---------------------------------------------------------------

LEFT_OUT = """\
mirrorc: 2 links were skipped
  base/gone.yaml is a broken link
  base/out.yaml is a link that leaves the tree; mirrorc does not follow it
  If the cluster needs this content, add the target as a path, or copy the file into the repo.
"""


@pytest.mark.parametrize(
    "call",
    [["check"], ["check", "--fix"], ["build"], ["images", "--allow-empty"], ["explain", "quay.io/clean:1"], ["diff"]],
    ids=" ".join,
)
def test_links_that_are_left_out_are_told_once_and_fail_nothing(call: list[str], repo: Path) -> None:
    write(repo, "base/a.yaml", text=ERROR if "--fix" in call else CLEAN)
    write(repo.parent, "elsewhere.yaml", text=ERROR)
    (repo / "base/out.yaml").symlink_to("../../elsewhere.yaml")
    (repo / "base/gone.yaml").symlink_to("nowhere.yaml")
    config = "version: 1\nclusters:\n- {name: a, paths: [base]}\n- {name: b, paths: [base, base/a.yaml]}\n"
    write(repo, ".mirrorc.yaml", text=config)
    commit()
    done = run_mirrorc(*call, cwd=repo)
    assert done.code == 0, done.stderr
    assert done.stderr.count("skipped") == 1
    assert done.stderr.startswith(LEFT_OUT) or f"\n{LEFT_OUT}" in done.stderr
    # Whoever has excluded them knows of them.
    write(repo, ".mirrorc.yaml", text=config + "defaults: {exclude: [base/out.yaml, base/gone.yaml]}\n")
    commit()
    if call[0] != "images":  # what images lie in is not only the clusters'
        assert "skipped" not in run_mirrorc(*call, cwd=repo).stderr


def test_many_links_are_counted(folder: Path) -> None:
    for number in range(11):
        (folder / f"{number:02}.yaml").symlink_to("nowhere")
    told = run_mirrorc("check", cwd=folder).stderr
    assert told.startswith("mirrorc: 11 links were skipped\n  00.yaml is a broken link\n")
    assert "\n  07.yaml is a broken link\n  and 3 more\n" in told


# --- A kustomization without a suffix ----------------------------------------------------------


@pytest.mark.parametrize("tracked", [(), ("--tracked-only",)])
def test_a_kustomization_without_a_suffix_is_seen_in_a_folder(tracked: tuple[str, ...], repo: Path) -> None:
    write(repo, "k/Kustomization", text="resources: [a.yaml]\npatches: [{path: p.yaml}]\n")
    write(repo, "k/a.yaml", "k/p.yaml", text=CLEAN)
    write(repo, "k/NoKustomization", text="resources: [a.yaml]\npatches: [{path: p.yaml}]\n")
    commit()
    done = run_mirrorc("check", *tracked, "--format", "json", cwd=repo)
    assert [(each["rule"], each["path"]) for each in reported(done.stdout)] == [("unapplied-patch", "k/Kustomization")]
    done = run_mirrorc("diff", "HEAD", cwd=repo)
    assert done.code == 0, done.stderr


def test_rules_about_images_are_those_of_another_command(folder: Path) -> None:
    write(folder, "a.yaml")
    done = run_mirrorc("check", "--severity", "image-not-mirrored=error", cwd=folder)
    assert done.code == 2
    assert "use `mirrorc images --severity image-not-mirrored=error`" in " ".join(done.stderr.split())


def test_a_named_file_that_is_not_text_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "image.bin").write_bytes(b"\x7fELF\0registries.conf\n")
    (tmp_path / "a.yaml").write_bytes(b"\0kind: ImageDigestMirrorSet\n")
    (tmp_path / "notes").write_text("nothing\n")
    ran = run_mirrorc("check", "image.bin", cwd=tmp_path)
    assert (ran.code, ran.stderr) == (0, "no mirror manifests found: `image.bin` is not text\n")
    assert run_mirrorc("check", "notes", cwd=tmp_path).stderr == "no mirror manifests found\n"
