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


IMAGE = """---
apiVersion: config.openshift.io/v1
kind: Image
metadata: {name: cluster}
spec: {registrySources: {blockedRegistries: [%s]}}
"""


def blocking(size: int) -> str:
    """An Image config that blocks registries, no more than one may."""
    return IMAGE % fill(min(size, 5_000), lambda n: f"b{n}.example/team, ")


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


@shape(*AGAIN, product=True)
def clusters_of_one_small_file(s: int) -> Files:
    return configured(fill(s, lambda n: f"- {{name: c{n}}}\n"), "defaults: {paths: [m.yaml]}\n") | m(HEAD + RULE)


@shape(*COMPILED, product=True)
def clusters_of_many_files(s: int) -> Files:
    """Files times clusters, all of the same folder."""
    lines = fill(s // 2, lambda n: f"- {{name: c{n}}}\n")
    files = {
        f"f/{n}.yaml": (HEAD.replace("name: a", f"name: a{n}") + RULE.replace("/a", f"/a{n}")).encode()
        for n in range(max(s // 300, 1))
    }
    return configured(lines, "defaults: {paths: [f]}\n") | files


@shape(*COMPILED, product=True)
def clusters_of_one_large_file(s: int) -> Files:
    """Rules times clusters, all with the same."""
    lines = fill(s // 2, lambda n: f"- {{name: c{n}}}\n")
    return configured(lines, "defaults: {paths: [m.yaml]}\n") | m(ruled(s // 2))


@shape(*COMPILED, product=True)
def clusters_of_one_large_file_and_a_small_one(s: int) -> Files:
    """Rules times clusters, each with one more."""
    count = max(s // 2 // 220, 1)
    lines = "".join(f"- {{name: c{n}, paths: [f/{n}.yaml]}}\n" for n in range(count))
    files = {
        f"f/{n}.yaml": (HEAD.replace("name: a", "name: b") + RULE.replace("/a", f"/b{n}")).encode()
        for n in range(count)
    }
    return configured(lines, "defaults: {paths: [m.yaml]}\n") | files | m(ruled(s // 2))


@shape(*COMPILED, product=True)
def clusters_of_one_large_file_and_other_releases(s: int) -> Files:
    """Rules times clusters, each with an exception of its own for the same policy."""
    lines = fill(s // 2, lambda n: f"- {{name: c{n}, releaseImage: 'quay.io/a{n}/b@sha256:{n:064}'}}\n")
    return configured(lines, "defaults: {paths: [m.yaml]}\n") | m(ruled(s // 2))


@shape(*COMPILED, product=True)
def pools_of_one_large_file(s: int) -> Files:
    """Rules times pools."""
    pools = ", ".join(f"p{n}" for n in range(100))
    return configured(f"- {{name: c, paths: [m.yaml], pools: [{pools}]}}\n") | m(ruled(s // 2) + blocking(s // 2))


@shape(*COMPILED, product=True)
def pools_times_clusters(s: int) -> Files:
    """Pools times clusters, with a small policy."""
    pools = ", ".join(f"p{n}" for n in range(20))
    lines = fill(s, lambda n: f"- {{name: c{n}}}\n")
    return configured(lines, f"defaults: {{paths: [m.yaml], pools: [{pools}]}}\n") | m(HEAD + RULE)


@shape(*COMPILED, product=True)
def pools_of_drop_ins(s: int) -> Files:
    pools = ", ".join(f"p{n}" for n in range(100))
    line = f"- {{name: c, paths: [m.yaml], machineConfig: drop-in, pools: [{pools}]}}\n"
    return configured(line) | m(ruled(s))


@shape(*COMPILED, product=True)
def namespaces_times_scopes(s: int) -> Files:
    """Each namespace with signatures of its own has a policy.json with all scopes of the cluster."""
    policy = """---
apiVersion: config.openshift.io/v1
kind: ImagePolicy
metadata: {name: p, namespace: n%d}
spec:
  scopes: [q%d.example/a]
  policy:
    rootOfTrust:
      policyType: PublicKey
      publicKey: {keyData: LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUFvPQotLS0tLUVORCBQVUJMSUMgS0VZLS0tLS0K}
"""
    policies = fill(s, lambda n: policy % (n, n))
    return configured("- {name: c, paths: [m.yaml]}\n") | m(HEAD + RULE + blocking(s) + policies)


@shape(*COMPILED, product=True)
def clusters_with_findings(s: int) -> Files:
    """Findings times clusters: each cluster has all those of a shared file, and a file of its own."""
    count = max(s // 2 // 220, 1)
    lines = "".join(f"- {{name: c{n}, paths: [f/{n}.yaml]}}\n" for n in range(count))
    own = HEAD.replace("name: a", "name: b")
    files = {f"f/{n}.yaml": (own + RULE.replace("/a", f"/b{n}")).encode() for n in range(count)}
    shared = HEAD + fill(s // 2, lambda n: f"  - source: quay.io/a{n}\n    mirrors: [m/x{n}, n/y{n}]\n")
    again = shared.replace("name: a", "name: d").replace("m/x", "n/y")
    return configured(lines, "defaults: {paths: [m.yaml]}\n") | files | m(f"{shared}---\n{again}")


@shape(*COMPILED, product=True)
def clusters_with_the_same_findings(s: int) -> Files:
    lines = fill(s // 2, lambda n: f"- {{name: c{n}}}\n")
    shared = HEAD + fill(s // 2, lambda n: f"  - source: quay.io/a{n}\n    mirrors: [m/x{n}, m/y{n}]\n")
    again = shared.replace("name: a", "name: d").replace("m/x", "m/z").replace("m/y", "m/x")
    return configured(lines, "defaults: {paths: [m.yaml]}\n") | m(f"{shared}---\n{again}")


@shape(*COMPILED, product=True)
def clusters_with_scopes_that_inherit(s: int) -> Files:
    """Scopes times mirrors times clusters."""
    mirrors = fill(s // 3, lambda n: f"m{n}.example/a, ")
    source = f"  - source: quay.io/a\n    mirrors: [{mirrors}]\n"
    names = fill(min(s // 3, 5_000), lambda n: f"quay.io/a/b{n}, ")
    image = IMAGE % names
    count = max(s // 3 // 220, 1)
    lines = "".join(f"- {{name: c{n}, paths: [f/{n}.yaml]}}\n" for n in range(count))
    own = HEAD.replace("name: a", "name: b")
    files = {f"f/{n}.yaml": (own + RULE.replace("/a", f"/b{n}")).encode() for n in range(count)}
    return configured(lines, "defaults: {paths: [m.yaml]}\n") | files | m(HEAD + source + image)
