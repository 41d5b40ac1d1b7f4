"""`mirrorc diff` from end to end: recorded verdicts, sides of every kind, exit codes."""

import json
from pathlib import Path

import pytest

from compiler.cluster import Cluster
from compiler.comparison import Comparison, compare
from compiler.naming import name_side
from compiler.pipeline import Settings
from compiler.reporters import diff_json
from compiler.revisions import Reader
from tests.command import FIXTURES, run_mirrorc
from tests.conformance import Json, as_list, as_object, as_text, recordings, text
from tests.manifests import image_config, mirror_set
from tests.repositories import commit, git, write


def compared(old: str, new: str, settings: Settings | None = None) -> Comparison:
    """What the command makes of two paths."""
    cluster = Cluster(settings=settings or Settings())
    with Reader(None) as reader:
        ((before, after),) = reader.read_pair(name_side(old, None), name_side(new, None), [cluster])
        return compare(before, after, cluster.settings)


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
    assert told["pools"] == {pool: {"disruption": "none", "reasons": []} for pool in ("master", "worker")}
    assert (told["changes"], told["objects"]) == ([], [])
    assert told["diagnostics"] == {"new": [], "gone": []}


def test_a_removed_mirror_names_its_line_and_the_remedy(repo: Path) -> None:
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["m.example.com/ns", "n.example.com/ns"]}))
    commit()
    write(repo, "a.yaml", text=mirror_set("a", {"quay.io/ns": ["n.example.com/ns"]}))
    told = report(code=1)
    assert told["disruption"] == "drain"
    (reason,) = map(as_object, as_list(as_object(as_object(told["pools"])["worker"])["reasons"]))
    assert reason["message"] == 'mirror "m.example.com/ns" of "quay.io/ns" is removed'
    assert reason["rule"] == "no mirror may be removed from an entry that stays"
    assert reason["help"] == "Keep it as the last mirror of its list until the nodes are drained anyway."
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
    assert reboot["rule"] == "no rule covers the search drop-in, and what no rule covers reboots"
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
