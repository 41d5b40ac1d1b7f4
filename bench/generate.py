"""Makes the trees that the benchmark measures: the same files for the same arguments, on every machine.

In: a folder and the name of a tree with its sizes. Out: YAML files below the folder. Standard library only,
and one `random.Random` with its own seed, so that neither the hash seed nor the file system nor an earlier
tree has a say. Text is put together by hand: a YAML writer would take longer than what is measured.

Usage: python bench/generate.py FOLDER mirrors 10000
"""

import argparse
import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TypeAlias

SEED = 20_260_101

PAYLOAD = ("quay.io/openshift-release-dev/ocp-release", "quay.io/openshift-release-dev/ocp-v4.0-art-dev")

# In this order in every list, so that lists of one source never contradict each other by accident.
MIRROR_HOSTS = (
    "registry.site.example.net:5000",
    "mirror-a.example.net",
    "mirror-b.example.net",
    "harbor.example.net/proxy",
    "mirror-dr.example.net",
    "cache.example.net:8443",
)

KINDS = {
    "idms": ("config.openshift.io/v1", "ImageDigestMirrorSet", "imageDigestMirrors"),
    "itms": ("config.openshift.io/v1", "ImageTagMirrorSet", "imageTagMirrors"),
    "icsp": ("operator.openshift.io/v1alpha1", "ImageContentSourcePolicy", "repositoryDigestMirrors"),
}

# A source and its mirrors.
RuleText: TypeAlias = tuple[str, Sequence[str]]


def mirror_set(name: str, rules: Iterable[RuleText], *, kind: str = "idms") -> str:
    """One manifest of `kind` with the given (source, mirrors) rules, dressed as GitOps tools dress it."""
    api_version, kind_name, field = KINDS[kind]
    lines = [
        "# Owned by the platform team; the list of mirrors goes from near to far.",
        f"apiVersion: {api_version}",
        f"kind: {kind_name}",
        "metadata:",
        f"  name: {name}",
        "  labels:",
        "    app.kubernetes.io/managed-by: gitops",
        "    app.kubernetes.io/part-of: mirrors",
        "  annotations:",
        '    argocd.argoproj.io/sync-wave: "-50"',
        "    example.com/owner: platform",
        "spec:",
        f"  {field}:",
    ]
    for source, mirrors in rules:
        lines.append("  # Reviewed with the network team.")
        lines.append(f"  - source: {_quoted(source)}")
        if kind != "icsp":
            lines.append("    mirrorSourcePolicy: AllowContactingSource")
        lines.append("    mirrors:")
        lines.extend(f"    - {mirror}" for mirror in mirrors)
    return "\n".join(lines) + "\n"


def image_config(*, insecure: Iterable[str], blocked: Iterable[str]) -> str:
    """The Image config `cluster` with the given scopes."""
    lines = [
        "apiVersion: config.openshift.io/v1",
        "kind: Image",
        "metadata:",
        "  name: cluster",
        "spec:",
        "  registrySources:",
        "    insecureRegistries:",
    ]
    lines.extend(f"    - {_quoted(scope)}" for scope in insecure)
    lines.append("    blockedRegistries:")
    lines.extend(f"    - {_quoted(scope)}" for scope in blocked)
    return "\n".join(lines) + "\n"


def _quoted(scope: str) -> str:
    # A plain scalar cannot begin with the `*` of a wildcard.
    return f'"{scope}"' if scope.startswith("*") else scope


def _write(folder: Path, index: int, name: str, text: str) -> None:
    # At most 500 files a folder: real repos are trees; one folder of 40,000 would measure something else.
    place = folder / f"{index // 500:03d}"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text(text, encoding="utf-8")


def _sources(count: int) -> list[str]:
    """`count` distinct sources: hosts, teams and their apps, about a quarter nested inside another one."""
    found = list(PAYLOAD[:count])
    host, team = 0, 0
    while len(found) < count:
        scope = f"registry-{host}.example.com/team-{team}"
        # Every fifth team has a rule for all it owns, and so contains its apps' rules.
        if team % 5 == 0:
            found.append(scope)
        for app in range(20):
            found.append(f"{scope}/app-{app}")
            # One app of a team has a part with a rule of its own: up to three levels inside each other.
            if app == 7:
                found.append(f"{scope}/app-{app}/sidecar")
        team += 1
        if team % 10 == 0:
            host += 1
    return found[:count]


def _mirror_counts(count: int, rng: Random) -> list[int]:
    """How many mirrors each source has in the end: 4.1726 on average, every tenth six, others 3 to 5."""
    counts = [6 if index % 10 == 9 else 0 for index in range(count)]
    others = [index for index in range(count) if counts[index] == 0]
    spare = count * 41_726 // 10_000 - sum(counts) - 3 * len(others)
    for index in others:
        counts[index] = 3
    rng.shuffle(others)
    # Now and then two at once; nobody ends above five.
    for index in others:
        more = min(spare, rng.choice((0, 1, 2)))
        counts[index] += more
        spare -= more
    for index in others:
        more = min(spare, 5 - counts[index])
        counts[index] += more
        spare -= more
    return counts


def _paths(source: str, hosts: Sequence[str]) -> list[str]:
    below = source.partition("/")[2] or source
    return [f"{host}/{below}" for host in hosts]


def mirrors(folder: Path, count: int, *, seed: int = SEED) -> None:
    """`count` ImageDigestMirrorSets in a file each, with `count` sources, and one Image config.

    Every tenth source is declared twice: its last three mirrors stand in the next file, with one of them in
    both lists, so that merging settles the whole order and nothing conflicts.
    """
    rng = Random(seed)
    sources = _sources(count)
    counts = _mirror_counts(count, rng)
    # Files do not follow the sources' order: a reader must not profit from sorted input.
    order = list(range(count))
    rng.shuffle(order)
    carried: list[RuleText] = []
    for index, which in enumerate(order):
        source = sources[which]
        hosts: tuple[str, ...] = MIRROR_HOSTS
        if counts[which] < len(MIRROR_HOSTS):
            chosen = sorted(rng.sample(range(len(MIRROR_HOSTS)), counts[which]))
            hosts = tuple(MIRROR_HOSTS[host] for host in chosen)
        listed = _paths(source, hosts)
        rules = [*carried, (source, listed)]
        carried = []
        if len(listed) == len(MIRROR_HOSTS) and index + 1 < count:
            rules[-1] = (source, listed[:4])
            carried = [(source, listed[3:])]
        _write(folder / "mirrors", index, f"idms-{index:06d}.yaml", mirror_set(f"mirrors-{index}", rules))
    # Some blocked scopes lie inside a team's source and inherit its mirrors; the others stand alone.
    inside = [f"registry-{team // 10}.example.com/team-{team}/forbidden" for team in range(0, 100, 5)]
    alone = [f"untrusted-{number}.example.org" for number in range(20)]
    plain = [f"lab-{number}.example.net:5000" for number in range(20)]
    text = image_config(insecure=["registry.site.example.net:5000", *plain], blocked=inside + alone)
    (folder / "image.yaml").write_text(text, encoding="utf-8")


def pulls(folder: Path, sources: int, count: int, *, seed: int = SEED) -> None:
    """A list of `count` different pull specs over the `sources` of `mirrors`, in no order: `pulls.txt`.

    Half are by digest, half by tag; a quarter name a source itself, the others lie up to three levels below one.
    """
    rng = Random(seed)
    scopes = _sources(sources)
    lines = []
    for number in range(count):
        scope = rng.choice(scopes)
        below = rng.choice(("", f"/app-{rng.randrange(50)}", f"/team/app-{rng.randrange(50)}", "/a/b/c"))
        form = f"@sha256:{rng.getrandbits(256):064x}" if number % 2 else f":v{rng.randrange(10)}.{number}"
        lines.append(f"{scope}{below}{form}\n")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pulls.txt").write_text("".join(lines), encoding="utf-8")


def unrelated(folder: Path, count: int, *, seed: int = SEED) -> None:
    """50 manifests of ours, and `count` files of other kinds, one to two KB each, beside them."""
    rng = Random(seed)
    mirrors(folder / "policy", 49, seed=seed)
    for index in range(count):
        text = _deployment(index, rng) if index % 3 else _config_map(index, rng)
        _write(folder / "apps", index, f"app-{index:06d}.yaml", text)


def kinds(folder: Path, count: int, *, seed: int = SEED) -> None:
    """50 manifests of ours, and `count` files of all kinds, one in a hundred with policy inside another document."""
    rng = Random(seed)
    mirrors(folder / "policy", 49, seed=seed)
    suffixes = ("yaml", "yml", "json", "sh", "j2", "md", "go", "py", "conf", "txt", "tf", "png")
    for index in range(count):
        suffix = suffixes[index % len(suffixes)]
        text = _deployment(index, rng) if suffix in {"yaml", "yml"} else f"# {suffix}\n" + _config_map(index, rng)
        if index % 100 == 0:
            suffix, text = "yaml", _work(index)
        _write(folder / "files", index, f"file-{index:06d}.{suffix}", text)


def _work(index: int) -> str:
    return f"""\
apiVersion: work.open-cluster-management.io/v1
kind: ManifestWork
metadata: {{name: work-{index}, namespace: cluster-{index % 50}}}
spec:
  workload:
    manifests:
      - apiVersion: config.openshift.io/v1
        kind: ImageDigestMirrorSet
        metadata: {{name: set-{index}}}
        spec:
          imageDigestMirrors:
            - {{source: registry.example.org/team-{index}, mirrors: [mirror.example.com/team-{index}]}}
"""


def _deployment(index: int, rng: Random) -> str:
    digest = f"{rng.getrandbits(256):064x}"
    env = "".join(
        f"        - name: SETTING_{number}\n          value: {rng.choice(_WORDS)}-{rng.randrange(10**6)}\n"
        for number in range(rng.randrange(4, 14))
    )
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{index}
  namespace: team-{index % 97}
  labels:
    app.kubernetes.io/name: app-{index}
    app.kubernetes.io/part-of: {rng.choice(_WORDS)}
spec:
  replicas: {rng.randrange(1, 6)}
  selector:
    matchLabels:
      app.kubernetes.io/name: app-{index}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: app-{index}
    spec:
      serviceAccountName: app-{index}
      containers:
      - name: main
        image: registry-{index % 50}.example.com/team-{index % 97}/app-{index}@sha256:{digest}
        imagePullPolicy: IfNotPresent
        ports:
        - name: http
          containerPort: 8080
        readinessProbe:
          httpGet:
            path: /ready
            port: http
        env:
{env}        resources:
          requests:
            cpu: {rng.randrange(10, 500)}m
            memory: {rng.randrange(32, 1024)}Mi
"""


def _config_map(index: int, rng: Random) -> str:
    # A few of them talk about our kinds: a search for the name alone must not be taken for a find.
    note = "# Mirrors: see the ImageDigestMirrorSet of the base.\n" if index % 501 == 0 else ""
    settings = "".join(
        f"    {rng.choice(_WORDS)}.{number} = {rng.choice(_WORDS)} {rng.randrange(10**6)}\n"
        for number in range(rng.randrange(30, 55))
    )
    return f"""\
{note}apiVersion: v1
kind: ConfigMap
metadata:
  name: settings-{index}
  namespace: team-{index % 97}
data:
  log-level: info
  settings.properties: |
{settings}"""


_WORDS = ("alpha", "billing", "catalog", "delivery", "events", "frontend", "gateway", "history", "inventory")


def hostile(folder: Path, *, chains: int = 20, depth: int = 200, scopes: int = 3000, seed: int = SEED) -> None:
    """What a careless algorithm trips over; up to release 4.22 a cluster accepts all of it.

    `chains` times `depth` sources inside each other, blocked scopes that inherit from the middle of them, one
    source with 300 mirrors in lists that contradict each other throughout, many small cycles, wildcards, and
    `scopes` blocked and insecure scopes each. (From 4.23 on the API takes at most 1,024 of them.)
    """
    rng = Random(seed)
    tree = folder / "hostile"
    tree.mkdir(parents=True, exist_ok=True)
    payload = [(source, _paths(source, MIRROR_HOSTS[1:3])) for source in PAYLOAD]
    (tree / "payload.yaml").write_text(mirror_set("payload", payload), encoding="utf-8")
    for name, text in _chains(chains, depth):
        (tree / name).write_text(text, encoding="utf-8")
    for name, text in _cycles(rng):
        (tree / name).write_text(text, encoding="utf-8")
    wild = [(f"*.wild-{number}.example.com", _wild_mirrors(number)) for number in range(200)]
    below = [(f"a.b.wild-{number}.example.com/ns", _wild_mirrors(number)) for number in range(200)]
    (tree / "wildcards.yaml").write_text(mirror_set("wildcards", wild + below), encoding="utf-8")
    (tree / "wildcard-tags.yaml").write_text(mirror_set("wildcards", wild, kind="itms"), encoding="utf-8")

    blocked, insecure = [], []
    for number in range(scopes):
        if number % 3 == 0:
            level = rng.randrange(1, depth)
            blocked.append(f"{_link(number % chains, level)}/blocked-{number}")
            insecure.append(_link(number % chains, rng.randrange(1, depth)))
        elif number % 3 == 1:
            blocked.append(f"*.blocked-{number}.example.org")
            insecure.append(f"*.insecure-{number}.example.org")
        else:
            blocked.append(f"blocked-{number}.example.org/a/b/c")
            insecure.append(f"insecure-{number}.example.org:5000")
    text = image_config(insecure=dict.fromkeys(insecure), blocked=dict.fromkeys(blocked))
    (folder / "image.yaml").write_text(text, encoding="utf-8")


def _link(chain: int, level: int) -> str:
    return f"deep-{chain}.example.com/" + "/".join("abcdefghij"[step % 10] for step in range(level))


def _wild_mirrors(number: int) -> list[str]:
    return [f"mirror-a.example.net/wild-{number}", f"mirror-b.example.net/wild-{number}"]


def _chains(chains: int, depth: int) -> Iterator[tuple[str, str]]:
    for chain in range(chains):
        rules = [
            (
                _link(chain, level),
                [f"mirror-a.example.net/{chain}/{level}", f"mirror-b.example.net/{chain}/{level}"],
            )
            for level in range(1, depth + 1)
        ]
        # Every other level by tag only: its mirrors hide those of the levels around it.
        yield f"chain-{chain:03d}.yaml", mirror_set(f"chain-{chain}", rules[::2])
        yield f"chain-{chain:03d}-tags.yaml", mirror_set(f"chain-{chain}", rules[1::2], kind="itms")


def _cycles(rng: Random) -> Iterator[tuple[str, str]]:
    # One strongly connected part with all 300 mirrors in it: ten lists, each in another order.
    names = [f"mirror-{number}.example.net/tangle" for number in range(300)]
    for number in range(10):
        rng.shuffle(names)
        rules = [("tangle.example.com/all", list(names))]
        yield f"tangle-{number:03d}.yaml", mirror_set(f"tangle-{number}", rules)
    # A ring over 300 lists: the shortest contradiction takes every one of them.
    ring = [f"mirror-{number}.example.net/ring" for number in range(300)]
    for number in range(300):
        rules = [("tangle.example.com/ring", [ring[number], ring[(number + 1) % 300]])]
        yield f"ring-{number:03d}.yaml", mirror_set(f"ring-{number}", rules)
    # Two hundred sources over which two files simply disagree, one of them in the legacy kind.
    pairs = [(f"pairs.example.com/p-{number}", _wild_mirrors(number)) for number in range(200)]
    yield "pairs.yaml", mirror_set("pairs", pairs)
    flipped = [(source, listed[::-1]) for source, listed in pairs]
    yield "pairs-legacy.yaml", mirror_set("pairs", flipped, kind="icsp")


def clusters(folder: Path, count: int, shared: int, own: int, *, seed: int = SEED) -> None:
    """A base with `shared` sources and `count` overlays with `own` sources each, and a configuration that names them.

    The first own source of a cluster extends a list of the base; the others belong to it alone. It is laid out for
    kustomize as well.
    """
    rng = Random(seed)
    base = folder / "base"
    base.mkdir(parents=True, exist_ok=True)
    sources = _sources(shared)
    names = []
    for index, source in enumerate(sources):
        names.append(f"idms-{index:05d}.yaml")
        text = mirror_set(f"base-{index}", [(source, _paths(source, MIRROR_HOSTS[1:4]))])
        (base / names[-1]).write_text(text, encoding="utf-8")
    _kustomization(base, names)
    for number in range(count):
        name = f"c{number:05d}"
        overlay = folder / "clusters" / name
        overlay.mkdir(parents=True, exist_ok=True)
        near = f"registry.{name}.example.net:5000"
        rules: list[RuleText] = []
        for index in range(own):
            if index == 0 and sources:
                source = rng.choice(sources)
                rules.append((source, _paths(source, (near, MIRROR_HOSTS[1]))))
            else:
                source = f"registry.{name}.example.com/app-{index}"
                rules.append((source, _paths(source, (near, *MIRROR_HOSTS[1:3]))))
        (overlay / "idms.yaml").write_text(mirror_set(name, rules), encoding="utf-8")
        text = image_config(insecure=[near], blocked=[f"untrusted.{name}.example.org"])
        (overlay / "image.yaml").write_text(text, encoding="utf-8")
        _kustomization(overlay, ["../../base", "idms.yaml", "image.yaml"])
    lines = ["version: 1", 'defaults: {paths: [base, "clusters/{cluster}"]}', "clusters:"]
    lines.extend(f"- name: c{number:05d}" for number in range(count))
    (folder / ".mirrorc.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def catalogs(folder: Path, megabytes: int, *, seed: int = SEED) -> None:
    """File-based catalogs, one file a package, half of the bytes JSON and half YAML, as `opm render` writes them.

    Most of a catalog is text about operators. A tenth of the bundles carry their CSV as base64, as old ones do.
    """
    rng = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    left = {"json": megabytes * 500_000, "yaml": megabytes * 500_000}
    number = 0
    while any(size > 0 for size in left.values()):
        suffix = max(left, key=left.__getitem__)
        bundles = [_bundle(number, each, rng) for each in range(60)]
        text = "".join(map(_as_yaml if suffix == "yaml" else _as_json, bundles))
        _write(folder, number, f"operator-{number}.{suffix}", text)
        left[suffix] -= len(text.encode())
        number += 1


def _as_json(bundle: dict[str, object]) -> str:
    return json.dumps(bundle, indent=4, ensure_ascii=False) + "\n"


def _as_yaml(bundle: dict[str, object]) -> str:
    """In block style, with lists at the indentation of their key."""
    lines = ["---"]

    def add(value: object, indent: str, lead: str) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, dict | list):
                    lines.append(f"{lead}{key}:")
                    add(item, indent + ("  " if isinstance(item, dict) else ""), indent + "  ")
                elif "\n" in str(item):
                    lines.append(f"{lead}{key}: |")
                    lines.extend(f"{indent}  {line}" for line in str(item).rstrip("\n").split("\n"))
                else:
                    lines.append(f"{lead}{key}: {item}")
                lead = indent
        elif isinstance(value, list):
            for item in value:
                add(item, indent + "  ", f"{indent}- ")

    add(bundle, "", "")
    return "\n".join(lines) + "\n"


def _bundle(package: int, version: int, rng: Random) -> dict[str, object]:
    """A bundle with twenty related images and a description."""

    def image(name: str) -> str:
        return f"registry.redhat.io/team{package}/{name}@sha256:{rng.getrandbits(256):064x}"

    name = f"operator-{package}.v1.{version}.0"
    related = [{"name": f"app-{number}", "image": image(f"app-{number}")} for number in range(20)]
    about = {
        "annotations": {
            "alm-examples": json.dumps([{"kind": "App", "spec": {"size": 3, "image": "x"}}] * 60, indent=2)
        },
        "description": "Runs the app à la carte, with care.\n" * 300,
    }
    properties: list[object] = [
        {"type": "olm.gvk", "value": {"group": "example.com", "kind": f"Kind{number}", "version": "v1"}}
        for number in range(8)
    ]
    properties.append(
        {"type": "olm.package", "value": {"packageName": f"operator-{package}", "version": f"1.{version}.0"}}
    )
    if rng.random() < 0.1:
        csv = {"kind": "ClusterServiceVersion", "spec": {"relatedImages": related, "description": about["description"]}}
        encoded = base64.b64encode(json.dumps(csv).encode()).decode()
        properties.append({"type": "olm.bundle.object", "value": {"data": encoded}})
    else:
        properties.append({"type": "olm.csv.metadata", "value": about})
    return {
        "schema": "olm.bundle",
        "name": name,
        "package": f"operator-{package}",
        "image": image("bundle"),
        "properties": properties,
        "relatedImages": related,
    }


def _kustomization(folder: Path, resources: Iterable[str]) -> None:
    lines = ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", "resources:"]
    lines.extend(f"- {resource}" for resource in resources)
    (folder / "kustomization.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Reads the command line and writes one tree."""
    parser = argparse.ArgumentParser(description="Write a tree of manifests for the benchmark.")
    parser.add_argument("folder", type=Path, help="where to write; made if it is not there")
    parser.add_argument("--seed", type=int, default=SEED)
    trees = parser.add_subparsers(dest="tree", required=True)
    trees.add_parser("mirrors", help="N files with one source each").add_argument("count", type=int)
    listed = trees.add_parser("pulls", help="a list of COUNT pull specs over the sources of `mirrors SOURCES`")
    for name in ("sources", "count"):
        listed.add_argument(name, type=int)
    trees.add_parser("repo50", help="a repo of 50 manifests")
    trees.add_parser("unrelated", help="N files of other kinds beside 50 of ours").add_argument("count", type=int)
    trees.add_parser("kinds", help="N files of all kinds, some with policy").add_argument("count", type=int)
    trees.add_parser("hostile", help="nesting, cycles, wildcards, thousands of scopes")
    trees.add_parser("catalogs", help="file-based catalogs of N megabytes").add_argument("megabytes", type=int)
    many = trees.add_parser("clusters", help="N overlays over one base")
    for name in ("count", "shared", "own"):
        many.add_argument(name, type=int)
    given = parser.parse_args()
    if given.tree == "mirrors":
        mirrors(given.folder, given.count, seed=given.seed)
    elif given.tree == "pulls":
        pulls(given.folder, given.sources, given.count, seed=given.seed)
    elif given.tree == "repo50":
        mirrors(given.folder, 49, seed=given.seed)
    elif given.tree == "unrelated":
        unrelated(given.folder, given.count, seed=given.seed)
    elif given.tree == "kinds":
        kinds(given.folder, given.count, seed=given.seed)
    elif given.tree == "hostile":
        hostile(given.folder, seed=given.seed)
    elif given.tree == "catalogs":
        catalogs(given.folder, given.megabytes, seed=given.seed)
    else:
        clusters(given.folder, given.count, given.shared, given.own, seed=given.seed)


if __name__ == "__main__":
    main()
