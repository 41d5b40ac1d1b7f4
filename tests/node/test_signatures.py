"""Which signature a pull needs and where a node looks for it: every recording of the real code holds."""

from collections.abc import Iterator

import pytest

from compiler.names.lookup import identity_of
from compiler.names.reference import parse_named
from compiler.node.model import BASE, Endpoint
from compiler.node.policy_json import read_policy_json
from compiler.node.pull import AttemptVerdict, PullAttempt
from compiler.node.registries_conf import read_registries_conf
from compiler.node.registries_d import read_registries_d
from compiler.node.resolver import Resolver
from compiler.node.signatures import SignaturePolicy, attachment_tag
from compiler.text.span import File
from tests.conformance import Json, as_object, objects, recordings, text, texts
from tests.node_files import lookup, policy, signed

LOOKUPS = ("signature-lookup", "signature-lookup-corners")


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


def test_a_skipped_mirror_that_makes_no_reference_is_asked_for_nothing() -> None:
    endpoint = Endpoint(location="m.example.com:port")
    attempt = PullAttempt(endpoint=endpoint, reference="m.example.com:port/x", verdict=AttemptVerdict.SKIPPED)
    assert SignaturePolicy().looked_for(attempt) is False
    assert SignaturePolicy(lookup=None).looked_for(attempt) is None


def test_what_decides_alike_compares_alike() -> None:
    """Clusters whose pulls need the same signatures are judged once."""
    one, other = (
        SignaturePolicy(
            requirements=read_policy_json(File(path, policy(**{"a.io": [signed()], "b.io": [signed()]}))),
            lookup=read_registries_d([File(path, lookup(*keys))]),
        )
        for path, keys in (("a", ("a.io", "b.io")), ("b", ("b.io", "a.io")))
    )
    assert one.settings == other.settings
    assert hash(one.settings) == hash(other.settings)
    assert one.settings != SignaturePolicy(requirements=one.requirements).settings
    assert one.settings != SignaturePolicy(lookup=one.lookup).settings


def test_signatures_of_an_image_are_a_tag_beside_it() -> None:
    assert attachment_tag("sha256:" + "ab" * 32) == f"sha256-{'ab' * 32}.sig"
