"""Parsed files whose placeholders get values."""

from pathlib import Path

import pytest

from compiler.manifests.given_values import merged
from compiler.manifests.parsing import parse
from compiler.manifests.rendering import with_values
from compiler.names.releases import RELEASES
from compiler.text.span import File
from tests.command import run_mirrorc
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


def test_build_takes_values(folder: Path) -> None:
    write(folder, "a.yaml", text=TEMPLATE % "${MIRROR}")
    write(folder, "values.yaml", text="MIRROR: file.example.com\n")
    assert run_mirrorc("build", "a.yaml", "-o", "one", "--set", "MIRROR=set.example.com", cwd=folder).code == 0
    assert 'location = "set.example.com/team"' in (folder / "one/registries.conf").read_text()
    assert run_mirrorc("build", "a.yaml", "-o", "two", "--values", "values.yaml", cwd=folder).code == 0
    assert 'location = "file.example.com/team"' in (folder / "two/registries.conf").read_text()
