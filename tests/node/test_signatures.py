"""Which signature a pull needs and where a node looks for it: every recording of the real code holds."""

from collections.abc import Iterator

import pytest

from compiler.names.lookup import identity_of
from compiler.names.reference import parse_named, parse_normalized
from compiler.node.model import BASE
from compiler.node.policy_json import read_policy_json
from compiler.node.registries_conf import read_registries_conf
from compiler.node.registries_d import read_registries_d
from compiler.node.resolver import Resolver
from compiler.node.signatures import SignaturePolicy
from compiler.node.signed_identity import SignedIdentity
from compiler.text.span import File
from tests.conformance import Json, as_object, as_text, objects, recordings, text, texts

LOOKUPS = ("signature-lookup", "signature-lookup-corners")
IDENTITIES = ("signature-identity", "signature-identity-corners")


def resolver_and_policy(inputs: dict[str, Json]) -> tuple[Resolver, SignaturePolicy]:
    """What a node makes of the recorded files, of which any may be absent."""
    conf = text(inputs, "registries_conf")
    attachments = text(inputs, "sigstore_registries_yaml")
    policy = SignaturePolicy(
        requirements=read_policy_json(File("policy.json", text(inputs, "policy_json"))),
        lookup=read_registries_d([File("sigstore-registries.yaml", attachments)] if attachments else []),
    )
    return Resolver(read_registries_conf(conf, path="registries.conf").conf if conf else BASE), policy


def full(reference: str) -> str:
    """A reference with the tag that these recordings, unlike those of `resolve`, have where none is given."""
    return identity_of(parse_named(reference))


def looked_up(line: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """Our answer to a recorded line, in the recording's form."""
    inputs = as_object(line["input"])
    resolver, policy = resolver_and_policy(inputs)
    for pull_spec in texts(inputs, "refs"):
        pull = resolver.resolve(pull_spec)
        needed = policy.needed(pull)
        yield {
            "ref": pull_spec,
            "error": pull.error or None,
            "identity": needed.identity,
            "scope": needed.scope,
            "attempts": [
                {"reference": full(attempt.reference), "attachments": policy.looked_for(attempt)}
                for attempt in pull.attempts
            ],
        }


@pytest.mark.parametrize("name", LOOKUPS)
def test_every_lookup_holds(name: str) -> None:
    lines = list(recordings(name))
    assert len(lines) == {"signature-lookup": 120, "signature-lookup-corners": 39}[name]
    for line in lines:
        assert list(looked_up(line)) == objects(as_object(line["expected"]), "results"), line["id"]


@pytest.mark.parametrize("name", IDENTITIES)
def test_every_identity_holds(name: str) -> None:
    lines = list(recordings(name))
    assert len(lines) == {"signature-identity": 300, "signature-identity-corners": 220}[name]
    for line in lines:
        inputs = as_object(line["input"])
        recorded = as_object(inputs["identity"])
        identity = SignedIdentity(
            type=as_text(recorded["type"]),
            docker_repository=text(recorded, "dockerRepository"),
            prefix=text(recorded, "prefix"),
            signed_prefix=text(recorded, "signedPrefix"),
        )
        accepted = identity.accepts(parse_normalized(text(inputs, "ref")), text(inputs, "signed"))
        assert {"accepted": accepted, "error": None} == line["expected"], line["id"]
