"""Files of a node in MachineConfigs, Ignition and Butane configs, kickstart files and plain files."""

import base64
import gzip
import json
from urllib.parse import quote

import pytest

from compiler.homes import HOMES
from compiler.manifests.load import outcome_of
from compiler.text.opaque import revealed
from tests.homes.reading import RELEASE, homes_of, parsed_of, rules_of

CONF = '[[registry]]\nlocation = "quay.io/a"\n[[registry.mirror]]\nlocation = "m.example.com/a"\n'
PATH = "/etc/containers/registries.conf"


def machine_config(source: str, path: str = PATH, more: str = "") -> str:
    return f"""\
apiVersion: machineconfiguration.openshift.io/v1
kind: MachineConfig
metadata: {{name: 99-worker-x, labels: {{machineconfiguration.openshift.io/role: infra}}}}
spec:
  config:
    ignition: {{version: 3.2.0}}
    storage:
      files:
        - path: {path}
          contents:
            source: "{source}"
            {more}
"""


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("source", "more"),
    [
        (f"data:,{quote(CONF)}", ""),
        (f"data:text/plain;charset=utf-8;base64,{encoded(CONF.encode())}", ""),
        (f"data:;base64,{encoded(gzip.compress(CONF.encode(), mtime=0))}", "compression: gzip"),
    ],
)
def test_every_encoding_of_a_machine_config(source: str, more: str) -> None:
    parsed = parsed_of(machine_config(source, more=more))
    (home,) = parsed.homes
    (text,) = home.node_texts
    assert (text.path, text.text, text.pool, text.config) == (PATH, CONF, "infra", "99-worker-x")
    assert text.compressed is bool(more)
    assert parsed.places == ()


@pytest.mark.parametrize("source", ["data:;base64,%%%", "https://example.com/x", f"data:,{quote('[[registry')}"])
def test_what_cannot_be_read_is_an_error(source: str) -> None:
    (home,) = homes_of(machine_config(source))
    assert [each.partition(" ")[2] for each in rules_of(home)] == ["unloadable-node-file"]
    assert home.node_texts == ()


def test_content_that_is_a_placeholder_stays_unread() -> None:
    parsed = parsed_of(machine_config("data:;base64,$CONTENT"))
    assert parsed.homes == ()
    assert len(parsed.places) == 1


def test_other_files_are_none_of_ours() -> None:
    assert outcome_of("f.yaml", machine_config("data:,x", path="/etc/chrony.conf").encode(), RELEASE, HOMES) is None


def test_an_ignition_file_is_for_its_nodes() -> None:
    files = [{"path": PATH, "contents": {"source": f"data:,{quote(CONF)}"}}]
    text = json.dumps({"ignition": {"version": "3.2.0"}, "storage": {"files": files}})
    (home,) = homes_of(text, "bootstrap.ign")
    assert home.target is not None
    assert home.target.words == "the bootstrap node that bootstrap.ign configures"
    assert home.node_texts[0].text == CONF


def test_butane_writes_compressed_machine_configs() -> None:
    body = "".join(f"          {line}\n" for line in CONF.splitlines())
    (home,) = homes_of(
        "variant: openshift\nversion: 4.18.0\nmetadata:\n  name: 99-worker-x\n"
        "  labels: {machineconfiguration.openshift.io/role: worker}\n"
        f"storage:\n  files:\n    - path: {PATH}\n      contents:\n        inline: |\n{body}",
        "worker.bu",
    )
    (text,) = home.node_texts
    assert (text.text, text.config, text.compressed) == (CONF, "99-worker-x", True)
    assert home.target is None


@pytest.mark.parametrize(
    ("quote_", "line", "count"), [("'", "", 1), ("", "", 1), ("", "# $HOST\n", 1), ("'", "# $HOST\n", 1)]
)
def test_a_kickstart_file_writes_what_is_literal(quote_: str, line: str, count: int) -> None:
    text = f"text\n%post\ncat > {PATH}.d/9.conf <<{quote_}EOF{quote_}\n{CONF}{line}EOF\n%end\n"
    homes = homes_of(text, "edge.ks")
    assert len(homes) == count
    assert all(revealed(home.node_texts[0].text) == CONF + line for home in homes)


def test_plain_files_of_one_folder_are_of_one_node() -> None:
    (main,) = homes_of(CONF, "etc/registries.conf")
    (drop_in,) = homes_of(CONF, "etc/registries.conf.d/50-x.conf")
    assert main.target == drop_in.target
    assert [home.node_texts[0].path for home in (main, drop_in)] == [PATH, f"{PATH}.d/50-x.conf"]
    (beside,) = homes_of(CONF, "etc/50-x.conf")
    assert (beside.target, beside.node_texts[0].path) == (main.target, f"{PATH}.d/50-x.conf")
    (other,) = homes_of(CONF, "etc/mirrors.conf")
    assert (other.target == main.target, other.node_texts[0].path) == (False, PATH)


MACHINE_CONFIG = """\
apiVersion: machineconfiguration.openshift.io/v1
kind: MachineConfig
metadata: {name: 99-worker-x, labels: {machineconfiguration.openshift.io/role: infra}}
spec:
  config:
    ignition: {version: 3.4.0}
    storage:
      files:
        - path: /etc/containers/registries.conf.d/x.conf
          contents: {source: "data:,%5B%5Bregistry%5D%5D%0Alocation%20%3D%20%22quay.io/a%22"}
"""
WORK = "apiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {name: w, namespace: north}\n"
SYNC_SET = "apiVersion: hive.openshift.io/v1\nkind: SyncSet\nmetadata: {name: s}\n"
POLICY = (
    "apiVersion: policy.open-cluster-management.io/v1\nkind: ConfigurationPolicy\nmetadata: {name: p}\n"
    "spec:\n  remediationAction: enforce\n  object-templates:\n"
    "  - complianceType: mustonlyhave\n    objectDefinition:\n"
)
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: n}\ndata:\n  %s: |\n"


@pytest.mark.parametrize(
    ("around", "indent", "pool"),
    [
        (f"{WORK}spec:\n  workload:\n    manifests:\n    -\n", 6, "infra"),
        (f"{SYNC_SET}spec:\n  resources:\n  -\n", 4, "infra"),
        (POLICY, 6, "infra"),
        (CONFIG_MAP % "config", 4, "worker"),
        (CONFIG_MAP % "mc.yaml", 4, "infra"),
    ],
)
def test_a_machine_config_inside_another_document_is_read(around: str, indent: int, pool: str) -> None:
    inside = "".join(f"{' ' * indent}{line}\n" for line in MACHINE_CONFIG.splitlines())
    (home,) = homes_of(around + inside)
    assert [(text.path, text.pool, text.config) for text in home.node_texts] == [
        ("/etc/containers/registries.conf.d/x.conf", pool, "99-worker-x")
    ]


def test_a_file_that_is_not_known_before_it_is_rendered_has_no_error() -> None:
    text = (
        "variant: openshift\nversion: 4.18.0\nmetadata: {name: x}\nstorage:\n  files:\n"
        "  - path: /etc/containers/registries.conf\n    contents:\n      inline: |\n        $(registries)\n"
        '        [[registry]]\n        location = "quay.io/a"\n'
    )
    parsed = parsed_of(text, "a.bu")
    assert [finding.rule for home in parsed.homes for finding in home.diagnostics] == []
    assert [place.word for place in parsed.places] != []


def test_compressed_files_unpack_to_a_share_of_their_size() -> None:
    """Each MachineConfig has a small bomb: all of a file count together, by the size of the file."""
    bomb = f"data:;base64,{encoded(gzip.compress(b'#' * 100_000, 9, mtime=0))}"
    one = machine_config(bomb, more="compression: gzip")
    homes = parsed_of("---\n".join(one for _ in range(20))).homes
    refused = [each.message for home in homes for each in home.diagnostics if "unpacks to more" in each.message]
    assert len(refused) >= 10
    (alone,) = parsed_of(one).homes
    assert not any("unpacks" in each.message for each in alone.diagnostics)


@pytest.mark.parametrize("text", ["|\n              [[registry]]", "data:,a", '"[[registry]]"'])
def test_contents_that_are_a_text_are_an_error(text: str) -> None:
    source = machine_config("data:,a").replace('\n            source: "data:,a"\n            \n', f" {text}\n")
    assert f"contents: {text}" in source
    (home,) = homes_of(source)
    assert [rule.partition(" ")[2] for rule in rules_of(home)] == ["unloadable-node-file"]
    assert (home.node_texts, home.compiled) == ((), False)
    assert homes_of(source.replace(f" {text}", ' "{{ contents }}"')) == ()
