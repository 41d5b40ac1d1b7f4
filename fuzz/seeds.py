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

INNER = MANIFESTS.split("---", maxsplit=1)[0]


def _indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


HOMES = f"""\
apiVersion: policy.open-cluster-management.io/v1
kind: Policy
metadata: {{name: p, namespace: hub}}
spec:
  remediationAction: enforce
  policy-templates:
  - objectDefinition:
      apiVersion: policy.open-cluster-management.io/v1
      kind: ConfigurationPolicy
      metadata: {{name: c}}
      spec:
        object-templates:
        - complianceType: musthave
          objectDefinition:
{_indented(INNER, 12)}        object-templates-raw: |
          - complianceType: mustonlyhave
            objectDefinition:
{_indented(INNER, 14)}---
apiVersion: hive.openshift.io/v1
kind: SyncSet
metadata: {{name: s, namespace: n}}
spec:
  clusterDeploymentRefs: [{{name: north}}]
  resources:
  -
{_indented(INNER, 4)}  patches:
  - {{apiVersion: config.openshift.io/v1, kind: Image, name: cluster, patchType: merge, patch: '{{"spec": {{"registrySources": {{"blockedRegistries": ["a.io"]}}}}}}'}}
---
apiVersion: work.open-cluster-management.io/v1
kind: ManifestWork
metadata: {{name: w, namespace: north}}
spec:
  manifestConfigs: [{{resourceIdentifier: {{name: quay, resource: imagedigestmirrorsets}}, updateStrategy: {{type: CreateOnly}}}}]
  workload:
    manifests:
    -
{_indented(INNER, 6)}---
apiVersion: hypershift.openshift.io/v1beta1
kind: HostedCluster
metadata: {{name: h, namespace: clusters}}
spec:
  imageContentSources: [{{source: quay.io/a, mirrors: [m.io/a]}}]
  configuration: {{image: {{registrySources: {{insecureRegistries: [m.io]}}}}}}
---
apiVersion: hypershift.openshift.io/v1beta1
kind: NodePool
metadata: {{name: np, namespace: clusters}}
spec: {{clusterName: h, config: [{{name: cm}}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: cm, namespace: clusters}}
data:
  config: |
{_indented(INNER, 4)}  registries.conf: |
{_indented(REGISTRIES, 4)}  99-a.yaml: |
{_indented(INNER, 4)}---
apiVersion: template.openshift.io/v1
kind: Template
metadata: {{name: t}}
parameters: [{{name: HOST, value: m.io}}]
objects:
- {{apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: {{name: t}}, spec: {{imageDigestMirrors: [{{source: q.io, mirrors: ['${{HOST}}/a']}}]}}}}
---
apiVersion: v1
baseDomain: example.com
metadata: {{name: c}}
imageDigestSources: [{{source: quay.io/a, mirrors: [m.io/a]}}]
---
apiVersion: policy.open-cluster-management.io/v1
kind: PolicyGenerator
metadata: {{name: g}}
policyDefaults: {{remediationAction: enforce}}
policies: [{{name: p, manifests: [{{path: m.yaml, patches: [{{spec: {{imageDigestMirrors: []}}}}]}}]}}]
---
apiVersion: ran.openshift.io/v1
kind: PolicyGenTemplate
metadata: {{name: t, namespace: n}}
spec: {{sourceFiles: [{{fileName: M.yaml, policyName: p, spec: {{imageDigestMirrors: [{{source: quay.io/t, mirrors: [m.io/t]}}]}}}}]}}
"""
BUTANE = f"""\
variant: openshift
version: 4.14.0
metadata: {{name: b, labels: {{machineconfiguration.openshift.io/role: worker}}}}
storage:
  files:
  - path: /etc/containers/registries.conf.d/9.conf
    contents:
      inline: |
{_indented(REGISTRIES, 8)}  - {{path: /etc/containers/policy.json, contents: {{local: ../../etc/passwd}}}}
"""
TEMPLATE = """\
{% set host = 'm.example.com' %}
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata: {name: "{{ name }}"}
spec:
  imageDigestMirrors:
{% for each in repositories %}
  - source: quay.io/{{ each }}
    mirrors: ["{{ host }}/{{ each }}", "${REGISTRY}/a", $(mirror)/b, "<registry>/c", "@host@/d", MIRROR_HOST/e]
{% endfor %}
{{ more_rules }}
  - source: quay.io/b {# a note #}
    mirrors:
{{- if .Values.on }}
    - m.io/b
{{- else }}
    - n.io/b
{{- end }}
"""
SCRIPT = f"""\
#!/bin/bash
oc apply -f - <<'EOF'
{INNER}EOF
cat > /etc/containers/registries.conf <<-END
{REGISTRIES}END
echo "imageContentSources:" > "$OUT"
printf -- "- source: quay.io/a\\n" >> "$OUT"
for each in $MIRRORS; do
  echo "  mirrors: [\\"$each\\"]" | tee -a "$OUT"
done
oc patch image.config.openshift.io/cluster --type=merge -p '{{"spec":{{"registrySources":{{"allowedRegistries":["quay.io"]}}}}}}'
cat <<EOF > "${{dir}}/idms.yaml"
{INNER}EOF
yq -i '.spec.imageDigestMirrors += [load("more.yaml")]' $dir/idms.yaml
sed "s/a/b/" idms.yaml | oc apply -f -
cat more.yaml | tee -a idms.yaml >> other.yaml
oc apply -f - <<UNCLOSED
{INNER}"""
POWERSHELL = f"""\
$idms = @"
{INNER}"@
$idms = $idms -replace 'quay', $registry
Set-Content -Path idms.yaml -Value $idms
@'
{INNER}'@ | oc apply -f -
@"
{INNER}`n
"@ -f $x
Add-Content idms.yaml @"
{INNER}"""
SOURCE_LIST = """\
# for hypershift create cluster --image-content-sources
---
- mirrors:
  - m.io/a
  source: quay.io/a
- {source: quay.io/b, mirrors: ["[[ registry ]]/b", '%%REGISTRY%%/b']}
"""
PASTED = f"""\
$ oc adm release mirror
To use the new mirrored repository to install, add the following section to the install-config.yaml:

imageContentSources:
- mirrors: [m.io/ocp]
  source: quay.io/ocp

To use it for upgrades, create this:

{INNER}done
oc patch cluster -p '{{"imageDigestSources": [{{"source": "quay.io/b", "mirrors": ["m.io/b"]}}]}}'
"""
INFORMS = f"""\
apiVersion: policy.open-cluster-management.io/v1
kind: ConfigurationPolicy
metadata: {{name: mirrors}}
spec:
  remediationAction: inform
  object-templates:
  - complianceType: musthave
    objectDefinition:
{_indented(INNER, 6)}"""
PLAYBOOK = f"""\
- hosts: all
  tasks:
  - kubernetes.core.k8s:
      definition:
{_indented(INNER, 8)}  - copy:
      dest: /etc/containers/registries.conf
      content: |
{_indented(REGISTRIES, 8)}"""
POINTERS = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: s}
spec:
  goTemplate: true
  generators:
  - matrix:
      generators:
      - list: {elements: [{name: north, version: "4.16"}, {name: south}]}
      - git: {repoURL: 'https://h/r', directories: [{path: 'cl*/*'}, {path: '**/x', exclude: true}], files: [{path: 'p.json'}]}
  - merge: {mergeKeys: [name], generators: [{list: {elements: [{name: a}]}}, {clusters: {selector: {matchLabels: {a: b}}}}]}
  template:
    metadata: {name: "{{.name | lower}}"}
    spec:
      source: {repoURL: 'https://h/r', path: '{{.path.path}}', directory: {recurse: true, include: '{*.yaml,*.json}'}}
      destination: {name: '{{ index .path.segments 1 | default "x" }}'}
  templatePatch: |
    spec: {source: {helm: {valueFiles: ['$r/{{.name}}.yaml']}}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: a}
spec: {sources: [{repoURL: 'https://h/r', path: ../f, ref: r}, {repoURL: 'https://h/r', path: .}], destination: {server: 'https://api.north.example.com:6443'}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: k}
spec: {path: ./clusters/north, sourceRef: {kind: GitRepository, name: flux-system}, kubeConfig: {secretRef: {name: n-kubeconfig}}}
---
apiVersion: cluster.open-cluster-management.io/v1
kind: ManagedCluster
metadata: {name: north, labels: {a: b}}
---
apiVersion: policy.open-cluster-management.io/v1
kind: PolicyGenerator
metadata: {name: g}
policyDefaults: {remediationAction: enforce, placement: {labelSelector: {matchExpressions: [{key: a, operator: In, values: [b]}]}}}
policies: [{name: p, manifests: [{path: m.yaml}]}]
"""
CATALOG = """\
---
schema: olm.package
name: p
defaultChannel: stable
---
schema: olm.bundle
name: p.v1
image: quay.io/team/bundle@sha256:%s
relatedImages:
- {name: a, image: "quay.io/team/app:1"}
properties:
- type: olm.bundle.object
  value: {data: %s}
""" % (
    "2" * 64,
    base64.b64encode(
        json.dumps({"kind": "ClusterServiceVersion", "spec": {"relatedImages": [{"image": "q.io/x"}]}}).encode()
    ).decode(),
)
IMAGE_SET = """\
apiVersion: mirror.openshift.io/v2alpha1
kind: ImageSetConfiguration
mirror:
  platform: {channels: [{name: stable-4.16, minVersion: 4.16.1}], graph: true}
  operators: [{catalog: registry.redhat.io/redhat/index:v4.16, packages: [{name: a, channels: [{name: stable}]}]}]
  additionalImages: [{name: quay.io/team/app:1}]
  helm: {repositories: [{name: r, url: https://h, charts: [{name: c}]}]}
"""
DOCKERFILE = """\
# escape=\\
ARG BASE=quay.io/team/base:1
FROM --platform=$BUILDPLATFORM ${BASE} AS one
RUN <<EOF
FROM not/this
EOF
COPY --from=quay.io/team/tools:2 /a /b
FROM one
"""
BASELINE = json.dumps(
    {
        "version": 1,
        "findings": [{"rule": "duplicate-mirror", "path": "m.yaml", "message": "m", "fingerprint": "0" * 16}],
    }
)

LOCAL = """\
variant: openshift
version: 4.14.0
metadata: {name: d, labels: {machineconfiguration.openshift.io/role: worker}}
storage: {files: [{path: /etc/containers/registries.conf, contents: {local: a.conf}}]}
"""
NESTED = f"""\
apiVersion: policy.open-cluster-management.io/v1
kind: ConfigurationPolicy
metadata: {{name: p}}
spec:
  remediationAction: enforce
  object-templates:
  - {{complianceType: mustonlyhave, objectDefinition: {machine_config(_percent).replace(chr(10), " ")}}}
---
apiVersion: hive.openshift.io/v1
kind: SelectorSyncSet
metadata: {{name: s}}
spec: {{resources: [{machine_config(_base64).replace(chr(10), " ")}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: cm, namespace: clusters}}
data:
  config: |
{_indented(machine_config(_zipped), 4)}  99-b.yaml: |
{_indented(machine_config(_base64), 4)}---
apiVersion: hypershift.openshift.io/v1beta1
kind: NodePool
metadata: {{name: np, namespace: clusters}}
spec: {{clusterName: h, config: [{{name: cm}}]}}
"""
INSTALLED = f"""\
apiVersion: agent-install.openshift.io/v1beta1
kind: InfraEnv
metadata: {{name: e, namespace: n}}
spec: {{clusterRef: {{name: c, namespace: n}}, mirrorRegistryRef: {{name: mirrors, namespace: n}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: mirrors, namespace: n}}
data:
  registries.conf: |
{_indented(REGISTRIES, 4)}---
apiVersion: extensions.hive.openshift.io/v1beta1
kind: AgentClusterInstall
metadata:
  name: c
  namespace: n
  annotations:
    agent-install.openshift.io/install-config-overrides: '{{"imageDigestSources": [{{"source": "q.io/a", "mirrors": ["m.io/a"]}}]}}'
spec: {{clusterDeploymentRef: {{name: c}}, manifestsConfigMapRefs: [{{name: extra}}]}}
---
apiVersion: siteconfig.open-cluster-management.io/v1alpha1
kind: ClusterInstance
metadata: {{name: d}}
spec: {{clusterName: d, extraManifestsRefs: [{{name: extra}}], ignitionConfigOverride: '{{"ignition": {{"version": "3.2.0"}}, "storage": {{"files": [{{"path": "/etc/containers/registries.conf", "contents": {{"source": "data:,"}}}}]}}}}'}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: extra, namespace: n}}
data:
  a.yaml: |
{_indented(INNER, 4)}"""
VALUES = """\
version: 1
defaults: {values: {host: m.io, name.first: a, more_rules: "  - {source: q.io, mirrors: [m.io]}"}}
clusters:
- {name: north, paths: [m.yaml.j2], values: {repositories: [a, b], name: n, "a.b.c": 1}}
- {name: south, paths: [m.yaml.j2], values: {repositories: [], Values: {on: true}}}
"""
RELEASED = """\
apiVersion: hive.openshift.io/v1
kind: ClusterDeployment
metadata: {name: north, namespace: north}
spec: {provisioning: {imageSetRef: {name: img4.16.3-x86}}}
---
apiVersion: hive.openshift.io/v1
kind: ClusterImageSet
metadata: {name: img4.16.3-x86}
spec: {releaseImage: "quay.io/openshift-release-dev/ocp-release:4.16.3-x86_64"}
---
apiVersion: config.openshift.io/v1
kind: ClusterVersion
metadata: {name: version}
spec: {channel: stable-4.17, desiredUpdate: {version: 4.17.1}}
---
apiVersion: ran.openshift.io/v1
kind: SiteConfig
metadata: {name: s}
spec: {clusterImageSetNameRef: img4.18.1, clusters: [{clusterName: west}]}
---
apiVersion: cluster.open-cluster-management.io/v1
kind: ManagedCluster
metadata: {name: south, labels: {openshiftVersion-major-minor: "4.16"}}
---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
patches:
- target: {kind: ClusterVersion}
  patch: |
    - {op: replace, path: /spec/desiredUpdate/version, value: 4.18.2}
"""
CONTRADICTIONS = "---\n".join(
    INNER.partition("\n")[2].split("spec:")[0].replace("quay", f"quay{number}")
    + f"spec: {{imageDigestMirrors: [{{source: q.io/a, mirrors: [{', '.join(order)}]}}]}}\n"
    for number, order in enumerate(
        (("a.io", "b.io", "c.io"), ("c.io", "a.io"), ("b.io", "q.io/a", "a.io"), ("d.io", "d.io"))
    )
)

DISRUPTION = """\
apiVersion: operator.openshift.io/v1
kind: MachineConfiguration
metadata: {name: cluster}
spec:
  nodeDisruptionPolicy:
    files:
    - path: /etc/containers/registries.conf
      actions: [{type: Reload, reload: {serviceName: crio.service}}, {type: Drain}]
    - {path: /etc/containers/registries.d, actions: [{type: None}]}
    units: [{name: crio.service, actions: [{type: Restart, restart: {serviceName: crio.service}}]}]
    sshkey: {actions: [{type: DaemonReload}]}
"""

BUILT = """\
---
# Source: mirrors/templates/sets.yaml
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  annotations:
    config.kubernetes.io/origin: |
      path: ../files/base/m.yaml
      configuredIn: overlay/kustomization.yaml
      configuredBy: {apiVersion: builtin, kind: ConfigMapGenerator}
  name: built
spec:
  imageDigestMirrors:
  - {source: quay.io/team, mirrors: [m.example.com/team]}
---
# Source: mirrors/templates/own.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, annotations: {config.kubernetes.io/origin: "path: m.yaml\\nrepo: https://h/r\\nref: main\\n"}}
spec: {template: {spec: {containers: [{name: a, image: quay.io/team/app:1}]}}}
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
                ("merge", "m.yaml", "-o", "out"),
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
            (
                ("diff", "m.yaml", "n.yaml"),
                *(("plan", "m.yaml", "n.yaml", "--format", each) for each in ("text", "json", "markdown")),
                ("plan", "m.yaml", "n.yaml", "--write", "out"),
            ),
        ),
        "disruption": (
            {"cluster.yaml": DISRUPTION.encode(), "m.yaml": manifests, "n.yaml": manifests[:-40]},
            (
                ("diff", "m.yaml", "n.yaml", "--node-disruption-policy", "cluster.yaml"),
                ("check", "cluster.yaml"),
                ("diff", "cluster.yaml", "m.yaml", "--format", "json"),
            ),
        ),
        "built": ({"built.yaml": BUILT.encode()}, (("check",), ("images", "."), ("build", "-o", "out"))),
        "registries": ({"n.conf": REGISTRIES.encode(), "m.yaml": manifests}, on_node),
        "configuration": (
            {
                ".mirrorc.yaml": CONFIGURATION.encode(),
                "m.yaml": manifests,
                "base/m.yaml": signatures,
                "overlay/kustomization.yaml": KUSTOMIZATION.encode(),
            },
            (
                ("check",),
                ("build",),
                ("build", "--check"),
                ("explain", PULL),
                ("images",),
                ("check", "--fix"),
                ("report",),
            ),
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
        "homes": (
            {"homes.yaml": HOMES.encode(), "m.yaml": manifests, "b.bu": BUTANE.encode()},
            (
                ("check",),
                ("check", "--show-files"),
                ("build", "-o", "out"),
                ("explain", PULL),
                ("images", "--allow-empty"),
                ("diff", "homes.yaml", "m.yaml"),
            ),
        ),
        "templates": (
            {"m.yaml.j2": TEMPLATE.encode(), "m.tpl": TEMPLATE.encode(), "m.yaml": manifests},
            (
                ("check",),
                ("build", "-o", "out", "--set", "host=h.io", "--set", "name=n", "--set", "each=e"),
                ("images", "--allow-empty"),
            ),
        ),
        "scripts": (
            {
                "edge.ks": SCRIPT.encode(),
                "a.sh": SCRIPT.encode(),
                "a.ps1": POWERSHELL.encode(),
                "tasks/main.yml": PLAYBOOK.encode(),
            },
            (("check",), ("build", "-o", "out"), ("images", "--allow-empty")),
        ),
        "texts": (
            {"notes.txt": PASTED.encode(), "policy.yaml": INFORMS.encode(), "icsp.yaml": SOURCE_LIST.encode()},
            (("check",), ("explain", "--both", "quay.io/ocp/x", "quay.io/a/b")),
        ),
        "pointers": (
            {
                "apps.yaml": POINTERS.encode(),
                "f/m.yaml": manifests,
                "clusters/north/m.yaml": manifests,
                "p.json": b'[{"name": "north", "deep": {"a": ["b"]}}]',
                "c.yaml": b"version: 1\nclusters: [{name: north, paths: [f]}]\n",
            },
            (("init", "--print"), ("check", "--config", "c.yaml")),
        ),
        "catalogs": (
            {
                "c.yaml": CATALOG.encode(),
                "set.yaml": IMAGE_SET.encode(),
                "Dockerfile": DOCKERFILE.encode(),
                "mapping.txt": b"quay.io/team/app:1=m.io/app:1\ndocker://q.io/a=docker://m.io/a\n",
                ".indexignore": b"x*/**/y\n!c.yaml\n",
                "m.yaml": manifests,
            },
            (("images",), ("images", "--format", "json"), ("check",)),
        ),
        "baseline": (
            {"m.yaml": manifests, "b.json": BASELINE.encode()},
            (("check", "--baseline", "b.json", "m.yaml"), ("check", "--write-baseline", "b.json", "m.yaml")),
        ),
        "runs": (
            {"a/m.yaml": manifests, "b/m.yaml": manifests.replace(b"m.example", b"n.example")},
            (
                ("merge", "a", "b", "-o", "out"),
                ("merge", "a", "--into", "b"),
                ("migrate", "a"),
                ("graph", "--repo", "a"),
            ),
        ),
        "nested": (
            {"nested.yaml": NESTED.encode(), "installed.yaml": INSTALLED.encode(), "m.yaml": manifests},
            (("check", "."), ("build", ".", "-o", "out"), ("check", "--show-files"), ("diff", "nested.yaml", "m.yaml")),
        ),
        "locals": (
            {
                "b.bu": BUTANE.replace("../../etc/passwd", "policy.json").encode(),
                "c.bu": BUTANE.replace("../../etc/passwd", "b.bu").encode(),
                "policy.json": POLICY.encode(),
                "a.conf": REGISTRIES.encode(),
                "d.bu": LOCAL.encode(),
            },
            (("check", "."), ("build", ".", "-o", "out"), ("explain", PULL, "--repo", ".")),
        ),
        "values": (
            {
                "m.yaml.j2": TEMPLATE.encode(),
                ".mirrorc.yaml": VALUES.encode(),
                "v.yaml": b"host: m.io\nname: {a: [b]}\na.b.c: 1\n",
            },
            (("check",), ("build", "-o", "out"), ("images", "--allow-empty"), ("check", "--values", "v.yaml")),
        ),
        "releases": (
            {
                "releases.yaml": RELEASED.encode(),
                "clusters/north/m.yaml": manifests,
                "clusters/south/4.16/m.yaml": manifests,
                "sites/west/kustomization.yaml": b"resources: [../../base]\n",
                "base/kustomization.yaml": b"resources: [m.yaml]\n",
                "base/m.yaml": manifests,
            },
            (("init", "--print"), ("check",), ("images", "--format", "json")),
        ),
        "pipelines": (
            {
                ".tekton/images-mirror-set.yaml": manifests,
                "c.yaml": CATALOG.encode(),
                "m.yaml": manifests,
            },
            (("images", "."), ("images", "--format", "json", "."), ("check", ".")),
        ),
        "graphs": (
            {"m.yaml": CONTRADICTIONS.encode()},
            (
                *(("graph", "q.io/a", "--repo", "m.yaml", "--format", each) for each in ("text", "dot", "json", "svg")),
                ("graph", "q.io/a", "--repo", "m.yaml", "--format", "mermaid"),
                ("check", "--diff", "--unsafe-fixes", "m.yaml"),
                ("report", "m.yaml"),
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
