"""What a change does to pulls, scope by scope, and where a pull goes at all."""

import pytest

from compiler.diff.disruption import NodeFiles
from compiler.diff.pulls import pull_changes
from compiler.diff.sides import NodeState
from compiler.node.admission import Admission, DecidingSetting
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.node.requirements import REJECT
from compiler.node.routes import Pulls, Route, Routes, Stop
from tests.manifest_texts import image_config, mirror_set
from tests.sides import change, effects

TAGS = "ImageTagMirrorSet"
OUTER = mirror_set("outer", {"quay.io": ["m.example.com/q"]})


def routes(*entries: RegistryEntry) -> Routes:
    return Routes(RegistriesConf(entries=entries), Admission({}, {}))


def digest_mirror(location: str) -> Endpoint:
    return Endpoint(location=location, pull_from_mirror=DIGEST_ONLY)


# --- Where a pull goes -----------------------------------------------------------


def test_without_an_entry_a_pull_goes_to_the_source() -> None:
    assert routes().route("quay.io/ns", Pulls.TAG) == Route(source=Stop(location="quay.io/ns"))


def test_the_longest_prefix_counts_and_the_rest_is_carried_over() -> None:
    tables = routes(
        RegistryEntry(location="quay.io", mirrors=(digest_mirror("m.io/q"),)),
        RegistryEntry(location="quay.io/ns", insecure=True, mirrors=(digest_mirror("m.io/ns"),)),
        RegistryEntry(prefix="*.example.com", mirrors=(digest_mirror("m.io/w"),)),
        RegistryEntry(prefix="short.io", location="long.io/path"),
    )
    assert tables.route("quay.io/other/x", Pulls.DIGEST).mirrors == (Stop(location="m.io/q/other/x"),)
    assert tables.route("quay.io/ns/x", Pulls.DIGEST) == Route(
        mirrors=(Stop(location="m.io/ns/x"),), source=Stop(location="quay.io/ns/x", insecure=True)
    )
    assert tables.route("a.example.com/x", Pulls.DIGEST).stops == (
        Stop(location="m.io/w/x"),
        Stop(location="a.example.com/x"),
    )
    assert tables.route("short.io/x", Pulls.TAG).source == Stop(location="long.io/path/x")


def test_an_entry_of_a_host_counts_for_its_ports_too() -> None:
    tables = routes(RegistryEntry(location="a.io", blocked=True))
    assert tables.route("a.io:5000/x", Pulls.TAG).source is None
    assert tables.is_blocked("a.io:5000")


def test_mirrors_serve_the_pulls_they_are_for_and_each_place_is_tried_once() -> None:
    twice = Endpoint(location="m.io")
    only = Endpoint(location="t.io", pull_from_mirror=TAG_ONLY)
    tables = routes(RegistryEntry(location="a.io", mirrors=(twice, only, twice)))
    assert tables.route("a.io", Pulls.DIGEST).stops == (Stop(location="m.io"), Stop(location="a.io"))
    assert tables.route("a.io", Pulls.TAG).mirrors == (Stop(location="m.io"), Stop(location="t.io"))


def test_a_mirror_under_a_blocked_scope_is_dead() -> None:
    tables = routes(
        RegistryEntry(location="a.io", mirrors=(digest_mirror("m.io/x"), digest_mirror("n.io/x"))),
        RegistryEntry(location="m.io", blocked=True),
    )
    assert tables.route("a.io", Pulls.DIGEST) == Route(
        mirrors=(Stop(location="n.io/x"),), dead=("m.io/x",), source=Stop(location="a.io")
    )


# --- What changes ----------------------------------------------------------------


def test_nothing_changes_for_scopes_whose_entries_stay() -> None:
    other = mirror_set("other", {"a.example.com": ["m.example.com/a"]})
    found = effects(change({"a.yaml": OUTER}, {"a.yaml": OUTER, "b.yaml": other}))
    assert {scope for scope, *_ in found} == {"a.example.com"}


def test_a_tag_rule_on_a_child_takes_the_digest_mirrors_of_the_parent() -> None:
    child = mirror_set("child", {"quay.io/ns": ["m.example.com/ns"]}, kind=TAGS)
    assert effects(change({"a.yaml": OUTER}, {"a.yaml": OUTER, "b.yaml": child})) == [
        ("quay.io/ns", "all", "entry-appears", "gets an entry of its own; before, that of `quay.io` counted"),
        ("quay.io/ns", "digest", "first-mirror-changed", "the source is tried first; before, `m.example.com/q/ns`"),
        ("quay.io/ns", "digest", "mirrors-removed", "removed: `m.example.com/q/ns`"),
        ("quay.io/ns", "tag", "first-mirror-changed", "`m.example.com/ns` is tried first; before, the source"),
        ("quay.io/ns", "tag", "mirrors-added", "added: `m.example.com/ns`"),
    ]


def test_an_entry_that_vanishes_gives_way_to_the_one_around_it_or_to_the_source() -> None:
    inner = mirror_set("inner", {"quay.io/ns": ["m.example.com/ns"]})
    found = effects(change({"a.yaml": OUTER, "b.yaml": inner}, OUTER))
    assert found[0] == ("quay.io/ns", "all", "entry-vanishes", "loses its entry: that of `quay.io` counts now")
    found = effects(change(OUTER, ""))
    assert found[0] == ("quay.io", "all", "entry-vanishes", "loses its entry: pulls go to the source alone")


def test_never_contacting_the_source_closes_one_way_and_blocks_the_other() -> None:
    open_ = mirror_set("a", {"quay.io/ns": ["m.example.com"]})
    closed = mirror_set("a", {"quay.io/ns": ["m.example.com"]}, never=["quay.io/ns"])
    why = "cannot be pulled any more: the source is blocked, and no mirror serves such pulls"
    assert effects(change(open_, closed)) == [
        ("quay.io/ns", "digest", "fallback-closed", "the source is no longer contacted"),
        ("quay.io/ns", "tag", "newly-blocked", why),
    ]
    assert effects(change(closed, open_)) == [
        ("quay.io/ns", "digest", "fallback-opened", "the source is contacted when no mirror serves"),
        ("quay.io/ns", "tag", "no-longer-blocked", "can be pulled again, from `quay.io/ns`"),
    ]


def test_mirrors_that_change_places() -> None:
    old = mirror_set("a", {"quay.io": ["a.io/q", "b.io/q", "c.io/q"]})
    new = mirror_set("a", {"quay.io": ["a.io/q", "c.io/q", "b.io/q"]})
    assert effects(change(old, new)) == [
        (
            "quay.io",
            "digest",
            "mirrors-reordered",
            "tried in the order `a.io/q`, `c.io/q`, `b.io/q`; before, `a.io/q`, `b.io/q`, `c.io/q`",
        )
    ]


def test_a_mirror_whose_host_is_blocked_dies_and_comes_back() -> None:
    block = image_config(blockedRegistries=["m.example.com"])
    found = effects(change({"a.yaml": OUTER}, {"a.yaml": OUTER, "i.yaml": block}))
    assert ("quay.io", "digest", "mirrors-blocked", "can no longer serve: blocked: `m.example.com/q`") in found
    found = effects(change({"a.yaml": OUTER, "i.yaml": block}, {"a.yaml": OUTER}))
    again = "can serve again: no longer blocked: `m.example.com/q`"
    assert ("quay.io", "digest", "mirrors-unblocked", again) in found


def test_when_every_mirror_is_blocked_nothing_is_left() -> None:
    closed = mirror_set("a", {"quay.io": ["m.example.com/q"]}, never=["quay.io"])
    block = image_config(blockedRegistries=["m.example.com"])
    why = "cannot be pulled any more: the source is blocked, and so is every mirror"
    found = effects(change({"a.yaml": closed}, {"a.yaml": closed, "i.yaml": block}))
    assert ("quay.io", "digest", "newly-blocked", why) in found
    assert [each for each in found if each[0] == "quay.io" and each[1] == "tag"] == []  # could not before either


def test_what_the_policy_refuses_no_mirror_serves() -> None:
    found = effects(change({"a.yaml": OUTER}, {"a.yaml": OUTER, "i.yaml": image_config(allowedRegistries=["m.io"])}))
    refused = "policy.json refuses every image that is not from `m.io`"
    assert found == [
        ("", "all", "newly-blocked", refused),
        ("quay.io", "all", "newly-blocked", "cannot be pulled any more: policy.json refuses it"),
    ]
    found = effects(change({"a.yaml": OUTER, "i.yaml": image_config(allowedRegistries=["m.io"])}, {"a.yaml": OUTER}))
    assert found[0] == ("", "all", "no-longer-blocked", "policy.json no longer refuses images that no list names")
    assert found[1:] == [
        ("quay.io", "digest", "no-longer-blocked", "can be pulled again, from `m.example.com/q`, `quay.io`"),
        ("quay.io", "tag", "no-longer-blocked", "can be pulled again, from `quay.io`"),
    ]


def test_a_policy_that_lets_nothing_in_is_said_without_an_exception() -> None:
    nothing_in = Admission({}, {}, others=DecidingSetting(setting=REJECT))
    old, new = (NodeState(files=NodeFiles(), admission=admission) for admission in (Admission({}, {}), nothing_in))
    ((general,),) = [each.effects for each in pull_changes(old, new, str, str)]
    assert (general.message, general.after) == ("policy.json refuses every image", ())


def test_insecure_sources_and_mirrors() -> None:
    insecure = image_config(insecureRegistries=["m.example.com", "quay.io"])
    old, new = {"a.yaml": OUTER}, {"a.yaml": OUTER, "i.yaml": insecure}
    told = "contacted over plain HTTP or unverified TLS"
    found = effects(change(old, new))
    assert ("quay.io", "digest", "newly-insecure", f"{told}: `m.example.com/q`, `quay.io`") in found
    assert ("quay.io", "tag", "newly-insecure", f"{told}: `quay.io`") in found
    found = effects(change(new, old))
    told = "contacted over verified TLS only"
    assert ("quay.io", "digest", "no-longer-insecure", f"{told}: `m.example.com/q`, `quay.io`") in found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (["quay.io"], ["quay.io", "quay.io/ns"], "has its own mirrors; before, it inherited those of `quay.io`"),
        (["quay.io", "quay.io/ns"], ["quay.io"], "inherits the mirrors of `quay.io`; before, it had its own"),
        ([], ["quay.io"], "inherits the mirrors of `quay.io`; before, it had none"),
        (["quay.io"], [], "has no mirrors; before, it inherited those of `quay.io`"),
        (
            ["quay.io/ns/x", "quay.io"],
            ["quay.io/ns"],
            "inherits the mirrors of `quay.io/ns`; before, those of `quay.io`",
        ),
    ],
)
def test_inheritance(old: list[str], new: list[str], message: str) -> None:
    scope = "quay.io/ns/y" if "quay.io/ns/x" in old else "quay.io/ns"
    flag = image_config(insecureRegistries=[scope])

    def texts(sources: list[str]) -> dict[str, str]:
        rules = {source: [f"m.io/{number}"] for number, source in enumerate(sources)}
        return {"i.yaml": flag, **({"a.yaml": mirror_set("a", rules)} if rules else {})}

    assert (scope, "all", "inheritance-changed", message) in effects(change(texts(old), texts(new)))


def test_short_names_are_sought_elsewhere() -> None:
    found = effects(change(image_config(), image_config(containerRuntimeSearchRegistries=["a.io"])))
    message = "short names are sought in `a.io`; before, in `registry.access.redhat.com`, `docker.io`"
    assert found == [("", "all", "search-changed", message)]


def test_effects_know_the_lines_that_cause_them() -> None:
    old = mirror_set("a", {"quay.io/ns": ["a.io", "b.io"]})
    new = mirror_set("a", {"quay.io/ns": ["c.io", "b.io"]})
    (only,) = change(old, new).changes
    by_effect = {effect.effect.value: effect for effect in only.effects}
    assert [str(span) for span in by_effect["mirrors-removed"].old_spans] == ["a.yaml:9:7"]
    assert [str(span) for span in by_effect["mirrors-added"].new_spans] == ["a.yaml:9:7"]
    assert [span.text for span in only.old_spans] == ["a.io", "quay.io/ns"]
    assert [span.text for span in only.new_spans] == ["c.io", "quay.io/ns"]


def test_one_wide_entry_in_place_of_many_is_told_of_each() -> None:
    def state(*entries: RegistryEntry) -> NodeState:
        conf = RegistriesConf(entries=entries)
        return NodeState(files=NodeFiles(registries=conf), pulls=conf)

    narrow = RegistryEntry(location="a.io/x", mirrors=(digest_mirror("m.io/a/x"),))
    wide = RegistryEntry(location="a.io", mirrors=(digest_mirror("m.io/a"),))
    changes = pull_changes(state(narrow), state(wide), lambda _: "", lambda _: "")
    assert [(each.scope, [effect.effect.value for effect in each.effects]) for each in changes] == [
        ("a.io", ["entry-appears", "first-mirror-changed", "mirrors-added"]),
        ("a.io/x", ["entry-vanishes"]),  # the same mirror serves it: only the entry is another
    ]
