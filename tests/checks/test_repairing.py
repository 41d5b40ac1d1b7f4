"""Fixes for lists that contradict each other: what is edited, what is said of nodes, and what is left alone."""

import json
from pathlib import Path

import pytest

from compiler.checks.inspection import repaired, view
from compiler.findings.diagnostics import Diagnostic, Fix
from compiler.findings.fixes import splice
from compiler.manifests.parsing import Parsed, parse
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.repairs import MOST_FOUND, MOST_STEPS, Search
from compiler.policy.settings import settings_of
from compiler.text.span import File
from tests.command import call_mirrorc, flat, run_mirrorc
from tests.manifest_texts import mirror_set
from tests.programs import needs_kustomize
from tests.repositories import write

SETTINGS = settings_of()
BASE = mirror_set("base", {"quay.io/a": ["one.example.com/a", "two.example.com/a"]})
OWN = mirror_set("own", {"quay.io/a": ["two.example.com/a", "one.example.com/a"]})


def parsed(*texts: str, built: int = 0) -> list[Parsed]:
    """The files of a cluster, the first `built` of which cannot be edited."""
    return [
        parse(File(f"{number}.yaml", text, editable=number >= built), SETTINGS.release)
        for number, text in enumerate(texts)
    ]


def conflicts(*texts: str, built: int = 0, search: Search | None = None) -> list[Diagnostic]:
    seen = view(analyse(parsed(*texts, built=built), SETTINGS), SETTINGS)
    told = repaired({"": seen}, search or Search())[""].diagnostics
    return [each for each in told if each.rule == "order-conflict"]


def fixes(diagnostic: Diagnostic) -> list[Fix]:
    return [*([diagnostic.fix] if diagnostic.fix else []), *diagnostic.alternatives]


def made(fix: Fix, *texts: str) -> list[str]:
    edits = sorted(fix.edits, key=lambda edit: edit.span.start)
    return [
        splice(text, [edit for edit in edits if edit.span.path == f"{number}.yaml"])
        for number, text in enumerate(texts)
    ]


def compiled(*texts: str) -> Analysis:
    return analyse(parsed(*texts), SETTINGS)


def test_the_fix_that_keeps_today_s_order_comes_first_and_each_says_what_comes_of_it() -> None:
    (found,) = conflicts(BASE, OWN)
    (today,) = compiled(BASE, OWN).digest
    first, second = fixes(found)
    assert first.title == (
        "reorder the list at 1.yaml:9:7; the cluster then tries `one.example.com/a`, then `two.example.com/a`: nothing "
        "changes on nodes"
    )
    assert second.title == (
        "reorder the list at 0.yaml:9:7; the cluster then tries `two.example.com/a`, then `one.example.com/a`: nodes "
        "only reload CRI-O"
    )
    for fix, order in ((first, today.order), (second, today.order[::-1])):
        texts = made(fix, BASE, OWN)
        assert not fix.safe
        assert conflicts(*texts) == []
        assert compiled(*texts).digest[0].order == order
        assert sum(old != new for old, new in zip((BASE, OWN), texts, strict=True)) == 1


def test_comments_quotes_and_line_breaks_go_with_their_mirror() -> None:
    own = OWN.replace("- two.example.com/a", '- "two.example.com/a"   # near').replace("\n", "\r\n")
    (found,) = conflicts(BASE, own)
    (_, text) = made(fixes(found)[0], BASE, own)
    assert text == own.replace('- "two.example.com/a"   # near', "- @").replace(
        "- one.example.com/a", '- "two.example.com/a"   # near'
    ).replace("- @", "- one.example.com/a")


def test_a_flow_list_is_reordered_in_its_line() -> None:
    own = OWN.replace(
        "mirrors:\n    - two.example.com/a\n    - one.example.com/a", "mirrors: [two.example.com/a, one.example.com/a]"
    )
    (found,) = conflicts(BASE, own)
    assert "mirrors: [one.example.com/a, two.example.com/a]" in made(fixes(found)[0], BASE, own)[1]


def test_a_list_that_is_built_is_left_alone() -> None:
    (found,) = conflicts(BASE, OWN, built=1)
    (only,) = fixes(found)
    assert [edit.span.path for edit in only.edits] == ["1.yaml", "1.yaml"]
    (found,) = conflicts(BASE, OWN, built=2)
    assert fixes(found) == []
    (found,) = conflicts(BASE, OWN.replace("own", "also"), OWN, built=2)
    assert fixes(found) == []


REPEATED = ["one.example.com/a", "two.example.com/a", "one.example.com/a"]
LEGACY = mirror_set("a", {"quay.io/a": REPEATED}, kind="ImageContentSourcePolicy")


def test_a_mirror_that_a_list_names_twice_is_called_that_at_both_places() -> None:
    (found,) = conflicts(LEGACY)
    assert found.message == "a list of `quay.io/a` names `one.example.com/a` twice"
    assert [str(found.span), *(str(label.span) for label in found.labels)] == [
        "0.yaml:9:7",
        "0.yaml:9:7",
        "0.yaml:11:7",
    ]
    for fix in fixes(found):
        (text,) = made(fix, LEGACY)
        assert conflicts(text) == []
    assert "in line 11" in fixes(found)[0].title


def test_a_drain_is_said_where_the_cluster_s_own_policy_asks_for_one() -> None:
    policy = """\
apiVersion: operator.openshift.io/v1
kind: MachineConfiguration
metadata: {name: cluster}
spec:
  nodeDisruptionPolicy:
    files: [{path: /etc/containers/registries.conf, actions: [{type: Drain}]}]
"""
    (found,) = conflicts(BASE, OWN, policy)
    assert fixes(found)[1].title.endswith(": nodes drain")


def test_check_applies_the_first_on_request_and_nothing_changes_on_nodes(folder: Path) -> None:
    write(folder, "base.yaml", text=BASE)
    write(folder, "own.yaml", text=OWN)
    assert run_mirrorc("check", "--fix", cwd=folder).code == 1
    done = run_mirrorc("check", "--fix", "--unsafe-fixes", cwd=folder)
    assert done.code == 0, done.stdout
    assert (folder / "base.yaml").read_text() == BASE
    (before,), (after,) = compiled(BASE, OWN).digest, compiled(BASE, (folder / "own.yaml").read_text()).digest
    assert after.order == before.order


@needs_kustomize
def test_a_list_in_a_shared_base_is_left_alone_and_the_cluster_s_own_list_is_reordered(folder: Path) -> None:
    own = OWN.replace("- two.example.com/a", "- 'two.example.com/a'  # near")
    write(folder, "base/a.yaml", text=BASE)
    write(folder, "base/kustomization.yaml", text="resources: [a.yaml]\n")
    write(folder, "north/lists/own.yaml", text=own)
    write(folder, "north/kustomization.yaml", text="resources: [../base, lists/own.yaml]\nnamePrefix: north-\n")
    write(folder, ".mirrorc.yaml", text="version: 1\nclusters:\n- {name: north, kustomization: north}\n")
    shown = call_mirrorc("check", "--diff", "--unsafe-fixes", cwd=folder)
    assert shown.stdout.startswith("--- a/north/lists/own.yaml\n")
    assert (folder / "north/lists/own.yaml").read_text() == own
    done = call_mirrorc("check", "--fix", "--unsafe-fixes", cwd=folder)
    assert done.code == 0, done.stdout
    assert (folder / "base/a.yaml").read_text() == BASE
    assert (folder / "north/lists/own.yaml").read_text() == own.replace(
        "- 'two.example.com/a'  # near\n    - one.example.com/a",
        "- one.example.com/a\n    - 'two.example.com/a'  # near",
    )


@needs_kustomize
def test_where_the_bases_contradict_each_other_no_own_list_settles_it_and_that_is_said(folder: Path) -> None:
    write(folder, "base/a.yaml", text=f"{BASE}---\n{OWN}")
    write(folder, "base/kustomization.yaml", text="resources: [a.yaml]\n")
    write(folder, "north/kustomization.yaml", text="resources: [../base]\n")
    write(folder, ".mirrorc.yaml", text="version: 1\nclusters:\n- {name: north, kustomization: north}\n")
    done = call_mirrorc("check", "--fix", "--unsafe-fixes", cwd=folder)
    assert done.code == 1
    assert "so no list of the cluster's own files settles the order" in flat(done.stdout)
    assert (folder / "base/a.yaml").read_text() == f"{BASE}---\n{OWN}"


def test_a_fix_of_a_file_that_other_clusters_read_says_so(folder: Path) -> None:
    write(folder, "base/a.yaml", text=BASE)
    write(folder, "north/own.yaml", text=OWN)
    write(folder, "south/b.yaml", text=mirror_set("b", {"quay.io/b": ["one.example.com/b"]}))
    clusters = "".join(f"- {{name: {name}, paths: [base, {name}]}}\n" for name in ("north", "south"))
    write(folder, ".mirrorc.yaml", text=f"version: 1\nclusters:\n{clusters}")
    (found,) = json.loads(call_mirrorc("check", "--format", "json", cwd=folder).stdout)["diagnostics"]
    assert found["fix"]["title"].endswith(": nothing changes on nodes")
    (other,) = found["alternatives"]
    assert other["title"].endswith(": nodes only reload CRI-O in `north`, but `south` reads the file too")


@pytest.mark.parametrize("count", [7, 12])
def test_many_lists_get_few_fixes_that_say_whether_they_are_smallest(count: int) -> None:
    mirrors = [f"m{number}.example.com/a" for number in range(5)]
    texts = [mirror_set(f"x{n}", {"quay.io/a": mirrors[n % 5 :] + mirrors[: n % 5]}) for n in range(count)]
    (found,) = conflicts(*texts)
    assert 0 < len(fixes(found)) <= MOST_FOUND
    for fix in fixes(found):
        assert "(not proven smallest)" in fix.title
        assert conflicts(*made(fix, *texts)) == []


def test_every_contradiction_gets_fixes_and_where_the_steps_of_the_run_end_that_is_said() -> None:
    mirrors = [f"m{number}.example.com/a" for number in range(5)]
    texts = [
        mirror_set(f"x{n}", {f"quay.io/a{source}": mirrors[n:] + mirrors[:n] for source in range(60)}) for n in range(5)
    ]
    for steps, words in ((100_000, ""), (0, " (not proven smallest: the 600,000 search steps of a run are used up)")):
        found = conflicts(*texts, search=Search(steps=steps))
        assert len(found) == 60
        assert all(fixes(each) and f"{words}; the cluster" in fixes(each)[0].title for each in found)
        assert ("proven" in fixes(found[-1])[0].title) is bool(words)


def test_fixes_are_compiled_up_to_a_limit_for_the_run_and_where_it_ends_that_is_said() -> None:
    sources = {f"quay.io/{number}": ["m1.example.com/a", "m2.example.com/a"] for number in range(10)}
    turned = {source: mirrors[::-1] for source, mirrors in sources.items()}
    found = conflicts(mirror_set("a", sources), mirror_set("b", turned), search=Search(mirrors=20))
    assert [len(fixes(each)) for each in found] == [2, 2, 1, *[0] * 7]
    assert ["the limit of a run" in str(each.help) for each in found] == [False] * 3 + [True] * 7


def test_one_search_is_for_all_clusters_and_all_rounds_of_a_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two", "three"):
        order = sorted(("one", "two", "three", "four"), key=lambda each: (each != name, each))
        sources = {f"quay.io/{n}": [f"{each}.example.com/{n}" for each in order] for n in ("a", "b")}
        write(folder, f"base/{name}.yaml", text=mirror_set(name, sources))
    clusters = "".join(f"- {{name: c{number}, paths: [base]}}\n" for number in range(3))
    write(folder, ".mirrorc.yaml", text=f"version: 1\nclusters:\n{clusters}")
    made: list[Search] = []

    def watched() -> Search:
        made.append(Search())
        return made[-1]

    monkeypatch.setattr("compiler.policy.repairs.Search", watched)
    assert call_mirrorc("check", cwd=folder).code == 1
    done = call_mirrorc("check", "--fix", "--unsafe-fixes", cwd=folder)
    assert done.code == 0, done.stdout
    one_look, fixing = made
    assert 0 < MOST_STEPS - one_look.steps == MOST_STEPS - fixing.steps
