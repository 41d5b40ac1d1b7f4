"""Shapes of many clusters and pools: what a build makes of them is more than what they are."""

from fuzz.shapes.files import HEAD, RULE, m
from fuzz.shapes.making import Files, fill, shape

COMPILED = (("build",), ("check",))
AGAIN = (("build",), ("build", "--check"), ("check",))


def configured(clusters: str, defaults: str = "") -> Files:
    """The configuration of some clusters."""
    return {".mirrorc.yaml": f"version: 1\n{defaults}clusters:\n{clusters}".encode()}


def ruled(size: int) -> str:
    """A list of mirrors with rules of a size."""
    return HEAD + fill(size, lambda n: f"  - source: quay.io/a{n}\n    mirrors: [m.example/a{n}]\n")


def blocking(size: int) -> str:
    """An Image config that blocks registries, for a policy.json of a size."""
    names = fill(size, lambda n: f"b{n}.example/team, ")
    head = "---\napiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {name: cluster}\n"
    return f"{head}spec: {{registrySources: {{blockedRegistries: [{names}]}}}}\n"


@shape(*AGAIN)
def clusters_with_a_file_each(s: int) -> Files:
    """The size is that of all files: of the configuration and of one file for each cluster."""
    count = max(s // 220, 1)
    lines = "".join(f"- {{name: c{n}, paths: [f/{n}.yaml]}}\n" for n in range(count))
    files = {f"f/{n}.yaml": (HEAD + RULE.replace("/a", f"/a{n}")).encode() for n in range(count)}
    return configured(lines) | files


@shape(*AGAIN)
def clusters_with_an_equal_file_each(s: int) -> Files:
    count = max(s // 220, 1)
    lines = "".join(f"- {{name: c{n}, paths: [f/{n}.yaml]}}\n" for n in range(count))
    return configured(lines) | {f"f/{n}.yaml": (HEAD + RULE).encode() for n in range(count)}


@shape(*AGAIN)
def clusters_of_one_small_file(s: int) -> Files:
    return configured(fill(s, lambda n: f"- {{name: c{n}}}\n"), "defaults: {paths: [m.yaml]}\n") | m(HEAD + RULE)


@shape(*COMPILED)
def clusters_of_many_files(s: int) -> Files:
    """Files times clusters, all of the same folder."""
    lines = fill(s // 2, lambda n: f"- {{name: c{n}}}\n")
    files = {
        f"f/{n}.yaml": (HEAD.replace("name: a", f"name: a{n}") + RULE.replace("/a", f"/a{n}")).encode()
        for n in range(max(s // 300, 1))
    }
    return configured(lines, "defaults: {paths: [f]}\n") | files


@shape(*COMPILED)
def clusters_of_one_large_file(s: int) -> Files:
    """Rules times clusters, all with the same."""
    lines = fill(s // 2, lambda n: f"- {{name: c{n}}}\n")
    return configured(lines, "defaults: {paths: [m.yaml]}\n") | m(ruled(s // 2))


@shape(*COMPILED)
def clusters_of_one_large_file_and_a_small_one(s: int) -> Files:
    """Rules times clusters, each with one more."""
    count = max(s // 2 // 220, 1)
    lines = "".join(f"- {{name: c{n}, paths: [f/{n}.yaml]}}\n" for n in range(count))
    files = {
        f"f/{n}.yaml": (HEAD.replace("name: a", "name: b") + RULE.replace("/a", f"/b{n}")).encode()
        for n in range(count)
    }
    return configured(lines, "defaults: {paths: [m.yaml]}\n") | files | m(ruled(s // 2))


@shape(*COMPILED)
def clusters_of_one_large_file_and_other_releases(s: int) -> Files:
    """Rules times clusters, each with an exception of its own for the same policy."""
    lines = fill(s // 2, lambda n: f"- {{name: c{n}, releaseImage: 'quay.io/a{n}/b@sha256:{n:064}'}}\n")
    return configured(lines, "defaults: {paths: [m.yaml]}\n") | m(ruled(s // 2))


@shape(*COMPILED)
def pools_of_one_large_file(s: int) -> Files:
    """Rules times pools."""
    pools = ", ".join(f"p{n}" for n in range(100))
    return configured(f"- {{name: c, paths: [m.yaml], pools: [{pools}]}}\n") | m(ruled(s // 2) + blocking(s // 2))


@shape(*COMPILED)
def pools_times_clusters(s: int) -> Files:
    """Pools times clusters, with a small policy."""
    pools = ", ".join(f"p{n}" for n in range(20))
    lines = fill(s, lambda n: f"- {{name: c{n}}}\n")
    return configured(lines, f"defaults: {{paths: [m.yaml], pools: [{pools}]}}\n") | m(HEAD + RULE)


@shape(*COMPILED)
def pools_of_drop_ins(s: int) -> Files:
    pools = ", ".join(f"p{n}" for n in range(100))
    line = f"- {{name: c, paths: [m.yaml], machineConfig: drop-in, pools: [{pools}]}}\n"
    return configured(line) | m(ruled(s))
