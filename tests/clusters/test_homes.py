"""Which clusters the homes of a repo make."""

from pathlib import Path

import pytest

from compiler.clusters.cluster import Cluster
from compiler.clusters.homes import OWN, Settled, settled
from compiler.clusters.loading import load_repo
from compiler.manifests.kinds import MirrorSet
from compiler.policy.analysis import analyse
from compiler.policy.settings import Settings

IDMS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: %s}
spec:
  imageDigestMirrors:
    - {source: %s, mirrors: [m.example.com/a]}
"""
WORK = """\
apiVersion: work.open-cluster-management.io/v1
kind: ManifestWork
metadata: {name: %s, namespace: north}
spec:
  workload:
    manifests:
      - {apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: {name: %s}, spec: {imageDigestMirrors: [{source: %s, mirrors: [m.example.com/a]}]}}
"""  # noqa: E501 - one rule is one line
CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: extra, namespace: north}
data:
  a.yaml: |
    apiVersion: config.openshift.io/v1
    kind: ImageDigestMirrorSet
    metadata: {name: extra}
    spec: {imageDigestMirrors: [{source: quay.io/extra, mirrors: [m.example.com/a]}]}
"""
INSTALL = """\
metadata: {name: %s}
baseDomain: example.com
imageDigestSources: [{source: quay.io/i, mirrors: [m.example.com/a]}]
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(repo: Path, **files: str) -> None:
    for name, text in files.items():
        path = repo / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def of(*clusters: Cluster) -> Settled:
    chosen = list(clusters) or [Cluster()]
    return settled(chosen, load_repo(chosen))


def sources(found: Settled) -> dict[str, list[str]]:
    return {
        cluster.name: sorted(
            rule.source.value
            for parsed in loaded.parsed
            for each in parsed.manifests
            if isinstance(each, MirrorSet)
            for rule in each.rules
        )
        for cluster, loaded in zip(found.clusters, found.loaded, strict=True)
    }


def test_a_hub_is_never_merged_with_its_policies(repo: Path) -> None:
    write(repo, hub=IDMS % ("hub", "quay.io/hub"), work=WORK % ("w", "north", "quay.io/north"))
    found = of()
    assert sources(found) == {OWN: ["quay.io/hub"], "manifest-work-north": ["quay.io/north"]}
    assert [cluster.name for cluster, _ in found.built] == [OWN]
    assert str(found.clusters[1].output) == "rendered/manifest-work-north"


def test_a_repo_of_homes_alone_has_no_cluster_of_its_own(repo: Path) -> None:
    write(repo, install=INSTALL % "north")
    found = of()
    assert sources(found) == {"install-config-north": ["quay.io/i"]}
    assert [str(cluster.output) for cluster, _ in found.built] == ["rendered"]


def test_a_repo_without_homes_is_left_alone(repo: Path) -> None:
    write(repo, hub=IDMS % ("hub", "quay.io/hub"))
    assert sources(of()) == {"": ["quay.io/hub"]}


def test_works_for_one_cluster_add_up_and_variants_do_not(repo: Path) -> None:
    write(
        repo,
        a__one=WORK % ("one", "a", "quay.io/a"),
        a__two=WORK % ("two", "b", "quay.io/b"),
        b__one=WORK % ("one", "a", "quay.io/c"),
    )
    assert sources(of()) == {
        "manifest-work-north": ["quay.io/a", "quay.io/b"],
        "manifest-work-north-2": ["quay.io/c"],
    }


def test_a_config_map_is_of_the_nearest_that_names_it(repo: Path) -> None:
    instance = (
        "apiVersion: siteconfig.open-cluster-management.io/v1alpha1\nkind: ClusterInstance\n"
        "metadata: {name: x, namespace: north}\nspec: {clusterName: %s, extraManifestsRefs: [{name: extra}]}\n"
    )
    write(repo, a__cm=CONFIG_MAP, a__instance=instance % "one", b__instance=instance % "two")
    assert sources(of()) == {"install-config-one": ["quay.io/extra"]}


def test_a_config_map_that_nothing_names_is_checked_and_not_compiled(repo: Path) -> None:
    write(repo, cm=CONFIG_MAP)
    found = of()
    assert sources(found) == {"": []}
    (record,) = found.records
    assert record.clusters == ()
    assert [each.rule for parsed in found.loaded[0].parsed for each in parsed.diagnostics] == [
        "unreferenced-config-map"
    ]


def test_the_installation_and_its_extra_manifests_are_one_cluster(repo: Path) -> None:
    install = (
        "apiVersion: extensions.hive.openshift.io/v1beta1\nkind: AgentClusterInstall\n"
        "metadata: {name: north, namespace: north}\nspec: {manifestsConfigMapRefs: [{name: extra}]}\n"
    )
    write(repo, cm=CONFIG_MAP, install=install, config=INSTALL % "north")
    assert sources(of()) == {"install-config-north": ["quay.io/extra", "quay.io/i"]}


def test_findings_alone_are_no_policy_that_is_built(repo: Path) -> None:
    conf = "\n".join(("[[registry]]", "location = 'quay.io/a'", "blocked = true"))
    conf += "\n[[registry.mirror]]\nlocation = 'm.example.com/a'\n"
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata:\n  registries.conf: |\n"
    write(repo, cm=text + "".join(f"    {line}\n" for line in conf.splitlines()))
    found = of()
    assert [cluster.name for cluster in found.clusters] == [OWN, "config-map-conf"]
    assert found.built == ()
    assert [cluster.name for cluster, _ in found.pairs] == ["config-map-conf"]


SCRIPT = """\
cat > install-config.yaml <<EOF
apiVersion: v1
baseDomain: example.com
imageDigestSources: [{source: quay.io/%s, mirrors: [m.example.com/a]}]
EOF
"""
BUTANE = """\
variant: openshift
version: 4.18.0
metadata: {name: 99-worker-x, labels: {machineconfiguration.openshift.io/role: worker}}
storage:
  files:
    - path: /etc/containers/registries.conf.d/x.conf
      contents: {inline: "[[registry]]\\nlocation = 'quay.io/bu'\\n[[registry.mirror]]\\nlocation = 'm.example.com'\\n"}
"""
HOSTED = """\
apiVersion: hypershift.openshift.io/v1beta1
kind: HostedCluster
metadata: {name: tenant, namespace: clusters}
spec: {imageContentSources: [{source: quay.io/all, mirrors: [m.example.com/a]}]}
"""
POOL = """\
apiVersion: hypershift.openshift.io/v1beta1
kind: NodePool
metadata: {name: %s, namespace: clusters}
spec: {clusterName: tenant, config: [{name: %s}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: %s, namespace: clusters}
data:
  config: |
    apiVersion: config.openshift.io/v1
    kind: ImageDigestMirrorSet
    metadata: {name: team}
    spec: {imageDigestMirrors: [{source: quay.io/%s, mirrors: [m.example.com/a]}]}
"""
ACI = """\
apiVersion: extensions.hive.openshift.io/v1beta1
kind: AgentClusterInstall
metadata:
  name: north
  namespace: north
  annotations:
    agent-install.openshift.io/install-config-overrides: >-
      {"imageDigestSources": [{"source": "quay.io/o", "mirrors": ["m.example.com/o"]}]}
spec: {mirrorRegistryRef: {name: conf, namespace: north}}
"""
CONF = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, namespace: north}
data:
  registries.conf: |
    [[registry]]
    location = "quay.io/cm"
    [[registry.mirror]]
    location = "m.example.com/cm"
"""


def test_installations_without_a_name_are_different_clusters(repo: Path) -> None:
    nameless = INSTALL.replace("metadata: {name: %s}\n", "")
    write(repo, a__install=nameless, b__install=nameless.replace("quay.io/i", "quay.io/j"))
    (repo / "a" / "more.sh").write_text(SCRIPT % "k" + SCRIPT % "l")
    (repo / "a" / "install-config.yaml.j2").write_text(INSTALL % "'{{ cluster }}'")
    assert sorted(sources(of()).values()) == [["quay.io/i"], ["quay.io/i"], ["quay.io/j"], ["quay.io/k"], ["quay.io/l"]]


def test_an_installation_is_not_the_cluster_of_the_manifests_beside_it(repo: Path) -> None:
    write(repo, install_config=INSTALL % "north", manifests__a=IDMS % ("image-digest-mirror", "quay.io/a"))
    assert sources(of()) == {OWN: ["quay.io/a"], "install-config-north": ["quay.io/i"]}


def test_files_that_are_rendered_are_different_clusters(repo: Path) -> None:
    for path in ("a/idms.yaml.j2", "a/idms.j2", "b/idms.yaml.j2"):
        (repo / path).parent.mkdir(exist_ok=True)
        (repo / path).write_text(IDMS % ("{{ name }}", "quay.io/a"))
    assert [*sources(of()).values()] == [["quay.io/a"]] * 3


def test_an_object_of_a_script_is_for_the_clusters_of_the_script(repo: Path) -> None:
    write(repo, a=IDMS % ("a", "quay.io/a"))
    template = "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\nobjects:\n"
    template += "- {apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: {name: a}, spec: "
    template += "{imageDigestMirrors: [{source: quay.io/t, mirrors: [m.example.com/t]}]}}\n"
    (repo / "run.sh").write_text(f"oc process -f - <<EOF\n{template}EOF\n")
    assert sources(of()) == {OWN: ["quay.io/a"], "shell-script-run": ["quay.io/t"]}


def test_a_butane_config_and_the_machine_config_made_of_it_are_one(repo: Path) -> None:
    made = (
        "apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\n"
        "metadata: {name: 99-worker-x, labels: {machineconfiguration.openshift.io/role: worker}}\n"
        "spec: {config: {ignition: {version: 3.4.0}, storage: {files: [{path: /etc/containers/registries.conf.d/x.conf,"
        " contents: {source: 'data:,%5B%5Bregistry%5D%5D%0Alocation%20%3D%20%22quay.io/mc%22'}}]}}}\n"
    )
    write(repo, mc=made)
    (repo / "x.bu").write_text(BUTANE)
    (loaded,) = of().loaded
    analysis = analyse(loaded.parsed, Settings())
    assert [each.rule for each in analysis.diagnostics] == []
    (worker,) = (each for each in analysis.user_files if each.pool == "worker")
    assert worker.conf is not None
    assert [entry.scope for entry in worker.conf.entries] == ["quay.io/mc"]


def test_node_pools_with_different_files_are_different_nodes(repo: Path) -> None:
    write(repo, hosted=HOSTED, a=POOL % ("a", "cm-a", "cm-a", "a"), b=POOL % ("b", "cm-b", "cm-b", "b"))
    assert sources(of()) == {
        "hosted-cluster-tenant": ["quay.io/all"],
        "hosted-cluster-tenant-a": ["quay.io/a", "quay.io/all"],
        "hosted-cluster-tenant-b": ["quay.io/all", "quay.io/b"],
    }


def test_one_node_pool_is_the_hosted_cluster(repo: Path) -> None:
    write(repo, hosted=HOSTED, a=POOL % ("a", "cm-a", "cm-a", "a"))
    assert sources(of()) == {"hosted-cluster-tenant": ["quay.io/a", "quay.io/all"]}


def test_all_files_of_a_generated_policy_are_for_the_same_clusters(repo: Path) -> None:
    generator = (
        "apiVersion: policy.open-cluster-management.io/v1\nkind: PolicyGenerator\nmetadata: {name: g}\n"
        "policyDefaults: {namespace: p, remediationAction: enforce}\n"
        "policies: [{name: mirrors, manifests: [{path: in}]}]\n"
    )
    files = {f"{site}__in__{name}": IDMS % (name, f"quay.io/{name}") for site in "xy" for name in "ab"}
    write(repo, x__generator=generator, y__generator=generator, **files)
    assert sources(of()) == {
        "acm-policy-mirrors": ["quay.io/a", "quay.io/b"],
        "acm-policy-mirrors-2": ["quay.io/a", "quay.io/b"],
    }


def test_overrides_replace_the_list_that_is_made_of_a_config_map(repo: Path) -> None:
    write(repo, aci=ACI, cm=CONF)
    found = of()
    name = "install-config-north"
    assert sources(found)[name] == ["quay.io/o"]
    index = [cluster.name for cluster in found.clusters].index(name)
    told = [each.rule for parsed in found.loaded[index].parsed for each in parsed.diagnostics]
    assert "lost-at-installation" in told
