"""Many clusters in one run: which there are, what each is made of, and what is told about them."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from compiler.commands import table as table_module
from compiler.commands.table import Result, Row
from compiler.findings import by_cluster
from compiler.findings.diagnostics import Diagnostic, Label, Severity
from compiler.machine.memo import FORGETFUL, Memo
from compiler.repository.patterns import Paths, fixed_folder, is_pattern
from compiler.text.span import File, Span
from tests.command import FIXTURES, Done, call_mirrorc, run_mirrorc, tree
from tests.fleets import SHARED, fleet_of, mirrors
from tests.repositories import commit, git, write


def sources(done_in: Path, cluster: str) -> list[str]:
    """The scopes in a cluster's registries.conf."""
    text = (done_in / "rendered" / cluster / "registries.conf").read_text()
    return [line.split('"')[1] for line in text.splitlines() if line.startswith("  location")]


def build(at: Path, *arguments: str, code: int = 0) -> Done:
    done = call_mirrorc("build", *arguments, cwd=at)
    assert done.code == code, done.stderr
    return done


# --- Which clusters ----------------------------------------------------------------


def test_every_configured_cluster_is_built_into_its_own_folder(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    build(folder)
    assert sources(folder, "north") == ["quay.io/north", "quay.io/shared"]
    assert sources(folder, "south") == ["quay.io/shared", "quay.io/south"]


def test_the_example_builds_what_its_folders_build_one_by_one(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    shutil.copytree(FIXTURES / "gitops-repo", repo)
    build(repo)
    for cluster in ("north", "south"):
        assert tree(repo / "rendered" / cluster) == tree(FIXTURES / "rendered" / cluster)


def test_the_configuration_is_found_from_below_and_stops_at_the_top_of_the_repo(folder: Path) -> None:
    fleet_of(folder, "north")
    write(folder, "inner/.git", text="gitdir: elsewhere\n")
    write(folder, "inner/own.yaml", text=mirrors("inner", "quay.io/inner: m.example.com/inner"))
    assert "1 written" not in build(folder / "clusters").stderr
    assert sources(folder, "north") == ["quay.io/north", "quay.io/shared"]
    build(folder / "inner")
    assert sources(folder / "inner", ".") == ["quay.io/inner"]


def test_a_configuration_can_be_named(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    (folder / ".mirrorc.yaml").rename(folder / "clusters" / "mine.yaml")
    text = (folder / "clusters" / "mine.yaml").read_text().replace("base, 'clusters/", "'")
    (folder / "clusters" / "mine.yaml").write_text(text)
    build(folder, "--config", "clusters/mine.yaml")
    assert sources(folder / "clusters", "south") == ["quay.io/south"]


def test_clusters_are_chosen_by_name(folder: Path) -> None:
    fleet_of(folder, "north", "south", "west")
    build(folder, "--cluster", "north", "--cluster", "west")
    assert [path.name for path in sorted((folder / "rendered").iterdir())] == ["north", "west"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--cluster", "nort"], 2, "mirrorc: .mirrorc.yaml has no cluster `nort`\n  Did you mean `north`?\n"),
        (["--cluster", "x"], 2, "mirrorc: .mirrorc.yaml has no cluster `x`\n  It has north, south.\n"),
        (
            ["base", "--cluster", "north", "--cluster", "south"],
            2,
            (
                "mirrorc: paths replace the manifests of one cluster, but several clusters are selected\n  Select one "
                "cluster, or give no paths.\n"
            ),
        ),
        (
            ["base", "--shard", "1/2"],
            2,
            "mirrorc: --shard splits the configured clusters, but there is only one cluster\n  Remove the option.\n",
        ),
        (["-o", "out"], 2, "Error: Several clusters would be written to `out`: use {cluster} in the name.\n"),
        (["--shard", "3/2"], 2, "`3/2` is not K/N with K from 1 to N, for example 1/4.\n"),
        (["--shard", "0/2"], 2, "`0/2` is not K/N with K from 1 to N, for example 1/4.\n"),
        (["--shard", "x"], 2, "`x` is not K/N with K from 1 to N, for example 1/4.\n"),
        (["--config", "none.yaml"], 2, "mirrorc: none.yaml cannot be used\n"),
        (
            ["--severity", "order-conflict"],
            2,
            "`order-conflict` is not RULE=LEVEL, for example order-conflict=warning.\n",
        ),
        (["--severity", "order=off"], 2, "there is no rule `order`"),
        (
            ["--severity", "order-conflict=bad"],
            2,
            "`bad` is not a valid severity. Choose one of error, warning, note, off.\n",
        ),
        (["--pool", "../x"], 2, "`../x` is not a valid name of a machine config pool."),
        (["--name", "x"], 2, "`x` gives several MachineConfigs the same name. Use {pool} in the name.\n"),
    ],
)
def test_a_choice_that_is_none_is_refused(folder: Path, arguments: list[str], code: int, message: str) -> None:
    fleet_of(folder, "north", "south")
    assert message in build(folder, *arguments, code=code).stderr
    assert not (folder / "rendered").exists()


@pytest.mark.parametrize("option", [("--cluster", "north"), ("--shard", "1/2")])
def test_without_a_configuration_there_is_nothing_to_choose_from(folder: Path, option: tuple[str, str]) -> None:
    done = build(folder, *option, code=2)
    assert done.stderr == (
        f"mirrorc: {option[0]} needs a configuration, and none was found\n  Write one with `mirrorc init`.\n"
    )


def test_a_wrong_configuration_is_told_and_stops_everything(folder: Path) -> None:
    fleet_of(folder, "north", config="version: 1\nclusters:\n- name: north\n  pathes: [base]\n")
    done = build(folder, code=2)
    assert ".mirrorc.yaml:4:3: error[invalid-config]: there is no field `pathes` here\n" in done.stderr
    assert " = help: Did you mean `paths`?\n" in done.stderr
    assert not (folder / "rendered").exists()


@pytest.mark.parametrize("parts", [1, 2, 3, 5, 8])
def test_shards_are_even_and_are_all_of_it(folder: Path, parts: int) -> None:
    names = ["a", "b", "c", "d", "e"]
    fleet_of(folder, *names)
    sizes, built = [], []
    for part in range(1, parts + 1):
        shutil.rmtree(folder / "rendered", ignore_errors=True)
        build(folder, "--shard", f"{part}/{parts}")
        made = [path.name for path in (folder / "rendered").glob("*")]
        sizes.append(len(made))
        built += made
    assert sorted(built) == names
    assert max(sizes) - min(sizes) <= 1


def test_an_empty_shard_is_fine(folder: Path) -> None:
    fleet_of(folder, "north")
    assert build(folder, "--shard", "2/2").stderr == "no clusters\n"


# --- What each is made of ----------------------------------------------------------


def test_paths_on_the_command_line_are_one_cluster_under_the_defaults(folder: Path) -> None:
    fleet_of(folder, "north", config="version: 1\ndefaults: {release: '4.18', exclude: [base/old]}\n")
    write(folder, "base/old/x.yaml", text=mirrors("old", "quay.io/old: m.example.com/old"))
    build(folder, "base", "clusters/north")
    assert sources(folder, ".") == ["quay.io/north", "quay.io/shared"]
    assert "additional-layer-store-auth-helper" not in (folder / "rendered/registries.conf").read_text()


def test_without_clusters_the_defaults_are_the_cluster(folder: Path) -> None:
    fleet_of(folder, "north", config="version: 1\ndefaults: {paths: [clusters], output: 'out'}\n")
    build(folder / "base")
    assert (folder / "out" / "registries.conf").read_text().count("[[registry]]") == 1
    (folder / ".mirrorc.yaml").write_text("version: 1\n")
    build(folder)
    assert sources(folder, ".") == ["quay.io/north", "quay.io/shared"]


def test_paths_stand_for_those_of_the_one_cluster_that_is_named(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    done = run_mirrorc("build", "--cluster", "north", "-", cwd=folder, stdin=SHARED.encode())
    assert done.code == 0, done.stderr
    assert sources(folder, "north") == ["quay.io/shared"]
    assert not (folder / "rendered" / "south").exists()


def test_options_on_the_command_line_win_over_configured_ones(folder: Path) -> None:
    conflict = mirrors("conflict", "quay.io/x: a.example.com b.example.com", "quay.io/x: b.example.com a.example.com")
    fleet_of(
        folder,
        config="version: 1\nclusters:\n- name: a\n  paths: [base]\n  release: '4.18'\n  pools: [infra]\n"
        "  severities: {order-conflict: error}\n",
        base=conflict,
    )
    build(folder, code=1)
    build(folder, "--severity", "order-conflict=off", "--release", "4.13", "--pool", "edge", "-o", "made/{cluster}")
    assert "version: 3.2.0" in (folder / "made/a/machine-configs/99-edge-generated-registries.yaml").read_text()


def test_patterns_name_files_and_folders(folder: Path) -> None:
    fleet_of(
        folder,
        "north",
        "south",
        config="version: 1\nclusters:\n- name: a\n  paths: ['clusters/*/own.yaml', 'b*']\n  exclude: ['**/sou*']\n",
    )
    write(folder, "clusters/north/other.yaml", text=mirrors("other", "quay.io/other: m.example.com/other"))
    build(folder)
    assert sources(folder, "a") == ["quay.io/north", "quay.io/shared"]
    # The same from another folder: patterns are relative to the configuration.
    shutil.rmtree(folder / "rendered")
    build(folder / "clusters" / "north")
    assert sources(folder, "a") == ["quay.io/north", "quay.io/shared"]
    shutil.rmtree(folder / "rendered")
    build(folder.parent, "--config", f"{folder.name}/.mirrorc.yaml")
    assert sources(folder, "a") == ["quay.io/north", "quay.io/shared"]


def test_what_leads_nowhere_is_told_where_the_configuration_names_it(folder: Path) -> None:
    config = "version: 1\nclusters:\n- name: a\n  paths:\n  - base\n  - nowhere\n  - 'clusters/*/x.yaml'\n"
    fleet_of(folder, "north", config=config)
    told = build(folder, code=1).stderr
    assert ".mirrorc.yaml:6:5: error[unreadable-file]: `nowhere` does not exist\n" in told
    assert ".mirrorc.yaml:7:5: warning[unmatched-path]: no file matches `clusters/*/x.yaml`\n" in told


def test_only_tracked_files_count_even_those_that_are_named(repo: Path) -> None:
    config = "version: 1\nclusters:\n- name: a\n  paths: [base/mirrors.yaml, base/new.yaml, 'clusters/**/*.yaml']\n"
    fleet_of(repo, "north", config=config)
    commit()
    for name in ("base/new.yaml", "clusters/north/new.yaml"):
        write(repo, name, text=mirrors("new", "quay.io/new: m.example.com/new"))
    told = build(repo, "--tracked-only").stderr
    assert sources(repo, "a") == ["quay.io/north", "quay.io/shared"]
    assert ".mirrorc.yaml:4:30: warning[unmatched-path]: no file matches `base/new.yaml`\n" in told
    git("add", "-A")
    assert "duplicate-object" in build(repo, "--tracked-only").stderr


def test_a_cluster_that_is_written_into_its_own_input_does_not_read_it_back(folder: Path) -> None:
    fleet_of(folder, "north", config="version: 1\nclusters: [{name: a, paths: [.]}]\n")
    build(folder)
    assert "up to date" in build(folder).stderr


# --- What is told ------------------------------------------------------------------


def test_one_clusters_errors_do_not_stop_the_others(folder: Path) -> None:
    fleet_of(folder, "north", "south", "west")
    write(folder, "clusters/south/own.yaml", text="kind: ImageDigestMirrorSet\n")
    done = build(folder, code=1)
    assert done.stderr.startswith("In south:\n\nclusters/south/own.yaml:1:")
    assert done.stderr.endswith(
        """\
cluster  result                 objects  sources  mirrors  conflicts  files
north    5 written                    2        2        2          0      5
west     5 written                    2        2        2          0      5
south    not written: 3 errors        1        1        1          0
3 clusters: 2 changed, 1 failed
"""
    )
    assert not (folder / "rendered" / "south").exists()


def test_clusters_that_changed_come_first(folder: Path) -> None:
    fleet_of(folder, "north", "south", "west")
    build(folder)
    write(folder, "clusters/west/own.yaml", text=mirrors("own", "quay.io/new: m.example.com/new"))
    assert [line.split("  ")[0] for line in build(folder).stderr.splitlines()[1:]] == [
        "west",
        "north",
        "south",
        "3 clusters: 1 changed, 2 up to date",
    ]


def test_a_stale_fleet_is_shown_as_one_diff_and_nothing_is_written(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    build(folder)
    before = tree(folder / "rendered")
    write(folder, "base/mirrors.yaml", text=mirrors("shared", "quay.io/moved: m.example.com/shared"))
    done = build(folder, "--check", code=1)
    assert tree(folder / "rendered") == before
    assert done.stdout.count("--- ") == 6
    assert done.stdout.index("rendered/north/") < done.stdout.index("rendered/south/")
    assert done.stderr.endswith("2 clusters: 2 stale\n")
    assert "north    3 to write" in done.stderr


def test_a_folder_that_cannot_be_written_fails_its_cluster_alone(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    write(folder, "rendered/north/registries.conf", text="mine\n")
    done = build(folder, code=2)
    assert "mirrorc: rendered/north/registries.conf was not made by mirrorc\n  Move it away" in done.stderr
    assert "north    not written: see above " in done.stderr
    assert sources(folder, "south") == ["quay.io/shared", "quay.io/south"]


def test_a_build_that_changes_nothing_is_no_change_to_fail_on(folder: Path) -> None:
    fleet_of(folder, "north", "south")
    build(folder, "--fail-on-change", code=1)
    build(folder, "--fail-on-change")
    (folder / "clusters" / "north" / "own.yaml").unlink()
    build(folder, "--fail-on-change", code=1)


def test_a_finding_in_a_shared_base_is_told_once(folder: Path) -> None:
    legacy = (
        "apiVersion: operator.openshift.io/v1alpha1\nkind: ImageContentSourcePolicy\nmetadata: {name: x}\nspec: {a: 1}"
    )
    fleet_of(folder, "north", "south", "west", base=legacy)
    write(folder, "clusters/south/own.yaml", text="kind: ImageDigestMirrorSet\n")
    told = build(folder, code=1).stderr
    assert told.count("there is no field `a` here") == 1
    assert told.startswith("In all 3 clusters:\n\nbase/mirrors.yaml:4:")
    assert told.index("In all 3 clusters") < told.index("In south:")


def test_a_large_fleet_comes_out_as_it_does_one_by_one(folder: Path) -> None:
    """Large enough for help from other processes, which must not be seen in the result."""
    names = [f"c{number:03d}" for number in range(120)]
    base = mirrors("base", *(f"quay.io/s{number}: m.example.com/s{number}" for number in range(5)))
    fleet_of(folder, *names, base=base)
    write(folder, "clusters/c007/image.yaml", text=IMAGE)
    write(folder, "clusters/c119/image.yaml", text=IMAGE.replace("quay.io/s3/x", "[]"))
    done = build(folder, code=1)
    assert "In c119:" in done.stderr
    assert done.stderr.endswith("120 clusters: 119 changed, 1 failed\n")
    for name in ("c000", "c007", "c118"):
        build(folder, "base", f"clusters/{name}", "-o", f"alone/{name}")
        assert tree(folder / "alone" / name) == tree(folder / "rendered" / name)
    quiet = build(folder, code=1).stderr.splitlines()
    assert quiet[-2:] == ["and 119 clusters without changes", "120 clusters: 1 failed, 119 up to date"]


IMAGE = """\
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec: {registrySources: {insecureRegistries: [m.example.com], blockedRegistries: [quay.io/s3/x]}}
"""

# --- The parts -----------------------------------------------------------------------


def finding(message: str, path: str = "a.yaml") -> Diagnostic:
    span = Span(File(path, "text"), 0, 4)
    return Diagnostic(
        rule="x", severity=Severity.ERROR, message=message, span=span, labels=(Label(span=span, text="here"),)
    )


def test_findings_are_gathered_by_the_clusters_they_concern() -> None:
    groups = by_cluster.gather(
        {
            "a": [finding("own"), finding("most"), finding("all")],
            "b": [finding("all"), finding("most"), finding("all")],
            "c": [finding("all")],
        }
    )
    assert [(clusters, [each.message for each in told]) for clusters, told in groups] == [
        (("a", "b", "c"), ["all"]),
        (("a", "b"), ["most"]),
        (("a",), ["own"]),
    ]


@pytest.mark.parametrize(
    ("clusters", "of", "words"),
    [
        (["a"], 1, "a"),
        (["a"], 3, "a"),
        (["a", "b"], 3, "a and b"),
        (["a", "b", "c"], 9, "a, b and c"),
        (["a", "b"], 2, "both clusters"),
        (["a", "b", "c"], 3, "all 3 clusters"),
        (list("abcdefg"), 9, "a, b, c, d, e and 2 more"),
    ],
)
def test_clusters_are_named_in_words(clusters: list[str], of: int, words: str) -> None:
    assert by_cluster.named(clusters, of) == words


def test_a_table_of_quiet_clusters_is_one_line() -> None:
    rows = [Row(cluster=f"c{n}", result=Result.UNCHANGED, words="up to date", counts={"files": 1}) for n in range(30)]
    assert table_module.table(rows) == "30 clusters without changes\n"
    assert table_module.summary(rows, changed="changed") == "30 clusters: 30 up to date"
    assert table_module.table([]) == ""


@pytest.mark.parametrize(
    ("pattern", "means", "does_not_mean"),
    [
        (".", ["a", "a/b"], []),
        ("a", ["a", "a/b", "a/b/c.yaml"], ["ab", "b/a", "a.yaml"]),
        ("a/*.yaml", ["a/x.yaml", "a/.yaml", "a/x.yaml/y"], ["a/b/x.yaml", "x.yaml"]),
        ("*/x", ["a/x", "a/x/y"], ["x", "a/b/x"]),
        ("**/x", ["x", "a/x", "a/b/x", "a/x/y"], ["ax", "a/xy"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b/a"]),
        ("a/**/**/x", ["a/x", "a/b/x"], ["x"]),
        ("a?", ["ab", "ab/c"], ["a", "abc", "a/"]),
        ("a.b+[c]", ["a.b+[c]"], ["axb+[c]", "a.bb"]),
        ("**", ["a", "a/b"], []),
        ("a**b", ["ab", "axb"], ["a/b"]),
    ],
)
def test_a_pattern_means_paths_and_all_below(pattern: str, means: list[str], does_not_mean: list[str]) -> None:
    paths = Paths([pattern])
    assert [path for path in means if path not in paths] == []
    assert [path for path in does_not_mean if path in paths] == []


def test_no_patterns_mean_nothing() -> None:
    assert not Paths([])
    assert "a" not in Paths([])


@pytest.mark.parametrize(
    ("pattern", "folder", "looked_for"),
    [("a/b", "a/b", False), ("a/*/b", "a", True), ("*.yaml", ".", True), ("a/b?", "a", True), (".", ".", False)],
)
def test_a_pattern_says_where_to_look(pattern: str, folder: str, looked_for: bool) -> None:
    assert (fixed_folder(pattern), is_pattern(pattern)) == (folder, looked_for)


def test_a_memo_makes_a_value_once_for_the_same_parts() -> None:
    def make(parts: Sequence[str]) -> list[str]:
        return list(parts)

    one, equal = ["one"], ["ONE".lower()]
    memo = Memo()
    assert memo.of(make, one) is memo.of(make, one)
    assert memo.of(make, equal) is not memo.of(make, one)
    assert memo.of(make, equal) == memo.of(make, one)
    assert FORGETFUL.of(make, one) is not FORGETFUL.of(make, one)


def test_one_cluster_stands_for_all_that_are_alike() -> None:
    both = [finding("x"), finding("y")]
    groups = by_cluster.gather({"a": both, "b": [finding("y")], "c": both})
    assert [(clusters, [each.message for each in told]) for clusters, told in groups] == [
        (("a", "b", "c"), ["y"]),
        (("a", "c"), ["x"]),
    ]
