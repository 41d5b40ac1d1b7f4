"""Manifests as texts, for tests that make repos."""

from collections.abc import Mapping, Sequence

Rules = Mapping[str, Sequence[str]]

OBJECT = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: team
spec:
  imageDigestMirrors:
  - source: quay.io/team
    mirrors: [mirror.example.com/team]
"""
"""An object, for texts that contain one."""

ICSP = """\
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata: {name: one}
spec:
  repositoryDigestMirrors:
  - source: quay.io/team
    mirrors: [m.example.com/team]
"""
"""An object of the legacy kind."""

SCRIPT = f"#!/bin/sh\noc apply -f - <<< '\n{OBJECT}'\n"
"""A script in which a manifest is no heredoc, which is not read."""


def mirror_set(
    name: str, rules: Rules, *, kind: str = "ImageDigestMirrorSet", never: Sequence[str] = (), extra: str = ""
) -> str:
    """A mirror object; sources in `never` are never contacted, `extra` are lines of its metadata."""
    field = {
        "ImageDigestMirrorSet": "imageDigestMirrors",
        "ImageTagMirrorSet": "imageTagMirrors",
        "ImageContentSourcePolicy": "repositoryDigestMirrors",
    }[kind]
    version = "operator.openshift.io/v1alpha1" if kind == "ImageContentSourcePolicy" else "config.openshift.io/v1"
    lines = [f"apiVersion: {version}", f"kind: {kind}", "metadata:", f"  name: {name}"]
    lines += [f"  {line}" for line in extra.splitlines()]
    lines += ["spec:", f"  {field}:"]
    for source, mirrors in rules.items():
        lines.append(f"  - source: {source}")
        if source in never:
            lines.append("    mirrorSourcePolicy: NeverContactSource")
        lines.append("    mirrors:")
        lines += [f"    - {mirror}" for mirror in mirrors]
    return "\n".join(lines) + "\n"


def image_config(**lists: Sequence[str]) -> str:
    """The cluster's Image config with these lists of `registrySources`."""
    lines = ["apiVersion: config.openshift.io/v1", "kind: Image", "metadata:", "  name: cluster", "spec:"]
    lines.append("  registrySources:")
    for name, scopes in lists.items():
        lines.append(f"    {name}:")
        lines += [f"    - {scope}" for scope in scopes]
    return "\n".join(lines) + "\n"


IDMS = """\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: one}
spec:
  imageDigestMirrors:
  - source: quay.io/team
    mirrors: [m.example.com/team]
"""
