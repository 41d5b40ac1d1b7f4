"""The checks across manifests: what each finds, and what it must not cry about."""

from collections.abc import Iterable, Sequence
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.checks import CHECKS, check
from compiler.checks.inspection import view
from compiler.checks.wellknown import OFFICIAL_IMAGES, is_slip, nearest_host, nearest_namespace
from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.findings.rules import RULES
from compiler.manifests.load import load, load_bytes
from compiler.node.pull import AttemptVerdict
from compiler.node.resolver import Resolver
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.precedence import is_effective
from compiler.policy.settings import Settings, settings_of
from tests.command import FIXTURES
from tests.conformance import as_object, parsed_input, recordings, text

NEVER = "NeverContactSource"
DIGEST = "@sha256:" + "0" * 64

# A source, its mirrors and, where it has one, its mirrorSourcePolicy.
Rule = tuple[str, Sequence[str]] | tuple[str, Sequence[str], str]

_KINDS = {
    "idms": ("config.openshift.io/v1", "ImageDigestMirrorSet", "imageDigestMirrors"),
    "itms": ("config.openshift.io/v1", "ImageTagMirrorSet", "imageTagMirrors"),
    "icsp": ("operator.openshift.io/v1alpha1", "ImageContentSourcePolicy", "repositoryDigestMirrors"),
}


def manifest(kind: str, *rules: Rule, name: str = "") -> str:
    api_version, kind_name, field = _KINDS[kind]
    lines = [f"apiVersion: {api_version}", f"kind: {kind_name}", f'metadata: {{name: "{name or kind}"}}']
    lines += ["spec:", f"  {field}:"]
    for source, mirrors, *policy in rules:
        lines.append(f'  - source: "{source}"')
        lines += [f"    mirrorSourcePolicy: {value}" for value in policy]
        lines += ["    mirrors:" + ("" if mirrors else " []"), *(f"    - {mirror}" for mirror in mirrors)]
    return "\n".join(lines) + "\n"


def idms(*rules: Rule, name: str = "") -> str:
    return manifest("idms", *rules, name=name)


def itms(*rules: Rule, name: str = "") -> str:
    return manifest("itms", *rules, name=name)


def image(**lists: Iterable[str]) -> str:
    lines = ["apiVersion: config.openshift.io/v1", "kind: Image", "metadata: {name: cluster}"]
    lines += ["spec:", "  registrySources:"]
    for field, scopes in lists.items():
        lines += [f"    {field}Registries:", *(f'    - "{scope}"' for scope in scopes)]
    return "\n".join(lines) + "\n"


def analysed(*texts: str, settings: Settings) -> Analysis:
    """Each text in a file of its own: `0.yaml`, `1.yaml`, ..."""
    loaded = [load_bytes(f"{number}.yaml", text.encode(), settings.release) for number, text in enumerate(texts)]
    return analyse([parsed for each in loaded for parsed in each.parsed], settings)


def found(*texts: str, rule: str = "", release_image: str = "", payload_policy: str = "") -> list[Diagnostic]:
    """What the checks say, all or of one rule, by place."""
    settings = settings_of(release_image=release_image or None, payload_policy=payload_policy or None)
    told = check(analysed(*texts, settings=settings), settings)
    return sorted((each for each in told if rule in {"", each.rule}), key=lambda each: each.sort_key)


def reported(*texts: str) -> list[Diagnostic]:
    """What a run reports, folded, by place."""
    settings = settings_of()
    return list(view(analysed(*texts, settings=settings), settings).diagnostics)


def only(*texts: str, rule: str, release_image: str = "", payload_policy: str = "") -> Diagnostic:
    """The one thing there is to say."""
    (one,) = found(*texts, release_image=release_image, payload_policy=payload_policy)
    assert one.rule == rule
    return one


def labels(one: Diagnostic) -> list[str]:
    """What the labels point at, with the file where it is another one."""
    return [f"{label.span.path}: {label.span.text}" for label in one.labels]


def test_the_checks_are_named_after_their_rules() -> None:
    names = [each.__name__.replace("_", "-") for each in CHECKS]
    assert len(set(names)) == len(names)
    assert set(names) <= RULES.keys()
    assert all(RULES[name].severity is not Severity.ERROR and RULES[name].adjustable for name in names)


@pytest.mark.parametrize("cluster", ["north", "south"])
def test_the_example_repo_shows_its_legacy_object_only(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FIXTURES / "gitops-repo")
    settings = settings_of()
    loaded = load(["base", f"clusters/{cluster}"], settings.release)
    analysis = analyse(loaded.parsed, settings, loaded.problems)
    assert analysis.diagnostics == ()
    (one,) = check(analysis, settings)
    assert (one.rule, one.span.path) == ("deprecated-kind", "base/mirrors/partners.yaml")


def test_nothing_is_said_about_nothing() -> None:
    assert found() == []
    assert found("a: 1\n") == []
    assert found(idms()) == []
    assert found(image(blocked=["docker.io"])) == []


# shadowed-source


def test_a_tag_rule_hides_the_digest_mirrors_around_it() -> None:
    one = only(idms(("quay.io", ["m.io/quay", "n.io"])), itms(("quay.io/ns", ["m.io/quay/ns"])), rule="shadowed-source")
    assert one.severity is Severity.WARNING
    assert (one.span.path, one.span.text) == ("1.yaml", '"quay.io/ns"')
    assert one.message == "pulls of `quay.io/ns` by digest use no mirror: this rule shadows the mirrors of `quay.io`"
    assert "ImageDigestMirrorSet for `quay.io/ns` with `m.io/quay/ns` and `n.io/ns`" in one.help
    assert labels(one) == ['0.yaml: "quay.io"']
    assert one.field == "spec.imageTagMirrors[0].source"


def test_a_digest_rule_hides_the_tag_mirrors_around_it() -> None:
    one = only(itms(("quay.io", ["m.io/quay"])), idms(("quay.io/ns", ["m.io/quay/ns"])), rule="shadowed-source")
    assert "by tag use no mirror" in one.message
    assert "Add an ImageTagMirrorSet for `quay.io/ns`" in one.help


def test_the_closest_source_around_is_the_one_that_is_hidden() -> None:
    text = idms(("quay.io", ["m.io/q"]), ("quay.io/a", ["m.io/q/a"]))
    one = only(text, itms(("quay.io/a/b", ["m.io/q/a/b"])), rule="shadowed-source")
    assert "this rule shadows the mirrors of `quay.io/a`" in one.message


def test_a_wildcard_can_be_hidden_too() -> None:
    one = only(idms(("*.example.com", ["m.io/x"])), itms(("a.example.com/b", ["m.io/x/b"])), rule="shadowed-source")
    assert "this rule shadows the mirrors of `*.example.com`" in one.message
    assert "`m.io/x/b`" in one.help


def test_payload_is_not_pulled_by_tag_and_misses_no_tag_mirrors() -> None:
    payload = "quay.io/openshift-release-dev/ocp-v4.0-art-dev"
    wide = ("quay.io", ["m.io/quay"])
    assert found(itms(wide), idms(wide, (payload, ["m.io/quay/" + payload.partition("/")[2]]))) == []
    own = "r.example.com/ocp/release"
    text = (itms(("r.example.com", ["m.io/r"])), idms((own, ["m.io/r/ocp/release"])))
    assert found(*text, release_image=own + DIGEST) == []
    assert [each.rule for each in found(*text)] == ["shadowed-source"]


def test_other_mirrors_for_a_part_are_a_note_on_the_whole() -> None:
    one = only(
        idms(("quay.io", ["m.io/quay", "n.io/quay"])),
        idms(("quay.io/b", ["o.io/b"]), ("quay.io/a", ["m.io/quay/a"]), name="parts"),
        rule="shadowed-source",
    )
    assert one.severity is Severity.NOTE
    assert (one.span.path, one.span.text) == ("0.yaml", '"quay.io"')
    assert one.message == "pulls by digest of `quay.io/a` and `quay.io/b` do not use all mirrors of `quay.io`"
    assert labels(one) == ['1.yaml: "quay.io/a"', '1.yaml: "quay.io/b"']


def test_payload_has_mirrors_of_its_own_on_purpose() -> None:
    payload = ("quay.io/openshift-release-dev/ocp-release", ["m.io/ocp/release-images"])
    assert found(idms(("quay.io", ["m.io/quay"]), payload)) == []


def test_a_part_that_repeats_the_mirrors_of_the_whole_misses_nothing() -> None:
    assert found(idms(("quay.io", ["m.io/quay"]), ("quay.io/a", ["o.io/a", "m.io/quay/a"]))) == []


def test_a_part_may_be_contacted_although_the_whole_may_not() -> None:
    whole = [idms(("quay.io", ["m.io/q"], NEVER)), itms(("quay.io", ["m.io/q"], NEVER), name="t")]
    part = [kind(("quay.io/a", ["m.io/q/a"]), name="p") for kind in (idms, itms)]
    one = only(*whole, *part, rule="shadowed-source")
    assert one.message == "nodes can contact `quay.io/a`, although `quay.io` has NeverContactSource"
    assert labels(one) == ["0.yaml: NeverContactSource"]


def test_a_blocked_part_without_mirrors_is_told_once() -> None:
    texts = (idms(("quay.io", ["m.io/q"])), itms(("quay.io/a", ["m.io/q/a"], NEVER)))
    assert [each.rule for each in found(*texts)] == ["tag-pulls-blocked"]


def test_quirk_a_wildcard_of_the_same_length_comes_before_the_host_itself() -> None:
    """Upstream sorts prefixes by length and then by bytes, and `*` comes before every letter."""
    texts = (idms(("a.example.com", ["m.io/a"])), idms(("*.example.com", ["n.io"]), name="w"))
    one = only(*texts, rule="shadowed-source")
    assert one.message.startswith("`a.example.com` never takes effect: `*.example.com` has the same length")
    conf = analysed(*texts, settings=settings_of()).conf
    assert conf is not None
    assert Resolver(conf).resolve("a.example.com/x" + DIGEST).attempts[0].reference == "n.io/x" + DIGEST
    assert found(idms(("ab.example.com", ["n.io"]), ("*.example.com", ["n.io"]))) == []


# tag-pulls-blocked


@pytest.mark.parametrize(
    ("kind", "blocked", "missing"),
    [("idms", "tag", "ImageTagMirrorSet"), ("itms", "digest", "ImageDigestMirrorSet"), ("idms", "tag", "")],
)
def test_what_is_never_contacted_needs_mirrors_for_both_forms_of_pulls(kind: str, blocked: str, missing: str) -> None:
    one = only(manifest(kind, ("quay.io/a", ["m.io/a"], NEVER)), rule="tag-pulls-blocked")
    assert one.span.text == NEVER
    assert f"by {blocked}, and no {missing}" in one.message
    assert one.field.endswith("[0].mirrorSourcePolicy")


def test_what_is_mirrored_for_both_forms_or_pulled_in_one_is_all_right() -> None:
    rule = ("quay.io/a", ["m.io/a"], NEVER)
    assert found(idms(rule), itms(rule)) == []
    payload = [f"quay.io/openshift-release-dev/{name}" for name in ("ocp-release", "ocp-v4.0-art-dev")]
    assert found(idms(*((name, ["m.io/a"], NEVER) for name in payload))) == []


def test_a_tag_rule_without_mirrors_serves_no_pulls() -> None:
    texts = (idms(("quay.io/a", ["m.io/a"], NEVER)), itms(("quay.io/a", [], NEVER)))
    assert [each.rule for each in found(*texts)] == ["tag-pulls-blocked", "inert-rule"]


# outer-source-inherited

OUTER, INNER = ("r.example.com", ["m.io/outer"]), ("r.example.com/in", ["m.io/inner"])


@pytest.mark.parametrize("flag", ["blocked", "insecure"])
def test_quirk_the_outer_source_comes_first_in_the_controllers_order(flag: str) -> None:
    rules = found(idms(OUTER, INNER), image(**{flag: ["r.example.com/in/x"]}), rule="outer-source-inherited")
    (one,) = rules
    assert (one.span.path, one.field) == ("1.yaml", f"spec.registrySources.{flag}Registries[0]")
    assert "inherits the mirrors of `r.example.com`, not those of the closer source `r.example.com/in`" in one.message
    assert labels(one) == ['0.yaml: "r.example.com"', '0.yaml: "r.example.com/in"']


def test_quirk_digest_sources_come_before_tag_sources() -> None:
    texts = (itms(OUTER), idms(INNER), image(insecure=["r.example.com/in/x"]))
    assert not found(*texts, rule="outer-source-inherited")
    texts = (idms(OUTER), itms(INNER), image(insecure=["r.example.com/in/x"]))
    assert found(*texts, rule="outer-source-inherited")


@pytest.mark.parametrize("scope", ["r.example.com/x", "r.example.com/in", "s.example.com/in/x"])
def test_what_lies_in_one_source_or_is_one_inherits_as_expected(scope: str) -> None:
    assert not found(idms(OUTER, INNER), image(insecure=[scope]), rule="outer-source-inherited")


def test_mirrors_that_come_to_the_same_are_no_matter() -> None:
    rules = [("r.example.com", ["m.io/r"]), ("r.example.com/in", ["m.io/r/in"])]
    assert not found(idms(*rules), image(insecure=["r.example.com/in/x"]))


# inert-rule


def test_a_rule_without_mirrors_does_nothing() -> None:
    one = only(idms(("quay.io/a", [])), rule="inert-rule")
    assert (one.span.text, one.field) == ('"quay.io/a"', "spec.imageDigestMirrors[0].source")
    assert labels(one) == []


def test_a_rule_that_names_its_source_only_does_nothing() -> None:
    one = only(idms(("quay.io/a", ["quay.io/a"])), rule="inert-rule")
    assert (one.span.text, one.field) == ("quay.io/a", "spec.imageDigestMirrors[0].mirrors[0]")


def test_a_policy_without_mirrors_blocks_nothing() -> None:
    one = only(idms(("quay.io/a", [], NEVER)), rule="inert-rule")
    assert labels(one) == ["0.yaml: NeverContactSource"]
    assert "`blockedRegistries`" in one.help


def test_a_misspelt_field_is_told_instead() -> None:
    text = idms(("quay.io/a", ["m.io/a"])).replace("mirrors:", "mirror:")
    assert found(text) == []
    assert [each.rule for each in found(text, idms(("quay.io/b", []), name="b"))] == ["inert-rule"]
    second = text + "---\n" + idms(("quay.io/b", []), name="b")
    assert [each.span.text for each in found(second)] == ['"quay.io/b"']


# repeated-rule


def test_a_rule_is_repeated_in_one_list() -> None:
    rule = ("quay.io/a", ["m.io/a", "n.io/a"])
    one = only(idms(rule, ("quay.io/b", ["m.io/b"]), rule), rule="repeated-rule")
    assert one.field == "spec.imageDigestMirrors[2].source"
    assert labels(one) == ['0.yaml: "quay.io/a"']
    assert one.fix is not None
    assert one.fix.safe
    (edit,) = one.fix.edits
    assert edit.span.text == '  - source: "quay.io/a"\n    mirrors:\n    - m.io/a\n    - n.io/a\n'


def test_a_default_written_out_is_the_same() -> None:
    rules: list[Rule] = [("quay.io/a", ["m.io/a"]), ("quay.io/a", ["m.io/a"], "AllowContactingSource")]
    assert only(idms(*rules), rule="repeated-rule").fix


def test_a_rule_repeated_over_files_is_for_people_to_mend() -> None:
    rule = ("quay.io/a", ["m.io/a"])
    one = only(idms(rule), manifest("idms", rule, ("quay.io/b", ["m.io/b"]), name="other"), rule="repeated-rule")
    assert one.message == (
        "ImageDigestMirrorSet `other` repeats the rule of ImageDigestMirrorSet `idms` for `quay.io/a`"
    )
    assert one.fix is None
    assert one.severity is Severity.NOTE


def test_a_copied_object_is_told_once() -> None:
    rules = [(f"quay.io/{number}", [f"m.io/{number}"]) for number in range(8)]
    one = only(idms(*rules), idms(*rules, name="copy"), rule="repeated-rule")
    assert one.message.startswith(
        "ImageDigestMirrorSet `copy` only repeats rules of ImageDigestMirrorSet `idms`: `quay.io/0`, `quay.io/1`, "
    )
    assert labels(one) == [f'{path}.yaml: "quay.io/{number}"' for path in (1, 0) for number in range(path, 5)]
    more = only(idms(*rules), idms(*rules[:3], ("quay.io/x", ["m.io/x"]), name="part"), rule="repeated-rule")
    assert more.message.startswith("ImageDigestMirrorSet `part` repeats 3 rules of ImageDigestMirrorSet `idms`: ")


def test_a_legacy_object_beside_its_twins_is_one_note() -> None:
    rules = [(f"quay.io/{number}", [f"m.io/{number}"]) for number in range(40)]
    legacy = [manifest("icsp", *rules[start : start + 20], name=f"old-{start}") for start in (0, 20)]
    (one,) = reported(*legacy, idms(*rules, name="new"))
    assert (one.rule, one.severity, one.count) == ("repeated-rule", Severity.NOTE, 2)
    assert one.message == (
        "2 ImageContentSourcePolicies only repeat rules of ImageDigestMirrorSets: `old-0` and `old-20`"
    )
    (single,) = reported(legacy[0], idms(*rules, name="old-0"))
    assert single.message == "ImageContentSourcePolicy `old-0` only repeats rules of ImageDigestMirrorSet `old-0`"


def test_a_legacy_object_with_a_rule_of_its_own_is_no_twin() -> None:
    rule = ("quay.io/a", ["m.io/a"])
    told = reported(manifest("icsp", rule, ("quay.io/b", ["m.io/b"])), idms(rule))
    assert [each.rule for each in told] == ["deprecated-kind", "repeated-rule"]
    assert (
        told[1].message
        == "ImageContentSourcePolicy `icsp` repeats the rule of ImageDigestMirrorSet `idms` for `quay.io/a`"
    )


# Many places of one object


def test_a_hundred_equal_rules_are_one_finding() -> None:
    (one,) = reported(idms(*[("quay.io/a", ["m.io/a"])] * 100))
    assert one.message == "99 rules of ImageDigestMirrorSet `idms` repeat earlier rules of its list: `quay.io/a`"
    assert (one.count, len(one.parts), len(one.related)) == (99, 99, 99)
    assert one.fix is not None
    assert one.fix.safe
    assert len(one.fix.edits) == 99


def test_two_objects_with_the_same_trouble_are_two_findings() -> None:
    rules = [(f"quay.io/{number}", [f"quay.io/{number}"]) for number in range(9)]
    told = reported(idms(*rules), idms(*rules[:1], name="b"))
    assert [(each.rule, each.severity, each.count) for each in told] == [
        ("inert-rule", Severity.WARNING, 9),
        ("inert-rule", Severity.WARNING, 1),
    ]
    assert told[0].message == (
        "9 rules of ImageDigestMirrorSet `idms` have no effect, since their only mirror is the source itself: "
        "`quay.io/0`, `quay.io/1`, `quay.io/2` and 6 more"
    )


@pytest.mark.parametrize(
    ("texts", "rule", "count"),
    [
        ([idms(*((f"quay.io/{n}", [f"m.io/{n}"], NEVER) for n in range(5)))], "tag-pulls-blocked", 5),
        (
            [
                idms(*((f"quay.io/{n}", ["a.io"]) for n in range(5))),
                idms(*((f"quay.io/{n}", ["b.io"]) for n in range(5)), name="b"),
            ],
            "split-source",
            5,
        ),
        (
            [idms(("quay.io", ["m.io"])), itms(*((f"quay.io/{n}", [f"m.io/{n}"]) for n in range(5)))],
            "shadowed-source",
            5,
        ),
        ([idms(*((f"docker.io/{n}", ["m.io"]) for n in ("nginx", "redis", "alpine")))], "docker-library", 3),
        ([idms(*((f"qauy.io/{n}", ["m.io"]) for n in "abc"))], "near-miss-source", 3),
        ([idms(*((f"bitnami/{n}", ["m.io"]) for n in "abc"))], "unreachable-scope", 3),
        (
            [idms(*((f"quay.io/{n}", [f"m.io/{n}"]) for n in "abc")), image(blocked=["m.io"])],
            "mirror-blocked",
            3,
        ),
        (["---\n".join(manifest("icsp", (f"quay.io/{n}", ["m.io"]), name=n) for n in "abc")], "deprecated-kind", 3),
    ],
)
def test_what_is_the_same_in_many_places_is_said_once(texts: list[str], rule: str, count: int) -> None:
    (one,) = [each for each in reported(*texts) if each.rule == rule]
    assert one.count == count
    assert str(count) in one.message
    assert len(one.parts) == count


def test_a_comment_allows_one_of_many_places() -> None:
    lines = idms(*((f"quay.io/{n}", []) for n in range(4))).split("\n")
    at = next(number for number, line in enumerate(lines) if "quay.io/2" in line)
    lines.insert(at, "  # mirrorc: allow inert-rule -- the mirror is not there yet")
    settings = settings_of()
    (one,) = view(analysed("\n".join(lines), settings=settings), settings).diagnostics
    assert one.count == 3
    assert "`quay.io/0`, `quay.io/1` and `quay.io/3`" in one.message


def test_rules_that_differ_in_anything_are_no_repetition() -> None:
    rule = ("quay.io/a", ["m.io/a", "n.io/a"])
    assert found(idms(rule), itms(rule)) == []
    assert not found(idms(rule), idms(("quay.io/a", ["m.io/a"]), name="b"), rule="repeated-rule")
    assert not found(idms(("quay.io/a", []), ("quay.io/a", [])), rule="repeated-rule")


# split-source


def test_two_lists_leave_an_order_open() -> None:
    one = only(idms(("quay.io/a", ["z.io"])), idms(("quay.io/a", ["b.io"]), name="b"), rule="split-source")
    assert one.message == "no list of `quay.io/a` contains both `b.io` and `z.io`, so their order is undefined"
    assert (one.span.path, one.span.text) == ("1.yaml", "b.io")
    assert "The cluster tries `b.io`, then `z.io`." in one.help
    (label,) = one.labels
    assert (label.span.path, label.text) == ("0.yaml", "tried after `b.io` only because of its name")


def test_what_waits_for_another_list_is_told_apart_from_what_goes_by_name() -> None:
    one = only(idms(("quay.io/a", ["a.io", "b.io"]), ("quay.io/a", ["z.io"])), rule="split-source")
    assert one.message == "the lists of `quay.io/a` leave the order of `a.io`, `z.io` and `b.io` undefined"
    assert "`a.io`, then `z.io`, then `b.io`" in one.help
    assert [label.text for label in one.labels] == [
        "tried after `a.io` only because of its name",
        "tried after `z.io` only because a list has it after `a.io`",
    ]


def test_each_open_place_in_an_order_is_pointed_at() -> None:
    lists = [["a.io", "c.io", "d.io"], ["b.io", "c.io", "e.io"]]
    one = only(idms(*(("quay.io/x", each) for each in lists)), rule="split-source")
    assert one.message.endswith("the order of `a.io`, `b.io`, `d.io` and `e.io` undefined")
    assert [(label.span.text, label.text) for label in one.labels] == [
        ("b.io", "tried after `a.io` only because of its name"),
        ("d.io", "tried before the next only because of its name"),
        ("e.io", "tried after `d.io` only because of its name"),
    ]


def test_lists_that_settle_the_order_together_are_all_right() -> None:
    assert found(idms(("quay.io/a", ["a.io", "b.io"]), ("quay.io/a", ["b.io", "c.io"]))) == []
    assert found(idms(("quay.io/a", ["a.io", "c.io"]), ("quay.io/a", ["a.io", "b.io", "c.io"]))) == []


def test_a_conflict_is_told_as_that() -> None:
    assert found(idms(("quay.io/a", ["a.io", "b.io"]), ("quay.io/a", ["b.io", "a.io"]))) == []


def test_lists_for_digests_and_for_tags_do_not_mix() -> None:
    assert found(idms(("quay.io/a", ["a.io"])), itms(("quay.io/a", ["b.io"]))) == []


def test_legacy_objects_mix_with_digest_mirror_sets() -> None:
    texts = (idms(("quay.io/a", ["a.io"])), manifest("icsp", ("quay.io/a", ["b.io"])))
    assert [each.rule for each in found(*texts)] == ["split-source", "deprecated-kind"]


def test_a_source_in_its_own_list_takes_part_in_the_order() -> None:
    one = only(idms(("quay.io/a", ["quay.io/a", "z.io"]), ("quay.io/a", ["quay.io/a", "b.io"])), rule="split-source")
    assert one.message == "no list of `quay.io/a` contains both `b.io` and `z.io`, so their order is undefined"
    assert "The cluster tries `quay.io/a`, then `b.io`, then `z.io`." in one.help
    assert [label.text for label in one.labels] == ["tried after `b.io` only because of its name"]


def test_many_mirrors_are_not_all_listed() -> None:
    rules = [("quay.io/a", [f"m{number:02}.io"]) for number in range(30)]
    one = only(idms(*rules), rule="split-source")
    assert one.message.endswith("the order of `m00.io`, `m01.io`, `m02.io` and 27 more undefined")
    assert "`m09.io`, then 20 more." in one.help
    assert len(one.labels) < 12


@given(st.lists(st.permutations("abcd").flatmap(lambda p: st.integers(1, 4).map(lambda n: p[:n])), max_size=4))
def test_an_order_is_open_exactly_if_the_lists_allow_two(lists: list[list[str]]) -> None:
    mirrors = [[f"{letter}.io" for letter in each] for each in lists]
    everything = sorted({mirror for each in mirrors for mirror in each})
    before = {pair for each in mirrors for pair in pairwise(each)}
    possible = [
        order
        for order in permutations(everything)
        if all(order.index(first) < order.index(second) for first, second in before)
    ]
    told = found(idms(*(("quay.io/a", each) for each in mirrors)), rule="split-source")
    assert len(told) == (len(possible) > 1)


# mirror-blocked


def test_a_mirror_under_a_blocked_registry_never_serves() -> None:
    one = only(idms(("quay.io/a", ["m.io/a", "n.io/a"])), image(blocked=["n.io"]), rule="mirror-blocked")
    assert (one.span.text, one.field) == ("n.io/a", "spec.imageDigestMirrors[0].mirrors[1]")
    assert labels(one) == ['1.yaml: "n.io"']
    assert "from `blockedRegistries`" in one.help


def test_quirk_a_blocked_host_reaches_its_ports_at_pull_time() -> None:
    texts = (idms(("quay.io/a", ["n.io:5000/a"])), image(blocked=["n.io"]))
    only(*texts, rule="mirror-blocked")
    conf = analysed(*texts, settings=settings_of()).conf
    assert conf is not None
    assert Resolver(conf).resolve("quay.io/a" + DIGEST).attempts[0].verdict is AttemptVerdict.BLOCKED


def test_a_mirror_that_is_a_source_never_contacted_never_serves() -> None:
    blocked = [kind(("n.io", ["m.io"], NEVER), name="n") for kind in (idms, itms)]
    one = only(idms(("quay.io/a", ["n.io/a"])), *blocked, rule="mirror-blocked")
    assert labels(one) == ["1.yaml: NeverContactSource"]
    assert "which blocks it" in one.help


def test_a_closer_entry_decides_about_a_mirror() -> None:
    closer = [("n.io/open", ["m.io/open"]), ("quay.io/a", ["n.io/open/a", "m.io/a"])]
    told = found(idms(*closer), image(blocked=["n.io/closed"]), rule="mirror-blocked")
    assert told == []


def test_a_block_that_the_guard_drops_blocks_no_mirror() -> None:
    texts = (idms(("quay.io/a", ["quay.io/b"])), image(blocked=["quay.io"]))
    assert found(*texts, rule="mirror-blocked") == []


def test_a_configuration_that_no_node_loads_is_not_looked_up() -> None:
    """The API of 4.20 takes such a scope; that the guard drops all blocks for it is told elsewhere."""
    settings = settings_of(release="4.20")
    texts = (idms(("quay.io/a", ["n.io/a"])), image(blocked=["n.io", "http://x"]))
    assert [
        each for each in check(analysed(*texts, settings=settings), settings) if each.rule == "mirror-blocked"
    ] == []


hosts = st.sampled_from(["a.io", "b.io", "c.b.io", "b.io:5000"])
scopes = st.one_of(hosts, st.builds("{}/{}".format, hosts, st.sampled_from("xy")), st.just("*.b.io"))
places = st.builds("{}/{}".format, hosts, st.sampled_from("xy"))


@given(st.lists(places, min_size=1, max_size=3, unique=True), st.lists(scopes, min_size=1, max_size=3, unique=True))
def test_a_mirror_is_called_blocked_exactly_if_no_pull_gets_there(mirrors: list[str], blocked: list[str]) -> None:
    texts = (idms(("quay.io/a", mirrors)), image(blocked=blocked))
    told = {each.span.text for each in found(*texts, rule="mirror-blocked")}
    conf = analysed(*texts, settings=settings_of()).conf
    assert conf is not None
    attempts = Resolver(conf).resolve("quay.io/a/deep/image" + DIGEST).attempts
    assert told == {mirror for mirror, attempt in zip(mirrors, attempts, strict=False) if attempt.verdict == "blocked"}


# mirror-is-source


def test_the_mirrors_of_a_mirror_play_no_part() -> None:
    one = only(idms(("quay.io/a", ["m.io/q/a"]), ("m.io/q", ["n.io/q"])), rule="mirror-is-source")
    assert one.message == "nodes contact the mirror `m.io/q/a` itself and ignore the mirrors of `m.io/q`"
    assert "Add `n.io/q/a` to this list" in one.help
    assert labels(one) == ['0.yaml: "m.io/q"']


def test_nobody_expects_a_mirror_to_be_followed_who_lists_what_follows() -> None:
    assert found(idms(("quay.io/a", ["n.io/q/a", "m.io/q/a"]), ("m.io/q", ["n.io/q"]))) == []


def test_a_cache_of_a_host_on_itself_and_a_wildcard_are_not_meant_for_mirrors() -> None:
    assert found(idms(("quay.io/a", ["m.io/q/a"]), ("m.io", ["m.io/cache"]))) == []
    assert found(idms(("quay.io/a", ["x.m.io/q/a"]), ("*.m.io", ["n.io"]))) == []
    assert found(idms(("m.io", ["m.io/cache", "n.io"]))) == []


def test_mirrors_for_the_other_form_of_pulls_would_not_be_expected_either() -> None:
    assert found(idms(("quay.io/a", ["m.io/a"])), itms(("m.io/a", ["n.io/a"]))) == []


# docker-library


def test_an_official_image_has_a_longer_name() -> None:
    one = only(idms(("docker.io/nginx", ["m.io/nginx"])), rule="docker-library")
    assert one.span.text == '"docker.io/nginx"'
    assert one.fix is not None
    assert not one.fix.safe
    assert [edit.text for edit in one.fix.edits] == ["docker.io/library/nginx"]


@pytest.mark.parametrize(
    "source", ["docker.io", "docker.io/library", "docker.io/library/nginx", "docker.io/grafana", "quay.io/nginx"]
)
def test_namespaces_and_full_names_are_what_they_seem(source: str) -> None:
    assert found(idms((source, ["m.io/x"]))) == []


def test_a_source_that_is_named_often_is_told_once() -> None:
    rules = ("docker.io/nginx", ["m.io/nginx"])
    one = only(idms(rules), itms(rules), rule="docker-library")
    assert labels(one) == ['1.yaml: "docker.io/nginx"']
    assert one.fix is not None
    assert [edit.span.path for edit in one.fix.edits] == ["0.yaml", "1.yaml"]


def test_official_images_are_images() -> None:
    assert {"nginx", "redis", "postgres", "alpine"} <= OFFICIAL_IMAGES
    assert not OFFICIAL_IMAGES & {"library", "bitnami", "grafana", "kong", "rancher"}


# port-mismatch


@pytest.mark.parametrize(
    ("scope", "mirror", "meant"),
    [
        ("m.io", "m.io:5000/a", "m.io:5000"),
        ("m.io:5000", "m.io/a", "m.io"),
        ("m.io:5000", "m.io:8443/a", "m.io:8443"),
        ("m.io/a", "m.io:5000/a/b", "m.io:5000/a"),
    ],
)
def test_a_flag_on_another_port_does_not_reach_the_mirror(scope: str, mirror: str, meant: str) -> None:
    one = only(idms(("quay.io/a", [mirror])), image(insecure=[scope]), rule="port-mismatch")
    assert (one.span.text, one.field) == (f'"{scope}"', "spec.registrySources.insecureRegistries[0]")
    assert one.help == f"Write `{meant}`."
    assert labels(one) == [f"0.yaml: {mirror}"]
    assert one.fix is not None
    assert not one.fix.safe


@pytest.mark.parametrize(
    ("insecure", "mirrors"),
    [
        (["m.io:5000"], ["m.io:5000/a"]),
        (["m.io"], ["m.io/a", "m.io:5000/a"]),  # the flag does reach one: the other may be secure
        (["m.io", "m.io:5000"], ["m.io:5000/a"]),
        (["*.m.io"], ["x.m.io:5000/a"]),  # a wildcard covers every port
        (["lab.io"], ["m.io/a"]),
        (["m.io/b"], ["m.io:5000/a"]),
    ],
)
def test_flags_that_reach_their_mirror_or_have_none_are_all_right(insecure: list[str], mirrors: list[str]) -> None:
    assert found(idms(("quay.io/a", mirrors)), image(insecure=insecure)) == []


# wildcard-hides-host


def test_quirk_an_insecure_wildcard_beats_a_host_as_long_as_itself() -> None:
    texts = (idms(("r.example.com", ["m.io/r"])), image(insecure=["*.example.com"], blocked=["q.example.com"]))
    one = only(*texts, rule="wildcard-hides-host")
    assert (one.span.text, one.field) == ('"*.example.com"', "spec.registrySources.insecureRegistries[0]")
    assert one.message == (
        "`r.example.com` and `q.example.com` never take effect: `*.example.com` has the same length, and `*` comes "
        "first in byte order"
    )
    assert labels(one) == ['0.yaml: "r.example.com"', '1.yaml: "q.example.com"']
    conf = analysed(*texts, settings=settings_of()).conf
    assert conf is not None
    assert {entry.scope: (entry.blocked, bool(entry.mirrors)) for entry in conf.entries} == {
        "r.example.com": (False, True),
        "q.example.com": (True, False),
        "*.example.com": (False, False),
    }
    for host in ("r.example.com", "q.example.com"):
        pull = Resolver(conf).resolve(f"{host}/a@sha256:{'0' * 64}")
        assert [(each.verdict, each.is_source) for each in pull.attempts] == [(AttemptVerdict.TRIED, True)]


@pytest.mark.parametrize(
    ("insecure", "blocked"),
    [
        (["*.example.com"], ["rq.example.com"]),  # longer, so it wins
        (["*.example.com"], ["r.example.com/a", "r.example.com:5000"]),
        (["*.example.com", "r.example.com"], []),
        (["*.example.com"], ["r.example.com", "*.example.com"]),  # blocked all the same
        (["*.example.com"], ["r.example.org", "example.com"]),
        (["r.example.com"], ["*.example.com"]),
    ],
)
def test_a_wildcard_that_hides_nothing_is_all_right(insecure: list[str], blocked: list[str]) -> None:
    assert found(image(insecure=insecure, blocked=blocked), rule="wildcard-hides-host") == []


def test_a_wildcard_that_is_a_source_shadows_and_is_told_once() -> None:
    texts = (idms(("*.example.com", ["m.io/w"]), ("r.example.com", ["m.io/r"])), image(insecure=["*.example.com"]))
    assert only(*texts, rule="shadowed-source").message.startswith("`r.example.com` never takes effect")


# near-miss-source


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("registry.redhat.io/openshfit4", "registry.redhat.io/openshift4"),
        ("registry.redhat.io/openshift4x/ose-cli", "registry.redhat.io/openshift4/ose-cli"),
        ("registy.redhat.io/ubi9", "registry.redhat.io/ubi9"),
        ("quay.io/openshift-release-dve/ocp-release", "quay.io/openshift-release-dev/ocp-release"),
        ("quya.io", "quay.io"),
        ("docker.io/libary/nginx", "docker.io/library/nginx"),
    ],
)
def test_a_slip_is_found(source: str, meant: str) -> None:
    one = only(idms((source, ["m.io/x"])), rule="near-miss-source")
    assert one.message == f"`{source}` looks like a typo of `{meant}`"
    assert one.fix is not None
    assert not one.fix.safe


def test_another_name_of_docker_hub_never_matches() -> None:
    """Nodes read `index.docker.io/x` as `docker.io/x` before they look anything up."""
    text = idms(("index.docker.io/library", ["m.io/x"]))
    one = only(text, rule="near-miss-source")
    assert one.message == "image references use `docker.io/library`, never `index.docker.io/library`"
    conf = analysed(text, settings=settings_of()).conf
    assert conf is not None
    assert Resolver(conf).resolve("index.docker.io/library/nginx" + DIGEST).entry is None


@pytest.mark.parametrize(
    "source",
    [
        "gcr.io/project",
        "ghcr.io/project",
        "icr.io/x",
        "registry.redhat.io/openshift3",
        "registry.redhat.io/openshift5",  # a digit is never a slip
        "registry.redhat.io/openshift-gitops-12",
        "registry.redhat.io/ubi7",
        "quay.io/openshif",  # not far from `openshift`, but see the next
        "registry.example.com/openshfit4",  # whose namespaces nobody knows
    ],
)
def test_other_names_are_other_names(source: str) -> None:
    expected = ["near-miss-source"] if source == "quay.io/openshif" else []
    assert [each.rule for each in found(idms((source, ["m.io/x"])))] == expected


def edit_distance(one: str, other: str) -> int:
    """Optimal string alignment, the plain way."""
    rows = [list(range(row, row + len(other) + 1)) for row in range(len(one) + 1)]
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            rows[row][column] = min(
                rows[row - 1][column] + 1,
                rows[row][column - 1] + 1,
                rows[row - 1][column - 1] + (one[row - 1] != other[column - 1]),
            )
            if row > 1 and column > 1 and one[row - 2 : row] == other[column - 2 : column][::-1]:
                rows[row][column] = min(rows[row][column], rows[row - 2][column - 2] + 1)
    return rows[-1][-1]


letters = st.text("abc-", max_size=6)


@given(letters, letters)
def test_a_slip_is_one_edit(one: str, other: str) -> None:
    assert is_slip(one, other) == (edit_distance(one, other) == 1)


@given(st.sampled_from(["quay.io", "registry.redhat.io", "docker.io"]), st.integers(0, 17), st.sampled_from("abx.-"))
def test_every_slip_of_a_well_known_host_is_found(host: str, at: int, letter: str) -> None:
    at = min(at, len(host) - 1)
    missing, extra = host[:at] + host[at + 1 :], host[:at] + letter + host[at:]
    wrong, swapped = host[:at] + letter + host[at + 1 :], host[:at] + host[at : at + 2][::-1] + host[at + 2 :]
    for slip in {missing, extra, wrong, swapped} - {host}:
        assert is_slip(slip, nearest_host(slip))


def test_short_names_are_left_alone() -> None:
    assert nearest_namespace("registry.redhat.io", "ubi8") == ""
    assert nearest_namespace("registry.redhat.io", "odfx") == ""
    assert nearest_namespace("registry.redhat.io", "") == ""


# source-refused, payload-refused


def test_a_blocked_source_is_refused_by_policy_json_even_from_mirrors() -> None:
    one = only(idms(("docker.io/library", ["m.io/l"])), image(blocked=["docker.io"]), rule="source-refused")
    assert (one.span.path, one.field) == ("1.yaml", "spec.registrySources.blockedRegistries[0]")
    assert labels(one) == ['0.yaml: "docker.io/library"']


def test_a_source_that_is_not_allowed_is_refused_too() -> None:
    allowed = ["quay.io/openshift-release-dev", "m.io"]
    one = only(idms(("quay.io/a", ["m.io/a"])), image(allowed=allowed), rule="source-refused")
    assert one.message.startswith("the allowed registries do not include `quay.io/a`")


@pytest.mark.parametrize(
    "lists",
    [
        {"blocked": ["docker.io/library/x", "m.io/b"]},
        {"allowed": ["quay.io"]},
        {"allowed": ["quay.io/a/b", "quay.io/openshift-release-dev"]},  # a part of it can be pulled
        {"insecure": ["quay.io"]},
    ],
)
def test_what_is_let_through_in_whole_or_in_part_is_all_right(lists: dict[str, list[str]]) -> None:
    assert found(idms(("quay.io/a", ["m.io/a"])), image(**lists)) == []


def test_the_payload_must_be_allowed() -> None:
    one = only(image(allowed=["registry.redhat.io"]), rule="payload-refused", payload_policy="none")
    assert (
        "images of the release (`quay.io/openshift-release-dev/ocp-release`, "
        "`quay.io/openshift-release-dev/ocp-v4.0-art-dev` and `quay.io/openshift-release-dev/ocp-v5.0-art-dev`"
    ) in one.message
    own = image(allowed=["r.example.com"])
    assert found(own, release_image="r.example.com/ocp/release" + DIGEST, payload_policy="none") == []
    assert not found(own, release_image="no/reference at all", rule="payload-refused", payload_policy="none")
    (other,) = found(own, release_image="s.example.com/ocp/release" + DIGEST, payload_policy="none")
    assert "images of the release (`s.example.com/ocp/release`)" in other.message


def test_the_guard_keeps_the_release_image_and_not_what_it_is_made_of() -> None:
    payload = ("quay.io/openshift-release-dev/ocp-release", ["m.io/release-images"])
    (one,) = found(idms(payload), image(blocked=["quay.io"]), rule="payload-refused", payload_policy="none")
    assert one.message.startswith(
        "blocking `quay.io` refuses images of the release (`quay.io/openshift-release-dev/ocp-v4.0-art-dev` and "
        "`quay.io/openshift-release-dev/ocp-v5.0-art-dev`)"
    )


def test_what_the_controller_refuses_makes_no_policy_json() -> None:
    texts = (idms(("docker.io/library", ["m.io/l"])), image(blocked=["docker.io"]))
    refused = idms(("quay.io/a", ["quay.io/a", "m.io"], NEVER), name="refused")
    assert not found(*texts, refused, rule="source-refused")


def test_a_policy_that_allows_nothing_but_the_payload_is_an_error_already() -> None:
    payload = "quay.io/openshift-release-dev/ocp-release"
    texts = (idms((payload, ["m.io/p"]), ("docker.io/library", ["m.io/l"])), image(blocked=[payload]))
    settings = settings_of(payload_policy="none")
    assert [each.rule for each in analysed(*texts, settings=settings).diagnostics] == ["payload-blocked"]
    assert [each.rule for each in found(*texts, payload_policy="none")] == ["payload-half-mirrored"]


# deprecated-kind

LEGACY = "apiVersion: operator.openshift.io/v1alpha1\nkind: {}\nmetadata: {{name: x}}\nspec: {{}}\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (manifest("icsp", ("quay.io/a", ["m.io/a"])), "ImageContentSourcePolicy"),
        (LEGACY.format("'ImageContentSourcePolicy'"), "ImageContentSourcePolicy"),
        (LEGACY.format("&k ImageContentSourcePolicy"), "x"),
    ],
)
def test_the_legacy_kind_is_pointed_at(text: str, place: str) -> None:
    one = only(text, rule="deprecated-kind")
    assert one.span.text == place
    assert one.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (manifest("icsp", ("quay.io/a", ["m.io/a"])), True),
        (manifest("icsp", ("quay.io/A", ["m.io/a"])), False),
        (manifest("icsp", ("quay.io/a", ["m.io/A"])), False),
        (manifest("icsp", ("quay.io/a", ["m.io/a", "m.io/b", "m.io/a"])), False),
        (manifest("icsp", ("quay.io/a", ["m.io/a"])) + "status: {}\n", False),
        (manifest("icsp", ("quay.io/a", ["m.io/a"])).replace("}", ", uid: x}", 1), False),
    ],
)
def test_the_new_kind_is_suggested_only_where_the_api_server_takes_it(text: str, offered: bool) -> None:
    assert (only(text, rule="deprecated-kind").fix is not None) is offered


# All of them


@pytest.mark.parametrize("name", ["compile", "probes", "releases"])
def test_whatever_the_input_every_finding_is_placed_and_worded(name: str) -> None:
    told: set[str] = set()
    for line in recordings(name):
        settings = settings_of(release=text(line, "release") or "5.0")
        analysis = analyse(parsed_input(as_object(line["input"]), settings.release), settings)
        for each in check(analysis, settings):
            told.add(each.rule)
            assert each.field.startswith("spec.") or each.field == "kind"
            assert each.help.endswith(".")
            assert each.message.isprintable()
            places = [each.span, *(label.span for label in each.labels)]
            assert len({place.sort_key for place in places[1:]}) == len(places) - 1
            assert all(place.start < place.end for place in places)
    assert len(told) >= 8


@given(st.data())
def test_findings_do_not_depend_on_the_order_of_files(data: st.DataObject) -> None:
    """Whatever the order, the same rules at places with the same text; positions only move with their files."""
    names = st.sampled_from(["quay.io", "quay.io/a", "m.io", "m.io/a", "*.io", "n.m.io", "docker.io/nginx"])
    locations = names.filter(lambda name: "*" not in name)
    rule = st.tuples(names, st.lists(locations, max_size=3, unique=True))
    sets = data.draw(st.lists(st.tuples(st.sampled_from(list(_KINDS)), st.lists(rule, max_size=3)), max_size=4))
    texts = [manifest(kind, *rules, name=f"n{number}") for number, (kind, rules) in enumerate(sets)]
    texts.append(image(blocked=data.draw(st.lists(names, max_size=2)), insecure=data.draw(st.lists(names, max_size=2))))
    shuffled = data.draw(st.permutations(texts))
    assert [each.rule for each in found(*texts, rule="split-source")] == [
        each.rule for each in found(*shuffled, rule="split-source")
    ]
    for rule_name in ("shadowed-source", "mirror-blocked", "source-refused", "tag-pulls-blocked", "port-mismatch"):
        told = {(each.message, each.severity) for each in found(*texts, rule=rule_name)}
        assert told == {(each.message, each.severity) for each in found(*shuffled, rule=rule_name)}


def test_a_rule_that_has_no_effect_takes_part_in_no_other_check() -> None:
    rules: list[Rule] = [("quay.io/a", []), ("quay.io/a/b", ["m.io/b"], NEVER)]
    told = found(idms(*rules))
    assert [each.rule for each in told] == ["inert-rule", "tag-pulls-blocked"]
    assert not is_effective(analysed(idms(*rules), settings=settings_of()).policy.mirror_sets[0].rules[0])


# unreachable-scope


@pytest.mark.parametrize(
    ("scope", "meant"),
    [
        ("operator-framework", "quay.io/operator-framework"),
        ("bitnami/postgresql", "docker.io/bitnami/postgresql"),
        ("team/app", "docker.io/team/app"),
        ("redis", "docker.io/library/redis"),
        ("registry-1.docker.io/x", "docker.io/x"),
    ],
)
def test_a_scope_that_no_image_matches(scope: str, meant: str) -> None:
    (one,) = found(idms((scope, ["m.io/x"])), rule="unreachable-scope")
    assert f"no image matches `{scope}`" in one.message
    assert f"Write `{meant}`" in one.help
    assert one.fix is not None
    assert not one.fix.safe
    for name in ("insecure", "blocked", "allowed"):
        (one,) = found(image(**{name: ["quay.io", scope]}), rule="unreachable-scope")
        assert (one.span.text, one.field) == (f'"{scope}"', f"spec.registrySources.{name}Registries[1]")


@pytest.mark.parametrize(
    "scope", ["localhost", "registry:5000", "quay.io", "'*.io'", "docker.io/x", "index.docker.io/x"]
)
def test_a_source_that_images_match_or_that_another_rule_reports(scope: str) -> None:
    assert found(idms((scope, ["m.io/x"])), rule="unreachable-scope") == []


# The release


RELEASE = "quay.io/openshift-release-dev/ocp-release"
CONTENT = "quay.io/openshift-release-dev/ocp-v4.0-art-dev"
NEW_CONTENT = "quay.io/openshift-release-dev/ocp-v5.0-art-dev"


def about_release(*sources: str, release: str | None = None, release_image: str | None = None) -> list[str]:
    settings = settings_of(release=release, release_image=release_image)
    text = idms(*((source, ["m.io/x"]) for source in sources))
    told = check(analysed(text, settings=settings), settings)
    return [each.message for each in told if each.rule == "payload-half-mirrored"]


@pytest.mark.parametrize(
    ("sources", "release", "missing"),
    [
        ([RELEASE], None, CONTENT),
        ([CONTENT], "4.18", RELEASE),
        ([RELEASE, CONTENT], "5.0", NEW_CONTENT),
        ([RELEASE, NEW_CONTENT], None, CONTENT),
        (["quay.io/openshift/okd"], None, "quay.io/openshift/okd-content"),
        (["quay.io/openshift/okd-content"], None, "quay.io/openshift/okd"),
        (["quay.io/okd/scos-release"], None, "quay.io/okd/scos-content"),
    ],
)
def test_a_release_that_is_mirrored_by_half(sources: list[str], release: str | None, missing: str) -> None:
    (message,) = about_release(*sources, release=release)
    assert f"`{missing}` has none" in message


def test_half_a_release_is_reported_where_the_controller_refuses_the_whole_for_another_reason() -> None:
    settings = settings_of(release="5.0")
    texts = (idms((RELEASE, ["m.io/x"]), (CONTENT, ["m.io/x"])), image(allowed=[RELEASE, CONTENT]))
    analysis = analysed(*texts, settings=settings)
    assert [each.rule for each in analysis.refusals] == ["signed-scope-not-allowed"]
    (one,) = [each for each in check(analysis, settings) if each.rule == "payload-half-mirrored"]
    assert f"`{NEW_CONTENT}` has none" in one.message


@pytest.mark.parametrize(
    ("sources", "release"),
    [
        ([], None),
        (["quay.io/team"], None),
        ([RELEASE, CONTENT], None),
        ([RELEASE, CONTENT], "4.18"),
        ([RELEASE, CONTENT, NEW_CONTENT], "5.0"),
        (["quay.io/openshift-release-dev"], "5.0"),
        (["quay.io"], "5.0"),
        (["quay.io/openshift/okd", "quay.io/openshift/okd-content"], None),
        ([RELEASE, CONTENT, "quay.io/openshift-release-dev/ocp-release-nightly"], None),
        (["mirror.example.com/openshift-release-dev/ocp-release"], None),
    ],
)
def test_a_release_that_is_mirrored_whole_or_not_at_all(sources: list[str], release: str | None) -> None:
    assert about_release(*sources, release=release) == []


@pytest.mark.parametrize(
    ("source", "meant"),
    [
        ("quay.io/openshift-release/ocp-release", RELEASE),
        ("quay.io/openshift-release-dev/ocp-v4.18-art-dev", CONTENT),
        ("quay.io/openshift-release-dev/ocp-releases", RELEASE),
        ("registry.redhat.io/openshift-release-dev/ocp-v4.0-art-dev", CONTENT),
        ("quay.io/openshift/scos-content", "quay.io/okd/scos-content"),
    ],
)
def test_a_source_that_is_nearly_a_repository_of_a_release(source: str, meant: str) -> None:
    (message,) = about_release(source, release="4.18")
    assert message.startswith(f"no image of a release is in `{source}`; they are in `{meant}`")


def test_the_release_of_another_product_is_mirrored() -> None:
    image = "quay.io/okd/scos-release" + DIGEST
    (message,) = about_release(RELEASE, CONTENT, release="4.20", release_image=image)
    assert message == (
        f"the cluster's release image is in `quay.io/okd/scos-release`, which has no digest mirrors; `{RELEASE}` and "
        f"`{CONTENT}` of another product have some"
    )


def test_an_allowed_list_needs_the_images_of_okd_too() -> None:
    settings = settings_of(release_image="quay.io/okd/scos-release" + DIGEST)
    text = image(allowed=["quay.io/okd/scos-release"])
    (one,) = [e for e in check(analysed(text, settings=settings), settings) if e.rule == "payload-refused"]
    assert "`quay.io/okd/scos-content`" in one.message


@pytest.mark.parametrize(("release", "fixed_in"), [("4.13", "4.13.27"), ("4.14", "4.14.3"), ("4.15", "")])
def test_the_legacy_kind_beside_the_new_ones_on_early_z_streams(release: str, fixed_in: str) -> None:
    settings = settings_of(release=release)
    texts = (manifest("icsp", ("quay.io/a", ["m.io"])), itms(("quay.io/b", ["m.io"])))
    told = [e for e in check(analysed(*texts, settings=settings), settings) if e.rule == "mixed-kinds-refused"]
    assert [fixed_in in each.message for each in told] == ([True] if fixed_in else [])


@pytest.mark.parametrize(
    ("release", "image", "words"),
    [
        ("4.14.2", None, "a cluster of 4.14.2 refuses"),
        ("4.14.3", None, ""),
        ("4.13.27-rc.1", None, ""),
        ("4.14", "quay.io/openshift-release-dev/ocp-release:4.14.2-x86_64", "a cluster of 4.14.2 refuses"),
        ("4.14", "quay.io/openshift-release-dev/ocp-release:4.14.30-x86_64", ""),
        ("4.14", "quay.io/openshift-release-dev/ocp-release:4.13.30-x86_64", "before 4.14.3 the cluster refuses"),
        ("4.14.2", "quay.io/openshift-release-dev/ocp-release:4.14.30-x86_64", "a cluster of 4.14.2 refuses"),
    ],
)
def test_the_patch_number_decides_whether_the_legacy_kind_is_refused(
    release: str, image: str | None, words: str
) -> None:
    settings = settings_of(release=release, release_image=image)
    texts = (manifest("icsp", ("quay.io/a", ["m.io"])), itms(("quay.io/b", ["m.io"])))
    told = [e for e in check(analysed(*texts, settings=settings), settings) if e.rule == "mixed-kinds-refused"]
    assert [words in each.message for each in told] == ([True] if words else [])
