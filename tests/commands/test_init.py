"""`mirrorc init`: which clusters it sees in a repo, and the file it writes."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from compiler.clusters import config, layout
from compiler.clusters.found import Found
from compiler.clusters.layout import Guess, guess
from compiler.clusters.releases import Said
from compiler.manifests.kustomization import decode
from compiler.text.span import File
from tests.command import FIXTURES, ROOT, Done, call_mirrorc, run_mirrorc, tree
from tests.fleets import mirrors
from tests.logs import obeyed_by_terminal
from tests.repositories import write


def found(*paths: str, **kustomizations: str) -> Found:
    """Files with mirror objects, and kustomizations by their folder with `__` for `/`."""
    return Found(
        manifests=frozenset(paths),
        kustomizations={
            f"{folder.replace('__', '/')}/kustomization.yaml": decode(File("x", text))
            for folder, text in kustomizations.items()
        },
    )


def cluster(name: str, *paths: str, kustomization: str = "") -> Guess:
    return Guess(name=name, paths=paths, kustomizations=(kustomization,) if kustomization else ())


# --- What is seen --------------------------------------------------------------------


@pytest.mark.parametrize("layout_", ["clusters", "overlays", "environments", "envs", "sites"])
def test_a_folder_for_each_cluster_with_a_base_beside_them(layout_: str) -> None:
    repo = found("base/a.yaml", f"{layout_}/north/b.yaml", f"{layout_}/south/deep/c.yaml")
    assert guess(repo) == (
        cluster("north", "base", f"{layout_}/north"),
        cluster("south", "base", f"{layout_}/south"),
    )


def test_a_base_among_the_clusters_is_none_of_them() -> None:
    repo = found("x/clusters/_common/a.yaml", "x/clusters/north/b.yaml", "base/unrelated.yaml")
    assert guess(repo) == (cluster("north", "x/clusters/_common", "x/clusters/north"),)


def test_folders_without_mirror_objects_are_no_clusters() -> None:
    repo = found("clusters/north/b.yaml", clusters__south="resources: [app.yaml]")
    assert [each.name for each in guess(repo)] == ["north"]


def test_folders_of_one_name_are_one_cluster() -> None:
    repo = found("mirrors/overlays/north/a.yaml", "images/overlays/north/b.yaml", "mirrors/base/c.yaml")
    assert guess(repo) == (cluster("north", "images/overlays/north", "mirrors/base", "mirrors/overlays/north"),)


def test_what_lies_inside_a_cluster_is_not_another() -> None:
    assert guess(found("clusters/north/overlays/prod/a.yaml")) == (cluster("north", "clusters/north"),)


@pytest.mark.parametrize("more", ["commonLabels: {a: b}", "patches: [{path: p.yaml}]", "helmCharts: []"])
def test_a_kustomization_of_a_cluster_s_folder_is_the_cluster(more: str) -> None:
    repo = found(
        "base/a.yaml",
        "base/other.yaml",
        "clusters/north/b.yaml",
        base="resources: [a.yaml]",
        clusters__north=f"resources: [../../base, b.yaml]\n{more}",
    )
    assert guess(repo) == (cluster("north", kustomization="clusters/north"),)


def test_what_comes_from_elsewhere_has_to_be_built_and_will_be_refused_there() -> None:
    repo = found("clusters/north/a.yaml", clusters__north="resources: [a.yaml, https://example.com/x]")
    assert guess(repo) == (cluster("north", kustomization="clusters/north"),)


@pytest.mark.parametrize("text", ["resources: [https://example.com/x]", "helmCharts: [{name: x}]"])
def test_a_cluster_whose_content_is_elsewhere_is_one_beside_others(text: str) -> None:
    repo = found("clusters/south/a.yaml", clusters__north=text, clusters__south="resources: [a.yaml]", other=text)
    assert [each.name for each in guess(repo)] == ["north", "south"]


def test_the_innermost_kustomizations_that_no_other_includes_are_clusters() -> None:
    repo = found(
        "base/a.yaml",
        base="resources: [a.yaml]",
        overlays__prod="resources: [../../base]",
        overlays__prod__eu="resources: [..]",
        overlays__prod__us="resources: [..]",
        overlays__test__eu="resources: [../../../base]",
    )
    assert guess(repo) == (
        cluster("prod-eu", kustomization="overlays/prod/eu"),
        cluster("prod-us", kustomization="overlays/prod/us"),
        cluster("test-eu", kustomization="overlays/test/eu"),
    )


def test_the_same_folder_in_every_cluster_is_not_part_of_the_name() -> None:
    text = "resources: [../../../base]"
    repo = found(
        "base/a.yaml", base="resources: [a.yaml]", clusters__north__mirrors=text, clusters__south__mirrors=text
    )
    assert guess(repo) == (
        cluster("north", kustomization="clusters/north/mirrors"),
        cluster("south", kustomization="clusters/south/mirrors"),
    )


def test_the_only_region_of_an_environment_is_part_of_the_name() -> None:
    repo = found("base/a.yaml", base="resources: [a.yaml]", overlays__prod__eu="resources: [../../../base]")
    assert guess(repo) == (cluster("prod-eu", kustomization="overlays/prod/eu"),)


def test_a_component_is_not_a_cluster() -> None:
    repo = found(
        "components/a/a.yaml",
        "components/b/b.yaml",
        components__a="kind: Component\nresources: [a.yaml]",
        components__b="kind: Component\nresources: [b.yaml]",
        lab="components: [../components/a]",
    )
    assert guess(repo) == (cluster("", kustomization="lab"),)


def test_trees_of_kustomizations_are_clusters_by_the_names_that_tell_them_apart() -> None:
    repo = found(
        "base/a.yaml",
        base="resources: [a.yaml]",
        north__prod="resources: [../../base]",
        south__prod="resources: [../../base]",
        lab="resources: [../base]",
        apps="resources: [app.yaml]",
    )
    assert guess(repo) == (
        cluster("lab", kustomization="lab"),
        cluster("north-prod", kustomization="north/prod"),
        cluster("south-prod", kustomization="south/prod"),
    )


def test_one_tree_is_one_cluster_without_a_name() -> None:
    repo = found("base/a.yaml", base="resources: [a.yaml]", top="resources: [../base]")
    assert guess(repo) == (cluster("", kustomization="top"),)


def test_a_folder_that_is_included_is_no_cluster() -> None:
    repo = found("clusters/a/x.yaml", clusters__a="resources: [x.yaml]", clusters__b="resources: [../a]")
    assert guess(repo) == (cluster("b", kustomization="clusters/b"),)


def test_kustomizations_that_name_each_other_are_no_clusters() -> None:
    repo = found("clusters/a/x.yaml", clusters__a="resources: [../b, x.yaml]", clusters__b="resources: [../a]")
    assert guess(repo) == ()


# --- Releases ------------------------------------------------------------------------


def test_the_release_of_a_cluster_comes_from_its_own_folder() -> None:
    repo = Found(
        manifests=frozenset(("clusters/north/a.yaml", "clusters/south/a.yaml", "clusters/east/4.20/a.yaml")),
        releases=(
            Said(version="4.18.3", path="clusters/north/version.yaml"),
            Said(version="4.13", path="elsewhere.yaml"),
        ),
    )
    assert [(each.name, each.release, each.said) for each in guess(repo)] == [
        ("east", "4.20", "clusters/east/4.20"),
        ("north", "4.18", "clusters/north/version.yaml"),
        ("south", "", ""),
    ]


def test_a_base_for_a_release_gives_the_release() -> None:
    text = "resources: [../../base/{}]"
    repo = found(
        "base/4.16/a.yaml",
        "base/4.18/a.yaml",
        **{
            "base__4.16": "resources: [a.yaml]",
            "base__4.18": "resources: [a.yaml]",
            "clusters__north": text.format("4.16"),
            "clusters__south": text.format("4.18"),
        },
    )
    assert [(each.name, each.release, each.said) for each in guess(repo)] == [
        ("north", "4.16", "base/4.16"),
        ("south", "4.18", "base/4.18"),
    ]


def test_where_a_release_comes_from_is_a_comment(folder: Path) -> None:
    write(folder, "m.yaml", text=mirrors("c", "quay.io/c: m.example.com/c"))
    write(folder, "version.yaml", text="kind: ClusterVersion\nspec: \n  channel: fast-4.17\n")
    assert '  # The OpenShift release, in quotes, from version.yaml.\n  release: "4.17"\n' in init("--print").stdout
    write(folder, "other.yaml", text="kind: ClusterVersion\nspec: \n  channel: fast-4.16\n")
    assert '  # The OpenShift release, in quotes.\n  release: "5.0"\n' in init("--print").stdout


def test_a_repo_of_one_kustomization_is_built(folder: Path) -> None:
    write(folder, "kustomization.yaml", text="resources: [m.yaml]\n")
    write(folder, "m.yaml", "unused.yaml", text=mirrors("c", "quay.io/c: m.example.com/c"))
    shown = init("--print").stdout
    assert '  kustomization: "."\n' in shown
    assert "# Mirror objects that no cluster includes:\n#   unused.yaml\n" in shown
    init()
    assert call_mirrorc("build", cwd=folder).code == 0, "the kustomization and nothing beside it"


_PART = st.sampled_from(["base", "clusters", "north", "south", "overlays", "x y", "ä", "no", "1.10", 'q"'])
_PATH = st.lists(_PART, min_size=1, max_size=4).map(lambda parts: "/".join([*parts, "a.yaml"]))


@given(st.frozensets(_PATH, max_size=6))
def test_whatever_is_seen_can_be_read_back(paths: frozenset[str]) -> None:
    repo = Found(manifests=paths)
    clusters = guess(repo)
    made, findings = config.decode(File(".mirrorc.yaml", layout.text(repo, clusters)))
    assert findings == ()
    assert made is not None
    assert [(each.name.value, *(path.value for path in each.paths)) for each in made.clusters] == [
        (each.name, *each.paths) for each in clusters
    ]


# --- What is written -----------------------------------------------------------------


def init(*arguments: str, code: int = 0, cwd: Path | None = None) -> Done:
    done = call_mirrorc("init", *arguments, cwd=cwd or Path())
    assert done.code == code, done.stderr
    return done


def repo_of_two(root: Path) -> None:
    write(root, "base/m.yaml", text=mirrors("base", "quay.io/a: m.example.com/a"))
    for name in ("north", "south"):
        write(root, f"clusters/{name}/m.yaml", text=mirrors(name, f"quay.io/{name}: m.example.com/{name}"))
    write(root, "lost/m.yaml", text=mirrors("lost", "quay.io/lost: m.example.com/lost"))
    write(root, "apps/web.yaml", text="kind: Deployment\n")


def test_the_file_says_what_was_seen_and_what_else_there_is(folder: Path) -> None:
    repo_of_two(folder)
    done = init()
    assert done.stderr == "wrote .mirrorc.yaml with 2 clusters: north, south\nReview it, then run `mirrorc build`.\n"
    assert (
        (folder / ".mirrorc.yaml").read_text()
        == """\
# The clusters of this repo, and what `mirrorc build` generates for each.
# Paths are relative to this folder; `*` does not match `/`, `**` does.
version: 1

# Defaults for all clusters.
defaults:
  # The OpenShift release, in quotes.
  release: "5.0"
  # pools: [master, worker]
  # output: rendered/{cluster}
  # severities: {order-conflict: warning}

clusters:
  - name: north
    paths:
      - base
      - clusters/north
  - name: south
    paths:
      - base
      - clusters/south

# Mirror objects that no cluster includes:
#   lost/m.yaml
"""
    )
    assert call_mirrorc("build", cwd=folder).code == 0


def test_the_example_gets_its_clusters(tmp_path: Path) -> None:
    shown = init(str(FIXTURES / "gitops-repo"), "--print").stdout
    path = tmp_path / "mine.yaml"
    path.write_text(shown)
    made, _ = config.decode(File("x", shown))
    assert made is not None
    assert [(each.name.value, *(folder.value for folder in each.kustomizations)) for each in made.clusters] == [
        ("north", "clusters/north"),
        ("south", "clusters/south"),
    ]


def test_a_repo_of_one_cluster_gets_its_paths(folder: Path) -> None:
    write(folder, "a/m.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    write(folder, "b/deep/m.yaml", text=mirrors("b", "quay.io/b: m.example.com/b"))
    write(folder, "a/more/m.yaml", text=mirrors("d", "quay.io/d: m.example.com/d"))
    assert "  paths:\n    - a\n    - b/deep\n" in init("--print").stdout
    write(folder, "m.yaml", text=mirrors("c", "quay.io/c: m.example.com/c"))
    assert '  paths:\n    - "."\n' in init("--print").stdout


def test_what_oc_mirror_wrote_is_left_out_beside_reviewed_copies(folder: Path) -> None:
    wrote = "mirror/working-dir/cluster-resources/idms-oc-mirror.yaml"
    write(folder, wrote, text=mirrors("a", "quay.io/a: m.example.com/a"))
    assert "  paths:\n    - mirror/working-dir/cluster-resources\n" in init("--print").stdout
    write(folder, "day2/reviewed.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    shown = init("--print").stdout
    assert "  paths:\n    - day2\n" in shown
    assert f"# Mirror objects that no cluster includes:\n#   {wrote}\n" in shown


def test_a_folder_of_links_is_a_cluster(folder: Path) -> None:
    for name in ("one", "two", "unused"):
        write(folder, f"sets/{name}.yaml", text=mirrors(name, f"quay.io/{name}: m.example.com/{name}"))
    for cluster_, names in {"north": ("one", "two"), "south": ("two",)}.items():
        (folder / "clusters" / cluster_).mkdir(parents=True)
        for name in names:
            (folder / "clusters" / cluster_ / f"{name}.yaml").symlink_to(f"../../sets/{name}.yaml")
    (folder / "clusters/south/out.yaml").symlink_to("/etc/hosts")
    init()
    text = (folder / ".mirrorc.yaml").read_text()
    assert "  - name: north\n    paths:\n      - clusters/north\n" in text
    assert text.endswith("# Mirror objects that no cluster includes:\n#   sets/unused.yaml\n")
    assert call_mirrorc("build", cwd=folder).code == 0
    south = (folder / "rendered/south/registries.conf").read_text()
    assert "quay.io/two" in south
    assert "quay.io/one" not in south


def test_an_empty_repo_gets_a_file_to_fill_in(folder: Path) -> None:
    init()
    made, findings = config.decode(File("x", (folder / ".mirrorc.yaml").read_text()))
    assert (made and made.clusters, findings) == ((), ())


def test_patches_and_unreadable_files_are_no_mirror_objects(folder: Path) -> None:
    write(folder, "k/kustomization.yaml", text="patches: [{path: p.yaml}]\n")
    write(folder, "k/p.yaml", text=mirrors("p", "quay.io/p: m.example.com/p"))
    (folder / "bad.yaml").write_bytes(b"kind: ImageDigestMirrorSet \xff")
    assert "  # paths: [base]\n" in init("--print").stdout


def test_an_existing_file_is_never_overwritten(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text="mine\n")
    assert init(code=2).stderr == (
        "mirrorc: .mirrorc.yaml already exists\n  Edit it, or use --print to see what this command would write.\n"
    )
    assert (folder / ".mirrorc.yaml").read_text() == "mine\n"
    (folder / ".mirrorc.yaml").unlink()
    (folder / ".mirrorc.yaml").symlink_to("nowhere")
    init(code=2)
    assert not (folder / "nowhere").exists()
    assert "version: 1" in init("--print").stdout


def test_it_goes_to_the_top_of_the_repo_or_where_one_says(repo: Path) -> None:
    repo_of_two(repo)
    init(cwd=repo / "clusters" / "north")
    assert sorted(tree(repo)) == sorted([*(name for name in tree(repo) if name.startswith(".git/")), *EXPECTED])
    init("clusters", cwd=repo)
    assert (repo / "clusters" / ".mirrorc.yaml").exists()


EXPECTED = [
    ".mirrorc.yaml",
    "apps/web.yaml",
    "base/m.yaml",
    "clusters/north/m.yaml",
    "clusters/south/m.yaml",
    "lost/m.yaml",
]


def test_a_folder_that_is_not_there_is_told(folder: Path) -> None:
    assert "nowhere: error[unreadable-file]: `nowhere` does not exist" in init("nowhere", code=2).stderr.replace(
        ":1:1", ""
    )


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    folder.chmod(0o555)
    assert "cannot be written: Permission denied" in init(code=2).stderr


def test_the_schema_is_at_hand() -> None:
    done = run_mirrorc("init", "--schema")
    assert json.loads(done.stdout) == json.loads((ROOT / "compiler" / "schema.json").read_text())


def test_many_that_are_left_over_are_counted(folder: Path) -> None:
    repo_of_two(folder)
    for number in range(30):
        write(folder, f"lost/{number}.yaml", text=mirrors(f"lost-{number}", "quay.io/x: m.example.com/x"))
    assert init("--print").stdout.endswith("#   and 11 more\n")


def test_a_nearer_configuration_than_the_top_s_is_told_and_left(folder: Path) -> None:
    (folder / ".git").mkdir()
    write(folder, "apps/.mirrorc.yaml", text="version: 1\n")
    (folder / "apps/inner").mkdir()
    done = call_mirrorc("init", cwd=folder / "apps/inner")
    assert done.code == 2
    assert done.stderr == (
        "mirrorc: ../.mirrorc.yaml already exists\n  Edit it. To write one for the whole working tree, run "
        "`mirrorc init ../..`.\n"
    )
    assert not (folder / ".mirrorc.yaml").exists()
    assert call_mirrorc("init", "../..", cwd=folder / "apps/inner").code == 0
    assert (folder / ".mirrorc.yaml").exists()


def test_names_that_yaml_would_read_otherwise_come_back_as_they_are(folder: Path) -> None:
    """A line break would end a comment, and a colon or a quote a value."""
    odd = ['a: "b"', "a\nclusters: []", "\x1b[2J", "# c", "\u2028", "\\"]
    for name in odd:
        write(folder, f"{name}/mirrors.yaml", text=mirrors(f"n{odd.index(name)}", "quay.io/a: m.example.com/a"))
    assert call_mirrorc("init", cwd=folder).code == 0
    config = YAML(typ="safe", pure=True).load((folder / ".mirrorc.yaml").read_text(encoding="utf-8"))
    assert sorted(config["defaults"]["paths"]) == sorted(odd)
    assert obeyed_by_terminal((folder / ".mirrorc.yaml").read_text(encoding="utf-8")) == []


def test_what_an_application_fetches_is_no_part_of_a_cluster_that_has_mirror_objects(folder: Path) -> None:
    application = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: %s}
spec:
  source: {repoURL: 'https://git.example.com/fleet', path: %s}
  destination: {name: %s}
"""
    write(folder, "mirrors/kustomization.yaml", text="resources: [m.yaml]\n")
    write(folder, "mirrors/m.yaml", text=mirrors("m", "quay.io/m: m.example.com/m"))
    write(folder, "apps/kustomization.yaml", text="resources: ['https://github.com/example/apps']\n")
    write(folder, "charts/x/Chart.yaml", text="name: x\n")
    write(folder, "charts/x/templates/a.yaml", text="kind: ConfigMap\n")
    for name, path in (("mirrors", "mirrors"), ("apps", "apps"), ("chart", "charts/x")):
        write(folder, f"argocd/{name}.yaml", text=application % (name, path, "north"))
    write(folder, "argocd/other.yaml", text=application % ("other", "apps", "south"))
    text = init("--print").stdout
    assert "  - name: north\n    kustomization: mirrors\n" in text
    assert "  - name: south\n    kustomization: apps\n" in text
    assert "charts/x" not in text


def test_a_pipe_in_the_place_of_a_folder_is_not_read(folder: Path) -> None:
    """Standard output may be a pipe that ends when this process does."""
    done = run_mirrorc("init", "/dev/stdout", cwd=folder, timeout=30)
    assert (done.code, done.stderr) == (2, "mirrorc: /dev/stdout is not a folder\n  Give a folder.\n")
