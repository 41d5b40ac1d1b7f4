"""Two sides together: refusals, pools, findings, notes, the lines behind a verdict."""

import pytest

from compiler.diff.comparison import compare
from compiler.diff.disruption import Reason
from compiler.diff.sides import Manifests
from compiler.policy.settings import Settings, settings_of
from tests.manifest_texts import image_config, mirror_set
from tests.sides import Texts, change, side

ONE = mirror_set("a", {"quay.io/ns": ["m.io/ns", "n.io/ns"]})
TWO = mirror_set("a", {"quay.io/ns": ["m.io/ns"]})
REFUSED = {"a.yaml": ONE, "b.yaml": mirror_set("b", {"quay.io/ns": ["m.io/ns"]}, never=["quay.io/ns"])}
IMAGE_CONFIG = {"a.yaml": image_config(blockedRegistries=["a.io", "b.io"])}


def reasons(old: Texts, new: Texts, **settings: str) -> list[Reason]:
    first, *others = change(old, new, **settings).pools
    assert all(other.verdict == first.verdict for other in others)
    return list(first.verdict.reasons)


def lines(reason: Reason) -> tuple[list[str], list[str]]:
    return [str(span) for span in reason.old_spans], [str(span) for span in reason.new_spans]


# --- Refusals --------------------------------------------------------------------


def test_a_new_side_that_is_refused_changes_nothing_on_nodes() -> None:
    comparison = change(TWO, REFUSED)
    assert comparison.disruption == "none"
    assert comparison.changes == ()
    assert [finding.rule for finding in comparison.new_refusals] == ["policy-conflict"]
    assert comparison.old_refusals == ()
    (note,) = comparison.notes
    assert note.text == (
        "The controller refuses new as a whole: nodes keep the files they have, so nothing changes for them now, and "
        "the machine-config operator degrades."
    )
    assert note.help.startswith("Fix the refused manifests before you merge")
    assert [each.name for each in comparison.objects] == ["b", "a"]


def earlier(*states: Texts, settings: Settings) -> list[Manifests]:
    return [side(f"state {number}", texts, settings) for number, texts in enumerate(states, 1)]


def test_under_a_refused_old_side_nodes_still_hold_what_was_before_it() -> None:
    settings = settings_of()
    old, new = side("old", REFUSED, settings), side("new", TWO, settings)
    comparison = compare(old, new, settings, earlier(REFUSED, TWO, ONE, settings=settings))
    assert comparison.disruption == "none"
    assert [note.text for note in comparison.notes] == [
        "The controller refuses old as a whole: nodes still have the files of state 2, so the comparison uses these."
    ]
    assert [finding.rule for finding in comparison.old_refusals] == ["policy-conflict"]
    comparison = compare(old, new, settings, earlier(ONE, settings=settings))
    assert comparison.disruption == "drain"
    assert "state 1" in comparison.notes[0].text


def test_what_nodes_hold_under_a_refused_old_side_may_be_unknown() -> None:
    comparison = change(REFUSED, TWO)
    assert comparison.disruption == "drain"  # what the old side would have made is the best guess there is
    (note,) = comparison.notes
    assert "which is unknown" in note.text
    assert "oc get machineconfig 99-worker-generated-registries -o yaml" in note.help


def test_two_refused_sides_leave_nodes_alone() -> None:
    comparison = change(REFUSED, {**REFUSED, "c.yaml": mirror_set("c", {"c.io": ["m.io/c"]})})
    assert comparison.disruption == "none"
    assert len(comparison.notes) == 2
    assert (len(comparison.old_refusals), len(comparison.new_refusals)) == (1, 1)
    assert comparison.new_findings == ()


def test_a_conflict_is_settled_as_the_cluster_settles_it() -> None:
    one = mirror_set("a", {"quay.io": ["a.io/q", "b.io/q"]})
    turned = mirror_set("b", {"quay.io": ["b.io/q", "a.io/q"]})
    comparison = change({"a.yaml": one}, {"a.yaml": one, "b.yaml": turned})
    assert comparison.disruption == "none"
    assert [finding.rule for finding in comparison.new_findings] == ["order-conflict"]
    (created,) = comparison.objects
    assert not created.effective


def test_objects_that_nobody_prunes_stay() -> None:
    settings = settings_of()
    old = {"a.yaml": TWO, "b.yaml": mirror_set("b", {"c.io": ["m.io/c"]})}
    comparison = compare(side("old", old, settings), side("new", TWO, settings), settings, prune=False)
    assert comparison.disruption == "none"
    assert comparison.objects == ()
    assert change(old, TWO).disruption == "drain"


# --- The verdict and its lines -----------------------------------------------------


def test_reasons_name_the_lines_that_cause_them() -> None:
    (removed,) = reasons(ONE, TWO)
    assert lines(removed) == (["a.yaml:10:7"], ["a.yaml:7:13"])
    (added,) = reasons(TWO, ONE)
    assert lines(added) == ([], ["a.yaml:10:7"])


def test_what_blocks_a_source_is_named_and_not_only_its_rule() -> None:
    open_ = mirror_set("a", {"quay.io/ns": ["m.io"], "quay.io/x": ["m.io"]})
    closed = mirror_set("a", {"quay.io/ns": ["m.io"], "quay.io/x": ["m.io"]}, never=["quay.io/x"])
    (blocked,) = reasons(open_, closed)
    assert (blocked.scope, lines(blocked)) == ("quay.io/x", ([], ["a.yaml:11:25"]))
    (unblocked,) = reasons(closed, open_)
    assert lines(unblocked) == (["a.yaml:11:25"], [])
    block = image_config(blockedRegistries=["quay.io/x"])
    by_image = reasons({"a.yaml": open_}, {"a.yaml": open_, "i.yaml": block})
    assert [lines(reason) for reason in by_image if reason.cause == "blocked-changed"] == [([], ["i.yaml:8:7"])]


def test_what_makes_an_entry_or_a_mirror_insecure_is_named() -> None:
    insecure = image_config(insecureRegistries=["m.io", "quay.io"])
    found = reasons({"a.yaml": TWO}, {"a.yaml": TWO, "i.yaml": insecure})
    assert [(reason.cause.value, reason.scope, lines(reason)) for reason in found] == [
        ("insecure-changed", "quay.io/ns", ([], ["i.yaml:9:7"])),
        ("entry-added-without-mirrors", "m.io", ([], ["i.yaml:8:7"])),
        ("entry-added-without-mirrors", "quay.io", ([], ["i.yaml:9:7"])),
        ("mirror-insecure-changed", "quay.io/ns", ([], ["i.yaml:8:7"])),
    ]


def test_of_a_list_only_what_changed_is_named() -> None:
    (policy,) = (
        reason
        for reason in reasons(IMAGE_CONFIG, image_config(blockedRegistries=["a.io", "c.io"]))
        if reason.cause == "policy-changed"
    )
    assert lines(policy) == (["a.yaml:9:7"], ["a.yaml:9:7"])
    (search,) = reasons(
        image_config(containerRuntimeSearchRegistries=["a.io", "b.io"]),
        image_config(containerRuntimeSearchRegistries=["b.io", "a.io"]),
    )
    # Turned around: nothing was added or removed, so all of it is named.
    assert lines(search) == (["a.yaml:8:7", "a.yaml:9:7"], ["a.yaml:8:7", "a.yaml:9:7"])
    assert search.disruption == "reboot"


def test_a_drop_in_is_told_by_the_lines_of_what_changes_in_it() -> None:
    (reason,) = reasons(ONE, TWO, machine_config="drop-in")
    assert (reason.cause, reason.disruption) == ("drop-in-changed", "reboot")
    assert reason.path == "/etc/containers/registries.conf.d/99-mirrors.conf"
    assert lines(reason) == (["a.yaml:10:7"], ["a.yaml:7:13"])


def test_the_worst_reasons_come_first() -> None:
    new = {"a.yaml": TWO, "i.yaml": image_config(blockedRegistries=["x.io"], containerRuntimeSearchRegistries=["y.io"])}
    told = [reason.disruption.value for reason in reasons({"a.yaml": ONE}, new)]
    assert told == ["reboot", "drain", "drain", "reload"]


@pytest.mark.parametrize("release", ["4.13", "4.16", "4.18", "5.0"])
def test_the_release_is_the_clusters_own(release: str) -> None:
    wildcard = mirror_set("a", {'"*.example.com"': ["m.io"]})
    comparison = change("", wildcard, release)
    assert comparison.release == release
    assert bool(comparison.new_refusals) == (release == "4.13")


# --- Findings ----------------------------------------------------------------------


def test_findings_are_new_or_gone_wherever_lines_moved_to() -> None:
    legacy = mirror_set("a", {"quay.io/ns": ["m.io"]}, kind="ImageContentSourcePolicy")
    comparison = change(legacy, f"# moved\n\n{legacy}")
    assert (comparison.new_findings, comparison.gone_findings) == ((), ())
    comparison = change({"old.yaml": legacy}, {"new.yaml": legacy})
    assert (comparison.new_findings, comparison.gone_findings) == ((), ())
    comparison = change("", legacy)
    assert [finding.rule for finding in comparison.new_findings] == ["deprecated-kind"]
    comparison = change(legacy, "")
    assert [finding.rule for finding in comparison.gone_findings] == ["deprecated-kind"]


def test_of_two_alike_findings_one_may_be_new() -> None:
    legacy = mirror_set("a", {"quay.io/ns": ["m.io"]}, kind="ImageContentSourcePolicy")
    second = legacy.replace("name: a", "name: b")
    comparison = change(legacy, f"{legacy}---\n{second}")
    assert [finding.rule for finding in comparison.new_findings].count("deprecated-kind") == 1


def test_what_is_allowed_or_off_is_no_finding() -> None:
    legacy = mirror_set("a", {"quay.io/ns": ["m.io"]}, kind="ImageContentSourcePolicy")
    allowed = legacy.replace("kind: Image", "# mirrorc: allow deprecated-kind -- until 2027\nkind: Image")
    assert change("", allowed).new_findings == ()
