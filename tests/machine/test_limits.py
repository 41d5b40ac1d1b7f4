"""Limits on what a repo multiplies to."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from compiler.cli import main
from compiler.machine.limits import UNLIMITED, TooMuchError, most, set_limits


@pytest.fixture(autouse=True)
def _limits() -> Iterator[None]:
    yield
    set_limits(off=False)


def test_a_limit_has_a_fixed_part_and_a_share_of_the_input() -> None:
    assert most(100) == 100
    assert most(100, share=0.5, size=9) == 104


def test_who_trusts_a_repo_turns_limits_off() -> None:
    set_limits(off=True)
    assert most(100, share=0.5, size=9) == UNLIMITED


def test_they_are_on_again_in_the_next_run_of_the_process() -> None:
    with suppress(SystemExit):
        main(["rules", "--no-limits"])
    assert most(1) == UNLIMITED
    with suppress(SystemExit):
        main(["rules"])
    assert most(1) == 1


def test_what_is_too_much_ends_a_run_with_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def too_much(**_: object) -> None:
        message = "that is too much"
        raise TooMuchError(message, "Write less")

    monkeypatch.setattr("compiler.commands.rules.command.callback", too_much)
    with pytest.raises(SystemExit) as end:
        main(["rules"])
    assert end.value.code == 2
    assert capsys.readouterr().err == (
        "mirrorc: that is too much\n  Write less; if you trust the repo, add --no-limits.\n"
    )
