"""What a change does to pulls, scope by scope, and that it is what `explain` says of both sides."""

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.diff.disruption import NodeFiles
from compiler.diff.pulls import EVERYTHING_ELSE, Effect, pull_changes
from compiler.diff.sides import NodeState
from compiler.explain.explanation import Explainer
from compiler.names.reference import NAME_LENGTH, InvalidReferenceError, parse_normalized
from compiler.names.scope import is_nested, matched_length
from compiler.node.admission import Admission, DecidingSetting
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.node.pull import AttemptVerdict
from compiler.node.requirements import REJECT
from compiler.node.scope_pulls import Invalid, Pulls, ScopePulls
from tests.conformance import UPSTREAM
from tests.manifest_texts import image_config, mirror_set
from tests.sides import change, effects

TAGS = "ImageTagMirrorSet"
OUTER = mirror_set("outer", {"quay.io": ["m.example.com/q"]})


def digest_mirror(location: str) -> Endpoint:
    return Endpoint(location=location, pull_from_mirror=DIGEST_ONLY)


# --- What changes ----------------------------------------------------------------


def test_nothing_changes_for_scopes_whose_entries_stay() -> None:
    other = mirror_set("other", {"a.example.com": ["m.example.com/a"]})
    found = effects(change({"a.yaml": OUTER}, {"a.yaml": OUTER, "b.yaml": other}))
    assert {scope for scope, *_ in found} == {"a.example.com"}


def test_a_tag_rule_on_a_child_takes_the_digest_mirrors_of_the_parent() -> None:
    child = mirror_set("child", {"quay.io/ns": ["m.example.com/ns"]}, kind=TAGS)
    assert effects(change({"a.yaml": OUTER}, {"a.yaml": OUTER, "b.yaml": child})) == [
        ("quay.io/ns", "all", "entry-appears", "gets its own entry; before, it used the entry of `quay.io`"),
        ("quay.io/ns", "digest", "first-mirror-changed", "the source is tried first; before, `m.example.com/q/ns`"),
        ("quay.io/ns", "digest", "mirrors-removed", "removed: `m.example.com/q/ns`"),
        ("quay.io/ns", "tag", "first-mirror-changed", "`m.example.com/ns` is tried first; before, the source"),
        ("quay.io/ns", "tag", "mirrors-added", "added: `m.example.com/ns`"),
    ]


def test_an_entry_that_vanishes_gives_way_to_the_one_around_it_or_to_the_source() -> None:
    inner = mirror_set("inner", {"quay.io/ns": ["m.example.com/ns"]})
    found = effects(change({"a.yaml": OUTER, "b.yaml": inner}, OUTER))
    assert found[0] == ("quay.io/ns", "all", "entry-vanishes", "loses its entry: now the entry of `quay.io` applies")
    found = effects(change(OUTER, ""))
    assert found[0] == ("quay.io", "all", "entry-vanishes", "loses its entry: pulls go only to the source")


def test_never_contacting_the_source_closes_one_way_and_blocks_the_other() -> None:
    open_ = mirror_set("a", {"quay.io/ns": ["m.example.com"]})
    closed = mirror_set("a", {"quay.io/ns": ["m.example.com"]}, never=["quay.io/ns"])
    why = "can no longer be pulled: the source is blocked, and no mirror serves such pulls"
    assert effects(change(open_, closed)) == [
        ("quay.io/ns", "digest", "fallback-closed", "the source is no longer contacted"),
        ("quay.io/ns", "tag", "newly-blocked", why),
    ]
    assert effects(change(closed, open_)) == [
        ("quay.io/ns", "digest", "fallback-opened", "the source is contacted if no mirror serves the image"),
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
    assert ("quay.io", "digest", "mirrors-blocked", "can no longer serve images: blocked: `m.example.com/q`") in found
    found = effects(change({"a.yaml": OUTER, "i.yaml": block}, {"a.yaml": OUTER}))
    again = "can serve images again: no longer blocked: `m.example.com/q`"
    assert ("quay.io", "digest", "mirrors-unblocked", again) in found


def test_when_every_mirror_is_blocked_nothing_is_left() -> None:
    closed = mirror_set("a", {"quay.io": ["m.example.com/q"]}, never=["quay.io"])
    block = image_config(blockedRegistries=["m.example.com"])
    why = "can no longer be pulled: the source and every mirror are blocked"
    found = effects(change({"a.yaml": closed}, {"a.yaml": closed, "i.yaml": block}))
    assert ("quay.io", "digest", "newly-blocked", why) in found
    assert [each for each in found if each[0] == "quay.io" and each[1] == "tag"] == []  # could not before either


def test_what_the_policy_refuses_no_mirror_serves() -> None:
    found = effects(
        change(
            {"a.yaml": OUTER},
            {"a.yaml": OUTER, "i.yaml": image_config(allowedRegistries=["m.io"])},
            payload_policy="none",
        )
    )
    refused = "policy.json refuses every image that is not in `m.io`"
    assert found == [
        ("", "all", "newly-blocked", refused),
        ("quay.io", "all", "newly-blocked", "can no longer be pulled: policy.json refuses it"),
    ]
    found = effects(
        change(
            {"a.yaml": OUTER, "i.yaml": image_config(allowedRegistries=["m.io"])},
            {"a.yaml": OUTER},
            payload_policy="none",
        )
    )
    assert found[0] == ("", "all", "no-longer-blocked", "policy.json no longer refuses images that are in no list")
    assert found[1:] == [
        ("quay.io", "digest", "no-longer-blocked", "can be pulled again, from `m.example.com/q`, `quay.io`"),
        ("quay.io", "tag", "no-longer-blocked", "can be pulled again, from `quay.io`"),
    ]


def test_a_policy_that_lets_nothing_in_is_said_without_an_exception() -> None:
    nothing_in = Admission({}, {}, others=DecidingSetting(setting=REJECT))
    old, new = (NodeState(files=NodeFiles(), admission=admission) for admission in (Admission({}, {}), nothing_in))
    ((general,),) = [each.effects for each in pull_changes(old, new).changes]
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
    message = "short names are searched in `a.io`; before, in `registry.access.redhat.com`, `docker.io`"
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
    changes = pull_changes(state(narrow), state(wide)).changes
    assert [(each.scope, [effect.effect.value for effect in each.effects]) for each in changes] == [
        ("a.io", ["entry-appears", "first-mirror-changed", "mirrors-added"]),
        ("a.io/x", ["entry-vanishes"]),  # the same mirror serves it: only the entry is another
    ]


def test_where_scopes_times_mirrors_are_too_many_some_are_left_out_and_a_note_says_so() -> None:
    mirrors = [f"m{number}.example.com" for number in range(1000)]
    old = mirror_set("a", {"quay.io": mirrors})
    inner = [mirror_set(f"b{number}", {f"quay.io/n{number}": ["m.example.com"]}) for number in range(200)]
    few, many = (change(old, {"a.yaml": old, "b.yaml": "---\n".join(inner[:most])}) for most in (5, 200))
    assert [each.scope for each in few.changes] == [f"quay.io/n{number}" for number in range(5)]
    assert few.notes == ()
    assert 10 < len(many.changes) < 200
    assert [each.scope for each in many.changes] == sorted(f"quay.io/n{number}" for number in range(200))[
        : len(many.changes)
    ]
    assert [note.text for note in many.notes] == [
        "The change affects too many scopes and mirrors: the pulls of some scopes are not listed."
    ]


def test_a_mirror_that_makes_an_invalid_reference_of_every_pull() -> None:
    good = mirror_set("a", {"quay.example.com/team": ["mirror.example.com/team"]})
    bad = mirror_set("a", {"quay.example.com/team": ["mirror.example.com/team", "registry/team"]})
    (only,) = change(good, bad).changes
    (effect,) = only.effects
    assert (only.scope, effect.pulls, effect.effect) == ("quay.example.com/team", "digest", "newly-blocked")
    assert effect.message == (
        "can no longer be pulled: `registry/team` makes an invalid reference of every pull, so that no endpoint is "
        "tried"
    )
    assert (effect.before, effect.after) == (("mirror.example.com/team", "quay.example.com/team"), ())
    assert [str(span) for span in effect.new_spans] == ["a.yaml:10:7"]
    ((effect,),) = [each.effects for each in change(bad, good).changes]
    again = "can be pulled again, from `mirror.example.com/team`, `quay.example.com/team`"
    assert (effect.effect, effect.message) == ("no-longer-blocked", again)


def test_a_mirror_that_makes_invalid_references_of_pulls_near_the_scope() -> None:
    def mirrored_to(*mirrors: str) -> str:
        return mirror_set("a", {"quay.io/team": ["m.io/team", *mirrors]})

    near = ("quay.io/team", "digest", "some-pulls-fail")
    itself, below = "the repository with the name of the scope itself", "repositories with one component more"
    assert effects(change(mirrored_to(), mirrored_to("n.io")))[1:] == [
        (*near, f"fail: pulls of {itself}, because `n.io` makes an invalid reference of them")
    ]
    assert effects(change(mirrored_to("n.io"), mirrored_to("docker.io")))[-1] == (
        (*near, f"fail: pulls of {below}, because `docker.io` makes an invalid reference of them")
    )
    again = ("quay.io/team", "digest", "some-pulls-work-again")
    assert effects(change(mirrored_to("docker.io"), mirrored_to()))[-1] == (
        (*again, f"no longer fail: pulls of {itself} and {below}")
    )
    served = "`m.io/team`, `n.io`, `quay.io/team`"
    assert effects(change(mirrored_to("registry"), mirrored_to("n.io")))[-2:] == [
        (
            "quay.io/team",
            "digest",
            "no-longer-blocked",
            f"can be pulled again, from {served}",
        ),
        (*near, f"fail: pulls of {itself}, because `n.io` makes an invalid reference of them"),
    ]


def test_a_block_below_a_mirror_stops_the_pulls_below_the_source() -> None:
    block = image_config(blockedRegistries=["m.example.com/q/ns"])
    found = effects(change({"a.yaml": OUTER}, {"a.yaml": OUTER, "i.yaml": block}))
    blocked = "can no longer serve images: blocked: `m.example.com/q/ns`"
    assert ("quay.io/ns", "digest", "mirrors-blocked", blocked) in found


def test_an_entry_that_no_image_matches() -> None:
    found = effects(change("", mirror_set("a", {"registry/team": ["m.io/team"]})))
    nothing = "its entry, which no image matches: no pull changes"
    assert found == [("registry/team", "all", "entry-appears", f"gets {nothing}")]
    found = effects(change(mirror_set("a", {"registry/team": ["m.io/team"]}), ""))
    assert found == [("registry/team", "all", "entry-vanishes", f"loses {nothing}")]


def test_an_entry_hidden_by_a_wildcard_of_the_same_length() -> None:
    def state(*entries: RegistryEntry) -> NodeState:
        return node_state(list(entries), Admission({}, {}))

    wildcard = RegistryEntry(prefix="*.b.io", mirrors=(digest_mirror("w.io"),))
    host = RegistryEntry(location="a.b.io", mirrors=(digest_mirror("m.io"),))
    ((appears,),) = [each.effects for each in pull_changes(state(wildcard), state(wildcard, host)).changes]
    assert appears.message == "gets its own entry, which no pull uses: that of `*.b.io` is used instead"
    scopes = {each.scope for each in pull_changes(state(host), state(wildcard, host)).changes}
    assert scopes == {"*.b.io", "a.b.io"}


def test_a_configuration_that_cri_o_does_not_load_stops_every_pull() -> None:
    good = node_state([], Admission({}, {}))
    bad = node_state([RegistryEntry(location="http://a.io")], Admission({}, {}))
    ((effect,),) = [each.effects for each in pull_changes(good, bad).changes]
    assert (effect.effect, effect.pulls) == ("newly-blocked", "all")
    assert effect.message == (
        "can no longer be pulled: CRI-O does not load the configuration (invalid location 'http://a.io': URI schemes "
        "are not supported)"
    )
    ((effect,),) = [each.effects for each in pull_changes(bad, good).changes]
    assert effect.message == "can be pulled again: CRI-O loads the configuration"
    assert pull_changes(bad, bad).changes == ()


# --- What diff says is what explain says -----------------------------------------

UNKNOWN = "sha256:" + "0" * 64


class Answer(NamedTuple):
    """What `explain` says of one image: the endpoints that are tried, those that are blocked, or why none is."""

    tried: tuple[tuple[str, bool], ...] = ()
    dead: tuple[str, ...] = ()
    refused: bool = False
    fails: bool = False


def form(name: str, kind: Pulls) -> str:
    return f"{name}@{UNKNOWN}" if kind is Pulls.DIGEST else f"{name}:v1"


def explained(explainer: Explainer, name: str, kind: Pulls) -> Answer:
    explanation = explainer.explain(form(name, kind))
    refused = explanation.refusal is not None
    if explanation.pull.failure is not None:
        return Answer(refused=refused, fails=True)
    end = form("", kind)
    steps = [(step.attempt, step.attempt.reference.removesuffix(end)) for step in explanation.steps]
    return Answer(
        tried=tuple(
            dict.fromkeys(
                (reference, attempt.endpoint.insecure)
                for attempt, reference in steps
                if attempt.verdict is AttemptVerdict.TRIED
            )
        ),
        dead=tuple(
            dict.fromkeys(
                reference
                for attempt, reference in steps
                if attempt.verdict is AttemptVerdict.BLOCKED and not attempt.is_source
            )
        ),
        refused=refused,
    )


def answered(pulls: ScopePulls, scope: str, name: str, kind: Pulls) -> Answer | None:
    """The answer for a scope, carried over to one image in it; None where there is none."""
    found = pulls.pull(scope, kind)
    if found is None:
        return None
    host, slash, path = scope.partition("/")
    rest = name[matched_length(name, host) + len(slash + path) :]
    depth = rest.count("/")
    if found.invalid is Invalid.ALL or (
        found.invalid is not Invalid.NONE and depth <= (1 if found.invalid is Invalid.DIRECTLY_BELOW else 0)
    ):
        return Answer(refused=found.refused, fails=True)

    def of_image(location: str) -> str:
        return name if location == scope else location + rest

    tried = tuple(dict.fromkeys((of_image(stop.location), stop.insecure) for stop in found.stops))
    return Answer(tried=tried, dead=tuple(map(of_image, found.dead)), refused=found.refused)


def contains(scope: str, name: str) -> bool:
    """Whether an image is one of those that a scope stands for; one with a port is not for the scope without it."""
    host, slash, path = scope.partition("/")
    own_host, _, rest = name.partition("/")
    return matched_length(own_host, host) == len(own_host) and (not slash or is_nested(rest, path))


def nearest(scopes: Iterable[str], name: str) -> str | None:
    """The scope that says most of an image."""
    return max((scope for scope in scopes if contains(scope, name)), key=closeness, default=None)


def closeness(scope: str) -> tuple[bool, int, int]:
    return (not scope.startswith("*"), len(scope.partition("/")[0]), len(scope))


def told_scopes(pulls: ScopePulls) -> set[str]:
    """All scopes with an answer of their own on a node without a policy.json."""
    return {*pulls.entries, *pulls.reaching(pulls.entries.keys())}


def check_answers(state: NodeState, names: Iterable[tuple[str, Pulls]]) -> None:
    """The answer for the scope nearest to an image is what `explain` says of the image."""
    explainer = Explainer(state.pulls)
    pulls = ScopePulls(state.pulls, Admission({}, {}))
    scopes = told_scopes(pulls)
    for name, kind in names:
        scope = nearest(scopes, name)
        if scope is not None and is_full_name(name):
            assert answered(pulls, scope, name, kind) == explained(explainer, name, kind), (scope, name)


def check_changes(old: NodeState, new: NodeState, names: Iterable[str]) -> None:
    """If something becomes of an image a scope around it says so, and what a scope says is right."""
    explainers = [Explainer(state.pulls, admission=state.admission) for state in (old, new)]
    sides = [ScopePulls(state.pulls, state.admission) for state in (old, new)]
    changes = {change.scope: change.effects for change in pull_changes(old, new).changes}

    def effects_of(scope: str, kind: Pulls) -> set[Effect]:
        effects = {effect.effect for effect in changes[scope] if effect.pulls in {kind, Pulls.ALL}}
        return {effect for effect in effects if not effect.startswith(("entry-", "inheritance-"))}

    for scope in changes.keys() - {EVERYTHING_ELSE}:
        for kind in (Pulls.DIGEST, Pulls.TAG):
            before, after = (side.pull(scope, kind) for side in sides)
            assert (before is None) is (after is None)
            if found := effects_of(scope, kind):
                assert before is not None
                assert after is not None
                assert before._replace(entry=None) != after._replace(entry=None)
                assert (Effect.NEWLY_BLOCKED in found) is (before.works and not after.works)
                assert (Effect.NO_LONGER_BLOCKED in found) is (after.works and not before.works)
    for name in filter(is_full_name, names):
        for kind in (Pulls.DIGEST, Pulls.TAG):
            was, is_ = (explained(explainer, name, kind)._replace(dead=()) for explainer in explainers)
            worked, works = (bool(each.tried) and not each.refused for each in (was, is_))
            if was == is_ or not (works or worked) or without_port(name, sides):
                continue
            around = (scope for scope in changes if contains(scope, name) or is_nested(name, scope))
            found = {effect for scope in around for effect in effects_of(scope, kind)}
            found |= effects_of(EVERYTHING_ELSE, kind) if EVERYTHING_ELSE in changes else set()
            assert found
            if worked and not works:
                assert found & {Effect.NEWLY_BLOCKED, Effect.SOME_PULLS_FAIL}
            if works and not worked:
                assert found & {Effect.NO_LONGER_BLOCKED, Effect.SOME_PULLS_WORK_AGAIN}


def without_port(name: str, sides: Iterable[ScopePulls]) -> bool:
    """Whether an entry for a host is used for a name with a port: pulls of the scope do not include that one."""
    host, colon, _ = name.partition("/")[0].partition(":")
    return colon != "" and any(matched_length(host, scope) >= 0 for side in sides for scope in side.entries)


def is_full_name(name: str) -> bool:
    try:
        return parse_normalized(name).name == name and len(name) < NAME_LENGTH
    except InvalidReferenceError:
        return False


def recorded_pulls() -> Iterator[tuple[NodeState, list[tuple[str, Pulls]]]]:
    """The configurations of `fixtures/pulls`, each with what is pulled."""
    path = UPSTREAM.parent / "pulls" / "two-models.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            entries = tuple(
                RegistryEntry(**{**entry, "mirrors": tuple(Endpoint(**mirror) for mirror in entry.get("mirrors", ()))})
                for entry in case["entries"]
            )
            conf = RegistriesConf(entries=entries)
            yield (
                NodeState(files=NodeFiles(registries=conf), pulls=conf),
                [(name, Pulls(k)) for name, k, _ in case["pulls"]],
            )


def test_the_pulls_of_the_two_models_are_answered_as_explained() -> None:
    states = list(recorded_pulls())
    assert sum(len(names) for _, names in states) == 100_000
    for state, names in states:
        check_answers(state, names)


REPEATING = "a.b.io.b.io"
HOSTS = st.sampled_from(
    ["a.io", "b.io", "x.b.io", REPEATING, "*.io", "*.b.io", "*.x.b.io", "docker.io", "registry", "a.io:5000"]
)
PATHS = st.sampled_from(["", "", "/ns", "/ns/app", "/x", "/x/ns", "/library"])
SCOPES = st.builds(lambda host, path: host if host.startswith("*") else host + path, HOSTS, PATHS)
MIRRORS = st.builds(
    lambda host, path, end, insecure, form: Endpoint(f"{host}{path}{end}", insecure, form),
    HOSTS.filter(lambda host: host[0] != "*"),
    PATHS,
    st.sampled_from(["", "", "/"]),
    st.booleans(),
    st.sampled_from([DIGEST_ONLY, DIGEST_ONLY, TAG_ONLY]),
)
ENTRIES = st.builds(
    lambda scope, blocked, insecure, mirrors: RegistryEntry(
        prefix=scope if scope.startswith("*") else "",
        location="" if scope.startswith("*") else scope,
        blocked=blocked,
        insecure=insecure,
        mirrors=tuple(mirrors),
    ),
    SCOPES,
    st.booleans(),
    st.booleans(),
    st.lists(MIRRORS, max_size=2),
)
LISTS = st.lists(SCOPES, max_size=2).map(dict.fromkeys)
ADMISSIONS = st.one_of(
    st.just(Admission({}, {})),
    LISTS.map(lambda scopes: Admission(scopes, {})),
    LISTS.map(lambda scopes: Admission({}, scopes)),
)


def node_state(entries: list[RegistryEntry], admission: Admission) -> NodeState:
    conf = RegistriesConf(entries=tuple(entries))
    return NodeState(files=NodeFiles(registries=conf), admission=admission, pulls=conf)


STATES = st.builds(node_state, st.lists(ENTRIES, max_size=5, unique_by=lambda entry: entry.scope), ADMISSIONS)
IMAGES = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["a.io", "b.io", "x.b.io", "y.x.b.io", REPEATING, "docker.io", "a.io:5000", "c.example"]),
        PATHS,
        st.sampled_from(["", "/q", "/q/r"]),
    ),
    min_size=1,
    max_size=6,
)


@given(STATES, STATES, IMAGES)
def test_what_diff_says_of_pulls_is_what_explain_says_of_both_sides(
    old: NodeState, new: NodeState, names: list[str]
) -> None:
    for state in (old, new):
        check_answers(state, [(name, kind) for name in names for kind in (Pulls.DIGEST, Pulls.TAG)])
    check_changes(old, new, [name for name in names if not name.startswith(REPEATING)])
    # A wildcard of policy.json matches this host, one of registries.conf does not: no image stands in for it.
    before, after = (replace(state, admission=Admission({}, {})) for state in (old, new))
    check_changes(before, after, names)
