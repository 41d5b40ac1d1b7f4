"""Scopes and identities of signature policies: what the API server accepts, and what can match an image."""

import time

import pytest

from compiler.names.policy_scope import identity_fault, never_matches, scope_fault, split_scope

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "text",
    [
        "registry.example.com",
        "registry.example.com:5000/team/app",
        "Registry.Example.com/team",
        "a.b:port",
        "a.b:5000:v1",
        "localhost",
        "localhost:5000/ns",
        "*.com",
        "*.example.com",
        f"a.b/c:v1@{DIGEST}",
        f"localhost:5000@{DIGEST}",
    ],
)
def test_a_scope_that_the_api_accepts(text: str) -> None:
    assert scope_fault(text) == ""


@pytest.mark.parametrize(
    "text",
    ["", "registry", "registry/ns", "*", "*.a.b/c", "*.a.b:5000", "a.*.b", "a.b/C", "a.b//c", "a.b/", "a..b",
     f"localhost@{DIGEST}", "a.b/c@sha256:zz", "a.b/c:" + "t" * 129, "LOCALHOST/a", "\u00fc.example"],
)  # fmt: skip
def test_a_scope_that_the_api_refuses(text: str) -> None:
    assert scope_fault(text)


def test_a_scope_is_split_into_its_parts() -> None:
    assert split_scope(f"a.b:5000/c:v1@{DIGEST}") == ("a.b:5000/c", "v1", DIGEST)
    assert split_scope("a.b:port") == ("a.b", "port", "")
    assert split_scope("a.b:5000") == ("a.b:5000", "", "")


def test_a_host_with_a_port_needs_a_path_as_an_identity() -> None:
    assert identity_fault("registry.example.com:5000/ns") == ""
    assert identity_fault("localhost:5000") == ""
    assert "ends like a tag" in identity_fault("registry.example.com:5000")
    for text in ("registry/ns", "*.example.com", f"a.b/c@{DIGEST}", "a.b/c:v1", ""):
        assert identity_fault(text)


def test_scopes_that_no_image_is_looked_up_under() -> None:
    assert "never by both" in never_matches(f"a.b/c:v1@{DIGEST}")
    assert "its tag never matches" in never_matches("a.b:port")
    assert "its digest never matches" in never_matches(f"a.b@{DIGEST}")
    for scope in ("a.b", "a.b:5000", "a.b/c:v1", f"a.b/c@{DIGEST}", "*.a.b"):
        assert never_matches(scope) == ""


def test_hostile_text_takes_linear_time() -> None:
    begun = time.process_time()
    for text in ("a-" * 50_000 + ".b", "a.b/" + "a__" * 50_000, "a." * 50_000, "*" + ".a" * 50_000 + "/"):
        scope_fault(text)
        identity_fault(text)
    assert time.process_time() - begun < 2
