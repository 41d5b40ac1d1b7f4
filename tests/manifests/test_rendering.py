"""Parsed files whose placeholders get values."""

import json
from pathlib import Path

import pytest

from compiler.machine.limits import set_limits
from compiler.manifests import jinja
from compiler.manifests.given_values import Values, layered, merged
from compiler.manifests.parsing import parse
from compiler.manifests.rendering import Room, with_values
from compiler.manifests.values import render_each
from compiler.names.releases import RELEASES
from compiler.text.span import File
from tests.command import call_mirrorc, run_mirrorc
from tests.repositories import write

RELEASE = RELEASES["5.0"]
TEMPLATE = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: team}
spec:
  imageDigestMirrors:
    - source: quay.io/team
      mirrors: ["%s/team"]
"""


@pytest.mark.parametrize("placeholder", ["${MIRROR}", "{{ MIRROR }}", "__MIRROR__"])
def test_a_file_is_parsed_again_with_its_values(placeholder: str) -> None:
    parsed = parse(File("a.yaml", TEMPLATE % placeholder), RELEASE)
    (made,) = with_values([parsed], merged({"MIRROR": "m.example.com"}), RELEASE)
    (mirror_set,) = made.manifests
    (mirror,) = mirror_set.rules[0].mirrors  # type: ignore[union-attr]  # it is a mirror set
    assert mirror.value == "m.example.com/team"
    assert made.diagnostics == ()


def test_without_a_value_nothing_changes() -> None:
    parsed = parse(File("a.yaml", TEMPLATE % "${OTHER}"), RELEASE)
    (made,) = with_values([parsed], merged({"MIRROR": "m.example.com"}), RELEASE)
    assert made.manifests == parsed.manifests
    assert [each.rule for each in made.diagnostics] == ["template-values"]


def test_templates_of_all_clusters_have_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Room.__init__, "__defaults__", (30,))
    text = TEMPLATE % "${MIRROR}"
    write(folder, "a.yaml", text=text)
    clusters = "".join(f"- {{name: c{n}, paths: [a.yaml], values: {{MIRROR: m{n}.io}}}}\n" for n in range(4))
    write(folder, ".mirrorc.yaml", text=f"version: 1\nclusters:\n{clusters}")
    done = call_mirrorc("check", "--format", "json", cwd=folder)
    assert "the templates of all clusters become too long together" in done.stdout
    (found,) = (each for each in json.loads(done.stdout)["diagnostics"] if "too long" in each["message"])
    assert found["clusters"] == ["c2", "c3"]
    assert f"more than {len(text) * 2 + 30} characters" in found["message"]
    assert "--no-limits" in found["help"]


def test_equal_results_are_parsed_once_and_count_once() -> None:
    room = Room(len(TEMPLATE) * 2)
    parsed = parse(File("a.yaml", TEMPLATE % "${MIRROR}"), RELEASE)
    made = [with_values([parsed], merged({"MIRROR": "m.io"}), RELEASE, room)[0] for _ in range(5)]
    assert all(each is made[0] for each in made)
    (other,) = with_values([parsed], merged({"MIRROR": "m.io"}), RELEASES["4.20"], room)
    assert other is not made[0]


def test_limits_of_templates_can_be_turned_off() -> None:
    set_limits(off=True)
    try:
        room = Room(1)
    finally:
        set_limits(off=False)
    parsed = parse(File("a.yaml", TEMPLATE % "${MIRROR}"), RELEASE)
    (made,) = with_values([parsed], merged({"MIRROR": "m.io"}), RELEASE, room)
    assert made.diagnostics == ()


def test_names_with_dots_are_paths_in_values_that_are_shared() -> None:
    under = merged({"a": {"b": 1, "c": 2}, "d": 3})
    made = layered(under, {"a.b": 4, "e.f.g": 5})
    assert dict(made) == {"a": {"b": 4, "c": 2}, "d": 3, "a.b": 4, "e": {"f": {"g": 5}}, "e.f.g": 5}
    assert under["a"] == {"b": 1, "c": 2}
    assert layered(under, {}) is under
    deep = ".".join("a" * 100)
    assert merged({deep: 1}) == {deep: 1}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("{{ a }}/{{b}}", True),
        ("{{ a|upper }}", False),
        ("{{ c }}", False),
        ("{{ d }}", False),
        ("{# {{ a }} #}", False),
    ],
)
def test_what_is_nothing_but_names_of_texts_is_rendered_alike(
    text: str, plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: Values = {"a": "x", "b": 1, "c": True}
    by_jinja = jinja.render([text], given)[0].text
    asked: list[str] = []

    def render(texts: list[str], _: Values) -> list[jinja.Made]:
        asked.extend(texts)
        return [jinja.Made(by_jinja)]

    monkeypatch.setattr(jinja, "render", render)
    (made,) = render_each([text], given)
    assert (made.text, not asked) == (by_jinja, plain)


def test_build_takes_values(folder: Path) -> None:
    write(folder, "a.yaml", text=TEMPLATE % "${MIRROR}")
    write(folder, "values.yaml", text="MIRROR: file.example.com\n")
    assert run_mirrorc("build", "a.yaml", "-o", "one", "--set", "MIRROR=set.example.com", cwd=folder).code == 0
    assert 'location = "set.example.com/team"' in (folder / "one/registries.conf").read_text()
    assert run_mirrorc("build", "a.yaml", "-o", "two", "--values", "values.yaml", cwd=folder).code == 0
    assert 'location = "file.example.com/team"' in (folder / "two/registries.conf").read_text()
