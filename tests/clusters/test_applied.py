"""Which clusters `init` makes of pointers, and of what."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.clusters.test_pointers import application, application_set, flux, generator
from tests.command import call_mirrorc
from tests.commands.test_explain_signatures import PUBLIC_KEY
from tests.manifest_texts import mirror_set
from tests.programs import needs_kustomize
from tests.repositories import repository, write


@pytest.fixture
def at(tmp_path: Path) -> Path:
    return tmp_path


def one(name: str) -> str:
    return mirror_set(name, {f"quay.io/{name}": [f"m.example.com/{name}"]})


def init(parent: Path, files: Mapping[str, str]) -> tuple[dict[str, dict[str, Any]], str]:
    """The clusters of the configuration that `init` prints, by name, and its text."""
    root = repository(parent, files)
    done = call_mirrorc("init", "--print", cwd=root)
    assert done.code == 0, done.stderr
    found = YAML(typ="safe").load(done.stdout)
    clusters = {each.pop("name"): each for each in found.get("clusters") or ()}
    return clusters or {"": found["defaults"]}, done.stdout


def app(path: str, destination: str = "name: north", more: str = "") -> str:
    return application(path, destination, more)


def test_a_folder_is_taken_flat_or_whole_or_by_pattern(at: Path) -> None:
    files = {"m/a.yaml": one("a"), "m/b.yml": one("b"), "m/deep/c.yaml": one("c"), "m/deep/d.yaml": one("d")}
    flat, _ = init(at, {**files, "app.yaml": app("m")})
    assert flat == {"north": {"paths": ["m/*.yaml", "m/*.yml"]}}
    (at / "2").mkdir()
    whole, _ = init(at / "2", {**files, "app.yaml": app("m", more="    directory: {recurse: true}\n")})
    assert whole == {"north": {"paths": ["m"]}}
    (at / "3").mkdir()
    more = "    directory: {recurse: true, include: '{a,deep/*}.yaml', exclude: '*d.yaml'}\n"
    chosen, text = init(at / "3", {**files, "app.yaml": app("m", more=more)})
    assert chosen == {"north": {"paths": ["m/a.yaml", "m/deep/c.yaml"]}}
    assert text.endswith("# Mirror objects that no cluster includes:\n#   m/b.yml\n#   m/deep/d.yaml\n")


def test_an_application_brings_others_to_its_own_cluster(at: Path) -> None:
    """Three roots: the children have no cluster of their own, so they are for that of the root which brings them."""
    children = "server: https://kubernetes.default.svc"
    made, text = init(
        at,
        {
            "boot/north.yaml": app("shared", "name: north"),
            "boot/south.yaml": app("shared", "name: south"),
            "boot/west.yaml": app("clusters/west", children),
            "clusters/west/app.yaml": app("mirrors/west", children),
            "shared/release.yaml": app("mirrors/release", children),
            "shared/tools.yaml": app("mirrors/tools", "name: south"),
            "mirrors/release/a.yaml": one("release"),
            "mirrors/tools/a.yaml": one("tools"),
            "mirrors/west/a.yaml": one("west"),
            "mirrors/spare/a.yaml": one("spare"),
        },
    )
    assert {name: sorted(each["paths"]) for name, each in made.items()} == {
        "north": ["mirrors/release/*.yaml"],
        "south": ["mirrors/release/*.yaml", "mirrors/tools/*.yaml"],
        "west": ["mirrors/west/*.yaml"],
    }
    assert "#   mirrors/spare/a.yaml\n" in text


def test_applications_that_bring_themselves_are_followed(at: Path) -> None:
    made, _ = init(at, {"boot/root.yaml": app("boot"), "boot/m.yaml": app("m"), "m/a.yaml": one("a")})
    assert made == {"north": {"paths": ["m/*.yaml"]}}


def test_the_cluster_of_argo_cd_itself(at: Path) -> None:
    here = "server: https://kubernetes.default.svc"
    made, _ = init(at, {"app.yaml": app("m", here), "m/a.yaml": one("a"), "n/b.yaml": one("b")})
    assert made[""]["paths"] == ["m/*.yaml"]
    (at / "2").mkdir()
    made, _ = init(
        at / "2",
        {"app.yaml": app("m", here), "n.yaml": app("n"), "m/a.yaml": one("a"), "n/b.yaml": one("b")},
    )
    assert made == {"hub": {"paths": ["m/*.yaml"]}, "north": {"paths": ["n/*.yaml"]}}


@needs_kustomize
def test_kustomizations_of_several_pointers_are_one_cluster(at: Path) -> None:
    root = repository(
        at,
        {
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": one("base"),
            "sites/north/kustomization.yaml": "resources: [../../base, b.yaml]\n",
            "sites/north/b.yaml": one("north"),
            "policy/kustomization.yaml": "resources: [../base, c.yaml]\n",
            "policy/c.yaml": one("policy"),
            "apps/a.yaml": app("sites/north"),
            "apps/b.yaml": app("policy"),
        },
    )
    assert call_mirrorc("init", cwd=root).code == 0
    assert "    kustomization:\n      - sites/north\n      - policy\n" in (root / ".mirrorc.yaml").read_text()
    done = call_mirrorc("build", cwd=root)
    assert done.code == 0, done.stdout + done.stderr
    conf = (root / "rendered/north/registries.conf").read_text()
    assert all(f"quay.io/{name}" in conf for name in ("base", "north", "policy"))
    assert call_mirrorc("check", cwd=root).code == 0


def test_flux_takes_folders_whole_but_for_inner_kustomizations(at: Path) -> None:
    made, _ = init(
        at,
        {
            "clusters/core/flux-system/gotk-sync.yaml": flux("./clusters/core"),
            "clusters/core/m.yaml": flux("./policies/core"),
            "clusters/core/own.yaml": one("own"),
            "clusters/edge/m.yaml": flux("./policies/edge"),
            "clusters/edge/beside.yaml": one("beside"),
            "policies/core/kustomization.yaml": "resources: [a.yaml]\n",
            "policies/core/a.yaml": one("core"),
            "policies/core/unused.yaml": one("unused"),
            "policies/edge/b.yaml": one("edge"),
            "policies/edge/deep/kustomization.yaml": "resources: [c.yaml]\n",
            "policies/edge/deep/c.yaml": one("deep"),
        },
    )
    assert made["core"] == {"kustomization": ["policies/core"], "paths": ["clusters/core"]}
    assert made["edge"] == {
        "kustomization": ["policies/edge/deep"],
        "paths": ["policies/edge/b.yaml", "clusters/edge"],
    }


def test_policies_are_for_managed_clusters_and_the_rest_for_the_hub(at: Path) -> None:
    by_name = "{labelSelector: {matchLabels: {name: edge-1}}}"
    made, _ = init(
        at,
        {
            "hub/kustomization.yaml": "resources: [a.yaml]\n",
            "hub/a.yaml": one("release"),
            "policies/generator.yaml": generator(by_name),
            "policies/manifests/a.yaml": one("release"),
            "policies/manifests/more/b.yaml": one("more"),
        },
    )
    assert made == {
        "edge-1": {"paths": ["policies/manifests/a.yaml", "policies/manifests/more/b.yaml"]},
        "hub": {"kustomization": "hub"},
    }


def test_a_release_comes_from_the_parameters(at: Path) -> None:
    elements = "[{cluster: north, version: '4.16'}, {cluster: south, channel: stable-4.18}]"
    made, text = init(
        at,
        {
            "set.yaml": application_set(f"[{{list: {{elements: {elements}}}}}]", "m/{{cluster}}", "{{cluster}}"),
            "m/north/a.yaml": one("a"),
            "m/south/b.yaml": one("b"),
        },
    )
    assert {name: each["release"] for name, each in made.items()} == {"north": "4.16", "south": "4.18"}
    assert "    # The release, from set.yaml.\n" in text
    assert "  # From Argo CD: set.yaml.\n  - name: north\n" in text


def test_what_cannot_be_resolved_is_listed(at: Path) -> None:
    made, text = init(at, {"a.yaml": application_set("[{plugin: {}}]", "m", "x"), "m/a.yaml": one("a")})
    assert made[""]["paths"] == ["m"]
    reason = "what the generator `plugin` makes is not in the repo"
    assert f"why it is not known to which:\n#   a.yaml: ApplicationSet mirrors: {reason}\n" in text


def test_pointers_without_mirror_manifests_change_nothing(at: Path) -> None:
    made, _ = init(
        at,
        {
            "apps/web.yaml": app("web"),
            "web/pod.yaml": "kind: Pod\n",
            "clusters/north/a.yaml": one("a"),
            "clusters/south/a.yaml": one("b"),
        },
    )
    assert made == {name: {"paths": [f"clusters/{name}"]} for name in ("north", "south")}


def test_a_namespace_of_an_application_is_that_of_its_image_policies(at: Path) -> None:
    policy = f"""\
apiVersion: config.openshift.io/v1
kind: ImagePolicy
metadata: {{name: signed}}
spec:
  scopes: [quay.io/team]
  policy: {{rootOfTrust: {{policyType: PublicKey, publicKey: {{keyData: {PUBLIC_KEY}}}}}}}
"""
    made, _ = init(at, {"app.yaml": app("m"), "m/a.yaml": one("a"), "m/policy.yaml": policy})
    assert made["north"]["namespace"] == "team"


TEMPLATE = one("a").replace("m.example.com", "{{ .Values.registry }}")


@pytest.mark.parametrize("values", ["charts/m/values-{}.yaml", "clusters/{}/values.yaml", "values/{}.yaml"])
def test_a_chart_with_values_for_each_cluster(at: Path, values: str) -> None:
    files = {values.format(name): "registry: x.example.com\n" for name in ("north", "south")}
    chart = {
        "charts/m/Chart.yaml": "name: m\n",
        "charts/m/templates/a.yaml": TEMPLATE,
        "charts/m/values.yaml": "a: 1\n",
    }
    made, _ = init(at, {**chart, **files})
    assert made == {
        name: {"helm": {"chart": "charts/m", "values": [values.format(name)]}} for name in ("north", "south")
    }
    (at / "2").mkdir()
    made, _ = init(at / "2", chart)
    assert made[""]["helm"] == {"chart": "charts/m"}


# --- Afterwards ----------------------------------------------------------------------


def changed(root: Path) -> list[str]:
    done = call_mirrorc("check", "--format", "concise", cwd=root)
    assert done.code == 0, done.stdout
    return [line for line in done.stdout.splitlines() if "[sources-differ]" in line or "[unclaimed-manifest]" in line]


def test_check_says_when_a_pointer_moves(at: Path) -> None:
    files = {"apps/north.yaml": app("a"), "apps/south.yaml": app("b", "name: south")}
    root = repository(at, {**files, "a/m.yaml": one("a"), "b/m.yaml": one("b")})
    call_mirrorc("init", cwd=root)
    assert changed(root) == []
    write(root, "apps/north.yaml", text=app("b"))
    (moved,) = changed(root)
    assert moved.startswith("apps/north.yaml:3:18: warning[sources-differ] Argo CD gives `north` other manifests")
    assert "only the former has `b/m.yaml`; only the latter has `a/m.yaml`" in moved


def test_check_says_when_a_cluster_comes_or_goes(at: Path) -> None:
    root = repository(at, {"apps/north.yaml": app("a"), "apps/s.yaml": app("a", "name: south"), "a/m.yaml": one("a")})
    call_mirrorc("init", cwd=root)
    assert changed(root) == []
    write(root, "b/m.yaml", text=one("b"))
    write(root, "apps/s.yaml", text=app("b", "name: west"))
    found = changed(root)
    assert any("gives mirror manifests to `west` from `b`" in line for line in found)
    assert any("no Application, ApplicationSet or Flux Kustomization gives `south`" in line for line in found)
    assert any(line.startswith("b/m.yaml") for line in found)


def test_paths_over_a_kustomization_that_lists_other_files(at: Path) -> None:
    root = repository(
        at,
        {
            ".mirrorc.yaml": "version: 1\nclusters: [{name: north, paths: [own]}]\n",
            "own/kustomization.yaml": "resources: [a.yaml, ../base]\n",
            "own/a.yaml": one("a"),
            "own/extra.yaml": one("extra"),
            "base/kustomization.yaml": "resources: [b.yaml]\n",
            "base/b.yaml": one("b"),
        },
    )
    (found, *_) = changed(root)
    assert found.startswith(".mirrorc.yaml:2:34: warning[sources-differ] the paths of `north` and the kustomization")
    assert "only the kustomization has `base/b.yaml`; only the paths have `own/extra.yaml`" in found
    write(root, "own/kustomization.yaml", text="resources: [a.yaml, extra.yaml]\n")
    assert not any("sources-differ" in line for line in changed(root))
