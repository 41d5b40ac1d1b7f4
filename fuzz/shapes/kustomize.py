"""Shapes of kustomizations and charts that are built for clusters: what the programs need counts too."""

from fuzz.shapes.clusters import configured
from fuzz.shapes.commits import committed
from fuzz.shapes.files import HEAD, RULE
from fuzz.shapes.making import Files, fill, shape

BUILT = (("build",),)
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d}\ndata: {a: b}\n---\n"
WORKLOAD = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d%d}\nspec: {template: {spec: {containers: "
    "[{name: a, image: q.io/a:1}], volumes: [{name: v, configMap: {name: c%d}}]}}}\n---\n"
)
RESOURCES = "resources: [m.yaml]\n"


def built(kustomization: str, **files: str) -> Files:
    """A cluster that is built of a kustomization, beside files whose names have `_` for a dot."""
    named = {f"k/{name.replace('_', '.')}": text.encode() for name, text in files.items()}
    own = {"k/kustomization.yaml": kustomization.encode(), "k/m.yaml": (HEAD + RULE).encode()}
    return configured("- {name: a, kustomization: k}\n") | own | named


def maps(size: int) -> str:
    return fill(size, lambda n: CONFIG_MAP % n)


def rules(size: int) -> str:
    return HEAD + fill(size, lambda n: f"  - source: quay.io/a{n}\n    mirrors: [m.example/a{n}]\n")


@shape(*BUILT, product=True)
def kustomized_objects(s: int) -> Files:
    """Each object is compared with all before it."""
    return built(RESOURCES, m_yaml=maps(s))


@shape(*BUILT, product=True)
def kustomized_workloads(s: int) -> Files:
    return built(RESOURCES + "namePrefix: x-\nnamespace: team\n", m_yaml=fill(s, lambda n: WORKLOAD % (n, n)))


@shape(*BUILT, product=True)
def kustomized_list(s: int) -> Files:
    item = "- {apiVersion: v1, kind: ConfigMap, metadata: {name: c%d}}\n"
    return built(RESOURCES, m_yaml="apiVersion: v1\nkind: ConfigMapList\nitems:\n" + fill(s, lambda n: item % n))


@shape(*BUILT, product=True)
def kustomized_long_object(s: int) -> Files:
    return built(RESOURCES + "namePrefix: x-\n", m_yaml=rules(s))


@shape(*BUILT, product=True)
def kustomized_patch_named_often(s: int) -> Files:
    return built(RESOURCES + "patches:\n" + fill(s // 2, lambda _: "- {path: p.yaml}\n"), p_yaml=rules(s // 2))


@shape(*BUILT, product=True)
def kustomized_small_patch_named_often(s: int) -> Files:
    return built(RESOURCES + "patches:\n" + fill(s, lambda _: "- {path: p.yaml}\n"), p_yaml=HEAD + RULE)


@shape(*BUILT, product=True)
def kustomized_operations_named_often(s: int) -> Files:
    operations = fill(s // 2, lambda _: '{"op": "add", "path": "/metadata/x", "value": 1},\n').rstrip(",\n")
    line = "- {path: p.json, target: {kind: Image.*}}\n"
    return built(RESOURCES + "patches:\n" + fill(s // 2, lambda _: line), p_json=f"[{operations}]")


@shape(*BUILT, product=True)
def kustomized_patches_of_all(s: int) -> Files:
    line = """- {patch: '[{"op": "add", "path": "/metadata/x%d", "value": 1}]', target: {kind: .*}}\n"""
    return built(RESOURCES + "patches:\n" + fill(s // 2, lambda n: line % n), m_yaml=maps(s // 2))


@shape(*BUILT, product=True)
def kustomized_merges_of_all(s: int) -> Files:
    line = "- {path: p.yaml, target: {kind: Config.*}}\n"
    return built(
        RESOURCES + "patches:\n" + fill(s // 2, lambda _: line), m_yaml=maps(s // 2), p_yaml=CONFIG_MAP[:-4] % 0
    )


@shape(*BUILT, product=True)
def kustomized_patches_of_one(s: int) -> Files:
    line = """- {patch: '[{"op": "add", "path": "/metadata/x", "value": 1}]', target: {kind: ConfigMap, name: c0}}\n"""
    return built(RESOURCES + "patches:\n" + fill(s // 2, lambda _: line), m_yaml=maps(s // 2))


@shape(*BUILT, product=True)
def kustomized_containers(s: int) -> Files:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
    pod += fill(s, lambda n: f"  - {{name: c{n}, image: a}}\n")
    return built(RESOURCES + "patches: [{path: m.yaml}]\n", m_yaml=pod)


@shape(*BUILT, product=True)
def kustomized_keys(s: int) -> Files:
    data = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n" + fill(s, lambda n: f"  a{n}: b\n")
    return built(RESOURCES + "patches: [{path: m.yaml}]\n", m_yaml=data)


@shape(*BUILT, product=True)
def kustomized_both_ways(s: int) -> Files:
    """Each level includes the next one twice, under other names."""
    levels = max(s // 150, 1)
    files = {"k/kustomization.yaml": b"resources: [../l0]\n", f"l{levels}/m.yaml": (HEAD + RULE).encode()}
    files[f"l{levels}/kustomization.yaml"] = RESOURCES.encode()
    for n in range(levels):
        files[f"l{n}/kustomization.yaml"] = b"resources: [a, b]\n"
        for side in "ab":
            files[f"l{n}/{side}/kustomization.yaml"] = f"resources: [../../l{n + 1}]\nnamePrefix: {side}-\n".encode()
    return configured("- {name: a, kustomization: k}\n") | files


@shape(*BUILT, product=True)
def kustomized_bases(s: int) -> Files:
    """A base of many objects that is included under many names."""
    files = {"b/kustomization.yaml": RESOURCES.encode(), "b/m.yaml": maps(s // 2).encode()}
    count = max(s // 100, 1)
    for n in range(count):
        files[f"o{n}/kustomization.yaml"] = f"resources: [../b]\nnamePrefix: x{n}-\n".encode()
    top = "resources:\n" + "".join(f"- ../o{n}\n" for n in range(count))
    return configured("- {name: a, kustomization: k}\n") | files | {"k/kustomization.yaml": top.encode()}


@shape(*BUILT, product=True)
def kustomized_components(s: int) -> Files:
    count = max(s // 250, 1)
    made = built(RESOURCES + "components:\n" + "".join(f"- ../c{n}\n" for n in range(count)), m_yaml=maps(s // 2))
    patch = b"""kind: Component
patches: [{patch: '[{"op": "add", "path": "/metadata/x", "value": 1}]', target: {kind: .*}}]
"""
    return made | {f"c{n}/kustomization.yaml": patch for n in range(count)}


@shape(*BUILT, product=True)
def kustomized_labels(s: int) -> Files:
    labels = "commonLabels:\n" + fill(s // 2, lambda n: f"  l{n}: a\n")
    return built(RESOURCES + labels, m_yaml=maps(s // 2))


@shape(*BUILT, product=True)
def kustomized_long_annotation(s: int) -> Files:
    return built(RESOURCES + f"commonAnnotations: {{a: {'b' * (s // 2)}}}\n", m_yaml=maps(s // 2))


@shape(*BUILT, product=True)
def kustomized_images(s: int) -> Files:
    images = "images:\n" + fill(s // 2, lambda n: f"- {{name: i{n}, newTag: a}}\n")
    return built(RESOURCES + images, m_yaml=fill(s // 2, lambda n: WORKLOAD % (n, n)))


@shape(*BUILT, product=True)
def kustomized_replacements(s: int) -> Files:
    line = (
        "- {source: {kind: ConfigMap, name: c0, fieldPath: data.a}, "
        "targets: [{select: {kind: ConfigMap}, fieldPaths: [data.a]}]}\n"
    )
    return built(RESOURCES + "replacements:\n" + fill(s // 2, lambda _: line), m_yaml=maps(s // 2))


@shape(*BUILT, product=True)
def kustomized_generators_of_a_file(s: int) -> Files:
    lines = fill(s // 2, lambda n: f"- {{name: g{n}, files: [f.txt]}}\n")
    return built(RESOURCES + "configMapGenerator:\n" + lines, f_txt="abcdefgh\n" * (s // 18))


@shape(*BUILT, product=True)
def kustomized_generators_of_variables(s: int) -> Files:
    lines = fill(s // 2, lambda n: f"- {{name: g{n}, envs: [f.txt]}}\n")
    return built(RESOURCES + "secretGenerator:\n" + lines, f_txt=fill(s // 2, lambda n: f"a{n}=b\n"))


@shape(*BUILT, product=True)
def kustomized_transformers(s: int) -> Files:
    line = "- '{apiVersion: builtin, kind: LabelTransformer, metadata: {name: t%d}, labels: {a: b}}'\n"
    return built(RESOURCES + "transformers:\n" + fill(s // 2, lambda n: line % n), m_yaml=maps(s // 2))


@shape(*BUILT, product=True)
def kustomized_configurations(s: int) -> Files:
    fields = "nameReference:\n- kind: ConfigMap\n  fieldSpecs:\n"
    fields += fill(s // 2, lambda n: f"  - {{kind: ConfigMap, path: data/a{n}}}\n")
    return built(RESOURCES + "namePrefix: x-\nconfigurations: [c.yaml]\n", c_yaml=fields, m_yaml=maps(s // 2))


@shape(*BUILT, product=True)
def kustomized_variables(s: int) -> Files:
    line = "- {name: A%d, objref: {apiVersion: v1, kind: ConfigMap, name: c0}, fieldref: {fieldpath: data.a}}\n"
    return built(RESOURCES + "vars:\n" + fill(s // 2, lambda n: line % n), m_yaml=maps(s // 2))


@shape(*BUILT, product=True)
def kustomized_clusters(s: int) -> Files:
    """The program is started for each."""
    count = min(max(s // 60, 1), 9_000)
    made: Files = configured("".join(f"- {{name: c{n}, kustomization: c{n}}}\n" for n in range(count)))
    made |= {"b/kustomization.yaml": RESOURCES.encode(), "b/m.yaml": (HEAD + RULE).encode()}
    return made | {f"c{n}/kustomization.yaml": b"resources: [../b]\n" for n in range(count)}


@shape(*BUILT, product=True)
def kustomized_clusters_of_large_bases(s: int) -> Files:
    count = max(s // 120, 1)
    made: Files = configured("".join(f"- {{name: c{n}, kustomization: c{n}}}\n" for n in range(count)))
    made |= {"b/kustomization.yaml": RESOURCES.encode(), "b/m.yaml": rules(s // 2).encode()}
    return made | {f"c{n}/kustomization.yaml": b"resources: [../b]\n" for n in range(count)}


@shape(*BUILT, ("check",), product=True)
def charts_of_clusters(s: int) -> Files:
    count = max(s // 200, 1)
    made: Files = configured("".join(f"- {{name: c{n}, helm: {{chart: c{n}}}}}\n" for n in range(count)))
    for n in range(count):
        made[f"c{n}/Chart.yaml"] = b"apiVersion: v2\nname: c\nversion: 1.0.0\n"
        made[f"c{n}/templates/m.yaml"] = (HEAD + RULE).encode()
    return made


@shape(*BUILT, product=True)
def charts_that_repeat(s: int) -> Files:
    """What a chart is rendered to cannot be counted before."""
    made = charts_of_clusters(min(s, 20_000))
    loop = "{{ range until 100000 }}{{ range until 20 }}{{ end }}{{ end }}\n"
    return {path: content + loop.encode() if "templates" in path else content for path, content in made.items()}


@shape(("diff", "old"), ("plan", "old"), product=True)
def kustomized_clusters_of_two_commits(s: int) -> Files:
    """Each is built for both."""
    new = kustomized_clusters(s)
    return committed({**new, "b/m.yaml": (HEAD + RULE.replace("m.example", "n.example")).encode()}, new)


@shape(("check",), ("build",), product=True)
def kustomized_clusters_beside_text(s: int) -> Files:
    """As many as are built of a repo with so much text."""
    text = s * 8 // 10
    count = max(text // 10_000, 95) if s > 20_000 else 10
    made = {f"docs/{n}.txt": b"some words of text\n" * 500 for n in range(text // 9_500)}
    return kustomized_clusters(60 * count) | made
