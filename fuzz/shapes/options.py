"""Shapes for options that make a command do more with the same input: other outputs, repairs, baselines, revisions of Git.

What the rest of the shapes is read with is the shortest way to say it. Here is what a command does besides.
"""

import json
from hashlib import sha256

from fuzz.shapes.clusters import blocking
from fuzz.shapes.commits import committed
from fuzz.shapes.files import HEAD, IMG, RULE, m
from fuzz.shapes.making import Files, fill, shape
from fuzz.shapes.repos import rules_block
from fuzz.shapes.signatures import of_cluster

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
CHECKS = (
    *(("check", "--format", name, "m.yaml") for name in FORMATS),
    ("check", *(word for name in FORMATS for word in ("--format", f"{name}=x.{name}")), "m.yaml"),
    ("check", "--statistics", "m.yaml"),
    ("check", "--statistics", "--format", "json", "m.yaml"),
    ("check", "--strict", "--severity", "duplicate-mirror=error", "m.yaml"),
    ("check", "--fix", "m.yaml"),
    ("check", "--fix", "--unsafe-fixes", "m.yaml"),
    ("check", "--write-baseline", "b.json", "m.yaml"),
    ("check", "-v", "--color", "always", "m.yaml"),
    ("build", "--with-checks", "m.yaml"),
)


# --- Findings
@shape(*CHECKS)
def findings_of_registries(s: int) -> Files:
    """A finding for each four bytes."""
    return m(IMG + "    blockedRegistries: [" + "/a, " * (s // 4) + "]\n")


@shape(*CHECKS)
def findings_of_lists(s: int) -> Files:
    return m(HEAD + "  - {source: q.io, mirrors: [" + fill(s, lambda n: f"m{n % 99}.io, ") + "]}\n")


@shape(*CHECKS)
def findings_of_fields(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - {{source: q.io/{n}, mirrors: [m.io/{n}], a: 1}}\n"))


@shape(*CHECKS)
def findings_of_rules(s: int) -> Files:
    return m(HEAD + fill(s, lambda n: f"  - {{source: q.io/{n}, mirrors: [q.io/{n}, m.io, m.io]}}\n"))


@shape(*CHECKS)
def findings_of_contradictions(s: int) -> Files:
    rows = ("a.io, b.io", "b.io, a.io")
    return m(HEAD + fill(s, lambda n: f"  - {{source: q.io/{n // 2}, mirrors: [{rows[n % 2]}]}}\n"))


@shape(*CHECKS)
def findings_of_documents(s: int) -> Files:
    return m(fill(s, lambda n: HEAD.replace("name: a", "name: A_") + f"  - {{source: q.io/{n}, mirrors: [m]}}\n---\n"))


@shape(*CHECKS)
def findings_of_comments(s: int) -> Files:
    """Comments that allow what nothing finds."""
    return m(HEAD + RULE + fill(s, lambda n: "  # mirrorc: allow order-conflict -- a\n"))


# --- Baselines that are larger than what they are for
@shape(("check", "--baseline", "b.json", "m.yaml"), ("check", "--baseline", "b.json", "--format", "json", "m.yaml"))
def baseline_of_all_that_is_found(s: int) -> Files:
    """Entries that are all the same but for the fingerprint, and as many findings."""
    entry = '{"rule": "invalid-value", "path": "m.yaml", "message": "m", "fingerprint": "%016x"}'
    entries = fill(s * 3 // 4, lambda n: ("," if n else "") + entry % n)
    return {
        "b.json": ('{"version": 1, "findings": [' + entries + "]}").encode(),
        **findings_of_registries(s // 4),
    }


# --- Files
SHOWN = (
    ("check", "--show-files"),
    ("check", "--show-files", "--format", "json"),
    ("check", "--tracked-only"),
    ("check", "-v"),
    ("build", "--tracked-only"),
    ("build", "--with-checks", "--fail-on-change"),
    ("images", "--allow-empty", "--tracked-only"),
    ("report", "--base", "old"),
    ("diff", "old"),
    ("diff", "--images", "old"),
    ("diff", "--format", "json", "old", "main"),
    ("diff", "--merge-base", "old"),
    ("plan", "old", "main"),
    ("plan", "--merge-base", "old", "--write", "out"),
    ("init",),
    ("migrate",),
    ("migrate", "--tracked-only", "--diff"),
)


def _files(size: int, text: str, path: str) -> Files:
    count = max(size // (len(text) + 2 * len(path)), 1)
    return {path % n: text.replace("%d", str(n)).encode() for n in range(count)}


OBJECT = HEAD.replace("name: a", "name: a%d") + "  - {source: q.io/%d, mirrors: [m.io/%d]}\n"
LEGACY = (
    "apiVersion: operator.openshift.io/v1alpha1\nkind: ImageContentSourcePolicy\nmetadata: {name: a%d}\nspec:\n"
    "  repositoryDigestMirrors:\n  - {source: q.io/%d, mirrors: [m.io/%d]}\n"
)


@shape(*SHOWN)
def revisions_of_files(s: int) -> Files:
    """Each file differs from that of the other commit."""
    return committed(_files(s // 2, OBJECT.replace("m.io", "n.io"), "f%d.yaml"), _files(s // 2, OBJECT, "f%d.yaml"))


@shape(*SHOWN)
def revisions_of_folders(s: int) -> Files:
    return committed(_files(s // 2, LEGACY.replace("m.io", "n.io"), "f%d/a.yaml"), _files(s // 2, LEGACY, "f%d/a.yaml"))


@shape(*SHOWN)
def revisions_that_add_files(s: int) -> Files:
    return committed({"m.yaml": (HEAD + RULE).encode()}, _files(s, OBJECT, "f%d.yaml"))


@shape(*SHOWN)
def revisions_of_small_files(s: int) -> Files:
    return committed({}, _files(s, "a: %d\n" * 4, "f%d.yaml"))


@shape(*SHOWN)
def revisions_of_a_large_file(s: int) -> Files:
    made = HEAD + rules_block(s // 2)
    return committed({"m.yaml": made.encode()}, {"m.yaml": made.replace("m.io", "n.io").encode()})


@shape(*SHOWN)
def revisions_of_workloads(s: int) -> Files:
    pod = "kind: Pod\nspec: {containers: [{image: q.io/%d}]}\n"
    old = {"m.yaml": (HEAD + rules_block(s // 4)).encode(), **_files(s // 4, pod, "p%d.yaml")}
    return committed(old, {**old, "m.yaml": old["m.yaml"].replace(b"m.io", b"n.io")})


@shape(*SHOWN)
def revisions_that_rename(s: int) -> Files:
    return committed(_files(s // 2, OBJECT, "f%d.yaml"), _files(s // 2, OBJECT, "g%d.yaml"))


# --- Builds
BUILDS = (
    ("build",),
    ("build", "--check"),
    ("build", "--print", "registries.conf"),
    ("build", "--print", "policy.json"),
    ("build", "--machine-config", "drop-in"),
    ("build", "--machine-config", "controller", "--pool", "a", "--pool", "b", "--pool", "c"),
    ("build", "--fail-on-change"),
    ("build", "--show-settings", "--format", "json"),
    ("check", "--release", "4.13"),
    ("check", "--payload-policy", "none", "--release-image", "q.io/1@sha256:" + "0" * 64),
    ("explain", "q.io/1/a", "--both"),
    ("explain", "q.io/1/a", "--both", "-o", "json"),
    ("explain", "q.io/1/a", "--namespace", "n", "--signed-as", "q.io/1/a:1"),
    ("explain", "--registries-conf", "rendered", "q.io/1/a"),
    ("report", "--no-images"),
    ("report", "--link-base", "https://h.example/r"),
    ("images", "--from", "i.txt", "--require", "mirrored", "--format", "json"),
    ("images", "--from", "i.txt", "--registries-conf", "rendered"),
    ("images", "--from", "i.txt", "--namespace", "n"),
    ("diff", "--images-from", "i.txt", "--no-prune", "m.yaml", "n"),
    ("diff", "--node-disruption-policy", "p/p.yaml", "m.yaml", "n"),
)


DISRUPTION = (
    "apiVersion: operator.openshift.io/v1\nkind: MachineConfiguration\nmetadata: {name: cluster}\nspec:\n"
    "  nodeDisruptionPolicy:\n    files:\n"
)


def _stale(made: str) -> Files:
    """Files of an earlier build in the output, beside pull specs for each rule."""
    conf = fill(len(made) // 4, lambda n: f"[[registry]]\nlocation = 'q.io/{n}'\n").encode()
    listing = f"{sha256(conf).hexdigest()}  registries.conf\n" + fill(
        len(made) // 8, lambda n: f"{'0' * 64}  machine-configs/99-p{n}-generated-registries.yaml\n"
    )
    return {
        "m.yaml": made.encode(),
        "rendered/registries.conf": conf,
        "rendered/.mirrorc-artifacts": listing.encode(),
        "i.txt": fill(len(made) // 4, lambda n: f"q.io/{n}/a:1\n").encode(),
        "n/n.yaml": (HEAD.replace("name: a", "name: n") + RULE).encode(),
        "p/p.yaml": (
            DISRUPTION + fill(len(made) // 4, lambda n: f"    - {{path: /a/{n}, actions: [{{type: None}}]}}\n")
        ).encode(),
    }


@shape(*BUILDS)
def builds_of_rules(s: int) -> Files:
    return _stale(HEAD + rules_block(s // 2))


@shape(*BUILDS)
def builds_of_lists(s: int) -> Files:
    return _stale(HEAD + rules_block(s // 2) + "---\n" + blocking(s // 2))


@shape(*BUILDS)
def builds_of_allowed(s: int) -> Files:
    return _stale(HEAD + rules_block(s // 2) + "---\n" + blocking(s // 2).replace("blocked", "allowed"))


@shape(*BUILDS)
def builds_of_signed(s: int) -> Files:
    return _stale(fill(s // 2, lambda n: of_cluster(n, f"q.io/{n}")))


# --- Names on the command line
_NAMED = 2_000
_NAMES = tuple(f"f{n}.yaml" for n in range(_NAMED))


@shape(*((command, *_NAMES) for command in ("check", "build", "images", "migrate", "report")), product=True)
def names_as_a_hook_gives_them(s: int) -> Files:
    """As many files whatever the size."""
    made = {name: (OBJECT.replace("%d", str(n)) + rules_block(s // _NAMED)).encode() for n, name in enumerate(_NAMES)}
    return {**made, ".mirrorc.yaml": b"version: 1\nclusters: [{name: c, paths: ['f*.yaml']}]\n"}


@shape(("rules",), ("rules", "--format", "json"), ("help",), ("version",), ("completion", "bash"), ("init", "--schema"))
def nothing_to_read(s: int) -> Files:
    """What these print is the same for any repo."""
    return {"m.yaml": (HEAD + rules_block(s)).encode()}


# --- Nodes
NODES = tuple(
    (*words, *options)
    for options in (
        ("--registries-conf", "r.conf"),
        ("--registries-conf", "node/etc/containers"),
        ("--registries-conf", "r.conf", "--registries-conf", "policy.json"),
        ("--registries-conf", "mc.yaml"),
        ("--registries-conf", "r.conf", "--registries-conf", "node/etc/containers/registries.d"),
    )
    for words in (("explain", "q.io/1/a"), ("explain", "q.io/1/a", "-o", "json"), ("images", "--from", "i.txt"))
)


@shape(*NODES)
def nodes_of_many(s: int) -> Files:
    conf = fill(s // 5, lambda n: f"[[registry]]\nlocation = 'q.io/{n}'\n[[registry.mirror]]\nlocation = 'm.io/{n}'\n")
    scopes = {f"q.io/{n}": [{"type": "insecureAcceptAnything"}] for n in range(s // 300)}
    policy = json.dumps({"default": [{"type": "reject"}], "transports": {"docker": scopes}})
    url = "data:," + "".join(f"%{byte:02x}" for byte in conf[: len(conf) // 3].encode())
    config = {
        "apiVersion": "machineconfiguration.openshift.io/v1",
        "kind": "MachineConfig",
        "metadata": {"name": "a", "labels": {"machineconfiguration.openshift.io/role": "worker"}},
        "spec": {
            "config": {
                "ignition": {"version": "3.2.0"},
                "storage": {"files": [{"path": "/etc/containers/registries.conf", "contents": {"source": url}}]},
            }
        },
    }
    found = fill(s // 5, lambda n: f"  q.io/{n}: {{use-sigstore-attachments: true}}\n")
    return {
        "r.conf": conf.encode(),
        "node/etc/containers/registries.conf": conf.encode(),
        "node/etc/containers/policy.json": policy.encode(),
        "node/etc/containers/registries.d/a.yaml": f"docker:\n{found}".encode(),
        "policy.json": policy.encode(),
        "mc.yaml": json.dumps(config).encode(),
        "i.txt": fill(s // 5, lambda n: f"q.io/{n}/a:1\n").encode(),
    }
