"""OpenShift Templates."""

import pytest

from tests.homes.reading import homes_of, objects_of, parsed_of, rules_of

TEMPLATE = """\
apiVersion: {version}
kind: Template
metadata: {{name: t}}
parameters:
  - {{name: HOST, value: "m.example.com:5000"}}
  - {{name: LIST, value: '["m1.example.com/a", "m2.example.com/a"]'}}
  - {{name: NONE}}
objects:
  - apiVersion: config.openshift.io/v1
    kind: ImageDigestMirrorSet
    metadata: {{name: quay}}
    spec:
      imageDigestMirrors:
        - source: quay.io/a
          mirrors: {mirrors}
"""


@pytest.mark.parametrize(
    ("mirrors", "expected"),
    [
        ('["${HOST}/a"]', "m.example.com:5000/a"),
        ('["${HOST}/${HOST}"]', None),
        ("${{LIST}}", "m1.example.com/a m2.example.com/a"),
        ("[m.example.com/plain]", "m.example.com/plain"),
    ],
)
def test_defaults_are_put_in_their_places(mirrors: str, expected: str | None) -> None:
    (home,) = homes_of(TEMPLATE.format(version="template.openshift.io/v1", mirrors=mirrors)) or (None,)
    if expected is None:
        assert home is None or home.refused  # a port in the middle of a path is no repository
        return
    assert home is not None
    assert objects_of(home) == [f"ImageDigestMirrorSet quay: quay.io/a -> {expected}"]
    assert home.target is None
    assert home.form == "openshift-template"


def test_the_legacy_group_is_a_template_too() -> None:
    assert len(homes_of(TEMPLATE.format(version="v1", mirrors='["${HOST}/a"]'))) == 1


def test_a_parameter_without_a_value_is_unknown() -> None:
    parsed = parsed_of(TEMPLATE.format(version="template.openshift.io/v1", mirrors='["${NONE}/a"]'))
    (home,) = parsed.homes
    assert rules_of(home) == ["11 template-values"]
    assert parsed.places == ()
