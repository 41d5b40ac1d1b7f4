"""Which name a signature must carry: every recording of the real code holds, and what is said is what is done."""

import pytest

from compiler.names.reference import parse_normalized
from compiler.node.signed_identity import SignedIdentity
from tests.conformance import as_object, as_text, recordings, text

IDENTITIES = ("signature-identity", "signature-identity-corners")
DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize("name", IDENTITIES)
def test_every_identity_holds(name: str) -> None:
    lines = list(recordings(name))
    assert len(lines) == {"signature-identity": 300, "signature-identity-corners": 220}[name]
    for line in lines:
        inputs = as_object(line["input"])
        recorded = as_object(inputs["identity"])
        identity = SignedIdentity.of_members({name: as_text(value) for name, value in recorded.items()})
        assert dict(identity.members) == recorded
        accepted = identity.accepts(parse_normalized(text(inputs, "ref")), text(inputs, "signed"))
        assert {"accepted": accepted, "error": None} == line["expected"], line["id"]


@pytest.mark.parametrize(
    ("members", "pulled", "wanted", "accepted", "refused"),
    [
        (
            {"type": "matchRepoDigestOrExact"},
            "a.io/x",
            "the name `a.io/x:latest`",
            ["a.io/x:latest"],
            ["a.io/x", "a.io/x:1", f"a.io/x@{DIGEST}", f"a.io/x:latest@{DIGEST}"],
        ),
        (
            {"type": "matchRepoDigestOrExact"},
            f"a.io/x:1@{DIGEST}",
            "a name in `a.io/x` with a tag or digest",
            ["a.io/x:2", f"a.io/x@{DIGEST}", "a.io/x@sha256:" + "cd" * 32],
            ["a.io/x", "a.io/y:1"],
        ),
        (
            {"type": "matchExact"},
            f"a.io/x@{DIGEST}",
            f"the name `a.io/x@{DIGEST}`",
            [f"a.io/x@{DIGEST}"],
            ["a.io/x", "a.io/x:1", "a.io/x@sha256:" + "cd" * 32],
        ),
        (
            {"type": "matchRepository"},
            "a.io/x:1",
            "a name in `a.io/x`, with or without a tag or digest",
            ["a.io/x", "a.io/x:2"],
            ["a.io/x/y:1"],
        ),
        (
            {"type": "exactReference", "dockerReference": "app:1"},
            "a.io/x:1",
            "the name `docker.io/library/app:1`",
            ["app:1", "docker.io/library/app:1"],
            ["app", "app:2", "a.io/x:1"],
        ),
        (
            {"type": "exactRepository", "dockerRepository": "b.io/x"},
            "a.io/x:1",
            "a name in `b.io/x`, with or without a tag or digest",
            ["b.io/x", "b.io/x:9"],
            ["a.io/x:1"],
        ),
        (
            {"type": "remapIdentity", "prefix": "a.io", "signedPrefix": "b.io/a"},
            "a.io/x:1",
            "the name `b.io/a/x:1`",
            ["b.io/a/x:1"],
            ["a.io/x:1", "b.io/a/x"],
        ),
        (
            {"type": "remapIdentity", "prefix": "a.io", "signedPrefix": "b.io/a"},
            "a.io:5000/x:1",  # a port is part of the host
            "the name `a.io:5000/x:1`",
            ["a.io:5000/x:1"],
            ["b.io/a:5000/x:1"],
        ),
        (
            {"type": "remapIdentity", "prefix": "a.io", "signedPrefix": "docker.io"},
            "a.io/x:1",
            "a name that no image can have: `docker.io/x:1` is not a full image reference",
            [],
            ["docker.io/x:1", "docker.io/library/x:1", "a.io/x:1"],
        ),
    ],
)
def test_what_a_signature_must_name(
    members: dict[str, str], pulled: str, wanted: str, accepted: list[str], refused: list[str]
) -> None:
    identity = SignedIdentity.of_members(members)
    reference = parse_normalized(pulled)
    assert identity.wanted(reference) == wanted
    assert [name for name in (*accepted, *refused, "A b") if identity.accepts(reference, name)] == accepted
