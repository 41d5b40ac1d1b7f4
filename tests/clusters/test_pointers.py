"""Pointers of Argo CD, Flux and Open Cluster Management: what they say of which cluster."""

import time

import pytest

from compiler.clusters import pointers as pointing
from compiler.clusters.application_sets import RepoTree
from compiler.clusters.objects import Object, is_pointer, objects
from compiler.clusters.pointers import AUTO, DIRECTORY, FLUX, ClusterPointer, Pointers, read
from compiler.text.span import File

OWN = "https://git.example.com/fleet.git"


def found(*texts: str, path: str = "argocd/apps.yaml") -> list[Object]:
    file = File(path, "---\n".join(texts))
    return [each for each in objects(path, file) if is_pointer(each)]


def pointers(*texts: str, files: tuple[str, ...] = (), contents: dict[str, str] | None = None) -> Pointers:
    contents = contents or {}
    tree = RepoTree(
        files=frozenset((*files, *contents)),
        read=lambda path: File(path, contents[path]) if path in contents else None,
    )
    return read(found(*texts), tree, own=[OWN])


def given(made: Pointers) -> set[tuple[str | None, str]]:
    return {(each.cluster, each.source.folder) for some in made.each.values() for each in some}


def only(made: Pointers) -> ClusterPointer:
    (pointer,) = (each for some in made.each.values() for each in some)
    return pointer


def reasons(made: Pointers) -> list[str]:
    return [each.reason for each in made.unresolved]


def application(path: str, destination: str = "name: north", more: str = "", url: str = OWN) -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: mirrors}}
spec:
  destination: {{{destination}, namespace: team}}
  source:
    repoURL: {url}
    targetRevision: main
    path: {path}
{more}"""


# --- Applications --------------------------------------------------------------------


def test_an_application_gives_a_folder_to_its_cluster() -> None:
    pointer = only(pointers(application("./mirrors/north/"), files=("mirrors/north/a.yaml",)))
    assert (pointer.cluster, pointer.source.folder, pointer.source.form) == ("north", "mirrors/north", AUTO)
    assert (pointer.namespace, str(pointer.span)) == ("team", "argocd/apps.yaml:3:18")


def test_a_directory_has_rules_of_its_files() -> None:
    more = "    directory: {recurse: true, include: '*.yaml', exclude: '{old,new}*'}\n"
    source = only(pointers(application("mirrors", more=more), files=("mirrors/a.yaml",))).source
    assert (source.form, source.recurse, source.include, source.exclude) == (DIRECTORY, True, "*.yaml", "{old,new}*")


@pytest.mark.parametrize(
    ("destination", "cluster"),
    [
        ("name: in-cluster", None),
        ("server: https://kubernetes.default.svc", None),
        ("server: https://api.south.example.com:6443", "south"),
        ("server: https://10.0.0.1:6443", "east"),
        ("name: a/b", "a-b"),
    ],
)
def test_a_destination_is_a_name_or_a_server(destination: str, cluster: str | None) -> None:
    secret = """\
apiVersion: v1
kind: Secret
metadata: {name: x, labels: {argocd.argoproj.io/secret-type: cluster}}
stringData: {name: east, server: 'https://10.0.0.1:6443'}
"""
    assert only(pointers(application("m", destination), secret, files=("m/a.yaml",))).cluster == cluster


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (application("m").replace("main", "v1.2.0"), "it applies the revision `v1.2.0`"),
        (application("nowhere"), "there is no folder `nowhere`"),
        (application("m", more="    kustomize: {patches: [{path: x}]}\n"), "it adds patches"),
        (
            application("m", more="    helm: {fileParameters: [{name: a, path: b}]}\n"),
            "its chart has values in files, under `fileParameters`",
        ),
        (
            application("m", more="    helm: {parameters: [{name: 'a[0]', value: b}]}\n"),
            "the parameter `a[0]` of its chart is not a plain value",
        ),
        (application("m", more="    helm: {values: '- a'}\n"), "the `values` for its chart are not a YAML mapping"),
        (application("m", more="    plugin: {name: x}\n"), "a plugin makes its manifests"),
    ],
)
def test_what_is_not_in_the_repo_is_listed(text: str, reason: str) -> None:
    made = pointers(text, files=("m/a.yaml",))
    assert (given(made), reasons(made)) == (set(), [reason])


@pytest.mark.parametrize(
    ("helm", "inline"),
    [
        ("{values: 'a: 1\n\n      b: {c: \"1\"}'}", '{"a": 1, "b": {"c": "1"}}'),
        ("{values: 'x: y', valuesObject: {a: true, b: \"true\", c: 4.10}}", '{"a": true, "b": "true", "c": 4.1}'),
        (
            "{valuesObject: {a: {b: x}}, parameters: [{name: a.c, value: '7'},"
            " {name: d, value: '7', forceString: true}]}",
            '{"a": {"b": "x", "c": 7}, "d": "7"}',
        ),
        ("{valueFiles: [a.yaml]}", ""),
    ],
)
def test_values_in_the_object_are_those_of_the_chart(helm: str, inline: str) -> None:
    text = application("charts/m", more=f"    helm: {helm}\n")
    assert only(pointers(text, files=("charts/m/Chart.yaml",))).source.inline == inline


def test_another_repo_is_listed() -> None:
    made = pointers(
        application("m"), application("m", "name: south", url="https://git.example.com/other.git"), files=("m/a.yaml",)
    )
    assert (given(made), reasons(made)) == ({("north", "m")}, ["it is about another repo"])


def test_the_same_repo_is_reached_in_several_ways() -> None:
    for url in ("git@git.example.com:fleet.git", "ssh://git@git.example.com/fleet", "HTTPS://git.example.com/fleet/"):
        assert given(pointers(application("m", url=url), files=("m/a.yaml",))) == {("north", "m")}


def test_without_a_remote_the_repo_is_the_one_that_has_the_folders() -> None:
    texts = [application("m", url="https://a/x"), application("gone", url="https://b/y")]
    made = read(found(*texts), RepoTree(files=frozenset({"m/a.yaml"})))
    assert (given(made), reasons(made)) == ({("north", "m")}, ["it is about another repo"])


def test_several_sources_and_values_of_another() -> None:
    text = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: mirrors}}
spec:
  destination: {{name: north}}
  sources:
    - {{repoURL: {OWN}, path: charts/m, helm: {{valueFiles: [values.yaml, $here/clusters/north.yaml, /top.yaml]}}}}
    - {{repoURL: {OWN}, ref: here}}
    - {{repoURL: {OWN}, path: extra}}
    - {{repoURL: https://charts.example.com, chart: other}}
"""
    made = pointers(text, files=("charts/m/Chart.yaml", "extra/a.yaml"))
    assert given(made) == {("north", "charts/m"), ("north", "extra")}
    assert made.each["argocd/apps.yaml"][0].source.values == (
        "charts/m/values.yaml",
        "clusters/north.yaml",
        "top.yaml",
    )
    assert reasons(made) == ["its chart `other` is in `https://charts.example.com`"]


# --- ApplicationSets -----------------------------------------------------------------


def application_set(generators: str, path: str, cluster: str, *, go: bool = False, more: str = "") -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: mirrors}}
spec:
  goTemplate: {str(go).lower()}
  generators: {generators}
  template:
    spec:
      project: default
      destination: {{name: '{cluster}'}}
      source: {{repoURL: {OWN}, path: '{path}'}}
{more}"""


FOLDERS = ("m/4.16/a.yaml", "m/4.18/a.yaml", "sites/north/a.yaml", "sites/south/a.yaml", "sites/.old/a.yaml")


def test_a_list_names_folders_and_releases() -> None:
    generators = "[{list: {elements: [{cluster: north, version: '4.16'}, {cluster: south, version: v4.18.3}]}}]"
    made = pointers(application_set(generators, "m/4.16", "{{cluster}}"), files=FOLDERS)
    assert given(made) == {("north", "m/4.16"), ("south", "m/4.16")}
    assert [each.release for each in made.each["argocd/apps.yaml"]] == ["4.16", "4.18.3"]


def test_an_unknown_parameter_is_listed_and_the_others_go_on() -> None:
    generators = "[{list: {elements: [{cluster: north}, {cluster: south, version: '4.18'}]}}]"
    made = pointers(application_set(generators, "m/{{version}}", "{{ cluster }}"), files=FOLDERS)
    assert given(made) == {("south", "m/4.18")}
    assert reasons(made) == ["the parameter `version` is not in the repo"]


@pytest.mark.parametrize("go", [False, True])
def test_directories_of_git(*, go: bool) -> None:
    path, name = ("{{.path.path}}", "{{.path.basename}}") if go else ("{{path}}", "{{path.basename}}")
    generators = "[{git: {directories: [{path: 'sites/*'}, {path: 'sites/south', exclude: true}]}}]"
    assert given(pointers(application_set(generators, path, name, go=go), files=FOLDERS)) == {("north", "sites/north")}
    part = "{{index .path.segments 1}}" if go else "{{path[1]}}"
    assert given(pointers(application_set(generators, path, part, go=go), files=FOLDERS)) == {("north", "sites/north")}


@pytest.mark.parametrize("go", [False, True])
def test_files_of_git(*, go: bool) -> None:
    dot = "." if go else ""
    contents = {
        "clusters/lima/c.yaml": "cluster: {name: lima, version: '4.18'}\n",
        "clusters/eu/quito/c.json": '[{"cluster": {"name": "quito", "version": "4.16"}}]',
    }
    generators = "[{git: {files: [{path: 'clusters/**/c.*'}]}}]"
    text = application_set(generators, f"m/{{{{{dot}cluster.version}}}}", f"{{{{{dot}cluster.name}}}}", go=go)
    made = pointers(text, files=FOLDERS, contents=contents)
    assert given(made) == {("lima", "m/4.18"), ("quito", "m/4.16")}
    assert {each.span.path for each in made.each["argocd/apps.yaml"]} == set(contents), "the file decides"


SECRETS = """\
apiVersion: v1
kind: Secret
metadata: {name: a, labels: {argocd.argoproj.io/secret-type: cluster, version: '4.16'}}
data: {name: bm9ydGg=}
---
apiVersion: cluster.open-cluster-management.io/v1
kind: ManagedCluster
metadata: {name: south, labels: {version: '4.18', env: prod}}
"""


def test_clusters_are_those_that_the_repo_registers() -> None:
    generators = "[{clusters: {selector: {matchExpressions: [{key: env, operator: In, values: [prod]}]}}}]"
    text = application_set(generators, "m/{{metadata.labels.version}}", "{{name}}")
    assert given(pointers(text, SECRETS, files=FOLDERS)) == {("south", "m/4.18")}
    every = application_set("[{clusters: {}}]", "sites/north", "{{name}}")
    assert given(pointers(every, SECRETS, files=FOLDERS)) == {
        (name, "sites/north") for name in ("north", "south", None)
    }


def test_clusters_that_the_repo_does_not_register_are_read_off_the_folders() -> None:
    made = pointers(application_set("[{clusters: {}}]", "sites/{{name}}", "{{name}}"), files=FOLDERS)
    assert given(made) == {("north", "sites/north"), ("south", "sites/south")}
    made = pointers(application_set("[{clusters: {}}]", "m/{{metadata.labels.version}}", "{{name}}"), files=FOLDERS)
    assert given(made) == set()
    assert reasons(made) == ["which clusters Argo CD knows is not in the repo"]


def test_matrix_and_merge() -> None:
    matrix = (
        "[{matrix: {generators: [{list: {elements: [{cluster: north}]}}, "
        "{git: {directories: [{path: 'sites/{{cluster}}'}]}}]}}]"
    )
    assert given(pointers(application_set(matrix, "{{path}}", "{{cluster}}"), files=FOLDERS)) == {
        ("north", "sites/north")
    }
    merge = (
        "[{merge: {mergeKeys: [cluster], generators: ["
        "{list: {elements: [{cluster: north, version: '4.18'}, {cluster: south, version: '4.18'}]}}, "
        "{list: {elements: [{cluster: north, version: '4.16'}]}}]}}]"
    )
    assert given(pointers(application_set(merge, "m/{{version}}", "{{cluster}}"), files=FOLDERS)) == {
        ("north", "m/4.16"),
        ("south", "m/4.18"),
    }


def test_a_selector_a_template_of_a_generator_and_a_patch() -> None:
    generators = (
        "[{selector: {matchLabels: {env: prod}}, list: {elements: [{cluster: north, env: prod}, {cluster: x, env: dev}]"
        ", template: {spec: {source: {path: m/4.18}}}}}]"
    )
    assert given(pointers(application_set(generators, "m/4.16", "{{cluster}}"), files=FOLDERS)) == {("north", "m/4.18")}
    more = "  templatePatch: '{spec: {source: {path: \"m/{{.version}}\"}}}'\n"
    generators = "[{list: {elements: [{cluster: north, version: '4.18'}]}}]"
    made = pointers(application_set(generators, "m/4.16", "{{.cluster}}", go=True, more=more), files=FOLDERS)
    assert given(made) == {("north", "m/4.18")}


def test_what_comes_from_elsewhere_is_listed() -> None:
    made = pointers(application_set("[{scmProvider: {}}]", "m/4.16", "x"), files=FOLDERS)
    assert reasons(made) == ["what the generator `scmProvider` makes is not in the repo"]


def test_placements_decide() -> None:
    placement = """\
apiVersion: cluster.open-cluster-management.io/v1beta1
kind: Placement
metadata: {name: chosen}
spec: {predicates: [{requiredClusterSelector: {labelSelector: {matchLabels: {env: prod}}}}]}
"""
    generators = (
        "[{clusterDecisionResource: {labelSelector: "
        "{matchLabels: {cluster.open-cluster-management.io/placement: chosen}}}}]"
    )
    text = application_set(generators, "sites/{{name}}", "{{name}}")
    assert given(pointers(text, placement, SECRETS, files=FOLDERS)) == {("south", "sites/south")}
    assert reasons(pointers(text, placement, files=FOLDERS)) == [
        "which clusters the Placement `chosen` selects is not in the repo"
    ]


def test_selectors_of_placements_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    by_label = "{labelSelector: {matchExpressions: [{key: env, operator: NotIn, values: [x]}]}}"
    assert {each.cluster for some in pointers(generator(by_label), SECRETS).each.values() for each in some} == {
        "north",
        "south",
    }
    monkeypatch.setattr(pointing, "_MOST_COMPARED", 1)
    assert reasons(pointers(generator(by_label), SECRETS)) == ["which clusters get the policy `one` is not in the repo"]


# --- Flux ----------------------------------------------------------------------------


def flux(path: str, more: str = "", source: str = "{kind: GitRepository, name: flux-system}") -> str:
    return f"""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: mirrors}}
spec:
  path: {path}
  sourceRef: {source}
{more}"""


def test_a_flux_kustomization_is_for_its_own_cluster_or_a_remote_one() -> None:
    pointer = only(pointers(flux("./m"), files=("m/a.yaml",)))
    assert (pointer.cluster, pointer.source.folder, pointer.source.form) == (None, "m", FLUX)
    more = "  kubeConfig: {secretRef: {name: south-kubeconfig}}\n"
    assert only(pointers(flux("./m", more), files=("m/a.yaml",))).cluster == "south"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (flux("m", source="{kind: OCIRepository, name: x}"), "its source is the OCIRepository `x`"),
        (flux("m", source="{kind: GitRepository, name: apps}"), "its source `apps` is another repo"),
        (flux("m", "  postBuild: {substitute: {a: b}}\n"), "it substitutes variables"),
        (flux("m", "  patches: [{patch: x}]\n"), "it adds patches"),
        (flux("nowhere"), "there is no folder `nowhere`"),
    ],
)
def test_what_flux_takes_from_elsewhere_is_listed(text: str, reason: str) -> None:
    other = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: apps}
spec: {url: 'https://git.example.com/apps'}
"""
    assert reasons(pointers(text, other, files=("m/a.yaml",))) == [reason]


def helm_release(chart: str, more: str = "", source: str = "{kind: GitRepository, name: flux-system}") -> str:
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: mirrors}}
spec:
  chart:
    spec: {{chart: {chart}, sourceRef: {source}, valuesFiles: [{chart}/values.yaml, clusters/north/values.yaml]}}
{more}"""


def test_a_helm_release_of_a_chart_in_the_repo_is_followed() -> None:
    more = "  kubeConfig: {secretRef: {name: north-kubeconfig}}\n  values: {a: 1}\n"
    pointer = only(pointers(helm_release("./charts/m", more), files=("charts/m/Chart.yaml",)))
    assert (pointer.cluster, pointer.source.folder, pointer.source.form) == ("north", "charts/m", AUTO)
    assert (pointer.source.values, pointer.source.inline) == (("clusters/north/values.yaml",), '{"a": 1}')


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (helm_release("m", source="{kind: HelmRepository, name: x}"), "its chart `m` is in the HelmRepository `x`"),
        (helm_release("m", "  valuesFrom: [{kind: Secret}]\n"), "its chart has values from other objects"),
        (helm_release("m", "  postRenderers: [{kustomize: {}}]\n"), "it changes what its chart makes"),
        (helm_release("gone"), "there is no folder `gone`"),
    ],
)
def test_what_a_helm_release_takes_from_elsewhere_is_listed(text: str, reason: str) -> None:
    assert reasons(pointers(text, files=("m/Chart.yaml",))) == [reason]


def test_a_server_that_is_not_in_the_repo_is_that_of_the_cluster() -> None:
    managed = "kind: ManagedCluster\nmetadata: {name: north, labels: {tier: gold}}\n"
    placement = (
        "kind: Placement\nmetadata: {name: gold}\nspec:\n"
        "  predicates: [{requiredClusterSelector: {labelSelector: {matchLabels: {tier: gold}}}}]\n"
    )
    generator = "[{clusterDecisionResource: {configMapRef: acm-placement, name: gold}}]"
    text = application_set(generator, "m/{{name}}", "x").replace("name: 'x'", "server: '{{server}}'")
    assert "{{server}}" in text
    assert given(pointers(managed, placement, text, files=("m/north/a.yaml",))) == {("north", "m/north")}


# --- PolicyGenerators ----------------------------------------------------------------


def generator(placement: str, action: str = "enforce") -> str:
    return f"""\
apiVersion: policy.open-cluster-management.io/v1
kind: PolicyGenerator
metadata: {{name: mirrors}}
policyDefaults:
  remediationAction: {action}
  placement: {placement}
policies:
  - name: one
    manifests: [{{path: manifests/a.yaml}}, {{path: manifests/more}}]
"""


def test_a_policy_generator_gives_its_manifests_to_the_clusters_of_its_placement() -> None:
    by_name = "{labelSelector: {matchExpressions: [{key: name, operator: In, values: [edge-1, edge-2]}]}}"
    made = pointers(generator(by_name))
    assert {each.cluster for some in made.each.values() for each in some} == {"edge-1", "edge-2"}
    assert {each.source.files for some in made.each.values() for each in some} == {
        ("argocd/manifests/a.yaml", "argocd/manifests/more")
    }
    by_label = "{clusterSelectors: {env: prod}}"
    assert only(pointers(generator(by_label), SECRETS)).cluster == "south"


def test_a_policy_that_is_not_enforced_or_placed_is_listed() -> None:
    by_label = "{labelSelector: {matchLabels: {env: prod}}}"
    assert reasons(pointers(generator(by_label, "inform"), SECRETS)) == [
        "the policy `one` only reports: it is not enforced"
    ]
    assert reasons(pointers(generator(by_label))) == ["which clusters get the policy `one` is not in the repo"]


# --- Hostile repos -------------------------------------------------------------------


def test_no_path_leads_out_of_the_repo() -> None:
    for path in ("../secret", "/../secret", "m/../../secret", "/etc"):
        for text in (application(path), flux(path), flux(f"./{path}")):
            made = pointers(text, files=("m/a.yaml", "secret/a.yaml"))
            folders = {folder for _, folder in given(made)}
            assert all(not folder.startswith(("/", "..")) for folder in folders)
            assert folders <= {"", "m"}


def test_hostile_templates_and_patterns_are_cheap() -> None:
    began = time.process_time()
    star = "*a" * 300
    names = tuple(f"{'a' * 200}{number}/x.yaml" for number in range(200))
    generators = f"[{{git: {{directories: [{{path: '{star}b'}}]}}}}]"
    assert given(pointers(application_set(generators, "{{path}}", "x"), files=names)) == set()
    many = ", ".join(f"{{cluster: c{number}}}" for number in range(200))
    matrix = f"[{{matrix: {{generators: [{{list: {{elements: [{many}]}}}}, {{list: {{elements: [{many}]}}}}]}}}}]"
    made = pointers(application_set(matrix, "m/4.16", "{{cluster}}"), files=FOLDERS)
    assert "it generates more than 10000 Applications" in reasons(made)
    deep = "{{ " + "(" * 5000 + ".a" + ")" * 5000 + " }}"
    generators = "[{list: {elements: [{a: x}]}}]"
    made = pointers(application_set(generators, "m/4.16", deep, go=True), files=FOLDERS)
    assert reasons(made) == ["the template is nested too deep"]
    braces = "{a,b}" * 40
    generators = f"[{{git: {{files: [{{path: '{braces}'}}]}}}}]"
    assert "alternatives" in reasons(pointers(application_set(generators, "m", "x"), files=FOLDERS))[0]
    assert time.process_time() - began < 10


def test_products_of_generators_have_a_limit() -> None:
    """A few lines that ask for a million Applications make a limited number, and say so."""

    def listed(key: str) -> str:
        return f"{{list: {{elements: [{', '.join(f'{{{key}: {key}{n}}}' for n in range(100))}]}}}}"

    sets = [
        f"apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: s{number}}}\nspec:\n"
        f"  goTemplate: true\n  generators: [{{matrix: {{generators: [{listed('a')}, {listed('b')}]}}}}]\n"
        f"  template: {{spec: {{source: {{repoURL: '{OWN}', path: m}}, "
        "destination: {name: '{{.a}}-{{.b}}'}}}\n"
        for number in range(100)
    ]
    made = pointers(*sets, files=("m/a.yaml",))
    assert 1_000 < sum(map(len, made.each.values())) <= 20_000
    assert "the ApplicationSets of this repo generate too much" in reasons(made)
