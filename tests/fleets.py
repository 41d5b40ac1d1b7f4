"""Repos of several clusters over one base, small enough to read."""

from pathlib import Path

from tests.repositories import write


def mirrors(name: str, *rules: str) -> str:
    """An ImageDigestMirrorSet; a rule is `source: mirror mirror ...`."""
    text = f"apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {{name: {name}}}\nspec:\n"
    text += "  imageDigestMirrors:\n"
    for rule in rules:
        source, _, listed = rule.partition(": ")
        text += f"  - source: {source}\n    mirrors: [{', '.join(listed.split())}]\n"
    return text


SHARED = mirrors("shared", "quay.io/shared: m.example.com/shared")


def fleet_of(root: Path, *names: str, config: str = "", base: str = SHARED) -> None:
    """A base and a folder for each cluster, with a configuration that names them."""
    write(root, "base/mirrors.yaml", text=base)
    for name in names:
        write(root, f"clusters/{name}/own.yaml", text=mirrors("own", f"quay.io/{name}: {name}.example.com/x"))
    listed = "".join(f"- name: {name}\n" for name in names)
    write(
        root,
        ".mirrorc.yaml",
        text=config or f"version: 1\ndefaults: {{paths: [base, 'clusters/{{cluster}}']}}\nclusters:\n{listed}",
    )
