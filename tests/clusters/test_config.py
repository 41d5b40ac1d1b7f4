"""`.mirrorc.yaml`: what it means, what is said about a wrong one, and the schema that says the same to editors."""

import json
import re
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # its stubs are no part of it
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from compiler.clusters import config
from compiler.clusters.config import ClusterConfig, Config
from compiler.clusters.schema import schema
from compiler.findings.diagnostics import Severity
from compiler.policy.settings import Settings
from compiler.text.span import File, Located
from tests.command import FIXTURES, ROOT, call_mirrorc
from tests.fleets import mirrors
from tests.golden import Golden
from tests.programs import needs_kustomize
from tests.repositories import write

SCHEMA = ROOT / "compiler" / "schema.json"


def decoded(text: str) -> Config:
    made, findings = config.decode(File(".mirrorc.yaml", text))
    assert findings == ()
    assert made is not None
    return made


def told(text: str) -> list[str]:
    """The findings, as `line:column-column message`, and that nothing comes of the rest."""
    made, findings = config.decode(File(".mirrorc.yaml", text))
    assert made is None
    assert {finding.rule for finding in findings} == {"invalid-config"}
    assert all(finding.help.endswith((".", "?")) for finding in findings)
    return [
        f"{finding.line}:{finding.column}-{finding.span.finish.column} {finding.message}"
        if finding.span.finish.line == finding.line
        else f"{finding.line}:{finding.column} {finding.message}"
        for finding in findings
    ]


def values(texts: tuple[Located[str], ...]) -> list[str]:
    return [text.value for text in texts]


def only(text: str) -> ClusterConfig:
    (cluster,) = decoded(text).clusters
    return cluster


# --- What it means ---------------------------------------------------------------


def test_a_cluster_chooses_everything_itself() -> None:
    cluster = only(
        """\
version: 1
clusters:
- name: north
  paths: [base, clusters/north]
  exclude: ["**/old"]
  kustomization: overlays/north
  output: out/n
  release: "4.18"
  pools: [master, infra]
  releaseImage: quay.io/a/b@sha256:0
  machineConfig: drop-in
  machineConfigName: 50-{pool}-mirrors
  severities: {order-conflict: warning, deprecated-kind: off}
"""
    )
    assert cluster.name.value == "north"
    assert values(cluster.paths) == ["base", "clusters/north"]
    assert values(cluster.exclude) == ["**/old"]
    (kustomization,) = cluster.kustomizations
    assert kustomization.value == "overlays/north"
    assert cluster.output.value == "out/n"
    settings = cluster.settings
    assert settings.release.name == "4.18"
    assert settings.pools == ("master", "infra")
    assert settings.release_image == "quay.io/a/b@sha256:0"
    assert (settings.machine_config, settings.name) == ("drop-in", "50-{pool}-mirrors")
    assert settings.severities == {"order-conflict": Severity.WARNING, "deprecated-kind": Severity.OFF}


def test_what_nobody_chooses_is_what_the_command_line_has_by_default() -> None:
    cluster = only("version: 1\nclusters: [{name: a, paths: [.]}]")
    assert cluster.settings == Settings()
    assert cluster.output.value == "rendered/a"


def test_paths_excludes_and_severities_add_up_and_the_rest_replaces() -> None:
    north, south = decoded(
        """\
version: 1
defaults:
  paths: [base]
  exclude: [base/old]
  release: "4.18"
  pools: [master]
  output: out/{cluster}
  severities: {order-conflict: warning, inert-rule: error}
clusters:
- name: north
  paths: [clusters/north]
  exclude: [clusters/north/old]
  release: "4.19"
  pools: [worker]
  severities: {order-conflict: error}
- name: south
"""
    ).clusters
    assert values(north.paths) == ["base", "clusters/north"]
    assert values(north.exclude) == ["base/old", "clusters/north/old"]
    assert north.settings.severities == {"order-conflict": Severity.ERROR, "inert-rule": Severity.ERROR}
    assert (north.settings.release.name, north.settings.pools) == ("4.19", ("worker",))
    assert values(south.paths) == ["base"]
    assert south.settings.severities == {"order-conflict": Severity.WARNING, "inert-rule": Severity.ERROR}
    assert (south.settings.release.name, south.settings.pools) == ("4.18", ("master",))
    assert (north.output.value, south.output.value) == ("out/north", "out/south")


def test_the_clusters_name_stands_in_every_path() -> None:
    cluster = only(
        """\
version: 1
defaults:
  paths: ["clusters/{cluster}/mirrors"]
  exclude: ["clusters/{cluster}/old"]
  kustomization: "overlays/{cluster}"
  output: "{cluster}/rendered"
clusters: [name: north]
"""
    )
    assert values(cluster.paths) == ["clusters/north/mirrors"]
    assert values(cluster.exclude) == ["clusters/north/old"]
    (kustomization,) = cluster.kustomizations
    assert kustomization.value == "overlays/north"
    assert cluster.output.value == "north/rendered"


@pytest.mark.parametrize("output", ["", "output: 'out/{cluster}'", "output: rendered"])
def test_a_configuration_without_clusters_is_of_one_without_a_name(output: str) -> None:
    made = decoded(f"version: 1\ndefaults:\n  release: '4.18'\n  {output}\nclusters:\n")
    assert made.clusters == ()
    assert made.defaults.settings.release.name == "4.18"
    assert made.defaults.output.value == "rendered"


def test_paths_are_brought_into_their_shortest_form() -> None:
    cluster = only("version: 1\nclusters: [{name: a, paths: [./base/, 'x/../y//z'], output: ./out/}]")
    assert values(cluster.paths) == ["base", "y/z"]
    assert cluster.output.value == "out"


def test_places_are_those_of_the_values() -> None:
    cluster = only("version: 1\ndefaults: {paths: [base]}\nclusters:\n- name: north\n  paths:\n  - 'c/*'\n")
    assert [str(path.span) for path in cluster.paths] == [".mirrorc.yaml:2:20", ".mirrorc.yaml:6:5"]
    assert [path.span.text for path in cluster.paths] == ["base", "'c/*'"]


# --- What is said about a wrong one ----------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1:1-1 the configuration is empty"]),
        ("# nothing\n", ["1:1-1 the configuration is empty"]),
        ("- a", ["1:1-4 expected a mapping, found a list"]),
        ("north", ["1:1-6 expected a mapping, found a string `north`"]),
        ("version: 1\nclusters: [", ["2:12-12 while parsing a flow node: did not find expected node content"]),
        ("version: 1\n---\nversion: 1\n", ["3:1-1 a second document starts here"]),
        ("clusters: []", ["1:1-1 the configuration has no `version`"]),
        ("version: 2", ["1:10-11 `2` is not a known version of this file"]),
        ('version: "1"', ['1:10-13 `"1"` is not a known version of this file']),
        ("version:", ["1:9-9 `` is not a known version of this file"]),
        ("version: 1\nversion: 1", ["2:1-8 the key `version` appears twice in one mapping"]),
        ("version: 1\ncluster: []", ["2:1-8 there is no field `cluster` here"]),
        ("version: 1\ndefaults: {nmae: x}", ["2:12-16 there is no field `nmae` here"]),
        ("version: 1\ndefaults: []", ["2:11-13 expected a mapping, found a list"]),
        ("version: 1\nclusters: {}", ["2:11-13 expected a list, found a mapping"]),
        ("version: 1\nclusters: [north]", ["2:12-17 expected a mapping, found a string `north`"]),
        ("version: 1\nclusters: [{}]", ["2:12-14 the cluster has no `name`"]),
        ("version: 1\nclusters: [{paths: [a]}]", ["2:13-18 the cluster has no `name`"]),
        ("version: 1\nclusters: [{name: , paths: [a]}]", ["2:13-17 the cluster has no `name`"]),
        ("version: 1\nclusters: [{name: 1, paths: [a]}]", ["2:19-20 expected a string, found a number `1`"]),
        ("version: 1\nclusters: [{name: a/b, paths: [a]}]", ["2:19-22 `a/b` is not a valid cluster name"]),
        ("version: 1\nclusters: [{name: '..', paths: [a]}]", ["2:19-23 `..` is not a valid cluster name"]),
        ("version: 1\nclusters: [{name: a}]", ["2:19-20 the cluster `a` has no manifests"]),
        (
            "version: 1\nclusters: [{name: a, paths: [x]}, {name: a, paths: [z]}]",
            ["2:42-43 there are two clusters named `a`"],
        ),
        ("version: 1\nclusters: [{name: a, paths: x}]", ["2:29-30 expected a list, found a string `x`"]),
        ("version: 1\nclusters: [{name: a, paths: [yes]}]", ["2:30-33 expected a string, found a boolean `yes`"]),
        ("version: 1\ndefaults: {paths: ['']}", ["2:20-22 the path is empty"]),
        ("version: 1\ndefaults: {paths: [/etc]}", ["2:20-24 `/etc` is an absolute path"]),
        ("version: 1\ndefaults: {paths: ['C:/x']}", ["2:20-26 `C:/x` is an absolute path"]),
        ("version: 1\ndefaults: {paths: ['a\\b']}", ["2:20-25 `a\\b` is not a valid path"]),
        ("version: 1\ndefaults: {paths: [a/../../b]}", ["2:20-29 `a/../../b` is outside the folder of this file"]),
        ("version: 1\ndefaults: {output: ..}", ["2:20-22 `..` is outside the folder of this file"]),
        ("version: 1\ndefaults: {kustomization: ../x}", ["2:27-31 `../x` is outside the folder of this file"]),
        ('version: 1\ndefaults: {exclude: ["a\\0"]}', ["2:22-27 `a\\x00` is not a valid path"]),
        (
            "version: 1\ndefaults: {release: 4.20}",
            ["2:21-25 YAML reads `4.20` as a number, but a release must be a string"],
        ),
        ("version: 1\ndefaults: {release: '4.9'}", ["2:21-26 there is no release `4.9`"]),
        ("version: 1\ndefaults: {pools: [a/b]}", ["2:20-23 `a/b` is not a valid name of a machine config pool"]),
        ("version: 1\ndefaults: {machineConfig: dropin}", ["2:27-33 `dropin` is not a valid machineConfig"]),
        (
            "version: 1\ndefaults: {machineConfigName: 50-x}",
            ["2:31-35 `50-x` gives several MachineConfigs the same name"],
        ),
        (
            "version: 1\ndefaults: {pools: [a], machineConfigName: ../x}",
            ["2:43-47 `../x` is not a valid name of a MachineConfig"],
        ),
        ("version: 1\ndefaults: {severities: {order-conflcit: off}}", ["2:25-39 there is no rule `order-conflcit`"]),
        (
            "version: 1\ndefaults: {severities: {order-conflict: bad}}",
            ["2:41-44 `bad` is not a valid severity"],
        ),
        (
            "version: 1\ndefaults: {severities: {wrong-type: warning}}",
            ["2:37-44 the severity of `wrong-type` cannot be changed"],
        ),
        (
            "version: 1\ndefaults: {severities: {order-conflict: 1}}",
            ["2:41-42 expected a string, found a number `1`"],
        ),
        (
            "version: 1\nclusters: [{name: a, paths: [x], output: r}, {name: b, paths: [x], output: r}]",
            ["2:76-77 `b` is written to the output folder of `a`"],
        ),
        (
            "version: 1\nclusters: [{name: a, paths: [x], output: r/b/c}, {name: b, paths: [x], output: r}]",
            ["2:42-47 `a` is written into the output folder of `b`"],
        ),
        (
            "version: 1\nclusters: [{name: a, paths: [x], output: .}, {name: b, paths: [x]}]",
            ["2:53-54 `b` is written into the output folder of `a`"],
        ),
    ],
)
def test_a_mistake_is_told_where_it_is(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_all_mistakes_are_told_and_a_default_once() -> None:
    text = """\
version: 1
defaults: {pools: [a, b], machineConfigName: x, colour: red}
clusters:
- {name: north, paths: [x], realese: "5.0"}
- {name: south, paths: [/x]}
- {name: south, paths: [z]}
"""
    assert [line.partition(" ")[2] for line in told(text)] == [
        "`x` gives several MachineConfigs the same name",
        "there is no field `colour` here",
        "there is no field `realese` here",
        "`/x` is an absolute path",
        "there are two clusters named `south`",
    ]


def test_a_near_name_is_offered_and_can_be_spliced_in() -> None:
    text = "version: 1\nclusters: [{name: a, path: [x]}]"
    _, findings = config.decode(File(".mirrorc.yaml", text))
    near = next(finding for finding in findings if "no field" in finding.message)
    assert near.help == "Did you mean `paths`?"
    assert near.field == "clusters[0].path"
    assert near.fix is not None
    (edit,) = near.fix.edits
    assert text[: edit.span.start] + edit.text + text[edit.span.end :] == text.replace("path:", "paths:")


def test_a_release_is_put_in_quotes() -> None:
    _, (finding,) = config.decode(File(".mirrorc.yaml", "version: 1\ndefaults: {release: 4.20}"))
    assert finding.help == 'Write "4.20", in quotes.'
    assert finding.fix is not None
    assert [edit.text for edit in finding.fix.edits] == ['"4.20"']


def test_a_far_name_is_answered_with_what_there_is() -> None:
    _, (finding,) = config.decode(File(".mirrorc.yaml", "version: 1\ncolour: red"))
    assert finding.help == "Known fields: version, allowEmpty, baseline, defaults, clusters, homes."


@given(st.text(alphabet=" \n-:{}[]#*&abcversionclusters1/.\"'\0\t", max_size=60))
def test_any_text_gets_a_configuration_or_reasons(text: str) -> None:
    made, findings = config.decode(File(".mirrorc.yaml", text))
    assert (made is None) == bool(findings)


# --- The schema ------------------------------------------------------------------


@pytest.mark.golden
def test_the_schema_that_is_shipped_is_up_to_date(golden: Golden) -> None:
    golden.file(SCHEMA, json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(SCHEMA.read_text()))


def is_valid(text: str) -> bool:
    return bool(jsonschema.Draft7Validator(json.loads(SCHEMA.read_text())).is_valid(YAML(typ="safe").load(text)))


@pytest.mark.parametrize("path", [*FIXTURES.glob("*/.mirrorc.yaml")], ids=lambda path: path.parent.name)
def test_an_example_holds_for_the_schema_and_for_mirrorc(path: Path) -> None:
    text = path.read_text()
    assert is_valid(text)
    assert decoded(text).clusters


DOCUMENTED = re.findall(r"```yaml\n(version: .*?)```", (ROOT / "docs" / "configuration.md").read_text(), re.DOTALL)


def test_the_page_shows_one_that_holds_for_the_schema_and_for_mirrorc() -> None:
    (text,) = DOCUMENTED
    assert is_valid(text)
    edge, north, south = decoded(text).clusters
    assert (values(north.paths), values(south.paths)) == (
        ["base/mirrors", "clusters/north"],
        ["base/mirrors", "clusters/south"],
    )
    assert [each.settings.release.name for each in (north, south, edge)] == ["4.20", "4.18", "4.20"]
    assert south.settings.severities == {"split-source": Severity.ERROR}
    assert edge.kustomizations
    assert edge.settings.machine_config == "drop-in"


@needs_kustomize
def test_what_the_page_shows_can_be_built(folder: Path) -> None:
    write(folder, ".mirrorc.yaml", text=DOCUMENTED[0])
    for name in ("base/mirrors", "clusters/north", "clusters/south", "overlays/edge"):
        own = name.replace("/", "-")
        write(folder, f"{name}/a.yaml", text=mirrors(own, f"quay.io/{own}: m.example.com/{own}"))
    write(folder, "overlays/edge/kustomization.yaml", text="resources: [a.yaml]\n")
    done = call_mirrorc("build", cwd=folder)
    assert (done.code, done.stderr.splitlines()[-1]) == (0, "3 clusters: 3 changed")
    drop_in = (folder / "rendered/edge/registries.conf.d/99-mirrors.conf").read_text()
    assert "quay.io/base-mirrors" in drop_in
    assert "quay.io/overlays-edge" in drop_in


def test_the_page_explains_every_field_and_names_its_default() -> None:
    lines = (ROOT / "docs" / "configuration.md").read_text().splitlines()
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| `")]
    cluster = only("version: 1\nclusters: [{name: x, paths: [.]}]")
    standard = Settings()
    assert [name for name, _, _ in rows] == list(config.FIELDS)
    named = {name: default for name, _, default in rows}
    assert named["output"].replace("{cluster}", "x") == cluster.output.value
    assert named["release"] == f'"{standard.release.name}"'
    assert named["pools"] == f"[{', '.join(standard.pools)}]"
    assert named["machineConfig"] == standard.machine_config
    assert named["machineConfigName"] == standard.name


_FIELD = st.sampled_from(
    [
        "paths: [base, 'x/*']",
        "paths: x",
        "paths: []",
        "paths: [/x]",
        "paths: [..]",
        "paths:",
        "exclude: ['**/x']",
        "exclude: {}",
        "kustomization: overlays/x",
        "kustomization: [x]",
        "output: out",
        "output: ../out",
        'release: "4.18"',
        "release: 4.18",
        'release: "3.11"',
        "pools: [master, infra]",
        "pools: [a/b]",
        "releaseImage: quay.io/a/b@sha256:0",
        "releaseImage: 1",
        "machineConfig: drop-in",
        "machineConfig: none",
        "machineConfigName: 50-{pool}",
        "severities: {order-conflict: warning}",
        "severities: {wrong-type: error}",
        "severities: {wrong-type: note}",
        "severities: {nothing: error}",
        "severities:",
        "colour: red",
    ]
)


@given(defaults=st.lists(_FIELD, max_size=2), cluster=st.lists(_FIELD, max_size=2), name=st.sampled_from(["a", "a/b"]))
def test_the_schema_and_mirrorc_say_the_same(defaults: list[str], cluster: list[str], name: str) -> None:
    """But for what a schema cannot know: here, whether a cluster has any manifests, and a key that appears twice."""
    text = "version: 1\ndefaults:\n" + "".join(f"  {line}\n" for line in defaults)
    text += f"clusters:\n- name: {name}\n" + "".join(f"  {line}\n" for line in cluster)
    _, findings = config.decode(File(".mirrorc.yaml", text))
    beyond = ("no manifests", "appears twice")
    refused = [finding for finding in findings if not any(words in finding.message for words in beyond)]
    if not any("appears twice" in finding.message for finding in findings):
        assert is_valid(text) == (not refused)


def test_a_cluster_has_a_limited_number_of_pools() -> None:
    def pools(count: int) -> str:
        return "version: 1\ndefaults:\n  pools:\n" + "".join(f"  - p{number}\n" for number in range(count))

    assert told(pools(config.MOST_POOLS + 1)) == ["104:5-9 there are more than 100 pools"]
    assert decoded(pools(config.MOST_POOLS)).clusters == ()


def test_clusters_are_in_the_natural_order_of_their_names() -> None:
    clusters = "".join(f"- {{name: c{number}, paths: [c{number}]}}\n" for number in (10, 2, 1))
    assert [each.name.value for each in decoded(f"version: 1\nclusters:\n{clusters}").clusters] == ["c1", "c2", "c10"]
