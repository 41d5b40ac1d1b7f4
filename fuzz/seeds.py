"""Small whole inputs of every kind that mirrorc reads: what the fuzzer starts from, beside the shapes.

In: nothing. Out: files, and the commands that read them. Add one for each new reader, with all that it looks at.
"""

import base64
import gzip
import json
from collections.abc import Callable
from urllib.parse import quote

from fuzz.shapes import Command, Files

Seed = tuple[Files, tuple[Command, ...]]

MANIFESTS = """\
# mirrorc: allow-file split-source -- two teams
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: quay
  labels: {team: a}
spec:
  imageDigestMirrors:
  - source: quay.io/team   # mirrorc: allow near-miss-source -- known
    mirrors: [m.example.com/team, "n.example.com:5000/team"]
    mirrorSourcePolicy: NeverContactSource
  - source: '*.example.org'
    mirrors:
    - m.example.com/org
---
apiVersion: config.openshift.io/v1
kind: ImageTagMirrorSet
metadata: {name: tags}
spec: {imageTagMirrors: [{source: docker.io/library, mirrors: [&m m.example.com/library, *m]}]}
---
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata: {name: old}
spec:
  repositoryDigestMirrors:
  - {source: quay.io/old, mirrors: [m.example.com/old]}
---
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec:
  registrySources:
    blockedRegistries: [docker.io, quay.io/bad]
    insecureRegistries: [m.example.com]
    containerRuntimeSearchRegistries: [quay.io]
---
kind: List
apiVersion: v1
items:
- apiVersion: config.openshift.io/v1
  kind: ImageDigestMirrorSet
  metadata: {name: listed}
  spec: {imageDigestMirrors: [{source: a.io, mirrors: [b.io]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: ns}
spec: {template: {spec: {containers: [{name: a, image: "quay.io/team/app:1"}], initContainers: [{image: nginx}]}}}
"""
SIGNATURES = """\
apiVersion: config.openshift.io/v1
kind: ClusterImagePolicy
metadata: {name: p}
spec:
  scopes: [quay.io/team, "*.example.org", quay.io/team/app@sha256:%s]
  policy:
    rootOfTrust:
      policyType: PublicKey
      publicKey: {keyData: %s, rekorKeyData: %s}
    signedIdentity:
      matchPolicy: RemapIdentity
      remapIdentity: {prefix: quay.io/team, signedPrefix: quay.io/other}
---
apiVersion: config.openshift.io/v1
kind: ImagePolicy
metadata: {name: p, namespace: ns}
spec:
  scopes: [quay.io/team/app]
  policy:
    rootOfTrust:
      policyType: FulcioCAWithRekor
      fulcioCAWithRekor:
        fulcioCAData: %s
        rekorKeyData: %s
        fulcioSubject: {oidcIssuer: "https://issuer.example.com", signedEmail: a@example.com}
---
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: quay}
spec: {imageDigestMirrors: [{source: quay.io/team, mirrors: [m.example.com/team]}]}
""" % (("0" * 64,) + (base64.b64encode(b"-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n").decode(),) * 4)
REGISTRIES = """\
unqualified-search-registries = ["registry.access.redhat.com", 'docker.io']
short-name-mode = ""

[[registry]]
  prefix = ""
  location = "quay.io/team"
  blocked = true

  [[registry.mirror]]
    location = "m.example.com/team"
    pull-from-mirror = "digest-only"
    insecure = true

[[registry]]
prefix = "*.example.org"
mirror = [{location = "m.example.com/org", pull-from-mirror = "tag-only"}]

[aliases]
"fedora" = "registry.fedoraproject.org/fedora"
"""
POLICY = json.dumps(
    {
        "default": [{"type": "insecureAcceptAnything"}],
        "transports": {
            "docker": {
                "quay.io/bad": [{"type": "reject"}],
                "quay.io/team": [
                    {
                        "type": "sigstoreSigned",
                        "keyData": "LS0t",
                        "signedIdentity": {"type": "remapIdentity", "prefix": "quay.io", "signedPrefix": "r.io"},
                    }
                ],
            },
            "docker-daemon": {"": [{"type": "insecureAcceptAnything"}]},
        },
    },
    indent=2,
)
REGISTRIES_D = (
    "docker:\n  quay.io/team:\n    use-sigstore-attachments: true\n  default-docker: {lookaside: 'https://a'}\n"
)


def machine_config(encode: Callable[[bytes], str], name: str = "99-worker") -> str:
    """A MachineConfig with the files of a node."""
    files = {
        "/etc/containers/registries.conf": REGISTRIES,
        "/etc/containers/policy.json": POLICY,
        "/etc/containers/registries.d/sigstore-registries.yaml": REGISTRIES_D,
        "/etc/containers/registries.conf.d/01-search.conf": 'unqualified-search-registries = ["quay.io"]\n',
    }
    listed = [
        {"path": path, "mode": 420, "overwrite": True, "contents": {"source": encode(text.encode())}}
        for path, text in files.items()
    ]
    config = {
        "ignition": {"version": "3.4.0"},
        "storage": {"files": listed},
        "systemd": {"units": [{"name": "crio.service", "enabled": True}]},
        "passwd": {"users": [{"name": "core", "sshAuthorizedKeys": ["ssh-ed25519 AAAA"]}]},
    }
    meta = {"name": name, "labels": {"machineconfiguration.openshift.io/role": "worker"}}
    kind = {"apiVersion": "machineconfiguration.openshift.io/v1", "kind": "MachineConfig"}
    return json.dumps({**kind, "metadata": meta, "spec": {"config": config}}, indent=1)


def _base64(content: bytes) -> str:
    return f"data:text/plain;charset=utf-8;base64,{base64.b64encode(content).decode()}"


def _percent(content: bytes) -> str:
    return f"data:,{quote(content)}"


def _zipped(content: bytes) -> str:
    return f"data:;base64,{base64.b64encode(gzip.compress(content, mtime=0)).decode()}"


CONFIGURATION = """\
version: 1
defaults:
  release: "4.20"
  pools: [master, worker]
  severity: {order-conflict: warning}
  paths: [base]
clusters:
  north:
    paths: [m.yaml]
    output: rendered/north
    releaseImage: quay.io/openshift-release-dev/ocp-release@sha256:%s
  south:
    kustomization: overlay
    release: "5.0"
    payloadPolicy: none
""" % ("0" * 64)
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ns
namePrefix: a-
resources: [../m.yaml]
images:
- name: quay.io/team/app
  newName: quay.io/other/app
  digest: sha256:%s
patches:
- target: {kind: ImageDigestMirrorSet}
  patch: |
    - {op: add, path: /spec/imageDigestMirrors/0/mirrors/-, value: c.example.com/x}
configMapGenerator: [{name: c, literals: [a=b]}]
""" % ("0" * 64)
IMAGES = "quay.io/team/app:1\n# comment\n\ndocker.io/library/nginx@sha256:%s\nnginx\n  localhost:5000/a:b  \n" % (
    "1" * 64
)
RESOURCE_LIST = """\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
functionConfig: {apiVersion: v1, kind: ConfigMap, data: {strict: "true"}}
items:
- apiVersion: config.openshift.io/v1
  kind: ImageDigestMirrorSet
  metadata: {name: a, annotations: {config.kubernetes.io/path: a.yaml, config.kubernetes.io/index: "0"}}
  spec: {imageDigestMirrors: [{source: quay.io/a, mirrors: [m.io/a, m.io/a]}]}
"""

PULL = "quay.io/team/app:1"


def _seeds() -> dict[str, Seed]:
    manifests, signatures = MANIFESTS.encode(), SIGNATURES.encode()
    node = ("--registries-conf", "n.conf")
    on_node = (("explain", PULL, *node), ("images", "m.yaml", *node), ("diff", "n.conf", "m.yaml"))
    formats = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
    seeds: dict[str, Seed] = {
        "manifests": (
            {"m.yaml": manifests},
            (
                *(("check", "--format", each, "m.yaml") for each in formats),
                ("check", "--diff", "m.yaml"),
                ("check", "--fix", "m.yaml"),
                ("build", "m.yaml", "-o", "out"),
                ("build", "m.yaml", "-o", "out", "--machine-config", "drop-in"),
                ("build", "m.yaml", "-o", "out", "--severity", "order-conflict=warning"),
                ("explain", PULL, "--repo", "m.yaml", "--both"),
                ("images", "m.yaml"),
                ("graph", "--repo", "m.yaml"),
                ("report", "m.yaml"),
                ("migrate", "--diff", "m.yaml"),
                ("merge", "m.yaml"),
            ),
        ),
        "signatures": (
            {"m.yaml": signatures},
            (
                ("check", "m.yaml"),
                ("build", "m.yaml", "-o", "out"),
                ("explain", PULL, "--repo", "m.yaml", "--namespace", "ns", "--signed-as", "quay.io/other/app:1"),
            ),
        ),
        "changes": (
            {"m.yaml": manifests, "n.yaml": manifests},
            (("diff", "m.yaml", "n.yaml"), ("plan", "m.yaml", "n.yaml")),
        ),
        "registries": ({"n.conf": REGISTRIES.encode(), "m.yaml": manifests}, on_node),
        "configuration": (
            {
                ".mirrorc.yaml": CONFIGURATION.encode(),
                "m.yaml": manifests,
                "base/m.yaml": signatures,
                "overlay/kustomization.yaml": KUSTOMIZATION.encode(),
            },
            (("check",), ("build",), ("build", "--check"), ("explain", PULL), ("images",), ("check", "--fix")),
        ),
        "kustomization": (
            {"overlay/kustomization.yaml": KUSTOMIZATION.encode(), "m.yaml": manifests},
            (("check", "."), ("images", "."), ("init", "--print")),
        ),
        "images": (
            {"list": IMAGES.encode(), "m.yaml": manifests},
            (
                ("images", "--from", "list", "--repo", "m.yaml"),
                ("diff", "--images-from", "list", "m.yaml", "m.yaml"),
            ),
        ),
        "listing": (
            {
                "m.yaml": manifests,
                "out/.mirrorc-artifacts": f"# Made by\n{'0' * 64}  registries.conf\npolicy.json\n".encode(),
                "out/registries.conf": REGISTRIES.encode(),
            },
            (("build", "m.yaml", "-o", "out"), ("build", "m.yaml", "-o", "out", "--check")),
        ),
        "resource-list": ({"stdin": RESOURCE_LIST.encode()}, (("fn",),)),
        "policy": (
            {"n.conf": REGISTRIES.encode(), "policy.json": POLICY.encode(), "s.yaml": REGISTRIES_D.encode()},
            (("explain", PULL, *node, "--registries-conf", "policy.json", "--registries-conf", "s.yaml"),),
        ),
    }
    for name, encode in (("base64", _base64), ("percent", _percent), ("zipped", _zipped)):
        seeds[f"ignition-{name}"] = ({"n.conf": machine_config(encode).encode(), "m.yaml": manifests}, on_node)
    return seeds


SEEDS = _seeds()
