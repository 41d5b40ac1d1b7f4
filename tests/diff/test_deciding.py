"""The node disruption policy that decides for a comparison, release by release."""

import base64
import gzip
import json
from collections.abc import Mapping

import pytest

from compiler.diff.comparison import Comparison, compare
from compiler.diff.disruption import UpdateFailsError
from compiler.diff.made import of_machine_configs
from compiler.node.files import REGISTRIES_CONF, SEARCH_CONF
from compiler.node.registries_conf import ConfFileError
from compiler.policy.settings import settings_of
from tests.conformance import Json, as_object
from tests.manifest_texts import image_config, mirror_set
from tests.sides import change, side

ONE = mirror_set("a", {"quay.io/ns": ["m.io/ns", "n.io/ns"]})
TWO = mirror_set("a", {"quay.io/ns": ["m.io/ns"]})
"""From ONE to TWO a mirror is removed, which drains."""

OVERRIDE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: image-registry-override-drain, namespace: openshift-machine-config-operator}
"""
RELOAD = "{type: Reload, reload: {serviceName: crio.service}}"


def policy(actions: str, path: str = REGISTRIES_CONF) -> str:
    return f"""\
apiVersion: operator.openshift.io/v1
kind: MachineConfiguration
metadata: {{name: cluster}}
spec:
  nodeDisruptionPolicy:
    files:
      - path: {path}
        actions: [{actions}]
"""


def with_both(*texts: str, release: str = "5.0") -> Comparison:
    """From ONE to TWO, with the same other objects on both sides."""
    beside = {f"{number}.yaml": text for number, text in enumerate(texts)}
    return change({"a.yaml": ONE, **beside}, {"a.yaml": TWO, **beside}, release)


def notes(comparison: Comparison) -> str:
    return "\n".join(f"{note.text} {note.help}" for note in comparison.notes)


@pytest.mark.parametrize(
    ("release", "disruption"),
    [("4.13", "drain"), ("4.14", "drain"), ("4.15", "drain"), ("4.16", "drain"), ("4.17", "reload"), ("5.0", "reload")],
)
def test_an_own_policy_decides_from_4_17_on(release: str, disruption: str) -> None:
    found = with_both(policy(RELOAD), release=release)
    assert found.disruption == disruption
    assert (f"has no effect in release {release}" in notes(found)) is (disruption == "drain")
    assert (str(found.policy_span) == "0.yaml:3:18") is (disruption == "reload")


@pytest.mark.parametrize(
    ("actions", "disruption"),
    [
        ("{type: None}", "none"),
        ("{type: DaemonReload}", "reload"),
        (RELOAD, "reload"),
        ("{type: Restart, restart: {serviceName: crio.service}}", "restart"),
        (f"{{type: Drain}}, {RELOAD}", "drain"),
        ("{type: Reboot}", "reboot"),
        ("", "none"),
    ],
)
def test_ranks(actions: str, disruption: str) -> None:
    found = with_both(policy(actions))
    assert found.disruption == disruption
    (reason,) = found.pools[0].verdict.reasons
    assert (reason.disruption, reason.decision is not None and reason.decision.is_own) == (disruption, True)


@pytest.mark.parametrize(
    ("release", "disruption", "said"),
    [
        ("4.13", "drain", "has no effect in release 4.13; only 4.14 to 4.19 read it"),
        ("4.14", "reload", "skips the drain for registries.conf."),
        ("4.16", "reload", "skips the drain for registries.conf."),
        ("4.19", "reload", "skips the drain for registries.conf."),
        ("4.20", "drain", "has no effect in release 4.20; only 4.14 to 4.19 read it"),
    ],
)
def test_the_config_map_that_skips_the_drain(release: str, disruption: str, said: str) -> None:
    found = with_both(OVERRIDE, release=release)
    assert found.disruption == disruption
    assert said in notes(found)
    assert "`image-registry-override-drain` at 0.yaml:3:18" in notes(found)


@pytest.mark.parametrize(("release", "is_said"), [("4.13", False), ("4.14", True), ("4.19", True), ("4.20", False)])
def test_without_the_config_map_one_sentence_says_that_it_exists(release: str, is_said: bool) -> None:
    assert ("ConfigMap `image-registry-override-drain`" in notes(with_both(release=release))) is is_said
    # Not where nothing drains, or where something else decides.
    assert "ConfigMap" not in notes(change(TWO, ONE, release))
    searched = image_config(containerRuntimeSearchRegistries=["a.io"])
    assert "ConfigMap" not in notes(change(ONE, {"a.yaml": TWO, "i.yaml": searched}, release))


def test_the_config_map_leaves_other_drains_and_reboots_alone() -> None:
    assert with_both(OVERRIDE, policy("{type: Drain}"), release="4.19").disruption == "drain"
    searched = image_config(containerRuntimeSearchRegistries=["a.io"])
    old, new = {"a.yaml": ONE, "o.yaml": OVERRIDE}, {"a.yaml": TWO, "o.yaml": OVERRIDE, "i.yaml": searched}
    assert change(old, new, "4.19").disruption == "reboot"


@pytest.mark.parametrize(
    ("release", "disruption"), [("4.13", "reboot"), ("4.16", "reboot"), ("4.17", "reload"), ("5.0", "reload")]
)
def test_an_entry_for_a_folder_covers_the_search_drop_in(release: str, disruption: str) -> None:
    made = policy(RELOAD, "/etc/containers")
    searched = image_config(containerRuntimeSearchRegistries=["a.io"])
    found = change({"p.yaml": made}, {"p.yaml": made, "i.yaml": searched}, release)
    assert found.disruption == disruption
    assert {reason.path for reason in found.pools[0].verdict.reasons if reason.disruption == disruption} >= {
        SEARCH_CONF
    }
    # registries.conf has an entry of its own, which is longer.
    assert with_both(made).disruption == "drain"


def test_the_policy_after_the_change_counts_and_the_order_is_said_to_matter() -> None:
    found = change({"a.yaml": ONE}, {"a.yaml": TWO, "p.yaml": policy(RELOAD)})
    assert found.disruption == "reload"
    assert "The node disruption policy changes too" in notes(found)
    assert "Under the policy before the change: drain." in notes(found)
    assert "changes too" not in notes(with_both(policy(RELOAD)))
    # The same entry in another place is the same policy.
    moved = change({"a.yaml": ONE, "p.yaml": policy(RELOAD)}, {"a.yaml": TWO, "q.yaml": policy(RELOAD)})
    assert "changes too" not in notes(moved)


def test_a_policy_that_the_api_refuses_stays_what_it_was() -> None:
    old = {"a.yaml": ONE, "p.yaml": policy(RELOAD)}
    found = change(old, {"a.yaml": TWO, "p.yaml": policy("{type: Special}")})
    assert found.disruption == "reload"
    assert "the cluster keeps the old MachineConfiguration `cluster`" in notes(found)


def test_what_has_no_effect_yet() -> None:
    assert "neither reloads nor restarts CRI-O" in notes(with_both(policy("{type: None}")))
    assert "neither reloads nor restarts CRI-O" not in notes(with_both(policy(RELOAD)))
    # Another file's action reloads CRI-O.
    blocked = image_config(blockedRegistries=["b.io"])
    old = {"a.yaml": ONE, "p.yaml": policy("{type: None}")}
    assert "neither reloads" not in notes(change(old, {**old, "i.yaml": blocked}))


def test_the_objects_that_decide_are_among_those_that_an_apply_sends() -> None:
    entry = policy(RELOAD)
    other = entry.replace("type: Reload, reload: {serviceName: crio.service}", "type: None")
    found = change({"p.yaml": entry}, {"p.yaml": other, "o.yaml": OVERRIDE})
    assert found.disruption == "none"
    assert [(each.verb, each.kind, each.changed, each.effective, each.note) for each in found.objects] == [
        ("create", "ConfigMap", (), False, "it decides how other changes affect nodes"),
        ("replace", "MachineConfiguration", (REGISTRIES_CONF,), False, "it decides how other changes affect nodes"),
    ]


# --- Between MachineConfigs -----------------------------------------------------------

CONF = 'unqualified-search-registries = ["a.io"]\n[[registry]]\nlocation = "quay.io/ns"\n'


def node(files: Mapping[str, str], name: str = "50-x", compressed: bool = False, **spec: Json) -> Json:
    def contents(text: str) -> Json:
        packed = gzip.compress(text.encode(), mtime=0) if compressed else text.encode()
        made: dict[str, Json] = {"source": "data:;base64," + base64.b64encode(packed).decode()}
        return {**made, "compression": "gzip"} if compressed else made

    return {
        "kind": "MachineConfig",
        "metadata": {"name": name, "labels": {"machineconfiguration.openshift.io/role": "worker"}},
        "spec": {
            "config": {
                "ignition": {"version": "3.2.0"},
                "storage": {"files": [{"path": path, "contents": contents(text)} for path, text in files.items()]},
            },
            **spec,
        },
    }


def between(old: Json, new: Json, *beside: Json, release: str = "5.0") -> Comparison:
    """From one MachineConfig to another, with objects beside the new one."""
    settings = settings_of(release=release)
    sides = [
        of_machine_configs(label, json.dumps({"kind": "List", "items": [config, *others]}), settings.release)
        for label, config, others in (("old", old, ()), ("new", new, beside))
    ]
    return compare(sides[0], sides[1], settings)


def config(old: Json, **changed: Json) -> Json:
    """The MachineConfig with other sections in its Ignition config."""
    made = json.loads(json.dumps(old))
    made["spec"]["config"] |= changed
    return as_object(made)


PLAIN = node({REGISTRIES_CONF: CONF})


@pytest.mark.parametrize(
    ("path", "release", "disruption"),
    [
        ("/etc/motd", "5.0", "reboot"),
        ("/var/lib/kubelet/config.json", "5.0", "none"),
        ("/etc/crio/policies/ns.json", "4.17", "reboot"),
        ("/etc/crio/policies/ns.json", "4.18", "reload"),
        ("/etc/containers/registries.d/a.yaml", "4.15", "reboot"),
        ("/etc/containers/registries.d/a.yaml", "4.16", "reload"),
        ("/etc/containers/registries.d/below/a.yaml", "4.16", "reboot"),
        ("/etc/containers/registries.d/below/a.yaml", "4.17", "reload"),
        ("/etc/pki/ca-trust/source/anchors/openshift-config-user-ca-bundle.crt", "4.13", "reboot"),
        ("/etc/pki/ca-trust/source/anchors/openshift-config-user-ca-bundle.crt", "4.14", "restart"),
        ("/etc/pki/ca-trust/source/anchors/openshift-config-user-ca-bundle.crt", "5.0", "restart"),
    ],
)
def test_files_of_any_machine_config_are_judged(path: str, release: str, disruption: str) -> None:
    found = between(PLAIN, node({REGISTRIES_CONF: CONF, path: "x"}), release=release)
    assert found.disruption == disruption
    assert [reason.path for reason in found.pools[0].verdict.reasons] == [path]


def test_what_is_beside_files_is_judged_too() -> None:
    unit: Json = {"systemd": {"units": [{"name": "a.service", "contents": "x"}]}}
    with_unit = config(PLAIN, **as_object(unit))
    assert between(PLAIN, with_unit).disruption == "reboot"
    assert between(with_unit, with_unit).disruption == "none"
    own: Json = {
        "apiVersion": "operator.openshift.io/v1",
        "kind": "MachineConfiguration",
        "metadata": {"name": "cluster"},
        "spec": {"nodeDisruptionPolicy": {"units": [{"name": "a.service", "actions": [{"type": "DaemonReload"}]}]}},
    }
    assert between(PLAIN, with_unit, own).disruption == "reload"
    keys = config(PLAIN, passwd={"users": [{"name": "core", "sshAuthorizedKeys": ["k"]}]})
    found = between(PLAIN, keys)
    assert (found.disruption, [reason.cause for reason in found.pools[0].verdict.reasons]) == (
        "none",
        ["ssh-keys-changed"],
    )
    for spec in ({"kernelArguments": ["a"]}, {"osImageURL": "q.io/x"}, {"extensions": ["usbguard"]}):
        assert between(PLAIN, node({REGISTRIES_CONF: CONF}, **spec)).disruption == "reboot"
    assert between(PLAIN, node({REGISTRIES_CONF: CONF}, kernelType="default")).disruption == "none"


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (config(PLAIN, storage={"directories": [{"path": "/d"}]}), "spec.config.storage.directories changes"),
        (config(PLAIN, passwd={"users": [{"name": "x"}]}), "for a user other than `core`"),
        (node({REGISTRIES_CONF: CONF}, fips=True), "spec.fips changes"),
        (
            config(PLAIN, storage={"files": [{"path": "/x", "append": [{"source": "data:,x"}]}]}),
            "/x is written with `append`",
        ),
        (node({REGISTRIES_CONF: CONF}, compressed=True), "is compressed with gzip"),
        (node({REGISTRIES_CONF: "not TOML"}), "new#/etc/containers/registries.conf:1:5: not valid TOML"),
    ],
)
def test_what_nodes_cannot_be_updated_to(new: Json, message: str) -> None:
    with pytest.raises(UpdateFailsError) as caught:
        between(PLAIN, new)
    assert message in str(caught.value)
    assert caught.value.help


def test_a_compressed_file_is_no_obstacle_where_the_test_is_not_made() -> None:
    packed = node({REGISTRIES_CONF: CONF}, compressed=True)
    assert between(packed, packed).disruption == "none"
    with pytest.raises(UpdateFailsError) as caught:
        between(packed, PLAIN)
    assert "Nodes have it already" in caught.value.help
    # Whatever reboots comes without the test, and so does the ConfigMap.
    assert between(PLAIN, node({REGISTRIES_CONF: CONF, "/etc/x": ""}, compressed=True)).disruption == "reboot"
    override: Json = {
        "kind": "ConfigMap",
        "metadata": {"name": "image-registry-override-drain", "namespace": "openshift-machine-config-operator"},
    }
    assert between(PLAIN, packed, override, release="4.19").disruption == "reload"
    # Beside manifests the file is one that the operator has to go from, or to.
    settings = settings_of()
    made = of_machine_configs("live", json.dumps(packed), settings.release)
    with pytest.raises(UpdateFailsError, match=r"live#/etc/containers/registries\.conf is compressed"):
        compare(made, side("manifests", ONE, settings), settings)


def test_the_same_content_written_in_another_way_reloads() -> None:
    other = json.loads(json.dumps(PLAIN))
    other["spec"]["config"]["storage"]["files"][0]["mode"] = 384
    found = between(PLAIN, other)
    assert (found.disruption, [reason.cause for reason in found.pools[0].verdict.reasons]) == (
        "reload",
        ["registries-conf-rewritten"],
    )


@pytest.mark.parametrize("location", ["https://h.io/x", "data:text/plain;base64,a b"])
def test_a_file_about_images_that_cannot_be_read_is_an_error(location: str) -> None:
    files: Json = {"files": [{"path": REGISTRIES_CONF, "contents": {"source": location}}]}
    with pytest.raises(ConfFileError):
        between(PLAIN, config(PLAIN, storage=files))


@pytest.mark.parametrize(
    ("old", "new", "disruption"),
    [
        ("mirror-by-digest-only = true\n{m}", '{m}pull-from-mirror = "digest-only"\n', "reload"),
        ('{m}pull-from-mirror = "digest-only"\n', "mirror-by-digest-only = true\n{m}", "drain"),
        ("mirror-by-digest-only = true\n{m}", "mirror-by-digest-only = true\n{m}{n}", "reload"),
        ("mirror-by-digest-only = true\n{m}{n}", "mirror-by-digest-only = true\n{m}", "drain"),
        ("mirror-by-digest-only = true\n{m}", "{m}", "reload"),
        ("{m}", "mirror-by-digest-only = true\n{m}", "reload"),
        ("", "mirror-by-digest-only = true\n{m}", "reload"),
        (None, "mirror-by-digest-only = true\n{m}", "drain"),
        (None, "mirror-by-digest-only = true\n", "reload"),
        (None, "{m}", "drain"),
    ],
)
def test_mirror_by_digest_only_is_compared_as_the_controller_compares_it(
    old: str | None, new: str, disruption: str
) -> None:
    mirrors = {key: f'[[registry.mirror]]\nlocation = "{key}.io/ns"\n' for key in "mn"}

    def conf(text: str | None) -> Json:
        entry = "" if text is None else '[[registry]]\nlocation = "quay.io/ns"\n' + text.format_map(mirrors)
        return node({REGISTRIES_CONF: 'unqualified-search-registries = ["a.io"]\n' + entry})

    assert between(conf(old), conf(new)).disruption == disruption
