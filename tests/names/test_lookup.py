"""The scopes under which a reference is looked up."""

import pytest

from compiler.names.lookup import lookup_scopes, scopes_around
from compiler.names.reference import parse_normalized

DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("reference", "scopes"),
    [
        (
            "app",
            ["docker.io/library/app:latest", "docker.io/library/app", "docker.io/library", "docker.io", "*.io"],
        ),
        (
            "a.b.example.com:5000/x/y:1",
            [
                "a.b.example.com:5000/x/y:1",
                "a.b.example.com:5000/x/y",
                "a.b.example.com:5000/x",
                "a.b.example.com:5000",
                "*.b.example.com",
                "*.example.com",
                "*.com",
            ],
        ),
        (f"localhost/x:1@{DIGEST}", [f"localhost/x@{DIGEST}", "localhost/x", "localhost"]),
    ],
)
def test_scopes_come_from_the_most_specific_on(reference: str, scopes: list[str]) -> None:
    assert list(lookup_scopes(parse_normalized(reference))) == scopes


@pytest.mark.parametrize(
    ("scope", "around"),
    [
        ("a.io", ["a.io", "*.io"]),
        ("a.io:5000", ["a.io:5000", "*.io"]),
        ("a.io:5000/x/y", ["a.io:5000/x/y", "a.io:5000/x", "a.io:5000", "*.io"]),
        ("a.io/x:1", ["a.io/x:1", "a.io/x", "a.io", "*.io"]),
        (f"a.io/x:1@{DIGEST}", [f"a.io/x:1@{DIGEST}", "a.io/x", "a.io", "*.io"]),
        ("*.b.io", ["*.b.io", "*.io"]),
        ("localhost", ["localhost"]),
    ],
)
def test_scopes_around_a_scope(scope: str, around: list[str]) -> None:
    assert list(scopes_around(scope)) == around
