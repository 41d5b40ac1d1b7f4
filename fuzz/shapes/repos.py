"""Shapes of policy inside other documents, of repos with several files, and of what is planned, merged and migrated."""

import base64
import gzip
import json

from fuzz.shapes.files import BUILD, CHECK, EXPLAIN, HEAD, RULE, js, m
from fuzz.shapes.making import Files, fill, shape

HOMES = (CHECK, EXPLAIN, BUILD)
HERE = ("check",)
ON_REPO = (("check",), ("build", "-o", "out"))
IDMS = "{apiVersion: config.openshift.io/v1, kind: ImageDigestMirrorSet, metadata: {name: a}, spec: {imageDigestMirrors: [%s]}}"
ONE = "{source: q.io/a%d, mirrors: [m.io/m%d]}"


def rules(size: int, form: str = ONE) -> str:
    return fill(size, lambda n: form % (n, n) + ", ")


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


# --- Advanced Cluster Management
def policy(name: str, definition: str, compliance: str = "musthave") -> str:
    return (
        f"---\napiVersion: policy.open-cluster-management.io/v1\nkind: ConfigurationPolicy\nmetadata: {{name: {name}}}\n"
        "spec:\n  remediationAction: enforce\n  object-templates:\n"
        f"  - complianceType: {compliance}\n    objectDefinition: {definition}\n"
    )


@shape(*HOMES)
def acm_adds_to_many(s: int) -> Files:
    """A definition whose every rule has to be looked for among those that the cluster has."""
    return m(
        policy("p", IDMS % rules(s // 2)) + policy("p", IDMS % rules(s // 2, "{source: q.io/b%d, mirrors: [m.io/m%d]}"))
    )


@shape(*HOMES)
def acm_contains_many(s: int) -> Files:
    listed = [ONE % (n, n) for n in range(s // 80)]
    return m(policy("p", IDMS % ", ".join(listed)) + policy("p", IDMS % ", ".join(listed[::-1])))


@shape(*HOMES)
def acm_same_but_for_order(s: int) -> Files:
    listed = [ONE % (n, n) for n in range(s // 80)]
    made = [policy("p", IDMS % ", ".join(each), "mustonlyhave") for each in (listed, listed[::-1])]
    return m("".join(made))


@shape(*HOMES)
def acm_one_source(s: int) -> Files:
    """Rules of one source, each with another mirror."""
    made = [policy("p", IDMS % rules(s // 2, "{source: q.io, mirrors: [m" + each + "%d.io/m%d]}")) for each in "ab"]
    return m("".join(made))


@shape(*HOMES)
def acm_many_policies(s: int) -> Files:
    return m(fill(s, lambda n: policy("p", IDMS % (ONE % (n, n)))))


@shape(*HOMES)
def acm_lists_of_registries(s: int) -> Files:
    image = "{apiVersion: config.openshift.io/v1, kind: Image, metadata: {name: cluster}, spec: {registrySources: {blockedRegistries: [%s]}}}"
    made = [fill(s // 2, lambda n: f"a{n}.io, "), fill(s // 2, lambda n: f"b{n}.io, ")]
    return m("".join(policy("p", image % each) for each in made))


@shape(*HOMES)
def acm_texts_in_texts(s: int) -> Files:
    inner = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a.yaml: |\n" + indented(
        HEAD + rules_block(s), 4
    )
    item = "- complianceType: musthave\n  objectDefinition:\n" + indented(inner, 4)
    head = "apiVersion: policy.open-cluster-management.io/v1\nkind: ConfigurationPolicy\nmetadata: {name: p}\nspec:\n  remediationAction: enforce\n"
    return m(head + "  object-templates-raw: |\n" + indented(item, 4))


def rules_block(size: int) -> str:
    return fill(size, lambda n: f"  - source: q.io/{n}\n    mirrors: [m.io/{n}]\n")


@shape(*HOMES)
def acm_raw_statements(s: int) -> Files:
    head = "apiVersion: policy.open-cluster-management.io/v1\nkind: ConfigurationPolicy\nmetadata: {name: p}\nspec:\n  remediationAction: enforce\n"
    item = "- complianceType: musthave\n  objectDefinition: " + IDMS % (ONE % (1, 1)) + "\n"
    return m(
        head
        + "  object-templates-raw: |\n"
        + fill(s, lambda n: "    {{- if $a }}\n" + indented(item, 4) + "    {{- end }}\n")
    )


@shape(*HOMES)
def policy_generator_of_one_file(s: int) -> Files:
    head = "apiVersion: policy.open-cluster-management.io/v1\nkind: PolicyGenerator\nmetadata: {name: g}\npolicyDefaults: {remediationAction: enforce}\npolicies:\n"
    named = fill(s // 2, lambda n: f"- {{name: p{n}, manifests: [{{path: i/n.yaml}}]}}\n")
    return {
        "m.yaml": (head + named).encode(),
        "i/n.yaml": fill(s // 2, lambda n: HEAD.replace("name: a", f"name: a{n}") + RULE + "---\n").encode(),
    }


@shape(*HOMES)
def policy_gen_templates(s: int) -> Files:
    head = "apiVersion: ran.openshift.io/v1\nkind: PolicyGenTemplate\nmetadata: {name: t, namespace: n}\nspec:\n  sourceFiles:\n"
    item = "  - {fileName: M%d.yaml, policyName: p, spec: {imageDigestMirrors: [" + ONE + "]}}\n"
    return {"m.yaml": (head + fill(s, lambda n: item % (n, n, n))).encode()}


policy_commands = (("check", "."), ("build", ".", "-o", "out"), ("explain", "q.io/a", "--repo", "."))


@shape(*policy_commands)
def objects_in_quotes(s: int) -> Files:
    return {"m.sh": ("#!/bin/sh\n" + fill(s, lambda n: f"save {n} '{HEAD}{RULE}'\n")).encode()}


@shape(*policy_commands)
def quotes_that_open(s: int) -> Files:
    return {"m.sh": ("#!/bin/sh\n" + fill(s, lambda n: "save \"kind: a\n'kind: b\n") + HEAD + RULE).encode()}


@shape(*policy_commands)
def policy_generator_of_one_file_here(s: int) -> Files:
    return policy_generator_of_one_file(s)


@shape(*policy_commands)
def policy_generator_patches(s: int) -> Files:
    head = "apiVersion: policy.open-cluster-management.io/v1\nkind: PolicyGenerator\nmetadata: {name: g}\npolicyDefaults: {remediationAction: enforce}\npolicies:\n- name: p\n  manifests:\n  - path: i\n    patches:\n"
    patches = fill(
        s // 2, lambda n: f"    - {{metadata: {{name: a{n}}}, spec: {{imageDigestMirrors: [{ONE % (n, n)}]}}}}\n"
    )
    return {
        "g.yaml": (head + patches).encode(),
        "i/n.yaml": fill(s // 2, lambda n: HEAD.replace("name: a", f"name: a{n}") + RULE + "---\n").encode(),
    }


# --- Hive, ManifestWorks, HyperShift
@shape(*HOMES)
def hive_resources(s: int) -> Files:
    head = "apiVersion: hive.openshift.io/v1\nkind: SelectorSyncSet\nmetadata: {name: s}\nspec:\n  resources:\n"
    return m(head + fill(s, lambda n: "  - " + IDMS.replace("name: a", f"name: a{n}") % (ONE % (n, n)) + "\n"))


@shape(*HOMES)
def hive_aliases(s: int) -> Files:
    head = "apiVersion: hive.openshift.io/v1\nkind: SelectorSyncSet\nmetadata: {name: s}\nspec:\n  resources:\n"
    return m(head + "  - &a " + IDMS % rules(s // 2) + "\n" + "  - *a\n" * (s // 14))


@shape(*HOMES)
def hive_patches(s: int) -> Files:
    head = "apiVersion: hive.openshift.io/v1\nkind: SyncSet\nmetadata: {name: s, namespace: n}\nspec:\n  clusterDeploymentRefs: [{name: n}]\n  patches:\n"
    text = json.dumps({"spec": {"registrySources": {"blockedRegistries": ["a.io"]}}})
    item = "  - {apiVersion: config.openshift.io/v1, kind: Image, name: cluster, patchType: merge, patch: '%s'}\n"
    return m(head + fill(s, lambda n: item % text))


@shape(*HOMES)
def hive_sync_sets_of_one_cluster(s: int) -> Files:
    one = "---\napiVersion: hive.openshift.io/v1\nkind: SyncSet\nmetadata: {name: s%d, namespace: n}\nspec:\n  applyBehavior: CreateOrUpdate\n  clusterDeploymentRefs: [{name: n}]\n  resources: ["
    return m(fill(s, lambda n: one % n + IDMS % (ONE % (n, n)) + "]\n"))


@shape(*HOMES)
def work_strategies(s: int) -> Files:
    head = "apiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {name: w, namespace: n}\nspec:\n  manifestConfigs:\n"
    configs = fill(s // 2, lambda n: f"  - {{resourceIdentifier: {{name: x{n}, resource: a}}}}\n")
    items = fill(s // 2, lambda n: "    - " + IDMS.replace("name: a", f"name: a{n}") % (ONE % (n, n)) + "\n")
    return m(head + configs + "  workload:\n    manifests:\n" + items)


@shape(*HOMES)
def work_aliases(s: int) -> Files:
    head = "apiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {name: w, namespace: n}\nspec:\n  workload:\n    manifests:\n"
    return m(head + "    - &a " + IDMS % rules(s // 2) + "\n" + "    - *a\n" * (s // 14))


@shape(*HOMES)
def work_nested_lists(s: int) -> Files:
    head = "apiVersion: work.open-cluster-management.io/v1\nkind: ManifestWork\nmetadata: {name: w, namespace: n}\nspec: {workload: {manifests: ["
    return m(fill(s, lambda n: "---\n" + head + "{kind: List, items: [" * 40 + IDMS % "" + "]}" * 40 + "]}}\n"))


@shape(*HOMES)
def hypershift_sources(s: int) -> Files:
    one = "---\napiVersion: hypershift.openshift.io/v1beta1\nkind: HostedCluster\nmetadata: {name: c%d, namespace: n}\nspec: {imageContentSources: [{source: q.io/a, mirrors: [m.io/a]}]}\n"
    return m(fill(s, lambda n: one % n))


# --- install-configs and overrides
INSTALL = "apiVersion: v1\nbaseDomain: example.com\nmetadata: {name: c}\npullSecret: x\n"


@shape(*HOMES)
def install_config_sources(s: int) -> Files:
    return m(
        INSTALL + "imageDigestSources:\n" + fill(s, lambda n: f"- source: q.io/{n}\n  mirrors: [m.io/{n}, UPPER/{n}]\n")
    )


@shape(*HOMES)
def install_config_hosts(s: int) -> Files:
    long = "a" * 200 + "-"
    return m(
        INSTALL
        + "imageDigestSources:\n"
        + fill(s, lambda n: f"- source: {long * 4}.{long}/{'a__' * 60}\n  mirrors: [{long}/x]\n")
    )


@shape(*HOMES)
def install_config_long_host(s: int) -> Files:
    return m(
        INSTALL
        + "imageDigestSources:\n- source: "
        + "a-" * (s // 4)
        + "_\n  mirrors: [m.io/"
        + "a__" * (s // 6)
        + "_]\n"
    )


@shape(*HOMES)
def install_config_overrides(s: int) -> Files:
    text = json.dumps(
        {"imageDigestSources": [{"source": f"q.io/{n}", "mirrors": [f"m.io/{n}"]} for n in range(s // 60)]}
    )
    head = "apiVersion: extensions.hive.openshift.io/v1beta1\nkind: AgentClusterInstall\nmetadata:\n  name: c\n  namespace: n\n  annotations:\n"
    return m(head + f"    agent-install.openshift.io/install-config-overrides: '{text}'\n")


@shape(*HOMES)
def install_config_escaped_overrides(s: int) -> Files:
    text = json.dumps(
        {"imageDigestSources": [{"source": f"q.io/{n}", "mirrors": [f"m.io/{n}"]} for n in range(s // 80)]}
    )
    return js(
        {
            "apiVersion": "siteconfig.open-cluster-management.io/v1alpha1",
            "kind": "ClusterInstance",
            "metadata": {"name": "c"},
            "spec": {"clusterName": "c", "installConfigOverrides": text},
        }
    )


# --- Node files: MachineConfigs, Ignition, Butane, kickstart
def packed(text: bytes) -> str:
    return "data:;base64," + base64.b64encode(gzip.compress(text, 9, mtime=0)).decode()


def ignition_files(sources: list[str]) -> str:
    return json.dumps(
        [
            {"path": f"/etc/containers/registries.conf.d/{n}.conf", "contents": {"source": each, "compression": "gzip"}}
            for n, each in enumerate(sources)
        ]
    )


@shape(*HOMES)
def home_bombs(s: int) -> Files:
    """Each MachineConfig has a bomb of its own."""
    bomb = ignition_files([packed(b"#" * (4 << 20))])
    one = (
        "---\napiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata: {name: m%d, labels: {machineconfiguration.openshift.io/role: worker}}\nspec: {config: {ignition: {version: 3.2.0}, storage: {files: "
        + bomb
        + "}}}\n"
    )
    return m(fill(s, lambda n: one % n))


@shape(("check",), ("build", "-o", "out"))
def home_bombs_in_files(s: int) -> Files:
    """Each file has a bomb of its own."""
    bomb = ignition_files([packed(b"#" * (4 << 20))])
    text = f"ignition: {{version: 3.2.0}}\nstorage: {{files: {bomb}}}\n"
    return {f"f{n}.yaml": text.encode() for n in range(max(s // len(text), 1))} | m(HEAD + RULE)


@shape(*HOMES)
def home_ignition(s: int) -> Files:
    conf = "data:;base64," + base64.b64encode(b"[[registry]]\nlocation='q.io'\n").decode()
    files = [
        {"path": f"/etc/containers/registries.conf.d/{n}.conf", "contents": {"source": conf}} for n in range(s // 130)
    ]
    return js({"ignition": {"version": "3.2.0"}, "storage": {"files": files}})


@shape(*HOMES)
def home_ignition_aliases(s: int) -> Files:
    conf = "data:;base64," + base64.b64encode(b"[[registry]]\nlocation='q.io'\n" * (s // 80)).decode()
    return m(
        "ignition: {version: 3.2.0}\nstorage:\n  files:\n  - &a {path: /etc/containers/registries.conf, contents: {source: '"
        + conf
        + "'}}\n"
        + "  - *a\n" * (s // 14)
    )


@shape(*HOMES)
def home_butane(s: int) -> Files:
    head = "variant: openshift\nversion: 4.14.0\nmetadata: {name: b, labels: {machineconfiguration.openshift.io/role: worker}}\nstorage:\n  files:\n"
    return m(
        head
        + fill(
            s,
            lambda n: (
                f"  - path: /etc/containers/registries.conf.d/{n}.conf\n    contents:\n      inline: |\n        [[registry]]\n        location = 'q.io/{n}'\n"
            ),
        )
    )


@shape(*HOMES)
def home_butane_aliases(s: int) -> Files:
    head = "variant: fcos\nversion: 1.4.0\nstorage:\n  files:\n  - &a\n    path: /etc/containers/registries.conf\n    contents:\n      inline: |\n"
    return m(
        head + fill(s // 2, lambda n: f"        [[registry]]\n        location = 'q.io/{n}'\n") + "  - *a\n" * (s // 14)
    )


@shape(("check", "edge.ks"))
def home_heredocs_of_one_end(s: int) -> Files:
    return {"edge.ks": (fill(s, lambda n: "cat > /etc/containers/registries.conf <<EOF\n") + "EOF\n").encode()}


@shape(("check", "edge.ks"))
def home_heredocs_quoted(s: int) -> Files:
    return {
        "edge.ks": (
            fill(s, lambda n: "cat > /etc/containers/registries.conf <<'EOF'\n[[registry]]\nlocation='q.io'\nEOF\n")
        ).encode()
    }


@shape(("check", "."))
def script_heredocs(s: int) -> Files:
    return {"a.sh": fill(s, lambda n: f"oc apply -f - <<E{n}\nkind: ImageDigestMirrorSet\n").encode()}


@shape(("check", "."))
def script_heredocs_open(s: int) -> Files:
    return {
        "a.sh": fill(s, lambda n: "oc apply -f - <<EOF\nkind: ImageDigestMirrorSet # config.openshift.io/v1\n").encode()
    }


@shape(("check", "."))
def script_heredocs_of_one_end(s: int) -> Files:
    return {
        "a.sh": (
            fill(s, lambda n: "oc apply -f - <<EOF\nkind: ImageDigestMirrorSet # config.openshift.io/v1\n") + "EOF\n"
        ).encode()
    }


@shape(("check", "."))
def script_heredocs_closed(s: int) -> Files:
    return {"a.sh": fill(s, lambda n: f"oc apply -f - <<E{n}\n{HEAD}{RULE}E{n}\n").encode()}


@shape(("check", "."), ("images", "."), product=True)
def script_case(s: int) -> Files:
    """Readings of its branches by heredocs."""
    cases = fill(s, lambda n: f"a{n})\noc apply -f - <<-'E{n}'\n{HEAD}{RULE}\tE{n}\n;;\n")
    return {"a.sh": f"case $1 in\n{cases}esac\n".encode()}


@shape(("check", "."), ("images", "."))
def script_one_line(s: int) -> Files:
    return {"a.sh": ("oc apply -f - <<EOF " + "ImageDigestMirrorSet <<EOF " * (s // 27)).encode()}


# --- Templates
TEMPLATE = (("check", "."), ("images", "."), ("build", ".", "-o", "out"))


def template(text: str, name: str = "m.yaml.j2") -> Files:
    return {name: text.encode()}


@shape(*TEMPLATE)
def template_braces(s: int) -> Files:
    return template(HEAD + RULE + "# " + "{" * s + "\n")


@shape(*TEMPLATE)
def template_braces_in_value(s: int) -> Files:
    return template(HEAD + "  - source: '" + "{{" * (s // 2) + "'\n    mirrors: [a.io/b]\n")


@shape(*TEMPLATE)
def template_open_statements(s: int) -> Files:
    return template(HEAD + RULE + "{% if a " * (s // 8) + "\n")


@shape(*TEMPLATE)
def template_statements(s: int) -> Files:
    return template(
        HEAD + fill(s, lambda n: f"{{% if a{n} %}}\n  - source: q.io/{n}\n    mirrors: [m.io/{n}]\n{{% endif %}}\n")
    )


@shape(*TEMPLATE)
def template_nested_statements(s: int) -> Files:
    deep = s // 30
    return template(HEAD + "{% if a %}\n" * deep + RULE + "{% endif %}\n" * deep)


@shape(*TEMPLATE)
def template_inline_statements(s: int) -> Files:
    return template(HEAD + "  - source: q.io/a\n    mirrors: ['" + "{% if a %}b" * (s // 11) + "']\n")


@shape(*TEMPLATE)
def template_documents_with_lines(s: int) -> Files:
    return template(fill(s, lambda n: f"---\n{HEAD}{{{{ line{n} }}}}\n{RULE}"))


@shape(*TEMPLATE)
def template_placeholders(s: int) -> Files:
    return template(
        HEAD + fill(s, lambda n: f"  - source: '{{{{ a{n} }}}}/b'\n    mirrors: ['${{X{n}}}/b', '$(y{n})', '@z{n}@']\n")
    )


@shape(*TEMPLATE)
def template_one_line(s: int) -> Files:
    return template(HEAD + "  - source: q.io/a\n    mirrors: [" + fill(s, lambda n: f"'{{{{ a{n} }}}}', ") + "]\n")


@shape(*TEMPLATE)
def template_angles(s: int) -> Files:
    return template(HEAD + "  - source: '" + "<a" * (s // 2) + "'\n    mirrors: [a.io/b]\n", "m.yaml.sample")


@shape(*TEMPLATE)
def template_dollars(s: int) -> Files:
    return template(HEAD + "  - source: '" + "${a{" * (s // 4) + "'\n    mirrors: [a.io/b]\n", "m.tpl")


@shape(*TEMPLATE)
def template_underscores(s: int) -> Files:
    return template(HEAD + "  - source: '" + "__A_" * (s // 4) + "'\n    mirrors: [a.io/b]\n")


@shape(*TEMPLATE)
def template_capitals(s: int) -> Files:
    return template(HEAD + "  - source: 'A" + "A_" * (s // 2) + "'\n    mirrors: [a.io/b]\n")


@shape(*TEMPLATE)
def template_erb(s: int) -> Files:
    return template(HEAD + RULE + "<% a " * (s // 5) + "\n", "m.yaml.erb")


@shape(*TEMPLATE)
def template_blanks(s: int) -> Files:
    return template(HEAD + RULE + "{{ a }}" + " " * s + "b\n" + "{% " + " " * s)


@shape(*TEMPLATE)
def template_tabs(s: int) -> Files:
    return template(HEAD + RULE + ("\t" * 200 + "{{-\n") * (s // 204))


@shape(("check", "."), ("images", "."))
def jinja_loops(s: int) -> Files:
    nested = "{% for a in range(99999) %}" * 6 + "x" + "{% endfor %}" * 6
    return {
        **template(HEAD + "  - source: '{{ a }}'\n    mirrors: [m.io/a]\n" + f"# {nested}\n" + "# \n" * (s // 3)),
        ".mirrorc.yaml": b"version: 1\nclusters: [{name: n, paths: [m.yaml.j2], values: {a: q.io/a}}]\n",
    }


@shape(("check", "."))
def playbook_tasks(s: int) -> Files:
    task = "- name: t%d\n  kubernetes.core.k8s:\n    definition:\n      apiVersion: config.openshift.io/v1\n      kind: ImageDigestMirrorSet\n      metadata: {name: a}\n      spec: {imageDigestMirrors: [{source: q.io/a, mirrors: [m.io/a]}]}\n"
    return {"tasks/main.yml": fill(s, lambda n: task % n).encode()}


@shape(("check", "."))
def playbook_contents(s: int) -> Files:
    task = "- copy:\n    dest: /tmp/a.yaml\n    content: |\n" + indented(HEAD + RULE, 6)
    return {"tasks/main.yml": fill(s, lambda n: task).encode()}


@shape(("check", "."))
def values_of_a_chart(s: int) -> Files:
    return {
        "chart/values.yaml": (
            "imageDigestMirrors:\n" + fill(s, lambda n: f"- source: q.io/{n}\n  mirrors: [m.io/{n}]\n")
        ).encode(),
        "chart/Chart.yaml": b"apiVersion: v2\nname: a\nversion: 1.0.0\n",
    }


# --- Pointers of Argo CD, Flux and Open Cluster Management
POINTERS = (("init", "--print"), ("check", "--config", "c.yaml"))
APP = "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a%d}\nspec: {source: {repoURL: 'https://h/r', path: %s}, destination: {name: c%d}}\n"
SET = "---\napiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s%d}\nspec:\n  goTemplate: %s\n  generators: [%s]\n  template: {metadata: {name: a}, spec: {source: {repoURL: 'https://h/r', path: '%s'}, destination: {name: '%s'}}}\n"


def folders(*, count: int = 1) -> Files:
    configured = {"c.yaml": b"version: 1\nclusters: [{name: north, paths: [f0]}]\n"}
    return configured | {f"f{n}/m.yaml": (HEAD + RULE).encode() for n in range(count)}


@shape(*POINTERS)
def argo_applications(s: int) -> Files:
    return folders() | {"apps.yaml": fill(s, lambda n: APP % (n, "f0", n)).encode()}


@shape(*POINTERS)
def argo_applications_of_one_cluster(s: int) -> Files:
    return folders() | {"apps.yaml": fill(s, lambda n: APP % (n, "f0", 1)).encode()}


def listed(size: int, form: str) -> str:
    return "{list: {elements: [" + fill(size, lambda n: form % n + ", ") + "]}}"


@shape(*POINTERS)
def argo_large_parameters(s: int) -> Files:
    large = "{list: {elements: [{" + fill(s // 2, lambda n: f"k{n}: v, ") + "}]}}"
    matrix = "{matrix: {generators: [" + large + ", " + listed(s // 2, "{b: y%d}") + "]}}"
    return folders() | {"apps.yaml": (SET % (0, "false", matrix, "f0", "{{b}}")).encode()}


@shape(*POINTERS)
def argo_long_template(s: int) -> Files:
    return folders() | {
        "apps.yaml": (SET % (0, "true", listed(s // 2, "{b: y%d}"), "f0", "{{.b}}" + "a" * (s // 2))).encode()
    }


@shape(*POINTERS)
def argo_long_parameter(s: int) -> Files:
    """A parameter that a template has many times."""
    element = "{list: {elements: [{a: " + "b" * (s // 2) + "}]}}"
    return folders() | {"apps.yaml": (SET % (0, "true", element, "f0", "{{.a}}" * (s // 12))).encode()}


@shape(*POINTERS)
def argo_templates(s: int) -> Files:
    return folders() | {
        "apps.yaml": (SET % (0, "true", listed(200, "{a: x%d}"), "f0", "{{" * (s // 4) + "(" * (s // 4))).encode()
    }


@shape(*POINTERS)
def argo_deep_template(s: int) -> Files:
    return folders() | {
        "apps.yaml": (
            SET % (0, "true", listed(200, "{a: x%d}"), "f0", "{{" + "(" * (s // 2) + ".a" + ")" * (s // 2) + "}}")
        ).encode()
    }


@shape(*POINTERS)
def argo_globs(s: int) -> Files:
    paths = (
        "{git: {repoURL: 'https://h/r', directories: [" + fill(s // 2, lambda n: "{path: '**/**/*/**/x*'}, ") + "]}}"
    )
    return folders(count=max(s // 2_000, 1)) | {"apps.yaml": (SET % (0, "true", paths, "{{.path.path}}", "c")).encode()}


@shape(*POINTERS)
def argo_globs_in_a_matrix(s: int) -> Files:
    paths = "{git: {repoURL: 'https://h/r', directories: [{path: '{{.a}}*'}]}}"
    matrix = "{matrix: {generators: [" + listed(s // 2, "{a: x%d}") + ", " + paths + "]}}"
    return folders(count=max(s // 2_000, 1)) | {
        "apps.yaml": (SET % (0, "true", matrix, "{{.path.path}}", "c")).encode()
    }


@shape(*POINTERS)
def argo_braces(s: int) -> Files:
    paths = "{git: {repoURL: 'https://h/r', files: [{path: '" + "{a,b}" * 12 + "'}, {path: '" + "{" * (s // 2) + "'}]}}"
    return folders() | {"apps.yaml": (SET % (0, "true", paths, "f0", "c")).encode()}


@shape(*POINTERS)
def argo_clusters(s: int) -> Files:
    one = "---\napiVersion: cluster.open-cluster-management.io/v1\nkind: ManagedCluster\nmetadata: {name: c%d, labels: {a: b}}\n"
    clusters = (
        "{clusters: {selector: {matchExpressions: ["
        + fill(s // 3, lambda n: "{key: a, operator: In, values: [b]}, ")
        + "]}}}"
    )
    return folders() | {
        "apps.yaml": (SET % (0, "true", clusters, "f0", "{{.name}}")).encode(),
        "clusters.yaml": fill(s // 2, lambda n: one % n).encode(),
    }


@shape(*POINTERS)
def argo_aliases(s: int) -> Files:
    """An element that is many elements."""
    elements = "{list: {elements: [&a {" + fill(s // 2, lambda n: f"k{n}: v, ") + "}, " + "*a, " * (s // 8) + "]}}"
    return folders() | {"apps.yaml": (SET % (0, "true", elements, "f0", "c")).encode()}


@shape(*POINTERS)
def argo_alias_tree(s: int) -> Files:
    doubled = "".join(f"&a{n + 1} {{l: *a{n}, r: *a{n}}}, " for n in range(24))
    elements = "{list: {elements: [&a0 {k: v}, " + doubled + "]}}"
    return folders() | {"apps.yaml": (SET % (0, "true", elements, "f0", "c") + "# \n" * (s // 3)).encode()}


@shape(*POINTERS)
def flux_kustomizations(s: int) -> Files:
    one = "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k%d}\nspec: {path: ./f0, sourceRef: {kind: GitRepository, name: r%d}}\n---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: r%d}\nspec: {url: 'https://h/r'}\n"
    return folders() | {"apps.yaml": fill(s, lambda n: one % (n, n, n)).encode()}


# --- Configured clusters
@shape(("images", "."), ("check", "."))
def image_set_configurations(s: int) -> Files:
    head = "apiVersion: mirror.openshift.io/v2alpha1\nkind: ImageSetConfiguration\nmirror:\n  additionalImages:\n"
    return m(head + fill(s, lambda n: f"  - name: q.io/a{n}:1\n"))


@shape(("images", "."), ("check", "."))
def image_set_aliases(s: int) -> Files:
    head = "apiVersion: mirror.openshift.io/v2alpha1\nkind: ImageSetConfiguration\nmirror:\n  operators:\n  - &a {catalog: q.io/c, packages: ["
    return m(head + fill(s // 2, lambda n: f"{{name: p{n}}}, ") + "]}\n" + "  - *a\n" * (s // 14))
