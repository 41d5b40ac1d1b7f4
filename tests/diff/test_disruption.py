"""What a change costs a node: the recorded verdicts, each rule and quirk, and properties that hold for all."""

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compiler.diff.disruption import Cause, Disruption, DisruptionVerdict, NodeFiles, Reason
from compiler.diff.node_changes import judge
from compiler.node.files import POLICY_JSON, REGISTRIES_CONF, SEARCH_CONF
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.node.registries_conf import read_registries_conf
from compiler.text.span import File, Span
from tests.conformance import as_object, recordings, text

NONE, RELOAD, RESTART, DRAIN, REBOOT, UNKNOWN = Disruption


def digest(*locations: str) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(location=location, pull_from_mirror=DIGEST_ONLY) for location in locations)


def tag(*locations: str) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(location=location, pull_from_mirror=TAG_ONLY) for location in locations)


def entry(location: str, *mirrors: Endpoint, blocked: bool = False, insecure: bool = False) -> RegistryEntry:
    return RegistryEntry(location=location, mirrors=mirrors, blocked=blocked, insecure=insecure)


def node(*entries: RegistryEntry, search: Sequence[str] = (), **files: bytes) -> NodeFiles:
    paths = {"policy": POLICY_JSON, "search_conf": SEARCH_CONF}
    return NodeFiles(
        registries=RegistriesConf(search=tuple(search), entries=entries),
        files={paths[name]: content for name, content in files.items()},
    )


def causes(verdict: DisruptionVerdict) -> list[str]:
    return [reason.cause.value for reason in verdict.reasons]


def only(verdict: DisruptionVerdict) -> Reason:
    (reason,) = verdict.reasons
    return reason


def test_every_recorded_verdict_holds() -> None:
    wrong = []
    for line in recordings("drain"):
        sides = []
        for side in ("old", "new"):
            content = text(line, side)
            conf = read_registries_conf(content, path=side).conf
            sides.append(NodeFiles(registries=conf, files={REGISTRIES_CONF: content.encode()}))
        verdict = judge(sides[0], sides[1])
        changed = RELOAD if line["changed"] else NONE
        expected = DRAIN if as_object(line["expected"])["drain"] else changed
        if verdict.disruption is not expected:
            wrong.append((line["id"], verdict))
    assert wrong == []


def test_disruptions_are_ordered_by_what_they_cost_and_not_by_name() -> None:
    ordered = [NONE, RELOAD, DRAIN, REBOOT]
    assert sorted([REBOOT, NONE, DRAIN, RELOAD]) == ordered
    assert max(ordered) is REBOOT
    assert all(
        (a < b, a <= b, a > b, a >= b) == (i < j, i <= j, i > j, i >= j)
        for i, a in enumerate(ordered)
        for j, b in enumerate(ordered)
    )
    assert RELOAD < "drain"
    assert [str(each) for each in ordered] == ["none", "reload", "drain", "reboot"]


def test_every_cause_has_one_name_and_one_cost() -> None:
    assert all(cause.value == cause.name.lower().replace("_", "-") for cause in Cause)
    assert {cause.disruption for cause in Cause} == {RELOAD, DRAIN, REBOOT}


def test_nothing_changed_costs_nothing() -> None:
    files = node(entry("a.io", *digest("m.io")), search=["x.io"], policy=b"{}", search_conf=b"x")
    assert judge(files, files) == DisruptionVerdict()
    assert judge(files, files).disruption is NONE
    assert judge(NodeFiles(), NodeFiles()).disruption is NONE


SAFE: list[tuple[str, RegistryEntry, RegistryEntry, str]] = [
    ("a digest mirror is added", entry("a", *digest("m")), entry("a", *digest("n", "m")), "mirror-added"),
    ("mirrors are reordered", entry("a", *tag("m", "n")), entry("a", *tag("n", "m")), "mirrors-reordered"),
    (
        "a mirror becomes insecure",
        entry("a", *tag("m")),
        entry("a", Endpoint(location="m", insecure=True, pull_from_mirror=TAG_ONLY)),
        "mirror-insecure-changed",
    ),
    ("a mirror becomes digest-only", entry("a", *tag("m")), entry("a", *digest("m")), "mirror-use-changed"),
    (
        "a mirror listed for both stops serving tags",
        entry("a", *digest("m"), *tag("m")),
        entry("a", *digest("m")),
        "mirror-use-changed",
    ),
    (
        "a tag mirror serves digests too",
        entry("a", *tag("m")),
        entry("a", *digest("m"), *tag("m")),
        "mirror-use-changed",
    ),
]

UNSAFE: list[tuple[str, RegistryEntry, RegistryEntry, str]] = [
    ("a mirror is removed", entry("a", *digest("m", "n")), entry("a", *digest("m")), "mirror-removed"),
    ("a tag mirror is added", entry("a", *tag("m")), entry("a", *tag("m", "n")), "tag-mirror-added"),
    (
        "a mirror for every pull is added",
        entry("a", *digest("m")),
        entry("a", *digest("m"), Endpoint(location="n")),
        "tag-mirror-added",
    ),
    (
        "a digest mirror serves tags too",
        entry("a", *digest("m")),
        entry("a", *digest("m"), *tag("m")),
        "pull-from-mirror-changed",
    ),
    (
        "a digest mirror serves only tags",
        entry("a", *digest("m")),
        entry("a", *tag("m")),
        "pull-from-mirror-changed",
    ),
    (
        "all is spelt out",
        entry("a", Endpoint(location="m")),
        entry("a", Endpoint(location="m", pull_from_mirror="all")),
        "pull-from-mirror-changed",
    ),
    ("the entry is blocked", entry("a"), entry("a", blocked=True), "blocked-changed"),
    ("the entry is no longer blocked", entry("a", blocked=True), entry("a"), "blocked-changed"),
    ("the entry is insecure", entry("a"), entry("a", insecure=True), "insecure-changed"),
    (
        "the location below a prefix changes",
        RegistryEntry(prefix="a", location="b"),
        RegistryEntry(prefix="a", location="c"),
        "location-changed",
    ),
]


@pytest.mark.parametrize(("old", "new", "cause"), [case[1:] for case in SAFE], ids=[case[0] for case in SAFE])
def test_a_safe_change_of_an_entry_only_reloads(old: RegistryEntry, new: RegistryEntry, cause: str) -> None:
    verdict = judge(node(old), node(new))
    assert verdict.disruption is RELOAD
    assert causes(verdict) == [cause]
    assert only(verdict).scope == "a"
    assert only(verdict).remedy == ""


@pytest.mark.parametrize(("old", "new", "cause"), [case[1:] for case in UNSAFE], ids=[case[0] for case in UNSAFE])
def test_an_unsafe_change_of_an_entry_drains(old: RegistryEntry, new: RegistryEntry, cause: str) -> None:
    verdict = judge(node(old), node(new))
    assert verdict.disruption is DRAIN
    assert causes(verdict) == [cause]
    assert only(verdict).scope == "a"
    assert only(verdict).before != only(verdict).after


def test_a_prefix_that_takes_the_place_of_its_location_is_a_change_of_the_entry() -> None:
    verdict = judge(node(entry("a")), node(RegistryEntry(prefix="a", location="a")))
    assert causes(verdict) == ["prefix-changed"]
    assert only(verdict).message == "the prefix of `a` changes from nothing to `a`"


def test_removing_an_entry_drains() -> None:
    verdict = judge(node(entry("a", *digest("m")), entry("b")), node(entry("b")))
    assert (only(verdict).cause, only(verdict).scope, only(verdict).before) == (Cause.ENTRY_REMOVED, "a", ("m",))
    assert verdict.disruption is DRAIN


@pytest.mark.parametrize(
    ("added", "cause", "message"),
    [
        (entry("a", *digest("m")), Cause.ENTRY_ADDED, "with digest-only mirrors"),
        (entry("a", *digest("m"), blocked=True), Cause.ENTRY_ADDED, "with digest-only mirrors"),
        (entry("a", blocked=True), Cause.ENTRY_ADDED_WITHOUT_MIRRORS, "added, blocked and without mirrors"),
        (entry("a"), Cause.ENTRY_ADDED_WITHOUT_MIRRORS, "added, without mirrors"),
        (entry("a", *digest("m"), *tag("m", "n")), Cause.ENTRY_ADDED_WITH_TAG_MIRROR, "`m`, `n`"),
        (entry("a", Endpoint(location="m")), Cause.ENTRY_ADDED_WITH_TAG_MIRROR, "`m`"),
    ],
)
def test_an_added_entry_is_safe_only_with_mirrors_that_are_all_digest_only(
    added: RegistryEntry, cause: Cause, message: str
) -> None:
    verdict = judge(node(), node(added))
    assert only(verdict).cause is cause
    assert message in only(verdict).message
    assert verdict.disruption is (RELOAD if cause is Cause.ENTRY_ADDED else DRAIN)


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (["a"], ["a", "b"], Cause.SEARCH_LIST_EXTENDED),
        ([], ["a"], Cause.SEARCH_LIST_EXTENDED),
        (["a", "b"], ["a"], Cause.SEARCH_LIST_CHANGED),
        (["a", "b"], ["b", "a"], Cause.SEARCH_LIST_CHANGED),
        (["a"], ["b", "a"], Cause.SEARCH_LIST_CHANGED),
    ],
)
def test_the_old_search_list_must_begin_the_new_one(old: list[str], new: list[str], cause: Cause) -> None:
    reason = only(judge(node(search=old), node(search=new)))
    assert (reason.cause, reason.before, reason.after) == (cause, tuple(old), tuple(new))
    assert bool(reason.remedy) is (reason.disruption is DRAIN)


def test_reordered_entries_only_reload() -> None:
    verdict = judge(node(entry("a"), entry("b")), node(entry("b"), entry("a")))
    assert causes(verdict) == ["entries-reordered"]
    assert verdict.disruption is RELOAD


def test_quirk_a_mirror_listed_for_digests_and_tags_drains_on_any_other_change_of_its_entry() -> None:
    old = entry("a", *digest("m"), *tag("m"))
    verdict = judge(node(old), node(entry("a", *digest("m", "n"), *tag("m"))))
    assert causes(verdict) == ["mirror-listed-twice", "mirror-added"]
    assert verdict.disruption is DRAIN
    assert [reason.cause for reason in verdict.decisive] == [Cause.MIRROR_LISTED_TWICE]
    assert judge(node(old), node(old, entry("b", *digest("n")))).disruption is RELOAD


def test_quirk_of_a_mirror_listed_twice_the_first_hit_counts() -> None:
    old, new = entry("a", *tag("m"), *digest("m")), entry("a", *tag("m"), *digest("m", "n"))
    assert judge(node(old), node(new)).disruption is RELOAD
    reordered = entry("a", *digest("m"), *tag("m"))
    assert causes(judge(node(reordered), node(old))) == ["mirror-listed-twice", "mirrors-reordered"]


def test_quirk_of_an_entry_listed_twice_the_last_counts() -> None:
    old = node(entry("a", *digest("lost")), entry("a", *digest("m")))
    assert causes(judge(old, node(entry("a", *digest("m"))))) == ["registries-conf-rewritten"]
    assert causes(judge(old, node(entry("a", *digest("m")), entry("a")))) == ["mirror-removed"]


def test_quirk_a_file_written_differently_reloads_though_it_says_the_same() -> None:
    conf = RegistriesConf(entries=(entry("a"),))
    old = NodeFiles(registries=conf, files={REGISTRIES_CONF: b"one"})
    new = NodeFiles(registries=conf, files={REGISTRIES_CONF: b"other"})
    assert causes(judge(old, new)) == ["registries-conf-rewritten"]
    assert judge(old, new).disruption is RELOAD
    assert judge(old, old).disruption is NONE


def test_no_registries_conf_means_the_one_of_the_operating_system() -> None:
    base = ["registry.access.redhat.com", "docker.io"]
    assert causes(judge(NodeFiles(), node(search=base))) == ["registries-conf-rewritten"]
    assert causes(judge(node(search=base), NodeFiles())) == ["registries-conf-rewritten"]
    assert judge(NodeFiles(), node(entry("a", *digest("m")), search=base)).disruption is RELOAD
    assert causes(judge(node(entry("a", *digest("m")), search=base), NodeFiles())) == ["entry-removed"]


def test_every_reason_is_reported_and_not_only_the_first() -> None:
    old = node(entry("a", *digest("m", "n"), *tag("t")), entry("b"), search=["x"])
    new = node(entry("a", *digest("o"), *tag("t", "u"), blocked=True), entry("c"), search=["y"])
    assert causes(judge(old, new)) == [
        "search-list-changed",
        "entry-removed",
        "blocked-changed",
        "mirror-removed",
        "mirror-removed",
        "mirror-added",
        "tag-mirror-added",
        "entry-added-without-mirrors",
    ]


@pytest.mark.parametrize(
    ("path", "cause", "disruption"),
    [
        ("/etc/containers/policy.json", Cause.POLICY_CHANGED, RELOAD),
        ("/etc/containers/registries.d/sigstore-registries.yaml", Cause.SIGNATURES_CHANGED, RELOAD),
        ("/etc/containers/registries.d/below/x.yaml", Cause.SIGNATURES_CHANGED, RELOAD),
        ("/etc/crio/policies/ns.json", Cause.SIGNATURES_CHANGED, RELOAD),
        ("/etc/crio/policies.json", Cause.OTHER_FILE_CHANGED, REBOOT),
        (
            "/etc/containers/registries.conf.d/01-image-searchRegistries.conf",
            Cause.SEARCH_DROP_IN_CHANGED,
            REBOOT,
        ),
        ("/etc/containers/registries.conf.d/50-mine.conf", Cause.DROP_IN_CHANGED, REBOOT),
        ("/etc/motd", Cause.OTHER_FILE_CHANGED, REBOOT),
    ],
)
@pytest.mark.parametrize(
    ("before", "after", "verb"),
    [(None, b"x", "is added"), (b"x", None, "is removed"), (b"x", b"y", "changes")],
)
def test_what_a_file_costs(
    path: str, cause: Cause, disruption: Disruption, before: bytes | None, after: bytes | None, verb: str
) -> None:
    old = NodeFiles(files={} if before is None else {path: before})
    new = NodeFiles(files={} if after is None else {path: after})
    reason = only(judge(old, new))
    assert (reason.path, reason.cause, reason.disruption) == (path, cause, disruption)
    assert reason.message.startswith(f"{path} {verb}")
    assert (reason.before, reason.after) == tuple(c and c.decode() for c in (before, after))
    assert ("NodeDisruptionPolicy" in reason.remedy) is (disruption is REBOOT)


def test_the_highest_cost_is_the_verdict() -> None:
    old = node(entry("a", *digest("m")), policy=b"1", search_conf=b"1")
    safe, unsafe = entry("a", *digest("m", "n")), entry("a", *tag("m"))
    assert judge(old, node(safe, policy=b"2", search_conf=b"1")).disruption is RELOAD
    assert judge(old, node(unsafe, policy=b"2", search_conf=b"1")).disruption is DRAIN
    verdict = judge(old, node(unsafe, policy=b"2", search_conf=b"2"))
    assert verdict.disruption is REBOOT
    assert causes(verdict) == ["pull-from-mirror-changed", "policy-changed", "search-drop-in-changed"]
    assert [reason.cause for reason in verdict.decisive] == [Cause.SEARCH_DROP_IN_CHANGED]


def test_an_unknown_byte_in_a_file_is_no_obstacle() -> None:
    assert only(judge(NodeFiles(), NodeFiles(files={"/x": b"\xff"}))).after == "\ufffd"


def test_reasons_point_at_the_lines_that_cause_them() -> None:
    def side(name: str, content: str) -> NodeFiles:
        return NodeFiles(registries=read_registries_conf(content, path=name).conf)

    head = '[[registry]]\nlocation = "a.io"\n'
    mirror = '[[registry.mirror]]\nlocation = "{}"\npull-from-mirror = "{}"\n'
    old = side("old", head + mirror.format("m.io", "digest-only") + mirror.format("n.io", "digest-only"))
    new = side("new", head + mirror.format("t.io", "tag-only") + mirror.format("m.io", "tag-only"))
    places = {
        reason.cause.value: ([str(s) for s in reason.old_spans], [str(s) for s in reason.new_spans])
        for reason in judge(old, new).reasons
    }
    assert places == {
        "mirror-removed": (["old:7:12"], ["new:2:12"]),
        "tag-mirror-added": ([], ["new:4:12"]),
        "pull-from-mirror-changed": (["old:4:12"], ["new:7:12"]),
    }
    added = only(judge(node(), new))
    assert [str(span) for span in added.new_spans] == ["new:4:12", "new:7:12"]


def test_a_file_points_at_the_places_it_was_given() -> None:
    span = Span(File("image.yaml", "x"), 0, 1)
    files = {SEARCH_CONF: b"x"}
    reason = only(judge(NodeFiles(), NodeFiles(files=files, origins={SEARCH_CONF: (span,)})))
    assert (reason.old_spans, reason.new_spans) == ((), (span,))
    search = NodeFiles(registries=RegistriesConf(search=("a",)), origins={REGISTRIES_CONF: (span,)})
    assert only(judge(search, node())).old_spans == (span,)


locations = st.sampled_from(["m", "n", "o"])
pulls = st.sampled_from([DIGEST_ONLY, TAG_ONLY, ""])
mirrors = st.builds(Endpoint, location=locations, insecure=st.booleans(), pull_from_mirror=pulls)
entries = st.builds(
    RegistryEntry,
    location=st.sampled_from(["a", "b", "c"]),
    blocked=st.booleans(),
    insecure=st.booleans(),
    mirrors=st.lists(mirrors, max_size=4).map(tuple),
)
confs = st.builds(
    RegistriesConf,
    search=st.lists(st.sampled_from(["x", "y"]), max_size=2).map(tuple),
    entries=st.lists(entries, max_size=4).map(tuple),
)


def is_safe(old: RegistriesConf, new: RegistriesConf) -> bool:
    """The rule itself, said in one breath and without any reason: what the verdict is held against."""

    def found(mirror: Endpoint, among: Sequence[Endpoint]) -> Endpoint | None:
        return next((each for each in among if each.location == mirror.location), None)

    def digest_only(mirror: Endpoint) -> bool:
        return mirror.pull_from_mirror == DIGEST_ONLY

    def safe_mirror(mirror: Endpoint, among: Sequence[Endpoint]) -> bool:
        before = found(mirror, among)
        same = before is not None and before.pull_from_mirror == mirror.pull_from_mirror
        return same or digest_only(mirror)

    def safe_entry(before: RegistryEntry | None, after: RegistryEntry) -> bool:
        if before is None:
            return bool(after.mirrors) and all(map(digest_only, after.mirrors))

        def shape(e: RegistryEntry) -> object:
            return e.prefix, e.location, e.blocked, e.insecure

        return before == after or (
            shape(before) == shape(after)
            and all(found(mirror, after.mirrors) for mirror in before.mirrors)
            and all(safe_mirror(mirror, before.mirrors) for mirror in after.mirrors)
        )

    old_entries = {each.scope: each for each in old.entries}
    new_entries = {each.scope: each for each in new.entries}
    return (
        new.search[: len(old.search)] == old.search
        and old_entries.keys() <= new_entries.keys()
        and all(safe_entry(old_entries.get(scope), each) for scope, each in new_entries.items())
    )


@given(confs, confs)
def test_the_reasons_add_up_to_the_rule(old: RegistriesConf, new: RegistriesConf) -> None:
    verdict = judge(NodeFiles(registries=old), NodeFiles(registries=new))
    if old == new:
        assert verdict.disruption is NONE
    else:
        assert verdict.disruption is (RELOAD if is_safe(old, new) else DRAIN)


@given(entries, st.data())
def test_reordering_mirrors_is_never_a_drain(old: RegistryEntry, data: st.DataObject) -> None:
    assume(len({mirror.location for mirror in old.mirrors}) == len(old.mirrors))
    shuffled = tuple(data.draw(st.permutations(old.mirrors)))
    new = RegistryEntry(location=old.location, blocked=old.blocked, insecure=old.insecure, mirrors=shuffled)
    verdict = judge(node(old), node(new))
    assert verdict.disruption is (NONE if old == new else RELOAD)
    assert {reason.cause for reason in verdict.reasons} <= {Cause.MIRRORS_REORDERED}


@given(confs)
def test_an_added_digest_only_mirror_is_never_a_reason_to_drain(conf: RegistriesConf) -> None:
    new = RegistriesConf(
        search=conf.search,
        entries=tuple(
            RegistryEntry(
                location=each.location,
                blocked=each.blocked,
                insecure=each.insecure,
                mirrors=(*digest("new"), *each.mirrors),
            )
            for each in conf.entries
        ),
    )
    verdict = judge(NodeFiles(registries=conf), NodeFiles(registries=new))
    assert {reason.cause for reason in verdict.reasons} <= {Cause.MIRROR_ADDED, Cause.MIRROR_LISTED_TWICE}


@given(confs, confs)
def test_keeping_a_removed_mirror_last_is_a_remedy(old: RegistriesConf, new: RegistriesConf) -> None:
    before = {each.scope: each for each in old.entries}
    kept = []
    for each in new.entries:
        there = {mirror.location for mirror in each.mirrors}
        lost = [m for m in (before[each.scope].mirrors if each.scope in before else ()) if m.location not in there]
        kept.append(
            RegistryEntry(
                location=each.location,
                blocked=each.blocked,
                insecure=each.insecure,
                mirrors=(*each.mirrors, *lost),
            )
        )
    verdict = judge(
        NodeFiles(registries=old), NodeFiles(registries=RegistriesConf(search=new.search, entries=tuple(kept)))
    )
    assert Cause.MIRROR_REMOVED not in {reason.cause for reason in verdict.reasons}
