"""Shapes of signature policies, of the comments that allow findings, and of namespaces that kustomizations give."""

import base64

from fuzz.shapes.files import CHECK, EXPLAIN, HEAD, RULE, m
from fuzz.shapes.making import Files, fill, shape

SIGNED = (CHECK, ("build", "m.yaml", "-o", "out"), EXPLAIN, ("diff", "m.yaml", "n.yaml"))
KEY = base64.b64encode(b"-----BEGIN PUBLIC KEY-----\n" + b"MFkw" * 20 + b"\n-----END PUBLIC KEY-----\n").decode()
POLICY = (
    "apiVersion: config.openshift.io/v1\nkind: %s\nmetadata: {name: p%d%s}\nspec:\n  scopes: [%s]\n"
    f"  policy: {{rootOfTrust: {{policyType: PublicKey, publicKey: {{keyData: {KEY}}}}}}}\n---\n"
)


def of_cluster(number: int, scopes: str) -> str:
    return POLICY % ("ClusterImagePolicy", number, "", scopes)


def of_namespace(number: int, scopes: str) -> str:
    return POLICY % ("ImagePolicy", number, f", namespace: ns{number}", scopes)


def many_scopes(number: int) -> str:
    return ", ".join(f"q.io/a{number}x{index}" for index in range(200))


def signed(text: str) -> Files:
    return {**m(text), "n.yaml": text.replace("name: p1", "name: q1").encode()}


@shape(*SIGNED)
def signed_policies(s: int) -> Files:
    return signed(fill(s, lambda n: of_cluster(n, f"q.io/a{n}")))


@shape(*SIGNED)
def signed_scopes(s: int) -> Files:
    return signed(fill(s, lambda n: of_cluster(n, many_scopes(n))))


@shape(*SIGNED)
def signed_one_scope(s: int) -> Files:
    return signed(fill(s, lambda n: of_cluster(n, "q.io/a")))


@shape(*SIGNED)
def signed_namespaces(s: int) -> Files:
    return signed(fill(s, lambda n: of_namespace(n, "q.io/a")))


@shape(*SIGNED)
def signed_namespaces_with_scopes_of_all(s: int) -> Files:
    """The file of each namespace has the scopes of all."""
    everywhere = fill(s // 2, lambda n: of_cluster(n, many_scopes(n)))
    return signed(everywhere + fill(s // 2, lambda n: of_namespace(n, f"q.io/b{n}")))


@shape(*SIGNED)
def signed_sources(s: int) -> Files:
    rules = HEAD + fill(s // 2, lambda n: f"  - {{source: q.io/a{n}, mirrors: [m.io/m{n}]}}\n")
    return signed(fill(s // 2, lambda n: of_cluster(n, f"q.io/a{n}")) + rules)


@shape(*SIGNED)
def signed_scopes_of_many_mirrors(s: int) -> Files:
    """Signatures of each scope may be at each mirror."""
    rules = f"{HEAD}  - source: q.io\n    mirrors: [{fill(s // 2, lambda n: f'm{n}.io, ')}]\n"
    return signed(fill(s // 2, lambda n: of_cluster(n, f"q.io/a{n}")) + rules)


# --- Comments
IN_FOLDER = (("check", "."),)


def script(above: str) -> Files:
    return {"a.sh": f"#!/bin/sh\n{above}\noc apply -f - <<EOF\n{HEAD}{RULE}EOF\n".encode()}


@shape(*IN_FOLDER)
def comment_of_blanks(s: int) -> Files:
    return script(f"# mirrorc: allow x{' ' * s}y")


@shape(*IN_FOLDER)
def comment_of_hashes(s: int) -> Files:
    return script(f"{'#' * s}\n# mirrorc: allow x -- y")


@shape(*IN_FOLDER)
def comments_on_one_line(s: int) -> Files:
    return script("/* mirrorc: allow split-source -- x */ " * (s // 40))


@shape(*IN_FOLDER)
def comments_of_documents(s: int) -> Files:
    """Of templates: any language has its own comments."""
    rule = "  - {source: q.io/a%d, mirrors: ['{{ m }}/a']} # mirrorc: allow near-miss-source -- x\n"
    return m(fill(s, lambda n: f"---\n{HEAD.replace('name: a', f'name: a{n}')}{rule % n}"))


# --- Namespaces
@shape(*IN_FOLDER, ("images", "."))
def namespaces_in_a_chain(s: int) -> Files:
    count = s // 400
    chain = {f"k{n}/kustomization.yaml": f"namespace: n{n}\nresources: [../k{n + 1}]\n" for n in range(count)}
    last = POLICY % ("ImagePolicy", 0, "", "q.io")
    files = {**chain, f"k{count}/kustomization.yaml": "resources: [m.yaml]\n", f"k{count}/m.yaml": last}
    return {path: text.encode() for path, text in files.items()}


@shape(*IN_FOLDER, ("images", "."))
def namespaces_of_one_base(s: int) -> Files:
    overlays = {f"k{n}/kustomization.yaml": f"namespace: n{n}\nresources: [../base]\n" for n in range(s // 1000)}
    base = f"resources: [{fill(s // 2, lambda n: f'm{n}.yaml, ')}]\n"
    files = {**overlays, "base/kustomization.yaml": base, "base/m0.yaml": POLICY % ("ImagePolicy", 0, "", "q.io")}
    return {path: text.encode() for path, text in files.items()}
