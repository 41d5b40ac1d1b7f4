"""Values to bytes: whatever a name holds, what is written parses back to it."""

import base64
import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.cyaml import CSafeLoader

from compiler.names.releases import RELEASES, Release
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry
from compiler.node.requirements import Requirement
from compiler.policy import render
from compiler.policy.ignition import MachineConfig, node_file, policy_json
from tests.policy.test_conformance import policy_of, read_back

ANY = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ['"', "\\", "\n", "\t", "\x00", "\x1f", "\x7f", "\u2028", "<&>", "é", "😀", "{{ x }}", "{% raw %}", "]", "#", "'''"]
)
NEW, OLD = RELEASES["5.0"], RELEASES["4.13"]


@given(ANY)
def test_a_toml_string_is_read_as_it_was(text: str) -> None:
    written = render.toml_string(text)
    assert tomllib.loads(f"a = {written}")["a"] == text
    assert "\n" not in written


@given(ANY)
def test_a_json_string_is_read_as_it_was(text: str) -> None:
    written = render.json_string(text)
    assert json.loads(written) == text
    assert not set("<>&\u2028\u2029") & set(written)


@given(
    st.from_regex(r"[a-z0-9./-]{1,12}", fullmatch=True) | st.text(st.characters(min_codepoint=32, max_codepoint=126))
)
def test_a_yaml_string_is_read_as_a_string(text: str) -> None:
    """Names of objects and paths hold no more than ASCII."""
    assert CSafeLoader(f"a: {render.yaml_string(text)}\n").get_single_data() == {"a": text}


@pytest.mark.parametrize("text", ["yes", "null", "12345678", "1e400", "~", "-", "", "a: b", "0x1234567"])
def test_a_yaml_string_is_never_taken_for_something_else(text: str) -> None:
    assert render.yaml_string(text).startswith('"')


def test_the_escapes_are_those_of_the_controller_s_encoders() -> None:
    assert (
        render.toml_string('\b\t\n\f\r"\\\x00\x1f\x7fé<\u2028')
        == '"\\b\\t\\n\\f\\r\\"\\\\\\u0000\\u001f\\u007fé<\u2028"'
    )
    assert render.json_string('\b\t\n\f\r"\\\x00\x7fé<>&\u2028\u2029') == (
        '"\\b\\t\\n\\f\\r\\"\\\\\\u0000\x7fé\\u003c\\u003e\\u0026\\u2028\\u2029"'
    )


REJECTED = (Requirement(type="reject"),)
"""The requirements of a blocked scope."""

ENDPOINTS = st.builds(
    Endpoint, location=ANY, insecure=st.booleans(), pull_from_mirror=st.sampled_from(["", "digest-only", "tag-only"])
)
ENTRIES = st.builds(
    RegistryEntry,
    prefix=ANY,
    location=ANY,
    blocked=st.booleans(),
    insecure=st.booleans(),
    mirrors=st.lists(ENDPOINTS, max_size=3).map(tuple),
)
CONFS = st.builds(
    RegistriesConf, search=st.lists(ANY, max_size=3).map(tuple), entries=st.lists(ENTRIES, max_size=4).map(tuple)
)


@given(CONFS, st.sampled_from([NEW, OLD]))
def test_any_model_is_read_back_from_its_file(conf: RegistriesConf, release: Release) -> None:
    assert read_back(render.registries_conf(conf, release), release) == conf


@given(CONFS)
def test_a_drop_in_is_the_entries_and_nothing_else(conf: RegistriesConf) -> None:
    whole = render.registries_conf(conf, NEW)
    drop_in = render.registries_drop_in(conf)
    assert whole.endswith(drop_in)
    assert tomllib.loads(drop_in.decode()).keys() <= {"registry"}


@given(st.lists(ANY, max_size=4, unique=True), st.lists(ANY, max_size=4, unique=True), st.booleans())
def test_any_policy_is_read_back_from_its_file(blocked: list[str], allowed: list[str], indented: bool) -> None:
    policy = policy_json(blocked, allowed, {}, atomic_filtered=True)
    if policy is None:
        assert not blocked
        assert not allowed
        return
    content = render.policy_json(policy, indent=2 if indented else 0)
    assert policy_of(content) == policy
    assert (b"\n" in content) is indented
    assert not content.endswith(b"\n")


def test_scopes_that_the_atomic_transport_cannot_name_are_left_out_of_it() -> None:
    policy = policy_json(("a/b/c/d", "a/b/c"), (), {}, atomic_filtered=True)
    assert policy is not None
    assert policy.transports[0] == ("atomic", (("a/b/c", REJECTED),))
    older = policy_json(("a/b/c/d",), (), {}, atomic_filtered=False)
    assert older is not None
    assert older.transports[0] == ("atomic", (("a/b/c/d", REJECTED),))


def test_a_scope_both_allowed_and_blocked_is_blocked() -> None:
    policy = policy_json(("a",), ("a", "b"), {}, atomic_filtered=True)
    assert policy is not None
    assert dict(policy.transports)["docker"] == (("a", REJECTED), ("b", (Requirement(type="insecureAcceptAnything"),)))


@given(st.binary(max_size=200))
def test_a_machine_config_carries_any_bytes(content: bytes) -> None:
    config = MachineConfig(name="99-worker-x", pool="worker", ignition="3.5.0")
    files = render.machine_config_files([node_file("/etc/containers/x.conf", content)])
    made = CSafeLoader((render.machine_config(config, ("a comment",)) + files).decode()).get_single_data()
    (file,) = made["spec"]["config"]["storage"]["files"]
    assert file["path"] == "/etc/containers/x.conf"
    assert (file["mode"], file["overwrite"], file["contents"]["compression"]) == (420, True, "")
    assert base64.b64decode(file["contents"]["source"].partition("base64,")[2]) == content
