"""The node disruption policy of a MachineConfiguration, checked as the API server checks it."""

import json

import pytest

from compiler.manifests.kinds import DrainOverride, MachineConfiguration
from compiler.manifests.parsing import Parsed, parse
from compiler.names.releases import RELEASES
from compiler.text.span import File
from tests.conformance import Json, recordings

CRIO: Json = {"serviceName": "crio.service"}


def parsed(text: str) -> Parsed:
    return parse(File("p.yaml", text), RELEASES["5.0"])


def of(policy: Json, **fields: Json) -> Parsed:
    """What comes of a MachineConfiguration with this policy."""
    made: Json = {
        "apiVersion": "operator.openshift.io/v1",
        "kind": "MachineConfiguration",
        "metadata": {"name": "cluster"},
        "spec": {"nodeDisruptionPolicy": policy},
        **fields,
    }
    return parsed(json.dumps(made))


def test_every_recorded_policy_is_accepted() -> None:
    for line in recordings("disruption-policy"):
        if line["machine_configuration"] is not None:
            found = parsed(json.dumps(line["machine_configuration"]))
            assert (found.refused, found.diagnostics) == ((), ()), line["id"]
            assert isinstance(found.manifests[0], MachineConfiguration)


def test_a_policy_is_read_with_its_places() -> None:
    found = parsed("""\
apiVersion: operator.openshift.io/v1
kind: MachineConfiguration
metadata: {name: cluster}
spec:
  logLevel: Normal
  managedBootImages: {machineManagers: []}
  nodeDisruptionPolicy:
    files:
      - path: /etc/containers
        actions: [{type: Drain}, {type: Reload, reload: {serviceName: crio.service}}]
    units:
      - {name: 'a:b_c-d\\e.swap', actions: [{type: DaemonReload}]}
    sshkey: {actions: [{type: None}]}
""")
    assert found.diagnostics == ()
    (made,) = found.manifests
    assert isinstance(made, MachineConfiguration)
    ((name, actions),) = made.files
    assert (str(name.span), name.value) == ("p.yaml:9:15", "/etc/containers")
    assert [(action.type.value, action.service and action.service.value) for action in actions] == [
        ("Drain", None),
        ("Reload", "crio.service"),
    ]
    assert made.units[0].name.value == "a:b_c-d\\e.swap"
    assert made.ssh_keys is not None
    assert made.ssh_keys.actions[0].type.value == "None"


RELOAD: Json = {"type": "Reload", "reload": CRIO}


@pytest.mark.parametrize(
    ("policy", "field", "message"),
    [
        ({"files": [{"actions": [RELOAD]}]}, "files[0].path", "`path` is missing"),
        ({"files": [{"path": "/x"}]}, "files[0].actions", "`actions` is missing"),
        ({"files": [{"path": 1, "actions": []}]}, "files[0].path", "expected a string"),
        ({"files": {}}, "files", "a list"),
        ({"files": ["/x"]}, "files[0]", "an object"),
        ({"files": [{"path": "/x", "actions": [{}]}]}, "files[0].actions[0].type", "`type` is missing"),
        (
            {"files": [{"path": "/x", "actions": [{"type": "Special"}]}]},
            "files[0].actions[0].type",
            "`Special` is not a valid action",
        ),
        (
            {"files": [{"path": "/x", "actions": [{"type": "reload", "reload": CRIO}]}]},
            "files[0].actions[0].type",
            "`reload` is not a valid action",
        ),
        (
            {"files": [{"path": "/x", "actions": [{"type": "Reload"}]}]},
            "files[0].actions[0].reload",
            "`reload` is missing",
        ),
        (
            {"files": [{"path": "/x", "actions": [{"type": "Restart", "reload": CRIO}]}]},
            "files[0].actions[0].reload",
            "only for the action `Reload`",
        ),
        (
            {"files": [{"path": "/x", "actions": [{"type": "None"}, RELOAD]}]},
            "files[0].actions",
            "`None` cannot be combined",
        ),
        (
            {"files": [{"path": "/x", "actions": [RELOAD, {"type": "Reboot"}]}]},
            "files[0].actions",
            "`Reboot` cannot be combined",
        ),
        (
            {"files": [{"path": "/x", "actions": [{"type": "Restart", "restart": {"serviceName": "crio"}}]}]},
            "files[0].actions[0].restart.serviceName",
            "`crio` is not a valid name of a systemd unit",
        ),
        (
            {"units": [{"name": ".service", "actions": [{"type": "None"}]}]},
            "units[0].name",
            "`.service` is not a valid name",
        ),
        (
            {"files": [{"path": "/x", "actions": []}, {"path": "/x", "actions": []}]},
            "files[1]",
            "`/x` has two entries",
        ),
        ({"files": [{"path": f"/{n}", "actions": []} for n in range(51)]}, "files", "has 51 entries"),
        ({"files": [{"path": "/x", "actions": [RELOAD] * 11}]}, "files[0].actions", "has 11 entries"),
        ({"sshkey": {}}, "sshkey.actions", "`actions` is missing"),
    ],
)
def test_what_the_api_server_refuses(policy: Json, field: str, message: str) -> None:
    found = of(policy)
    assert found.refused == (("MachineConfiguration", "cluster"),)
    assert any(
        message in finding.message and finding.field in {field, f"spec.nodeDisruptionPolicy.{field}"}
        for finding in found.diagnostics
    ), found.diagnostics


def test_other_names_and_versions_are_refused() -> None:
    found = of({}, metadata={"name": "other"})
    assert [finding.rule for finding in found.diagnostics] == ["invalid-metadata"]
    found = of({}, apiVersion="operator.openshift.io/v1alpha1")
    assert [finding.rule for finding in found.diagnostics] == ["wrong-api-version"]
    # Another project's kind of that name is none of ours.
    found = of(None, apiVersion="x.io/v1", spec={})
    assert (found.manifests, found.diagnostics) == ((), ())


def test_fields_that_do_not_exist_are_reported() -> None:
    found = of({"file": [], "files": [{"path": "/x", "actions": [{"type": "None", "service": "x"}], "action": []}]})
    assert {finding.field for finding in found.diagnostics} == {
        "spec.nodeDisruptionPolicy.file",
        "spec.nodeDisruptionPolicy.files[0].actions[0].service",
        "spec.nodeDisruptionPolicy.files[0].action",
    }
    assert found.refused == ()


def config_map(name: str, namespace: str) -> Parsed:
    return parsed(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\n")


def test_the_config_map_that_skips_the_drain() -> None:
    (found,) = config_map(DrainOverride.only_name, DrainOverride.namespace).manifests
    assert isinstance(found, DrainOverride)
    assert str(found.name.span) == "p.yaml:3:18"
    assert config_map(DrainOverride.only_name, "default").manifests == ()
    assert config_map("x", DrainOverride.namespace).manifests == ()
