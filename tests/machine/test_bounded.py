"""Programs with limits of their own."""

import resource
import sys
import time
from pathlib import Path

import pytest

from compiler.machine import started
from compiler.machine.bounded import Bounds, run, used_by_children
from compiler.machine.limits import UNLIMITED
from compiler.manifests import kustomize_work
from tests.command import call_mirrorc, flat
from tests.fleets import mirrors
from tests.programs import needs_helm, needs_kustomize
from tests.repositories import write

PLENTY = Bounds(seconds=30, memory=1 << 30, patience=60)
HAS_LIMITS = hasattr(resource, "prlimit")
LIMITS = (resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_AS)
CHART = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
CONFIG = "version: 1\nclusters:\n- {name: a, %s}\n"


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_program_within_its_limits_is_run(tmp_path: Path) -> None:
    command = python("import os, sys; print(os.getcwd(), os.environ['A']); sys.stderr.write('e'); sys.exit(3)")
    done = run(command, cwd=str(tmp_path), env={"A": "b"}, bounds=PLENTY)
    assert (done.code, done.output.decode(), done.errors) == (3, f"{tmp_path} b\n", b"e")
    assert done.exceeded == ""


def test_its_output_goes_to_a_file(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as output:
        done = run(python("print(1)"), cwd=".", env={}, bounds=PLENTY, output=output)
    assert done.output == b""
    assert (tmp_path / "out").read_bytes() == b"1\n"


@pytest.mark.skipif(not HAS_LIMITS, reason="the system has no limits for another process")
def test_a_program_is_ended_by_its_limit_of_time_and_this_process_keeps_its_own() -> None:
    before = [resource.getrlimit(each) for each in LIMITS]
    used = used_by_children()
    done = run(python("while True: pass"), cwd=".", env={}, bounds=PLENTY._replace(seconds=1))
    assert done.exceeded == "1 s of processor time"
    assert 0.5 < used_by_children() - used < 3
    assert [resource.getrlimit(each) for each in LIMITS] == before


@pytest.mark.skipif(not HAS_LIMITS, reason="the system has no limits for another process")
def test_memory_has_a_limit() -> None:
    done = run(python("x = b'a' * (1 << 29)"), cwd=".", env={}, bounds=PLENTY._replace(memory=200 << 20))
    assert done.code == 1
    assert b"MemoryError" in done.errors


def test_a_program_that_waits_is_ended() -> None:
    begun = time.monotonic()
    done = run(python("import time; time.sleep(60)"), cwd=".", env={}, bounds=PLENTY._replace(patience=0.5))
    assert done.exceeded == "0 s"
    assert time.monotonic() - begun < 30


def test_without_limits_there_are_none() -> None:
    text = "import resource; print(resource.getrlimit(resource.RLIMIT_CPU) == (-1, -1), resource.RLIM_INFINITY)"
    done = run(python(text), cwd=".", env={}, bounds=Bounds(UNLIMITED, UNLIMITED, 60))
    assert done.output.startswith(b"True") or resource.getrlimit(resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY


def test_what_it_says_is_not_kept_without_end() -> None:
    done = run(python("import sys; sys.stderr.write('a' * 10_000_000 + 'b')"), cwd=".", env={}, bounds=PLENTY)
    assert len(done.errors) < 100_000
    assert done.errors.endswith(b"ab")


def test_what_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        run([str(tmp_path / "none")], cwd=".", env={}, bounds=PLENTY)


@needs_kustomize
@pytest.mark.skipif(not HAS_LIMITS, reason="the system has no limits for another process")
def test_a_kustomization_that_needs_more_memory_is_a_problem_at_its_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kustomize_work, "_MOST_MEMORY", 50 << 20)
    monkeypatch.setattr(kustomize_work, "_MEMORY_OF_A_BYTE", 0)
    write(folder, ".mirrorc.yaml", text=CONFIG % "kustomization: .")
    write(folder, "kustomization.yaml", text="resources: [m.yaml]\n")
    text = mirrors("a", *(f"quay.io/a{n}: m.example/a{n}" for n in range(20_000)))
    write(folder, "m.yaml", text=text)
    done = call_mirrorc("check", "--format", "text", cwd=folder)
    assert done.code == 1
    assert ".mirrorc.yaml:3:28: error[kustomize-failed]:" in done.stdout
    assert "was ended since it needs more than 50 MB of memory" in flat(done.stdout)
    assert "if you trust the repo, add --no-limits." in flat(done.stdout)
    assert "goroutine" not in done.stdout
    assert call_mirrorc("check", "--no-limits", cwd=folder).code == 0


@needs_helm
@pytest.mark.skipif(not HAS_LIMITS, reason="the system has no limits for another process")
def test_a_chart_that_takes_long_is_a_problem_at_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(started, "_MOST_STEPS", 2_000_000)
    write(folder, ".mirrorc.yaml", text=CONFIG % "helm: {chart: c}")
    write(folder, "c/Chart.yaml", text=CHART)
    loop = "{{ range $a := until 100000 }}{{ range $b := until 100000 }}{{ $x := add $a $b }}{{ end }}{{ end }}\n"
    write(folder, "c/templates/m.yaml", text=loop)
    done = call_mirrorc("check", "--format", "text", cwd=folder)
    assert done.code == 1
    assert ".mirrorc.yaml:3:" in done.stdout
    assert "`helm` was ended since it needs more than 2 s of processor time" in flat(done.stdout)
    assert "add --no-limits." in flat(done.stdout)


@needs_helm
@pytest.mark.skipif(not HAS_LIMITS, reason="the system has no limits for another process")
def test_charts_that_take_long_together_end_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(started, "_MOST_STEPS", 2_000_000)
    clusters = "".join(f"- {{name: c{n}, helm: {{chart: c{n}}}}}\n" for n in range(10))
    write(folder, ".mirrorc.yaml", text=f"version: 1\nclusters:\n{clusters}")
    for n in range(10):
        write(folder, f"c{n}/Chart.yaml", text=CHART)
        write(
            folder, f"c{n}/templates/m.yaml", text="{{ range until 100000 }}{{ range until 9 }}{{ end }}{{ end }}\n" * 9
        )
    used = used_by_children()
    done = call_mirrorc("check", cwd=folder)
    assert done.code == 2
    assert "10 charts have taken 2." in flat(done.stderr)
    assert used_by_children() - used < 8
