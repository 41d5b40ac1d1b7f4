"""What programs of one run may take together."""

import os

import pytest

from compiler.machine.bounded import used_by_children
from compiler.machine.limits import UNLIMITED, TooMuchError, set_limits
from compiler.machine.started import START, Programs, programs

FREE = 100


def test_some_starts_are_free_and_one_more_is_not() -> None:
    Programs().expect([START] * FREE)
    with pytest.raises(
        TooMuchError, match=r"101 kustomizations take about 4\.0 s to build, more than the 4\.0 s"
    ) as told:
        Programs().expect([START] * (FREE + 1))
    assert "add --no-limits" in told.value.help


def test_charts_and_kustomizations_count_together() -> None:
    made = Programs()
    made.expect([START] * 60, charts=40)
    with pytest.raises(TooMuchError, match="60 kustomizations and 50 charts take about"):
        made.expect(charts=10)


def test_too_many_are_refused_before_anything_is_read_of_them() -> None:
    made = Programs()
    made.reads(lambda: 1_000_000)
    made.announce(120, 5)  # what is built may be all of that
    with pytest.raises(TooMuchError, match="120 kustomizations and 6 charts take at least"):
        made.announce(120, 6)


def test_one_more_is_started_for_so_much_text_of_the_repo() -> None:
    made = Programs()
    made.reads(lambda: 10_000 * 150)
    made.reads(lambda: 10_000 * 150)
    made.expect([START] * 300)
    with pytest.raises(TooMuchError, match=r"301 kustomizations .* 3\.0 MB of text"):
        made.expect([START])


def test_the_size_of_the_input_is_not_asked_for_without_need() -> None:
    made = Programs()
    made.reads(lambda: pytest.fail("asked"))
    made.expect([START] * FREE)
    assert made.seconds_for_a_kustomization() == 8


def test_one_that_takes_long_is_for_others_to_judge() -> None:
    Programs().expect([10_000_000])


def test_what_was_used_is_not_left_for_others() -> None:
    made = Programs()
    made.expect(charts=2)
    assert made.seconds_for_a_chart() == 4
    made.used(used_by_children() - 2.5, for_chart=True)
    assert made.seconds_for_a_chart() == 1
    assert made.seconds_for_a_kustomization() == 8
    made.used(used_by_children() - 1.6, for_chart=True)
    with pytest.raises(TooMuchError, match=r"2 charts have taken 4\.\d s, more than the 4.0 s"):
        made.seconds_for_a_chart()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_what_another_process_of_the_run_used_counts() -> None:
    made = Programs()
    made.expect(charts=2)
    child = os.fork()
    if child == 0:
        made.used(used_by_children() - 3.5, for_chart=True)
        os._exit(0)
    os.waitpid(child, 0)
    assert made.seconds_for_a_chart() == 1


def test_the_user_can_turn_it_off() -> None:
    set_limits(off=True)
    try:
        programs().expect([START] * 10_000, charts=10_000)
        assert programs().seconds_for_a_chart() == programs().seconds_for_a_kustomization() == UNLIMITED
    finally:
        set_limits(off=False)


def test_each_run_counts_from_nothing() -> None:
    programs().expect([START] * FREE)
    set_limits(off=False)
    programs().expect([START] * FREE)
