"""Files as nodes have them, as a side of a comparison."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping

import pytest

from compiler.api import compile_paths
from compiler.diff.comparison import Comparison, compare
from compiler.diff.made import of_build, of_machine_configs, of_registries_conf
from compiler.diff.sides import Manifests, Side
from compiler.diff.views import IncomparableError
from compiler.names.releases import DEFAULT_RELEASE_IMAGE
from compiler.node.configuration import overlay, read_node_conf
from compiler.node.files import DROP_INS, POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF, SIGSTORE_REGISTRIES
from compiler.node.machine_configs import holds_machine_config
from compiler.node.model import BASE
from compiler.node.registries_conf import ConfFileError
from compiler.policy.analysis import analyse
from compiler.policy.artifacts import compile_analysis
from compiler.policy.settings import Settings, settings_of
from tests.command import FIXTURES
from tests.conformance import Json, as_list, as_object, as_text, parsed_input, recordings, text
from tests.manifest_texts import image_config, mirror_set
from tests.sides import Texts, side

CONF = """unqualified-search-registries = ["a.io"]

[[registry]]
location = "quay.io/ns"
[[registry.mirror]]
location = "m.io/ns"
pull-from-mirror = "digest-only"
"""
BASE_CONF = 'unqualified-search-registries = ["registry.access.redhat.com", "docker.io"]\n'
BASE_POLICY = """{"default": [{"type": "insecureAcceptAnything"}],
"transports": {"docker-daemon": {"": [{"type": "insecureAcceptAnything"}]}}}"""
GENERATED = "99-{}-generated-registries"
RENDERED = f"rendered-worker-{'0' * 32}"


def machine_config(name: str, files: Mapping[str, str], role: str = "") -> Json:
    return {
        "apiVersion": "machineconfiguration.openshift.io/v1",
        "kind": "MachineConfig",
        "metadata": {
            "name": name,
            "labels": {"machineconfiguration.openshift.io/role": role} if role else {},
        },
        "spec": {
            "config": {
                "ignition": {"version": "3.5.0"},
                "storage": {
                    "files": [
                        {"path": path, "contents": {"source": f"data:;base64,{b64encode(text.encode()).decode()}"}}
                        for path, text in files.items()
                    ]
                },
            }
        },
    }


def listed(*configs: Json) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(configs)})


def told(old: Side, new: Side, settings: Settings | None = None) -> Comparison:
    """Of a cluster without the payload's own signature policy, where nothing else is said."""
    return compare(old, new, settings or settings_of(payload_policy="none"))


def manifests(texts: Texts) -> Side:
    return side("manifests", texts, settings_of())


@pytest.mark.parametrize("release", ["4.20", "4.21", "4.22", "5.0"])
def test_the_live_machine_config_of_a_default_cluster_does_not_change(release: str) -> None:
    settings = settings_of(release=release)
    texts = {"a.yaml": mirror_set("a", {"quay.io/openshift-release-dev/ocp-release": ["m.io/release"]})}
    made = side("manifests", texts, settings)
    compiled = compile_analysis(analyse(made.parsed, settings), settings)
    live = of_machine_configs("live", compiled.files["machine-configs/99-worker-generated-registries.yaml"].decode())
    assert (SIGSTORE_REGISTRIES in live.pools["worker"].files.files) is (release != "4.20")
    assert told(live, made, settings).disruption == "none"


def test_a_policy_of_a_namespace_is_compared_too() -> None:
    path = "/etc/crio/policies/team.json"
    files = {path: '{"default": [{"type": "insecureAcceptAnything"}]}'}
    live = of_machine_configs("live", json.dumps(machine_config(GENERATED.format("worker"), files, "worker")))
    comparison = told(live, manifests(""))
    assert [reason.path for result in comparison.pools for reason in result.verdict.reasons] == [path]


def test_a_registries_conf_speaks_of_nothing_else() -> None:
    conf = of_registries_conf("x.conf", CONF)
    assert list(conf.pools) == [""]
    state = conf.pools[""]
    assert state.files.registries is not None
    assert [str(span) for span in state.files.origins[REGISTRIES_CONF]] == ["x.conf:1:33"]
    both = {
        "a.yaml": mirror_set("a", {"quay.io/ns": ["m.io/ns"]}),
        "i.yaml": image_config(blockedRegistries=["b.io"], containerRuntimeSearchRegistries=["c.io"]),
    }
    comparison = told(conf, manifests(both))
    paths = {reason.path for result in comparison.pools for reason in result.verdict.reasons}
    assert paths == {REGISTRIES_CONF}
    assert [result.pool for result in comparison.pools] == ["master", "worker"]
    assert "Only registries.conf is compared: x.conf contains no other file." in [
        note.text for note in comparison.notes
    ]
    assert comparison.objects == ()
    assert told(conf, of_registries_conf("y.conf", CONF)).notes == ()


def test_machine_configs_are_told_apart_by_their_pools() -> None:
    live = listed(
        machine_config(GENERATED.format("worker"), {REGISTRIES_CONF: CONF}, "worker"),
        machine_config(GENERATED.format("master"), {REGISTRIES_CONF: CONF}),
        machine_config("99-infra-registries", {REGISTRIES_CONF: CONF.replace("m.io", "n.io")}, "infra"),
    )
    found = of_machine_configs("live.json", live)
    assert list(found.pools) == ["infra", "master", "worker"]
    assert found.pools["master"] is found.pools["worker"]  # the same files: judged once
    comparison = told(found, manifests(mirror_set("a", {"quay.io/ns": ["m.io/ns"]})))
    verdicts = {result.pool: result.disruption.value for result in comparison.pools}
    # The search list of the live file is not the controller's, which drains everywhere.
    assert verdicts == {"master": "drain", "worker": "drain", "infra": "drain"}
    causes = {result.pool: {reason.cause.value for reason in result.verdict.reasons} for result in comparison.pools}
    assert causes["infra"] - causes["master"] == {"mirror-removed", "mirror-added"}
    place = comparison.pools[2].verdict.reasons[0].old_spans[0]
    assert str(place) == f"live.json#{REGISTRIES_CONF}:1:33"


def test_of_several_for_one_pool_the_generated_one_counts_then_the_rendered_one() -> None:
    other = CONF.replace("m.io", "n.io")
    rendered = machine_config(f"rendered-worker-{'0' * 32}", {REGISTRIES_CONF: other}, "")
    generated = machine_config(GENERATED.format("worker"), {REGISTRIES_CONF: CONF}, "worker")
    early = machine_config("00-worker", {REGISTRIES_CONF: other}, "worker")
    late = machine_config("50-worker", {SEARCH_CONF: BASE_CONF}, "worker")

    def mirrors(*configs: Json) -> list[str]:
        state = of_machine_configs("x", listed(*configs)).pools["worker"]
        return [mirror.location for entry in state.pulls.entries for mirror in entry.mirrors]

    assert mirrors(late, rendered, generated, early) == ["m.io/ns"]
    assert mirrors(late, rendered) == ["n.io/ns"]
    assert mirrors(late, early) == ["n.io/ns"]
    assert set(of_machine_configs("x", listed(late, early)).pools["worker"].files.files) == {
        REGISTRIES_CONF,
        SEARCH_CONF,
    }


def test_of_a_whole_node_the_operating_systems_own_files_are_none_of_the_policys() -> None:
    mine = f"{DROP_INS}/50-mine.conf"
    files = {
        REGISTRIES_CONF: f"# the system's own\n{BASE_CONF}",
        POLICY_JSON: BASE_POLICY,
        mine: CONF.partition("\n\n")[2],
        "/etc/motd": "hello",
    }
    found = of_machine_configs("live", json.dumps(machine_config(RENDERED, files)))
    assert set(found.pools["worker"].files.files) == {mine}
    comparison = told(found, manifests(""))
    assert (comparison.disruption, comparison.changes) == ("none", ())
    assert [note.text for note in comparison.notes] == [
        f"Not compared: `{mine}` of live, because manifests does not include it."
    ]
    own = {**files, REGISTRIES_CONF: CONF, POLICY_JSON: '{"default": [{"type": "reject"}]}'}
    found = of_machine_configs("live", json.dumps(machine_config(RENDERED, own)))
    assert set(found.pools["worker"].files.files) == {REGISTRIES_CONF, POLICY_JSON, mine}


@pytest.mark.parametrize("policy", ["not JSON", "{}", '{"default": []}', '{"default": [{"type": "allow"}]}'])
def test_a_policy_json_that_no_node_loads_is_refused(policy: str) -> None:
    """A node with such a file runs nothing: to compare it with one that lets everything in would hide that."""
    node = of_machine_configs("live", json.dumps(machine_config(RENDERED, {POLICY_JSON: policy})))
    for old, new in ((node, manifests("")), (manifests(""), node)):
        with pytest.raises(ConfFileError) as caught:
            told(old, new)
        assert f"live#{POLICY_JSON}" in str(caught.value)
    # Between two nodes what the change costs is known all the same.
    fine = of_machine_configs("fine", json.dumps(machine_config(RENDERED, {POLICY_JSON: BASE_POLICY})))
    comparison = told(fine, node)
    assert (comparison.disruption, comparison.unloadable) == ("reload", True)
    assert f"CRI-O does not load the configuration of live: live#{POLICY_JSON}" in comparison.notes[0].text
    assert not told(node, fine).unloadable


def test_two_whole_nodes_are_compared_drop_ins_and_all() -> None:
    drop_in = {f"{DROP_INS}/50-mine.conf": CONF.partition("\n\n")[2]}
    old = of_machine_configs("old", json.dumps(machine_config(RENDERED, {REGISTRIES_CONF: BASE_CONF, **drop_in})))
    new = of_machine_configs("new", json.dumps(machine_config(RENDERED, {REGISTRIES_CONF: BASE_CONF})))
    comparison = told(old, new)
    assert comparison.disruption == "reboot"
    assert [change.scope for change in comparison.changes] == ["quay.io/ns"]
    assert comparison.notes == ()


def test_what_only_one_side_speaks_of_has_no_part_in_pulls_either() -> None:
    files = {REGISTRIES_CONF: CONF, f"{DROP_INS}/50-mine.conf": CONF.replace("m.io", "n.io")}
    both = of_machine_configs("both", json.dumps(machine_config("99-worker-both", files, "worker")))
    note = f"Not compared: `{DROP_INS}/50-mine.conf` of both, because {{}} does not include it."
    conf = of_registries_conf("x.conf", CONF)
    for comparison in (told(conf, both), told(both, conf)):
        assert (comparison.disruption, comparison.changes) == ("none", ())
        assert {text.text for text in comparison.notes} == {
            "Only registries.conf is compared: x.conf contains no other file.",
            note.format("x.conf"),
        }
    many = {f"{DROP_INS}/{number}.conf": BASE_CONF for number in range(5)}
    crowded = of_machine_configs("live", json.dumps(machine_config(RENDERED, {REGISTRIES_CONF: CONF, **many})))
    assert (
        told(conf, crowded)
        .notes[1]
        .text.endswith(f"`{DROP_INS}/2.conf` and 2 more of live, because x.conf does not include it.")
    )


def test_manifests_that_make_a_drop_in_are_compared_with_that_of_a_node() -> None:
    settings = settings_of(machine_config="drop-in")
    texts = mirror_set("a", {"quay.io/ns": ["m.io/ns"]})
    parsed = side("manifests", texts, settings)
    assert isinstance(parsed, Manifests)
    made = compile_analysis(analyse(parsed.parsed, settings), settings).files["registries.conf.d/99-mirrors.conf"]
    files = {REGISTRIES_CONF: CONF, f"{DROP_INS}/99-mirrors.conf": made.decode()}
    live = of_machine_configs("live", json.dumps(machine_config(RENDERED, files)))
    assert told(live, parsed, settings).disruption == "none"
    gone = of_machine_configs("live", json.dumps(machine_config(RENDERED, {REGISTRIES_CONF: CONF})))
    assert told(gone, parsed, settings).disruption == "reboot"
    # A registries.conf alone is no drop-in: it is compared with what the controller would make.
    conf = of_registries_conf("x.conf", CONF.replace('"a.io"', '"registry.access.redhat.com", "docker.io"'))
    assert told(conf, parsed, settings).disruption == "reload"


@pytest.mark.parametrize(
    "files",
    [
        {REGISTRIES_CONF: CONF, f"{DROP_INS}/50-b.conf": CONF.replace("m.io", "b.io")},
        {f"{DROP_INS}/60-a.conf": CONF, f"{DROP_INS}/50-b.conf": CONF.replace("a.io", "c.io").replace("m.io", "b.io")},
        {f"{DROP_INS}/a.conf": CONF, f"{DROP_INS}/B.conf": BASE_CONF, f"{DROP_INS}/below/z.conf": CONF, "/etc/x": ""},
        {REGISTRIES_CONF: CONF, SEARCH_CONF: BASE_CONF, f"{DROP_INS}/zz.txt": "no TOML"},
    ],
)
def test_diff_and_explain_read_a_node_alike(files: Mapping[str, str]) -> None:
    text_ = json.dumps(machine_config("99-worker-mirrors", files, "worker"))
    explained = overlay(read_node_conf("x", text_.encode()).registries)
    assert of_machine_configs("x", text_).pools["worker"].pulls == explained


def test_machine_configs_that_have_nothing_to_do_with_registries_are_not_looked_at() -> None:
    odd: Json = {"path": "/etc/x", "append": [{"source": "https://h.example/x"}]}
    other = as_object(machine_config("50-worker", {}, "worker"))
    as_object(as_object(as_object(other["spec"])["config"])["storage"])["files"] = [odd]
    generated = machine_config(GENERATED.format("worker"), {REGISTRIES_CONF: CONF}, "worker")
    for found in (listed(other, generated), listed(other)):
        assert list(of_machine_configs("x", found).pools) == ["worker"]


def test_of_two_that_cannot_both_count_one_has_to_be_given() -> None:
    rendered = [machine_config(f"rendered-worker-{digit * 32}", {REGISTRIES_CONF: CONF}) for digit in "01"]
    with pytest.raises(ConfFileError) as caught:
        of_machine_configs("x", listed(*rendered))
    assert str(caught.value) == (
        "x: contains 2 rendered MachineConfigs of the pool worker: give the one that `oc get machineconfigpool worker` "
        "shows"
    )
    generated = machine_config(GENERATED.format("worker"), {REGISTRIES_CONF: CONF})
    assert list(of_machine_configs("x", listed(*rendered, generated)).pools) == ["worker"]
    assert list(of_machine_configs("x", listed(generated, generated)).pools) == ["worker"]
    other = machine_config(GENERATED.format("worker"), {REGISTRIES_CONF: BASE_CONF})
    with pytest.raises(
        ConfFileError, match="x: contains two different MachineConfigs named 99-worker-generated-registries"
    ):
        of_machine_configs("x", listed(generated, other))
    foreign = machine_config(GENERATED.format("infra"), {REGISTRIES_CONF: CONF}, "worker")
    with pytest.raises(ConfFileError) as caught:
        told(of_machine_configs("x", listed(generated, foreign)), manifests(""))
    assert str(caught.value) == (
        "x: contains 2 MachineConfigs generated for registries of the pool worker: give one of "
        "99-worker-generated-registries, 99-infra-generated-registries"
    )


def test_names_in_machine_configs_are_made_safe_to_show() -> None:
    odd = f"{DROP_INS}/5\x1b[31m.conf"
    found = of_machine_configs("x", json.dumps(machine_config("99-x", {odd: CONF}, "wor\nker")))
    (state,) = found.pools.values()
    assert list(found.pools) == [r"wor\nker"]
    assert list(state.files.files) == list(state.confs) == [rf"{DROP_INS}/5\x1b[31m.conf"]
    assert found.drop_in == rf"{DROP_INS}/5\x1b[31m.conf"
    assert {span.path for entry in state.pulls.entries for span in entry.origins} == {f"x#{found.drop_in}"}
    with pytest.raises(ConfFileError, match=re.escape(r"x: MachineConfig 99-\x1b[1m: spec.config.storage")):
        of_machine_configs("x", json.dumps(broken_config("99-\x1b[1m", odd)))


def broken_config(name: str, path: str) -> Json:
    """A MachineConfig that lists a path twice."""
    config = as_object(machine_config(name, {path: ""}, "worker"))
    storage = as_object(as_object(as_object(config["spec"])["config"])["storage"])
    storage["files"] = [*as_list(storage["files"]), *as_list(storage["files"])]
    return config


def test_drop_ins_take_part_in_pulls() -> None:
    drop_in = "/etc/containers/registries.conf.d/99-mirrors.conf"
    files = {drop_in: CONF.partition("\n\n")[2]}
    found = of_machine_configs("live", json.dumps(machine_config("99-worker-mirrors", files, "worker")))
    assert found.drop_in == drop_in
    state = found.pools["worker"]
    assert state.files.registries is None
    assert state.pulls.search == BASE.search
    assert [entry.location for entry in state.pulls.entries] == ["quay.io/ns"]


def test_a_machine_config_without_files_is_a_node_without_policy() -> None:
    found = of_machine_configs("live", json.dumps(machine_config(GENERATED.format("worker"), {}, "worker")))
    assert found.pools["worker"].pulls == BASE
    assert told(found, manifests("")).disruption == "none"
    assert told(manifests(mirror_set("a", {"quay.io/ns": ["m.io"]})), found).disruption == "drain"


def test_what_no_node_would_load_is_told() -> None:
    broken = CONF + '[[registry]]\nlocation = "quay.io/ns"\nblocked = true\n'
    comparison = told(of_registries_conf("x.conf", broken), of_registries_conf("y.conf", CONF))
    assert "CRI-O does not load the configuration of x.conf" in comparison.notes[0].text
    assert "conflicting 'blocked' setting" in comparison.notes[0].text


def test_sides_of_other_pools_cannot_be_compared() -> None:
    def of(pool: str) -> Side:
        config = machine_config(GENERATED.format(pool), {REGISTRIES_CONF: CONF}, pool)
        return of_machine_configs(pool, json.dumps(config))

    with pytest.raises(IncomparableError, match="master is for the pool master, worker for worker") as caught:
        told(of("master"), of("worker"))
    assert caught.value.help == "Give the MachineConfigs of one pool."
    assert told(of("worker"), of("worker")).disruption == "none"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("kind: List\nitems: []\n", "x: contains no MachineConfig"),
        ("kind: MachineConfig\nspec: [\n", "x:2:8: "),
        ("kind: MachineConfig\nmetadata: {name: a}\nspec: {config: 1}\n", "x: MachineConfig a: spec.config: expected"),
        ("[kind]", "x: contains no MachineConfig"),
        ("", "x: contains no MachineConfig"),
    ],
)
def test_what_is_no_machine_config_is_told(content: str, message: str) -> None:
    with pytest.raises(ConfFileError) as caught:
        of_machine_configs("x", content)
    assert str(caught.value).startswith(message)


def test_machine_configs_are_known_by_their_kind() -> None:
    assert holds_machine_config("a: b\nkind: MachineConfig\n")
    assert holds_machine_config('{"kind": "MachineConfigList"}')
    assert not holds_machine_config("kind: MachineConfigPool\n")


def test_the_controllers_own_machine_configs_do_not_differ_from_what_is_compiled() -> None:
    seen = 0
    for line in recordings("machineconfig"):
        expected, inputs = as_object(line["expected"]), as_object(line["input"])
        if expected["error"]:
            continue
        seen += 1
        configs = as_object(expected["machineconfigs"])
        kind: dict[str, Json] = {"kind": "MachineConfig"}
        live = of_machine_configs("live", listed(*({**kind, **as_object(config)} for config in configs.values())))
        printed = "---\n".join(map(as_text, as_object(expected["machineconfigs_yaml"]).values()))
        assert of_machine_configs("live", printed).pools == live.pools  # as `oc get -o yaml` prints them
        release_image = text(inputs, "releaseImage") or DEFAULT_RELEASE_IMAGE
        settings = settings_of(pools=tuple(configs), release_image=release_image, payload_policy="none")
        compiled = Manifests(label="compiled", parsed=tuple(parsed_input(inputs, settings.release)))
        comparison = told(live, compiled, settings)
        assert [result.pool for result in comparison.pools] == list(configs)
        assert comparison.disruption == "none", line["id"]
    assert seen > 20


def test_a_build_has_its_places_in_the_files_beside_the_machine_configs() -> None:
    example = [str(FIXTURES / "gitops-repo" / part) for part in ("base", "clusters/north")]
    made = dict(compile_paths(example).files)
    found = of_build("made", made)
    assert list(found.pools) == ["master", "worker"]
    assert found.pools["master"] is found.pools["worker"]
    entry = found.pools["master"].pulls.entries[0]
    assert entry.origins[0].path == "made/registries.conf"
    made["registries.conf"] = b""
    entry = of_build("made", made).pools["master"].pulls.entries[0]
    assert entry.origins[0].path.startswith("made/machine-configs/99-master-generated-registries.yaml#/etc/")
    with pytest.raises(ConfFileError, match="it contains no MachineConfig"):
        of_build("made", {"registries.conf": b""})


def test_a_live_file_of_an_older_release_says_so() -> None:
    old = settings_of(release="4.16")
    texts = mirror_set("a", {"quay.io/ns": ["m.io/ns"]})
    made_side = side("x", texts, old)
    assert isinstance(made_side, Manifests)
    files = compile_analysis(analyse(made_side.parsed, old), old).files
    live = of_registries_conf("live.conf", files["registries.conf"].decode())
    comparison = told(live, manifests(texts))
    assert comparison.disruption == "reload"
    (note,) = [note for note in comparison.notes if "release" in note.text]
    assert note.text == "live.conf was written by release 4.18 or before; the other side is compiled for 5.0."
    assert note.help == "Set the cluster's release with --release."
    comparison = told(live, side("manifests", texts, old), old)
    assert comparison.disruption == "none"
    newer = of_registries_conf(
        "live.conf",
        compile_analysis(analyse(made_side.parsed, settings_of()), settings_of()).files["registries.conf"].decode(),
    )
    (note,) = [note for note in told(newer, side("m", texts, old), old).notes if "release" in note.text]
    assert "4.19 or later" in note.text
