"""`mirrorc build` as a process: what it reads and writes, how it ends, and what no input makes it do."""

import errno
import hashlib
import os
import signal
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from tests.command import FIXTURES, ROOT, Done, call_mirrorc, flat, run_mirrorc, tree
from tests.conformance import LOWERED, Json, as_object, objects, recordings, text
from tests.fleets import mirrors
from tests.repositories import commit, git, write

REPO = FIXTURES / "gitops-repo"
NORTH = (str(REPO / "base"), str(REPO / "clusters/north"))
RENDERED = FIXTURES / "rendered/north"

IDMS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: a}
spec:
  imageDigestMirrors:
"""
RULE = "  - {source: quay.io/a, mirrors: [m.example.com/a]}\n"
IMAGE = """\
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec: {registrySources: {blockedRegistries: [docker.io]}}
"""
CONFLICT = IDMS + "  - {source: quay.io/a, mirrors: [m1.io, m2.io]}\n  - {source: quay.io/a, mirrors: [m2.io, m1.io]}\n"


def ending(stderr: str) -> str:
    """The last line: what was read and made."""
    return stderr.splitlines()[-1]


# --- What goes in ----------------------------------------------------------------


def test_the_last_line_says_what_was_read_and_made(tmp_path: Path) -> None:
    first = run_mirrorc("build", *NORTH, "-o", tmp_path / "out", cwd=tmp_path)
    read = "10 objects, 14 sources, 29 mirrors, 0 conflicts"
    assert (first.code, first.stdout) == (0, "")
    assert first.stderr == f"{read}; 6 files in {tmp_path}/out: 6 written, 0 removed\n"
    again = run_mirrorc("build", *NORTH, "-o", tmp_path / "out", cwd=tmp_path)
    assert (again.code, again.stderr) == (0, f"{read}; 6 files in {tmp_path}/out, all up to date\n")


def test_without_paths_the_current_folder_goes_into_rendered(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    assert run_mirrorc("build", cwd=folder).code == 0
    assert "quay.io/a" in (folder / "rendered/registries.conf").read_text()
    assert run_mirrorc("build", "--check", cwd=folder).code == 0, "what was rendered is no input"


def test_standard_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """As `kustomize build overlays/prod | mirrorc build -` does."""
    manifests = [path.read_bytes() for folder in NORTH for path in sorted(Path(folder).rglob("*.yaml"))]
    done = run_mirrorc("build", "-", "-o", tmp_path / "out", cwd=tmp_path, stdin=b"---\n".join(manifests))
    assert done.code == 0, done.stderr
    assert tree(tmp_path / "out") == tree(RENDERED)


def test_standard_input_joins_files(tmp_path: Path) -> None:
    image = (REPO / "clusters/north/image.yaml").read_bytes()
    others = [path for path in sorted((REPO / "clusters/north").iterdir()) if path.name != "image.yaml"]
    done = run_mirrorc("build", "-", REPO / "base", *others, "-o", tmp_path / "out", cwd=tmp_path, stdin=image)
    assert done.code == 0, done.stderr
    assert tree(tmp_path / "out") == tree(RENDERED)


def test_a_finding_on_standard_input_is_shown_there(tmp_path: Path) -> None:
    done = run_mirrorc("build", "-", cwd=tmp_path, stdin=(IDMS + "  - {source: 'x y'}\n").encode())
    assert done.code == 1
    assert done.stderr.startswith("<stdin>:6:14: error[invalid-scope]: `x y` is not")
    assert "6 |   - {source: 'x y'}" in done.stderr


@pytest.mark.parametrize(
    ("piped", "fact"),
    [
        ("", "standard input is empty"),
        (" \n\r\n\t", "standard input is empty"),
        ("# a\n\n  # b", "standard input contains only comments"),
    ],
)
@pytest.mark.parametrize("command", ["build", "check"])
def test_a_pipe_that_nothing_came_through_is_exit_2(command: str, piped: str, fact: str, folder: Path) -> None:
    """As of a `kustomize build` that failed; a document without objects is another thing."""
    write(folder, "a.yaml", text=IDMS + RULE)
    assert run_mirrorc("build", cwd=folder).code == 0
    before = tree(folder / "rendered")
    done = run_mirrorc(command, "-", cwd=folder, stdin=piped.encode())
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"mirrorc: {fact}\n  Check the command before the pipe")
    assert tree(folder / "rendered") == before


def test_a_recorded_input_on_standard_input_gives_the_recorded_bytes(tmp_path: Path) -> None:
    """The whole way, from JSON on a pipe to a file: the first recordings that the cluster takes."""
    lines = (line for line in recordings("compile") if not line["api_errors"])
    taken = [line for line in lines if not as_object(line["expected"])["error"]][:4]
    for number, line in enumerate(taken):
        inputs, expected = as_object(line["input"]), as_object(line["expected"])
        items: list[Json] = [item for key in ("idms", "itms", "icsp") for item in objects(inputs, key)]
        if inputs.get("image"):
            items.append(inputs["image"])
        manifest = "---\n".join(as_yaml(item) for item in items)
        lowered = [part for rule in LOWERED for part in ("--severity", f"{rule}=warning")]
        image = ["--release-image", text(inputs, "releaseImage")] if inputs.get("releaseImage") else []
        out = tmp_path / str(number)
        done = run_mirrorc(
            "build", "-", "-o", out, "--payload-policy", "none", *lowered, *image, cwd=tmp_path, stdin=manifest.encode()
        )
        assert done.code == 0, done.stderr
        found = out / "registries.conf"
        assert (found.read_text() if found.exists() else None) == expected["registries_conf"]


def as_yaml(value: Json, depth: int = 0) -> str:
    """Block style, every string in quotes."""
    import json

    if isinstance(value, dict) and value:
        pairs = (f"{'  ' * depth}{json.dumps(key)}:{as_yaml(each, depth + 1)}" for key, each in value.items())
        return ("\n" if depth else "") + "".join(pairs)
    if isinstance(value, list) and value:
        return "\n" + "".join(f"{'  ' * depth}-{as_yaml(each, depth + 1)}" for each in value)
    return f" {json.dumps(value, ensure_ascii=False)}\n"


def test_what_git_does_not_track_can_be_left_out(repo: Path) -> None:
    write(repo, "a.yaml", text=IDMS + RULE)
    commit()
    write(repo, "b.yaml", text=IDMS.replace("name: a", "name: b") + RULE.replace("quay.io/a", "quay.io/b"))
    assert "2 objects" in run_mirrorc("build", "-o", "all", cwd=repo).stderr
    assert "1 object," in run_mirrorc("build", "-o", "tracked", "--tracked-only", cwd=repo).stderr
    git("add", "b.yaml")
    assert "2 objects" in run_mirrorc("build", "-o", "tracked", "--tracked-only", cwd=repo).stderr


def test_a_hook_fails_until_git_tracks_what_was_rendered(repo: Path) -> None:
    write(repo, "a.yaml", text=IDMS + RULE)
    commit()
    hook = ("build", "--tracked-only", "--fail-on-change")
    assert run_mirrorc(*hook, cwd=repo).code == 1
    again = run_mirrorc(*hook, cwd=repo)
    assert again.code == 1
    assert "all up to date" in again.stderr
    assert (
        "`rendered/registries.d/sigstore-registries.yaml` are not in Git\n  `git add rendered`, and commit again.\n"
        in again.stderr
    )
    assert run_mirrorc("build", "--fail-on-change", cwd=repo).code == 0, "Git was not spoken of"
    git("add", "rendered")
    write(repo, "rendered/notes.txt", text="not made by a build")
    done = run_mirrorc(*hook, cwd=repo)
    assert (done.code, "not in Git" in done.stderr) == (0, False)
    git("rm", "-rq", "--cached", "rendered")
    write(repo, ".gitignore", text="/rendered/\n")
    assert run_mirrorc(*hook, cwd=repo).code == 0, "it is not meant to be in Git"


# --- What goes out ---------------------------------------------------------------


def test_an_error_writes_and_removes_nothing(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    write(
        folder,
        "image.yaml",
        text=IMAGE,
    )
    assert run_mirrorc("build", cwd=folder).code == 0
    before = tree(folder / "rendered")
    assert "policy.json" in before
    (folder / "image.yaml").unlink()
    write(folder, "b.yaml", text=CONFLICT.replace("name: a", "name: b"))
    done = run_mirrorc("build", cwd=folder)
    assert done.code == 1
    assert ending(done.stderr) == "2 objects, 1 source, 3 mirrors, 1 conflict; 1 error; nothing was written"
    assert tree(folder / "rendered") == before


def test_what_no_manifest_makes_any_more_is_removed_and_that_is_told(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    assert run_mirrorc("build", cwd=folder).code == 0
    write(folder, "a.yaml", text="kind: ConfigMap\n")
    before = tree(folder / "rendered")
    assert run_mirrorc("build", cwd=folder).code == 2
    assert tree(folder / "rendered") == before, "nothing is removed unless that is meant"
    done = run_mirrorc("build", "--allow-empty", cwd=folder)
    assert done.code == 0
    assert done.stderr == "no mirror manifests found; 4 files in rendered: 2 written, 1 removed\n"


@pytest.mark.parametrize("check", [(), ("--check",)])
def test_paths_without_any_file_remove_nothing(check: tuple[str, ...], folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    (folder / "empty").mkdir()
    assert run_mirrorc("build", "empty", "--allow-empty", cwd=folder).code == 0, "there is nothing to lose yet"
    assert run_mirrorc("build", cwd=folder).code == 0
    before = tree(folder / "rendered")
    done = run_mirrorc("build", "empty", "--allow-empty", *check, cwd=folder)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == (
        "mirrorc: no manifest file found in `empty`, so 1 file of an earlier build stays in rendered\n  Check the "
        "paths. If the cluster no longer has mirrors, remove rendered yourself.\nno mirror manifests found; "
        "nothing was written\n"
    )
    assert tree(folder / "rendered") == before


def test_files_that_go_since_a_manifest_became_a_template_are_told_in_the_last_line(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    assert run_mirrorc("build", cwd=folder).code == 0
    write(folder, "a.yaml", text=IDMS + "{{ range .Values.mirrors }}\n" + RULE + "{{ end }}\n")
    refused = run_mirrorc("build", cwd=folder)
    assert (refused.code, refused.stderr.count("note[template-values]")) == (2, 1)
    assert "all mirror policy depends on unknown values: 1 object cannot be compiled" in refused.stderr
    done = run_mirrorc("build", "--allow-empty", cwd=folder)
    assert (done.code, done.stderr.count("note[template-values]")) == (0, 1)
    lost = "4 files in rendered: 2 written, 1 removed; 1 template was skipped: render the templates first"
    assert lost in ending(done.stderr)
    again = run_mirrorc("build", "--allow-empty", cwd=folder)
    assert "was skipped: render" not in ending(again.stderr), "there is nothing left to lose"


def test_clusters_without_manifests_are_named(folder: Path) -> None:
    listed = "".join(f"- {{name: {name}, paths: [{name}]}}\n" for name in ("north", "south", "west"))
    write(folder, ".mirrorc.yaml", text=f"version: 1\nclusters:\n{listed}")
    for name in ("north", "south", "west"):
        write(folder, f"{name}/a.yaml", text=IDMS + RULE)
    assert "no mirror manifests" not in run_mirrorc("build", cwd=folder).stderr
    write(folder, "north/a.yaml", text="kind: ConfigMap\n")
    write(folder, "west/a.yaml", text=IDMS + "{{ range .Values.mirrors }}\n" + RULE + "{{ end }}\n")
    done = run_mirrorc("build", cwd=folder)
    assert "mirrorc: no mirror manifests found for north\n  If there should be some, check `paths`" in done.stderr
    assert "mirrorc: all mirror policy of `west` depends on unknown values" in done.stderr
    assert done.code == 2


def test_an_empty_source_is_named_in_words(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + '  - {source: "", mirrors: [m]}\n')
    assert "error[invalid-scope]: an empty string is not `host" in run_mirrorc("build", cwd=folder).stderr


def test_the_last_line_counts_errors(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + "  - {source: 'x y', mirrors: [m, 'y z']}\n")
    done = run_mirrorc("build", cwd=folder)
    assert (done.code, ending(done.stderr)) == (
        1,
        "0 objects, 0 sources, 0 mirrors, 0 conflicts; 2 errors; nothing was written",
    )


def test_a_lowered_conflict_compiles_to_the_cluster_s_order(folder: Path) -> None:
    write(folder, "a.yaml", text=CONFLICT)
    assert run_mirrorc("build", cwd=folder).code == 1
    done = run_mirrorc("build", "--severity", "order-conflict=warning", cwd=folder)
    assert done.code == 0
    assert "warning[order-conflict]" in done.stderr
    assert (folder / "rendered/registries.conf").read_text().count("location = ") == 3


def test_check_says_what_would_change_and_writes_nothing(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    done = run_mirrorc("build", "--check", cwd=folder)
    assert done.code == 1
    assert done.stdout.startswith("--- /dev/null\n+++ rendered/machine-configs/99-master-generated-registries.yaml\n")
    assert ending(done.stderr).endswith("rendered is stale: 5 of 5 files to write, 0 to remove")
    assert not (folder / "rendered").exists()


def test_check_is_clean_after_a_build(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    run_mirrorc("build", cwd=folder)
    done = run_mirrorc("build", "--check", cwd=folder)
    assert (done.code, done.stdout) == (0, "")
    assert ending(done.stderr).endswith("5 files in rendered, all up to date")


def test_check_shows_the_decoded_difference(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    run_mirrorc("build", cwd=folder)
    write(folder, "a.yaml", text=IDMS + RULE.replace("m.example.com", "n.example.com"))
    before = tree(folder / "rendered")
    done = run_mirrorc("build", "--check", cwd=folder)
    assert done.code == 1
    assert done.stdout.count('-                location = "m.example.com/a"\n') == 2, "in each MachineConfig"
    assert '-    location = "m.example.com/a"\n+    location = "n.example.com/a"\n' in done.stdout
    assert tree(folder / "rendered") == before


def test_a_pool_that_is_no_longer_wanted_is_removed(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    run_mirrorc("build", "--pool", "worker", "--pool", "infra", cwd=folder)
    done = run_mirrorc("build", "--pool", "infra", cwd=folder)
    assert ending(done.stderr).endswith("4 files in rendered: 0 written, 1 removed")
    assert [path.name for path in (folder / "rendered/machine-configs").iterdir()] == [
        "99-infra-generated-registries.yaml"
    ]


def test_a_drop_in_takes_neither_the_controller_s_name_nor_its_path(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    assert run_mirrorc("build", "--machine-config", "drop-in", cwd=folder).code == 0
    made = tree(folder / "rendered")
    assert made.keys() == {
        ".mirrorc-artifacts",
        "machine-configs/99-master-mirrors.yaml",
        "machine-configs/99-worker-mirrors.yaml",
        "policy.json",
        "registries.conf.d/99-mirrors.conf",
        "registries.d/sigstore-registries.yaml",
    }
    assert b"path: /etc/containers/registries.conf.d/99-mirrors.conf" in made["machine-configs/99-master-mirrors.yaml"]
    assert b"unqualified-search-registries" not in made["registries.conf.d/99-mirrors.conf"]


def test_the_other_flavour_takes_the_place_of_the_first(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    run_mirrorc("build", cwd=folder)
    done = run_mirrorc("build", "--machine-config", "drop-in", "--name", "10-{pool}", "--pool", "infra", cwd=folder)
    assert ending(done.stderr).endswith("4 files in rendered: 2 written, 3 removed")
    assert tree(folder / "rendered").keys() == {
        ".mirrorc-artifacts",
        "machine-configs/10-infra.yaml",
        "policy.json",
        "registries.conf.d/10-mirrors.conf",
        "registries.d/sigstore-registries.yaml",
    }


SEARCHED = IMAGE.replace("[docker.io]}", "[docker.io], containerRuntimeSearchRegistries: [quay.io]}")


def test_what_a_drop_in_does_not_carry_is_told(folder: Path) -> None:
    write(folder, "a.yaml", text=f"{IDMS}{RULE}---\n{SEARCHED}")
    done = run_mirrorc("build", "--machine-config", "drop-in", cwd=folder)
    assert done.code == 0
    assert done.stderr.startswith(
        "mirrorc: the drop-in MachineConfigs contain only mirrors, not policy.json and "
        "registries.conf.d/01-image-searchRegistries.conf\n  These settings of the Image config do not reach "
        "the nodes. Deploy them from the output folder with your own MachineConfig.\n"
    )
    made = tree(folder / "rendered")
    assert {"policy.json", "registries.conf.d/01-image-searchRegistries.conf"} < made.keys()
    assert b"policy.json" not in made["machine-configs/99-master-mirrors.yaml"]
    assert "your own MachineConfig" not in run_mirrorc("build", cwd=folder).stderr


def test_what_drop_ins_of_several_clusters_do_not_carry_is_told_once(folder: Path) -> None:
    listed = "".join(f"- {{name: {name}, paths: [{name}]}}\n" for name in ("north", "south", "west"))
    write(folder, ".mirrorc.yaml", text=f"version: 1\ndefaults: {{machineConfig: drop-in}}\nclusters:\n{listed}")
    write(folder, "north/a.yaml", text=SEARCHED)
    write(folder, "south/a.yaml", text=IMAGE)
    write(folder, "west/a.yaml", text=IDMS + RULE)
    told = run_mirrorc("build", cwd=folder).stderr
    assert told.count("your own MachineConfig") == 1
    assert "01-image-searchRegistries.conf in north and south\n" in told


# --- How it ends -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--bogus"], "No such option"),
        (["--release", "4.12"], "'4.12' is not one of '4.13', '4.14'"),
        (["--severity", "bogus=error"], "there is no rule `bogus`"),
        (["--severity", "order-conflict=bad"], "`bad` is not a valid severity"),
        (["--severity", "order-conflict"], "is not RULE=LEVEL, for example order-conflict=warning"),
        (
            ["--severity", "invalid-scope=warning"],
            "the severity of `invalid-scope` cannot be changed",
        ),
        (["--pool", "../x"], "`../x` is not a valid name of a machine config pool"),
        (["--machine-config", "drop-in", "--name", "99-mirrors"], "gives several MachineConfigs the same name"),
        (["--machine-config", "drop-in", "--name", "../{pool}"], "is not a valid name of a MachineConfig"),
        (
            ["--name", "10-{pool}"],
            "--name sets the name of drop-in MachineConfigs: use it with --machine-config drop-in.",
        ),
        (["-o", ""], "-o needs the name of a folder"),
    ],
)
def test_a_wrong_call_is_exit_2_and_says_what_is_right(arguments: list[str], message: str, folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    done = run_mirrorc("build", *arguments, cwd=folder)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr
    assert [path.name for path in folder.iterdir()] == ["a.yaml"]


def test_a_file_in_the_way_is_exit_2(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    write(folder, "rendered/registries.conf", text="mine")
    done = run_mirrorc("build", "a.yaml", cwd=folder)
    assert done.code == 2
    assert "mirrorc: rendered/registries.conf was not made by mirrorc" in done.stderr
    assert "Move it away, or choose another folder with -o." in done.stderr
    assert tree(folder / "rendered") == {"registries.conf": b"mine"}


def fail_behind(replacements: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk fail when so many files have been replaced."""
    left = replacements
    replace = os.replace

    def fail(temporary: str, name: str, **folders: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO), temporary, None, name)
        replace(temporary, name, **folders)

    monkeypatch.setattr(os, "replace", fail)


@pytest.mark.parametrize(
    ("replacements", "made"),
    [
        (0, "nothing was written"),
        (1, "nothing was written"),  # but the listing, which no user asked for
        (2, "stopped after 1 file"),
        (3, "stopped after 2 files"),
    ],
)
def test_a_build_that_stops_says_how_far_it_came(
    replacements: int, made: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    fail_behind(replacements, monkeypatch)
    done = call_mirrorc("build", cwd=folder)
    assert done.code == 2
    assert "Input/output error\n  Fix that and build again; what was not replaced yet is unchanged.\n" in done.stderr
    assert ending(done.stderr) == f"1 object, 1 source, 1 mirror, 0 conflicts; {made}"
    assert len(tree(folder / "rendered").keys() - {".mirrorc-artifacts"}) == max(0, replacements - 1)


def test_a_table_says_which_cluster_stopped_and_how_far_it_came(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [a.yaml]}\nclusters: [{name: a}, {name: b}]\n")
    write(folder, "a.yaml", text=IDMS + RULE)
    fail_behind(8, monkeypatch)
    done = call_mirrorc("build", cwd=folder)
    assert done.code == 2
    assert "\na        5 written " in done.stderr
    assert "\nb        stopped after 1 file: see above " in done.stderr


def test_what_was_removed_before_a_build_stopped_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    assert call_mirrorc("build", cwd=folder).code == 0
    fail_behind(0, monkeypatch)
    done = call_mirrorc("build", "--pool", "master", cwd=folder)
    assert (done.code, ending(done.stderr).partition("; ")[2]) == (2, "stopped after 1 file")


INTERRUPTED = "mirrorc: interrupted; each rendered file is either old or complete: run the build again\n"


def test_an_interrupt_is_exit_130_and_says_what_is_there(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    assert run_mirrorc("build", cwd=folder).code == 0
    before = tree(folder / "rendered")
    # Whoever runs the tests in the background has interrupts ignored, and children inherit that.
    heed = (
        "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); sys.argv[0] = 'mirrorc'; "
    )
    with subprocess.Popen(
        [sys.executable, "-c", heed + "runpy.run_module('compiler', run_name='__main__')", "build", "-"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stderr
        large = "".join(f"  - {{source: quay.io/a{n}, mirrors: [m.example.com/a]}}\n" for n in range(20_000))
        process.stdin.write((IDMS + large).encode())  # far more than a pipe holds: it is at work when this is done
        process.stdin.close()
        process.send_signal(signal.SIGINT)
        told = process.stderr.read().decode()
    assert (process.returncode, told) == (130, INTERRUPTED)
    assert tree(folder / "rendered") == before


@pytest.mark.parametrize("replacements", range(6))
def test_an_interrupt_among_replacements_leaves_whole_files(
    replacements: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    assert call_mirrorc("build", cwd=folder).code == 0
    before = tree(folder / "rendered")
    write(folder, "a.yaml", text=IDMS + RULE + RULE.replace("quay.io/a", "quay.io/b"))
    assert call_mirrorc("build", "-o", "after", cwd=folder).code == 0
    after = tree(folder / "after")
    replace, left = os.replace, replacements

    def interrupt(temporary: str, name: str, **folders: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        replace(temporary, name, **folders)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupt)
        done = call_mirrorc("build", cwd=folder)
    made = tree(folder / "rendered")
    replaced = sum(made[name] != content for name, content in before.items())
    assert replaced == min(replacements, 4)
    assert made.keys() == before.keys(), "nothing lies about"
    listing = made.pop(".mirrorc-artifacts")
    assert all(content in (before[name], after[name]) for name, content in made.items())
    proofs = {hashlib.sha256(content).hexdigest().encode() for content in made.values()}
    assert all(proof in listing for proof in proofs), "whatever is on the disk, the next build knows that it is its own"
    assert (done.code, done.stderr) == ((130, INTERRUPTED) if replacements < 5 else (0, done.stderr))


HOSTILE: dict[str, tuple[bytes, str]] = {
    "an alias bomb": (
        b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        + b"".join(
            b"a%d: &a%d [%s]\n" % (level, level, b",".join([b"*a%d" % (level - 1)] * 9)) for level in range(1, 30)
        )
        + (IDMS + RULE).encode(),
        "a.yaml:2:10: error[invalid-yaml]: the document contains excessive aliasing",
    ),
    "a bomb of rules": (
        (IDMS + "  - &a {source: quay.io/a, mirrors: [" + ", ".join(f"m{n}" for n in range(999)) + "]}\n").encode()
        + b"  - *a\n" * 9_999,
        "a.yaml:7:5: error[invalid-yaml]: the document contains excessive aliasing",
    ),
    "brackets 100,000 deep": (
        (IDMS + "  - " + "[" * 100_000).encode(),
        "a.yaml:6:202: error[invalid-yaml]: collections are nested more than 200 levels deep",
    ),
    "braces 100,000 deep": (
        (IDMS + "  - " + "{a: " * 100_000).encode(),
        "error[invalid-yaml]: collections are nested more than 200 levels deep",
    ),
    "JSON 100,000 deep": (
        b'{"kind": "ImageDigestMirrorSet", "spec": ' + b"[" * 100_000,
        "error[invalid-yaml]: collections are nested more than 200 levels deep",
    ),
    "a source of a megabyte": (
        (IDMS + "  - {source: " + "a-" * 500_000 + "}\n").encode(),
        "a.yaml:6:14: error[invalid-scope]: `a-a-a-",
    ),
    "a name of a megabyte": (
        (IDMS.replace("name: a", "name: " + "a." * 500_000) + RULE).encode(),
        "a.yaml:3:18: error[invalid-metadata]: `a.a.a.",
    ),
    "a line of 5,000 findings": (
        (IDMS + "  - {source: quay.io/a, mirrors: [" + ", ".join(f"m{n}/A" for n in range(5_000)) + "]}\n").encode(),
        "error[invalid-scope]: 1000 values are not `host[:port][/path]`, for each of them its path has",
    ),
    "a comment of template marks": (
        (IDMS + RULE + "# " + "{{" * 500_000 + "\n").encode(),
        "1 object, 1 source, 1 mirror, 0 conflicts; 5 files in rendered: 5 written, 0 removed",
    ),
    "a NUL": ((IDMS + RULE).encode() + b"\x00", "a.yaml:7:1: error[invalid-yaml]: the character U+0000 is not allowed"),
    "an escape": (
        (IDMS + "  - {source: \x1b[31m}\n").encode(),
        "a.yaml:6:14: error[invalid-yaml]: the character U+001B is not allowed",
    ),
    "a written escape": (
        (IDMS + '  - {source: "quay.io/\\e[31m"}\n').encode(),
        r"a.yaml:6:14: error[invalid-scope]: `quay.io/\x1b[31m` is not",
    ),
    "Latin-1": (
        (IDMS + RULE).encode() + b"# caf\xe9\n",
        "a.yaml:7:6: error[unreadable-file]: `a.yaml` is not valid UTF-8",
    ),
    "half a surrogate pair": (
        b'{"kind": "ImageDigestMirrorSet", "x": "\\ud83d"}',
        "a.yaml:1:39: error[invalid-yaml]: a \\u escape contains only half of a character",
    ),
    "a key twice": (
        (IDMS + "  - {source: quay.io/a, source: quay.io/b, mirrors: [m]}\n").encode(),
        "a.yaml:6:25: error[duplicate-key]: the key `source` appears twice in one mapping",
    ),
    "a contradiction of a hundred lists": (
        IDMS.encode()
        + b"".join(
            b"  - {source: quay.io/a, mirrors: [%s]}\n" % b", ".join(b"m%d" % ((n * 7 + m) % 100) for m in range(100))
            for n in range(100)
        ),
        "error[order-conflict]: the lists of `quay.io/a` contradict each other",
    ),
    "a block of 20,000 allowances": (
        (IDMS + RULE + "# mirrorc: allow order-conflict -- why not\n" * 20_000).encode(),
        "1 object, 1 source, 1 mirror, 0 conflicts; 5 files in rendered: 5 written, 0 removed",
    ),
    "a million separators": (
        b"---\n" * 250_000 + (IDMS + RULE).encode(),
        "1 object, 1 source, 1 mirror, 0 conflicts; 5 files in rendered: 5 written, 0 removed",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_told_with_a_place_in_bounded_time_and_memory(case: str, folder: Path) -> None:
    """Bounded: in seconds, not minutes, and in half a gigabyte of address space."""
    content, told = HOSTILE[case]
    (folder / "a.yaml").write_bytes(content)
    limits = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29)); "
    run = "sys.argv[0] = 'mirrorc'; runpy.run_module('compiler', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", limits + run, "build", "a.yaml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=100,
        check=False,
    )
    stderr = done.stderr.decode()
    assert told in flat(stderr)
    wrong = "error[" in told
    assert done.returncode == int(wrong)
    assert stderr.splitlines()[-1].endswith("nothing was written") is wrong
    assert (folder / "rendered").exists() is not wrong
    assert "\x1b" not in stderr
    assert "Traceback" not in stderr


def test_what_is_no_file_is_told_or_passed_over(folder: Path) -> None:
    write(folder, "good.yaml", text=IDMS + RULE)
    (folder / "folder.yaml").mkdir()
    write(folder, "folder.yaml/inside.txt", text="nothing")
    (folder / "link.yaml").symlink_to("/etc/passwd")
    (folder / "dangling.yaml").symlink_to("nowhere")
    assert run_mirrorc("build", cwd=folder).code == 0
    os.mkfifo(folder / "pipe.yaml")
    done = run_mirrorc("build", cwd=folder)
    assert done.code == 2
    assert "`pipe.yaml` is a named pipe, not a file" in done.stderr


def test_a_name_cannot_forge_a_line_or_reach_the_terminal(folder: Path) -> None:
    name = os.fsencode(folder) + b"/a\nb\x1b[31m\xff.yaml"
    with open(name, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a name that is no text
        stream.write("kind: ImageDigestMirrorSet\n")
    done = run_mirrorc("build", cwd=folder)
    assert done.code == 1
    assert r"a\nb\x1b[31m\xff.yaml:1:1: error[missing-field]" in done.stderr
    assert "\x1b" not in done.stderr


# --- The user's surroundings -----------------------------------------------------


def conflict_told(folder: Path, environment: dict[str, str]) -> Done:
    manifest = CONFLICT.replace("quay.io/a", '"quay.io/a"').replace("name: a", "name: a, annotations: {é: é}")
    write(folder, "é.yaml", text=manifest)
    return run_mirrorc("build", "é.yaml", cwd=folder, env=environment)


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is told of a conflict in ordinary surroundings."""
    return conflict_told(tmp_path_factory.mktemp("unmoved"), {}).stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "tr_TR.UTF-8"},
        {"PYTHONHASHSEED": "0"},
        {"PYTHONHASHSEED": "4242"},
        {"NETWORKX_BACKEND_PRIORITY": "bogus", "NETWORKX_AUTOMATIC_BACKENDS": "bogus"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONDEVMODE": "1"},
        {"TZ": "Asia/Kathmandu", "HOME": "/nonexistent"},
    ],
    ids=lambda environment: next(iter(environment.items())),
)
def test_the_result_does_not_depend_on_the_surroundings(
    environment: dict[str, str], tmp_path: Path, unmoved: str
) -> None:
    """Artifacts and words alike, with characters beyond ASCII in a name, a value and a message."""
    done = conflict_told(tmp_path, environment)
    assert (done.code, done.stdout, done.stderr) == (1, "", unmoved)
    assert "é.yaml:3:" in done.stderr
    built = run_mirrorc("build", *NORTH, "-o", "out", cwd=tmp_path, env=environment)
    assert built.code == 0, built.stderr
    assert tree(tmp_path / "out") == tree(RENDERED)


def shell(script: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a script in which `$MIRRORC` is the command."""
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MIRRORC": f"{sys.executable} -m compiler"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def large(folder: Path) -> Path:
    """A folder whose difference is far larger than a pipe holds."""
    rules = "".join(f"  - {{source: quay.io/a{n}, mirrors: [m.example.com/a]}}\n" for n in range(2_000))
    write(folder, "a.yaml", text=IDMS + rules)
    return folder


def test_a_reader_that_leaves_ends_the_run_quietly(large: Path) -> None:
    done = shell("$MIRRORC build --check | head -n 1; echo ${PIPESTATUS[0]}", large)
    first, code = done.stdout.splitlines()
    assert first == "--- /dev/null"
    assert code == "2"
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_a_full_disk_behind_the_output_is_told(large: Path) -> None:
    done = shell("$MIRRORC build --check > /dev/full", large)
    assert (done.returncode, done.stderr) == (
        2,
        "mirrorc: standard output cannot be written: No space left on device\n",
    )
    assert shell("$MIRRORC build --check > /dev/full 2> /dev/full", large).returncode == 2
    assert shell("$MIRRORC --help > /dev/full", large).returncode == 2


@pytest.mark.parametrize(("closed", "code"), [(">&-", 1), ("2>&-", 1), (">&- 2>&-", 1), ("<&- >&- 2>&-", 1)])
def test_closed_streams_are_no_trouble(closed: str, code: int, folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    assert shell(f"$MIRRORC build --check {closed}", folder).returncode == code
    assert shell(f"$MIRRORC build {closed}", folder).returncode == 0
    assert (folder / "rendered/registries.conf").exists()


def test_a_current_folder_that_is_gone_is_told(folder: Path) -> None:
    done = shell("mkdir gone; cd gone; rmdir ../gone; $MIRRORC build", folder)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_bug_of_ours_is_exit_3_and_says_where(folder: Path) -> None:
    """The one way to show it is to plant one."""
    script = (
        "import sys, compiler.commands.build as build, compiler.cli as cli\n"
        "def planted(*arguments, **more): raise ZeroDivisionError('planted')\n"
        "build.choose_clusters = planted\n"
        "cli.main(['build'], prog_name='mirrorc')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "has a bug: ZeroDivisionError: planted (at <string>:2)" in done.stderr
    assert "set MIRRORC_TRACEBACK=1 to see the traceback" in done.stderr
    environment["MIRRORC_TRACEBACK"] = "1"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" in done.stderr


def test_a_repo_without_policy_that_can_be_read_is_not_built(folder: Path) -> None:
    write(folder, "a.yaml", text="kind: ConfigMap\n")
    done = run_mirrorc("build", cwd=folder)
    assert (done.code, done.stdout, (folder / "rendered").exists()) == (2, "", False)
    assert done.stderr == (
        "mirrorc: no mirror manifests found; nothing was written\n"
        "  If a cluster without mirror policy is intended, add --allow-empty.\n"
    )
    write(folder, "apply.sh", text=f"oc apply -f - <<< '\n{IDMS}{RULE}'\n")
    done = run_mirrorc("build", "--check", cwd=folder)
    assert (done.code, done.stdout, (folder / "rendered").exists()) == (2, "", False)
    assert done.stderr.startswith(
        "mirrorc: 1 place in 1 file contains mirror policy that is not read: 1 shell script; nothing was written\n"
    )
    assert run_mirrorc("build", "--print", "registries.conf", cwd=folder).code == 2
    assert run_mirrorc("build", "--allow-empty", cwd=folder).code == 0


@pytest.mark.parametrize("text", ["allowEmpty: true", "defaults: {allowEmpty: true}", "allowEmpty: yes"])
def test_a_repo_may_say_that_it_is_empty(text: str, folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text=f"version: 1\n{text}\n")
    assert run_mirrorc("build", cwd=folder).code == 0
    assert run_mirrorc("images", cwd=folder).code == 0


def test_what_is_not_a_boolean_does_not_allow_an_empty_repo(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text='version: 1\nallowEmpty: "true"\n')
    done = run_mirrorc("build", cwd=folder)
    assert (done.code, done.stderr.count("error[invalid-config]")) == (2, 1)


def test_an_empty_cluster_beside_others_is_a_warning(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text="version: 1\nclusters:\n- {name: a, paths: [a]}\n- {name: b, paths: [b]}\n")
    write(folder, "a/a.yaml", text=IDMS + RULE)
    write(folder, "b/b.yaml", text="kind: ConfigMap\n")
    done = run_mirrorc("build", cwd=folder)
    assert done.code == 0
    assert "mirrorc: no mirror manifests found for b\n" in done.stderr
    assert run_mirrorc("build", "--cluster", "b", cwd=folder).code == 2


def test_what_a_build_wrote_is_not_unread_policy(folder: Path) -> None:
    write(folder, "a.yaml", text=IDMS + RULE)
    assert run_mirrorc("build", cwd=folder).code == 0
    done = run_mirrorc("check", cwd=folder)
    assert (done.code, done.stdout, done.stderr) == (0, "", "no findings in 1 file\n")
    (folder / "rendered" / ".mirrorc-artifacts").unlink()
    assert "generated-config-kept" in run_mirrorc("check", cwd=folder).stdout


@pytest.mark.parametrize(("version", "code"), [("4.18.12", 0), ("4.20.0-rc.1", 0), ("3.11.5", 2), ("4.18.x", 2)])
def test_of_a_full_version_the_release_counts(folder: Path, version: str, code: int) -> None:
    write(folder, "a.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    done = call_mirrorc("build", "--release", version, cwd=folder)
    assert done.code == code
    if code == 0:
        assert call_mirrorc("build", "--check", "--release", version[:4], cwd=folder).code == 0
    else:
        assert f"'{version}' is not one of '4.13'" in done.stderr


def test_policy_that_is_for_no_cluster_that_is_built_is_exit_2(folder: Path) -> None:
    lines = ("[[registry]]", "location = 'quay.io/a'", "blocked = true", "[[registry.mirror]]", "location = 'm.io/a'")
    data = "\n".join(f"    {line}" for line in lines)
    conf = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: conf}}\ndata:\n  registries.conf: |\n{data}\n"
    write(folder, "a.yaml", text=conf)
    done = run_mirrorc("build", cwd=folder)
    assert (done.code, done.stdout, (folder / "rendered").exists()) == (2, "", False)
    assert flat(done.stderr).endswith(
        "mirrorc: the mirror policy inside 1 document is for no cluster that is built; nothing was written "
        "Run `mirrorc check` to list the places. If a cluster without mirror policy is intended, add --allow-empty."
    )
    assert run_mirrorc("build", "--print", "registries.conf", cwd=folder).code == 2
    assert run_mirrorc("build", "--allow-empty", cwd=folder).code == 0
    write(folder, ".mirrorc.yaml", text="version: 1\nclusters:\n- {name: north, paths: [north]}\n")
    write(folder, "north/a.yaml", text="kind: ConfigMap\n")
    assert run_mirrorc("build", cwd=folder).code == 2


@pytest.mark.parametrize(
    "field", ["namespace", "keyData", "rekorKeyData", "matchPolicy", "exactRepository", "scopes", "namespace in part"]
)
def test_a_signature_policy_with_unknown_values_is_not_compiled(field: str, folder: Path) -> None:
    """A namespace becomes part of a file's name, and keys are decoded."""
    key = b64encode(b"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0\n-----END PUBLIC KEY-----\n").decode()
    values = {
        "namespace": "ns",
        "keyData": key,
        "rekorKeyData": key,
        "matchPolicy": "ExactRepository",
        "exactRepository": "quay.io/a",
        "scopes": "quay.io/a",
    }
    name = field.partition(" ")[0]
    values[name] = f"{values[name]}-${{ONE}}" if name != field else "${ONE}"
    text = (
        "apiVersion: config.openshift.io/v1\nkind: ImagePolicy\n"
        f'metadata: {{name: p, namespace: "{values["namespace"]}"}}\nspec:\n  scopes: ["{values["scopes"]}"]\n'
        "  policy:\n    rootOfTrust:\n      policyType: PublicKey\n"
        f'      publicKey: {{keyData: "{values["keyData"]}", rekorKeyData: "{values["rekorKeyData"]}"}}\n'
        f'    signedIdentity:\n      matchPolicy: "{values["matchPolicy"]}"\n'
        f'      exactRepository: {{repository: "{values["exactRepository"]}"}}\n'
    )
    write(folder, "p.yaml", text=text)
    write(folder, "a.yaml", text=IDMS + RULE)
    checked = call_mirrorc("check", "p.yaml", cwd=folder)
    assert "until this ImagePolicy is rendered, `${ONE}` is unknown" in checked.stdout.replace("\n  ", " ")
    done = call_mirrorc("build", "p.yaml", "a.yaml", cwd=folder)
    assert (done.code, "incomplete: 1 object with unknown values" in done.stderr) == (0, True), done.stderr
    assert not (folder / "rendered/crio").exists()
    for command in (["explain", "quay.io/a:1", "--repo", "p.yaml"], ["diff", "p.yaml", "a.yaml"], ["merge", "p.yaml"]):
        assert call_mirrorc(*command, cwd=folder).code in {0, 1, 2}, command
