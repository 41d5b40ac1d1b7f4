"""Where signatures are looked for: the places of mirrors, their order, and what has no name."""

from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from compiler.node.model import DIGEST_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.policy.signature_places import (
    MOST_KEYS,
    SignaturePlaces,
    comes_before,
    in_file_order,
    signature_places,
    undetermined,
)

SCOPE = "registry.example.com/team"


def conf(*entries: RegistryEntry) -> RegistriesConf:
    return RegistriesConf(entries=entries)


def mirrored(location: str, *mirrors: str) -> RegistryEntry:
    return RegistryEntry(
        location=location, mirrors=tuple(Endpoint(mirror, pull_from_mirror=DIGEST_ONLY) for mirror in mirrors)
    )


def test_without_a_registries_conf_the_scopes_are_the_places() -> None:
    assert signature_places([SCOPE, "a.b/c:v1"], None).keys == ("a.b/c:v1", SCOPE)


def test_the_mirrors_of_what_lies_in_a_scope_are_places_too() -> None:
    entries = conf(
        mirrored("registry.example.com", "m.io/all"),
        mirrored(f"{SCOPE}/app", "m.io/app"),
        mirrored("other.example.com", "m.io/other"),
    )
    assert signature_places([SCOPE], entries).keys == ("m.io/all/team", "m.io/app", SCOPE, f"{SCOPE}/app")


def test_scopes_times_mirrors_have_a_limit() -> None:
    scopes = [f"q.io/a{n}" for n in range(MOST_KEYS // 100)]
    entries = conf(mirrored("q.io", *(f"m{n}.io/x" for n in range(90))))
    found = signature_places(scopes, entries)
    assert len(found.keys) == 91 * len(scopes)
    more = conf(mirrored("q.io", *(f"m{n}.io/x" for n in range(150))))
    assert signature_places(scopes, more) == SignaturePlaces(too_many=True)


def test_a_mirror_that_is_a_host_has_no_name_for_a_repository() -> None:
    found = signature_places([SCOPE], conf(mirrored(SCOPE, "m.io")))
    (fault,) = found.faults
    assert (fault.scope, fault.looked_up, fault.endpoint and fault.endpoint.location) == (SCOPE, SCOPE, "m.io")
    assert not signature_places(["registry.example.com"], conf(mirrored("registry.example.com", "m.io"))).faults


def test_what_no_node_loads_is_a_fault_wherever_it_is() -> None:
    broken = RegistryEntry(location="http://x", blocked=True)
    (fault,) = signature_places([SCOPE], conf(broken)).faults
    assert "URI schemes are not supported" in str(fault)


def test_the_order_of_keys() -> None:
    keys = ["a", "a-1", "a.1", "a/1", "a:1", "a@1", "a_1", "a0", "a1", "a9", "a10", "aB", "ab"]
    assert in_file_order(reversed(keys)) == tuple(keys)
    assert all(comes_before(first, second) for first, second in pairwise(keys))
    assert comes_before("A", "a")
    assert comes_before("a01", "a1") is not comes_before("a1", "a01")


def test_keys_that_come_before_each_other_in_a_circle_are_found() -> None:
    assert comes_before("v1b", "v2")
    assert comes_before("v2", "v10")
    assert comes_before("v10", "v1b")
    for keys in permutations(["v1b", "v2", "v10"]):
        assert set(undetermined((*keys[:3],))) >= {"v2"}
    assert undetermined(in_file_order(["v1", "v2", "v10"])) == ()
    many = in_file_order([*(f"x.example.com/{number}" for number in range(300))])
    assert undetermined(many) == ()


@given(st.text("ab019.-/", max_size=8), st.text("ab019.-/", max_size=8))
def test_of_two_keys_one_comes_first(left: str, right: str) -> None:
    assert left == right or comes_before(left, right) is not comes_before(right, left)
