"""policy.json as a node reads it: what is accepted, and each thing that is refused, at its place."""

import json
from typing import Any

import pytest

from compiler.node.policy_json import read_policy_json
from compiler.node.registries_conf import ConfFileError
from compiler.node.requirements import RequirementPolicy, Value
from compiler.text.span import File
from tests.conformance import Json

ACCEPT: dict[str, Json] = {"type": "insecureAcceptAnything"}
KEY = "S0VZ"
EMPTY = ("keyPath", "")
FULCIO: dict[str, Json] = {"caData": KEY, "oidcIssuer": "https://o.example.com", "subjectEmail": "a@example.com"}
PKI: dict[str, Json] = {"caRootsData": KEY, "subjectHostname": "*.example.com"}


def read(policy: Json) -> RequirementPolicy:
    return read_policy_json(File("policy.json", json.dumps(policy)))


def sigstore(**members: Json) -> dict[str, Json]:
    return {"type": "sigstoreSigned", **members}


def identity(**members: Json) -> dict[str, Json]:
    return sigstore(keyData=KEY, signedIdentity=members)


def signed_by(**members: Json) -> dict[str, Json]:
    return {"type": "signedBy", "keyType": "GPGKeys", **members}


def plain(value: Json) -> Value:
    """A value as it is read: what is null or an empty path is left out."""
    if isinstance(value, dict):
        return tuple((name, plain(each)) for name, each in value.items() if each is not None and (name, each) != EMPTY)
    return tuple(map(plain, value)) if isinstance(value, list) else str(value)


def by_name(value: Any) -> object:
    """Members in the order of their names."""
    if isinstance(value, str) or any(isinstance(each, str) for each in value):
        return value
    return {name: by_name(each) for name, each in value}


@pytest.mark.parametrize(
    ("requirement", "trust"),
    [
        (ACCEPT, ""),
        ({"type": "reject"}, ""),
        (sigstore(keyPath="/k"), "keyPath"),
        (sigstore(keyPaths=["/k"]), "keyPaths"),
        (sigstore(keyData=KEY), "keyData"),
        (sigstore(keyData=""), "keyData"),
        (sigstore(keyData="S0\nVZ\r\n"), "keyData"),
        (sigstore(keyData=[75, 69]), "keyData"),
        (sigstore(keyDatas=[KEY, KEY]), "keyDatas"),
        (sigstore(keyData=KEY, keyPath="", rekorPublicKeyPath=None), "keyData"),
        (sigstore(keyData=KEY, rekorPublicKeyData=KEY), "keyData"),
        (sigstore(fulcio=FULCIO, rekorPublicKeyDatas=[KEY]), "fulcio"),
        (sigstore(fulcio={**FULCIO, "caData": None, "caPath": "/c"}, rekorPublicKeyPath="/r"), "fulcio"),
        (sigstore(pki=PKI), "pki"),
        (sigstore(pki={**PKI, "caIntermediatesPath": "/i", "subjectEmail": "a@b"}), "pki"),
        (signed_by(keyPath="/k"), "keyPath"),
        (signed_by(keyPaths=[]), "keyPaths"),
        (signed_by(keyData=KEY), "keyData"),
        ({"type": "signedBaseLayer", "baseLayerIdentity": {"type": "matchRepository"}}, ""),
        (identity(type="matchExact"), "keyData"),
        (identity(type="exactReference", dockerReference="app:1"), "keyData"),
        (identity(type="exactRepository", dockerRepository="localhost:5000"), "keyData"),
        (identity(type="remapIdentity", prefix="Host.example.com", signedPrefix="a/b"), "keyData"),
    ],
)
def test_a_requirement_that_a_node_loads(requirement: dict[str, Json], trust: str) -> None:
    policy = read({"default": [ACCEPT], "transports": {"docker": {"a.io": [ACCEPT, requirement]}}})
    accepted, read_back = policy.scopes["a.io"].requirements
    assert accepted.type == "insecureAcceptAnything"
    assert (read_back.type, read_back.trusts) == (requirement["type"], trust)
    (place,) = read_back.origins
    assert json.loads(place.text) == requirement
    default: dict[str, Json] = {"signedIdentity": {"type": "matchRepoDigestOrExact"}} if trust else {}
    assert by_name(read_back.members) == by_name(plain(default | requirement))
    (scope,) = policy.scopes["a.io"].spans
    assert scope.text == '"a.io"'


@pytest.mark.parametrize(
    ("requirement", "message"),
    [
        ({}, "is not a known type of requirement"),
        ({"type": "Reject"}, "`Reject` is not a known type"),
        ({"type": 1}, "`type` must be a string"),
        ({"type": "reject", "reason": "x"}, "`reason` is not a known key"),
        ("reject", "a requirement must be an object"),
        (sigstore(), "exactly one of `keyPath`"),
        (sigstore(keyPath=""), "exactly one of `keyPath`"),
        (sigstore(keyPath="/k", keyData=KEY), "exactly one of `keyPath`"),
        (sigstore(keyPaths=[]), "`keyPaths` has no items"),
        (sigstore(keyPaths=None), "`keyPaths` has no items"),
        (sigstore(keyDatas=["x"]), "`keyDatas` is not valid base64"),
        (sigstore(keyData="S0V"), "`keyData` is not valid base64"),
        (sigstore(keyData="S0VZ="), "`keyData` is not valid base64"),
        (sigstore(keyData="S0-_"), "`keyData` is not valid base64"),
        (sigstore(keyData=[256]), "`keyData` must be base64"),
        (sigstore(keyData=KEY, rekorPublicKeyPath="/r", rekorPublicKeyData=KEY), "at most one of"),
        (sigstore(keyData=KEY, Type="x"), "`Type` is not a known key"),
        (sigstore(fulcio=FULCIO), "`fulcio` needs one of"),
        (sigstore(fulcio={**FULCIO, "caPath": "/c"}, rekorPublicKeyPath="/r"), "cannot both be set"),
        (sigstore(fulcio={**FULCIO, "caData": None}, rekorPublicKeyPath="/r"), "must be set"),
        (sigstore(fulcio={**FULCIO, "oidcIssuer": ""}, rekorPublicKeyPath="/r"), "`fulcio` has no `oidcIssuer`"),
        (sigstore(fulcio=None, rekorPublicKeyPath="/r"), "`fulcio` must be an object"),
        (sigstore(pki={**PKI, "subjectHostname": ""}), "neither `subjectEmail` nor `subjectHostname`"),
        (sigstore(pki={**PKI, "caIntermediatesPath": "/i", "caIntermediatesData": KEY}), "cannot both be set"),
        (sigstore(pki=PKI, rekorPublicKeyPath="/r"), "cannot be used with `pki`"),
        (signed_by(), "exactly one of `keyPath`"),
        (signed_by(keyPath="/k", keyPaths=["/k"]), "exactly one of `keyPath`"),
        (signed_by(keyPath=""), "exactly one of `keyPath`"),
        ({"type": "signedBy", "keyPath": "/k"}, "`keyType` must be one of"),
        ({"type": "signedBaseLayer"}, "`baseLayerIdentity` is missing"),
        (sigstore(keyData=KEY, signedIdentity=None), "`signedIdentity` must be an object"),
        (identity(type="matchAnything"), "is not a known type of `signedIdentity`"),
        (identity(type="matchRepository", prefix="a.io"), "`prefix` is not a known key"),
        (identity(type="exactReference", dockerReference="app"), "neither a tag nor a digest"),
        (identity(type="exactRepository", dockerRepository="App"), "`dockerRepository` is not valid"),
        (identity(type="remapIdentity", prefix="a.io"), "`signedPrefix` is missing"),
        (identity(type="remapIdentity", prefix="a.io/x:1", signedPrefix="b.io"), "`prefix` is not valid"),
        (identity(type="remapIdentity", prefix="a_b/x", signedPrefix="b.io"), "`prefix` is not valid"),
    ],
)
def test_a_requirement_that_no_node_loads(requirement: Json, message: str) -> None:
    """A mistake anywhere stops every pull, also for a transport that no image of a pod comes by."""
    for transport in ("docker", "docker-daemon"):
        with pytest.raises(ConfFileError) as caught:
            read({"default": [ACCEPT], "transports": {transport: {"a.io": [requirement]}}})
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('{"default": [{"type": "reject"}],}', "policy.json:1:34: not valid JSON"),
        ("default: [{type: reject}]", "policy.json:1:1: not valid JSON"),
        ("[]", "policy.json must be an object"),
        ('{"transports": {}}', "policy.json has no `default`"),
        ('{"default": []}', "policy.json:1:2: `default` must be a list of at least one requirement"),
        ('{"default": null}', "`default` must be a list of at least one requirement"),
        ('{"default": [{"type": "reject"}], "default": [{"type": "reject"}]}', "1:35: `default` is repeated"),
        ('{"default": [{"type": "reject"}], "version": 1}', "1:35: `version` is not a known key"),
        ('{"default": [{"type": "reject", "type": "reject"}]}', "`type` is repeated"),
        ('{"default": [{"type": "reject"}], "transports": null}', "`transports` must be an object"),
        ('{"default": [{"type": "reject"}], "transports": {"docker": []}}', "transport `docker` must be an object"),
        (
            '{"default": [{"type": "reject"}], "transports": {"docker": {"a": [{"type": "reject"}], "a": []}}}',
            "`a` is repeated",
        ),
        (
            '{"default": [{"type": "reject"}], "transports": {"dir": {"a": [{"type": "reject"}]}}}',
            "`a` is not a valid scope of the transport `dir`",
        ),
        (
            '{"default": [{"type": "reject"}], "transports": {"docker-archive": {"a": [{"type": "reject"}]}}}',
            "`a` is not a valid scope of the transport `docker-archive`",
        ),
    ],
)
def test_a_file_that_no_node_loads(written: str, message: str) -> None:
    with pytest.raises(ConfFileError) as caught:
        read_policy_json(File("policy.json", written))
    assert message in str(caught.value)


def test_files_that_say_the_same_are_equal_and_a_key_makes_a_difference() -> None:
    one = read({"default": [sigstore(keyData=KEY)]})
    assert one == read_policy_json(File("x", f'{{"default":[{{"keyData":"{KEY}","type":"sigstoreSigned"}}]}}'))
    assert one != read({"default": [sigstore(keyData="S0VY")]})
