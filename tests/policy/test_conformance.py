"""Every recording of the real upstream code holds, byte for byte, and what is rendered parses back to the model."""

import base64
import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from ruamel.yaml.cyaml import CSafeLoader

from compiler.findings.diagnostics import Severity
from compiler.findings.rules import PAYLOAD_BLOCKED, RULES
from compiler.names.releases import RELEASES, Release
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry
from compiler.node.requirements import REJECT, Requirement
from compiler.node.signed_identity import SignedIdentity
from compiler.policy import ignition, render
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.artifacts import Compilation, compile_analysis
from compiler.policy.ignition import PolicyJson
from compiler.policy.node_files import node_files
from compiler.policy.settings import PAYLOAD_NONE, Settings
from compiler.policy.signatures import requirement_of
from tests.conformance import LOWERED, Json, as_list, as_object, as_text, parsed_input, recordings, text

UNRECORDED = {"4.22", "4.23", "5.1", "5.2"}
"""The first two were read. The others are at the commits of 5.0: `tests/names/test_releases.py` compares them."""

FILES = {
    "registries_conf": "registries.conf",
    "policy_json": "policy.json",
    "sigstore_registries_yaml": "registries.d/sigstore-registries.yaml",
    "search_conf": "registries.conf.d/01-image-searchRegistries.conf",
}


def settings_for(inputs: dict[str, Json], release: str = "5.0") -> Settings:
    """The recordings are of clusters without the payload's own policy, unless it is among the input."""
    chosen = Settings(release=RELEASES[release], severities=LOWERED, payload_policy=PAYLOAD_NONE)
    if image := text(inputs, "releaseImage"):
        chosen = replace(chosen, release_image=image)
    return chosen


def load_yaml(content: bytes) -> dict[str, Json]:
    """One document by ruamel's own constructor: what we wrote, read by code that is not ours."""
    value: Json = CSafeLoader(content.decode()).get_single_data()
    return as_object(value)


def compiled(line: dict[str, Json]) -> Compilation:
    inputs = as_object(line["input"])
    settings = settings_of_line(line)
    return compile_analysis(analyse(parsed_input(inputs, settings.release), settings), settings)


def settings_of_line(line: dict[str, Json]) -> Settings:
    return settings_for(as_object(line["input"]), text(line, "release") or "5.0")


def disagreements(line: dict[str, Json]) -> Iterator[str]:
    """What of a recorded line does not hold."""
    compilation = compiled(line)
    expected = as_object(line["expected"])
    refusing = [finding for finding in compilation.diagnostics if not RULES[finding.rule].adjustable]
    if line.get("api_errors"):
        if compilation.ok or not refusing:
            yield "the API server refuses it and we do not"
        return
    if expected["error"]:
        if compilation.ok or not compilation.analysis.refused:
            yield f"the controller refuses it and we do not: {expected['error']}"
        return
    if not compilation.ok:
        yield f"the cluster takes it and we do not: {compilation.diagnostics}"
    for key, name in FILES.items():
        content = compilation.files.get(name)
        if (None if content is None else content.decode()) != expected.get(key):
            yield f"{name} differs"
    namespaced = {f"/etc/{name}": content.decode() for name, content in compilation.files.items() if "crio/" in name}
    if namespaced != (expected.get("namespaced_policies") or {}):
        yield "the policies of namespaces differ"
    if (
        "files" in expected
        and list(node_files(compilation.analysis, settings_of_line(line).release)) != expected["files"]
    ):
        yield "the order of the files differs"
    if expected["blocked_warning"] and all(finding.rule != PAYLOAD_BLOCKED.name for finding in compilation.diagnostics):
        yield f"the controller logs what we do not tell: {expected['blocked_warning']}"


def all_disagreements(name: str) -> tuple[int, list[str]]:
    lines = list(recordings(name))
    return len(lines), [f"{line['id']}: {problem}" for line in lines for problem in disagreements(line)]


def test_every_recorded_compilation_holds() -> None:
    assert all_disagreements("compile") == (600, [])


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("imagepolicy", 400),
        ("imagepolicy-corners", 230),
        ("imagepolicy-releases", 168),
        ("imagepolicy-releases-corners", 330),
    ],
)
def test_every_recorded_signature_policy_holds(name: str, lines: int) -> None:
    assert all_disagreements(name) == (lines, [])


def test_every_hand_picked_corner_holds() -> None:
    assert all_disagreements("probes") == (50, [])


def test_every_recorded_release_holds() -> None:
    assert all_disagreements("releases") == (400, [])
    assert {text(line, "release") for line in recordings("releases")} == RELEASES.keys() - UNRECORDED


def test_every_refused_object_is_refused_by_its_name() -> None:
    """The finding stands in the object that the API server names, and on no other of its kind."""
    wrong = []
    for name in ("compile", "probes"):
        for line in recordings(name):
            refused = {
                (text(as_object(error), "kind"), text(as_object(error), "name"))
                for error in as_list(line["api_errors"])
            }
            found = {
                tuple(finding.path.removesuffix(".json").split("/"))
                for finding in compiled(line).diagnostics
                if not RULES[finding.rule].adjustable and refused
            }
            if not refused <= found:
                wrong.append((line["id"], refused - found))
    assert wrong == []


def test_the_guard_is_spoken_of_only_where_it_does_something() -> None:
    """Where the controller logs nothing, the one thing left to tell is a policy.json that refuses everything else."""
    wrong = []
    for name in ("compile", "probes"):
        for line in recordings(name):
            expected = as_object(line["expected"])
            if line["api_errors"] or expected["error"] or expected["blocked_warning"]:
                continue
            told = any(finding.rule == PAYLOAD_BLOCKED.name for finding in compiled(line).diagnostics)
            policy = text(expected, "policy_json")
            if told and (not policy or policy_of(policy.encode()).default != REJECT):
                wrong.append(line["id"])
    assert wrong == []


def test_every_recorded_ignition_version_holds() -> None:
    wrong = [
        line["id"]
        for line in recordings("releases")
        if (version := as_object(line["expected"])["ignition_version"])
        and version != RELEASES[text(line, "release")].ignition
    ]
    assert wrong == []


def test_every_recorded_machine_config_holds() -> None:
    wrong = []
    for line in recordings("machineconfig"):
        inputs, expected = as_object(line["input"]), as_object(line["expected"])
        compilation = compiled(line)
        if expected["error"]:
            if compilation.ok:
                wrong.append((line["id"], "not refused"))
            continue
        assert set(as_object(inputs)) & {"pools"} == set(), "the recordings keep to the pools of the default"
        made = {
            name: load_yaml(content)
            for name, content in compilation.files.items()
            if name.startswith("machine-configs/")
        }
        wanted = {}
        for pool in as_object(expected["machineconfigs"]):
            theirs = as_object(as_object(expected["machineconfigs"])[pool])
            metadata = as_object(theirs["metadata"])
            wanted[f"machine-configs/99-{pool}-generated-registries.yaml"] = {
                "apiVersion": "machineconfiguration.openshift.io/v1",
                "kind": "MachineConfig",
                "metadata": {"labels": metadata["labels"], "name": metadata["name"]},
                "spec": {"config": as_object(theirs["spec"])["config"]},
            }
        if made != wanted:
            wrong.append((line["id"], "differs"))
    assert wrong == []


# --- What was rendered parses back to the model --------------------------------


def read_back(content: bytes, release: Release) -> RegistriesConf:
    """A rendered registries.conf through the standard library's reader; every key must be one we know."""
    table: dict[str, Json] = tomllib.loads(content.decode())
    assert table.pop("short-name-mode") == ""
    assert table.pop("additional-layer-store-auth-helper", None) == ("" if release.layer_store_helper else None)
    search = tuple(as_text(item) for item in as_list(table.pop("unqualified-search-registries")))
    entries = tuple(entry_of(as_object(entry)) for entry in as_list(table.pop("registry", [])))
    assert table == {}
    return RegistriesConf(search=search, entries=entries)


def entry_of(table: dict[str, Json]) -> RegistryEntry:
    mirrors = tuple(endpoint_of(as_object(mirror)) for mirror in as_list(table.pop("mirror", [])))
    entry = RegistryEntry(
        prefix=as_text(table.pop("prefix")),
        location=as_text(table.pop("location", "")),
        blocked=flag(table, "blocked"),
        insecure=flag(table, "insecure"),
        mirrors=mirrors,
    )
    assert table == {}
    return entry


def endpoint_of(table: dict[str, Json]) -> Endpoint:
    endpoint = Endpoint(
        location=as_text(table.pop("location")),
        insecure=flag(table, "insecure"),
        pull_from_mirror=as_text(table.pop("pull-from-mirror", "")),
    )
    assert table == {}
    return endpoint


def flag(table: dict[str, Json], key: str) -> bool:
    if key not in table:
        return False
    assert table.pop(key) is True, "a false flag is left out"
    return True


def policy_of(content: bytes) -> PolicyJson:
    document = as_object(json.loads(content))
    assert document.keys() == {"default", "transports"}
    return PolicyJson(
        default=requirement(document["default"]),
        transports=tuple(
            (
                transport,
                tuple((scope, tuple(map(signature, as_list(value)))) for scope, value in as_object(scopes).items()),
            )
            for transport, scopes in as_object(document["transports"]).items()
        ),
    )


def requirement(value: Json) -> str:
    (only,) = as_list(value)
    assert as_object(only).keys() == {"type"}
    return text(as_object(only), "type")


def signature(value: Json) -> Requirement:
    members = as_object(value)
    identity = {name: as_text(part) for name, part in as_object(members.get("signedIdentity", {})).items()}
    return Requirement(
        type=text(members, "type"),
        trust=tuple(
            (
                name,
                part if isinstance(part, str) else tuple((key, as_text(each)) for key, each in as_object(part).items()),
            )
            for name, part in members.items()
            if name not in {"type", "signedIdentity"}
        ),
        identity=SignedIdentity.of_members(identity) if identity else None,
    )


def signature_policy(analysis: Analysis, release: Release) -> PolicyJson | None:
    return ignition.policy_json(
        analysis.guarded.policy_blocked,
        analysis.guarded.allowed,
        {
            scope: [requirement_of(each.root, each.identity) for each in found]
            for scope, found in analysis.signatures.cluster.items()
        },
        atomic_filtered=release.policy_atomic_filtered,
    )


def test_what_is_rendered_parses_back_to_the_model() -> None:
    """For every recorded input that is not refused: the same files from the texts as from the values."""
    seen = 0
    for name in ("compile", "probes", "machineconfig", "releases", "imagepolicy"):
        for line in recordings(name):
            compilation = compiled(line)
            if not compilation.ok:
                continue
            seen += 1
            analysis = compilation.analysis
            release = RELEASES[text(line, "release") or "5.0"]
            conf, policy, _, search = (compilation.files.get(file) for file in FILES.values())
            if policy == render.base_policy_json():
                assert analysis.signatures.namespaces, line["id"]
                policy = None
            assert (conf and read_back(conf, release)) == analysis.conf, line["id"]
            assert (policy and policy_of(policy)) == signature_policy(analysis, release), line["id"]
            wanted = RegistriesConf(search=analysis.search) if analysis.search else None
            assert (search and read_back(search, release)) == wanted, line["id"]
            worker = compilation.files["machine-configs/99-worker-generated-registries.yaml"]
            master = compilation.files["machine-configs/99-master-generated-registries.yaml"]
            assert master.replace(b"master", b"worker") == worker
            assert carried(worker) == list(node_files(analysis, release).items()), line["id"]
    assert seen > 800


def carried(content: bytes) -> list[tuple[str, bytes]]:
    """The files in a rendered MachineConfig, in order."""
    config = load_yaml(content)
    storage = as_object(as_object(as_object(config["spec"])["config"]).get("storage") or {})
    prefix = "data:text/plain;charset=utf-8;base64,"
    found = []
    for item in as_list(storage.get("files") or []):
        file = as_object(item)
        source = text(as_object(file["contents"]), "source")
        assert source.startswith(prefix)
        found.append((text(file, "path"), base64.b64decode(source.removeprefix(prefix), validate=True)))
    return found


def test_the_two_lowered_rules_are_errors_by_default() -> None:
    """The recordings compile with both lowered; a user who lowers nothing gets no file of unspecified meaning."""
    stopped = set()
    for line in recordings("compile"):
        inputs = as_object(line["input"])
        analysis = analyse(parsed_input(inputs, RELEASES["5.0"]), Settings())
        stopped |= {finding.rule for finding in analysis.diagnostics if finding.severity is Severity.ERROR}
        assert analysis.ok or not compile_analysis(analysis, Settings()).files
    assert LOWERED.keys() <= stopped
