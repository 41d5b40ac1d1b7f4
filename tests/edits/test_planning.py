"""Plans: they end in the new state, disrupt no more than they must, and every commit is one that the cluster takes."""

from collections.abc import Mapping
from itertools import combinations, pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compiler.diff.disruption import Disruption, UpdateFailsError
from compiler.diff.node_changes import judge
from compiler.diff.sides import Manifests, state_of
from compiler.edits import planning
from compiler.edits.changes import Changes, Text
from compiler.edits.planning import Plan, Planner, Sides
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import parse
from compiler.node.disruption_policy import in_force
from compiler.policy.analysis import Analysis, analyse
from compiler.policy.settings import settings_of
from compiler.text.span import File
from tests.manifest_texts import image_config, mirror_set
from tests.sides import side

SETTINGS = settings_of(payload_policy="none")
Files = Mapping[str, str]

RELOADS = """\
apiVersion: operator.openshift.io/v1
kind: MachineConfiguration
metadata: {name: cluster}
spec:
  nodeDisruptionPolicy:
    files:
    - path: /etc/containers/registries.conf
      actions: [{type: Reload, reload: {serviceName: crio.service}}]
"""


def analysis(files: Files) -> Analysis:
    return analyse(side("", files, SETTINGS).parsed, SETTINGS)


def vanished(old: Files, new: Files) -> dict[tuple[bool, str], tuple[str, ...]]:
    before, after = analysis(old), analysis(new)
    found = {}
    for tag, was, is_ in ((False, before.digest, after.digest), (True, before.tag, after.tag)):
        has = {each.source: each.listed for each in is_}
        for each in was:
            found[tag, each.source] = tuple(m for m in each.order if m not in has.get(each.source, each.listed))
    return found


def planned(old: Files, new: Files) -> tuple[Plan, list[dict[str, str]]]:
    """The plan, and the files before it and after each of its commits."""
    texts = [
        Text(path=path, old=old.get(path), new=new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    ]
    gone = vanished(old, new)
    changes = Changes(texts, lambda _, kind, source: gone.get((kind == "ImageTagMirrorSet", source), ()))
    cluster = Sides(name="", settings=SETTINGS, old=side("old", old, SETTINGS), new=side("new", new, SETTINGS))
    plan = Planner([cluster], changes).plan()
    states = [dict(old)]
    for step in plan.steps:
        files = dict(states[-1])
        for path, text in changes.texts(step.state).items():
            files.pop(path, None)
            if text is not None:
                files[path] = text
        states.append(files)
    return plan, states


def cost(old: Files, new: Files) -> Disruption | None:
    """What nodes go through, None where they cannot be updated."""
    before, after = analysis(old), analysis(new)
    if after.refused:
        return None
    policy = in_force(SETTINGS.release, after.policy.machine_configuration, after.policy.drain_override)
    files = [state_of(each, SETTINGS, with_bytes=False).files for each in (before, after)]
    try:
        return judge(files[0], files[1], policy).known
    except UpdateFailsError:
        return None


def drains(costs: list[Disruption | None]) -> tuple[int, int]:
    assert None not in costs
    return costs.count(Disruption.REBOOT), costs.count(Disruption.DRAIN)


def least(old: Files, new: Files) -> tuple[int, int]:
    """The fewest reboots and drains of any sequence of commits, each of which changes some whole files."""
    changed = tuple(path for path in sorted({*old, *new}) if old.get(path) != new.get(path))
    best: dict[frozenset[str], tuple[int, int]] = {frozenset(): (0, 0)}

    def state(done: frozenset[str]) -> Files:
        chosen = {path: new.get(path) if path in done else old.get(path) for path in {*old, *new}}
        return {path: text for path, text in chosen.items() if text is not None}

    for size in range(1, len(changed) + 1):
        for done in map(frozenset, combinations(changed, size)):
            for before in [each for each in best if each < done]:
                step = cost(state(before), state(done))
                if step is not None:
                    total = (
                        best[before][0] + (step is Disruption.REBOOT),
                        best[before][1] + (step is Disruption.DRAIN),
                    )
                    best[done] = min(best.get(done, total), total)
    return best[frozenset(changed)]


SOURCES = ("quay.io/a", "quay.io/a/b", "quay.io")
MIRRORS = ("m1.example.com/x", "m2.example.com/x", "m3.example.com/x", "quay.io/a")
KINDS = ("ImageDigestMirrorSet", "ImageTagMirrorSet", "ImageContentSourcePolicy")


@st.composite
def repos(draw: st.DrawFn) -> Files:
    files = {}
    for name in draw(st.sets(st.sampled_from(("one", "two", "three")), max_size=3)):
        kind = draw(st.sampled_from(KINDS))
        lists = st.lists(st.sampled_from(MIRRORS), min_size=1, max_size=3, unique=True)
        rules = draw(st.dictionaries(st.sampled_from(SOURCES), lists, min_size=1, max_size=2))
        never = draw(st.sets(st.sampled_from(SOURCES), max_size=1)) if kind != "ImageContentSourcePolicy" else ()
        files[f"{name}.yaml"] = mirror_set(name, rules, kind=kind, never=sorted(never))
    if draw(st.booleans()):
        scopes = st.lists(st.sampled_from((*SOURCES, "m1.example.com")), min_size=1, max_size=2, unique=True)
        names = st.sampled_from(("insecureRegistries", "blockedRegistries", "containerRuntimeSearchRegistries"))
        files["image.yaml"] = image_config(**draw(st.dictionaries(names, scopes, max_size=2)))
    if draw(st.booleans()):
        files["policy.yaml"] = RELOADS
    return files


@settings(max_examples=50)
@given(repos(), repos())
def test_a_plan_ends_in_the_new_state_is_never_refused_and_drains_no_more_than_any_order(
    old: Files, new: Files
) -> None:
    assume(not analysis(old).refused)
    assume(not analysis(new).refused)
    plan, states = planned(old, new)
    assert states[-1] == new
    for each in states:
        assert not analysis(each).refused
    costs = [cost(before, after) for before, after in pairwise(states)]
    assert costs == [step.disruption for step in plan.steps]
    assert drains(costs) <= min(least(old, new), drains([cost(old, new)]))


@settings(max_examples=50)
@given(repos(), repos())
def test_beyond_the_exact_size_a_plan_is_never_worse_than_one_commit(old: Files, new: Files) -> None:
    assume(not analysis(old).refused)
    assume(not analysis(new).refused)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(planning, "MOST_EXACT", -1)
        _, states = planned(old, new)
    assert states[-1] == new
    costs = [cost(before, after) for before, after in pairwise(states)]
    assert drains(costs) <= min(least(old, new), drains([cost(old, new)]))


@settings(max_examples=15)
@given(repos(), repos(), repos())
def test_what_no_change_is_about_can_be_left_out_of_the_search(old: Files, new: Files, beside: Files) -> None:
    """The search among what is concerned finds a sequence that costs as little as the best of all."""
    kept = {f"kept-{name}": text.replace("name: ", "name: kept-") for name, text in beside.items() if name[0] != "i"}
    kept["kept.yaml"] = mirror_set("kept", {"quay.io/z": ["m1.example.com/z"], "docker.io/z": ["m2.example.com/z"]})
    old, new = {**old, **kept}, {**new, **kept}
    assume(not analysis(old).refused)
    assume(not analysis(new).refused)
    with pytest.MonkeyPatch.context() as patched:
        plan, states = planned(old, new)
        assume(plan.exact)
        patched.setattr(planning.Planner, "_exactly", planning.Planner._search)
        whole, _ = planned(old, new)
    assert states[-1] == new
    assert [step.costs for step in plan.steps] == [step.costs for step in whole.steps]


@settings(max_examples=25)
@given(repos(), repos())
def test_builds_with_several_changes_follow_from_those_with_one_where_that_is_said(old: Files, new: Files) -> None:
    """A build of plain files, as a kustomization that lists them does it: what is planned costs what `planned` says."""
    assume(not analysis(old).refused)
    assume(not analysis(new).refused)
    builds: list[Mapping[str, str | None]] = []

    def build(texts: Mapping[str, str | None]) -> Loaded:
        builds.append(texts)
        files = {path: text for path, text in {**old, **texts}.items() if text is not None}
        parsed = [parse(File(path, text, editable=False), SETTINGS.release) for path, text in sorted(files.items())]
        manifests = tuple(manifest for each in parsed for manifest in each.manifests)
        diagnostics = tuple(each for every in parsed for each in every.diagnostics)
        whole = parse(File("<build>", editable=False), SETTINGS.release)
        return Loaded(parsed=(whole._replace(manifests=manifests, diagnostics=diagnostics),))

    def built(label: str, files: Files) -> Manifests:
        texts = {path: files.get(path) for path in {*old, *new}}
        return Manifests(label=label, parsed=build(texts).parsed, built_from=tuple(sorted(files)))

    texts = [Text(path=path, old=old.get(path), new=new.get(path)) for path in sorted({*old, *new})]
    gone = vanished(old, new)
    changes = Changes(
        [each for each in texts if each.old != each.new],
        lambda _, kind, source: gone.get((kind == "ImageTagMirrorSet", source), ()),
    )
    assume(len(changes.all) <= planning.MOST_EXACT)
    sides = Sides(name="", settings=SETTINGS, old=built("old", old), new=built("new", new), rebuild=build)
    plan = Planner([sides], changes).plan()
    expected, _ = planned(old, new)
    assert [step.costs for step in plan.steps] == [step.costs for step in expected.steps]
    assert plan.exact


@settings(max_examples=20)
@given(repos())
def test_a_plan_to_the_same_state_has_no_commits(files: Files) -> None:
    plan, _ = planned(files, files)
    assert plan.steps == ()


def test_additions_come_first_and_a_removed_mirror_is_the_last_until_the_drain() -> None:
    old = {
        "a.yaml": mirror_set(
            "a", {"quay.io/a": ["old.example.com/a", "b.example.com/a"], "quay.io/b": ["b.example.com/b"]}
        )
    }
    new = {
        "a.yaml": mirror_set(
            "a", {"quay.io/a": ["b.example.com/a", "new.example.com/a"], "quay.io/c": ["b.example.com/c"]}
        )
    }
    plan, states = planned(old, new)
    assert [step.disruption for step in plan.steps] == [Disruption.RELOAD, Disruption.DRAIN]
    merged = {each.source: each.order for each in analysis(states[1]).digest}
    assert merged == {
        "quay.io/a": ("b.example.com/a", "new.example.com/a", "old.example.com/a"),
        "quay.io/b": ("b.example.com/b",),
        "quay.io/c": ("b.example.com/c",),
    }


def test_the_same_beyond_the_exact_size() -> None:
    names = [f"quay.io/{number}" for number in range(30)]
    old = {"a.yaml": mirror_set("a", {name: ["old.example.com/a"] for name in names})}
    new = {"a.yaml": mirror_set("a", {name: ["new.example.com/a"] for name in names})}
    plan, states = planned(old, new)
    assert not plan.exact
    assert [step.disruption for step in plan.steps] == [Disruption.RELOAD, Disruption.DRAIN]
    assert {each.order for each in analysis(states[1]).digest} == {("new.example.com/a", "old.example.com/a")}


def test_what_drains_is_left_out_of_the_additions_beyond_the_exact_size() -> None:
    names = [f"quay.io/{number}" for number in range(9)]
    new = {"a.yaml": mirror_set("a", {name: ["new.example.com/a"] for name in names})}
    old = {"a.yaml": mirror_set("a", {names[0]: ["new.example.com/a"]})}
    new["tags.yaml"] = mirror_set("tags", {"quay.io/tags": ["new.example.com/tags"]}, kind="ImageTagMirrorSet")
    new["a.yaml"] = mirror_set("a", {name: ["new.example.com/a"] for name in names}, never=[names[0]])
    plan, states = planned(old, new)
    assert [step.disruption for step in plan.steps] == [Disruption.RELOAD, Disruption.DRAIN]
    assert len(analysis(states[1]).digest) == len(names)
    assert analysis(states[1]).tag == ()


def test_lists_that_drain_keep_no_safe_addition_from_coming_first_beyond_the_exact_size() -> None:
    names = [f"quay.io/{number}" for number in range(9)]
    old = {"a.yaml": mirror_set("a", {name: ["m.example.com/a"] for name in names})}
    new = {"a.yaml": mirror_set("a", {name: ["m.example.com/a", "n.example.com/a"] for name in names})}
    old["0.yaml"] = image_config(insecureRegistries=["m.example.com"])
    new["0.yaml"] = image_config(insecureRegistries=["m.example.com", "x.example.com"])
    plan, states = planned(old, new)
    assert [step.disruption for step in plan.steps] == [Disruption.RELOAD, Disruption.DRAIN]
    assert states[1] == {**new, "0.yaml": old["0.yaml"]}


def test_an_object_is_not_replaced_by_another_kind_in_one_commit() -> None:
    rules = {"quay.io/a": ["m.example.com/a"]}
    old = {"icsp.yaml": mirror_set("a", rules, kind="ImageContentSourcePolicy")}
    new = {"idms.yaml": mirror_set("a", rules)}
    plan, states = planned(old, new)
    assert [step.disruption for step in plan.steps] == [Disruption.NONE, Disruption.NONE]
    assert set(states[1]) == {"icsp.yaml", "idms.yaml"}


def test_a_policy_that_makes_a_drain_a_reload_comes_before_the_mirrors_and_one_that_does_not_after_them() -> None:
    less = {"a.yaml": mirror_set("a", {"quay.io/a": ["m.example.com/a"]})}
    more = {"a.yaml": mirror_set("a", {"quay.io/a": ["m.example.com/a", "n.example.com/a"]})}
    plan, states = planned(more, {**less, "policy.yaml": RELOADS})
    assert max(step.disruption for step in plan.steps) is Disruption.RELOAD
    plan, states = planned({**more, "policy.yaml": RELOADS}, less)
    assert [step.disruption for step in plan.steps] == [Disruption.RELOAD, Disruption.NONE]
    assert "policy.yaml" in states[1]


def test_a_state_that_is_refused_is_not_planned() -> None:
    old = {"a.yaml": mirror_set("a", {"quay.io/a": ["m.example.com/a"]})}
    new = {**old, "b.yaml": mirror_set("b", {"quay.io/a": ["m.example.com/a"]}, never=["quay.io/a"])}
    plan, _ = planned(old, new)
    assert plan.steps == ()
    assert [refusal.rule for _, refusal in plan.refusals] == ["policy-conflict"]


def test_rules_of_one_source_change_their_policy_together() -> None:
    rules = {"quay.io/a": ["m.example.com/a"]}
    old = {"a.yaml": mirror_set("a", rules), "b.yaml": mirror_set("b", rules)}
    new = {name: mirror_set(name[0], rules, never=["quay.io/a"]) for name in old}
    plan, _ = planned(old, new)
    assert [step.disruption for step in plan.steps] == [Disruption.DRAIN]
