"""A command in this process, for tests that run it very often."""

import io
import json
import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from compiler.cli import main
from tests.conformance import Json, as_object, objects, text


class Ran(NamedTuple):
    """What a run of the command left."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Json]:
        report = as_object(json.loads(self.out))
        assert report["version"] == 1
        return report

    @property
    def results(self) -> list[dict[str, Json]]:
        return objects(self.report, "results")

    @property
    def statuses(self) -> dict[str, str]:
        return {text(image, "image"): text(image, "status") for image in objects(self.report, "images")}


Run = Callable[..., Ran]


def runner(command: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in the current folder; `stdin` is its standard input."""

    def run(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8"))
        with pytest.raises(SystemExit) as ended:
            main([command, *arguments])
        out, err = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, out, err)

    return run
