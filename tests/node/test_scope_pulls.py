"""Where pulls of whole scopes go, case by case; that `explain` gives the same answers is in `tests/diff/test_pulls`."""

import pytest

from compiler.node.admission import Admission
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.node.scope_pulls import Budget, Invalid, Pulls, ScopePull, ScopePulls, Stop


def node(*entries: RegistryEntry, admission: Admission | None = None) -> ScopePulls:
    return ScopePulls(RegistriesConf(entries=entries), admission or Admission({}, {}))


def digest_mirror(location: str) -> Endpoint:
    return Endpoint(location=location, pull_from_mirror=DIGEST_ONLY)


def pull(pulls: ScopePulls, scope: str, kind: Pulls = Pulls.DIGEST) -> ScopePull:
    found = pulls.pull(scope, kind)
    assert found is not None
    return found


def test_without_an_entry_a_pull_goes_to_the_source() -> None:
    assert pull(node(), "quay.io/ns", Pulls.TAG) == ScopePull(source=Stop(location="quay.io/ns"))


def test_the_longest_prefix_is_used_and_the_rest_is_carried_over() -> None:
    pulls = node(
        RegistryEntry(location="quay.io", mirrors=(digest_mirror("m.io/q"),)),
        RegistryEntry(location="quay.io/ns", insecure=True, mirrors=(digest_mirror("m.io/ns"),)),
        RegistryEntry(prefix="*.example.com", mirrors=(digest_mirror("m.io/w"),)),
        RegistryEntry(prefix="short.io", location="long.io/path"),
    )
    assert pull(pulls, "quay.io/other/x").mirrors == (Stop(location="m.io/q/other/x"),)
    found = pull(pulls, "quay.io/ns/x")
    assert found.stops == (Stop(location="m.io/ns/x"), Stop(location="quay.io/ns/x", insecure=True))
    assert found.entry == pulls.entries["quay.io/ns"]
    assert pull(pulls, "a.example.com/x").stops == (Stop(location="m.io/w/x"), Stop(location="a.example.com/x"))
    assert pull(pulls, "*.example.com").stops == (Stop(location="m.io/w"), Stop(location="*.example.com"))
    assert pull(pulls, "short.io/x", Pulls.TAG).source == Stop(location="long.io/path/x")


def test_the_image_that_stands_in_is_matched_by_no_other_scope() -> None:
    blocked = (
        RegistryEntry(location=scope, blocked=True)
        for scope in ("quay.io/ns/x", "quay.io/ns/x1/x2", "x.example.com", "x1.example.com/x", "*.x3.example.com")
    )
    pulls = node(*blocked, admission=Admission({"quay.io/ns/x4": None, "x5.example.com": None}, {}))
    for scope in ("quay.io/ns", "*.example.com"):
        assert pull(pulls, scope) == ScopePull(source=Stop(location=scope))


def test_a_wildcard_is_used_before_a_host_as_long_as_itself() -> None:
    pulls = node(RegistryEntry(prefix="*.b.io", blocked=True), RegistryEntry(location="a.b.io"))
    assert pull(pulls, "a.b.io").source is None
    assert pull(pulls, "a.b.io").entry == pulls.entries["*.b.io"]


def test_mirrors_serve_the_pulls_they_are_for_and_each_place_is_tried_once() -> None:
    twice = Endpoint(location="m.io")
    only = Endpoint(location="t.io", pull_from_mirror=TAG_ONLY)
    pulls = node(RegistryEntry(location="a.io", mirrors=(twice, only, twice)))
    assert pull(pulls, "a.io").stops == (Stop(location="m.io"), Stop(location="a.io"))
    assert pull(pulls, "a.io", Pulls.TAG).mirrors == (Stop(location="m.io"), Stop(location="t.io"))


def test_a_mirror_under_a_blocked_scope_is_dead() -> None:
    pulls = node(
        RegistryEntry(location="a.io", mirrors=(digest_mirror("m.io/x"), digest_mirror("n.io/x"))),
        RegistryEntry(location="m.io", blocked=True),
    )
    found = pull(pulls, "a.io")
    assert (found.mirrors, found.dead) == ((Stop(location="n.io/x"),), ("m.io/x",))
    assert pulls.blocks_scope("m.io/x")
    assert not pulls.blocks_scope("n.io/x")


def test_trailing_slashes_are_dropped_as_a_node_drops_them() -> None:
    pulls = node(RegistryEntry(location="a.io/", mirrors=(digest_mirror("m.io/x//"),)))
    assert pull(pulls, "a.io").stops == (Stop(location="m.io/x"), Stop(location="a.io"))


@pytest.mark.parametrize(
    ("source", "mirror", "invalid"),
    [
        ("quay.io/team", "m.io/team", Invalid.NONE),
        ("quay.io/team", "registry/team", Invalid.ALL),
        ("quay.io", "registry", Invalid.ALL),
        ("quay.io/team", "index.docker.io/team", Invalid.ALL),
        ("quay.io/team", "m.io:5000", Invalid.ITSELF),
        ("quay.io", "m.io", Invalid.NONE),
        ("quay.io/team", "docker.io", Invalid.DIRECTLY_BELOW),
        ("quay.io", "docker.io", Invalid.DIRECTLY_BELOW),
        ("quay.io/team/app", "docker.io/app", Invalid.ITSELF),
        ("*.example.com", "docker.io", Invalid.DIRECTLY_BELOW),
        ("*.example.com", "m.io", Invalid.NONE),
    ],
)
def test_which_pulls_fail_because_of_an_invalid_reference(source: str, mirror: str, invalid: Invalid) -> None:
    wildcard = source.startswith("*")
    bad = digest_mirror(mirror)
    entry = RegistryEntry(
        prefix=source if wildcard else "",
        location="" if wildcard else source,
        mirrors=(digest_mirror("good.io/x"), bad),
    )
    found = pull(node(entry), source)
    assert found.invalid is invalid
    assert found.culprit == (None if invalid is Invalid.NONE else bad)
    assert found.works is (invalid is not Invalid.ALL)
    assert pull(node(entry), source, Pulls.TAG).invalid is Invalid.NONE


@pytest.mark.parametrize("scope", ["registry/team", "registry", "index.docker.io/x", "a.io/" + "b" * 260])
def test_no_image_has_a_name_in_some_scopes(scope: str) -> None:
    entry = RegistryEntry(location=scope, mirrors=(digest_mirror("m.io"),))
    assert node(entry).pull(scope, Pulls.DIGEST) is None


def test_a_scope_that_leaves_room_for_nothing_below_is_a_repository() -> None:
    scope = "a.io/" + "b" * 250
    assert pull(node(), scope).source == Stop(location=scope)


def test_a_scope_of_policy_json_may_be_one_image() -> None:
    pulls = node(admission=Admission({"a.io/x:v1": None}, {}))
    assert pull(pulls, "a.io/x:v1", Pulls.TAG).refused
    assert pulls.pull("a.io/x:v1", Pulls.DIGEST) is None


def test_what_policy_json_refuses_does_not_work() -> None:
    pulls = node(admission=Admission({"a.io/x": None}, {}))
    assert not pull(pulls, "a.io/x").works
    assert pull(pulls, "a.io").works


def test_a_node_that_does_not_load_its_configuration_says_why() -> None:
    assert node(RegistryEntry(location="http://a.io")).unloadable
    assert not node().unloadable


def test_what_reaches_a_scope() -> None:
    pulls = node(
        RegistryEntry(location="quay.io", mirrors=(digest_mirror("m.io/q"), digest_mirror("m.io:5000/q"))),
        RegistryEntry(prefix="*.example.com", mirrors=(digest_mirror("m.io"),)),
        RegistryEntry(prefix="short.io", location="m.io/short"),
        RegistryEntry(location="other.io", mirrors=(digest_mirror("n.io"),)),
    )

    def reaching(*scopes: str) -> set[str]:
        return set(pulls.reaching(frozenset(scopes)))

    assert reaching("m.io") == {"quay.io", "*.example.com", "short.io"}
    assert reaching("*.io") == {"quay.io", "*.example.com", "short.io", "other.io"}
    assert reaching("m.io/q/ns") == {"quay.io/ns", "*.example.com/q/ns"}
    assert reaching("m.io/short") == {"short.io", "*.example.com/short"}
    assert reaching("p.io", "m.io/qq") == {"*.example.com/qq"}


def test_a_budget_ends_a_look_at_more_scopes_than_there_are_entries() -> None:
    pulls = node(*(RegistryEntry(location=f"q.io/a{n}", mirrors=(digest_mirror("m.io"),)) for n in range(1000)))
    blocked = frozenset(f"m.io/b{n}" for n in range(1000))
    budget = Budget(pulls)
    most = budget.left
    found = list(pulls.reaching(blocked, budget=budget))
    assert budget.left < 0
    assert len(found) < most < 100_000
    budget = Budget(pulls)
    assert set(pulls.reaching(frozenset(("m.io/b1",)), budget=budget)) == {f"q.io/a{n}/b1" for n in range(1000)}
    assert budget.left > 0


def test_the_image_that_stands_in_is_found_among_many_like_it_in_linear_time() -> None:
    pulls = node(*(RegistryEntry(location=f"quay.io/x{n or ''}", blocked=True) for n in range(30_000)))
    assert pull(pulls, "quay.io") == ScopePull(source=Stop(location="quay.io"))
