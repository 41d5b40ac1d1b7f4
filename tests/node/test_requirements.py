"""Which requirements of a policy.json apply to an image."""

import pytest

from compiler.names.reference import parse_normalized
from compiler.node.policy_json import read_policy_json
from compiler.node.requirements import ACCEPTS_EVERYTHING
from compiler.text.span import File
from tests.node_files import policy, signed

DIGEST = "sha256:" + "ab" * 32
SCOPES = ("a.io", "a.io/x", "a.io/x:1", f"a.io/x@{DIGEST}", "a.io:5000/x", "*.b.io", "*.c.b.io")


@pytest.mark.parametrize(
    ("image", "scope"),
    [
        ("a.io/x:1", "a.io/x:1"),
        ("a.io/x:2", "a.io/x"),
        (f"a.io/x:1@{DIGEST}", f"a.io/x@{DIGEST}"),
        ("a.io/x/y:1", "a.io/x"),
        ("a.io/y:1", "a.io"),
        ("a.io:5000/x:1", "a.io:5000/x"),
        ("a.io:5000/y:1", None),
        ("b.io/x:1", None),
        ("x.b.io:5000/x:1", "*.b.io"),
        ("x.y.c.b.io/x:1", "*.c.b.io"),
        ("app", None),
    ],
)
def test_the_most_specific_scope_applies(image: str, scope: str | None) -> None:
    read = read_policy_json(File("policy.json", policy(**{key: [signed()] for key in SCOPES})))
    applying, required = read.applying(parse_normalized(image))
    assert applying == scope
    assert required.needs_sigstore is (scope is not None)
    with_empty = read_policy_json(File("policy.json", policy(**{key: [signed()] for key in (*SCOPES, "")})))
    assert with_empty.applying(parse_normalized(image))[0] == (scope or "")


def test_the_operating_system_accepts_everything() -> None:
    scope, required = ACCEPTS_EVERYTHING.applying(parse_normalized("a.io/x:1"))
    assert (scope, required.rejects, required.needs_sigstore) == (None, False, False)
    assert not ACCEPTS_EVERYTHING.needs_sigstore
