"""`mirrorc diff` from end to end: recorded verdicts, sides of every kind, exit codes."""

import base64
import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from compiler.clusters.cluster import Cluster
from compiler.diff.comparison import Comparison, compare
from compiler.diff.names import name_side
from compiler.diff.revisions import SideReader
from compiler.policy.settings import Settings
from compiler.reporters.diff import json as diff_json
from tests.command import FIXTURES, call_mirrorc, flat, run_mirrorc
from tests.conformance import Json, as_list, as_object, as_text, recordings, text, texts
from tests.manifest_texts import image_config, mirror_set
from tests.programs import needs_kustomize
from tests.repositories import commit, git, write

UNCHANGED: Json = {"disruption": "none", "actions": ["None"], "reasons": []}
"""A pool on whose nodes nothing changes."""


def compared(old: str, new: str, settings: Settings | None = None, policy: str | None = None) -> Comparison:
    """What the command makes of two paths."""
    cluster = Cluster(settings=settings or Settings())
    with SideReader(None) as reader:
        ((before, after),) = reader.read_pair(name_side(old, None), name_side(new, None), [cluster])
        given = reader.disruption_policy(policy, cluster.settings.release)
        return compare(before, after, cluster.settings, given=given)


def report(*arguments: str, code: int) -> dict[str, Json]:
    """The JSON report of the real command, run in the current folder."""
    done = run_mirrorc("diff", *arguments, "--format", "json", cwd=Path.cwd())
    assert (done.code, done.stderr) == (code, "")
    value: Json = json.loads(done.stdout)
    return as_object(value)


def disruption(*arguments: str) -> str:
    """The verdict of the real command."""
    done = run_mirrorc("diff", *arguments, "--format", "json", cwd=Path.cwd())
    assert done.code in {0, 1}, done.stderr
    verdict = as_text(json.loads(done.stdout)["disruption"])
    assert done.code == (verdict != "none")
    return verdict


def recorded(line: dict[str, Json]) -> str:
    """The verdict that upstream gave."""
    if not line["changed"]:
        return "none"
    return "drain" if as_object(line["expected"])["drain"] else "reload"


def test_every_recorded_verdict_holds(folder: Path) -> None:
    wrong = []
    for line in recordings("drain"):
        for side in ("old", "new"):
            Path(f"{side}.conf").write_text(text(line, side), encoding="utf-8", newline="")
        told = json.loads(diff_json.render([("", compared("old.conf", "new.conf"))]))
        verdicts = {told["disruption"], *(pool["disruption"] for pool in told["pools"].values())}
        if verdicts != {recorded(line)}:
            wrong.append((line["id"], verdicts))
    assert wrong == []


def test_the_command_gives_recorded_verdicts(folder: Path) -> None:
    seen = dict.fromkeys(("none", "reload", "drain"), 0)
    for line in recordings("drain"):
        verdict = recorded(line)
        if seen[verdict] < 2:
            seen[verdict] += 1
            for side in ("old", "new"):
                Path(f"{side}.conf").write_text(text(line, side), encoding="utf-8", newline="")
            told = report("old.conf", "new.conf", code=int(verdict != "none"))
            assert told["disruption"] == verdict
            assert set(as_object(told["pools"])) == {"master", "worker"}
    assert set(seen.values()) == {2}


def test_nothing_to_say_about_an_unchanged_work_tree(repo: Path) -> None:
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.example.com/ns"]}))
    commit()
    told = report(code=0)
    assert told["version"] == 1
    assert told["disruption"] == "none"
    assert told["pools"] == dict.fromkeys(("master", "worker"), UNCHANGED)
    assert (told["changes"], told["objects"]) == ([], [])
    assert told["diagnostics"] == {"new": [], "gone": []}


def test_a_removed_mirror_names_its_line_and_the_remedy(repo: Path) -> None:
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.example.com/ns", "n.example.com/ns"]}))
    commit()
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["n.example.com/ns"]}))
    told = report(code=1)
    assert told["disruption"] == "drain"
    (reason,) = map(as_object, as_list(as_object(as_object(told["pools"])["worker"])["reasons"]))
    assert reason["message"] == "mirror `m.example.com/ns` of `quay.io/ns` is removed"
    assert reason["rule"] == "removing a mirror drains nodes"
    assert reason["help"] == "Keep it as the last mirror of its list until the nodes are drained in any case."
    (place,) = map(as_object, as_list(reason["old_places"]))
    assert (place["path"], place["line"], place["column"]) == ("a.yaml", 9, 7)
    (change,) = map(as_object, as_list(told["changes"]))
    assert change["scope"] == "quay.io/ns"
    effects = [(effect["effect"], effect["pulls"]) for effect in map(as_object, as_list(change["effects"]))]
    assert effects == [("first-mirror-changed", "digest"), ("mirrors-removed", "digest")]
    (object_,) = map(as_object, as_list(told["objects"]))
    assert (object_["verb"], object_["kind"], object_["name"]) == ("replace", "ImageDigestMirrorSet", "a")
    assert object_["changed"] == ["quay.io/ns"]


@pytest.mark.parametrize(("most", "code"), [("none", 1), ("reload", 1), ("drain", 0), ("reboot", 0)])
def test_a_gate_fails_only_above_its_bar(repo: Path, most: str, code: int) -> None:
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.example.com/ns", "n.example.com/ns"]}))
    commit()
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["n.example.com/ns"]}))
    assert run_mirrorc("diff", "--max-disruption", most, cwd=repo).code == code


def test_the_image_config_reloads_and_reboots(repo: Path) -> None:
    write(repo, "a.yaml", text=image_config(blockedRegistries=["a.example.com"]))
    commit()
    write(repo, "a.yaml", text=image_config(allowedRegistries=["a.example.com", "quay.io"]))
    assert disruption() == "drain"
    write(repo, "a.yaml", text=image_config(blockedRegistries=["a.example.com"]))
    write(repo, "b.yaml", text=mirror_set("a", {"quay.io/ns": ["m.example.com/ns"]}))
    assert disruption() == "reload"
    write(
        repo,
        "a.yaml",
        text=image_config(blockedRegistries=["a.example.com"], containerRuntimeSearchRegistries=["b.example.com"]),
    )
    told = report(code=1)
    assert told["disruption"] == "reboot"
    reasons = map(as_object, as_list(as_object(as_object(told["pools"])["master"])["reasons"]))
    reboot = next(reason for reason in reasons if reason["disruption"] == "reboot")
    assert reboot["rule"] == "changing the search drop-in reboots nodes"
    assert [as_object(place)["line"] for place in as_list(reboot["new_places"])] == [10]


def test_a_build_and_its_sources_do_not_differ(repo: Path) -> None:
    example = [str(FIXTURES / "gitops-repo" / part) for part in ("base", "clusters/north")]
    for flavour in ("controller", "drop-in"):
        made = run_mirrorc("build", *example, "-o", "made", "--machine-config", flavour, cwd=repo)
        assert made.code == 0, made.stderr
        paths = [argument for part in example for argument in ("--path", part)]
        told = report("made", "./", *paths, code=0)
        assert told["disruption"] == "none"
        config = "99-worker-generated-registries" if flavour == "controller" else "99-worker-mirrors"
        told = report(f"made/machine-configs/{config}.yaml", "./", *paths, code=0)
        assert list(as_object(told["pools"])) == ["worker"]


def test_a_name_that_is_a_revision_and_a_path(repo: Path) -> None:
    write(repo, "main/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.example.com/ns"]}))
    commit()
    done = run_mirrorc("diff", "main", cwd=repo)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == (
        "mirrorc: `main` is both a revision and a path\n  Write `git:main` for the revision, `./main` for the path.\n"
    )
    assert disruption("git:main") == "none"
    assert disruption("./main", "main/") == "none"
    git("tag", "v1")
    write(repo, "main/a.yaml", text="")
    assert disruption("v1") == "drain"


# --- The command -------------------------------------------------------------------


@pytest.fixture
def changed(repo: Path) -> Path:
    """A repo whose work tree drains: a mirror is removed."""
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.example.com/ns", "n.example.com/ns"]}))
    commit()
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["n.example.com/ns"]}))
    return repo


@pytest.mark.parametrize(
    ("format_", "begins"),
    [
        ("text", "HEAD ("),
        ("markdown", "<!-- mirrorc diff -->\n### "),
        ("github", "::warning title=mirrorc%3A drain::HEAD"),
    ],
)
def test_every_format_goes_to_standard_output_or_a_file(changed: Path, format_: str, begins: str) -> None:
    done = run_mirrorc("diff", "--format", format_, cwd=changed)
    assert (done.code, done.stderr) == (1, "")
    assert done.stdout.startswith(begins)
    to_file = call_mirrorc("diff", "--format", format_, "-o", "../report", cwd=changed)
    assert (to_file.code, to_file.stdout, to_file.stderr) == (1, "", "")
    assert (changed.parent / "report").read_text(encoding="utf-8") == done.stdout
    failed = call_mirrorc("diff", "-o", "../gone/report", cwd=changed)
    assert failed.code == 2
    assert "cannot be written" in failed.stderr


def test_the_text_is_the_same_in_every_locale(changed: Path) -> None:
    done = run_mirrorc("diff", "--format", "markdown", cwd=changed, env={"LC_ALL": "C", "PYTHONUTF8": "0"})
    assert "🟠 drain" in done.stdout


def test_paths_of_programs_are_from_the_top_of_the_repo(changed: Path) -> None:
    (changed / "sub").mkdir()
    done = run_mirrorc("diff", "--path", "..", "--format", "json", cwd=changed / "sub")
    reason = json.loads(done.stdout)["pools"]["master"]["reasons"][0]
    assert [place["path"] for place in reason["old_places"]] == ["a.yaml"]
    done = run_mirrorc("diff", "--path", "..", "--format", "github", cwd=changed / "sub")
    assert "file=a.yaml,line=7" in done.stdout
    done = run_mirrorc("diff", "--path", "..", cwd=changed / "sub")
    assert "old ../a.yaml:9:7" in done.stdout


def test_the_fork_point_of_a_branch(changed: Path) -> None:
    git("switch", "-q", "-c", "topic")
    commit()
    git("switch", "-q", "main")
    write(changed, "b.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    commit()
    told = report("--merge-base", "main", "topic", code=1)
    assert [as_object(change)["scope"] for change in as_list(told["changes"])] == ["quay.io/ns"]
    git("switch", "-q", "topic")
    assert report("--merge-base", "main", code=1)["changes"] == told["changes"]
    assert report("main", "topic", code=1)["changes"] != told["changes"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a", "b", "c"], "Give OLD and NEW."),
        (["--merge-base", "main", "a", "b"], "--merge-base sets OLD"),
        (["--format", "xml"], "Invalid value for '--format'"),
        (["--max-disruption", "much"], "Invalid value for '--max-disruption'"),
    ],
)
def test_usage(changed: Path, arguments: list[str], told: str) -> None:
    done = call_mirrorc("diff", *arguments, cwd=changed)
    assert done.code == 2
    assert told in done.stderr


def test_outside_of_a_repository_both_sides_have_to_be_given(folder: Path) -> None:
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io"]}))
    for arguments in ([], ["--merge-base", "main"]):
        done = call_mirrorc("diff", *arguments, cwd=folder)
        assert (done.code, done.stderr) == (
            2,
            "mirrorc: the current folder is not in a Git repository\n  Run this in a clone, or give OLD and NEW.\n",
        )
    assert disruption("a.yaml", ".") == "none"


def test_a_live_cluster_is_piped_in(changed: Path) -> None:
    made = run_mirrorc("build", "-o", "../made", cwd=changed)
    assert made.code == 0
    live = (changed.parent / "made/machine-configs/99-worker-generated-registries.yaml").read_bytes()
    done = run_mirrorc("diff", "-", ".", cwd=changed, stdin=live)
    assert (done.code, done.stdout.splitlines()[0]) == (0, "standard input -> ., release 5.0")
    done = run_mirrorc("diff", "-", "HEAD", "--format", "json", cwd=changed, stdin=live)
    assert (done.code, json.loads(done.stdout)["disruption"]) == (1, "reload")


def test_images_that_are_served_from_elsewhere(repo: Path) -> None:
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns", "n.io/ns"], "b.io": ["m.io/b"]}))
    digest = "sha256:" + "0" * 64
    for name, image in (("x", f"quay.io/ns/x@{digest}"), ("y", "quay.io/ns/y:1"), ("z", f"c.io/z@{digest}")):
        spec = f"spec: {{containers: [{{name: c, image: '{image}'}}]}}"
        write(repo, f"pods/{name}.yaml", text=f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n{spec}\n")
    commit()
    never = ["quay.io/ns"]
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["n.io/ns"], "b.io": ["m.io/b"]}, never=never))
    commit()
    for sides in (["HEAD~1", "HEAD"], ["HEAD~1"]):
        told = report(*sides, "--images", code=1)
        images = [as_object(image) for image in as_list(told["images"])]
        assert [(image["image"], image["change"]) for image in images] == [
            ("quay.io/ns/y:1", "no-longer-pulled"),
            (f"quay.io/ns/x@{digest}", "served-from-elsewhere"),
        ]
        (place,) = map(as_object, as_list(images[0]["places"]))
        assert (place["path"], place["line"], place["object"]) == ("pods/y.yaml", 4, "Pod y")
        assert images[1]["before"] == [f"{host}/x@{digest}" for host in ("m.io/ns", "n.io/ns", "quay.io/ns")]
        assert images[1]["after"] == [f"n.io/ns/x@{digest}"]
    write(repo, "../list.txt", text="quay.io/ns/y:1\nelsewhere.io/x:1\n")
    done = run_mirrorc("diff", "HEAD~1", "--images", "../list.txt", cwd=repo)
    assert "Images: 1 image\n  `quay.io/ns/y:1`  ../list.txt:1:1\n    can no longer be pulled; before" in done.stdout
    done = run_mirrorc("diff", "HEAD~1", "--images", "-", cwd=repo, stdin=b"quay.io/ns/y:1\n")
    assert "Images: 1 image\n  `quay.io/ns/y:1`  <stdin>:1:1\n" in done.stdout
    for format_ in ("text", "markdown"):
        done = run_mirrorc("diff", "--images", "../list.txt", "--format", format_, cwd=repo)
        assert done.code == 0
        assert "Images: none of 2 images is pulled from another location\n" in done.stdout
    assert report("HEAD~1", code=1)["images"] == []


def test_a_side_after_images_is_a_side(changed: Path) -> None:
    done = call_mirrorc("diff", "--images", "HEAD", cwd=changed)
    assert (done.code, done.stdout) == (1, call_mirrorc("diff", "HEAD", "--images", cwd=changed).stdout)
    done = call_mirrorc("diff", "--images-from", "nowhere", "HEAD", cwd=changed)
    assert done.code == 2
    assert "it was taken as the list of images" in done.stderr
    assert "Use --images alone" in done.stderr


def test_images_are_looked_for_where_there_are_workloads(changed: Path) -> None:
    write(changed, "pod.yaml", text="apiVersion: v1\nkind: Pod\nspec: {containers: [{image: quay.io/ns/x:1}]}\n")
    write(changed, "../x.conf", text="# none\n")
    told = report("../x.conf", "--images", code=1)
    assert told["images"] == []
    blob = git("hash-object", "-w", "pod.yaml")
    commit()
    (changed / ".git/objects" / blob[:2] / blob[2:]).unlink()
    done = call_mirrorc("diff", "HEAD~1", "HEAD", "--images", cwd=changed)
    assert done.code == 2
    assert "is missing from the objects of this clone" in done.stderr


def test_configured_clusters_are_compared_one_by_one_the_worst_first(repo: Path) -> None:
    write(repo, "base/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    for name in ("calm", "drained"):
        write(repo, f"{name}/b.yaml", text=mirror_set("b", {"b.io": ["m.io/b", "n.io/b"]}))
    configuration = "version: 1\nclusters:\n"
    for name in ("calm", "drained"):
        configuration += f"- name: {name}\n  paths: [base, {name}]\n"
    write(repo, ".mirrorc.yaml", text=configuration)
    commit()
    write(repo, "drained/b.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    told = report(code=1)
    assert sorted(told) == ["clusters", "disruption", "version"]
    clusters = [as_object(cluster) for cluster in as_list(told["clusters"])]
    assert [(each["name"], each["disruption"]) for each in clusters] == [("drained", "drain"), ("calm", "none")]
    assert report("--cluster", "calm", code=0)["disruption"] == "none"
    assert report("--cluster", "drained", code=1)["pools"]
    done = call_mirrorc("diff", "--shard", "3/3", cwd=repo)
    assert (done.code, done.stdout, done.stderr) == (0, "", "no clusters\n")
    write(repo, "base/c.yaml", text=mirror_set("c", {"c.io": ["m.io/c"]}))
    done = run_mirrorc("diff", cwd=repo)
    assert done.stdout.startswith("cluster drained\n\nHEAD (")
    assert "\ncluster calm\n\nHEAD (" in done.stdout


def test_a_folder_that_moves_with_its_configuration_costs_nothing(repo: Path) -> None:
    config = "version: 1\nclusters:\n- {name: north, paths: [base, FOLDER], exclude: [FOLDER/not.yaml]}\n"
    write(repo, ".mirrorc.yaml", text=config.replace("FOLDER", "clusters/north"))
    write(repo, "base/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    write(repo, "clusters/north/b.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    write(repo, "clusters/north/not.yaml", text=mirror_set("not", {"not.io": ["m.io/not"]}))
    commit()
    git("mv", "clusters", "sites")
    write(repo, ".mirrorc.yaml", text=config.replace("FOLDER", "sites/north"))
    told = report(code=0)
    assert (told["disruption"], told["objects"], told["notes"]) == ("none", [], [])
    commit()
    write(repo, "sites/north/b.yaml", text=mirror_set("b", {"b.io": ["n.io/b"]}))
    for sides, verdict in ((["HEAD~1", "HEAD"], "none"), (["HEAD~1"], "drain"), (["HEAD", "HEAD~1"], "none")):
        assert disruption(*sides) == verdict
    (repo / "sub").mkdir()
    assert call_mirrorc("diff", "HEAD~1", "HEAD", cwd=repo / "sub").code == 0


@pytest.mark.parametrize(
    "earlier", [None, "version: 1\nclusters: [x\n", "version: 1\nclusters: [{name: south, paths: [c]}]\n"]
)
def test_where_a_revision_configures_nothing_of_a_cluster_the_disk_does(repo: Path, earlier: str | None) -> None:
    write(repo, "clusters/north/b.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    if earlier is not None:
        write(repo, ".mirrorc.yaml", text=earlier)
    last = commit()
    write(repo, ".mirrorc.yaml", text="version: 1\nclusters: [{name: north, paths: [clusters/north]}]\n")
    told = report(code=0)
    assert told["objects"] == []
    is_broken = earlier is not None and "[x" in earlier
    assert [as_object(note)["text"] for note in as_list(told["notes"])] == [
        f"The configuration of HEAD ({last[:8]}) cannot be read; the current configuration is used."
    ] * is_broken


@pytest.mark.parametrize("target", ["../outside.yaml", "gone.yaml"])
def test_a_configuration_that_was_a_link_to_nowhere_is_told(repo: Path, target: str) -> None:
    write(repo, "a/a.yaml", text=mirror_set("a", {"b.io": ["m.io/b"]}))
    (repo / ".mirrorc.yaml").symlink_to(target)
    commit()
    (repo / ".mirrorc.yaml").unlink()
    write(repo, ".mirrorc.yaml", text="version: 1\nclusters: [{name: north, paths: [a]}]\n")
    (note,) = as_list(report(code=0)["notes"])
    assert as_text(as_object(note)["text"]).endswith(" cannot be read; the current configuration is used.")


@pytest.mark.parametrize("before", ["  paths: [old]\n", "  release: '4.18'\n"])
def test_a_folder_that_moves_with_its_defaults_costs_nothing(repo: Path, before: str) -> None:
    write(repo, ".mirrorc.yaml", text=f"version: 1\ndefaults:\n{before}")
    write(repo, "old/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    commit()
    git("mv", "old", "new")
    write(repo, ".mirrorc.yaml", text="version: 1\ndefaults:\n  paths: [new]\n")
    told = report(code=0)
    assert (told["disruption"], told["objects"], told["notes"]) == ("none", [], [])


def test_commits_that_change_nothing_of_a_cluster_do_not_hide_what_nodes_hold(repo: Path) -> None:
    write(repo, ".mirrorc.yaml", text="version: 1\nclusters: [{name: north, paths: [old]}]\n")
    write(repo, "old/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    good = commit()
    refused = {"quay.io/ns": ["n.io/ns"]}
    write(repo, "old/b.yaml", text=mirror_set("b", refused, never=["quay.io/ns"]))
    commit()
    several(repo, 51)
    git("mv", "old", "new")
    write(repo, ".mirrorc.yaml", text="version: 1\nclusters: [{name: north, paths: [new]}]\n")
    commit()
    several(repo, 51)
    (repo / "new/b.yaml").unlink()
    (note,) = as_list(report(code=0)["notes"])
    assert f"nodes still have the files of {good[:8]}" in as_text(as_object(note)["text"])


def several(repo: Path, number: int) -> None:
    """So many commits, none of which is about mirrors."""
    head = git("rev-parse", "HEAD")
    made = "".join(
        f"commit refs/heads/main\ncommitter T <t@x.io> {2_000_000_000 + each} +0000\ndata 1\nx"
        + (f"\nfrom {head}" if not each else "")
        + f"\nM 100644 inline x.txt\ndata <<END\n{head}{each}\nEND\n\n"
        for each in range(number)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repo, input=made, text=True, check=True)
    git("reset", "-q", "--hard")


def test_before_a_refused_revision_folders_may_have_moved(repo: Path) -> None:
    write(repo, ".mirrorc.yaml", text="version: 1\nclusters: [{name: north, paths: [old]}]\n")
    write(repo, "old/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    good = commit()
    git("mv", "old", "new")
    write(repo, ".mirrorc.yaml", text="version: 1\nclusters: [{name: north, paths: [new]}]\n")
    write(repo, "new/b.yaml", text=mirror_set("b", {"quay.io/ns": ["n.io/ns"]}, never=["quay.io/ns"]))
    commit()
    (repo / "new/b.yaml").unlink()
    told = report(code=0)
    assert f"nodes still have the files of {good[:8]}" in as_text(as_object(as_list(told["notes"])[0])["text"])


def test_two_files_are_compared_once_however_many_clusters_there_are(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text="version: 1\nclusters: [{name: a, paths: [a]}, {name: b, paths: [b]}]\n")
    write(folder, "old.conf", text='[[registry]]\nlocation = "a.io"\n')
    write(folder, "new.conf", text="# none\n")
    told = report("old.conf", "new.conf", code=1)
    assert (told["disruption"], "clusters" in told) == ("drain", False)
    assert list(as_object(told["pools"])) == ["master", "worker"]


def test_what_is_empty_is_no_cluster_without_mirrors(folder: Path) -> None:
    write(folder, "old.conf", text='[[registry]]\nlocation = "a.io"\n')
    write(folder, "empty.conf", text="")
    write(folder, "blank.conf", text=" \n\t\n")
    for sides, what in (
        (["-", "old.conf"], "standard input"),
        (["-", "."], "standard input"),
        (["old.conf", "-"], "standard input"),
        (["empty.conf", "old.conf"], "empty.conf"),
        (["old.conf", "blank.conf"], "blank.conf"),
    ):
        for given in (b"", b" \n") if "-" in sides else (b"",):
            done = run_mirrorc("diff", *sides, cwd=folder, stdin=given)
            assert (done.code, done.stdout) == (2, "")
            assert f"{what} is empty\n" in done.stderr
    for text_ in ("# none\n", 'unqualified-search-registries = ["registry.access.redhat.com", "docker.io"]\n'):
        write(folder, "new.conf", text=text_)
        assert disruption("old.conf", "new.conf") == "drain"


def test_what_a_build_of_several_clusters_wrote_is_compared_cluster_by_cluster(repo: Path) -> None:
    shutil.copytree(FIXTURES / "gitops-repo", repo, dirs_exist_ok=True)
    assert run_mirrorc("build", cwd=repo).code == 0
    for sides in (["rendered", "./"], ["./", "rendered"], ["rendered", "rendered"]):
        told = report(*sides, code=0)
        clusters = [as_object(cluster) for cluster in as_list(told["clusters"])]
        assert [each["name"] for each in clusters] == ["north", "south"]
        assert [each["changes"] for each in clusters] == [[], []]
        at = sides.index("rendered")
        assert [each[("old", "new")[at]] for each in clusters] == ["rendered/north", "rendered/south"]
    assert report("rendered", "./", "--cluster", "south", code=0)["old"] == "rendered/south"
    assert report("rendered/north", "./", "--cluster", "north", code=0)["old"] == "rendered/north"
    (repo / "clusters/north/image.yaml").unlink()
    clusters = [as_object(cluster) for cluster in as_list(report("rendered", "./", code=1)["clusters"])]
    assert [(each["name"], each["disruption"]) for each in clusters] == [("north", "reboot"), ("south", "none")]
    shutil.rmtree(repo / "rendered/south")
    done = call_mirrorc("diff", "rendered", "./", cwd=repo)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == (
        "mirrorc: rendered: it contains no build of the cluster `south`\n  Build the cluster, or select other clusters "
        "with --cluster.\n"
    )


def test_the_file_of_one_node_is_compared_with_every_cluster_and_that_is_said(repo: Path) -> None:
    shutil.copytree(FIXTURES / "gitops-repo", repo, dirs_exist_ok=True)
    assert run_mirrorc("build", "-o", "../made/{cluster}", cwd=repo).code == 0
    live = "../made/north/machine-configs/99-worker-generated-registries.yaml"
    done = run_mirrorc("diff", live, ".", "--format", "json", cwd=repo)
    assert (done.code, done.stderr) == (
        1,
        f"{live} is compared with each of 2 clusters: select its cluster with --cluster.\n",
    )
    clusters = [as_object(cluster) for cluster in json.loads(done.stdout)["clusters"]]
    assert [(each["name"], each["disruption"]) for each in clusters] == [("south", "reboot"), ("north", "none")]
    assert report(live, ".", "--cluster", "north", code=0)["pools"] == {"worker": UNCHANGED}


def test_patterns_of_a_configuration_count_in_every_side(repo: Path) -> None:
    for name in ("a", "b"):
        write(repo, f"mirrors/{name}.yaml", text=mirror_set(name, {f"{name}.io": ["m.io/x", "n.io/x"]}))
    paths = "paths: ['mirrors/*.yaml'], exclude: [mirrors/b.yaml]"
    write(repo, ".mirrorc.yaml", text=f"version: 1\nclusters:\n- {{name: one, {paths}}}\n")
    commit()
    git("worktree", "add", "-q", "../other")
    for name in ("a", "b"):
        write(repo, f"mirrors/{name}.yaml", text=mirror_set(name, {f"{name}.io": ["m.io/x"]}))
    for sides in ([], ["HEAD", "./"], ["../other"], ["../other", "./"]):
        told = report(*sides, code=1)
        assert [as_object(change)["scope"] for change in as_list(told["changes"])] == ["a.io"]


def test_a_refused_change_is_said_and_costs_nothing_now(repo: Path) -> None:
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    commit()
    write(repo, "b.yaml", text=mirror_set("b", {"quay.io/ns": ["n.io/ns"]}, never=["quay.io/ns"]))
    told = report(code=0)
    assert told["disruption"] == "none"
    (refusal,) = map(as_object, as_list(as_object(told["refused"])["new"]))
    assert (refusal["rule"], refusal["path"], refusal["line"]) == ("policy-conflict", "b.yaml", 8)
    (note,) = map(as_object, as_list(told["notes"]))
    assert "nodes keep the files they have" in as_text(note["text"])


# --- Kustomizations ----------------------------------------------------------------


@pytest.fixture
def overlays(repo: Path) -> Path:
    """A repo of one cluster that is built by kustomize: a base of one object, and an overlay with another."""
    write(repo, ".mirrorc.yaml", text="version: 1\nclusters:\n- {name: north, kustomization: overlays/north}\n")
    write(repo, "base/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns", "n.io/ns"]}))
    write(repo, "base/kustomization.yaml", text="resources: [a.yaml]\n")
    write(repo, "overlays/north/b.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    write(repo, "overlays/north/kustomization.yaml", text="resources: [../../base, b.yaml]\n")
    write(repo, "large.bin", text="x" * 100)
    commit()
    return repo


@needs_kustomize
def test_a_kustomization_is_built_on_both_sides_with_places_where_things_are_written(overlays: Path) -> None:
    assert report(code=0)["disruption"] == "none"
    write(overlays, "base/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    told = report(code=1)
    reason = as_object(as_list(as_object(as_object(told["pools"])["worker"])["reasons"])[0])
    assert [(as_object(place)["path"], as_object(place)["line"]) for place in as_list(reason["old_places"])] == [
        ("base/a.yaml", 10)
    ]
    commit()
    git("worktree", "add", "-q", "../other", "HEAD~1")
    for sides in (["HEAD~1", "HEAD"], ["HEAD~1"]):
        assert report(*sides, code=1)["changes"] == told["changes"]
    for sides in (["../other"], ["../other", "HEAD"]):
        assert report(*sides, code=1)["disruption"] == "drain"


@needs_kustomize
def test_a_subfolder_and_a_kustomization_above_it(overlays: Path) -> None:
    write(overlays, "base/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    commit()
    done = run_mirrorc("diff", "HEAD~1", "HEAD", cwd=overlays / "overlays")
    assert done.code == 1
    assert "    old ../base/a.yaml:10:7: - n.io/ns\n" in done.stdout


@needs_kustomize
def test_a_kustomization_that_is_new_or_gone(overlays: Path) -> None:
    shutil.rmtree(overlays / "overlays")
    told = report(code=1)
    assert told["disruption"] == "drain"
    assert [as_object(note)["text"] for note in as_list(told["notes"])] == [
        "the working tree does not have `overlays/north`."
    ]
    commit()
    assert report("HEAD", "HEAD~1", code=1)["disruption"] == "reload"
    done = call_mirrorc("diff", cwd=overlays)
    assert done.code == 2
    assert "has `overlays/north`" in done.stderr


@needs_kustomize
def test_a_kustomization_is_built_over_the_links_of_a_commit(overlays: Path) -> None:
    (overlays / "base").rename(overlays / "shared")
    (overlays / "base").symlink_to("shared")  # a folder
    (overlays / "overlays/north/b.yaml").rename(overlays / "overlays/north/real.yaml")
    (overlays / "overlays/north/hop.yaml").symlink_to("real.yaml")
    (overlays / "overlays/north/b.yaml").symlink_to("hop.yaml")  # a file over another link
    (overlays / "overlays/north").rename(overlays / "overlays/real")
    (overlays / "overlays/north").symlink_to("real")  # the kustomization itself
    assert report(code=0)["objects"] == []
    commit()
    assert report("HEAD~1", "HEAD", code=0)["objects"] == []
    write(overlays, "shared/a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    for sides in ([], ["HEAD~1"], ["HEAD"]):
        assert report(*sides, code=1)["disruption"] == "drain"
    commit()
    told = report("HEAD~1", "HEAD", code=1)
    assert told["disruption"] == "drain"
    reason = as_object(as_list(as_object(as_object(told["pools"])["worker"])["reasons"])[0])
    assert [as_object(place)["path"] for place in as_list(reason["old_places"])] == ["base/a.yaml"]


@needs_kustomize
@pytest.mark.parametrize("target", ["/etc/passwd", "../../../outside.yaml", "b.yaml", "gone.yaml"])
def test_links_that_lead_out_of_a_commit_are_not_followed(overlays: Path, target: str) -> None:
    write(overlays, "../outside.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    (overlays / "overlays/north/b.yaml").unlink()
    (overlays / "overlays/north/b.yaml").symlink_to(target)
    commit()
    done = call_mirrorc("diff", "HEAD~1", "HEAD", cwd=overlays)
    assert done.code == 2
    assert "`b.yaml` does not exist" in flat(done.stderr)


@needs_kustomize
def test_a_kustomization_that_cannot_be_built_fails(overlays: Path) -> None:
    write(overlays, "overlays/north/kustomization.yaml", text="resources: [../../base, gone.yaml]\n")
    for sides in ([], ["HEAD~1", "HEAD"]):
        done = run_mirrorc("diff", *sides, cwd=overlays)
        assert done.code == 2
        said = flat(done.stderr)
        assert "`overlays/north/gone.yaml` does not exist" in said or "`gone.yaml` does not exist" in said
        assert done.stderr.endswith(
            "mirrorc: not all input could be read, so the result can be wrong\n  Fix the findings above.\n"
        )
        commit()


@needs_kustomize
def test_under_a_refused_kustomization_the_commits_before_it_are_looked_at(overlays: Path) -> None:
    refused = mirror_set("c", {"quay.io/ns": ["m.io/ns"]}, never=["quay.io/ns"])
    write(overlays, "overlays/north/b.yaml", text=refused)
    commit()
    write(overlays, "overlays/north/b.yaml", text=mirror_set("b", {"b.io": ["m.io/b"]}))
    told = report(code=0)
    assert "nodes still have the files of" in as_text(as_object(as_list(told["notes"])[0])["text"])


def test_patches_of_a_kustomization_are_no_objects_in_any_side(repo: Path) -> None:
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns", "n.io/ns"]}))
    write(repo, "patch.yaml", text=mirror_set("a", {"quay.io/ns": ["x.io"]}))
    write(repo, "kustomization.yaml", text="resources: [a.yaml]\npatches: [{path: patch.yaml}]\n")
    commit()
    write(repo, "patch.yaml", text=mirror_set("a", {"quay.io/ns": ["y.io"]}))
    assert report(code=0)["objects"] == []
    git("commit", "-q", "-a", "-m", "x")
    assert report("HEAD~1", "HEAD", code=0)["objects"] == []


def node(name: str, files: dict[str, str], role: str = "worker", **contents: Json) -> str:
    """A MachineConfig with these files."""
    listed: list[Json] = [
        {
            "path": path,
            "mode": 420,
            "contents": {"source": "data:;base64," + base64.b64encode(text.encode()).decode(), **contents},
        }
        for path, text in files.items()
    ]
    config: Json = {
        "apiVersion": "machineconfiguration.openshift.io/v1",
        "kind": "MachineConfig",
        "metadata": {"name": name, "labels": {"machineconfiguration.openshift.io/role": role}},
        "spec": {"config": {"ignition": {"version": "3.2.0"}, "storage": {"files": listed}}},
    }
    return json.dumps(config)


def test_a_policy_json_that_no_node_loads_is_refused_at_its_place(folder: Path) -> None:
    """A node with it runs nothing, which is not what one does that lets everything in."""
    write(folder, "node.yaml", text=node("99-worker-generated-registries", {"/etc/containers/policy.json": "{}"}))
    write(folder, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    for old, new in (("node.yaml", "a.yaml"), ("a.yaml", "node.yaml")):
        done = run_mirrorc("diff", old, new, cwd=folder)
        assert (done.code, done.stdout) == (2, "")
        assert "node.yaml#/etc/containers/policy.json" in done.stderr
        assert "\n  Give a file that nodes load: " in done.stderr


def test_between_machine_configs_a_policy_json_that_no_node_loads_is_named(folder: Path) -> None:
    """What the change costs is known, whether or not CRI-O loads the result."""
    write(folder, "old.json", text=node("50-x", {"/etc/containers/policy.json": "{}"}))
    write(folder, "new.json", text=node("50-x", {"/etc/containers/policy.json": '{"default": []}'}))
    told = report("old.json", "new.json", "--max-disruption", "reload", code=1)
    assert told["disruption"] == "reload"
    assert "CRI-O does not load the configuration of new.json: new.json#/etc/containers/policy.json" in str(
        told["notes"]
    )


def policy(*actions: Json, path: str = "/etc/containers/registries.conf") -> str:
    """A MachineConfiguration with one entry."""
    made: Json = {
        "apiVersion": "operator.openshift.io/v1",
        "kind": "MachineConfiguration",
        "metadata": {"name": "cluster"},
        "spec": {"nodeDisruptionPolicy": {"files": [{"path": path, "actions": list(actions)}]}},
    }
    return json.dumps(made, indent=1)


RELOAD: Json = {"type": "Reload", "reload": {"serviceName": "crio.service"}}


def expected_disruption(expected: dict[str, Json]) -> str:
    """The word for recorded actions."""
    actions = texts(expected, "actions")
    if "Reboot" in actions:
        return "reboot"
    if expected["drain"]:
        return "drain"
    if any(action.startswith("Restart") for action in actions):
        return "restart"
    return "none" if set(actions) <= {"None"} else "reload"


@pytest.mark.parametrize("name", ["99-worker-generated-registries", f"rendered-worker-{'0' * 32}", "50-x"])
def test_every_recorded_verdict_of_a_node_disruption_policy_holds(folder: Path, name: str) -> None:
    wrong = []
    for line in recordings("disruption-policy"):
        for side in ("old", "new"):
            files = {path: as_text(content) for path, content in as_object(line[side]).items()}
            Path(f"{side}.json").write_text(node(name, files))
        Path("policy.json").write_text(json.dumps(line["machine_configuration"]))
        told = json.loads(diff_json.render([("", compared("old.json", "new.json", policy="policy.json"))]))
        pool = told["pools"]["worker"]
        expected = as_object(line["expected"])
        changed = sorted({reason["path"] for reason in pool["reasons"]})
        found = (sorted(pool["actions"]), pool["disruption"], changed)
        recorded = (
            sorted(texts(expected, "actions")),
            expected_disruption(expected),
            sorted(texts(expected, "changed_files")),
        )
        if found != recorded:
            wrong.append((line["id"], found, recorded))
    assert wrong == []


def test_the_command_gives_recorded_verdicts_of_a_policy_and_names_the_entry(folder: Path) -> None:
    seen: set[str] = set()
    for line in recordings("disruption-policy"):
        verdict = expected_disruption(as_object(line["expected"]))
        if verdict in seen:
            continue
        seen.add(verdict)
        for side in ("old", "new"):
            files = {path: as_text(content) for path, content in as_object(line[side]).items()}
            Path(f"{side}.json").write_text(node("99-worker-x", files))
        Path("policy.json").write_text(json.dumps(line["machine_configuration"], indent=1))
        done = run_mirrorc(
            *("diff", "old.json", "new.json", "--node-disruption-policy", "policy.json", "--format", "json"),
            cwd=folder,
        )
        told = json.loads(done.stdout)
        assert (done.code, done.stderr, told["disruption"]) == (int(verdict != "none"), "", verdict)
    assert seen == {"none", "reload", "restart", "drain", "reboot"}


CONF = """unqualified-search-registries = ["a.io"]
[[registry]]
location = "quay.io/ns"
[[registry.mirror]]
location = "m.io/ns"
pull-from-mirror = "digest-only"
"""
REGISTRIES = "/etc/containers/registries.conf"


def test_the_entry_that_decides_is_named_with_its_place(folder: Path) -> None:
    write(folder, "old.json", text=node("50-x", {REGISTRIES: CONF}))
    write(folder, "new.json", text=node("50-x", {REGISTRIES: CONF.replace("m.io", "n.io")}))
    write(folder, "policy.json", text=policy(RELOAD))
    assert report("old.json", "new.json", code=1)["disruption"] == "drain"
    told = report("old.json", "new.json", "--node-disruption-policy", "policy.json", code=1)
    assert told["disruption"] == "reload"
    (reason, _) = as_list(as_object(as_object(told["pools"])["worker"])["reasons"])
    decided = as_object(as_object(reason)["decided_by"])
    assert (decided["entry"], decided["actions"]) == (REGISTRIES, ["Reload:crio.service"])
    place = as_object(decided["place"])
    assert (place["path"], place["line"]) == ("policy.json", 11)
    arguments = ("diff", "old.json", "new.json", "--node-disruption-policy", "policy.json", "--format")
    shown = run_mirrorc(*arguments, "text", cwd=folder).stdout
    assert "  policy policy.json:11:" in shown
    assert "The node disruption policy at policy.json:5:" in shown
    assert "(`policy.json:11`)" in run_mirrorc(*arguments, "markdown", cwd=folder).stdout
    assert "policy: policy.json:11:" in run_mirrorc(*arguments, "github", cwd=folder).stdout


def test_a_policy_of_none_says_that_the_change_has_no_effect_yet(folder: Path) -> None:
    write(folder, "old.json", text=node("50-x", {REGISTRIES: CONF}))
    write(folder, "new.json", text=node("50-x", {REGISTRIES: CONF.replace("m.io", "n.io")}))
    other: Json = {"serviceName": "x.service"}
    actions: list[dict[str, Json]] = [{"type": "None"}, {"type": "Drain"}, {"type": "Reload", "reload": other}]
    for action in actions:
        write(folder, "policy.json", text=policy(action))
        done = run_mirrorc("diff", "old.json", "new.json", "--node-disruption-policy", "policy.json", cwd=folder)
        assert "neither reloads nor restarts CRI-O" in done.stdout
        assert done.code == (action["type"] != "None")
    write(folder, "policy.json", text=policy(RELOAD))
    done = run_mirrorc("diff", "old.json", "new.json", "--node-disruption-policy", "policy.json", cwd=folder)
    assert "neither reloads nor restarts CRI-O" not in done.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "missing.json: "),
        ("kind: ConfigMap\n", "expected a MachineConfiguration (operator.openshift.io/v1), found none"),
        (policy({"type": "Rebot"}), "`Rebot` is not a valid action of a node disruption policy"),
        ("kind: [\n", "expected a MachineConfiguration"),
        (policy({"type": "None"}).replace('"path"', '"pathh"'), "there is no field `pathh` here"),
    ],
)
def test_a_policy_that_cannot_be_used_is_an_error(folder: Path, content: str | None, message: str) -> None:
    write(folder, "old.json", text=node("50-x", {REGISTRIES: CONF}))
    name = "missing.json" if content is None else "policy.json"
    if content is not None:
        write(folder, name, text=content)
    done = run_mirrorc("diff", "old.json", "old.json", "--node-disruption-policy", name, cwd=folder)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_compressed_registries_conf_stops_the_update(folder: Path) -> None:
    for line in recordings("drain-encodings"):
        for side in ("old", "new"):
            source, compression = as_object(line[side])["Source"], as_object(line[side])["Compression"]
            made = json.loads(node("50-x", {REGISTRIES: ""}))
            contents = {"source": source, "compression": compression}
            made["spec"]["config"]["storage"]["files"][0]["contents"] = contents
            Path(f"{side}.json").write_text(json.dumps(made))
        done = run_mirrorc("diff", "old.json", "new.json", "--format", "json", cwd=folder)
        if line["error"]:
            assert (done.code, done.stdout) == (2, ""), line["id"]
            assert f"{REGISTRIES} is compressed with gzip: the update of every node fails" in done.stderr
        else:
            assert json.loads(done.stdout)["disruption"] == ("reload" if line["safe"] else "drain"), line["id"]
    # An entry of the node disruption policy does without the test.
    gzipped = gzip.compress(CONF.encode(), mtime=0)
    for side, location in (("old", "m.io"), ("new", "n.io")):
        made = json.loads(node("50-x", {REGISTRIES: CONF.replace("m.io", location)}))
        if side == "new":
            source = "data:;base64," + base64.b64encode(gzipped).decode()
            made["spec"]["config"]["storage"]["files"][0]["contents"] = {"source": source, "compression": "gzip"}
        Path(f"{side}.json").write_text(json.dumps(made))
    write(folder, "policy.json", text=policy(RELOAD))
    assert report("old.json", "new.json", "--node-disruption-policy", "policy.json", code=1)["disruption"] == "reload"


def test_a_template_that_changes_makes_the_verdict_unknown(repo: Path) -> None:
    no_yaml = "}{\n"
    write(repo, "t.yaml", text=mirror_set("t", {"quay.io/t": ["{{ mirror }}"]}) + no_yaml)
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns"]}))
    commit()
    assert report(code=0)["unread"] == []
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.io/ns", "n.io/ns"]}))
    assert report(code=1)["disruption"] == "reload"
    write(repo, "t.yaml", text=mirror_set("t", {"quay.io/t": ["{{ other }}"]}) + no_yaml)
    for most, code in (("none", 2), ("reboot", 2), ("unknown", 0)):
        told = report("--max-disruption", most, code=code)
        assert told["disruption"] == "unknown"
        assert told["unread"] == [{"path": "t.yaml", "line": 9, "form": "template"}]
        assert as_object(as_object(told["pools"])["worker"])["actions"] == ["Special"]
    done = run_mirrorc("diff", cwd=repo)
    assert done.code == 2
    assert "1 place of changed policy was not read. The effect of the rest: reload." in " ".join(done.stdout.split())
    assert "\nNot read: 1 place\n  t.yaml:9: template\n" in done.stdout
    assert "::error title=mirrorc%3A unknown,file=t.yaml,line=9::not read: template" in (
        run_mirrorc("diff", "--format", "github", "--max-disruption", "drain", cwd=repo).stdout
    )
