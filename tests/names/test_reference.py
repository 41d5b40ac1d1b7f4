"""References as containers/image reads them, corner by corner."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compiler.names import reference
from compiler.names.grammar import is_location
from compiler.names.reference import (
    InvalidReferenceError,
    Reference,
    explain,
    is_short_name,
    names_repositories,
    parse_named,
    parse_normalized,
)

SHA256 = "sha256:" + "ab" * 32

# The grammar as docker/reference composes it, good for short texts only: Python's engine backtracks.
ALPHANUMERIC = r"[a-z0-9]+"
COMPONENT = rf"{ALPHANUMERIC}(?:(?:(?:[._]|__|[-]*){ALPHANUMERIC})+)?"
LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
DOMAIN = rf"{LABEL}(?:(?:\.{LABEL})+)?(?::[0-9]+)?"
TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*[:][0-9A-Fa-f]{32,}"
NAIVE = re.compile(rf"(?:({DOMAIN})/)?({COMPONENT}(?:(?:/{COMPONENT})+)?)(?::({TAG}))?(?:@({DIGEST}))?")
NAIVE_LOCATION = re.compile(rf"({DOMAIN})(?:(?:/{COMPONENT})+)?")

# Long runs of letters and digits only stand behind a colon or an at sign: the naive grammar takes for ever on
# them elsewhere.
SHORT = [*"aZ0.-_/:@é\x00 +", "__", "--", "a.b", ":50", "sha:"]
TAILS = st.sampled_from(["", "", ":" + "v" * 129, "@" + SHA256, ":v1@" + SHA256, "@a+b:" + "Ff" * 16, "@:" + "0" * 32])
NAIVELY_READABLE = st.builds(
    lambda pieces, tail: "".join(pieces) + tail, st.lists(st.sampled_from(SHORT), max_size=7), TAILS
)
NASTY = st.lists(
    st.sampled_from([*SHORT, "localhost", "docker.io/", "index.", "sha256:", "ab" * 32, SHA256, "@" + SHA256]),
    max_size=9,
).map("".join)


def error(text: str) -> str:
    with pytest.raises(InvalidReferenceError) as caught:
        parse_normalized(text)
    assert caught.value.text == text
    assert caught.value.explanation
    return str(caught.value)


@given(NAIVELY_READABLE)
@example("a/b:c@" + SHA256)
@example("a_b.c/d")
@example("a:80/b")
@example("a.b/c:d/e")
def test_the_linear_grammar_is_the_upstream_grammar(text: str) -> None:
    naive, linear = NAIVE.fullmatch(text), reference._REFERENCE.fullmatch(text)
    assert (naive and naive.groups()) == (linear and linear.groups())
    assert (NAIVE_LOCATION.fullmatch(text) is not None) == is_location(text)


@given(NASTY)
def test_what_was_normalized_once_is_named_in_full(text: str) -> None:
    try:
        normalized = parse_normalized(text)
    except InvalidReferenceError as caught:
        explanation = caught.explanation
    else:
        explanation = "none is needed"
        assert parse_named(str(normalized)) == normalized
    assert explanation


@given(
    st.builds("{}{}".format, st.sampled_from(["", "a.b", "localhost", "docker.io", "index.docker.io", "a"]), NASTY),
    st.lists(st.sampled_from(["a", "a.b", "a--b", "0__z"]), min_size=1, max_size=3).map("/".join),
)
@example("index.docker.io", "a/b")
@example("docker.io", "a")
@example("docker.io/a", "b")
def test_behind_a_regular_location_every_path_is_canonical(location: str, path: str) -> None:
    if names_repositories(location):
        assert parse_named(f"{location}/{path}").name == f"{location}/{path}"


def test_a_reference_has_a_domain_a_path_a_tag_and_a_digest() -> None:
    parsed = parse_normalized(f"quay.io:443/ns/app:v1@{SHA256}")
    assert parsed == Reference(domain="quay.io:443", path="ns/app", tag="v1", digest=SHA256)
    assert parsed.name == "quay.io:443/ns/app"
    assert str(parsed) == f"quay.io:443/ns/app:v1@{SHA256}"


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("alpine", "docker.io/library/alpine"),
        ("alpine:3", "docker.io/library/alpine:3"),
        ("ns/app", "docker.io/ns/app"),
        ("docker.io/alpine", "docker.io/library/alpine"),
        ("index.docker.io/alpine", "docker.io/library/alpine"),
        ("index.docker.io/ns/alpine", "docker.io/ns/alpine"),
        ("localhost/app", "localhost/app"),
        ("quay.io/app", "quay.io/app"),
        ("host:5000/app", "host:5000/app"),
        ("host/app", "docker.io/host/app"),
        ("quay.io:443", "docker.io/library/quay.io:443"),
    ],
)
def test_a_short_name_is_filled_in_and_no_tag_is_added(text: str, normalized: str) -> None:
    assert str(parse_normalized(text)) == normalized


def test_a_first_component_is_a_host_only_with_a_dot_a_colon_or_as_localhost() -> None:
    assert error("exampleXcom/a") == "invalid reference format: repository name must be lowercase"
    assert parse_normalized("ExampleX.com/a").domain == "ExampleX.com"


def test_a_host_that_is_only_a_path_component_is_no_domain() -> None:
    parsed = parse_normalized("a_b.example.com/x")
    assert (parsed.domain, parsed.path, parsed.name) == ("", "a_b.example.com/x", "a_b.example.com/x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid reference format"),
        ("quay.io/", "invalid reference format"),
        ("quay.io//a", "invalid reference format"),
        ("https://quay.io/a", "invalid reference format"),
        ("quay.io/a:", "invalid reference format"),
        ("quay.io/a:" + "x" * 129, "invalid reference format"),
        ("quay.io/a b", "invalid reference format"),
        ("quay.io/a\x00", "invalid reference format"),
        ("quay.io/a\n", "invalid reference format"),
        ("quay.io/a:5000/x", "invalid reference format"),
        ("-quay.io/a", "invalid reference format"),
        ("quay.io/a@sha256:abc", "invalid reference format"),
        ("quay.io/A", "invalid reference format: repository name must be lowercase"),
        ("quay.io/a@SHA256:" + "ab" * 32, "invalid reference format: repository name must be lowercase"),
        ("quay.io/\u0130", "invalid reference format: repository name must be lowercase"),
        ("quay.io/" + "a" * 248, "repository name must not be more than 255 characters"),
        ("quay.io/a@sha256:" + "ab" * 31, "invalid checksum digest length"),
        ("quay.io/a@sha512:" + "ab" * 32, "invalid checksum digest length"),
        ("quay.io/a@sha256:" + "AB" * 32, "invalid checksum digest format"),
        ("quay.io/a@md5:" + "ab" * 16, "unsupported digest algorithm"),
        ("quay.io/a:v1@Sha256:" + "ab" * 32, "invalid checksum digest format"),
        ("quay.io/a:v1@b2-B3:" + "ab" * 32, "invalid checksum digest format"),
        ("ab" * 32, f"invalid repository name ({'ab' * 32}), cannot specify 64-byte hexadecimal strings"),
    ],
)
def test_each_mistake_has_the_wording_of_upstream(text: str, message: str) -> None:
    assert error(text) == message


def test_the_longest_name_tag_and_digest_are_taken() -> None:
    longest = f"quay.io/{'a' * 247}:{'x' * 128}@sha512:{'ab' * 64}"
    assert str(parse_named(longest)) == longest


def test_a_look_alike_of_an_upper_case_letter_is_upper_case_wherever_it_stands() -> None:
    # The Kelvin sign folds to an ASCII `k`; only then does the wording lack its first half.
    assert error("\u212a.io/a") == "repository name must be lowercase"
    assert error("quay.io/a:\u212a") == "repository name must be lowercase"
    assert error("\u0130.io/a") == "repository name must be lowercase"


@pytest.mark.parametrize("text", ["alpine", "docker.io/alpine", "index.docker.io/ns/app", "ns/app"])
def test_a_name_that_relies_on_defaults_is_not_canonical(text: str) -> None:
    with pytest.raises(InvalidReferenceError) as caught:
        parse_named(text)
    assert str(caught.value) == "repository name must be canonical"
    assert caught.value.explanation == f"`{text}` is short for `{parse_normalized(text)}`"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("alpine", True),
        ("alpine:3", True),
        ("ns/app", True),
        ("a_b.example.com/x", True),
        ("quay.io:443", True),
        ("localhost/x", False),
        ("quay.io/x", False),
        ("host:5000/x", False),
        ("docker.io/alpine", False),
        ("Upper", False),
        ("", False),
    ],
)
def test_a_short_name_is_one_without_a_host(text: str, short: bool) -> None:
    assert is_short_name(text) is short


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the pull spec is empty"),
        ("ab" * 32, "64 hexadecimal digits are an image ID, not a repository name"),
        ("docker://quay.io/a", "a pull spec has no URL scheme: remove `docker://`"),
        ("quay.io/a b", "character 10 is a space, which is not allowed in a pull spec"),
        ("quay.io/a\x00", "character 10 is U+0000, which is not allowed in a pull spec"),
        ("quay.io/é", "character 9 is `é` (U+00E9), which is not allowed in a pull spec"),
        ("quay.io/Foo", "upper-case letters in the repository name `Foo`"),
        ("quay.io//a", "a component of the repository name `/a` is empty"),
        ("quay.io:x/a", "`x` is not a port number"),
        ("quay.io:/a", "there is no port after `quay.io:`"),
        ("-quay.io/a", "`-quay.io` is not a valid host"),
        ("quay.io/a:", "there is no tag after `a:`"),
        ("quay.io/a:-x", "`-x` is not a valid tag"),
        ("quay.io/a:" + "x" * 129, f"the tag `{'x' * 60}…` is longer than 128 characters"),
        ("quay.io/a@abc", "the digest `abc` has no algorithm, for example `sha256:`"),
        ("quay.io/a@md5:abc", "`md5` is not a supported digest algorithm: use `sha256`, `sha384` or `sha512`"),
        ("quay.io/a@sha256:abc", "a sha256 digest has 64 hexadecimal digits, this one has 3"),
        ("quay.io/a@sha256:xyz", "the sha256 digest `xyz` contains characters that are not hexadecimal digits"),
        ("quay.io/a@sha256:" + "AB" * 32, f"the sha256 digest `{'AB' * 30}…` contains upper-case letters"),
        ("quay.io/" + "a" * 248, "repository name must not be more than 255 characters"),
        ("quay.io/a", ""),
    ],
)
def test_the_explanation_names_the_mistake(text: str, words: str) -> None:
    assert explain(text) == words


def test_the_explanation_tells_a_misplaced_port_and_a_misshapen_component() -> None:
    assert "`a:5000` contains a `:`" in explain("quay.io/a:5000/x")
    assert "`a..b` is not a valid component" in explain("quay.io/a..b")
    assert "`_a.b` is not a valid host" in explain("_a.b/c")
    assert explain("a_b.c/d") == ""


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a-" * 500_000,
        "a." * 500_000,
        "a/" * 500_000,
        "a__" * 300_000 + "/",
        "quay.io/" + "\x00" * 1_000_000,
        "quay.io/a:" + "x" * 1_000_000,
        "quay.io/a@sha256:" + "a" * 1_000_000,
        "quay.io/a@" + "a-" * 500_000 + ":" + "0" * 32,
        "K" * 1_000_000,
        "\u212a" * 1_000_000 + ".io/a",
        ":" * 1_000_000,
    ],
    ids=range(12),
)
def test_hostile_texts_are_refused_at_once(text: str) -> None:
    started = time.perf_counter()
    assert error(text)
    assert not is_short_name(text) or len(text) < 1000
    assert not names_repositories(text + "/")
    assert len(explain(text)) < 400
    assert time.perf_counter() - started < 60  # a hang, not a measurement


@given(st.sampled_from(["a.b/a", "localhost/a", "docker.io/a", "docker.io/a/b", "index.docker.io/a", ""]), NASTY)
@example("a.b/a", "@Sha256:" + "ab" * 32)
@example("docker.io/a", "")
@example("a.b/a", "a" * 300)
def test_taking_a_full_reference_at_once_changes_nothing(start: str, end: str) -> None:
    def outcome() -> str:
        try:
            return repr(parse_normalized(start + end))
        except InvalidReferenceError as error:
            return str(error)

    at_once = outcome()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reference, "_spelled_out", lambda text: None)
        assert outcome() == at_once
