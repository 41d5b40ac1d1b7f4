"""Scopes: the API's patterns, nesting and look-ups, on every short text and on hostile long ones."""

import re
import subprocess
import sys
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compiler.names.grammar import is_location
from compiler.names.scope import ScopeSet, host_of, is_nested, is_scope, is_wildcard, rebase
from tests.command import ROOT

# The patterns as the CRDs spell them (openshift/api), good for short texts only: Python's engine backtracks.
LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
MIRROR = re.compile(rf"({LABEL}(?:(?:\.{LABEL})+)?(?::[0-9]+)?)(?:(?:/[a-z0-9]+(?:(?:(?:[._]|__|[-]*)[a-z0-9]+)+)?)+)?")
WILDCARD = re.compile(rf"\*(?:\.{LABEL})+")


def texts(alphabet: str, length: int) -> list[str]:
    return ["".join(letters) for size in range(length + 1) for letters in product(alphabet, repeat=size)]


@pytest.mark.parametrize(
    ("alphabet", "length"),
    [
        ("aA0.-_:/*", 5),
        ("a-./", 7),
        ("a_./", 7),
        ("0:/", 8),
        ("*.aA", 7),
        ("a-_", 8),
        ("é\n a", 4),
    ],
)
def test_the_linear_patterns_are_the_api_s_patterns(alphabet: str, length: int) -> None:
    """On every text over the alphabet up to the length."""
    wrong = [
        text
        for text in texts(alphabet, length)
        if is_location(text) != (MIRROR.fullmatch(text) is not None)
        or is_scope(text) != (MIRROR.fullmatch(text) is not None or WILDCARD.fullmatch(text) is not None)
    ]
    assert wrong == []


PIECES = st.lists(
    st.sampled_from([*"aZ9.-_/:*é\n", "__", "--", "example.com", "*.", ":5000", "/ns", "..", "/"]), max_size=8
).map("".join)


@given(PIECES)
@example("a__b")
@example("x/a__b")
@example("x/a___b")
@example("x/a---b")
@example("a.b:5000/c_d")
@example("*.a.b")
@example("a\n")
def test_the_patterns_agree_on_longer_texts(text: str) -> None:
    location = MIRROR.fullmatch(text) is not None
    assert is_location(text) is location
    assert is_scope(text) is (location or WILDCARD.fullmatch(text) is not None)


# --- Nesting -------------------------------------------------------------------


def nested(sub: str, outer: str) -> bool:
    """What openshift/runtime-utils does, said another way."""
    if sub == outer:
        return True
    if sub[: len(outer) + 1] == f"{outer}/":
        return True
    if not outer.startswith("*."):
        return False
    if ":" in sub:
        host, _ = sub.split(":", 1)
        return "/" not in host and host.endswith(outer[1:])
    return sub.split("/", 1)[0].endswith(outer[1:])


HOSTS = ["a", "b.a", "c.b.a", "xa", "b.a:1", "*.a", "*.b.a", "*.", "", "*", "a:1"]
SCOPES = st.one_of(
    PIECES,
    st.tuples(st.sampled_from(HOSTS), st.sampled_from(["", "/", "/n", "/n/m", "/n:1/m", "/n/", "//", "/n.a"])).map(
        "".join
    ),
)


@given(SCOPES, SCOPES)
@example("*.b.a", "*.a")
@example("a:5000", "a")
@example("x/y:1.a", "*.a")
@example("b.a:1/x", "*.a")
def test_nesting_is_what_the_controller_says(sub: str, outer: str) -> None:
    assert is_nested(sub, outer) is nested(sub, outer)


@given(SCOPES, st.lists(SCOPES, max_size=8))
@example("/", [""])
@example("*.", ["*."])
@example("*.a.a", ["*.a", "*.a.a"])
def test_a_set_of_scopes_finds_what_a_scan_finds(sub: str, outers: list[str]) -> None:
    found = ScopeSet(outers).enclosing(sub)
    assert set(found) == {outer for outer in outers if nested(sub, outer)}
    assert len(set(found)) == len(found)
    assert found[:1] == [sub] or sub not in outers


@pytest.mark.parametrize(
    ("scope", "host"),
    [
        ("quay.io", "quay.io"),
        ("quay.io/a/b", "quay.io"),
        ("quay.io:5000/a", "quay.io"),
        ("quay.io/a:b", ""),
        ("", ""),
    ],
)
def test_the_host_a_wildcard_is_held_against(scope: str, host: str) -> None:
    assert host_of(scope) == host


def test_a_wildcard_begins_with_a_star_and_a_dot() -> None:
    assert is_wildcard("*.a")
    assert not is_wildcard("*a")
    assert not is_wildcard("a.*.b")


def test_the_rest_of_a_nested_scope_is_appended() -> None:
    assert rebase("m.example.com/x", "quay.io/ns", "quay.io/ns/a/b") == "m.example.com/x/a/b"
    assert rebase("m.example.com/x", "quay.io", "quay.io") == "m.example.com/x"


# --- Hostile -------------------------------------------------------------------

HOSTILE = """
from compiler.names.scope_flaws import flaw
from compiler.names.grammar import is_location
from compiler.names.scope import ScopeSet, is_nested, is_scope
size = 200_000
for piece in ("a", "a-", "a.", "a/", "a_", "a__", "-", ".", "/", ":", "*.", "a:", "a/a.", "a/a-", "a/a_", "A.a-"):
    for end in ("", "!"):
        text = piece * (size // len(piece)) + end
        outers = ScopeSet(["quay.io", "*.a", text[: size // 2], text[1 : size // 2]])
        for each in (text, "quay.io/" + text, "*." + text):
            is_location(each), is_scope(each), is_nested(each, "*.a"), is_nested(each, "quay.io")
            flaw(each, wildcard=True), outers.enclosing(each)
"""


def test_long_texts_do_not_hang() -> None:
    """Backtracking would take longer than the sun lasts, and trying every prefix minutes; once over it are seconds."""
    done = subprocess.run([sys.executable, "-c", HOSTILE], cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()


DEEP = """
from compiler.node.admission import Admission
from compiler.explain.explanation import Explainer
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry
from compiler.node.scope_pulls import Pulls, ScopePulls
deep = "q.io" + "/a" * 400_000
mirrors = (Endpoint(location="m.io"), Endpoint(location=deep, insecure=True, pull_from_mirror="digest-only"))
conf = RegistriesConf(entries=(RegistryEntry(location="q.io", mirrors=mirrors), RegistryEntry(location=deep)))
pulls = ScopePulls(conf, Admission({deep: None}, {}))
assert pulls.pull(deep, Pulls.TAG) is None
assert set(pulls.reaching(frozenset(("m.io", deep)))) == {"q.io"}
assert len(Explainer(conf).explain("q.io/b:1").skipped) == 1
"""


def test_deep_scopes_do_not_hang() -> None:
    """Each of their prefixes is as long as a file may be: to copy them all takes minutes, to pass them a moment."""
    done = subprocess.run([sys.executable, "-c", DEEP], cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
