"""Real pulls: what skopeo does with the compiled files is, attempt by attempt, what `mirrorc explain` said.

Three docker-registry servers run on loopback, on ports the system chooses. `mirrorc build` compiles each case's
policies, skopeo copies the image by digest and by tag, and its log of attempts is held against the explanation.
Sources are names of the `test` domain, which no resolver knows, so that nothing leaves the machine.
"""

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from types import MappingProxyType

import pytest

from compiler.explain.explanation import Explainer
from compiler.node.configuration import overlay, read_node_conf
from compiler.node.requirements import ACCEPTS_EVERYTHING
from compiler.node.signatures import SignaturePolicy
from tests.command import run_mirrorc
from tests.conformance import Json, as_list, as_object, as_text, objects

SKOPEO = shutil.which("skopeo")
REGISTRY = shutil.which("docker-registry")
MISSING = [name for name, path in (("skopeo", SKOPEO), ("docker-registry", REGISTRY)) if path is None]

pytestmark = [
    pytest.mark.xdist_group("registries"),  # started once
    pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} is not installed: no real pulls can be made"),
]

TAG = "v1"
PATIENCE = 60

_LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+)")
_TRYING = re.compile(r'Trying to access \\"(.+?)\\"')
_FAILED = re.compile(r'Accessing \\"(.+?)\\" failed: (.*)')
_REJECTED = "is rejected by policy"


@dataclass(frozen=True)
class Image:
    """A tiny image as an OCI layout on disk."""

    folder: Path
    digest: str


@dataclass(frozen=True)
class World:
    """What all cases share: the registries, by the letters that stand for them in a case's texts, and the image."""

    hosts: dict[str, str]
    image: Image
    environment: dict[str, str]
    folder: Path

    def filled(self, text: str, case: int) -> str:
        """A case's text with each `{A}` replaced by a part of the registry that is the case's own."""
        return text.format_map({name: f"{host}/c{case}" for name, host in self.hosts.items()})

    def skopeo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        assert SKOPEO is not None
        return subprocess.run(
            [SKOPEO, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            env=self.environment,
            cwd=self.folder,
        )

    def push(self, layout: Path, reference: str) -> None:
        """Copy what an OCI layout holds to a registry, unchanged."""
        pushed = self.skopeo(
            "--policy",
            str(self.accepting),
            "copy",
            "--preserve-digests",
            "--dest-tls-verify=false",
            f"oci:{layout}",
            f"docker://{reference}",
        )
        assert pushed.returncode == 0, pushed.stderr

    @property
    def accepting(self) -> Path:
        """A policy.json that lets everything in."""
        policy = self.folder / "accept.json"
        policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        return policy


def make_image(folder: Path) -> Image:
    """Write the smallest image that has a layer."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("empty"), io.BytesIO())
    layer = packed.getvalue()
    return write_layout(
        folder,
        layer=gzip.compress(layer, mtime=0),
        layer_type="application/vnd.oci.image.layer.v1.tar+gzip",
        content=layer,
    )


def write_layout(
    folder: Path,
    *,
    layer: bytes,
    layer_type: str,
    content: bytes = b"",
    annotations: Mapping[str, str] = MappingProxyType({}),
) -> Image:
    """Write an OCI layout of one manifest with one layer, whose uncompressed `content` its configuration names."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, media_type: str) -> dict[str, object]:
        digest = sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def document(value: object) -> bytes:
        return json.dumps(value).encode()

    config = document(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(content or layer).hexdigest()}"]},
        }
    )
    kind = "application/vnd.oci.image"
    manifest = blob(
        document(
            {
                "schemaVersion": 2,
                "mediaType": f"{kind}.manifest.v1+json",
                "config": blob(config, f"{kind}.config.v1+json"),
                "layers": [{**blob(layer, layer_type), "annotations": dict(annotations)}],
            }
        ),
        f"{kind}.manifest.v1+json",
    )
    (folder / "index.json").write_bytes(document({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "oci-layout").write_bytes(document({"imageLayoutVersion": "1.0.0"}))
    return Image(folder, str(manifest["digest"]))


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """A registry that serves plain HTTP while the block runs; gives its address."""
    assert REGISTRY is not None
    folder.mkdir()
    config = folder / "config.yml"
    config.write_text(
        "version: 0.1\n"
        f"storage: {{filesystem: {{rootdirectory: {json.dumps(str(folder / 'data'))}}}}}\n"
        'http: {addr: "127.0.0.1:0"}\n'
    )
    log = folder / "log"
    with log.open("wb") as stream:
        server = subprocess.Popen([REGISTRY, "serve", str(config)], stdout=stream, stderr=stream, env={})
    try:
        deadline = monotonic() + PATIENCE
        while (found := _LISTENING.search(log.read_text())) is None:
            assert server.poll() is None, log.read_text()
            assert monotonic() < deadline, log.read_text()
            sleep(0.02)
        yield f"localhost:{found[1]}"
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The registries, empty, and the image."""
    assert not MISSING, f"CI is set, and {' and '.join(MISSING)} cannot be found"
    folder = tmp_path_factory.mktemp("world")
    home = folder / "home"
    home.mkdir()
    # No credentials, proxies or registries.conf.d of whoever runs the tests.
    environment = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C"}
    with ExitStack() as servers:
        hosts = {name: servers.enter_context(registry(folder / name)) for name in "ABC"}
        yield World(hosts, make_image(folder / "image"), environment, folder)


@dataclass(frozen=True)
class Case:
    """Policies, where the image is, what is pulled, and who serves it by tag and by digest (nobody: empty).

    `order` has every endpoint that a pull of either form tries, where the order is the point. `rejected` says that
    policy.json has the last word.
    """

    name: str
    source: str
    manifests: str
    holds: Sequence[str]
    served_by_tag: str
    served_by_digest: str
    severities: Sequence[str] = ()
    order: Sequence[str] = ()
    rejected: bool = False
    blocked: Sequence[str] = ()
    allowed: Sequence[str] = ()


def _set(kind: str, name: str, rules: str) -> str:
    list_field = {"ImageDigestMirrorSet": "imageDigestMirrors", "ImageTagMirrorSet": "imageTagMirrors"}[kind]
    return (
        f"apiVersion: config.openshift.io/v1\nkind: {kind}\nmetadata: {{{{name: {name}}}}}\n"
        f"spec:\n  {list_field}:\n{rules}---\n"
    )


def rule(source: str, *mirrors: str, policy: str = "") -> str:
    """One item of a list of mirrors."""
    listed = "".join(f'    - "{mirror}"\n' for mirror in mirrors)
    chosen = f"    mirrorSourcePolicy: {policy}\n" if policy else ""
    return f'  - source: "{source}"\n{chosen}    mirrors:\n{listed}'


def digests(name: str, *rules: str) -> str:
    """An ImageDigestMirrorSet."""
    return _set("ImageDigestMirrorSet", name, "".join(rules))


def tags(name: str, *rules: str) -> str:
    """An ImageTagMirrorSet."""
    return _set("ImageTagMirrorSet", name, "".join(rules))


def both(name: str, *rules: str) -> str:
    """The same rules for digests and for tags."""
    return digests(name, *rules) + tags(name, *rules)


def legacy(name: str, *rules: str) -> str:
    """An ImageContentSourcePolicy."""
    return (
        f"apiVersion: operator.openshift.io/v1alpha1\nkind: ImageContentSourcePolicy\nmetadata: {{{{name: {name}}}}}\n"
        f"spec:\n  repositoryDigestMirrors:\n{''.join(rules)}---\n"
    )


NEVER = "NeverContactSource"

CASES = (
    Case(
        name="mirrors are tried in the order of their list",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "{B}/m", "{A}/m", "{C}/m")),
        holds=["{A}/m/app", "{C}/m/app"],
        served_by_tag="{A}/m/app",
        served_by_digest="{A}/m/app",
        order=["{B}/m", "{A}/m", "{C}/m", "source.test/ns"],
    ),
    Case(
        name="the first mirror serves and nobody else is asked",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "{C}/first", "{A}/m")),
        holds=["{C}/first/app", "{A}/m/app"],
        served_by_tag="{C}/first/app",
        served_by_digest="{C}/first/app",
    ),
    Case(
        name="no mirror has it and the source cannot be reached",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "{A}/none", "{B}/none")),
        holds=[],
        served_by_tag="",
        served_by_digest="",
        order=["{A}/none", "{B}/none", "source.test/ns"],
    ),
    Case(
        name="the source serves what no mirror has",
        source="{C}/origin/app",
        manifests=both("a", rule("{C}/origin", "{A}/none")),
        holds=["{C}/origin/app"],
        served_by_tag="{C}/origin/app",
        served_by_digest="{C}/origin/app",
    ),
    Case(
        name="digest mirrors serve no tags",
        source="source.test/ns/app",
        manifests=digests("a", rule("source.test/ns", "{A}/d")),
        holds=["{A}/d/app"],
        served_by_tag="",
        served_by_digest="{A}/d/app",
    ),
    Case(
        name="tag mirrors serve no digests",
        source="source.test/ns/app",
        manifests=tags("a", rule("source.test/ns", "{A}/t")),
        holds=["{A}/t/app"],
        served_by_tag="{A}/t/app",
        served_by_digest="",
    ),
    Case(
        name="tags and digests have mirrors of their own",
        source="source.test/ns/app",
        manifests=digests("a", rule("source.test/ns", "{A}/d")) + tags("b", rule("source.test/ns", "{B}/t")),
        holds=["{A}/d/app", "{B}/t/app"],
        served_by_tag="{B}/t/app",
        served_by_digest="{A}/d/app",
    ),
    Case(
        name="a source that is never contacted is served by its mirror",
        source="{C}/origin/app",
        manifests=both("a", rule("{C}/origin", "{A}/none", "{B}/m", policy=NEVER)),
        holds=["{C}/origin/app", "{B}/m/app"],
        served_by_tag="{B}/m/app",
        served_by_digest="{B}/m/app",
    ),
    Case(
        name="a source that is never contacted has it and may not serve",
        source="{C}/origin/app",
        manifests=both("a", rule("{C}/origin", "{A}/none", policy=NEVER)),
        holds=["{C}/origin/app"],
        served_by_tag="",
        served_by_digest="",
        order=["{A}/none", "{C}/origin"],
    ),
    Case(
        name="a source under blockedRegistries is refused though its mirror has it",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "{A}/m")),
        holds=["{A}/m/app"],
        served_by_tag="{A}/m/app",
        served_by_digest="{A}/m/app",
        blocked=["source.test"],
        rejected=True,
    ),
    Case(
        name="a blocked mirror is passed over",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "{A}/bad/m", "{B}/m")),
        holds=["{A}/bad/m/app", "{B}/m/app"],
        served_by_tag="{B}/m/app",
        served_by_digest="{B}/m/app",
        blocked=["{A}/bad"],
    ),
    Case(
        name="a nested source hides the mirrors of the wider one",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test", "{A}/outer")) + digests("b", rule("source.test/ns", "{B}/inner")),
        holds=["{A}/outer/ns/app", "{B}/inner/app"],
        served_by_tag="",
        served_by_digest="{B}/inner/app",
    ),
    Case(
        name="a blocked scope inherits the mirrors of the source around it",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test", "{A}/outer")),
        holds=["{A}/outer/ns/app"],
        served_by_tag="{A}/outer/ns/app",
        served_by_digest="{A}/outer/ns/app",
        blocked=["source.test/ns"],
        rejected=True,
    ),
    Case(
        name="a wildcard source serves every host below it",
        source="deep.sub.wild.test/ns/app",
        manifests=both("a", rule("*.wild.test", "{A}/none", "{B}/w")),
        holds=["{B}/w/ns/app"],
        served_by_tag="{B}/w/ns/app",
        served_by_digest="{B}/w/ns/app",
        order=["{A}/none", "{B}/w", ""],
    ),
    Case(
        name="a wildcard source leaves the host itself alone",
        source="wild.test/ns/app",
        manifests=both("a", rule("*.wild.test", "{B}/w")),
        holds=["{B}/w/ns/app"],
        served_by_tag="",
        served_by_digest="",
    ),
    Case(
        name="a source may be one repository",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns/app", "{A}/renamed/thing")),
        holds=["{A}/renamed/thing"],
        served_by_tag="{A}/renamed/thing",
        served_by_digest="{A}/renamed/thing",
    ),
    Case(
        name="several lists are merged into one order",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "{C}/m", "{A}/m"))
        + both("b", rule("source.test/ns", "{A}/m", "{B}/m")),
        holds=["{B}/m/app"],
        served_by_tag="{B}/m/app",
        served_by_digest="{B}/m/app",
        order=["{C}/m", "{A}/m", "{B}/m", "source.test/ns"],
    ),
    Case(
        name="a conflict compiled to the order of the cluster",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "{A}/z", "{A}/y", "{A}/x"))
        + both("b", rule("source.test/ns", "{A}/x", "{A}/z")),
        holds=["{A}/z/app"],
        served_by_tag="{A}/z/app",
        served_by_digest="{A}/z/app",
        severities=["order-conflict=warning"],
        order=["{A}/x", "{A}/z", "{A}/y", "source.test/ns"],
    ),
    Case(
        name="a source listed before a mirror is tried first and last",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "source.test/ns", "{A}/none")),
        holds=[],
        served_by_tag="",
        served_by_digest="",
        order=["source.test/ns", "{A}/none", "source.test/ns"],
    ),
    Case(
        name="a legacy policy and a mirror set are merged into one order",
        source="source.test/ns/app",
        manifests=legacy("a", rule("source.test/ns", "{C}/m", "{A}/m"))
        + digests("b", rule("source.test/ns", "{A}/m", "{B}/m")),
        holds=["{B}/m/app"],
        served_by_tag="",
        served_by_digest="{B}/m/app",
    ),
    Case(
        name="a source is served by whoever is left when its mirrors are blocked",
        source="{C}/origin/app",
        manifests=both("a", rule("{C}/origin", "{A}/bad/m", "{A}/bad/n")),
        holds=["{A}/bad/m/app", "{C}/origin/app"],
        served_by_tag="{C}/origin/app",
        served_by_digest="{C}/origin/app",
        blocked=["{A}/bad"],
        order=["{A}/bad/m", "{A}/bad/n", "{C}/origin"],
    ),
    Case(
        name="a blocked scope inside two sources inherits from the outer one",
        source="source.test/ns/x/app",
        manifests=both("a", rule("source.test", "{A}/outer"), rule("source.test/ns", "{B}/inner")),
        holds=["{A}/outer/ns/x/app", "{B}/inner/x/app"],
        served_by_tag="{A}/outer/ns/x/app",
        served_by_digest="{A}/outer/ns/x/app",
        blocked=["source.test/ns/x"],
        rejected=True,
    ),
    Case(
        name="allowedRegistries refuse what they lack though a mirror has it",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "{A}/m")),
        holds=["{A}/m/app"],
        served_by_tag="{A}/m/app",
        served_by_digest="{A}/m/app",
        allowed=["{A}", "source.test/other", "quay.io"],
        rejected=True,
    ),
    Case(
        name="allowedRegistries need not have the mirror",
        source="source.test/ns/app",
        manifests=both("a", rule("source.test/ns", "{A}/m")),
        holds=["{A}/m/app"],
        served_by_tag="{A}/m/app",
        served_by_digest="{A}/m/app",
        allowed=["source.test/ns", "quay.io"],
    ),
    Case(
        name="a name of docker.io lies under library",
        source="docker.io/app",
        manifests=both("a", rule("docker.io/library", "{A}/none", "{B}/hub", policy=NEVER)),
        holds=["{B}/hub/app"],
        served_by_tag="{B}/hub/app",
        served_by_digest="{B}/hub/app",
        order=["{A}/none", "{B}/hub", "docker.io/library"],
    ),
    Case(
        name="a short name is one of docker.io",
        source="app",
        manifests=both("a", rule("docker.io", "{B}/hub", policy=NEVER)),
        holds=["{B}/hub/library/app"],
        served_by_tag="{B}/hub/library/app",
        served_by_digest="{B}/hub/library/app",
        order=["{B}/hub", "docker.io"],
    ),
    Case(
        name="no rule matches",
        source="{C}/plain/app",
        manifests=both("a", rule("source.test/ns", "{A}/m")),
        holds=["{C}/plain/app"],
        served_by_tag="{C}/plain/app",
        served_by_digest="{C}/plain/app",
    ),
)


def image_config(case: Case) -> str:
    """The registries that the cluster blocks, allows and knows as insecure."""
    scopes = {
        name: "".join(f'    - "{scope}"\n' for scope in listed)
        for name, listed in (("blockedRegistries", case.blocked), ("allowedRegistries", case.allowed))
    }
    return insecure_hosts() + "".join(f"    {name}:\n{listed}" for name, listed in scopes.items() if listed)


def insecure_hosts() -> str:
    """The registries serve plain HTTP, so the cluster has to know them as insecure."""
    lines = "".join(f'    - "{host}"\n' for host in ("{A}", "{B}", "{C}"))
    return (
        "apiVersion: config.openshift.io/v1\nkind: Image\nmetadata: {{name: cluster}}\nspec:\n  registrySources:\n"
        f"    insecureRegistries:\n{lines}"
    )


@dataclass(frozen=True)
class Pulled:
    """What skopeo did: the references it tried in order, the reason of each that failed, and how it ended."""

    tried: list[str]
    failed: dict[str, str]
    succeeded: bool
    log: str


@dataclass(frozen=True)
class Compiled:
    """A case whose image is pushed and whose policies are compiled; what is explained, by pull spec."""

    case: Case
    number: int
    out: Path
    explained: dict[str, dict[str, Json]]


def pull(world: World, reference: str, out: Path, target: Path) -> Pulled:
    """Copy an image with the compiled files, as a node would."""
    policy = out / "policy.json"
    done = world.skopeo(
        "--policy",
        str(policy if policy.exists() else world.accepting),
        "--registries-conf",
        str(out / "registries.conf"),
        "--registries.d",
        str(out / "registries.d"),
        "--debug",
        "copy",
        f"docker://{reference}",
        f"dir:{target}",
    )
    return Pulled(
        tried=_TRYING.findall(done.stderr),
        failed=dict(_FAILED.findall(done.stderr)),
        succeeded=done.returncode == 0,
        log=done.stderr,
    )


@pytest.fixture(scope="module", params=enumerate(CASES), ids=lambda param: param[1].name)
def compiled(request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Each case in turn, all of it ready to be pulled."""
    number, case = request.param
    folder = tmp_path_factory.mktemp("case")
    repo, out = folder / "repo.yaml", folder / "out"
    repo.write_text(world.filled(case.manifests + image_config(case), number))
    built = run_mirrorc("build", repo, "-o", out, *(f"--severity={severity}" for severity in case.severities))
    assert built.code == 0, built.stderr
    for repository in case.holds:
        world.push(world.image.folder, f"{world.filled(repository, number)}:{TAG}")
    source = world.filled(case.source, number)
    references = (f"{source}:{TAG}", f"{source}@{world.image.digest}")
    told = run_mirrorc("explain", *references, "--repo", repo, "--format", "json")
    assert told.code == 0, told.stderr
    results = objects(as_object(json.loads(told.stdout)), "results")
    explained = {as_text(result["pull_spec"]): result for result in results}
    # The files say the same as the manifests they were made of.
    config = out / "machine-configs" / "99-worker-generated-registries.yaml"
    on_node = read_node_conf(config.name, config.read_bytes())
    of_files = Explainer(
        overlay(on_node.registries), signatures=SignaturePolicy(requirements=on_node.policy or ACCEPTS_EVERYTHING)
    )
    for reference, result in explained.items():
        explanation = of_files.explain(reference)
        assert [attempt["reference"] for attempt in objects(result, "attempts")] == [
            step.attempt.reference for step in explanation.steps
        ]
        assert explanation.outcome.value == result["outcome"]
    return Compiled(case, number, out, explained)


@pytest.mark.parametrize("form", ["tag", "digest"])
def test_skopeo_does_what_explain_says(compiled: Compiled, form: str, world: World, tmp_path: Path) -> None:
    case = compiled.case
    suffix = f":{TAG}" if form == "tag" else f"@{world.image.digest}"
    reference = world.filled(case.source, compiled.number) + suffix
    server = world.filled(case.served_by_tag if form == "tag" else case.served_by_digest, compiled.number)
    result = compiled.explained[reference]
    attempts = objects(result, "attempts")
    references = [as_text(attempt["reference"]) for attempt in attempts]

    pulled = pull(world, reference, compiled.out, tmp_path / "pulled")

    # Every attempt that skopeo made is the one that was foretold, up to the one that had the image.
    assert pulled.tried == references[: len(pulled.tried)], pulled.log
    for attempt in attempts[: len(pulled.tried)]:
        reason = pulled.failed.get(as_text(attempt["reference"]), "")
        assert ("is blocked in" in reason) is attempt["blocked"], pulled.log
    if server:
        assert pulled.tried[-1] == server + suffix
        assert pulled.tried[-1] not in pulled.failed
    else:
        assert pulled.tried == references
        assert set(pulled.failed) == set(references)
    assert (_REJECTED in pulled.log) is case.rejected
    assert (result["refused_by"] is not None) is case.rejected
    assert pulled.succeeded is (bool(server) and not case.rejected), pulled.log
    assert pulled.succeeded <= (result["outcome"] != "cannot-be-pulled")
    if case.order:
        assert [attempt["endpoint"] for attempt in attempts] == [
            world.filled(endpoint, compiled.number) for endpoint in case.order
        ]


def test_a_mirror_that_makes_no_reference_fails_the_whole_pull(world: World, tmp_path: Path) -> None:
    """`source.test` matches `source.test:5000` too, and what is left of the name does not go behind a mirror's path."""
    repo, out = tmp_path / "repo.yaml", tmp_path / "out"
    manifests = both("a", rule("source.test", "{A}/m", "{B}"))
    repo.write_text(manifests.format_map(world.hosts))
    assert run_mirrorc("build", repo, "-o", out).code == 0
    reference = f"source.test:5000/ns/app:{TAG}"
    told = run_mirrorc("explain", reference, "--repo", repo, "--format", "json")
    assert told.code == 1
    (result,) = objects(as_object(json.loads(told.stdout)), "results")
    pulled = pull(world, reference, out, tmp_path / "pulled")
    assert not pulled.succeeded
    assert pulled.tried == as_list(result["attempts"]) == []
    assert as_text(result["error"]) in pulled.log


def test_what_is_no_reference_is_none_for_skopeo_either(world: World, tmp_path: Path) -> None:
    for reference in ("source.test/Upper/app:1", "source.test/ns/app:", "source.test:port/app"):
        refused = world.skopeo("--policy", str(world.accepting), "inspect", f"docker://{reference}")
        told = run_mirrorc("explain", reference, "--format", "json", cwd=tmp_path)
        assert told.code == 1
        (result,) = objects(as_object(json.loads(told.stdout)), "results")
        assert as_text(result["error"]) in refused.stderr
        assert as_list(result["attempts"]) == []


# --- Signatures: where skopeo looks for them ------------------------------------
#
# Debian's skopeo is built without sigstore: it refuses each signature that it finds, and says so. Where it finds none
# it says that instead, so the two messages show whether a signature was found. Whether signatures are accepted is not
# shown here: the recordings under fixtures/upstream hold that.

FOUND = "sigstore disabled"
MISSING_SIGNATURE = "A signature was required, but no signature exists"
KEY = b64encode(b"-----BEGIN PUBLIC KEY-----\nbm90IGEga2V5\n-----END PUBLIC KEY-----\n").decode()


@dataclass(frozen=True)
class SignedCase:
    """Where an image of `source.test/ns` and its signatures are, and which of them a pull finds.

    `mirrors` are those of the policy, `images` and `signatures` the repositories that have either, `unknown` the
    mirrors that are taken out of registries.d. `tried` is every repository that a pull contacts.
    """

    name: str
    mirrors: Sequence[str]
    images: Sequence[str]
    signatures: Sequence[str]
    tried: Sequence[str]
    found: bool
    unknown: Sequence[str] = ()


SIGNED_CASES = (
    SignedCase(
        name="a signature at the mirror is found",
        mirrors=["{A}/m"],
        images=["{A}/m/app"],
        signatures=["{A}/m/app"],
        tried=["{A}/m/app"],
        found=True,
    ),
    SignedCase(
        name="a mirror without the signature fails the pull",
        mirrors=["{A}/m"],
        images=["{A}/m/app"],
        signatures=[],
        tried=["{A}/m/app"],
        found=False,
    ),
    SignedCase(
        name="without the mirror in registries.d its signature is not looked for",
        mirrors=["{A}/m"],
        images=["{A}/m/app"],
        signatures=["{A}/m/app"],
        tried=["{A}/m/app"],
        found=False,
        unknown=["{A}/m"],
    ),
    SignedCase(
        name="no other place is asked for a signature that the delivering mirror lacks",
        mirrors=["{A}/m", "{B}/m"],
        images=["{A}/m/app", "{B}/m/app", "{C}/origin/app"],
        signatures=["{B}/m/app", "{C}/origin/app"],
        tried=["{A}/m/app"],
        found=False,
    ),
    SignedCase(
        name="a signature is looked for at the mirror that has the image",
        mirrors=["{A}/m", "{B}/m"],
        images=["{B}/m/app"],
        signatures=["{B}/m/app"],
        tried=["{A}/m/app", "{B}/m/app"],
        found=True,
    ),
    SignedCase(
        name="a signature is looked for at the source where no mirror has the image",
        mirrors=["{A}/m"],
        images=["{C}/origin/app"],
        signatures=["{C}/origin/app"],
        tried=["{A}/m/app", "{C}/origin/app"],
        found=True,
    ),
)
SIGNED_SOURCE = "{C}/origin"


def cluster_image_policy(scope: str) -> str:
    """A policy that requires a signature by a key that no one has."""
    return (
        "apiVersion: config.openshift.io/v1\nkind: ClusterImagePolicy\nmetadata: {{name: signed}}\n"
        f'spec:\n  scopes: ["{scope}"]\n'
        f"  policy: {{{{rootOfTrust: {{{{policyType: PublicKey, publicKey: {{{{keyData: {KEY}}}}}}}}}}}}}\n---\n"
    )


def make_signature(folder: Path, digest: str) -> Path:
    """An attachment of an image as cosign writes one: a layer that carries what was signed, and the signature."""
    payload = json.dumps(
        {
            "critical": {
                "identity": {"docker-reference": "source.test/ns/app:v1"},
                "image": {"docker-manifest-digest": digest},
                "type": "cosign container image signature",
            },
            "optional": None,
        }
    ).encode()
    write_layout(
        folder,
        layer=payload,
        layer_type="application/vnd.dev.cosign.simplesigning.v1+json",
        annotations={"dev.cosignproject.cosign/signature": b64encode(b"signature").decode()},
    )
    return folder


def without_version(reference: str) -> str:
    """A reference without its tag or digest."""
    return reference.partition("@")[0].removesuffix(f":{TAG}")


def looked_for(results: list[dict[str, Json]]) -> list[tuple[Json, Json]]:
    """At which attempts signatures are looked for."""
    attempts = (attempt for result in results for attempt in objects(result, "attempts"))
    return [(attempt["reference"], attempt["signatures_looked_for"]) for attempt in attempts]


@pytest.mark.parametrize("case", SIGNED_CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("form", ["tag", "digest"])
def test_skopeo_looks_for_signatures_where_explain_says(
    case: SignedCase, form: str, world: World, tmp_path: Path
) -> None:
    number = 1000 + 2 * SIGNED_CASES.index(case) + (form == "digest")

    def filled(text: str) -> str:
        return world.filled(text, number)

    attachment = make_signature(tmp_path / "signature", world.image.digest)
    tag = f"{world.image.digest.replace(':', '-')}.sig"
    for repository in case.images:
        world.push(world.image.folder, f"{filled(repository)}:{TAG}")
    for repository in case.signatures:
        world.push(attachment, f"{filled(repository)}:{tag}")
    repo, out = tmp_path / "repo.yaml", tmp_path / "out"
    manifests = both("a", rule(SIGNED_SOURCE, *case.mirrors)) + cluster_image_policy(SIGNED_SOURCE)
    repo.write_text(filled(manifests + insecure_hosts()))
    assert run_mirrorc("build", repo, "-o", out).code == 0
    lookups = out / "registries.d" / "sigstore-registries.yaml"
    for mirror in case.unknown:
        entry = f"  {filled(mirror)}:\n    use-sigstore-attachments: true\n"
        assert entry in lookups.read_text()
        lookups.write_text(lookups.read_text().replace(entry, ""))
    reference = filled(f"{SIGNED_SOURCE}/app") + (f":{TAG}" if form == "tag" else f"@{world.image.digest}")
    files = [out / "registries.conf", out / "policy.json", lookups]
    told = run_mirrorc("explain", reference, "--format", "json", *(f"--registries-conf={path}" for path in files))
    assert told.code == 0, told.stderr
    (result,) = objects(as_object(json.loads(told.stdout)), "results")
    attempts = objects(result, "attempts")
    assert as_object(result["signature"])["scope"] == filled(SIGNED_SOURCE)
    if not case.unknown:  # the manifests say the same as the files that they were made of
        of_repo = run_mirrorc("explain", reference, "--repo", repo, "--format", "json")
        assert looked_for(objects(as_object(json.loads(of_repo.stdout)), "results")) == looked_for([result])

    pulled = pull(world, reference, out, tmp_path / "pulled")

    assert not pulled.succeeded
    assert [without_version(tried) for tried in pulled.tried] == [filled(repository) for repository in case.tried]
    delivering = attempts[len(pulled.tried) - 1]
    assert delivering["reference"] == pulled.tried[-1] not in pulled.failed
    assert ("Not looking for sigstore attachments" in pulled.log) is not delivering["signatures_looked_for"]
    assert delivering["signatures_looked_for"] is (not case.unknown)
    assert (FOUND in pulled.log) is case.found, pulled.log
    assert (MISSING_SIGNATURE in pulled.log) is not case.found, pulled.log
