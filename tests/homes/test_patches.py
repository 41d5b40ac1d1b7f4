"""Patches in commands and files: which objects they make, and where their values are."""

import time

import pytest

from compiler.manifests.kinds import ImageConfig, ImageDigestMirrorSet
from tests.homes.reading import parsed_of

MERGE = """oc patch image.config.openshift.io/cluster --type=merge -p '{"spec":{"registrySources":%s}}'\n"""
ALLOWED = '{"allowedRegistries":["quay.io","$HOST"]}'


def images(text: str, name: str = "a.sh") -> list[ImageConfig]:
    parsed = parsed_of(text, name)
    assert not parsed.places
    return [each for home in parsed.homes for each in home.manifests if isinstance(each, ImageConfig)]


def values(image: ImageConfig) -> tuple[list[str], list[str]]:
    return [scope.value for scope in image.allowed or ()][:1], [scope.value for scope in image.insecure or ()]


@pytest.mark.parametrize(
    "script",
    [
        MERGE % ALLOWED,
        """oc patch images.config cluster --type merge --patch '{"spec": {"registrySources": """ + ALLOWED + "}}'\n",
        'oc patch image.config.openshift.io/cluster --patch "{\\"spec\\":{\\"registrySources\\":'
        '{\\"allowedRegistries\\":[\\"quay.io\\"]}}}" --type=merge\n',
        "oc patch --type=merge \\\n  image.config.openshift.io/cluster \\\n  --patch='spec: {registrySources: "
        "{allowedRegistries: [quay.io]}}'\n",
        """oc patch image.config.openshift.io cluster --type=json -p '[{"op":"add","path":"/spec/registrySources/"""
        """allowedRegistries","value":["quay.io"]}]'\n""",
        """oc patch image.config.openshift.io cluster --type=json -p '[{"op":"add","path":"/spec/registrySources/"""
        """allowedRegistries/-","value":"quay.io"}]'\n""",
    ],
)
def test_a_patch_of_the_image_config_is_read(script: str) -> None:
    (image,) = images(f"#!/bin/bash\n{script}")
    assert values(image) == (["quay.io"], [])


def test_the_patches_of_one_script_are_one_object() -> None:
    (image,) = images(MERGE % ALLOWED + MERGE % '{"insecureRegistries":["a.example.com"]}')
    assert values(image) == (["quay.io"], ["a.example.com"])


def test_values_are_where_they_are_written() -> None:
    script = MERGE % ALLOWED
    (image,) = images(script)
    (scope, _) = image.allowed or ()
    assert script[scope.span.start : scope.span.end].strip('"') == "quay.io"


def test_a_playbook_patches_too() -> None:
    text = "- name: a\n  shell: >\n    " + MERGE % '{"insecureRegistries":["{{ route }}"]}'
    (image,) = images(text, "tasks.yml")
    assert values(image) == ([], ["\U0010007b" + values(image)[1][0][1:]])


def test_a_patch_in_a_variable_and_in_a_file() -> None:
    body = "spec:\n{0}  registrySources:\n{0}    allowedRegistries: [quay.io]\n"
    assert values(images(body.format(""), "patch.yaml")[0])[0] == ["quay.io"]
    task = "- name: a\n  vars:\n    p:\n      " + body.format("      ") + "  command: oc patch -p {{ p | to_json }}\n"
    assert values(images(task, "tasks.yml")[0])[0] == ["quay.io"]


def test_mirror_objects_are_patched_too() -> None:
    script = (
        """oc patch imagedigestmirrorset team --type=merge -p '{"spec":{"imageDigestMirrors":"""
        """[{"source":"quay.io/a","mirrors":["m.example.com/a"]}]}}'\n"""
    )
    (home,) = parsed_of(script, "a.sh").homes
    (manifest,) = home.manifests
    assert isinstance(manifest, ImageDigestMirrorSet)
    assert [rule.source.value for rule in manifest.rules] == ["quay.io/a"]


@pytest.mark.parametrize(
    "script",
    [
        'oc patch image.config.openshift.io/cluster -p \'{"spec":{"registrySources":{"allowedRegistries":[1\n',
        'oc patch image.config.openshift.io/cluster --type=merge -p "$PATCH"  # registrySources: {{ x }}\n',
        "oc patch image.config.openshift.io/cluster --type=json -p "
        '\'[{"op":"test","path":"/spec/registrySources/allowedRegistries","value":["quay.io"]}]\'\n',
    ],
)
def test_what_is_not_certain_is_not_read(script: str) -> None:
    assert parsed_of(script, "a.sh").homes == ()


@pytest.mark.parametrize(
    "unit", ["oc patch image.config/cluster ", "oc patch image.config/a -p '", MERGE % ALLOWED, "\n-p '"]
)
def test_the_time_is_linear(unit: str) -> None:
    text = unit * (300_000 // len(unit)) + MERGE % ALLOWED
    begun = time.process_time()
    parsed_of(text, "a.sh")
    assert time.process_time() - begun < 20
