"""The release's own mirrors and lists are tested with the other checks; here is what uses the internal registry."""

from pathlib import Path

import pytest

from compiler.checks.payload import INTERNAL_REGISTRY
from tests.command import run_mirrorc

ALLOWED = """\
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec:
  registrySources:
    allowedRegistries: [quay.io, registry.redhat.io]
"""


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("apiVersion: build.openshift.io/v1\nkind: BuildConfig\nmetadata: {name: a}\n", True),
        ("apiVersion: v1\nkind: List\nitems:\n- kind: ImageStream\n  metadata: {name: a}\n", True),
        (f"kind: Pod\nspec: {{containers: [{{image: {INTERNAL_REGISTRY}/team/app:1}}]}}\n", True),
        ("kind: Pod\nspec: {containers: [{image: quay.io/team/app:1}]}\n", False),
    ],
)
def test_an_allowed_list_needs_the_internal_registry_where_it_is_used(
    tmp_path: Path, text: str, reported: bool
) -> None:
    (tmp_path / "image.yaml").write_text(ALLOWED)
    (tmp_path / "app.yaml").write_text(text)
    done = run_mirrorc("check", ".", "-o", "json", cwd=tmp_path)
    assert ('"no-internal-registry"' in done.stdout) is reported
    assert ('"app.yaml"' in done.stdout) is reported
    (tmp_path / "image.yaml").write_text(ALLOWED.replace("quay.io,", f"quay.io, '{INTERNAL_REGISTRY}',"))
    assert "no-internal-registry" not in run_mirrorc("check", ".", "-o", "json", cwd=tmp_path).stdout


RULES = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: release}
spec:
  imageDigestMirrors:
  - source: quay.io/openshift-release-dev/ocp-v4.0-art-dev
    mirrors: [m.example.com/art]
"""


@pytest.mark.parametrize(
    ("source", "reported"),
    [
        ("quay.io/team", True),
        ("quay.io/openshift-release-dev/ocp-release-nightly", False),
        ("registry.ci.openshift.org/ocp/release", False),
        ("quay.io/{{ product }}/ocp-release", False),
    ],
)
def test_a_release_of_another_stream_or_with_an_unknown_name_is_not_half_mirrored(
    tmp_path: Path, source: str, reported: bool
) -> None:
    (tmp_path / "idms.yaml").write_text(f"{RULES}  - source: {source}\n    mirrors: [m.example.com/x]\n")
    done = run_mirrorc("check", ".", "-o", "json", "--exit-zero", cwd=tmp_path)
    assert ('"payload-half-mirrored"' in done.stdout) is reported
