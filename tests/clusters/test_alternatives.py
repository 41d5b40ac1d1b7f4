"""Same-named objects in sibling folders: which files are one cluster's, and what commands say of them."""

import json
import string
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.clusters.alternatives import FileContent, Groups, find
from tests.command import call_mirrorc, tree
from tests.manifest_texts import mirror_set
from tests.repositories import commit, repository, write


def files(**names: str) -> dict[str, FileContent]:
    """Files by path with `__` for `/`, each with the names of its objects; sources after a colon."""
    made = {}
    for path, text in names.items():
        objects, _, sources = text.partition(":")
        made[path.replace("__", "/") + ".yaml"] = FileContent(
            frozenset(("digest", name) for name in objects.split()),
            frozenset(("digest", name) for name in sources.split()),
        )
    return made


def grouped(found: Mapping[str, FileContent]) -> dict[str, list[str]]:
    return {group.name: sorted((*group.own, *group.shared)) for group in find(found).each}


def test_sibling_folders_with_one_object_are_groups_that_share_the_rest() -> None:
    found = files(m__dual__a="release", m__ipv4__a="release", m__ipv4__b="tags", m__c="other", base__d="base")
    assert grouped(found) == {
        "dual": ["base/d.yaml", "m/c.yaml", "m/dual/a.yaml"],
        "ipv4": ["base/d.yaml", "m/c.yaml", "m/ipv4/a.yaml", "m/ipv4/b.yaml"],
    }


@pytest.mark.parametrize("base", ["base", "common", "all", "_shared", "default"])
def test_a_base_is_no_alternative(base: str) -> None:
    """An object that it has too is defined twice."""
    assert find(files(**{f"m__{base}__a": "release", "m__north__a": "release"})) == Groups()
    found = files(**{f"m__{base}__a": "all", "m__north__a": "site", "m__south__a": "site"})
    assert grouped(found) == {name: [f"m/{base}/a.yaml", f"m/{name}/a.yaml"] for name in ("north", "south")}


def test_one_folder_or_a_folder_inside_is_no_alternative() -> None:
    assert find(files(m__a="release", m__b="release")) == Groups()
    assert find(files(m__a="release", m__deeper__a="release")) == Groups()


def test_folders_named_after_versions_need_no_object_in_common() -> None:
    """The source is enough, and a version beside them is one too."""
    found = files(m__v4_16__a="x:quay.io", m__v4_18__a="y:quay.io", m__v4_20__a="z", m__operators__a="w")
    found = {path.replace("_", "."): each for path, each in found.items()}
    assert grouped(found) == {f"v4.{minor}": ["m/operators/a.yaml", f"m/v4.{minor}/a.yaml"] for minor in (16, 18, 20)}
    assert find(files(m__day1__a="x:quay.io", m__day2__a="y:quay.io")) == Groups()


def test_a_folder_with_a_file_of_the_same_name_is_an_alternative_too() -> None:
    found = files(files__north__site="site", files__south__site="site", files__east__site="east", files__tools__x="x")
    assert set(grouped(found)) == {"north", "south", "east"}
    assert "files/tools/x.yaml" in grouped(found)["east"]


def test_alternatives_in_alternatives_are_groups_of_both() -> None:
    found = files(
        env__prod__eu__a="site", env__prod__us__a="site", env__test__eu__a="site", env__prod__b="prod", c="base"
    )
    assert grouped(found) == {
        "prod-eu": ["c.yaml", "env/prod/b.yaml", "env/prod/eu/a.yaml"],
        "prod-us": ["c.yaml", "env/prod/b.yaml", "env/prod/us/a.yaml"],
        "test": ["c.yaml", "env/test/eu/a.yaml"],
    }


def test_folders_of_one_name_in_several_places_are_one_group() -> None:
    found = files(digest__north__a="x", digest__south__a="x", tag__north__b="y", tag__south__b="y")
    assert grouped(found) == {name: [f"digest/{name}/a.yaml", f"tag/{name}/b.yaml"] for name in ("north", "south")}


def test_what_oc_mirror_wrote_is_left_out_where_a_reviewed_copy_exists() -> None:
    wrote = "mirror/working-dir/cluster-resources/idms.yaml"
    reviewed = files(day2__idms="idms-release-0")
    found = {**reviewed, wrote: FileContent(frozenset({("digest", "idms-release-0")}))}
    assert find(found) == Groups(copies=frozenset({wrote}))
    older = "oc-mirror-workspace/results-17/policy.yaml"
    assert find({**reviewed, older: found[wrote]}).copies == {older}
    assert find({wrote: found[wrote]}) == Groups()


NAMES = st.text("abc", min_size=1, max_size=2)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


@given(st.dictionaries(PATHS, st.frozensets(st.tuples(st.just("digest"), st.sampled_from(string.ascii_lowercase[:4])))))
def test_every_file_is_in_a_group_and_none_is_twice_in_one(objects: dict[str, frozenset[tuple[str, str]]]) -> None:
    found = {f"{path}.yaml": FileContent(each) for path, each in objects.items()}
    groups = find(found)
    if groups.each:
        assert {path for group in groups.each for path in (*group.own, *group.shared)} == found.keys()
        assert len(groups.each) == len({group.name for group in groups.each}) > 1
        assert all(not {*group.own} & {*group.shared} for group in groups.each)
        assert find(dict(reversed(found.items()))) == groups


# --- Commands ------------------------------------------------------------------------


def variant(mirror: str) -> str:
    return mirror_set("release", {"quay.io/release": [mirror]})


@pytest.fixture
def variants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repo with two variants of one object and an object that both share, without a configuration."""
    root = repository(
        tmp_path,
        {
            "mirrors/ipv4/release.yaml": variant("four.example.com/release"),
            "mirrors/ipv6/release.yaml": variant("six.example.com/release"),
            "mirrors/tools.yaml": mirror_set("tools", {"quay.io/tools": ["m.example.com/tools"]}),
        },
    )
    monkeypatch.chdir(root)
    return root


def test_check_judges_each_group_and_says_so_once(variants: Path) -> None:
    done = call_mirrorc("check", "--format", "json", cwd=variants)
    assert (done.code, json.loads(done.stdout)["diagnostics"]) == (0, [])
    assert done.stderr.count("read as 2 clusters: ipv4, ipv6") == done.stderr.count("`mirrorc init`") == 1
    write(variants, "mirrors/ipv6/bad.yaml", text=variant("six.example.com/release").replace("release: ", "rel: "))
    write(variants, "mirrors/ipv6/again.yaml", text=variant("other.example.com/release"))
    done = call_mirrorc("check", cwd=variants)
    assert done.code == 1
    assert "In ipv6:" in done.stdout
    assert "duplicate-object" in done.stdout


def test_build_writes_a_folder_for_each_group(variants: Path) -> None:
    done = call_mirrorc("build", cwd=variants)
    assert done.code == 0, done.stderr
    assert "`mirrorc init`" in done.stderr
    made = tree(variants / "rendered")
    assert b"four.example.com" in made["ipv4/registries.conf"]
    assert b"six.example.com" in made["ipv6/registries.conf"]
    assert all(b"m.example.com/tools" in made[f"{name}/registries.conf"] for name in ("ipv4", "ipv6"))
    assert call_mirrorc("build", "--check", cwd=variants).code == 0
    assert call_mirrorc("build", "-o", "out", cwd=variants).code == 0
    assert tree(variants / "out") == made
    refused = call_mirrorc("build", "--print", "registries.conf", cwd=variants)
    assert refused.code == 2
    assert "there are 2" in refused.stderr


def test_explain_and_images_answer_for_each_group(variants: Path) -> None:
    pull = f"quay.io/release@sha256:{'0' * 64}"
    done = call_mirrorc("explain", pull, "--format", "json", cwd=variants)
    assert "four.example.com" in done.stdout
    assert "six.example.com" in done.stdout
    assert done.stderr.count("`mirrorc init`") == 1
    write(variants, "pod.yaml", text=f"apiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: '{pull}'}}]}}\n")
    done = call_mirrorc("images", cwd=variants)
    assert done.code == 0, done.stderr
    assert done.stderr.count("`mirrorc init`") == 1


def test_diff_compares_group_with_group(variants: Path) -> None:
    write(variants, "mirrors/ipv6/release.yaml", text=variant("seven.example.com/release"))
    done = call_mirrorc("diff", "--format", "json", cwd=variants)
    found = {each["name"]: each["disruption"] for each in json.loads(done.stdout)["clusters"]}
    assert found == {"ipv4": "none", "ipv6": "drain"}
    assert done.stderr.count("`mirrorc init`") == 1
    base = commit(at=variants)
    write(variants, "mirrors/ipv8/release.yaml", text=variant("eight.example.com/release"))
    done = call_mirrorc("diff", base, "--format", "json", cwd=variants)
    assert {each["name"] for each in json.loads(done.stdout)["clusters"]} == {"ipv4", "ipv6", "ipv8"}


def test_a_configuration_decides(variants: Path) -> None:
    write(variants, ".mirrorc.yaml", text="version: 1\ndefaults: {paths: [mirrors]}\n")
    done = call_mirrorc("check", cwd=variants)
    assert "duplicate-object" in done.stdout
    assert "mirrorc init" not in done.stderr
