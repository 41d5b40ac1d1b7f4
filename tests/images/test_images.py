"""`mirrorc images`: what names an image, what a pull of it would do, and what cannot be known."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.explain.explanation import Explainer
from compiler.explain.judge import Judge, Status
from compiler.images.kustomize_images import deployed, read_overrides
from compiler.images.lists import find_in_list
from compiler.images.load import load_images, outcome_of
from compiler.images.references import Images
from compiler.images.workloads import find, mentions_images
from compiler.manifests.load import read_each
from compiler.node.admission import Admission
from compiler.node.model import DIGEST_ONLY, TAG_ONLY, Endpoint, RegistriesConf, RegistryEntry
from compiler.node.pull import Outcome
from compiler.repository.files import Candidate
from compiler.repository.paths import Problem, is_kustomization
from compiler.text.span import File
from tests.command import FIXTURES, ROOT, run_mirrorc
from tests.conformance import as_object, objects
from tests.golden import Golden
from tests.in_process import Ran, Run, runner
from tests.manifest_texts import image_config, mirror_set
from tests.programs import KUBECTL, needs_kubectl

DIGEST = "sha256:" + "ab" * 32


def found(manifest: str) -> list[tuple[str, str, str]]:
    """Text, object and field of every image that a manifest names; each span is the text, quotes apart."""
    images = find(File("a.yaml", dedent(manifest)))
    for reference in images.references:
        assert reference.span.text.strip("'\"") == reference.text
    return [(reference.text, reference.owner, reference.field) for reference in images.references]


def unknown(manifest: str) -> list[tuple[str, str]]:
    """Text and reason of everything that cannot be resolved."""
    return [(place.text, place.reason) for place in find(File("a.yaml", dedent(manifest))).unresolved]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `mirrorc images` in an empty folder, in this process."""

    return runner("images", monkeypatch, capfd)


def write(folder: Path, name: str, content: str) -> None:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(dedent(content))


def pod(*images: str, name: str = "p") -> str:
    containers = "".join(f"  - image: {image}\n" for image in images)
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n{containers}"


# --- Where images stand ----------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "DeploymentConfig", "Rollout"]
)
def test_every_pod_template_is_looked_into(kind: str) -> None:
    assert found(
        f"""\
        apiVersion: x/v1
        kind: {kind}
        metadata: {{name: web, namespace: shop}}
        spec:
          template:
            spec:
              initContainers:
              - {{name: i, image: a.io/init:1}}
              containers:
              - {{name: c, image: "a.io/main:1"}}
              - name: d
                image: a.io/side@{DIGEST}
              ephemeralContainers: [{{image: 'a.io/debug:1'}}]
              volumes:
              - name: v
                image: {{reference: a.io/data:1}}
        """
    ) == [
        ("a.io/init:1", f"{kind} shop/web", "spec.template.spec.initContainers[0].image"),
        ("a.io/main:1", f"{kind} shop/web", "spec.template.spec.containers[0].image"),
        (f"a.io/side@{DIGEST}", f"{kind} shop/web", "spec.template.spec.containers[1].image"),
        ("a.io/debug:1", f"{kind} shop/web", "spec.template.spec.ephemeralContainers[0].image"),
        ("a.io/data:1", f"{kind} shop/web", "spec.template.spec.volumes[0].image.reference"),
    ]


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{image: a.io/x}]}}",
            ("a.io/x", "Pod p", "spec.containers[0].image"),
        ),
        (
            "{apiVersion: batch/v1, kind: CronJob, metadata: {generateName: p-}, "
            "spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: a.io/x}]}}}}}}",
            ("a.io/x", "CronJob p-", "spec.jobTemplate.spec.template.spec.containers[0].image"),
        ),
        (
            "{apiVersion: operators.coreos.com/v1alpha1, kind: CatalogSource, metadata: {name: c}, "
            "spec: {image: a.io/x}}",
            ("a.io/x", "CatalogSource c", "spec.image"),
        ),
        (
            "{apiVersion: olm.operatorframework.io/v1, kind: ClusterCatalog, metadata: {name: c}, "
            "spec: {source: {image: {ref: a.io/x}}}}",
            ("a.io/x", "ClusterCatalog c", "spec.source.image.ref"),
        ),
        (
            "{apiVersion: image.openshift.io/v1, kind: ImageStream, metadata: {name: s}, "
            "spec: {tags: [{from: {kind: ImageStreamTag, name: other}}, {from: {kind: DockerImage, name: a.io/x}}]}}",
            ("a.io/x", "ImageStream s", "spec.tags[1].from.name"),
        ),
        (
            "{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: t}, spec: {steps: [{image: a.io/x}]}}",
            ("a.io/x", "Task t", "spec.steps[0].image"),
        ),
        (
            "{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: t}, spec: {stepTemplate: {image: a.io/x}}}",
            ("a.io/x", "Task t", "spec.stepTemplate.image"),
        ),
        (
            "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, metadata: {name: w}, "
            "spec: {templates: [{container: {image: a.io/x}}]}}",
            ("a.io/x", "Workflow w", "spec.templates[0].container.image"),
        ),
        (
            "{apiVersion: hypershift.openshift.io/v1beta1, kind: NodePool, metadata: {name: n}, "
            "spec: {release: {image: a.io/x}}}",
            ("a.io/x", "NodePool n", "spec.release.image"),
        ),
        (
            "{apiVersion: argoproj.io/v1alpha1, kind: WorkflowTemplate, metadata: {name: w}, "
            "spec: {templates: [{steps: [[{name: s}]], sidecars: [{name: c, image: a.io/x}]}]}}",
            ("a.io/x", "WorkflowTemplate w", "spec.templates[0].sidecars[0].image"),
        ),
        (
            "{apiVersion: kubevirt.io/v1, kind: VirtualMachine, metadata: {name: v}, "
            "spec: {template: {spec: {volumes: [{containerDisk: {image: a.io/x}}]}}}}",
            ("a.io/x", "VirtualMachine v", "spec.template.spec.volumes[0].containerDisk.image"),
        ),
        (
            "{apiVersion: machineconfiguration.openshift.io/v1, kind: MachineConfig, metadata: {name: m}, "
            "spec: {osImageURL: a.io/x}}",
            ("a.io/x", "MachineConfig m", "spec.osImageURL"),
        ),
        (
            "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: k}, "
            "spec: {template: {spec: {containers: [{image: a.io/x}]}}}}",
            ("a.io/x", "Service k", "spec.template.spec.containers[0].image"),
        ),
        (
            "{apiVersion: build.openshift.io/v1, kind: BuildConfig, metadata: {name: b}, spec: {output: {to: "
            "{kind: DockerImage, name: a.io/out}}, strategy: {dockerStrategy: "
            "{from: {kind: DockerImage, name: a.io/x}}}}}",
            ("a.io/x", "BuildConfig b", "spec.strategy.dockerStrategy.from.name"),
        ),
        (
            '{"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "p"}, '
            '"spec": {"containers": [{"image": "a.io/x"}]}}]}',
            ("a.io/x", "Pod p", "spec.containers[0].image"),
        ),
    ],
    ids=lambda value: value[1].split()[0] if isinstance(value, tuple) else "",
)
def test_kinds_that_keep_images_elsewhere(manifest: str, expected: tuple[str, str, str]) -> None:
    assert found(manifest) == [expected]


def test_an_operator_bundle_names_related_images_and_deployments() -> None:
    assert found(
        """\
        apiVersion: operators.coreos.com/v1alpha1
        kind: ClusterServiceVersion
        metadata: {name: op.v1}
        spec:
          relatedImages:
          - {name: a, image: a.io/a:1}
          - {name: b, image: a.io/b:1}
          install:
            spec:
              deployments:
              - name: op
                spec:
                  template:
                    spec:
                      containers:
                      - image: a.io/op:1
                        env:
                        - {name: OTHER_IMAGE, value: a.io/other:1}
                        - {name: RELATED_IMAGE_C, value: a.io/c:1}
                        - {name: RELATED_IMAGE_D}
                        - nonsense
        """
    ) == [
        ("a.io/a:1", "ClusterServiceVersion op.v1", "spec.relatedImages[0].image"),
        ("a.io/b:1", "ClusterServiceVersion op.v1", "spec.relatedImages[1].image"),
        (
            "a.io/op:1",
            "ClusterServiceVersion op.v1",
            "spec.install.spec.deployments[0].spec.template.spec.containers[0].image",
        ),
        (
            "a.io/c:1",
            "ClusterServiceVersion op.v1",
            "spec.install.spec.deployments[0].spec.template.spec.containers[0].env[1].value",
        ),
    ]


def test_what_an_image_trigger_replaces_is_not_taken_for_the_image() -> None:
    config = """\
        apiVersion: apps.openshift.io/v1
        kind: DeploymentConfig
        metadata: {name: web}
        spec:
          triggers:
          - type: ConfigChange
          - type: ImageChange
            imageChangeParams: {containerNames: [web], from: {kind: ImageStreamTag, name: "web:latest"}}
          template: {spec: {containers: [{name: web, image: web:latest}, {name: log, image: a.io/log:1}]}}
        """
    assert [image for image, _, _ in found(config)] == ["a.io/log:1"]
    assert unknown(config) == [("web:latest", "an image trigger sets the image of `web:latest` here")]


@pytest.mark.parametrize(
    ("trigger", "filled"),
    [
        ('{"from": {"name": "web:1"}, "fieldPath": "spec.template.spec.containers[?(@.name==\\"web\\")].image"}', True),
        ('{"from": {"name": "web:1"}, "fieldPath": "spec.template.spec.containers[0].image"}', True),
        ('{"from": {"name": "web:1"}, "fieldPath": "spec.template.spec.containers[0].image", "paused": true}', False),
        ('{"from": {"name": "web:1"}, "fieldPath": "spec.template.spec.containers[1].image"}', False),
        ('{"from": "web:1", "fieldPath": 1, "paused": []}, 7', False),
        ("{", False),
        ("[" * 100_000, False),
    ],
)
def test_triggers_in_an_annotation(trigger: str, *, filled: bool) -> None:
    manifest = f"""\
        apiVersion: apps/v1
        kind: Deployment
        metadata: {{name: web, annotations: {{image.openshift.io/triggers: '[{trigger}]'}}}}
        spec: {{template: {{spec: {{containers: [{{name: web, image: a.io/web:0}}]}}}}}}
        """
    assert unknown(manifest) == ([("a.io/web:0", "an image trigger sets the image of `web:1` here")] if filled else [])
    assert bool(found(manifest)) is not filled


def test_a_json_patch_sets_images() -> None:
    assert found(
        """\
        - {op: replace, path: /spec/template/spec/containers/0/image, value: a.io/a:1}
        - {op: add, path: /spec/template/spec/initContainers/-, value: {name: i, image: a.io/i:1}}
        - {op: add, path: /spec/template/spec/ephemeralContainers, value: [{name: d, image: a.io/d:1}]}
        - {op: add, path: /spec/template, value: {spec: {containers: [{image: a.io/t:1}]}}}
        - {op: test, path: /spec/template/spec/containers/0/image, value: a.io/no:1}
        - {op: remove, path: /spec/template/spec/containers/0/image}
        - {op: replace, path: /metadata/labels/image, value: a.io/no:2}
        - {op: add}
        - nonsense
        """
    ) == [
        ("a.io/a:1", "JSON patch", "/spec/template/spec/containers/0/image"),
        ("a.io/i:1", "JSON patch", "/spec/template/spec/initContainers/-.image"),
        ("a.io/d:1", "JSON patch", "/spec/template/spec/ephemeralContainers[0].image"),
        ("a.io/t:1", "JSON patch", "/spec/template.spec.containers[0].image"),
    ]


@pytest.mark.parametrize(
    "manifest",
    [
        "image: {repository: a.io/x, tag: 1}",  # the values of a chart
        "- kind: Pod",
        "kind: ConfigMap\ndata: {image: a.io/x}",
        "kind: CustomResourceDefinition\nspec: {containers: {items: {image: {type: string}}}}",
        "kind: Pod\nspec: {containers: [nonsense, {name: x}], volumes: [{emptyDir: {}}]}",
        "kind: CatalogSource\napiVersion: example.com/v1\nspec: {image: a.io/x}",
        "kind: List\nitems: {}",
        "kind: Pod\nspec: {volumes: {image: {reference: x}}, containers: {image: x}}",
        "kind: ClusterServiceVersion\napiVersion: operators.coreos.com/v1alpha1\nspec: {relatedImages: x}",
        "kind: Pod\nspec: {other: [[1], [{name: x}]]}",
        "apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nspec: {osImageURL: ''}",
        "",
    ],
)
def test_what_only_looks_like_an_image_is_none(manifest: str) -> None:
    assert found(manifest) == []
    assert unknown(manifest) == []


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("{{ .Values.image }}", "it is a template: render it first"),
        ('"{{ .Values.image }}:1"', "it is a template: render it first"),
        ("${REGISTRY}/x:1", "it contains a variable"),
        ("$(params.image)", "it contains a variable"),
        ("a.io/$NAME", "it contains a variable"),
        ("<your image>", "it contains a variable"),
        ('""', "it is empty, so an image trigger or a patch must set it"),
        ("' '", "it is empty, so an image trigger or a patch must set it"),
        ("", "it is not a string"),
        ("17", "it is not a string"),
        ("{}", "it is not a string"),
    ],
)
def test_what_cannot_be_known_is_named_and_not_guessed(value: str, reason: str) -> None:
    manifest = f"kind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: x\n    image: {value}\n"
    assert found(manifest) == []
    ((_, told),) = unknown(manifest)
    assert told == reason


def test_a_template_hides_neither_what_stands_beside_it_nor_its_own_images() -> None:
    manifest = """\
        kind: Pod
        spec: {containers: [{image: a.io/x:1}]}
        ---
        kind: Deployment
        spec:
          {{- if .Values.on }}
          template:
            spec:
              containers:
                - image: a.io/y:1
                - "image": {{ .Values.image }}  # ours
          {{- end }}
        ---
        kind: Pod
        spec: {containers: [{image: a.io/z:1}]}
        """
    assert [image for image, _, _ in found(manifest)] == ["a.io/x:1", "a.io/y:1", "a.io/z:1"]
    assert unknown(manifest) == [("{{ .Values.image }}", "it is a template: render it first")]


def test_images_behind_a_syntax_error_are_named() -> None:
    manifest = """\
        kind: Pod
        spec: {containers: [{image: a.io/x:1}]}
        ---
        kind: Pod
        spec:
          containers:
          - image: a.io/y:1
          wrong
          - image: a.io/z:1
        """
    assert [image for image, _, _ in found(manifest)] == ["a.io/x:1"]
    assert unknown(manifest) == [
        ("a.io/y:1", "the file is not valid YAML"),
        ("a.io/z:1", "the file is not valid YAML"),
    ]


@pytest.mark.parametrize(
    ("data", "may"),
    [
        (b"image: x", True),
        (b'{"image" : "x"}', True),
        (b"releaseImage: x", True),
        (b"from: {kind: DockerImage}", True),
        (b"image:\n  ref: x", True),
        (b"osImageURL: x", True),
        (b"path: /spec/containers/0/image\nvalue: x", True),
        (b'{"path": "/spec/containers/-", "value": {}}', True),
        (b"see https://example.com/image/x", False),
        ("image: x".encode("utf-16"), True),
        (b"kind: ConfigMap", False),
        (b"imagePullPolicy: Always", False),
    ],
)
def test_a_search_of_the_bytes_spares_the_reading(data: bytes, may: bool) -> None:
    assert mentions_images(data) is may


# --- Plain lists -------------------------------------------------------------------


def listed(content: str) -> Images:
    images = find_in_list(File("list", content))
    assert [each.span.text for each in images.references] == [each.text for each in images.references]
    assert [each.span.text for each in images.unresolved] == [each.text for each in images.unresolved]
    return images


@pytest.mark.parametrize(
    ("line", "images"),
    [
        ("quay.io/a/b:1", ["quay.io/a/b:1"]),
        ("  alpine  # a short name", ["alpine"]),
        ("# quay.io/a/b:1", []),
        ("", []),
        ("docker://quay.io/a/b:1", ["quay.io/a/b:1"]),
        ('"quay.io/a/b:1",', ["quay.io/a/b:1"]),
        (f"quay.io/a/b@{DIGEST}=mirror.local:5000/a/b:x", [f"quay.io/a/b@{DIGEST}"]),
        (f"  cli-artifacts    quay.io/a/b@{DIGEST}", [f"quay.io/a/b@{DIGEST}"]),
        (f"Pull From: quay.io/a/b@{DIGEST}", [f"quay.io/a/b@{DIGEST}"]),
        ("copied docker://alpine:3", ["alpine:3"]),
        (f"Digest:     {DIGEST}", []),
        ("OS/Arch:    linux/amd64", []),
        ("  NAME      PULL SPEC", []),
        ("    url: https://access.example.com/errata/1", []),
        ('""', []),
    ],
)
def test_lines_of_a_list(line: str, images: list[str]) -> None:
    content = listed(f"{line}\r\n")
    assert [reference.text for reference in content.references] == images
    assert content.unresolved == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"cli-artifacts  {DIGEST}", "a digest without a repository"),
        (DIGEST, "a digest without a repository"),
        ("docker-daemon:alpine:3", "`docker-daemon:` is not a registry"),
        ("dir:/images/x", "`dir:` is not a registry"),
        ("quay.io/${NAME}", "it contains a variable"),
        ("quay.io/{{NAME}}", "it is a template"),
    ],
)
def test_lines_that_name_no_image_of_a_registry(line: str, reason: str) -> None:
    content = listed(line)
    assert content.references == ()
    (place,) = content.unresolved
    assert place.reason.startswith(reason)


def test_a_repository_may_be_called_like_a_transport() -> None:
    assert [reference.text for reference in listed("dir:latest\noci").references] == ["dir:latest", "oci"]


def test_the_name_of_a_component_is_kept() -> None:
    (reference,) = listed(f"etcd  quay.io/a/b@{DIGEST}").references
    assert reference.owner == "etcd"


# --- Kustomize ---------------------------------------------------------------------


def deployed_images(**files: str) -> list[tuple[str, str]]:
    """What is deployed of a repo, and the place that has the last word on it; `_` in a name is a `/`."""
    images, kustomizations = [], []
    for name, content in files.items():
        file = File(name.replace("_", "/") + ".yaml", dedent(content))
        if is_kustomization(file.path):
            kustomizations.append(read_overrides(file))
        else:
            images.append(find(file))
    return [(each.text, str(each.span)) for each in deployed(images, kustomizations)]


BASE = "resources: [web.yaml]\n"


def test_kustomize_replaces_what_an_overlay_says() -> None:
    assert deployed_images(
        base_kustomization=BASE,
        base_web=pod("app:1", "docker.io/other:1"),
        prod_kustomization="""\
            resources: [../base]
            images:
            - name: app
              newName: registry.example.com/app
              newTag: "2"
            """,
        dev_kustomization="resources: [../base]\n",
        loose=pod("app:1"),
    ) == [
        ("app:1", "base/web.yaml:6:12"),
        ("docker.io/other:1", "base/web.yaml:7:12"),
        ("app:1", "loose.yaml:6:12"),
        ("registry.example.com/app:2", "prod/kustomization.yaml:4:12"),
    ]


@pytest.mark.parametrize(
    ("image", "sets", "result"),
    [
        ("app:1", "newTag: '2'", "app:2"),
        (f"app:1@{DIGEST}", "newTag: '2'", "app:2"),
        ("app:1", f"digest: {DIGEST}", f"app@{DIGEST}"),
        ("app:1", f"{{newTag: '2', digest: {DIGEST}}}", f"app:2@{DIGEST}"),
        (f"app:1@{DIGEST}", "newName: other", f"other:1@{DIGEST}"),
        ("app", "newName: other", "other"),
        ("app2:1", "newTag: '2'", "app2:1"),
        ("x/app:1", "newTag: '2'", "x/app:1"),
        ("app:1", "{}", "app:1"),
    ],
)
def test_what_an_entry_sets(image: str, sets: str, result: str) -> None:
    entry = sets.strip("{}")
    overlay = f"resources: [web.yaml]\nimages:\n- {{name: app{', ' if entry else ''}{entry}}}\n"
    assert [text for text, _ in deployed_images(kustomization=overlay, web=pod(image))] == [result]


MADE_OVER = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers: [{name: i, image: "app:1"}]
      containers: [{name: c, image: "app:1", env: [{name: RELATED_IMAGE_X, value: "app:1"}]}]
      ephemeralContainers: [{name: e, image: "app:1"}]
      volumes: [{name: v, image: {reference: "app:1"}}]
---
apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata: {name: op.v1}
spec:
  relatedImages: [{name: a, image: "app:1"}]
  install: {spec: {deployments: [{name: op, spec: {template: {spec: {containers: [{image: "app:1"}]}}}}]}}
---
apiVersion: operators.coreos.com/v1alpha1
kind: CatalogSource
metadata: {name: c}
spec: {image: "app:1"}
"""


@needs_kubectl
def test_entries_change_the_images_that_kustomize_changes(tmp_path: Path) -> None:
    assert KUBECTL is not None
    overlay = 'resources: [web.yaml]\nimages: [{name: app, newTag: "9"}]\n'
    (tmp_path / "web.yaml").write_text(MADE_OVER)
    (tmp_path / "kustomization.yaml").write_text(overlay)
    done = subprocess.run([KUBECTL, "kustomize", str(tmp_path)], capture_output=True, text=True, check=True, timeout=60)
    built = sorted(text for text, _, _ in found(done.stdout))
    assert built.count("app:9") == 4
    assert sorted(text for text, _ in deployed_images(kustomization=overlay, web=MADE_OVER)) == built


def test_overlays_are_applied_from_the_inside_out() -> None:
    assert deployed_images(
        base_kustomization=BASE + "images: [{name: app, newName: a.io/app}]\n",
        base_web=pod("app:1"),
        mid_kustomization="bases: [../base]\nimages: [{name: a.io/app, newTag: '2'}]\n",
        top_kustomization="components: [../mid]\nimages: [{name: a.io/app, newName: b.io/app}]\n",
    ) == [("b.io/app:2", "top/kustomization.yaml:2:36")]


def test_patches_are_made_over_as_well() -> None:
    assert deployed_images(
        kustomization="""\
            patches: [{path: patch.yaml}, {patch: "inline"}, nonsense]
            patchesStrategicMerge: [old.yaml]
            images: [{name: app, newTag: "9"}, nonsense, {newTag: "1"}]
            """,
        patch=pod("app:1"),
        old=pod("app:2"),
    ) == [("app:9", "kustomization.yaml:3:30")]


def test_patches_written_into_a_kustomization_have_images_too() -> None:
    assert deployed_images(
        kustomization="""\
            resources: [web.yaml]
            patches:
            - target: {kind: Deployment}
              patch: |-
                - op: replace
                  path: /spec/template/spec/containers/0/image
                  value: app:3
            - patch: |
                kind: Deployment
                spec:
                  template:
                    spec:
                      containers:
                      - image: "a.io/side:1"  # beside it
                      - image: $(SIDE)
            - patch: "kind: Pod\\nspec: {containers: [{image: a.io/quoted:1}]}\\n"
            images: [{name: app, newTag: "9"}]
            """,
        web=pod("app:1"),
    ) == [
        ("a.io/side:1", "kustomization.yaml:14:20"),
        ("a.io/quoted:1", "kustomization.yaml:16:10"),
        ("app:9", "kustomization.yaml:17:30"),  # what the patch sets
        ("app:9", "kustomization.yaml:17:30"),  # what it takes the place of
    ]


def test_an_image_of_a_patch_in_quotes_is_at_the_patch() -> None:
    """A quoted text has its lines elsewhere, or nowhere in the file."""
    patch = "kind: Pod\\n\\n\\nspec: {containers: [{image: a.io/quoted:1}]}\\n"
    assert deployed_images(kustomization=f'patches: [{{patch: "{patch}"}}]') == [
        ("a.io/quoted:1", "kustomization.yaml:1:19")
    ]


def test_what_a_patch_sets_may_be_unknown_too(run: Run, folder: Path) -> None:
    patch = "kind: Pod\n    spec: {containers: [{image: $(SIDE)}]}\n"
    write(folder, "kustomization.yaml", f"patches:\n- patch: |\n    {patch}")
    done = run()
    assert "unresolved    $(SIDE)\n" in done.out
    assert "kustomization.yaml:4:33  Pod\n" in done.out


def test_a_circle_and_a_wreck_hide_no_image() -> None:
    assert deployed_images(
        a_kustomization="resources: [../b, web.yaml, https://example.com/x]\nimages: [{name: app, newTag: '2'}]\n",
        a_web=pod("app:1"),
        b_kustomization="resources: [../a]\n",
        c_kustomization="resources: [\n",
    ) == [("app:1", "a/web.yaml:6:12")]
    assert deployed_images(
        top_kustomization="resources: [../a]\nimages: [{name: app, newTag: '2'}]\n",
        a_kustomization="resources: [../b, web.yaml]\n",
        a_web=pod("app:1"),
        b_kustomization="resources: [../a, .]\n",
    ) == [("app:2", "top/kustomization.yaml:2:30")]


def test_the_command_reads_kustomizations_and_what_their_comments_allow(run: Run, folder: Path) -> None:
    write(folder, "kustomization.yaml", "resources: [web.yaml]\nimages:\n- name: app\n  newName: docker.io/x/app\n")
    write(folder, "web.yaml", pod("app:1"))
    assert run("--format", "json").statuses == {"docker.io/x/app:1": "not-mirrored"}
    assert run("--require", "mirrored").code == 1
    with (folder / "kustomization.yaml").open("a") as stream:
        stream.write("  # mirrorc: allow image-not-mirrored -- ours\n")
    assert "warning[unused-allowance]" in run().err
    write(
        folder,
        "kustomization.yaml",
        "resources: [web.yaml]\nimages:\n- name: app\n"
        "  # mirrorc: allow image-not-mirrored -- ours\n  newName: docker.io/x/app\n",
    )
    assert run("--require", "mirrored").code == 0


# --- How images stand -----------------------------------------------------------------


def mirror(location: str, pull_from_mirror: str = "") -> Endpoint:
    return Endpoint(location=location, pull_from_mirror=pull_from_mirror)


CONF = RegistriesConf(
    search=("registry.access.redhat.com", "docker.io"),
    entries=(
        RegistryEntry(location="both.io", mirrors=(mirror("m.io/b"),)),
        RegistryEntry(location="digest.io", mirrors=(mirror("m.io/d", DIGEST_ONLY),)),
        RegistryEntry(location="tag.io/ns", mirrors=(mirror("m.io/t", TAG_ONLY),)),
        RegistryEntry(location="never.io", blocked=True, mirrors=(mirror("m.io/n", DIGEST_ONLY),)),
        RegistryEntry(location="blocked.io", blocked=True),
        RegistryEntry(location="insecure.io", insecure=True),
        RegistryEntry(location="itself.io", mirrors=(mirror("itself.io"),)),
        RegistryEntry(location="bad.io", mirrors=(mirror("mirror/x"),)),
        RegistryEntry(location="lost.io", mirrors=(mirror("blocked.io/x"),)),
        RegistryEntry(prefix="*.wild.io", mirrors=(mirror("m.io/w"),)),
        RegistryEntry(location="docker.io/library", mirrors=(mirror("m.io/library"),)),
        RegistryEntry(location="more.io", mirrors=(mirror("insecure.io/in"),)),
        RegistryEntry(location="long.io", mirrors=(mirror("m.io/" + "l" * 240),)),
        RegistryEntry(location="parted.io/ns", mirrors=(mirror("half.io", DIGEST_ONLY), mirror("half.io/t", TAG_ONLY))),
        RegistryEntry(location="half.io/bad", blocked=True),
    ),
)


@pytest.mark.parametrize(
    ("pull_spec", "status", "detail"),
    [
        ("both.io/a:1", Status.MIRRORED, ""),
        (f"both.io/a@{DIGEST}", Status.MIRRORED, ""),
        ("both.io:5000/a:1", Status.INVALID, "`m.io/b` rewrites the pull spec to `m.io/b:5000/a:1`"),
        (f"digest.io/a:1@{DIGEST}", Status.MIRRORED, ""),
        ("digest.io/a:1", Status.DIGESTS_ONLY, "`digest.io` has digest-only mirrors"),
        (f"tag.io/ns/a@{DIGEST}", Status.TAGS_ONLY, "`tag.io/ns` has tag-only mirrors"),
        ("tag.io/ns:1", Status.MIRRORED, ""),
        ("tag.io/nsx:1", Status.NOT_MIRRORED, "no mirror source matches"),
        (f"never.io/a@{DIGEST}", Status.MIRRORED, ""),
        ("never.io/a:1", Status.BLOCKED, "`never.io` is blocked, and the mirrors are digest-only"),
        ("blocked.io/a:1", Status.BLOCKED, "`blocked.io` is blocked"),
        ("insecure.io/a:1", Status.NOT_MIRRORED, "`insecure.io` has no mirrors"),
        ("itself.io/a:1", Status.NOT_MIRRORED, "`itself.io` has no mirrors"),
        ("bad.io/a:1", Status.INVALID, "`mirror/x` rewrites the pull spec to `mirror/x/a:1`"),
        ("lost.io/a:1", Status.NOT_MIRRORED, "`blocked.io` is blocked"),
        ("x.wild.io/a:1", Status.MIRRORED, ""),
        ("long.io/" + "a" * 30, Status.INVALID, ""),
        (f"parted.io/ns/a@{DIGEST}", Status.MIRRORED, ""),
        (f"parted.io/ns/bad@{DIGEST}", Status.NOT_MIRRORED, "`half.io/bad` is blocked"),
        (f"parted.io/ns@{DIGEST}", Status.INVALID, "`half.io` rewrites the pull spec to `half.io@"),
        ("parted.io/ns:1", Status.MIRRORED, ""),
        ("m.io/b/a:1", Status.MIRRORED, "it is in the mirror `m.io/b` itself"),
        ("m.io/elsewhere:1", Status.NOT_MIRRORED, "no mirror source matches"),
        ("insecure.io/in/a:1", Status.MIRRORED, "it is in the mirror `insecure.io/in` itself"),
        ("insecure.io:1/in/a:1", Status.NOT_MIRRORED, "`insecure.io` has no mirrors"),
        ("image-registry.openshift-image-registry.svc:5000/ns/a:1", Status.MIRRORED, "the cluster's own registry"),
        ("image-registry.openshift-image-registry.svc:80/ns/a:1", Status.NOT_MIRRORED, "no mirror source matches"),
        ("Upper/Case", Status.INVALID, "upper-case letters"),
        ("docker.io/redis:7", Status.MIRRORED, ""),
        (
            "redis:7",
            Status.NOT_MIRRORED,
            "it may be short for `registry.access.redhat.com/redis:7`: no mirror source matches",
        ),
    ],
)
def test_how_an_image_stands(pull_spec: str, status: Status, detail: str) -> None:
    standing = Judge(Explainer(CONF)).judge(pull_spec)
    assert standing.status is status
    assert detail in standing.detail


def test_a_short_name_whose_candidates_are_all_mirrored_is_mirrored() -> None:
    conf = RegistriesConf(search=("both.io",), entries=CONF.entries)
    standing = Judge(Explainer(conf)).judge("redis")
    assert (standing.status, standing.detail) == (Status.MIRRORED, "it may be short for `both.io/redis`")


def test_policy_json_has_the_last_word() -> None:
    explainer = Explainer(CONF, admission=Admission({"both.io": None}, {}))
    standing = Judge(explainer).judge("both.io/a:1")
    assert standing.status is Status.BLOCKED
    assert standing.detail == "policy.json refuses it: `both.io` is in blockedRegistries"


def test_nothing_can_be_pulled_by_a_file_no_node_loads() -> None:
    broken = RegistriesConf(entries=(RegistryEntry(prefix="a.io"),))
    standing = Judge(Explainer(broken)).judge("b.io/a:1")
    assert standing.status is Status.INVALID
    assert "a node cannot load this registries.conf" in standing.detail


_HOSTS = [entry.scope.replace("*", "x") for entry in CONF.entries] + ["m.io", "other.io", "both.io:5000"]


@given(
    st.sampled_from(_HOSTS),
    st.lists(st.sampled_from(["a", "ns", "bad", "b-c", "l" * 100]), max_size=3),
    st.sampled_from(["", ":1", f"@{DIGEST}", f":1@{DIGEST}"]),
)
def test_the_quick_way_says_what_the_whole_story_says(host: str, path: list[str], suffix: str) -> None:
    pull_spec = "/".join([host, *path] if path or "/" in host else [host, "a"]) + suffix
    explainer = Explainer(CONF)
    explanation = explainer.explain(pull_spec)
    standing = Judge(explainer).judge(pull_spec)
    if not explanation.ok:
        assert standing.status is Status.INVALID
    elif explanation.outcome is Outcome.UNAVAILABLE:
        assert standing.status is Status.BLOCKED
    elif explanation.outcome is Outcome.SOURCE_ONLY and "is in the mirror" not in standing.detail:
        assert not standing.status.is_mirrored
        is_blocked = any(step.blocked_by for step in explanation.steps)
        assert (standing.status is Status.NOT_MIRRORED) is (is_blocked or not explanation.skipped)
    else:
        assert standing.status is Status.MIRRORED
        own = explanation.pull.entry.location if explanation.pull.entry else ""
        tried = [attempt.endpoint.location for attempt in explanation.pull.tried]
        mirrors = [location for location in tried if location != own]
        is_mirror_itself = "is in the mirror" in standing.detail
        assert [mirror for mirror, _ in standing.served] == ([] if is_mirror_itself else mirrors[:1])


# --- The command ----------------------------------------------------------------------


MIRRORS = """\
    apiVersion: config.openshift.io/v1
    kind: ImageDigestMirrorSet
    metadata: {name: a}
    spec:
      imageDigestMirrors:
      - source: quay.io/ns
        mirrors: [m.example.com/ns]
    """


@pytest.mark.golden
def test_the_example_repo_is_surveyed_by_cluster(golden: Golden) -> None:
    done = run_mirrorc("images", cwd=FIXTURES / "gitops-repo")
    assert (done.code, done.stderr) == (0, "")
    golden.file(FIXTURES / "rendered" / "images.txt", done.stdout)


def test_trouble_comes_first_and_the_last_line_sums_it_up(run: Run, folder: Path) -> None:
    write(folder, "mirrors.yaml", MIRRORS)
    write(
        folder,
        "image.yaml",
        "kind: Image\napiVersion: config.openshift.io/v1\nmetadata: {name: cluster}\n"
        "spec: {registrySources: {blockedRegistries: [bad.example.com]}}\n",
    )
    write(folder, "pods.yaml", pod(f"quay.io/ns/a@{DIGEST}", "quay.io/ns/a:1", "docker.io/b:2", "bad.example.com/c"))
    write(folder, "more.yaml", pod("docker.io/b:2", "{{ x }}", name="q"))
    ran = run()
    assert ran == Ran(
        0,
        dedent(
            """\
            blocked       bad.example.com/c
                          policy.json refuses it: `bad.example.com` is in blockedRegistries
                          image.yaml:4:46
                          pods.yaml:9:12  Pod p
            not mirrored  docker.io/b:2
                          no mirror source matches
                          more.yaml:6:12  Pod q
                          pods.yaml:8:12  Pod p
            digests only  quay.io/ns/a:1
                          `quay.io/ns` has digest-only mirrors
                          mirrors.yaml:6:13
                          pods.yaml:7:12  Pod p
            mirrored      quay.io/ns/a@sha256:abababababab…  from m.example.com/ns
            unresolved    {{ x }}
                          it is a template: render it first
                          more.yaml:7:12  Pod q

            4 images: 1 blocked, 1 not mirrored, 1 by tag but mirrored only for digests, 1 mirrored; 1 unresolved
            """
        ),
        "",
    )


def test_json_has_every_place(run: Run, folder: Path) -> None:
    write(folder, "mirrors.yaml", MIRRORS)
    write(folder, "pods.yaml", pod("quay.io/ns/a:1", "$(x)"))
    report = run("--format", "json").report
    assert report["summary"] == {
        "images": 1,
        "error": 0,
        "blocked": 0,
        "not-mirrored": 0,
        "mirrored-for-digests": 1,
        "mirrored-for-tags": 0,
        "mirrored": 0,
        "unresolved": 1,
        "unread": {"places": 0, "files": 0},
    }
    assert report["images"] == [
        {
            "image": "quay.io/ns/a:1",
            "status": "mirrored-for-digests",
            "standings": [
                {
                    "clusters": [],
                    "status": "mirrored-for-digests",
                    "detail": "`quay.io/ns` has digest-only mirrors",
                    "from": [],
                    "origins": [{"path": "mirrors.yaml", "line": 6, "column": 13}],
                    "signature": {
                        "scope": None,
                        "identity": "quay.io/ns/a:1",
                        "requirements": [
                            {
                                "type": "insecureAcceptAnything",
                                "trust": None,
                                "signed_identity": None,
                                "policy": None,
                                "payload": False,
                                "origins": [],
                            }
                        ],
                    },
                    "attempts": [{"endpoint": "quay.io/ns", "signatures_looked_for": False}],
                }
            ],
            "places": [
                {
                    "path": "pods.yaml",
                    "line": 6,
                    "column": 12,
                    "object": "Pod p",
                    "field": "spec.containers[0].image",
                    "allowed": None,
                }
            ],
        }
    ]
    assert report["unresolved"] == [
        {
            "text": "$(x)",
            "reason": "it contains a variable",
            "path": "pods.yaml",
            "line": 7,
            "column": 12,
            "object": "Pod p",
            "field": "spec.containers[1].image",
            "allowed": None,
        }
    ]


def test_require_mirrored_fails_for_whatever_is_not(run: Run, folder: Path) -> None:
    write(folder, "mirrors.yaml", MIRRORS)
    write(folder, "pods.yaml", pod(f"quay.io/ns/a@{DIGEST}", "m.example.com/ns/a:1"))
    assert run("--require", "mirrored").code == 0
    write(folder, "more.yaml", pod("quay.io/ns/a:1"))
    assert run("--require", "mirrored").code == 1
    assert run().code == 0


def test_what_a_comment_allows_is_not_required(run: Run, folder: Path) -> None:
    write(folder, "mirrors.yaml", MIRRORS)
    write(
        folder,
        "pods.yaml",
        pod("docker.io/x:1  # mirrorc: allow image-not-mirrored -- ours, and always there", "docker.io/x:1"),
    )
    ran = run("--require", "mirrored")
    assert ran.code == 1
    assert (
        "              pods.yaml:6:12  Pod p\n"
        "                suppressed: ours, and always there\n"
        "              pods.yaml:7:12  Pod p\n"
    ) in ran.out
    assert ran.out.endswith("1 image: 1 not mirrored; 1 suppressed\n")
    (image,) = objects(run("--format", "json").report, "images")
    assert [place["allowed"] for place in objects(image, "places")] == ["ours, and always there", None]
    write(folder, "pods.yaml", pod("docker.io/x:1  # mirrorc: allow image-not-mirrored -- ours, and always there"))
    assert run("--require", "mirrored").code == 0


def test_an_allowance_that_silences_nothing_is_told(run: Run, folder: Path) -> None:
    write(folder, "pods.yaml", pod("docker.io/x:1  # mirrorc: allow image-blocked -- no more"))
    assert "warning[unused-allowance]" in run().err
    write(folder, "pods.yaml", pod("docker.io/x:1  # mirrorc: allow image-bloked -- no more"))
    assert "warning[invalid-allowance]" in run().err


def test_check_leaves_allowances_for_images_alone(folder: Path) -> None:
    write(folder, "all.yaml", dedent(MIRRORS) + "---\n" + pod("x/y:1  # mirrorc: allow image-not-mirrored -- ours"))
    done = run_mirrorc("check", cwd=folder)
    assert (done.code, done.stdout) == (0, "")


def test_severities_decide_as_everywhere(run: Run, folder: Path) -> None:
    write(folder, "pods.yaml", pod("docker.io/x:1"))
    assert run().code == 0
    assert run("--severity", "image-not-mirrored=error").code == 1
    assert run("--severity", "image-not-mirrored=off", "--require", "mirrored").code == 1
    write(folder, "r.conf", "")
    assert run("--registries-conf", "r.conf", "--severity", "image-not-mirrored=error").code == 1


def test_the_strictest_cluster_decides(run: Run, folder: Path) -> None:
    write(
        folder,
        ".mirrorc.yaml",
        "version: 1\nclusters:\n- {name: north, paths: [north]}\n"
        "- {name: south, paths: [south], severities: {image-not-mirrored: error}}\n",
    )
    write(folder, "north/mirrors.yaml", MIRRORS)
    write(folder, "south/mirrors.yaml", MIRRORS)
    write(folder, "apps/pods.yaml", pod("docker.io/x:1"))
    assert run().code == 1
    assert run("--cluster", "north").code == 0


@pytest.mark.parametrize("format_", ["sarif", "github", "gitlab", "junit"])
def test_every_format_of_check_has_the_findings(format_: str, run: Run, folder: Path) -> None:
    write(folder, "mirrors.yaml", MIRRORS)
    write(folder, "pods.yaml", pod("quay.io/ns/a:1", "Upper/x", "{{ x }}", f"quay.io/ns/a@{DIGEST}"))
    ran = run("--format", format_)
    assert (ran.code, ran.err) == (
        0,
        "3 images: 1 with an error, 1 by tag but mirrored only for digests, 1 mirrored; 1 unresolved\n",
    )
    for rule in ("image-mirror-form", "invalid-image", "image-unresolved"):
        assert rule in ran.out
    assert run("--format", format_, "--require", "mirrored").code == 1


def test_sarif_points_at_the_image_and_at_the_rule_that_leaves_it_out(run: Run, folder: Path) -> None:
    write(folder, "mirrors.yaml", MIRRORS)
    write(folder, "pods.yaml", pod("quay.io/ns/a:1"))
    ran = run("--format", "sarif", "-o", "images.sarif", "--require", "mirrored")
    assert (ran.code, ran.out) == (1, "")
    report = as_object(json.loads((folder / "images.sarif").read_text()))
    (result,) = objects(objects(report, "runs")[0], "results")
    assert (result["ruleId"], result["level"]) == ("image-mirror-form", "error")
    (place,) = objects(result, "locations")
    physical = as_object(place["physicalLocation"])
    assert as_object(physical["artifactLocation"])["uri"] == "pods.yaml"
    assert as_object(physical["region"])["startLine"] == 6
    (related,) = objects(result, "relatedLocations")
    assert as_object(as_object(related["physicalLocation"])["artifactLocation"])["uri"] == "mirrors.yaml"


def test_a_list_takes_the_place_of_workloads(run: Run, folder: Path) -> None:
    write(folder, "mirrors.yaml", MIRRORS)
    write(folder, "pods.yaml", pod("docker.io/x"))
    write(folder, "list", f"quay.io/ns/a@{DIGEST}\n")
    assert run("--from", "list", "--format", "json").statuses == {f"quay.io/ns/a@{DIGEST}": "mirrored"}
    piped = run("--from", "-", "--from", "list", "--format", "json", stdin="quay.io/ns/a:1\n")
    assert piped.statuses == {"quay.io/ns/a:1": "mirrored-for-digests", f"quay.io/ns/a@{DIGEST}": "mirrored"}
    (image,) = objects(run("--from", "-", "--format", "json", stdin="quay.io/ns/a:1\n").report, "images")
    assert objects(image, "places")[0]["path"] == "<stdin>"


def test_what_a_terminal_would_obey_is_spelled_out(run: Run, folder: Path) -> None:
    write(folder, "mirrors.yaml", MIRRORS)
    write(folder, "list", "a.io/\x1b[31mred\nquay.io/$X\x1b[31m\n")
    done = run("--from", "list", "--repo", "mirrors.yaml")
    assert "error         a.io/\\x1b[31mred\n" in done.out
    assert "unresolved    quay.io/$X\\x1b[31m\n" in done.out
    assert "\x1b" not in done.out


def test_workloads_and_mirrors_may_lie_apart(run: Run, folder: Path) -> None:
    write(folder, "policy/mirrors.yaml", MIRRORS)
    write(folder, "apps/pods.yaml", pod(f"quay.io/ns/a@{DIGEST}"))
    spec = f"quay.io/ns/a@{DIGEST}"
    assert run("apps", "--format", "json").statuses == {spec: "not-mirrored"}
    assert run("apps", "--repo", "policy", "--format", "json").statuses == {spec: "mirrored"}
    assert run("apps", "policy", "--format", "json").statuses == {spec: "mirrored"}
    assert run("-", "--repo", "policy", "--format", "json", stdin=pod(spec)).statuses == {spec: "mirrored"}
    assert run("-", "--format", "json", stdin=pod(spec)).statuses == {spec: "mirrored"}


def test_images_are_held_against_a_file_from_a_node(run: Run, folder: Path) -> None:
    write(folder, "r.conf", '[[registry]]\nlocation = "quay.io"\n[[registry.mirror]]\nlocation = "m.example.com"\n')
    write(folder, "pods.yaml", pod("quay.io/a/b:1"))
    assert run("--registries-conf", "r.conf", "--format", "json").statuses == {"quay.io/a/b:1": "mirrored"}


def test_clusters_that_differ_are_told_apart(run: Run, folder: Path) -> None:
    write(
        folder,
        ".mirrorc.yaml",
        "version: 1\nclusters:\n- {name: north, paths: [north]}\n- {name: s, paths: [s]}\n- {name: w, paths: [s]}\n",
    )
    write(folder, "north/mirrors.yaml", MIRRORS)
    write(folder, "s/other.yaml", MIRRORS.replace("quay.io", "ghcr.io"))
    write(folder, "apps/pods.yaml", pod(f"quay.io/ns/a@{DIGEST}"))
    ran = run()
    assert ran.out.startswith(
        "not mirrored  quay.io/ns/a@sha256:abababababab…  in s and w\n              no mirror source matches\n"
        "mirrored      quay.io/ns/a@sha256:abababababab…  in north  from m.example.com/ns\n"
        "              apps/pods.yaml:6:12  Pod p\n"
    )
    (image,) = objects(run("--format", "json").report, "images")
    assert [standing["clusters"] for standing in objects(image, "standings")] == [["s", "w"], ["north"]]


def test_clusters_with_other_mirrors_share_a_status_and_each_mirror_is_named(run: Run, folder: Path) -> None:
    clusters = ["a", "b", "c", "d"]
    text = "version: 1\nclusters:\n" + "".join(f"- {{name: {each}, paths: [{each}]}}\n" for each in clusters)
    write(folder, ".mirrorc.yaml", text)
    for name, host in zip(clusters, ["m1.io", "m1.io", "m2.io", "m3.io"], strict=True):
        write(folder, f"{name}/mirrors.yaml", mirror_set("quay", {"quay.io/ns": [f"{host}/ns", "last.io/ns"]}))
    write(folder, "apps/pods.yaml", pod(f"quay.io/ns/a@{DIGEST}"))
    assert "from m1.io/ns in a and b, m2.io/ns in c and 1 more" in run().out
    (image,) = objects(run("--format", "json").report, "images")
    (standing,) = objects(image, "standings")
    assert standing["clusters"] == clusters
    assert standing["from"] == [
        {"mirror": "m1.io/ns", "clusters": ["a", "b"]},
        {"mirror": "m2.io/ns", "clusters": ["c"]},
        {"mirror": "m3.io/ns", "clusters": ["d"]},
    ]
    endpoints = [(attempt["clusters"], attempt["endpoint"]) for attempt in objects(standing, "attempts")]
    own = [(["a", "b"], "m1.io/ns"), (["c"], "m2.io/ns"), (["d"], "m3.io/ns")]
    assert endpoints == [(names, place) for names, first in own for place in (first, "last.io/ns", "quay.io/ns")]


def test_a_repo_without_images_says_so(run: Run) -> None:
    advice = "  Check the paths. If a repo without images is intended, add --allow-empty.\n"
    none = "No mirror policy was read: every pull goes to its source.\n"
    assert run() == Ran(2, "no images found\n", f"{none}mirrorc: no images found\n{advice}")
    assert run("--allow-empty") == Ran(0, "no images found\n", "")
    assert run("--format", "json", "--allow-empty").report["images"] == []


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(run: Run, folder: Path) -> None:
    (folder / "bad.yaml").write_bytes(b"image: \xff")
    write(folder, "pods.yaml", pod("quay.io/a/b:1"))
    ran = run()
    assert ran.code == 1
    assert "bad.yaml" in ran.err
    assert "1 image: 1 not mirrored" in ran.out
    assert run("--from", "missing").code == 2


def test_a_file_that_vanished_is_told(folder: Path) -> None:
    gone = Candidate("gone.yaml", "gone.yaml")
    (loaded,) = read_each([("images", [gone])], {"images": outcome_of}).of("images", [gone])
    assert isinstance(loaded, Problem)


def test_progress_is_told_up_to_the_last_file(folder: Path) -> None:
    write(folder, "a.yaml", pod("x"))
    write(folder, "b.yaml", "kind: ConfigMap\n")
    seen: list[tuple[int, int]] = []
    load_images(["."], progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1] == (2, 2)


def test_a_refused_repo_makes_the_answer_doubtful(run: Run, folder: Path) -> None:
    write(folder, "mirrors.yaml", MIRRORS.replace("quay.io/ns", "quay.io/NS"))
    ran = run()
    assert ran.code == 1
    assert "nodes keep the files they have" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--repo", ".", "--registries-conf", "x"], "cannot be used together"),
        (["--from", "-", "."], "--from replaces PATHs"),
        (["--from", "-", "--from", "-"], "only once"),
    ],
)
def test_options_that_contradict_each_other(run: Run, arguments: list[str], message: str) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_colour_and_many_places(folder: Path) -> None:
    from compiler.images.survey import survey
    from compiler.reporters.images import text as images_text

    references = find(File("p.yaml", pod(*["quay.io/a/b:1"] * 7, name="n" * 70))).references
    images = survey(references, [(("",), Judge(Explainer(RegistriesConf())))])
    painted = images_text.render(images, [], colour=True)
    plain = images_text.render(images, [])
    assert "\x1b[1;33mnot mirrored  \x1b[0mquay.io/a/b:1\n" in painted
    assert "              and 2 more places\n" in plain
    assert f"              p.yaml:6:12\n                Pod {'n' * 70}\n" in plain
    listed = survey(find_in_list(File("l", "quay.io/a/b:1")).references, [(("",), Judge(Explainer(RegistriesConf())))])
    assert "              l:1:1\n" in images_text.render(listed, [])


@pytest.mark.parametrize("clusters", ["one", "two"])
@pytest.mark.parametrize("format_", ["text", "json"])
def test_many_images_are_shared_out_and_stand_as_a_few_do(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, format_: str, clusters: str
) -> None:
    if clusters == "two":
        write(
            folder, ".mirrorc.yaml", "version: 1\nclusters:\n- {name: a, paths: [.]}\n- {name: b, paths: [idms.yaml]}\n"
        )
    write(folder, "idms.yaml", mirror_set("a", {"digest.io/x": ["m.io/x"], "never.io": ["n.io"]}, never=["never.io"]))
    write(folder, "image.yaml", image_config(blockedRegistries=["blocked.io"]))
    specs = ["digest.io/x/a:1", f"digest.io/x/b@{DIGEST}", "blocked.io/a:1", "No:image:", "other.io/a", "never.io/n:1"]
    listed = "\n".join([*specs, *(f"digest.io/x/c{number}:1" for number in range(9)), *specs[:2]])
    arguments = ["--from", "-", *(["--repo", "."] if clusters == "one" else []), "--format", format_]
    alone = run(*arguments, stdin=listed)
    for module in ("images.survey", "reporters.images.json", "reporters.images.text"):
        monkeypatch.setattr(f"compiler.{module}._FEWEST_FOR_HELP", 2)
    monkeypatch.setattr("compiler.machine.processes._processors", lambda: 3)
    forked: list[int] = []
    fork = os.fork

    def counted() -> int:
        forked.append(1)
        return fork()

    monkeypatch.setattr(os, "fork", counted)
    assert run(*arguments, stdin=listed) == alone
    assert len(forked) == 4  # two for the judging, two for the report


def test_nothing_piped_in_is_no_answer(run: Run) -> None:
    for arguments in (("-",), ("--from", "-")):
        ran = run(*arguments, stdin="\n")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("mirrorc: standard input is empty\n")


def in_kustomization(manifest: str) -> tuple[list[str], list[tuple[str, str, str]]]:
    """The images that the patches in a kustomization set; text, reason and place of those that cannot be known."""
    overrides = read_overrides(File("kustomization.yaml", dedent(manifest)))
    for reference in overrides.references:
        assert reference.text in reference.span.text
    unknown = [(place.text, place.reason, place.span.text) for place in overrides.unresolved]
    return [reference.text for reference in overrides.references], unknown


def test_an_inline_patch_of_one_line_is_no_path() -> None:
    found, _ = in_kustomization("""
        patches:
        - target: {kind: Deployment}
          patch: |-
            [{"op": "add", "path": "/spec/initContainers", "value": [{"name": "q", "image": "quay.io/a:1"}]}]
        patchesStrategicMerge:
        - '{"kind": "Pod", "spec": {"containers": [{"name": "c", "image": "quay.io/b:1"}]}}'
        - patch.yaml
    """)
    assert found == ["quay.io/b:1", "quay.io/a:1"]


def test_a_patch_that_is_a_path_is_one_whatever_is_in_it() -> None:
    made = read_overrides(File("a/kustomization.yaml", 'patches: [{path: "b\\nc"}]\n'))
    assert made.leads_to == ("a/b\nc",)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('spec: {template: {spec: {containers: [{name: c, image: "quay.io/five:1"', "quay.io/five:1"),
        ("image: quay.io/five:1 # why\n    x: [", "quay.io/five:1"),
        ("image: quay.io/five:1\n    x: [", "quay.io/five:1"),
        ("x: [{image: quay.io/five:1}", "quay.io/five:1"),
    ],
)
def test_a_broken_patch_in_a_kustomization_is_told(line: str, text: str) -> None:
    found, unknown = in_kustomization(f"patches:\n- patch: |\n    kind: Deployment\n    {line}\n")
    assert found == []
    assert unknown == [(text, "the patch is not valid YAML", text)]


def test_a_broken_patch_with_a_template_asks_for_rendering() -> None:
    _, unknown = in_kustomization("patches:\n- patch: |\n    {{ if x }}\n    image: quay.io/a:{{ .tag }}\n")
    assert [reason for _, reason, _ in unknown] == ["it is a template: render it first"]


def test_a_file_may_name_an_image_in_a_variable_alone(run: Run, folder: Path) -> None:
    env = '[{name: OTHER, value: "quay.io/no:1"}, {name: RELATED_IMAGE_Q, value: "quay.io/only:1"}]'
    write(folder, "env.yaml", f"kind: Deployment\nspec: {{containers: [{{name: c, env: {env}}}]}}\n")
    subscription = f"""
        apiVersion: operators.coreos.com/v1alpha1
        kind: Subscription
        metadata: {{name: a}}
        spec: {{config: {{env: {env.replace("only", "olm")}}}}}
    """
    write(folder, "sub.yaml", subscription)
    assert list(run("--format", "json").statuses) == ["quay.io/olm:1", "quay.io/only:1"]
    assert found(subscription) == [("quay.io/olm:1", "Subscription a", "spec.config.env[1].value")]
    assert found(subscription.replace("operators.coreos.com", "messaging.knative.dev")) == []


def test_escapes_in_names_do_not_reach_the_terminal() -> None:
    triggers = json.dumps([{"from": {"name": "x\x1b[31m:1"}, "fieldPath": 'spec.containers[?(@.name=="c")].image'}])
    images = find(
        File(
            "a.yaml",
            dedent(f"""
                kind: Pod
                metadata: {{name: "a\\e[31mx", annotations: {{image.openshift.io/triggers: '{triggers}'}}}}
                spec: {{containers: [{{name: c, image: x}}, {{name: d, image: quay.io/a:1}}]}}
            """),
        )
    )
    assert [place.reason for place in images.unresolved] == ["an image trigger sets the image of `x\\x1b[31m:1` here"]
    assert [reference.owner for reference in images.references] == [r"Pod a\x1b[31mx"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: it shows the system calls")
def test_git_is_started_once_and_each_manifest_is_opened_once(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    write(tmp_path, "mirrors.yaml", MIRRORS)
    write(tmp_path, "apps/pods.yaml", pod(f"quay.io/ns/a@{DIGEST}"))
    log = tmp_path / "log"
    traced = ["strace", "-f", "--seccomp-bpf", "-e", "trace=execve,openat,open", "-o", str(log)]
    call = [*traced, sys.executable, "-m", "compiler", "images", "."]
    done = subprocess.run(
        call, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    if "PTRACE" in done.stderr:
        pytest.skip("this machine does not let a process be traced")
    lines = log.read_text().splitlines()
    started = {line.split()[0] for line in lines if 'execve("' in line and '"git"' in line and line.endswith("= 0")}
    assert len(started) == 1
    for name in ("mirrors.yaml", "apps/pods.yaml"):
        assert len([line for line in lines if "open" in line and f'{name}"' in line]) == 1, name


def test_very_long_names_are_shortened() -> None:
    """Else each of many images would carry them."""
    text = f"kind: Pod\nmetadata: {{name: {'a' * 2000}}}\n? {'b' * 2000}\n: containers: [{{image: q.io/a}}]\n"
    (found,) = find(File("m.yaml", text)).references
    assert len(found.owner) == 400
    assert len(found.field) < 420
    assert found.owner.startswith("Pod aaa")
    assert found.field.endswith("b.containers[0].image")
