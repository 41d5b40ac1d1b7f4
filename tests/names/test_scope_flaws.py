"""Flaws of scopes: what people are told is true, and what is mended is a scope."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.names.grammar import is_location
from compiler.names.scope import is_scope
from compiler.names.scope_flaws import Flaw, flaw

PIECES = st.lists(
    st.sampled_from([*"aZ9.-_/:*@é\n ", "__", "example.com", "*.", ":5000", "/ns", "..", "<x>", "${X}", "https://"]),
    max_size=8,
).map("".join)


@given(PIECES, st.booleans())
def test_a_text_that_is_mended_is_taken(text: str, wildcard: bool) -> None:
    found = flaw(text, wildcard=wildcard)
    assert found.remedy.endswith(".")
    if found.mended:
        assert is_scope(found.mended) if wildcard else is_location(found.mended)
        assert found.mended in text


@given(PIECES)
def test_a_scope_has_no_flaw(text: str) -> None:
    if is_location(text):
        assert flaw(text, wildcard=True) == flaw(text, wildcard=False) == Flaw()


@pytest.mark.parametrize(
    ("text", "reason", "remedy"),
    [
        ("", "it is empty", "Write only a registry host"),
        (" quay.io", "it has white space at the start or end", "Remove the white space."),
        ("https://quay.io", "it has a scheme (`https://`)", "Remove it; for registries without TLS"),
        (
            "quay.io/a@sha256:00",
            "it has a digest (`@sha256:00`)",
            "Remove it: `quay.io/a` already matches every digest.",
        ),
        ("quay.io/a/", "it ends in `/`", "Remove it."),
        ("quay.io/a:v1", "it has a tag (`:v1`)", "Remove it: `quay.io/a` already matches every tag."),
        ("quay.io/A", "its path has upper-case letters", "Write it in lower case"),
        ("quay.io:v1", "the text after the host's `:` is not a port (`v1`)", "Write the port in digits; a tag"),
        ("quay.io:٣", "the text after the host's `:` is not a port (`٣`)", "Write the port in digits; a tag"),
        ("quay.io:", "the text after the host's `:` is not a port", "Write the port in digits; a tag"),
        ("my_host/a", "its host contains a `_`", "Write only a registry host"),
        ("quay.io/a:\x1b[31m", "it has a tag", "Remove it: `quay.io/a` already matches every tag."),
        ("quay.io/a:" + "v" * 1_000_000, "it has a tag", "Remove it: `quay.io/a` already matches every tag."),
        (
            "quay.io/" + "a" * 1_000_000 + ":v",
            "it has a tag (`:v`)",
            "Remove it: a repository already matches every tag.",
        ),
        ("quay.io/é", "it contains the character 'é' (U+00E9)", "Write only a registry host"),
        ("quay.io/\u043a", "it contains the character 'к' (U+043A)", "Write only a registry host"),
        ("quay.io/\x1b[31m", "it contains the character '\\x1b'", "Write only a registry host"),
        ("quay.io/a\u200b", "it contains the character '\\u200b'", "Write only a registry host"),
        ("[::1]:5000/x", "the API does not accept an IPv6 address", "Write the registry's host name."),
        ("[2001:DB8::1]", "the API does not accept an IPv6 address", "Write the registry's host name."),
        ("fd00::1/a", "the API does not accept an IPv6 address", "Write the registry's host name."),
        ("quay.io/a b", "it contains the character ' '", "Write only a registry host"),
        ("quay.io//a", "", "Write only a registry host"),
        ("<registry.example.com:8443>/oadp", "it has a placeholder (`<registry.example.com:8443>`)", "Write the value"),
        ("${REGISTRY}/a", "it has a placeholder (`${REGISTRY}`)", "Write the value instead."),
        ("$REGISTRY/a", "it has a placeholder (`$REGISTRY`)", "Write the value instead."),
        ("*.quay.io/a", "a wildcard cannot have a port or a path", "Write `*.quay.io`, or list the hosts one by one."),
        (
            "*.quay.io:5000",
            "a wildcard cannot have a port or a path",
            "Write `*.quay.io`, or list the hosts one by one.",
        ),
        ("quay.*", "`*` is allowed only at the start, as `*.host`", "List the hosts one by one"),
        ("*/a", "`*` is allowed only at the start, as `*.host`", "List the hosts one by one"),
    ],
)
def test_a_source_that_is_refused_is_told_why_and_what_to_do(text: str, reason: str, remedy: str) -> None:
    found = flaw(text, wildcard=True)
    assert found.reason == reason
    assert found.remedy.startswith(remedy)


@pytest.mark.parametrize("text", ["*.quay.io", "*.quay.io/a", "*", "a.*"])
def test_a_mirror_is_no_wildcard_of_any_sort(text: str) -> None:
    assert flaw(text, wildcard=False).reason == "a mirror cannot be a wildcard"


@pytest.mark.parametrize(
    ("text", "mended"), [("quay.io/a/", "quay.io/a"), (" quay.io ", "quay.io"), ("quay.io/A/", "")]
)
def test_only_what_is_certain_is_mended(text: str, mended: str) -> None:
    assert flaw(text, wildcard=True).mended == mended
