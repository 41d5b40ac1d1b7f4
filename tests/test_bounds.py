"""Time and memory: no input costs more than so much for its size, nor more than twice as much for twice the size.

`fuzz.shapes` has the inputs. `MIRRORC_BOUNDS` sets their size in bytes: the larger, the smaller a growth is seen.
"""

import json
import os
import subprocess
import sys

import pytest

from fuzz.shapes import SHAPES
from tests.command import ROOT

SIZE = int(os.environ.get("MIRRORC_BOUNDS", "40000"))
GROUPS = 8

if not hasattr(os, "fork"):
    pytest.skip("runs are measured in forks", allow_module_level=True)


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_shape_costs_more_than_its_share(group: int) -> None:
    names = list(SHAPES)[group::GROUPS]
    wrong = measured(names)
    if wrong:  # a busy machine can make one measurement wrong, and not two of one shape
        again = measured(sorted({shape for shape, _ in wrong}))
        wrong = {key: text for key, text in again.items() if key in wrong}
    assert not wrong, "\n".join(wrong.values())


def measured(names: list[str]) -> dict[tuple[str, str], str]:
    """What is wrong with the runs of these shapes, by shape and command."""
    done = subprocess.run(
        [sys.executable, "-m", "fuzz.measure", str(SIZE), *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(verdicts) == sum(len(SHAPES[name].commands) for name in names)
    return {
        (each["shape"], " ".join(each["command"])): f"{each['shape']}: {' '.join(each['command'])}: {each['wrong']}"
        for each in verdicts
        if each["wrong"]
    }
