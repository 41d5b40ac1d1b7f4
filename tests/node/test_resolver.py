"""Where pulls go: the recordings of containers/image, the tables against a scan, and each quirk by name."""

import time
import tomllib
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compiler.names.reference import InvalidReferenceError, parse_named, parse_normalized
from compiler.names.scope import matched_length
from compiler.node.loading import InvalidRegistriesError
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.node.pull import AttemptVerdict, Outcome, Pull, RewriteError
from compiler.node.resolver import Resolver
from tests.conformance import Json, objects, recordings, text, texts

DIGEST = "@sha256:" + "ab" * 32


def flag(holder: dict[str, Json], key: str) -> bool:
    return holder.get(key) is True


def read_conf(written: str) -> RegistriesConf:
    """The registries model of a registries.conf text."""
    document: dict[str, Json] = tomllib.loads(written)
    return RegistriesConf(
        search=tuple(texts(document, "unqualified-search-registries")),
        entries=tuple(
            RegistryEntry(
                prefix=text(entry, "prefix"),
                location=text(entry, "location"),
                blocked=flag(entry, "blocked"),
                insecure=flag(entry, "insecure"),
                mirrors=tuple(
                    Endpoint(
                        location=text(mirror, "location"),
                        insecure=flag(mirror, "insecure"),
                        pull_from_mirror=text(mirror, "pull-from-mirror"),
                    )
                    for mirror in objects(entry, "mirror")
                ),
            )
            for entry in objects(document, "registry")
        ),
    )


def described(pull: Pull, resolver: Resolver) -> dict[str, Json]:
    """A pull as the recordings describe one."""
    entry = pull.entry
    sources: list[Json] = []
    for attempt in pull.attempts:
        physical = resolver.find_entry(parse_named(attempt.reference).name)
        if attempt.blocked_by is not None:
            assert physical is attempt.blocked_by
        sources.append(
            {
                "effective_blocked": attempt.verdict is AttemptVerdict.BLOCKED,
                "effective_registry": physical.scope if physical else None,
                "endpoint": attempt.endpoint.location,
                "insecure": attempt.insecure,
                "pull_from_mirror": attempt.pull_from_mirror,
                "reference": attempt.reference,
            }
        )
    return {
        "ref": pull.pull_spec,
        "normalized": str(pull.normalized) if pull.normalized else None,
        "error": pull.error or None,
        "registry": {
            "blocked": entry.blocked,
            "insecure": entry.insecure,
            "location": entry.location,
            "mirrors": len(entry.mirrors),
            "prefix": entry.scope,
        }
        if entry
        else None,
        "blocked": entry is not None and entry.blocked,
        "location": entry.location if entry else None,
        "prefix": entry.scope if entry else None,
        "sources": sources,
    }


@pytest.mark.parametrize("recording", list(recordings("resolve")), ids=lambda recording: text(recording, "id"))
def test_every_recorded_pull_is_resolved_alike(recording: dict[str, Json]) -> None:
    resolver = Resolver(read_conf(text(recording, "registries_conf")))
    expected = recording["expected"]
    assert isinstance(expected, dict)
    assert expected["error"] is None
    results = objects(expected, "results")
    assert [described(resolver.resolve(text(result, "ref")), resolver) for result in results] == results
    for result in results:
        pull = resolver.resolve(text(result, "ref"))
        if pull.entry:
            kept = [] if pull.error else [attempt.endpoint for attempt in pull.attempts[:-1]]
            left = [attempt.endpoint for attempt in pull.skipped]
            assert pull.error or sorted(kept + left, key=repr) == sorted(pull.entry.mirrors, key=repr)


def conf(*entries: RegistryEntry, search: tuple[str, ...] = ()) -> RegistriesConf:
    return RegistriesConf(entries=entries, search=search)


def entry(
    scope: str, *mirrors: str | Endpoint, blocked: bool = False, insecure: bool = False, location: str = ""
) -> RegistryEntry:
    wildcard = scope.startswith("*.")
    return RegistryEntry(
        prefix=scope if wildcard or location else "",
        location=location or ("" if wildcard else scope),
        blocked=blocked,
        insecure=insecure,
        mirrors=tuple(m if isinstance(m, Endpoint) else Endpoint(location=m) for m in mirrors),
    )


def tried(pull: Pull) -> list[str]:
    assert pull.error == ""
    return [attempt.reference for attempt in pull.attempts if attempt.verdict is AttemptVerdict.TRIED]


LABELS = st.sampled_from(["a", "b", "a.b", "b.a", "a.b.a.b", "a-b", "x.a.b", "localhost", "A.b", "a.", ".a"])
PORTS = st.sampled_from(["", "", ":80", ":5000", ":8.a"])
PATHS = st.sampled_from(["", "", "/a", "/a/b", "/a/b/a", "/b", "/a.b", "/", "/A"])
ENDS = st.sampled_from(["", ":v1", DIGEST, ":a.b", ":v1" + DIGEST])
SCOPES = st.one_of(
    st.tuples(LABELS, PORTS, PATHS).map("".join),
    st.tuples(LABELS, PORTS, PATHS, ENDS).map("".join),
    LABELS.map("*.{}".format),
    st.just("*."),
)
NAMES = st.one_of(st.tuples(LABELS, PORTS, PATHS, ENDS).map("".join), st.text("ab./:@*", max_size=12))


def scan(entries: list[RegistryEntry], name: str) -> RegistryEntry | None:
    """`FindRegistry` as it is written: over all entries in the order of their prefixes."""
    best: RegistryEntry | None = None
    for candidate in sorted(entries, key=lambda item: item.scope.encode()):
        if matched_length(name, candidate.scope) >= 0 and len(candidate.scope) > len(best.scope if best else ""):
            best = candidate
    return best


@given(st.lists(SCOPES, max_size=8, unique=True), st.lists(NAMES, min_size=1, max_size=4))
@example(["*.a.b", "b.a.b"], ["b.a.b/c"])
@example(["*.a", "*.b", "a"], ["a.a:.b", "x.b:5000/a", "a:a/b"])
@example(["*.a.b", "*.b"], ["x.a.b.a.b/c"])
@example(["a/b:v1", "a/b", "a"], ["a/b:v1", "a/b:v1@x", "a/b", "a:b/c"])
def test_the_tables_find_what_a_scan_finds(scopes: list[str], names: list[str]) -> None:
    entries = [entry(scope) for scope in scopes]
    try:
        resolver = Resolver(conf(*entries))
    except InvalidRegistriesError:
        return
    loaded = [replace(item, prefix=item.prefix.rstrip("/"), location=item.location.rstrip("/")) for item in entries]
    for name in names:
        assert resolver.find_entry(name) == scan(loaded, name)


LOCATIONS = st.sampled_from(
    [
        *("m.local", "m.local:5000/a", "docker.io", "docker.io/a", "index.docker.io/a", "host", "host/a"),
        *("m.local/A", "m.local/a//b", "m.local/" + "a" * 243, "*.a", "localhost", "a.b/a", "a_b.c"),
        *("m.local/a:v1", "é.io"),
    ]
)


@given(
    st.lists(st.tuples(SCOPES, st.lists(LOCATIONS, max_size=3), st.booleans()), max_size=6),
    st.tuples(LABELS, PORTS, PATHS, ENDS).map("".join),
)
@example([("a.b", ["m.local"], True), ("m.local", [], True)], "a.b/a" + DIGEST)
@example([("*.b", ["index.docker.io/a"], False)], "a.b/a")
@example([("a.b", ["docker.io"], False)], "a.b/a/b")
@example([("localhost", ["m.local"], False)], "localhost:80/a")
@example([("a.b", ["m.local/" + "a" * 243], False)], "a.b/a/b/a")
@example([("a.b/a", ["m.local:5000/a", "host.a/b"], False)], "a.b/a:v1")
@example([("a.b/a", ["m.local"], False)], "a.b/a" + DIGEST)
@example([("a.b/a", ["docker.io/a"], False)], "a.b/a:v1")
@example([("a.b", ["m.local/a"], False), ("m.local/a/b", [], True)], "a.b/b")
@example([("a.b", ["m.local/a"], False), ("m.local/a", [], True)], "a.b/b")
@example([("a.b", ["m.local/a/b"], False), ("m.local/a", [], True), ("m.local/a/b/b", [], False)], "a.b/b:v1")
@example([("a.b", ["m.local"], False), ("m.local:80/a", [], True)], "a.b:80/a")
@example([("a.b/a", ["m.local:5000/a"], False), ("m.local", [], True)], "a.b/a:v1")
@example([("a.b/a", ["m.local:5000/a"], False), ("*.local", [], True)], "a.b/a:v1")
def test_a_rewrite_without_parsing_is_the_rewrite_with_it(
    scopes: list[tuple[str, list[str], bool]], pull_spec: str
) -> None:
    entries = [entry(scope, *mirrors, blocked=blocked) for scope, mirrors, blocked in scopes]
    try:
        resolver = Resolver(conf(*entries))
        reference = parse_normalized(pull_spec)
    except (InvalidRegistriesError, InvalidReferenceError):
        return
    pull = resolver.resolve(pull_spec)
    if pull.entry is None:
        assert resolver.pull_sources(reference) is None
        return
    whole = str(reference)
    rest = whole[matched_length(whole, pull.entry.scope) :]
    attempts: list[tuple[str, bool]] = []
    expected_error = ""
    try:
        for location in (*(mirror.location for mirror in pull.entry.mirrors), pull.entry.location):
            physical = parse_named(location + rest) if location else reference
            found = resolver.find_entry(physical.name)
            attempts.append((str(physical), found is not None and found.blocked))
    except InvalidReferenceError as error:
        expected_error = f"rewriting reference: {error}"
    assert pull.error == expected_error
    if expected_error:
        with pytest.raises(RewriteError):
            resolver.pull_sources(reference)
        return
    assert [(item.reference, item.verdict is AttemptVerdict.BLOCKED) for item in pull.attempts] == attempts
    sources = resolver.pull_sources(reference)
    assert sources is not None
    assert [(item.reference, item.name) for item in sources] == [
        (attempt, parse_normalized(attempt).name) for attempt, _ in attempts
    ]


def test_the_longest_prefix_wins_and_only_its_entry_applies() -> None:
    resolver = Resolver(conf(entry("quay.io", "m.local"), entry("quay.io/ns/app"), entry("quay.io/ns", "n.local")))
    assert tried(resolver.resolve("quay.io/ns/app:1")) == ["quay.io/ns/app:1"]
    assert tried(resolver.resolve("quay.io/ns/apps:1")) == ["n.local/apps:1", "quay.io/ns/apps:1"]
    assert tried(resolver.resolve("quay.io/nsx/app")) == ["m.local/nsx/app", "quay.io/nsx/app"]
    assert resolver.resolve("quay.io.evil/x").entry is None


def test_quirk_a_host_without_a_port_matches_the_host_with_any_port() -> None:
    pull = Resolver(conf(entry("quay.io", "m.local/x"))).resolve("quay.io:5000/ns/app")
    assert pull.entry == entry("quay.io", "m.local/x")
    assert pull.error == "rewriting reference: invalid reference format"
    assert pull.failure is not None
    assert pull.failure.endpoint == Endpoint(location="m.local/x")
    assert "`m.local/x` rewrites the pull spec to `m.local/x:5000/ns/app`" in pull.failure.explanation
    assert "`x:5000` contains a `:`" in pull.failure.explanation


def test_quirk_the_length_of_the_prefix_counts_not_what_it_covers() -> None:
    resolver = Resolver(conf(entry("*.example.com", blocked=True), entry("a.b.c.example.com")))
    pull = resolver.resolve("a.b.c.d.e.f.example.com/x")
    assert pull.entry is not None
    assert pull.entry.scope == "*.example.com"
    longer = Resolver(conf(entry("*.example.com"), entry("very.long.name.example.com/x"), entry("y.example.com")))
    assert [
        found.scope if (found := longer.find_entry(name)) else None
        for name in ("very.long.name.example.com/x", "very.long.name.example.com/y", "y.example.com/x")
    ] == ["very.long.name.example.com/x", "*.example.com", "*.example.com"]


def test_quirk_of_two_prefixes_of_one_length_the_first_in_byte_order_wins() -> None:
    plain, wildcard = entry("y.example.com"), entry("*.example.com")
    for entries in ((plain, wildcard), (wildcard, plain)):
        assert Resolver(conf(*entries)).find_entry("y.example.com/x") == wildcard


def test_quirk_only_the_first_place_where_the_text_of_a_wildcard_occurs_counts() -> None:
    resolver = Resolver(conf(entry("*.example.com", "m.local")))
    assert resolver.resolve("x.example.com.example.com/a").entry is None
    assert resolver.resolve("x.example.community.example.com/a").entry is None
    assert tried(resolver.resolve("x.y.example.com/a")) == ["m.local/a", "x.y.example.com/a"]
    assert resolver.resolve("example.com/a").entry is None
    assert resolver.resolve("quay.io/x.example.com/a").entry is None
    assert resolver.resolve("x.Example.com/a").entry is None


def test_a_wildcard_leaves_the_source_as_it_is() -> None:
    pull = Resolver(conf(entry("*.example.com", insecure=True))).resolve("x.example.com:5000/a")
    (attempt,) = pull.attempts
    assert (attempt.endpoint.location, attempt.reference) == ("", "x.example.com:5000/a")
    assert attempt.insecure
    assert attempt.is_source


def test_mirrors_for_the_other_kind_of_pull_are_skipped_with_the_reason() -> None:
    mirrors = [
        Endpoint(location="d.local", pull_from_mirror=DIGEST_ONLY, insecure=True),
        Endpoint(location="t.local", pull_from_mirror=TAG_ONLY),
        Endpoint(location="any.local"),
        Endpoint(location="all.local", pull_from_mirror="all"),
    ]
    resolver = Resolver(conf(entry("quay.io", *mirrors)))
    digest, tag, both, bare = (resolver.resolve(f"quay.io/a{end}") for end in (DIGEST, ":1", ":1" + DIGEST, ""))
    assert [attempt.endpoint.location for attempt in digest.attempts] == [
        "d.local",
        "any.local",
        "all.local",
        "quay.io",
    ]
    assert [attempt.reason for attempt in digest.attempts] == [
        "a mirror for pulls by digest",
        "a mirror",
        "a mirror",
        "the source itself",
    ]
    assert [attempt.insecure for attempt in digest.attempts] == [True, False, False, False]
    (skipped,) = digest.skipped
    assert skipped.verdict is AttemptVerdict.SKIPPED
    assert skipped.reference == "t.local/a" + DIGEST
    assert skipped.reason == "this mirror serves only pulls by tag"
    assert digest.by_digest
    assert both.by_digest
    assert not tag.by_digest
    assert [attempt.endpoint for attempt in both.attempts] == [attempt.endpoint for attempt in digest.attempts]
    assert tag.attempts[0].reason == "a mirror for pulls by tag"
    assert [attempt.reason for attempt in tag.skipped] == ["this mirror serves only pulls by digest"]
    assert [attempt.reference for attempt in bare.attempts] == ["t.local/a", "any.local/a", "all.local/a", "quay.io/a"]


def test_quirk_a_bare_name_stays_bare_and_uses_tag_mirrors() -> None:
    mirror = Endpoint(location="t.local", pull_from_mirror=TAG_ONLY)
    pull = Resolver(conf(entry("docker.io", mirror))).resolve("alpine")
    assert tried(pull) == ["t.local/library/alpine", "docker.io/library/alpine"]


def test_a_blocked_source_is_still_served_by_its_mirrors() -> None:
    blocked = entry("quay.io", "m.local", blocked=True)
    pull = Resolver(conf(blocked)).resolve("quay.io/a")
    assert [attempt.verdict for attempt in pull.attempts] == [AttemptVerdict.TRIED, AttemptVerdict.BLOCKED]
    assert pull.attempts[1].blocked_by == blocked
    assert pull.attempts[1].reason == "`quay.io` is blocked"
    assert pull.outcome is Outcome.MIRRORS_ONLY


def test_a_mirror_under_a_blocked_scope_cannot_serve() -> None:
    resolver = Resolver(conf(entry("quay.io", "m.local", "x.evil.test"), entry("*.evil.test", blocked=True)))
    pull = resolver.resolve("quay.io/a")
    assert [attempt.verdict for attempt in pull.attempts] == [
        AttemptVerdict.TRIED,
        AttemptVerdict.BLOCKED,
        AttemptVerdict.TRIED,
    ]


def test_quirk_a_blocked_tag_blocks_nothing_because_names_are_looked_up_without_it() -> None:
    pull = Resolver(conf(entry("quay.io/a:1", blocked=True))).resolve("quay.io/a:1")
    assert pull.entry is None
    assert pull.outcome is Outcome.SOURCE_ONLY


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        ([entry("quay.io", "m.local", blocked=True)], Outcome.MIRRORS_ONLY),
        ([entry("quay.io", "m.local")], Outcome.FALLS_BACK),
        ([entry("quay.io")], Outcome.SOURCE_ONLY),
        ([], Outcome.SOURCE_ONLY),
        ([entry("quay.io", "quay.io")], Outcome.SOURCE_ONLY),
        ([entry("quay.io", "quay.io", "m.local")], Outcome.FALLS_BACK),
        ([entry("quay.io", "m.local"), entry("m.local", blocked=True)], Outcome.SOURCE_ONLY),
        ([entry("quay.io", "m.local", blocked=True), entry("m.local", blocked=True)], Outcome.UNAVAILABLE),
        ([entry("quay.io", "quay.io", blocked=True)], Outcome.UNAVAILABLE),
        ([entry("quay.io", "host")], Outcome.UNAVAILABLE),
    ],
)
def test_the_attempts_add_up_to_an_outcome(entries: list[RegistryEntry], outcome: Outcome) -> None:
    assert Resolver(conf(*entries)).resolve("quay.io/a").outcome is outcome
    assert outcome.summary


def test_quirk_one_mirror_that_yields_no_reference_fails_the_whole_pull() -> None:
    pull = Resolver(conf(entry("quay.io", "m.local", "host/ns"))).resolve("quay.io/a")
    assert pull.attempts == ()
    assert pull.error == "rewriting reference: repository name must be canonical"
    assert pull.failure is not None
    assert pull.failure.explanation.endswith("`host/ns/a` is short for `docker.io/host/ns/a`")


def test_quirk_a_skipped_mirror_that_yields_no_reference_fails_nothing() -> None:
    bad = Endpoint(location="host", pull_from_mirror=TAG_ONLY)
    resolver = Resolver(conf(entry("quay.io", bad)))
    assert resolver.resolve("quay.io/a" + DIGEST).error == ""
    assert resolver.resolve("quay.io/a:1").error == "rewriting reference: repository name must be canonical"


def test_a_pull_spec_that_is_no_reference_is_an_error_with_an_explanation() -> None:
    pull = Resolver(conf()).resolve("quay.io/Foo")
    assert pull.error == "invalid reference format: repository name must be lowercase"
    assert pull.failure is not None
    assert pull.failure.explanation == "upper-case letters in the repository name `Foo`"
    assert pull.failure.endpoint is None
    assert pull.normalized is None
    assert pull.skipped == ()
    assert not pull.by_digest
    assert pull.outcome is Outcome.UNAVAILABLE


def test_without_an_entry_the_reference_itself_is_asked_for() -> None:
    (attempt,) = Resolver(conf()).resolve("quay.io/a:1").attempts
    assert attempt.endpoint == Endpoint(location="quay.io/a:1")
    assert attempt.origins == ()


def test_a_short_name_has_one_candidate_per_search_registry() -> None:
    mirror = Endpoint(location="m.local")
    resolver = Resolver(conf(entry("quay.io", mirror), search=("quay.io/", "docker.io")))
    assert [tried(pull) for pull in resolver.resolve_short_name("app:1")] == [
        ["m.local/app:1", "quay.io/app:1"],
        ["docker.io/library/app:1"],
    ]
    assert [str(pull.normalized) for pull in resolver.resolve_short_name("ns/app")] == [
        "quay.io/ns/app",
        "docker.io/ns/app",
    ]
    assert resolver.resolve_short_name("quay.io/app") == (resolver.resolve("quay.io/app"),)
    (wrong,) = resolver.resolve_short_name("App")
    assert wrong.error == "invalid reference format: repository name must be lowercase"
    (plain,) = Resolver(conf()).resolve_short_name("app")
    assert str(plain.normalized) == "docker.io/library/app"


def test_a_reference_looked_up_as_given_is_not_normalized_and_nothing_is_blocked() -> None:
    digest_only = Endpoint(location="m.local", pull_from_mirror=DIGEST_ONLY)
    resolver = Resolver(conf(entry("quay.io/ocp", digest_only, blocked=True)))
    sources = resolver.pull_sources(parse_named("quay.io/ocp/release" + DIGEST))
    assert sources is not None
    assert [source.name for source in sources] == ["m.local/release", "quay.io/ocp/release"]
    bare = resolver.pull_sources(parse_named("quay.io/ocp/release"))
    assert bare is not None
    assert [source.reference for source in bare] == ["quay.io/ocp/release"]
    assert resolver.pull_sources(parse_named("quay.io/other")) is None


def test_up_to_4_19_a_mirror_keeps_its_trailing_slash() -> None:
    slashed = conf(entry("quay.io/", "m.local/x/"))
    assert tried(Resolver(slashed).resolve("quay.io/a")) == ["m.local/x/a", "quay.io/a"]
    old = Resolver(slashed, trim_mirrors=False)
    assert old.resolve("quay.io/a").error == "rewriting reference: invalid reference format"
    with pytest.raises(RewriteError, match=r"^rewriting reference: invalid reference format$"):
        old.pull_sources(parse_named("quay.io/a"))


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([entry("http://x.test")], "invalid location 'http://x.test': URI schemes are not supported"),
        ([entry("https://x.test/")], "invalid location 'https://x.test/': URI schemes are not supported"),
        (
            [RegistryEntry(prefix="http://x.test", location="x.test")],
            "invalid location 'http://x.test': URI schemes are not supported",
        ),
        ([entry("x.test", "http://m")], "invalid location 'http://m': URI schemes are not supported"),
        ([RegistryEntry()], "invalid condition: both location and prefix are unset"),
        ([entry("///")], "invalid condition: both location and prefix are unset"),
        (
            [RegistryEntry(prefix="x.test")],
            "invalid condition: location is unset and prefix is not in the format: *.example.com",
        ),
        ([entry("x.test", "/")], "invalid condition: mirror location is unset"),
        (
            [entry("x.test", Endpoint(location="m.local/", pull_from_mirror="tag"))],
            'unsupported pull-from-mirror value "tag" for mirror "m.local"',
        ),
        (
            [entry("x.test"), entry("y.test", location="x.test", insecure=True)],
            "registry 'x.test' is defined multiple times with conflicting 'insecure' setting",
        ),
        (
            [entry("x.test/"), entry("y.test"), entry("x.test", blocked=True)],
            "registry 'x.test' is defined multiple times with conflicting 'blocked' setting",
        ),
        (
            [entry("*.x.test"), entry("*.x.test", blocked=True)],
            "registry '' is defined multiple times with conflicting 'blocked' setting",
        ),
        (
            [entry("*.y/a"), entry("*.x:5000")],
            'Wildcarded prefix should be in the format: *.example.com. Current prefix "*.x:5000" is incorrectly '
            "formatted",
        ),
    ],
)
def test_a_configuration_no_node_loads_is_refused_in_the_words_of_upstream(
    entries: list[RegistryEntry], message: str
) -> None:
    with pytest.raises(InvalidRegistriesError) as caught:
        Resolver(conf(*entries))
    assert str(caught.value) == message
    assert caught.value.entry in [*entries, replace(entries[0], location=entries[0].location.rstrip("/"))]


@pytest.mark.parametrize("registry", ["", "quay.io/ns", "*.quay.io", "quay_io", "é"])
def test_a_search_list_holds_hosts_only(registry: str) -> None:
    with pytest.raises(InvalidRegistriesError) as caught:
        Resolver(conf(search=("docker.io", registry)))
    assert str(caught.value) == f'Invalid unqualified-search-registries entry "{registry}"'
    assert caught.value.entry is None


def test_quirk_a_scheme_without_anything_behind_it_is_a_location_like_any() -> None:
    assert Resolver(conf(entry("http://"))).find_entry("http:") is not None


def test_quirk_of_two_entries_with_one_prefix_the_first_counts() -> None:
    resolver = Resolver(conf(entry("x.test/", "m.local"), entry("x.test", "n.local")))
    assert tried(resolver.resolve("x.test/a")) == ["m.local/a", "x.test/a"]


def test_quirk_a_prefix_of_slashes_matches_nothing() -> None:
    resolver = Resolver(conf(RegistryEntry(prefix="//", location="x.test", blocked=True)))
    assert resolver.find_entry("x.test/a") is None


def test_a_pull_says_where_its_entry_stands_not_a_copy_of_it() -> None:
    written = entry("quay.io", "m.local")
    assert Resolver(conf(written)).resolve("quay.io/a").entry is written


def test_ten_thousand_pulls_against_ten_thousand_entries_take_no_scan() -> None:
    entries = [entry(f"r{number % 100}.test/ns{number}", f"m.local/{number}") for number in range(9_000)]
    entries += [entry(f"*.w{number}.test", "m.local", blocked=True) for number in range(1_000)]
    resolver = Resolver(conf(*entries))
    started = time.perf_counter()
    for number in range(10_000):
        assert len(resolver.resolve(f"r{number % 100}.test/ns{number}/app{DIGEST}").attempts) > 0
    # A scan of this size takes minutes; a look-up some 0.15 s.
    assert time.perf_counter() - started < 60  # a hang, not a measurement


@pytest.mark.parametrize(
    "hostile",
    ["a" * 1_000_000, "a." * 500_000, "a/" * 500_000, ":" * 1_000_000, "\x00" * 1_000_000, "a.b" + "/b" * 500_000],
    ids=range(6),
)
def test_hostile_texts_are_looked_up_and_refused_at_once(hostile: str) -> None:
    resolver = Resolver(conf(entry("a"), entry("a.b", "m.local"), entry("*.a"), entry("quay.io/" + "a" * 300, hostile)))
    started = time.perf_counter()
    assert resolver.resolve(hostile).error
    resolver.find_entry(hostile)
    assert resolver.resolve("quay.io/a").error == ""
    assert time.perf_counter() - started < 60  # a hang, not a measurement
