"""`mirrorc explain`: the recordings through the command, the reasons of every attempt, and what people read."""

import gzip
import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from textwrap import dedent

import pytest

from compiler.cli import main
from compiler.explain.explanation import Explainer, forms_of
from compiler.names.reference import ANY_DIGEST, parse_normalized
from compiler.node.admission import Admission
from compiler.node.configuration import overlay, read_node_conf
from compiler.node.model import Endpoint, RegistriesConf, RegistryEntry
from compiler.node.policy_json import read_policy_json
from compiler.reporters.explain import text as explain_text
from compiler.text.span import File
from tests.conformance import Json, as_object, objects, recordings, text
from tests.in_process import Ran, Run, runner

DIGEST = "sha256:" + "ab" * 32


UNKNOWN_POLICY = "policy.json was not checked: give it with another --registries-conf.\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `mirrorc explain` in an empty folder, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    return runner("explain", monkeypatch, capfd)


def write(folder: Path, name: str, content: str) -> None:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(dedent(content))


def digest_mirrors(name: str, **sources: list[str] | str) -> str:
    """An ImageDigestMirrorSet, one line for each value."""
    return _mirrors("ImageDigestMirrorSet", "imageDigestMirrors", name, sources)


def tag_mirrors(name: str, **sources: list[str] | str) -> str:
    """An ImageTagMirrorSet, one line for each value."""
    return _mirrors("ImageTagMirrorSet", "imageTagMirrors", name, sources)


def _mirrors(kind: str, field: str, name: str, sources: dict[str, list[str] | str]) -> str:
    lines = [
        "apiVersion: config.openshift.io/v1",
        f"kind: {kind}",
        "metadata:",
        f"  name: {name}",
        "spec:",
        f"  {field}:",
    ]
    for source, mirrors in sources.items():
        lines.append(f"  - source: {source}")
        if isinstance(mirrors, str):
            lines.append(f"    mirrorSourcePolicy: {mirrors}")
            continue
        lines.append("    mirrors:")
        lines += (f"    - {mirror}" for mirror in mirrors)
    return "\n".join(lines) + "\n"


def image_config(**lists: list[str]) -> str:
    """The cluster's Image config, one line for each scope."""
    lines = ["apiVersion: config.openshift.io/v1", "kind: Image", "metadata:", "  name: cluster", "spec:"]
    lines.append("  registrySources:")
    for name, scopes in lists.items():
        lines.append(f"    {name}:")
        lines += (f"    - {scope}" for scope in scopes)
    return "\n".join(lines) + "\n"


def places(holder: dict[str, Json], key: str = "origins") -> list[str]:
    return [f"{place['path']}:{place['line']}:{place['column']}" for place in objects(holder, key)]


def decisions(result: dict[str, Json]) -> list[Json]:
    return [as_object(attempt["order"])["decision"] for attempt in objects(result, "attempts")]


# --- The recordings ------------------------------------------------------------


@pytest.mark.parametrize("recording", list(recordings("resolve")), ids=lambda recording: text(recording, "id"))
def test_every_recorded_pull_is_explained_alike(recording: dict[str, Json], run: Run, tmp_path: Path) -> None:
    (tmp_path / "registries.conf").write_text(text(recording, "registries_conf"))
    expected = objects(as_object(recording["expected"]), "results")
    ran = run(
        "--registries-conf", "registries.conf", "--format", "json", "--", *(text(each, "ref") for each in expected)
    )
    assert ran.code == (1 if any(each["error"] for each in expected) else 0)
    assert ran.err == UNKNOWN_POLICY
    for result, recorded in zip(ran.results, expected, strict=True):
        assert result["pull_spec"] == recorded["ref"]
        assert result["normalized"] == recorded["normalized"]
        assert result["error"] == recorded["error"]
        assert bool(result["explanation"]) is bool(recorded["error"])
        if recorded["registry"] is None:
            assert result["entry"] is None
        else:
            entry, registry = as_object(result["entry"]), as_object(recorded["registry"])
            assert {key: entry[key] for key in ("prefix", "location", "blocked", "insecure")} == {
                key: registry[key] for key in ("prefix", "location", "blocked", "insecure")
            }
        assert [
            {
                "endpoint": attempt["endpoint"],
                "reference": attempt["reference"],
                "insecure": attempt["insecure"],
                "pull_from_mirror": attempt["pull_from_mirror"],
                "effective_blocked": attempt["blocked"],
            }
            for attempt in objects(result, "attempts")
        ] == [
            {key: value for key, value in source.items() if key != "effective_registry"}
            for source in objects(recorded, "sources")
        ]


# --- Reasons -------------------------------------------------------------------


def test_each_attempt_names_the_rules_that_put_it_there(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", digest_mirrors("a", **{"quay.io/ns": ["m1.example.com/ns", "m2.example.com/ns"]}))
    write(tmp_path, "b.yaml", digest_mirrors("b", **{"quay.io/ns": ["m2.example.com/ns", "m3.example.com/ns"]}))
    (result,) = run(f"quay.io/ns/app@{DIGEST}", "--format", "json").results
    assert places(as_object(result["entry"])) == ["a.yaml:7:13", "b.yaml:7:13"]
    assert [attempt["endpoint"] for attempt in objects(result, "attempts")] == [
        "m1.example.com/ns",
        "m2.example.com/ns",
        "m3.example.com/ns",
        "quay.io/ns",
    ]
    assert [places(attempt) for attempt in objects(result, "attempts")] == [
        ["a.yaml:9:7"],
        ["a.yaml:10:7", "b.yaml:9:7"],
        ["b.yaml:10:7"],
        ["a.yaml:7:13", "b.yaml:7:13"],
    ]
    assert [places(as_object(attempt["order"]), "lists") for attempt in objects(result, "attempts")] == [
        [],
        ["a.yaml:10:7"],
        ["b.yaml:10:7"],
        [],
    ]
    assert decisions(result) == ["first", "listed", "listed", "source-last"]
    assert result["outcome"] == "falls-back-to-source"


def test_mirrors_that_no_list_relates_are_said_to_stand_by_name(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", digest_mirrors("b", **{"quay.io/ns": ["b.example.com"]}))
    write(tmp_path, "a.yaml", digest_mirrors("a", **{"quay.io/ns": ["a.example.com"]}))
    ran = run(f"quay.io/ns/app@{DIGEST}")
    assert "after 1 by name: no list contains both" in ran.out
    (result,) = run(f"quay.io/ns/app@{DIGEST}", "--format", "json").results
    assert decisions(result) == ["first", "unrelated", "source-last"]


def test_an_order_conflict_names_the_lists_for_and_against(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "1.yaml", digest_mirrors("one", **{"quay.io/ns": ["a.example.com", "b.example.com"]}))
    write(tmp_path, "2.yaml", digest_mirrors("two", **{"quay.io/ns": ["b.example.com", "a.example.com"]}))
    (result,) = run(f"quay.io/ns/app@{DIGEST}", "--format", "json").results
    assert decisions(result) == ["first", "conflict", "source-last"]
    order = as_object(objects(result, "attempts")[1]["order"])
    assert places(order, "lists") == ["1.yaml:10:7"]
    assert places(order, "against") == ["2.yaml:9:7"]
    ran = run(f"quay.io/ns/app@{DIGEST}")
    assert ran.code == 0  # the cluster takes it, and this is what it makes of it
    assert "1.yaml:10:7  lists it after 1\n" in ran.out
    assert "2.yaml:9:7   lists it before 1\n" in ran.out
    assert "after 1 by name: the lists contradict each other, see below" in ran.out
    assert (
        "  conflict  Lists contradict each other about the order (order-conflict):\n"
        "            1.yaml:9:7  a.example.com before b.example.com\n"
        "            2.yaml:9:7  b.example.com before a.example.com\n"
    ) in ran.out
    (conflict,) = objects(result, "conflicts")
    assert conflict["mirrors"] == ["a.example.com", "b.example.com"]
    assert [(each["first"], each["second"], places(each)) for each in objects(conflict, "lists")] == [
        ("a.example.com", "b.example.com", ["1.yaml:9:7"]),
        ("b.example.com", "a.example.com", ["2.yaml:9:7"]),
    ]
    assert "  conflict  " in run(f"quay.io/ns/app@{DIGEST}", "--both").out


def test_a_contradiction_over_three_lists_is_a_conflict_for_each_of_its_mirrors(run: Run, tmp_path: Path) -> None:
    for name, mirrors in (("1", ["a.io", "b.io"]), ("2", ["b.io", "c.io"]), ("3", ["c.io", "a.io"])):
        write(tmp_path, f"{name}.yaml", digest_mirrors(f"n{name}", **{"quay.io/ns": mirrors}))
    (result,) = run(f"quay.io/ns/app@{DIGEST}", "--format", "json").results
    assert decisions(result) == ["first", "conflict", "conflict", "source-last"]


def test_a_source_that_a_list_puts_before_a_mirror_is_tried_twice(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", digest_mirrors("a", **{"quay.io/ns": ["quay.io/ns", "m.example.com/ns"]}))
    (result,) = run(f"quay.io/ns/app@{DIGEST}", "--format", "json").results
    assert [(attempt["endpoint"], attempt["source"]) for attempt in objects(result, "attempts")] == [
        ("quay.io/ns", False),
        ("m.example.com/ns", False),
        ("quay.io/ns", True),
    ]


def test_the_longest_prefix_counts_and_the_sources_it_hides_are_named(run: Run, tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.yaml",
        digest_mirrors("a", **{"quay.io": ["m.example.com/all"], "quay.io/ns": ["m.example.com/ns"]})
        + "---\n"
        + digest_mirrors("b", **{'"*.io"': ["m.example.com/io"]}),
    )
    ran = run(f"quay.io/ns/app@{DIGEST}", "--format", "json")
    (result,) = ran.results
    assert as_object(result["entry"])["prefix"] == "quay.io/ns"
    assert [hidden["prefix"] for hidden in objects(result, "hidden")] == ["quay.io", "*.io"]
    text_of_it = run(f"quay.io/ns/app@{DIGEST}").out
    assert "  hides     quay.io, which is shorter\n            a.yaml:7:13\n" in text_of_it


def test_a_blocked_scope_inside_a_source_inherits_its_mirrors(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", digest_mirrors("a", **{"quay.io": ["m1.example.com/q", "m2.example.com/q"]}))
    write(tmp_path, "image.yaml", image_config(blockedRegistries=["quay.io/ns"]))
    (result,) = run(f"quay.io/ns/app@{DIGEST}", "--format", "json").results
    assert result["inherited_from"] == "quay.io"
    assert [(attempt["reference"], attempt["blocked"], places(attempt)) for attempt in objects(result, "attempts")] == [
        (f"m1.example.com/q/ns/app@{DIGEST}", False, ["a.yaml:9:7"]),
        (f"m2.example.com/q/ns/app@{DIGEST}", False, ["a.yaml:10:7"]),
        (f"quay.io/ns/app@{DIGEST}", True, ["image.yaml:8:7"]),
    ]
    assert decisions(result) == ["first", "listed", "source-last"]
    assert "  inherits  the mirrors of quay.io\n" in run(f"quay.io/ns/app@{DIGEST}").out


def test_a_blocked_attempt_names_the_scope_and_the_setting(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", tag_mirrors("a", **{"quay.io/ns": ["m.example.com/a/b", "n.example.com/x"]}))
    write(tmp_path, "image.yaml", image_config(blockedRegistries=["m.example.com/a"]))
    (result,) = run("quay.io/ns/app:1", "--format", "json").results
    first, second, source = objects(result, "attempts")
    assert [attempt["blocked"] for attempt in (first, second, source)] == [True, False, False]
    (cause,) = objects(first, "blocked_by")
    assert (cause["setting"], cause["scope"], places(cause)) == (
        "blockedRegistries",
        "m.example.com/a",
        ["image.yaml:8:7"],
    )
    assert first["reason"] == "`m.example.com/a` is blocked"


def test_policy_json_refuses_a_blocked_image_though_a_mirror_has_it(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", tag_mirrors("a", **{"r.test/ns": ["m.example.com/ns"]}))
    write(tmp_path, "image.yaml", image_config(blockedRegistries=["r.test"]))
    ran = run("r.test/ns/app:1")
    assert ran.out.endswith(
        "  refused   By policy.json, even from a mirror: r.test is in blockedRegistries.\n            "
        "image.yaml:8:7\n  verdict   Cannot be pulled: policy.json refuses it.\n"
    )
    (result,) = run("r.test/ns/app:1", "--format", "json").results
    assert [attempt["blocked"] for attempt in objects(result, "attempts")] == [False, True]
    assert (as_object(result["refused_by"])["scope"], result["outcome"]) == ("r.test", "cannot-be-pulled")


def test_allowed_registries_refuse_every_other_image(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "image.yaml", image_config(allowedRegistries=["quay.io/ns", '"*.example.com"']))
    ran = run("quay.io/ns/app:1", "a.example.com:5000/x:1", "quay.io/other/app:1", "--format", "json")
    inside, wildcard, outside = ran.results
    assert inside["refused_by"] is None
    assert wildcard["refused_by"] is None
    assert places(as_object(outside["refused_by"])) == ["image.yaml:8:7", "image.yaml:9:7"]
    assert "allowedRegistries does not\n            include it.\n" in run("quay.io/other/app:1").out


@pytest.mark.parametrize(
    ("pull_spec", "refused"),
    [
        ("quay.io/ns/app:1", True),
        ("quay.io/ns/app", False),
        ("quay.io/ns/app:2", False),
        (f"quay.io/ns/app:1@{DIGEST}", False),
        (f"quay.io/ns/other@{DIGEST}", True),
        ("sub.host.io:5000/x:1", True),
        ("host.io/x:1", False),
        ("ok.sub.host.io/x:1", False),
    ],
)
def test_the_most_specific_scope_of_policy_json_decides(pull_spec: str, refused: bool) -> None:
    blocked = dict.fromkeys(("quay.io/ns/app:1", "quay.io", "*.host.io"))
    allowed = dict.fromkeys(("quay.io/ns/app", "*.sub.host.io"))
    assert (Admission(blocked, allowed).refusal(parse_normalized(pull_spec)) is not None) is refused


def test_never_contact_source_is_named_where_it_is_written(run: Run, tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.yaml",
        """\
        apiVersion: config.openshift.io/v1
        kind: ImageDigestMirrorSet
        metadata:
          name: a
        spec:
          imageDigestMirrors:
            - source: quay.io/ns
              mirrorSourcePolicy: NeverContactSource
              mirrors: [m.example.com/ns]
        """,
    )
    ran = run("quay.io/ns/app:1")
    assert ran == Ran(
        0,
        dedent(
            """\
            quay.io/ns/app:1
              entry     quay.io/ns (blocked)
                        a.yaml:7:15
              1. fail   quay.io/ns/app:1
                        the source itself, blocked by the entry quay.io/ns
                        a.yaml:8:27  NeverContactSource
              skip      m.example.com/ns/app:1
                        digest-only mirror: it does not serve pulls by tag
                        a.yaml:9:17  lists it
              verdict   Cannot be pulled: every attempt fails.
            """
        ),
        "",
    )


def test_an_insecure_endpoint_names_the_scope_that_makes_it_so(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", tag_mirrors("a", **{"quay.io/ns": ["m.example.com/ns"]}))
    write(tmp_path, "image.yaml", image_config(insecureRegistries=["m.example.com"]))
    assert run("quay.io/ns/app:1").out.splitlines()[3:7] == [
        "  1. try    m.example.com/ns/app:1",
        "            tag-only mirror, TLS not required",
        "            a.yaml:9:7      lists it",
        "            image.yaml:8:7  insecureRegistries",
    ]


def test_without_a_matching_entry_the_registry_itself_is_asked(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", tag_mirrors("a", **{"quay.io/ns": ["m.example.com/ns"]}))
    ran = run("quay.io/nsx/app:1")
    assert ran.code == 0
    assert ran.out == dedent(
        """\
        quay.io/nsx/app:1
          entry     None: no source, blocked or insecure registry matches.
          1. try    quay.io/nsx/app:1
                    the registry it names
          verdict   Only the source serves it; no mirror is used.
        """
    )


def test_a_name_of_docker_hub_says_what_it_means(run: Run) -> None:
    assert "  means     docker.io/library/nginx:1\n" in run("docker.io/nginx:1").out


def test_a_tag_beside_a_digest_is_said_not_to_count(run: Run) -> None:
    assert "The tag is ignored, because there is a digest." in run(f"quay.io/a/b:1@{DIGEST}").out


# --- Short names -----------------------------------------------------------------


def test_a_short_name_goes_through_the_clusters_own_search_list(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "image.yaml", image_config(containerRuntimeSearchRegistries=["a.example.com", "docker.io"]))
    write(tmp_path, "a.yaml", tag_mirrors("a", **{"a.example.com": ["m.example.com/a"]}))
    (result,) = run("alpine:3", "--format", "json").results
    assert [candidate["normalized"] for candidate in objects(result, "candidates")] == [
        "a.example.com/alpine:3",
        "docker.io/library/alpine:3",
    ]
    assert result["normalized"] == "a.example.com/alpine:3"
    assert [attempt["reference"] for attempt in objects(result, "attempts")] == [
        "m.example.com/a/alpine:3",
        "a.example.com/alpine:3",
    ]
    ran = run("alpine:3")
    assert ran.out.index("  a.example.com/alpine:3\n") < ran.out.index("  docker.io/library/alpine:3\n")


def test_a_short_name_is_one_of_docker_hub_under_the_list_every_node_has(run: Run) -> None:
    (result,) = run("alpine", "--format", "json").results
    assert result["normalized"] == "docker.io/library/alpine"
    assert [candidate["normalized"] for candidate in objects(result, "candidates")] == [
        "registry.access.redhat.com/alpine",
        "docker.io/library/alpine",
    ]


def test_both_forms_of_a_short_name_are_shown_for_each_candidate(run: Run) -> None:
    out = run("alpine:3", "--both").out
    assert out.count("  tag digest\n") == 2
    assert "registry.access.redhat.com/alpine" in out


# --- Both forms --------------------------------------------------------------------


def test_candidates_that_are_no_references_are_told_apart(run: Run) -> None:
    name = "a" * 250
    ran = run(name)
    assert ran.code == 1
    assert [line for line in ran.out.splitlines() if name in line] == [
        name,
        f"  registry.access.redhat.com/{name}",
        f"  docker.io/{name}",
    ]


def test_what_a_terminal_would_obey_is_spelled_out(run: Run) -> None:
    ran = run("a\x1b[31m", "")
    assert ran.code == 1
    assert ran.out == (
        'a\\x1b[31m\n  error     character 2 is U+001B, which is not allowed in a pull spec.\n\n""\n  error     the '
        "pull spec is empty.\n"
    )


def test_both_shows_tag_and_digest_in_one_table(run: Run, tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.yaml",
        digest_mirrors("a", **{"quay.io/ns": ["m1.example.com/ns", "m2.example.com/ns"]})
        + "---\n"
        + tag_mirrors("b", **{"quay.io/ns": ["m2.example.com/ns", "m3.example.com/ns"]}),
    )
    ran = run("quay.io/ns/app", "--both")
    assert ran.code == 0
    assert ran.out == dedent(
        """\
        quay.io/ns/app
          entry     quay.io/ns
                    a.yaml:7:13
                    a.yaml:18:13
          tag digest
          -   1     m1.example.com/ns/app
                    digest-only mirror
                    a.yaml:9:7  lists it
          1   2     m2.example.com/ns/app
                    tag-only mirror
                    a.yaml:20:7  lists it
                    digest-only mirror
                    a.yaml:10:7  lists it after 1
          2   -     m3.example.com/ns/app
                    tag-only mirror
                    a.yaml:21:7  lists it after 1
          3   3     quay.io/ns/app
                    the source itself
          by tag    Mirrors first; the source if none of them serves the image.
          by digest Mirrors first; the source if none of them serves the image.
        """
    )


@pytest.mark.parametrize(
    ("written", "forms"),
    [
        ("quay.io/a/b", ("quay.io/a/b", f"quay.io/a/b@{ANY_DIGEST}")),
        ("quay.io:443/a/b:1", ("quay.io:443/a/b:1", f"quay.io:443/a/b@{ANY_DIGEST}")),
        (f"quay.io/a/b@{DIGEST}", ("quay.io/a/b", f"quay.io/a/b@{DIGEST}")),
        (f"quay.io/a/b:1@{DIGEST}", ("quay.io/a/b:1", f"quay.io/a/b:1@{DIGEST}")),
        ("no reference", ("no reference",)),
    ],
)
def test_forms_of_a_pull_spec(written: str, forms: tuple[str, ...]) -> None:
    assert forms_of(written) == forms


def test_a_bare_spec_is_one_form_in_json_and_both_are_two(run: Run) -> None:
    assert [result["form"] for result in run("quay.io/a/b", "--format", "json").results] == ["tag"]
    both = run("quay.io/a/b", "--both", "--format", "json").results
    assert [result["form"] for result in both] == ["tag", "digest"]


def test_a_bare_spec_points_at_both_where_digests_go_another_way(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", digest_mirrors("a", **{"quay.io/ns": ["m.example.com/ns"]}))
    assert "use `--both` to see it" in run("quay.io/ns/app").out
    assert "use `--both` to see it" not in run("quay.io/ns/app:1").out


# --- Files of nodes ------------------------------------------------------------------

CONF = """\
unqualified-search-registries = ["a.example.com"]

[[registry]]
  location = "quay.io/ns"
  blocked = true

  [[registry.mirror]]
    location = "m.example.com/ns"
    insecure = true
"""
DROP_IN = """\
[[registry]]
  location = "quay.io/ns"

  [[registry.mirror]]
    location = "n.example.com/ns"
"""


POLICY = """\
{
  "default": [{"type": "insecureAcceptAnything"}],
  "transports": {
    "atomic": {"quay.io/ns": [{"type": "reject"}]},
    "docker": {
      "quay.io/ns": [{"type": "reject"}],
      "quay.io/ns/let-in": [{"type": "insecureAcceptAnything"}],
      "signed.io": [{"type": "sigstoreSigned", "keyPath": "/key"}]
    }
  }
}
"""


def machine_config(*files: tuple[str, str]) -> dict[str, object]:
    return {
        "apiVersion": "machineconfiguration.openshift.io/v1",
        "kind": "MachineConfig",
        "metadata": {"name": "99-worker-generated-registries"},
        "spec": {
            "config": {
                "ignition": {"version": "3.5.0"},
                "storage": {
                    "files": [
                        {
                            "path": path,
                            "contents": {
                                "source": "data:text/plain;charset=utf-8;base64," + b64encode(content.encode()).decode()
                            },
                        }
                        for path, content in files
                    ]
                },
            }
        },
    }


def test_a_file_from_a_node_is_explained_with_its_own_lines(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "r.conf", CONF)
    ran = run("quay.io/ns/app:1", "--registries-conf", "r.conf")
    assert ran == Ran(
        0,
        dedent(
            """\
            quay.io/ns/app:1
              entry     quay.io/ns (blocked)
                        r.conf:4:14
                        r.conf:5:13
              1. try    m.example.com/ns/app:1
                        mirror, TLS not required
                        r.conf:8:16  lists it
              2. fail   quay.io/ns/app:1
                        the source itself, blocked by the entry quay.io/ns
                        r.conf:5:13  blocked
              verdict   Only mirrors serve it; the source is never contacted.
            """
        ),
        UNKNOWN_POLICY,
    )


def test_a_drop_in_replaces_the_entry_and_keeps_the_search_list(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "r.conf", CONF)
    write(tmp_path, "d.conf", DROP_IN)
    (result, short) = run(
        "quay.io/ns/app:1", "app", "--registries-conf", "r.conf", "--registries-conf", "d.conf", "--format", "json"
    ).results
    assert [attempt["reference"] for attempt in objects(result, "attempts")] == [
        "n.example.com/ns/app:1",
        "quay.io/ns/app:1",
    ]
    assert short["normalized"] == "a.example.com/app"


def test_overlay_takes_the_later_search_list_and_all_other_entries() -> None:
    first = RegistriesConf(search=("a.io",), entries=(RegistryEntry(location="z.io"), RegistryEntry(location="b.io")))
    second = RegistriesConf(
        search=("c.io",), entries=(RegistryEntry(location="b.io/", mirrors=(Endpoint(location="m.io"),)),)
    )
    merged = overlay([first, second])
    assert merged.search == ("c.io",)
    assert [entry.location for entry in merged.entries] == ["b.io/", "z.io"]
    assert overlay([first]) is first


@pytest.mark.parametrize("as_list", [False, True])
def test_a_machine_config_is_explained_by_the_files_it_carries(run: Run, tmp_path: Path, as_list: bool) -> None:
    config: dict[str, object] = machine_config(
        (
            "/etc/containers/registries.conf.d/01-image-searchRegistries.conf",
            'unqualified-search-registries = ["s.io"]\n',
        ),
        ("/etc/containers/registries.conf", CONF),
        ("/etc/containers/policy.json", POLICY),
    )
    if as_list:
        config = {"kind": "List", "items": [config, {"kind": "ConfigMap"}, config]}
    (tmp_path / "mc.json").write_text(json.dumps(config))
    (result, short) = run("quay.io/ns/app:1", "app", "--registries-conf", "mc.json", "--format", "json").results
    assert places(objects(result, "attempts")[0]) == ["mc.json#/etc/containers/registries.conf:8:16"]
    assert short["normalized"] == "s.io/app"
    refused = as_object(result["refused_by"])
    assert (refused["setting"], refused["scope"]) == ("reject", "quay.io/ns")
    assert places(refused) == ["mc.json#/etc/containers/policy.json:6:7"]
    assert result["outcome"] == "cannot-be-pulled"
    assert short["refused_by"] is None


def test_a_policy_json_beside_a_registries_conf_has_the_last_word(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "r.conf", CONF)
    write(tmp_path, "policy.json", POLICY)
    ran = run("quay.io/ns/app:1", "--registries-conf", "r.conf", "--registries-conf", "policy.json")
    assert ran.err == "registries.d was not checked: give its files with further --registries-conf.\n"
    assert ran.out.endswith(
        "  refused   By policy.json, even from a mirror: quay.io/ns is rejected there.\n            "
        "policy.json:6:7\n  verdict   Cannot be pulled: policy.json refuses it.\n"
    )


def test_a_machine_config_may_carry_a_policy_json_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mc.json").write_text(
        json.dumps(machine_config(("/etc/containers/policy.json", '{"default": [{"type": "insecureAcceptAnything"}]}')))
    )
    ran = run("quay.io/ns/app:1", "--registries-conf", "mc.json", "--format", "json")
    assert ran.err == ""
    assert [result["refused_by"] for result in ran.results] == [None]


REJECTED: list[Json] = [{"type": "reject"}]
SIGNED: list[Json] = [{"type": "signedBy", "keyType": "GPGKeys", "keyPath": "/etc/key"}]
SIGSTORE: list[Json] = [{"type": "sigstoreSigned", "keyPath": "/etc/key"}]


@pytest.mark.parametrize(
    ("default", "transports", "refused"),
    [
        (REJECTED, {}, "a.io: every image it does not list is rejected there"),
        (REJECTED, {"docker": {"a.io/x": SIGSTORE}}, ""),
        (SIGNED, {"docker": {"": REJECTED}}, "a.io: every image it does not list is rejected there"),
        (REJECTED, {"docker": {"": SIGNED}}, ""),
        (SIGNED, {"docker": {"a.io/x:1": REJECTED}}, "a.io/x:1 is rejected there"),
        (SIGNED, {"docker": {"a.io/x:1": SIGNED, "a.io/x": REJECTED}}, ""),
        (SIGNED, {"docker": {"*.io": REJECTED}}, "*.io is rejected there"),
        (SIGNED, {"atomic": {"a.io": REJECTED}}, ""),
        (SIGNED, {"docker": {"a.io/y": REJECTED}}, ""),
        (SIGNED, {"docker": {"a.io": SIGNED}}, ""),
    ],
)
def test_what_a_policy_json_refuses(default: list[Json], transports: dict[str, Json], refused: str) -> None:
    policy = read_policy_json(File("policy.json", json.dumps({"default": default, "transports": transports})))
    reason = Admission.of_requirements(policy).refusal(parse_normalized("a.io/x:1"))
    assert (reason.against(reason.scope) if reason else "") == refused.removeprefix("a.io: ")


def test_what_build_makes_is_explained_like_the_repo(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "repo/a.yaml", tag_mirrors("a", **{"quay.io/ns": ["m.example.com/ns"]}))
    with pytest.raises(SystemExit) as ended:
        main(["build", "repo", "-o", "out"])
    assert ended.value.code == 0
    (of_repo,) = run("quay.io/ns/app:1", "--repo", "repo", "--format", "json").results
    for file in ("out/registries.conf", "out/machine-configs/99-worker-generated-registries.yaml"):
        (of_file,) = run("quay.io/ns/app:1", "--registries-conf", file, "--format", "json").results
        assert [attempt["reference"] for attempt in objects(of_file, "attempts")] == [
            attempt["reference"] for attempt in objects(of_repo, "attempts")
        ]


def test_standard_input_can_be_the_file_or_the_pull_specs(run: Run, tmp_path: Path) -> None:
    ran = run("quay.io/ns/app:1", "--registries-conf", "-", stdin=CONF)
    assert "<stdin>:8:16  lists it" in ran.out
    write(tmp_path, "r.conf", CONF)
    ran = run("-", "--registries-conf", "r.conf", "--format", "json", stdin="# two\nquay.io/a/b\n\n quay.io/c/d \n")
    assert [result["pull_spec"] for result in ran.results] == ["quay.io/a/b", "quay.io/c/d"]
    ran = run("-", "--format", "json", stdin="\ufeffquay.io/a/b\r\n")
    assert [result["pull_spec"] for result in ran.results] == ["quay.io/a/b"]


def test_a_list_without_a_pull_spec_has_no_answer(run: Run) -> None:
    assert run("-", stdin="# nothing\n") == Ran(0, "", "Standard input contains no pull spec.\n")
    assert json.loads(run("-", "--format", "json", stdin="# nothing\n").out)["results"] == []


def test_a_file_no_node_loads_fails_every_pull(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "r.conf", '[[registry]]\nprefix = "a.example.com"\n')
    ran = run("quay.io/ns/app:1", "--registries-conf", "r.conf")
    assert ran.code == 1
    assert "a node cannot load this registries.conf (r.conf:2:10)" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[registry]\n", "not valid TOML"),
        ("kind: MachineConfig\nspec: {}\n", "no MachineConfig in it contains /etc/containers/registries.conf"),
        (json.dumps(machine_config(("/etc/containers/policy.json", "{"))), "bad.yaml#/etc/containers/policy.json:1:"),
        (
            json.dumps(machine_config(("/etc/containers/policy.json", "[]"))),
            "policy.json:1:1: policy.json must be an object",
        ),
        (
            json.dumps(machine_config(("/etc/containers/policy.json", ""))).replace("base64,", "base64,/w=="),
            "policy.json:1:1: the file is not valid UTF-8",
        ),
        ("kind: ConfigMap\n", "bad.yaml: contains no MachineConfig"),
        ("kind: [\n", "bad.yaml:1:8"),
        ("kind: MachineConfig\n---\n- x\n", "no MachineConfig"),
        ("caf\xe9", "is not valid UTF-8"),
    ],
)
def test_an_unreadable_file_is_an_error_of_the_call(run: Run, tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "bad.yaml").write_bytes(content.encode("latin-1"))
    ran = run("quay.io/ns/app:1", "--registries-conf", "bad.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_machine_configs_that_differ_are_not_mixed(run: Run, tmp_path: Path) -> None:
    path = "/etc/containers/registries.conf"
    both = {"kind": "List", "items": [machine_config((path, CONF)), machine_config((path, DROP_IN))]}
    (tmp_path / "mc.json").write_text(json.dumps(both))
    ran = run("quay.io/ns/app:1", "--registries-conf", "mc.json")
    assert ran.code == 2
    assert "contains two different MachineConfigs named 99-worker-generated-registries: give only one" in ran.err
    master = machine_config((path, DROP_IN))
    master["metadata"] = {"name": "99-master-generated-registries"}
    (tmp_path / "mc.json").write_text(json.dumps({"kind": "List", "items": [machine_config((path, CONF)), master]}))
    ran = run("quay.io/ns/app:1", "--registries-conf", "mc.json")
    assert ran.code == 2
    assert "contain different registries.conf, policy.json or registries.d files" in ran.err


def test_a_compressed_machine_config_is_read(tmp_path: Path) -> None:
    config = machine_config(("/etc/containers/registries.conf", ""))
    spec = config["spec"]
    assert isinstance(spec, dict)
    source = "data:;base64," + b64encode(gzip.compress(CONF.encode())).decode()
    spec["config"]["storage"]["files"][0]["contents"] = {"source": source, "compression": "gzip"}
    (conf,) = read_node_conf("mc.json", json.dumps(config).encode()).registries
    assert conf.search == ("a.example.com",)


@pytest.mark.parametrize("path", ["missing.conf", "."])
def test_a_missing_file_or_a_folder_is_an_error_of_the_call(run: Run, path: str) -> None:
    ran = run("quay.io/ns/app:1", "--registries-conf", path)
    assert ran.code == 2
    assert ran.out == ""


def test_a_repo_may_be_files_and_folders(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "one/a.yaml", tag_mirrors("a", **{"quay.io/ns": ["m1.example.com/ns"]}))
    write(tmp_path, "two.yaml", tag_mirrors("b", **{"quay.io/ns": ["m1.example.com/ns", "m2.example.com/ns"]}))
    write(tmp_path, "three.yaml", tag_mirrors("c", **{"quay.io/ns/app": ["m3.example.com/app"]}))
    (result,) = run("quay.io/ns/app:1", "--repo", "one", "--repo", "two.yaml", "--format", "json").results
    assert [attempt["reference"] for attempt in objects(result, "attempts")] == [
        "m1.example.com/ns/app:1",
        "m2.example.com/ns/app:1",
        "quay.io/ns/app:1",
    ]


def test_a_repo_and_a_file_exclude_each_other(run: Run) -> None:
    ran = run("quay.io/ns/app:1", "--registries-conf", "r.conf", "--repo", ".")
    assert ran.code == 2
    assert "cannot be used together" in ran.err


# --- Errors ------------------------------------------------------------------------


def test_a_spec_that_is_no_reference_says_what_is_wrong_with_it(run: Run) -> None:
    ran = run("quay.io/Foo/bar:1", "quay.io/a/b:1")
    assert ran.code == 1
    assert ran.out.startswith("quay.io/Foo/bar:1\n  error     upper-case letters in the repository name `Foo`.\n")
    assert "quay.io/a/b:1\n" in ran.out
    (result,) = run("https://quay.io/a/b", "--format", "json").results
    assert result["error"] == "invalid reference format"
    assert "no URL scheme" in text(result, "explanation")
    assert (result["entry"], result["attempts"], result["outcome"]) == (None, [], "cannot-be-pulled")


@pytest.mark.parametrize("both", [[], ["--both"]])
def test_a_mirror_that_makes_no_reference_fails_the_whole_pull(run: Run, tmp_path: Path, both: list[str]) -> None:
    write(tmp_path, "a.yaml", tag_mirrors("a", **{"quay.io/ns": ["mirror/ns"]}))
    ran = run("quay.io/ns/app:1", *both)
    assert ran.code == 1
    assert "The whole pull fails before the first attempt." in ran.out
    assert "a.yaml:9:7  lists it" in ran.out


def test_a_refused_repo_is_still_explained_and_said_to_be_of_no_cluster(run: Run, tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.yaml",
        tag_mirrors("a", **{"quay.io/ns": ["m.example.com/ns"]})
        + "---\n"
        + tag_mirrors("b", **{"quay.io/ns": "NeverContactSource"}),
    )
    ran = run("quay.io/ns/app:1")
    assert ran.code == 1
    assert "error[policy-conflict]" in ran.err
    assert "nodes keep the files they have" in ran.err
    assert "1. try    m.example.com/ns/app:1" in ran.out


def test_warnings_are_for_check_to_tell(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", tag_mirrors("a", **{"docker.io/nginx": ["m.example.com/ns"]}))
    assert run("quay.io/ns/app:1").err == ""


def test_a_template_that_is_left_out_is_told(run: Run, tmp_path: Path) -> None:
    write(
        tmp_path, "a.yaml", "{{ if .Values.on }}\n" + tag_mirrors("a", **{"quay.io/ns": ["m.example.com/ns"]}) + "]\n"
    )
    ran = run("quay.io/ns/app:1")
    assert ran.code == 0
    assert "warning[template-manifest]" in ran.err


def test_a_field_that_is_dropped_is_told_and_the_answer_is_what_is_left(run: Run, tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.yaml",
        tag_mirrors("a", **{"quay.io/ns": ["m.example.com/ns"]}).replace("mirrors:\n    -", "mirror:\n    -"),
    )
    ran = run("quay.io/ns/app:1")
    assert ran.code == 0
    assert "error[unknown-field]" in ran.err
    assert "entry     None" in ran.out


# --- The report ----------------------------------------------------------------------


def explained(*entries: RegistryEntry, spec: str = "quay.io/ns/app:1") -> explain_text.Answer:
    return explain_text.Answer(forms=(Explainer(RegistriesConf(entries=entries)).explain(spec),))


def test_colour_changes_no_character_of_the_report() -> None:
    answer = explained(RegistryEntry(location="quay.io/ns", mirrors=(Endpoint(location="m.example.com"),)))
    painted = explain_text.render([answer], colour=True)
    assert "\x1b[" in painted
    plain = painted
    for code in ("0", "1", "2", "32", "36", "1;31", "1;32", "1;33"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == explain_text.render([answer])


def test_clusters_that_agree_are_told_once() -> None:
    plain = Explainer(RegistriesConf())
    mirrored = Explainer(
        RegistriesConf(entries=(RegistryEntry(location="quay.io", mirrors=(Endpoint(location="m.example.com"),)),))
    )
    answers = [(name, (each.explain("quay.io/a/b:1"),)) for name, each in (("n", plain), ("s", mirrored), ("w", plain))]
    folded = list(explain_text.folded(answers))
    assert [answer.clusters for answer in folded] == [("n", "w"), ("s",)]
    assert explain_text.render(folded).startswith("quay.io/a/b:1  in n and w\n")


def test_many_places_are_counted_not_listed(run: Run, tmp_path: Path) -> None:
    for number in range(7):
        write(tmp_path, f"{number}.yaml", tag_mirrors(f"n{number}", **{"quay.io/ns": ["m.example.com/ns"]}))
    assert "            3.yaml:9:7  lists it\n            and 3 more places\n" in run("quay.io/ns/app:1").out


def test_the_command_runs_as_a_program(tmp_path: Path) -> None:
    write(tmp_path, "r.conf", CONF)
    command = [
        sys.executable,
        "-m",
        "compiler",
        "explain",
        "quay.io/ns/app:1",
        "--registries-conf",
        str(tmp_path / "r.conf"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0
    assert done.stderr == UNKNOWN_POLICY
    assert "Only mirrors serve it" in done.stdout


@pytest.mark.parametrize("policy_first", [True, False])
def test_a_policy_json_that_is_given_is_never_replaced_by_an_assumed_one(
    run: Run, tmp_path: Path, policy_first: bool
) -> None:
    write(tmp_path, "policy.json", POLICY)
    (tmp_path / "mc.json").write_text(json.dumps(machine_config(("/etc/containers/registries.conf", CONF))))
    files = ["policy.json", "mc.json"] if policy_first else ["mc.json", "policy.json"]
    ran = run("quay.io/ns/app:1", *(part for file in files for part in ("--registries-conf", file)))
    assert "refused   By policy.json, even from a mirror: quay.io/ns is rejected there." in ran.out
    assert (ran.code, ran.err) == (0, "")


def test_a_node_has_one_policy_json(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.json", POLICY)
    write(tmp_path, "b.json", '{"default": [{"type": "reject"}]}')
    ran = run("quay.io/ns/app:1", "--registries-conf", "a.json", "--registries-conf", "b.json")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "mirrorc: a.json and b.json are different policy.json files\n  A node has only one: remove one of them.\n"
    )
    ran = run("quay.io/ns/app:1", "--registries-conf", "a.json", "--registries-conf", "a.json")
    assert "refused" in ran.out


@pytest.mark.parametrize("stdin", ["", " \n"])
@pytest.mark.parametrize("arguments", [("-",), ("quay.io/ns/app:1", "--registries-conf", "-")])
def test_nothing_piped_in_is_no_answer(run: Run, arguments: tuple[str, ...], stdin: str) -> None:
    assert run(*arguments, stdin=stdin) == Ran(
        2,
        "",
        (
            "mirrorc: standard input is empty\n  Check the command before the pipe; with `set -o pipefail` its failure "
            "is not ignored.\n"
        ),
    )


def test_an_answer_without_templates_says_so(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", tag_mirrors("a", **{"quay.io/ns": ["m.example.com/ns"]}))
    assert run("quay.io/x/app:1").err == ""
    write(tmp_path, "b.yaml", tag_mirrors("b", **{"quay.io/x": ["{{ .Values.mirror }}/x"]}))
    ran = run("quay.io/x/app:1")
    assert ran.code == 0
    assert ran.err == (
        "Parts of manifests are unknown or conditional until they are rendered.\n"
        "The result below shows their placeholders; `mirrorc check` lists them.\n"
    )
    assert "1. try    {{ .Values.mirror }}/x/app:1" in ran.out
    write(tmp_path, "b.yaml", tag_mirrors("b", **{"quay.io/x": ["{{ .Values.mirror }}/x"]}) + "]\n")
    assert run("quay.io/x/app:1").err.endswith(
        "Manifests are templates, which are skipped until they are rendered.\nThe result below does not include "
        "those parts.\n1 place in 1 file contains mirror policy that is not read: 1 Helm template\n"
    )


@pytest.mark.parametrize(
    "policy",
    [
        '{"default": []}',
        '{"default": "x"}',
        '{"default": [1]}',
        '{"default": [{"type": "unknown"}]}',
        '{"default": [{"type": "reject"}], "default": [{"type": "reject"}]}',
        '{"default": [{"type": "reject"}], "transports": {"docker": {"a.io": []}}}',
    ],
)
def test_a_policy_json_that_no_node_loads_is_refused(run: Run, tmp_path: Path, policy: str) -> None:
    write(tmp_path, "policy.json", policy)
    ran = run("a.io/x:1", "--registries-conf", "policy.json")
    assert (ran.code, ran.out) == (2, "")
    assert "policy.json:1:" in ran.err


def test_a_hidden_entry_may_be_as_long(run: Run, tmp_path: Path) -> None:
    entries = "".join(
        f'[[registry]]\nprefix = "{scope}"\nlocation = "b.example.com"\n'
        for scope in ("*.example.com", "b.example.com")
    )
    write(tmp_path, "r.conf", entries + '[[registry]]\nprefix = "*.com"\nlocation = "b.example.com"\n')
    ran = run("b.example.com/x:1", "--registries-conf", "r.conf")
    assert "hides     b.example.com, which has the same length and comes later in byte order\n" in ran.out
    assert "hides     *.com, which is shorter\n" in ran.out


def test_escapes_in_the_path_of_a_drop_in_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    config = machine_config(("/etc/containers/registries.conf.d/5\x1b[31m.conf", CONF))
    (tmp_path / "mc.json").write_text(json.dumps(config))
    ran = run("quay.io/ns/app:1", "--registries-conf", "mc.json")
    assert r"mc.json#/etc/containers/registries.conf.d/5\x1b[31m.conf:8:16" in ran.out
    assert "\x1b" not in ran.out + ran.err


def test_a_repo_without_policy_is_said_to_have_none_before_the_answer(run: Run, tmp_path: Path) -> None:
    assert run("quay.io/x/app:1").err == "No mirror policy was read: every pull goes to its source.\n"
    (tmp_path / "apply.sh").write_text("yq '.imageContentSources = [{source: a}]'\n")
    assert run("quay.io/x/app:1").err == (
        "No mirror policy was read: every pull goes to its source.\n"
        "1 place in 1 file contains mirror policy that is not read: 1 shell script\n"
    )
    report = json.loads(run("quay.io/x/app:1", "--format", "json").out)
    assert report["summary"] == {"unread": {"places": 1, "files": 1}}


def test_what_nodes_say_only_in_a_debug_log_is_noted(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "r.conf", f"{REDIRECT}[[registry.mirror]]\nlocation = 'c.example.com'\nshort-name-mode = ''\n")
    write(tmp_path, "d.conf", "[[registry]]\nprefix = 'docker.io'\nlocation = 'docker.io'\n")
    files = ("--registries-conf", "r.conf", "--registries-conf", "d.conf")
    ran = run("docker.io/library/a:1", *files)
    assert "r.conf:6:1: note[unknown-node-key]" in ran.err
    assert "d.conf:2:10: note[drop-in-replaces]" in ran.err
    assert ran.code == 0
    ran = run("docker.io/library/a:1", *files, "--format", "json")
    noted = objects(as_object(json.loads(ran.out)), "notes")
    assert [(note["rule"], places(note), places(note, "related")) for note in noted] == [
        ("drop-in-replaces", ["d.conf:2:10"], ["r.conf:2:10"]),
        ("unknown-node-key", ["r.conf:6:1"], []),
    ]
    assert "note[" not in ran.err


REDIRECT = "[[registry]]\nprefix = 'docker.io'\nlocation = 'mirror.example.com'\n"


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ("", "Redirected to mirror.example.com; the source is never contacted."),
        (
            "[[registry.mirror]]\nlocation = 'c.example.com'\n",
            "Mirrors first, then mirror.example.com; the source is never contacted.",
        ),
    ],
)
def test_a_location_elsewhere_than_the_prefix_is_called_a_redirect(
    run: Run, tmp_path: Path, more: str, verdict: str
) -> None:
    write(tmp_path, "r.conf", f"{REDIRECT}{more}")
    ran = run("docker.io/library/a:1", "--registries-conf", "r.conf")
    assert "redirected to mirror.example.com; the source is never contacted" in " ".join(ran.out.split())
    assert f"verdict {verdict}" in " ".join(ran.out.split())
    (result,) = run("docker.io/library/a:1", "--registries-conf", "r.conf", "--format", "json").results
    assert result["redirected_to"] == "mirror.example.com"
    assert (
        objects(result, "attempts")[-1]["reason"] == "redirected to mirror.example.com; the source is never contacted"
    )
