"""Images in templates, scripts and playbooks: what is written out is judged, the rest is shown with its reason."""

from pathlib import Path
from textwrap import dedent

import pytest

from compiler.images.load import load_file_bytes, load_images

POD = """\
    apiVersion: v1
    kind: Pod
    metadata: {name: web}
    spec:
      containers:
      - image: quay.io/team/known:1
      - image: HOST/team/open:1
    """


def names(path: str, text: str) -> tuple[list[str], list[str]]:
    """The images of a file and what it leaves open, by their texts; the span of each is its text."""
    loaded = load_file_bytes(path, dedent(text).encode())
    for each in loaded.references:
        assert each.span.text.strip("\"'") == each.text
    return [each.text for each in loaded.references], [each.text for each in loaded.unresolved]


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("pod.yaml.j2", "{{ registry }}"),
        ("pod.tpl", "{{ .Values.registry }}"),
        ("pod.yaml.tftpl", "${registry}"),
        ("pod.yaml", "${REGISTRY}"),
        ("pod.yaml.template", "__REGISTRY__"),
    ],
)
def test_a_template_has_images_with_their_objects(path: str, host: str) -> None:
    text = POD.replace("HOST", host)
    assert names(path, text) == (["quay.io/team/known:1"], [f"{host}/team/open:1"])
    assert load_file_bytes(path, dedent(text).encode()).references[0].owner == "Pod web"


def test_both_branches_name_images_once() -> None:
    text = """\
        kind: Pod
        spec:
          containers:
          - image: quay.io/a:1
        {% if a %}
          - image: quay.io/b:1
        {% else %}
          - image: quay.io/c:1
        {% endif %}
        """
    assert names("pod.j2", text) == (["quay.io/a:1", "quay.io/b:1", "quay.io/c:1"], [])


def test_objects_in_heredocs_and_playbooks() -> None:
    script = f"#!/bin/sh\ncat <<EOF | oc apply -f -\n{dedent(POD).replace('HOST', '$REGISTRY')}EOF\n"
    assert names("apply.sh", script) == (["quay.io/team/known:1"], ["$REGISTRY/team/open:1"])
    play = """\
        - hosts: all
          tasks:
          - kubernetes.core.k8s:
              definition:
                apiVersion: v1
                kind: Pod
                spec:
                  containers:
                  - image: quay.io/a:1
                  - image: "{{ registry }}/b:1"
          - shell: |
              oc apply -f - <<EOF
              apiVersion: v1
              kind: Pod
              spec: {containers: [{image: quay.io/c:1}]}
              EOF
        """
    assert names("play.yml", play) == (["quay.io/a:1", "quay.io/c:1"], ['"{{ registry }}/b:1"'])


def test_a_template_of_a_dockerfile() -> None:
    text = "FROM quay.io/a:1 AS b\n{% if c %}\nFROM {{ base }}/d:1\n{% endif %}\nFROM $E\nCOPY --from=b f g\n"
    assert names("Dockerfile.j2", text) == (["quay.io/a:1"], ["{{ base }}/d:1", "$E"])


def test_values_are_put_into_templates_once_for_each_cluster_with_others(tmp_path: Path) -> None:
    text = dedent(POD).replace("HOST", "{{ host }}")
    (tmp_path / "pod.yaml.j2").write_text(text, encoding="utf-8")
    loaded = load_images([str(tmp_path)], values=[{"host": "a.example.com"}, {"host": "b.example.com"}])
    assert [each.text for each in loaded.references] == [
        "quay.io/team/known:1",
        "a.example.com/team/open:1",
        "b.example.com/team/open:1",
    ]
    assert loaded.unresolved == ()
