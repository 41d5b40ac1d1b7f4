"""The registries model: an independent statement of the controller's steps, and its quirks one by one."""

from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from compiler.manifests.kinds import MirrorRule
from compiler.manifests.parsing import parse
from compiler.names.releases import RELEASES
from compiler.names.scope import is_nested
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistryEntry
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.entries import build
from compiler.policy.precedence import Precedence, merge
from compiler.policy.settings import Settings
from compiler.text.span import File, Located, Span
from tests.manifest_texts import image_config, mirror_set
from tests.policy.test_precedence import rule

# --- The steps, said once more -------------------------------------------------


class Stated:
    """An entry while the steps go over it."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.blocked = False
        self.insecure = False
        self.mirrors: list[list[str | bool]] = []


def stated(
    digest: Sequence[Precedence], tag: Sequence[Precedence], blocked: Sequence[str], insecure: Sequence[str]
) -> list[Stated] | None:
    """The entries as the description makes them, pair by pair; None where the controller fails."""
    entries: list[Stated] = []

    def get(scope: str) -> Stated:
        for entry in entries:
            if entry.scope == scope:
                return entry
        entries.append(Stated(scope))
        return entries[-1]

    sources = [(each, DIGEST_ONLY) for each in digest] + [(each, TAG_ONLY) for each in tag]
    for merged, pull_from_mirror in sources:
        entry = get(merged.source)
        entry.blocked = entry.blocked or merged.blocked_by is not None
        entry.mirrors += [[mirror, False, pull_from_mirror] for mirror in merged.order]
    for scope in blocked:
        get(scope)
    for scope in insecure:
        get(scope).insecure = True
        for entry in entries:
            entry.insecure = entry.insecure or is_nested(entry.scope, scope)
            for mirror in entry.mirrors:
                mirror[1] = mirror[1] or is_nested(str(mirror[0]), scope)
    for scope in blocked:
        for entry in entries:
            entry.blocked = entry.blocked or is_nested(entry.scope, scope)
    for merged, _ in sources:
        source = get(merged.source)
        for entry in entries:
            if entry is not source and is_nested(entry.scope, source.scope) and not entry.mirrors:
                if source.scope.startswith("*."):
                    return None
                rest = entry.scope[len(source.scope) :]
                entry.mirrors = [[f"{mirror[0]}{rest}", *mirror[1:]] for mirror in source.mirrors]
    return entries


SCOPES = st.sampled_from(
    ["q.io", "q.io/a", "q.io/a/b", "q.io/a/b/c", "q.io:80", "x.q.io", "*.q.io", "*.io", "m.io", "m.io/a", "m.io/q", "z"]
)
LISTS = st.lists(SCOPES, max_size=4, unique=True)
RULES = st.lists(
    st.tuples(SCOPES, st.lists(SCOPES, min_size=1, max_size=3), st.booleans()).map(
        lambda each: rule(each[1], source=each[0], policy="NeverContactSource" if each[2] else "")
    ),
    max_size=5,
)


def located(scopes: Sequence[str]) -> list[Located[str]]:
    file = File("image.yaml", "\n".join(scopes))
    return [Located(scope, Span(file, 0, len(scope))) for scope in scopes]


@settings(max_examples=500)
@given(RULES, RULES, LISTS, LISTS)
@example([rule(["m.io"], source="q.io")], [], ["q.io/a/b", "q.io/a"], [])
def test_the_entries_are_what_the_steps_make(
    digest_rules: list[MirrorRule], tag_rules: list[MirrorRule], blocked: list[str], insecure: list[str]
) -> None:
    digest, tag = merge(digest_rules), merge(tag_rules)
    entries, findings = build(digest, tag, blocked=located(blocked), insecure=located(insecure))
    expected = stated(digest, tag, blocked, insecure)
    assert (expected is None) is bool(findings)
    if expected is not None:
        assert [
            (
                each.scope,
                each.blocked,
                each.insecure,
                [[m.location, m.insecure, m.pull_from_mirror] for m in each.mirrors],
            )
            for each in entries
        ] == [(each.scope, each.blocked, each.insecure, each.mirrors) for each in expected]


@given(RULES, LISTS)
def test_every_entry_says_where_it_comes_from(digest_rules: list[MirrorRule], blocked: list[str]) -> None:
    entries, _ = build(merge(digest_rules), (), blocked=located(blocked))
    assert all(entry.origins for entry in entries)


# --- Quirk by quirk ------------------------------------------------------------


def analysed(*texts: str) -> Analysis:
    parsed = [parse(File(f"{number}.yaml", text), RELEASES["5.0"]) for number, text in enumerate(texts)]
    analysis = analyse(parsed, Settings())
    assert analysis.ok, analysis.diagnostics
    return analysis


def entries(*texts: str) -> dict[str, RegistryEntry]:
    conf = analysed(*texts).conf
    assert conf is not None
    return {entry.scope: entry for entry in conf.entries}


def locations(entry: RegistryEntry) -> list[str]:
    return [mirror.location for mirror in entry.mirrors]


def test_of_two_sources_around_a_blocked_scope_the_outer_one_lends_its_mirrors() -> None:
    """Byte order decides, not closeness."""
    found = entries(
        mirror_set("a", {"quay.io": ["m.io/quay"], "quay.io/ns": ["m.io/ns"]}),
        image_config(blockedRegistries=["quay.io/ns/x"]),
    )
    assert locations(found["quay.io/ns/x"]) == ["m.io/quay/ns/x"]
    assert found["quay.io/ns/x"].blocked


def test_digest_sources_lend_before_tag_sources() -> None:
    found = entries(
        mirror_set("a", {"quay.io/ns": ["m.io/digest"]}),
        mirror_set("a", {"quay.io": ["m.io/tag"]}, kind="ImageTagMirrorSet"),
        image_config(blockedRegistries=["quay.io/ns/x"]),
    )
    assert locations(found["quay.io/ns/x"]) == ["m.io/digest/x"]


def test_what_is_lent_is_everything_the_source_s_entry_has() -> None:
    """Tag mirrors too, though the first source in order is that of the digests."""
    found = entries(
        mirror_set("a", {"quay.io": ["m.io/digest"]}),
        mirror_set("a", {"quay.io": ["m.io/tag"]}, kind="ImageTagMirrorSet"),
        image_config(insecureRegistries=["quay.io/ns"]),
    )
    lent = [(mirror.location, mirror.pull_from_mirror) for mirror in found["quay.io/ns"].mirrors]
    assert lent == [("m.io/digest/ns", DIGEST_ONLY), ("m.io/tag/ns", TAG_ONLY)]


def test_a_port_is_part_of_the_host() -> None:
    found = entries(
        mirror_set("a", {"quay.io": ["m.io:5000/quay", "m.io/quay"]}), image_config(insecureRegistries=["m.io"])
    )
    assert [mirror.insecure for mirror in found["quay.io"].mirrors] == [False, True]


def test_a_mirror_in_both_lists_stands_twice() -> None:
    found = entries(
        mirror_set("a", {"quay.io": ["m.io"]}), mirror_set("a", {"quay.io": ["m.io"]}, kind="ImageTagMirrorSet")
    )
    assert [(mirror.location, mirror.pull_from_mirror) for mirror in found["quay.io"].mirrors] == [
        ("m.io", DIGEST_ONLY),
        ("m.io", TAG_ONLY),
    ]


def test_entries_stand_in_the_order_of_the_steps() -> None:
    found = entries(
        mirror_set("a", {"z.io": ["m.io"], "b.io": ["m.io"]}),
        mirror_set("a", {"c.io": ["m.io"], "b.io": ["m.io"]}, kind="ImageTagMirrorSet"),
        image_config(blockedRegistries=["y.io", "a.io"], insecureRegistries=["x.io", "a.io", "b.io"]),
    )
    assert list(found) == ["b.io", "z.io", "c.io", "y.io", "a.io", "x.io"]


def test_an_empty_mirror_object_makes_a_file_without_entries() -> None:
    assert entries("apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {name: a}\nspec: {}\n") == {}


def test_nothing_or_an_emptied_list_makes_no_file() -> None:
    assert analysed().conf is None
    assert analysed(image_config(blockedRegistries=[])).conf is None
    assert analysed(image_config(allowedRegistries=["quay.io"])).conf is None
    header = "apiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\n"
    empty = header + "spec: {registrySources: {insecureRegistries: []}}\n"
    assert analysed(empty).conf is not None


def test_equal_models_are_equal_wherever_they_were_written() -> None:
    one = analysed(mirror_set("a", {"quay.io": ["m.io"]}))
    other = analysed("# moved\n" + mirror_set("b", {"quay.io": ["m.io"]}))
    assert one.conf == other.conf


def test_endpoints_are_equal_wherever_they_are_listed() -> None:
    here, there = (Endpoint(location="m.io", origins=(Span(File(path), 0, 1),)) for path in ("a.yaml", "b.yaml"))
    assert here == there
    assert not here != there  # noqa: SIM202 - that is the operator under test
    assert len({here, there}) == 1
    assert here != Endpoint(location="m.io", insecure=True)
    assert here != ("m.io", False, "", here.origins)
