"""Where the answer of a command goes."""

import io
import json
from contextlib import redirect_stdout
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from compiler.cli import main

CONF = '[[registry]]\n  prefix = ""\n  location = "quay.io"\n'


@pytest.fixture
def conf(tmp_path: Path) -> str:
    """A registries.conf."""
    path = tmp_path / "registries.conf"
    path.write_text(CONF, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "arguments",
    [
        "explain quay.io/a:1 --format json --registries-conf CONF",
        "diff --format json CONF CONF",
        "check --format json CONF",
        "images --format json --allow-empty CONF",
    ],
)
def test_an_answer_reaches_clicks_own_runner(arguments: str, conf: str) -> None:
    # Before 8.2, click mixes both streams unless it is asked not to.
    options: Any = {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    result = CliRunner(**options).invoke(main, [conf if each == "CONF" else each for each in arguments.split()])
    assert result.exit_code in {0, 1}, result.output
    json.loads(result.stdout)


def test_an_answer_reaches_a_stream_of_text(conf: str) -> None:
    with redirect_stdout(io.StringIO()) as stream, pytest.raises(SystemExit):
        main(["explain", "quay.io/a:1", "--registries-conf", conf], standalone_mode=False)
    assert stream.getvalue().startswith("quay.io/a:1\n")
