"""Steps of a migration over clusters: what upstream recorded, and what is proven or left."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.clusters.cluster import Cluster
from compiler.clusters.loading import load_clusters
from compiler.clusters.workspace import Workspace
from compiler.diff.disruption import Disruption
from compiler.edits import migration
from compiler.edits.migration import Migration, Step, migrate
from compiler.edits.union import disruption_between
from compiler.findings.proof import Prover
from compiler.manifests.load import Loaded
from compiler.manifests.parsing import parse
from compiler.node.files import REGISTRIES_CONF
from compiler.policy.analysis import Analysis
from compiler.policy.node_files import node_files
from compiler.policy.settings import settings_of
from compiler.text.span import File
from tests.conformance import Json, as_list, as_object, as_text, objects, recordings, text
from tests.manifest_texts import ICSP, IDMS, mirror_set

SETTINGS = settings_of(payload_policy="none")


def workspace(*texts: str) -> Workspace:
    """One cluster, made of these texts."""
    parsed = tuple(parse(File(f"{number}.yaml", each), SETTINGS.release) for number, each in enumerate(texts))
    return Workspace(clusters=[Cluster(settings=SETTINGS)], loaded=[Loaded(parsed=parsed)])


def conf(analysis: Analysis) -> str | None:
    made = node_files(analysis, SETTINGS.release).get(REGISTRIES_CONF)
    return made.decode() if made is not None else None


def compiled(*texts: str) -> Analysis:
    (analysis,) = workspace(*texts).analyses()
    return analysis


def done(made: Migration, before: str) -> str:
    return next(iter(made.after.values()), before)


def reasons(made: Migration) -> list[str]:
    return [each.reason for each in (*made.left, *made.unproven)]


LINES = list(recordings("migrate"))
STATED = [line for line in LINES if "states" in line]
TWICE = {"f-samename", "m10"}
"""Two objects with one name: the recorded controller was given both, while a cluster has one, as ours does."""


def accepted(line: dict[str, Json], kind: str) -> bool:
    return all(each["accepted"] for each in objects(line, f"{kind}_api"))


def state(line: dict[str, Json], name: str) -> dict[str, Json]:
    return as_object(as_object(line["states"])[name])


def check_state(line: dict[str, Json], name: str, analysis: Analysis) -> None:
    recorded = state(line, name)
    assert analysis.refused == bool(recorded["error"]), (line["id"], name)
    if not analysis.refused:
        assert conf(analysis) == recorded["registries_conf"], (line["id"], name)


def test_each_recorded_state_is_what_the_cluster_makes() -> None:
    for line in STATED:
        if line["id"] in TWICE or not accepted(line, "icsp"):
            continue
        old, new = text(line, "input"), text(line, "oc_output")
        check_state(line, "icsp_only", compiled(old))
        check_state(line, "none", compiled(""))
        if accepted(line, "idms"):
            check_state(line, "both", compiled(old, new))
            check_state(line, "idms_only", compiled(new))


@pytest.mark.parametrize("step", [Step.ADD, Step.AT_ONCE])
def test_every_recorded_migration_leaves_nodes_as_they_were(step: Step) -> None:
    migrated = 0
    for line in LINES:
        before = text(line, "input")
        (old,) = workspace(before).analyses()
        made = migrate(workspace(before), step)
        after = done(made, before)
        (new,) = workspace(after).analyses()
        assert not made.differences, line["id"]
        assert (conf(new), new.refused) == (conf(old), old.refused), line["id"]
        if "states" not in line or not accepted(line, "icsp") or state(line, "icsp_only")["error"]:
            continue
        assert made.is_complete, (line["id"], reasons(made))
        if line["id"] not in TWICE:
            assert conf(new) == state(line, "icsp_only")["registries_conf"], line["id"]
        if step is Step.AT_ONCE:
            assert "kind: ImageContentSourcePolicy" not in after, line["id"]
        migrated += 1
    assert migrated == 102


def test_adding_and_finishing_makes_what_replacing_at_once_makes() -> None:
    for line in STATED:
        before = text(line, "input")
        if line["id"] in TWICE or not accepted(line, "icsp") or state(line, "icsp_only")["error"]:
            continue
        both = done(migrate(workspace(before), Step.ADD), before)
        finished = done(migrate(workspace(both), Step.FINISH), both)
        at_once = done(migrate(workspace(before), Step.AT_ONCE), before)
        if "---" not in before:
            assert finished.rstrip("\n") == at_once.rstrip("\n"), line["id"]
        assert conf(compiled(finished)) == conf(compiled(at_once)), line["id"]


def test_the_costs_of_never_contacting_the_source_are_the_recorded_ones() -> None:
    judged = 0
    for line in STATED:
        if line["id"] in TWICE or not accepted(line, "icsp") or state(line, "icsp_only")["error"]:
            continue
        before = text(line, "input")
        at_once = done(migrate(workspace(before), Step.AT_ONCE), before)
        made = migrate(workspace(at_once), Step.NEVER)
        last = objects(as_object(line["sequences"]), "add_then_delete_then_never")[-1]
        if last.get("controller_error"):
            assert made.unproven, line["id"]
        elif accepted(line, "idms"):
            drains = any(cost == "drain" for _, cost in made.costs)
            assert drains == last["drain"], line["id"]
            assert bool(made.after) or not last["changed"], line["id"]
            if made.after:
                check_state(line, "never_only", compiled(done(made, at_once)))
                judged += 1
    assert judged > 70


_SOURCE = re.compile(r"^( *)(- )?source: .*$", re.MULTILINE)


def never(text_: str) -> str:
    """Objects as `oc` writes them, with every source blocked."""
    return _SOURCE.sub(
        lambda rule: f"{rule[0]}\n{rule[1]}{'  ' if rule[2] else ''}mirrorSourcePolicy: NeverContactSource", text_
    )


def test_every_step_of_the_recorded_sequences_costs_what_was_recorded() -> None:
    judged = 0
    for line in STATED:
        if line["id"] in TWICE or not accepted(line, "icsp") or not accepted(line, "idms"):
            continue
        old, new = text(line, "input"), text(line, "oc_output")
        texts = {
            "icsp_only": (old,),
            "both": (old, new),
            "idms_only": (new,),
            "none": ("",),
            "both_never": (old, never(new)),
            "never_only": (never(new),),
        }
        states = {name: compiled(*each) for name, each in texts.items()}
        for steps in as_object(line["sequences"]).values():
            before = states["icsp_only"]
            for step in map(as_object, as_list(steps)):
                after = states[as_text(step["to"])]
                cost = None if before.refused else disruption_between(before, after, SETTINGS)
                assert after.refused is bool(step.get("controller_error")), (line["id"], step["to"])
                if after.refused:
                    break  # nodes keep what they have
                if cost is not None:
                    assert (cost is Disruption.DRAIN) is step["drain"], (line["id"], step["to"])
                    assert (cost is not Disruption.NONE) is step["changed"], (line["id"], step["to"])
                    judged += 1
                before = after
    assert judged > 300


def test_while_the_old_object_exists_the_source_is_not_blocked() -> None:
    made = migrate(workspace(ICSP + "---\n" + IDMS), Step.NEVER)
    assert not made.after
    assert reasons(made) == ["this ImageContentSourcePolicy still exists, and has no mirrorSourcePolicy"]


def test_a_second_run_adds_nothing() -> None:
    both = done(migrate(workspace(ICSP), Step.ADD), ICSP)
    again = migrate(workspace(both), Step.ADD)
    assert not again.after
    assert again.is_complete
    assert len(again.pending) == 1


def test_finishing_before_adding_removes_nothing() -> None:
    made = migrate(workspace(ICSP), Step.FINISH)
    assert not made.after
    assert reasons(made) == ["there is no ImageDigestMirrorSet of this name yet"]


def test_an_object_of_that_name_with_other_content_is_not_overwritten() -> None:
    made = migrate(workspace(ICSP, IDMS.replace("m.example", "n.example")), Step.AT_ONCE)
    assert not made.after
    assert "with other content exists at" in reasons(made)[0]


def test_what_the_new_api_refuses_is_left_and_the_rest_migrated(tmp_path: Path) -> None:
    accepts = settings_of(release="4.15", payload_policy="none")
    upper = ICSP.replace("one", "two").replace("m.example.com/team", "m.example.com/Team")
    file = tmp_path / "0.yaml"
    file.write_text(f"{ICSP}---\n{upper}")
    clusters = [Cluster(paths=(str(file),), settings=accepts)]
    made = migrate(Workspace(clusters=clusters, loaded=load_clusters(clusters)), Step.AT_ONCE)
    assert done(made, "") == f"{IDMS}---\n{upper}"
    assert "the API server refuses it as ImageDigestMirrorSet" in reasons(made)[0]


def test_what_is_refused_of_very_many_is_found_without_a_look_at_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepts = settings_of(release="4.15", payload_policy="none")
    upper = ICSP.replace("m.example.com/team", "m.example.com/Team")
    texts = [each.replace("name: one", f"name: n{n}") for n, each in enumerate((upper, ICSP, upper, ICSP))]
    file = tmp_path / "0.yaml"
    file.write_text("---\n".join(texts))
    clusters = [Cluster(paths=(str(file),), settings=accepts)]
    loaded = Workspace(clusters=clusters, loaded=load_clusters(clusters))
    one_by_one = migrate(loaded, Step.AT_ONCE)
    assert len(one_by_one.left) == 2
    monkeypatch.setattr(migration, "_MOST_TRIED", 0)
    looks: list[str] = []

    def objection(_: Prover, file: File, *__: object) -> str:
        looks.append(file.path)
        return ""

    monkeypatch.setattr(Prover, "objection", objection)
    assert migrate(loaded, Step.AT_ONCE) == one_by_one
    assert len(looks) == 2


def test_a_difference_in_one_cluster_stops_all(tmp_path: Path) -> None:
    shared, own = tmp_path / "shared.yaml", tmp_path / "own.yaml"
    shared.write_text(ICSP)
    # The same name in a cluster of its own, with the same content but for a rule that is listed twice.
    own.write_text(IDMS)
    clusters = [
        Cluster(name="a", paths=(str(shared),), settings=SETTINGS),
        Cluster(name="b", paths=(str(shared), str(own)), settings=SETTINGS),
    ]
    made = migrate(Workspace(clusters=clusters, loaded=load_clusters(clusters)), Step.ADD)
    assert not made.after
    assert reasons(made) == ["its ImageDigestMirrorSet exists in some of the clusters only"]


def test_a_cluster_that_refuses_its_manifests_proves_nothing() -> None:
    refused = ICSP.replace("one", "two").replace("quay.io/team", "quay..io/x")
    made = migrate(workspace(ICSP, refused), Step.AT_ONCE)
    assert not made.after
    assert any(reason.startswith("refused before any change") for reason in reasons(made))


def test_a_template_is_left() -> None:
    template = ICSP.replace("[m.example.com/team]", "{{ .mirrors }}").replace("one", "two")
    made = migrate(workspace(f"{ICSP}---\n{template}"), Step.AT_ONCE)
    assert done(made, "") == f"{IDMS}---\n{template}"
    assert reasons(made) == ["this ImageContentSourcePolicy is a template and is skipped"]


@pytest.mark.parametrize(
    ("release", "tag", "known"),
    [
        ("4.13", "4.13.26-x86_64", False),
        ("4.13", "4.13.27-x86_64", True),
        ("4.14", "4.14.2", False),
        ("4.14", "4.14.3", True),
        ("4.14", "", None),
        ("4.15", "4.15.0", True),
    ],
)
def test_releases_that_refuse_a_second_kind_are_known(release: str, tag: str, known: bool | None) -> None:
    digest = f"@sha256:{'0' * 64}"
    image = f"quay.io/openshift-release-dev/ocp-release{':' + tag if tag else ''}{digest}"
    assert settings_of(release=release, release_image=image).mixes_kinds is known


def test_line_breaks_and_marks_are_those_of_the_file() -> None:
    crlf = ICSP.replace("\n", "\r\n")
    assert done(migrate(workspace(crlf), Step.ADD), "") == f"{crlf}---\r\n" + IDMS.replace("\n", "\r\n")


def test_an_item_of_a_list_that_ends_with_an_alias_is_kept_whole() -> None:
    item = mirror_set("a", {"quay.io/a": ["m.example.com/a"]}, kind="ImageContentSourcePolicy")
    item = item.replace("mirrors:\n", "mirrors: &m\n") + "  - source: quay.io/b\n    mirrors: *m\n"
    before = "apiVersion: v1\nkind: List\nitems:\n- " + _indented(item)
    made = migrate(workspace(before), Step.ADD)
    new = item.replace("operator.openshift.io/v1alpha1", "config.openshift.io/v1")
    new = new.replace("ImageContentSourcePolicy", "ImageDigestMirrorSet").replace("repository", "image")
    assert done(made, "") == before + "- " + _indented(new)


def _indented(text_: str) -> str:
    return text_.rstrip("\n").replace("\n", "\n  ") + "\n"


def test_an_object_in_a_list_of_another_kind_is_left() -> None:
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
    text_ = "apiVersion: operator.openshift.io/v1alpha1\nkind: ImageContentSourcePolicyList\nitems:\n"
    made = migrate(workspace(f"{text_}- {_indented(ICSP)}- {_indented(other)}"), Step.AT_ONCE)
    assert not made.after
    assert reasons(made) == ["this ImageContentSourcePolicy is in a list of another kind"]


@pytest.mark.parametrize("end", ["", "\r", "\r\n", "\n"])
def test_a_file_with_any_end_is_added_to_and_finished(end: str) -> None:
    before = ICSP.replace("\n", "\r\n").removesuffix("\r\n") + end
    both = done(migrate(workspace(before), Step.ADD), "")
    assert both.startswith(before)
    finished = done(migrate(workspace(both), Step.FINISH), "")
    assert finished.rstrip("\r\n") == IDMS.replace("\n", "\r\n").rstrip("\r\n")


MIRRORS = st.lists(st.sampled_from(["m.example.com/1", "m.example.com/2", "quay.io/a"]), min_size=1, max_size=4)
OLD_OBJECTS = st.lists(
    st.tuples(
        st.sampled_from(["one", "two", "three"]),
        st.dictionaries(st.sampled_from(["quay.io/a", "quay.io/b"]), MIRRORS, min_size=1, max_size=2),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each[0],
)


@settings(max_examples=25)
@given(OLD_OBJECTS, st.booleans())
def test_no_step_changes_a_byte_on_nodes(old: list[tuple[str, dict[str, list[str]]]], together: bool) -> None:
    made_of = [mirror_set(name, rules, kind="ImageContentSourcePolicy") for name, rules in old]
    texts = ["---\n".join(made_of)] if together else made_of
    before = conf(compiled(*texts))
    # Where lists that name a mirror twice are merged with others, no list without a repetition may do the same.
    repeats = any(len(set(mirrors)) < len(mirrors) for _, rules in old for mirrors in rules.values())
    for steps in ((Step.ADD, Step.FINISH), (Step.AT_ONCE,)):
        files = {f"{number}.yaml": text_ for number, text_ in enumerate(texts)}
        for step in steps:
            made = migrate(workspace(*files.values()), step)
            assert repeats or made.is_complete, reasons(made)
            files |= made.after
            assert conf(compiled(*files.values())) == before
        assert repeats or "ImageContentSourcePolicy" not in "".join(files.values())
        assert all(parsed.refused == () for loaded in workspace(*files.values()).loaded for parsed in loaded.parsed)
