"""Shapes for what commands beside `check`, `build` and `diff` make of their input, and for what repairs are looked for in."""

import json
from random import Random

from fuzz.shapes import files
from fuzz.shapes.files import HEAD, RULE, js, m
from fuzz.shapes.making import Command, Files, fill, shape
from fuzz.shapes.repos import APP, IDMS, POINTERS, SET, folders, indented, listed, rules_block

# --- graph
GRAPH = ("graph", "--repo", "m.yaml")
FORMATS = ("text", "dot", "mermaid", "json", "svg")
GRAPHS = tuple(("graph", "--format", name, "--repo", "m.yaml", "q.io/a") for name in FORMATS)
EVERY = (GRAPH, (*GRAPH, "--format", "json"))


@shape(*GRAPHS)
def graph_of_dense_lists(s: int) -> Files:
    return files.dense_lists(s)


@shape(*GRAPHS)
def graph_of_a_cycle(s: int) -> Files:
    return files.big_cycle(s)


@shape(*GRAPHS)
def graph_of_reversed_lists(s: int) -> Files:
    return files.reversed_list(s)


@shape(*GRAPHS)
def graph_of_small_cycles(s: int) -> Files:
    return files.many_small_cycles(s)


@shape(*GRAPHS)
def graph_of_random_lists(s: int) -> Files:
    return files.cycle_random(s)


@shape(*GRAPHS)
def graph_of_one_list(s: int) -> Files:
    return m(HEAD + "  - {source: q.io/a, mirrors: [" + fill(s, lambda n: f"m{n}.io, ") + "]}\n")


@shape(*GRAPHS)
def graph_of_single_mirrors(s: int) -> Files:
    return files.same_sources(s)


@shape(*EVERY, GRAPHS[0])
def graph_of_sources(s: int) -> Files:
    """Sources with two lists each."""
    one = "  - {source: q.io/%d, mirrors: [a.io/%d, b.io/%d]}\n"
    return m(HEAD + fill(s, lambda n: one % (n // 2, n, n)))


@shape(*EVERY, GRAPHS[0])
def graph_of_nested_sources(s: int) -> Files:
    return files.nested_sources(s)


@shape(*EVERY, GRAPHS[0])
def graph_of_near_sources(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n"))


@shape(*EVERY, GRAPHS[0])
def graph_of_objects(s: int) -> Files:
    """Each list of the source is in an object of its own."""
    return m(
        fill(s, lambda n: HEAD.replace("name: a", f"name: a{n}") + f"  - {{source: q.io/a, mirrors: [m{n}.io]}}\n---\n")
    )


# --- Repairs of contradictions
REPAIRS = (("check", "m.yaml"), ("check", "--format", "json", "m.yaml"), GRAPH)


def objects(size: int, lists: int, segment: object, source: str = "q.io/%d") -> Files:
    """Objects with a list of each source in each."""
    assert callable(segment)
    count = max(size // (lists * 60), 1)
    texts = [
        HEAD.replace("name: a", f"name: a{number}")
        + "".join(f"  - {{source: {source % n}, mirrors: [{', '.join(segment(n, number))}]}}\n" for n in range(count))
        for number in range(lists)
    ]
    return m("---\n".join(texts))


@shape(*REPAIRS)
def repairs_of_two(s: int) -> Files:
    return objects(s, 2, lambda n, number: [f"a{n}.io", f"b{n}.io"][:: (-1) ** number])


@shape(*REPAIRS)
def repairs_of_three(s: int) -> Files:
    def segment(n: int, number: int) -> list[str]:
        row = [f"a{n}.io", f"b{n}.io", f"c{n}.io"]
        return [row[number], row[(number + 1) % 3]]

    return objects(s, 3, segment)


UNSAFE = ("check", "--diff", "--unsafe-fixes", "m.yaml")


@shape(*REPAIRS, UNSAFE)
def repairs_of_eight_by_six(s: int) -> Files:
    """As large as a contradiction may be whose smallest repair is looked for, and as far from an order."""
    random = Random(7)

    def segment(n: int, number: int) -> list[str]:
        del n, number
        row = [f"m{each}.io" for each in range(8)]
        random.shuffle(row)
        return row

    return objects(s, 6, segment)


@shape(*REPAIRS)
def repairs_of_eight_by_six_alike(s: int) -> Files:
    """The same contradiction in every source."""
    rows = [Random(each).sample(range(8), 8) for each in range(6)]
    return objects(s, 6, lambda n, number: [f"m{each}.io/{n}" for each in rows[number]])


@shape(*REPAIRS)
def repairs_of_sixty_by_sixty(s: int) -> Files:
    random = Random(3)
    rows = [random.sample(range(60), 60) for _ in range(60)]
    one = "".join(f"  - {{source: q.io/%d, mirrors: [{', '.join(f'm{each}.io' for each in row)}]}}\n" for row in rows)
    return m(HEAD + "".join(one.replace("%d", str(n)) for n in range(max(s // len(one), 1))))


@shape(*REPAIRS)
def repairs_of_rotations(s: int) -> Files:
    return files.dense_lists(s)


# --- plan
def filled(size: int, row: str, host: str) -> str:
    """Rows with a number at `{0}` and a host at `{1}`."""
    return fill(size, lambda n: row.replace("{0}", str(n)).replace("{1}", host))


PLAN = ("plan", "m.yaml", "n.yaml")
PLANS = (PLAN, (*PLAN, "--format", "json"), (*PLAN, "--format", "markdown"))
WRITE = (*PLAN, "--write", "out")


@shape(*PLANS, WRITE)
def plan_adds(s: int) -> Files:
    return files.d(HEAD + RULE, HEAD + RULE + rules_block(s))


@shape(*PLANS, WRITE)
def plan_removes(s: int) -> Files:
    return files.d(HEAD + RULE + rules_block(s), HEAD + RULE)


@shape(*PLANS)
def plan_changes_mirrors(s: int) -> Files:
    one = "  - {source: q.io/a{0}, mirrors: [{1}.io/m{0}]}\n"
    return files.d(*(HEAD + filled(s // 2, one, host) for host in "mn"))


@shape(*PLANS)
def plan_adds_mirrors(s: int) -> Files:
    return files.d(
        HEAD + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n"),
        HEAD + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirrors: [n.io/m{n}, m.io/m{n}]}}\n"),
    )


@shape(*PLANS)
def plan_of_one_list(s: int) -> Files:
    made = [f"{host}{n}.io" for host in "mn" for n in range(s // 28)]
    half = len(made) // 2
    one = "  - {source: q.io, mirrors: [%s]}\n"
    return files.d(HEAD + one % ", ".join(made[:half]), HEAD + one % ", ".join(made[half:]))


@shape(*PLANS)
def plan_reverses_a_list(s: int) -> Files:
    made = [f"m{n}.io" for n in range(s // 20)]
    one = "  - {source: q.io, mirrors: [%s]}\n"
    return files.d(HEAD + one % ", ".join(made), HEAD + one % ", ".join(made[::-1]))


@shape(*PLANS, WRITE)
def plan_of_objects(s: int) -> Files:
    def made(host: str) -> str:
        rule = f"  - source: quay.io/a%d\n    mirrors: [{host}.example/a%d]\n"
        return fill(s // 2, lambda n: HEAD.replace("name: a", f"name: a{n}") + rule % (n, n) + "---\n")

    return files.d(made("m"), made("n"))


@shape(*PLANS, WRITE)
def plan_renames_objects(s: int) -> Files:
    def made(name: str) -> str:
        rule = "  - source: quay.io/a%d\n    mirrors: [m.example/a%d]\n"
        return fill(s // 2, lambda n: HEAD.replace("name: a", f"name: {name}{n}") + rule % (n, n) + "---\n")

    return files.d(made("a"), made("b"))


@shape(*PLANS)
def plan_blocks(s: int) -> Files:
    one = files.IMG + "    blockedRegistries: [%s]\n"
    return files.d(one % fill(s // 2, lambda n: f"a{n}.io, "), one % fill(s // 2, lambda n: f"b{n}.io, "))


@shape(*PLANS)
def plan_of_two_kinds(s: int) -> Files:
    """Digest mirrors become tag mirrors."""
    text = HEAD + rules_block(s // 2)
    return files.d(text, text.replace("Digest", "Tag"))


FOLDERS = ("plan", "old", "new")


@shape(FOLDERS, (*FOLDERS, "--write", "out"))
def plan_of_files(s: int) -> Files:
    made: Files = {}
    for n in range(max(s // 400, 1)):
        for side in ("old", "new"):
            rule = f"  - source: quay.io/a{n}\n    mirrors: [{side}.example/a]\n"
            made[f"{side}/f{n}.yaml"] = (HEAD.replace("name: a", f"name: a{n}") + rule).encode()
    return made


# --- merge
MERGES = (("merge", "one", "two", "-o", "out"), ("merge", "one", "--into", "two"))


def runs(one: str, two: str) -> Files:
    return {"one/m.yaml": one.encode(), "two/m.yaml": two.encode()}


@shape(*MERGES)
def merge_same_sources(s: int) -> Files:
    return runs(HEAD + rules_block(s // 2), HEAD + rules_block(s // 2).replace("m.io", "n.io"))


@shape(*MERGES)
def merge_other_sources(s: int) -> Files:
    return runs(HEAD + rules_block(s // 2), HEAD + rules_block(s // 2).replace("q.io", "r.io"))


@shape(*MERGES)
def merge_objects(s: int) -> Files:
    made = fill(s // 2, lambda n: HEAD.replace("name: a", f"name: a{n}") + RULE + "---\n")
    return runs(made, made.replace("quay.io/a", "quay.io/b"))


@shape(*MERGES)
def merge_objects_into_one(s: int) -> Files:
    """Each object shares a rule with one large object, and has another one."""
    rule = "  - source: q.io/%d\n    mirrors: [m.io/%d]\n"

    def made(n: int) -> str:
        return HEAD.replace("name: a", f"name: a{n}") + rule % (n, n) + rule.replace("q.io", "r.io") % (n, n) + "---\n"

    return runs(fill(s // 2, made), HEAD + rules_block(s // 2))


@shape(*MERGES)
def merge_other_objects(s: int) -> Files:
    """Objects that are not of mirrors, each in a file of its own."""
    head = "apiVersion: config.openshift.io/v1\nkind: ClusterImagePolicy\nmetadata: {name: a%d}\nspec:\n  scopes: [q.io/%d]\n"
    text = head + "  policy: {rootOfTrust: {policyType: PublicKey, publicKey: {keyData: LS0t}}}\n"
    made: Files = {}
    for n in range(max(s // 450, 1)):
        made[f"one/f{n}.yaml"] = (text % (n, n)).encode()
        made[f"two/f{n}.yaml"] = (text % (n, n)).replace("LS0t", "LS0u").encode()
    return made


@shape(*MERGES)
def merge_one_source(s: int) -> Files:
    one = "  - {source: q.io/a, mirrors: [%s%d.io]}\n"
    return runs(HEAD + fill(s // 2, lambda n: one % ("m", n)), HEAD + fill(s // 2, lambda n: one % ("n", n)))


@shape(*MERGES)
def merge_reversed_lists(s: int) -> Files:
    made = [f"m{n}.io" for n in range(s // 20)]
    one = HEAD + "  - {source: q.io, mirrors: [%s]}\n"
    return runs(one % ", ".join(made), one % ", ".join(made[::-1]))


@shape(*MERGES)
def merge_old_objects(s: int) -> Files:
    old = legacy(s // 2)
    return runs(old, old.replace("m.io", "n.io"))


@shape(*MERGES)
def merge_into_one_line(s: int) -> Files:
    text = HEAD.rstrip() + " [%s]\n"
    one = "{source: {1}.io/a{0}, mirrors: [m.io/m{0}]}, "
    return runs(*(text % filled(s // 2, one, host) for host in "qr"))


MANY = ("merge", *(f"r{n}" for n in range(40)), "-o", "out")


@shape(MANY)
def merge_many_runs(s: int) -> Files:
    return {f"r{n}/m.yaml": (HEAD + rules_block(s // 40)).encode() for n in range(40)}


@shape(MANY)
def merge_many_runs_of_other_sources(s: int) -> Files:
    return {f"r{n}/m.yaml": (HEAD + rules_block(s // 40).replace("q.io", f"q{n}.io")).encode() for n in range(40)}


@shape(*MERGES)
def merge_many_files(s: int) -> Files:
    made: Files = {}
    for n in range(max(s // 400, 1)):
        text = HEAD.replace("name: a", f"name: a{n}") + RULE
        made |= {f"one/f{n}.yaml": text.encode(), f"two/g{n}.yaml": text.replace("/a\n", "/b\n").encode()}
    return made


# --- migrate
MIGRATE = ("migrate", "m.yaml")
MIGRATIONS: tuple[Command, ...] = (
    MIGRATE,
    (*MIGRATE, "--diff"),
    (*MIGRATE, "--check"),
    (*MIGRATE, "--diff", "--never-contact-source"),
)
OLD = """\
apiVersion: operator.openshift.io/v1alpha1
kind: ImageContentSourcePolicy
metadata: {name: a}
spec:
  repositoryDigestMirrors:
"""


def legacy(size: int) -> str:
    return OLD + rules_block(size)


@shape(*MIGRATIONS)
def migrate_rules(s: int) -> Files:
    return m(legacy(s))


@shape(*MIGRATIONS)
def migrate_objects(s: int) -> Files:
    return m(fill(s, lambda n: OLD.replace("name: a", f"name: a{n}") + RULE + "---\n"))


@shape(*MIGRATIONS)
def migrate_one_source(s: int) -> Files:
    return m(
        fill(s, lambda n: OLD.replace("name: a", f"name: a{n}") + f"  - {{source: q.io, mirrors: [m{n}.io]}}\n---\n")
    )


@shape(*MIGRATIONS)
def migrate_one_line(s: int) -> Files:
    head = OLD.rstrip() + " ["
    return m(head + fill(s, lambda n: f"{{source: q.io/a{n}, mirrors: [m.io/m{n}]}}, ") + "]\n")


@shape(*MIGRATIONS)
def migrate_json(s: int) -> Files:
    listed_rules = [{"source": f"q.io/{n}", "mirrors": [f"m.io/{n}"]} for n in range(s // 60)]
    head = {"apiVersion": "operator.openshift.io/v1alpha1", "kind": "ImageContentSourcePolicy"}
    return js({**head, "metadata": {"name": "a"}, "spec": {"repositoryDigestMirrors": listed_rules}})


@shape(*MIGRATIONS)
def migrate_a_list(s: int) -> Files:
    item = OLD.replace("name: a", "name: a%d") + RULE
    return m(
        "apiVersion: v1\nkind: List\nitems:\n" + fill(s, lambda n: "- " + indented(item % n, 2).removeprefix("  "))
    )


@shape(*MIGRATIONS)
def migrate_beside_others(s: int) -> Files:
    """What is migrated is in contradiction with lists of other objects."""
    new = fill(s // 2, lambda n: f"  - {{source: q.io/{n}, mirrors: [b.io, a.io]}}\n")
    old = fill(s // 2, lambda n: f"  - {{source: q.io/{n}, mirrors: [a.io, b.io]}}\n")
    return m(HEAD + new + "---\n" + OLD + old)


@shape(*MIGRATIONS)
def migrate_half(s: int) -> Files:
    """The new objects are there already."""
    pair = OLD + RULE + "---\n" + HEAD + RULE + "---\n"
    return m(fill(s, lambda n: pair.replace("name: a", f"name: a{n}")))


@shape(("migrate", "."), ("migrate", "--diff", "."))
def migrate_files(s: int) -> Files:
    text = OLD + RULE
    return {f"f{n}.yaml": text.replace("name: a", f"name: a{n}").encode() for n in range(max(s // len(text), 1))}


NEVER = ("migrate", "--diff", "--never-contact-source", ".")


@shape(("migrate", "."), ("migrate", "--diff", "."), NEVER)
def migrate_folders(s: int) -> Files:
    """Each file is in a folder of its own."""
    text = OLD + RULE
    return {f"d{n}/f.yaml": text.replace("name: a", f"name: a{n}").encode() for n in range(max(s // len(text), 1))}


@shape(NEVER)
def migrate_new_folders(s: int) -> Files:
    """Objects of the new kind, whose rules leave open whether the source is contacted."""
    text = HEAD + RULE
    return {f"d{n}/f.yaml": text.replace("name: a", f"name: a{n}").encode() for n in range(max(s // len(text), 1))}


@shape(*MIGRATIONS)
def migrate_repeated_mirrors(s: int) -> Files:
    """Each rule of one source lists a mirror twice."""
    return m(OLD + fill(s, lambda n: f"  - {{source: q.io, mirrors: [m{n}.io, n{n}.io, m{n}.io]}}\n"))


@shape(*MIGRATIONS)
def migrate_a_long_list_twice(s: int) -> Files:
    """Each mirror of one list is there twice."""
    row = [f"m{n}.io" for n in range(s // 20)]
    return m(OLD + f"  - {{source: q.io, mirrors: [{', '.join([*row, *row])}]}}\n")


@shape(*MIGRATIONS)
def migrate_among_small_documents(s: int) -> Files:
    return m("a: b\n---\n" * (s // 20) + legacy(s // 2))


@shape(*MIGRATIONS)
def migrate_what_is_refused(s: int) -> Files:
    """The API server takes every other object as the old kind only."""
    rules = (RULE, RULE.replace("/a]", "/A]"))
    return m(fill(s, lambda n: OLD.replace("name: a", f"name: a{n}") + rules[n % 2] + "---\n"))


# --- fn
def resource_list(items: str, more: str = "") -> Files:
    head = f"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n{more}items:\n"
    return {"stdin": (head + items).encode()}


_ITEM = "- " + IDMS.replace(
    "metadata: {name: a}", "metadata: {name: a%d, annotations: {config.kubernetes.io/path: f%d.yaml}}"
)
_TWICE = "{source: q.io/a%d, mirrors: [m.io/a, m.io/a]}"


@shape(("fn",))
def fn_items(s: int) -> Files:
    return resource_list(fill(s, lambda n: _ITEM % (n, n, _TWICE % n) + "\n"))


@shape(("fn",))
def fn_items_of_one_line(s: int) -> Files:
    head = "{apiVersion: config.kubernetes.io/v1, kind: ResourceList, items: ["
    return {"stdin": (head + fill(s, lambda n: _ITEM[2:] % (n, n, _TWICE % n) + ", ") + "]}").encode()}


@shape(("fn",))
def fn_items_in_json(s: int) -> Files:
    item = {
        "apiVersion": "config.openshift.io/v1",
        "kind": "ImageDigestMirrorSet",
        "spec": {"imageDigestMirrors": [{"source": "q.io/a", "mirrors": ["m.io", "m.io"]}]},
    }
    items = [{**item, "metadata": {"name": f"a{n}"}} for n in range(s // 190)]
    return {"stdin": json.dumps({"apiVersion": "v1", "kind": "ResourceList", "items": items}).encode()}


@shape(("fn",))
def fn_findings_in_one_item(s: int) -> Files:
    return resource_list(_ITEM % (1, 1, fill(s, lambda n: _TWICE % n + ", ")) + "\n")


@shape(("fn",))
def fn_settings(s: int) -> Files:
    given = "functionConfig:\n  data:\n" + fill(s, lambda n: f"    severity.x{n}: error\n")
    return resource_list(_ITEM % (1, 1, _TWICE % 1) + "\n", given)


@shape(("fn",))
def fn_results(s: int) -> Files:
    earlier = "results:\n" + fill(s, lambda n: f"- {{message: m{n}}}\n")
    return resource_list(_ITEM % (1, 1, _TWICE % 1) + "\n", earlier)


@shape(("fn",))
def fn_other_items(s: int) -> Files:
    return resource_list(fill(s, lambda n: f"- {{apiVersion: v1, kind: Pod, metadata: {{name: p{n}}}}}\n"))


# --- report
REPORT = ("report", "m.yaml")
REPORTS = (("report",),)


@shape(REPORT)
def report_of_rules(s: int) -> Files:
    return m(HEAD + rules_block(s))


@shape(REPORT)
def report_of_one_source(s: int) -> Files:
    return files.same_sources(s)


@shape(REPORT)
def report_of_a_cycle(s: int) -> Files:
    return files.big_cycle(s)


@shape(REPORT)
def report_of_objects(s: int) -> Files:
    return files.repeated_objects(s)


@shape(REPORT)
def report_of_findings(s: int) -> Files:
    return files.near_miss(s)


@shape(REPORT)
def report_of_pods(s: int) -> Files:
    return m(HEAD + RULE + "---\n" + files.pods(s)["m.yaml"].decode())


@shape(REPORT)
def report_of_blocked(s: int) -> Files:
    return files.blocked(s)


@shape(*REPORTS, ("images", "--format", "json", "--allow-empty"))
def report_of_clusters(s: int) -> Files:
    pods = fill(s // 2, lambda n: f"---\nkind: Pod\nspec: {{containers: [{{image: q.io/{n}}}]}}\n")
    clusters = fill(s // 200, lambda n: f"- {{name: c{n}, paths: [m.yaml]}}\n")
    return {
        ".mirrorc.yaml": ("version: 1\nclusters:\n" + clusters).encode(),
        **m(HEAD + rules_block(s // 4)),
        "pods.yaml": pods.encode(),
    }


@shape(*REPORTS)
def report_of_different_clusters(s: int) -> Files:
    made: Files = {}
    clusters = []
    for n in range(max(s // 400, 1)):
        clusters.append(f"- {{name: c{n}, paths: [c{n}/m.yaml]}}\n")
        made[f"c{n}/m.yaml"] = (HEAD + RULE.replace("quay.io/a", f"quay.io/a{n}")).encode()
    return {".mirrorc.yaml": ("version: 1\nclusters:\n" + "".join(clusters)).encode(), **made}


# --- Products of clusters, rules, images and pull specs
IMAGE_TABLES = (("images", "--format", "json", "--allow-empty"), ("images", "--allow-empty"))
MANY_CLUSTERS = (*REPORTS, *IMAGE_TABLES)


def _named_clusters(size: int) -> Files:
    """A configuration of that size, of clusters that are alike."""
    clusters = fill(size, lambda n: f"- {{name: c{n}, paths: [m.yaml]}}\n")
    return {".mirrorc.yaml": ("version: 1\nclusters:\n" + clusters).encode()}


def _pods(size: int) -> bytes:
    return fill(size, lambda n: f"---\nkind: Pod\nspec: {{containers: [{{image: q.io/{n}}}]}}\n").encode()


def _different_clusters(size: int, own: str, rules: str) -> Files:
    """Clusters that share rules, each with an object of its own; `%d` is its number."""
    count = max(size // (45 + len(own)), 1)
    clusters = "".join(f"- {{name: c{n}, paths: [m.yaml, c{n}.yaml]}}\n" for n in range(count))
    return {
        ".mirrorc.yaml": ("version: 1\nclusters:\n" + clusters).encode(),
        **m(HEAD + rules),
        **{f"c{n}.yaml": own.replace("%d", str(n)).encode() for n in range(count)},
    }


@shape(*MANY_CLUSTERS, product=True)
def clusters_times_rules(s: int) -> Files:
    return {**_named_clusters(s // 2), **m(HEAD + rules_block(s // 2)), "pods.yaml": _pods(1000)}


@shape(*MANY_CLUSTERS, product=True)
def clusters_times_images(s: int) -> Files:
    return {**_named_clusters(s // 2), **m(HEAD + rules_block(1000)), "pods.yaml": _pods(s // 2)}


@shape(*MANY_CLUSTERS, product=True)
def clusters_times_rules_times_images(s: int) -> Files:
    return {**_named_clusters(s // 3), **m(HEAD + rules_block(s // 3)), "pods.yaml": _pods(s // 3)}


@shape(*MANY_CLUSTERS, product=True)
def different_clusters_times_rules(s: int) -> Files:
    own = HEAD.replace("name: a", "name: b%d") + "  - {source: z.io/%d, mirrors: [m%d.io/a]}\n"
    return {**_different_clusters(s // 2, own, rules_block(s // 2)), "pods.yaml": _pods(1000)}


@shape(*MANY_CLUSTERS, product=True)
def clusters_that_block_times_rules(s: int) -> Files:
    """No row of a source is the same in two clusters."""
    own = files.IMG + "    blockedRegistries: [q.io/%d, m.io/%d]\n"
    return {**_different_clusters(s // 8, own, rules_block(s // 8)), "pods.yaml": _pods(s // 8)}


@shape(*MANY_CLUSTERS, product=True)
def clusters_that_allow_times_rules(s: int) -> Files:
    own = files.IMG + "    allowedRegistries: [q.io, m.io, r%d.io]\n"
    return {**_different_clusters(s // 8, own, rules_block(s // 8)), "pods.yaml": _pods(s // 8)}


@shape(
    ("diff", "old", "new"),
    ("diff", "--format", "json", "old", "new"),
    ("plan", "old", "new"),
    ("plan", "--format", "json", "old", "new"),
    product=True,
)
def clusters_times_changes(s: int) -> Files:
    rules = HEAD + rules_block(s // 4)
    changed = {"old/m.yaml": rules.encode(), "new/m.yaml": rules.replace("m.io", "n.io").encode()}
    return {**_named_clusters(s // 2), **changed, **m(HEAD + RULE)}


SPECS = (("explain", "-"), ("explain", "-", "-o", "json"))


def _specs(size: int) -> Files:
    return {"stdin": fill(size, lambda n: f"q.io/{n}:1\n").encode()}


@shape(*SPECS, product=True)
def clusters_times_specs(s: int) -> Files:
    return {**_specs(s // 2), **_named_clusters(s // 2), **m(HEAD + RULE)}


@shape(*((*command, "--repo", "m.yaml") for command in SPECS), product=True)
def mirrors_times_specs(s: int) -> Files:
    text = HEAD.replace("Digest", "Tag").replace("digest", "tag")
    return {**_specs(s // 2), **m(f"{text}  - {{source: q.io, mirrors: [{fill(s // 2, lambda n: f'm{n}.io, ')}]}}\n")}


# --- images
IMAGES = tuple(("images", "--format", name, ".") for name in ("json", "text"))


@shape(*IMAGES)
def images_of_many_places(s: int) -> Files:
    """The same image in every place."""
    return m(HEAD + RULE + fill(s, lambda n: "---\nkind: Pod\nspec: {containers: [{image: quay.io/a/b:1}]}\n"))


@shape(*IMAGES)
def images_of_many_sources(s: int) -> Files:
    pods = fill(s // 2, lambda n: f"---\nkind: Pod\nspec: {{containers: [{{image: 'q.io/{n}/x:1'}}]}}\n")
    return m(HEAD + rules_block(s // 2) + pods)


@shape(*IMAGES)
def images_of_many_mirrors(s: int) -> Files:
    """Each image has all mirrors of one list."""
    pods = fill(s // 2, lambda n: f"---\nkind: Pod\nspec: {{containers: [{{image: 'q.io/{n}:1'}}]}}\n")
    mirrors = fill(s // 2, lambda n: f"m{n}.io, ")
    return m(HEAD + f"  - {{source: q.io, mirrors: [{mirrors}]}}\n" + pods)


@shape(*IMAGES)
def images_with_signatures(s: int) -> Files:
    policies = fill(
        s // 2,
        lambda n: (
            "---\napiVersion: config.openshift.io/v1\nkind: ClusterImagePolicy\nmetadata: {name: p%d}\nspec:\n"
            "  scopes: [q.io/%d]\n  policy: {rootOfTrust: {policyType: PublicKey, publicKey: {keyData: LS0t}}}\n"
            % (n, n)
        ),
    )
    pods = fill(s // 2, lambda n: f"---\nkind: Pod\nspec: {{containers: [{{image: 'q.io/{n}:1'}}]}}\n")
    return m(HEAD + RULE + policies + pods)


@shape(*IMAGES)
def images_of_pipelines(s: int) -> Files:
    """Images of bundles, which a mirror set of a pipeline has many sources for."""
    bundle = "---\nschema: olm.bundle\nname: b%d\npackage: p\nimage: q.io/%d/x:1\n"
    return {
        ".tekton/images-mirror-set.yaml": (HEAD + rules_block(s // 2)).encode(),
        "catalog.yaml": ("schema: olm.package\nname: p\n" + fill(s // 2, lambda n: bundle % (n, n))).encode(),
    }


# --- Baselines
WRITE_BASELINE = ("check", "--write-baseline", "b.json", "m.yaml")


@shape(WRITE_BASELINE)
def baseline_of_many(s: int) -> Files:
    return files.near_miss(s)


@shape(WRITE_BASELINE)
def baseline_of_objects(s: int) -> Files:
    return m(fill(s, lambda n: HEAD + f"  - {{source: q.io/a{n}, mirrors: [m.io/a, m.io/a]}}\n---\n"))


@shape(WRITE_BASELINE)
def baseline_of_a_cycle(s: int) -> Files:
    return files.big_cycle(s)


@shape(("check", "--write-baseline", "b.json", "."), ("check", "--baseline", "old.json", "."))
def baseline_of_files(s: int) -> Files:
    text = HEAD + "  - {source: q.io/a, mirrors: [m.io/a, m.io/a]}\n"
    made = {f"f{n}.yaml": text.replace("name: a", f"name: a{n}").encode() for n in range(max(s // 400, 1))}
    entries = [
        {"rule": "duplicate-mirror", "path": f"f{n}.yaml", "message": "m", "fingerprint": f"{n:016x}"}
        for n in range(s // 200)
    ]
    return {**made, "old.json": json.dumps({"version": 1, "findings": entries}).encode()}


@shape(("check", "--baseline", "b.json", "m.yaml"))
def baseline_of_one_fingerprint(s: int) -> Files:
    """The same entry over and over, beside as many findings."""
    entry = '{"rule": "duplicate-mirror", "path": "m.yaml", "message": "m", "fingerprint": "0"}'
    entries = fill(s // 2, lambda n: ("," if n else "") + entry)
    text = HEAD + fill(s // 2, lambda n: "  - {source: q.io/a, mirrors: [m.io/a, m.io/a]}\n")
    return {"b.json": ('{"version": 1, "findings": [' + entries + "]}").encode(), **m(text)}


# --- init
INIT = ("init", "--print")


@shape(INIT)
def init_overlays(s: int) -> Files:
    one = (HEAD + RULE).encode()
    made = {"base/kustomization.yaml": b"resources: [m.yaml]\n", "base/m.yaml": one}
    for n in range(max(s // 200, 1)):
        made[f"overlays/c{n}/kustomization.yaml"] = b"resources: [../../base]\n" + b"#" * 170
    return made


@shape(INIT, ("check",))
def init_overlays_of_a_large_base(s: int) -> Files:
    made: Files = {}
    for n in range(max(s // 240, 1)):
        made[f"base/f{n}.yaml"] = (HEAD.replace("name: a", f"name: a{n}") + RULE).encode()
        made[f"overlays/c{n}/kustomization.yaml"] = b"resources: [../../base]\n" + b"#" * 40
    names = "".join(f"- f{n}.yaml\n" for n in range(max(s // 240, 1)))
    return {**made, "base/kustomization.yaml": f"resources:\n{names}".encode()}


@shape(INIT)
def init_deep_overlays(s: int) -> Files:
    one = (HEAD + RULE).encode()
    made: Files = {}
    for n in range(max(s // 200, 1)):
        made[f"overlays/e{n % 20}/r{n}/kustomization.yaml"] = b"resources: [m.yaml]\n"
        made[f"overlays/e{n % 20}/r{n}/m.yaml"] = one
    return made


@shape(INIT)
def init_clusters(s: int) -> Files:
    one = (HEAD + RULE).encode()
    return {f"clusters/c{n}/m.yaml": one for n in range(max(s // len(one), 1))}


@shape(INIT, ("check",))
def init_alternatives(s: int) -> Files:
    one = (HEAD + RULE).encode()
    return {f"mirrors/4.{n}/m.yaml": one for n in range(max(s // len(one), 1))}


@shape(INIT)
def init_folders(s: int) -> Files:
    one = HEAD + RULE
    return {f"f{n}/m.yaml": one.replace("name: a", f"name: a{n}").encode() for n in range(max(s // len(one), 1))}


@shape(INIT)
def init_kustomizations(s: int) -> Files:
    """Roots that share the ends of their paths."""
    one = (HEAD + RULE).encode()
    made: Files = {}
    for n in range(max(s // 200, 1)):
        made[f"a/b{n}/c/d/kustomization.yaml"] = b"resources: [m.yaml]\n"
        made[f"a/b{n}/c/d/m.yaml"] = one
    return made


@shape(INIT)
def init_values(s: int) -> Files:
    template = HEAD + "{{- range .Values.rules }}\n  - source: {{ .a }}\n    mirrors: [{{ .b }}]\n{{- end }}\n"
    made = {
        "chart/Chart.yaml": b"apiVersion: v2\nname: a\nversion: 1.0.0\n",
        "chart/templates/m.yaml": template.encode(),
    }
    for n in range(max(s // 200, 1)):
        made[f"clusters/c{n}/values.yaml"] = b"rules: []\n" + b"#" * 190
    return made


@shape(INIT)
def init_releases(s: int) -> Files:
    one = "---\napiVersion: hive.openshift.io/v1\nkind: ClusterDeployment\nmetadata: {name: c%d, namespace: c%d}\nspec: {provisioning: {imageSetRef: {name: img4.%d.1-x86}}}\n"
    made = {f"clusters/c{n}/m.yaml": (HEAD + RULE).encode() for n in range(max(s // 400, 1))}
    return {**made, "d.yaml": fill(s // 2, lambda n: one % (n, n, 12 + n % 8)).encode()}


# --- Pointers
@shape(*POINTERS)
def argo_matrix(s: int) -> Files:
    """Two lists multiplied."""
    both = ", ".join(listed(s // 2, form) for form in ("{a: x%d}", "{b: y%d}"))
    matrix = "{matrix: {generators: [" + both + "]}}"
    return folders() | {"apps.yaml": (SET % (0, "true", matrix, "f0", "{{.b}}")).encode()}


@shape(*POINTERS)
def argo_many_matrices(s: int) -> Files:
    both = ", ".join("{list: {elements: [" + form * 20 + "]}}" for form in ("{a: x}, ", "{b: y}, "))
    matrix = "{matrix: {generators: [" + both + "]}}"
    return folders() | {"apps.yaml": fill(s, lambda n: SET % (n, "true", matrix, "f0", "{{.b}}")).encode()}


@shape(*POINTERS)
def argo_matrix_of_files(s: int) -> Files:
    """Each element reads the same files again."""
    git = "{git: {repoURL: 'https://h/r', files: [{path: 'p*.json'}]}}"
    matrix = "{matrix: {generators: [" + listed(s // 2, "{a: x%d}") + ", " + git + "]}}"
    made = {"apps.yaml": (SET % (0, "true", matrix, "f0", "{{.a}}")).encode()}
    made |= {f"p{n}.json": b'{"b": "' + b"c" * (s // 8) + b'"}' for n in range(4)}
    return folders() | made


@shape(*POINTERS)
def argo_matrix_of_clusters(s: int) -> Files:
    one = "---\napiVersion: cluster.open-cluster-management.io/v1\nkind: ManagedCluster\nmetadata: {name: c%d, labels: {a: b}}\n"
    matrix = "{matrix: {generators: [" + listed(s // 2, "{a: x%d}") + ", {clusters: {}}]}}"
    return folders() | {
        "apps.yaml": (SET % (0, "true", matrix, "f0", "{{.name}}")).encode(),
        "clusters.yaml": fill(s // 2, lambda n: one % n).encode(),
    }


@shape(*POINTERS)
def argo_merge(s: int) -> Files:
    both = ", ".join(listed(s // 2, form) for form in ("{a: x%d}", "{a: x%d, b: y}"))
    merge = "{merge: {mergeKeys: [a], generators: [" + both + "]}}"
    return folders() | {"apps.yaml": (SET % (0, "true", merge, "f0", "{{.a}}")).encode()}


@shape(*POINTERS)
def argo_applications_of_many_files(s: int) -> Files:
    """Applications for many clusters of the same files."""
    made = {f"m/f{n}.yaml": (HEAD.replace("name: a", f"name: a{n}") + RULE).encode() for n in range(s // 400)}
    return folders() | made | {"apps.yaml": fill(s // 2, lambda n: APP % (n, "m", n)).encode()}


@shape(*POINTERS)
def argo_applications_of_files(s: int) -> Files:
    """An Application for each folder of a cluster."""
    made: Files = {}
    for n in range(max(s // 320, 1)):
        made[f"m/d{n}/m.yaml"] = (HEAD.replace("name: a", f"name: a{n}") + RULE).encode()
        made[f"apps/a{n}.yaml"] = (APP % (n, f"m/d{n}", n)).encode()
    return folders() | made


@shape(*POINTERS)
def flux_kustomizations_of_files(s: int) -> Files:
    one = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\nspec: {path: ./m/d%d, sourceRef: {kind: GitRepository, name: flux-system}}\n"
    made: Files = {}
    for n in range(max(s // 320, 1)):
        made[f"m/d{n}/m.yaml"] = (HEAD.replace("name: a", f"name: a{n}") + RULE).encode()
        made[f"clusters/c{n}/k.yaml"] = (one % n).encode()
    return folders() | made


PLACEMENT = "---\napiVersion: cluster.open-cluster-management.io/v1beta1\nkind: Placement\nmetadata: {name: p%d, namespace: n}\nspec: {predicates: [{requiredClusterSelector: {labelSelector: {matchLabels: {a: b}}}}]}\n"
MANAGED = "---\napiVersion: cluster.open-cluster-management.io/v1\nkind: ManagedCluster\nmetadata: {name: c%d, labels: {a: b}}\n"
GENERATOR = "apiVersion: policy.open-cluster-management.io/v1\nkind: PolicyGenerator\nmetadata: {name: g}\npolicyDefaults: {remediationAction: enforce}\npolicies:\n"


@shape(*POINTERS)
def policy_placements(s: int) -> Files:
    """Placements that select all clusters, each named by a policy."""
    policies = fill(
        s // 3, lambda n: f"- {{name: p{n}, placement: {{placementName: p{n}}}, manifests: [{{path: f0}}]}}\n"
    )
    return folders() | {
        "g.yaml": (GENERATOR + policies).encode(),
        "p.yaml": fill(s // 3, lambda n: PLACEMENT % n).encode(),
        "m.yaml": fill(s // 3, lambda n: MANAGED % n).encode(),
    }


@shape(*POINTERS)
def policy_selectors(s: int) -> Files:
    """Policies that select all clusters, each in its own words."""
    selector = "{labelSelector: {matchExpressions: [{key: a, operator: NotIn, values: [x%d]}]}}"
    policies = fill(s // 2, lambda n: f"- {{name: p{n}, placement: {selector % n}, manifests: [{{path: f0}}]}}\n")
    return folders() | {
        "g.yaml": (GENERATOR + policies).encode(),
        "m.yaml": fill(s // 2, lambda n: MANAGED % n).encode(),
    }


@shape(*POINTERS)
def policy_labels(s: int) -> Files:
    """Clusters with many labels, and expressions with many values."""
    labels = fill(s // 3, lambda n: f"k{n}: v, ")
    values = fill(s // 3, lambda n: f"v{n}, ")
    selector = "{labelSelector: {matchExpressions: [{key: k1, operator: NotIn, values: [" + values + "]}]}}"
    one = "- {name: p%d, placement: " + selector + ", manifests: [{path: f0}]}\n"
    clusters = (MANAGED % 1).replace("a: b", labels) + fill(s // 3, lambda n: MANAGED % (n + 2))
    return folders() | {"g.yaml": (GENERATOR + one % 1).encode(), "m.yaml": clusters.encode()}


@shape(("check",))
def policy_generator_of_files(s: int) -> Files:
    """Each file is named by a policy of its own."""
    text = HEAD + RULE
    count = max(s // 250, 1)
    named = "".join(f"- {{name: p{n}, manifests: [{{path: i/f{n}.yaml}}]}}\n" for n in range(count))
    return {
        "g.yaml": (GENERATOR + named).encode(),
        **{f"i/f{n}.yaml": text.replace("name: a", f"name: a{n}").encode() for n in range(count)},
    }


# --- Templates with values
CONFIGURED = (("check",), ("build",), ("images", "--format", "json", "--allow-empty"))


def configured(values: str, template: str, more: str = "") -> Files:
    head = f"version: 1\nclusters:\n- {{name: north, paths: [m.yaml.j2], values: {values}}}\n{more}"
    return {".mirrorc.yaml": head.encode(), "m.yaml.j2": template.encode()}


@shape(*CONFIGURED)
def templates_with_values(s: int) -> Files:
    values = "{" + fill(s // 3, lambda n: f"a{n}: q.io/{n}, ") + "}"
    rows = fill(s // 2, lambda n: f"  - source: '{{{{ a{n} }}}}'\n    mirrors: [m.io/{n}]\n")
    return configured(values, HEAD + rows)


@shape(*CONFIGURED)
def templates_with_a_long_value(s: int) -> Files:
    """A long value in many places."""
    rows = fill(s // 2, lambda n: f"  - source: q.io/{n}\n    mirrors: ['{{{{ a }}}}/{n}']\n")
    return configured("{a: m.io/" + "b" * (s // 2) + "}", HEAD + rows)


@shape(*CONFIGURED)
def templates_with_a_loop(s: int) -> Files:
    values = "{each: [" + fill(s, lambda n: f"a{n}, ") + "]}"
    loop = "{% for one in each %}\n  - source: q.io/{{ one }}\n    mirrors: [m.io/{{ one }}]\n{% endfor %}\n"
    return configured(values, HEAD + loop)


@shape(*CONFIGURED)
def templates_with_loops_in_loops(s: int) -> Files:
    values = "{each: [" + fill(s, lambda n: f"a{n}, ") + "]}"
    loop = "{% for one in each %}{% for two in each %}\n  - source: q.io/{{ one }}\n    mirrors: [m.io/{{ two }}]\n"
    return configured(values, HEAD + loop + "{% endfor %}{% endfor %}\n")


@shape(*CONFIGURED)
def templates_with_dotted_values(s: int) -> Files:
    values = "{" + fill(s, lambda n: f"a.b{n}: q.io/{n}, ") + "}"
    return configured(values, HEAD + "  - source: '{{ a.b1 }}'\n    mirrors: [m.io/a]\n")


@shape(*CONFIGURED)
def templates_with_a_deep_value(s: int) -> Files:
    values = "{? " + "a." * (s // 2) + "a : q.io}"
    return configured(values, HEAD + "  - source: '{{ a.b }}'\n    mirrors: [m.io/a]\n")


@shape(*CONFIGURED, product=True)
def templates_of_clusters(s: int) -> Files:
    """Each cluster has its own values for the same template."""
    more = fill(s // 20, lambda n: f"- {{name: c{n}, paths: [m.yaml.j2], values: {{a: q.io/{n}}}}}\n")
    rows = fill(s // 20, lambda n: f"  - source: '{{{{ a }}}}/{n}'\n    mirrors: [m.io/{n}]\n")
    return configured("{a: q.io}", HEAD + rows, more)


@shape(CONFIGURED[0], CONFIGURED[2])
def templates_of_clusters_with_small_templates(s: int) -> Files:
    more = fill(s, lambda n: f"- {{name: c{n}, paths: [m.yaml.j2], values: {{a: q.io/{n}}}}}\n")
    return configured("{a: q.io}", HEAD + "  - source: '{{ a }}'\n    mirrors: [m.io]\n", more)


@shape(*CONFIGURED)
def templates_with_alias_values(s: int) -> Files:
    doubled = "".join(f"a{n + 1}: &v{n + 1} [*v{n}, *v{n}], " for n in range(24))
    rows = fill(s, lambda n: f"  - source: '{{{{ a24 }}}}/{n}'\n    mirrors: [m.io/{n}]\n")
    return configured("{a0: &v0 [q.io], " + doubled + "}", HEAD + rows)


@shape(("check",))
def values_of_defaults(s: int) -> Files:
    """Clusters with a value of their own over many defaults."""
    values = fill(s // 2, lambda n: f"a{n}: b, ")
    more = fill(s // 2, lambda n: f"- {{name: c{n}, paths: [m.yaml], values: {{x: {n}}}}}\n")
    head = f"version: 1\ndefaults: {{values: {{{values}}}}}\nclusters:\n{more}"
    return {".mirrorc.yaml": head.encode(), **m(HEAD + RULE)}


LINES = (("check", "."), ("build", ".", "-o", "out"), ("images", "--format", "json", "--allow-empty", "."))


@shape(*LINES)
def template_lines(s: int) -> Files:
    """Lines that are a placeholder each, whose text may be anything."""
    return {"m.yaml.j2": (HEAD + RULE + fill(s, lambda n: f"{{{{ line{n} }}}}\n")).encode()}


@shape(*LINES)
def template_lines_between(s: int) -> Files:
    row = "  - source: q.io/%d\n    mirrors: [m.io/%d]\n{{ line%d }}\n"
    return {"m.yaml.j2": (HEAD + fill(s, lambda n: row % (n, n, n))).encode()}


@shape(*LINES)
def template_lines_indented(s: int) -> Files:
    return {"m.tpl": (HEAD + RULE + fill(s, lambda n: f"{' ' * (n % 40)}{{{{ line{n} }}}}\n")).encode()}


@shape(*LINES)
def template_branches(s: int) -> Files:
    row = "{{% if a{0} %}}\n  - source: q.io/{0}\n    mirrors: [m.io/{0}]\n{{% elif b{0} %}}\n  - source: r.io/{0}\n    mirrors: [m.io/{0}]\n{{% else %}}\n  - source: s.io/{0}\n    mirrors: [m.io/{0}]\n{{% endif %}}\n"
    return {"m.yaml.j2": (HEAD + fill(s, row.format)).encode()}


# --- One ConfigMap for many
HOMES = (("check", "."), ("build", ".", "-o", "out"), ("check", "--show-files", "."))
CLUSTERS = (HOMES[0], HOMES[2])
"""For as many clusters as can be named: a build writes a folder for each, which is work for the disk."""
CONFIG_MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, namespace: n}\ndata:\n"


@shape(*CLUSTERS)
def config_map_of_many_clusters(s: int) -> Files:
    """A ConfigMap that every installation names."""
    one = "---\napiVersion: extensions.hive.openshift.io/v1beta1\nkind: AgentClusterInstall\nmetadata: {name: c%d, namespace: n}\nspec: {clusterDeploymentRef: {name: c%d}, manifestsConfigMapRefs: [{name: cm}]}\n"
    text = CONFIG_MAP + "  m.yaml: |\n" + indented(HEAD + rules_block(s // 20), 4)
    return m(fill(s // 20, lambda n: one % (n, n)) + text)


@shape(*CLUSTERS)
def config_map_of_many_small_clusters(s: int) -> Files:
    one = "---\napiVersion: extensions.hive.openshift.io/v1beta1\nkind: AgentClusterInstall\nmetadata: {name: c%d, namespace: n}\nspec: {clusterDeploymentRef: {name: c%d}, manifestsConfigMapRefs: [{name: cm}]}\n"
    return m(fill(s, lambda n: one % (n, n)) + CONFIG_MAP + "  m.yaml: |\n" + indented(HEAD + RULE, 4))


@shape(*HOMES)
def config_map_of_many_names(s: int) -> Files:
    """One installation names many ConfigMaps."""
    head = "---\napiVersion: extensions.hive.openshift.io/v1beta1\nkind: AgentClusterInstall\nmetadata: {name: c, namespace: n}\nspec:\n  clusterDeploymentRef: {name: c}\n  manifestsConfigMapRefs:\n"
    maps = fill(
        s,
        lambda n: (
            CONFIG_MAP.replace("name: cm", f"name: cm{n}")
            + "  m.yaml: |\n"
            + indented(HEAD.replace("name: a", f"name: a{n}") + RULE, 4)
        ),
    )
    return m(head + fill(s // 6, lambda n: f"  - name: cm{n}\n") + maps)


NODE_POOL = "---\napiVersion: hypershift.openshift.io/v1beta1\nkind: NodePool\nmetadata: {name: np%d, namespace: n}\nspec: {clusterName: c%d, config: [{name: cm}%s]}\n"


@shape(*HOMES)
def node_pools_of_one_map(s: int) -> Files:
    """NodePools of one hosted cluster."""
    text = CONFIG_MAP + "  config: |\n" + indented(HEAD + RULE, 4)
    return m(fill(s, lambda n: NODE_POOL % (n, 0, "")) + text)


@shape(*CLUSTERS)
def node_pools_of_two_maps(s: int) -> Files:
    """NodePools of one hosted cluster that differ in a second ConfigMap."""
    text = CONFIG_MAP + "  config: |\n" + indented(HEAD + RULE, 4)
    return m(fill(s, lambda n: NODE_POOL % (n, 0, f", {{name: x{n}}}")) + text)


@shape(*CLUSTERS)
def node_pools_of_clusters(s: int) -> Files:
    text = CONFIG_MAP + "  config: |\n" + indented(HEAD + RULE, 4)
    return m(fill(s, lambda n: NODE_POOL % (n, n, "")) + text)


# --- Files that Butane configs name, and MachineConfigs in MachineConfigs
BUTANE = "variant: openshift\nversion: 4.14.0\nmetadata: {name: b%d, labels: {machineconfiguration.openshift.io/role: worker}}\nstorage: {files: [{path: /etc/containers/registries.conf, contents: {local: big.conf}}]}\n"
CONF = "[[registry]]\nlocation = 'q.io/%d'\n"


@shape(*HOMES)
def butane_locals_of_one_file(s: int) -> Files:
    made = {f"b{n}.bu": (BUTANE % n).encode() for n in range(max(s // 400, 1))}
    return {**made, "big.conf": fill(s // 2, lambda n: CONF % n).encode()}


@shape(*HOMES)
def butane_locals(s: int) -> Files:
    made: Files = {}
    for n in range(max(s // 250, 1)):
        made[f"d{n}/b.bu"] = (BUTANE % n).encode()
        made[f"d{n}/big.conf"] = (CONF % n).encode()
    return made


@shape(*HOMES)
def butane_locals_in_one_config(s: int) -> Files:
    head = "variant: fcos\nversion: 1.4.0\nstorage:\n  files:\n"
    row = "  - {path: /etc/containers/registries.conf.d/%d.conf, contents: {local: big.conf}}\n"
    return {
        "b.bu": (head + fill(s // 2, lambda n: row % n)).encode(),
        "big.conf": fill(s // 2, lambda n: CONF % n).encode(),
    }


@shape(*HOMES)
def nested_machine_configs(s: int) -> Files:
    """A MachineConfig in a file of a MachineConfig, and so on."""
    import base64

    text = CONF % 1
    path = "/etc/containers/registries.conf"
    while len(text) < s // 2:
        data = base64.b64encode(text.encode()).decode()
        found = [{"path": path, "contents": {"source": f"data:;base64,{data}"}}]
        path = "/etc/mcc/m.yaml"
        text = (
            "apiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata: {name: a, labels: "
            "{machineconfiguration.openshift.io/role: worker}}\nspec: {config: {ignition: {version: 3.2.0}, storage: "
            f"{{files: {json.dumps(found)}}}}}}}\n"
        )
    return m(text)


@shape(*HOMES)
def machine_configs_in_a_map(s: int) -> Files:
    import base64

    data = base64.b64encode((CONF % 1).encode()).decode()
    one = (
        "---\napiVersion: machineconfiguration.openshift.io/v1\nkind: MachineConfig\nmetadata: {name: m%d, labels: "
        "{machineconfiguration.openshift.io/role: worker}}\nspec: {config: {ignition: {version: 3.2.0}, storage: {files: "
        f"[{{path: /etc/containers/registries.conf, contents: {{source: 'data:;base64,{data}'}}}}]}}}}}}\n"
    )
    return m(CONFIG_MAP + "  m.yaml: |\n" + indented(fill(s, lambda n: one % n), 4))


@shape(*CLUSTERS)
def machine_configs_in_policies(s: int) -> Files:
    head = "---\napiVersion: policy.open-cluster-management.io/v1\nkind: ConfigurationPolicy\nmetadata: {name: p%d}\nspec:\n  remediationAction: enforce\n  object-templates:\n  - complianceType: musthave\n    objectDefinition: "
    config = (
        "{apiVersion: machineconfiguration.openshift.io/v1, kind: MachineConfig, metadata: {name: m%d, labels: "
        "{machineconfiguration.openshift.io/role: worker}}, spec: {config: {ignition: {version: 3.2.0}, storage: {files: "
        "[{path: /etc/containers/registries.conf, contents: {source: 'data:,%%5B%%5Bregistry%%5D%%5D%%0Alocation=%%22q.io%%22'}}]}}}}\n"
    )
    return m(fill(s, lambda n: head % n + config % n))


@shape(*CLUSTERS)
def homes_of_one_name(s: int) -> Files:
    """Documents of one name in many files, which are for different clusters."""
    text = "apiVersion: v1\nbaseDomain: example.com\nmetadata: {name: c}\nimageDigestSources:\n- {source: q.io/%d, mirrors: [m.io/%d]}\n"
    return {f"d{n}/install-config.yaml": (text % (n, n)).encode() for n in range(max(s // len(text), 1))}


@shape(*HOMES)
def homes_that_are_configured(s: int) -> Files:
    text = "apiVersion: v1\nbaseDomain: example.com\nmetadata: {name: c}\nimageDigestSources:\n- {source: q.io/%d, mirrors: [m.io/%d]}\n"
    count = max(s // 400, 1)
    made = {f"d{n}/install-config.yaml": (text % (n, n)).encode() for n in range(count)}
    homes = "".join(f"- {{path: d{n}/*.yaml, cluster: c{n % 20}}}\n" for n in range(count))
    clusters = "".join(f"- {{name: c{n}, paths: [m.yaml]}}\n" for n in range(20))
    return {**made, **m(HEAD + RULE), ".mirrorc.yaml": f"version: 1\nclusters:\n{clusters}homes:\n{homes}".encode()}
