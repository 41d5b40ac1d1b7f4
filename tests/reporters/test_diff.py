"""What `diff` says in every format: whole reports as they are kept, and what must hold for any text."""

import json
import re
from contextlib import chdir

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.clusters.cluster import Cluster
from compiler.diff.comparison import Comparison, compare
from compiler.diff.disruption import Cause, Disruption
from compiler.diff.made import of_registries_conf
from compiler.diff.names import name_side
from compiler.diff.objects import Verb
from compiler.diff.revisions import SideReader
from compiler.images.load import load_image_list
from compiler.policy.settings import settings_of
from compiler.reporters.diff import github as diff_github
from compiler.reporters.diff import json as diff_json
from compiler.reporters.diff import markdown as diff_markdown
from compiler.reporters.diff import text as diff_text
from compiler.reporters.diff.words import by_cause, grouped, rule_of
from compiler.repository.paths import printable
from compiler.text.markdown import LONGEST_VALUE, code, plain, prose
from tests.command import FIXTURES
from tests.golden import Golden
from tests.manifest_texts import image_config, mirror_set
from tests.rendering import Rendered
from tests.sides import Texts, change, side

RUNS = FIXTURES / "sequential-runs"
ONE = mirror_set("a", {"quay.io/ns": ["m.io/ns", "n.io/ns"]})
TWO = mirror_set("a", {"quay.io/ns": ["m.io/ns"]})


DRAINED = "nodes are drained in a rolling update, at most the pool's maxUnavailable at a time, and CRI-O reloads"


def runs(old: str, new: str, *, prune: bool = True) -> Comparison:
    with chdir(RUNS), SideReader(None) as reader:
        ((before, after),) = reader.read_pair(name_side(old, None), name_side(new, None), [Cluster()])
        return compare(before, after, Cluster().settings, prune=prune)


def markdown(old: Texts, new: Texts, **settings: str) -> str:
    return diff_markdown.render([("", change(old, new, **settings))])


def text(comparison: Comparison, width: int = 80) -> str:
    return diff_text.render([("", comparison)], width=width)


# --- Whole reports -----------------------------------------------------------------


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "old", "new", "prune"),
    [
        ("second-apply", "run-1", "run-2", False),
        ("second-sync", "run-1", "run-2", True),
        ("third-apply", "run-2", "run-3", False),
    ],
)
def test_three_runs_of_a_mirroring_tool(golden: Golden, name: str, old: str, new: str, prune: bool) -> None:
    found = [("", runs(old, new, prune=prune))]
    expected = RUNS / "expected"
    golden.file(expected / f"{name}.txt", diff_text.render(found))
    golden.file(expected / f"{name}.md", diff_markdown.render(found))
    golden.file(expected / f"{name}.json", diff_json.render(found))
    golden.file(expected / f"{name}.github", diff_github.render(found))


def test_the_second_apply_loses_what_only_the_first_run_mirrored() -> None:
    found = runs("run-1", "run-2", prune=False)
    assert found.disruption == "drain"
    lost = {change.scope for change in found.changes if change.effects[0].effect == "entry-vanishes"}
    assert lost == {"registry.redhat.io/compliance", "registry.redhat.io/ubi9"}
    assert [(each.verb, each.name) for each in found.objects] == [("replace", "operator-0")]
    synced = runs("run-1", "run-2")
    assert {each.name for each in synced.objects if each.verb is Verb.DELETE} == {"generic-0", "release-0"}
    churn = runs("run-2", "run-3", prune=False)
    assert (churn.disruption, churn.changes) == ("none", ())
    assert [each.note for each in churn.objects] == ["the same rules in another order"]


# --- Words -------------------------------------------------------------------------


def test_every_cause_has_a_heading_that_names_its_effect() -> None:
    effects = {
        "reload": "only reloads CRI-O",
        "drain": "drains nodes",
        "reboot": "reboots nodes",
    }
    for cause in set(Cause) - {Cause.SSH_KEYS_CHANGED}:
        assert effects[cause.disruption] in rule_of(cause)
    assert rule_of(Cause.SSH_KEYS_CHANGED) == "changing SSH keys does not disrupt nodes"


def test_reasons_of_one_cause_share_what_is_said_of_it() -> None:
    both = mirror_set("a", {"a.io": ["m.io/a", "n.io/a"], "b.io": ["m.io/b", "n.io/b"]})
    less = mirror_set("a", {"a.io": ["m.io/a"], "b.io": ["m.io/b"]})
    (group,) = by_cause(change(both, less).pools[0].verdict.reasons)
    assert len(group.reasons) == 2
    assert len(group.remedies) == 1
    report = text(change(both, less))
    assert report.count("Keep it as the last mirror") == 1
    assert report.count("removing a mirror drains nodes") == 1


def test_reports_say_that_it_is_the_default_and_what_would_avoid_it() -> None:
    searched = change("", image_config(containerRuntimeSearchRegistries=["a.io"]))
    for report in (text(searched, 200), diff_markdown.render([("", searched)])):
        assert "The default node disruption policy of release 5.0 decides" in report
        assert "changing the search drop-in reboots nodes" in report
        assert "NodeDisruptionPolicy for this path (release 4.17 on) can make it a reload" in report
    assert "default" not in text(change("", ""))


# --- Text --------------------------------------------------------------------------


def test_long_lists_show_their_beginning() -> None:
    many = mirror_set("a", {f"h{number:03}.io": ["m.io/a"] for number in range(30)})
    report = text(change(many, ""))
    assert "  and 20 more such changes; --format json lists all\n" in report
    assert "  and 20 more scopes; --format json lists all\n" in report
    assert report.count("is removed\n") == 10


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_lines_fit_as_far_as_words_do(width: int) -> None:
    report = text(change(ONE, TWO), width)
    for line in report.splitlines():
        # Only what cannot be broken, such as a name, stands out.
        assert len(line) <= max(width, 40) or " " not in line.strip().removeprefix("old ").removeprefix("new ")


def test_a_line_is_shown_beside_its_place_where_it_fits() -> None:
    assert "    old a.yaml:10:7: - n.io/ns\n" in text(change(ONE, TWO))
    assert "    old a.yaml:10:7\n" not in text(change(ONE, TWO))
    long = {"a" * 30 + "/a.yaml": ONE}
    assert f"    old {'a' * 30}/a.yaml:7:13\n" in text(change(long, {}), 50)


def test_colours_are_only_on_demand() -> None:
    found = [("", change(ONE, TWO))]
    plain_text = diff_text.render(found)
    coloured = diff_text.render(found, colour=True)
    assert "\x1b" not in plain_text
    assert "\x1b[1;33mdrain " in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain_text


def test_pools_that_differ_are_told_apart() -> None:
    found = runs("run-1", "run-2")
    first, second = found.pools
    from dataclasses import replace

    calm = replace(found, pools=(first, replace(second, verdict=change("", "").pools[0].verdict)))
    report = text(calm)
    assert "drain   master: Nodes are drained in a rolling update" in report
    assert "none    worker: Nothing changes on nodes." in report
    assert "Why on master\n" in report
    table = diff_markdown.render([("", calm)])
    assert "| `master` | 🟠 drain |" in table
    assert "| `worker` | 🟢 none | nothing changes on nodes |" in table


def test_clusters_to_which_it_does_the_same_are_told_together() -> None:
    drained, calm = change(ONE, TWO), change(ONE, ONE)
    found = [("north", drained), ("south", calm), ("east", drained)]
    assert [names for names, _ in grouped(found)] == [("north", "east"), ("south",)]
    report = diff_text.render(found)
    assert report.startswith("clusters north, east\n\n")
    assert "\n\ncluster south\n\n" in report
    comment = diff_markdown.render(found)
    assert f"### 🟠 drain: {DRAINED} (2 of 3 clusters)" in comment
    assert "| `north`, `east` | `master`, `worker` | 🟠 drain | mirror removed (1) |" in comment
    assert "#### `south`" in comment
    told = json.loads(diff_json.render(found))
    assert (told["version"], told["disruption"]) == (1, "drain")
    assert [(each["name"], each["disruption"]) for each in told["clusters"]] == [
        ("north", "drain"),
        ("south", "none"),
        ("east", "drain"),
    ]
    assert "(north, east)" in diff_github.render(found)
    many = [(f"c{number}", drained) for number in range(30)]
    assert "and 20 more\n" in diff_text.render(many)
    assert "and 25 more |" in diff_markdown.render(many)
    assert "c4, …)" in diff_github.render(many)


# --- Markdown ----------------------------------------------------------------------


EVIL = "x`|<img src=x onerror=alert(1)>\n@everyone #1 [a](http://e.example) **b** \x1b[31m www.e.example"
PIECES = [
    *("`", "``", "```", "~~~", "|", "\\", '"', "'", "#", "1.", "-", ">", "__b__", "*a*", "[a](b)", "![x](y)"),
    *("<b>", "<!--", "-->", "&amp;", "&#64;", "@user", "#1", "GH-1", "!1", "~a", "%a", "$1", "&1", ":smile:"),
    *("<https://x.example>", "http://x", "www.x.example", "a@b.example", "mailto:a@b.example", "xmpp:a@b.example"),
    *(" ", "\n", "a"),
]
CONTEXTS = ("x {} y", "- {}", "> {}", "| a | b |\n|---|---|\n| {} | c |")


def test_values_are_code() -> None:
    assert code("quay.io/ns") == "`quay.io/ns`"
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"
    assert code(" x ") == "`  x  `"
    assert code("a|b\nc") == "`a¦b\\nc`"
    assert code("") == "(empty)"
    assert len(code("x" * 10_000)) == LONGEST_VALUE + 2


def test_sentences_have_their_values_as_code_and_the_rest_is_only_text() -> None:
    assert prose('mirror "a.io" of `b.io`, say, is <gone>') == "mirror `a.io` of `b.io`, say, is `<gone>`"
    assert prose('`a.io`"b.io"') == "`a.io` `b.io`"
    assert prose("`` is empty") == "(empty) is empty"


@pytest.mark.parametrize("scope", ["`", "``", "a`b", "`a", "a`", "a``b.io/x`y"])
def test_a_value_may_have_backticks_itself(scope: str) -> None:
    assert prose(f"`{scope}`") == code(scope)
    assert prose(f"the mirrors of `{scope}`, and `b.io`: one") == f"the mirrors of {code(scope)}, and `b.io`: one"
    assert plain("release 4.17, e.g. (fix/#12) for @me") == "release 4.17, e.g. `(fix/#12)` for `@me`"
    assert plain("a_b www.y 1. x") == "`a_b` `www.y` `1.` x"


def test_what_is_looked_for_on_a_page_is_found() -> None:
    for harm in ("@user", "see #1", "<b>x</b>", "[a](b)", "www.x.example", "a@b.example", "x ~a", "<details>"):
        assert Rendered(harm).wrongs() != []
    assert (
        Rendered("| a | b |\n|---|---|\n| `@user` | c |\n\n<details><summary>x</summary>\n\n</details>").wrongs() == []
    )


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=8).map("".join))
def test_no_text_breaks_out(value: str) -> None:
    """GitHub's own renderer makes nothing of a text but the text."""
    for made in (code(value), plain(value), prose(value), prose(f"a `{value}` b"), prose(f'a "{value}" b')):
        for context in CONTEXTS:
            assert Rendered(context.format(made)).wrongs() == []
    shown = Rendered(f"x {code(value)} y").code
    assert shown == ([printable(value).replace("|", "¦")] if value else [])


@pytest.mark.parametrize("kind", ["ImageContentSourcePolicy", "ImageDigestMirrorSet"])
def test_a_hostile_repo_writes_no_comment_of_its_own(kind: str) -> None:
    rules = {json.dumps(EVIL): ["m.io", json.dumps(EVIL)], "a.io": [json.dumps(EVIL)]}
    hostile = mirror_set("a", rules, kind=kind, extra=f"annotations: {{x: {json.dumps(EVIL)}}}")
    hostile = hostile.replace("name: a\n", f"name: {json.dumps(EVIL)}\n")
    for old, new in ((ONE, hostile), (hostile, ONE), ("", hostile), (hostile, "")):
        for release in ("4.14", "5.0"):
            settings = settings_of(release=release)
            found = compare(
                side("fix/#1 @everyone", {"a.yaml": old}, settings),
                side("<b>new`", {"<b>@x`.yaml": new, "i.yaml": image_config()}, settings),
                settings,
            )
            page = Rendered(diff_markdown.render([("@all", found), ("#2", change(ONE, TWO))]))
            assert page.wrongs() == [], page.html


def test_an_image_of_a_hostile_name_is_only_text() -> None:
    references = load_image_list("<stdin>", f"quay.io/ns/{EVIL}\n@user #1\nquay.io/ns/a:1\n".encode()).references
    settings = settings_of()
    never = mirror_set("a", {"quay.io/ns": ["m.io/ns"]}, never=["quay.io/ns"])
    found = compare(side("old", ONE, settings), side("new", never, settings), settings, images=references)
    assert [shift.pull_spec for shift in found.images] == ["quay.io/ns/a:1"]
    assert Rendered(diff_markdown.render([("", found)])).wrongs() == []


def test_a_comment_is_never_too_long() -> None:
    many = {f"h{number:05}.example.com/{'n' * 100}": ["m.example.com/a"] for number in range(600)}
    comparison = change(mirror_set("a", many), "")
    comment = diff_markdown.render([("", comparison)])
    assert 2000 < len(comment.encode()) <= diff_markdown.LIMIT
    assert "… and 5" in comment
    assert len(diff_markdown.render([("", comparison)], limit=3000).encode()) <= 3000
    tiny = diff_markdown.render([(f"c{number}", comparison) for number in range(3)], limit=300)
    assert tiny.startswith("<!-- mirrorc diff -->\n### 🟠 drain")
    assert "see `--format json`" in tiny
    clusters = []
    for number in range(120):
        clusters.append((f"cluster-{number}", change(ONE, mirror_set("a", {f"h{number}.io": ["m.io"]}))))
    comment = diff_markdown.render(clusters)
    assert len(comment.encode()) <= diff_markdown.LIMIT
    assert "more groups of clusters" in comment


def test_a_comment_folds_what_is_long() -> None:
    comment = markdown({"a.yaml": ONE}, {"a.yaml": mirror_set("a", {"quay.io/ns": ["m.io/ns", "x.io/ns"]})})
    assert comment.index("### 🟠 drain") < comment.index("| pools | nodes | why |") < comment.index("<details>")
    assert "<details><summary>Less disruptive changes (1)</summary>" in comment
    assert "<details><summary>Changes to pulls (1 scope)</summary>" in comment
    assert "<details><summary>Changes to objects (1 object)</summary>" in comment


def test_each_cause_has_its_own_heading() -> None:
    old = mirror_set("a", {"a.io": ["m.io/a", "n.io/a"], "b.io": ["m.io/b"]})
    new = mirror_set("a", {"a.io": ["n.io/a", "m.io/a"], "b.io": ["m.io/b", "n.io/b"]})
    comment = markdown(old, new)
    assert comment.count("**reload**: adding a digest-only mirror only reloads CRI-O\n") == 1
    assert comment.count("**reload**: reordering mirrors only reloads CRI-O\n") == 1
    assert "tried in another order" in comment
    assert "is added to `b.io`" in comment
    for report in (comment, text(change(old, new))):  # the order says which comes first
        assert "is tried first" not in report
        assert "tried in the order" in report


def flowcharts(report: str) -> list[str]:
    return re.findall(r"^```mermaid\n(.*?)^```$", report, flags=re.MULTILINE | re.DOTALL)


def test_a_conflict_is_drawn() -> None:
    first = mirror_set("a", {"quay.io/x": ["m1.io/x", "m2.io/x"]})
    second = mirror_set("b", {"quay.io/x": ["m2.io/x", "m1.io/x"]})
    (chart,) = flowcharts(markdown({"a.yaml": first}, {"a.yaml": first, "b.yaml": second}))
    assert '["try 1: m1.io/x (conflict)"]' in chart
    assert '-->|"a.yaml:9"| n1' in chart
    assert '-->|"not followed: b.yaml:9"| n0' in chart


def test_a_conflict_that_was_there_before_is_not_drawn() -> None:
    lists = {
        "a.yaml": mirror_set("a", {"quay.io/x": ["m1.io/x", "m2.io/x"]}),
        "b.yaml": mirror_set("b", {"quay.io/x": ["m2.io/x", "m1.io/x"]}),
    }
    other = mirror_set("c", {"quay.io/y": ["m1.io/y"]})
    assert flowcharts(markdown(lists, {**lists, "c.yaml": other})) == []


def test_a_drawing_has_twenty_steps_at_most_and_shows_a_circle() -> None:
    mirrors = [f"m{number:02}.io/x" for number in range(40)]
    lists = {
        "a.yaml": mirror_set("a", {"quay.io/x": mirrors}),
        "b.yaml": mirror_set("b", {"quay.io/x": mirrors[::-1]}),
    }
    (chart,) = flowcharts(markdown({}, lists))
    steps = re.findall(r"^  (n\d+) -->\|.*?\| (n\d+)$", chart, flags=re.MULTILINE)
    assert len(steps) == 20
    assert any((second, first) in steps for first, second in steps)


def test_a_comment_on_a_refused_side_says_why() -> None:
    refused = {"a.yaml": TWO, "b.yaml": mirror_set("b", {"quay.io/ns": ["m.io/ns"]}, never=["quay.io/ns"])}
    comment = markdown(TWO, refused)
    assert "### ⛔ none: nodes keep their files, and the machine-config operator degrades\n" in comment
    assert "| `master`, `worker` | ⛔ none | policy conflict (1) |" in comment
    assert "> The controller refuses new as a whole" in comment
    assert "<details><summary>The new side is refused (1)</summary>" in comment
    assert "- `b.yaml:8` error\\[policy-conflict\\]: " in comment
    assert "<details><summary>The old side is refused (1)</summary>" in markdown(refused, TWO)


def test_no_green_light_shines_over_what_is_refused() -> None:
    refused = change(TWO, {"a.yaml": TWO, "b.yaml": mirror_set("b", {"quay.io/ns": ["m.io"]}, never=["quay.io/ns"])})
    calm, drained = change(TWO, TWO), change(ONE, TWO)
    told = "none    master, worker: Nodes keep their files, and the machine-config operator"
    assert told in text(refused)
    assert f"\x1b[1;31m{told[:8]}\x1b[0m" in diff_text.render([("", refused)], colour=True)
    comment = diff_markdown.render([("a", refused), ("b", calm)])
    assert "### ⛔ none: nodes keep their files, and the machine-config operator degrades (1 of 2 clusters)" in comment
    assert "| `b` | `master`, `worker` | 🟢 none | nothing changes on nodes |" in comment
    comment = diff_markdown.render([("a", drained), ("b", refused), ("c", calm)])
    assert f"### ⛔ drain: {DRAINED} (1 of 3 clusters); refused by 1\n" in comment


@pytest.mark.parametrize("broken", [ONE.replace("quay.io/ns", "quay.io/NS"), f"{ONE}x: y: z\n"])
def test_no_green_light_shines_over_what_cannot_be_applied(broken: str) -> None:
    found = change(ONE, broken)
    assert found.disruption == "none"
    assert "none    master, worker: Nothing changes on nodes. Some objects cannot be applied." in text(found, 100)
    comment = diff_markdown.render([("", found)])
    assert "### ⚠️ none: nothing changes on nodes. Some objects cannot be applied\n" in comment
    assert "Not everything" not in text(change(broken, broken))
    assert any(
        line.startswith("::error title=mirrorc%3A inv") for line in diff_github.render([("", found)]).split("\n")
    )


def test_beside_files_of_a_node_findings_are_not_called_new() -> None:
    legacy = mirror_set("a", {"quay.io/ns": ["m.io"]}, kind="ImageContentSourcePolicy")
    made = compare(of_registries_conf("x.conf", ""), side("manifests", legacy, Cluster().settings), Cluster().settings)
    for report in (text(made), diff_markdown.render([("", made)])):
        assert "New findings" not in report
    assert "\nFindings: 1 finding\n  a.yaml:2:7: warning[deprecated-kind]" in text(made)
    assert "<summary>Findings (1)</summary>" in diff_markdown.render([("", made)])


# --- GitHub ------------------------------------------------------------------------


def test_annotations_stand_on_the_lines_that_cause_them() -> None:
    report = diff_github.render([("", change(ONE, TWO))], locate=lambda path: f"top/{path}")
    first, second = report.splitlines()
    assert first == f"::warning title=mirrorc%3A drain::old -> new, master, worker: N{DRAINED[1:]}."
    assert second.startswith(
        "::warning title=mirrorc%3A drain (mirror-removed),file=top/a.yaml,line=7,endLine=7,col=13,endColumn=23::"
    )
    assert "%0Arule: removing a mirror drains nodes%0Abefore: a.yaml:10:7%0Ahelp: Keep" in second
    gone = diff_github.render([("", change(ONE, ""))]).splitlines()[1]
    assert gone.startswith("::warning title=mirrorc%3A drain (entry-removed),file=a.yaml::")


def test_annotations_are_errors_above_the_bar() -> None:
    found = [("", change({"a.yaml": ONE}, {"a.yaml": TWO, "b.yaml": mirror_set("b", {"b.io": ["m.io/b"]})}))]
    levels = [line.split()[0] for line in diff_github.render(found).splitlines()]
    assert levels == ["::warning", "::warning", "::notice"]
    levels = [line.split()[0] for line in diff_github.render(found, most=Disruption.RELOAD).splitlines()]
    assert levels == ["::error", "::error", "::notice"]
    levels = [line.split()[0] for line in diff_github.render(found, most=Disruption.NONE).splitlines()]
    assert levels == ["::error", "::error", "::error"]


def test_annotations_end_somewhere() -> None:
    many = mirror_set("a", {f"h{number:03}.io": ["m.io/a"] for number in range(130)})
    lines = diff_github.render([("", change(many, ""))]).splitlines()
    assert len(lines) == 102
    assert lines[-1].endswith("::and 30 more changes; --format json lists all")


def test_annotations_tell_refusals_and_notes() -> None:
    refused = {"a.yaml": TWO, "b.yaml": mirror_set("b", {"quay.io/ns": ["m.io/ns"]}, never=["quay.io/ns"])}
    lines = diff_github.render([("", change(TWO, refused))]).splitlines()
    assert lines[0] == (
        "::error title=mirrorc%3A none::old -> new, master, worker: Nodes keep their files, and the machine-config "
        "operator degrades."
    )
    assert lines[1].startswith("::error title=mirrorc%3A policy-conflict,file=b.yaml,line=8,")
    assert lines[2].startswith("::warning title=mirrorc%3A tag-pulls-blocked,file=b.yaml,line=8,")
    assert lines[3].startswith("::notice title=mirrorc::The controller refuses new as a whole")


@given(st.text())
def test_no_text_makes_a_command_of_its_own(value: str) -> None:
    legacy = mirror_set("a", {json.dumps(f"h.io{value}"): ["m.io"]}, kind="ImageContentSourcePolicy")
    report = diff_github.render([("", change(ONE, legacy, "4.14"))])
    assert all(re.match(r"::(notice|warning|error) title=", line) for line in report.split("\n")[:-1])


@pytest.mark.parametrize("width", [40, 200])
def test_before_and_after_are_two_columns_only_where_they_fit(width: int) -> None:
    old = of_registries_conf("old.conf", _conf("a.example.com/ns", "b.example.com/ns"))
    new = of_registries_conf("new.conf", _conf("b.example.com/ns", "a.example.com/ns"))
    told = diff_text.render([("", compare(old, new, settings_of()))], width=width)
    rows = [line.split() for line in told.splitlines()]
    assert (["1.", "a.example.com/ns", "b.example.com/ns"] in rows) is (width == 200)
    assert (["1.", "b.example.com/ns"] in rows) is (width == 40)
    markdown = diff_markdown.render([("", compare(old, new, settings_of()))])
    assert "| 1 | **`a.example.com/ns`** | **`b.example.com/ns`** |" in markdown
    assert "| 3 | `quay.io/ns` | `quay.io/ns` |" in markdown


def _conf(*mirrors: str) -> str:
    lines = ['[[registry]]\nlocation = "quay.io/ns"\n']
    lines += [f'[[registry.mirror]]\nlocation = "{mirror}"\n' for mirror in mirrors]
    return "".join(lines)


def test_a_comment_stays_short_where_one_list_changes_in_thousands_of_places() -> None:
    names = [f"m{number}.example.com/ns" for number in range(3_000)]
    old = of_registries_conf("old.conf", _conf(*names))
    new = of_registries_conf("new.conf", _conf(*reversed(names)))
    told = diff_markdown.render([("", compare(old, new, settings_of()))])
    assert len(told.encode()) <= diff_markdown.LIMIT
    assert "… (`--format json` has all of it)" in told
    assert "| 1 | **`m0.example.com/ns`** | **`m2999.example.com/ns`** |" in told
    assert "more; `--format json` lists all." in told
