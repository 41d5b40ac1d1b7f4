"""Baselines as values: what is written is read back, and accepts the findings that it was made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.findings import rules
from compiler.findings.baseline import (
    AcceptedFinding,
    Baseline,
    BaselineError,
    Compared,
    compare,
    decode,
    entries_of,
    text_of,
)
from compiler.findings.diagnostics import Diagnostic, Fold, settle
from compiler.text.span import File, Span

LINES = st.lists(st.sampled_from(("one", "two", "three")), max_size=12)


def findings(lines: list[str], before: int = 0) -> tuple[Diagnostic, ...]:
    """A finding on each line, those of equal lines as one; `before` is how many lines are above."""
    file = File("m.yaml", "# above\n" * before + "".join(f"{line}\n" for line in lines))
    made = []
    at = len("# above\n") * before
    for line in lines:
        fold = Fold(key=line, message="{count} times")
        made.append(rules.REPEATED_RULE.at(Span(file, at, at + len(line)), f"{line} is here", fold=fold))
        at += len(line) + 1
    return settle(made, {})


def compared(accepted: list[str], found: tuple[Diagnostic, ...]) -> Compared:
    baseline = Baseline(name="b", entries=entries_of(findings(accepted), str))
    return compare(baseline, found, str, lambda path: True, adjustable=lambda rule: True)


@given(LINES, st.integers(0, 3))
def test_what_was_accepted_is_hidden_wherever_it_moves(lines: list[str], before: int) -> None:
    found = findings(lines, before)
    outcome = compared(lines, found)
    assert outcome.new(found) == ()
    assert outcome.stale == ()
    assert outcome.places == len(lines)


@given(LINES, LINES)
def test_each_place_is_hidden_new_or_stale(accepted: list[str], lines: list[str]) -> None:
    found = findings(lines)
    outcome = compared(accepted, found)
    new = sum(each.count for each in outcome.new(found))
    assert new == sum(max(0, lines.count(line) - accepted.count(line)) for line in set(lines))
    assert len(outcome.stale) == sum(max(0, accepted.count(line) - lines.count(line)) for line in set(accepted))
    assert outcome.places + new == len(lines)


@given(
    st.lists(
        st.builds(
            AcceptedFinding,
            path=st.text(),
            rule=st.text(),
            message=st.text(),
            fingerprint=st.text(),
            count=st.integers(1, 10**8),
        ),
        unique_by=lambda entry: entry.fingerprint,
    )
)
def test_what_is_written_is_read_back(entries: list[AcceptedFinding]) -> None:
    assert decode(File("b", text_of(entries))).entries == tuple(entries)


@pytest.mark.parametrize("count", ["0", "-1", "1.5", '"1"', "1e3", "9999999999", "null"])
def test_a_count_is_a_number_of_places(count: str) -> None:
    text = (
        '{"version": 1, "findings": [{"rule": "", "path": "", "message": "", "fingerprint": "", "count": '
        f"{count}}}]}}"
    )
    with pytest.raises(BaselineError, match="`count` is not a number of places"):
        decode(File("b", text))
