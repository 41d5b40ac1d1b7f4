"""What an ImageSetConfiguration copies is listed, and is no pull of the cluster."""

import json
from pathlib import Path

from tests.command import run_mirrorc

SETS = """\
apiVersion: mirror.openshift.io/v2alpha1
kind: ImageSetConfiguration
mirror:
  platform:
    channels: [{name: stable-4.19}, {name: stable-scos-4, type: okd}]
    release: quay.io/openshift-release-dev/ocp-release:4.19.1-x86_64
  operators:
    - {catalog: 'registry.redhat.io/redhat/redhat-operator-index:v4.19', packages: [{name: pump}]}
  additionalImages: [{name: 'quay.io/acme/tool:1'}, {}]
  blockedImages: [{name: '.*/old.*'}]
  helm: {local: [{name: x, path: charts/x.tgz}]}
"""


def test_what_an_image_set_copies(tmp_path: Path) -> None:
    (tmp_path / "isc.yaml").write_text(SETS, encoding="utf-8")
    done = run_mirrorc("images", "--format", "json", "--require", "mirrored", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert (done.code, report["images"]) == (0, [])
    assert [(each["text"], each["what"], each["line"]) for each in report["to_mirror"]] == [
        ("quay.io/acme/tool:1", "image", 9),
        ("registry.redhat.io/redhat/redhat-operator-index:v4.19", "catalog; its bundles are not listed", 8),
        ("quay.io/openshift-release-dev/ocp-release:4.19.1-x86_64", "release", 6),
        ("quay.io/openshift-release-dev/ocp-release", "release of the channel stable-4.19", 5),
        ("quay.io/openshift/okd", "release of the channel stable-scos-4", 5),
        ("charts/x.tgz", "chart; its images are known once it is rendered", 11),
    ]
    assert "to mirror     quay.io/acme/tool:1\n" in run_mirrorc("images", cwd=tmp_path).stdout


def test_what_is_to_be_removed_is_not_wanted(tmp_path: Path) -> None:
    (tmp_path / "isc.yaml").write_text(SETS.replace("kind: Image", "kind: DeleteImage"), encoding="utf-8")
    assert run_mirrorc("images", cwd=tmp_path).code == 2
