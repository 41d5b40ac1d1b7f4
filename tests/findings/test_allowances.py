"""Comments by which a manifest keeps a finding that is meant to be."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from compiler.checks.inspection import Inspection, inspect, view
from compiler.findings import allowances
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.rules import RULES
from compiler.manifests.parsing import parse
from compiler.names.releases import DEFAULT_RELEASE, RELEASES
from compiler.policy.analysis import analyse
from compiler.policy.settings import Settings, settings_of
from compiler.text import events as yamlevents
from compiler.text.comments import comments
from compiler.text.span import File
from tests.command import run_mirrorc

RELEASE = RELEASES[DEFAULT_RELEASE]

CONFLICT = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: a
spec:
  imageDigestMirrors:
  - source: quay.io/a
    mirrors:
    - m.local/a{first}
    - m.local/b
  - source: quay.io/a
    mirrors:{above}
    - m.local/b{second}
    - m.local/a
"""
"""Two lists that contradict each other: reported at the first of the two, on line 9."""


def conflict(*, first: str = "", above: str = "", second: str = "") -> str:
    return CONFLICT.format(
        first=first and f" {first}", above=above and f"\n    {above}", second=second and f" {second}"
    )


def inspected(*texts: str, settings: Settings | None = None) -> Inspection:
    chosen = settings or Settings()
    parsed = [parse(File(f"{number}.yaml", text), chosen.release) for number, text in enumerate(texts)]
    return inspect({"": view(analyse(parsed, chosen), chosen)})


def told(diagnostics: Sequence[Diagnostic]) -> list[tuple[str, int, str]]:
    return [(diagnostic.rule, diagnostic.line, diagnostic.message) for diagnostic in diagnostics]


def names(diagnostics: Sequence[Diagnostic]) -> list[str]:
    return [diagnostic.rule for diagnostic in diagnostics]


def reported_line(text: str) -> int:
    """The line that an order conflict is reported on."""
    (finding,) = inspected(text).diagnostics
    assert finding.rule == "order-conflict"
    return finding.line


# --- What an allowance silences ------------------------------------------------


def test_a_comment_behind_the_value_silences_a_finding_of_its_line() -> None:
    assert reported_line(conflict()) == 9
    inspection = inspected(conflict(first="# mirrorc: allow order-conflict -- until the move is done"))
    assert inspection.diagnostics == ()
    assert [each.allowance.reason for each in inspection.allowed] == ["until the move is done"]
    assert names([each.diagnostic for each in inspection.allowed]) == ["order-conflict"]


@pytest.mark.parametrize(
    "above",
    [
        "# mirrorc: allow order-conflict -- why",
        "# mirrorc: allow order-conflict -- why\n    # and more about it",
        "#mirrorc:allow order-conflict --why",
        "##  mirrorc:  allow   order-conflict   --   why  ",
        "# mirrorc: allow deprecated-kind -- other\n    # mirrorc: allow order-conflict -- why",
    ],
)
def test_a_comment_with_its_own_line_speaks_for_the_next_line_that_is_no_comment(above: str) -> None:
    text = conflict().replace("    - m.local/a\n", f"    {above}\n    - m.local/a\n", 1)
    assert "order-conflict" not in names(inspected(text).diagnostics)


def test_a_comment_behind_a_value_says_nothing_of_the_next_line() -> None:
    text = conflict().replace("    mirrors:\n", "    mirrors: # mirrorc: allow order-conflict -- why\n", 1)
    assert names(inspected(text).diagnostics) == ["unused-allowance", "order-conflict"]


def test_an_empty_line_between_breaks_the_bond() -> None:
    text = conflict().replace("    - m.local/a\n", "    # mirrorc: allow order-conflict -- why\n\n    - m.local/a\n", 1)
    assert names(inspected(text).diagnostics) == ["unused-allowance", "order-conflict"]


def test_it_silences_its_own_rule_only() -> None:
    assert names(inspected(conflict(first="# mirrorc: allow duplicate-key -- why")).diagnostics) == [
        "order-conflict",
        "unused-allowance",
    ]


def test_several_rules_stand_in_one_comment() -> None:
    text = conflict(first="# mirrorc: allow duplicate-key, order-conflict,deprecated-kind -- why")
    assert told(inspected(text).diagnostics) == [
        ("unused-allowance", 9, "no `duplicate-key` is reported on line 9"),
        ("unused-allowance", 9, "no `deprecated-kind` is reported on line 9"),
    ]


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_lines_end_as_they_like(line_end: str) -> None:
    text = conflict(first="# mirrorc: allow order-conflict -- why").replace("\n", line_end)
    inspection = inspected(text)
    assert inspection.diagnostics == ()
    assert inspection.allowed[0].allowance.reason == "why"


def test_a_severity_that_is_off_leaves_its_allowance_in_use() -> None:
    settings = settings_of(severities={"order-conflict": "off"})
    assert inspected(conflict(first="# mirrorc: allow order-conflict -- why"), settings=settings).diagnostics == ()


def test_build_goes_on_where_a_finding_is_allowed(folder: Path) -> None:
    (folder / "a.yaml").write_text(conflict())
    assert run_mirrorc("build", "a.yaml", cwd=folder).code == 1
    (folder / "a.yaml").write_text(conflict(first="# mirrorc: allow order-conflict -- why"))
    done = run_mirrorc("build", "a.yaml", cwd=folder)
    assert (done.code, "1 conflict; " in done.stderr, "order-conflict" in done.stderr) == (0, True, False)


def test_build_does_not_call_an_allowance_unused_that_only_check_can_judge(folder: Path) -> None:
    (folder / "a.yaml").write_text(conflict(first="# mirrorc: allow order-conflict, split-source -- why"))
    done = run_mirrorc("build", "a.yaml", cwd=folder)
    assert (done.code, "unused-allowance" in done.stderr) == (0, False)


# --- What is a comment -----------------------------------------------------------

NO_COMMENTS = [
    "a: 'x # mirrorc: allow order-conflict -- why'\n",
    'a: "x\n  # mirrorc: allow order-conflict -- why"\n',
    "a: |\n  # mirrorc: allow order-conflict -- why\n",
    "a: >-\n  x\n  # mirrorc: allow order-conflict -- why\n",
    "a: x#mirrorc:allow order-conflict -- why\n",
]


@pytest.mark.parametrize("text", NO_COMMENTS)
def test_a_hash_in_a_value_is_no_comment(text: str) -> None:
    assert comments(File("a.yaml", text)) == ()
    annotated = conflict().replace(
        "  name: a\n", "  name: a\n  annotations:\n    " + text.strip().replace("\n", "\n    ") + "\n"
    )
    assert names(inspected(annotated).diagnostics) == ["order-conflict"]


COMMENTS = [
    ("a: 1 # x", ["# x"]),
    ("# x\r\na: 1\r\n#y", ["# x", "#y"]),
    ("a: | # x\n  # no\n\n# y\nb: 1\n", ["# x", "# y"]),
    ("a: |2- # x\n    # no\n# y\n", ["# x", "# y"]),
    ("a: | # x", ["# x"]),
    ("[a, # x\n b] # y\n", ["# x", "# y"]),
    ("%YAML 1.1\n# x\n---\na: &b # y\n  c\n... # z\n", ["# x", "# y", "# z"]),
    ("a: 'it''s # no' # x\n", ["# x"]),
    ("# x\na: [\n# y\n", ["# x", "# y"]),
    ("# x\na: @\n# y\n", ["# x"]),
    ("# only", ["# only"]),
    ("", []),
]


@pytest.mark.parametrize("pure", [False, True], ids=["c", "pure"])
@pytest.mark.parametrize(("text", "expected"), COMMENTS)
def test_comments_are_found_where_yaml_has_them(
    text: str, expected: list[str], pure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if pure:
        monkeypatch.setattr(yamlevents, "CParser", None)
    assert [span.text for span in comments(File("a.yaml", text))] == expected


def test_comments_are_found_between_offsets() -> None:
    file = File("a.yaml", "# a\n---\n# b\nx: 1 # c\n---\n# d\n")
    start, end = file.text.index("---"), file.text.rindex("---")
    assert [(span.text, span.begin.line) for span in comments(file, start=start, end=end)] == [
        ("# b", 3),
        ("# c", 4),
    ]


def test_prose_about_mirrorc_is_left_alone() -> None:
    text = conflict(above="# see the docs of mirrorc: allow what you must -- or not", first="# x mirrorc: allow y")
    assert names(inspected(text).diagnostics) == ["order-conflict"]


# --- What is wrong with an allowance -----------------------------------------------


@pytest.mark.parametrize(
    ("comment", "marked", "message"),
    [
        ("# mirrorc: allow order-conflict", "# mirrorc: allow order-conflict", "the suppression gives no reason"),
        (
            "# mirrorc: allow order-conflict --  ",
            "# mirrorc: allow order-conflict --  ",
            "the suppression gives no reason",
        ),
        ("# mirrorc: allow -- why", "# mirrorc: allow -- why", "the suppression names no rule"),
        ("# mirrorc: allow", "# mirrorc: allow", "the suppression names no rule"),
        ("# mirrorc: allow order-conflit -- why", "order-conflit", "there is no rule `order-conflit`"),
        ("# mirrorc: alow order-conflict -- why", "alow", "`alow` is not a mirrorc instruction"),
        ("# mirrorc: allowed x -- why", "allowed", "`allowed` is not a mirrorc instruction"),
        ("# mirrorc:", "# mirrorc:", "the comment names mirrorc but contains no instruction"),
        (
            "# mirrorc: allow invalid-scope -- why",
            "invalid-scope",
            "`invalid-scope` cannot be suppressed: mirrorc compiles nothing until the finding is fixed",
        ),
    ],
)
def test_an_allowance_that_cannot_be_followed_is_reported_and_silences_nothing(
    comment: str, marked: str, message: str
) -> None:
    findings = inspected(conflict(first=comment)).diagnostics
    assert sorted(names(findings)) == ["invalid-allowance", "order-conflict"]
    (finding,) = (each for each in findings if each.rule == "invalid-allowance")
    assert (finding.message, finding.span.text) == (message, marked)
    assert finding.help


def test_a_near_name_is_suggested() -> None:
    findings = inspected(conflict(first="# mirrorc: allow order-conflit -- why")).diagnostics
    assert "Did you mean `order-conflict`?" in {finding.help for finding in findings}


def test_one_bad_name_does_not_spoil_the_others() -> None:
    assert names(inspected(conflict(first="# mirrorc: allow nonsense, order-conflict -- why")).diagnostics) == [
        "invalid-allowance"
    ]


def test_nothing_that_the_cluster_refuses_can_be_allowed() -> None:
    for rule in RULES.values():
        file = File("a.yaml", f"# mirrorc: allow {rule.name} -- why\n")
        found = allowances.find(file, comments(file))
        assert len(found.allowances) == rule.adjustable, rule.name
        assert len(found.diagnostics) == (not rule.adjustable), rule.name


def test_a_terminal_is_never_spoken_to_by_a_comment() -> None:
    (finding,) = (
        finding
        for finding in inspected(conflict(first="# mirrorc: \u202e" + "x" * 90)).diagnostics
        if finding.rule == "invalid-allowance"
    )
    assert finding.message.isprintable()
    assert len(finding.message) < 130


# --- Allowances that silence nothing ---------------------------------------------------


def test_an_allowance_at_a_place_that_only_takes_part_is_told_where_to_go() -> None:
    unused, standing = sorted(
        inspected(conflict(second="# mirrorc: allow order-conflict -- why")).diagnostics, key=lambda each: each.rule
    )[::-1]
    assert (unused.rule, unused.line, unused.help) == (
        "unused-allowance",
        13,
        "Move it to the line of the finding, or to the line above.",
    )
    assert [label.span for label in unused.labels] == [standing.span]


def test_an_allowance_is_not_called_unused_while_objects_cannot_be_read() -> None:
    text = conflict(first="# mirrorc: allow order-conflict -- why")
    broken = text.replace(
        "  - source: quay.io/a\n    mirrors:\n    - m.local/b", "  - source: QUAY.io/A B\n    mirrors:\n    - m.local/b"
    )
    assert names(inspected(broken).diagnostics) == ["invalid-scope"]


def test_an_allowance_for_no_finding_at_all_is_reported() -> None:
    text = conflict(second="# mirrorc: allow duplicate-key -- why", first="# mirrorc: allow order-conflict -- why")
    (finding,) = inspected(text).diagnostics
    assert (finding.rule, finding.severity, finding.span.text) == ("unused-allowance", "warning", "duplicate-key")
    assert finding.help == "Remove it, so that a new finding on this line is reported."


def test_an_allowance_that_serves_one_of_two_clusters_is_of_use() -> None:
    allowing = conflict(first="# mirrorc: allow order-conflict -- why")
    first, second = allowing.split("  - source", 1)[0], allowing.split("  - source")
    shared = parse(File("shared.yaml", f"{first}  - source{second[1]}"), RELEASE)
    other = parse(
        File("other.yaml", f"{first}  - source{second[2]}".replace("name: a", "name: b")),
        RELEASE,
    )
    settings = Settings()
    alone = view(analyse([shared], settings), settings)
    both = view(analyse([shared, other], settings), settings)
    assert names(inspect({"alone": alone}).diagnostics) == ["unused-allowance"]
    assert inspect({"alone": alone, "both": both}).diagnostics == ()


# --- Templates and broken files --------------------------------------------------------

TEMPLATE = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
# mirrorc: allow order-conflict -- it comes when this is rendered
metadata:
  # mirrorc: allow template-manifest -- the cluster renders it
  name: {{ .Values.name }}
{{- if .Values.mirrors }}
spec: {}}
{{- end }}
"""


def test_a_template_can_be_allowed_and_keeps_what_it_says_of_other_rules_to_itself() -> None:
    inspection = inspected(TEMPLATE)
    assert inspection.diagnostics == ()
    assert names([each.diagnostic for each in inspection.allowed]) == ["template-manifest"]


def test_a_document_beside_a_template_has_its_allowances() -> None:
    text = f"{TEMPLATE}---\n{conflict(first='# mirrorc: allow order-conflict -- why')}"
    inspection = inspected(text)
    assert inspection.diagnostics == ()
    assert len(inspection.allowed) == 2


def test_a_broken_file_says_that_it_is_broken_and_no_more() -> None:
    text = conflict(first="# mirrorc: allow order-conflict -- why") + "---\nkind: [}\n# mirrorc: alow x\n"
    assert names(inspected(text).diagnostics) == ["invalid-yaml"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# mirrorc: allow x -- y  \r\n", ["# mirrorc: allow x -- y"]),
        ("{# mirrorc: allow x -- y -#} z", ["{# mirrorc: allow x -- y"]),
        ("/* mirrorc: a */ b /* mirrorc: c */", ["/* mirrorc: a", "/* mirrorc: c"]),
        ("<!-- mirrorc: a b--> c", ["<!-- mirrorc: a b"]),
        ("### mirrorc: a #b\n## mirrorc:\t\n", ["### mirrorc: a #b", "## mirrorc:"]),
        ("{{- /* mirrorc: a*/ -}}", ["{{- /* mirrorc: a"]),
    ],
)
def test_comments_of_any_language_end_where_they_are_closed(text: str, found: list[str]) -> None:
    assert [each.text for each in allowances.policy_comments(File("a.sh", text))] == found
