"""Which signatures pulls need after a change: scopes that apply, not scopes that are written."""

import pytest

from compiler.diff.signatures import SignatureChange, signature_changes
from compiler.node.policy_json import read_policy_json
from compiler.node.signatures import SignaturePolicy
from compiler.text.span import File
from tests.conformance import Json
from tests.node_files import policy, signed

ACCEPT: dict[str, Json] = {"type": "insecureAcceptAnything"}
OTHER = signed(type="matchRepository")


def node(**scopes: Json) -> SignaturePolicy:
    return SignaturePolicy(requirements=read_policy_json(File("policy.json", policy(**scopes))))


Scopes = dict[str, Json]


def changes(
    old: Scopes, new: Scopes, old_in_team: Scopes | None = None, new_in_team: Scopes | None = None
) -> list[SignatureChange]:
    """What changes between two policy.json files, and two of the namespace `team` where there are any."""
    sides = []
    for everywhere, in_team in ((old, old_in_team), (new, new_in_team)):
        policies = {"": node(**everywhere)}
        if in_team is not None:
            policies["team"] = node(**in_team)
        sides.append(policies)
    return signature_changes(*sides)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({}, {"a.io": [signed()]}, [("a.io", "signature-required")]),
        ({"a.io": [signed()]}, {}, [("a.io", "signature-no-longer-required")]),
        ({"a.io": [signed()]}, {"a.io": [OTHER]}, [("a.io", "signature-changed")]),
        (
            {"a.io": [signed()]},
            {"a.io": [signed(), OTHER]},
            [("a.io", "signature-changed")],
        ),
        ({"a.io": [signed()]}, {"a.io": [ACCEPT, signed()]}, []),
        ({"a.io": [signed()]}, {"a.io": [signed()], "a.io/x": [signed()]}, []),
        (
            {"a.io": [signed()]},
            {"a.io": [signed()], "a.io/x:1": [ACCEPT]},
            [("a.io/x:1", "signature-no-longer-required")],
        ),
        (
            {"a.io": [signed()], "a.io/x": [OTHER]},
            {"a.io": [signed()]},
            [("a.io/x", "signature-changed")],
        ),
        ({"*.a.io": [signed()]}, {"*.a.io": [signed()], "b.a.io:5000": [signed()]}, []),
        ({"": [signed()]}, {}, [("", "signature-no-longer-required")]),
        ({"a.io": [{"type": "reject"}]}, {"a.io": [ACCEPT]}, []),
    ],
)
def test_what_changes_for_every_namespace(old: Scopes, new: Scopes, found: list[tuple[str, str]]) -> None:
    assert [(change.scope, change.effect) for change in changes(old, new)] == found
    assert changes(old, old) == changes(new, new) == []


def test_two_policies_on_one_scope_may_change_places() -> None:
    """Their order is not fixed on a cluster."""
    assert changes({"a.io": [signed(), OTHER]}, {"a.io": [OTHER, signed()]}) == []


def test_a_namespace_is_named_where_it_differs() -> None:
    (change,) = changes({}, {}, None, {"a.io": [signed()]})
    assert (change.scope, change.namespace) == ("a.io", "team")
    assert change.message == "need a sigstore signature in the namespace team"
    assert [str(span) for span in change.new_spans] == ["policy.json:10:9"]


def test_what_changes_for_all_is_said_once() -> None:
    """The policy.json of a namespace contains that of the node, so the same changes there."""
    (change,) = changes({}, {"a.io": [signed()]}, {"b.io": [signed()]}, {"a.io": [signed()], "b.io": [signed()]})
    assert (change.scope, change.namespace) == ("a.io", "")


def test_a_default_that_requires_signatures_concerns_everything_else() -> None:
    old = SignaturePolicy(requirements=read_policy_json(File("p", '{"default": [{"type": "insecureAcceptAnything"}]}')))
    new = SignaturePolicy(
        requirements=read_policy_json(File("p", '{"default": [{"type": "sigstoreSigned", "keyData": "S0VZ"}]}'))
    )
    (change,) = signature_changes({"": old}, {"": new})
    assert (change.scope, change.message) == ("", "need a sigstore signature")
