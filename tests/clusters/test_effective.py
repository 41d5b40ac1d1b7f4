"""The settings of clusters with where each comes from, as `--show-settings` shows them."""

import json
from pathlib import Path

from tests.command import call_mirrorc
from tests.fleets import mirrors
from tests.repositories import write

CONFIG = """\
version: 1
allowEmpty: true
defaults:
  paths: [base]
  release: "4.14.2"
  severities: {split-source: error}
  values: {host: m.example.com}
clusters:
- name: north
  paths: ["clusters/{cluster}"]
  exclude: [clusters/north/old.yaml]
  releaseImage: quay.io/okd/scos-release:4.14.2
- name: south
  kustomization: clusters/south
  release: "4.18"
  pools: [worker]
"""


def settings(folder: Path, *arguments: str) -> dict[str, list[str]]:
    """By cluster: each setting with its value and its origin."""
    done = call_mirrorc(*arguments, "--show-settings", "--format", "json", cwd=folder)
    assert (done.code, done.stderr) == (0, "")
    return {
        cluster["name"]: [
            f"{each['name']}={each['value']} {each['origin']} "
            + (f"{each['path']}:{each['line']}" if each["path"] else each["from"] or "-")
            for each in cluster["settings"]
        ]
        for cluster in json.loads(done.stdout)["clusters"]
    }


def test_each_setting_says_where_it_comes_from(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text=CONFIG)
    write(folder, "base/a.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    write(folder, "clusters/north/a.yaml", text=mirrors("b", "quay.io/b: m.example.com/b"))
    found = settings(folder, "check", "--severity", "order-conflict=warning", "--pool", "master")
    assert found["north"] == [
        "paths=base configuration .mirrorc.yaml:4",
        "paths=clusters/north configuration .mirrorc.yaml:10",
        "exclude=clusters/north/old.yaml configuration .mirrorc.yaml:11",
        "output=rendered/north default -",
        "release=4.14.2 configuration .mirrorc.yaml:5",
        "pools=master option --pool",
        "releaseImage=quay.io/okd/scos-release:4.14.2 configuration .mirrorc.yaml:12",
        "payloadPolicy=none inferred the release image, which is OKD's",
        "namespace=None default -",
        "machineConfig=controller default -",
        "machineConfigName=99-{pool}-mirrors default -",
        "severities.order-conflict=warning option --severity",
        "severities.split-source=error configuration .mirrorc.yaml:6",
        "allowEmpty=True configuration .mirrorc.yaml:2",
        "values.host=m.example.com configuration .mirrorc.yaml:7",
    ]
    south = found["south"]
    assert "paths=base configuration .mirrorc.yaml:4" in south
    assert "kustomization=clusters/south configuration .mirrorc.yaml:14" in south
    assert "release=4.18 configuration .mirrorc.yaml:15" in south


def test_options_of_build_are_settings_too(folder: Path) -> None:
    write(folder, "a.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    options = (
        "-o",
        "out",
        "--machine-config",
        "drop-in",
        "--name",
        "x-{pool}",
        "--set",
        "a.b=c",
        "--release",
        "4.20.3",
    )
    (found,) = settings(folder, "build", "a.yaml", *options).values()
    assert [each for each in found if " default " not in each] == [
        "paths=a.yaml option PATH",
        "output=out option -o",
        "release=4.20.3 option --release",
        "machineConfig=drop-in option --machine-config",
        "machineConfigName=x-{pool} option --name",
        "values.a.b=c option --set",
    ]
    assert not (folder / "out").exists()


def test_clusters_that_are_found_without_a_configuration_are_inferred(folder: Path) -> None:
    for name in ("dev", "prod"):
        write(folder, f"{name}/a.yaml", text=mirrors("a", "quay.io/a: m.example.com/a"))
    done = call_mirrorc("check", "--show-settings", cwd=folder)
    assert done.code == 0
    assert done.stdout.startswith("cluster dev, without a configuration\n  paths ")
    assert "\ncluster prod, without a configuration\n" in done.stdout
    assert "inferred from sibling folders that define the same objects" in done.stdout
    assert "inferred from the name of the cluster" in done.stdout


def test_a_cluster_that_a_document_makes_says_so(folder: Path) -> None:
    text = (
        "apiVersion: hypershift.openshift.io/v1beta1\nkind: HostedCluster\n"
        "metadata: {name: hosted, namespace: clusters}\n"
        "spec:\n  release: {image: 'quay.io/openshift-release-dev/ocp-release:4.18.3-multi'}\n"
        "  imageContentSources:\n  - source: quay.io/a\n    mirrors: [m.example.com/a]\n"
    )
    write(folder, "hosted.yaml", text=text)
    (found,) = settings(folder, "check").values()
    assert found[0].startswith("homes=None inferred the hosted cluster")
    assert any(each.startswith("payloadPolicy=none inferred") for each in found)


def test_a_mistake_in_the_configuration_is_reported_as_ever(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text="version: 2\n")
    done = call_mirrorc("check", "--show-settings", cwd=folder)
    assert done.code == 2
    assert "invalid-config" in done.stdout
