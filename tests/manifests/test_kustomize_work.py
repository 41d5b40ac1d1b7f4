"""How much work kustomizations are: what multiplies is refused before it is built, and what people have is built."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.manifests.kustomize import Disk
from compiler.manifests.kustomize_work import BuildWork, TooMuchWorkError, WorkOfTree, limits
from compiler.repository.git import tree_around
from tests.command import Done, call_mirrorc, flat
from tests.fleets import mirrors
from tests.programs import needs_kustomize
from tests.repositories import commit, write

CONFIG = "version: 1\nclusters:\n- name: north\n  kustomization: top\n"
SMALL = mirrors("a", "quay.io/a: m.example/a")


def objects(count: int, kind: str = "ConfigMap") -> str:
    return "".join(
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: c{n}}}\ndata: {{a: b}}\n---\n" for n in range(count)
    )


def many(line: str, count: int) -> str:
    return "".join(line.replace("%", str(n)) for n in range(count))


Made = dict[str, str]


def top(text: str, **files: str) -> Made:
    named = {f"top/{name.replace('_', '.')}": content for name, content in files.items()}
    return {"top/kustomization.yaml": text, "top/m.yaml": SMALL, **named}


def ways(levels: int) -> Made:
    """Each level includes the next one twice, under other names."""
    made = {"top/kustomization.yaml": "resources: [../l0]\n", f"l{levels}/m.yaml": SMALL}
    made[f"l{levels}/kustomization.yaml"] = "resources: [m.yaml]\n"
    for n in range(levels):
        made[f"l{n}/kustomization.yaml"] = "resources: [a, b]\n"
        for side in "ab":
            made[f"l{n}/{side}/kustomization.yaml"] = f"resources: [../../l{n + 1}]\nnamePrefix: {side}-\n"
    return made


RESOURCES = "resources: [m.yaml]\n"
OPERATIONS = "[{op: add, path: /metadata/annotations, value: {a: b}}]"
HOSTILE: dict[str, Callable[[], Made]] = {
    "a long patch is named often": lambda: top(
        RESOURCES + "patches:\n" + "- {path: p.yaml}\n" * 2_000, p_yaml=SMALL + "  # comment\n" * 1_000
    ),
    "a list of operations is named often": lambda: top(
        RESOURCES + "patches:\n" + "- {path: p.json, target: {kind: Image.*}}\n" * 2_000,
        p_json="[" + '{"op":"add","path":"/metadata/x","value":1},' * 200 + "]",
    ),
    "patches change all objects": lambda: top(
        RESOURCES + "patches:\n" + f"- {{patch: '{OPERATIONS}', target: {{kind: .*}}}}\n" * 100, m_yaml=objects(300)
    ),
    "patches look at all objects": lambda: top(
        RESOURCES + "patches:\n" + "- {path: p.yaml, target: {kind: Nothing}}\n" * 300,
        m_yaml=objects(500),
        p_yaml=objects(1),
    ),
    "many objects": lambda: top(RESOURCES, m_yaml=objects(5_000)),
    "many objects in a list": lambda: top(
        RESOURCES,
        m_yaml="apiVersion: v1\nkind: ConfigMapList\nitems:\n"
        + many("- {apiVersion: v1, kind: ConfigMap, metadata: {name: c%}}\n", 5_000),
    ),
    "bases that are included twice at each level": lambda: ways(12),
    "labels of all objects": lambda: top(RESOURCES + "commonLabels:\n" + many("  l%: a\n", 300), m_yaml=objects(500)),
    "a long annotation of all objects": lambda: top(
        RESOURCES + f"commonAnnotations: {{a: {'b' * 100_000}}}\n", m_yaml=objects(500)
    ),
    "images of all objects": lambda: top(
        RESOURCES + "images:\n" + many("- {name: i%, newTag: a}\n", 500), m_yaml=objects(1_000)
    ),
    "replacements in all objects": lambda: top(
        RESOURCES
        + "replacements:\n"
        + "- {source: {kind: ConfigMap, name: c0}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.a]}]}\n"
        * 1_000,
        m_yaml=objects(1_000),
    ),
    "replacements in a file": lambda: top(
        RESOURCES + "replacements:\n" + "- path: r.yaml\n" * 1_000,
        r_yaml="source: {kind: ConfigMap, name: c0}\ntargets:\n" + "- select: {kind: ConfigMap}\n" * 100,
        m_yaml=objects(100),
    ),
    "a file that is generated from often": lambda: top(
        "configMapGenerator:\n" + many("- {name: g%, files: [f.txt]}\n", 500), f_txt="abcdefghi\n" * 5_000
    ),
    "variables that are generated from often": lambda: top(
        "configMapGenerator:\n" + many("- {name: g%, envs: [f.txt]}\n", 300), f_txt=many("a%=b\n", 3_000)
    ),
    "a file with very many keys": lambda: top(
        RESOURCES, m_yaml="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n" + many("  a%: b\n", 40_000)
    ),
    "containers that are merged": lambda: top(
        RESOURCES + "patches: [{path: m.yaml}]\n",
        m_yaml="apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
        + many("  - {name: c%, image: a}\n", 4_000),
    ),
    "transformers": lambda: top(
        RESOURCES
        + "transformers:\n"
        + many("- '{apiVersion: builtin, kind: LabelTransformer, metadata: {name: t%}, labels: {a: b}}'\n", 100),
        m_yaml=objects(300),
    ),
    "configurations": lambda: top(
        RESOURCES + "configurations: [c.yaml]\n",
        c_yaml="nameReference:\n- kind: ConfigMap\n  fieldSpecs:\n" + "  - {kind: ConfigMap, path: a/b}\n" * 2_000,
        m_yaml=objects(600),
    ),
    "components of many objects": lambda: (
        top(RESOURCES + "components: [" + many("../c%, ", 40) + "]\n", m_yaml=objects(500))
        | {
            f"c{n}/kustomization.yaml": f"kind: Component\npatches: [{{patch: '{OPERATIONS}', target: {{kind: .*}}}}]\n"
            for n in range(40)
        }
    ),
    "very deep": lambda: (
        {f"l{n}/kustomization.yaml": f"resources: [../l{n + 1}]\n" for n in range(1_000)}
        | {"l1000/kustomization.yaml": RESOURCES, "l1000/m.yaml": SMALL}
        | {"top/kustomization.yaml": "resources: [../l0]\n"}
    ),
}


def put(root: Path, files: Made) -> None:
    write(root, ".mirrorc.yaml", text=CONFIG)
    for name, text in files.items():
        write(root, name, text=text)


def check(root: Path, *more: str) -> Done:
    return call_mirrorc("check", "--format", "text", *more, cwd=root)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_multiplies_is_refused_before_it_is_built(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, HOSTILE[name]())
    monkeypatch.setenv("PATH", "")  # nothing is started
    done = check(folder)
    assert done.code == 1
    assert ".mirrorc.yaml:4:" in done.stdout
    assert "kustomize-failed" in done.stdout
    assert "--no-limits" in flat(done.stdout)


@needs_kustomize
def test_the_user_can_turn_it_off(folder: Path) -> None:
    put(folder, HOSTILE["many objects in a list"]() | top(RESOURCES, m_yaml=objects(2_500) + SMALL))
    assert "s or more to build, but no more than 4.2 s are spent" in flat(check(folder).stdout)
    assert check(folder, "--no-limits").code == 0


def fleet(root: Path, count: int, beside: int = 0) -> None:
    """So many clusters of one base, and a file with so many bytes that no cluster reads."""
    write(root, "base/kustomization.yaml", text=RESOURCES)
    write(root, "base/m.yaml", text=SMALL)
    lines = ""
    for n in range(count):
        write(root, f"c{n}/kustomization.yaml", text="resources: [../base]\n")
        lines += f"- {{name: c{n}, kustomization: c{n}}}\n"
    write(root, ".mirrorc.yaml", text=f"version: 1\nclusters:\n{lines}")
    write(root, "notes.txt", text="x" * beside)


def test_many_clusters_are_counted_together(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet(folder, 130)
    monkeypatch.setenv("PATH", "")  # nothing is started
    done = check(folder)
    assert done.code == 2
    assert "130 kustomizations take at least 5.2" in flat(done.stderr)
    assert "some 100 starts of a program, or one for each 10 KB" in flat(done.stderr)
    assert "add --no-limits" in flat(done.stderr)


@needs_kustomize
def test_more_clusters_are_built_of_a_repo_with_more_text(folder: Path) -> None:
    fleet(folder, 130, beside=10_000 * 135)
    assert check(folder).code == 0
    assert check(folder, "--cluster", "c7").code == 0


@needs_kustomize
def test_both_sides_of_a_comparison_are_counted_together(repo: Path) -> None:
    """Each side by itself is not too much; what is the same in both is built once."""
    fleet(repo, 70)
    commit()
    write(repo, "c7/kustomization.yaml", text="resources: [../base]\nnameSuffix: -x\n")
    assert call_mirrorc("diff", "HEAD", cwd=repo).code == 0
    write(repo, "base/m.yaml", text=SMALL.replace("m.example", "n.example"))
    done = call_mirrorc("diff", "HEAD", cwd=repo)
    assert done.code == 2
    assert re.search(r"\d\d kustomizations take about 4.\d s to build", flat(done.stderr))


def count(root: Path) -> BuildWork:
    return WorkOfTree(Disk(tree_around(str(root)))).of("top")


def test_what_people_write_is_far_from_the_limit(folder: Path) -> None:
    """Some hundred objects, each with patches of its own."""
    kinds = ("Deployment", "Service", "ConfigMap", "Role", "RoleBinding", "ServiceAccount")
    text = "".join(objects(40, kind) for kind in kinds)
    patches = "".join(
        f"- {{patch: '{OPERATIONS}', target: {{kind: {kind}, name: c{n}}}}}\n" for kind in kinds for n in range(20)
    )
    put(folder, top(RESOURCES + "namePrefix: x-\nnamespace: y\npatches:\n" + patches, m_yaml=text))
    assert count(folder).steps < limits(0).steps / 3


def test_circles_and_what_is_missing_cost_nothing(folder: Path) -> None:
    put(folder, top("resources: [., ../top, ../none, 'https://h.example/x', m.yaml]\npatches: [{path: none.yaml}]\n"))
    assert count(folder).steps < 100_000


def test_a_name_that_a_prefix_made_may_be_any_of_the_kind(folder: Path) -> None:
    put(folder, top(RESOURCES, m_yaml=objects(50)))
    few = count(folder).steps
    patch = "resources: [../top]\npatches: [{patch: '[]', target: {kind: ConfigMap, name: x-c0}}]\n"
    write(folder, "over/kustomization.yaml", text=patch)
    assert WorkOfTree(Disk(tree_around("."))).of("over").steps > few + 50 * 300


def test_too_deep_is_an_error(folder: Path) -> None:
    put(folder, HOSTILE["very deep"]())
    with pytest.raises(TooMuchWorkError, match="in more than 100 levels"):
        WorkOfTree(Disk(tree_around("."))).of("top")


@needs_kustomize
def test_values_have_places_where_origins_would_cost_too_much(folder: Path) -> None:
    """kustomize notes each change of an object whose origin it notes: of a thousand it is the whole time."""
    put(folder, top(RESOURCES + "patches:\n" + "- {path: p.yaml}\n" * 1_000, p_yaml="metadata: {labels: {a: b}}\n"))
    text = "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {name: a, labels: {a: b}}\n"
    write(folder, "top/p.yaml", text=text)
    write(folder, "top/m.yaml", text=SMALL.replace("m.example/a", "m.example/a:tag"))
    tree = WorkOfTree(Disk(tree_around(".")))
    assert not tree.check("top")
    done = check(folder)
    assert done.code == 1
    assert done.stdout.startswith("top/m.yaml:")
    assert tree.of("top").traced > 4_000_000 > 10 * tree.of("top").steps / 4
    write(folder, "top/kustomization.yaml", text=RESOURCES + "patches:\n" + "- {path: p.yaml}\n" * 100)
    assert WorkOfTree(Disk(tree_around("."))).check("top")
