"""The catalogue: every rule has a name, a reason and examples that hold, and tells them to people and programs."""

import json
import re

import pytest

from compiler.findings.diagnostics import Diagnostic, Rule, Severity
from compiler.findings.rules import RULES
from compiler.reporters.rules import examples
from compiler.reporters.rules import pages as ruledocs
from compiler.text.span import Span
from tests.command import FIXTURES, ROOT, run_mirrorc
from tests.golden import Golden

EXAMPLES = FIXTURES / "rules"


def place(span: Span) -> str:
    (line, column), (last_line, last_column) = span.begin, span.finish
    end = f"{last_column}" if line == last_line else f"{last_line}:{last_column}"
    return f"{span.path}:{line}:{column}-{end}"


def places(diagnostic: Diagnostic) -> list[str]:
    """The finding as its example records it: where it is, and below it where else something takes part."""
    fix = " (fix)" if diagnostic.fix and diagnostic.fix.safe else ""
    return [
        f"{place(diagnostic.span)} {diagnostic.severity} {diagnostic.rule}{fix}",
        *(f"  {place(label.span)}" for label in diagnostic.labels),
    ]


def test_every_example_belongs_to_a_rule() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == RULES.keys()


@pytest.mark.golden
@pytest.mark.parametrize("rule", RULES)
def test_the_bad_example_shows_the_rule_where_it_says_and_nothing_else(rule: str, golden: Golden) -> None:
    found = examples.findings(examples.example(rule).bad)
    golden.file(EXAMPLES / rule / "expected", "".join(f"{line}\n" for each in found for line in places(each)))
    assert {each.rule for each in found} == {rule}
    assert {each.severity for each in found} == {RULES[rule].severity}


@pytest.mark.parametrize("rule", RULES)
def test_the_good_example_is_clean(rule: str) -> None:
    assert examples.findings(examples.example(rule).good) == ()


@pytest.mark.parametrize("rule", RULES)
def test_every_finding_says_what_to_do(rule: str) -> None:
    for each in examples.findings(examples.example(rule).bad):
        assert each.help.endswith(("?", "."))
        assert not each.message.endswith(".")
        assert each.message[0] == each.message[0].lower() or each.message.startswith(("Kubernetes", "Image", "YAML"))


@pytest.mark.parametrize("rule", ["payload-blocked", "policy-refused", "controller-crash", "payload-refused"])
def test_what_the_guard_says_names_the_field(rule: str) -> None:
    for each in examples.findings(examples.example(rule).bad):
        assert each.field.startswith("spec.registrySources.")


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_a_rule_is_named_and_worded_as_the_others(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.name)
    assert len(rule.name) <= 24
    assert rule.summary[0].isupper()
    assert not rule.summary.endswith(".")
    assert rule.why.endswith(".")
    assert rule.severity is not Severity.OFF
    assert rule.adjustable or rule.severity is Severity.ERROR


@pytest.mark.golden
def test_the_documentation_is_up_to_date(golden: Golden) -> None:
    golden.file(ROOT / "docs" / "rules.md", run_mirrorc("rules", "--format", "markdown").stdout)


def test_the_list_names_every_rule_and_fits_a_terminal() -> None:
    done = run_mirrorc("rules")
    assert (done.code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    named = [line.split()[:2] for line in lines if not line.startswith(" ")]
    assert named == [[rule.severity, rule.name] for rule in RULES.values()]


@pytest.mark.parametrize("width", [40, 200])
def test_the_list_fits_other_terminals(width: int) -> None:
    lines = run_mirrorc("rules", env={"COLUMNS": str(width)}).stdout.splitlines()
    lead = max(len(rule) for rule in RULES) + 11
    assert max(map(len, lines)) <= max(width, lead + 24)  # a word such as `host[:port][/path]` is not broken


def test_a_rule_is_explained_with_its_examples() -> None:
    done = run_mirrorc("rules", "unknown-field")
    assert (done.code, done.stderr) == (0, "")
    rule = RULES["unknown-field"]
    assert done.stdout.startswith(f"unknown-field (error)\n\n{rule.summary}.\n\n")
    head, bad, said, good = re.split(r"^(?:Bad|Report|Good):$", done.stdout, flags=re.MULTILINE)
    assert " ".join(head.split()).endswith("suppresses one finding.")
    assert "\n          mirror:\n" in bad
    assert "mirrors.yaml:8:7: error[unknown-field]" in said
    assert "\n          mirrors:\n" in good


def test_what_cannot_be_lowered_says_so() -> None:
    done = run_mirrorc("rules", "policy-conflict")
    assert "It is always an error" in done.stdout
    assert "--severity" not in done.stdout


def test_an_example_names_the_options_it_needs() -> None:
    done = run_mirrorc("rules", "wildcard-unsupported")
    assert "\nBad, with --release 4.15:\n" in done.stdout
    differing = run_mirrorc("rules", "invalid-release-image").stdout
    assert "\nBad, with --release-image openshift/ocp-release:4.20:\n" in differing
    assert "\nGood, with --release-image registry.example.com/openshift/ocp-release:4.20:\n" in differing


def test_the_mended_repo_is_told_by_what_differs() -> None:
    assert "\nGood, with the other files unchanged:\n" in run_mirrorc("rules", "mirror-blocked").stdout
    assert "\nGood, without image.yaml:\n" in run_mirrorc("rules", "source-refused").stdout


def test_programs_get_the_rules_and_on_demand_the_examples() -> None:
    listed = json.loads(run_mirrorc("rules", "--format", "json").stdout)
    assert listed["version"] == ruledocs.JSON_VERSION
    assert [rule["name"] for rule in listed["rules"]] == list(RULES)
    assert all(rule.keys() == {"name", "severity", "adjustable", "summary", "why"} for rule in listed["rules"])
    (one,) = json.loads(run_mirrorc("rules", "wildcard-unsupported", "--format", "json").stdout)["rules"]
    assert one["bad"]["options"] == {"--release": "4.15"}
    bad = (EXAMPLES / "wildcard-unsupported" / "bad" / "mirrors.yaml").read_text()
    assert one["bad"]["files"] == {"mirrors.yaml": bad}


def test_one_rule_is_a_part_of_the_page() -> None:
    part = run_mirrorc("rules", "inert-rule", "--format", "markdown").stdout
    assert part.startswith("## inert-rule\n")
    assert part in (ROOT / "docs" / "rules.md").read_text()


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("inert-rul", "did you mean `inert-rule`?"),
        ("Order_Conflict", "did you mean `order-conflict`?"),
        ("zzz", "`mirrorc rules` lists them all."),
        ("", "`mirrorc rules` lists them all."),
    ],
)
def test_an_unknown_name_is_an_error_with_a_suggestion(name: str, suggestion: str) -> None:
    done = run_mirrorc("rules", name)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.endswith(f"there is no rule `{name}`: {suggestion}\n")


def test_an_example_that_is_missing_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-rule"):
        examples.example("no-such-rule")
