"""The fuzzer: every input that was ever found, a short run, and that it finds what it looks for."""

import json
import os
import re
from pathlib import Path
from random import Random

import pytest

if not hasattr(os, "fork"):
    pytest.skip("runs are made in forks", allow_module_level=True)

from fuzz import run as fuzzing
from fuzz.measure import Run
from fuzz.mutate import mutated
from fuzz.readers import READERS
from fuzz.run import CORPUS, Case, cases, corpus, keep, main, problem, shrunk
from fuzz.seeds import SEEDS
from fuzz.shapes import SHAPES
from tests.command import ROOT


@pytest.mark.parametrize("name", corpus())
def test_an_input_that_was_found_is_found_no_more(name: str) -> None:
    assert problem(corpus()[name]) == ""


def test_what_was_found_is_told_without_the_folders_of_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [str(json.loads(path.read_text())["why"]) for path in CORPUS.glob("*.json")]
    assert [why for why in kept if re.search(r"(?:^|[\s('\"])/\w+/", why)] == []
    ended = Run(size=0, seconds=0, memory=0, code=3, said=f"a bug (at {ROOT}/compiler/cli.py:1)")
    monkeypatch.setattr(fuzzing, "run_on", lambda *_: ended)
    assert problem(Case({}, ("check",))) == "ended with 3: a bug (at compiler/cli.py:1)"


@pytest.mark.parametrize("name", READERS)
def test_a_reader_raises_nothing_but_what_it_promises(name: str) -> None:
    """For the seeds, for some changes of each, and for all files that were ever found."""
    reader, random = READERS[name], Random(name)
    seeds = list(reader.seeds())
    assert seeds
    found = [content for case in corpus().values() for content in case.files.values()]
    for content in (*seeds, *(mutated(random, seed) for seed in seeds for _ in range(12)), *found):
        reader.run(content)


@pytest.mark.parametrize("name", SEEDS)
def test_commands_read_the_whole_examples(name: str) -> None:
    files, commands = SEEDS[name]
    assert [why for command in commands if (why := problem(Case(files, command)))] == []


def test_a_short_run_finds_nothing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Case] = []
    monkeypatch.setattr(fuzzing, "keep", lambda case, why: kept.append(case))
    code = main(["--seconds", "10", "--seed", "7"])
    assert (code, kept) == (0, []), capsys.readouterr().out


def test_a_seed_makes_the_same_inputs_and_covers_all_kinds() -> None:
    one, other = cases(Random(3)), cases(Random(3))
    made = [next(one) for _ in range(300)]
    assert made == [next(other) for _ in range(300)]
    commands = {case.command for case in made}
    assert {command[0] for command in commands} >= {"check", "build", "explain", "images", "diff", "fn"}
    with pytest.raises(ValueError, match="no such kind: x"):
        next(cases(Random(3), ["x"]))


def test_changes_keep_most_of_an_input() -> None:
    files, _ = SEEDS["manifests"]
    random = Random(5)
    texts = [mutated(random, files["m.yaml"]) for _ in range(200)]
    assert len(set(texts)) > 150
    assert sum(b"ImageDigestMirrorSet" in text for text in texts) > 150


def test_what_goes_wrong_is_found_made_smaller_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(files: dict[str, bytes], command: tuple[str, ...], limits: object) -> Run:
        code = 3 if b"spec" in files["m.yaml"] else 0
        return Run(size=0, seconds=0, memory=0, code=code, said="mirrorc has a bug")

    monkeypatch.setattr(fuzzing, "run_on", fails)
    files, commands = SEEDS["manifests"]
    small = shrunk(Case(files, commands[0]))
    assert small.files == {"m.yaml": b"spec"}
    path = keep(small, problem(small), tmp_path)
    assert problem(small) == "ended with 3: mirrorc has a bug"
    monkeypatch.setattr(fuzzing, "CORPUS", tmp_path)
    assert corpus() == {path.name: small}
    raw = Case({"m.yaml": b"\xff\x00"}, ("check", "m.yaml"))
    path = keep(raw, "", tmp_path)
    assert corpus()[path.name] == raw


def test_every_kind_of_the_shapes_is_changed_too() -> None:
    assert SEEDS.keys().isdisjoint(SHAPES)
    assert next(cases(Random(1), [next(iter(SHAPES))])).command in SHAPES[next(iter(SHAPES))].commands


def test_make_and_ci_run_it() -> None:
    assert "fuzz: $(installed)" in (ROOT / "Makefile").read_text()
    assert "make fuzz FUZZ_SECONDS=" in (ROOT / ".ci" / "run").read_text()
