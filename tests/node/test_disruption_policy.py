"""Which entry of the node disruption policy decides, and what nodes do, release by release."""

import json

import pytest

from compiler.manifests.kinds import DrainOverride, MachineConfiguration
from compiler.manifests.parsing import parse
from compiler.names.releases import RELEASES
from compiler.node.disruption_policy import NONE, REBOOT, Action, ActionType, in_force, joined
from compiler.node.files import NAMESPACE_POLICIES, POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF, SIGNATURES
from compiler.text.span import File, Located, Span
from tests.conformance import Json, as_object, recordings, texts

SPAN = Span(File("x", ""), 0, 0)
OVERRIDE = DrainOverride(name=Located("x", SPAN), span=SPAN)
RELEASES_WITHOUT_POLICIES = ("4.13", "4.14", "4.15", "4.16")


def configuration(value: Json) -> MachineConfiguration | None:
    """A recorded MachineConfiguration."""
    if value is None:
        return None
    (found,) = parse(File("p.json", json.dumps(value)), RELEASES["5.0"]).manifests
    assert isinstance(found, MachineConfiguration)
    return found


def own(**entries: str) -> MachineConfiguration:
    """Entries by path, each with one action; a colon parts a service from it."""
    files: list[Json] = []
    for path, action in entries.items():
        type_, _, service = action.partition(":")
        made: dict[str, Json] = {"type": type_}
        if service:
            made[type_.lower()] = {"serviceName": service}
        files.append({"path": path, "actions": [made]})
    found = configuration(
        {
            "apiVersion": "operator.openshift.io/v1",
            "kind": "MachineConfiguration",
            "metadata": {"name": "cluster"},
            "spec": {"nodeDisruptionPolicy": {"files": files}},
        }
    )
    assert found is not None
    return found


def actions(release: str, path: str, made: MachineConfiguration | None = None) -> list[str]:
    entry = in_force(RELEASES[release], made).for_file(path)
    return [str(action) for action in (REBOOT if entry is None else entry.actions)]


def test_the_recorded_actions_are_those_of_the_policy() -> None:
    count = 0
    for line in recordings("disruption-policy"):
        expected = as_object(line["expected"])
        policy = in_force(RELEASES["5.0"], configuration(line["machine_configuration"]))
        entries = [policy.for_file(path) for path in texts(expected, "changed_files")]
        found = joined(REBOOT if entry is None else entry.actions for entry in entries) if entries else NONE
        assert sorted(map(str, found)) == sorted(texts(expected, "actions")), line["id"]
        count += 1
    assert count == 500


DEPTHS = (SIGNATURES + "/a.yaml", SIGNATURES + "/below/a.yaml", NAMESPACE_POLICIES + "/ns.json")
RELOAD = ["Reload:crio.service"]


@pytest.mark.parametrize(
    ("release", "direct", "below", "namespaces"),
    [
        ("4.13", ["Reboot"], ["Reboot"], ["Reboot"]),
        ("4.14", ["Reboot"], ["Reboot"], ["Reboot"]),
        ("4.15", ["Reboot"], ["Reboot"], ["Reboot"]),
        ("4.16", RELOAD, ["Reboot"], ["Reboot"]),
        ("4.17", RELOAD, RELOAD, ["Reboot"]),
        ("4.18", RELOAD, RELOAD, RELOAD),
        ("4.20", RELOAD, RELOAD, RELOAD),
        ("5.0", RELOAD, RELOAD, RELOAD),
    ],
)
def test_what_each_release_comes_with(release: str, direct: list[str], below: list[str], namespaces: list[str]) -> None:
    assert [actions(release, path) for path in DEPTHS] == [direct, below, namespaces]
    assert actions(release, REGISTRIES_CONF) == ["Special"]
    assert actions(release, POLICY_JSON) == RELOAD
    assert actions(release, SEARCH_CONF) == ["Reboot"]
    assert actions(release, "/var/lib/kubelet/config.json") == ["None"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/etc/mco/internal-registry-pull-secret.json", {"4.14": ["None"], "4.15": ["None"]}),
        ("/etc/kubernetes/kubelet-ca.crt", {key: ["None"] for key in RELEASES_WITHOUT_POLICIES}),
        ("/etc/nmstate/openshift/x.yml", {"4.13": ["Reboot"], "4.16": ["None"], "4.17": ["None"], "5.0": ["None"]}),
        (
            "/etc/pki/ca-trust/source/anchors/openshift-config-user-ca-bundle.crt",
            {
                "4.13": ["Reboot"],
                "4.14": ["Restart:crio.service"],
                "4.16": ["Restart:crio.service"],
                "4.17": ["Restart:coreos-update-ca-trust.service", "Restart:crio.service"],
            },
        ),
        (
            "/etc/kubernetes/credential-providers/ecr.yaml",
            {"4.21": ["Reboot"], "4.22": ["Restart:kubelet.service"]},
        ),
    ],
)
def test_other_files_by_release(path: str, expected: dict[str, list[str]]) -> None:
    assert {release: actions(release, path) for release in expected} == expected


@pytest.mark.parametrize("release", [*RELEASES_WITHOUT_POLICIES, "4.17", "5.0"])
def test_an_own_policy_takes_effect_from_4_17_on(release: str) -> None:
    made = own(**{REGISTRIES_CONF: "None", "/etc/containers": "DaemonReload"})
    takes_effect = release not in RELEASES_WITHOUT_POLICIES
    assert actions(release, REGISTRIES_CONF, made) == (["None"] if takes_effect else ["Special"])
    assert actions(release, SEARCH_CONF, made) == (["DaemonReload"] if takes_effect else ["Reboot"])
    assert actions(release, POLICY_JSON, made) == RELOAD


def test_the_longest_path_that_is_the_file_or_a_folder_above_it_decides() -> None:
    made = own(**{"/etc": "Drain", "/etc/containers/registries.conf.d": "None", "/etc/containers/registries": "Reboot"})
    assert actions("5.0", SEARCH_CONF, made) == ["None"]
    assert actions("5.0", "/etc/containers/registries.conf.d.bak", made) == ["Drain"]
    assert actions("5.0", REGISTRIES_CONF, made) == ["Special"]
    assert actions("5.0", "/usr/x", made) == ["Reboot"]
    # Nothing is below the root, and a folder may be written with a slash at its end.
    assert actions("5.0", "/usr/x", own(**{"/": "None"})) == ["Reboot"]
    assert actions("5.0", "/usr/x/y", own(**{"/usr/": "None"})) == ["None"]


def test_an_own_entry_for_the_same_path_says_so() -> None:
    entry = in_force(RELEASES["5.0"], own(**{REGISTRIES_CONF: "Drain"})).for_file(REGISTRIES_CONF)
    assert entry is not None
    assert entry.span is not None
    assert entry.span.text == f'"{REGISTRIES_CONF}"'
    default = in_force(RELEASES["5.0"]).for_file(REGISTRIES_CONF)
    assert default is not None
    assert default.span is None


@pytest.mark.parametrize(
    ("release", "skips"), [("4.13", False), ("4.14", True), ("4.17", True), ("4.19", True), ("4.20", False)]
)
def test_the_config_map_skips_the_drain_from_4_14_to_4_19(release: str, skips: bool) -> None:
    assert in_force(RELEASES[release], None, OVERRIDE).skips_drain is skips
    assert not in_force(RELEASES[release]).skips_drain


def test_actions_of_several_files_together() -> None:
    reload, drain = (Action(ActionType.RELOAD, "crio.service"),), (Action(ActionType.DRAIN),)
    assert joined([reload, NONE, drain, reload]) == (*reload, *drain, *reload)
    assert joined([reload, REBOOT, drain]) == REBOOT
    assert joined([NONE, NONE]) == NONE
    assert joined([()]) == ()
