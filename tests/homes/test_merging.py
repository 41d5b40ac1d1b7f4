"""What a policy makes of an object that the cluster has: the recordings of the real controller."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.homes.merging import added_items, after, contains, equivalent, spec_after
from compiler.manifests.embedded import Merge
from compiler.manifests.kinds import ImageConfig, MirrorSet
from tests.conformance import as_object, as_text, recordings
from tests.homes.reading import parsed_of

LINES = {as_text(line["id"]): line for line in recordings("acm-merge")}
MERGES = {"musthave": Merge.ADD, "mustonlyhave": Merge.EXACT}


@pytest.mark.parametrize("name", LINES)
def test_the_spec_afterwards_is_as_recorded(name: str) -> None:
    line = LINES[name]
    merge = MERGES[as_text(line["complianceType"]).lower()]
    made = spec_after(merge, as_object(line["objectDefinition"]), as_object(line["on_cluster"]))
    assert made == as_object(line["after"])["spec"]


def mirror_set(*rules: str, policy: str = "") -> MirrorSet:
    body = "".join(f"    - {{source: quay.io/{r[0]}, mirrors: [{', '.join(r[1:].split())}]{policy}}}\n" for r in rules)
    (made,) = parsed_of(
        "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {name: x}\n"
        f"spec:\n  imageDigestMirrors:\n{body}"
    ).manifests
    assert isinstance(made, MirrorSet)
    return made


def shown(made: object) -> list[str]:
    assert isinstance(made, MirrorSet)
    return [f"{rule.source.value[8:]}{' '.join(m.value for m in rule.mirrors)}" for rule in made.rules]


def test_objects_are_merged_as_their_data() -> None:
    old, new = mirror_set("am1.example.com", "bm1.example.com"), mirror_set("am2.example.com")
    assert shown(after(Merge.ADD, new, old)) == ["am2.example.com", "am1.example.com", "bm1.example.com"]
    assert shown(after(Merge.EXACT, new, old)) == ["am2.example.com"]
    assert shown(after(Merge.APPLY, new, old)) == ["am2.example.com"]


def test_another_order_changes_nothing() -> None:
    old, new = mirror_set("am1.example.com m2.example.com"), mirror_set("am2.example.com m1.example.com")
    assert after(Merge.ADD, new, old) is old
    assert after(Merge.EXACT, new, old) is old


def test_registries_of_an_image_config_add_up() -> None:
    def image(*blocked: str) -> ImageConfig:
        (made,) = parsed_of(
            "apiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\n"
            f"spec: {{registrySources: {{blockedRegistries: [{', '.join(blocked)}]}}}}\n"
        ).manifests
        assert isinstance(made, ImageConfig)
        return made

    made = after(Merge.ADD, image("b.example.com"), image("a.example.com"))
    assert isinstance(made, ImageConfig)
    assert [scope.value for scope in made.blocked or ()] == ["b.example.com", "a.example.com"]


plain = st.recursive(
    st.integers(0, 2) | st.sampled_from("ab"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


@given(plain, plain)
def test_what_is_equivalent_contains_each_other(one: object, other: object) -> None:
    assert contains(one, one)
    assert equivalent(one, one)
    if equivalent(one, other):
        assert contains(one, other)
        assert contains(other, one)


@given(st.lists(st.integers(0, 4), max_size=5), st.lists(st.integers(0, 4), max_size=5))
def test_lists_add_up_to_all_that_both_have(wanted: list[int], there: list[int]) -> None:
    made = added_items(wanted, there, lambda item: item)
    assert made[: len(wanted)] == wanted
    assert set(made) == {*wanted, *there}
    assert all(made.count(item) == max(wanted.count(item), there.count(item)) for item in made)
